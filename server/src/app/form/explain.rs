//! Conditions in words: when a question must be answered.

use zhunsheng_core::basis::chinese_number;
use zhunsheng_core::id::{Code, FieldId};
use zhunsheng_core::procedure::guard::{Atom, Comparison, Expr, Operand};
use zhunsheng_core::procedure::{FieldKind, Procedure, Step};
use zhunsheng_core::text;

/// Whether a condition looks at something that the step itself asks: it can only be judged when it is taken.
pub(super) fn depends_on_step(expr: &Expr, step: &Step, procedure: &Procedure) -> bool {
    let fills = |field: &FieldId| step.fill.iter().any(|when| when.item == *field) || step.may_fill.contains(field);
    let mut found = step.from.is_empty();
    expr.atoms(&mut |atom| {
        found |= match atom {
            Atom::Filled(field) | Atom::CodeIn(field, _) | Atom::CodeHas(field, _) => fills(field),
            Atom::Compare(field, _, Operand::Field(other)) => fills(field) || fills(other),
            Atom::Compare(field, _, _) => fills(field),
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

/// A condition as an official reads it, e.g. “审查类型”为重大行政决策、行政规范性文件.
pub(super) fn sentence(expr: &Expr, procedure: &Procedure) -> String {
    let join =
        |parts: &[Expr], word: &str| parts.iter().map(|part| sentence(part, procedure)).collect::<Vec<_>>().join(word);
    match expr {
        Expr::All(parts) => join(parts, "，且"),
        Expr::Any(parts) => join(parts, "，或者"),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Atom(Atom::Filled(field)) => format!("没有填写“{}”", title(field, procedure)),
            Expr::Atom(Atom::CodeIn(field, codes)) => {
                format!("“{}”不是{}", title(field, procedure), titles(field, codes, procedure))
            }
            other => format!("不属于：{}", sentence(other, procedure)),
        },
        Expr::Atom(atom) => atom_sentence(atom, procedure),
    }
}

fn title<'a>(field: &'a FieldId, procedure: &'a Procedure) -> &'a str {
    procedure.fields.get(field).map_or(field.as_str(), |field| field.title.as_str())
}

fn titles(field: &FieldId, codes: &[Code], procedure: &Procedure) -> String {
    let list = procedure.fields.get(field).and_then(|field| procedure.list_of(field));
    let one = |code: &Code| match code.as_str() {
        "yes" if list.is_none() => "是".to_owned(),
        "no" if list.is_none() => "否".to_owned(),
        code => list.and_then(|list| list.title(code)).unwrap_or(code).to_owned(),
    };
    codes.iter().map(one).collect::<Vec<_>>().join("、")
}

fn atom_sentence(atom: &Atom, procedure: &Procedure) -> String {
    let step_title = |id: &str| procedure.step(id).map_or(id.to_owned(), |step| step.title.clone());
    match atom {
        Atom::Holds(id) => procedure
            .predicates
            .iter()
            .find(|predicate| predicate.id == *id)
            .map_or_else(|| "符合规定情形".to_owned(), |predicate| predicate.title.clone()),
        Atom::Filled(field) => format!("填写了“{}”", title(field, procedure)),
        Atom::CodeIn(field, codes) => format!("“{}”为{}", title(field, procedure), titles(field, codes, procedure)),
        Atom::CodeHas(field, code) => {
            format!("“{}”包含{}", title(field, procedure), titles(field, std::slice::from_ref(code), procedure))
        }
        Atom::Party(role, kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.chinese()).collect();
            let role = procedure.role(role.as_str()).map_or("当事人", |role| role.title.as_str());
            format!("{role}为{}", kinds.join("、"))
        }
        Atom::Compare(field, comparison, operand) => compare(field, *comparison, operand, procedure),
        Atom::Done(step) => format!("已经办理“{}”", step_title(step.as_str())),
        Atom::Evidence(kind) => {
            let named = procedure.evidence.iter().find(|(known, _)| known == kind);
            format!("附有{}", named.map_or("有关材料", |(_, title)| title.as_str()))
        }
        Atom::Track(..) | Atom::Linked(..) | Atom::LinkedOpen(_) | Atom::Clock(..) => "符合规定情形".to_owned(),
    }
}

fn compare(field: &FieldId, comparison: Comparison, operand: &Operand, procedure: &Procedure) -> String {
    let word = match comparison {
        Comparison::AtLeast => "不低于",
        Comparison::AtMost => "不高于",
        Comparison::Over => "超过",
        Comparison::Under => "低于",
        Comparison::Same => "等于",
    };
    let money = procedure.fields.get(field).is_some_and(|field| field.kind == FieldKind::Money);
    let than = match operand {
        Operand::Number(fen) if money => format!("{}元", text::yuan(*fen)),
        Operand::Number(number) => {
            u16::try_from(*number).ok().filter(|n| *n <= 10).map_or(number.to_string(), chinese_number)
        }
        Operand::Field(other) => format!("“{}”", title(other, procedure)),
        Operand::Table(_) => "规定数额".to_owned(),
    };
    format!("“{}”{word}{than}", title(field, procedure))
}
