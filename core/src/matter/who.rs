//! Whether this person, in this post, in this organ, may take this step: 法无授权不可为.

use super::command::{Actor, Command, Decider, Manner};
use super::decide::{Context, Draft, Scene};
use crate::authority::{CredentialProblem, Post};
use crate::basis::Basis;
use crate::day::Day;
use crate::id::{OrganCode, PersonId, PostKind};
use crate::law::Law;
use crate::matter::event::Fact;
use crate::matter::state::{MatterState, StepDone};
use crate::procedure::words::RESPONSIBLE;
use crate::procedure::{NotBy, Performer, Procedure, Seat, Step, StepKind};
use crate::refusal::engine;

/// The post an actor acts in, if they hold it.
pub(super) fn actor_post<'a>(context: &'a Context<'_>) -> Option<&'a Post> {
    let Actor::Staff { person, post } = &context.actor else { return None };
    context.registry.post(*post).filter(|held| held.person == *person && held.held_on(context.today))
}

/// The organ that a seat means for a matter.
pub(super) fn seat_organ(seat: &Seat, draft: &Draft, context: &Context<'_>) -> Option<OrganCode> {
    match seat {
        Seat::Holding => Some(draft.state.organ.clone()),
        Seat::Own => actor_post(context).map(|post| post.organ.clone()),
        Seat::Parent => context.registry.organ(draft.state.organ.as_str())?.parent.clone(),
        Seat::Function(function) => context.registry.organ_with(function).map(|organ| organ.code.clone()),
        Seat::Field(field) => match draft.state.fact(field.as_str())? {
            Fact::Code(code) => Some(OrganCode::from(code.as_str())),
            _ => None,
        },
    }
}

/// The organ itself, or the nearest one above it that may hold matters of the procedure: a team acts as the organ that it is
/// part of (局队合一; 行政处罚法§24).
pub(super) fn able_to_hold(organ: OrganCode, procedure: &Procedure, context: &Context<'_>) -> OrganCode {
    let known = context.registry.organ(organ.as_str());
    let never = known.filter(|known| procedure.never_held_by.iter().any(|kind| kind.as_str() == known.kind));
    never.and_then(|team| team.parent.clone()).unwrap_or(organ)
}

/// The actor as the one who decides.
pub(super) fn acting(context: &Context<'_>) -> Decider {
    match &context.actor {
        Actor::Staff { person, .. } => Decider::Person(*person),
        Actor::Citizen => Decider::Citizen,
        Actor::System | Actor::Founder => Decider::System,
    }
}

/// Who decided, by the manner of the command.
pub(super) fn decider(command: &Command, context: &Context<'_>) -> Decider {
    let own = acting(context);
    match &command.manner {
        Manner::Live => own,
        Manner::SignedForm { decided_by, .. } => decided_by.clone(),
        Manner::Late { decided_by, .. } | Manner::Imported { decided_by, .. } => decided_by.clone().unwrap_or(own),
    }
}

/// Checks the actor (and, for a form, the decider) and notes every objection.
pub(super) fn check(step: &Step, command: &Command, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    match (&context.actor, &command.manner) {
        (Actor::Founder, _) => {}
        (Actor::System, _) => require_kind(step, &Performer::System, draft, law),
        (Actor::Citizen, _) => require_kind(step, &Performer::Citizen, draft, law),
        (Actor::Staff { .. }, Manner::Live) => check_staff(step, draft, law, context),
        (Actor::Staff { .. }, _) => check_form(step, command, draft, law, context),
    }
}

fn require_kind(step: &Step, performer: &Performer, draft: &mut Draft, law: &Law) {
    if !step.by.contains(performer) {
        draft.refuse(law.refusals.refuse(
            engine::WRONG_POST,
            Some(step.authority.clone()),
            &[("step", &step.title), ("who", &posts_text(step, law))],
        ));
    }
}

