//! How long the file of a matter is kept (`law/tables/retention.toml`). The organ sets its periods with the approval of the
//! archive authority (档案法实施条例§19); what our sources do not settle is marked `configurable`.
//!
//! Does not belong here: the destruction itself (`matter::erase`).

use serde::Deserialize;

use crate::basis::Basis;
use crate::day::Day;
use crate::id::ProcedureId;
use crate::law::LawError;
use crate::matter::MatterState;

/// Where the table lies in the law folder.
pub const FILE: &str = "tables/retention.toml";

/// Periods of retention.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Why the county must set them.
    pub configurable: Option<String>,
    #[serde(default, rename = "period")]
    periods: Vec<Period>,
}

/// The period of one procedure from a day on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Of which procedure.
    pub procedure: ProcedureId,
    /// For matters that ended on this day or later.
    pub from: Day,
    /// How many years; none: for ever.
    pub years: Option<i16>,
    /// Where it stands.
    pub basis: Basis,
}

/// Until when a matter is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept<'a> {
    /// No period is set for its procedure.
    Unsettled,
    /// It has not ended.
    Open,
    /// For ever.
    Forever(&'a Basis),
    /// To the day before this one.
    Until(Day, &'a Basis),
}

impl Retention {
    /// Reads the table.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))
    }

    /// Until when a matter is kept. Years count from the first of January after its end: the cautious reading.
    pub fn of<'a>(&'a self, state: &MatterState) -> Kept<'a> {
        let Some(end) = state.ended.as_ref().map(|ended| ended.day) else { return Kept::Open };
        let fits = |period: &&Period| period.procedure == state.procedure && period.from <= end;
        match self.periods.iter().filter(fits).max_by_key(|period| period.from) {
            None => Kept::Unsettled,
            Some(Period { years: None, basis, .. }) => Kept::Forever(basis),
            Some(Period { years: Some(years), basis, .. }) => {
                let until = Day::new(end.year().saturating_add(*years).saturating_add(1), 1, 1);
                until.map_or(Kept::Forever(basis), |until| Kept::Until(until, basis))
            }
        }
    }

    /// All periods.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }
}
