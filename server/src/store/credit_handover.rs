//! Handing batches over to the credit platform: which were given to it, how often it was tried, what came back.
//!
//! Does not belong here: asking it, and what an answer means (`app/credit/handover.rs`).

use zhunsheng_core::id::{MatterId, PersonId, PostId};

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A part of a batch on its way to the platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandOver {
    /// The batch.
    pub batch: String,
    /// The file of it: `penalty`, `penalty-withdrawal`.
    pub part: String,
    /// Who gave it over, and in which post: the receipts are entered as theirs.
    pub by: (PersonId, PostId),
    /// When it was tried last, machine time in milliseconds; 0: never.
    pub tried_ms: i64,
    /// Failures since the last success.
    pub failures: u32,
    /// When the last line was answered; 0: not all are.
    pub answered_ms: i64,
    /// Lines that the platform took.
    pub accepted: i64,
    /// Lines that it returned.
    pub rejected: i64,
    /// What was said last, in words without a full stop; empty: nothing.
    pub said: String,
}

impl HandOver {
    /// One that has not been tried.
    #[must_use]
    pub fn new(batch: &str, part: &str, by: (PersonId, PostId)) -> Self {
        Self {
            batch: batch.to_owned(),
            part: part.to_owned(),
            by,
            tried_ms: 0,
            failures: 0,
            answered_ms: 0,
            accepted: 0,
            rejected: 0,
            said: String::new(),
        }
    }
}

const COLUMNS: &str = "batch, part, person, post, tried_ms, failures, answered_ms, accepted, rejected, said";

fn read(row: &Row<'_>) -> Result<HandOver, StoreFault> {
    let id = |index| Ok::<_, StoreFault>(MatterId(u128::from_be_bytes(row.bytes(index)?)));
    let failures = u32::try_from(row.int(5)?);
    Ok(HandOver {
        batch: row.text(0)?,
        part: row.text(1)?,
        by: (id(2)?, id(3)?),
        tried_ms: row.int(4)?,
        failures: failures.map_err(|_| StoreFault::Value { what: "credit_handover.failures".to_owned() })?,
        answered_ms: row.int(6)?,
        accepted: row.int(7)?,
        rejected: row.int(8)?,
        said: row.text(9)?,
    })
}

/// Keeps how one goes.
pub fn put(tx: &mut Tx<'_>, county: &str, known: &HandOver) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO credit_handover (county_code, batch, part, person, post, tried_ms, failures, answered_ms, accepted, rejected, said)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (county_code, batch, part) DO UPDATE SET person = excluded.person, post = excluded.post,
             tried_ms = excluded.tried_ms, failures = excluded.failures, answered_ms = excluded.answered_ms,
             accepted = excluded.accepted, rejected = excluded.rejected, said = excluded.said",
        params![
            county,
            known.batch.as_str(),
            known.part.as_str(),
            &known.by.0.to_bytes(),
            &known.by.1.to_bytes(),
            known.tried_ms,
            i64::from(known.failures),
            known.answered_ms,
            known.accepted,
            known.rejected,
            known.said.as_str()
        ],
    )?;
    Ok(())
}

/// Those that are not answered in full, the oldest first.
pub fn list_open(q: &impl Query, county: &str) -> Result<Vec<HandOver>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM credit_handover WHERE county_code = $1 AND answered_ms = 0 ORDER BY batch, part LIMIT 100"
    );
    q.query_all(&sql, params![county], read)
}

/// Those of the newest batches.
pub fn list_newest(q: &impl Query, county: &str, limit: i64) -> Result<Vec<HandOver>, StoreFault> {
    let sql =
        format!("SELECT {COLUMNS} FROM credit_handover WHERE county_code = $1 ORDER BY batch DESC, part LIMIT $2");
    q.query_all(&sql, params![county, limit], read)
}

/// The parts of a batch that were handed over.
pub fn of_batch(q: &impl Query, county: &str, batch: &str) -> Result<Vec<HandOver>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM credit_handover WHERE county_code = $1 AND batch = $2 ORDER BY part");
    q.query_all(&sql, params![county, batch], read)
}
