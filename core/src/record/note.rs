//! Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): size and root of a tree in a few lines of text, under
//! signature lines. Each suite has its own checkpoint, which names the root of the other one too. Where keys lie is not known here.
//!
//! A note may carry lines of others (witnesses); a verifier looks for the one of the key that it was given.

use std::fmt;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::crypto::{Both, Suite, module};
use crate::id::Digest;

/// Nobody needs a longer one; a verifier is handed anything.
const NOTE_BYTES_MAX: usize = 64 * 1024;
/// What signature lines begin with.
const DASH: &str = "— ";
/// Ed25519 in key ids and encoded keys, as C2SP assigns it.
const ED25519: &[u8] = &[1];
/// SM2 with SM3: C2SP leaves 0xff to types of others, followed by a name of their own; this is the OID of GM/T 0006.
const SM2: &[u8] = b"\xff1.2.156.10197.1.501";

/// Why a note or a key is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note, or not a checkpoint.
    #[error("检查点的格式不对")]
    Format,
    /// A key that cannot be read.
    #[error("公钥的格式不对，应如 zhunsheng/211224/sm3+1a2b3c4d+/zEu…（国密）或 zhunsheng/211224+1a2b3c4d+AW…")]
    Key,
    /// Signed, but by nobody whom we asked for.
    #[error("检查点没有这把公钥的签名：钥匙不对，或者检查点是别的县的")]
    OtherKey,
    /// The key's name and id, but not its signature.
    #[error("检查点的签名不对：内容被改动")]
    Signature,
    /// The module did not sign.
    #[error("签名模块没有签出检查点")]
    Unsigned,
    /// Two checkpoints that should speak of the same entries.
    #[error("国密检查点与 SHA-256 检查点说的不是同一份记录")]
    Apart,
}

fn algorithm(suite: Suite) -> &'static [u8] {
    match suite {
        Suite::Sm3 => SM2,
        Suite::Sha256 => ED25519,
    }
}

/// The first four bytes of the suite's hash over name, line break, algorithm and key (C2SP recommends SHA-256 for its own).
pub(super) fn key_id(suite: Suite, name: &str, algorithm: &[u8], public: &[u8]) -> [u8; 4] {
    let Digest([a, b, c, d, ..]) = suite.hash(&[name.as_bytes(), b"\n", algorithm, public]);
    [a, b, c, d]
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Name, key id and what stands behind the algorithm: `name+id+base64`.
pub(super) fn read_key(text: &str, algorithm: &[u8]) -> Option<(String, [u8; 4], Zeroizing<Vec<u8>>)> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8 && !id.starts_with('+'))?.to_be_bytes();
    let bytes = Zeroizing::new(Base64::decode_vec(key).ok()?);
    let key = bytes.strip_prefix(algorithm).filter(|_| is_name(name))?;
    Some((name.to_owned(), id, Zeroizing::new(key.to_vec())))
}

pub(super) fn write_key(name: &str, id: [u8; 4], algorithm: &[u8], key: &[u8]) -> String {
    let bytes = Zeroizing::new([algorithm, key].concat());
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), Base64::encode_string(&bytes))
}

/// A key as it is written: its suite, its name, its id, its bytes.
type WrittenKey = (Suite, String, [u8; 4], Zeroizing<Vec<u8>>);

/// As [`read_key`], of a log.
fn read_log_key(text: &str) -> Option<WrittenKey> {
    let of = |suite| read_key(text, algorithm(suite)).map(|(name, id, key)| (suite, name, id, key));
    Suite::ALL.into_iter().find_map(of)
}

/// The public key of a log: `name+id+key` as people hand it on.
#[derive(Clone, PartialEq, Eq)]
pub struct LogKey {
    suite: Suite,
    name: String,
    id: [u8; 4],
    key: Vec<u8>,
}

impl LogKey {
    fn new(suite: Suite, name: &str, key: Vec<u8>) -> Option<Self> {
        let sound = is_name(name) && module().is_public(suite, &key);
        sound.then(|| Self { suite, name: name.to_owned(), id: key_id(suite, name, algorithm(suite), &key), key })
    }

    /// Reads `name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (suite, name, id, bytes) = read_log_key(text.trim()).ok_or(NoteError::Key)?;
        Self::new(suite, &name, bytes.to_vec()).filter(|key| key.id == id).ok_or(NoteError::Key)
    }

    /// The log's name, which is also the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs with, and over which tree.
    pub fn suite(&self) -> Suite {
        self.suite
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_key(&self.name, self.id, algorithm(self.suite), &self.key))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The key with which a log signs. Wiped from memory when dropped.
pub struct LogSigner {
    public: LogKey,
    secret: Zeroizing<[u8; 32]>,
}

impl LogSigner {
    /// A key from thirty-two random bytes. None if the name cannot name a log (white space, `+`), or the bytes are no secret
    /// (one in four thousand million, of SM2).
    pub fn new(suite: Suite, name: &str, secret: &[u8; 32]) -> Option<Self> {
        let public = LogKey::new(suite, name, module().public(suite, secret)?)?;
        Some(Self { public, secret: Zeroizing::new(*secret) })
    }

