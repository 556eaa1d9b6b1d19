//! What a cell holds: tidied on the way in, harmless on the way out. Every table that leaves the house is written through here.
//!
//! Does not belong here: columns and their meaning.

use rust_xlsxwriter::{ColNum, Format, RowNum, Worksheet, XlsxError};

/// Excel takes CSV for UTF-8 only behind this.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that a spreadsheet would take for a formula begins with an apostrophe.
#[must_use]
pub fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// Writes a text cell.
pub fn write(sheet: &mut Worksheet, row: RowNum, column: ColNum, text: &str, format: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, column, harmless(text), format).map(|_| ())
}

/// Rows as CSV for Excel.
pub fn csv<'r>(rows: impl Iterator<Item = Vec<&'r str>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(MARK.to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A text as it was meant: without stray blanks, one kind of line end, without the apostrophe that [`harmless`] puts before it.
#[must_use]
pub fn tidy(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{a0}' | '\u{3000}' | '\u{2007}' | '\u{202f}' => Some(' '),
        '\u{feff}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\0' => None,
        other => Some(other),
    };
    let text: String = text.replace("\r\n", "\n").chars().filter_map(plain).collect();
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// A heading or a choice for comparing: no blanks, no asterisk, one kind of brackets and colons.
#[must_use]
pub fn folded(text: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '*' | '＊' | '：' | ':');
    zhunsheng_core::text::half_width(&tidy(text)).chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_never_formulas() {
        assert_eq!(harmless("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(harmless("王某与李某：邻里"), "王某与李某：邻里");
        for text in ["+8613900000000", "-1", "@sum", "=1+1"] {
            assert_eq!(tidy(&harmless(text)), text, "what went out comes back in");
        }
        let csv = csv([vec!["姓名", "=1+1"], vec!["甲,乙", "\tx"]].into_iter()).unwrap();
        assert_eq!(String::from_utf8(csv).unwrap(), "\u{feff}姓名,'=1+1\n\"甲,乙\",'\tx\n");
    }

    #[test]
    fn stray_blanks_leave() {
        assert_eq!(tidy("\u{feff}　张 三\u{200b} "), "张 三");
        assert_eq!(folded("*联系 电话：（手机）"), folded("联系电话(手机)"));
    }
}
