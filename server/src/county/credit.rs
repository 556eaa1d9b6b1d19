//! What is reported to the credit platform: departments hand in their lists quarter by quarter; bureaus send the reports of their
//! penalties twice a week and enter what the platform answers.
//!
//! Does not belong here: how a report is made (`app/credit/`), the decisions themselves (`penalties.rs`).

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::penalties::{Act as PenaltyAct, Penalty};
use super::plan::periods;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::app::credit::list::{Heading, supply};
use crate::app::credit::publication::{self, Which};
use crate::app::credit::{LIST, REPORT};
use crate::store::Tx;
use crate::store::credit::{self as store, By};

/// Who decides what in systems of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct CreditPlan {
    /// The organ whose credit clerk takes over the lists.
    pub keeper: String,
    /// Departments that hand in no list.
    pub silent: Vec<String>,
    pub late_share: f64,
    /// Decisions of the last quarter that their department has not reported.
    pub unreported: usize,
    pub returned_share: f64,
    /// Publications whose end nobody notices.
    pub unnoticed_share: f64,
    pub source: Vec<Source>,
}

/// Decisions of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct Source {
    pub organ: String,
    pub category: String,
    pub per_quarter: usize,
    /// Their numbers: `昌林许准〔{year}〕{n}号`.
    pub number: String,
    pub subject: String,
}

/// One department and its lists.
struct Department {
    organ: String,
    sources: Vec<Source>,
    numbers: Vec<usize>,
    agenda: Agenda<(Day, Day)>,
    chance: Chance,
}

/// Every department that hands in lists.
pub fn plan(stage: &Stage) -> Vec<Box<dyn Script>> {
    let (plan, about) = (&stage.scenario.credit, &stage.scenario.scenario);
    let asked = stage.scenario.county.organs.iter().filter(|organ| organ.kind == "department");
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (n, organ) in (0..).zip(asked.filter(|organ| !plan.silent.contains(&organ.code))) {
        let mut chance = Chance::new(about.seed, "credit lists", n);
        let mut agenda = Agenda::default();
        for (first, last) in quarters(about.period_from, about.period_to) {
            let handed_in = stage.after_work_days(last.plus(1), chance.between(4, 8));
            if handed_in <= about.period_to {
                agenda.add(handed_in, (first, last));
            }
        }
        let sources: Vec<Source> = plan.source.iter().filter(|source| source.organ == organ.code).cloned().collect();
        let numbers = vec![0; sources.len()];
        scripts.push(Box::new(Department { organ: organ.code.clone(), sources, numbers, agenda, chance }));
    }
    scripts.push(Box::new(Terms { next: stage.work_day(about.period_from) }));
    scripts
}

/// Every few days the organs go through their publications whose longest term is over.
struct Terms {
    next: Day,
}

impl Terms {
    /// At most so many on one day.
    const AT_ONCE: i64 = 200;
    /// Days from one time to the next.
    const PAUSE: i64 = 3;

    fn look(stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (county, today) = (stage.desk.county.clone(), stage.today());
        let over = publication::page(tx, (&county, None), (Which::Over, today), None, Self::AT_ONCE)?;
        let (seed, share) = (stage.scenario.scenario.seed, stage.scenario.credit.unnoticed_share);
        for shown in over {
            if Chance::new(seed, "credit term", low_bits(shown.report)).happens(share) {
                continue;
            }
            let clerk = stage.staff.nth(&shown.organ, "enforcement_clerk", 0)?;
            stage.take(tx, &clerk, Some(shown.report), "end_shown", Input::default())?;
        }
        Ok(())
    }
}

impl Script for Terms {
    fn next_day(&self) -> Option<Day> {
        Some(self.next)
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.next = stage.work_day(stage.today().plus(Self::PAUSE));
        Self::look(stage, tx)
    }
}

/// The quarters that end within a period, from the one in which it begins.
fn quarters(from: Day, to: Day) -> Vec<(Day, Day)> {
    let begins = from.first_of_month().plus_months(-i64::from((from.month() - 1) % 3));
    periods(begins, 3, to)
}

impl Department {
    fn hand_in(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, (first, last): (Day, Day)) -> Result<(), Fault> {
        let keeper = stage.staff.nth(&stage.scenario.credit.keeper.clone(), "credit_clerk", 0)?;
        let count = self.sources.iter().map(|source| source.per_quarter).sum();
        let heading =
            Heading {
                organ: self.organ.as_str().into(), system: "政务服务平台（演示）".to_owned(), first, last
            };
        stage.act(tx, &keeper, open(LIST, "supply", supply(&heading, count)))?;
        let newest = last.plus(92) > stage.scenario.scenario.period_to;
        for at in 0..self.sources.len() {
            let Some(source) = self.sources.get(at).cloned() else { continue };
            // The first department leaves some of its newest decisions unreported.
            let first_source = stage.scenario.credit.source.first().is_some_and(|known| known.organ == source.organ);
            let unreported = if newest && first_source && at == 0 { stage.scenario.credit.unreported } else { 0 };
            for n in 0..source.per_quarter {
                let row = self.row(stage, &source, at, (first, last), n >= unreported);
                let step = if n >= unreported { "take_over_reported" } else { "take_over" };
                stage.act(tx, &keeper, open(REPORT, step, row))?;
            }
        }
        Ok(())
    }

