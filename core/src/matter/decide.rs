//! The one decision of the engine: a command against a matter, under a definition, by someone, on a day.
//!
//! Pure: what the world knows comes in through [`Context`] and [`Supply`]; what happens goes out as events.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{Actor, Command, Decider, Manner, Target};
use super::effects;
use super::evaluate::{View, applies};
use super::event::{Event, ManneredAs, Parent, Sealed, SealedClass, Taken};
use super::state::MatterState;
use super::{alike, apart, clocks, erase, generic, guards, input, numbers, power, scores, who};
use crate::authority::Registry;
use crate::calendar::Calendar;
use crate::day::{Day, Moment};
use crate::id::{FieldId, InstrumentId, MatterId, OrganCode, PersonId, RefusalCode};
use crate::law::Law;
use crate::procedure::{Checked, Generic, Seat, Step};
use crate::refusal::{Refusal, Refusals, engine};

/// A gapless series of numbers: organ, instrument, year.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SeriesKey {
    /// Whose.
    pub organ: OrganCode,
    /// Of what.
    pub instrument: InstrumentId,
    /// In which year.
    pub year: i16,
}

/// What only the writer can give: fresh identities and the last number of a series.
pub trait Supply {
    /// A fresh, unguessable identity.
    fn fresh_id(&mut self) -> MatterId;
    /// The last number issued in a series; 0 if none.
    fn last_number(&mut self, series: &SeriesKey) -> u32;
    /// The matter that was entered with the same key, see [`super::alike_key`]; where nothing is kept, none.
    fn alike(&mut self, _key: &str) -> Option<Found> {
        None
    }
}

/// A matter that looks like the one being entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Which.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// Who holds it.
    pub organ: OrganCode,
}

/// What the world knows when the command is decided.
pub struct Context<'a> {
    /// Who acts.
    pub actor: Actor,
    /// The county's day.
    pub today: Day,
    /// The moment of recording.
    pub now: Moment,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Organs, people, posts, certificates.
    pub registry: &'a Registry,
}

/// Where a step is taken: the law, the matters in sight, the context and the legal day.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub law: &'a Law,
    pub matters: &'a Matters,
    pub context: &'a Context<'a>,
    pub day: Day,
}

/// The matters that the command may look at: the acted-on one, its parent and its links.
pub type Matters = BTreeMap<MatterId, MatterState>;

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The acted-on matter (new or existing).
    pub matter: MatterId,
    /// The legal day.
    pub day: Day,
    /// Events, in order, each with its matter.
    pub events: Vec<(MatterId, Event)>,
    /// Sealed values.
    pub sealed: Vec<Sealed>,
    /// Warnings of grade 内控 and defects that were recorded instead of refused.
    pub noted: Refusals,
    /// The code with which a citizen can track a new matter.
    pub query_code: Option<String>,
}

/// The act as it grows: the matter's state with the events so far, and objections.
pub(super) struct Draft {
    pub state: MatterState,
    pub procedure: Arc<Checked>,
    pub events: Vec<(MatterId, Event)>,
    pub sealed: Vec<Sealed>,
    pub refusals: Refusals,
    pub query_code: Option<String>,
}

impl Draft {
    pub(super) fn emit(&mut self, event: Event) {
        self.state.apply(&event);
        self.events.push((self.state.id, event));
    }

    pub(super) fn seal(&mut self, label: String, class: SealedClass, value: String) {
        self.emit(Event::SealedSet(label.clone()));
        self.sealed.push(Sealed { matter: self.state.id, label, class, value });
    }

