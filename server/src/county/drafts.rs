//! Drafts on which comments are asked: published, commented on by citizens and by letter, studied, answered; one is open on the last day.
//!
//! Does not belong here: what the procedures ask (law/procedures/decision/public_consultation.toml, public_comment.toml).

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Input, PartyInput};
use zhunsheng_core::procedure::PartyKind;

use super::Fault;
use super::chance::Chance;
use super::material;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::app::commenting::{COMMENT, CONSULTATION};
use crate::store::Tx;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    draft: Vec<Told>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    organ: String,
    kind: String,
    market: bool,
    title: String,
    explanation: String,
    text: String,
    feedback: String,
    until_end: i64,
    days: i64,
    last: Act,
    comments: Vec<Comment>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    how: String,
    about: String,
    text: String,
    named: bool,
    settled: String,
    note: String,
}

/// What somebody does next; how far a draft is played is told in the words of its states.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Prepare,
    #[serde(rename = "open")]
    Publish,
    Comment(usize),
    #[serde(rename = "closed")]
    Close,
    Settle,
    Answer,
    #[serde(rename = "fed_back")]
    Feedback,
}

/// One draft.
struct Draft {
    told: Told,
    matter: Option<MatterId>,
    /// The comments that came, by their place in the pool.
    came: Vec<(usize, MatterId)>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// All drafts.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let (file, source) = ("pools/drafts.toml", material::scenario_file("pools/drafts.toml")?);
    let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
    let pool: Pool = toml::from_str(&source).map_err(fault)?;
    let about = &stage.scenario.scenario;
    let one = |(number, told): (usize, Told)| {
        let chance = Chance::new(about.seed, "drafts", u64::try_from(number).unwrap_or(0));
        let mut agenda = Agenda::default();
        agenda.add(stage.work_day(about.period_to.plus(-told.until_end)), Act::Prepare);
        Box::new(Draft { told, matter: None, came: Vec::new(), agenda, chance }) as Box<dyn Script>
    };
    Ok(pool.draft.into_iter().enumerate().map(one).collect())
}

impl Draft {
    fn drafter(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.told.organ, "drafter", 0)
    }

    fn head(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.told.organ, "deputy_head", 0)
    }

    fn closes(&self, stage: &Stage) -> Day {
        stage.today().plus(self.told.days)
    }

    fn prepare(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let told = &self.told;
        let mut input = Input::default()
            .with("secrecy", "none")
            .with("document_kind", told.kind.as_str())
            .with("document_title", told.title.as_str())
            .with("explanation", told.explanation.as_str())
            .with("draft_text", told.text.trim())
            .with("closes_on", self.closes(stage).to_string());
        if told.kind == "normative_document" {
            input = input.with("market_related", if told.market { "yes" } else { "no" });
        }
        let who = self.drafter(stage)?;
        self.matter = Some(stage.act(tx, &who, open(CONSULTATION, "prepare", input))?.matter);
        self.agenda.add(stage.today(), Act::Publish);
        Ok(())
    }

    fn publish(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (who, closes) = (self.head(stage)?, self.closes(stage));
        stage.take(tx, &who, self.matter, "publish", Input::default().with("closes_on", closes.to_string()))?;
        for at in 0..self.told.comments.len() {
            let day = stage.today().plus(self.chance.between(1, 9));
            self.agenda.add(stage.work_day(day), Act::Comment(at));
        }
        if self.told.last != Act::Publish {
            self.agenda.add(stage.work_day(closes.plus(1)), Act::Close);
        }
        Ok(())
    }

    fn comment(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, at: usize) -> Result<(), Fault> {
        let (Some(comment), Some(matter)) = (self.told.comments.get(at).cloned(), self.matter) else { return Ok(()) };
        let mut input = Input::default()
            .with("consultation", matter.to_string())
            .with("way", comment.how.as_str())
            .with("comment", comment.text.as_str());
        if !comment.about.is_empty() {
            input = input.with("about", comment.about.as_str());
        }
        if comment.named {
            let name = stage.pools.names.party(&mut self.chance).name;
            let role = Some("commenter".into());
            input.parties.push(PartyInput { role, kind: Some(PartyKind::Natural), name, ..PartyInput::default() });
        }
        let done = if comment.how == "portal" {
            stage.act_as(tx, Actor::Citizen, open(COMMENT, "comment_online", input))?
        } else {
            let who = self.drafter(stage)?;
            let input = input.with("came_on", stage.today().to_string());
            stage.act(tx, &who, open(COMMENT, "register_comment", input))?
        };
        self.came.push((at, done.matter));
        Ok(())
    }

    fn settle(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = self.drafter(stage)?;
        for (at, matter) in self.came.clone() {
            let Some(comment) = self.told.comments.get(at).filter(|comment| !comment.settled.is_empty()) else {
                continue;
            };
            let input = Input::default()
                .with("settled_as", comment.settled.as_str())
                .with("settled_note", comment.note.as_str());
            stage.take(tx, &who, Some(matter), "settle", input)?;
        }
        if self.told.last == Act::Feedback {
            self.agenda.add(stage.after_work_days(stage.today(), 2), Act::Answer);
        }
        Ok(())
    }
}

impl Script for Draft {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::Prepare) => self.prepare(stage, tx),
            Some(Act::Publish) => self.publish(stage, tx),
            Some(Act::Comment(at)) => self.comment(stage, tx, at),
            Some(Act::Close) => {
                let who = self.drafter(stage)?;
                stage.take(tx, &who, self.matter, "close", Input::default())?;
                self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Settle);
                Ok(())
            }
            Some(Act::Settle) => self.settle(stage, tx),
            Some(Act::Answer) => {
                let who = self.drafter(stage)?;
                let input = Input::default().with("feedback", self.told.feedback.as_str());
                stage.take(tx, &who, self.matter, "answer", input)?;
                self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Feedback);
                Ok(())
            }
            Some(Act::Feedback) => {
                let who = self.head(stage)?;
                stage.take(tx, &who, self.matter, "publish_feedback", Input::default())
            }
            None => Ok(()),
        }
    }
}
