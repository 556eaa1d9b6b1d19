//! Tiles: the tree cut into pieces of 256 hashes, eight levels each (C2SP tlog-tiles). Only arithmetic and names.

use super::crypto::{Both, Suite};
use super::proof::Node;
use super::tree::node_hash;
use crate::id::Digest;

/// Levels of the tree that one tile spans.
pub const HEIGHT: u32 = 8;
/// Hashes of a complete tile.
pub const WIDTH: u64 = 256;
/// Levels of tiles that a tree of 2⁶⁴ leaves has.
pub const LEVELS: u32 = 8;

/// A tile: its hashes are the nodes of height `8 · level` from `256 · index` on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tile {
    /// 0 holds leaf hashes.
    pub level: u32,
    /// From the left.
    pub index: u64,
}

/// How many nodes of a level of tiles are complete in a tree of `size` leaves.
pub fn nodes_at(level: u32, size: u64) -> u64 {
    size.checked_shr(HEIGHT * level).unwrap_or(0)
}

impl Tile {
    /// The tile from which a node follows, and which of its hashes: offset and number.
    pub fn of(node: Node) -> (Self, usize, usize) {
        let (level, rest) = (node.height / HEIGHT, node.height % HEIGHT);
        let first = node.index << rest;
        let offset = usize::try_from(first % WIDTH).unwrap_or(0);
        (Self { level, index: first / WIDTH }, offset, 1 << rest)
    }

    /// How many of its hashes a tree of `size` leaves has: 256 for a complete tile, fewer at the right edge.
    pub fn width(self, size: u64) -> u64 {
        nodes_at(self.level, size).saturating_sub(self.index * WIDTH).min(WIDTH)
    }

    /// Every tile of a tree of `size` leaves, with its width.
    pub fn all(size: u64) -> impl Iterator<Item = (Self, u64)> {
        (0..LEVELS).flat_map(move |level| {
            let tiles = nodes_at(level, size).div_ceil(WIDTH);
            (0..tiles).map(move |index| Self { level, index }).map(move |tile| (tile, tile.width(size)))
        })
    }

    /// Its path as the specification writes it: `tile/0/x001/234`, at the right edge `tile/0/x001/234.p/70`.
    pub fn path(self, width: u64) -> String {
        format!("tile/{}/{}", self.level, numbered(self.index, width))
    }
}

/// `x001/234`: groups of three digits, all but the last with an `x`; `.p/70` behind an incomplete one.
pub fn numbered(index: u64, width: u64) -> String {
    let mut path = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1_000);
        rest /= 1_000;
    }
    if width < WIDTH { format!("{path}.p/{width}") } else { path }
}

/// Reads what [`numbered`] writes: index and width, of a tile that has at least one hash. None for every other spelling.
pub fn read_numbered(path: &str) -> Option<(u64, u64)> {
    let (groups, width) = match path.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok().filter(|width| (1..WIDTH).contains(width))?),
        None => (path, WIDTH),
    };
    let mut index: u64 = 0;
    for group in groups.split('/') {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index = index.checked_mul(1_000)?.checked_add(digits)?;
    }
    // Positions of leaves are below 2⁶³.
    let sound = index < 1 << 55 && numbered(index, width) == path;
    sound.then_some((index, width))
}

/// The root over hashes whose number is a power of two; none for none.
pub fn subtree(suite: Suite, hashes: &[Digest]) -> Option<Digest> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks(2).filter_map(|pair| Some(node_hash(suite, pair.first()?, pair.last()?))).collect();
    }
    row.first().copied()
}

/// [`subtree`] of each suite.
pub fn subtrees(hashes: &Both<Vec<Digest>>) -> Option<Both<Digest>> {
    Both::of(|suite| subtree(suite, hashes.get(suite))).all()
}

/// Hashes one after another, as tiles are stored and served.
pub fn to_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Tiles of both trees in the making: takes leaf hashes in order and hands out each tile as it becomes complete.
#[derive(Clone, Debug, Default)]
pub struct Tiler {
    /// The right edge of each level.
    edge: Vec<Both<Vec<Digest>>>,
    /// Complete tiles of each level.
    complete: Vec<u64>,
}

