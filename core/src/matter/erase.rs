//! Destruction of files whose time has come (档案法§21, 档案法实施条例§24; 个人信息保护法§47): which matters may be listed,
//! who must be there, and what happens to them.
//!
//! Does not belong here: the store's part, that nothing of a destroyed value is left on the disk (`store::erase`).

use std::collections::BTreeSet;

use super::command::Decider;
use super::decide::{Draft, Scene};
use super::event::{Event, Fact};
use super::state::MatterState;
use crate::basis::Basis;
use crate::id::{Code, MatterId, PersonId};
use crate::procedure::{Erases, FieldKind, Step};
use crate::refusal::engine;
use crate::retention::Kept;

/// Matters on one list at most.
const LISTED_MAX: usize = 1_000;

/// Reads a list: one id a line (or between blanks), `id/label` for one sealed value.
pub(super) fn listed(typed: &[&str]) -> Result<Fact, String> {
    let words: BTreeSet<String> = typed
        .iter()
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || matches!(c, '|' | '，' | ',' | '、')))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if let Some(wrong) = words.iter().find(|word| parts(word).is_none()) {
        return Err(format!("“{wrong}”不是事项编号"));
    }
    if words.len() > LISTED_MAX {
        return Err(format!("一次最多列{LISTED_MAX}件，现为{}件", words.len()));
    }
    Ok(Fact::Codes(words.iter().map(|word| Code::from(word.as_str())).collect()))
}

fn parts(word: &str) -> Option<(MatterId, Option<&str>)> {
    let (id, label) = word.split_once('/').map_or((word, None), |(id, label)| (id, Some(label)));
    Some((MatterId::parse(id)?, label.filter(|label| !label.is_empty())))
}

/// What a matter lists: each matter once, with the labels meant; none: all.
pub fn list_of(state: &MatterState, procedure: &crate::procedure::Procedure) -> Vec<(MatterId, Vec<String>)> {
    let fields = procedure.fields.values().filter(|field| field.kind == FieldKind::Matters);
    let codes = fields.filter_map(|field| match state.fact(field.id.as_str()) {
        Some(Fact::Codes(codes)) => Some(codes),
        _ => None,
    });
    let mut list: Vec<(MatterId, Vec<String>)> = Vec::new();
    for (id, label) in codes.flatten().filter_map(|code| parts(code.as_str())) {
        match list.iter_mut().find(|(known, _)| *known == id) {
            // The whole matter is meant, whatever else is said of it.
            Some((_, labels)) if label.is_none() || labels.is_empty() => labels.clear(),
            Some((_, labels)) => labels.extend(label.map(str::to_owned)),
            None => list.push((id, label.map(str::to_owned).into_iter().collect())),
        }
    }
    list
}

/// Everything that speaks against it.
pub(super) fn check(step: &Step, decider: &Decider, draft: &mut Draft, scene: Scene<'_>) {
    let Some(erases) = step.erases else { return };
    let listed = list_of(&draft.state, &draft.procedure);
    for (id, _) in &listed {
        let objection = match scene.matters.get(id) {
            None => Some((engine::ERASE_UNKNOWN, None, String::new())),
            Some(state) => unfit(erases, state, scene),
        };
        if let Some((code, basis, until)) = objection {
            let with = [("matter", id.to_string()), ("until", until)];
            let with: Vec<(&str, &str)> = with.iter().map(|(name, value)| (*name, value.as_str())).collect();
            draft.refuse(scene.law.refusals.refuse(code, basis, &with));
        }
    }
    if erases == Erases::Destroy {
        witnesses(step, decider, draft, scene);
    }
}

type Objection = (&'static str, Option<Basis>, String);

fn unfit(erases: Erases, state: &MatterState, scene: Scene<'_>) -> Option<Objection> {
    let only = |code| Some((code, None, String::new()));
    if scene.law.by_digest(&state.definition).is_none_or(|procedure| procedure.projects.is_some()) {
        return only(engine::ERASE_REGISTER);
    }
    let kept = scene.law.retention.of(state);
    match (erases, kept) {
        (_, Kept::Open) if !state.closed => only(engine::ERASE_OPEN),
        (Erases::Destroy | Erases::Restrict, _) => None,
        (Erases::ListExpired, Kept::Until(until, _)) if scene.context.today >= until => None,
        (Erases::ListExpired, Kept::Until(until, basis)) => {
            Some((engine::ERASE_NOT_EXPIRED, Some(basis.clone()), format!("到{}为止", until.plus(-1).chinese())))
        }
        (Erases::ListExpired, Kept::Forever(basis)) => {
            Some((engine::ERASE_NOT_EXPIRED, Some(basis.clone()), "为永久".to_owned()))
        }
        (Erases::ListExpired, Kept::Unsettled | Kept::Open) => only(engine::ERASE_UNSETTLED),
        (Erases::ListUnkept, Kept::Until(until, _)) if scene.context.today < until => {
            Some((engine::ERASE_KEPT, None, format!("到{}为止", until.plus(-1).chinese())))
        }
        (Erases::ListUnkept, Kept::Forever(_)) => Some((engine::ERASE_KEPT, None, "为永久".to_owned())),
        (Erases::ListUnkept, _) => None,
    }
}

/// Two different persons watch, and neither of them destroys or has decided in the matter.
fn witnesses(step: &Step, decider: &Decider, draft: &mut Draft, scene: Scene<'_>) {
    let fields = step
        .fill
        .iter()
        .filter(|when| draft.procedure.fields.get(&when.item).is_some_and(|field| field.kind == FieldKind::Person));
    let there: Vec<PersonId> = fields
        .filter_map(|when| match draft.state.fact(when.item.as_str()) {
            Some(Fact::Matter(person)) => Some(*person),
            _ => None,
        })
        .collect();
    let different: BTreeSet<&PersonId> = there.iter().collect();
    let took_part = |person: &&PersonId| {
        *decider == Decider::Person(**person)
            || draft.state.done.iter().any(|done| !done.withdrawn && done.decided_by == Decider::Person(**person))
    };
    let partial = there.iter().find(took_part).copied();
    if different.len() < 2 {
        draft.refuse(scene.law.refusals.refuse(engine::ERASE_WITNESSES, Some(step.authority.clone()), &[]));
    }
    if let Some(person) = partial {
        let with = [("name", scene.context.registry.person_name(person))];
        draft.refuse(scene.law.refusals.refuse(engine::ERASE_PARTIAL, Some(step.authority.clone()), &with));
    }
}

/// Destroys or restricts what is listed.
pub(super) fn apply(step: &Step, draft: &mut Draft) {
    let by = draft.state.id;
    let event = |labels: Vec<String>| match step.erases {
        Some(Erases::Destroy) => Some(Event::Erased(labels, step.authority.clone(), by)),
        Some(Erases::Restrict) => Some(Event::Restricted(true, step.authority.clone())),
        _ => None,
    };
    for (id, labels) in list_of(&draft.state, &draft.procedure) {
        draft.events.extend(event(labels).map(|event| (id, event)));
    }
}
