//! Projection: one entry into all tables that lists, authority, clocks, search and figures read. The same function
//! serves the act itself and the rebuild, so that a rebuilt table equals the live one.
// long because: an act and a rebuild must write the same rows, so every table's projection is read in one place

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Credential, Delegation, DelegationKind, Organ, Person, Place, Post, Power, Registry};
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Due, Duty, LimitKind};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId, OrganFunction};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Event, Fact, ManneredAs, MatterState, Matters, Number, SealedClass, Waiting, waiting};
use zhunsheng_core::procedure::{FieldKind, Part, Procedure, Projects};
use zhunsheng_core::record::{ActorEntry, Entry};
use zhunsheng_core::text;

use super::matter_line::{self, LineKeys, MatterLine};
use super::record::StoredSealed;
use super::registry::{self, HOLDER_ORGAN, RegisterRow};
use super::search::Index;
use super::{Query, Row, StoreFault, Tx, figures, imports, matters, party_phones, record, search};
use crate::params;

/// What projection needs to know beside the entry.
pub struct Ground<'a> {
    /// The county.
    pub county: &'a str,
    /// All definitions.
    pub law: &'a Law,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The registers as they stand before the entry.
    pub registry: &'a Registry,
    /// Matters that the same transaction has read before the entry: not read a second time.
    pub known: &'a Matters,
    /// Whether search follows; a batch leaves it to [`index_all`] at its end.
    pub index: bool,
}

/// A matter that an entry touches.
struct Touched {
    state: MatterState,
    num: i64,
    /// How it stood before the entry; none for a new one.
    before: Option<Before>,
    /// What it is called changed.
    named: bool,
    /// What it is found by changed.
    words: bool,
    /// Something by which it was found is no more.
    gone: bool,
    clocks: bool,
    disclosures: bool,
    /// Whether what makes it look like another changed.
    alike: bool,
}

/// What of a matter's rows stood before an entry: rows that it leaves as they were are not written again.
struct Before {
    title: String,
    keys: LineKeys,
    due: Option<(i64, bool)>,
    waiting: Vec<Waiting>,
    clocks: Vec<ClockRun>,
}

impl Touched {
    fn new(state: MatterState, num: i64) -> Self {
        let (clocks, disclosures, alike) = (false, false, false);
        Self { state, num, before: None, named: true, words: true, gone: false, clocks, disclosures, alike }
    }

    fn is_new(&self) -> bool {
        self.before.is_none()
    }
}

/// In `todo`, the due day of what has none: after all others.
pub(super) const NO_DUE: i64 = i64::MAX;

/// Characters of one text that enter the index: enough to find it, not to copy it.
const INDEXED_CHARS: usize = 300;

/// Projects an entry; returns the lines of registers that it changed.
pub fn project(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    seq: i64,
    entry: &Entry,
    sealed: &[StoredSealed],
) -> Result<Vec<RegisterRow>, StoreFault> {
    let mut touched: BTreeMap<MatterId, Touched> = BTreeMap::new();
    let mut opened = 0;
    for (id, event) in &entry.events {
        if matches!(event, Event::Opened { .. }) {
            if let Some(state) = MatterState::begin(*id, event) {
                let num = seq.saturating_mul(16).saturating_add(opened);
                opened += 1;
                touched.insert(*id, Touched::new(state, num));
            }
        } else if !touched.contains_key(id) {
            touched.insert(*id, load(tx, ground, *id)?);
        }
        let Some(matter) = touched.get_mut(id) else { continue };
        note_words(ground.law, matter, event);
        write_event(tx, ground.county, seq, matter, event)?;
        party_phones::follow(tx, ground.county, *id, event, sealed)?;
        matter.state.apply(event);
    }
    let mut rows = Vec::new();
    for matter in touched.values() {
        write_alike(tx, ground, seq, matter)?;
        rows.extend(write_matter(tx, ground, seq, entry, sealed, matter)?);
        write_step(tx, ground.county, seq, entry, &matter.state)?;
    }
    Ok(rows)
}

/// What the matter would look like if it were entered again.
fn write_alike(tx: &mut Tx<'_>, ground: &Ground<'_>, seq: i64, matter: &Touched) -> Result<(), StoreFault> {
    if !matter.alike {
        return Ok(());
    }
    let id = matter.state.id.to_bytes();
    match zhunsheng_core::matter::alike_key(definition_of(ground.law, &matter.state)?, &matter.state) {
        Some(key) => put_fact(tx, ground.county, (&id, matter.is_new()), "_alike", (&key, None), seq),
        None => end_fact(tx, ground.county, &id, "_alike", seq),
    }
}

