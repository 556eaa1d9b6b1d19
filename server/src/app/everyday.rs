//! The county's own everyday words: registered by its staff (`law/procedures/grassroots/everyday_word.toml`), looked up beside
//! those that come with the program (`law/synonyms.toml`) from the moment they are registered.
//!
//! Does not belong here: how a question is read (core `guide::question`).

use zhunsheng_core::guide::question::{Question, Synonym};
use zhunsheng_core::matter::{Fact, MatterState};

use super::App;
use super::fault::Fault;
use crate::store::{Query, matters};

/// The register.
pub const REGISTER: &str = "everyday_word";

impl App {
    /// A question as it is looked up: with the words that come with the program and those of the county.
    ///
    /// # Errors
    /// The store.
    pub async fn understood(&self, typed: &str) -> Result<Question, Fault> {
        let code = self.county_code.clone();
        let own = self.db.read(move |r| words(r, &code)).await?;
        Ok(self.county.ruling().law.guides.synonyms.read(typed, &own))
    }
}

/// The words in use, the oldest first.
fn words(q: &impl Query, code: &str) -> Result<Vec<Synonym>, Fault> {
    Ok(matters::list_few(q, code, REGISTER)?.iter().filter_map(word).collect())
}

fn word(state: &MatterState) -> Option<Synonym> {
    let used = state.track("main").is_some_and(|track| track.as_str() == "in_force");
    let text = |field: &str| Some(state.fact(field).map(Fact::text)?.trim().to_owned());
    used.then(|| Some(Synonym::registered(&text("spoken")?, &text("meant")?)))?
}
