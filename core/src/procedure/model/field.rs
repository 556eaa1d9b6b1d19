//! Fields, code lists, parties: what a matter holds.

use minicbor::{Decode, Encode};

use crate::id::{Code, DisclosureId, FieldId, ProcedureId, RoleId, StepId};

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
    /// Fact: several organs of the county.
    Organs,
    /// Fact: a person of the register.
    Person,
    /// Fact: a place of the county.
    Place,
    /// Fact: a power of the county's list 权责清单.
    Power,
    /// Fact: one of the matters that [`Field::of`] tells, by its id.
    Matter,
    /// Fact: matters by their ids; `id/label` means one sealed value only.
    Matters,
}

/// Which matters a field can name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedMatter {
    /// Those of this procedure.
    pub procedure: ProcedureId,
    /// Of which this was disclosed and not withdrawn.
    pub disclosed: Option<DisclosureId>,
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
    /// The matters it can name, for one.
    pub of: Option<NamedMatter>,
    /// A sentence under the label.
    pub hint: Option<String>,
    /// Longest text in characters, or largest number (money in 分).
    pub max: Option<i64>,
    /// Shortest text in characters, or smallest number (money in 分).
    pub min: Option<i64>,
    /// The field with a power: until something is typed, the organs competent for it stand here.
    pub competent_for: Option<FieldId>,
    /// The field of the same kind whose value stands here until something is typed: what was told is what is decided, as a rule.
    pub follows: Option<FieldId>,
    /// The unit shown behind a number, e.g. 人.
    pub unit: Option<String>,
    /// Whether it may appear on citizens' pages after 公开审查.
    pub public: bool,
    /// Whether a date may lie in the future.
    pub future: bool,
    /// Whether people come together on that date: it stands in the calendars of those who take part.
    pub agenda: bool,
    /// Worked out by the system when the step is taken: nobody is asked for it, and what is typed for it does not count.
    pub made: bool,
    /// The step that rests on it: once that is done, it is corrected no more.
    pub settled_by: Option<StepId>,
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