fn load(tx: &Tx<'_>, ground: &Ground<'_>, id: MatterId) -> Result<Touched, StoreFault> {
    let missing = || StoreFault::Value { what: format!("matter {id}") };
    let line = tx.query_one(
        "SELECT num, title, due_day, provisional FROM matter WHERE county_code = $1 AND id = $2",
        params![ground.county, &id.to_bytes()],
        |row| Ok((row.int(0)?, row.text(1)?, row.opt_int(2)?, row.int(3)? != 0)),
    )?;
    let (num, title, day, provisional) = line.ok_or_else(missing)?;
    let state = match ground.known.get(&id) {
        Some(known) => known.clone(),
        None => matters::find_state(tx, ground.county, id)?.ok_or_else(missing)?,
    };
    let procedure = definition_of(ground.law, &state)?;
    let waiting = waiting(procedure, &state, ground.registry);
    let due = day.map(|day| (day, provisional));
    let before = Some(Before { title, keys: LineKeys::of(&state, day), due, waiting, clocks: state.clocks.clone() });
    let (clocks, disclosures, alike) = (false, false, false);
    Ok(Touched { state, num, before, named: false, words: false, gone: false, clocks, disclosures, alike })
}

fn definition_of<'l>(law: &'l Law, state: &MatterState) -> Result<&'l Procedure, StoreFault> {
    let found = law.by_digest(&state.definition).map(|checked| &***checked);
    found.ok_or_else(|| StoreFault::Value { what: format!("definition {}", state.definition) })
}

/// Notes whether an event changes what a matter is called or found by. What is never indexed (telephones, identity numbers,
/// addresses, file names, logins) does not.
fn note_words(law: &Law, matter: &mut Touched, event: &Event) {
    let names = |field: &str| {
        law.by_digest(&matter.state.definition)
            .is_some_and(|procedure| procedure.title_from.iter().any(|from| from.as_str() == field))
    };
    let (named, words) = match event {
        Event::FactSet(field, _) | Event::FactCleared(field) => {
            let named = names(field.as_str());
            (named, named || field.as_str() == "secrecy")
        }
        Event::SealedSet(label) | Event::SealedCleared(label) => {
            let hidden = [".phone", ".id_number", ".address"].iter().any(|end| label.ends_with(end));
            let unread = ["evidence.", "instrument.", "overrun.", "quarantine.", "reveal."]
                .iter()
                .any(|start| label.starts_with(start));
            let named = label.starts_with("party.") && label.ends_with(".name")
                || label.strip_prefix("field.").is_some_and(names);
            (named, !(hidden || unread || label == "query_code" || label == "account.note"))
        }
        Event::PartySet(..) | Event::Erased(..) | Event::Restricted(..) => (true, true),
        Event::Issued(_, number, _) => (false, number.is_some()),
        _ => (false, false),
    };
    if let Event::FactSet(field, _) | Event::FactCleared(field) = event {
        let alike = law.by_digest(&matter.state.definition).and_then(|procedure| procedure.alike.as_ref());
        matter.alike |= alike.is_some_and(|alike| alike.fields.contains(field));
    }
    matter.named |= named;
    matter.words |= words;
    // What is taken away leaves the index with the act; what is new may follow within a second.
    matter.gone |= words
        && matches!(event, Event::FactCleared(_) | Event::SealedCleared(_) | Event::Erased(..) | Event::Restricted(..));
}

/// Why somebody looked at personal data is told to whoever checks on them, and finds no matter.
fn aside(label: &str) -> bool {
    label.starts_with("reveal.")
}

/// A file that a matter names; one that was destroyed and is handed in again is there again.
fn put_evidence(
    tx: &mut Tx<'_>,
    county: &str,
    (matter, kind, digest): (&[u8; 16], &str, &Digest),
    (bytes, media): (i64, &str),
    seq: i64,
) -> Result<(), StoreFault> {
    tx.send(
        "INSERT INTO evidence (county_code, matter, digest, kind, bytes, media, seq) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (county_code, matter, digest, kind) DO UPDATE SET erased_entry = NULL",
        params![county, matter, &digest.0, kind, bytes, media, seq],
    )
}

