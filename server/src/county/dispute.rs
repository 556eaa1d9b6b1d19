//! How a dispute reads: parties, facts, demand, sittings, terms; from the pools, by chance.
//!
//! Does not belong here: when something is done and by whom (`mediations.rs`).

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::matter::{Input, PartyInput};

use super::Fault;
use super::chance::Chance;
use super::people::{Enterprise, Someone};
use super::pools::{Dispute, Pools, fill};
use super::stage::{Committee, Stage};

/// One dispute's story.
pub struct Story {
    /// Where it came from.
    pub source: String,
    /// Whether the parties asked that it be not public.
    pub private: bool,
    /// What happened.
    pub facts: String,
    kind: String,
    demand: String,
    terms: String,
    template: Dispute,
    claimed: Option<i64>,
    settled: Option<i64>,
    place: String,
    parties: Vec<PartyInput>,
    values: BTreeMap<&'static str, String>,
}

fn amount(range: Option<(i64, i64, i64)>, chance: &mut Chance) -> Option<i64> {
    let (min, max, step) = range?;
    let step = step.max(1);
    // Small sums are the rule: the square bends the draw towards the minimum.
    let (unit, width) = (chance.unit(), i32::try_from((max - min) / step).unwrap_or(0));
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and the number of steps")]
    let steps = (unit * unit * f64::from(width)).round() as i64;
    Some(min + steps * step)
}

fn month(day: Day) -> String {
    format!("{}月", day.month())
}

impl Story {
    /// A story for a committee on a day.
    pub fn new(stage: &Stage, committee: &Committee, kind: &str, day: Day, chance: &mut Chance) -> Result<Self, Fault> {
        let pools = &stage.pools;
        let pool = pools.disputes.get(kind).ok_or_else(|| Fault::Missing { what: format!("纠纷文本 {kind}") })?;
        let template = chance
            .pick(&pool.template)
            .cloned()
            .ok_or_else(|| Fault::Missing { what: format!("纠纷文本 {kind}") })?;
        let (town, village) = whereabouts(stage, committee, chance);
        let about = &stage.scenario.scenario;
        let first = pools.names.party(chance);
        let second = pools.names.party(chance);
        let firm = template
            .maker
            .as_ref()
            .and_then(|maker| pools.parties.enterprise(&pools.names, chance, maker, &about.county_name, &town));
        let happened = day.plus(-chance.between(1, 25));
        let claimed = amount(template.amount, chance);
        let other = firm.as_ref().map_or(second.name.clone(), |firm| firm.name.clone());
        let crop = pools.common.draw("crops", chance);
        let values = BTreeMap::from([
            ("a", first.name.clone()),
            ("b", other.clone()),
            ("enterprise", other),
            ("village", village.1.clone()),
            ("town", town.clone()),
            ("year", format!("{}年", happened.year())),
            ("month", month(happened)),
            ("date", happened.chinese()),
            ("crop", crop),
            ("area", format!("{}.{}亩", chance.between(1, 12), chance.between(1, 9))),
            ("item", chance.pick(&template.items).cloned().unwrap_or_default()),
            ("amount", claimed.map_or_else(|| "相应费用".to_owned(), |yuan| format!("{yuan}元"))),
            ("prior", pools.common.draw("prior", chance)),
            ("pay", pools.common.draw("pay", chance)),
            ("police", format!("{}派出所", town.trim_end_matches('镇'))),
            ("committee", committee.name.clone()),
        ]);
        let parties = parties(
            stage,
            chance,
            (&first, &second),
            firm.as_ref(),
            &format!("{}{town}{}", about.county_name, village.1),
        );
        Ok(Self {
            source: String::new(),
            private: false,
            facts: fill(&template.facts, chance, &values),
            kind: kind.to_owned(),
            demand: fill(&template.demand, chance, &values),
            terms: String::new(),
            claimed,
            settled: None,
            template,
            place: village.0,
            parties,
            values,
        })
    }

    /// What is typed when the dispute is registered.
    pub fn register(&self, committee: &str, private: bool) -> Input {
        self.told()
            .with("committee", committee)
            .with("request", self.demand.as_str())
            .with("public_wish", if private { "closed" } else { "open" })
    }

    /// Whether wages are owed.
    pub fn is_wages(&self) -> bool {
        let words = ["工资未发", "按天计酬", "瓦工", "木工", "钢筋工", "力工"];
        self.kind == "labour" && words.iter().any(|word| self.facts.contains(word))
    }

