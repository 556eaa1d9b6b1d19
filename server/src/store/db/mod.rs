//! The store's door: one writer thread with group commit, a few readers beside it, one lock on the data folder.
//!
//! Only this folder knows which engine it is talking to. Does not belong here: any query of ours.

mod engine;
mod failure;
mod flush;
mod fold;
mod folder;
mod home;
mod lease;
mod link;
mod loan;
mod postgres;
mod source;
mod sqlite;
mod value;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc as signal};
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, mpsc};

pub use engine::{Dialect, Query, Reader, Scratch, Tx};
pub use home::{Address, AddressFault, Home};
pub use lease::Lease;
pub use sqlite::{BULK_PAGES_MIB, PAGES_MIB};
pub use value::{Cell, Param, Row};
pub use writer::With;

use super::fault::StoreFault;
use super::migrate::{self, Migration};
use engine::{Engine, FaultPlan};
use failure::Failure;
use flush::{Flushing, Mark};
use fold::Folding;
use folder::{Hold, lock_folder, make_private_folder};
use lease::{Keeper, Wish};
use loan::Borrowed;
use source::{Place, Source};
use writer::{Job, Writer};

/// Connections that read; two cores gain nothing from more.
const READERS: usize = 4;
/// Writes waiting before callers themselves wait.
const QUEUE: usize = 1_024;

/// The county's database. Cheap to clone; the last clone to go closes it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    home: Home,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    failure: Failure,
    /// How far what was committed is on disk.
    mark: Arc<Mark>,
    /// Beside another process, which may be on its way to disk with what is seen here: its WAL.
    beside: Option<File>,
    plan: FaultPlan,
    idle: Mutex<Vec<Engine>>,
    returned: Condvar,
    turns: Arc<Semaphore>,
    lease: Option<Arc<Lease>>,
    keeper: Option<(signal::Sender<()>, JoinHandle<()>)>,
    /// Held for as long as the process has the folder open; released last. None for one that only reads.
    _lock: Option<Hold>,
}

impl Db {
    /// Opens (or makes) the database of a home and brings it up to date.
    ///
    /// Errors: the folder is in use, the file is damaged, foreign or newer than this program; in none of these
    /// cases is anything overwritten.
    pub fn open(home: impl Into<Home>) -> Result<Self, StoreFault> {
        Self::open_with(home, migrate::MIGRATIONS)
    }

    /// As [`Db::open`], with the given migrations (tests of migration itself).
    pub fn open_with(home: impl Into<Home>, migrations: &[Migration]) -> Result<Self, StoreFault> {
        Self::open_as(&home.into(), migrations, Wish::Write)
    }

    /// Opens the database to serve a county. On a server another process may be writing it: then this one follows
    /// ([`Db::writes`]) until the other is gone. `name` tells this process from others, and is the same after a restart.
    ///
    /// Errors: as [`Db::open`]; [`StoreFault::Older`] if another process writes it that has yet to bring it up to date.
    pub fn open_to_serve(home: impl Into<Home>, name: &str) -> Result<Self, StoreFault> {
        Self::open_as(&home.into(), migrate::MIGRATIONS, Wish::Serve(name))
    }

    fn open_as(home: &Home, migrations: &[Migration], wish: Wish<'_>) -> Result<Self, StoreFault> {
        make_private_folder(&home.data)?;
        let lock = lock_folder(&home.data, home.database.is_some() && matches!(wish, Wish::Serve(_)))?;
        failure::clear(home);
        let source = Source::of(home)?;
        let engine = source.writer()?;
        let mut lease = Lease::of(&engine, home, wish)?;
        if lease.as_ref().is_some_and(|lease| lease.epoch().is_none()) {
            migrate::require_current(&Reader::new(&engine), migrations)?;
        } else {
            migrate::bring_up_to_date(&Session { engine: &engine }, migrations, home)?;
        }
        if lease.is_none() {
            // It had no table for it until now.
            lease = Lease::of(&engine, home, wish)?;
        }
        Self::with_writer(home, source, engine, Some(lock), lease)
    }

    /// Opens the database to write what is no part of the record (the library of statutes), also beside a process that
    /// serves it. Alone, it holds the folder as [`Db::open`] does; beside another, each job must be short, because that
    /// process waits for it, and the WAL is left for that process to fold.
    ///
    /// Errors: as [`Db::open`]; [`StoreFault::Older`] if the serving process is of an older program.
    pub fn open_beside(home: impl Into<Home>) -> Result<Self, StoreFault> {
        let home = &home.into();
        match Self::open(home.clone()) {
            Err(StoreFault::InUse { .. } | StoreFault::Held { .. }) => {}
            other => return other,
        }
        failure::check(home)?;
        let source = Source::of(home)?;
        let engine = source.writer()?;
        migrate::require_current(&Reader::new(&engine), migrate::MIGRATIONS)?;
        Self::with_writer(home, source, engine, None, None)
    }

