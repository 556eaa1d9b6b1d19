//! Procedures: a TOML file becomes a [`Procedure`] ([`parse`]), which the checker makes a [`Checked`] one
//! ([`check`]). Only a checked procedure can run: the types differ.

mod check;
pub mod guard;
mod model;
mod parse;
mod raw;

pub use check::{Checked, Finding, Severity, Surroundings, check};
pub use model::*;
pub use parse::parse;
