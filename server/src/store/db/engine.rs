//! Two engines behind one narrow interface: [`Tx`], [`Reader`], [`Query`]. Nothing above this folder names an engine, but
//! for the few places that must say a thing twice ([`Dialect`]).
//!
//! Does not belong here: what one engine alone knows (`sqlite.rs`, `postgres.rs`), threads, queues and pools (`writer.rs`,
//! `mod.rs`), and any query of ours.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::value::{Param, Row};
use super::{Home, Session};
use crate::store::fault::StoreFault;
use crate::store::migrate;

/// Reading, the same inside a write transaction ([`Tx`]) and beside it ([`Reader`]).
pub trait Query: sealed::Connected {
    /// The first row, mapped, or `None`.
    fn query_one<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Option<T>, StoreFault> {
        let mut map = Some(map);
        let mut found = None;
        self.engine().rows(sql, params, &mut |row| {
            if let Some(map) = map.take() {
                found = Some(map(row)?);
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// Every row, mapped, in the order of the statement.
    fn query_all<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Vec<T>, StoreFault> {
        let mut all = Vec::new();
        self.engine().rows(sql, params, &mut |row| {
            all.push(map(row)?);
            Ok(true)
        })?;
        Ok(all)
    }

    /// Every row in the order of the statement, for who keeps its values in a place of their own.
    fn query_each(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        self.engine().rows(sql, params, &mut |row| take(row).map(|()| true))
    }

    /// For the few statements that have two forms.
    fn dialect(&self) -> Dialect {
        self.engine().dialect()
    }

    /// The county that was asked for, where a database holds several.
    fn wanted_county(&self) -> Option<&str> {
        match self.engine() {
            Engine::Sqlite(_) => None,
            Engine::Postgres(engine) => engine.county(),
        }
    }
}

/// Which engine a statement in two forms is written for: full-text search, catalogues, partitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

mod sealed {
    /// Only a transaction and a reader reach the engine.
    pub trait Connected {
        /// The connection underneath.
        fn engine(&self) -> &super::Engine;
    }
}

/// A write in progress: part of a group that commits as one. Sees what earlier jobs of the group wrote.
pub struct Tx<'e> {
    engine: &'e Engine,
    depth: usize,
}

impl sealed::Connected for Tx<'_> {
    fn engine(&self) -> &Engine {
        self.engine
    }
}
impl Query for Tx<'_> {}

impl<'e> Tx<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine, depth: 0 }
    }

    /// Runs a statement and returns how many rows it changed.
    pub fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize, StoreFault> {
        self.engine.execute(sql, params)
    }

    /// Runs a statement of which nobody asks how many rows it changed: PostgreSQL's answer is not waited for, so that many
    /// travel together. A failure comes with the next statement that is waited for, at the latest with the end of the
    /// job or savepoint, and undoes it.
    pub fn send(&mut self, sql: &str, params: &[Param<'_>]) -> Result<(), StoreFault> {
        match self.engine {
            Engine::Sqlite(engine) => engine.execute(sql, params).map(|_| ()),
            Engine::Postgres(engine) => engine.send(sql, params),
        }
    }

    /// Runs `part` so that its failure undoes only itself. Savepoints nest.
    pub fn savepoint<T, E: From<StoreFault>>(
        &mut self,
        part: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let name = self.depth;
        self.engine.savepoint(name)?;
        self.depth += 1;
        let outcome = part(self);
        self.depth = name;
        let error = match outcome {
            Ok(value) => match self.engine.release(name) {
                Ok(()) => return Ok(value),
                Err(fault) => fault.into(),
            },
            Err(error) => error,
        };
        self.engine.undo_savepoint(name)?;
        Err(error)
    }

    /// How much memory the writing connection may keep pages in until it closes: for bulk work such as a simulation,
    /// whose rows fall all over the tables. PostgreSQL's memory is its own affair.
    pub fn keep_pages(&self, mebibytes: u32) -> Result<(), StoreFault> {
        match self.engine {
            Engine::Sqlite(engine) => engine.keep_pages(mebibytes),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// From here on whatever is deleted is overwritten, whole pages too, until [`super::Db::purge_blocking`]. PostgreSQL
    /// keeps what was deleted until then.
    pub fn overwrite_deleted(&self) -> Result<(), StoreFault> {
        match self.engine {
            Engine::Sqlite(engine) => engine.overwrite_deleted(),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Several statements without values: changes of the schema only.
    pub(in crate::store) fn batch(&mut self, sql: &str) -> Result<(), StoreFault> {
        match self.engine {
            Engine::Sqlite(engine) => engine.batch(sql),
            Engine::Postgres(engine) => engine.batch(sql),
        }
    }
}

/// A consistent view of committed data.
pub struct Reader<'e> {
    engine: &'e Engine,
}

impl sealed::Connected for Reader<'_> {
    fn engine(&self) -> &Engine {
        self.engine
    }
}
impl Query for Reader<'_> {}

impl<'e> Reader<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine }
    }

    /// A SQLite database to try something out on, in memory and, where that is too small, in a nameless temporary file that
    /// is gone with it: a copy of what this reader sees of a file; of a server it has the schema, and rows are carried in.
    pub fn scratch(&self) -> Result<Scratch, StoreFault> {
        let mut scratch = Sqlite::open_scratch()?;
        if let Engine::Sqlite(file) = self.engine {
            file.copy_into(&mut scratch)?;
        }
        Scratch::of(scratch)
    }

    /// Reads every page of a file and compares indexes with tables; what is wrong first, in the engine's words. A server
    /// looks after its own pages.
    pub fn integrity(&self) -> Result<Option<String>, StoreFault> {
        if self.dialect() == Dialect::Postgres {
            return Ok(None);
        }
        let verdict = self.query_one("PRAGMA integrity_check(1)", &[], |row| row.text(0))?.unwrap_or_default();
        Ok((verdict != "ok").then_some(verdict))
    }
}

/// A database of its own that nobody else sees and that is gone afterwards.
pub struct Scratch {
    engine: Engine,
}

impl Scratch {
    /// One as this program would make it, without a row.
    pub fn empty() -> Result<Self, StoreFault> {
        Self::of(Sqlite::open_scratch()?)
    }

