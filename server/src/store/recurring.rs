//! Disputes of one place: how many others somebody may see, counted to a bound, so that a page stays quick in a village with thousands.
//!
//! Does not belong here: people who come again (`party_phones.rs`).

use super::matters::MatterRow;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault};

/// How many of the newest `looked_at` matters of a place are of a row's procedure and began since a day, not voided or merged.
pub fn count_at(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    (row, place, since): (&MatterRow, &str, i64),
    looked_at: i64,
) -> Result<i64, StoreFault> {
    let mut statement = Statement::new();
    let county = statement.text(county);
    let place = statement.text(place);
    let procedure = statement.text(&row.procedure);
    let since = statement.int(since);
    let limit = statement.int(looked_at);
    // The newest of the place first, by its own index, so that a place with many costs no more than one with some.
    statement.sql = format!(
        "SELECT count(*) FROM matter m WHERE m.county_code = {county} AND m.num IN
           (SELECT n.num FROM matter n WHERE n.county_code = {county} AND n.place = {place} ORDER BY n.num DESC LIMIT {limit})
           AND m.closed = 0 AND m.opened_day >= {since} AND m.procedure = {procedure}"
    );
    see(&mut statement, sight);
    Ok(q.query_one(&statement.sql, &statement.params(), |row| row.int(0))?.unwrap_or(0))
}
