//! Matters that are still open under procedures, for what a change of law touches. Only counts, numbers and days. Without
//! sight only the operator's command asks.

use zhunsheng_core::id::MatterId;

use super::matters::id_of;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault};

/// An open matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenMatter {
    /// Which.
    pub id: MatterId,
    /// Its procedure.
    pub procedure: String,
    /// The number of its last instrument.
    pub number: Option<String>,
    /// The day it began, `yyyymmdd`.
    pub opened: i64,
    /// Its nearest running maximum, `yyyymmdd`.
    pub due: Option<i64>,
}

fn open(statement: &mut Statement, county: &str, procedures: &[String], sight: Option<&SightFilter>) -> String {
    let county = statement.text(county);
    let procedures = statement.texts(procedures);
    statement.sql =
        format!("m.county_code = {county} AND m.procedure IN {procedures} AND m.ended_day IS NULL AND m.closed = 0");
    if let Some(sight) = sight {
        see(statement, sight);
    }
    std::mem::take(&mut statement.sql)
}

/// How many matters are open, by procedure.
pub fn count(
    q: &impl Query,
    county: &str,
    procedures: &[String],
    sight: Option<&SightFilter>,
) -> Result<Vec<(String, i64)>, StoreFault> {
    let mut statement = Statement::new();
    let condition = open(&mut statement, county, procedures, sight);
    let sql = format!(
        "SELECT m.procedure, count(*) FROM matter m WHERE {condition} GROUP BY m.procedure ORDER BY m.procedure"
    );
    q.query_all(&sql, &statement.params(), |row| Ok((row.text(0)?, row.int(1)?)))
}

/// How many limits run in open matters, by procedure and clock.
pub fn count_running(
    q: &impl Query,
    county: &str,
    procedures: &[String],
    sight: Option<&SightFilter>,
) -> Result<Vec<(String, String, i64)>, StoreFault> {
    let mut statement = Statement::new();
    let condition = open(&mut statement, county, procedures, sight);
    let sql = format!(
        "SELECT m.procedure, c.clock, count(*) FROM matter m
         JOIN clock_run c ON c.county_code = m.county_code AND c.matter = m.id
         WHERE {condition} AND c.stopped_day IS NULL AND c.until_entry IS NULL
         GROUP BY m.procedure, c.clock ORDER BY m.procedure, c.clock"
    );
    q.query_all(&sql, &statement.params(), |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))
}

/// The newest open matters.
pub fn list(
    q: &impl Query,
    county: &str,
    procedures: &[String],
    sight: Option<&SightFilter>,
    most: i64,
) -> Result<Vec<OpenMatter>, StoreFault> {
    let mut statement = Statement::new();
    let condition = open(&mut statement, county, procedures, sight);
    let most = statement.int(most);
    let sql = format!(
        "SELECT m.id, m.procedure, m.number, m.opened_day, m.due_day FROM matter m
         WHERE {condition} ORDER BY m.num DESC LIMIT {most}"
    );
    q.query_all(&sql, &statement.params(), |row| {
        Ok(OpenMatter {
            id: id_of(&row.blob(0)?)?,
            procedure: row.text(1)?,
            number: row.opt_text(2)?,
            opened: row.int(3)?,
            due: row.opt_int(4)?,
        })
    })
}
