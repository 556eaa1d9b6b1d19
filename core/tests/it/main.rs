//! One test binary for the rules: linking is what a 2-core machine cannot afford.

mod clocks;
mod engine;
mod law;
mod parsing;
mod penalty;
mod played;
mod support;
mod world;
