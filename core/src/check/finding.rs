//! What the checker can find: codes with their severity and meaning, and one finding with its place in the file.
//!
//! `docs/findings.md` is written from [`Code::ALL`] by a test. Does not belong here: how anything is found.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::{
    ClockId, DisclosureId, EvidenceKind, FieldId, InstrumentId, PredicateId, RefusalCode, RoleId, StateId, StepId,
    TableId, TrackId,
};

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The definition cannot run.
    Error,
    /// Probably a mistake; it can run.
    Warning,
    /// Worth knowing.
    Information,
    /// For the county to see to (人员、配置): shown, never blocking.
    County,
}

impl Severity {
    /// The word before a finding.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Error => "错误",
            Self::Warning => "警告",
            Self::Information => "提示",
            Self::County => "县情",
        }
    }

    /// The word in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
            Self::County => "county",
        }
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $severity:ident, $meaning:literal;)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as printed, e.g. `dead-end`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// How bad.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),* }
            }

            /// What it means, in one Chinese sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

codes! {
    // references
    UnknownPost = "unknown-post", Error, "步骤、审批或者通用步骤所需的岗位没有在 law/posts.toml 中定义。";
    PostBlind = "post-blind", Error, "岗位要办理本程序的步骤，却看不到本程序的事项。";
    UnknownRefusal = "unknown-refusal", Error, "条件不满足时要给出的拒绝代码没有在 law/refusals.toml 中写明。";
    UnknownProcedure = "unknown-procedure", Error, "所启动、所查看的程序不存在。";
    UnknownRegister = "unknown-register", Error, "所要求的证件名册不存在，或者不是证件名册。";
    UnknownTable = "unknown-table", Error, "条件所比较的数额表不存在。";
    UnknownOutcome = "unknown-outcome", Error, "条件所等待的关联事项结果，被启动的程序不会给出。";
    UnknownParentStep = "unknown-parent-step", Error, "要求与上级事项的某步骤由不同人员办理，启动本程序的程序却没有该步骤。";
    CopyMismatch = "copy-mismatch", Error, "启动关联事项时带过去的内容，对方程序没有这一栏，或者种类不同。";
    Unused = "unused", Information, "定义了而没有用到：栏目、代码表、条件、数额表、当事人角色。";
    UnusedPaper = "unused-paper", Warning, "文书或者公示事项定义了，却没有步骤签发、产生或者完成。";
    UnusedRefusal = "unused-refusal", Warning, "拒绝代码没有任何条件使用：可能有条件被删去。";
    // form
    NoOpening = "no-opening-step", Error, "没有可以登记的步骤，也没有程序启动它。";
    RegisterField = "register-field", Error, "名册缺少系统要读取的字段。";
    SecrecyField = "secrecy-field", Error, "要求先问是否涉密，但没有相应字段。";
    HolderField = "holder-field", Error, "登记步骤没有要求填写承办机关。";
    // structure
    UnreachableState = "unreachable-state", Error, "状态无法到达：考虑了全部条件以后，没有一条路径进入它。";
    DeadEnd = "dead-end", Error, "在某条路径上，非结束状态没有任何步骤可走。";
    Livelock = "livelock", Error, "在某条路径上，步骤可以反复办理，但再也到不了结束状态。";
    StepNeverTaken = "step-never-taken", Error, "步骤永远不能办理：它的状态和条件不会同时成立。";
    GuardsOverlap = "guards-overlap", Error, "应当只有一个适用的几种情形互相重叠：同一条线同时进入两个状态，或者同一情形可得两种结果。";
    GuardsGap = "guards-gap", Error, "应当恰有一个适用的几种情形没有覆盖全部：有的情形下没有去处。";
    OverridesOverlap = "overrides-overlap", Warning, "期限的两种特别规定可能同时适用，先写的先用。";
    OverrideNeverApplies = "override-never-applies", Error, "期限的特别规定永远不会适用。";
    TableGap = "table-gap", Warning, "数额表有的当事人种类或者有的日期没有对应的一行。";
    TableRowHidden = "table-row-hidden", Warning, "数额表的一行被前面的行完全盖住，永远不会用到。";
    DiscretionGap = "discretion-gap", Error, "裁量基准的各档之间、各档与法定幅度之间有空档。";
    DiscretionOverlap = "discretion-overlap", Error, "裁量基准的各档互相重叠、超出法定幅度，或者同一违法行为列了两次。";
    DiscretionRange = "discretion-range", Error, "裁量基准所列的法定幅度，与从所引条文读出的罚款不一致。";
    LeniencyOverlap = "leniency-overlap", Error, "同一违法行为以同一情形在一张清单里同时列了两次。";
    LeniencyConflict = "leniency-conflict", Error, "同一违法行为以同一情形、同样的条件，既列在从轻清单又列在减轻清单。";
    LeniencyGap = "leniency-gap", Warning, "清单里的违法行为在裁量基准里没有，或者有裁量基准的领域缺一张清单。";
    ExplorationBound = "exploration-bound", Error, "程序太大，没有探索完：不能当作已经证明。";
    // basis
    UnknownStatute = "unknown-statute", Error, "所引法规不在 law/statutes.toml 中。";
    UnknownArticle = "unknown-article", Error, "所引的条、款、项在该法规的文本中不存在。";
    EditionUnknown = "edition-unknown", Information, "程序开始施行时有效的法规版本没有登记，引用只对照了以后的版本。";
    EditionNotInForce = "edition-not-in-force", Error, "程序开始施行时，它首先依据的法规还没有施行或者已经废止；或者程序施行期间，所引法规没有有效的版本。";
    EditionLater = "edition-later", Information, "所引条文见于较晚的版本，程序开始施行时的版本中不在该条。";
    CitationOutdated = "citation-outdated", Warning, "所引条文只见于较早的版本，现行版本中该条没有此语。";
    DecisionWithoutStatute = "decision-without-statute", Error, "不利决定、法定后果没有法律、法规、规章的条文作依据：法无授权不可为。";
    VersionsOverlap = "versions-overlap", Error, "同一程序的两个版本施行时间重叠。";
    VersionsGap = "versions-gap", Error, "同一程序的两个版本之间有一段时间没有版本施行。";
    // people outside
    ToldInternal = "told-internal", Error, "审核、集体讨论的步骤，或者由它们签发的文书，写成了告知当事人：副卷的内容不对当事人公开。";
    DecisionToNobody = "decision-to-nobody", Error, "不利决定所签发的文书没有写明发给哪一方当事人。";
    // clocks
    ClockWithoutPhrase = "clock-without-phrase", Error, "法定期限没有写明法条中的原词。";
    ClockNeverStarts = "clock-never-starts", Error, "期限没有能够办理的起算步骤。";
    ClockNeverStops = "clock-never-stops", Error, "机关的期限没有任何步骤可以了结。";
    ClockCannotStop = "clock-cannot-stop", Error, "在某条路径上，机关的期限仍在计算，却再也没有步骤可以了结。";
    PhraseNotVerified = "phrase-not-verified", Information, "没有法规文本，也没有核对记录，期限的原词未经核对。";
    PhraseNotLocked = "phrase-not-locked", Error, "所引条文和原词不在核对记录 law/phrases.lock 中：写错了，或者还没有对照原文核对。";
    PhraseNotInArticle = "phrase-not-in-article", Error, "所引条文中没有这个原词。";
    CitationNotLocked = "citation-not-locked", Error, "所引条文不在核对记录 law/phrases.lock 中：写错了，或者还没有对照原文核对。";
    LockStale = "lock-stale", Warning, "核对记录中的一行没有定义再引用，或者与现有文本不符。";
    AmountConflict = "amount-conflict", Error, "期限的数目与原词不一致。";
    UnitConflict = "unit-conflict", Error, "期限的单位与法规计算“日”的规定不一致。";
    RollMissing = "roll-missing", Error, "法规规定末日逢休假日顺延，期限却没有写。";
    LimitNotConfigurable = "limit-not-configurable", Error, "不是法定的期限，或者法定期限上的非法定延长、扣除，没有写明由县设定的理由。";
    LimitKindConflict = "limit-kind-conflict", Error, "原词表明的方向或者种类（前、后、经过、不少于）与期限的写法不一致。";
    SuspensionNotLeft = "suspension-not-left", Error, "恢复计算期限的步骤没有离开中止的状态：事项停着，期限却在走。";
    GateUnused = "gate-unused", Error, "最短期间没有任何条件等待它届满：期间形同虚设。";
    LimitationUnused = "limitation-unused", Error, "权力或者权利的期间届满后没有任何条件理会它。";
    ExclusionWithoutBasis = "exclusion-without-basis", Error, "法定期限的扣除、延长只有内控依据。";
    ExtensionWithoutApprover = "extension-without-approver", Error, "延长期限没有批准人：须由岗位上的人员批准。";
    DeemedWithoutBasis = "deemed-without-basis", Error, "期限届满的法定后果没有法定依据。";
    ExpiryNotSystem = "expiry-not-system", Error, "期限届满由系统办理的步骤，没有允许系统办理，或者期限届满不能作为它的条件。";
    SystemWithoutExpiry = "system-without-expiry", Error, "系统办理的步骤没有任何期限届满作为由来。";
    DutyWithoutClock = "duty-without-clock", Error, "机关应当办理的步骤在某条路径上没有期限，也没有写明理由。";
    // papers, remedies, disclosure
    PaperMissing = "paper-missing", Error, "告知、决定和有结论的审查没有签发文书，或者有的情形下没有文书。";
    DecisionWithoutRemedy = "decision-without-remedy", Error, "不利决定没有（或者有的情形下没有）告知救济途径的文书。";
    RemedyTextMissing = "remedy-text-missing", Error, "应当告知救济途径的文书正文没有写明复议、诉讼。";
    RemedyWindowMissing = "remedy-window-missing", Error, "不利决定没有当事人申请复议、提起诉讼的期限。";
    DecisionNotServed = "decision-not-served", Error, "不利决定作出后可以不经送达而结束。";
    DecisionWithoutDisclosure = "decision-without-disclosure", Error, "不利决定没有公示义务，也没有写明理由。";
    DisclosureNeverMade = "disclosure-never-made", Error, "公示义务产生后，没有步骤可以完成它。";
    DisclosureWithoutDeadline = "disclosure-without-deadline", Error, "公示义务没有期限，也没有写明理由。";
    // people
    OfficersMissing = "officers-missing", Error, "执法的调查取证步骤没有要求持证人员在场，也没有写明理由。";
    PowerMissing = "power-missing", Error, "执法程序的立案、不利决定没有核对职权，也没有写明理由。";
    OfficersPhrase = "officers-phrase", Error, "在场人员的数目有法定依据而没有写明原词，或者与原词不一致。";
    ReviewerMayBeDrafter = "reviewer-may-be-drafter", Error, "审查步骤可以由起草、调查的人员自己办理，也没有写明理由。";
    SeparationUneven = "separation-uneven", Error, "同一处的几种结论，有的要求由不同人员办理，有的没有。";
    Staffing = "staffing", County, "一个机关按照分离的要求办完本程序所需的最少人数。";
    // invariants
    InvariantViolated = "invariant-violated", Error, "必须始终成立的规则可以被违反；给出最短的违法路径。";
    InvariantIdle = "invariant-idle", Warning, "规则所说的步骤永远不会办理，规则没有意义。";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding is about: something that a file of the law defines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// The procedure itself.
    Procedure,
    /// A track.
    Track(TrackId),
    /// A state of a track.
    State(TrackId, StateId),
    /// A step.
    Step(StepId),
    /// The nth guard of a step.
    Guard(StepId, usize),
    /// A clock.
    Clock(ClockId),
    /// The nth override of a clock.
    Override(ClockId, usize),
    /// A named condition.
    Predicate(PredicateId),
    /// A field.
    Field(FieldId),
    /// A code list.
    List(String),
    /// A role of parties.
    Role(RoleId),
    /// A kind of evidence.
    Evidence(EvidenceKind),
    /// An instrument.
    Instrument(InstrumentId),
    /// A disclosure duty.
    Disclosure(DisclosureId),
    /// An invariant.
    Invariant(String),
    /// The generic steps.
    Generic,
    /// A table.
    Table(TableId),
    /// A violation of a benchmark of discretion.
    Discretion(String),
    /// A violation on a list of leniency.
    Leniency(String),
    /// A refusal.
    Refusal(RefusalCode),
    /// A line of the lock.
    Lock(usize),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Procedure => f.write_str("程序"),
            Self::Track(id) => write!(f, "线 {id}"),
            Self::State(track, id) => write!(f, "状态 {track}.{id}"),
            Self::Step(id) => write!(f, "步骤 {id}"),
            Self::Guard(id, n) => write!(f, "步骤 {id} 的条件{}", n + 1),
            Self::Clock(id) => write!(f, "期限 {id}"),
            Self::Override(id, n) => write!(f, "期限 {id} 的特别规定{}", n + 1),
            Self::Predicate(id) => write!(f, "法定条件 {id}"),
            Self::Field(id) => write!(f, "栏目 {id}"),
            Self::List(id) => write!(f, "代码表 {id}"),
            Self::Role(id) => write!(f, "角色 {id}"),
            Self::Evidence(id) => write!(f, "材料 {id}"),
            Self::Instrument(id) => write!(f, "文书 {id}"),
            Self::Disclosure(id) => write!(f, "公示 {id}"),
            Self::Invariant(id) => write!(f, "规则 {id}"),
            Self::Generic => f.write_str("通用步骤"),
            Self::Table(id) => write!(f, "数额表 {id}"),
            Self::Discretion(violation) => write!(f, "裁量基准 {violation}"),
            Self::Leniency(violation) => write!(f, "四张清单 {violation}"),
            Self::Refusal(code) => write!(f, "拒绝 {code}"),
            Self::Lock(line) => write!(f, "第{line}行"),
        }
    }
}

