//! Tokens of programs that act for a post. Known only by SHA-256. Times are seconds on machine time.

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A token as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// SHA-256 of the token; also its public name in lists.
    pub token_hash: [u8; 32],
    /// The person who answers for what it does.
    pub person: String,
    /// The post whose powers it carries.
    pub post: String,
    /// What it is for.
    pub title: String,
    /// Issued at.
    pub created: i64,
    /// Ends at.
    pub expires: i64,
    /// Withdrawn at.
    pub revoked: Option<i64>,
}

const COLUMNS: &str = "token_hash, person, post, title, created, expires, revoked";

fn token(row: &Row<'_>) -> Result<ApiToken, StoreFault> {
    Ok(ApiToken {
        token_hash: row.bytes(0)?,
        person: row.text(1)?,
        post: row.text(2)?,
        title: row.text(3)?,
        created: row.int(4)?,
        expires: row.int(5)?,
        revoked: row.opt_int(6)?,
    })
}

/// The token with this hash.
pub fn find(q: &impl Query, county: &str, token_hash: &[u8; 32]) -> Result<Option<ApiToken>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM api_token WHERE county_code = $1 AND token_hash = $2");
    q.query_one(&sql, params![county, token_hash], token)
}

/// A person's tokens, latest first.
pub fn list_of(q: &impl Query, county: &str, person: &str) -> Result<Vec<ApiToken>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM api_token WHERE county_code = $1 AND person = $2
         ORDER BY created DESC, token_hash LIMIT 100"
    );
    q.query_all(&sql, params![county, person], token)
}

/// Issues a token.
pub fn insert(tx: &mut Tx<'_>, county: &str, new: &ApiToken) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO api_token (county_code, token_hash, person, post, title, created, expires, revoked)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![county, &new.token_hash, &new.person, &new.post, &new.title, new.created, new.expires, new.revoked,],
    )?;
    Ok(())
}

/// Withdraws a person's token; returns whether there was one in force.
pub fn revoke(
    tx: &mut Tx<'_>,
    county: &str,
    person: &str,
    token_hash: &[u8; 32],
    now: i64,
) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE api_token SET revoked = $4
         WHERE county_code = $1 AND person = $2 AND token_hash = $3 AND revoked IS NULL",
        params![county, person, token_hash, now],
    )?;
    Ok(changed == 1)
}
