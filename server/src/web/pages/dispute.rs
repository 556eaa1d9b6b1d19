//! A citizen registers a dispute, applies for legal aid or asks a question on a phone, in two steps that work without JavaScript: the town,
//! then the rest. The questions come from the definition's opening step for citizens; who receives it, from the place.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::{Digest, FieldId};
use zhunsheng_core::matter::{Actor, Command, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::{Field, FieldKind, Procedure, Role, Step};
use zhunsheng_core::refusal::{Refusal, Refusals};
use zhunsheng_core::text;

use crate::app::act::{ActError, CommandKey};
use crate::app::secret::{hex, random};
use crate::app::{App, dispute};
use crate::web::form::{Fields, TOKEN_FIELD};
use crate::web::{Form, Layout, PageError, Query, Visitor, render};

/// What a citizen may file, and how the pages speak of it.
struct Filing {
    procedure: &'static str,
    path: &'static str,
    title: &'static str,
    lead: &'static str,
    place: &'static str,
    unsure: &'static str,
    submit: &'static str,
    done: &'static str,
    draft: &'static str,
    reader: &'static str,
    next: [&'static str; 3],
}

const DISPUTE: Filing = Filing {
    procedure: dispute::DISPUTE,
    path: "/disputes/new",
    title: "登记一起纠纷",
    lead: "大约一分钟，不收费。先告诉我们在哪个镇。",
    place: "纠纷发生在哪个镇",
    unsure: "不知道、不确定的，由镇调解委员会受理",
    submit: "提交登记",
    done: "登记好了",
    draft: "dispute",
    reader: "只给承办的调解员看",
    next: [
        "{organ}会联系您",
        "调解员征求对方意见；对方明确拒绝的，不能调解，会告诉您别的办法",
        "双方都同意，约时间调解",
    ],
};

const LEGAL_AID: Filing = Filing {
    procedure: dispute::LEGAL_AID,
    path: "/legal-aid/new",
    title: "申请法律援助",
    lead: "大约三分钟，不收费。先告诉我们您在哪个镇。",
    place: "您住在哪个镇",
    unsure: "不确定的可以不选，不影响受理",
    submit: "提交申请",
    done: "申请已经收到",
    draft: "legal-aid",
    reader: "只给承办的工作人员看",
    next: [
        "{organ}会联系您，材料不齐的，一次告诉您还缺什么",
        "自收到申请之日起七日内决定是否援助；不给予援助的，书面告诉您理由，您可以提出异议",
        "决定援助的，三日内指派律师或者法律服务工作者，不收任何费用",
    ],
};

const QUESTION: Filing = Filing {
    procedure: dispute::CONSULTATION,
    path: "/ask",
    title: "问懂法的人",
    lead: "大约一分钟，不收费，不用注册。先告诉我们您在哪个镇。",
    place: "您在哪个镇",
    unsure: "不确定的可以不选，不影响答复",
    submit: "提交问题",
    done: "问题已经收到",
    draft: "question",
    reader: "可以不留；留了，只给答复的人看",
    next: [
        "{organ}按问题的类别，请律师、基层法律服务工作者或者司法所的人答复",
        "答复以后，凭查询码在“查办理进度”里看",
        "问得多的，去掉个人信息、复核以后公开，供别人查；您不同意的，可以要求撤下",
    ],
};

/// Where a citizen files a matter of a procedure, and what the button says.
pub(super) fn counter(procedure: &str) -> Option<(&'static str, &'static str)> {
    [&DISPUTE, &LEGAL_AID, &QUESTION]
        .into_iter()
        .find(|filing| filing.procedure == procedure)
        .map(|filing| (filing.path, filing.title))
}

/// One question of the form.
struct Question {
    name: String,
    kind: &'static str,
    label: String,
    hint: String,
    required: bool,
    value: String,
    error: String,
    unit: String,
    max: i64,
    options: Vec<(String, String)>,
}

impl Question {
    fn describedby(&self) -> String {
        let parts = [(&self.hint, "h"), (&self.error, "e")];
        let ids = parts.into_iter().filter(|(text, _)| !text.is_empty()).map(|(_, end)| format!("{}-{end}", self.name));
        ids.collect::<Vec<_>>().join(" ")
    }
}

struct Group {
    title: String,
    questions: Vec<Question>,
}

struct Problem {
    anchor: String,
    sentence: String,
    next: String,
}

#[derive(Template)]
#[template(path = "citizen/dispute_town.html")]
struct TownPage {
    layout: Layout,
    filing: &'static Filing,
    towns: Vec<(String, String)>,
    missing: bool,
}

#[derive(Template)]
#[template(path = "citizen/dispute.html")]
struct DisputePage {
    layout: Layout,
    filing: &'static Filing,
    hint: String,
    key: String,
    town: (String, String),
    village: String,
    villages: Vec<(String, String)>,
    questions: Vec<Question>,
    groups: Vec<Group>,
    more: Vec<Question>,
    more_open: bool,
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "citizen/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    filing: &'static Filing,
    code: String,
    organ: String,
    next: Vec<String>,
}

/// Stands for the name of somebody who left none.
const UNNAMED: &str = "未留姓名";

/// Fields that the place and the way answer.
const BY_PLACE: [&str; 4] = ["committee", "receiver", "place", "source"];

/// `GET /disputes/new[?town=]`.
pub(in crate::web) async fn show_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    show(&DISPUTE, &app, &visitor, &query)
}

/// `POST /disputes/new`: the same key twice gives the same receipt, never a second dispute.
pub(in crate::web) async fn submit_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    submit(&DISPUTE, &app, &visitor, &form).await
}