/// Where each thing of a file is defined: line and column from 1. Kept beside a definition, never in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<Subject, (usize, usize)>);

impl Places {
    /// Notes a place; the first note of a subject stands.
    pub fn note(&mut self, subject: Subject, at: (usize, usize)) {
        self.0.entry(subject).or_insert(at);
    }

    /// The place of a subject, or of what contains it.
    pub fn of(&self, subject: &Subject) -> Option<(usize, usize)> {
        let within = || match subject {
            Subject::State(track, _) => self.0.get(&Subject::Track(track.clone())),
            Subject::Guard(step, _) => self.0.get(&Subject::Step(step.clone())),
            Subject::Override(clock, _) => self.0.get(&Subject::Clock(clock.clone())),
            _ => None,
        };
        self.0.get(subject).or_else(within).or_else(|| self.0.get(&Subject::Procedure)).copied()
    }
}

/// Something the checker found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What kind.
    pub code: Code,
    /// The file, relative to the law folder.
    pub file: String,
    /// Line and column from 1, when known.
    pub at: Option<(usize, usize)>,
    /// What it is about.
    pub subject: Subject,
    /// What, in Chinese; the shortest unlawful path where there is one.
    pub explanation: String,
    /// A suggested mend, in Chinese.
    pub mend: String,
}

impl Finding {
    /// How bad.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// `file:line:column`, as far as known.
    pub fn place(&self) -> String {
        match self.at {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: [{}] {}：{}",
            self.severity().chinese(),
            self.place(),
            self.code,
            self.subject,
            self.explanation
        )
    }
}

/// Findings of one file as they are collected.
#[derive(Debug)]
pub struct Findings<'a> {
    file: &'a str,
    places: &'a Places,
    list: Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// None yet.
    pub fn new(file: &'a str, places: &'a Places) -> Self {
        Self { file, places, list: Vec::new() }
    }

    /// Notes one.
    pub fn add(&mut self, code: Code, subject: Subject, explanation: impl Into<String>, mend: impl Into<String>) {
        let at = self.places.of(&subject);
        let (explanation, mend) = (explanation.into(), mend.into());
        self.list.push(Finding { code, file: self.file.to_owned(), at, subject, explanation, mend });
    }

    /// All of them, by severity, then by place.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by(|a, b| (a.severity(), &a.file, a.at, a.code).cmp(&(b.severity(), &b.file, b.at, b.code)));
        self.list
    }
}
