//! The acts every procedure inherits: 更正, 作废, 并案, 转办, 代理, 催办, 撤回, 补充材料; and the system's note that a clock
//! has expired. Each needs a reason and its own authority; none rewrites what stands in the record.

use super::command::{Actor, Command, Decider, Manner};
use super::decide::{Context, Decision, Draft, Matters};
use super::event::{Event, ManneredAs, SealedClass, Taken};
use super::state::{MatterState, StepDone};
use super::{effects, input, who};
use crate::basis::{Basis, Grade};
use crate::id::{ClockId, FieldId, StepId};
use crate::law::Law;
use crate::procedure::{Clock, Generic, GenericRule, StepKind, Suspends};
use crate::refusal::{Refusals, engine};

/// Decides a generic act.
pub(super) fn decide(
    generic: Generic,
    command: &Command,
    draft: &mut Draft,
    law: &Law,
    matters: &Matters,
    context: &Context<'_>,
) -> Result<(), Refusals> {
    let rule = draft.procedure.generic.get(&generic).cloned();
    let again = generic == Generic::Correct && comes_again(command, &draft.state);
    check_actor(generic, rule.as_ref(), draft, law, (context, again));
    let reason = command.input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_none() && !matches!(generic, Generic::Attach | Generic::Urge) {
        draft.refuse(law.refusals.refuse(engine::REASON_MISSING, None, &[]));
    }
    let basis = rule.as_ref().map_or_else(
        || Basis { grade: Grade::Internal, source: generic.chinese().to_owned(), article: None },
        |rule| rule.basis.clone(),
    );
    if matches!(generic, Generic::Void | Generic::Merge) {
        check_open(draft, law);
    }
    let done = rule.as_ref().and_then(|rule| rule.not_after.iter().find(|step| draft.state.has_done(step.as_str())));
    if let Some(title) = done.map(|step| title_of(step, draft)) {
        let with = [("step", title.as_str()), ("act", generic.chinese())];
        draft.refuse(law.refusals.refuse(engine::GENERIC_TOO_LATE, None, &with));
    }
    let before = draft.events.len();
    match generic {
        Generic::Correct => correct(command, draft, law, context),
        Generic::Void => {
            draft.emit(Event::Voided(context.today));
            effects::tell_parent_of_void(matters, draft);
        }
        Generic::Merge => merge(command, draft, law, matters, context),
        Generic::Reassign | Generic::Deputise => assign(generic, command, draft, (law, matters), context),
        Generic::Urge => draft.emit(Event::Urged(context.today)),
        Generic::Withdraw => withdraw(draft, law, context),
        Generic::Attach => attach(command, draft, law),
        Generic::Explain => explain(draft, law, context),
    }
    if !draft.refusals.is_empty() {
        return Err(std::mem::take(&mut draft.refusals));
    }
    let taken = Event::Taken(Taken {
        step: generic.step(),
        kind: StepKind::Internal,
        // These acts are taken by whoever enters them, today: no form speaks for somebody else.
        decided_by: who::acting(context),
        in_name_of: None,
        officers: Vec::new(),
        manner: if again { ManneredAs::Imported } else { ManneredAs::Live },
        day: context.today,
        original: None,
        authority: basis,
    });
    draft.state.apply(&taken);
    draft.events.insert(before, (draft.state.id, taken));
    if let Some(reason) = reason {
        draft.emit(Event::Reasoned(generic.step()));
        let label = format!("reason.{}", draft.state.done.len());
        draft.seal(label, SealedClass::Text, reason.to_owned());
    }
    Ok(())
}

/// Whether another system, from which the matter came, says something otherwise by now, and nothing was done with it here since.
fn comes_again(command: &Command, state: &MatterState) -> bool {
    let Manner::Imported { system, .. } = &command.manner else { return false };
    let from_there = state.external.iter().any(|external| external.system == *system);
    from_there && state.done.iter().skip(1).all(|done| done.withdrawn || Generic::of(&done.step).is_some())
}

