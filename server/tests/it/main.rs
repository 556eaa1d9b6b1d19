//! One test binary for the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "tests stop at a surprise"
)]

mod accounts;
mod county;
mod edge;
mod figures;
mod guard;
mod migration;
mod store;
mod support;
