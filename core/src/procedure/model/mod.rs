//! What a procedure definition says, with every reference resolved. No positions, no TOML here.

mod clock;
mod field;
mod generic;
mod paper;
mod step;

pub use clock::{Clock, ClockOverride, Extends, Suspends};
pub use field::{CodeList, Field, FieldKind, NamedMatter, PartyKind, Role};
pub use generic::{Generic, GenericRule};
pub use paper::{Disclosure, Instrument, Numbering};
pub use step::{
    Apart, Erases, Guard, NotBy, OfficersNeeded, Opens, Performer, PowerNeeded, Predicate, Requirement, Scores, Seat,
    State, Step, StepKind, Track, When,
};

use std::collections::BTreeMap;

use super::guard::Expr;
use crate::basis::Basis;
use crate::day::Day;
use crate::id::{ClockId, Code, Digest, EvidenceKind, FieldId, PostKind, ProcedureId, StepId, TableId};

/// The seven parts of the platform, and the county's own registers that all parts rest on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 推进机制.
    Drive,
    /// 政务服务.
    Service,
    /// 依法决策.
    Decision,
    /// 行政执法.
    Enforcement,
    /// 政务诚信与公开.
    Integrity,
    /// 监督与复议应诉.
    Supervision,
    /// 基层法治.
    Grassroots,
    /// 基础名册: places, organs, people, posts.
    County,
}

impl Part {
    /// The title on pages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Drive => "推进机制",
            Self::Service => "政务服务",
            Self::Decision => "依法决策",
            Self::Enforcement => "行政执法",
            Self::Integrity => "政务诚信",
            Self::Supervision => "监督复议应诉",
            Self::Grassroots => "基层法治",
            Self::County => "基础名册",
        }
    }
}

/// The five shapes of a matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A case with parties, clocks and an outcome.
    Procedure,
    /// A register entry: in force from/until, counted as of a date.
    Register,
    /// A task: one lead, many co-operating organs, evidence to close.
    Task,
    /// A content review: a frozen version; an edit starts again.
    ContentReview,
    /// A ledger event: counts of 人次 are not 人数.
    Ledger,
}

/// Which typed table a register feeds, so that authority can be looked up fast.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projects {
    /// Facts `code`, `name`, `level`, `parent`.
    Place,
    /// Facts `code`, `name`, `short`, `kind`, `parent`, `place`, `functions`, `uscc`.
    Organ,
    /// Sealed `name`; fact `gender`.
    Person,
    /// Facts `person`, `organ`, `post_kind`, `valid_from`, `valid_until`.
    Post,
    /// Facts `person`, `number`, `domain`, `valid_from`, `valid_until`.
    Credential,
    /// Facts `code`, `name`, `power_kind`, `domain`, `organ`, `power_basis`, `valid_from`, `revoked_on`,
    /// `published_on`.
    Power,
    /// Facts `delegation_kind`, `from_organ`, `to_organ`, `power_kind`, `domain`, `power`, `instrument_number`, `valid_from`,
    /// `valid_until`, `revoked_on`, `published_on`.
    Delegation,
}

/// Two matters with the same values in these fields look like one that was entered twice: the second is offered the first,
/// whose title and organ are told to whoever enters it.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The fields that are compared.
    pub fields: Vec<FieldId>,
    /// Why; 内控 lets a second matter be entered with a reason.
    pub basis: Basis,
}

/// A rule that must hold on every path; the checker proves it.
#[derive(Clone, PartialEq, Debug)]
pub enum Rule {
    /// `never A before B`.
    NeverBefore(StepId, StepId),
    /// `never A when C`: the condition excludes the step.
    NeverWhen(StepId, Expr),
    /// `A only if B`: B, or one of several, was done earlier.
    OnlyIf(StepId, Vec<StepId>),
    /// `A and B by different persons`, whichever comes later.
    Different(StepId, StepId),
    /// `A and parent.B by different persons`: B is a step of the matter that opened this one.
    DifferentFromParent(StepId, StepId),
    /// `after A always B`: from A every end passes B, or one of several; and a clock, if named, runs from A to them.
    AfterAlways(StepId, Vec<StepId>, Option<ClockId>),
    /// Only holders of these posts decide the step.
    OnlyBy(StepId, Vec<PostKind>),
    /// At least so many officers with certificates are present.
    Officers(StepId, u16),
    /// The step is taken under the power that a field names.
    UnderPower(StepId, FieldId),
    /// The step prolongs the clock.
    Prolongs(StepId, ClockId),
    /// The clock does not run from the first step to the second.
    Suspends(StepId, ClockId, StepId),
}

