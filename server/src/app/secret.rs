//! Random tokens and keyed digests: sessions, forms and links. Signing keys of the record are not here.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand_core::{OsRng, RngCore};
use sha2::Sha256;

pub use crate::store::digest::{hex, sha256, unhex};
use crate::store::party_phones::{self, PhoneHash};

/// Random bytes from the operating system.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// An opaque token of 256 random bits. Its text goes to the client, its hash into the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A new token.
    #[must_use]
    pub fn new() -> Self {
        Self(random())
    }
    /// What a client sent, if it has the shape of a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
    /// What the client keeps: 64 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        hex(&self.0)
    }
    /// What the store keeps: SHA-256.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.0)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A key for keyed digests.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key with these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA-256 over a purpose and a message, shortened to 128 bits.
    #[must_use]
    pub fn seal(&self, purpose: &str, message: &[u8]) -> [u8; 16] {
        let mut short = [0; 16];
        if let Some(mac) = self.mac(purpose, message) {
            for (to, from) in short.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        short
    }

    /// Whether `seal` was made by [`Key::seal`], in constant time.
    #[must_use]
    pub fn verify(&self, purpose: &str, message: &[u8], seal: &[u8; 16]) -> bool {
        self.mac(purpose, message).is_some_and(|mac| mac.verify_truncated_left(seal).is_ok())
    }

    /// A form token: the seal under a fresh mask, so that two pages never carry the same bytes and compression
    /// cannot guess it (BREACH).
    #[must_use]
    pub fn form_token(&self, purpose: &str, message: &[u8]) -> String {
        let mask: [u8; 16] = random();
        hex(&mask) + &hex(&xor(self.seal(purpose, message), mask))
    }

    /// Whether a form token belongs to this key.
    #[must_use]
    pub fn verify_form_token(&self, purpose: &str, message: &[u8], token: &str) -> bool {
        let parts = token.split_at_checked(32);
        let Some((mask, masked)) = parts.and_then(|(mask, masked)| Some((unhex(mask)?, unhex(masked)?))) else {
            return false;
        };
        self.verify(purpose, message, &xor(masked, mask))
    }

    /// What a mobile number is known by in this county; none if it is no mobile number.
    #[must_use]
    pub fn phone_hash(&self, typed: &str) -> Option<PhoneHash> {
        party_phones::hash(&self.0, typed)
    }

    /// Seals a text for `owner`: XChaCha20-Poly1305 under a key made for the purpose, the nonce in front.
    #[must_use]
    pub fn close(&self, purpose: &str, owner: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; 24] = random();
        let sealed = self.cipher(purpose)?.encrypt(&XNonce::from(nonce), Payload { msg: text, aad: owner }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Key::close`] sealed for the same owner and purpose.
    #[must_use]
    pub fn open(&self, purpose: &str, owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        self.cipher(purpose)?.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: owner }).ok()
    }

    fn cipher(&self, purpose: &str) -> Option<XChaCha20Poly1305> {
        let key: [u8; 32] = self.mac("cipher", purpose.as_bytes())?.finalize().into_bytes().into();
        Some(XChaCha20Poly1305::new(&key.into()))
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes a key of any length; the error cannot happen, and without a MAC nothing verifies.
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).ok()?;
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        Some(mac)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

fn xor(mut bytes: [u8; 16], mask: [u8; 16]) -> [u8; 16] {
    for (byte, mask) in bytes.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Key, Token};

    #[test]
    fn a_form_token_belongs_to_its_key_purpose_and_message() {
        let key = Key::new([7; 32]);
        let token = key.form_token("form", b"one");
        assert_ne!(token, key.form_token("form", b"one"), "masked afresh each time");
        assert!(key.verify_form_token("form", b"one", &token));
        assert!(!key.verify_form_token("form", b"two", &token));
        assert!(!key.verify_form_token("other", b"one", &token));
        assert!(!Key::new([8; 32]).verify_form_token("form", b"one", &token));
        for bad in ["", "00", "准绳", &"0".repeat(64)] {
            assert!(!key.verify_form_token("form", b"one", bad), "{bad}");
        }
    }

    #[test]
    fn what_is_sealed_is_opened_by_its_owner_and_purpose_only() {
        let key = Key::new([7; 32]);
        let sealed = key.close("phone", b"a", b"13941002386").unwrap();
        assert_ne!(Some(&sealed), key.close("phone", b"a", b"13941002386").as_ref(), "never the same twice");
        assert_eq!(key.open("phone", b"a", &sealed).as_deref(), Some(b"13941002386".as_slice()));
        assert_eq!(key.open("phone", b"b", &sealed), None);
        assert_eq!(key.open("draft", b"a", &sealed), None);
        assert_eq!(Key::new([8; 32]).open("phone", b"a", &sealed), None);
        assert_eq!(key.open("phone", b"a", b"short"), None);
    }

    #[test]
    fn a_token_survives_its_text() {
        let token = Token::new();
        assert_eq!(Token::parse(&token.text()), Some(token.clone()));
        assert_eq!(Token::parse("zz"), None);
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
