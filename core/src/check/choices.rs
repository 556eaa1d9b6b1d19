//! Where exactly one of several must apply: states that a step enters by condition, papers that it issues by condition,
//! special limits of a clock, results told apart by one field. They must not overlap, and must leave no gap.

use std::collections::BTreeMap;

use super::finding::{Code, Findings, Subject};
use super::model::{Either, Model};
use super::solve::{Answer, Formula, solve};
use crate::id::TrackId;
use crate::procedure::guard::{Atom, Expr};
use crate::procedure::{Clock, Procedure, Step, StepKind};

/// A condition with what it leads to.
struct Choice {
    what: String,
    when: Option<Either>,
}

/// Looks at every choice of the procedure.
pub(super) fn check(model: &mut Model<'_>, findings: &mut Findings<'_>) {
    let procedure = model.procedure;
    for step in &procedure.steps {
        states(model, step, findings);
        papers(model, step, findings);
    }
    for clock in &procedure.clocks {
        overrides(model, clock, findings);
    }
    results(model, findings);
}

/// What is known whenever a step is taken: its guards and the fields it requires.
fn known(model: &mut Model<'_>, step: &Step) -> Vec<Formula> {
    let procedure = model.procedure;
    let mut goals: Vec<Formula> = step.guards.iter().map(|guard| model.either(&guard.that, false).yes).collect();
    for filled in step.fill.iter().filter(|filled| filled.when.is_none()) {
        goals.push(model.space.filled(procedure, &filled.item));
    }
    goals
}

fn together(model: &Model<'_>, known: &[Formula], more: &[&Formula]) -> Option<String> {
    let goals = known.iter().cloned().chain(more.iter().map(|formula| (*formula).clone())).collect();
    match solve(model.space.domains(), goals) {
        Answer::Yes(domains) => Some(model.space.describe(model.procedure, &domains)),
        Answer::Perhaps => Some(String::new()),
        Answer::No => None,
    }
}

/// The first two that can apply together, and in which case.
fn overlap<'c>(model: &Model<'_>, known: &[Formula], choices: &'c [Choice]) -> Option<(&'c str, &'c str, String)> {
    choices.iter().enumerate().find_map(|(n, one)| {
        choices.iter().skip(n + 1).find_map(|other| {
            let conditions = [one, other].into_iter().filter_map(|choice| choice.when.as_ref());
            let conditions: Vec<&Formula> = conditions.map(|when| &when.yes).collect();
            let case = together(model, known, &conditions)?;
            Some((one.what.as_str(), other.what.as_str(), case))
        })
    })
}

/// A case in which none applies.
fn gap(model: &Model<'_>, known: &[Formula], choices: &[Choice]) -> Option<String> {
    let conditions: Option<Vec<&Formula>> = choices.iter().map(|choice| choice.when.as_ref().map(|w| &w.no)).collect();
    together(model, known, &conditions?)
}

/// `also`: of the states of one track, at most one; and where a condition decides between several, exactly one.
fn states(model: &mut Model<'_>, step: &Step, findings: &mut Findings<'_>) {
    let procedure = model.procedure;
    let mut by_track: BTreeMap<TrackId, Vec<Choice>> = BTreeMap::new();
    for part in &step.also {
        let (track, state) = &part.item;
        let title = procedure.state(track.as_str(), state.as_str()).map_or(state.as_str(), |s| s.title.as_str());
        let choice = Choice { what: title.to_owned(), when: part.when.as_ref().map(|when| model.either(when, false)) };
        by_track.entry(track.clone()).or_default().push(choice);
    }
    let known = known(model, step);
    for (track, choices) in by_track.iter().filter(|(_, choices)| choices.len() > 1) {
        let title = procedure.track(track.as_str()).map_or(track.as_str(), |track| track.title.as_str());
        if let Some((one, other, case)) = overlap(model, &known, choices) {
            findings.add(
                Code::GuardsOverlap,
                Subject::Step(step.id.clone()),
                format!("步骤“{}”可以使“{title}”同时进入“{one}”和“{other}”{case}", step.title),
                "使各情形互相排除，如一个写“if 条件”，另一个写“if not 条件”",
            );
        }
        if let Some(case) = gap(model, &known, choices) {
            findings.add(
                Code::GuardsGap,
                Subject::Step(step.id.clone()),
                format!("步骤“{}”之后，“{title}”在有的情形下不进入任何状态{case}", step.title),
                "使各情形覆盖全部可能",
            );
        }
    }
}

/// Notices, decisions and reviews with a result go out on paper, in every case.
fn papers(model: &mut Model<'_>, step: &Step, findings: &mut Findings<'_>) {
    let needs = match step.kind {
        StepKind::Notice | StepKind::DecisionAdverse | StepKind::DecisionFavourable => true,
        StepKind::Review => step.outcome.is_some(),
        _ => false,
    };
    if !needs || step.without.contains_key(&crate::procedure::Requirement::Paper) {
        return;
    }
    let known = known(model, step);
    let procedure = model.procedure;
    let choices: Vec<Choice> = step
        .issues
        .iter()
        .map(|part| Choice {
            what: procedure.instrument(part.item.as_str()).map_or_else(String::new, |paper| paper.title.clone()),
            when: part.when.as_ref().map(|when| model.either(when, false)),
        })
        .collect();
    if let Some(case) = gap(model, &known, &choices) {
        let when = if choices.is_empty() {
            "没有签发文书".to_owned()
        } else {
            format!("在有的情形下没有文书{case}")
        };
        findings.add(
            Code::PaperMissing,
            Subject::Step(step.id.clone()),
            format!("步骤“{}”{when}", step.title),
            "在 issues 中写明文书，并使各情形覆盖全部可能",
        );
    }
    if step.kind == StepKind::DecisionAdverse {
        remedies(model, step, &known, findings);
    }
}

