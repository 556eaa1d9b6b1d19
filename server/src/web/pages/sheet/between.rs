//! Between a table and its check: which of several sheets is meant, and how far a long check is.
//!
//! Does not belong here: what the check found (`check`).

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::check::Asked;
use crate::app::App;
use crate::app::sheet::{Job, Register};
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, render};

/// Nothing was begun: too many tables are being tried.
pub(super) fn too_many() -> PageError {
    PageError::Conflict("同时核对的表太多，请过几分钟再来；上传的文件还在".to_owned())
}

#[derive(Template)]
#[template(path = "sheet/tabs.html")]
struct TabsPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    id: String,
    system: String,
    token: String,
    tabs: Vec<String>,
}

/// Asks which of several sheets is meant.
pub(super) async fn tabs_page(
    app: &App,
    official: &Official,
    register: &Register,
    asked: &Asked,
    tabs: Vec<String>,
) -> Result<Response, PageError> {
    let page = render(&TabsPage {
        layout: Layout::new(app, &official.visitor, "选择工作表"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        title: register.procedure.title.clone(),
        id: register.procedure.id.to_string(),
        system: asked.system.clone(),
        token: asked.token.clone(),
        tabs,
    })?;
    Ok(page.into_response())
}

#[derive(Template)]
#[template(path = "sheet/waiting.html")]
struct WaitingPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    id: String,
    system: String,
    token: String,
    tab: String,
    mapping: String,
    key: String,
    again: String,
    /// Where asking again goes: empty, `/marked` or `/import`.
    action: &'static str,
    doing: &'static str,
    so_far: usize,
    rows: usize,
}

/// Says how far a long table is; whoever asks again goes on waiting for it.
pub(super) async fn waiting_page(
    app: &App,
    official: &Official,
    job: &Job,
    found: &Asked,
    (so_far, action, doing): (usize, &'static str, &'static str),
) -> Result<Response, PageError> {
    waiting_to_import(app, official, job, found, ((so_far, action, doing), (String::new(), String::new()))).await
}

/// As [`waiting_page`], on the way to an import: what was agreed travels on.
pub(super) async fn waiting_to_import(
    app: &App,
    official: &Official,
    job: &Job,
    found: &Asked,
    ((so_far, action, doing), (key, again)): ((usize, &'static str, &'static str), (String, String)),
) -> Result<Response, PageError> {
    let page = render(&WaitingPage {
        layout: Layout::new(app, &official.visitor, "正在核对"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        title: job.title.clone(),
        id: job.procedure.to_string(),
        system: job.system.clone(),
        token: found.token.clone(),
        tab: job.tab.clone(),
        mapping: if job.system.is_empty() { String::new() } else { job.reading.mapping.text() },
        key,
        again,
        action,
        doing,
        so_far,
        rows: job.grid.rows.len(),
    })?;
    Ok(page.into_response())
}
