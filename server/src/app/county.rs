//! The county in memory: the law it runs on, the registers as one snapshot, and where randomness comes from.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zhunsheng_core::authority::Registry;

use super::fault::Fault;
use super::ruling::Ruling;
use super::secret;
use crate::store::{Query, StoreFault, law_files, record, registry};

/// Where identities and salts come from. A demonstration's are seeded, so that the same scenario gives the same root; a
/// real county's come from the operating system, so that destroying a salt destroys it.
#[derive(Clone)]
pub enum Entropy {
    /// The operating system.
    System,
    /// HMAC-SHA-256 under a seed, by position and purpose.
    Seeded([u8; 32]),
}

impl Entropy {
    /// Sixteen bytes for one purpose of one entry.
    #[must_use]
    pub fn bytes(&self, seq: i64, purpose: &str, n: u32) -> [u8; 16] {
        match self {
            Self::System => secret::random(),
            Self::Seeded(seed) => {
                // A key of any length is accepted by HMAC.
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(seed) else { return secret::random() };
                mac.update(purpose.as_bytes());
                mac.update(&seq.to_be_bytes());
                mac.update(&n.to_be_bytes());
                let bytes: [u8; 32] = mac.finalize().into_bytes().into();
                let mut half = [0; 16];
                half.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
                half
            }
        }
    }
}

/// The registers as pages and acts find them, and how far the writer has moved them since.
#[derive(Default)]
pub struct Registers {
    /// With the size of the record at which they were read.
    published: RwLock<(i64, Arc<Registry>)>,
    /// The size of the record after the last entry that changed a register, whether or not it is published yet. An act
    /// that was queued before that entry must not be decided on what it saw then: the post it acts in may have ended.
    moved: AtomicI64,
}

impl Registers {
    /// As they stand in the store, with the size of the record.
    pub fn read(q: &impl Query, code: &str) -> Result<(i64, Registry), StoreFault> {
        let size = record::find_head(q, code)?.map_or(0, |(size, _)| size);
        Ok((size, registry::load(q, code)?))
    }

    /// The snapshot last published, with the size of the record at which it was read.
    pub fn published(&self) -> (i64, Arc<Registry>) {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After an act that changed a register has been committed. Of two that come together the later one stays.
    pub fn publish(&self, as_of: i64, registry: Registry) {
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        if as_of >= published.0 {
            *published = (as_of, Arc::new(registry));
        }
    }

    /// Inside the writer: an entry changed a register and the record has this size now.
    pub fn mark(&self, size: i64) {
        self.moved.store(size, Ordering::Release);
    }

    /// The size last marked: for work that is undone.
    pub fn moved(&self) -> i64 {
        self.moved.load(Ordering::Acquire)
    }

    /// Whether an entry changed a register after a snapshot of this size was read.
    pub fn moved_after(&self, as_of: i64) -> bool {
        self.moved.load(Ordering::Acquire) > as_of
    }
}

/// The law as pages find it, and as the writer has it: an act that was queued before an adoption must not be decided
/// under the law that stood when it was queued.
pub struct Rulings {
    published: RwLock<Arc<Ruling>>,
    standing: RwLock<Arc<Ruling>>,
}

impl Rulings {
    fn new(ruling: Ruling) -> Self {
        let ruling = Arc::new(ruling);
        Self { published: RwLock::new(Arc::clone(&ruling)), standing: RwLock::new(ruling) }
    }

    /// As pages find it.
    pub fn published(&self) -> Arc<Ruling> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// As it stands in the writer.
    pub fn standing(&self) -> Arc<Ruling> {
        Arc::clone(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Inside the writer, at the end of an act that adopted law: the acts behind it are decided under this.
    pub fn stand(&self, ruling: Arc<Ruling>) {
        *self.standing.write().unwrap_or_else(PoisonError::into_inner) = ruling;
    }

    /// Once the adoption is durable.
    pub fn publish(&self) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = self.standing();
    }
}

/// What every act and page needs to know of the county.
pub struct County {
    /// The law.
    pub rulings: Arc<Rulings>,
    /// The registers.
    pub registers: Arc<Registers>,
    /// Where identities and salts come from.
    pub entropy: Entropy,
}

impl County {
    /// Reads law and registers from the store.
    pub fn load(q: &impl Query, code: &str, entropy: Entropy) -> Result<Self, Fault> {
        let ruling = Ruling::adopted(&law_files::list(q, code)?)?;
        let (size, registry) = Registers::read(q, code)?;
        let registers = Arc::new(Registers::default());
        registers.publish(size, registry);
        Ok(Self { rulings: Arc::new(Rulings::new(ruling)), registers, entropy })
    }

    /// The law in force.
    pub fn ruling(&self) -> Arc<Ruling> {
        self.rulings.published()
    }

    /// The registers.
    pub fn registry(&self) -> Arc<Registry> {
        self.registers.published().1
    }
}
