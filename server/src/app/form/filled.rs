//! What was typed into a form, as it was typed, and the command that it makes.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, FieldId, MatterId, StepId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Command, Decider, Input, Manner, Target};
use zhunsheng_core::refusal::{Refusals, engine};

use crate::app::act::CommandKey;

/// How an act comes in, as typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MannerKind {
    /// Here and now.
    #[default]
    Live,
    /// From the signed form of the one who decided.
    Form,
    /// 补录.
    Late,
}

impl MannerKind {
    /// From its code in forms and addresses.
    #[must_use]
    pub fn parse(code: &str) -> Self {
        match code {
            "form" => Self::Form,
            "late" => Self::Late,
            _ => Self::Live,
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Form => "form",
            Self::Late => "late",
        }
    }
}

/// Who decided and when, as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TypedManner {
    /// How it comes in.
    pub kind: MannerKind,
    /// A person's id.
    pub decided_by: String,
    /// A meeting's name.
    pub meeting: String,
    /// A day.
    pub day: String,
    /// A number given elsewhere.
    pub number: String,
}

/// A file that was received with an earlier try and is kept for the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptFile {
    /// The input it came with: `evidence.<kind>` or `original`.
    pub field: String,
    /// Its file name.
    pub name: String,
    /// Its SHA-256.
    pub digest: Digest,
    /// Its SM3.
    pub sm3: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, by content.
    pub media: String,
    /// Proof that it was received from this person: travels in the form.
    pub token: String,
}

impl KeptFile {
    /// Its length for people.
    #[must_use]
    pub fn size(&self) -> String {
        size_text(self.bytes)
    }
}

/// 12345 → 12 KB.
#[must_use]
pub fn size_text(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} 字节"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// Everything that was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filled {
    /// For the engine.
    pub input: Input,
    /// Who decided and when.
    pub manner: TypedManner,
    /// Files, this time's and earlier ones.
    pub kept: Vec<KeptFile>,
    /// The role of which one more party is wanted.
    pub more: Option<String>,
    /// The form's own key, so that a second press does nothing twice.
    pub key: String,
    /// What could not be read at all: input name, its label, what is wrong.
    pub problems: Vec<(String, String, String)>,
}

impl Filled {
    /// What was typed under an input's name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        let one = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        if let Some(field) = name.strip_prefix("f.") {
            return self.input.fields.get(field).cloned().unwrap_or_default();
        }
        if let Some((position, detail)) = name.strip_prefix("party.").and_then(|rest| rest.split_once('.')) {
            let party = position.parse::<usize>().ok().and_then(|position| self.input.parties.get(position));
            return party.map(|party| one(detail_of(party, detail))).unwrap_or_default();
        }
        match name {
            "officer" => self.input.officers.iter().map(ToString::to_string).collect(),
            "assignee" => self.input.assignee.iter().map(ToString::to_string).collect(),
            "merge_into" => self.input.merge_into.iter().map(ToString::to_string).collect(),
            "reason" => self.input.reason.iter().cloned().collect(),
            "decided_by" => one(&self.manner.decided_by),
            "meeting" => one(&self.manner.meeting),
            "day" => one(&self.manner.day),
            "number" => one(&self.manner.number),
            _ => Vec::new(),
        }
    }

    /// Problems of reading as refusals at their inputs.
    #[must_use]
    pub fn refusals(&self, law: &Law) -> Refusals {
        let mut refusals = Refusals::default();
        for (field, title, problem) in &self.problems {
            let with = [("field", title.as_str()), ("problem", problem.as_str())];
            refusals.push(law.refusals.at_field(engine::FIELD_INVALID, &FieldId::from(field.as_str()), &with));
        }
        refusals
    }

    /// The command, or what cannot be read.
    pub fn command(&self, law: &Law, target: Target, step: StepId) -> Result<(Command, Option<CommandKey>), Refusals> {
        let mut refusals = self.refusals(law);
        let manner = self.manner(law, &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let command = Command { target, step, input: self.input.clone(), manner };
        let key = (!self.key.is_empty()).then(|| CommandKey { key: self.key.clone(), digest: command.digest() });
        Ok((command, key))
    }

    fn manner(&self, law: &Law, refusals: &mut Refusals) -> Manner {
        let typed = &self.manner;
        if typed.kind == MannerKind::Live {
            return Manner::Live;
        }
        let original = self.kept.iter().find(|file| file.field == "original").map(|file| file.digest);
        let decided_by = match (MatterId::parse(&typed.decided_by), typed.meeting.is_empty()) {
            (Some(person), _) => Some(Decider::Person(person)),
            (None, false) => Some(Decider::Meeting(typed.meeting.clone())),
            (None, true) => None,
        };
        let mut at = |field: &str, title: &str, problem: &str| {
            refusals.push(law.refusals.at_field(
                engine::FIELD_INVALID,
                &field.into(),
                &[("field", title), ("problem", problem)],
            ));
        };
        let day = Day::parse(&zhunsheng_core::text::half_width(&typed.day));
        if day.is_none() {
            at("day", "决定日期", "请填写日期，如2024-10-26");
        }
        let number = Some(typed.number.clone()).filter(|number| !number.is_empty());
        match (typed.kind, decided_by, day) {
            (MannerKind::Late, decided_by, Some(day)) => Manner::Late { decided_by, day, original, number },
            (_, Some(decided_by), Some(day)) => Manner::SignedForm { decided_by, day, original },
            (MannerKind::Form, None, _) => {
                at("decided_by", "谁作的决定", "请选择");
                Manner::Live
            }
            _ => Manner::Live,
        }
    }
}

fn detail_of<'p>(party: &'p zhunsheng_core::matter::PartyInput, detail: &str) -> &'p str {
    match detail {
        "kind" => party.kind.map_or("", |kind| kind.code()),
        "role" => party.role.as_ref().map_or("", |role| role.as_str()),
        "name" => &party.name,
        "id_number" => &party.id_number,
        "phone" => &party.phone,
        "address" => &party.address,
        "uscc" => &party.uscc,
        "representative" => &party.representative,
        _ => "",
    }
}
