//! The registers of the demonstration county: places, organs, people, posts, certificates, mediators, committees, advisers,
//! each entered through its register procedure by the person who keeps it.
//!
//! Does not belong here: what happens to them later (`careers.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::material;
use super::people::{Someone, new_name};
use super::powers;
use super::scenario::Scenario;
use super::stage::{Committee, Holder, PlaceName, Stage, on, open};
use crate::store::Tx;
use crate::store::matters::{self, ListFilter, Page};
use crate::store::seeing::SightFilter;

/// An organ to be registered.
struct OrganLine {
    code: String,
    name: String,
    short: String,
    kind: &'static str,
    parent: String,
    place: String,
    functions: &'static str,
    uscc: String,
    domains: Vec<String>,
}

/// A committee's term of office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    /// Which committee of the stage.
    pub committee: usize,
    /// Its entry in the register.
    pub matter: MatterId,
    /// The first day.
    pub from: Day,
}

/// Enters everything that stands on the first day; returns the terms of the committees.
pub fn register(stage: &mut Stage, tx: &mut Tx<'_>) -> Result<Vec<Term>, Fault> {
    let scenario = Arc::clone(&stage.scenario);
    let mut chance = Chance::new(scenario.scenario.seed, "registers", 0);
    places(stage, tx, &scenario)?;
    let committees = committees(stage, &scenario);
    stage.committees = Arc::new(committees);
    refine_government(stage, tx, &scenario)?;
    for line in organ_lines(stage, &scenario) {
        let staffed = (line.code.clone(), line.kind);
        organ(stage, tx, line)?;
        staff_organ(stage, tx, &mut chance, &staffed.0, staffed.1)?;
    }
    let government = scenario.scenario.county_code.clone();
    staff_organ(stage, tx, &mut chance, &government, "county_government")?;
    second_posts(stage, tx, &scenario)?;
    reviewers(stage, tx)?;
    powers::register(stage, tx)?;
    advisers(stage, tx, &mut chance)?;
    mediation_register(stage, tx, &mut chance)
}

fn administrator(stage: &mut Stage, tx: &mut Tx<'_>, procedure: &str, input: Input) -> Result<MatterId, Fault> {
    let who = stage.administrator.clone();
    Ok(stage.act(tx, &who, open(procedure, "register", input))?.matter)
}

/// The lines of a list with a header and comments.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).skip(1).map(|line| line.split(',').collect())
}

fn places(stage: &mut Stage, tx: &mut Tx<'_>, scenario: &Scenario) -> Result<(), Fault> {
    let about = &scenario.scenario;
    for line in lines(&material::places(&about.places)?) {
        let [code, parent, name, level] = line.as_slice() else { continue };
        if *level == "town" && scenario.county.towns.iter().any(|town| town.place == *code) {
            let input =
                Input::default().with("code", *code).with("name", *name).with("level", *level).with("parent", *parent);
            administrator(stage, tx, "place", input)?;
        }
    }
    let mut villages: BTreeMap<String, Vec<PlaceName>> = BTreeMap::new();
    let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
    let file = about.villages.trim_start_matches("scenarios/");
    for line in lines(&material::scenario_file(file)?) {
        let [code, town, name, kind] = line.as_slice() else { continue };
        let limit = if *kind == "村" { about.villages_per_town } else { about.communities_per_town };
        let count = taken.entry(((*town).to_owned(), (*kind).to_owned())).or_default();
        if !scenario.county.towns.iter().any(|known| known.place == *town) || (limit > 0 && *count >= limit) {
            continue;
        }
        *count += 1;
        let input =
            Input::default().with("code", *code).with("name", *name).with("level", "village").with("parent", *town);
        administrator(stage, tx, "place", input)?;
        villages
            .entry((*town).to_owned())
            .or_default()
            .push(PlaceName { code: (*code).to_owned(), name: (*name).to_owned() });
    }
    stage.villages = Arc::new(villages);
    Ok(())
}

