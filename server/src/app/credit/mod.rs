//! 信用信息报送: reports made from decisions, checked, sent in batches, answered by receipts; and which decisions are still
//! without one.
//!
//! `make` turns a decision into a report, `batch` sends, `receipt` reads the answer, `list` takes over the decisions of departmental
//! systems, `coverage` proves that none is missing. Does not belong here: fields and rules (core `credit`, `law/credit/`), the course
//! of a report (law/procedures/integrity/credit_report.toml).

pub mod batch;
pub mod coverage;
pub mod list;
pub mod make;
pub mod receipt;
pub mod table;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, PostKind};
use zhunsheng_core::matter::{Command, Fact, Input, Manner, MatterState, Target};

use crate::store::credit::Whose;
use crate::store::seeing::SightFilter;

pub use zhunsheng_core::credit::REPORT;

/// The register of lists that departments hand in.
pub const LIST: &str = "decision_list";

/// Whose reports a post sees: all, those of some organs, or none.
#[must_use]
pub fn organs_seen(sight: &SightFilter) -> Option<Option<Vec<String>>> {
    let reports = |procedures: &[String]| procedures.iter().any(|procedure| procedure == REPORT);
    if reports(&sight.county) {
        return Some(None);
    }
    let seen = sight.organs.iter().filter(|(_, procedures)| reports(procedures));
    let organs: Vec<String> = seen.flat_map(|(organs, _)| organs.iter().cloned()).collect();
    (!organs.is_empty()).then_some(Some(organs))
}

/// Whether reports of an organ are among those seen.
#[must_use]
pub fn includes(whose: Whose<'_>, organ: &str) -> bool {
    whose.is_none_or(|organs| organs.iter().any(|known| known == organ))
}

/// Who may act on reports.
#[must_use]
pub fn may_act(post_kind: &str) -> bool {
    ["credit_clerk", "enforcement_clerk"].contains(&post_kind)
}

/// Whose way to these pages stands beside their work. Others who see reports come by their address.
#[must_use]
pub fn shows(post_kind: &PostKind) -> bool {
    may_act(post_kind.as_str()) || ["supervisor", "rule_of_law_office"].contains(&post_kind.as_str())
}

/// A text fact of a matter; empty where there is none.
#[must_use]
pub fn text<'a>(state: &'a MatterState, field: &str) -> &'a str {
    match state.fact(field) {
        Some(Fact::Text(text)) => text,
        Some(fact) => fact.code().unwrap_or(""),
        None => "",
    }
}

fn day(state: &MatterState, field: &str) -> Option<Day> {
    state.fact(field).and_then(Fact::day)
}

/// Where a report stands.
#[must_use]
pub fn standing(state: &MatterState) -> &str {
    state.track("main").map_or("", |state| state.as_str())
}

fn on(matter: MatterId, step: &str, input: Input) -> Command {
    Command { target: Target::On(matter), step: step.into(), input, manner: Manner::Live }
}

fn open(procedure: &str, step: &str, input: Input) -> Command {
    Command { target: Target::Open(procedure.into()), step: step.into(), input, manner: Manner::Live }
}
