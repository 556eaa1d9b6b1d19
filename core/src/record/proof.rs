//! Proofs over the tree of leaves: that one leaf lies in it, that one tree begins another (RFC 9162 §2.1.3, §2.1.4).
//!
//! Proofs are made from the roots of complete subtrees, wherever they are kept ([`Node`]), and verified from nothing but
//! numbers and hashes. A verifier is what an attacker talks to: it takes any bytes, never panics and never allocates.

use super::crypto::Suite;
use super::tree::{node_hash, root_of_nothing};
use crate::id::Digest;

/// A complete subtree: the leaves `index << height .. (index + 1) << height`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Node {
    /// 0 is a leaf hash.
    pub height: u32,
    /// Its position among the nodes of its height.
    pub index: u64,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refuted {
    /// The index lies outside of the tree.
    #[error("证明的序号超出了树的项数")]
    Beyond,
    /// Too few or too many hashes for these sizes.
    #[error("证明的长度与树的项数不符")]
    Length,
    /// The hashes lead to another root.
    #[error("证明算出的树根不是检查点的树根：它属于另一棵树，或者内容被改动")]
    Root,
    /// The later tree is smaller than the earlier one.
    #[error("后一棵树的项数比前一棵少：记录被截短")]
    Shrunk,
    /// The same number of leaves, another root.
    #[error("项数相同而树根不同：记录有两个版本（分叉）")]
    Fork,
}

/// The largest power of two smaller than `len`, which is at least 2.
fn split(len: u64) -> u64 {
    1 << (len - 1).ilog2()
}

/// The root of the leaves `start .. start + len`, where `start` is a multiple of what a complete subtree of `len` needs.
fn range<E>(suite: Suite, start: u64, len: u64, node: &mut impl FnMut(Node) -> Result<Digest, E>) -> Result<Digest, E> {
    if len.is_power_of_two() {
        let height = len.trailing_zeros();
        return node(Node { height, index: start >> height });
    }
    let left = split(len);
    let first = range(suite, start, left, node)?;
    Ok(node_hash(suite, &first, &range(suite, start + left, len - left, node)?))
}

/// The root of the first `size` leaves. Errors: those of `node`.
pub fn root<E>(suite: Suite, size: u64, node: &mut impl FnMut(Node) -> Result<Digest, E>) -> Result<Digest, E> {
    if size == 0 { Ok(root_of_nothing(suite)) } else { range(suite, 0, size, node) }
}

