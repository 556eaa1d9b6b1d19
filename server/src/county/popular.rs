//! Activities of popularisation as they are entered: the host registers once, names who helped, and the bureau verifies.
//!
//! Does not belong here: what the ledger asks (law/procedures/grassroots/law_activity.toml), articles (`publications.rs`), places
//! and registers that stand (`standing.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::chance::Chance;
use super::material;
use super::plan::day_in;
use super::pools::fill;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::store::Tx;

/// The organ that verifies, and hosts what is for the whole county.
pub(super) const BUREAU: &str = "justice";
/// Every so many activities, another one is held at the same place on the same day, and says why it is another.
const TWICE: usize = 140;

/// How much of it there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct PopularPlan {
    pub activities: usize,
    pub people_on_site: i64,
    pub performances_per_year: usize,
    pub constitution_weeks_per_year: usize,
    pub co_hosted_share: f64,
    pub returned_share: f64,
    pub months: [f64; 12],
    pub articles: usize,
    pub reads: i64,
    pub broadcasts: usize,
    pub live_minutes: i64,
    pub viewers: i64,
    pub published_from: Day,
    pub given_back_share: f64,
    pub open_publications: bool,
    pub law_parks: Vec<PlacePlan>,
    pub model_villages: Vec<ModelPlan>,
    pub notary: String,
    pub certificates: i64,
}

/// A place of popularisation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct PlacePlan {
    pub name: String,
    pub kind: String,
    pub place: String,
    pub from: Day,
    pub about: String,
}

/// A village with a title: of the town with this code, so many villages down its list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are explained in the scenario file")]
pub struct ModelPlan {
    pub town: String,
    pub nth: usize,
    pub level: String,
    pub applied: Day,
    pub named: Option<Day>,
    pub number: String,
    pub revoked: Option<Day>,
}

/// Texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pool {
    form: Vec<Form>,
    pub(super) texts: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    code: String,
    weight: f64,
    people: (i64, i64),
    place: String,
    topics: Vec<String>,
    audience: Vec<String>,
    titles: Vec<String>,
}

impl Pool {
    pub(super) fn load() -> Result<Self, Fault> {
        let (file, source) = ("pools/popularisation.toml", material::scenario_file("pools/popularisation.toml")?);
        let fault = |error| Fault::Scenario(zhunsheng_core::law::LawError::toml(file, &source, &error));
        toml::from_str(&source).map_err(fault)
    }

