//! The official record: one act = one canonical byte string = one leaf.
//!
//! The entry is deterministic CBOR with numbered keys ([`Entry`]); its leaf has a fixed length, a format version and two
//! hashes (SHA-256, SM3) over the salted commitments of the entry and its sealed values, with nothing in clear. Over the same leaves stand two RFC 6962
//! trees, one of each hash ([`crypto`], [`tree`], cut into [`tile`]s), whose size and root a county signs ([`note`]) and from which anybody can
//! be shown that an entry lies in them ([`proof`], [`receipt`]); outsiders cosign them ([`cosign`]) if they continue what they signed
//! before ([`witness`]); [`bare`] is what verifiers are compared by. No entry holds its index or its predecessor: the trees link
//! them. `docs/record-format.md` is written so that a stranger can verify; these bytes never change for version 1.

pub mod bare;
pub mod cosign;
pub mod crypto;
mod entry;
mod lanes;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;
pub mod witness;

pub use entry::{ActorEntry, Commitment, Entry, LEAF_BYTES, Leaf, Leaves, SealedLabel, SealedPart, commitment, leaf};
