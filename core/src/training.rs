//! How much training an officer needs in a year (`law/training.toml`).
//!
//! Does not belong here: courses and who came (law/procedures/enforcement/), what follows from too little: a proposal, never more.

use crate::basis::Basis;
use crate::law::LawError;

/// The file it stands in.
pub const FILE: &str = "training.toml";

/// What the county has set.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Hours in a calendar year.
    pub hours: i64,
    /// Where it stands.
    pub basis: Basis,
    /// Why it is a setting.
    pub configurable: String,
}

impl Training {
    /// Reads the file.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        if (1..=2_000).contains(&read.hours) { Ok(read) } else { Err(LawError::plain(file, "`hours` is 1 to 2000")) }
    }
}
