//! Sessions: who is signed in, known only by the SHA-256 of the token. Times are seconds on machine time.

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With a password.
    Staff,
    /// By picking a person on the page of a demonstration county.
    Persona,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Persona => "persona",
        }
    }
    fn parse(code: &str) -> Result<Self, StoreFault> {
        match code {
            "staff" => Ok(Self::Staff),
            "persona" => Ok(Self::Persona),
            _ => Err(StoreFault::Value { what: "session.kind".to_owned() }),
        }
    }
}

/// A session as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token; also its public name in lists, since it reveals nothing.
    pub token_hash: [u8; 32],
    /// Who.
    pub person: String,
    /// In which post, once chosen.
    pub post: Option<String>,
    /// Signed in at.
    pub created: i64,
    /// Last request, to the minute.
    pub seen: i64,
    /// Ends at, whatever happens.
    pub expires: i64,
    /// How they came in.
    pub kind: Kind,
    /// Key of this session's form tokens.
    pub csrf_secret: [u8; 32],
    /// Coarse description of the browser.
    pub client: String,
}

const COLUMNS: &str = "token_hash, person, post, created, seen, expires, kind, csrf_secret, client";

fn session(row: &Row<'_>) -> Result<Session, StoreFault> {
    Ok(Session {
        token_hash: row.bytes(0)?,
        person: row.text(1)?,
        post: row.opt_text(2)?,
        created: row.int(3)?,
        seen: row.int(4)?,
        expires: row.int(5)?,
        kind: Kind::parse(&row.text(6)?)?,
        csrf_secret: row.bytes(7)?,
        client: row.text(8)?,
    })
}

/// The session of a token.
pub fn find(q: &impl Query, county: &str, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM session WHERE county_code = $1 AND token_hash = $2");
    q.query_one(&sql, params![county, token_hash], session)
}

/// A person's sessions, latest first.
pub fn list_of(q: &impl Query, county: &str, person: &str) -> Result<Vec<Session>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM session WHERE county_code = $1 AND person = $2
         ORDER BY created DESC, token_hash LIMIT 100"
    );
    q.query_all(&sql, params![county, person], session)
}

/// Starts a session.
pub fn insert(tx: &mut Tx<'_>, county: &str, new: &Session) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO session (county_code, token_hash, person, post, created, seen, expires, kind, csrf_secret, client)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            county,
            &new.token_hash,
            &new.person,
            new.post.as_deref(),
            new.created,
            new.seen,
            new.expires,
            new.kind.code(),
            &new.csrf_secret,
            &new.client,
        ],
    )?;
    Ok(())
}

/// Notes that a session was used.
pub fn touch(tx: &mut Tx<'_>, county: &str, token_hash: &[u8; 32], seen: i64) -> Result<(), StoreFault> {
    tx.execute(
        "UPDATE session SET seen = $3 WHERE county_code = $1 AND token_hash = $2 AND seen < $3",
        params![county, token_hash, seen],
    )?;
    Ok(())
}

/// Ends one session of a person; returns whether there was one.
pub fn delete(tx: &mut Tx<'_>, county: &str, person: &str, token_hash: &[u8; 32]) -> Result<bool, StoreFault> {
    let gone = tx.execute(
        "DELETE FROM session WHERE county_code = $1 AND person = $2 AND token_hash = $3",
        params![county, person, token_hash],
    )?;
    Ok(gone == 1)
}

/// Ends every session of a person except `keep`; returns how many.
pub fn delete_of(tx: &mut Tx<'_>, county: &str, person: &str, keep: Option<&[u8; 32]>) -> Result<usize, StoreFault> {
    let none: &[u8] = &[];
    let keep = keep.map_or(none, |hash| hash.as_slice());
    tx.execute(
        "DELETE FROM session WHERE county_code = $1 AND person = $2 AND token_hash <> $3",
        params![county, person, keep],
    )
}

/// Forgets sessions that ended before `now`; returns how many.
pub fn prune(tx: &mut Tx<'_>, county: &str, now: i64) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM session WHERE county_code = $1 AND expires <= $2", params![county, now])
}

/// Deletes every session of the county (a backup carries none); returns how many.
pub fn delete_all(tx: &mut Tx<'_>, county: &str) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM session WHERE county_code = $1", params![county])
}
