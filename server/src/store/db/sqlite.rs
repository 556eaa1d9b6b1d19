//! SQLite, in a file of the data folder.
//!
//! Does not belong here: what PostgreSQL does as well (`engine.rs`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi, params_from_iter};

use super::engine::{Each, FaultPlan, Loss};
use super::value::{Param, Row};
use crate::store::fault::{StoreFault, chain};

/// "ZHSE": marks a database file as ours.
const APPLICATION_ID: i64 = 0x5A48_5345;
/// SQLite 3.7.0 to 3.51.2 can lose committed data when a WAL is reset (fixed in 3.51.3).
const ENGINE_VERSION_MIN: i32 = 3_051_003;
/// Pages that the writer keeps in memory, in MiB, unless something large is done.
pub const PAGES_MIB: u32 = 8;
/// And while all tables are made, by a simulation or anew from the record, in MiB.
pub const BULK_PAGES_MIB: u32 = 256;
/// Rewritten statements kept per connection; lists with filters make many shapes, so it is bounded.
const REWRITTEN_MAX: usize = 512;

/// Opened for writing only because WAL readers share the -shm file; `query_only` forbids the rest. Without CREATE a
/// missing file stays missing.
const READER: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE
    .union(OpenFlags::SQLITE_OPEN_NO_MUTEX)
    .union(OpenFlags::SQLITE_OPEN_PRIVATE_CACHE);

/// One connection with its caches.
pub struct Sqlite {
    connection: Connection,
    rewritten: RefCell<HashMap<Box<str>, Arc<str>>>,
    /// An I/O error or corruption was seen: nothing more may be acknowledged on this connection.
    fatal: Cell<bool>,
    plan: FaultPlan,
}

