//! The full-text index follows the acts: twice a second by itself, and before somebody searches.
//!
//! Does not belong here: the words of a matter (`store/project.rs`), the engine's index (`store/search.rs`).

use super::App;
use super::fault::{Fault, chain};
use crate::store::project::index_due;
use crate::store::search;

/// Matters in one go, about ten milliseconds, so that people's acts come in between.
const GROUP: i64 = 50;

impl App {
    /// How many matters the index has to follow. Counts them all: once for a beat, not for a search.
    pub async fn words_due(&self) -> Result<usize, Fault> {
        let county = self.county_code.clone();
        Ok(self.db.read(move |r| search::count_due(r, &county)).await?)
    }

    /// Lets the index follow what was recorded; returns how many matters it took, at most one group.
    pub async fn index_words(&self) -> Result<usize, Fault> {
        let county = self.county_code.clone();
        if !self.db.read(move |r| search::has_due(r, &county)).await? {
            return Ok(0);
        }
        let (county, ruling) = (self.county_code.clone(), self.county.ruling());
        Ok(self.db.write(move |tx| index_due(tx, &county, &ruling.law, GROUP)).await?)
    }

    /// Before a search: what this person has just recorded is found. A store that cannot write is still searched.
    pub async fn freshen_search(&self) {
        // Otherwise the process that writes does it, within a second.
        if !self.db.writes() {
            return;
        }
        if let Err(fault) = self.index_words().await {
            tracing::warn!(fault = chain(&fault), "the index does not follow");
        }
    }
}
