//! Where the simulation stands: the desk through which every act goes, who holds which post, and the time of day.
//!
//! Does not belong here: what the people of one procedure do (`mediations.rs`, `reviews.rs`, `penalties.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{MatterId, PersonId, PostId};
use zhunsheng_core::matter::{Actor, Command, EvidenceInput, Input, Manner, Target};

use super::Fault;
use super::chance::Chance;
use super::pools::Pools;
use super::scenario::{Delay, DelayUnit, Scenario};
use crate::app::act::{Desk, Done};
use crate::store::Tx;

/// Someone in a post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// In which post.
    pub post: PostId,
    /// Their name.
    pub name: String,
}

impl Holder {
    /// As the actor of a command.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff { person: self.person, post: self.post }
    }
}

/// Who holds which post, by organ and kind, in the order of their registration.
#[derive(Clone, Debug, Default)]
pub struct Staff(BTreeMap<(String, String), Vec<Holder>>);

impl Staff {
    /// Enters a holder.
    pub fn add(&mut self, organ: &str, kind: &str, holder: Holder) {
        self.0.entry((organ.to_owned(), kind.to_owned())).or_default().push(holder);
    }

    /// The holders of a post.
    #[must_use]
    pub fn all(&self, organ: &str, kind: &str) -> &[Holder] {
        self.0.get(&(organ.to_owned(), kind.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    /// One of the holders, counted round; a fault if the post is vacant.
    pub fn nth(&self, organ: &str, kind: &str, nth: usize) -> Result<Holder, Fault> {
        let all = self.all(organ, kind);
        let at = nth.checked_rem(all.len()).unwrap_or(0);
        all.get(at).cloned().ok_or_else(|| Fault::Missing { what: format!("{organ} 的岗位 {kind}") })
    }

    /// Replaces a holder by their successor.
    pub fn succeed(&mut self, organ: &str, kind: &str, nth: usize, successor: Holder) {
        if let Some(slot) = self.0.get_mut(&(organ.to_owned(), kind.to_owned())).and_then(|all| all.get_mut(nth)) {
            *slot = successor;
        }
    }

    /// Every post with its holders.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &[Holder])> {
        self.0.iter().map(|((organ, kind), all)| (organ.as_str(), kind.as_str(), all.as_slice()))
    }
}

/// A place in the county.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceName {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A mediation committee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committee {
    /// Its organ code.
    pub organ: String,
    /// Its name.
    pub name: String,
    /// `village`, `town` or `industry`.
    pub level: &'static str,
    /// Where it is.
    pub place: PlaceName,
    /// The town it belongs to; for the county, none.
    pub town: Option<PlaceName>,
    /// The justice station (or bureau) that guides it.
    pub station: String,
    /// The kinds of dispute that it takes; empty: all.
    pub kinds: Vec<String>,
}

/// The stage.
pub struct Stage {
    /// Through which every act goes.
    pub desk: Desk,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Texts and names.
    pub pools: Arc<Pools>,
    /// Who holds which post.
    pub staff: Staff,
    /// Mediation committees.
    pub committees: Arc<Vec<Committee>>,
    /// Villages of each town: town place code → villages.
    pub villages: Arc<BTreeMap<String, Vec<PlaceName>>>,
    /// The first administrator.
    pub administrator: Holder,
    /// Documents of the demonstration, by kind.
    pub files: Arc<BTreeMap<&'static str, EvidenceInput>>,
    /// Names of staff, so that no two are the same.
    pub names: BTreeSet<String>,
    /// Matters to be found by name.
    pub scenes: BTreeMap<String, MatterId>,
    /// Open work by the person who is responsible.
    pub responsible: BTreeMap<PersonId, BTreeSet<MatterId>>,
    /// Acts so far.
    pub acts: u64,
    opening: i64,
    closing: i64,
    expected: i64,
    taken: i64,
}

/// What the stage is set up from.
pub struct Setting {
    /// The desk as the founding left it.
    pub desk: Desk,
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Texts and names.
    pub pools: Arc<Pools>,
    /// The first administrator.
    pub administrator: Holder,
    /// Documents of the demonstration.
    pub files: BTreeMap<&'static str, EvidenceInput>,
}

impl Stage {
    /// A stage without registers.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Self {
            desk: setting.desk,
            scenario: setting.scenario,
            pools: setting.pools,
            staff: Staff::default(),
            committees: Arc::default(),
            villages: Arc::default(),
            administrator: setting.administrator,
            files: Arc::new(setting.files),
            names: BTreeSet::new(),
            scenes: BTreeMap::new(),
            responsible: BTreeMap::new(),
            acts: 0,
            opening: 0,
            closing: 0,
            expected: 1,
            taken: 0,
        }
    }

    /// The simulated day.
    #[must_use]
    pub fn today(&self) -> Day {
        self.desk.today
    }

    /// Begins a day on which about so many acts are expected.
    pub fn begin_day(&mut self, day: Day, expected: usize) {
        self.desk.today = day;
        (self.opening, self.closing) =
            if self.is_work_day(day) { (8 * 3_600 + 1_800, 17 * 3_600 + 1_800) } else { (8 * 3_600, 18 * 3_600) };
        self.expected = i64::try_from(expected).unwrap_or(i64::MAX).max(8);
        self.taken = 0;
    }

    /// The next moment of the day: always later, always within the hours, however many acts there are.
    fn tick(&mut self) {
        let (open, taken) = (self.closing - self.opening, self.taken);
        self.desk.now = Moment::on(self.desk.today, self.opening + open * taken / (taken + self.expected));
        self.taken += 1;
    }

    /// Performs a command as someone; a refusal is a fault of the simulator.
    pub fn act(&mut self, tx: &mut Tx<'_>, who: &Holder, command: Command) -> Result<Done, Fault> {
        self.act_as(tx, who.actor(), command)
    }

    /// Performs a command as any actor.
    pub fn act_as(&mut self, tx: &mut Tx<'_>, actor: Actor, command: Command) -> Result<Done, Fault> {
        self.tick();
        let desk = &mut self.desk;
        // No savepoint: a refusal writes nothing, and a fault ends the simulation with its whole day.
        let done = desk.perform(tx, actor, &command).map_err(|error| {
            let procedure = match &command.target {
                Target::Open(procedure) => procedure.to_string(),
                Target::On(matter) => format!("事项 {matter}"),
            };
            Fault::of_act(error, self.desk.today, &procedure, command.step.as_str())
        })?;
        self.acts += 1;
        Ok(done)
    }

    /// Someone takes a step of a matter; nothing as long as there is no matter.
    pub fn take(
        &mut self,
        tx: &mut Tx<'_>,
        who: &Holder,
        matter: Option<MatterId>,
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let Some(matter) = matter else { return Ok(()) };
        self.act(tx, who, on(matter, step, input)).map(|_| ())
    }

    /// The system notes an expired clock.
    pub fn expire(&mut self, tx: &mut Tx<'_>, matter: MatterId, clock: &str) -> Result<bool, Fault> {
        self.tick();
        let today = self.desk.today;
        let desk = &mut self.desk;
        let noted = desk.expire(tx, matter, clock).map_err(|error| Fault::of_act(error, today, clock, "_expire"))?;
        self.acts += u64::from(noted.is_some());
        Ok(noted.is_some())
    }

    /// Remembers a matter under the name of its scene.
    pub fn enter(&mut self, scene: Option<&String>, matter: MatterId) {
        if let Some(scene) = scene {
            self.scenes.insert(scene.clone(), matter);
        }
    }

    /// Makes someone responsible for a matter (so that a successor takes it over).
    pub fn assign(&mut self, person: PersonId, matter: MatterId) {
        self.responsible.entry(person).or_default().insert(matter);
    }

    /// The matter has ended: nobody is responsible any more.
    pub fn release(&mut self, person: PersonId, matter: MatterId) {
        if let Some(open) = self.responsible.get_mut(&person) {
            open.remove(&matter);
        }
    }

    /// Whether offices work on a day.
    #[must_use]
    pub fn is_work_day(&self, day: Day) -> bool {
        self.desk.ruling.calendar.is_work_day(day).unwrap_or_else(|_| !day.is_weekend())
    }

    /// The day itself or the next working day.
    #[must_use]
    pub fn work_day(&self, day: Day) -> Day {
        let mut day = day;
        while !self.is_work_day(day) {
            day = day.plus(1);
        }
        day
    }

    /// So many working days after a day (0: the day itself or the next working day).
    #[must_use]
    pub fn after_work_days(&self, day: Day, count: i64) -> Day {
        let mut day = self.work_day(day);
        for _ in 0..count {
            day = self.work_day(day.plus(1));
        }
        day
    }

    /// The day after a delay; delays of offices land on working days.
    pub fn later(&self, chance: &mut Chance, from: Day, delay: &Delay) -> Day {
        let drawn = chance.delay(delay);
        match delay.unit {
            DelayUnit::WorkDay => self.after_work_days(from, drawn),
            DelayUnit::Day | DelayUnit::Page => from.plus(drawn),
        }
    }

    /// The day after a delay that the scenario names; today if it names none.
    pub fn delayed(&self, delays: &BTreeMap<String, Delay>, name: &str, chance: &mut Chance) -> Day {
        delays.get(name).map_or(self.today(), |delay| self.later(chance, self.today(), delay))
    }

    /// A document of the demonstration.
    #[must_use]
    pub fn document(&self, kind: &str) -> Vec<EvidenceInput> {
        self.files.get(kind).cloned().into_iter().collect()
    }
}

