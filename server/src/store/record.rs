//! The record: append, read, and the frontier of the tree. Entries are only ever inserted.

use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::tree::Frontier;
use zhunsheng_core::record::{Entry, Leaf};

use super::{Query, Row, StoreFault, Tx, tile};
use crate::params;

/// A sealed value as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSealed {
    /// Its place in the entry, from 1: part of what is committed to.
    pub position: i64,
    /// Whose.
    pub matter: MatterId,
    /// Its label.
    pub label: String,
    /// Its class, as `SealedClass as i64`.
    pub class: i64,
    /// Salt and value; none after erasure.
    pub open: Option<(Vec<u8>, String)>,
    /// What it committed to; only after erasure.
    pub commitment: Option<Vec<u8>>,
}

/// An entry as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEntry {
    /// Its position.
    pub seq: i64,
    /// Its leaf.
    pub leaf: Vec<u8>,
    /// Its salt.
    pub salt: Vec<u8>,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// A new entry with everything that belongs to it.
pub struct NewEntry<'a> {
    /// The entry.
    pub bytes: &'a [u8],
    /// Its salt.
    pub salt: &'a [u8],
    /// Its leaf.
    pub leaf: &'a Leaf,
    /// Its sealed values, in order.
    pub sealed: &'a [StoredSealed],
}

/// The frontier and root of the tree; of an empty record, the empty frontier.
pub fn load_frontier(q: &impl Query, county: &str) -> Result<Frontier, StoreFault> {
    let found = q.query_one("SELECT frontier FROM head WHERE county_code = $1", params![county], |row| row.blob(0))?;
    match found {
        None => Ok(Frontier::default()),
        Some(bytes) => minicbor::decode(&bytes).map_err(|_| StoreFault::Value { what: "head.frontier".to_owned() }),
    }
}

/// The end of the record, where the next entry goes.
pub struct End {
    /// The position of the next entry.
    pub seq: i64,
    frontier: Frontier,
}

/// Where the record ends.
pub fn end(q: &impl Query, county: &str) -> Result<End, StoreFault> {
    let frontier = load_frontier(q, county)?;
    let seq = i64::try_from(frontier.size()).map_err(|_| StoreFault::Value { what: "head.size".to_owned() })?;
    Ok(End { seq, frontier })
}

/// Appends an entry, its sealed values and its leaf.
pub fn append(tx: &mut Tx<'_>, county: &str, end: End, new: &NewEntry<'_>) -> Result<(), StoreFault> {
    let End { seq, mut frontier } = end;
    frontier.append(new.leaf);
    let roots = frontier.roots();
    let edge = minicbor::to_vec(&frontier).map_err(|_| StoreFault::Value { what: "head.frontier".to_owned() })?;
    tx.send(
        "INSERT INTO entry (county_code, seq, leaf, salt, bytes) VALUES ($1, $2, $3, $4, $5)",
        params![county, seq, new.leaf.as_slice(), new.salt, new.bytes],
    )?;
    for sealed in new.sealed {
        let (salt, value) = sealed.open.as_ref().map(|(salt, value)| (salt.as_slice(), value.as_str())).unzip();
        tx.send(
            "INSERT INTO sealed (county_code, seq, position, matter, label, class, salt, value, commitment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
            params![
                county,
                seq,
                sealed.position,
                &sealed.matter.to_bytes(),
                sealed.label.as_str(),
                sealed.class,
                salt,
                value
            ],
        )?;
    }
    tx.send(
        "INSERT INTO head (county_code, size, frontier, root, root_sm3) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code) DO UPDATE SET size = excluded.size, frontier = excluded.frontier, root = excluded.root,
             root_sm3 = excluded.root_sm3",
        params![county, seq + 1, &edge, &roots.sha256.0, &roots.sm3.0],
    )?;
    tile::follow(tx, county, frontier.size())
}

/// Size and roots of a record, as they are stored.
pub type Head = (i64, Both<Vec<u8>>);

/// Size and roots as stored.
pub fn find_head(q: &impl Query, county: &str) -> Result<Option<Head>, StoreFault> {
    q.query_one("SELECT size, root, root_sm3 FROM head WHERE county_code = $1", params![county], |row| {
        Ok((row.int(0)?, Both { sha256: row.blob(1)?, sm3: row.blob(2)? }))
    })
}

/// The position of the next entry.
pub fn next_seq(q: &impl Query, county: &str) -> Result<i64, StoreFault> {
    let size = q.query_one("SELECT size FROM head WHERE county_code = $1", params![county], |row| row.int(0))?;
    Ok(size.unwrap_or(0))
}

/// Before the first release the leaf was another one.
pub(super) fn refuse_preliminary(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    let entries = tx.query_one("SELECT count(*) FROM entry", params![], |row| row.int(0))?;
    if entries.unwrap_or(0) == 0 { Ok(()) } else { Err(StoreFault::Preliminary) }
}

/// From $2 on, at most $3.
pub(super) const ENTRIES_FROM: &str =
    "SELECT seq, leaf, salt, bytes FROM entry WHERE county_code = $1 AND seq >= $2 ORDER BY seq LIMIT $3";

/// Entries from a position on, at most `limit`, in order.
pub fn list_from(q: &impl Query, county: &str, from: i64, limit: i64) -> Result<Vec<StoredEntry>, StoreFault> {
    q.query_all(ENTRIES_FROM, params![county, from, limit], |row| {
        Ok(StoredEntry { seq: row.int(0)?, leaf: row.blob(1)?, salt: row.blob(2)?, bytes: row.blob(3)? })
    })
}