fn check_actor(
    generic: Generic,
    rule: Option<&GenericRule>,
    draft: &mut Draft,
    law: &Law,
    (context, again): (&Context<'_>, bool),
) {
    let Some(post) = who::actor_post(context) else {
        draft.refuse(law.refusals.refuse(engine::POST_NOT_HELD, None, &[]));
        return;
    };
    let who: Vec<&str> =
        rule.map(|rule| rule.by.iter().map(|kind| law.posts.title(kind)).collect()).unwrap_or_default();
    let with = [("step", generic.chinese()), ("who", &who.join("、")), ("post", law.posts.title(&post.kind))];
    let may = |rule: &GenericRule| rule.by.contains(&post.kind) || (again && rule.imported_by.contains(&post.kind));
    if !rule.is_some_and(may) {
        draft.refuse(law.refusals.refuse(engine::WRONG_POST, None, &with));
    }
    if !draft.state.involves(&post.organ) {
        let with = [("step", generic.chinese()), ("organ", context.registry.organ_name(&draft.state.organ))];
        draft.refuse(law.refusals.refuse(engine::WRONG_ORGAN, None, &with));
    }
}

/// Only what was opened in error is voided or merged: not what the public was shown, nor what was decided.
fn check_open(draft: &mut Draft, law: &Law) {
    if draft.state.disclosures.iter().any(|run| run.made.is_some() && run.withdrawn.is_none()) {
        draft.refuse(law.refusals.refuse(engine::VOID_PUBLISHED, None, &[]));
    }
    let ended = draft.state.ended.is_some();
    let decides = |kind: StepKind| match kind {
        StepKind::DecisionAdverse | StepKind::DecisionFavourable => true,
        StepKind::Settlement => ended,
        _ => false,
    };
    if draft.state.done.iter().any(|done| !done.withdrawn && decides(done.kind)) {
        draft.refuse(law.refusals.refuse(engine::VOID_DECIDED, None, &[]));
    }
}

/// Any field may be corrected; the old entry stays in the record and this one says why.
fn correct(command: &Command, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let before = draft.events.len();
    for (id, values) in &command.input.fields {
        let made = draft.procedure.fields.get(id).is_some_and(|field| field.made);
        if made && !command.input.worked_out.contains(id) {
            draft.refuse(law.refusals.at_field(engine::FIELD_MADE, id, &[("field", id.as_str())]));
            continue;
        }
        if let Some(title) = fixed_by(id, draft) {
            draft.refuse(law.refusals.at_field(engine::FIELD_FIXED, id, &[("field", id.as_str()), ("step", &title)]));
            continue;
        }
        let settled = draft.procedure.fields.get(id).and_then(|field| field.settled_by.clone());
        if let Some(step) = settled.filter(|step| draft.state.has_done(step.as_str())) {
            let with = [("field", id.as_str()), ("step", &title_of(&step, draft))];
            draft.refuse(law.refusals.at_field(engine::FIELD_SETTLED, id, &with));
            continue;
        }
        input::read_field(id, values, draft, law, context);
    }
    super::clocks::follow_fields(draft, context);
    if draft.events.len() == before && draft.refusals.is_empty() {
        draft.refuse(law.refusals.refuse(engine::FIELD_REQUIRED, None, &[("field", "更正的内容")]));
    }
}

fn title_of(step: &StepId, draft: &Draft) -> String {
    draft.procedure.step(step.as_str()).map_or_else(|| step.to_string(), |step| step.title.clone())
}

/// The step that put a field into an instrument that has gone out: what was issued is corrected by a new instrument.
fn fixed_by(id: &FieldId, draft: &Draft) -> Option<String> {
    draft.procedure.steps.iter().find_map(|step| {
        let fills = step.fill.iter().any(|when| when.item == *id) || step.may_fill.contains(id);
        (fills && !step.issues.is_empty() && draft.state.has_done(step.id.as_str())).then(|| step.title.clone())
    })
}

fn merge(command: &Command, draft: &mut Draft, law: &Law, matters: &Matters, context: &Context<'_>) {
    let fits =
        |state: &MatterState| state.id != draft.state.id && !state.closed && state.procedure == draft.state.procedure;
    match command.input.merge_into.and_then(|id| matters.get(&id)).filter(|state| fits(state)) {
        Some(state) => {
            draft.emit(Event::Merged(state.id, context.today));
            effects::tell_parent_of_merger(matters, draft);
        }
        None => draft.refuse(law.refusals.refuse(engine::MERGE_UNFIT, None, &[])),
    }
}

fn assign(
    generic: Generic,
    command: &Command,
    draft: &mut Draft,
    (law, matters): (&Law, &Matters),
    context: &Context<'_>,
) {
    let Some(person) = command.input.assignee else {
        draft.refuse(law.refusals.refuse(engine::ASSIGNEE_MISSING, None, &[("step", generic.chinese())]));
        return;
    };
    if let Some(unfit) = effects::unfit(person, generic.chinese(), draft, law, matters, context) {
        draft.refuse(unfit);
        return;
    }
    draft.emit(if generic == Generic::Reassign { Event::Assigned(person) } else { Event::Deputised(person) });
}

fn attach(command: &Command, draft: &mut Draft, law: &Law) {
    if command.input.evidence.is_empty() {
        draft.refuse(law.refusals.refuse(
            engine::EVIDENCE_MISSING,
            None,
            &[("evidence", "材料"), ("step", Generic::Attach.chinese())],
        ));
    }
    for evidence in &command.input.evidence {
        input::attach(evidence, draft, law);
    }
}

/// There must be something to explain; the reason itself is what the parties read.
fn explain(draft: &mut Draft, law: &Law, context: &Context<'_>) {
    if !draft.state.clocks.iter().any(|run| run.overran(context.calendar)) {
        draft.refuse(law.refusals.refuse(engine::NOTHING_TO_EXPLAIN, None, &[]));
    }
}

/// One's own last step, while nothing has gone out: no instrument, no disclosure, no linked matter, no end.
fn withdraw(draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let own = match &context.actor {
        Actor::Staff { person, .. } => Decider::Person(*person),
        Actor::Citizen | Actor::System | Actor::Founder => return,
    };
    let procedure = std::sync::Arc::clone(&draft.procedure);
    let last: Option<StepDone> =
        draft.state.done.iter().rev().find(|done| Generic::of(&done.step).is_none() && !done.withdrawn).cloned();
    let free = |done: &StepDone| {
        procedure.step(done.step.as_str()).is_some_and(|step| {
            !step.from.is_empty()
                && step.issues.is_empty()
                && step.discloses.is_empty()
                && step.owes.is_empty()
                && step.withdraws.is_empty()
                && step.opens.is_empty()
                && step.outcome.is_none()
        }) && !procedure.clocks.iter().any(|clock| moved(clock, &done.step, &draft.state))
    };
    let Some(done) = last.filter(|done| done.decided_by == own && free(done)) else {
        draft.refuse(law.refusals.refuse(engine::NOTHING_TO_WITHDRAW, None, &[]));
        return;
    };
    draft.emit(Event::Withdrawn(done.step.clone()));
    for (track, state) in done.before {
        if draft.state.track(track.as_str()) != Some(&state) {
            draft.emit(Event::Entered(track, state, context.today));
        }
    }
    for clock in &procedure.clocks {
        if clock.starts.contains(&done.step) || clock.restarts.contains(&done.step) {
            draft.emit(Event::ClockStopped(clock.id.clone(), context.today));
        } else if clock.stops.contains(&done.step) && ran(clock, draft) {
            draft.emit(Event::ClockReopened(clock.id.clone()));
        }
    }
}

/// Whether a step suspended, resumed or extended a clock: the days that were left out or added stay, so the step does.
fn moved(clock: &Clock, step: &StepId, state: &MatterState) -> bool {
    let Some(run) = state.clock(clock.id.as_str()) else { return false };
    let interval = |left_out: &Suspends| {
        (left_out.from == *step && run.suspended())
            || (left_out.until == *step && !run.suspended() && !run.exclusions.is_empty())
    };
    clock.suspends.iter().any(interval) || clock.extends.iter().any(|extends| extends.step == *step)
}

/// Whether a clock ran before the step that has just been withdrawn: one that an earlier step had stopped stays so.
fn ran(clock: &Clock, draft: &Draft) -> bool {
    let begins = |step: &StepId| clock.starts.contains(step) || clock.restarts.contains(step);
    let mut moves = draft.state.done.iter().rev().filter(|done| !done.withdrawn).map(|done| &done.step);
    moves.find(|step| begins(step) || clock.stops.contains(step)).is_some_and(begins)
}

/// 岗位移交: whoever ends a post passes its open work on, without seeing what it is about. The actor's post must be one
/// that administers posts; the successor must be able to be responsible for this matter.
pub fn hand_over(
    law: &Law,
    state: &MatterState,
    matters: &Matters,
    to: crate::id::PersonId,
    reason: &str,
    context: &Context<'_>,
) -> Result<Decision, Refusals> {
    let mut refusals = Refusals::default();
    let administers =
        |post: &crate::authority::Post| law.posts.get(post.kind.as_str()).is_some_and(|kind| kind.administers);
    let Some(procedure) = law.by_digest(&state.definition) else {
        refusals.push(law.refusals.refuse(engine::NOT_IN_FORCE, None, &[("day", &context.today.chinese())]));
        return Err(refusals);
    };
    if !who::actor_post(context).is_some_and(administers) {
        let with = [("step", "岗位移交"), ("who", "系统管理员")];
        refusals.push(law.refusals.refuse(engine::WRONG_POST, None, &with));
    }
    let mut draft = Draft::look(state, procedure);
    if let Some(unfit) = effects::unfit(to, "岗位移交", &draft, law, matters, context) {
        refusals.push(unfit);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        refusals.push(law.refusals.refuse(engine::REASON_MISSING, None, &[]));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    draft.emit(Event::Taken(Taken {
        step: Generic::Reassign.step(),
        kind: StepKind::Internal,
        decided_by: who::acting(context),
        in_name_of: None,
        officers: Vec::new(),
        manner: ManneredAs::Live,
        day: context.today,
        original: None,
        authority: Basis { grade: Grade::Internal, source: "离任移交未办结事项".to_owned(), article: None },
    }));
    draft.emit(Event::Assigned(to));
    draft.emit(Event::Reasoned(Generic::Reassign.step()));
    draft.seal(format!("reason.{}", draft.state.done.len()), SealedClass::Text, reason.to_owned());
    Ok(Decision {
        matter: state.id,
        day: context.today,
        events: draft.events,
        sealed: draft.sealed,
        noted: Refusals::default(),
        query_code: None,
    })
}

/// The system notes that a running maximum or window has passed: flagged with its article. A step that the law attaches
/// to the expiry is a command of its own, taken by [`Actor::System`].
pub fn expire(law: &Law, state: &MatterState, clock: &ClockId, context: &Context<'_>) -> Option<Decision> {
    let run = state.clock(clock.as_str()).filter(|run| run.runs())?;
    let due = run.due(context.calendar).certain()?;
    if context.today <= due || state.closed {
        return None;
    }
    law.by_digest(&state.definition)?;
    let mut events = vec![(state.id, Event::ClockExpired(clock.clone(), due))];
    if run.limit.kind == crate::clock::LimitKind::Maximum {
        events.push((state.id, Event::Flagged(engine::OVERDUE.into(), Some(run.basis.clone()), None::<StepId>)));
    }
    Some(Decision {
        matter: state.id,
        day: context.today,
        events,
        sealed: Vec::new(),
        noted: Refusals::default(),
        query_code: None,
    })
}
