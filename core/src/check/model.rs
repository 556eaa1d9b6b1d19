//! A procedure made ready for exploration: each step with its conditions as formulas, and what it does to a position.
// long because: making ready and moving on share one layout of positions; apart, each would need the other's insides

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Layout, Position, Slot, States};
use super::liveness::{Ahead, Memory, Read};
use super::solve::{Answer, Domains, Formula, Key, Space, solve};
use crate::id::{FieldId, Outcome, RoleId, StepId};
use crate::procedure::guard::Expr;
use crate::procedure::{Procedure, Rule, Step};

/// A condition both ways: that it holds, and that it does not.
#[derive(Clone, Debug)]
pub(super) struct Either {
    pub(super) yes: Formula,
    pub(super) no: Formula,
}

/// A slot that a step sets, perhaps only under a condition.
#[derive(Clone, Debug)]
struct Sets {
    slot: Slot,
    when: Option<Either>,
}

/// A step as exploration sees it.
#[derive(Debug)]
struct Ready {
    opening: bool,
    track: usize,
    from: States,
    to: Option<usize>,
    guards: Vec<Formula>,
    also: Vec<(usize, usize, Option<Either>)>,
    clears: Vec<Slot>,
    sets: Vec<Sets>,
    /// Tracked conditions that the step's own fields make unknown again.
    forgets: Vec<usize>,
    /// Tracked conditions that must be decided, because its consequences depend on them.
    decides: Vec<usize>,
    relevant: Position,
    /// The slots that its conditions read.
    reads: Vec<Slot>,
}

/// One way in which a step can go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Branch {
    tracks: Vec<(usize, usize)>,
    sets: Vec<Slot>,
    tracked: Vec<(usize, bool)>,
}

/// The procedure, ready.
pub(super) struct Model<'p> {
    pub(super) procedure: &'p Procedure,
    pub(super) space: Space,
    pub(super) layout: Layout,
    tracked: Vec<Either>,
    steps: Vec<Ready>,
    /// Times that the solver gave up.
    pub(super) gave_up: std::cell::Cell<usize>,
    opened_by_others: bool,
    memory: Memory,
}

impl<'p> Model<'p> {
    /// `outcomes`: the results of linked matters by role; `opened_by_others`: whether another procedure opens this one.
    pub(super) fn of(
        procedure: &'p Procedure,
        outcomes: BTreeMap<RoleId, Vec<Outcome>>,
        opened_by_others: bool,
    ) -> Self {
        let mut space = Space::of(procedure, outcomes);
        let mut layout = Layout::of(procedure);
        let tracked = tracked(procedure, &mut space, &mut layout);
        let ahead = Ahead::of(procedure);
        let mut model = Self {
            procedure,
            space,
            layout,
            tracked,
            steps: Vec::new(),
            gave_up: std::cell::Cell::new(0),
            opened_by_others,
            memory: Memory::of(Vec::new(), &ahead),
        };
        model.steps = procedure.steps.iter().map(|step| model.ready(step)).collect();
        model.memory = Memory::of(model.readers(), &ahead);
        model
    }

    /// Which steps read which slot: through their conditions, or because an invariant asks at them.
    fn readers(&self) -> Vec<Read> {
        let layout = &self.layout;
        let facts = layout.done.values().chain(layout.linked.values()).chain(layout.started.values());
        let mut reads: Vec<Read> = Vec::new();
        for slot in facts.chain(&layout.tracked) {
            let by =
                self.steps.iter().enumerate().filter(|(_, step)| step.reads.contains(slot)).map(|(n, _)| n).collect();
            reads.push(Read::fact(*slot, by));
        }
        // Whether a limit runs is asked before duties only; that it can always be met is followed along the edges.
        let duties = self.procedure.steps.iter().enumerate().filter(|(_, step)| super::clocks::needs_limit(step));
        let duties: BTreeSet<usize> = duties.map(|(n, _)| n).collect();
        reads.extend(layout.running.values().map(|slot| Read::fact(*slot, duties.clone())));
        reads.extend(self.side_tracks());
        for invariant in &self.procedure.invariants {
            let asked: Vec<(&StepId, &StepId)> = match &invariant.rule {
                Rule::NeverBefore(at, done) => vec![(at, done)],
                Rule::OnlyIf(at, done) => done.iter().map(|done| (at, done)).collect(),
                Rule::Different(a, b) => vec![(a, b), (b, a)],
                _ => Vec::new(),
            };
            for (at, done) in asked {
                self.also_read(&mut reads, at, layout.done.get(done));
            }
            let condition = match &invariant.rule {
                Rule::NeverWhen(_, condition) => Some(condition),
                _ => None,
            };
            let at = super::invariant::first_step(&invariant.rule);
            let mut space = self.space.clone();
            for condition in condition.into_iter().chain(&invariant.when) {
                let both = either(&mut space, self.procedure, condition, false);
                let mut vars = BTreeSet::new();
                both.yes.vars(&mut vars);
                for slot in self.slots(&space, &vars) {
                    self.also_read(&mut reads, at, Some(&slot));
                }
            }
        }
        reads
    }

