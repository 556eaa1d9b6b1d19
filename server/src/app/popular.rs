//! What the county does so that people know the law, as everybody may read it: activities of the year, places, titles of
//! villages, offices of legal service, and how many legal guides each village has.
//!
//! What is counted here is what the figures count: selections come from the indicators. Does not belong here: HTML.

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::indicator::{Period, Selection};
use zhunsheng_core::matter::MatterState;

use super::county::County;
use super::fault::Fault;
use super::figures::{in_order, selection};
use super::publication::{self, Publication};
use super::show;
use crate::store::figures::{self, Question};
use crate::store::{Query, matters};

/// Activities that the ledger counts.
const ACTIVITIES: &str = "S25";
/// Legal guides in office.
const GUIDES: &str = "S31";
/// Villages with enough of them; also says how many are enough.
const ENOUGH: &str = "G01";
/// Places of popularisation in use.
const PLACES: &str = "N12";
/// Titles of villages in force.
const TITLES: &str = "N13";
/// Offices of public legal service.
const OFFICES: &str = "N14";
/// The review through which everything goes that the accounts publish.
const REVIEW: &str = "publication_review";

/// Where it is read.
pub struct Ground<'a, Q> {
    q: &'a Q,
    /// The county's code.
    code: &'a str,
    /// Law and registers.
    county: &'a County,
    /// The county's day.
    today: Day,
    /// The last entry that counts.
    known: i64,
}

/// A matter's public fields by their ids, as people read them; its organ under `_organ`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown(BTreeMap<String, String>);

impl Shown {
    /// A field; empty where it was not filled in.
    #[must_use]
    pub fn of(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }
}

/// Popularisation in the county.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The year that is counted.
    pub year: i16,
    /// Its activities.
    pub activities: i64,
    /// People on site, counted by visits.
    pub people: i64,
    /// Activities by form.
    pub forms: Vec<(String, i64)>,
    /// The newest activities.
    pub latest: Vec<Shown>,
    /// The newest places.
    pub places: Vec<Shown>,
    /// How many places there are.
    pub places_count: i64,
    /// The newest titles in force.
    pub titles: Vec<Shown>,
    /// How many titles are in force.
    pub titles_count: i64,
    /// What the accounts published last.
    pub published: Vec<Publication>,
}

/// A town with its villages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Town {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its villages.
    pub villages: Vec<Village>,
}

/// A village with its legal guides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Village {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Guides in office.
    pub guides: i64,
    /// How many it lacks.
    pub short: i64,
}

/// Who has enough legal guides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// How many are enough.
    pub enough: i64,
    /// Town by town.
    pub towns: Vec<Town>,
    /// Offices in use by level, in the order of the register's list.
    pub offices: Vec<(String, i64)>,
}

impl Coverage {
    /// Guides in office.
    #[must_use]
    pub fn guides(&self) -> i64 {
        self.towns.iter().flat_map(|town| &town.villages).map(|village| village.guides).sum()
    }

    /// How many villages there are.
    #[must_use]
    pub fn villages(&self) -> usize {
        self.towns.iter().map(|town| town.villages.len()).sum()
    }
}

impl Town {
    /// Villages with fewer than enough.
    pub fn gaps(&self) -> impl Iterator<Item = &Village> {
        self.villages.iter().filter(|village| village.short > 0)
    }
}

impl<'a, Q: Query> Ground<'a, Q> {
    /// The county as it knows itself today.
    pub fn new(q: &'a Q, code: &'a str, county: &'a County, today: Day) -> Result<Self, Fault> {
        Ok(Self { q, code, county, today, known: figures::last_entry(q, code, today)? })
    }

