//! The checker makes a [`Procedure`] a [`Checked`] one, or says what is unlawful or impossible in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Deref;

use super::guard::{Atom, Expr};
use super::model::{Procedure, Projects, Rule, Seat, Shape, Step, StepKind};
use crate::authority::Posts;
use crate::basis::Grade;
use crate::id::{StateId, StepId, TrackId};
use crate::procedure::Performer;
use crate::refusal::Catalogue;

/// A procedure that may run.
#[derive(Clone, Debug)]
pub struct Checked(Procedure);

impl Deref for Checked {
    type Target = Procedure;
    fn deref(&self) -> &Procedure {
        &self.0
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The definition cannot run.
    Error,
    /// Worth a look.
    Information,
}

/// Something the checker found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its code.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Where: the step, state or clock.
    pub at: String,
    /// What, in Chinese.
    pub explanation: String,
    /// A suggested mend, in Chinese.
    pub mend: String,
}

/// What a definition may refer to outside its own file.
pub struct Surroundings<'a> {
    /// Refusals.
    pub refusals: &'a Catalogue,
    /// Kinds of posts.
    pub posts: &'a Posts,
    /// Procedures known by id.
    pub procedures: &'a BTreeSet<String>,
    /// Tables known by id.
    pub tables: &'a BTreeSet<String>,
}

/// Checks a procedure: it, if no finding is an error, and all findings.
pub fn check(procedure: Procedure, around: &Surroundings<'_>) -> (Option<Checked>, Vec<Finding>) {
    let mut findings = Vec::new();
    references(&procedure, around, &mut findings);
    shape(&procedure, &mut findings);
    reachability(&procedure, &mut findings);
    duties(&procedure, &mut findings);
    invariants(&procedure, &mut findings);
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    ((!failed).then_some(Checked(procedure)), findings)
}

fn error(code: &'static str, at: impl Into<String>, explanation: String, mend: &str) -> Finding {
    Finding { code, severity: Severity::Error, at: at.into(), explanation, mend: mend.to_owned() }
}

/// Posts, refusals, procedures and tables that the file names must exist.
fn references(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Vec<Finding>) {
    for step in &procedure.steps {
        let posts = step.by.iter().filter_map(|p| if let Performer::Post(kind) = p { Some(kind) } else { None });
        for post in posts.chain(&step.entered_by).filter(|kind| around.posts.get(kind.as_str()).is_none()) {
            findings.push(error(
                "unknown-post",
                step.id.as_str(),
                format!("步骤“{}”所需岗位“{post}”未定义", step.title),
                "在 law/posts.toml 中定义该岗位，或改用已有岗位",
            ));
        }
        for guard in step.guards.iter().filter(|guard| !around.refusals.knows(guard.refusal.as_str())) {
            findings.push(error(
                "unknown-refusal",
                step.id.as_str(),
                format!("拒绝代码“{}”未定义", guard.refusal),
                "在 law/refusals.toml 中写明理由与下一步",
            ));
        }
        for opens in step.opens.iter().filter(|when| !around.procedures.contains(when.item.procedure.as_str())) {
            findings.push(error(
                "unknown-procedure",
                step.id.as_str(),
                format!("所启动的程序“{}”不存在", opens.item.procedure),
                "补充该程序的定义",
            ));
        }
        if let Some(officers) = step.officers.as_ref().filter(|o| !around.procedures.contains(o.credential.as_str())) {
            findings.push(error(
                "unknown-register",
                step.id.as_str(),
                format!("证件名册“{}”不存在", officers.credential),
                "补充该名册的定义",
            ));
        }
    }
    for rule in procedure.generic.values() {
        for post in rule.by.iter().filter(|kind| around.posts.get(kind.as_str()).is_none()) {
            findings.push(error(
                "unknown-post",
                "generic",
                format!("通用步骤所需岗位“{post}”未定义"),
                "在 law/posts.toml 中定义该岗位",
            ));
        }
    }
    for table in procedure.tables.iter().filter(|table| !around.tables.contains(table.as_str())) {
        findings.push(error(
            "unknown-table",
            table.as_str(),
            format!("数额表“{table}”不存在"),
            "在 law/tables/ 中补充该表",
        ));
    }
}

