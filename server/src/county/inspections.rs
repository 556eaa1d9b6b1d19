//! Inspections as they are planned, drawn and carried out: one campaign of an organ in a year, and what each inspection comes to.
//!
//! Does not belong here: what is asked (law/procedures/enforcement/inspection*.toml), cases that officers bring (`penalties.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::matter::{Fact, Input, MatterState};
use zhunsheng_core::text;

use super::Fault;
use super::chance::Chance;
use super::credit;
use super::material;
use super::powers;
use super::scenario::FieldPlan;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::app::inspect::draw;
use crate::store::{Tx, matters};

/// How much of it there is, in each field of law.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct InspectionPlan {
    pub objects: usize,
    pub years: Vec<i16>,
    pub drawn: usize,
    pub cap: i64,
    pub found_share: f64,
    pub spot_share: f64,
    pub case_every: usize,
    pub cancelled_share: f64,
}

/// Texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    words: Vec<String>,
    trades: BTreeMap<String, Vec<String>>,
    items: BTreeMap<String, String>,
    clean: Vec<String>,
    problem: Vec<Problem>,
}

/// What is found, and what is to be done about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Problem {
    item: String,
    violation: String,
    note: String,
    order: String,
}

impl Pool {
    fn load() -> Result<Self, Fault> {
        let (file, source) = ("pools/inspections.toml", material::scenario_file("pools/inspections.toml")?);
        let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
        toml::from_str(&source).map_err(fault)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    List,
    Draft,
    Approve,
    Publish,
    Draw,
    /// Of the inspection with this number.
    Of(usize, Task),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Task {
    Approve,
    Visit,
    Recheck,
    PublishResult,
    Decline,
    CloseSpot,
    /// The report of a penalty on the spot.
    SendReport,
    /// What the platform says of it.
    ReportAnswer,
}

/// A year's random inspections of one organ.
struct Campaign {
    field: FieldPlan,
    year: i16,
    /// The first campaign of a field lists what may be inspected.
    first: bool,
    plan: Option<MatterId>,
    inspections: Vec<MatterId>,
    /// Cases that came of them, by the inspection's number.
    cases: BTreeMap<usize, MatterId>,
    findings: usize,
    pool: Arc<Pool>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// All campaigns.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let pool = Arc::new(Pool::load()?);
    let scenario = Arc::clone(&stage.scenario);
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (nth, field) in (0u64..).zip(&scenario.penalty.fields) {
        for (n, year) in scenario.inspection.years.iter().enumerate() {
            let mut chance =
                Chance::new(scenario.scenario.seed, "inspections", nth * 10_000 + u64::from(year.unsigned_abs()));
            let Some(begins) = Day::new(*year, 2, 10).map(|day| stage.after_work_days(day, chance.between(0, 8)))
            else {
                continue;
            };
            let mut agenda = Agenda::default();
            if n == 0 {
                agenda.add(begins, Act::List);
            }
            agenda.add(begins, Act::Draft);
            scripts.push(Box::new(Campaign {
                field: field.clone(),
                year: *year,
                first: n == 0,
                plan: None,
                inspections: Vec::new(),
                cases: BTreeMap::new(),
                findings: 0,
                pool: Arc::clone(&pool),
                agenda,
                chance,
            }));
        }
    }
    Ok(scripts)
}

/// An invented credit code with valid check digits; DEM marks the demonstration.
fn credit_code(number: usize) -> Option<String> {
    const DIGITS: [char; 31] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M',
        'N', 'P', 'Q', 'R', 'T', 'U', 'W', 'X', 'Y',
    ];
    let body = format!("91211224DEM{number:05}");
    DIGITS.iter().find_map(|nine| {
        let start = format!("{body}{nine}");
        DIGITS.iter().map(|last| format!("{start}{last}")).find(|code| text::uscc_problem(code).is_none())
    })
}

impl Campaign {
    fn clerk(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.field.organ, "enforcement_clerk", 0)
    }

