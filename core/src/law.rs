//! The law as the county has adopted it: checked procedures, refusals, posts and tables; and what can be wrong with
//! one of its files, said so that its author can mend it: file, line, column, expected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::appraisal::{self, Appraisal};
use crate::authority::Posts;
use crate::calendar::Calendar;
use crate::check::{self, Finding, LOCK, Lock, Severity, Surroundings, Texts, Verdict};
use crate::court_table::{self, CourtTable};
use crate::credit::Credit;
use crate::day::Day;
use crate::discretion::Discretion;
use crate::guide::question::Synonyms;
use crate::guide::{self, Guides};
use crate::id::{Digest, TableId};
use crate::indicator::{self, Indicator};
use crate::leniency::Leniency;
use crate::limits::Limits;
use crate::procedure::{self, Checked, Unchecked};
use crate::recording::{self, Recording};
use crate::refusal::Catalogue;
use crate::retention::{self, Retention};
use crate::review::Sheets;
use crate::statute::Statutes;
use crate::table::Table;
use crate::training::{self, Training};
use crate::yearly::{self, Yearly};

/// What loading a folder of law gives: the law as far as it is sound, and everything that is wrong with it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The checked law.
    pub law: Law,
    /// The calendars.
    pub calendar: Calendar,
    /// The indicators.
    pub indicators: Vec<Indicator>,
    /// Files that could not be read.
    pub errors: Vec<LawError>,
    /// What the checker found.
    pub findings: Vec<Finding>,
    /// The verdict to keep, if the law is sound.
    pub verdict: Option<Verdict>,
}

impl Loaded {
    /// Whether the county may run on it.
    pub fn is_sound(&self) -> bool {
        self.errors.is_empty() && self.findings.iter().all(|finding| finding.severity() != Severity::Error)
    }
}

/// The files of a law folder as read, nothing checked yet.
#[derive(Debug, Default)]
struct Read {
    refusals: Catalogue,
    posts: Posts,
    statutes: Statutes,
    limits: Limits,
    tables: Vec<Table>,
    discretion: Discretion,
    leniency: Leniency,
    credit: Credit,
    review: Sheets,
    training: Option<Training>,
    appraisal: Option<Appraisal>,
    court_table: Option<CourtTable>,
    yearly: Option<Yearly>,
    recording: Option<Recording>,
    retention: Retention,
    guides: Guides,
    procedures: Vec<Unchecked>,
    lock: Option<Lock>,
    calendar: Calendar,
    indicators: Vec<Indicator>,
    errors: Vec<LawError>,
}

