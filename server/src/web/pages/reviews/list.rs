//! The workbench: rounds with how far they have come, and the reviews that wait, by what they wait for.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::matter::MatterState;

use super::{Line, require_sight};
use crate::app::App;
use crate::app::reviewing::tally::{self, Tally};
use crate::app::reviewing::{REVIEW, ROUND};
use crate::app::sight;
use crate::store::few;
use crate::store::matters::{self, ListFilter, Page};
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, render};

/// Reviews shown of each state.
const SHOWN: i64 = 50;
/// What reviews wait for, in the order of the work.
const STATES: [(&str, &str); 6] = [
    ("drawn", "待评查"),
    ("scored", "已评分，待反馈"),
    ("told", "已反馈，异议期内或者待确认"),
    ("disputed", "有异议，待复核"),
    ("rectifying", "整改中"),
    ("rectified", "已报整改，待验收"),
];

struct Round {
    href: String,
    title: String,
    state: String,
    period: String,
    drawn: String,
    tally: Tally,
}

struct Group {
    title: &'static str,
    lines: Vec<Line>,
    cut: bool,
}

#[derive(Template)]
#[template(path = "reviews/list.html")]
struct ListPage {
    layout: Layout,
    staff: StaffFrame,
    rounds: Vec<Round>,
    groups: Vec<Group>,
    announces: bool,
    sees_rounds: bool,
}

/// `GET /reviews`.
pub(in crate::web) async fn list_reviews(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    require_sight(&official)?;
    let (county, seen) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let mut rounds: Vec<(MatterState, Tally)> = Vec::new();
        for round in few::all(r, &county, ROUND)?.into_iter().filter(|round| sight::sees(&seen, round)) {
            let tally = tally::of_round(r, &county, round.id)?;
            rounds.push((round, tally));
        }
        let mut waiting: Vec<Vec<MatterState>> = Vec::new();
        for (state, _) in STATES {
            let filter = ListFilter {
                procedure: Some(REVIEW.to_owned()),
                state: Some(state.to_owned()),
                ..ListFilter::default()
            };
            let rows = matters::list(r, &county, &seen, &filter, Page::First, SHOWN)?;
            let states = rows.iter().filter(|row| !row.closed).map(|row| matters::find_state(r, &county, row.id));
            waiting.push(states.filter_map(Result::transpose).collect::<Result<_, _>>()?);
        }
        Ok::<_, PageError>((rounds, waiting))
    });
    let (rounds, waiting) = found.await?;
    let full = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let groups =
        STATES.iter().zip(waiting).filter(|(_, reviews)| !reviews.is_empty()).map(|((_, title), reviews)| Group {
            title,
            cut: reviews.len() >= full,
            lines: reviews.iter().map(|review| Line::new(&app, review)).collect(),
        });
    render(&ListPage {
        layout: Layout::new(&app, &official.visitor, "案卷评查"),
        staff: StaffFrame::load(&app, &official, "/reviews").await?,
        announces: official.post.kind.as_str() == "supervisor",
        sees_rounds: official.sight.county.iter().any(|procedure| procedure == ROUND),
        groups: groups.collect(),
        rounds: rounds.into_iter().rev().map(|(round, tally)| line_of(&app, &round, tally)).collect(),
    })
}

fn line_of(app: &App, round: &MatterState, tally: Tally) -> Round {
    let ruling = app.county.ruling();
    let definition = ruling.law.by_digest(&round.definition);
    let state = round.track("main").and_then(|state| Some(definition?.state("main", state.as_str())?.title.clone()));
    Round {
        href: format!("/reviews/rounds/{}", round.id),
        title: round.said("round_title"),
        state: state.unwrap_or_default(),
        period: format!("{}至{}归档", round.said("files_from"), round.said("files_to")),
        drawn: round.said("drawn"),
        tally,
    }
}
