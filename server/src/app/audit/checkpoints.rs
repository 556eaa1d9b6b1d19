//! Every checkpoint that the county keeps: signed by its keys, of this very record, and none that should not be there or is
//! missing. And what others have kept of it: that must be continued.

use std::collections::BTreeSet;

use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{Checkpoint, LogKey};

use super::{Finding, Sort, Wish};
use crate::app::fault::Fault;
use crate::app::{checkpoint, export};
use crate::store::checkpoint::{self as stored, StoredCheckpoint};
use crate::store::{Query, Reader, StoreFault, deposits, record};

/// Looks at them against the record of so many `entries`.
pub(super) fn look(r: &Reader<'_>, county: &str, wish: &Wish, entries: i64) -> Result<Vec<Finding>, Fault> {
    let mut found = Vec::new();
    let mut tell = |sentence: String| found.push(Finding::new(Sort::Checkpoint, None, sentence));
    let keys = Both::try_of(|suite| checkpoint::public_key(r, county, suite))?;
    for suite in Suite::ALL {
        let (given, key) = (wish.keys.get(suite).as_ref(), keys.get(suite).as_ref());
        if let Some(given) = given.filter(|given| Some(*given) != key) {
            tell(format!("县里的公钥不是所给的 {given}"));
        }
    }
    let (all, deposited) = (stored::list(r, county)?, deposits::sizes(r, county)?);
    for (at, signed) in all.iter().enumerate() {
        own(r, county, signed, &keys, entries, &mut tell)?;
        let last_of_day = all.get(at + 1).is_none_or(|next| next.day != signed.day);
        place(signed, last_of_day, &deposited, &mut tell);
    }
    if all.is_empty() && entries > 0 && keys.sm3.is_some() {
        tell("县里有签名密钥，却没有任何检查点：检查点被删除".to_owned());
    }
    for size in deposited.difference(&all.iter().map(|signed| signed.size).collect()) {
        tell(format!("第 {size} 项的检查点已经存证，存储中却没有"));
    }
    for other in stored::strays(r)? {
        tell(format!("有检查点属于 {other}，而这里没有它的记录"));
    }
    // A key from outside counts before the county's own.
    let trusted = Both::of(|suite| wish.keys.get(suite).clone().or_else(|| keys.get(suite).clone())).all();
    if let (Some(note), Some(keys)) = (&wish.kept, trusted) {
        let newest = all.last().map_or(0, |signed| signed.size);
        if let Some(wrong) = compare_kept(r, county, note, &keys, entries.unsigned_abs())? {
            tell(wrong);
        } else if let Ok(kept) = Checkpoint::unverified(note)
            && kept.size > newest
        {
            tell(format!("另存的检查点签到第 {} 项，存储中最后的只到第 {newest} 项：检查点被删除或者改动", kept.size));
        }
    }
    Ok(found)
}

/// Signed by the county's keys, and of this record.
fn own(
    r: &Reader<'_>,
    county: &str,
    signed: &StoredCheckpoint,
    keys: &Both<Option<LogKey>>,
    entries: i64,
    tell: &mut impl FnMut(String),
) -> Result<(), StoreFault> {
    let size = signed.size;
    for suite in Suite::ALL {
        let Some(key) = keys.get(suite) else { continue };
        match Checkpoint::open(signed.notes.get(suite), key) {
            Err(wrong) => tell(format!("存储的检查点（{size} 项，{}）：{wrong}", suite.title())),
            Ok(note) if note.size != size || note.root != *signed.roots.get(suite) => {
                tell(format!("存储的检查点（{size} 项，{}）与其签名的内容不一致", suite.title()));
            }
            Ok(_) => {}
        }
    }
    if size > entries.unsigned_abs() {
        tell(format!("存储的检查点签到第 {size} 项，记录只有 {entries} 项"));
        return Ok(());
    }
    if checkpoint::roots_of(r, county, size)? != signed.roots {
        tell(format!("存储的检查点（{size} 项）的树根与记录不一致"));
    }
    let last = i64::try_from(size).unwrap_or(i64::MAX).saturating_sub(1);
    if let Some(entry) = record::find_entry(r, county, last)?
        && record::decode(last, &entry.bytes)?.recorded.day() != signed.day
    {
        tell(format!("存储的检查点（{size} 项）的日期不是最后一项的记录日期"));
    }
    Ok(())
}

/// Only the last one of a day and what lies elsewhere is kept.
fn place(signed: &StoredCheckpoint, last_of_day: bool, deposited: &BTreeSet<u64>, tell: &mut impl FnMut(String)) {
    let (size, elsewhere) = (signed.size, deposited.contains(&signed.size));
    match (signed.kept, elsewhere) {
        (true, false) => tell(format!("存储的检查点（{size} 项）标为已存证，却没有存证")),
        (false, true) => tell(format!("存储的检查点（{size} 项）已经存证，却没有标明")),
        (false, false) if !last_of_day => tell(format!("存储的检查点（{size} 项）是多出来的：当天后来另有检查点")),
        _ => {}
    }
}

/// What a checkpoint that was kept elsewhere says against the record of `size` entries; none if it is continued.
pub fn compare_kept(
    q: &impl Query,
    county: &str,
    note: &str,
    keys: &Both<LogKey>,
    size: u64,
) -> Result<Option<String>, StoreFault> {
    let (suite, kept) = match export::open_kept(note, keys) {
        Ok(kept) => kept,
        Err(wrong) => return Ok(Some(format!("另存的检查点：{wrong}"))),
    };
    let wrong = if kept.size > size {
        Some(export::ExportWrong::KeptFuture { signed: kept.size, size })
    } else if checkpoint::root_of(q, county, suite, kept.size)? == kept.root {
        None
    } else if kept.size == size {
        Some(export::ExportWrong::Fork { size })
    } else {
        Some(export::ExportWrong::Rewritten { size: kept.size })
    };
    Ok(wrong.map(|wrong| wrong.to_string()))
}
