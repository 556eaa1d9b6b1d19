//! Calendars 日历订阅: the last days and the hearings of what a person works on, at an address with a secret that the person makes and
//! closes. Asked anew each time in every post that they hold that day, as far as it sees; no name, no content of a matter.

mod ics;

use std::collections::BTreeSet;

use zhunsheng_core::clock::{ClockRun, Due, Duty, LimitKind};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::text::mask_numbers;

use self::ics::DayEvent;
use super::ruling::Ruling;
use super::secret::Token;
use super::{App, fault::Fault, sight};
use crate::store::agenda::{self, Dated, Feed};
use crate::store::matters::{self, Work};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault, accounts};

/// Addresses of one person at most: one for each device.
pub const FEEDS_MAX: usize = 5;
/// Matters of one post at most, the newest first.
const MATTERS_MAX: i64 = 500;
/// What lies further back is left out.
const PAST_DAYS: i64 = 60;

/// What a calendar is written from.
struct Ground<'a> {
    county: &'a str,
    ruling: &'a Ruling,
    site: Option<&'a str>,
    since: Day,
}

/// Days found so far, and the matters that they were taken from.
#[derive(Default)]
struct Days {
    events: Vec<DayEvent>,
    seen: BTreeSet<MatterId>,
}

impl Ground<'_> {
    /// The number, or what sort of matter it is.
    fn called(&self, dated: &Dated, state: &MatterState) -> String {
        let title = || self.ruling.law.newest(state.procedure.as_str()).map(|procedure| procedure.title.clone());
        match &dated.number {
            Some(number) => mask_numbers(number),
            None => title().unwrap_or_default(),
        }
    }

    fn event(&self, dated: &Dated, day: Day, (uid, summary, description): (&str, String, String)) -> DayEvent {
        DayEvent {
            uid: format!("{}-{uid}@{}.zhunsheng", dated.id, self.county),
            changed: dated.changed,
            day,
            summary,
            description,
            url: self.site.map(|site| format!("{site}/matters/{}", dated.id)),
            tentative: false,
            // Nine in the morning of the day before.
            remind: "-PT15H",
        }
    }

    /// Limits that bind the organ and still run.
    fn add_limits(&self, days: &mut Days, dated: &Dated, state: &MatterState) {
        let procedure = self.ruling.law.by_digest(&state.definition);
        let binds = |run: &ClockRun| run.runs() && run.duty == Duty::Organ && run.limit.kind == LimitKind::Maximum;
        for (n, run) in state.clocks.iter().enumerate().filter(|(_, run)| binds(run)) {
            let due = run.due(&self.ruling.calendar);
            let Some(day) = due.day().filter(|day| *day >= self.since) else { continue };
            let title = procedure.and_then(|procedure| procedure.clock(run.clock.as_str()));
            let title = title.map_or(run.clock.as_str(), |clock| clock.title.as_str());
            let tentative = matches!(due, Due::Provisional { .. });
            let kind = if tentative { "暂定期限" } else { "期限" };
            let summary = format!("{kind}：{title}（{}）", self.called(dated, state));
            let named = (&*format!("limit-{n}"), summary, format!("依据：{}", run.basis));
            let event = self.event(dated, day, named);
            days.events.push(DayEvent { tentative, ..event });
        }
    }

    /// Days on which people come together.
    fn add_meetings(&self, days: &mut Days, dated: &Dated, state: &MatterState) {
        let Some(procedure) = self.ruling.law.newest(state.procedure.as_str()) else { return };
        for field in procedure.fields.values().filter(|field| field.agenda) {
            let Some(day) = state.day(field.id.as_str()).filter(|day| *day >= self.since) else { continue };
            let number = dated.number.as_deref().map(|number| format!("（{}）", mask_numbers(number)));
            let summary = format!("{}{}", procedure.title, number.unwrap_or_default());
            let named = (field.id.as_str(), summary, format!("{}。时间、地点请登录平台查看。", field.title));
            days.events.push(self.event(dated, day, named));
        }
    }

    /// What one post works on, and what is linked to it and not ended.
    fn add_post(
        &self,
        q: &impl Query,
        days: &mut Days,
        work: &Work<'_>,
        sight: &SightFilter,
    ) -> Result<(), StoreFault> {
        for dated in agenda::list_of(q, self.county, work, sight, MATTERS_MAX)? {
            let Some(state) = matters::find_state(q, self.county, dated.id)? else { continue };
            if days.seen.insert(dated.id) {
                self.add_limits(days, &dated, &state);
                self.add_meetings(days, &dated, &state);
            }
            for link in state.links.iter().filter(|link| link.outcome.is_none()) {
                if days.seen.contains(&link.matter) {
                    continue;
                }
                let Some(dated) = agenda::find_dated(q, self.county, sight, link.matter)? else { continue };
                if let Some(state) = matters::find_state(q, self.county, dated.id)? {
                    days.seen.insert(dated.id);
                    self.add_meetings(days, &dated, &state);
                }
            }
        }
        Ok(())
    }
}

