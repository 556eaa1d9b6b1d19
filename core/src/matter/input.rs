//! Reading what was typed: each value becomes a fact or a sealed value, or a refusal at its field. Nothing is lost:
//! the page shows again what was typed.

use super::command::{EvidenceInput, Input};
use super::decide::{Context, Draft};
use super::evaluate::applies;
use super::event::{Event, Fact, SealedClass};
use crate::authority::Registry;
use crate::day::Day;
use crate::id::{Code, FieldId, MatterId, RoleId};
use crate::law::Law;
use crate::procedure::{Field, FieldKind, Projects, Step};
use crate::refusal::engine;
use crate::text;

/// Longest texts, in characters, where the definition sets no limit of its own.
const LINE_CHARS_MAX: i64 = 200;
const TEXT_CHARS_MAX: i64 = 20_000;

/// What a typed value became.
enum Read {
    Fact(Fact),
    Sealed(SealedClass, String),
}

/// Reads fields, parties and documents of a step into the draft.
pub(super) fn read(step: &Step, input: &Input, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let takes = |id: &FieldId| step.fill.iter().any(|when| when.item == *id) || step.may_fill.contains(id);
    for (id, values) in &input.fields {
        if takes(id) {
            read_field(id, values, draft, law, context);
        } else {
            draft.refuse(law.refusals.at_field(engine::FIELD_UNKNOWN, id, &[("field", id.as_str())]));
        }
    }
    for (position, party) in input.parties.iter().enumerate() {
        super::party::read(step, position, party, draft, law);
    }
    for evidence in &input.evidence {
        attach(evidence, draft, law);
    }
}

/// Kinds of documents that every procedure takes: what does not fit elsewhere, the signed original of an act decided
/// elsewhere.
const COMMON_EVIDENCE: [&str; 2] = ["other", "original"];

/// Reads one field; an empty value clears it. Personal data is never shown again in a form, so an empty answer leaves it.
pub(super) fn read_field(id: &FieldId, values: &[String], draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    let Some(field) = procedure.fields.get(id) else { return };
    let typed: Vec<&str> = values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    if typed.is_empty() {
        if draft.state.facts.contains_key(id) {
            draft.emit(Event::FactCleared(id.clone()));
        } else if matches!(field.kind, FieldKind::Text | FieldKind::LongText) && draft.state.filled(id) {
            draft.unseal(format!("field.{id}"));
        }
        return;
    }
    // 是否涉密 is asked before any text is kept, and whenever the answer changes.
    if procedure.asks_secrecy && id.as_str() == "secrecy" && typed == ["state_secret"] {
        draft.refuse(law.refusals.refuse(engine::SECRET, None, &[]));
        return;
    }
    if let Some(refusal) = code_taken(field, typed.first().copied().unwrap_or_default(), draft, law, context) {
        draft.refuse(refusal);
        return;
    }
    match value_of(field, &typed, &procedure, context) {
        Ok(Read::Fact(fact)) => {
            if draft.state.fact(id.as_str()) != Some(&fact) {
                draft.emit(Event::FactSet(id.clone(), fact));
            }
        }
        Ok(Read::Sealed(class, value)) => draft.seal(format!("field.{id}"), class, value),
        Err(problem) => draft.refuse(law.refusals.at_field(
            engine::FIELD_INVALID,
            id,
            &[("field", &field.title), ("problem", &problem)],
        )),
    }
}

/// The code of an organ or a place is its line's for ever: no other line takes it, and its own keeps it.
fn code_taken(
    field: &Field,
    typed: &str,
    draft: &Draft,
    law: &Law,
    context: &Context<'_>,
) -> Option<crate::refusal::Refusal> {
    let known = match draft.procedure.projects {
        Some(Projects::Organ) => context.registry.organ(typed).is_some(),
        Some(Projects::Place) => context.registry.place(typed).is_some(),
        _ => false,
    };
    // The founding act meets an empty register.
    let known = known && context.actor != super::command::Actor::Founder;
    let own = draft.state.fact(field.id.as_str()).map(Fact::text).as_deref() == Some(typed);
    let with = [("field", field.title.as_str()), ("code", typed)];
    (field.id.as_str() == "code" && known && !own).then(|| law.refusals.at_field(engine::CODE_TAKEN, &field.id, &with))
}

