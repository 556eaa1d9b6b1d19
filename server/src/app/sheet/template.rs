//! The workbook of a register: to fill in, and as a marked copy of what came back with errors.
//!
//! Does not belong here: which columns there are (`column`), what is wrong with a row (`row`).

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatBorder, Formula, Note, Workbook, Worksheet,
    XlsxError,
};

use super::cell::write;
use super::column::{Column, Sort};
use super::read::{Grid, ROWS_MAX};
use super::row::Wrong;
use crate::app::form::Need;

/// The sheet that is filled in and read.
pub const FILL_SHEET: &str = "填报";
/// The hidden sheet that says what a template is for.
pub const META_SHEET: &str = "_准绳";
/// The sheet that explains the columns; it is not read.
pub const EXPLAIN_SHEET: &str = "填表说明";
/// The hidden sheet with the choices.
const CHOICE_SHEET: &str = "_选项";
/// The column that a marked copy adds; it is not read.
pub const MARKED_COLUMN: &str = "系统核对结果（导入时不读这一列）";

/// What a template says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// The register.
    pub title: String,
    /// Its code.
    pub procedure: String,
    /// The digest of its definition.
    pub definition: String,
    /// Lines for people: whose, for what, by which authority.
    pub lines: Vec<String>,
}

/// The filled part of a workbook.
struct Content<'a> {
    /// Headings, each with its question if it is known.
    heads: Vec<(String, Option<&'a Column>)>,
    rows: Option<(&'a Grid, &'a BTreeMap<u32, Vec<Wrong>>)>,
}

/// An empty template.
pub fn empty(about: &About, columns: &[Column]) -> Result<Vec<u8>, XlsxError> {
    let title = |column: &Column| match column.need {
        Need::Required => format!("*{}", column.title),
        Need::When(_) | Need::Optional => column.title.clone(),
    };
    let heads = columns.iter().map(|column| (title(column), Some(column))).collect();
    workbook(about, columns, &Content { heads, rows: None })
}

/// The table as it came, with what is wrong at its cells and once more in a last column.
pub fn marked(
    about: &About,
    columns: &[Column],
    question_of: &dyn Fn(usize) -> Option<usize>,
    grid: &Grid,
    wrong: &BTreeMap<u32, Vec<Wrong>>,
) -> Result<Vec<u8>, XlsxError> {
    let question = |at: usize| question_of(at).and_then(|column| columns.get(column));
    let kept = grid.header.iter().enumerate().filter(|(_, title)| *title != MARKED_COLUMN);
    let heads = kept.map(|(at, title)| (title.clone(), question(at))).collect();
    workbook(about, columns, &Content { heads, rows: Some((grid, wrong)) })
}

fn workbook(about: &About, columns: &[Column], content: &Content<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let lists = list_ranges(columns);
    fill(book.add_worksheet(), content, &lists)?;
    explain(book.add_worksheet(), about, columns)?;
    choices(book.add_worksheet(), columns, &lists)?;
    let meta = book.add_worksheet();
    meta.set_name(META_SHEET)?.set_very_hidden(true);
    let plain = Format::new();
    for (row, (name, value)) in (0u32..).zip([("procedure", &about.procedure), ("definition", &about.definition)]) {
        write(meta, row, 0, name, &plain)?;
        write(meta, row, 1, value, &plain)?;
    }
    book.save_to_buffer()
}

/// Where the choices of a question stand in their sheet: column, and how many.
fn list_ranges(columns: &[Column]) -> BTreeMap<String, (u16, usize)> {
    let listed = columns.iter().filter(|column| !column.choices().is_empty());
    (0u16..).zip(listed).map(|(at, column)| (column.name.clone(), (at, column.choices().len()))).collect()
}

