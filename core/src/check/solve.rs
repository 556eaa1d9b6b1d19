//! Can these conditions hold together? Conditions become formulas over variables with finite domains: a coded field has
//! its codes, a number is split at the constants that occur, a clock has its few states, a linked matter its outcomes.
//!
//! The search is complete up to a budget; beyond it the answer is "perhaps", which the exploration reads as *may happen*
//! and counts, so that nothing passes in silence. Does not belong here: which conditions a step has.
// long because: the formulas and the search over them are one small language, read together

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ClockId, Code, EvidenceKind, FieldId, Outcome, RoleId, StepId, TableId, TrackId};
use crate::procedure::guard::{Atom, ClockTest, Comparison, Expr, Operand, OrganTest};
use crate::procedure::{FieldKind, PartyKind, Procedure, Rule};

/// What a variable stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Key {
    Track(TrackId),
    Done(StepId),
    /// The value of a coded or yes/no field; 0 is "not filled".
    Code(FieldId),
    /// Whether a list field contains a code.
    Flag(FieldId, Code),
    /// Whether a field is filled, for fields without a value variable.
    Filled(FieldId),
    /// A number, split at constants; 0 is "not filled".
    Number(FieldId),
    /// How a number compares with another field or a table.
    Against(FieldId, Result<FieldId, TableId>),
    /// How a date compares with the day of the act; another day, another value.
    AgainstDay(FieldId),
    Evidence(EvidenceKind),
    Linked(RoleId),
    LinkedOpen(RoleId),
    /// A clock before the step, or (`true`) after it.
    Clock(ClockId, bool),
    Party(RoleId, PartyKind),
    /// What the registers say of an organ in a field, under its name in the condition.
    Organ(FieldId, String),
}

impl Key {
    /// Whether only a step that writes it can change it: fields and parties, but neither time nor other matters.
    pub(super) fn stable(&self) -> bool {
        matches!(
            self,
            Self::Code(_) | Self::Flag(..) | Self::Filled(_) | Self::Number(_) | Self::Against(..) | Self::Party(..)
        )
    }

    /// Whether writing the field changes it.
    fn written_by(&self, field: &FieldId) -> bool {
        match self {
            Self::Code(own) | Self::Flag(own, _) | Self::Filled(own) | Self::Number(own) | Self::AgainstDay(own) => {
                own == field
            }
            Self::Against(own, other) => own == field || other.as_ref() == Ok(field),
            _ => false,
        }
    }
}

/// A set of values of one variable.
pub(super) type Mask = u128;

/// States of a clock, as bits of its domain.
const UNSTARTED: Mask = 1;
const RUNNING: Mask = 2;
const OVER: Mask = 4;
const OVER_BY_RECORD: Mask = 8;
const STOPPED_LATE: Mask = 16;
const STOPPED_EARLY: Mask = 32;
const CLOCK: Mask = 63;

/// How two numbers compare, as bits.
const NONE: Mask = 1;
const LESS: Mask = 2;
const EQUAL: Mask = 4;
const MORE: Mask = 8;
/// No row of the table fits: the duty that a threshold triggers arises (see `matter::evaluate`).
const CAUTIOUS: Mask = 16;

/// A formula without negation: a negated literal is the complement of its values.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Formula {
    True,
    False,
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Lit(usize, Mask),
}

impl Formula {
    pub(super) fn vars(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::True | Self::False => {}
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.vars(into)),
            Self::Lit(var, _) => drop(into.insert(*var)),
        }
    }
}

/// All variables of a procedure, with their full domains.
#[derive(Clone, Debug, Default)]
pub(super) struct Space {
    keys: Vec<Key>,
    full: Vec<Mask>,
    index: BTreeMap<Key, usize>,
    numbers: BTreeMap<FieldId, Vec<i64>>,
    outcomes: BTreeMap<RoleId, Vec<Outcome>>,
}

/// The values that each variable may still have.
pub(super) type Domains = Vec<Mask>;

