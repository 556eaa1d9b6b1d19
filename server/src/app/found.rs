//! Founding a county: the only act without prior authority, the first entry of its record, named by every verification.

use std::sync::Arc;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::check::Verdict;
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{MatterId, PersonId, PlaceCode, PostId};
use zhunsheng_core::matter::{
    self, Actor, Command, Input, Manner, MatterState, Matters, Sealed, SeriesKey, Supply, Target,
};
use zhunsheng_core::record::{ActorEntry, Entry};

use super::act::{ActError, Desk, sealed_label};
use super::county::Entropy;
use super::fault::Fault;
use super::ruling::{LawText, Ruling};
use crate::store::law_files::{self, LawFile};
use crate::store::project::register_row;
use crate::store::recount::{Change, Moved, recount};
use crate::store::{Query, StoreFault, Tx, record, settings};

/// Where the checker's verdict on the adopted law is kept.
const VERDICT: &str = "law.verdict";

/// Who founds which county.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The county's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The first administrator's name.
    pub administrator: String,
    /// The first day.
    pub day: Day,
    /// The moment of recording.
    pub now: Moment,
    /// Whether it is a demonstration; the founding act says so for ever, whatever becomes of settings.
    pub demonstration: bool,
}

/// The step of a real county's founding act.
pub const FOUND: &str = "_found";
/// The step of a demonstration's founding act.
pub const FOUND_DEMONSTRATION: &str = "_found_demonstration";

/// The first administrator: person and post.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Founded {
    /// The person.
    pub person: PersonId,
    /// The post.
    pub post: PostId,
}

struct Ids<'a> {
    entropy: &'a Entropy,
    now: Moment,
    drawn: u32,
}

impl Supply for Ids<'_> {
    fn fresh_id(&mut self) -> MatterId {
        self.drawn += 1;
        MatterId::new(self.now, self.entropy.bytes(0, "id", self.drawn))
    }
    fn last_number(&mut self, _: &SeriesKey) -> u32 {
        0
    }
}

/// Writes entry 0: the law is adopted, and place, county government, first administrator and their post are registered.
pub fn found(
    tx: &mut Tx<'_>,
    founding: &Founding,
    files: &[LawText],
    entropy: Entropy,
) -> Result<(Founded, Desk), ActError> {
    let ruling = Arc::new(Ruling::check(files)?);
    let mut desk = Desk {
        for_program: false,
        credit_batch: None,
        county: founding.code.clone(),
        ruling,
        registry: Arc::new(Registry::default()),
        as_of: 0,
        registers: Arc::default(),
        entropy: entropy.clone(),
        today: founding.day,
        now: founding.now,
        index: true,
    };
    keep_verdict(tx, &founding.code, &desk.ruling)?;
    let mut ids = Ids { entropy: &entropy, now: founding.now, drawn: 0 };
    let mut entry = Entry {
        format: 1,
        county: PlaceCode::from(founding.code.as_str()),
        recorded: founding.now,
        day: founding.day,
        actor: ActorEntry::Founder,
        step: if founding.demonstration { FOUND_DEMONSTRATION } else { FOUND }.into(),
        matter: MatterId(0),
        events: Vec::new(),
        sealed: Vec::new(),
        law: vec![desk.ruling.digest],
    };
    let mut sealed = Vec::new();
    let mut registers = Registers { desk: &mut desk, entry: &mut entry, sealed: &mut sealed, ids: &mut ids };
    let day = founding.day.to_string();
    let place = Input::default().with("code", &*founding.code).with("name", &*founding.name).with("level", "county");
    registers.open("place", place.with("valid_from", &*day))?;
    let organ = Input::default()
        .with("code", &*founding.code)
        .with("name", format!("{}人民政府", founding.name))
        .with("short", founding.name.chars().take(1).collect::<String>())
        .with("organ_kind", "county_government")
        .with("functions", "county_government")
        .with("place", &*founding.code);
    registers.open("organ", organ.with("valid_from", &*day))?;
    let person =
        registers.open("person", Input::default().with("name", &*founding.administrator).with("valid_from", &*day))?;
    let post = Input::default()
        .with("person", person.to_string())
        .with("organ", &*founding.code)
        .with("post_kind", "administrator")
        .with("valid_from", &*day);
    let post = registers.open("post", post)?;
    entry.matter = post;
    let seq = desk.append(tx, &entry, &sealed, &Matters::new())?;
    for (path, text) in files {
        law_files::insert(tx, &desk.county, &LawFile { path: path.clone(), text: text.clone(), seq })?;
    }
    Ok((Founded { person, post }, desk))
}

/// The founding act as it stands in the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundingAct {
    /// The day it names.
    pub day: Day,
    /// When it was recorded.
    pub recorded: Moment,
    /// Whether it founded a demonstration.
    pub demonstration: bool,
}

/// The founding act of the county; `None` if the record is empty.
pub fn founding_act(q: &impl Query, county: &str) -> Result<Option<FoundingAct>, StoreFault> {
    let Some(stored) = record::find_entry(q, county, 0)? else { return Ok(None) };
    let entry = record::decode(0, &stored.bytes)?;
    let demonstration = entry.step.as_str() == FOUND_DEMONSTRATION;
    Ok(Some(FoundingAct { day: entry.day, recorded: entry.recorded, demonstration }))
}

