//! Named limits 法定期限: time limits of the statutes that no procedure here carries yet, each with its article and
//! phrase (`law/limits/*.toml`). Citizens look them up, the checker compares them with the texts.
//!
//! Does not belong here: clocks of procedures ([`crate::procedure::Clock`]), counting ([`crate::clock`]).

use serde::Deserialize;

use crate::basis::{Basis, Grade};
use crate::clock::{Direction, Duty, Limit, LimitKind, Phrase, Unit, read_amount};
use crate::day::Day;
use crate::id::LimitId;
use crate::law::LawError;
use crate::statute::{Counting, Edition, PartyLimit, Statutes};

/// A named limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedLimit {
    /// Its identifier, unique in all files.
    pub id: LimitId,
    /// What it belongs to, e.g. 行政复议（普通程序）.
    pub matter: String,
    /// What has to be done, e.g. 作出行政复议决定.
    pub title: String,
    /// Its article.
    pub basis: Basis,
    /// The phrase that must stand in the article.
    pub phrase: String,
    /// Amount, unit, kind and direction; the roll-over is the statute's ([`NamedLimit::resolved`]).
    pub limit: Limit,
    /// The event whose day it counts from (or back from), e.g. 受理申请之日.
    pub starts_at: String,
    /// Who is bound.
    pub duty: Duty,
    /// Extensions that the law allows.
    pub extends: Vec<Extendable>,
    /// Intervals that the law leaves out.
    pub excludes: Vec<Excludable>,
    /// What the law attaches to its expiry.
    pub expires: Option<Effect>,
    /// Why amount or unit is a setting of the county, where the text does not settle it.
    pub configurable: Option<String>,
    /// The day of adoption of the edition meant, where it is not the newest.
    pub edition: Option<Day>,
    /// The file it stands in.
    pub file: String,
    /// Line and column there.
    pub at: (usize, usize),
}

/// An extension that the law allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extendable {
    /// Who grants it.
    pub by: String,
    /// How much at most.
    pub amount: u32,
    /// Which unit.
    pub unit: Unit,
    /// How often at most.
    pub times: u16,
    /// The article.
    pub basis: Basis,
}

/// An interval that the law leaves out of the count.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excludable {
    /// Which, e.g. 鉴定期间.
    pub what: String,
    /// The article.
    pub basis: Basis,
}

/// What the law attaches to the expiry of a limit.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// In words, e.g. 视为不予受理.
    pub text: String,
    /// The article.
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    limit: Vec<toml::Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: toml::Spanned<String>,
    matter: String,
    title: String,
    basis: Basis,
    phrase: toml::Spanned<String>,
    limit: toml::Spanned<String>,
    starts_at: String,
    #[serde(default)]
    kind: LimitKind,
    #[serde(default)]
    duty: Duty,
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    extend: Vec<RawExtend>,
    #[serde(default)]
    excludes: Vec<Excludable>,
    expires: Option<Effect>,
    configurable: Option<String>,
    edition: Option<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExtend {
    by: String,
    limit: toml::Spanned<String>,
    #[serde(default = "once")]
    times: u16,
    basis: Basis,
}

fn once() -> u16 {
    1
}

/// All named limits, in the order of the files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    limits: Vec<NamedLimit>,
}

impl Limits {
    /// Adds the limits of one file; all of them or none.
    ///
    /// # Errors
    /// Unknown keys, a wrong amount, an empty phrase, an id given twice (in this file or an earlier one): with file,
    /// line and column.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        let raw: File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut read: Vec<NamedLimit> = Vec::new();
        for spanned in raw.limit {
            let at = spanned.span().start;
            let wrong = |at: usize, what: String| LawError::at(file, source, at, what);
            let limit = assembled(file, source, at, spanned.get_ref())
                .map_err(|(offset, what)| wrong(offset.unwrap_or(at), what))?;
            if let Some(other) = self.limits.iter().chain(&read).find(|known| known.id == limit.id) {
                let (line, _) = other.at;
                let what = format!("limit `{}` is already defined in {}:{line}", limit.id, other.file);
                return Err(wrong(spanned.get_ref().id.span().start, what));
            }
            read.push(limit);
        }
        self.limits.append(&mut read);
        Ok(())
    }

    /// A limit by its id.
    pub fn get(&self, id: &str) -> Option<&NamedLimit> {
        self.limits.iter().find(|limit| limit.id.as_str() == id)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &NamedLimit> {
        self.limits.iter()
    }
}

