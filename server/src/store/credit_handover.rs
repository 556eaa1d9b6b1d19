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
    /// How often it was asked since something new came.
    pub quiet: u32,
    /// When the platform first took it, machine time in milliseconds; 0: it has not.
    pub delivered_ms: i64,
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
            quiet: 0,
            delivered_ms: 0,
            answered_ms: 0,
            accepted: 0,
            rejected: 0,
            said: String::new(),
        }
    }
}

const COLUMNS: &str =
    "batch, part, person, post, tried_ms, failures, quiet, delivered_ms, answered_ms, accepted, rejected, said";

fn read(row: &Row<'_>) -> Result<HandOver, StoreFault> {
    let id = |index| Ok::<_, StoreFault>(MatterId(u128::from_be_bytes(row.bytes(index)?)));
    let count = |index| {
        let broken = |_| StoreFault::Value { what: "credit_handover".to_owned() };
        u32::try_from(row.int(index)?).map_err(broken)
    };
    Ok(HandOver {
        batch: row.text(0)?,
        part: row.text(1)?,
        by: (id(2)?, id(3)?),
        tried_ms: row.int(4)?,
        failures: count(5)?,
        quiet: count(6)?,
        delivered_ms: row.int(7)?,
        answered_ms: row.int(8)?,
        accepted: row.int(9)?,
        rejected: row.int(10)?,
        said: row.text(11)?,
    })
}

/// Keeps how one goes, and when it is due next; none: not before somebody asks for it.
pub fn put(tx: &mut Tx<'_>, county: &str, known: &HandOver, next_ms: Option<i64>) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO credit_handover (county_code, batch, part, person, post, tried_ms, failures, quiet, delivered_ms, answered_ms,
             accepted, rejected, said, next_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (county_code, batch, part) DO UPDATE SET person = excluded.person, post = excluded.post,
             tried_ms = excluded.tried_ms, failures = excluded.failures, quiet = excluded.quiet,
             delivered_ms = excluded.delivered_ms, answered_ms = excluded.answered_ms, accepted = excluded.accepted,
             rejected = excluded.rejected, said = excluded.said, next_ms = excluded.next_ms",
        params![
            county,
            known.batch.as_str(),
            known.part.as_str(),
            &known.by.0.to_bytes(),
            &known.by.1.to_bytes(),
            known.tried_ms,
            i64::from(known.failures),
            i64::from(known.quiet),
            known.delivered_ms,
            known.answered_ms,
            known.accepted,
            known.rejected,
            known.said.as_str(),
            next_ms
        ],
    )?;
    Ok(())
}

/// Those that are due, the longest due first. What is answered in full and what was given up is never among them.
pub fn list_due(q: &impl Query, county: &str, now_ms: i64) -> Result<Vec<HandOver>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM credit_handover WHERE county_code = $1 AND next_ms <= $2
         ORDER BY next_ms, batch, part LIMIT 100"
    );
    q.query_all(&sql, params![county, now_ms], read)
}

/// One part of a batch.
pub fn find(q: &impl Query, county: &str, batch: &str, part: &str) -> Result<Option<HandOver>, StoreFault> {
    Ok(of_batch(q, county, batch)?.into_iter().find(|known| known.part == part))
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
