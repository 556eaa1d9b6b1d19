//! What a liar may hand to a verifier: proofs, checkpoints and receipts with something changed. None may prove anything that
//! the record does not say, and no change may make a verifier panic.
//!
//! A forgery is accepted if it proves another statement than the honest one. A note may carry lines of other signers, so other
//! bytes for the same statement are counted apart. Control: verifiers with one check left out must be seen to accept.
//! Both tests are long and are run by `faults/run proofs`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::SealedClass;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{Checkpoint, LogKey, LogSigner};
use zhunsheng_core::record::proof::{self, Node, Refuted, verify_consistency, verify_inclusion};
use zhunsheng_core::record::receipt::{Opening, OpeningPart, Path, Proven, Receipt};
use zhunsheng_core::record::tree::{leaf_hash, node_hash};
use zhunsheng_core::record::{ActorEntry, Entry, SealedLabel};

/// Enough for every shape of path: no power of two.
const LEAVES: u64 = 1_021;
/// Of a hundred mutants so many are checkpoints and receipts, whose signatures cost more than everything else.
const SIGNED: u64 = 10;

/// SplitMix64: the same mutants for the same number.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
    fn at(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

/// An honest record: its entries opened, its trees, its keys.
struct Honest {
    openings: Vec<Opening>,
    rows: Both<Vec<Vec<Digest>>>,
    signers: Both<LogSigner>,
}

impl Honest {
    fn new() -> Self {
        let openings: Vec<Opening> = (0..LEAVES).map(opening).collect();
        let rows = Both::of(|suite| {
            let mut rows = vec![openings.iter().map(|opening| leaf_hash(suite, &opening.leaf())).collect::<Vec<_>>()];
            while rows.last().unwrap().len() > 1 {
                let below = rows.last().unwrap();
                rows.push(below.chunks_exact(2).map(|pair| node_hash(suite, &pair[0], &pair[1])).collect());
            }
            rows
        });
        let signers = Both::of(|suite| LogSigner::new(suite, "zhunsheng/211224", &[7; 32]).unwrap());
        Self { openings, rows, signers }
    }

    fn key(&self, suite: Suite) -> &LogKey {
        self.signers.get(suite).public()
    }

    fn keys(&self) -> Both<Option<&LogKey>> {
        Both::of(|suite| Some(self.key(suite)))
    }

    fn node(&self, suite: Suite) -> impl FnMut(Node) -> Result<Digest, ()> + '_ {
        move |node| {
            let row = self.rows.get(suite).get(usize::try_from(node.height).unwrap());
            row.and_then(|row| row.get(usize::try_from(node.index).unwrap())).copied().ok_or(())
        }
    }

    fn root(&self, suite: Suite, size: u64) -> Digest {
        proof::root(suite, size, &mut self.node(suite)).unwrap()
    }

    fn checkpoint(&self, suite: Suite, size: u64) -> String {
        self.signers.get(suite).sign(size, &Both::of(|suite| self.root(suite, size))).unwrap()
    }

    fn leaf(&self, suite: Suite, index: u64) -> Digest {
        self.rows.get(suite)[0][usize::try_from(index).unwrap()]
    }

    fn inclusion(&self, suite: Suite, index: u64, size: u64) -> Vec<Digest> {
        proof::inclusion(suite, index, size, &mut self.node(suite)).unwrap().unwrap()
    }

    fn receipt(&self, index: u64, size: u64) -> Receipt {
        let opening = self.openings[usize::try_from(index).unwrap()].clone();
        let path = |suite| Path { proof: self.inclusion(suite, index, size), checkpoint: self.checkpoint(suite, size) };
        Receipt { opening, index, paths: Both::of(path) }
    }
}

fn opening(n: u64) -> Opening {
    let matter = MatterId(u128::from(n));
    let entry = Entry {
        format: 1,
        county: "211224".into(),
        recorded: Moment(1_729_900_800_000 + i64::try_from(n).unwrap()),
        day: Day::parse("2024-10-26").unwrap(),
        actor: ActorEntry::Citizen,
        step: "register".into(),
        matter,
        events: Vec::new(),
        sealed: vec![SealedLabel { matter, label: "field.summary".to_owned(), class: SealedClass::Text }],
        law: Vec::new(),
    };
    let part = OpeningPart::Open(vec![3; 16].into(), format!("第 {n} 件"));
    Opening { entry: entry.to_bytes().into(), salt: vec![5; 16].into(), sealed: vec![part] }
}

/// What happened to the mutants.
#[derive(Default, Debug)]
struct Tally {
    mutants: u64,
    accepted: u64,
    same: u64,
    panics: u64,
    /// Accepted by the verifier that leaves something out.
    by_control: u64,
}

