//! 伴随式监督: a supervisor follows a case that is under way; which one and whose it is comes from the case, not from the keyboard.

use zhunsheng_core::id::MatterId;

use super::act::Desk;
use super::completing::{Asked, Made};
use super::reviewing::case_number;

/// The procedure.
pub const SUPERVISION: &str = "accompanied_supervision";

/// What the case tells: its number, its organ, and whether it is still under way.
pub(super) fn made(desk: &Desk, asked: &Asked<'_>) -> Made {
    if asked.state.is_some() {
        return Made::new();
    }
    let typed = asked.command.input.fields.get("case").and_then(|values| values.first());
    let case = typed.and_then(|id| MatterId::parse(&id.trim().to_lowercase())).and_then(|id| asked.known.get(&id));
    let Some(case) = case else {
        // Nothing typed in its place counts.
        return ["case_number", "handling_organ", "case_running", "violation"]
            .map(|field| (field, String::new()))
            .to_vec();
    };
    let running = case.ended.is_none() && !case.closed;
    vec![
        ("case_number", case_number(&desk.ruling.law, case)),
        ("violation", case.said("violation")),
        ("handling_organ", case.organ.to_string()),
        ("case_running", if running { "yes" } else { "no" }.to_owned()),
    ]
}
