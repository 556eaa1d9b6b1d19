//! Tiles: the tree cut into pieces of 256 hashes, eight levels each (C2SP tlog-tiles). Only arithmetic and names.

use super::crypto::{Both, Suite};
use super::proof::Node;
use super::tree::{Frontier, hash_pairs};
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

/// The root over hashes whose number is a power of two; none for any other number.
pub fn subtree(suite: Suite, hashes: &[Digest]) -> Option<Digest> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = hash_pairs(suite, &row);
    }
    row.first().copied()
}

/// Hashes one after another, as tiles are stored and served.
pub fn to_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// A complete tile of both trees, with what follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Complete {
    hashes: Both<Vec<Digest>>,
    root: Both<Digest>,
}

impl Complete {
    /// None unless there are [`WIDTH`] hashes of each tree.
    pub fn new(hashes: Both<Vec<Digest>>) -> Option<Self> {
        let whole = Suite::ALL.iter().all(|suite| hashes.get(*suite).len() as u64 == WIDTH);
        let root = whole.then(|| Both::of(|suite| subtree(suite, hashes.get(suite))).all()).flatten()?;
        Some(Self { hashes, root })
    }

    /// Its hashes.
    pub fn hashes(&self) -> &Both<Vec<Digest>> {
        &self.hashes
    }

    /// The roots over them.
    pub fn root(&self) -> &Both<Digest> {
        &self.root
    }
}

/// The right edge of one level of tiles.
#[derive(Clone, Debug, Default)]
struct Edge {
    /// Tiles that are complete.
    complete: u64,
    /// Of the one that is not.
    hashes: Both<Vec<Digest>>,
}

/// Tiles of both trees in the making: takes leaf hashes in order and hands out each tile as it becomes complete.
#[derive(Clone, Debug, Default)]
pub struct Tiler {
    levels: [Edge; LEVELS as usize],
}

impl Tiler {
    /// Takes the next leaf's hashes. Errors: those of `take`, which gets each tile that is now complete, lowest level first.
    pub fn push<E>(
        &mut self,
        leaf: Both<Digest>,
        take: &mut impl FnMut(Tile, &Complete) -> Result<(), E>,
    ) -> Result<(), E> {
        self.add(0, leaf, take)
    }

    /// Takes the next 256 leaves' hashes, made into a tile elsewhere. Errors: as [`Self::push`].
    pub fn push_tile<E>(
        &mut self,
        leaves: &Complete,
        take: &mut impl FnMut(Tile, &Complete) -> Result<(), E>,
    ) -> Result<(), E> {
        let [lowest, ..] = &mut self.levels;
        if lowest.hashes.sha256.is_empty() {
            let tile = Tile { level: 0, index: lowest.complete };
            lowest.complete += 1;
            take(tile, leaves)?;
            return self.add(1, *leaves.root(), take);
        }
        leaves.hashes().side_by_side().try_for_each(|leaf| self.push(leaf, take))
    }

    fn add<E>(
        &mut self,
        level: u32,
        mut hash: Both<Digest>,
        take: &mut impl FnMut(Tile, &Complete) -> Result<(), E>,
    ) -> Result<(), E> {
        for (level, edge) in (0..).zip(&mut self.levels).skip_while(|(at, _)| *at < level) {
            edge.hashes.sm3.push(hash.sm3);
            edge.hashes.sha256.push(hash.sha256);
            if (edge.hashes.sha256.len() as u64) < WIDTH {
                break;
            }
            let Some(complete) = Complete::new(std::mem::take(&mut edge.hashes)) else { break };
            let tile = Tile { level, index: edge.complete };
            edge.complete += 1;
            take(tile, &complete)?;
            hash = complete.root;
        }
        Ok(())
    }

    /// The incomplete tiles of the right edge.
    pub fn edge(&self) -> impl Iterator<Item = (Tile, &Both<Vec<Digest>>)> {
        let levels = (0..).zip(&self.levels).filter(|(_, edge)| !edge.hashes.sha256.is_empty());
        levels.map(|(level, edge)| (Tile { level, index: edge.complete }, &edge.hashes))
    }

