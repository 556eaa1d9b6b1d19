//! Deriving: entry by entry of the record, and once a day by the last days, notices are made for those whom they concern.
//!
//! Read from one consistent view beside the writer, written in one short transaction together with the position that was reached:
//! acts wait for nothing here, a crash derives again, and what is derived twice is told once.

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Post, Registry};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::Event;
use zhunsheng_core::record::{ActorEntry, Entry};

use super::{Channel, Kind, SOON_DAYS, name_of, outgoing_id};
use crate::app::citizen::news;
use crate::app::{App, fault::Fault, sight};
use crate::store::citizens::{self, CitizenNotice};
use crate::store::notices::{self, Notice, Subject, Waited};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault, Tx, outgoing, record, settings};

/// The next entry to look at.
const POSITION: &str = "notice.position";
/// The day for which last days were looked at.
const DAY: &str = "notice.day";
/// Entries in one turn.
const ENTRIES: i64 = 50;
/// Matters in one turn of the day's look.
const MATTERS: i64 = 200;
/// Days after the last day within which a limit that passed is news.
const NEWS_DAYS: i64 = 30;
/// Milliseconds for which messages that were sent are kept, and notices.
const SENT_MS: i64 = 90 * DAY_MS;
const NOTICES_MS: i64 = 400 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A notice, and whether it may leave the house.
struct Found {
    notice: Notice,
    secret: bool,
}

/// What one turn found.
#[derive(Default)]
struct Batch {
    found: Vec<Found>,
    told: Vec<(i64, Vec<Waited>)>,
    /// For citizens whose own a matter is.
    news: Vec<CitizenNotice>,
    /// Who passed a matter on last, by its place in lists, and who was named since it was told of.
    passed: BTreeMap<i64, Passed>,
}

/// Who passed work on, and to whom by name.
#[derive(Default)]
struct Passed {
    by: Option<PersonId>,
    from: Option<String>,
    named: Vec<PersonId>,
}

impl Passed {
    fn of(actor: &ActorEntry, events: &[&Event]) -> Self {
        let (by, from) = match actor {
            ActorEntry::Staff(person, _, organ) => (Some(*person), Some(organ.to_string())),
            ActorEntry::Citizen | ActorEntry::System | ActorEntry::Founder => (None, None),
        };
        let named = events.iter().filter_map(|event| match event {
            Event::Assigned(who) | Event::Deputised(who) => Some(*who),
            _ => None,
        });
        Self { by, from, named: named.collect() }
    }
}

/// Whether an entry may have passed work on.
fn moves(events: &[&Event]) -> bool {
    let moves = |event: &&Event| matches!(event, Event::Entered(..) | Event::Assigned(_) | Event::Deputised(_));
    events.iter().any(moves)
}

/// What deriving looks at: one view of the store, law and registers, and the day.
struct Look<'a, Q: Query> {
    q: &'a Q,
    county: &'a str,
    law: &'a Law,
    registry: &'a Registry,
    today: Day,
    /// In the county: a demonstration's people read its days.
    made: Moment,
    sights: BTreeMap<(String, String), SightFilter>,
}