fn fill(sheet: &mut Worksheet, content: &Content<'_>, lists: &BTreeMap<String, (u16, usize)>) -> Result<(), XlsxError> {
    sheet.set_name(FILL_SHEET)?;
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_background_color(Color::RGB(0x00E7_EEF7))
        .set_border(FormatBorder::Thin);
    let text = Format::new().set_num_format("@").set_text_wrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let bad = Format::new().set_num_format("@").set_background_color(Color::RGB(0x00FF_C7CE)).set_text_wrap();
    let last_row = u32::try_from(ROWS_MAX).unwrap_or(u32::MAX);
    for (at, (title, column)) in (0u16..).zip(&content.heads) {
        write(sheet, 0, at, title, &head)?;
        let Some(column) = column else {
            sheet.set_column_width(at, 16)?;
            continue;
        };
        let wide = if column.hint.chars().count() > 20 { 28 } else { 18 };
        sheet.set_column_width(at, wide)?;
        sheet.set_column_format(at, if column.sort == Sort::Date { &day } else { &text })?;
        sheet.insert_note(0, at, &Note::new(column.note()).add_author_prefix(false))?;
        if let (Sort::One(_), Some((list, count))) = (&column.sort, lists.get(&column.name)) {
            let range = format!("'{CHOICE_SHEET}'!${0}$1:${0}${count}", letters(*list));
            let validation = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Warning)
                .set_error_title("不在选项里")?
                .set_error_message("请从下拉选项里选择；确认无误也可以继续。")?;
            sheet.add_data_validation(1, at, last_row, at, &validation)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    let Some((grid, wrong)) = content.rows else { return Ok(()) };
    let marks = u16::try_from(content.heads.len()).unwrap_or(u16::MAX);
    write(sheet, 0, marks, MARKED_COLUMN, &head)?;
    sheet.set_column_width(marks, 60)?;
    let kept: Vec<usize> =
        (0..grid.header.len()).filter(|at| grid.header.get(*at).is_none_or(|title| title != MARKED_COLUMN)).collect();
    for (row, found) in (1u32..).zip(&grid.rows) {
        let mine = wrong.get(&found.line).map(Vec::as_slice).unwrap_or_default();
        for (column, at) in (0u16..).zip(&kept) {
            let said: Vec<&str> =
                mine.iter().filter(|wrong| wrong.at == Some(*at)).map(|wrong| wrong.sentence.as_str()).collect();
            let typed = found.cells.get(*at).map_or("", |cell| cell.text.as_str());
            if said.is_empty() {
                write(sheet, row, column, typed, &text)?;
            } else {
                write(sheet, row, column, typed, &bad)?;
                sheet.insert_note(row, column, &Note::new(said.join("\n")).add_author_prefix(false))?;
            }
        }
        let all: Vec<String> = mine.iter().map(in_words).collect();
        if !all.is_empty() {
            write(sheet, row, marks, &all.join("；"), &bad)?;
        }
    }
    Ok(())
}

/// An error with the name of its column.
#[must_use]
pub fn in_words(wrong: &Wrong) -> String {
    match wrong.title.as_str() {
        "" => wrong.sentence.clone(),
        title if wrong.sentence.contains(title) => wrong.sentence.clone(),
        title => format!("{title}：{}", wrong.sentence),
    }
}

fn explain(sheet: &mut Worksheet, about: &About, columns: &[Column]) -> Result<(), XlsxError> {
    sheet.set_name(EXPLAIN_SHEET)?;
    let (plain, bold, wrap) = (Format::new(), Format::new().set_bold(), Format::new().set_text_wrap());
    let mut row = 0;
    for line in &about.lines {
        write(sheet, row, 0, line, if row == 0 { &bold } else { &plain })?;
        row += 1;
    }
    row += 1;
    for (at, (title, width)) in (0u16..).zip([("列", 24.0), ("怎样填", 56.0), ("可选", 60.0), ("个人信息", 10.0)])
    {
        write(sheet, row, at, title, &bold)?;
        sheet.set_column_width(at, width)?;
    }
    for column in columns {
        row += 1;
        const SHOWN: usize = 20;
        let shown: Vec<&str> = column.choices().iter().take(SHOWN).map(|choice| choice.title.as_str()).collect();
        let more = if column.choices().len() > SHOWN { "等，见下拉选项" } else { "" };
        write(sheet, row, 0, &column.title, &wrap)?;
        write(sheet, row, 1, &column.note(), &wrap)?;
        write(sheet, row, 2, &format!("{}{more}", shown.join("、")), &wrap)?;
        write(sheet, row, 3, if column.personal { "是" } else { "" }, &wrap)?;
    }
    Ok(())
}

fn choices(sheet: &mut Worksheet, columns: &[Column], lists: &BTreeMap<String, (u16, usize)>) -> Result<(), XlsxError> {
    sheet.set_name(CHOICE_SHEET)?.set_hidden(true);
    let plain = Format::new();
    for column in columns {
        let Some((at, _)) = lists.get(&column.name) else { continue };
        for (row, choice) in (0u32..).zip(column.choices()) {
            write(sheet, row, *at, &choice.title, &plain)?;
        }
    }
    Ok(())
}

/// 0 → A, 26 → AA.
fn letters(column: u16) -> String {
    let letter = |n: u16| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
    match column.checked_sub(26) {
        None => letter(column).to_string(),
        Some(rest) => format!("{}{}", letter(rest / 26), letter(column)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_have_letters() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA")] {
            assert_eq!(super::letters(column), letters);
        }
    }
}
