//! Headers on every response, errors included.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

use super::first;
use crate::app::App;

/// Nothing from elsewhere, nothing inline but our own stylesheet and scripts, byte for byte: a page is its own HTML, one stylesheet and one script.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let (styles, scripts) = first::digests();
    format!(
        "default-src 'none'; style-src 'self' {styles}; script-src 'self' {scripts}; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

/// The part of it that keeps our pages out of everybody's.
const NOBODY: &str = "frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    ),
];

/// Public pages that a superior portal may show in its own: to be read, never a form that files something or shows what is somebody's own.
const COLUMNS: [&str; 8] =
    ["/find", "/answers", "/guide", "/villages", "/popular", "/penalties", "/powers", "/law/statutes"];

/// Whether a page may stand in a page of a superior portal.
#[must_use]
pub fn may_be_framed(path: &str) -> bool {
    let within =
        |column: &&str| path.strip_prefix(*column).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // The list of drafts; a draft has its form.
    ["/", "/consultations"].contains(&path) || COLUMNS.iter().any(within)
}

/// Adds the headers. A page may set its own stricter policy or a cache rule; without one nothing is kept.
pub(super) async fn add_headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let framed = !app.config.portals.is_empty() && may_be_framed(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = framed.then(|| POLICY.replace(NOBODY, &format!("frame-ancestors {}", app.config.portals.join(" "))));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        headers.remove(X_FRAME_OPTIONS);
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(&POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
