//! When a witness signs (C2SP tlog-witness `add-checkpoint`): the request, and the decision over what was signed last.
//!
//! Pure: where the last checkpoint lies, and that it is kept before the answer leaves, is the server's matter.

use base64ct::{Base64, Encoding};

use super::crypto::Suite;
use super::note::{Checkpoint, LogKey, NoteError};
use super::proof::{Refuted, verify_consistency};
use super::tree::root_of_nothing;
use crate::id::Digest;

/// The longest proof between trees of fewer than 2⁶³ leaves.
const HASHES_MAX: usize = 63;
/// A request is a few lines of proof and a note.
pub const REQUEST_BYTES_MAX: usize = 32 * 1024;

/// What a log asks of a witness; also the exchange file where there is no network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The size that the witness signed last, as far as the log knows.
    pub old: u64,
    /// That the new tree continues it.
    pub proof: Vec<Digest>,
    /// The new checkpoint, a signed note.
    pub note: String,
}

/// Why a witness does not sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Declined {
    /// Not a request.
    #[error("请求的格式不对")]
    Malformed,
    /// The old size is larger than the new one.
    #[error("旧的项数大于新的项数")]
    OldTooLarge,
    /// A log that this witness does not follow.
    #[error("不认识的记录，本单位没有登记它的公钥")]
    UnknownLog,
    /// Not signed by the log's key.
    #[error("检查点没有登记的公钥的签名，或者签名不对")]
    UnknownKey,
    /// The last one signed has another size: behind it the log was cut, before it the log is not up to date.
    #[error("上次共签的是 {0} 项")]
    Conflict(u64),
    /// The same size with another root: two versions of the record.
    #[error("同为 {0} 项而树根不同：记录有两个版本（分叉）")]
    Fork(u64),
    /// The proof does not lead from the last tree to the new one.
    #[error("一致性证明不成立：{0}")]
    Proof(Refuted),
}

