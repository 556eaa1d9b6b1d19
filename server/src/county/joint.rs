//! Joint settlement as it is done: a town's centre or station registers a dispute, sends it to a department that signs for it or
//! sends it back, units sit together, and somebody else than the department judges whether it is resolved.
//!
//! Does not belong here: disputes before a mediation committee (`mediations.rs`), what the law asks (law/procedures/grassroots/joint_dispute.toml).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::dispute::Story;
use super::material;
use super::stage::{Agenda, Holder, Script, Stage, open};
use super::standing::entered;
use crate::store::Tx;

/// How much of it there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct JointPlan {
    pub from: Day,
    pub resolved: usize,
    pub late: usize,
    pub returned: usize,
    pub diverted: usize,
    pub unresolved: usize,
    /// Which department a kind of dispute goes to.
    pub leads: BTreeMap<String, String>,
    pub scenes: Vec<JointScene>,
}

/// A dispute that stands open on the last day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct JointScene {
    pub id: Option<String>,
    pub day: Day,
    pub town: String,
    pub kind: String,
    /// Whether a letter to the court has gone out and nothing has come back.
    #[serde(default)]
    pub court: bool,
    pub until: Act,
}

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Register,
    Assess,
    Transfer,
    Return,
    Sign,
    Write,
    Reply,
    Session,
    Report,
    Judge,
    Visit,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Resolved,
    Diverted,
    Unresolved,
}

struct Dispute {
    kind: String,
    lead: String,
    town: String,
    by_centre: bool,
    end: End,
    late: bool,
    returned: bool,
    writes: bool,
    until: Option<Act>,
    scene: Option<String>,
    matter: Option<MatterId>,
    pool: Arc<BTreeMap<String, Vec<String>>>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// All of them: those of the three years, and those that stand open on the last day.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let (file, source) = ("pools/joint.toml", material::scenario_file("pools/joint.toml")?);
    let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
    let pool: Arc<BTreeMap<String, Vec<String>>> = Arc::new(toml::from_str(&source).map_err(fault)?);
    let (plan, about) = (&stage.scenario.joint, &stage.scenario.scenario);
    let (first, last) = (plan.from, about.period_to.plus(-60));
    let kinds: Vec<&String> = plan.leads.keys().collect();
    let total = plan.resolved + plan.diverted + plan.unresolved;
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for nth in 0..total + plan.scenes.len() {
        let mut chance = Chance::new(about.seed, "joint", u64::try_from(nth).unwrap_or(0));
        let scene = nth.checked_sub(total).and_then(|nth| plan.scenes.get(nth));
        let town = chance.pick(&stage.scenario.county.towns).map(|town| town.code.clone()).unwrap_or_default();
        let drawn = chance.pick(&kinds).map(|kind| (*kind).clone()).unwrap_or_default();
        let day = stage.work_day(first.plus(chance.between(0, last.days_since(first).max(0))));
        let kind = scene.map_or(drawn, |scene| scene.kind.clone());
        let mut agenda = Agenda::default();
        agenda.add(scene.map_or(day, |scene| scene.day), Act::Register);
        scripts.push(Box::new(Dispute {
            lead: plan.leads.get(&kind).cloned().unwrap_or_default(),
            kind,
            town: scene.map_or(town, |scene| scene.town.clone()),
            by_centre: scene.is_none() && chance.happens(0.6),
            end: match nth {
                _ if nth < plan.resolved || scene.is_some() => End::Resolved,
                _ if nth < plan.resolved + plan.diverted => End::Diverted,
                _ => End::Unresolved,
            },
            late: scene.is_none() && nth < plan.late,
            returned: scene.map_or((plan.late..plan.late + plan.returned).contains(&nth), |s| s.until == Act::Transfer),
            writes: scene.map_or(nth % 3 == 0, |scene| scene.court),
            until: scene.map(|scene| scene.until),
            scene: scene.and_then(|scene| scene.id.clone()),
            matter: None,
            pool: Arc::clone(&pool),
            agenda,
            chance,
        }));
    }
    scripts.extend(patrols(stage));
    Ok(scripts)
}

