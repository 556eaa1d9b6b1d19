//! Where the county's law cites a statute: every citation of every definition, with its place, so that an article's
//! page and a change of law can say what rests on it.

use crate::basis::{Article, Basis, Grade};
use crate::clock::Expiry;
use crate::day::Day;
use crate::id::{ProcedureId, StepId};
use crate::law::Law;
use crate::procedure::{Clock, Procedure, Step};
use crate::statute::Statute;

/// What cites.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Citer {
    /// A step's authority.
    Step,
    /// A condition of a step, or who may not take it.
    Guard,
    /// A clock.
    Clock,
    /// What must hold on every path.
    Invariant,
    /// A disclosure.
    Disclosure,
    /// A named situation.
    Predicate,
    /// A refusal of the catalogue.
    Refusal,
    /// A table of amounts.
    Table,
    /// A violation of a benchmark of discretion.
    Discretion,
    /// A named time limit.
    Limit,
    /// How a statute counts 日.
    Counting,
}

impl Citer {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Step => "步骤",
            Self::Guard => "条件",
            Self::Clock => "期限",
            Self::Invariant => "不变式",
            Self::Disclosure => "公示",
            Self::Predicate => "情形",
            Self::Refusal => "拒绝",
            Self::Table => "标准",
            Self::Discretion => "裁量基准",
            Self::Limit => "法定期限",
            Self::Counting => "计算规则",
        }
    }

    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Guard => "guard",
            Self::Clock => "clock",
            Self::Invariant => "invariant",
            Self::Disclosure => "disclosure",
            Self::Predicate => "predicate",
            Self::Refusal => "refusal",
            Self::Table => "table",
            Self::Discretion => "discretion",
            Self::Limit => "limit",
            Self::Counting => "counting",
        }
    }
}

/// One citation of a statute, in its place.
#[derive(Clone, Debug)]
pub struct Citing<'l> {
    /// The citation.
    pub basis: &'l Basis,
    /// The article it names.
    pub article: Article,
    /// What cites.
    pub citer: Citer,
    /// Its identifier within the procedure or its file.
    pub id: String,
    /// How it is called.
    pub title: String,
    /// The phrase that must stand in the article, where it says one.
    pub phrase: Option<&'l str>,
    /// The edition it means, by its day of adoption, where it says so itself.
    pub edition: Option<Day>,
    /// The procedure it stands in.
    pub procedure: Option<&'l Procedure>,
    /// The step it belongs to, for steps and their conditions.
    pub step: Option<&'l Step>,
}

/// Every citation of a statute in the law, procedures first.
pub fn citations(law: &Law) -> Vec<Citing<'_>> {
    let mut found = Vec::new();
    for procedure in law.procedures() {
        of_procedure(procedure, &mut found);
    }
    for entry in law.refusals.entries() {
        let add = |basis| citing(basis, Citer::Refusal, entry.code.as_str(), &entry.sentence);
        found.extend(entry.basis.as_ref().and_then(add));
    }
    let set = law.tables().filter(|table| !table.is_made());
    found.extend(set.filter_map(|table| citing(&table.basis, Citer::Table, table.id.as_str(), &table.title)));
    let listed = law.discretion.benchmarks().flat_map(|benchmark| &benchmark.items);
    found.extend(listed.filter_map(|item| citing(&item.basis, Citer::Discretion, &item.violation, &item.violation)));
    for limit in law.limits.iter() {
        let title = format!("{}：{}", limit.matter, limit.title);
        let others = limit.extends.iter().map(|extend| &extend.basis);
        let others = others.chain(limit.excludes.iter().map(|out| &out.basis));
        let others = others.chain(limit.expires.iter().map(|effect| &effect.basis));
        // An extension often rests on the limit's own article: said once.
        let others = others.filter(|basis| **basis != limit.basis);
        let all = std::iter::once(&limit.basis).chain(others);
        let all = all.filter_map(|basis| citing(basis, Citer::Limit, limit.id.as_str(), &title));
        found.extend(all.map(|one| Citing { edition: limit.edition, ..one }));
    }
    found.extend(law.statutes.iter().flat_map(of_counting));
    found
}

