//! How a penalty case reads: who did what where, which article, how much; from the pools, by chance.
//!
//! Does not belong here: who does what in the case and when (`penalties.rs`).

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::{Degree, Item};
use zhunsheng_core::matter::{Input, PartyInput};

use super::Fault;
use super::chance::Chance;
use super::people::Enterprise;
use super::pools::{Pools, Violation, fill};
use super::scenario::FieldPlan;
use super::stage::{PlaceName, Stage};

/// A case.
pub struct Offence {
    /// What was done, as the file names it.
    pub violation: String,
    /// What the law's benchmark says of it, and the value of the goods where the fine is a multiple of that, in 元.
    item: Item,
    base: Option<i64>,
    /// The fine that is proposed, in 元; none for a mere warning.
    pub fine: Option<i64>,
    /// The kinds of penalty that are proposed.
    pub kinds: Vec<&'static str>,
    /// The value that is confiscated, in 元.
    pub confiscated: Option<i64>,
    field: String,
    place: String,
    location: String,
    party: PartyInput,
    facts: String,
    evidence: String,
    basis: String,
    correction: String,
    mitigated: bool,
    natural: bool,
    values: BTreeMap<&'static str, String>,
}

/// What is decided about a case's weight before it begins.
#[derive(Clone, Copy, Debug)]
pub struct Weight {
    /// Below the minimum, with the reason of 行政处罚法§32.
    pub mitigated: bool,
    /// Heavy enough for a hearing to be offered.
    pub heavy: bool,
}

fn numeral(number: &str) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let Ok(n) = number.parse::<usize>() else { return number.to_owned() };
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or_default();
    let tens = |n: usize, leading: bool| match (n / 10, n % 10) {
        (0, ones) => digit(ones).to_owned(),
        (1, 0) if leading => "十".to_owned(),
        (1, ones) if leading => format!("十{}", digit(ones)),
        (tens, 0) => format!("{}十", digit(tens)),
        (tens, ones) => format!("{}十{}", digit(tens), digit(ones)),
    };
    match (n / 100, n % 100) {
        (0, rest) => tens(rest, true),
        (hundreds, 0) => format!("{}百", digit(hundreds)),
        (hundreds, rest) if rest < 10 => format!("{}百零{}", digit(hundreds), digit(rest)),
        (hundreds, rest) => format!("{}百{}", digit(hundreds), tens(rest, false)),
    }
}

/// The article that a violation is punished under.
pub(super) fn article(violation: &Violation) -> String {
    format!("《{}》第{}条{}", violation.statute, numeral(&violation.article), violation.item)
}

