//! Rank and select over working days: how many lie before a day, and which is the nth. Counting a limit then jumps
//! instead of walking, however long it is.
//!
//! Only the days that differ from Monday to Friday are kept, some thirty a year: five working days a week are
//! arithmetic. Years without a notice are Monday to Friday here; who asks says so ([`super::Calendar::missing`]).

use crate::day::Day;

/// A weekday off or a weekend day made up, with the rank it begins at.
#[derive(Clone, Copy, Debug)]
struct Exception {
    /// Its place on the line of days.
    ordinal: i64,
    /// Working days before it.
    rank: i64,
    /// How far ranks behind it differ from plain weeks: make-up days less days off, this one included.
    drift: i64,
    /// A make-up day, which is itself a working day.
    works: bool,
}

/// The exceptions, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rank {
    exceptions: Vec<Exception>,
}

/// Weekdays before a day, from Monday 29 December 1969.
fn weekdays_before(ordinal: i64) -> i64 {
    ordinal.div_euclid(7) * 5 + ordinal.rem_euclid(7).min(5)
}

impl Rank {
    /// From days with what each adds to plain weeks: −1 a weekday off, +1 a weekend day made up.
    pub(super) fn new(days: impl Iterator<Item = (Day, i64)>) -> Self {
        let mut days: Vec<(i64, i64)> = days.map(|(day, adds)| (day.ordinal(), adds)).collect();
        days.sort_unstable();
        let mut drift = 0;
        let exceptions = days.into_iter().map(|(ordinal, adds)| {
            let rank = weekdays_before(ordinal) + drift;
            drift += adds;
            Exception { ordinal, rank, drift, works: adds > 0 }
        });
        Self { exceptions: exceptions.collect() }
    }

    /// Working days before a day.
    pub(crate) fn before(&self, ordinal: i64) -> i64 {
        let passed = self.exceptions.partition_point(|exception| exception.ordinal < ordinal);
        weekdays_before(ordinal) + self.drift(passed)
    }

    /// The working day before which lie exactly so many.
    pub(crate) fn select(&self, rank: i64) -> i64 {
        let passed = self.exceptions.partition_point(|exception| exception.rank <= rank);
        match passed.checked_sub(1).and_then(|last| self.exceptions.get(last)) {
            Some(last) if last.works && last.rank == rank => last.ordinal,
            _ => {
                let weekday = rank - self.drift(passed);
                weekday.div_euclid(5) * 7 + weekday.rem_euclid(5)
            }
        }
    }

    fn drift(&self, passed: usize) -> i64 {
        passed.checked_sub(1).and_then(|last| self.exceptions.get(last)).map_or(0, |last| last.drift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;

    #[test]
    fn every_working_day_is_found_by_its_rank() {
        let mut calendar = Calendar::default();
        let year = "year = 2024\nnotice = \"x\"\n[[off]]\nname = \"国庆节\"\nfrom = \"2024-10-01\"\nto = \"2024-10-07\"\n\
                    [[off]]\nname = \"中秋节\"\nfrom = \"2024-09-15\"\nto = \"2024-09-17\"\n\
                    [[work]]\nname = \"国庆节\"\ndays = [\"2024-09-29\", \"2024-10-12\", \"2024-10-13\"]\n";
        calendar.load("2024.toml", year).unwrap();
        let rank = calendar.rank();
        let mut day = Day::parse("2024-08-20").unwrap();
        let mut expected = rank.before(day.ordinal());
        for _ in 0..90 {
            assert_eq!(rank.before(day.ordinal()), expected, "{day}");
            if calendar.presumed_work_day(day) {
                assert_eq!(rank.select(expected), day.ordinal(), "{day}");
                expected += 1;
            }
            day = day.plus(1);
        }
    }
}