struct Registers<'a, 'e> {
    desk: &'a mut Desk,
    entry: &'a mut Entry,
    sealed: &'a mut Vec<Sealed>,
    ids: &'a mut Ids<'e>,
}

impl Registers<'_, '_> {
    /// Opens one register matter and lets the next one see it. Fields that the definition does not take are left out.
    fn open(&mut self, procedure: &str, mut input: Input) -> Result<MatterId, ActError> {
        let definition = self.desk.ruling.law.newest(procedure).cloned().ok_or(ActError::NotFound)?;
        let step = definition.opening_steps().next().cloned().ok_or(ActError::NotFound)?;
        input
            .fields
            .retain(|field, _| step.may_fill.contains(field) || step.fill.iter().any(|when| when.item == *field));
        let command =
            Command { target: Target::Open(procedure.into()), step: step.id.clone(), input, manner: Manner::Live };
        let context = self.desk.context(Actor::Founder);
        let decision = matter::decide(&self.desk.ruling.law, &Matters::new(), &command, &context, self.ids)?;
        let mut state: Option<MatterState> = None;
        for (id, event) in &decision.events {
            match state.as_mut() {
                Some(state) => state.apply(event),
                None => state = MatterState::begin(*id, event),
            }
        }
        let name =
            decision.sealed.iter().find(|sealed| sealed.label == "field.name").map(|sealed| sealed.value.clone());
        let row = state.and_then(|state| register_row(definition.projects?, &definition, &state, name));
        if let Some(row) = row {
            row.enter(Arc::make_mut(&mut self.desk.registry));
        }
        self.entry.events.extend(decision.events);
        self.entry.sealed.extend(decision.sealed.iter().map(sealed_label));
        self.sealed.extend(decision.sealed);
        Ok(decision.matter)
    }
}

/// What an adoption brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adopted {
    /// The entry.
    pub seq: i64,
    /// Running clocks whose due day moved, because calendars are among the files.
    pub moved: Vec<Moved>,
}

/// Adopts law files that were never adopted before: an act that keeps every byte. Due days are counted again where a
/// calendar changed. `None` if nothing is new: a text that the county has replaced does not come back.
pub fn adopt(tx: &mut Tx<'_>, desk: &mut Desk, actor: &Actor, files: &[LawText]) -> Result<Option<Adopted>, ActError> {
    let known = law_files::list(tx, &desk.county)?;
    let is_new = |(path, text): &&LawText| !known.iter().any(|file| file.path == *path && file.text == *text);
    let changed: Vec<&LawText> = files.iter().filter(is_new).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    let seq = record::find_head(tx, &desk.county)?.map_or(0, |(size, _)| size);
    for (path, text) in changed {
        law_files::insert(tx, &desk.county, &LawFile { path: path.clone(), text: text.clone(), seq })?;
    }
    let all = law_files::list(tx, &desk.county)?;
    // What is adopted is checked, as a whole; only then may it be taken as adopted.
    let newest = super::ruling::newest(&all);
    let kept = settings::find(tx, &desk.county, VERDICT)?;
    if !kept.is_some_and(|kept| Verdict::stands(&kept, &newest)) {
        keep_verdict(tx, &desk.county, &Ruling::check(&newest)?)?;
    }
    let adopted = Ruling::adopted(&all)?;
    let entry = Entry {
        format: 1,
        county: PlaceCode::from(desk.county.as_str()),
        recorded: desk.now,
        day: desk.today,
        actor: desk.actor_entry(actor)?,
        step: "_adopt_law".into(),
        matter: MatterId(0),
        events: Vec::new(),
        sealed: Vec::new(),
        law: vec![adopted.digest],
    };
    desk.append(tx, &entry, &[], &Matters::new())?;
    let change = Change::between(&desk.ruling.calendar, &adopted.calendar);
    let moved = match &change {
        Some(change) => recount(tx, &desk.county, change)?,
        None => Vec::new(),
    };
    desk.ruling = Arc::new(adopted);
    Ok(Some(Adopted { seq, moved }))
}

/// Keeps what the checker said about the adopted law, so that a start need not ask again.
fn keep_verdict(tx: &mut Tx<'_>, county: &str, ruling: &Ruling) -> Result<(), StoreFault> {
    match &ruling.verdict {
        Some(verdict) => settings::put(tx, county, VERDICT, &verdict.written()),
        None => Ok(()),
    }
}

/// Looks at the adopted law again if the checker has changed since: it stays in force, for its adoption was lawful then;
/// what the checker says now is returned, one line each. Costs two digests if nothing has changed.
pub fn review(tx: &mut Tx<'_>, county: &str) -> Result<Vec<String>, Fault> {
    let newest = super::ruling::newest(&law_files::list(tx, county)?);
    let kept = settings::find(tx, county, VERDICT)?;
    if kept.is_some_and(|kept| Verdict::stands(&kept, &newest)) {
        return Ok(Vec::new());
    }
    match Ruling::check(&newest) {
        Ok(ruling) => {
            keep_verdict(tx, county, &ruling)?;
            Ok(Vec::new())
        }
        Err(Fault::UnsoundLaw { problems }) => Ok(problems),
        Err(fault) => Err(fault),
    }
}
