//! Verifying the record of this county: every leaf from its stored bytes, the tree from its leaves; and rebuilding all
//! projections from the record.

use std::sync::Arc;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::Digest;
use zhunsheng_core::matter::Matters;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::record::tile::{Complete, Tile, Tiler, WIDTH, to_bytes};
use zhunsheng_core::record::tree::hash_leaves;
use zhunsheng_core::record::{ActorEntry, Commitment, Leaf, Leaves, SealedPart};

use super::checkpoint::roots_of;
use super::fault::Fault;
use super::ruling::Ruling;
use super::spread::spread;
use crate::store::bulk::{self, Bulk, EntryView, SealedView};
use crate::store::project::{Ground, index_all, project};
use crate::store::record;
use crate::store::{BULK_PAGES_MIB, PAGES_MIB, Query, StoreFault, Tx, checkpoint, law_files, rebuild, settings, tile};

/// Entries read at a time: eight tiles of the tree.
const CHUNK: i64 = 2_048;

/// What a verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// How many entries.
    pub entries: i64,
    /// The roots of the trees.
    pub roots: Both<Digest>,
    /// The acts without prior authority: only the founding may be one.
    pub without_authority: Vec<i64>,
    /// The first thing that is wrong, with its entry; none if all is well.
    pub wrong: Option<String>,
}

/// What a chunk gave: leaf hashes up to the first entry that is wrong, as many of them as make one in a tile.
#[derive(Default)]
struct Found {
    tiles: Vec<Complete>,
    rest: Both<Vec<Digest>>,
    without_authority: Vec<i64>,
    wrong: Option<String>,
}

/// Recomputes every leaf and both trees, on all cores; what is read is read here, in order.
pub fn verify(q: &impl Query, county: &str) -> Result<Verified, StoreFault> {
    let mut tiles = Tiles::default();
    let roots = tiles.tiler.frontier().roots();
    let mut found = Verified { entries: 0, roots, without_authority: Vec::new(), wrong: None };
    let mut next = Some(0);
    let done = spread(
        || {
            let Some(from) = next else { return Ok(None) };
            let chunk = Bulk::read(q, county, from, CHUNK)?;
            next = chunk.entries().last().map(|entry| entry.seq + 1);
            Ok(Some((from, chunk)).filter(|(_, chunk)| !chunk.is_empty()))
        },
        |(from, chunk)| check_chunk(from, &chunk),
        |leaves| {
            tiles.compare(q, county, &leaves)?;
            found.without_authority.extend(leaves.without_authority);
            leaves.wrong.map_or(Ok(()), |wrong| Err(Stop::Wrong(wrong)))
        },
    );
    match done {
        Ok(()) => {}
        Err(Stop::Fault(fault)) => return Err(fault),
        Err(Stop::Wrong(wrong)) => found.wrong = Some(wrong),
    }
    let frontier = tiles.tiler.frontier();
    found.entries = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
    if found.wrong.is_some() {
        return Ok(found);
    }
    found.roots = frontier.roots();
    let head = record::find_head(q, county)?;
    let matches = match &head {
        None => found.entries == 0,
        Some((size, roots)) => *size == found.entries && Both::of(|suite| found.roots.get(suite).0.to_vec()) == *roots,
    };
    if !matches {
        found.wrong = Some(format!("记录共 {} 项，与存储的树根不一致", found.entries));
        return Ok(found);
    }
    // The next act would be hung on this edge.
    if !matches!(record::load_frontier(q, county), Ok(stored) if stored == frontier) {
        found.wrong = Some(format!("记录共 {} 项，存储的树边缘（frontier）与其不一致", found.entries));
        return Ok(found);
    }
    found.wrong = match tiles.wrong(q, county)? {
        None => check_checkpoint(q, county, &found)?,
        wrong => wrong,
    };
    Ok(found)
}

/// Why verifying ends early.
enum Stop {
    Fault(StoreFault),
    Wrong(String),
}

