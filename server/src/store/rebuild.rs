//! Emptying the projections, and their digests: a rebuild must give identical tables.

use sha2::{Digest as _, Sha256};

use super::digest::hex;
use super::{Cell, Query, Row, StoreFault, Tx, catalog, search};
use crate::params;

/// Every table that projection writes, with its key: the order of comparison.
pub const PROJECTIONS: [(&str, &str); 21] = [
    ("matter", "id"),
    ("matter_organ", "organ, num"),
    ("todo", "num, organ, post_kind"),
    ("track_state", "matter, track, from_entry"),
    ("fact", "matter, field, from_entry"),
    ("clock_run", "matter, run"),
    ("step", "seq, matter"),
    ("instrument", "matter, n"),
    ("instrument_code", "digest"),
    ("disclosure", "matter, disclosure"),
    ("evidence", "matter, digest, kind"),
    ("query_code", "digest"),
    ("party_phone", "matter, ordinal"),
    ("place", "code"),
    ("organ", "code"),
    ("person", "id"),
    ("post", "id"),
    ("credential", "id"),
    ("power", "id"),
    ("delegation", "id"),
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
        let mut hash = Sha256::new();
        let columns = catalog::columns(q, table)?.join(", ");
        let sql = format!("SELECT {columns} FROM {table} WHERE county_code = $1 ORDER BY {key}");
        q.query_all(&sql, params![county], |row| {
            hash.update(line(row, 0, row.width())?.as_bytes());
            hash.update(b"\n");
            Ok(())
        })?;
        Ok((table, hex(&hash.finalize())))
    };
    PROJECTIONS.into_iter().map(one).collect()
}

/// Columns of a row as one line.
fn line(row: &Row<'_>, from: usize, to: usize) -> Result<String, StoreFault> {
    let cells = (from..to).map(|index| Ok(shown(&row.cell(index)?)));
    Ok(cells.collect::<Result<Vec<_>, StoreFault>>()?.join(","))
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Int(value) => value.to_string(),
        Cell::Text(value) => format!("{value:?}"),
        Cell::Blob(value) => format!("x'{}'", hex(value)),
    }
}

/// A row of a projection, with the entry that wrote it last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProjectedRow {
    /// Its key, readable.
    pub key: String,
    /// All its columns.
    pub line: String,
    /// The entry behind it, if the row says or its matter's steps do.
    pub entry: Option<i64>,
}

/// The rows of one projection in the order of its key: for a table that is known to differ.
pub fn rows(q: &impl Query, county: &str, table: &str, key: &str) -> Result<Vec<ProjectedRow>, StoreFault> {
    let newest = |column: &str| {
        format!(
            "(SELECT max(s.seq) FROM step s WHERE s.county_code = {table}.county_code AND s.matter = {table}.{column})"
        )
    };
    let behind = match table {
        "matter" => "changed_entry".to_owned(),
        "matter_organ" | "todo" => "num / 16".to_owned(),
        "track_state" | "fact" | "clock_run" => "from_entry".to_owned(),
        "step" | "instrument" | "evidence" => "seq".to_owned(),
        "tile" => "CAST(NULL AS BIGINT)".to_owned(),
        "person" | "post" | "credential" | "power" | "delegation" => newest("id"),
        _ => newest("matter"),
    };
    let names: Vec<&str> = key.split(", ").collect();
    let columns = catalog::columns(q, table)?.join(", ");
    let sql = format!("SELECT {behind}, {key}, {columns} FROM {table} WHERE county_code = $1 ORDER BY {key}");
    q.query_all(&sql, params![county], |row| {
        let (first, last) = (1, 1 + names.len());
        let named = names.iter().zip(first..last);
        let named = named.map(|(name, index)| Ok(format!("{name}={}", shown(&row.cell(index)?))));
        let key = named.collect::<Result<Vec<_>, StoreFault>>()?.join(" ");
        Ok(ProjectedRow { key, line: line(row, last, row.width())?, entry: row.opt_int(0)? })
    })
}
