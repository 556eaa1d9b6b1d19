//! What is planned, drawn, due and done, and how often an enterprise was inspected this year against the published cap; and a draw
//! worked out again. Does not belong here: HTML, and who may see it (the query takes whose matters are meant).

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::draw::{OBJECTS, ticket};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Fact, MatterState};

use super::draw::{holders, recorded, work_out};
use super::{DRAW, INSPECTION};
use crate::store::credit::Whose;
use crate::store::{Query, StoreFault, inspections as store, matters};

/// Lines of a list.
const SHOWN: usize = 60;

/// What is counted of inspections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Assigned and not cancelled.
    pub assigned: usize,
    /// Nobody was there yet.
    pub waiting: usize,
    /// Of these, past the day by which they were to be carried out.
    pub late: usize,
    /// Entered.
    pub done: usize,
    /// With a finding.
    pub found: usize,
    /// Out of which a case came.
    pub cases: usize,
}

impl Counts {
    fn add(&mut self, inspection: &MatterState, today: Day) {
        if inspection.standing() == "cancelled" {
            return;
        }
        self.assigned += 1;
        if is_waiting(inspection) {
            self.waiting += 1;
            self.late += usize::from(is_late(inspection, today));
        } else {
            self.done += 1;
        }
        self.found += usize::from(matches!(inspection.fact("found"), Some(Fact::Bool(true))));
        self.cases += usize::from(inspection.has_done("to_case") || inspection.has_done("to_spot_penalty"));
    }
}

fn is_waiting(inspection: &MatterState) -> bool {
    ["assigned", "approved"].contains(&inspection.standing())
}

fn is_late(inspection: &MatterState, today: Day) -> bool {
    inspection.day("carry_out_by").is_some_and(|by| today > by)
}

/// A plan with what came of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which.
    pub id: MatterId,
    /// Its name.
    pub title: String,
    /// Whose.
    pub organ: String,
    /// How often one object may be inspected.
    pub cap: i64,
    /// By when.
    pub by: Option<Day>,
    /// What was drawn from it, the newest first.
    pub draws: Vec<MatterId>,
    /// Its inspections.
    pub counts: Counts,
}

/// An inspection that waits.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which.
    pub id: MatterId,
    /// Its title.
    pub title: String,
    /// Whose.
    pub organ: String,
    /// By when.
    pub by: Option<Day>,
    /// Whether that has passed.
    pub late: bool,
}

/// How often an organ inspected an object this year.
#[derive(Clone, Debug)]
pub struct Visited {
    /// Which.
    pub object: MatterId,
    /// What it is called.
    pub name: String,
    /// By whom.
    pub organ: String,
    /// How often.
    pub times: i64,
    /// The published cap; none where there is none.
    pub cap: Option<i64>,
}

impl Visited {
    /// Whether it was inspected more often than published.
    #[must_use]
    pub fn over(&self) -> bool {
        self.cap.is_some_and(|cap| self.times > cap)
    }

    /// Whether it was inspected as often as published.
    #[must_use]
    pub fn full(&self) -> bool {
        self.cap == Some(self.times)
    }
}

/// A year of inspections.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Everything together.
    pub counts: Counts,
    /// Plans of the year.
    pub plans: Vec<Plan>,
    /// What waits, the most urgent first.
    pub due: Vec<Due>,
    /// Who was inspected most.
    pub visited: Vec<Visited>,
}

/// The year's inspections, of these organs or of all.
pub fn of(
    q: &impl Query,
    county: &str,
    registry: &Registry,
    whose: Whose<'_>,
    (year, today): (i16, Day),
) -> Result<Overview, StoreFault> {
    let of_year = store::Year::new(year);
    let inspections = store::list(q, county, INSPECTION, whose, of_year)?;
    let draws = store::list(q, county, DRAW, whose, of_year)?;
    let plan_of: BTreeMap<MatterId, MatterId> =
        draws.iter().filter_map(|(_, draw)| Some((draw.id, draw.parent?))).collect();
    let mut overview = Overview { plans: plans(q, county, registry, whose, year)?, ..Overview::default() };
    for plan in &mut overview.plans {
        let from = draws.iter().filter(|(_, draw)| draw.parent == Some(plan.id));
        plan.draws = from.map(|(_, draw)| draw.id).collect();
    }
    let mut visited: BTreeMap<(MatterId, String), (i64, Option<i64>)> = BTreeMap::new();
    for (title, state) in &inspections {
        overview.counts.add(state, today);
        let plan = state.parent.and_then(|draw| plan_of.get(&draw));
        if let Some(plan) = plan.and_then(|id| overview.plans.iter_mut().find(|plan| plan.id == *id)) {
            plan.counts.add(state, today);
        }
        if is_waiting(state) {
            overview.due.push(due(title, state, registry, today));
        }
        let there = !is_waiting(state) && state.standing() != "cancelled";
        let entered = there && state.day("entered_on").is_some_and(|day| day.year() == year);
        if let Some(object) = MatterId::parse(state.text("object")).filter(|_| entered) {
            let line = visited.entry((object, state.organ.to_string())).or_default();
            line.0 += 1;
            let cap = state.fact("object_cap").and_then(Fact::number);
            line.1 = line.1.into_iter().chain(cap).min();
        }
    }
    overview.due.sort_by_key(|due| (due.by.is_none(), due.by));
    overview.due.truncate(SHOWN);
    overview.visited = most(q, county, registry, visited)?;
    Ok(overview)
}

