//! Whether a condition holds for a matter on a day.

use super::event::Fact;
use super::state::MatterState;
use crate::authority::Registry;
use crate::calendar::Calendar;
use crate::day::Day;
use crate::law::Law;
use crate::procedure::Procedure;
use crate::procedure::guard::{Atom, ClockTest, Comparison, Expr, Operand, OrganTest};

/// Everything a condition may look at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The definition.
    pub procedure: &'a Procedure,
    /// The matter, with what was typed in this act already in place.
    pub state: &'a MatterState,
    /// Tables.
    pub law: &'a Law,
    /// Organs and their powers.
    pub registry: &'a Registry,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The legal day of the act.
    pub day: Day,
}

/// Whether a condition holds.
pub fn evaluate(expr: &Expr, view: View<'_>) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| evaluate(part, view)),
        Expr::Any(parts) => parts.iter().any(|part| evaluate(part, view)),
        Expr::Not(inner) => !evaluate(inner, view),
        Expr::Atom(atom) => holds(atom, view),
    }
}

/// An optional condition; none means always.
pub(super) fn applies(when: Option<&Expr>, view: View<'_>) -> bool {
    when.is_none_or(|expr| evaluate(expr, view))
}

fn holds(atom: &Atom, view: View<'_>) -> bool {
    let state = view.state;
    match atom {
        Atom::Done(step) => state.has_done(step.as_str()),
        Atom::Holds(id) => {
            view.procedure.predicates.iter().find(|p| p.id == *id).is_some_and(|p| evaluate(&p.when, view))
        }
        Atom::Filled(field) => state.filled(field),
        Atom::Evidence(kind) => state.evidence.iter().any(|evidence| evidence.kind == *kind),
        Atom::Track(track, states) => state.tracks.get(track).is_some_and(|now| states.contains(now)),
        Atom::Linked(role, outcomes) => {
            let last = state.links.iter().rev().find(|link| link.role == *role);
            last.and_then(|link| link.outcome.as_ref()).is_some_and(|outcome| outcomes.contains(outcome))
        }
        Atom::LinkedOpen(role) => state.links.iter().any(|link| link.role == *role && link.outcome.is_none()),
        Atom::Clock(clock, test) => clock_is(clock.as_str(), *test, view),
        Atom::Party(role, kinds) => state.parties_in(role).any(|party| kinds.contains(&party.kind)),
        Atom::Organ(field, test) => organ_is(field.as_str(), test, view),
        Atom::CodeIn(field, codes) => {
            state.fact(field.as_str()).and_then(Fact::code).is_some_and(|code| codes.iter().any(|c| c.as_str() == code))
        }
        Atom::CodeHas(field, code) => state.has_code(field.as_str(), code.as_str()),
        Atom::Compare(field, comparison, operand) => compare(field.as_str(), *comparison, operand, view),
    }
}

/// What a condition compares with another field's value or with the day of the act: the value that a refusal names as `{limit}`.
pub(super) fn limit_of(that: &Expr, view: View<'_>) -> String {
    let mut limit = String::new();
    that.atoms(&mut |atom| match atom {
        Atom::Compare(_, _, Operand::Field(other)) => limit = value(view, other.as_str()),
        Atom::Compare(_, _, Operand::Day) => limit = view.day.chinese(),
        _ => {}
    });
    limit
}

/// What stands in the field that a guard compares, for the sentence of its refusal.
pub(super) fn stands(that: &Expr, view: View<'_>) -> String {
    let mut found = String::new();
    that.atoms(&mut |atom| {
        if let Atom::Compare(field, ..) = atom
            && found.is_empty()
        {
            found = value(view, field.as_str());
        }
    });
    found
}

/// A day or an amount as it is read; what is not known says so.
fn value(view: View<'_>, field: &str) -> String {
    match view.state.fact(field) {
        Some(Fact::Day(day)) => day.chinese(),
        Some(Fact::Int(fen)) => format!("{}元", crate::text::yuan(*fen)),
        _ => "（未知）".to_owned(),
    }
}

fn organ_is(field: &str, test: &OrganTest, view: View<'_>) -> bool {
    let Some(organ) = view.state.fact(field).and_then(Fact::code).and_then(|code| view.registry.organ(code)) else {
        return false;
    };
    let powers = view.registry.powers();
    match test {
        OrganTest::Kinds(kinds) => kinds.iter().any(|kind| kind.as_str() == organ.kind),
        OrganTest::Serves(functions) => {
            organ.functions.iter().any(|has| functions.iter().any(|function| function.as_str() == has.as_str()))
        }
        OrganTest::Owns(of) => match view.state.fact(of.as_str()) {
            Some(Fact::Matter(id)) => {
                powers.get(*id).is_some_and(|power| power.organ == organ.code && power.held_on(view.day))
            }
            Some(fact) => fact.code().is_some_and(|domain| powers.owns_in(&organ.code, None, domain, view.day)),
            None => false,
        },
    }
}

fn compare(field: &str, comparison: Comparison, operand: &Operand, view: View<'_>) -> bool {
    let Some(left) = view.state.fact(field).and_then(Fact::number) else { return false };
    let right = match operand {
        Operand::Number(number) => Some(*number),
        Operand::Field(other) => view.state.fact(other.as_str()).and_then(Fact::number),
        Operand::Table(table) => view.law.table(table.as_str()).and_then(|table| table.look_up(view.state, view.day)),
        Operand::Day => Fact::Day(view.day).number(),
    };
    match right {
        Some(right) => comparison.holds(left, right),
        // A threshold that nobody has set is read the cautious way: the duty that it triggers arises.
        None => matches!(comparison, Comparison::AtLeast | Comparison::Over) && matches!(operand, Operand::Table(_)),
    }
}

/// A provisional date opens no gate and ends no right: only certain ones count.
fn clock_is(clock: &str, test: ClockTest, view: View<'_>) -> bool {
    let Some(run) = view.state.clock(clock) else { return test == ClockTest::Unstarted };
    let past = || run.due(view.calendar).certain().is_some_and(|due| view.day > due);
    match test {
        ClockTest::Unstarted => false,
        ClockTest::Stopped => run.stopped.is_some(),
        ClockTest::Elapsed => past(),
        ClockTest::Expired => run.stopped.is_none() && (run.expired || past()),
        ClockTest::Running => run.stopped.is_none() && !run.expired && !past(),
    }
}