impl Read {
    /// Reads paths relative to the law folder, with their text. The path says what a file is.
    fn of(files: &[(String, String)]) -> Self {
        let mut read = Self::default();
        let errors = &mut read.errors;
        let mut keep = |error: LawError| errors.push(error);
        let of = |prefix: &'static str| {
            files.iter().filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(".toml"))
        };
        let one = |name: &str| {
            files.iter().find(|(path, _)| path == name).ok_or_else(|| LawError::plain(name, "the file is missing"))
        };
        read.refusals = one("refusals.toml")
            .and_then(|(path, text)| Catalogue::parse(path, text))
            .map_err(&mut keep)
            .unwrap_or_default();
        read.posts =
            one("posts.toml").and_then(|(path, text)| Posts::parse(path, text)).map_err(&mut keep).unwrap_or_default();
        // A folder may come without statutes: its citations then stand unverified, which the checker says.
        read.statutes = of("statutes.toml")
            .find_map(|(path, text)| Statutes::parse(path, text).map_err(&mut keep).ok())
            .unwrap_or_default();
        of("limits/").for_each(|(path, text)| read.limits.load(path, text).unwrap_or_else(&mut keep));
        read.retention = of(retention::FILE)
            .find_map(|(path, text)| Retention::parse(path, text).map_err(&mut keep).ok())
            .unwrap_or_default();
        read.training = of(training::FILE).find_map(|(path, text)| Training::parse(path, text).map_err(&mut keep).ok());
        read.appraisal =
            of(appraisal::FILE).find_map(|(path, text)| Appraisal::parse(path, text).map_err(&mut keep).ok());
        read.court_table =
            of(court_table::FILE).find_map(|(path, text)| CourtTable::parse(path, text).map_err(&mut keep).ok());
        read.recording =
            of(recording::FILE).find_map(|(path, text)| Recording::parse(path, text).map_err(&mut keep).ok());
        read.yearly = of(yearly::FILE).find_map(|(path, text)| Yearly::parse(path, text).map_err(&mut keep).ok());
        of("guides/").for_each(|(path, text)| read.guides.load(path, text).unwrap_or_else(&mut keep));
        read.guides.synonyms = of(guide::SYNONYMS)
            .find_map(|(path, text)| Synonyms::parse(path, text).map_err(&mut keep).ok())
            .unwrap_or_default();
        read.tables = of("tables/")
            .filter(|(path, _)| path != retention::FILE)
            .filter_map(|(path, text)| Table::parse(path, text).map_err(&mut keep).ok())
            .collect();
        of("discretion/").for_each(|(path, text)| read.discretion.load(path, text).unwrap_or_else(&mut keep));
        read.tables.extend(read.discretion.tables());
        of("leniency/").for_each(|(path, text)| read.leniency.load(path, text).unwrap_or_else(&mut keep));
        of("credit/").for_each(|(path, text)| read.credit.load(path, text).unwrap_or_else(&mut keep));
        of("review/").for_each(|(path, text)| read.review.load(path, text).unwrap_or_else(&mut keep));
        read.procedures =
            of("procedures/").filter_map(|(path, text)| procedure::parse(path, text).map_err(&mut keep).ok()).collect();
        read.lock = files
            .iter()
            .find(|(path, _)| path == LOCK)
            .and_then(|(path, text)| Lock::parse(path, text).map_err(&mut keep).ok());
        of("calendars/").for_each(|(path, text)| read.calendar.load(path, text).map(drop).unwrap_or_else(&mut keep));
        let indicators = of("indicators/");
        let indicators = indicators.filter_map(|(path, text)| indicator::parse(path, text).map_err(&mut keep).ok());
        read.indicators = indicators.flatten().collect();
        read
    }

    fn around<'a>(&'a self, texts: Option<&'a dyn Texts>) -> Surroundings<'a> {
        Surroundings {
            refusals: &self.refusals,
            posts: &self.posts,
            statutes: &self.statutes,
            limits: &self.limits,
            tables: &self.tables,
            discretion: &self.discretion,
            leniency: &self.leniency,
            all: &self.procedures,
            lock: self.lock.as_ref(),
            texts,
        }
    }

    fn into_loaded(self, checked: Vec<Checked>, findings: Vec<Finding>) -> Loaded {
        let mut law = Law::new(self.refusals, self.posts, self.tables);
        law.statutes = self.statutes;
        law.limits = self.limits;
        law.discretion = self.discretion;
        law.leniency = self.leniency;
        law.credit = self.credit;
        law.review = self.review;
        law.training = self.training;
        law.appraisal = self.appraisal;
        law.court_table = self.court_table;
        law.yearly = self.yearly;
        law.recording = self.recording;
        law.retention = self.retention;
        law.guides = self.guides;
        checked.into_iter().for_each(|procedure| law.adopt(procedure));
        Loaded {
            law,
            calendar: self.calendar,
            indicators: self.indicators,
            errors: self.errors,
            findings,
            verdict: None,
        }
    }
}

/// Loads and checks the files of a law folder.
pub fn load(files: &[(String, String)]) -> Loaded {
    load_with(files, None)
}

