//! What exploration remembers of a matter, packed into four words: the state of each track, which steps have been done as
//! far as it matters, which clocks run, what is known of the fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ClockId, RoleId, StepId};
use crate::procedure::guard::{Atom, Expr};
use crate::procedure::{Clock, Invariant, Procedure, Rule};

use super::solve::each_condition_and_rule;
use crate::clock::{Duty, LimitKind};

/// A position: packed, compared and hashed as a whole.
pub(super) type Position = [u64; 4];

/// How many limits on the organ an edge can say it begins.
const RUNNING_MOST: usize = 32;

/// A set of states of one track, asked for every transition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct States(u128);

impl States {
    #[inline]
    pub(super) fn add(&mut self, state: usize) {
        self.0 |= Self::bit(state);
    }

    #[inline]
    pub(super) fn has(self, state: usize) -> bool {
        self.0 & Self::bit(state) != 0
    }

    /// States beyond the 127th share one bit: they are taken for each other, which leaves nothing out.
    #[inline]
    fn bit(state: usize) -> u128 {
        1 << state.min(127)
    }
}

impl FromIterator<usize> for States {
    fn from_iter<I: IntoIterator<Item = usize>>(states: I) -> Self {
        let mut set = Self::default();
        states.into_iter().for_each(|state| set.add(state));
        set
    }
}

/// Some bits of a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slot {
    word: usize,
    shift: u32,
    width: u32,
}

impl Slot {
    #[inline]
    pub(super) fn get(self, position: &Position) -> usize {
        let word = position.get(self.word).copied().unwrap_or_default();
        usize::try_from(word >> self.shift & self.mask()).unwrap_or_default()
    }

    #[inline]
    pub(super) fn set(self, position: &mut Position, value: usize) {
        if let Some(word) = position.get_mut(self.word) {
            let value = u64::try_from(value).unwrap_or_default() & self.mask();
            *word = *word & !(self.mask() << self.shift) | value << self.shift;
        }
    }

    /// All ones in a mask of positions.
    pub(super) fn mark(self, mask: &mut Position) {
        self.set(mask, usize::MAX);
    }

    #[inline]
    fn mask(self) -> u64 {
        (1 << self.width) - 1
    }
}

/// Where everything stands in a position.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Bits used so far.
    used: usize,
    /// Whether everything fitted.
    pub(super) fits: bool,
    /// Whether the matter has been opened.
    pub(super) opened: Option<Slot>,
    /// The state of each track, in the order of the definition.
    pub(super) tracks: Vec<Slot>,
    /// Whether a step has been done, where some condition or rule asks.
    pub(super) done: BTreeMap<StepId, Slot>,
    /// Whether a matter has been opened in a role.
    pub(super) linked: BTreeMap<RoleId, Slot>,
    /// Whether a clock that conditions ask about may have been started.
    pub(super) started: BTreeMap<ClockId, Slot>,
    /// Whether a limit on the organ may run.
    pub(super) running: BTreeMap<ClockId, Slot>,
    /// Whether what an invariant demands afterwards is still to come, by the invariant's place.
    pub(super) pending: BTreeMap<usize, Slot>,
    /// What is known of a tracked condition: 0 nothing, 1 that it holds, 2 that it does not.
    pub(super) tracked: Vec<Slot>,
}

