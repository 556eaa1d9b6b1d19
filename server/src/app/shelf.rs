//! What is published and searched by everyday words, kept with its index until something of it changes.
//!
//! Kept by what it is made of and not by time: which publications stand, the last entry of each of their matters, the day, the law and the
//! registers. So it is never older than the record that the question reads. Does not belong here: what is public of a matter, what fits a
//! question (core `guide`).

use std::sync::{Arc, Mutex, PoisonError};

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::guide::question::Question;
use zhunsheng_core::guide::rank::{Entry, Index};

use super::county::County;
use super::ruling::Ruling;
use crate::store::matters::{self, ShownDisclosure};
use crate::store::{Query, StoreFault};

/// Publications of one kind, as they were last searched.
pub struct Shelf<T>(Mutex<Option<(MadeOf, Arc<Stock<T>>)>>);

/// What a stock was made of.
struct MadeOf {
    shown: Vec<ShownDisclosure>,
    today: Day,
    ruling: Arc<Ruling>,
    registry: Arc<Registry>,
}

/// Which publications are searched.
pub struct Wanted<'a> {
    /// The county's code.
    pub code: &'a str,
    /// Its law and registers.
    pub county: &'a County,
    /// Procedure and disclosure; empty for any.
    pub what: (&'a str, &'a str),
    /// The county's day.
    pub today: Day,
    /// So many at most, the newest.
    pub most: i64,
}

/// What can be found.
pub struct Stock<T> {
    all: Vec<T>,
    index: Index,
    /// Guides stand before them in the index, so that a rare word is rare even among few.
    first: usize,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl MadeOf {
    fn is(&self, other: &Self) -> bool {
        self.shown == other.shown
            && self.today == other.today
            && Arc::ptr_eq(&self.ruling, &other.ruling)
            && Arc::ptr_eq(&self.registry, &other.registry)
    }
}

impl<T> Shelf<T> {
    /// What is published now; made only if it is not what was searched last.
    ///
    /// # Errors
    /// What making it gives; the store's.
    pub fn stock<E: From<StoreFault>>(
        &self,
        q: &impl Query,
        wanted: &Wanted<'_>,
        make: impl FnOnce(&[ShownDisclosure]) -> Result<Vec<(T, Entry)>, E>,
    ) -> Result<Arc<Stock<T>>, E> {
        let shown = matters::list_disclosed(q, wanted.code, wanted.what, wanted.today.number(), None, wanted.most)?;
        let (ruling, registry) = (wanted.county.ruling(), wanted.county.registry());
        let made_of = MadeOf { shown, today: wanted.today, ruling, registry };
        // Held while it is made: whoever asks at the same time waits for one index.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stock)) = kept.as_ref().filter(|(known, _)| known.is(&made_of)) {
            return Ok(Arc::clone(stock));
        }
        let (all, entries): (Vec<T>, Vec<Entry>) = make(&made_of.shown)?.into_iter().unzip();
        let guides = &made_of.ruling.law.guides;
        let index = Index::of(guides.entries().chain(entries));
        let stock = Arc::new(Stock { all, index, first: guides.iter().count() });
        *kept = Some((made_of, Arc::clone(&stock)));
        Ok(stock)
    }
}

impl<T: Clone> Stock<T> {
    /// Those that fit a question, best first.
    #[must_use]
    pub fn fitting(&self, question: &Question, most: usize) -> Vec<T> {
        let found = self.index.find_from(question, self.first).into_iter().take(most);
        found.filter_map(|found| self.all.get(found.at.checked_sub(self.first)?).cloned()).collect()
    }
}
