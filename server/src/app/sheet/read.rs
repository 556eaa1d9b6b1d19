//! A table that came in: XLSX or CSV, as rows of tidied cells with their line numbers. What Excel spoiled is named at its cell.
//!
//! Does not belong here: which column is which question (`mapping`), whether a value is right (the core).

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::Digest;

use super::cell::{MARK, folded, tidy};
use super::mapping::{Plan, Source};
use super::template::{EXPLAIN_SHEET, FILL_SHEET, MARKED_COLUMN, META_SHEET};

/// Rows of one table at most.
pub const ROWS_MAX: usize = 5_000;
/// Its bytes at most: it is read into memory.
pub const BYTES_MAX: u64 = 8 << 20;
/// An unpacked workbook at most, in bytes.
const UNPACKED_MAX: u64 = 128 << 20;
const COLUMNS_MAX: u32 = 120;
/// Bytes of text in all cells at most.
const TEXT_MAX: usize = 32 << 20;
/// Merged regions at most.
const MERGED_MAX: usize = 10_000;
/// The heading stands within so many lines; titles may stand above it.
const HEADING_WITHIN: usize = 10;

const SCIENTIFIC: &str = "Excel把号码变成了科学计数，后几位已经丢失；请把这一列设为“文本”格式，重新填写完整号码";
const FORMULA: &str = "单元格里是公式；请复制后“选择性粘贴”为数值";
const MERGED: &str = "单元格是合并的；请取消合并，每行各自填写";
const ERROR: &str = "单元格里是Excel的错误值（如#N/A）；请改正后再导入";

/// One cell.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// What is wrong with it before anybody asks what it means.
    pub wrong: Option<&'static str>,
    /// A plain number, which may be a day that lost its format.
    pub number: Option<f64>,
}

impl Cell {
    fn text(text: &str) -> Self {
        let text = tidy(text);
        let wrong = looks_scientific(&text).then_some(SCIENTIFIC);
        Self { text, wrong, number: None }
    }

    #[allow(clippy::cast_possible_truncation, reason = "a whole number below 10^15")]
    fn number(number: f64) -> Self {
        const EXACT: f64 = 1e15;
        let whole = number.fract() == 0.0 && number.abs() < EXACT;
        let text = if whole { format!("{}", number as i64) } else { format!("{number}") };
        Self { text, wrong: (number.abs() >= EXACT).then_some(SCIENTIFIC), number: Some(number) }
    }
}

/// `1.2E+17` where digits should stand.
fn looks_scientific(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let power = power.strip_prefix('+').unwrap_or(power);
    let number =
        |text: &str, dot: bool| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || (dot && c == '.'));
    digits.starts_with(|c: char| c.is_ascii_digit()) && number(digits, true) && number(power, false) && power.len() <= 2
}

/// One row.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u32,
    /// Its cells; fewer than there are headings if the last ones are empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column.
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells.get(column).filter(|cell| !cell.text.is_empty() || cell.wrong.is_some())
    }
}

/// A table.
#[derive(Clone, PartialEq, Debug)]
pub struct Grid {
    /// Its headings.
    pub header: Vec<String>,
    /// Its rows, empty ones left out.
    pub rows: Vec<Row>,
    /// The procedure for which its template was made.
    pub made_for: Option<String>,
}

/// Why a file is not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unread {
    /// A sentence that says what to do.
    Wrong(String),
    /// Several sheets of the workbook hold rows: somebody has to say which one is meant.
    Several(Vec<String>),
}

impl From<String> for Unread {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl Unread {
    /// A sentence, where nobody can be asked.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Wrong(why) => why,
            Self::Several(sheets) => {
                format!("工作簿里有几张工作表都有内容（{}）；请只留下要交的那一张", sheets.join("、"))
            }
        }
    }
}

