//! The bytes of an entry and its leaf.

use minicbor::encode::Write;
use minicbor::{Decode, Encode};

use super::crypto::{Both, Messages, pieces};
use crate::day::{Day, Moment};
use crate::id::{Digest, MatterId, OrganCode, PersonId, PlaceCode, PostId, StepId};
use crate::matter::{Event, SealedClass};

/// The format of entries and leaves; a new format gets a new number and old entries keep theirs.
pub const FORMAT: u8 = 1;

/// A leaf: the format, one SHA-256 and one SM3.
pub const LEAF_BYTES: usize = 65;

/// A leaf.
pub type Leaf = [u8; LEAF_BYTES];

/// Who acted, as the record keeps it: person + post + organ.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ActorEntry {
    /// A person in a post of an organ.
    #[n(0)]
    Staff(#[n(0)] PersonId, #[n(1)] PostId, #[n(2)] OrganCode),
    /// A citizen on the portal.
    #[n(1)]
    Citizen,
    /// The system, when a clock expired.
    #[n(2)]
    System,
    /// The founding of the county.
    #[n(3)]
    Founder,
}

/// Names one sealed value that lies beside the entry.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedLabel {
    /// Whose.
    #[n(0)]
    pub matter: MatterId,
    /// Under which label.
    #[n(1)]
    pub label: String,
    /// Which sort.
    #[n(2)]
    pub class: SealedClass,
}

/// One act.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Entry {
    /// The format of the bytes.
    #[n(0)]
    pub format: u8,
    /// The county.
    #[n(1)]
    pub county: PlaceCode,
    /// When it was recorded.
    #[n(2)]
    pub recorded: Moment,
    /// The day that counts in law.
    #[n(3)]
    pub day: Day,
    /// Who entered it.
    #[n(4)]
    pub actor: ActorEntry,
    /// The step taken.
    #[n(5)]
    pub step: StepId,
    /// The matter acted on.
    #[n(6)]
    pub matter: MatterId,
    /// What happened, in order, each with its matter.
    #[n(7)]
    pub events: Vec<(MatterId, Event)>,
    /// The sealed values, in the order of their commitments.
    #[n(8)]
    pub sealed: Vec<SealedLabel>,
    /// The definitions, calendar and tables it was decided under.
    #[n(9)]
    pub law: Vec<Digest>,
}

impl Entry {
    /// The canonical bytes. Hash these, store these.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        // Writing to a Vec cannot fail.
        let _infallible = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Reads canonical bytes; anything else is refused, so that one act has one form only.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let entry: Self = minicbor::decode(bytes).map_err(|error| error.to_string())?;
        if entry.format != FORMAT {
            return Err(format!("entry format {} is not known", entry.format));
        }
        let mut rest = Expected(bytes);
        if minicbor::encode(&entry, &mut rest).is_err() || !rest.0.is_empty() {
            return Err("the entry is not in canonical form".to_owned());
        }
        Ok(entry)
    }
}

/// Bytes that are expected: each that is written must be the next of them. Nothing is copied to compare it.
struct Expected<'b>(&'b [u8]);

impl Write for Expected<'_> {
    type Error = ();

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.0 = match (bytes, self.0) {
            // The head of nearly every item, and most numbers: one byte.
            ([byte], [next, rest @ ..]) if byte == next => rest,
            (bytes, next) => next.strip_prefix(bytes).ok_or(())?,
        };
        Ok(())
    }
}

/// What is left of an entry or a value without its salt, under each hash: neither tree rests on the other's.
pub type Commitment = Both<Digest>;

/// A sealed value with its salt; after erasure only the commitment is left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealedPart<'a> {
    /// Present.
    Open {
        /// Its salt, 16 bytes or more of randomness.
        salt: &'a [u8],
        /// The value.
        value: &'a str,
    },
    /// Erased: what it committed to.
    Erased(Commitment),
}

/// By each hash: `hash("zhunsheng/1" ‖ position as u32 ‖ length of salt as u8 ‖ salt ‖ value)`, big-endian. Position 0 is the
/// entry, 1 … are the sealed values.
pub fn commitment(position: u32, salt: &[u8], value: &[u8]) -> Commitment {
    opening(position, salt, value, Both::hash)
}

/// What a commitment is the hash of, handed to `take` in parts.
fn opening<T>(position: u32, salt: &[u8], value: &[u8], take: impl FnOnce(&[&[u8]]) -> T) -> T {
    let length = [u8::try_from(salt.len()).unwrap_or(u8::MAX)];
    take(&[b"zhunsheng/1", &position.to_be_bytes(), &length, salt, value])
}

