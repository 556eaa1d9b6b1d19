//! Every position that a matter can come into, and every step that leads from one to another.
//!
//! The search is breadth-first, so the first path found to anything is a shortest one. What the law leaves to time, to other
//! matters or to what is typed may go either way; nothing that can happen is left out. If there are more positions than
//! [`MOST`], the search stops and says so: what was not seen is not proved. Withdrawing a step, voiding and correcting are
//! not explored: they lead back to, or end, what was explored.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

use super::layout::Position;
use super::model::{Branch, Model};
use crate::procedure::Procedure;

/// More positions than this are not explored.
const MOST: usize = 400_000;

type Index<V> = HashMap<Position, V, BuildHasherDefault<DefaultHasher>>;

/// A step from one position to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) step: usize,
    pub(super) to: usize,
}

/// What was explored.
pub(super) struct Graph<'m, 'p> {
    pub(super) model: &'m Model<'p>,
    pub(super) positions: Vec<Position>,
    pub(super) edges: Vec<Edge>,
    /// How each position was first reached.
    came: Vec<Option<(usize, usize)>>,
    /// Whether nothing was left out.
    pub(super) complete: bool,
    backward: OnceCell<(Vec<usize>, Vec<usize>)>,
    /// Every state that some track comes into.
    pub(super) entered: BTreeSet<(usize, usize)>,
}

impl<'m, 'p> Graph<'m, 'p> {
    /// Explores everything.
    pub(super) fn of(model: &'m Model<'p>) -> Self {
        let mut graph = Self {
            model,
            positions: Vec::new(),
            edges: Vec::new(),
            came: Vec::new(),
            complete: true,
            backward: OnceCell::new(),
            entered: BTreeSet::new(),
        };
        let mut known: Index<usize> = Index::default();
        let mut ways: Vec<Index<Rc<[Branch]>>> = model.procedure.steps.iter().map(|_| Index::default()).collect();
        for start in model.starts() {
            let initial = (0..model.procedure.tracks.len()).map(|track| (track, model.state(track, &start)));
            graph.entered.extend(initial);
            graph.reach(start, None, &mut known);
        }
        let mut at = 0;
        while let Some(position) = graph.positions.get(at).copied() {
            for (step, ways) in ways.iter_mut().enumerate() {
                if !model.offered(step, &position) {
                    continue;
                }
                let view = model.view(step, &position);
                let branches = ways.entry(view).or_insert_with(|| model.branches(step, &position).into());
                for branch in Rc::clone(branches).iter() {
                    let (next, states) = model.after(step, &position, branch);
                    graph.entered.extend(states.into_iter().enumerate());
                    if let Some(to) = graph.reach(next, Some((at, step)), &mut known) {
                        let edge = Edge { from: at, step, to };
                        if graph.edges.last() != Some(&edge) {
                            graph.edges.push(edge);
                        }
                    }
                }
            }
            at += 1;
        }
        graph.complete &= model.layout.fits && model.gave_up.get() == 0;
        graph
    }

    fn reach(&mut self, position: Position, from: Option<(usize, usize)>, known: &mut Index<usize>) -> Option<usize> {
        if let Some(at) = known.get(&position) {
            return Some(*at);
        }
        if self.positions.len() >= MOST {
            self.complete = false;
            return None;
        }
        let at = self.positions.len();
        known.insert(position, at);
        self.positions.push(position);
        self.came.push(from);
        Some(at)
    }

    pub(super) fn procedure(&self) -> &'p Procedure {
        self.model.procedure
    }

    pub(super) fn position(&self, at: usize) -> Position {
        self.positions.get(at).copied().unwrap_or_default()
    }

    /// Whether the main track has ended in a position.
    pub(super) fn ended(&self, position: &Position) -> bool {
        self.track_ended(0, position)
    }

    /// Whether a track has ended in a position.
    pub(super) fn track_ended(&self, track: usize, position: &Position) -> bool {
        let state = self.model.state(track, position);
        let opened = self.model.layout.opened.is_none_or(|slot| slot.get(position) == 1);
        let states = self.procedure().tracks.get(track).map(|track| &track.states);
        opened && states.and_then(|states| states.get(state)).is_some_and(|state| state.end)
    }

    /// From which positions one of the goals can be reached; `goal` says it of a position, `by` of an edge.
    pub(super) fn can_reach(&self, goal: impl Fn(&Position) -> bool, by: impl Fn(&Edge) -> bool) -> Vec<bool> {
        let mut can: Vec<bool> = self.positions.iter().map(&goal).collect();
        for edge in self.edges.iter().filter(|edge| by(edge)) {
            can.get_mut(edge.from).into_iter().for_each(|slot| *slot = true);
        }
        let (first, before) = self.backward.get_or_init(|| self.turned_round());
        let mut queue: Vec<usize> = can.iter().enumerate().filter(|(_, yes)| **yes).map(|(at, _)| at).collect();
        while let Some(at) = queue.pop() {
            let range = first.get(at).copied().unwrap_or(0)..first.get(at + 1).copied().unwrap_or(0);
            for from in before.get(range).unwrap_or_default() {
                if let Some(slot) = can.get_mut(*from).filter(|slot| !**slot) {
                    *slot = true;
                    queue.push(*from);
                }
            }
        }
        can
    }

    /// The edges turned round: for each position where its list begins, and the lists.
    fn turned_round(&self) -> (Vec<usize>, Vec<usize>) {
        let mut first = vec![0_usize; self.positions.len() + 2];
        for edge in &self.edges {
            first.get_mut(edge.to + 2).into_iter().for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut before = vec![0_usize; self.edges.len()];
        for edge in &self.edges {
            let Some(next) = first.get_mut(edge.to + 1) else { continue };
            before.get_mut(*next).into_iter().for_each(|slot| *slot = edge.from);
            *next += 1;
        }
        (first, before)
    }

    /// The titles of the steps that first led to a position, and perhaps one more.
    pub(super) fn path(&self, at: usize, last: Option<usize>) -> String {
        let title = |step: usize| self.procedure().steps.get(step).map_or("", |step| step.title.as_str());
        let mut titles: Vec<&str> = last.map(title).into_iter().collect();
        let mut at = at;
        while let Some(Some((before, step))) = self.came.get(at) {
            titles.push(title(*step));
            at = *before;
        }
        titles.reverse();
        if titles.is_empty() { "（由上级事项启动）".to_owned() } else { titles.join(" → ") }
    }
}
