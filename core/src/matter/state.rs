//! The state of a matter: the fold of its events. No definition and no calendar is needed to make it.
// long because: every event has its fold here, and the wire format of the state beside it

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::command::{Decider, ExternalId};
use super::event::{Event, Fact, ManneredAs, Number};
use crate::basis::Basis;
use crate::clock::{ClockRun, Exclusion};
use crate::day::{Day, Moment};
use crate::id::{
    ClockId, Digest, DisclosureId, EvidenceKind, FieldId, InstrumentId, MatterId, OrganCode, Outcome, PersonId,
    PlaceCode, ProcedureId, RefusalCode, RoleId, StateId, StepId, TrackId,
};
use crate::procedure::{PartyKind, StepKind};
use crate::refusal::engine;

/// A step that was done.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct StepDone {
    /// Which.
    #[n(0)]
    pub step: StepId,
    /// What sort.
    #[n(1)]
    pub kind: StepKind,
    /// Who decided.
    #[n(2)]
    pub decided_by: Decider,
    /// Officers present.
    #[n(3)]
    pub officers: Vec<PersonId>,
    /// The legal day.
    #[n(4)]
    pub day: Day,
    /// How it came in.
    #[n(5)]
    pub manner: ManneredAs,
    /// Whether it was withdrawn.
    #[n(6)]
    pub withdrawn: bool,
    /// The states its tracks had before it, so that a withdrawal can restore them.
    #[n(7)]
    pub before: Vec<(TrackId, StateId)>,
}

/// A party.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PartyState {
    /// Its number in the matter, from 1.
    #[n(0)]
    pub ordinal: u16,
    /// Its role.
    #[n(1)]
    pub role: RoleId,
    /// Its kind.
    #[n(2)]
    pub kind: PartyKind,
}

/// A linked matter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Link {
    /// The role it plays.
    #[n(0)]
    pub role: RoleId,
    /// Which.
    #[n(1)]
    pub matter: MatterId,
    /// Of which procedure.
    #[n(2)]
    pub procedure: ProcedureId,
    /// How it ended; none while open.
    #[n(3)]
    pub outcome: Option<Outcome>,
}

/// A document.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EvidenceRef {
    /// What it is.
    #[n(0)]
    pub kind: EvidenceKind,
    /// Its digest.
    #[n(1)]
    pub digest: Digest,
    /// Its length in bytes.
    #[n(2)]
    pub bytes: u64,
    /// Its media type.
    #[n(3)]
    pub media: String,
    /// Whether it was destroyed; then only its digest is left.
    #[n(4)]
    pub gone: Option<bool>,
}

impl EvidenceRef {
    /// The label under which its file name is sealed.
    pub fn name_label(&self) -> String {
        format!("evidence.{}.name", self.digest)
    }
}

/// An instrument that was issued.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct IssuedInstrument {
    /// Which kind.
    #[n(0)]
    pub kind: InstrumentId,
    /// Its number.
    #[n(1)]
    pub number: Option<Number>,
    /// The day on it.
    #[n(2)]
    pub day: Day,
}

/// A disclosure duty in this matter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DisclosureRun {
    /// Which.
    #[n(0)]
    pub disclosure: DisclosureId,
    /// Owed since.
    #[n(1)]
    pub owed: Day,
    /// Made on.
    #[n(2)]
    pub made: Option<Day>,
    /// The last day of publication.
    #[n(3)]
    pub until: Option<Day>,
    /// Withdrawn on.
    #[n(4)]
    pub withdrawn: Option<Day>,
}

/// A defect that was marked.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Flag {
    /// Which.
    #[n(0)]
    pub code: RefusalCode,
    /// Its article.
    #[n(1)]
    pub basis: Option<Basis>,
    /// At which step.
    #[n(2)]
    pub step: Option<StepId>,
}

