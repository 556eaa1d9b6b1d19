//! Whether a real county's clock can be believed. What is recorded never goes back in time, and while the computer's clock
//! contradicts the record, or itself, nothing is recorded: a false day in the record would be there for ever, and a leap
//! forward would end people's rights by deemed steps.
//!
//! Two witnesses: the newest entry, and the monotonic clock since this process began. Does not belong here: the clocks
//! themselves (`clock.rs`); a demonstration, whose day stands where people put it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use zhunsheng_core::day::Moment;

use super::clock::MachineClock;
use super::fault::Fault;

/// Corrections by a time service are smaller; what is recorded meanwhile keeps the newest entry's moment.
const SKEW_MAX_MS: i64 = 5 * 60_000;
/// A county that was closed for longer than this was more likely given a wrong date.
const SILENCE_MAX_MS: i64 = 400 * 86_400_000;

/// What this process knows of the time besides the clock's word.
#[derive(Debug)]
pub struct Steady {
    /// The newest recorded moment.
    newest: AtomicI64,
    /// When the process began: by the monotonic clock, and by the computer's. None for a clock in a test's hand.
    began: Option<(Instant, i64)>,
}

impl Steady {
    /// At the start of a process, with the newest entry's moment.
    #[must_use]
    pub fn new(newest: Option<Moment>, machine: &MachineClock) -> Self {
        let began = matches!(machine, MachineClock::System).then(|| (Instant::now(), machine.millis()));
        Self { newest: AtomicI64::new(newest.map_or(i64::MIN, |moment| moment.0)), began }
    }

    /// Whether the clock's word can be believed. Errors: [`Fault::Clock`].
    pub fn check(&self, now: Moment) -> Result<(), Fault> {
        let newest = self.newest.load(Ordering::Acquire);
        if now.0.saturating_add(SKEW_MAX_MS) < newest {
            return Err(Fault::Clock { now, wrong: "早于最近一项记录" });
        }
        if let Some((began, millis)) = self.began {
            let passed = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
            let expected = millis.saturating_add(passed);
            if now.0.abs_diff(expected) > SKEW_MAX_MS.unsigned_abs() {
                return Err(Fault::Clock { now, wrong: "在运行中跳变" });
            }
        }
        Ok(())
    }

    /// The moment to record an act under: never before the newest. Called in the writer only. Errors: as [`Self::check`].
    pub fn record(&self, now: Moment) -> Result<Moment, Fault> {
        self.check(now)?;
        let before = self.newest.fetch_max(now.0, Ordering::AcqRel);
        Ok(Moment(now.0.max(before)))
    }

    /// Another process has recorded so far.
    pub fn follow(&self, newest: Moment) {
        self.newest.fetch_max(newest.0, Ordering::AcqRel);
    }

    /// Whether so much time has passed since the newest entry that a wrong date is more likely than a closed county.
    #[must_use]
    pub fn is_long_silent(&self, now: Moment) -> bool {
        let newest = self.newest.load(Ordering::Acquire);
        newest != i64::MIN && now.0.saturating_sub(newest) > SILENCE_MAX_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment(1_764_216_000_000);

    fn after(ms: i64) -> Moment {
        Moment(NOON.0 + ms)
    }

    fn steady() -> Steady {
        Steady::new(Some(NOON), &MachineClock::fixed(jiff::Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn what_is_recorded_never_goes_back() {
        let steady = steady();
        assert_eq!(steady.record(after(1_000)).unwrap(), after(1_000));
        assert_eq!(steady.record(after(-60_000)).unwrap(), after(1_000), "a correction");
        assert_eq!(steady.record(after(2_000)).unwrap(), after(2_000));
        for back in [SKEW_MAX_MS, 3_600_000, 3_650 * 86_400_000] {
            assert!(matches!(steady.record(after(-back)), Err(Fault::Clock { .. })), "{back}");
        }
        assert_eq!(steady.record(after(3_000)).unwrap(), after(3_000), "set right, it goes on");
    }

    #[test]
    fn a_running_process_sees_a_leap() {
        let machine = MachineClock::System;
        let steady = Steady::new(None, &machine);
        let now = machine.millis();
        assert!(steady.check(Moment(now)).is_ok());
        for leap in [SKEW_MAX_MS + 60_000, -SKEW_MAX_MS - 60_000, 3_650 * 86_400_000] {
            assert!(matches!(steady.check(Moment(now + leap)), Err(Fault::Clock { .. })), "{leap}");
        }
    }

    #[test]
    fn a_long_silence_is_noticed() {
        assert!(!steady().is_long_silent(after(90 * 86_400_000)));
        assert!(steady().is_long_silent(after(3_650 * 86_400_000)));
        assert!(!Steady::new(None, &MachineClock::System).is_long_silent(NOON));
    }
}
