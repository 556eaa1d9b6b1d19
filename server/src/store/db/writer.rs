//! The one thread that writes: jobs that arrive while a group is on its way to the disk form the next group, and nobody is told
//! "done" before the group's COMMIT has reached the disk: of a file another thread sees to that (`flush.rs`).
//!
//! INVARIANT (acknowledge what is durable): `finish(Ok)` is called only after COMMIT returned success and the disk has it.
//! INVARIANT (fail-stop): after a failed COMMIT, fsync or page of a file no later write is accepted in this process,
//! because the kernel may have marked the lost pages clean and a second fsync would lie. A server does that by itself: it
//! crashes and recovers, we connect again, and whoever waited for that COMMIT is told that nobody knows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, Loss, Tx};
use super::failure::Failure;
use super::flush::Flushing;
use super::fold::Folding;
use super::lease::Lease;
use super::sqlite::Sqlite;
use crate::store::fault::{StoreFault, chain};

/// Jobs in one group at most.
const GROUP_JOBS_MAX: usize = 256;
/// A group takes no more jobs after this long, so that the first one is not kept waiting. Its end costs each page once, however
/// many jobs wrote to it: short groups spend their time on ends.
const GROUP_TIME_MAX: Duration = Duration::from_millis(20);
/// As long as the disk is idle a group ends sooner, so that writer and disk are both at work: else one long group waits for the
/// disk while the writer waits for its callers.
const GROUP_TIME_IDLE: Duration = Duration::from_millis(6);
/// After a job without a savepoint has undone its group, every job gets one for so long.
const WARY: Duration = Duration::from_secs(60);
/// On a full disk the WAL is folded at most this often: a pass may write much of it and still find no space.
const BETWEEN_ROOMS: Duration = Duration::from_secs(1);

/// A unit of work without its types.
pub(super) trait Job: Send {
    /// Runs inside the group's transaction; `false` asks for its changes to be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it wants a transaction of its own, without a savepoint.
    fn alone(&self) -> bool;
    /// Whether it decides before it writes, so that it needs no savepoint.
    fn decided(&self) -> bool {
        false
    }
    /// Whether only the process that writes the county may run it.
    fn needs_lease(&self) -> bool {
        true
    }
    /// Whether it asks for the database to be written anew, outside any transaction.
    fn purges(&self) -> bool {
        false
    }
    /// Its savepoint could not be kept: whatever it answered, it failed.
    fn fail(&mut self, fault: StoreFault);
    /// Tells the waiting caller how the job, and its group, ended.
    fn finish(self: Box<Self>, group: Result<(), StoreFault>);
}

/// What a job shares its transaction with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum With {
    /// Others of its group, in a savepoint: its failure undoes only itself.
    Others,
    /// Others of its group, without a savepoint, which would copy each page that it touches: for work that decides before it
    /// writes, so that it fails after writing only if something is broken. Then all of its group is undone and told
    /// [`StoreFault::Undone`], and for a while every job has its savepoint again.
    Decided,
    /// Nobody: it is large.
    Nobody,
    /// Nobody, and it needs no lease: what it writes is no part of the record.
    NoLease,
}

