//! Accounts: which person may enter under which login. Times are seconds on machine time.

use super::{Query, Row, StoreFault, Tx};
use crate::params;

/// An account as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The person it belongs to; one account a person.
    pub person: String,
    /// The name typed at the door.
    pub login: String,
    /// Argon2id in PHC form; `None`: no password entry at all.
    pub password_hash: Option<String>,
    /// The password was given by somebody else and has to be replaced first.
    pub must_change: bool,
    /// When it was made.
    pub created: i64,
    /// When it was closed.
    pub disabled: Option<i64>,
}

const COLUMNS: &str = "person, login, password_hash, must_change, created, disabled";

fn account(row: &Row<'_>) -> Result<Account, StoreFault> {
    Ok(Account {
        person: row.text(0)?,
        login: row.text(1)?,
        password_hash: row.opt_text(2)?,
        must_change: row.flag(3)?,
        created: row.int(4)?,
        disabled: row.opt_int(5)?,
    })
}

/// The account under a login name.
pub fn find_by_login(q: &impl Query, county: &str, login: &str) -> Result<Option<Account>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE county_code = $1 AND login = $2");
    q.query_one(&sql, params![county, login], account)
}

/// The account of a person.
pub fn find(q: &impl Query, county: &str, person: &str) -> Result<Option<Account>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE county_code = $1 AND person = $2");
    q.query_one(&sql, params![county, person], account)
}

/// Every account, by login, from after `after` (empty: from the start).
pub fn list(q: &impl Query, county: &str, after: &str, limit: u32) -> Result<Vec<Account>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE county_code = $1 AND login > $2 ORDER BY login LIMIT $3");
    q.query_all(&sql, params![county, after, limit], account)
}

/// Makes an account. A login or person already there is a [`StoreFault::Conflict`].
pub fn insert(tx: &mut Tx<'_>, county: &str, new: &Account) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO account (county_code, person, login, password_hash, must_change, created, disabled)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            county,
            &new.person,
            &new.login,
            new.password_hash.as_deref(),
            new.must_change,
            new.created,
            new.disabled,
        ],
    )?;
    Ok(())
}

/// Replaces a password; returns whether the account exists.
pub fn put_password(
    tx: &mut Tx<'_>,
    county: &str,
    person: &str,
    hash: &str,
    must_change: bool,
) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE account SET password_hash = $3, must_change = $4
         WHERE county_code = $1 AND person = $2",
        params![county, person, hash, must_change],
    )?;
    Ok(changed == 1)
}

/// Closes (`Some(when)`) or reopens an account; returns whether it exists.
pub fn put_disabled(tx: &mut Tx<'_>, county: &str, person: &str, disabled: Option<i64>) -> Result<bool, StoreFault> {
    let changed = tx.execute(
        "UPDATE account SET disabled = $3 WHERE county_code = $1 AND person = $2",
        params![county, person, disabled],
    )?;
    Ok(changed == 1)
}

/// Attempts to enter under one login, real or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Since the last success.
    pub failures: i64,
    /// No attempt is evaluated before this second.
    pub locked_until: i64,
    /// The latest.
    pub last: i64,
}

/// What was attempted under the login with this hash.
pub fn find_attempts(q: &impl Query, county: &str, login_hash: &[u8; 32]) -> Result<Option<Attempts>, StoreFault> {
    q.query_one(
        "SELECT failures, locked_until, last FROM attempt WHERE county_code = $1 AND login_hash = $2",
        params![county, login_hash],
        |row| Ok(Attempts { failures: row.int(0)?, locked_until: row.int(1)?, last: row.int(2)? }),
    )
}

/// Notes an attempt.
pub fn put_attempts(
    tx: &mut Tx<'_>,
    county: &str,
    login_hash: &[u8; 32],
    attempts: Attempts,
) -> Result<(), StoreFault> {
    tx.execute(
        "INSERT INTO attempt (county_code, login_hash, failures, locked_until, last) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (county_code, login_hash)
         DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until, last = excluded.last",
        params![county, login_hash, attempts.failures, attempts.locked_until, attempts.last],
    )?;
    Ok(())
}

/// Forgets the attempts under one login, after a success.
pub fn delete_attempts(tx: &mut Tx<'_>, county: &str, login_hash: &[u8; 32]) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM attempt WHERE county_code = $1 AND login_hash = $2", params![county, login_hash])?;
    Ok(())
}

/// Forgets attempts older than `before`, so that made-up logins cannot fill the table.
pub fn prune_attempts(tx: &mut Tx<'_>, county: &str, before: i64) -> Result<(), StoreFault> {
    tx.execute("DELETE FROM attempt WHERE county_code = $1 AND last < $2", params![county, before])?;
    Ok(())
}