/// `GET /legal-aid/new[?town=]`.
pub(in crate::web) async fn show_aid_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    show(&LEGAL_AID, &app, &visitor, &query)
}

/// `POST /legal-aid/new`: likewise.
pub(in crate::web) async fn submit_aid_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    submit(&LEGAL_AID, &app, &visitor, &form).await
}

/// `GET /ask[?town=]`.
pub(in crate::web) async fn show_ask_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    show(&QUESTION, &app, &visitor, &query)
}

/// `POST /ask`: likewise.
pub(in crate::web) async fn submit_ask_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    submit(&QUESTION, &app, &visitor, &form).await
}

fn show(filing: &'static Filing, app: &App, visitor: &Visitor, query: &Query) -> Result<Response, PageError> {
    let town = query.text("town");
    if dispute::towns(&app.county.registry()).any(|known| known.code.as_str() == town) {
        let fields = Fields::new(vec![("town".to_owned(), town.to_owned())]);
        return show_questions(filing, app, visitor, &fields, &Refusals::default());
    }
    let towns = dispute::towns(&app.county.registry()).map(|town| (town.code.to_string(), town.name.clone())).collect();
    let missing = query.get("town").is_some();
    let title = if missing { format!("错误：{}", filing.title) } else { filing.title.to_owned() };
    render(&TownPage { layout: Layout::new(app, visitor, &title), filing, towns, missing })
}

async fn submit(
    filing: &'static Filing,
    app: &Arc<App>,
    visitor: &Visitor,
    form: &Form,
) -> Result<Response, PageError> {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let (definition, step) = dispute::opening(&ruling.law, filing.procedure, app.today()).ok_or(PageError::NotFound)?;
    let place = place_of(&registry, &form.fields).ok_or(PageError::Malformed("没有选择在哪个镇"))?;
    let receiver = match filing.procedure {
        dispute::DISPUTE => dispute::committee(&registry, &place),
        dispute::CONSULTATION => dispute::station(&registry, &place),
        _ => dispute::legal_aid(&registry),
    };
    let mut input = read(definition, step, &form.fields);
    input.fields.insert("place".into(), vec![place.clone()]);
    let committee_code = receiver.map(|organ| organ.code.to_string()).unwrap_or_default();
    input.fields.insert("committee".into(), vec![committee_code.clone()]);
    input.fields.insert("receiver".into(), vec![committee_code]);
    input.fields.insert("source".into(), vec!["portal".to_owned()]);
    input.fields.retain(|id, _| step.may_fill.contains(id) || step.fill.iter().any(|when| when.item == *id));
    let command =
        Command { target: Target::Open(definition.id.clone()), step: step.id.clone(), input, manner: Manner::Live };
    let key = CommandKey { key: form.fields.text("key").chars().take(64).collect(), digest: digest_of(&form.fields) };
    let key = Some(key).filter(|key| key.key.len() >= 16);
    match app.act(Actor::Citizen, command, key).await {
        Ok(done) => {
            let code = text::written_code(&done.query_code.unwrap_or_default());
            let organ = receiver.map(|organ| organ.name.clone()).unwrap_or_default();
            let next = filing.next.iter().map(|line| line.replace("{organ}", &organ)).collect();
            render(&ReceiptPage { layout: Layout::new(app, visitor, filing.done), filing, code, organ, next })
        }
        Err(ActError::Refused(refusals)) => show_questions(filing, app, visitor, &form.fields, &refusals),
        Err(error) => Err(error.into()),
    }
}

/// The village if it lies in the town, else the town.
fn place_of(registry: &Registry, fields: &Fields) -> Option<String> {
    let (town, village) = (fields.text("town"), fields.text("village"));
    let town = dispute::towns(registry).find(|known| known.code.as_str() == town)?;
    let mut villages = dispute::villages(registry, town.code.as_str());
    Some(
        villages
            .find(|known| known.code.as_str() == village)
            .map_or(town.code.to_string(), |known| known.code.to_string()),
    )
}

/// Everything that was typed, so that a key belongs to one submission.
fn digest_of(fields: &Fields) -> Digest {
    let typed: Vec<String> = fields
        .pairs()
        .filter(|(name, _)| *name != TOKEN_FIELD)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Digest::of(typed.join("\n").as_bytes())
}

