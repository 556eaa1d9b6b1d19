//! Full-text search: character pairs into FTS5 or a tsvector. The one query family that is written once per engine.
//!
//! Words are cut here, not by the engine: PostgreSQL's parser depends on the locale and would cut them again.
//!
//! An act only notes that the words of a matter changed (`search_due`, in its own transaction); the index follows within a
//! second, or before the next search. Nothing that decides or counts reads the index.

use sha2::{Digest as _, Sha256};
use zhunsheng_core::text::query_phrases;

use super::db::Dialect;
use super::statement::Statement;
use super::{Query, StoreFault, Tx};
use crate::params;

/// A full-text index: a number leads to a row that has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// `matter.num`.
    Matters,
    /// `statute_article.num`.
    Articles,
}

impl Index {
    fn table(self) -> &'static str {
        match self {
            Self::Matters => "search",
            Self::Articles => "statute_search",
        }
    }
}

/// Indexes the words of a row in place of what was there.
pub fn put(tx: &mut Tx<'_>, index: Index, county: &str, num: i64, words: &str) -> Result<(), StoreFault> {
    delete(tx, index, county, num)?;
    insert(tx, index, county, num, words)
}

/// Adds the words of a row that is not in the index yet.
pub fn insert(tx: &mut Tx<'_>, index: Index, county: &str, num: i64, words: &str) -> Result<(), StoreFault> {
    let table = index.table();
    match tx.dialect() {
        Dialect::Sqlite => tx.send(&format!("INSERT INTO {table} (rowid, words) VALUES ($1, $2)"), params![num, words]),
        Dialect::Postgres => tx.send(
            &format!("INSERT INTO {table} (county_code, num, words) VALUES ($1, $2, CAST($3 AS tsvector))"),
            params![county, num, &vector(words)],
        ),
    }
}

/// Empties the index of a county. A file holds one.
pub fn clear(tx: &mut Tx<'_>, index: Index, county: &str) -> Result<(), StoreFault> {
    let table = index.table();
    match tx.dialect() {
        Dialect::Sqlite => tx.send(&format!("INSERT INTO {table} ({table}) VALUES ('delete-all')"), params![]),
        Dialect::Postgres => tx.send(&format!("DELETE FROM {table} WHERE county_code = $1"), params![county]),
    }
}

/// Merges the parts of the index into one, which leaves out what was deleted. PostgreSQL's index is rows like others.
pub(super) fn merge(tx: &mut Tx<'_>, index: Index) -> Result<(), StoreFault> {
    let table = index.table();
    match tx.dialect() {
        Dialect::Sqlite => tx.send(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), params![]),
        Dialect::Postgres => Ok(()),
    }
}

/// Lets [`words_digest`] look into the index of a scratch, because it makes a temporary table.
pub fn open_words(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.batch("CREATE VIRTUAL TABLE temp.search_words USING fts5vocab('main', 'search', 'instance')")
}

/// A digest of every word of the index of matters with its matter and place.
pub fn words_digest(q: &impl Query) -> Result<[u8; 32], StoreFault> {
    let mut hash = Sha256::new();
    q.query_all("SELECT term, doc, offset FROM temp.search_words ORDER BY term, doc, offset", params![], |row| {
        hash.update(format!("{} {} {}\n", row.text(0)?, row.int(1)?, row.int(2)?).as_bytes());
        Ok(())
    })?;
    Ok(hash.finalize().into())
}

/// Takes a row out of the index; its words need not be known.
pub fn delete(tx: &mut Tx<'_>, index: Index, county: &str, num: i64) -> Result<(), StoreFault> {
    let table = index.table();
    match tx.dialect() {
        Dialect::Sqlite => tx.send(&format!("DELETE FROM {table} WHERE rowid = $1"), params![num]),
        Dialect::Postgres => {
            tx.send(&format!("DELETE FROM {table} WHERE county_code = $1 AND num = $2"), params![county, num])
        }
    }
}

/// Notes that the words of a matter changed.
pub fn note_due(tx: &mut Tx<'_>, county: &str, num: i64) -> Result<(), StoreFault> {
    tx.send(
        "INSERT INTO search_due (county_code, num) VALUES ($1, $2) ON CONFLICT (county_code, num) DO NOTHING",
        params![county, num],
    )
}

/// Whether the index has to follow anything: asked before every search.
pub fn has_due(q: &impl Query, county: &str) -> Result<bool, StoreFault> {
    let due =
        q.query_one("SELECT 1 FROM search_due WHERE county_code = $1 LIMIT 1", params![county], |row| row.int(0))?;
    Ok(due.is_some())
}

