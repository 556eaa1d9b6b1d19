//! What a person wants by which way out of the house, and where to. Within the workbench everybody is told everything.

use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::matter::SealedClass;
use zhunsheng_core::text::mask;

use super::message::Letter;
use super::{Channel, Kind, mail, sms};
use crate::app::App;
use crate::app::code::{self, Aim};
use crate::app::fault::{Fault, chain};
use crate::app::secret::{hex, random, sha256};
use crate::store::Tx;
use crate::store::notices::{self, Way};

/// What was typed for one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Typed {
    /// Which.
    pub channel: Channel,
    /// Where to; empty: as before.
    pub address: String,
    /// Which kinds; none: nothing by this channel, and the address is forgotten.
    pub kinds: Vec<Kind>,
}

/// Unseen notices of a post that are walked when it opens a matter: whoever leaves more unread does not go by the count.
const UNSEEN_WALK: i64 = 1_000;

/// Something that cannot be kept: where, and a sentence.
pub type Wrong = (Channel, &'static str);

/// An address as its owner recognises it.
#[must_use]
pub fn masked(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Sms => mask(SealedClass::Phone, address),
        Channel::Mail => match address.split_once('@') {
            Some((name, domain)) => format!("{}***@{domain}", name.chars().take(2).collect::<String>()),
            None => String::new(),
        },
        Channel::Webhook => String::new(),
    }
}

fn is_confirmed(ways: &[Way], channel: Channel) -> bool {
    ways.iter().any(|way| way.channel == channel.code() && way.confirmed)
}

/// What a code is for, and where it goes.
fn aim(person: PersonId, channel: Channel, address: &str) -> Aim {
    let subject = sha256(&[person.to_bytes().as_slice(), channel.code().as_bytes()].concat());
    Aim { subject, address: address.to_owned() }
}

/// What is to be stored, from what was typed over what stands.
fn ways(typed: &[Typed], before: &[Way], usable: impl Fn(Channel) -> bool) -> Result<Vec<Way>, Vec<Wrong>> {
    let (mut ways, mut wrong) = (Vec::new(), Vec::new());
    for typed in typed.iter().filter(|typed| !typed.kinds.is_empty()) {
        let kept = before.iter().find(|way| way.channel == typed.channel.code()).map(|way| way.address.as_str());
        let address = match typed.address.trim() {
            "" => kept.unwrap_or_default(),
            new => new,
        };
        let problem = match typed.channel {
            channel if !usable(channel) => Some("本县没有开通这种方式"),
            Channel::Sms if address.is_empty() => Some("请填写手机号"),
            Channel::Sms if !sms::is_phone(address) => Some("手机号应为11位数字，1开头"),
            Channel::Mail if address.is_empty() => Some("请填写邮件地址"),
            Channel::Mail if !mail::is_address(address) => Some("邮件地址应如 wang@example.gov.cn"),
            Channel::Sms | Channel::Mail | Channel::Webhook => None,
        };
        match problem {
            Some(sentence) => wrong.push((typed.channel, sentence)),
            None => ways.push(Way {
                channel: typed.channel.code().to_owned(),
                // The county's program is nobody's address.
                confirmed: typed.channel == Channel::Webhook
                    || kept == Some(address) && is_confirmed(before, typed.channel),
                address: if typed.channel == Channel::Webhook { String::new() } else { address.to_owned() },
                kinds: typed.kinds.iter().map(|kind| kind.code().to_owned()).collect(),
            }),
        }
    }
    if wrong.is_empty() { Ok(ways) } else { Err(wrong) }
}

impl App {
    /// What a person chose.
    pub async fn notice_ways(&self, person: PersonId) -> Result<Vec<Way>, Fault> {
        let county = self.county_code.clone();
        Ok(self.db.read(move |r| notices::list_ways(r, &county, person)).await?)
    }

