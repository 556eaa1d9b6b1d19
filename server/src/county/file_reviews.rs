//! 案卷评查 as it is done: a round is announced and drawn, two score each file, the organ objects or mends, the round is reported.
//!
//! What is deducted comes from what rules found, and from a few faults that only people see. Does not belong here: the draw and the
//! sheet (`app/reviewing/`, `law/review/`).

use std::collections::BTreeSet;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, OrganCode};
use zhunsheng_core::matter::{Input, MatterState};
use zhunsheng_core::review::NOTHING;

use super::Fault;
use super::chance::Chance;
use super::popular::BUREAU;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::app::reviewing::before::{self, Ground};
use crate::app::reviewing::{REVIEW, REVIEWERS, ROUND, tally};
use crate::store::{Tx, credit, few, matters};

/// Files scored on one day.
const A_DAY: usize = 12;
/// Of a round that is not the last, out of a hundred files.
const SHARE: usize = 96;

/// How much there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct FileReviewPlan {
    pub files: usize,
    pub faulty_share: f64,
    pub objection_share: f64,
    pub rounds: Vec<RoundPlan>,
}

/// A round.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct RoundPlan {
    pub title: String,
    pub announced: Day,
    pub from: Day,
    pub to: Day,
    /// So many files; without it, nearly all, and in the last round as many as are missing.
    pub files: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Announce,
    Draw,
    Score(usize),
    FeedBack(usize),
    Object(usize),
    Decide(usize),
    Settle(usize),
    Rectify(usize),
    Accept(usize),
    Report,
}

/// A file in the round.
struct Reviewed {
    review: MatterId,
    file: MatterId,
    organ: String,
    deductions: Vec<String>,
}

struct Round {
    plan: RoundPlan,
    last: bool,
    matter: Option<MatterId>,
    files: Vec<Reviewed>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// Every round of the three years.
pub fn plan(stage: &Stage) -> Vec<Box<dyn Script>> {
    let (plan, about) = (&stage.scenario.file_reviews, &stage.scenario.scenario);
    let last = plan.rounds.iter().rposition(|round| round.files.is_none());
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (n, round) in plan.rounds.iter().enumerate() {
        let mut agenda = Agenda::default();
        agenda.add(stage.work_day(round.announced), Act::Announce);
        let chance = Chance::new(about.seed, "file reviews", u64::try_from(n).unwrap_or(0));
        let last = last == Some(n);
        scripts.push(Box::new(Round { plan: round.clone(), last, matter: None, files: Vec::new(), agenda, chance }));
    }
    scripts
}

/// Somebody of the register of reviewers; who is not in it yet is registered first.
fn registered(stage: &mut Stage, tx: &mut Tx<'_>, who: &Holder, organ: &str) -> Result<(), Fault> {
    let today = stage.today();
    if stage.desk.registry.credential(who.person, &REVIEWERS.into(), None, today).is_ok() {
        return Ok(());
    }
    let keeper = stage.staff.nth(BUREAU, "supervisor", 0)?;
    let input = Input::default()
        .with("person", who.person.to_string())
        .with("holder_organ", organ)
        .with("number", format!("评查{:04}", stage.acts % 10_000))
        .with("valid_from", today.to_string());
    stage.act(tx, &keeper, open(REVIEWERS, "register", input)).map(|_| ())
}

impl Round {
    fn lead(&self, stage: &Stage, n: usize) -> Result<Holder, Fault> {
        stage.staff.nth(BUREAU, "supervisor", n)
    }

    fn announce(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let county = stage.desk.county.clone();
        let period = (self.plan.from, self.plan.to);
        let there = credit::decisions(tx, &county, ("penalty", "archive"), period, None)?.len();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for review in few::all(tx, &county, REVIEW)? {
            seen.insert(review.said("file"));
        }
        let missing = stage.scenario.file_reviews.files.saturating_sub(seen.len());
        let files = self.plan.files.unwrap_or(if self.last { missing } else { there * SHARE / 100 });
        let input = Input::default()
            .with("round_title", self.plan.title.as_str())
            .with("sheet", "penalty")
            .with("files_from", self.plan.from.to_string())
            .with("files_to", self.plan.to.to_string())
            .with("sample_size", files.max(1).to_string());
        self.matter = Some(stage.act(tx, &self.lead(stage, 0)?, open(ROUND, "announce", input))?.matter);
        self.agenda.add(stage.after_work_days(stage.today(), 3), Act::Draw);
        Ok(())
    }

