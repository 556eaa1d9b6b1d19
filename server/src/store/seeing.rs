//! The authority condition: part of every statement that lists or finds matters for a person.
//!
//! Does not belong here: what a post may see (`app/sight.rs`).

use super::db::Query;
use super::fault::StoreFault;
use super::statement::Statement;

/// Up to so many matters, a list by number is taken from theirs, which are read in order and only as far as the page
/// goes; beyond, from the newest of the county, of which enough are seen soon. Each way is slow where the other is quick.
pub(super) const FEW: i64 = 20_000;

/// The same for a list in another order, for which each of them has to be looked at.
pub(super) const FEW_SORTED: i64 = 4_000;

/// What a person may see, as it enters the query: procedures seen county-wide, and organs whose matters are seen for
/// some procedures. Empty sight sees nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SightFilter {
    /// Procedures of which everything is seen.
    pub county: Vec<String>,
    /// Organs (those of the post and, if it reaches below, those below it) with the procedures seen there.
    pub organs: Vec<(Vec<String>, Vec<String>)>,
}

/// Narrows a statement over `matter m` to what may be seen.
pub(super) fn see(statement: &mut Statement, sight: &SightFilter) {
    let mut ways = Vec::new();
    if !sight.county.is_empty() {
        let procedures = statement.texts(&sight.county);
        ways.push(format!("m.procedure IN {procedures}"));
    }
    for (organs, procedures) in &sight.organs {
        let organs = statement.texts(organs);
        let procedures = statement.texts(procedures);
        ways.push(format!(
            "(m.procedure IN {procedures} AND EXISTS (SELECT 1 FROM matter_organ o
              WHERE o.county_code = m.county_code AND o.num = m.num AND o.organ IN {organs}))"
        ));
    }
    let condition = if ways.is_empty() { "1 = 0".to_owned() } else { format!("({})", ways.join(" OR ")) };
    statement.and(&condition);
}

/// As [`see`], for lists: a person of a village, or of a bureau, sees a few of a county's matters, at most `few`, and the list
/// begins from those. Whether it does. `narrowed`: the list is of some procedures only; what of them is seen county-wide, their
/// index finds sooner.
pub(super) fn see_in_list(
    q: &impl Query,
    county: &str,
    statement: &mut Statement,
    (sight, narrowed): (&SightFilter, bool),
    few: i64,
) -> Result<bool, StoreFault> {
    let worth = sight.county.is_empty() || !narrowed;
    let sees_few = worth && sees_at_most(q, county, sight, few)?;
    if sees_few {
        let numbers = numbers_of(county, sight, statement);
        statement.and(&format!("m.num IN ({numbers})"));
    }
    see(statement, sight);
    Ok(sees_few)
}

fn sees_at_most(q: &impl Query, county: &str, sight: &SightFilter, few: i64) -> Result<bool, StoreFault> {
    if sight.county.is_empty() && sight.organs.is_empty() {
        return Ok(false);
    }
    let mut statement = Statement::new();
    let numbers = numbers_of(county, sight, &mut statement);
    let limit = statement.int(few.saturating_add(1));
    let sql = format!("SELECT count(*) FROM ({numbers} LIMIT {limit}) x");
    Ok(q.query_one(&sql, &statement.params(), |row| row.int(0))?.unwrap_or(0) <= few)
}

/// The numbers of the matters that any of the organs takes part in, and of the procedures seen county-wide; some twice.
fn numbers_of(county: &str, sight: &SightFilter, statement: &mut Statement) -> String {
    let organs: Vec<String> = sight.organs.iter().flat_map(|(organs, _)| organs.iter().cloned()).collect();
    let place = statement.text(county);
    let mut ways = Vec::new();
    if !sight.organs.is_empty() {
        let organs = statement.texts(&organs);
        ways.push(format!("SELECT o.num FROM matter_organ o WHERE o.county_code = {place} AND o.organ IN {organs}"));
    }
    if !sight.county.is_empty() {
        let procedures = statement.texts(&sight.county);
        ways.push(format!("SELECT p.num FROM matter p WHERE p.county_code = {place} AND p.procedure IN {procedures}"));
    }
    ways.join(" UNION ALL ")
}
