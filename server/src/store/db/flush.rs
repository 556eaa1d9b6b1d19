//! Flushing: what the writer has committed is made durable on a thread of its own, so that the next group is worked on while the
//! disk is. The writer's connection does not wait for the disk (`synchronous=NORMAL`); whoever was promised "done" does.
//!
//! INVARIANT (acknowledge what is durable): a group's jobs are told only after an fdatasync of the WAL that began after its COMMIT.
//! INVARIANT (what is shown is durable): a reader may see a group that is not, so it waits until that group is ([`Mark::settle`]).
//! INVARIANT (fail-stop): after a failed fdatasync nothing is acknowledged any more, however many later ones would succeed.
//!
//! Does not belong here: what a group is (`writer.rs`), and how the WAL gets into the file (`fold.rs`). SQLite syncs the WAL
//! itself before it folds it, and its header before it begins it anew: whatever is flushed here, the file stays whole.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::Notify;

use super::engine::Loss;
use super::failure::Failure;
use super::home::Home;
use super::sqlite::Sqlite;
use super::start_thread;
use super::writer::Job;
use crate::store::fault::StoreFault;

/// How far groups have come. Groups are numbered from one.
#[derive(Default)]
pub(super) struct Mark {
    /// The last that was, or is being, committed.
    committed: AtomicU64,
    /// The last of which the end is known.
    settled: Mutex<u64>,
    moved: Condvar,
    /// Wakes the writer when the disk is idle.
    idle: Notify,
}

impl Mark {
    /// The last group that a view taken now may hold.
    pub(super) fn committed(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Waits until a group that was seen is on disk. After a failure there is nothing to wait for.
    ///
    /// Errors: the disk failed while it waited.
    pub(super) fn settle(&self, seen: u64, failure: &Failure) -> Result<(), StoreFault> {
        let failed_before = failure.reason().is_some();
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        if *settled >= seen {
            return Ok(());
        }
        while *settled < seen {
            settled = self.moved.wait(settled).unwrap_or_else(PoisonError::into_inner);
        }
        match failure.reason() {
            Some(reason) if !failed_before => Err(StoreFault::Failed { reason: reason.clone() }),
            _ => Ok(()),
        }
    }

    fn reach(&self, group: u64) {
        *self.settled.lock().unwrap_or_else(PoisonError::into_inner) = group;
        self.moved.notify_all();
        self.idle.notify_one();
    }

    fn is_busy(&self) -> bool {
        *self.settled.lock().unwrap_or_else(PoisonError::into_inner) < self.committed()
    }
}

/// A committed group on its way to the disk.
struct Group {
    number: u64,
    jobs: Vec<Box<dyn Job>>,
    /// How its COMMIT ended.
    ended: Result<(), Loss>,
}

/// The writer's end.
pub(super) struct Flushing {
    groups: Option<Sender<Group>>,
    thread: Option<JoinHandle<()>>,
    mark: Arc<Mark>,
}

/// What the thread needs.
struct Flushes {
    wal: File,
    groups: Receiver<Group>,
    mark: Arc<Mark>,
    failure: Failure,
}

/// The WAL of a database file: it is there as long as a connection is open.
pub(super) fn open_wal(path: &Path) -> Result<File, StoreFault> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let io = |source| StoreFault::Io { doing: "打开预写日志", path: PathBuf::from(&wal), source };
    File::options().read(true).write(true).open(&wal).map_err(io)
}

impl Flushing {
    /// Starts the thread for the database file at `path`, whose writing connection waits for the disk no more.
    pub(super) fn start(
        path: &Path,
        writer: &Sqlite,
        home: &Home,
        mark: &Arc<Mark>,
        failure: &Failure,
    ) -> Result<Self, StoreFault> {
        let wal = open_wal(path)?;
        // A WAL that was just made is not yet in its folder for good.
        File::open(&home.data).and_then(|folder| folder.sync_all()).map_err(|source| StoreFault::Io {
            doing: "落盘数据目录",
            path: home.data.clone(),
            source,
        })?;
        let (sender, groups) = channel();
        let flushes = Flushes { wal, groups, mark: Arc::clone(mark), failure: failure.clone() };
        writer.leave_flushing()?;
        let thread = start_thread("flush", home, move || flushes.serve())?;
        Ok(Self { groups: Some(sender), thread: Some(thread), mark: Arc::clone(mark) })
    }

