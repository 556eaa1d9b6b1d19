//! The county's own everyday words: registered by its staff (`law/procedures/grassroots/everyday_word.toml`), looked up beside
//! those that come with the program (`law/synonyms.toml`) from the moment they are registered.
//!
//! Does not belong here: how a question is read (core `guide::question`).

use zhunsheng_core::guide::question::{Question, Synonym};
use zhunsheng_core::matter::{Fact, MatterState};

use super::App;
use super::completing::{Asked, Made};
use super::fault::Fault;
use crate::store::{Query, few};

/// The register.
pub const REGISTER: &str = "everyday_word";
/// Words that are looked at, the newest.
const WORDS_MAX: i64 = 300;

impl App {
    /// A question as it is looked up: with the words that come with the program and those of the county.
    ///
    /// # Errors
    /// The store.
    pub async fn understood(&self, typed: &str) -> Result<Question, Fault> {
        let code = self.county_code.clone();
        let own = self.db.read(move |r| words(r, &code)).await?;
        Ok(self.county.ruling().law.guides.read(typed, &own))
    }
}

/// The words in use, the newest first.
fn words(q: &impl Query, code: &str) -> Result<Vec<Synonym>, Fault> {
    Ok(few::standing(q, code, (REGISTER, "in_force"), WORDS_MAX)?.iter().filter_map(word).collect())
}

fn word(state: &MatterState) -> Option<Synonym> {
    let text = |field: &str| Some(state.fact(field).map(Fact::text)?.trim().to_owned());
    Some(Synonym::registered(&text("spoken")?, &text("meant")?))
}

/// What is no word counts as not filled in.
pub(super) fn made(asked: &Asked<'_>) -> Made {
    let said = |field: &str| asked.typed(field).chars().filter(|letter| letter.is_alphanumeric()).count();
    ["spoken", "meant"].into_iter().filter(|field| said(field) == 0).map(|field| (field, String::new())).collect()
}
