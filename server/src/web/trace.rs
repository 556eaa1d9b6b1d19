//! A number for every request, a line in the log for every answer, and an answer even if a handler panics or hangs.
//!
//! No personal data: the log has the route's pattern, not the address typed; no query, no cookie, no visitor address.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::error::PageError;
use crate::app::secret;

/// A page is there within this time or not at all.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Evidence comes from phones on village networks.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(600);

/// The number of a request; also the reference that a person is given after a fault.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    fn new() -> Self {
        // Without the letters that are read as digits, so that it can be told over the telephone.
        const LETTERS: [char; 32] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M',
            'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
        ];
        let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().unwrap_or('0');
        let mut text: String = secret::random::<8>().into_iter().map(letter).collect();
        text.insert(4, '-');
        Self(text)
    }
}

/// Outermost: numbers the request and logs the answer.
pub(super) async fn number(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", id = id.0, %method, route);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), took_ms, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// Runs the rest as a task of its own: a panic becomes a fault page, a request that hangs is cut, and an act that has
/// begun ends even if the browser is closed meanwhile.
pub(super) async fn contain(request: Request, next: Next) -> Response {
    let is_upload = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/"));
    let allowed = if is_upload { UPLOAD_TIME_MAX } else { REQUEST_TIME_MAX };
    let work = tokio::time::timeout(allowed, next.run(request)).in_current_span();
    match tokio::spawn(work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => PageError::Slow.into_response(),
        Err(error) => PageError::fault(error).into_response(),
    }
}