impl Offence {
    /// A case of a field on a day, in a town or in the county seat.
    pub fn new(
        stage: &Stage,
        field: &FieldPlan,
        day: Day,
        town: Option<&str>,
        weight: Weight,
        chance: &mut Chance,
    ) -> Result<Self, Fault> {
        let pools = &stage.pools;
        let missing = || Fault::Missing { what: format!("违法行为文本 {}", field.code) };
        let pool = pools.violations.get(&field.code).ok_or_else(missing)?;
        let happened = day.plus(-chance.between(0, 12));
        let in_force = |v: &&Violation| {
            v.from.is_none_or(|from| happened >= from) && v.until.is_none_or(|until| happened <= until)
        };
        let fitting: Vec<&Violation> = pool.case.iter().filter(in_force).filter(|v| town.is_none() || v.town).collect();
        let violation = chance.weighted(&fitting, |v| v.weight).copied().ok_or_else(missing)?;
        let (place, location, town_name) = scene(stage, town, chance);
        let about = &stage.scenario.scenario;
        let firm = violation.maker.as_ref().filter(|_| violation.party != "individual");
        let firm = firm
            .and_then(|maker| pools.parties.enterprise(&pools.names, chance, maker, &about.county_name, &town_name));
        let party = party(stage, firm.as_ref(), &location, chance);
        let natural = firm.is_none();
        let step = violation.value.2.max(1);
        let value = violation.value.0 + chance.between(0, (violation.value.1 - violation.value.0) / step) * step;
        let discretion = &stage.desk.ruling.law.discretion;
        let (benchmark, item) =
            (discretion.find(&field.code, &violation.violation, happened, Some(value * 100))).ok_or_else(missing)?;
        let base = (item.of.is_some() || item.bounds.is_some()).then_some(value);
        let span = span_of(item, base).ok_or_else(missing)?;
        let (fine, mitigated) = fine_of(stage, violation, span, weight, chance);
        // Light under the later edition too, should the decision come under it (行政处罚法§37).
        let later = |other: &&Item| other.violation == item.violation && other.from > happened;
        let eased = benchmark.items.iter().filter(later).any(|other| other.statute.most < item.statute.most);
        let fine = if eased && !mitigated { span.0 } else { fine };
        let (kinds, confiscated) = kinds_of(stage, field, violation, value, chance);
        let basis = article(violation);
        let values = BTreeMap::from([
            ("p", party.name.clone()),
            ("place", location.clone()),
            ("town", town_name),
            ("village", place.name.clone()),
            ("date", happened.chinese()),
            ("goods", chance.pick(&violation.goods).cloned().unwrap_or_default()),
            ("qty", chance.between(violation.qty.0, violation.qty.1).to_string()),
            ("unit", violation.unit.clone()),
            ("value", value.to_string()),
            ("plate", pools.parties.plate(chance)),
            ("fine", fine.to_string()),
            ("violation", violation.violation.clone()),
            ("basis", basis.clone()),
            ("organ", field.name.clone()),
            ("days", "九十余".to_owned()),
            ("deadline", happened.plus(15).chinese()),
            ("remedy_organ", about.remedy_organ.clone()),
            ("remedy_court", about.remedy_court.clone()),
        ]);
        let text = chance.pick(&violation.facts).cloned().unwrap_or_default();
        Ok(Self {
            violation: violation.violation.clone(),
            item: item.clone(),
            base,
            fine: kinds.contains(&"fine").then_some(fine),
            kinds,
            confiscated,
            field: field.code.clone(),
            place: place.code,
            location,
            party,
            facts: fill(&text, chance, &values),
            evidence: violation.evidence.join("、"),
            basis,
            correction: violation.correction.clone(),
            mitigated,
            natural,
            values,
        })
    }

    /// A sentence of every penalty.
    pub fn text(&self, pools: &Pools, key: &str, chance: &mut Chance) -> String {
        let text = pools.penalty.draw(key, chance);
        fill(&text, chance, &self.values)
    }

    /// What is typed of the lead.
    pub fn lead(&self, pools: &Pools, source: &str, today: Day, chance: &mut Chance) -> Input {
        let note = fill(&pools.penalty.of("source", source, chance), chance, &self.values);
        let mut input = Input::default()
            .with("secrecy", "none")
            .with("domain", self.field.as_str())
            .with("power_basis", "statutory")
            .with("source", source)
            .with("source_note", format!("{note}{}", self.facts))
            .with("discovered_on", today.to_string())
            .with("violation_ended_on", today.to_string())
            .with("place", self.place.as_str())
            .with("location", self.location.as_str())
            .with("violation", self.violation.as_str());
        input.parties.push(self.party.clone());
        input
    }

    /// What is typed when the investigation ends; `grounds` and `gravity` decide about review and meeting.
    pub fn report(
        &self,
        pools: &Pools,
        (grounds, gravity): (&str, &str),
        penalised: bool,
        chance: &mut Chance,
    ) -> Input {
        let degree = self.degree();
        let reason = match degree {
            Degree::Mitigated => self.text(pools, "mitigated", chance),
            Degree::Lighter => fill(&pools.penalty.of("discretion", "light", chance), chance, &self.values),
            Degree::Ordinary => fill(&pools.penalty.of("discretion", "ordinary", chance), chance, &self.values),
            Degree::Heavier => fill(&pools.penalty.of("discretion", "heavy", chance), chance, &self.values),
        };
        let report = self.text(pools, "report", chance);
        let mut input = Input::default()
            .with("facts", format!("{}{report}", self.facts))
            .with("evidence_summary", self.evidence.as_str())
            .with("violation_basis", self.basis.as_str())
            .with("penalty_basis", self.basis.as_str())
            .with("discretion", degree.code())
            .with("discretion_reason", reason)
            .with("same_act_fined", "no")
            .with("gravity", gravity)
            .with("review_grounds", grounds);
        if self.natural {
            input = input.with("capacity", "full");
        }
        if self.mitigated {
            input = input.with("mitigation_ground", "removed_harm");
        }
        if let Some(base) = self.base {
            input = input.with("penalty_base", base.to_string());
        }
        if penalised {
            input = input.with("proposed_kinds", self.kinds.join("|"));
            if let Some(fine) = self.fine {
                input = input.with("proposed_fine", fine.to_string());
            }
        }
        input
    }

