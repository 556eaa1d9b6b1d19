//! Rules that must hold on every path: proved on all explored positions, or broken with the shortest path and the article.

use std::collections::BTreeSet;

use super::explore::{Edge, Graph};
use super::finding::{Code, Findings, Subject};
use super::layout::Position;
use super::model::Model;
use super::solve::{Answer, Formula};
use crate::id::StepId;
use crate::procedure::words::Words;
use crate::procedure::{Invariant, Performer, Procedure, Rule, Step};

/// What was proved of an invariant, and on how much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The invariant's id.
    pub invariant: String,
    /// In how many positions it was looked at.
    pub positions: usize,
    /// Over how many transitions between them.
    pub transitions: usize,
}

/// In which case a rule is looked at: what must hold then, and on which bits of a position that depends.
type Case = (Vec<Formula>, Position);

/// How a rule is broken.
struct Broken {
    /// The shortest path, where the rule speaks of paths.
    path: Option<String>,
    mend: &'static str,
}

/// The conditions that invariants bring along, compiled before exploration begins.
pub(super) struct Conditions(Vec<Case>);

impl Conditions {
    /// For each invariant, what must hold at its step for it to be broken there.
    pub(super) fn of(model: &mut Model<'_>) -> Self {
        let procedure = model.procedure;
        let conditions = procedure.invariants.iter().map(|invariant| {
            let mut goals: Vec<Formula> = invariant.when.iter().map(|when| model.either(when, false).yes).collect();
            if let Rule::NeverWhen(_, condition) = &invariant.rule {
                goals.push(model.either(condition, false).yes);
            }
            let mask = model.bits_of(&goals);
            (goals, mask)
        });
        Self(conditions.collect())
    }
}

/// Checks every invariant.
pub(super) fn check(graph: &Graph<'_, '_>, conditions: &Conditions, findings: &mut Findings<'_>) {
    let procedure = graph.procedure();
    for (n, invariant) in procedure.invariants.iter().enumerate() {
        let none = (Vec::new(), [0; 4]);
        let case = conditions.0.get(n).unwrap_or(&none);
        if let Some(broken) = broken(graph, n, invariant, case) {
            let how = broken.path.map_or("没有做到".to_owned(), |path| format!("可被违反，最短路径：{path}"));
            findings.add(
                Code::InvariantViolated,
                Subject::Invariant(invariant.id.clone()),
                format!("“{}”（{}）{how}", Words::alone(procedure).rule(invariant), invariant.basis),
                broken.mend,
            );
        }
        let first = first_step(&invariant.rule);
        let idle = procedure.steps.iter().position(|step| step.id == *first).is_none_or(|step| !graph.takes(step));
        if idle && graph.complete {
            findings.add(
                Code::InvariantIdle,
                Subject::Invariant(invariant.id.clone()),
                format!("规则所说的步骤“{first}”永远不会办理"),
                "改正步骤，或者删除该规则",
            );
        }
    }
}

pub(super) fn first_step(rule: &Rule) -> &StepId {
    match rule {
        Rule::NeverBefore(a, _) | Rule::NeverWhen(a, _) | Rule::OnlyIf(a, _) | Rule::Different(a, _) => a,
        Rule::DifferentFromParent(a, _) | Rule::AfterAlways(a, ..) | Rule::OnlyBy(a, _) | Rule::Officers(a, _) => a,
        Rule::Prolongs(a, _) | Rule::Suspends(a, ..) | Rule::UnderPower(a, _) => a,
    }
}

fn broken(graph: &Graph<'_, '_>, n: usize, invariant: &Invariant, case: &Case) -> Option<Broken> {
    let procedure = graph.procedure();
    let flat = |holds: bool, mend: &'static str| (!holds).then_some(Broken { path: None, mend });
    match &invariant.rule {
        Rule::NeverBefore(a, b) => before(graph, a, std::slice::from_ref(b), case),
        Rule::OnlyIf(a, b) => before(graph, a, b, case),
        Rule::NeverWhen(a, _) => excluded(graph, a, case),
        Rule::Different(a, b) => different(graph, a, b),
        Rule::DifferentFromParent(a, b) => {
            let kept = |step: &Step| step.not_by.iter().any(|not| not.of_parent && not.step == *b);
            flat(procedure.step(a.as_str()).is_some_and(kept), "在 not_by 中写明 parent.步骤 和依据")
        }
        // Where a clock is named, it runs from the one to the others, and that it can always be met is proved of every
        // clock (`structure`).
        Rule::AfterAlways(a, then, Some(clock)) => {
            flat(runs_between(procedure, clock.as_str(), a, then), "让该期限从前一步骤起算，恰由所列的步骤了结")
        }
        Rule::AfterAlways(_, then, None) => after(graph, n, then),
        Rule::OnlyBy(a, posts) => {
            let named = |by: &Performer| matches!(by, Performer::Post(post) if posts.contains(post));
            let kept = |step: &Step| !step.by.is_empty() && step.by.iter().all(named);
            flat(procedure.step(a.as_str()).is_some_and(kept), "在 by 中只写规定的岗位")
        }
        Rule::Officers(a, least) => {
            let kept = |step: &Step| step.officers.as_ref().is_some_and(|officers| officers.min >= *least);
            flat(procedure.step(a.as_str()).is_some_and(kept), "在 officers 中写明人数、证件名册和依据")
        }
        Rule::UnderPower(a, field) => {
            let kept = |step: &Step| step.power.as_ref().is_some_and(|power| power.field == *field);
            flat(procedure.step(a.as_str()).is_some_and(kept), "在 power 中写明职权栏目和依据")
        }
        Rule::Prolongs(a, clock) => {
            let clock = procedure.clock(clock.as_str());
            flat(
                clock.is_some_and(|c| c.extends.iter().any(|e| e.step == *a)),
                "在期限的 extend 中写明该步骤、日数和依据",
            )
        }
        Rule::Suspends(a, clock, b) => {
            let clock = procedure.clock(clock.as_str());
            let kept =
                clock.is_some_and(|c| c.suspends.iter().any(|left_out| left_out.from == *a && left_out.until == *b));
            flat(kept, "在期限的 suspend 中写明起止步骤和依据")
        }
    }
}