/// The state of a matter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MatterState {
    /// Which matter.
    #[n(0)]
    pub id: MatterId,
    /// Its procedure.
    #[n(1)]
    pub procedure: ProcedureId,
    /// The definition it keeps.
    #[n(2)]
    pub definition: Digest,
    /// The organ that holds it.
    #[n(3)]
    pub organ: OrganCode,
    /// Its place.
    #[n(4)]
    pub place: Option<PlaceCode>,
    /// The matter that opened it.
    #[n(5)]
    pub parent: Option<MatterId>,
    /// The day it began.
    #[n(6)]
    pub opened: Day,
    /// The state of each track.
    #[n(7)]
    pub tracks: BTreeMap<TrackId, StateId>,
    /// Facts.
    #[n(8)]
    pub facts: BTreeMap<FieldId, Fact>,
    /// Labels of sealed values that have been set.
    #[n(9)]
    pub sealed: Vec<String>,
    /// Parties.
    #[n(10)]
    pub parties: Vec<PartyState>,
    /// Steps done, in order.
    #[n(11)]
    pub done: Vec<StepDone>,
    /// Clocks, in order of their start.
    #[n(12)]
    pub clocks: Vec<ClockRun>,
    /// Linked matters.
    #[n(13)]
    pub links: Vec<Link>,
    /// Documents.
    #[n(14)]
    pub evidence: Vec<EvidenceRef>,
    /// Instruments.
    #[n(15)]
    pub instruments: Vec<IssuedInstrument>,
    /// Disclosures.
    #[n(16)]
    pub disclosures: Vec<DisclosureRun>,
    /// Organs that take part besides the holding one.
    #[n(17)]
    pub joined: Vec<OrganCode>,
    /// Who is responsible.
    #[n(18)]
    pub assigned: Option<PersonId>,
    /// Who stands in.
    #[n(19)]
    pub deputy: Option<PersonId>,
    /// Defects.
    #[n(20)]
    pub flags: Vec<Flag>,
    /// How and when it ended.
    #[n(21)]
    pub ended: Option<Ended>,
    /// Voided or merged: no step is possible any more.
    #[n(22)]
    pub closed: bool,
    /// Identities elsewhere.
    #[n(23)]
    pub external: Vec<ExternalId>,
    /// Whether a citizen tracks it.
    #[n(24)]
    pub tracked: bool,
    /// Why nothing but storage is allowed, if so.
    #[n(25)]
    pub restricted: Option<Basis>,
    /// What was destroyed of it, in order.
    #[n(26)]
    pub erased: Option<Vec<Erasure>>,
    /// Everybody who was ever responsible or stood in, in the order of appointment; rows of before this was kept have none.
    #[n(27)]
    pub ever_responsible: Option<Vec<PersonId>>,
}

/// A destruction of sealed values.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Erasure {
    /// Of these labels; none: of all that there were.
    #[n(0)]
    pub labels: Vec<String>,
    /// On what ground.
    #[n(1)]
    pub basis: Basis,
    /// The matter in which it was appraised, approved and witnessed.
    #[n(2)]
    pub by: MatterId,
}

/// How and when a matter ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Ended {
    /// How.
    #[n(0)]
    pub outcome: Outcome,
    /// When.
    #[n(1)]
    pub day: Day,
}

impl MatterState {
    /// Whether it is a work secret: no page of the public shows it.
    pub fn is_work_secret(&self) -> bool {
        self.fact("secrecy").and_then(Fact::code) == Some("work_secret")
    }

    /// Whether it is a work secret, or may only be stored any more (个人信息保护法§47): not in search, export or for programs.
    pub fn is_withheld(&self) -> bool {
        self.restricted.is_some() || self.is_work_secret()
    }

    /// The state after an opening event; `None` if the event is not one.
    pub fn begin(id: MatterId, event: &Event) -> Option<Self> {
        let Event::Opened { procedure, definition, organ, place, parent, day } = event else { return None };
        Some(Self {
            id,
            procedure: procedure.clone(),
            definition: *definition,
            organ: organ.clone(),
            place: place.clone(),
            parent: parent.map(|parent| parent.matter),
            opened: *day,
            tracks: BTreeMap::new(),
            facts: BTreeMap::new(),
            sealed: Vec::new(),
            parties: Vec::new(),
            done: Vec::new(),
            clocks: Vec::new(),
            links: Vec::new(),
            evidence: Vec::new(),
            instruments: Vec::new(),
            disclosures: Vec::new(),
            joined: Vec::new(),
            assigned: None,
            deputy: None,
            flags: Vec::new(),
            ended: None,
            closed: false,
            external: Vec::new(),
            tracked: false,
            restricted: None,
            erased: None,
            ever_responsible: None,
        })
    }