/// An invariant with its article.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// Its identifier.
    pub id: String,
    /// Where it stands.
    pub basis: Basis,
    /// What must hold.
    pub rule: Rule,
    /// In which matters; none means all.
    pub when: Option<Expr>,
    /// As written.
    pub text: String,
}

/// A procedure definition, parsed, not yet checked.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its identifier.
    pub id: ProcedureId,
    /// Its title.
    pub title: String,
    /// What one of its matters is called in counts, e.g. 件.
    pub unit: String,
    /// Its part.
    pub part: Part,
    /// Its shape.
    pub shape: Shape,
    /// The typed table a register feeds.
    pub projects: Option<Projects>,
    /// The statute it serves first.
    pub statute: String,
    /// The first day on which a matter may begin under it.
    pub in_force_from: Day,
    /// The first day on which none may begin under it any more.
    pub in_force_until: Option<Day>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Which organ holds a new matter.
    pub held_by: Seat,
    /// Kinds of organs that never hold one: the organ above them does (a team is part of an organ, not one).
    pub never_held_by: Vec<Code>,
    /// Organs that take part in every matter: of a function from the start, of a field as soon as it names them.
    pub joins: Vec<Seat>,
    /// What makes two matters of the procedure look like one that was entered twice.
    pub alike: Option<Alike>,
    /// Whether 是否涉密 is asked before any text or file.
    pub asks_secrecy: bool,
    /// Whether only the organs that take part see it, and posts that name it: those of an independent body, 公证机构 (公证法§6).
    pub private: bool,
    /// The field whose list item and the parties' names make the title; else the procedure's title.
    pub title_from: Vec<FieldId>,
    /// The field with the place of the matter.
    pub place_field: Option<FieldId>,
    /// Procedures whose matters decide may look at.
    pub reads: Vec<ProcedureId>,
    /// Tracks; the first is the main one.
    pub tracks: Vec<Track>,
    /// Roles of parties.
    pub roles: Vec<Role>,
    /// Fields.
    pub fields: BTreeMap<FieldId, Field>,
    /// Code lists by name.
    pub lists: BTreeMap<String, CodeList>,
    /// Kinds of evidence with their titles.
    pub evidence: Vec<(EvidenceKind, String)>,
    /// Named conditions.
    pub predicates: Vec<Predicate>,
    /// Tables that guards compare with.
    pub tables: Vec<TableId>,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// Steps, in the order of the file.
    pub steps: Vec<Step>,
    /// Generic acts allowed.
    pub generic: BTreeMap<Generic, GenericRule>,
    /// Instruments.
    pub instruments: Vec<Instrument>,
    /// Disclosure duties.
    pub disclosures: Vec<Disclosure>,
    /// Invariants.
    pub invariants: Vec<Invariant>,
}

impl Procedure {
    /// A step by id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }

    /// A track by id.
    pub fn track(&self, id: &str) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id.as_str() == id)
    }

    /// A state of a track.
    pub fn state(&self, track: &str, state: &str) -> Option<&State> {
        self.track(track)?.states.iter().find(|known| known.id.as_str() == state)
    }

    /// A clock by id.
    pub fn clock(&self, id: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.id.as_str() == id)
    }

    /// An instrument by id.
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|instrument| instrument.id.as_str() == id)
    }

    /// A role by id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id.as_str() == id)
    }

    /// A disclosure duty by id.
    pub fn disclosure(&self, id: &str) -> Option<&Disclosure> {
        self.disclosures.iter().find(|disclosure| disclosure.id.as_str() == id)
    }

    /// Whether its states have words for citizens: then its matters can be tracked with a query code.
    pub fn tells_citizens(&self) -> bool {
        self.tracks.iter().flat_map(|track| &track.states).any(|state| state.citizen.is_some())
    }

    /// The list of a field.
    pub fn list_of(&self, field: &Field) -> Option<&CodeList> {
        self.lists.get(field.list.as_deref()?)
    }

    /// The list of the field with this id.
    pub fn codes_of(&self, field: &str) -> Option<&CodeList> {
        self.list_of(self.fields.get(field)?)
    }

    /// Whether a code stands in the list of a field.
    pub fn knows_code(&self, field: &str, code: &str) -> bool {
        self.codes_of(field).is_some_and(|list| list.title(code).is_some())
    }

    /// What its steps ask of the power that a matter is brought under; as the first of them says it.
    pub fn power_needed(&self) -> Option<&PowerNeeded> {
        self.steps.iter().find_map(|step| step.power.as_ref())
    }

    /// The steps that open a matter.
    pub fn opening_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.from.is_empty())
    }
}
