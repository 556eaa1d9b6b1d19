//! Training of those who enforce, and supervisors who follow cases: courses with everybody's own sign-in, opinions with their answers.
//!
//! Does not belong here: reviews of files (`file_reviews.rs`).

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::popular::BUREAU;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::app::supervising::SUPERVISION;
use crate::app::training::{self, ATTENDANCE, COURSE, PROPOSAL};
use crate::store::seeing::SightFilter;
use crate::store::{Tx, matters};

/// How much of it there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct OversightPlan {
    pub absent_share: f64,
    pub courses: Vec<CoursePlan>,
    pub proposed_on: Day,
    pub proposals: usize,
    pub followed: usize,
    pub opinion_share: f64,
}

/// A course.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct CoursePlan {
    pub title: String,
    pub towns: bool,
    pub held_on: Day,
    pub days: i64,
    pub hours: i64,
    pub examined: bool,
}

/// Courses, proposals of last year, and cases that are followed.
pub fn plan(stage: &Stage) -> Vec<Box<dyn Script>> {
    let (plan, about) = (&stage.scenario.oversight, &stage.scenario.scenario);
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (n, course) in (0..).zip(&plan.courses) {
        let mut agenda = Agenda::default();
        agenda.add(stage.work_day(course.held_on.plus(-12)), Teach::Announce);
        agenda.add(course.held_on, Teach::SignIn);
        agenda.add(stage.work_day(course.held_on.plus(course.days)), Teach::Close);
        let chance = Chance::new(about.seed, "course", n);
        scripts.push(Box::new(Course { plan: course.clone(), matter: None, signed: Vec::new(), agenda, chance }));
    }
    let mut agenda = Agenda::default();
    agenda.add(stage.work_day(plan.proposed_on), Ask::Propose);
    scripts.push(Box::new(Proposals { agenda, made: Vec::new() }));
    let days = about.period_to.days_since(about.period_from);
    for n in 0..plan.followed {
        let mut chance = Chance::new(about.seed, "followed", u64::try_from(n).unwrap_or(0));
        let mut agenda = Agenda::default();
        let first = days / 10;
        agenda.add(stage.work_day(about.period_from.plus(chance.between(first, days - 4))), Follow::Join);
        scripts.push(Box::new(Followed { matter: None, organ: String::new(), agenda, chance }));
    }
    scripts
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Teach {
    Announce,
    SignIn,
    Close,
}

struct Course {
    plan: CoursePlan,
    matter: Option<MatterId>,
    signed: Vec<MatterId>,
    agenda: Agenda<Teach>,
    chance: Chance,
}

impl Course {
    /// Who is asked to come: the teams of the towns, or those who enforce in departments.
    fn audience(&self, stage: &Stage) -> Vec<Holder> {
        let scenario = &stage.scenario;
        let organs: Vec<String> = if self.plan.towns {
            scenario.county.towns.iter().map(|town| format!("{}_team", town.code)).collect()
        } else {
            scenario.penalty.fields.iter().map(|field| field.organ.clone()).collect()
        };
        let kinds = ["enforcement_officer", "enforcement_clerk", "legal_reviewer"];
        let all = organs.iter().flat_map(|organ| kinds.iter().flat_map(|kind| stage.staff.all(organ, kind)));
        all.cloned().collect()
    }

    fn announce(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let ends = self.plan.held_on.plus(self.plan.days - 1);
        let input = Input::default()
            .with("course_title", self.plan.title.as_str())
            .with("course_topic", "public_law|skills")
            .with("held_on", self.plan.held_on.to_string())
            .with("ends_on", ends.to_string())
            .with("hours", self.plan.hours.to_string())
            .with("venue", "县委党校（演示）");
        let who = stage.staff.nth(BUREAU, "supervisor", 0)?;
        self.matter = Some(stage.act(tx, &who, open(COURSE, "announce", input))?.matter);
        Ok(())
    }

    fn sign_in(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let course = matters::find_state(tx, &stage.desk.county, matter)?;
        let code = course.map(|course| course.said("course_code")).unwrap_or_default();
        for who in self.audience(stage) {
            if self.chance.happens(stage.scenario.oversight.absent_share) {
                continue;
            }
            let input = Input::default().with("course_code", code.as_str());
            self.signed.push(stage.act(tx, &who, open(ATTENDANCE, "sign_in", input))?.matter);
        }
        Ok(())
    }

    fn close(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, "supervisor", 0)?;
        stage.take(tx, &who, self.matter, "close", Input::default())?;
        for attendance in self.signed.iter().filter(|_| self.plan.examined) {
            let result = if self.chance.happens(0.03) { "failed" } else { "passed" };
            let input = Input::default().with("course_result", result);
            stage.take(tx, &who, Some(*attendance), "examine", input)?;
        }
        Ok(())
    }
}

