//! Small files that must be whole after a power cut: written beside, synced, renamed, and the folder synced.
//!
//! Does not belong here: evidence (`evidence.rs`, by content) and anything that is large.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Puts a file in place of what was there: after a crash one of the two is there, whole. Durable when this returns.
/// One writer at a time. Blocking.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let making = path.with_extension("making");
    match fs::remove_file(&making) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).mode(mode).open(&making)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&making, path)?;
    sync_folder_of(path)
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn make_private_folder(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a rename or a new file in its folder durable.
pub fn sync_folder_of(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The text of a file that only its owner may read; none if it is not there. The inner error: others can read it.
pub fn read_secret(path: &Path) -> Result<Option<std::result::Result<String, OpenToOthers>>> {
    use std::os::unix::fs::PermissionsExt;
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let open = fs::metadata(path)?.permissions().mode() & 0o077 != 0;
    Ok(Some(if open { Err(OpenToOthers) } else { Ok(text) }))
}

/// A secret that others than its owner can read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenToOthers;
