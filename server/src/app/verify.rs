//! Verifying the record of this county: every leaf from its stored bytes, the tree from its leaves; and rebuilding all
//! projections from the record.

use std::sync::Arc;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::Digest;
use zhunsheng_core::matter::Matters;
use zhunsheng_core::record::tree::Frontier;
use zhunsheng_core::record::{ActorEntry, SealedPart, leaf};

use super::fault::Fault;
use super::ruling::Ruling;
use crate::store::project::{Ground, index_all, project};
use crate::store::record::{self, StoredEntry, StoredSealed};
use crate::store::{Query, StoreFault, Tx, law_files, rebuild};

/// Entries read at a time.
const CHUNK: i64 = 2_000;

/// What a verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// How many entries.
    pub entries: i64,
    /// The root of the tree.
    pub root: Digest,
    /// The acts without prior authority: only the founding may be one.
    pub without_authority: Vec<i64>,
    /// The first thing that is wrong, with its entry; none if all is well.
    pub wrong: Option<String>,
}

/// Recomputes every leaf and the root.
pub fn verify(q: &impl Query, county: &str) -> Result<Verified, StoreFault> {
    let mut frontier = Frontier::default();
    let mut found = Verified { entries: 0, root: frontier.root(), without_authority: Vec::new(), wrong: None };
    loop {
        let chunk = record::list_from(q, county, found.entries, CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        for entry in chunk {
            if entry.seq != found.entries {
                found.wrong.get_or_insert(format!("缺少记录项 {}", found.entries));
                return Ok(found);
            }
            if let Some(wrong) = check_entry(q, county, &entry, &mut found)? {
                found.wrong.get_or_insert(wrong);
                return Ok(found);
            }
            frontier.append(&entry.leaf);
            found.entries += 1;
        }
    }
    found.root = frontier.root();
    let head = record::find_head(q, county)?;
    let matches = match &head {
        None => found.entries == 0,
        Some((size, root)) => *size == found.entries && root.as_slice() == found.root.0,
    };
    if !matches {
        found.wrong = Some(format!("记录共 {} 项，与存储的树根不一致", found.entries));
    }
    Ok(found)
}

fn check_entry(
    q: &impl Query,
    county: &str,
    stored: &StoredEntry,
    found: &mut Verified,
) -> Result<Option<String>, StoreFault> {
    let at = stored.seq;
    let entry = match record::decode(at, &stored.bytes) {
        Ok(entry) => entry,
        Err(_) => return Ok(Some(format!("记录项 {at} 的字节不是规范格式"))),
    };
    let sealed = record::sealed_of(q, county, at)?;
    let named = sealed.iter().map(|s| (s.matter, s.label.as_str(), s.class)).collect::<Vec<_>>();
    let said = entry.sealed.iter().map(|s| (s.matter, s.label.as_str(), s.class as i64)).collect::<Vec<_>>();
    if named != said {
        return Ok(Some(format!("记录项 {at} 的密封内容与记录不一致")));
    }
    let parts: Option<Vec<SealedPart<'_>>> = sealed.iter().map(part).collect();
    let right = parts.map(|parts| leaf(&stored.bytes, &stored.salt, &parts));
    if right.as_ref().map(<[u8; 33]>::as_slice) != Some(stored.leaf.as_slice()) {
        return Ok(Some(format!("记录项 {at} 的内容与其叶子不一致")));
    }
    if entry.actor == ActorEntry::Founder {
        found.without_authority.push(at);
        if at != 0 {
            return Ok(Some(format!("记录项 {at} 没有授权：只有设立县域的第一项可以没有事先授权")));
        }
    }
    Ok(None)
}

fn part(sealed: &StoredSealed) -> Option<SealedPart<'_>> {
    match (&sealed.open, &sealed.commitment) {
        (Some((salt, value)), _) => Some(SealedPart::Open { salt, value }),
        (None, Some(commitment)) => Digest::from_bytes(commitment).map(SealedPart::Erased),
        (None, None) => None,
    }
}

/// Empties all projections and makes them again from the record. Returns how many entries were read.
pub fn rebuild(tx: &mut Tx<'_>, county: &str) -> Result<i64, Fault> {
    let ruling = Ruling::adopted(&law_files::list(tx, county)?)?;
    rebuild::clear(tx, county)?;
    let mut registry = Arc::new(Registry::default());
    let none = Matters::new();
    let mut next = 0;
    loop {
        let chunk = record::list_from(tx, county, next, CHUNK)?;
        if chunk.is_empty() {
            index_all(tx, county, &ruling.law)?;
            return Ok(next);
        }
        for stored in chunk {
            let entry = record::decode(stored.seq, &stored.bytes)?;
            let sealed = record::sealed_of(tx, county, stored.seq)?;
            let ground = Ground {
                county,
                law: &ruling.law,
                calendar: &ruling.calendar,
                registry: &registry,
                known: &none,
                index: false,
            };
            let rows = project(tx, &ground, stored.seq, &entry, &sealed)?;
            if !rows.is_empty() {
                let registry = Arc::make_mut(&mut registry);
                rows.into_iter().for_each(|row| row.enter(registry));
            }
            next = stored.seq + 1;
        }
    }
}
