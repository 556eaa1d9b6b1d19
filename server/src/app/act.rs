//! The one way in which anything happens: load, decide, append entry and projections in one transaction.
//!
//! A refusal writes nothing. People, the API, the simulator and the clock watch all come through here.
// long because: what an act may see, what it writes and what is destroyed with it are one transaction, read in one place

use std::sync::Arc;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::clock::Expiry;
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{ClockId, Digest, MatterId, PlaceCode, ProcedureId, StepId};
use zhunsheng_core::matter::{
    self, Actor, Command, Context, Decision, Event, Input, Manner, Matters, Sealed, SealedClass, SeriesKey, Supply,
    Target,
};
use zhunsheng_core::procedure::{FieldKind, Generic};
use zhunsheng_core::record::{ActorEntry, Entry, SealedPart, leaf};
use zhunsheng_core::refusal::Refusals;

use super::App;
use super::clock::CountyClock;
use super::completing;
use super::county::{Entropy, Registers, Rulings};
use super::credit::make;
use super::deposit;
use super::fault::{Fault, StoreFault};
use super::reviewing;
use super::ruling::Ruling;
use super::sheet;
use super::{sequel, sight};
use crate::store::project::{Ground, project};
use crate::store::record::{self, NewEntry, StoredSealed};
use crate::store::{Query, Tx, With, erase, idempotency, matters};

/// Why an act did not happen.
#[derive(Debug)]
pub enum ActError {
    /// The law says no, or something typed cannot be read.
    Refused(Refusals),
    /// There is no such matter, or this person may not know of it.
    NotFound,
    /// The same key came with another command.
    KeyReused,
    /// We failed.
    Fault(Fault),
}

impl From<StoreFault> for ActError {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<Fault> for ActError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusals> for ActError {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The matter acted on.
    pub matter: MatterId,
    /// The entry.
    pub seq: i64,
    /// The code with which a citizen tracks a new matter.
    pub query_code: Option<String>,
    /// Sentences of defects that were marked or warnings that were set aside.
    pub noted: Vec<String>,
}

/// Everything an act needs inside the writer.
pub struct Desk {
    /// The county's code.
    pub county: String,
    /// The law.
    pub ruling: Arc<Ruling>,
    /// The registers; changed in place by acts on registers.
    pub registry: Arc<Registry>,
    /// The size of the record at which they stood so.
    pub as_of: i64,
    /// Where changed registers are made known.
    pub registers: Arc<Registers>,
    /// Where identities and salts come from.
    pub entropy: Entropy,
    /// The county's day.
    pub today: Day,
    /// The moment of recording.
    pub now: Moment,
    /// Whether search follows each act; a simulation indexes all matters together at its end.
    pub index: bool,
    /// Whether a program acts: to it, work secrets do not exist.
    pub for_program: bool,
    /// The batch of reports that is being sent; none: a report that is sent is a batch of its own.
    pub credit_batch: Option<String>,
}

/// Identities from the county's entropy, numbers from the store.
struct Writer<'a, Q: Query> {
    q: &'a Q,
    county: &'a str,
    entropy: &'a Entropy,
    now: Moment,
    drawn: u32,
    fault: Option<StoreFault>,
}

impl<Q: Query> Supply for Writer<'_, Q> {
    fn fresh_id(&mut self) -> MatterId {
        self.drawn += 1;
        let seq = record::next_seq(self.q, self.county).unwrap_or_else(|fault| {
            self.fault = Some(fault);
            0
        });
        MatterId::new(self.now, self.entropy.bytes(seq, "id", self.drawn))
    }

    fn last_number(&mut self, series: &SeriesKey) -> u32 {
        let found = matters::last_number(
            self.q,
            self.county,
            series.organ.as_str(),
            series.instrument.as_str(),
            i64::from(series.year),
        );
        found.unwrap_or_else(|fault| {
            self.fault = Some(fault);
            0
        })
    }

    fn alike(&mut self, key: &str) -> Option<matter::Found> {
        let found = matters::find_alike(self.q, self.county, key).unwrap_or_else(|fault| {
            self.fault = Some(fault);
            None
        });
        found.map(|(matter, title, organ)| matter::Found { matter, title, organ: organ.into() })
    }
}

