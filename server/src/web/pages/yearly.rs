//! 行政执法统计年报: the county's for who sees all its penalties, an organ's own for its people; to print, or as a workbook.
//!
//! Internal: what is published of it goes through the county's publication. Does not belong here: what is counted (`law/yearly.toml`).

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::OrganCode;

use super::matters_export::workbook_file;
use crate::app::App;
use crate::app::sheet::cell::write;
use crate::app::sight::organs_seen;
use crate::app::yearly::{FIRST_YEAR, Group, Scope, sheet, year_of};
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

/// Whose decisions one must see.
const PENALTY: &str = "penalty";

#[derive(Template)]
#[template(path = "supervision/yearly.html")]
struct YearlyPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    whose: String,
    year: i16,
    years: Vec<i16>,
    /// Organs to choose from, where one sees all.
    organs: Vec<(String, String)>,
    organ: String,
    amounts: bool,
    running: bool,
    configurable: String,
    groups: Arc<Vec<Group>>,
    /// Why there is no sheet; empty if there is one.
    wrong: String,
}

struct Read {
    year: i16,
    organ: String,
    whose: String,
    scope: Scope,
    all: bool,
    /// The sheet; for a year that there is none of why not: that of another year would be taken for it.
    groups: Result<Arc<Vec<Group>>, String>,
}

async fn read(app: &Arc<App>, official: &Official, query: &Query) -> Result<Read, PageError> {
    let seen = organs_seen(&official.sight, PENALTY).ok_or(PageError::NotFound)?;
    let registry = app.county.registry();
    let (all, organ) = (seen.is_none(), query.text("organ").trim().to_owned());
    let scope = Scope::of(&registry, seen, &organ).ok_or(PageError::NotFound)?;
    let today = app.today();
    let asked = query.text("year").trim().to_owned();
    let known =
        if asked.is_empty() { Some(today.year()) } else { asked.parse().ok().and_then(|year| year_of(year, today)) };
    let groups = match known {
        None => Err(no_year(today)),
        Some(year) => {
            let (reader, asked) = (Arc::clone(app), scope.clone());
            Ok(app.db.read(move |r| sheet(r, &reader, year, &asked)).await?)
        }
    };
    let whose = match &scope.organs {
        None => app.county_name.clone(),
        Some(organs) => {
            let name = |code: &String| registry.organ_name(&code.as_str().into()).to_owned();
            let names: Vec<String> = organs.iter().map(name).collect();
            names.join("、")
        }
    };
    let year = known.unwrap_or(today.year());
    Ok(Read { year, organ, whose, scope, all, groups })
}

fn no_year(today: Day) -> String {
    let last = today.year();
    format!("没有这一年的统计年报。年份应为{FIRST_YEAR}年至{last}年，如 {last}。")
}

/// `GET /enforcement/yearly?year=2024&organ=…`.
pub(in crate::web) async fn show_yearly(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let Read { year, organ, whose, scope, all, groups } = read(&app, &official, &query).await?;
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let yearly = ruling.law.yearly.as_ref().ok_or(PageError::NotFound)?;
    let enforcing: BTreeSet<&OrganCode> =
        registry.powers().iter().filter(|power| all && power.kind == PENALTY).map(|power| &power.organ).collect();
    let organs = enforcing.into_iter().map(|code| (code.to_string(), registry.organ_name(code).to_owned()));
    let (groups, wrong) = match groups {
        Ok(groups) => (groups, String::new()),
        Err(wrong) => (Arc::default(), wrong),
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut page = render(&YearlyPage {
        layout: Layout::new(&app, &official.visitor, &yearly.title),
        staff: StaffFrame::load(&app, &official, "/enforcement/yearly").await?,
        title: yearly.title.clone(),
        whose,
        year,
        years: (FIRST_YEAR..=app.today().year()).rev().collect(),
        organs: organs.collect(),
        organ,
        amounts: scope.amounts,
        running: year == app.today().year(),
        configurable: yearly.configurable.clone(),
        groups,
        wrong,
    })?;
    *page.status_mut() = status;
    Ok(page)
}

/// `GET /enforcement/yearly.xlsx`: the same as a workbook.
pub(in crate::web) async fn export_yearly(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let Read { year, whose, groups, .. } = read(&app, &official, &query).await?;
    let groups = groups.map_err(PageError::Absent)?;
    let ruling = app.county.ruling();
    let yearly = ruling.law.yearly.as_ref().ok_or(PageError::NotFound)?;
    let mut notes = vec![format!("{whose}{year}年度{}", yearly.title), yearly.configurable.clone()];
    if app.is_demonstration() {
        notes.push(format!("演示数据，与{}实际工作无关", app.county_name));
    }
    let bytes = workbook(&yearly.title, &notes, &groups).map_err(PageError::fault)?;
    workbook_file(bytes, &format!("enforcement-{year}.xlsx"))
}

#[allow(clippy::cast_precision_loss, reason = "counts of a county")]
fn workbook(title: &str, notes: &[String], groups: &[Group]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (plain, bold) = (Format::new(), Format::new().set_bold());
    let sheet = workbook.add_worksheet();
    sheet.set_name(title)?;
    sheet.set_column_width(0, 48.0)?;
    let mut at = 0;
    for note in notes {
        write(sheet, at, 0, note, &plain)?;
        at += 1;
    }
    for group in groups {
        write(sheet, at, 0, &group.title, &bold)?;
        write(sheet, at, 3, &group.rule, &plain)?;
        at += 1;
        for line in &group.lines {
            write(sheet, at, 0, &line.title, &plain)?;
            sheet.write_number(at, 1, line.value as f64)?;
            write(sheet, at, 2, &line.unit, &plain)?;
            at += 1;
        }
    }
    workbook.save_to_buffer()
}

/// Whether the way to it stands beside somebody's work.
pub(in crate::web) fn shows(post_kind: &str) -> bool {
    ["supervisor", "rule_of_law_office", "organ_head", "legal_reviewer", "enforcement_clerk"].contains(&post_kind)
}
