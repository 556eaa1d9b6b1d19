//! How a statute counts 日: which of its days are working days, whether a last day rolls over, what it leaves open.

use serde::Deserialize;

use crate::basis::Basis;
use crate::clock::Unit;

/// Who is bound by a limit whose 日 a statute defines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Everybody.
    #[default]
    All,
    /// Only limits on organs (行政许可法§82); those on parties are left open.
    Organ,
}

/// Which limits written in 日 are working days: by amount, up to an amount, or all.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkDays {
    /// Exactly these amounts (行政处罚法§85: 2, 3, 5 and 7).
    #[serde(default)]
    pub amounts: Vec<u32>,
    /// Every amount up to and with this one (行政强制法§69: ten).
    pub at_most: Option<u32>,
    /// Every amount (行政许可法§82).
    #[serde(default)]
    pub all: bool,
    /// Whose limits.
    #[serde(default)]
    pub bound: Bound,
    /// Limits on parties which a rule that is confined to organs leaves open.
    #[serde(default)]
    pub party: Vec<PartyLimit>,
    /// The article that says so.
    pub basis: Basis,
}

/// A limit on a party, by its article and its number of 日.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyLimit {
    /// 条.
    pub article: u16,
    /// How many 日.
    pub amount: u32,
}

impl WorkDays {
    /// Whether the rule is confined to limits on organs.
    pub fn organs_only(&self) -> bool {
        self.bound == Bound::Organ
    }

    /// Whether that many 日 are working days.
    pub fn covers(&self, amount: u32) -> bool {
        self.all || self.at_most.is_some_and(|most| amount <= most) || self.amounts.contains(&amount)
    }
}

/// The counting rules of one edition.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Counting {
    /// Which 日 are working days; none where the statute does not say so of any.
    pub work_days: Option<WorkDays>,
    /// The article by which a last day that is a day off moves to the next day that is none; only where a statute
    /// has it, or refers to one that has it.
    pub roll: Option<Basis>,
    /// The article that leaves the day of the start out; where none is given, 民法典§201 stands as the general rule.
    pub start_excluded: Option<Basis>,
    /// The text writes 日 without saying whether working days are meant, and nothing else in it settles that.
    #[serde(default)]
    pub days_open: bool,
    /// What the text does not settle, in Chinese, each a setting of the clocks that rest on it.
    #[serde(default)]
    pub leaves_open: Vec<String>,
}

impl Counting {
    /// The unit of `amount` 日 by this edition: working days where it says so, calendar days where it does not.
    pub fn days(&self, amount: u32) -> Unit {
        match &self.work_days {
            Some(rule) if rule.covers(amount) => Unit::WorkDay,
            _ => Unit::Day,
        }
    }
}
