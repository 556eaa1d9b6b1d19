//! One batch: its files for the platform, the receipt that comes back, and how each report stands.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::authority::Post;
use zhunsheng_core::credit::{Template as Report, Values};

use super::{require_hand, require_post, seen, seen_by};
use crate::app::App;
use crate::app::clock::minute;
use crate::app::credit::receipt::{self, Read};
use crate::app::credit::{REPORT, batch, handover, may_act, table};
use crate::store::credit_handover::HandOver;
use crate::store::seeing::SightFilter;
use crate::web::download::{CSV, XLSX, attachment};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, answered, render};

/// A receipt at most: it is read into memory.
const RECEIPT_BYTES_MAX: u64 = 4 << 20;

struct Row {
    href: String,
    number: String,
    state: String,
    badge: &'static str,
}

struct Files {
    title: String,
    count: usize,
    part: String,
}

/// A file of the batch on its way to the platform.
struct Handed {
    title: String,
    standing: &'static str,
    badge: &'static str,
    said: String,
    tried: String,
    accepted: i64,
    rejected: i64,
}

#[derive(Template)]
#[template(path = "credit/batch.html")]
struct BatchPage {
    layout: Layout,
    staff: StaffFrame,
    name: String,
    files: Vec<Files>,
    rows: Vec<Row>,
    waiting: usize,
    may_act: bool,
    read: Option<Read>,
    wrong: String,
    /// The platform that batches are handed over to; empty: none is registered.
    platform: String,
    handed: Vec<Handed>,
}

impl Handed {
    fn of(known: &HandOver, credit: &zhunsheng_core::credit::Credit) -> Self {
        let (standing, badge) = handover::standing(known);
        Self {
            title: batch::title(credit, &known.part),
            standing,
            badge,
            said: known.said.clone(),
            tried: if known.tried_ms > 0 { minute(known.tried_ms / 1_000) } else { String::new() },
            accepted: known.accepted,
            rejected: known.rejected,
        }
    }
}

async fn load(app: &App, official: &Official, name: &str) -> Result<Vec<batch::Line>, PageError> {
    load_as(app, &official.sight, name).await
}

async fn load_as(app: &App, sight: &SightFilter, name: &str) -> Result<Vec<batch::Line>, PageError> {
    let (whose, county, name) = (seen_by(sight)?, app.county_code.clone(), name.to_owned());
    let lines = app.db.read(move |r| batch::lines(r, &county, &name, whose.as_deref())).await?;
    if lines.is_empty() { Err(PageError::NotFound) } else { Ok(lines) }
}

async fn page(
    app: &App,
    official: &Official,
    name: &str,
    read: Option<Read>,
    wrong: String,
) -> Result<Response, PageError> {
    let lines = load(app, official, name).await?;
    let (county, batch, today) = (app.county_code.clone(), name.to_owned(), app.today());
    let handing = app.db.read(move |r| {
        let platform = handover::platform(r, &county, today)?;
        Ok::<_, PageError>((platform, crate::store::credit_handover::of_batch(r, &county, &batch)?))
    });
    let (platform, handed) = handing.await?;
    let ruling = app.county.ruling();
    let definition = ruling.law.newest(REPORT);
    let title = |state: &str| definition.and_then(|known| known.state("main", state)).map(|known| known.title.clone());
    let row = |line: &batch::Line| Row {
        href: format!("/matters/{}", line.id),
        number: line.number.clone(),
        state: title(&line.state).unwrap_or_else(|| line.state.clone()),
        badge: match line.state.as_str() {
            "accepted" => "badge-ok",
            "rejected" => "badge-late",
            "withdrawn" | "withdrawing" => "badge-stopped",
            _ => "badge-soon",
        },
    };
    let mut files: Vec<Files> = Vec::new();
    for line in &lines {
        match files.iter_mut().find(|file| file.part == line.part()) {
            Some(file) => file.count += 1,
            None => {
                files.push(Files { title: batch::title(&ruling.law.credit, &line.part()), count: 1, part: line.part() })
            }
        }
    }
    let failed = !wrong.is_empty();
    let title = if failed { format!("错误：批次{name}") } else { format!("批次{name}") };
    let response = render(&BatchPage {
        layout: Layout::new(app, &official.visitor, &title),
        staff: StaffFrame::load(app, official, "/credit").await?,
        name: name.to_owned(),
        files,
        waiting: lines.iter().filter(|line| line.waits()).count(),
        rows: lines.iter().map(row).collect(),
        may_act: may_act(official.post.kind.as_str()),
        read,
        wrong,
        platform: platform.map(|(name, _)| name).unwrap_or_default(),
        handed: handed.iter().map(|known| Handed::of(known, &ruling.law.credit)).collect(),
    })?;
    Ok(answered(response, failed))
}