impl App {
    /// The calendar behind a secret; none if it opens nothing.
    pub async fn calendar_of(&self, secret: &str) -> Result<Option<String>, Fault> {
        let Some(token) = Token::parse(secret) else { return Ok(None) };
        let (county, site, today) = (self.county_code.clone(), self.config.public_url.clone(), self.today());
        let (ruling, registry) = (self.county.ruling(), self.county.registry());
        let name = format!("{}法治政府平台：期限和听证", self.county_name);
        let read = self.db.read(move |r| {
            let Some(person) = agenda::find_feed(r, &county, &token.hash())? else { return Ok(None) };
            let account = accounts::find(r, &county, &person.to_string())?;
            if account.is_some_and(|account| account.disabled.is_some()) {
                return Ok(None);
            }
            let since = today.plus(-PAST_DAYS);
            let ground = Ground { county: &county, ruling: &ruling, site: site.as_deref(), since };
            let mut days = Days::default();
            for post in registry.posts_of(person, today) {
                let sight = sight::of_post(&ruling.law, &registry, post);
                let work = Work { organ: post.organ.as_str(), post_kind: post.kind.as_str(), person };
                ground.add_post(r, &mut days, &work, &sight)?;
            }
            days.events.sort_by(|a, b| (a.day, &a.uid).cmp(&(b.day, &b.uid)));
            Ok::<_, StoreFault>(Some(ics::calendar(&name, &days.events)))
        });
        Ok(read.await?)
    }

    /// The addresses that a person made.
    pub async fn list_feeds(&self, person: PersonId) -> Result<Vec<Feed>, Fault> {
        let county = self.county_code.clone();
        Ok(self.db.read(move |r| agenda::list_feeds(r, &county, person)).await?)
    }

    /// Makes an address; its secret is told once. None if the person has as many as one may have.
    pub async fn make_feed(&self, person: PersonId) -> Result<Option<String>, Fault> {
        let token = Token::new();
        let new = Feed { token_hash: token.hash(), made: self.machine.millis() };
        let county = self.county_code.clone();
        let put = self.db.write(move |tx| {
            if agenda::list_feeds(tx, &county, person)?.len() >= FEEDS_MAX {
                return Ok(false);
            }
            agenda::put_feed(tx, &county, person, &new)?;
            Ok::<_, Fault>(true)
        });
        Ok(put.await?.then(|| token.text()))
    }

    /// Closes an address of a person; whether there was one.
    pub async fn close_feed(&self, person: PersonId, token_hash: [u8; 32]) -> Result<bool, Fault> {
        let county = self.county_code.clone();
        self.db.write(move |tx| agenda::delete_feed(tx, &county, person, &token_hash).map_err(Fault::from)).await
    }
}