    /// Tracks beside the main one: once one has ended and nothing ahead moves or reads it, how it ended is forgotten.
    fn side_tracks(&self) -> Vec<Read> {
        let tracks = self.procedure.tracks.iter().zip(&self.layout.tracks).enumerate().skip(1);
        let read = |(n, (track, slot)): (usize, (&crate::procedure::Track, &Slot))| {
            let ends: BTreeSet<usize> =
                track.states.iter().enumerate().filter(|(_, state)| state.end).map(|(at, _)| at).collect();
            let rest = *ends.first()?;
            let concerned = |step: &Ready| {
                step.track == n || step.also.iter().any(|(to, ..)| *to == n) || step.reads.contains(slot)
            };
            let by = self.steps.iter().enumerate().filter(|(_, step)| concerned(step)).map(|(n, _)| n).collect();
            Some(Read { slot: *slot, by, only: Some(ends), rest })
        };
        tracks.filter_map(read).collect()
    }

    fn also_read(&self, reads: &mut [Read], at: &StepId, slot: Option<&Slot>) {
        let step = self.procedure.steps.iter().position(|step| step.id == *at);
        let read = reads.iter_mut().find(|read| Some(&read.slot) == slot);
        read.into_iter().for_each(|read| read.by.extend(step));
    }

    /// Where a matter may begin.
    pub(super) fn starts(&self) -> Vec<Position> {
        let mut fresh: Position = [0; 4];
        for (track, slot) in self.procedure.tracks.iter().zip(&self.layout.tracks) {
            let initial = track.states.iter().position(|state| state.id == track.initial);
            slot.set(&mut fresh, initial.unwrap_or_default());
        }
        let mut opened = fresh;
        self.layout.opened.iter().for_each(|slot| slot.set(&mut opened, 1));
        let mut starts = Vec::new();
        if self.procedure.opening_steps().next().is_some() {
            starts.push(fresh);
        }
        if self.opened_by_others || starts.is_empty() {
            starts.push(opened);
        }
        starts
    }

    /// A formula of a condition before the step.
    pub(super) fn either(&mut self, expr: &Expr, after: bool) -> Either {
        either(&mut self.space, self.procedure, expr, after)
    }

