//! The full text of one edition of a statute: articles 条, paragraphs 款, items 项, each addressable as a citation
//! names it (`§64.1(2)`), with the line of the source where it stands.
//!
//! [`Text::parse`] reads Markdown and plain text alike (`read`); whatever is wrong with a text is a list of values
//! ([`TextProblem`]), and a text with a problem is no text. Does not belong here: files, and what an article means.

mod line;
mod problem;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::basis::{Article, chinese_number};
use crate::day::Day;

pub use problem::{Fault, TextProblem};

/// One edition of a statute, as read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    /// The title at its head; empty where the text has none.
    pub title: String,
    /// How it came about: the lines about adoption, amendment and force.
    pub head: Vec<String>,
    /// What stands before the first article, as in judicial interpretations (为……，制定本规定：).
    pub preamble: Vec<String>,
    /// 编, 章, 节 in order.
    pub headings: Vec<Heading>,
    /// Its articles, in order and without gap.
    pub articles: Vec<ArticleText>,
    /// What stands behind the last article (附件).
    pub annex: Vec<String>,
}

/// How high a heading stands; the smaller contains the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rank {
    /// 编.
    Part,
    /// 分编.
    Subpart,
    /// 章, and the numbered heads of judicial interpretations (一、).
    Chapter,
    /// 节.
    Section,
}

impl Rank {
    /// 1 (编) to 4 (节).
    pub fn level(self) -> u8 {
        match self {
            Self::Part => 1,
            Self::Subpart => 2,
            Self::Chapter => 3,
            Self::Section => 4,
        }
    }

    /// From [`Rank::level`].
    pub fn from_level(level: i64) -> Self {
        match level {
            1 => Self::Part,
            2 => Self::Subpart,
            4 => Self::Section,
            _ => Self::Chapter,
        }
    }
}

/// 第二章　行政复议申请.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// How high it stands.
    pub rank: Rank,
    /// Its words: 第二章 行政复议申请.
    pub text: String,
    /// The line where it stands, from 1.
    pub line: u32,
    /// The position in [`Text::articles`] of the article that follows it.
    pub before: usize,
}

/// One article 条.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArticleText {
    /// Its number; neither paragraph nor item.
    pub article: Article,
    /// The line where it begins, from 1.
    pub line: u32,
    /// Its paragraphs, at least one.
    pub paragraphs: Vec<Paragraph>,
}

/// One paragraph 款: a passage of its own, with the items it announces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paragraph {
    /// The line where it begins, from 1.
    pub line: u32,
    /// Its words, before any item.
    pub text: String,
    /// Its items 项, from （一） without gap.
    pub items: Vec<Item>,
}

/// One item 项.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Its number.
    pub number: u16,
    /// The line where it begins, from 1.
    pub line: u32,
    /// Its words, with （一） in front.
    pub text: String,
    /// What belongs to it on lines of its own: 目 (1.), and unnumbered lines before the next item.
    pub details: Vec<String>,
}

/// Why a citation leads nowhere in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoPassage {
    /// There is no such article; the text ends with this one.
    Article(Article),
    /// The article has only so many paragraphs.
    Paragraph(usize),
    /// The paragraph (or the article) has only so many items.
    Item(usize),
}

impl fmt::Display for NoPassage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Article(last) => write!(f, "没有这一条，全文从第一条到{last}"),
            Self::Paragraph(count) => write!(f, "该条只有{count}款"),
            Self::Item(0) => f.write_str("所引之处没有分项"),
            Self::Item(count) => write!(f, "所引之处只有{count}项"),
        }
    }
}

impl Text {
    /// Reads a text: Markdown with `#` heads and `<!-- INFO END -->`, or plain text one paragraph to a line.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line; then nothing of it may be relied on.
    pub fn parse(source: &str) -> Result<Self, Vec<TextProblem>> {
        read::read(source)
    }

    /// The article of a citation, whatever paragraph or item it names.
    pub fn article(&self, article: Article) -> Option<&ArticleText> {
        let wanted = article.without_part();
        self.articles.iter().find(|known| known.article == wanted)
    }

