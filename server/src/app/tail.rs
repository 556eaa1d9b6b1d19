//! Whether a county may be opened to be served: the end of its record against head, tree, tables and the checkpoint that was
//! signed last. A few hundred reads, so that a start stays quick; the whole record is for `verify` and `audit`.

use std::collections::BTreeSet;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::crypto::Both;

use super::{checkpoint, verify};
use crate::store::bulk::{Bulk, EntryView};
use crate::store::record;
use crate::store::{Query, StoreFault, checkpoint as signed};

/// Entries looked at.
const TAIL: i64 = 256;

/// The first thing that is wrong at the end of the record, with its entry; none if all is well.
pub fn wrong(q: &impl Query, county: &str) -> Result<Option<String>, StoreFault> {
    let head = record::find_head(q, county)?;
    let size = head.as_ref().map_or(0, |(size, _)| *size);
    let from = (size - TAIL).max(0);
    let entries = Bulk::read(q, county, from, TAIL + 1)?;
    if let Some(wrong) = verify::first_wrong(from, &entries) {
        return Ok(Some(wrong));
    }
    for stored in entries.entries() {
        let at = stored.seq;
        if at >= size {
            return Ok(Some(format!("记录项 {at} 在记录末尾（{size} 项）之后")));
        }
        if !is_projected(q, county, stored)? {
            return Ok(Some(format!("记录项 {at} 没有写入派生表，或者与派生表不一致")));
        }
    }
    if from + i64::try_from(entries.len()).unwrap_or(i64::MAX) != size {
        return Ok(Some(format!("缺少记录项 {}", from + i64::try_from(entries.len()).unwrap_or(0))));
    }
    if size == 0 {
        return Ok(None);
    }
    let edge = record::load_frontier(q, county)?.roots();
    let of_tree = checkpoint::roots_of(q, county, size.unsigned_abs());
    let of_head = head.map(|(_, roots)| roots);
    if of_tree.as_ref().ok() != Some(&edge) || of_head != Some(Both::of(|suite| edge.get(suite).0.to_vec())) {
        return Ok(Some(format!("树根与 {size} 项记录不一致")));
    }
    against_checkpoint(q, county, size.unsigned_abs())
}

fn against_checkpoint(q: &impl Query, county: &str, size: u64) -> Result<Option<String>, StoreFault> {
    let Some(signed) = signed::newest(q, county)? else { return Ok(None) };
    if signed.size > size {
        return Ok(Some(format!("检查点签到 {} 项，记录只有 {size} 项：记录项 {size} 起被截去", signed.size)));
    }
    let continues = checkpoint::roots_of(q, county, signed.size).is_ok_and(|roots| roots == signed.roots);
    Ok((!continues).then(|| format!("前 {} 项的树根与已签的检查点不一致：记录被改写", signed.size)))
}

/// Whether every matter that the entry touches has its step in the tables, and no other.
fn is_projected(q: &impl Query, county: &str, stored: EntryView<'_>) -> Result<bool, StoreFault> {
    let entry = record::decode(stored.seq, stored.bytes)?;
    let touched: BTreeSet<MatterId> = entry.events.iter().map(|(id, _)| *id).collect();
    Ok(record::matters_of(q, county, stored.seq)?.into_iter().collect::<BTreeSet<_>>() == touched)
}
