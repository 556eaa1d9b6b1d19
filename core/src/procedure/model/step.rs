//! Steps, states and who may take a step.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::super::guard::Expr;
use crate::basis::Basis;
use crate::id::{
    Code, DisclosureId, EvidenceKind, FieldId, InstrumentId, OrganFunction, Outcome, PostKind, PredicateId,
    ProcedureId, RefusalCode, RoleId, StateId, StepId, TrackId,
};

/// What a step is, as figures and the checker understand it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum StepKind {
    /// 登记、受理、立案.
    #[n(0)]
    Filing,
    /// 告知.
    #[n(1)]
    Notice,
    /// 听取意见、听证.
    #[n(2)]
    Hearing,
    /// 调查取证.
    #[n(3)]
    Investigation,
    /// 审核、审查.
    #[n(4)]
    Review,
    /// A decision that burdens a party.
    #[n(5)]
    DecisionAdverse,
    /// A decision that grants or relieves.
    #[n(6)]
    DecisionFavourable,
    /// 送达.
    #[n(7)]
    Service,
    /// 公示、撤回公示.
    #[n(8)]
    Disclosure,
    /// 复议、诉讼结果回填.
    #[n(9)]
    Remedy,
    /// 调解、达成协议.
    #[n(10)]
    Settlement,
    /// 缴款、履行、执行.
    #[n(11)]
    Execution,
    /// 结案、归档.
    #[n(12)]
    Closing,
    /// A party's own act: 申请、陈述申辩、拒绝.
    #[n(13)]
    PartyAct,
    /// Internal handling: 转办、审批流转、催办.
    #[n(14)]
    Internal,
    /// Registers: 登记、变更、注销.
    #[n(15)]
    Register,
    /// The system acts because a clock expired.
    #[n(16)]
    System,
}

/// A state of a track.
#[derive(Clone, Debug)]
pub struct State {
    /// Its identifier.
    pub id: StateId,
    /// Its title, e.g. 已立案.
    pub title: String,
    /// Whether the track ends here.
    pub end: bool,
    /// What citizens read when they track their matter, if anything.
    pub citizen: Option<String>,
}

/// A strand of the matter with its own state.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its identifier; the first track is the main one.
    pub id: TrackId,
    /// Its title.
    pub title: String,
    /// Where it begins.
    pub initial: StateId,
    /// All its states.
    pub states: Vec<State>,
}

/// A named condition, e.g. 处罚法§58 applies.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// Its identifier.
    pub id: PredicateId,
    /// What it says.
    pub title: String,
    /// Where it stands.
    pub basis: Basis,
    /// When it holds.
    pub when: Expr,
}

/// Something that applies only when a condition holds (`"item if condition"`).
#[derive(Clone, PartialEq, Debug)]
pub struct When<T> {
    /// The thing.
    pub item: T,
    /// The condition; none means always.
    pub when: Option<Expr>,
}

/// A condition on a step, with the article it comes from and the refusal it gives.
#[derive(Clone, Debug)]
pub struct Guard {
    /// What must hold.
    pub that: Expr,
    /// The source text, for pages and the checker.
    pub text: String,
    /// Where it stands.
    pub basis: Basis,
    /// What is said when it does not hold.
    pub refusal: RefusalCode,
}

/// Who may take a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Performer {
    /// The holder of a post of this kind.
    Post(PostKind),
    /// A citizen on the portal.
    Citizen,
    /// The system, when a clock has expired.
    System,
}

/// Which organ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seat {
    /// The organ that holds the matter.
    Holding,
    /// The organ above the one that holds the matter.
    Parent,
    /// The organ of the county that has a function, e.g. `legality_review`.
    Function(OrganFunction),
    /// The organ named in a field.
    Field(FieldId),
    /// The actor's own organ, whichever it is.
    Own,
}

/// A step whose deciders and officers must be other persons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotBy {
    /// The step.
    pub step: StepId,
    /// Whether it is a step of the matter that opened this one (听证主持人非本案调查人员).
    pub of_parent: bool,
    /// Where it stands.
    pub basis: Basis,
}

impl NotBy {
    /// Instead of a step of the matter that opened this one: who is responsible for it (承办人).
    pub const RESPONSIBLE: &str = "_responsible";

    /// Whether whoever is responsible for the matter above is meant.
    pub fn is_responsible(&self) -> bool {
        self.of_parent && self.step.as_str() == Self::RESPONSIBLE
    }
}

/// Officers who must be present with certificates.
#[derive(Clone, Debug)]
pub struct OfficersNeeded {
    /// At least so many (行政处罚法§42: two).
    pub min: u16,
    /// The words of the article that say so.
    pub phrase: String,
    /// Which register holds their certificate.
    pub credential: ProcedureId,
    /// The field of the matter that the certificate's field of law must cover.
    pub domain: Option<FieldId>,
    /// Where it stands.
    pub basis: Basis,
}

/// Who takes the step, and the officers present, had no part in the matter that a field names, and are not of an organ that did.
#[derive(Clone, Debug)]
pub struct Apart {
    /// The field with the other matter.
    pub from: FieldId,
    /// Where it stands that nobody reviews what they handled.
    pub person: Basis,
    /// Where it stands that nobody reviews what their organ handled.
    pub organ: Basis,
}

/// The step scores a file by a sheet of `law/review/`.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The field with the sheet.
    pub sheet: FieldId,
    /// The field in which deductions are typed.
    pub deductions: FieldId,
    /// The field with the points, made.
    pub score: FieldId,
    /// The field with the grade, made.
    pub grade: FieldId,
    /// The field with the items found wanting, made.
    pub failed: FieldId,
}