/// Rows that one event alone decides.
fn write_event(tx: &mut Tx<'_>, county: &str, seq: i64, matter: &mut Touched, event: &Event) -> Result<(), StoreFault> {
    let id = matter.state.id.to_bytes();
    let row = (&id, matter.is_new());
    match event {
        Event::Opened { procedure, organ, day, .. } => {
            put_fact(tx, county, row, "_opened", (procedure.as_str(), Some(day.number())), seq)?;
            join(tx, county, organ.as_str(), matter.num)?;
        }
        Event::OrganJoined(organ) => join(tx, county, organ.as_str(), matter.num)?,
        Event::Entered(track, state, day) => enter(tx, county, row, (track.as_str(), state.as_str()), *day, seq)?,
        Event::FactSet(field, fact) => put_fact(tx, county, row, field.as_str(), (&fact.text(), fact.number()), seq)?,
        Event::FactCleared(field) => end_fact(tx, county, &id, field.as_str(), seq)?,
        Event::Ended(outcome, day) => {
            // Outcomes of different procedures share their words; figures select by both.
            let ended = figures::ended_value(matter.state.procedure.as_str(), outcome.as_str());
            put_fact(tx, county, row, "_ended", (&ended, Some(day.number())), seq)?;
        }
        Event::Withdrawn(step) => withdraw_step(tx, county, &id, step.as_str(), seq)?,
        Event::Voided(day) | Event::Merged(_, day) => {
            put_fact(tx, county, row, "_closed", ("yes", Some(day.number())), seq)?
        }
        Event::EvidenceAttached { kind, digest, bytes, media, .. } => {
            let bytes = i64::try_from(*bytes).unwrap_or(i64::MAX);
            put_evidence(tx, county, (&id, kind.as_str(), digest), (bytes, media.as_str()), seq)?;
        }
        Event::Erased(labels, ..) => erase_evidence(tx, county, matter, labels, seq)?,
        Event::Issued(kind, number, day) => {
            write_instrument(tx, county, seq, matter, (kind.as_str(), number.as_ref(), *day))?;
        }
        Event::External(external) => {
            let (field, value) = imports::fact_of(external);
            put_fact(tx, county, row, field, (&value, None), seq)?;
        }
        Event::TrackedBy(digest) => {
            tx.send(
                "INSERT INTO query_code (county_code, digest, matter) VALUES ($1, $2, $3)",
                params![county, &digest.0, &id],
            )?;
        }
        Event::Coded(n, digest) => {
            tx.send(
                "INSERT INTO instrument_code (county_code, digest, matter, n) VALUES ($1, $2, $3, $4)",
                params![county, &digest.0, &id, i64::from(*n)],
            )?;
        }
        Event::ClockStarted(_)
        | Event::ClockStopped(..)
        | Event::ClockSuspended(..)
        | Event::ClockResumed(..)
        | Event::ClockExtended(..)
        | Event::ClockExpired(..)
        | Event::ClockUnexpired(_)
        | Event::ClockMoved(..)
        | Event::ClockReopened(_) => matter.clocks = true,
        Event::DisclosureOwed(..) | Event::Disclosed(..) | Event::DisclosureWithdrawn(..) => matter.disclosures = true,
        _ => {}
    }
    Ok(())
}

fn write_instrument(
    tx: &mut Tx<'_>,
    county: &str,
    seq: i64,
    matter: &Touched,
    (kind, number, day): (&str, Option<&Number>, Day),
) -> Result<(), StoreFault> {
    // From 1, as its page and its code count.
    let n = i64::try_from(matter.state.instruments.len() + 1).unwrap_or(i64::MAX);
    tx.send(
        "INSERT INTO instrument (county_code, matter, n, kind, organ, year, number, text, day, seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            county,
            &matter.state.id.to_bytes(),
            n,
            kind,
            number.map(|number| number.organ.as_str()),
            number.map(|number| i64::from(number.year)),
            number.map(|number| i64::from(number.n)),
            number.map(|number| number.text.as_str()),
            day.number(),
            seq
        ],
    )
}

/// Files whose names are among the labels, or all that the matter has, are kept for it no more.
fn erase_evidence(
    tx: &mut Tx<'_>,
    county: &str,
    matter: &Touched,
    labels: &[String],
    seq: i64,
) -> Result<(), StoreFault> {
    let meant = matter.state.evidence.iter().filter(|file| labels.is_empty() || labels.contains(&file.name_label()));
    for file in meant {
        tx.execute(
            "UPDATE evidence SET erased_entry = $4
             WHERE county_code = $1 AND matter = $2 AND digest = $3 AND erased_entry IS NULL",
            params![county, &matter.state.id.to_bytes(), &file.digest.0, seq],
        )?;
    }
    Ok(())
}

