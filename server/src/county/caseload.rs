//! Which penalty cases there are: their day, field, outcome and turns, drawn from the scenario before the first one begins.
//!
//! Does not belong here: what happens in a case (`penalties.rs`, `aftermath.rs`).

use std::sync::Arc;

use zhunsheng_core::day::Day;

use super::Fault;
use super::chance::Chance;
use super::penalties::{Act, Penalty};
use super::plan::{assure, day_in};
use super::scenario::{FieldPlan, PenaltyScene, Scenario, TownPlan};
use super::stage::{Script, Stage};

/// How a case ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Penalty,
    Minor,
    Unfounded,
    Judicial,
    OtherOrgan,
    Withdrawn,
}

/// What the party does with its right to be heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voice {
    Silent,
    Waives,
    Defends { accepted: bool },
}

/// How a fine is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Payment {
    InTime,
    Late,
    Instalments,
    Urged,
    Court,
    /// Not before the organ of reconsideration, which changed the fine, has asked the court.
    Changed,
}

/// What is decided about a case before it begins.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    pub day: Day,
    pub field: FieldPlan,
    pub town: Option<usize>,
    pub end: End,
    pub voice: Voice,
    pub payment: Payment,
    pub hearing: bool,
    pub hearing_changes: bool,
    pub collective: bool,
    pub extra_review: bool,
    pub rejected: bool,
    pub mitigated: bool,
    pub preserve: bool,
    pub late: bool,
    pub published: bool,
    pub scene: Option<Scene>,
    pub chance: Chance,
}

/// A case of the scenario's scenes: its name, and the act that nobody takes.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub id: Option<String>,
    pub until: Option<Act>,
}

/// All cases of the three years.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let seed = scenario.scenario.seed;
    let mut fates: Vec<Fate> = Vec::new();
    for field in &scenario.penalty.fields {
        for (year, count) in scenario.scenario.years.iter().zip(&field.counts) {
            for _ in 0..*count {
                let chance = Chance::new(seed, "penalty", u64::try_from(fates.len()).unwrap_or(0));
                fates.push(fate(stage, &scenario, field, *year, chance));
            }
        }
    }
    assured(&scenario, &mut fates, &mut Chance::new(seed, "penalty assured", 0));
    fates.extend(scenes(stage, &scenario));
    fates.into_iter().map(|fate| Ok(Box::new(Penalty::new(stage, fate)?) as Box<dyn Script>)).collect()
}

fn fate(stage: &Stage, scenario: &Scenario, field: &FieldPlan, year: (Day, Day), mut chance: Chance) -> Fate {
    let plan = &scenario.penalty;
    let day = day_in(stage, &mut chance, year, &field.months, 0.0);
    let entrusted = |town: &&(usize, &TownPlan)| town.1.entrusted_by.contains(&field.organ);
    let towns: Vec<(usize, &TownPlan)> = scenario.county.towns.iter().enumerate().collect();
    let able: Vec<&(usize, &TownPlan)> = towns.iter().filter(entrusted).collect();
    let town = if chance.happens(field.town_share) { chance.pick(&able).map(|town| town.0) } else { None };
    let end = match chance.share(&plan.outcome) {
        "no_penalty_minor" => End::Minor,
        "no_penalty_unfounded" => End::Unfounded,
        "transferred_judicial" => End::Judicial,
        "transferred_organ" => End::OtherOrgan,
        "withdrawn" => End::Withdrawn,
        _ => End::Penalty,
    };
    let voice = if chance.happens(plan.defence_share) {
        Voice::Defends { accepted: chance.happens(plan.defence_accepted_share) }
    } else if chance.happens(plan.waived_share) {
        Voice::Waives
    } else {
        Voice::Silent
    };
    let payment = match chance.share(&plan.payment) {
        "late" => Payment::Late,
        "instalments" => Payment::Instalments,
        "urged" => Payment::Urged,
        "court_enforcement" => Payment::Court,
        _ => Payment::InTime,
    };
    Fate {
        day,
        field: field.clone(),
        town,
        end,
        voice,
        payment,
        hearing: chance.happens(plan.hearing_requested_share),
        hearing_changes: chance.happens(plan.hearing_changes_share),
        collective: chance.happens(plan.collective_share),
        extra_review: chance.happens(plan.legal_review_extra_share),
        rejected: chance.happens(plan.legal_review_rejected_share),
        mitigated: chance.happens(plan.mitigated_share),
        preserve: chance.happens(plan.preserve_share),
        late: false,
        published: chance.happens(plan.published_share),
        scene: None,
        chance,
    }
}

