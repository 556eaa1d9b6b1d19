//! The notices of days off that working days are counted by, year by year, and which year is missing.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::calendar::{Calendar, Notice, Off};
use zhunsheng_core::day::Day;

use crate::app::App;
use crate::web::{Layout, PageError, Visitor, render};

struct YearLine {
    year: i16,
    notice: String,
    work_days: i64,
    off: Vec<(String, String)>,
    work: Vec<(String, String)>,
    /// The digest of the file as adopted.
    digest: String,
}

#[derive(Template)]
#[template(path = "law/calendars.html")]
struct CalendarsPage {
    layout: Layout,
    /// Years that the county needs or soon will, without a notice.
    missing: Vec<i16>,
    this_year: i16,
    years: Vec<YearLine>,
}

/// `GET /law/calendars`: the newest year first.
pub(in crate::web) async fn list_calendars(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let (ruling, this_year) = (app.county.ruling(), app.today().year());
    let calendar = &ruling.calendar;
    let mut years: Vec<YearLine> = calendar.years().map(|(year, notice)| line(year, notice, calendar)).collect();
    years.reverse();
    render(&CalendarsPage {
        layout: Layout::new(&app, &visitor, "放假安排和工作日"),
        missing: missing(&app),
        this_year,
        years,
    })
}

/// This year and the next, as far as no notice is loaded.
pub(super) fn missing(app: &App) -> Vec<i16> {
    let (ruling, this_year) = (app.county.ruling(), app.today().year());
    let known = |year: &i16| ruling.calendar.years().any(|(known, _)| known == *year);
    [this_year, this_year.saturating_add(1)].into_iter().filter(|year| !known(year)).collect()
}

fn line(year: i16, notice: &Notice, calendar: &Calendar) -> YearLine {
    let day = |day: &Day| format!("{}（{}）", month_and_day(*day), day.weekday_chinese());
    YearLine {
        year,
        notice: notice.notice.clone(),
        work_days: calendar.work_days_in(year),
        off: notice.off.iter().map(|run| (run.name.clone(), span(run))).collect(),
        work: notice
            .work
            .iter()
            .map(|work| (work.name.clone(), work.days.iter().map(day).collect::<Vec<_>>().join("、")))
            .collect(),
        digest: notice.digest.to_string().chars().take(16).collect(),
    }
}

/// 2月10日至2月17日，8天.
fn span(run: &Off) -> String {
    let days = run.to.days_since(run.from) + 1;
    if days == 1 {
        return month_and_day(run.from);
    }
    format!("{}至{}，{days}天", month_and_day(run.from), month_and_day(run.to))
}

fn month_and_day(day: Day) -> String {
    let number = day.number() % 10_000;
    format!("{}月{}日", number / 100, number % 100)
}
