//! How long what goes out waits before it is tried again: twice as long each time, up to a bound.
//!
//! Does not belong here: when to give up, which each sender decides for itself.

/// The first wait after a failure, in milliseconds.
const FIRST_MS: i64 = 30_000;
/// The longest wait after failures, in milliseconds.
pub const MOST_MS: i64 = 60 * 60 * 1_000;
/// Longer than any bound, and far from an overflow.
const DOUBLINGS_MAX: u32 = 20;

/// The wait after the nth failure, from 1, in milliseconds.
#[must_use]
pub fn after_failure(nth: u32) -> i64 {
    doubled(FIRST_MS, nth, MOST_MS)
}

/// `first` for the first time and before it, then doubled each time, at most `most`.
#[must_use]
pub fn doubled(first: i64, nth: u32, most: i64) -> i64 {
    first.saturating_mul(1 << nth.saturating_sub(1).min(DOUBLINGS_MAX)).min(most)
}