impl Layout {
    pub(super) fn of(procedure: &Procedure) -> Self {
        let mut layout = Self { fits: true, ..Self::default() };
        layout.opened = layout.take(1);
        for track in &procedure.tracks {
            let width = usize::BITS - track.states.len().saturating_sub(1).leading_zeros();
            let slot = layout.take(width.max(1));
            layout.tracks.extend(slot);
        }
        let mut asked = Asked::of(procedure);
        procedure.invariants.iter().for_each(|invariant| asked.invariant(invariant));
        layout.done = asked.steps.into_iter().filter_map(|step| Some((step, layout.take(1)?))).collect();
        let roles = asked.roles.into_iter().filter(|role| matters(procedure, role));
        layout.linked = roles.filter_map(|role| Some((role, layout.take(1)?))).collect();
        layout.started = asked.clocks.into_iter().filter_map(|clock| Some((clock, layout.take(1)?))).collect();
        for clock in procedure.clocks.iter().filter(|clock| binds_organ(clock)) {
            let slot = layout.take(1);
            layout.running.extend(slot.map(|slot| (clock.id.clone(), slot)));
        }
        layout.fits &= layout.running.len() <= RUNNING_MOST;
        for (n, invariant) in procedure.invariants.iter().enumerate() {
            if matches!(invariant.rule, Rule::AfterAlways(_, _, None)) {
                let slot = layout.take(1);
                layout.pending.extend(slot.map(|slot| (n, slot)));
            }
        }
        layout
    }

    /// Room for what is known of one more condition.
    pub(super) fn track_condition(&mut self) {
        let slot = self.take(2);
        self.tracked.extend(slot);
    }

    /// A slot; slots do not cross words. None, and `fits` is false, if there is no room.
    fn take(&mut self, width: u32) -> Option<Slot> {
        let width_bits = usize::try_from(width).unwrap_or(64);
        if self.used % 64 + width_bits > 64 {
            self.used = self.used.next_multiple_of(64);
        }
        let slot = Slot { word: self.used / 64, shift: u32::try_from(self.used % 64).unwrap_or(0), width };
        self.used += width_bits;
        self.fits &= slot.word < 4;
        self.fits.then_some(slot)
    }
}

/// Whether a proof may rest on a linked matter not having been opened yet: some step that an invariant allows only after
/// others looks at it. Elsewhere its result may be anything at any time, which only adds paths.
fn matters(procedure: &Procedure, role: &RoleId) -> bool {
    let looks = |expr: &Expr| mentions(procedure, expr, role);
    let ordered = procedure.invariants.iter().filter_map(|invariant| match &invariant.rule {
        Rule::NeverBefore(step, _) | Rule::OnlyIf(step, _) => procedure.step(step.as_str()),
        _ => None,
    });
    ordered.into_iter().any(|step| step.guards.iter().any(|guard| looks(&guard.that)))
}

fn mentions(procedure: &Procedure, expr: &Expr, role: &RoleId) -> bool {
    let mut found = false;
    expr.atoms(&mut |atom| {
        found |= match atom {
            Atom::Linked(of, _) | Atom::LinkedOpen(of) => of == role,
            Atom::Holds(id) => procedure.predicates.iter().any(|p| p.id == *id && mentions(procedure, &p.when, role)),
            _ => false,
        };
    });
    found
}

/// A limit that an organ must keep: what a duty needs.
pub(super) fn binds_organ(clock: &Clock) -> bool {
    clock.limit.kind == LimitKind::Maximum && clock.duty == Duty::Organ
}

/// What conditions and rules ask about.
#[derive(Default)]
struct Asked {
    steps: BTreeSet<StepId>,
    roles: BTreeSet<RoleId>,
    clocks: BTreeSet<ClockId>,
}

impl Asked {
    fn of(procedure: &Procedure) -> Self {
        let mut asked = Self::default();
        each_condition_and_rule(procedure, &mut |expr| {
            expr.atoms(&mut |atom| match atom {
                Atom::Done(step) => drop(asked.steps.insert(step.clone())),
                Atom::Linked(role, _) | Atom::LinkedOpen(role) => drop(asked.roles.insert(role.clone())),
                Atom::Clock(clock, _) => drop(asked.clocks.insert(clock.clone())),
                _ => {}
            });
        });
        asked
    }

    fn invariant(&mut self, invariant: &Invariant) {
        match &invariant.rule {
            Rule::NeverBefore(_, before) => self.steps.extend([before.clone()]),
            Rule::OnlyIf(_, before) => self.steps.extend(before.iter().cloned()),
            Rule::Different(a, b) => self.steps.extend([a.clone(), b.clone()]),
            _ => {}
        }
    }
}
