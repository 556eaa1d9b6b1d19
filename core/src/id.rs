//! Identifiers are types: no bare string or integer names a thing elsewhere.
//!
//! Words of the law files (steps, states, fields …) are short snake_case texts; matters are 128-bit
//! unguessable numbers shown as 26 characters of Crockford base32.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};

use crate::day::Moment;

macro_rules! word {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        #[serde(from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a text; the parser of law files checks its form.
            pub fn new(text: impl Into<Arc<str>>) -> Self { Self(text.into()) }
            /// The text itself.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<String> for $name { fn from(text: String) -> Self { Self(text.into()) } }
        impl From<&str> for $name { fn from(text: &str) -> Self { Self(text.into()) } }
        impl Borrow<str> for $name { fn borrow(&self) -> &str { &self.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl<C> Encode<C> for $name {
            fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> { Ok(Self(d.str()?.into())) }
        }
    )*};
}

word! {
    /// A procedure definition, e.g. `penalty`.
    ProcedureId,
    /// A step of a procedure, e.g. `decide`.
    StepId,
    /// A state of one track, e.g. `filed`.
    StateId,
    /// A track: a strand of a matter with its own state, e.g. `main`, `disclosure`.
    TrackId,
    /// A statutory or local time limit of a procedure, e.g. `decide_in_time`.
    ClockId,
    /// A named limit of `law/limits/`, e.g. `reconsideration_decide`.
    LimitId,
    /// A field of a matter, e.g. `fine_amount`.
    FieldId,
    /// A role a party plays, e.g. `applicant`, `respondent`.
    RoleId,
    /// A kind of instrument 文书, e.g. `penalty_decision`.
    InstrumentId,
    /// A disclosure duty 公示, e.g. `decision_publication`.
    DisclosureId,
    /// A named condition of a procedure, e.g. `art58`.
    PredicateId,
    /// A kind of evidence or document attached, e.g. `signed_agreement`.
    EvidenceKind,
    /// A kind of post 岗位, e.g. `organ_head`, `mediator`.
    PostKind,
    /// A task of an organ that procedures rely on, e.g. `legality_review`.
    OrganFunction,
    /// The code of an organ 机关, unique in its county.
    OrganCode,
    /// The code of a place 区划: 6 digits county, 9 town, 12 village.
    PlaceCode,
    /// A value from a code list, e.g. `neighbour`.
    Code,
    /// The code of a refusal in `law/refusals.toml`.
    RefusalCode,
    /// A named table of `law/tables/`, e.g. `hearing_fine`.
    TableId,
    /// How a linked matter ended, or how a matter ended, e.g. `passed`.
    Outcome,
}

/// A matter 事项(案件): 48 bits of time, 80 that nobody can guess, shown in Crockford base32 (the layout of a ULID).
///
/// The time comes first so that what is worked on together lies together in every index: a county's cost per act
/// then stays flat as its matters grow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatterId(pub u128);

const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl MatterId {
    /// A new one: when it is made, and sixteen random bytes of which ten are used.
    pub fn new(now: Moment, random: [u8; 16]) -> Self {
        let time = u128::from(now.0.max(0).unsigned_abs()) << 80;
        Self(time | (u128::from_be_bytes(random) >> 48))
    }

    /// Reads the 26-character form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 26 {
            return None;
        }
        let mut value: u128 = 0;
        for (position, byte) in text.bytes().enumerate() {
            let digit = BASE32.iter().position(|known| *known == byte)? as u128;
            if position == 0 && digit > 7 {
                return None;
            }
            value = (value << 5) | digit;
        }
        Some(Self(value))
    }

    /// The sixteen bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// From sixteen bytes; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

impl fmt::Display for MatterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..26).rev() {
            let digit = ((self.0 >> (place * 5)) & 31) as usize;
            let byte = BASE32.get(digit).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(byte))?;
        }
        Ok(())
    }
}

impl fmt::Debug for MatterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<C> Encode<C> for MatterId {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for MatterId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        Self::from_bytes(d.bytes()?).ok_or_else(|| DecodeError::message("a matter id has sixteen bytes"))
    }
}

/// A person is the register matter that enters them: one identity however many accounts or posts.
pub type PersonId = MatterId;
/// A post held by a person is the register matter that grants it.
pub type PostId = MatterId;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// From sixty-four hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (slot, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// From thirty-two bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<C> Encode<C> for Digest {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Digest {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        Self::from_bytes(d.bytes()?).ok_or_else(|| DecodeError::message("a digest has thirty-two bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let earlier = MatterId::new(Moment(1_666_000_000_000), [0xff; 16]);
        let later = MatterId::new(Moment(1_666_000_000_001), [0; 16]);
        assert!(earlier < later && earlier.to_string() < later.to_string());
    }

    #[test]
    fn a_matter_id_reads_back_what_it_writes() {
        for value in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = MatterId(value);
            assert_eq!(MatterId::parse(&id.to_string()), Some(id));
        }
        for wrong in ["", "0", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000u", "０000000000000000000000000"]
        {
            assert_eq!(MatterId::parse(wrong), None, "{wrong}");
        }
    }
}
