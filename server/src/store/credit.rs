//! Reports to the credit platform and the decisions that owe them, found by day, number, decision and batch.
//!
//! Does not belong here: what a report says, whether it is late (`app/credit/`).

use zhunsheng_core::credit::REPORT;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use super::statement::Statement;
use super::{Query, StoreFault, matters};
use crate::params;

/// Whose matters are meant: of these organs, or of all.
pub type Whose<'a> = Option<&'a [String]>;

/// How the reports wanted are found.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Decided within these days, both included; the voided ones too, so that what leaves the count is seen.
    Days(Day, Day),
    /// About this decision.
    Decision(MatterId),
    /// With this number of a decision.
    Number(&'a str),
    /// Of this batch.
    Batch(&'a str),
    /// Whose publication ends within these days, both included.
    ShownUntil(Day, Day),
    /// Whose publication should have ended before this day, and of which nobody has entered that it did.
    ShownBeyond(Day),
    /// Made here and in one of these states, at most so many, the oldest first.
    States(&'a [&'a str], i64),
}

/// Which of the publications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Publications {
    /// Shown, or about to stop.
    Standing,
    /// Whose last day was before this one, and of which nobody has entered that it ended.
    Over(Day),
    /// That are to stop before their term.
    Stopping,
    /// That ended, and whose last day is not before this one.
    Ended(Day),
}

/// Where a page of publications begins: behind this last day and this report.
pub type Behind = (Day, MatterId);

/// That nobody has entered that a publication ended.
const NOT_ENDED: &str = "NOT EXISTS (SELECT 1 FROM step e
    WHERE e.county_code = m.county_code AND e.matter = m.id AND e.step = 'end_shown' AND e.withdrawn_entry IS NULL)";

fn published(statement: &mut Statement, county: &str, which: Publications, whose: Whose<'_>) {
    let place = statement.text(county);
    let procedure = statement.text(REPORT);
    // CROSS: along the days on which publication ends, not through all reports.
    statement.sql = format!(
        " FROM fact f CROSS JOIN matter m WHERE f.county_code = {place} AND f.field = 'publication_most' AND f.until_entry IS NULL
            AND m.county_code = {place} AND m.id = f.matter AND m.procedure = {procedure} AND m.closed = 0"
    );
    match which {
        Publications::Standing => {
            statement.and("m.state IN ('accepted', 'correcting', 'undone', 'withdrawing')");
            statement.and(NOT_ENDED);
        }
        Publications::Over(today) => {
            let today = statement.int(today.number());
            statement.and(&format!("f.number < {today} AND m.state IN ('accepted', 'correcting')"));
            statement.and(NOT_ENDED);
        }
        Publications::Stopping => statement.and("m.state IN ('undone', 'withdrawing')"),
        Publications::Ended(since) => {
            let since = statement.int(since.number());
            statement.and(&format!("f.number >= {since} AND (m.state = 'withdrawn' OR NOT ({NOT_ENDED}))"));
        }
    }
    of_organs(statement, whose);
}

/// A page of publications, the one that ends first in front.
pub fn publications(
    q: &impl Query,
    county: &str,
    which: Publications,
    whose: Whose<'_>,
    behind: Option<Behind>,
    limit: i64,
) -> Result<Vec<MatterState>, StoreFault> {
    let mut statement = Statement::new();
    published(&mut statement, county, which, whose);
    if let Some((day, report)) = behind {
        let (day, report) = (statement.int(day.number()), statement.blob(&report.to_bytes()));
        statement.and(&format!("f.number >= {day} AND (f.number > {day} OR f.matter > {report})"));
    }
    let limit = statement.int(limit);
    let sql = format!("SELECT m.body{} ORDER BY f.number, f.matter LIMIT {limit}", statement.sql);
    let bodies = q.query_all(&sql, &statement.params(), |row| row.blob(0))?;
    matters::states(&bodies, "matter.body")
}

