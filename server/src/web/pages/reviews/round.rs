//! A round: what was drawn from what, whether the draw can be repeated, and what came of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::draw;
use zhunsheng_core::id::MatterId;

use super::Line;
use crate::app::App;
use crate::app::reviewing::tally::GRADES;
use crate::app::reviewing::{ROUND, draw as drawing, tally};
use crate::store::matters;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, render};

/// How a draw was made, done again just now.
struct Draw {
    commitment: String,
    secret: String,
    list: String,
    frame: usize,
    /// More than files, where some have several.
    tickets: usize,
    drawn: usize,
    /// The secret fits what was pledged, and the same files come out.
    repeats: bool,
}

#[derive(Template)]
#[template(path = "reviews/round.html")]
struct RoundPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    href: String,
    commitment: String,
    draw: Option<Draw>,
    lines: Vec<Line>,
    scored: usize,
    open: usize,
    grades: Vec<(String, usize)>,
    items: Vec<(String, usize)>,
}

/// `GET /reviews/rounds/{id}`.
pub(in crate::web) async fn show_round(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| row.procedure == ROUND);
        let round = matters::find_state(r, &county, id)?.filter(|_| row.is_some());
        let Some(round) = round else { return Ok::<_, PageError>(None) };
        let drawn = drawing::of_round(r, &county, &round)?;
        Ok(Some((tally::of_round(r, &county, id)?, drawn, round)))
    });
    let (tally, drawn, round) = found.await?.ok_or(PageError::NotFound)?;
    let draw = drawn.map(|drawn| {
        let reviewed: Vec<String> = tally.reviews.iter().map(|review| review.said("file")).collect();
        let again: Vec<String> = drawn.files().map(|file| file.to_string()).collect();
        Draw {
            repeats: drawn.keeps_its_pledge() && again == reviewed,
            list: draw::list_digest(&drawn.frame).to_string(),
            frame: draw::candidates(&drawn.frame).len(),
            tickets: drawn.frame.len(),
            drawn: again.len(),
            commitment: drawn.commitment,
            secret: drawn.secret,
        }
    });
    render(&RoundPage {
        layout: Layout::new(&app, &official.visitor, &round.said("round_title")),
        staff: StaffFrame::load(&app, &official, "/reviews").await?,
        title: round.said("round_title"),
        href: format!("/matters/{id}"),
        commitment: round.said("seed_commitment"),
        draw,
        lines: tally.reviews.iter().map(|review| Line::new(&app, review)).collect(),
        scored: tally.scored(),
        open: tally.open(),
        grades: GRADES.map(|grade| (super::title_of_grade(&app, grade), tally.graded(grade))).to_vec(),
        items: tally.items(),
    })
}
