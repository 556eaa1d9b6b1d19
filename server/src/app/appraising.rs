//! 普法履职评议 and 普法规划评估: who appraises whom, the score and grade of an organ's duty, weighed as the county has set it, and what the
//! ledgers say of an organ in a period. Nobody types them.
//!
//! Does not belong here: parts, weights, grades (`law/appraisal.toml`, core `appraisal`), the course (publicity_duty.toml,
//! publicity_midterm.toml).

use zhunsheng_core::appraisal::GRADE;
use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::{OrganCode, OrganFunction};
use zhunsheng_core::indicator::{Dated, Measure, Period, Selection};
use zhunsheng_core::matter::{Actor, Fact};

use super::act::Desk;
use super::completing::{Asked, Made};
use super::dispute::BUREAU;
use crate::store::figures::{self, Question};
use crate::store::{StoreFault, Tx, matters};

/// The duty of an organ, and the review of a plan at an organ.
pub(super) const DUTY: &str = "publicity_duty";
pub(super) const MIDTERM: &str = "publicity_midterm";
/// Who appraises the bureau.
const OFFICE: &str = "government_office";
/// Activities that the ledger counts.
const ACTIVITIES: &str = "S25";

/// What the system works out for an appraisal: nothing while a part is missing, which the step then names.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    match (asked.procedure, asked.command.step.as_str()) {
        (DUTY, "draw_up") => Ok(appraiser(&desk.registry, asked).into_iter().collect()),
        (MIDTERM, "report_self" | "report_again") => reviewed(tx, desk, asked),
        _ => Ok(scored(desk, asked)),
    }
}

fn scored(desk: &Desk, asked: &Asked<'_>) -> Made {
    let appraisal = desk.ruling.law.appraisal.as_ref().filter(|appraisal| appraisal.procedure == asked.procedure);
    let (Some(appraisal), Some(duty), "assess" | "assess_and_demand") =
        (appraisal, asked.state, asked.command.step.as_str())
    else {
        return Made::new();
    };
    let scored = appraisal.score(|field| duty.fact(field).and_then(Fact::number));
    scored.map_or_else(Made::new, |it| vec![("score", it.score.to_string()), (GRADE, it.grade)])
}

/// The organ of who asks.
fn own_organ(registry: &Registry, asked: &Asked<'_>) -> Option<OrganCode> {
    let Actor::Staff { post, .. } = asked.actor else { return None };
    Some(registry.post(*post)?.organ.clone())
}

/// The bureau appraises everybody but itself; the bureau is appraised by the office of the county's government.
fn appraiser(registry: &Registry, asked: &Asked<'_>) -> Option<(&'static str, String)> {
    let own = own_organ(registry, asked)?;
    let with = |function: &str| registry.organ_with(&OrganFunction::from(function));
    let bureau = with(BUREAU).filter(|bureau| bureau.code != own);
    Some(("appraiser", bureau.or_else(|| with(OFFICE))?.code.to_string()))
}

/// What the ledgers say of an organ in the period of a review.
fn reviewed(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let stated = |field: &str| asked.typed_day(field).or_else(|| asked.state.and_then(|state| state.day(field)));
    let period = Period { from: stated("from_day"), to: stated("to_day") };
    let organ = asked.state.map(|state| state.organ.clone()).or_else(|| own_organ(&desk.registry, asked));
    let (Some(organ), Some(_), Some(_)) = (organ, period.from, period.to) else { return Ok(Made::new()) };
    let known = figures::last_entry(tx, &desk.county, desk.today)?;
    let of = |selection: &Selection| {
        let question = Question { selection, period, known, today: desk.today };
        figures::of_organ(tx, &desk.county, &question, organ.as_str(), "people_verified")
    };
    let mut made: Made =
        appraiser(&desk.registry, asked).into_iter().chain([("reviewed", organ.to_string())]).collect();
    if asked.state.is_some() {
        made.clear();
    }
    let lists = |step: Option<&str>| {
        let published = Selection::of(DUTY.into(), Dated::Step("publish_list".into()));
        of(&Selection { done: step.into_iter().map(Into::into).collect(), ..published })
    };
    let activities = desk.ruling.indicators.iter().find(|indicator| indicator.id == ACTIVITIES);
    if let Some(Measure::Count(activities)) = activities.map(|indicator| &indicator.measure).and_then(Option::as_ref) {
        let found = of(activities)?;
        made.extend([("hosted", found.count.to_string()), ("people", found.sum.to_string())]);
        made.push(("joined", found.named.to_string()));
    }
    let published = lists(None)?;
    let assessed = lists(Some("assess"))?.count + lists(Some("assess_and_demand"))?.count;
    made.extend([("lists", published.count.to_string()), ("lists_appraised", assessed.to_string())]);
    made.push(("lists_reported", lists(Some("report_done"))?.count.to_string()));
    let newest = published.matters.iter().find_map(|id| match matters::find_state(tx, &desk.county, *id) {
        Ok(state) => state?.fact(GRADE).map(|grade| Ok(grade.text())),
        Err(fault) => Some(Err(fault)),
    });
    made.push(("last_grade", newest.transpose()?.unwrap_or_default()));
    Ok(made)
}