fn value_of(
    field: &Field,
    typed: &[&str],
    procedure: &crate::procedure::Procedure,
    context: &Context<'_>,
) -> Result<Read, String> {
    let first = typed.first().copied().unwrap_or_default();
    let known = |code: &str| procedure.list_of(field).is_some_and(|list| list.title(code).is_some());
    let sealed = |class, max| {
        length(field, first, max)?;
        Ok(Read::Sealed(class, first.to_owned()))
    };
    Ok(Read::Fact(match field.kind {
        FieldKind::Text => return sealed(SealedClass::Text, LINE_CHARS_MAX),
        FieldKind::LongText => return sealed(SealedClass::Text, TEXT_CHARS_MAX),
        FieldKind::Name => return sealed(SealedClass::Name, 60),
        FieldKind::Address => return sealed(SealedClass::Address, LINE_CHARS_MAX),
        FieldKind::Phone => return phone(first).map(|phone| Read::Sealed(SealedClass::Phone, phone)),
        FieldKind::IdNumber => return id_number(first).map(|number| Read::Sealed(SealedClass::IdNumber, number)),
        FieldKind::Uscc => return uscc(first).map(|code| Read::Sealed(SealedClass::Uscc, code)),
        FieldKind::Label => {
            length(field, first, LINE_CHARS_MAX)?;
            Fact::Text(first.to_owned())
        }
        FieldKind::Code if known(first) => Fact::Code(first.into()),
        FieldKind::Code => return Err("请从所列选项中选择".to_owned()),
        FieldKind::Codes => codes(typed, known, "请从所列选项中选择")?,
        FieldKind::Integer => Fact::Int(in_range(
            field,
            text::half_width(first).parse().map_err(|_| "请填写整数".to_owned())?,
            i64::to_string,
        )?),
        FieldKind::Money => Fact::Int(in_range(
            field,
            text::parse_yuan(first).ok_or("请填写金额，单位为元，最多两位小数，如2000或2000.50")?,
            |fen| format!("{}元", text::yuan(*fen)),
        )?),
        FieldKind::Date => Fact::Day(date(field, first, context.today)?),
        FieldKind::Boolean => match first {
            "yes" => Fact::Bool(true),
            "no" => Fact::Bool(false),
            _ => return Err("请选择是或否".to_owned()),
        },
        FieldKind::Organ => registered(first, |code| context.registry.organ(code).is_some(), "机关")?,
        FieldKind::Organs => codes(typed, |code| context.registry.organ(code).is_some(), "名册中没有这个机关")?,
        FieldKind::Place => registered(first, |code| context.registry.place(code).is_some(), "区划")?,
        FieldKind::Person => person(first, context.registry)?,
        FieldKind::Power => {
            let known = MatterId::parse(first).filter(|id| context.registry.powers().get(*id).is_some());
            known.map(Fact::Matter).ok_or_else(|| "权责清单中没有这项职权".to_owned())?
        }
        FieldKind::Matter => {
            let named = MatterId::parse(&first.to_lowercase());
            Fact::Matter(named.ok_or_else(|| "请从所列事项中选择".to_owned())?)
        }
        FieldKind::Matters => super::erase::listed(typed)?,
    }))
}

fn codes(typed: &[&str], known: impl Fn(&str) -> bool, wrong: &str) -> Result<Fact, String> {
    let mut codes: Vec<Code> = typed.iter().flat_map(|value| value.split('|')).map(Code::from).collect();
    codes.sort();
    codes.dedup();
    if codes.iter().all(|code| known(code.as_str())) { Ok(Fact::Codes(codes)) } else { Err(wrong.to_owned()) }
}

fn length(field: &Field, typed: &str, max: i64) -> Result<(), String> {
    let count = i64::try_from(typed.trim().chars().count()).unwrap_or(i64::MAX);
    let max = field.max.unwrap_or(max);
    if count > max {
        return Err(format!("最多{max}个字，现为{count}个字"));
    }
    match field.min.filter(|min| count < *min) {
        Some(min) => Err(format!("至少{min}个字，现为{count}个字")),
        None => Ok(()),
    }
}

fn in_range(field: &Field, number: i64, show: impl Fn(&i64) -> String) -> Result<i64, String> {
    if let Some(min) = field.min.filter(|min| number < *min) {
        return Err(format!("不能小于{}", show(&min)));
    }
    if let Some(max) = field.max.filter(|max| number > *max) {
        return Err(format!("不能大于{}", show(&max)));
    }
    Ok(number)
}

fn date(field: &Field, typed: &str, today: Day) -> Result<Day, String> {
    let day = Day::parse(&text::half_width(typed)).ok_or("请填写日期，如2024-10-26或2024年10月26日")?;
    if day > today && !field.future {
        return Err(format!("不能晚于今天（{}）", today.chinese()));
    }
    if !(1900..=2100).contains(&day.year()) {
        return Err("年份不正确".to_owned());
    }
    Ok(day)
}

fn registered(code: &str, known: impl Fn(&str) -> bool, sort: &str) -> Result<Fact, String> {
    if known(code) { Ok(Fact::Code(code.into())) } else { Err(format!("名册中没有这个{sort}")) }
}

fn person(typed: &str, registry: &Registry) -> Result<Fact, String> {
    MatterId::parse(typed)
        .filter(|id| registry.person(*id).is_some())
        .map(Fact::Matter)
        .ok_or_else(|| "名册中没有这个人".to_owned())
}

