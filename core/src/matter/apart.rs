//! Nobody reviews or supervises a matter in which they had a part, nor one of their own organ.
//!
//! Does not belong here: separation inside one matter and towards its parent (`who.rs`).

use super::command::Decider;
use super::decide::{Draft, Scene};
use super::event::Fact;
use super::state::MatterState;
use crate::id::{FieldId, MatterId, PersonId};
use crate::procedure::{Generic, Procedure, Step};
use crate::refusal::engine;

/// The matter that a field names.
pub fn named(state: &MatterState, field: &FieldId) -> Option<MatterId> {
    match state.fact(field.as_str())? {
        Fact::Text(id) => MatterId::parse(&id.trim().to_lowercase()),
        _ => None,
    }
}

/// The fields of a procedure that name the matter with which its people had nothing to do.
pub fn parted(procedure: &Procedure) -> impl Iterator<Item = &FieldId> {
    procedure.steps.iter().filter_map(|step| step.apart.as_ref()).map(|apart| &apart.from)
}

/// Everybody who takes part in the step, against the matter that it is about.
pub(super) fn check(step: &Step, decider: &Decider, officers: &[PersonId], draft: &mut Draft, scene: Scene<'_>) {
    let Scene { law, matters, context, day } = scene;
    let Some(apart) = &step.apart else { return };
    let Some(file) = named(&draft.state, &apart.from).and_then(|id| matters.get(&id)) else {
        draft.refuse(law.refusals.refuse(engine::FILE_UNKNOWN, None, &[("step", &step.title)]));
        return;
    };
    let decided = if let Decider::Person(person) = decider { Some(*person) } else { None };
    let mut people: Vec<PersonId> = decided.into_iter().chain(officers.iter().copied()).collect();
    people.sort_unstable();
    people.dedup();
    let linked = file.links.iter().filter_map(|link| matters.get(&link.matter));
    let handled: Vec<&MatterState> = std::iter::once(file).chain(linked).collect();
    for person in people {
        let name = context.registry.person_name(person).to_owned();
        if let Some(part) = handled.iter().find_map(|matter| part_of(person, matter, scene)) {
            let with = [("name", name.as_str()), ("earlier", &part), ("step", &step.title)];
            draft.refuse(law.refusals.refuse(engine::HANDLED_FILE, Some(apart.person.clone()), &with));
        }
        let own = context.registry.posts_of(person, day).find(|post| file.involves(&post.organ));
        if let Some(post) = own {
            let organ = context.registry.organ_name(&post.organ);
            let with = [("name", name.as_str()), ("organ", organ), ("step", &step.title)];
            draft.refuse(law.refusals.refuse(engine::OF_HANDLING_ORGAN, Some(apart.organ.clone()), &with));
        }
    }
}

/// What somebody did in a matter, if anything but what every matter inherits.
fn part_of(person: PersonId, matter: &MatterState, scene: Scene<'_>) -> Option<String> {
    let took = |id: &PersonId| *id == person;
    let part = matter.done.iter().find(|done| {
        Generic::of(&done.step).is_none()
            && (done.decided_by == Decider::Person(person) || done.officers.iter().any(took))
    })?;
    let known = scene.law.by_digest(&matter.definition).and_then(|known| known.step(part.step.as_str()));
    Some(known.map_or_else(|| part.step.to_string(), |step| step.title.clone()))
}
