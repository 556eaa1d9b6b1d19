//! The store's door: one writer thread with group commit, a few readers beside it, one lock on the data folder.
//!
//! Only this folder knows which engine it is talking to. Does not belong here: any query of ours.

mod engine;
mod value;
mod writer;

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, mpsc};

pub use engine::{Query, Reader, Tx};
pub use value::{Param, Row};

use super::fault::StoreFault;
use super::migrate::{self, Migration};
use engine::{Engine, FaultPlan};
use writer::{Failure, Job, Writer};

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
    path: PathBuf,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    failure: Failure,
    plan: FaultPlan,
    idle: Mutex<Vec<Engine>>,
    returned: Condvar,
    turns: Semaphore,
    /// Held for as long as the process has the folder open; released last. None for one that only reads.
    _lock: Option<File>,
}

impl Db {
    /// Opens (or makes) `<data>/zhunsheng.db` and brings it up to date.
    ///
    /// Errors: the folder is in use, the file is damaged, foreign or newer than this program; in none of these
    /// cases is anything overwritten.
    pub fn open(data: &Path) -> Result<Self, StoreFault> {
        Self::open_with(data, migrate::MIGRATIONS)
    }

    /// As [`Db::open`], with the given migrations (tests of migration itself).
    pub fn open_with(data: &Path, migrations: &[Migration]) -> Result<Self, StoreFault> {
        make_private_folder(data)?;
        let lock = lock_folder(data)?;
        let path = Self::file_in(data);
        let plan = FaultPlan::default();
        let engine = Engine::open_writer(&path, plan.clone())?;
        restrict(&path);
        migrate::bring_up_to_date(&engine_session(&engine), migrations)?;
        Self::with_writer(path, plan, engine, Some(lock))
    }

    /// Opens the database to write what is no part of the record (the library of statutes), also beside a process that
    /// serves it. Alone, it holds the folder as [`Db::open`] does; beside another, each job must be short, because that
    /// process waits for it, and the WAL is left for that process to fold.
    ///
    /// Errors: as [`Db::open`]; [`StoreFault::Older`] if the serving process is of an older program.
    pub fn open_beside(data: &Path) -> Result<Self, StoreFault> {
        match Self::open(data) {
            Err(StoreFault::InUse { .. }) => {}
            other => return other,
        }
        let path = Self::file_in(data);
        let plan = FaultPlan::default();
        let engine = Engine::open_writer(&path, plan.clone())?;
        migrate::require_current(&Reader::new(&engine), migrate::MIGRATIONS)?;
        Self::with_writer(path, plan, engine, None)
    }

    fn with_writer(path: PathBuf, plan: FaultPlan, engine: Engine, lock: Option<File>) -> Result<Self, StoreFault> {
        let idle = (0..READERS).map(|_| Engine::open_reader(&path, plan.clone())).collect::<Result<Vec<_>, _>>()?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let failure: Failure = Arc::new(OnceLock::new());
        let writer = Writer { engine, queue, failure: Arc::clone(&failure), held: None, folds: lock.is_some() };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.serve())
            .map_err(|source| StoreFault::Io { doing: "启动写入线程", path: path.clone(), source })?;
        let inner = Inner {
            path,
            queue: Some(sender),
            thread: Some(thread),
            failure,
            plan,
            idle: Mutex::new(idle),
            returned: Condvar::new(),
            turns: Semaphore::new(READERS),
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the database of a folder only to read it, beside another process that may be serving it: no lock, no
    /// migration, and every write answers [`StoreFault::Closed`].
    ///
    /// Errors: as [`Db::open`]; [`StoreFault::Older`] if it still has to be brought up to date.
    pub fn open_for_reading(data: &Path) -> Result<Self, StoreFault> {
        let path = Self::file_in(data);
        let plan = FaultPlan::default();
        let engine = Engine::open_beside(&path, plan.clone())?;
        migrate::require_current(&Reader::new(&engine), migrate::MIGRATIONS)?;
        let inner = Inner {
            path,
            queue: None,
            thread: None,
            failure: Arc::new(OnceLock::new()),
            plan,
            idle: Mutex::new(vec![engine]),
            returned: Condvar::new(),
            turns: Semaphore::new(1),
            _lock: None,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Where the database file of a data folder lies.
    #[must_use]
    pub fn file_in(data: &Path) -> PathBuf {
        data.join("zhunsheng.db")
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
        let (job, reply) = writer::job(work, false);
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
        let (job, reply) = writer::job(work, true);
        let queue = self.queue()?;
        queue.blocking_send(job).map_err(|_| StoreFault::Closed)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(StoreFault::Closed.into()))
    }

    /// Runs `work` on a blocking thread over one consistent view of what is committed.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let _turn = self.inner.turns.acquire().await.map_err(|_| StoreFault::Closed)?;
        let db = self.clone();
        let ran = tokio::task::spawn_blocking(move || db.read_blocking(work)).await;
        ran.unwrap_or_else(|_| Err(StoreFault::Panicked.into()))
    }

    /// As [`Db::read`], for a look by key that takes microseconds: on the caller's own thread if a reader is free, because
    /// handing it to another thread costs more than the look itself.
    pub async fn glance<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreFault> + Send + 'static,
    {
        let free = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match free {
            Some(engine) => Borrowed { inner: &self.inner, engine: Some(engine) }.read(work),
            None => self.read(work).await,
        }
    }

    /// As [`Db::read`], from a plain thread.
    pub fn read_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Reader<'_>) -> Result<T, E>,
        E: From<StoreFault>,
    {
        self.borrow_reader().read(work)
    }

    /// Why the store stopped writing, if it did. The server answers "not healthy" then.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.inner.failure.get().cloned()
    }

