//! Sending what is due, and looking after what failed. Whether a message is still wanted and allowed is asked again when it is sent:
//! posts end, matters become secret, people change their minds.

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Post, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;
use zhunsheng_core::text::mask_numbers;

use super::message::{Message, SendError};
use super::{Channel, Kind, mail, sms, webhook};
use crate::app::citizen::kept_seconds;
use crate::app::citizen::news::{self, Letterhead};
use crate::app::secret::{Key, hex};
use crate::app::{App, again, fault::Fault, sight};
use crate::store::notices::{self, Subject, Way};
use crate::store::outgoing::{self, Outgoing, OutgoingId};
use crate::store::{Query, StoreFault, accounts, citizens};

/// Messages in one turn of a channel.
const TURN: i64 = 20;
/// After so many tries in vain a message waits for an administrator.
pub const TRIES_MAX: i64 = 10;
/// Older news is not sent: the desk and the page of notices have had it for a week, and what is sent again after a long outage would
/// call people to what has been settled since.
const STALE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Longer numbers are cut: what is typed elsewhere as a number may be anything.
const NUMBER_CHARS_MAX: usize = 60;

/// A message that may be sent, and where to.
struct Ready {
    message: Message,
    address: String,
}

/// What is told where nothing is configured.
const MISSING: &str = "本县没有配置这种方式";

/// What came of a message.
enum Looked {
    Send(Box<Ready>),
    /// A citizen's: the number, and the text.
    Text(String, String),
    /// Nobody wants it any more, or nobody may have it: why.
    Drop(&'static str),
    /// It was tried often enough, the last time without an end that was noted.
    GiveUp,
}

/// How long to wait after the nth failure.
fn wait_ms(tries: i64) -> i64 {
    again::after_failure(u32::try_from(tries).unwrap_or(u32::MAX))
}

/// How a message stands after an attempt.
fn after(row: &Outgoing, outcome: Result<(), SendError>, now: i64) -> Outgoing {
    let (state, tries, next, problem) = match outcome {
        // Only what was in vain is counted.
        Ok(()) => ("sent", row.tries, now, String::new()),
        Err(error) if error.lasting || row.tries + 1 >= TRIES_MAX => ("dead", row.tries + 1, now, error.sentence),
        Err(error) => ("due", row.tries + 1, now.saturating_add(wait_ms(row.tries + 1)), error.sentence),
    };
    Outgoing { state: state.to_owned(), tries, next, problem, ..row.clone() }
}

/// Law, registers and the day against which a message is judged.
struct Ground<'a> {
    county: (&'a str, &'a str),
    law: &'a Law,
    registry: &'a Registry,
    today: Day,
    now: i64,
    site: Option<&'a str>,
    key: &'a Key,
    /// Whoever of the citizens came in last before this second is told nothing.
    citizens_since: i64,
}

impl Ground<'_> {
    /// A message that is no official's: a citizen's, or of a notice that is gone.
    fn look_for_citizen(&self, q: &impl Query, row: &Outgoing) -> Result<Looked, StoreFault> {
        let Some(notice) = citizens::find_notice(q, self.county.0, &row.notice)? else {
            return Ok(Looked::Drop("通知已经清理"));
        };
        let head = Letterhead { county: self.county, key: self.key, site: self.site, since: self.citizens_since };
        Ok(match news::look(q, &head, &notice)? {
            Ok((number, text)) => Looked::Text(number, text),
            Err(why) => Looked::Drop(why),
        })
    }

    fn look(&self, q: &impl Query, row: &Outgoing) -> Result<Looked, StoreFault> {
        let county = self.county.0;
        if self.now.saturating_sub(row.made) > STALE_MS {
            return Ok(Looked::Drop("消息已经过时"));
        }
        if row.tries >= TRIES_MAX {
            return Ok(Looked::GiveUp);
        }
        let Some(notice) = notices::find(q, county, &row.notice)? else { return self.look_for_citizen(q, row) };
        let ways = notices::list_ways(q, county, notice.person)?;
        let wants = |way: &Way| way.confirmed && way.channel == row.channel && way.kinds.contains(&notice.kind);
        let Some(way) = ways.into_iter().find(wants) else { return Ok(Looked::Drop("本人已经不要这种通知")) };
        let account = accounts::find(q, county, &notice.person.to_string())?;
        if account.as_ref().is_some_and(|account| account.disabled.is_some()) {
            return Ok(Looked::Drop("账号已经停用"));
        }
        let held = self.registry.post(notice.post).filter(|post| post.person == notice.person);
        let Some(post) = held.filter(|post| post.held_on(self.today)) else {
            return Ok(Looked::Drop("已经不在这个岗位"));
        };
        let sight = sight::of_post(self.law, self.registry, post);
        let Some(subject) = notices::find_seen(q, county, &sight, notice.matter)? else {
            return Ok(Looked::Drop("已经看不到这件事项"));
        };
        if subject.secret {
            return Ok(Looked::Drop("事项已经列为工作秘密"));
        }
        let Some(kind) = Kind::parse(&notice.kind) else { return Ok(Looked::Drop("种类不明")) };
        if let Some(why) = over(q, county, (kind, notice.day), post, &subject)? {
            return Ok(Looked::Drop(why));
        }
        let number = subject.number.map(|number| mask_numbers(&number).chars().take(NUMBER_CHARS_MAX).collect());
        let message = Message {
            id: hex(&row.id),
            county: county.to_owned(),
            county_name: self.county.1.to_owned(),
            login: account.map(|account| account.login).unwrap_or_default(),
            kind,
            number,
            day: notice.day.and_then(Day::from_number),
            link: self.site.map(|site| format!("{site}/matters/{}", notice.matter)),
            made: notice.made / 1_000,
        };
        Ok(Looked::Send(Box::new(Ready { message, address: way.address })))
    }
}