impl Tally {
    /// `accepts`: `Some(true)` for another statement, `Some(false)` for the same one in other bytes.
    fn count(&mut self, accepts: impl FnOnce() -> Option<bool>, control: impl FnOnce() -> bool) {
        self.mutants += 1;
        match catch_unwind(AssertUnwindSafe(accepts)) {
            Ok(Some(true)) => self.accepted += 1,
            Ok(Some(false)) => self.same += 1,
            Ok(None) => {}
            Err(_) => self.panics += 1,
        }
        self.by_control += u64::from(control());
    }
}

fn flip(digest: &mut Digest, chance: &mut Chance) {
    let bit = chance.at(256);
    digest.0[bit / 8] ^= 1 << (bit % 8);
}

/// Changes a list of hashes; what is not changed by it at first is changed until it is.
fn mutate_hashes(hashes: &mut Vec<Digest>, other: &[Digest], chance: &mut Chance) {
    let before = hashes.clone();
    while *hashes == before {
        let (at, to) = (chance.at(hashes.len().max(1)), chance.at(hashes.len().max(1)));
        match chance.below(7) {
            0 if !hashes.is_empty() => flip(&mut hashes[at], chance),
            1 if !hashes.is_empty() => drop(hashes.remove(at)),
            2 if !hashes.is_empty() => hashes.insert(at, before[to]),
            3 if !hashes.is_empty() => hashes.swap(at, to),
            4 => hashes.truncate(at),
            5 => hashes.push(Digest::of(&chance.next().to_be_bytes())),
            6 => *hashes = other.to_vec(),
            _ => {}
        }
    }
}

/// One inclusion proof, spoilt. Its size comes signed, so it is never part of the lie.
fn inclusion(honest: &Honest, chance: &mut Chance, tally: &mut Tally) {
    let suite = suite(chance);
    let size = 1 + chance.below(LEAVES);
    let index = chance.below(size);
    let (mut at, mut leaf, mut root) = (index, honest.leaf(suite, index), honest.root(suite, size));
    let mut hashes = honest.inclusion(suite, index, size);
    assert_eq!(verify_inclusion(suite, at, size, &leaf, &hashes, &root), Ok(()), "the honest one is accepted");
    match chance.below(6) {
        0 => at = other_than(index, chance),
        1 => flip(&mut leaf, chance),
        2 => flip(&mut root, chance),
        3 if size > 1 => leaf = honest.leaf(suite, other_below(index, size, chance)),
        _ => {
            let of = 1 + chance.below(LEAVES);
            let other = honest.inclusion(suite, chance.below(of), of);
            mutate_hashes(&mut hashes, &other, chance);
        }
    }
    let verdict = || verify_inclusion(suite, at, size, &leaf, &hashes, &root);
    tally.count(|| verdict().is_ok().then_some(true), || matches!(verdict(), Ok(()) | Err(Refuted::Length)));
}

/// One consistency proof, spoilt.
fn consistency(honest: &Honest, chance: &mut Chance, tally: &mut Tally) {
    let suite = suite(chance);
    let size = 2 + chance.below(LEAVES - 1);
    let old = 1 + chance.below(size - 1);
    let (mut before, mut after) = (honest.root(suite, old), honest.root(suite, size));
    let mut hashes = proof::consistency(suite, old, size, &mut honest.node(suite)).unwrap().unwrap();
    assert_eq!(
        verify_consistency(suite, (old, &before), (size, &after), &hashes),
        Ok(()),
        "the honest one is accepted"
    );
    match chance.below(5) {
        0 => flip(&mut before, chance),
        1 => flip(&mut after, chance),
        2 => before = honest.root(suite, other_below(old - 1, size, chance) + 1),
        _ => {
            let other =
                proof::consistency(suite, 1 + chance.below(size - 1), size, &mut honest.node(suite)).unwrap().unwrap();
            mutate_hashes(&mut hashes, &other, chance);
        }
    }
    let verdict = || verify_consistency(suite, (old, &before), (size, &after), &hashes);
    tally.count(|| verdict().is_ok().then_some(true), || matches!(verdict(), Ok(()) | Err(Refuted::Length)));
}

fn suite(chance: &mut Chance) -> Suite {
    Suite::ALL[chance.at(2)]
}

fn other_than(number: u64, chance: &mut Chance) -> u64 {
    let to = if chance.below(2) == 0 { chance.next() } else { chance.below(LEAVES * 2) };
    if to == number { number + 1 } else { to }
}

fn other_below(number: u64, bound: u64, chance: &mut Chance) -> u64 {
    (number + 1 + chance.below(bound - 1)) % bound
}

/// A text with some bytes changed, left out, doubled or taken from another text; always another one.
fn mutate_text(text: &str, other: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(2) {
        let at = chance.at(bytes.len());
        match chance.below(6) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, b"\n+/=A0 "[chance.at(7)]),
            3 => bytes.truncate(at.max(1)),
            4 => bytes.extend_from_slice(&other.as_bytes()[chance.at(other.len())..]),
            _ => swap_lines(&mut bytes, other, chance),
        }
    }
    let made = String::from_utf8_lossy(&bytes).into_owned();
    if made == text { format!("{text}\n") } else { made }
}

