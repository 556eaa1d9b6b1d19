//! Queries of the staff pages beyond plain lists: open work of a person, sealed values at a moment, numbers of a desk.

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{MatterState, Matters};

use super::{Query, StoreFault};
use crate::params;

fn id_of(bytes: &[u8]) -> Result<MatterId, StoreFault> {
    MatterId::from_bytes(bytes).ok_or_else(|| StoreFault::Value { what: "matter id".to_owned() })
}

/// An act that somebody entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActDone {
    /// The entry.
    pub seq: i64,
    /// The matter.
    pub matter: MatterId,
    /// Its procedure.
    pub procedure: String,
    /// The step.
    pub step: String,
    /// The legal day.
    pub day: i64,
    /// The day of recording.
    pub recorded: i64,
    /// The matter's line as it stands.
    pub title: String,
}

/// What a person entered last, newest first.
pub fn list_done(
    q: &impl Query,
    county: &str,
    person: MatterId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ActDone>, StoreFault> {
    q.query_all(
        "SELECT s.seq, s.matter, s.procedure, s.step, s.day, s.recorded_day,
           (SELECT m.title FROM matter m WHERE m.county_code = s.county_code AND m.id = s.matter)
         FROM step s WHERE s.county_code = $1 AND s.person = $2 AND s.seq < $3 ORDER BY s.seq DESC, s.matter DESC LIMIT $4",
        params![county, &person.to_bytes(), before.unwrap_or(i64::MAX), limit],
        |row| {
            Ok(ActDone {
                seq: row.int(0)?,
                matter: id_of(&row.blob(1)?)?,
                procedure: row.text(2)?,
                step: row.text(3)?,
                day: row.int(4)?,
                recorded: row.int(5)?,
                title: row.text(6)?,
            })
        },
    )
}

/// How many of the last `limit` acts that a person entered were entered on or after a day: recorded days never go back,
/// so the count is exact below `limit`.
pub fn count_done(q: &impl Query, county: &str, person: MatterId, from: i64, limit: i64) -> Result<i64, StoreFault> {
    let found = q.query_one(
        "SELECT count(*) FROM (SELECT recorded_day FROM step WHERE county_code = $1 AND person = $2 ORDER BY seq DESC LIMIT $4) s
         WHERE s.recorded_day >= $3",
        params![county, &person.to_bytes(), from, limit],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The sealed values of a matter as they stood after an entry: label and value, erased ones left out.
pub fn sealed_at(
    q: &impl Query,
    county: &str,
    matter: MatterId,
    seq: i64,
) -> Result<Vec<(String, String)>, StoreFault> {
    let rows = q.query_all(
        "SELECT label, value FROM sealed s WHERE county_code = $1 AND matter = $2
           AND seq = (SELECT max(t.seq) FROM sealed t WHERE t.county_code = s.county_code AND t.matter = s.matter
                      AND t.label = s.label AND t.seq <= $3)",
        params![county, &matter.to_bytes(), seq],
        |row| Ok((row.text(0)?, row.opt_text(1)?)),
    )?;
    let mut open: Vec<(String, String)> = rows.into_iter().filter_map(|(label, value)| Some((label, value?))).collect();
    open.sort();
    Ok(open)
}

/// Reasons and file names said with acts of a matter: entry, label, value.
pub fn said_with_acts(
    q: &impl Query,
    county: &str,
    matter: MatterId,
) -> Result<Vec<(i64, String, String)>, StoreFault> {
    // Ordered here: asked to order, SQLite would walk the whole record in order instead of this matter's index.
    let mut rows = q.query_all(
        "SELECT seq, position, label, value FROM sealed WHERE county_code = $1 AND matter = $2
           AND ((label >= 'reason.' AND label < 'reason/') OR label IN ('reveal.reason', 'account.note') OR (label >= 'evidence.' AND label < 'evidence/'))",
        params![county, &matter.to_bytes()],
        |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.opt_text(3)?)),
    )?;
    rows.sort_by_key(|(seq, position, ..)| (*seq, *position));
    Ok(rows.into_iter().filter_map(|(seq, _, label, value)| Some((seq, label, value?))).collect())
}

/// A matter that somebody answers for, without its content: what an administrator may know of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenWork {
    /// Which.
    pub id: MatterId,
    /// Its procedure.
    pub procedure: String,
    /// The organ that holds it.
    pub organ: String,
    /// Its last number.
    pub number: Option<String>,
    /// The day it began.
    pub opened: i64,
}

/// Open matters for which a person is responsible.
pub fn list_assigned(q: &impl Query, county: &str, person: MatterId, limit: i64) -> Result<Vec<OpenWork>, StoreFault> {
    q.query_all(
        "SELECT id, procedure, organ, number, opened_day FROM matter
         WHERE county_code = $1 AND assigned = $2 AND closed = 0 AND ended_day IS NULL ORDER BY num LIMIT $3",
        params![county, &person.to_bytes(), limit],
        |row| {
            Ok(OpenWork {
                id: id_of(&row.blob(0)?)?,
                procedure: row.text(1)?,
                organ: row.text(2)?,
                number: row.opt_text(3)?,
                opened: row.int(4)?,
            })
        },
    )
}

/// The matters that deciding about one looks at: itself, its parent and its links.
pub fn related(q: &impl Query, county: &str, state: &MatterState) -> Result<Matters, StoreFault> {
    let mut known = Matters::new();
    for id in state.parent.into_iter().chain(state.links.iter().map(|link| link.matter)) {
        if let Some(found) = super::matters::find_state(q, county, id)? {
            known.insert(id, found);
        }
    }
    Ok(known)
}
