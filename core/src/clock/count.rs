//! Counting a limit on a calendar. Each regime of the statutes is one small function here.

use super::{ClockRun, Direction, Extension, Unit};
use crate::calendar::{Calendar, MissingYear};
use crate::day::{Day, Moment};

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

/// A position while counting: the last counted day, and the first missing year met on the way.
struct Walk<'a> {
    run: &'a ClockRun,
    calendar: &'a Calendar,
    missing: Option<MissingYear>,
}

impl Walk<'_> {
    /// An interval that nobody ended lasts until the clock was stopped; counting one that still runs is refused above.
    fn excluded(&self, day: Day) -> bool {
        let ends = |e: &super::Exclusion| e.until.or(self.run.stopped).unwrap_or(e.from);
        self.run.exclusions.iter().any(|e| day >= e.from && day < ends(e))
    }

    /// Monday to Friday stands in for a missing year, and the answer is marked provisional.
    fn works(&mut self, day: Day) -> bool {
        self.calendar.is_work_day(day).unwrap_or_else(|missing| {
            self.missing.get_or_insert(missing);
            !day.is_weekend()
        })
    }

    /// Steps day by day until `amount` days that count have passed.
    fn count(&mut self, start: Day, amount: u32, step: i64, work_days: bool) -> Day {
        let mut day = start;
        let mut left = amount;
        while left > 0 {
            day = day.plus(step);
            if self.excluded(day) || (work_days && !self.works(day)) {
                continue;
            }
            left -= 1;
        }
        day
    }

    /// Months and years: the corresponding day, then as many days more as were excluded on the way.
    fn months(&mut self, start: Day, months: i64, step: i64) -> Day {
        let end = start.plus_months(months * step);
        let mut day = start;
        let mut lost = 0;
        while day != end {
            day = day.plus(step);
            lost += u32::from(self.excluded(day));
        }
        self.count(end, lost, step, false)
    }

    fn advance(&mut self, start: Day, amount: u32, unit: Unit) -> Day {
        let step = if self.run.limit.direction == Direction::Backward { -1 } else { 1 };
        match unit {
            Unit::Day => self.count(start, amount, step, false),
            Unit::WorkDay => self.count(start, amount, step, true),
            Unit::Month => self.months(start, i64::from(amount), step),
            Unit::Year => self.months(start, i64::from(amount) * 12, step),
            Unit::Hour => start.plus(step * i64::from(amount.div_ceil(24))),
            Unit::Fixed(month, day) => fixed(start, month, day),
        }
    }
}

/// The next such calendar date after the start.
fn fixed(start: Day, month: u8, day: u8) -> Day {
    let of = |year: i16| Day::new(year, i8::try_from(month).unwrap_or(1), i8::try_from(day).unwrap_or(1));
    [start.year(), start.year().saturating_add(1)].into_iter().filter_map(of).find(|end| *end > start).unwrap_or(start)
}

impl ClockRun {
    /// The due day without the working, for lists and projections.
    pub fn due(&self, calendar: &Calendar) -> Due {
        self.count(calendar).1
    }

    /// Counts the limit and says why. Never fails: what cannot be certain says so in [`Due`].
    pub fn deadline(&self, calendar: &Calendar) -> Deadline {
        let (unrolled, due) = self.count(calendar);
        let because = self.because(unrolled.map(|day| (day, calendar)), Some(due));
        Deadline { due, because }
    }

    /// The end before any roll-over, and the end.
    fn count(&self, calendar: &Calendar) -> (Option<Day>, Due) {
        if self.suspended() && self.runs() {
            return (None, Due::Suspended);
        }
        if let (Unit::Hour, Some(at)) = (self.limit.unit, self.start_at) {
            let hours = self.extensions.iter().filter(|e| e.unit == Unit::Hour).map(|e| e.amount).sum::<u32>();
            let end = at.0.saturating_add(i64::from(self.limit.amount.saturating_add(hours)) * 3_600_000);
            return (None, Due::At(Moment(end)));
        }
        let mut walk = Walk { run: self, calendar, missing: None };
        let mut end = walk.advance(self.start, self.limit.amount, self.limit.unit);
        for Extension { amount, unit, .. } in &self.extensions {
            end = walk.advance(end, *amount, *unit);
        }
        let unrolled = end;
        if self.limit.roll.is_some() {
            while !walk.works(end) {
                end = end.plus(1);
            }
        }
        let due = match walk.missing {
            Some(MissingYear(missing_year)) => Due::Provisional { day: end, missing_year },
            None => Due::On(end),
        };
        (Some(unrolled), due)
    }
}
