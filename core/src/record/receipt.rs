//! A receipt: one text file that proves, without any network, that an entry lies in a county's record (C2SP tlog-proof).
//!
//! The standard parts (index, inclusion proof, checkpoint) are those of the SHA-256 tree, so that tools of others read the file.
//! Its `extra` line carries the [`Opening`] of the leaf, so that a person reads what is proven, and proof and checkpoint of the
//! SM3 tree. Does not belong here: which act it was, in words.

use base64ct::{Base64, Encoding};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::crypto::{Both, Suite};
use super::entry::{Commitment, Entry, Leaf, SealedPart, commitment, leaf};
use super::note::{LogKey, NoteError, open_both};
use super::proof::{Refuted, verify_inclusion};
use super::tile::to_bytes;
use super::tree::leaf_hash;
use crate::id::Digest;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// An entry and its texts; a verifier is handed anything.
const RECEIPT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The path in a tree of 2⁶⁴ leaves.
const HASHES_MAX: usize = 64;

/// One sealed value of an [`Opening`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum OpeningPart {
    /// Shown: salt and value.
    #[n(0)]
    Open(#[n(0)] ByteVec, #[n(1)] String),
    /// Withheld or erased: what it committed to.
    #[n(1)]
    Committed(#[n(0)] Commitment),
}

impl OpeningPart {
    fn as_sealed(&self) -> SealedPart<'_> {
        match self {
            Self::Open(salt, value) => SealedPart::Open { salt, value },
            Self::Committed(kept) => SealedPart::Erased(*kept),
        }
    }
}

/// Everything from which a leaf follows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Opening {
    /// The entry's canonical bytes.
    #[n(0)]
    pub entry: ByteVec,
    /// The entry's salt.
    #[n(1)]
    pub salt: ByteVec,
    /// Its sealed values, in order.
    #[n(2)]
    pub sealed: Vec<OpeningPart>,
}

impl Opening {
    /// The leaf that follows.
    pub fn leaf(&self) -> Leaf {
        let parts: Vec<SealedPart<'_>> = self.sealed.iter().map(OpeningPart::as_sealed).collect();
        leaf(&self.entry, &self.salt, &parts)
    }

    /// The same with every sealed value withheld. The leaf stays.
    #[must_use]
    pub fn redacted(self) -> Self {
        let withhold = |(position, part): (u32, OpeningPart)| match part {
            OpeningPart::Open(salt, value) => OpeningPart::Committed(commitment(position, &salt, value.as_bytes())),
            kept @ OpeningPart::Committed(_) => kept,
        };
        Self { sealed: (1..).zip(self.sealed).map(withhold).collect(), ..self }
    }

    /// Reads the entry; it must be canonical and name as many sealed values as there are. Errors: one sentence.
    pub fn read(&self) -> Result<Entry, String> {
        let entry = Entry::from_bytes(&self.entry)?;
        if entry.sealed.len() == self.sealed.len() {
            return Ok(entry);
        }
        Err(format!("the entry names {} sealed values, {} are there", entry.sealed.len(), self.sealed.len()))
    }
}

/// Why a receipt proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not a receipt.
    #[error("凭证的格式不对：{0}")]
    Format(&'static str),
    /// The checkpoint is not accepted.
    #[error(transparent)]
    Checkpoint(#[from] NoteError),
    /// The entry cannot be read.
    #[error("凭证所附的记录项不是规范格式")]
    Entry,
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] Refuted),
}

/// Where an entry lies in one of the trees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// From the leaf upwards.
    pub proof: Vec<Digest>,
    /// A signed note.
    pub checkpoint: String,
}

/// A receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// What lies in the leaf.
    pub opening: Opening,
    /// The entry's number.
    pub index: u64,
    /// In both trees.
    pub paths: Both<Path>,
}

/// What a receipt that holds has proven.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// The entry.
    pub entry: Entry,
    /// Its number.
    pub index: u64,
    /// Entries of the trees in which it lies.
    pub size: u64,
    /// Their roots.
    pub roots: Both<Digest>,
}

/// The `extra` line.
#[derive(Encode, Decode)]
struct Extra {
    #[n(0)]
    opening: Opening,
    /// The proof in the SM3 tree, hash after hash.
    #[n(1)]
    proof: ByteVec,
    #[n(2)]
    checkpoint: String,
}

impl Extra {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _infallible = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Canonical bytes only, so that one receipt has one form.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let extra: Self = minicbor::decode(bytes).ok()?;
        (extra.to_bytes() == bytes).then_some(extra)
    }

    fn path(&self) -> Option<Path> {
        let hashes: Option<Vec<Digest>> = self.proof.chunks(32).map(Digest::from_bytes).collect();
        let proof = hashes.filter(|hashes| hashes.len() <= HASHES_MAX)?;
        Some(Path { proof, checkpoint: self.checkpoint.clone() })
    }
}

