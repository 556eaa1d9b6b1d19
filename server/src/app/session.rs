//! Sessions: opaque tokens, hashed at rest, rotated whenever somebody's powers change, ended by time or by hand.
//!
//! All times here are machine time. Whether a post may be held at all is not decided here.

use super::App;
use super::citizen;
use super::fault::Fault;
use super::fault::chain;
use super::secret::{Key, Token, random};
pub use crate::store::sessions::{Kind, Session};
use crate::store::{Query, StoreFault, Tx, accounts, idempotency, sessions};

/// Staff are signed out after half an hour without a request.
pub const STAFF_IDLE_SECONDS: i64 = 30 * 60;
/// Nobody stays signed in longer than a working day.
pub const ABSOLUTE_SECONDS: i64 = 8 * 60 * 60;
/// `seen` is written at most once a minute: a page view should not cost a disk write.
const SEEN_SECONDS: i64 = 60;

/// Purpose of a session's form tokens.
const FORM: &str = "form";

/// Who is signed in now.
#[derive(Clone)]
pub struct Current {
    /// The session.
    pub session: Session,
    /// The password has to be replaced before anything else.
    pub must_change: bool,
}

impl Current {
    /// A form token for this session (fresh mask each time).
    #[must_use]
    pub fn form_token(&self) -> String {
        Key::new(self.session.csrf_secret).form_token(FORM, &self.session.token_hash)
    }
    /// Whether a form came from a page of this session.
    #[must_use]
    pub fn verify_form_token(&self, token: &str) -> bool {
        Key::new(self.session.csrf_secret).verify_form_token(FORM, &self.session.token_hash, token)
    }
}

/// Starts a session inside a write: used by signing in and by every rotation.
pub(super) fn start(
    tx: &mut Tx<'_>,
    county: &str,
    person: &str,
    post: Option<&str>,
    kind: Kind,
    client: &str,
    now: i64,
) -> Result<Token, StoreFault> {
    let token = Token::new();
    let session = Session {
        token_hash: token.hash(),
        person: person.to_owned(),
        post: post.map(str::to_owned),
        created: now,
        seen: now,
        expires: now + ABSOLUTE_SECONDS,
        kind,
        csrf_secret: random(),
        client: client.to_owned(),
    };
    sessions::prune(tx, county, now)?;
    sessions::insert(tx, county, &session)?;
    Ok(token)
}

/// Who holds this token now; `None` if it is unknown, ended, idle for too long, or its account is closed.
pub async fn find(app: &App, token: &Token) -> Result<Option<Current>, Fault> {
    let (county, hash, now) = (app.county_code.clone(), token.hash(), app.machine.seconds());
    let found = app.db.glance(move |r| load(r, &county, &hash, now)).await?;
    if let Some(current) = &found
        && now - current.session.seen >= SEEN_SECONDS
    {
        let county = app.county_code.clone();
        // A store that cannot write still lets people read; they only look idle sooner.
        if let Err(fault) = app.db.write_aside(move |tx| sessions::touch(tx, &county, &hash, now)).await {
            tracing::warn!(fault = chain(&fault), "session not touched");
        }
    }
    Ok(found)
}

fn load(q: &impl Query, county: &str, hash: &[u8; 32], now: i64) -> Result<Option<Current>, StoreFault> {
    let Some(session) = sessions::find(q, county, hash)? else {
        return Ok(None);
    };
    let idle_max = match session.kind {
        Kind::Staff => STAFF_IDLE_SECONDS,
        Kind::Persona => ABSOLUTE_SECONDS,
    };
    let account = accounts::find(q, county, &session.person)?;
    let closed = match session.kind {
        Kind::Staff => account.as_ref().is_none_or(|account| account.disabled.is_some()),
        Kind::Persona => account.as_ref().is_some_and(|account| account.disabled.is_some()),
    };
    if now >= session.expires || now - session.seen >= idle_max || closed {
        return Ok(None);
    }
    let must_change = session.kind == Kind::Staff && account.is_some_and(|account| account.must_change);
    Ok(Some(Current { session, must_change }))
}

/// Signs somebody in without a password: a demonstration county only.
///
/// Errors: [`Fault::Setting`] in a real county, whatever the caller believed.
pub async fn sign_in_persona(app: &App, person: &str, post: Option<&str>, client: &str) -> Result<Token, Fault> {
    if !app.is_demonstration() {
        return Err(Fault::Setting { name: super::clock::DEMO_TODAY });
    }
    let (county, person, post) = (app.county_code.clone(), person.to_owned(), post.map(str::to_owned));
    let (client, now) = (client.to_owned(), app.machine.seconds());
    let begin = move |tx: &mut Tx<'_>| start(tx, &county, &person, post.as_deref(), Kind::Persona, &client, now);
    Ok(app.db.write(begin).await?)
}

/// Acts in another post from now on, under a new token. The caller has checked that the person holds it.
pub async fn choose_post(app: &App, current: &Current, post: Option<&str>) -> Result<Token, Fault> {
    let (county, old, post) = (app.county_code.clone(), current.session.clone(), post.map(str::to_owned));
    let change = move |tx: &mut Tx<'_>| {
        sessions::delete(tx, &county, &old.person, &old.token_hash)?;
        let token = Token::new();
        let renewed = Session { token_hash: token.hash(), post, csrf_secret: random(), ..old };
        sessions::insert(tx, &county, &renewed)?;
        Ok::<_, StoreFault>(token)
    };
    Ok(app.db.write(change).await?)
}

/// Ends the current session.
pub async fn sign_out(app: &App, current: &Current) -> Result<(), Fault> {
    end(app, &current.session.person, &current.session.token_hash).await.map(|_| ())
}

/// A person's sessions that have not ended, latest first.
pub async fn list(app: &App, person: &str) -> Result<Vec<Session>, Fault> {
    let (county, person, now) = (app.county_code.clone(), person.to_owned(), app.machine.seconds());
    let all = app.db.read(move |r| sessions::list_of(r, &county, &person)).await?;
    Ok(all.into_iter().filter(|session| session.expires > now).collect())
}

/// Ends one session of a person; returns whether there was one.
pub async fn end(app: &App, person: &str, token_hash: &[u8; 32]) -> Result<bool, Fault> {
    let (county, person, hash) = (app.county_code.clone(), person.to_owned(), *token_hash);
    Ok(app.db.write(move |tx| sessions::delete(tx, &county, &person, &hash)).await?)
}

/// Results of commands are kept this long for repeated requests.
const COMMANDS_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Removes sessions that have ended and results of commands that nobody will ask for again; returns how many.
///
/// Errors: [`Fault::Clock`], for a wrong date would make all of them old at once.
pub async fn prune(app: &App) -> Result<usize, Fault> {
    app.check_clock()?;
    let (county, now, now_ms) = (app.county_code.clone(), app.machine.seconds(), app.machine.millis());
    let work = move |tx: &mut Tx<'_>| {
        let ended = sessions::prune(tx, &county, now)?;
        let left = citizen::prune(tx, &county, now)?;
        Ok::<_, StoreFault>(ended + left + idempotency::prune(tx, &county, now_ms - COMMANDS_KEPT_MS)?)
    };
    Ok(app.db.write(work).await?)
}
