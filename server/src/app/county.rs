//! The county in memory: the law it runs on, the registers as one snapshot, and where randomness comes from.

use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zhunsheng_core::authority::Registry;

use super::fault::Fault;
use super::ruling::Ruling;
use super::secret;
use crate::store::{Query, law_files, registry};

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

/// What every act and page needs to know of the county.
pub struct County {
    ruling: RwLock<Arc<Ruling>>,
    registry: RwLock<Arc<Registry>>,
    /// Where identities and salts come from.
    pub entropy: Entropy,
}

impl County {
    /// Reads law and registers from the store.
    pub fn load(q: &impl Query, code: &str, entropy: Entropy) -> Result<Self, Fault> {
        let ruling = Ruling::adopted(&law_files::list(q, code)?)?;
        let registry = registry::load(q, code)?;
        Ok(Self { ruling: RwLock::new(Arc::new(ruling)), registry: RwLock::new(Arc::new(registry)), entropy })
    }

    /// The law in force.
    pub fn ruling(&self) -> Arc<Ruling> {
        Arc::clone(&self.ruling.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The registers.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// After an act that changed a register has been committed.
    pub fn publish_registry(&self, registry: Registry) {
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }
}