    fn draw(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        stage.take(tx, &self.lead(stage, 0)?, self.matter, "draw", Input::default())?;
        let Some(matter) = self.matter else { return Ok(()) };
        let drawn = tally::of_round(tx, &stage.desk.county, matter)?;
        self.files = drawn.reviews.iter().filter_map(reviewed).collect();
        for n in 0..self.files.len() {
            let day = stage.after_work_days(stage.today(), 1 + i64::try_from(n / A_DAY).unwrap_or(0));
            self.agenda.add(day, Act::Score(n));
        }
        let end = i64::try_from(self.files.len() / A_DAY).unwrap_or(0) + 16;
        self.agenda.add(stage.after_work_days(stage.today(), end), Act::Report);
        Ok(())
    }

    /// Who scores with the lead: a legal reviewer of another organ that enforces, and that has no part in the file.
    fn second(&mut self, stage: &Stage, tx: &Tx<'_>, file: MatterId) -> Result<(Holder, String), Fault> {
        let fields = &stage.scenario.penalty.fields;
        let state = matters::find_state(tx, &stage.desk.county, file)?;
        let apart = |organ: &str| state.as_ref().is_none_or(|state| !state.involves(&OrganCode::from(organ)));
        let others: Vec<String> =
            fields.iter().filter(|field| apart(&field.organ)).map(|field| field.organ.clone()).collect();
        let organ = self.chance.pick(&others).cloned().unwrap_or_default();
        Ok((stage.staff.nth(&organ, "legal_reviewer", self.chance.below(2))?, organ))
    }

    fn score(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let Some((review, file)) = self.files.get(n).map(|f| (f.review, f.file)) else { return Ok(()) };
        let lead = self.lead(stage, n)?;
        let (second, of) = self.second(stage, tx, file)?;
        registered(stage, tx, &lead, BUREAU)?;
        registered(stage, tx, &second, &of)?;
        let deductions = self.deductions(stage, tx, file)?;
        let typed = if deductions.is_empty() { NOTHING.to_owned() } else { deductions.join("\n") };
        let mut input = Input::default().with("deductions", typed);
        input.officers = vec![lead.person, second.person];
        stage.take(tx, &lead, Some(review), "score", input)?;
        if let Some(reviewed) = self.files.get_mut(n) {
            reviewed.deductions = deductions;
        }
        self.agenda.add(stage.after_work_days(stage.today(), 1), Act::FeedBack(n));
        Ok(())
    }

    /// What rules found, and what only people see.
    fn deductions(&mut self, stage: &Stage, tx: &Tx<'_>, file: MatterId) -> Result<Vec<String>, Fault> {
        const SEEN: [(&str, &str); 6] = [
            ("content", "询问笔录未逐页签名"),
            ("content", "告知书日期涂改，没有校对章"),
            ("evidence", "照片没有标明拍摄时间、地点"),
            ("volume", "目录与页码不一致"),
            ("volume", "送达回证装订次序不对"),
            ("video", "送达环节没有音像记录"),
        ];
        let ruling = std::sync::Arc::clone(&stage.desk.ruling);
        let Some(sheet) = ruling.law.review.get("penalty") else { return Ok(Vec::new()) };
        let ground = Ground {
            law: &ruling.law,
            calendar: &ruling.calendar,
            registry: &stage.desk.registry,
            today: stage.today(),
        };
        let found = before::read(tx, &stage.desk.county, ground, file)?.map(|read| read.found).unwrap_or_default();
        let mut lines: Vec<String> = Vec::new();
        for item in &sheet.items {
            let shows = found.iter().find(|finding| item.finds.iter().any(|find| finding.found.fits(find)));
            let seen: Vec<&(&str, &str)> = SEEN.iter().filter(|(id, _)| *id == item.id).collect();
            let by_people = !seen.is_empty() && self.chance.happens(stage.scenario.file_reviews.faulty_share);
            let words = match (shows, by_people) {
                (Some(finding), _) => finding.sentence.split_whitespace().collect::<Vec<_>>().join("，"),
                (None, true) => {
                    let page = self.chance.between(3, 40);
                    let seen = self.chance.pick(&seen).map_or("", |(_, words)| words);
                    format!("{seen}，第{page}页")
                }
                (None, false) => continue,
            };
            lines.push(if item.veto {
                format!("{} {words}", item.id)
            } else {
                format!("{} {} {words}", item.id, self.chance.between(1, item.points.min(4)))
            });
        }
        Ok(lines)
    }

    fn feed_back(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        let Some((review, faulty)) = self.files.get(n).map(|f| (f.review, !f.deductions.is_empty())) else {
            return Ok(());
        };
        stage.take(tx, &self.lead(stage, n)?, Some(review), "feed_back", Input::default())?;
        if faulty && self.chance.happens(stage.scenario.file_reviews.objection_share) {
            self.agenda.add(stage.after_work_days(stage.today(), 2), Act::Object(n));
        } else {
            self.agenda.add(stage.after_work_days(stage.today(), 7), Act::Settle(n));
        }
        Ok(())
    }