/// The posts that may take a step, as a sentence part.
pub(super) fn posts_text(step: &Step, law: &Law) -> String {
    let names: Vec<&str> = step
        .by
        .iter()
        .map(|performer| match performer {
            Performer::Post(kind) => law.posts.title(kind),
            Performer::Citizen => "当事人（群众端）",
            Performer::System => "系统（期限届满时）",
        })
        .collect();
    names.join("、")
}

fn check_staff(step: &Step, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let Some(post) = actor_post(context) else {
        draft.refuse(law.refusals.refuse(engine::POST_NOT_HELD, None, &[]));
        return;
    };
    let (kind, organ, person) = (post.kind.clone(), post.organ.clone(), post.person);
    check_post(step, &kind, draft, law);
    check_organ(step, &organ, draft, law, context);
    let responsible = draft.state.deputy.or(draft.state.assigned);
    if step.assigned_only && responsible.is_some_and(|responsible| responsible != person) {
        let name = responsible.map(|id| context.registry.person_name(id).to_owned()).unwrap_or_default();
        draft.refuse(law.refusals.refuse(engine::NOT_ASSIGNED, None, &[("name", &name), ("step", &step.title)]));
    }
}

fn check_post(step: &Step, kind: &PostKind, draft: &mut Draft, law: &Law) {
    if !step.by.iter().any(|performer| matches!(performer, Performer::Post(known) if known == kind)) {
        let with = [("step", step.title.as_str()), ("who", &posts_text(step, law)), ("post", law.posts.title(kind))];
        draft.refuse(law.refusals.refuse(engine::WRONG_POST, Some(step.authority.clone()), &with));
    }
}

/// Whether an organ takes the step in the name of another: a team of that organ (局队合一, 赋权), or the body that it entrusts with
/// what the step's power covers (委托). Evidence and service are theirs; what the head approves stays with the organ.
fn acts_for(organ: &OrganCode, right: &OrganCode, step: &Step, draft: &Draft, context: &Context<'_>) -> bool {
    let body = step.power.as_ref().and_then(|needed| needed.body.as_ref());
    let entrusted =
        || body.and_then(|field| draft.state.fact(field.as_str())?.code()).is_some_and(|body| body == organ.as_str());
    *right == draft.state.organ
        && (step.officers.is_some() || step.kind == StepKind::Service)
        && (able_to_hold(organ.clone(), &draft.procedure, context) == *right || entrusted())
}

fn check_organ(step: &Step, organ: &OrganCode, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    match seat_organ(&step.at, draft, context) {
        Some(right) if right == *organ || acts_for(organ, &right, step, draft, context) => {}
        Some(right) => {
            let with = [("step", step.title.as_str()), ("organ", context.registry.organ_name(&right))];
            draft.refuse(law.refusals.refuse(engine::WRONG_ORGAN, Some(step.authority.clone()), &with));
        }
        None => draft.refuse(law.refusals.refuse(engine::ORGAN_MISSING, None, &[("step", &step.title)])),
    }
}

/// A form may be entered by a clerk named in the definition or by whoever could take the step themselves; the
/// decider named on it must have held a fitting post on the day.
fn check_form(step: &Step, command: &Command, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let Some(post) = actor_post(context) else {
        draft.refuse(law.refusals.refuse(engine::POST_NOT_HELD, None, &[]));
        return;
    };
    let may_take = step.by.iter().any(|performer| matches!(performer, Performer::Post(kind) if *kind == post.kind));
    let involved = draft.state.involves(&post.organ)
        || seat_organ(&step.at, draft, context).is_some_and(|organ| organ == post.organ);
    if !involved || !(may_take || step.entered_by.contains(&post.kind)) {
        draft.refuse(law.refusals.refuse(engine::FORM_NOT_YOURS, None, &[("step", &step.title)]));
    }
    let (decided_by, day, original) = match &command.manner {
        Manner::Live => return,
        Manner::SignedForm { decided_by, day, original } => (Some(decided_by), *day, original.is_some()),
        Manner::Late { decided_by, day, original, .. } => (decided_by.as_ref(), *day, original.is_some()),
        Manner::Imported { decided_by, day, .. } => (decided_by.as_ref(), *day, true),
    };
    if !original {
        draft.refuse(law.refusals.refuse(engine::ORIGINAL_MISSING, None, &[("step", &step.title)]));
    }
    check_decider(step, decided_by, day, draft, law, context);
}

