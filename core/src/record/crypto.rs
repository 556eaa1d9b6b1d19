//! The one door to hashes and signatures of the record, in two suites: SM3 with SM2 (国密) and SHA-256 with Ed25519.
//!
//! Everything that is hashed, signed or verified for the record goes through [`Crypto`]. [`Software`] is built in; a certified
//! module (PKCS#11, SDF) takes its place by [`install`] before anything else is done. A module must give the same hashes;
//! its signatures may be randomised, and its secrets may be names of keys that never leave it. Does not belong here: what is
//! hashed, where keys lie.

use std::ops::Range;
use std::sync::OnceLock;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm3::{Digest as _, Sm3};

use super::lanes;
use crate::id::Digest;

/// The distinguishing identifier of a signer who has no other (GM/T 0009-2012 §10), in ASCII.
pub const SM2_ID: &str = "1234567812345678";

/// A hash with the signature that goes with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Suite {
    /// SM3 (GB/T 32905) and SM2 (GB/T 32918).
    Sm3,
    /// SHA-256 (FIPS 180-4) and Ed25519 (RFC 8032), the one of C2SP.
    Sha256,
}

impl Suite {
    /// Both, the one that counts in a county first.
    pub const ALL: [Self; 2] = [Self::Sm3, Self::Sha256];

    /// As checkpoints and tables name its hash.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sm3 => "sm3",
            Self::Sha256 => "sha256",
        }
    }

    /// As people are told.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sm3 => "国密 SM3/SM2",
            Self::Sha256 => "SHA-256/Ed25519",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sm3 => Self::Sha256,
            Self::Sha256 => Self::Sm3,
        }
    }

    /// The hash over the parts, one after another.
    pub fn hash(self, parts: &[&[u8]]) -> Digest {
        Digest(module().hash(self, parts))
    }

    /// The hash of each message, in their order.
    pub fn hash_all(self, messages: &Messages) -> Vec<Digest> {
        let messages: Vec<&[u8]> = messages.iter().collect();
        module().hash_all(self, &messages).into_iter().map(Digest).collect()
    }
}

/// Messages that are hashed together: sooner done than one after another.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Messages {
    /// Adds a message: the parts, one after another.
    pub fn push(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.ends.push(self.bytes.len());
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        pieces(&self.ends).filter_map(|piece| self.bytes.get(piece))
    }
}

/// Pieces that lie one after another, by where each ends.
pub(super) fn pieces(ends: &[usize]) -> impl Iterator<Item = Range<usize>> {
    std::iter::once(&0).chain(ends).zip(ends).map(|(start, end)| *start..*end)
}

/// One thing for each suite.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Both<T> {
    /// Of SM3 and SM2.
    pub sm3: T,
    /// Of SHA-256 and Ed25519.
    pub sha256: T,
}

impl<T> Both<T> {
    /// Made for each suite.
    pub fn of(mut make: impl FnMut(Suite) -> T) -> Self {
        Self { sm3: make(Suite::Sm3), sha256: make(Suite::Sha256) }
    }

    /// Made for each suite. Errors: the first of `make`.
    pub fn try_of<E>(mut make: impl FnMut(Suite) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self { sm3: make(Suite::Sm3)?, sha256: make(Suite::Sha256)? })
    }

    /// That of one suite.
    pub fn get(&self, suite: Suite) -> &T {
        match suite {
            Suite::Sm3 => &self.sm3,
            Suite::Sha256 => &self.sha256,
        }
    }

    /// That of one suite, to be changed.
    pub fn get_mut(&mut self, suite: Suite) -> &mut T {
        match suite {
            Suite::Sm3 => &mut self.sm3,
            Suite::Sha256 => &mut self.sha256,
        }
    }

    /// References to both.
    pub fn as_ref(&self) -> Both<&T> {
        Both { sm3: &self.sm3, sha256: &self.sha256 }
    }
}

impl<T> Both<Option<T>> {
    /// Both, or none.
    pub fn all(self) -> Option<Both<T>> {
        Some(Both { sm3: self.sm3?, sha256: self.sha256? })
    }
}

impl Both<Vec<Digest>> {
    /// Each digest by the one suite with its counterpart by the other.
    pub fn side_by_side(&self) -> impl Iterator<Item = Both<Digest>> {
        self.sm3.iter().zip(&self.sha256).map(|(sm3, sha256)| Both { sm3: *sm3, sha256: *sha256 })
    }
}

/// SHA-256, then SM3: sixty-four bytes.
impl Both<Digest> {
    /// The hash over the parts, by each suite.
    pub fn hash(parts: &[&[u8]]) -> Self {
        Self::of(|suite| suite.hash(parts))
    }