/// Leaves from a position on, at most `limit`, in order and without gaps as far as they go.
pub fn leaves_from(q: &impl Query, county: &str, from: i64, limit: i64) -> Result<Vec<Vec<u8>>, StoreFault> {
    let rows = q.query_all(
        "SELECT seq, leaf FROM entry WHERE county_code = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
        params![county, from, limit],
        |row| Ok((row.int(0)?, row.blob(1)?)),
    )?;
    Ok((from..).zip(rows).take_while(|(expected, (seq, _))| expected == seq).map(|(_, (_, leaf))| leaf).collect())
}

/// The numbers of the entries that concern a matter, oldest first.
pub fn list_of(q: &impl Query, county: &str, matter: MatterId) -> Result<Vec<i64>, StoreFault> {
    q.query_all(
        "SELECT seq FROM step WHERE county_code = $1 AND matter = $2 ORDER BY seq",
        params![county, &matter.to_bytes()],
        |row| row.int(0),
    )
}

/// The matters that an entry concerns, as the tables have it.
pub fn matters_of(q: &impl Query, county: &str, seq: i64) -> Result<Vec<MatterId>, StoreFault> {
    let found =
        q.query_all("SELECT matter FROM step WHERE county_code = $1 AND seq = $2", params![county, seq], |row| {
            row.blob(0)
        })?;
    Ok(found.iter().filter_map(|bytes| MatterId::from_bytes(bytes)).collect())
}

/// One entry.
pub fn find_entry(q: &impl Query, county: &str, seq: i64) -> Result<Option<StoredEntry>, StoreFault> {
    Ok(list_from(q, county, seq, 1)?.into_iter().find(|entry| entry.seq == seq))
}

/// The sealed values of an entry, in order.
pub fn sealed_of(q: &impl Query, county: &str, seq: i64) -> Result<Vec<StoredSealed>, StoreFault> {
    q.query_all(
        "SELECT matter, label, class, salt, value, commitment, position FROM sealed
         WHERE county_code = $1 AND seq = $2 ORDER BY position",
        params![county, seq],
        stored_sealed,
    )
}

fn stored_sealed(row: &Row<'_>) -> Result<StoredSealed, StoreFault> {
    let open = row.opt_blob(3)?.zip(row.opt_text(4)?);
    Ok(StoredSealed {
        position: row.int(6)?,
        matter: MatterId(u128::from_be_bytes(row.bytes(0)?)),
        label: row.text(1)?,
        class: row.int(2)?,
        open,
        commitment: row.opt_blob(5)?,
    })
}

/// The sealed values of a matter as they stand: the newest of each label. One that was cleared is an empty one.
pub fn sealed_values(q: &impl Query, county: &str, matter: MatterId) -> Result<Vec<StoredSealed>, StoreFault> {
    // No ORDER BY: without statistics SQLite takes every county_code for selective, and would rather walk the whole record
    // in the order of its key than sort a few rows of one matter.
    let mut all = q.query_all(
        "SELECT matter, label, class, salt, value, commitment, position, seq FROM sealed WHERE county_code = $1 AND matter = $2",
        params![county, &matter.to_bytes()],
        |row| Ok(((row.int(7)?, row.int(6)?), stored_sealed(row)?)),
    )?;
    all.sort_by_key(|(place, _)| *place);
    let mut seen = std::collections::BTreeSet::new();
    let newest: Vec<bool> = all.iter().rev().map(|(_, value)| seen.insert(value.label.clone())).collect();
    Ok(all
        .into_iter()
        .zip(newest.into_iter().rev())
        .filter_map(|((_, value), newest)| newest.then_some(value))
        .filter(|value| value.open.as_ref().is_none_or(|(_, text)| !text.is_empty()))
        .collect())
}

/// A sealed value by its label; none if there is none, or it was destroyed.
#[must_use]
pub fn find_open<'a>(values: &'a [StoredSealed], label: &str) -> Option<&'a str> {
    let found = values.iter().find(|value| value.label == label)?;
    Some(found.open.as_ref()?.1.as_str())
}

/// As [`find_open`]; empty if there is none.
#[must_use]
pub fn opened<'a>(values: &'a [StoredSealed], label: &str) -> &'a str {
    find_open(values, label).unwrap_or_default()
}

/// The entries that concern a matter, oldest first: position and canonical bytes.
pub fn entries_of(q: &impl Query, county: &str, matter: MatterId) -> Result<Vec<(i64, Entry)>, StoreFault> {
    let rows = q.query_all(
        "SELECT e.seq, e.bytes FROM step s JOIN entry e ON e.county_code = s.county_code AND e.seq = s.seq
         WHERE s.county_code = $1 AND s.matter = $2 ORDER BY s.seq",
        params![county, &matter.to_bytes()],
        |row| Ok((row.int(0)?, row.blob(1)?)),
    )?;
    rows.into_iter().map(|(seq, bytes)| Ok((seq, decode(seq, &bytes)?))).collect()
}

/// Reads an entry's bytes; anything but canonical bytes is a fault that names the entry.
pub fn decode(seq: i64, bytes: &[u8]) -> Result<Entry, StoreFault> {
    Entry::from_bytes(bytes).map_err(|what| StoreFault::Value { what: format!("记录项 {seq}：{what}") })
}
