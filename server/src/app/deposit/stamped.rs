//! Time stamps as evidence: which one is farthest with each authority, and whether those of an export or of a county hold under given
//! certificates.
//!
//! Does not belong here: cosignatures ([`super::cosigned`]).

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::note::LogKey;

use super::cosigned::{CosignWrong, Cosigned, ours};
use super::list;
use super::stamp::{Pinned, StampWrong, Token, is_ahead};
use crate::app::fault::Fault;
use crate::store::Query;
use crate::store::deposits;

/// A checkpoint and a token over it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamped {
    /// The note, byte for byte as it was stamped.
    pub note: String,
    /// DER.
    pub token: Vec<u8>,
}

/// The farthest of every authority, the smallest first.
pub fn kept(q: &impl Query, county: &str) -> Result<Vec<Stamped>, Fault> {
    let mut found = Vec::new();
    for authority in list(q, county)?.into_iter().filter(super::Witness::stamps) {
        if let Some(newest) = deposits::newest(q, county, authority.id)? {
            found.extend(newest.token.map(|token| (newest.size, Stamped { note: newest.note, token })));
        }
    }
    found.sort_by_key(|(size, _)| *size);
    Ok(found.into_iter().map(|(_, stamped)| stamped).collect())
}

/// Judges stamped checkpoints, the smallest first: each must be the log's and lead to the record's own root; under each of the given
/// certificates one token must hold. What is told is the farthest of each.
///
/// Errors: the first thing that is wrong.
pub fn judge(
    all: &[Stamped],
    log: &LogKey,
    asked: &[Pinned],
    now: u64,
    root: &mut impl FnMut(u64) -> Option<Digest>,
) -> Result<Vec<Cosigned>, CosignWrong> {
    let sizes: Result<Vec<u64>, _> = all.iter().map(|stamped| ours(&stamped.note, log, root)).collect();
    let sizes = sizes?;
    asked.iter().map(|pinned| judge_one(all, &sizes, pinned, now)).collect()
}

fn judge_one(all: &[Stamped], sizes: &[u64], pinned: &Pinned, now: u64) -> Result<Cosigned, CosignWrong> {
    let name = pinned.name().to_owned();
    let now_ms = i64::try_from(now).unwrap_or(i64::MAX).saturating_mul(1_000);
    let mut why = StampWrong::Chain;
    for (stamped, size) in all.iter().zip(sizes).rev() {
        match Token::read(&stamped.token).and_then(|token| token.judge(&stamped.note, pinned)) {
            Ok(time_ms) if is_ahead(time_ms, now_ms) => why = StampWrong::Future,
            Ok(time_ms) => {
                let seconds = u64::try_from(time_ms / 1_000).unwrap_or_default();
                return Ok(Cosigned { witness: name, size: *size, seconds });
            }
            // That of another authority.
            Err(StampWrong::Chain) => {}
            Err(wrong) => why = wrong,
        }
    }
    Err(match why {
        StampWrong::Chain => CosignWrong::NoStamp(name),
        why => CosignWrong::Stamp { name, why },
    })
}
