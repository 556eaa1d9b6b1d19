//! Trying a long table beside the request: whoever asked waits a while, is told how far it is, and asks again.
//!
//! A trial lives in this process alone: after a restart, asking again begins again. Does not belong here: what a row becomes (`enter`).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use zhunsheng_core::id::Digest;
use zhunsheng_core::matter::Actor;

use super::Job;
use super::enter::Tried;
use crate::app::App;
use crate::app::act::ActError;

/// A person waits for so long.
const WAITED: Duration = Duration::from_secs(8);
/// Tables tried or waiting to be asked for, at most.
const MOST: usize = 24;
/// What nobody asked for again is forgotten so many seconds after its end: it holds a whole table.
const KEPT_SECONDS: i64 = 60 * 60;

/// How a trial stands.
pub enum Trial {
    /// Every row was tried.
    Done(Vec<Tried>),
    /// So many rows were tried.
    Running(usize),
    /// Too many tables are being checked.
    Full,
}

type Ended = Option<Result<Vec<Tried>, ActError>>;

#[derive(Clone)]
struct Known {
    tried: Arc<AtomicUsize>,
    ended: watch::Receiver<bool>,
    /// The second in which it ended; the end of time while it runs.
    ended_at: Arc<AtomicI64>,
    found: Arc<Mutex<Ended>>,
}

/// The trials of this process.
#[derive(Default)]
pub struct Trials(Mutex<BTreeMap<Digest, Known>>);

impl Trials {
    fn forget(&self, name: &Digest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Forgets the trials that ended long before a second.
    pub fn sweep(&self, second: i64) {
        let fresh = |known: &Known| known.ended_at.load(Ordering::Relaxed) >= second.saturating_sub(KEPT_SECONDS);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, known| fresh(known));
    }
}

impl App {
    /// Tries a table, or goes on waiting for its trial: `named` tells this table from any other.
    pub async fn try_patiently(self: &Arc<Self>, actor: Actor, job: &Arc<Job>, named: &str) -> Result<Trial, ActError> {
        let mapping = job.reading.mapping.text();
        let who = format!("{actor:?}");
        let words = [&who, named, job.procedure.as_str(), &job.system, &job.tab, &mapping];
        let name = Digest::of(words.join("\u{1f}").as_bytes());
        let Some(mut known) = self.trial(actor, job, name) else { return Ok(Trial::Full) };
        if tokio::time::timeout(WAITED, known.ended.wait_for(|ended| *ended)).await.is_err() {
            return Ok(Trial::Running(known.tried.load(Ordering::Relaxed)));
        }
        self.trials.forget(&name);
        let found = known.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        match found {
            Some(Ok(tried)) => Ok(Trial::Done(tried)),
            Some(Err(error)) => Err(error),
            // Its other asker has the answer, or it was broken off: asking again begins again.
            None => Ok(Trial::Running(0)),
        }
    }

    fn trial(self: &Arc<Self>, actor: Actor, job: &Arc<Job>, name: Digest) -> Option<Known> {
        let mut all = self.trials.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&name) {
            return Some(known.clone());
        }
        if all.len() >= MOST {
            all.retain(|_, known| !*known.ended.borrow());
        }
        if all.len() >= MOST {
            return None;
        }
        let (sender, ended) = watch::channel(false);
        let ended_at = Arc::new(AtomicI64::new(i64::MAX));
        let known = Known { tried: Arc::default(), ended, ended_at, found: Arc::default() };
        all.insert(name, known.clone());
        let (app, job) = (Arc::clone(self), Arc::clone(job));
        let (tried, found) = (Arc::clone(&known.tried), Arc::clone(&known.found));
        let ended_at = Arc::clone(&known.ended_at);
        tokio::spawn(async move {
            let ended = app.try_sheet(actor, job, &tried).await;
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
            ended_at.store(app.machine.seconds(), Ordering::Relaxed);
            sender.send_replace(true);
        });
        Some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_forgotten_an_hour_after_its_end() {
        let trials = Trials::default();
        let ended = |at: i64| Known {
            tried: Arc::default(),
            ended: watch::channel(true).1,
            ended_at: Arc::new(AtomicI64::new(at)),
            found: Arc::default(),
        };
        for (name, at) in [("a", 1_000), ("b", 2_000), ("c", i64::MAX)] {
            trials.0.lock().unwrap().insert(Digest::of(name.as_bytes()), ended(at));
        }
        let left = || trials.0.lock().unwrap().len();
        trials.sweep(4_600);
        assert_eq!(left(), 3);
        trials.sweep(4_601);
        assert_eq!(left(), 2);
        trials.sweep(1_000_000);
        assert_eq!(left(), 1, "it still runs");
    }
}
