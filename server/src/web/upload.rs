//! Files that come with a form: streamed to the data folder, hashed on the way, gone unless somebody keeps them.
//!
//! Does not belong here: what a file is, whether it may be evidence, where it is kept.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use axum::extract::multipart::Field;
use tokio::io::AsyncWriteExt;

use super::error::PageError;
use crate::app::evidence::{Digests, Received, incoming};
use crate::app::secret::{self, hex};

/// One uploaded file. Its temporary copy is removed when this is dropped, unless it was kept.
#[derive(Debug)]
pub struct Upload {
    /// The form field.
    pub field: String,
    /// What the browser called it: to show, never to use as a path.
    pub file_name: String,
    /// What the browser says it is: never to be believed.
    pub content_type: String,
    /// Its bytes, by their digests: both are made while they stream by.
    pub received: Received,
    path: PathBuf,
}

impl Upload {
    /// Where the bytes are, until this is dropped.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Kept files have left this path; for the others nothing more can be done than try.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes what an earlier process left behind. Called at start.
pub fn sweep(data: &Path) -> std::io::Result<()> {
    let folder = incoming(data);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(&folder),
    }
}

/// Writes one part of a form to a temporary file; refuses it beyond `bytes_max`.
pub(super) async fn receive(mut field: Field<'_>, data: &Path, bytes_max: u64) -> Result<Upload, PageError> {
    let folder = incoming(data);
    tokio::fs::create_dir_all(&folder).await.map_err(not_received)?;
    let path = folder.join(hex(&secret::random::<16>()));
    let mut file = tokio::fs::File::options().write(true).create_new(true).open(&path).await.map_err(not_received)?;
    // From here on a failure drops `upload`, and with it the file.
    let mut upload = Upload {
        field: field.name().unwrap_or_default().to_owned(),
        file_name: field.file_name().unwrap_or_default().chars().take(200).collect(),
        content_type: field.content_type().unwrap_or_default().chars().take(100).collect(),
        received: Received::of(b""),
        path,
    };
    let (mut digests, mut size) = (Digests::default(), 0);
    while let Some(chunk) = field.chunk().await.map_err(|error| PageError::of_body_status(error.status()))? {
        size += chunk.len() as u64;
        if size > bytes_max {
            return Err(PageError::TooLarge { bytes_max });
        }
        digests.update(&chunk);
        file.write_all(&chunk).await.map_err(not_received)?;
    }
    file.flush().await.map_err(not_received)?;
    upload.received = digests.finish();
    Ok(upload)
}

/// A full disk is no fault of ours: the person is told that nothing can be saved now, and may try again later.
fn not_received(error: std::io::Error) -> PageError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            tracing::warn!(%error, "no space for an upload");
            PageError::Unavailable
        }
        _ => PageError::fault(error),
    }
}
