//! What a file names outside itself must exist; what it defines should be used.

use std::collections::{BTreeMap, BTreeSet};

use super::Surroundings;
use super::finding::{Code, Findings, Subject};
use super::solve::each_condition;
use crate::authority::{PostDefinition, Scope};
use crate::id::{Outcome, PostKind, RoleId};
use crate::procedure::guard::{Atom, Operand};
use crate::procedure::{Performer, Procedure, Projects, Rule, Step};

/// Posts, refusals, procedures, registers and tables.
pub(super) fn check(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    posts(procedure, around, findings);
    for step in &procedure.steps {
        let subject = || Subject::Step(step.id.clone());
        for (n, guard) in step.guards.iter().enumerate() {
            if !around.refusals.knows(guard.refusal.as_str()) {
                findings.add(
                    Code::UnknownRefusal,
                    Subject::Guard(step.id.clone(), n),
                    format!("拒绝代码“{}”未定义", guard.refusal),
                    "在 law/refusals.toml 中写明理由与下一步",
                );
            }
        }
        opened(procedure, step, around, findings);
        if let Some(officers) = &step.officers {
            let register = around.procedure(officers.credential.as_str());
            if register.is_none_or(|register| register.projects != Some(Projects::Credential)) {
                let what = if register.is_some() { "不是证件名册" } else { "不存在" };
                findings.add(
                    Code::UnknownRegister,
                    subject(),
                    format!("证件名册“{}”{what}", officers.credential),
                    "补充该名册的定义（projects = \"credential\"）",
                );
            }
        }
        power_register(step, around, findings);
        parent_steps(procedure, step, around, findings);
    }
    for read in procedure.reads.iter().filter(|id| around.procedure(id.as_str()).is_none()) {
        findings.add(
            Code::UnknownProcedure,
            Subject::Procedure,
            format!("reads 中的程序“{read}”不存在"),
            "补充该程序的定义，或者从 reads 中删去",
        );
    }
    for table in procedure.tables.iter().filter(|table| !around.tables.iter().any(|known| known.id == **table)) {
        findings.add(
            Code::UnknownTable,
            Subject::Table(table.clone()),
            format!("数额表“{table}”不存在"),
            "在 law/tables/ 中补充该表",
        );
    }
    named_matters(procedure, around, findings);
    linked_outcomes(procedure, around, findings);
}

/// The matters that a field can name are of a known procedure, and disclosed as it knows it.
fn named_matters(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    for (field, of) in procedure.fields.values().filter_map(|field| Some((field, field.of.as_ref()?))) {
        let other = around.procedure(of.procedure.as_str());
        let disclosed = of.disclosed.as_ref().filter(|id| other.is_some_and(|o| o.disclosure(id.as_str()).is_none()));
        let what = match (other, disclosed) {
            (None, _) => format!("“{}”所指的程序“{}”不存在", field.title, of.procedure),
            (Some(other), Some(id)) => format!("“{}”没有公开事项“{id}”", other.title),
            (Some(_), None) => continue,
        };
        let mend = "在 of 中写明已有的程序和它的公开事项";
        findings.add(Code::UnknownProcedure, Subject::Field(field.id.clone()), what, mend);
    }
}

/// What a step opens is known, and what is carried over fits there.
fn opened(procedure: &Procedure, step: &Step, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    let subject = || Subject::Step(step.id.clone());
    for opens in &step.opens {
        let Some(other) = around.procedure(opens.item.procedure.as_str()) else {
            findings.add(
                Code::UnknownProcedure,
                subject(),
                format!("所启动的程序“{}”不存在", opens.item.procedure),
                "补充该程序的定义",
            );
            continue;
        };
        let taken = opens.item.take.as_ref();
        if let Some(take) = taken.filter(|take| other.step(take.as_str()).is_none_or(|step| !step.from.is_empty())) {
            findings.add(
                Code::CopyMismatch,
                subject(),
                format!("“{take}”不是“{}”的登记步骤", other.title),
                "在 take 中写明对方程序的登记步骤",
            );
        }
        for (from, to) in &opens.item.carries {
            if other.role(to.as_str()).is_none() {
                findings.add(
                    Code::CopyMismatch,
                    subject(),
                    format!("当事人“{from}”不能带到“{}”的“{to}”：对方没有这种当事人", other.title),
                    "改为对方程序中的当事人",
                );
            }
        }
        for (from, to) in &opens.item.copies {
            let kind = |procedure: &Procedure, field: &str| procedure.fields.get(field).map(|field| field.kind);
            if kind(procedure, from.as_str()) != kind(other, to.as_str()) {
                findings.add(
                    Code::CopyMismatch,
                    subject(),
                    format!("“{from}”不能带到“{}”的“{to}”：对方没有这一栏，或者种类不同", other.title),
                    "改为对方程序中同类的栏目",
                );
            }
        }
    }
}

