//! `law/phrases.lock`: which citations and phrases were compared with the texts of the statutes, in which edition, with the
//! digest of the article. With it, a definition can be checked where no text is at hand.
//!
//! One line each, sorted, five columns parted by tabs: statute, day of adoption of the edition, article as cited, SHA-256
//! of the whole article's words, and the phrase found there (`-` where only the article is cited).

use std::collections::BTreeSet;
use std::fmt;

use crate::basis::{Article, Basis};
use crate::day::Day;
use crate::id::Digest;
use crate::law::LawError;

/// Where the lock lies, relative to the law folder.
pub const LOCK: &str = "phrases.lock";

/// One line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Locked {
    /// The statute's short name.
    pub statute: String,
    /// The day of adoption of the edition.
    pub adopted: Day,
    /// The article as cited, with paragraph and item.
    pub article: Article,
    /// Over the words of the whole article.
    pub digest: String,
    /// The phrase; none where only the article is cited.
    pub phrase: Option<String>,
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phrase = self.phrase.as_deref().unwrap_or("-");
        write!(f, "{}\t{}\t§{}\t{}\t{phrase}", self.statute, self.adopted, self.article.written(), self.digest)
    }
}

/// The whole lock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    lines: BTreeSet<Locked>,
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// A line that is none, with its number.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let mut lines = BTreeSet::new();
        for (n, line) in source.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let wrong = || LawError {
                file: file.to_owned(),
                at: Some((n + 1, 1)),
                what: "expected statute, day, §article, SHA-256 and phrase, parted by tabs".to_owned(),
            };
            let columns: Vec<&str> = line.split('\t').collect();
            let [statute, adopted, article, digest, phrase] = columns.as_slice() else { return Err(wrong()) };
            let article = article.strip_prefix('§').and_then(Article::parse).ok_or_else(wrong)?;
            let adopted = Day::parse(adopted).ok_or_else(wrong)?;
            let phrase = Some((*phrase).to_owned()).filter(|phrase| phrase != "-");
            let locked =
                Locked { statute: (*statute).to_owned(), adopted, article, digest: (*digest).to_owned(), phrase };
            lines.insert(locked);
        }
        Ok(Self { lines })
    }

    /// Adds a line.
    pub fn insert(&mut self, line: Locked) {
        self.lines.insert(line);
    }

    /// All lines, sorted.
    pub fn lines(&self) -> impl Iterator<Item = &Locked> {
        self.lines.iter()
    }

    /// The lines of a citation with its phrase, or with any phrase if none is given.
    pub fn of<'a>(
        &'a self,
        statute: &'a str,
        article: Article,
        phrase: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Locked> {
        self.lines.iter().filter(move |line| {
            line.statute == statute && line.article == article && (phrase.is_none() || line.phrase.as_deref() == phrase)
        })
    }

    /// The file.
    pub fn written(&self) -> String {
        let head = "# 核对记录：定义所引的条文和原词，逐条对照法规文本核对过。由 zhunsheng law check --statutes 文件夹 --lock 写成，不手改。\n# 法规、版本（通过、修订之日）、条款、整条文字的 SHA-256、所见原词（- 表示只引条文）。\n";
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        format!("{head}{lines}")
    }
}

/// The digest of an article: over its words, spaces and line breaks left out, so that two copies of one text agree.
pub fn article_digest(words: &str) -> String {
    let words: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    Digest::of(words.as_bytes()).to_string()
}

/// What a text says about a citation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Passage {
    /// There is no text of that edition.
    NoText,
    /// The text has no such article, paragraph or item: what it has instead, in Chinese.
    Missing(String),
    /// The words cited, and the digest of the whole article.
    Words {
        /// The words of the article, paragraph or item.
        words: String,
        /// See [`article_digest`].
        digest: String,
    },
}

/// The texts of statutes, wherever they are kept. Definitions are checked side by side, hence `Sync`.
pub trait Texts: Sync {
    /// The passage of a citation in an edition; the statute by its short name.
    fn passage(&self, statute: &str, adopted: Day, article: Article) -> Passage;
}

/// The statute and article of a statutory citation.
pub(super) fn cited(basis: &Basis) -> Option<(&str, Article)> {
    basis.article.map(|article| (basis.source.as_str(), article))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_writes_what_it_reads_and_finds_a_citation() {
        let mut lock = Lock::default();
        for phrase in [Some("九十日"), None] {
            lock.insert(Locked {
                statute: "行政处罚法".to_owned(),
                adopted: Day::parse("2021-01-22").unwrap(),
                article: Article::parse("60").unwrap(),
                digest: article_digest("第六十条 应当"),
                phrase: phrase.map(str::to_owned),
            });
        }
        let read = Lock::parse(LOCK, &lock.written()).unwrap();
        assert_eq!(read, lock);
        let article = Article::parse("60").unwrap();
        assert_eq!(read.of("行政处罚法", article, Some("九十日")).count(), 1);
        assert_eq!(read.of("行政处罚法", article, Some("六十日")).count(), 0);
        assert_eq!(read.of("行政处罚法", article, None).count(), 2);
        assert_eq!(Lock::parse(LOCK, "行政处罚法 2021").unwrap_err().at, Some((1, 1)));
    }
}
