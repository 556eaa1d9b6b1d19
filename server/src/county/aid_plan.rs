//! Which cases of legal aid there are: their day, what is applied for, how they end, drawn before the first one begins.
//!
//! Does not belong here: what happens in a case (`aid.rs`), what the law asks (law/procedures/grassroots/legal_aid.toml).

use std::collections::BTreeMap;

use serde::Deserialize;
use zhunsheng_core::day::Day;

use super::Fault;
use super::aid::{Act, Case};
use super::chance::Chance;
use super::material;
use super::plan::{assure, day_in};
use super::scenario::{Assurance, Delay, Shares};
use super::stage::{Script, Stage};

/// The volumes and shapes of legal aid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct AidPlan {
    pub counts: Vec<usize>,
    /// The statute is in force from here on; nothing begins earlier.
    pub from: Day,
    pub months: [f64; 12],
    /// What is awarded to migrant workers in wages, together, in 元; spread over their cases.
    pub wages_awarded: i64,
    pub received_share: f64,
    pub portal_share: f64,
    pub station_share: f64,
    pub notice_share: f64,
    pub urgent_share: f64,
    pub completion_share: f64,
    pub change_share: f64,
    pub progress_share: f64,
    pub group_share: f64,
    pub cause: Shares,
    pub outcome: Shares,
    pub assured: BTreeMap<String, Assurance>,
    pub delay: BTreeMap<String, Delay>,
    /// Cases that stand open on the last day.
    pub scenes: Vec<AidScene>,
}

/// A case that is played until an act that nobody takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct AidScene {
    pub id: Option<String>,
    pub day: Day,
    pub cause: String,
    pub until: Act,
    #[serde(default)]
    pub way: Way,
}

/// By which way a case comes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the ways of the procedure, in its words")]
pub enum Way {
    #[default]
    Desk,
    Portal,
    Station,
    Notice,
}

/// How a case ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Aided,
    Refused,
    /// Refused, objected to, and the bureau orders correction.
    Corrected,
    /// Refused, objected to, upheld.
    Upheld,
    Withdrawn,
    /// What was missing never came.
    Deemed,
    Terminated,
}

/// What is decided about a case before it begins.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    pub day: Day,
    pub cause: String,
    pub way: Way,
    pub end: End,
    pub urgent: bool,
    pub completes: bool,
    pub changes: bool,
    pub people: i64,
    pub handling: i64,
    pub awarded: i64,
    pub scene: Option<AidScene>,
    pub chance: Chance,
}

/// Texts of a kind of case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct AidKind {
    pub cause: String,
    pub forms: Vec<String>,
    pub group: String,
    pub exempt: String,
    pub amount: (i64, i64, i64),
    pub texts: Vec<String>,
}

/// The texts of legal aid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained at the top of the pool")]
pub struct AidPool {
    pub offices: Vec<String>,
    pub opinions: Vec<String>,
    pub hardship: Vec<String>,
    pub missing: Vec<String>,
    pub progress: Vec<String>,
    pub reports: Vec<String>,
    pub refusals: Vec<String>,
    pub objections: Vec<String>,
    pub kind: Vec<AidKind>,
}

impl AidPool {
    fn load() -> Result<Self, Fault> {
        let (file, source) = ("pools/aid.toml", material::scenario_file("pools/aid.toml")?);
        let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
        toml::from_str(&source).map_err(fault)
    }
}

/// All cases of the three years.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let pool = std::sync::Arc::new(AidPool::load()?);
    let scenario = std::sync::Arc::clone(&stage.scenario);
    let (plan, seed) = (&scenario.legal_aid, scenario.scenario.seed);
    let mut fates: Vec<Fate> = Vec::new();
    for ((from, to), count) in scenario.scenario.years.iter().zip(&plan.counts) {
        for _ in 0..*count {
            let chance = Chance::new(seed, "legal aid", u64::try_from(fates.len()).unwrap_or(0));
            fates.push(fate(stage, &pool, ((*from).max(plan.from), *to), chance));
        }
    }
    assured(plan, &mut fates, scenario.scenario.period_to, &mut Chance::new(seed, "legal aid assured", 0));
    spread_wages(plan, &mut fates, scenario.scenario.period_to);
    for (n, scene) in (0..).zip(&plan.scenes) {
        let base = fate(stage, &pool, (scene.day, scene.day), Chance::new(seed, "legal aid scene", n));
        let plain = Fate { end: End::Aided, urgent: false, completes: scene.until == Act::Complete, ..base };
        let cause = scene.cause.clone();
        fates.push(Fate { day: scene.day, cause, way: scene.way, scene: Some(scene.clone()), ..plain });
    }
    Ok(fates.into_iter().map(|fate| Box::new(Case::new(fate, std::sync::Arc::clone(&pool))) as _).collect())
}