/// How many there are, counted to `limit`.
pub fn count_publications(
    q: &impl Query,
    county: &str,
    which: Publications,
    whose: Whose<'_>,
    limit: i64,
) -> Result<i64, StoreFault> {
    let mut statement = Statement::new();
    published(&mut statement, county, which, whose);
    let limit = statement.int(limit);
    let sql = format!("SELECT count(*) FROM (SELECT 1{} LIMIT {limit}) x", statement.sql);
    Ok(q.query_one(&sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}

/// Reports, oldest first; voided ones only where it is said.
pub fn reports(q: &impl Query, county: &str, by: By<'_>, whose: Whose<'_>) -> Result<Vec<MatterState>, StoreFault> {
    let mut statement = Statement::new();
    let place = statement.text(county);
    let procedure = statement.text(REPORT);
    let from = match by {
        By::States(..) => "matter m",
        // CROSS: from the few facts to their reports, not through all reports.
        _ => "fact f CROSS JOIN matter m",
    };
    statement.sql = format!("SELECT m.body FROM {from} WHERE m.county_code = {place} AND m.procedure = {procedure}");
    if !matches!(by, By::Days(..)) {
        statement.and("m.closed = 0");
    }
    let mut limit = i64::MAX;
    let by_fact = |statement: &mut Statement, field: &str, value: String| {
        statement
            .and(&format!("f.county_code = {place} AND f.matter = m.id AND f.field = '{field}' AND f.until_entry IS NULL AND f.{value}"));
    };
    match by {
        By::Days(first, last) => {
            let (first, last) = (statement.int(first.number()), statement.int(last.number()));
            by_fact(&mut statement, "decided_on", format!("number BETWEEN {first} AND {last}"));
        }
        By::ShownUntil(first, last) => {
            let (first, last) = (statement.int(first.number()), statement.int(last.number()));
            by_fact(&mut statement, "publication_most", format!("number BETWEEN {first} AND {last}"));
        }
        By::ShownBeyond(before) => {
            let before = statement.int(before.number());
            by_fact(&mut statement, "publication_most", format!("number < {before}"));
            statement.and("m.state IN ('accepted', 'correcting', 'undone', 'withdrawing')");
            statement.and(NOT_ENDED);
        }
        By::Decision(decision) => {
            let value = statement.text(&decision.to_string());
            by_fact(&mut statement, "decision", format!("value = {value}"));
        }
        By::Number(number) => {
            let value = statement.text(number);
            by_fact(&mut statement, "decision_number", format!("value = {value}"));
        }
        By::Batch(batch) => {
            let value = statement.text(batch);
            by_fact(&mut statement, "batch", format!("value = {value}"));
        }
        By::States(states, most) => {
            limit = most;
            let states: Vec<String> = states.iter().map(|state| statement.text(state)).collect();
            statement.and(&format!("m.state IN ({})", states.join(", ")));
            // Reports of departmental systems wait there, not here, and may be thousands.
            let here = statement.text("here");
            statement.and(&format!(
                "EXISTS (SELECT 1 FROM fact h WHERE h.county_code = m.county_code AND h.matter = m.id
                   AND h.field = 'made_from' AND h.until_entry IS NULL AND h.value = {here})"
            ));
        }
    }
    of_organs(&mut statement, whose);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY m.num LIMIT {limit}"));
    let bodies = q.query_all(&statement.sql, &statement.params(), |row| row.blob(0))?;
    matters::states(&bodies, "matter.body")
}

fn body(bytes: &[u8]) -> Result<MatterState, StoreFault> {
    minicbor::decode(bytes).map_err(|_| StoreFault::Value { what: "matter.body".to_owned() })
}

fn of_organs(statement: &mut Statement, whose: Whose<'_>) {
    if let Some(organs) = whose {
        let organs = statement.texts(organs);
        statement.and(&format!("m.organ IN {organs}"));
    }
}

/// A decision: its matter and its day.
pub type Decision = (MatterState, Day);

/// Matters in which a step was taken within these days and stands, oldest first.
pub fn decisions(
    q: &impl Query,
    county: &str,
    (procedure, step): (&str, &str),
    (first, last): (Day, Day),
    whose: Whose<'_>,
) -> Result<Vec<Decision>, StoreFault> {
    let mut statement = Statement::new();
    let (place, procedure, step) = (statement.text(county), statement.text(procedure), statement.text(step));
    let (first, last) = (statement.int(first.number()), statement.int(last.number()));
    // CROSS: from the steps to their matters, not through all matters.
    statement.sql = format!(
        "SELECT m.body, s.day FROM step s CROSS JOIN matter m
         WHERE m.county_code = s.county_code AND m.id = s.matter AND s.county_code = {place} AND s.procedure = {procedure} AND s.step = {step}
           AND s.day BETWEEN {first} AND {last} AND s.withdrawn_entry IS NULL AND m.closed = 0"
    );
    of_organs(&mut statement, whose);
    statement.sql.push_str(" ORDER BY s.seq");
    let broken = || StoreFault::Value { what: "step.day".to_owned() };
    q.query_all(&statement.sql, &statement.params(), |row| {
        Ok((body(&row.blob(0)?)?, Day::from_number(row.int(1)?).ok_or_else(broken)?))
    })
}

/// Batches with how many reports they hold, the newest first.
pub fn batches(q: &impl Query, county: &str, whose: Whose<'_>, limit: i64) -> Result<Vec<(String, i64)>, StoreFault> {
    let mut statement = Statement::new();
    let (place, procedure) = (statement.text(county), statement.text(REPORT));
    // Other registers have batches of their own.
    statement.sql = format!(
        "SELECT f.value, count(*) FROM fact f JOIN matter m ON m.county_code = f.county_code AND m.id = f.matter
         WHERE f.county_code = {place} AND f.field = 'batch' AND f.until_entry IS NULL
           AND m.procedure = {procedure} AND m.closed = 0"
    );
    of_organs(&mut statement, whose);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" GROUP BY f.value ORDER BY f.value DESC LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), |row| Ok((row.text(0)?, row.int(1)?)))
}

/// The last batch whose name begins so. What was sent again moved to a later one, so no name comes twice.
pub fn last_batch(q: &impl Query, county: &str, prefix: &str) -> Result<Option<String>, StoreFault> {
    let sql = "SELECT max(value) FROM fact WHERE county_code = $1 AND field = 'batch'
        AND until_entry IS NULL AND value > $2 AND value < $3";
    let end = format!("{prefix}~");
    Ok(q.query_one(sql, params![county, prefix, end.as_str()], |row| row.opt_text(0))?.flatten())
}
