//! The floor of a measurement: bytes appended by the engine itself and by the file system itself, with nothing of ours around
//! them. What a county does is told as a ratio to these, because both depend on the same disk in the same minute.
//!
//! Does not belong here: anything that a county uses.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::StoreFault;

/// The engine's version.
#[must_use]
pub fn engine_version() -> &'static str {
    rusqlite::version()
}

/// Rows a second that the engine makes durable: `INSERT` of `bytes` each, `group` of them in one transaction, WAL and
/// `synchronous=FULL` as the county has them. The file is made anew.
pub fn engine_rows(path: &Path, bytes: usize, group: usize, time: Duration) -> Result<f64, StoreFault> {
    let failed = |error: rusqlite::Error| StoreFault::Statement { sql: "floor".to_owned(), source: error.into() };
    let connection = Connection::open(path).map_err(failed)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192;
             CREATE TABLE floor (county_code TEXT NOT NULL, seq BIGINT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (county_code, seq));",
        )
        .map_err(failed)?;
    let row = vec![0xA5u8; bytes];
    let (began, mut rows) = (Instant::now(), 0i64);
    while began.elapsed() < time {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        for _ in 0..group {
            let mut insert = connection
                .prepare_cached("INSERT INTO floor (county_code, seq, bytes) VALUES ('211224', ?1, ?2)")
                .map_err(failed)?;
            insert.execute(params![rows, row]).map_err(failed)?;
            rows += 1;
        }
        connection.execute_batch("COMMIT").map_err(failed)?;
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// Appends of `bytes`, each followed by fdatasync, a second.
pub fn synced_appends(path: &Path, bytes: usize, time: Duration) -> std::io::Result<f64> {
    let mut file = File::create(path)?;
    let block = vec![0xA5; bytes];
    let (began, mut appends) = (Instant::now(), 0u32);
    while began.elapsed() < time {
        file.write_all(&block)?;
        file.sync_data()?;
        appends += 1;
    }
    Ok(f64::from(appends) / began.elapsed().as_secs_f64())
}
