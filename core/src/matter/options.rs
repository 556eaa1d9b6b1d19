//! What can be done next, by whom, under which article, and why not: the panel beside a matter.

use std::sync::Arc;

use super::command::{Actor, Command, Decider, Input, Manner, Target};
use super::decide::{Context, Draft, Matters, Scene};
use super::evaluate::evaluate;
use super::state::MatterState;
use super::{guards, power, who};
use crate::basis::Basis;
use crate::id::StepId;
use crate::law::Law;
use crate::procedure::{Generic, Performer, Seat, Step};
use crate::refusal::{Refusal, Refusals};

/// A step that the state allows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepOption {
    /// Which.
    pub step: StepId,
    /// Its title.
    pub title: String,
    /// Who may take it.
    pub who: String,
    /// In which organ, by name.
    pub organ: Option<String>,
    /// The authority.
    pub authority: Basis,
    /// Why this actor cannot take it now; empty if they can.
    pub refusals: Refusals,
    /// Whether the actor holds the post for it, whatever else stands against it.
    pub mine: bool,
    /// Whether the actor may enter it from the signed form of the one who decides.
    pub by_form: bool,
}

/// The steps that the states of the matter allow now, and the generic acts open to the actor.
/// `matters` holds the matter that opened this one, if any, for separation of duties across the two.
pub fn options(law: &Law, state: &MatterState, matters: &Matters, context: &Context<'_>) -> Vec<StepOption> {
    let Some(procedure) = law.by_digest(&state.definition) else { return Vec::new() };
    if state.closed {
        return Vec::new();
    }
    let allowed = |step: &&Step| state.track(step.track.as_str()).is_some_and(|now| step.from.contains(now));
    let system_only = |step: &&Step| step.by.iter().all(|performer| *performer == Performer::System);
    let mut options: Vec<StepOption> = procedure
        .steps
        .iter()
        .filter(allowed)
        .filter(|step| !system_only(step))
        .map(|step| option(step, Draft::look(state, procedure), law, matters, context))
        .collect();
    options.extend(generic_options(law, state, context, procedure));
    options
}

/// What stands against a step before anything is typed: state, person, separation of duties, guards that no input can
/// meet. Nothing said here means only that the form is worth filling in.
pub fn objections(law: &Law, state: &MatterState, matters: &Matters, context: &Context<'_>, step: &StepId) -> Refusals {
    let Some(procedure) = law.by_digest(&state.definition) else { return Refusals::default() };
    let Some(step) = procedure.step(step.as_str()) else { return Refusals::default() };
    let mut objections = option(step, Draft::look(state, procedure), law, matters, context).refusals;
    let mut draft = Draft::look(state, procedure);
    super::decide::check_state(step, &mut draft, law);
    draft.refusals.into_iter().for_each(|refusal| objections.push(refusal));
    objections
}

fn option(step: &Step, mut draft: Draft, law: &Law, matters: &Matters, context: &Context<'_>) -> StepOption {
    let command = Command {
        target: Target::On(draft.state.id),
        step: step.id.clone(),
        input: Input::default(),
        manner: Manner::Live,
    };
    who::check(step, &command, &mut draft, law, context);
    let mine = draft.refusals.is_empty();
    if let Actor::Staff { person, .. } = &context.actor {
        let scene = Scene { law, matters, context, day: context.today };
        who::check_different_persons(step, &Decider::Person(*person), &[], &mut draft, scene);
        if mine && super::decide::counts_as_officer(step, *person, context) {
            who::check_certificates(step, &[*person], context.today, &mut draft, law, context);
        }
    }
    power::foresee(step, context.today, &mut draft, law, context);
    let view = draft.view(law, context, context.today);
    let procedure = &draft.procedure;
    let failed: Vec<Refusal> = step
        .guards
        .iter()
        .filter(|guard| !guards::looks_at_input(&guard.that, step, procedure) && !evaluate(&guard.that, view))
        .map(|guard| law.refusals.refuse(guard.refusal.as_str(), Some(guard.basis.clone()), &[("step", &step.title)]))
        .collect();
    failed.into_iter().for_each(|refusal| draft.refuse(refusal));
    // A step that its doer takes in an organ of their own is shown with the organ that has the matter, not with its reader's.
    let seat = match &step.at {
        Seat::Own if !mine => Some(draft.state.organ.clone()),
        seat => who::seat_organ(seat, &draft, context),
    };
    let organ = seat.map(|organ| context.registry.organ_name(&organ).to_owned());
    let by_form = who::actor_post(context)
        .is_some_and(|post| step.entered_by.contains(&post.kind) && draft.state.involves(&post.organ));
    StepOption {
        step: step.id.clone(),
        title: step.title.clone(),
        who: who::posts_text(step, law),
        organ,
        authority: step.authority.clone(),
        refusals: draft.refusals,
        mine,
        by_form,
    }
}

