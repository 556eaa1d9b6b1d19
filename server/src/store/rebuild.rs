//! Emptying the projections, and their digests: a rebuild must give identical tables.

use sha2::{Digest as _, Sha256};

use super::digest::hex;
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
    super::search::clear(tx)?;
    for (table, _) in PROJECTIONS {
        tx.execute(&format!("DELETE FROM {table} WHERE county_code = $1"), params![county])?;
    }
    Ok(())
}

/// A digest of each projection, over all its columns in the order of its key.
pub fn digests(q: &impl Query, county: &str) -> Result<Vec<(&'static str, String)>, StoreFault> {
    let one = |(table, key): (&'static str, &'static str)| {
        let mut hash = Sha256::new();
        each_line(q, county, table, key, &mut |line| {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        })?;
        Ok((table, hex(&hash.finalize())))
    };
    PROJECTIONS.into_iter().map(one).collect()
}

/// Every row of a projection as one line, in the order of its key; nothing is kept in memory.
fn each_line(
    q: &impl Query,
    county: &str,
    table: &str,
    key: &str,
    each: &mut impl FnMut(&str),
) -> Result<(), StoreFault> {
    let sql = format!("SELECT {} FROM {table} WHERE county_code = $1 ORDER BY {key}", quoted_row(q, table)?);
    q.query_all(&sql, params![county], |row| row.text(0).map(|line| each(&line))).map(drop)
}

fn quoted_row(q: &impl Query, table: &str) -> Result<String, StoreFault> {
    let columns =
        q.query_all("SELECT name FROM pragma_table_info($1) ORDER BY cid", params![table], |row| row.text(0))?;
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
    Ok(quoted.join(" || ',' || "))
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
        "tile" => "NULL".to_owned(),
        "person" | "post" | "credential" => newest("id"),
        _ => newest("matter"),
    };
    let named: Vec<String> = key.split(", ").map(|column| format!("'{column}=' || quote({column})")).collect();
    let sql = format!(
        "SELECT {}, {}, {behind} FROM {table} WHERE county_code = $1 ORDER BY {key}",
        named.join(" || ' ' || "),
        quoted_row(q, table)?
    );
    q.query_all(&sql, params![county], |row| {
        Ok(ProjectedRow { key: row.text(0)?, line: row.text(1)?, entry: row.opt_int(2)? })
    })
}
