//! A citizen registers a dispute, applies for legal aid or asks a question on a phone, in two steps that work without JavaScript: the town,
//! then the rest. The questions come from the definition's opening step for citizens; who receives it, from the place.

pub(super) mod asking;
pub(super) mod filing;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::{Digest, FieldId};
use zhunsheng_core::matter::{Actor, Command, EvidenceInput, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::{PartyKind, Procedure, Role, Step};
use zhunsheng_core::refusal::Refusals;
use zhunsheng_core::text;

pub(super) use self::asking::{Group, group, in_page_order, inputs};
use self::asking::{Problem, Question, problem, question};
pub(super) use self::filing::counter;
pub(super) use self::filing::{COMMENT, Filing};
use self::filing::{DISPUTE, LEGAL_AID, QUESTION};
use crate::app::act::{ActError, CommandKey, Done};
use crate::app::fault::chain;
use crate::app::form::KeptFile;
use crate::app::limit::Lane;
use crate::app::secret::{hex, random};
use crate::app::{App, dispute};
use crate::web::form::{Fields, TOKEN_FIELD};
use crate::web::{Form, Layout, PageError, Query, Visitor, assets, render, typed};

#[derive(Template)]
#[template(path = "citizen/dispute_town.html")]
struct TownPage {
    layout: Layout,
    filing: &'static Filing,
    towns: Vec<(String, String)>,
    missing: bool,
    /// Where it stands what to bring, how long it takes and by which article.
    guide: Option<String>,
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
    /// Photographs that came with an earlier try.
    kept: Vec<KeptFile>,
    problems: Vec<Problem>,
    /// What sends it over a bad line.
    sender: String,
}

#[derive(Template)]
#[template(path = "citizen/receipt.html")]
pub(super) struct ReceiptPage {
    pub(super) layout: Layout,
    pub(super) filing: &'static Filing,
    pub(super) code: String,
    /// Who received it, their telephone, and on which day.
    pub(super) organ: String,
    pub(super) phone: String,
    pub(super) day: String,
    /// Photographs that came with it.
    pub(super) photos: usize,
    /// It stands among the own matters of somebody who is in.
    pub(super) own: bool,
    /// What was written sounds as if somebody might be hurt.
    pub(super) danger: bool,
    pub(super) next: Vec<String>,
    /// The draft that a comment is about: where it is read, and its title.
    pub(super) about: Option<(String, String)>,
}

/// What stands against a form, and what of it was received.
#[derive(Default)]
struct Against {
    refusals: Refusals,
    files: Vec<Problem>,
    kept: Vec<KeptFile>,
}

/// A key shorter than this is none.
pub(super) const KEY_CHARS_MIN: usize = 16;

/// The input of photographs.
const PHOTOS: &str = "photos";

/// Fields that the place and the way answer.
const BY_PLACE: [&str; 4] = ["committee", "receiver", "place", "source"];

/// `GET /disputes/new[?town=]`.
pub(in crate::web) async fn show_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    show(&DISPUTE, &app, &visitor, &query).await
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
    show(&LEGAL_AID, &app, &visitor, &query).await
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
    show(&QUESTION, &app, &visitor, &query).await
}

/// `POST /ask`: likewise.
pub(in crate::web) async fn submit_ask_form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    submit(&QUESTION, &app, &visitor, &form).await
}

async fn show(filing: &'static Filing, app: &App, visitor: &Visitor, query: &Query) -> Result<Response, PageError> {
    let fields = begun(filing, app, visitor, query).await?;
    if dispute::towns(&app.county.registry()).any(|known| known.code.as_str() == fields.text("town")) {
        return show_questions(filing, app, visitor, &fields, Against::default());
    }
    let towns = dispute::towns(&app.county.registry()).map(|town| (town.code.to_string(), town.name.clone())).collect();
    let missing = query.get("town").is_some();
    let title = if missing { format!("错误：{}", filing.title) } else { filing.title.to_owned() };
    let ruling = app.county.ruling();
    let guide = ruling.law.guides.get(filing.guide).map(|guide| format!("/find/{}", guide.id));
    render(&TownPage { layout: Layout::new(app, visitor, &title), filing, towns, missing, guide })
}

/// What stands in a form that is opened: the draft that somebody who is in goes on with, or the town and their number.
async fn begun(filing: &Filing, app: &App, visitor: &Visitor, query: &Query) -> Result<Fields, PageError> {
    let mut typed = vec![("town".to_owned(), query.text("town").to_owned())];
    let Some(me) = &visitor.citizen else { return Ok(Fields::new(typed)) };
    if query.get("draft").is_some() {
        let drafts = app.citizen_drafts(me).await?;
        if let Some(draft) = drafts.into_iter().find(|draft| draft.filing == filing.draft) {
            return Ok(Fields::new(draft.typed));
        }
    }
    if let Some(account) = app.citizen_account(me).await? {
        typed.push(("p.0.phone".to_owned(), account.number));
    }
    Ok(Fields::new(typed))
}

