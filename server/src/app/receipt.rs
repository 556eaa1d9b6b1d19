//! Receipts from the record: the proof that an act lies in it, as a file that verifies without us.

use minicbor::bytes::ByteVec;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::note::LogSigner;
use zhunsheng_core::record::receipt::{Opening, OpeningPart, Path, Receipt};
use zhunsheng_core::record::{Commitment, proof};

use super::checkpoint;
use super::deposit::cosigned;
use super::fault::Fault;
use crate::store::record::{self, StoredEntry, StoredSealed};
use crate::store::{Query, StoreFault, tile};

/// What lies in the leaf of a stored entry, with every sealed value that was not erased.
pub fn opening_of(q: &impl Query, county: &str, stored: &StoredEntry) -> Result<Opening, StoreFault> {
    opening(stored, record::sealed_of(q, county, stored.seq)?)
}

/// An entry with what lies sealed beside it. Errors: a value is neither there nor committed to.
pub fn opening(stored: &StoredEntry, beside: Vec<StoredSealed>) -> Result<Opening, StoreFault> {
    let mut sealed = Vec::with_capacity(beside.len());
    for part in beside {
        let kept = part.commitment.as_deref().and_then(Commitment::from_bytes).map(OpeningPart::Committed);
        let open = part.open.map(|(salt, value)| OpeningPart::Open(ByteVec::from(salt), value));
        let wrong = || StoreFault::Value { what: format!("sealed values of entry {}", stored.seq) };
        sealed.push(open.or(kept).ok_or_else(wrong)?);
    }
    Ok(Opening { entry: ByteVec::from(stored.bytes.clone()), salt: ByteVec::from(stored.salt.clone()), sealed })
}

/// Which entry a person means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Its number.
    Entry(u64),
    /// The newest act on a matter.
    NewestOf(MatterId),
}

/// The receipt of an entry, with sealed values shown or withheld: under the checkpoint that most witnesses signed among those that
/// cover it, else under the newest one. None if there is no such entry or nothing signed covers it yet.
///
/// Errors: those of [`checkpoint::newest`] and [`checkpoint::open`].
pub fn prove(
    q: &impl Query,
    county: &str,
    which: Which,
    values: bool,
    signers: Option<&Both<LogSigner>>,
) -> Result<Option<Receipt>, Fault> {
    let seq = match which {
        Which::Entry(seq) => i64::try_from(seq).ok(),
        Which::NewestOf(matter) => record::list_of(q, county, matter)?.last().copied(),
    };
    let Some(seq) = seq else { return Ok(None) };
    let Some(stored) = record::find_entry(q, county, seq)? else { return Ok(None) };
    let index = seq.unsigned_abs();
    let signed = match cosigned::best(q, county, index + 1)? {
        Some(signed) => signed,
        None => checkpoint::newest(q, county, signers)?,
    };
    if index >= signed.size {
        return Ok(None);
    }
    let paths = Both::try_of(|suite| {
        let mut nodes = tile::Nodes::new(q, county, suite, signed.size);
        let proof = proof::inclusion(suite, index, signed.size, &mut |node| nodes.hash(node))?.unwrap_or_default();
        Ok::<_, StoreFault>(Path { proof, checkpoint: signed.notes.get(suite).clone() })
    })?;
    let opening = opening_of(q, county, &stored)?;
    let opening = if values { opening } else { opening.redacted() };
    Ok(Some(Receipt { opening, index, paths }))
}
