//! 我的事项: a citizen comes in with telephone number and code, sees what is theirs and shown to be, goes on with drafts, rates, leaves.
//! Works without JavaScript.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::{Digest, FieldId, MatterId, StepId};
use zhunsheng_core::matter::Input;
use zhunsheng_core::refusal::Refusals;

use super::account::moment;
use super::citizen::wait;
use super::commenting;
use super::dispute::asking::{Problem, Question, problem, question};
use super::dispute::filing::{COMMENT_DRAFT, of_draft};
use super::dispute::show_again;
use crate::app::App;
use crate::app::act::{ActError, CommandKey};
use crate::app::citizen::{Account, OwnLine, Proved};
use crate::app::progress::Progress;
use crate::app::secret::{Token, hex, random};
use crate::web::citation::Citations;
use crate::web::cookie::{Jar, SetCookie};
use crate::web::form::{Fields, TOKEN_FIELD};
use crate::web::{Form, InPerson, Layout, PageError, Path, Query, Visitor, answered, render};

/// Why a draft was not kept.
const GONE_OUT: &str =
    "您已经退出“我的事项”，草稿没有存上。填的都还在，可以直接提交；要存草稿，请先在另一个窗口重新进入。";

/// Where somebody who is in stands.
const ME: &str = "/me";

#[derive(Template)]
#[template(path = "me/enter.html")]
struct EnterPage {
    layout: Layout,
    /// Whether the county can send codes.
    usable: bool,
    /// What people call the unified login, where one is connected.
    unified: String,
    /// Why coming in by it failed.
    turned_away: String,
    phone: String,
    wrong: String,
}

/// `GET /me/enter`.
pub(in crate::web) async fn show_enter(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    enter_page(&app, &visitor, "", String::new())
}

/// The way in once more, with why the unified login did not lead in.
pub(super) fn turned_away(app: &App, visitor: &Visitor, why: String) -> Result<Response, PageError> {
    let page = EnterPage { turned_away: why, ..entrance(app, visitor, "错误：我的事项") };
    Ok(answered(render(&page)?, true))
}

fn entrance(app: &App, visitor: &Visitor, title: &str) -> EnterPage {
    EnterPage {
        layout: Layout::new(app, visitor, title),
        usable: app.gateway.is_some(),
        unified: app.config.login.as_ref().map(|login| login.title.clone()).unwrap_or_default(),
        turned_away: String::new(),
        phone: String::new(),
        wrong: String::new(),
    }
}

/// A session under a new token for somebody who was shown to be the owner of a number; forms get a new cookie.
pub(super) async fn entered(app: &App, visitor: &Visitor, token: &Token) -> Result<Response, PageError> {
    if let Some(before) = &visitor.citizen {
        app.citizen_out(before).await?;
    }
    let session = SetCookie::new(&app.config, Jar::Citizen, &token.text(), None);
    Ok((session, SetCookie::gone(&app.config, Jar::Form), Redirect::to(ME)).into_response())
}

fn enter_page(app: &App, visitor: &Visitor, phone: &str, wrong: String) -> Result<Response, PageError> {
    let is_wrong = !wrong.is_empty();
    let title = if is_wrong { "错误：我的事项" } else { "我的事项" };
    let page = EnterPage { phone: phone.to_owned(), wrong, ..entrance(app, visitor, title) };
    Ok(answered(render(&page)?, is_wrong))
}

#[derive(Template)]
#[template(path = "me/code.html")]
struct CodePage {
    layout: Layout,
    /// Travels in the form; the address of a page never holds it.
    phone: String,
    masked: String,
    /// In a demonstration: the message that nobody gets.
    shown: Option<String>,
    wrong: String,
}

/// `POST /me/code`: the same answer for every number, known or not.
pub(in crate::web) async fn send_code(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let phone: String = form.fields.text("phone").chars().take(40).collect();
    match app.send_entry_code(&phone).await? {
        Ok(sent) => {
            let layout = Layout::new(&app, &visitor, "输入核对码");
            render(&CodePage { layout, phone, masked: sent.masked, shown: sent.shown, wrong: String::new() })
        }
        Err(sentence) => enter_page(&app, &visitor, &phone, sentence),
    }
}

