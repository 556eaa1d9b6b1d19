//! A year's notice of days off while the county runs: read, shown with what it would move, loaded as one act, and what it
//! moved. Matters are named by number and procedure only, as everywhere in the administration.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::app::act::ActError;
use crate::app::calendar::{self, Loaded, NotLoaded, shown};
use crate::web::frame::StaffFrame;
use crate::web::{Administrator, Form, Layout, Official, PageError, Path, answered, render};

/// A notice is a page of text.
const TEXT_BYTES_MAX: u64 = 64 << 10;
/// Lines of moved limits on one page; all of them are counted.
const LINES_MAX: usize = 500;

struct MovedRow {
    number: String,
    procedure: String,
    clock: String,
    old: String,
    new: String,
}

/// A notice with what it moves.
struct Shown {
    year: i16,
    notice: String,
    seq: Option<i64>,
    total: usize,
    /// How many from provisional to certain.
    settled: usize,
    /// By procedure: title and count.
    by_procedure: Vec<(String, usize)>,
    rows: Vec<MovedRow>,
}

impl From<Loaded> for Shown {
    fn from(loaded: Loaded) -> Self {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        loaded.moved.iter().for_each(|line| *counted.entry(line.procedure.clone()).or_default() += 1);
        let rows = loaded.moved.iter().take(LINES_MAX).map(|line| MovedRow {
            number: line.number.clone().unwrap_or_else(|| "（尚未编号）".to_owned()),
            procedure: line.procedure.clone(),
            clock: line.clock_title.clone(),
            old: shown(line.old),
            new: shown(line.new),
        });
        Self {
            year: loaded.year,
            notice: loaded.notice,
            seq: loaded.seq,
            total: loaded.moved.len(),
            settled: loaded.moved.iter().filter(|line| line.old.provisional && !line.new.provisional).count(),
            by_procedure: counted.into_iter().collect(),
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/calendar.html")]
struct CalendarPage {
    layout: Layout,
    staff: StaffFrame,
    /// What was typed, or a beginning.
    text: String,
    error: Option<String>,
    shown: Option<Shown>,
    /// Years that the county needs or soon will, without a notice.
    missing: Vec<i16>,
    /// Notices loaded before: entry, year, name.
    history: Vec<(i64, i16, String)>,
}

async fn page(
    app: &App,
    official: &Official,
    text: String,
    error: Option<String>,
    shown: Option<Shown>,
) -> Result<Response, PageError> {
    let county = app.county_code.clone();
    let history = app.db.read(move |r| calendar::history(r, &county)).await?;
    let missing = super::super::calendars::missing(app);
    let text = if text.is_empty() { beginning(missing.first().copied(), app.today().year()) } else { text };
    let wrong = error.is_some();
    let response = render(&CalendarPage {
        layout: Layout::new(app, &official.visitor, "录入放假安排"),
        staff: StaffFrame::load(app, official, "/admin/calendar").await?,
        text,
        error,
        shown,
        missing,
        history,
    })?;
    Ok(answered(response, wrong))
}

/// What a notice looks like, for the year that is missing.
fn beginning(missing: Option<i16>, this: i16) -> String {
    let year = missing.unwrap_or(this);
    format!(
        "year = {year}\nnotice = \"国办发明电〔{}〕号\"\n\n[[off]]\nname = \"元旦\"\nfrom = \"{year}-01-01\"\nto = \"{year}-01-01\"\n\n# 每一段放假写一个 [[off]]；调休上班的星期六、星期日写在 [[work]]：\n# [[work]]\n# name = \"春节\"\n# days = [\"{year}-02-14\"]\n",
        year.saturating_sub(1)
    )
}

/// `GET /admin/calendar`.
pub(in crate::web) async fn show_calendar(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
) -> Result<Response, PageError> {
    page(&app, &official, String::new(), None, None).await
}

/// `POST /admin/calendar`: what it would move. Nothing is loaded yet.
pub(in crate::web) async fn preview_calendar(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    form: Form,
) -> Result<Response, PageError> {
    let typed = match typed(&form).await? {
        Ok(text) => text,
        Err(why) => return page(&app, &official, form.fields.text("text").to_owned(), Some(why), None).await,
    };
    let (county, ruling, text) = (app.county_code.clone(), app.county.ruling(), typed.clone());
    match app.db.read(move |r| calendar::preview(r, &county, &ruling.law, &text)).await {
        Ok(loaded) => page(&app, &official, typed, None, Some(loaded.into())).await,
        Err(error) => not_loaded(&app, &official, typed, error).await,
    }
}

/// The file, if one was chosen; else what was typed. A file that is no text is said to be none.
async fn typed(form: &Form) -> Result<Result<String, String>, PageError> {
    let Some(upload) = form.upload("file") else {
        return Ok(match form.fields.filled("text") {
            Some(text) => Ok(format!("{text}\n")),
            None => Err("请选择文件，或者把放假安排粘贴在下面。".to_owned()),
        });
    };
    if upload.received.bytes > TEXT_BYTES_MAX {
        return Ok(Err("这个文件太大，不是放假安排：一年的放假安排不超过 64 KB。".to_owned()));
    }
    let bytes = tokio::fs::read(upload.path()).await.map_err(PageError::fault)?;
    let text = String::from_utf8(bytes);
    Ok(text
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|_| "这个文件不是 UTF-8 文字，请另存为 UTF-8 再选。".to_owned()))
}

async fn not_loaded(app: &App, official: &Official, text: String, error: NotLoaded) -> Result<Response, PageError> {
    let why = match error {
        NotLoaded::Unread(why) => why,
        NotLoaded::Known => "同样内容的放假安排已经录入过，没有改动。".to_owned(),
        NotLoaded::Act(error) => return Err(error.into()),
    };
    page(app, official, text, Some(why), None).await
}

/// `POST /admin/calendar/load`: one act.
pub(in crate::web) async fn load_calendar(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    form: Form,
) -> Result<Response, PageError> {
    let text = match typed(&form).await? {
        Ok(text) => text,
        Err(why) => return page(&app, &official, String::new(), Some(why), None).await,
    };
    match app.load_calendar(official.actor(), text.clone()).await {
        Ok(loaded) => Ok(Redirect::to(&format!("/admin/calendar/{}", loaded.seq.unwrap_or_default())).into_response()),
        Err(error) => not_loaded(&app, &official, text, error).await,
    }
}

/// `GET /admin/calendar/{seq}`: what a notice moved when it was loaded.
pub(in crate::web) async fn show_loaded(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(seq): Path<String>,
) -> Result<Response, PageError> {
    let seq: i64 = seq.parse().map_err(|_| PageError::NotFound)?;
    let (county, ruling) = (app.county_code.clone(), app.county.ruling());
    let loaded = app.db.read(move |r| calendar::loaded(r, &county, &ruling.law, seq)).await;
    let loaded = loaded.map_err(|error: ActError| PageError::from(error))?.ok_or(PageError::NotFound)?;
    page(&app, &official, String::new(), None, Some(loaded.into())).await
}