/// Every station patrols a village once a quarter, and says what was found.
fn patrols(stage: &Stage) -> Vec<Box<dyn Script>> {
    let about = &stage.scenario.scenario;
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (nth, town) in (0..).zip(&stage.scenario.county.towns) {
        let mut chance = Chance::new(about.seed, "patrols", nth);
        let station = format!("{}_station", town.code);
        let mut day = about.period_from.plus(chance.between(20, 80));
        while day < about.period_to {
            let held = stage.work_day(day);
            let place = stage.villages.get(&town.place).and_then(|villages| chance.pick(villages));
            let found = chance.between(0, 3);
            let input = Input::default()
                .with("patrol_kind", "routine")
                .with("patrolled_on", held.to_string())
                .with("place", place.map_or(town.place.as_str(), |village| village.code.as_str()))
                .with("households", chance.between(20, 90).to_string())
                .with("found", found.to_string());
            scripts.push(entered("dispute_patrol", held, (&station, "justice_station_head"), input));
            day = day.plus(91);
        }
    }
    scripts
}

impl Dispute {
    fn draw(&mut self, kind: &str) -> String {
        self.pool.get(kind).and_then(|texts| self.chance.pick(texts)).cloned().unwrap_or_default()
    }

    /// Who registered it: the town's centre, or the justice station.
    fn holder(&self, stage: &Stage) -> Result<Holder, Fault> {
        if self.by_centre {
            stage.staff.nth(&self.town, "joint_clerk", 0)
        } else {
            stage.staff.nth(&format!("{}_station", self.town), "justice_station_head", 0)
        }
    }

