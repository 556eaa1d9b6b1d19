//! The record as plain files that anybody can verify without our database or our program.
//!
//! ```text
//! manifest.json        what this is, and length and SHA-256 of every other file
//! checkpoint           the signed note: size and root
//! key                  the public key, as the county says; a verifier asks elsewhere
//! entries/000.jsonl …  256 entries a file, one line each: bytes, salt, sealed values (or only their commitments)
//! tile/…               the tree (C2SP tlog-tiles)
//! law/index.jsonl      which file was adopted by which entry; law/<SHA-256> are the files
//! ```
//!
//! Files of evidence are not part of it. Does not belong here: asking, printing.

mod layout;
mod read;
mod write;

pub use layout::{FilePart, Manifest, is_export};
pub use read::{Checked, ExportWrong, verify};
pub use write::{Wish, write};
