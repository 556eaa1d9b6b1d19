//! Accounts of citizens, their sessions, what they have shown to be theirs, drafts, and what they are told. Every row goes with the account.
//!
//! Does not belong here: which matters carry which number (`party_phones`), and what a number is sealed with (`app/citizen/`).

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use super::party_phones::PhoneHash;
use super::{Query, StoreFault, Tx};
use crate::params;

/// An account as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Citizen {
    /// The number, sealed.
    pub number: Vec<u8>,
    /// When it was made.
    pub created: i64,
    /// When somebody last came in with a code.
    pub used: i64,
    /// Since when they want short messages.
    pub told: Option<i64>,
}

/// A session as stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CitizenSession {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Whose.
    pub hash: PhoneHash,
    /// Last request, to the minute.
    pub seen: i64,
    /// Ends at, whatever happens.
    pub expires: i64,
}

/// A matter that is somebody's own.
#[derive(Clone, PartialEq, Debug)]
pub struct Own {
    /// As it stands.
    pub state: MatterState,
    /// As which party, where they have shown that they are it.
    pub party: Option<i64>,
}

/// Something to be told, as stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CitizenNotice {
    /// Its name.
    pub id: [u8; 16],
    /// Whose.
    pub hash: PhoneHash,
    /// About which matter.
    pub matter: MatterId,
    /// When, milliseconds.
    pub made: i64,
}

/// The account of a number.
pub fn find(q: &impl Query, county: &str, hash: &PhoneHash) -> Result<Option<Citizen>, StoreFault> {
    q.query_one(
        "SELECT number, created, used, told FROM citizen WHERE county_code = $1 AND hash = $2",
        params![county, hash],
        |row| Ok(Citizen { number: row.blob(0)?, created: row.int(1)?, used: row.int(2)?, told: row.opt_int(3)? }),
    )
}

/// Makes an account, or notes that it was used.
pub fn put_used(tx: &mut Tx<'_>, county: &str, hash: &PhoneHash, number: &[u8], now: i64) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO citizen (county_code, hash, number, created, used, told) VALUES ($1, $2, $3, $4, $4, NULL)
         ON CONFLICT (county_code, hash) DO UPDATE SET used = excluded.used",
        params![county, hash, number, now],
    )?;
    Ok(())
}

/// Notes since when somebody wants to be told, or that they do not.
pub fn put_told(tx: &mut Tx<'_>, county: &str, hash: &PhoneHash, told: Option<i64>) -> Result<(), StoreFault> {
    tx.execute("UPDATE citizen SET told = $3 WHERE county_code = $1 AND hash = $2", params![county, hash, told])?;
    Ok(())
}

/// Everything that hangs on an account, but for the account.
const BELONGINGS: [&str; 4] = ["citizen_session", "citizen_matter", "citizen_draft", "citizen_notice"];

/// Forgets what an account was shown, kept and told, and every session: whoever comes next may be somebody else.
pub fn forget_belongings(tx: &mut Tx<'_>, county: &str, hash: &PhoneHash) -> Result<(), StoreFault> {
    tx.overwrite_deleted()?;
    for table in BELONGINGS {
        tx.execute(&format!("DELETE FROM {table} WHERE county_code = $1 AND hash = $2"), params![county, hash])?;
    }
    put_told(tx, county, hash, None)
}

/// Forgets an account and everything that hangs on it. What was recorded of matters stays.
pub fn delete(tx: &mut Tx<'_>, county: &str, hash: &PhoneHash) -> Result<(), StoreFault> {
    forget_belongings(tx, county, hash)?;
    tx.execute("DELETE FROM citizen WHERE county_code = $1 AND hash = $2", params![county, hash])?;
    Ok(())
}

/// The session of a token.
pub fn find_session(q: &impl Query, county: &str, token_hash: &[u8; 32]) -> Result<Option<CitizenSession>, StoreFault> {
    q.query_one(
        "SELECT token_hash, hash, seen, expires FROM citizen_session
         WHERE county_code = $1 AND token_hash = $2",
        params![county, token_hash],
        |row| {
            Ok(CitizenSession {
                token_hash: row.bytes(0)?,
                hash: row.bytes(1)?,
                seen: row.int(2)?,
                expires: row.int(3)?,
            })
        },
    )
}

