//! Results of commands already carried out, so that a repeated request files nothing twice.

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

/// Forgets results recorded before `before`; returns how many.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM idempotency WHERE county_code = $1 AND recorded < $2", params![county, before])
}