impl Sqlite {
    /// The connection that writes. Looks before it touches: a file that is not ours is left as it is.
    pub(super) fn open_writer(path: &Path, plan: FaultPlan) -> Result<Self, StoreFault> {
        if rusqlite::version_number() < ENGINE_VERSION_MIN {
            return Err(StoreFault::EngineTooOld { found: rusqlite::version().to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let engine = Self::open(path, flags, plan, 256)?;
        let is_new = engine.look(path)?;
        if is_new {
            engine.set("journal_mode", "PRAGMA journal_mode=WAL")?;
            engine.set("application_id", &format!("PRAGMA application_id={APPLICATION_ID}"))?;
        }
        // What is deleted within a page is overwritten, keys and salts among it, at no extra writing; whole pages that
        // become free are not, so an act of erasure (个人信息保护法§47) has those overwritten (`overwrite_deleted`).
        engine.set("secure_delete", "PRAGMA secure_delete=FAST")?;
        engine.set("synchronous", "PRAGMA synchronous=FULL")?;
        engine.set("wal_autocheckpoint", "PRAGMA wal_autocheckpoint=0")?;
        engine.keep_pages(PAGES_MIB)?;
        Ok(engine)
    }

    /// From here on a COMMIT does not wait for the disk: somebody else flushes the WAL before anybody is told.
    pub(super) fn leave_flushing(&self) -> Result<(), StoreFault> {
        self.set("synchronous", "PRAGMA synchronous=NORMAL")
    }

    /// The connection that folds the WAL of a file which [`Self::open_writer`] has opened, and does nothing else.
    pub(super) fn open_folding(path: &Path) -> Result<Self, StoreFault> {
        let engine = Self::open(path, READER, FaultPlan::default(), 4)?;
        engine.set("synchronous", "PRAGMA synchronous=FULL")?;
        engine.set("cache_size", "PRAGMA cache_size=-64")?;
        Ok(engine)
    }

    /// A connection that can only read.
    pub(super) fn open_reader(path: &Path, plan: FaultPlan) -> Result<Self, StoreFault> {
        Self::open(path, READER, plan, 64)?.only_reading()
    }

    /// A connection that can only read, to a file that nobody here has looked at yet.
    pub(super) fn open_beside(path: &Path, plan: FaultPlan) -> Result<Self, StoreFault> {
        let engine = Self::open(path, READER, plan, 64)?;
        engine.look(path)?;
        engine.only_reading()
    }

    /// An empty database in memory and, where that is too small, in a nameless temporary file that is gone with it.
    pub(super) fn open_scratch() -> Result<Self, StoreFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let engine = Self::open(Path::new(""), flags, FaultPlan::default(), 256)?;
        engine.set("journal_mode", "PRAGMA journal_mode=OFF")?;
        engine.set("cache_size", "PRAGMA cache_size=-65536")?;
        Ok(engine)
    }

    fn only_reading(self) -> Result<Self, StoreFault> {
        self.set("cache_size", "PRAGMA cache_size=-2048")?;
        self.set("query_only", "PRAGMA query_only=ON")?;
        Ok(self)
    }

    fn open(path: &Path, flags: OpenFlags, plan: FaultPlan, statements: usize) -> Result<Self, StoreFault> {
        let opening = |doing| move |error: rusqlite::Error| StoreFault::Open { doing, source: error.into() };
        let connection = Connection::open_with_flags(path, flags).map_err(opening("打开文件"))?;
        connection.set_prepared_statement_cache_capacity(statements);
        connection.busy_timeout(Duration::from_secs(5)).map_err(opening("busy_timeout"))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(opening("defensive"))?;
        // One plan for a statement whatever is bound to it: else partial indexes make SQLite prepare it anew for every
        // value (18 % of a simulation's time). A query that wants such an index says its value in the text.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(opening("qpsg"))?;
        let engine = Self { connection, rewritten: RefCell::new(HashMap::new()), fatal: Cell::new(false), plan };
        engine.set("foreign_keys", "PRAGMA foreign_keys=ON")?;
        engine.set("trusted_schema", "PRAGMA trusted_schema=OFF")?;
        engine.set("temp_store", "PRAGMA temp_store=MEMORY")?;
        engine.set("cell_size_check", "PRAGMA cell_size_check=ON")?;
        Ok(engine)
    }

    /// Reads the header and, if the file is small enough not to delay the start, every page. Writes nothing.
    /// Returns whether the database is still empty.
    fn look(&self, path: &Path) -> Result<bool, StoreFault> {
        const QUICK_CHECK_BYTES_MAX: u64 = 32 << 20;
        let damaged = |detail: String| StoreFault::Damaged { path: path.to_owned(), detail };
        let number = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let tables = number("SELECT count(*) FROM sqlite_schema").map_err(|error| damaged(error.to_string()))?;
        let id = number("PRAGMA application_id").map_err(|error| damaged(error.to_string()))?;
        if tables > 0 && id != APPLICATION_ID {
            return Err(StoreFault::NotOurs { place: path.display().to_string() });
        }
        let bytes = std::fs::metadata(path).map(|found| found.len()).unwrap_or(0);
        if tables > 0 && bytes <= QUICK_CHECK_BYTES_MAX {
            let verdict = self
                .connection
                .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
                .map_err(|error| damaged(error.to_string()))?;
            if verdict != "ok" {
                return Err(damaged(verdict));
            }
        }
        Ok(tables == 0)
    }

    fn set(&self, doing: &'static str, sql: &str) -> Result<(), StoreFault> {
        self.connection.execute_batch(sql).map_err(|error| StoreFault::Open { doing, source: error.into() })
    }

    pub(super) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<usize, StoreFault> {
        self.plan.check()?;
        let rewritten = self.rewritten(sql);
        self.connection
            .prepare_cached(&rewritten)
            .and_then(|mut statement| statement.execute(params_from_iter(params)))
            .map_err(|error| self.fault(sql, error))
    }

    pub(super) fn rows(&self, sql: &str, params: &[Param<'_>], each: Each<'_>) -> Result<(), StoreFault> {
        self.plan.check()?;
        let rewritten = self.rewritten(sql);
        let failed = |error| self.fault(sql, error);
        let mut statement = self.connection.prepare_cached(&rewritten).map_err(failed)?;
        let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
        while let Some(inner) = rows.next().map_err(failed)? {
            if !each(&Row::of_sqlite(inner))? {
                break;
            }
        }
        Ok(())
    }

    /// BEGIN, SAVEPOINT, RELEASE, ROLLBACK and COMMIT.
    pub(super) fn control(&self, sql: &str) -> Result<(), StoreFault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(|_| ())
            .map_err(|error| self.fault(sql, error))
    }

    /// No space undoes the transaction; any other failure may have lost pages that the kernel calls clean.
    pub(super) fn commit(&self) -> Result<(), Loss> {
        self.control("COMMIT").map_err(|fault| match fault {
            StoreFault::DiskFull => Loss::DiskFull,
            fault => Loss::Fatal(format!("提交失败：{}", chain(&fault))),
        })
    }

    pub(super) fn keep_pages(&self, mebibytes: u32) -> Result<(), StoreFault> {
        self.set("cache_size", &format!("PRAGMA cache_size=-{}", u64::from(mebibytes) * 1024))
    }

    /// From here on whatever is deleted is overwritten, whole pages too, until [`Self::purge`].
    pub(super) fn overwrite_deleted(&self) -> Result<(), StoreFault> {
        self.set("secure_delete", "PRAGMA secure_delete=ON")
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreFault> {
        self.connection.execute_batch(sql).map_err(|error| self.fault("结构变更", error))
    }

    /// False when SQLite has rolled the whole transaction back by itself (disk full, out of memory).
    pub(super) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Rows written on this connection since it was opened, undone ones too.
    pub(super) fn written(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Whether an I/O error or corruption was seen.
    pub(super) fn is_fatal(&self) -> bool {
        self.fatal.get()
    }

    /// Pages in the WAL, and how many of them are in the database file already.
    pub(super) fn wal_pages(&self) -> Result<(i64, i64), StoreFault> {
        self.checkpoint("PRAGMA wal_checkpoint(NOOP)")
    }

    /// Moves WAL pages into the database file. `truncate` also waits for readers and empties the WAL.
    pub(super) fn fold_wal(&self, truncate: bool) -> Result<(), StoreFault> {
        let sql = if truncate { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "PRAGMA wal_checkpoint(PASSIVE)" };
        self.checkpoint(sql).map(|_| ())
    }

    /// Writes the whole database anew, without anything that was deleted from it, and empties the WAL. Costs reading and
    /// writing all of it once; nothing else is written meanwhile.
    pub(super) fn purge(&self) -> Result<(), StoreFault> {
        self.set("temp_store", "PRAGMA temp_store=FILE")?;
        let written = self.set("VACUUM", "VACUUM");
        self.set("temp_store", "PRAGMA temp_store=MEMORY")?;
        written?;
        self.set("secure_delete", "PRAGMA secure_delete=FAST")?;
        let (pages, folded) = self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)")?;
        if pages == folded && pages <= 0 { Ok(()) } else { Err(StoreFault::Busy) }
    }

    fn checkpoint(&self, sql: &str) -> Result<(i64, i64), StoreFault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))))
            .map_err(|error| self.fault(sql, error))
    }

    /// Copies the committed database, page by page, to a new file.
    pub(super) fn copy_to(&self, target: &Path) -> Result<(), StoreFault> {
        let mut copy = Connection::open(target).map_err(|error| self.fault("备份数据库", error))?;
        self.copy_pages(&mut copy)
    }

    /// As [`Self::copy_to`], into a scratch.
    pub(super) fn copy_into(&self, other: &mut Self) -> Result<(), StoreFault> {
        self.copy_pages(&mut other.connection)
    }

    fn copy_pages(&self, copy: &mut Connection) -> Result<(), StoreFault> {
        let failed = |error| self.fault("备份数据库", error);
        let backup = rusqlite::backup::Backup::new(&self.connection, copy).map_err(failed)?;
        backup.run_to_completion(1024, Duration::ZERO, None).map_err(failed)
    }

    fn rewritten(&self, sql: &str) -> Arc<str> {
        if let Some(known) = self.rewritten.borrow().get(sql) {
            return Arc::clone(known);
        }
        let made: Arc<str> = numbered(sql).into();
        let mut cache = self.rewritten.borrow_mut();
        if cache.len() >= REWRITTEN_MAX {
            cache.clear();
        }
        cache.insert(sql.into(), Arc::clone(&made));
        made
    }

    fn fault(&self, sql: &str, error: rusqlite::Error) -> StoreFault {
        let unique = [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
        let extended = error.sqlite_error().map(|found| found.extended_code);
        let sql = sql.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreFault::DiskFull,
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                self.fatal.set(true);
                StoreFault::Statement { sql, source: error.into() }
            }
            Some(ErrorCode::ConstraintViolation) if extended.is_some_and(|code| unique.contains(&code)) => {
                StoreFault::Conflict { sql, source: error.into() }
            }
            _ => StoreFault::Statement { sql, source: error.into() },
        }
    }
}

/// `$1` becomes `?1`: SQLite would otherwise take `$2,$1` for *names*, numbered by first appearance, and silently
/// swap the values. Quoted text is left alone.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quote = None;
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            _ => {}
        }
        let is_placeholder = quote.is_none() && letter == '$' && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_placeholder { '?' } else { letter });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn placeholders_become_numbers_outside_quotes() {
        assert_eq!(
            numbered("SELECT $2, $1, '$1', \"$2\", 'it''s $1', $12"),
            "SELECT ?2, ?1, '$1', \"$2\", 'it''s $1', ?12"
        );
    }
}
