//! The register of village legal guides 法律明白人: recommended, trained and certified village by village, some replaced.
//!
//! Does not belong here: what the register asks (law/procedures/grassroots/village_legal_guide.toml).

use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::stage::{Agenda, Script, Stage, on, open};
use crate::store::Tx;

/// How many there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct GuidesPlan {
    pub per_village: usize,
    /// So many villages have one fewer on the last day, so many others one more.
    pub uneven: usize,
    /// Share of villages in which one is replaced.
    pub replaced_share: f64,
    /// Share of guides with a recorded activity.
    pub active_share: f64,
    pub from: Day,
    pub to: Day,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Recommend,
    Train,
    Certify,
    Active,
    Replace,
}

/// The guides of one village.
struct Village {
    place: String,
    station: String,
    first_number: usize,
    count: usize,
    replaces: bool,
    waiting: Vec<MatterId>,
    serving: Vec<MatterId>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// All villages, in the order of their codes.
pub fn plan(stage: &Stage) -> Vec<Box<dyn Script>> {
    let scenario = Arc::clone(&stage.scenario);
    let plan = &scenario.guides;
    let all = scenario.county.towns.iter().flat_map(|town| {
        let villages = stage.villages.get(&town.place).into_iter().flatten();
        villages.map(move |village| (village.code.clone(), format!("{}_station", town.code)))
    });
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    let mut number = 1;
    for (n, (place, station)) in all.enumerate() {
        let mut chance = Chance::new(scenario.scenario.seed, "guides", u64::try_from(n).unwrap_or(0));
        let fewer = usize::from(n < plan.uneven);
        let more = usize::from((plan.uneven..plan.uneven * 2).contains(&n));
        let count = plan.per_village + more - fewer;
        let mut agenda = Agenda::default();
        let day = plan.from.plus(chance.between(0, plan.to.days_since(plan.from)));
        agenda.add(stage.work_day(day), Act::Recommend);
        // A village that stands one short has lost one; it is not the one where a successor came at once.
        let replaces = chance.happens(plan.replaced_share) && fewer == 0;
        let (waiting, serving) = (Vec::new(), Vec::new());
        scripts.push(Box::new(Village {
            place,
            station,
            first_number: number,
            count,
            replaces,
            waiting,
            serving,
            agenda,
            chance,
        }));
        number += count + usize::from(replaces);
    }
    scripts
}

impl Village {
    fn recommend(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, count: usize) -> Result<(), Fault> {
        const CATEGORIES: [&str; 6] =
            ["village_cadre", "group_head", "party_member", "grid_worker", "mediator", "women_federation"];
        let keeper = stage.staff.nth(&self.station, "justice_station_head", 0)?;
        let names = Arc::clone(&stage.pools);
        for _ in 0..count {
            let someone = names.names.party(&mut self.chance);
            let category = self.chance.pick(&CATEGORIES).copied().unwrap_or("other");
            let input = Input::default()
                .with("place", self.place.as_str())
                .with("name", someone.name)
                .with("gender", if someone.woman { "female" } else { "male" })
                .with("phone", someone.phone)
                .with("category", category)
                .with("chosen_how", if self.chance.happens(0.7) { "committee" } else { "self" });
            let done = stage.act(tx, &keeper, open("village_legal_guide", "recommend", input))?;
            self.waiting.push(done.matter);
        }
        let day = stage.after_work_days(stage.today(), self.chance.between(5, 15));
        self.agenda.add(day, Act::Train);
        Ok(())
    }

    fn train(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let keeper = stage.staff.nth(&self.station, "justice_station_head", 0)?;
        let title = format!("{}年“法律明白人”初任培训", stage.today().year());
        for guide in &self.waiting {
            let input = Input::default().with("training_title", title.as_str()).with("training_hours", "16");
            stage.act(tx, &keeper, on(*guide, "train", input))?;
        }
        let day = stage.after_work_days(stage.today(), self.chance.between(2, 8));
        self.agenda.add(day, Act::Certify);
        Ok(())
    }

    fn certify(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let keeper = stage.staff.nth("justice", "grassroots_clerk", 0)?;
        let again = !self.serving.is_empty();
        for guide in std::mem::take(&mut self.waiting) {
            let number = format!("演明白人{:05}", self.first_number);
            self.first_number += 1;
            let input = Input::default()
                .with("training_passed", "yes")
                .with("certificate_number", number)
                .with("valid_from", stage.today().to_string());
            stage.act(tx, &keeper, on(guide, "certify", input))?;
            self.serving.push(guide);
        }
        if !again {
            self.agenda.add(stage.work_day(stage.today().plus(self.chance.between(30, 120))), Act::Active);
            if self.replaces {
                self.agenda.add(stage.work_day(stage.today().plus(self.chance.between(130, 200))), Act::Replace);
            }
        }
        Ok(())
    }

    fn active(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let keeper = stage.staff.nth(&self.station, "justice_station_head", 0)?;
        let share = stage.scenario.guides.active_share;
        for guide in self.serving.clone() {
            if self.chance.happens(share) {
                let activity = ["publicity", "guidance", "dispute_report"];
                let input =
                    Input::default().with("activity", self.chance.pick(&activity).copied().unwrap_or("publicity"));
                stage.act(tx, &keeper, on(guide, "record_activity", input))?;
            }
        }
        Ok(())
    }

    fn replace(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let keeper = stage.staff.nth("justice", "grassroots_clerk", 0)?;
        if let Some(leaving) = self.serving.pop() {
            let input = Input::default().with("revoked_on", stage.today().to_string()).with("end_reason", "moved");
            stage.act(tx, &keeper, on(leaving, "revoke", input))?;
            self.recommend(stage, tx, 1)?;
        }
        Ok(())
    }
}

impl Script for Village {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::Recommend) => self.recommend(stage, tx, self.count),
            Some(Act::Train) => self.train(stage, tx),
            Some(Act::Certify) => self.certify(stage, tx),
            Some(Act::Active) => self.active(stage, tx),
            Some(Act::Replace) => self.replace(stage, tx),
            None => Ok(()),
        }
    }
}
