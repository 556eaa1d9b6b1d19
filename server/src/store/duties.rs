//! Duties for legal questions, found by their last day.

use zhunsheng_core::matter::MatterState;

use super::{Query, StoreFault, matters};
use crate::params;

/// Duties for legal questions that are not over on a day and were not cancelled, of two organs: of the one that has a question, and of
/// the one that plans for the whole county.
pub fn list(
    q: &impl Query,
    county: &str,
    (organ, bureau): (&str, &str),
    today: i64,
) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT m.body FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
         WHERE f.county_code = $1 AND f.field = 'duty_until' AND f.until_entry IS NULL AND f.number >= $2
           AND m.closed = 0 AND m.state = 'planned' AND m.organ IN ($3, $4)
         ORDER BY f.number, f.matter",
        params![county, today, organ, bureau],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body of a duty")
}
