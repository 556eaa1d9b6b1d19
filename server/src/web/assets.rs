//! Stylesheet, scripts and pictures: inside the binary, under an address that contains their digest.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::PageError;
use crate::app::secret::hex;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

/// The address of a file in `static/`: it changes with the content, so browsers may keep it for ever.
#[must_use]
pub fn url(name: &str) -> String {
    let digest = Static::get(name).map(|file| digest_of(&file));
    format!("/static/{}/{name}", digest.as_deref().unwrap_or("0"))
}

/// A file of words in `static/`.
pub(super) fn text(name: &str) -> String {
    Static::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

fn digest_of(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    hex(digest.first_chunk::<6>().map_or(&[][..], |start| start.as_slice()))
}

/// `GET /static/{digest}/{name}`.
pub(super) async fn show_asset(path: Path<(String, String)>) -> Result<Response, PageError> {
    let Path((digest, name)) = path;
    let file = Static::get(&name).ok_or(PageError::NotFound)?;
    let cache = if digest == digest_of(&file) { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(answer(file, &name, cache))
}

/// `GET /robots.txt`.
pub(super) async fn show_robots() -> Result<Response, PageError> {
    let file = Static::get("robots.txt").ok_or(PageError::NotFound)?;
    Ok(answer(file, "robots.txt", "public, max-age=86400"))
}

fn answer(file: EmbeddedFile, name: &str, cache: &'static str) -> Response {
    ([(CONTENT_TYPE, media_type(name)), (CACHE_CONTROL, cache)], file.data.into_owned()).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "json" => "application/json",
        "txt" | "toml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
