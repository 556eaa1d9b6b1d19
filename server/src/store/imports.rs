//! What was imported: found by its number in the system it came from, and by the import that entered it.
//!
//! An import marks what it enters with an external identity of its own, `system` [`IMPORT`] and `id` `<import>/<line>`.
//! Does not belong here: reading tables, and what an import does (`app/sheet`).

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::ExternalId;

use super::matters::id_of;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault};
use crate::params;

/// The system under which an import marks what it enters.
pub const IMPORT: &str = "_import";

/// Between a system and the number that it gave.
const BETWEEN: char = '\u{1f}';

fn number_of(system: &str, id: &str) -> String {
    format!("{system}{BETWEEN}{id}")
}

fn line_of(import: MatterId, line: u32) -> String {
    format!("{import}/{line}")
}

/// The identity that an import gives to what a line enters.
#[must_use]
pub fn mark(import: MatterId, line: u32) -> ExternalId {
    ExternalId { system: IMPORT.to_owned(), id: line_of(import, line), number: None }
}

/// The field and value under which an identity is found.
pub(super) fn fact_of(external: &ExternalId) -> (&'static str, String) {
    if external.system == IMPORT {
        ("_import", external.id.clone())
    } else {
        ("_external", number_of(&external.system, &external.id))
    }
}

/// The matter of a procedure that another system knows by a number; what was voided or merged is none.
pub fn find_external(
    q: &impl Query,
    county: &str,
    procedure: &str,
    (system, id): (&str, &str),
) -> Result<Option<MatterId>, StoreFault> {
    let sql = "SELECT m.id FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
        WHERE f.county_code = $1 AND f.field = '_external' AND f.until_entry IS NULL AND f.value = $2
          AND m.procedure = $3 AND m.closed = 0 LIMIT 1";
    q.query_one(sql, params![county, &number_of(system, id), procedure], |row| id_of(&row.blob(0)?))
}

/// The matter that a line of an import entered, whatever became of it.
pub fn find_line(q: &impl Query, county: &str, import: MatterId, line: u32) -> Result<Option<MatterId>, StoreFault> {
    let sql = "SELECT f.matter FROM fact f
        WHERE f.county_code = $1 AND f.field = '_import' AND f.until_entry IS NULL AND f.value = $2 LIMIT 1";
    q.query_one(sql, params![county, &line_of(import, line)], |row| id_of(&row.blob(0)?))
}

/// Imports that say a digest of their table: `field` is `rows_digest` or `file_digest`.
pub fn list_of_digest(q: &impl Query, county: &str, field: &str, digest: &str) -> Result<Vec<MatterId>, StoreFault> {
    // Partial indexes are found by their own words.
    let sql = match field {
        "rows_digest" => {
            "SELECT f.matter FROM fact f
             WHERE f.county_code = $1 AND f.field = 'rows_digest' AND f.until_entry IS NULL AND f.value = $2"
        }
        _ => {
            "SELECT f.matter FROM fact f
             WHERE f.county_code = $1 AND f.field = 'file_digest' AND f.until_entry IS NULL AND f.value = $2"
        }
    };
    q.query_all(sql, params![county, digest], |row| id_of(&row.blob(0)?))
}

/// A matter that an import entered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entered {
    /// Which.
    pub matter: MatterId,
    /// Whether it is voided or merged.
    pub closed: bool,
    /// Its title, natural persons masked.
    pub title: String,
}

/// What an import entered, in no order.
pub fn list_entered(q: &impl Query, county: &str, import: MatterId) -> Result<Vec<Entered>, StoreFault> {
    let sql = "SELECT f.matter, m.closed, m.title FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
        WHERE f.county_code = $1 AND f.field = '_import' AND f.until_entry IS NULL AND f.value >= $2 AND f.value < $3";
    let (low, high) = (format!("{import}/"), format!("{import}0"));
    q.query_all(sql, params![county, &low, &high], |row| {
        Ok(Entered { matter: id_of(&row.blob(0)?)?, closed: row.flag(1)?, title: row.text(2)? })
    })
}

/// What somebody sees of a procedure that another system knows: its number there, matter and title.
pub fn list_external(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    (procedure, system): (&str, &str),
) -> Result<Vec<(String, MatterId, String)>, StoreFault> {
    let mut statement = Statement::new();
    let (place, low, high, procedure) = (
        statement.text(county),
        statement.text(&number_of(system, "")),
        statement.text(&format!("{system}\u{20}")),
        statement.text(procedure),
    );
    statement.sql = format!(
        "SELECT f.value, m.id, m.title FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
         WHERE f.county_code = {place} AND f.field = '_external' AND f.until_entry IS NULL AND f.value >= {low}
           AND f.value < {high} AND m.procedure = {procedure} AND m.closed = 0"
    );
    see(&mut statement, sight);
    q.query_all(&statement.sql, &statement.params(), |row| {
        let value = row.text(0)?;
        let id = value.split_once(BETWEEN).map_or(value.as_str(), |(_, id)| id).to_owned();
        Ok((id, id_of(&row.blob(1)?)?, row.text(2)?))
    })
}
