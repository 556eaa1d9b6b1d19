//! Where a matter goes on that a step ended by opening another: 转普通程序.

use zhunsheng_core::id::{MatterId, RoleId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{MatterState, StepDone};
use zhunsheng_core::procedure::Step;

/// Whether a matter ended by opening another: its closing step opens one in the role that the other has for it.
pub(super) fn goes_on(law: &Law, state: &MatterState, other: MatterId) -> bool {
    let Some(procedure) = law.by_digest(&state.definition) else { return false };
    let Some(link) = state.links.iter().find(|link| link.matter == other) else { return false };
    let opened = |done: &StepDone| {
        let step = procedure.step(done.step.as_str()).filter(|step| ends_by_opening(step));
        step.is_some_and(|step| step.opens.iter().any(|opens| opens.item.role == link.role))
    };
    state.done.iter().any(|done| !done.withdrawn && opened(done))
}

/// Whether a step can end its matter by opening another.
pub(in crate::web::pages) fn ends_by_opening(step: &Step) -> bool {
    step.outcome.is_some() && !step.opens.is_empty()
}

/// The matter that a step just opened, where the step ended its own: whoever took it goes on there.
pub(in crate::web::pages) fn led_to(step: &Step, state: &MatterState) -> Option<MatterId> {
    let opened = |role: &RoleId| step.opens.iter().any(|opens| opens.item.role == *role);
    state.links.iter().rev().find(|link| opened(&link.role) && link.outcome.is_none()).map(|link| link.matter)
}
