//! Granting a post and ending one, with its open work passed on.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::authority::Post;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Target;
use zhunsheng_core::refusal::Refusals;

use super::people::{RegisterPage, person_of};
use crate::app::App;
use crate::app::act::ActError;
use crate::app::form::{self, Choice, Filled, Ground, StepForm};
use crate::app::hand_over::{PostEnd, open_work};
use crate::app::secret::{hex, random};
use crate::web::citation::Citations;
use crate::web::frame::StaffFrame;
use crate::web::typed;
use crate::web::{Administrator, Form, Layout, Official, PageError, Path, Reason, answered, render};

/// The generated form of an opening step of a register.
pub(super) fn register_form(
    app: &App,
    official: &Official,
    procedure: &str,
    step: &str,
    filled: Option<&Filled>,
    refusals: &Refusals,
) -> Result<StepForm, PageError> {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let procedure = ruling.law.in_force(procedure, app.today()).ok_or(PageError::NotFound)?;
    let step = procedure.step(step).ok_or(PageError::NotFound)?;
    let ground = Ground::opening((&ruling, &registry), app.today(), (procedure, step), &official.post);
    Ok(form::build(&ground, filled, refusals))
}

/// `GET /admin/people/{id}/posts/new`.
pub(in crate::web) async fn show_grant(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    grant(&app, &official, &id, None, &Refusals::default()).await
}

async fn grant(
    app: &App,
    official: &Official,
    id: &str,
    filled: Option<&Filled>,
    refusals: &Refusals,
) -> Result<Response, PageError> {
    let person = person_of(app, id)?;
    let mut form = register_form(app, official, "post", "register", filled, refusals)?;
    form.questions.retain(|question| question.name != "f.person");
    let wrong = !refusals.is_empty();
    let response = render(&RegisterPage {
        layout: Layout::new(app, &official.visitor, "登记任职"),
        staff: StaffFrame::load(app, official, "/admin").await?,
        title: "登记任职",
        lead: format!("{}。以任免文件、聘任书载明的日期为准。", person.name),
        action: format!("/admin/people/{id}/posts/new"),
        back: format!("/admin/people/{id}"),
        back_title: person.name,
        button: "登记任职",
        key: filled.map(|filled| filled.key.clone()).unwrap_or_else(|| hex(&random::<16>())),
        hidden: vec![("f.person".to_owned(), id.to_owned())],
        citations: Citations::of_refusals(app, &form.refusals).await?,
        form,
    })?;
    Ok(answered(response, wrong))
}

/// `POST /admin/people/{id}/posts/new`.
pub(in crate::web) async fn submit_grant(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?;
    let (mut filled, _) = typed::read(&app, &form, &official.post.person.to_string()).await?;
    // The address says whose post it is; a changed hidden field does not.
    filled.input.fields.insert("person".into(), vec![person.id.to_string()]);
    let ruling = app.county.ruling();
    let (command, key) = match filled.command(&ruling.law, Target::Open("post".into()), "register".into()) {
        Ok(command) => command,
        Err(refusals) => return grant(&app, &official, &id, Some(&filled), &refusals).await,
    };
    match app.act(official.actor(), command, key).await {
        Ok(_) => Ok(Redirect::to(&format!("/admin/people/{id}?done=granted")).into_response()),
        Err(ActError::Refused(refusals)) => grant(&app, &official, &id, Some(&filled), &refusals).await,
        Err(other) => Err(other.into()),
    }
}

/// Open work as an administrator may know it.
struct WorkLine {
    number: String,
    procedure: String,
    opened: String,
}

#[derive(Template)]
#[template(path = "admin/end.html")]
struct EndPage {
    layout: Layout,
    staff: StaffFrame,
    post: String,
    person: String,
    person_id: String,
    title: String,
    organ: String,
    until: String,
    reason: String,
    successor: String,
    work: Vec<WorkLine>,
    successors: Vec<Choice>,
    reasons: Vec<Reason>,
}

/// What was typed on the page of ending a post.
#[derive(Default)]
struct Typed {
    until: String,
    reason: String,
    successor: String,
}

