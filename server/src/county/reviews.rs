//! Legality review as it is done: drafting department, government office, justice bureau, advisers; one document at a time.
//!
//! Does not belong here: how a document and an opinion read (`paper.rs`), what is asked of them
//! (law/procedures/decision/legality_review.toml).

use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::paper::{Conclusion, Paper};
use super::plan::{assure, day_in};
use super::scenario::{ReviewKind, ReviewScene, Scenario};
use super::stage::{Agenda, Script, Stage, open};
use crate::store::Tx;

/// What is decided about a document before it is sent.
#[derive(Clone, Debug)]
struct Fate {
    day: Day,
    kind: ReviewKind,
    conclusion: Conclusion,
    adoption: &'static str,
    office_returns: bool,
    completions: u8,
    urgent: bool,
    discussed: bool,
    advised: bool,
    conflict: bool,
    scene: Option<ReviewScene>,
    chance: Chance,
}

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Submit,
    OfficeReturn,
    Resubmit,
    OfficePass,
    BureauReturn,
    Complete,
    OutOfScope,
    Accept,
    Assign,
    AskAdviser,
    Conflict,
    Advise,
    Study,
    Conclude,
    Sign,
    Feedback,
    ToMeeting,
    Result,
    Close,
}

/// One document.
struct Review {
    fate: Fate,
    paper: Paper,
    organ: String,
    drafter: usize,
    clerk: usize,
    adviser: usize,
    accepted: Option<Day>,
    matter: Option<MatterId>,
    agenda: Agenda<Act>,
}

const BUREAU: &str = "justice";
pub(super) const OFFICE: &str = "government_office";
/// Who holds a second post is listed under it with this ending (`registers.rs`).
const BOTH: &str = "drafter_too";

/// The reviewer of the bureau who drafts too.
fn own_reviewer(stage: &Stage) -> usize {
    let both = stage.scenario.persons.also.iter().find(|also| also.organ == BUREAU && also.of == "review_clerk");
    both.map_or(0, |also| also.nth)
}

/// All documents of the three years.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let seed = scenario.scenario.seed;
    let mut fates: Vec<Fate> = Vec::new();
    for kind in &scenario.review.kinds {
        for (year, count) in scenario.scenario.years.iter().zip(&kind.counts) {
            for _ in 0..*count {
                let chance = Chance::new(seed, "review", u64::try_from(fates.len()).unwrap_or(0));
                fates.push(fate(stage, &scenario, kind, *year, chance));
            }
        }
    }
    assured(&scenario, &mut fates, &mut Chance::new(seed, "review assured", 0));
    fates.extend(scenes(stage, &scenario));
    fates.into_iter().map(|fate| Ok(Box::new(Review::new(stage, fate)?) as Box<dyn Script>)).collect()
}

fn fate(stage: &Stage, scenario: &Scenario, kind: &ReviewKind, year: (Day, Day), mut chance: Chance) -> Fate {
    let plan = &scenario.review;
    let day = day_in(stage, &mut chance, year, &kind.months, 0.0);
    let conclusion = match chance.share(&plan.conclusion) {
        "lawful_after_changes" => Conclusion::AfterChange,
        "unlawful" => Conclusion::Unlawful,
        "out_of_scope" => Conclusion::OutOfScope,
        _ => Conclusion::Lawful,
    };
    let adoption = match chance.share(&plan.adoption) {
        "partly" => "partly",
        "not_adopted" => "not_adopted",
        _ => "adopted",
    };
    let twice = chance.happens(plan.completion_twice_share);
    let completions = if twice { 2 } else { u8::from(chance.happens(plan.completion_share)) };
    Fate {
        day,
        kind: kind.clone(),
        conclusion,
        adoption,
        office_returns: chance.happens(plan.office_return_share),
        completions,
        urgent: chance.happens(plan.urgent_share),
        discussed: chance.happens(plan.discussion_share),
        advised: chance.happens(kind.adviser),
        conflict: chance.happens(plan.adviser_absent_conflict),
        scene: None,
        chance,
    }
}

