//! The law as the county has adopted it: checked procedures, refusals, posts and tables; and what can be wrong with
//! one of its files, said so that its author can mend it: file, line, column, expected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::authority::Posts;
use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::day::Day;
use crate::id::{Digest, TableId};
use crate::indicator::{self, Indicator};
use crate::limits::Limits;
use crate::matter::{Fact, MatterState};
use crate::procedure::{self, Checked, Finding, PartyKind, Procedure, Severity, Surroundings};
use crate::refusal::Catalogue;
use crate::statute::Statutes;

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
    /// What the checker found, by file.
    pub findings: Vec<(String, Finding)>,
}

impl Loaded {
    /// Whether the county may run on it.
    pub fn is_sound(&self) -> bool {
        self.errors.is_empty() && self.findings.iter().all(|(_, finding)| finding.severity != Severity::Error)
    }
}

/// Loads the files of a law folder: paths relative to it, with their text. The path says what a file is.
pub fn load(files: &[(String, String)]) -> Loaded {
    let mut loaded = Loaded::default();
    let mut keep = |error: LawError| loaded.errors.push(error);
    let of = |prefix: &'static str| {
        files.iter().filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(".toml"))
    };
    let one = |name: &str| {
        files.iter().find(|(path, _)| path == name).ok_or_else(|| LawError::plain(name, "the file is missing"))
    };
    let refusals = one("refusals.toml")
        .and_then(|(path, text)| Catalogue::parse(path, text))
        .map_err(&mut keep)
        .unwrap_or_default();
    let posts =
        one("posts.toml").and_then(|(path, text)| Posts::parse(path, text)).map_err(&mut keep).unwrap_or_default();
    // A folder may come without statutes: its citations then stand unverified, which the checker says.
    let statutes = of("statutes.toml")
        .find_map(|(path, text)| Statutes::parse(path, text).map_err(&mut keep).ok())
        .unwrap_or_default();
    let mut limits = Limits::default();
    of("limits/").for_each(|(path, text)| limits.load(path, text).unwrap_or_else(&mut keep));
    let tables: Vec<Table> =
        of("tables/").filter_map(|(path, text)| Table::parse(path, text).map_err(&mut keep).ok()).collect();
    let parsed: Vec<(&String, Procedure)> = of("procedures/")
        .filter_map(|(path, text)| Some((path, procedure::parse(path, text).map_err(&mut keep).ok()?)))
        .collect();
    let mut calendar = Calendar::default();
    of("calendars/").for_each(|(path, text)| calendar.load(path, text).map(drop).unwrap_or_else(&mut keep));
    loaded.calendar = calendar;
    let indicators = of("indicators/").filter_map(|(path, text)| indicator::parse(path, text).map_err(&mut keep).ok());
    loaded.indicators = indicators.flatten().collect();
    let names = parsed.iter().map(|(_, procedure)| procedure.id.to_string()).collect();
    let table_names = tables.iter().map(|table| table.id.to_string()).collect();
    let around = Surroundings { refusals: &refusals, posts: &posts, procedures: &names, tables: &table_names };
    loaded.findings.extend(parents(&parsed));
    let mut checked = Vec::new();
    for (path, procedure) in parsed {
        let (sound, findings) = procedure::check(procedure, &around);
        loaded.findings.extend(findings.into_iter().map(|finding| (path.clone(), finding)));
        checked.extend(sound);
    }
    loaded.law = Law { statutes, limits, ..Law::new(refusals, posts, tables) };
    checked.into_iter().for_each(|procedure| loaded.law.adopt(procedure));
    loaded
}

/// `not_by = ["parent.step …"]` names a step of every procedure that opens this one.
fn parents(parsed: &[(&String, Procedure)]) -> Vec<(String, Finding)> {
    let mut findings = Vec::new();
    for (path, procedure) in parsed {
        let openers = parsed.iter().map(|(_, other)| other).filter(|other| {
            other.steps.iter().any(|step| step.opens.iter().any(|when| when.item.procedure == procedure.id))
        });
        let openers: Vec<&Procedure> = openers.collect();
        for step in &procedure.steps {
            for not in step.not_by.iter().filter(|not| not.of_parent) {
                let known =
                    !openers.is_empty() && openers.iter().all(|opener| opener.step(not.step.as_str()).is_some());
                if !known {
                    findings.push((
                        (*path).clone(),
                        Finding {
                            code: "unknown-parent-step",
                            severity: Severity::Error,
                            at: step.id.to_string(),
                            explanation: format!(
                                "步骤“{}”要求与上级事项的步骤“{}”由不同人员办理，但启动本程序的程序没有该步骤",
                                step.title, not.step
                            ),
                            mend: "改为启动本程序的程序中已有的步骤".to_owned(),
                        },
                    ));
                }
            }
        }
    }
    findings
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

/// A table of amounts by field of law, kind of party and date (`law/tables/`).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its identifier.
    pub id: TableId,
    /// Its title.
    pub title: String,
    /// The article that calls for it.
    pub basis: Basis,
    /// Why the county must set it, where the sources do not settle the amounts.
    pub configurable: Option<String>,
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

/// One row: the first that matches applies.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The value of a coded field, by field.
    #[serde(default, rename = "match")]
    matches: BTreeMap<String, String>,
    /// The kind of a party.
    party: Option<PartyKind>,
    from: Day,
    until: Option<Day>,
    /// In 元.
    amount: i64,
}

impl Table {
    /// Reads a table file.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))
    }

    /// The amount in 分 that applies to a matter on a day; none if no row fits.
    pub fn look_up(&self, state: &MatterState, day: Day) -> Option<i64> {
        let fits = |row: &&Row| {
            row.from <= day
                && row.until.is_none_or(|until| day < until)
                && row.party.is_none_or(|kind| state.parties.iter().any(|party| party.kind == kind))
                && row.matches.iter().all(|(field, code)| state.fact(field).and_then(Fact::code) == Some(code.as_str()))
        };
        self.rows.iter().find(fits).map(|row| row.amount.saturating_mul(100))
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
fn line_column(source: &str, offset: usize) -> (usize, usize) {
    let before: Vec<char> = source.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c).collect();
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    (line, column)
}
