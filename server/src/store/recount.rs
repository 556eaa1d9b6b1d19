//! Due days after a change of calendar: the same projection as of an act, only of due days, so that a rebuild gives the
//! same tables.

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Due};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{ClockId, Digest, MatterId};

use super::matters::{find_state, id_of};
use super::project::nearest_due;
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
    /// The definition it keeps.
    pub definition: Digest,
    /// The clock.
    pub clock: ClockId,
    /// What was shown.
    pub old: Shown,
    /// What is shown now.
    pub new: Shown,
}

/// Counts every clock again whose span meets the days from `from` to `to`; what moved, if it still runs.
pub fn recount(
    tx: &mut Tx<'_>,
    county: &str,
    calendar: &Calendar,
    from: Day,
    to: Day,
) -> Result<Vec<Moved>, StoreFault> {
    let met = tx.query_all(
        "SELECT id, title FROM matter WHERE county_code = $1 AND id IN (
           SELECT matter FROM clock_run WHERE county_code = $1
             AND (start_day >= $2 OR due_day >= $2) AND (start_day <= $3 OR due_day <= $3)) ORDER BY num",
        params![county, from.number(), to.number()],
        |row| Ok((id_of(&row.blob(0)?)?, row.text(1)?)),
    )?;
    let mut moved = Vec::new();
    for (matter, title) in met {
        let Some(state) = find_state(tx, county, matter)? else { continue };
        let before = moved.len();
        let mut ended_moved = false;
        for (n, run) in (0i64..).zip(&state.clocks) {
            if let Some((old, new)) = recount_one(tx, county, matter, n, run, calendar)? {
                ended_moved |= !run.runs();
                if run.runs() {
                    let (title, definition, clock) = (title.clone(), state.definition, run.clock.clone());
                    moved.push(Moved { matter, title, definition, clock, old, new });
                }
            }
        }
        if moved.len() > before || ended_moved {
            let (due, provisional) = nearest_due(&state, calendar).unzip();
            tx.send(
                "UPDATE matter SET due_day = $3, provisional = $4 WHERE county_code = $1 AND id = $2",
                params![county, &matter.to_bytes(), due, i64::from(provisional.unwrap_or(false))],
            )?;
        }
    }
    Ok(moved)
}

/// Rewrites one row if its due day is another now.
fn recount_one(
    tx: &mut Tx<'_>,
    county: &str,
    matter: MatterId,
    n: i64,
    run: &ClockRun,
    calendar: &Calendar,
) -> Result<Option<(Shown, Shown)>, StoreFault> {
    let id = matter.to_bytes();
    let old = tx.query_one(
        "SELECT due_day, provisional FROM clock_run WHERE county_code = $1 AND matter = $2 AND run = $3",
        params![county, &id, n],
        |row| Ok(Shown { day: row.opt_int(0)?.and_then(Day::from_number), provisional: row.flag(1)? }),
    )?;
    let new = Shown::from(run.due(calendar));
    let Some(old) = old.filter(|old| *old != new) else { return Ok(None) };
    tx.send(
        "UPDATE clock_run SET due_day = $4, provisional = $5 WHERE county_code = $1 AND matter = $2 AND run = $3",
        params![county, &id, n, new.day.map(Day::number), i64::from(new.provisional)],
    )?;
    Ok(Some((old, new)))
}
