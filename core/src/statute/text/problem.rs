//! What can be wrong with a text, each with the line of the source.

use std::fmt;

use crate::basis::Article;

use super::written_item;

/// Something wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextProblem {
    /// The line of the source, from 1.
    pub line: u32,
    /// What.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// No article at all: a decision of amendment, a notice, an empty file.
    NoArticles,
    /// Articles are missing: the one before (none at the beginning) and the one found.
    Gap {
        /// The article before the gap.
        after: Option<Article>,
        /// The article found.
        found: Article,
    },
    /// An article that was there before, at this line.
    Duplicate {
        /// The article.
        article: Article,
        /// Its first line.
        first: u32,
    },
    /// An article with a smaller number than the one before it.
    OutOfOrder {
        /// The article.
        article: Article,
        /// The one before it.
        after: Article,
    },
    /// Words before the first article that are neither head, heading nor preamble.
    BeforeFirst(String),
    /// An article without words.
    Empty(Article),
    /// An item of another number than the next.
    Item {
        /// The article.
        article: Article,
        /// The number that should have come.
        expected: u16,
        /// The number found.
        found: u16,
    },
}

impl Fault {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoArticles => "no-articles",
            Self::Gap { .. } => "missing-article",
            Self::Duplicate { .. } => "duplicate-article",
            Self::OutOfOrder { .. } => "article-out-of-order",
            Self::BeforeFirst(_) => "text-before-first-article",
            Self::Empty(_) => "empty-article",
            Self::Item { .. } => "item-numbering",
        }
    }
}

impl fmt::Display for TextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}行：", self.line)?;
        match &self.fault {
            Fault::NoArticles => f.write_str("没有读到条文（修正案、修改决定、公告不是法规全文）"),
            Fault::Gap { after: None, found } => write!(f, "条文不是从第一条开始，最先见到{found}"),
            Fault::Gap { after: Some(after), found } => write!(f, "缺条：{after}之后直接是{found}"),
            Fault::Duplicate { article, first } => write!(f, "{article}重复，此前见于第{first}行"),
            Fault::OutOfOrder { article, after } => write!(f, "次序不对：{article}排在{after}之后"),
            Fault::BeforeFirst(words) => write!(f, "第一条之前有不明文字“{words}”"),
            Fault::Empty(article) => write!(f, "{article}没有内容"),
            Fault::Item { article, expected, found } => {
                write!(f, "{article}的项次不连续：应为{}，见到{}", written_item(*expected), written_item(*found))
            }
        }
    }
}