    fn of(file: Sqlite) -> Result<Self, StoreFault> {
        let engine = Engine::Sqlite(Box::new(file));
        let home = Home::from(Path::new(""));
        migrate::bring_up_to_date(&Session { engine: &engine }, migrate::MIGRATIONS, &home)?;
        Ok(Self { engine })
    }

    /// Changes it. After a failure it is not to be used any more: there is nothing to undo with.
    pub fn change<T, E: From<StoreFault>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.engine.begin_writing()?;
        let done = work(&mut Tx::new(&self.engine))?;
        self.engine.commit().map_err(StoreFault::from)?;
        Ok(done)
    }

    /// What is in it.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.engine)
    }
}

/// Which store call is to fail, for tests that let the Nth call fail in turn. Zero: none.
#[derive(Clone, Default)]
pub(super) struct FaultPlan(Arc<AtomicI64>);

impl FaultPlan {
    pub(super) fn fail_at(&self, nth: u32) {
        self.0.store(i64::from(nth), Ordering::Relaxed);
    }
    pub(super) fn check(&self) -> Result<(), StoreFault> {
        if self.0.load(Ordering::Relaxed) > 0 && self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err(StoreFault::Injected);
        }
        Ok(())
    }
}

/// Why nothing, or nothing that we know of, was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Loss {
    /// No space: everything was undone, and later groups may succeed.
    DiskFull,
    /// The connection was lost before COMMIT, or the server undid it: nothing was saved.
    Unreachable,
    /// The connection was lost during COMMIT: nobody here knows.
    Unknown,
    /// A job without a savepoint failed after it had written: all of its group is undone.
    Undone,
    /// Nothing on this connection can be trusted any more: the store stops writing.
    Fatal(String),
}

impl From<Loss> for StoreFault {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::DiskFull => Self::DiskFull,
            Loss::Unreachable => Self::Unreachable { source: "连接在提交之前断开".into() },
            Loss::Unknown => Self::Unknown,
            Loss::Undone => Self::Undone,
            Loss::Fatal(reason) => Self::Failed { reason },
        }
    }
}

/// One connection with its caches.
pub enum Engine {
    /// A file.
    Sqlite(Box<Sqlite>),
    /// A server.
    Postgres(Box<Postgres>),
}

/// Tables from which an act of destruction takes something.
const PURGED: [&str; 5] = ["sealed", "answered_command", "matter", "search", "evidence"];

