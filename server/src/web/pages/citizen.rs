//! What citizens read: home, about, the progress of their matter, published penalties. No account, no JavaScript.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::text;

use crate::app::App;
use crate::app::progress::{self, Progress};
use crate::app::publication::{self, Publication};
use crate::web::citation::Citations;
use crate::web::{Form, Layout, PageError, Path, Query, Visitor, render};

/// The procedure whose decisions `/penalties` shows.
const PENALTY: &str = "penalty";
/// Lines of one page.
const PAGE: i64 = 20;

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct HomePage {
    layout: Layout,
}

/// `GET /`.
pub(in crate::web) async fn show_home(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    render(&HomePage { layout: Layout::new(&app, &visitor, "首页") })
}

#[derive(Template)]
#[template(path = "citizen/about.html")]
struct AboutPage {
    layout: Layout,
}

/// `GET /about`.
pub(in crate::web) async fn show_about(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    render(&AboutPage { layout: Layout::new(&app, &visitor, "关于本平台") })
}

#[derive(Template)]
#[template(path = "citizen/track.html")]
struct TrackPage {
    layout: Layout,
    code: String,
    wrong: bool,
    progress: Option<Progress>,
    citations: Citations,
}

/// `GET /track`.
pub(in crate::web) async fn show_track(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let layout = Layout::new(&app, &visitor, "查办理进度");
    render(&TrackPage { layout, code: String::new(), wrong: false, progress: None, citations: Citations::default() })
}

/// `POST /track`: the code stays out of addresses, logs and histories; forms of visitors are limited per address. A code
/// that is malformed, unknown or mistyped gets one and the same answer.
pub(in crate::web) async fn submit_track(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let typed = form.fields.text("code").to_owned();
    let reader = Arc::clone(&app);
    let progress = {
        let typed = typed.clone();
        app.db.read(move |r| progress::find(r, &reader.county_code, &reader.county, &typed)).await?
    };
    let wrong = progress.is_none();
    let code = match progress::read_code(&typed) {
        Some(code) if !wrong => text::written_code(&code),
        _ => typed,
    };
    let limits = progress.iter().flat_map(|progress| &progress.limits);
    let cited = limits.map(|limit| limit.basis.clone()).collect();
    let citations = Citations::load(&app, &app.county.ruling(), app.today(), cited).await?;
    let title = if wrong { "错误：查办理进度" } else { "办理进度" };
    render(&TrackPage { layout: Layout::new(&app, &visitor, title), code, wrong, progress, citations })
}

#[derive(Template)]
#[template(path = "citizen/penalties.html")]
struct PenaltiesPage {
    layout: Layout,
    publications: Vec<Publication>,
    is_first: bool,
    next: Option<i64>,
}

/// `GET /penalties`: newest first.
pub(in crate::web) async fn list_penalties(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let before = query.filled("before").and_then(|text| text.parse::<i64>().ok());
    let reader = Arc::clone(&app);
    let mut publications = app
        .db
        .read(move |r| {
            publication::list(r, &reader.county_code, &reader.county, PENALTY, reader.today(), before, PAGE + 1)
        })
        .await?;
    let has_more = i64::try_from(publications.len()).is_ok_and(|count| count > PAGE);
    publications.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = publications.last().map(|last| last.num).filter(|_| has_more);
    let layout = Layout::new(&app, &visitor, "行政处罚公示");
    render(&PenaltiesPage { layout, publications, is_first: before.is_none(), next })
}

#[derive(Template)]
#[template(path = "citizen/penalty.html")]
struct PenaltyPage {
    layout: Layout,
    p: Publication,
}

/// `GET /penalties/{id}`: withdrawn, ended and never published ones are all not found.
pub(in crate::web) async fn show_penalty(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let reader = Arc::clone(&app);
    let found = app
        .db
        .read(move |r| publication::find(r, &reader.county_code, &reader.county, PENALTY, id, reader.today()))
        .await?;
    let p = found.ok_or(PageError::NotFound)?;
    render(&PenaltyPage { layout: Layout::new(&app, &visitor, "处罚决定"), p })
}
