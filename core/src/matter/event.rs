//! What happened. Events carry their consequences: `apply` never reads a definition or a calendar.
//!
//! These types are the wire format of the record (deterministic CBOR with numbered keys, `docs/record-format.md`):
//! a number is never reused, a variant never changes its meaning.

use minicbor::{Decode, Encode};

use super::command::{Decider, ExternalId};
use crate::basis::Basis;
use crate::clock::{ClockRun, Extension};
use crate::day::Day;
use crate::id::{
    ClockId, Code, Digest, DisclosureId, EvidenceKind, FieldId, InstrumentId, MatterId, OrganCode, Outcome, PersonId,
    PlaceCode, ProcedureId, RefusalCode, RoleId, StateId, StepId, TrackId,
};
use crate::procedure::{PartyKind, StepKind};

/// A value that figures, clocks and guards may read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum Fact {
    /// A whole number, or money in 分.
    #[n(0)]
    Int(#[n(0)] i64),
    /// Yes or no.
    #[n(1)]
    Bool(#[n(0)] bool),
    /// A day.
    #[n(2)]
    Day(#[n(0)] Day),
    /// A code, an organ's or a place's code.
    #[n(3)]
    Code(#[n(0)] Code),
    /// Several codes, sorted.
    #[n(4)]
    Codes(#[n(0)] Vec<Code>),
    /// A short public text.
    #[n(5)]
    Text(#[n(0)] String),
    /// A person (or another matter).
    #[n(6)]
    Matter(#[n(0)] MatterId),
}

impl Fact {
    /// As a number: money, counts and days compare.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Day(day) => Some(day.number()),
            Self::Bool(yes) => Some(i64::from(*yes)),
            _ => None,
        }
    }

    /// As a code; yes and no for booleans.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Code(code) => Some(code.as_str()),
            Self::Bool(true) => Some("yes"),
            Self::Bool(false) => Some("no"),
            _ => None,
        }
    }

    /// As a day.
    pub fn day(&self) -> Option<Day> {
        if let Self::Day(day) = self { Some(*day) } else { None }
    }

    /// As a person, or another matter.
    pub fn matter(&self) -> Option<MatterId> {
        if let Self::Matter(id) = self { Some(*id) } else { None }
    }

    /// Whether it is this code or this short text.
    pub fn says(&self, value: &str) -> bool {
        match self {
            Self::Text(text) => text == value,
            _ => self.code() == Some(value),
        }
    }

    /// As one text for the projection of facts.
    pub fn text(&self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Day(day) => day.to_string(),
            Self::Code(code) => code.to_string(),
            Self::Codes(codes) => codes.iter().map(Code::as_str).collect::<Vec<_>>().join("|"),
            Self::Text(text) => text.clone(),
            Self::Matter(id) => id.to_string(),
        }
    }
}

/// How an act came in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum ManneredAs {
    /// Taken here.
    #[n(0)]
    Live,
    /// From a signed form.
    #[n(1)]
    SignedForm,
    /// 补录.
    #[n(2)]
    Late,
    /// Imported.
    #[n(3)]
    Imported,
}

/// A step that was taken.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Taken {
    /// Which.
    #[n(0)]
    pub step: StepId,
    /// What sort.
    #[n(1)]
    pub kind: StepKind,
    /// Who decided: separation of duties looks here, not at who typed.
    #[n(2)]
    pub decided_by: Decider,
    /// In whose name.
    #[n(3)]
    pub in_name_of: Option<OrganCode>,
    /// Officers present.
    #[n(4)]
    pub officers: Vec<PersonId>,
    /// How it came in.
    #[n(5)]
    pub manner: ManneredAs,
    /// The day that counts in law.
    #[n(6)]
    pub day: Day,
    /// The scanned original.
    #[n(7)]
    pub original: Option<Digest>,
    /// The authority it was taken under.
    #[n(8)]
    pub authority: Basis,
}

