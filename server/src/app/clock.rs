//! The two clocks, both injected. Code takes the one that it names.
//!
//! *Machine time* serves sessions, locks and limits. *County time* serves legal and recorded dates and deadlines; in
//! a demonstration county it stands on a fixed day that can be advanced. Nothing else in the house asks what time it
//! is (clippy.toml forbids it).

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use zhunsheng_core::day::Moment;

use crate::store::{Query, StoreFault, settings};

/// The setting that holds a demonstration county's day.
pub const DEMO_TODAY: &str = "demo.today";

/// Chinese legal time: +08:00 all year.
#[must_use]
pub fn china() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// A second of machine time in the county, to the minute: `2024-10-26 09:05`.
#[must_use]
pub fn minute(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(china());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Machine time.
#[derive(Clone, Debug)]
pub enum MachineClock {
    /// The computer's clock.
    System,
    /// A clock in a test's hand, in milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl MachineClock {
    /// A clock that moves only by [`MachineClock::advance`].
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// The instant.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the computer for the time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(at) => Timestamp::from_millisecond(at.load(Ordering::Relaxed)).unwrap_or(Timestamp::MAX),
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Moves a fixed clock forward; the computer's clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Self::Fixed(at) = self {
            let millis = i64::try_from(by.as_millis()).unwrap_or(0);
            at.fetch_add(millis, Ordering::Relaxed);
        }
    }
}

/// County time.
#[derive(Clone, Debug)]
pub enum CountyClock {
    /// A real county: the machine's instant in +08:00.
    Real(MachineClock),
    /// A demonstration: a day that stands still until somebody advances it; the time of day is the machine's, unless
    /// the simulator sets it.
    Demonstration(Arc<DemoDay>),
}

/// The day of a demonstration.
#[derive(Debug)]
pub struct DemoDay {
    today: RwLock<Date>,
    /// Minutes after midnight, or [`FREE`].
    minute: AtomicU32,
    machine: MachineClock,
}

/// No minute is set: the time of day is the machine's.
const FREE: u32 = u32::MAX;

impl CountyClock {
    /// The clock of a real county.
    #[must_use]
    pub fn real(machine: MachineClock) -> Self {
        Self::Real(machine)
    }

    /// The clock of a demonstration that stands on `today`.
    #[must_use]
    pub fn demonstration(today: Date, machine: MachineClock) -> Self {
        Self::Demonstration(Arc::new(DemoDay { today: RwLock::new(today), minute: AtomicU32::new(FREE), machine }))
    }

    /// The clock that the stored setting asks for: a demonstration if [`DEMO_TODAY`] is set, else a real county's.
    pub fn load(q: &impl Query, county: &str, machine: MachineClock) -> Result<Self, StoreFault> {
        match settings::find(q, county, DEMO_TODAY)? {
            None => Ok(Self::real(machine)),
            Some(text) => match text.parse::<Date>() {
                Ok(today) => Ok(Self::demonstration(today, machine)),
                Err(_) => Err(StoreFault::Value { what: DEMO_TODAY.to_owned() }),
            },
        }
    }

    /// Whether this is a demonstration.
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        matches!(self, Self::Demonstration(_))
    }

    /// Today in the county.
    #[must_use]
    pub fn today(&self) -> Date {
        match self {
            Self::Real(_) => self.now().date(),
            Self::Demonstration(day) => *day.today.read().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Date and time in the county.
    #[must_use]
    pub fn now(&self) -> DateTime {
        match self {
            Self::Real(machine) => machine.now().to_zoned(china()).datetime(),
            Self::Demonstration(day) => {
                let minute = day.minute.load(Ordering::Relaxed);
                let machine = day.machine.now().to_zoned(china()).time();
                let set = i8::try_from(minute / 60).ok().zip(i8::try_from(minute % 60).ok());
                let time = set.and_then(|(h, m)| jiff::civil::Time::new(h, m, 0, 0).ok()).unwrap_or(machine);
                self.today().to_datetime(time)
            }
        }
    }

    /// Now in the county, as it is recorded: whole seconds.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let now = self.now();
        let seconds = i64::from(now.hour()) * 3_600 + i64::from(now.minute()) * 60 + i64::from(now.second());
        Moment::on(now.date().into(), seconds)
    }

    /// Moves a demonstration's day; never back, so that recorded dates keep their order. Returns the day it stands on.
    pub fn advance_to(&self, day: Date) -> Date {
        if let Self::Demonstration(demo) = self {
            let mut today = demo.today.write().unwrap_or_else(PoisonError::into_inner);
            *today = day.max(*today);
        }
        self.today()
    }

    /// Sets a demonstration's time of day (`None`: the machine's). For the simulator and tests.
    pub fn set_time(&self, hour_minute: Option<(u32, u32)>) {
        if let Self::Demonstration(demo) = self {
            demo.minute.store(hour_minute.map_or(FREE, |(hour, minute)| hour * 60 + minute), Ordering::Relaxed);
        }
    }
}
