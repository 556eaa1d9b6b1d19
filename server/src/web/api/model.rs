//! The shapes of the API's JSON. A change here is a change of a public contract.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, MatterId};
use zhunsheng_core::matter::{Decider, Input, Manner, PartyInput};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::refusal::Refusal;

use crate::web::PageError;

/// A typed value: dates as `2024-10-26`, money in 元, codes as in the definition.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum FieldValue {
    /// A text, a date, a code, an amount in 元.
    Text(String),
    /// A whole number.
    Number(i64),
    /// 是 or 否.
    Flag(bool),
    /// Several codes.
    Several(Vec<String>),
}

impl FieldValue {
    fn typed(self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Number(number) => vec![number.to_string()],
            Self::Flag(yes) => vec![if yes { "yes" } else { "no" }.to_owned()],
            Self::Several(texts) => texts,
        }
    }
}

/// A party.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Party {
    /// The number of a known party to change; none enters a new one.
    pub ordinal: Option<u16>,
    /// Its role, as in the definition.
    pub role: Option<String>,
    /// `natural`, `legal` or `sole_trader`.
    pub kind: Option<String>,
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

/// How the act comes in; left out: taken here and now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum MannerOf {
    /// Taken here and now.
    Live,
    /// Entered from the signed form of the person or meeting that decided.
    SignedForm {
        /// The person who decided.
        person: Option<String>,
        /// The meeting that decided, e.g. 县政府第31次常务会议.
        meeting: Option<String>,
        /// The day on the form.
        day: String,
    },
    /// 补录: it happened elsewhere; recorded always, marked where defective.
    Late {
        /// The person who decided.
        person: Option<String>,
        /// The meeting that decided.
        meeting: Option<String>,
        /// The legal day.
        day: String,
        /// Its number, given elsewhere.
        number: Option<String>,
    },
    /// Taken over from another system.
    Imported {
        /// Which system.
        system: String,
        /// The person who decided.
        person: Option<String>,
        /// The legal day.
        day: String,
        /// Its number there.
        number: Option<String>,
    },
}

/// What is to be done.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StepRequest {
    /// For a new matter only: the opening step; left out where there is one that the post may take.
    pub step: Option<String>,
    /// Values by field.
    pub fields: BTreeMap<String, FieldValue>,
    /// Parties.
    pub parties: Vec<Party>,
    /// Officers present besides the token's person.
    pub officers: Vec<String>,
    /// Who is made responsible.
    pub assignee: Option<String>,
    /// The matter into which this one is merged.
    pub merge_into: Option<String>,
    /// The place of a new matter, where no field says it.
    pub place: Option<String>,
    /// Why: for generic acts, late entries and warnings of grade 内控 that are set aside.
    pub reason: Option<String>,
    /// How it comes in.
    pub manner: Option<MannerOf>,
}

/// The same with files, as parts of a form: `command` holds the JSON; every file is a part of its own, named by the kind of
/// document as in the definition (`original`: the signed original). PDF, OFD, JPG, PNG, DOCX, XLSX and UTF-8 text, by content,
/// 100 MB at most each; anything else is refused and goes to quarantine.
#[derive(Clone, Debug, ToSchema)]
pub struct FilesAndCommand {
    /// The command.
    pub command: StepRequest,
    /// A file: part name = kind of document.
    #[schema(value_type = String, format = Binary)]
    pub kind_of_document: Vec<u8>,
}

const NOT_AN_ID: PageError = PageError::Malformed("人员或者事项的编号不对");
const NOT_A_DAY: PageError = PageError::Malformed("日期应当是2024-10-26这样的形式");

fn id(text: &str) -> Result<MatterId, PageError> {
    MatterId::parse(text).ok_or(NOT_AN_ID)
}