fn fate(stage: &Stage, pool: &AidPool, year: (Day, Day), mut chance: Chance) -> Fate {
    let plan = &stage.scenario.legal_aid;
    let day = day_in(stage, &mut chance, year, &plan.months, 0.03);
    let way = match chance.unit() {
        drawn if drawn < plan.notice_share => Way::Notice,
        drawn if drawn < plan.notice_share + plan.portal_share => Way::Portal,
        drawn if drawn < plan.notice_share + plan.portal_share + plan.station_share => Way::Station,
        _ => Way::Desk,
    };
    let cause = if way == Way::Notice { "criminal".to_owned() } else { chance.share(&plan.cause).to_owned() };
    let end = match chance.share(&plan.outcome) {
        _ if way == Way::Notice => End::Aided,
        "refused" => End::Refused,
        "withdrawn" => End::Withdrawn,
        "deemed" => End::Deemed,
        "terminated" => End::Terminated,
        _ => End::Aided,
    };
    let urgent = end == End::Aided && way != Way::Notice && chance.happens(plan.urgent_share);
    let completes = end == End::Deemed || !urgent && way != Way::Notice && chance.happens(plan.completion_share);
    let people = if cause == "labour_pay" && chance.happens(plan.group_share) { chance.between(2, 9) } else { 1 };
    let handling = plan.delay.get("handling").map_or(60, |delay| chance.delay(delay));
    let awarded = pool.kind.iter().find(|kind| kind.cause == cause).map_or(0, |kind| {
        let (min, max, step) = kind.amount;
        (min + chance.between(0, (max - min) / step.max(1)) * step) * people
    });
    let changes = end == End::Aided && chance.happens(plan.change_share);
    Fate { day, cause, way, end, urgent, completes, changes, people, handling, awarded, scene: None, chance }
}

fn assured(plan: &AidPlan, fates: &mut [Fate], to: Day, chance: &mut Chance) {
    let early = to.plus(-150);
    let plain = |fate: &Fate| {
        fate.day < early && fate.end == End::Aided && fate.way != Way::Notice && !fate.urgent && !fate.completes
    };
    let ends = [
        ("corrected", End::Corrected),
        ("upheld", End::Upheld),
        ("refused", End::Refused),
        ("withdrawn", End::Withdrawn),
        ("deemed", End::Deemed),
        ("terminated", End::Terminated),
    ];
    for (name, end) in ends {
        let set = |fate: &mut Fate| {
            fate.end = end;
            fate.completes = end == End::Deemed;
        };
        assure(fates, plan.assured.get(name), chance, |fate| fate.end == end && fate.day < early, plain, set);
    }
    let urgent = |fate: &Fate| fate.urgent && fate.day < early;
    assure(fates, plan.assured.get("urgent"), chance, urgent, plain, |fate| fate.urgent = true);
    let wages = |fate: &Fate| plain(fate) && fate.cause == "labour_pay";
    assure(fates, plan.assured.get("wages"), chance, wages, plain, |fate| fate.cause = "labour_pay".to_owned());
}

/// Wages of migrant workers add up to what the scenario says, over the cases that end within the period.
fn spread_wages(plan: &AidPlan, fates: &mut [Fate], to: Day) {
    let counts = |fate: &Fate| {
        fate.cause == "labour_pay"
            && matches!(fate.end, End::Aided | End::Corrected)
            && fate.day.plus(fate.handling + 45) <= to
    };
    for fate in fates.iter_mut().filter(|fate| fate.cause == "labour_pay") {
        fate.awarded = fate.awarded.max(3_000 * fate.people);
    }
    let drawn: i64 = fates.iter().filter(|fate| counts(fate)).map(|fate| fate.awarded).sum();
    for fate in fates.iter_mut().filter(|fate| fate.cause == "labour_pay") {
        fate.awarded = fate.awarded * plan.wages_awarded / drawn.max(1) / 10 * 10;
    }
}
