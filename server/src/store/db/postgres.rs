//! PostgreSQL, over one connection. What need not be waited for travels together: requests are sent at once and answered in
//! order, and only the last of them is waited for.
//!
//! Does not belong here: what SQLite does as well (`engine.rs`); how a connection is made (`link.rs`).

use std::cell::{Cell as Mut, RefCell};
use std::sync::Arc;

use futures_util::TryStreamExt;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;

use super::engine::{Each, FaultPlan, Loss};
use super::link::{Dial, Link};
use super::value::{Cell, Param, Row};
use crate::store::fault::{Cause, StoreFault, chain};

/// One connection, made again when it was lost.
pub struct Postgres {
    dial: Arc<Dial>,
    link: RefCell<Option<Link>>,
    /// A transaction is open on the server.
    open: Mut<bool>,
    /// It was begun only to read.
    reading: Mut<bool>,
    /// A statement of it failed: until it is undone, PostgreSQL would answer a COMMIT with a silent ROLLBACK.
    failed: Mut<bool>,
    plan: FaultPlan,
}

impl Postgres {
    /// Connects.
    pub(super) fn open(dial: Arc<Dial>, plan: FaultPlan) -> Result<Self, StoreFault> {
        let link = dial.connect()?;
        Ok(Self {
            dial,
            link: RefCell::new(Some(link)),
            open: Mut::new(false),
            reading: Mut::new(false),
            failed: Mut::new(false),
            plan,
        })
    }

    pub(super) fn county(&self) -> Option<&str> {
        self.dial.county.as_deref()
    }

    pub(super) fn in_transaction(&self) -> bool {
        self.open.get()
    }

    pub(super) fn is_sound(&self) -> bool {
        !self.failed.get()
    }

