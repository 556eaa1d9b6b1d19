//! Reading a party as typed: role, kind, and details that are personal data and therefore sealed.

use super::command::PartyInput;
use super::decide::Draft;
use super::event::{Event, SealedClass};
use super::input::{id_number, phone, uscc};
use crate::id::FieldId;
use crate::law::Law;
use crate::procedure::{FieldKind, PartyKind, Role, Step};
use crate::refusal::engine;

/// Longest detail, in characters.
const DETAIL_CHARS_MAX: usize = 200;

/// One detail of a party.
struct Detail<'a> {
    /// Its form key is `party.<position>.<name>`, its label `party.<ordinal>.<name>`.
    name: &'static str,
    title: &'static str,
    typed: &'a str,
    class: SealedClass,
    required: bool,
    read: fn(&str) -> Result<String, String>,
}

/// The form key of a party's detail.
fn key(position: usize, detail: &str) -> FieldId {
    FieldId::from(format!("party.{position}.{detail}"))
}

/// Reads one party into the draft; objections stand at its own fields.
pub(super) fn read(step: &Step, position: usize, party: &PartyInput, draft: &mut Draft, law: &Law) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    let known = |ordinal| draft.state.parties.iter().find(|known| known.ordinal == ordinal).cloned();
    let existing = party.ordinal.and_then(known);
    let role = party.role.clone().or_else(|| existing.as_ref().map(|known| known.role.clone()));
    let role = role.filter(|id| step.parties.contains(id)).and_then(|id| procedure.role(id.as_str()));
    let Some(role) = role else {
        let with = [("field", "当事人身份"), ("problem", "请选择")];
        draft.refuse(law.refusals.at_field(engine::FIELD_INVALID, &key(position, "role"), &with));
        return;
    };
    let kind = party.kind.or(existing.as_ref().map(|known| known.kind)).or(role.kinds.first().copied());
    let kind = kind.unwrap_or(PartyKind::Natural);
    if !role.kinds.contains(&kind) {
        let with = [("field", "当事人类别"), ("problem", "请从所列选项中选择")];
        draft.refuse(law.refusals.at_field(engine::FIELD_INVALID, &key(position, "kind"), &with));
    }
    let next = draft.state.parties.iter().map(|known| known.ordinal).max().unwrap_or(0).saturating_add(1);
    let ordinal = existing.as_ref().map_or(next, |known| known.ordinal);
    draft.emit(Event::PartySet(ordinal, role.id.clone(), kind));
    for detail in details(party, role, kind, existing.is_none()) {
        read_detail(&detail, position, ordinal, draft, law);
    }
}

/// What a party in a role says of itself; a new party owes what its role requires.
fn details<'a>(party: &'a PartyInput, role: &Role, kind: PartyKind, is_new: bool) -> [Detail<'a>; 6] {
    let needed = |needed: FieldKind| is_new && role.required.contains(&needed);
    let plain = |value: &str| Ok(value.to_owned());
    let natural = kind == PartyKind::Natural;
    let detail = |name, title, typed, class, required, read| Detail { name, title, typed, class, required, read };
    [
        detail("name", "姓名（名称）", &party.name, SealedClass::Name, is_new, plain),
        detail(
            "id_number",
            "身份证号",
            &party.id_number,
            SealedClass::IdNumber,
            needed(FieldKind::IdNumber) && natural,
            id_number,
        ),
        detail("phone", "联系电话", &party.phone, SealedClass::Phone, needed(FieldKind::Phone), phone),
        detail("address", "地址", &party.address, SealedClass::Address, needed(FieldKind::Address), plain),
        detail("uscc", "统一社会信用代码", &party.uscc, SealedClass::Uscc, needed(FieldKind::Uscc) && !natural, uscc),
        detail(
            "representative",
            "法定代表人（经营者、代理人）",
            &party.representative,
            SealedClass::Name,
            false,
            plain,
        ),
    ]
}

fn read_detail(detail: &Detail<'_>, position: usize, ordinal: u16, draft: &mut Draft, law: &Law) {
    let typed = detail.typed.trim();
    let key = key(position, detail.name);
    let count = typed.chars().count();
    if count == 0 {
        if detail.required {
            draft.refuse(law.refusals.at_field(engine::FIELD_REQUIRED, &key, &[("field", detail.title)]));
        }
        return;
    }
    let read =
        if count > DETAIL_CHARS_MAX { Err(format!("最多{DETAIL_CHARS_MAX}个字")) } else { (detail.read)(typed) };
    match read {
        Ok(value) => draft.seal(format!("party.{ordinal}.{}", detail.name), detail.class, value),
        Err(problem) => {
            let with = [("field", detail.title), ("problem", problem.as_str())];
            draft.refuse(law.refusals.at_field(engine::FIELD_INVALID, &key, &with));
        }
    }
}
