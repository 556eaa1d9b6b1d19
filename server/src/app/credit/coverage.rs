//! 全覆盖、无遗漏, proved or not: every decision that owes a report, whether there is one, whether it was in time, organ by organ; and
//! for which months an organ has not said what it decided in its own system.
//!
//! In the order of the organs' codes, never by any number: this is no ranking (行政处罚法§74).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use zhunsheng_core::authority::Registry;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::ClockRun;
use zhunsheng_core::credit::{self, Owed};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, StepId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Actor, Fact, MatterState};
use zhunsheng_core::procedure::Clock;

use super::super::App;
use super::super::act::ActError;
use super::{includes, list, make};
use crate::store::credit::{self as store, By, Whose};
use crate::store::{Query, StoreFault};

/// How one decision stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Reported within its time.
    InTime,
    /// Reported, but too late.
    Late,
    /// Not reported, and its time has run out.
    Overdue,
    /// Not reported; its time still runs.
    Pending,
    /// Returned by the platform and not sent again yet.
    Returned,
    /// There is no report at all.
    Missing,
    /// Its decision has been undone, and the report has not been withdrawn yet.
    Undone,
    /// Withdrawn: it counts neither here nor there, and stands apart.
    Withdrawn,
    /// A row of a list that was voided as entered by mistake: likewise.
    Voided,
}

impl Standing {
    /// The word on pages.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::InTime => "按时报送",
            Self::Late => "迟报",
            Self::Overdue => "漏报（已过期限）",
            Self::Pending => "待报送（未到期限）",
            Self::Returned => "被退回，未重报",
            Self::Missing => "漏报（没有生成）",
            Self::Undone => "决定已撤销、变更，待撤回",
            Self::Withdrawn => "已撤回",
            Self::Voided => "已作废（误登）",
        }
    }

    /// Whether the decision has been reported.
    #[must_use]
    pub fn reported(self) -> bool {
        matches!(self, Self::InTime | Self::Late | Self::Undone)
    }

    /// Whether it owes nothing (any more).
    #[must_use]
    pub fn left_out(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Voided)
    }

    /// Whether somebody has to do something now.
    #[must_use]
    pub fn missing(self) -> bool {
        matches!(self, Self::Overdue | Self::Returned | Self::Missing)
    }
}

/// One decision that owes a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The report, or the matter of the decision where there is none.
    pub matter: MatterId,
    /// Who decided.
    pub organ: String,
    /// Its category.
    pub category: String,
    /// Its number; empty where it has none.
    pub number: String,
    /// Its day.
    pub decided: Day,
    /// The last day for its report; none if it cannot be named for certain.
    pub due: Option<Day>,
    /// How it stands.
    pub standing: Standing,
}

/// How an organ stands in a period.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Organ {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many decisions stand how.
    pub counts: BTreeMap<Standing, usize>,
    /// Months without a list of the decisions made elsewhere; empty if none is asked for.
    pub without_list: Vec<String>,
}

impl Organ {
    /// The months without a list, in words: 2024-07、2024-08, or 2022-01至2024-09之间的33个月.
    #[must_use]
    pub fn lacking(&self) -> String {
        match self.without_list.as_slice() {
            [first, .., last] if self.without_list.len() > 3 => {
                format!("{first}至{last}之间的{}个月", self.without_list.len())
            }
            few => few.join("、"),
        }
    }

    /// How many stand so.
    #[must_use]
    pub fn count(&self, standing: Standing) -> usize {
        self.counts.get(&standing).copied().unwrap_or(0)
    }

    fn sum(&self, of: impl Fn(Standing) -> bool) -> usize {
        self.counts.iter().filter(|(standing, _)| of(**standing)).map(|(_, count)| count).sum()
    }

    /// Decisions that owe a report.
    #[must_use]
    pub fn owed(&self) -> usize {
        self.sum(|standing| !standing.left_out())
    }

