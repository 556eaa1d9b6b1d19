//! The line of a matter, as projection writes it: what lists show and filter by, and the folded state.
//!
//! Does not belong here: reading lines (`matters.rs`).

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{PersonId, PlaceCode};
use zhunsheng_core::matter::MatterState;

use super::{StoreFault, Tx};
use crate::params;

/// Everything a projection writes at once for the line of a matter.
pub struct MatterLine<'a> {
    /// The folded state.
    pub state: &'a MatterState,
    /// Its place in lists.
    pub num: i64,
    /// The state of its main track.
    pub main_state: &'a str,
    /// Its title, natural persons masked.
    pub title: &'a str,
    /// The nearest running maximum and whether it is provisional.
    pub due: Option<(i64, bool)>,
    /// Whether it is a work secret.
    pub secret: bool,
    /// The entry that changed it, and its recorded day.
    pub changed: (i64, i64),
}

/// What the indexes over the lines are made of. A line that keeps them is written without touching an index.
#[derive(PartialEq, Eq)]
pub struct LineKeys {
    place: Option<PlaceCode>,
    responsible: Option<PersonId>,
    closed: bool,
    ended: Option<Day>,
    due: Option<i64>,
}

impl LineKeys {
    /// Those of a state with its nearest due day.
    #[must_use]
    pub fn of(state: &MatterState, due: Option<i64>) -> Self {
        Self {
            place: state.place.clone(),
            responsible: state.deputy.or(state.assigned),
            closed: state.closed,
            ended: state.ended.as_ref().map(|ended| ended.day),
            due,
        }
    }
}

impl MatterLine<'_> {
    fn number(&self) -> Option<&str> {
        let issued = self.state.instruments.iter().rev();
        issued.filter_map(|issued| issued.number.as_ref()).map(|number| number.text.as_str()).next()
    }

    fn outcome(&self) -> Option<&str> {
        self.state.ended.as_ref().map(|ended| ended.outcome.as_str())
    }

    fn flags(&self) -> i64 {
        i64::try_from(self.state.flags.len()).unwrap_or(i64::MAX)
    }

    fn body(&self) -> Result<Vec<u8>, StoreFault> {
        minicbor::to_vec(self.state).map_err(|_| StoreFault::Value { what: "matter.body".to_owned() })
    }

    fn keys(&self) -> LineKeys {
        LineKeys::of(self.state, self.due.map(|(day, _)| day))
    }

    fn provisional(&self) -> i64 {
        i64::from(self.due.is_some_and(|(_, provisional)| provisional))
    }
}

/// Writes the line of a new matter.
pub fn insert_line(tx: &mut Tx<'_>, county: &str, line: &MatterLine<'_>) -> Result<(), StoreFault> {
    let (state, keys) = (line.state, line.keys());
    tx.send(
        "INSERT INTO matter (county_code, id, num, procedure, organ, place, state, outcome, opened_day, ended_day, closed, secret,
            assigned, parent, due_day, provisional, flags, title, number, changed_entry, changed_day, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        params![
            county,
            &state.id.to_bytes(),
            line.num,
            state.procedure.as_str(),
            state.organ.as_str(),
            keys.place.as_ref().map(|place| place.as_str()),
            line.main_state,
            line.outcome(),
            state.opened.number(),
            keys.ended.map(Day::number),
            i64::from(keys.closed),
            i64::from(line.secret),
            keys.responsible.map(|id| id.to_bytes()).as_ref().map(|id| id.as_slice()),
            state.parent.map(|id| id.to_bytes()).as_ref().map(|id| id.as_slice()),
            keys.due,
            line.provisional(),
            line.flags(),
            line.title,
            line.number(),
            line.changed.0,
            line.changed.1,
            &line.body()?,
        ],
    )?;
    Ok(())
}

/// Writes the line of a matter again, which had the keys `before`.
pub fn update_line(tx: &mut Tx<'_>, county: &str, line: &MatterLine<'_>, before: &LineKeys) -> Result<(), StoreFault> {
    let (state, keys) = (line.state, line.keys());
    if keys != *before {
        tx.send(
            "UPDATE matter SET place = $3, assigned = $4, closed = $5, ended_day = $6, due_day = $7
             WHERE county_code = $1 AND id = $2",
            params![
                county,
                &state.id.to_bytes(),
                keys.place.as_ref().map(|place| place.as_str()),
                keys.responsible.map(|id| id.to_bytes()).as_ref().map(|id| id.as_slice()),
                i64::from(keys.closed),
                keys.ended.map(Day::number),
                keys.due,
            ],
        )?;
    }
    tx.send(
        "UPDATE matter SET organ = $3, state = $4, outcome = $5, secret = $6, provisional = $7, flags = $8, title = $9,
            number = $10, changed_entry = $11, changed_day = $12, body = $13
         WHERE county_code = $1 AND id = $2",
        params![
            county,
            &state.id.to_bytes(),
            state.organ.as_str(),
            line.main_state,
            line.outcome(),
            i64::from(line.secret),
            line.provisional(),
            line.flags(),
            line.title,
            line.number(),
            line.changed.0,
            line.changed.1,
            &line.body()?,
        ],
    )?;
    Ok(())
}
