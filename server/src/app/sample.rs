//! A sample of the record, drawn by somebody else's words: proofs enough to see that it holds together, and nothing of what it says.
//!
//! For each position drawn: that the newest checkpoint continues the record as it was there, and that ten entries lie in it;
//! in both trees. Who chose the words chose the entries. `docs/record-format.md` has the lines and how they are drawn.
//! Does not belong here: receipts ([`super::receipt`]), which say what an entry is.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::bare::{Bare, Claim, Unproved};
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::LogSigner;
use zhunsheng_core::record::proof;

use super::checkpoint::{self, Signed};
use super::fault::Fault;
use crate::store::tile::Nodes;
use crate::store::{Query, StoreFault};

/// Entries shown below each position.
pub const ENTRIES: u64 = 10;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where it goes; nothing is overwritten.
    pub file: PathBuf,
    /// The words that it is drawn by.
    pub seed: String,
    /// How many positions.
    pub positions: u64,
}

/// The nth number drawn by some words, below a bound.
fn drawn(seed: &str, nth: u64, bound: u64) -> u64 {
    let hash = Digest::of(&[b"zhunsheng/sample/1", &nth.to_be_bytes()[..], seed.as_bytes()].concat());
    let first = hash.0.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    first % bound.max(1)
}

/// Writes the proofs. Returns the checkpoint that they lead to.
///
/// Errors: those of [`checkpoint::newest`]; the file is there already or cannot be written.
pub fn write(q: &impl Query, county: &str, wish: &Wish, signers: Option<&Both<LogSigner>>) -> Result<Signed, Fault> {
    let signed = checkpoint::newest(q, county, signers)?;
    let fault = |source| Fault::File { path: wish.file.clone(), source };
    let mut out = BufWriter::new(File::options().write(true).create_new(true).open(&wish.file).map_err(fault)?);
    let mut nodes = Both::of(|suite| Nodes::new(q, county, suite, signed.size));
    for nth in 0..wish.positions {
        let draw = |more: u64, bound: u64| drawn(&wish.seed, nth * (ENTRIES + 1) + more, bound);
        let old = 1 + draw(0, signed.size);
        let entries: Vec<u64> = (1..=ENTRIES).map(|more| draw(more, old)).collect();
        for suite in Suite::ALL {
            let root = *signed.roots.get(suite);
            for proof in proofs(nodes.get_mut(suite), suite, (old, signed.size, root), &entries)? {
                writeln!(out, "{proof}").map_err(fault)?;
            }
        }
    }
    out.flush().map_err(fault)?;
    Ok(signed)
}

/// Of one position in one tree: the proof that the record went on from it, then those of entries below it.
fn proofs(
    nodes: &mut Nodes<'_, impl Query>,
    suite: Suite,
    (old, size, root): (u64, u64, Digest),
    entries: &[u64],
) -> Result<Vec<Bare>, StoreFault> {
    let mut node = |node| nodes.hash(node);
    let old_root = proof::root(suite, old, &mut node)?;
    let gone_on = proof::consistency(suite, old, size, &mut node)?.unwrap_or_default();
    let claim = Claim::Consistency { old, size, old_root, root };
    let mut made = vec![Bare { suite, claim, proof: gone_on }];
    for &index in entries {
        let leaf = node(proof::Node { height: 0, index })?;
        let proof = proof::inclusion(suite, index, old, &mut node)?.unwrap_or_default();
        made.push(Bare { suite, claim: Claim::Inclusion { index, size: old, leaf, root: old_root }, proof });
    }
    Ok(made)
}

/// What a file of proofs is worth.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Of each line, in order.
    pub verdicts: Vec<Result<(), Unproved>>,
    /// The trees that proofs of continuation lead to.
    pub leads_to: BTreeSet<(Suite, u64, Digest)>,
    /// Lines of entries in a tree that no line leads on from; counted from 1.
    pub adrift: Vec<usize>,
}

/// Judges every line of a file.
#[must_use]
pub fn judge(text: &str) -> Judged {
    let (mut judged, mut from, mut entries) = (Judged::default(), BTreeSet::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let verdict = Bare::judge(line);
        if let (Ok(()), Some(proof)) = (verdict, Bare::parse(line)) {
            match proof.claim {
                Claim::Consistency { old, size, old_root, root } => {
                    from.insert((proof.suite, old, old_root));
                    judged.leads_to.insert((proof.suite, size, root));
                }
                Claim::Inclusion { size, root, .. } => entries.push((at + 1, (proof.suite, size, root))),
            }
        }
        judged.verdicts.push(verdict);
    }
    let anchored = |tree| from.contains(tree) || judged.leads_to.contains(tree);
    judged.adrift = entries.iter().filter(|(_, tree)| !anchored(tree)).map(|(at, _)| *at).collect();
    judged
}
