//! 预审: what is wrong with a file before a person has read it. The engine has judged every act when it was taken or entered and
//! the clocks have judged every day; here it is only read together, each finding with the entry of the record that shows it.
//!
//! Does not belong here: rules. A new rule belongs into the procedure, where it stands before the act as well.

use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::clock::{ClockRun, Duty, LimitKind};
use crate::day::Day;
use crate::id::{InstrumentId, StepId};
use crate::matter::{Event, Flag, ManneredAs, MatterState, Number, StepDone};
use crate::procedure::Procedure;
use crate::recording::Recording;
use crate::refusal::engine;

/// An instrument that must have a number has none.
pub const NUMBER_MISSING: &str = "number_missing";
/// The number before it in its series was never issued.
pub const NUMBER_SKIPPED: &str = "number_skipped";
/// An instrument that tells of remedies was made elsewhere: whether it does, only its paper shows.
pub const REMEDY_UNSEEN: &str = "remedy_unseen";
/// A step that is to be recorded in sound and picture has no recording.
pub const RECORDING_MISSING: &str = "recording_missing";
/// What is found here and is no refusal.
pub const OWN: [&str; 4] = [NUMBER_MISSING, NUMBER_SKIPPED, REMEDY_UNSEEN, RECORDING_MISSING];

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// What it is: a refusal's code, or one of [`OWN`].
    pub code: String,
    /// The step, clock or instrument it is about.
    pub at: String,
    /// The article.
    pub basis: Option<Basis>,
    /// The mark in the record behind it, if there is one.
    pub flag: Option<Flag>,
    /// The entry that shows it.
    pub entry: Option<i64>,
}

impl Found {
    /// Whether an item of a sheet asks for it.
    pub fn fits(&self, find: &str) -> bool {
        match find.split_once(':') {
            Some((code, at)) => code == self.code && at == self.at,
            None => find == self.code,
        }
    }
}

/// A file as it stands.
pub struct File<'a> {
    /// The matter.
    pub state: &'a MatterState,
    /// Its definition.
    pub procedure: &'a Procedure,
    /// Its events, with the entries they stand in.
    pub events: &'a [(i64, Event)],
    /// Working days.
    pub calendar: &'a Calendar,
    /// The day on which it is looked at.
    pub today: Day,
    /// Which steps are recorded, where the county has set them.
    pub recording: Option<&'a Recording>,
    /// Whether the organ of a number has issued another one of the same kind of instrument.
    pub issued: &'a dyn Fn(&InstrumentId, &Number, &str) -> bool,
}

/// Everything that is wrong with a file, as far as rules can tell.
pub fn look(file: &File<'_>) -> Vec<Found> {
    let mut found = late(file);
    found.extend(marked(file));
    found.extend(numbers(file));
    found.extend(unrecorded(file));
    found.sort_by_key(|one| one.entry);
    found
}

impl File<'_> {
    fn entry(&self, shows: impl Fn(&Event) -> bool) -> Option<i64> {
        self.events.iter().rev().find(|(_, event)| shows(event)).map(|(entry, _)| *entry)
    }
}

/// Steps on the list of those to be recorded, without a recording.
fn unrecorded(file: &File<'_>) -> Vec<Found> {
    let Some(recording) = file.recording else { return Vec::new() };
    let listed = recording.of(file.procedure.id.as_str(), file.events).into_iter();
    let gap = listed.filter(|one| one.file.is_none()).map(|one| Found {
        code: RECORDING_MISSING.to_owned(),
        at: one.step.to_string(),
        basis: Some(recording.basis.clone()),
        flag: None,
        entry: Some(one.entry),
    });
    gap.collect()
}

/// Limits that the organ let pass, whether somebody noted it or not.
fn late(file: &File<'_>) -> Vec<Found> {
    let ran_out = |run: &&ClockRun| {
        let unmet = run.stopped.is_none() && run.due(file.calendar).certain().is_some_and(|due| due < file.today);
        let binds = run.duty == Duty::Organ && run.limit.kind == LimitKind::Maximum;
        run.overran(file.calendar) || (binds && unmet && !run.suspended())
    };
    let of = |run: &ClockRun| {
        let shows = |event: &Event| match event {
            Event::ClockStopped(clock, _) => *clock == run.clock,
            Event::ClockExpired(clock, _) => *clock == run.clock,
            Event::ClockStarted(started) => started.clock == run.clock,
            _ => false,
        };
        let flag = Flag { code: engine::OVERDUE.into(), basis: Some(run.basis.clone()), step: stopper(file, run) };
        let (code, at) = (engine::OVERDUE.to_owned(), run.clock.to_string());
        Found { code, at, basis: Some(run.basis.clone()), flag: Some(flag), entry: file.entry(shows) }
    };
    file.state.clocks.iter().filter(ran_out).map(of).collect()
}

/// The step that met a clock in the end.
fn stopper(file: &File<'_>, run: &ClockRun) -> Option<StepId> {
    let stops = &file.procedure.clock(run.clock.as_str())?.stops;
    let met = |done: &&StepDone| stops.contains(&done.step) && Some(done.day) == run.stopped;
    file.state.done.iter().find(met).map(|done| done.step.clone())
}

/// What was marked when it was entered. Of limits their clocks tell, which also know whether a late entry showed them kept.
fn marked(file: &File<'_>) -> Vec<Found> {
    let told = |flag: &Flag| {
        let clock = |run: &ClockRun| Some(&run.basis) == flag.basis.as_ref();
        flag.code.as_str() == engine::OVERDUE && file.state.clocks.iter().any(clock)
    };
    let of = |flag: &Flag| Found {
        code: flag.code.to_string(),
        at: flag.step.as_ref().map(ToString::to_string).unwrap_or_default(),
        basis: flag.basis.clone(),
        flag: Some(flag.clone()),
        entry: file.entry(|event| match event {
            Event::Flagged(code, _, step) => *code == flag.code && *step == flag.step,
            _ => false,
        }),
    };
    file.state.flags.iter().filter(|flag| !told(flag)).map(of).collect()
}

/// Numbers of instruments: one must be there, the one before it must have been issued; and what was made elsewhere shows its
/// remedies only on paper.
fn numbers(file: &File<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let issued = file.events.iter().filter_map(|(entry, event)| match event {
        Event::Issued(kind, number, _) => Some((*entry, kind, number.as_ref())),
        _ => None,
    });
    for (entry, kind, number) in issued {
        let Some(instrument) = file.procedure.instrument(kind.as_str()) else { continue };
        let mut note = |code: &str| {
            let at = kind.to_string();
            found.push(Found { code: code.to_owned(), at, basis: None, flag: None, entry: Some(entry) });
        };
        match (&instrument.numbering, number) {
            (Some(_), None) => note(NUMBER_MISSING),
            (Some(numbering), Some(number)) => {
                let skipped = |(n, before): (u32, String)| n > 1 && !(file.issued)(kind, number, &before);
                if numbering.read(&number.text).is_some_and(skipped) {
                    note(NUMBER_SKIPPED);
                }
            }
            (None, _) => {}
        }
        let elsewhere = file.events.iter().any(|(other, event)| {
            *other == entry
                && matches!(event, Event::Taken(taken) if matches!(taken.manner, ManneredAs::Late | ManneredAs::Imported))
        });
        if instrument.remedies && elsewhere {
            note(REMEDY_UNSEEN);
        }
    }
    found
}
