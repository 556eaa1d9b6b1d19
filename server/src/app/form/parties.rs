//! Parties: one block each, as many as the role asks for, more at the press of a button.

use zhunsheng_core::id::RoleId;
use zhunsheng_core::matter::{PartyInput, PartyState, SealedClass};
use zhunsheng_core::procedure::{FieldKind, PartyKind, Role, Step};
use zhunsheng_core::text::mask;

use super::{At, Choice, Need, Question, Widget};
use crate::store::record;

/// The parties of one role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyGroup {
    /// The role.
    pub role: RoleId,
    /// Its title.
    pub title: String,
    /// Names of those already entered, masked.
    pub known: Vec<String>,
    /// Blocks to fill in.
    pub blocks: Vec<PartyBlock>,
    /// Whether one more may be added.
    pub may_add: bool,
    /// Whether the browser may add it by itself: only where no other role follows in the form.
    pub alone: bool,
}

/// One party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyBlock {
    /// Its place in the form, over all roles.
    pub index: usize,
    /// Its number within the role, from 1.
    pub number: usize,
    /// The role's code.
    pub role: String,
    /// The kind, where only one is possible.
    pub kind: Option<&'static str>,
    /// What is always asked.
    pub questions: Vec<Question>,
    /// What may be left out.
    pub more: Vec<Question>,
    /// Whether it can be taken away.
    pub may_drop: bool,
    /// Whether what may be left out stands open.
    pub open: bool,
}

impl PartyBlock {
    pub(super) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().chain(&self.more)
    }
}

/// A detail of a party: its name in the form, label, which kind of field it is, and for whom.
const DETAILS: [(&str, &str, FieldKind, Option<bool>); 5] = [
    ("phone", "联系电话", FieldKind::Phone, None),
    ("id_number", "身份证号", FieldKind::IdNumber, Some(true)),
    ("uscc", "统一社会信用代码", FieldKind::Uscc, Some(false)),
    ("representative", "法定代表人（经营者、代理人）", FieldKind::Name, Some(false)),
    ("address", "住址（住所地）", FieldKind::Address, None),
];

