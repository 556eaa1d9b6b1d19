//! Every position that a matter can come into, and every step that leads from one to another.
//!
//! The search is breadth-first, so the first path found to anything is a shortest one. What the law leaves to time, to other
//! matters or to what is typed may go either way; nothing that can happen is left out. If there are more positions than
//! [`MOST`], the search stops and says so: what was not seen is not proved. Withdrawing a step, voiding and correcting are
//! not explored: they lead back to, or end, what was explored.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::layout::{Position, States};
use super::model::{Branch, Model};
use crate::procedure::Procedure;

/// More positions than this are not explored.
const MOST: usize = 1_000_000;

/// Nobody outside chooses positions, so the hash need not withstand an attacker.
type Index<V> = FxHashMap<Position, V>;

/// A step from one position to another. There are millions of them: kept narrow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    from: u32,
    to: u32,
    step: u32,
    /// The limits on the organ that begin on it, a bit for each.
    begins: u32,
}

impl Edge {
    fn new(from: usize, step: usize, to: usize, begins: u32) -> Self {
        // [`MOST`] keeps all of them far below the largest.
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { from: narrow(from), to: narrow(to), step: narrow(step), begins }
    }

    pub(super) fn from(self) -> usize {
        self.from as usize
    }

    pub(super) fn to(self) -> usize {
        self.to as usize
    }

    pub(super) fn step(self) -> usize {
        self.step as usize
    }

