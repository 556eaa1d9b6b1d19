//! What 裁量基准 says of the matter at hand, beside the questions for the degree and for the fine.
//!
//! Does not belong here: whether an amount is refused (the procedure's conditions).

use zhunsheng_core::discretion::{Benchmark, DEGREE, Degree, Item};
use zhunsheng_core::id::{FieldId, TableId};
use zhunsheng_core::leniency::{Item as Listed, List};
use zhunsheng_core::matter::{Fact, named_power};
use zhunsheng_core::procedure::guard::{Atom, Comparison, Expr, Operand};
use zhunsheng_core::procedure::{Field, FieldKind};
use zhunsheng_core::table::Table;

use super::{At, Question, Subject, Widget};

/// What was done, in words that the benchmark may know.
const VIOLATION: &str = "violation";

/// The amount that a degree leads to.
const FINE: &str = "fine";

/// The power that a case is brought under.
const POWER: &str = "power";

/// The table that stands for the benchmark in conditions.
const TABLE: &str = "benchmark_most";

impl At<'_> {
    /// What the score of one part counts in an appraisal.
    pub(super) fn show_weight(&self, field: &Field, question: &mut Question) {
        let appraisal = self.ground.law.appraisal.as_ref();
        let appraisal = appraisal.filter(|appraisal| appraisal.procedure == self.ground.procedure.id.as_str());
        let Some(part) = appraisal.and_then(|appraisal| appraisal.part(field.id.as_str())) else { return };
        let weight = format!("{}占总分的{}%。", part.title, part.weight);
        question.hint = format!("{weight}{}", question.hint);
    }

    /// Adds the ranges to a question that they concern.
    pub(super) fn show_range(&self, field: &Field, question: &mut Question) {
        self.show_lists(field, question);
        let degree = field.id.as_str() == DEGREE;
        self.show_limit(field, question);
        let compared = || field.kind == FieldKind::Money && self.is_compared(field);
        let violation = field.id.as_str() == VIOLATION;
        if !degree && !violation && !compared() {
            return;
        }
        let Some(state) = self.ground.state else { return };
        let power = named_power(state, &FieldId::from(POWER), self.ground.registry);
        let near = self.ground.law.discretion.meant(state, power, self.ground.today);
        if !near.is_empty() {
            let named: Vec<String> = near.iter().map(|item| format!("“{}”", item.violation)).collect();
            let told = format!(
                "案由没有列入裁量基准，文字相近的有或者所选职权对应的有：{}。是同一违法行为的，先更正案由。",
                named.join("、")
            );
            question.hint = format!("{told}{}", question.hint);
        }
        let listed = self.ground.law.discretion.of(state, self.ground.today).filter(|_| !violation);
        let Some((benchmark, item)) = listed else { return };
        let base = Item::base_of(state);
        let words = |range| match item.money(range, base) {
            Some(money) if item.of.is_some() => {
                let yuan = zhunsheng_core::text::yuan;
                format!("{}（{}元至{}元）", item.words(range), yuan(money.least), yuan(money.most))
            }
            _ => item.words(range),
        };
        let own = format!("“{}”的法定幅度为{}（{}）。", item.named(), words(item.statute), item.basis);
        let superior = item.superior().map(|issuer| {
            format!("这一项基准由{}制定（{}），不按它的，决定以前须经该机关批准。", issuer.organ, issuer.number)
        });
        let own = format!("{own}{}", superior.unwrap_or_default());
        // The article has another range for other amounts: which one holds is not known before the amount is.
        let own = match (item.bounds, base) {
            (Some(_), None) => format!("条文按金额分段，请先填计罚基数。{own}"),
            _ => own,
        };
        question.hint = if question.hint.is_empty() { own } else { format!("{own}{}", question.hint) };
        if let Widget::Radios(choices) = &mut question.widget {
            for choice in choices {
                let note =
                    |degree| note(benchmark, item, degree, self.within_limit(item, degree, words(item.range(degree))));
                choice.note = Degree::parse(&choice.value).map(note).unwrap_or_default();
            }
        } else if let Some(degree) = state.fact(DEGREE).and_then(Fact::code) {
            let within = |degree| self.within_limit(item, degree, words(item.range(degree)));
            let kept = |degree: Degree| format!("按“{}”一档，应在{}。", degree.chinese(), within(degree));
            let range = Degree::parse(degree).map(kept);
            question.hint = format!("{}{}", range.unwrap_or_default(), question.hint);
        }
    }

    /// What the four lists say of the violation, where a degree or a ground is asked for: which list, on which ground, under which
    /// conditions.
    fn show_lists(&self, field: &Field, question: &mut Question) {
        let asked = field.id.as_str();
        let concerns = |list: List| asked == DEGREE || list.field() == Some(asked);
        if asked != DEGREE && !List::ALL.into_iter().any(concerns) {
            return;
        }
        let Some(state) = self.ground.state else { return };
        let leniency = &self.ground.law.leniency;
        let listed: Vec<&Listed> =
            leniency.of(state, self.ground.today).into_iter().filter(|item| concerns(item.list)).collect();
        let mut words = String::new();
        for item in &listed {
            let ground = leniency.ground(item).map(|ground| format!("（{}，{}）", ground.title, ground.basis));
            words.push_str(&format!(
                "列入{}{}：{}。{}",
                item.list.chinese(),
                ground.unwrap_or_default(),
                item.words(),
                if item.measures.is_empty() { String::new() } else { format!("配套措施：{}。", item.measures) }
            ));
        }
        if words.is_empty() {
            return;
        }
        question.hint = format!("{words}{}", question.hint);
        let (Widget::Radios(choices) | Widget::Checks(choices)) = &mut question.widget else { return };
        for choice in choices {
            let on = |item: &&&Listed| item.ground == choice.value && item.list.field() == Some(asked);
            let lists: Vec<&str> = listed.iter().filter(on).map(|item| item.list.chinese()).collect();
            if !lists.is_empty() {
                choice.note = format!("列入{}", lists.join("、"));
            }
        }
    }

    /// What an amount must not exceed for the parties at hand, by a table of the law's own: said before it is typed.
    fn show_limit(&self, field: &Field, question: &mut Question) {
        let Some((table, most)) = self.limit(&field.id).filter(|_| field.kind == FieldKind::Money) else { return };
        let yuan = zhunsheng_core::text::yuan(most);
        question.hint = format!("本件{}为{yuan}元（{}）。{}", table.title, table.basis, question.hint);
    }

    /// The table, none of those that are made of benchmarks, that a condition of the step keeps an amount under, with its amount.
    fn limit(&self, field: &FieldId) -> Option<(&Table, i64)> {
        let (state, mut found) = (self.ground.state?, None);
        self.compared(field, &mut |comparison, table| {
            let table = self.ground.law.table(table.as_str()).filter(|table| !table.is_made());
            if comparison == Comparison::AtMost {
                found = found.or(table);
            }
        });
        let table: &Table = found?;
        Some((table, table.look_up(state, self.ground.today)?))
    }

    /// Whether a condition of the step compares the field with the benchmark.
    fn is_compared(&self, field: &Field) -> bool {
        let mut found = false;
        self.compared(&field.id, &mut |_, table| found |= table.as_str() == TABLE);
        found
    }

    /// The tables that conditions of the step compare a field with.
    fn compared(&self, field: &FieldId, tell: &mut dyn FnMut(Comparison, &TableId)) {
        let Subject::Step(step) = self.ground.subject else { return };
        let mut look = |expr: &Expr| {
            expr.atoms(&mut |atom| {
                if let Atom::Compare(id, comparison, Operand::Table(table)) = atom
                    && id == field
                {
                    tell(*comparison, table);
                }
            });
        };
        let predicates = &self.ground.procedure.predicates;
        for guard in &step.guards {
            look(&guard.that);
            guard.that.atoms(&mut |atom| {
                let Atom::Holds(id) = atom else { return };
                predicates.iter().filter(|predicate| predicate.id == *id).for_each(|predicate| look(&predicate.when));
            });
        }
    }

    /// The range of a degree, and what of it the step cannot decide: what lies beyond the limit for the amount.
    fn within_limit(&self, item: &Item, degree: Degree, words: String) -> String {
        let limit = self.limit(&FieldId::from(FINE));
        let money = item.money(item.range(degree), self.ground.state.and_then(Item::base_of));
        let Some(((table, most), money)) = limit.zip(money).filter(|((_, most), money)| money.most > *most) else {
            return words;
        };
        let yuan = zhunsheng_core::text::yuan;
        if money.least > most {
            return format!("{words}，超过{}{}元，不能在这里决定", table.title, yuan(most));
        }
        format!("{}元至{}元（{words}，{}为{}元）", yuan(money.least), yuan(most), table.title, yuan(most))
    }
}

fn note(benchmark: &Benchmark, item: &Item, degree: Degree, range: String) -> String {
    if degree == Degree::Mitigated && item.statute.least == 0 {
        return "法定幅度没有下限，谈不上减轻；较轻的选“从轻”".to_owned();
    }
    let when = benchmark.when.get(degree.code()).map(|when| format!("：{when}")).unwrap_or_default();
    format!("{range}{when}")
}
