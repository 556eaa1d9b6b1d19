//! Can it be lived through? States that nothing leads to, positions that nothing leads out of, steps that can never be
//! taken, limits that nothing can end any more — on the explored paths, with every condition taken into account.

use std::collections::BTreeSet;

use super::explore::Graph;
use super::finding::{Code, Findings, Subject};
use super::layout::binds_organ;
use crate::procedure::{Procedure, Projects, Seat, Shape};

/// Rules of form that no single reference shows.
pub(super) fn form(procedure: &Procedure, opened_by_others: bool, findings: &mut Findings<'_>) {
    if procedure.opening_steps().next().is_none() && !opened_by_others && !procedure.steps.is_empty() {
        findings.add(
            Code::NoOpening,
            Subject::Procedure,
            "没有可以登记的步骤，也没有其他程序启动它",
            "增加一个 from 为空的步骤，或者由其他程序的步骤启动（open）",
        );
    }
    let needed: &[&str] = match procedure.projects {
        Some(Projects::Place) => &["code", "name", "level"],
        Some(Projects::Organ) => &["code", "name", "short", "organ_kind"],
        Some(Projects::Person) => &["name"],
        Some(Projects::Post) => &["person", "organ", "post_kind", "valid_from"],
        Some(Projects::Credential) => &["person", "valid_from"],
        Some(Projects::Power) => &["code", "name", "power_kind", "domain", "organ", "valid_from"],
        Some(Projects::Delegation) => {
            &["delegation_kind", "from_organ", "to_organ", "power_kind", "domain", "valid_from", "published_on"]
        }
        None => &[],
    };
    for field in needed.iter().filter(|field| !procedure.fields.contains_key(**field)) {
        findings.add(Code::RegisterField, Subject::Procedure, format!("名册缺少字段“{field}”"), "补充该字段");
    }
    if procedure.asks_secrecy && !procedure.fields.contains_key("secrecy") {
        findings.add(
            Code::SecrecyField,
            Subject::Procedure,
            "要求先问是否涉密，但没有字段“secrecy”",
            "增加字段 secrecy（none、work_secret、state_secret）",
        );
    }
    if let Seat::Field(field) = &procedure.held_by {
        let opened_without = procedure.opening_steps().find(|step| !step.fill.iter().any(|when| when.item == *field));
        if let Some(step) = opened_without {
            findings.add(
                Code::HolderField,
                Subject::Step(step.id.clone()),
                format!("登记步骤未要求填写承办机关字段“{field}”"),
                "在 fill 中加入该字段",
            );
        }
    }
}

/// Everything that the explored paths show about states and steps.
pub(super) fn paths(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    if !graph.complete {
        findings.add(
            Code::ExplorationBound,
            Subject::Procedure,
            format!("探索到 {} 个位置仍未完成：规则没有证明", graph.positions.len()),
            "把程序拆成几个互相关联的程序，或者减少并行的线",
        );
        return;
    }
    unreachable(graph, findings);
    never_taken(graph, findings);
    stuck(graph, findings);
    unstoppable(graph, findings);
}

fn unreachable(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    for (n, track) in graph.procedure().tracks.iter().enumerate() {
        for (_, state) in track.states.iter().enumerate().filter(|(at, _)| !graph.enters(n, *at)) {
            findings.add(
                Code::UnreachableState,
                Subject::State(track.id.clone(), state.id.clone()),
                format!("状态“{}”（{}）无法到达", state.title, track.title),
                "增加进入该状态的步骤，改正步骤的条件，或者删除该状态",
            );
        }
    }
}

fn never_taken(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    for (_, step) in graph.procedure().steps.iter().enumerate().filter(|(n, _)| !graph.takes(*n)) {
        findings.add(
            Code::StepNeverTaken,
            Subject::Step(step.id.clone()),
            format!("步骤“{}”永远不能办理：它所在的状态到不了，或者条件互相矛盾", step.title),
            "改正 from、guard，或者删除该步骤",
        );
    }
}

/// Positions from which a track that has not ended can never end: dead ends, and livelocks where steps go round.
fn stuck(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    let procedure = graph.procedure();
    if procedure.shape == Shape::Register {
        return;
    }
    for (n, track) in procedure.tracks.iter().enumerate() {
        let can_end = graph.can_reach(|position| graph.track_ended(n, position), |_| false);
        let mut told = BTreeSet::new();
        for (at, position) in graph.positions.iter().enumerate() {
            if can_end.get(at).copied().unwrap_or(true) {
                continue;
            }
            let state = graph.model.state(n, position);
            let Some(state) = track.states.get(state).filter(|state| told.insert(state.id.clone())) else { continue };
            let moves = |edge: &&super::explore::Edge| {
                edge.from() == at && procedure.steps.get(edge.step()).is_some_and(|step| step.track == track.id)
            };
            let turning = graph.edges.iter().find(moves);
            let path = graph.path(at, None);
            let subject = Subject::State(track.id.clone(), state.id.clone());
            let where_ = format!("状态“{}”（{}）", state.title, track.title);
            match turning {
                None => findings.add(
                    Code::DeadEnd,
                    subject,
                    format!("{where_}没有出路，最短路径：{path}"),
                    "增加离开该状态的步骤，由结束事项的步骤用 also 一并结束这条线，或者标为结束状态",
                ),
                Some(_) => findings.add(
                    Code::Livelock,
                    subject,
                    format!("{where_}之后步骤可以反复办理，但再也不能结束，最短路径：{path}"),
                    "增加通向结束状态的步骤，或者改正条件",
                ),
            }
        }
    }
}

/// A limit on the organ that runs on although nothing can end it any more.
fn unstoppable(graph: &Graph<'_, '_>, findings: &mut Findings<'_>) {
    let procedure = graph.procedure();
    for clock in procedure.clocks.iter().filter(|clock| binds_organ(clock) && !clock.stops.is_empty()) {
        let Some(limit) = graph.model.layout.running.keys().position(|known| *known == clock.id) else { continue };
        let stops: BTreeSet<usize> = stops_of(procedure, clock);
        let runs = graph.running(limit, |edge| stops.contains(&edge.step()));
        let can_stop = graph.can_reach(|_| false, |edge| stops.contains(&edge.step()));
        let lost = runs.iter().zip(&can_stop).position(|(runs, can)| runs.is_some() && !can);
        if let Some(at) = lost {
            findings.add(
                Code::ClockCannotStop,
                Subject::Clock(clock.id.clone()),
                format!(
                    "期限“{}”（{}）还在计算，却没有步骤可以了结，最短路径：{}",
                    clock.title,
                    clock.basis,
                    graph.path_running(limit, &runs, at)
                ),
                "把了结这项职责的步骤写入 stops",
            );
        }
    }
}

/// The steps that stop a clock, by their place.
pub(super) fn stops_of(procedure: &Procedure, clock: &crate::procedure::Clock) -> BTreeSet<usize> {
    procedure.steps.iter().enumerate().filter(|(_, step)| clock.stops.contains(&step.id)).map(|(n, _)| n).collect()
}