    /// Whether a limit begins on it: the nth of the layout.
    pub(super) fn begins(self, limit: usize) -> bool {
        self.begins >> limit & 1 == 1
    }
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
    /// The edges as they lead, turned round, and by step.
    forward: OnceCell<Lists>,
    backward: OnceCell<Lists>,
    by_step: OnceCell<Lists>,
    /// Every state that some track comes into, by track.
    entered: Vec<States>,
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
            forward: OnceCell::new(),
            backward: OnceCell::new(),
            by_step: OnceCell::new(),
            entered: vec![States::default(); model.procedure.tracks.len()],
        };
        let mut known: Index<usize> = Index::default();
        let mut ways: Vec<Index<Rc<[Branch]>>> = model.procedure.steps.iter().map(|_| Index::default()).collect();
        for start in model.starts() {
            graph.enter((0..model.procedure.tracks.len()).map(|track| model.state(track, &start)));
            graph.reach(start, None, &mut known);
        }
        let mut states = Vec::new();
        let mut at = 0;
        while let Some(position) = graph.positions.get(at).copied() {
            for (step, ways) in ways.iter_mut().enumerate() {
                if !model.offered(step, &position) {
                    continue;
                }
                let view = model.view(step, &position);
                let branches = ways.entry(view).or_insert_with(|| model.branches(step, &position).into());
                for branch in Rc::clone(branches).iter() {
                    let next = model.after(step, &position, branch, &mut states);
                    graph.enter(states.iter().copied());
                    if let Some(to) = graph.reach(next, Some((at, step)), &mut known) {
                        let edge = Edge::new(at, step, to, model.begins(branch));
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

    fn enter(&mut self, states: impl Iterator<Item = usize>) {
        self.entered.iter_mut().zip(states).for_each(|(entered, state)| entered.add(state));
    }

    /// Whether a track comes into a state at all.
    pub(super) fn enters(&self, track: usize, state: usize) -> bool {
        self.entered.get(track).is_some_and(|entered| entered.has(state))
    }

    /// The edges that take a step, in the order in which they were found.
    pub(super) fn edges_of(&self, step: usize) -> impl Iterator<Item = Edge> {
        let by_step = self.by_step.get_or_init(|| {
            let steps = self.procedure().steps.len();
            Lists::of(steps, self.edges.iter().enumerate().map(|(at, edge)| (edge.step(), at)))
        });
        by_step.get(step).iter().filter_map(|at| self.edges.get(*at as usize).copied())
    }

    /// Whether a step can ever be taken.
    pub(super) fn takes(&self, step: usize) -> bool {
        self.edges_of(step).next().is_some()
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
            can.get_mut(edge.from()).into_iter().for_each(|slot| *slot = true);
        }
        let before = self
            .backward
            .get_or_init(|| Lists::of(self.positions.len(), self.edges.iter().map(|edge| (edge.to(), edge.from()))));
        let mut queue: Vec<usize> = can.iter().enumerate().filter(|(_, yes)| **yes).map(|(at, _)| at).collect();
        while let Some(at) = queue.pop() {
            for from in before.get(at).iter().map(|from| *from as usize) {
                if let Some(slot) = can.get_mut(from).filter(|slot| !**slot) {
                    *slot = true;
                    queue.push(from);
                }
            }
        }
        can
    }

    /// By which edge each position is first reached with a limit running that began before: no step since then ends it.
    pub(super) fn running(&self, limit: usize, ends: impl Fn(&Edge) -> bool) -> Vec<Option<Edge>> {
        let mut came: Vec<Option<Edge>> = vec![None; self.positions.len()];
        let mut queue: VecDeque<usize> = VecDeque::new();
        let mut arrive = |edge: &Edge, queue: &mut VecDeque<usize>| {
            if let Some(slot) = came.get_mut(edge.to()).filter(|slot| slot.is_none()) {
                *slot = Some(*edge);
                queue.push_back(edge.to());
            }
        };
        self.edges.iter().filter(|edge| edge.begins(limit)).for_each(|edge| arrive(edge, &mut queue));
        let from = |(at, edge): (usize, &Edge)| (edge.from(), at);
        let after =
            self.forward.get_or_init(|| Lists::of(self.positions.len(), self.edges.iter().enumerate().map(from)));
        while let Some(at) = queue.pop_front() {
            let edges = after.get(at).iter().filter_map(|edge| self.edges.get(*edge as usize));
            edges.filter(|edge| !ends(edge)).for_each(|edge| arrive(edge, &mut queue));
        }
        came
    }

    /// The path on which a limit ran on to a position, as [`Self::running`] found it.
    pub(super) fn path_running(&self, limit: usize, came: &[Option<Edge>], at: usize) -> String {
        let mut last = Vec::new();
        let mut at = at;
        while let Some(Some(edge)) = came.get(at) {
            last.push(edge.step());
            at = edge.from();
            if edge.begins(limit) {
                break;
            }
        }
        self.path_with(at, last)
    }

    /// The titles of the steps that first led to a position, and perhaps one more.
    pub(super) fn path(&self, at: usize, last: Option<usize>) -> String {
        self.path_with(at, last.into_iter().collect())
    }

    /// The same, with the steps that came after it, the last one first.
    fn path_with(&self, at: usize, last: Vec<usize>) -> String {
        let title = |step: usize| self.procedure().steps.get(step).map_or("", |step| step.title.as_str());
        let mut titles: Vec<&str> = last.into_iter().map(title).collect();
        let mut at = at;
        while let Some(Some((before, step))) = self.came.get(at) {
            titles.push(title(*step));
            at = *before;
        }
        titles.reverse();
        if titles.is_empty() { "（由上级事项启动）".to_owned() } else { titles.join(" → ") }
    }
}

/// Lists of numbers, one after the other in one piece, and where each begins.
struct Lists {
    first: Vec<usize>,
    all: Vec<u32>,
}

impl Lists {
    /// `pairs`: which list, and what belongs to it; each list keeps their order.
    fn of(lists: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut first = vec![0_usize; lists + 2];
        let mut count = 0;
        for (list, _) in pairs.clone() {
            first.get_mut(list + 2).into_iter().for_each(|length| *length += 1);
            count += 1;
        }
        let mut sum = 0;
        for length in &mut first {
            sum += *length;
            *length = sum;
        }
        let mut all = vec![0_u32; count];
        for (list, item) in pairs {
            let Some(next) = first.get_mut(list + 1) else { continue };
            all.get_mut(*next).into_iter().for_each(|slot| *slot = u32::try_from(item).unwrap_or(u32::MAX));
            *next += 1;
        }
        Self { first, all }
    }

    fn get(&self, list: usize) -> &[u32] {
        let range = self.first.get(list).copied().unwrap_or(0)..self.first.get(list + 1).copied().unwrap_or(0);
        self.all.get(range).unwrap_or_default()
    }
}
