//! One thing that happened is one matter, however many organs had a part in it: whoever enters it a second time is offered
//! the first.
//!
//! Does not belong here: which fields are compared (the definition says), finding the first one (the store does).

use super::decide::{Context, Draft, Supply};
use super::state::MatterState;
use crate::law::Law;
use crate::procedure::{Procedure, Step};
use crate::refusal::engine;

/// What is compared, as one text; none while a field is empty, or where nothing is compared.
pub fn key(procedure: &Procedure, state: &MatterState) -> Option<String> {
    let alike = procedure.alike.as_ref()?;
    let mut key = procedure.id.to_string();
    for field in &alike.fields {
        key.push('|');
        key.push_str(&state.fact(field.as_str())?.text());
    }
    Some(key)
}

/// A matter is not opened beside one that looks the same, unless it says why it is another (内控).
pub(super) fn check(step: &Step, draft: &mut Draft, law: &Law, context: &Context<'_>, supply: &mut dyn Supply) {
    if !step.from.is_empty() {
        return;
    }
    let Some(found) = key(&draft.procedure, &draft.state).and_then(|key| supply.alike(&key)) else { return };
    let basis = draft.procedure.alike.as_ref().map(|alike| alike.basis.clone());
    let with = [("title", found.title.as_str()), ("organ", context.registry.organ_name(&found.organ))];
    let mut refusal = law.refusals.refuse(engine::ALIKE, basis, &with);
    refusal.see = Some(found.matter);
    draft.refuse(refusal);
}
