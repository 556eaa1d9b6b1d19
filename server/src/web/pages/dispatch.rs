//! 执法监督通报: what reviews and opinions of a period came to, organ by organ, for use inside the administration.
//!
//! In the order of the organs' codes: no ranking, and no figure on what anybody fines (行政处罚法§74).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::matter::MatterState;

use super::reviews::title_of_grade;
use crate::app::App;
use crate::app::reviewing::REVIEW;
use crate::app::reviewing::tally::{GRADES, Tally};
use crate::app::supervising::SUPERVISION;
use crate::store::few;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

/// What concerns one organ.
#[derive(Default)]
struct OrganLine {
    name: String,
    scored: usize,
    unqualified: usize,
    rectifying: usize,
    opinions: usize,
    answered: usize,
    late: usize,
}

struct Opinion {
    href: String,
    number: String,
    organ: String,
    state: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "supervision/dispatch.html")]
struct DispatchPage {
    layout: Layout,
    staff: StaffFrame,
    from: String,
    to: String,
    scored: usize,
    grades: Vec<(String, usize)>,
    items: Vec<(String, usize)>,
    organs: Vec<OrganLine>,
    opinions: Vec<Opinion>,
    followed: usize,
}

/// Whose way to this page stands beside their work.
pub(in crate::web) fn shows(post_kind: &str) -> bool {
    ["supervisor", "rule_of_law_office"].contains(&post_kind)
}

/// `GET /supervision`; `?from=` and `?to=` name the period, this year unless they do.
pub(in crate::web) async fn show_dispatch(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    // It is about all organs: for those who see all of them.
    if ![REVIEW, SUPERVISION].iter().all(|id| official.sight.county.iter().any(|known| known == id)) {
        return Err(PageError::NotFound);
    }
    let today = app.today();
    let first = Day::parse(query.text("from")).or_else(|| Day::new(today.year(), 1, 1)).unwrap_or(today);
    let last = Day::parse(query.text("to")).unwrap_or(today).max(first);
    let county = app.county_code.clone();
    let found =
        app.db.read(move |r| Ok::<_, PageError>((few::all(r, &county, REVIEW)?, few::all(r, &county, SUPERVISION)?)));
    let (reviews, followed) = found.await?;
    let on = |matter: &MatterState, step: &str| {
        matter.last_done(step).is_some_and(|done| (first..=last).contains(&done.day))
    };
    let tally = Tally::of(reviews.into_iter().filter(|review| on(review, "score")).collect());
    let followed: Vec<MatterState> = followed.into_iter().filter(|one| on(one, "join")).collect();
    let opined: Vec<&MatterState> = followed.iter().filter(|one| one.has_done("issue_opinion")).collect();
    render(&DispatchPage {
        layout: Layout::new(&app, &official.visitor, "执法监督通报"),
        staff: StaffFrame::load(&app, &official, "/supervision").await?,
        from: first.to_string(),
        to: last.to_string(),
        scored: tally.scored(),
        grades: GRADES.map(|grade| (title_of_grade(&app, grade), tally.graded(grade))).to_vec(),
        items: tally.items(),
        organs: lines(&app, &tally, &opined),
        opinions: opined.iter().map(|one| opinion(&app, one)).collect(),
        followed: followed.len(),
    })
}

/// Whether the organ let the limit for its answer pass.
fn is_late(app: &App, opinion: &MatterState) -> bool {
    let ruling = app.county.ruling();
    opinion.clocks.iter().any(|run| run.clock.as_str() == "answer_in_time" && run.overran(&ruling.calendar))
}

fn lines(app: &App, tally: &Tally, opined: &[&MatterState]) -> Vec<OrganLine> {
    let registry = app.county.registry();
    let mut organs: BTreeMap<String, OrganLine> = BTreeMap::new();
    for review in &tally.reviews {
        let line = organs.entry(review.said("handling_organ")).or_default();
        line.scored += 1;
        line.unqualified += usize::from(review.said("grade") == "unqualified");
        line.rectifying += usize::from(review.track("main").is_some_and(|state| state.as_str() == "rectifying"));
    }
    for opinion in opined {
        let line = organs.entry(opinion.said("handling_organ")).or_default();
        line.opinions += 1;
        line.answered += usize::from(opinion.has_done("answer_opinion"));
        line.late += usize::from(is_late(app, opinion));
    }
    let named = organs
        .into_iter()
        .map(|(code, line)| OrganLine { name: registry.organ_name(&code.as_str().into()).to_owned(), ..line });
    named.collect()
}

fn opinion(app: &App, opinion: &MatterState) -> Opinion {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let state = opinion.track("main").and_then(|state| {
        Some(ruling.law.by_digest(&opinion.definition)?.state("main", state.as_str())?.title.clone())
    });
    Opinion {
        href: format!("/matters/{}", opinion.id),
        number: opinion.said("case_number"),
        organ: registry.organ_name(&opinion.said("handling_organ").as_str().into()).to_owned(),
        state: state.unwrap_or_default(),
        late: is_late(app, opinion),
    }
}
