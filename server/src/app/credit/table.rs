//! Tables that go out and come in: national codes as the first row; CSV, JSON, XLSX.
//!
//! Does not belong here: which reports, what they mean.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Value, json};
use zhunsheng_core::credit::{Template, Values};

use crate::app::sheet::{cell, read};

/// As CSV: one row of codes, then one row for each report.
pub fn csv(template: &Template, reports: &[&Values]) -> Result<Vec<u8>, csv::Error> {
    let codes = template.fields.iter().map(|field| field.code.as_str()).collect();
    let values = |values: &&Values| -> Vec<String> {
        template.fields.iter().map(|field| values.get(&field.code).cloned().unwrap_or_default()).collect()
    };
    let rows: Vec<Vec<String>> = reports.iter().map(values).collect();
    cell::csv(std::iter::once(codes).chain(rows.iter().map(|row| row.iter().map(String::as_str).collect())))
}

/// As JSON: batch, category, whether it reports or takes back, and the reports.
#[must_use]
pub fn json(batch: &str, (template, part): (&Template, &str), reports: &[&Values]) -> Value {
    let operation = if part == template.category { "report" } else { "withdraw" };
    json!({ "batch": batch, "category": template.category, "operation": operation, "count": reports.len(), "data": reports })
}

/// As a workbook: codes, names, reports; every cell is text, so that no number loses its zeros.
pub fn xlsx(template: &Template, reports: &[&Values]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, plain) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let sheet = workbook.add_worksheet();
    sheet.set_name("报送")?;
    for (column, field) in (0u16..).zip(&template.fields) {
        cell::write(sheet, 0, column, &field.code, &bold)?;
        cell::write(sheet, 1, column, &field.title, &bold)?;
        sheet.set_column_width(column, 18.0)?;
        for (row, values) in (2u32..).zip(reports) {
            let text = values.get(&field.code).map_or("", String::as_str);
            cell::write(sheet, row, column, text, &plain)?;
        }
    }
    sheet.set_freeze_panes(2, 0)?;
    workbook.save_to_buffer()
}

/// A list: title, head, rows.
pub struct Sheet<'a> {
    /// The name of the sheet.
    pub title: &'a str,
    /// The head.
    pub head: &'a [&'a str],
    /// The rows.
    pub rows: &'a [Vec<String>],
}

/// Lists as a workbook; every cell is text.
pub fn workbook(sheets: &[Sheet<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, plain) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    for list in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(list.title)?;
        for (column, name) in (0u16..).zip(list.head) {
            cell::write(sheet, 0, column, name, &bold)?;
            sheet.set_column_width(column, 18.0)?;
        }
        for (row, cells) in (1u32..).zip(list.rows) {
            for (column, text) in (0u16..).zip(cells) {
                cell::write(sheet, row, column, text, &plain)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    workbook.save_to_buffer()
}

/// A table that came in: its columns by name and its rows with their line numbers.
pub struct Table {
    columns: Vec<String>,
    /// Rows: line in the file, cells.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads CSV or XLSX. The error is a sentence that names line and remedy.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let grid = read::read(bytes, &[], "").map_err(read::Unread::sentence)?;
        let mut rows = Vec::new();
        for row in grid.rows {
            if row.cells.len() > grid.header.len() {
                return Err(format!("第{}行的格数与表头不同；请核对有没有多余的逗号", row.line));
            }
            if let Some(wrong) = row.cells.iter().find_map(|cell| cell.wrong) {
                return Err(format!("第{}行的{wrong}", row.line));
            }
            rows.push((u64::from(row.line), row.cells.into_iter().map(|cell| cell.text).collect()));
        }
        Ok(Self { columns: grid.header, rows })
    }

    /// The position of a column under one of its names.
    #[must_use]
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.columns.iter().position(|column| names.contains(&column.as_str()))
    }

    /// The names of its columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// A cell of a row; empty where there is no such column.
#[must_use]
pub fn text_of(row: &[String], column: Option<usize>) -> &str {
    column.and_then(|column| row.get(column)).map_or("", String::as_str)
}