/// Why a notice calls to nothing any more: the step was taken, by whoever it was, or the limit has ended or moved.
fn over(
    q: &impl Query,
    county: &str,
    (kind, day): (Kind, Option<i64>),
    post: &Post,
    subject: &Subject,
) -> Result<Option<&'static str>, StoreFault> {
    match kind {
        Kind::Todo | Kind::Transferred => {
            let waited = notices::list_waited(q, county, subject.num)?;
            let waits = waited.iter().any(|waited| waited.is_for(post));
            Ok((!waits).then_some("事情已经办了"))
        }
        Kind::Soon | Kind::Overdue => Ok((subject.due != day).then_some("期限已经结束或者变了")),
        Kind::Answered => Ok(None),
    }
}

/// A line of the page of messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentLine {
    /// As stored.
    pub row: Outgoing,
    /// The kind of notice in words.
    pub kind: &'static str,
    /// The official to whom it goes.
    pub person: String,
}

/// What the administrator's page shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Console {
    /// How many wait, were sent, failed for good, and were not wanted any more; counted to a thousand.
    pub counts: BTreeMap<&'static str, i64>,
    /// What failed for good, what is tried again, what was sent last.
    pub lines: BTreeMap<&'static str, Vec<SentLine>>,
}

const STATES: [&str; 4] = ["dead", "due", "sent", "dropped"];
/// Lines of one state.
const LINES: i64 = 50;
/// Counted to this.
const COUNT_MAX: i64 = 1_001;

impl App {
    /// Sends what is due by a channel. Returns how many messages were looked at.
    pub async fn send_due(&self, channel: Channel) -> Result<usize, Fault> {
        let (county, now) = (self.county_code.clone(), self.machine.millis());
        let (ruling, registry, today) = (self.county.ruling(), self.county.registry(), self.today());
        let (name, site, key) = (self.county_name.clone(), self.config.public_url.clone(), self.site_key.clone());
        let citizens_since = self.machine.seconds() - kept_seconds(self.config.citizen_days);
        let found = self.db.read_for_outside(move |r| {
            let rows = outgoing::list_due(r, &county, channel.code(), now, TURN)?;
            let (law, county) = (&ruling.law, (county.as_str(), name.as_str()));
            let (registry, site, key) = (&registry, site.as_deref(), &key);
            let ground = Ground { county, law, registry, today, now, site, key, citizens_since };
            let look = |row: Outgoing| ground.look(r, &row).map(|looked| (row, looked));
            rows.into_iter().map(look).collect::<Result<Vec<_>, StoreFault>>()
        });
        let found = found.await?;
        let looked = found.len();
        for (row, what) in found {
            let ended = |state: &str, problem: &str, row| {
                let (state, problem) = (state.to_owned(), problem.to_owned());
                Outgoing { state, next: now, problem, ..row }
            };
            let settled = match what {
                Looked::Drop(why) => ended("dropped", why, row),
                Looked::GiveUp => ended("dead", "发过多次，结果都没有记下", row),
                Looked::Send(_) | Looked::Text(..) if !self.claim(&row).await? => continue,
                Looked::Send(ready) => self.noted(channel, &row, self.send(channel, &ready).await),
                Looked::Text(number, text) => self.noted(channel, &row, self.text(&number, &text, &hex(&row.id)).await),
            };
            let county = self.county_code.clone();
            self.db.write(move |tx| outgoing::settle(tx, &county, &settled).map_err(Fault::from)).await?;
        }
        Ok(looked)
    }

    /// Counts the try before the message goes out: when the store cannot note how it ended, the next try waits like after a failure,
    /// and the tries end.
    async fn claim(&self, row: &Outgoing) -> Result<bool, Fault> {
        let (county, row, now) = (self.county_code.clone(), row.clone(), self.machine.millis());
        let next = now.saturating_add(wait_ms(row.tries + 1));
        self.db.write(move |tx| outgoing::claim(tx, &county, &row, next).map_err(Fault::from)).await
    }