impl Request {
    /// The request, each line ended.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&Base64::encode_string(&hash.0));
            text.push('\n');
        }
        text + "\n" + &self.note
    }

    /// Reads a request. Errors: [`Declined::Malformed`].
    pub fn parse(text: &str) -> Result<Self, Declined> {
        if text.len() > REQUEST_BYTES_MAX {
            return Err(Declined::Malformed);
        }
        let (head, note) = text.split_once("\n\n").ok_or(Declined::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(Declined::Malformed)?;
        let size: u64 = old.parse().ok().filter(|size: &u64| size.to_string() == old).ok_or(Declined::Malformed)?;
        let hash = |line: &str| Base64::decode_vec(line).ok().and_then(|bytes| Digest::from_bytes(&bytes));
        let proof: Vec<Digest> = lines.map(hash).collect::<Option<_>>().ok_or(Declined::Malformed)?;
        if proof.len() > HASHES_MAX {
            return Err(Declined::Malformed);
        }
        Ok(Self { old: size, proof, note: note.to_owned() })
    }

    /// The log that the checkpoint says it is of: to find its keys, not to trust it.
    pub fn origin(&self) -> &str {
        self.note.lines().next().unwrap_or_default()
    }

    /// Whether a witness that follows the log under `keys`, and that signed `last` (none: never), signs this one too.
    /// Returns what it signs. The order of the checks is that of the specification.
    pub fn decide(&self, keys: &[LogKey], last: Option<&Checkpoint>) -> Result<Checkpoint, Declined> {
        let (suite, new) = self.open(keys)?;
        if self.old > new.size {
            return Err(Declined::OldTooLarge);
        }
        let nothing = root_of_nothing(suite);
        let (size, root) = last.map_or((0, &nothing), |last| (last.size, &last.root));
        if self.old != size {
            return Err(Declined::Conflict(size));
        }
        verify_consistency(suite, (size, root), (new.size, &new.root), &self.proof).map_err(
            |refuted| match refuted {
                Refuted::Fork => Declined::Fork(size),
                other => Declined::Proof(other),
            },
        )?;
        Ok(new)
    }

    /// Also of which tree the checkpoint is: that of the key.
    fn open(&self, keys: &[LogKey]) -> Result<(Suite, Checkpoint), Declined> {
        for key in keys.iter().filter(|key| key.name() == self.origin()) {
            match Checkpoint::open(&self.note, key) {
                Ok(checkpoint) => return Ok((key.suite(), checkpoint)),
                // Another of the log's keys may have signed.
                Err(NoteError::OtherKey | NoteError::Signature) => {}
                Err(NoteError::Format | NoteError::Key | NoteError::Unsigned | NoteError::Apart) => {
                    return Err(Declined::Malformed);
                }
            }
        }
        let known = keys.iter().any(|key| key.name() == self.origin());
        Err(if known { Declined::UnknownKey } else { Declined::UnknownLog })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::crypto::Both;
    use crate::record::note::LogSigner;
    use crate::record::proof::{Node, consistency, root};
    use crate::record::tree::{leaf_hash, node_hash};

    const SUITE: Suite = Suite::Sm3;

    /// A log of numbered leaves; `seed` tells one log's leaves from another's.
    #[derive(Clone, Copy)]
    struct Log(u64);

    impl Log {
        fn node(self, node: Node) -> Digest {
            match node.height {
                0 => leaf_hash(SUITE, &[self.0.to_be_bytes(), node.index.to_be_bytes()].concat()),
                height => {
                    let child = |index| self.node(Node { height: height - 1, index });
                    node_hash(SUITE, &child(node.index * 2), &child(node.index * 2 + 1))
                }
            }
        }

        fn checkpoint(self, size: u64) -> Checkpoint {
            let root = root(SUITE, size, &mut |node| Ok::<_, ()>(self.node(node))).unwrap();
            Checkpoint::open(&sign(size, root), signer(1).public()).unwrap()
        }

        fn request(self, old: u64, size: u64) -> Request {
            let proof = consistency(SUITE, old, size, &mut |node| Ok::<_, ()>(self.node(node))).unwrap();
            let note = sign(size, self.checkpoint(size).root);
            Request { old, proof: proof.unwrap_or_default(), note }
        }
    }

    fn sign(size: u64, root: Digest) -> String {
        signer(1).sign(size, &Both::of(|_| root)).unwrap()
    }

    fn signer(seed: u8) -> LogSigner {
        LogSigner::new(SUITE, "zhunsheng/211224", &[seed; 32]).unwrap()
    }

    #[test]
    fn what_continues_is_signed_and_nothing_else() {
        let (log, other) = (Log(1), Log(2));
        let keys = [signer(1).public().clone()];
        let last = log.checkpoint(5);
        let cases = [
            ("first", log.request(0, 5), None, Ok(5)),
            ("next", log.request(5, 9), Some(&last), Ok(9)),
            ("again", log.request(5, 5), Some(&last), Ok(5)),
            ("cut", log.request(3, 4), Some(&last), Err(Declined::Conflict(5))),
            ("from the beginning", log.request(0, 9), Some(&last), Err(Declined::Conflict(5))),
            ("from what was not signed", log.request(5, 9), None, Err(Declined::Conflict(0))),
            ("fork", other.request(5, 9), Some(&last), Err(Declined::Proof(Refuted::Root))),
            ("same size, other root", other.request(5, 5), Some(&last), Err(Declined::Fork(5))),
            ("old after new", Request { old: 10, ..log.request(5, 9) }, Some(&last), Err(Declined::OldTooLarge)),
            (
                "no proof",
                Request { proof: vec![], ..log.request(5, 9) },
                Some(&last),
                Err(Declined::Proof(Refuted::Length)),
            ),
            (
                "a proof of nothing",
                Request { old: 0, ..log.request(4, 9) },
                None,
                Err(Declined::Proof(Refuted::Length)),
            ),
        ];
        for (name, request, last, expected) in cases {
            assert_eq!(Request::parse(&request.to_text()).as_ref(), Ok(&request), "{name}");
            assert_eq!(request.decide(&keys, last).map(|signed| signed.size), expected, "{name}");
        }
    }

    #[test]
    fn keys_are_looked_for_by_the_name_of_the_log() {
        let request = Log(1).request(0, 5);
        let foreign = LogSigner::new(SUITE, "zhunsheng/211223", &[1; 32]).unwrap().public().clone();
        assert_eq!(request.decide(&[], None), Err(Declined::UnknownLog));
        assert_eq!(request.decide(std::slice::from_ref(&foreign), None), Err(Declined::UnknownLog));
        assert_eq!(request.decide(&[signer(2).public().clone()], None), Err(Declined::UnknownKey));
        let rotated = [foreign, signer(2).public().clone(), signer(1).public().clone()];
        assert_eq!(request.decide(&rotated, None).map(|signed| signed.size), Ok(5));
        let changed = Request { note: request.note.replace("\n5\n", "\n6\n"), ..request.clone() };
        assert_eq!(changed.decide(&rotated, None), Err(Declined::UnknownKey));
        let unsigned = Request { note: "zhunsheng/211224\n5\n".to_owned(), ..request };
        assert_eq!(unsigned.decide(&rotated, None), Err(Declined::Malformed));
    }

    #[test]
    fn what_is_no_request_is_malformed() {
        let right = Log(1).request(5, 9).to_text();
        for bad in [
            "",
            "\n\n",
            "old 5",
            &right.replacen("old 5", "old 05", 1),
            &right.replacen("old 5", "old +5", 1),
            &right.replacen("old 5", "old -1", 1),
            &right.replacen("old 5", "5", 1),
            &right.replacen("old 5", "old 18446744073709551616", 1),
            &right.replacen("old 5\n", "old 5\r\n", 1),
            &right.replacen(
                "old 5\n",
                &format!("old 5\n{}", format!("{}\n", Base64::encode_string(&[7; 32])).repeat(64)),
                1,
            ),
            &right.replacen("old 5\n", "old 5\nAAAA\n", 1),
        ] {
            assert_eq!(Request::parse(bad), Err(Declined::Malformed), "{bad}");
        }
        assert_eq!(
            Request::parse(&("old 0\n\n".to_owned() + &"x".repeat(REQUEST_BYTES_MAX))),
            Err(Declined::Malformed)
        );
    }

    proptest! {
        #[test]
        fn a_witness_never_signs_two_records(steps in prop::collection::vec((1u64..3, 0u64..40, 0u64..40, any::<bool>()), 1..20)) {
            let keys = [signer(1).public().clone()];
            let mut last: Option<Checkpoint> = None;
            for (log, old, size, honest) in steps {
                let old = if honest { last.as_ref().map_or(0, |last| last.size) } else { old };
                if let Ok(new) = Log(log).request(old, size).decide(&keys, last.as_ref()) {
                    let before = last.as_ref().map_or(0, |last| last.size);
                    prop_assert!(new.size >= before);
                    prop_assert_eq!(&new, &Log(log).checkpoint(size));
                    // All that was signed is of one log, the one that came first.
                    if let Some(last) = last.as_ref().filter(|last| last.size > 0) {
                        prop_assert_eq!(last, &Log(log).checkpoint(last.size));
                    }
                    last = Some(new);
                }
            }
        }

        #[test]
        fn any_text_is_answered(text: String) {
            if let Ok(request) = Request::parse(&text) {
                prop_assert!(request.decide(&[signer(1).public().clone()], None).is_err());
            }
        }
    }
}
