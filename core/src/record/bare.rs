//! Bare proofs, one a line (docs/record-format.md): what another verifier is held against, a hundred thousand in one go.
//!
//! Does not belong here: what makes a proof mean something, its entry and the signed checkpoint ([`super::receipt`]).

use std::fmt;

use super::crypto::Suite;
use super::proof::{Refuted, verify_consistency, verify_inclusion};
use crate::id::Digest;

/// What a proof says of one tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The leaf with this hash is leaf `index` of the tree of `size` leaves with `root`.
    Inclusion {
        /// From 0.
        index: u64,
        /// Leaves.
        size: u64,
        /// Leaf hash.
        leaf: Digest,
        /// Of the tree.
        root: Digest,
    },
    /// The tree of `size` leaves with `root` begins with the tree of `old` leaves with `old_root`.
    Consistency {
        /// Leaves of the earlier tree.
        old: u64,
        /// Leaves of the later tree.
        size: u64,
        /// Of the earlier tree.
        old_root: Digest,
        /// Of the later tree.
        root: Digest,
    },
}

/// A claim and the hashes that prove it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bare {
    /// Whose hashes these are.
    pub suite: Suite,
    /// What is proved.
    pub claim: Claim,
    /// The proof, from the leaf upwards.
    pub proof: Vec<Digest>,
}

/// Why a line proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproved {
    /// It is not written as a proof is.
    #[error("不是一行证明")]
    Form,
    /// It is one, and does not hold.
    #[error(transparent)]
    Refuted(#[from] Refuted),
}

impl Unproved {
    /// One word, as verifiers print it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Refuted(Refuted::Beyond) => "beyond",
            Self::Refuted(Refuted::Length) => "length",
            Self::Refuted(Refuted::Root) => "root",
            Self::Refuted(Refuted::Shrunk) => "shrunk",
            Self::Refuted(Refuted::Fork) => "fork",
        }
    }
}

/// Numbers of at most eighteen digits, without leading zeros.
fn number(word: &str) -> Option<u64> {
    let plain = word.len() <= 18 && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| plain && (word == "0" || !word.starts_with('0')))
}

/// 64 hexadecimal digits, small letters.
fn hash(word: &str) -> Option<Digest> {
    Digest::parse(word).filter(|digest| digest.to_string() == word)
}

impl Bare {
    /// Reads a line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let suite = words.next()?;
        let suite = Suite::ALL.into_iter().find(|known| known.word() == suite)?;
        let kind = words.next()?;
        let (first, size) = (number(words.next()?)?, number(words.next()?)?);
        let (of_first, root) = (hash(words.next()?)?, hash(words.next()?)?);
        let claim = match kind {
            "inclusion" => Claim::Inclusion { index: first, size, leaf: of_first, root },
            "consistency" => Claim::Consistency { old: first, size, old_root: of_first, root },
            _ => return None,
        };
        Some(Self { suite, claim, proof: words.map(hash).collect::<Option<_>>()? })
    }

    /// Whether it holds.
    pub fn verify(&self) -> Result<(), Refuted> {
        match &self.claim {
            Claim::Inclusion { index, size, leaf, root } => {
                verify_inclusion(self.suite, *index, *size, leaf, &self.proof, root)
            }
            Claim::Consistency { old, size, old_root, root } => {
                verify_consistency(self.suite, (*old, old_root), (*size, root), &self.proof)
            }
        }
    }

    /// Whether a line holds. Errors: it is no proof, or does not.
    pub fn judge(line: &str) -> Result<(), Unproved> {
        Ok(Self::parse(line).ok_or(Unproved::Form)?.verify()?)
    }
}

/// The line.
impl fmt::Display for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, first, size, of_first, root) = match &self.claim {
            Claim::Inclusion { index, size, leaf, root } => ("inclusion", index, size, leaf, root),
            Claim::Consistency { old, size, old_root, root } => ("consistency", old, size, old_root, root),
        };
        write!(f, "{} {kind} {first} {size} {of_first} {root}", self.suite.word())?;
        self.proof.iter().try_for_each(|hash| write!(f, " {hash}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tree::{leaf_hash, node_hash};

    #[test]
    fn a_line_is_read_as_it_was_written_and_nothing_else_is() {
        let leaves = [b"a", b"b"].map(|leaf| leaf_hash(Suite::Sm3, leaf));
        let root = node_hash(Suite::Sm3, &leaves[0], &leaves[1]);
        let claim = Claim::Inclusion { index: 1, size: 2, leaf: leaves[1], root };
        let proof = Bare { suite: Suite::Sm3, claim, proof: vec![leaves[0]] };
        let line = proof.to_string();
        assert_eq!((Bare::parse(&line), Bare::judge(&line)), (Some(proof), Ok(())));
        for (from, to) in [
            ("sm3 ", "sha256 "),
            (" 1 2 ", " 0 2 "),
            (" 1 2 ", " 2 2 "),
            (" 1 2 ", " 1 1 "),
            ("inclusion", "consistency"),
            (" 1 2 ", " 2 1 "),
        ] {
            let changed = line.replacen(from, to, 1);
            assert!(matches!(Bare::judge(&changed), Err(Unproved::Refuted(_))), "{changed}");
        }
        let upper = line.to_uppercase().replace("SM3 INCLUSION", "sm3 inclusion");
        let odd =
            [" 01 2 ", " +1 2 ", " 1  2 ", " 1 1000000000000000000 "].map(|numbers| line.replacen(" 1 2 ", numbers, 1));
        for wrong in odd.into_iter().chain([
            upper,
            line.replacen("inclusion", "exclusion", 1),
            format!("{line} "),
            String::new(),
        ]) {
            assert_eq!(Bare::judge(&wrong), Err(Unproved::Form), "{wrong}");
        }
    }
}
