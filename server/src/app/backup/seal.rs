//! Keys under a passphrase: Argon2id makes the key, XChaCha20-Poly1305 seals.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::app::fault::Fault;
use crate::app::secret::{hex, random, unhex};

/// 64 MiB, three passes: once per backup, so it may take a second.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What a manifest may ask of this machine at most.
const MEMORY_KIB_MAX: u32 = 1 << 20;
const PASSES_MAX: u32 = 16;

/// How a key was made of the passphrase.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Always `argon2id + xchacha20poly1305`.
    pub method: String,
    /// Sixteen bytes.
    pub salt: String,
    /// Twenty-four bytes.
    pub nonce: String,
    /// Argon2's memory.
    pub memory_kib: u32,
    /// Argon2's passes.
    pub passes: u32,
}

const METHOD: &str = "argon2id + xchacha20poly1305";

/// Keys by name.
pub type Secrets = BTreeMap<String, String>;

impl Locks {
    /// New salt and nonce.
    pub fn new() -> Self {
        Self {
            method: METHOD.to_owned(),
            salt: hex(&random::<16>()),
            nonce: hex(&random::<24>()),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
        }
    }

    /// Seals; the county's code is bound to it.
    pub fn close(&self, secrets: &Secrets, passphrase: &str, county: &str) -> Result<Vec<u8>, BackupError> {
        let plain = toml::to_string(secrets).map_err(|_| BackupError::Passphrase)?;
        let (cipher, nonce) = self.cipher(passphrase)?;
        let payload = Payload { msg: plain.as_bytes(), aad: county.as_bytes() };
        cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| BackupError::Passphrase)
    }

    /// Opens what [`Locks::close`] sealed.
    pub fn open(&self, sealed: &[u8], passphrase: &str, county: &str) -> Result<Secrets, BackupError> {
        let (cipher, nonce) = self.cipher(passphrase)?;
        let payload = Payload { msg: sealed, aad: county.as_bytes() };
        let plain = cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| BackupError::Passphrase)?;
        let text = String::from_utf8(plain).map_err(|_| BackupError::Passphrase)?;
        toml::from_str(&text).map_err(|_| BackupError::Passphrase)
    }

    fn cipher(&self, passphrase: &str) -> Result<(XChaCha20Poly1305, [u8; 24]), BackupError> {
        let fits = self.method == METHOD && self.memory_kib <= MEMORY_KIB_MAX && self.passes <= PASSES_MAX;
        let (Some(salt), Some(nonce), true) = (unhex::<16>(&self.salt), unhex::<24>(&self.nonce), fits) else {
            return Err(BackupError::Different {
                part: super::SECRETS.to_owned(), detail: "密钥封装参数无法理解"
            });
        };
        let failed = |error: argon2::Error| Fault::Password { detail: error.to_string() };
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).map_err(failed)?;
        let mut key = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(passphrase.as_bytes(), &salt, &mut key).map_err(failed)?;
        Ok((XChaCha20Poly1305::new(&key.into()), nonce))
    }
}

#[cfg(test)]
mod tests {
    use super::{Locks, Secrets};

    #[test]
    fn only_the_passphrase_and_the_county_open() {
        let locks = Locks { memory_kib: 64, passes: 1, ..Locks::new() };
        let secrets = Secrets::from([("web.key".to_owned(), "00ff".to_owned())]);
        let sealed = locks.close(&secrets, "昌图 2024 秋", "211224").unwrap();
        assert_eq!(locks.open(&sealed, "昌图 2024 秋", "211224").unwrap(), secrets);
        assert!(locks.open(&sealed, "昌图 2024 春", "211224").is_err());
        assert!(locks.open(&sealed, "昌图 2024 秋", "211223").is_err());
        let greedy = Locks { memory_kib: u32::MAX, ..locks };
        assert!(greedy.open(&sealed, "昌图 2024 秋", "211224").is_err());
    }
}
