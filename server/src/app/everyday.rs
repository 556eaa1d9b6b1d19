//! The county's own everyday words: registered by its staff (`law/procedures/grassroots/everyday_word.toml`), looked up beside
//! those that come with the program (`law/synonyms.toml`) from the moment they are registered.
//!
//! Does not belong here: how a question is read (core `guide::question`).

use zhunsheng_core::guide::question::Synonym;
use zhunsheng_core::matter::{Fact, MatterState};

use super::fault::Fault;
use crate::store::{Query, matters};

/// The register.
pub const REGISTER: &str = "everyday_word";

/// The words in use, the oldest first.
///
/// # Errors
/// The store.
pub fn words(q: &impl Query, code: &str) -> Result<Vec<Synonym>, Fault> {
    Ok(matters::list_few(q, code, REGISTER)?.iter().filter_map(word).collect())
}

fn word(state: &MatterState) -> Option<Synonym> {
    let used = state.track("main").is_some_and(|track| track.as_str() == "in_force");
    let text = |field: &str| Some(state.fact(field).map(Fact::text)?.trim().to_owned());
    used.then(|| Some(Synonym::registered(&text("spoken")?, &text("meant")?)))?
}
