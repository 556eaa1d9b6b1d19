//! Telling citizens by short message that their own matter went on: derived beside the notices of officials, sent through the same queue. It says
//! that there is something, never what, and not even of which matter.
//!
//! A number is given to somebody else one day: who has not come in for as long as what was shown to be theirs is kept
//! ([`super::kept_seconds`]) is told nothing any more. Coming in again goes on, or begins anew.

use zhunsheng_core::id::MatterId;
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::record::{ActorEntry, Entry};

use crate::app::notice::name_of;
use crate::app::secret::Key;
use crate::store::citizens::{self, CitizenNotice};
use crate::store::{Query, StoreFault, matters};

/// What an entry means for those whose own a matter is: a step of which its parties are told, taken by somebody else. Once a matter and day; when,
/// is set where it is written.
pub(in crate::app) fn read_entry(
    q: &impl Query,
    county: &str,
    law: &Law,
    (entry, id): (&Entry, MatterId),
) -> Result<Vec<CitizenNotice>, StoreFault> {
    if entry.matter != id || matches!(entry.actor, ActorEntry::Citizen) {
        return Ok(Vec::new());
    }
    let watching = citizens::list_watching(q, county, id)?;
    if watching.is_empty() {
        return Ok(Vec::new());
    }
    let Some(state) = matters::find_state(q, county, id)? else { return Ok(Vec::new()) };
    if !is_told(law, &state, entry) {
        return Ok(Vec::new());
    }
    let day = entry.recorded.day().number().to_be_bytes();
    let notice = |hash: [u8; 32]| CitizenNotice {
        id: name_of(&[b"citizen", &hash, &id.to_bytes(), &day]),
        hash,
        matter: id,
        made: 0,
    };
    Ok(watching.into_iter().map(notice).collect())
}

fn is_told(law: &Law, state: &MatterState, entry: &Entry) -> bool {
    let step = law.by_digest(&state.definition).and_then(|definition| definition.step(entry.step.as_str()));
    step.is_some_and(|step| !step.told.is_empty())
}

/// What a message to a citizen is made with.
pub(in crate::app) struct Letterhead<'a> {
    /// The county's code and name.
    pub county: (&'a str, &'a str),
    /// Opens the number.
    pub key: &'a Key,
    /// Where the county is on the net.
    pub site: Option<&'a str>,
    /// Whoever came in last before this moment may be somebody else by now.
    pub since: i64,
}

/// The number and the text of a message, if it is still wanted and the matter still their own. The inner error says why not.
pub(in crate::app) fn look(
    q: &impl Query,
    &Letterhead { county: (county, name), key, site, since }: &Letterhead<'_>,
    notice: &CitizenNotice,
) -> Result<Result<(String, String), &'static str>, StoreFault> {
    let Some(account) = citizens::find(q, county, &notice.hash)?.filter(|account| account.told.is_some()) else {
        return Ok(Err("本人已经不要这种通知"));
    };
    if account.used <= since {
        return Ok(Err("很久没有进入“我的事项”，号码可能换了主人"));
    }
    if citizens::find_own(q, county, &notice.hash, notice.matter)?.is_none() {
        return Ok(Err("已经不是本人的事项"));
    }
    let number = key.open(super::NUMBER, &notice.hash, &account.number).and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(number) = number else { return Ok(Err("号码无法读出")) };
    let link = site.map_or_else(|| "请到平台“我的事项”查看".to_owned(), |site| format!("登录后查看：{site}/me"));
    Ok(Ok((number, format!("【{name}法治政府平台】您的事项有了新的进展。{link}。不想再收，在“我的事项”里关闭。"))))
}
