//! What administrators do to accounts, sessions and tokens: the change and its entry in the record, in one transaction.
//!
//! The entry stands with the person concerned and says who did what, and when. The login name or the purpose of a token
//! is sealed; no password, token or hash of one enters the record. Does not belong here: people and posts, which are
//! registers, and what a person does with their own account (`account.rs`).

use zhunsheng_core::id::{PersonId, StepId};
use zhunsheng_core::matter::{Actor, Decision, Event, Matters, Sealed, SealedClass};
use zhunsheng_core::refusal::Refusals;

use super::act::{ActError, Desk};
use super::{App, account};
use crate::store::api_tokens::{self, ApiToken};
use crate::store::{StoreFault, Tx, accounts, sessions};

/// A change of somebody's doors.
#[derive(Clone)]
pub enum Change {
    /// A login with a first password, which must be changed.
    Open {
        /// The login name.
        login: String,
        /// Argon2id in PHC form.
        password_hash: String,
    },
    /// A new first password; every session ends.
    Reset {
        /// Argon2id in PHC form.
        password_hash: String,
    },
    /// The account is closed and every session ends.
    Close,
    /// It is opened again.
    Reopen,
    /// Every session ends.
    SignOut,
    /// One session ends.
    EndSession([u8; 32]),
    /// A program may act for one of the person's posts.
    IssueToken(ApiToken),
    /// It may not any more.
    RevokeToken([u8; 32]),
}

/// Under which label the login or the purpose is sealed.
pub const NOTE: &str = "account.note";

/// The steps as the record names them, with their titles.
const STEPS: [(&str, &str); 11] = [
    ("_account_open", "开通账号"),
    ("_account_reset", "重置口令"),
    ("_account_close", "停用账号"),
    ("_account_reopen", "恢复账号"),
    ("_account_sign_out", "退出全部登录"),
    ("_session_end", "退出一处登录"),
    ("_token_issue", "签发接口令牌"),
    ("_token_revoke", "作废接口令牌"),
    (super::deposit::outside::STEP, "接受记录退回旧版本"),
    ("_quarantine_release", "放行隔离文件"),
    ("_quarantine_discard", "销毁隔离文件"),
];

/// The title of such a step.
#[must_use]
pub fn title(step: &str) -> Option<&'static str> {
    STEPS.iter().find(|(known, _)| *known == step).map(|(_, title)| *title)
}

impl Change {
    fn step(&self) -> StepId {
        StepId::from(match self {
            Self::Open { .. } => "_account_open",
            Self::Reset { .. } => "_account_reset",
            Self::Close => "_account_close",
            Self::Reopen => "_account_reopen",
            Self::SignOut => "_account_sign_out",
            Self::EndSession(_) => "_session_end",
            Self::IssueToken(_) => "_token_issue",
            Self::RevokeToken(_) => "_token_revoke",
        })
    }

    /// Makes the change; returns whether there was anything to change.
    fn make(&self, tx: &mut Tx<'_>, county: &str, person: &str, now: i64) -> Result<bool, StoreFault> {
        match self {
            Self::Open { login, password_hash } => {
                account::open(tx, county, person, login, Some(password_hash.clone()), true, now).map(|()| true)
            }
            Self::Reset { password_hash } => account::give_password(tx, county, person, password_hash),
            Self::Close => account::close(tx, county, person, now),
            Self::Reopen => accounts::put_disabled(tx, county, person, None),
            Self::SignOut => sessions::delete_of(tx, county, person, None).map(|_| true),
            Self::EndSession(hash) => sessions::delete(tx, county, person, hash),
            Self::IssueToken(token) => api_tokens::insert(tx, county, token).map(|()| true),
            Self::RevokeToken(hash) => api_tokens::revoke(tx, county, person, hash, now),
        }
    }

    /// What it was about: the purpose of a token, else the login name.
    fn note(&self, tx: &Tx<'_>, county: &str, person: &str) -> Result<String, StoreFault> {
        let token = match self {
            Self::IssueToken(token) => Some(token.clone()),
            Self::RevokeToken(hash) => api_tokens::find(tx, county, hash)?,
            _ => None,
        };
        let account = accounts::find(tx, county, person)?;
        Ok(match (token, account) {
            (Some(token), _) => token.title,
            (None, Some(account)) => account.login,
            (None, None) => "没有账号".to_owned(),
        })
    }
}

impl Desk {
    fn change_account(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        person: PersonId,
        change: &Change,
        now: i64,
    ) -> Result<(), ActError> {
        if !self.administers(actor) {
            return Err(ActError::NotFound);
        }
        let (county, id) = (self.county.clone(), person.to_string());
        if !change.make(tx, &county, &id, now)? {
            return Err(ActError::NotFound);
        }
        let label = NOTE.to_owned();
        let value = change.note(tx, &county, &id)?;
        let decision = Decision {
            matter: person,
            day: self.today,
            events: vec![(person, Event::SealedSet(label.clone()))],
            sealed: vec![Sealed { matter: person, label, class: SealedClass::Secret, value }],
            noted: Refusals::default(),
            query_code: None,
        };
        self.commit(tx, actor, change.step(), decision, &Matters::new()).map(|_| ())
    }

    pub(super) fn administers(&self, actor: &Actor) -> bool {
        let Actor::Staff { person, post } = actor else { return false };
        let held = self.registry.post(*post).filter(|held| held.person == *person && held.held_on(self.today));
        held.and_then(|held| self.ruling.law.posts.get(held.kind.as_str())).is_some_and(|kind| kind.administers)
    }
}

impl App {
    /// Changes somebody's account, sessions or tokens and records who did it.
    ///
    /// Errors: [`ActError::NotFound`] if there is nothing to change or the actor does not administer;
    /// [`StoreFault::Conflict`] if the login or the person already has an account.
    pub async fn change_account(&self, actor: Actor, person: PersonId, change: Change) -> Result<(), ActError> {
        let now = self.machine.seconds();
        self.at_the_desk(move |desk, tx| desk.change_account(tx, &actor, person, &change, now)).await
    }
}
