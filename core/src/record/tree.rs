//! The RFC 6962 Merkle tree over leaves, as a frontier that grows by one leaf at a time.

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::id::Digest;

/// The roots of the complete subtrees on the right edge, largest first; enough to append and to give the root.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Frontier {
    #[n(0)]
    size: u64,
    #[n(1)]
    edge: Vec<Digest>,
}

/// `SHA-256(0x00 ‖ leaf)`.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(leaf);
    Digest(hash.finalize().into())
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left.0);
    hash.update(right.0);
    Digest(hash.finalize().into())
}

/// The root of no leaves: SHA-256 of nothing (RFC 6962 §2.1).
pub fn root_of_nothing() -> Digest {
    Digest::of(&[])
}

impl Frontier {
    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: &[u8]) {
        let mut node = leaf_hash(leaf);
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.edge.pop() {
                node = node_hash(&left, &node);
            }
            size >>= 1;
        }
        self.edge.push(node);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Digest {
        let mut edge = self.edge.iter().rev();
        match edge.next() {
            None => root_of_nothing(),
            Some(last) => edge.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 §2.1, word for word.
    fn by_definition(leaves: &[&[u8]]) -> Digest {
        match leaves {
            [] => Digest::of(&[]),
            [only] => leaf_hash(only),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_frontier_agrees_with_the_definition() {
        let data: Vec<Vec<u8>> = (0..70u8).map(|n| vec![n; usize::from(n)]).collect();
        let mut frontier = Frontier::default();
        for size in 0..data.len() {
            let leaves: Vec<&[u8]> = data[..size].iter().map(Vec::as_slice).collect();
            assert_eq!(frontier.root(), by_definition(&leaves), "{size}");
            frontier.append(&data[size]);
        }
    }
}
