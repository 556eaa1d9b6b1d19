//! Latencies: collected by every client, told as percentiles.

use serde::Serialize;

/// Microseconds of each answered request.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<u32>);

/// What a sample says. Times are milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Told {
    /// Answers.
    pub count: usize,
    /// Half of them were there within this time.
    pub p50_ms: f64,
    /// 95 of 100.
    pub p95_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Sample {
    /// Adds one.
    pub fn add(&mut self, took: std::time::Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds those of another client.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Percentiles: the value at rank ⌈p·n⌉.
    pub fn tell(&self) -> Told {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
        };
        Told { count: sorted.len(), p50_ms: at(50), p95_ms: at(95), p99_ms: at(99), max_ms: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::Sample;
    use std::time::Duration;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut sample = Sample::default();
        (1..=200).rev().for_each(|millis| sample.add(Duration::from_millis(millis)));
        let told = sample.tell();
        assert_eq!((told.count, told.p50_ms, told.p95_ms, told.p99_ms, told.max_ms), (200, 100.0, 190.0, 198.0, 200.0));
        assert_eq!(Sample::default().tell().max_ms, 0.0);
    }
}
