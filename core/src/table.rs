//! Tables of amounts that conditions compare with: `fine >= @hearing_fine` (`law/tables/`, and those that
//! [`crate::discretion`] makes).

use std::collections::BTreeMap;

use crate::basis::Basis;
use crate::day::Day;
use crate::discretion::Bounds;
use crate::id::TableId;
use crate::law::LawError;
use crate::matter::{Fact, MatterState};
use crate::procedure::PartyKind;

/// A table of amounts by field of law, kind of party and date (`law/tables/`).
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its identifier.
    pub id: TableId,
    /// Its title.
    pub title: String,
    /// The article that calls for it.
    pub basis: Basis,
    /// Why the county must set it, where the sources do not settle the amounts.
    pub configurable: Option<String>,
    #[serde(rename = "row")]
    rows: Vec<Row>,
    /// Of a table that is made of other data.
    #[serde(skip)]
    made: Option<Made>,
}

/// How a made table is read.
#[derive(Clone, Copy, Debug)]
struct Made {
    /// The day in this field counts beside the day of the act, and the smaller amount of the two applies: the old law, unless
    /// the new one is lighter (行政处罚法§37).
    beside: &'static str,
    /// What applies where no row fits, in 分. Without it the duty that a threshold triggers arises.
    otherwise: i64,
}

/// One row: the first that matches applies.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// The value of a coded field or a label, by field.
    #[serde(default, rename = "match")]
    pub(crate) matches: BTreeMap<String, String>,
    /// The kind of a party.
    pub(crate) party: Option<PartyKind>,
    /// Only for amounts of a field between bounds; while that is not filled, for any.
    #[serde(skip)]
    pub(crate) bounds: Option<(&'static str, Bounds)>,
    pub(crate) from: Day,
    pub(crate) until: Option<Day>,
    /// In 元.
    #[serde(rename = "amount", deserialize_with = "yuan")]
    pub(crate) amount: Amount,
}

/// What a row sets.
#[derive(Clone, Debug)]
pub(crate) enum Amount {
    /// In 分.
    Fixed(i64),
    /// A share of an amount of the matter, in ten-thousandths; `unknown`, in 分, while that amount is not filled.
    Share { of: &'static str, parts: i64, unknown: i64 },
    /// In 分, once another amount of the matter is filled; `unknown` until then.
    Beside { of: &'static str, amount: i64, unknown: i64 },
}

impl Amount {
    fn of(&self, state: &MatterState) -> i64 {
        match self {
            Self::Fixed(amount) => *amount,
            Self::Share { of, parts, unknown } => {
                state.fact(of).and_then(Fact::number).map_or(*unknown, |base| share(base, *parts))
            }
            Self::Beside { of, amount, unknown } => {
                if state.fact(of).and_then(Fact::number).is_some() {
                    *amount
                } else {
                    *unknown
                }
            }
        }
    }
}

/// `parts` ten-thousandths of an amount, rounded down to a 分.
pub(crate) fn share(base: i64, parts: i64) -> i64 {
    i64::try_from(i128::from(base) * i128::from(parts) / 10_000).unwrap_or(i64::MAX)
}

fn yuan<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
    let yuan: i64 = serde::Deserialize::deserialize(from)?;
    Ok(Amount::Fixed(yuan.saturating_mul(100)))
}

impl Table {
    /// Reads a table file.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))
    }

    /// One that is made of other data. `otherwise`, in 分, applies where no row fits; the smaller amount of the day of an act
    /// and of the day in the field `beside`.
    pub(crate) fn made(
        id: TableId,
        title: &str,
        basis: Basis,
        rows: Vec<Row>,
        beside: &'static str,
        otherwise: i64,
    ) -> Self {
        let made = Some(Made { beside, otherwise });
        Self { id, title: title.to_owned(), basis, configurable: None, rows, made }
    }

    /// Whether it is made of other data, and no file of its own.
    pub fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// The amount in 分 that applies to a matter on a day; none if no row fits.
    pub fn look_up(&self, state: &MatterState, day: Day) -> Option<i64> {
        let Some(Made { beside, otherwise }) = self.made else { return self.on(state, day) };
        let earlier = state.fact(beside).and_then(Fact::day);
        let amounts = earlier.into_iter().chain([day]).filter_map(|day| self.on(state, day));
        Some(amounts.min().unwrap_or(otherwise))
    }

    fn on(&self, state: &MatterState, day: Day) -> Option<i64> {
        let fits = |row: &&Row| {
            row.from <= day
                && row.until.is_none_or(|until| day < until)
                && row.party.is_none_or(|kind| state.parties.iter().any(|party| party.kind == kind))
                && row.bounds.is_none_or(|(field, bounds)| {
                    state.fact(field).and_then(Fact::number).is_none_or(|amount| bounds.hold(amount))
                })
                && row.matches.iter().all(|(field, value)| state.fact(field).is_some_and(|fact| fact.says(value)))
        };
        self.rows.iter().find(fits).map(|row| row.amount.of(state))
    }

    /// Whether, on some day since its first row, a kind of party has no row whatever its fields.
    pub(crate) fn gap(&self, kind: PartyKind) -> bool {
        let Some(first) = self.rows.iter().map(|row| row.from).min() else { return true };
        let general =
            || self.rows.iter().filter(|row| row.matches.is_empty() && row.party.is_none_or(|party| party == kind));
        let days = std::iter::once(first).chain(self.rows.iter().filter_map(|row| row.until));
        days.filter(|day| *day >= first)
            .any(|day| !general().any(|row| row.from <= day && row.until.is_none_or(|until| day < until)))
    }

    /// The rows, counted from 1, that are never used because one before them always fits first.
    pub(crate) fn hidden(&self) -> Vec<usize> {
        let covers = |earlier: &Row, row: &Row| {
            earlier.from <= row.from
                && earlier.until.is_none_or(|end| row.until.is_some_and(|until| until <= end))
                && (earlier.party.is_none() || earlier.party == row.party)
                && (earlier.bounds.is_none() || earlier.bounds == row.bounds)
                && earlier.matches.iter().all(|(field, code)| row.matches.get(field) == Some(code))
        };
        let hidden = self
            .rows
            .iter()
            .enumerate()
            .filter(|(n, row)| self.rows.iter().take(*n).any(|earlier| covers(earlier, row)));
        hidden.map(|(n, _)| n + 1).collect()
    }
}
