//! The RFC 6962 Merkle tree over leaves, once for each suite, as a frontier that grows by one leaf at a time.

use minicbor::{Decode, Encode};

use super::crypto::{Both, Messages, Suite};
use crate::id::Digest;

/// The roots of the complete subtrees on the right edge, largest first; enough to append and to give both roots.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Frontier {
    #[n(0)]
    size: u64,
    #[n(1)]
    edge: Vec<Both<Digest>>,
}

/// `hash(0x00 ‖ leaf)`.
pub fn leaf_hash(suite: Suite, leaf: &[u8]) -> Digest {
    suite.hash(&[&[0], leaf])
}

/// `hash(0x01 ‖ left ‖ right)`.
pub fn node_hash(suite: Suite, left: &Digest, right: &Digest) -> Digest {
    suite.hash(&[&[1], &left.0, &right.0])
}

/// The root of no leaves: the hash of nothing (RFC 6962 §2.1).
pub fn root_of_nothing(suite: Suite) -> Digest {
    suite.hash(&[])
}

/// [`leaf_hash`] of each leaf.
pub fn hash_leaves<'l>(suite: Suite, leaves: impl IntoIterator<Item = &'l [u8]>) -> Vec<Digest> {
    let mut messages = Messages::default();
    leaves.into_iter().for_each(|leaf| messages.push(&[&[0], leaf]));
    suite.hash_all(&messages)
}

/// [`node_hash`] of each two neighbours; the last is left out if it has none.
pub fn hash_pairs(suite: Suite, row: &[Digest]) -> Vec<Digest> {
    let mut messages = Messages::default();
    let (pairs, _) = row.as_chunks();
    pairs.iter().for_each(|[left, right]| messages.push(&[&[1], &left.0, &right.0]));
    suite.hash_all(&messages)
}

/// [`leaf_hash`] of each suite.
pub fn leaf_hashes(leaf: &[u8]) -> Both<Digest> {
    Both::of(|suite| leaf_hash(suite, leaf))
}

/// [`node_hash`] of each suite.
pub fn node_hashes(left: &Both<Digest>, right: &Both<Digest>) -> Both<Digest> {
    Both::of(|suite| node_hash(suite, left.get(suite), right.get(suite)))
}

impl Frontier {
    /// Over so many leaves, with the subtrees of its right edge, largest first.
    pub(super) fn of(size: u64, edge: Vec<Both<Digest>>) -> Self {
        Self { size, edge }
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: &[u8]) {
        self.push(leaf_hashes(leaf));
    }

    /// Appends a leaf of which the hashes are known.
    pub fn push(&mut self, leaf: Both<Digest>) {
        let mut node = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.edge.pop() {
                node = node_hashes(&left, &node);
            }
            size >>= 1;
        }
        self.edge.push(node);
        self.size += 1;
    }

    /// The roots.
    pub fn roots(&self) -> Both<Digest> {
        let mut edge = self.edge.iter().rev();
        match edge.next() {
            None => Both::of(root_of_nothing),
            Some(last) => edge.fold(*last, |right, left| node_hashes(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 §2.1, word for word.
    fn by_definition(suite: Suite, leaves: &[&[u8]]) -> Digest {
        match leaves {
            [] => suite.hash(&[]),
            [only] => leaf_hash(suite, only),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = (by_definition(suite, &leaves[..split]), by_definition(suite, &leaves[split..]));
                node_hash(suite, &left, &right)
            }
        }
    }

    #[test]
    fn the_frontier_agrees_with_the_definition() {
        let data: Vec<Vec<u8>> = (0..70u8).map(|n| vec![n; usize::from(n)]).collect();
        let mut frontier = Frontier::default();
        for size in 0..data.len() {
            let leaves: Vec<&[u8]> = data[..size].iter().map(Vec::as_slice).collect();
            assert_eq!(frontier.roots(), Both::of(|suite| by_definition(suite, &leaves)), "{size}");
            frontier.append(&data[size]);
        }
    }
}
