//! Procedures: a TOML file becomes an [`Unchecked`] definition ([`parse`]), which the checker makes a [`Checked`] one
//! ([`crate::check`]). Only a checked procedure can run: the types differ.

pub mod guard;
mod model;
mod parse;
mod raw;
pub mod words;

pub use crate::check::Checked;
pub use model::*;
pub use parse::{Unchecked, parse};