fn join(tx: &mut Tx<'_>, county: &str, organ: &str, num: i64) -> Result<(), StoreFault> {
    tx.send(
        "INSERT INTO matter_organ (county_code, organ, num) VALUES ($1, $2, $3) ON CONFLICT (county_code, organ, num) DO NOTHING",
        params![county, organ, num],
    )?;
    Ok(())
}

/// Ends the interval of the state before and begins the new one; two entries of one act leave only the last.
fn enter(
    tx: &mut Tx<'_>,
    county: &str,
    (matter, is_new): (&[u8; 16], bool),
    (track, state): (&str, &str),
    day: Day,
    seq: i64,
) -> Result<(), StoreFault> {
    if !is_new {
        tx.send(
            "UPDATE track_state SET until_day = $4, until_entry = $5
             WHERE county_code = $1 AND matter = $2 AND track = $3 AND until_entry IS NULL AND from_entry < $5",
            params![county, matter, track, day.number(), seq],
        )?;
    }
    tx.send(
        "INSERT INTO track_state (county_code, matter, track, state, from_day, until_day, from_entry, until_entry)
         VALUES ($1, $2, $3, $4, $5, NULL, $6, NULL)
         ON CONFLICT (county_code, matter, track, from_entry) DO UPDATE SET state = excluded.state, from_day = excluded.from_day",
        params![county, matter, track, state, day.number(), seq],
    )?;
    Ok(())
}

fn end_fact(tx: &mut Tx<'_>, county: &str, matter: &[u8; 16], field: &str, seq: i64) -> Result<(), StoreFault> {
    tx.send(
        "UPDATE fact SET until_entry = $4 WHERE county_code = $1 AND matter = $2 AND field = $3 AND until_entry IS NULL AND from_entry < $4",
        params![county, matter, field, seq],
    )?;
    Ok(())
}

/// A fact of a new matter has nothing to end.
fn put_fact(
    tx: &mut Tx<'_>,
    county: &str,
    (matter, is_new): (&[u8; 16], bool),
    field: &str,
    (value, number): (&str, Option<i64>),
    seq: i64,
) -> Result<(), StoreFault> {
    if !is_new {
        end_fact(tx, county, matter, field, seq)?;
    }
    tx.send(
        "INSERT INTO fact (county_code, matter, field, value, number, from_entry, until_entry) VALUES ($1, $2, $3, $4, $5, $6, NULL)
         ON CONFLICT (county_code, matter, field, from_entry) DO UPDATE SET value = excluded.value, number = excluded.number",
        params![county, matter, field, value, number, seq],
    )?;
    Ok(())
}

/// The step stays in the record and no longer counts in figures.
fn withdraw_step(tx: &mut Tx<'_>, county: &str, matter: &[u8; 16], step: &str, seq: i64) -> Result<(), StoreFault> {
    tx.send(
        "UPDATE step SET withdrawn_entry = $4 WHERE county_code = $1 AND matter = $2 AND seq = (SELECT max(s.seq) FROM step s
           WHERE s.county_code = $1 AND s.matter = $2 AND s.step = $3 AND s.withdrawn_entry IS NULL)",
        params![county, matter, step, seq],
    )?;
    Ok(())
}

/// Rows that the state after the entry decides.
fn write_matter(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    seq: i64,
    entry: &Entry,
    sealed: &[StoredSealed],
    matter: &Touched,
) -> Result<Vec<RegisterRow>, StoreFault> {
    let state = &matter.state;
    let procedure = definition_of(ground.law, state)?;
    let title = match &matter.before {
        Some(before) if !matter.named => before.title.clone(),
        _ => {
            let values = current_values(tx, ground.county, state.id, matter.is_new(), sealed)?;
            title_of(procedure, state, &values, ground.registry)
        }
    };
    let main =
        procedure.tracks.first().and_then(|track| state.track(track.id.as_str())).map_or("", |state| state.as_str());
    let line = MatterLine {
        state,
        num: matter.num,
        main_state: main,
        title: &title,
        due: nearest_due(state, ground.calendar),
        // Not in search, export and API: a work secret, and what may only be stored any more (个人信息保护法§47).
        secret: state.is_withheld(),
        changed: (seq, entry.recorded.day().number()),
    };
    match &matter.before {
        None => matter_line::insert_line(tx, ground.county, &line)?,
        Some(before) => matter_line::update_line(tx, ground.county, &line, &before.keys)?,
    }
    if matter.words && ground.index {
        follow_words(tx, ground.county, matter, line.secret)?;
    }
    write_todo(tx, ground, procedure, matter, line.due)?;
    if matter.clocks {
        write_clocks(tx, ground, seq, matter)?;
    }
    if matter.disclosures {
        write_disclosures(tx, ground.county, matter)?;
    }
    match procedure.projects {
        None => Ok(Vec::new()),
        Some(projects) => write_register(tx, ground, projects, procedure, state),
    }
}

