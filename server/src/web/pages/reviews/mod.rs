//! 案卷评查: rounds, the files in them, the sheet on which two reviewers score a file, what rules found before them.
//!
//! Internal pages: nothing is ranked, nothing is compared by what units fine (行政处罚法§74). Does not belong here: what a round or
//! a review is (law/procedures/enforcement/), arithmetic and 预审 (core `review`).

pub mod before;
pub mod list;
pub mod round;
pub mod sheet;

use zhunsheng_core::matter::MatterState;
use zhunsheng_core::procedure::Procedure;

use crate::app::App;
use crate::app::reviewing::{REVIEW, before::Ground};
use crate::store::seeing::SightFilter;
use crate::web::{Official, PageError};

/// Whether reviews are anything that a sight shows.
pub(in crate::web) fn sees(sight: &SightFilter) -> bool {
    let reviews = |procedures: &[String]| procedures.iter().any(|procedure| procedure == REVIEW);
    reviews(&sight.county) || sight.organs.iter().any(|(_, procedures)| reviews(procedures))
}

/// To those who see no reviews these pages do not exist.
fn require_sight(official: &Official) -> Result<(), PageError> {
    if sees(&official.sight) { Ok(()) } else { Err(PageError::NotFound) }
}

/// Whose way to these pages stands beside their work.
pub(in crate::web) fn shows(post_kind: &str) -> bool {
    ["supervisor", "rule_of_law_office", "enforcement_clerk", "legal_reviewer"].contains(&post_kind)
}

/// A line of a list of reviews.
struct Line {
    href: String,
    number: String,
    violation: String,
    organ: String,
    state: String,
    score: String,
    grade: String,
    failed: String,
}

impl Line {
    fn new(app: &App, review: &MatterState) -> Self {
        let (ruling, registry) = (app.county.ruling(), app.county.registry());
        let definition = ruling.law.by_digest(&review.definition);
        let titled = |procedure: &Procedure| title_of(procedure, "grade", &review.said("grade"));
        let state =
            review.track("main").and_then(|state| Some(definition?.state("main", state.as_str())?.title.clone()));
        Self {
            href: format!("/reviews/{}", review.id),
            number: review.said("file_number"),
            violation: review.said("violation"),
            organ: registry.organ_name(&review.said("handling_organ").as_str().into()).to_owned(),
            state: state.unwrap_or_default(),
            score: review.said("score"),
            grade: definition.map(|definition| titled(definition)).unwrap_or_default(),
            failed: review.said("failed"),
        }
    }
}

/// The title of a code of a procedure's list.
fn title_of(procedure: &Procedure, list: &str, code: &str) -> String {
    let list = procedure.lists.get(list);
    list.and_then(|list| list.title(code)).unwrap_or_default().to_owned()
}

/// The title of a grade, as the procedure in force has it.
pub(super) fn title_of_grade(app: &App, grade: &str) -> String {
    let ruling = app.county.ruling();
    ruling.law.newest(REVIEW).map(|review| title_of(review, "grade", grade)).unwrap_or_default()
}

/// What files are read with, for as long as a page is made.
struct Reading {
    ruling: std::sync::Arc<crate::app::ruling::Ruling>,
    registry: std::sync::Arc<zhunsheng_core::authority::Registry>,
    today: zhunsheng_core::day::Day,
}

impl Reading {
    fn new(app: &App) -> Self {
        Self { ruling: app.county.ruling(), registry: app.county.registry(), today: app.today() }
    }

    fn ground(&self) -> Ground<'_> {
        Ground { law: &self.ruling.law, calendar: &self.ruling.calendar, registry: &self.registry, today: self.today }
    }
}
