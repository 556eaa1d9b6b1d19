//! Accounts: signing in with a password, changing it, closing the door behind somebody who left.
//!
//! An account belongs to a person; what the person may do comes from posts and is not decided here.

use super::App;
use super::fault::Fault;
use super::password::{self, Weak};
use super::secret::Token;
use super::session::{self, Current};
use crate::store::accounts::{self, Account, Attempts};
use crate::store::digest::sha256;
use crate::store::sessions::{self, Kind};
use crate::store::{StoreFault, Tx};

/// After a day without attempts the count starts again.
const ATTEMPTS_FORGOTTEN_SECONDS: i64 = 24 * 60 * 60;

/// Why somebody is not let in.
#[derive(Debug)]
pub enum SignInError {
    /// Login or password is wrong, or the account is closed: the answer does not tell which.
    Wrong,
    /// Too many attempts under this login; nothing was checked.
    Wait {
        /// Seconds until the next attempt is looked at.
        seconds: i64,
    },
    /// We failed.
    Fault(Fault),
}

impl From<Fault> for SignInError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl From<StoreFault> for SignInError {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

/// Why a password is not changed.
#[derive(Debug)]
pub enum ChangeError {
    /// The old password is wrong, or there is no account.
    Wrong,
    /// Too many attempts.
    Wait {
        /// Seconds until the next attempt is looked at.
        seconds: i64,
    },
    /// The new one is not good enough.
    Weak(Weak),
    /// The new one is the old one.
    Same,
    /// We failed.
    Fault(Fault),
}

impl From<Fault> for ChangeError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl From<SignInError> for ChangeError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::Wrong,
            SignInError::Wait { seconds } => Self::Wait { seconds },
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Seconds without evaluation after the nth failed attempt. Grows, but never beyond ten minutes: an outsider who
/// keeps guessing can slow an official down, not lock them out for good.
#[must_use]
pub fn delay_seconds(failures: i64) -> i64 {
    match failures {
        ..=0 => 0,
        1 => 1,
        2 => 3,
        3 => 5,
        4 => 10,
        5 => 30,
        6 => 60,
        7 => 120,
        8 => 300,
        _ => 600,
    }
}

/// Logins are compared without regard to case or surrounding space.
fn login_of(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Makes an account in a running write. `password_hash: None`: no entry by password (simulated staff).
///
/// Errors: [`StoreFault::Conflict`] if the login or the person already has one.
pub fn open(
    tx: &mut Tx<'_>,
    county: &str,
    person: &str,
    login: &str,
    password_hash: Option<String>,
    must_change: bool,
    now: i64,
) -> Result<(), StoreFault> {
    let account = Account {
        person: person.to_owned(),
        login: login_of(login),
        password_hash,
        must_change,
        created: now,
        disabled: None,
    };
    accounts::insert(tx, county, &account)
}

/// Signs in with a password and starts a session under a new token.
pub async fn sign_in(app: &App, login: &str, password: &str, client: &str) -> Result<Token, SignInError> {
    let login = login_of(login);
    let account = check(app, &login, password).await?;
    let (county, client, now) = (app.county_code.clone(), client.to_owned(), app.machine.seconds());
    let begin = move |tx: &mut Tx<'_>| {
        accounts::delete_attempts(tx, &county, &sha256(login.as_bytes()))?;
        session::start(tx, &county, &account.person, None, Kind::Staff, &client, now)
    };
    let token = app.db.write(begin).await?;
    tracing::info!("signed in");
    Ok(token)
}

/// Checks a password. The attempt is counted *before* it is evaluated, so a hundred at once are still one by one.
async fn check(app: &App, login: &str, password: &str) -> Result<Account, SignInError> {
    let (county, login, now) = (app.county_code.clone(), login.to_owned(), app.machine.seconds());
    let account = app.db.write(move |tx| reserve(tx, &county, &login, now)).await?;
    let open = account.filter(|account| account.disabled.is_none());
    let hash = open.as_ref().and_then(|account| account.password_hash.clone());
    match open {
        Some(account) if app.passwords.verify(hash, password).await? => Ok(account),
        Some(_) => Err(SignInError::Wrong),
        None => {
            app.passwords.verify(None, password).await?;
            Err(SignInError::Wrong)
        }
    }
}

/// Counts an attempt and loads the account, if there is one; the same work for both.
fn reserve(tx: &mut Tx<'_>, county: &str, login: &str, now: i64) -> Result<Option<Account>, SignInError> {
    count_attempt(tx, county, &sha256(login.as_bytes()), now, delay_seconds)?;
    Ok(accounts::find_by_login(tx, county, login)?)
}

/// Counts an attempt under a hash before it is looked at, and how long the next one waits.
///
/// Errors: [`SignInError::Wait`] while the last one's wait has not passed.
pub(super) fn count_attempt(
    tx: &mut Tx<'_>,
    county: &str,
    hash: &[u8; 32],
    now: i64,
    delay: impl Fn(i64) -> i64,
) -> Result<(), SignInError> {
    accounts::prune_attempts(tx, county, now - ATTEMPTS_FORGOTTEN_SECONDS)?;
    let before = accounts::find_attempts(tx, county, hash)?.unwrap_or_default();
    if now < before.locked_until {
        return Err(SignInError::Wait { seconds: before.locked_until - now });
    }
    let failures = before.failures + 1;
    let attempts = Attempts { failures, locked_until: now + delay(failures), last: now };
    Ok(accounts::put_attempts(tx, county, hash, attempts)?)
}

/// Changes one's own password; every other session ends and this one continues under a new token.
pub async fn change_password(app: &App, current: &Current, old: &str, new: &str) -> Result<Token, ChangeError> {
    let (county, person) = (app.county_code.clone(), current.session.person.clone());
    let found = app.db.read(move |r| accounts::find(r, &county, &person)).await.map_err(Fault::from)?;
    let account = found.ok_or(ChangeError::Wrong)?;
    password::check(new, &account.login).map_err(ChangeError::Weak)?;
    if old == new {
        return Err(ChangeError::Same);
    }
    let account = check(app, &account.login, old).await?;
    let hash = app.passwords.hash(new).await?;
    let (county, session, now) = (app.county_code.clone(), current.session.clone(), app.machine.seconds());
    let replace = move |tx: &mut Tx<'_>| {
        accounts::delete_attempts(tx, &county, &sha256(account.login.as_bytes()))?;
        accounts::put_password(tx, &county, &session.person, &hash, false)?;
        sessions::delete_of(tx, &county, &session.person, None)?;
        let post = session.post.as_deref();
        session::start(tx, &county, &session.person, post, session.kind, &session.client, now)
    };
    Ok(app.db.write(replace).await.map_err(Fault::from)?)
}

/// Gives somebody a replacement password in a running write; they must change it, and every session ends. Returns
/// whether the person has an account.
pub fn give_password(tx: &mut Tx<'_>, county: &str, person: &str, hash: &str) -> Result<bool, StoreFault> {
    let Some(account) = accounts::find(tx, county, person)? else { return Ok(false) };
    accounts::delete_attempts(tx, county, &sha256(account.login.as_bytes()))?;
    accounts::put_password(tx, county, person, hash, true)?;
    sessions::delete_of(tx, county, person, None)?;
    Ok(true)
}

/// Closes an account in a running write and ends its sessions; returns whether there is one.
pub fn close(tx: &mut Tx<'_>, county: &str, person: &str, now: i64) -> Result<bool, StoreFault> {
    sessions::delete_of(tx, county, person, None)?;
    accounts::put_disabled(tx, county, person, Some(now))
}