/// A command on a matter, taken here and now.
#[must_use]
pub fn on(matter: MatterId, step: &str, input: Input) -> Command {
    Command { target: Target::On(matter), step: step.into(), input, manner: Manner::Live }
}

/// A command that opens a matter.
#[must_use]
pub fn open(procedure: &str, step: &str, input: Input) -> Command {
    Command { target: Target::Open(procedure.into()), step: step.into(), input, manner: Manner::Live }
}

/// What people still have to do for one matter, by day; of one day in the order of entering.
#[derive(Clone, Debug)]
pub struct Agenda<T>(Vec<(Day, T)>);

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Agenda<T> {
    /// Takes what is due; at `end`, where a scene stops, nothing is left to do.
    pub fn take_before(&mut self, today: Day, end: Option<&T>) -> Option<T> {
        let due = self.take(today)?;
        if end == Some(&due) {
            self.0.clear();
            return None;
        }
        Some(due)
    }
}

impl<T> Agenda<T> {
    /// Enters something.
    pub fn add(&mut self, day: Day, what: T) {
        let at = self.0.partition_point(|(known, _)| *known <= day);
        self.0.insert(at, (day, what));
    }

    /// The next day on which there is something.
    #[must_use]
    pub fn next_day(&self) -> Option<Day> {
        self.0.first().map(|(day, _)| *day)
    }

    /// Takes what is due.
    pub fn take(&mut self, today: Day) -> Option<T> {
        if self.next_day().is_some_and(|day| day <= today) { Some(self.0.remove(0).1) } else { None }
    }
}

/// The people of one matter and what they do next.
pub trait Script: Send {
    /// The next day on which they act; none when they are done.
    fn next_day(&self) -> Option<Day>;
    /// One act of that day.
    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault>;
}