fn decider(person: Option<String>, meeting: Option<String>) -> Result<Option<Decider>, PageError> {
    Ok(match (person, meeting) {
        (Some(person), _) => Some(Decider::Person(id(&person)?)),
        (None, Some(meeting)) => Some(Decider::Meeting(meeting)),
        (None, None) => None,
    })
}

impl MannerOf {
    fn manner(self) -> Result<Manner, PageError> {
        let day = |text: &str| Day::parse(text).ok_or(NOT_A_DAY);
        Ok(match self {
            Self::Live => Manner::Live,
            Self::SignedForm { person, meeting, day: on } => Manner::SignedForm {
                decided_by: decider(person, meeting)?.ok_or(PageError::Malformed("没有写明谁作的决定"))?,
                day: day(&on)?,
                original: None,
            },
            Self::Late { person, meeting, day: on, number } => {
                Manner::Late { decided_by: decider(person, meeting)?, day: day(&on)?, original: None, number }
            }
            Self::Imported { system, person, day: on, number } => {
                Manner::Imported { system, decided_by: decider(person, None)?, day: day(&on)?, number }
            }
        })
    }
}

impl Party {
    fn input(self) -> PartyInput {
        PartyInput {
            ordinal: self.ordinal,
            role: self.role.map(Into::into),
            kind: self.kind.as_deref().and_then(PartyKind::parse),
            name: self.name,
            id_number: self.id_number,
            phone: self.phone,
            address: self.address,
            uscc: self.uscc,
            representative: self.representative,
        }
    }
}

impl StepRequest {
    /// As the engine takes it.
    pub fn read(self) -> Result<(Input, Manner), PageError> {
        let manner = self.manner.map_or(Ok(Manner::Live), MannerOf::manner)?;
        let input = Input {
            fields: self.fields.into_iter().map(|(field, value)| (FieldId::from(field), value.typed())).collect(),
            parties: self.parties.into_iter().map(Party::input).collect(),
            officers: self.officers.iter().map(|person| id(person)).collect::<Result<_, _>>()?,
            assignee: self.assignee.as_deref().map(id).transpose()?,
            merge_into: self.merge_into.as_deref().map(id).transpose()?,
            place: self.place.map(Into::into),
            reason: self.reason,
            ..Input::default()
        };
        Ok((input, manner))
    }
}

/// It was done and is durable.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Done {
    /// The matter.
    pub matter: String,
    /// The position of the entry in the record.
    pub entry: i64,
    /// The code with which a citizen tracks a new matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_code: Option<String>,
    /// Defects that were marked and warnings that were set aside.
    pub noted: Vec<String>,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// One reason why not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefusalView {
    /// Its code.
    pub code: String,
    /// One sentence.
    pub sentence: String,
    /// The article or rule.
    pub basis: Option<String>,
    /// 法定, 制度 or 内控.
    pub grade: &'static str,
    /// What to do next.
    pub next: String,
    /// The field it belongs to.
    pub field: Option<String>,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.to_string(),
            sentence: refusal.sentence.clone(),
            basis: refusal.basis.as_ref().map(ToString::to_string),
            grade: refusal.grade().chinese(),
            next: refusal.next.clone(),
            field: refusal.field.as_ref().map(ToString::to_string),
        }
    }
}

/// Nothing happened, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Refused {
    /// Every reason, in the order of the catalogue.
    pub refusals: Vec<RefusalView>,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A code with its title.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Titled {
    /// The code.
    pub code: String,
    /// The title.
    pub title: String,
}

/// A fact. Sealed values (names, telephone numbers, texts) are not given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactView {
    /// The field's title.
    pub title: String,
    /// As stored: code, number (money in 分), `2024-10-26`, yes or no.
    pub value: String,
    /// As people read it.
    pub text: String,
}

/// A time limit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// Which.
    pub clock: Titled,
    /// The day that started it.
    pub start: String,
    /// The last day, if one can be named.
    pub due: Option<String>,
    /// Counted without that year's notice of days off: a warning only.
    pub provisional: bool,
    /// Whether it still runs.
    pub running: bool,
    /// Its article.
    pub basis: String,
    /// The working.
    pub because: Vec<String>,
}

