//! Conditions and rules of a definition as a lawyer reads them: the titles of steps, fields, states and codes, never
//! their identifiers.
//!
//! Does not belong here: what is shown where, and whether a condition holds (`matter::evaluate`).

use super::guard::{Atom, ClockTest, Comparison, Expr, Operand, OrganTest};
use super::{CodeList, FieldKind, Invariant, NotBy, Procedure, Rule, Step};
use crate::id::{ClockId, Code, FieldId, Outcome, RoleId, StateId, StepId, TrackId};
use crate::law::Law;
use crate::numeral::chinese_number;
use crate::text;

/// What being responsible for a matter is called, beside the steps of its definition.
pub(crate) const RESPONSIBLE: &str = "承办";

/// The words of one definition. With the law beside it, what other definitions call their steps is known as well.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    procedure: &'a Procedure,
    law: Option<&'a Law>,
}

impl<'a> Words<'a> {
    /// Of a definition by itself, as the checker sees it.
    pub fn alone(procedure: &'a Procedure) -> Self {
        Self { procedure, law: None }
    }

    /// Of a definition among the others.
    pub fn among(procedure: &'a Procedure, law: &'a Law) -> Self {
        Self { procedure, law: Some(law) }
    }

    /// A condition, e.g. “审查类型”为重大行政决策，且“公开征求意见天数”低于30.
    pub fn condition(self, expr: &Expr) -> String {
        self.expr(expr, true)
    }

    /// An invariant as a sentence, without its full stop.
    pub fn rule(self, invariant: &Invariant) -> String {
        let sentence = match &invariant.rule {
            Rule::NeverBefore(a, b) => format!("没有{}，不得{}", self.step(b), self.step(a)),
            Rule::NeverWhen(a, when) => format!("{}的，不得{}", self.condition(when), self.step(a)),
            Rule::OnlyIf(a, b) => format!("先有{}，才能{}", self.steps(b), self.step(a)),
            Rule::Different(a, b) => format!("{}和{}由不同人员办理", self.step(a), self.step(b)),
            Rule::DifferentFromParent(a, b) => {
                format!("{}由没有在上级事项中办理{}的人员办理", self.step(a), self.parents_step(b))
            }
            Rule::AfterAlways(a, b, None) => format!("{}之后必须{}", self.step(a), self.steps(b)),
            Rule::AfterAlways(a, b, Some(within)) => {
                format!("{}之后必须在“{}”内{}", self.step(a), self.clock(within), self.steps(b))
            }
            Rule::OnlyBy(a, _) => format!("{}只能由规定的岗位决定", self.step(a)),
            Rule::UnderPower(a, field) => format!("{}按“{}”核对职权", self.step(a), self.field(field)),
            Rule::Officers(a, n) => format!("{}有{n}名以上持证人员在场", self.step(a)),
            Rule::Prolongs(a, c) => format!("{}延长“{}”", self.step(a), self.clock(c)),
            Rule::Suspends(a, c, b) => format!("{}至{}不计入“{}”", self.step(a), self.step(b), self.clock(c)),
        };
        match &invariant.when {
            Some(when) => format!("{}的，{sentence}", self.condition(when)),
            None => sentence,
        }
    }

    /// A step of the matter that opened this one.
    pub fn parents_step(self, id: &StepId) -> String {
        if id.as_str() == NotBy::RESPONSIBLE {
            return quoted(RESPONSIBLE);
        }
        let opens = |step: &Step| step.opens.iter().any(|opened| opened.item.procedure == self.procedure.id);
        let parents = self.law.into_iter().flat_map(Law::procedures);
        let mut found = parents.filter(|parent| parent.steps.iter().any(opens)).filter_map(|p| p.step(id.as_str()));
        quoted(found.next().map_or(id.as_str(), |step| &step.title))
    }

    fn step(self, id: &StepId) -> String {
        quoted(self.procedure.step(id.as_str()).map_or(id.as_str(), |step| &step.title))
    }

    fn steps(self, ids: &[StepId]) -> String {
        ids.iter().map(|id| self.step(id)).collect::<Vec<_>>().join("或")
    }

