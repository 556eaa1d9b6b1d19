//! The newest signed checkpoint of a county.

use zhunsheng_core::id::Digest;

use super::{Query, StoreFault, Tx};
use crate::params;

/// A checkpoint as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredCheckpoint {
    /// Leaves.
    pub size: u64,
    /// Their root.
    pub root: Digest,
    /// The signed note.
    pub note: String,
    /// When it was sealed, machine time, milliseconds since 1970.
    pub sealed_ms: i64,
}

/// The newest one.
pub fn find(q: &impl Query, county: &str) -> Result<Option<StoredCheckpoint>, StoreFault> {
    let wrong = |what: &str| StoreFault::Value { what: format!("checkpoint.{what}") };
    q.query_one("SELECT size, root, note, sealed_ms FROM checkpoint WHERE county_code = $1", params![county], |row| {
        Ok(StoredCheckpoint {
            size: u64::try_from(row.int(0)?).map_err(|_| wrong("size"))?,
            root: Digest::from_bytes(&row.blob(1)?).ok_or_else(|| wrong("root"))?,
            note: row.text(2)?,
            sealed_ms: row.int(3)?,
        })
    })
}

/// Replaces it.
pub fn put(tx: &mut Tx<'_>, county: &str, new: &StoredCheckpoint) -> Result<(), StoreFault> {
    let size = i64::try_from(new.size).map_err(|_| StoreFault::Value { what: "checkpoint.size".to_owned() })?;
    tx.execute(
        "INSERT INTO checkpoint (county_code, size, root, note, sealed_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note,
             sealed_ms = excluded.sealed_ms",
        params![county, size, &new.root.0, new.note.as_str(), new.sealed_ms],
    )?;
    Ok(())
}