/// What is wrong, and where if it is not the limit as a whole.
type Wrong = (Option<usize>, String);

fn assembled(file: &str, source: &str, at: usize, raw: &Raw) -> Result<NamedLimit, Wrong> {
    let id = raw.id.get_ref();
    let snake = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !snake {
        return Err((Some(raw.id.span().start), format!("expected an identifier in snake_case, found `{id}`")));
    }
    if raw.phrase.get_ref().trim().is_empty() && raw.basis.grade == Grade::Statutory {
        return Err((Some(raw.phrase.span().start), "the phrase of the article is missing".to_owned()));
    }
    let amount =
        |text: &toml::Spanned<String>| read_amount(text.get_ref()).map_err(|what| (Some(text.span().start), what));
    let one_extension = |extend: &RawExtend| -> Result<Extendable, Wrong> {
        let (amount, unit) = amount(&extend.limit)?;
        Ok(Extendable { by: extend.by.clone(), amount, unit, times: extend.times, basis: extend.basis.clone() })
    };
    let (amount, unit) = amount(&raw.limit)?;
    Ok(NamedLimit {
        id: LimitId::from(id.as_str()),
        matter: raw.matter.clone(),
        title: raw.title.clone(),
        basis: raw.basis.clone(),
        phrase: raw.phrase.get_ref().clone(),
        limit: Limit { amount, unit, kind: raw.kind, direction: raw.direction, roll: None, start_counts: None },
        starts_at: raw.starts_at.clone(),
        duty: raw.duty,
        extends: raw.extend.iter().map(one_extension).collect::<Result<_, _>>()?,
        excludes: raw.excludes.clone(),
        expires: raw.expires.clone(),
        configurable: raw.configurable.clone(),
        edition: raw.edition,
        file: file.to_owned(),
        at: LawError::at(file, source, at, "").at.unwrap_or((1, 1)),
    })
}

impl NamedLimit {
    /// The edition it rests on: the one it names; else the one in force on the day, or the newest known.
    pub fn edition<'a>(&self, statutes: &'a Statutes, day: Day) -> Option<&'a Edition> {
        let statute = statutes.find(&self.basis.source)?;
        match self.edition {
            Some(adopted) => statute.adopted(adopted),
            None => statute.on(day).or_else(|| statute.newest()),
        }
    }

    /// The limit with the roll-over of its statute, ready to be counted from a day.
    pub fn resolved(&self, statutes: &Statutes, day: Day) -> Limit {
        let roll = self.edition(statutes, day).and_then(|edition| edition.counting.roll.clone());
        Limit { roll, ..self.limit.clone() }
    }

    /// The unit that phrase and statute give it, if that is another one than the file says (`unit-conflict`). Where the
    /// text leaves the unit open, either stands.
    pub fn unit_conflict(&self, statutes: &Statutes, day: Day) -> Option<Unit> {
        let counting = &self.edition(statutes, day)?.counting;
        let phrase = Phrase::read(&self.phrase);
        let of_amount = phrase.amounts.iter().filter(|measured| measured.amount == self.limit.amount);
        let meant: Vec<Option<Unit>> =
            of_amount.map(|measured| measured.written.unit().or_else(|| self.days(counting))).collect();
        if meant.iter().any(|unit| unit.is_none_or(|unit| unit == self.limit.unit)) {
            return None;
        }
        meant.into_iter().flatten().next()
    }

    /// What its 日 are; none where the statute leaves that open (行政许可法§82 speaks of organs only), or where the file
    /// says that the county settles it.
    fn days(&self, counting: &Counting) -> Option<Unit> {
        let beyond = counting.work_days.as_ref().is_some_and(|rule| {
            let article = self.basis.article.map(|article| article.number);
            let listed = |limit: &PartyLimit| limit.amount == self.limit.amount && Some(limit.article) == article;
            rule.organs_only() && (self.duty == Duty::Party || rule.party.iter().any(listed))
        });
        let open = counting.days_open && counting.work_days.is_none() && counting.roll.is_none();
        let settled_here = self.configurable.is_some() && (open || !counting.leaves_open.is_empty());
        (!beyond && !open && !settled_here).then(|| counting.days(self.limit.amount))
    }
}
