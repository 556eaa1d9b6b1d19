//! What the schema itself is asked: which tables and columns there are, and a county's partitions.
//!
//! Does not belong here: rows of ours; what a migration changes (`migrate.rs`).

use super::db::{Dialect, Query, Tx};
use super::fault::StoreFault;
use crate::params;

/// Which version of the schema, by number.
pub const LEDGER: &str = "schema_migration";
/// Which process writes a county (`db/lease.rs`): no row of a county.
pub(super) const LEASE: &str = "lease";
/// Full-text indexes: made anew from what they index.
const INDEXES: [&str; 2] = ["search", "statute_search"];

/// Every table of ours that holds rows of a county, but for the full-text indexes; in the order of names.
pub fn tables(q: &impl Query) -> Result<Vec<String>, StoreFault> {
    let found = all_tables(q)?;
    let of_index = |name: &str| INDEXES.iter().any(|index| name == *index || name.starts_with(&format!("{index}_")));
    Ok(found.into_iter().filter(|name| name != LEDGER && name != LEASE && !of_index(name)).collect())
}

/// Every table, partitions left out.
pub(super) fn all_tables(q: &impl Query) -> Result<Vec<String>, StoreFault> {
    let sql = match q.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
        }
        Dialect::Postgres => {
            "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
             ORDER BY CAST(c.relname AS TEXT) COLLATE \"C\""
        }
    };
    q.query_all(sql, params![], |row| row.text(0))
}

/// What was stated to make everything in a file, one line for each table, index and trigger: kind, name, table and statement; and
/// what the planner was told (0005), which nothing but a migration writes. A server keeps no statements.
pub fn statements(q: &impl Query) -> Result<Vec<[String; 3]>, StoreFault> {
    if q.dialect() == Dialect::Postgres {
        return Ok(Vec::new());
    }
    q.query_all(
        "SELECT type, name, tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_stat%' ESCAPE '!'
         UNION ALL SELECT 'statistics', 'sqlite_stat1 ' || tbl || ' ' || coalesce(idx, ''), stat FROM sqlite_stat1 ORDER BY 1, 2",
        params![],
        |row| Ok([row.text(0)?, row.text(1)?, row.text(2)?]),
    )
}

/// The columns of a table, in order.
pub fn columns(q: &impl Query, table: &str) -> Result<Vec<String>, StoreFault> {
    let sql = match q.dialect() {
        Dialect::Sqlite => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        Dialect::Postgres => {
            "SELECT CAST(a.attname AS TEXT) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = current_schema() AND c.relname = CAST($1 AS name) AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum"
        }
    };
    q.query_all(sql, params![table], |row| row.text(0))
}

/// Makes a county's partition of every partitioned table that has none yet. A file holds one county and has no partitions.
pub fn make_partitions(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    if county.is_empty() || !county.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(StoreFault::Value { what: "county code".to_owned() });
    }
    let name = format!("_{county}");
    let missing = tx.query_all(
        "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind = 'p' AND NOT EXISTS (SELECT 1 FROM pg_class p
           WHERE p.relnamespace = c.relnamespace AND CAST(p.relname AS TEXT) = CAST(c.relname AS TEXT) || $1)
         ORDER BY 1",
        params![&name],
        |row| row.text(0),
    )?;
    for table in missing {
        tx.batch(&format!("CREATE TABLE {table}{name} PARTITION OF {table} FOR VALUES IN ('{county}')"))?;
    }
    Ok(())
}

/// Counts the rows for the planner after bulk work: PostgreSQL would get to it by itself, a minute later.
pub fn take_stock(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.batch("ANALYZE"),
    }
}