/// How many matters the index has to follow.
pub fn count_due(q: &impl Query, county: &str) -> Result<usize, StoreFault> {
    let due =
        q.query_one("SELECT count(*) FROM search_due WHERE county_code = $1", params![county], |row| row.int(0))?;
    Ok(due.and_then(|due| usize::try_from(due).ok()).unwrap_or(0))
}

/// The index has followed up to this matter.
pub fn forget_due(tx: &mut Tx<'_>, county: &str, last: i64) -> Result<(), StoreFault> {
    tx.send("DELETE FROM search_due WHERE county_code = $1 AND num <= $2", params![county, last])
}

/// Nothing is due: the index is made anew.
pub fn forget_all(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    tx.send("DELETE FROM search_due WHERE county_code = $1", params![county])
}

/// The numbers of all rows that hold every phrase of what was typed, as a condition on a column; `None` if nothing
/// searchable was typed.
pub(super) fn condition(
    q: &impl Query,
    statement: &mut Statement,
    index: Index,
    county: &str,
    (column, typed): (&str, &str),
) -> Option<String> {
    let phrases = query_phrases(typed);
    if phrases.is_empty() {
        return None;
    }
    let table = index.table();
    Some(match q.dialect() {
        Dialect::Sqlite => {
            let words = statement.text(&fts5(&phrases, " AND "));
            format!("{column} IN (SELECT rowid FROM {table} WHERE {table} MATCH {words})")
        }
        Dialect::Postgres => {
            let (county, words) = (statement.text(county), statement.text(&tsquery(&phrases, " & ")));
            format!(
                "{column} IN (SELECT num FROM {table} WHERE county_code = {county} AND words @@ CAST({words} AS tsquery))"
            )
        }
    })
}

/// Articles `a` of the library that hold any of these phrases, as what stands behind FROM, and the order in which they fit
/// best: each engine's own. `None` if there is no phrase.
pub(super) fn fitting_articles(
    q: &impl Query,
    statement: &mut Statement,
    county: &str,
    phrases: &[String],
) -> Option<(String, String)> {
    let phrases: Vec<(String, bool)> = phrases.iter().flat_map(|phrase| query_phrases(phrase)).collect();
    if phrases.is_empty() {
        return None;
    }
    let table = Index::Articles.table();
    let county = statement.text(county);
    Some(match q.dialect() {
        Dialect::Sqlite => {
            let words = statement.text(&fts5(&phrases, " OR "));
            let join = format!("{table} JOIN statute_article a ON a.num = {table}.rowid AND a.county_code = {county}");
            (format!("{join} WHERE {table} MATCH {words}"), format!("bm25({table}), a.num"))
        }
        Dialect::Postgres => {
            let words = statement.text(&tsquery(&phrases, " | "));
            let join = format!("{table} s JOIN statute_article a ON a.county_code = s.county_code AND a.num = s.num");
            let found = format!("{join} WHERE s.county_code = {county} AND s.words @@ CAST({words} AS tsquery)");
            (found, format!("ts_rank(s.words, CAST({words} AS tsquery), 1) DESC, a.num"))
        }
    })
}

/// Every phrase is quoted, so that what a person types is never syntax.
fn fts5(phrases: &[(String, bool)], between: &str) -> String {
    let one =
        |(phrase, prefix): &(String, bool)| if *prefix { format!("\"{phrase}\" *") } else { format!("\"{phrase}\"") };
    phrases.iter().map(one).collect::<Vec<_>>().join(between)
}

/// As [`fts5`]: the words of a phrase follow each other; a prefix is a word that begins so.
fn tsquery(phrases: &[(String, bool)], between: &str) -> String {
    let one = |(phrase, prefix): &(String, bool)| {
        let words: Vec<String> = phrase.split(' ').map(quoted).collect();
        if *prefix { format!("{}:*", words.join(" <-> ")) } else { format!("({})", words.join(" <-> ")) }
    };
    phrases.iter().map(one).collect::<Vec<_>>().join(between)
}

/// Each word with its position.
fn vector(words: &str) -> String {
    /// PostgreSQL counts no further; words behind it are found, phrases among them not.
    const POSITION_MAX: usize = 16_383;
    let place = |(position, word): (usize, &str)| format!("{}:{}", quoted(word), position.min(POSITION_MAX));
    (1..).zip(words.split(' ').filter(|word| !word.is_empty())).map(place).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_query_in_two_languages() {
        let phrases = query_phrases("围墙纠纷 王");
        assert_eq!(fts5(&phrases, " AND "), "\"围墙 墙纠 纠纷\" AND \"王\" *");
        assert_eq!(tsquery(&phrases, " & "), "('围墙' <-> '墙纠' <-> '纠纷') & '王':*");
        assert_eq!(vector("围墙 墙纠  o'x\\"), "'围墙':1 '墙纠':2 'o''x\\\\':3");
    }
}