fn plans(
    q: &impl Query,
    county: &str,
    registry: &Registry,
    whose: Whose<'_>,
    year: i16,
) -> Result<Vec<Plan>, StoreFault> {
    let of_year = |plan: &MatterState| plan.fact("year").and_then(Fact::number) == Some(i64::from(year));
    let seen = |plan: &MatterState| crate::app::credit::includes(whose, plan.organ.as_str());
    let plan = |state: MatterState| Plan {
        id: state.id,
        title: state.text("plan_title").to_owned(),
        organ: registry.organ_name(&state.organ).to_owned(),
        cap: state.fact("object_cap").and_then(Fact::number).unwrap_or(0),
        by: state.day("carry_out_by"),
        draws: Vec::new(),
        counts: Counts::default(),
    };
    let all = store::plans(q, county, None)?;
    Ok(all.into_iter().filter(|state| of_year(state) && seen(state)).map(plan).collect())
}

fn due(title: &str, state: &MatterState, registry: &Registry, today: Day) -> Due {
    Due {
        id: state.id,
        title: title.to_owned(),
        organ: registry.organ_name(&state.organ).to_owned(),
        by: state.day("carry_out_by"),
        late: is_late(state, today),
    }
}

/// Who was inspected most, by whom: the first lines of many.
fn most(
    q: &impl Query,
    county: &str,
    registry: &Registry,
    visited: BTreeMap<(MatterId, String), (i64, Option<i64>)>,
) -> Result<Vec<Visited>, StoreFault> {
    let mut lines: Vec<_> = visited.into_iter().collect();
    lines.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    let mut most = Vec::new();
    for ((object, organ), (times, cap)) in lines.into_iter().take(SHOWN) {
        let name = name_of(q, county, object)?;
        let organ = registry.organ(&organ).map_or(organ, |organ| organ.name.clone());
        most.push(Visited { object, name, organ, times, cap });
    }
    Ok(most)
}

fn name_of(q: &impl Query, county: &str, object: MatterId) -> Result<String, StoreFault> {
    let state = matters::find_state(q, county, object)?;
    Ok(state.map(|state| state.text("name").to_owned()).unwrap_or_default())
}

/// An object that was drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Which.
    pub object: MatterId,
    /// What it is called.
    pub name: String,
    /// The start of its ticket.
    pub ticket: String,
    /// Its inspectors.
    pub inspectors: Vec<String>,
    /// Its inspection; none if the law refused to assign it.
    pub inspection: Option<MatterId>,
}

/// A draw, worked out again.
#[derive(Clone, Debug)]
pub struct Check {
    /// The seed as recorded.
    pub seed: String,
    /// After how many entries the record had this root.
    pub record_size: i64,
    /// Whether the record's lists and seed give the recorded result.
    pub agrees: bool,
    /// What was drawn.
    pub drawn: Vec<Drawn>,
}

/// Works a draw out again from what was recorded.
pub fn check(q: &impl Query, county: &str, registry: &Registry, draw: &MatterState) -> Result<Check, StoreFault> {
    let result = recorded(q, county, draw.id)?;
    let seed = draw.text("seed").to_owned();
    let known = Digest::parse(&seed);
    let again = known.map(|seed| work_out(q, county, draw, &seed)).transpose()?;
    let mut inspections: BTreeMap<String, MatterId> = BTreeMap::new();
    for link in draw.links.iter().filter(|link| link.role.as_str() == "inspection") {
        if let Some(state) = matters::find_state(q, county, link.matter)? {
            inspections.insert(state.text("object").to_owned(), state.id);
        }
    }
    let mut drawn = Vec::new();
    for (object, two) in &result {
        let two: BTreeSet<MatterId> = two.iter().copied().collect();
        let ticket = known.map(|seed| ticket(&seed, OBJECTS, *object).to_string()).unwrap_or_default();
        drawn.push(Drawn {
            object: *object,
            name: name_of(q, county, *object)?,
            ticket: ticket.chars().take(12).collect(),
            inspectors: holders(registry, &two).iter().map(|one| registry.person_name(*one).to_owned()).collect(),
            inspection: inspections.get(&object.to_string()).copied(),
        });
    }
    Ok(Check {
        agrees: again.as_ref() == Some(&result) && !result.is_empty(),
        record_size: draw.fact("record_size").and_then(Fact::number).unwrap_or(0),
        seed,
        drawn,
    })
}