/// What the search says.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Answer {
    /// It can hold, e.g. in this way.
    Yes(Domains),
    /// It cannot.
    No,
    /// The budget ran out.
    Perhaps,
}

impl Answer {
    pub(super) fn possible(&self) -> bool {
        !matches!(self, Self::No)
    }
}

impl Space {
    /// The space of a procedure; `outcomes` are the results that linked matters can have, by role.
    pub(super) fn of(procedure: &Procedure, outcomes: BTreeMap<RoleId, Vec<Outcome>>) -> Self {
        let mut space = Self { outcomes, ..Self::default() };
        each_condition_and_rule(procedure, &mut |expr| {
            expr.atoms(&mut |atom| {
                if let Atom::Compare(field, _, Operand::Number(number)) = atom {
                    space.numbers.entry(field.clone()).or_default().push(*number);
                }
            });
        });
        for numbers in space.numbers.values_mut() {
            numbers.sort_unstable();
            numbers.dedup();
        }
        for track in &procedure.tracks {
            space.var(Key::Track(track.id.clone()), full(track.states.len()));
        }
        space
    }

    /// The full domains.
    pub(super) fn domains(&self) -> Domains {
        self.full.clone()
    }

    /// The variable of a key, if any condition mentions it.
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        self.index.get(key).copied()
    }

    pub(super) fn key(&self, var: usize) -> Option<&Key> {
        self.keys.get(var)
    }

    /// Whether every variable of a formula is stable.
    pub(super) fn is_stable(&self, formula: &Formula) -> bool {
        let mut vars = BTreeSet::new();
        formula.vars(&mut vars);
        !vars.is_empty() && vars.iter().all(|var| self.key(*var).is_some_and(Key::stable))
    }

    /// Whether a formula speaks of a field or role that a step writes.
    pub(super) fn touches(&self, formula: &Formula, fields: &BTreeSet<FieldId>, roles: &BTreeSet<RoleId>) -> bool {
        let mut vars = BTreeSet::new();
        formula.vars(&mut vars);
        vars.iter().filter_map(|var| self.key(*var)).any(|key| {
            fields.iter().any(|field| key.written_by(field))
                || matches!(key, Key::Party(role, _) if roles.contains(role))
        })
    }

    pub(super) fn var(&mut self, key: Key, domain: Mask) -> usize {
        if let Some(known) = self.index.get(&key) {
            return *known;
        }
        let var = self.keys.len();
        self.keys.push(key.clone());
        self.full.push(domain);
        self.index.insert(key, var);
        var
    }

    /// A condition as a formula; `after`: seen once the step is taken.
    pub(super) fn formula(&mut self, procedure: &Procedure, expr: &Expr, holds: bool, after: bool) -> Formula {
        match (expr, holds) {
            (Expr::All(parts), true) | (Expr::Any(parts), false) => {
                Formula::All(parts.iter().map(|part| self.formula(procedure, part, holds, after)).collect())
            }
            (Expr::All(parts), false) | (Expr::Any(parts), true) => {
                Formula::Any(parts.iter().map(|part| self.formula(procedure, part, holds, after)).collect())
            }
            (Expr::Not(inner), _) => self.formula(procedure, inner, !holds, after),
            (Expr::Atom(Atom::Holds(id)), _) => match procedure.predicates.iter().find(|p| p.id == *id) {
                Some(predicate) => self.formula(procedure, &predicate.when, holds, after),
                None => Formula::False,
            },
            (Expr::Atom(Atom::Party(role, kinds)), _) => {
                let one = |kind: &PartyKind| {
                    let var = self.var(Key::Party(role.clone(), *kind), 3);
                    Formula::Lit(var, if holds { 2 } else { 1 })
                };
                let parts = kinds.iter().map(one).collect();
                if holds { Formula::Any(parts) } else { Formula::All(parts) }
            }
            (Expr::Atom(atom), _) => {
                let (var, mask) = self.literal(procedure, atom, after);
                let full = self.full.get(var).copied().unwrap_or_default();
                Formula::Lit(var, if holds { mask } else { full & !mask })
            }
        }
    }

    /// That a field is filled.
    pub(super) fn filled(&mut self, procedure: &Procedure, field: &FieldId) -> Formula {
        let (var, mask) = self.literal(procedure, &Atom::Filled(field.clone()), false);
        Formula::Lit(var, mask)
    }

    fn literal(&mut self, procedure: &Procedure, atom: &Atom, after: bool) -> (usize, Mask) {
        let yes = |space: &mut Self, key: Key| (space.var(key, 3), 2);
        match atom {
            Atom::Done(step) => yes(self, Key::Done(step.clone())),
            Atom::Evidence(kind) => yes(self, Key::Evidence(kind.clone())),
            Atom::LinkedOpen(role) => yes(self, Key::LinkedOpen(role.clone())),
            Atom::CodeHas(field, code) => yes(self, Key::Flag(field.clone(), code.clone())),
            Atom::Track(track, states) => {
                let all = procedure.track(track.as_str()).map_or(&[][..], |track| &track.states);
                let mask = bits(all.iter().map(|state| states.contains(&state.id)));
                (self.var(Key::Track(track.clone()), full(all.len())), mask)
            }
            Atom::Linked(role, wanted) => {
                let known = self.outcomes.get(role).cloned().unwrap_or_default();
                let mask = bits(known.iter().map(|outcome| wanted.contains(outcome))) << 1;
                (self.var(Key::Linked(role.clone()), full(known.len() + 1)), mask)
            }
            Atom::Clock(clock, test) => {
                let mask = match test {
                    ClockTest::Unstarted => UNSTARTED,
                    ClockTest::Running => RUNNING,
                    ClockTest::Stopped => STOPPED_EARLY | STOPPED_LATE,
                    ClockTest::Elapsed => OVER | STOPPED_LATE,
                    ClockTest::Expired => OVER | OVER_BY_RECORD,
                };
                (self.var(Key::Clock(clock.clone(), after), CLOCK), mask)
            }
            Atom::Organ(field, test) => {
                let said = match test {
                    OrganTest::Kinds(kinds) => kinds.iter().map(Code::as_str).collect::<Vec<_>>().join("|"),
                    OrganTest::Serves(functions) => {
                        let functions = functions.iter().map(Code::as_str).collect::<Vec<_>>().join("|");
                        format!("serves {functions}")
                    }
                    OrganTest::Owns(of) => format!("owns {of}"),
                };
                yes(self, Key::Organ(field.clone(), said))
            }
            Atom::CodeIn(field, codes) => {
                let known = codes_of(procedure, field);
                let mask = bits(known.iter().map(|code| codes.contains(code))) << 1;
                (self.var(Key::Code(field.clone()), full(known.len() + 1)), mask)
            }
            Atom::Filled(field) => self.filled_literal(procedure, field),
            Atom::Compare(field, comparison, operand) => self.compared(field, *comparison, operand),
            // Read through by `formula`.
            Atom::Holds(_) | Atom::Party(..) => (self.var(Key::Filled(FieldId::from("_")), 3), 0),
        }
    }

    fn filled_literal(&mut self, procedure: &Procedure, field: &FieldId) -> (usize, Mask) {
        let kind = procedure.fields.get(field).map(|field| field.kind);
        match kind {
            Some(FieldKind::Code | FieldKind::Boolean) => {
                let full = full(codes_of(procedure, field).len() + 1);
                (self.var(Key::Code(field.clone()), full), full & !1)
            }
            Some(FieldKind::Integer | FieldKind::Money | FieldKind::Date) if self.numbers.contains_key(field) => {
                let full = full(self.numbers.get(field).map_or(0, Vec::len) * 2 + 2);
                (self.var(Key::Number(field.clone()), full), full & !1)
            }
            _ => (self.var(Key::Filled(field.clone()), 3), 2),
        }
    }

    fn compared(&mut self, field: &FieldId, comparison: Comparison, operand: &Operand) -> (usize, Mask) {
        let relation = match comparison {
            Comparison::AtLeast => EQUAL | MORE,
            Comparison::AtMost => EQUAL | LESS,
            Comparison::Over => MORE,
            Comparison::Under => LESS,
            Comparison::Same => EQUAL,
        };
        match operand {
            Operand::Field(other) => {
                (self.var(Key::Against(field.clone(), Ok(other.clone())), NONE | LESS | EQUAL | MORE), relation)
            }
            Operand::Table(table) => {
                let cautious = matches!(comparison, Comparison::AtLeast | Comparison::Over);
                let full = NONE | LESS | EQUAL | MORE | CAUTIOUS;
                let mask = relation | if cautious { CAUTIOUS } else { 0 };
                (self.var(Key::Against(field.clone(), Err(table.clone())), full), mask)
            }
            Operand::Day => (self.var(Key::AgainstDay(field.clone()), NONE | LESS | EQUAL | MORE), relation),
            Operand::Number(number) => {
                // Values: 0 unfilled, then below the first constant, the first, between, the second, …, above the last.
                let numbers = self.numbers.get(field).cloned().unwrap_or_default();
                let holds = |value: usize| {
                    let at = value.checked_sub(1)?;
                    let constant = numbers.get(at / 2);
                    let order = match constant {
                        Some(constant) if at % 2 == 1 => constant.cmp(number),
                        Some(constant) if constant <= number => std::cmp::Ordering::Less,
                        _ => std::cmp::Ordering::Greater,
                    };
                    let bit = match order {
                        std::cmp::Ordering::Less => LESS,
                        std::cmp::Ordering::Equal => EQUAL,
                        std::cmp::Ordering::Greater => MORE,
                    };
                    Some(relation & bit != 0)
                };
                let size = numbers.len() * 2 + 2;
                let mask = bits((0..size).map(|value| holds(value).unwrap_or(false)));
                (self.var(Key::Number(field.clone()), full(size)), mask)
            }
        }
    }

    /// The values of a clock that has certainly not been started yet.
    pub(super) fn unstarted() -> Mask {
        UNSTARTED
    }

    /// A way in which stable conditions hold, as a Chinese phrase: “审查类型＝重大行政决策”.
    pub(super) fn describe(&self, procedure: &Procedure, domains: &Domains) -> String {
        let title =
            |field: &FieldId| procedure.fields.get(field).map_or(field.as_str(), |f| f.title.as_str()).to_owned();
        let said = self.keys.iter().zip(domains).zip(&self.full).filter(|((_, now), full)| now != full);
        let parts: Vec<String> = said
            .filter_map(|((key, now), _)| match key {
                Key::Code(field) if now.count_ones() <= 3 => {
                    let known = codes_of(procedure, field);
                    let list = procedure.fields.get(field).and_then(|field| procedure.list_of(field));
                    let name = |code: &Code| match list.and_then(|list| list.title(code.as_str())) {
                        Some(title) => title.to_owned(),
                        None => if code.as_str() == "yes" { "是" } else { "否" }.to_owned(),
                    };
                    let mut names: Vec<String> = if now & 1 == 1 { vec!["未填写".to_owned()] } else { Vec::new() };
                    names.extend(
                        known.iter().enumerate().filter(|(n, _)| now >> (n + 1) & 1 == 1).map(|(_, c)| name(c)),
                    );
                    Some(format!("{}＝{}", title(field), names.join("或")))
                }
                Key::Flag(field, code) => {
                    let list = procedure.fields.get(field).and_then(|field| procedure.list_of(field));
                    let code = list.and_then(|list| list.title(code.as_str())).unwrap_or(code.as_str());
                    Some(format!("{}{}{code}", title(field), if *now == 2 { "含" } else { "不含" }))
                }
                _ => None,
            })
            .take(6)
            .collect();
        if parts.is_empty() { String::new() } else { format!("（{}）", parts.join("，")) }
    }
}

