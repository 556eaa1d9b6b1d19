//! Counting a limit on a calendar. Each regime of the statutes is one small function here; none of them steps from
//! day to day ([`super::days`] does, for people and as the check on this).

use super::line::{Gaps, Measure};
use super::{ClockRun, Direction, Exclusion, Unit};
use crate::calendar::{Calendar, MissingYear};
use crate::day::{Day, Moment};

const HOUR_MS: i64 = 3_600_000;

/// When a limit ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// The last day, certain.
    On(Day),
    /// The last moment, for limits in hours.
    At(Moment),
    /// Counted with Monday to Friday for a year whose notice is missing: may warn, never ends a right.
    Provisional {
        /// The day so counted.
        day: Day,
        /// The year without a notice.
        missing_year: i16,
    },
    /// An exclusion lasts: no day can be named yet.
    Suspended,
}

impl Due {
    /// The day, if one can be named.
    pub fn day(self) -> Option<Day> {
        match self {
            Self::On(day) | Self::Provisional { day, .. } => Some(day),
            Self::At(moment) => Some(moment.day()),
            Self::Suspended => None,
        }
    }

    /// The day, only if it is certain: what gates, deemed steps and the end of rights may rest on.
    pub fn certain(self) -> Option<Day> {
        match self {
            Self::On(day) => Some(day),
            Self::At(moment) => Some(moment.day()),
            Self::Provisional { .. } | Self::Suspended => None,
        }
    }
}

/// When, and the complete working as lines of Chinese that read as one paragraph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// When.
    pub due: Due,
    /// Why.
    pub because: Vec<String>,
}

/// Where a count has got to.
#[derive(Clone, Copy, Debug)]
enum Reached {
    /// The last day counted.
    Day(Day),
    /// The last moment counted.
    Moment(Moment),
}

impl Reached {
    fn day(self) -> Day {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.day(),
        }
    }
}

/// One count: the limit, the calendar, and the first year without a notice that was met where it matters.
struct Count<'a> {
    run: &'a ClockRun,
    calendar: &'a Calendar,
    gaps: Gaps,
    missing: Option<MissingYear>,
}

impl Count<'_> {
    fn backward(&self) -> bool {
        self.run.limit.direction == Direction::Backward
    }

    /// Counts one amount on from where the count has got to: the limit itself, then each extension.
    fn onward(&mut self, from: Reached, amount: u32, unit: Unit, first_counts: bool) -> Reached {
        let amount = i64::from(amount);
        match (from, unit) {
            (Reached::Moment(moment), Unit::Hour) => Reached::Moment(self.hours(moment, amount)),
            // Hours behind days begin when the last day has passed.
            (Reached::Day(day), Unit::Hour) if self.backward() => {
                Reached::Moment(self.hours(Moment::on(day, 0), amount))
            }
            (Reached::Day(day), Unit::Hour) => Reached::Moment(self.hours(Moment::on(day.plus(1), 0), amount)),
            (Reached::Day(day), _) => Reached::Day(self.by_day(day, amount, unit, first_counts)),
            (Reached::Moment(moment), _) => {
                Reached::Moment(moment.same_time_on(self.by_day(moment.day(), amount, unit, false)))
            }
        }
    }

    fn by_day(&mut self, from: Day, amount: i64, unit: Unit, first_counts: bool) -> Day {
        match unit {
            Unit::Day | Unit::Hour => self.days(from, amount, false, first_counts),
            Unit::WorkDay => self.days(from, amount, true, first_counts),
            Unit::Month => self.months(from, amount, first_counts),
            Unit::Year => self.months(from, amount.saturating_mul(12), first_counts),
            Unit::Fixed(month, day) => fixed(from, month, day),
        }
    }

    fn days(&mut self, from: Day, amount: i64, work_days: bool, first_counts: bool) -> Day {
        let measure = if work_days { Measure::WorkDays(self.calendar.rank()) } else { Measure::Whole };
        let (calendar, mut missing) = (self.calendar, self.missing);
        let walked = |from: i64, to: i64| {
            if work_days && from < to && missing.is_none() {
                missing = calendar.missing(Day::at_ordinal(from), Day::at_ordinal(to - 1));
            }
        };
        let first = i64::from(!first_counts);
        let end = if self.backward() {
            self.gaps.before(from.ordinal() + 1 - first, amount, measure, walked)
        } else {
            self.gaps.after(from.ordinal() + first, amount, measure, walked) - 1
        };
        self.missing = missing;
        Day::at_ordinal(end)
    }

    /// Months and years: the corresponding day, then as many days more as were excluded on the way.
    fn months(&mut self, from: Day, months: i64, first_counts: bool) -> Day {
        let (start, end) = (from, corresponding(from, if self.backward() { -months } else { months }, first_counts));
        let first = i64::from(!first_counts);
        let lost = if self.backward() {
            self.gaps.within(end.ordinal(), start.ordinal() + 1 - first)
        } else {
            self.gaps.within(start.ordinal() + first, end.ordinal() + 1)
        };
        if lost == 0 { end } else { self.days(end, lost, false, false) }
    }

    fn hours(&self, from: Moment, amount: i64) -> Moment {
        let ms = amount.saturating_mul(HOUR_MS);
        let gaps = self.run.moments_left_out();
        Moment(if self.backward() {
            gaps.before(from.0, ms, Measure::Whole, |_, _| ())
        } else {
            gaps.after(from.0, ms, Measure::Whole, |_, _| ())
        })
    }

    /// The last day moves to the next working day; counted backward, to the one before: never to the party's cost.
    fn rolled(&mut self, end: Day) -> Day {
        let rank = self.calendar.rank();
        let at = end.ordinal();
        let work_days_before = rank.before(at);
        let rolled = if self.calendar.presumed_work_day(end) {
            end
        } else if self.backward() {
            Day::at_ordinal(rank.select(work_days_before - 1))
        } else {
            Day::at_ordinal(rank.select(work_days_before))
        };
        self.missing = self.missing.or_else(|| self.calendar.missing(end.min(rolled), end.max(rolled)));
        rolled
    }
}

