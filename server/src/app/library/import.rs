//! Importing one file: Markdown, plain text or DOCX becomes one edition of one statute, or nothing does.

use zhunsheng_core::day::Day;
use zhunsheng_core::statute::text::{Text, TextProblem, edition_in_file_name};
use zhunsheng_core::statute::{Statute, Statutes, bare_name};

use super::docx;
use crate::store::digest::sha256;
use crate::store::statutes::{self, EditionRow};
use crate::store::{StoreFault, Tx};

/// A text that can be put into the library.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Which edition of which statute.
    pub row: EditionRow,
    /// Its text.
    pub text: Text,
    /// What its importer should know, in Chinese.
    pub remarks: Vec<String>,
}

/// Why nothing of a file is imported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rejected {
    /// Not a file that is understood, in one Chinese sentence.
    File(String),
    /// The text is malformed.
    Text(Vec<TextProblem>),
}

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Imported {
    /// It is new in the library.
    New,
    /// It took the place of another text of the same edition.
    Replaced,
    /// The same bytes were there.
    Same,
}

impl Imported {
    /// The word officials use.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::New => "导入",
            Self::Replaced => "更新",
            Self::Same => "未变",
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "imported",
            Self::Replaced => "replaced",
            Self::Same => "same",
        }
    }
}

/// Reads a file. Nothing is written.
///
/// # Errors
/// Why the file as a whole is turned down.
pub fn prepare(statutes: &Statutes, file: &str, bytes: &[u8]) -> Result<Prepared, Rejected> {
    let words = words_of(file, bytes).map_err(Rejected::File)?;
    let text = Text::parse(&words).map_err(Rejected::Text)?;
    let named = edition_in_file_name(file)
        .map_err(|day| Rejected::File(format!("文件名中的“{day}”不是日期，应如“法名(2021-01-22).md”")))?;
    let by_title = statutes.find(&text.title);
    let by_name = named.as_ref().and_then(|(name, _)| statutes.find(name));
    if let (Some(one), Some(other)) = (by_name, by_title)
        && one.short != other.short
    {
        let sentence = format!("文件名说是《{}》，文首标题是《{}》，不是同一部法规", one.short, other.short);
        return Err(Rejected::File(sentence));
    }
    let known = by_name.or(by_title);
    let adopted = named.as_ref().map(|(_, day)| *day).or_else(|| text.adopted());
    let Some(adopted) = adopted else {
        return Err(Rejected::File(
            "看不出是哪个版本：文件名应如“法名(2021-01-22).md”，或者文首写明通过、修订日期".to_owned(),
        ));
    };
    let own_name = named.map_or_else(|| text.title.clone(), |(name, _)| name);
    let statute = known.map_or_else(|| bare_name(&own_name).to_owned(), |statute| statute.short.clone());
    if statute.is_empty() {
        return Err(Rejected::File("看不出是哪部法规：文件名和文首都没有标题".to_owned()));
    }
    let articles = i64::try_from(text.articles.len()).unwrap_or(i64::MAX);
    let title = if text.title.is_empty() { own_name } else { text.title.clone() };
    let row = EditionRow { statute, adopted, title, file: file.to_owned(), digest: sha256(bytes), articles };
    let remarks = remarks(known, adopted, &text);
    Ok(Prepared { row, text, remarks })
}

fn remarks(known: Option<&Statute>, adopted: Day, text: &Text) -> Vec<String> {
    let mut remarks = Vec::new();
    match known {
        None => remarks
            .push("法规清单（law/statutes.toml）中没有这部法规，按自身标题收入；施行日期和“日”的算法未知".to_owned()),
        Some(statute) if statute.adopted(adopted).is_none() => {
            remarks.push("法规清单（law/statutes.toml）中没有这个版本，施行日期未知".to_owned());
        }
        Some(_) => {}
    }
    if let Some(found) = text.adopted().filter(|found| *found > adopted) {
        remarks.push(format!("文首所载最近日期为{found}，晚于文件名的日期"));
    }
    remarks
}

/// The file's words, by what its name ends with.
fn words_of(file: &str, bytes: &[u8]) -> Result<String, String> {
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "md" | "txt" => String::from_utf8(bytes.to_vec()).map_err(|_| "不是 UTF-8 编码，请另存为 UTF-8".to_owned()),
        "docx" => docx::plain_text(bytes),
        "doc" | "wps" => Err("旧版文档格式，请另存为 DOCX".to_owned()),
        _ => Err("不认识的文件类型，只读 .md、.txt 和 .docx".to_owned()),
    }
}

/// Whether a file in a folder is meant to be imported.
#[must_use]
pub fn is_text_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    !name.starts_with(['.', '~']) && ["md", "txt", "docx", "doc", "wps"].contains(&ending.as_str())
}

/// Puts a prepared text into the library; the same bytes are not written again.
pub fn put(tx: &mut Tx<'_>, county: &str, prepared: &Prepared) -> Result<Imported, StoreFault> {
    let row = &prepared.row;
    let there = statutes::editions(tx, county, &row.statute)?;
    let there = there.into_iter().find(|known| known.adopted == row.adopted);
    if there.as_ref().is_some_and(|known| known.digest == row.digest) {
        return Ok(Imported::Same);
    }
    statutes::replace(tx, county, row, &prepared.text)?;
    Ok(if there.is_some() { Imported::Replaced } else { Imported::New })
}
