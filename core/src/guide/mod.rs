//! Guides 办事指引 (`law/guides/*.toml`): what happens in people's lives, the service that helps, what to bring, which
//! limits and articles hold; and the everyday words by which they are found (`law/synonyms.toml`).
//!
//! A guide never types a limit: it names one of `law/limits/` or a clock of a procedure. Does not belong here: where a
//! service has its page (server), how a question is read ([`question`]) and what fits it best ([`rank`]).

mod read;
mod spelling;

pub mod question;
pub mod rank;

use std::sync::OnceLock;

use crate::basis::Basis;
use crate::id::ProcedureId;
use crate::law::LawError;
use crate::limits::Limits;
use crate::procedure::Procedure;
use crate::statute::Statutes;
use question::{Question, Synonym, Synonyms};
use rank::{Entry, Found, Index};
use spelling::Spelling;

pub use read::Door;

/// Where the everyday words lie in the law folder.
pub const SYNONYMS: &str = "synonyms.toml";

/// The procedure and its field that take the signs of danger: each sign is a code of that field's list.
pub const DANGER: (&str, &str) = ("mediation", "danger_signs");

/// One thing that happens in life, and what helps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guide {
    /// Unique in all files.
    pub id: String,
    /// In people's words.
    pub title: String,
    /// The life event, one per file.
    pub event: String,
    /// What to do, in one to three sentences.
    pub advice: String,
    /// How people say it.
    pub words: Vec<String>,
    /// Services, the first one first.
    pub go: Vec<Link>,
    /// What to bring.
    pub bring: Vec<String>,
    /// Limits that matter.
    pub limits: Vec<LimitRef>,
    /// Articles, each with a short phrase that stands in it.
    pub articles: Vec<(Basis, String)>,
}

/// A service that a guide leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Link {
    /// A page of the portal.
    Door(Door),
    /// The guide of a procedure.
    Procedure(ProcedureId),
    /// A telephone number, and whose it is.
    Telephone(String, String),
}

/// A limit by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LimitRef {
    /// One of `law/limits/`.
    Named(String),
    /// A clock of a procedure.
    Clock(ProcedureId, String),
}

/// Something that a guide names, and where it does, so that a wrong name can be mended.
#[derive(Clone, Debug)]
struct Named {
    what: Target,
    file: String,
    at: (usize, usize),
}

#[derive(Clone, Debug)]
enum Target {
    Procedure(ProcedureId),
    Limit(LimitRef),
    Statute(String),
}

/// All guides with the everyday words, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Guides {
    guides: Vec<Guide>,
    named: Vec<Named>,
    /// Made when the first question is asked: not once for each file.
    index: OnceLock<Index>,
    /// Made with it.
    spelling: OnceLock<Spelling>,
    /// Everyday words.
    pub synonyms: Synonyms,
}

impl Guides {
    /// Adds the guides of one file; all of them or none.
    ///
    /// # Errors
    /// Unknown keys, an id given twice, a link, limit or article that cannot be read: with file, line and column.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        let (mut guides, mut named) = read::guides(file, source, &self.guides)?;
        self.guides.append(&mut guides);
        self.named.append(&mut named);
        self.index = OnceLock::new();
        self.spelling = OnceLock::new();
        Ok(())
    }

    /// All of them, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Guide> {
        self.guides.iter()
    }

    /// A guide by its id.
    pub fn get(&self, id: &str) -> Option<&Guide> {
        self.guides.iter().find(|guide| guide.id == id)
    }

    /// Reads a question; `own` are the county's own words.
    pub fn read(&self, typed: &str, own: &[Synonym]) -> Question {
        let spelling = self.spelling.get_or_init(|| {
            let words = self.guides.iter().flat_map(|guide| &guide.words).map(String::as_str);
            Spelling::of(
                (self.synonyms.sounds(), self.synonyms.heard()),
                words.chain(self.synonyms.words()),
                self.entries(),
            )
        });
        self.synonyms.read(typed, own, spelling)
    }

    /// The guides that fit a question, best first, each with why.
    pub fn ask(&self, question: &Question) -> Vec<(&Guide, Found)> {
        let found = self.index.get_or_init(|| Index::of(self.entries())).find(question).into_iter();
        found.filter_map(|found| Some((self.guides.get(found.at)?, found))).collect()
    }

    /// What of each guide is looked at, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.guides.iter().map(entry)
    }

    /// Everything that a guide or a sign of danger names and that does not exist.
    pub(crate) fn problems<'p>(
        &self,
        procedures: impl Iterator<Item = &'p Procedure> + Clone,
        limits: &Limits,
        statutes: &Statutes,
    ) -> Vec<LawError> {
        let procedure = |id: &ProcedureId| procedures.clone().find(|known| known.id == *id);
        let wrong = |named: &Named| match &named.what {
            Target::Procedure(id) => procedure(id).is_none().then(|| format!("there is no procedure `{id}`")),
            Target::Limit(LimitRef::Named(id)) => limits.get(id).is_none().then(|| format!("there is no limit `{id}`")),
            Target::Limit(LimitRef::Clock(id, clock)) => {
                let there = procedure(id).is_some_and(|known| known.clocks.iter().any(|c| c.id.as_str() == clock));
                (!there).then(|| format!("procedure `{id}` has no clock `{clock}`"))
            }
            Target::Statute(name) => {
                statutes.find(name).is_none().then(|| format!("statute `{name}` is not in statutes.toml"))
            }
        };
        let error =
            |named: &Named| Some(LawError { file: named.file.clone(), at: Some(named.at), what: wrong(named)? });
        self.named.iter().filter_map(error).chain(self.unknown_signs(procedures.clone())).collect()
    }

    /// Signs of danger that no version of the procedure has in its list: what sounds like them could not be registered.
    fn unknown_signs<'p>(&self, procedures: impl Iterator<Item = &'p Procedure> + Clone) -> Vec<LawError> {
        let (procedure, field) = DANGER;
        let listed = |sign: &str| {
            procedures.clone().filter(|known| known.id.as_str() == procedure).any(|known| known.knows_code(field, sign))
        };
        let unknown = self.synonyms.signs().filter(|sign| !listed(sign));
        let error = |sign| format!("danger sign `{sign}` is not in the list of `{field}` of procedure `{procedure}`");
        unknown.map(|sign| LawError::plain(SYNONYMS, error(sign))).collect()
    }
}

/// What of a guide is looked at, and how much it counts.
fn entry(guide: &Guide) -> Entry {
    let cited: Vec<&str> = guide.articles.iter().map(|(_, phrase)| phrase.as_str()).collect();
    Entry {
        fields: vec![
            (3.0, guide.words.join("，")),
            (2.0, guide.title.clone()),
            (0.6, guide.advice.clone()),
            (0.6, cited.join("，")),
        ],
        words: guide.words.clone(),
    }
}
