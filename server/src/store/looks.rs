//! How often parties looked at their matter: a count by day, no act.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;

use super::{Query, StoreFault, Tx};
use crate::params;

/// Counts one look.
pub fn count(tx: &mut Tx<'_>, county: &str, matter: MatterId, day: Day) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO look (county_code, matter, day, looks) VALUES ($1, $2, $3, 1)
         ON CONFLICT (county_code, matter, day) DO UPDATE SET looks = look.looks + 1",
        params![county, &matter.to_bytes(), day.number()],
    )?;
    Ok(())
}

/// All looks at a matter.
pub fn total(q: &impl Query, county: &str, matter: MatterId) -> Result<i64, StoreFault> {
    let days = q.query_all(
        "SELECT looks FROM look WHERE county_code = $1 AND matter = $2",
        params![county, &matter.to_bytes()],
        |row| row.int(0),
    )?;
    Ok(days.into_iter().sum())
}
