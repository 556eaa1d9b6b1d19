//! What a step brings about once nothing stands against it: states, instruments, disclosures, linked matters.

use super::command::{Command, Manner};
use super::decide::{Context, Draft, Matters, Scene, SeriesKey, Supply, part_applies};
use super::event::{Event, Fact, Number, Parent};
use super::state::MatterState;
use super::who;
use crate::basis::Basis;
use crate::day::Day;
use crate::draw;
use crate::id::{Digest, InstrumentId, OrganCode, Outcome, PersonId};
use crate::law::Law;
use crate::matter::event::SealedClass;
use crate::procedure::{Opens, Performer, Seat, Step};
use crate::refusal::{Refusal, engine};
use crate::text;

/// How the matter that opened another sees it end when it was entered in error.
const VOIDED: &str = "voided";
/// And with that one where it went into another.
const MERGED: &str = "merged";

/// Every track begins in its initial state.
pub(super) fn begin_tracks(draft: &mut Draft, day: Day) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    for track in &procedure.tracks {
        draft.emit(Event::Entered(track.id.clone(), track.initial.clone(), day));
    }
}

/// The organs that take part in every matter of the procedure.
pub(super) fn join_organs(draft: &mut Draft, context: &Context<'_>) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    for seat in &procedure.joins {
        if let Some(organ) = who::seat_organ(seat, draft, context) {
            join(organ, draft);
        }
    }
}

/// Who registers a lead for the organ that it is part of, and the body that a matter is entrusted to, take part in it.
pub(super) fn join_actor(draft: &mut Draft, context: &Context<'_>) {
    if let Some(post) = who::actor_post(context)
        && !draft.procedure.never_held_by.is_empty()
    {
        let organ = post.organ.clone();
        join(organ, draft);
    }
}

fn join_entrusted(step: &Step, draft: &mut Draft) {
    let body = step.power.as_ref().and_then(|needed| needed.body.as_ref());
    if let Some(body) = body.and_then(|field| draft.state.fact(field.as_str())?.code()).map(OrganCode::from) {
        join(body, draft);
    }
}

/// Organs that a field names take part from then on.
fn join_named(draft: &mut Draft) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    for seat in &procedure.joins {
        let Seat::Field(field) = seat else { continue };
        let organs: Vec<OrganCode> = match draft.state.fact(field.as_str()) {
            Some(Fact::Code(organ)) => vec![organ.as_str().into()],
            Some(Fact::Codes(organs)) => organs.iter().map(|organ| organ.as_str().into()).collect(),
            _ => Vec::new(),
        };
        organs.into_iter().for_each(|organ| join(organ, draft));
    }
}

fn join(organ: OrganCode, draft: &mut Draft) {
    if !draft.state.involves(&organ) {
        draft.emit(Event::OrganJoined(organ));
    }
}

/// An entrusted body whose officers were there takes part in the case (行政处罚法§20, §21): it sees what it did.
pub(super) fn join_officers(officers: &[PersonId], day: Day, draft: &mut Draft, context: &Context<'_>) {
    for officer in officers {
        let organs: Vec<OrganCode> = context.registry.posts_of(*officer, day).map(|post| post.organ.clone()).collect();
        if let Some(first) = organs.first().filter(|_| !organs.iter().any(|organ| draft.state.involves(organ))) {
            join(first.clone(), draft);
        }
    }
}

/// A procedure that tells citizens about its states gives each matter a query code: sixty bits, shown once, only its
/// digest is a fact.
pub(super) fn give_query_code(draft: &mut Draft, supply: &mut dyn Supply) {
    if !draft.procedure.tells_citizens() {
        return;
    }
    let code: String = supply.fresh_id().to_string().chars().rev().take(12).collect::<String>().to_uppercase();
    draft.emit(Event::TrackedBy(Digest::of(code.as_bytes())));
    draft.seal("query_code".to_owned(), SealedClass::Secret, code.clone());
    draft.query_code = Some(code);
}

/// The label of the secret behind a draw: sealed until the draw tells it.
pub const DRAW_SECRET: &str = "draw_secret";

/// A step that pledges a draw fixes its secret: a hundred and sixty bits, of which only the commitment is told.
fn pledge(step: &Step, draft: &mut Draft, supply: &mut dyn Supply) {
    let Some(field) = &step.pledges else { return };
    let mut half = || supply.fresh_id().to_string().chars().rev().take(16).collect::<String>();
    let secret = format!("{}{}", half(), half());
    draft.emit(Event::FactSet(field.clone(), Fact::Text(draw::commitment(&secret).to_string())));
    draft.seal(DRAW_SECRET.to_owned(), SealedClass::Secret, secret);
}

/// A step that makes someone responsible needs a fitting person of an organ that takes part.
pub(super) fn check_assignee(step: &Step, command: &Command, draft: &mut Draft, scene: Scene<'_>) {
    let Scene { law, matters, context, .. } = scene;
    if !step.assigns {
        return;
    }
    let Some(person) = command.input.assignee else {
        draft.refuse(law.refusals.refuse(engine::ASSIGNEE_MISSING, None, &[("step", &step.title)]));
        return;
    };
    let unfit = unfit(person, &step.title, draft, law, matters, context);
    unfit.into_iter().for_each(|refusal| draft.refuse(refusal));
}