/// An instrument.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstrumentView {
    /// Which kind.
    pub kind: Titled,
    /// Its number.
    pub number: Option<String>,
    /// The day on it.
    pub day: String,
}

/// A step that the states allow now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextStep {
    /// Which.
    pub step: Titled,
    /// Who may take it.
    pub who: String,
    /// Its article.
    pub authority: String,
    /// Why this post cannot take it now; empty if it can.
    pub refusals: Vec<RefusalView>,
}

/// A matter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatterView {
    /// Which.
    pub id: String,
    /// Its procedure.
    pub procedure: Titled,
    /// Its title, natural persons masked.
    pub title: String,
    /// The organ that holds it.
    pub organ: Titled,
    /// Its place.
    pub place: Option<String>,
    /// The day it began.
    pub opened: String,
    /// The day it ended.
    pub ended: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Voided or merged.
    pub closed: bool,
    /// The state of each track.
    pub states: BTreeMap<String, Titled>,
    /// Facts by field.
    pub facts: BTreeMap<String, FactView>,
    /// Time limits.
    pub clocks: Vec<ClockView>,
    /// Instruments.
    pub instruments: Vec<InstrumentView>,
    /// What can be done next.
    pub next: Vec<NextStep>,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// Figures, each as `zhunsheng figures --json` gives it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FiguresView {
    /// What the county knew at the end of this day.
    pub as_of: String,
    /// `{id, title, value, unit, period: [from, to], check, stated, matters}`.
    #[schema(value_type = Vec<Object>)]
    pub figures: serde_json::Value,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// Reports to the credit platform, as `zhunsheng credit coverage --json` gives them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageView {
    /// `{from, to, categories, organs: [{organ, name, owed, reported, late, pending, missing, per_mille, months_without_list}], missing:
    /// [{matter, organ, category, number, decided, due, standing}]}`; `per_mille` is null without a denominator.
    #[schema(value_type = Object)]
    pub coverage: serde_json::Value,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// The yearly sheet of enforcement, as `zhunsheng figures yearly --json` gives it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct YearlyView {
    /// `{title, year, configurable, groups: [{title, rule, rows: [{title, value, unit}]}]}`.
    #[schema(value_type = Object)]
    pub yearly: serde_json::Value,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A page of matters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListView {
    /// Newest first.
    pub matters: Vec<ListedMatter>,
    /// What to ask for next; none at the end.
    pub before: Option<i64>,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A matter in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedMatter {
    /// Its identity.
    pub id: String,
    /// Its procedure.
    pub procedure: Titled,
    /// Its line, natural persons masked.
    pub title: String,
    /// The number of its newest numbered instrument.
    pub number: Option<String>,
    /// Who holds it.
    pub organ: Titled,
    /// Its place.
    pub place: Option<String>,
    /// Where its main track stands.
    pub state: Titled,
    /// How it ended.
    pub outcome: Option<String>,
    /// The day it began.
    pub opened: String,
    /// The day it ended.
    pub ended: Option<String>,
    /// The day on which the nearest limit ends.
    pub due: Option<String>,
    /// How many defects are marked.
    pub flags: i64,
}

/// A batch that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchSent {
    /// Its name; empty if nothing was sent.
    pub batch: String,
    /// How many reports it has.
    pub sent: usize,
    /// How many were held back by the check.
    pub held_back: usize,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A batch that went out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchLine {
    /// Its name.
    pub batch: String,
    /// How many reports stand in it now: what was sent again since stands in the later batch.
    pub reports: i64,
}

/// The batches that went out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchesView {
    /// The newest first.
    pub batches: Vec<BatchLine>,
    /// 演示数据, in a demonstration county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "names the body of an answer")]
pub struct FileBytes(Vec<u8>);