    fn ask<'s>(&self, selection: &'s Selection, period: Period) -> Question<'s> {
        Question { selection, period, known: self.known, today: self.today }
    }

    fn count(&self, selection: &Selection, period: Period) -> Result<i64, Fault> {
        Ok(figures::count(self.q, self.code, &self.ask(selection, period))?)
    }

    /// The public fields of the matters of a selection, newest first.
    fn shown(&self, selection: &Selection, period: Period, limit: i64) -> Result<Vec<Shown>, Fault> {
        let question = self.ask(selection, period);
        let mut lines = Vec::new();
        for (matter, _) in figures::list(self.q, self.code, &question, None, limit)? {
            lines.extend(matters::find_state(self.q, self.code, matter)?.map(|state| self.public(&state)));
        }
        Ok(lines)
    }

    fn public(&self, state: &MatterState) -> Shown {
        let (ruling, registry) = (self.county.ruling(), self.county.registry());
        let Some(definition) = ruling.law.by_digest(&state.definition) else { return Shown::default() };
        let fact = |(id, fact): (&zhunsheng_core::id::FieldId, &zhunsheng_core::matter::Fact)| {
            let field = definition.fields.get(id).filter(|field| field.public)?;
            Some((id.to_string(), show::fact(definition, field, fact, &registry)))
        };
        let organ = ("_organ".to_owned(), registry.organ_name(&state.organ).to_owned());
        Shown(state.facts.iter().filter_map(fact).chain([organ]).collect())
    }

    /// Everything for the page of popularisation.
    pub fn overview(&self) -> Result<Overview, Fault> {
        let ruling = self.county.ruling();
        let year = self.today.year();
        let period = Period { from: Day::new(year, 1, 1), to: None };
        let mut overview = Overview { year, ..Overview::default() };
        let whole = Period::default();
        if let Some(activities) = selection(&ruling, ACTIVITIES) {
            let question = self.ask(activities, period);
            overview.activities = self.count(activities, period)?;
            overview.people = figures::sum(self.q, self.code, &question, "people_verified")?;
            let tally = figures::tally(self.q, self.code, &question, "activity_form")?;
            overview.forms = in_order(&ruling, activities, "activity_form", &tally);
            overview.latest = self.shown(activities, whole, 8)?;
        }
        if let Some(places) = selection(&ruling, PLACES) {
            overview.places = self.shown(places, whole, 60)?;
            overview.places_count = self.count(places, whole)?;
        }
        if let Some(titles) = selection(&ruling, TITLES) {
            overview.titles = self.shown(titles, whole, 60)?;
            overview.titles_count = self.count(titles, whole)?;
        }
        overview.published = publication::list(self.q, self.code, self.county, (REVIEW, ""), self.today, None, 8)?;
        Ok(overview)
    }

    /// Every town and village with its legal guides, and how many offices there are.
    pub fn coverage(&self) -> Result<Coverage, Fault> {
        let (ruling, registry) = (self.county.ruling(), self.county.registry());
        let mut guides: BTreeMap<String, i64> = BTreeMap::new();
        if let Some(selection) = selection(&ruling, GUIDES) {
            let question = self.ask(selection, Period::default());
            guides.extend(figures::tally(self.q, self.code, &question, "place")?);
        }
        let enough = selection(&ruling, ENOUGH).and_then(|of| of.members.as_ref()).map_or(5, |of| i64::from(of.enough));
        let village = |code: &str, name: &str| {
            let guides = guides.get(code).copied().unwrap_or(0);
            Village { code: code.to_owned(), name: name.to_owned(), guides, short: (enough - guides).max(0) }
        };
        let towns = registry.places().filter(|place| place.level == "town").map(|town| Town {
            code: town.code.to_string(),
            name: town.name.clone(),
            villages: registry
                .places()
                .filter(|place| place.level == "village" && place.parent.as_ref() == Some(&town.code))
                .map(|place| village(place.code.as_str(), &place.name))
                .collect(),
        });
        let mut offices = Vec::new();
        if let Some(of) = selection(&ruling, OFFICES) {
            let tally = figures::tally(self.q, self.code, &self.ask(of, Period::default()), "service_level")?;
            offices = in_order(&ruling, of, "service_level", &tally);
        }
        Ok(Coverage { enough, towns: towns.collect(), offices })
    }

    /// The offices of legal service at these places, by place.
    pub fn offices_at(&self, places: &[String]) -> Result<BTreeMap<String, Shown>, Fault> {
        let ruling = self.county.ruling();
        let Some(offices) = selection(&ruling, OFFICES) else { return Ok(BTreeMap::new()) };
        let mut here = offices.clone();
        here.facts.insert("place".into(), places.to_vec());
        let question = self.ask(&here, Period::default());
        let mut found = BTreeMap::new();
        for (matter, _) in figures::list(self.q, self.code, &question, None, 400)? {
            let Some(state) = matters::find_state(self.q, self.code, matter)? else { continue };
            let place = state.said("place");
            found.insert(place, self.public(&state));
        }
        Ok(found)
    }
}