impl<Q: Query> Look<'_, Q> {
    /// Whether a post sees a matter: asked in the query, as pages ask.
    fn sees(&mut self, post: &Post, matter: MatterId) -> Result<bool, StoreFault> {
        let key = (post.organ.to_string(), post.kind.to_string());
        let (law, registry) = (self.law, self.registry);
        let sight = self.sights.entry(key).or_insert_with(|| sight::of_post(law, registry, post));
        Ok(notices::find_seen(self.q, self.county, sight, matter)?.is_some())
    }

    /// The posts that are waited for, held today.
    fn holders(&self, waited: &Waited) -> Vec<Post> {
        let organ = waited.organ.as_str().into();
        let posts = self.registry.posts_in(&organ, self.today);
        posts.filter(|post| waited.is_for(post)).cloned().collect()
    }

    /// A notice for a post, unless it may not know of the matter.
    fn tell(
        &mut self,
        batch: &mut Batch,
        post: &Post,
        kind: Kind,
        subject: &Subject,
        (day, cause): (Option<i64>, i64),
    ) -> Result<(), StoreFault> {
        if !self.sees(post, subject.id)? {
            return Ok(());
        }
        let group = if kind == Kind::Transferred { Kind::Todo } else { kind };
        let (person, matter, cause) = (post.person.to_bytes(), subject.id.to_bytes(), cause.to_be_bytes());
        let id = name_of(&[b"notice", &person, &post.id.to_bytes(), group.code().as_bytes(), &matter, &cause]);
        batch.found.push(Found {
            notice: Notice {
                id,
                person: post.person,
                post: post.id,
                kind: kind.code().to_owned(),
                matter: subject.id,
                day,
                made: self.made.0,
            },
            secret: subject.secret,
        });
        Ok(())
    }

    /// The first post of a person that sees a matter.
    fn post_of(&mut self, person: PersonId, subject: &Subject) -> Result<Option<Post>, StoreFault> {
        let held: Vec<Post> = self.registry.posts_of(person, self.today).cloned().collect();
        for post in held {
            if self.sees(&post, subject.id)? {
                return Ok(Some(post));
            }
        }
        Ok(None)
    }

    /// What one entry means for those whom it concerns.
    fn read_entry(&mut self, batch: &mut Batch, seq: i64, entry: &Entry) -> Result<(), StoreFault> {
        let mut matters: Vec<MatterId> = entry.events.iter().map(|(id, _)| *id).collect();
        matters.sort();
        matters.dedup();
        for id in matters {
            let Some(subject) = notices::find_subject(self.q, self.county, id)? else { continue };
            if !subject.secret {
                batch.news.extend(news::read_entry(self.q, self.county, self.law, (entry, id))?);
            }
            let events: Vec<&Event> = entry.events.iter().filter(|(of, _)| *of == id).map(|(_, event)| event).collect();
            self.read_open_work(batch, seq, &entry.actor, &subject, &events)?;
            if events.iter().any(|event| matches!(event, Event::Ended(..) | Event::LinkEnded(..))) {
                self.read_outcome(batch, seq, entry, &subject, &events)?;
            }
        }
        Ok(())
    }

    /// Work that is there now and was not told of. Only the view of the last entry is at hand, so open work is looked at when the last entry
    /// that touched the matter is read. What was told before an entry that passed work on says nothing any more: who was waited for
    /// then and is again, is told again.
    fn read_open_work(
        &mut self,
        batch: &mut Batch,
        seq: i64,
        actor: &ActorEntry,
        subject: &Subject,
        events: &[&Event],
    ) -> Result<(), StoreFault> {
        let moved = moves(events);
        if moved {
            let Passed { by, from, named } = Passed::of(actor, events);
            let last = batch.passed.entry(subject.num).or_default();
            (last.by, last.from) = (by, from);
            last.named.extend(named);
        }
        if subject.changed > seq {
            if moved {
                batch.told.push((subject.num, Vec::new()));
            }
            return Ok(());
        }
        let passed = batch.passed.remove(&subject.num).unwrap_or_else(|| Passed::of(actor, events));
        let now = notices::list_waited(self.q, self.county, subject.num)?;
        let before = match batch.told.iter().rev().find(|(num, _)| *num == subject.num) {
            Some((_, told)) => told.clone(),
            None => notices::list_told(self.q, self.county, subject.num)?,
        };
        if now == before {
            return Ok(());
        }
        // Neither who passed it on nor who has just been at it needs to be told.
        let at_it = [passed.by, Passed::of(actor, events).by];
        for waited in now.iter().filter(|waited| !before.contains(waited)) {
            let elsewhere = passed.from.as_ref().is_some_and(|organ| *organ != waited.organ);
            for post in self.holders(waited).into_iter().filter(|post| !at_it.contains(&Some(post.person))) {
                let transferred = elsewhere || passed.named.contains(&post.person);
                let kind = if transferred { Kind::Transferred } else { Kind::Todo };
                self.tell(batch, &post, kind, subject, (subject.due, seq))?;
            }
        }
        batch.told.push((subject.num, now));
        Ok(())
    }

    /// An outcome: told to who began the matter and who answers for it; of a linked matter, to who answers for the one it is linked to.
    fn read_outcome(
        &mut self,
        batch: &mut Batch,
        seq: i64,
        entry: &Entry,
        subject: &Subject,
        events: &[&Event],
    ) -> Result<(), StoreFault> {
        let by = match &entry.actor {
            ActorEntry::Staff(person, ..) => Some(*person),
            ActorEntry::Citizen | ActorEntry::System | ActorEntry::Founder => None,
        };
        let ended = events.iter().any(|event| matches!(event, Event::Ended(..)));
        let opener = if ended { notices::find_opener(self.q, self.county, subject.id)? } else { None };
        let mut people: Vec<PersonId> = opener.into_iter().chain(subject.assigned).collect();
        people.sort();
        people.dedup();
        for person in people.into_iter().filter(|person| Some(*person) != by) {
            if let Some(post) = self.post_of(person, subject)? {
                self.tell(batch, &post, Kind::Answered, subject, (Some(entry.day.number()), seq))?;
            }
        }
        Ok(())
    }

    /// A matter whose last day is near or has passed: told to those whose step it is, and to who answers for it.
    fn read_due(&mut self, batch: &mut Batch, subject: &Subject) -> Result<(), StoreFault> {
        let Some(due) = subject.due else { return Ok(()) };
        let kind = if due < self.today.number() { Kind::Overdue } else { Kind::Soon };
        let waited = notices::list_waited(self.q, self.county, subject.num)?;
        let mut posts: Vec<Post> = waited.iter().flat_map(|waited| self.holders(waited)).collect();
        if let Some(person) = subject.assigned
            && !posts.iter().any(|post| post.person == person)
        {
            posts.extend(self.post_of(person, subject)?);
        }
        posts.sort_by_key(|post| post.id);
        posts.dedup_by_key(|post| post.id);
        for post in posts {
            self.tell(batch, &post, kind, subject, (Some(due), due))?;
        }
        Ok(())
    }
}

