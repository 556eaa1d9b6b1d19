//! A receipt: one text file that proves, without any network, that an entry lies in a county's record (C2SP tlog-proof).
//!
//! Beside the standard parts (index, inclusion proof, checkpoint) its `extra` line carries the [`Opening`] of the leaf, so
//! that a person reads what is proven. Does not belong here: which act it was, in words.

use base64ct::{Base64, Encoding};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::entry::{Entry, Leaf, SealedPart, commitment, leaf};
use super::note::{Checkpoint, LogKey, NoteError};
use super::proof::{Refuted, verify_inclusion};
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
    Committed(#[n(0)] Digest),
}

impl OpeningPart {
    fn as_sealed(&self) -> SealedPart<'_> {
        match self {
            Self::Open(salt, value) => SealedPart::Open { salt, value },
            Self::Committed(digest) => SealedPart::Erased(*digest),
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
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _infallible = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Canonical bytes only, so that one receipt has one form.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let opening: Self = minicbor::decode(bytes).ok()?;
        (opening.to_bytes() == bytes).then_some(opening)
    }

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

/// A receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// What lies in the leaf.
    pub opening: Opening,
    /// The entry's number.
    pub index: u64,
    /// From the leaf upwards.
    pub proof: Vec<Digest>,
    /// A signed note.
    pub checkpoint: String,
}

/// What a receipt that holds has proven.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// The entry.
    pub entry: Entry,
    /// Its number.
    pub index: u64,
    /// The tree in which it lies.
    pub checkpoint: Checkpoint,
}

impl Receipt {
    /// The file.
    pub fn to_text(&self) -> String {
        let opening = self.opening.to_bytes();
        let mut text = format!("{HEADER}\nextra {}\nindex {}\n", Base64::encode_string(&opening), self.index);
        for hash in &self.proof {
            text.push_str(&Base64::encode_string(&hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
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
        let opening = extra.as_deref().and_then(Opening::from_bytes);
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let number = index.and_then(|digits| digits.parse::<u64>().ok().filter(|n| n.to_string() == digits));
        let (Some(opening), Some(index)) = (opening, number) else {
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
        Ok(Self { opening, index, proof, checkpoint: checkpoint.to_owned() })
    }

    /// Checks everything that can be checked with the log's public key alone.
    pub fn verify(&self, key: &LogKey) -> Result<Proven, ReceiptError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let entry = self.opening.read().map_err(|_| ReceiptError::Entry)?;
        let hash = leaf_hash(&self.opening.leaf());
        verify_inclusion(self.index, checkpoint.size, &hash, &self.proof, &checkpoint.root)?;
        Ok(Proven { entry, index: self.index, checkpoint })
    }
}
