//! Readers on loan.

use std::sync::PoisonError;

use super::Inner;
use super::engine::{Engine, Reader};
use crate::store::fault::StoreFault;

/// A reader on loan; given back even if the work panics.
pub(super) struct Borrowed<'d> {
    pub(super) inner: &'d Inner,
    pub(super) engine: Option<Engine>,
}

impl Borrowed<'_> {
    /// What `work` says of one view, and the last group that may be in it.
    pub(super) fn read<T, E: From<StoreFault>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> (Result<T, E>, u64) {
        let Some(engine) = self.engine.as_ref() else {
            return (Err(StoreFault::Closed.into()), 0);
        };
        let begun = engine.begin_reading();
        let seen = self.inner.mark.committed();
        (begun.map_err(E::from).and_then(|()| work(&Reader::new(engine))), seen)
    }
}

impl Borrowed<'_> {
    /// As [`Self::read`], once what the view may hold has settled.
    pub(super) fn read_settled<T, E: From<StoreFault>>(
        &self,
        settle: impl FnOnce(u64) -> Result<(), StoreFault>,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (begun, seen) = self.read(|_| Ok::<(), StoreFault>(()));
        begun.and_then(|()| settle(seen))?;
        self.engine.as_ref().map_or_else(|| Err(StoreFault::Closed.into()), |engine| work(&Reader::new(engine)))
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            let _ = engine.rollback();
            self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
            self.inner.returned.notify_one();
        }
    }
}
