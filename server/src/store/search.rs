//! Full-text search: character pairs into FTS5. The one query family that is written once per engine.
//!
//! An act only notes that the words of a matter changed (`search_due`, in its own transaction); the index follows within a
//! second, or before the next search. Nothing that decides or counts reads the index.

use zhunsheng_core::text::query_phrases;

use super::{Query, StoreFault, Tx};
use crate::params;

/// Indexes the words of a matter; `old` words need not be known (contentless index).
pub fn put(tx: &mut Tx<'_>, num: i64, words: &str) -> Result<(), StoreFault> {
    delete(tx, num)?;
    tx.execute("INSERT INTO search (rowid, words) VALUES ($1, $2)", params![num, words])?;
    Ok(())
}

/// Adds the words of a matter that is not in the index yet.
pub fn insert(tx: &mut Tx<'_>, num: i64, words: &str) -> Result<(), StoreFault> {
    tx.execute("INSERT INTO search (rowid, words) VALUES ($1, $2)", params![num, words])?;
    Ok(())
}

/// Empties the index: a file holds one county.
pub fn clear(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    tx.execute("INSERT INTO search (search) VALUES ('delete-all')", params![])?;
    tx.execute("DELETE FROM search_due WHERE county_code = $1", params![county])?;
    Ok(())
}

/// Notes that the words of a matter changed.
pub fn note_due(tx: &mut Tx<'_>, county: &str, num: i64) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO search_due (county_code, num) VALUES ($1, $2) ON CONFLICT (county_code, num) DO NOTHING",
        params![county, num],
    )?;
    Ok(())
}

/// Whether the index has anything to follow.
pub fn has_due(q: &impl Query, county: &str) -> Result<bool, StoreFault> {
    let first =
        q.query_one("SELECT num FROM search_due WHERE county_code = $1 LIMIT 1", params![county], |row| row.int(0));
    Ok(first?.is_some())
}

/// The index has followed up to this matter.
pub fn forget_due(tx: &mut Tx<'_>, county: &str, last: i64) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM search_due WHERE county_code = $1 AND num <= $2", params![county, last])?;
    Ok(())
}

/// Takes a matter out of the index.
pub fn delete(tx: &mut Tx<'_>, num: i64) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM search WHERE rowid = $1", params![num])?;
    Ok(())
}

/// The query in the engine's language; `None` if nothing searchable was typed. Every phrase is quoted, so that what a
/// person types is never syntax.
pub fn expression(typed: &str) -> Option<String> {
    let phrases: Vec<String> = query_phrases(typed)
        .into_iter()
        .map(|(phrase, prefix)| if prefix { format!("\"{phrase}\" *") } else { format!("\"{phrase}\"") })
        .collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}