/// New words follow within a second. A work secret, and words that are no more, leave the index at once, with the act.
fn follow_words(tx: &mut Tx<'_>, county: &str, matter: &Touched, secret: bool) -> Result<(), StoreFault> {
    if !matter.is_new() && (secret || matter.gone) {
        search::delete(tx, Index::Matters, county, matter.num)?;
    }
    if secret { Ok(()) } else { search::note_due(tx, county, matter.num) }
}

/// The sealed values as they stand: those of this entry over those before it.
fn current_values(
    tx: &Tx<'_>,
    county: &str,
    id: MatterId,
    is_new: bool,
    sealed: &[StoredSealed],
) -> Result<BTreeMap<String, (i64, String)>, StoreFault> {
    let before = if is_new { Vec::new() } else { record::sealed_values(tx, county, id)? };
    let mine = before.iter().chain(sealed.iter().filter(|value| value.matter == id));
    let mut values: BTreeMap<String, (i64, String)> =
        mine.filter_map(|value| Some((value.label.clone(), (value.class, value.open.as_ref()?.1.clone())))).collect();
    values.retain(|_, (_, text)| !text.is_empty());
    Ok(values)
}

/// Public texts and codes first, then who is concerned, natural persons and numbers of people masked.
/// Places are called by their names as the registers have them at this entry, so that a rebuild calls them the same.
fn title_of(
    procedure: &Procedure,
    state: &MatterState,
    values: &BTreeMap<String, (i64, String)>,
    registry: &Registry,
) -> String {
    let from_field = |id: &zhunsheng_core::id::FieldId| {
        let field = procedure.fields.get(id)?;
        match state.fact(id.as_str()) {
            Some(Fact::Code(code)) if field.kind == FieldKind::Place => {
                let place = registry.place(code.as_str());
                Some(place.map_or_else(|| code.as_str().to_owned(), |place| place.name.clone()))
            }
            Some(Fact::Code(code)) => Some(
                procedure.list_of(field).and_then(|list| list.title(code.as_str())).unwrap_or(code.as_str()).to_owned(),
            ),
            Some(fact) => Some(fact.text()),
            None => {
                let (_, value) = values.get(&format!("field.{id}"))?;
                Some(if field.kind.personal() { text::mask(SealedClass::Name, value) } else { value.clone() })
            }
        }
    };
    let subject: Vec<String> = procedure.title_from.iter().filter_map(from_field).collect();
    let name = |party: &zhunsheng_core::matter::PartyState| {
        let (_, name) = values.get(&format!("party.{}.name", party.ordinal))?;
        let natural = party.kind == zhunsheng_core::procedure::PartyKind::Natural;
        Some(if natural { text::mask(SealedClass::Name, name) } else { name.clone() })
    };
    let mut sides: Vec<String> = Vec::new();
    for role in &procedure.roles {
        let names: Vec<String> = state.parties_in(&role.id).filter_map(name).collect();
        match names.as_slice() {
            [] => {}
            [first] => sides.push(first.clone()),
            [first, rest @ ..] => sides.push(format!("{first}等{}人", rest.len() + 1)),
        }
    }
    let subject = if subject.is_empty() { procedure.title.clone() } else { subject.join(" ") };
    let title = if sides.is_empty() { subject } else { format!("{}：{subject}", sides.join("与")) };
    // What somebody typed into a title is masked once, here; a line of a public register is called what it is.
    if procedure.part == Part::County { title } else { text::mask_numbers(&title) }
}