/// `POST /me/enter`: the right code opens a session.
pub(in crate::web) async fn submit_enter(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let phone: String = form.fields.text("phone").chars().take(40).collect();
    let code: String = form.fields.text("code").chars().take(20).collect();
    match app.enter(&phone, &code).await? {
        Ok(token) => entered(&app, &visitor, &token).await,
        Err(said) => {
            let masked = zhunsheng_core::text::mask(zhunsheng_core::matter::SealedClass::Phone, &phone);
            let layout = Layout::new(&app, &visitor, "错误：输入核对码");
            let page = CodePage { layout, phone, masked, shown: None, wrong: said.sentence().to_owned() };
            Ok(answered(render(&page)?, true))
        }
    }
}

/// A draft on the page.
struct DraftLine {
    draft: String,
    title: String,
    path: String,
    saved: String,
}

#[derive(Template)]
#[template(path = "me/me.html")]
struct MePage {
    layout: Layout,
    account: Account,
    matters: Vec<OwnLine>,
    drafts: Vec<DraftLine>,
    /// What came of showing that something is one's own, or of what was just done.
    said: String,
    wrong: String,
    typed: String,
}

/// `GET /me`.
pub(in crate::web) async fn show_me(
    State(app): State<Arc<App>>,
    asking: InPerson,
    query: Query,
) -> Result<Response, PageError> {
    let said = match (query.text("done"), query.text("n").parse::<u32>()) {
        ("shown", Ok(count)) => format!("核对上了，下面多了 {count} 件。"),
        ("told", _) => "已保存。".to_owned(),
        ("draft", _) => "草稿已经存好，三十天内可以接着填。".to_owned(),
        ("rated", _) => "评价已经收到，谢谢您。".to_owned(),
        _ => String::new(),
    };
    me_page(&app, &asking, said, (String::new(), "")).await
}

async fn me_page(
    app: &Arc<App>,
    asking: &InPerson,
    said: String,
    (wrong, typed): (String, &str),
) -> Result<Response, PageError> {
    let account = app.citizen_account(&asking.me).await?.ok_or(PageError::ComeIn)?;
    let mut drafts = Vec::new();
    for draft in app.citizen_drafts(&asking.me).await? {
        let Some(filing) = of_draft(&draft.filing) else { continue };
        let saved = moment(draft.saved);
        let (title, path) = match draft.filing.strip_prefix(COMMENT_DRAFT) {
            Some(id) => {
                // A draft that takes no comments any more: what was begun can only be dropped.
                let about = commenting::begun_on(app, &draft.filing).await?;
                let closed = about.is_none();
                let title = about.map_or("对草案的意见（草案已经截止）".to_owned(), |about| {
                    format!("对《{about}》的意见")
                });
                (title, if closed { String::new() } else { format!("{}/{id}", filing.path()) })
            }
            None => (filing.title().to_owned(), filing.path().to_owned()),
        };
        drafts.push(DraftLine { draft: draft.filing, title, path, saved });
    }
    let title = if wrong.is_empty() { "我的事项" } else { "错误：我的事项" };
    let is_wrong = !wrong.is_empty();
    let page = MePage {
        layout: Layout::new(app, &asking.visitor, title),
        account,
        matters: app.own_matters(&asking.me).await?,
        drafts,
        said,
        wrong,
        typed: typed.to_owned(),
    };
    Ok(answered(render(&page)?, is_wrong))
}

