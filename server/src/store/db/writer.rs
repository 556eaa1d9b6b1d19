//! The one thread that writes: jobs that arrive while a group runs form the next group, and nobody is told "done"
//! before the group's COMMIT has reached the disk.
//!
//! INVARIANT (acknowledge what is durable): `finish(Ok)` is called only after COMMIT returned success.
//! INVARIANT (fail-stop): after a failed COMMIT, fsync or page no later write is accepted in this process, because
//! the kernel may have marked the lost pages clean and a second fsync would lie.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, Tx};
use crate::store::fault::{StoreFault, chain};

/// Jobs in one group at most.
const GROUP_JOBS_MAX: usize = 256;
/// A group takes no more jobs after this long, so that the first one is not kept waiting.
const GROUP_TIME_MAX: Duration = Duration::from_millis(5);
/// About 4 MB of WAL, then it is folded into the database file, after the acknowledgements.
const WAL_PAGES_FOLD: i64 = 1_000;
/// About 64 MB: a reader keeps the WAL from being reused, so wait for it.
const WAL_PAGES_MAX: i64 = 16_000;
/// About 256 MB, for batches.
const WAL_PAGES_FOLD_BATCH: i64 = 64_000;

/// Why the store stopped writing, once it did.
pub(super) type Failure = Arc<OnceLock<String>>;

/// A unit of work without its types.
pub(super) trait Job: Send {
    /// Runs inside the group's transaction; `false` asks for its changes to be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it wants a transaction of its own, without a savepoint.
    fn alone(&self) -> bool;
    /// Whether it asks for the database to be written anew, outside any transaction.
    fn purges(&self) -> bool {
        false
    }
    /// Tells the waiting caller how the job, and its group, ended.
    fn finish(self: Box<Self>, group: Result<(), StoreFault>);
}

/// A job with its types.
struct Work<T, E, F> {
    job: Option<F>,
    alone: bool,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

/// Makes a job and the end at which its outcome arrives.
pub(super) fn job<T, E, F>(job: F, alone: bool) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreFault> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Work { job: Some(job), alone, outcome: None, reply }), receiver)
}

/// Asks for the database to be written anew.
struct Purge(oneshot::Sender<Result<(), StoreFault>>);

/// Makes that job.
pub(super) fn purge() -> (Box<dyn Job>, oneshot::Receiver<Result<(), StoreFault>>) {
    let (reply, receiver) = oneshot::channel();
    (Box::new(Purge(reply)), receiver)
}

impl Job for Purge {
    fn run(&mut self, _: &mut Tx<'_>) -> bool {
        true
    }
    fn alone(&self) -> bool {
        true
    }
    fn purges(&self) -> bool {
        true
    }
    fn finish(self: Box<Self>, done: Result<(), StoreFault>) {
        let _ = self.0.send(done);
    }
}

impl<T, E, F> Job for Work<T, E, F>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreFault> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(job) = self.job.take() else {
            return false;
        };
        let outcome = job(tx);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn alone(&self) -> bool {
        self.alone
    }

    fn finish(self: Box<Self>, group: Result<(), StoreFault>) {
        let outcome = match (group, self.outcome) {
            (Err(fault), _) => Err(E::from(fault)),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(E::from(StoreFault::Panicked)),
        };
        // A caller that went away (a closed browser) does not undo what is committed.
        let _ = self.reply.send(outcome);
    }
}

/// How a group ended before its COMMIT.
enum Group {
    Open,
    /// The engine rolled everything back by itself; later groups may succeed.
    Lost,
    /// Nothing on this connection can be trusted any more.
    Broken,
}

/// The writer's side of the queue.
pub(super) struct Writer {
    pub(super) engine: Engine,
    pub(super) queue: mpsc::Receiver<Box<dyn Job>>,
    pub(super) failure: Failure,
    /// A job that wants to be alone, met while a group was being gathered.
    pub(super) held: Option<Box<dyn Job>>,
    /// Whether the WAL is this process's to fold.
    pub(super) folds: bool,
}

impl Writer {
    /// Serves until every sender is gone, then folds the WAL.
    pub(super) fn serve(mut self) {
        while let Some(first) = self.held.take().or_else(|| self.queue.blocking_recv()) {
            if self.failure.get().is_some() {
                first.finish(Err(self.failed()));
                continue;
            }
            // A batch rewrites the same pages again and again: folding them every time would write each of them twice.
            if first.purges() {
                first.finish(self.engine.purge());
            } else if first.alone() {
                self.run_alone(first);
                self.fold(WAL_PAGES_FOLD_BATCH);
            } else {
                self.run_group(first);
                self.fold(WAL_PAGES_FOLD);
            }
        }
        if self.folds && self.failure.get().is_none() {
            let _ = self.engine.fold_wal(true);
        }
    }