fn runs_between(procedure: &Procedure, clock: &str, from: &StepId, then: &[StepId]) -> bool {
    procedure.clock(clock).is_some_and(|clock| {
        let begins = clock.starts.contains(from) || clock.restarts.contains(from);
        let ends: BTreeSet<&StepId> = clock.stops.iter().collect();
        begins && super::layout::binds_organ(clock) && ends == then.iter().collect()
    })
}

fn index(procedure: &Procedure, step: &StepId) -> Option<usize> {
    procedure.steps.iter().position(|known| known.id == *step)
}

/// `a` in a position where none of `b` has been done.
fn before(graph: &Graph<'_, '_>, a: &StepId, b: &[StepId], case: &Case) -> Option<Broken> {
    let step = index(graph.procedure(), a)?;
    let missing = |edge: &Edge| {
        let position = graph.position(edge.from());
        b.iter().all(|b| graph.model.layout.done.get(b).is_none_or(|slot| slot.get(&position) == 0))
    };
    violated(graph, step, case, missing, "为该步骤增加前置条件（guard），或者改正它的 from")
}

/// `a` in a position where the condition can hold.
fn excluded(graph: &Graph<'_, '_>, a: &StepId, case: &Case) -> Option<Broken> {
    let step = index(graph.procedure(), a)?;
    violated(graph, step, case, |_| true, "为该步骤写明排除这种情形的条件（guard）")
}

fn violated(
    graph: &Graph<'_, '_>,
    step: usize,
    (goals, mask): &Case,
    suspect: impl Fn(&Edge) -> bool,
    mend: &'static str,
) -> Option<Broken> {
    let mut seen = BTreeSet::new();
    for edge in graph.edges_of(step).filter(suspect) {
        let position = graph.position(edge.from());
        if goals.is_empty() {
            return Some(Broken { path: Some(graph.path(edge.from(), Some(step))), mend });
        }
        if !seen.insert(graph.model.view_with(step, mask, &position)) {
            continue;
        }
        match graph.model.can(step, &position, goals) {
            Answer::No => {}
            Answer::Perhaps => return Some(Broken { path: Some(graph.path(edge.from(), Some(step))), mend }),
            Answer::Yes(domains) => {
                let how = graph.model.space.describe(graph.procedure(), &domains);
                return Some(Broken { path: Some(format!("{}{how}", graph.path(edge.from(), Some(step)))), mend });
            }
        }
    }
    None
}

/// Two steps by different persons: whichever comes later must look at the earlier one.
fn different(graph: &Graph<'_, '_>, a: &StepId, b: &StepId) -> Option<Broken> {
    let procedure = graph.procedure();
    let looks = |later: &StepId, earlier: &StepId| {
        procedure
            .step(later.as_str())
            .is_some_and(|step| step.not_by.iter().any(|not| !not.of_parent && not.step == *earlier))
    };
    [(a, b), (b, a)].into_iter().filter(|(later, earlier)| !looks(later, earlier)).find_map(|(later, earlier)| {
        let step = index(procedure, later)?;
        let slot = *graph.model.layout.done.get(earlier)?;
        let follows = |edge: &Edge| slot.get(&graph.position(edge.from())) == 1;
        violated(graph, step, &(Vec::new(), [0; 4]), follows, "在后一步骤的 not_by 中写明前一步骤和依据")
    })
}

/// What must follow and does not: the matter ends first, or it has become impossible.
fn after(graph: &Graph<'_, '_>, n: usize, then: &[StepId]) -> Option<Broken> {
    let procedure = graph.procedure();
    let slot = *graph.model.layout.pending.get(&n)?;
    let mend = "让前一步骤之后的每一条路径都经过后一步骤，或者为结束的步骤增加条件";
    let outcome = |edge: &&Edge| {
        let ends =
            procedure.steps.get(edge.step()).is_some_and(|step| step.outcome.is_some() && !then.contains(&step.id));
        ends && slot.get(&graph.position(edge.from())) == 1
    };
    if let Some(edge) = graph.edges.iter().find(outcome) {
        return Some(Broken { path: Some(graph.path(edge.from(), Some(edge.step()))), mend });
    }
    let steps: BTreeSet<usize> = then.iter().filter_map(|step| index(procedure, step)).collect();
    let can = graph.can_reach(|position| slot.get(position) == 0, |edge| steps.contains(&edge.step()));
    let lost = (0..graph.positions.len()).find(|at| {
        let position = graph.position(*at);
        slot.get(&position) == 1 && (graph.ended(&position) || !can.get(*at).copied().unwrap_or(false))
    })?;
    Some(Broken { path: Some(graph.path(lost, None)), mend })
}