    /// Folds one event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { .. } | Event::Urged(_) | Event::Reasoned(_) => {}
            Event::Taken(taken) => self.done.push(StepDone {
                step: taken.step.clone(),
                kind: taken.kind,
                decided_by: taken.decided_by.clone(),
                officers: taken.officers.clone(),
                day: taken.day,
                manner: taken.manner,
                withdrawn: false,
                before: self.tracks.iter().map(|(track, state)| (track.clone(), state.clone())).collect(),
            }),
            Event::Entered(track, state, _) => {
                self.tracks.insert(track.clone(), state.clone());
            }
            Event::FactSet(field, fact) => {
                self.facts.insert(field.clone(), fact.clone());
            }
            Event::FactCleared(field) => {
                self.facts.remove(field);
            }
            Event::SealedSet(label) => {
                if !self.sealed.contains(label) {
                    self.sealed.push(label.clone());
                }
            }
            Event::SealedCleared(label) => self.sealed.retain(|known| known != label),
            Event::Erased(labels, basis, by) => self.erase(labels, basis, *by),
            Event::Restricted(yes, basis) => self.restricted = yes.then(|| basis.clone()),
            Event::PartySet(ordinal, role, kind) => self.set_party(*ordinal, role, *kind),
            Event::EvidenceAttached { kind, digest, bytes, media, .. } => self.evidence.push(EvidenceRef {
                kind: kind.clone(),
                digest: *digest,
                bytes: *bytes,
                media: media.clone(),
                gone: None,
            }),
            Event::Linked(role, matter, procedure) => {
                self.links.push(Link {
                    role: role.clone(),
                    matter: *matter,
                    procedure: procedure.clone(),
                    outcome: None,
                });
            }
            Event::LinkEnded(matter, outcome) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.matter == *matter) {
                    link.outcome = Some(outcome.clone());
                }
            }
            Event::OrganJoined(organ) => {
                if *organ != self.organ && !self.joined.contains(organ) {
                    self.joined.push(organ.clone());
                }
            }
            Event::Assigned(person) => self.hand_to(*person, false),
            Event::Deputised(person) => self.hand_to(*person, true),
            Event::Flagged(code, basis, step) => {
                self.flags.push(Flag { code: code.clone(), basis: basis.clone(), step: step.clone() });
            }
            Event::Ended(outcome, day) => self.ended = Some(Ended { outcome: outcome.clone(), day: *day }),
            Event::Withdrawn(step) => self.withdraw(step),
            Event::Voided(_) | Event::Merged(..) => self.closed = true,
            Event::External(external) => self.external.push(external.clone()),
            Event::TrackedBy(_) => self.tracked = true,
            clock_or_paper => self.apply_clock(clock_or_paper),
        }
    }

    /// Somebody is responsible from now on, or stands in. Whoever was before is remembered.
    fn hand_to(&mut self, person: PersonId, stands_in: bool) {
        let ever = self.ever_responsible.get_or_insert_default();
        for known in self.assigned.into_iter().chain(self.deputy).chain(std::iter::once(person)) {
            if !ever.contains(&known) {
                ever.push(known);
            }
        }
        if stands_in {
            self.deputy = Some(person);
        } else {
            (self.assigned, self.deputy) = (Some(person), None);
        }
    }

    /// Whether a person is responsible for it or stands in, or ever did.
    pub fn was_responsible(&self, person: PersonId) -> bool {
        let ever = self.ever_responsible.iter().flatten();
        ever.chain(&self.assigned).chain(&self.deputy).any(|known| *known == person)
    }

    /// Clocks, instruments and disclosures.
    fn apply_clock(&mut self, event: &Event) {
        match event {
            Event::ClockStarted(run) => self.clocks.push(run.clone()),
            Event::ClockStopped(clock, day) => self.each_running(clock, |run| run.stopped = Some(*day)),
            Event::ClockSuspended(clock, from, basis) => {
                let exclusion =
                    Exclusion { from: *from, until: None, basis: Some(basis.clone()), from_at: None, until_at: None };
                self.each_running(clock, |run| run.exclusions.push(exclusion.clone()));
            }
            Event::ClockResumed(clock, day) => self.each_running(clock, |run| {
                run.exclusions.iter_mut().filter(|e| e.until.is_none()).for_each(|e| e.until = Some(*day));
            }),
            Event::ClockExtended(clock, extension) => {
                self.each_running(clock, |run| run.extensions.push(extension.clone()))
            }
            Event::ClockReopened(clock) => {
                if let Some(run) = self.clocks.iter_mut().rev().find(|run| run.clock == *clock) {
                    run.stopped = None;
                }
            }
            Event::ClockExpired(clock, _) => self.each_running(clock, |run| run.expired = true),
            Event::ClockUnexpired(clock) => self.unexpire(clock),
            Event::ClockMoved(clock, start) => self.each_running(clock, |run| {
                run.start = *start;
                run.start_at = run.start_at.map(|_| Moment::on(*start, 0));
            }),
            Event::Issued(kind, number, day) => {
                self.instruments.push(IssuedInstrument { kind: kind.clone(), number: number.clone(), day: *day });
            }
            Event::DisclosureOwed(disclosure, owed) => self.disclosures.push(DisclosureRun {
                disclosure: disclosure.clone(),
                owed: *owed,
                made: None,
                until: None,
                withdrawn: None,
            }),
            Event::Disclosed(disclosure, day, until) => self.each_disclosure(disclosure, |run| {
                run.made = Some(*day);
                run.until = *until;
                run.withdrawn = None;
            }),
            Event::DisclosureWithdrawn(disclosure, day) => {
                self.each_disclosure(disclosure, |run| run.withdrawn = Some(*day))
            }
            _ => {}
        }
    }

    /// The clock of the run that expired last counts no more; its flag goes with it.
    fn unexpire(&mut self, clock: &ClockId) {
        let Some(run) = self.clocks.iter_mut().rev().find(|run| run.clock == *clock && run.expired) else { return };
        run.expired = false;
        let overdue = |flag: &Flag| flag.code.as_str() == engine::OVERDUE && flag.basis.as_ref() == Some(&run.basis);
        if let Some(at) = self.flags.iter().rposition(overdue) {
            self.flags.remove(at);
        }
    }

    fn erase(&mut self, labels: &[String], basis: &Basis, by: MatterId) {
        let meant = |label: &String| labels.is_empty() || labels.contains(label);
        self.sealed.retain(|label| !meant(label));
        for file in self.evidence.iter_mut().filter(|file| meant(&file.name_label())) {
            file.gone = Some(true);
        }
        let erasure = Erasure { labels: labels.to_vec(), basis: basis.clone(), by };
        self.erased.get_or_insert_default().push(erasure);
    }

    fn set_party(&mut self, ordinal: u16, role: &RoleId, kind: PartyKind) {
        let party = PartyState { ordinal, role: role.clone(), kind };
        match self.parties.iter_mut().find(|known| known.ordinal == ordinal) {
            Some(known) => *known = party,
            None => self.parties.push(party),
        }
    }

    /// Clocks that have been stopped keep their history; only running ones change.
    fn each_running(&mut self, clock: &ClockId, change: impl Fn(&mut ClockRun)) {
        self.clocks.iter_mut().filter(|run| run.clock == *clock && run.stopped.is_none()).for_each(change);
    }

    fn each_disclosure(&mut self, disclosure: &DisclosureId, change: impl Fn(&mut DisclosureRun)) {
        self.disclosures.iter_mut().filter(|run| run.disclosure == *disclosure).for_each(change);
    }

    fn withdraw(&mut self, step: &StepId) {
        if let Some(done) = self.done.iter_mut().rev().find(|done| done.step == *step && !done.withdrawn) {
            done.withdrawn = true;
        }
    }

    /// Whether a step has been done and not withdrawn.
    pub fn has_done(&self, step: &str) -> bool {
        self.last_done(step).is_some()
    }

    /// The last time a step was done and not withdrawn.
    pub fn last_done(&self, step: &str) -> Option<&StepDone> {
        self.done.iter().rev().find(|done| done.step.as_str() == step && !done.withdrawn)
    }

    /// The state of a track.
    pub fn track(&self, track: &str) -> Option<&StateId> {
        self.tracks.get(track)
    }

    /// The last run of a clock.
    pub fn clock(&self, clock: &str) -> Option<&ClockRun> {
        self.clocks.iter().rev().find(|run| run.clock.as_str() == clock)
    }

    /// A fact.
    pub fn fact(&self, field: &str) -> Option<&Fact> {
        self.facts.get(field)
    }

    /// A text or a code; empty where there is none.
    pub fn text(&self, field: &str) -> &str {
        match self.fact(field) {
            Some(Fact::Text(text)) => text,
            Some(fact) => fact.code().unwrap_or(""),
            None => "",
        }
    }

    /// A fact of any kind as text; empty where there is none.
    pub fn said(&self, field: &str) -> String {
        self.fact(field).map(Fact::text).unwrap_or_default()
    }

    /// A day.
    pub fn day(&self, field: &str) -> Option<Day> {
        self.fact(field).and_then(Fact::day)
    }

    /// Whether a field of several codes has this one.
    pub fn has_code(&self, field: &str, code: &str) -> bool {
        matches!(self.fact(field), Some(Fact::Codes(codes)) if codes.iter().any(|known| known.as_str() == code))
    }

    /// Where it stands on its main track; empty without one.
    pub fn standing(&self) -> &str {
        self.track("main").map_or("", |state| state.as_str())
    }

    /// Whether a field has a value, as fact or sealed.
    pub fn filled(&self, field: &FieldId) -> bool {
        self.facts.contains_key(field)
            || self.sealed.iter().any(|label| label.strip_prefix("field.") == Some(field.as_str()))
    }

    /// Parties in a role.
    pub fn parties_in<'a>(&'a self, role: &'a RoleId) -> impl Iterator<Item = &'a PartyState> {
        self.parties.iter().filter(move |party| party.role == *role)
    }

    /// Whether the organ holds the matter or takes part.
    pub fn involves(&self, organ: &OrganCode) -> bool {
        self.organ == *organ || self.joined.contains(organ)
    }
}