    fn ready(&mut self, step: &Step) -> Ready {
        let procedure = self.procedure;
        let track = procedure.tracks.iter().position(|track| track.id == step.track).unwrap_or_default();
        let fields: BTreeSet<FieldId> =
            step.fill.iter().map(|when| when.item.clone()).chain(step.may_fill.iter().cloned()).collect();
        let roles: BTreeSet<RoleId> = step.parties.iter().cloned().collect();
        let mut guards: Vec<Formula> =
            step.guards.iter().map(|guard| self.space.formula(procedure, &guard.that, true, false)).collect();
        for filled in &step.fill {
            let given = self.space.filled(procedure, &filled.item);
            guards.push(match &filled.when {
                None => given,
                Some(when) => Formula::Any(vec![self.space.formula(procedure, when, false, false), given]),
            });
        }
        let mut also = Vec::new();
        for part in &step.also {
            let Some((target, state)) = place_of(procedure, &part.item.0, &part.item.1) else { continue };
            also.push((target, state, part.when.as_ref().map(|when| self.either(when, true))));
        }
        let (clears, sets) = self.effects(step);
        let conditions = also.iter().filter_map(|(_, _, when)| when.as_ref());
        let conditions: Vec<&Either> = conditions.chain(sets.iter().filter_map(|sets| sets.when.as_ref())).collect();
        let touched = |formula: &Either| self.space.touches(&formula.yes, &fields, &roles);
        let forgets = (0..self.tracked.len()).filter(|n| self.tracked.get(*n).is_some_and(touched)).collect();
        let decides = (0..self.tracked.len())
            .filter(|n| self.tracked.get(*n).is_some_and(|known| conditions.iter().any(|c| shares(known, c))))
            .collect();
        let mut vars = BTreeSet::new();
        guards.iter().for_each(|guard| guard.vars(&mut vars));
        conditions.iter().for_each(|condition| condition.yes.vars(&mut vars));
        let relevant = self.relevant(track, &vars);
        let reads = self.slots(&self.space, &vars);
        Ready {
            opening: step.from.is_empty(),
            track,
            from: step.from.iter().filter_map(|state| Some(place_of(procedure, &step.track, state)?.1)).collect(),
            to: step.to.as_ref().and_then(|state| Some(place_of(procedure, &step.track, state)?.1)),
            guards,
            also,
            clears,
            sets,
            forgets,
            decides,
            relevant,
            reads,
        }
    }

    /// What a step sets and clears besides tracks.
    fn effects(&mut self, step: &Step) -> (Vec<Slot>, Vec<Sets>) {
        let procedure = self.procedure;
        let mut clears = Vec::new();
        let mut sets: Vec<Sets> = Vec::new();
        let plain = |slot: &Slot| Sets { slot: *slot, when: None };
        sets.extend(self.layout.opened.iter().filter(|_| step.from.is_empty()).map(plain));
        sets.extend(self.layout.done.get(&step.id).map(plain));
        for opens in &step.opens {
            sets.extend(self.layout.linked.get(&opens.item.role).map(plain));
        }
        for clock in &procedure.clocks {
            let running = self.layout.running.get(&clock.id).copied();
            if clock.stops.contains(&step.id) {
                clears.extend(running);
            }
            if clock.starts.contains(&step.id) || clock.restarts.contains(&step.id) {
                let when = clock.when.as_ref().map(|when| self.either(when, true));
                sets.extend(self.layout.started.get(&clock.id).map(plain));
                sets.extend(running.map(|slot| Sets { slot, when }));
            }
        }
        for (n, invariant) in procedure.invariants.iter().enumerate() {
            let Rule::AfterAlways(first, then, _) = &invariant.rule else { continue };
            let Some(slot) = self.layout.pending.get(&n).copied() else { continue };
            if then.contains(&step.id) {
                clears.push(slot);
            } else if *first == step.id {
                let when = invariant.when.as_ref().map(|when| self.either(when, true));
                sets.push(Sets { slot, when });
            }
        }
        (clears, sets)
    }

    /// The bits of a position on which these variables depend.
    fn relevant(&self, track: usize, vars: &BTreeSet<usize>) -> Position {
        let mut mask: Position = [0; 4];
        let layout = &self.layout;
        layout.opened.iter().for_each(|slot| slot.mark(&mut mask));
        layout.tracks.get(track).into_iter().for_each(|slot| slot.mark(&mut mask));
        layout.tracked.iter().for_each(|slot| slot.mark(&mut mask));
        self.slots(&self.space, vars).into_iter().for_each(|slot| slot.mark(&mut mask));
        mask
    }

    /// The slots in which these variables are noted.
    fn slots(&self, space: &Space, vars: &BTreeSet<usize>) -> Vec<Slot> {
        let layout = &self.layout;
        let mut slots: Vec<Slot> = Vec::new();
        for key in vars.iter().filter_map(|var| space.key(*var)) {
            slots.extend(match key {
                Key::Track(id) => {
                    let at = self.procedure.tracks.iter().position(|track| track.id == *id);
                    at.and_then(|at| layout.tracks.get(at))
                }
                Key::Done(step) => layout.done.get(step),
                Key::Linked(role) | Key::LinkedOpen(role) => layout.linked.get(role),
                Key::Clock(clock, _) => layout.started.get(clock),
                _ => None,
            });
        }
        for (known, slot) in self.tracked.iter().zip(&layout.tracked) {
            let mut own = BTreeSet::new();
            known.yes.vars(&mut own);
            if !own.is_disjoint(vars) {
                slots.push(*slot);
            }
        }
        slots
    }

