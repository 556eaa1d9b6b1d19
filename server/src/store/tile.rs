//! The tree's complete tiles, kept so that a proof reads a few rows however long the record is.
//!
//! Only complete tiles are written: one row for 256 acts, in the transaction of the last of them. The right edge follows from the
//! leaves in `entry` and from the roots of the tiles below it. Everything here follows from `entry` and can be made again.

use std::collections::BTreeMap;

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::proof::Node;
use zhunsheng_core::record::tile::{LEVELS, Tile, Tiler, WIDTH, nodes_at, subtree};
use zhunsheng_core::record::tree::leaf_hash;

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
fn hashes_below(q: &impl Query, county: &str, tile: Tile, width: u64) -> Result<Vec<Digest>, StoreFault> {
    let from = number(tile.index * WIDTH)?;
    let hashes: Vec<Digest> = match tile.level.checked_sub(1) {
        None => record::leaves_from(q, county, from, number(width)?)?.iter().map(|leaf| leaf_hash(leaf)).collect(),
        Some(below) => q
            .query_all(
                "SELECT root FROM tile WHERE county_code = $1 AND level = $2 AND position >= $3 ORDER BY position LIMIT $4",
                params![county, i64::from(below), from, number(width)?],
                |row| row.blob(0),
            )?
            .iter()
            .map(|root| digest(root))
            .collect::<Result<_, _>>()?,
    };
    if hashes.len() as u64 == width { Ok(hashes) } else { Err(StoreFault::Value { what: "tile".to_owned() }) }
}

fn insert(tx: &mut Tx<'_>, county: &str, tile: Tile, hashes: &[Digest]) -> Result<(), StoreFault> {
    let root = subtree(hashes).ok_or_else(|| StoreFault::Value { what: "tile.root".to_owned() })?;
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    tx.send(
        "INSERT INTO tile (county_code, level, position, root, hashes) VALUES ($1, $2, $3, $4, $5)",
        params![county, i64::from(tile.level), number(tile.index)?, &root.0, &bytes],
    )?;
    Ok(())
}

/// Writes the tiles that the newest of `size` leaves has completed: none for 255 acts of 256.
pub fn follow(tx: &mut Tx<'_>, county: &str, size: u64) -> Result<(), StoreFault> {
    let complete = |level: &u32| size > 0 && size.trailing_zeros() >= 8 * (level + 1);
    for level in (0..LEVELS).take_while(complete) {
        let tile = Tile { level, index: nodes_at(level + 1, size) - 1 };
        let hashes = hashes_below(tx, county, tile, WIDTH)?;
        insert(tx, county, tile, &hashes)?;
    }
    Ok(())
}

/// Passes every leaf hash of a record through a tiler; `take` gets each complete tile.
fn walk(
    q: &impl Query,
    county: &str,
    take: &mut impl FnMut(Tile, &[Digest]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let (mut tiler, mut next) = (Tiler::default(), 0);
    loop {
        let leaves = record::leaves_from(q, county, next, CHUNK)?;
        if leaves.is_empty() {
            return Ok(());
        }
        for leaf in leaves {
            tiler.push(leaf_hash(&leaf), take)?;
            next += 1;
        }
    }
}

/// Writes every complete tile of a record that has none.
pub fn fill(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    let mut tiles = Vec::new();
    walk(tx, county, &mut |tile, hashes| {
        tiles.push((tile, hashes.to_vec()));
        Ok(())
    })?;
    tiles.iter().try_for_each(|(tile, hashes)| insert(tx, county, *tile, hashes))
}

/// As [`fill`], for every county of a database that comes from before there were tiles.
pub(super) fn fill_all(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    let counties = tx.query_all("SELECT county_code FROM head", params![], |row| row.text(0))?;
    counties.iter().try_for_each(|county| fill(tx, county))
}

/// Root and hashes of a tile as stored, whatever they are.
pub type StoredTile = (Vec<u8>, Vec<u8>);

/// A complete tile.
pub fn find(q: &impl Query, county: &str, tile: Tile) -> Result<Option<StoredTile>, StoreFault> {
    q.query_one(
        "SELECT root, hashes FROM tile WHERE county_code = $1 AND level = $2 AND position = $3",
        params![county, i64::from(tile.level), number(tile.index)?],
        |row| Ok((row.blob(0)?, row.blob(1)?)),
    )
}

/// How many tiles are stored.
pub fn count(q: &impl Query, county: &str) -> Result<u64, StoreFault> {
    let found = q.query_one("SELECT count(*) FROM tile WHERE county_code = $1", params![county], |row| row.int(0))?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// The nodes of the tree of the first `size` leaves, read as they are asked for.
pub struct Nodes<'q, Q> {
    q: &'q Q,
    county: &'q str,
    size: u64,
    read: BTreeMap<Tile, Vec<Digest>>,
}

impl<'q, Q: Query> Nodes<'q, Q> {
    /// Nodes of a tree that is no larger than the record.
    pub fn new(q: &'q Q, county: &'q str, size: u64) -> Self {
        Self { q, county, size, read: BTreeMap::new() }
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
        hashes.and_then(subtree).ok_or_else(missing)
    }

    /// The hashes of a tile, as many as the tree has.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Digest>, StoreFault> {
        let width = tile.width(self.size);
        if width < WIDTH {
            return hashes_below(self.q, self.county, tile, width);
        }
        let (_, bytes) =
            find(self.q, self.county, tile)?.ok_or_else(|| StoreFault::Value { what: format!("{tile:?}") })?;
        bytes.chunks(32).map(digest).collect()
    }
}