    /// Reads `PRIVATE+KEY+name+id+base64`. Errors: [`NoteError::Key`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(NoteError::Key)?;
        let (suite, name, id, bytes) = read_log_key(rest).ok_or(NoteError::Key)?;
        let secret: Option<Zeroizing<[u8; 32]>> = bytes.as_slice().try_into().ok().map(Zeroizing::new);
        let signer = secret.and_then(|secret| Self::new(suite, &name, &secret));
        signer.filter(|signer| signer.public.id == id).ok_or(NoteError::Key)
    }

    /// The secret, as it is kept in a file.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let key = &self.public;
        let text = Zeroizing::new(write_key(&key.name, key.id, algorithm(key.suite), self.secret.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{}", *text))
    }

    /// What others verify with.
    pub fn public(&self) -> &LogKey {
        &self.public
    }

    /// The signed checkpoint of a tree, with the root of the other one below. Errors: [`NoteError::Unsigned`].
    pub fn sign(&self, size: u64, roots: &Both<Digest>) -> Result<String, NoteError> {
        let LogKey { suite, name, id, .. } = &self.public;
        let (own, other) = (Base64::encode_string(&roots.get(*suite).0), suite.other());
        let text = format!("{name}\n{size}\n{own}\n{} {}\n", other.word(), Base64::encode_string(&roots.get(other).0));
        let signature = module().sign(*suite, &self.secret, text.as_bytes()).ok_or(NoteError::Unsigned)?;
        Ok(format!("{text}\n{}", signature_line(name, *id, &signature)))
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.public.name)
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
    /// The root of the tree of another hash over the same leaves, if the log says one.
    pub other: Option<(Suite, Digest)>,
}

impl Checkpoint {
    /// Reads a signed checkpoint and accepts it only under this key. Errors: `Format`, `OtherKey`, `Signature`.
    pub fn open(note: &str, key: &LogKey) -> Result<Self, NoteError> {
        let (text, lines) = parts(note)?;
        let signature = signature_of(lines, &key.name, key.id)?.ok_or(NoteError::OtherKey)?;
        if !module().verify(key.suite, &key.key, text.as_bytes(), &signature) {
            return Err(NoteError::Signature);
        }
        let checkpoint = Self::read(text)?;
        if checkpoint.origin == key.name { Ok(checkpoint) } else { Err(NoteError::OtherKey) }
    }

    /// What a note says, whoever signed it: for showing, never for trusting. Errors: [`NoteError::Format`].
    pub fn unverified(note: &str) -> Result<Self, NoteError> {
        Self::read(parts(note)?.0)
    }

    /// Both roots, of a log that says both.
    pub fn roots(&self) -> Option<Both<Digest>> {
        let (suite, other) = self.other?;
        Some(Both::of(|wanted| if wanted == suite { other } else { self.root }))
    }

    /// The three lines, and the first one behind them that names a root; others say nothing here.
    fn read(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root)) = (origin, size, root) else { return Err(NoteError::Format) };
        let number: u64 = size.parse().map_err(|_| NoteError::Format)?;
        let digest = |text: &str| Base64::decode_vec(text).ok().and_then(|bytes| Digest::from_bytes(&bytes));
        let other = lines.find_map(|line| {
            let (word, root) = line.split_once(' ')?;
            let suite = Suite::ALL.into_iter().find(|suite| suite.word() == word)?;
            Some((suite, digest(root)?))
        });
        match digest(root) {
            Some(root) if number.to_string() == size && !origin.is_empty() => {
                Ok(Self { origin: origin.to_owned(), size: number, root, other })
            }
            _ => Err(NoteError::Format),
        }
    }
}