/// Photographs that came with the form, and what is wrong with others. Whoever is not known keeps few in an hour.
async fn photos(
    filing: &Filing,
    app: &App,
    visitor: &Visitor,
    form: &Form,
) -> Result<(Vec<KeptFile>, Vec<Problem>), PageError> {
    let key = form.fields.text("key");
    if filing.photos.is_empty() || key.len() < KEY_CHARS_MIN {
        return Ok((Vec::new(), Vec::new()));
    }
    for _ in &form.uploads {
        app.limits.take(Lane::File, visitor.address, app.machine.millis()).map_err(PageError::RateLimited)?;
    }
    let (mut kept, wrong) = typed::keep_files(app, form, &format!("citizen {key}")).await?;
    kept.retain(|file| file.field == PHOTOS);
    let wrong = wrong.into_iter().map(|(anchor, name, sentence)| Problem {
        anchor,
        sentence: format!("{name}：{sentence}"),
        next: String::new(),
    });
    Ok((kept, wrong.collect()))
}

/// What goes to the engine: what was typed, and what place and way answer.
fn input_of(
    filing: &Filing,
    (definition, step): (&Procedure, &Step),
    fields: &Fields,
    (place, receiver): (&str, &str),
    kept: &[KeptFile],
) -> Input {
    let mut input = read(definition, step, fields);
    for (field, value) in [("place", place), ("committee", receiver), ("receiver", receiver), ("source", "portal")] {
        input.fields.insert(field.into(), vec![value.to_owned()]);
    }
    input.fields.retain(|id, _| step.may_fill.contains(id) || step.fill.iter().any(|when| when.item == *id));
    let photo = |file: &KeptFile| EvidenceInput { kind: filing.photos.into(), ..typed::evidence_input(file) };
    input.evidence = kept.iter().map(photo).collect();
    input
}

