//! Folding: what SQLite gathers in its WAL goes into the database file, on a thread and a connection of its own, so that no act
//! waits for it. Only the last few pages are the writer's: while it writes, a WAL is never folded to its end, and only then
//! does it begin anew.
//!
//! Does not belong here: what a group is, and when it ends (`writer.rs`).

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::failure::Failure;
use super::home::Home;
use super::sqlite::Sqlite;
use super::start_thread;
use crate::store::fault::{StoreFault, chain};

/// About 16 MB that are not yet in the file: worth a pass, because each page is written once, however often it changed.
const PASS: i64 = 4_000;
/// About 64 MB of WAL: it is to begin anew, else a start after a crash would have to read too much of it.
const LONG: i64 = 16_000;
/// What the writer itself folds without keeping anybody waiting.
const LAST_FEW: i64 = 500;
/// About 256 MB: batches write faster than passes fold.
const TOO_LONG: i64 = 64_000;
/// About 1 GB: a reader keeps the WAL from beginning anew, so wait for it.
const HELD: i64 = 256_000;

/// What is to be done about a WAL of `log` pages, `rest` of which are not yet in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Nothing,
    /// A pass beside the writer.
    Pass,
    /// What is left, by the writer.
    Last,
    /// As `Last`, and readers are waited for.
    Whole,
}

impl Next {
    fn of(log: i64, rest: i64) -> Self {
        match log {
            HELD.. => Self::Whole,
            TOO_LONG.. if rest > 0 => Self::Last,
            LONG.. if (1..=LAST_FEW).contains(&rest) => Self::Last,
            LONG.. if rest > 0 => Self::Pass,
            _ if rest >= PASS => Self::Pass,
            _ => Self::Nothing,
        }
    }
}

/// The writer's end.
pub(super) struct Folding {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// One connection folds at a time; SQLite would turn the second away.
    turn: Arc<Mutex<()>>,
}

/// What the thread needs.
struct Passes {
    file: Sqlite,
    asked: Receiver<()>,
    turn: Arc<Mutex<()>>,
    failure: Failure,
}

impl Folding {
    /// Starts the thread for the database file at `path`.
    pub(super) fn start(path: &Path, home: &Home, failure: &Failure) -> Result<Self, StoreFault> {
        let (ask, asked) = sync_channel(1);
        let turn = Arc::new(Mutex::new(()));
        let file = Sqlite::open_folding(path)?;
        let passes = Passes { file, asked, turn: Arc::clone(&turn), failure: failure.clone() };
        let thread = start_thread("fold", home, move || passes.serve())?;
        Ok(Self { ask: Some(ask), thread: Some(thread), turn })
    }

    /// After a group: sees to it that the WAL stays short. `file` is the writer's connection.
    pub(super) fn follow(&self, file: &Sqlite) -> Result<(), StoreFault> {
        let (log, done) = file.wal_pages()?;
        match Next::of(log, log - done) {
            Next::Nothing => {}
            Next::Pass => {
                // One that is asked already sees what came since.
                let _ = self.ask.as_ref().map(|ask| ask.try_send(()));
            }
            Next::Last => {
                let _turn = self.turn();
                file.fold_wal(false)?;
            }
            Next::Whole => self.empty(file)?,
        }
        Ok(())
    }

    /// Folds all of the WAL, waiting for readers, and gives its space back.
    pub(super) fn empty(&self, file: &Sqlite) -> Result<(), StoreFault> {
        let _turn = self.turn();
        file.fold_wal(true)
    }

    /// Nobody else folds until the guard is gone.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the thread's end.
    pub(super) fn end(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Passes {
    /// Folds whenever it is asked, until the writer ends.
    fn serve(self) {
        while self.asked.recv().is_ok() {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            if self.failure.reason().is_some() {
                continue;
            }
            match self.file.fold_wal(false) {
                Ok(()) => {}
                Err(StoreFault::DiskFull) => tracing::warn!("no space to fold the WAL"),
                // A page of the file may be lost that the kernel calls clean: as after a failed COMMIT.
                Err(fault) if self.file.is_fatal() => self.failure.stop(chain(&fault)),
                Err(fault) => tracing::warn!(fault = chain(&fault), "the WAL was not folded"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Next;

    #[test]
    fn the_writer_folds_only_the_last_few_pages_of_a_long_wal() {
        for (log, rest, wanted) in [
            (0, 0, Next::Nothing),
            (3_999, 3_999, Next::Nothing),
            (4_000, 4_000, Next::Pass),
            (15_999, 1_400, Next::Nothing),
            (16_000, 1_400, Next::Pass),
            (16_000, 500, Next::Last),
            (16_000, 0, Next::Nothing),
            (63_999, 4_000, Next::Pass),
            (64_000, 4_000, Next::Last),
            (256_000, 0, Next::Whole),
        ] {
            assert_eq!(Next::of(log, rest), wanted, "{log} pages, {rest} not in the file");
        }
    }
}
