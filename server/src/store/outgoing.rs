//! What leaves the house: a queue that a crash cannot empty. Times are milliseconds of machine time.

use super::notices::NoticeId;
use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A message's name, which goes along with it.
pub type OutgoingId = [u8; 16];

/// A message as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Its name.
    pub id: OutgoingId,
    /// The notice that it tells.
    pub notice: NoticeId,
    /// `webhook`, `mail` or `sms`.
    pub channel: String,
    /// `due`, `sent`, `dead` or `dropped`.
    pub state: String,
    /// How often it was tried in vain.
    pub tries: i64,
    /// When it is tried next, or when it ended.
    pub next: i64,
    /// Why it is not there.
    pub problem: String,
    /// Since when it waits.
    pub made: i64,
}

const COLUMNS: &str = "id, notice, channel, state, tries, next, problem, made";

fn outgoing(row: &Row<'_>) -> Result<Outgoing, StoreFault> {
    Ok(Outgoing {
        id: row.bytes(0)?,
        notice: row.bytes(1)?,
        channel: row.text(2)?,
        state: row.text(3)?,
        tries: row.int(4)?,
        next: row.int(5)?,
        problem: row.text(6)?,
        made: row.int(7)?,
    })
}

/// Puts a message into the queue; one that is there stays as it is.
pub fn put(
    tx: &mut Tx<'_>,
    county: &str,
    id: &OutgoingId,
    notice: &NoticeId,
    channel: &str,
    now: i64,
) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO outgoing (county_code, id, notice, channel, state, tries, next, problem, made)
         VALUES ($1, $2, $3, $4, 'due', 0, $5, '', $5) ON CONFLICT (county_code, id) DO NOTHING",
        params![county, id, notice, channel, now],
    )?;
    Ok(())
}

/// What of a channel is to be sent now, what waited longest first.
pub fn list_due(
    q: &impl Query,
    county: &str,
    channel: &str,
    now: i64,
    limit: i64,
) -> Result<Vec<Outgoing>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outgoing WHERE county_code = $1 AND channel = $2 AND state = 'due' AND next <= $3
         ORDER BY next LIMIT $4"
    );
    q.query_all(&sql, params![county, channel, now, limit], outgoing)
}

/// Messages in a state, the latest first.
pub fn list_in(q: &impl Query, county: &str, state: &str, limit: i64) -> Result<Vec<Outgoing>, StoreFault> {
    let sql =
        format!("SELECT {COLUMNS} FROM outgoing WHERE county_code = $1 AND state = $2 ORDER BY next DESC LIMIT $3");
    q.query_all(&sql, params![county, state, limit], outgoing)
}

/// How many messages are in a state, counted to `limit`.
pub fn count_in(q: &impl Query, county: &str, state: &str, limit: i64) -> Result<i64, StoreFault> {
    let found = q.query_one(
        "SELECT count(*) FROM (SELECT 1 FROM outgoing WHERE county_code = $1 AND state = $2 LIMIT $3) x",
        params![county, state, limit],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Takes a message as it was read, before it is sent: counts the try and says when the next one may be. Whether it is ours: not if
/// somebody else took or settled it meanwhile.
pub fn claim(tx: &mut Tx<'_>, county: &str, read: &Outgoing, next: i64) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE outgoing SET tries = $4, next = $5 WHERE county_code = $1 AND id = $2 AND state = 'due' AND next = $3",
        params![county, &read.id, read.next, read.tries + 1, next],
    )?;
    Ok(changed > 0)
}

/// Notes how an attempt ended; a message that was settled meanwhile stays so.
pub fn settle(tx: &mut Tx<'_>, county: &str, after: &Outgoing) -> Result<(), StoreFault> {
    tx.execute(
        "UPDATE outgoing SET state = $3, tries = $4, next = $5, problem = $6
         WHERE county_code = $1 AND id = $2 AND state = 'due'",
        params![county, &after.id, after.state.as_str(), after.tries, after.next, after.problem.as_str()],
    )?;
    Ok(())
}

/// Sends a dead message again, or all of them; how many there were.
pub fn revive(tx: &mut Tx<'_>, county: &str, id: Option<&OutgoingId>, now: i64) -> Result<usize, StoreFault> {
    match id {
        Some(id) => tx.execute(
            "UPDATE outgoing SET state = 'due', tries = 0, next = $3 WHERE county_code = $1 AND id = $2 AND state = 'dead'",
            params![county, id, now],
        ),
        None => tx.execute(
            "UPDATE outgoing SET state = 'due', tries = 0, next = $2 WHERE county_code = $1 AND state = 'dead'",
            params![county, now],
        ),
    }
}

/// Forgets what was sent, failed for good or was not wanted any more before a moment.
pub fn prune(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<usize, StoreFault> {
    tx.execute(
        "DELETE FROM outgoing WHERE county_code = $1 AND state IN ('sent', 'dropped', 'dead') AND next < $2",
        params![county, before],
    )
}
