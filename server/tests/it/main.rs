//! One test binary for the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::zero_repeat_side_effects,
    clippy::too_many_lines,
    missing_docs,
    reason = "tests stop at a surprise"
)]

mod access;
mod accounts;
mod admin;
mod api;
mod attest;
mod audit;
mod browser;
mod calendar;
mod calendar_feed;
mod canaries;
mod casework;
mod changed;
mod citizens;
mod clock;
mod commands;
mod commenting;
mod cosigned;
mod county;
mod courts;
mod credit;
mod deposits;
mod draft_figures;
mod edge;
mod editions;
mod engines;
mod erasure;
mod evidence;
mod executions;
mod fetched;
mod figures;
mod filled;
mod fines;
mod grassroots;
mod guard;
mod handover;
mod house;
mod inspections;
mod joint;
mod lease;
mod library;
mod lost;
mod migration;
mod notary;
mod notices;
mod notices_sent;
mod ordered;
mod papers;
mod papers_bound;
mod papers_office;
mod popular;
mod portal;
mod powers;
mod proofs;
mod public;
mod public_log;
mod reviews;
mod sealing;
mod seizures;
mod sheets;
mod sheets_again;
mod sight;
mod signing;
mod sizes;
mod staff;
mod stamp_answers;
mod stamps;
mod standing;
mod store;
mod studying;
mod suites;
mod support;
mod time;
mod unified;
mod unlawful;
mod whole;
mod witness;