    fn run_group(&mut self, first: Box<dyn Job>) {
        if let Err(fault) = self.engine.control("BEGIN IMMEDIATE") {
            self.note_fatal(&fault);
            return first.finish(Err(fault));
        }
        let began = Instant::now();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut next = Some(first);
        let mut group = Group::Open;
        while let Some(mut job) = next.take() {
            group = self.run_job(job.as_mut());
            done.push(job);
            let room = done.len() < GROUP_JOBS_MAX && began.elapsed() < GROUP_TIME_MAX;
            if room && matches!(group, Group::Open) {
                next = self.queue.try_recv().ok();
                self.held = next.take_if(|job| job.alone());
            }
        }
        let ended = match group {
            Group::Open => self.commit(),
            Group::Lost => Err(None),
            Group::Broken => {
                self.fail("读写数据库文件时出错".to_owned());
                Err(Some(()))
            }
        };
        if ended.is_err() {
            let _ = self.engine.control("ROLLBACK");
        }
        for job in done {
            job.finish(match ended {
                Ok(()) => Ok(()),
                Err(None) => Err(StoreFault::DiskFull),
                Err(Some(())) => Err(self.failed()),
            });
        }
    }

    /// A job with a transaction of its own: its failure rolls everything back, so it needs no savepoint, whose journal
    /// would copy every page that a large batch touches.
    fn run_alone(&mut self, mut job: Box<dyn Job>) {
        if let Err(fault) = self.engine.control("BEGIN IMMEDIATE") {
            self.note_fatal(&fault);
            return job.finish(Err(fault));
        }
        let mut tx = Tx::new(&self.engine);
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let ended = match ran {
            _ if self.engine.is_fatal() => {
                self.fail("读写数据库文件时出错".to_owned());
                Err(self.failed())
            }
            _ if !self.engine.in_transaction() => Err(StoreFault::DiskFull),
            Ok(true) => self.commit().map_err(|failed| failed.map_or(StoreFault::DiskFull, |()| self.failed())),
            Ok(false) | Err(_) => self.engine.control("ROLLBACK"),
        };
        if ended.is_err() && self.engine.in_transaction() {
            let _ = self.engine.control("ROLLBACK");
        }
        job.finish(ended);
    }

    /// Runs one job in its savepoint; a panic is an undone job, not a dead thread.
    fn run_job(&self, job: &mut dyn Job) -> Group {
        let mut tx = Tx::new(&self.engine);
        let ran =
            catch_unwind(AssertUnwindSafe(|| tx.savepoint(|tx| if job.run(tx) { Ok(()) } else { Err(Undo::Asked) })));
        let undone = match ran {
            Ok(Ok(()) | Err(Undo::Asked)) => Ok(()),
            Ok(Err(Undo::Fault(fault))) => {
                tracing::error!(fault = chain(&fault), "savepoint failed");
                Err(())
            }
            Err(_) => self.engine.undo_job().map_err(|_| ()),
        };
        if self.engine.is_fatal() {
            Group::Broken
        } else if !self.engine.in_transaction() {
            Group::Lost
        } else if undone.is_err() {
            Group::Broken
        } else {
            Group::Open
        }
    }

    /// `Err(None)`: no space, nothing written, the store lives on. `Err(Some)`: the store has failed.
    fn commit(&self) -> Result<(), Option<()>> {
        match self.engine.control("COMMIT") {
            Ok(()) => Ok(()),
            Err(StoreFault::DiskFull) => Err(None),
            Err(fault) => {
                self.fail(format!("提交失败：{}", chain(&fault)));
                Err(Some(()))
            }
        }
    }

    fn fold(&self, from: i64) {
        if !self.folds {
            return;
        }
        let pages = match self.engine.wal_pages() {
            Ok(pages) if pages < from => return,
            Ok(pages) => pages,
            Err(fault) => return self.note_fatal(&fault),
        };
        match self.engine.fold_wal(pages > WAL_PAGES_MAX) {
            Ok(()) => {}
            Err(StoreFault::DiskFull) => tracing::warn!("no space to fold the WAL"),
            Err(fault) => self.note_fatal(&fault),
        }
    }

    fn note_fatal(&self, fault: &StoreFault) {
        if self.engine.is_fatal() {
            self.fail(chain(fault));
        } else {
            tracing::warn!(fault = chain(fault), "store");
        }
    }

    fn fail(&self, reason: String) {
        tracing::error!(reason, "the store stops writing");
        let _ = self.failure.set(reason);
    }

    fn failed(&self) -> StoreFault {
        StoreFault::Failed { reason: self.failure.get().cloned().unwrap_or_default() }
    }
}

/// Why a job's savepoint is undone.
enum Undo {
    Asked,
    Fault(StoreFault),
}

impl From<StoreFault> for Undo {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}
