//! Due days after a change of calendar: the same projection as of an act, only of due days, so that a rebuild gives the
//! same tables.

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Due};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{ClockId, Digest, MatterId};

use super::matters::{find_state, id_of};
use super::project::{NO_DUE, nearest_due};
use super::{Query, StoreFault, Tx};
use crate::params;

/// A due day as a list shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The day, if one can be named.
    pub day: Option<Day>,
    /// Whether it is provisional.
    pub provisional: bool,
}

impl From<Due> for Shown {
    fn from(due: Due) -> Self {
        Self { day: due.day(), provisional: matches!(due, Due::Provisional { .. }) }
    }
}

/// A running clock whose due day moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The matter.
    pub matter: MatterId,
    /// Its title, natural persons masked.
    pub title: String,
    /// The number of its last instrument.
    pub number: Option<String>,
    /// The definition it keeps.
    pub definition: Digest,
    /// The clock.
    pub clock: ClockId,
    /// What was shown.
    pub old: Shown,
    /// What is shown now.
    pub new: Shown,
}

/// One calendar in the place of another, and the days of which they may speak differently.
#[derive(Clone, Copy, Debug)]
pub struct Change<'c> {
    before: &'c Calendar,
    after: &'c Calendar,
    from: Day,
    to: Day,
}

impl<'c> Change<'c> {
    /// From one calendar to another; `None` if both have the same notices. A notice begins in December of the year
    /// before and may reach into January of the next.
    #[must_use]
    pub fn between(before: &'c Calendar, after: &'c Calendar) -> Option<Self> {
        let years = before.changed_years(after);
        let (first, last) = (years.first()?, years.last()?);
        let (from, to) = (Day::new(first.saturating_sub(1), 12, 1)?, Day::new(last.saturating_add(1), 1, 31)?);
        Some(Self { before, after, from, to })
    }
}

/// The clocks that ran when the record had `size` entries and whose due day the change moves, in the order of their
/// matters.
pub fn moves(q: &impl Query, county: &str, change: &Change<'_>, size: i64) -> Result<Vec<Moved>, StoreFault> {
    let met = q.query_all(
        "SELECT c.matter, c.run, m.title, m.number FROM clock_run c
           JOIN matter m ON m.county_code = c.county_code AND m.id = c.matter
         WHERE c.county_code = $1 AND (c.start_day >= $2 OR c.due_day >= $2) AND (c.start_day <= $3 OR c.due_day <= $3)
           AND c.from_entry < $4 AND (c.until_entry IS NULL OR c.until_entry >= $4) AND m.closed = 0
         ORDER BY m.num, c.run",
        params![county, change.from.number(), change.to.number(), size],
        |row| Ok((id_of(&row.blob(0)?)?, row.int(1)?, row.text(2)?, row.opt_text(3)?)),
    )?;
    let mut moved = Vec::new();
    for (matter, n, title, number) in met {
        let Some(state) = find_state(q, county, matter)? else { continue };
        let Some(run) = usize::try_from(n).ok().and_then(|n| state.clocks.get(n)) else { continue };
        let (old, new) = (Shown::from(run.due(change.before)), Shown::from(run.due(change.after)));
        if old != new {
            moved.push(Moved {
                matter,
                title,
                number,
                definition: state.definition,
                clock: run.clock.clone(),
                old,
                new,
            });
        }
    }
    Ok(moved)
}

/// Counts every clock again that the change can move, also those that have ended; returns what moved of those that run.
pub fn recount(tx: &mut Tx<'_>, county: &str, change: &Change<'_>) -> Result<Vec<Moved>, StoreFault> {
    let moved = moves(tx, county, change, i64::MAX)?;
    let met = tx.query_all(
        "SELECT DISTINCT matter FROM clock_run WHERE county_code = $1
           AND (start_day >= $2 OR due_day >= $2) AND (start_day <= $3 OR due_day <= $3) ORDER BY matter",
        params![county, change.from.number(), change.to.number()],
        |row| id_of(&row.blob(0)?),
    )?;
    for matter in met {
        let Some(state) = find_state(tx, county, matter)? else { continue };
        let mut any = false;
        for (n, run) in (0i64..).zip(&state.clocks) {
            any |= recount_one(tx, county, matter, n, run, change.after)?;
        }
        if any {
            let (due, provisional) = nearest_due(&state, change.after).unzip();
            tx.send(
                "UPDATE matter SET due_day = $3, provisional = $4 WHERE county_code = $1 AND id = $2",
                params![county, &matter.to_bytes(), due, i64::from(provisional.unwrap_or(false))],
            )?;
            tx.send(
                "UPDATE todo SET due_day = $3, provisional = $4 WHERE county_code = $1
                   AND num = (SELECT m.num FROM matter m WHERE m.county_code = $1 AND m.id = $2)",
                params![county, &matter.to_bytes(), due.unwrap_or(NO_DUE), i64::from(provisional.unwrap_or(false))],
            )?;
        }
    }
    Ok(moved)
}

/// Rewrites one row; whether its due day is another now.
fn recount_one(
    tx: &mut Tx<'_>,
    county: &str,
    matter: MatterId,
    n: i64,
    run: &ClockRun,
    calendar: &Calendar,
) -> Result<bool, StoreFault> {
    let new = Shown::from(run.due(calendar));
    let (day, provisional) = (new.day.map(Day::number), i64::from(new.provisional));
    let rewritten = tx.execute(
        "UPDATE clock_run SET due_day = $4, provisional = $5 WHERE county_code = $1 AND matter = $2 AND run = $3
           AND (provisional <> $5 OR due_day IS NULL AND $4 IS NOT NULL OR due_day IS NOT NULL AND $4 IS NULL
             OR due_day <> $4)",
        params![county, &matter.to_bytes(), n, day, provisional],
    )?;
    Ok(rewritten > 0)
}
