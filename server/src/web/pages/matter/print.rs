//! An instrument set for printing: names in full, as it was issued. Whoever sees the matter may print its instruments.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use zhunsheng_core::text;

use super::{Case, Texts};
use crate::app::App;
use crate::app::instrument::{self, Paragraph, Sheet};
use crate::store::worklist;
use crate::web::frame::StaffFrame;
use crate::web::pages::verify;
use crate::web::qr::{self, Qr};
use crate::web::{Layout, Official, PageError, Path, render};

#[derive(Template)]
#[template(path = "matter/print.html")]
struct PrintPage {
    layout: Layout,
    staff: StaffFrame,
    sheet: Sheet,
    back: String,
    code: Option<PrintedCode>,
}

/// What stands at the foot of an instrument, so that it can be checked.
struct PrintedCode {
    written: String,
    /// Where to type it, without the scheme.
    place: String,
    qr: Option<Qr>,
}

/// `GET /matters/{id}/instruments/{n}`: the nth instrument of a matter, from 1.
pub(in crate::web) async fn show_instrument(
    State(app): State<Arc<App>>,
    official: Official,
    Path((id, n)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let case = Case::load(&app, &official, &id).await?;
    let moment = instrument::moment_of(&case.entries, case.row.id, n).ok_or(PageError::NotFound)?;
    let (county, matter, seq) = (app.county_code.clone(), case.row.id, moment.seq);
    let texts: Texts = app.db.read(move |r| worklist::sealed_at(r, &county, matter, seq)).await?.into_iter().collect();
    let code = texts.get(&format!("instrument.{n}.code")).map(|code| {
        let address = verify::address_of(&app, &headers, code);
        let place = address.rsplit_once('/').map_or("", |(place, _)| place);
        PrintedCode {
            written: text::written_code(code),
            place: place.split_once("://").map_or(place, |(_, place)| place).to_owned(),
            qr: qr::of(&address),
        }
    });
    let registry = app.county.registry();
    let ground =
        instrument::Ground { procedure: &case.procedure, registry: &registry, texts: &texts, title: &case.row.title };
    let sheet = instrument::sheet(&ground, &moment).ok_or(PageError::NotFound)?;
    if !sheet.unknown.is_empty() {
        tracing::error!(
            places = sheet.unknown.join(" "),
            instrument = sheet.title,
            "places of an instrument that nobody knows"
        );
    }
    let mut response = render(&PrintPage {
        layout: Layout::new(&app, &official.visitor, &sheet.title),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        sheet,
        code,
        back: format!("/matters/{}", case.row.id),
    })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
