//! How a table of the people's courts' mediation platform is read (`law/court_table.toml`): which heading is what, which words are which
//! kind of document.
//!
//! Does not belong here: reading a file, and what is entered (the procedure that it names).

use crate::law::LawError;
use crate::procedure::Procedure;

/// The file it stands in.
pub const FILE: &str = "court_table.toml";

/// What a column says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Is {
    /// The number of the dispute: it must be there.
    Code,
    /// What came: it must be there.
    Kind,
    /// Its day: it must be there.
    Day,
    /// The number of the document or case.
    Number,
    /// What it says.
    Note,
}

impl Is {
    /// As forms and the file write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Kind => "kind",
            Self::Day => "day",
            Self::Number => "number",
            Self::Note => "note",
        }
    }

    /// Whether nothing can be entered without it.
    pub fn needed(self) -> bool {
        matches!(self, Self::Code | Self::Kind | Self::Day)
    }
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What it says.
    pub is: Is,
    /// What people call it.
    pub title: String,
    /// Headings by which it is known, the likeliest first.
    pub headings: Vec<String>,
}

/// Words that tell a kind.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its code in the procedure.
    pub code: String,
    /// Any of these.
    pub words: Vec<String>,
}

/// Why a cell names no kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unread {
    /// It has none of the words.
    Unknown,
    /// It may say that it did not happen.
    Denied,
}

/// What ends a clause.
const ENDS: [char; 11] = ['，', ',', '。', '；', ';', '！', '!', '？', '?', '\n', '\r'];

/// What the county has set.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourtTable {
    /// Why it is a setting.
    pub configurable: String,
    /// The procedure that takes the answers.
    pub procedure: String,
    /// Its field that takes the kind.
    pub field: String,
    /// Words that say that something did not happen: what stands behind one in a clause is entered by a person.
    #[serde(default)]
    pub denials: Vec<String>,
    /// The columns.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// The kinds, in the order in which they are looked for.
    #[serde(rename = "kind")]
    pub kinds: Vec<Kind>,
}

impl CourtTable {
    /// Reads the file.
    ///
    /// # Errors
    /// Unknown keys; a column that is needed and missing, or twice; one without headings; a kind without words.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let wrong = |what: String| Err(LawError::plain(file, what));
        for is in [Is::Code, Is::Kind, Is::Day, Is::Number, Is::Note] {
            let count = read.columns.iter().filter(|column| column.is == is).count();
            if count > 1 || (count == 0 && is.needed()) {
                return wrong(format!("column `{}` stands {count} times", is.word()));
            }
        }
        if let Some(column) = read.columns.iter().find(|column| column.headings.is_empty()) {
            return wrong(format!("column `{}` has no headings", column.is.word()));
        }
        match read.kinds.iter().find(|kind| kind.words.iter().all(|word| word.trim().is_empty())) {
            Some(kind) => wrong(format!("kind `{}` has no words", kind.code)),
            None => Ok(read),
        }
    }

    /// Kinds that its procedure does not have.
    pub(crate) fn problems<'a>(&self, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let wrong = |what: String| vec![LawError::plain(FILE, what)];
        let Some(newest) = procedures.filter(|known| known.id.as_str() == self.procedure).last() else {
            return wrong(format!("there is no procedure `{}`", self.procedure));
        };
        let lost = self.kinds.iter().filter(|kind| !newest.knows_code(&self.field, &kind.code));
        lost.map(|kind| LawError::plain(FILE, format!("there is no kind `{}`", kind.code))).collect()
    }

    /// The kind that a cell names.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn kind_of(&self, text: &str) -> Result<&str, Unread> {
        let denied = |word: &str| {
            text.split(ENDS).filter_map(|clause| clause.rsplit_once(word)).any(|(before, _)| self.denies(before))
        };
        if self.kinds.iter().flat_map(|kind| &kind.words).any(|word| denied(word)) {
            return Err(Unread::Denied);
        }
        let named = |kind: &&Kind| kind.words.iter().any(|word| text.contains(word.as_str()));
        self.kinds.iter().find(named).map(|kind| kind.code.as_str()).ok_or(Unread::Unknown)
    }

    fn denies(&self, text: &str) -> bool {
        self.denials.iter().any(|denial| text.contains(denial.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE_TEXT: &str = r#"
configurable = "x"
procedure = "joint_dispute"
field = "court_reply_kind"
denials = ["未", "不"]
[[column]]
is = "code"
title = "编号"
headings = ["编号"]
[[column]]
is = "kind"
title = "种类"
headings = ["种类"]
[[column]]
is = "day"
title = "日期"
headings = ["日期"]
[[kind]]
code = "ruling"
words = ["裁定"]
[[kind]]
code = "letter"
words = ["函"]
"#;

    #[test]
    fn words_tell_the_kind_in_their_order() {
        let table = CourtTable::parse(FILE, FILE_TEXT).unwrap();
        assert_eq!(table.kind_of("司法确认裁定书（附函）"), Ok("ruling"));
        assert_eq!(table.kind_of("回函"), Ok("letter"));
        assert_eq!(table.kind_of("起诉状"), Err(Unread::Unknown));
    }

    #[test]
    fn what_did_not_happen_is_no_kind() {
        let table = CourtTable::parse(FILE, FILE_TEXT).unwrap();
        for denied in ["尚未回函", "不予裁定", "裁定书，未附函", "裁定后未再裁定"] {
            assert_eq!(table.kind_of(denied), Err(Unread::Denied), "{denied}");
        }
        assert_eq!(table.kind_of("裁定不予受理"), Ok("ruling"), "behind the word it says what the document says");
        assert_eq!(table.kind_of("当事人未到，回函"), Ok("letter"), "another clause");
    }

    #[test]
    fn a_table_that_cannot_be_read_is_an_error() {
        for (from, to) in [
            ("is = \"day\"", "is = \"note\""),
            ("is = \"day\"", "is = \"kind\""),
            ("headings = [\"日期\"]", "headings = []"),
            ("words = [\"函\"]", "words = [\" \"]"),
        ] {
            assert!(CourtTable::parse(FILE, &FILE_TEXT.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
