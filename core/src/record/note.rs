//! Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): size and root of the tree in three lines of text, under
//! Ed25519 signature lines. Signing is deterministic, so this stays pure; where keys lie is not known here.
//!
//! A note may carry lines of others (witnesses); a verifier looks for the one of the key that it was given.

use std::fmt;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::id::Digest;

/// Nobody needs a longer one; a verifier is handed anything.
const NOTE_BYTES_MAX: usize = 64 * 1024;
/// What signature lines begin with.
const DASH: &str = "— ";
/// Ed25519 in key ids and encoded keys.
const ED25519: u8 = 1;

/// Why a note or a key is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note, or not a checkpoint.
    #[error("检查点的格式不对")]
    Format,
    /// A key that cannot be read.
    #[error("公钥的格式不对，应如 zhunsheng/211224+1a2b3c4d+AW…")]
    Key,
    /// Signed, but by nobody whom we asked for.
    #[error("检查点没有这把公钥的签名：钥匙不对，或者检查点是别的县的")]
    OtherKey,
    /// The key's name and id, but not its signature.
    #[error("检查点的签名不对：内容被改动")]
    Signature,
}

fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', ED25519]);
    hash.update(public);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Name, key id and the thirty-two bytes behind the algorithm: `name+id+base64`.
fn read_key(text: &str) -> Option<(String, [u8; 4], [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8 && !id.starts_with('+'))?.to_be_bytes();
    let bytes = Base64::decode_vec(key).ok()?;
    let (algorithm, key) = bytes.split_first()?;
    let key: [u8; 32] = key.try_into().ok().filter(|_| *algorithm == ED25519 && is_name(name))?;
    Some((name.to_owned(), id, key))
}

fn write_key(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let encoded = Base64::encode_string(&[&[ED25519], key.as_slice()].concat());
    format!("{name}+{:08x}+{encoded}", u32::from_be_bytes(id))
}

/// The public key of a log: `name+id+key` as people hand it on.
#[derive(Clone, PartialEq, Eq)]
pub struct LogKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl LogKey {
    /// Reads `name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = read_key(text.trim()).ok_or(NoteError::Key)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError::Key)?;
        if id != key_id(&name, &bytes) || key.is_weak() {
            return Err(NoteError::Key);
        }
        Ok(Self { name, id, key })
    }

    /// The log's name, which is also the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_key(&self.name, self.id, self.key.as_bytes()))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The key with which a log signs. Wiped from memory when dropped.
pub struct LogSigner {
    name: String,
    key: SigningKey,
}

impl LogSigner {
    /// A key from thirty-two random bytes. None if the name cannot name a log (white space, `+`).
    pub fn new(name: &str, seed: &[u8; 32]) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// Reads `PRIVATE+KEY+name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(NoteError::Key)?;
        let (name, id, seed) = read_key(rest).ok_or(NoteError::Key)?;
        let signer = Self::new(&name, &seed).ok_or(NoteError::Key)?;
        if signer.public().id == id { Ok(signer) } else { Err(NoteError::Key) }
    }

    /// The secret, as it is kept in a file.
    pub fn secret_text(&self) -> String {
        format!("PRIVATE+KEY+{}", write_key(&self.name, self.public().id, self.key.as_bytes()))
    }

    /// What others verify with.
    pub fn public(&self) -> LogKey {
        let key = self.key.verifying_key();
        LogKey { name: self.name.clone(), id: key_id(&self.name, key.as_bytes()), key }
    }

    /// The signed checkpoint of a tree.
    pub fn sign(&self, size: u64, root: &Digest) -> String {
        let text = format!("{}\n{size}\n{}\n", self.name, Base64::encode_string(&root.0));
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let line = Base64::encode_string(&[self.public().id.as_slice(), &signature].concat());
        format!("{text}\n{DASH}{} {line}\n", self.name)
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.name)
    }
}

/// What a log says about its tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// Their root.
    pub root: Digest,
}

impl Checkpoint {
    /// Reads a signed checkpoint and accepts it only under this key. Errors: each of [`NoteError`] but `Key`.
    pub fn open(note: &str, key: &LogKey) -> Result<Self, NoteError> {
        let (text, lines) = parts(note)?;
        let mut found = None;
        for line in lines.lines() {
            let (name, signature) =
                line.strip_prefix(DASH).and_then(|line| line.split_once(' ')).ok_or(NoteError::Format)?;
            let bytes = Base64::decode_vec(signature).map_err(|_| NoteError::Format)?;
            let (id, bytes) = bytes.split_at_checked(4).ok_or(NoteError::Format)?;
            if name == key.name && id == key.id {
                // Two lines of one key would let a note be told apart from itself.
                if found.replace(bytes.to_vec()).is_some() {
                    return Err(NoteError::Format);
                }
            }
        }
        let signature = Signature::from_slice(&found.ok_or(NoteError::OtherKey)?).map_err(|_| NoteError::Signature)?;
        key.key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteError::Signature)?;
        let checkpoint = Self::read(text)?;
        if checkpoint.origin == key.name { Ok(checkpoint) } else { Err(NoteError::OtherKey) }
    }

    /// What a note says, whoever signed it: for showing, never for trusting. Errors: [`NoteError::Format`].
    pub fn unverified(note: &str) -> Result<Self, NoteError> {
        Self::read(parts(note)?.0)
    }

    /// The three lines; lines behind them say nothing about the tree.
    fn read(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root)) = (origin, size, root) else { return Err(NoteError::Format) };
        let number: u64 = size.parse().map_err(|_| NoteError::Format)?;
        let root = Base64::decode_vec(root).ok().and_then(|bytes| Digest::from_bytes(&bytes));
        match root {
            Some(root) if number.to_string() == size && !origin.is_empty() => {
                Ok(Self { origin: origin.to_owned(), size: number, root })
            }
            _ => Err(NoteError::Format),
        }
    }
}

