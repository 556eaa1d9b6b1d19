//! Calendars: the addresses that people made for them, and the matters whose days stand in them.

use zhunsheng_core::id::MatterId;

use super::matters::{Work, id_of};
use super::seeing::{SightFilter, see};
use super::statement::Statement;
use super::{Query, StoreFault, Tx};
use crate::params;

/// An address that a person made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feed {
    /// SHA-256 of its secret.
    pub token_hash: [u8; 32],
    /// When, milliseconds of machine time.
    pub made: i64,
}

/// Whose calendar an address opens.
pub fn find_feed(q: &impl Query, county: &str, token_hash: &[u8; 32]) -> Result<Option<MatterId>, StoreFault> {
    q.query_one(
        "SELECT person FROM calendar_feed WHERE county_code = $1 AND token_hash = $2",
        params![county, token_hash],
        |row| id_of(&row.blob(0)?),
    )
}

/// The addresses of a person, the newest first.
pub fn list_feeds(q: &impl Query, county: &str, person: MatterId) -> Result<Vec<Feed>, StoreFault> {
    q.query_all(
        "SELECT token_hash, made FROM calendar_feed WHERE county_code = $1 AND person = $2 ORDER BY made DESC, token_hash",
        params![county, &person.to_bytes()],
        |row| Ok(Feed { token_hash: row.bytes(0)?, made: row.int(1)? }),
    )
}

/// Enters an address.
pub fn put_feed(tx: &mut Tx<'_>, county: &str, person: MatterId, new: &Feed) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO calendar_feed (county_code, token_hash, person, made) VALUES ($1, $2, $3, $4)",
        params![county, &new.token_hash, &person.to_bytes(), new.made],
    )?;
    Ok(())
}

/// Closes an address of a person; whether there was one.
pub fn delete_feed(tx: &mut Tx<'_>, county: &str, person: MatterId, token_hash: &[u8; 32]) -> Result<bool, StoreFault> {
    let gone = tx.execute(
        "DELETE FROM calendar_feed WHERE county_code = $1 AND person = $2 AND token_hash = $3",
        params![county, &person.to_bytes(), token_hash],
    )?;
    Ok(gone > 0)
}

/// A matter as a calendar names it: nothing of its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dated {
    /// Which.
    pub id: MatterId,
    /// Its last number.
    pub number: Option<String>,
    /// When its last act was recorded, milliseconds since 1970.
    pub changed: i64,
}

const DATED: &str = "SELECT m.id, m.number, coalesce((SELECT s.recorded FROM step s WHERE s.county_code = m.county_code
    AND s.seq = m.changed_entry AND s.matter = m.id), 0) FROM matter m";

fn dated(row: &super::Row<'_>) -> Result<Dated, StoreFault> {
    Ok(Dated { id: id_of(&row.blob(0)?)?, number: row.opt_text(1)?, changed: row.int(2)? })
}

/// Matters that a person works on in a post: open work, and what they answer for. As far as the post sees them; none that is a work
/// secret.
pub fn list_of(
    q: &impl Query,
    county: &str,
    work: &Work<'_>,
    sight: &SightFilter,
    limit: i64,
) -> Result<Vec<Dated>, StoreFault> {
    let mut statement = Statement::new();
    let place = statement.text(county);
    let (organ, kind) = (statement.text(work.organ), statement.text(work.post_kind));
    let person = statement.blob(&work.person.to_bytes());
    statement.sql = format!(
        "{DATED} WHERE m.county_code = {place} AND m.closed = 0 AND m.secret = 0 AND m.num IN (
           SELECT t.num FROM todo t WHERE t.county_code = {place} AND t.organ = {organ} AND t.post_kind = {kind}
             AND (t.person IS NULL OR t.person = {person})
           UNION SELECT a.num FROM matter a WHERE a.county_code = {place} AND a.assigned = {person} AND a.closed = 0
             AND a.ended_day IS NULL)"
    );
    see(&mut statement, sight);
    let limit = statement.int(limit);
    statement.sql.push_str(&format!(" ORDER BY m.num DESC LIMIT {limit}"));
    q.query_all(&statement.sql, &statement.params(), dated)
}

/// A matter, if the post sees it and it is no work secret.
pub fn find_dated(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    id: MatterId,
) -> Result<Option<Dated>, StoreFault> {
    let mut statement = Statement::new();
    let (place, matter) = (statement.text(county), statement.blob(&id.to_bytes()));
    statement.sql =
        format!("{DATED} WHERE m.county_code = {place} AND m.id = {matter} AND m.closed = 0 AND m.secret = 0");
    see(&mut statement, sight);
    q.query_one(&statement.sql, &statement.params(), dated)
}
