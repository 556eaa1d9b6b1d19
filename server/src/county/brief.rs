//! Disputes that are over on the day on which they are registered: for measuring on a county of many matters, where whole lives
//! would take too long to play. The demonstration county has none.
//!
//! Does not belong here: disputes as they are (`mediations.rs`).

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::dispute::Story;
use super::plan::day_in;
use super::stage::{Committee, Script, Stage, on, open};
use crate::store::Tx;

/// One of them. Small, because there are a million: its story is drawn when it is told.
struct Brief {
    day: Day,
    number: u64,
    told: bool,
}

/// All brief disputes of the scenario.
pub fn plan(stage: &Stage) -> Vec<Box<dyn Script>> {
    let scenario = Arc::clone(&stage.scenario);
    let mut scripts: Vec<Box<dyn Script>> = Vec::new();
    for (year, count) in scenario.scenario.years.iter().zip(&scenario.mediation.brief) {
        for _ in 0..*count {
            let number = u64::try_from(scripts.len()).unwrap_or(0);
            let mut chance = Chance::new(scenario.scenario.seed, "brief day", number);
            let day = day_in(stage, &mut chance, *year, &[1.0; 12], scenario.mediation.weekend_share);
            scripts.push(Box::new(Brief { day, number, told: false }));
        }
    }
    scripts
}

impl Script for Brief {
    fn next_day(&self) -> Option<Day> {
        (!self.told).then_some(self.day)
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.told = true;
        let mut chance = Chance::new(stage.scenario.scenario.seed, "brief", self.number);
        let missing = |what: &str| Fault::Missing { what: what.to_owned() };
        let committees = Arc::clone(&stage.committees);
        let plain: Vec<&Committee> = committees.iter().filter(|known| known.kinds.is_empty()).collect();
        let committee = *chance.pick(&plain).ok_or_else(|| missing("调委会"))?;
        let kind = chance.pick(&stage.scenario.mediation.kinds).map(|kind| kind.code.clone());
        let kind = kind.ok_or_else(|| missing("纠纷类型"))?;
        let story = Story::new(stage, committee, &kind, self.day, &mut chance)?;
        let staff = stage.staff.all(&committee.organ, "mediator").len().max(1);
        let mediator = stage.staff.nth(&committee.organ, "mediator", chance.below(staff))?;
        let input = story.register(&committee.organ, false).with("source", "party_application");
        let done = stage.act(tx, &mediator, open("mediation", "register", input))?;
        let (step, input) = if chance.happens(0.5) {
            let input = Input::default().with("refusing_party", "respondent").with("remedies_told", "litigation");
            ("party_refuses", input)
        } else {
            ("withdraw", Input::default().with("withdraw_note", "双方已自行和解。"))
        };
        stage.act(tx, &mediator, on(done.matter, step, input))?;
        Ok(())
    }
}
