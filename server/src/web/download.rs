//! A file that a browser saves and does not show.

use std::io;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use zhunsheng_core::id::Digest;

use super::cookie::escape;
use super::error::PageError;
use crate::app::evidence::{self, Pieces};

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

/// A kept file of evidence as an attachment: read while it is sent, never whole in memory, and never shown by the browser. One that does not
/// match its digest is an error, or breaks off before its end where that was found too late to say so.
pub async fn evidence_file(
    data: &Path,
    digest: Digest,
    (media, plain, name): (&str, &str, &str),
) -> Result<Response, PageError> {
    let data = data.to_owned();
    let opened = blocking(move || Ok(evidence::open(&data, &digest)?.map(|pieces| (pieces.bytes(), pieces)))).await;
    let (bytes, pieces) =
        opened.map_err(PageError::fault)?.ok_or_else(|| PageError::broken("evidence file missing"))?;
    let first = next(pieces).await.map_err(PageError::fault)?;
    let rest = stream::unfold(Some(Ok(first)), |at| async move {
        match at? {
            Ok(Some((piece, pieces))) => Some((Ok(piece), Some(next(pieces).await))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "sending a file of evidence");
                Some((Err(error), None))
            }
        }
    });
    let mut response = attachment(media, plain, name, Body::from_stream(rest))?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

async fn next(pieces: Pieces) -> io::Result<Option<(Vec<u8>, Pieces)>> {
    blocking(move || pieces.next()).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