/// `f.<field>` and `p.<position>.<detail>`; a party of whom nothing is said is left out unless one is needed.
fn read(definition: &Procedure, step: &Step, fields: &Fields) -> Input {
    let mut input = Input::default();
    for (name, value) in fields.pairs() {
        if let Some(field) = name.strip_prefix("f.").filter(|field| definition.fields.contains_key(*field)) {
            input.fields.entry(FieldId::from(field)).or_default().push(value.to_owned());
        }
    }
    for (position, role) in roles(definition, step).enumerate() {
        let detail = |detail: &str| fields.text(&format!("p.{position}.{detail}")).to_owned();
        // Who need not say who they are may still leave a telephone number.
        let unnamed = position == 0 && role.min == 0 && !detail("phone").is_empty() && detail("name").is_empty();
        let party = PartyInput {
            role: Some(role.id.clone()),
            name: if unnamed { UNNAMED.to_owned() } else { detail("name") },
            phone: detail("phone"),
            address: detail("address"),
            ..PartyInput::default()
        };
        if role.min > 0 || ![&party.name, &party.phone, &party.address].into_iter().all(String::is_empty) {
            input.parties.push(party);
        }
    }
    input
}

fn roles<'a>(definition: &'a Procedure, step: &'a Step) -> impl Iterator<Item = &'a Role> {
    step.parties.iter().filter_map(|role| definition.role(role.as_str()))
}

/// The second step, with what was typed and what stands against it.
fn show_questions(
    filing: &'static Filing,
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    refusals: &Refusals,
) -> Result<Response, PageError> {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let (definition, step) = dispute::opening(&ruling.law, filing.procedure, app.today()).ok_or(PageError::NotFound)?;
    let town =
        dispute::towns(&registry).find(|town| town.code.as_str() == fields.text("town")).ok_or(PageError::NotFound)?;
    let ask = |id: &FieldId, required| {
        let field = definition.fields.get(id).filter(|_| !BY_PLACE.contains(&id.as_str()))?;
        question(definition, field, required, fields, refusals)
    };
    let more: Vec<Question> = step.may_fill.iter().filter_map(|id| ask(id, false)).collect();
    let groups =
        roles(definition, step).enumerate().map(|(position, role)| group(filing, position, role, fields, refusals));
    let villages = dispute::villages(&registry, town.code.as_str());
    let key = fields.filled("key").map_or_else(|| hex(&random::<16>()), str::to_owned);
    let title = if refusals.is_empty() { filing.title.to_owned() } else { format!("错误：{}", filing.title) };
    render(&DisputePage {
        layout: Layout::new(app, visitor, &title),
        filing,
        hint: step.hint.clone().unwrap_or_default(),
        key,
        town: (town.code.to_string(), town.name.clone()),
        village: fields.text("village").to_owned(),
        villages: villages.map(|place| (place.code.to_string(), place.name.clone())).collect(),
        questions: step.fill.iter().filter_map(|when| ask(&when.item, when.when.is_none())).collect(),
        groups: groups.collect(),
        more_open: more.iter().any(|question| !question.value.is_empty() || !question.error.is_empty()),
        more,
        problems: in_page_order(refusals.iter().map(problem).collect()),
    })
}

/// Where on the page a refusal belongs; whose name or telephone it is.
fn problem(refusal: &Refusal) -> Problem {
    let field = refusal.field.as_ref().map_or("", FieldId::as_str);
    let (anchor, whose) = match field.strip_prefix("party.") {
        Some(rest) => (format!("p.{rest}"), if rest.starts_with("0.") { "您：" } else { "对方：" }),
        None if BY_PLACE.contains(&field) => ("village".to_owned(), ""),
        None if field.is_empty() => (String::new(), ""),
        None => (format!("f.{field}"), ""),
    };
    let next = if field.is_empty() { refusal.next.clone() } else { String::new() };
    Problem { anchor, sentence: format!("{whose}{}", refusal.sentence), next }
}

/// In the order of the page: what concerns no field, the place, the questions, the people.
fn in_page_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| match problem.anchor.split('.').next() {
        Some("") | None => 0,
        Some("village") => 1,
        Some("f") => 2,
        Some(_) => 3,
    });
    problems
}

fn error_at(refusals: &Refusals, field: &str) -> String {
    let at = refusals.iter().find(|refusal| refusal.field.as_ref().is_some_and(|known| known.as_str() == field));
    at.map(|refusal| refusal.sentence.clone()).unwrap_or_default()
}

fn question(
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
fn group(filing: &Filing, position: usize, role: &Role, fields: &Fields, refusals: &Refusals) -> Group {
    let own = position == 0;
    let one = |detail: &str, kind: &'static str, label: &str, hint: &str, required: bool| {
        let name = format!("p.{position}.{detail}");
        Question {
            kind,
            label: label.to_owned(),
            hint: hint.to_owned(),
            required,
            value: fields.get(&name).unwrap_or_default().to_owned(),
            error: error_at(refusals, &format!("party.{position}.{detail}")),
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
        vec![
            one("name", "text", "对方姓名或者名称", "不知道全名的，写平时的称呼", role.min > 0),
            one("phone", "tel", "对方电话", "", phone),
        ]
    };
    Group { title: if own { "您".to_owned() } else { "对方".to_owned() }, questions }
}
