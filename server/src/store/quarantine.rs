//! Files kept apart: who sent them, and what became of them. Times are seconds on machine time.

use zhunsheng_core::id::{Digest, PersonId};

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A file in quarantine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    /// SHA-256: its name on disk.
    pub digest: Digest,
    /// SM3.
    pub sm3: Digest,
    /// Its length.
    pub bytes: i64,
    /// The ending of the name it came with.
    pub ending: String,
    /// Who sent it.
    pub person: PersonId,
    /// When.
    pub received: i64,
    /// `held`, `released` or `discarded`.
    pub state: String,
    /// When it was released or discarded.
    pub settled: Option<i64>,
}

const COLUMNS: &str = "digest, sm3, bytes, ending, person, received, state, settled";

fn quarantined(row: &Row<'_>) -> Result<Quarantined, StoreFault> {
    let wrong = || StoreFault::Value { what: "quarantine".to_owned() };
    Ok(Quarantined {
        digest: Digest::from_bytes(&row.blob(0)?).ok_or_else(wrong)?,
        sm3: Digest::from_bytes(&row.blob(1)?).ok_or_else(wrong)?,
        bytes: row.int(2)?,
        ending: row.text(3)?,
        person: PersonId::from_bytes(&row.blob(4)?).ok_or_else(wrong)?,
        received: row.int(5)?,
        state: row.text(6)?,
        settled: row.opt_int(7)?,
    })
}

/// Enters a file. One that was discarded and comes again is held again; one that is held or released stays so.
pub fn put(tx: &mut Tx<'_>, county: &str, file: &Quarantined) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO quarantine (county_code, digest, sm3, bytes, ending, person, received, state, settled)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'held', NULL)
         ON CONFLICT (county_code, digest) DO UPDATE SET person = excluded.person, received = excluded.received,
           ending = excluded.ending, state = 'held', settled = NULL WHERE quarantine.state = 'discarded'",
        params![
            county,
            &file.digest.0,
            &file.sm3.0,
            file.bytes,
            file.ending.as_str(),
            &file.person.to_bytes(),
            file.received
        ],
    )?;
    Ok(())
}

/// One file.
pub fn find(q: &impl Query, county: &str, digest: &Digest) -> Result<Option<Quarantined>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE county_code = $1 AND digest = $2");
    q.query_one(&sql, params![county, &digest.0], quarantined)
}

/// Files, newest first.
pub fn list(q: &impl Query, county: &str, limit: i64) -> Result<Vec<Quarantined>, StoreFault> {
    let sql =
        format!("SELECT {COLUMNS} FROM quarantine WHERE county_code = $1 ORDER BY received DESC, digest LIMIT $2");
    q.query_all(&sql, params![county, limit], quarantined)
}

/// Releases or discards a held file; whether there was one.
pub fn settle(tx: &mut Tx<'_>, county: &str, digest: &Digest, state: &str, now: i64) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE quarantine SET state = $3, settled = $4 WHERE county_code = $1 AND digest = $2 AND state = 'held'",
        params![county, &digest.0, state, now],
    )?;
    Ok(changed > 0)
}