    /// The words that a citation points at.
    ///
    /// # Errors
    /// What is missing: the article, the paragraph or the item.
    pub fn passage(&self, article: Article) -> Result<String, NoPassage> {
        match self.article(article) {
            Some(found) => found.passage(article),
            None => Err(NoPassage::Article(self.last().unwrap_or(Article::whole(1, 0)))),
        }
    }

    /// The number of the last article.
    pub fn last(&self) -> Option<Article> {
        self.articles.last().map(|last| last.article)
    }

    /// The whole text, one line to a paragraph or item, without headings.
    pub fn plain_text(&self) -> String {
        let articles = self.articles.iter().map(|article| format!("{} {}", article.article, article.plain_text()));
        articles.collect::<Vec<_>>().join("\n")
    }

    /// The day that names this edition, by its head: the latest adoption, revision, amendment or promulgation.
    pub fn adopted(&self) -> Option<Day> {
        self.head.iter().flat_map(|line| line::days_of_adoption(line)).max()
    }
}

impl ArticleText {
    /// An article from its own words, as [`ArticleText::plain_text`] gives them.
    pub fn from_plain(article: Article, line: u32, text: &str) -> Self {
        read::article(article.without_part(), line, text)
    }

    /// Its words, one line to a paragraph, item or detail, without 第…条 in front.
    pub fn plain_text(&self) -> String {
        self.lines().collect::<Vec<_>>().join("\n")
    }

    /// Its lines in order.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().flat_map(Paragraph::lines)
    }

    /// The words that a citation of this article points at: all, one paragraph, or one item with what announces it
    /// left out. An item without a paragraph is looked for in the first paragraph that has items.
    ///
    /// # Errors
    /// The paragraph or the item does not exist.
    pub fn passage(&self, cited: Article) -> Result<String, NoPassage> {
        let paragraph = match cited.paragraph {
            Some(number) => {
                let at = usize::from(number).checked_sub(1);
                let found = at.and_then(|at| self.paragraphs.get(at));
                Some(found.ok_or(NoPassage::Paragraph(self.paragraphs.len()))?)
            }
            None if cited.item.is_some() => self.paragraphs.iter().find(|paragraph| !paragraph.items.is_empty()),
            None => return Ok(self.plain_text()),
        };
        let Some(number) = cited.item else {
            return Ok(paragraph.map(|found| found.lines().collect::<Vec<_>>().join("\n")).unwrap_or_default());
        };
        let items = paragraph.map(|found| found.items.as_slice()).unwrap_or_default();
        let found = items.iter().find(|item| item.number == number).ok_or(NoPassage::Item(items.len()))?;
        Ok(found.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl Paragraph {
    /// Its lines: words, then items.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let own = Some(self.text.as_str()).filter(|text| !text.is_empty());
        own.into_iter().chain(self.items.iter().flat_map(Item::lines))
    }
}

impl Item {
    /// Its lines: words, then details.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.details.iter().map(String::as_str))
    }
}

/// What a file name says: `行政处罚法(2021-01-22).md`, and the national database's `…行政处罚法_20210122.docx`.
/// Statute and day; `None` where the name says neither.
///
/// # Errors
/// What stands in the place of the day and looks like one, but is none: 2023-02-30.
pub fn edition_in_file_name(name: &str) -> Result<Option<(String, Day)>, String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    let inside = stem.strip_suffix([')', '）']).and_then(|stem| stem.rsplit_once(['(', '（']));
    let Some((statute, day)) = inside.or_else(|| stem.rsplit_once('_')) else { return Ok(None) };
    let statute = statute.trim();
    match Day::parse(day) {
        Some(day) => Ok(Some((statute.to_owned(), day)).filter(|_| !statute.is_empty())),
        None if day.len() >= 8 && day.chars().all(|c| c.is_ascii_digit() || "-./".contains(c)) => Err(day.to_owned()),
        None => Ok(None),
    }
}

/// 一百三十三条之一 as an item is written: （十二）.
fn written_item(number: u16) -> String {
    format!("（{}）", chinese_number(number))
}