    /// The edge of the tree over all leaves that were taken: of each level, the largest subtrees that its hashes fill.
    pub fn frontier(&self) -> Frontier {
        let [lowest, ..] = &self.levels;
        let size = lowest.complete * WIDTH + lowest.hashes.sha256.len() as u64;
        Frontier::of(size, self.levels.iter().rev().flat_map(|level| filled(&level.hashes)).collect())
    }
}

/// The roots over as many hashes as each power of two takes, the largest first: 128, 64 …
fn filled(hashes: &Both<Vec<Digest>>) -> impl Iterator<Item = Both<Digest>> {
    let (mut sm3, mut sha256) = (hashes.sm3.as_slice(), hashes.sha256.as_slice());
    std::iter::from_fn(move || {
        let taken = 1usize << sm3.len().checked_ilog2()?;
        let (these, others);
        (these, sm3) = sm3.split_at_checked(taken)?;
        (others, sha256) = sha256.split_at_checked(taken)?;
        Some(Both { sm3: subtree(Suite::Sm3, these)?, sha256: subtree(Suite::Sha256, others)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_made_elsewhere_give_the_same_tree() {
        let leaves: Vec<Both<Digest>> =
            (0..1_100u64).map(|n| crate::record::tree::leaf_hashes(&n.to_be_bytes())).collect();
        // From the beginning, and behind leaves that fill no tile.
        for before in [0, 3, 256] {
            let (mut one, mut other, mut tiles) = (Tiler::default(), Tiler::default(), [Vec::new(), Vec::new()]);
            let [of_one, of_other] = &mut tiles;
            let mut frontier = Frontier::default();
            for leaf in &leaves {
                frontier.push(*leaf);
                let taken: Result<(), ()> = one.push(*leaf, &mut |tile, made| {
                    of_one.push((tile, made.clone()));
                    Ok(())
                });
                taken.unwrap();
            }
            let (first, rest) = leaves.split_at(before);
            let mut take = |tile: Tile, made: &Complete| -> Result<(), ()> {
                of_other.push((tile, made.clone()));
                Ok(())
            };
            first.iter().try_for_each(|leaf| other.push(*leaf, &mut take)).unwrap();
            for chunk in rest.chunks(256) {
                match Complete::new(Both { sm3: sm3(chunk), sha256: sha256(chunk) }) {
                    Some(tile) => other.push_tile(&tile, &mut take).unwrap(),
                    None => chunk.iter().try_for_each(|leaf| other.push(*leaf, &mut take)).unwrap(),
                }
            }
            assert_eq!(tiles[0], tiles[1], "behind {before}");
            assert_eq!((one.frontier(), other.frontier()), (frontier.clone(), frontier), "behind {before}");
        }
        assert_eq!(Tiler::default().frontier(), Frontier::default());
        assert!(Complete::new(Both { sm3: sm3(&leaves[..256]), sha256: sha256(&leaves[..255]) }).is_none());
    }

    fn sm3(leaves: &[Both<Digest>]) -> Vec<Digest> {
        leaves.iter().map(|leaf| leaf.sm3).collect()
    }

    fn sha256(leaves: &[Both<Digest>]) -> Vec<Digest> {
        leaves.iter().map(|leaf| leaf.sha256).collect()
    }

    #[test]
    fn the_tiler_makes_every_tile_of_a_tree() {
        let size = 66_000u64;
        let (mut tiler, mut made) = (Tiler::default(), Vec::new());
        let mut frontier = crate::record::tree::Frontier::default();
        for n in 0..size {
            frontier.append(&n.to_be_bytes());
            let hashes = crate::record::tree::leaf_hashes(&n.to_be_bytes());
            let taken: Result<(), ()> = tiler.push(hashes, &mut |tile, complete| {
                made.push((tile, complete.hashes().clone()));
                Ok(())
            });
            taken.unwrap();
        }
        assert_eq!(tiler.frontier(), frontier);
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