/// Reads a table. `titles` are headings that are expected, folded; `tab` is the sheet that was chosen, if one was.
pub fn read(bytes: &[u8], titles: &[String], tab: &str) -> Result<Grid, Unread> {
    let (rows, made_for) = if bytes.starts_with(b"PK\x03\x04") {
        workbook(bytes, tab)?
    } else if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err("文件是旧版Excel格式（XLS）或者设了密码；请另存为XLSX，不设密码，再上传".to_owned().into());
    } else if let Some(what) = no_table(bytes) {
        return Err(
            format!("文件是{what}，不是表格；请把内容填进下载的模板，或者在Excel、WPS里另存为XLSX，再上传").into()
        );
    } else {
        (commas(&decoded(bytes)?)?, None)
    };
    Ok(grid(rows, titles, made_for)?)
}

/// What a file is that somebody took for a table.
fn no_table(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 7] = [
        (b"%PDF", "PDF"),
        (b"\xff\xd8\xff", "图片"),
        (b"\x89PNG", "图片"),
        (b"{\\rtf", "RTF文档"),
        (b"Rar!", "压缩包"),
        (b"7z\xbc\xaf", "压缩包"),
        (b"\x1f\x8b", "压缩包"),
    ];
    let known = KINDS.into_iter().find(|(begins, _)| bytes.starts_with(begins)).map(|(_, what)| what);
    let start = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let web = ["<html", "<!doctype", "<table", "<?xml"].iter().any(|begins| start.starts_with(begins));
    known.or(web.then_some("网页（有的系统导出的“XLS”其实是网页）"))
}

fn grid(mut rows: Vec<Row>, titles: &[String], made_for: Option<String>) -> Result<Grid, String> {
    let filled = |row: &Row| row.cells.iter().any(|cell| !cell.text.is_empty() || cell.wrong.is_some());
    rows.retain(filled);
    let known = |row: &Row| row.cells.iter().filter(|cell| titles.contains(&folded(&cell.text))).count();
    let first = rows.iter().take(HEADING_WITHIN);
    let best = first.clone().enumerate().max_by_key(|(at, row)| (known(row), std::cmp::Reverse(*at)));
    let wide = || first.clone().position(|row| row.cells.iter().filter(|cell| !cell.text.is_empty()).count() > 1);
    let at = match best {
        None => return Err("文件里没有一行内容".to_owned()),
        Some((at, row)) if known(row) > 0 => at,
        Some(_) => wide().unwrap_or(0),
    };
    let rest = rows.split_off(at + 1);
    let header: Vec<String> =
        rows.pop().map(|row| row.cells.into_iter().map(|cell| cell.text).collect()).unwrap_or_default();
    if rest.is_empty() {
        return Err("表头下面没有一行内容".to_owned());
    }
    if rest.len() > ROWS_MAX {
        return Err(format!("表里有{}行，一次最多{ROWS_MAX}行，请分成几个文件", rest.len()));
    }
    // The column that a marked copy adds is not read.
    let marked = header.iter().position(|title| title == MARKED_COLUMN);
    let rows = rest.into_iter().map(|mut row| {
        if let Some(cell) = marked.and_then(|at| row.cells.get_mut(at)) {
            *cell = Cell::default();
        }
        row
    });
    let rows: Vec<Row> = rows.filter(filled).collect();
    if rows.is_empty() { Err("表头下面没有一行内容".to_owned()) } else { Ok(Grid { header, rows, made_for }) }
}

/// Text in UTF-8, UTF-16 with a mark, or GB18030.
pub fn decoded(bytes: &[u8]) -> Result<String, String> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _, broken) = encoding.decode(bytes);
        return if broken { Err(unreadable()) } else { Ok(text.into_owned()) };
    }
    if let Ok(text) = std::str::from_utf8(bytes.strip_prefix(MARK).unwrap_or(bytes)) {
        return Ok(text.to_owned());
    }
    let (text, _, broken) = encoding_rs::GB18030.decode(bytes);
    if broken { Err(unreadable()) } else { Ok(text.into_owned()) }
}

