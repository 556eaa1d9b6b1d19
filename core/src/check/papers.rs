//! What must reach the people concerned: adverse decisions are served, tell the way to a remedy, open its windows, and are
//! disclosed in time.

use super::explore::Graph;
use super::finding::{Code, Findings, Subject};
use crate::basis::Grade;
use crate::clock::{Duty, LimitKind};
use crate::procedure::{Clock, Procedure, Requirement, Step, StepKind};

/// Rules that need no paths.
pub(super) fn check(procedure: &Procedure, findings: &mut Findings<'_>) {
    for paper in procedure.instruments.iter().filter(|paper| paper.remedies) {
        if !(paper.body.contains("复议") || paper.body.contains("诉讼")) {
            findings.add(
                Code::RemedyTextMissing,
                Subject::Instrument(paper.id.clone()),
                format!("文书“{}”应当告知救济途径，正文没有写明行政复议、行政诉讼", paper.title),
                "在正文中写明途径和期限",
            );
        }
    }
    for step in procedure.steps.iter().filter(|step| step.kind == StepKind::DecisionAdverse) {
        if step.authority.grade != Grade::Statutory {
            findings.add(
                Code::DecisionWithoutStatute,
                Subject::Step(step.id.clone()),
                format!("不利决定“{}”的依据是“{}”，不是法律、法规、规章的条文", step.title, step.authority),
                "写明授权作出该决定的条文：法无授权不可为",
            );
        }
        windows(procedure, step, findings);
    }
    addressed(procedure, findings);
    for disclosure in &procedure.disclosures {
        let owing: Vec<&Step> =
            procedure.steps.iter().filter(|step| step.owes.iter().any(|when| when.item == disclosure.id)).collect();
        let making: Vec<&Step> =
            procedure.steps.iter().filter(|step| step.discloses.contains(&disclosure.id)).collect();
        if owing.is_empty() {
            continue;
        }
        if making.is_empty() {
            findings.add(
                Code::DisclosureNeverMade,
                Subject::Disclosure(disclosure.id.clone()),
                format!("公示事项“{}”产生后没有步骤完成", disclosure.title),
                "在公示步骤的 discloses 中写明",
            );
            continue;
        }
        for step in owing.iter().filter(|step| !step.without.contains_key(&Requirement::Deadline)) {
            let bounded = |clock: &Clock| {
                super::layout::binds_organ(clock)
                    && clock.starts.contains(&step.id)
                    && making.iter().any(|making| clock.stops.contains(&making.id))
            };
            if !procedure.clocks.iter().any(bounded) {
                findings.add(
                    Code::DisclosureWithoutDeadline,
                    Subject::Disclosure(disclosure.id.clone()),
                    format!("公示事项“{}”自“{}”产生，没有完成的期限", disclosure.title, step.title),
                    "增加从该步骤起算、由公示步骤了结的期限，或者在 without.deadline 中写明理由",
                );
            }
        }
    }
}

/// What a party's page shows is written down step by step and paper by paper; what is deliberated inside never is.
fn addressed(procedure: &Procedure, findings: &mut Findings<'_>) {
    for step in &procedure.steps {
        let papers = step.issues.iter().filter_map(|when| procedure.instrument(when.item.as_str()));
        let outward: Vec<&str> =
            papers.clone().filter(|paper| paper.is_addressed()).map(|p| p.title.as_str()).collect();
        let decides = matches!(step.kind, StepKind::DecisionAdverse | StepKind::DecisionFavourable);
        let inside = step.kind == StepKind::Review || (step.meeting && !decides);
        if inside && !(step.told.is_empty() && outward.is_empty()) {
            findings.add(
                Code::ToldInternal,
                Subject::Step(step.id.clone()),
                format!("“{}”是审核或者集体讨论，却写成告知当事人{}", step.title, outward.join("、")),
                "去掉 told 和文书的 to；结果由后面的决定告知当事人",
            );
        }
        let adverse = step.kind == StepKind::DecisionAdverse;
        for paper in papers.filter(|paper| adverse && !paper.is_addressed() && !procedure.roles.is_empty()) {
            findings.add(
                Code::DecisionToNobody,
                Subject::Instrument(paper.id.clone()),
                format!("不利决定“{}”签发的“{}”没有写明发给哪一方当事人", step.title, paper.title),
                "写明 to = [\"角色\"]",
            );
        }
    }
}

/// 行政处罚法§59: the decision states ways and limits of remedies; then somebody must count them.
fn windows(procedure: &Procedure, step: &Step, findings: &mut Findings<'_>) {
    for (statute, what) in [("行政复议法", "申请行政复议"), ("行政诉讼法", "提起行政诉讼")] {
        let opens = |clock: &Clock| {
            clock.limit.kind == LimitKind::Window
                && clock.duty == Duty::Party
                && clock.basis.source == statute
                && !clock.starts.is_empty()
        };
        if !procedure.clocks.iter().any(opens) {
            findings.add(
                Code::RemedyWindowMissing,
                Subject::Step(step.id.clone()),
                format!("不利决定“{}”之后，没有当事人{what}的期限", step.title),
                format!("增加依据《{statute}》、自送达起算的期限（kind = \"window\"，duty = \"party\"）"),
            );
        }
    }
}

/// An adverse decision does not end a matter unserved.
pub(super) fn served(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    let procedure = graph.procedure();
    let is = |step: usize, kind: StepKind| procedure.steps.get(step).is_some_and(|step| step.kind == kind);
    let serves = |step: usize| {
        procedure.steps.get(step).is_some_and(|known| {
            matches!(known.kind, StepKind::Service | StepKind::System) || known.kind == StepKind::Remedy
        })
    };
    for (n, step) in procedure.steps.iter().enumerate().filter(|(n, _)| is(*n, StepKind::DecisionAdverse)) {
        if step.outcome.is_some() || step.to.is_none() {
            continue;
        }
        // Walk on from the decision without any step of service.
        let mut seen = vec![false; graph.positions.len()];
        for edge in graph.edges_of(n) {
            seen.get_mut(edge.to()).into_iter().for_each(|slot| *slot = true);
        }
        let mut changed = true;
        while changed {
            changed = false;
            for edge in graph.edges.iter().filter(|edge| !serves(edge.step())) {
                let from = seen.get(edge.from()).copied().unwrap_or(false);
                if let Some(slot) = seen.get_mut(edge.to()).filter(|slot| from && !**slot) {
                    *slot = true;
                    changed = true;
                }
            }
        }
        let ended =
            (0..seen.len()).find(|at| seen.get(*at).copied().unwrap_or(false) && graph.ended(&graph.position(*at)));
        if let Some(at) = ended {
            findings.add(
                Code::DecisionNotServed,
                Subject::Step(step.id.clone()),
                format!("“{}”之后可以不经送达而结束，最短路径：{}", step.title, graph.path(at, None)),
                "使结束的步骤只能在送达之后办理",
            );
        }
    }
}