    /// Withdrawn and voided ones, which are not counted: nothing leaves the denominator unseen.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.sum(Standing::left_out)
    }

    /// Reported, in time or late.
    #[must_use]
    pub fn reported(&self) -> usize {
        self.sum(Standing::reported)
    }

    /// Missing ones.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.sum(Standing::missing)
    }

    /// As people read it: 98.4%.
    #[must_use]
    pub fn percent(&self) -> Option<String> {
        self.per_mille().map(|n| format!("{}.{}%", n / 10, n % 10))
    }

    /// Percent of what is due that has been reported, in tenths; none without a denominator, whatever was reported.
    #[must_use]
    pub fn per_mille(&self) -> Option<usize> {
        let due = self.owed().saturating_sub(self.count(Standing::Pending));
        (self.without_list.is_empty() && due > 0).then(|| self.reported() * 1_000 / due)
    }
}

/// A period.
pub type Period = (Day, Day);

/// Every decision of a period that owes a report, and how each organ stands.
pub struct Covered {
    /// By organ, day and number.
    pub decisions: Vec<Decision>,
    /// In the order of their codes.
    pub organs: Vec<Organ>,
}

/// The coverage of a period, worked out anew only if something was recorded since.
pub fn of(q: &impl Query, app: &App, period: Period, whose: Whose<'_>) -> Result<Arc<Covered>, StoreFault> {
    let today = app.today();
    let question = (period, whose.map(<[String]>::to_vec));
    app.credit_coverage.get(q, (&app.county_code, today), question, || {
        let (ruling, registry) = (app.county.ruling(), app.county.registry());
        let law = (&ruling.law, &ruling.calendar);
        let decisions = decisions(q, &app.county_code, law, period, (whose, today))?;
        let organs = organs(q, &app.county_code, (&ruling.law, &registry), period, (&decisions, whose, today))?;
        Ok(Covered { decisions, organs })
    })
}

/// As `credit coverage --json` and the API give it. Organs stand in the order of their codes.
#[must_use]
pub fn to_json(law: &Law, (first, last): Period, Covered { decisions, organs }: &Covered) -> Value {
    let organ = |organ: &Organ| {
        json!({
            "organ": organ.code, "name": organ.name, "owed": organ.owed(), "reported": organ.reported(),
            "late": organ.count(Standing::Late), "pending": organ.count(Standing::Pending), "missing": organ.missing(), "left_out": organ.left_out(),
            "per_mille": organ.per_mille(), "months_without_list": organ.without_list,
        })
    };
    let missing = |decision: &Decision| {
        json!({
            "matter": decision.matter.to_string(), "organ": decision.organ, "category": decision.category,
            "number": decision.number, "decided": decision.decided.to_string(),
            "due": decision.due.map(|due| due.to_string()), "standing": decision.standing.chinese(),
        })
    };
    let categories: Vec<&str> = law.credit.switched_on().map(|category| category.id.as_str()).collect();
    json!({
        "from": first.to_string(), "to": last.to_string(), "categories": categories,
        "organs": organs.iter().map(organ).collect::<Vec<_>>(),
        "missing": decisions.iter().filter(|known| known.standing.missing()).map(missing).collect::<Vec<_>>(),
    })
}

