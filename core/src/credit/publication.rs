//! 公示期限 (`law/credit/publication.toml`): how long a decision may be shown on the credit platform, by the rules of its day, and
//! from when on its party may ask for repair.
//!
//! Does not belong here: the course of a repair (law/procedures/integrity/credit_repair.toml), the county's own pages of decisions.

use serde::Deserialize;

use crate::basis::Basis;
use crate::day::Day;
use crate::law::LawError;
use crate::matter::{Fact, MatterState};
use crate::procedure::Procedure;

/// The field with the kinds of a penalty, and its codes' list.
const KINDS: &str = "kinds";
/// The fine as decided, and as changed.
const FINE: &str = "fine";
const CORRECTED: &str = "corrected_fine";
/// Steps that put another fine in its place. One that was withdrawn leaves its facts, and no amount.
const CHANGES: [&str; 2] = ["remedy_changed", "self_change"];

/// What the county has set; empty: no limits are known.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// What of it is not verified.
    pub configurable: String,
    /// Editions, as they stand in the file.
    pub versions: Vec<Version>,
    file: String,
}

/// The rules from a day on.
#[derive(Clone, Debug)]
pub struct Version {
    /// The first day of decisions under it.
    pub from: Day,
    /// Its title.
    pub title: String,
    /// What it rests on.
    pub basis: Basis,
    /// Its classes; the first that fits applies.
    pub classes: Vec<Class>,
    fallback: String,
}

/// A class of decisions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its code.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Whether it is shown as a rule.
    pub shown: bool,
    /// Months until its party may ask for repair.
    pub least_months: u32,
    /// Months after which it is no longer shown.
    pub most_months: u32,
    #[serde(default)]
    procedures: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    only_kinds: Vec<String>,
    /// In 元.
    fine: Option<i64>,
}

/// How long one decision is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// Code and name of its class.
    pub class: (String, String),
    /// Whether it is shown as a rule.
    pub shown: bool,
    /// From this day on its party may ask for repair.
    pub least: Day,
    /// The last day on which it is shown.
    pub most: Day,
    /// What that rests on.
    pub basis: Basis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    configurable: String,
    version: Vec<RawVersion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVersion {
    from: Day,
    title: String,
    basis: Basis,
    fallback: toml::Spanned<String>,
    class: Vec<Class>,
}

impl Publication {
    /// Reads the file.
    pub(super) fn read(file: &str, source: &str) -> Result<Self, LawError> {
        let raw: RawFile = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut versions = Vec::new();
        for version in raw.version {
            let at = version.fallback.span().start;
            let wrong = |what: String| Err(LawError::at(file, source, at, what));
            let fallback = version.fallback.into_inner();
            if !version.class.iter().any(|class| class.id == fallback) {
                return wrong(format!("there is no class `{fallback}`"));
            }
            if let Some(class) = version.class.iter().find(|class| class.least_months > class.most_months) {
                return wrong(format!("class `{}` ends before it may be repaired", class.id));
            }
            let (from, title, basis) = (version.from, version.title, version.basis);
            versions.push(Version { from, title, basis, classes: version.class, fallback });
        }
        Ok(Self { configurable: raw.configurable, versions, file: file.to_owned() })
    }

    /// What its classes name and no procedure has.
    pub(super) fn problems(&self, procedures: &[&Procedure]) -> Vec<LawError> {
        let classes = self.versions.iter().flat_map(|version| &version.classes);
        let unknown = classes.flat_map(|class| {
            let known = |id: &String| procedures.iter().any(|procedure| procedure.id.as_str() == id);
            let lost = class.procedures.iter().filter(move |id| !known(id)).map(|id| format!("procedure `{id}`"));
            let listed = |code: &String| procedures.iter().any(|procedure| has_kind(procedure, code));
            let kinds = class.kinds.iter().chain(&class.only_kinds);
            lost.chain(kinds.filter(move |code| !listed(code)).map(|code| format!("kind of penalty `{code}`")))
        });
        let unknown = unknown.map(|what| LawError::plain(&self.file, format!("there is no {what}")));
        unknown.collect()
    }

    /// How long a decision is shown that was taken on a day; none: no rules of that day are known.
    pub fn of(&self, state: &MatterState, decided: Day) -> Option<Term> {
        let version = self.version(decided)?;
        let class = version.class_of(state)?;
        let after = |months: u32| decided.plus_months(i64::from(months));
        Some(Term {
            class: (class.id.clone(), class.title.clone()),
            shown: class.shown,
            least: after(class.least_months),
            most: after(class.most_months),
            basis: version.basis.clone(),
        })
    }

    /// The rules of a day.
    pub fn version(&self, day: Day) -> Option<&Version> {
        self.versions.iter().filter(|version| version.from <= day).max_by_key(|version| version.from)
    }
}

fn has_kind(procedure: &Procedure, code: &str) -> bool {
    let field = procedure.fields.get(KINDS);
    field.and_then(|field| procedure.list_of(field)).is_some_and(|list| list.title(code).is_some())
}

impl Version {
    fn class_of(&self, state: &MatterState) -> Option<&Class> {
        let fits = self.classes.iter().find(|class| class.fits(state));
        fits.or_else(|| self.classes.iter().find(|class| class.id == self.fallback))
    }
}