    fn with_writer(
        home: &Home,
        source: Source,
        engine: Engine,
        lock: Option<Hold>,
        lease: Option<Arc<Lease>>,
    ) -> Result<Self, StoreFault> {
        let idle = (0..READERS).map(|_| source.reader()).collect::<Result<Vec<_>, _>>()?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let failure = Failure::of(home);
        let keeper = match (&lease, &source.place) {
            (Some(lease), Place::Server(dial)) => {
                let (open, closing) = signal::channel();
                let (lease, dial) = (Arc::clone(lease), Arc::clone(dial));
                let keeper = Keeper { lease, dial, queue: sender.downgrade(), closing };
                Some((open, start_thread("lease", home, move || keeper.keep())?))
            }
            _ => None,
        };
        let mark = Arc::new(Mark::default());
        let (flushing, folding) = match (&source.place, &engine) {
            (Place::File(path), Engine::Sqlite(file)) if lock.is_some() => {
                let flushing = Flushing::start(path, file, home, &mark, &failure)?;
                (Some(flushing), Some(Folding::start(path, home, &failure)?))
            }
            _ => (None, None),
        };
        let waiting = tokio::runtime::Builder::new_current_thread().build().map_err(|source| StoreFault::Io {
            doing: "启动写入线程",
            path: home.data.clone(),
            source,
        })?;
        let writer = Writer {
            engine,
            queue,
            failure: failure.clone(),
            held: None,
            flushing,
            folding,
            waiting,
            lease: lease.clone(),
            wary_until: None,
            made_room: None,
        };
        let thread = start_thread("writer", home, move || writer.serve())?;
        let inner = Inner {
            home: home.clone(),
            queue: Some(sender),
            thread: Some(thread),
            failure,
            mark,
            beside: None,
            plan: source.plan,
            idle: Mutex::new(idle),
            returned: Condvar::new(),
            turns: Arc::new(Semaphore::new(READERS)),
            lease,
            keeper,
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the database of a home only to read it, beside another process that may be serving it: no lock, no
    /// migration, and every write answers [`StoreFault::Closed`].
    ///
    /// Errors: as [`Db::open`]; [`StoreFault::Older`] if it still has to be brought up to date.
    pub fn open_for_reading(home: impl Into<Home>) -> Result<Self, StoreFault> {
        let home = &home.into();
        failure::check(home)?;
        let source = Source::of(home)?;
        let engine = source.beside()?;
        migrate::require_current(&Reader::new(&engine), migrate::MIGRATIONS)?;
        let beside = source.wal()?;
        let inner = Inner {
            home: home.clone(),
            queue: None,
            thread: None,
            failure: Failure::of(home),
            mark: Arc::new(Mark::default()),
            beside,
            plan: source.plan,
            idle: Mutex::new(vec![engine]),
            returned: Condvar::new(),
            turns: Arc::new(Semaphore::new(1)),
            lease: None,
            keeper: None,
            _lock: None,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether a home has a database of ours at all; looking makes nothing.
    pub fn exists(home: &Home) -> Result<bool, StoreFault> {
        if home.database.is_none() {
            return Ok(home.file().exists());
        }
        migrate::is_there(&Reader::new(&Source::of(home)?.beside()?))
    }

    /// Runs `work` in the writer and returns once it is on disk. An `Err` undoes only this job.
    ///
    /// If the caller goes away the job still runs. Errors: `E`, or a [`StoreFault`] turned into `E`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        self.write_with(With::Others, work).await
    }

    /// As [`Db::write`], for what is no part of the record (when a session was last seen): also in a process that follows
    /// another. In a transaction of its own.
    pub async fn write_aside<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        self.write_with(With::NoLease, work).await
    }

    /// As [`Db::write`], saying what it shares its transaction with.
    pub async fn write_with<T, E, F>(&self, with: With, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let (job, reply) = writer::job(work, with);
        let queue = self.queue()?;
        queue.send(job).await.map_err(|_| StoreFault::Closed)?;
        reply.await.unwrap_or_else(|_| Err(StoreFault::Closed.into()))
    }

    /// As [`Db::write`], from a plain thread and in a transaction of its own: the simulator and the commands, whose jobs
    /// are large. Never from async code.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let (job, reply) = writer::job(work, With::Nobody);
        let queue = self.queue()?;
        queue.blocking_send(job).map_err(|_| StoreFault::Closed)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StoreFault::Closed.into()))
    }

    /// Runs `work` on a blocking thread over one consistent view of what is committed, and returns when all that it saw is on
    /// disk.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let turn = Arc::clone(&self.inner.turns).acquire_owned().await.map_err(|_| StoreFault::Closed)?;
        let db = self.clone();
        let ran = tokio::task::spawn_blocking(move || {
            let (read, seen) = db.borrow_reader().read(work);
            // Others may read while this one waits for the disk.
            drop(turn);
            db.settle(seen)?;
            read
        });
        ran.await.unwrap_or_else(|_| Err(StoreFault::Panicked.into()))
    }

    /// For a look by key that takes microseconds and shows nothing (whose session is this?): on the caller's own thread if a
    /// reader is free, because handing it to another thread costs more than the look itself, and without waiting for the disk.
    /// A database on the network is waited for elsewhere.
    pub async fn glance<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let free = || self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match self.inner.home.database.is_none().then(free).flatten() {
            Some(engine) => Borrowed { inner: &self.inner, engine: Some(engine) }.read(work).0,
            None => self.read(work).await,
        }
    }

    /// As [`Db::read`], from a plain thread, and all that `work` will see is on disk before it begins: it may write files of it.
    pub fn read_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E>,
        E: From<StoreFault>,
    {
        self.borrow_reader().read_settled(|seen| self.settle(seen), work)
    }

    /// As [`Db::read`], for what is signed or leaves the house: after a failure of the disk it does not, since what this process
    /// sees then may be gone when it starts again.
    ///
    /// Errors: as [`Db::read`]; [`StoreFault::Failed`].
    pub async fn read_for_outside<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let read = self.read(work).await?;
        self.check()?;
        Ok(read)
    }

    /// Writes the database anew, so that nothing that was deleted can be found in its files. From a plain thread.
    ///
    /// Errors: [`StoreFault::Busy`] while a reader holds an old view: ask again.
    pub fn purge_blocking(&self) -> Result<(), StoreFault> {
        let (job, reply) = writer::purge();
        self.queue()?.blocking_send(job).map_err(|_| StoreFault::Closed)?;
        reply.blocking_recv().unwrap_or(Err(StoreFault::Closed))
    }

    /// Whether this process writes the county: always, unless another one does on the same server.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.lease().is_none_or(|lease| lease.epoch().is_some())
    }

    /// This process's part in writing the county, where several may serve it.
    #[must_use]
    pub fn lease(&self) -> Option<&Arc<Lease>> {
        self.inner.lease.as_ref()
    }

    /// Why the store stopped writing, if it did. The server answers "not healthy" then.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.inner.failure.reason().cloned()
    }

    /// Errors: [`StoreFault::Failed`] if the store stopped writing.
    pub fn check(&self) -> Result<(), StoreFault> {
        self.inner.failure.check().map_err(StoreFault::from)
    }

    /// Copies what is committed to a new SQLite file while everything goes on: page by page. `false` for another engine,
    /// from which it has to be carried over row by row.
    pub fn copy_to(&self, target: &Path) -> Result<bool, StoreFault> {
        let borrowed = self.borrow_reader();
        match borrowed.engine.as_ref() {
            None => Err(StoreFault::Closed),
            Some(Engine::Sqlite(file)) => {
                file.copy_to(target).and_then(|()| self.settle(self.inner.mark.committed())).map(|()| true)
            }
            Some(Engine::Postgres(_)) => Ok(false),
        }
    }

    /// Where the SQLite file of a data folder lies.
    #[must_use]
    pub fn file_in(data: &Path) -> PathBuf {
        data.join("zhunsheng.db")
    }

    /// Lets the `nth` statement from now fail once (tests only; zero: none).
    pub fn fail_at(&self, nth: u32) {
        self.inner.plan.fail_at(nth);
    }

    fn queue(&self) -> Result<&mpsc::Sender<Box<dyn Job>>, StoreFault> {
        self.check()?;
        self.inner.queue.as_ref().ok_or(StoreFault::Closed)
    }

    fn settle(&self, seen: u64) -> Result<(), StoreFault> {
        if let Some(wal) = &self.inner.beside {
            let path = self.inner.home.file();
            wal.sync_data().map_err(|source| StoreFault::Io { doing: "落盘预写日志", path, source })?;
        }
        self.inner.mark.settle(seen, &self.inner.failure)
    }

    fn borrow_reader(&self) -> Borrowed<'_> {
        let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(engine) = idle.pop() {
                return Borrowed { inner: &self.inner, engine: Some(engine) };
            }
            idle = self.inner.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("home", &self.inner.home).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue = None;
        if let Some((open, keeper)) = self.keeper.take() {
            // It may be waiting for the writer, which goes on until nobody holds the queue.
            drop(open);
            if keeper.thread().id() != std::thread::current().id() {
                let _ = keeper.join();
            }
        }
        self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(thread) = self.thread.take() {
            // The last clone may die inside a job, on the writer itself: it cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

fn start_thread(name: &str, home: &Home, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreFault> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map_err(|source| StoreFault::Io { doing: "启动写入线程", path: home.data.clone(), source })
}

/// What `migrate.rs` may do: run a part in a transaction of its own.
pub(super) struct Session<'e> {
    engine: &'e Engine,
}

impl Session<'_> {
    /// One transaction: all of `part` or nothing.
    pub(super) fn transaction<T>(
        &self,
        part: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.engine.begin_writing()?;
        let outcome = part(&mut Tx::new(self.engine)).and_then(|value| {
            self.engine.commit()?;
            Ok(value)
        });
        if outcome.is_err() {
            self.engine.rollback()?;
        }
        outcome
    }
}