    /// The hash of each message, by each suite, in their order.
    pub fn hash_all(messages: &Messages) -> Vec<Self> {
        Both::of(|suite| suite.hash_all(messages)).side_by_side().collect()
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (slot, byte) in bytes.iter_mut().zip(self.sha256.0.iter().chain(&self.sm3.0)) {
            *slot = *byte;
        }
        bytes
    }

    /// None if there are not sixty-four bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sha256, sm3) = bytes.split_at_checked(32)?;
        Some(Self { sm3: Digest::from_bytes(sm3)?, sha256: Digest::from_bytes(sha256)? })
    }
}

impl<C> Encode<C> for Both<Digest> {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Both<Digest> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        Self::from_bytes(d.bytes()?).ok_or_else(|| DecodeError::message("not two digests"))
    }
}

/// Hashes and signatures, as a program or a module gives them.
pub trait Crypto: Send + Sync {
    /// The hash over the parts, one after another.
    fn hash(&self, suite: Suite, parts: &[&[u8]]) -> [u8; 32];

    /// The hash of each message, in their order.
    fn hash_all(&self, suite: Suite, messages: &[&[u8]]) -> Vec<[u8; 32]> {
        one_by_one(self, suite, messages)
    }

    /// The public key of a secret: Ed25519's 32 bytes, SM2's `04 ‖ x ‖ y`. None if it is no secret.
    fn public(&self, suite: Suite, secret: &[u8; 32]) -> Option<Vec<u8>>;

    /// The signature over a message: Ed25519's 64 bytes, SM2's `r ‖ s`. None if the module cannot sign.
    fn sign(&self, suite: Suite, secret: &[u8; 32], message: &[u8]) -> Option<[u8; 64]>;

    /// Whether bytes are a public key that may be trusted to mean one signer.
    fn is_public(&self, suite: Suite, public: &[u8]) -> bool;

    /// Whether a signature holds. Anything may be handed in.
    fn verify(&self, suite: Suite, public: &[u8], message: &[u8], signature: &[u8]) -> bool;
}

fn one_by_one(by: &(impl Crypto + ?Sized), suite: Suite, messages: &[&[u8]]) -> Vec<[u8; 32]> {
    messages.iter().map(|message| by.hash(suite, &[message])).collect()
}

static MODULE: OnceLock<Box<dyn Crypto>> = OnceLock::new();

/// Puts a module in the place of [`Software`], for this process. Errors: something was hashed already; the module comes back.
pub fn install(module: Box<dyn Crypto>) -> Result<(), Box<dyn Crypto>> {
    MODULE.set(module)
}

/// What does the work.
pub fn module() -> &'static dyn Crypto {
    MODULE.get_or_init(|| Box::new(Software::default())).as_ref()
}

/// So many messages are sooner hashed side by side: with fewer most lanes would be empty.
const WORTH_LANES: usize = 8;

/// RustCrypto and dalek: no certified module, so no 密评 passes with it. Signing is deterministic (RFC 8032; SM2 with the nonce
/// of RFC 6979).
#[derive(Clone, Debug)]
pub struct Software {
    sm2_id: String,
}

impl Default for Software {
    fn default() -> Self {
        Self { sm2_id: SM2_ID.to_owned() }
    }
}

impl Software {
    /// With another distinguishing identifier of SM2 signers; both sides must use the same.
    pub fn with_sm2_id(id: &str) -> Self {
        Self { sm2_id: id.to_owned() }
    }

    fn sm2_key(&self, secret: &[u8; 32]) -> Option<sm2::dsa::SigningKey> {
        sm2::dsa::SigningKey::from_slice(&self.sm2_id, secret).ok()
    }

    fn sm2_public(&self, public: &[u8]) -> Option<sm2::dsa::VerifyingKey> {
        // One form only: uncompressed.
        let whole = public.len() == 65 && public.first() == Some(&4);
        whole.then(|| sm2::dsa::VerifyingKey::from_sec1_bytes(&self.sm2_id, public).ok()).flatten()
    }
}

impl Crypto for Software {
    fn hash(&self, suite: Suite, parts: &[&[u8]]) -> [u8; 32] {
        match suite {
            Suite::Sm3 => {
                let mut hash = Sm3::new();
                parts.iter().for_each(|part| hash.update(part));
                hash.finalize().into()
            }
            Suite::Sha256 => {
                let mut hash = Sha256::new();
                parts.iter().for_each(|part| hash.update(part));
                hash.finalize().into()
            }
        }
    }

    fn hash_all(&self, suite: Suite, messages: &[&[u8]]) -> Vec<[u8; 32]> {
        match suite {
            Suite::Sm3 if messages.len() >= WORTH_LANES => lanes::sm3(messages),
            _ => one_by_one(self, suite, messages),
        }
    }

