//! The record as plain files that anybody can verify without our database or our program.
//!
//! ```text
//! manifest.json        what this is, and length and digests of every other file
//! sm3/checkpoint       the signed note of the SM3 tree: size and roots
//! sm3/key              its public key, as the county says; a verifier asks elsewhere
//! sm3/tile/…           the SM3 tree (C2SP tlog-tiles)
//! checkpoint key tile/…   the same of the SHA-256 tree
//! cosigned/1 …         what each witness signed last
//! stamped/1 …          what each time stamp authority stamped last; stamped/1.tst … its tokens (RFC 3161)
//! entries/000.jsonl …  256 entries a file, one line each: bytes, salt, sealed values (or only their commitments)
//! law/index.jsonl      which file was adopted by which entry; law/<SHA-256> are the files
//! ```
//!
//! Files of evidence are not part of it. Does not belong here: asking, printing.

mod layout;
mod read;
mod write;

pub use layout::{FilePart, Manifest, is_export};
pub use read::{Asked, Checked, ExportWrong, open_kept, verify};
pub use write::{Wish, write};
