//! What stands beside the daily work of popularisation: places, titles of villages, offices of legal service, yearly duties, the
//! notary office's statistics.
//!
//! Does not belong here: activities (`popular.rs`), articles (`publications.rs`).

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::plan::periods;
use super::popular::{BUREAU, ModelPlan, Pool, shared};
use super::reviews::OFFICE;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::store::Tx;

/// One thing that is entered, and what follows: who, the step, with what, on which day.
struct Line {
    steps: Vec<Todo>,
    procedure: &'static str,
    matter: Option<MatterId>,
    agenda: Agenda<usize>,
}

/// A step of a [`Line`].
struct Todo {
    day: Day,
    organ: String,
    post: &'static str,
    step: &'static str,
    input: Input,
}

impl Line {
    fn script(procedure: &'static str, steps: Vec<Todo>) -> Box<dyn Script> {
        let mut agenda = Agenda::default();
        for (nth, todo) in steps.iter().enumerate() {
            agenda.add(todo.day, nth);
        }
        Box::new(Self { steps, procedure, matter: None, agenda })
    }
}

impl Script for Line {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(todo) = self.agenda.take(stage.today()).and_then(|nth| self.steps.get(nth)) else { return Ok(()) };
        let who: Holder = stage.staff.nth(&todo.organ, todo.post, 0)?;
        match self.matter {
            None => {
                let done = stage.act(tx, &who, open(self.procedure, todo.step, todo.input.clone()))?;
                self.matter = Some(done.matter);
                Ok(())
            }
            known => stage.take(tx, &who, known, todo.step, todo.input.clone()),
        }
    }
}

/// Everything that is entered in the period.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let pool = Pool::load()?;
    let mut scripts = offices(stage);
    scripts.extend(places(stage));
    scripts.extend(stage.scenario.popularisation.model_villages.iter().filter_map(|plan| model_village(stage, plan)));
    scripts.extend(duties(stage, &pool));
    scripts.extend(reviews(stage));
    scripts.extend(notary(stage));
    Ok(scripts)
}

fn todo(day: Day, organ: &str, post: &'static str, step: &'static str, input: Input) -> Todo {
    Todo { day, organ: organ.to_owned(), post, step, input }
}