fn post_of(app: &App, id: &str) -> Result<Post, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    app.county.registry().post(id).cloned().ok_or(PageError::NotFound)
}

/// `GET /admin/posts/{id}/end`.
pub(in crate::web) async fn show_end(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let typed = Typed { until: app.today().to_string(), ..Typed::default() };
    end(&app, &official, &post_of(&app, &id)?, typed, Vec::new()).await
}

async fn end(
    app: &App,
    official: &Official,
    post: &Post,
    typed: Typed,
    reasons: Vec<Reason>,
) -> Result<Response, PageError> {
    let (registry, ruling) = (app.county.registry(), app.county.ruling());
    let (county, of) = (app.county_code.clone(), post.clone());
    let work = app.db.read(move |r| open_work(r, &county, &of)).await?;
    let mut successors: Vec<Choice> = Vec::new();
    for other in registry.posts_in(&post.organ, app.today()).filter(|other| other.person != post.person) {
        let value = other.person.to_string();
        if !successors.iter().any(|known| known.value == value) {
            let title = format!("{}（{}）", registry.person_name(other.person), ruling.law.posts.title(&other.kind));
            successors.push(Choice { value, title, note: String::new() });
        }
    }
    let wrong = !reasons.is_empty();
    let response = render(&EndPage {
        layout: Layout::new(app, &official.visitor, "登记离任"),
        staff: StaffFrame::load(app, official, "/admin").await?,
        post: post.id.to_string(),
        person: registry.person_name(post.person).to_owned(),
        person_id: post.person.to_string(),
        title: ruling.law.posts.title(&post.kind).to_owned(),
        organ: registry.organ_name(&post.organ).to_owned(),
        until: typed.until,
        reason: typed.reason,
        successor: typed.successor,
        work: work
            .iter()
            .map(|work| WorkLine {
                number: work.number.clone().unwrap_or_else(|| "（尚未编号）".to_owned()),
                procedure: ruling
                    .law
                    .newest(&work.procedure)
                    .map_or(work.procedure.clone(), |known| known.title.clone()),
                opened: Day::from_number(work.opened).map(|day| day.to_string()).unwrap_or_default(),
            })
            .collect(),
        successors,
        reasons,
    })?;
    Ok(answered(response, wrong))
}

/// `POST /admin/posts/{id}/end`: open work needs a successor; all of it happens or nothing.
pub(in crate::web) async fn submit_end(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let post = post_of(&app, &id)?;
    let text = |name: &str| form.fields.text(name).to_owned();
    let typed = Typed { until: text("until"), reason: text("reason"), successor: text("successor") };
    let (county, of) = (app.county_code.clone(), post.clone());
    let work = app.db.read(move |r| open_work(r, &county, &of)).await?;
    let successor = MatterId::parse(&typed.successor);
    let say = |sentence: &str, next: &str| Reason {
        sentence: sentence.to_owned(),
        next: next.to_owned(),
        grade: "内控".to_owned(),
        ..Reason::default()
    };
    let mut reasons = Vec::new();
    if !work.is_empty() && successor.is_none() {
        reasons.push(say(&format!("有{}件未办结的事项没有移交。", work.len()), "请选择由谁接手。"));
    }
    if typed.reason.is_empty() {
        reasons.push(say("没有写明离任的依据。", "请写明免职、调动文件的名称和文号，或者离任原因。"));
    }
    if !reasons.is_empty() {
        return end(&app, &official, &post, typed, reasons).await;
    }
    let order = PostEnd {
        post: post.id,
        until: typed.until.clone(),
        successor: successor.filter(|_| !work.is_empty()),
        reason: typed.reason.clone(),
    };
    match app.end_post(official.actor(), order).await {
        Ok(ended) => {
            Ok(Redirect::to(&format!("/admin/people/{}?done=ended&n={}", post.person, ended.handed_over))
                .into_response())
        }
        Err(ActError::Refused(refusals)) => {
            let reasons = refusals.iter().map(Reason::from).collect();
            end(&app, &official, &post, typed, reasons).await
        }
        Err(other) => Err(other.into()),
    }
}