/// Loads and checks the files of a law folder against the texts of statutes, where they are at hand.
pub fn load_with(files: &[(String, String)], texts: Option<&dyn Texts>) -> Loaded {
    let mut read = Read::of(files);
    let (checked, findings) = check::check_all(&read.around(texts));
    let definitions = read.procedures.iter().map(|unchecked| &unchecked.procedure);
    let mut lost = read.guides.problems(definitions.clone(), &read.limits, &read.statutes);
    lost.append(&mut read.credit.problems(definitions.clone()));
    lost.append(&mut read.leniency.problems(definitions.clone()));
    if let Some(appraisal) = &read.appraisal {
        lost.append(&mut appraisal.problems(definitions.clone()));
    }
    if let Some(table) = &read.court_table {
        lost.append(&mut table.problems(definitions.clone()));
    }
    lost.extend(read.recording.iter().flat_map(|recording| recording.problems(definitions.clone())));
    lost.extend(read.yearly.iter().flat_map(|yearly| yearly.problems(definitions.clone())));
    lost.append(&mut read.review.problems(&read.refusals, definitions));
    read.errors.append(&mut lost);
    let mut loaded = read.into_loaded(checked, findings);
    loaded.verdict = loaded.is_sound().then(|| Verdict::given(files));
    loaded
}

/// Checks one definition beside the others, which are only read: what an author asks who changes one file. Without
/// `paths` only what needs no exploration, which is quick.
///
/// # Errors
/// The first file that cannot be read.
pub fn check_one(files: &[(String, String)], file: &str, paths: bool) -> Result<Vec<Finding>, LawError> {
    let read = Read::of(files);
    if let Some(error) = read.errors.first() {
        return Err(error.clone());
    }
    let around = read.around(None);
    let wanted = read.procedures.iter().filter(|unchecked| unchecked.file == file);
    let found = |unchecked| if paths { check::check(unchecked, &around).1 } else { check::look(unchecked, &around) };
    Ok(wanted.flat_map(found).collect())
}

/// Checks the benchmarks and the four lists alone: what those ask who edit them, without any exploration.
///
/// # Errors
/// The first file that cannot be read.
pub fn check_lists(files: &[(String, String)]) -> Result<Vec<Finding>, LawError> {
    let read = Read::of(files);
    let definitions = read.procedures.iter().map(|unchecked| &unchecked.procedure);
    let lost = read.leniency.problems(definitions);
    if let Some(error) = read.errors.iter().chain(&lost).next() {
        return Err(error.clone());
    }
    Ok(check::lists(&read.around(None)))
}

/// Loads files that an act of adoption put into the county's record, and that were checked by that act: nothing is explored
/// again. `older` are earlier versions of definitions, which matters begun under them keep; they come first, so that of two
/// in force on a day the newest is taken.
pub fn load_adopted(files: &[(String, String)], older: &[(String, String)]) -> Loaded {
    let mut earlier = Read::default();
    for (path, text) in older.iter().filter(|(path, _)| path.starts_with("procedures/")) {
        match procedure::parse(path, text) {
            Ok(procedure) => earlier.procedures.push(procedure),
            Err(error) => earlier.errors.push(error),
        }
    }
    let mut read = Read::of(files);
    let mut checked = check::trust(&earlier.procedures, &read.around(None));
    checked.extend(check::trust(&read.procedures, &read.around(None)));
    read.errors.append(&mut earlier.errors);
    read.into_loaded(checked, Vec::new())
}

/// The lock that the texts give for the files of a law folder.
pub fn lock(files: &[(String, String)], texts: &dyn Texts) -> Lock {
    let read = Read::of(files);
    let mut lock = Lock::default();
    check::lines(&read.procedures, &read.around(Some(texts))).into_iter().for_each(|line| lock.insert(line));
    lock
}