/// Documents that stand open on the last day, or that are to be found by name.
fn scenes(stage: &Stage, scenario: &Scenario) -> Vec<Fate> {
    let scene = |(n, scene): (u64, &ReviewScene)| {
        let kind = scenario.review.kinds.iter().find(|kind| kind.code == scene.kind)?;
        let year = scenario.scenario.years.last().copied()?;
        let drawn = fate(stage, scenario, kind, year, Chance::new(scenario.scenario.seed, "review scene", n));
        Some(Fate {
            day: scene.day,
            conclusion: Conclusion::AfterChange,
            adoption: "adopted",
            office_returns: scene.returned,
            completions: 0,
            urgent: false,
            discussed: false,
            advised: scene.advised,
            conflict: false,
            scene: Some(scene.clone()),
            ..drawn
        })
    };
    (0..).zip(&scenario.scenes.review).filter_map(scene).collect()
}

fn assured(scenario: &Scenario, fates: &mut [Fate], chance: &mut Chance) {
    let of = |name: &str| scenario.assured.review.get(name);
    let early = scenario.scenario.period_to.plus(-90);
    let plain = |fate: &Fate| fate.day < early && fate.conclusion == Conclusion::Lawful;
    for (name, conclusion) in [("unlawful", Conclusion::Unlawful), ("out_of_scope", Conclusion::OutOfScope)] {
        let can = |fate: &Fate| plain(fate) && fate.kind.code != "major_decision";
        let has = |fate: &Fate| fate.conclusion == conclusion && fate.day < early;
        assure(fates, of(name), chance, has, can, |fate| fate.conclusion = conclusion);
    }
    let major = |fate: &Fate| plain(fate) && fate.kind.code == "major_decision";
    let exploratory = |fate: &Fate| fate.conclusion == Conclusion::Exploratory;
    assure(fates, of("exploratory"), chance, exploratory, major, |fate| fate.conclusion = Conclusion::Exploratory);
    let refuses =
        |fate: &Fate| fate.conclusion == Conclusion::AfterChange && fate.adoption == "not_adopted" && fate.day < early;
    let changes = |fate: &Fate| fate.conclusion == Conclusion::AfterChange && fate.day < early;
    assure(fates, of("not_adopted"), chance, refuses, changes, |fate| fate.adoption = "not_adopted");
    let reaches = |fate: &Fate| fate.day < early && fate.conclusion != Conclusion::OutOfScope;
    assure(
        fates,
        of("completion"),
        chance,
        |fate| fate.completions > 0 && reaches(fate),
        reaches,
        |fate| fate.completions = 1,
    );
    assure(fates, of("urgent"), chance, |fate| fate.urgent && reaches(fate), reaches, |fate| fate.urgent = true);
    let conflict = |fate: &Fate| fate.conflict && fate.advised && reaches(fate);
    assure(fates, of("conflict_of_interest"), chance, conflict, reaches, |fate| {
        (fate.conflict, fate.advised) = (true, true)
    });
}

impl Review {
    fn new(stage: &Stage, mut fate: Fate) -> Result<Self, Fault> {
        let exploratory = fate.conclusion == Conclusion::Exploratory;
        let of = fate.scene.as_ref().map(|scene| scene.organ.as_str());
        let paper = Paper::new(stage, (&fate.kind.code, of), fate.day, exploratory, &mut fate.chance)?;
        let organ = paper.organ.clone();
        let mut agenda = Agenda::default();
        agenda.add(fate.day, Act::Submit);
        let (mut drafter, mut clerk, adviser) = (fate.chance.below(9), fate.chance.below(9), fate.chance.below(9));
        if let Some(scene) = &fate.scene {
            (drafter, clerk) = (0, if scene.own_reviewer { own_reviewer(stage) } else { 0 });
        }
        Ok(Self { fate, paper, organ, drafter, clerk, adviser, accepted: None, matter: None, agenda })
    }

    fn after(&mut self, stage: &Stage, delay: &str, act: Act) {
        let day = stage.delayed(&stage.scenario.review.delay, delay, &mut self.fate.chance);
        self.agenda.add(day, act);
    }

