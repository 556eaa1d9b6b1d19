//! The checkpoints that a county has signed: the newest, the last of every day, and those that were deposited elsewhere.
//!
//! Between two of them lie at most half a second's acts, so most go again: what is left of a day is its last one. Day means the
//! one on which the last covered entry was recorded.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::Both;

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A checkpoint as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredCheckpoint {
    /// Leaves.
    pub size: u64,
    /// Their roots.
    pub roots: Both<Digest>,
    /// The signed notes.
    pub notes: Both<String>,
    /// When the last of its entries was recorded.
    pub day: Day,
    /// When it was sealed, machine time, milliseconds since 1970.
    pub sealed_ms: i64,
    /// It lies elsewhere too, and is never removed.
    pub kept: bool,
}

fn wrong(what: &str) -> StoreFault {
    StoreFault::Value { what: format!("checkpoint.{what}") }
}

fn stored(row: &Row<'_>) -> Result<StoredCheckpoint, StoreFault> {
    let digest = |bytes: Vec<u8>| Digest::from_bytes(&bytes).ok_or_else(|| wrong("root"));
    Ok(StoredCheckpoint {
        size: u64::try_from(row.int(0)?).map_err(|_| wrong("size"))?,
        roots: Both { sha256: digest(row.blob(1)?)?, sm3: digest(row.blob(2)?)? },
        notes: Both { sha256: row.text(3)?, sm3: row.text(4)? },
        day: Day::from_number(row.int(5)?).ok_or_else(|| wrong("day"))?,
        sealed_ms: row.int(6)?,
        kept: row.int(7)? != 0,
    })
}

/// The newest one.
pub fn newest(q: &impl Query, county: &str) -> Result<Option<StoredCheckpoint>, StoreFault> {
    q.query_one(
        "SELECT size, root, root_sm3, note, note_sm2, day, sealed_ms, kept FROM checkpoint
         WHERE county_code = $1 ORDER BY size DESC LIMIT 1",
        params![county],
        stored,
    )
}

/// All of them, the smallest first.
pub fn list(q: &impl Query, county: &str) -> Result<Vec<StoredCheckpoint>, StoreFault> {
    q.query_all(
        "SELECT size, root, root_sm3, note, note_sm2, day, sealed_ms, kept FROM checkpoint
         WHERE county_code = $1 ORDER BY size",
        params![county],
        stored,
    )
}

/// Counties that have a checkpoint and no record.
pub fn strays(q: &impl Query) -> Result<Vec<String>, StoreFault> {
    q.query_all(
        "SELECT DISTINCT county_code FROM checkpoint
         WHERE county_code NOT IN (SELECT county_code FROM head) ORDER BY county_code",
        params![],
        |row| row.text(0),
    )
}

/// The one of exactly this size, if it is still there.
pub fn find(q: &impl Query, county: &str, size: u64) -> Result<Option<StoredCheckpoint>, StoreFault> {
    q.query_one(
        "SELECT size, root, root_sm3, note, note_sm2, day, sealed_ms, kept FROM checkpoint
         WHERE county_code = $1 AND size = $2",
        params![county, i64::try_from(size).map_err(|_| wrong("size"))?],
        stored,
    )
}

/// The last one of the days before a day.
pub fn newest_before(q: &impl Query, county: &str, day: Day) -> Result<Option<StoredCheckpoint>, StoreFault> {
    q.query_one(
        "SELECT size, root, root_sm3, note, note_sm2, day, sealed_ms, kept FROM checkpoint
         WHERE county_code = $1 AND day < $2 ORDER BY size DESC LIMIT 1",
        params![county, day.number()],
        stored,
    )
}

/// Adds the newest one; the one before it goes, unless it closed a day or lies elsewhere too.
pub fn put(tx: &mut Tx<'_>, county: &str, new: &StoredCheckpoint) -> Result<(), StoreFault> {
    let size = i64::try_from(new.size).map_err(|_| wrong("size"))?;
    tx.execute(
        "DELETE FROM checkpoint WHERE county_code = $1 AND day >= $2 AND size < $3 AND kept = 0",
        params![county, new.day.number(), size],
    )?;
    insert(tx, county, new)
}

fn insert(tx: &mut Tx<'_>, county: &str, new: &StoredCheckpoint) -> Result<(), StoreFault> {
    let size = i64::try_from(new.size).map_err(|_| wrong("size"))?;
    tx.execute(
        "INSERT INTO checkpoint (county_code, size, root, root_sm3, note, note_sm2, day, kept, sealed_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            county,
            size,
            &new.roots.sha256.0,
            &new.roots.sm3.0,
            new.notes.sha256.as_str(),
            new.notes.sm3.as_str(),
            new.day.number(),
            i64::from(new.kept),
            new.sealed_ms
        ],
    )?;
    Ok(())
}

/// Keeps one for good, because it was deposited elsewhere. Whether it is still there.
pub fn keep(tx: &mut Tx<'_>, county: &str, size: u64) -> Result<bool, StoreFault> {
    let size = i64::try_from(size).map_err(|_| wrong("size"))?;
    let kept =
        tx.execute("UPDATE checkpoint SET kept = 1 WHERE county_code = $1 AND size = $2", params![county, size])?;
    Ok(kept > 0)
}

/// Keeps one for good that was deposited elsewhere. While somebody was asked a newer one may have taken its place.
pub fn keep_this(tx: &mut Tx<'_>, county: &str, deposited: &StoredCheckpoint) -> Result<(), StoreFault> {
    if keep(tx, county, deposited.size)? {
        return Ok(());
    }
    insert(tx, county, &StoredCheckpoint { kept: true, ..deposited.clone() })
}
