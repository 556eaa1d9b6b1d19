//! One test binary for the rules: linking is what a 2-core machine cannot afford.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test may die of a surprise, and says what it found"
)]

mod calendars;
mod clock_properties;
mod clocks;
mod credit;
mod day_rules;
mod discretion;
mod engine;
mod findings;
mod fine_texts;
mod guides;
mod holes;
mod hostile;
mod law;
mod legal_aid;
mod limits;
mod mutations;
mod parsing;
mod penalty;
mod played;
mod powers;
mod reviews;
mod separation;
mod statute_texts;
mod support;
mod world;
