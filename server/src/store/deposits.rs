//! What outsiders signed about the record, and how the asking of each goes.

use std::collections::BTreeSet;

use zhunsheng_core::id::{Digest, MatterId};

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// A checkpoint that an outsider signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposit {
    /// The register's matter.
    pub witness: MatterId,
    /// Entries that it covers.
    pub size: u64,
    /// Their root.
    pub root: Digest,
    /// The note; of a witness with its line, of a time stamp authority as it was stamped.
    pub note: String,
    /// Of a time stamp authority its token (DER).
    pub token: Option<Vec<u8>>,
    /// When, as the outsider says, milliseconds since 1970.
    pub signed_ms: i64,
    /// When it came, machine time.
    pub stored_ms: i64,
}

/// How the asking of one witness goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asking {
    /// The size that it signed last, as far as it is known here.
    pub held: u64,
    /// Since the last success.
    pub failures: u32,
    /// When it was asked last, machine time in milliseconds; 0: never.
    pub tried_ms: i64,
    /// What went wrong, in words; empty: nothing.
    pub problem: String,
    /// It holds another record than this one.
    pub grave: bool,
    /// The size that it held when a rollback was accepted; 0: never.
    pub accepted: u64,
}

fn wrong(what: &str) -> StoreFault {
    StoreFault::Value { what: format!("deposit.{what}") }
}

fn number(size: u64) -> Result<i64, StoreFault> {
    i64::try_from(size).map_err(|_| wrong("size"))
}

fn size(row: &Row<'_>, index: usize) -> Result<u64, StoreFault> {
    u64::try_from(row.int(index)?).map_err(|_| wrong("size"))
}

fn deposit(row: &Row<'_>) -> Result<Deposit, StoreFault> {
    Ok(Deposit {
        witness: MatterId(u128::from_be_bytes(row.bytes(0)?)),
        size: size(row, 1)?,
        root: Digest::from_bytes(&row.blob(2)?).ok_or_else(|| wrong("root"))?,
        note: row.text(3)?,
        signed_ms: row.int(4)?,
        stored_ms: row.int(5)?,
        token: row.opt_blob(6)?,
    })
}

/// Keeps a deposit; of the same witness and size the later word.
pub fn put(tx: &mut Tx<'_>, county: &str, new: &Deposit) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO deposit (county_code, witness, size, root, note, signed_ms, stored_ms, token)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (county_code, witness, size) DO UPDATE SET root = excluded.root, note = excluded.note,
             signed_ms = excluded.signed_ms, stored_ms = excluded.stored_ms, token = excluded.token",
        params![
            county,
            &new.witness.to_bytes(),
            number(new.size)?,
            &new.root.0,
            new.note.as_str(),
            new.signed_ms,
            new.stored_ms,
            new.token.as_deref()
        ],
    )?;
    Ok(())
}

/// The farthest deposit of a witness.
pub fn newest(q: &impl Query, county: &str, witness: MatterId) -> Result<Option<Deposit>, StoreFault> {
    q.query_one(
        "SELECT witness, size, root, note, signed_ms, stored_ms, token FROM deposit
         WHERE county_code = $1 AND witness = $2 ORDER BY size DESC LIMIT 1",
        params![county, &witness.to_bytes()],
        deposit,
    )
}

/// Every deposit there is, by witness, the smallest first.
pub fn all(q: &impl Query, county: &str) -> Result<Vec<Deposit>, StoreFault> {
    q.query_all(
        "SELECT witness, size, root, note, signed_ms, stored_ms, token FROM deposit
         WHERE county_code = $1 ORDER BY witness, size",
        params![county],
        deposit,
    )
}

/// What a witness signed of exactly this size.
pub fn find(q: &impl Query, county: &str, witness: MatterId, of: u64) -> Result<Option<Deposit>, StoreFault> {
    q.query_one(
        "SELECT witness, size, root, note, signed_ms, stored_ms, token FROM deposit
         WHERE county_code = $1 AND witness = $2 AND size = $3",
        params![county, &witness.to_bytes(), number(of)?],
        deposit,
    )
}

