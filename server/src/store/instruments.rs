//! Instruments by their 核验码: only digests of codes are stored.

use zhunsheng_core::id::MatterId;

use super::{Query, StoreFault};
use crate::params;

/// An instrument that a code leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodedInstrument {
    /// Its matter.
    pub matter: MatterId,
    /// Its place among the instruments of the matter, from 1.
    pub n: i64,
    /// The entry that issued it.
    pub seq: i64,
}

/// The instrument whose code has this digest.
pub fn find_by_code(q: &impl Query, county: &str, digest: &[u8; 32]) -> Result<Option<CodedInstrument>, StoreFault> {
    q.query_one(
        "SELECT c.matter, c.n, i.seq FROM instrument_code c
         JOIN instrument i ON i.county_code = c.county_code AND i.matter = c.matter AND i.n = c.n
         WHERE c.county_code = $1 AND c.digest = $2",
        params![county, digest],
        |row| {
            let matter = MatterId::from_bytes(&row.blob(0)?);
            let matter = matter.ok_or_else(|| StoreFault::Value { what: "instrument_code.matter".to_owned() })?;
            Ok(CodedInstrument { matter, n: row.int(1)?, seq: row.int(2)? })
        },
    )
}