fn decisions(
    q: &impl Query,
    county: &str,
    (law, calendar): (&Law, &Calendar),
    (first, last): Period,
    (whose, today): (Whose<'_>, Day),
) -> Result<Vec<Decision>, StoreFault> {
    let mut due = Dues { clock: credit::time_limit(law), calendar, known: BTreeMap::new() };
    let mut all = Vec::new();
    let mut made: BTreeMap<String, Vec<MatterState>> = BTreeMap::new();
    for report in store::reports(q, county, By::Days(first, last), whose)? {
        if report.text("made_from") == "here" {
            made.entry(report.text("decision").to_owned()).or_default().push(report);
        } else if law.credit.is_on(report.text("category")) {
            all.extend(of_list(&report, &mut due, today));
        }
    }
    for (template, owed) in law.credit.owing() {
        let step = (owed.procedure.as_str(), owed.step.as_str());
        for (state, decided) in store::decisions(q, county, step, (first, last), whose)? {
            let reports = made.get(&state.id.to_string()).map_or(&[][..], Vec::as_slice);
            let Some(definition) = law.by_digest(&state.definition) else { continue };
            let one = (owed, owed.stands(&state, definition), decided);
            all.extend(of_decision(&state, &template.category, one, reports, (&mut due, today)));
        }
    }
    all.sort_by(|a, b| (&a.organ, a.decided, &a.number, a.matter).cmp(&(&b.organ, b.decided, &b.number, b.matter)));
    Ok(all)
}

/// What a decision owes: one report about each of its parties, whether there is one or not.
fn of_decision<'a>(
    state: &'a MatterState,
    category: &'a str,
    (owed, stands, decided): (&'a Owed, bool, Day),
    reports: &'a [MatterState],
    (due, today): (&mut Dues<'_>, Day),
) -> impl Iterator<Item = Decision> + 'a {
    let due = due.of(decided);
    state.parties_in(&owed.role).map(move |party| {
        let about = |report: &&MatterState| {
            report.fact("party").and_then(Fact::number) == Some(i64::from(party.ordinal))
                && report.organ == state.organ
                && !report.closed
        };
        let answering = reports.iter().filter(about).find(|report| make::answers(report, state));
        // A decision undone is answered by whatever report there was.
        let report = answering.or_else(|| reports.iter().filter(about).find(|_| !stands));
        Decision {
            matter: report.map_or(state.id, |report| report.id),
            organ: state.organ.to_string(),
            category: category.to_owned(),
            number: owed.number(state).unwrap_or_default(),
            decided,
            due,
            standing: judge(report, stands, due, today),
        }
    })
}

/// How a decision made here stands with its report.
fn judge(report: Option<&MatterState>, stands: bool, due: Option<Day>, today: Day) -> Standing {
    let Some(report) = report else { return if stands { Standing::Missing } else { Standing::Withdrawn } };
    // What was corrected or returned and sent again is judged by the day on which it was first sent.
    let first = report.done.iter().find(|done| done.step.as_str() == "send" && !done.withdrawn).map(|done| done.day);
    match (stands, report.standing(), first) {
        (false, "withdrawn", _) | (false, _, None) => Standing::Withdrawn,
        (false, _, Some(_)) => Standing::Undone,
        (true, "rejected", _) => Standing::Returned,
        (true, _, first) => by_day(first, due, today),
    }
}

fn by_day(reported: Option<Day>, due: Option<Day>, today: Day) -> Standing {
    let late = |day: Day| due.is_some_and(|due| day > due);
    match reported {
        Some(reported) if late(reported) => Standing::Late,
        Some(_) => Standing::InTime,
        None if late(today) => Standing::Overdue,
        None => Standing::Pending,
    }
}

/// How a decision of a departmental system stands, as its list says.
fn of_list(report: &MatterState, due: &mut Dues<'_>, today: Day) -> Option<Decision> {
    let decided = report.day("decided_on")?;
    let last = due.of(decided);
    let standing = match report.standing() {
        _ if report.closed => Standing::Voided,
        "withdrawn" => Standing::Withdrawn,
        _ => by_day(report.day("reported_on"), last, today),
    };
    Some(Decision {
        matter: report.id,
        organ: report.organ.to_string(),
        category: report.text("category").to_owned(),
        number: report.text("decision_number").to_owned(),
        decided,
        due: last,
        standing,
    })
}

/// The last days for reports, each counted once.
struct Dues<'a> {
    clock: Option<&'a Clock>,
    calendar: &'a Calendar,
    known: BTreeMap<Day, Option<Day>>,
}

impl Dues<'_> {
    fn of(&mut self, decided: Day) -> Option<Day> {
        let (clock, calendar) = (self.clock, self.calendar);
        *self.known.entry(decided).or_insert_with(|| {
            let clock = clock?;
            ClockRun::new(clock.id.clone(), clock.basis.clone(), clock.limit.clone(), decided).due(calendar).certain()
        })
    }
}

