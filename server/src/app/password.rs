//! Passwords: Argon2id, on blocking threads, a few at a time so that a flood of attempts cannot eat the machine.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::secret;

/// 19 MiB, two passes, one lane (OWASP's Argon2id minimum).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Checks at the same time: 2 × 19 MiB stays within the server's memory budget.
const AT_ONCE: usize = 2;

/// Characters, not bytes.
const LENGTH_MIN: usize = 10;
const LENGTH_MAX: usize = 128;

/// Why a new password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Under ten characters.
    Short,
    /// Over 128 characters.
    Long,
    /// Of one kind of character only, or one character repeated.
    Plain,
    /// Contains the login name.
    Login,
}

impl Weak {
    /// What the person is told.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Short => "口令至少 10 个字符。",
            Self::Long => "口令不能超过 128 个字符。",
            Self::Plain => "口令应当至少包含字母、数字、其他字符中的两类，且不能是同一字符的重复。",
            Self::Login => "口令不能包含登录名。",
        }
    }
}

/// Whether a new password may be used under this login.
pub fn check(password: &str, login: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(Weak::Short);
    }
    if length > LENGTH_MAX {
        return Err(Weak::Long);
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(Weak::Login);
    }
    let letters = password.chars().any(|c| c.is_ascii_alphabetic());
    let digits = password.chars().any(|c| c.is_ascii_digit());
    let others = password.chars().any(|c| !c.is_ascii_alphanumeric());
    if [letters, digits, others].into_iter().filter(|present| *present).count() < 2 {
        return Err(Weak::Plain);
    }
    Ok(())
}

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    gate: Arc<Semaphore>,
    decoy: Arc<OnceLock<String>>,
    params: Params,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::with_params(Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default())
    }
}

impl Passwords {
    /// The least that Argon2 allows: tests that need many accounts.
    #[must_use]
    pub fn fast() -> Self {
        Self::with_params(Params::new(8, 1, 1, None).unwrap_or_default())
    }

    fn with_params(params: Params) -> Self {
        Self { gate: Arc::new(Semaphore::new(AT_ONCE)), decoy: Arc::default(), params }
    }

    /// The hash of a password in PHC form, from a plain thread.
    pub fn hash_blocking(&self, password: &str) -> Result<String, Fault> {
        let failed = |error: argon2::password_hash::Error| Fault::Password { detail: error.to_string() };
        let salt = SaltString::encode_b64(&secret::random::<16>()).map_err(failed)?;
        Ok(self.argon2().hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
    }

    /// The hash of a password in PHC form.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let (this, password) = (self.clone(), password.to_owned());
        let _turn = self.gate.acquire().await.map_err(|_| Fault::Task)?;
        tokio::task::spawn_blocking(move || this.hash_blocking(&password)).await.map_err(|_| Fault::Task)?
    }

    /// Whether the password matches. Without a stored hash the same work is done and the answer is no, so that the
    /// time taken does not tell whether a login exists.
    pub async fn verify(&self, stored: Option<String>, password: &str) -> Result<bool, Fault> {
        let (this, password) = (self.clone(), password.to_owned());
        let _turn = self.gate.acquire().await.map_err(|_| Fault::Task)?;
        let work = move || this.verify_blocking(stored.as_deref(), &password);
        tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Task)?
    }

    fn verify_blocking(&self, stored: Option<&str>, password: &str) -> Result<bool, Fault> {
        let real = stored.is_some();
        let hash = match stored {
            Some(hash) => hash.to_owned(),
            None => self.decoy()?,
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Password { detail: error.to_string() })?;
        let matches = self.argon2().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(real && matches)
    }

    fn decoy(&self) -> Result<String, Fault> {
        if let Some(decoy) = self.decoy.get() {
            return Ok(decoy.clone());
        }
        let made = self.hash_blocking(&secret::Token::new().text())?;
        Ok(self.decoy.get_or_init(|| made).clone())
    }

    /// Makes the decoy before the first stranger comes, so that the first one is not slower either.
    pub fn warm_up(&self) -> Result<(), Fault> {
        self.decoy().map(|_| ())
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Weak, check};

    #[test]
    fn new_passwords() {
        for (password, expected) in [
            ("昌图县春天的田野", Err(Weak::Short)),
            ("昌图县春天的田野很好看", Err(Weak::Plain)),
            ("昌图县春天的田野2024", Ok(())),
            ("aaaaaaaaaaaa", Err(Weak::Plain)),
            ("zhangsan-2024", Err(Weak::Login)),
            ("correct horse battery", Ok(())),
            (&"长a".repeat(70), Err(Weak::Long)),
        ] {
            assert_eq!(check(password, "ZhangSan"), expected, "{password}");
        }
    }
}
