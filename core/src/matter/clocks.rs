//! What a step does to clocks: start, stop, suspend, resume, extend, restart; and what the end of one does.

use super::decide::{Context, Draft};
use super::evaluate::{View, applies, evaluate};
use super::event::{Event, Fact};
use crate::clock::{ClockRun, Extension, LimitKind, Unit};
use crate::day::{Day, Moment};
use crate::id::ClockId;
use crate::law::Law;
use crate::procedure::{Clock, Step};
use crate::refusal::engine;

/// Marks every maximum that this step meets too late: flagged with its article, never blocked.
pub(super) fn flag_overdue(step: &Step, day: Day, draft: &mut Draft, context: &Context<'_>) {
    let late: Vec<(ClockId, crate::basis::Basis)> = draft
        .procedure
        .clocks
        .iter()
        .filter(|clock| clock.stops.contains(&step.id))
        .filter_map(|clock| draft.state.clock(clock.id.as_str()))
        .filter(|run| run.stopped.is_none() && run.limit.kind == LimitKind::Maximum)
        .filter(|run| run.due(context.calendar).certain().is_some_and(|due| day > due))
        .map(|run| (run.clock.clone(), run.basis.clone()))
        .collect();
    for (clock, basis) in late {
        let already = draft.state.clock(clock.as_str()).is_some_and(|run| run.expired);
        if !already {
            draft.emit(Event::ClockExpired(clock, day));
            draft.emit(Event::Flagged(engine::OVERDUE.into(), Some(basis), Some(step.id.clone())));
        }
    }
}

/// A step that is entered afterwards and was taken in time takes back the note that its clock had run out.
fn unflag(clock: &Clock, day: Day, draft: &mut Draft, context: &Context<'_>) {
    let in_time = draft
        .state
        .clock(clock.id.as_str())
        .is_some_and(|run| run.expired && run.due(context.calendar).certain().is_some_and(|due| day <= due));
    if in_time {
        draft.emit(Event::ClockUnexpired(clock.id.clone()));
    }
}

/// A running clock that counts from a day in a field follows the field when it is corrected.
pub(super) fn follow_fields(draft: &mut Draft, context: &Context<'_>) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    for clock in &procedure.clocks {
        let Some(Fact::Day(start)) = clock.starts_on.as_ref().and_then(|field| draft.state.fact(field.as_str())) else {
            continue;
        };
        let start = *start;
        let moves = |run: &&ClockRun| run.stopped.is_none() && run.start != start;
        if draft.state.clock(clock.id.as_str()).filter(moves).is_none() {
            continue;
        }
        draft.emit(Event::ClockMoved(clock.id.clone(), start));
        let runs_again = draft.state.clock(clock.id.as_str()).is_some_and(|run| {
            run.expired && run.due(context.calendar).certain().is_none_or(|due| context.today <= due)
        });
        if runs_again {
            draft.emit(Event::ClockUnexpired(clock.id.clone()));
        }
    }
}

/// Applies a step to every clock of the definition, in the order of the file.
pub(super) fn move_clocks(step: &Step, day: Day, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let procedure = std::sync::Arc::clone(&draft.procedure);
    for clock in &procedure.clocks {
        let running = draft.state.clock(clock.id.as_str()).is_some_and(|run| run.stopped.is_none());
        if running && clock.stops.contains(&step.id) {
            unflag(clock, day, draft, context);
            draft.emit(Event::ClockStopped(clock.id.clone(), day));
        }
        let running = draft.state.clock(clock.id.as_str()).is_some_and(|run| run.stopped.is_none());
        if running {
            intervals(clock, step, day, draft);
            extend(clock, step, draft);
        }
        let restarts = clock.restarts.contains(&step.id);
        if restarts && running {
            draft.emit(Event::ClockStopped(clock.id.clone(), day));
        }
        if restarts || (clock.starts.contains(&step.id) && !running) {
            start(clock, day, draft, law, context);
        }
    }
}

/// One interval may end in several ways: it begins once, and what ends it is what comes first, the last day that may be left out
/// included.
fn intervals(clock: &Clock, step: &Step, day: Day, draft: &mut Draft) {
    let suspended = draft.state.clock(clock.id.as_str()).is_some_and(ClockRun::suspended);
    if let Some(begins) = clock.suspends.iter().find(|left_out| left_out.from == step.id && !suspended) {
        draft.emit(Event::ClockSuspended(clock.id.clone(), day, begins.basis.clone()));
    }
    if let Some(ends) = clock.suspends.iter().find(|left_out| left_out.until == step.id && suspended) {
        let last = ends.most.as_ref().and_then(|field| draft.state.fact(field.as_str())).and_then(Fact::day);
        let again = last.map_or(day, |last| day.min(last.plus(1)));
        let begun = draft.state.clock(clock.id.as_str()).and_then(|run| run.exclusions.last()).map(|open| open.from);
        draft.emit(Event::ClockResumed(clock.id.clone(), begun.map_or(again, |begun| again.max(begun))));
    }
}

fn extend(clock: &Clock, step: &Step, draft: &mut Draft) {
    for extends in clock.extends.iter().filter(|extends| extends.step == step.id) {
        let extension = Extension { amount: extends.amount, unit: extends.unit, basis: Some(extends.basis.clone()) };
        draft.emit(Event::ClockExtended(clock.id.clone(), extension));
    }
}

fn start(clock: &Clock, day: Day, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let view = draft.view(law, context, day);
    if !applies(clock.when.as_ref(), view) {
        return;
    }
    let start = match &clock.starts_on {
        None => day,
        Some(field) => match draft.state.fact(field.as_str()) {
            Some(Fact::Day(start)) => *start,
            _ => return,
        },
    };
    let (limit, basis) = resolved(clock, view);
    // A limit in hours needs a moment: the recorded one if the step is of today, else the first of its day, the
    // cautious reading of a maximum.
    let start_at =
        (limit.unit == Unit::Hour).then(|| if context.now.day() == start { context.now } else { Moment::on(start, 0) });
    draft.emit(Event::ClockStarted(ClockRun {
        start_at,
        duty: clock.duty,
        expiry: clock.expiry.clone(),
        ..ClockRun::new(clock.id.clone(), basis, limit, start)
    }));
}

/// The limit of the first override that holds, else the clock's own.
fn resolved(clock: &Clock, view: View<'_>) -> (crate::clock::Limit, crate::basis::Basis) {
    match clock.overrides.iter().find(|o| evaluate(&o.when, view)) {
        Some(found) => (found.limit.clone(), found.basis.clone()),
        None => (clock.limit.clone(), clock.basis.clone()),
    }
}

/// Whether a step would extend a clock more often than the law allows.
pub(super) fn over_extended(step: &Step, draft: &Draft) -> Option<crate::basis::Basis> {
    let clocks = &draft.procedure.clocks;
    clocks.iter().find_map(|clock| {
        let extends = clock.extends.iter().find(|extends| extends.step == step.id)?;
        let so_far = draft
            .state
            .clock(clock.id.as_str())?
            .extensions
            .iter()
            .filter(|e| e.basis.as_ref() == Some(&extends.basis))
            .count();
        (so_far >= usize::from(extends.times)).then(|| extends.basis.clone())
    })
}