    /// Begins a transaction, over a new connection if the last one was lost.
    pub(super) fn begin(&self, reading: bool) -> Result<(), StoreFault> {
        let sql = if reading { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
        self.failed.set(false);
        self.reading.set(reading);
        if self.is_lost() {
            self.reconnect()?;
        }
        let begun = match self.control(sql.to_owned()) {
            // The server went away while nothing was asked of it.
            Err(StoreFault::Unreachable { .. }) => {
                self.reconnect()?;
                self.control(sql.to_owned())
            }
            other => other,
        };
        self.open.set(begun.is_ok());
        begun
    }

    fn is_lost(&self) -> bool {
        self.link.borrow().as_ref().is_none_or(Link::is_closed)
    }

    fn reconnect(&self) -> Result<(), StoreFault> {
        self.hang_up();
        *self.link.borrow_mut() = Some(self.dial.connect()?);
        Ok(())
    }

    /// Forgets the connection; the server undoes what was open on it.
    pub(super) fn hang_up(&self) {
        *self.link.borrow_mut() = None;
        self.open.set(false);
    }

    pub(super) fn commit(&self) -> Result<(), Loss> {
        if let Err(fault) = self.with_link("", Link::settle) {
            tracing::error!(fault = chain(&fault), "a statement sent before failed");
        }
        if self.failed.get() {
            let _ = self.rollback();
            return Err(Loss::Unreachable);
        }
        let ended = self.control("COMMIT".to_owned());
        self.open.set(false);
        ended.map_err(|fault| match fault {
            StoreFault::DiskFull => Loss::DiskFull,
            // Sent, and never answered.
            StoreFault::Unreachable { .. } => Loss::Unknown,
            // Answered: the server has undone it.
            _ => Loss::Unreachable,
        })
    }

    /// Nobody waits for the end of a view.
    pub(super) fn rollback(&self) -> Result<(), StoreFault> {
        self.open.set(false);
        self.failed.set(false);
        self.send_control("ROLLBACK".to_owned())
    }

    pub(super) fn undo_savepoint(&self, name: usize) -> Result<(), StoreFault> {
        // What was sent and not waited for failed with the savepoint.
        let _ = self.with_link("", Link::settle);
        if !self.open.get() {
            return Ok(());
        }
        self.control(format!("ROLLBACK TO s{name}; RELEASE s{name}"))?;
        self.failed.set(false);
        Ok(())
    }

    /// A statement without values, waited for.
    pub(super) fn control(&self, sql: String) -> Result<(), StoreFault> {
        self.with_link(&sql.clone(), |link| {
            link.send_control(sql)?;
            link.settle()
        })
        .map(|_| ())
    }

    /// A statement without values, not waited for.
    pub(super) fn send_control(&self, sql: String) -> Result<(), StoreFault> {
        self.with_link(&sql.clone(), |link| link.send_control(sql))
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreFault> {
        self.control(sql.to_owned())
    }

    pub(super) fn send(&self, sql: &str, params: &[Param<'_>]) -> Result<(), StoreFault> {
        self.plan.check()?;
        self.with_link(sql, |link| {
            let statement = link.prepared(sql, params)?;
            link.send(sql, statement, cells(params))
        })
    }

    pub(super) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<usize, StoreFault> {
        self.plan.check()?;
        let changed = self.with_link(sql, |link| {
            let statement = link.prepared(sql, params)?;
            link.send(sql, statement, cells(params))?;
            link.settle()
        })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(super) fn rows(&self, sql: &str, params: &[Param<'_>], each: Each<'_>) -> Result<(), StoreFault> {
        self.plan.check()?;
        let rows = self.with_link(sql, |link| {
            let statement = link.prepared(sql, params)?;
            link.query(statement, cells(params))
        })?;
        let mut rows = std::pin::pin!(rows);
        loop {
            match pollster::block_on(rows.try_next()) {
                Ok(None) => return Ok(()),
                Ok(Some(row)) if each(&Row::of_postgres(&row))? => {}
                Ok(Some(_)) => return Ok(()),
                Err(error) => return Err(self.fault(sql, &error)),
            }
        }
    }

    /// Runs something over the connection; a failure says what it means for the transaction.
    fn with_link<T>(&self, sql: &str, work: impl FnOnce(&Link) -> Result<T, Failed>) -> Result<T, StoreFault> {
        let outcome = match self.link.borrow().as_ref() {
            None => return Err(StoreFault::Unreachable { source: "连接已断开".into() }),
            Some(link) => work(link),
        };
        outcome.map_err(|failed| self.fault(failed.sql.as_deref().unwrap_or(sql), &failed.error))
    }

    fn fault(&self, sql: &str, error: &tokio_postgres::Error) -> StoreFault {
        self.failed.set(true);
        let said = Said::of(error);
        let sql = sql.to_owned();
        let Some(code) = error.code() else {
            // No answer of the server: the connection is gone, or what was sent could not be written down.
            if self.is_lost() || error.is_closed() {
                self.hang_up();
                return StoreFault::Unreachable { source: said.into() };
            }
            return StoreFault::Statement { sql, source: said.into() };
        };
        match code {
            &SqlState::UNIQUE_VIOLATION => StoreFault::Conflict { sql, source: said.into() },
            &SqlState::DISK_FULL => StoreFault::DiskFull,
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::LOCK_NOT_AVAILABLE => {
                StoreFault::Contended { source: said.into() }
            }
            // Shut down, or no longer the primary: the next transaction looks for the one that is.
            &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
                self.hang_up();
                StoreFault::Unreachable { source: said.into() }
            }
            &SqlState::READ_ONLY_SQL_TRANSACTION if !self.reading.get() => {
                self.hang_up();
                StoreFault::Unreachable { source: said.into() }
            }
            _ => StoreFault::Statement { sql, source: said.into() },
        }
    }
}

/// A request that failed; `sql` if it was an earlier one than the one that is waited for.
pub(super) struct Failed {
    pub(super) sql: Option<Arc<str>>,
    pub(super) error: tokio_postgres::Error,
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self { sql: None, error }
    }
}

fn cells(params: &[Param<'_>]) -> Vec<Cell> {
    params.iter().map(|param| param.to_cell()).collect()
}

/// Whether a statement was prepared for values like these: NULL fits everywhere.
pub(super) fn fits(statement: &Statement, params: &[Param<'_>]) -> bool {
    let types = statement.params();
    types.len() == params.len()
        && types.iter().zip(params).all(|(ty, param)| matches!(param, Param::Null) || *ty == param.postgres_type())
}

/// What the server said, without its DETAIL, which repeats values.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Said(String);

impl Said {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        use std::error::Error;
        Self(match (error.as_db_error(), error.source()) {
            // Class 22 quotes the value that could not be understood.
            (Some(db), _) if db.code().code().starts_with("22") => format!("SQLSTATE {}", db.code().code()),
            (Some(db), _) => format!("{} (SQLSTATE {})", db.message(), db.code().code()),
            (None, Some(source)) => format!("{error}: {source}"),
            (None, None) => error.to_string(),
        })
    }
}

impl From<Said> for StoreFault {
    fn from(said: Said) -> Self {
        Self::Open { doing: "连接数据库服务器", source: Cause::from(said) }
    }
}