/// `POST /me/prove`: a query code, or the end of the number of identity. What is malformed, unknown or somebody else's gets one answer.
pub(in crate::web) async fn prove(
    State(app): State<Arc<App>>,
    asking: InPerson,
    form: Form,
) -> Result<Response, PageError> {
    let typed: String = form.fields.text("factor").chars().take(40).collect();
    let wrong = match app.prove_own(&asking.me, &typed).await? {
        Proved::Shown(count) => return Ok(Redirect::to(&format!("{ME}?done=shown&n={count}")).into_response()),
        Proved::Wrong => {
            "没有核对上：没有用您的手机号登记、又和填写的一致的事项。查询码在登记回执上；证件要是登记时核对过的。"
                .to_owned()
        }
        Proved::Wait { seconds } => wait(seconds),
    };
    me_page(&app, &asking, String::new(), (wrong, &typed)).await
}

/// `POST /me/told`: whether progress is told by short message.
pub(in crate::web) async fn submit_told(
    State(app): State<Arc<App>>,
    asking: InPerson,
    form: Form,
) -> Result<Response, PageError> {
    app.citizen_told(&asking.me, form.fields.text("told") == "yes").await?;
    Ok(Redirect::to("/me?done=told").into_response())
}

/// `POST /me/drafts`: what was typed into a filing so far, without photographs. Who is in no more has the form again as typed.
pub(in crate::web) async fn keep_draft(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let key = form.fields.text("draft");
    let filing = of_draft(key).ok_or(PageError::NotFound)?;
    let is_comment = key.starts_with(COMMENT_DRAFT);
    if is_comment && commenting::begun_on(&app, key).await?.is_none() {
        return Err(PageError::NotFound);
    }
    let Some(me) = visitor.citizen else {
        if is_comment {
            return commenting::show_again(&app, &visitor, key, &form.fields, GONE_OUT).await;
        }
        if form.fields.filled("town").is_none() {
            return Err(PageError::ComeIn);
        }
        return show_again(filing, &app, &visitor, &form.fields, GONE_OUT.to_owned());
    };
    let kept = |name: &str| name == "town" || name == "village" || name.starts_with("f.") || name.starts_with("p.");
    let typed: Vec<(String, String)> = form
        .fields
        .pairs()
        .filter(|(name, value)| kept(name) && !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let key = if is_comment { key } else { filing.draft() };
    if !app.keep_draft(&me, key, &typed).await? {
        return Err(PageError::TooLarge { bytes_max: 0 });
    }
    Ok(Redirect::to("/me?done=draft").into_response())
}

/// `POST /me/drafts/drop`.
pub(in crate::web) async fn drop_draft(
    State(app): State<Arc<App>>,
    asking: InPerson,
    form: Form,
) -> Result<Response, PageError> {
    let key = form.fields.text("draft");
    let filing = of_draft(key).ok_or(PageError::NotFound)?;
    let key = if key.starts_with(COMMENT_DRAFT) { key } else { filing.draft() };
    app.drop_draft(&asking.me, key).await?;
    Ok(Redirect::to(ME).into_response())
}

/// `POST /me/out`.
pub(in crate::web) async fn go_out(State(app): State<Arc<App>>, asking: InPerson) -> Result<Response, PageError> {
    app.citizen_out(&asking.me).await?;
    Ok(gone(&app))
}

fn gone(app: &App) -> Response {
    let cookies = (SetCookie::gone(&app.config, Jar::Citizen), SetCookie::gone(&app.config, Jar::Form));
    (cookies.0, cookies.1, Redirect::to("/")).into_response()
}

#[derive(Template)]
#[template(path = "me/leave.html")]
struct LeavePage {
    layout: Layout,
    masked: String,
}

/// `GET /me/leave`.
pub(in crate::web) async fn show_leave(State(app): State<Arc<App>>, asking: InPerson) -> Result<Response, PageError> {
    let account = app.citizen_account(&asking.me).await?.ok_or(PageError::ComeIn)?;
    let layout = Layout::new(&app, &asking.visitor, "注销");
    render(&LeavePage { layout, masked: account.masked })
}

/// `POST /me/leave`: the account, its drafts and what hangs on it are gone; matters stay in the record.
pub(in crate::web) async fn submit_leave(State(app): State<Arc<App>>, asking: InPerson) -> Result<Response, PageError> {
    app.citizen_leave(&asking.me).await?;
    Ok(gone(&app))
}

#[derive(Template)]
#[template(path = "me/matter.html")]
struct MatterPage {
    layout: Layout,
    id: MatterId,
    p: Progress,
    citations: Citations,
    step: Option<StepForm>,
}

/// What somebody may do with their matter now.
struct StepForm {
    title: String,
    hint: String,
    key: String,
    questions: Vec<Question>,
    problems: Vec<Problem>,
}

/// `GET /me/matters/{id}`: somebody else's is not found.
pub(in crate::web) async fn show_matter(
    State(app): State<Arc<App>>,
    asking: InPerson,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    matter_page(&app, &asking, &id, &Fields::default(), &Refusals::default()).await
}

async fn matter_page(
    app: &Arc<App>,
    asking: &InPerson,
    id: &str,
    typed: &Fields,
    refusals: &Refusals,
) -> Result<Response, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let (p, step) = app.own_matter(&asking.me, id).await?.ok_or(PageError::NotFound)?;
    let passed = p.overruns.iter().map(|overrun| overrun.limit.basis.clone());
    let cited = p.limits.iter().map(|limit| limit.basis.clone()).chain(passed).collect();
    let citations = Citations::load(app, &app.county.ruling(), app.today(), cited).await?;
    let step = step.and_then(|step| step_form(app, &step, typed, refusals));
    let title = if refusals.is_empty() { p.title.clone() } else { format!("错误：{}", p.title) };
    let page = MatterPage { layout: Layout::new(app, &asking.visitor, &title), id, p, citations, step };
    Ok(answered(render(&page)?, !refusals.is_empty()))
}