    fn noted(&self, channel: Channel, row: &Outgoing, outcome: Result<(), SendError>) -> Outgoing {
        let after = after(row, outcome, self.machine.millis());
        log(channel, &after);
        after
    }

    async fn text(&self, number: &str, text: &str, id: &str) -> Result<(), SendError> {
        match &self.gateway {
            _ if !sms::is_phone(number) => Err(SendError::lasting("手机号不能使用")),
            Some(gateway) => gateway.send(number, text, id).await,
            None => Err(SendError::passing(MISSING)),
        }
    }

    async fn send(&self, channel: Channel, ready: &Ready) -> Result<(), SendError> {
        let missing = || SendError::passing(MISSING);
        let ways = &self.config.ways;
        match channel {
            Channel::Webhook => {
                let to = ways.webhook.as_ref().ok_or_else(missing)?;
                webhook::send(&self.outward, to, &ready.message, self.machine.seconds()).await
            }
            Channel::Mail if !mail::is_address(&ready.address) => Err(SendError::lasting("邮件地址不能使用")),
            Channel::Mail => {
                let server = ways.mail.as_ref().ok_or_else(missing)?;
                self.mailer.send(server, &ready.address, &ready.message.mail()).await
            }
            Channel::Sms => self.text(&ready.address, &ready.message.text(), &ready.message.id).await,
        }
    }

    /// Whether a channel can be used here.
    #[must_use]
    pub fn has_channel(&self, channel: Channel) -> bool {
        match channel {
            Channel::Webhook => self.config.ways.webhook.is_some(),
            Channel::Mail => self.config.ways.mail.is_some(),
            Channel::Sms => self.gateway.is_some(),
        }
    }

    /// Sends a message that failed for good again, or all of them; how many there were.
    pub async fn send_again(&self, id: Option<OutgoingId>) -> Result<usize, Fault> {
        let (county, now) = (self.county_code.clone(), self.machine.millis());
        self.db.write(move |tx| outgoing::revive(tx, &county, id.as_ref(), now).map_err(Fault::from)).await
    }

    /// How many messages failed for good.
    pub async fn count_failed(&self) -> Result<i64, Fault> {
        let county = self.county_code.clone();
        Ok(self.db.read(move |r| outgoing::count_in(r, &county, "dead", COUNT_MAX)).await?)
    }

    /// What failed, what waits and what was sent: never what a matter holds.
    pub async fn show_outgoing(&self) -> Result<Console, Fault> {
        let county = self.county_code.clone();
        let registry = self.county.registry();
        let read = self.db.read(move |r| {
            let line = |row: Outgoing| {
                let notice = notices::find(r, &county, &row.notice)?;
                let citizens = notice.is_none() && citizens::find_notice(r, &county, &row.notice)?.is_some();
                Ok::<_, StoreFault>(SentLine {
                    kind: match notice.as_ref().and_then(|notice| Kind::parse(&notice.kind)) {
                        Some(kind) => kind.chinese(),
                        None if citizens => "本人事项进展",
                        None => "通知",
                    },
                    person: match notice {
                        Some(notice) => registry.person_name(notice.person).to_owned(),
                        None if citizens => "群众".to_owned(),
                        None => String::new(),
                    },
                    row,
                })
            };
            let mut console = Console::default();
            for state in STATES {
                let rows = outgoing::list_in(r, &county, state, LINES)?;
                console.lines.insert(state, rows.into_iter().map(line).collect::<Result<_, _>>()?);
                console.counts.insert(state, outgoing::count_in(r, &county, state, COUNT_MAX)?);
            }
            Ok::<_, StoreFault>(console)
        });
        Ok(read.await?)
    }
}

fn log(channel: Channel, after: &Outgoing) {
    let (channel, id, tries) = (channel.code(), hex(&after.id), after.tries);
    match after.state.as_str() {
        "sent" => tracing::info!(channel, id, "a notice was sent"),
        "dead" => tracing::error!(channel, id, tries, problem = after.problem, "a notice was given up"),
        _ => tracing::warn!(channel, id, tries, problem = after.problem, "a notice was not sent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_wait_longer_and_end() {
        let row = Outgoing {
            id: [0; 16],
            notice: [0; 16],
            channel: "mail".to_owned(),
            state: "due".to_owned(),
            tries: 0,
            next: 0,
            problem: String::new(),
            made: 0,
        };
        let mut waits = Vec::new();
        let mut now = row.clone();
        while now.state == "due" {
            let next = after(&now, Err(SendError::passing("没有人")), 1_000);
            waits.push(next.next - 1_000);
            now = next;
        }
        assert_eq!(waits, [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, 3_600_000, 3_600_000, 0]);
        assert_eq!((now.state.as_str(), now.tries, now.problem.as_str()), ("dead", TRIES_MAX, "没有人"));
        assert_eq!(after(&row, Err(SendError::lasting("不收")), 5).state, "dead", "at once");
        assert_eq!(after(&row, Ok(()), 5).state, "sent");
    }
}
