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

/// The comments on a draft as far as somebody sees them: those that are not settled first, then the oldest.
pub fn seen(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    (procedure, draft): (&str, MatterId),
    limit: i64,
) -> Result<Vec<MatterState>, StoreFault> {
    let mut statement = on_draft("m.body", county, (procedure, draft));
    see(&mut statement, sight);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY s.value IS NOT NULL, m.num LIMIT {limit}"));
    let bodies = q.query_all(&statement.sql, &statement.params(), |row| row.blob(0))?;
    matters::states(&bodies, "matter.body")
}

/// What is selected of the comments on a draft; `s` is how one is settled.
fn on_draft(select: &str, county: &str, (procedure, draft): (&str, MatterId)) -> Statement {
    let mut statement = Statement::new();
    let (county, draft, procedure) =
        (statement.text(county), statement.text(&draft.to_string()), statement.text(procedure));
    // From the draft to its comments: CROSS keeps the order.
    statement.sql = format!(
        "SELECT {select} FROM fact f CROSS JOIN matter m
         LEFT JOIN fact s ON s.county_code = m.county_code AND s.matter = m.id AND s.field = 'settled_as' AND s.until_entry IS NULL
         WHERE f.county_code = {county} AND f.field = 'consultation' AND f.until_entry IS NULL AND f.value = {draft}
           AND m.county_code = {county} AND m.id = f.matter AND m.procedure = {procedure} AND m.closed = 0"
    );
    statement
}

/// What lies around a comment among those on its draft.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Around {
    /// How many there are.
    pub all: i64,
    /// How many of the others are not settled.
    pub waiting: i64,
    /// The one before.
    pub before: Option<MatterId>,
    /// The one after.
    pub after: Option<MatterId>,
    /// The next that waits: after this one, else from the beginning.
    pub next_waiting: Option<MatterId>,
}

/// What lies around a comment, as far as somebody sees it: numbers only, however many comments there are.
pub fn around(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    draft: (&str, MatterId),
    num: i64,
) -> Result<Around, StoreFault> {
    let waits = format!("s.value IS NULL AND m.num <> {num}");
    let select = format!(
        "count(*), count(CASE WHEN {waits} THEN 1 END), max(CASE WHEN m.num < {num} THEN m.num END),
         min(CASE WHEN m.num > {num} THEN m.num END), min(CASE WHEN {waits} AND m.num > {num} THEN m.num END),
         min(CASE WHEN {waits} THEN m.num END)"
    );
    let mut statement = on_draft(&select, county, draft);
    see(&mut statement, sight);
    let found = q.query_one(&statement.sql, &statement.params(), |row| {
        let places = [row.opt_int(2)?, row.opt_int(3)?, row.opt_int(4)?.or(row.opt_int(5)?)];
        Ok((row.int(0)?, row.int(1)?, places))
    })?;
    let Some((all, waiting, [before, after, next_waiting])) = found else { return Ok(Around::default()) };
    let at = |place: Option<i64>| {
        let sql = "SELECT id FROM matter WHERE county_code = $1 AND num = $2";
        let find = |num| q.query_one(sql, params![county, num], |row| matters::id_of(&row.blob(0)?));
        place.map(find).transpose().map(Option::flatten)
    };
    Ok(Around { all, waiting, before: at(before)?, after: at(after)?, next_waiting: at(next_waiting)? })
}

/// How many comments on a draft were settled as what, all or as far as somebody sees them; under the empty code those that are not settled yet.
pub fn counts(
    q: &impl Query,
    county: &str,
    sight: Option<&SightFilter>,
    draft: (&str, MatterId),
) -> Result<BTreeMap<String, i64>, StoreFault> {
    let mut statement = on_draft("coalesce(s.value, ''), count(*)", county, draft);
    if let Some(sight) = sight {
        see(&mut statement, sight);
    }
    statement.sql.push_str(" GROUP BY coalesce(s.value, '')");
    let counts = q.query_all(&statement.sql, &statement.params(), |row| Ok((row.text(0)?, row.int(1)?)))?;
    Ok(counts.into_iter().collect())
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