pub(super) fn phone(typed: &str) -> Result<String, String> {
    let phone: String = text::half_width(typed).chars().filter(|c| !c.is_whitespace()).collect();
    // Telephones fill in +86 by themselves.
    let phone = phone.strip_prefix("+86").map(|rest| rest.trim_start_matches('-').to_owned()).unwrap_or(phone);
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let plain = phone.chars().all(|c| c.is_ascii_digit() || c == '-');
    let fits = match (digits.first(), digits.get(1), digits.len()) {
        // 100… belongs to nobody: the demonstration's people have it.
        (Some('1'), Some('0' | '3'..='9'), 11)
        | (Some('0'), Some('1'..='9'), 10..=12)
        | (Some('2'..='9'), _, 7 | 8) => plain,
        _ => false,
    };
    if fits { Ok(phone) } else { Err("请填写11位手机号码，或者固定电话（带区号）".to_owned()) }
}

pub(super) fn id_number(typed: &str) -> Result<String, String> {
    let number = text::half_width(typed).trim().to_uppercase();
    text::id_number_problem(&number).map_or(Ok(number), |problem| Err(format!("身份证号{problem}")))
}

pub(super) fn uscc(typed: &str) -> Result<String, String> {
    let code = text::half_width(typed).trim().to_uppercase();
    text::uscc_problem(&code).map_or(Ok(code), |problem| Err(format!("统一社会信用代码{problem}")))
}

/// Enters a document and seals its file name.
pub(super) fn attach(evidence: &EvidenceInput, draft: &mut Draft, law: &Law) {
    let kind = evidence.kind.as_str();
    let known = draft.procedure.evidence.iter().any(|(known, _)| known.as_str() == kind);
    if !known && !COMMON_EVIDENCE.contains(&kind) {
        draft.refuse(law.refusals.refuse(engine::EVIDENCE_UNKNOWN, None, &[("evidence", kind)]));
        return;
    }
    draft.emit(Event::EvidenceAttached {
        kind: evidence.kind.clone(),
        digest: evidence.digest,
        bytes: evidence.bytes,
        media: evidence.media.clone(),
        sm3: Some(evidence.sm3),
    });
    if !evidence.name.is_empty() {
        draft.seal(format!("evidence.{}.name", evidence.digest), SealedClass::FileName, evidence.name.clone());
    }
}

/// What the step needs and does not have, with what was typed in place.
pub(super) fn check_complete(step: &Step, draft: &mut Draft, law: &Law, context: &Context<'_>, day: Day) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    let view = draft.view(law, context, day);
    let missing: Vec<(FieldId, String)> = step
        .fill
        .iter()
        .filter(|when| applies(when.when.as_ref(), view) && !draft.state.filled(&when.item))
        .filter_map(|when| Some((when.item.clone(), procedure.fields.get(&when.item)?.title.clone())))
        .collect();
    let unevidenced: Vec<String> = step
        .evidence
        .iter()
        .filter(|when| applies(when.when.as_ref(), view) && !draft.state.evidence.iter().any(|e| e.kind == when.item))
        .filter_map(|when| {
            procedure.evidence.iter().find(|(kind, _)| *kind == when.item).map(|(_, title)| title.clone())
        })
        .collect();
    for (id, title) in missing {
        // A value that was typed but could not be read has its own refusal already.
        if !draft.refused_at(&id) {
            draft.refuse(law.refusals.at_field(engine::FIELD_REQUIRED, &id, &[("field", &title)]));
        }
    }
    for title in unevidenced {
        draft.refuse(law.refusals.refuse(
            engine::EVIDENCE_MISSING,
            Some(step.authority.clone()),
            &[("evidence", &title), ("step", &step.title)],
        ));
    }
    for role in &step.parties {
        count_parties(role, draft, law);
    }
}

fn count_parties(role: &RoleId, draft: &mut Draft, law: &Law) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    let Some(role) = procedure.role(role.as_str()) else { return };
    let count = draft.state.parties_in(&role.id).count();
    let with = [("role", role.title.as_str()), ("min", &role.min.to_string()), ("max", &role.max.to_string())];
    if count < usize::from(role.min) {
        draft.refuse(law.refusals.refuse(engine::PARTY_MISSING, None, &with));
    }
    if count > usize::from(role.max) {
        draft.refuse(law.refusals.refuse(engine::PARTY_TOO_MANY, None, &with));
    }
}

#[cfg(test)]
mod tests {
    use super::phone;

    #[test]
    fn a_telephone_is_one_that_can_be_called() {
        for (typed, read) in [
            ("139 4100 2386", "13941002386"),
            ("+8613941002386", "13941002386"),
            ("+86-13941002386", "13941002386"),
            ("024-75123456", "024-75123456"),
            ("75123456", "75123456"),
            ("１３９４１００２３８６", "13941002386"),
        ] {
            assert_eq!(phone(typed).as_deref(), Ok(read), "{typed}");
        }
        for typed in ["1391234", "139123456", "23912345678", "11111111111", "没有", "", "139410023866", "0-7512"] {
            assert!(phone(typed).is_err(), "{typed}");
        }
    }
}
