//! Results of commands already carried out, so that a repeated request files nothing twice.

use zhunsheng_core::id::MatterId;

use super::digest::sha256;
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

/// Under which actor and key are found: eight bytes of SHA-256.
fn handle(actor: &str, key: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = sha256(format!("{actor}\u{1f}{key}").as_bytes());
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// What `actor` already did under `key`.
pub fn find(q: &impl Query, county: &str, actor: &str, key: &str) -> Result<Option<Done>, StoreFault> {
    q.query_one(
        "SELECT digest, result FROM answered_command WHERE county_code = $1 AND handle = $2 AND actor = $3 AND key = $4",
        params![county, handle(actor, key), actor, key],
        |row| Ok(Done { digest: row.bytes(0)?, result: row.blob(1)? }),
    )
}

/// Keeps the result, in the transaction of the act itself, which has looked before that there is none. Milliseconds, so that what
/// comes later lies behind: those of one second would share pages in the order of their handles.
pub fn put(tx: &mut Tx<'_>, county: &str, actor: &str, key: &str, done: &Done, now_ms: i64) -> Result<(), StoreFault> {
    tx.send(
        "INSERT INTO answered_command (county_code, recorded, handle, actor, key, digest, result)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![county, now_ms, handle(actor, key), actor, key, &done.digest, &done.result],
    )
}

/// Forgets what was answered about a matter: an answer may hold its query code.
pub fn forget(tx: &mut Tx<'_>, county: &str, matter: MatterId) -> Result<(), StoreFault> {
    let kept = tx.query_all(
        "SELECT recorded, handle, result FROM answered_command WHERE county_code = $1",
        params![county],
        |row| Ok((row.int(0)?, row.int(1)?, row.blob(2)?)),
    )?;
    let id = matter.to_bytes();
    for (recorded, handle, _) in kept.iter().filter(|(_, _, result)| result.windows(id.len()).any(|part| part == id)) {
        tx.execute(
            "DELETE FROM answered_command WHERE county_code = $1 AND recorded = $2 AND handle = $3",
            params![county, *recorded, *handle],
        )?;
    }
    Ok(())
}

/// Forgets results recorded before `before`, milliseconds since 1970; returns how many.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM answered_command WHERE county_code = $1 AND recorded < $2", params![county, before])
}

/// Takes over what was kept under the keys themselves.
pub(super) fn carry_over(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    let kept =
        tx.query_all("SELECT county_code, actor, key, digest, result, recorded FROM idempotency", params![], |row| {
            Ok((row.text(0)?, row.text(1)?, row.text(2)?, row.bytes(3)?, row.blob(4)?, row.int(5)?))
        })?;
    // In seconds, as all were until the migration 0031.
    for (county, actor, key, digest, result, recorded) in kept {
        put(tx, &county, &actor, &key, &Done { digest, result }, recorded)?;
    }
    tx.batch("DROP TABLE idempotency")
}