/// Every mediation committee: of villages and communities, towns, trades.
fn committees(stage: &Stage, scenario: &Scenario) -> Vec<Committee> {
    let mut all = Vec::new();
    for town in &scenario.county.towns {
        let name = town.name.trim_end_matches("人民政府").to_owned();
        let town_place = PlaceName { code: town.place.clone(), name: name.clone() };
        let station = format!("{}_station", town.code);
        all.push(Committee {
            organ: format!("{}_committee", town.code),
            name: scenario.county.town_committee.replace("{town}", &name),
            level: "town",
            place: town_place.clone(),
            town: Some(town_place.clone()),
            station: station.clone(),
            kinds: Vec::new(),
        });
        for village in stage.villages.get(&town.place).into_iter().flatten() {
            all.push(Committee {
                organ: format!("village_{}_committee", village.code),
                name: scenario.county.village_committee.replace("{village}", &format!("{name}{}", village.name)),
                level: "village",
                place: village.clone(),
                town: Some(town_place.clone()),
                station: station.clone(),
                kinds: Vec::new(),
            });
        }
    }
    for plan in &scenario.county.committees {
        all.push(Committee {
            organ: plan.code.clone(),
            name: plan.name.clone(),
            level: "industry",
            place: PlaceName { code: plan.place.clone(), name: scenario.scenario.county_name.clone() },
            town: None,
            station: "justice".to_owned(),
            kinds: plan.kinds.clone(),
        });
    }
    all
}

fn functions_of(kind: &str, code: &str, fields: &[String]) -> &'static str {
    match (kind, code) {
        ("government_office", _) => "government_office",
        ("rule_of_law_office", _) => "rule_of_law_office",
        ("legal_aid_centre", _) => "legal_aid",
        ("dispute_centre", _) => "dispute_centre",
        (_, "public_security") if fields.is_empty() => "public_security",
        (_, "public_security") => "public_security|enforcement",
        (_, "justice") => "legality_review|judicial_bureau|enforcement_supervision",
        _ if fields.is_empty() => "",
        _ => "enforcement",
    }
}

fn organ_lines(stage: &Stage, scenario: &Scenario) -> Vec<OrganLine> {
    let mut all = Vec::new();
    for organ in scenario.county.organs.iter().filter(|organ| organ.kind != "county_government") {
        let kind = match organ.kind.as_str() {
            "government_office" => "government_office",
            "rule_of_law_office" => "rule_of_law_office",
            "legal_aid_centre" => "legal_aid_centre",
            "dispute_centre" => "dispute_centre",
            _ => "department",
        };
        all.push(OrganLine {
            code: organ.code.clone(),
            name: organ.name.clone(),
            short: organ.short.clone(),
            kind,
            parent: scenario.organ_code(&organ.parent).to_owned(),
            place: organ.place.clone(),
            functions: functions_of(kind, &organ.code, &organ.fields),
            uscc: organ.uscc.clone(),
            domains: organ.fields.clone(),
        });
    }
    // A bureau stands before the offices that belong to it.
    all.sort_by_key(|line| ["rule_of_law_office", "legal_aid_centre"].contains(&line.kind));
    for town in &scenario.county.towns {
        let short = town.short.trim_end_matches('政');
        let line = |code: String, name: &str, short: String, kind, parent: &str| OrganLine {
            code,
            name: name.to_owned(),
            short,
            kind,
            parent: parent.to_owned(),
            place: town.place.clone(),
            functions: "",
            uscc: String::new(),
            domains: Vec::new(),
        };
        let government =
            line(town.code.clone(), &town.name, town.short.clone(), "town_government", &scenario.scenario.county_code);
        all.push(OrganLine { uscc: town.uscc.clone(), ..government });
        all.push(line(
            format!("{}_station", town.code),
            &town.justice_station,
            format!("{short}司所"),
            "justice_station",
            "justice",
        ));
        let team = line(
            format!("{}_team", town.code),
            &town.team,
            format!("{short}执法"),
            "town_enforcement_team",
            &town.code,
        );
        let fields = scenario.penalty.fields.iter().filter(|field| town.entrusted_by.contains(&field.organ));
        all.push(OrganLine { uscc: town.team_uscc.clone(), domains: fields.map(|f| f.code.clone()).collect(), ..team });
    }
    all.extend(stage.committees.iter().map(committee_line));
    all
}

fn committee_line(committee: &Committee) -> OrganLine {
    OrganLine {
        code: committee.organ.clone(),
        name: committee.name.clone(),
        short: if committee.level == "industry" {
            committee.name.replace("人民调解委员会", "")
        } else {
            committee.place.name.clone()
        },
        kind: match committee.level {
            "town" => "town_committee",
            "village" => "village_committee",
            _ => "industry_committee",
        },
        parent: committee.station.clone(),
        place: committee.place.code.clone(),
        functions: "mediation",
        uscc: String::new(),
        domains: Vec::new(),
    }
}