/// Something that is entered once.
pub(super) fn entered(
    procedure: &'static str,
    day: Day,
    (organ, post): (&str, &'static str),
    input: Input,
) -> Box<dyn Script> {
    Line::script(procedure, vec![todo(day, organ, post, "register", input)])
}

/// The centre, a station in every town, a room in every village.
fn offices(stage: &Stage) -> Vec<Box<dyn Script>> {
    let scenario = Arc::clone(&stage.scenario);
    let about = &scenario.scenario;
    let office = |name: String, level: &str, place: &str, staff: i64, hours: &str, services: &str, from: Day| {
        Input::default()
            .with("site_name", name)
            .with("service_level", level)
            .with("place", place)
            .with("staff", staff.to_string())
            .with("hours", hours)
            .with("services", services)
            .with("valid_from", from.to_string())
    };
    let begin = stage.work_day(about.period_from.plus(5));
    let all = "consultation|mediation|legal_aid|notary|publicity|guidance";
    let name = format!("{}公共法律服务中心", about.county_name);
    let centre = office(name, "centre", &about.county_code, 12, "工作日8:30—11:30，13:00—17:00", all, begin);
    let mut scripts =
        vec![Line::script("legal_service_site", vec![todo(begin, BUREAU, "grassroots_clerk", "register", centre)])];
    for (nth, town) in (0..).zip(&scenario.county.towns) {
        let mut chance = Chance::new(about.seed, "offices", nth);
        let day = stage.work_day(about.period_from.plus(chance.between(6, 90)));
        let (station, short) = (format!("{}_station", town.code), town.name.trim_end_matches("人民政府"));
        let name = format!("{short}公共法律服务工作站");
        let hours = "工作日8:30—11:30，13:00—17:00；逢集日上午";
        let input = office(
            name,
            "station",
            &town.place,
            chance.between(2, 4),
            hours,
            "consultation|mediation|legal_aid|publicity|guidance",
            day,
        );
        scripts.push(Line::script(
            "legal_service_site",
            vec![todo(day, &station, "justice_station_head", "register", input)],
        ));
        for village in stage.villages.get(&town.place).into_iter().flatten() {
            let name = format!("{}公共法律服务工作室", village.name);
            let input = office(
                name,
                "room",
                &village.code,
                chance.between(1, 3),
                "每周二、周五上午，其余时间电话预约",
                "mediation|publicity|guidance",
                day,
            );
            scripts.push(Line::script(
                "legal_service_site",
                vec![todo(day, &station, "justice_station_head", "register", input)],
            ));
        }
    }
    scripts
}

fn places(stage: &Stage) -> Vec<Box<dyn Script>> {
    let about = &stage.scenario.scenario;
    let place = |plan: &super::popular::PlacePlan| {
        let day = stage.work_day(plan.from.max(about.period_from.plus(1)));
        let mut input = Input::default()
            .with("site_name", plan.name.as_str())
            .with("site_kind", plan.kind.as_str())
            .with("place", plan.place.as_str())
            .with("site_about", plan.about.as_str())
            .with("valid_from", plan.from.to_string());
        input.evidence = stage.document("photo");
        Line::script("law_site", vec![todo(day, BUREAU, "publicity_clerk", "register", input)])
    };
    stage.scenario.popularisation.law_parks.iter().map(place).collect()
}

fn model_village(stage: &Stage, plan: &ModelPlan) -> Option<Box<dyn Script>> {
    let town = stage.scenario.county.towns.iter().find(|town| town.code == plan.town)?;
    let village = stage.villages.get(&town.place)?.get(plan.nth)?;
    let (national, applied) = (plan.level == "national", stage.work_day(plan.applied));
    let input = Input::default()
        .with("place", village.code.as_str())
        .with("title_level", plan.level.as_str())
        .with("apply_note", "村民自治、村务公开、依法办事的基础较好。（演示）");
    let checked = Input::default().with("check_result", "fit").with("barred", "none");
    let mut steps = vec![
        todo(applied, &format!("{}_station", town.code), "justice_station_head", "apply", input),
        todo(stage.after_work_days(applied, 10), BUREAU, "grassroots_clerk", "check", checked),
    ];
    if let Some(named) = plan.named {
        let day = stage.work_day(named);
        let by = if national { "司法部、民政部（演示）" } else { "省司法厅、省民政厅（演示）" };
        let input = Input::default()
            .with("named_by", by)
            .with("naming_number", plan.number.as_str())
            .with("valid_from", day.to_string());
        steps.push(todo(day, BUREAU, "grassroots_clerk", "name", input));
    }
    if let Some(revoked) = plan.revoked {
        let day = stage.work_day(revoked);
        let input = Input::default()
            .with("revoked_on", day.to_string())
            .with("end_reason", "revoked")
            .with("review_note", "复核中发现一票否决事项，撤销称号。（演示）");
        steps.push(todo(day, BUREAU, "grassroots_clerk", "revoke", input));
    }
    Some(Line::script("model_village", steps))
}

/// 谁执法谁普法: every department, every year of the period.
fn duties(stage: &Stage, pool: &Pool) -> Vec<Box<dyn Script>> {
    let about = &stage.scenario.scenario;
    let organs = stage.scenario.county.organs.iter().filter(|organ| organ.kind == "department");
    let years = about.period_from.year() + 1..=about.period_to.year();
    let mut scripts = Vec::new();
    for (nth, organ) in (0..).zip(organs) {
        for year in years.clone() {
            let mut chance =
                Chance::new(about.seed, "publicity duty", nth * 100 + u64::try_from(year % 100).unwrap_or(0));
            let planned = chance.between(2, 8);
            let on = |month, day| Day::new(year, month, day).unwrap_or(about.period_to);
            let drawn_up = stage.after_work_days(on(2, 10), chance.between(0, 10));
            let input = Input::default()
                .with("duty_year", year.to_string())
                .with("duty_law", pool.draw("duties", &mut chance))
                .with("audience_kind", "villagers|public")
                .with("planned_activities", planned.to_string());
            let reported = stage.work_day(on(12, 1).plus(chance.between(0, 25)));
            let report = Input::default()
                .with("report", pool.draw("reports", &mut chance))
                .with("done_activities", (planned + chance.between(-1, 2)).to_string());
            let mut score = || chance.between(76, 97).to_string();
            let mut opinion = Input::default().with("public_people", "120").with("public_score", score());
            opinion.evidence = stage.document("opinion");
            let meeting = stage.after_work_days(reported, 18);
            let mut heard = Input::default()
                .with("reported_on", meeting.to_string())
                .with("panel_people", "9")
                .with("panel_score", score())
                .with("peer_score", score());
            heard.evidence = stage.document("scores");
            // The bureau appraises everybody but itself.
            let (by, post) = if organ.code == BUREAU { (OFFICE, "office_clerk") } else { (BUREAU, "grassroots_clerk") };
            let steps = vec![
                todo(drawn_up, &organ.code, "publicity_clerk", "draw_up", input),
                todo(stage.after_work_days(drawn_up, 15), by, post, "publish_list", Input::default()),
                todo(reported, &organ.code, "publicity_clerk", "report_done", report),
                todo(stage.after_work_days(reported, 10), by, post, "public_opinion", opinion),
                todo(meeting, by, post, "hear_report", heard),
                todo(stage.after_work_days(reported, 20), by, post, "assess", Input::default()),
            ];
            scripts.push(Line::script("publicity_duty", steps));
        }
    }
    scripts
}

/// The plan's review in its third year: every department once; one has something to mend.
fn reviews(stage: &Stage) -> Vec<Box<dyn Script>> {
    let about = &stage.scenario.scenario;
    let organs = stage.scenario.county.organs.iter().filter(|organ| organ.kind == "department");
    let until = Day::new(2023, 8, 31).filter(|day| *day > about.period_from && day.plus(120) < about.period_to);
    let Some(until) = until else { return Vec::new() };
    let script = |(nth, organ): (usize, &super::scenario::OrganPlan)| {
        let (by, post) = if organ.code == BUREAU { (OFFICE, "office_clerk") } else { (BUREAU, "grassroots_clerk") };
        let input = Input::default()
            .with("plan", "“八五”普法规划（2021—2025年）")
            .with("stage", "midterm")
            .with("from_day", about.period_from.to_string())
            .with("to_day", until.to_string())
            .with("self_report", "按责任清单开展宣传；学校和企业去得少，准备下半年补上。")
            .with("self_weak", "literacy")
            .with("self_score", "90");
        let begin = i64::try_from(nth).unwrap_or(0) % 5;
        let reported = stage.after_work_days(until, 3 + begin);
        let checked = stage.after_work_days(reported, 8);
        let mut check = Input::default()
            .with("check_way", "archive|meeting")
            .with("checked_on", checked.to_string())
            .with("findings", "台账与现场记录相符；重点对象学法的记录不全。")
            .with("weak", "study");
        check.evidence = stage.document("check_record");
        let end = Input::default().with("conclusion_note", "查阅档案、座谈后综合认定。");
        let mut steps = vec![
            todo(reported, &organ.code, "publicity_clerk", "report_self", input),
            todo(checked, by, post, "check", check),
        ];
        let concluded = stage.after_work_days(checked, 4);
        if nth == 1 {
            let end = end.with("conclusion", "nearly").with("problems", "补齐重点对象学法的记录。");
            let mended = Input::default().with("rectified", "已补齐并逐人核对。");
            let rectified = stage.after_work_days(concluded, 12);
            steps.push(todo(concluded, by, post, "conclude_and_demand", end));
            steps.push(todo(rectified, &organ.code, "publicity_clerk", "rectify", mended));
            steps.push(todo(stage.after_work_days(rectified, 3), by, post, "accept_rectified", Input::default()));
        } else {
            steps.push(todo(concluded, by, post, "conclude", end.with("conclusion", "fit")));
        }
        Line::script("publicity_midterm", steps)
    };
    organs.enumerate().map(script).collect()
}

/// Month by month, as the notary office reports.
fn notary(stage: &Stage) -> Vec<Box<dyn Script>> {
    let (plan, about) = (&stage.scenario.popularisation, &stage.scenario.scenario);
    let months = periods(about.period_from.first_of_month(), 1, about.period_to.plus(-1));
    let weigh = |(nth, _): (u64, &(Day, Day))| Chance::new(about.seed, "notary", nth).between(70, 130);
    let weights: Vec<i64> = (0..).zip(&months).map(weigh).collect();
    let month = |((from, until), count): (&(Day, Day), i64)| {
        let mut input = Input::default()
            .with("notary", plan.notary.as_str())
            .with("from_day", from.to_string())
            .with("to_day", until.to_string())
            .with("certificates", count.to_string())
            .with("average_work_days", (5 + count % 5).to_string());
        input.evidence = stage.document("statement");
        Line::script(
            "notary_statistics",
            vec![todo(stage.after_work_days(*until, 4), BUREAU, "grassroots_clerk", "receive", input)],
        )
    };
    months.iter().zip(shared(plan.certificates, &weights)).map(month).collect()
}