    /// Keeps what a person chose. The inner error says what cannot be kept, and then nothing was.
    pub async fn choose_notice_ways(
        &self,
        person: PersonId,
        typed: Vec<Typed>,
    ) -> Result<Result<(), Vec<Wrong>>, Fault> {
        let before = self.notice_ways(person).await?;
        let new = match ways(&typed, &before, |channel| self.has_channel(channel)) {
            Ok(new) => new,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let county = self.county_code.clone();
        self.db.write(move |tx| notices::put_ways(tx, &county, person, &new).map_err(Fault::from)).await?;
        Ok(Ok(()))
    }

    async fn way_of(&self, person: PersonId, channel: Channel) -> Result<Option<Way>, Fault> {
        let ways = self.notice_ways(person).await?;
        Ok(ways.into_iter().find(|way| way.channel == channel.code() && !way.confirmed))
    }

    /// Sends a code to an address that was not confirmed yet. The inner value is what its owner is told.
    pub async fn send_way_code(&self, person: PersonId, channel: Channel) -> Result<Result<(), String>, Fault> {
        let Some(way) = self.way_of(person, channel).await? else {
            return Ok(Err("没有要核对的地址。".to_owned()));
        };
        let text = match self.code_message(aim(person, channel, &way.address), "用来开通通知。").await? {
            Ok(text) => text,
            Err(sentence) => return Ok(Err(sentence)),
        };
        let id = hex(&random::<16>());
        let sent = match (channel, &self.gateway, &self.config.ways.mail) {
            (Channel::Sms, Some(gateway), _) => gateway.send(&way.address, &text, &id).await,
            (Channel::Mail, _, Some(server)) => {
                let (county_name, subject) = (self.county_name.clone(), "核对码".to_owned());
                self.mailer
                    .send(
                        server,
                        &way.address,
                        &Letter { id, county_name, subject, text, made: self.machine.seconds() },
                    )
                    .await
            }
            _ => return Ok(Err("本县没有开通这种方式。".to_owned())),
        };
        Ok(sent.map_err(|error| format!("核对码没有发出：{}。", error.sentence)))
    }

    /// Judges a code that was typed; the right one opens the way.
    pub async fn confirm_way(&self, person: PersonId, channel: Channel, typed: String) -> Result<code::Said, Fault> {
        let Some(way) = self.way_of(person, channel).await? else { return Ok(code::Said::Gone) };
        let (county, key, now) = (self.county_code.clone(), self.site_key.clone(), self.machine.seconds());
        let confirm = move |tx: &mut Tx<'_>| {
            let aim = aim(person, channel, &way.address);
            let said = code::check(tx, &county, &key, &aim, (&typed, now))?;
            if said == code::Said::Right && !notices::confirm_way(tx, &county, person, channel.code(), &way.address)? {
                return Ok(code::Said::Gone);
            }
            Ok::<_, Fault>(said)
        };
        self.db.write(confirm).await
    }

    /// Marks what a post was told of a matter as seen, when it opens it: the page says more than the notice. Writes only where there is
    /// something to mark; a store that cannot write still shows the page.
    pub async fn see_notices_of(&self, post: PersonId, matter: MatterId) {
        let county = self.county_code.clone();
        let unseen = self.db.read(move |r| notices::list_unseen(r, &county, post, matter, UNSEEN_WALK)).await;
        let (county, now) = (self.county_code.clone(), self.moment().0);
        let marked = match unseen {
            Ok(unseen) if unseen.is_empty() => return,
            Ok(unseen) => {
                let mark = move |tx: &mut Tx<'_>| {
                    unseen.iter().try_for_each(|id| notices::see_one(tx, &county, id, now)).map_err(Fault::from)
                };
                self.db.write_aside(mark).await
            }
            Err(fault) => Err(fault.into()),
        };
        if let Err(fault) = marked {
            tracing::warn!(fault = chain(&fault), "notices of an opened matter are not marked as seen");
        }
    }

    /// Marks what a post was told until a moment as seen.
    pub async fn see_notices(&self, post: PersonId, until: i64) -> Result<usize, Fault> {
        let (county, now) = (self.county_code.clone(), self.moment().0);
        self.db.write(move |tx| notices::see_all(tx, &county, post, until, now).map_err(Fault::from)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_address_is_the_one_before_and_no_kind_forgets_it() {
        let typed = |address: &str, kinds: &[Kind]| {
            [Typed { channel: Channel::Sms, address: address.to_owned(), kinds: kinds.to_vec() }]
        };
        let before = ways(&typed("13800000000", &[Kind::Overdue]), &[], |_| true).unwrap();
        let again = ways(&typed("", &[Kind::Todo, Kind::Soon]), &before, |_| true).unwrap();
        assert_eq!((again[0].address.as_str(), again[0].kinds.len()), ("13800000000", 2));
        assert_eq!(ways(&typed("", &[]), &before, |_| true), Ok(Vec::new()));
        assert_eq!(ways(&typed("", &[Kind::Todo]), &[], |_| true), Err(vec![(Channel::Sms, "请填写手机号")]));
        assert!(ways(&typed("138", &[Kind::Todo]), &[], |_| true).is_err());
        assert!(ways(&typed("13800000000", &[Kind::Todo]), &[], |_| false).is_err());
        let confirmed = [Way { confirmed: true, ..before[0].clone() }];
        assert!(!before[0].confirmed, "somebody else's, perhaps");
        assert!(ways(&typed("13800000000", &[Kind::Soon]), &confirmed, |_| true).unwrap()[0].confirmed, "the same");
        assert!(!ways(&typed("13800000001", &[Kind::Soon]), &confirmed, |_| true).unwrap()[0].confirmed, "another");
        assert_eq!(masked(Channel::Sms, "13800001234"), "138****1234");
        assert_eq!(masked(Channel::Mail, "wang@example.gov.cn"), "wa***@example.gov.cn");
    }
}