impl Tiler {
    /// Takes the next leaf's hashes. Errors: those of `take`, which gets each tile that is now complete, lowest level first.
    pub fn push<E>(
        &mut self,
        leaf: Both<Digest>,
        take: &mut impl FnMut(Tile, &Both<Vec<Digest>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut hash = Some(leaf);
        for level in 0..LEVELS {
            let Some(next) = hash.take() else { break };
            let at = usize::try_from(level).unwrap_or(0);
            if self.edge.len() <= at {
                self.edge.push(Both::default());
                self.complete.push(0);
            }
            let (Some(edge), Some(complete)) = (self.edge.get_mut(at), self.complete.get_mut(at)) else { break };
            edge.sm3.push(next.sm3);
            edge.sha256.push(next.sha256);
            if edge.sha256.len() as u64 == WIDTH {
                take(Tile { level, index: *complete }, edge)?;
                *complete += 1;
                hash = subtrees(edge);
                *edge = Both::default();
            }
        }
        Ok(())
    }

    /// The incomplete tiles of the right edge.
    pub fn edge(&self) -> impl Iterator<Item = (Tile, &Both<Vec<Digest>>)> {
        let tiles = (0..).zip(&self.complete).zip(&self.edge);
        tiles
            .filter(|(_, edge)| !edge.sha256.is_empty())
            .map(|((level, index), edge)| (Tile { level, index: *index }, edge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiler_makes_every_tile_of_a_tree() {
        let size = 66_000u64;
        let (mut tiler, mut made) = (Tiler::default(), Vec::new());
        let mut frontier = crate::record::tree::Frontier::default();
        for n in 0..size {
            frontier.append(&n.to_be_bytes());
            let hashes = crate::record::tree::leaf_hashes(&n.to_be_bytes());
            let taken: Result<(), ()> = tiler.push(hashes, &mut |tile, hashes| {
                made.push((tile, hashes.clone()));
                Ok(())
            });
            taken.unwrap();
        }
        made.extend(tiler.edge().map(|(tile, hashes)| (tile, hashes.clone())));
        made.sort();
        let all: Vec<(Tile, u64)> = made.iter().map(|(tile, hashes)| (*tile, hashes.sm3.len() as u64)).collect();
        assert_eq!(all, Tile::all(size).collect::<Vec<_>>());
        let root = Both::of(|suite| {
            let mut node = |node: Node| -> Result<Digest, ()> {
                let (tile, offset, len) = Tile::of(node);
                let hashes = &made.iter().find(|(known, _)| *known == tile).unwrap().1;
                Ok(subtree(suite, &hashes.get(suite)[offset..offset + len]).unwrap())
            };
            crate::record::proof::root(suite, size, &mut node).unwrap()
        });
        assert_eq!(root, frontier.roots());
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(Tile { level: 0, index: 0 }.path(256), "tile/0/000");
        assert_eq!(Tile { level: 2, index: 1_234_067 }.path(256), "tile/2/x001/x234/067");
        assert_eq!(Tile { level: 1, index: 273 }.path(17), "tile/1/273.p/17");
    }

    #[test]
    fn only_the_one_spelling_of_a_path_is_read() {
        for (index, width) in [(0, 256), (0, 1), (999, 256), (1_000, 255), (1_234_067, 17), (u64::MAX >> 10, 256)] {
            assert_eq!(read_numbered(&numbered(index, width)), Some((index, width)));
        }
        let long = format!("{}999", "x999/".repeat(9));
        for wrong in [
            "",
            "1",
            "0001",
            "x000/001",
            "x001",
            "001/",
            "/001",
            "001.p/0",
            "001.p/256",
            "001.p/01",
            "001.p/",
            "001.p/+5",
            "+01",
            "001/002",
            "x001/x002",
            "../000",
            "００1",
            "-01",
            &long,
        ] {
            assert_eq!(read_numbered(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tree_is_covered_by_its_tiles() {
        // The example of the specification: a tree of 70,000 leaves.
        let paths: Vec<String> = Tile::all(70_000).map(|(tile, width)| tile.path(width)).collect();
        assert_eq!(paths.len(), 274 + 2 + 1);
        for path in ["tile/0/000", "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
        {
            assert!(paths.iter().any(|known| known == path), "{path}");
        }
        assert_eq!(Tile::all(0).count(), 0);
    }

    #[test]
    fn a_node_follows_from_one_tile() {
        for (height, index, expected) in [
            (0, 300, (Tile { level: 0, index: 1 }, 44, 1)),
            (7, 3, (Tile { level: 0, index: 1 }, 128, 128)),
            (8, 3, (Tile { level: 1, index: 0 }, 3, 1)),
            (19, 1, (Tile { level: 2, index: 0 }, 8, 8)),
        ] {
            assert_eq!(Tile::of(Node { height, index }), expected);
        }
    }
}