/// Why a person cannot be made responsible: without a fitting post, or kept from it by what they did in the matter above.
pub(super) fn unfit(
    person: crate::id::PersonId,
    act: &str,
    draft: &Draft,
    law: &Law,
    matters: &Matters,
    context: &Context<'_>,
) -> Option<Refusal> {
    let name = context.registry.person_name(person);
    if !may_be_responsible(person, draft, context) {
        return Some(law.refusals.refuse(engine::ASSIGNEE_UNFIT, None, &[("name", name)]));
    }
    let same = |basis: &Basis, earlier: &str| {
        let with = [("name", name), ("earlier", earlier), ("step", act)];
        law.refusals.refuse(engine::SAME_PERSON, Some(basis.clone()), &with)
    };
    let parent = draft.state.parent.and_then(|id| matters.get(&id));
    let above = parent.and_then(|parent| Some((parent, who::kept_from_all(&draft.procedure, person, parent)?)));
    if let Some((parent, not)) = above {
        let earlier = who::title_before(not, law.by_digest(&parent.definition).map(|known| &***known));
        return Some(same(&not.basis, earlier));
    }
    let mut beside = draft.state.links.iter().filter_map(|link| matters.get(&link.matter));
    beside.find_map(|child| {
        let definition = law.by_digest(&child.definition)?;
        who::judged(definition, person, child).map(|(basis, earlier)| same(basis, earlier))
    })
}

/// Whether a person holds, in an organ that takes part, a post that some step of the procedure asks for.
fn may_be_responsible(person: crate::id::PersonId, draft: &Draft, context: &Context<'_>) -> bool {
    let asked = |kind: &crate::id::PostKind| {
        draft
            .procedure
            .steps
            .iter()
            .any(|step| step.by.iter().any(|p| matches!(p, Performer::Post(known) if known == kind)))
    };
    context.registry.posts_of(person, context.today).any(|post| draft.state.involves(&post.organ) && asked(&post.kind))
}

/// Everything after `Taken` and the clocks.
pub(super) fn apply(step: &Step, command: &Command, draft: &mut Draft, scene: Scene<'_>, supply: &mut dyn Supply) {
    let Scene { law, context, day, .. } = scene;
    if let Some(to) = &step.to {
        draft.emit(Event::Entered(step.track.clone(), to.clone(), day));
    }
    for when in &step.also {
        if part_applies(when.when.as_ref(), draft, law, context, day) {
            let (track, state) = when.item.clone();
            draft.emit(Event::Entered(track, state, day));
        }
    }
    if let Some(organ) = who::seat_organ(&step.at, draft, context) {
        join(organ, draft);
    }
    join_named(draft);
    join_entrusted(step, draft);
    if let Some(person) = command.input.assignee.filter(|_| step.assigns) {
        draft.emit(Event::Assigned(person));
    }
    for evidence in &command.input.external {
        draft.emit(Event::External(evidence.clone()));
    }
    pledge(step, draft, supply);
    issue(step, command, draft, scene, supply);
    disclose(step, draft, law, context, day);
    // What is opened by taking its first step is an act of its own, which follows this one.
    for when in step.opens.iter().filter(|when| when.item.take.is_none()) {
        if part_applies(when.when.as_ref(), draft, law, context, day) {
            open_linked(&when.item, draft, scene, supply);
        }
    }
    if let Some(outcome) = &step.outcome {
        draft.emit(Event::Ended(outcome.clone(), day));
    }
}

fn issue(step: &Step, command: &Command, draft: &mut Draft, scene: Scene<'_>, supply: &mut dyn Supply) {
    let Scene { law, context, day, .. } = scene;
    for when in &step.issues {
        if part_applies(when.when.as_ref(), draft, law, context, day) {
            let number = number_of(&when.item, command, draft, scene, supply);
            draft.emit(Event::Issued(when.item.clone(), number, day));
            give_verify_code(command, draft, supply);
        }
    }
}

/// An instrument that goes out from here carries a 核验码: its bits are those of a fresh identity, only its digest is a fact.
/// What was made elsewhere carries none: its paper is not ours to vouch for.
fn give_verify_code(command: &Command, draft: &mut Draft, supply: &mut dyn Supply) {
    if command.manner.records_what_happened() {
        return;
    }
    let n = u16::try_from(draft.state.instruments.len()).unwrap_or(u16::MAX);
    let code = text::verify_code(supply.fresh_id().0);
    draft.emit(Event::Coded(n, Digest::of(code.as_bytes())));
    draft.seal(format!("instrument.{n}.code"), SealedClass::Secret, code);
}