/// Makes the index of all matters anew, from their states and sealed values as they stand.
pub fn index_all(tx: &mut Tx<'_>, county: &str, law: &Law) -> Result<(), StoreFault> {
    search::clear(tx, Index::Matters, county)?;
    search::forget_all(tx, county)?;
    let mut after = -1;
    loop {
        let chunk = tx.query_all(
            "SELECT num, title, secret, body FROM matter WHERE county_code = $1 AND num > $2 ORDER BY num LIMIT 500",
            params![county, after],
            indexed,
        )?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.num;
        for found in chunk.iter().filter(|found| !found.secret) {
            search::insert(tx, Index::Matters, county, found.num, &words_now(tx, county, law, found)?)?;
        }
    }
}

/// Lets search follow what acts have changed since; returns how many matters. At most `limit`, the oldest first.
pub fn index_due(tx: &mut Tx<'_>, county: &str, law: &Law, limit: i64) -> Result<usize, StoreFault> {
    let due = tx.query_all(
        "SELECT m.num, m.title, m.secret, m.body FROM search_due d
         JOIN matter m ON m.county_code = d.county_code AND m.num = d.num
         WHERE d.county_code = $1 ORDER BY d.num LIMIT $2",
        params![county, limit],
        indexed,
    )?;
    for found in &due {
        if found.secret {
            search::delete(tx, Index::Matters, county, found.num)?;
        } else {
            search::put(tx, Index::Matters, county, found.num, &words_now(tx, county, law, found)?)?;
        }
    }
    if let Some(last) = due.last() {
        search::forget_due(tx, county, last.num)?;
    }
    Ok(due.len())
}

/// A matter that is to be indexed.
struct Indexed {
    num: i64,
    title: String,
    secret: bool,
    body: Vec<u8>,
}

fn indexed(row: &Row<'_>) -> Result<Indexed, StoreFault> {
    Ok(Indexed { num: row.int(0)?, title: row.text(1)?, secret: row.flag(2)?, body: row.blob(3)? })
}

fn words_now(tx: &Tx<'_>, county: &str, law: &Law, found: &Indexed) -> Result<String, StoreFault> {
    let broken = |_| StoreFault::Value { what: format!("matter.body {}", found.num) };
    let state: MatterState = minicbor::decode(&found.body).map_err(broken)?;
    let values = current_values(tx, county, state.id, false, &[])?;
    Ok(words_of(definition_of(law, &state)?, &state, &found.title, &values))
}

/// The words under which a matter is found: title, full names, numbers and the beginning of its texts.
fn words_of(
    procedure: &Procedure,
    state: &MatterState,
    title: &str,
    values: &BTreeMap<String, (i64, String)>,
) -> String {
    let mut texts: Vec<String> = vec![title.to_owned(), procedure.title.clone()];
    texts
        .extend(state.instruments.iter().filter_map(|issued| issued.number.as_ref()).map(|number| number.text.clone()));
    let searched = [SealedClass::Name as i64, SealedClass::Text as i64, SealedClass::Uscc as i64];
    let made = |label: &str| {
        let field = label.strip_prefix("field.").and_then(|id| procedure.fields.get(id));
        field.is_some_and(|field| field.made)
    };
    for (label, (class, value)) in values {
        if searched.contains(class) && !aside(label) && !made(label) {
            texts.push(value.chars().take(INDEXED_CHARS).collect());
        }
    }
    texts.iter().map(|text| text::tokens(text)).collect::<Vec<_>>().join(" ")
}

/// The nearest running maximum of the organ, and whether it is provisional.
pub(super) fn nearest_due(state: &MatterState, calendar: &Calendar) -> Option<(i64, bool)> {
    let binds =
        |run: &&ClockRun| run.stopped.is_none() && run.duty == Duty::Organ && run.limit.kind == LimitKind::Maximum;
    let due = |run: &ClockRun| match run.due(calendar) {
        Due::Provisional { day, .. } => Some((day.number(), true)),
        due => due.day().map(|day| (day.number(), false)),
    };
    if state.closed { None } else { state.clocks.iter().filter(binds).filter_map(due).min() }
}