    /// What a position says about every variable.
    fn domains(&self, position: &Position) -> Domains {
        let mut domains = self.space.domains();
        let mut know = |key: &Key, mask: u128| {
            if let Some(domain) = self.space.find(key).and_then(|var| domains.get_mut(var)) {
                *domain &= mask;
            }
        };
        for (track, slot) in self.procedure.tracks.iter().zip(&self.layout.tracks) {
            know(&Key::Track(track.id.clone()), 1 << slot.get(position));
        }
        for (step, slot) in &self.layout.done {
            know(&Key::Done(step.clone()), 1 << slot.get(position));
        }
        for (role, slot) in self.layout.linked.iter().filter(|(_, slot)| slot.get(position) == 0) {
            let _ = slot;
            know(&Key::Linked(role.clone()), 1);
            know(&Key::LinkedOpen(role.clone()), 1);
        }
        for (clock, slot) in &self.layout.started {
            if slot.get(position) == 0 {
                know(&Key::Clock(clock.clone(), false), Space::unstarted());
            }
        }
        domains
    }

    /// Whether a step is offered in a position at all, by its state alone.
    #[inline]
    pub(super) fn offered(&self, step: usize, position: &Position) -> bool {
        let Some(ready) = self.steps.get(step) else { return false };
        let opened = self.layout.opened.is_none_or(|slot| slot.get(position) == 1);
        if ready.opening {
            return !opened;
        }
        let now = self.layout.tracks.get(ready.track).map(|slot| slot.get(position));
        opened && now.is_some_and(|now| ready.from.has(now))
    }

    /// The part of a position on which the ways of a step depend.
    #[inline]
    pub(super) fn view(&self, step: usize, position: &Position) -> Position {
        let mut view = *position;
        if let Some(ready) = self.steps.get(step) {
            view.iter_mut().zip(ready.relevant).for_each(|(word, mask)| *word &= mask);
        }
        view
    }

    /// The same, with the bits of further conditions.
    pub(super) fn view_with(&self, step: usize, more: &Position, position: &Position) -> Position {
        let mut view = self.view(step, position);
        view.iter_mut().zip(position).zip(more).for_each(|((word, all), more)| *word |= all & more);
        view
    }

    /// The bits of a position on which formulas depend.
    pub(super) fn bits_of(&self, formulas: &[Formula]) -> Position {
        let mut vars = BTreeSet::new();
        formulas.iter().for_each(|formula| formula.vars(&mut vars));
        let mut mask: Position = [0; 4];
        self.slots(&self.space, &vars).into_iter().for_each(|slot| slot.mark(&mut mask));
        mask
    }

    /// What is known when a step is taken: its conditions, and what earlier steps settled and this one does not rewrite.
    fn known(&self, ready: &Ready, position: &Position) -> Vec<Formula> {
        let mut goals = ready.guards.clone();
        for (n, (known, slot)) in self.tracked.iter().zip(&self.layout.tracked).enumerate() {
            match slot.get(position) {
                1 if !ready.forgets.contains(&n) => goals.push(known.yes.clone()),
                2 if !ready.forgets.contains(&n) => goals.push(known.no.clone()),
                _ => {}
            }
        }
        goals
    }

    /// Whether a step can be taken in a position while something else holds too.
    pub(super) fn can(&self, step: usize, position: &Position, also: &[Formula]) -> Answer {
        let Some(ready) = self.steps.get(step) else { return Answer::No };
        let mut goals = self.known(ready, position);
        goals.extend(also.iter().cloned());
        self.solved(self.domains(position), goals)
    }

    fn solved(&self, domains: Domains, goals: Vec<Formula>) -> Answer {
        let answer = solve(domains, goals);
        if answer == Answer::Perhaps {
            self.gave_up.set(self.gave_up.get() + 1);
        }
        answer
    }

