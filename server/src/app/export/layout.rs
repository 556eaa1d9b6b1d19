//! Names and lines of an export.

use std::path::Path;

use base64ct::{Base64, Encoding};
use minicbor::bytes::ByteVec;
use serde::{Deserialize, Serialize};
use zhunsheng_core::record::Commitment;
use zhunsheng_core::record::crypto::Suite;
use zhunsheng_core::record::receipt::{Opening, OpeningPart};
use zhunsheng_core::record::tile::{WIDTH, numbered};

/// The format of exports.
pub(super) const FORMAT: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
/// Within the files of a tree: its signed note, the public key.
pub(super) const CHECKPOINT: &str = "checkpoint";
pub(super) const KEY: &str = "key";
/// Notes that witnesses signed: 1, 2, … behind it, the smallest first.
pub(super) const COSIGNED: &str = "cosigned/";
/// Notes that time stamp authorities stamped: 1, 2, … behind it, the smallest first; the tokens have [`TOKEN`] behind the number.
pub(super) const STAMPED: &str = "stamped/";
pub(super) const TOKEN: &str = ".tst";
pub(super) const LAW_INDEX: &str = "law/index.jsonl";

/// What an export says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of the layout.
    pub format: u32,
    /// Name of the county's log.
    pub origin: String,
    /// Code of the county.
    pub county: String,
    /// Its name.
    pub name: String,
    /// Entries of the tree.
    pub size: u64,
    /// The first entry that is in full here.
    pub from: u64,
    /// Whether sealed values were left out.
    pub redacted: bool,
    /// Every other file.
    pub files: Vec<FilePart>,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePart {
    /// Its path, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Of its bytes, in hexadecimal.
    pub sm3: String,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A file of one tree: C2SP's names for SHA-256, the same below `sm3/`.
pub(super) fn of_tree(suite: Suite, path: &str) -> String {
    match suite {
        Suite::Sm3 => format!("sm3/{path}"),
        Suite::Sha256 => path.to_owned(),
    }
}

/// Whether a folder holds an export.
#[must_use]
pub fn is_export(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
}

/// The file that holds an entry.
pub(super) fn bundle(seq: u64) -> String {
    format!("entries/{}.jsonl", numbered(seq / WIDTH, WIDTH))
}

/// One adopted law file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LawLine {
    pub(super) seq: u64,
    pub(super) path: String,
    pub(super) sha256: String,
}

/// One entry. Bytes are Base64; a commitment is that of SHA-256, then that of SM3.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine {
    pub(super) seq: u64,
    entry: String,
    salt: String,
    sealed: Vec<SealedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum SealedLine {
    Open { salt: String, value: String },
    Committed { commitment: String },
}

impl EntryLine {
    pub(super) fn new(seq: u64, opening: &Opening) -> Self {
        let sealed = |part: &OpeningPart| match part {
            OpeningPart::Open(salt, value) => {
                SealedLine::Open { salt: Base64::encode_string(salt), value: value.clone() }
            }
            OpeningPart::Committed(kept) => {
                SealedLine::Committed { commitment: Base64::encode_string(&kept.to_bytes()) }
            }
        };
        Self {
            seq,
            entry: Base64::encode_string(&opening.entry),
            salt: Base64::encode_string(&opening.salt),
            sealed: opening.sealed.iter().map(sealed).collect(),
        }
    }

    /// What lies in the leaf; none if a part is not Base64.
    pub(super) fn opening(&self) -> Option<Opening> {
        let bytes = |text: &str| Base64::decode_vec(text).ok();
        let sealed = |line: &SealedLine| match line {
            SealedLine::Open { salt, value } => Some(OpeningPart::Open(ByteVec::from(bytes(salt)?), value.clone())),
            SealedLine::Committed { commitment } => {
                Commitment::from_bytes(&bytes(commitment)?).map(OpeningPart::Committed)
            }
        };
        Some(Opening {
            entry: ByteVec::from(bytes(&self.entry)?),
            salt: ByteVec::from(bytes(&self.salt)?),
            sealed: self.sealed.iter().map(sealed).collect::<Option<_>>()?,
        })
    }
}