/// Rules of form that no single reference shows.
fn shape(procedure: &Procedure, findings: &mut Vec<Finding>) {
    if procedure.opening_steps().next().is_none() && !procedure.steps.is_empty() && procedure.shape != Shape::Procedure
    {
        findings.push(error(
            "no-opening-step",
            procedure.id.as_str(),
            "没有可以登记的步骤".to_owned(),
            "增加一个 from 为空的步骤",
        ));
    }
    let needed: &[&str] = match procedure.projects {
        Some(Projects::Place) => &["code", "name", "level"],
        Some(Projects::Organ) => &["code", "name", "short", "organ_kind"],
        Some(Projects::Person) => &["name"],
        Some(Projects::Post) => &["person", "organ", "post_kind", "valid_from"],
        Some(Projects::Credential) => &["person", "valid_from"],
        None => &[],
    };
    for field in needed.iter().filter(|field| !procedure.fields.contains_key(**field)) {
        findings.push(error("register-field", procedure.id.as_str(), format!("名册缺少字段“{field}”"), "补充该字段"));
    }
    if procedure.asks_secrecy && !procedure.fields.contains_key("secrecy") {
        findings.push(error(
            "secrecy-field",
            procedure.id.as_str(),
            "要求先问是否涉密，但没有字段“secrecy”".to_owned(),
            "增加字段 secrecy（none、work_secret、state_secret）",
        ));
    }
    if let Seat::Field(field) = &procedure.held_by {
        let opened_without = procedure.opening_steps().find(|step| !step.fill.iter().any(|when| when.item == *field));
        if let Some(step) = opened_without {
            findings.push(error(
                "holder-field",
                step.id.as_str(),
                format!("登记步骤未要求填写承办机关字段“{field}”"),
                "在 fill 中加入该字段",
            ));
        }
    }
}

/// Every state can be entered, and from every state that is not an end something leads on.
fn reachability(procedure: &Procedure, findings: &mut Vec<Finding>) {
    for track in &procedure.tracks {
        let mut entered: BTreeSet<&StateId> = BTreeSet::from([&track.initial]);
        for step in &procedure.steps {
            entered.extend(step.to.as_ref().filter(|_| step.track == track.id));
            entered.extend(step.also.iter().filter(|when| when.item.0 == track.id).map(|when| &when.item.1));
        }
        for state in &track.states {
            let left = procedure.steps.iter().any(|step| {
                let opens = step.from.is_empty() && track.initial == state.id;
                let here = step.track == track.id && (opens || step.from.contains(&state.id));
                here && (step.to.as_ref().is_some_and(|to| *to != state.id) || !step.also.is_empty())
            }) || procedure
                .steps
                .iter()
                .any(|step| step.also.iter().any(|when| when.item.0 == track.id && when.item.1 != state.id));
            if !entered.contains(&state.id) {
                findings.push(error(
                    "unreachable-state",
                    state.id.as_str(),
                    format!("状态“{}”无法到达", state.title),
                    "增加进入该状态的步骤，或删除该状态",
                ));
            }
            if !state.end && !left && procedure.shape == Shape::Procedure {
                findings.push(error(
                    "dead-end",
                    state.id.as_str(),
                    format!("状态“{}”没有出路", state.title),
                    "增加离开该状态的步骤，或标为结束状态",
                ));
            }
        }
    }
}

/// Clocks say where they stand; adverse decisions tell the remedy and are disclosed or say why not.
fn duties(procedure: &Procedure, findings: &mut Vec<Finding>) {
    for clock in &procedure.clocks {
        if clock.basis.grade == Grade::Statutory && clock.phrase.is_empty() {
            findings.push(error(
                "clock-without-phrase",
                clock.id.as_str(),
                format!("期限“{}”未写明法条中的原词", clock.title),
                "在 phrase 中写明，如“九十日”",
            ));
        }
        if clock.starts.is_empty() {
            findings.push(error(
                "clock-never-starts",
                clock.id.as_str(),
                format!("期限“{}”没有起算步骤", clock.title),
                "在 starts 中写明起算步骤",
            ));
        }
    }
    let remedied = |step: &Step| {
        step.issues
            .iter()
            .filter_map(|when| procedure.instrument(when.item.as_str()))
            .any(|instrument| instrument.remedies)
    };
    for step in procedure.steps.iter().filter(|step| step.kind == StepKind::DecisionAdverse) {
        if !remedied(step) {
            findings.push(error(
                "decision-without-remedy",
                step.id.as_str(),
                format!("不利决定“{}”没有告知救济途径的文书", step.title),
                "签发载明复议、诉讼途径和期限的文书（remedies = true）",
            ));
        }
        if step.owes.is_empty() {
            findings.push(error(
                "decision-without-disclosure",
                step.id.as_str(),
                format!("不利决定“{}”没有公示义务", step.title),
                "在 owes 中写明公示义务及其条件",
            ));
        }
    }
}

/// What exploration remembers: the state of each track, and which of the relevant steps have been done.
type Position = (Vec<StateId>, BTreeSet<StepId>);