/// The next number of the series; a number given elsewhere is taken over, never doubled.
fn number_of(
    instrument: &InstrumentId,
    command: &Command,
    draft: &Draft,
    scene: Scene<'_>,
    supply: &mut dyn Supply,
) -> Option<Number> {
    let Scene { context, day, .. } = scene;
    let numbering = draft.procedure.instrument(instrument.as_str())?.numbering.clone()?;
    let organ = who::seat_organ(&numbering.of, draft, context)?;
    let year = day.year();
    if let Manner::Late { number, .. } | Manner::Imported { number, .. } = &command.manner {
        let text = number.clone().filter(|number| !number.trim().is_empty())?;
        return Some(Number { organ, year, n: 0, text });
    }
    let key = SeriesKey { organ: organ.clone(), instrument: instrument.clone(), year };
    let here = draft.state.instruments.iter().filter_map(|issued| {
        issued.number.as_ref().filter(|n| issued.kind == *instrument && n.organ == organ && n.year == year)
    });
    let n = supply.last_number(&key).max(here.map(|number| number.n).max().unwrap_or(0)).saturating_add(1);
    let short = context.registry.organ(organ.as_str()).map_or("", |organ| organ.short.as_str());
    let text =
        numbering.pattern.replace("{short}", short).replace("{year}", &year.to_string()).replace("{n}", &n.to_string());
    Some(Number { organ, year, n, text })
}

fn disclose(step: &Step, draft: &mut Draft, law: &Law, context: &Context<'_>, day: Day) {
    for when in &step.owes {
        if part_applies(when.when.as_ref(), draft, law, context, day) {
            draft.emit(Event::DisclosureOwed(when.item.clone(), day));
        }
    }
    for id in &step.discloses {
        let until = draft.procedure.disclosure(id.as_str()).and_then(|d| d.until.clone());
        let until = until.and_then(|field| match draft.state.fact(field.as_str()) {
            Some(Fact::Day(until)) => Some(*until),
            _ => None,
        });
        draft.emit(Event::Disclosed(id.clone(), day, until));
    }
    for id in &step.withdraws {
        let shown = draft
            .state
            .disclosures
            .iter()
            .any(|run| run.disclosure == *id && run.made.is_some() && run.withdrawn.is_none());
        if shown {
            draft.emit(Event::DisclosureWithdrawn(id.clone(), day));
        }
    }
}

/// Opens a matter of another procedure that plays a role for this one. Its first step is taken by its own people.
fn open_linked(opens: &Opens, draft: &mut Draft, scene: Scene<'_>, supply: &mut dyn Supply) {
    let Scene { law, context, day, .. } = scene;
    let (Some(procedure), Some(organ)) =
        (law.in_force(opens.procedure.as_str(), day), who::seat_organ(&opens.held_by, draft, context))
    else {
        return;
    };
    let id = supply.fresh_id();
    let parent = Some(Parent { matter: draft.state.id });
    let event = Event::Opened {
        procedure: procedure.id.clone(),
        definition: procedure.digest,
        organ,
        place: draft.state.place.clone(),
        parent,
        day,
    };
    let Some(state) = MatterState::begin(id, &event) else { return };
    let mut linked = Draft {
        state,
        procedure: std::sync::Arc::clone(procedure),
        events: vec![(id, event)],
        sealed: Vec::new(),
        refusals: crate::refusal::Refusals::default(),
        query_code: None,
    };
    begin_tracks(&mut linked, day);
    join_organs(&mut linked, context);
    join(draft.state.organ.clone(), &mut linked);
    for (from, to) in &opens.copies {
        if let (Some(fact), true) = (draft.state.fact(from.as_str()), procedure.fields.contains_key(to)) {
            linked.emit(Event::FactSet(to.clone(), fact.clone()));
        }
    }
    draft.emit(Event::Linked(opens.role.clone(), id, procedure.id.clone()));
    draft.events.append(&mut linked.events);
}

/// A matter that follows from another is linked to it, and the organ that holds the other takes part in it.
pub(super) fn link_to_parent(command: &Command, opening: bool, matters: &Matters, draft: &mut Draft) {
    let Some((parent, role)) = command.input.follows.as_ref().filter(|_| opening) else { return };
    let Some(known) = matters.get(parent) else { return };
    join(known.organ.clone(), draft);
    draft.events.push((*parent, Event::Linked(role.clone(), draft.state.id, draft.state.procedure.clone())));
}

/// A matter that ends tells the matter that opened it.
pub(super) fn tell_parent(step: &Step, matters: &Matters, draft: &mut Draft) {
    if let Some(outcome) = &step.outcome {
        tell_parent_of(outcome, matters, draft);
    }
}

/// A matter entered in error tells it as well: it plays no role any more, and whoever waits for it waits no longer.
pub(super) fn tell_parent_of_void(matters: &Matters, draft: &mut Draft) {
    tell_parent_of(&Outcome::from(VOIDED), matters, draft);
}

/// So does one that went into another, which has its own place.
pub(super) fn tell_parent_of_merger(matters: &Matters, draft: &mut Draft) {
    tell_parent_of(&Outcome::from(MERGED), matters, draft);
}

fn tell_parent_of(outcome: &Outcome, matters: &Matters, draft: &mut Draft) {
    let Some(parent) = draft.state.parent else { return };
    let known = matters.get(&parent).is_some_and(|state| state.links.iter().any(|link| link.matter == draft.state.id));
    if known {
        draft.events.push((parent, Event::LinkEnded(draft.state.id, outcome.clone())));
    }
}
