//! Questions of a citizen's form, made from a definition, and where on the page a refusal of theirs belongs.

use zhunsheng_core::id::FieldId;
use zhunsheng_core::procedure::{Field, FieldKind, PartyKind, Procedure, Role};
use zhunsheng_core::refusal::{Refusal, Refusals};

use super::BY_PLACE;
use super::filing::Filing;
use crate::web::form::Fields;

/// One question of the form.
pub(in crate::web::pages) struct Question {
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) kind: &'static str,
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) hint: String,
    pub(in crate::web::pages) required: bool,
    pub(in crate::web::pages) value: String,
    pub(in crate::web::pages) error: String,
    pub(in crate::web::pages) unit: String,
    pub(in crate::web::pages) max: i64,
    pub(in crate::web::pages) options: Vec<(String, String)>,
}

impl Question {
    pub(in crate::web::pages) fn describedby(&self) -> String {
        let parts = [(&self.hint, "h"), (&self.error, "e")];
        let ids = parts.into_iter().filter(|(text, _)| !text.is_empty()).map(|(_, end)| format!("{}-{end}", self.name));
        ids.collect::<Vec<_>>().join(" ")
    }
}

pub(in crate::web::pages) struct Group {
    pub(in crate::web::pages) title: String,
    pub(in crate::web::pages) questions: Vec<Question>,
}

pub(in crate::web::pages) struct Problem {
    pub(in crate::web::pages) anchor: String,
    pub(in crate::web::pages) sentence: String,
    pub(in crate::web::pages) next: String,
}

/// Where on the page a refusal belongs; whose name or telephone it is.
pub(in crate::web::pages) fn problem(refusal: &Refusal) -> Problem {
    let field = refusal.field.as_ref().map_or("", FieldId::as_str);
    let (anchor, sentence) = match field.strip_prefix("party.") {
        Some(rest) => (format!("p.{rest}"), whose(rest.starts_with("0."), &refusal.sentence)),
        None if BY_PLACE.contains(&field) => ("village".to_owned(), refusal.sentence.clone()),
        None if field.is_empty() => (String::new(), refusal.sentence.clone()),
        None => (format!("f.{field}"), refusal.sentence.clone()),
    };
    let next = if field.is_empty() { refusal.next.clone() } else { String::new() };
    Problem { anchor, sentence, next }
}

/// What staff call a detail of a party, and what it is called on a citizen's form.
const DETAILS: [(&str, &str); 4] =
    [("姓名（名称）", "姓名"), ("联系电话", "电话"), ("身份证号", "身份证号"), ("地址", "地址")];

/// A sentence about a detail of one side, in which it is called as the form calls it: “请填写您的电话”.
fn whose(own: bool, sentence: &str) -> String {
    let side = if own { "您的" } else { "对方" };
    let named = DETAILS.iter().find(|(label, _)| sentence.contains(label));
    named.map_or_else(
        || format!("{}：{sentence}", if own { "您" } else { "对方" }),
        |(label, word)| sentence.replacen(label, &format!("{side}{word}"), 1),
    )
}

/// In the order of the page: what concerns no field first, then as the inputs stand.
pub(in crate::web::pages) fn in_page_order<'q>(
    mut problems: Vec<Problem>,
    inputs: impl Iterator<Item = &'q str>,
) -> Vec<Problem> {
    let inputs: Vec<&str> = inputs.collect();
    let last = inputs.len() + 1;
    problems.sort_by_key(|problem| match problem.anchor.as_str() {
        "" => 0,
        anchor => inputs.iter().position(|input| *input == anchor).map_or(last, |place| place + 1),
    });
    problems
}

/// The names of the inputs of questions and groups, as they stand.
pub(in crate::web::pages) fn inputs<'q>(
    questions: &'q [Question],
    groups: &'q [Group],
) -> impl Iterator<Item = &'q str> {
    let grouped = groups.iter().flat_map(|group| &group.questions);
    questions.iter().chain(grouped).map(|question| question.name.as_str())
}