/// Powers are looked up in a register.
fn power_register(step: &Step, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    if step.power.is_some() && !around.all.iter().any(|other| other.projects == Some(Projects::Power)) {
        findings.add(
            Code::UnknownRegister,
            Subject::Step(step.id.clone()),
            "没有职权名册".to_owned(),
            "补充权责清单的定义（projects = \"power\"）",
        );
    }
}

fn posts(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    let unknown = |findings: &mut Findings<'_>, subject: Subject, who: &str, post: &str| {
        findings.add(
            Code::UnknownPost,
            subject,
            format!("{who}所需岗位“{post}”未定义"),
            "在 law/posts.toml 中定义该岗位，或者改用已有岗位",
        );
    };
    for step in &procedure.steps {
        let by = step.by.iter().filter_map(|p| if let Performer::Post(kind) = p { Some(kind) } else { None });
        let by: Vec<&PostKind> = by.collect();
        let who = format!("步骤“{}”", step.title);
        for post in by.iter().copied().chain(&step.entered_by).filter(|post| around.posts.get(post.as_str()).is_none())
        {
            unknown(findings, Subject::Step(step.id.clone()), &who, post.as_str());
        }
        // Whoever opens a matter need not have seen it before.
        let known: Vec<&PostDefinition> = by.iter().filter_map(|post| around.posts.get(post.as_str())).collect();
        if !step.from.is_empty() && !known.is_empty() && !known.iter().any(|post| sees(post, procedure)) {
            let titles: Vec<&str> = known.iter().map(|post| post.title.as_str()).collect();
            findings.add(
                Code::PostBlind,
                Subject::Step(step.id.clone()),
                format!("{who}由“{}”办理，却没有一个看得到“{}”的事项", titles.join("、"), procedure.title),
                "在 law/posts.toml 中让该岗位看到本程序或者本部分",
            );
        }
    }
    for (generic, rule) in &procedure.generic {
        for post in rule.by.iter().filter(|post| around.posts.get(post.as_str()).is_none()) {
            unknown(findings, Subject::Generic, &format!("通用步骤“{}”", generic.chinese()), post.as_str());
        }
    }
    for invariant in &procedure.invariants {
        let Rule::OnlyBy(_, posts) = &invariant.rule else { continue };
        for post in posts.iter().filter(|post| around.posts.get(post.as_str()).is_none()) {
            unknown(findings, Subject::Invariant(invariant.id.clone()), "规则", post.as_str());
        }
    }
}

fn sees(post: &PostDefinition, procedure: &Procedure) -> bool {
    post.sees.iter().any(|sight| match &sight.scope {
        Scope::All => true,
        Scope::Part(part) => *part == procedure.part,
        Scope::One(id) => *id == procedure.id,
    })
}

/// `not_by = ["parent.step …"]` names a step of every procedure that opens this one.
fn parent_steps(procedure: &Procedure, step: &Step, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    for not in step.not_by.iter().filter(|not| not.of_parent) {
        let mut openers = around.openers(procedure.id.as_str()).peekable();
        let takes = |opener: &Procedure| not.is_responsible() || opener.step(not.step.as_str()).is_some();
        let known = openers.peek().is_some() && openers.all(takes);
        if !known {
            findings.add(
                Code::UnknownParentStep,
                Subject::Step(step.id.clone()),
                format!(
                    "步骤“{}”要求与上级事项的步骤“{}”由不同人员办理，但启动本程序的程序没有该步骤",
                    step.title, not.step
                ),
                "改为启动本程序的程序中已有的步骤",
            );
        }
    }
}

/// The results that linked matters can have, by role.
pub(super) fn outcomes(procedure: &Procedure, around: &Surroundings<'_>) -> BTreeMap<RoleId, Vec<Outcome>> {
    let mut known: BTreeMap<RoleId, Vec<Outcome>> = BTreeMap::new();
    for opens in procedure.steps.iter().flat_map(|step| &step.opens) {
        let steps = around.procedure(opens.item.procedure.as_str()).map(|other| other.steps.iter());
        let list = known.entry(opens.item.role.clone()).or_default();
        for outcome in steps.into_iter().flatten().filter_map(|step| step.outcome.as_ref()) {
            if !list.contains(outcome) {
                list.push(outcome.clone());
            }
        }
    }
    known
}

fn linked_outcomes(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    let known = outcomes(procedure, around);
    let mut told = BTreeSet::new();
    each_condition(procedure, &mut |expr| {
        expr.atoms(&mut |atom| {
            let Atom::Linked(role, wanted) = atom else { return };
            let known = known.get(role).map(Vec::as_slice).unwrap_or_default();
            for outcome in wanted.iter().filter(|outcome| !known.contains(outcome)) {
                if told.insert((role.clone(), outcome.clone())) {
                    let list: Vec<&str> = known.iter().map(Outcome::as_str).collect();
                    findings.add(
                        Code::UnknownOutcome,
                        holder(procedure, role, outcome),
                        format!("条件等待“{role}”的结果“{outcome}”，但它只会给出：{}", list.join("、")),
                        "改为被启动程序中某步骤的 outcome",
                    );
                }
            }
        });
    });
}