/// The signed text with its last line break, and the signature lines.
fn parts(note: &str) -> Result<(&str, &str), NoteError> {
    let sound = note.len() <= NOTE_BYTES_MAX && note.ends_with('\n') && !note.chars().any(|c| c < ' ' && c != '\n');
    let at = note.rfind("\n\n").filter(|_| sound).ok_or(NoteError::Format)?;
    let (text, rest) = note.split_at_checked(at + 1).ok_or(NoteError::Format)?;
    let lines = rest.strip_prefix('\n').filter(|lines| !lines.is_empty()).ok_or(NoteError::Format)?;
    Ok((text, lines))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_specification_verifies() {
        // golang.org/x/mod/sumdb/note, documented example of the format that C2SP adopted.
        let key = LogKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        assert_eq!(key.to_string(), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        // Its signature is right; it is only not a checkpoint.
        assert_eq!(Checkpoint::open(note, &key), Err(NoteError::Format));
        assert_eq!(Checkpoint::open(&note.replace("cryptography", "a witness"), &key), Err(NoteError::Signature));
    }

    fn signer(seed: u8) -> LogSigner {
        LogSigner::new("zhunsheng/211224", &[seed; 32]).unwrap()
    }

    #[test]
    fn a_checkpoint_opens_under_its_key_only() {
        let (signer, other) = (signer(1), signer(2));
        let root = Digest::of(b"root");
        let note = signer.sign(42, &root);
        let opened = Checkpoint::open(&note, &signer.public()).unwrap();
        assert_eq!(opened, Checkpoint { origin: "zhunsheng/211224".to_owned(), size: 42, root });
        assert_eq!(Checkpoint::open(&note, &other.public()), Err(NoteError::OtherKey));
        assert_eq!(Checkpoint::open(&note.replace("\n42\n", "\n43\n"), &signer.public()), Err(NoteError::Signature));
        let foreign = LogSigner::new("zhunsheng/211223", &[1; 32]).unwrap();
        assert_eq!(Checkpoint::open(&foreign.sign(42, &root), &signer.public()), Err(NoteError::OtherKey));
        let witnessed = note.clone() + other.sign(42, &root).lines().last().unwrap() + "\n";
        assert_eq!(Checkpoint::open(&witnessed, &signer.public()).unwrap(), opened);
        assert_eq!(Checkpoint::open(&witnessed, &other.public()).unwrap(), opened);
        let twice = note.clone() + note.lines().last().unwrap() + "\n";
        assert_eq!(Checkpoint::open(&twice, &signer.public()), Err(NoteError::Format));
        for bad in ["", "\n", "\n\n", "a\n\n— b c\n", note.trim_end(), "zhunsheng/211224\n042\nAAAA\n\n— x AAAA\n"]
        {
            assert!(Checkpoint::open(bad, &signer.public()).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_survive_their_text() {
        let signer = signer(7);
        let again = LogSigner::parse(&signer.secret_text()).unwrap();
        assert_eq!(again.public(), signer.public());
        let text = signer.public().to_string();
        assert_eq!(LogKey::parse(&text).unwrap(), signer.public());
        assert!(!format!("{signer:?}").contains("AQcH"), "no secret in logs");
        for bad in [
            "",
            "a+b",
            "zhunsheng/211224+00000000+AQ==",
            &text.replace("+", "-"),
            &text.replace('/', "_"),
            &signer.secret_text(),
        ] {
            assert_eq!(LogKey::parse(bad), Err(NoteError::Key), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_changed_note_opens(size: u64, seed: u8, at: usize, with: char) {
            let signer = signer(seed);
            let note = signer.sign(size, &Digest::of(&[seed]));
            let mut chars: Vec<char> = note.chars().collect();
            let at = at % chars.len();
            let before = std::mem::replace(&mut chars[at], with);
            let changed: String = chars.into_iter().collect();
            prop_assert_eq!(Checkpoint::open(&changed, &signer.public()).is_ok(), before == with);
            chars = note.chars().collect();
            chars.remove(at);
            prop_assert!(Checkpoint::open(&chars.into_iter().collect::<String>(), &signer.public()).is_err());
        }

        #[test]
        fn any_text_is_answered(text: String, lines: String) {
            let key = signer(1).public();
            prop_assert!(Checkpoint::open(&text, &key).is_err());
            let note = format!("{text}\n\n— {lines}\n");
            prop_assert!(Checkpoint::open(&note, &key).is_err());
            let _ = LogKey::parse(&text);
        }
    }
}
