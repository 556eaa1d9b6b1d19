//! Citizens with an account: a telephone number, never a password, and no power but over their own matters. The number is shown to be theirs by a
//! code, or by the unified login of a superior platform where one is connected; nothing on the portal needs it.
//!
//! A number is given to somebody else one day. Coming in therefore opens nothing that was there before: what is one's own is shown to be, by the
//! query code or the end of the number of identity, and shown again after some weeks away (decision 0038).

mod draft;
pub mod news;
mod own;
pub mod unified;

pub use draft::Draft;
pub use own::{OwnLine, Proved};
use zhunsheng_core::matter::SealedClass;
use zhunsheng_core::text::mask;

use super::App;
use super::code::{self, Aim, Said};
use super::fault::{Fault, chain};
use super::secret::{Key, Token, hex, random, sha256};
use crate::store::citizens::{self, CitizenSession};
use crate::store::party_phones::{PhoneHash, mobile};
use crate::store::{StoreFault, Tx};

/// Signed out after half an hour without a request, and after eight hours whatever happens: telephones are lent, and stations share one.
const IDLE_SECONDS: i64 = 30 * 60;
const ABSOLUTE_SECONDS: i64 = 8 * 60 * 60;
/// `seen` is written at most once a minute.
const SEEN_SECONDS: i64 = 60;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Drafts that nobody went on with are gone after this.
const DRAFT_SECONDS: i64 = 30 * DAY_SECONDS;
/// What was told is kept as long as what was sent.
const NOTICE_MS: i64 = 90 * DAY_SECONDS * 1_000;
/// An account that nobody came into for a year is closed.
const UNUSED_SECONDS: i64 = 365 * DAY_SECONDS;
/// Accounts closed in one turn.
const CLOSED_MAX: i64 = 100;

/// Purpose of the seal on the number.
const NUMBER: &str = "citizen-number";

/// For how long what was shown to be somebody's own stays theirs without their coming in again.
#[must_use]
pub fn kept_seconds(days: i64) -> i64 {
    days * DAY_SECONDS
}

/// Who is in now.
#[derive(Clone, Copy)]
pub struct Citizen {
    /// The session.
    pub session: CitizenSession,
}

impl Citizen {
    /// Whose.
    #[must_use]
    pub fn hash(&self) -> &PhoneHash {
        &self.session.hash
    }
}

/// An account as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The number in full: for one's own forms.
    pub number: String,
    /// As it is shown.
    pub masked: String,
    /// Whether short messages are wanted.
    pub told: bool,
    /// Without coming in for so many days nothing is told any more.
    pub days: i64,
}

/// A code on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// The number, as its owner recognises it.
    pub masked: String,
    /// In a demonstration, which sends nothing: what would have been sent.
    pub shown: Option<String>,
}

/// A session about to be opened.
struct Opening {
    county: String,
    key: Key,
    number: String,
    hash: PhoneHash,
    token_hash: [u8; 32],
    now: i64,
    days: i64,
}

impl Opening {
    /// The first time makes the account; after some weeks away nothing is left of what had been shown to be one's own.
    fn open(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Self { county, hash, now, .. } = self;
        let before = citizens::find(tx, county, hash)?;
        if before.is_some_and(|before| now - before.used >= kept_seconds(self.days)) {
            citizens::forget_belongings(tx, county, hash)?;
        }
        let sealed = self.key.close(NUMBER, hash, self.number.as_bytes());
        let sealed = sealed.ok_or(Fault::Setting { name: super::SITE_KEY })?;
        citizens::put_used(tx, county, hash, &sealed, *now)?;
        let expires = now + ABSOLUTE_SECONDS;
        let session = CitizenSession { token_hash: self.token_hash, hash: *hash, seen: *now, expires };
        Ok(citizens::insert_session(tx, county, &session)?)
    }
}

/// The account of a number for codes: counted with nothing else.
fn aim(hash: &PhoneHash, number: &str) -> Aim {
    Aim { subject: sha256(&[b"citizen".as_slice(), hash].concat()), address: number.to_owned() }
}

impl App {
    /// Number and hash of what was typed; none if it is no mobile number.
    fn phone(&self, typed: &str) -> Option<(String, PhoneHash)> {
        Some((mobile(typed)?, self.site_key.phone_hash(typed)?))
    }

    /// Sends a code to a number. Nothing tells whether the number has an account: the way is the same. The inner error is a sentence.
    pub async fn send_entry_code(&self, typed: &str) -> Result<Result<Sent, String>, Fault> {
        let Some((number, hash)) = self.phone(typed) else {
            return Ok(Err("手机号应为11位数字，1开头。".to_owned()));
        };
        let Some(gateway) = &self.gateway else { return Ok(Err("本县还没有开通短信。".to_owned())) };
        let purpose = "用来进入“我的事项”。工作人员不会向您要这个码；";
        let text = match self.code_message(aim(&hash, &number), purpose).await? {
            Ok(text) => text,
            Err(sentence) => return Ok(Err(sentence)),
        };
        if let Err(error) = gateway.send(&number, &text, &hex(&random::<16>())).await {
            return Ok(Err(format!("核对码没有发出：{}。", error.sentence)));
        }
        let masked = mask(SealedClass::Phone, &number);
        let shown = gateway.shown().filter(|_| self.is_demonstration()).map(|_| text);
        Ok(Ok(Sent { masked, shown }))
    }

