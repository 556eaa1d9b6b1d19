//! Several processes on one county: what another process has changed is taken over. The one that writes reads law and registers only
//! where its own acts changed them; so does a process that has just become the one that writes, once, from the store.
//!
//! Does not belong here: who writes (`store/db/lease.rs`), passing requests on (`web/relay.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use zhunsheng_core::record::Entry;

use super::act::Desk;
use super::county::{Registers, Rulings};
use super::fault::Fault;
use super::ruling::Ruling;
use super::steady::Steady;
use super::{App, newest_entry};
use crate::store::{Lease, Query, Tx, law_files, record};

/// Whether what is in memory was read since this process writes the county.
#[derive(Default)]
pub struct Following {
    /// The holding of the lease in which it was read.
    read_in: AtomicI64,
    /// The size of the record that was last followed.
    size: AtomicI64,
}

impl Following {
    /// Inside the writer, before an act: in the first one of a holding, takes law, registers and the newest moment as the process
    /// before left them.
    pub(super) fn make_up(
        &self,
        lease: &Lease,
        desk: &Desk,
        tx: &Tx<'_>,
        rulings: &Rulings,
        steady: &Steady,
    ) -> Result<(), Fault> {
        let epoch = lease.epoch().unwrap_or_default();
        if self.read_in.load(Ordering::Acquire) == epoch {
            return Ok(());
        }
        let newest = newest_entry(tx, &desk.county)?;
        if let Some(ruling) = newer_ruling(tx, &desk.county, newest.as_ref(), &rulings.standing())? {
            rulings.stand(ruling);
        }
        desk.registers.mark(record::next_seq(tx, &desk.county)?);
        if let Some(newest) = newest {
            steady.follow(newest.recorded);
        }
        self.read_in.store(epoch, Ordering::Release);
        Ok(())
    }
}

/// The adopted law, if it is not the one that is known. Every entry names the law that it was decided under, so the newest one
/// tells, and the texts are read only where they changed.
fn newer_ruling(
    q: &impl Query,
    county: &str,
    newest: Option<&Entry>,
    known: &Ruling,
) -> Result<Option<Arc<Ruling>>, Fault> {
    if newest.is_none_or(|entry| entry.law.first() == Some(&known.digest)) {
        return Ok(None);
    }
    Ok(Some(Arc::new(Ruling::adopted(&law_files::list(q, county)?)?)))
}

impl App {
    /// Takes over what the process that writes has changed since the last time.
    pub async fn follow(&self) -> Result<(), Fault> {
        let (county, known) = (self.county_code.clone(), self.county.ruling());
        let before = self.following.size.load(Ordering::Acquire);
        let found = self
            .db
            .read(move |r| {
                if record::next_seq(r, &county)? == before {
                    return Ok::<_, Fault>(None);
                }
                let newest = newest_entry(r, &county)?;
                let ruling = newer_ruling(r, &county, newest.as_ref(), &known)?;
                Ok(Some((Registers::read(r, &county)?, ruling)))
            })
            .await?;
        let Some(((size, registry), ruling)) = found else { return Ok(()) };
        if let Some(ruling) = ruling {
            self.county.rulings.stand(ruling);
            self.county.rulings.publish();
        }
        self.county.registers.publish(size, registry);
        self.following.size.store(size, Ordering::Release);
        Ok(())
    }
}
