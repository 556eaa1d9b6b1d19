//! Limits: each starts, can be met, waits for what it gates, and has the effect, the extension and the exclusion that the
//! law gives it — and where an organ must act, one runs.

use std::collections::BTreeSet;

use super::explore::Graph;
use super::finding::{Code, Findings, Subject};
use super::layout::binds_organ;
use super::solve::each_condition;
use crate::basis::{Basis, Grade};
use crate::clock::{Direction, Expiry, LimitKind};
use crate::id::ClockId;
use crate::procedure::guard::Atom;
use crate::procedure::{Clock, Performer, Procedure, Requirement, Step, StepKind};

/// What each clock says of itself.
pub(super) fn check(procedure: &Procedure, findings: &mut Findings<'_>) {
    let mut asked: BTreeSet<ClockId> = BTreeSet::new();
    each_condition(procedure, &mut |expr| {
        expr.atoms(&mut |atom| {
            if let Atom::Clock(clock, _) = atom {
                asked.insert(clock.clone());
            }
        });
    });
    for clock in &procedure.clocks {
        itself(clock, &asked, findings);
        settings(clock, findings);
        extensions(procedure, clock, findings);
        suspensions(procedure, clock, findings);
        expiry(procedure, clock, findings);
    }
    for step in procedure.steps.iter().filter(|step| step.by.contains(&Performer::System)) {
        let comes = |clock: &Clock| matches!(&clock.expiry, Expiry::Step(of, _) if *of == step.id);
        if !procedure.clocks.iter().any(comes) {
            findings.add(
                Code::SystemWithoutExpiry,
                Subject::Step(step.id.clone()),
                format!("步骤“{}”由系统办理，却没有期限届满使它发生", step.title),
                "在相应期限的 expires 中写明该步骤和依据",
            );
        }
    }
}

/// The step that ends an exclusion leaves the state that began it: else the matter stands still while its limit runs.
fn suspensions(procedure: &Procedure, clock: &Clock, findings: &mut Findings<'_>) {
    for left_out in &clock.suspends {
        let (begin, end) = (procedure.step(left_out.from.as_str()), procedure.step(left_out.until.as_str()));
        let (Some(begin), Some(end)) = (begin, end) else { continue };
        let entered = begin.to.as_ref().filter(|to| !begin.from.contains(to));
        if entered.is_some() && begin.track == end.track && entered == end.to.as_ref() {
            findings.add(
                Code::SuspensionNotLeft,
                Subject::Step(end.id.clone()),
                format!("“{}”恢复计算期限“{}”，却没有离开“{}”进入的状态", end.title, clock.title, begin.title),
                "在 to 中写明恢复后的状态",
            );
        }
    }
}

fn itself(clock: &Clock, asked: &BTreeSet<ClockId>, findings: &mut Findings<'_>) {
    let subject = || Subject::Clock(clock.id.clone());
    let titled = |text: &str| format!("期限“{}”（{}）{text}", clock.title, clock.basis);
    if clock.basis.grade == Grade::Statutory && clock.phrase.trim().is_empty() {
        findings.add(
            Code::ClockWithoutPhrase,
            subject(),
            titled("没有写明法条中的原词"),
            "在 phrase 中写明，如“九十日”",
        );
    }
    for (n, over) in clock.overrides.iter().enumerate() {
        if over.basis.grade == Grade::Statutory && over.phrase.trim().is_empty() {
            findings.add(
                Code::ClockWithoutPhrase,
                Subject::Override(clock.id.clone(), n),
                titled("的特别规定没有写明法条中的原词"),
                "在 phrase 中写明",
            );
        }
    }
    if clock.starts.is_empty() {
        findings.add(Code::ClockNeverStarts, subject(), titled("没有起算步骤"), "在 starts 中写明起算步骤");
    }
    if binds_organ(clock) && clock.limit.direction == Direction::Forward && clock.stops.is_empty() {
        findings.add(Code::ClockNeverStops, subject(), titled("没有步骤可以了结"), "在 stops 中写明了结这项职责的步骤");
    }
    let heeded = asked.contains(&clock.id) || matches!(clock.expiry, Expiry::Step(..));
    match clock.limit.kind {
        LimitKind::Minimum if !asked.contains(&clock.id) => findings.add(
            Code::GateUnused,
            subject(),
            titled("是最短期间，却没有条件等待它届满"),
            "在应当等待的步骤上增加条件“clock 期限 is elapsed”",
        ),
        LimitKind::Limitation if !heeded => findings.add(
            Code::LimitationUnused,
            subject(),
            titled("届满后没有条件理会它"),
            "在受它限制的步骤上增加条件，如“clock 期限 is running”",
        ),
        _ if clock.limit.direction == Direction::Backward && !asked.contains(&clock.id) => findings.add(
            Code::GateUnused,
            subject(),
            titled("是某日之前的期间，却没有条件检查它"),
            "在应当提前办理的步骤上增加条件“clock 期限 is running”",
        ),
        _ => {}
    }
}

