//! A file that a browser saves and does not show.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

use super::cookie::escape;
use super::error::PageError;

/// Plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";
/// A table of commas.
pub const CSV: &str = "text/csv; charset=utf-8";
/// A workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A document of an office program.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// A set page.
pub const PDF: &str = "application/pdf";
/// Anything.
pub const BYTES: &str = "application/octet-stream";

/// An attachment that no cache keeps. `name` is what it is saved as; `plain` stands in for it where only ASCII is read.
pub fn attachment(media: &str, plain: &str, name: &str, bytes: impl IntoResponse) -> Result<Response, PageError> {
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escape(name));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media).map_err(PageError::fault)?);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(PageError::fault)?);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