    fn row(&mut self, stage: &Stage, source: &Source, at: usize, (first, last): (Day, Day), reported: bool) -> Input {
        let latest = last.plus(-14).days_since(first);
        let decided = stage.work_day(first.plus(self.chance.between(0, latest)));
        let number = self.numbers.get_mut(at).map_or(0, |number| {
            *number += 1;
            *number
        });
        let number = source.number.replace("{year}", &decided.year().to_string()).replace("{n}", &number.to_string());
        let mut input = Input::default()
            .with("decider", self.organ.as_str())
            .with("category", source.category.as_str())
            .with("decision_number", number)
            .with("decided_on", decided.to_string())
            .with("made_from", "list")
            .with("subject_kind", source.subject.as_str());
        if source.subject == "natural" {
            input = input.with("subject", stage.pools.names.party(&mut self.chance).name);
        }
        if !reported {
            return input;
        }
        let late = self.chance.happens(stage.scenario.credit.late_share);
        let days = if late { self.chance.between(8, 9) } else { self.chance.between(1, 6) };
        input.with("reported_on", stage.after_work_days(decided, days).to_string())
    }
}

impl Script for Department {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(quarter) => self.hand_in(stage, tx, quarter),
            None => Ok(()),
        }
    }
}

impl Penalty {
    /// The report goes out with the next batch: three to five working days after the decision, so that several go together.
    pub(super) fn plan_report(&mut self, stage: &Stage) {
        let mut day = stage.after_work_days(stage.today(), 2);
        while day.number() % 3 != 0 {
            day = stage.work_day(day.plus(1));
        }
        self.agenda.add(day, PenaltyAct::SendCredit);
    }

    /// Sends the reports of the case, or enters what the platform says of them.
    pub(super) fn credit(&mut self, act: PenaltyAct, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(decision) = self.matter else { return Ok(()) };
        let reports = store::reports(tx, &stage.desk.county, By::Decision(decision), None)?;
        let mut chance = Chance::new(stage.scenario.scenario.seed, "credit answer", low_bits(decision));
        for report in reports.iter().map(|report| report.id) {
            let clerk = self.holder(stage, "enforcement_clerk", 0)?;
            match act {
                PenaltyAct::SendCredit => {
                    stage.desk.credit_batch = Some(format!("{}-001", stage.today().number()));
                    stage.take(tx, &clerk, Some(report), "send", Input::default())?;
                    self.agenda
                        .add(stage.after_work_days(stage.today(), chance.between(1, 2)), PenaltyAct::CreditAnswer);
                }
                _ if !self.returned && chance.happens(stage.scenario.credit.returned_share) => {
                    let input =
                        Input::default().with("reject_reason", "平台校验：法定代表人与登记信息不一致，请核对后重报。");
                    stage.take(tx, &clerk, Some(report), "reject", input)?;
                    self.returned = true;
                    self.agenda.add(stage.after_work_days(stage.today(), chance.between(1, 2)), PenaltyAct::SendCredit);
                }
                _ => stage.take(tx, &clerk, Some(report), "accept", Input::default())?,
            }
        }
        Ok(())
    }
}

/// Whether the reports of a decision have gone out.
pub(super) fn sent(stage: &Stage, tx: &Tx<'_>, decision: MatterId) -> Result<bool, Fault> {
    let reports = store::reports(tx, &stage.desk.county, By::Decision(decision), None)?;
    Ok(reports.iter().all(|report| report.standing() != "owed"))
}

/// Sends the reports of a decision with the batch of today, or enters that the platform took them.
pub(super) fn hand_over(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    clerk: &Holder,
    decision: MatterId,
    step: &str,
) -> Result<(), Fault> {
    let reports = store::reports(tx, &stage.desk.county, By::Decision(decision), None)?;
    for report in reports.iter().map(|report| report.id) {
        if step == "send" {
            stage.desk.credit_batch = Some(format!("{}-001", stage.today().number()));
        }
        stage.take(tx, clerk, Some(report), step, Input::default())?;
    }
    Ok(())
}

fn low_bits(matter: MatterId) -> u64 {
    u64::try_from(matter.0 & u128::from(u64::MAX)).unwrap_or(0)
}