    /// Under which post the staff lists the drafter: who drafts and reviews stands apart, so that chance never lets
    /// them review what they drafted.
    fn drafts_as(&self) -> &'static str {
        if self.fate.scene.as_ref().is_some_and(|scene| scene.own_reviewer) { BOTH } else { "drafter" }
    }

    fn drafter(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(&self.organ, self.drafts_as(), self.drafter)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn clerk(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, "review_clerk", self.clerk)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn head(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, "review_head", 0)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn office(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(OFFICE, "office_clerk", self.clerk)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn adviser(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = stage.staff.nth(&stage.scenario.scenario.county_code, "legal_adviser", self.adviser)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn opinion(&mut self, stage: &Stage, key: &str) -> String {
        self.paper.sentence(&stage.pools, key, &mut self.fate.chance)
    }

    fn submit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let meeting = stage.after_work_days(stage.today(), self.fate.kind.reserved_work_days + 4);
        let reason = self.fate.urgent.then(|| self.opinion(stage, "urgent_reasons"));
        let mut input = self.paper.submission(meeting, reason, &mut self.fate.chance);
        input.evidence = stage.document("draft");
        let who = stage.staff.nth(&self.organ, self.drafts_as(), self.drafter)?;
        let matter = stage.act(tx, &who, open("legality_review", "submit", input))?.matter;
        self.matter = Some(matter);
        stage.enter(self.fate.scene.as_ref().and_then(|scene| scene.id.as_ref()), matter);
        self.after(stage, "office_check", if self.fate.office_returns { Act::OfficeReturn } else { Act::OfficePass });
        Ok(())
    }

    /// What the bureau does with a document that it has before it.
    fn at_the_bureau(&mut self, stage: &Stage) {
        if self.fate.completions > 0 {
            self.fate.completions -= 1;
            self.after(stage, "head", Act::BureauReturn);
        } else if self.fate.conclusion == Conclusion::OutOfScope {
            self.after(stage, "head", Act::OutOfScope);
        } else {
            self.after(stage, "accept_to_assign", Act::Accept);
        }
    }

    fn assign(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let clerk = stage.staff.nth(BUREAU, "review_clerk", self.clerk)?;
        self.head(stage, tx, "assign", Input { assignee: Some(clerk.person), ..Input::default() })?;
        if self.fate.advised {
            self.after(stage, "accept_to_assign", Act::AskAdviser);
        } else {
            self.before_conclusion(stage);
        }
        Ok(())
    }

    fn before_conclusion(&mut self, stage: &Stage) {
        if self.fate.discussed {
            self.after(stage, "head", Act::Study);
        } else {
            self.after(stage, "clerk", Act::Conclude);
        }
    }

    fn ask_adviser(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let adviser = stage.staff.nth(&stage.scenario.scenario.county_code, "legal_adviser", self.adviser)?;
        let input = Input::default().with("adviser", adviser.person.to_string());
        self.clerk(stage, tx, "ask_adviser", input.with("adviser_question", self.paper.question()))?;
        self.after(stage, "adviser", if self.fate.conflict { Act::Conflict } else { Act::Advise });
        Ok(())
    }

    fn advise(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let against = self.fate.chance.share(&stage.scenario.review.adviser).to_owned();
        let key = match against.as_str() {
            "stricter" => "adviser_stricter",
            "milder" => "adviser_milder",
            _ => "adviser_same",
        };
        let conclusion = match (self.fate.conclusion, against.as_str()) {
            (Conclusion::Unlawful, "same") => "against",
            (Conclusion::Lawful | Conclusion::Exploratory, "same" | "milder") => "agree",
            (Conclusion::AfterChange, "milder") => "agree",
            _ => "change",
        };
        let text = self.opinion(stage, key);
        self.adviser(
            stage,
            tx,
            "advise",
            Input::default().with("adviser_conclusion", conclusion).with("adviser_opinion", text),
        )?;
        self.before_conclusion(stage);
        Ok(())
    }

    fn conclude(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let share = stage.scenario.review.problem.clone();
        let mut input = self.paper.findings(&stage.pools, self.fate.conclusion, &share, &mut self.fate.chance);
        input = input.with("hard_case", if self.fate.discussed { "yes" } else { "no" });
        if self.fate.advised {
            input = input.with("adviser_adopted", if self.fate.chance.happens(0.9) { "adopted" } else { "partly" });
        }
        self.clerk(stage, tx, "conclude", input)?;
        self.after(stage, "head", Act::Sign);
        Ok(())
    }

    fn sign(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (step, key) = match self.fate.conclusion {
            Conclusion::Lawful | Conclusion::OutOfScope => ("sign_lawful", "lawful"),
            Conclusion::AfterChange => ("sign_after_change", "lawful_after_changes"),
            Conclusion::Unlawful => ("sign_unlawful", "unlawful"),
            Conclusion::Exploratory => ("sign_exploratory", "exploratory"),
        };
        let note = self.opinion(stage, key);
        self.head(stage, tx, step, Input::default().with("head_note", note))?;
        self.after(stage, "feedback", Act::Feedback);
        Ok(())
    }

    fn feed_back(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let adoption = if self.fate.conclusion == Conclusion::AfterChange { self.fate.adoption } else { "adopted" };
        let note = self.opinion(stage, adoption);
        self.drafter(stage, tx, "feedback", Input::default().with("adoption", adoption).with("adoption_note", note))?;
        if self.fate.conclusion == Conclusion::Unlawful {
            self.after(stage, "head", Act::Close);
        } else {
            // Major decisions leave the reviewer the seven working days (重大行政决策程序暂行条例§26).
            let today = stage.after_work_days(stage.today(), 1);
            let reserved = self.accepted.map(|day| stage.after_work_days(day, 8));
            self.agenda.add(reserved.map_or(today, |day| day.max(today)), Act::ToMeeting);
        }
        Ok(())
    }

    fn go_to_meeting(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.fate.kind.code == "major_decision" {
            let kinds = ["comment_summary", "expert_summary", "risk_report", "fair_competition_report"];
            let evidence = kinds.into_iter().flat_map(|kind| stage.document(kind)).collect();
            self.drafter(stage, tx, "_attach", Input { evidence, ..Input::default() })?;
        }
        let meeting = self.paper.occasion(stage.today(), &mut self.fate.chance);
        let mut input = Input::default().with("meeting_name", meeting);
        if self.fate.conclusion == Conclusion::Exploratory {
            input = input.with("risk_stated", "yes");
        }
        self.office(stage, tx, "to_meeting", input)?;
        self.after(stage, "feedback", Act::Result);
        Ok(())
    }
}

impl Script for Review {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let end = self.fate.scene.as_ref().map(|scene| &scene.until);
        let Some(act) = self.agenda.take_before(stage.today(), end) else { return Ok(()) };
        let input = Input::default();
        match act {
            Act::Submit => self.submit(stage, tx)?,
            Act::OfficeReturn => {
                let list = self.opinion(stage, "office_return");
                self.office(stage, tx, "office_return", input.with("return_list", list))?;
                self.after(stage, "completion", Act::Resubmit);
            }
            Act::Resubmit => {
                self.drafter(stage, tx, "resubmit", input.with("completion_note", "已按补正通知逐项补齐。"))?;
                self.after(stage, "office_check", Act::OfficePass);
            }
            Act::OfficePass => {
                self.office(stage, tx, "office_pass", input.with("office_note", "材料齐全，转县司法局审查。"))?;
                self.at_the_bureau(stage);
            }
            Act::BureauReturn => {
                let list = self.opinion(stage, "completion");
                self.clerk(stage, tx, "bureau_return", input.with("return_list", list))?;
                self.after(stage, "completion", Act::Complete);
            }
            Act::Complete => {
                self.drafter(stage, tx, "complete", input.with("completion_note", "已补充所列材料，请审查。"))?;
                self.at_the_bureau(stage);
            }
            Act::OutOfScope => {
                let note = self.opinion(stage, "out_of_scope");
                self.head(stage, tx, "return_out_of_scope", input.with("scope_note", note))?;
            }
            Act::Accept => {
                self.clerk(stage, tx, "accept", input)?;
                self.accepted = Some(stage.today());
                self.after(stage, "accept_to_assign", Act::Assign);
            }
            Act::Assign => self.assign(stage, tx)?,
            Act::AskAdviser => self.ask_adviser(stage, tx)?,
            Act::Conflict => {
                let note = self.opinion(stage, "adviser_conflict");
                self.adviser(stage, tx, "adviser_conflict", input.with("conflict_note", note))?;
                self.fate.conflict = false;
                self.adviser += 1;
                self.after(stage, "accept_to_assign", Act::AskAdviser);
            }
            Act::Advise => self.advise(stage, tx)?,
            Act::Study => {
                let text = self.opinion(stage, "discussion");
                self.head(stage, tx, "collective_study", input.with("study_record", text))?;
                self.after(stage, "accept_to_assign", Act::Conclude);
            }
            Act::Conclude => self.conclude(stage, tx)?,
            Act::Sign => self.sign(stage, tx)?,
            Act::Feedback => self.feed_back(stage, tx)?,
            Act::ToMeeting => self.go_to_meeting(stage, tx)?,
            Act::Result => {
                let result = if self.fate.chance.happens(0.9) { "approved" } else { "approved_changed" };
                self.office(stage, tx, "record_result", input.with("meeting_result", result))?;
                self.after(stage, "head", Act::Close);
            }
            Act::Close => self.clerk(stage, tx, "close", input)?,
        }
        Ok(())
    }
}
