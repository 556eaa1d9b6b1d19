//! The workbook: two sheets with drop-downs, an explanation, the choices; and the same with errors at their cells.
//!
//! Does not belong here: what the lines say (`super`), what is wrong (`read`).

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, DataValidation, Format, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError};
use zhunsheng_core::law::Law;
use zhunsheng_core::leniency::List;

use super::read::{Table, Wrong};
use super::{Sheet, fields, lines};
use crate::app::sheet::cell::write;
use crate::app::sheet::template::{EXPLAIN_SHEET, MARKED_COLUMN};

const CHOICES: &str = "_选项";
/// Drop-downs reach so far down: lines may be added.
const LAST_ROW: u32 = 2_000;

/// The law in force and what was before, to be edited.
pub fn of_law(law: &Law, county: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for sheet in Sheet::ALL {
        let rows: Vec<Vec<String>> = lines(law, sheet).into_iter().map(|line| line.cells).collect();
        fill(book.add_worksheet(), sheet, rows.iter().map(|row| (row.as_slice(), None)))?;
    }
    finish(book, law, county)
}

/// What came, with its errors.
pub fn marked(
    law: &Law,
    county: &str,
    tables: &BTreeMap<Sheet, Table>,
    wrong: &BTreeMap<Sheet, Vec<Wrong>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for sheet in Sheet::ALL {
        let nothing = Vec::new();
        let wrong = wrong.get(&sheet).unwrap_or(&nothing);
        let rows = tables.get(&sheet).into_iter().flat_map(|table| &table.rows);
        let marked = rows.map(|row| {
            let mine = wrong.iter().filter(|wrong| wrong.line == row.line).collect::<Vec<_>>();
            (row.cells.as_slice(), Some(mine))
        });
        fill(book.add_worksheet(), sheet, marked)?;
    }
    finish(book, law, county)
}

fn finish(mut book: Workbook, law: &Law, county: &str) -> Result<Vec<u8>, XlsxError> {
    explain(book.add_worksheet(), county)?;
    choices(book.add_worksheet(), law)?;
    book.save_to_buffer()
}

type Marked<'a> = (&'a [String], Option<Vec<&'a Wrong>>);

fn fill<'a>(page: &mut Worksheet, sheet: Sheet, rows: impl Iterator<Item = Marked<'a>>) -> Result<(), XlsxError> {
    page.set_name(sheet.name())?;
    let head = Format::new().set_bold().set_background_color(Color::RGB(0x00E7_EEF7)).set_border(FormatBorder::Thin);
    let text = Format::new().set_num_format("@").set_text_wrap();
    let bad = Format::new().set_num_format("@").set_background_color(Color::RGB(0x00FF_C7CE)).set_text_wrap();
    for (at, title) in (0u16..).zip(sheet.head()) {
        write(page, 0, at, title, &head)?;
        page.set_column_width(at, if usize::from(at) == sheet.violation() { 36 } else { 16 })?;
    }
    for (at, list) in drop_downs(sheet) {
        let range = DataValidation::new().allow_list_formula(Formula::new(list));
        page.add_data_validation(1, at, LAST_ROW, at, &range)?;
    }
    page.set_freeze_panes(1, 0)?;
    let last = u16::try_from(sheet.head().len()).unwrap_or(u16::MAX);
    for (row, (cells, wrong)) in (1u32..).zip(rows) {
        for (at, cell) in (0u16..).zip(cells) {
            let mine = wrong.iter().flatten().filter(|wrong| wrong.column == Some(usize::from(at)));
            let said: Vec<&str> = mine.map(|wrong| wrong.sentence.as_str()).collect();
            write(page, row, at, cell, if said.is_empty() { &text } else { &bad })?;
            if !said.is_empty() {
                page.insert_note(row, at, &Note::new(said.join("\n")).add_author_prefix(false))?;
            }
        }
        let all: Vec<&str> = wrong.iter().flatten().map(|wrong| wrong.sentence.as_str()).collect();
        if !all.is_empty() {
            write(page, 0, last, MARKED_COLUMN, &head)?;
            write(page, row, last, &all.join("；"), &bad)?;
        }
    }
    Ok(())
}

/// Columns with a drop-down, and where their choices stand.
fn drop_downs(sheet: Sheet) -> Vec<(u16, String)> {
    let list = |column: char| format!("'{CHOICES}'!${column}$1:${column}$60");
    match sheet {
        Sheet::Benchmark => vec![(0, list('A'))],
        Sheet::Lists => vec![(0, list('A')), (1, list('B')), (3, list('C'))],
    }
}

fn choices(page: &mut Worksheet, law: &Law) -> Result<(), XlsxError> {
    page.set_name(CHOICES)?.set_hidden(true);
    let plain = Format::new();
    let mut grounds: Vec<&str> = law.leniency.grounds().map(|ground| ground.title.as_str()).collect();
    grounds.dedup();
    let titles = fields(law);
    let columns: [Vec<&str>; 3] =
        [titles.iter().map(|(_, title)| title.as_str()).collect(), List::ALL.map(List::chinese).to_vec(), grounds];
    for (column, items) in (0u16..).zip(columns) {
        for (row, item) in (0u32..).zip(items) {
            write(page, row, column, item, &plain)?;
        }
    }
    Ok(())
}

fn explain(page: &mut Worksheet, county: &str) -> Result<(), XlsxError> {
    page.set_name(EXPLAIN_SHEET)?;
    let plain = Format::new();
    let said = [
        format!("{county}　行政处罚裁量基准和四张清单"),
        "改一行：直接改这一行的内容；“自何日起”“至何日前”不要动，新的一版从您填的施行日期起，旧的照常保留到那一天。"
            .to_owned(),
        "增一行：写在最后，“自何日起”“至何日前”空着。改违法行为的名称、清单、法定情形的，等于删一行、增一行。"
            .to_owned(),
        "废止一行：删去这一行。以前已经失效的行留着不动。".to_owned(),
        "罚款填元；按倍数、比例罚的，在“计罚基数”写货值金额、违法所得等，各幅度填百分数（一倍填100）。".to_owned(),
        "条文按金额分段的，每一段写一行，在“基数满”“基数不足”写这一段的起止（元）；不分段的空着。".to_owned(),
        "只改法定幅度、不动各档的，各档按原来所占的比例随着变；各档要首尾相接，最重一档止于法定上限。".to_owned(),
        "条件有几项的，用“；”隔开，须逐条具备。".to_owned(),
    ];
    for (row, line) in (0u32..).zip(said) {
        write(page, row, 0, &line, &plain)?;
    }
    Ok(())
}
