//! Tables that go out and come in: national codes as the first row, CSV with a byte order mark for Excel, JSON, XLSX.
//!
//! Does not belong here: which reports, what they mean.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Value, json};
use zhunsheng_core::credit::{Template, Values};

/// Excel takes CSV for UTF-8 only behind this.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// As CSV: one row of codes, then one row for each report.
pub fn csv(template: &Template, reports: &[&Values]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(MARK.to_vec());
    writer.write_record(template.fields.iter().map(|field| field.code.as_str()))?;
    for values in reports {
        writer.write_record(template.fields.iter().map(|field| values.get(&field.code).map_or("", String::as_str)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// As JSON: batch, category and the reports.
#[must_use]
pub fn json(batch: &str, template: &Template, reports: &[&Values]) -> Value {
    json!({ "batch": batch, "category": template.category, "count": reports.len(), "data": reports })
}

/// As a workbook: codes, names, reports; every cell is text, so that no number loses its zeros.
pub fn xlsx(template: &Template, reports: &[&Values]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, plain) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let sheet = workbook.add_worksheet();
    sheet.set_name("报送")?;
    for (column, field) in (0u16..).zip(&template.fields) {
        sheet.write_string_with_format(0, column, &field.code, &bold)?;
        sheet.write_string_with_format(1, column, &field.title, &bold)?;
        sheet.set_column_width(column, 18.0)?;
        for (row, values) in (2u32..).zip(reports) {
            let text = values.get(&field.code).map_or("", String::as_str);
            sheet.write_string_with_format(row, column, text, &plain)?;
        }
    }
    sheet.set_freeze_panes(2, 0)?;
    workbook.save_to_buffer()
}

/// A table that came in: its columns by name and its rows with their line numbers.
pub struct Table {
    columns: Vec<String>,
    /// Rows: line in the file, cells.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads CSV in UTF-8. The error is a sentence that names line and remedy.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        let text = std::str::from_utf8(bytes)
            .map_err(|_| "文件不是UTF-8文字；在Excel里另存为“CSV UTF-8（逗号分隔）”后再导入".to_owned())?;
        let mut reader = csv::ReaderBuilder::new().has_headers(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let wrong = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            format!("第{line}行的格数与表头不同；请核对有没有多余的逗号")
        };
        let columns = reader.headers().map_err(|error| wrong(&error))?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().any(|cell| !cell.is_empty()) {
                rows.push((line, record.iter().map(str::to_owned).collect()));
            }
        }
        Ok(Self { columns, rows })
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
pub fn cell(row: &[String], column: Option<usize>) -> &str {
    column.and_then(|column| row.get(column)).map_or("", String::as_str)
}
