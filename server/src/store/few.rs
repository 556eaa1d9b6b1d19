//! Registers of few matters, read whole: programs of the credit platform, witnesses, courses, everyday words.
//!
//! Does not belong here: procedures with thousands of matters (`matters.rs` reads those by the page).

use zhunsheng_core::matter::MatterState;

use super::{Query, StoreFault, matters};
use crate::params;

/// Every matter of a procedure that was not voided or merged, oldest first.
pub fn all(q: &impl Query, county: &str, procedure: &str) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT body FROM matter WHERE county_code = $1 AND procedure = $2 AND closed = 0 ORDER BY num",
        params![county, procedure],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, &format!("matter.body of {procedure}"))
}

/// The newest of them whose main track stands in a state, at most so many.
pub fn standing(
    q: &impl Query,
    county: &str,
    (procedure, state): (&str, &str),
    most: i64,
) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT body FROM matter WHERE county_code = $1 AND procedure = $2 AND closed = 0 AND state = $3
         ORDER BY num DESC LIMIT $4",
        params![county, procedure, state, most],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, &format!("matter.body of {procedure}"))
}
