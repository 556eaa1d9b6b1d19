//! Legal questions and online visits as they come in: asked, assigned, answered, some of them reviewed and published.
//!
//! Does not belong here: what the procedures ask (law/procedures/grassroots/legal_consultation.toml, legal_visit.toml).

use std::collections::BTreeMap;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Input};

use super::Fault;
use super::chance::Chance;
use super::material;
use super::pools::fill;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::store::Tx;

/// The organ whose clerk reviews what is published, and registers what was asked in broadcasts.
const BUREAU: &str = "justice";

/// How many there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct ConsultationsPlan {
    pub from: Day,
    pub live_from: Day,
    pub visits: usize,
    pub questions: usize,
    pub live: usize,
    pub portal_share: f64,
    pub published_share: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    kind: Vec<Kind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    topic: String,
    question: String,
    public_question: String,
    answer: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Visit,
    Ask,
    Assign,
    Answer,
    Propose,
    Approve,
    Publish,
}

/// One question, or one visit.
struct Session {
    kind: Kind,
    live: bool,
    matter: Option<MatterId>,
    agenda: Agenda<Act>,
    chance: Chance,
    town: (String, String),
}

/// Everything that comes in, in the period of the scenario.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let (file, source) = ("pools/consultations.toml", material::scenario_file("pools/consultations.toml")?);
    let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
    let pool: Pool = toml::from_str(&source).map_err(fault)?;
    let (plan, about) = (&stage.scenario.consultations, &stage.scenario.scenario);
    // The last ones still get their answer within the period.
    let last = about.period_to.plus(-10);
    let sorts = [(plan.visits, Act::Visit, false), (plan.questions, Act::Ask, false), (plan.live, Act::Ask, true)];
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (count, act, live) in sorts {
        let from = if live { plan.live_from } else { plan.from };
        for _ in 0..count {
            let number = u64::try_from(scripts.len()).unwrap_or(0);
            let mut chance = Chance::new(about.seed, "consultations", number);
            let Some(kind) = chance.pick(&pool.kind).cloned() else { continue };
            let town = chance.pick(&stage.scenario.county.towns);
            let town = town.map(|town| (town.code.clone(), town.place.clone())).unwrap_or_default();
            let mut agenda = Agenda::default();
            agenda.add(stage.work_day(from.plus(chance.between(0, last.days_since(from).max(0)))), act);
            scripts.push(Box::new(Session { kind, live, matter: None, agenda, chance, town }));
        }
    }
    Ok(scripts)
}

impl Session {
    fn station(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&format!("{}_station", self.town.0), "justice_station_head", 0)
    }

    /// Who deals with it: the bureau with what was asked in a broadcast, the station of the town with the rest.
    fn keeper(&self, stage: &Stage) -> Result<Holder, Fault> {
        if self.live { stage.staff.nth(BUREAU, "grassroots_clerk", 0) } else { self.station(stage) }
    }

    fn visit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = self.station(stage)?;
        let channel = self.chance.pick(&["wechat", "video", "telephone"]).copied().unwrap_or("wechat");
        let topic = if self.kind.topic == "neighbour" { "other" } else { self.kind.topic.as_str() };
        let input =
            Input::default().with("channel", channel).with("visit_topic", topic).with("place", self.town.1.as_str());
        stage.act(tx, &who, open("legal_visit", "receive", input))?;
        Ok(())
    }

    fn ask(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (first, second) = (stage.pools.names.party(&mut self.chance), stage.pools.names.party(&mut self.chance));
        let month = format!("{}月", stage.today().month());
        let values = BTreeMap::from([("a", first.name), ("b", second.name), ("month", month)]);
        let receiver = if self.live { BUREAU.to_owned() } else { format!("{}_station", self.town.0) };
        let input = Input::default()
            .with("receiver", receiver)
            .with("topic", self.kind.topic.as_str())
            .with("place", self.town.1.as_str())
            .with("question", fill(&self.kind.question, &mut self.chance, &values));
        let portal = !self.live && self.chance.happens(stage.scenario.consultations.portal_share);
        let done = if portal {
            let input = input.with("source", "portal");
            stage.act_as(tx, Actor::Citizen, open("legal_consultation", "ask_online", input))?
        } else {
            let who = self.keeper(stage)?;
            let input = input.with("source", if self.live { "live" } else { "wechat" });
            stage.act(tx, &who, open("legal_consultation", "register", input))?
        };
        self.matter = Some(done.matter);
        self.agenda.add(stage.today(), Act::Assign);
        Ok(())
    }

    fn step(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = if step == "approve" { stage.staff.nth(BUREAU, "grassroots_clerk", 0)? } else { self.keeper(stage)? };
        stage.take(tx, &who, self.matter, step, input)
    }

    fn assign(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let kind = self.chance.pick(&["lawyer", "lawyer", "grassroots_worker", "justice_staff"]);
        let name = stage.pools.names.party(&mut self.chance).name;
        let input = Input::default().with("helper_kind", kind.copied().unwrap_or("lawyer")).with("helper_name", name);
        self.step(stage, tx, "assign", input)?;
        let day = stage.after_work_days(stage.today(), self.chance.between(0, 2));
        self.agenda.add(day, Act::Answer);
        Ok(())
    }

    fn answer(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.step(stage, tx, "answer", Input::default().with("answer", self.kind.answer.as_str()))?;
        if !self.live && self.chance.happens(stage.scenario.consultations.published_share) {
            self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Propose);
        }
        Ok(())
    }

    fn propose(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default()
            .with("public_question", self.kind.public_question.as_str())
            .with("public_answer", self.kind.answer.as_str());
        self.step(stage, tx, "propose", input)?;
        self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Approve);
        Ok(())
    }

    fn approve(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.step(stage, tx, "approve", Input::default().with("review_note", "不含个人信息，条文现行有效。"))?;
        self.agenda.add(stage.today(), Act::Publish);
        Ok(())
    }
}

impl Script for Session {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::Visit) => self.visit(stage, tx),
            Some(Act::Ask) => self.ask(stage, tx),
            Some(Act::Assign) => self.assign(stage, tx),
            Some(Act::Answer) => self.answer(stage, tx),
            Some(Act::Propose) => self.propose(stage, tx),
            Some(Act::Approve) => self.approve(stage, tx),
            Some(Act::Publish) => self.step(stage, tx, "publish", Input::default()),
            None => Ok(()),
        }
    }
}