/// The codes that a coded or yes/no field can have.
fn codes_of(procedure: &Procedure, field: &FieldId) -> Vec<Code> {
    match procedure.fields.get(field).and_then(|field| procedure.list_of(field)) {
        Some(list) => list.items.iter().map(|(code, _)| code.clone()).collect(),
        None => vec!["yes".into(), "no".into()],
    }
}

/// Every condition of a procedure that decides anything; the invariants only speak of them.
pub(super) fn each_condition<'a>(procedure: &'a Procedure, visit: &mut dyn FnMut(&'a Expr)) {
    procedure.predicates.iter().for_each(|predicate| visit(&predicate.when));
    for clock in &procedure.clocks {
        clock.when.iter().for_each(&mut *visit);
        clock.overrides.iter().for_each(|over| visit(&over.when));
    }
    for step in &procedure.steps {
        step.guards.iter().for_each(|guard| visit(&guard.that));
        let parts = step.also.iter().filter_map(|part| part.when.as_ref());
        let parts = parts.chain(step.fill.iter().filter_map(|part| part.when.as_ref()));
        let parts = parts.chain(step.evidence.iter().filter_map(|part| part.when.as_ref()));
        let parts = parts.chain(step.opens.iter().filter_map(|part| part.when.as_ref()));
        let parts = parts.chain(step.issues.iter().filter_map(|part| part.when.as_ref()));
        parts.chain(step.owes.iter().filter_map(|part| part.when.as_ref())).for_each(&mut *visit);
    }
}