fn unreadable() -> String {
    "文件读不出来；请上传XLSX，或者UTF-8、GB18030编码的CSV".to_owned()
}

fn commas(text: &str) -> Result<Vec<Row>, String> {
    if text.contains('\0') {
        return Err(unreadable());
    }
    let first = text.lines().next().unwrap_or_default();
    let most = [',', '\t', ';'].into_iter().max_by_key(|mark| (first.matches(*mark).count(), *mark == ','));
    let delimiter = most.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| "CSV文件的引号不成对；请在Excel里另存为XLSX再上传".to_owned())?;
        let line = record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        rows.push(Row { line, cells: record.iter().take(COLUMNS_MAX as usize).map(Cell::text).collect() });
        if rows.len() > ROWS_MAX + HEADING_WITHIN {
            return Err(format!("表里超过{ROWS_MAX}行，请分成几个文件"));
        }
    }
    Ok(rows)
}

/// Refuses what would unpack to more than a table holds.
fn check_unpacked(bytes: &[u8]) -> Result<(), String> {
    let broken =
        "文件不是完整的XLSX（可能是Word文档、压缩包，或者没有下载完）；请在Excel、WPS里打开，另存为XLSX，再上传";
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken.to_owned())?;
    let mut left = UNPACKED_MAX;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| broken.to_owned())?;
        let read = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink()).map_err(|_| broken.to_owned())?;
        left = left.checked_sub(read).ok_or("工作簿展开后太大；请只保留要导入的那张表")?;
    }
    Ok(())
}

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// The sheet to read: the one that was chosen, or the only one that holds rows. Our own explanations hold none.
fn sheet_of(book: &mut Book<'_>, sheets: &[(String, bool)], tab: &str) -> Result<String, Unread> {
    if let Some((name, _)) = sheets.iter().find(|(name, _)| !tab.is_empty() && name == tab) {
        return Ok(name.clone());
    }
    let mut holding = Vec::new();
    for (name, _) in sheets.iter().filter(|(name, shown)| *shown && name != EXPLAIN_SHEET) {
        if has_rows(book, name)? {
            holding.push(name.clone());
        }
    }
    match holding.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let first = sheets.iter().find(|(name, _)| name == FILL_SHEET);
            let first = first.or_else(|| sheets.iter().find(|(_, shown)| *shown));
            first.map(|(name, _)| name.clone()).ok_or_else(|| "工作簿里没有工作表".to_owned().into())
        }
        _ => Err(Unread::Several(holding)),
    }
}

/// Whether a sheet has a heading and something below it.
fn has_rows(book: &mut Book<'_>, name: &str) -> Result<bool, String> {
    let broken = |_| "工作表读不出来；请在Excel里另存为XLSX后再上传".to_owned();
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut first = None;
    while let Some(found) = reader.next_cell().map_err(broken)? {
        if cell_of(found.get_value()) == Cell::default() {
            continue;
        }
        let row = found.get_position().0;
        if *first.get_or_insert(row) != row {
            return Ok(true);
        }
    }
    Ok(false)
}

fn workbook(bytes: &[u8], tab: &str) -> Result<(Vec<Row>, Option<String>), Unread> {
    check_unpacked(bytes)?;
    let broken = |_| Unread::from("工作簿读不出来；请在Excel里另存为XLSX后再上传".to_owned());
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let made_for = match sheets.iter().any(|(name, _)| name == META_SHEET) {
        true => cells(&mut book, META_SHEET)?.first().and_then(|row| Some(row.cells.get(1)?.text.clone())),
        false => None,
    };
    let name = sheet_of(&mut book, &sheets, tab)?;
    let mut rows = cells(&mut book, &name)?;
    mark_formulas(&mut book, &name, &mut rows)?;
    let merged = book.merge_cells_by_sheet_name(&name).map_err(broken)?;
    if merged.len() > MERGED_MAX {
        return Err("合并的单元格太多；请取消合并后再上传".to_owned().into());
    }
    for region in merged {
        for row in rows.iter_mut().filter(|row| row.line > region.start.0 && row.line <= region.end.0 + 1) {
            let (first, last) = (region.start.1 as usize, region.end.1 as usize);
            for (at, cell) in row.cells.iter_mut().enumerate() {
                if at >= first && at <= last {
                    cell.wrong = Some(MERGED);
                }
            }
        }
    }
    Ok((rows, made_for))
}