/// What is not statutory must say why and that the county sets it.
fn settings(clock: &Clock, findings: &mut Findings<'_>) {
    if clock.configurable.is_some() {
        return;
    }
    let local = |basis: &Basis| basis.grade != Grade::Statutory;
    let what = if local(&clock.basis) {
        "不是法定期限"
    } else if clock.extends.iter().any(|extends| local(&extends.basis)) {
        "的延长不是法定的"
    } else if clock.suspends.iter().any(|left_out| local(&left_out.basis)) {
        "的扣除不是法定的"
    } else if clock.overrides.iter().any(|over| local(&over.basis)) {
        "的特别规定不是法定的"
    } else {
        return;
    };
    findings.add(
        Code::LimitNotConfigurable,
        Subject::Clock(clock.id.clone()),
        format!("期限“{}”{what}，没有写明由县设定的理由", clock.title),
        "在 configurable 中写明哪里没有法定规定、由谁核对后设定",
    );
}

fn extensions(procedure: &Procedure, clock: &Clock, findings: &mut Findings<'_>) {
    let statutory = clock.basis.grade == Grade::Statutory;
    let subject = || Subject::Clock(clock.id.clone());
    for extends in &clock.extends {
        let Some(step) = procedure.step(extends.step.as_str()) else { continue };
        if step.by.is_empty() || !step.by.iter().all(|by| matches!(by, Performer::Post(_))) {
            findings.add(
                Code::ExtensionWithoutApprover,
                Subject::Step(step.id.clone()),
                format!("“{}”延长期限“{}”，没有批准人", step.title, clock.title),
                "在 by 中写明有权批准的岗位",
            );
        }
    }
    let internal =
        clock.extends.iter().map(|extends| &extends.basis).chain(clock.suspends.iter().map(|left_out| &left_out.basis));
    if statutory && internal.into_iter().any(|basis| basis.grade == Grade::Internal) {
        findings.add(
            Code::ExclusionWithoutBasis,
            subject(),
            format!("法定期限“{}”的延长或者扣除只有内控依据", clock.title),
            "写明法律、法规、规章或者本地制度的依据；没有依据的，不得延长、扣除",
        );
    }
}

/// The step that expiry brings about is the system's, waits for the expiry, and stands on an article.
fn expiry(procedure: &Procedure, clock: &Clock, findings: &mut Findings<'_>) {
    let Expiry::Step(step, basis) = &clock.expiry else { return };
    if basis.grade != Grade::Statutory {
        findings.add(
            Code::DeemedWithoutBasis,
            Subject::Clock(clock.id.clone()),
            format!("期限“{}”届满的后果只有“{basis}”作依据", clock.title),
            "写明规定该后果的条文；没有条文的，只标记（flag）或者报送（escalate）",
        );
    }
    let Some(step) = procedure.step(step.as_str()) else { return };
    let waits = step.guards.iter().any(|guard| {
        let mut waits = false;
        guard.that.atoms(&mut |atom| waits |= matches!(atom, Atom::Clock(id, _) if *id == clock.id));
        waits
    });
    if !step.by.contains(&Performer::System) || !waits {
        let what = if waits { "没有允许系统办理" } else { "没有以期限届满为条件" };
        findings.add(
            Code::ExpiryNotSystem,
            Subject::Step(step.id.clone()),
            format!("“{}”是期限“{}”届满的后果，却{what}", step.title, clock.title),
            "在 by 中加入 system，并增加条件“clock 期限 is elapsed”或者“is expired”",
        );
    }
}

/// Whether it is a duty of the organ to take a step once it is its turn: the step answers a party, binds a party, or is
/// one that the next depends on.
fn is_duty(step: &Step) -> bool {
    let staff = step.by.iter().all(|by| matches!(by, Performer::Post(_)));
    let kind = matches!(
        step.kind,
        StepKind::Filing
            | StepKind::Notice
            | StepKind::Hearing
            | StepKind::Review
            | StepKind::DecisionAdverse
            | StepKind::DecisionFavourable
            | StepKind::Service
            | StepKind::Disclosure
    );
    staff && kind && !step.optional && !step.from.is_empty()
}

/// Whether a limit must run before a step: it is a duty, and the definition does not say why none does.
pub(super) fn needs_limit(step: &Step) -> bool {
    is_duty(step) && !step.without.contains_key(&Requirement::Clock)
}

/// Where the organ has to act, a limit runs, on every path; or the definition says why none does.
pub(super) fn duties(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    let procedure = graph.procedure();
    let running: Vec<_> = graph.model.layout.running.values().copied().collect();
    for (n, step) in procedure.steps.iter().enumerate() {
        if !needs_limit(step) {
            continue;
        }
        let free = graph.edges_of(n).find(|edge| {
            let position = graph.position(edge.from());
            running.iter().all(|slot| slot.get(&position) == 0)
        });
        if let Some(edge) = free {
            findings.add(
                Code::DutyWithoutClock,
                Subject::Step(step.id.clone()),
                format!("机关应当“{}”，这时没有期限在计算，最短路径：{}", step.title, graph.path(edge.from(), Some(n))),
                "为这项职责写明期限；法律没有规定期限的，在 without.clock 中写明理由",
            );
        }
    }
}