    /// Before a COMMIT: from here on readers may see the group.
    pub(super) fn committing(&self) -> u64 {
        self.mark.committed.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// After it: its jobs are told once it is on disk, or at once if it is not even committed.
    pub(super) fn hand_over(&self, number: u64, jobs: Vec<Box<dyn Job>>, ended: Result<(), Loss>) {
        let Some(groups) = &self.groups else { return };
        if let Err(lost) = groups.send(Group { number, jobs, ended }) {
            lost.0.jobs.into_iter().for_each(|job| job.finish(Err(StoreFault::Closed)));
        }
    }

    /// Whether the disk is at work: a group committed now would wait for it.
    pub(super) fn is_busy(&self) -> bool {
        self.mark.is_busy()
    }

    /// Ends when the disk may be idle.
    pub(super) async fn idle(&self) {
        self.mark.idle.notified().await;
    }

    /// Waits for everything that was handed over, and for the thread's end.
    pub(super) fn end(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Flushes {
    /// Makes durable what comes, as many groups at once as are there, until the writer ends.
    fn serve(self) {
        while let Ok(first) = self.groups.recv() {
            let mut last = first.number;
            let mut groups = vec![first];
            for group in self.groups.try_iter() {
                last = group.number;
                groups.push(group);
            }
            let written = groups.iter().any(|group| group.ended.is_ok());
            let flushed = if written { self.flush() } else { Ok(()) };
            self.mark.reach(last);
            for Group { jobs, ended, .. } in groups {
                let told = ended.and_then(|()| flushed.clone());
                jobs.into_iter().for_each(|job| job.finish(told.clone().map_err(StoreFault::from)));
            }
        }
    }

    fn flush(&self) -> Result<(), Loss> {
        if self.failure.reason().is_none()
            && let Err(error) = self.wal.sync_data()
        {
            self.failure.stop(format!("预写日志没有落盘：{error}"));
        }
        self.failure.check()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::{Home, Mark, Ordering};
    use crate::store::db::failure::Failure;
    use crate::store::fault::StoreFault;

    fn none() -> Failure {
        Failure::of(&Home::from(Path::new("/proc/no such folder")))
    }

    /// What a reader that saw the group `seen` is told, once it is told something.
    fn reader(mark: &Arc<Mark>, failure: &Failure, seen: u64) -> std::sync::mpsc::Receiver<Result<(), StoreFault>> {
        let (told, answer) = channel();
        let (mark, failure) = (Arc::clone(mark), failure.clone());
        std::thread::spawn(move || told.send(mark.settle(seen, &failure)));
        answer
    }

    #[test]
    fn a_reader_waits_for_the_groups_it_saw_and_for_no_others() {
        let (mark, failure) = (Arc::new(Mark::default()), none());
        mark.committed.store(3, Ordering::Release);
        mark.reach(1);
        assert!(mark.is_busy());
        let (first, second) = (reader(&mark, &failure, 1), reader(&mark, &failure, 2));
        assert!(matches!(first.recv_timeout(Duration::from_secs(10)), Ok(Ok(()))), "the first group is on disk");
        assert!(second.recv_timeout(Duration::from_millis(50)).is_err(), "the second is not");
        mark.reach(3);
        assert!(matches!(second.recv_timeout(Duration::from_secs(10)), Ok(Ok(()))));
        assert!(!mark.is_busy());
    }

    #[test]
    fn a_failed_flush_is_told_to_who_waited_and_reading_goes_on() {
        let (mark, failure) = (Arc::new(Mark::default()), none());
        mark.committed.store(1, Ordering::Release);
        let waiting = reader(&mark, &failure, 1);
        assert!(waiting.recv_timeout(Duration::from_millis(50)).is_err());
        failure.stop("EIO".to_owned());
        mark.reach(1);
        assert!(matches!(waiting.recv_timeout(Duration::from_secs(10)), Ok(Err(StoreFault::Failed { .. }))));
        assert!(mark.settle(mark.committed(), &failure).is_ok(), "afterwards there is nothing to wait for");
    }
}
