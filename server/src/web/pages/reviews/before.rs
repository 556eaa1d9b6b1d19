//! 预审 as a page of a case: what rules find in its file, each with the entry that shows it. For everybody who sees the case, so
//! that the organ mends before others look.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::MatterId;

use super::Reading;
use crate::app::App;
use crate::app::reviewing::before;
use crate::store::matters;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, render};

/// What was found, as a page shows it.
pub(super) struct Shown {
    pub sentence: String,
    pub basis: String,
    pub href: String,
    /// The item of the sheet that it belongs to; empty if none asks for it.
    pub item: String,
}

#[derive(Template)]
#[template(path = "reviews/before.html")]
struct BeforePage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    number: String,
    href: String,
    found: Vec<Shown>,
    /// Whether files of this sort are reviewed at all.
    sheet: Option<String>,
}

/// `GET /matters/{id}/precheck`.
pub(in crate::web) async fn show_before(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (county, sight, reading) = (app.county_code.clone(), official.sight.clone(), Reading::new(&app));
    let found = app.db.read(move |r| {
        let Some(row) = matters::find_row(r, &county, &sight, id)? else { return Ok::<_, PageError>(None) };
        Ok(before::read(r, &county, reading.ground(), id)?.map(|read| (row, read)))
    });
    let (row, read) = found.await?.ok_or(PageError::NotFound)?;
    let ruling = app.county.ruling();
    let sheet = ruling.law.review.iter().find(|sheet| sheet.procedure == read.state.procedure);
    let items = sheet.map(|sheet| sheet.items.as_slice()).unwrap_or_default();
    let shown = read.found.iter().map(|finding| {
        let item = items.iter().find(|item| item.finds.iter().any(|find| finding.found.fits(find)));
        Shown {
            sentence: finding.sentence.clone(),
            basis: finding.found.basis.as_ref().map(ToString::to_string).unwrap_or_default(),
            href: finding.href.clone(),
            item: item.map(|item| item.title.clone()).unwrap_or_default(),
        }
    });
    render(&BeforePage {
        layout: Layout::new(&app, &official.visitor, "案卷预审"),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        title: row.title,
        number: row.number.unwrap_or_default(),
        href: format!("/matters/{id}"),
        found: shown.collect(),
        sheet: sheet.map(|sheet| sheet.title.clone()),
    })
}