/// Who may act now, each with what a desk is sorted and counted by.
fn write_todo(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    procedure: &Procedure,
    matter: &Touched,
    due: Option<(i64, bool)>,
) -> Result<(), StoreFault> {
    let now = waiting(procedure, &matter.state, ground.registry);
    if let Some(before) = &matter.before {
        if before.waiting == now && (now.is_empty() || before.due == due) {
            return Ok(());
        }
        tx.send("DELETE FROM todo WHERE county_code = $1 AND num = $2", params![ground.county, matter.num])?;
    }
    for waiting in now {
        let person = waiting.person.map(MatterId::to_bytes);
        tx.send(
            "INSERT INTO todo (county_code, organ, post_kind, num, person, due_day, provisional, procedure)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                ground.county,
                waiting.organ.as_str(),
                waiting.post_kind.as_str(),
                matter.num,
                person.as_ref().map(|id| id.as_slice()),
                due.map_or(NO_DUE, |(day, _)| day),
                i64::from(due.is_some_and(|(_, provisional)| provisional)),
                matter.state.procedure.as_str(),
            ],
        )?;
    }
    Ok(())
}

/// Clocks that the entry changed. They are only ever added, and each keeps its place.
fn write_clocks(tx: &mut Tx<'_>, ground: &Ground<'_>, seq: i64, matter: &Touched) -> Result<(), StoreFault> {
    let state = &matter.state;
    let before = matter.before.as_ref().map_or(&[][..], |before| &before.clocks);
    let unchanged = before.iter().map(Some).chain(std::iter::repeat(None));
    for ((n, run), before) in (0i64..).zip(&state.clocks).zip(unchanged) {
        if before == Some(run) {
            continue;
        }
        let due = run.due(ground.calendar);
        let ended = run.stopped.is_some() || run.expired;
        tx.send(
            "INSERT INTO clock_run (county_code, matter, run, clock, start_day, due_day, provisional, kind, stopped_day, expired, from_entry, until_entry)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (county_code, matter, run) DO UPDATE SET start_day = excluded.start_day, due_day = excluded.due_day, provisional = excluded.provisional,
               stopped_day = excluded.stopped_day, expired = excluded.expired,
               until_entry = CASE WHEN excluded.until_entry IS NULL THEN NULL ELSE coalesce(clock_run.until_entry, excluded.until_entry) END",
            params![
                ground.county,
                &state.id.to_bytes(),
                n,
                run.clock.as_str(),
                run.start.number(),
                due.day().map(Day::number),
                i64::from(matches!(due, Due::Provisional { .. })),
                run.limit.kind as i64,
                run.stopped.map(Day::number),
                i64::from(run.expired),
                seq,
                ended.then_some(seq)
            ],
        )?;
    }
    Ok(())
}

fn write_disclosures(tx: &mut Tx<'_>, county: &str, matter: &Touched) -> Result<(), StoreFault> {
    for run in &matter.state.disclosures {
        tx.send(
            "INSERT INTO disclosure (county_code, matter, disclosure, procedure, owed_day, made_day, until_day, withdrawn_day, num)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (county_code, matter, disclosure) DO UPDATE SET made_day = excluded.made_day,
               until_day = excluded.until_day, withdrawn_day = excluded.withdrawn_day",
            params![
                county,
                &matter.state.id.to_bytes(),
                run.disclosure.as_str(),
                matter.state.procedure.as_str(),
                run.owed.number(),
                run.made.map(Day::number),
                run.until.map(Day::number),
                run.withdrawn.map(Day::number),
                matter.num
            ],
        )?;
    }
    Ok(())
}

/// The step of the entry for the matter it acted on; matters that it also changed show that something linked happened.
fn write_step(tx: &mut Tx<'_>, county: &str, seq: i64, entry: &Entry, state: &MatterState) -> Result<(), StoreFault> {
    let step = if entry.matter == state.id { entry.step.as_str() } else { "_linked" };
    let manner = entry.events.iter().find_map(|(id, event)| match event {
        Event::Taken(taken) if *id == state.id => Some(taken.manner),
        _ => None,
    });
    let (person, organ) = match &entry.actor {
        ActorEntry::Staff(person, _, organ) => (Some(person.to_bytes()), Some(organ.as_str())),
        ActorEntry::Citizen | ActorEntry::System | ActorEntry::Founder => (None, None),
    };
    tx.send(
        "INSERT INTO step (county_code, seq, matter, step, procedure, day, recorded, recorded_day, person, organ, manner)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            county,
            seq,
            &state.id.to_bytes(),
            step,
            state.procedure.as_str(),
            entry.day.number(),
            entry.recorded.0,
            entry.recorded.day().number(),
            person.as_ref().map(|id| id.as_slice()),
            organ,
            manner.unwrap_or(ManneredAs::Live) as i64
        ],
    )?;
    Ok(())
}