    fn head(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.field.organ, "organ_head", 0)
    }

    fn list(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (who, scenario) = (self.clerk(stage)?, Arc::clone(&stage.scenario));
        let base = scenario.penalty.fields.iter().position(|field| field.code == self.field.code).unwrap_or(0);
        let trades = self.pool.trades.get(&self.field.code).cloned().unwrap_or_default();
        for n in 0..scenario.inspection.objects {
            let number = base * 1_000 + n + 20_000;
            let Some(town) = self.chance.pick(&scenario.county.towns).cloned() else { continue };
            let word = self.pool.words.get(n % self.pool.words.len().max(1)).cloned().unwrap_or_default();
            let trade = self.chance.pick(&trades).cloned().unwrap_or_default();
            let short = town.name.trim_end_matches("人民政府");
            let risk = ["low", "general", "general", "high"].get(n % 4).copied().unwrap_or("general");
            let input = Input::default()
                .with("name", format!("昌图县{}{word}{trade}", short.trim_end_matches('镇')))
                .with("object_kind", "legal")
                .with("uscc", credit_code(number).unwrap_or_default())
                .with("place", town.place.as_str())
                .with("address", format!("{short}{}号", 10 + n))
                .with("representative", stage.pools.names.party(&mut self.chance).name)
                .with("domain", self.field.code.as_str())
                .with("risk", risk);
            stage.act(tx, &who, open("inspection_object", "register", input))?;
        }
        Ok(())
    }

    fn draft(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = self.clerk(stage)?;
        let items = self.pool.items.get(&self.field.code).cloned().unwrap_or_default();
        let input = Input::default()
            .with("year", self.year.to_string())
            .with("plan_title", format!("{}年度{}领域双随机抽查", self.year, self.field.name))
            .with("domain", self.field.code.as_str())
            .with("plan_kind", "random")
            .with("items", items)
            .with("scope", "名录库中本领域的在库对象；同一户的几个事项一次查完。")
            .with("proportion", "20")
            .with("object_cap", stage.scenario.inspection.cap.to_string())
            .with("carry_out_by", format!("{}-09-30", self.year));
        self.plan = Some(stage.act(tx, &who, open("inspection_plan", "draft", input))?.matter);
        for (days, act) in [(3, Act::Approve), (5, Act::Publish), (9, Act::Draw)] {
            self.agenda.add(stage.after_work_days(stage.today(), days), act);
        }
        Ok(())
    }

    /// Officers of the bureau whose certificates serve today.
    fn officers(&self, stage: &Stage) -> Vec<Holder> {
        let register = "enforcement_certificate".into();
        let serves = |holder: &&Holder| {
            stage.desk.registry.credential(holder.person, &register, Some(&self.field.code), stage.today()).is_ok()
        };
        stage.staff.all(&self.field.organ, "enforcement_officer").iter().filter(serves).cloned().collect()
    }

    fn draw(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.officers(stage).len() < 2 {
            self.agenda.add(stage.after_work_days(stage.today(), 10), Act::Draw);
            return Ok(());
        }
        let (who, wanted) = (self.clerk(stage)?, stage.scenario.inspection.drawn.to_string());
        stage.take(tx, &who, self.plan, "draw", Input::default().with("wanted", wanted))?;
        let drawn = linked(stage, tx, self.plan)?.and_then(|plan| plan.links.last().map(|link| link.matter));
        let assigned = linked(stage, tx, drawn)?.map(|draw| draw.links).unwrap_or_default();
        self.inspections = assigned.iter().map(|link| link.matter).collect();
        for n in 0..self.inspections.len() {
            let day = stage.after_work_days(stage.today(), self.chance.between(1, 15));
            self.agenda.add(day, Act::Of(n, Task::Approve));
        }
        Ok(())
    }

    fn approve(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let matter = self.inspections.get(n).copied();
        let head = self.head(stage)?;
        if self.chance.happens(stage.scenario.inspection.cancelled_share) {
            let input = Input::default().with("cancel_reason", "deregistered");
            return stage.take(tx, &head, matter, "cancel", input);
        }
        let Some(lead) = self.officers(stage).first().cloned() else {
            self.agenda.add(stage.after_work_days(stage.today(), 5), Act::Of(n, Task::Approve));
            return Ok(());
        };
        let mut input = Input { assignee: Some(lead.person), ..Input::default() };
        let powers = stage.desk.registry.powers().in_domain("inspection", &self.field.code);
        if let Some(power) = powers.map(|power| power.id).next() {
            input = input.with("power", power.to_string());
        }
        stage.take(tx, &head, matter, "approve", input)?;
        let day = stage.after_work_days(stage.today(), self.chance.between(2, 60));
        self.agenda.add(day, Act::Of(n, Task::Visit));
        Ok(())
    }

    /// Those who were drawn, if they are still there; otherwise others, and then a reason is given.
    fn pair(&self, stage: &Stage, tx: &Tx<'_>, inspection: &MatterState) -> Result<Option<(Vec<Holder>, bool)>, Fault> {
        let able = self.officers(stage);
        let object = inspection.fact("object").map(Fact::text).and_then(|id| MatterId::parse(&id));
        let pairs = match inspection.parent {
            Some(draw) => draw::recorded(tx, &stage.desk.county, draw)?,
            None => Vec::new(),
        };
        let drawn = pairs.into_iter().filter(|(known, _)| Some(*known) == object).flat_map(|(_, two)| two).collect();
        let drawn: Vec<PersonId> = draw::holders(&stage.desk.registry, &drawn);
        let two: Vec<Holder> = able.iter().filter(|one| drawn.contains(&one.person)).cloned().collect();
        if two.len() == drawn.len() && two.len() >= 2 {
            return Ok(Some((two, true)));
        }
        Ok((able.len() >= 2).then(|| (able.into_iter().take(2).collect(), false)))
    }

    fn visit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let matter = self.inspections.get(n).copied();
        let Some(state) = linked(stage, tx, matter)? else { return Ok(()) };
        let Some((two, drawn)) = self.pair(stage, tx, &state)? else {
            self.agenda.add(stage.after_work_days(stage.today(), 5), Act::Of(n, Task::Visit));
            return Ok(());
        };
        let Some(lead) = two.first().cloned() else { return Ok(()) };
        let officers: Vec<PersonId> = two.iter().map(|one| one.person).collect();
        let code = state.said("object_code");
        let mut input = Input { officers: officers.clone(), ..Input::default() }
            .with("certificates_shown", "yes")
            .with("entry_code", code);
        if !drawn {
            input.reason = Some("抽中的检查人员已调整岗位，由在岗持证人员检查。".to_owned());
        }
        stage.take(tx, &lead, matter, "enter", input)?;
        let plan = stage.scenario.inspection.clone();
        let found = self.chance.happens(plan.found_share);
        let problem = self.chance.pick(&self.pool.problem).cloned().filter(|_| found);
        let clean = self.chance.pick(&self.pool.clean).cloned().unwrap_or_default();
        let input = Input { officers, ..Input::default() };
        let Some(problem) = problem else {
            let input = input.with("site_record", clean).with("found", "no").with("statement", "无异议");
            stage.take(tx, &lead, matter, "record_site", input)?;
            stage.take(tx, &lead, matter, "close_clean", Input::default())?;
            self.agenda.add(stage.after_work_days(stage.today(), 8), Act::Of(n, Task::PublishResult));
            return Ok(());
        };
        let mut input = input
            .with("items", format!("{}|licence|ledger|safety|conduct", problem.item))
            .with("site_record", format!("检查人员出示证件后逐项检查。{}", problem.note))
            .with("found", "yes")
            .with("problem_items", problem.item.as_str())
            .with("problem_note", problem.note.as_str())
            .with("statement", "情况属实");
        input.evidence = stage.document("photo");
        input.evidence.iter_mut().for_each(|photo| photo.kind = "physical".into());
        stage.take(tx, &lead, matter, "record_site", input)?;
        self.findings += 1;
        self.conclude(stage, tx, (n, &lead), &problem)
    }

    /// What follows from a finding: a case now and then, a warning on the spot, mostly an order to put it right.
    fn conclude(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        (n, lead): (usize, &Holder),
        problem: &Problem,
    ) -> Result<(), Fault> {
        let plan = stage.scenario.inspection.clone();
        let matter = self.inspections.get(n).copied();
        self.agenda.add(stage.after_work_days(stage.today(), 10), Act::Of(n, Task::PublishResult));
        let case = plan.case_every > 0 && self.findings.is_multiple_of(plan.case_every);
        if case || self.chance.happens(plan.spot_share) {
            let step = if case { "to_case" } else { "to_spot_penalty" };
            let mut input =
                Input::default().with("violation", problem.violation.as_str()).with("power_basis", "statutory");
            if let Some(power) =
                powers::power_for(stage, &self.field.code, &problem.violation).or_else(|| self.any_power(stage))
            {
                input = input.with("penalty_power", power.to_string());
            }
            stage.take(tx, lead, matter, step, input)?;
            let case_matter = linked(stage, tx, matter)?.and_then(|state| state.links.last().map(|link| link.matter));
            self.cases.extend(case_matter.map(|case_matter| (n, case_matter)));
            let (days, task) = if case { (4, Task::Decline) } else { (0, Task::CloseSpot) };
            self.agenda.add(stage.after_work_days(stage.today(), days), Act::Of(n, task));
            return Ok(());
        }
        let by = stage.after_work_days(stage.today(), 7);
        let input = Input::default()
            .with("correction_basis", "本领域法律、法规的相应条款（演示）")
            .with("correction_order", problem.order.as_str())
            .with("correct_by", by.to_string());
        stage.take(tx, lead, matter, "order_correction", input)?;
        self.agenda.add(stage.after_work_days(by, 3), Act::Of(n, Task::Recheck));
        Ok(())
    }

    fn any_power(&self, stage: &Stage) -> Option<MatterId> {
        stage.desk.registry.powers().in_domain("penalty", &self.field.code).map(|power| power.id).next()
    }

    fn recheck(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let matter = self.inspections.get(n).copied();
        let able = self.officers(stage);
        let [lead, other, ..] = able.as_slice() else {
            self.agenda.add(stage.after_work_days(stage.today(), 3), Act::Of(n, Task::Recheck));
            return Ok(());
        };
        let input = Input { officers: vec![lead.person, other.person], ..Input::default() }
            .with("recheck_record", "逐项复查，已经改正。")
            .with("corrected", "yes");
        stage.take(tx, lead, matter, "recheck_correction", input)?;
        stage.take(tx, lead, matter, "close_corrected", Input::default())
    }

    /// A warning on the spot: decided by two, handed over, reported, and not published.
    fn close_spot(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let able = self.officers(stage);
        let [lead, other, ..] = able.as_slice() else { return Ok(()) };
        let case = self.cases.get(&n).copied();
        let decision = Input { officers: vec![lead.person, other.person], ..Input::default() }
            .with("violation_basis", "本领域法律、法规的相应条款（演示）")
            .with("penalty_basis", "本领域法律、法规的相应条款（演示）")
            .with("discretion", "ordinary")
            .with("told", "yes")
            .with("defence_text", "没有异议")
            .with("kinds", "warning")
            .with("correction", "at_once");
        stage.take(tx, lead, case, "decide", decision)?;
        stage.take(tx, lead, case, "serve", Input::default().with("signing", "signed"))?;
        stage.take(tx, lead, case, "report", Input::default())?;
        let reviewer = stage.staff.nth(&self.field.organ, "legal_reviewer", 0)?;
        stage.take(tx, &reviewer, case, "withhold", Input::default().with("withhold_ground", "no_influence"))?;
        self.agenda.add(stage.after_work_days(stage.today(), 3), Act::Of(n, Task::SendReport));
        self.agenda.add(stage.after_work_days(stage.today(), 5), Act::Of(n, Task::ReportAnswer));
        let head = self.head(stage)?;
        stage.take(tx, &head, case, "close", Input::default())
    }

    fn hand_over(&self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize, step: &str) -> Result<(), Fault> {
        let Some(case) = self.cases.get(&n).copied() else { return Ok(()) };
        let clerk = self.clerk(stage)?;
        credit::hand_over(stage, tx, &clerk, case, step)
    }

    fn task(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize, task: Task) -> Result<(), Fault> {
        match task {
            Task::Approve => self.approve(stage, tx, n),
            Task::Visit => self.visit(stage, tx, n),
            Task::Recheck => self.recheck(stage, tx, n),
            Task::PublishResult => {
                let who = self.clerk(stage)?;
                let input = Input::default().with("channel", "enforcement_platform");
                stage.take(tx, &who, self.inspections.get(n).copied(), "publish_result", input)
            }
            Task::Decline => {
                let reason = "经核查，违法行为轻微，已经改正，没有造成危害后果，不予立案。";
                let input = Input::default().with("decline_reason", reason);
                let head = self.head(stage)?;
                stage.take(tx, &head, self.cases.get(&n).copied(), "decline_filing", input)
            }
            Task::CloseSpot => self.close_spot(stage, tx, n),
            Task::SendReport => self.hand_over(stage, tx, n, "send"),
            Task::ReportAnswer => self.hand_over(stage, tx, n, "accept"),
        }
    }
}

fn linked(stage: &Stage, tx: &Tx<'_>, matter: Option<MatterId>) -> Result<Option<MatterState>, Fault> {
    let Some(matter) = matter else { return Ok(None) };
    Ok(matters::find_state(tx, &stage.desk.county, matter)?)
}

impl Script for Campaign {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::List) if self.first => self.list(stage, tx),
            Some(Act::Draft) => self.draft(stage, tx),
            Some(Act::Approve) => {
                let head = self.head(stage)?;
                stage.take(tx, &head, self.plan, "approve", Input::default())
            }
            Some(Act::Publish) => {
                let who = self.clerk(stage)?;
                stage.take(tx, &who, self.plan, "publish", Input::default().with("channel", "government_site"))
            }
            Some(Act::Draw) => self.draw(stage, tx),
            Some(Act::Of(n, task)) => self.task(stage, tx, n, task),
            Some(Act::List) | None => Ok(()),
        }
    }
}