    fn hold(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = self.holder(stage)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn lead(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(&self.lead, "dispute_liaison", 0)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn soon(&mut self, stage: &Stage, (low, high): (i64, i64), act: Act) {
        let days = self.chance.between(low, high);
        self.agenda.add(stage.after_work_days(stage.today(), days), act);
    }

    fn register(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let committees = Arc::clone(&stage.committees);
        let own = format!("{}_committee", self.town);
        let committee = committees.iter().find(|committee| committee.organ == own);
        let committee = committee.ok_or_else(|| Fault::Missing { what: own.clone() })?;
        let mut story = Story::new(stage, committee, &self.kind, stage.today(), &mut self.chance)?;
        // Of labour disputes, those about wages come here.
        while self.kind == "labour" && !story.is_wages() {
            story = Story::new(stage, committee, &self.kind, stage.today(), &mut self.chance)?;
        }
        let source = self.chance.pick(&["visit", "grid", "hotline", "petition"]).copied().unwrap_or("visit");
        let mut input = story.told().with("source", source).with("centre", self.town.as_str());
        if story.is_wages() {
            input = input.with("wage_arrears", "yes");
        }
        let who = self.holder(stage)?;
        let done = stage.act(tx, &who, open("joint_dispute", "register", input))?;
        self.matter = Some(done.matter);
        stage.enter(self.scene.as_ref(), done.matter);
        self.soon(stage, (0, 1), Act::Assess);
        Ok(())
    }

    fn transfer(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let note = self.draw("transfer");
        let input = Input::default().with("lead_organ", self.lead.as_str()).with("transfer_note", note);
        self.hold(stage, tx, "transfer", input)?;
        if self.returned {
            self.soon(stage, (1, 2), Act::Return);
        } else {
            // Two working days are given: who is late signs on the fourth or fifth.
            self.soon(stage, if self.late { (4, 5) } else { (0, 2) }, Act::Sign);
        }
        Ok(())
    }

    fn sign(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let mut input = Input::default().with("handle_way", "coordinate");
        if self.late {
            input = input.with("late_reason", self.draw("late"));
        }
        self.lead(stage, tx, "sign_for", input)?;
        if self.writes {
            self.soon(stage, (0, 0), Act::Write);
        }
        self.soon(stage, (1, 2), Act::Session);
        self.soon(stage, (2, 4), Act::Report);
        Ok(())
    }

    /// A letter to the court and one to the police: the court may leave it unanswered, nobody counts the days.
    fn write(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (court, police) = (self.draw("court_letter"), self.draw("police_letter"));
        let input = Input::default().with("court_letter_kind", "invite").with("court_letter_text", court);
        self.hold(stage, tx, "write_court", input)?;
        if self.until.is_none() {
            let input = Input::default().with("police_letter_kind", "invite").with("police_letter_text", police);
            self.hold(stage, tx, "write_police", input)?;
            self.soon(stage, (1, 1), Act::Reply);
        }
        Ok(())
    }

    fn session(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let record = self.draw("session");
        let people =
            format!("司法所、镇综治中心、{}各一人", stage.desk.registry.organ_name(&self.lead.as_str().into()));
        let input = Input::default()
            .with("joint_with", self.units())
            .with("session_organs", self.lead.as_str())
            .with("parties_came", "yes")
            .with("session_people", people)
            .with("session_record", record)
            .with("session_place", "镇综治中心调解室");
        self.hold(stage, tx, "hold_session", input)
    }

    fn units(&self) -> &'static str {
        if self.writes {
            "police_station|justice_station|town_government|department"
        } else {
            "justice_station|town_government|department"
        }
    }

    fn judge(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.end {
            End::Resolved => {
                let note = self.draw("resolution");
                let input = Input::default()
                    .with("resolution_way", "joint_mediation")
                    .with("resolved_by", self.lead.as_str())
                    .with("resolution_note", note)
                    .with("parties_signed", "yes")
                    .with("joint_with", self.units());
                let evidence = stage.document("resolution_proof");
                self.hold(stage, tx, "resolve", Input { evidence, ..input })?;
                self.soon(stage, (8, 15), Act::Visit);
                Ok(())
            }
            End::Diverted => {
                let note = self.draw("legal");
                let input = Input::default().with("legal_way", "litigation").with("legal_note", note);
                self.hold(stage, tx, "divert", input)
            }
            End::Unresolved => {
                let note = self.draw("unresolved");
                let input =
                    Input::default().with("unresolved_note", note).with("remedies_told", "litigation|legal_aid");
                self.hold(stage, tx, "close_unresolved", input)
            }
        }
    }

    fn play(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match act {
            Act::Register => self.register(stage, tx),
            Act::Assess => {
                let reason = self.draw("risk");
                let input = input.with("risk", "medium").with("risk_reason", reason).with("grade", "general");
                self.hold(stage, tx, "assess", input)?;
                self.soon(stage, (0, 0), Act::Transfer);
                Ok(())
            }
            Act::Transfer => self.transfer(stage, tx),
            Act::Return => {
                self.returned = false;
                let note = self.draw("returned");
                let input = input.with("return_reason", "not_competent").with("return_note", note);
                self.lead(stage, tx, "return_transfer", input)?;
                self.lead = if self.lead == "justice" { "agriculture" } else { "justice" }.to_owned();
                self.soon(stage, (0, 1), Act::Transfer);
                Ok(())
            }
            Act::Sign => self.sign(stage, tx),
            Act::Write => self.write(stage, tx),
            Act::Reply => {
                let day = stage.today().to_string();
                let court = input.clone().with("court_reply_kind", "letter").with("court_reply_day", day.as_str());
                self.hold(stage, tx, "enter_court_reply", court)?;
                let police = input.with("police_reply_kind", "attended").with("police_reply_day", day);
                self.hold(stage, tx, "enter_police_reply", police)
            }
            Act::Session => self.session(stage, tx),
            Act::Report => {
                let result = if self.end == End::Resolved { "settled" } else { "unsettled" };
                let note = self.draw("result");
                self.lead(stage, tx, "report_result", input.with("result", result).with("result_note", note))?;
                self.soon(stage, (0, 2), Act::Judge);
                Ok(())
            }
            Act::Judge => self.judge(stage, tx),
            Act::Visit => {
                self.hold(stage, tx, "visit", input.with("visit_way", "telephone").with("satisfaction", "satisfied"))
            }
        }
    }
}

impl Script for Dispute {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        // Who sends back comes before the second transfer: the scene of a dispute that was sent back stops there.
        let end = self.until.filter(|until| *until != Act::Transfer || !self.returned);
        let Some(act) = self.agenda.take_before(stage.today(), end.as_ref()) else { return Ok(()) };
        self.play(act, stage, tx)
    }
}