fn error_at(refusals: &Refusals, field: &str) -> String {
    let at = refusals.iter().find(|refusal| refusal.field.as_ref().is_some_and(|known| known.as_str() == field));
    at.map(|refusal| refusal.sentence.clone()).unwrap_or_default()
}

pub(in crate::web::pages) fn question(
    definition: &Procedure,
    field: &Field,
    required: bool,
    fields: &Fields,
    refusals: &Refusals,
) -> Option<Question> {
    let kind = match field.kind {
        FieldKind::Code if required => "choice",
        FieldKind::Code | FieldKind::Boolean => "select",
        FieldKind::LongText => "long",
        FieldKind::Date => "date",
        FieldKind::Integer | FieldKind::Money => "number",
        FieldKind::Phone => "tel",
        FieldKind::Text
        | FieldKind::Name
        | FieldKind::Address
        | FieldKind::Label
        | FieldKind::IdNumber
        | FieldKind::Uscc => "text",
        // Several codes at once, organs and people are staff's business.
        FieldKind::Codes
        | FieldKind::Organ
        | FieldKind::Organs
        | FieldKind::Person
        | FieldKind::Place
        | FieldKind::Power
        | FieldKind::Matter
        | FieldKind::Matters => return None,
    };
    let listed =
        definition.list_of(field).map(|list| list.items.iter().map(|(code, title)| (code.to_string(), title.clone())));
    let options = match field.kind {
        FieldKind::Boolean => vec![("yes".to_owned(), "是".to_owned()), ("no".to_owned(), "否".to_owned())],
        _ => listed.map(Iterator::collect).unwrap_or_default(),
    };
    let name = format!("f.{}", field.id);
    Some(Question {
        kind,
        label: field.title.clone(),
        hint: field.hint.clone().unwrap_or_default(),
        required,
        value: fields.get(&name).unwrap_or_default().to_owned(),
        error: error_at(refusals, field.id.as_str()),
        unit: if field.kind == FieldKind::Money { "元".to_owned() } else { field.unit.clone().unwrap_or_default() },
        max: if field.kind == FieldKind::LongText { field.max.unwrap_or(0) } else { 0 },
        options,
        name,
    })
}

/// The first role is the visitor's own side, the others are the other side's.
pub(in crate::web::pages) fn group(
    filing: &Filing,
    position: usize,
    role: &Role,
    fields: &Fields,
    refusals: &Refusals,
) -> Group {
    let own = position == 0;
    let one = |detail: &str, kind: &'static str, label: &str, hint: &str, required: bool| {
        let name = format!("p.{position}.{detail}");
        Question {
            kind,
            label: label.to_owned(),
            hint: hint.to_owned(),
            required,
            value: fields.get(&name).unwrap_or_default().to_owned(),
            error: Some(error_at(refusals, &format!("party.{position}.{detail}")))
                .filter(|sentence| !sentence.is_empty())
                .map(|sentence| whose(own, &sentence))
                .unwrap_or_default(),
            unit: String::new(),
            max: 0,
            options: Vec::new(),
            name,
        }
    };
    let phone = role.required.contains(&FieldKind::Phone);
    let questions = if own {
        vec![one("name", "name", "您的姓名", "", role.min > 0), one("phone", "tel", "您的电话", filing.reader, phone)]
    } else {
        let mut questions = vec![one("name", "text", "对方姓名或者名称", "不知道全名的，写平时的称呼", role.min > 0)];
        if role.kinds.len() > 1 {
            let hint = "用人单位、公司、工地承包单位都选“单位”；不填的，按名称判断";
            let options =
                role.kinds.iter().map(|kind| (kind.code().to_owned(), who_that_is(*kind).to_owned())).collect();
            questions.push(Question { options, ..one("kind", "select", "对方是", hint, false) });
        }
        questions.push(one("phone", "tel", "对方电话", "", phone));
        questions
    };
    Group { title: if own { "您".to_owned() } else { "对方".to_owned() }, questions }
}

/// The kind of a party as a citizen calls it.
fn who_that_is(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Natural => "个人",
        PartyKind::Legal => "单位（公司、工厂、合作社、机关等）",
        PartyKind::SoleTrader => "个体店铺（个体工商户）",
    }
}
