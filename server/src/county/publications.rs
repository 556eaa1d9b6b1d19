//! Articles and broadcasts of the justice bureau's account: drafted, reviewed three times by three people, published, and
//! counted some weeks later.
//!
//! Does not belong here: what the review asks (law/procedures/integrity/publication_review.toml).

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::plan::day_in;
use super::popular::{BUREAU, Pool, shared};
use super::stage::{Agenda, Script, Stage, open};
use crate::store::Tx;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Draft,
    GiveBack,
    Redraft,
    First,
    Second,
    Release,
    Publish,
    Measure,
}

/// One article or broadcast.
struct Publication {
    pool: Arc<Pool>,
    live: bool,
    /// Reads of an article, viewers of a broadcast.
    seen: i64,
    minutes: i64,
    title: String,
    until: Option<Act>,
    matter: Option<MatterId>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// Everything that is published in the period, and what still waits for a review on its last day.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let pool = Arc::new(Pool::load()?);
    let (plan, about) = (&stage.scenario.popularisation, &stage.scenario.scenario);
    let period = (plan.published_from, about.period_to.plus(-10));
    let mut all: Vec<Publication> = Vec::new();
    for live in [false, true] {
        let count = if live { plan.broadcasts } else { plan.articles };
        for nth in 0..count {
            let purpose = if live { "broadcast" } else { "article" };
            let mut chance = Chance::new(about.seed, purpose, u64::try_from(nth).unwrap_or(0));
            let day = day_in(stage, &mut chance, period, &[1.0; 12], 0.0);
            all.push(publication(&pool, live, day, None, chance));
        }
    }
    share_out(stage, &mut all);
    if plan.open_publications {
        let waiting = [Act::First, Act::Second, Act::Release, Act::Publish];
        for (nth, until) in (0..).zip(waiting) {
            let chance = Chance::new(about.seed, "open publication", nth);
            let day = stage.work_day(about.period_to.plus(-4));
            all.push(publication(&pool, false, day, Some(until), chance));
        }
    }
    Ok(all.into_iter().map(|publication| Box::new(publication) as Box<dyn Script>).collect())
}

fn publication(pool: &Arc<Pool>, live: bool, day: Day, until: Option<Act>, mut chance: Chance) -> Publication {
    let mut agenda = Agenda::default();
    agenda.add(day, Act::Draft);
    let title = pool.draw(if live { "broadcasts" } else { "articles" }, &mut chance);
    // A few are read by many, most by few.
    let drawn = chance.between(30, 100);
    let seen = drawn * drawn * drawn / 1_000 + 20;
    let minutes = chance.between(90, 150);
    Publication { pool: Arc::clone(pool), live, seen, minutes, title, until, matter: None, agenda, chance }
}

/// The scenario's totals, shared out.
fn share_out(stage: &Stage, all: &mut [Publication]) {
    let plan = &stage.scenario.popularisation;
    for live in [false, true] {
        let chosen: Vec<&mut Publication> = all.iter_mut().filter(|publication| publication.live == live).collect();
        let weights: Vec<i64> = chosen.iter().map(|publication| publication.seen).collect();
        let lengths: Vec<i64> = chosen.iter().map(|publication| publication.minutes).collect();
        let seen = shared(if live { plan.viewers } else { plan.reads }, &weights);
        let minutes = shared(plan.live_minutes, &lengths);
        for ((publication, seen), minutes) in chosen.into_iter().zip(seen).zip(minutes) {
            (publication.seen, publication.minutes) = (seen, minutes);
        }
    }
}

impl Publication {
    fn draft(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, "publicity_clerk", 0)?;
        let input = Input::default()
            .with("secrecy", "none")
            .with("headline", self.title.as_str())
            .with("account", if self.live { "live_room" } else { "justice_wechat" })
            .with("publication_kind", if self.live { "live" } else { "article" })
            .with("subject", "publicity")
            .with("body", self.pool.draw("bodies", &mut self.chance));
        self.matter = Some(stage.act(tx, &who, open("publication_review", "draft", input))?.matter);
        let back = self.until.is_none() && self.chance.happens(stage.scenario.popularisation.given_back_share);
        self.agenda.add(stage.today(), if back { Act::GiveBack } else { Act::First });
        Ok(())
    }

    /// Who takes a step, which, with what, and what follows after how many working days.
    fn step(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, act: Act) -> Result<(), Fault> {
        let input = Input::default();
        let (post, step, input, next) = match act {
            Act::GiveBack => {
                let note = self.pool.draw("notes", &mut self.chance);
                let input = input.with("failed_gates", "wording").with("review_note", note);
                ("section_head", "give_back", input, Some((0, Act::Redraft)))
            }
            Act::Redraft => {
                let body = self.pool.draw("bodies", &mut self.chance);
                let input = input.with("headline", self.title.as_str()).with("body", body);
                ("publicity_clerk", "redraft", input, Some((0, Act::First)))
            }
            Act::First => ("section_head", "first_review", input.with("wording", "passed"), Some((0, Act::Second))),
            Act::Second => {
                let input = input.with("policy", "passed").with("legal", "passed");
                ("deputy_head", "second_review", input, Some((1, Act::Release)))
            }
            Act::Release => {
                let input = input.with("political", "passed").with("secrecy_gate", "passed");
                ("organ_head", "release", input, Some((0, Act::Publish)))
            }
            Act::Publish => ("publicity_clerk", "publish", input, Some((20, Act::Measure))),
            _ => ("publicity_clerk", "measure", self.measured(stage), None),
        };
        let who = stage.staff.nth(BUREAU, post, 0)?;
        stage.take(tx, &who, self.matter, step, input)?;
        if let Some((days, act)) = next {
            let day = stage.after_work_days(stage.today(), days);
            // What was published last is counted on the last working day.
            let last = stage.scenario.scenario.period_to.plus(-1);
            self.agenda.add(if act == Act::Measure { day.min(last.max(stage.today())) } else { day }, act);
        }
        Ok(())
    }

    fn measured(&self, stage: &Stage) -> Input {
        let input = Input::default().with("taken_on", stage.today().to_string());
        if self.live {
            input.with("viewers", self.seen.to_string()).with("live_minutes", self.minutes.to_string())
        } else {
            input.with("reads", self.seen.to_string())
        }
    }
}

impl Script for Publication {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take_before(stage.today(), self.until.as_ref()) {
            Some(Act::Draft) => self.draft(stage, tx),
            Some(act) => self.step(stage, tx, act),
            None => Ok(()),
        }
    }
}
