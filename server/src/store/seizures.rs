//! What is seized now: the question that a seizure asks before it takes a thing.
//!
//! Does not belong here: when two things are the same (`app/seizing.rs`).

use zhunsheng_core::matter::MatterState;

use super::{Query, StoreFault, matters};
use crate::params;

/// The procedure.
pub const SEIZURE: &str = "seizure";

/// Seizures of the county that have not ended. Thirty days bound how many there are.
pub fn held(q: &impl Query, county: &str) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT body FROM matter WHERE county_code = $1 AND procedure = 'seizure' AND state = 'held' AND closed = 0 ORDER BY num",
        params![county],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body")
}
