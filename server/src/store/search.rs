//! Full-text search: character pairs into FTS5. The one query family that is written once per engine.

use zhunsheng_core::text::query_phrases;

use super::{StoreFault, Tx};
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
pub fn clear(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.execute("INSERT INTO search (search) VALUES ('delete-all')", params![])?;
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
