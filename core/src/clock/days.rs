//! A count day by day: what a person checks a deadline with, and what the tests check [`super::count`] with. It walks
//! where that jumps, on purpose.

use super::count::{corresponding, fixed};
use super::line::Gaps;
use super::{ClockRun, Direction, Due, Unit};
use crate::calendar::Calendar;
use crate::day::{Day, Moment};

/// One day of a count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CountedDay {
    /// The day.
    pub day: Day,
    /// Its place in the limit or in the extension that it belongs to, if it counts.
    pub nth: Option<u32>,
    /// Why it counts or does not.
    pub why: String,
}

struct Walk<'a> {
    run: &'a ClockRun,
    calendar: &'a Calendar,
    gaps: Gaps,
    days: Vec<CountedDay>,
    at: Day,
}

impl Walk<'_> {
    fn step(&self) -> i64 {
        if self.run.limit.direction == Direction::Backward { -1 } else { 1 }
    }

    fn note(&mut self, nth: Option<u32>, why: String) {
        self.days.push(CountedDay { day: self.at, nth, why });
    }

    /// Why the day reached is left out, if an interval leaves it out.
    fn left_out(&self) -> Option<String> {
        let at = self.at.ordinal();
        self.gaps.contains(at).then(|| {
            let by = self.run.exclusions.iter().find(|e| e.from <= self.at && e.until.is_none_or(|u| self.at < u));
            match by.and_then(|by| by.basis.as_ref()) {
                Some(basis) => format!("不计入（{basis}）"),
                None => "不计入".to_owned(),
            }
        })
    }

    /// Steps until so many days have counted, from the nth that has.
    fn days(&mut self, from: u32, amount: u32, work_days: bool, part: &str) {
        let mut nth = from;
        while nth < amount {
            self.at = self.at.plus(self.step());
            if let Some(why) = self.left_out() {
                self.note(None, why);
            } else if work_days && !self.calendar.presumed_work_day(self.at) {
                let why = self.calendar.day_off_name(self.at).unwrap_or_default();
                self.note(None, format!("{why}，不是工作日{}", self.presumed()));
            } else {
                nth += 1;
                let unit = if work_days { "个工作日" } else { "日" };
                let why = format!("{part}第{nth}{unit}{}", if work_days { self.presumed() } else { "" });
                self.note(Some(nth), why);
            }
        }
    }

    fn presumed(&self) -> &'static str {
        if self.calendar.missing(self.at, self.at).is_some() {
            "（放假安排未录入，暂按星期）"
        } else {
            ""
        }
    }

    fn months(&mut self, from: u32, end: Day, lost_before: u32, part: &str) {
        let (mut nth, mut lost) = (from, lost_before);
        while self.at != end {
            self.at = self.at.plus(self.step());
            if let Some(why) = self.left_out() {
                lost += 1;
                self.note(None, why);
            } else {
                nth += 1;
                let last = if self.at == end { "，末月的对应日" } else { "" };
                self.note(Some(nth), format!("{part}第{nth}天{last}"));
            }
        }
        self.days(0, lost, false, "补足不计入的期间，");
    }

    /// One amount. `first` is there if the day of the start belongs to it, and says whether that day counted.
    fn part(&mut self, amount: u32, unit: Unit, first: Option<bool>, part: &str) {
        let counted = u32::from(first == Some(true));
        let months = match unit {
            Unit::Month => amount,
            Unit::Year => amount.saturating_mul(12),
            Unit::Day | Unit::Hour => return self.days(counted, amount, false, part),
            Unit::WorkDay => return self.days(counted, amount, true, part),
            Unit::Fixed(month, day) => return self.months(0, fixed(self.at, month, day), 0, part),
        };
        let end = corresponding(self.at, i64::from(months) * self.step(), first.is_some());
        self.months(counted, end, u32::from(first == Some(false)), part);
    }

    fn roll(&mut self) {
        let Some(basis) = &self.run.limit.roll else { return };
        while !self.calendar.presumed_work_day(self.at) {
            self.at = self.at.plus(self.step());
            let day_off = self.calendar.day_off_name(self.at);
            let why = match day_off {
                Some(name) => format!("{name}，继续顺延"),
                None => format!("顺延至此（{basis}）{}", self.presumed()),
            };
            self.note(None, why);
        }
    }
}

impl ClockRun {
    /// Every day from the start to the end, counted or not, and why. Empty while the count is suspended.
    pub fn days(&self, calendar: &Calendar) -> Vec<CountedDay> {
        if self.suspended() && self.runs() {
            return Vec::new();
        }
        if self.limit.unit == Unit::Hour || self.extensions.iter().any(|e| e.unit == Unit::Hour) {
            return self.hours_by_day(calendar);
        }
        let mut walk = Walk { run: self, calendar, gaps: self.days_left_out(), days: Vec::new(), at: self.start };
        let works = self.limit.unit != Unit::WorkDay || calendar.presumed_work_day(self.start);
        let first = self.limit.start_counts.as_ref().map(|_| works && walk.left_out().is_none());
        let why = if first == Some(true) { "开始的当日，计入" } else { "开始的当日，不计入" };
        walk.note((first == Some(true)).then_some(1), why.to_owned());
        walk.part(self.limit.amount, self.limit.unit, first, "");
        for extension in &self.extensions {
            walk.part(extension.amount, extension.unit, None, "延长期");
        }
        walk.roll();
        walk.days
    }

    /// Hours have no nth day: for each day, how much of it counts.
    fn hours_by_day(&self, calendar: &Calendar) -> Vec<CountedDay> {
        let Due::At(end) = self.due(calendar) else { return Vec::new() };
        let begin = self.start_at.unwrap_or_else(|| Moment::on(self.start, 0));
        let (from, to) = (begin.0.min(end.0), begin.0.max(end.0));
        let gaps = self.moments_left_out();
        let mut days = Vec::new();
        let mut day = Moment(from).day();
        while Moment::on(day, 0).0 < to {
            let (first, last) = (from.max(Moment::on(day, 0).0), to.min(Moment::on(day.plus(1), 0).0));
            let minutes = (last - first - gaps.within(first, last)) / 60_000;
            let left_out = if gaps.within(first, last) > 0 { "，其余依法不计入" } else { "" };
            let why = format!("计入{}小时{}分{left_out}", minutes / 60, minutes % 60);
            days.push(CountedDay { day, nth: None, why });
            day = day.plus(1);
        }
        days
    }
}
