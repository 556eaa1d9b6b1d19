//! 核验: whoever holds an instrument's code sees what the record proves of it, and takes a receipt away. No account.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::text;

use crate::app::App;
use crate::app::attestation::{self, Attestation, Standing};
use crate::app::checkpoint;
use crate::app::fault::Fault;
use crate::app::limit::Lane;
use crate::web::cookie::escape;
use crate::web::{Layout, PageError, Path, Query, Visitor, address, download, render};

/// Where codes are entered.
pub(in crate::web) const VERIFY: &str = "/verify";

#[derive(Template)]
#[template(path = "citizen/verify.html")]
struct VerifyPage {
    layout: Layout,
    /// As typed, or as written in groups of four.
    code: String,
    wrong: bool,
    found: Option<Attestation>,
    /// The county's public keys, 国密 first: printed here they are no reason to trust them.
    keys: Vec<String>,
}

/// The address that the QR code of an instrument holds.
pub(in crate::web) fn address_of(app: &App, headers: &HeaderMap, code: &str) -> String {
    format!("{}{VERIFY}/{code}", address::own(headers, &app.config))
}

/// `GET /verify`: the form; a typed code leads on to its page.
pub(in crate::web) async fn show_verify(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    if let Some(typed) = query.filled("code") {
        let code: String = text::plain_code(typed).chars().take(40).collect();
        return Ok(Redirect::to(&format!("{VERIFY}/{}", escape(&code))).into_response());
    }
    let layout = Layout::new(&app, &visitor, "核验文书");
    // An empty field that was sent is a mistake to be told, too.
    let wrong = query.get("code").is_some();
    render(&VerifyPage { layout, code: String::new(), wrong, found: None, keys: Vec::new() })
}

/// `GET /verify/{code}`: a code that is malformed, mistyped or unknown gets one and the same answer, and those who try many
/// wait.
pub(in crate::web) async fn show_attestation(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(typed): Path<String>,
) -> Result<Response, PageError> {
    let code = typed.clone();
    let (found, key) = look_up(&app, &visitor, move |app, r| {
        let found = attestation::find(r, &app.county_code, &app.county, &code)?;
        Ok(found.map(|found| (found, checkpoint::public_keys(r, &app.county_code))))
    })
    .await?
    .unzip();
    let keys = key.transpose()?;
    let keys: Vec<String> = keys.iter().flat_map(|keys| [keys.sm3.to_string(), keys.sha256.to_string()]).collect();
    let wrong = found.is_none();
    let layout = Layout::new(&app, &visitor, if wrong { "错误：没有查到" } else { "核验结果" });
    let code = if wrong { typed.chars().take(40).collect() } else { text::written_code(&text::plain_code(&typed)) };
    let page = render(&VerifyPage { layout, code, wrong, found, keys })?;
    Ok(if wrong { (StatusCode::NOT_FOUND, page).into_response() } else { page })
}

/// `GET /verify/{code}/receipt`: the receipt of the act, nothing sealed shown.
pub(in crate::web) async fn download_receipt(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(typed): Path<String>,
) -> Result<Response, PageError> {
    let found = look_up(&app, &visitor, move |app, r| {
        let receipt = attestation::receipt(r, &app.county_code, &app.county, &typed)?;
        Ok(receipt.map(|receipt| (receipt, text::plain_code(&typed))))
    });
    let Some((receipt, code)) = found.await? else { return Err(PageError::NotFound) };
    let name = format!("凭证{}.txt", text::written_code(&code));
    download::attachment(download::TEXT, "receipt.txt", &name, receipt)
}

/// Reads under the limit of anonymous forms; a code that leads somewhere gives its token back, so that only guessing is slow.
async fn look_up<T: Send + 'static>(
    app: &Arc<App>,
    visitor: &Visitor,
    read: impl FnOnce(&App, &crate::store::Reader<'_>) -> Result<Option<T>, Fault> + Send + 'static,
) -> Result<Option<T>, PageError> {
    app.limits.take(Lane::AnonymousForm, visitor.address, app.machine.millis()).map_err(PageError::RateLimited)?;
    let reader = Arc::clone(app);
    let found = app.db.read_for_outside(move |r| read(&reader, r)).await?;
    if found.is_some() {
        app.limits.give_back(Lane::AnonymousForm, visitor.address);
    }
    Ok(found)
}
