//! The official record: one act = one canonical byte string = one leaf.
//!
//! The entry is deterministic CBOR with numbered keys ([`Entry`]); its leaf has a fixed length, a format version and one
//! hash over the salted commitments of the entry and its sealed values, with nothing in clear. Leaves form an RFC 6962
//! tree ([`tree`], cut into [`tile`]s), whose size and root a county signs ([`note`]) and from which anybody can be shown
//! that an entry lies in it ([`proof`], [`receipt`]); outsiders cosign it ([`cosign`]) if it continues what they signed before ([`witness`]). No entry holds its index or its predecessor: the tree links them. `docs/record-format.md` is
//! written so that a stranger can verify; these bytes never change for version 1.

pub mod cosign;
mod entry;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;
pub mod witness;

pub use entry::{ActorEntry, Entry, LEAF_BYTES, Leaf, SealedLabel, SealedPart, commitment, leaf};
