//! The fines 罚款 that an article provides: how much, of what, for whom, when, and where exactly it says so.
//!
//! A pure reading of the statute's own words. What the reader does not understand is a value ([`Unread`]) with its
//! place, never a guess; the text prevails (以原文为准). Does not belong here: whether a decision keeps to the range.

mod amount;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use crate::basis::Article;
use crate::statute::text::ArticleText;

pub use amount::ONCE;

/// Where words stand: a line of a paragraph or item, and the bytes in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Article, paragraph 款, item 项.
    pub article: Article,
    /// The line of the paragraph or item, from 0; greater for 目 below an item.
    pub line: usize,
    /// The bytes of the line.
    pub span: Range<usize>,
}

/// How much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Money in 分, both ends included: 五万元以上十万元以下.
    Money {
        /// 以上.
        least: Option<u64>,
        /// 以下.
        most: Option<u64>,
        /// For each of these: 平方米, 吨.
        per: Option<String>,
    },
    /// A multiple or a percentage of a base, in hundred-thousandths ([`ONCE`] is 一倍).
    Share {
        /// Of what: 货值金额, 违法所得.
        base: String,
        /// 以上.
        least: Option<u64>,
        /// 以下.
        most: Option<u64>,
    },
}

/// Who is fined, where the text says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// 单位.
    Unit,
    /// 个人.
    Individual,
    /// 主管人员、责任人员.
    Responsible,
}

impl Who {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Unit => "单位",
            Self::Individual => "个人",
            Self::Responsible => "责任人员",
        }
    }
}

/// A fine, as read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fine {
    /// Where.
    pub place: Place,
    /// How much.
    pub extent: Extent,
    /// 可以处: it may be left out.
    pub may: bool,
    /// Who; `None` where the sentence leaves it to what stands before.
    pub who: Option<Who>,
    /// The nearest condition in the same clause: 逾期不改正的.
    pub condition: Option<String>,
}

/// Why words about a fine were not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// A fine is provided, the amount stands elsewhere or nowhere.
    NoAmount,
    /// An amount is there, and more than one reading.
    NotUnderstood,
}

impl Why {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::NoAmount => "此处没有写明数额",
            Self::NotUnderstood => "数额的写法不能确定",
        }
    }
}

/// Words about a fine that were not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Where.
    pub place: Place,
    /// Why.
    pub why: Why,
}

/// What was made of one 罚款 in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// A fine.
    Fine(Fine),
    /// Not understood.
    Unread(Unread),
}

impl Reading {
    /// Where.
    pub fn place(&self) -> &Place {
        match self {
            Self::Fine(fine) => &fine.place,
            Self::Unread(unread) => &unread.place,
        }
    }
}

/// The fines of an article in the order of its words. A 罚款 that provides none (缴纳罚款, 罚款决定) is left out.
pub fn fines(article: &ArticleText) -> Vec<Reading> {
    let mut found = Vec::new();
    for (number, paragraph) in (1_u16..).zip(&article.paragraphs) {
        let own = Article { paragraph: Some(number), ..article.article };
        read::line(own, 0, &paragraph.text, &mut found);
        for item in &paragraph.items {
            let own = Article { item: Some(item.number), ..own };
            for (line, words) in item.lines().enumerate() {
                read::line(own, line, words, &mut found);
            }
        }
    }
    found
}

/// The fines of an article of which only the words are at hand, one paragraph or item a line: places are lines of it.
pub fn in_words(article: Article, words: &str) -> Vec<Reading> {
    let mut found = Vec::new();
    words.lines().enumerate().for_each(|(number, line)| read::line(article, number, line, &mut found));
    found
}

impl fmt::Display for Extent {
    /// 50000元以上100000元以下, 货值金额的10倍以上20倍以下, 每平方米100元以下, 合同金额的0.5%以上1%以下.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most, written): (_, _, fn(u64) -> String) = match self {
            Self::Money { least, most, per } => {
                if let Some(per) = per {
                    write!(f, "每{per}")?;
                }
                (least, most, |fen| format!("{}元", hundredths(fen)))
            }
            Self::Share { base, least, most } => {
                write!(f, "{base}的")?;
                (least, most, share)
            }
        };
        match (least, most) {
            (Some(least), Some(most)) if least == most => f.write_str(&written(*least)),
            (Some(least), Some(most)) => write!(f, "{}以上{}以下", written(*least), written(*most)),
            (Some(least), None) => write!(f, "{}以上", written(*least)),
            (None, Some(most)) => write!(f, "{}以下", written(*most)),
            (None, None) => Ok(()),
        }
    }
}

/// 150 → 1.5, 100 → 1.
fn hundredths(value: u64) -> String {
    match value % 100 {
        0 => (value / 100).to_string(),
        rest if rest % 10 == 0 => format!("{}.{}", value / 100, rest / 10),
        rest => format!("{}.{rest:02}", value / 100),
    }
}

fn share(value: u64) -> String {
    if value >= ONCE && value.is_multiple_of(1_000) {
        format!("{}倍", hundredths(value / 1_000))
    } else if value.is_multiple_of(10) {
        format!("{}%", hundredths(value / 10))
    } else {
        format!("{}‰", hundredths(value))
    }
}
