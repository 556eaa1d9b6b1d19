//! Cookies: four, each with one purpose, none readable by scripts.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use axum::response::{IntoResponseParts, ResponseParts};

use crate::app::secret::Token;
use crate::config::Config;

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jar {
    /// The session token.
    Session,
    /// The token of a citizen's session: another than that of staff, so that neither is ever taken for the other.
    Citizen,
    /// What a browser keeps while it is away at the unified login.
    Away,
    /// Ties anonymous forms to a browser.
    Form,
    /// Large type, dark or light.
    Look,
}

impl Jar {
    /// `__Host-` only over HTTPS: browsers refuse that prefix on plain HTTP, loopback included.
    #[must_use]
    pub fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-zs",
            (Self::Session, false) => "zs",
            (Self::Citizen, true) => "__Host-zs-me",
            (Self::Citizen, false) => "zs-me",
            (Self::Away, true) => "__Host-zs-away",
            (Self::Away, false) => "zs-away",
            (Self::Form, true) => "__Host-zs-form",
            (Self::Form, false) => "zs-form",
            (Self::Look, true) => "__Host-zs-look",
            (Self::Look, false) => "zs-look",
        }
    }
}

/// The value of a cookie that the browser sent.
#[must_use]
pub fn read(headers: &HeaderMap, jar: Jar, https: bool) -> Option<&str> {
    let name = jar.name(https);
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| match pair.trim().split_once('=') {
        Some((found, value)) if found == name => Some(value),
        _ => None,
    })
}

/// A cookie to set: part of a response tuple.
#[derive(Clone, Debug)]
pub struct SetCookie(String);

impl SetCookie {
    /// Sets a cookie until the browser closes, or for `seconds`.
    #[must_use]
    pub fn new(config: &Config, jar: Jar, value: &str, seconds: Option<u32>) -> Self {
        let name = jar.name(config.https);
        let secure = if config.https { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        Self(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))
    }

    /// The cookie of a new session.
    #[must_use]
    pub fn session(config: &Config, token: &Token) -> Self {
        Self::new(config, Jar::Session, &token.text(), None)
    }

    /// Takes a cookie away.
    #[must_use]
    pub fn gone(config: &Config, jar: Jar) -> Self {
        Self::new(config, jar, "", Some(0))
    }

    /// As a header.
    #[must_use]
    pub fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl IntoResponseParts for SetCookie {
    type Error = std::convert::Infallible;
    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Some(value) = self.header() {
            response.headers_mut().append(SET_COOKIE, value);
        }
        Ok(response)
    }
}

/// Percent-encodes a value for a query.
#[must_use]
pub fn escape(value: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
