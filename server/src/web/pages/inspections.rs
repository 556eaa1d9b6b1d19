//! 行政检查: what is planned, drawn, due and done, who was inspected how often; and a draw that everybody who sees it can work out again.
//!
//! Does not belong here: what is counted (`app/inspect/overview.rs`).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::{MatterId, PostKind};

use crate::app::App;
use crate::app::inspect::overview::{self, Check, Overview};
use crate::app::inspect::{DRAW, INSPECTION};
use crate::app::sight::{self, organs_seen};
use crate::store::matters;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, Query, render};

/// Whose way to these pages stands beside their work. Others who see inspections come by their address.
pub(in crate::web) fn shows(post: &PostKind) -> bool {
    ["enforcement_officer", "enforcement_clerk", "supervisor", "rule_of_law_office"].contains(&post.as_str())
}

#[derive(Template)]
#[template(path = "inspections/overview.html")]
struct OverviewPage {
    layout: Layout,
    staff: StaffFrame,
    year: i16,
    years: Vec<i16>,
    registers: bool,
    overview: Arc<Overview>,
}

/// `GET /inspections`.
pub(in crate::web) async fn show_inspections(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let whose = organs_seen(&official.sight, INSPECTION).ok_or(PageError::NotFound)?;
    let today = app.today();
    let year = query.text("year").parse().unwrap_or(today.year());
    let reader = Arc::clone(&app);
    let registry = app.county.registry();
    let found = app.db.read(move |r| {
        let county = (reader.county_code.as_str(), today);
        reader.inspections.get(r, county, (year, whose.clone()), || {
            overview::of(r, &reader.county_code, &registry, whose.as_deref(), (year, today))
        })
    });
    render(&OverviewPage {
        layout: Layout::new(&app, &official.visitor, "行政检查"),
        staff: StaffFrame::load(&app, &official, "/inspections").await?,
        year,
        years: (today.year().saturating_sub(3)..=today.year()).rev().collect(),
        registers: ["enforcement_officer", "enforcement_clerk"].contains(&official.post.kind.as_str()),
        overview: found.await?,
    })
}

#[derive(Template)]
#[template(path = "inspections/draw.html")]
struct DrawPage {
    layout: Layout,
    staff: StaffFrame,
    id: MatterId,
    title: String,
    check: Check,
}

/// `GET /inspections/draws/{id}`: the draw, worked out again from what the record holds.
pub(in crate::web) async fn show_draw(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (reader, registry, seen) = (Arc::clone(&app), app.county.registry(), official.sight.clone());
    let found = app.db.read(move |r| {
        let county = reader.county_code.as_str();
        let state = matters::find_state(r, county, id)?;
        let Some(state) = state.filter(|state| state.procedure.as_str() == DRAW && sight::sees(&seen, state)) else {
            return Ok(None);
        };
        let title = state.said("plan_title");
        Ok::<_, crate::store::StoreFault>(Some((title, overview::check(r, county, &registry, &state)?)))
    });
    let (title, check) = found.await?.ok_or(PageError::NotFound)?;
    render(&DrawPage {
        layout: Layout::new(&app, &official.visitor, &format!("抽取结果 {title}")),
        staff: StaffFrame::load(&app, &official, "/inspections").await?,
        id,
        title,
        check,
    })
}