impl At<'_> {
    pub(super) fn party_group(&self, id: &RoleId, step: &Step) -> Option<PartyGroup> {
        let role = self.ground.procedure.role(id.as_str())?;
        let known: Vec<String> = self.known_parties(id);
        let typed: Vec<(usize, &PartyInput)> = self
            .filled
            .map(|filled| {
                filled.input.parties.iter().enumerate().filter(|(_, party)| party.role.as_ref() == Some(id)).collect()
            })
            .unwrap_or_default();
        // A role that nobody need fill shows no empty block: the button adds one.
        let needed = usize::from(role.min).saturating_sub(known.len());
        let least = if self.ground.post.is_none() { needed.max(usize::from(known.is_empty())) } else { needed };
        let mut blocks: Vec<PartyBlock> =
            typed.iter().map(|(position, party)| self.block(role, Some((*position, party)))).collect();
        while blocks.len() < least.max(usize::from(self.filled.is_none() && needed > 0)) {
            blocks.push(self.block(role, None));
        }
        let extra = self.filled.and_then(|filled| filled.more.as_ref()).is_some_and(|more| more == id.as_str());
        if extra {
            blocks.push(self.block(role, None));
        }
        for (number, block) in (1..).zip(&mut blocks) {
            block.number = number + known.len();
            block.may_drop = number > least;
        }
        let may_add = known.len() + blocks.len() < usize::from(role.max);
        let alone = step.parties.len() == 1;
        Some(PartyGroup { role: id.clone(), title: role.title.clone(), known, blocks, may_add, alone })
    }

    fn known_parties(&self, role: &RoleId) -> Vec<String> {
        let Some(state) = self.ground.state else { return Vec::new() };
        let name = |party: &PartyState| {
            let name = record::find_open(self.ground.texts, &format!("party.{}.name", party.ordinal))?;
            Some(if party.kind == PartyKind::Natural { mask(SealedClass::Name, name) } else { name.to_owned() })
        };
        state.parties_in(role).map(|party| name(party).unwrap_or_else(|| "（已删除）".to_owned())).collect()
    }

    /// A block with what was typed; without a position its questions are named once all blocks are known.
    fn block(&self, role: &Role, typed: Option<(usize, &PartyInput)>) -> PartyBlock {
        let position = typed.map_or(usize::MAX, |(position, _)| position);
        let name = |detail: &str| format!("party.{position}.{detail}");
        let mut questions = Vec::new();
        let mut more = Vec::new();
        let single = (role.kinds.len() == 1).then(|| role.kinds.first().map(|kind| kind.code())).flatten();
        if single.is_none() {
            let choice = |kind: &PartyKind| Choice {
                value: kind.code().into(),
                title: kind.chinese().into(),
                note: String::new(),
            };
            let mut kind = self.question(
                &name("kind"),
                "类别",
                Need::Required,
                Widget::Radios(role.kinds.iter().map(choice).collect()),
            );
            if kind.values.is_empty() {
                kind.values = role.kinds.first().map(|kind| kind.code().to_owned()).into_iter().collect();
            }
            questions.push(kind);
        }
        let line = |sort, mode, size, max| Widget::Line { sort, mode, size, max };
        let mut title =
            self.question(&name("name"), "姓名（名称）", Need::Required, line("text", "text", "input-mid", 200));
        title.complete = if self.ground.post.is_none() { "name" } else { "off" };
        questions.push(title);
        let natural = role.kinds.contains(&PartyKind::Natural);
        let organised = role.kinds.iter().any(|kind| *kind != PartyKind::Natural);
        for (detail, label, kind, for_natural) in DETAILS {
            if for_natural.is_some_and(|for_natural| if for_natural { !natural } else { !organised }) {
                continue;
            }
            let required = role.required.contains(&kind) && detail != "representative";
            let need = match (required, for_natural) {
                (true, Some(true)) if organised => Need::When("自然人".to_owned()),
                (true, Some(false)) if natural => Need::When("法人、非法人组织和个体工商户".to_owned()),
                (true, _) => Need::Required,
                (false, _) => Need::Optional,
            };
            let widget = match detail {
                "phone" => line("tel", "tel", "input-mid", 20),
                "id_number" | "uscc" => line("text", "text", "input-mid", 18),
                "representative" => line("text", "text", "input-mid", 60),
                _ => line("text", "text", "", 200),
            };
            let mut question = self.question(&name(detail), label, need, widget);
            if self.ground.post.is_none() {
                question.complete = match detail {
                    "phone" => "tel",
                    "address" => "street-address",
                    _ => "off",
                };
            }
            if required { questions.push(question) } else { more.push(question) }
        }
        let open = more.iter().any(Question::touched);
        PartyBlock {
            index: position,
            number: 0,
            role: role.id.to_string(),
            kind: single,
            questions,
            more,
            may_drop: false,
            open,
        }
    }
}

/// Gives blocks that were not typed yet the next free positions, over all roles.
pub(super) fn number(groups: &mut [PartyGroup]) {
    let typed = groups.iter().flat_map(|group| &group.blocks).filter(|block| block.index != usize::MAX);
    let next = typed.map(|block| block.index + 1).max().unwrap_or(0);
    let unnamed = groups.iter_mut().flat_map(|group| &mut group.blocks).filter(|block| block.index == usize::MAX);
    for (next, block) in (next..).zip(unnamed) {
        let (before, after) = (format!("party.{}.", usize::MAX), format!("party.{next}."));
        for question in block.questions.iter_mut().chain(&mut block.more) {
            question.name = question.name.replace(&before, &after);
            question.id = question.name.replace('.', "-");
        }
        block.index = next;
    }
}