impl Desk {
    /// Performs a command inside a transaction.
    pub fn perform(&mut self, tx: &mut Tx<'_>, actor: Actor, command: &Command) -> Result<Done, ActError> {
        let known = self.load(tx, &actor, command)?;
        let procedure = match &command.target {
            Target::Open(procedure) => Some(procedure),
            Target::On(id) => known.get(id).map(|state| &state.procedure),
        };
        let apart = |procedure: &ProcedureId| self.for_program && sheet::begins_here(procedure.as_str());
        if procedure.is_some_and(apart) && Generic::of(&command.step).is_none() {
            // Its pages do what the step says; a program could only say it.
            return Err(ActError::NotFound);
        }
        let completed = completing::completed(tx, self, &actor, command, &known)?;
        let command = completed.as_ref();
        let (decision, step) = {
            let context = self.context(actor.clone());
            let (county, entropy, now) = (self.county.as_str(), &self.entropy, self.now);
            let mut supply = Writer { q: &*tx, county, entropy, now, drawn: 0, fault: None };
            let decision = matter::decide(&self.ruling.law, &known, command, &context, &mut supply)?;
            if let Some(fault) = supply.fault {
                return Err(fault.into());
            }
            (decision, command.step.clone())
        };
        if procedure.is_some_and(|procedure| procedure.as_str() == deposit::REGISTER) {
            let wrong = deposit::unusable(&command.input, &self.ruling.law);
            if !wrong.is_empty() {
                return Err(wrong.into());
            }
        }
        let done = self.commit(tx, &actor, step, decision, &known)?;
        make::follow(self, tx, &actor, done.matter, &command.step)?;
        if let Some(procedure) = procedure {
            reviewing::follow(self, tx, &actor, (done.matter, procedure.as_str()), command.step.as_str())?;
        }
        sequel::follow(self, tx, &actor, done.matter, (command, procedure))?;
        Ok(done)
    }

    /// The system notes that a clock has expired. `None` if there is nothing to note.
    pub fn expire(&mut self, tx: &mut Tx<'_>, id: MatterId, clock: &str) -> Result<Option<Done>, ActError> {
        let Some(state) = matters::find_state(tx, &self.county, id)? else { return Ok(None) };
        let attached = state.clock(clock).and_then(|run| match &run.expiry {
            Expiry::Step(step, _) => Some(step.clone()),
            Expiry::Flag | Expiry::Escalate => None,
        });
        let decision = matter::expire(&self.ruling.law, &state, &ClockId::from(clock), &self.context(Actor::System));
        let Some(decision) = decision else { return Ok(None) };
        let known = Matters::from([(id, state)]);
        let done = self.commit(tx, &Actor::System, "_expire".into(), decision, &known)?;
        if let Some(step) = attached {
            self.take_attached(tx, id, step)?;
        }
        Ok(Some(done))
    }

    /// Takes the step that the law attaches to an expiry. Where its conditions do not hold the law attaches nothing,
    /// and the note of the expiry stands alone.
    fn take_attached(&mut self, tx: &mut Tx<'_>, id: MatterId, step: StepId) -> Result<(), ActError> {
        let command = Command { target: Target::On(id), step, input: Input::default(), manner: Manner::Live };
        if let Err(refusals) = self.attempt(tx, Actor::System, &command)? {
            tracing::info!(matter = %id, step = %command.step, refused = refusals.codes(), "no step follows the expiry");
        }
        Ok(())
    }

    /// Performs a command beside the act that is under way. Refused, it leaves nothing behind, the registers as they stood.
    pub(super) fn attempt(
        &mut self,
        tx: &mut Tx<'_>,
        actor: Actor,
        command: &Command,
    ) -> Result<Result<Done, Refusals>, ActError> {
        let registry = Arc::clone(&self.registry);
        match tx.savepoint(|tx| self.perform(tx, actor, command)) {
            Ok(done) => Ok(Ok(done)),
            Err(ActError::Refused(refusals)) => {
                self.registry = registry;
                Ok(Err(refusals))
            }
            Err(other) => Err(other),
        }
    }

