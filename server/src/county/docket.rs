//! Which disputes there are: their day, kind, outcome and what follows, drawn from the scenario before the first one begins.
//!
//! Does not belong here: what happens in a dispute (`mediations.rs`).

use std::sync::Arc;

use zhunsheng_core::day::Day;

use super::Fault;
use super::chance::Chance;
use super::mediations::{Act, Mediation};
use super::plan::{assure, day_in};
use super::scenario::{MediationScene, Scenario};
use super::stage::{Script, Stage};

/// How a dispute ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Agreement,
    Failed,
    Refused,
    Withdrawn,
}

/// How an agreement is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeping {
    AtOnce,
    InTime,
    Urged,
    Breached,
}

/// What the court says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ruling {
    Confirmed,
    Rejected,
    Withdrawn,
}

/// What is decided about a dispute before it begins.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    pub day: Day,
    pub kind: String,
    pub end: End,
    pub oral: bool,
    pub keeping: Keeping,
    pub ruling: Option<Ruling>,
    pub escalates: bool,
    /// Court, police station, justice station or town take part.
    pub joint: bool,
    pub scene: Option<Scene>,
    pub chance: Chance,
}

/// A dispute of the scenario's scenes: where it is, and the act that nobody takes.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub id: Option<String>,
    pub committee: String,
    pub portal: bool,
    pub until: Act,
}

/// All disputes of the three years.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let seed = scenario.scenario.seed;
    let mut fates: Vec<Fate> = Vec::new();
    for (year, count) in scenario.scenario.years.iter().zip(&scenario.mediation.counts) {
        for _ in 0..*count {
            let chance = Chance::new(seed, "mediation", u64::try_from(fates.len()).unwrap_or(0));
            fates.push(fate(stage, &scenario, *year, chance));
        }
    }
    assured(&scenario, &mut fates, &mut Chance::new(seed, "mediation assured", 0));
    join(&scenario, &mut fates, &mut Chance::new(seed, "mediation joint", 0));
    fates.extend(scenes(stage, &scenario));
    fates.into_iter().map(|fate| Ok(Box::new(Mediation::new(stage, fate)?) as Box<dyn Script>)).collect()
}

fn fate(stage: &Stage, scenario: &Scenario, year: (Day, Day), mut chance: Chance) -> Fate {
    let plan = &scenario.mediation;
    let kind = chance.weighted(&plan.kinds, |kind| kind.weight).or_else(|| plan.kinds.first());
    let (code, months, oral) =
        kind.map_or(("other", &[1.0; 12], 0.3), |kind| (kind.code.as_str(), &kind.months, kind.oral));
    let day = day_in(stage, &mut chance, year, months, plan.weekend_share);
    let end = match chance.share(&plan.outcome) {
        "failed" => End::Failed,
        "refused" => End::Refused,
        "withdrawn" => End::Withdrawn,
        _ => End::Agreement,
    };
    let keeping = match chance.share(&plan.performance) {
        "at_once" => Keeping::AtOnce,
        "urged" => Keeping::Urged,
        "breached" => Keeping::Breached,
        _ => Keeping::InTime,
    };
    let oral = chance.happens(oral);
    let confirmable =
        end == End::Agreement && !oral && !plan.after.kept_from_confirmation.iter().any(|kept| kept == code);
    let ruling = (chance.happens(plan.after.confirmation_share) && confirmable).then(|| {
        match chance.share(&plan.confirmation) {
            "rejected" => Ruling::Rejected,
            "withdrawn" => Ruling::Withdrawn,
            _ => Ruling::Confirmed,
        }
    });
    let escalates = chance.happens(plan.escalation_share);
    let joint = day >= plan.joint_from && end != End::Agreement && chance.happens(plan.joint_share);
    Fate { day, kind: code.to_owned(), end, oral, keeping, ruling, escalates, joint, scene: None, chance }
}

/// As many agreements as the scenario says are reached jointly, early enough to be reached within the period.
fn join(scenario: &Scenario, fates: &mut [Fate], chance: &mut Chance) {
    let (plan, last) = (&scenario.mediation, scenario.scenario.period_to.plus(-150));
    let fits = |fate: &&mut Fate| fate.end == End::Agreement && fate.day >= plan.joint_from && fate.day < last;
    let mut able: Vec<&mut Fate> = fates.iter_mut().filter(fits).collect();
    chance.shuffle(&mut able);
    able.into_iter().take(plan.joint_resolved).for_each(|fate| fate.joint = true);
}

/// Disputes that stand open on the last day.
fn scenes(stage: &Stage, scenario: &Scenario) -> Vec<Fate> {
    let year = scenario.scenario.years.last().copied();
    let period = year.unwrap_or((scenario.scenario.period_from, scenario.scenario.period_to));
    let scene = |(n, scene): (u64, &MediationScene)| {
        let chance = Chance::new(scenario.scenario.seed, "mediation scene", n);
        Fate {
            day: scene.day,
            kind: scene.kind.clone(),
            end: End::Agreement,
            oral: false,
            keeping: Keeping::InTime,
            ruling: None,
            escalates: false,
            joint: false,
            scene: Some(Scene {
                id: scene.id.clone(),
                committee: scene.committee.clone(),
                portal: scene.portal,
                until: scene.until,
            }),
            ..fate(stage, scenario, period, chance)
        }
    };
    (0..).zip(&scenario.scenes.mediation).map(scene).collect()
}

fn assured(scenario: &Scenario, fates: &mut [Fate], chance: &mut Chance) {
    let of = |name: &str| scenario.assured.mediation.get(name);
    let early = scenario.scenario.period_to.plus(-150);
    let plain = |fate: &Fate| {
        fate.day < early && fate.end == End::Agreement && fate.ruling.is_none() && fate.keeping == Keeping::InTime
    };
    let kept = &scenario.mediation.after.kept_from_confirmation;
    for (name, end) in [("refused", End::Refused), ("failed", End::Failed), ("withdrawn", End::Withdrawn)] {
        assure(fates, of(name), chance, |fate| fate.end == end && fate.day < early, plain, |fate| fate.end = end);
    }
    for (name, ruling) in [("confirmation_rejected", Ruling::Rejected), ("confirmation_confirmed", Ruling::Confirmed)] {
        let has = |fate: &Fate| fate.ruling == Some(ruling) && fate.day < early;
        let can = |fate: &Fate| plain(fate) && !fate.oral && !kept.contains(&fate.kind);
        assure(fates, of(name), chance, has, can, |fate| fate.ruling = Some(ruling));
    }
    let breached = |fate: &Fate| fate.end == End::Agreement && fate.keeping == Keeping::Breached && fate.day < early;
    assure(fates, of("breached"), chance, breached, plain, |fate| fate.keeping = Keeping::Breached);
    let oral = |fate: &Fate| fate.end == End::Agreement && fate.oral && fate.day < early;
    assure(fates, of("agreement_oral"), chance, oral, plain, |fate| fate.oral = true);
    assure(
        fates,
        of("escalation"),
        chance,
        |fate| fate.escalates && fate.day < early,
        plain,
        |fate| fate.escalates = true,
    );
}