impl Script for Course {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Teach::Announce) => self.announce(stage, tx),
            Some(Teach::SignIn) => self.sign_in(stage, tx),
            Some(Teach::Close) => self.close(stage, tx),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ask {
    Propose,
    Answer,
}

/// Proposals about those whose last year was short, and what the issuer says.
struct Proposals {
    made: Vec<MatterId>,
    agenda: Agenda<Ask>,
}

impl Proposals {
    fn propose(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (today, last) = (stage.today(), stage.today().year() - 1);
        let required = stage.desk.ruling.law.training.as_ref().map_or(0, |training| training.hours);
        let registry = std::sync::Arc::clone(&stage.desk.registry);
        let year = training::year(tx, &stage.desk.county, &registry, (last, today), |_| true)?;
        let who = stage.staff.nth(BUREAU, "supervisor", 0)?;
        let short = year.people.iter().filter(|one| one.hours < required);
        for one in short.take(stage.scenario.oversight.proposals) {
            let input = Input::default()
                .with("person", one.person.to_string())
                .with("holder_organ", one.organ.as_str())
                .with("proposal_year", last.to_string())
                .with("proposal", "建议责成其在三个月内补训，补训前不安排独立办案。");
            self.made.push(stage.act(tx, &who, open(PROPOSAL, "propose", input))?.matter);
        }
        self.agenda.add(stage.after_work_days(today, 15), Ask::Answer);
        Ok(())
    }

    fn answer(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, "supervisor", 0)?;
        for matter in std::mem::take(&mut self.made) {
            stage.take(tx, &who, Some(matter), "note_answer", Input::default().with("issuer_answer", "remind"))?;
        }
        Ok(())
    }
}

impl Script for Proposals {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Ask::Propose) => self.propose(stage, tx),
            Some(Ask::Answer) => self.answer(stage, tx),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Follow {
    Join,
    Opine,
    Answer,
    Accept,
    Finish,
}

/// A case that a supervisor follows.
struct Followed {
    matter: Option<MatterId>,
    organ: String,
    agenda: Agenda<Follow>,
    chance: Chance,
}

impl Followed {
    fn join(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let sight = SightFilter { county: vec!["penalty".to_owned()], ..SightFilter::default() };
        let filter = matters::ListFilter {
            procedure: Some("penalty".to_owned()),
            state: Some("investigating".to_owned()),
            ..matters::ListFilter::default()
        };
        let running = matters::list(tx, &stage.desk.county, &sight, &filter, matters::Page::First, 40)?;
        let running: Vec<MatterId> = running.iter().filter(|row| !row.closed).map(|row| row.id).collect();
        // Where nothing is under way on a day, nothing is followed.
        let Some(case) = self.chance.pick(&running) else { return Ok(()) };
        let input = Input::default()
            .with("case", case.to_string())
            .with("stage", "investigation")
            .with("observed_on", stage.today().to_string())
            .with("observed", "identity|persons|told|manner")
            .with("comment", "执法记录仪中途没电，请备好电池；笔录当场交当事人核对。");
        let who = stage.staff.nth(BUREAU, "supervisor", self.chance.below(2))?;
        let matter = stage.act(tx, &who, open(SUPERVISION, "join", input))?.matter;
        self.matter = Some(matter);
        let state = matters::find_state(tx, &stage.desk.county, matter)?;
        self.organ = state.map(|state| state.said("handling_organ")).unwrap_or_default();
        let opines = self.chance.happens(stage.scenario.oversight.opinion_share);
        let next = if opines { Follow::Opine } else { Follow::Finish };
        self.agenda.add(stage.after_work_days(stage.today(), self.chance.between(2, 5)), next);
        Ok(())
    }

    fn step(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, act: Follow) -> Result<(), Fault> {
        let supervisor = stage.staff.nth(BUREAU, "supervisor", 0)?;
        let (who, step, input) = match act {
            Follow::Opine => {
                self.agenda.add(stage.work_day(stage.today().plus(self.chance.between(6, 26))), Follow::Answer);
                let input =
                    Input::default().with("opinion", "调查取证环节的音像记录不完整，请查明原因并完善设备管理。");
                (stage.staff.nth(BUREAU, "deputy_head", 0)?, "issue_opinion", input)
            }
            Follow::Answer => {
                self.agenda.add(stage.after_work_days(stage.today(), 3), Follow::Accept);
                let input =
                    Input::default().with("answer", "已更换电池并建立领用登记，组织队员学习了全过程记录的要求。");
                (stage.staff.nth(&self.organ, "enforcement_clerk", 0)?, "answer_opinion", input)
            }
            Follow::Accept => (supervisor, "accept_answer", Input::default()),
            Follow::Join | Follow::Finish => (supervisor, "finish", Input::default()),
        };
        stage.take(tx, &who, self.matter, step, input)
    }
}

impl Script for Followed {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Follow::Join) => self.join(stage, tx),
            Some(act) => self.step(stage, tx, act),
            None => Ok(()),
        }
    }
}