/// Writes what was found, and a message for each way that its person chose; how many notices are new.
fn write(tx: &mut Tx<'_>, county: &str, batch: &Batch, now: i64) -> Result<usize, StoreFault> {
    let mut new = 0;
    for (num, told) in &batch.told {
        notices::put_told(tx, county, *num, told)?;
    }
    for told in &batch.news {
        if citizens::put_notice(tx, county, &CitizenNotice { made: now, ..*told })? {
            let sms = Channel::Sms.code();
            outgoing::put(tx, county, &outgoing_id(&told.id, sms), &told.id, sms, now)?;
        }
    }
    for found in &batch.found {
        if !notices::put(tx, county, &found.notice)? {
            continue;
        }
        new += 1;
        if found.secret {
            continue;
        }
        for way in notices::list_ways(tx, county, found.notice.person)? {
            if way.confirmed && way.kinds.contains(&found.notice.kind) {
                let id = outgoing_id(&found.notice.id, &way.channel);
                outgoing::put(tx, county, &id, &found.notice.id, &way.channel, now)?;
            }
        }
    }
    Ok(new)
}

fn number(q: &impl Query, county: &str, name: &str) -> Result<Option<i64>, StoreFault> {
    Ok(settings::find(q, county, name)?.and_then(|text| text.parse().ok()))
}

/// What a turn read, and from where to where it went.
struct Turn {
    from: i64,
    to: i64,
    batch: Batch,
}

