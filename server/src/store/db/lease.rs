//! Who writes a county that several processes serve: one row on the server, held for a term and renewed, with an epoch that
//! grows with every change of the holder.
//!
//! INVARIANT: the transaction of every group locks the row with the epoch that the process believes in. Taking over changes the row,
//! so it waits for a group that is being committed, and a process that was overtaken commits nothing more, however long it
//! slept. The term only decides *when* another process may try; nothing depends on clocks of processes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc as signal};
use std::time::Duration;

use rand_core::RngCore;
use tokio::sync::mpsc;

use super::engine::{Engine, Query, Reader, Tx};
use super::link::Dial;
use super::postgres::Postgres;
use super::writer::{self, Job};
use super::{FaultPlan, Home, Session};
use crate::params;
use crate::store::fault::{StoreFault, chain};
use crate::store::{catalog, settings};

/// How long a process that is not heard of keeps a county.
const TERM_MS: i64 = 12_000;
/// How often it is heard of, and how often others look.
const BEAT: Duration = Duration::from_secs(3);

/// The server's clock.
const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/// This process's part in writing a county.
pub struct Lease {
    county: String,
    holder: String,
    address: Mutex<String>,
    /// Zero: another process writes.
    epoch: AtomicI64,
    /// Where the holder is found, if it is another process and takes requests.
    other: Mutex<Option<String>>,
}

/// What a process wants with a county on a server.
#[derive(Clone, Copy)]
pub(super) enum Wish<'a> {
    /// To write it, or nothing.
    Write,
    /// To serve it: to write it, or to follow the process that does. Under this name.
    Serve(&'a str),
}

/// How taking went.
enum Taken {
    /// It is ours.
    Ours,
    /// Another process has it: its name.
    Held(String),
}

impl Lease {
    /// The lease of the county in a database, if there is one: taken, or followed.
    pub(super) fn of(engine: &Engine, home: &Home, wish: Wish<'_>) -> Result<Option<Arc<Self>>, StoreFault> {
        if home.database.is_none() {
            return Ok(None);
        }
        let county = Session { engine }.transaction(|tx| {
            let tables = catalog::all_tables(tx)?;
            if !tables.iter().any(|table| table == catalog::LEASE) {
                return Ok(None);
            }
            let counties = settings::list_counties(tx, settings::COUNTY_NAME)?;
            let wanted = home.county.as_deref();
            let found = counties.iter().find(|(code, _)| wanted.map_or(counties.len() == 1, |wanted| wanted == code));
            Ok(found.map(|(code, _)| code.clone()))
        })?;
        let Some(county) = county else { return Ok(None) };
        let name = match wish {
            Wish::Serve(name) => name.to_owned(),
            // Never taken for another process, of whatever host.
            Wish::Write => format!("一次性命令，进程号 {}，{:016x}", std::process::id(), rand_core::OsRng.next_u64()),
        };
        let lease = Self::new(county, name);
        match (lease.take(engine)?, wish) {
            (Taken::Held(holder), Wish::Write) => Err(StoreFault::Held { holder }),
            _ => Ok(Some(lease)),
        }
    }

    /// `holder` names this process: one that starts again under the same name need not wait for its own term to end.
    fn new(county: String, holder: String) -> Arc<Self> {
        Arc::new(Self { county, holder, address: Mutex::default(), epoch: AtomicI64::new(0), other: Mutex::default() })
    }

    /// Which holding this is, growing with every change of the holder; none while another process writes.
    #[must_use]
    pub fn epoch(&self) -> Option<i64> {
        Some(self.epoch.load(Ordering::Acquire)).filter(|epoch| *epoch > 0)
    }

