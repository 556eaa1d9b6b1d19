//! What an audit asks of tables beside the record: files that rows name, series of numbers, accounts.

use zhunsheng_core::id::Digest;

use super::{Query, StoreFault};
use crate::params;

/// A file that some matter names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedFile {
    /// Of its bytes.
    pub digest: Digest,
    /// Its length.
    pub bytes: i64,
    /// The entry that names it first.
    pub entry: i64,
}

/// Files after a digest, in the order of digests: at most `limit`. Files of which nobody may have anything any more
/// (erased) are left out.
pub fn files_after(q: &impl Query, county: &str, after: &[u8], limit: i64) -> Result<Vec<NamedFile>, StoreFault> {
    q.query_all(
        "SELECT digest, max(bytes), min(seq) FROM evidence WHERE county_code = $1 AND digest > $2
           AND erased_entry IS NULL GROUP BY digest ORDER BY digest LIMIT $3",
        params![county, after, limit],
        |row| {
            let digest = Digest::from_bytes(&row.blob(0)?);
            let digest = digest.ok_or_else(|| StoreFault::Value { what: "evidence.digest".to_owned() })?;
            Ok(NamedFile { digest, bytes: row.int(1)?, entry: row.int(2)? })
        },
    )
}

/// Files whose digests begin with a byte and that some matter of a county names or has named.
pub fn named_within(q: &impl Query, county: &str, first: u8) -> Result<Vec<Digest>, StoreFault> {
    let (mut low, mut high) = ([0; 32], [u8::MAX; 32]);
    for bound in [&mut low, &mut high] {
        bound.iter_mut().take(1).for_each(|byte| *byte = first);
    }
    let all = q.query_all(
        "SELECT digest FROM evidence WHERE county_code = $1 AND digest >= $2 AND digest <= $3",
        params![county, &low, &high],
        |row| row.blob(0),
    )?;
    Ok(all.iter().filter_map(|bytes| Digest::from_bytes(bytes)).collect())
}

/// Whether any row names a file, erased or not.
pub fn names(q: &impl Query, county: &str, digest: &Digest) -> Result<bool, StoreFault> {
    let found = q.query_one(
        "SELECT 1 FROM evidence WHERE county_code = $1 AND digest = $2 LIMIT 1",
        params![county, &digest.0],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// A series of numbers that has a gap or begins late.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenSeries {
    /// Whose.
    pub organ: String,
    /// Of which instrument.
    pub kind: String,
    /// In which year.
    pub year: i64,
    /// The last number.
    pub last: i64,
    /// How many there are.
    pub count: i64,
}

/// Series in which numbers are missing.
pub fn broken_series(q: &impl Query, county: &str) -> Result<Vec<BrokenSeries>, StoreFault> {
    q.query_all(
        "SELECT organ, kind, year, max(number), count(*) FROM instrument WHERE county_code = $1 AND number > 0
         GROUP BY organ, kind, year HAVING max(number) <> count(*) OR min(number) <> 1 ORDER BY organ, kind, year",
        params![county],
        |row| {
            let (organ, kind, year) = (row.text(0)?, row.text(1)?, row.int(2)?);
            Ok(BrokenSeries { organ, kind, year, last: row.int(3)?, count: row.int(4)? })
        },
    )
}

/// The first number that a series lacks.
pub fn first_missing(q: &impl Query, county: &str, series: &BrokenSeries) -> Result<i64, StoreFault> {
    let there = q.query_all(
        "SELECT number FROM instrument WHERE county_code = $1 AND organ = $2 AND kind = $3 AND year = $4 AND number > 0
         ORDER BY number",
        params![county, series.organ.as_str(), series.kind.as_str(), series.year],
        |row| row.int(0),
    )?;
    Ok((1..).zip(there).find(|(wanted, number)| wanted != number).map_or(series.last + 1, |(wanted, _)| wanted))
}

/// Logins of accounts whose person is in no register.
pub fn stray_accounts(q: &impl Query, county: &str, known: impl Fn(&str) -> bool) -> Result<Vec<String>, StoreFault> {
    let all = q.query_all(
        "SELECT person, login FROM account WHERE county_code = $1 ORDER BY login",
        params![county],
        |row| Ok((row.text(0)?, row.text(1)?)),
    )?;
    Ok(all.into_iter().filter(|(person, _)| !known(person)).map(|(_, login)| login).collect())
}

/// Paths of law files whose text is not what their digest says, with the entry that adopted them.
pub fn altered_law_files(q: &impl Query, county: &str) -> Result<Vec<(String, i64)>, StoreFault> {
    let all = q.query_all(
        "SELECT path, digest, bytes, seq FROM law_file WHERE county_code = $1 ORDER BY seq, path",
        params![county],
        |row| {
            let same = Digest::of(row.text(2)?.as_bytes()).0.as_slice() == row.blob(1)?;
            Ok((!same).then_some((row.text(0)?, row.int(3)?)))
        },
    )?;
    Ok(all.into_iter().flatten().collect())
}
