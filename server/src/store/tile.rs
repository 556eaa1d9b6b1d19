//! The complete tiles of both trees, kept so that a proof reads a few rows however long the record is.
//!
//! Only complete tiles are written: one row for 256 acts, in the transaction of the last of them. The right edge follows from the
//! leaves in `entry` and from the roots of the tiles below it. Everything here follows from `entry` and can be made again.

use std::collections::BTreeMap;

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::proof::Node;
use zhunsheng_core::record::tile::{Complete, LEVELS, Tile, Tiler, WIDTH, nodes_at, subtree, to_bytes};
use zhunsheng_core::record::tree::{hash_leaves, leaf_hash};

use super::{Query, StoreFault, Tx, record};
use crate::params;

/// Leaves read at a time.
const CHUNK: i64 = 4_096;

fn number(value: u64) -> Result<i64, StoreFault> {
    i64::try_from(value).map_err(|_| StoreFault::Value { what: "tile.position".to_owned() })
}

fn digest(bytes: &[u8]) -> Result<Digest, StoreFault> {
    Digest::from_bytes(bytes).ok_or_else(|| StoreFault::Value { what: "tile.hashes".to_owned() })
}

/// The hashes of a tile of a tree of at least `width` nodes there, from the level below.
fn hashes_below(q: &impl Query, county: &str, suite: Suite, tile: Tile, width: u64) -> Result<Vec<Digest>, StoreFault> {
    let from = number(tile.index * WIDTH)?;
    let Some(below) = tile.level.checked_sub(1) else {
        let leaves = record::leaves_from(q, county, from, number(width)?)?;
        return complete(leaves.iter().map(|leaf| leaf_hash(suite, leaf)).collect(), width);
    };
    let sql = match suite {
        Suite::Sm3 => {
            "SELECT root_sm3 FROM tile WHERE county_code = $1 AND level = $2 AND position >= $3 ORDER BY position LIMIT $4"
        }
        Suite::Sha256 => {
            "SELECT root FROM tile WHERE county_code = $1 AND level = $2 AND position >= $3 ORDER BY position LIMIT $4"
        }
    };
    let roots = q.query_all(sql, params![county, i64::from(below), from, number(width)?], |row| row.blob(0))?;
    complete(roots.iter().map(|root| digest(root)).collect::<Result<_, _>>()?, width)
}

fn complete(hashes: Vec<Digest>, width: u64) -> Result<Vec<Digest>, StoreFault> {
    if hashes.len() as u64 == width { Ok(hashes) } else { Err(StoreFault::Value { what: "tile".to_owned() }) }
}

fn insert(tx: &mut Tx<'_>, county: &str, tile: Tile, made: &Complete) -> Result<(), StoreFault> {
    let (hashes, roots) = (made.hashes(), made.root());
    let (sm3, sha256) = (to_bytes(&hashes.sm3), to_bytes(&hashes.sha256));
    tx.send(
        "INSERT INTO tile (county_code, level, position, root, hashes, root_sm3, hashes_sm3)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![county, i64::from(tile.level), number(tile.index)?, &roots.sha256.0, &sha256, &roots.sm3.0, &sm3],
    )?;
    Ok(())
}

/// Writes the tiles that the newest of `size` leaves has completed: none for 255 acts of 256.
pub fn follow(tx: &mut Tx<'_>, county: &str, size: u64) -> Result<(), StoreFault> {
    let complete = |level: &u32| size > 0 && size.trailing_zeros() >= 8 * (level + 1);
    for level in (0..LEVELS).take_while(complete) {
        let tile = Tile { level, index: nodes_at(level + 1, size) - 1 };
        let hashes = Both::try_of(|suite| hashes_below(tx, county, suite, tile, WIDTH))?;
        let made = Complete::new(hashes).ok_or_else(|| StoreFault::Value { what: "tile.root".to_owned() })?;
        insert(tx, county, tile, &made)?;
    }
    Ok(())
}

/// Passes every leaf of a record through a tiler; `take` gets each complete tile.
fn walk(
    q: &impl Query,
    county: &str,
    take: &mut impl FnMut(Tile, &Complete) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let (mut tiler, mut next) = (Tiler::default(), 0);
    loop {
        let leaves = record::leaves_from(q, county, next, CHUNK)?;
        if leaves.is_empty() {
            return Ok(());
        }
        next += i64::try_from(leaves.len()).unwrap_or(i64::MAX);
        let hashes = Both::of(|suite| hash_leaves(suite, leaves.iter().map(Vec::as_slice)));
        hashes.side_by_side().try_for_each(|leaf| tiler.push(leaf, take))?;
    }
}

/// Writes every complete tile of a record that has none.
pub fn fill(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    let mut tiles = Vec::new();
    walk(tx, county, &mut |tile, made| {
        tiles.push((tile, made.clone()));
        Ok(())
    })?;
    tiles.iter().try_for_each(|(tile, made)| insert(tx, county, *tile, made))
}

/// Roots and hashes of a tile as stored, whatever they are.
pub type StoredTile = Both<(Vec<u8>, Vec<u8>)>;

/// A complete tile.
pub fn find(q: &impl Query, county: &str, tile: Tile) -> Result<Option<StoredTile>, StoreFault> {
    q.query_one(
        "SELECT root, hashes, root_sm3, hashes_sm3 FROM tile WHERE county_code = $1 AND level = $2 AND position = $3",
        params![county, i64::from(tile.level), number(tile.index)?],
        |row| Ok(Both { sha256: (row.blob(0)?, row.blob(1)?), sm3: (row.blob(2)?, row.blob(3)?) }),
    )
}

/// How many tiles are stored.
pub fn count(q: &impl Query, county: &str) -> Result<u64, StoreFault> {
    let found = q.query_one("SELECT count(*) FROM tile WHERE county_code = $1", params![county], |row| row.int(0))?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// The nodes of one tree of the first `size` leaves, read as they are asked for.
pub struct Nodes<'q, Q> {
    q: &'q Q,
    county: &'q str,
    suite: Suite,
    size: u64,
    read: BTreeMap<Tile, Vec<Digest>>,
}

impl<'q, Q: Query> Nodes<'q, Q> {
    /// Nodes of a tree that is no larger than the record.
    pub fn new(q: &'q Q, county: &'q str, suite: Suite, size: u64) -> Self {
        Self { q, county, suite, size, read: BTreeMap::new() }
    }

    /// The hash of a complete subtree. Errors: it is not there.
    pub fn hash(&mut self, node: Node) -> Result<Digest, StoreFault> {
        let missing = || StoreFault::Value { what: format!("tile of {node:?}") };
        let (tile, offset, len) = Tile::of(node);
        if !self.read.contains_key(&tile) {
            let hashes = self.hashes(tile)?;
            self.read.insert(tile, hashes);
        }
        let hashes = self.read.get(&tile).and_then(|hashes| hashes.get(offset..offset + len));
        hashes.and_then(|hashes| subtree(self.suite, hashes)).ok_or_else(missing)
    }

    /// The hashes of a tile, as many as the tree has.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Digest>, StoreFault> {
        let width = tile.width(self.size);
        if width < WIDTH {
            return hashes_below(self.q, self.county, self.suite, tile, width);
        }
        let stored = find(self.q, self.county, tile)?.ok_or_else(|| StoreFault::Value { what: format!("{tile:?}") })?;
        stored.get(self.suite).1.chunks(32).map(digest).collect()
    }
}