    fn clock(self, id: &ClockId) -> &'a str {
        self.procedure.clock(id.as_str()).map_or("期限", |clock| clock.title.as_str())
    }

    /// That a condition holds, or that it does not: a denial goes down to the facts, where people put it.
    fn expr(self, expr: &Expr, holds: bool) -> String {
        match expr {
            Expr::All(parts) => self.several(parts, holds, holds),
            Expr::Any(parts) => self.several(parts, holds, !holds),
            Expr::Not(inner) => self.expr(inner, !holds),
            Expr::Atom(atom) => self.atom(atom, holds),
        }
    }

    fn several(self, parts: &[Expr], holds: bool, all: bool) -> String {
        let one = |part: &Expr| {
            let said = self.expr(part, holds);
            if matches!(bare(part), Expr::All(_) | Expr::Any(_)) { format!("（{said}）") } else { said }
        };
        parts.iter().map(one).collect::<Vec<_>>().join(if all { "，且" } else { "，或者" })
    }

    fn atom(self, atom: &Atom, holds: bool) -> String {
        let either = |yes: &'static str, no: &'static str| if holds { yes } else { no };
        match atom {
            Atom::Done(step) => format!("{}{}", either("已经办理", "没有办理"), self.step(step)),
            Atom::Holds(id) => {
                let named = self.procedure.predicates.iter().find(|predicate| predicate.id == *id);
                let title = named.map_or(id.as_str(), |predicate| predicate.title.as_str());
                format!("{}“{title}”", either("符合", "不符合"))
            }
            Atom::Filled(field) => format!("{}“{}”", either("填写了", "没有填写"), self.field(field)),
            Atom::Evidence(kind) => {
                let named = self.procedure.evidence.iter().find(|(known, _)| known == kind);
                format!("{}{}", either("附有", "没有附"), named.map_or("有关材料", |(_, title)| title.as_str()))
            }
            Atom::Track(track, states) => self.track(track, states, either("为", "不是")),
            Atom::Linked(role, outcomes) => self.linked(role, outcomes, either("是", "不是")),
            Atom::LinkedOpen(role) => format!("{}{}", self.linked_matter(role), either("正在办理", "没有在办理")),
            Atom::Clock(id, test) => format!("“{}”的期限{}", self.clock(id), state_of(*test, holds)),
            Atom::Party(role, kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.chinese()).collect();
                let role = self.procedure.role(role.as_str()).map_or("当事人", |role| role.title.as_str());
                format!("{role}{}{}", either("为", "不是"), kinds.join("、"))
            }
            Atom::Organ(field, OrganTest::Kinds(kinds)) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| self.organ_list("organ_kind", kind)).collect();
                format!("“{}”{}{}", self.field(field), either("为", "不是"), kinds.join("、"))
            }
            Atom::Organ(field, OrganTest::Serves(functions)) => {
                let functions: Vec<&str> = functions.iter().map(|code| self.organ_list("function", code)).collect();
                format!("“{}”{}{}职能", self.field(field), either("有", "没有"), functions.join("、"))
            }
            Atom::Organ(field, OrganTest::Owns(of)) => {
                format!("“{}”{}“{}”的职权", self.field(field), either("自己有", "自己没有"), self.field(of))
            }
            Atom::CodeIn(field, codes) => self.code_in(field, codes, holds),
            Atom::CodeHas(field, code) => {
                let code = self.codes(field, std::slice::from_ref(code));
                format!("“{}”{}{code}", self.field(field), either("包含", "不包含"))
            }
            Atom::Compare(field, comparison, operand) => self.compare(field, *comparison, operand, holds),
        }
    }

    /// The title of a kind of organ, from the register of organs.
    /// What the register of organs calls a code of one of its lists.
    fn organ_list<'b>(self, list: &str, code: &'b Code) -> &'b str
    where
        'a: 'b,
    {
        let register = self.law.and_then(|law| law.newest("organ"));
        let list = register.and_then(|register| register.lists.get(list));
        list.and_then(|list| list.title(code.as_str())).unwrap_or(code.as_str())
    }

    fn field<'b>(self, id: &'b FieldId) -> &'b str
    where
        'a: 'b,
    {
        self.procedure.fields.get(id).map_or(id.as_str(), |field| field.title.as_str())
    }

    fn list_of(self, field: &FieldId) -> Option<&'a CodeList> {
        self.procedure.fields.get(field).and_then(|field| self.procedure.list_of(field))
    }

    fn code_in(self, field: &FieldId, codes: &[Code], holds: bool) -> String {
        let (title, listed) = (self.field(field), self.list_of(field).is_some());
        // 不是是 is no Chinese.
        let opposite = match codes {
            [code] if !listed && !holds && code.as_str() == "yes" => Some("否"),
            [code] if !listed && !holds && code.as_str() == "no" => Some("是"),
            _ => None,
        };
        match opposite {
            Some(opposite) => format!("“{title}”为{opposite}"),
            None => format!("“{title}”{}{}", if holds { "为" } else { "不是" }, self.codes(field, codes)),
        }
    }

    fn codes(self, field: &FieldId, codes: &[Code]) -> String {
        let list = self.list_of(field);
        let one = |code: &Code| match code.as_str() {
            "yes" if list.is_none() => "是".to_owned(),
            "no" if list.is_none() => "否".to_owned(),
            code => list.and_then(|list| list.title(code)).unwrap_or(code).to_owned(),
        };
        codes.iter().map(one).collect::<Vec<_>>().join("、")
    }

    fn track(self, track: &TrackId, states: &[StateId], is: &str) -> String {
        let title = self.procedure.track(track.as_str()).map_or(track.as_str(), |track| track.title.as_str());
        let state = |id: &StateId| {
            quoted(self.procedure.state(track.as_str(), id.as_str()).map_or(id.as_str(), |state| &state.title))
        };
        format!("“{title}”{is}{}", states.iter().map(state).collect::<Vec<_>>().join("或"))
    }

    /// The definition of the matters that a step opens in a role.
    fn opened(self, role: &RoleId) -> Option<&'a Procedure> {
        let mut opened = self.procedure.steps.iter().flat_map(|step| &step.opens);
        let procedure = opened.find(|opened| opened.item.role == *role)?.item.procedure.as_str();
        self.law?.newest(procedure).map(|checked| &***checked)
    }

    fn linked_matter(self, role: &RoleId) -> String {
        quoted(self.opened(role).map_or(role.as_str(), |other| &other.title))
    }

    fn linked(self, role: &RoleId, outcomes: &[Outcome], is: &str) -> String {
        let ends = self.opened(role).into_iter().flat_map(|other| &other.steps);
        let reached = |step: &&Step| step.outcome.as_ref().is_some_and(|outcome| outcomes.contains(outcome));
        let mut titles: Vec<&str> = ends.filter(reached).map(|step| step.title.as_str()).collect();
        if titles.is_empty() {
            titles = outcomes.iter().map(Outcome::as_str).collect();
        }
        titles.dedup();
        let titles: Vec<String> = titles.into_iter().map(quoted).collect();
        format!("{}的结果{is}{}", self.linked_matter(role), titles.join("或"))
    }

    fn compare(self, field: &FieldId, comparison: Comparison, operand: &Operand, holds: bool) -> String {
        let known = self.procedure.fields.get(field);
        let dated = known.is_some_and(|field| field.kind == FieldKind::Date);
        let word = match (comparison, holds) {
            (Comparison::AtLeast, true) | (Comparison::Under, false) if dated => "不早于",
            (Comparison::AtMost, true) | (Comparison::Over, false) if dated => "不晚于",
            (Comparison::Over, true) | (Comparison::AtMost, false) if dated => "晚于",
            (Comparison::Under, true) | (Comparison::AtLeast, false) if dated => "早于",
            (Comparison::AtLeast, true) | (Comparison::Under, false) => "不低于",
            (Comparison::AtMost, true) | (Comparison::Over, false) => "不超过",
            (Comparison::Over, true) | (Comparison::AtMost, false) => "超过",
            (Comparison::Under, true) | (Comparison::AtLeast, false) => "低于",
            (Comparison::Same, true) => "等于",
            (Comparison::Same, false) => "不等于",
        };
        let unit = known.and_then(|field| field.unit.as_deref()).unwrap_or_default();
        let than = match operand {
            Operand::Number(fen) if known.is_some_and(|field| field.kind == FieldKind::Money) => {
                format!("{}元", text::yuan(*fen))
            }
            Operand::Number(number) => {
                let small = u16::try_from(*number).ok().filter(|n| *n <= 10);
                format!("{}{unit}", small.map_or(number.to_string(), chinese_number))
            }
            Operand::Field(other) => quoted(self.field(other)),
            Operand::Table(_) => "规定数额".to_owned(),
            Operand::Day => "办理当日".to_owned(),
        };
        format!("“{}”{word}{than}", self.field(field))
    }
}

fn quoted(title: &str) -> String {
    format!("“{title}”")
}

/// What stands under the denials.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Not(inner) => bare(inner),
        other => other,
    }
}

fn state_of(test: ClockTest, holds: bool) -> &'static str {
    match (test, holds) {
        (ClockTest::Running, true) => "正在计算",
        (ClockTest::Running, false) => "没有在计算",
        (ClockTest::Expired, true) => "已经届满",
        (ClockTest::Expired, false) => "没有届满",
        (ClockTest::Elapsed, true) => "已经期满",
        (ClockTest::Elapsed, false) => "还没有期满",
        (ClockTest::Stopped, true) => "已经了结",
        (ClockTest::Stopped, false) => "还没有了结",
        (ClockTest::Unstarted, true) => "还没有起算",
        (ClockTest::Unstarted, false) => "已经起算",
    }
}