/// The step or predicate whose condition waits for an outcome.
fn holder(procedure: &Procedure, role: &RoleId, outcome: &Outcome) -> Subject {
    let waits = |expr: &crate::procedure::guard::Expr| {
        let mut found = false;
        expr.atoms(&mut |atom| {
            found |= matches!(atom, Atom::Linked(known, wanted) if known == role && wanted.contains(outcome));
        });
        found
    };
    for step in &procedure.steps {
        if let Some(n) = step.guards.iter().position(|guard| waits(&guard.that)) {
            return Subject::Guard(step.id.clone(), n);
        }
    }
    match procedure.predicates.iter().find(|predicate| waits(&predicate.when)) {
        Some(predicate) => Subject::Predicate(predicate.id.clone()),
        None => Subject::Procedure,
    }
}

/// What is defined and never used.
pub(super) fn unused(procedure: &Procedure, around: &Surroundings<'_>, findings: &mut Findings<'_>) {
    let mut used = Used::default();
    each_condition(procedure, &mut |expr| expr.atoms(&mut |atom| used.atom(atom)));
    for step in &procedure.steps {
        used.fields
            .extend(step.fill.iter().map(|when| when.item.as_str()).chain(step.may_fill.iter().map(|f| f.as_str())));
    }
    let copied: BTreeSet<&str> = around
        .openers(procedure.id.as_str())
        .flat_map(|opener| opener.steps.iter().flat_map(|step| &step.opens))
        .filter(|opens| opens.item.procedure == procedure.id)
        .flat_map(|opens| opens.item.copies.iter().map(|(_, to)| to.as_str()))
        .collect();
    for (id, field) in &procedure.fields {
        if !used.fields.contains(id.as_str()) && !copied.contains(id.as_str()) {
            findings.add(
                Code::Unused,
                Subject::Field(id.clone()),
                format!("栏目“{}”没有步骤填写", field.title),
                "删除该栏目",
            );
        }
    }
    let lists: BTreeSet<&str> = procedure.fields.values().filter_map(|field| field.list.as_deref()).collect();
    for list in procedure.lists.keys().filter(|list| !lists.contains(list.as_str())) {
        findings.add(Code::Unused, Subject::List(list.clone()), format!("代码表“{list}”没有栏目使用"), "删除该代码表");
    }
    for predicate in procedure.predicates.iter().filter(|predicate| !used.predicates.contains(predicate.id.as_str())) {
        findings.add(
            Code::Unused,
            Subject::Predicate(predicate.id.clone()),
            format!("法定条件“{}”没有用到", predicate.title),
            "在相应步骤的条件中使用，或者删除",
        );
    }
    for table in procedure.tables.iter().filter(|table| !used.tables.contains(table.as_str())) {
        findings.add(Code::Unused, Subject::Table(table.clone()), format!("数额表“{table}”没有用到"), "删除");
    }
    for role in &procedure.roles {
        if !procedure.steps.iter().any(|step| step.parties.contains(&role.id)) {
            findings.add(
                Code::Unused,
                Subject::Role(role.id.clone()),
                format!("角色“{}”没有步骤登记", role.title),
                "删除",
            );
        }
    }
    papers(procedure, findings);
}

fn papers(procedure: &Procedure, findings: &mut Findings<'_>) {
    for paper in &procedure.instruments {
        if !procedure.steps.iter().any(|step| step.issues.iter().any(|when| when.item == paper.id)) {
            findings.add(
                Code::UnusedPaper,
                Subject::Instrument(paper.id.clone()),
                format!("文书“{}”没有步骤签发", paper.title),
                "在应当签发它的步骤的 issues 中写明，或者删除该文书",
            );
        }
    }
    for disclosure in &procedure.disclosures {
        if !procedure.steps.iter().any(|step| step.owes.iter().any(|when| when.item == disclosure.id)) {
            findings.add(
                Code::UnusedPaper,
                Subject::Disclosure(disclosure.id.clone()),
                format!("公示事项“{}”没有步骤产生", disclosure.title),
                "在产生公示义务的步骤的 owes 中写明，或者删除该事项",
            );
        }
    }
}

/// What conditions mention.
#[derive(Default)]
struct Used<'a> {
    fields: BTreeSet<&'a str>,
    predicates: BTreeSet<&'a str>,
    tables: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn atom(&mut self, atom: &'a Atom) {
        match atom {
            Atom::Holds(id) => drop(self.predicates.insert(id.as_str())),
            Atom::Compare(_, _, Operand::Table(table)) => drop(self.tables.insert(table.as_str())),
            _ => {}
        }
    }
}
