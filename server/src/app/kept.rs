//! What a page shows of the whole county is worked out once for each state of the record: the same record, day and question give
//! the same answer.
//!
//! Does not belong here: what is worked out.

use std::sync::{Arc, Mutex, PoisonError};

use zhunsheng_core::day::Day;

use crate::store::{Query, StoreFault, record};

/// Answers kept at most: a county looks at few periods at a time.
const MOST: usize = 16;

/// Answers to the questions last asked.
pub struct Kept<K, V>(Mutex<Vec<Answer<K, V>>>);

struct Answer<K, V> {
    /// Size of the record, and the day.
    at: (i64, Day),
    question: K,
    answer: Arc<V>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
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
        let at = (record::find_head(q, county)?.map_or(0, |(size, _)| size), today);
        // Held while it is worked out: whoever asks the same at the same time waits for one answer.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|known| known.at == at && known.question == question) {
            return Ok(Arc::clone(&known.answer));
        }
        let answer = Arc::new(work_out()?);
        kept.retain(|known| known.at == at);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(Answer { at, question, answer: Arc::clone(&answer) });
        Ok(answer)
    }
}