fn check_decider(
    step: &Step,
    decided_by: Option<&Decider>,
    day: Day,
    draft: &mut Draft,
    law: &Law,
    context: &Context<'_>,
) {
    let fits = match decided_by {
        Some(Decider::Meeting(name)) => step.meeting && !name.trim().is_empty(),
        Some(Decider::Person(person)) => {
            let organ = seat_organ(&step.at, draft, context);
            context.registry.posts_of(*person, day).any(|post| {
                step.by.iter().any(|performer| matches!(performer, Performer::Post(kind) if *kind == post.kind))
                    && organ
                        .as_ref()
                        .is_none_or(|organ| *organ == post.organ || acts_for(&post.organ, organ, step, draft, context))
            })
        }
        Some(Decider::Citizen) => step.by.contains(&Performer::Citizen),
        Some(Decider::System) | None => false,
    };
    if !fits {
        let name = match decided_by {
            Some(Decider::Person(person)) => context.registry.person_name(*person).to_owned(),
            Some(Decider::Meeting(name)) => name.clone(),
            _ => "（未填写）".to_owned(),
        };
        let with = [("name", name.as_str()), ("who", &posts_text(step, law)), ("day", &day.chinese())];
        draft.refuse(law.refusals.refuse(engine::DECIDER_WITHOUT_POST, Some(step.authority.clone()), &with));
    }
}

/// Whether a person did what must be done by somebody else, in the matter that is meant.
fn has_done(not: &NotBy, person: PersonId, of: &MatterState) -> bool {
    if not.is_responsible() {
        return of.was_responsible(person);
    }
    let by = |done: &StepDone| done.decided_by == Decider::Person(person) || done.officers.contains(&person);
    of.done.iter().any(|done| done.step == not.step && !done.withdrawn && by(done))
}

/// What they did, in the words of the definition where they did it.
pub(super) fn title_before<'a>(not: &'a NotBy, definition: Option<&'a Procedure>) -> &'a str {
    if not.is_responsible() {
        return RESPONSIBLE;
    }
    definition.and_then(|known| known.step(not.step.as_str())).map_or(not.step.as_str(), |step| &step.title)
}

/// Whether a step may not be taken by a person, for what they did in this matter (none yet) or in the one that opened it.
pub fn kept_from(step: &Step, person: PersonId, state: Option<&MatterState>, parent: Option<&MatterState>) -> bool {
    let of = |not: &NotBy| if not.of_parent { parent } else { state };
    step.not_by.iter().any(|not| of(not).is_some_and(|of| has_done(not, person, of)))
}

/// What keeps a person from being responsible for a matter that another one opened: they did there what some step here
/// asks of somebody else. A reviewer who may not review is not appointed in the first place.
pub fn kept_from_all<'a>(procedure: &'a Procedure, person: PersonId, parent: &MatterState) -> Option<&'a NotBy> {
    let all = procedure.steps.iter().flat_map(|step| &step.not_by);
    all.into_iter().find(|not| not.of_parent && has_done(not, person, parent))
}

/// What keeps a person from being responsible for a matter that opened another: there they took a step, or are to take it, that asks
/// for somebody who is not responsible here. The article, and what they did or are.
pub fn judged<'a>(definition: &'a Procedure, person: PersonId, child: &MatterState) -> Option<(&'a Basis, &'a str)> {
    let apart = |step: &'a Step| {
        let not = step.not_by.iter().find(|not| not.of_parent && not.is_responsible())?;
        Some((step, &not.basis))
    };
    let by = |done: &StepDone| done.decided_by == Decider::Person(person) || done.officers.contains(&person);
    let did = |step: &Step| child.done.iter().any(|done| done.step == step.id && !done.withdrawn && by(done));
    let mut steps = definition.steps.iter().filter_map(apart);
    let first = steps.clone().next()?;
    if let Some((step, basis)) = steps.find(|(step, _)| did(step)) {
        return Some((basis, &step.title));
    }
    let running = child.ended.is_none() && !child.closed;
    (running && child.assigned == Some(person)).then_some((first.1, definition.title.as_str()))
}

