//! What is inspected, how often, and under which plan: the questions that a draw and an inspection ask of the tables.
//!
//! Does not belong here: what follows from the answers (`app/inspect/`).

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Fact, MatterState};

use super::credit::Whose;
use super::matters::id_of;
use super::statement::Statement;
use super::{Query, StoreFault, matters};
use crate::params;

/// The procedure of an inspection.
pub const INSPECTION: &str = "inspection";
/// The register of what may be inspected.
pub const OBJECT: &str = "inspection_object";

/// A calendar year, as the numbers of its first and last day.
#[derive(Clone, Copy, Debug)]
pub struct Year {
    /// The year.
    pub year: i16,
    first: i64,
    last: i64,
}

impl Year {
    /// The year of a day.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self::new(day.year())
    }

    /// A year.
    #[must_use]
    pub fn new(year: i16) -> Self {
        Self { year, first: i64::from(year) * 10_000 + 101, last: i64::from(year) * 10_000 + 1231 }
    }
}

/// What the register lists now.
pub fn objects(q: &impl Query, county: &str) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT body FROM matter WHERE county_code = $1 AND procedure = $2 AND state = 'listed' AND closed = 0 ORDER BY num",
        params![county, OBJECT],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body")
}

/// Inspections of an organ by object, this year: those that were entered, and those that are under way to it.
pub fn scheduled(q: &impl Query, county: &str, organ: &str, year: Year) -> Result<BTreeMap<String, i64>, StoreFault> {
    let rows = q.query_all(
        "SELECT o.value, count(*) FROM matter m
         JOIN fact o ON o.county_code = m.county_code AND o.matter = m.id AND o.field = 'object' AND o.until_entry IS NULL
         LEFT JOIN fact e ON e.county_code = m.county_code AND e.matter = m.id AND e.field = 'entered_on' AND e.until_entry IS NULL
         WHERE m.county_code = $1 AND m.procedure = $2 AND m.organ = $3 AND m.closed = 0 AND m.state <> 'cancelled'
           AND (e.number BETWEEN $4 AND $5 OR (e.number IS NULL AND m.state IN ('assigned', 'approved')))
         GROUP BY o.value",
        params![county, INSPECTION, organ, year.first, year.last],
        |row| Ok((row.text(0)?, row.int(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// How often an organ entered this year at what has a credit code. What was withdrawn again, or not carried out, is not counted.
pub fn entered(q: &impl Query, county: &str, organ: &str, code: &str, year: Year) -> Result<i64, StoreFault> {
    let count = q.query_one(
        "SELECT count(*) FROM fact o
         CROSS JOIN matter m
         CROSS JOIN fact e
         WHERE o.county_code = $1 AND o.field = 'object_code' AND o.value = $4 AND o.until_entry IS NULL
           AND m.county_code = o.county_code AND m.id = o.matter AND m.procedure = $2 AND m.organ = $3 AND m.closed = 0
           AND m.state NOT IN ('assigned', 'approved', 'cancelled')
           AND e.county_code = o.county_code AND e.matter = o.matter AND e.field = 'entered_on' AND e.until_entry IS NULL
           AND e.number BETWEEN $5 AND $6",
        params![county, INSPECTION, organ, code, year.first, year.last],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// The smallest cap that the organ has published for a field of law and a year; none where it published no plan.
pub fn cap(q: &impl Query, county: &str, organ: &str, domain: &str, year: Year) -> Result<Option<i64>, StoreFault> {
    let plans = plans(q, county, Some(organ))?;
    let fits = |plan: &&MatterState| {
        plan.fact("domain").is_some_and(|fact| fact.says(domain))
            && plan.fact("year").and_then(Fact::number) == Some(i64::from(year.year))
    };
    let caps = plans.iter().filter(fits);
    Ok(caps.filter_map(|plan| plan.fact("object_cap").and_then(Fact::number)).min())
}

/// Plans that are in force or were, of one organ or of all, the newest first.
pub fn plans(q: &impl Query, county: &str, organ: Option<&str>) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT body FROM matter WHERE county_code = $1 AND procedure = 'inspection_plan' AND state IN ('published', 'ended')
           AND closed = 0 AND ($2 = '' OR organ = $2) ORDER BY num DESC LIMIT 200",
        params![county, organ.unwrap_or_default()],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body")
}

/// The matter and the step of an entry.
pub fn last_step(q: &impl Query, county: &str, seq: i64) -> Result<Option<(MatterId, String)>, StoreFault> {
    q.query_one(
        "SELECT matter, step FROM step WHERE county_code = $1 AND seq = $2 AND step <> '_linked'",
        params![county, seq],
        |row| Ok((id_of(&row.blob(0)?)?, row.text(1)?)),
    )
}

/// Matters of a procedure that were opened in a year, with their titles, of these organs or of all, the newest first.
pub fn list(
    q: &impl Query,
    county: &str,
    procedure: &str,
    whose: Whose<'_>,
    year: Year,
) -> Result<Vec<(String, MatterState)>, StoreFault> {
    let mut statement = Statement::new();
    let (place, procedure) = (statement.text(county), statement.text(procedure));
    let (first, last) = (statement.int(year.first), statement.int(year.last));
    // CROSS: from the openings of the year to their matters, not through all matters.
    statement.sql = format!(
        "SELECT m.title, m.body FROM fact o CROSS JOIN matter m
         WHERE o.county_code = {place} AND o.field = '_opened' AND o.value = {procedure} AND o.number BETWEEN {first} AND {last}
           AND o.until_entry IS NULL AND m.county_code = o.county_code AND m.id = o.matter AND m.closed = 0"
    );
    if let Some(organs) = whose {
        let organs = statement.texts(organs);
        statement.and(&format!("m.organ IN {organs}"));
    }
    statement.sql.push_str(" ORDER BY m.num DESC");
    let rows = q.query_all(&statement.sql, &statement.params(), |row| Ok((row.text(0)?, row.blob(1)?)))?;
    let broken = |_| StoreFault::Value { what: "matter.body".to_owned() };
    rows.into_iter().map(|(title, bytes)| Ok((title, minicbor::decode(&bytes).map_err(broken)?))).collect()
}
