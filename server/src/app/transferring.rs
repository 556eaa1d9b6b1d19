//! A case that goes to another organ of the county: who receives it, and as what it is registered there.
//!
//! Does not belong here: what is carried over (`open` in law/procedures/enforcement/penalty.toml), how (`sequel.rs`).

use zhunsheng_core::id::OrganCode;
use zhunsheng_core::matter::{Fact, MatterState};

use super::act::Desk;
use super::completing::{Asked, Made};

/// What the system works out for a step of handing a case over; none for other steps.
pub(super) fn made(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Option<Made> {
    match asked.command.step.as_str() {
        "transfer_jurisdiction" => Some(vec![("receiving_organ", receiving(desk, asked, state))]),
        "receive_transfer" => Some(vec![("received_source", "transferred".to_owned())]),
        _ => None,
    }
}

/// The organ that was named, else the one whose power it is; never the one that hands over. An organ outside the county is none.
fn receiving(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> String {
    let named = asked.typed("receiving_organ");
    let power = match state.fact("power") {
        Some(Fact::Matter(id)) => desk.registry.powers().get(*id),
        _ => None,
    };
    let competent = power.map(|power| power.organ.clone());
    let addressed = |organ: &OrganCode| desk.registry.organ_name(organ) == asked.typed("transfer_to");
    let named = Some(named).filter(|named| !named.is_empty()).map(OrganCode::from);
    let organ = named.or_else(|| competent.filter(addressed)).filter(|organ| *organ != state.organ);
    organ.map(|organ| organ.to_string()).unwrap_or_default()
}
