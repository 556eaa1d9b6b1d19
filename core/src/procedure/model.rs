//! What a procedure definition says, with every reference resolved. No positions, no TOML here.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::guard::Expr;
use crate::basis::Basis;
use crate::clock::{Duty, Expiry, Limit, Unit};
use crate::day::Day;
use crate::id::{
    ClockId, Code, Digest, DisclosureId, EvidenceKind, FieldId, InstrumentId, OrganFunction, Outcome, PostKind,
    PredicateId, ProcedureId, RefusalCode, RoleId, StateId, StepId, TableId, TrackId,
};

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
}

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

/// A code list: the values a field may take, in their order.
#[derive(Clone, Debug)]
pub struct CodeList {
    /// Code → title.
    pub items: Vec<(Code, String)>,
}

impl CodeList {
    /// The title of a code.
    pub fn title(&self, code: &str) -> Option<&str> {
        self.items.iter().find(|(known, _)| known.as_str() == code).map(|(_, title)| title.as_str())
    }
}

/// What a field holds. The kind decides whether it is a fact (figures, clocks and guards may read it) or sealed
/// (only pages read it, and it can be erased).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Sealed, one line.
    Text,
    /// Sealed, many lines.
    LongText,
    /// Sealed, personal: a person's or party's name.
    Name,
    /// Sealed, personal: telephone.
    Phone,
    /// Sealed, personal: resident identity number, check digit verified.
    IdNumber,
    /// Sealed, personal: postal address.
    Address,
    /// Sealed: unified social credit code, check digit verified.
    Uscc,
    /// Fact: a short public text such as a number or a title that may be read by all who see the matter.
    Label,
    /// Fact: one value of a code list.
    Code,
    /// Fact: several values of a code list.
    Codes,
    /// Fact: whole number.
    Integer,
    /// Fact: money in 分; typed and shown in 元.
    Money,
    /// Fact: a day.
    Date,
    /// Fact: yes or no.
    Boolean,
    /// Fact: an organ of the county.
    Organ,
    /// Fact: a person of the register.
    Person,
    /// Fact: a place of the county.
    Place,
}

impl FieldKind {
    /// Whether the value is sealed rather than a fact.
    pub fn sealed(self) -> bool {
        matches!(
            self,
            Self::Text | Self::LongText | Self::Name | Self::Phone | Self::IdNumber | Self::Address | Self::Uscc
        )
    }

    /// Whether the value is personal data, masked unless revealed with a reason.
    pub fn personal(self) -> bool {
        matches!(self, Self::Name | Self::Phone | Self::IdNumber | Self::Address)
    }
}

/// A field of a matter.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its identifier.
    pub id: FieldId,
    /// Its label on forms.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// The list, for codes.
    pub list: Option<String>,
    /// A sentence under the label.
    pub hint: Option<String>,
    /// Longest text in characters, or largest number (money in 分).
    pub max: Option<i64>,
    /// Smallest number (money in 分).
    pub min: Option<i64>,
    /// The unit shown behind a number, e.g. 人.
    pub unit: Option<String>,
    /// Whether it may appear on citizens' pages after 公开审查.
    pub public: bool,
    /// Whether a date may lie in the future.
    pub future: bool,
}

/// Who may be a party in a role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum PartyKind {
    /// 自然人.
    #[n(0)]
    Natural,
    /// 法人及非法人组织.
    #[n(1)]
    Legal,
    /// 个体工商户.
    #[n(2)]
    SoleTrader,
}

impl PartyKind {
    /// The word on forms.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Natural => "自然人",
            Self::Legal => "法人及非法人组织",
            Self::SoleTrader => "个体工商户",
        }
    }

    /// The code in forms and guards.
    pub fn code(self) -> &'static str {
        match self {
            Self::Natural => "natural",
            Self::Legal => "legal",
            Self::SoleTrader => "sole_trader",
        }
    }

    /// From its code.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Natural, Self::Legal, Self::SoleTrader].into_iter().find(|kind| kind.code() == text)
    }
}

/// A role of parties.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its identifier.
    pub id: RoleId,
    /// Its title, e.g. 申请人.
    pub title: String,
    /// At least so many.
    pub min: u16,
    /// At most so many.
    pub max: u16,
    /// Which kinds of party.
    pub kinds: Vec<PartyKind>,
    /// Which of the party's details must be given (`name` always): phone, id_number, address, uscc, representative.
    pub required: Vec<FieldKind>,
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

/// Officers who must be present with certificates.
#[derive(Clone, Debug)]
pub struct OfficersNeeded {
    /// At least so many (行政处罚法§42: two).
    pub min: u16,
    /// Which register holds their certificate.
    pub credential: ProcedureId,
    /// The field of the matter that the certificate's field of law must cover.
    pub domain: Option<FieldId>,
    /// Where it stands.
    pub basis: Basis,
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
    /// Facts carried over: from this matter's field to the other's.
    pub copies: Vec<(FieldId, FieldId)>,
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
    /// Who is made responsible: the assignee typed by the actor.
    pub assigns: bool,
    /// Only the person responsible may take it (or a deputy).
    pub assigned_only: bool,
    /// How the matter (or the linked part) has ended.
    pub outcome: Option<Outcome>,
    /// Whether it may be left out: it is offered, but nobody is waited for.
    pub optional: bool,
    /// Whether citizens see it on the tracking page.
    pub citizen_sees: bool,
    /// A sentence for the person who takes it.
    pub hint: Option<String>,
}