fn cells(book: &mut Book<'_>, name: &str) -> Result<Vec<Row>, String> {
    let broken = |_| "工作表读不出来；请在Excel里另存为XLSX后再上传".to_owned();
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut rows: Vec<Row> = Vec::new();
    // One shared text may be named by every cell: what is unpacked is no measure of what is read.
    let mut left = TEXT_MAX;
    while let Some(found) = reader.next_cell().map_err(broken)? {
        let (row, column) = found.get_position();
        let value = found.get_value();
        left = left.checked_sub(length(value)).ok_or("表里的文字太多，请分成几个文件")?;
        let cell = cell_of(value);
        if cell == Cell::default() {
            continue;
        }
        if column >= COLUMNS_MAX {
            return Err(format!("第{}行超过{COLUMNS_MAX}列还有内容；请删去表格以外的内容", row + 1));
        }
        let line = row + 1;
        if rows.last().is_none_or(|last| last.line != line) {
            if rows.len() > ROWS_MAX + HEADING_WITHIN {
                return Err(format!("表里超过{ROWS_MAX}行，请分成几个文件"));
            }
            rows.push(Row { line, cells: Vec::new() });
        }
        let Some(last) = rows.last_mut() else { continue };
        let at = column as usize;
        if last.cells.len() <= at {
            last.cells.resize(at + 1, Cell::default());
        }
        if let Some(slot) = last.cells.get_mut(at) {
            *slot = cell;
        }
    }
    Ok(rows)
}

fn length(value: &DataRef<'_>) -> usize {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.len(),
        DataRef::SharedString(text) => text.len(),
        _ => 0,
    }
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        #[allow(clippy::cast_precision_loss, reason = "what is larger is refused")]
        DataRef::Int(number) => Cell::number(*number as f64),
        DataRef::Float(number) => Cell::number(*number),
        DataRef::Bool(yes) => Cell::text(if *yes { "是" } else { "否" }),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Cell { text: format!("{year:04}-{month:02}-{day:02}"), wrong: None, number: None }
        }
        DataRef::Error(_) => Cell { text: String::new(), wrong: Some(ERROR), number: None },
    }
}

fn mark_formulas(book: &mut Book<'_>, name: &str, rows: &mut [Row]) -> Result<(), String> {
    let broken = |_| "工作表读不出来；请在Excel里另存为XLSX后再上传".to_owned();
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    while let Some(found) = reader.next_formula().map_err(broken)? {
        let (row, column) = found.get_position();
        if found.get_value().is_empty() {
            continue;
        }
        let row = rows.binary_search_by_key(&(row + 1), |row| row.line).ok().and_then(|at| rows.get_mut(at));
        if let Some(cell) = row.and_then(|row| row.cells.get_mut(column as usize)) {
            cell.wrong = Some(FORMULA);
        }
    }
    Ok(())
}

impl Grid {
    /// What identifies its content whatever program saved it: a digest over headings and cells.
    #[must_use]
    pub fn digest(&self) -> Digest {
        const CELL: char = '\u{1f}';
        const ROW: char = '\u{1e}';
        let mut text = self.header.join("\u{1f}");
        for row in &self.rows {
            text.push(ROW);
            let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            text.push_str(cells.join("\u{1f}").trim_end_matches(CELL));
        }
        Digest::of(text.as_bytes())
    }