    /// Removes a sealed value: an empty one stands under its label from now on.
    pub(super) fn unseal(&mut self, label: String) {
        self.emit(Event::SealedCleared(label.clone()));
        self.sealed.push(Sealed { matter: self.state.id, label, class: SealedClass::Text, value: String::new() });
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    pub(super) fn refused_at(&self, field: &FieldId) -> bool {
        self.refusals.iter().any(|refusal| refusal.field.as_ref() == Some(field))
    }

    pub(super) fn view<'a>(&'a self, law: &'a Law, context: &'a Context<'_>, day: Day) -> View<'a> {
        View {
            procedure: &self.procedure,
            state: &self.state,
            law,
            registry: context.registry,
            calendar: context.calendar,
            day,
        }
    }
}

/// Decides a command. `Err` holds every reason why not, in the catalogue's order; nothing has happened then.
pub fn decide(
    law: &Law,
    matters: &Matters,
    command: &Command,
    context: &Context<'_>,
    supply: &mut dyn Supply,
) -> Result<Decision, Refusals> {
    let only = |code: &str, with: &[(&str, &str)]| Refusals::from(law.refusals.refuse(code, None, with));
    let day = legal_day(command, context);
    let (mut draft, opening) = match &command.target {
        Target::On(id) => {
            let state = matters.get(id).ok_or_else(|| only(engine::MATTER_CLOSED, &[]))?.clone();
            let procedure = law.by_digest(&state.definition).ok_or_else(|| only(engine::NOT_IN_FORCE, &[]))?;
            (draft_of(state, procedure), false)
        }
        Target::Open(id) => (open(law, id.as_str(), command, context, day, supply)?, true),
    };
    if draft.state.closed {
        return Err(only(engine::MATTER_CLOSED, &[]));
    }
    if let Some(basis) = draft.state.restricted.clone() {
        return Err(law.refusals.refuse(engine::RESTRICTED, Some(basis), &[]).into());
    }
    if let Some(generic) = Generic::of(&command.step) {
        generic::decide(generic, command, &mut draft, law, matters, context)?;
        return Ok(finish(draft, context.today));
    }
    let procedure = Arc::clone(&draft.procedure);
    let Some(step) = procedure.step(command.step.as_str()).filter(|step| step.from.is_empty() == opening) else {
        return Err(only(engine::WRONG_STATE, &[("step", command.step.as_str()), ("state", "—")]));
    };
    take(step, command, &mut draft, Scene { law, matters, context, day }, supply)?;
    effects::tell_parent(step, matters, &mut draft);
    effects::link_to_parent(command, opening, matters, &mut draft);
    Ok(finish(draft, day))
}

fn draft_of(state: MatterState, procedure: &Arc<Checked>) -> Draft {
    Draft {
        state,
        procedure: Arc::clone(procedure),
        events: Vec::new(),
        sealed: Vec::new(),
        refusals: Refusals::default(),
        query_code: None,
    }
}

fn finish(draft: Draft, day: Day) -> Decision {
    Decision {
        matter: draft.state.id,
        day,
        events: draft.events,
        sealed: draft.sealed,
        noted: draft.refusals,
        query_code: draft.query_code,
    }
}

fn legal_day(command: &Command, context: &Context<'_>) -> Day {
    match &command.manner {
        Manner::Live => context.today,
        Manner::SignedForm { day, .. } | Manner::Late { day, .. } | Manner::Imported { day, .. } => *day,
    }
}

/// A new matter under the definition in force on its day. 是否涉密 is asked before any text or file is kept.
fn open(
    law: &Law,
    id: &str,
    command: &Command,
    context: &Context<'_>,
    day: Day,
    supply: &mut dyn Supply,
) -> Result<Draft, Refusals> {
    let procedure = law
        .in_force(id, day)
        .ok_or_else(|| law.refusals.refuse(engine::NOT_IN_FORCE, None, &[("day", &day.chinese())]))?;
    let secrecy = command.input.fields.get("secrecy").and_then(|values| values.first()).map(String::as_str);
    if procedure.asks_secrecy && secrecy == Some("state_secret") {
        return Err(law.refusals.refuse(engine::SECRET, None, &[]).into());
    }
    let typed_organ = |field: &FieldId| {
        command.input.fields.get(field)?.first().filter(|code| context.registry.organ(code).is_some())
    };
    let organ = match &procedure.held_by {
        Seat::Function(function) => context.registry.organ_with(function).map(|organ| organ.code.clone()),
        Seat::Field(field) => typed_organ(field).map(|code| OrganCode::from(code.as_str())),
        Seat::Holding | Seat::Own | Seat::Parent => match who::actor_post(context) {
            Some(post) => Some(who::able_to_hold(post.organ.clone(), procedure, context)),
            // The founding act has no organ yet; its first matter is held by the organ it registers.
            None if context.actor == Actor::Founder => Some(OrganCode::from(
                command.input.fields.get("code").and_then(|v| v.first()).map_or("founder", String::as_str),
            )),
            None => None,
        },
    };
    let organ = match (&procedure.held_by, organ) {
        (_, Some(organ)) => organ,
        (Seat::Field(field), None) => {
            let title = procedure.fields.get(field).map_or(field.as_str(), |field| field.title.as_str());
            return Err(law.refusals.at_field(engine::FIELD_REQUIRED, field, &[("field", title)]).into());
        }
        (_, None) => {
            return Err(law.refusals.refuse(engine::ORGAN_MISSING, None, &[("step", &procedure.title)]).into());
        }
    };
    let typed_place = procedure.place_field.as_ref().and_then(|field| command.input.fields.get(field)?.first());
    let place = typed_place
        .filter(|code| context.registry.place(code).is_some())
        .map(|code| code.as_str().into())
        .or_else(|| command.input.place.clone())
        .or_else(|| context.registry.organ(organ.as_str()).and_then(|organ| organ.place.clone()));
    let matter = supply.fresh_id();
    let event = Event::Opened {
        procedure: procedure.id.clone(),
        definition: procedure.digest,
        organ,
        place,
        parent: command.input.follows.as_ref().map(|(parent, _)| Parent { matter: *parent }),
        day,
    };
    let Some(state) = MatterState::begin(matter, &event) else {
        return Err(law.refusals.refuse(engine::NOT_IN_FORCE, None, &[]).into());
    };
    let mut draft = draft_of(state, procedure);
    draft.events.push((matter, event));
    effects::begin_tracks(&mut draft, day);
    effects::join_organs(&mut draft, context);
    effects::join_actor(&mut draft, context);
    effects::give_query_code(&mut draft, supply);
    Ok(draft)
}

/// Takes a step: everything is checked, every objection collected, and only then does anything happen.
fn take(
    step: &Step,
    command: &Command,
    draft: &mut Draft,
    scene: Scene<'_>,
    supply: &mut dyn Supply,
) -> Result<(), Refusals> {
    let Scene { law, context, day, .. } = scene;
    input::read(step, &command.input, draft, law, context);
    scores::fill(step, &command.input, draft, law);
    who::check(step, command, draft, law, context);
    check_state(step, draft, law);
    check_day(command, draft, law, context, day);
    let decider = who::decider(command, context);
    let officers = officers_of(step, command, &decider, context);
    who::check_different_persons(step, &decider, &officers, draft, scene);
    who::check_officers(step, &officers, day, draft, law, context);
    apart::check(step, &decider, &officers, draft, scene);
    power::check(step, day, draft, law, context);
    alike::check(step, draft, law, context, supply);
    numbers::check(step, command, draft, scene, supply);
    effects::check_assignee(step, command, draft, scene);
    erase::check(step, &decider, draft, scene);
    if let Some(basis) = clocks::over_extended(step, draft) {
        draft.refuse(law.refusals.refuse(
            engine::WRONG_STATE,
            Some(basis),
            &[("step", &step.title), ("state", "已按规定次数延长")],
        ));
    }
    input::check_complete(step, draft, law, context, day);
    guards::check(step, command, draft, scene);
    let marked = settle(command, draft, law)?;
    let in_name_of = who::seat_organ(&step.in_name_of, draft, context);
    clocks::flag_overdue(step, day, draft, context);
    draft.emit(Event::Taken(Taken {
        step: step.id.clone(),
        kind: step.kind,
        decided_by: decider,
        in_name_of,
        officers: officers.clone(),
        manner: mannered(&command.manner),
        day,
        original: original(&command.manner),
        authority: step.authority.clone(),
    }));
    effects::join_officers(&officers, day, draft, context);
    for refusal in &marked {
        draft.emit(Event::Flagged(refusal.code.clone(), refusal.basis.clone(), Some(step.id.clone())));
    }
    if let Some(reason) = command.input.reason.as_ref().filter(|reason| !reason.trim().is_empty()) {
        draft.emit(Event::Reasoned(step.id.clone()));
        let label = format!("reason.{}", draft.state.done.len());
        draft.seal(label, SealedClass::Text, reason.trim().to_owned());
    }
    clocks::follow_fields(draft, context);
    clocks::move_clocks(step, day, draft, law, context);
    effects::apply(step, command, draft, scene, supply);
    erase::apply(step, draft);
    draft.refusals = marked;
    Ok(())
}

fn mannered(manner: &Manner) -> ManneredAs {
    match manner {
        Manner::Live => ManneredAs::Live,
        Manner::SignedForm { .. } => ManneredAs::SignedForm,
        Manner::Late { .. } => ManneredAs::Late,
        Manner::Imported { .. } => ManneredAs::Imported,
    }
}

fn original(manner: &Manner) -> Option<crate::id::Digest> {
    match manner {
        Manner::SignedForm { original, .. } | Manner::Late { original, .. } => *original,
        Manner::Live | Manner::Imported { .. } => None,
    }
}

pub(super) fn check_state(step: &Step, draft: &mut Draft, law: &Law) {
    if step.from.is_empty() {
        return;
    }
    let now = draft.state.track(step.track.as_str()).cloned();
    if now.as_ref().is_none_or(|now| !step.from.contains(now)) {
        let title = now
            .as_ref()
            .and_then(|now| draft.procedure.state(step.track.as_str(), now.as_str()))
            .map_or("未开始", |state| state.title.as_str());
        let with = [("step", step.title.as_str()), ("state", title)];
        draft.refuse(law.refusals.refuse(engine::WRONG_STATE, Some(step.authority.clone()), &with));
    }
}

/// A legal day lies neither in the future nor before the matter began, and a form that we issue from is not older
/// than the step before it (日期倒置).
fn check_day(command: &Command, draft: &mut Draft, law: &Law, context: &Context<'_>, day: Day) {
    if day > context.today {
        draft.refuse(law.refusals.refuse(engine::DAY_IN_FUTURE, None, &[("day", &day.chinese())]));
    }
    let last = draft.state.done.iter().filter(|done| !done.withdrawn).map(|done| done.day).max();
    let earliest = match command.manner {
        Manner::SignedForm { .. } | Manner::Live => last.unwrap_or(draft.state.opened),
        Manner::Late { .. } | Manner::Imported { .. } => draft.state.opened,
    };
    if day < earliest {
        draft.refuse(law.refusals.refuse(
            engine::DAY_TOO_EARLY,
            None,
            &[("day", &day.chinese()), ("earliest", &earliest.chinese())],
        ));
    }
}

/// Who was present: those named, and the decider if they hold the certificate themselves.
fn officers_of(step: &Step, command: &Command, decider: &Decider, context: &Context<'_>) -> Vec<PersonId> {
    let mut officers = command.input.officers.clone();
    if let Decider::Person(person) = decider
        && counts_as_officer(step, *person, context)
        && !officers.contains(person)
    {
        officers.insert(0, *person);
    }
    let mut seen = std::collections::BTreeSet::new();
    officers.retain(|officer| seen.insert(*officer));
    officers
}

/// Whether who takes a step counts among its officers: they are in the register that it asks for.
pub(super) fn counts_as_officer(step: &Step, person: PersonId, context: &Context<'_>) -> bool {
    let asked = |register| context.registry.credentials_of(person).iter().any(|known| known.register == register);
    step.officers.as_ref().is_some_and(|needed| asked(needed.credential.clone()))
}

/// Refuses, or says what is to be marked. What happened elsewhere is recorded with its defects; warnings of grade
/// 内控 are set aside with a reason.
fn settle(command: &Command, draft: &mut Draft, law: &Law) -> Result<Refusals, Refusals> {
    const NEVER_MARKED: [&str; 17] = [
        engine::FILE_UNKNOWN,
        engine::ERASE_UNKNOWN,
        engine::ERASE_REGISTER,
        engine::ERASE_OPEN,
        engine::ERASE_NOT_EXPIRED,
        engine::ERASE_UNSETTLED,
        engine::ERASE_KEPT,
        engine::ERASE_WITNESSES,
        engine::SECRET,
        engine::CODE_TAKEN,
        engine::EVIDENCE_UNKNOWN,
        engine::FIELD_INVALID,
        engine::FIELD_UNKNOWN,
        engine::POST_NOT_HELD,
        engine::FORM_NOT_YOURS,
        engine::ORIGINAL_MISSING,
        engine::DAY_IN_FUTURE,
    ];
    let all = std::mem::take(&mut draft.refusals);
    if all.is_empty() {
        return Ok(all);
    }
    let reason = command.input.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    let recording = command.manner.records_what_happened();
    let stops = |refusal: &Refusal| {
        let formal = NEVER_MARKED.contains(&refusal.code.as_str());
        if recording { formal } else { refusal.blocks() || refusal.is_formal() || !reason }
    };
    if all.iter().any(stops) {
        let mut all = all;
        let warned_without_reason = !recording && !reason && all.iter().any(|refusal| !refusal.blocks());
        if warned_without_reason {
            all.push(law.refusals.refuse(engine::REASON_MISSING, None, &[]));
        }
        return Err(all);
    }
    Ok(all)
}

/// Whether a condition of a step's part applies now; for [`effects`] and [`super::options`].
pub(super) fn part_applies(
    when: Option<&crate::procedure::guard::Expr>,
    draft: &Draft,
    law: &Law,
    context: &Context<'_>,
    day: Day,
) -> bool {
    applies(when, draft.view(law, context, day))
}

impl Decision {
    /// Whether a defect with this code was recorded.
    pub fn flagged(&self, code: &str) -> bool {
        let code = RefusalCode::from(code);
        self.events.iter().any(|(_, event)| matches!(event, Event::Flagged(known, _, _) if *known == code))
    }
}
