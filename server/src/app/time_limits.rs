//! Every time limit that the law says, as one table: the clocks of procedures with their overrides, and the named limits.
//!
//! `law limits` prints it, the pages show it. Does not belong here: counting (core), looks.

use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use zhunsheng_core::basis::Basis;
use zhunsheng_core::clock::{self, ClockRun, Direction, Duty, Exclusion, Expiry, Limit, LimitKind, Unit};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::ClockId;
use zhunsheng_core::law::Law;
use zhunsheng_core::limits::NamedLimit;
use zhunsheng_core::procedure::words::Words;
use zhunsheng_core::procedure::{Clock, ClockOverride, Part, Procedure};
use zhunsheng_core::statute::{Edition, Statute};

/// Where a time limit comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A clock of a procedure, or one of its overrides.
    Procedure(&'a Procedure, &'a Clock, Option<&'a ClockOverride>),
    /// A named limit.
    Named(&'a NamedLimit),
}

/// What its expiry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// `flag`, `escalate`, `step` or `deemed`.
    pub code: &'static str,
    /// In words.
    pub text: String,
    /// The article that attaches it, where it is more than a mark.
    pub basis: Option<Basis>,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Who grants it, or the step that does.
    pub by: String,
    /// How much.
    pub amount: u32,
    /// Which unit.
    pub unit: Unit,
    /// How often at most.
    pub times: u16,
    /// The basis.
    pub basis: Basis,
}

/// One time limit.
#[derive(Clone, Debug)]
pub struct TimeLimit<'a> {
    /// Where it comes from.
    pub source: Source<'a>,
    /// Of the clock or the named limit.
    pub id: &'a str,
    /// What has to be done.
    pub title: &'a str,
    /// The procedure's title, or the matter of a named limit.
    pub matter: &'a str,
    /// The part of the platform.
    pub part: Option<Part>,
    /// The steps that start it: id and title.
    pub steps: Vec<(&'a str, &'a str)>,
    /// Its basis.
    pub basis: &'a Basis,
    /// The statute of the basis, if it is one that the county knows.
    pub statute: Option<&'a Statute>,
    /// The edition in force.
    pub edition: Option<&'a Edition>,
    /// The phrase in the article.
    pub phrase: &'a str,
    /// The limit, its roll-over resolved.
    pub limit: Limit,
    /// The event from whose day it counts, in words.
    pub starts_at: String,
    /// The condition of an override, as written.
    pub when: Option<&'a str>,
    /// Who is bound.
    pub duty: Duty,
    /// What expiry does; none where the law attaches nothing.
    pub effect: Option<Effect>,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// Intervals left out, each with its basis.
    pub exclusions: Vec<(String, Basis)>,
    /// Why it is a setting of the county.
    pub configurable: Option<&'a str>,
}

/// Every time limit: of every version of every procedure, then the named ones. `day` decides which edition is in force.
#[must_use]
pub fn all(law: &Law, day: Day) -> Vec<TimeLimit<'_>> {
    let mut rows = Vec::new();
    for procedure in law.procedures() {
        rows.extend(of_procedure(law, procedure, day));
    }
    rows.extend(law.limits.iter().map(|limit| of_named(law, limit, day)));
    rows
}

/// The clocks of one procedure, each followed by its overrides.
#[must_use]
pub fn of_procedure<'a>(law: &'a Law, procedure: &'a Procedure, day: Day) -> Vec<TimeLimit<'a>> {
    // A superseded definition rests on the edition of its own last day.
    let day = procedure.in_force_until.map_or(day, |until| day.min(until.plus(-1)));
    let mut rows = Vec::new();
    for clock in &procedure.clocks {
        rows.push(of_clock(law, procedure, clock, None, day));
        rows.extend(clock.overrides.iter().map(|other| of_clock(law, procedure, clock, Some(other), day)));
    }
    rows
}

fn of_clock<'a>(
    law: &'a Law,
    procedure: &'a Procedure,
    clock: &'a Clock,
    other: Option<&'a ClockOverride>,
    day: Day,
) -> TimeLimit<'a> {
    let basis = other.map_or(&clock.basis, |other| &other.basis);
    let statute = law.statutes.find(&basis.source);
    let title = |id: &str| procedure.step(id).map_or_else(|| id.to_owned(), |step| step.title.clone());
    let steps: Vec<(&str, &str)> = clock
        .starts
        .iter()
        .filter_map(|id| procedure.step(id.as_str()))
        .map(|s| (s.id.as_str(), s.title.as_str()))
        .collect();
    let field = clock.starts_on.as_ref().and_then(|field| procedure.fields.get(field));
    let starts_at = match field {
        Some(field) => field.title.clone(),
        None => steps.iter().map(|(_, title)| format!("“{title}”之日")).collect::<Vec<_>>().join("或者"),
    };
    TimeLimit {
        source: Source::Procedure(procedure, clock, other),
        id: clock.id.as_str(),
        title: &clock.title,
        matter: &procedure.title,
        part: Some(procedure.part),
        steps,
        basis,
        statute,
        edition: statute.and_then(|statute| statute.on(day).or_else(|| statute.newest())),
        phrase: other.map_or(&clock.phrase, |other| &other.phrase),
        limit: other.map_or(&clock.limit, |other| &other.limit).clone(),
        starts_at,
        when: other.map(|other| other.text.as_str()),
        duty: clock.duty,
        effect: Some(match &clock.expiry {
            Expiry::Flag => Effect { code: "flag", text: "逾期标明".to_owned(), basis: None },
            Expiry::Escalate => {
                Effect { code: "escalate", text: "逾期标明，报送负责人".to_owned(), basis: None }
            }
            Expiry::Step(step, basis) => {
                Effect { code: "step", text: format!("“{}”", title(step.as_str())), basis: Some(basis.clone()) }
            }
        }),
        extensions: clock
            .extends
            .iter()
            .map(|extends| Extension {
                by: title(extends.step.as_str()),
                amount: extends.amount,
                unit: extends.unit,
                times: extends.times,
                basis: extends.basis.clone(),
            })
            .collect(),
        exclusions: clock
            .suspends
            .iter()
            .map(|left_out| {
                let (from, until) = (title(left_out.from.as_str()), title(left_out.until.as_str()));
                (format!("“{from}”至“{until}”期间"), left_out.basis.clone())
            })
            .collect(),
        configurable: clock.configurable.as_deref(),
    }
}

