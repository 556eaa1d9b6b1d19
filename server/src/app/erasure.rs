//! What is left to do after an act of destruction: files of evidence that nobody keeps, words in the search index, freed pages
//! and the WAL. Done by a job within seconds, and again after a crash until it is done.
//!
//! The act itself has destroyed values and salts in its own transaction (`store::erase`). Does not belong here: who may order
//! it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zhunsheng_core::id::Digest;

use super::App;
use super::evidence::path_of;
use super::fault::Fault;
use crate::store::{Db, StoreFault, erase, settings};

/// Finishes what destruction has begun. Returns whether there was anything to do. Blocking.
///
/// Errors: the disk fails; a reader still holds an old view (asked again at the next beat).
pub fn finish(db: &Db, county: &str, data: &Path) -> Result<bool, Fault> {
    let code = county.to_owned();
    let (pending, gone) = db.read_blocking(|r| {
        let pending = settings::find(r, county, erase::PENDING)?;
        let gone = if pending.is_some() { erase::gone_files(r, county)? } else { Vec::new() };
        Ok::<_, StoreFault>((pending, gone))
    })?;
    let Some(pending) = pending else { return Ok(false) };
    // After a failure of the disk what was read may be gone when the process starts again: then nothing was to be destroyed.
    db.check()?;
    for digest in gone {
        destroy_file(data, &digest)?;
    }
    db.write_blocking(erase::search_words)?;
    db.purge_blocking()?;
    db.write_blocking(move |tx| {
        // Another act of destruction may have come in between: then all of it once more.
        if settings::find(tx, &code, erase::PENDING)? == Some(pending) {
            settings::delete(tx, &code, erase::PENDING)?;
        }
        Ok::<_, StoreFault>(())
    })?;
    Ok(true)
}

fn destroy_file(data: &Path, digest: &Digest) -> Result<(), Fault> {
    let path = path_of(data, digest);
    destroy(&path).map_err(|source| Fault::File { path, source })
}

/// Overwrites a file, then removes it: durable when this returns. One that is gone already stays so.
pub(super) fn destroy(path: &Path) -> std::io::Result<()> {
    let bytes = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?.len(),
    };
    let zeros = [0_u8; 1 << 16];
    // What is kept is for reading only, also for whoever runs the server.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    let mut file = File::options().write(true).open(path)?;
    let mut left = bytes;
    while left > 0 {
        let part = zeros.get(..usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len())).unwrap_or_default();
        file.write_all(part)?;
        left -= part.len() as u64;
    }
    file.sync_all()?;
    fs::remove_file(path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

impl App {
    /// As [`finish`], from async code.
    pub async fn finish_erasure(&self) -> Result<bool, Fault> {
        let (db, county, data) = (self.db.clone(), self.county_code.clone(), self.config.data_dir.clone());
        tokio::task::spawn_blocking(move || finish(&db, &county, &data)).await.map_err(|_| Fault::Task)?
    }
}