/// How rows are handed over: until the receiver says `false`.
pub(super) type Each<'f> = &'f mut dyn FnMut(&Row<'_>) -> Result<bool, StoreFault>;

impl Engine {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<usize, StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.execute(sql, params),
            Self::Postgres(engine) => engine.execute(sql, params),
        }
    }

    fn rows(&self, sql: &str, params: &[Param<'_>], each: Each<'_>) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.rows(sql, params, each),
            Self::Postgres(engine) => engine.rows(sql, params, each),
        }
    }

    /// Begins the one transaction that writes.
    pub(super) fn begin_writing(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.control("BEGIN IMMEDIATE"),
            Self::Postgres(engine) => engine.begin(false),
        }
    }

    /// Takes one consistent view: of what is committed now.
    pub(super) fn begin_reading(&self) -> Result<(), StoreFault> {
        match self {
            // BEGIN alone would leave it to the first statement.
            Self::Sqlite(engine) => {
                engine.control("BEGIN").and_then(|()| engine.control("SELECT 1 FROM sqlite_schema LIMIT 0"))
            }
            Self::Postgres(engine) => engine.begin(true),
        }
    }

    /// Commits what was written.
    pub(super) fn commit(&self) -> Result<(), Loss> {
        match self {
            Self::Sqlite(engine) => engine.commit(),
            Self::Postgres(engine) => engine.commit(),
        }
    }

    /// Undoes the transaction, if one is open.
    pub(super) fn rollback(&self) -> Result<(), StoreFault> {
        match self {
            _ if !self.in_transaction() => Ok(()),
            Self::Sqlite(engine) => engine.control("ROLLBACK"),
            Self::Postgres(engine) => engine.rollback(),
        }
    }

    fn savepoint(&self, name: usize) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.control(&format!("SAVEPOINT s{name}")),
            Self::Postgres(engine) => engine.send_control(format!("SAVEPOINT s{name}")),
        }
    }

    fn release(&self, name: usize) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.control(&format!("RELEASE s{name}")),
            Self::Postgres(engine) => engine.control(format!("RELEASE s{name}")),
        }
    }

    fn undo_savepoint(&self, name: usize) -> Result<(), StoreFault> {
        match self {
            _ if !self.in_transaction() => Ok(()),
            Self::Sqlite(engine) => {
                engine.control(&format!("ROLLBACK TO s{name}"))?;
                engine.control(&format!("RELEASE s{name}"))
            }
            Self::Postgres(engine) => engine.undo_savepoint(name),
        }
    }

    /// Undoes the outermost savepoint, whatever was left open inside it (a panic skips the inner ones).
    pub(super) fn undo_job(&self) -> Result<(), StoreFault> {
        self.undo_savepoint(0)
    }

    /// False when the engine has rolled the whole transaction back by itself: SQLite when the disk or memory is full,
    /// PostgreSQL when the connection is lost.
    pub(super) fn in_transaction(&self) -> bool {
        match self {
            Self::Sqlite(engine) => engine.in_transaction(),
            Self::Postgres(engine) => engine.in_transaction(),
        }
    }

    /// Writes anew what something was deleted from, so that nothing of it is left: a file whole, of a server the tables
    /// that an act of destruction changes (its write-ahead log is its administrator's affair: docs/operating.md).
    pub(super) fn purge(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(engine) => engine.purge(),
            Self::Postgres(engine) => {
                PURGED.iter().try_for_each(|table| engine.alone(format!("VACUUM (FULL) {table}")))
            }
        }
    }

    /// Rows written on this connection so far; `None` where a failed statement loses the transaction, so that each job needs its
    /// savepoint.
    pub(super) fn written(&self) -> Option<u64> {
        match self {
            Self::Sqlite(engine) => Some(engine.written()),
            Self::Postgres(_) => None,
        }
    }

    /// Why a transaction is gone that was neither committed nor rolled back by us.
    pub(super) fn why_lost(&self) -> Loss {
        match self {
            Self::Sqlite(_) => Loss::DiskFull,
            Self::Postgres(_) => Loss::Unreachable,
        }
    }

    /// Whether a savepoint that could not be kept has been undone: in a file nobody knows.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(engine) => engine.is_sound(),
        }
    }

    /// What an undoing that failed means: a file cannot be trusted any more; a server undoes what has no connection.
    pub(super) fn after_failed_undo(&self) -> Loss {
        match self {
            Self::Sqlite(_) => Loss::Fatal("读写数据库文件时出错".to_owned()),
            Self::Postgres(engine) => {
                engine.hang_up();
                Loss::Unreachable
            }
        }
    }

    /// Whether an I/O error or corruption of the file was seen.
    pub(super) fn is_fatal(&self) -> bool {
        match self {
            Self::Sqlite(engine) => engine.is_fatal(),
            Self::Postgres(_) => false,
        }
    }
}
