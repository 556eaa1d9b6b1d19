//! The simulator: the demonstration county is played, act by act, through the same calls that people use.
//!
//! Does not belong here: rules (the engine refuses what is unlawful, and a refusal stops the simulator), SQL, pages.

pub mod chance;
pub mod fault;
mod material;
pub mod people;
pub mod pools;
pub mod scenario;

use zhunsheng_core::day::Day;

pub use fault::Fault;
pub use scenario::Scenario;

/// How far the making has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The simulated day that has been played.
    pub day: Day,
    /// Acts so far.
    pub acts: u64,
    /// Days played.
    pub days_done: u32,
    /// Days to play.
    pub days: u32,
}

/// What was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Made {
    /// Acts in the record.
    pub acts: u64,
    /// How long it took.
    pub seconds: f64,
    /// Acts a second.
    pub acts_per_second: f64,
    /// The root of the record in hexadecimal: the same for the same scenario and law.
    pub root: String,
}