    /// Records that someone looked at personal data, and why. The reason is sealed.
    pub fn record_reveal(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        id: MatterId,
        reason: &str,
    ) -> Result<Done, ActError> {
        self.load_visible(tx, actor, id)?;
        let step = StepId::from("_reveal");
        let label = "reveal.reason".to_owned();
        let decision = Decision {
            matter: id,
            day: self.today,
            events: vec![(id, Event::Reasoned(step.clone())), (id, Event::SealedSet(label.clone()))],
            sealed: vec![Sealed { matter: id, label, class: SealedClass::Text, value: reason.to_owned() }],
            noted: Refusals::default(),
            query_code: None,
        };
        self.commit(tx, actor, step, decision, &Matters::new())
    }

    /// Takes law and registers as they stand in the writer, if an act that came before this one has changed them.
    fn catch_up(&mut self, tx: &Tx<'_>, rulings: &Rulings) -> Result<(), StoreFault> {
        self.ruling = rulings.standing();
        if self.registers.moved_after(self.as_of) {
            let (as_of, registry) = Registers::read(tx, &self.county)?;
            (self.as_of, self.registry) = (as_of, Arc::new(registry));
        }
        Ok(())
    }

    pub(super) fn context(&self, actor: Actor) -> Context<'_> {
        Context { actor, today: self.today, now: self.now, calendar: &self.ruling.calendar, registry: &self.registry }
    }

    /// The acted-on matter, its parent and its links. A matter outside the actor's sight does not exist for them.
    fn load(&self, tx: &Tx<'_>, actor: &Actor, command: &Command) -> Result<Matters, ActError> {
        let mut known = Matters::new();
        let id = match &command.target {
            Target::On(id) => id,
            Target::Open(procedure) => {
                self.load_named(tx, actor, command, procedure.as_str(), &mut known)?;
                if let Some((parent, _)) = &command.input.follows
                    && let Some(found) = matters::find_state(tx, &self.county, *parent)?
                {
                    known.insert(*parent, found);
                }
                return Ok(known);
            }
        };
        let state = self.load_visible(tx, actor, *id)?;
        for other in state.parent.into_iter().chain(state.links.iter().map(|link| link.matter)) {
            if let Some(found) = matters::find_state(tx, &self.county, other)? {
                known.insert(other, found);
            }
        }
        self.load_listed(tx, actor, command, &state, &mut known)?;
        // What one may not see cannot be merged into, and whether it exists is not told.
        if let Some(target) = command.input.merge_into {
            match self.load_visible(tx, actor, target) {
                Ok(found) => drop(known.insert(target, found)),
                Err(ActError::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        known.insert(*id, state);
        Ok(known)
    }

    /// The matters that a command names — in a list for destruction, as the case that is supervised — as far as the actor may see
    /// them.
    fn load_named(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        command: &Command,
        procedure: &str,
        known: &mut Matters,
    ) -> Result<(), ActError> {
        let Some(definition) = self.ruling.law.newest(procedure) else { return Ok(()) };
        let lists = definition.fields.values().filter(|field| field.kind == FieldKind::Matters).map(|field| &field.id);
        let named = lists.chain(matter::parted_fields(definition));
        let typed = named.filter_map(|field| command.input.fields.get(field)).flatten();
        for word in typed.flat_map(|line| line.split_whitespace()) {
            let id = word.split('/').next().and_then(|id| MatterId::parse(&id.to_lowercase()));
            let Some(id) = id.filter(|id| !known.contains_key(id)) else { continue };
            match self.load_visible(tx, actor, id) {
                Ok(found) => drop(known.insert(id, found)),
                Err(ActError::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        self.load_parts(tx, definition, command, known)
    }

    /// As [`Desk::load_named`], and those that the matter lists already.
    fn load_listed(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        command: &Command,
        state: &matter::MatterState,
        known: &mut Matters,
    ) -> Result<(), ActError> {
        self.load_named(tx, actor, command, state.procedure.as_str(), known)?;
        let Some(definition) = self.ruling.law.by_digest(&state.definition) else { return Ok(()) };
        let parted = matter::parted_fields(definition).filter_map(|field| matter::named_file(state, field));
        let listed = matter::list_of(state, definition).into_iter().map(|(id, _)| id);
        self.load_all(tx, listed.chain(parted), known)?;
        self.load_parts(tx, definition, command, known)
    }

    /// What belongs to a case with which somebody must have had nothing to do: its reviews and hearings.
    fn load_parts(
        &self,
        tx: &Tx<'_>,
        definition: &zhunsheng_core::procedure::Procedure,
        command: &Command,
        known: &mut Matters,
    ) -> Result<(), ActError> {
        if definition.step(command.step.as_str()).is_none_or(|step| step.apart.is_none()) {
            return Ok(());
        }
        let links: Vec<MatterId> = known.values().flat_map(|state| &state.links).map(|link| link.matter).collect();
        self.load_all(tx, links.into_iter(), known)
    }

    /// Matters that are not known yet; each is read once an act.
    fn load_all(&self, tx: &Tx<'_>, ids: impl Iterator<Item = MatterId>, known: &mut Matters) -> Result<(), ActError> {
        for id in ids {
            if !known.contains_key(&id)
                && let Some(found) = matters::find_state(tx, &self.county, id)?
            {
                known.insert(id, found);
            }
        }
        Ok(())
    }

    pub(super) fn load_visible(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        id: MatterId,
    ) -> Result<matter::MatterState, ActError> {
        let state = matters::find_state(tx, &self.county, id)?.ok_or(ActError::NotFound)?;
        if let Actor::Staff { person, post } = actor {
            let held = self.registry.post(*post).filter(|held| held.person == *person && held.held_on(self.today));
            let sight = held.map(|post| sight::of_post(&self.ruling.law, &self.registry, post)).unwrap_or_default();
            if !sight::sees(&sight, &state) {
                return Err(ActError::NotFound);
            }
        }
        if self.for_program && state.is_withheld() {
            return Err(ActError::NotFound);
        }
        Ok(state)
    }

    /// Appends the entry of a decision and projects it.
    pub(super) fn commit(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        step: StepId,
        decision: Decision,
        known: &Matters,
    ) -> Result<Done, ActError> {
        let noted = decision.noted.iter().map(|refusal| refusal.sentence.clone()).collect();
        let query_code = decision.query_code.clone();
        let entry = Entry {
            format: 1,
            county: PlaceCode::from(self.county.as_str()),
            recorded: self.now,
            day: decision.day,
            actor: self.actor_entry(actor)?,
            step,
            matter: decision.matter,
            events: decision.events,
            sealed: decision.sealed.iter().map(sealed_label).collect(),
            law: vec![self.ruling.digest],
        };
        let seq = self.append(tx, &entry, &decision.sealed, known)?;
        Ok(Done { matter: decision.matter, seq, query_code, noted })
    }

    /// Appends an entry with its sealed values and brings the projections up to it.
    pub(super) fn append(
        &mut self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        sealed: &[Sealed],
        known: &Matters,
    ) -> Result<i64, ActError> {
        let end = record::end(tx, &self.county)?;
        let seq = end.seq;
        let bytes = entry.to_bytes();
        let salt = self.entropy.bytes(seq, "salt", 0);
        let stored: Vec<StoredSealed> = (1u32..)
            .zip(sealed)
            .map(|(position, sealed)| StoredSealed {
                position: i64::from(position),
                matter: sealed.matter,
                label: sealed.label.clone(),
                class: sealed.class as i64,
                open: Some((self.entropy.bytes(seq, "salt", position).to_vec(), sealed.value.clone())),
                commitment: None,
            })
            .collect();
        let parts: Vec<SealedPart<'_>> = stored
            .iter()
            .filter_map(|s| s.open.as_ref())
            .map(|(salt, value)| SealedPart::Open { salt, value })
            .collect();
        let new = NewEntry { bytes: &bytes, salt: &salt, leaf: &leaf(&bytes, &salt, &parts), sealed: &stored };
        record::append(tx, &self.county, end, &new)?;
        for (id, event) in &entry.events {
            if let Event::Erased(labels, ..) = event {
                erase::sealed(tx, &self.county, *id, labels, seq)?;
            }
        }
        let ground = Ground {
            county: &self.county,
            law: &self.ruling.law,
            calendar: &self.ruling.calendar,
            registry: &self.registry,
            known,
            index: self.index,
        };
        let rows = project(tx, &ground, seq, entry, &stored)?;
        if !rows.is_empty() {
            let registry = Arc::make_mut(&mut self.registry);
            rows.into_iter().for_each(|row| row.enter(registry));
            self.as_of = seq + 1;
            self.registers.mark(self.as_of);
        }
        Ok(seq)
    }

    pub(super) fn actor_entry(&self, actor: &Actor) -> Result<ActorEntry, ActError> {
        Ok(match actor {
            Actor::Staff { person, post } => {
                let held = self.registry.post(*post).ok_or(ActError::NotFound)?;
                ActorEntry::Staff(*person, *post, held.organ.clone())
            }
            Actor::Citizen => ActorEntry::Citizen,
            Actor::System => ActorEntry::System,
            Actor::Founder => ActorEntry::Founder,
        })
    }
}

pub(super) fn sealed_label(sealed: &Sealed) -> zhunsheng_core::record::SealedLabel {
    zhunsheng_core::record::SealedLabel { matter: sealed.matter, label: sealed.label.clone(), class: sealed.class }
}

/// A key that the client made, so that a repeated request files nothing twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandKey {
    /// The key.
    pub key: String,
    /// The digest of the command.
    pub digest: Digest,
}

pub(super) fn actor_key(actor: &Actor) -> String {
    match actor {
        Actor::Staff { person, .. } => person.to_string(),
        Actor::Citizen => "citizen".to_owned(),
        Actor::System => "system".to_owned(),
        Actor::Founder => "founder".to_owned(),
    }
}

impl App {
    /// A desk at this moment.
    pub fn desk(&self) -> Desk {
        let (as_of, registry) = self.county.registers.published();
        Desk {
            county: self.county_code.clone(),
            ruling: self.county.ruling(),
            registry,
            as_of,
            registers: Arc::clone(&self.county.registers),
            entropy: self.county.entropy.clone(),
            today: self.today(),
            now: self.moment(),
            index: true,
            for_program: false,
            credit_batch: None,
        }
    }

    /// Runs `work` in the writer on the registers as they stand there, and returns once it is durable and everybody sees
    /// what it changed in them.
    pub(super) async fn at_the_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk, &mut Tx<'_>) -> Result<T, ActError> + Send + 'static,
    ) -> Result<T, ActError> {
        self.at_the_desk_with(work, With::Others).await
    }

    async fn at_the_desk_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk, &mut Tx<'_>) -> Result<T, ActError> + Send + 'static,
        with: With,
    ) -> Result<T, ActError> {
        let mut desk = self.desk();
        let (before, rulings) = (Arc::clone(&desk.registry), Arc::clone(&self.county.rulings));
        let ruled = Arc::clone(&desk.ruling);
        let clock = self.recording_clock();
        let (following, lease) = (Arc::clone(&self.following), self.db.lease().cloned());
        let steady = Arc::clone(&self.steady);
        let (done, desk) = self
            .db
            .write_with(with, move |tx| {
                if let Some(lease) = &lease {
                    following.make_up(lease, &desk, tx, &rulings, &steady)?;
                }
                desk.catch_up(tx, &rulings)?;
                if let Some(clock) = clock {
                    // In the writer, so that moments stand in the order of entries.
                    desk.now = steady.record(clock.moment())?;
                    desk.today = desk.now.day();
                }
                let done = work(&mut desk, tx)?;
                rulings.stand(Arc::clone(&desk.ruling));
                Ok::<_, ActError>((done, desk))
            })
            .await?;
        if !Arc::ptr_eq(&ruled, &desk.ruling) {
            self.county.rulings.publish();
        }
        if !Arc::ptr_eq(&before, &desk.registry) {
            self.refresh_registry().await?;
        }
        Ok(done)
    }

    /// A desk for a command that records by itself. Errors: [`Fault::Clock`].
    pub fn recording_desk(&self) -> Result<Desk, Fault> {
        self.check_clock()?;
        Ok(self.desk())
    }

    /// A real county's clock. A demonstration's day stands where people put it.
    fn recording_clock(&self) -> Option<CountyClock> {
        (!self.is_demonstration()).then(|| self.county_clock.clone())
    }

    /// Performs a command and returns once it is durable. A key that was used before gives the earlier answer.
    pub async fn act(&self, actor: Actor, command: Command, key: Option<CommandKey>) -> Result<Done, ActError> {
        self.act_as(actor, command, key, false).await
    }

    /// As [`App::act`], for a program: what it may not read it cannot act on either.
    pub async fn act_for_program(&self, actor: Actor, command: Command, key: CommandKey) -> Result<Done, ActError> {
        self.act_as(actor, command, Some(key), true).await
    }

    async fn act_as(
        &self,
        actor: Actor,
        command: Command,
        key: Option<CommandKey>,
        for_program: bool,
    ) -> Result<Done, ActError> {
        let now_ms = self.machine.millis();
        let asked = Arc::new((command, key));
        let perform = || {
            let (asked, actor) = (Arc::clone(&asked), actor.clone());
            move |desk: &mut Desk, tx: &mut Tx<'_>| {
                desk.for_program = for_program;
                let (command, key) = &*asked;
                perform_once(desk, tx, actor, command, key.as_ref(), now_ms)
            }
        };
        match self.at_the_desk_with(perform(), With::Decided).await {
            // Somebody else's act broke, and nothing of the group was saved.
            Err(ActError::Fault(Fault::Store(StoreFault::Undone))) => self.at_the_desk(perform()).await,
            done => done,
        }
    }

    /// Reads the registers again after an act that changed one.
    pub async fn refresh_registry(&self) -> Result<(), Fault> {
        let county = self.county_code.clone();
        let (as_of, registry) = self.db.read(move |r| Registers::read(r, &county).map_err(Fault::from)).await?;
        self.county.registers.publish(as_of, registry);
        Ok(())
    }

    /// Records that someone looks at personal data.
    pub async fn record_reveal(&self, actor: Actor, id: MatterId, reason: String) -> Result<Done, ActError> {
        self.at_the_desk(move |desk, tx| desk.record_reveal(tx, &actor, id, &reason)).await
    }

    /// Notes every clock that has expired by today; returns how many. At most `limit` in one group.
    pub async fn note_expired(&self, limit: i64) -> Result<usize, ActError> {
        self.at_the_desk(move |desk, tx| {
            let expired = matters::list_expired(tx, &desk.county, desk.today, limit)?;
            let mut noted = 0;
            for (id, clock) in expired {
                noted += usize::from(desk.expire(tx, id, &clock)?.is_some());
            }
            Ok(noted)
        })
        .await
    }
}

/// Performs unless the key says that it was done.
pub(super) fn perform_once(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: Actor,
    command: &Command,
    key: Option<&CommandKey>,
    now_ms: i64,
) -> Result<Done, ActError> {
    let Some(key) = key else { return desk.perform(tx, actor, command) };
    let who = actor_key(&actor);
    if let Some(earlier) = idempotency::find(tx, &desk.county, &who, &key.key)? {
        if earlier.digest != key.digest.0 {
            return Err(ActError::KeyReused);
        }
        return decode_done(&earlier.result).ok_or(ActError::KeyReused);
    }
    let done = desk.perform(tx, actor, command)?;
    let result = encode_done(&done);
    idempotency::put(tx, &desk.county, &who, &key.key, &idempotency::Done { digest: key.digest.0, result }, now_ms)?;
    Ok(done)
}

fn encode_done(done: &Done) -> Vec<u8> {
    let parts = (done.matter.to_bytes().to_vec(), done.seq, done.query_code.clone(), done.noted.clone());
    minicbor::to_vec(parts).unwrap_or_default()
}

pub(super) fn decode_done(bytes: &[u8]) -> Option<Done> {
    let (matter, seq, query_code, noted): (Vec<u8>, i64, Option<String>, Vec<String>) = minicbor::decode(bytes).ok()?;
    Some(Done { matter: MatterId::from_bytes(&matter)?, seq, query_code, noted })
}
