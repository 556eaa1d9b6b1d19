//! Guards: what a step asks of a matter, each with its article. Which answer is judged, and when.

use super::command::{Command, Manner};
use super::decide::{Draft, Scene};
use super::evaluate::{evaluate, limit_of, stands};
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
            let matched = matched(&guard.that, draft);
            let stands = stands(&guard.that, view);
            let with = [
                ("step", step.title.as_str()),
                ("limit", limit.as_str()),
                ("stands", stands.as_str()),
                ("matched", matched.as_str()),
            ];
            law.refusals.refuse(guard.refusal.as_str(), Some(guard.basis.clone()), &with)
        })
        .collect();
    for refusal in failed {
        draft.refuse(refusal);
    }
}

/// What the system found that a guard wants empty: the value of the first made field of which it asks whether it is filled.
fn matched(expr: &Expr, draft: &Draft) -> String {
    let mut found = String::new();
    expr.atoms(&mut |atom| {
        if let Atom::Filled(field) = atom
            && found.is_empty()
            && draft.procedure.fields.get(field).is_some_and(|known| known.made)
        {
            found = draft.state.said(field.as_str());
        }
    });
    found
}

/// Whether a guard looks at something that this step itself fills in or attaches: it can only be judged then.
pub(super) fn looks_at_input(expr: &Expr, step: &Step, procedure: &Procedure) -> bool {
    let fills = |field: &FieldId| step.fill.iter().any(|when| when.item == *field) || step.may_fill.contains(field);
    any(expr, procedure, &|atom| {
        reads_one(atom, &fills)
            || match atom {
                Atom::Party(role, _) => step.parties.contains(role),
                Atom::Evidence(kind) => step.evidence.iter().any(|when| when.item == *kind),
                // A condition that nothing here knows.
                Atom::Holds(_) => true,
                _ => false,
            }
    })
}

/// Whether an expression reads a field that `is` says yes to, itself or by what it names.
fn reads(expr: &Expr, procedure: &Procedure, is: &dyn Fn(&FieldId) -> bool) -> bool {
    any(expr, procedure, &|atom| reads_one(atom, is))
}

/// Whether something is true of an atom of an expression, or of one of a condition that it names; what has no such condition is asked
/// itself.
fn any(expr: &Expr, procedure: &Procedure, is: &dyn Fn(&Atom) -> bool) -> bool {
    let mut found = false;
    expr.atoms(&mut |atom| {
        let named = match atom {
            Atom::Holds(id) => procedure.predicates.iter().find(|predicate| predicate.id == *id),
            _ => None,
        };
        found |= named.map_or_else(|| is(atom), |predicate| any(&predicate.when, procedure, is));
    });
    found
}

fn reads_one(atom: &Atom, is: &dyn Fn(&FieldId) -> bool) -> bool {
    match atom {
        Atom::Filled(field) | Atom::CodeIn(field, _) | Atom::CodeHas(field, _) => is(field),
        Atom::Compare(field, _, Operand::Field(other)) => is(field) || is(other),
        Atom::Compare(field, _, _) => is(field),
        Atom::Organ(field, OrganTest::Kinds(_) | OrganTest::Serves(_)) => is(field),
        Atom::Organ(field, OrganTest::Owns(of)) => is(field) || is(of),
        Atom::Holds(_) | Atom::Party(..) | Atom::Evidence(_) => false,
        Atom::Done(_) | Atom::Track(..) | Atom::Linked(..) | Atom::LinkedOpen(_) | Atom::Clock(..) => false,
    }
}
