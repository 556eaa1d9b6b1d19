//! Results of commands already carried out, so that a repeated request files nothing twice.

use zhunsheng_core::id::MatterId;

use super::{Query, StoreFault, Tx};
use crate::params;

/// What an earlier request with the same key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// SHA-256 of the command; another digest under the same key is a refusal.
    pub digest: [u8; 32],
    /// The answer, as the caller encoded it.
    pub result: Vec<u8>,
}

/// What `actor` already did under `key`.
pub fn find(q: &impl Query, county: &str, actor: &str, key: &str) -> Result<Option<Done>, StoreFault> {
    q.query_one(
        "SELECT digest, result FROM idempotency WHERE county_code = $1 AND actor = $2 AND key = $3",
        params![county, actor, key],
        |row| Ok(Done { digest: row.bytes(0)?, result: row.blob(1)? }),
    )
}

/// Keeps the result, in the transaction of the act itself. A key already used is a [`StoreFault::Conflict`].
pub fn put(tx: &mut Tx<'_>, county: &str, actor: &str, key: &str, done: &Done, now: i64) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO idempotency (county_code, actor, key, digest, result, recorded) VALUES ($1, $2, $3, $4, $5, $6)",
        params![county, actor, key, &done.digest, &done.result, now],
    )?;
    Ok(())
}

/// Forgets what was answered about a matter: an answer may hold its query code.
pub fn forget(tx: &mut Tx<'_>, county: &str, matter: MatterId) -> Result<(), StoreFault> {
    let kept =
        tx.query_all("SELECT actor, key, result FROM idempotency WHERE county_code = $1", params![county], |row| {
            Ok((row.text(0)?, row.text(1)?, row.blob(2)?))
        })?;
    let id = matter.to_bytes();
    for (actor, key, _) in kept.iter().filter(|(_, _, result)| result.windows(id.len()).any(|part| part == id)) {
        tx.execute(
            "DELETE FROM idempotency WHERE county_code = $1 AND actor = $2 AND key = $3",
            params![county, actor.as_str(), key.as_str()],
        )?;
    }
    Ok(())
}

/// Forgets results recorded before `before`; returns how many.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM idempotency WHERE county_code = $1 AND recorded < $2", params![county, before])
}