/// What the counting of 日 rests on: a change of these articles moves every limit of the statute.
fn of_counting(statute: &Statute) -> impl Iterator<Item = Citing<'_>> {
    statute.editions.iter().flat_map(|edition| {
        let rules = [
            (edition.counting.work_days.as_ref().map(|rule| &rule.basis), "哪些“日”是工作日"),
            (edition.counting.start_excluded.as_ref(), "起算的当日不计入"),
            (edition.counting.roll.as_ref(), "最后一日遇休假日顺延"),
        ];
        rules.into_iter().filter_map(|(basis, what)| {
            let basis = basis?;
            let title = format!("《{}》{} 版：{what}", statute.short, edition.adopted);
            let own = (basis.source == statute.short).then_some(edition.adopted);
            Some(Citing { edition: own, ..citing(basis, Citer::Counting, &statute.short, &title)? })
        })
    })
}

/// Every citation of a statute in one definition.
pub fn of(procedure: &Procedure) -> Vec<Citing<'_>> {
    let mut found = Vec::new();
    of_procedure(procedure, &mut found);
    found
}

fn citing<'l>(basis: &'l Basis, citer: Citer, id: &str, title: &str) -> Option<Citing<'l>> {
    let article = basis.article.filter(|_| basis.grade == Grade::Statutory)?;
    Some(Citing {
        basis,
        article,
        citer,
        id: id.to_owned(),
        title: title.to_owned(),
        phrase: None,
        edition: None,
        procedure: None,
        step: None,
    })
}

fn of_procedure<'l>(procedure: &'l Procedure, found: &mut Vec<Citing<'l>>) {
    let mut add = |basis: &'l Basis, citer: Citer, id: &str, title: &str, step: Option<&'l Step>| {
        found.extend(citing(basis, citer, id, title).map(|one| Citing { procedure: Some(procedure), step, ..one }));
    };
    for step in &procedure.steps {
        add(&step.authority, Citer::Step, step.id.as_str(), &step.title, Some(step));
        let who = step.not_by.iter().map(|not| &not.basis).chain(step.officers.iter().map(|needed| &needed.basis));
        for basis in who.chain(step.guards.iter().map(|guard| &guard.basis)) {
            add(basis, Citer::Guard, step.id.as_str(), &step.title, Some(step));
        }
    }
    for (generic, rule) in &procedure.generic {
        add(&rule.basis, Citer::Step, generic.step().as_str(), generic.chinese(), None);
    }
    for invariant in &procedure.invariants {
        add(&invariant.basis, Citer::Invariant, &invariant.id, &invariant.text, None);
    }
    for disclosure in &procedure.disclosures {
        add(&disclosure.basis, Citer::Disclosure, disclosure.id.as_str(), &disclosure.title, None);
    }
    for predicate in &procedure.predicates {
        add(&predicate.basis, Citer::Predicate, predicate.id.as_str(), &predicate.title, None);
    }
    for clock in &procedure.clocks {
        for (basis, phrase) in of_clock(clock) {
            let one = citing(basis, Citer::Clock, clock.id.as_str(), &clock.title);
            found.extend(one.map(|one| Citing { procedure: Some(procedure), phrase, ..one }));
        }
    }
}

/// Every citation of a clock, with the phrase where it has one: its own, overrides, extensions, intervals left out,
/// effect, roll-over.
fn of_clock(clock: &Clock) -> impl Iterator<Item = (&Basis, Option<&str>)> {
    let said = |phrase: &'_ str| !phrase.trim().is_empty();
    let own = std::iter::once((&clock.basis, Some(clock.phrase.as_str()).filter(|phrase| said(phrase))));
    let others = clock.overrides.iter();
    let others = others.map(move |other| (&other.basis, Some(other.phrase.as_str()).filter(|phrase| said(phrase))));
    let limits = std::iter::once(&clock.limit).chain(clock.overrides.iter().map(|other| &other.limit));
    let effect = match &clock.expiry {
        Expiry::Step(_, basis) => Some(basis),
        _ => None,
    };
    let plain = (clock.extends.iter().map(|extends| &extends.basis))
        .chain(clock.suspends.iter().map(|left_out| &left_out.basis))
        .chain(effect)
        .chain(limits.filter_map(|limit| limit.roll.as_ref()));
    own.chain(others).chain(plain.map(|basis| (basis, None)))
}

impl Citing<'_> {
    /// The procedure's identifier.
    pub fn procedure_id(&self) -> Option<&ProcedureId> {
        self.procedure.map(|procedure| &procedure.id)
    }

    /// The step's identifier.
    pub fn step_id(&self) -> Option<&StepId> {
        self.step.map(|step| &step.id)
    }
}
