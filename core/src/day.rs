//! Civil days and moments of the county, UTC+08:00. No clock here: days come from outside.

use std::fmt;

use jiff::civil::{Date, Weekday};
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};

/// The Monday before 1970 began.
const FIRST_MONDAY: Date = Date::constant(1969, 12, 29);

/// A civil day. Encoded and stored as the integer `yyyymmdd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// A day that exists; `None` otherwise.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// From `yyyymmdd`.
    pub fn from_number(number: i64) -> Option<Self> {
        let year = i16::try_from(number / 10_000).ok()?;
        let month = i8::try_from(number / 100 % 100).ok()?;
        let day = i8::try_from(number % 100).ok()?;
        Self::new(year, month, day)
    }

    /// As `yyyymmdd`.
    pub fn number(self) -> i64 {
        i64::from(self.0.year()) * 10_000 + i64::from(self.0.month()) * 100 + i64::from(self.0.day())
    }

    /// Reads `2024-10-26`, and what people type: `2024/10/26`, `2024.10.26`, `2024年10月26日`, `20241026`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Self::from_number(text.parse().ok()?);
        }
        let mut parts = text.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty());
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The civil date.
    pub fn date(self) -> Date {
        self.0
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, from 1.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// `days` later (earlier if negative); clamps at the ends of the calendar.
    pub fn plus(self, days: i64) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(days.clamp(-3_000_000, 3_000_000).days()))
    }

    /// `months` later, clamped to the end of the month as 民法典§202 has it.
    pub fn plus_months(self, months: i64) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(months.clamp(-100_000, 100_000).months()))
    }

    /// Days from `earlier` to `self`; negative if `self` is the earlier one.
    pub fn days_since(self, earlier: Day) -> i64 {
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// Days since Monday 29 December 1969: the line on which days are counted. Its remainder by seven is the weekday.
    pub(crate) fn ordinal(self) -> i64 {
        self.days_since(Self(FIRST_MONDAY))
    }

    /// The day at a place on that line.
    pub(crate) fn at_ordinal(ordinal: i64) -> Self {
        Self(FIRST_MONDAY).plus(ordinal)
    }

    /// `2024年10月26日`.
    pub fn chinese(self) -> String {
        format!("{}年{}月{}日", self.0.year(), self.0.month(), self.0.day())
    }

    /// `星期六`.
    pub fn weekday_chinese(self) -> &'static str {
        match self.0.weekday() {
            Weekday::Monday => "星期一",
            Weekday::Tuesday => "星期二",
            Weekday::Wednesday => "星期三",
            Weekday::Thursday => "星期四",
            Weekday::Friday => "星期五",
            Weekday::Saturday => "星期六",
            Weekday::Sunday => "星期日",
        }
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("expected a day such as 2024-10-26, found `{text}`")))
    }
}

impl<C> Encode<C> for Day {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.i64(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Day {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        Self::from_number(d.i64()?).ok_or_else(|| DecodeError::message("not a day in yyyymmdd"))
    }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Shown in UTC+08:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Moment(#[n(0)] pub i64);

/// China has one zone and no summer time: eight hours, always.
const OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

impl Moment {
    /// The civil day in the county at this moment.
    pub fn day(self) -> Day {
        let days = self.0.saturating_add(OFFSET_MS).div_euclid(DAY_MS);
        Day(Date::constant(1970, 1, 1)).plus(days)
    }

    /// Hour, minute and second in the county.
    pub fn time(self) -> (i64, i64, i64) {
        let seconds = self.0.saturating_add(OFFSET_MS).rem_euclid(DAY_MS) / 1000;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// The same time of day on another day.
    pub fn same_time_on(self, day: Day) -> Self {
        Self(Self::on(day, 0).0 + self.0.saturating_add(OFFSET_MS).rem_euclid(DAY_MS))
    }

    /// Reads `2024-10-26T15:30`, `2024-10-26 15:30` and `…T15:30:00+08:00`: always the county's time.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.trim().split_once(['T', ' '])?;
        let time = time.strip_suffix("+08:00").unwrap_or(time);
        let mut parts = time.split(':');
        let mut part = |below: i64| match parts.next() {
            None => Some(0),
            Some(text) if text.len() == 2 => text.parse().ok().filter(|value| (0..below).contains(value)),
            Some(_) => None,
        };
        let (hour, minute, second) = (part(24)?, part(60)?, part(60)?);
        (parts.next().is_none() && time.contains(':'))
            .then_some(Self::on(Day::parse(day)?, hour * 3_600 + minute * 60 + second))
    }

    /// A moment on a civil day of the county, at a second of that day.
    pub fn on(day: Day, second: i64) -> Self {
        let days = day.days_since(Day(Date::constant(1970, 1, 1)));
        Self(days * DAY_MS + second * 1000 - OFFSET_MS)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, _) = self.time();
        write!(f, "{} {hour:02}:{minute:02}", self.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_what_people_type() {
        for text in ["2024-02-29", "2024/2/29", "2024.02.29", "2024年2月29日", "20240229", " 2024-02-29 "] {
            assert_eq!(Day::parse(text).map(Day::number), Some(20_240_229), "{text}");
        }
        for text in ["", "2023-02-29", "24-02-29", "2024-02", "2024-02-29-1", "二〇二四年"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_belongs_to_the_county_day() {
        let day = Day::parse("2024-10-26").unwrap();
        assert_eq!(Moment::on(day, 0).day(), day);
        assert_eq!(Moment::on(day, 86_399).day(), day);
        assert_eq!(Moment::on(day, 86_400).day(), day.plus(1));
        assert_eq!(Moment::on(day, 3_600 * 9 + 90).time(), (9, 1, 30));
    }

    #[test]
    fn months_clamp_to_their_end() {
        let day = Day::parse("2024-01-31").unwrap();
        assert_eq!(day.plus_months(1).to_string(), "2024-02-29");
        assert_eq!(day.plus_months(13).to_string(), "2025-02-28");
    }
}