/// The part whose file a named limit stands in: `limits/service.toml`.
fn part_of(file: &str) -> Option<Part> {
    let stem = file.rsplit('/').next()?.strip_suffix(".toml")?;
    Part::deserialize(StrDeserializer::<ValueError>::new(stem)).ok()
}

/// A named limit as a row.
#[must_use]
pub fn of_named<'a>(law: &'a Law, named: &'a NamedLimit, day: Day) -> TimeLimit<'a> {
    TimeLimit {
        source: Source::Named(named),
        id: named.id.as_str(),
        title: &named.title,
        matter: &named.matter,
        part: part_of(&named.file),
        steps: Vec::new(),
        basis: &named.basis,
        statute: law.statutes.find(&named.basis.source),
        edition: named.edition(&law.statutes, day),
        phrase: &named.phrase,
        limit: named.resolved(&law.statutes, day),
        starts_at: named.starts_at.clone(),
        when: None,
        duty: named.duty,
        effect: named.expires.as_ref().map(|expires| Effect {
            code: "deemed",
            text: expires.text.clone(),
            basis: Some(expires.basis.clone()),
        }),
        extensions: named
            .extends
            .iter()
            .map(|extends| Extension {
                by: extends.by.clone(),
                amount: extends.amount,
                unit: extends.unit,
                times: extends.times,
                basis: extends.basis.clone(),
            })
            .collect(),
        exclusions: named.excludes.iter().map(|left| (left.what.clone(), left.basis.clone())).collect(),
        configurable: named.configurable.as_deref(),
    }
}

impl TimeLimit<'_> {
    /// The limit running from a day (or a moment, for hours), with what happened on the way.
    #[must_use]
    pub fn run(
        &self,
        start: Day,
        start_at: Option<Moment>,
        exclusions: Vec<Exclusion>,
        extensions: Vec<clock::Extension>,
    ) -> ClockRun {
        ClockRun {
            start_at,
            exclusions,
            extensions,
            duty: self.duty,
            ..ClockRun::new(ClockId::from(self.id), self.basis.clone(), self.limit.clone(), start)
        }
    }

    /// The case in which this limit stands in for another, in words.
    #[must_use]
    pub fn special(&self, law: &Law) -> Option<String> {
        match self.source {
            Source::Procedure(procedure, _, Some(other)) => Some(Words::among(procedure, law).condition(&other.when)),
            _ => None,
        }
    }

    /// Whether the article, as this limit cites it, was in force on a day; else a sentence for the person who asked.
    ///
    /// # Errors
    /// The sentence.
    pub fn in_force_on(&self, day: Day) -> Result<(), String> {
        if let Source::Procedure(procedure, ..) = self.source {
            return if procedure.in_force_from <= day {
                Ok(())
            } else {
                Err(format!("这里的规定从{}起施行，更早的日期不能按它算", procedure.in_force_from.chinese()))
            };
        }
        // Without the statute's days nothing can be said against the day.
        let (Some(statute), Some(cited)) = (self.statute, self.cited_edition()) else { return Ok(()) };
        if cited.applies_on(day) {
            return Ok(());
        }
        let version = format!("《{}》{}通过的版本", statute.short, cited.adopted.chinese());
        Err(match cited.until {
            Some(until) if day >= until => format!("这条期限出自{version}，到{}已经失效", until.chinese()),
            _ => format!("这条期限出自{version}，从{}起施行，更早的日期不能按它算", cited.in_force.chinese()),
        })
    }

    /// The edition that the limit was read in.
    #[must_use]
    pub fn cited_edition(&self) -> Option<&Edition> {
        match self.source {
            Source::Named(NamedLimit { edition: Some(adopted), .. }) => self.statute?.adopted(*adopted),
            _ => self.statute?.newest(),
        }
    }
}

/// 60日, 7个工作日, 3月1日, 七日前 as 7日前.
#[must_use]
pub fn length(limit: &Limit) -> String {
    let text = match limit.unit {
        Unit::Fixed(month, day) => format!("{month}月{day}日"),
        unit => format!("{}{}", limit.amount, unit.chinese()),
    };
    if limit.direction == Direction::Backward { format!("{text}前") } else { text }
}

/// What sort of limit it is, and for whom.
#[must_use]
pub fn nature(kind: LimitKind, duty: Duty) -> &'static str {
    match (kind, duty) {
        (LimitKind::Maximum, Duty::Organ) => "机关最迟",
        (LimitKind::Maximum, Duty::Party) => "当事人最迟",
        (LimitKind::Minimum, _) => "不得少于",
        (LimitKind::Window, _) => "当事人的期限",
        (LimitKind::Limitation, _) => "时效",
    }
}

/// The word of a kind in law files and JSON.
#[must_use]
pub fn kind_word(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Maximum => "maximum",
        LimitKind::Minimum => "minimum",
        LimitKind::Window => "window",
        LimitKind::Limitation => "limitation",
    }
}
