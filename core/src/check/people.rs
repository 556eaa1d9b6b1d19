//! Who: an organ with the power for what burdens, officers with certificates where evidence is taken, reviewers who are not the drafters, separation alike in every
//! alternative, and how many people an organ needs for it.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Code, Findings, Subject};
use crate::basis::Grade;
use crate::id::StepId;
use crate::procedure::{Part, Performer, Procedure, Requirement, Seat, Step, StepKind};

/// Looks at every step.
pub(super) fn check(procedure: &Procedure, findings: &mut Findings<'_>) {
    for step in &procedure.steps {
        officers(procedure, step, findings);
        power(procedure, step, findings);
        reviewer(procedure, step, findings);
    }
    uneven(procedure, findings);
    staffing(procedure, findings);
}

/// 行政处罚法§42: at least two officers, with certificates; the number stands in the article.
fn officers(procedure: &Procedure, step: &Step, findings: &mut Findings<'_>) {
    let subject = || Subject::Step(step.id.clone());
    let Some(officers) = &step.officers else {
        let investigates = step.kind == StepKind::Investigation && procedure.part == Part::Enforcement;
        if investigates && !step.without.contains_key(&Requirement::Officers) {
            findings.add(
                Code::OfficersMissing,
                subject(),
                format!("执法步骤“{}”没有要求持证人员在场", step.title),
                "在 officers 中写明人数、证件名册、原词和依据，或者在 without.officers 中写明理由",
            );
        }
        return;
    };
    if officers.basis.grade != Grade::Statutory {
        return;
    }
    let said = persons(&officers.phrase);
    let wrong = if officers.phrase.trim().is_empty() {
        "没有写明法条中的原词".to_owned()
    } else if said.is_some_and(|said| said != u32::from(officers.min)) {
        format!("要求{}人，原词是“{}”", officers.min, officers.phrase)
    } else {
        return;
    };
    findings.add(
        Code::OfficersPhrase,
        subject(),
        format!("步骤“{}”在场人员的依据是{}，{wrong}", step.title, officers.basis),
        "在 officers 的 phrase 中照抄原词，min 与它一致",
    );
}

/// 行政处罚法§17: within the organ's powers. A burdening decision of an enforcement procedure looks its power up.
fn power(procedure: &Procedure, step: &Step, findings: &mut Findings<'_>) {
    let burdens = step.kind == StepKind::DecisionAdverse && procedure.part == Part::Enforcement;
    if burdens && step.power.is_none() && !step.without.contains_key(&Requirement::Power) {
        findings.add(
            Code::PowerMissing,
            Subject::Step(step.id.clone()),
            format!("“{}”没有核对本机关当日有没有这项职权", step.title),
            "在 power 中写明职权栏目、种类、执法领域和依据，或者在 without.power 中写明理由",
        );
    }
}

/// 不得少于两人, 2名以上 → 2.
fn persons(phrase: &str) -> Option<u32> {
    let at = phrase.find(['人', '名'])?;
    let before: Vec<char> = phrase.get(..at)?.chars().rev().take_while(|c| crate::numeral::is_numeral(*c)).collect();
    crate::numeral::read_number(&before.into_iter().rev().collect::<String>())
}

/// A review is by another person than the draft: it names at least one step, or says why not.
fn reviewer(procedure: &Procedure, step: &Step, findings: &mut Findings<'_>) {
    let judged = match step.kind {
        StepKind::Review => !step.meeting,
        StepKind::DecisionAdverse => true,
        _ => false,
    };
    let staff = step.by.iter().any(|by| matches!(by, Performer::Post(_)));
    let alone = step.from.is_empty() || procedure.steps.len() < 2;
    if judged && staff && !alone && step.not_by.is_empty() && !step.without.contains_key(&Requirement::Separation) {
        findings.add(
            Code::ReviewerMayBeDrafter,
            Subject::Step(step.id.clone()),
            format!("“{}”可以由起草、调查的人员自己办理", step.title),
            "在 not_by 中写明起草、调查的步骤和依据，或者在 without.separation 中写明理由",
        );
    }
}