/// Explores every path (conditions about amounts, codes and linked matters may go either way) and proves each
/// invariant, or gives the shortest path that breaks it.
fn invariants(procedure: &Procedure, findings: &mut Vec<Finding>) {
    if procedure.invariants.is_empty() {
        return;
    }
    let tracks: Vec<&TrackId> = procedure.tracks.iter().map(|track| &track.id).collect();
    let relevant = relevant_steps(procedure);
    let start: Position = (procedure.tracks.iter().map(|track| track.initial.clone()).collect(), BTreeSet::new());
    let mut came_from: BTreeMap<Position, Option<(Position, StepId)>> = BTreeMap::from([(start.clone(), None)]);
    let mut queue = VecDeque::from([start]);
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    while let Some(position) = queue.pop_front() {
        for step in procedure.steps.iter().filter(|step| enabled(step, &position, &tracks, procedure)) {
            for invariant in &procedure.invariants {
                if breaks(&invariant.rule, step, &position.1) && broken.insert(&invariant.id) {
                    let path = path_to(&position, &came_from, procedure, step);
                    findings.push(error(
                        "invariant-violated",
                        invariant.id.as_str(),
                        format!("“{}”（{}）可被违反，最短路径：{path}", invariant.text, invariant.basis),
                        "为该步骤增加前置条件",
                    ));
                }
            }
            let next = after(step, &position, &tracks, &relevant);
            if !came_from.contains_key(&next) && came_from.len() < 500_000 {
                came_from.insert(next.clone(), Some((position.clone(), step.id.clone())));
                queue.push_back(next);
            }
        }
    }
    for invariant in &procedure.invariants {
        if let Rule::Different(a, b) = &invariant.rule {
            let names = |one: &StepId, other: &StepId| {
                procedure
                    .step(one.as_str())
                    .is_some_and(|s| s.not_by.iter().any(|not| !not.of_parent && not.step == *other))
            };
            if !names(a, b) && !names(b, a) {
                findings.push(error(
                    "invariant-violated",
                    invariant.id.as_str(),
                    format!("“{}”（{}）没有由不同人员办理的约束", invariant.text, invariant.basis),
                    "在 not_by 中写明",
                ));
            }
        }
    }
}

fn relevant_steps(procedure: &Procedure) -> BTreeSet<StepId> {
    let mut steps = BTreeSet::new();
    for invariant in &procedure.invariants {
        match &invariant.rule {
            Rule::NeverBefore(a, b) | Rule::OnlyIf(a, b) | Rule::Different(a, b) | Rule::AfterAlways(a, b) => {
                steps.extend([a.clone(), b.clone()])
            }
        }
    }
    for step in &procedure.steps {
        for guard in &step.guards {
            guard.that.atoms(&mut |atom| {
                if let Atom::Done(step) = atom {
                    steps.insert(step.clone());
                }
            });
        }
    }
    steps
}

fn enabled(step: &Step, position: &Position, tracks: &[&TrackId], procedure: &Procedure) -> bool {
    let now = tracks.iter().zip(&position.0).find(|(track, _)| ***track == step.track).map(|(_, state)| state);
    let from = if step.from.is_empty() {
        procedure.track(step.track.as_str()).map(|track| &track.initial) == now
    } else {
        now.is_some_and(|now| step.from.contains(now))
    };
    from && step.guards.iter().all(|guard| may_hold(&guard.that, position, tracks) != Some(false))
}

/// Three values: certainly, certainly not, or either.
fn may_hold(expr: &Expr, position: &Position, tracks: &[&TrackId]) -> Option<bool> {
    let parts = |parts: &[Expr], stop: bool| {
        let values: Vec<Option<bool>> = parts.iter().map(|part| may_hold(part, position, tracks)).collect();
        if values.contains(&Some(stop)) {
            Some(stop)
        } else if values.contains(&None) {
            None
        } else {
            Some(!stop)
        }
    };
    match expr {
        Expr::All(all) => parts(all, false),
        Expr::Any(any) => parts(any, true),
        Expr::Not(inner) => may_hold(inner, position, tracks).map(|value| !value),
        Expr::Atom(Atom::Done(step)) => Some(position.1.contains(step)),
        Expr::Atom(Atom::Track(track, states)) => {
            tracks.iter().zip(&position.0).find(|(known, _)| **known == track).map(|(_, now)| states.contains(now))
        }
        Expr::Atom(_) => None,
    }
}

fn after(step: &Step, position: &Position, tracks: &[&TrackId], relevant: &BTreeSet<StepId>) -> Position {
    let (mut states, mut done) = position.clone();
    let moves =
        step.to.iter().map(|to| (&step.track, to)).chain(step.also.iter().map(|when| (&when.item.0, &when.item.1)));
    for (track, to) in moves {
        if let Some(slot) = tracks.iter().position(|known| *known == track).and_then(|at| states.get_mut(at)) {
            *slot = to.clone();
        }
    }
    if relevant.contains(&step.id) {
        done.insert(step.id.clone());
    }
    (states, done)
}

fn breaks(rule: &Rule, step: &Step, done: &BTreeSet<StepId>) -> bool {
    match rule {
        Rule::NeverBefore(a, b) | Rule::OnlyIf(a, b) => step.id == *a && !done.contains(b),
        Rule::AfterAlways(a, b) => {
            step.outcome.is_some() && (done.contains(a) || step.id == *a) && !done.contains(b) && step.id != *b
        }
        Rule::Different(..) => false,
    }
}

fn path_to(
    position: &Position,
    came_from: &BTreeMap<Position, Option<(Position, StepId)>>,
    procedure: &Procedure,
    last: &Step,
) -> String {
    let mut titles = vec![last.title.clone()];
    let mut at = position;
    while let Some(Some((before, step))) = came_from.get(at) {
        titles.push(procedure.step(step.as_str()).map_or_else(|| step.to_string(), |step| step.title.clone()));
        at = before;
    }
    titles.reverse();
    titles.join(" → ")
}