    /// Headings that no question takes, in words: what stands below them is not entered.
    #[must_use]
    pub fn unused(&self, plan: &Plan) -> Vec<String> {
        let taken =
            |at: usize| plan.sources.contains(&Source::Cell(at)) || plan.key == Some(at) || plan.day == Some(at);
        let named = self.header.iter().enumerate().filter(|(_, title)| !title.is_empty() && *title != MARKED_COLUMN);
        named.filter(|(at, _)| !taken(*at)).map(|(_, title)| title.clone()).collect()
    }
}

/// A day as Excel counts it, where the cell lost its format: from 1927 to 2119.
#[must_use]
pub fn day_of_serial(number: f64) -> Option<Day> {
    let whole = number.floor();
    #[allow(clippy::cast_possible_truncation, reason = "within the range")]
    let days = (10_000.0..=80_000.0).contains(&whole).then_some(whole as i64)?;
    Some(Day::new(1899, 12, 30)?.plus(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> Vec<String> {
        ["姓名", "联系电话"].into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn csv_in_two_encodings_under_a_title() {
        let text = "法律明白人名册,,\n\n*姓名,联系 电话,备注\n　张三 ,13900000000,\"甲,乙\"\n,,\n李四,1.39E+10,\n";
        let (gb, _, _) = encoding_rs::GB18030.encode(text);
        for bytes in [text.as_bytes(), gb.as_ref(), [MARK, text.as_bytes()].concat().as_slice()] {
            let grid = read(bytes, &titles(), "").unwrap();
            assert_eq!(grid.header, ["*姓名", "联系 电话", "备注"]);
            assert_eq!(grid.rows.len(), 2);
            assert_eq!((grid.rows[0].line, grid.rows[0].cells[0].text.as_str()), (4, "张三"));
            assert_eq!(grid.rows[0].cells[2].text, "甲,乙");
            assert_eq!(grid.rows[1].cells[1].wrong, Some(SCIENTIFIC));
        }
        let (utf16, _, _) = encoding_rs::UTF_8.encode("姓名\t联系电话\n张三\t1\n");
        assert_eq!(read(&utf16, &titles(), "").unwrap().header.len(), 2, "tabs too");
    }

    #[test]
    fn what_is_no_table_is_said() {
        for (bytes, why) in [
            (&b""[..], "没有一行"),
            (&b"\xff\xff\xff"[..], "GB18030"),
            (&b"PK\x03\x04broken"[..], "XLSX"),
            (&b"%PDF-1.4 table"[..], "PDF"),
            (&b"\xff\xd8\xff\xe0photo"[..], "图片"),
            ("\u{feff}<html><table><tr><td>姓名</td></tr></table>".as_bytes(), "另存为XLSX"),
            (&b"\xd0\xcf\x11\xe0\xa1\xb1"[..], "旧版Excel"),
            ("姓名,联系电话\n".as_bytes(), "没有一行"),
        ] {
            let said = read(bytes, &titles(), "").unwrap_err().sentence();
            assert!(said.contains(why), "{said}");
        }
        let many = format!("姓名,联系电话\n{}", "甲,1\n".repeat(ROWS_MAX + 1));
        assert!(read(many.as_bytes(), &titles(), "").unwrap_err().sentence().contains("一次最多5000行"));
    }

    #[test]
    fn numbers_that_excel_spoiled() {
        assert_eq!(Cell::number(13_900_000_000.0).text, "13900000000");
        assert_eq!(Cell::number(2.11224e17).wrong, Some(SCIENTIFIC));
        assert_eq!(Cell::text("2.1122E+17").wrong, Some(SCIENTIFIC));
        assert_eq!(Cell::text("1E").wrong, None);
        assert_eq!(day_of_serial(45_591.0).unwrap().to_string(), "2024-10-26");
        assert_eq!(day_of_serial(26.0), None);
    }
}
