//! Seeded chance: every matter, person and day has its own stream, so that one draw more in one never moves another.
//!
//! Does not belong here: identities and salts of the record (`app::county::Entropy`).

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

use super::scenario::{Delay, Shares};

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream for a purpose (`mediation`, 17) under the scenario's seed.
    #[must_use]
    pub fn new(seed: u64, purpose: &str, n: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(n.to_be_bytes());
        hash.update(purpose.as_bytes());
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// At least 0 and below 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// At least `low`, at most `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.0.next_u64() % width).unwrap_or(0))
    }

    /// A position below `count`; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.between(0, i64::try_from(count).unwrap_or(1).saturating_sub(1).max(0))).unwrap_or(0)
    }

    /// Whether something with this share happens.
    pub fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of several; `None` if there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// One by weight.
    pub fn weighted<'a, T>(&mut self, items: &'a [T], weight: impl Fn(&T) -> f64) -> Option<&'a T> {
        let total: f64 = items.iter().map(&weight).sum();
        let mut left = self.unit() * total;
        items
            .iter()
            .find(|item| {
                left -= weight(item);
                left < 0.0
            })
            .or_else(|| items.iter().rev().find(|item| weight(item) > 0.0))
    }

    /// A code by its share.
    pub fn share<'a>(&mut self, shares: &'a Shares) -> &'a str {
        let all: Vec<(&str, f64)> = shares.iter().map(|(code, share)| (code.as_str(), *share)).collect();
        self.weighted(&all, |(_, share)| *share).map_or("", |(code, _)| code)
    }

    /// A triangular number of days (or pages).
    pub fn delay(&mut self, delay: &Delay) -> i64 {
        let span = i32::try_from(delay.max - delay.min).unwrap_or(0);
        let peak = i32::try_from(delay.typical - delay.min).unwrap_or(0);
        if span <= 0 {
            return delay.min;
        }
        let (span, peak) = (f64::from(span) + 0.999, f64::from(peak) + 0.5);
        let at = self.unit();
        let drawn = if at < peak / span {
            (at * span * peak).sqrt()
        } else {
            span - ((1.0 - at) * span * (span - peak)).sqrt()
        };
        #[allow(clippy::cast_possible_truncation, reason = "between 0 and a few hundred")]
        let drawn = drawn.floor() as i64;
        delay.min + drawn.clamp(0, delay.max - delay.min)
    }

    /// Puts a list into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}