impl App {
    /// Derives from entries that nobody has looked at. Returns how many were looked at; none are left at 0.
    pub async fn derive_notices(&self) -> Result<usize, Fault> {
        let (county, made, now) = (self.county_code.clone(), self.moment(), self.machine.millis());
        let (ruling, registry, today) = (self.county.ruling(), self.county.registry(), self.today());
        let read = self.db.read(move |r| {
            let size = record::next_seq(r, &county)?;
            let Some(from) = number(r, &county, POSITION)? else { return Ok(Err(size)) };
            let to = size.min(from.saturating_add(ENTRIES));
            let mut batch = Batch::default();
            let (law, sights) = (&ruling.law, BTreeMap::new());
            let mut look = Look { q: r, county: &county, law, registry: &registry, today, made, sights };
            for stored in record::list_from(r, &county, from, to - from)? {
                let entry = record::decode(stored.seq, &stored.bytes)?;
                look.read_entry(&mut batch, stored.seq, &entry)?;
            }
            Ok::<_, StoreFault>(Ok(Turn { from, to, batch }))
        });
        let county = self.county_code.clone();
        let turn = match read.await? {
            Ok(turn) if turn.from == turn.to => return Ok(0),
            Ok(turn) => turn,
            Err(size) => {
                let begin = move |tx: &mut Tx<'_>| {
                    notices::tell_all(tx, &county)?;
                    settings::put(tx, &county, POSITION, &size.to_string()).map_err(Fault::from)
                };
                self.db.write(begin).await?;
                return Ok(1);
            }
        };
        let looked = usize::try_from(turn.to - turn.from).unwrap_or(0);
        let finish = move |tx: &mut Tx<'_>| {
            // Another process may have written the county meanwhile.
            if number(tx, &county, POSITION)? != Some(turn.from) {
                return Ok(0);
            }
            let new = write(tx, &county, &turn.batch, now)?;
            settings::put(tx, &county, POSITION, &turn.to.to_string())?;
            Ok::<_, Fault>(new)
        };
        let new = self.db.write(finish).await?;
        tracing::debug!(looked, new, "notices derived");
        Ok(looked)
    }

    /// Once a day: limits that are near, and those that have passed. Returns how many notices are new.
    pub async fn derive_due_notices(&self) -> Result<usize, Fault> {
        let (county, today) = (self.county_code.clone(), self.today());
        let done = self.db.glance(move |r| number(r, &county, DAY)).await?;
        if done == Some(today.number()) {
            return Ok(0);
        }
        let days = (today.plus(-NEWS_DAYS).number(), today.plus(SOON_DAYS).number());
        let (mut after, mut new) = ((0, 0), 0);
        loop {
            let (county, made, now) = (self.county_code.clone(), self.moment(), self.machine.millis());
            let (ruling, registry) = (self.county.ruling(), self.county.registry());
            let read = self.db.read(move |r| {
                let mut batch = Batch::default();
                let (law, sights) = (&ruling.law, BTreeMap::new());
                let mut look = Look { q: r, county: &county, law, registry: &registry, today, made, sights };
                let due = notices::list_due(r, &county, days, after, MATTERS)?;
                for subject in &due {
                    look.read_due(&mut batch, subject)?;
                }
                let last = due.last().and_then(|subject| Some((subject.due?, subject.num)));
                Ok::<_, StoreFault>((last, batch))
            });
            let (last, batch) = read.await?;
            let county = self.county_code.clone();
            let Some(last) = last else { break };
            new += self.db.write(move |tx| write(tx, &county, &batch, now).map_err(Fault::from)).await?;
            after = last;
        }
        let (county, made, now) = (self.county_code.clone(), self.moment(), self.machine.millis());
        let finish = move |tx: &mut Tx<'_>| {
            outgoing::prune(tx, &county, now - SENT_MS)?;
            notices::prune(tx, &county, made.0 - NOTICES_MS)?;
            settings::put(tx, &county, DAY, &today.number().to_string()).map_err(Fault::from)
        };
        self.db.write(finish).await?;
        Ok(new)
    }
}
