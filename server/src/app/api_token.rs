//! Tokens of programs: each carries the powers of one post and one person answers for it.
//!
//! Whether that person holds that post on the day is checked where every other act is checked, not here.

use super::App;
use super::fault::Fault;
use super::secret::Token;
use crate::store::api_tokens::{self, ApiToken};

/// A token lives a year at most.
pub const DAYS_MAX: i64 = 366;
/// Starts the text, so that a leaked one is recognised by scanners.
const PREFIX: &str = "zhs_";

/// A new token and its text, which is shown once and never stored. `days` is cut to [`DAYS_MAX`].
#[must_use]
pub fn new(person: &str, post: &str, title: &str, days: i64, now: i64) -> (String, ApiToken) {
    let token = Token::new();
    let new = ApiToken {
        token_hash: token.hash(),
        person: person.to_owned(),
        post: post.to_owned(),
        title: title.to_owned(),
        created: now,
        expires: now + days.clamp(1, DAYS_MAX) * 86_400,
        revoked: None,
    };
    (format!("{PREFIX}{}", token.text()), new)
}

/// The token behind a text, if it is in force.
pub async fn find(app: &App, text: &str) -> Result<Option<ApiToken>, Fault> {
    let Some(token) = text.strip_prefix(PREFIX).and_then(Token::parse) else {
        return Ok(None);
    };
    let (county, now) = (app.county_code.clone(), app.machine.seconds());
    let found = app.db.glance(move |r| api_tokens::find(r, &county, &token.hash())).await?;
    Ok(found.filter(|token| token.revoked.is_none() && now < token.expires))
}

/// A person's tokens, latest first.
pub async fn list(app: &App, person: &str) -> Result<Vec<ApiToken>, Fault> {
    let (county, person) = (app.county_code.clone(), person.to_owned());
    Ok(app.db.read(move |r| api_tokens::list_of(r, &county, &person)).await?)
}
