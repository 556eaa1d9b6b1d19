//! The law as adopted: every file by its digest, with the entry that adopted it.

use zhunsheng_core::id::Digest;

use super::{Query, StoreFault, Tx};
use crate::params;

/// An adopted file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LawFile {
    /// Its path in the law folder.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The entry that adopted it.
    pub seq: i64,
}

/// Keeps a file that an entry adopts; the same bytes at the same path are kept once.
pub fn insert(tx: &mut Tx<'_>, county: &str, file: &LawFile) -> Result<(), StoreFault> {
    let digest = Digest::of(file.text.as_bytes());
    tx.execute(
        "INSERT INTO law_file (county_code, digest, path, bytes, seq) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code, digest, path) DO NOTHING",
        params![county, &digest.0, file.path.as_str(), file.text.as_str(), file.seq],
    )?;
    Ok(())
}

/// All files ever adopted, oldest first.
pub fn list(q: &impl Query, county: &str) -> Result<Vec<LawFile>, StoreFault> {
    q.query_all(
        "SELECT path, bytes, seq FROM law_file WHERE county_code = $1 ORDER BY seq, path",
        params![county],
        |row| Ok(LawFile { path: row.text(0)?, text: row.text(1)?, seq: row.int(2)? }),
    )
}