    /// What is typed of the notice.
    pub fn notice(&self) -> Input {
        let mut input = Input::default()
            .with("notified_kinds", self.kinds.join("|"))
            .with("hearing_other", "no")
            .with("contact", "本机关法制部门，联系人和办公电话见告知书");
        if let Some(fine) = self.fine {
            input = input.with("notified_fine", fine.to_string());
        }
        if let Some(value) = self.confiscated {
            input = input.with("notified_confiscated", value.to_string());
        }
        if self.kinds.contains(&"stop_business") {
            input = input.with("notified_other", "责令停产停业整顿，整改合格后恢复");
        }
        input
    }

    /// The degree in whose range the fine lies.
    pub fn degree(&self) -> Degree {
        let fine = self.fine.unwrap_or_default() * 100;
        let reaches = |degree: &Degree| {
            self.item
                .money(self.item.range(*degree), self.base.map(|yuan| yuan * 100))
                .is_some_and(|range| fine <= range.most)
        };
        let degrees = [Degree::Lighter, Degree::Ordinary];
        if self.mitigated { Degree::Mitigated } else { degrees.into_iter().find(reaches).unwrap_or(Degree::Heavier) }
    }

    /// What is typed of the decision; `share` of the notified fine, which the defence may have made lighter.
    pub fn decision(&mut self, bank: &str, share: i64) -> Input {
        let least =
            if self.mitigated { 50 } else { span_of(&self.item, self.base).map_or(50, |(least, _)| least.max(50)) };
        let lighter = |fine: i64| (fine * share / 100 / 50 * 50).max(least).min(fine);
        self.fine = self.fine.map(|fine| if share < 100 { lighter(fine) } else { fine });
        let reasons = format!("当事人的行为违反了{}的规定，事实清楚，证据确凿，程序合法，裁量适当。", self.basis);
        let mut input = Input::default()
            .with("kinds", self.kinds.join("|"))
            .with("decision_reasons", reasons)
            .with("discretion", self.degree().code())
            .with("correction", "at_once")
            .with("performance", format!("{}；罚款自收到本决定书之日起十五日内缴至{bank}", self.correction));
        if let Some(fine) = self.fine {
            input = input.with("fine", fine.to_string());
        }
        if let Some(value) = self.confiscated {
            input = input.with("confiscated", value.to_string());
        }
        if self.kinds.contains(&"stop_business") {
            input = input.with("other_penalty", "责令停产停业整顿，整改合格后恢复");
        }
        input
    }

    /// Whether something beside a fine has to be carried out.
    pub fn beyond_fine(&self) -> bool {
        self.kinds.iter().any(|kind| !["fine", "warning"].contains(kind))
    }

    /// Whether there is anything to carry out.
    pub fn to_perform(&self) -> bool {
        self.fine.is_some() || self.beyond_fine()
    }

    /// The summary that is published: no natural person's name.
    pub fn summary(&self) -> String {
        let who = if self.natural { "当事人（自然人）" } else { self.party.name.as_str() };
        format!("{who}{}，违反{}。", self.violation, self.basis)
    }
}

