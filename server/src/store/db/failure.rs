//! Why this process has stopped writing, once it has. Other processes learn it from a file in the data folder: what they would see
//! beside it may be gone from the disk, and their own writing would come to stand behind it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::engine::Loss;
use super::home::Home;
use crate::store::fault::StoreFault;

/// The reason, for all threads that write.
#[derive(Clone, Debug)]
pub(super) struct Failure(Arc<Stop>);

#[derive(Debug)]
struct Stop {
    reason: OnceLock<String>,
    notice: PathBuf,
}

fn notice(home: &Home) -> PathBuf {
    home.data.join("stopped")
}

impl Failure {
    /// None yet.
    pub(super) fn of(home: &Home) -> Self {
        Self(Arc::new(Stop { reason: OnceLock::new(), notice: notice(home) }))
    }

    /// The reason, if there is one.
    pub(super) fn reason(&self) -> Option<&String> {
        self.0.reason.get()
    }

    /// Errors: that nothing is written any more, and why.
    pub(super) fn check(&self) -> Result<(), Loss> {
        self.reason().map_or(Ok(()), |reason| Err(Loss::Fatal(reason.clone())))
    }

    /// Stops for good; the first reason stays.
    pub(super) fn stop(&self, reason: String) {
        if self.0.reason.set(reason.clone()).is_ok() {
            tracing::error!(reason, "the store stops writing");
            // The disk that failed may not take it; then only this process knows.
            let _ = std::fs::write(&self.0.notice, reason);
        }
    }
}

/// Whether the process that serves the folder has stopped, or had when it ended.
///
/// Errors: [`StoreFault::Failed`] if it has.
pub(super) fn check(home: &Home) -> Result<(), StoreFault> {
    match std::fs::read_to_string(notice(home)) {
        Ok(reason) => Err(StoreFault::Failed { reason }),
        Err(_) => Ok(()),
    }
}

/// Begins anew: whoever holds the folder has recovered what the disk really has.
pub(super) fn clear(home: &Home) {
    let _ = std::fs::remove_file(notice(home));
}
