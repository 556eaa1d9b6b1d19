//! Who may enforce what in the demonstration county: bodies and teams, the list of powers, what is entrusted to towns, each
//! entered into its register by the supervisor who keeps it.
//!
//! Does not belong here: cases brought under these powers (`penalties.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::offence::article;
use super::scenario::{FieldPlan, Scenario, TownPlan};
use super::stage::{Holder, Stage, open};
use crate::store::Tx;

/// The first day of the present 行政处罚法: powers that stood before are listed from then on.
const SINCE: &str = "2021-07-15";

/// Enters bodies, powers and delegations.
pub fn register(stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let keeper = stage.staff.nth("justice", "supervisor", 0)?;
    for field in &scenario.penalty.fields {
        county_team(stage, tx, &keeper, field)?;
        powers(stage, tx, &keeper, field)?;
    }
    let mut number = 0;
    for town in &scenario.county.towns {
        town_team(stage, tx, &keeper, &scenario, town)?;
        for field in scenario.penalty.fields.iter().filter(|field| town.entrusted_by.contains(&field.organ)) {
            number += 1;
            entrust(stage, tx, &keeper, (field, town, number))?;
        }
    }
    Ok(())
}

/// The power under which a violation of a field of law is punished.
pub fn power_for(stage: &Stage, field: &str, violation: &str) -> Option<MatterId> {
    let name = named(violation);
    stage.desk.registry.powers().in_domain("penalty", field).find(|power| power.name == name).map(|power| power.id)
}

/// The power to seize in a field of law.
pub(super) fn power_to_seize(stage: &Stage, field: &str) -> Option<MatterId> {
    stage.desk.registry.powers().in_domain("compulsion", field).map(|power| power.id).next()
}

fn named(violation: &str) -> String {
    format!("对{}的处罚", violation.trim_start_matches('对'))
}

/// 局队合一: the team is entered with its bureau, in whose name it acts.
fn county_team(stage: &mut Stage, tx: &mut Tx<'_>, keeper: &Holder, field: &FieldPlan) -> Result<(), Fault> {
    let about = &stage.scenario.scenario;
    let input = Input::default()
        .with("name", format!("{}{}综合行政执法队", about.county_name, field.name))
        .with("body_kind", "county_team")
        .with("organ", field.organ.as_str())
        .with("acts_as", field.organ.as_str())
        .with("domain", field.code.as_str())
        .with("body_basis", "演示县机构编制文件（虚构）")
        .with("place", about.county_code.as_str())
        .with("valid_from", SINCE)
        .with("published_on", SINCE)
        .with("published_at", "县人民政府网站（演示）");
    stage.act(tx, keeper, open("enforcement_body", "register", input)).map(|_| ())
}

fn town_team(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    keeper: &Holder,
    scenario: &Scenario,
    town: &TownPlan,
) -> Result<(), Fault> {
    let fields = scenario.penalty.fields.iter().filter(|field| town.entrusted_by.contains(&field.organ));
    let domains: Vec<&str> = fields.map(|field| field.code.as_str()).collect();
    let input = Input::default()
        .with("name", town.team.as_str())
        .with("body_kind", "town_team")
        .with("organ", format!("{}_team", town.code))
        .with("acts_as", town.code.as_str())
        .with("domain", domains.join("|"))
        .with("body_basis", "演示县机构编制文件（虚构）")
        .with("place", town.place.as_str())
        .with("valid_from", SINCE)
        .with("published_on", SINCE)
        .with("published_at", "县人民政府网站（演示）");
    stage.act(tx, keeper, open("enforcement_body", "register", input)).map(|_| ())
}

/// One power for each violation of the pool, with the articles of all its editions.
fn powers(stage: &mut Stage, tx: &mut Tx<'_>, keeper: &Holder, field: &FieldPlan) -> Result<(), Fault> {
    let pools = Arc::clone(&stage.pools);
    let mut listed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for violation in pools.violations.get(&field.code).map(|pool| pool.case.as_slice()).unwrap_or_default() {
        let articles = listed.entry(&violation.violation).or_default();
        let basis = article(violation);
        if !articles.contains(&basis) {
            articles.push(basis);
        }
    }
    for (number, (violation, articles)) in (1..).zip(listed) {
        let input = Input::default()
            .with("code", format!("演{}罚{number:03}", field.name))
            .with("name", named(violation))
            .with("power_kind", "penalty")
            .with("domain", field.code.as_str())
            .with("organ", field.organ.as_str())
            .with("power_source", "statutory")
            .with("power_basis", articles.join("；"))
            .with("valid_from", SINCE)
            .with("published_on", SINCE)
            .with("published_at", "县人民政府网站（演示）");
        stage.act(tx, keeper, open("enforcement_power", "register", input))?;
    }
    let input = Input::default()
        .with("code", format!("演{}强001", field.name))
        .with("name", format!("对{}领域涉案场所、设施、财物的查封、扣押", field.name))
        .with("power_kind", "compulsion")
        .with("domain", field.code.as_str())
        .with("organ", field.organ.as_str())
        .with("power_source", "statutory")
        .with("power_basis", "本领域法律、法规关于查封、扣押的规定（演示）")
        .with("valid_from", SINCE)
        .with("published_on", SINCE)
        .with("published_at", "县人民政府网站（演示）");
    stage.act(tx, keeper, open("enforcement_power", "register", input)).map(|_| ())
}

/// 委托: in the name of the bureau, for a period, published by both (行政处罚法§20).
fn entrust(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    keeper: &Holder,
    (field, town, number): (&FieldPlan, &TownPlan, usize),
) -> Result<(), Fault> {
    let about = &stage.scenario.scenario;
    let input = Input::default()
        .with("delegation_kind", "entrusted")
        .with("from_organ", field.organ.as_str())
        .with("to_organ", format!("{}_team", town.code))
        .with("domain", field.code.as_str())
        .with("power_kind", "penalty")
        .with("limits", format!("{}：{}领域的行政处罚，不含行政强制措施（演示）", town.team, field.name))
        .with("instrument_number", format!("演委〔2021〕{number}号"))
        .with("instrument_on", about.period_from.plus(-60).to_string())
        .with("valid_from", about.period_from.plus(-30).to_string())
        .with("valid_until", about.period_to.plus(430).to_string())
        .with("published_on", about.period_from.plus(-25).to_string())
        .with("published_at", "县人民政府网站、镇公告栏（演示）");
    stage.act(tx, keeper, open("enforcement_delegation", "register", input)).map(|_| ())
}
