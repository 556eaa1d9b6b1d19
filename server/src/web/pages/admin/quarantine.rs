//! Files in quarantine: who sent them, and the act that releases or discards one. Never their content or their matter.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::Digest;

use crate::app::App;
use crate::app::clock::minute;
use crate::app::form::size_text;
use crate::app::quarantine::Settlement;
use crate::store::quarantine;
use crate::web::frame::StaffFrame;
use crate::web::{Administrator, Form, Layout, Official, PageError, Path, render};

/// Lines at most; what was settled long ago falls off the end.
const LINES: i64 = 200;
/// A reason this short says nothing.
const REASON_CHARS_MIN: usize = 4;

/// A file of the list.
struct HeldLine {
    digest: String,
    short: String,
    ending: String,
    size: String,
    sender: String,
    organ: String,
    received: String,
    held: bool,
    settled: String,
}

#[derive(Template)]
#[template(path = "admin/quarantine.html")]
struct QuarantinePage {
    layout: Layout,
    staff: StaffFrame,
    lines: Vec<HeldLine>,
    /// The file at which a reason is missing.
    wrong: String,
}

/// `GET /admin/quarantine`.
pub(in crate::web) async fn list_quarantine(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
) -> Result<Response, PageError> {
    page(&app, &official, String::new()).await
}

async fn page(app: &App, official: &Official, wrong: String) -> Result<Response, PageError> {
    let county = app.county_code.clone();
    let files = app.db.read(move |r| quarantine::list(r, &county, LINES)).await?;
    let registry = app.county.registry();
    let lines = files.into_iter().map(|file| {
        let digest = file.digest.to_string();
        let organ = registry.posts_of(file.person, app.today()).next().map(|post| registry.organ_name(&post.organ));
        let settled = match file.state.as_str() {
            "released" => "已放行",
            "discarded" => "已销毁",
            _ => "",
        };
        HeldLine {
            short: digest.chars().take(8).collect(),
            digest,
            ending: if file.ending.is_empty() { "没有后缀".to_owned() } else { format!(".{}", file.ending) },
            size: size_text(file.bytes.unsigned_abs()),
            sender: registry.person_name(file.person).to_owned(),
            organ: organ.unwrap_or_default().to_owned(),
            received: minute(file.received),
            held: settled.is_empty(),
            settled: match file.settled {
                Some(at) => format!("{}{settled}", minute(at)),
                None => String::new(),
            },
        }
    });
    render(&QuarantinePage {
        layout: Layout::new(app, &official.visitor, "隔离的文件"),
        staff: StaffFrame::load(app, official, "/admin/quarantine").await?,
        lines: lines.collect(),
        wrong,
    })
}

/// `POST /admin/quarantine/{digest}`: releases or discards, with a reason, as an act.
pub(in crate::web) async fn settle_quarantined(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(digest): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let digest = Digest::parse(&digest).ok_or(PageError::NotFound)?;
    let settlement = Settlement::parse(form.fields.text("settle")).ok_or(PageError::NotFound)?;
    let reason: String = form.fields.text("reason").chars().take(500).collect();
    if reason.chars().count() < REASON_CHARS_MIN {
        let page = page(&app, &official, digest.to_string()).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    app.settle_quarantined(official.actor(), digest, settlement, reason).await?;
    Ok(Redirect::to("/admin/quarantine").into_response())
}
