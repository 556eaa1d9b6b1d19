//! People: the list, one person with everything an administrator may do for them, and entering a new one.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::authority::{Person, Registry};
use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::Target;
use zhunsheng_core::refusal::Refusals;

use super::posts::register_form;
use crate::app::act::ActError;
use crate::app::clock::minute;
use crate::app::form::{Filled, StepForm};
use crate::app::secret::{hex, random};
use crate::app::{App, api_token, session};
use crate::store::accounts::{self, Account};
use crate::store::worklist;
use crate::web::citation::Citations;
use crate::web::frame::StaffFrame;
use crate::web::typed;
use crate::web::{Administrator, Form, Layout, Official, PageError, Path, Query, answered, render};

/// People on one page.
const PAGE: usize = 50;
/// Accounts read for the list.
const ACCOUNTS_MAX: u32 = 20_000;

/// A post in a list.
pub(super) struct PostLine {
    pub id: String,
    pub title: String,
    pub organ: String,
    pub from: String,
    pub until: String,
    pub held: bool,
    pub future: bool,
}

/// A person in the list.
struct PersonLine {
    href: String,
    name: String,
    posts: Vec<PostLine>,
    certificate: Option<(&'static str, String)>,
    account: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    layout: Layout,
    staff: StaffFrame,
    words: String,
    people: Vec<PersonLine>,
    total: usize,
    page: usize,
    pages: usize,
    newer: usize,
    older: usize,
    link: String,
}

/// `GET /admin`: people by name, with posts, certificates and accounts.
pub(in crate::web) async fn list_people(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    query: Query,
) -> Result<Response, PageError> {
    let (registry, ruling) = (app.county.registry(), app.county.ruling());
    let words: String = query.text("q").chars().take(40).collect();
    let county = app.county_code.clone();
    let accounts = app.db.read(move |r| accounts::list(r, &county, "", ACCOUNTS_MAX)).await?;
    let accounts: BTreeMap<String, Account> =
        accounts.into_iter().map(|account| (account.person.clone(), account)).collect();
    let organs = |person: &Person| {
        registry.posts_of(person.id, app.today()).any(|post| registry.organ_name(&post.organ).contains(&words))
    };
    let mut found: Vec<&Person> =
        registry.people().filter(|person| words.is_empty() || person.name.contains(&words) || organs(person)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = query.text("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let shown = found.iter().skip((page - 1) * PAGE).take(PAGE);
    let people = shown
        .map(|person| PersonLine {
            href: format!("/admin/people/{}", person.id),
            name: person.name.clone(),
            posts: posts_of(&registry, &ruling.law, &app, person.id).into_iter().filter(|post| post.held).collect(),
            certificate: certificate(&registry, &app, person.id),
            account: account_state(accounts.get(&person.id.to_string())),
        })
        .collect();
    render(&PeoplePage {
        layout: Layout::new(&app, &official.visitor, "人员和岗位"),
        staff: StaffFrame::load(&app, &official, "/admin").await?,
        link: format!("/admin?q={}&page=", crate::web::cookie::escape(&words)),
        words,
        people,
        total: found.len(),
        page,
        pages,
        newer: page.saturating_sub(1),
        older: page + 1,
    })
}

pub(super) fn posts_of(registry: &Registry, law: &Law, app: &App, person: PersonId) -> Vec<PostLine> {
    let today = app.today();
    let mut posts: Vec<_> = registry.posts().filter(|post| post.person == person).collect();
    posts.sort_by_key(|post| (!post.held_on(today), std::cmp::Reverse(post.from)));
    posts
        .into_iter()
        .map(|post| PostLine {
            id: post.id.to_string(),
            title: law.posts.title(&post.kind).to_owned(),
            organ: registry.organ_name(&post.organ).to_owned(),
            from: post.from.to_string(),
            until: post.until.map(|day| day.to_string()).unwrap_or_default(),
            held: post.held_on(today),
            future: post.from > today,
        })
        .collect()
}

/// The certificate that lasts longest: badge class and text.
fn certificate(registry: &Registry, app: &App, person: PersonId) -> Option<(&'static str, String)> {
    let today = app.today();
    let held =
        registry.credentials_of(person).iter().filter(|known| known.register.as_str() == "enforcement_certificate");
    let credential = held.max_by_key(|known| (known.revoked.is_none(), known.last_day))?;
    Some(match (credential.revoked.filter(|day| today >= *day), credential.last_day) {
        (Some(day), _) => ("late", format!("{day}停用")),
        (None, Some(last)) if today > last => ("late", format!("{last}到期")),
        (None, Some(last)) if last.days_since(today) <= 30 => ("soon", format!("{last}到期")),
        (None, Some(last)) => ("ok", format!("有效至{last}")),
        (None, None) => ("ok", "长期有效".to_owned()),
    })
}

fn account_state(account: Option<&Account>) -> (&'static str, &'static str) {
    match account {
        None => ("stopped", "没有账号"),
        Some(account) if account.disabled.is_some() => ("stopped", "已停用"),
        Some(account) if account.must_change => ("soon", "待改口令"),
        Some(_) => ("ok", "启用"),
    }
}

/// A session or token in a list.
struct DoorLine {
    id: String,
    title: String,
    from: String,
    until: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    name: String,
    posts: Vec<PostLine>,
    certificate: Option<(&'static str, String)>,
    login: String,
    account: (&'static str, &'static str),
    has_account: bool,
    disabled: bool,
    demo: bool,
    sessions: Vec<DoorLine>,
    tokens: Vec<DoorLine>,
    open_work: usize,
    told: Option<String>,
    secret: Option<(String, String)>,
    error: Option<String>,
}

/// What the page says beside the person.
#[derive(Default)]
pub(super) struct Telling {
    /// What was done.
    pub told: Option<String>,
    /// Something that is shown once: what it is, and its text.
    pub secret: Option<(String, String)>,
    /// What is wrong.
    pub error: Option<String>,
}

/// `GET /admin/people/{id}`.
pub(in crate::web) async fn show_person(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let told = match query.text("done") {
        "registered" => Some("已登记人员。接着登记任职、开通账号。".to_owned()),
        "granted" => Some("已登记任职。".to_owned()),
        "ended" => Some(format!("已登记离任，移交未办结事项{}件。", query.text("n"))),
        "account" => Some("账号已更新。".to_owned()),
        "session" => Some("已退出该登录。".to_owned()),
        "token" => Some("令牌已作废。".to_owned()),
        _ => None,
    };
    person_page(&app, &official, &id, Telling { told, ..Telling::default() }).await
}

pub(super) fn person_of(app: &App, id: &str) -> Result<Person, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    app.county.registry().person(id).cloned().ok_or(PageError::NotFound)
}

pub(super) async fn person_page(
    app: &App,
    official: &Official,
    id: &str,
    telling: Telling,
) -> Result<Response, PageError> {
    let person = person_of(app, id)?;
    let (registry, ruling) = (app.county.registry(), app.county.ruling());
    let (county, text) = (app.county_code.clone(), person.id.to_string());
    let (account, work) = app
        .db
        .read(move |r| {
            let account = accounts::find(r, &county, &text)?;
            Ok::<_, PageError>((account, worklist::list_assigned(r, &county, person.id, 1_000)?.len()))
        })
        .await?;
    let sessions = session::list(app, &person.id.to_string()).await?;
    let tokens = api_token::list(app, &person.id.to_string()).await?;
    let now = app.machine.seconds();
    let wrong = telling.error.is_some();
    let response = render(&PersonPage {
        layout: Layout::new(app, &official.visitor, &person.name),
        staff: StaffFrame::load(app, official, "/admin").await?,
        id: person.id.to_string(),
        posts: posts_of(&registry, &ruling.law, app, person.id),
        certificate: certificate(&registry, app, person.id),
        login: account.as_ref().map(|account| account.login.clone()).unwrap_or_default(),
        account: account_state(account.as_ref()),
        has_account: account.is_some(),
        disabled: account.as_ref().is_some_and(|account| account.disabled.is_some()),
        demo: app.is_demonstration(),
        sessions: sessions
            .iter()
            .map(|session| DoorLine {
                id: hex(&session.token_hash),
                title: session.client.clone(),
                from: minute(session.created),
                until: minute(session.seen),
                open: true,
            })
            .collect(),
        tokens: tokens
            .iter()
            .map(|token| DoorLine {
                id: hex(&token.token_hash),
                title: token.title.clone(),
                from: minute(token.created),
                until: minute(token.revoked.unwrap_or(token.expires)),
                open: token.revoked.is_none() && token.expires > now,
            })
            .collect(),
        open_work: work,
        told: telling.told,
        secret: telling.secret,
        error: telling.error,
        name: person.name,
    })?;
    Ok(answered(response, wrong))
}

#[derive(Template)]
#[template(path = "admin/form.html")]
pub(super) struct RegisterPage {
    pub layout: Layout,
    pub staff: StaffFrame,
    pub title: &'static str,
    pub lead: String,
    pub action: String,
    pub back: String,
    pub back_title: String,
    pub button: &'static str,
    pub key: String,
    pub hidden: Vec<(String, String)>,
    pub citations: Citations,
    pub form: StepForm,
}

/// `GET /admin/people/new`.
pub(in crate::web) async fn show_new_person(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
) -> Result<Response, PageError> {
    new_person(&app, &official, None, &Refusals::default()).await
}

async fn new_person(
    app: &App,
    official: &Official,
    filled: Option<&Filled>,
    refusals: &Refusals,
) -> Result<Response, PageError> {
    let form = register_form(app, official, "person", "register", filled, refusals)?;
    let wrong = !refusals.is_empty();
    let response = render(&RegisterPage {
        layout: Layout::new(app, &official.visitor, "新增人员"),
        staff: StaffFrame::load(app, official, "/admin/people/new").await?,
        title: "新增人员",
        lead: "只登记履职所需的姓名和性别。岗位和账号随后办理。".to_owned(),
        action: "/admin/people/new".to_owned(),
        back: "/admin".to_owned(),
        back_title: "人员和岗位".to_owned(),
        button: "登记人员",
        key: filled.map(|filled| filled.key.clone()).unwrap_or_else(|| hex(&random::<16>())),
        hidden: Vec::new(),
        citations: Citations::of_refusals(app, &form.refusals).await?,
        form,
    })?;
    Ok(answered(response, wrong))
}

/// `POST /admin/people/new`.
pub(in crate::web) async fn submit_new_person(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    form: Form,
) -> Result<Response, PageError> {
    let (filled, _) = typed::read(&app, &form, &official.post.person.to_string()).await?;
    let ruling = app.county.ruling();
    let (command, key) = match filled.command(&ruling.law, Target::Open("person".into()), "register".into()) {
        Ok(command) => command,
        Err(refusals) => return new_person(&app, &official, Some(&filled), &refusals).await,
    };
    match app.act(official.actor(), command, key).await {
        Ok(done) => Ok(Redirect::to(&format!("/admin/people/{}?done=registered", done.matter)).into_response()),
        Err(ActError::Refused(refusals)) => new_person(&app, &official, Some(&filled), &refusals).await,
        Err(other) => Err(other.into()),
    }
}