    fn public(&self, suite: Suite, secret: &[u8; 32]) -> Option<Vec<u8>> {
        match suite {
            Suite::Sm3 => Some(self.sm2_key(secret)?.verifying_key().to_sec1_bytes().into_vec()),
            Suite::Sha256 => Some(SigningKey::from_bytes(secret).verifying_key().to_bytes().to_vec()),
        }
    }

    fn sign(&self, suite: Suite, secret: &[u8; 32], message: &[u8]) -> Option<[u8; 64]> {
        match suite {
            Suite::Sm3 => Some(self.sm2_key(secret)?.try_sign(message).ok()?.to_bytes().into()),
            Suite::Sha256 => Some(SigningKey::from_bytes(secret).sign(message).to_bytes()),
        }
    }

    fn is_public(&self, suite: Suite, public: &[u8]) -> bool {
        match suite {
            Suite::Sm3 => self.sm2_public(public).is_some(),
            Suite::Sha256 => {
                let key = public.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
                key.is_some_and(|key| !key.is_weak())
            }
        }
    }

    fn verify(&self, suite: Suite, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match suite {
            Suite::Sm3 => {
                let signature = sm2::dsa::Signature::from_slice(signature).ok();
                let known = self.sm2_public(public).zip(signature);
                known.is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
            }
            Suite::Sha256 => {
                let key = public.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
                let known = key.zip(Signature::from_slice(signature).ok());
                known.is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standards() {
        // GB/T 32905-2016 appendix A.1, A.2; FIPS 180-4.
        let abc = Both::hash(&[b"a", b"bc"]);
        assert_eq!(abc.sm3.to_string(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(abc.sha256.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let long = Suite::Sm3.hash(&[&b"abcd".repeat(16)]);
        assert_eq!(long.to_string(), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
        assert_eq!(Both::<Digest>::from_bytes(&abc.to_bytes()), Some(abc));
        assert_eq!(Both::<Digest>::from_bytes(&[0; 63]), None);
    }

    #[test]
    fn messages_hash_together_as_alone() {
        // Fewer than are worth the lanes, as many, and more than there are lanes.
        for count in [0u8, 1, 7, 8, 40] {
            let mut messages = Messages::default();
            (0..count).for_each(|n| messages.push(&[b"number ", &[n], &[n; 70]]));
            let alone: Vec<Both<Digest>> = (0..count).map(|n| Both::hash(&[b"number ", &[n], &[n; 70]])).collect();
            assert_eq!(Both::hash_all(&messages), alone, "{count}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_key_and_message_only() {
        for suite in Suite::ALL {
            let module = Software::default();
            let (secret, other) = ([7; 32], [8; 32]);
            let (key, foreign) = (module.public(suite, &secret).unwrap(), module.public(suite, &other).unwrap());
            let signature = module.sign(suite, &secret, b"message").unwrap();
            assert_eq!(module.sign(suite, &secret, b"message"), Some(signature), "deterministic");
            assert!(module.is_public(suite, &key) && module.verify(suite, &key, b"message", &signature));
            assert!(!module.verify(suite, &key, b"messagf", &signature));
            assert!(!module.verify(suite, &foreign, b"message", &signature));
            assert!(!module.verify(suite.other(), &key, b"message", &signature));
            for at in 0..64 {
                let mut changed = signature;
                changed[at] ^= 1;
                assert!(!module.verify(suite, &key, b"message", &changed), "{at}");
            }
            for bad in [&[][..], &[0; 64], &[255; 64], &[1; 63]] {
                assert!(
                    !module.verify(suite, &key, b"message", bad) && !module.verify(suite, bad, b"message", &signature)
                );
                assert!(!module.is_public(suite, bad));
            }
        }
    }

    #[test]
    fn another_identifier_is_another_signer() {
        let (usual, other) = (Software::default(), Software::with_sm2_id("ALICE123@YAHOO.COM"));
        let key = usual.public(Suite::Sm3, &[7; 32]).unwrap();
        let signature = other.sign(Suite::Sm3, &[7; 32], b"message").unwrap();
        assert!(other.verify(Suite::Sm3, &key, b"message", &signature));
        assert!(!usual.verify(Suite::Sm3, &key, b"message", &signature));
    }

    #[test]
    fn no_secret_gives_no_key() {
        // Zero, and beyond the order of the curve.
        for bad in [[0; 32], [255; 32]] {
            assert_eq!(Software::default().public(Suite::Sm3, &bad), None);
            assert_eq!(Software::default().sign(Suite::Sm3, &bad, b""), None);
        }
    }
}