impl Class {
    fn fits(&self, state: &MatterState) -> bool {
        let kinds: Vec<&str> = match state.fact(KINDS) {
            Some(Fact::Codes(codes)) => codes.iter().map(|code| code.as_str()).collect(),
            _ => Vec::new(),
        };
        let one_of = |codes: &[String], kind: &str| codes.iter().any(|code| code == kind);
        let amount = |field: &str| state.fact(field).and_then(Fact::number);
        let changed = CHANGES.iter().any(|step| state.has_done(step));
        let fine = amount(CORRECTED).filter(|_| changed).or_else(|| amount(FINE));
        self.procedures.iter().any(|id| state.procedure.as_str() == id)
            || kinds.iter().any(|kind| one_of(&self.kinds, kind))
            || !kinds.is_empty() && kinds.iter().all(|kind| one_of(&self.only_kinds, kind))
            || self.fine.zip(fine).is_some_and(|(least, fine)| fine >= least.saturating_mul(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Digest, MatterId};
    use crate::matter::{Decider, Event, ManneredAs, StepDone};
    use crate::procedure::StepKind;

    const FILE: &str = r#"
configurable = "x"
[[version]]
from = "2021-07-15"
title = "旧"
basis = "制度:旧"
fallback = "general"
[[version.class]]
id = "general"
title = "一般"
shown = true
least_months = 6
most_months = 24
[[version]]
from = "2026-04-01"
title = "新"
basis = "制度:新"
fallback = "general"
[[version.class]]
id = "serious"
title = "严重"
shown = true
least_months = 12
most_months = 36
kinds = ["revoke_licence"]
fine = 500000
[[version.class]]
id = "minor"
title = "轻微"
shown = false
least_months = 0
most_months = 3
procedures = ["penalty_on_the_spot"]
only_kinds = ["warning"]
[[version.class]]
id = "general"
title = "一般"
shown = true
least_months = 3
most_months = 12
"#;

    fn decided(procedure: &str, kinds: &[&str], fines: &[(&str, i64)]) -> MatterState {
        let opened = Event::Opened {
            procedure: procedure.into(),
            definition: Digest::of(b""),
            organ: "organ".into(),
            place: None,
            parent: None,
            day: Day::parse("2026-05-06").unwrap(),
        };
        let mut state = MatterState::begin(MatterId(1), &opened).unwrap();
        state.facts.insert(KINDS.into(), Fact::Codes(kinds.iter().map(|kind| (*kind).into()).collect()));
        state.facts.extend(fines.iter().map(|(field, fen)| ((*field).into(), Fact::Int(*fen))));
        state
    }

    #[test]
    fn the_rules_of_the_day_say_how_long_a_decision_is_shown() {
        let known = Publication::read("credit/publication.toml", FILE).unwrap();
        let day = |text: &str| Day::parse(text).unwrap();
        let term = |state: &MatterState, on: &str| {
            let term = known.of(state, day(on)).unwrap();
            (term.class.0, term.shown, term.least.to_string(), term.most.to_string())
        };
        let fined = |fen| decided("penalty", &["fine"], &[("fine", fen)]);
        let said = |class: &str, shown, least: &str, most: &str| (class.to_owned(), shown, least.into(), most.into());
        assert_eq!(
            term(&fined(200_000), "2026-03-31"),
            said("general", true, "2026-09-30", "2028-03-31"),
            "the old rule"
        );
        assert_eq!(term(&fined(200_000), "2026-04-01"), said("general", true, "2026-07-01", "2027-04-01"));
        assert_eq!(term(&fined(50_000_000), "2026-05-31").0, "serious");
        let mut changed = decided("penalty", &["fine"], &[("fine", 50_000_000), ("corrected_fine", 100_000)]);
        assert_eq!(
            term(&changed, "2026-05-31").0,
            "serious",
            "a change that was withdrawn leaves its fact, and no amount"
        );
        changed.done.push(StepDone {
            step: "self_change".into(),
            kind: StepKind::DecisionFavourable,
            decided_by: Decider::System,
            officers: Vec::new(),
            day: day("2026-05-31"),
            manner: ManneredAs::Live,
            withdrawn: false,
            before: Vec::new(),
        });
        assert_eq!(term(&changed, "2026-05-31").0, "general", "the fine that stands");
        assert_eq!(term(&decided("penalty", &["fine", "revoke_licence"], &[]), "2026-05-31").0, "serious");
        assert_eq!(
            term(&decided("penalty", &["warning"], &[]), "2026-11-30"),
            said("minor", false, "2026-11-30", "2027-02-28")
        );
        assert_eq!(term(&decided("penalty", &["warning", "fine"], &[]), "2026-05-31").0, "general");
        assert_eq!(term(&decided("penalty_on_the_spot", &["fine"], &[]), "2026-05-31").0, "minor");
        assert_eq!(known.of(&fined(1), day("2021-07-14")), None, "no rule is made up");
    }

    #[test]
    fn classes_that_cannot_be_are_errors() {
        for (from, to) in
            [("fallback = \"general\"", "fallback = \"other\""), ("least_months = 6", "least_months = 60")]
        {
            assert!(Publication::read("credit/publication.toml", &FILE.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