/// A power 职权 that the organ must hold on the day, as the county's list says (行政处罚法§17).
#[derive(Clone, Debug)]
pub struct PowerNeeded {
    /// The field of the matter with the power.
    pub field: FieldId,
    /// The kind of power, e.g. `penalty`.
    pub kind: Code,
    /// The field with the field of law.
    pub domain: FieldId,
    /// The field with the organisation that acts in the organ's name, where one may (委托).
    pub body: Option<FieldId>,
    /// Whether it must be listed even where the county's list is silent: what only a law or regulation gives (行政强制法§13, §17).
    pub always: bool,
    /// Where it stands that an organ acts within its powers.
    pub basis: Basis,
    /// Where it stands that another may act for it (委托).
    pub entrusting: Basis,
    /// Where it stands that a town may act instead (赋权).
    pub assigning: Basis,
}

/// A matter of another procedure that a step opens.
#[derive(Clone, Debug)]
pub struct Opens {
    /// Which procedure.
    pub procedure: ProcedureId,
    /// The role it plays for this matter, e.g. `legal_review`.
    pub role: RoleId,
    /// Where it is held.
    pub held_by: Seat,
    /// Values carried over: from this matter's field to the other's.
    pub copies: Vec<(FieldId, FieldId)>,
    /// Its first step, where whoever takes this step takes that one with it: then texts, parties and documents are carried
    /// over as well, and nobody types them again. None: it waits for its own people.
    pub take: Option<StepId>,
    /// Whether it also follows a step that is recorded afterwards, on the same day.
    pub late: bool,
    /// Parties carried over: from this matter's role to the other's.
    pub carries: Vec<(RoleId, RoleId)>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its identifier.
    pub id: StepId,
    /// Its title, e.g. 作出处罚决定.
    pub title: String,
    /// What it is.
    pub kind: StepKind,
    /// Which track it moves.
    pub track: TrackId,
    /// From which states; empty opens a matter.
    pub from: Vec<StateId>,
    /// To which state; none leaves the state as it is.
    pub to: Option<StateId>,
    /// States entered in other tracks.
    pub also: Vec<When<(TrackId, StateId)>>,
    /// Who may take it.
    pub by: Vec<Performer>,
    /// In which organ.
    pub at: Seat,
    /// In whose name (委托: the entrusting organ).
    pub in_name_of: Seat,
    /// Who may enter it from the signed form of the person or meeting that decided.
    pub entered_by: Vec<PostKind>,
    /// Whether a meeting decides.
    pub meeting: bool,
    /// The authority for taking it.
    pub authority: Basis,
    /// Steps whose deciders and officers must be other persons.
    pub not_by: Vec<NotBy>,
    /// Officers present.
    pub officers: Option<OfficersNeeded>,
    /// The matter with which its people had nothing to do.
    pub apart: Option<Apart>,
    /// How it scores a file.
    pub scores: Option<Scores>,
    /// The field with the commitment to a secret that is made here and told with a later draw ([`crate::draw`]).
    pub pledges: Option<FieldId>,
    /// The power that it is taken under.
    pub power: Option<PowerNeeded>,
    /// Conditions.
    pub guards: Vec<Guard>,
    /// Fields that must be filled.
    pub fill: Vec<When<FieldId>>,
    /// Fields that may be filled.
    pub may_fill: Vec<FieldId>,
    /// Roles whose parties are entered here.
    pub parties: Vec<RoleId>,
    /// Documents that must be attached.
    pub evidence: Vec<When<EvidenceKind>>,
    /// Matters opened.
    pub opens: Vec<When<Opens>>,
    /// Instruments issued.
    pub issues: Vec<When<InstrumentId>>,
    /// Disclosure duties that arise.
    pub owes: Vec<When<DisclosureId>>,
    /// Disclosure duties that this step meets.
    pub discloses: Vec<DisclosureId>,
    /// Disclosures that this step withdraws.
    pub withdraws: Vec<DisclosureId>,
    /// Instruments issued earlier that this step changes or deprives of their effect.
    pub revokes: Vec<InstrumentId>,
    /// Who is made responsible: the assignee typed by the actor.
    pub assigns: bool,
    /// Only the person responsible may take it (or a deputy).
    pub assigned_only: bool,
    /// What it does to the sealed values of the matters that are listed.
    pub erases: Option<Erases>,
    /// How the matter (or the linked part) has ended.
    pub outcome: Option<Outcome>,
    /// Whether it may be left out: it is offered, but nobody is waited for.
    pub optional: bool,
    /// In these states it is offered, but nobody is waited for: there it would only repeat what has been done.
    pub optional_in: Vec<StateId>,
    /// The parties who are told of it on their own page; nobody else outside is, and of other steps nobody.
    pub told: Vec<RoleId>,
    /// A sentence for the person who takes it.
    pub hint: Option<String>,
    /// What the checker asks of such a step and it does not have, each with the reason.
    pub without: BTreeMap<Requirement, String>,
}

/// What a step does with the matters that a field of kind `matters` lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erases {
    /// They must be fit for destruction because their retention has ended.
    ListExpired,
    /// They must be fit for destruction because nothing asks for their retention (个人信息保护法§47).
    ListUnkept,
    /// Their sealed values are destroyed; two witnesses, the persons in its fields.
    Destroy,
    /// Nothing but storage is allowed any more (个人信息保护法§47).
    Restrict,
}

/// Something that the checker asks of steps of a kind, unless the definition says why not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// A clock runs while the organ has to act.
    Clock,
    /// Officers with certificates are present.
    Officers,
    /// Another person than the one who drafted or investigated.
    Separation,
    /// A duty of disclosure arises.
    Disclosure,
    /// The duty of disclosure has a limit.
    Deadline,
    /// An instrument is issued.
    Paper,
    /// The organ's power is looked up.
    Power,
}
