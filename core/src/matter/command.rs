//! What a person wants done. Values arrive as they were typed; [`super::decide`] reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::day::Day;
use crate::id::{Digest, EvidenceKind, FieldId, MatterId, PersonId, PlaceCode, PostId, ProcedureId, RoleId, StepId};
use crate::procedure::PartyKind;

/// Who acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A person in one of their posts.
    Staff {
        /// The person.
        person: PersonId,
        /// The post they act in.
        post: PostId,
    },
    /// A citizen on the portal.
    Citizen,
    /// The system, because a clock expired.
    System,
    /// The founding of the county: the only act without prior authority, named by every verification.
    Founder,
}

/// On what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// A new matter of this procedure.
    Open(ProcedureId),
    /// An existing matter.
    On(MatterId),
}

/// Who decided: a person or a meeting, by name (县政府第31次常务会议).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum Decider {
    /// A person.
    #[n(0)]
    Person(#[n(0)] PersonId),
    /// A meeting.
    #[n(1)]
    Meeting(#[n(0)] String),
    /// A citizen on the portal.
    #[n(2)]
    Citizen,
    /// The system.
    #[n(3)]
    System,
}

/// How the act comes into the system.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Manner {
    /// Taken here and now.
    #[default]
    Live,
    /// Entered from the signed form of the leader or meeting that decided; issued by this system.
    SignedForm {
        /// Who decided.
        decided_by: Decider,
        /// The day on the form.
        day: Day,
        /// The signed form.
        original: Option<Digest>,
    },
    /// 补录: it happened elsewhere. Recorded always, marked where defective, never blocked.
    Late {
        /// Who decided, if known.
        decided_by: Option<Decider>,
        /// The legal day.
        day: Day,
        /// The scanned or OFD original.
        original: Option<Digest>,
        /// Its number, given elsewhere.
        number: Option<String>,
    },
    /// Taken over from another system: checked afterwards, findings instead of refusals.
    Imported {
        /// Which system.
        system: String,
        /// Who decided, if known.
        decided_by: Option<Decider>,
        /// The legal day.
        day: Day,
        /// Its number there, never doubled here.
        number: Option<String>,
    },
}

impl Manner {
    /// Whether defects are marked instead of refused.
    pub fn records_what_happened(&self) -> bool {
        matches!(self, Self::Late { .. } | Self::Imported { .. })
    }
}

/// A matter's identity in another system.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub struct ExternalId {
    /// Which system.
    #[n(0)]
    pub system: String,
    /// Its identity there.
    #[n(1)]
    pub id: String,
    /// Its case number there.
    #[n(2)]
    pub number: Option<String>,
}

/// A party as typed. Empty texts are absent.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PartyInput {
    /// The party to change; none enters a new one.
    pub ordinal: Option<u16>,
    /// Its role.
    pub role: Option<RoleId>,
    /// Its kind.
    pub kind: Option<PartyKind>,
    /// Name.
    pub name: String,
    /// Resident identity number.
    pub id_number: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub address: String,
    /// Unified social credit code.
    pub uscc: String,
    /// Legal representative, operator or agent.
    pub representative: String,
}

impl PartyInput {
    /// The text of a detail by its name in forms.
    pub fn text_mut(&mut self, detail: &str) -> Option<&mut String> {
        Some(match detail {
            "name" => &mut self.name,
            "id_number" => &mut self.id_number,
            "phone" => &mut self.phone,
            "address" => &mut self.address,
            "uscc" => &mut self.uscc,
            "representative" => &mut self.representative,
            _ => return None,
        })
    }
}

/// A stored file that belongs to the act.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EvidenceInput {
    /// What it is.
    pub kind: EvidenceKind,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The SM3 digest of its bytes.
    pub sm3: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, by content.
    pub media: String,
    /// Its file name (sealed).
    pub name: String,
}

/// All that was typed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Input {
    /// Values by field; several for code lists.
    pub fields: BTreeMap<FieldId, Vec<String>>,
    /// Those of them that the system works out anew with a correction; nobody types them.
    pub worked_out: BTreeSet<FieldId>,
    /// Parties.
    pub parties: Vec<PartyInput>,
    /// Documents.
    pub evidence: Vec<EvidenceInput>,
    /// Officers present, besides the actor.
    pub officers: Vec<PersonId>,
    /// Who is made responsible.
    pub assignee: Option<PersonId>,
    /// The matter into which this one is merged.
    pub merge_into: Option<MatterId>,
    /// Identities in other systems.
    pub external: Vec<ExternalId>,
    /// The place of a new matter, where no field says it.
    pub place: Option<PlaceCode>,
    /// The matter that a new one follows from, and the role that the new one plays for it. Nobody types it.
    pub follows: Option<(MatterId, RoleId)>,
    /// Why: for generic acts, late entries and warnings of grade 内控 that are set aside.
    pub reason: Option<String>,
}

impl Input {
    /// Adds one typed value; for callers in code.
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.fields.entry(field.into()).or_default().push(value.into());
        self
    }
}

/// A command.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Command {
    /// On what.
    pub target: Target,
    /// Which step; generic acts have ids that begin with `_`.
    pub step: StepId,
    /// What was typed.
    pub input: Input,
    /// How it comes in.
    pub manner: Manner,
}

impl Command {
    /// The same for equal commands: plain data in ordered maps. For comparing within days, not for the record: another program
    /// may find another one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        struct Bytes(Sha256);
        impl Hasher for Bytes {
            fn write(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }
            /// Nobody asks.
            fn finish(&self) -> u64 {
                0
            }
        }
        let mut bytes = Bytes(Sha256::new());
        self.hash(&mut bytes);
        Digest(bytes.0.finalize().into())
    }
}