    /// All ways in which a step can go in a position.
    pub(super) fn branches(&self, step: usize, position: &Position) -> Vec<Branch> {
        let mut found = Vec::new();
        let Some(ready) = self.steps.get(step) else { return found };
        let domains = self.domains(position);
        let goals = self.known(ready, position);
        if !self.solved(domains.clone(), goals.clone()).possible() {
            return found;
        }
        let branch = Branch { tracks: Vec::new(), sets: Vec::new(), tracked: Vec::new() };
        self.decide(ready, position, &domains, goals, branch, 0, &mut found);
        found
    }

    /// First what the consequences depend on is decided, one tracked condition after the other.
    #[allow(clippy::too_many_arguments, reason = "one level of a search: what is fixed, what is known, what is found")]
    fn decide(
        &self,
        ready: &Ready,
        position: &Position,
        domains: &Domains,
        goals: Vec<Formula>,
        branch: Branch,
        from: usize,
        found: &mut Vec<Branch>,
    ) {
        let Some(tracked) = ready.decides.get(from).copied() else {
            return self.set(ready, position, domains, goals, branch, 0, found);
        };
        let Some((known, slot)) = self.tracked.get(tracked).zip(self.layout.tracked.get(tracked)) else { return };
        if slot.get(position) != 0 && !ready.forgets.contains(&tracked) {
            return self.decide(ready, position, domains, goals, branch, from + 1, found);
        }
        for (holds, formula) in [(true, &known.yes), (false, &known.no)] {
            let mut goals = goals.clone();
            goals.push(formula.clone());
            if self.solved(domains.clone(), goals.clone()).possible() {
                let mut branch = branch.clone();
                branch.tracked.push((tracked, holds));
                self.decide(ready, position, domains, goals, branch, from + 1, found);
            }
        }
    }

    /// Then the clocks and other slots, which see the tracks as they were.
    #[allow(clippy::too_many_arguments, reason = "one level of a search: what is fixed, what is known, what is found")]
    fn set(
        &self,
        ready: &Ready,
        position: &Position,
        domains: &Domains,
        goals: Vec<Formula>,
        branch: Branch,
        from: usize,
        found: &mut Vec<Branch>,
    ) {
        let Some(sets) = ready.sets.get(from) else {
            let mut branch = branch;
            branch.tracks.extend(ready.to.map(|to| (ready.track, to)));
            return self.enter(ready, position, domains, goals, branch, 0, found);
        };
        for (holds, goals) in self.ways(sets.when.as_ref(), domains, goals) {
            let mut branch = branch.clone();
            if holds {
                branch.sets.push(sets.slot);
            }
            self.set(ready, position, domains, goals, branch, from + 1, found);
        }
    }

    /// Last the other tracks, one after the other, each seeing what the step has brought about so far.
    #[allow(clippy::too_many_arguments, reason = "one level of a search: what is fixed, what is known, what is found")]
    fn enter(
        &self,
        ready: &Ready,
        position: &Position,
        domains: &Domains,
        goals: Vec<Formula>,
        branch: Branch,
        from: usize,
        found: &mut Vec<Branch>,
    ) {
        let Some((track, state, when)) = ready.also.get(from) else {
            if !found.contains(&branch) {
                found.push(branch);
            }
            return;
        };
        let seen = self.domains(&applied(position, &branch, ready, &self.layout));
        for (holds, goals) in self.ways_seen(when.as_ref(), &seen, domains, goals) {
            let mut branch = branch.clone();
            if holds {
                branch.tracks.push((*track, *state));
            }
            self.enter(ready, position, domains, goals, branch, from + 1, found);
        }
    }

    fn ways(&self, when: Option<&Either>, domains: &Domains, goals: Vec<Formula>) -> Vec<(bool, Vec<Formula>)> {
        self.ways_seen(when, domains, domains, goals)
    }

    /// Whether a condition holds, does not, or both are possible. `seen` settles tracks and steps done.
    fn ways_seen(
        &self,
        when: Option<&Either>,
        seen: &Domains,
        domains: &Domains,
        goals: Vec<Formula>,
    ) -> Vec<(bool, Vec<Formula>)> {
        let Some(when) = when else { return vec![(true, goals)] };
        let mut ways = Vec::new();
        for (holds, formula) in [(true, &when.yes), (false, &when.no)] {
            let mut goals = goals.clone();
            goals.push(super::solve::simplified(formula, seen));
            if self.solved(domains.clone(), goals.clone()).possible() {
                ways.push((holds, goals));
            }
        }
        ways
    }