fn organ(stage: &mut Stage, tx: &mut Tx<'_>, line: OrganLine) -> Result<(), Fault> {
    let mut input = Input::default()
        .with("code", line.code)
        .with("name", line.name)
        .with("short", line.short)
        .with("organ_kind", line.kind)
        .with("place", line.place)
        .with("functions", line.functions)
        .with("uscc", line.uscc)
        .with("telephone", telephone(stage.desk.registry.organs().count()))
        .with("domains", line.domains.join("|"));
    if !line.parent.is_empty() {
        input = input.with("parent", line.parent);
    }
    administrator(stage, tx, "organ", input).map(|_| ())
}

/// A telephone that cannot be anybody's: no local number of the mainland begins with a nought.
fn telephone(n: usize) -> String {
    format!("024-0{n:07}")
}

/// The founding registers the government with what it must know; its document mark and credit code follow here.
fn refine_government(stage: &mut Stage, tx: &mut Tx<'_>, scenario: &Scenario) -> Result<(), Fault> {
    let sight = SightFilter { county: vec!["organ".to_owned()], organs: Vec::new() };
    let rows = matters::list(tx, &stage.desk.county, &sight, &ListFilter::default(), Page::First, 1)?;
    let plan = scenario.county.organs.iter().find(|organ| organ.kind == "county_government");
    let (Some(row), Some(plan)) = (rows.first(), plan) else { return Ok(()) };
    let input = Input::default().with("short", plan.short.clone()).with("uscc", plan.uscc.clone());
    let who = stage.administrator.clone();
    stage.act(tx, &who, on(row.id, "change", input)).map(|_| ())
}

/// How many hold which post in an organ.
fn staffing(scenario: &Scenario, code: &str, kind: &str) -> BTreeMap<String, usize> {
    let mut posts = scenario.staffing.get(kind).cloned().unwrap_or_default();
    posts.extend(scenario.staffing_of.get(code).cloned().unwrap_or_default());
    posts
}

fn staff_organ(stage: &mut Stage, tx: &mut Tx<'_>, chance: &mut Chance, code: &str, kind: &str) -> Result<(), Fault> {
    let scenario = Arc::clone(&stage.scenario);
    // `staffing_of` names the organ as the scenario does.
    let named = if kind == "county_government" { "county_government" } else { code };
    for (post, count) in staffing(&scenario, named, kind) {
        for _ in 0..count {
            let first_mediator =
                kind.ends_with("_committee") && post == "mediator" && stage.staff.all(code, &post).is_empty();
            let someone =
                someone_for(stage, chance, &post, first_mediator && scenario.persons.woman_on_every_committee);
            let from = scenario.scenario.period_from.plus(-chance.between(30, 1_400));
            let holder = engage(stage, tx, &someone, code, &post, from)?;
            stage.staff.add(code, &post, holder);
        }
    }
    Ok(())
}

/// Who holds two posts is listed under the second one apart: the play must not take them for one of its holders.
fn second_posts(stage: &mut Stage, tx: &mut Tx<'_>, scenario: &Scenario) -> Result<(), Fault> {
    for also in &scenario.persons.also {
        let first = stage.staff.nth(&also.organ, &also.of, also.nth)?;
        let from = scenario.scenario.period_from.plus(-30);
        let second = appoint(stage, tx, first.person, &first.name, (&also.organ, &also.post), from)?;
        stage.staff.add(&also.organ, &format!("{}_too", also.post), second);
    }
    Ok(())
}

/// An invented person for a post.
pub fn someone_for(stage: &mut Stage, chance: &mut Chance, post: &str, must_be_woman: bool) -> Someone {
    let persons = &stage.scenario.persons;
    let share = persons.female.get(post).or_else(|| persons.female.get("default")).copied().unwrap_or(0.4);
    let born =
        persons.birth_years.get(post).or_else(|| persons.birth_years.get("default")).copied().unwrap_or((1970, 1995));
    let pools = Arc::clone(&stage.pools);
    let woman = must_be_woman || chance.happens(share);
    new_name(&mut stage.names, || pools.names.someone(chance, woman, born))
}

/// Registers a person and their post.
pub fn engage(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    someone: &Someone,
    organ: &str,
    post: &str,
    from: Day,
) -> Result<Holder, Fault> {
    let gender = if someone.woman { "female" } else { "male" };
    let person =
        administrator(stage, tx, "person", Input::default().with("name", someone.name.clone()).with("gender", gender))?;
    appoint(stage, tx, person, &someone.name, (organ, post), from)
}

/// Registers a post of a person who is known.
pub fn appoint(
    stage: &mut Stage,
    tx: &mut Tx<'_>,
    person: MatterId,
    name: &str,
    (organ, post): (&str, &str),
    from: Day,
) -> Result<Holder, Fault> {
    let input = Input::default()
        .with("person", person.to_string())
        .with("organ", organ)
        .with("post_kind", post)
        .with("valid_from", from.to_string());
    let post = administrator(stage, tx, "post", input)?;
    Ok(Holder { person, post, name: name.to_owned() })
}

