//! 人民调解统计表: a period's numbers on one page, for the county or the town of a justice station; to print, or as a workbook.
//!
//! Internal. Does not belong here: what is counted (`app/mediation_sheet.rs`).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use zhunsheng_core::day::Day;
use zhunsheng_core::indicator::Period;

use super::matters_export::workbook_file;
use crate::app::App;
use crate::app::kept::Standing;
use crate::app::mediation_sheet::{Group, Scope, Sheet, repeated, sheet};
use crate::app::sheet::cell::write;
use crate::store::Reader;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

#[derive(Template)]
#[template(path = "joint/sheet.html")]
struct SheetPage {
    layout: Layout,
    staff: StaffFrame,
    whose: String,
    from: String,
    to: String,
    sheet: Arc<Sheet>,
    /// Entries recorded since it was worked out.
    behind: i64,
}

/// The county's for who sees its figures, the town's for its station; to others the page does not exist.
fn scope(app: &App, official: &Official) -> Result<Option<Scope>, PageError> {
    let ruling = app.county.ruling();
    let figures = ruling.law.posts.get(official.post.kind.as_str()).is_some_and(|post| post.sees_figures);
    let mediates = official.sight.county.iter().any(|procedure| procedure == "mediation");
    match official.post.kind.as_str() {
        "justice_station_head" => Ok(Some(Scope::below(&app.county.registry(), &official.post.organ))),
        _ if figures && mediates => Ok(None),
        _ => Err(PageError::NotFound),
    }
}

/// The days asked for; this year up to today, if none or strange ones are.
fn days(app: &App, query: &Query) -> (Day, Day) {
    let today = app.today();
    let from = Day::parse(query.text("from")).or_else(|| Day::new(today.year(), 1, 1)).unwrap_or(today);
    let to = Day::parse(query.text("to")).unwrap_or(today);
    (from, to.max(from))
}

/// The sheet and whose it is. `now`: worked out while one waits.
async fn read(
    app: &Arc<App>,
    official: &Official,
    (from, to): (Day, Day),
    now: bool,
) -> Result<(Standing<Sheet>, String), PageError> {
    let scope = scope(app, official)?;
    let whose = match &scope {
        Some(_) => app.county.registry().organ_name(&official.post.organ).to_owned(),
        None => app.county_name.clone(),
    };
    let period = Period { from: Some(from), to: Some(to) };
    let asked = (period, scope.clone());
    let work_out = move |app: &App, r: &Reader<'_>| {
        let (place, time) = ((app.county_code.as_str(), &app.county), (app.today(), period));
        let (groups, places) = (sheet(r, place, time, scope.as_ref())?, repeated(r, place, time, scope.as_ref())?);
        Ok(Sheet { groups, places })
    };
    Ok((app.standing(|app| &app.mediation, (asked, now), work_out).await?, whose))
}

/// `GET /mediation/statistics`.
pub(in crate::web) async fn show_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let (from, to) = days(&app, &query);
    let (Standing { answer, behind }, whose) = read(&app, &official, (from, to), query.filled("now").is_some()).await?;
    render(&SheetPage {
        layout: Layout::new(&app, &official.visitor, "人民调解统计表"),
        staff: StaffFrame::load(&app, &official, "/joint").await?,
        whose,
        from: from.to_string(),
        to: to.to_string(),
        sheet: answer,
        behind,
    })
}

/// `GET /mediation/statistics.xlsx`: the same as a workbook.
pub(in crate::web) async fn export_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let (from, to) = days(&app, &query);
    let (Standing { answer, .. }, whose) = read(&app, &official, (from, to), true).await?;
    let mut notes = vec![format!("{whose}人民调解统计表"), format!("期间：{from}至{to}")];
    if app.is_demonstration() {
        notes.push(format!("演示数据，与{}实际工作无关", app.county_name));
    }
    let bytes = workbook(&notes, &answer.groups).map_err(PageError::fault)?;
    workbook_file(bytes, &format!("mediation-{from}-{to}.xlsx"))
}

#[allow(clippy::cast_precision_loss, reason = "counts of a county")]
fn workbook(notes: &[String], groups: &[Group]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (plain, bold) = (Format::new(), Format::new().set_bold());
    let sheet = workbook.add_worksheet();
    sheet.set_name("人民调解统计表")?;
    sheet.set_column_width(0, 44.0)?;
    let mut at = 0;
    for note in notes {
        write(sheet, at, 0, note, &plain)?;
        at += 1;
    }
    for group in groups {
        write(sheet, at, 0, group.title, &bold)?;
        at += 1;
        for row in &group.rows {
            write(sheet, at, 0, &row.title, &plain)?;
            sheet.write_number(at, 1, row.value as f64)?;
            write(sheet, at, 2, row.unit, &plain)?;
            at += 1;
        }
    }
    workbook.save_to_buffer()
}