/// Starts a session.
pub fn insert_session(tx: &mut Tx<'_>, county: &str, new: &CitizenSession) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO citizen_session (county_code, token_hash, hash, seen, expires) VALUES ($1, $2, $3, $4, $5)",
        params![county, &new.token_hash, &new.hash, new.seen, new.expires],
    )?;
    Ok(())
}

/// Notes that a session was used.
pub fn touch_session(tx: &mut Tx<'_>, county: &str, token_hash: &[u8; 32], seen: i64) -> Result<(), StoreFault> {
    tx.execute(
        "UPDATE citizen_session SET seen = $3 WHERE county_code = $1 AND token_hash = $2 AND seen < $3",
        params![county, token_hash, seen],
    )?;
    Ok(())
}

/// Ends a session.
pub fn delete_session(tx: &mut Tx<'_>, county: &str, token_hash: &[u8; 32]) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM citizen_session WHERE county_code = $1 AND token_hash = $2", params![county, token_hash])?;
    Ok(())
}

/// Deletes every session of the county (a backup carries none).
pub fn delete_all_sessions(tx: &mut Tx<'_>, county: &str) -> Result<usize, StoreFault> {
    tx.execute("DELETE FROM citizen_session WHERE county_code = $1", params![county])
}

/// Forgets sessions that ended before `now`, drafts that nobody went on with, and what was told long ago; returns how many.
pub fn prune(tx: &mut Tx<'_>, county: &str, now: i64, drafts: i64, notices_ms: i64) -> Result<usize, StoreFault> {
    let ended =
        tx.execute("DELETE FROM citizen_session WHERE county_code = $1 AND expires <= $2", params![county, now])?;
    let left =
        tx.execute("DELETE FROM citizen_draft WHERE county_code = $1 AND saved < $2", params![county, drafts])?;
    let told =
        tx.execute("DELETE FROM citizen_notice WHERE county_code = $1 AND made < $2", params![county, notices_ms])?;
    Ok(ended + left + told)
}

/// Accounts that nobody has come into since a moment, at most so many.
pub fn list_unused(q: &impl Query, county: &str, before: i64, limit: i64) -> Result<Vec<PhoneHash>, StoreFault> {
    q.query_all(
        "SELECT hash FROM citizen WHERE county_code = $1 AND used < $2 ORDER BY used LIMIT $3",
        params![county, before, limit],
        |row| row.bytes(0),
    )
}

/// Notes that a matter is an account's own; a party that was shown stays.
pub fn put_own(
    tx: &mut Tx<'_>,
    county: &str,
    hash: &PhoneHash,
    (matter, party): (MatterId, Option<i64>),
    now: i64,
) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO citizen_matter (county_code, hash, matter, party, since) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code, hash, matter) DO UPDATE SET party = coalesce(excluded.party, citizen_matter.party)",
        params![county, hash, &matter.to_bytes(), party, now],
    )?;
    Ok(())
}

/// Forgets whose own a matter is and what was told of it, where its numbers are destroyed.
pub fn forget_matter(tx: &mut Tx<'_>, county: &str, matter: MatterId) -> Result<(), StoreFault> {
    let id = matter.to_bytes();
    tx.execute("DELETE FROM citizen_matter WHERE county_code = $1 AND matter = $2", params![county, &id])?;
    tx.execute("DELETE FROM citizen_notice WHERE county_code = $1 AND matter = $2", params![county, &id])?;
    Ok(())
}

/// What is an account's own: shown to be, carrying the number still, and open to be told of.
const OWN: &str = "FROM citizen_matter c CROSS JOIN matter m WHERE c.county_code = $1 AND c.hash = $2
    AND m.county_code = c.county_code AND m.id = c.matter AND m.secret = 0
    AND EXISTS (SELECT 1 FROM party_phone p WHERE p.county_code = c.county_code AND p.matter = c.matter AND p.hash = c.hash
        AND (c.party IS NULL OR p.ordinal = c.party))";