fn write_register(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    projects: Projects,
    procedure: &Procedure,
    state: &MatterState,
) -> Result<Vec<RegisterRow>, StoreFault> {
    let values =
        if projects == Projects::Person { record::sealed_values(tx, ground.county, state.id)? } else { Vec::new() };
    let name =
        values.into_iter().find(|value| value.label == "field.name").and_then(|value| value.open).map(|(_, name)| name);
    let Some(row) = register_row(projects, procedure, state, name) else { return Ok(Vec::new()) };
    registry::put(tx, ground.county, state.id, &row)?;
    Ok(vec![row])
}

/// A register matter as a line of its typed table; none while it is incomplete or was voided.
pub fn register_row(
    projects: Projects,
    procedure: &Procedure,
    state: &MatterState,
    name: Option<String>,
) -> Option<RegisterRow> {
    let text = |field: &str| state.fact(field).map(Fact::text).filter(|text| !text.is_empty());
    let day = |field: &str| state.fact(field).and_then(Fact::day);
    let matter = |field: &str| state.fact(field).and_then(Fact::matter);
    let codes = |field: &str| {
        text(field).map(|codes| codes.split('|').map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default()
    };
    let voided = state.closed.then_some(state.opened);
    Some(match projects {
        Projects::Place => RegisterRow::Place(Place {
            code: text("code")?.into(),
            name: text("name")?,
            level: text("level")?,
            parent: text("parent").map(Into::into),
        }),
        Projects::Organ => RegisterRow::Organ(Organ {
            code: text("code")?.into(),
            name: text("name")?,
            short: text("short").unwrap_or_default(),
            kind: text("organ_kind")?,
            parent: text("parent").map(Into::into),
            place: text("place").map(Into::into),
            functions: codes("functions").into_iter().map(OrganFunction::from).collect(),
            uscc: text("uscc"),
            telephone: text("telephone"),
            until: voided.or(day("valid_until").map(|last| last.plus(1))),
        }),
        Projects::Person => RegisterRow::Person(Person { id: state.id, name: name? }),
        Projects::Post => RegisterRow::Post(Post {
            id: state.id,
            person: matter("person")?,
            organ: text("organ")?.into(),
            kind: text("post_kind")?.into(),
            from: day("valid_from")?,
            until: voided.or(day("valid_until").map(|last| last.plus(1))),
        }),
        Projects::Credential => RegisterRow::Credential(
            matter("person")?,
            Credential {
                id: state.id,
                register: procedure.id.clone(),
                organ: text(HOLDER_ORGAN).map(Into::into),
                number: text("number").unwrap_or_default(),
                domains: codes("domain"),
                from: day("valid_from")?,
                last_day: day("valid_until"),
                revoked: voided.or(day("revoked_on")),
            },
        ),
        Projects::Power | Projects::Delegation => return power_row(projects, state),
    })
}

/// A line of 权责清单 or of 委托、赋权台账.
fn power_row(projects: Projects, state: &MatterState) -> Option<RegisterRow> {
    let text = |field: &str| state.fact(field).map(Fact::text).filter(|text| !text.is_empty());
    let day = |field: &str| state.fact(field).and_then(Fact::day);
    let (kind, domain, from) = (text("power_kind")?, text("domain")?, day("valid_from")?);
    let voided = state.closed.then_some(state.opened);
    if projects == Projects::Power {
        return Some(RegisterRow::Power(Power {
            id: state.id,
            code: text("code")?,
            name: text("name")?,
            kind,
            domain,
            organ: text("organ")?.into(),
            basis: text("power_basis").unwrap_or_default(),
            from,
            until: voided.or(day("revoked_on")),
            published: day("published_on"),
        }));
    }
    Some(RegisterRow::Delegation(Delegation {
        id: state.id,
        kind: DelegationKind::parse(&text("delegation_kind")?)?,
        by: text("from_organ")?.into(),
        to: text("to_organ")?.into(),
        power_kind: kind,
        domain,
        power: state.fact("power").and_then(Fact::matter),
        instrument: text("instrument_number").unwrap_or_default(),
        from,
        until: voided.or(earlier(day("valid_until").map(|last| last.plus(1)), day("revoked_on"))),
        published: day("published_on"),
    }))
}

fn earlier(a: Option<Day>, b: Option<Day>) -> Option<Day> {
    a.into_iter().chain(b).min()
}
