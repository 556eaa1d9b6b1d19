//! What goes out: instruments 文书 and disclosures 公示.

use super::Seat;
use crate::basis::Basis;
use crate::id::{DisclosureId, FieldId, InstrumentId, RoleId};

/// How numbers of an instrument are made: gapless per organ, instrument and year.
#[derive(Clone, Debug)]
pub struct Numbering {
    /// The pattern: `{short}罚决字〔{year}〕{n}号`.
    pub pattern: String,
    /// Whose number it is.
    pub of: Seat,
}

impl Numbering {
    /// The position in its series that a number of this pattern says, and the number before it.
    pub fn read(&self, number: &str) -> Option<(u32, String)> {
        let (_, after) = self.pattern.split_once("{n}")?;
        let before = number.trim().strip_suffix(after)?;
        let start = before.len() - before.chars().rev().take_while(char::is_ascii_digit).count();
        let (head, digits) = before.split_at_checked(start)?;
        let n: u32 = digits.parse().ok()?;
        Some((n, format!("{head}{}{after}", n.saturating_sub(1))))
    }
}

/// An instrument 文书 that a step issues.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Its identifier.
    pub id: InstrumentId,
    /// Its title.
    pub title: String,
    /// Its number, if it has one.
    pub numbering: Option<Numbering>,
    /// The roles it is addressed to; none: a paper of the organ's own (副卷), which no party's page shows.
    pub to: Vec<RoleId>,
    /// Whether it must state remedies.
    pub remedies: bool,
    /// Its text: paragraphs with `{field}` places, see [`crate::text::fill`].
    pub body: String,
}

impl Instrument {
    /// Whether it goes out to a party.
    pub fn is_addressed(&self) -> bool {
        !self.to.is_empty()
    }
}

/// A disclosure duty 公示.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its identifier.
    pub id: DisclosureId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub basis: Basis,
    /// The fields shown.
    pub fields: Vec<FieldId>,
    /// Roles whose parties are shown, natural persons masked.
    pub parties: Vec<RoleId>,
    /// The instrument whose number is shown.
    pub instrument: Option<InstrumentId>,
    /// The field with the last day of publication.
    pub until: Option<FieldId>,
}