/// The first deposit of a witness that covers so many entries: since when it remembers them.
pub fn first_covering(q: &impl Query, county: &str, witness: MatterId, of: u64) -> Result<Option<Deposit>, StoreFault> {
    q.query_one(
        "SELECT witness, size, root, note, signed_ms, stored_ms, token FROM deposit
         WHERE county_code = $1 AND witness = $2 AND size >= $3 ORDER BY size LIMIT 1",
        params![county, &witness.to_bytes(), number(of)?],
        deposit,
    )
}

/// Every size that some witness signed, or that lies with a time stamp authority as a file.
pub fn sizes(q: &impl Query, county: &str) -> Result<BTreeSet<u64>, StoreFault> {
    let all = q.query_all(
        "SELECT size FROM deposit WHERE county_code = $1 UNION SELECT size FROM stamp_request WHERE county_code = $1",
        params![county],
        |row| size(row, 0),
    )?;
    Ok(all.into_iter().collect())
}

/// A request that went to a time stamp authority as a file. Its answer may come weeks later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StampRequest {
    /// The register's matter.
    pub witness: MatterId,
    /// Entries that the checkpoint covers.
    pub size: u64,
    /// What only the answer to this request repeats.
    pub nonce: [u8; 8],
}

fn stamp_request(row: &Row<'_>) -> Result<StampRequest, StoreFault> {
    let witness = MatterId(u128::from_be_bytes(row.bytes(0)?));
    Ok(StampRequest { witness, size: size(row, 1)?, nonce: row.bytes(2)? })
}

/// Remembers a request with the digest that it names, unless that checkpoint was asked of this authority before.
pub fn put_stamp_request(
    tx: &mut Tx<'_>,
    county: &str,
    asked: &StampRequest,
    imprint: &[u8],
    now_ms: i64,
) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO stamp_request (county_code, witness, size, nonce, imprint, asked_ms) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (county_code, witness, size) DO NOTHING",
        params![county, &asked.witness.to_bytes(), number(asked.size)?, &asked.nonce, imprint, now_ms],
    )?;
    Ok(())
}

/// The newest request that one authority has as a file.
pub fn newest_stamp_request(
    q: &impl Query,
    county: &str,
    witness: MatterId,
) -> Result<Option<StampRequest>, StoreFault> {
    q.query_one(
        "SELECT witness, size, nonce FROM stamp_request WHERE county_code = $1 AND witness = $2 ORDER BY size DESC LIMIT 1",
        params![county, &witness.to_bytes()],
        stamp_request,
    )
}

/// The requests for a stamp over this digest, of whichever authority.
pub fn stamp_requests(q: &impl Query, county: &str, imprint: &[u8]) -> Result<Vec<StampRequest>, StoreFault> {
    q.query_all(
        "SELECT witness, size, nonce FROM stamp_request WHERE county_code = $1 AND imprint = $2 ORDER BY witness",
        params![county, imprint],
        stamp_request,
    )
}

/// How the asking of a witness goes.
pub fn asking(q: &impl Query, county: &str, witness: MatterId) -> Result<Asking, StoreFault> {
    let found = q.query_one(
        "SELECT held, failures, tried_ms, problem, grave, accepted FROM deposit_state
         WHERE county_code = $1 AND witness = $2",
        params![county, &witness.to_bytes()],
        |row| {
            Ok(Asking {
                held: size(row, 0)?,
                failures: u32::try_from(row.int(1)?).map_err(|_| wrong("failures"))?,
                tried_ms: row.int(2)?,
                problem: row.text(3)?,
                grave: row.int(4)? != 0,
                accepted: size(row, 5)?,
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Keeps how it goes.
pub fn put_asking(tx: &mut Tx<'_>, county: &str, witness: MatterId, now: &Asking) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO deposit_state (county_code, witness, held, failures, tried_ms, problem, grave, accepted)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (county_code, witness) DO UPDATE SET held = excluded.held, failures = excluded.failures,
             tried_ms = excluded.tried_ms, problem = excluded.problem, grave = excluded.grave, accepted = excluded.accepted",
        params![
            county,
            &witness.to_bytes(),
            number(now.held)?,
            i64::from(now.failures),
            now.tried_ms,
            now.problem.as_str(),
            i64::from(now.grave),
            number(now.accepted)?
        ],
    )?;
    Ok(())
}
