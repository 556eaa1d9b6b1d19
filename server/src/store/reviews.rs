//! Case-file reviews and what stands beside them, found by a fact that names another matter; numbers of instruments.
//!
//! Does not belong here: what a review says (`app/reviewing/`).

use zhunsheng_core::matter::MatterState;

use super::{Query, StoreFault, matters};
use crate::params;

/// Matters of a procedure, not voided, in which a field has a value now; oldest first.
pub fn with_fact(
    q: &impl Query,
    county: &str,
    procedure: &str,
    (field, value): (&str, &str),
) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT m.body FROM matter m JOIN fact f ON f.county_code = m.county_code AND f.matter = m.id
         WHERE m.county_code = $1 AND m.procedure = $2 AND m.closed = 0
           AND f.field = $3 AND f.value = $4 AND f.until_entry IS NULL
         ORDER BY m.num",
        params![county, procedure, field, value],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body")
}

/// Whether an organ has issued an instrument with this number.
pub fn is_issued(
    q: &impl Query,
    county: &str,
    (organ, kind, year): (&str, &str, i64),
    number: &str,
) -> Result<bool, StoreFault> {
    let found = q.query_one(
        "SELECT count(*) FROM instrument WHERE county_code = $1 AND organ = $2 AND kind = $3 AND year = $4 AND text = $5",
        params![county, organ, kind, year, number],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0) > 0)
}
