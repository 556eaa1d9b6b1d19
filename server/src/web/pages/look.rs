//! 长辈版, dark and light: kept in a cookie of this browser, for a year.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::account::safe_path;
use crate::app::App;
use crate::web::cookie::{Jar, SetCookie};
use crate::web::visitor::Look;
use crate::web::{Form, Visitor};

const YEAR_SECONDS: u32 = 31_536_000;

/// `POST /look`: one button changes one thing and leaves the other.
pub(in crate::web) async fn submit_look(State(app): State<Arc<App>>, visitor: Visitor, form: Form) -> Response {
    let mut look: Look = visitor.look;
    if let Some(elder) = form.fields.get("elder") {
        look.elder = elder == "1";
    }
    match form.fields.get("theme") {
        Some("dark") => look.dark = Some(true),
        Some("light") => look.dark = Some(false),
        Some(_) => look.dark = None,
        None => {}
    }
    let cookie = SetCookie::new(&app.config, Jar::Look, &look.text(), Some(YEAR_SECONDS));
    (cookie, Redirect::to(safe_path(form.fields.text("next")).unwrap_or("/"))).into_response()
}
