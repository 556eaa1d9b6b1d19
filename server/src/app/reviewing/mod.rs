//! 案卷评查: what the system works out for a round of reviews and for the files in it.
//!
//! `draw` closes the list and draws, `tally` counts for the report, `before` reads a file before people do. Does not belong here:
//! the course of a round and of a review (law/procedures/enforcement/), sheets (`law/review/`, core `review`).

pub mod before;
pub mod draw;
pub mod tally;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Actor, MatterState};
use zhunsheng_core::procedure::{Step, StepKind};

use super::act::{ActError, Desk};
use super::completing::{Asked, Made};
use crate::store::{StoreFault, Tx};

/// The procedure of a round.
pub const ROUND: &str = "review_round";
/// The procedure of one file under review.
pub const REVIEW: &str = "file_review";
/// The register of people who may review.
pub const REVIEWERS: &str = "file_reviewer_register";

/// What the system works out for a round; and a review that no draw stands behind loses its file.
pub(in crate::app) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    match (asked.procedure, asked.command.step.as_str(), asked.state) {
        (ROUND, "draw", Some(round)) => draw::close(tx, desk, round),
        (ROUND, "report", Some(round)) => Ok(tally::of_round(tx, &desk.county, round.id)?.made()),
        (REVIEW, _, None) if !draw::is_drawn(tx, &desk.county, asked.command)? => Ok(vec![("file", String::new())]),
        _ => Ok(Made::new()),
    }
}

/// What a step of a round brings about: each file that was drawn becomes a review of its own, or the draw does not stand.
pub(in crate::app) fn follow(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: &Actor,
    (matter, procedure): (MatterId, &str),
    step: &str,
) -> Result<(), ActError> {
    if procedure != ROUND || step != "draw" {
        return Ok(());
    }
    for command in draw::openings(tx, desk, matter)? {
        desk.perform(tx, actor.clone(), &command)?;
    }
    Ok(())
}

/// The number by which people know a case: that of its decision, else its first one.
#[must_use]
pub fn case_number(law: &Law, case: &MatterState) -> String {
    let definition = law.by_digest(&case.definition);
    let decision = |step: &&Step| matches!(step.kind, StepKind::DecisionAdverse | StepKind::DecisionFavourable);
    let decides = |kind: &str| {
        definition.is_some_and(|known| {
            let issued = known.steps.iter().filter(decision).flat_map(|step| &step.issues);
            let mut issued = issued.filter(|when| when.item.as_str() == kind);
            issued.any(|when| known.instrument(when.item.as_str()).is_some_and(|paper| paper.remedies))
        })
    };
    let numbered = || case.instruments.iter().filter_map(|issued| Some((issued, issued.number.as_ref()?)));
    let decision = numbered().rfind(|(issued, _)| decides(issued.kind.as_str()));
    let found = decision.or_else(|| numbered().next());
    found.map_or_else(|| "（无文号）".to_owned(), |(_, number)| number.text.clone())
}
