//! The list of matters as a workbook: exactly what is listed, all pages, without work secrets.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::line::Line;
use super::matters::Asked;
use crate::app::App;
use crate::app::sheet::cell::write;
use crate::store::matters::{self, MatterRow, Page};
use crate::web::{Official, PageError, Query, download};

/// Rows at most; a longer list is narrowed first.
const ROWS_MAX: usize = 50_000;
/// Rows read at once.
const BATCH: i64 = 1_000;

/// Columns with their widths in characters.
const COLUMNS: [(&str, f64); 13] = [
    ("编号", 24.0),
    ("事项", 48.0),
    ("程序", 22.0),
    ("状态", 16.0),
    ("承办机关", 30.0),
    ("承办人", 10.0),
    ("地点", 20.0),
    ("登记日期", 12.0),
    ("期限", 12.0),
    ("期限情况", 14.0),
    ("办结日期", 12.0),
    ("瑕疵", 6.0),
    ("作废或者并案", 12.0),
];

/// `GET /matters/export`: an attachment.
pub(in crate::web) async fn export_matters(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let mut asked = Asked::read(&app, &query, query.text("registers") == "1");
    asked.filter.without_secret = true;
    if asked.filter.words.is_some() {
        app.freshen_search().await;
    }
    let (county, sight, filter) = (app.county_code.clone(), official.sight.clone(), asked.filter.clone());
    let (rows, whole) = app
        .db
        .read(move |r| {
            let mut rows: Vec<MatterRow> = Vec::new();
            let mut page = Page::First;
            while rows.len() < ROWS_MAX {
                let batch = matters::list(r, &county, &sight, &filter, page, BATCH)?;
                let Some(last) = batch.last() else { return Ok::<_, PageError>((rows, true)) };
                page = Page::Before(last.num);
                rows.extend(batch);
            }
            rows.truncate(ROWS_MAX);
            Ok((rows, false))
        })
        .await?;
    let (law, registry, today) = (&app.county.ruling().law, app.county.registry(), app.today());
    let lines: Vec<Line> = rows.iter().map(|row| Line::new(row, law, &registry, today)).collect();
    let notes = notes(&app, &official, &asked, lines.len(), whole);
    let bytes = tokio::task::spawn_blocking(move || workbook(&lines, &notes)).await.map_err(PageError::fault)?;
    let bytes = bytes.map_err(PageError::fault)?;
    workbook_file(bytes, &format!("matters-{today}.xlsx"))
}

/// A workbook as an attachment.
pub(super) fn workbook_file(bytes: Vec<u8>, name: &str) -> Result<Response, PageError> {
    download::attachment(download::XLSX, name, name, bytes)
}

/// Lines above the table: what this is, for whom, on which conditions.
fn notes(app: &App, official: &Official, asked: &Asked, count: usize, whole: bool) -> Vec<String> {
    let registry = app.county.registry();
    let mut notes = Vec::new();
    if app.is_demonstration() {
        notes.push(format!("演示数据，与{}实际工作无关", app.county_name));
    }
    let conditions = if asked.words.is_empty() { "全部".to_owned() } else { asked.words.join("；") };
    notes.push(format!("{}事项清单　条件：{conditions}　共{count}件", app.county_name));
    if !whole {
        notes.push(format!("超过{ROWS_MAX}件，只导出较新的{ROWS_MAX}件，请缩小条件后分批导出"));
    }
    let who = registry.person_name(official.post.person);
    notes.push(format!(
        "{}由{}（{who}）导出；不含工作秘密",
        app.today().chinese(),
        registry.organ_name(&official.post.organ)
    ));
    notes
}

fn workbook(lines: &[Line], notes: &[String]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (plain, bold, wrap) = (Format::new(), Format::new().set_bold(), Format::new().set_text_wrap());
    let sheet = workbook.add_worksheet();
    sheet.set_name("事项")?;
    let mut row = 0;
    for note in notes {
        write(sheet, row, 0, note, &plain)?;
        row += 1;
    }
    for (column, (title, width)) in (0u16..).zip(COLUMNS) {
        write(sheet, row, column, title, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    for line in lines {
        row += 1;
        let due = line.due.clone().unwrap_or_default();
        let flags = if line.flags > 0 { line.flags.to_string() } else { String::new() };
        let closed = if line.closed { "是" } else { "" };
        let cells: [&str; 13] = [
            &line.number,
            &line.title,
            &line.procedure,
            &line.state,
            &line.organ,
            &line.assigned,
            &line.place,
            &line.opened,
            &due.day,
            &due.text,
            &line.ended,
            &flags,
            closed,
        ];
        for (column, cell) in (0u16..).zip(cells) {
            write(sheet, row, column, cell, &wrap)?;
        }
    }
    workbook.save_to_buffer()
}