impl From<StoreFault> for Stop {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

fn check_chunk(from: i64, chunk: &Bulk) -> Found {
    let mut found = Found::default();
    let mut leaves = Leaves::default();
    let mut read = Vec::with_capacity(chunk.len());
    for (expected, entry) in (from..).zip(chunk.entries()) {
        let added = if entry.seq == expected {
            add_entry(entry, &mut leaves)
        } else {
            Err(format!("缺少记录项 {expected}"))
        };
        match added {
            Ok(actor) => read.push((entry, actor)),
            Err(wrong) => {
                found.wrong = Some(wrong);
                break;
            }
        }
    }
    // One for each that was read: a module that gives fewer must not leave entries unlooked at.
    let made = leaves.finish();
    let leaves = made.into_iter().map(Some).chain(std::iter::repeat(None));
    for (count, ((entry, actor), leaf)) in read.iter().zip(leaves).enumerate() {
        let wrong = match leaf {
            Some(leaf) => wrong_with(*entry, actor, &leaf, &mut found.without_authority),
            None => Some(of_another_leaf(entry.seq)),
        };
        // What comes before counts: it is the first that is named.
        if wrong.is_some() {
            read.truncate(count);
            found.wrong = wrong;
            break;
        }
    }
    found.take(read.iter().map(|(entry, _)| entry.leaf));
    found
}

impl Found {
    fn take<'l>(&mut self, leaves: impl Iterator<Item = &'l [u8]> + Clone) {
        let hashes = Both::of(|suite| hash_leaves(suite, leaves.clone()));
        for (sm3, sha256) in hashes.sm3.chunks(WIDTH as usize).zip(hashes.sha256.chunks(WIDTH as usize)) {
            let hashes = Both { sm3: sm3.to_vec(), sha256: sha256.to_vec() };
            if hashes.sm3.len() as u64 == WIDTH {
                self.tiles.extend(Complete::new(hashes));
            } else {
                self.rest = hashes;
            }
        }
    }
}

/// Compares the stored tiles of the tree with what follows from its leaves.
#[derive(Default)]
struct Tiles {
    tiler: Tiler,
    complete: u64,
    wrong: Option<Tile>,
}

impl Tiles {
    /// Takes the leaves of the next chunk.
    fn compare(&mut self, q: &impl Query, county: &str, leaves: &Found) -> Result<(), StoreFault> {
        let (complete, wrong) = (&mut self.complete, &mut self.wrong);
        let mut take = |tile: Tile, made: &Complete| {
            *complete += 1;
            let right = Both::of(|suite| (made.root().get(suite).0.to_vec(), to_bytes(made.hashes().get(suite))));
            if tile::find(q, county, tile)? != Some(right) {
                wrong.get_or_insert(tile);
            }
            Ok::<_, StoreFault>(())
        };
        leaves.tiles.iter().try_for_each(|tile| self.tiler.push_tile(tile, &mut take))?;
        leaves.rest.side_by_side().try_for_each(|leaf| self.tiler.push(leaf, &mut take))
    }

    fn wrong(&self, q: &impl Query, county: &str) -> Result<Option<String>, StoreFault> {
        if let Some(tile) = self.wrong {
            let first = tile.index << (8 * (tile.level + 1));
            return Ok(Some(format!(
                "树的第 {} 层第 {} 块（自记录项 {first} 起）与叶子不一致",
                tile.level, tile.index
            )));
        }
        let stored = tile::count(q, county)?;
        Ok((stored != self.complete).then(|| format!("树应有 {} 块，存储中有 {stored} 块", self.complete)))
    }
}

/// The checkpoint that was signed last must be one of this very record.
fn check_checkpoint(q: &impl Query, county: &str, found: &Verified) -> Result<Option<String>, StoreFault> {
    let Some(signed) = checkpoint::newest(q, county)? else { return Ok(None) };
    let entries = found.entries.unsigned_abs();
    if signed.size > entries {
        return Ok(Some(format!("检查点签到第 {} 项，记录只有 {entries} 项：记录被截短", signed.size)));
    }
    let roots = roots_of(q, county, signed.size)?;
    Ok((roots != signed.roots).then(|| format!("前 {} 项的树根与已签的检查点不一致：记录被改写", signed.size)))
}

/// The first thing that is wrong with entries from one on, beside the tree.
pub(super) fn first_wrong(from: i64, entries: &Bulk) -> Option<String> {
    check_chunk(from, entries).wrong
}