/// Size and both roots, as every note says it whose key is at hand; a note without a key must say the same, and its signature
/// is not looked at. Errors: no key at all, a note that is not accepted, notes that differ or say one root only.
pub fn open_both(notes: &Both<&str>, keys: &Both<Option<&LogKey>>) -> Result<(u64, Both<Digest>), NoteError> {
    if Suite::ALL.iter().all(|suite| keys.get(*suite).is_none()) {
        return Err(NoteError::Key);
    }
    let said = Both::try_of(|suite| {
        let note = notes.get(suite);
        let said = match keys.get(suite) {
            Some(key) if key.suite != suite => return Err(NoteError::OtherKey),
            Some(key) => Checkpoint::open(note, key)?,
            None => Checkpoint::unverified(note)?,
        };
        let own = said.other.is_some_and(|(other, _)| other == suite.other());
        said.roots().filter(|_| own).map(|roots| (said.size, roots)).ok_or(NoteError::Format)
    })?;
    if said.sm3 == said.sha256 { Ok(said.sm3) } else { Err(NoteError::Apart) }
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

    fn signer(suite: Suite, seed: u8) -> LogSigner {
        LogSigner::new(suite, "zhunsheng/211224", &[seed; 32]).unwrap()
    }

    fn suite() -> impl Strategy<Value = Suite> {
        prop::sample::select(&Suite::ALL[..])
    }

    #[test]
    fn a_checkpoint_opens_under_its_key_only() {
        for suite in Suite::ALL {
            let (signer, other) = (signer(suite, 1), signer(suite, 2));
            let key = signer.public();
            let roots = Both::hash(&[b"root"]);
            let note = signer.sign(42, &roots).unwrap();
            let opened = Checkpoint::open(&note, key).unwrap();
            assert_eq!((opened.origin.as_str(), opened.size), ("zhunsheng/211224", 42));
            assert_eq!((opened.root, opened.roots()), (*roots.get(suite), Some(roots)));
            assert_eq!(Checkpoint::open(&note, other.public()), Err(NoteError::OtherKey));
            assert_eq!(Checkpoint::open(&note.replace("\n42\n", "\n43\n"), key), Err(NoteError::Signature));
            let foreign = LogSigner::new(suite, "zhunsheng/211223", &[1; 32]).unwrap();
            let theirs = foreign.sign(42, &roots).unwrap();
            assert_eq!(Checkpoint::open(&theirs, key), Err(NoteError::OtherKey));
            let second = other.sign(42, &roots).unwrap();
            let witnessed = note.clone() + second.lines().last().unwrap() + "\n";
            assert_eq!(Checkpoint::open(&witnessed, key).unwrap(), opened);
            assert_eq!(Checkpoint::open(&witnessed, other.public()).unwrap(), opened);
            let twice = note.clone() + note.lines().last().unwrap() + "\n";
            assert_eq!(Checkpoint::open(&twice, key), Err(NoteError::Format));
            for bad in ["", "\n", "\n\n", "a\n\n— b c\n", note.trim_end(), "zhunsheng/211224\n042\nAAAA\n\n— x AAAA\n"]
            {
                assert!(Checkpoint::open(bad, key).is_err(), "{bad}");
            }
        }
    }

    #[test]
    fn both_checkpoints_speak_of_one_record() {
        let signers = Both::of(|suite| signer(suite, 1));
        let keys = signers.as_ref();
        let keys = Both { sm3: Some(keys.sm3.public()), sha256: Some(keys.sha256.public()) };
        let roots = Both::hash(&[b"root"]);
        let sign = |size, roots: &Both<Digest>| Both::of(|suite| signers.get(suite).sign(size, roots).unwrap());
        let (notes, later) = (sign(42, &roots), sign(43, &roots));
        let open = |sm3: &str, sha256: &str, keys: &Both<Option<&LogKey>>| open_both(&Both { sm3, sha256 }, keys);
        assert_eq!(open(&notes.sm3, &notes.sha256, &keys), Ok((42, roots)));
        assert_eq!(open(&notes.sm3, &later.sha256, &keys), Err(NoteError::Apart));
        assert_eq!(open(&notes.sha256, &notes.sm3, &keys), Err(NoteError::OtherKey));
        for suite in Suite::ALL {
            // One key is enough, for each note says both roots; the other note must still say the same.
            let one = Both::of(|known| (known == suite).then(|| *keys.get(suite)).flatten());
            assert_eq!(open(&notes.sm3, &notes.sha256, &one), Ok((42, roots)));
            assert_eq!(open(&notes.sm3, &later.sha256, &one), Err(NoteError::Apart));
        }
        assert_eq!(open(&notes.sm3, &notes.sha256, &Both::default()), Err(NoteError::Key));
        let swapped = Both { sm3: keys.sha256, sha256: keys.sm3 };
        assert_eq!(open(&notes.sm3, &notes.sha256, &swapped), Err(NoteError::OtherKey));
    }

    #[test]
    fn keys_survive_their_text() {
        for suite in Suite::ALL {
            let signer = signer(suite, 7);
            let again = LogSigner::parse(&signer.secret_text()).unwrap();
            assert_eq!(again.public(), signer.public());
            let text = signer.public().to_string();
            assert_eq!(LogKey::parse(&text).unwrap(), *signer.public());
            assert_eq!(LogKey::parse(&text).unwrap().suite(), suite);
            assert!(!format!("{signer:?}").contains("BwcH"), "no secret in logs");
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
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_changed_note_opens(suite in suite(), size: u64, seed in 1u8..255, at: usize, with: char) {
            let signer = signer(suite, seed);
            let note = signer.sign(size, &Both::hash(&[&[seed]])).unwrap();
            let mut chars: Vec<char> = note.chars().collect();
            let at = at % chars.len();
            let before = std::mem::replace(&mut chars[at], with);
            let changed: String = chars.into_iter().collect();
            prop_assert_eq!(Checkpoint::open(&changed, signer.public()).is_ok(), before == with);
            chars = note.chars().collect();
            chars.remove(at);
            prop_assert!(Checkpoint::open(&chars.into_iter().collect::<String>(), signer.public()).is_err());
        }

        #[test]
        fn any_text_is_answered(suite in suite(), text: String, lines: String) {
            let signer = signer(suite, 1);
            prop_assert!(Checkpoint::open(&text, signer.public()).is_err());
            let note = format!("{text}\n\n— {lines}\n");
            prop_assert!(Checkpoint::open(&note, signer.public()).is_err());
            let _ = LogKey::parse(&text);
        }
    }
}