/// Every condition, and those of the invariants: what exploration must be able to tell.
pub(super) fn each_condition_and_rule<'a>(procedure: &'a Procedure, visit: &mut dyn FnMut(&'a Expr)) {
    each_condition(procedure, visit);
    for invariant in &procedure.invariants {
        invariant.when.iter().for_each(&mut *visit);
        if let Rule::NeverWhen(_, condition) = &invariant.rule {
            visit(condition);
        }
    }
}

fn full(size: usize) -> Mask {
    if size >= 128 { Mask::MAX } else { (1 << size) - 1 }
}

fn bits(values: impl Iterator<Item = bool>) -> Mask {
    values.take(128).enumerate().filter(|(_, yes)| *yes).fold(0, |mask, (n, _)| mask | 1 << n)
}

/// Whether all formulas can hold within the domains.
pub(super) fn solve(domains: Domains, goals: Vec<Formula>) -> Answer {
    let mut budget = 20_000_u32;
    search(domains, goals, &mut budget)
}

fn search(mut domains: Domains, mut goals: Vec<Formula>, budget: &mut u32) -> Answer {
    *budget = match budget.checked_sub(1) {
        Some(left) => left,
        None => return Answer::Perhaps,
    };
    loop {
        let mut open = Vec::new();
        let mut narrowed = false;
        for goal in goals {
            if !assume(simplified(&goal, &domains), &mut domains, &mut open, &mut narrowed) {
                return Answer::No;
            }
        }
        goals = open;
        if !narrowed {
            break;
        }
    }
    let mut perhaps = false;
    for mut part in components(goals) {
        // The newest goal first: it is what is asked, and what is asked usually contradicts something known at once.
        if part.is_empty() {
            continue;
        }
        let choices = part.remove(0);
        let Formula::Any(choices) = choices else { continue };
        let mut found = None;
        for choice in choices {
            let mut goals = part.clone();
            goals.push(choice);
            match search(domains.clone(), goals, budget) {
                Answer::Yes(narrower) => {
                    found = Some(narrower);
                    break;
                }
                Answer::No => {}
                Answer::Perhaps => perhaps = true,
            }
        }
        match found {
            Some(narrower) => domains = narrower,
            None if perhaps => return Answer::Perhaps,
            None => return Answer::No,
        }
    }
    Answer::Yes(domains)
}