fn step_form(
    app: &App,
    (step, definition): &(StepId, Digest),
    typed: &Fields,
    refusals: &Refusals,
) -> Option<StepForm> {
    let ruling = app.county.ruling();
    let definition = ruling.law.by_digest(definition)?;
    let step = definition.step(step.as_str())?;
    let ask = |id: &FieldId, required| question(definition, definition.fields.get(id)?, required, typed, refusals);
    let must = step.fill.iter().filter_map(|when| ask(&when.item, when.when.is_none()));
    Some(StepForm {
        title: step.title.clone(),
        hint: step.hint.clone().unwrap_or_default(),
        key: typed.filled("key").map_or_else(|| hex(&random::<16>()), str::to_owned),
        questions: must.chain(step.may_fill.iter().filter_map(|id| ask(id, false))).collect(),
        problems: refusals.iter().map(problem).collect(),
    })
}

/// `POST /me/matters/{id}`: the step that the definition gives to the party now. Whose matter it is, is asked again in the writer.
pub(in crate::web) async fn submit_step(
    State(app): State<Arc<App>>,
    asking: InPerson,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let matter = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (_, step) = app.own_matter(&asking.me, matter).await?.ok_or(PageError::NotFound)?;
    let (step, _) = step.ok_or_else(|| PageError::Conflict("这一步已经办过了，或者现在不能办。".to_owned()))?;
    let mut input = Input::default();
    for (name, value) in form.fields.pairs() {
        if let Some(field) = name.strip_prefix("f.") {
            input.fields.entry(FieldId::from(field)).or_default().push(value.to_owned());
        }
    }
    let key: String = form.fields.text("key").chars().take(64).collect();
    let typed: Vec<String> =
        form.fields.pairs().filter(|(name, _)| *name != TOKEN_FIELD).map(|(n, v)| format!("{n}={v}")).collect();
    let key = CommandKey { key, digest: Digest::of(format!("{id}\n{}", typed.join("\n")).as_bytes()) };
    let key = Some(key).filter(|key| key.key.len() >= 16);
    match app.act_on_own(&asking.me, matter, (step, input), key).await {
        Ok(_) => Ok(Redirect::to("/me?done=rated").into_response()),
        Err(ActError::Refused(refusals)) => matter_page(&app, &asking, &id, &form.fields, &refusals).await,
        Err(other) => Err(other.into()),
    }
}