/// The law in force in a county.
#[derive(Clone, Debug, Default)]
pub struct Law {
    /// Every no the system can say.
    pub refusals: Catalogue,
    /// Kinds of posts.
    pub posts: Posts,
    /// Statutes relied on, with their editions.
    pub statutes: Statutes,
    /// Time limits of statutes, by name.
    pub limits: Limits,
    /// The ranges of fines, by violation and degree.
    pub discretion: Discretion,
    /// When a violation is not punished, or more lightly: 四张清单.
    pub leniency: Leniency,
    /// Which decisions are reported to the credit platform, and how.
    pub credit: Credit,
    /// Score sheets of case-file reviews.
    pub review: Sheets,
    /// How much training officers need in a year, where the county has set it.
    pub training: Option<Training>,
    /// How an appraisal is scored, where the county has set it.
    pub appraisal: Option<Appraisal>,
    /// How a table of the courts' mediation platform is read, where the county has set it.
    pub court_table: Option<CourtTable>,
    /// The rows of the yearly sheet of enforcement, where the county has set them.
    pub yearly: Option<Yearly>,
    /// The steps that are recorded in sound and picture, where the county has set them.
    pub recording: Option<Recording>,
    /// How long files are kept.
    pub retention: Retention,
    /// What happens in people's lives, and what helps.
    pub guides: Guides,
    procedures: Vec<Arc<Checked>>,
    tables: BTreeMap<TableId, Table>,
}

impl Law {
    /// A law with its catalogue and posts, still without procedures.
    pub fn new(refusals: Catalogue, posts: Posts, tables: Vec<Table>) -> Self {
        let tables = tables.into_iter().map(|table| (table.id.clone(), table)).collect();
        Self {
            refusals,
            posts,
            statutes: Statutes::default(),
            limits: Limits::default(),
            discretion: Discretion::default(),
            leniency: Leniency::default(),
            credit: Credit::default(),
            review: Sheets::default(),
            training: None,
            appraisal: None,
            court_table: None,
            yearly: None,
            recording: None,
            retention: Retention::default(),
            guides: Guides::default(),
            procedures: Vec::new(),
            tables,
        }
    }

    /// Adopts a checked procedure; an older version stays beside it.
    pub fn adopt(&mut self, procedure: Checked) {
        self.procedures.push(Arc::new(procedure));
    }

    /// The definition a matter keeps.
    pub fn by_digest(&self, digest: &Digest) -> Option<&Arc<Checked>> {
        self.procedures.iter().find(|procedure| procedure.digest == *digest)
    }

    /// The version of a procedure under which a matter may begin on a day.
    pub fn in_force<'a>(&'a self, id: &'a str, day: Day) -> Option<&'a Arc<Checked>> {
        // By their dates and not by their file names; of two from the same day the one adopted later.
        self.versions(id)
            .filter(move |p| p.in_force_from <= day && p.in_force_until.is_none_or(|until| day < until))
            .max_by_key(|p| p.in_force_from)
    }

    /// The newest version of a procedure.
    pub fn newest<'a>(&'a self, id: &'a str) -> Option<&'a Arc<Checked>> {
        self.versions(id).max_by_key(|procedure| procedure.in_force_from)
    }

    fn versions<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Arc<Checked>> {
        self.procedures.iter().filter(move |procedure| procedure.id.as_str() == id)
    }

    /// All versions of all procedures.
    pub fn procedures(&self) -> impl Iterator<Item = &Arc<Checked>> {
        self.procedures.iter()
    }

    /// A table.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.get(id)
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }
}

/// An error in a file of `law/`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LawError {
    /// The file, as given by the caller.
    pub file: String,
    /// Line and column from 1, when known.
    pub at: Option<(usize, usize)>,
    /// What is wrong and what was expected.
    pub what: String,
}

impl LawError {
    /// An error without a position.
    pub fn plain(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: None, what: what.into() }
    }

    /// An error at a byte offset of the source.
    pub fn at(file: &str, source: &str, offset: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: Some(line_column(source, offset)), what: what.into() }
    }

    /// An error of the TOML reader, with its position.
    pub fn toml(file: &str, source: &str, error: &toml::de::Error) -> Self {
        let what = error.message().trim().replace('\n', "; ");
        match error.span() {
            Some(span) => Self::at(file, source, span.start, what),
            None => Self::plain(file, what),
        }
    }
}

impl fmt::Display for LawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for LawError {}

/// Line and column (in characters) of a byte offset, both from 1.
pub(crate) fn line_column(source: &str, offset: usize) -> (usize, usize) {
    let before: Vec<char> = source.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c).collect();
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    (line, column)
}