fn generic_options(
    law: &Law,
    state: &MatterState,
    context: &Context<'_>,
    procedure: &Arc<crate::procedure::Checked>,
) -> Vec<StepOption> {
    let Some(post) = who::actor_post(context).filter(|post| state.involves(&post.organ)) else { return Vec::new() };
    Generic::ALL
        .into_iter()
        .filter_map(|generic| Some((generic, procedure.generic.get(&generic)?)))
        .filter(|(_, rule)| rule.by.contains(&post.kind))
        .filter(|(generic, _)| {
            *generic != Generic::Explain || state.clocks.iter().any(|run| run.overran(context.calendar))
        })
        .map(|(generic, rule)| StepOption {
            step: generic.step(),
            title: generic.chinese().to_owned(),
            who: rule.by.iter().map(|kind| law.posts.title(kind)).collect::<Vec<_>>().join("、"),
            organ: None,
            authority: rule.basis.clone(),
            refusals: Refusals::default(),
            mine: true,
            by_form: false,
        })
        .collect()
}

impl Draft {
    /// A draft that begins with a state as it stands.
    pub(super) fn look(state: &MatterState, procedure: &Arc<crate::procedure::Checked>) -> Self {
        Self {
            state: state.clone(),
            procedure: Arc::clone(procedure),
            events: Vec::new(),
            sealed: Vec::new(),
            refusals: Refusals::default(),
            query_code: None,
        }
    }
}

/// Who is waited for: organ and kind of post of every step that the states allow now, and the person if only they may
/// act. Steps that remain possible after a track has ended are no open work.
pub fn waiting(
    procedure: &crate::procedure::Procedure,
    state: &MatterState,
    registry: &crate::authority::Registry,
) -> Vec<Waiting> {
    let mut waiting: Vec<Waiting> = Vec::new();
    if state.closed || procedure.shape == crate::procedure::Shape::Register {
        return waiting;
    }
    for step in &procedure.steps {
        let organ = || match &step.at {
            crate::procedure::Seat::Holding | crate::procedure::Seat::Own => Some(state.organ.clone()),
            crate::procedure::Seat::Parent => registry.organ(state.organ.as_str())?.parent.clone(),
            crate::procedure::Seat::Function(function) => registry.organ_with(function).map(|organ| organ.code.clone()),
            crate::procedure::Seat::Field(field) => {
                state.fact(field.as_str()).and_then(super::event::Fact::code).map(Into::into)
            }
        };
        let Some(organ) = is_awaited(procedure, step, state).then(organ).flatten() else { continue };
        let person = step.assigned_only.then_some(state.deputy.or(state.assigned)).flatten();
        for performer in &step.by {
            let Performer::Post(post_kind) = performer else { continue };
            match waiting.iter_mut().find(|known| known.organ == organ && known.post_kind == *post_kind) {
                // Open to the whole post as soon as one of its steps is.
                Some(known) if person.is_none() => known.person = None,
                Some(_) => {}
                None => waiting.push(Waiting { organ: organ.clone(), post_kind: post_kind.clone(), person }),
            }
        }
    }
    waiting
}

/// Whether an organ that the matter was handed to has yet to make a matter of its own of it. It waits for that even where the matter
/// has ended for the organ that handed over.
fn is_handed_over(step: &crate::procedure::Step, state: &MatterState) -> bool {
    let crate::procedure::Seat::Field(field) = &step.at else { return false };
    let takes = step.opens.iter().any(|opens| opens.item.take.is_some());
    let there = || state.track(step.track.as_str()).is_some_and(|now| step.from.contains(now));
    takes && there() && state.fact(field.as_str()).is_some() && !state.has_done(step.id.as_str())
}

/// Whether the law waits for a step as the matter stands: it was handed over to whoever takes it, or it may be taken now, its part of the matter has not ended, and it is neither a
/// way out that may be taken as well nor the repetition of what has been done.
#[must_use]
pub fn is_awaited(procedure: &crate::procedure::Procedure, step: &crate::procedure::Step, state: &MatterState) -> bool {
    is_handed_over(step, state)
        || state.track(step.track.as_str()).is_some_and(|now| {
            let ended = procedure.state(step.track.as_str(), now.as_str()).is_some_and(|known| known.end);
            step.from.contains(now) && !ended && !step.optional && !step.optional_in.contains(now)
        })
}

/// A post that is waited for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// In which organ.
    pub organ: crate::id::OrganCode,
    /// Of which kind.
    pub post_kind: crate::id::PostKind,
    /// Only this person, if set.
    pub person: Option<crate::id::PersonId>,
}
