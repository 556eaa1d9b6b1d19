//! Destroying sealed values: value and salt go, the commitment stays, so that every leaf and every other proof is as before.
//!
//! Does not belong here: who may order it (`core::matter::erase`), the files of evidence (`app::erasure`).

use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::record::commitment;

use super::{Query, StoreFault, Tx, citizens, idempotency, search, settings};
use crate::params;

/// Set by an act of destruction, removed when nothing of it is left on the disk.
pub const PENDING: &str = "erasure.pending";

/// Destroys what the entries before `seq` sealed for a matter: under these labels, or all if none is named. Returns how many.
pub fn sealed(
    tx: &mut Tx<'_>,
    county: &str,
    matter: MatterId,
    labels: &[String],
    seq: i64,
) -> Result<usize, StoreFault> {
    tx.overwrite_deleted()?;
    let open = tx.query_all(
        "SELECT seq, position, label, salt, value FROM sealed
         WHERE county_code = $1 AND matter = $2 AND seq < $3 AND salt IS NOT NULL",
        params![county, &matter.to_bytes(), seq],
        |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.blob(3)?, row.text(4)?)),
    )?;
    let mut destroyed = 0;
    for (at, position, label, salt, value) in open {
        if !labels.is_empty() && !labels.contains(&label) {
            continue;
        }
        let place = u32::try_from(position).map_err(|_| StoreFault::Value { what: "sealed.position".to_owned() })?;
        let kept = commitment(place, &salt, value.as_bytes());
        destroyed += tx.execute(
            "UPDATE sealed SET salt = NULL, value = NULL, commitment = $4
             WHERE county_code = $1 AND seq = $2 AND position = $3",
            params![county, at, position, &kept.to_bytes()],
        )?;
    }
    idempotency::forget(tx, county, matter)?;
    if labels.is_empty() || labels.iter().any(|label| label.ends_with(".phone")) {
        citizens::forget_matter(tx, county, matter)?;
    }
    settings::put(tx, county, PENDING, &seq.to_string())?;
    Ok(destroyed)
}

/// Files that no matter keeps any more.
pub fn gone_files(q: &impl Query, county: &str) -> Result<Vec<Digest>, StoreFault> {
    let all = q.query_all(
        "SELECT digest FROM evidence WHERE county_code = $1 GROUP BY digest
         HAVING count(*) = count(erased_entry) ORDER BY digest",
        params![county],
        |row| row.blob(0),
    )?;
    Ok(all.iter().filter_map(|bytes| Digest::from_bytes(bytes)).collect())
}

/// Whether no matter keeps a file.
pub fn is_gone(q: &impl Query, county: &str, digest: &Digest) -> Result<bool, StoreFault> {
    let kept = q.query_one(
        "SELECT 1 FROM evidence WHERE county_code = $1 AND digest = $2 AND erased_entry IS NULL",
        params![county, &digest.0],
        |row| row.int(0),
    )?;
    Ok(kept.is_none())
}

/// Drops the words of deleted lines from the search index, where they would lie until its parts are merged.
pub fn search_words(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    tx.overwrite_deleted()?;
    search::merge(tx, search::Index::Matters)
}
