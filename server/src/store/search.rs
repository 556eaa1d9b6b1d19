//! Full-text search: character pairs into FTS5. The one query family that is written once per engine.

use sha2::{Digest as _, Sha256};
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
pub fn clear(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.execute("INSERT INTO search (search) VALUES ('delete-all')", params![])?;
    Ok(())
}

/// Merges the parts of the index into one, which leaves out what was deleted.
pub(super) fn merge(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.execute("INSERT INTO search (search) VALUES ('optimize')", params![])?;
    Ok(())
}

/// Takes a matter out of the index.
pub fn delete(tx: &mut Tx<'_>, num: i64) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM search WHERE rowid = $1", params![num])?;
    Ok(())
}

/// Lets [`words_digest`] look into the index; for a scratch copy, because it makes a temporary table.
pub fn open_words(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.batch("CREATE VIRTUAL TABLE temp.search_words USING fts5vocab('main', 'search', 'instance')")
}

/// A digest of every word of the index with its matter and place.
pub fn words_digest(q: &impl Query) -> Result<[u8; 32], StoreFault> {
    let mut hash = Sha256::new();
    q.query_all("SELECT term, doc, offset FROM temp.search_words ORDER BY term, doc, offset", params![], |row| {
        hash.update(format!("{} {} {}\n", row.text(0)?, row.int(1)?, row.int(2)?).as_bytes());
        Ok(())
    })?;
    Ok(hash.finalize().into())
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
