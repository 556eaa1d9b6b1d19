//! Which conditions can only be judged when a step is taken, and which organs they leave room for.

use zhunsheng_core::authority::Organ;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::procedure::guard::{Atom, Expr, Operand, OrganTest};
use zhunsheng_core::procedure::{Procedure, Step};

/// Whether a condition looks at something that the step itself asks: it can only be judged when it is taken.
pub(super) fn depends_on_step(expr: &Expr, step: &Step, procedure: &Procedure) -> bool {
    let fills = |field: &FieldId| step.fill.iter().any(|when| when.item == *field) || step.may_fill.contains(field);
    let mut found = step.from.is_empty();
    expr.atoms(&mut |atom| {
        found |= match atom {
            Atom::Filled(field) | Atom::CodeIn(field, _) | Atom::CodeHas(field, _) => fills(field),
            Atom::Compare(field, _, Operand::Field(other)) => fills(field) || fills(other),
            Atom::Compare(field, _, _) => fills(field),
            Atom::Organ(field, OrganTest::Kinds(_) | OrganTest::Serves(_)) => fills(field),
            Atom::Organ(field, OrganTest::Owns(of)) => fills(field) || fills(of),
            Atom::Party(role, _) => step.parties.contains(role),
            Atom::Evidence(kind) => step.evidence.iter().any(|when| when.item == *kind),
            Atom::Holds(id) => {
                let named = procedure.predicates.iter().find(|predicate| predicate.id == *id);
                named.is_some_and(|predicate| depends_on_step(&predicate.when, step, procedure))
            }
            Atom::Done(_) | Atom::Track(..) | Atom::Linked(..) | Atom::LinkedOpen(_) | Atom::Clock(..) => false,
        };
    });
    found
}

/// Whether a condition that asks nothing else lets this organ stand in the field; none if it asks something else.
pub(super) fn allows(expr: &Expr, field: &FieldId, organ: &Organ) -> Option<bool> {
    match expr {
        Expr::Not(inner) => allows(inner, field, organ).map(|allowed| !allowed),
        Expr::Atom(Atom::Organ(of, OrganTest::Kinds(kinds))) if of == field => {
            Some(kinds.iter().any(|kind| kind.as_str() == organ.kind))
        }
        Expr::Atom(Atom::Organ(of, OrganTest::Serves(functions))) if of == field => {
            Some(functions.iter().any(|function| organ.functions.iter().any(|has| has.as_str() == function.as_str())))
        }
        _ => None,
    }
}
