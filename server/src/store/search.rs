//! Full-text search: character pairs into FTS5. The one query family that is written once per engine.

use std::collections::BTreeMap;

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

/// What is to be done with a matter in the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its place in lists.
    pub num: i64,
    /// Whether it is not in the index yet.
    pub is_new: bool,
    /// Its words; none takes it out.
    pub words: Option<String>,
}

/// Lines that wait for the end of a batch, by place in lists.
pub type Deferred = BTreeMap<i64, Line>;

/// Keeps a line for later: the newest words of a matter count.
pub fn defer(later: &mut Deferred, line: Line) {
    let is_new = line.is_new || later.get(&line.num).is_some_and(|known| known.is_new);
    later.insert(line.num, Line { is_new, ..line });
}

/// Writes a line.
pub fn write(tx: &mut Tx<'_>, line: &Line) -> Result<(), StoreFault> {
    match &line.words {
        Some(words) if line.is_new => insert(tx, line.num, words),
        Some(words) => put(tx, line.num, words),
        None if line.is_new => Ok(()),
        None => delete(tx, line.num),
    }
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

/// How many matters contain a query, at most `limit` counted: for tests and the status page.
pub fn count(q: &impl Query, typed: &str, limit: i64) -> Result<i64, StoreFault> {
    let Some(expression) = expression(typed) else { return Ok(0) };
    let found = q.query_one(
        "SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH $1 LIMIT $2)",
        params![expression.as_str(), limit],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}
