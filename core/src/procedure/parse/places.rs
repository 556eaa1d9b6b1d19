//! Where in its file each thing of a definition stands: the checker's findings point there. The definition itself keeps
//! no positions, so its digest and meaning do not depend on them.

use super::super::raw::{self, At};
use crate::check::{Places, Subject};

/// Turns byte offsets into lines and columns, without counting from the start each time.
struct Lines<'s> {
    source: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    fn of(source: &'s str) -> Self {
        let after = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { source, starts: std::iter::once(0).chain(after).collect() }
    }

    /// Line and column (in characters), both from 1.
    fn at(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|n| self.starts.get(n)).copied().unwrap_or(0);
        let column = self.source.get(start..offset).map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }
}

/// The places of everything that a file defines.
pub(super) fn collect(raw: &raw::File, source: &str) -> Places {
    let lines = Lines::of(source);
    let mut places = Places::default();
    let mut note = |subject: Subject, at: &At| places.note(subject, lines.at(at.span().start));
    note(Subject::Procedure, &raw.id);
    for track in &raw.track {
        let id: crate::id::TrackId = track.id.get_ref().clone().into();
        note(Subject::Track(id.clone()), &track.id);
        for state in &track.state {
            note(Subject::State(id.clone(), state.id.get_ref().clone().into()), &state.id);
        }
    }
    for step in &raw.step {
        let id: crate::id::StepId = step.id.get_ref().clone().into();
        note(Subject::Step(id.clone()), &step.id);
        step.guard.iter().enumerate().for_each(|(n, guard)| note(Subject::Guard(id.clone(), n), &guard.that));
    }
    for clock in &raw.clock {
        let id: crate::id::ClockId = clock.id.get_ref().clone().into();
        note(Subject::Clock(id.clone()), &clock.id);
        clock.overrides.iter().enumerate().for_each(|(n, over)| note(Subject::Override(id.clone(), n), &over.when));
    }
    for (name, items) in &raw.list {
        items.first().into_iter().for_each(|(code, _)| note(Subject::List(name.clone()), code));
    }
    raw.tables.iter().for_each(|at| note(Subject::Table(at.get_ref().clone().into()), at));
    raw.field.iter().for_each(|f| note(Subject::Field(f.id.get_ref().clone().into()), &f.id));
    raw.role.iter().for_each(|r| note(Subject::Role(r.id.get_ref().clone().into()), &r.id));
    raw.evidence.iter().for_each(|e| note(Subject::Evidence(e.id.get_ref().clone().into()), &e.id));
    raw.predicate.iter().for_each(|p| note(Subject::Predicate(p.id.get_ref().clone().into()), &p.id));
    raw.instrument.iter().for_each(|i| note(Subject::Instrument(i.id.get_ref().clone().into()), &i.id));
    raw.disclosure.iter().for_each(|d| note(Subject::Disclosure(d.id.get_ref().clone().into()), &d.id));
    raw.invariant.iter().for_each(|i| note(Subject::Invariant(i.id.get_ref().clone()), &i.id));
    raw.generic.values().flat_map(|rule| rule.by.first()).take(1).for_each(|at| note(Subject::Generic, at));
    places
}