/// The leaf of an act: the format, then SHA-256 over all its SHA-256 commitments in order, then SM3 over all its SM3
/// commitments.
pub fn leaf(entry: &[u8], salt: &[u8], sealed: &[SealedPart<'_>]) -> Leaf {
    let mut one = Leaves::default();
    one.add(entry, salt, sealed);
    let [leaf] = one.finish().try_into().unwrap_or([[0; LEAF_BYTES]]);
    leaf
}

/// The leaves of many acts, worked out together.
#[derive(Clone, Debug, Default)]
pub struct Leaves {
    /// What is committed to, of all acts.
    openings: Messages,
    /// Of all acts in order, the commitments that are known already; none for one that follows from the next opening.
    parts: Vec<Option<Commitment>>,
    /// Where in `parts` each act ends.
    ends: Vec<usize>,
}

impl Leaves {
    /// Adds an act, by what [`leaf`] is made of.
    pub fn add(&mut self, entry: &[u8], salt: &[u8], sealed: &[SealedPart<'_>]) {
        self.commit(0, salt, entry);
        for (position, part) in (1..).zip(sealed) {
            match part {
                SealedPart::Open { salt, value } => self.commit(position, salt, value.as_bytes()),
                SealedPart::Erased(kept) => self.parts.push(Some(*kept)),
            }
        }
        self.ends.push(self.parts.len());
    }

    fn commit(&mut self, position: u32, salt: &[u8], value: &[u8]) {
        opening(position, salt, value, |parts| self.openings.push(parts));
        self.parts.push(None);
    }

    /// The leaves, in the order of the acts.
    pub fn finish(&self) -> Vec<Leaf> {
        let mut made = Both::hash_all(&self.openings).into_iter();
        let all: Vec<Commitment> = self.parts.iter().filter_map(|kept| kept.or_else(|| made.next())).collect();
        let digests = Both::of(|suite| {
            let mut messages = Messages::default();
            for piece in pieces(&self.ends) {
                let of_act = all.get(piece).unwrap_or_default();
                messages.push(&of_act.iter().map(|both| both.get(suite).0.as_slice()).collect::<Vec<_>>());
            }
            suite.hash_all(&messages)
        });
        digests.side_by_side().map(|digests| to_leaf(&digests)).collect()
    }
}

fn to_leaf(digests: &Both<Digest>) -> Leaf {
    let mut leaf = [FORMAT; LEAF_BYTES];
    for (slot, byte) in leaf.iter_mut().skip(1).zip(digests.to_bytes()) {
        *slot = byte;
    }
    leaf
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Entry {
        Entry {
            format: FORMAT,
            county: "211224".into(),
            recorded: Moment(1_729_900_800_000),
            day: Day::parse("2024-10-26").unwrap(),
            actor: ActorEntry::Citizen,
            step: "apply_online".into(),
            matter: MatterId(7),
            events: vec![(MatterId(7), Event::SealedSet("field.facts".into()))],
            sealed: vec![SealedLabel { matter: MatterId(7), label: "field.facts".into(), class: SealedClass::Text }],
            law: vec![Digest::of(b"law")],
        }
    }

    #[test]
    fn bytes_are_pinned_for_ever() {
        // Changing this digest breaks every record in the field: a new format number is needed instead.
        let bytes = sample().to_bytes();
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), sample());
        assert_eq!(Digest::of(&bytes).to_string(), "d546123f88a5405bca4c96dd82387e9c2f8770ff611fbe2c387a0fd09aa1807d");
        let parts = [SealedPart::Open { salt: &[2; 16], value: "围墙" }];
        assert_eq!(
            Digest::of(&leaf(&bytes, &[1; 16], &parts)).to_string(),
            "69be64b0f951043647c2a4e83fff1215e4ee8d74438b39b4618164367541ac13"
        );
    }

    #[test]
    fn an_erased_value_proves_the_same_leaf() {
        let bytes = sample().to_bytes();
        let open = leaf(&bytes, &[1; 16], &[SealedPart::Open { salt: &[2; 16], value: "围墙" }]);
        let erased = leaf(&bytes, &[1; 16], &[SealedPart::Erased(commitment(1, &[2; 16], "围墙".as_bytes()))]);
        assert_eq!(open, erased);
        assert_ne!(open, leaf(&bytes, &[1; 16], &[SealedPart::Open { salt: &[2; 16], value: "围栏" }]));
    }

    #[test]
    fn only_canonical_bytes_are_read() {
        let mut bytes = sample().to_bytes();
        bytes.push(0);
        assert!(Entry::from_bytes(&bytes).is_err(), "one byte more");
        // The same array without its length: the same entry for a reader that is not strict.
        let bytes = sample().to_bytes();
        let (first, rest) = bytes.split_first().unwrap();
        assert_eq!(first >> 5, 4, "an entry is an array");
        let open = [&[0x9f], rest, &[0xff]].concat();
        assert!(minicbor::decode::<Entry>(&open).is_ok_and(|read| read == sample()));
        assert!(Entry::from_bytes(&open).is_err(), "of no fixed length");
    }
}