    /// One of the texts of a kind.
    pub(super) fn draw(&self, kind: &str, chance: &mut Chance) -> String {
        self.texts.get(kind).and_then(|texts| chance.pick(texts)).cloned().unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Register,
    GiveBack,
    Amend,
    Confirm,
}

/// One activity.
struct Activity {
    form: Form,
    /// Organ and post of the host.
    host: (String, &'static str),
    place: (String, String),
    held_on: Day,
    people: i64,
    again: bool,
    matter: Option<MatterId>,
    agenda: Agenda<Act>,
    chance: Chance,
}

/// All activities of the three years.
pub fn plan(stage: &Stage) -> Result<Vec<Box<dyn Script>>, Fault> {
    let pool = Pool::load()?;
    let scenario = Arc::clone(&stage.scenario);
    let (plan, about) = (&scenario.popularisation, &scenario.scenario);
    let mut all: Vec<Activity> = Vec::new();
    let mut taken: BTreeSet<(Day, String)> = BTreeSet::new();
    let fixed = [("performance", plan.performances_per_year), ("constitution_week", plan.constitution_weeks_per_year)];
    for (code, per_year) in fixed {
        for year in &about.years {
            for _ in 0..per_year {
                let form = pool.form.iter().find(|form| form.code == code).cloned();
                all.extend(form.and_then(|form| activity(stage, form, *year, all.len(), &mut taken)));
            }
        }
    }
    let whole = (about.period_from, about.period_to.plus(-6));
    while all.len() < plan.activities {
        let mut chance = Chance::new(about.seed, "activity form", u64::try_from(all.len()).unwrap_or(0));
        let Some(form) = chance.weighted(&pool.form, |form| form.weight).cloned() else { break };
        let next = activity(stage, form, whole, all.len(), &mut taken);
        let Some(mut next) = next else { break };
        if let Some(last) = all.last().filter(|_| all.len() % TWICE == TWICE - 1) {
            next.place.clone_from(&last.place);
            next.host.clone_from(&last.host);
            (next.held_on, next.again) = (last.held_on, true);
            next.agenda = Agenda::default();
            next.agenda.add(stage.after_work_days(next.held_on, 4), Act::Register);
        }
        all.push(next);
    }
    let weights: Vec<i64> = all.iter().map(|activity| activity.people).collect();
    for (activity, people) in all.iter_mut().zip(shared(plan.people_on_site, &weights)) {
        activity.people = people;
    }
    Ok(all.into_iter().map(|activity| Box::new(activity) as Box<dyn Script>).collect())
}

/// A total shared out by weights, exactly; everybody gets at least one.
pub(super) fn shared(total: i64, weights: &[i64]) -> Vec<i64> {
    let all: i64 = weights.iter().sum::<i64>().max(1);
    let mut given = 0;
    let mut before = 0;
    let share = |weight: &i64| {
        before += weight;
        let until = i64::try_from(i128::from(total) * i128::from(before) / i128::from(all)).unwrap_or(total);
        let part = (until - given).max(1);
        given += part;
        part
    };
    weights.iter().map(share).collect()
}

/// One activity on a day and at a place where there is none yet.
fn activity(
    stage: &Stage,
    form: Form,
    period: (Day, Day),
    number: usize,
    taken: &mut BTreeSet<(Day, String)>,
) -> Option<Activity> {
    let scenario = Arc::clone(&stage.scenario);
    let mut chance = Chance::new(scenario.scenario.seed, "activity", u64::try_from(number).unwrap_or(0));
    for _ in 0..60 {
        let (host, place) = host_and_place(stage, &form, &mut chance)?;
        let day = match form.code.as_str() {
            "constitution_week" => Day::new(period.0.year(), 12, i8::try_from(chance.between(1, 7)).unwrap_or(4))?,
            _ => day_in(stage, &mut chance, period, &scenario.popularisation.months, 0.08),
        };
        if !taken.insert((day, place.0.clone())) {
            continue;
        }
        let people = chance.between(form.people.0, form.people.1);
        let mut agenda = Agenda::default();
        agenda.add(stage.after_work_days(day, chance.between(0, 3)), Act::Register);
        return Some(Activity { form, host, place, held_on: day, people, again: false, matter: None, agenda, chance });
    }
    None
}

type Host = (String, &'static str);

fn host_and_place(stage: &Stage, form: &Form, chance: &mut Chance) -> Option<(Host, (String, String))> {
    let county = &stage.scenario.county;
    let town = chance.pick(&county.towns)?;
    let short = town.name.trim_end_matches("人民政府").to_owned();
    let station = (format!("{}_station", town.code), "justice_station_head");
    Some(match form.place.as_str() {
        "county" => {
            let about = &stage.scenario.scenario;
            ((BUREAU.to_owned(), "publicity_clerk"), (about.county_code.clone(), about.county_name.clone()))
        }
        "village" => {
            let village = chance.pick(stage.villages.get(&town.place)?)?;
            (station, (village.code.clone(), format!("{short}{}", village.name)))
        }
        _ => {
            let departments: Vec<&str> = county
                .organs
                .iter()
                .filter(|organ| organ.kind == "department")
                .map(|organ| organ.code.as_str())
                .collect();
            let host = match chance.unit() {
                drawn if drawn < 0.35 => station,
                drawn if drawn < 0.55 => (BUREAU.to_owned(), "publicity_clerk"),
                _ => ((*chance.pick(&departments)?).to_owned(), "publicity_clerk"),
            };
            (host, (town.place.clone(), short))
        }
    })
}

impl Activity {
    fn host(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.host.0, self.host.1, 0)
    }

    fn register(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        const PARTNERS: [&str; 7] = [
            "education",
            "civil_affairs",
            "public_security",
            "agriculture",
            "market_supervision",
            "human_resources",
            "justice",
        ];
        let who = self.host(stage)?;
        let month = self.held_on.month().to_string();
        let values = BTreeMap::from([("place", self.place.1.clone()), ("month", month)]);
        let title = self.chance.pick(&self.form.titles).cloned().unwrap_or_default();
        let mut input = Input::default()
            .with("activity_title", fill(&title, &mut self.chance, &values))
            .with("activity_form", self.form.code.as_str())
            .with("held_on", self.held_on.to_string())
            .with("place", self.place.0.as_str())
            .with("law_topic", self.form.topics.join("|"))
            .with("audience_kind", self.form.audience.join("|"))
            .with("people_on_site", self.people.to_string())
            .with("materials", (self.people * self.chance.between(3, 8) / 10).to_string());
        if self.chance.happens(stage.scenario.popularisation.co_hosted_share) {
            let known = |code: &&str| stage.desk.registry.organ(code).is_some() && **code != self.host.0;
            let mut partners: Vec<&str> = PARTNERS.iter().copied().filter(|code| known(code)).collect();
            self.chance.shuffle(&mut partners);
            partners.truncate(usize::try_from(self.chance.between(1, 3)).unwrap_or(1));
            input = input.with("co_hosts", partners.join("|"));
        }
        if self.chance.happens(0.15) {
            let views = self.chance.between(300, 9_000).to_string();
            input = input.with("online_views", views).with("views_taken_on", stage.today().to_string());
        }
        if self.again {
            input.reason = Some("上午、下午两场，对象不同，分别签到，是另一次活动。".to_owned());
        }
        input.evidence = stage.document("photo");
        self.matter = Some(stage.act(tx, &who, open("law_activity", "register", input))?.matter);
        let back = self.chance.happens(stage.scenario.popularisation.returned_share);
        let day = stage.after_work_days(stage.today(), self.chance.between(2, 12));
        self.agenda.add(day, if back { Act::GiveBack } else { Act::Confirm });
        Ok(())
    }

    fn step(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, act: Act) -> Result<(), Fault> {
        let (who, step, input) = match act {
            Act::GiveBack => {
                self.agenda.add(stage.after_work_days(stage.today(), 2), Act::Amend);
                let input =
                    Input::default().with("problem", "numbers").with("verify_note", "与签到表不符，请按签到重填。");
                (stage.staff.nth(BUREAU, "grassroots_clerk", 0)?, "give_back", input)
            }
            Act::Amend => {
                self.agenda.add(stage.after_work_days(stage.today(), 1), Act::Confirm);
                (self.host(stage)?, "amend", Input::default().with("people_on_site", self.people.to_string()))
            }
            _ => {
                let input = Input::default().with("people_verified", self.people.to_string());
                (stage.staff.nth(BUREAU, "grassroots_clerk", 0)?, "confirm", input)
            }
        };
        stage.take(tx, &who, self.matter, step, input)
    }
}

impl Script for Activity {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.agenda.take(stage.today()) {
            Some(Act::Register) => self.register(stage, tx),
            Some(act) => self.step(stage, tx, act),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn shares_add_up_to_the_total() {
        for (total, weights) in [(712_000, vec![60, 2_500, 700]), (10, vec![1, 1, 1]), (7, vec![3])] {
            let shares = shared(total, &weights);
            assert_eq!(shares.iter().sum::<i64>(), total, "{weights:?}");
            assert!(shares.iter().all(|share| *share > 0));
        }
        assert_eq!(shared(100, &[1, 3]), [25, 75]);
    }
}
