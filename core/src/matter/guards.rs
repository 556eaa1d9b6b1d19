//! Guards: what a step asks of a matter, each with its article. Which answer is judged, and when.

use super::command::{Command, Manner};
use super::decide::{Draft, Scene};
use super::evaluate::{evaluate, limit_of};
use crate::id::FieldId;
use crate::procedure::guard::{Atom, Expr, Operand, OrganTest};
use crate::procedure::{Procedure, Step};
use crate::refusal::Refusal;

/// Judges every guard of a step. An answer that is missing or could not be read is refused as that, and is no violation: what
/// would be said of it waits until it is there. What happened elsewhere is marked with both.
pub(super) fn check(step: &Step, command: &Command, draft: &mut Draft, scene: Scene<'_>) {
    let Scene { law, context, day, .. } = scene;
    let view = draft.view(law, context, day);
    let recorded = matches!(command.manner, Manner::Late { .. });
    let unread = |field: &FieldId| draft.refused_at(field);
    let failed: Vec<Refusal> = step
        .guards
        .iter()
        .filter(|guard| recorded || !reads(&guard.that, &draft.procedure, &unread))
        .filter(|guard| !evaluate(&guard.that, view))
        .map(|guard| {
            let limit = limit_of(&guard.that, view);
            let with = [("step", step.title.as_str()), ("limit", limit.as_str())];
            law.refusals.refuse(guard.refusal.as_str(), Some(guard.basis.clone()), &with)
        })
        .collect();
    for refusal in failed {
        draft.refuse(refusal);
    }
}

/// Whether a guard looks at something that this step itself fills in or attaches: it can only be judged then.
pub(super) fn looks_at_input(expr: &Expr, step: &Step, procedure: &Procedure) -> bool {
    let fills = |field: &FieldId| step.fill.iter().any(|when| when.item == *field) || step.may_fill.contains(field);
    reads(expr, procedure, &fills) || attaches(expr, step, procedure)
}

/// Whether an expression reads a field that `is` says yes to, itself or by what it names.
fn reads(expr: &Expr, procedure: &Procedure, is: &dyn Fn(&FieldId) -> bool) -> bool {
    let mut found = false;
    expr.atoms(&mut |atom| {
        found |= match atom {
            Atom::Filled(field) | Atom::CodeIn(field, _) | Atom::CodeHas(field, _) => is(field),
            Atom::Compare(field, _, Operand::Field(other)) => is(field) || is(other),
            Atom::Compare(field, _, _) => is(field),
            Atom::Organ(field, OrganTest::Kinds(_) | OrganTest::Serves(_)) => is(field),
            Atom::Organ(field, OrganTest::Owns(of)) => is(field) || is(of),
            Atom::Holds(id) => {
                let named = procedure.predicates.iter().find(|predicate| predicate.id == *id);
                named.is_some_and(|predicate| reads(&predicate.when, procedure, is))
            }
            Atom::Party(..) | Atom::Evidence(_) => false,
            Atom::Done(_) | Atom::Track(..) | Atom::Linked(..) | Atom::LinkedOpen(_) | Atom::Clock(..) => false,
        };
    });
    found
}

/// Whether an expression looks at a party or a document that the step itself brings, or at what nothing here knows.
fn attaches(expr: &Expr, step: &Step, procedure: &Procedure) -> bool {
    let mut found = false;
    expr.atoms(&mut |atom| {
        found |= match atom {
            Atom::Party(role, _) => step.parties.contains(role),
            Atom::Evidence(kind) => step.evidence.iter().any(|when| when.item == *kind),
            Atom::Holds(id) => {
                let named = procedure.predicates.iter().find(|predicate| predicate.id == *id);
                named.is_none_or(|predicate| attaches(&predicate.when, step, procedure))
            }
            _ => false,
        };
    });
    found
}