/// Cases that stand open on the last day, or that are to be found by name.
fn scenes(stage: &Stage, scenario: &Scenario) -> Vec<Fate> {
    let scene = |(n, scene): (u64, &PenaltyScene)| {
        let field = scenario.penalty.fields.iter().find(|field| field.code == scene.field)?;
        let year = scenario.scenario.years.last().copied()?;
        let drawn = fate(stage, scenario, field, year, Chance::new(scenario.scenario.seed, "penalty scene", n));
        let code = scene.town.as_ref();
        Some(Fate {
            day: scene.day,
            town: code.and_then(|code| scenario.county.towns.iter().position(|town| town.code == *code)),
            end: End::Penalty,
            voice: if scene.defends { Voice::Defends { accepted: false } } else { Voice::Waives },
            payment: Payment::InTime,
            hearing: false,
            collective: false,
            extra_review: scene.reviewed,
            rejected: false,
            mitigated: false,
            preserve: false,
            late: scene.late,
            published: true,
            scene: Some(Scene { id: scene.id.clone(), until: scene.until }),
            ..drawn
        })
    };
    (0..).zip(&scenario.scenes.penalty).filter_map(scene).collect()
}

fn assured(scenario: &Scenario, fates: &mut [Fate], chance: &mut Chance) {
    let of = |name: &str| scenario.assured.penalty.get(name);
    let to = scenario.scenario.period_to;
    let early = to.plus(-180);
    let penalised = |fate: &Fate| fate.day < early && fate.end == End::Penalty;
    let plain = |fate: &Fate| penalised(fate) && fate.payment == Payment::InTime && !fate.late && !fate.hearing;
    let ends = [
        ("no_penalty_minor", End::Minor),
        ("no_penalty_unfounded", End::Unfounded),
        ("transferred_judicial", End::Judicial),
        ("transferred_organ", End::OtherOrgan),
        ("withdrawn", End::Withdrawn),
    ];
    for (name, end) in ends {
        assure(fates, of(name), chance, |fate| fate.end == end && fate.day < early, plain, |fate| fate.end = end);
    }
    assure(fates, of("late"), chance, |fate| fate.late, plain, |fate| (fate.late, fate.collective) = (true, false));
    // A year lies between the case and the court: remedies, urging, application.
    let old = |fate: &Fate| fate.day < to.plus(-400) && plain(fate);
    let court = |fate: &Fate| fate.payment == Payment::Court && fate.end == End::Penalty && fate.day < to.plus(-400);
    assure(fates, of("court_enforcement"), chance, court, old, |fate| fate.payment = Payment::Court);
    let changed = |fate: &Fate| fate.payment == Payment::Changed && penalised(fate);
    let instalments = |fate: &Fate| fate.payment == Payment::Instalments && penalised(fate);
    assure(fates, of("instalments"), chance, instalments, plain, |fate| fate.payment = Payment::Instalments);
    let hearing = |fate: &Fate| fate.hearing && penalised(fate);
    assure(fates, of("hearing"), chance, hearing, plain, |fate| fate.hearing = true);
    let reviewed = |fate: &Fate| fate.extra_review && fate.rejected && penalised(fate);
    assure(fates, of("legal_review_rejected"), chance, reviewed, plain, |fate| {
        (fate.extra_review, fate.rejected) = (true, true)
    });
    assure(
        fates,
        of("mitigated"),
        chance,
        |fate| fate.mitigated && penalised(fate),
        plain,
        |fate| fate.mitigated = true,
    );
    assure(fates, of("preserve"), chance, |fate| fate.preserve && penalised(fate), plain, |fate| fate.preserve = true);
    let waived = |fate: &Fate| fate.voice == Voice::Waives && penalised(fate);
    assure(fates, of("waived"), chance, waived, plain, |fate| fate.voice = Voice::Waives);
    assure(fates, of("changed_above"), chance, changed, old, |fate| fate.payment = Payment::Changed);
}
