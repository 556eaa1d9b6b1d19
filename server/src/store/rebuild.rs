//! Emptying the projections, and their digests: a rebuild must give identical tables.

use super::digest::{hex, sha256};
use super::{Query, StoreFault, Tx};
use crate::params;

/// Every table that projection writes, with its key: the order of comparison.
pub const PROJECTIONS: [(&str, &str); 17] = [
    ("matter", "id"),
    ("matter_organ", "organ, num"),
    ("todo", "organ, post_kind, num"),
    ("track_state", "matter, track, from_entry"),
    ("fact", "matter, field, from_entry"),
    ("clock_run", "matter, run"),
    ("step", "seq, matter"),
    ("instrument", "matter, n"),
    ("disclosure", "matter, disclosure"),
    ("evidence", "matter, digest, kind"),
    ("query_code", "digest"),
    ("place", "code"),
    ("organ", "code"),
    ("person", "id"),
    ("post", "id"),
    ("credential", "id"),
    ("tile", "level, position"),
];

/// Deletes every row of the county's projections. The record is not touched.
pub fn clear(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    super::search::clear(tx, county)?;
    for (table, _) in PROJECTIONS {
        tx.execute(&format!("DELETE FROM {table} WHERE county_code = $1"), params![county])?;
    }
    Ok(())
}

/// A digest of each projection, over all its columns in the order of its key.
pub fn digests(q: &impl Query, county: &str) -> Result<Vec<(&'static str, String)>, StoreFault> {
    let one = |(table, key): (&'static str, &'static str)| {
        let columns =
            q.query_all("SELECT name FROM pragma_table_info($1) ORDER BY cid", params![table], |row| row.text(0))?;
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
        let sql = format!("SELECT {} FROM {table} WHERE county_code = $1 ORDER BY {key}", quoted.join(" || ',' || "));
        let rows = q.query_all(&sql, params![county], |row| row.text(0))?;
        Ok((table, hex(&sha256(rows.join("\n").as_bytes()))))
    };
    PROJECTIONS.into_iter().map(one).collect()
}