/// Alternatives at one place — the several conclusions of a review, the several decisions on a case — demand the same
/// separation, or it could be evaded by choosing another.
fn uneven(procedure: &Procedure, findings: &mut Findings<'_>) {
    let class = |step: &Step| match step.kind {
        StepKind::Review if !step.meeting => Some(1),
        StepKind::DecisionAdverse | StepKind::DecisionFavourable => Some(2),
        StepKind::Hearing => Some(3),
        _ => None,
    };
    let looks: BTreeMap<&StepId, BTreeSet<(bool, &StepId)>> = procedure
        .steps
        .iter()
        .map(|step| (&step.id, step.not_by.iter().map(|not| (not.of_parent, &not.step)).collect()))
        .collect();
    for step in procedure.steps.iter().filter(|step| step.to.is_some()) {
        if class(step).is_none() || step.without.contains_key(&Requirement::Separation) {
            continue;
        }
        let alternative = |other: &&Step| {
            other.id != step.id
                && class(other) == class(step)
                && other.track == step.track
                && other.to.is_some()
                && other.from.iter().any(|state| step.from.contains(state))
        };
        let own = looks.get(&step.id);
        let missing = procedure.steps.iter().filter(alternative).find_map(|other| {
            let theirs = looks.get(&other.id)?;
            let lacking = theirs.iter().find(|not| own.is_none_or(|own| !own.contains(not)) && not.1 != &step.id)?;
            Some((other, lacking.1))
        });
        if let Some((other, lacking)) = missing {
            let earlier = procedure.step(lacking.as_str()).map_or(lacking.as_str(), |step| step.title.as_str());
            findings.add(
                Code::SeparationUneven,
                Subject::Step(step.id.clone()),
                format!("“{}”须由“{earlier}”以外的人员办理，同一处的“{}”却没有这样要求", other.title, step.title),
                "在 not_by 中写明同样的要求，或者在 without.separation 中写明理由",
            );
        }
    }
}

/// How many different people an organ that holds the matter needs: the officers of a step, and those who may be none of
/// them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// At least so many persons.
    pub persons: usize,
    /// Because these steps, in the organ, exclude each other: titles, with how many persons each takes.
    pub because: Vec<(String, usize)>,
}

/// The largest group of steps of the holding organ each of which excludes the persons of all others.
pub fn need(procedure: &Procedure) -> Need {
    let inside: Vec<&Step> = procedure
        .steps
        .iter()
        .filter(|step| {
            matches!(step.at, Seat::Holding | Seat::Own) && step.by.iter().any(|by| matches!(by, Performer::Post(_)))
        })
        .collect();
    let excludes = |a: &Step, b: &Step| {
        let names = |a: &Step, b: &Step| a.not_by.iter().any(|not| !not.of_parent && not.step == b.id);
        names(a, b) || names(b, a)
    };
    let weight = |step: &Step| step.officers.as_ref().map_or(1, |officers| usize::from(officers.min).max(1));
    let mut best: Vec<&Step> = Vec::new();
    let total = |group: &[&Step]| group.iter().map(|step| weight(step)).sum::<usize>();
    for first in &inside {
        let mut group = vec![*first];
        for other in &inside {
            if group.iter().all(|member| member.id != other.id && excludes(member, other)) {
                group.push(other);
            }
        }
        if total(&group) > total(&best) {
            best = group;
        }
    }
    Need { persons: total(&best), because: best.iter().map(|step| (step.title.clone(), weight(step))).collect() }
}

fn staffing(procedure: &Procedure, findings: &mut Findings<'_>) {
    let need = need(procedure);
    if need.persons < 3 {
        return;
    }
    let because: Vec<String> = need.because.iter().map(|(title, n)| format!("“{title}”{n}人")).collect();
    findings.add(
        Code::Staffing,
        Subject::Procedure,
        format!(
            "一个机关办结“{}”至少要有{}人：{}，互相不能是同一人",
            procedure.title,
            need.persons,
            because.join("，")
        ),
        "人员不足的机关（如只有两名执法人员的乡镇），由上级机关指定管辖、派员协助或者委托办理",
    );
}
