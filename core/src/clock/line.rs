//! The line on which a limit is counted: whole numbers (days, or milliseconds for hours) with the excluded intervals
//! cut out. A count jumps from gap to gap; a day that lies in two intervals is cut out once.

use crate::calendar::Rank;

/// How long a piece of the line is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measure<'a> {
    /// Every number counts: calendar days, or milliseconds.
    Whole,
    /// Only working days count.
    WorkDays(&'a Rank),
}

impl Measure<'_> {
    fn length(self, from: i64, to: i64) -> i64 {
        match self {
            Self::Whole => to - from,
            Self::WorkDays(rank) => rank.before(to) - rank.before(from),
        }
    }

    /// The nearest place that has so much between `from` and itself.
    fn after(self, from: i64, amount: i64) -> i64 {
        match self {
            Self::Whole => from + amount,
            Self::WorkDays(rank) => rank.select(rank.before(from) + amount - 1) + 1,
        }
    }

    fn before(self, to: i64, amount: i64) -> i64 {
        match self {
            Self::Whole => to - amount,
            Self::WorkDays(rank) => rank.select(rank.before(to) - amount),
        }
    }
}

/// Intervals that do not count, each from its first number up to, without, its second; in order and apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps(Vec<(i64, i64)>);

impl Gaps {
    /// From intervals in any order that may overlap.
    pub(super) fn new(intervals: impl Iterator<Item = (i64, i64)>) -> Self {
        let mut sorted: Vec<(i64, i64)> = intervals.filter(|(from, until)| from < until).collect();
        sorted.sort_unstable();
        let mut apart: Vec<(i64, i64)> = Vec::with_capacity(sorted.len());
        for (from, until) in sorted {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => apart.push((from, until)),
            }
        }
        Self(apart)
    }

    /// The nearest place after `from` with `amount` counted between; every piece walked over is shown to `walked`.
    pub(super) fn after(&self, from: i64, amount: i64, measure: Measure<'_>, mut walked: impl FnMut(i64, i64)) -> i64 {
        let (mut at, mut left) = (from, amount);
        for (gap, until) in self.0.iter().filter(|(_, until)| *until > from) {
            if at < *gap {
                let length = measure.length(at, *gap);
                if length >= left {
                    break;
                }
                walked(at, *gap);
                left -= length;
            }
            at = *until;
        }
        let end = if left > 0 { measure.after(at, left) } else { at };
        walked(at, end);
        end
    }

    /// The nearest place before `to` with `amount` counted between.
    pub(super) fn before(&self, to: i64, amount: i64, measure: Measure<'_>, mut walked: impl FnMut(i64, i64)) -> i64 {
        let (mut at, mut left) = (to, amount);
        for (gap, until) in self.0.iter().rev().filter(|(gap, _)| *gap < to) {
            if at > *until {
                let length = measure.length(*until, at);
                if length >= left {
                    break;
                }
                walked(*until, at);
                left -= length;
            }
            at = *gap;
        }
        let end = if left > 0 { measure.before(at, left) } else { at };
        walked(end, at);
        end
    }

    /// How much of a piece does not count.
    pub(super) fn within(&self, from: i64, to: i64) -> i64 {
        self.0.iter().map(|(gap, until)| ((*until).min(to) - (*gap).max(from)).max(0)).sum()
    }

    /// Whether a number lies in a gap.
    pub(super) fn contains(&self, at: i64) -> bool {
        self.0.iter().any(|(gap, until)| (*gap..*until).contains(&at))
    }
}
