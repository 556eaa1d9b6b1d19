//! 填报单: a matter in the order and the words of another system, to copy from or as a workbook. Personal data is shown to whoever says
//! why, which is recorded, on that answer only.
//!
//! Does not belong here: how it is filled (`app::sheet::slip`).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::procedure::Checked;

use super::super::matters_export::workbook_file;
use super::{fillable, imports};
use crate::app::App;
use crate::app::sheet::cell::write;
use crate::app::sheet::slip::{Filled, Slip};
use crate::store::matters;
use crate::store::record::{self, StoredSealed};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Query, answered, render};

/// A reason for looking has so many characters at least.
const REASON_CHARS_MIN: usize = 4;

#[derive(Template)]
#[template(path = "sheet/slip.html")]
struct SlipPage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    title: String,
    systems: Vec<(String, bool)>,
    system: String,
    lines: Vec<Filled>,
    empty: usize,
    masked: bool,
    wrong: String,
}

/// A matter that this post sees and whose register it fills.
struct Subject {
    title: String,
    state: MatterState,
    texts: Vec<StoredSealed>,
    procedure: Arc<Checked>,
}

async fn load(app: &App, official: &Official, id: &str) -> Result<Subject, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let Some(row) = matters::find_row(r, &county, &sight, id)? else { return Ok(None) };
        let Some(state) = matters::find_state(r, &county, id)? else { return Ok(None) };
        Ok::<_, PageError>(Some((row.title, state, record::sealed_values(r, &county, id)?)))
    });
    let (title, state, texts) = found.await?.ok_or(PageError::NotFound)?;
    // Of a work secret nothing is taken away.
    if state.is_withheld() || state.closed {
        return Err(PageError::NotFound);
    }
    let ruling = app.county.ruling();
    let procedure = ruling.law.by_digest(&state.definition).cloned().ok_or(PageError::NotFound)?;
    Ok(Subject { title, state, texts, procedure })
}

/// The columns of a system, filled.
async fn filled(
    app: &App,
    official: &Official,
    subject: &Subject,
    (system, revealed): (&str, bool),
) -> Result<Vec<Filled>, PageError> {
    let register = fillable(app, official, subject.procedure.id.as_str())?;
    let known = imports::remembered(app, official, subject.procedure.id.as_str(), system).await?;
    let mapping = known.ok_or(PageError::NotFound)?;
    let slip = Slip {
        system,
        mapping: &mapping,
        columns: &register.columns,
        procedure: &subject.procedure,
        state: &subject.state,
        texts: &subject.texts,
        registry: &app.county.registry(),
        revealed,
    };
    Ok(slip.filled())
}

async fn page(
    app: &App,
    official: &Official,
    subject: &Subject,
    (system, revealed): (&str, bool),
    wrong: &str,
) -> Result<Response, PageError> {
    fillable(app, official, subject.procedure.id.as_str())?;
    let systems = imports::systems(app, official, subject.procedure.id.as_str()).await?;
    let chosen = if system.is_empty() { systems.first().cloned().unwrap_or_default() } else { system.to_owned() };
    let lines = match chosen.is_empty() {
        true => Vec::new(),
        false => filled(app, official, subject, (&chosen, revealed)).await?,
    };
    let page = render(&SlipPage {
        layout: Layout::new(app, &official.visitor, "填报单"),
        staff: StaffFrame::load(app, official, "/matters").await?,
        id: subject.state.id.to_string(),
        title: subject.title.clone(),
        systems: systems.into_iter().map(|name| (name == chosen, name)).map(|(is, name)| (name, is)).collect(),
        empty: lines.iter().filter(|line| line.value.is_empty()).count(),
        masked: lines.iter().any(|line| line.masked),
        system: chosen,
        lines,
        wrong: wrong.to_owned(),
    })?;
    Ok(answered(page, !wrong.is_empty()))
}

/// `GET /matters/{id}/slip`: masked; `?system=` names the other system, otherwise the one that was imported from last.
pub(in crate::web) async fn show_slip(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let subject = load(&app, &official, &id).await?;
    page(&app, &official, &subject, (query.text("system"), false), "").await
}

/// `POST /matters/{id}/slip`: who looks and why is recorded; in full on this answer only, as a page or (`as=workbook`) as a workbook.
pub(in crate::web) async fn reveal_slip(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let subject = load(&app, &official, &id).await?;
    let (system, reason) = (form.fields.text("system"), form.fields.text("reason"));
    if reason.chars().count() < REASON_CHARS_MIN || reason.chars().count() > 200 {
        let wrong = "请写明填报的原因，至少4个字，不超过200个字";
        return page(&app, &official, &subject, (system, false), wrong).await;
    }
    let lines = filled(&app, &official, &subject, (system, true)).await?;
    app.record_reveal(official.actor(), subject.state.id, format!("填报{system}：{reason}")).await?;
    let mut response = if form.fields.text("as") == "workbook" {
        let made = tokio::task::spawn_blocking(move || workbook(&lines)).await.map_err(PageError::fault)?;
        workbook_file(made.map_err(PageError::fault)?, &format!("{system}-填报单.xlsx"))?
    } else {
        page(&app, &official, &subject, (system, true), "").await?
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn workbook(lines: &[Filled]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    for (column, line) in (0u16..).zip(lines) {
        write(sheet, 0, column, &line.header, &bold)?;
        write(sheet, 1, column, &line.value, &text)?;
        sheet.set_column_width(column, 20)?;
    }
    workbook.save_to_buffer()
}