    fn dispute(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, act: Act) -> Result<(), Fault> {
        let (Act::Object(n) | Act::Decide(n)) = act else { return Ok(()) };
        let Some((review, organ)) = self.files.get(n).map(|f| (f.review, f.organ.clone())) else { return Ok(()) };
        if act == Act::Object(n) {
            let who = stage.staff.nth(&organ, "enforcement_clerk", 0)?;
            let input = Input::default().with("objection", "扣分所指的材料在副卷，请复核。");
            stage.take(tx, &who, Some(review), "object", input)?;
            self.agenda.add(stage.after_work_days(stage.today(), self.chance.between(3, 6)), Act::Decide(n));
            return Ok(());
        }
        let who = stage.staff.nth(BUREAU, "deputy_head", 0)?;
        let mut input = Input::default();
        if self.chance.happens(0.5) {
            let kept = self.files.get_mut(n).map(|file| {
                file.deductions.pop();
                file.deductions.join("\n")
            });
            let kept = kept.filter(|lines| !lines.is_empty()).unwrap_or_else(|| NOTHING.to_owned());
            input = input
                .with("objection_result", "changed")
                .with("objection_reasons", "材料确在副卷，不扣分。")
                .with("deductions", kept);
        } else {
            input = input.with("objection_result", "upheld").with("objection_reasons", "副卷中没有查到，维持原评分。");
        }
        stage.take(tx, &who, Some(review), "decide_objection", input)?;
        self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Settle(n));
        Ok(())
    }

    /// What is qualified and cost no more than a few points is settled; the rest is mended.
    fn settle(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, n: usize) -> Result<(), Fault> {
        const SLIGHT: i64 = 94;
        let Some(review) = self.files.get(n).map(|file| file.review) else { return Ok(()) };
        let state = matters::find_state(tx, &stage.desk.county, review)?;
        let points = state.as_ref().and_then(|state| state.fact("score")?.number()).unwrap_or(0);
        let lead = self.lead(stage, n)?;
        if points >= SLIGHT {
            return stage.take(tx, &lead, Some(review), "settle", Input::default());
        }
        let input = Input::default().with("rectify_what", "逐项补正扣分项目所指的问题，并在本单位内部讲评。");
        stage.take(tx, &lead, Some(review), "order_rectification", input)?;
        self.agenda.add(stage.work_day(stage.today().plus(self.chance.between(8, 24))), Act::Rectify(n));
        Ok(())
    }

    fn mend(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, act: Act) -> Result<(), Fault> {
        let (Act::Rectify(n) | Act::Accept(n)) = act else { return Ok(()) };
        let Some((review, organ)) = self.files.get(n).map(|f| (f.review, f.organ.clone())) else { return Ok(()) };
        if act == Act::Accept(n) {
            return stage.take(tx, &self.lead(stage, n)?, Some(review), "accept_rectification", Input::default());
        }
        let who = stage.staff.nth(&organ, "enforcement_clerk", 0)?;
        let input = Input::default().with("rectified_how", "已补正并在案件讲评会上通报，修订了文书填写说明。");
        stage.take(tx, &who, Some(review), "rectify", input)?;
        self.agenda.add(stage.after_work_days(stage.today(), 3), Act::Accept(n));
        Ok(())
    }

    fn report(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default().with("round_summary", "请各机关对照集中的问题自查，下一轮评查重点核对。");
        stage.take(tx, &stage.staff.nth(BUREAU, "deputy_head", 0)?, self.matter, "report", input)
    }
}

fn reviewed(state: &MatterState) -> Option<Reviewed> {
    let file = MatterId::parse(&state.said("file"))?;
    Some(Reviewed { review: state.id, file, organ: state.said("handling_organ"), deductions: Vec::new() })
}

impl Script for Round {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::Announce) => self.announce(stage, tx),
            Some(Act::Draw) => self.draw(stage, tx),
            Some(Act::Score(n)) => self.score(stage, tx, n),
            Some(Act::FeedBack(n)) => self.feed_back(stage, tx, n),
            Some(act @ (Act::Object(_) | Act::Decide(_))) => self.dispute(stage, tx, act),
            Some(Act::Settle(n)) => self.settle(stage, tx, n),
            Some(act @ (Act::Rectify(_) | Act::Accept(_))) => self.mend(stage, tx, act),
            Some(Act::Report) => self.report(stage, tx),
            None => Ok(()),
        }
    }
}