    /// Where the process that writes is found, if it is another one and known.
    #[must_use]
    pub fn other(&self) -> Option<String> {
        self.other.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where this process is found by the others. They learn it with the next beat.
    pub fn announce(&self, address: &str) {
        address.clone_into(&mut self.address.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn address(&self) -> String {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the row if nobody holds it, its term is over, or it is held under our own name.
    fn take(&self, engine: &Engine) -> Result<Taken, StoreFault> {
        let address = self.address();
        let taken = Session { engine }.transaction(|tx| {
            let sql = format!(
                "INSERT INTO lease (county_code, epoch, holder, address, until_ms) VALUES ($1, 1, $2, $3, {NOW} + $4)
                 ON CONFLICT (county_code) DO UPDATE SET epoch = lease.epoch + 1, holder = excluded.holder,
                     address = excluded.address, until_ms = excluded.until_ms
                 WHERE lease.until_ms <= {NOW} OR lease.holder = excluded.holder
                 RETURNING epoch"
            );
            let values = params![self.county.as_str(), self.holder.as_str(), address.as_str(), TERM_MS];
            tx.query_one(&sql, values, |row| row.int(0))
        })?;
        if let Some(epoch) = taken {
            *self.other.lock().unwrap_or_else(PoisonError::into_inner) = None;
            self.epoch.store(epoch, Ordering::Release);
            return Ok(Taken::Ours);
        }
        engine.begin_reading()?;
        let held = Reader::new(engine).query_one(
            "SELECT holder, address FROM lease WHERE county_code = $1",
            params![self.county.as_str()],
            |row| Ok((row.text(0)?, row.text(1)?)),
        );
        engine.rollback()?;
        let (holder, address) = held?.unwrap_or_default();
        *self.other.lock().unwrap_or_else(PoisonError::into_inner) = Some(address).filter(|it| !it.is_empty());
        Ok(Taken::Held(holder))
    }

    /// First in every group: that the row is still ours, and stays so until this transaction ends.
    ///
    /// Errors: [`StoreFault::Elsewhere`].
    pub(super) fn confirm(&self, engine: &Engine) -> Result<(), StoreFault> {
        let Some(epoch) = self.epoch() else { return Err(StoreFault::Elsewhere) };
        if let Engine::Postgres(server) = engine {
            // A process that is stopped in the middle of a group holds the row no longer than one that is not heard of.
            server.send_control(format!("SET LOCAL idle_in_transaction_session_timeout = {TERM_MS}"))?;
        }
        let found = Reader::new(engine).query_one(
            "SELECT 1 FROM lease WHERE county_code = $1 AND holder = $2 AND epoch = $3 FOR SHARE",
            params![self.county.as_str(), self.holder.as_str(), epoch],
            |_| Ok(()),
        )?;
        found.ok_or_else(|| self.lost())
    }

    fn lost(&self) -> StoreFault {
        tracing::warn!(county = self.county, "another process writes this county now");
        self.epoch.store(0, Ordering::Release);
        StoreFault::Elsewhere
    }

    fn renew(&self, tx: &mut Tx<'_>) -> Result<(), StoreFault> {
        let Some(epoch) = self.epoch() else { return Err(StoreFault::Elsewhere) };
        let sql = format!(
            "UPDATE lease SET until_ms = {NOW} + $4, address = $5 WHERE county_code = $1 AND holder = $2 AND epoch = $3"
        );
        let address = self.address();
        let values = params![self.county.as_str(), self.holder.as_str(), epoch, TERM_MS, address.as_str()];
        if tx.execute(&sql, values)? == 0 { Err(self.lost()) } else { Ok(()) }
    }

    /// Gives it back, so that nobody waits for the term to end.
    pub(super) fn give_back(&self, engine: &Engine) {
        let Some(epoch) = self.epoch() else { return };
        let given = Session { engine }.transaction(|tx| {
            tx.execute(
                "UPDATE lease SET until_ms = 0 WHERE county_code = $1 AND holder = $2 AND epoch = $3",
                params![self.county.as_str(), self.holder.as_str(), epoch],
            )
        });
        self.epoch.store(0, Ordering::Release);
        if let Err(fault) = given {
            tracing::warn!(fault = chain(&fault), "the lease was not given back; it ends with its term");
        }
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").field("county", &self.county).field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}

/// Renews or tries to take, beat by beat, until the store closes. The writer renews, between groups, so a renewal never waits for a
/// group and a group never for a renewal; trying goes over a connection of its own.
pub(super) struct Keeper {
    pub(super) lease: Arc<Lease>,
    pub(super) dial: Arc<Dial>,
    pub(super) queue: mpsc::WeakSender<Box<dyn Job>>,
    /// Closed when the store closes.
    pub(super) closing: signal::Receiver<()>,
}

impl Keeper {
    /// Keeps until the store closes.
    pub(super) fn keep(self) {
        let mut connection: Option<Engine> = None;
        while let Err(signal::RecvTimeoutError::Timeout) = self.closing.recv_timeout(BEAT) {
            let kept = match self.lease.epoch() {
                Some(_) => self.renew(),
                None => self.try_to_take(&mut connection),
            };
            if let Err(fault) = kept {
                tracing::warn!(fault = chain(&fault), "lease");
            }
        }
    }

    fn renew(&self) -> Result<(), StoreFault> {
        let Some(queue) = self.queue.upgrade() else { return Ok(()) };
        let lease = Arc::clone(&self.lease);
        let (job, answer) = writer::job(move |tx| lease.renew(tx), writer::With::Others);
        queue.blocking_send(job).map_err(|_| StoreFault::Closed)?;
        answer.blocking_recv().unwrap_or(Err(StoreFault::Closed))
    }

    fn try_to_take(&self, connection: &mut Option<Engine>) -> Result<(), StoreFault> {
        if connection.is_none() {
            let made = Postgres::open(Arc::clone(&self.dial), FaultPlan::default())?;
            *connection = Some(Engine::Postgres(Box::new(made)));
        }
        let Some(engine) = connection.as_ref() else { return Ok(()) };
        if matches!(self.lease.take(engine)?, Taken::Ours) {
            let lease = &self.lease;
            tracing::warn!(county = lease.county, epoch = lease.epoch(), "this process writes the county from now on");
        }
        Ok(())
    }
}