/// The day of the last month that has the number of the start, or that month's last day (民法典§202). Where the day of
/// the start counts, the day before.
pub(super) fn corresponding(start: Day, months: i64, first_counts: bool) -> Day {
    let end = start.plus_months(months);
    let clamped = end.number() % 100 != start.number() % 100;
    match (first_counts, months < 0) {
        (false, _) => end,
        (true, true) => end.plus(1),
        (true, false) if clamped => end,
        (true, false) => end.plus(-1),
    }
}

/// The next such calendar date after the start; a 29 February waits for its leap year.
pub(super) fn fixed(start: Day, month: u8, day: u8) -> Day {
    let of = |year: i16| Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    (0..=8).filter_map(|later| of(start.year().saturating_add(later))).find(|end| *end > start).unwrap_or(start)
}

impl ClockRun {
    /// The due day without the working, for lists and projections.
    pub fn due(&self, calendar: &Calendar) -> Due {
        self.count(calendar).1
    }

    /// Counts the limit and says why. Never fails: what cannot be certain says so in [`Due`].
    pub fn deadline(&self, calendar: &Calendar) -> Deadline {
        let (unrolled, due) = self.count(calendar);
        let because = self.because(calendar, unrolled, due);
        Deadline { due, because }
    }

    /// The end before any roll-over, and the end.
    fn count(&self, calendar: &Calendar) -> (Option<Day>, Due) {
        if self.suspended() && self.runs() {
            return (None, Due::Suspended);
        }
        let mut count = Count { run: self, calendar, gaps: self.days_left_out(), missing: None };
        // Hours without a moment begin with their day: the early reading.
        let start = match (self.limit.unit, self.start_at) {
            (Unit::Hour, at) => Reached::Moment(at.unwrap_or_else(|| Moment::on(self.start, 0))),
            _ => Reached::Day(self.start),
        };
        let first_counts = self.limit.start_counts.is_some();
        let mut end = count.onward(start, self.limit.amount, self.limit.unit, first_counts);
        for extension in &self.extensions {
            end = count.onward(end, extension.amount, extension.unit, false);
        }
        let unrolled = end.day();
        let due = match end {
            Reached::Moment(moment) => match count.missing {
                Some(MissingYear(missing_year)) => Due::Provisional { day: unrolled, missing_year },
                None => Due::At(moment),
            },
            Reached::Day(day) => {
                let day = if self.limit.roll.is_some() { count.rolled(day) } else { day };
                match count.missing {
                    Some(MissingYear(missing_year)) => Due::Provisional { day, missing_year },
                    None => Due::On(day),
                }
            }
        };
        (Some(unrolled), due)
    }

    /// Days left out. An interval that nobody ended lasts until the clock was stopped; counting one that still runs is
    /// refused above.
    pub(super) fn days_left_out(&self) -> Gaps {
        let until = |exclusion: &Exclusion| exclusion.until.or(self.stopped).unwrap_or(exclusion.from);
        Gaps::new(self.exclusions.iter().map(|e| (e.from.ordinal(), until(e).ordinal())))
    }

    /// The same for hours: a day without a time of day stands for its first moment.
    pub(super) fn moments_left_out(&self) -> Gaps {
        let until = |exclusion: &Exclusion| exclusion.until.or(self.stopped).unwrap_or(exclusion.from);
        let at = |moment: Option<Moment>, day: Day| moment.unwrap_or_else(|| Moment::on(day, 0)).0;
        Gaps::new(self.exclusions.iter().map(|e| (at(e.from_at, e.from), at(e.until_at, until(e)))))
    }
}
