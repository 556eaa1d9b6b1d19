//! Coming in through the unified login of a superior platform: there by a link, back by a redirect. Without JavaScript.
//!
//! Does not belong here: what is exchanged with the platform (`app/citizen/unified.rs`).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::me;
use crate::app::App;
use crate::app::citizen::unified::{AWAY_SECONDS, Refused};
use crate::app::limit::Lane;
use crate::web::cookie::{Jar, SetCookie, read};
use crate::web::{PageError, Query, Visitor};

/// `GET /me/unified`: a link and no form, since pages send forms nowhere else (CSP `form-action`). Changes nothing here.
pub(in crate::web) async fn depart(State(app): State<Arc<App>>) -> Result<Response, PageError> {
    let departure = app.depart().ok_or(PageError::NotFound)?;
    let kept = SetCookie::new(&app.config, Jar::Away, &departure.kept, Some(AWAY_SECONDS));
    Ok((kept, Redirect::to(&departure.href)).into_response())
}

/// `GET /me/unified/back`: only a browser that left from here, and only once. Limited as codes are: each return asks the platform.
pub(in crate::web) async fn come_back(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, PageError> {
    app.limits.take(Lane::Code, visitor.address, app.machine.millis()).map_err(PageError::RateLimited)?;
    let kept = read(&headers, Jar::Away, app.config.https).unwrap_or_default();
    let gone = SetCookie::gone(&app.config, Jar::Away);
    let came = match query.text("error") {
        "" => app.come_back(kept, query.text("state"), query.text("code")).await?,
        _ => Err(Refused::denied(&app)),
    };
    match came {
        Ok(token) => Ok((gone, me::entered(&app, &visitor, &token).await?).into_response()),
        Err(refused) => Ok((gone, me::turned_away(&app, &visitor, refused.to_string())?).into_response()),
    }
}