    /// What is known of it wherever it is registered.
    pub fn told(&self) -> Input {
        let mut input = Input::default()
            .with("dispute_kind", self.kind.as_str())
            .with("summary", self.facts.as_str())
            .with("place", self.place.as_str())
            .with("people_count", self.parties.len().to_string());
        if let Some(yuan) = self.claimed {
            input = input.with("amount", yuan.to_string());
        }
        input.parties.clone_from(&self.parties);
        input
    }

    /// A sentence of every dispute.
    pub fn text(&self, pools: &Pools, key: &str, chance: &mut Chance) -> String {
        let text = pools.common.draw(key, chance);
        fill(&text, chance, &self.values)
    }

    /// Who is invited.
    pub fn guest(&self, pools: &Pools, chance: &mut Chance) -> String {
        let relation =
            chance.pick(&["亲属", "邻居", "村民组长", "村里老党员", "法律明白人"]).copied().unwrap_or("亲属");
        format!("{}（{relation}）", pools.names.party(chance).name)
    }

    /// The record of a sitting.
    pub fn sitting(&mut self, pools: &Pools, mediator: &str, day: Day, agrees: bool, chance: &mut Chance) -> String {
        self.values.insert("mediator", mediator.to_owned());
        let mut values = self.values.clone();
        values.insert("date", day.chinese());
        let mut parts = vec![pools.common.draw("opening", chance), pools.common.draw("persuasion", chance)];
        if let Some(pool) = pools.disputes.get(&self.kind) {
            let lines = if agrees { &pool.records } else { &pool.failures };
            parts.insert(1, chance.pick(lines).cloned().unwrap_or_default());
        }
        if agrees {
            parts.push(pools.common.draw("closing", chance));
        }
        parts.iter().map(|part| fill(part, chance, &values)).collect()
    }

    /// The terms, once they are agreed.
    pub fn settle(&mut self, pools: &Pools, until: Day, chance: &mut Chance) {
        if let (Some(claimed), Some((_, _, step))) = (self.claimed, self.template.amount) {
            let share = chance.between(50, 100);
            let step = step.max(1);
            self.settled = Some((claimed * share / 100 / step * step).max(step.min(claimed)));
        }
        self.values.insert("settled", self.settled.map_or_else(|| "相应费用".to_owned(), |yuan| format!("{yuan}元")));
        self.values.insert("deadline", until.chinese());
        self.values.insert("pay", pools.common.draw("pay", chance));
        self.terms = fill(&self.template.terms, chance, &self.values);
    }

    /// What is typed of the agreement.
    pub fn agreement(&self) -> Input {
        let way = if self.settled.is_some() { "money" } else { "act" };
        let input = Input::default().with("agreement", self.terms.as_str()).with("performance_way", way);
        match self.settled {
            Some(yuan) => input.with("amount_agreed", yuan.to_string()),
            None => input,
        }
    }
}

/// Town name, and code and name of the village where it happened.
fn whereabouts(stage: &Stage, committee: &Committee, chance: &mut Chance) -> (String, (String, String)) {
    let towns: Vec<&String> = stage.villages.keys().collect();
    let town = committee
        .town
        .as_ref()
        .map(|town| town.code.clone())
        .or_else(|| chance.pick(&towns).map(|code| (*code).clone()));
    let town = town.unwrap_or_default();
    let name = stage.scenario.county.towns.iter().find(|known| known.place == town);
    let name = name.map_or_else(String::new, |known| known.name.trim_end_matches("人民政府").to_owned());
    if committee.level == "village" {
        return (name, (committee.place.code.clone(), committee.place.name.clone()));
    }
    let village = stage.villages.get(&town).and_then(|villages| chance.pick(villages));
    (name, village.map_or_else(Default::default, |village| (village.code.clone(), village.name.clone())))
}

fn parties(
    stage: &Stage,
    chance: &mut Chance,
    (first, second): (&Someone, &Someone),
    firm: Option<&Enterprise>,
    address: &str,
) -> Vec<PartyInput> {
    let mut all = vec![first.as_party("applicant", address)];
    all.push(firm.map_or_else(|| second.as_party("respondent", address), |firm| firm.as_party("respondent", address)));
    if chance.happens(stage.scenario.mediation.more_than_two_parties) {
        let role = if chance.happens(0.5) { "applicant" } else { "respondent" };
        all.push(stage.pools.names.party(chance).as_party(role, address));
    }
    all
}
