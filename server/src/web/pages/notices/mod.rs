//! 消息: what a post was told, newest first; what a person wants outside the workbench; what leaves the house; calendars.

mod console;
mod settings;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::day::Day;

pub(in crate::web) use self::console::{send_again, show_console};
pub(in crate::web) use self::settings::{close_calendar, make_calendar, show_settings, submit_code, submit_settings};
use crate::app::App;
use crate::app::clock::minute;
use crate::app::notice::Kind;
use crate::store::notices;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, render};

/// Lines of the page: notices point to work, and the desk has all of it.
const LINES: i64 = 100;
/// What an address of a calendar may end in, for programs that look at the ending.
const ICS: &str = ".ics";

/// A notice.
struct Line {
    href: String,
    class: &'static str,
    kind: &'static str,
    title: String,
    procedure: String,
    day: String,
    made: String,
    seen: bool,
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct ListPage {
    layout: Layout,
    staff: StaffFrame,
    lines: Vec<Line>,
    /// The newest line's moment, if something was not seen.
    unseen_until: Option<i64>,
    full: bool,
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Overdue => "late",
        Kind::Soon => "soon",
        Kind::Answered => "ok",
        Kind::Todo | Kind::Transferred => "stopped",
    }
}

/// `GET /notices`.
pub(in crate::web) async fn show_notices(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    let (county, post, sight) = (app.county_code.clone(), official.post.id, official.sight.clone());
    let rows = app.db.read(move |r| notices::list_of(r, &county, post, &sight, LINES)).await?;
    let law = &app.county.ruling().law;
    let newest = rows.first().map(|row| row.made);
    let unseen = rows.iter().any(|row| !row.seen);
    let lines: Vec<Line> = rows
        .into_iter()
        .filter_map(|row| {
            let kind = Kind::parse(&row.kind)?;
            Some(Line {
                href: format!("/matters/{}", row.matter),
                class: class(kind),
                kind: kind.chinese(),
                procedure: law.newest(&row.procedure).map_or_else(String::new, |procedure| procedure.title.clone()),
                title: row.title,
                day: row.day.and_then(Day::from_number).map(|day| day.to_string()).unwrap_or_default(),
                made: minute(row.made / 1_000),
                seen: row.seen,
            })
        })
        .collect();
    render(&ListPage {
        layout: Layout::new(&app, &official.visitor, "消息"),
        staff: StaffFrame::load(&app, &official, "/notices").await?,
        full: i64::try_from(lines.len()).is_ok_and(|count| count >= LINES),
        unseen_until: newest.filter(|_| unseen),
        lines,
    })
}

/// `POST /notices/seen`: what the page showed is seen; what came meanwhile is not.
pub(in crate::web) async fn see_notices(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let until: i64 = form.fields.text("until").parse().map_err(|_| PageError::NotFound)?;
    app.see_notices(official.post.id, until).await?;
    Ok(Redirect::to("/notices").into_response())
}

/// `GET /calendar/{secret}`: the calendar behind a secret, for programs that have no session. Closed and never made are the same.
pub(in crate::web) async fn show_calendar(
    State(app): State<Arc<App>>,
    Path(secret): Path<String>,
) -> Result<Response, PageError> {
    let secret = secret.strip_suffix(ICS).unwrap_or(&secret);
    let text = app.calendar_of(secret).await?.ok_or(PageError::NotFound)?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
