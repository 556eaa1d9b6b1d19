//! A table between its check and the agreement to import it: apart from all evidence, a day at most, known only by the sealed
//! token that travels in the form of the person who sent it.
//!
//! Does not belong here: what becomes of it when it is imported (`import`).

use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;

use crate::app::App;
use crate::app::evidence::{self, KeepError, Kept, Received};
use crate::app::secret::{hex, random, unhex};
use crate::app::sheet::read::decoded;

/// Purpose of the seal.
const WAITING: &str = "waiting-sheet";
/// So long it is kept.
const KEPT_SECONDS: i64 = 24 * 3_600;
const SEAL_CHARS: usize = 32;

/// A table that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its name on the disk.
    file: String,
    /// The SHA-256 of what was sent.
    pub digest: Digest,
    /// What the browser called it.
    pub name: String,
}

fn folder(data: &Path) -> PathBuf {
    data.join("sheets")
}

/// Removes what has waited too long by a second of machine time. Blocking.
pub fn sweep(data: &Path, second: i64) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder(data)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let came = name.to_str().and_then(|name| name.split_once('-')?.0.parse::<i64>().ok());
        if came.is_none_or(|came| second - came > KEPT_SECONDS) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

impl Waiting {
    /// Keeps what was received at a second of machine time and removes what has waited too long. Blocking.
    pub fn keep(data: &Path, source: &Path, received: Received, name: &str, second: i64) -> std::io::Result<Self> {
        let waiting = Self::new(data, received, name, second)?;
        std::fs::copy(source, folder(data).join(&waiting.file))?;
        Ok(waiting)
    }

    /// As [`Waiting::keep`], of bytes in hand. Blocking.
    pub fn write(data: &Path, bytes: &[u8], received: Received, name: &str, second: i64) -> std::io::Result<Self> {
        let waiting = Self::new(data, received, name, second)?;
        std::fs::write(folder(data).join(&waiting.file), bytes)?;
        Ok(waiting)
    }

    fn new(data: &Path, received: Received, name: &str, second: i64) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder(data))?;
        sweep(data, second)?;
        let file = format!("{second}-{}", hex(&random::<16>()));
        let name = name.chars().filter(|c| !c.is_control()).take(120).collect();
        Ok(Self { file, digest: received.digest, name })
    }

    /// What tells it from every other table that waits.
    #[must_use]
    pub fn named(&self) -> &str {
        &self.file
    }

    /// For the form.
    #[must_use]
    pub fn token(&self, app: &App, owner: &str) -> String {
        let plain = format!("{}|{}|{}", self.file, self.digest, self.name);
        let seal = app.site_key.seal(WAITING, format!("{owner}|{plain}").as_bytes());
        format!("{}{plain}", hex(&seal))
    }

    /// From the form of the same person.
    #[must_use]
    pub fn open(app: &App, owner: &str, token: &str) -> Option<Self> {
        let (seal, plain) = token.split_at_checked(SEAL_CHARS)?;
        if !app.site_key.verify(WAITING, format!("{owner}|{plain}").as_bytes(), &unhex(seal)?) {
            return None;
        }
        let mut parts = plain.splitn(3, '|');
        let (file, digest, name) = (parts.next()?.to_owned(), Digest::parse(parts.next()?)?, parts.next()?.to_owned());
        Some(Self { file, digest, name })
    }

    /// Its bytes, if it is still there. Blocking.
    pub fn bytes(&self, data: &Path) -> std::io::Result<Option<Vec<u8>>> {
        match std::fs::read(folder(data).join(&self.file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes it at once. Blocking.
    pub fn discard(&self, data: &Path) -> std::io::Result<()> {
        std::fs::remove_file(folder(data).join(&self.file))
    }

    /// Keeps it as evidence, as it came; a CSV in another encoding as its text. Blocking.
    pub fn settle(&self, data: &Path, bytes: &[u8]) -> Result<Kept, KeepError> {
        let folder = folder(data);
        let copy = folder.join(format!("{}-{}", self.file, hex(&random::<8>())));
        let text;
        let bytes = if bytes.starts_with(b"PK\x03\x04") || std::str::from_utf8(bytes).is_ok() {
            bytes
        } else {
            text = decoded(bytes).map_err(|_| KeepError::Kind)?;
            text.as_bytes()
        };
        std::fs::write(&copy, bytes)?;
        // A table of commas is plain text, whatever its name ends in.
        let kept = evidence::keep(data, &copy, "sheet.txt", Received::of(bytes), false);
        let _ = std::fs::remove_file(&copy);
        kept
    }
}
