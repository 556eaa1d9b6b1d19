//! Why a question to the clock has no answer: a code for machines, a sentence for people.

use thiserror::Error;

use crate::basis::Basis;
use crate::day::Day;

/// The problem. The codes are those of the suite `cn-admin-time`.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Problem {
    /// A day that does not exist or is not written in full.
    #[error("日期有误：{0}。")]
    BadDate(String),
    /// No statute of that name.
    #[error("法规库中没有“{0}”，请核对名称。")]
    UnknownStatute(String),
    /// No text adopted on that day.
    #[error("《{0}》没有 {1} 通过、修订或者修正的版本，请核对日期。")]
    UnknownEdition(String, Day),
    /// The edition does not apply on the start.
    #[error("{}", not_in_force(statute, *adopted, *in_force, *until, *on))]
    EditionNotInForce {
        /// The statute's short name.
        statute: String,
        /// The edition named, if one was.
        adopted: Option<Day>,
        /// From when it applies.
        in_force: Option<Day>,
        /// Until when, without that day.
        until: Option<Day>,
        /// The day of the start.
        on: Day,
    },
    /// The citation cannot be read.
    #[error("读不懂条文“{0}”，应如 60、第六十条、§64(1)。")]
    BadArticle(String),
    /// The edition has no such article.
    #[error("{0}不存在（{1} 版）。")]
    UnknownArticle(Basis, Day),
    /// The phrase does not stand in the article.
    #[error("{1}中没有“{0}”。")]
    PhraseNotInArticle(String, Basis),
    /// The stated limit is none.
    #[error("期限有误：{0}。")]
    BadLimit(String),
    /// No amount, or several.
    #[error("从“{0}”中读不出唯一的期限，请写明数量和单位。")]
    PhraseUnreadable(String),
    /// The stated amount is not in the phrase.
    #[error("所给数量 {0} 与原文“{1}”不符。")]
    AmountConflict(u32, String),
    /// The stated unit contradicts the phrase or the statute.
    #[error("{}", unit_conflict(stated, basis, rule.as_ref()))]
    UnitConflict {
        /// What was stated.
        stated: String,
        /// The article.
        basis: Basis,
        /// The statute's rule, if it has one.
        rule: Option<Basis>,
    },
    /// The text leaves open what 日 is, and the readings differ.
    #[error("{0}的“{1}日”是工作日还是自然日，条文没有写明，两种读法结果不同；请写明单位。")]
    UnitOpen(Basis, u32),
    /// An event that is none.
    #[error("事件有误：{0}。")]
    BadEvent(String),
    /// An exclusion lasts.
    #[error("期间停止计算，尚未恢复，不能确定届满之日。")]
    Suspended,
    /// A year whose notice is not known.
    #[error("{0}年放假安排尚未录入，不能确定届满之日。")]
    MissingCalendarYear(i16),
}

impl Problem {
    /// The code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDate(_) => "bad-date",
            Self::UnknownStatute(_) => "unknown-statute",
            Self::UnknownEdition(..) => "unknown-edition",
            Self::EditionNotInForce { .. } => "edition-not-in-force",
            Self::BadArticle(_) => "bad-article",
            Self::UnknownArticle(..) => "unknown-article",
            Self::PhraseNotInArticle(..) => "phrase-not-in-article",
            Self::BadLimit(_) => "bad-limit",
            Self::PhraseUnreadable(_) => "phrase-unreadable",
            Self::AmountConflict(..) => "amount-conflict",
            Self::UnitConflict { .. } => "unit-conflict",
            Self::UnitOpen(..) => "unit-open",
            Self::BadEvent(_) => "bad-event",
            Self::Suspended => "suspended",
            Self::MissingCalendarYear(_) => "missing-calendar-year",
        }
    }
}

fn not_in_force(statute: &str, adopted: Option<Day>, in_force: Option<Day>, until: Option<Day>, on: Day) -> String {
    let on = on.chinese();
    match (adopted, in_force, until) {
        (Some(adopted), Some(from), Some(until)) => {
            format!("《{statute}》{adopted} 版自{}起施行，至{}失效，{on}不适用。", from.chinese(), until.chinese())
        }
        (Some(adopted), Some(from), None) => {
            format!("《{statute}》{adopted} 版自{}起施行，{on}不适用。", from.chinese())
        }
        _ => format!("《{statute}》在{on}没有已录入的有效版本。"),
    }
}

fn unit_conflict(stated: &str, basis: &Basis, rule: Option<&Basis>) -> String {
    match rule {
        Some(rule) => format!("所给期限“{stated}”与{basis}的原文或者{rule}关于“日”的规定不符。"),
        None => format!("所给期限“{stated}”与{basis}的原文不符。"),
    }
}