fn own(row: &super::Row<'_>) -> Result<Own, StoreFault> {
    let broken = |_| StoreFault::Value { what: "matter.body".to_owned() };
    Ok(Own { state: minicbor::decode(&row.blob(0)?).map_err(broken)?, party: row.opt_int(1)? })
}

/// An account's own matters, the newest first.
pub fn list_own(q: &impl Query, county: &str, hash: &PhoneHash, limit: i64) -> Result<Vec<Own>, StoreFault> {
    let sql = format!("SELECT m.body, c.party {OWN} ORDER BY c.matter DESC LIMIT $3");
    q.query_all(&sql, params![county, hash, limit], own)
}

/// One of an account's own matters; none for everybody else's.
pub fn find_own(q: &impl Query, county: &str, hash: &PhoneHash, matter: MatterId) -> Result<Option<Own>, StoreFault> {
    let sql = format!("SELECT m.body, c.party {OWN} AND c.matter = $3");
    q.query_one(&sql, params![county, hash, &matter.to_bytes()], own)
}

/// Who of a matter wants to be told.
pub fn list_watching(q: &impl Query, county: &str, matter: MatterId) -> Result<Vec<PhoneHash>, StoreFault> {
    q.query_all(
        "SELECT c.hash FROM citizen_matter c JOIN citizen a ON a.county_code = c.county_code AND a.hash = c.hash
         WHERE c.county_code = $1 AND c.matter = $2 AND a.told IS NOT NULL",
        params![county, &matter.to_bytes()],
        |row| row.bytes(0),
    )
}

/// Notes what is to be told; false if it was told already.
pub fn put_notice(tx: &mut Tx<'_>, county: &str, new: &CitizenNotice) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "INSERT INTO citizen_notice (county_code, id, hash, matter, made) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code, id) DO NOTHING",
        params![county, &new.id, &new.hash, &new.matter.to_bytes(), new.made],
    )?;
    Ok(changed > 0)
}

/// What is to be told, by its name.
pub fn find_notice(q: &impl Query, county: &str, id: &[u8; 16]) -> Result<Option<CitizenNotice>, StoreFault> {
    let found = q.query_one(
        "SELECT hash, matter, made FROM citizen_notice WHERE county_code = $1 AND id = $2",
        params![county, id],
        |row| Ok((row.bytes(0)?, row.blob(1)?, row.int(2)?)),
    )?;
    let whole = |(hash, matter, made): (PhoneHash, Vec<u8>, i64)| {
        Some(CitizenNotice { id: *id, hash, matter: MatterId::from_bytes(&matter)?, made })
    };
    Ok(found.and_then(whole))
}

/// A draft: what is being filled in, what was typed (sealed), when.
pub type StoredDraft = (String, Vec<u8>, i64);

/// The drafts of an account.
pub fn list_drafts(q: &impl Query, county: &str, hash: &PhoneHash) -> Result<Vec<StoredDraft>, StoreFault> {
    q.query_all(
        "SELECT filing, typed, saved FROM citizen_draft WHERE county_code = $1 AND hash = $2 ORDER BY filing",
        params![county, hash],
        |row| Ok((row.text(0)?, row.blob(1)?, row.int(2)?)),
    )
}

/// Keeps a draft in the place of the one before.
pub fn put_draft(
    tx: &mut Tx<'_>,
    county: &str,
    hash: &PhoneHash,
    (filing, typed): (&str, &[u8]),
    now: i64,
) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO citizen_draft (county_code, hash, filing, typed, saved) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code, hash, filing) DO UPDATE SET typed = excluded.typed, saved = excluded.saved",
        params![county, hash, filing, typed, now],
    )?;
    Ok(())
}

/// Forgets a draft.
pub fn delete_draft(tx: &mut Tx<'_>, county: &str, hash: &PhoneHash, filing: &str) -> Result<(), StoreFault> {
    tx.overwrite_deleted()?;
    tx.execute(
        "DELETE FROM citizen_draft WHERE county_code = $1 AND hash = $2 AND filing = $3",
        params![county, hash, filing],
    )?;
    Ok(())
}