/// An adverse decision tells the way to a remedy in every case.
fn remedies(model: &mut Model<'_>, step: &Step, known: &[Formula], findings: &mut Findings<'_>) {
    let procedure = model.procedure;
    let telling = |part: &&crate::procedure::When<crate::id::InstrumentId>| {
        procedure.instrument(part.item.as_str()).is_some_and(|paper| paper.remedies)
    };
    let choices: Vec<Choice> = step
        .issues
        .iter()
        .filter(telling)
        .map(|part| Choice { what: String::new(), when: part.when.as_ref().map(|when| model.either(when, false)) })
        .collect();
    if let Some(case) = gap(model, known, &choices) {
        findings.add(
            Code::DecisionWithoutRemedy,
            Subject::Step(step.id.clone()),
            format!("不利决定“{}”没有告知救济途径的文书{case}", step.title),
            "签发载明复议、诉讼途径和期限的文书（remedies = true）",
        );
    }
    let owed: Vec<Choice> = step
        .owes
        .iter()
        .map(|part| Choice { what: String::new(), when: part.when.as_ref().map(|when| model.either(when, false)) })
        .collect();
    let excused = step.without.contains_key(&crate::procedure::Requirement::Disclosure);
    if let Some(case) = gap(model, known, &owed).filter(|_| !excused) {
        findings.add(
            Code::DecisionWithoutDisclosure,
            Subject::Step(step.id.clone()),
            format!("不利决定“{}”没有公示义务{case}", step.title),
            "在 owes 中写明公示义务及其条件，或者在 without.disclosure 中写明理由",
        );
    }
}

/// Special limits of a clock: told apart, and each can apply.
fn overrides(model: &mut Model<'_>, clock: &Clock, findings: &mut Findings<'_>) {
    let known: Vec<Formula> = clock.when.iter().map(|when| model.either(when, false).yes).collect();
    let choices: Vec<Choice> = clock
        .overrides
        .iter()
        .enumerate()
        .map(|(n, over)| Choice { what: (n + 1).to_string(), when: Some(model.either(&over.when, false)) })
        .collect();
    for (n, choice) in choices.iter().enumerate() {
        let mut conditions: Vec<&Formula> = choice.when.iter().map(|when| &when.yes).collect();
        conditions.extend(choices.iter().take(n).filter_map(|earlier| earlier.when.as_ref()).map(|when| &when.no));
        if together(model, &known, &conditions).is_none() {
            findings.add(
                Code::OverrideNeverApplies,
                Subject::Override(clock.id.clone(), n),
                format!("期限“{}”的第{}种特别规定永远不会适用", clock.title, n + 1),
                "改正条件：它与期限自身的条件矛盾，或者被前面的规定盖住",
            );
        }
    }
    if let Some((one, other, case)) = overlap(model, &known, &choices) {
        findings.add(
            Code::OverridesOverlap,
            Subject::Clock(clock.id.clone()),
            format!("期限“{}”的第{one}种和第{other}种特别规定可能同时适用{case}", clock.title),
            "使条件互相排除",
        );
    }
}

/// Steps that end the matter with different results out of one state, told apart by the value of one field: no value
/// gives two results, and no value gives none.
fn results(model: &mut Model<'_>, findings: &mut Findings<'_>) {
    let procedure = model.procedure;
    for track in &procedure.tracks {
        for state in &track.states {
            let here = procedure.steps.iter().filter(|step| step.track == track.id && step.from.contains(&state.id));
            let here: Vec<&Step> = here.collect();
            let told: Vec<(&Step, &Expr)> = here
                .iter()
                .filter(|step| step.outcome.is_some())
                .filter_map(|step| Some((*step, discriminator(step)?)))
                .collect();
            if told.len() < 2 {
                continue;
            }
            let choices: Vec<Choice> = told
                .iter()
                .map(|(step, when)| Choice { what: step.title.clone(), when: Some(model.either(when, false)) })
                .collect();
            if let Some((one, other, case)) = overlap(model, &[], &choices) {
                findings.add(
                    Code::GuardsOverlap,
                    Subject::State(track.id.clone(), state.id.clone()),
                    format!("在状态“{}”，同一情形下“{one}”和“{other}”都可以办理{case}", state.title),
                    "使两个步骤的条件互相排除",
                );
            }
            let given = filled_somewhere(model, &told);
            if let Some(case) = gap(model, &given, &choices) {
                findings.add(
                    Code::GuardsGap,
                    Subject::State(track.id.clone(), state.id.clone()),
                    format!("在状态“{}”，有的情形下没有一个结果可以给出{case}", state.title),
                    "为没有覆盖的情形增加步骤，或者放宽条件",
                );
            }
        }
    }
}

/// The guard that tells a result by a coded field that the step itself does not write.
fn discriminator(step: &Step) -> Option<&Expr> {
    step.guards.iter().map(|guard| &guard.that).find(|that| match that {
        Expr::Atom(Atom::CodeIn(field, _)) => {
            !step.fill.iter().any(|when| when.item == *field) && !step.may_fill.contains(field)
        }
        _ => false,
    })
}

/// The fields of the discriminators are filled if some step requires them.
fn filled_somewhere(model: &mut Model<'_>, told: &[(&Step, &Expr)]) -> Vec<Formula> {
    let procedure: &Procedure = model.procedure;
    let fields = told.iter().filter_map(|(_, when)| match when {
        Expr::Atom(Atom::CodeIn(field, _)) => Some(field),
        _ => None,
    });
    let required = fields.filter(|field| {
        procedure.steps.iter().any(|step| step.fill.iter().any(|when| when.item == **field && when.when.is_none()))
    });
    required.map(|field| model.space.filled(procedure, field)).collect()
}
