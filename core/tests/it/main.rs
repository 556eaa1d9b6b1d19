//! One test binary for the rules: linking is what a 2-core machine cannot afford.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that meets the unexpected must stop"
)]

mod engine;
mod law;
mod parsing;
mod played;
mod penalty;
mod support;
mod world;