    /// The position after a step went one way, what need not be remembered forgotten; the states of all tracks go into
    /// `states`.
    pub(super) fn after(&self, step: usize, position: &Position, branch: &Branch, states: &mut Vec<usize>) -> Position {
        let mut next = match self.steps.get(step) {
            Some(ready) => applied(position, branch, ready, &self.layout),
            None => *position,
        };
        states.clear();
        states.extend(self.layout.tracks.iter().map(|slot| slot.get(&next)));
        self.memory.forget(&mut next, states);
        next
    }

    /// The limits on the organ that a branch begins: a bit for each, in the order of the layout.
    pub(super) fn begins(&self, branch: &Branch) -> u32 {
        let running = self.layout.running.values().enumerate();
        running.filter(|(_, slot)| branch.sets.contains(slot)).fold(0, |bits, (n, _)| bits | 1 << n)
    }

    /// The state of a track in a position.
    #[inline]
    pub(super) fn state(&self, track: usize, position: &Position) -> usize {
        self.layout.tracks.get(track).map_or(0, |slot| slot.get(position))
    }
}

fn applied(position: &Position, branch: &Branch, ready: &Ready, layout: &Layout) -> Position {
    let mut next = *position;
    ready.clears.iter().for_each(|slot| slot.set(&mut next, 0));
    branch.sets.iter().for_each(|slot| slot.set(&mut next, 1));
    for (track, state) in &branch.tracks {
        layout.tracks.get(*track).into_iter().for_each(|slot| slot.set(&mut next, *state));
    }
    for forgotten in &ready.forgets {
        layout.tracked.get(*forgotten).into_iter().for_each(|slot| slot.set(&mut next, 0));
    }
    for (tracked, holds) in &branch.tracked {
        layout.tracked.get(*tracked).into_iter().for_each(|slot| slot.set(&mut next, if *holds { 1 } else { 2 }));
    }
    next
}

fn shares(known: &Either, condition: &Either) -> bool {
    let (mut a, mut b) = (BTreeSet::new(), BTreeSet::new());
    known.yes.vars(&mut a);
    condition.yes.vars(&mut b);
    !a.is_disjoint(&b)
}

fn either(space: &mut Space, procedure: &Procedure, expr: &Expr, after: bool) -> Either {
    Either { yes: space.formula(procedure, expr, true, after), no: space.formula(procedure, expr, false, after) }
}

fn place_of(procedure: &Procedure, track: &crate::id::TrackId, state: &crate::id::StateId) -> Option<(usize, usize)> {
    let at = procedure.tracks.iter().position(|known| known.id == *track)?;
    let state = procedure.tracks.get(at)?.states.iter().position(|known| known.id == *state)?;
    Some((at, state))
}

/// The conditions on fields whose truth exploration carries along, because later states or rules depend on them: those
/// that decide which states a step enters, which clocks start, and in which matters a rule holds.
fn tracked(procedure: &Procedure, space: &mut Space, layout: &mut Layout) -> Vec<Either> {
    let mut wanted: Vec<&Expr> = Vec::new();
    for step in &procedure.steps {
        step.also.iter().filter_map(|part| part.when.as_ref()).for_each(|when| pieces(when, &mut wanted));
    }
    for clock in procedure.clocks.iter().filter(|clock| layout.running.contains_key(&clock.id)) {
        clock.when.iter().for_each(|when| pieces(when, &mut wanted));
    }
    for invariant in &procedure.invariants {
        invariant.when.iter().for_each(|when| pieces(when, &mut wanted));
    }
    let mut tracked: Vec<Either> = Vec::new();
    for piece in wanted {
        let both = either(space, procedure, piece, false);
        let known = |other: &Either| other.yes == both.yes || other.yes == both.no;
        if space.is_stable(&both.yes) && !tracked.iter().any(known) {
            layout.track_condition();
            tracked.push(both);
        }
    }
    tracked
}

/// The largest parts of a condition that can be carried along by themselves.
fn pieces<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Not(inner) => pieces(inner, into),
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| pieces(part, into)),
        Expr::Atom(_) => into.push(expr),
    }
}