/// The proof that leaf `index` lies in the tree of `size` leaves, hashes from the leaf upwards; none if it does not.
/// Errors: those of `node`, which is asked at most once for each bit of `size`, twice.
pub fn inclusion<E>(
    suite: Suite,
    index: u64,
    size: u64,
    node: &mut impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if index >= size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    let (mut start, mut len) = (0, size);
    while len > 1 {
        let left = split(len);
        if index - start < left {
            proof.push(range(suite, start + left, len - left, node)?);
            len = left;
        } else {
            proof.push(range(suite, start, left, node)?);
            start += left;
            len -= left;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that the tree of `size` leaves begins with the tree of `old` leaves; none if `old` is larger. Errors: those
/// of `node`.
pub fn consistency<E>(
    suite: Suite,
    old: u64,
    size: u64,
    node: &mut impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if old > size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    if old == 0 || old == size {
        return Ok(Some(proof));
    }
    let (mut start, mut len, mut whole) = (0, size, true);
    while old - start != len {
        let left = split(len);
        if old - start <= left {
            proof.push(range(suite, start + left, len - left, node)?);
            len = left;
        } else {
            proof.push(range(suite, start, left, node)?);
            start += left;
            len -= left;
            whole = false;
        }
    }
    if !whole {
        proof.push(range(suite, start, len, node)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Where a proof stands in the tree: a node and the last node of its row, going up a row with every sibling.
struct Walk {
    at: u64,
    last: u64,
}

impl Walk {
    /// Goes up past one sibling of the proof; whether that stood to the left.
    fn up(&mut self) -> Result<bool, Refuted> {
        if self.last == 0 {
            return Err(Refuted::Length);
        }
        let left = self.at & 1 == 1 || self.at == self.last;
        if left {
            while self.at & 1 == 0 && self.at != 0 {
                self.rise();
            }
        }
        self.rise();
        Ok(left)
    }

    fn rise(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }

    /// What the proof has shown: it ends at the root, and there the hashes agree.
    fn ends(&self, same: bool) -> Result<(), Refuted> {
        match (self.last, same) {
            (0, true) => Ok(()),
            (0, false) => Err(Refuted::Root),
            _ => Err(Refuted::Length),
        }
    }
}

/// Whether `leaf` (a leaf hash) is leaf `index` of the tree of `size` leaves with this root.
pub fn verify_inclusion(
    suite: Suite,
    index: u64,
    size: u64,
    leaf: &Digest,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), Refuted> {
    if index >= size {
        return Err(Refuted::Beyond);
    }
    let (mut walk, mut hash) = (Walk { at: index, last: size - 1 }, *leaf);
    for sibling in proof {
        hash = if walk.up()? { node_hash(suite, sibling, &hash) } else { node_hash(suite, &hash, sibling) };
    }
    walk.ends(hash == *root)
}

/// Whether the tree of `size` leaves with `root` begins with the tree of `old` leaves with `old_root`.
pub fn verify_consistency(
    suite: Suite,
    (old, old_root): (u64, &Digest),
    (size, root): (u64, &Digest),
    proof: &[Digest],
) -> Result<(), Refuted> {
    if old > size {
        return Err(Refuted::Shrunk);
    }
    if old == size && old_root != root {
        return Err(Refuted::Fork);
    }
    if old == 0 && *old_root != root_of_nothing(suite) {
        return Err(Refuted::Root);
    }
    if old == size || old == 0 {
        return if proof.is_empty() { Ok(()) } else { Err(Refuted::Length) };
    }
    let mut walk = Walk { at: old - 1, last: size - 1 };
    while walk.at & 1 == 1 {
        walk.rise();
    }
    // A complete old tree is itself the first hash of the proof.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(Refuted::Length)?;
        (*first, rest)
    };
    let (mut from, mut to) = (first, first);
    for hash in rest {
        if walk.up()? {
            from = node_hash(suite, hash, &from);
            to = node_hash(suite, hash, &to);
        } else {
            to = node_hash(suite, &to, hash);
        }
    }
    walk.ends(from == *old_root && to == *root)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::tree::leaf_hash;

    fn leaves(suite: Suite, seed: u64, size: u64) -> Vec<Digest> {
        (0..size).map(|n| leaf_hash(suite, &[seed.to_be_bytes(), n.to_be_bytes()].concat())).collect()
    }

    /// MTH of RFC 6962 §2.1, word for word.
    fn mth(suite: Suite, leaves: &[Digest]) -> Digest {
        match leaves {
            [] => root_of_nothing(suite),
            [only] => *only,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(suite, &mth(suite, &leaves[..k]), &mth(suite, &leaves[k..]))
            }
        }
    }

    /// PATH of RFC 6962 §2.1.1, word for word.
    fn path(suite: Suite, m: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        if m < k {
            [path(suite, m, &leaves[..k]), vec![mth(suite, &leaves[k..])]].concat()
        } else {
            [path(suite, m - k, &leaves[k..]), vec![mth(suite, &leaves[..k])]].concat()
        }
    }

    /// SUBPROOF of RFC 6962 §2.1.2, word for word.
    fn subproof(suite: Suite, m: usize, leaves: &[Digest], b: bool) -> Vec<Digest> {
        if m == leaves.len() {
            return if b { Vec::new() } else { vec![mth(suite, leaves)] };
        }
        let k = leaves.len().next_power_of_two() / 2;
        if m <= k {
            [subproof(suite, m, &leaves[..k], b), vec![mth(suite, &leaves[k..])]].concat()
        } else {
            [subproof(suite, m - k, &leaves[k..], false), vec![mth(suite, &leaves[..k])]].concat()
        }
    }

    fn nodes(suite: Suite, leaves: &[Digest]) -> impl FnMut(Node) -> Result<Digest, String> + '_ {
        move |node| {
            let start = usize::try_from(node.index << node.height).unwrap();
            let part = leaves.get(start..start + (1 << node.height)).ok_or_else(|| format!("{node:?}"))?;
            Ok(mth(suite, part))
        }
    }

    #[test]
    fn every_proof_of_every_small_tree_agrees_with_the_definition() {
        for suite in Suite::ALL {
            let all = leaves(suite, 0, 40);
            for size in 0..=40usize {
                let tree = &all[..size];
                let top = root(suite, size as u64, &mut nodes(suite, tree)).unwrap();
                assert_eq!(top, mth(suite, tree), "{size}");
                for index in 0..size {
                    let proof = inclusion(suite, index as u64, size as u64, &mut nodes(suite, tree)).unwrap().unwrap();
                    assert_eq!(proof, path(suite, index, tree), "{index} of {size}");
                    assert_eq!(verify_inclusion(suite, index as u64, size as u64, &tree[index], &proof, &top), Ok(()));
                }
                assert_eq!(inclusion(suite, size as u64, size as u64, &mut nodes(suite, tree)).unwrap(), None);
                for old in 1..=size {
                    let proof = consistency(suite, old as u64, size as u64, &mut nodes(suite, tree)).unwrap().unwrap();
                    assert_eq!(proof, subproof(suite, old, tree, true), "{old} in {size}");
                    let old_root = mth(suite, &tree[..old]);
                    assert_eq!(verify_consistency(suite, (old as u64, &old_root), (size as u64, &top), &proof), Ok(()));
                }
            }
        }
    }

    #[test]
    fn the_ends_of_consistency() {
        let suite = Suite::Sm3;
        let (one, two, none) = (Digest::of(b"1"), Digest::of(b"2"), root_of_nothing(suite));
        assert_eq!(verify_consistency(suite, (0, &none), (0, &none), &[]), Ok(()));
        assert_eq!(verify_consistency(suite, (0, &none), (7, &one), &[]), Ok(()));
        assert_eq!(verify_consistency(suite, (0, &one), (7, &one), &[]), Err(Refuted::Root));
        assert_eq!(verify_consistency(suite, (0, &none), (0, &one), &[]), Err(Refuted::Fork));
        assert_eq!(verify_consistency(suite, (7, &one), (7, &two), &[]), Err(Refuted::Fork));
        assert_eq!(verify_consistency(suite, (7, &one), (7, &one), &[two]), Err(Refuted::Length));
        assert_eq!(verify_consistency(suite, (8, &one), (7, &one), &[]), Err(Refuted::Shrunk));
        assert_eq!(verify_consistency(suite, (5, &one), (7, &one), &[]), Err(Refuted::Length));
        assert_eq!(verify_inclusion(suite, 7, 7, &one, &[], &one), Err(Refuted::Beyond));
        assert_eq!(verify_inclusion(suite, 0, u64::MAX, &one, &[], &one), Err(Refuted::Length));
        assert!(verify_inclusion(suite, u64::MAX - 1, u64::MAX, &one, &[two; 70], &one).is_err());
        assert!(verify_consistency(suite, (u64::MAX - 1, &one), (u64::MAX, &two), &[one; 200]).is_err());
    }

    /// One change of a proof or of what it is about.
    #[derive(Clone, Debug)]
    enum Change {
        Bit(usize, usize),
        Drop(usize),
        Double(usize),
        Swap(usize, usize),
        Index(u64),
        Size(u64),
        Root(usize),
        Subject(usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            (0usize..64, 0usize..256).prop_map(|(at, bit)| Change::Bit(at, bit)),
            (0usize..64).prop_map(Change::Drop),
            (0usize..64).prop_map(Change::Double),
            (0usize..64, 0usize..64).prop_map(|(a, b)| Change::Swap(a, b)),
            any::<u64>().prop_map(Change::Index),
            (0u64..700).prop_map(Change::Index),
            any::<u64>().prop_map(Change::Size),
            (0u64..700).prop_map(Change::Size),
            (0usize..256).prop_map(Change::Root),
            (0usize..256).prop_map(Change::Subject),
        ]
    }

    fn suite() -> impl Strategy<Value = Suite> {
        prop::sample::select(&Suite::ALL[..])
    }

    fn flip(digest: &mut Digest, bit: usize) {
        digest.0[bit / 8] ^= 1 << (bit % 8);
    }

    fn mutate(change: &Change, proof: &mut Vec<Digest>) {
        let len = proof.len().max(1);
        match change {
            Change::Bit(at, bit) => {
                if let Some(hash) = proof.get_mut(at % len) {
                    flip(hash, *bit);
                }
            }
            Change::Drop(at) if !proof.is_empty() => drop(proof.remove(at % len)),
            Change::Double(at) if !proof.is_empty() => {
                let hash = proof[at % len];
                proof.insert(at % len, hash);
            }
            Change::Swap(a, b) if !proof.is_empty() => proof.swap(a % len, b % len),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn no_changed_inclusion_proof_is_accepted(suite in suite(), seed: u64, size in 1u64..300, at: u64, changes in prop::collection::vec(change(), 1..4)) {
            let tree = leaves(suite, seed, size);
            let index = at % size;
            let top = mth(suite, &tree);
            let right = inclusion(suite, index, size, &mut nodes(suite, &tree)).unwrap().unwrap();
            let subject = tree[usize::try_from(index).unwrap()];
            let (mut n, mut i, mut r, mut s, mut proof) = (size, index, top, subject, right.clone());
            for change in &changes {
                match change {
                    Change::Index(to) => i = *to,
                    Change::Size(to) => n = *to,
                    Change::Root(bit) => flip(&mut r, *bit),
                    Change::Subject(bit) => flip(&mut s, *bit),
                    other => mutate(other, &mut proof),
                }
            }
            let accepted = verify_inclusion(suite, i, n, &s, &proof, &r).is_ok();
            // A proof fixes the index only relative to the size that the (signed) root comes with; a changed size can
            // describe the same path. Everything else must be refused.
            let same = i == index && r == top && s == subject && proof == right;
            prop_assert!(!accepted || same || n != size, "{changes:?}");
            prop_assert!(accepted || n != size || !same, "the true proof is accepted");
            if n != size && accepted {
                prop_assert!(r == top && s == subject && proof == right, "{changes:?}");
            }
        }

        #[test]
        fn no_changed_consistency_proof_is_accepted(suite in suite(), seed: u64, size in 2u64..300, at: u64, changes in prop::collection::vec(change(), 1..4)) {
            let tree = leaves(suite, seed, size);
            let old = 1 + at % (size - 1);
            let (top, old_top) = (mth(suite, &tree), mth(suite, &tree[..usize::try_from(old).unwrap()]));
            let right = consistency(suite, old, size, &mut nodes(suite, &tree)).unwrap().unwrap();
            let (mut r, mut o, mut proof) = (top, old_top, right.clone());
            for change in &changes {
                match change {
                    Change::Root(bit) => flip(&mut r, *bit),
                    Change::Subject(bit) => flip(&mut o, *bit),
                    other => mutate(other, &mut proof),
                }
            }
            let same = r == top && o == old_top && proof == right;
            prop_assert_eq!(verify_consistency(suite, (old, &o), (size, &r), &proof).is_ok(), same, "{:?}", changes);
        }

        #[test]
        fn any_numbers_and_hashes_are_answered(suite in suite(), a: u64, b: u64, hashes in prop::collection::vec(any::<[u8; 32]>(), 0..140)) {
            let hashes: Vec<Digest> = hashes.into_iter().map(Digest).collect();
            let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
            prop_assert!(verify_inclusion(suite, a, b, &one, &hashes, &two).is_err());
            prop_assert!(verify_consistency(suite, (a, &one), (b, &two), &hashes).is_err());
        }
    }
}