/// The number of an instrument.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Number {
    /// Whose series.
    #[n(0)]
    pub organ: OrganCode,
    /// The year of the series.
    #[n(1)]
    pub year: i16,
    /// The position, gapless from 1; 0 for a number given elsewhere.
    #[n(2)]
    pub n: u32,
    /// As written.
    #[n(3)]
    pub text: String,
}

/// One consequence for one matter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Event {
    /// The matter exists.
    #[n(0)]
    Opened {
        /// Its procedure.
        #[n(0)]
        procedure: ProcedureId,
        /// The definition it keeps.
        #[n(1)]
        definition: Digest,
        /// The organ that holds it.
        #[n(2)]
        organ: OrganCode,
        /// Its place.
        #[n(3)]
        place: Option<PlaceCode>,
        /// The matter that opened it, and the role it plays there.
        #[n(4)]
        parent: Option<Parent>,
        /// The day it began.
        #[n(5)]
        day: Day,
    },
    /// A step was taken.
    #[n(1)]
    Taken(#[n(0)] Taken),
    /// A track entered a state.
    #[n(2)]
    Entered(#[n(0)] TrackId, #[n(1)] StateId, #[n(2)] Day),
    /// A fact was set.
    #[n(3)]
    FactSet(#[n(0)] FieldId, #[n(1)] Fact),
    /// A fact was removed.
    #[n(4)]
    FactCleared(#[n(0)] FieldId),
    /// A sealed value was set; the value lies beside the entry under this label.
    #[n(5)]
    SealedSet(#[n(0)] String),
    /// A party was entered or changed.
    #[n(6)]
    PartySet(#[n(0)] u16, #[n(1)] RoleId, #[n(2)] PartyKind),
    /// A document was attached.
    #[n(7)]
    EvidenceAttached {
        /// What it is.
        #[n(0)]
        kind: EvidenceKind,
        /// Its digest.
        #[n(1)]
        digest: Digest,
        /// Its length in bytes.
        #[n(2)]
        bytes: u64,
        /// Its media type.
        #[n(3)]
        media: String,
        /// Its SM3 digest; files from before it have none.
        #[n(4)]
        sm3: Option<Digest>,
    },
    /// A clock began to run.
    #[n(8)]
    ClockStarted(#[n(0)] ClockRun),
    /// A clock was met or ended.
    #[n(9)]
    ClockStopped(#[n(0)] ClockId, #[n(1)] Day),
    /// An interval that does not count began.
    #[n(10)]
    ClockSuspended(#[n(0)] ClockId, #[n(1)] Day, #[n(2)] Basis),
    /// It ended: this day counts again.
    #[n(11)]
    ClockResumed(#[n(0)] ClockId, #[n(1)] Day),
    /// It was extended.
    #[n(12)]
    ClockExtended(#[n(0)] ClockId, #[n(1)] Extension),
    /// Its expiry was recorded.
    #[n(13)]
    ClockExpired(#[n(0)] ClockId, #[n(1)] Day),
    /// An instrument was issued.
    #[n(14)]
    Issued(#[n(0)] InstrumentId, #[n(1)] Option<Number>, #[n(2)] Day),
    /// A disclosure is owed.
    #[n(15)]
    DisclosureOwed(#[n(0)] DisclosureId, #[n(1)] Day),
    /// It was made, until this last day if it has one.
    #[n(16)]
    Disclosed(#[n(0)] DisclosureId, #[n(1)] Day, #[n(2)] Option<Day>),
    /// It was withdrawn.
    #[n(17)]
    DisclosureWithdrawn(#[n(0)] DisclosureId, #[n(1)] Day),
    /// Another matter plays a role for this one.
    #[n(18)]
    Linked(#[n(0)] RoleId, #[n(1)] MatterId, #[n(2)] ProcedureId),
    /// A linked matter ended.
    #[n(19)]
    LinkEnded(#[n(0)] MatterId, #[n(1)] Outcome),
    /// Another organ takes part.
    #[n(20)]
    OrganJoined(#[n(0)] OrganCode),
    /// A person is responsible.
    #[n(21)]
    Assigned(#[n(0)] PersonId),
    /// A person stands in for the responsible one.
    #[n(22)]
    Deputised(#[n(0)] PersonId),
    /// A defect, with its article.
    #[n(23)]
    Flagged(#[n(0)] RefusalCode, #[n(1)] Option<Basis>, #[n(2)] Option<StepId>),
    /// The matter has ended in this way.
    #[n(24)]
    Ended(#[n(0)] Outcome, #[n(1)] Day),
    /// The last step was withdrawn: what it changed is undone by the events that follow.
    #[n(25)]
    Withdrawn(#[n(0)] StepId),
    /// The matter was opened in error.
    #[n(26)]
    Voided(#[n(0)] Day),
    /// The matter duplicates another.
    #[n(27)]
    Merged(#[n(0)] MatterId, #[n(1)] Day),
    /// Its identity in another system.
    #[n(28)]
    External(#[n(0)] ExternalId),
    /// The digest of the code with which a citizen tracks it.
    #[n(29)]
    TrackedBy(#[n(0)] Digest),
    /// Someone asked for speed.
    #[n(30)]
    Urged(#[n(0)] Day),
    /// A reason was given; the text is sealed under `reason.<n>`.
    #[n(31)]
    Reasoned(#[n(0)] StepId),
    /// The step that stopped a clock was withdrawn: it runs again as if never stopped.
    #[n(32)]
    ClockReopened(#[n(0)] ClockId),
    /// A clock whose expiry was recorded turned out to have been met in time, or not to have run out: it no longer counts.
    #[n(33)]
    ClockUnexpired(#[n(0)] ClockId),
    /// The day from which a clock counts was corrected; intervals and extensions stay.
    #[n(34)]
    ClockMoved(#[n(0)] ClockId, #[n(1)] Day),
    /// A sealed value was removed: an empty one lies beside the entry under this label.
    #[n(35)]
    SealedCleared(#[n(0)] String),
    /// Sealed values set so far were destroyed with their salts: those of these labels, or all if none is named. Files of
    /// evidence go with them. The matter named is the one in which it was appraised, approved and witnessed.
    #[n(36)]
    Erased(#[n(0)] Vec<String>, #[n(1)] Basis, #[n(2)] MatterId),
    /// Nothing but storage is allowed from here on, or is allowed again.
    #[n(37)]
    Restricted(#[n(0)] bool, #[n(1)] Basis),
    /// The nth instrument of the matter, from 1, carries a 核验码 with this digest; the code is sealed under
    /// `instrument.<n>.code`.
    #[n(40)]
    Coded(#[n(0)] u16, #[n(1)] Digest),
}

/// The matter that opened this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Parent {
    /// Which.
    #[n(0)]
    pub matter: MatterId,
}

/// What sort of sealed value: who may see it and how it is masked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum SealedClass {
    /// A name.
    #[n(0)]
    Name,
    /// A telephone number.
    #[n(1)]
    Phone,
    /// An identity number.
    #[n(2)]
    IdNumber,
    /// An address.
    #[n(3)]
    Address,
    /// A unified social credit code.
    #[n(4)]
    Uscc,
    /// Free text.
    #[n(5)]
    Text,
    /// A file name.
    #[n(6)]
    FileName,
    /// A secret such as a query code.
    #[n(7)]
    Secret,
}

/// A sealed value: it lies beside the entry, only its salted commitment is in the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Whose.
    pub matter: MatterId,
    /// Under which label: `field.facts`, `party.1.name`, `evidence.<digest>.name`, `reason`.
    pub label: String,
    /// Which sort.
    pub class: SealedClass,
    /// The value.
    pub value: String,
}
