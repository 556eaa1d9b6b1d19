//! The play: every simulated day is one transaction, its people act in seeded order, and the clock watch goes round.
//!
//! Does not belong here: what the people do (the scripts).

use std::collections::BTreeMap;
use std::time::Instant;

use zhunsheng_core::day::Day;

use super::chance::Chance;
use super::stage::{Script, Stage};
use super::{Fault, Made, Progress};
use crate::store::digest::hex;
use crate::store::{Db, Tx, matters, record};

/// Clocks that one day may note as expired at once; the rest follows the next day.
const EXPIRED_AT_ONCE: i64 = 5_000;

/// The stage with everybody on it.
pub struct Play {
    /// The stage.
    pub stage: Stage,
    scripts: Vec<Option<Box<dyn Script>>>,
    due: BTreeMap<Day, Vec<usize>>,
}

impl Play {
    /// A play of these scripts.
    #[must_use]
    pub fn new(stage: Stage, scripts: Vec<Box<dyn Script>>) -> Self {
        let mut due: BTreeMap<Day, Vec<usize>> = BTreeMap::new();
        for (position, script) in scripts.iter().enumerate() {
            if let Some(day) = script.next_day() {
                due.entry(day).or_default().push(position);
            }
        }
        Self { stage, scripts: scripts.into_iter().map(Some).collect(), due }
    }

    /// Plays one day.
    fn day(&mut self, tx: &mut Tx<'_>, day: Day) -> Result<(), Fault> {
        let later = self.due.split_off(&day.plus(1));
        let mut today: Vec<usize> = std::mem::replace(&mut self.due, later).into_values().flatten().collect();
        today.sort_unstable();
        let number = u64::try_from(day.number()).unwrap_or(0);
        Chance::new(self.stage.scenario.scenario.seed, "day", number).shuffle(&mut today);
        self.stage.begin_day(day, today.len());
        for (matter, clock) in matters::list_expired(tx, &self.stage.desk.county, day, EXPIRED_AT_ONCE)? {
            self.stage.expire(tx, matter, &clock)?;
        }
        for position in today {
            let Some(slot) = self.scripts.get_mut(position) else { continue };
            let Some(script) = slot.as_mut() else { continue };
            while script.next_day().is_some_and(|next| next <= day) {
                script.act(&mut self.stage, tx)?;
            }
            match script.next_day() {
                Some(next) => self.due.entry(next).or_default().push(position),
                None => *slot = None,
            }
        }
        Ok(())
    }

    /// Plays from a day to a day, both included.
    pub fn run(self, db: &Db, (from, to): (Day, Day), progress: &mut dyn FnMut(Progress)) -> Result<Self, Fault> {
        let days = u32::try_from(to.days_since(from) + 1).unwrap_or(0);
        let mut play = self;
        for offset in 0..days {
            let day = from.plus(i64::from(offset));
            play = db.write_blocking(move |tx| play.day(tx, day).map(|()| play))?;
            progress(Progress { day, acts: play.stage.acts, days_done: offset + 1, days });
        }
        Ok(play)
    }
}

/// What came out.
pub fn sum_up(db: &Db, county: &str, began: Instant) -> Result<Made, Fault> {
    let (acts, root) = db.read_blocking(|r| {
        let head = record::find_head(r, county)?.unwrap_or_default();
        Ok::<_, Fault>((u64::try_from(head.0).unwrap_or(0), hex(&head.1.sha256)))
    })?;
    let seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let acts_per_second = acts as f64 / seconds.max(0.001);
    Ok(Made { acts, seconds, acts_per_second, root })
}
