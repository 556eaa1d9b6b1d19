//! Emptying the projections, and their digests: a rebuild must give identical tables.

use super::digest::{hex, sha256};
use super::{Cell, Query, Row, StoreFault, Tx, catalog, search};
use crate::params;

/// Every table that projection writes, with its key: the order of comparison.
pub const PROJECTIONS: [(&str, &str); 18] = [
    ("matter", "id"),
    ("matter_organ", "organ, num"),
    ("todo", "organ, post_kind, num"),
    ("track_state", "matter, track, from_entry"),
    ("fact", "matter, field, from_entry"),
    ("clock_run", "matter, run"),
    ("step", "seq, matter"),
    ("instrument", "matter, n"),
    ("instrument_code", "digest"),
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
    search::clear(tx, search::Index::Matters, county)?;
    search::forget_all(tx, county)?;
    for (table, _) in PROJECTIONS {
        tx.execute(&format!("DELETE FROM {table} WHERE county_code = $1"), params![county])?;
    }
    Ok(())
}

/// A digest of each projection, over all its columns in the order of its key: the same on both engines.
pub fn digests(q: &impl Query, county: &str) -> Result<Vec<(&'static str, String)>, StoreFault> {
    let one = |(table, key): (&'static str, &'static str)| {
        let columns = catalog::columns(q, table)?.join(", ");
        let sql = format!("SELECT {columns} FROM {table} WHERE county_code = $1 ORDER BY {key}");
        let rows = q.query_all(&sql, params![county], line)?;
        Ok((table, hex(&sha256(rows.join("\n").as_bytes()))))
    };
    PROJECTIONS.into_iter().map(one).collect()
}

/// A row of whatever columns as one line.
fn line(row: &Row<'_>) -> Result<String, StoreFault> {
    let cells = (0..row.width()).map(|index| {
        Ok(match row.cell(index)? {
            Cell::Null => "NULL".to_owned(),
            Cell::Int(value) => value.to_string(),
            Cell::Text(value) => format!("{value:?}"),
            Cell::Blob(value) => format!("x'{}'", hex(&value)),
        })
    });
    Ok(cells.collect::<Result<Vec<_>, StoreFault>>()?.join(","))
}
