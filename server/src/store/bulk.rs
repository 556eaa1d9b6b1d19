//! Entries read by the thousand to be verified: their bytes lie in one piece and their texts in another, so that reading a million
//! of them is not mostly allocating; [`whole_from`] hands them to who keeps them. `record.rs` reads single ones.

use std::ops::Range;

use zhunsheng_core::id::MatterId;

use super::record::{ENTRIES_FROM, StoredEntry, StoredSealed};
use super::{Query, Row, StoreFault};
use crate::params;

/// Of the entries from $2 on to $3, exclusive.
const SEALED_BETWEEN: &str = "SELECT matter, label, class, salt, value, commitment, position, seq FROM sealed
     WHERE county_code = $1 AND seq >= $2 AND seq < $3 ORDER BY seq, position";

/// A run of entries with their sealed values.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    bytes: Vec<u8>,
    texts: String,
    entries: Vec<EntryAt>,
    sealed: Vec<SealedAt>,
}

/// Where an entry lies; its ends follow one another in `bytes`.
#[derive(Clone, Debug)]
struct EntryAt {
    seq: i64,
    leaf: Range<usize>,
    salt: Range<usize>,
    bytes: Range<usize>,
    sealed: Range<usize>,
}

/// Where a sealed value lies: its label and value in `texts`, the rest in `bytes`.
#[derive(Clone, Debug)]
struct SealedAt {
    seq: i64,
    position: i64,
    matter: MatterId,
    label: Range<usize>,
    class: i64,
    open: Option<(Range<usize>, Range<usize>)>,
    commitment: Option<Range<usize>>,
}

/// An entry as stored.
#[derive(Clone, Copy, Debug)]
pub struct EntryView<'b> {
    /// Its position.
    pub seq: i64,
    /// Its leaf.
    pub leaf: &'b [u8],
    /// Its salt.
    pub salt: &'b [u8],
    /// Its canonical bytes.
    pub bytes: &'b [u8],
    bulk: &'b Bulk,
    sealed: &'b [SealedAt],
}

/// A sealed value as stored; what its parts are, `StoredSealed` says.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields of StoredSealed, borrowed")]
pub struct SealedView<'b> {
    pub position: i64,
    pub matter: MatterId,
    pub label: &'b str,
    pub class: i64,
    pub open: Option<(&'b [u8], &'b str)>,
    pub commitment: Option<&'b [u8]>,
}

impl Bulk {
    /// Entries from a position on, at most `limit`, each with its sealed values: two questions, however many there are.
    pub fn read(q: &impl Query, county: &str, from: i64, limit: i64) -> Result<Self, StoreFault> {
        let mut bulk = Self::default();
        q.query_each(ENTRIES_FROM, params![county, from, limit], |row| bulk.add_entry(row))?;
        let end = bulk.entries.last().map_or(from, |last| last.seq + 1);
        q.query_each(SEALED_BETWEEN, params![county, from, end], |row| bulk.add_sealed(row))?;
        let mut next = 0;
        for entry in &mut bulk.entries {
            let rest = bulk.sealed.get(next..).unwrap_or_default();
            let own = rest.iter().take_while(|sealed| sealed.seq <= entry.seq).count();
            entry.sealed = next..next + own;
            next += own;
        }
        Ok(bulk)
    }

    fn add_entry(&mut self, row: &Row<'_>) -> Result<(), StoreFault> {
        let (seq, leaf) = (row.int(0)?, self.keep(row.blob_ref(1)?));
        let (salt, bytes) = (self.keep(row.blob_ref(2)?), self.keep(row.blob_ref(3)?));
        self.entries.push(EntryAt { seq, leaf, salt, bytes, sealed: 0..0 });
        Ok(())
    }

    fn add_sealed(&mut self, row: &Row<'_>) -> Result<(), StoreFault> {
        let open = row.opt_blob_ref(3)?.zip(row.opt_str(4)?);
        let sealed = SealedAt {
            matter: MatterId(u128::from_be_bytes(row.bytes(0)?)),
            label: self.keep_text(row.str(1)?),
            class: row.int(2)?,
            open: open.map(|(salt, value)| (self.keep(salt), self.keep_text(value))),
            commitment: row.opt_blob_ref(5)?.map(|bytes| self.keep(bytes)),
            position: row.int(6)?,
            seq: row.int(7)?,
        };
        self.sealed.push(sealed);
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn keep_text(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = EntryView<'_>> {
        self.entries.iter().map(|at| EntryView {
            seq: at.seq,
            leaf: self.bytes(&at.leaf),
            salt: self.bytes(&at.salt),
            bytes: self.bytes(&at.bytes),
            bulk: self,
            sealed: self.sealed.get(at.sealed.clone()).unwrap_or_default(),
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    // What was kept lies where it was put.
    fn bytes(&self, at: &Range<usize>) -> &[u8] {
        self.bytes.get(at.clone()).unwrap_or_default()
    }

    fn text(&self, at: &Range<usize>) -> &str {
        self.texts.get(at.clone()).unwrap_or_default()
    }
}

impl<'b> EntryView<'b> {
    /// Its sealed values, in order.
    pub fn sealed(self) -> impl Iterator<Item = SealedView<'b>> {
        let Self { bulk, sealed, .. } = self;
        sealed.iter().map(|at| SealedView {
            position: at.position,
            matter: at.matter,
            label: bulk.text(&at.label),
            class: at.class,
            open: at.open.as_ref().map(|(salt, value)| (bulk.bytes(salt), bulk.text(value))),
            commitment: at.commitment.as_ref().map(|at| bulk.bytes(at)),
        })
    }

    fn to_whole(self) -> Whole {
        let Self { seq, leaf, salt, bytes, .. } = self;
        let entry = StoredEntry { seq, leaf: leaf.to_vec(), salt: salt.to_vec(), bytes: bytes.to_vec() };
        (entry, self.sealed().map(SealedView::to_stored).collect())
    }
}

impl SealedView<'_> {
    fn to_stored(self) -> StoredSealed {
        StoredSealed {
            position: self.position,
            matter: self.matter,
            label: self.label.to_owned(),
            class: self.class,
            open: self.open.map(|(salt, value)| (salt.to_vec(), value.to_owned())),
            commitment: self.commitment.map(<[u8]>::to_vec),
        }
    }
}

/// An entry with its sealed values, in order.
pub type Whole = (StoredEntry, Vec<StoredSealed>);

/// As [`Bulk::read`], each entry for itself.
pub fn whole_from(q: &impl Query, county: &str, from: i64, limit: i64) -> Result<Vec<Whole>, StoreFault> {
    Ok(Bulk::read(q, county, from, limit)?.entries().map(EntryView::to_whole).collect())
}
