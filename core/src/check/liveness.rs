//! What need not be remembered any more: a fact that no step still ahead reads is forgotten, so that exploration does not
//! tell apart positions whose future is the same. Nothing is lost: forgetting needs a proof that no reader is ahead, by
//! the tracks alone.

use std::collections::BTreeSet;

use super::layout::{Position, Slot, States};
use crate::procedure::guard::{Atom, Expr};
use crate::procedure::{Procedure, Step};

/// Which steps may still be ahead, by the state of the main track and of the step's own.
pub(super) struct Ahead {
    /// By state of the main track: by step: the states of the step's own track from which it can still come.
    table: Vec<Vec<BTreeSet<usize>>>,
    tracks: Vec<usize>,
}

impl Ahead {
    pub(super) fn of(procedure: &Procedure) -> Self {
        let track_of = |step: &Step| procedure.tracks.iter().position(|track| track.id == step.track).unwrap_or(0);
        let tracks: Vec<usize> = procedure.steps.iter().map(track_of).collect();
        let everything: BTreeSet<usize> = (0..procedure.steps.len()).collect();
        let main = Reach::of(procedure, 0, &everything);
        let states = procedure.tracks.first().map_or(0, |track| track.states.len());
        let table = (0..states).map(|state| {
            let possible: BTreeSet<usize> = procedure
                .steps
                .iter()
                .enumerate()
                .filter(|(n, step)| {
                    let own = tracks.get(*n) != Some(&0)
                        || froms(procedure, step).iter().any(|from| main.leads(state, *from));
                    own && step.guards.iter().all(|guard| allows(procedure, &guard.that, &main, state))
                })
                .map(|(n, _)| n)
                .collect();
            let reaches: Vec<Reach> =
                (0..procedure.tracks.len()).map(|track| Reach::of(procedure, track, &possible)).collect();
            let from = |(n, step): (usize, &Step)| -> BTreeSet<usize> {
                let Some(reach) = tracks.get(n).and_then(|track| reaches.get(*track)).filter(|_| possible.contains(&n))
                else {
                    return BTreeSet::new();
                };
                let targets = froms(procedure, step);
                (0..reach.size).filter(|now| targets.iter().any(|target| reach.leads(*now, *target))).collect()
            };
            procedure.steps.iter().enumerate().map(from).collect()
        });
        Self { table: table.collect(), tracks }
    }
}

/// A slot with the steps that read it.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) slot: Slot,
    pub(super) by: BTreeSet<usize>,
    /// The values that can be forgotten; all, where none is given. Only the end of a track can.
    pub(super) only: Option<BTreeSet<usize>>,
    /// What stands for a forgotten value.
    pub(super) rest: usize,
}

impl Read {
    /// A fact: forgotten, it is as if it had not been noted.
    pub(super) fn fact(slot: Slot, by: BTreeSet<usize>) -> Self {
        Self { slot, by, only: None, rest: 0 }
    }

    #[inline]
    fn forgettable(&self, value: usize) -> bool {
        value != self.rest && self.only.as_ref().is_none_or(|only| only.contains(&value))
    }
}

/// All slots that can be forgotten, and when: asked once for every transition, hence worked out beforehand.
pub(super) struct Memory {
    reads: Vec<Read>,
    /// By state of the main track: by slot: where a reader may still be ahead.
    kept: Vec<Vec<Vec<Kept>>>,
}

/// The states of a track in which some reader may still come.
struct Kept {
    track: usize,
    states: States,
}

impl Memory {
    pub(super) fn of(reads: Vec<Read>, ahead: &Ahead) -> Self {
        let kept = ahead.table.iter().map(|row| reads.iter().map(|read| kept(read, row, &ahead.tracks)).collect());
        Self { kept: kept.collect(), reads }
    }

    /// Clears what nothing ahead reads; `states` are the states of all tracks.
    pub(super) fn forget(&self, position: &mut Position, states: &[usize]) {
        let Some(row) = states.first().and_then(|main| self.kept.get(*main)) else { return };
        let in_state = |kept: &Kept| states.get(kept.track).is_none_or(|now| kept.states.has(*now));
        for (read, kept) in self.reads.iter().zip(row) {
            if read.forgettable(read.slot.get(position)) && !kept.iter().any(in_state) {
                read.slot.set(position, read.rest);
            }
        }
    }
}

fn kept(read: &Read, row: &[BTreeSet<usize>], tracks: &[usize]) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    for step in &read.by {
        let (Some(from), Some(track)) = (row.get(*step), tracks.get(*step).copied()) else { continue };
        let at = kept.iter().position(|kept| kept.track == track).unwrap_or_else(|| {
            kept.push(Kept { track, states: States::default() });
            kept.len() - 1
        });
        kept.get_mut(at).into_iter().for_each(|kept| from.iter().for_each(|state| kept.states.add(*state)));
    }
    kept.retain(|kept| kept.states != States::default());
    kept
}

fn froms(procedure: &Procedure, step: &Step) -> Vec<usize> {
    let states = procedure.track(step.track.as_str()).map(|track| track.states.as_slice()).unwrap_or_default();
    let from = |state: &crate::id::StateId| states.iter().position(|known| known.id == *state);
    // An opening step comes first; nothing that it reads has been noted before.
    step.from.iter().filter_map(from).collect()
}

/// Whether a guard leaves room for the main track to come into a state that it demands.
fn allows(procedure: &Procedure, guard: &Expr, main: &Reach, now: usize) -> bool {
    let Expr::Atom(Atom::Track(track, wanted)) = guard else { return true };
    let Some(first) = procedure.tracks.first().filter(|first| first.id == *track) else { return true };
    first.states.iter().enumerate().any(|(n, state)| wanted.contains(&state.id) && main.leads(now, n))
}

/// Which state of a track leads to which, by some steps.
struct Reach {
    size: usize,
    leads: Vec<bool>,
}

impl Reach {
    fn of(procedure: &Procedure, track: usize, steps: &BTreeSet<usize>) -> Self {
        let Some(track) = procedure.tracks.get(track) else { return Self { size: 0, leads: Vec::new() } };
        let size = track.states.len();
        let at = |state: &crate::id::StateId| track.states.iter().position(|known| known.id == *state);
        let mut reach = Self { size, leads: vec![false; size * size] };
        (0..size).for_each(|state| reach.link(state, state));
        for step in steps.iter().filter_map(|n| procedure.steps.get(*n)) {
            if step.track == track.id
                && let Some(to) = step.to.as_ref().and_then(at)
            {
                step.from.iter().filter_map(at).for_each(|from| reach.link(from, to));
            }
            for part in step.also.iter().filter(|part| part.item.0 == track.id) {
                let Some(to) = at(&part.item.1) else { continue };
                (0..size).for_each(|from| reach.link(from, to));
            }
        }
        for via in 0..size {
            for from in 0..size {
                if reach.leads(from, via) {
                    (0..size)
                        .filter(|to| reach.leads(via, *to))
                        .collect::<Vec<_>>()
                        .into_iter()
                        .for_each(|to| reach.link(from, to));
                }
            }
        }
        reach
    }

    fn link(&mut self, from: usize, to: usize) {
        self.leads.get_mut(from * self.size + to).into_iter().for_each(|slot| *slot = true);
    }

    fn leads(&self, from: usize, to: usize) -> bool {
        self.leads.get(from * self.size + to).copied().unwrap_or(true)
    }
}