/// A generic act that every procedure inherits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generic {
    /// 更正: facts or texts, with a reason; the old entry stays.
    Correct,
    /// 作废: the matter was opened in error.
    Void,
    /// 并案: the matter duplicates another.
    Merge,
    /// 转办: another person of the same organ is responsible.
    Reassign,
    /// 代理: someone stands in while the responsible person is absent.
    Deputise,
    /// 催办.
    Urge,
    /// 撤回 the last step before anyone acted on it.
    Withdraw,
    /// 补充材料.
    Attach,
}

impl Generic {
    /// All, in the order of pages.
    pub const ALL: [Self; 8] = [
        Self::Attach,
        Self::Correct,
        Self::Reassign,
        Self::Deputise,
        Self::Urge,
        Self::Withdraw,
        Self::Merge,
        Self::Void,
    ];

    /// The step id it is recorded under; `_` keeps it apart from a definition's own steps.
    pub fn step(self) -> StepId {
        StepId::from(match self {
            Self::Correct => "_correct",
            Self::Void => "_void",
            Self::Merge => "_merge",
            Self::Reassign => "_reassign",
            Self::Deputise => "_deputise",
            Self::Urge => "_urge",
            Self::Withdraw => "_withdraw",
            Self::Attach => "_attach",
        })
    }

    /// From a step id.
    pub fn of(step: &StepId) -> Option<Self> {
        Self::ALL.into_iter().find(|generic| generic.step() == *step)
    }

    /// The word on pages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Correct => "更正",
            Self::Void => "作废",
            Self::Merge => "并案",
            Self::Reassign => "转办",
            Self::Deputise => "代理",
            Self::Urge => "催办",
            Self::Withdraw => "撤回",
            Self::Attach => "补充材料",
        }
    }
}

/// Who may take a generic act in a procedure, and on what basis.
#[derive(Clone, Debug)]
pub struct GenericRule {
    /// Holders of these posts.
    pub by: Vec<PostKind>,
    /// The basis; mostly 内控.
    pub basis: Basis,
}

/// A clock of the definition.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Its identifier.
    pub id: ClockId,
    /// Its title, e.g. 办案期限.
    pub title: String,
    /// Its article.
    pub basis: Basis,
    /// The phrase that must stand in the article.
    pub phrase: String,
    /// The limit.
    pub limit: Limit,
    /// The steps whose legal date starts it.
    pub starts: Vec<StepId>,
    /// A date field to start from instead of the step's legal date.
    pub starts_on: Option<FieldId>,
    /// Only started when this holds.
    pub when: Option<Expr>,
    /// The steps that meet or end it.
    pub stops: Vec<StepId>,
    /// Intervals left out: from the first step to the second.
    pub suspends: Vec<(StepId, StepId, Basis)>,
    /// Steps that extend it.
    pub extends: Vec<Extends>,
    /// Steps that start it anew.
    pub restarts: Vec<StepId>,
    /// Other limits for particular matters; the first that holds applies.
    pub overrides: Vec<ClockOverride>,
    /// What expiry does.
    pub expiry: Expiry,
    /// Who is bound.
    pub duty: Duty,
    /// Whether amount or unit is a county setting because the sources do not settle it.
    pub configurable: Option<String>,
}

/// A step that extends a clock.
#[derive(Clone, Debug)]
pub struct Extends {
    /// The step; who may take it is who approves.
    pub step: StepId,
    /// How much.
    pub amount: u32,
    /// Which unit.
    pub unit: Unit,
    /// How often at most.
    pub times: u16,
    /// The basis.
    pub basis: Basis,
}

/// Another limit for particular matters, e.g. a sector's own rule.
#[derive(Clone, Debug)]
pub struct ClockOverride {
    /// When.
    pub when: Expr,
    /// The limit.
    pub limit: Limit,
    /// Where it stands.
    pub basis: Basis,
    /// The phrase.
    pub phrase: String,
}

/// How numbers of an instrument are made: gapless per organ, instrument and year.
#[derive(Clone, Debug)]
pub struct Numbering {
    /// The pattern: `{short}罚决字〔{year}〕{n}号`.
    pub pattern: String,
    /// Whose number it is.
    pub of: Seat,
}

/// An instrument 文书 that a step issues.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Its identifier.
    pub id: InstrumentId,
    /// Its title.
    pub title: String,
    /// Its number, if it has one.
    pub numbering: Option<Numbering>,
    /// The role it is addressed to, if any.
    pub to: Option<RoleId>,
    /// Whether it must state remedies.
    pub remedies: bool,
    /// Its text: paragraphs with `{field}` places, see [`crate::text::fill`].
    pub body: String,
}

/// A disclosure duty 公示.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its identifier.
    pub id: DisclosureId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub basis: Basis,
    /// The fields shown.
    pub fields: Vec<FieldId>,
    /// Roles whose parties are shown, natural persons masked.
    pub parties: Vec<RoleId>,
    /// The instrument whose number is shown.
    pub instrument: Option<InstrumentId>,
    /// The field with the last day of publication.
    pub until: Option<FieldId>,
}

/// A rule that must hold on every path; the checker proves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// `never A before B`.
    NeverBefore(StepId, StepId),
    /// `A only if B`: B was done earlier.
    OnlyIf(StepId, StepId),
    /// `A and B by different persons`.
    Different(StepId, StepId),
    /// `after A always B`: from A every end passes B.
    AfterAlways(StepId, StepId),
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
    /// The functions of organs that take part in every matter from the start.
    pub joins: Vec<Seat>,
    /// Whether 是否涉密 is asked before any text or file.
    pub asks_secrecy: bool,
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

    /// The list of a field.
    pub fn list_of(&self, field: &Field) -> Option<&CodeList> {
        self.lists.get(field.list.as_deref()?)
    }

    /// The steps that open a matter.
    pub fn opening_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.from.is_empty())
    }
}