/// How each organ stands: those that owe reports, those that have to hand in lists.
fn organs(
    q: &impl Query,
    county: &str,
    (law, registry): (&Law, &Registry),
    (first, last): Period,
    (decisions, whose, today): (&[Decision], Whose<'_>, Day),
) -> Result<Vec<Organ>, StoreFault> {
    let lists = list::supplied(q, county)?;
    let mut found: BTreeMap<String, Organ> = BTreeMap::new();
    let asked = registry.organs().filter(|organ| law.credit.asked.contains(&organ.kind));
    for organ in asked.filter(|organ| includes(whose, organ.code.as_str())) {
        if organ.until.is_some_and(|until| until <= first) {
            continue;
        }
        let of_organ = lists.iter().filter(|list| list.heading.organ == organ.code);
        let periods: Vec<Period> = of_organ.map(|list| (list.heading.first, list.heading.last)).collect();
        let entry = found.entry(organ.code.to_string()).or_default();
        entry.without_list = months_without(&periods, (first, last.min(today)));
    }
    for decision in decisions {
        let entry = found.entry(decision.organ.clone()).or_default();
        *entry.counts.entry(decision.standing).or_default() += 1;
    }
    for (code, organ) in &mut found {
        organ.name = registry.organ(code).map_or(code.as_str(), |known| known.name.as_str()).to_owned();
        organ.code = code.clone();
    }
    Ok(found.into_values().collect())
}

/// Months of a period that ended before its last day and that no list covers whole: 2024-09.
fn months_without(lists: &[Period], (first, last): Period) -> Vec<String> {
    let mut missing = Vec::new();
    let mut begins = first.first_of_month();
    loop {
        let next = begins.plus_months(1);
        let ends = next.plus(-1);
        // A month that has not ended is not asked for yet.
        if ends > last {
            return missing;
        }
        if !covered(lists, begins.max(first), ends) {
            missing.push(begins.to_string().chars().take(7).collect());
        }
        begins = next;
    }
}

/// Whether lists, laid one behind the other, cover every day.
fn covered(lists: &[Period], from: Day, to: Day) -> bool {
    let mut at = from;
    while at <= to {
        let reach = lists.iter().filter(|(first, last)| *first <= at && *last >= at).map(|(_, last)| *last).max();
        let Some(reach) = reach else { return false };
        at = reach.plus(1);
    }
    true
}

impl App {
    /// Generates the reports of decisions that have none; returns how many.
    pub async fn generate_missing(&self, actor: Actor, missing: Vec<MatterId>) -> Result<usize, ActError> {
        self.at_the_desk(move |desk, tx| {
            let ruling = Arc::clone(&desk.ruling);
            let steps: Vec<StepId> = ruling.law.credit.owing().map(|(_, owed)| owed.step.clone()).collect();
            let mut made = 0;
            for matter in missing {
                for step in &steps {
                    for command in make::generations(tx, desk, &ruling.law, matter, step)? {
                        desk.perform(tx, actor.clone(), &command)?;
                        made += 1;
                    }
                }
            }
            Ok(made)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn months_are_covered_by_lists_laid_one_behind_the_other() {
        let period = (day("2024-07-01"), day("2024-10-26"));
        let lists = |all: &[(&str, &str)]| -> Vec<Period> { all.iter().map(|(a, b)| (day(a), day(b))).collect() };
        let missing = |all: &[(&str, &str)]| months_without(&lists(all), period);
        assert_eq!(missing(&[]), ["2024-07", "2024-08", "2024-09"], "October has not ended");
        assert_eq!(missing(&[("2024-07-01", "2024-09-30")]), Vec::<String>::new());
        assert_eq!(missing(&[("2024-07-01", "2024-07-30"), ("2024-08-01", "2024-09-30")]), ["2024-07"], "a day lacks");
        assert_eq!(missing(&[("2024-07-01", "2024-08-15"), ("2024-08-16", "2024-09-30")]), Vec::<String>::new());
    }

    #[test]
    fn without_a_denominator_there_is_no_percentage() {
        let mut organ =
            Organ { counts: BTreeMap::from([(Standing::InTime, 9), (Standing::Late, 1)]), ..Organ::default() };
        assert_eq!(organ.per_mille(), Some(1_000));
        organ.counts.insert(Standing::Overdue, 1);
        organ.counts.insert(Standing::Pending, 5);
        assert_eq!((organ.owed(), organ.missing(), organ.per_mille()), (16, 1, Some(909)));
        organ.without_list = vec!["2024-09".to_owned()];
        assert_eq!((organ.per_mille(), organ.lacking().as_str()), (None, "2024-09"));
        organ.without_list = ["2024-01", "2024-03", "2024-08", "2024-09"].map(str::to_owned).to_vec();
        assert_eq!(organ.lacking(), "2024-01至2024-09之间的4个月");
    }
}
