//! Codes that were sent to somebody and wait to be typed. Times are seconds on machine time.

use super::{Query, StoreFault, Tx};
use crate::params;

/// A code as stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StoredCode {
    /// The seal over subject and code.
    pub seal: [u8; 16],
    /// When it was made.
    pub made: i64,
    /// How often one was typed.
    pub tries: i64,
    /// How many were made since the first.
    pub issued: i64,
    /// When the first was made.
    pub first: i64,
}

/// The code for a subject.
pub fn find(q: &impl Query, county: &str, subject: &[u8; 32]) -> Result<Option<StoredCode>, StoreFault> {
    q.query_one(
        "SELECT seal, made, tries, issued, first FROM code WHERE county_code = $1 AND subject = $2",
        params![county, subject],
        |row| {
            Ok(StoredCode {
                seal: row.bytes(0)?,
                made: row.int(1)?,
                tries: row.int(2)?,
                issued: row.int(3)?,
                first: row.int(4)?,
            })
        },
    )
}

/// Enters a code in the place of the one before.
pub fn put(tx: &mut Tx<'_>, county: &str, subject: &[u8; 32], code: &StoredCode) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO code (county_code, subject, seal, made, tries, issued, first) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (county_code, subject) DO UPDATE SET seal = excluded.seal, made = excluded.made, tries = excluded.tries,
           issued = excluded.issued, first = excluded.first",
        params![county, subject, &code.seal, code.made, code.tries, code.issued, code.first],
    )?;
    Ok(())
}

/// Forgets what nobody may type any more.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM code WHERE county_code = $1 AND first < $2", params![county, before])?;
    Ok(())
}