/// Adds what the leaf of an entry is made of. Returns who acted. Errors: what is wrong with the entry.
fn add_entry(stored: EntryView<'_>, leaves: &mut Leaves) -> Result<ActorEntry, String> {
    let at = stored.seq;
    let entry = record::decode(at, stored.bytes).map_err(|_| format!("记录项 {at} 的字节不是规范格式"))?;
    let said = (1i64..).zip(&entry.sealed).map(|(at, s)| (at, s.matter, s.label.as_str(), s.class as i64));
    if !stored.sealed().map(|s| (s.position, s.matter, s.label, s.class)).eq(said) {
        return Err(format!("记录项 {at} 的密封内容与记录不一致"));
    }
    let parts: Option<Vec<SealedPart<'_>>> = stored.sealed().map(part).collect();
    let parts = parts.ok_or_else(|| of_another_leaf(at))?;
    leaves.add(stored.bytes, stored.salt, &parts);
    Ok(entry.actor)
}

/// What is wrong with an entry that gives this leaf; one without prior authority is noted.
fn wrong_with(
    stored: EntryView<'_>,
    actor: &ActorEntry,
    leaf: &Leaf,
    without_authority: &mut Vec<i64>,
) -> Option<String> {
    let at = stored.seq;
    if stored.leaf != leaf {
        return Some(of_another_leaf(at));
    }
    if *actor == ActorEntry::Founder {
        without_authority.push(at);
        if at != 0 {
            return Some(format!("记录项 {at} 没有授权：只有设立县域的第一项可以没有事先授权"));
        }
    }
    None
}

fn of_another_leaf(at: i64) -> String {
    format!("记录项 {at} 的内容与其叶子不一致")
}

fn part(sealed: SealedView<'_>) -> Option<SealedPart<'_>> {
    match (sealed.open, sealed.commitment) {
        (Some((salt, value)), _) => Some(SealedPart::Open { salt, value }),
        (None, Some(commitment)) => Commitment::from_bytes(commitment).map(SealedPart::Erased),
        (None, None) => None,
    }
}

/// How this program derives its tables. Counted up whenever it derives something else from the same record (titles, what a matter
/// remembers, who is waited for), so that a county of an earlier program shows and audits like a new one.
const DERIVATION: &str = "3";
/// The setting that keeps it.
const DERIVED: &str = "derivation";

/// Notes that the tables of a county are as this program derives them.
pub fn note_derivation(tx: &mut Tx<'_>, county: &str) -> Result<(), StoreFault> {
    settings::put(tx, county, DERIVED, DERIVATION)
}

/// Derives all tables anew if an earlier program derived them. Returns how many entries were read, if so.
pub fn derive_anew(tx: &mut Tx<'_>, county: &str) -> Result<Option<i64>, Fault> {
    if settings::find(tx, county, DERIVED)?.as_deref() == Some(DERIVATION) {
        return Ok(None);
    }
    // All tables at once: pages that no longer fit would be written to the WAL again and again.
    tx.keep_pages(BULK_PAGES_MIB)?;
    let entries = rebuild(tx, county)?;
    note_derivation(tx, county)?;
    tx.keep_pages(PAGES_MIB)?;
    Ok(Some(entries))
}

/// Empties all projections and makes them again from the record. Returns how many entries were read.
pub fn rebuild(tx: &mut Tx<'_>, county: &str) -> Result<i64, Fault> {
    let ruling = Ruling::adopted(&law_files::list(tx, county)?)?;
    rebuild::clear(tx, county)?;
    let mut registry = Arc::new(Registry::default());
    let none = Matters::new();
    let mut next = 0;
    loop {
        let chunk = bulk::whole_from(tx, county, next, CHUNK)?;
        if chunk.is_empty() {
            index_all(tx, county, &ruling.law)?;
            tile::fill(tx, county)?;
            return Ok(next);
        }
        for (stored, sealed) in chunk {
            let entry = record::decode(stored.seq, &stored.bytes)?;
            let ground = Ground {
                county,
                law: &ruling.law,
                calendar: &ruling.calendar,
                registry: &registry,
                known: &none,
                index: false,
            };
            let rows = project(tx, &ground, stored.seq, &entry, &sealed)?;
            if !rows.is_empty() {
                let registry = Arc::make_mut(&mut registry);
                rows.into_iter().for_each(|row| row.enter(registry));
            }
            next = stored.seq + 1;
        }
    }
}