/// Place, address and town.
fn scene(stage: &Stage, town: Option<&str>, chance: &mut Chance) -> (PlaceName, String, String) {
    let towns: Vec<&String> = stage.villages.keys().collect();
    let seat = towns.first().map(|code| (*code).clone()).unwrap_or_default();
    let code = town.map(str::to_owned).unwrap_or_else(|| {
        if chance.happens(0.5) {
            seat.clone()
        } else {
            chance.pick(&towns).map(|code| (*code).clone()).unwrap_or_default()
        }
    });
    let name = stage.scenario.county.towns.iter().find(|known| known.place == code);
    let name = name.map_or_else(String::new, |known| known.name.trim_end_matches("人民政府").to_owned());
    let village = stage.villages.get(&code).and_then(|all| chance.pick(all)).cloned();
    let village = village.unwrap_or(PlaceName { code: code.clone(), name: String::new() });
    if town.is_none() && code == seat && chance.happens(0.7) {
        let street = stage.pools.penalty.draw("streets", chance);
        return (PlaceName { code, name: village.name }, format!("{name}{street}"), name);
    }
    let location = format!("{name}{}", village.name);
    (village, location, name)
}

fn party(stage: &Stage, firm: Option<&Enterprise>, location: &str, chance: &mut Chance) -> PartyInput {
    let address = format!("{}{location}", stage.scenario.scenario.county_name);
    firm.map_or_else(
        || stage.pools.names.party(chance).as_party("respondent", &address),
        |firm| firm.as_party("respondent", &address),
    )
}

/// What the article sets, in whole 元.
fn span_of(item: &Item, base: Option<i64>) -> Option<(i64, i64)> {
    let range = item.money(item.statute, base.map(|yuan| yuan * 100))?;
    Some(((range.least + 99) / 100, range.most / 100))
}

/// Fine in 元 and whether it lies below the minimum.
fn fine_of(
    stage: &Stage,
    violation: &Violation,
    (low, high): (i64, i64),
    weight: Weight,
    chance: &mut Chance,
) -> (i64, bool) {
    let plan = &stage.scenario.penalty;
    let level = match chance.share(&plan.level) {
        _ if weight.heavy => "heavy",
        "light" => "light",
        "heavy" => "heavy",
        _ => "ordinary",
    };
    let span = (high - low).max(0);
    let (from, to) = match level {
        "light" => (0, 25),
        "heavy" => (75, 100),
        _ => (25, 75),
    };
    let drawn = low + span * chance.between(from, to) / 100;
    let usual = violation.often_mitigated && chance.happens(plan.often_mitigated_share);
    let mitigated = (weight.mitigated || usual) && low > 0;
    let percent = chance.between(percent(plan.mitigated_factor.0), percent(plan.mitigated_factor.1));
    let fine = if mitigated { low * percent / 100 } else { drawn };
    // Fines are written in round sums; a minimum that is not round stays what it is.
    let round = if fine >= 2_000 { 100 } else { 50 };
    ((fine / round * round).max(if mitigated { 50 } else { low.max(50) }), mitigated)
}

#[allow(clippy::cast_possible_truncation, reason = "between 0 and 100")]
fn percent(factor: f64) -> i64 {
    (factor * 100.0) as i64
}

/// The kinds of penalty, and the value that is confiscated.
fn kinds_of(
    stage: &Stage,
    field: &FieldPlan,
    violation: &Violation,
    value: i64,
    chance: &mut Chance,
) -> (Vec<&'static str>, Option<i64>) {
    let plan = &stage.scenario.penalty;
    let has = |kind: &str| violation.kinds.iter().any(|known| known == kind);
    if has("warning") && !has("fine") {
        return (vec!["warning"], None);
    }
    let mut kinds = vec!["fine"];
    if has("warning") && chance.happens(0.5) {
        kinds.push("warning");
    }
    if has("stop") && chance.happens(0.3) {
        kinds.push("stop_business");
    }
    let mut confiscated = None;
    if has("confiscation") && value > 0 && chance.happens(plan.confiscation_share) {
        kinds.push(if field.code == "transport" { "confiscate_income" } else { "confiscate_goods" });
        confiscated = Some(value);
    }
    (kinds, confiscated)
}

#[cfg(test)]
mod tests {
    use super::numeral;

    #[test]
    fn articles_are_written_in_words() {
        for (number, words) in
            [("6", "六"), ("10", "十"), ("63", "六十三"), ("100", "一百"), ("105", "一百零五"), ("118", "一百一十八")]
        {
            assert_eq!(numeral(number), words);
        }
    }
}