/// Separation of duties is checked on who decided and who was present, never on who typed; where the definition says
/// so, also against the matter that opened this one.
pub(super) fn check_different_persons(
    step: &Step,
    decider: &Decider,
    officers: &[PersonId],
    draft: &mut Draft,
    scene: Scene<'_>,
) {
    let Scene { law, matters, context, .. } = scene;
    let Decider::Person(person) = decider else { return };
    let parent = draft.state.parent.and_then(|id| matters.get(&id));
    let mut told: Vec<PersonId> = Vec::new();
    for not in &step.not_by {
        let Some(of) = (if not.of_parent { parent } else { Some(&draft.state) }) else { continue };
        let Some(same) = std::iter::once(person).chain(officers).find(|id| has_done(not, **id, of)).copied() else {
            continue;
        };
        // One reason is enough to send somebody else.
        if told.contains(&same) {
            continue;
        }
        told.push(same);
        let definition = law.by_digest(&of.definition);
        let earlier = title_before(not, definition.map(|known| &***known));
        let with = [("name", context.registry.person_name(same)), ("earlier", earlier), ("step", &step.title)];
        draft.refuse(law.refusals.refuse(engine::SAME_PERSON, Some(not.basis.clone()), &with));
    }
}

/// Officers present: enough of them, each with a certificate valid on the day for the field of law (行政处罚法§42).
pub(super) fn check_officers(
    step: &Step,
    officers: &[PersonId],
    day: Day,
    draft: &mut Draft,
    law: &Law,
    context: &Context<'_>,
) {
    let Some(needed) = &step.officers else { return };
    let basis = || Some(needed.basis.clone());
    if officers.len() < usize::from(needed.min) {
        // Officers carry a certificate for a field; others stand in a register.
        let register = law.newest(needed.credential.as_str()).map_or("", |register| register.title.as_str());
        let who = if needed.domain.is_some() {
            "持证执法人员".to_owned()
        } else {
            format!("“{register}”在册的人员")
        };
        let (min, count) = (needed.min.to_string(), officers.len().to_string());
        let with = [("step", step.title.as_str()), ("who", &who), ("min", &min), ("count", &count)];
        draft.refuse(law.refusals.refuse(engine::OFFICERS_TOO_FEW, basis(), &with));
    }
    check_certificates(step, officers, day, draft, law, context);
}

/// The certificates of officers, however many there are: also asked before a form is opened, of the one who opens it.
pub(super) fn check_certificates(
    step: &Step,
    officers: &[PersonId],
    day: Day,
    draft: &mut Draft,
    law: &Law,
    context: &Context<'_>,
) {
    let Some(needed) = &step.officers else { return };
    let basis = || Some(needed.basis.clone());
    let domain = needed
        .domain
        .as_ref()
        .and_then(|field| draft.state.fact(field.as_str()))
        .and_then(Fact::code)
        .map(str::to_owned);
    for officer in officers {
        let Err(problem) = context.registry.credential(*officer, &needed.credential, domain.as_deref(), day) else {
            continue;
        };
        let name = context.registry.person_name(*officer);
        let refusal = match problem {
            CredentialProblem::Missing => law.refusals.refuse(engine::CERTIFICATE_MISSING, basis(), &[("name", name)]),
            CredentialProblem::NotInForce(ended) => {
                let when = ended.map_or("尚未生效".to_owned(), |day| format!("有效期至{}", day.chinese()));
                law.refusals.refuse(engine::CERTIFICATE_EXPIRED, basis(), &[("name", name), ("when", &when)])
            }
            CredentialProblem::OtherDomain => {
                law.refusals.refuse(engine::CERTIFICATE_DOMAIN, basis(), &[("name", name)])
            }
        };
        draft.refuse(refusal);
    }
}
