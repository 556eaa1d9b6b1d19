//! What a page shows of the whole county is worked out once for each state of the record: the same record, day and question give
//! the same answer. What takes long to work out is shown as it was last worked out, with how much was recorded since, and worked out
//! anew meanwhile: nobody waits for a number that one act in a million changed.
//!
//! Does not belong here: what is worked out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use zhunsheng_core::day::Day;

use super::App;
use super::fault::Fault;
use crate::store::fault::chain;
use crate::store::{Query, Reader, StoreFault, record};

/// Answers kept at most: a county looks at few periods at a time.
const MOST: usize = 16;

/// What took longer to work out is not waited for again.
pub const PATIENCE: Duration = Duration::from_millis(40);

/// What is worked out anew for nobody in particular rests for so many times as long as it took.
const REST: u32 = 3;

/// Answers to the questions last asked.
pub struct Kept<K, V> {
    answers: Mutex<Vec<Answer<K, V>>>,
    /// Held while one is worked out: whoever asks the same at the same time waits for one answer.
    work: Mutex<()>,
}

struct Answer<K, V> {
    /// Size of the record, and the day.
    at: (i64, Day),
    question: K,
    took: Duration,
    since: Instant,
    answer: Arc<V>,
}

/// An answer, and how many entries were recorded since it was worked out.
pub struct Standing<V> {
    /// The answer.
    pub answer: Arc<V>,
    /// Entries recorded since.
    pub behind: i64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { answers: Mutex::default(), work: Mutex::default() }
    }
}

impl<K: PartialEq, V> Kept<K, V> {
    /// The answer, worked out only if something was recorded, or a day began, since it was last asked.
    pub fn get<E: From<StoreFault>>(
        &self,
        q: &impl Query,
        (county, today): (&str, Day),
        question: K,
        work_out: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let at = (size(q, county)?, today);
        let current = |question: &K| self.find(question, |known| known.at == at, |known| Arc::clone(&known.answer));
        if let Some(answer) = current(&question) {
            return Ok(answer);
        }
        let _one = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = current(&question) {
            return Ok(answer);
        }
        let began = Instant::now();
        let answer = Arc::new(work_out()?);
        let (took, since) = (began.elapsed(), Instant::now());
        self.keep(Answer { at, question, took, since, answer: Arc::clone(&answer) });
        Ok(answer)
    }

    /// The answer as it stands: of this state of the record; or of an earlier one of the same day, if working it out took longer
    /// than `patience`; and whether it may be worked out anew, which is not all the time, however much is recorded. None: it is to be
    /// worked out now.
    fn standing(
        &self,
        q: &impl Query,
        (county, today): (&str, Day),
        question: &K,
        patience: Duration,
    ) -> Result<Option<(Standing<V>, bool)>, StoreFault> {
        let size = size(q, county)?;
        // Never of a later state than this reader sees, which may not be on the disk yet.
        let before = |known: &Answer<K, V>| known.at.1 == today && known.at.0 <= size;
        let fits = |known: &Answer<K, V>| before(known) && (known.at.0 == size || known.took > patience);
        Ok(self.find(question, fits, |known| {
            let rested = known.since.elapsed() >= known.took * REST;
            (Standing { answer: Arc::clone(&known.answer), behind: size - known.at.0 }, rested)
        }))
    }

    fn find<T>(
        &self,
        question: &K,
        fits: impl Fn(&Answer<K, V>) -> bool,
        take: impl Fn(&Answer<K, V>) -> T,
    ) -> Option<T> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().find(|known| known.question == *question && fits(known)).map(take)
    }

    /// Keeps an answer instead of the one to the same question, unless that knows more: it may have been worked out meanwhile.
    fn keep(&self, answer: Answer<K, V>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.iter().any(|known| known.question == answer.question && known.at > answer.at) {
            return;
        }
        answers.retain(|known| known.question != answer.question);
        if answers.len() >= MOST {
            answers.remove(0);
        }
        answers.push(answer);
    }
}

fn size(q: &impl Query, county: &str) -> Result<i64, StoreFault> {
    Ok(record::find_head(q, county)?.map_or(0, |(size, _)| size))
}

impl App {
    /// What `which` keeps as the answer to a question: as it stands, and worked out anew behind the reader's back if it took long
    /// and is no longer of today's record; otherwise worked out now. `now`: it always is.
    pub async fn standing<K, V>(
        self: &Arc<Self>,
        which: fn(&Self) -> &Kept<K, V>,
        (question, now): (K, bool),
        work_out: impl Fn(&Self, &Reader<'_>) -> Result<V, Fault> + Clone + Send + 'static,
    ) -> Result<Standing<V>, Fault>
    where
        K: PartialEq + Clone + Send + 'static,
        V: Send + Sync + 'static,
    {
        let standing = if now { None } else { self.look(which, question.clone()).await? };
        let Some((standing, rested)) = standing else {
            // One at a time, before a reader's place is taken: the others stay free for everybody else's pages.
            let _turn = self.turn.lock().await;
            let waited = if now { None } else { self.look(which, question.clone()).await? };
            return match waited {
                Some((standing, _)) => Ok(standing),
                None => self.work_out(which, question, work_out).await,
            };
        };
        if standing.behind > 0
            && rested
            && let Ok(turn) = Arc::clone(&self.turn).try_lock_owned()
        {
            let app = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(fault) = app.work_out(which, question, work_out).await {
                    tracing::error!(fault = chain(&fault), "working out anew what is shown of the county");
                }
                drop(turn);
            });
        }
        Ok(standing)
    }

    async fn look<K, V>(
        self: &Arc<Self>,
        which: fn(&Self) -> &Kept<K, V>,
        question: K,
    ) -> Result<Option<(Standing<V>, bool)>, Fault>
    where
        K: PartialEq + Send + 'static,
        V: Send + Sync + 'static,
    {
        let app = Arc::clone(self);
        let look = self.db.read(move |r| {
            let at = (app.county_code.as_str(), app.today());
            Ok::<_, Fault>(which(&app).standing(r, at, &question, app.patience)?)
        });
        look.await
    }

    async fn work_out<K, V>(
        self: &Arc<Self>,
        which: fn(&Self) -> &Kept<K, V>,
        question: K,
        work_out: impl Fn(&Self, &Reader<'_>) -> Result<V, Fault> + Send + 'static,
    ) -> Result<Standing<V>, Fault>
    where
        K: PartialEq + Send + 'static,
        V: Send + Sync + 'static,
    {
        let app = Arc::clone(self);
        let answer = self.db.read(move |r| {
            let at = (app.county_code.as_str(), app.today());
            which(&app).get(r, at, question, || work_out(&app, r))
        });
        Ok(Standing { answer: answer.await?, behind: 0 })
    }
}
