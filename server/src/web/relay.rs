//! Where another process writes the county, what changes something is passed on to it, whole, and its answer is given as our own.
//! Reading is answered here.
//!
//! The visitor's address goes along, sealed with the county's key, so that limits count visitors and not processes. Does not belong
//! here: who writes (`store/db/lease.rs`), taking over what it changed (`app/follow.rs`).

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONNECTION, HeaderName, HeaderValue, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::address::{self, Peer};
use super::error::PageError;
use crate::app::App;
use crate::app::fault::chain;
use crate::app::secret::{hex, unhex};
use crate::config::login::BACK;
use crate::store::db::Lease;

/// Visitor, moment and seal.
const RELAYED: HeaderName = HeaderName::from_static("x-zhunsheng-relayed");
/// What a proxy said of the visitor: settled before anything is passed on.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The purpose of the seal.
const PURPOSE: &str = "relay";
/// A seal is believed for so long.
const SEAL_MS_MAX: u64 = 60_000;
/// How long a request waits while the county changes hands; then the person is told.
const WAIT_MAX: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long an answer is still waited for when the county has changed hands.
const GRACE: Duration = Duration::from_secs(1);

/// Marks a request that another process passed on: it is not passed on again.
#[derive(Clone, Copy, Debug)]
struct Relayed;

static CLIENT: LazyLock<Client<HttpConnector, Body>> =
    LazyLock::new(|| Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(5)).build_http());

/// Outermost but one: a request that comes from another process of the county is the visitor's, from the visitor's address.
pub(super) async fn recognise(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if let Some(said) = request.headers_mut().remove(RELAYED)
        && let Some(visitor) = said.to_str().ok().and_then(|said| open(&app, said))
    {
        request.extensions_mut().insert(Peer(SocketAddr::new(visitor, 0)));
        request.extensions_mut().insert(Relayed);
        request.headers_mut().remove(FORWARDED);
    }
    next.run(request).await
}

/// Passes on what changes something, where another process writes.
pub(super) async fn relay(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, PageError> {
    // Whoever comes back from the unified login comes by a GET and gets a session.
    let reads =
        matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && request.uri().path() != BACK;
    let Some(lease) = app.db.lease().filter(|_| !reads) else { return Ok(next.run(request).await) };
    let began = tokio::time::Instant::now();
    let holder = loop {
        if lease.epoch().is_some() {
            return Ok(next.run(request).await);
        }
        match lease.other() {
            Some(holder) if request.extensions().get::<Relayed>().is_none() => break holder,
            _ if began.elapsed() > WAIT_MAX => return Err(PageError::Unavailable),
            _ => tokio::time::sleep(LOOK_AGAIN).await,
        }
    };
    let visitor = address::of(&request, &app.config);
    let letter = addressed(&app, request, &holder, visitor)?;
    let answer = tokio::select! {
        biased;
        answer = CLIENT.request(letter) => answer.map_err(|error| chain(&error)),
        () = handed_on(lease, &holder) => Err("the county has changed hands meanwhile".to_owned()),
    };
    let mut answer = answer.map_err(|error| {
        tracing::warn!(holder, error, "the process that writes does not answer");
        PageError::Unavailable
    })?;
    own_hop(answer.headers_mut());
    // What a person changed is seen here with the next page.
    if let Err(fault) = app.follow().await {
        tracing::warn!(fault = chain(&fault), "not following");
    }
    Ok(answer.map(Body::new))
}

/// Until another process writes than the one that was asked. That one may sleep for as long as it likes: what it had not committed it
/// never will (`store/db/lease.rs`), and whoever repeats the request under its key is answered by the new one.
async fn handed_on(lease: &Lease, holder: &str) {
    while lease.other().as_deref() == Some(holder) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    // One that gives back in good order answers first what it has done.
    tokio::time::sleep(GRACE).await;
}

/// The request, to the process that writes.
fn addressed(app: &App, mut request: Request, holder: &str, visitor: IpAddr) -> Result<Request, PageError> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let uri: Uri = format!("{holder}{path}").parse().map_err(PageError::fault)?;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    own_hop(headers);
    // We compress what we give.
    headers.remove(ACCEPT_ENCODING);
    headers.remove(FORWARDED);
    headers.insert(RELAYED, HeaderValue::from_str(&seal(app, visitor)).map_err(PageError::fault)?);
    Ok(request)
}

/// Headers that belong to one connection only.
fn own_hop(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, HeaderName::from_static("keep-alive")] {
        headers.remove(name);
    }
}

fn seal(app: &App, visitor: IpAddr) -> String {
    let said = format!("{visitor} {}", app.machine.millis());
    let seal = hex(&app.site_key.seal(PURPOSE, said.as_bytes()));
    format!("{said} {seal}")
}

fn open(app: &App, text: &str) -> Option<IpAddr> {
    let (said, seal) = text.rsplit_once(' ')?;
    let (visitor, at) = said.split_once(' ')?;
    let fresh = at.parse::<i64>().ok()?.abs_diff(app.machine.millis()) <= SEAL_MS_MAX;
    let ours = app.site_key.verify(PURPOSE, said.as_bytes(), &unhex(seal)?);
    visitor.parse().ok().filter(|_| fresh && ours)
}