async fn submit(
    filing: &'static Filing,
    app: &Arc<App>,
    visitor: &Visitor,
    form: &Form,
) -> Result<Response, PageError> {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let opening = dispute::opening(&ruling.law, filing.procedure, app.today()).ok_or(PageError::NotFound)?;
    let place = place_of(&registry, &form.fields).ok_or(PageError::Malformed("没有选择在哪个镇"))?;
    let receiver = match filing.procedure {
        dispute::DISPUTE => dispute::committee(&registry, &place),
        dispute::CONSULTATION => dispute::station(&registry, &place),
        _ => dispute::legal_aid(&registry),
    };
    let (kept, wrong) = photos(filing, app, visitor, form).await?;
    if !wrong.is_empty() {
        let against = Against { refusals: Refusals::default(), files: wrong, kept };
        return show_questions(filing, app, visitor, &form.fields, against);
    }
    let (definition, step) = opening;
    let code = receiver.map(|organ| organ.code.to_string()).unwrap_or_default();
    let written = (form.fields.text("f.summary"), form.fields.text("f.request"));
    let danger = !dispute::danger_signs(&ruling.law, definition, written).is_empty();
    let input = input_of(filing, (definition, step), &form.fields, (&place, &code), &kept);
    let command =
        Command { target: Target::Open(definition.id.clone()), step: step.id.clone(), input, manner: Manner::Live };
    let digest = digest_of(&form.fields, &kept);
    let key = CommandKey { key: form.fields.text("key").chars().take(64).collect(), digest };
    let key = Some(key).filter(|key| key.key.len() >= KEY_CHARS_MIN);
    let organ = receiver.map(|organ| organ.name.clone()).unwrap_or_default();
    let phone = receiver.and_then(|organ| organ.telephone.clone()).unwrap_or_default();
    let receipt = |done: Done, own| ReceiptPage {
        layout: Layout::new(app, visitor, filing.done),
        filing,
        code: text::written_code(&done.query_code.unwrap_or_default()),
        next: filing.next(&organ),
        organ: organ.clone(),
        phone: phone.clone(),
        day: app.today().chinese(),
        photos: kept.len(),
        own,
        danger,
        about: None,
    };
    match app.act(Actor::Citizen, command, key).await {
        Ok(done) => {
            let own = match &visitor.citizen {
                // It is filed: whoever is in gets the receipt, and can show it to be theirs with the code.
                Some(me) => app.own_filed(me, done.matter, filing.draft).await.unwrap_or_else(|fault| {
                    tracing::error!(fault = chain(&fault), "noting whose own a filing is");
                    false
                }),
                None => false,
            };
            render(&receipt(done, own))
        }
        // The first answer was lost on the way and something was changed since, or somebody else sits at the same screen: what was filed
        // is not told here.
        Err(ActError::KeyReused) => show_used(filing, app, visitor, &form.fields, !kept.is_empty()),
        Err(ActError::Refused(refusals)) => {
            let against = Against { refusals, files: Vec::new(), kept };
            show_questions(filing, app, visitor, &form.fields, against)
        }
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

/// Everything that was typed and every photograph, so that a key belongs to one submission.
pub(super) fn digest_of(fields: &Fields, kept: &[KeptFile]) -> Digest {
    let typed = fields.pairs().filter(|(name, _)| ![TOKEN_FIELD, "kept"].contains(name));
    let typed = typed.map(|(name, value)| format!("{name}={value}"));
    let files = kept.iter().map(|file| format!("{PHOTOS}={}", file.digest));
    Digest::of(typed.chain(files).collect::<Vec<_>>().join("\n").as_bytes())
}

/// `f.<field>` and `p.<position>.<detail>`; a party of whom nothing is said is left out unless one is needed.
pub(super) fn read(definition: &Procedure, step: &Step, fields: &Fields) -> Input {
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
        let said = PartyKind::parse(&detail("kind")).unwrap_or_else(|| dispute::kind_of_name(&detail("name")));
        let party = PartyInput {
            role: Some(role.id.clone()),
            kind: Some(said).filter(|said| role.kinds.contains(said)),
            name: if unnamed { text::UNNAMED.to_owned() } else { detail("name") },
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

pub(super) fn roles<'a>(definition: &'a Procedure, step: &'a Step) -> impl Iterator<Item = &'a Role> {
    step.parties.iter().filter_map(|role| definition.role(role.as_str()))
}

/// The form as typed, under a fresh key: another text came under this one. Photographs belong to the key.
fn show_used(
    filing: &'static Filing,
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    photos: bool,
) -> Result<Response, PageError> {
    let again = if photos { "照片请重新选。" } else { "" };
    let sentence = format!(
        "这份表单刚才已经登记过一件；改动后的内容没有登记。要登记成另一件，请核对后再提交；要补充刚才那一件，请用回执上的查询码。{again}"
    );
    let typed = fields.pairs().filter(|(name, _)| !["key", "kept"].contains(name));
    let typed = Fields::new(typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    show_again(filing, app, visitor, &typed, sentence)
}

/// The form as typed, with one sentence above it.
pub(in crate::web::pages) fn show_again(
    filing: &'static Filing,
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    sentence: String,
) -> Result<Response, PageError> {
    let said = Problem { anchor: String::new(), sentence, next: String::new() };
    show_questions(filing, app, visitor, fields, Against { files: vec![said], ..Against::default() })
}

/// The second step, with what was typed and what stands against it.
fn show_questions(
    filing: &'static Filing,
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    against: Against,
) -> Result<Response, PageError> {
    let Against { refusals, files, kept } = against;
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let (definition, step) = dispute::opening(&ruling.law, filing.procedure, app.today()).ok_or(PageError::NotFound)?;
    let town =
        dispute::towns(&registry).find(|town| town.code.as_str() == fields.text("town")).ok_or(PageError::NotFound)?;
    let ask = |id: &FieldId, required| {
        let field = definition.fields.get(id).filter(|field| !field.made && !BY_PLACE.contains(&id.as_str()))?;
        question(definition, field, required, fields, &refusals)
    };
    let more: Vec<Question> = step.may_fill.iter().filter_map(|id| ask(id, false)).collect();
    let questions: Vec<Question> = step.fill.iter().filter_map(|when| ask(&when.item, when.when.is_none())).collect();
    let groups: Vec<Group> = roles(definition, step)
        .enumerate()
        .map(|(position, role)| group(filing, position, role, fields, &refusals))
        .collect();
    let villages = dispute::villages(&registry, town.code.as_str());
    let key = fields.filled("key").map_or_else(|| hex(&random::<16>()), str::to_owned);
    let order = ["village"].into_iter().chain(inputs(&questions, &groups)).chain(inputs(&more, &[]));
    let problems = in_page_order(refusals.iter().map(problem).chain(files).collect(), order);
    let title = if problems.is_empty() { filing.title.to_owned() } else { format!("错误：{}", filing.title) };
    render(&DisputePage {
        layout: Layout::new(app, visitor, &title),
        filing,
        hint: step.hint.clone().unwrap_or_default(),
        key,
        town: (town.code.to_string(), town.name.clone()),
        village: fields.text("village").to_owned(),
        villages: villages.map(|place| (place.code.to_string(), place.name.clone())).collect(),
        questions,
        groups,
        more_open: more.iter().any(|question| !question.value.is_empty() || !question.error.is_empty()),
        more,
        kept,
        problems,
        sender: assets::url("send.js"),
    })
}