impl Receipt {
    /// The file.
    pub fn to_text(&self) -> String {
        let Both { sm3, sha256 } = &self.paths;
        let extra = Extra {
            opening: self.opening.clone(),
            proof: ByteVec::from(to_bytes(&sm3.proof)),
            checkpoint: sm3.checkpoint.clone(),
        };
        let mut text = format!("{HEADER}\nextra {}\nindex {}\n", Base64::encode_string(&extra.to_bytes()), self.index);
        for hash in &sha256.proof {
            text.push_str(&Base64::encode_string(&hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&sha256.checkpoint);
        text
    }

    /// Reads a file. Errors: [`ReceiptError::Format`].
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::Format("过长"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError::Format("没有检查点"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ReceiptError::Format("第一行应为 c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let extra = extra.and_then(|text| Base64::decode_vec(text).ok());
        let extra = extra.as_deref().and_then(Extra::from_bytes);
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let number = index.and_then(|digits| digits.parse::<u64>().ok().filter(|n| n.to_string() == digits));
        let (Some(extra), Some(index)) = (extra, number) else {
            return Err(ReceiptError::Format("extra 或 index 行不能理解"));
        };
        let mut proof = Vec::new();
        for line in lines {
            let hash = Base64::decode_vec(line).ok().and_then(|bytes| Digest::from_bytes(&bytes));
            match hash {
                Some(hash) if proof.len() < HASHES_MAX => proof.push(hash),
                _ => return Err(ReceiptError::Format("证明行不是三十二字节的摘要")),
            }
        }
        let sm3 = extra.path().ok_or(ReceiptError::Format("国密证明不是若干三十二字节的摘要"))?;
        let paths = Both { sm3, sha256: Path { proof, checkpoint: checkpoint.to_owned() } };
        Ok(Self { opening: extra.opening, index, paths })
    }

    /// Checks everything that can be checked with the log's public keys alone; one of them is enough, for each checkpoint
    /// names both roots.
    pub fn verify(&self, keys: &Both<Option<&LogKey>>) -> Result<Proven, ReceiptError> {
        let Both { sm3, sha256 } = &self.paths;
        let notes = Both { sm3: sm3.checkpoint.as_str(), sha256: sha256.checkpoint.as_str() };
        let (size, roots) = open_both(&notes, keys)?;
        let entry = self.opening.read().map_err(|_| ReceiptError::Entry)?;
        let leaf = self.opening.leaf();
        for suite in Suite::ALL {
            let proof = &self.paths.get(suite).proof;
            verify_inclusion(suite, self.index, size, &leaf_hash(suite, &leaf), proof, roots.get(suite))?;
        }
        Ok(Proven { entry, index: self.index, size, roots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Day, Moment};
    use crate::id::MatterId;
    use crate::record::ActorEntry;
    use crate::record::note::LogSigner;
    use crate::record::proof::{Node, inclusion, root};
    use crate::record::tree::node_hash;

    /// A tree of which only the path to one leaf is made.
    fn node(suite: Suite, at: u64, leaf: Digest, node: Node) -> Digest {
        match (node.index == at >> node.height, node.height) {
            (true, 0) => leaf,
            (true, height) => {
                let child =
                    |side| self::node(suite, at, leaf, Node { height: height - 1, index: node.index * 2 + side });
                node_hash(suite, &child(0), &child(1))
            }
            (false, _) => suite.hash(&[&node.height.to_be_bytes(), &node.index.to_be_bytes()]),
        }
    }

    #[test]
    fn a_receipt_of_a_hundred_million_entries_is_small() {
        let entry = Entry {
            format: 1,
            county: "211224".into(),
            recorded: Moment(1_729_900_800_000),
            day: Day::parse("2024-10-26").unwrap(),
            actor: ActorEntry::System,
            step: "_adopt_law".into(),
            matter: MatterId(0),
            events: Vec::new(),
            sealed: Vec::new(),
            law: Vec::new(),
        };
        let opening = Opening { entry: entry.to_bytes().into(), salt: vec![5; 16].into(), sealed: Vec::new() };
        let (size, leaf) = (100_000_000, opening.leaf());
        for index in [0, 67_108_864, 77_777_777, size - 1] {
            let hash = |suite| leaf_hash(suite, &leaf);
            let made = |suite| move |at| Ok::<_, ()>(node(suite, index, hash(suite), at));
            let roots = Both::of(|suite| root(suite, size, &mut made(suite)).unwrap());
            let signers = Both {
                sm3: LogSigner::new(Suite::Sm3, "zhunsheng-demo/211224/sm3", &[7; 32]).unwrap(),
                sha256: LogSigner::new(Suite::Sha256, "zhunsheng-demo/211224", &[7; 32]).unwrap(),
            };
            let paths = Both::of(|suite| Path {
                proof: inclusion(suite, index, size, &mut made(suite)).unwrap().unwrap(),
                checkpoint: signers.get(suite).sign(size, &roots).unwrap(),
            });
            let receipt = Receipt { opening: opening.clone(), index, paths };
            let keys = Both::of(|suite| Some(signers.get(suite).public()));
            assert_eq!(receipt.verify(&keys).unwrap().size, size);
            let text = receipt.to_text();
            assert_eq!(Receipt::parse(&text).as_ref(), Ok(&receipt));
            let extra = text.lines().find(|line| line.starts_with("extra ")).unwrap().len() + 1;
            let bare = Base64::encode_string(&minicbor::to_vec(&opening).unwrap()).len();
            let (sha256, sm3) = (text.len() - extra, extra - bare);
            assert!(sha256 <= 2_048 && sm3 <= 2_048, "{sha256} {sm3}");
        }
    }
}