/// Takes a simplified formula as true: literals narrow domains, choices stay open. False if nothing is left.
fn assume(goal: Formula, domains: &mut Domains, open: &mut Vec<Formula>, narrowed: &mut bool) -> bool {
    match goal {
        Formula::True => true,
        Formula::False => false,
        Formula::All(parts) => parts.into_iter().all(|part| assume(part, domains, open, narrowed)),
        Formula::Lit(var, mask) => domains.get_mut(var).is_some_and(|domain| {
            *narrowed |= *domain & mask != *domain;
            *domain &= mask;
            *domain != 0
        }),
        any => {
            open.push(any);
            true
        }
    }
}

/// A formula as far as the domains decide it.
pub(super) fn simplified(formula: &Formula, domains: &Domains) -> Formula {
    match formula {
        Formula::True => Formula::True,
        Formula::False => Formula::False,
        Formula::Lit(var, mask) => match domains.get(*var) {
            Some(domain) if domain & mask == 0 => Formula::False,
            Some(domain) if domain & !mask == 0 => Formula::True,
            _ => formula.clone(),
        },
        Formula::All(parts) => {
            let mut kept = Vec::new();
            for part in parts {
                match simplified(part, domains) {
                    Formula::True => {}
                    Formula::False => return Formula::False,
                    Formula::All(inner) => kept.extend(inner),
                    other => kept.push(other),
                }
            }
            single(kept, Formula::True, Formula::All)
        }
        Formula::Any(parts) => {
            let mut kept = Vec::new();
            for part in parts {
                match simplified(part, domains) {
                    Formula::False => {}
                    Formula::True => return Formula::True,
                    Formula::Any(inner) => kept.extend(inner),
                    other => kept.push(other),
                }
            }
            single(kept, Formula::False, Formula::Any)
        }
    }
}

