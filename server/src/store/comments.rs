//! Comments on a draft, found by the draft that they name.
//!
//! Does not belong here: what a comment says, who may read a draft (`app/commenting.rs`).

use std::collections::BTreeMap;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use super::matters::Work;
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault, matters};
use crate::params;

/// The comments on a draft as far as somebody sees them, oldest first.
pub fn seen(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    (procedure, draft): (&str, MatterId),
) -> Result<Vec<MatterState>, StoreFault> {
    let mut statement = Statement::new();
    let (county, draft, procedure) =
        (statement.text(county), statement.text(&draft.to_string()), statement.text(procedure));
    // From the draft to its comments: CROSS keeps the order.
    statement.sql = format!(
        "SELECT m.body FROM fact f CROSS JOIN matter m
         WHERE f.county_code = {county} AND f.field = 'consultation' AND f.until_entry IS NULL AND f.value = {draft}
           AND m.county_code = {county} AND m.id = f.matter AND m.procedure = {procedure} AND m.closed = 0"
    );
    see(&mut statement, sight);
    statement.sql.push_str(" ORDER BY m.num");
    let bodies = q.query_all(&statement.sql, &statement.params(), |row| row.blob(0))?;
    matters::states(&bodies, "matter.body")
}

/// How many comments on a draft were settled as what; under the empty code those that are not settled yet.
pub fn counts(
    q: &impl Query,
    county: &str,
    (procedure, draft): (&str, MatterId),
) -> Result<BTreeMap<String, i64>, StoreFault> {
    let all = q.query_all(
        "SELECT coalesce(s.value, '') FROM fact f CROSS JOIN matter m
         LEFT JOIN fact s ON s.county_code = m.county_code AND s.matter = m.id AND s.field = 'settled_as' AND s.until_entry IS NULL
         WHERE f.county_code = $1 AND f.field = 'consultation' AND f.until_entry IS NULL AND f.value = $2
           AND m.county_code = $1 AND m.id = f.matter AND m.procedure = $3 AND m.closed = 0",
        params![county, draft.to_string().as_str(), procedure],
        |row| row.text(0),
    )?;
    let mut counts = BTreeMap::new();
    all.into_iter().for_each(|settled| *counts.entry(settled).or_default() += 1);
    Ok(counts)
}

/// The comments on a draft whose author left something of themselves: a name, a number, an address.
pub fn named(
    q: &impl Query,
    county: &str,
    (procedure, draft): (&str, MatterId),
) -> Result<Vec<MatterState>, StoreFault> {
    let bodies = q.query_all(
        "SELECT m.body FROM fact f CROSS JOIN matter m
         WHERE f.county_code = $1 AND f.field = 'consultation' AND f.until_entry IS NULL AND f.value = $2
           AND m.county_code = $1 AND m.id = f.matter AND m.procedure = $3 AND m.closed = 0
           AND EXISTS (SELECT 1 FROM sealed p WHERE p.county_code = $1 AND p.matter = f.matter
             AND p.label >= 'party.' AND p.label < 'party/' AND p.value IS NOT NULL)
         ORDER BY m.num",
        params![county, draft.to_string().as_str(), procedure],
        |row| row.blob(0),
    )?;
    matters::states(&bodies, "matter.body")
}

/// The drafts of which comments wait on a desk, and how many of each; the oldest draft first.
pub fn waiting(
    q: &impl Query,
    county: &str,
    procedure: &str,
    work: &Work<'_>,
) -> Result<Vec<(String, i64)>, StoreFault> {
    let found = q.query_all(
        "SELECT f.value, count(*) FROM todo t CROSS JOIN matter m CROSS JOIN fact f
         WHERE t.county_code = $1 AND t.organ = $2 AND t.post_kind = $3 AND (t.person IS NULL OR t.person = $4)
           AND t.procedure = $5 AND m.county_code = t.county_code AND m.num = t.num
           AND f.county_code = m.county_code AND f.matter = m.id AND f.field = 'consultation' AND f.until_entry IS NULL
         GROUP BY f.value ORDER BY f.value",
        params![county, work.organ, work.post_kind, &work.person.to_bytes(), procedure],
        |row| Ok((row.text(0)?, row.int(1)?)),
    )?;
    Ok(found)
}