/// A job with its types.
struct Work<T, E, F> {
    job: Option<F>,
    with: With,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

/// Makes a job and the end at which its outcome arrives.
pub(super) fn job<T, E, F>(job: F, with: With) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreFault> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Work { job: Some(job), with, outcome: None, reply }), receiver)
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
    fn fail(&mut self, _: StoreFault) {}
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
        !matches!(self.with, With::Others | With::Decided)
    }

    fn decided(&self) -> bool {
        self.with == With::Decided
    }

    fn needs_lease(&self) -> bool {
        self.with != With::NoLease
    }

    fn fail(&mut self, fault: StoreFault) {
        self.outcome = Some(Err(E::from(fault)));
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

/// The writer's side of the queue.
pub(super) struct Writer {
    pub(super) engine: Engine,
    pub(super) queue: mpsc::Receiver<Box<dyn Job>>,
    pub(super) failure: Failure,
    /// A job that wants to be alone, met while a group was being gathered.
    pub(super) held: Option<Box<dyn Job>>,
    /// Where the WAL is this process's to make durable beside the writing.
    pub(super) flushing: Option<Flushing>,
    /// Where the WAL is this process's to fold.
    pub(super) folding: Option<Folding>,
    /// Waits for the next job and for the disk at once.
    pub(super) waiting: Runtime,
    /// Where several processes may serve the county.
    pub(super) lease: Option<Arc<Lease>>,
    /// Until then every job gets a savepoint.
    pub(super) wary_until: Option<Instant>,
    /// When the WAL was last folded because the disk was full.
    pub(super) made_room: Option<Instant>,
}

impl Writer {
    /// Serves until every sender is gone, then folds the WAL.
    pub(super) fn serve(mut self) {
        while let Some(first) = self.held.take().or_else(|| self.queue.blocking_recv()) {
            if let Err(stopped) = self.failure.check() {
                first.finish(Err(stopped.into()));
                continue;
            }
            if first.purges() {
                first.finish(self.purge());
            } else if first.alone() {
                self.run_alone(first);
                self.fold();
            } else {
                self.run_group(first);
                self.fold();
            }
        }
        self.close();
    }

    fn close(&mut self) {
        if let Some(lease) = &self.lease {
            lease.give_back(&self.engine);
        }
        if let Some(flushing) = &mut self.flushing {
            flushing.end();
        }
        if let (Some(folding), Engine::Sqlite(file)) = (&mut self.folding, &self.engine) {
            folding.end();
            if self.failure.reason().is_none() {
                let _ = file.fold_wal(true);
            }
        }
    }

    fn purge(&self) -> Result<(), StoreFault> {
        let held = self.lease.as_ref().is_none_or(|lease| lease.epoch().is_some());
        let _turn = self.folding.as_ref().map(Folding::turn);
        if held { self.engine.purge() } else { Err(StoreFault::Elsewhere) }
    }

    /// Begins a transaction, and makes sure of the lease for as long as it lasts.
    fn begin(&self, needs_lease: bool) -> Result<(), StoreFault> {
        self.engine.begin_writing().inspect_err(|fault| self.note_fatal(fault))?;
        let Some(lease) = self.lease.as_ref().filter(|_| needs_lease) else { return Ok(()) };
        lease.confirm(&self.engine).inspect_err(|_| {
            let _ = self.engine.rollback();
        })
    }

    fn run_group(&mut self, first: Box<dyn Job>) {
        if let Err(fault) = self.begin(first.needs_lease()) {
            return first.finish(Err(fault));
        }
        let began = Instant::now();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut next = Some(first);
        let mut group = Ok(());
        while let Some(mut job) = next.take() {
            group = self.run_in_group(job.as_mut());
            if matches!(group, Err(Loss::Undone)) {
                // It was the cause, and has its own answer.
                job.finish(Ok(()));
                break;
            }
            done.push(job);
            let idle = self.flushing.as_ref().is_some_and(|flushing| !flushing.is_busy());
            let longest = if idle { GROUP_TIME_IDLE } else { GROUP_TIME_MAX };
            let room = done.len() < GROUP_JOBS_MAX && began.elapsed() < longest;
            if room && group.is_ok() {
                next = self.next_of_group();
                self.held = next.take_if(|job| job.alone());
            }
        }
        self.end_and_tell(group, done);
    }

    /// The next job that is there; while the disk is busy with the group before, the next that comes: ended now, this group would
    /// only wait for the disk, and write the pages that all groups write once more.
    fn next_of_group(&mut self) -> Option<Box<dyn Job>> {
        if let Ok(job) = self.queue.try_recv() {
            return Some(job);
        }
        let Self { queue, waiting, flushing, .. } = self;
        let flushing = flushing.as_ref()?;
        waiting.block_on(async {
            while flushing.is_busy() {
                tokio::select! {
                    biased;
                    job = queue.recv() => return job,
                    () = flushing.idle() => {}
                }
            }
            None
        })
    }

    /// Commits a group, and has its jobs told when it is on disk.
    fn end_and_tell(&mut self, group: Result<(), Loss>, jobs: Vec<Box<dyn Job>>) {
        let number = self.flushing.as_ref().map(Flushing::committing);
        let ended = self.end(group);
        match (number, &self.flushing) {
            (Some(number), Some(flushing)) => flushing.hand_over(number, jobs, ended),
            _ => jobs.into_iter().for_each(|job| job.finish(ended.clone().map_err(StoreFault::from))),
        }
    }

    /// A job with a transaction of its own: its failure rolls everything back, so it needs no savepoint, whose journal
    /// would copy every page that a large batch touches.
    fn run_alone(&mut self, mut job: Box<dyn Job>) {
        if let Err(fault) = self.begin(job.needs_lease()) {
            return job.finish(Err(fault));
        }
        let mut tx = Tx::new(&self.engine);
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let open = self.still_open();
        if matches!(ran, Ok(true)) || matches!(open, Err(Loss::Fatal(_) | Loss::DiskFull)) {
            return self.end_and_tell(open, vec![job]);
        }
        // Why it failed is its own answer.
        let _ = self.engine.rollback();
        job.finish(Ok(()));
    }

    fn run_in_group(&mut self, job: &mut dyn Job) -> Result<(), Loss> {
        let wary = self.wary_until.is_some_and(|until| Instant::now() < until);
        match self.engine.written().filter(|_| job.decided() && !wary) {
            Some(before) => self.run_decided(job, before),
            None => self.run_job(job),
        }
    }

    /// Runs one job without a savepoint. One that fails before it writes leaves nothing to undo.
    fn run_decided(&mut self, job: &mut dyn Job, before: u64) -> Result<(), Loss> {
        let mut tx = Tx::new(&self.engine);
        let kept = matches!(catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))), Ok(true));
        self.still_open()?;
        if kept || self.engine.written() == Some(before) {
            return Ok(());
        }
        self.wary_until = Some(Instant::now() + WARY);
        Err(Loss::Undone)
    }

    /// Runs one job in its savepoint; a panic is an undone job, not a dead thread.
    fn run_job(&self, job: &mut dyn Job) -> Result<(), Loss> {
        let mut tx = Tx::new(&self.engine);
        let ran =
            catch_unwind(AssertUnwindSafe(|| tx.savepoint(|tx| if job.run(tx) { Ok(()) } else { Err(Undo::Asked) })));
        let undone = match ran {
            Ok(Ok(()) | Err(Undo::Asked)) => true,
            Ok(Err(Undo::Fault(fault))) => {
                tracing::error!(fault = chain(&fault), "savepoint failed");
                job.fail(fault);
                self.engine.is_sound()
            }
            Err(_) => self.engine.undo_job().is_ok(),
        };
        self.still_open()?;
        if undone { Ok(()) } else { Err(self.engine.after_failed_undo()) }
    }

    fn still_open(&self) -> Result<(), Loss> {
        if self.engine.is_fatal() {
            Err(Loss::Fatal("读写数据库文件时出错".to_owned()))
        } else if !self.engine.in_transaction() {
            Err(self.engine.why_lost())
        } else {
            Ok(())
        }
    }

    /// Commits what is still open, unless the store has stopped meanwhile. A loss that is fatal stops the store.
    fn end(&mut self, group: Result<(), Loss>) -> Result<(), Loss> {
        let ended = group.and_then(|()| self.failure.check()).and_then(|()| self.engine.commit());
        if let Err(loss) = &ended {
            let _ = self.engine.rollback();
            match loss {
                Loss::Fatal(reason) => self.failure.stop(reason.clone()),
                Loss::DiskFull => self.make_room(),
                other => tracing::warn!(loss = ?other, "a group was not committed"),
            }
        }
        ended
    }

    /// Keeps the WAL short; nobody waits for it, the group is told.
    fn fold(&self) {
        self.fold_by(Folding::follow);
    }

    /// The disk is full: what stands in the WAL and in the file takes its space twice, and the WAL gives it back.
    fn make_room(&mut self) {
        tracing::warn!("a group was not committed: no space on the disk");
        if self.made_room.is_none_or(|last| last.elapsed() >= BETWEEN_ROOMS) {
            self.made_room = Some(Instant::now());
            self.fold_by(Folding::empty);
        }
    }

    fn fold_by(&self, way: fn(&Folding, &Sqlite) -> Result<(), StoreFault>) {
        let (Some(folding), Engine::Sqlite(file)) = (&self.folding, &self.engine) else { return };
        match way(folding, file) {
            Ok(()) => {}
            Err(StoreFault::DiskFull) => tracing::warn!("no space to fold the WAL"),
            Err(fault) => self.note_fatal(&fault),
        }
    }

    fn note_fatal(&self, fault: &StoreFault) {
        if self.engine.is_fatal() {
            self.failure.stop(chain(fault));
        } else {
            tracing::warn!(fault = chain(fault), "store");
        }
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
