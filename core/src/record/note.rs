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

/// The first four bytes of the hash over name, algorithm and key.
pub(super) fn key_id(name: &str, algorithm: u8, public: &[u8]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', algorithm]);
    hash.update(public);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Name, key id and the thirty-two bytes behind the algorithm: `name+id+base64`.
pub(super) fn read_key(text: &str, algorithm: u8) -> Option<(String, [u8; 4], [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8 && !id.starts_with('+'))?.to_be_bytes();
    let bytes = Base64::decode_vec(key).ok()?;
    let (found, key) = bytes.split_first()?;
    let key: [u8; 32] = key.try_into().ok().filter(|_| *found == algorithm && is_name(name))?;
    Some((name.to_owned(), id, key))
}

pub(super) fn write_key(name: &str, id: [u8; 4], algorithm: u8, key: &[u8; 32]) -> String {
    let encoded = Base64::encode_string(&[&[algorithm], key.as_slice()].concat());
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
        let (name, id, bytes) = read_key(text.trim(), ED25519).ok_or(NoteError::Key)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError::Key)?;
        if id != key_id(&name, ED25519, &bytes) || key.is_weak() {
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
        f.write_str(&write_key(&self.name, self.id, ED25519, self.key.as_bytes()))
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
        let (name, id, seed) = read_key(rest, ED25519).ok_or(NoteError::Key)?;
        let signer = Self::new(&name, &seed).ok_or(NoteError::Key)?;
        if signer.public().id == id { Ok(signer) } else { Err(NoteError::Key) }
    }

    /// The secret, as it is kept in a file.
    pub fn secret_text(&self) -> String {
        format!("PRIVATE+KEY+{}", write_key(&self.name, self.public().id, ED25519, self.key.as_bytes()))
    }

    /// What others verify with.
    pub fn public(&self) -> LogKey {
        let key = self.key.verifying_key();
        LogKey { name: self.name.clone(), id: key_id(&self.name, ED25519, key.as_bytes()), key }
    }

    /// The signed checkpoint of a tree.
    pub fn sign(&self, size: u64, root: &Digest) -> String {
        let text = format!("{}\n{size}\n{}\n", self.name, Base64::encode_string(&root.0));
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", signature_line(&self.name, self.public().id, &signature))
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
        let signature = signature_of(lines, &key.name, key.id)?.ok_or(NoteError::OtherKey)?;
        let signature = Signature::from_slice(&signature).map_err(|_| NoteError::Signature)?;
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

/// One signature line with its line break.
pub(super) fn signature_line(name: &str, id: [u8; 4], signature: &[u8]) -> String {
    format!("{DASH}{name} {}\n", Base64::encode_string(&[id.as_slice(), signature].concat()))
}

/// What one key signed, among the signature lines of a note. Errors: a line that is none, or two lines of that key, which
/// would let a note be told apart from itself.
pub(super) fn signature_of(lines: &str, name: &str, id: [u8; 4]) -> Result<Option<Vec<u8>>, NoteError> {
    let mut found = None;
    for line in lines.lines() {
        let (signer, signature) =
            line.strip_prefix(DASH).and_then(|line| line.split_once(' ')).ok_or(NoteError::Format)?;
        let bytes = Base64::decode_vec(signature).map_err(|_| NoteError::Format)?;
        let (key, bytes) = bytes.split_at_checked(4).ok_or(NoteError::Format)?;
        if signer == name && key == id && found.replace(bytes.to_vec()).is_some() {
            return Err(NoteError::Format);
        }
    }
    Ok(found)
}

/// A note with only those signature lines that bear `name`. Errors: [`NoteError::Format`].
pub fn only_lines_of(note: &str, name: &str) -> Result<String, NoteError> {
    let (text, lines) = parts(note)?;
    let begin = format!("{DASH}{name} ");
    let kept = lines.split_inclusive('\n').filter(|line| line.starts_with(&begin));
    Ok(std::iter::once(text).chain(["\n"]).chain(kept).collect())
}

/// The signed text with its last line break, and the signature lines.
pub(super) fn parts(note: &str) -> Result<(&str, &str), NoteError> {
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