    /// Comes in with a number and the code that was sent to it; the first time makes the account. The inner error says why not.
    pub async fn enter(&self, typed: &str, code: &str) -> Result<Result<Token, Said>, Fault> {
        let Some((number, hash)) = self.phone(typed) else { return Ok(Err(Said::Gone)) };
        let (county, key, code) = (self.county_code.clone(), self.site_key.clone(), code.to_owned());
        let (token, opening) = self.opening(number.clone(), hash);
        let enter = move |tx: &mut Tx<'_>| {
            let said = code::check(tx, &county, &key, &aim(&hash, &number), (&code, opening.now))?;
            if said == Said::Right {
                opening.open(tx)?;
            }
            Ok::<_, Fault>(said)
        };
        let said = self.db.write(enter).await?;
        Ok(if said == Said::Right { Ok(token) } else { Err(said) })
    }

    /// A session that is to be opened for a number that is the visitor's.
    fn opening(&self, number: String, hash: PhoneHash) -> (Token, Opening) {
        let token = Token::new();
        let opening = Opening {
            county: self.county_code.clone(),
            key: self.site_key.clone(),
            number,
            hash,
            token_hash: token.hash(),
            now: self.machine.seconds(),
            days: self.config.citizen_days,
        };
        (token, opening)
    }

    /// Who holds this token now; none if it is unknown, ended or idle for too long.
    pub async fn find_citizen(&self, token: &Token) -> Result<Option<Citizen>, Fault> {
        let (county, hash, now) = (self.county_code.clone(), token.hash(), self.machine.seconds());
        let found = self.db.glance(move |r| citizens::find_session(r, &county, &hash)).await?;
        let Some(session) = found.filter(|session| now < session.expires && now - session.seen < IDLE_SECONDS) else {
            return Ok(None);
        };
        if now - session.seen >= SEEN_SECONDS {
            let county = self.county_code.clone();
            // A store that cannot write still lets people read; they only look idle sooner.
            if let Err(fault) = self.db.write_aside(move |tx| citizens::touch_session(tx, &county, &hash, now)).await {
                tracing::warn!(fault = chain(&fault), "session not touched");
            }
        }
        Ok(Some(Citizen { session }))
    }

    /// One's own account; none once it was left.
    pub async fn citizen_account(&self, me: &Citizen) -> Result<Option<Account>, Fault> {
        let (county, hash) = (self.county_code.clone(), *me.hash());
        let found = self.db.read(move |r| citizens::find(r, &county, &hash)).await?;
        Ok(found.and_then(|stored| {
            let number = String::from_utf8(self.site_key.open(NUMBER, &hash, &stored.number)?).ok()?;
            let (masked, days) = (mask(SealedClass::Phone, &number), self.config.citizen_days);
            Some(Account { masked, number, told: stored.told.is_some(), days })
        }))
    }

    /// Ends the session.
    pub async fn citizen_out(&self, me: &Citizen) -> Result<(), Fault> {
        let (county, token) = (self.county_code.clone(), me.session.token_hash);
        self.db.write(move |tx| citizens::delete_session(tx, &county, &token).map_err(Fault::from)).await
    }

    /// Leaves: the account and everything that hangs on it is gone; what was recorded of matters stays.
    pub async fn citizen_leave(&self, me: &Citizen) -> Result<(), Fault> {
        let (county, hash) = (self.county_code.clone(), *me.hash());
        self.db.write(move |tx| citizens::delete(tx, &county, &hash).map_err(Fault::from)).await
    }

    /// Keeps whether somebody wants to be told by short message.
    pub async fn citizen_told(&self, me: &Citizen, wanted: bool) -> Result<(), Fault> {
        let (county, hash) = (self.county_code.clone(), *me.hash());
        let told = wanted.then(|| self.machine.seconds());
        self.db.write(move |tx| citizens::put_told(tx, &county, &hash, told).map_err(Fault::from)).await
    }
}

/// Forgets what has ended or was left lying; returns how many.
pub(super) fn prune(tx: &mut Tx<'_>, county: &str, now: i64) -> Result<usize, StoreFault> {
    let closed = citizens::list_unused(tx, county, now - UNUSED_SECONDS, CLOSED_MAX)?;
    closed.iter().try_for_each(|hash| citizens::delete(tx, county, hash))?;
    Ok(closed.len() + citizens::prune(tx, county, now, now - DRAFT_SECONDS, now.saturating_mul(1_000) - NOTICE_MS)?)
}
