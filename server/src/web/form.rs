//! What somebody typed: an ordered list of names and values, kept exactly, so that a refused form can show it again.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;

use super::error::PageError;
use super::upload::{self, Upload};
use crate::app::App;

/// The hidden field that proves a form is ours.
pub const TOKEN_FIELD: &str = "_token";

/// Fields of one form.
const FIELDS_MAX: usize = 2_000;

/// How much a form may hold.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Text fields together, in bytes.
    pub text_bytes_max: u64,
    /// One file, in bytes.
    pub file_bytes_max: u64,
    /// Files.
    pub files_max: usize,
    /// Everything together, in bytes.
    pub total_bytes_max: u64,
}

impl Caps {
    /// Somebody who is not signed in: text and a few photographs.
    pub const ANONYMOUS: Self =
        Self { text_bytes_max: 256 << 10, file_bytes_max: 12 << 20, files_max: 6, total_bytes_max: 48 << 20 };
    /// Staff: scanned files, recordings.
    pub const STAFF: Self =
        Self { text_bytes_max: 1 << 20, file_bytes_max: 200 << 20, files_max: 20, total_bytes_max: 400 << 20 };
}

/// Names and values in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From pairs.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
    /// The first value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
    /// The first value under a name, without surrounding space; empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or("").trim()
    }
    /// The first value under a name, if anything but space was typed.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }
    /// Every value under a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
    /// Every pair.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form, read and found to be ours before any handler runs (see `guard.rs`). Cheap to clone.
#[derive(Clone, Debug)]
pub struct Form(Arc<Contents>);

/// What a form holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// What was typed.
    pub fields: Fields,
    /// Files; empty file inputs are left out.
    pub uploads: Vec<Upload>,
}

impl Contents {
    /// The file that was chosen under a name.
    #[must_use]
    pub fn upload(&self, field: &str) -> Option<&Upload> {
        self.uploads.iter().find(|upload| upload.field == field)
    }
}

impl Deref for Form {
    type Target = Contents;
    fn deref(&self) -> &Contents {
        &self.0
    }
}

impl From<Contents> for Form {
    fn from(contents: Contents) -> Self {
        Self(Arc::new(contents))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| PageError::broken("form asked for on a safe method"))
    }
}

/// Reads a body as a form. Consumes the body; files go to the data folder.
pub(super) async fn read(mut request: Request, app: &App, caps: Caps) -> Result<Contents, PageError> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let bytes_max = if media == "multipart/form-data" { caps.total_bytes_max } else { caps.text_bytes_max };
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(PageError::TooLarge { bytes_max });
    }
    DefaultBodyLimit::max(usize::try_from(bytes_max).unwrap_or(usize::MAX)).apply(&mut request);
    match media.as_str() {
        "multipart/form-data" => read_multipart(request, app, caps).await,
        "application/x-www-form-urlencoded" => read_urlencoded(request).await,
        _ => {
            let body = Bytes::from_request(request, &()).await;
            let body = body.map_err(|error| PageError::of_body_status(error.status()))?;
            if body.is_empty() { Ok(Contents::default()) } else { Err(PageError::MediaType) }
        }
    }
}

async fn read_urlencoded(request: Request) -> Result<Contents, PageError> {
    let read = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    let axum::Form(pairs) = read.map_err(|error| PageError::of_body_status(error.status()))?;
    if pairs.len() > FIELDS_MAX {
        return Err(PageError::Malformed("表单项目过多"));
    }
    let pairs = pairs.into_iter().map(|(name, value)| (name, clean(&value))).collect();
    Ok(Contents { fields: Fields(pairs), uploads: Vec::new() })
}

async fn read_multipart(request: Request, app: &App, caps: Caps) -> Result<Contents, PageError> {
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|error| PageError::of_body_status(error.status()))?;
    let mut contents = Contents::default();
    let mut text_bytes = 0;
    let failed = |error: axum::extract::multipart::MultipartError| PageError::of_body_status(error.status());
    while let Some(mut field) = parts.next_field().await.map_err(failed)? {
        if contents.fields.0.len() + contents.uploads.len() >= FIELDS_MAX {
            return Err(PageError::Malformed("表单项目过多"));
        }
        if field.file_name().is_some() {
            if contents.uploads.len() >= caps.files_max {
                return Err(PageError::Malformed("文件数量过多，请分几次提交"));
            }
            let upload = upload::receive(field, &app.config.data_dir, caps.file_bytes_max).await?;
            if upload.received.bytes > 0 || !upload.file_name.is_empty() {
                contents.uploads.push(upload);
            }
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(failed)? {
            text_bytes += chunk.len() as u64;
            if text_bytes > caps.text_bytes_max {
                return Err(PageError::TooLarge { bytes_max: caps.text_bytes_max });
            }
            bytes.extend_from_slice(&chunk);
        }
        let value = String::from_utf8(bytes).map_err(|_| PageError::Malformed("表单内容不是 UTF-8 文字"))?;
        contents.fields.0.push((name, clean(&value)));
    }
    Ok(contents)
}

/// One line end, and no U+0000, which one of the engines cannot store. Everything else stays as typed.
fn clean(value: &str) -> String {
    value.replace("\r\n", "\n").replace('\0', "")
}
