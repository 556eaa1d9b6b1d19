//! The only SQL in the house: one file per table family, each query written once with `$1` placeholders.
//!
//! Does not belong here: rules of law, what a person may do, HTTP. The engine itself is known only to [`db`].

pub mod accounts;
pub mod agenda;
pub mod api_tokens;
pub mod audit;
pub mod bulk;
pub mod carry;
pub mod catalog;
pub mod checkpoint;
pub mod citizens;
pub mod codes;
pub mod comments;
pub mod credit;
pub mod credit_handover;
pub mod db;
pub mod deposits;
pub mod digest;
pub mod duties;
pub mod erase;
pub mod fault;
pub mod few;
pub mod figures;
pub mod floor;
pub mod idempotency;
pub mod imports;
pub mod inspections;
pub mod instruments;
pub mod law_files;
pub mod like_cases;
pub mod looks;
pub mod matter_line;
pub mod matters;
pub mod migrate;
pub mod notices;
pub mod open_matters;
pub mod outgoing;
pub mod party_phones;
pub mod project;
pub mod quarantine;
pub mod rebuild;
pub mod record;
pub mod recount;
pub mod registry;
pub mod reviews;
pub mod search;
pub mod seeing;
pub mod seizures;
pub mod sessions;
pub mod settings;
mod statement;
pub mod statutes;
pub mod tile;
pub mod worklist;

pub use db::{
    Address, AddressFault, BULK_PAGES_MIB, Cell, Db, Dialect, Home, Lease, PAGES_MIB, Param, Query, Reader, Row,
    Scratch, Tx, With,
};
pub use fault::StoreFault;
