//! 信用信息报送: reports made from decisions, checked, sent in batches, answered by receipts; and which decisions are still
//! without one.
//!
//! `make` turns a decision into a report, `batch` sends, `handover` gives a batch to the platform, `receipt` reads the answer, `publication` says what is shown and until when, `list` takes over the decisions of departmental
//! systems, `coverage` proves that none is missing. Does not belong here: fields and rules (core `credit`, `law/credit/`), the course
//! of a report (law/procedures/integrity/credit_report.toml).

pub mod batch;
pub mod coverage;
pub mod handover;
pub mod list;
pub mod make;
pub mod publication;
pub mod receipt;
pub mod table;

use zhunsheng_core::id::{MatterId, PostKind};
use zhunsheng_core::matter::{Command, Input, Manner, Target};

use crate::store::credit::Whose;
use crate::store::seeing::SightFilter;

pub use zhunsheng_core::credit::REPORT;

/// An application for repair.
pub const REPAIR: &str = "credit_repair";
/// The register of lists that departments hand in.
pub const LIST: &str = "decision_list";

/// Whose reports a post sees: all, those of some organs, or none.
#[must_use]
pub fn organs_seen(sight: &SightFilter) -> Option<Option<Vec<String>>> {
    super::sight::organs_seen(sight, REPORT)
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

fn on(matter: MatterId, step: &str, input: Input) -> Command {
    Command { target: Target::On(matter), step: step.into(), input, manner: Manner::Live }
}

fn open(procedure: &str, step: &str, input: Input) -> Command {
    Command { target: Target::Open(procedure.into()), step: step.into(), input, manner: Manner::Live }
}