    /// Copies what is committed to a new file while everything goes on.
    pub fn copy_to(&self, target: &Path) -> Result<(), StoreFault> {
        let borrowed = self.borrow_reader();
        let Some(engine) = borrowed.engine.as_ref() else {
            return Err(StoreFault::Closed);
        };
        engine.copy_to(target)
    }

    /// Lets the `nth` statement from now fail once (tests only; zero: none).
    pub fn fail_at(&self, nth: u32) {
        self.inner.plan.fail_at(nth);
    }

    fn queue(&self) -> Result<&mpsc::Sender<Box<dyn Job>>, StoreFault> {
        if let Some(reason) = self.failure() {
            return Err(StoreFault::Failed { reason });
        }
        self.inner.queue.as_ref().ok_or(StoreFault::Closed)
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
        f.debug_struct("Db").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue = None;
        self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(thread) = self.thread.take() {
            // The last clone may die inside a job, on the writer itself: it cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// A reader on loan; given back even if the work panics.
struct Borrowed<'d> {
    inner: &'d Inner,
    engine: Option<Engine>,
}

impl Borrowed<'_> {
    fn read<T, E: From<StoreFault>>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let Some(engine) = self.engine.as_ref() else {
            return Err(StoreFault::Closed.into());
        };
        engine.control("BEGIN")?;
        work(&Reader::new(engine))
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            if engine.in_transaction() {
                let _ = engine.control("ROLLBACK");
            }
            self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
            self.inner.returned.notify_one();
        }
    }
}

/// What `migrate.rs` may do: run a part in a transaction of its own.
pub(super) struct Session<'e> {
    engine: &'e Engine,
}

fn engine_session(engine: &Engine) -> Session<'_> {
    Session { engine }
}

impl Session<'_> {
    /// One transaction: all of `part` or nothing.
    pub(super) fn transaction<T>(
        &self,
        part: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.engine.control("BEGIN IMMEDIATE")?;
        let outcome = part(&mut Tx::new(self.engine)).and_then(|value| {
            self.engine.control("COMMIT")?;
            Ok(value)
        });
        if outcome.is_err() && self.engine.in_transaction() {
            self.engine.control("ROLLBACK")?;
        }
        outcome
    }
}

fn make_private_folder(data: &Path) -> Result<(), StoreFault> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(|source| StoreFault::Io {
        doing: "建立数据目录",
        path: data.to_owned(),
        source,
    })
}

/// Only the owner reads the database; a failure to tighten is the operating system's choice, not a fault.
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

fn lock_folder(data: &Path) -> Result<File, StoreFault> {
    let path = data.join("lock");
    let io = |doing| {
        let path = path.clone();
        move |source| StoreFault::Io { doing, path, source }
    };
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io("打开锁文件"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(StoreFault::InUse { data: data.to_owned(), holder: holder.trim().to_owned() });
        }
        Err(TryLockError::Error(source)) => return Err(io("锁定数据目录")(source)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "进程号 {}", std::process::id()))
        .map_err(io("写锁文件"))?;
    Ok(file)
}