fn single(mut parts: Vec<Formula>, none: Formula, many: fn(Vec<Formula>) -> Formula) -> Formula {
    if parts.len() > 1 { many(parts) } else { parts.pop().unwrap_or(none) }
}

/// Goals that share no variable are independent. In each group the newest goal stands first.
fn components(goals: Vec<Formula>) -> Vec<Vec<Formula>> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Formula>)> = Vec::new();
    for goal in goals {
        let mut vars = BTreeSet::new();
        goal.vars(&mut vars);
        let mut merged = (vars, vec![goal]);
        let mut apart = Vec::new();
        for group in groups {
            if group.0.is_disjoint(&merged.0) {
                apart.push(group);
            } else {
                merged.0.extend(group.0);
                merged.1.extend(group.1);
            }
        }
        apart.push(merged);
        groups = apart;
    }
    groups.into_iter().map(|(_, goals)| goals).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lit(var: usize, mask: Mask) -> Formula {
        Formula::Lit(var, mask)
    }

    #[test]
    fn contradictions_are_found_and_answers_fit() {
        // (a or b) and not a and (not b or c)
        let goals = vec![Formula::Any(vec![lit(0, 2), lit(1, 2)]), lit(0, 1), Formula::Any(vec![lit(1, 1), lit(2, 2)])];
        assert_eq!(solve(vec![3, 3, 3], goals.clone()), Answer::Yes(vec![1, 2, 2]));
        let mut impossible = goals;
        impossible.push(lit(2, 1));
        assert_eq!(solve(vec![3, 3, 3], impossible), Answer::No);
    }

    #[test]
    fn many_independent_choices_cost_no_more_than_their_number() {
        let mut goals: Vec<Formula> = (0..40).map(|n| Formula::Any(vec![lit(2 * n, 2), lit(2 * n + 1, 2)])).collect();
        goals.push(Formula::Any(vec![lit(80, 2), lit(81, 2)]));
        goals.push(Formula::Any(vec![lit(80, 1), lit(81, 2)]));
        goals.push(Formula::Any(vec![lit(80, 2), lit(81, 1)]));
        goals.push(Formula::Any(vec![lit(80, 1), lit(81, 1)]));
        assert_eq!(solve(vec![3; 82], goals), Answer::No);
    }
}