/// `GET /credit/batches/{name}`.
pub(in crate::web) async fn show_batch(
    State(app): State<Arc<App>>,
    official: Official,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    page(&app, &official, &name, None, String::new()).await
}

/// `GET /credit/batches/{name}/{file}`: `penalty.csv`, `penalty.json`, `penalty.xlsx`, as it was sent; `penalty-withdrawal.csv` for
/// what it takes back.
pub(in crate::web) async fn download(
    State(app): State<Arc<App>>,
    official: Official,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    file_of(&app, (&official.post, &official.sight), &name, &file).await
}

/// The same for a person and for a program.
pub(in crate::web) async fn file_of(
    app: &App,
    (post, sight): (&Post, &SightFilter),
    name: &str,
    file: &str,
) -> Result<Response, PageError> {
    require_post(post)?;
    let lines = load_as(app, sight, name).await?;
    let (part, form) = file.split_once('.').ok_or(PageError::NotFound)?;
    let ruling = app.county.ruling();
    let category = part.strip_suffix(batch::TAKEN_BACK).unwrap_or(part);
    let template = ruling.law.credit.template(category).ok_or(PageError::NotFound)?;
    let reports: Vec<&Values> = lines.iter().filter(|line| line.part() == part).map(|line| &line.values).collect();
    if reports.is_empty() {
        return Err(PageError::NotFound);
    }
    let (media, bytes) = written((form, part), name, template, &reports)?;
    let (plain, titled) =
        (format!("credit-{name}-{part}.{form}"), format!("{}-{name}.{form}", batch::title(&ruling.law.credit, part)));
    attachment(media, &plain, &titled, bytes)
}

fn written(
    (form, part): (&str, &str),
    name: &str,
    template: &Report,
    reports: &[&Values],
) -> Result<(&'static str, Vec<u8>), PageError> {
    Ok(match form {
        "csv" => (CSV, table::csv(template, reports).map_err(PageError::fault)?),
        "json" => {
            let json = serde_json::to_vec_pretty(&table::json(name, (template, part), reports));
            ("application/json", json.map_err(PageError::fault)?)
        }
        "xlsx" => (XLSX, table::xlsx(template, reports).map_err(PageError::fault)?),
        _ => return Err(PageError::NotFound),
    })
}

/// `POST /credit/batches/{name}/resend`: given to the platform again, at once and as this person's.
pub(in crate::web) async fn resend(
    State(app): State<Arc<App>>,
    official: Official,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    require_hand(&official)?;
    load(&app, &official, &name).await?;
    app.resend_credit((official.post.person, official.post.id), name.clone()).await?;
    Ok(Redirect::to(&format!("/credit/batches/{name}")).into_response())
}

/// `POST /credit/batches/{name}/receipt`: what the platform answered.
pub(in crate::web) async fn enter_receipt(
    State(app): State<Arc<App>>,
    official: Official,
    Path(name): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    require_hand(&official)?;
    let sorry = async |why: String| page(&app, &official, &name, None, why).await;
    let upload = form.upload("file");
    let Some(upload) = upload.filter(|upload| upload.received.bytes > 0) else {
        return sorry("没有选择回执文件".to_owned()).await;
    };
    if upload.received.bytes > RECEIPT_BYTES_MAX {
        return sorry(format!("回执文件超过{}MB", RECEIPT_BYTES_MAX >> 20)).await;
    }
    let Ok(bytes) = tokio::fs::read(upload.path()).await else {
        return sorry("文件没有收到，请再选一次".to_owned()).await;
    };
    let answers = match receipt::read(&bytes) {
        Ok(answers) => answers,
        Err(why) => return sorry(why).await,
    };
    let read = app.enter_receipt(official.actor(), name.clone(), answers, seen(&official)?).await?;
    page(&app, &official, &name, Some(read), String::new()).await
}
