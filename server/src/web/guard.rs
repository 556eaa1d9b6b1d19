//! Nobody changes anything through somebody else's browser, and nobody floods us.
//!
//! Every request that is not GET, HEAD or OPTIONS passes three checks before its handler runs: it comes from a page
//! of this origin (Sec-Fetch-Site, Origin, Referer), its body is a form within its caps, and the form carries the
//! visitor's token. The API is exempt from them because it knows no cookies: only a bearer token counts there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::address;
use super::error::PageError;
use super::form::{self, Caps, Form, TOKEN_FIELD};
use super::visitor::Visitor;
use crate::app::App;
use crate::app::limit::Lane;

/// Everything under this path is for programs.
pub const API: &str = "/api/";
/// Where passwords are typed.
pub const SIGN_IN: &str = "/login";
/// Where a code is sent to a telephone.
pub const CODE: &str = "/me/code";

/// Limits requests per address and refuses compressed bodies, whose real size nobody knows.
pub(super) async fn limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, PageError> {
    let address = address::of(&request, &app.config);
    app.limits.take(Lane::Request, address, app.machine.millis()).map_err(PageError::RateLimited)?;
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(PageError::MediaType);
    }
    Ok(next.run(request).await)
}

/// The three checks.
pub(super) async fn protect(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Result<Response, PageError> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(next.run(request).await);
    }
    if request.uri().path().starts_with(API) {
        if !request.headers().contains_key(AUTHORIZATION) {
            return Err(PageError::Unauthorized);
        }
        return Ok(next.run(request).await);
    }
    if !is_same_origin(request.headers(), app.config.https) {
        tracing::warn!("cross-site request refused");
        return Err(PageError::CrossSite);
    }
    if request.uri().path() == CODE {
        app.limits.take(Lane::Code, visitor.address, app.machine.millis()).map_err(PageError::RateLimited)?;
    }
    let caps = match visitor.current {
        Some(_) => Caps::STAFF,
        None => {
            // A successful sign-in gives its token back (pages/account.rs).
            let lane = if request.uri().path() == SIGN_IN { Lane::SignIn } else { Lane::AnonymousForm };
            let now = app.machine.millis();
            app.limits.take(lane, visitor.address, now).map_err(PageError::RateLimited)?;
            Caps::ANONYMOUS
        }
    };
    let (parts, body) = request.into_parts();
    let contents = form::read(Request::from_parts(parts.clone(), body), &app, caps).await?;
    let header = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let token = contents.fields.get(TOKEN_FIELD).or(header).unwrap_or("");
    if !visitor.verify_form_token(token) {
        return Err(PageError::Expired);
    }
    let mut request = Request::from_parts(parts, axum::body::Body::empty());
    request.extensions_mut().insert(Form::from(contents));
    Ok(next.run(request).await)
}

/// Whether the browser says that the request comes from one of our own pages. A client that says nothing at all is
/// no browser of this decade; the token still has to be right.
fn is_same_origin(headers: &HeaderMap, https: bool) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetch_is_ours =
        headers.get("sec-fetch-site").is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    let source = text(ORIGIN).or_else(|| text(REFERER));
    fetch_is_ours && source.is_none_or(|source| is_our_address(source, text(HOST), https))
}

fn is_our_address(source: &str, host: Option<&str>, https: bool) -> bool {
    let Ok(uri) = source.parse::<Uri>() else {
        return false;
    };
    let scheme_is_ours = if https { uri.scheme_str() == Some("https") } else { uri.scheme_str().is_some() };
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    scheme_is_ours && authority.is_some() && authority == host
}

#[cfg(test)]
mod tests {
    use super::is_same_origin;
    use axum::http::{HeaderMap, HeaderName};

    #[test]
    fn where_a_request_comes_from() {
        for (given, https, expected) in [
            (&[("host", "a.cn")][..], false, true),
            (&[("host", "a.cn"), ("origin", "http://a.cn")], false, true),
            (&[("host", "a.cn:8"), ("origin", "http://a.cn:8"), ("sec-fetch-site", "same-origin")], false, true),
            (&[("host", "a.cn"), ("origin", "https://a.cn")], true, true),
            (&[("host", "a.cn"), ("origin", "http://a.cn")], true, false),
            (&[("host", "a.cn"), ("origin", "http://b.cn")], false, false),
            (&[("host", "a.cn"), ("origin", "http://a.cn:81")], false, false),
            (&[("host", "a.cn"), ("origin", "null")], false, false),
            (&[("origin", "http://a.cn")], false, false),
            (&[("host", "a.cn"), ("referer", "http://a.cn/page")], false, true),
            (&[("host", "a.cn"), ("referer", "http://b.cn/?http://a.cn/")], false, false),
            (&[("host", "a.cn"), ("sec-fetch-site", "cross-site")], false, false),
            (&[("host", "a.cn"), ("origin", "http://a.cn"), ("sec-fetch-site", "same-site")], false, false),
        ] {
            let headers: HeaderMap =
                given.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
            assert_eq!(is_same_origin(&headers, https), expected, "{given:?} {https}");
        }
    }
}
