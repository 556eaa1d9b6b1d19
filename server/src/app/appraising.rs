//! 普法履职评议: score and grade of an organ's duty, weighed as the county has set it. Nobody types them.
//!
//! Does not belong here: parts, weights, grades (`law/appraisal.toml`, core `appraisal`), the course (publicity_duty.toml).

use zhunsheng_core::appraisal::GRADE;
use zhunsheng_core::matter::Fact;

use super::act::Desk;
use super::completing::{Asked, Made};

/// What the system works out for an appraisal: nothing while a part is missing, which the step then names.
pub(super) fn made(desk: &Desk, asked: &Asked<'_>) -> Made {
    let appraisal = desk.ruling.law.appraisal.as_ref().filter(|appraisal| appraisal.procedure == asked.procedure);
    let (Some(appraisal), Some(duty), "assess" | "assess_and_demand") =
        (appraisal, asked.state, asked.command.step.as_str())
    else {
        return Made::new();
    };
    let scored = appraisal.score(|field| duty.fact(field).and_then(Fact::number));
    scored.map_or_else(Made::new, |it| vec![("score", it.score.to_string()), (GRADE, it.grade)])
}