/// Puts a line of another text in the place of one of this, or two of its own in each other's.
fn swap_lines(bytes: &mut Vec<u8>, other: &str, chance: &mut Chance) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (mut lines, others): (Vec<&str>, Vec<&str>) = (text.split('\n').collect(), other.split('\n').collect());
    let at = chance.at(lines.len());
    if chance.below(2) == 0 {
        lines[at] = others[at.min(others.len() - 1)];
    } else {
        let to = chance.at(lines.len());
        lines.swap(at, to);
    }
    *bytes = lines.join("\n").into_bytes();
}

/// One signed checkpoint, spoilt; or an honest one of another key.
fn checkpoint(honest: &Honest, chance: &mut Chance, tally: &mut Tally) {
    let suite = suite(chance);
    let (size, of) = (1 + chance.below(LEAVES), 1 + chance.below(LEAVES));
    let note = honest.checkpoint(suite, size);
    let right = Checkpoint::open(&note, honest.key(suite)).unwrap();
    let forger = LogSigner::new(suite, "zhunsheng/211224", &[8; 32]).unwrap();
    let made = match chance.below(8) {
        0 => forger.sign(size, &Both::of(|suite| honest.root(suite, of))).unwrap(),
        _ => mutate_text(&note, &honest.checkpoint(suite, of), chance),
    };
    let lie = |opened: Checkpoint| opened != right && opened != open(honest, suite, of);
    tally.count(
        || Checkpoint::open(&made, honest.key(suite)).ok().map(lie),
        || Checkpoint::unverified(&made).is_ok_and(|said| said != right && said != open(honest, suite, of)),
    );
}

fn open(honest: &Honest, suite: Suite, size: u64) -> Checkpoint {
    Checkpoint::open(&honest.checkpoint(suite, size), honest.key(suite)).unwrap()
}

/// One receipt, spoilt in its text or by parts of another one.
fn receipt(honest: &Honest, chance: &mut Chance, tally: &mut Tally) {
    let size = 2 + chance.below(LEAVES - 1);
    let index = chance.below(size);
    let of = other_below(index, size, chance);
    let (mut right, other) = (honest.receipt(index, size), honest.receipt(of, size));
    let told = right.verify(&honest.keys()).unwrap();
    let text = right.to_text();
    let made = match chance.below(8) {
        0 => {
            right.opening = other.opening;
            right.to_text()
        }
        1 => {
            right.index = other_than(index, chance);
            right.to_text()
        }
        2 => {
            let suite = suite(chance);
            mutate_hashes(&mut right.paths.get_mut(suite).proof, &other.paths.get(suite).proof, chance);
            right.to_text()
        }
        3 => {
            right.opening.salt[0] ^= 1;
            right.to_text()
        }
        _ => mutate_text(&text, &other.to_text(), chance),
    };
    let lie = |proven: &Proven| *proven != told && !is_honest(honest, proven);
    let read = || Receipt::parse(&made).ok();
    tally.count(
        || read().and_then(|receipt| receipt.verify(&honest.keys()).ok()).map(|proven| lie(&proven)),
        || read().is_some_and(|receipt| receipt.opening.read().is_ok() && made != text),
    );
}

/// Lines swapped with another honest receipt can make that one.
fn is_honest(honest: &Honest, proven: &Proven) -> bool {
    let opening = honest.openings.get(usize::try_from(proven.index).unwrap());
    opening.is_some_and(|opening| opening.read().as_ref() == Ok(&proven.entry))
        && Both::of(|suite| honest.root(suite, proven.size)) == proven.roots
}

fn mutated_proofs(mutants: u64) {
    let (honest, mut chance) = (Honest::new(), Chance(20_261_127));
    let mut tallies: [(&str, Tally); 4] =
        ["inclusion", "consistency", "checkpoints", "receipts"].map(|name| (name, Tally::default()));
    for n in 0..mutants {
        let which = match (n % 100 < SIGNED, n % 2) {
            (false, side) => usize::try_from(side).unwrap(),
            (true, side) => 2 + usize::try_from(side).unwrap(),
        };
        let make = [inclusion, consistency, checkpoint, receipt][which];
        make(&honest, &mut chance, &mut tallies[which].1);
    }
    for (name, tally) in &tallies {
        println!(
            "hostile {name}: {} mutants, {} accepted, {} panics, {} the same in other bytes, {} accepted by the control",
            tally.mutants, tally.accepted, tally.panics, tally.same, tally.by_control
        );
    }
    for (name, tally) in &tallies {
        assert_eq!((tally.accepted, tally.panics), (0, 0), "{name}");
        assert!(tally.by_control > 0, "{name}: a verifier that leaves a check out must be seen to accept");
    }
}

#[test]
#[ignore = "long: faults/run proofs"]
fn twenty_thousand_mutated_proofs() {
    mutated_proofs(20_000);
}

#[test]
#[ignore = "long: faults/run --full proofs"]
fn a_million_mutated_proofs() {
    mutated_proofs(1_000_000);
}