/// Who reviews decisions in an enforcing organ holds the qualification (行政处罚法§58).
fn reviewers(stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
    let found: Vec<(String, Vec<Holder>)> = stage
        .staff
        .iter()
        .filter(|(_, kind, _)| *kind == "legal_reviewer")
        .map(|(organ, _, holders)| (organ.to_owned(), holders.to_vec()))
        .collect();
    let keeper = stage.staff.nth("justice", "supervisor", 0)?;
    let from = stage.scenario.scenario.period_from.plus(-300).to_string();
    let mut number = 0;
    for (organ, holders) in found {
        for holder in holders {
            number += 1;
            let input = Input::default()
                .with("person", holder.person.to_string())
                .with("holder_organ", organ.as_str())
                .with("number", format!("演法审{number:04}"))
                .with("ground", "qualified")
                .with("qualification_number", format!("演A{number:08}"))
                .with("valid_from", from.as_str());
            stage.act(tx, &keeper, open("legal_reviewer_register", "register", input))?;
        }
    }
    Ok(())
}

fn advisers(stage: &mut Stage, tx: &mut Tx<'_>, chance: &mut Chance) -> Result<(), Fault> {
    let keeper = stage.staff.nth("justice", "review_head", 0)?;
    let about = stage.scenario.scenario.clone();
    for (number, holder) in (1..).zip(stage.staff.all(&about.county_code, "legal_adviser").to_vec()) {
        let external = chance.happens(0.7);
        let mut input = Input::default()
            .with("person", holder.person.to_string())
            .with("number", format!("演顾问〔2021〕{number}号"))
            .with("adviser_kind", if external { "external" } else { "government_lawyer" })
            .with("confidentiality_signed", "yes")
            .with("valid_from", about.period_from.plus(-90).to_string())
            .with("valid_until", about.period_to.plus(430).to_string());
        if external {
            input = input.with("firm", "演示律师事务所（虚构）");
        }
        stage.act(tx, &keeper, open("legal_adviser_register", "register", input))?;
    }
    Ok(())
}

/// Mediators and the composition of each committee, entered by the station that guides it (人民调解法§10, §13).
fn mediation_register(stage: &mut Stage, tx: &mut Tx<'_>, chance: &mut Chance) -> Result<Vec<Term>, Fault> {
    let (mut number, mut terms) = (0, Vec::new());
    for (position, committee) in Arc::clone(&stage.committees).iter().enumerate() {
        let keeper = keeper_of(stage, committee)?;
        let from = stage.scenario.scenario.period_from.plus(-chance.between(20, 230));
        let chair = stage.staff.nth(&committee.organ, "mediation_head", 0)?;
        let mediators = stage.staff.all(&committee.organ, "mediator").to_vec();
        for (holder, basis) in
            std::iter::once((&chair, "elected")).chain(mediators.iter().map(|holder| (holder, "elected")))
        {
            number += 1;
            let input = Input::default()
                .with("person", holder.person.to_string())
                .with("committee", committee.organ.as_str())
                .with("number", format!("演调{number:05}"))
                .with("basis_kind", basis)
                .with("work_kind", if committee.level == "village" { "part_time" } else { "full_time" })
                .with("valid_from", from.to_string());
            stage.act(tx, &keeper, open("mediator_register", "register", input))?;
        }
        let input = composition(committee, &chair, mediators.len() + 1, from);
        let matter = stage.act(tx, &keeper, open("mediation_committee", "register", input))?.matter;
        terms.push(Term { committee: position, matter, from });
    }
    Ok(terms)
}

/// Who keeps the register of a committee.
pub fn keeper_of(stage: &Stage, committee: &Committee) -> Result<Holder, Fault> {
    let post = if committee.town.is_some() { "justice_station_head" } else { "grassroots_clerk" };
    stage.staff.nth(&committee.station, post, 0)
}

/// A committee as it is composed for a term.
pub fn composition(committee: &Committee, chair: &Holder, members: usize, from: Day) -> Input {
    let kind = match committee.level {
        "village" if committee.place.name.ends_with("社区") => "resident",
        level => level,
    };
    Input::default()
        .with("committee", committee.organ.as_str())
        .with("committee_kind", kind)
        .with("place", committee.place.code.as_str())
        .with("chair", chair.person.to_string())
        .with("members", members.to_string())
        .with("has_woman", "yes")
        .with("valid_from", from.to_string())
}
