//! Making a backup, also of a county that is being served: the database is copied from a reader's view; evidence files
//! never change and are durable before their row, so those copied afterwards are all that the copy knows of; if one is
//! destroyed meanwhile, the backup begins again and does not have it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{FORMAT, Manifest, Part};
use super::seal::{Locks, Secrets};
use super::{BackupError, COLLECTED, DATABASE, KEYS, MANIFEST, SECRET_SETTINGS, SECRETS, Workshop, io, not_a_backup};
use crate::app::clock::MachineClock;
use crate::app::fault::Fault;
use crate::app::moving::move_county;
use crate::app::secret::hex;
use crate::app::{county_in, erasure, evidence, found, verify};
use crate::store::audit::files_after;
use crate::store::{Db, Home, Query, Tx, citizens, erase, sessions, settings};

/// Writes the backup of a county to a new file, always with a SQLite copy of its database. Blocking.
///
/// Errors: something is in the way; the folder has no county; the machine fails. Nothing half-written stays.
pub fn write(home: &Home, target: &Path, passphrase: &str, machine: &MachineClock) -> Result<Manifest, BackupError> {
    if target.exists() {
        return Err(BackupError::InTheWay { path: target.to_owned() });
    }
    // A file that goes while it is being copied was destroyed by an act: the backup begins again, after that act.
    for _ in 0..ATTEMPTS {
        if let Some(manifest) = attempt(home, target, passphrase, machine)? {
            return Ok(manifest);
        }
    }
    Err(BackupError::Restless)
}

/// Beginnings before giving up: each failed one means that an act of destruction came in between.
const ATTEMPTS: usize = 5;

fn attempt(
    home: &Home,
    target: &Path,
    passphrase: &str,
    machine: &MachineClock,
) -> Result<Option<Manifest>, BackupError> {
    let workshop = Workshop::beside(target)?;
    let copy = workshop.0.join("copy");
    std::fs::create_dir(&copy).map_err(io(&copy))?;
    let (db, copy_home, data) = (Db::open_for_reading(home)?, Home::from(&copy), home.data.as_path());
    if !db.copy_to(&copy_home.file())? {
        let wrong = |fault| match fault {
            Fault::MovedWrong { wrong } => BackupError::Record { wrong },
            other => BackupError::Fault(other),
        };
        move_county(&db, &Db::open(&copy_home)?).map_err(wrong)?;
    }
    let (mut manifest, mut secrets) = take_apart(&copy, machine)?;
    for path in files_below(&data.join(KEYS))? {
        let name = format!("{KEYS}/{}", path.strip_prefix(data.join(KEYS)).unwrap_or(&path).display());
        secrets.insert(name, hex(&std::fs::read(&path).map_err(io(&path))?));
    }
    let zipped = workshop.0.join("backup.zip");
    let mut parcel = Parcel::begin(&zipped)?;
    parcel.add(DATABASE, &copy_home.file(), CompressionMethod::Deflated)?;
    let copied = Db::open_for_reading(&copy_home)?;
    let Some(missing) = add_evidence(home, &copied, &manifest.county, &mut parcel)? else { return Ok(None) };
    drop(copied);
    add_collected(data, &mut parcel)?;
    let sealed = workshop.0.join(SECRETS);
    let closed = manifest.seal.close(&secrets, passphrase, &manifest.county)?;
    std::fs::write(&sealed, closed).map_err(io(&sealed))?;
    parcel.add(SECRETS, &sealed, CompressionMethod::Stored)?;
    manifest.missing = missing;
    manifest.parts = std::mem::take(&mut parcel.parts);
    parcel.end(&manifest)?;
    std::fs::rename(&zipped, target).map_err(io(target))?;
    Ok(Some(manifest))
}

/// Files read from the copied list at a time.
const FILES_AT_ONCE: i64 = 500;

/// Adds exactly the files that the copied database names; the digests of those that are not there, or not whole. `None` if
/// one was destroyed meanwhile.
fn add_evidence(
    home: &Home,
    copied: &Db,
    county: &str,
    parcel: &mut Parcel,
) -> Result<Option<Vec<String>>, BackupError> {
    let (mut missing, mut after, data) = (Vec::new(), Vec::new(), home.data.as_path());
    loop {
        let chunk = copied.read_blocking(|r| files_after(r, county, &after, FILES_AT_ONCE))?;
        let Some(last) = chunk.last() else { return Ok(Some(missing)) };
        after = last.digest.0.to_vec();
        for file in chunk {
            let path = evidence::path_of(data, &file.digest);
            let name = path.strip_prefix(data).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let whole =
                path.exists() && parcel.add(&name, &path, CompressionMethod::Stored)? == file.digest.to_string();
            if !whole && gone_since(home, county, &file.digest)? {
                return Ok(None);
            }
            if !whole {
                missing.push(file.digest.to_string());
            }
        }
    }
}

/// Adds what came for collections. It is no part of the record: what is removed meanwhile is left out.
fn add_collected(data: &Path, parcel: &mut Parcel) -> Result<(), BackupError> {
    for path in files_below(&data.join(COLLECTED))? {
        let name = path.strip_prefix(data).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if path.exists() {
            parcel.add(&name, &path, CompressionMethod::Stored)?;
        }
    }
    Ok(())
}

/// Whether the live county does not keep a file any more that the copy still names.
fn gone_since(home: &Home, county: &str, digest: &zhunsheng_core::id::Digest) -> Result<bool, BackupError> {
    Ok(Db::open_for_reading(home)?.read_blocking(|r| erase::is_gone(r, county, digest))?)
}

/// Takes keys and sessions out of the copy and reads what the manifest says about it.
fn take_apart(copy: &Path, machine: &MachineClock) -> Result<(Manifest, Secrets), BackupError> {
    let db = Db::open(copy)?;
    let (county, name) = db.read_blocking(|r| county_in(r))?.ok_or(Fault::NoCounty)?;
    // What was destroyed and is still in free pages does not go into a backup.
    erasure::finish(&db, &county, copy)?;
    let code = county.clone();
    let take = move |tx: &mut Tx<'_>| {
        let mut secrets = Secrets::new();
        for name in SECRET_SETTINGS {
            if let Some(value) = settings::find(tx, &code, name)? {
                settings::delete(tx, &code, name)?;
                secrets.insert(name.to_owned(), value);
            }
        }
        sessions::delete_all(tx, &code)?;
        citizens::delete_all_sessions(tx, &code)?;
        Ok::<_, Fault>(secrets)
    };
    let secrets = db.write_blocking(take)?;
    let manifest = db.read_blocking(|r| describe(r, county, name, machine))?;
    Ok((manifest, secrets))
}

fn describe(q: &impl Query, county: String, name: String, machine: &MachineClock) -> Result<Manifest, BackupError> {
    let found = verify::verify(q, &county)?;
    if let Some(wrong) = found.wrong {
        return Err(BackupError::Record { wrong });
    }
    Ok(Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        demonstration: found::founding_act(q, &county)?.is_some_and(|act| act.demonstration),
        county,
        name,
        made: machine.now().to_string(),
        entries: found.entries,
        root: found.roots.sha256.to_string(),
        seal: Locks::new(),
        missing: Vec::new(),
        parts: Vec::new(),
    })
}

/// Every file below a folder, in the order of names; none if there is no such folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop().filter(|next| next.exists()) {
        for entry in std::fs::read_dir(&next).map_err(io(&next))? {
            let path = entry.map_err(io(&next))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// A zip being written.
struct Parcel {
    path: PathBuf,
    zip: ZipWriter<File>,
    parts: Vec<Part>,
}

impl Parcel {
    fn begin(path: &Path) -> Result<Self, BackupError> {
        use std::os::unix::fs::OpenOptionsExt;
        // A backup holds personal data: its owner's eyes only.
        let file = File::options().write(true).create_new(true).mode(0o600).open(path).map_err(io(path))?;
        Ok(Self { path: path.to_owned(), zip: ZipWriter::new(file), parts: Vec::new() })
    }

    fn start(&mut self, name: &str, method: CompressionMethod) -> Result<(), BackupError> {
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        self.zip.start_file(name, options).map_err(|error| not_a_backup(&self.path, &error))
    }

    /// Adds a file; returns the SHA-256 of what went in.
    fn add(&mut self, name: &str, from: &Path, method: CompressionMethod) -> Result<String, BackupError> {
        self.start(name, method)?;
        let mut file = File::open(from).map_err(io(from))?;
        let mut hasher = Sha256::new();
        let mut bytes = 0u64;
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut chunk).map_err(io(from))?;
            let Some(piece) = chunk.get(..read).filter(|piece| !piece.is_empty()) else { break };
            hasher.update(piece);
            self.zip.write_all(piece).map_err(io(&self.path))?;
            bytes += piece.len() as u64;
        }
        let sha256 = hex(&hasher.finalize());
        self.parts.push(Part { path: name.to_owned(), bytes, sha256: sha256.clone() });
        Ok(sha256)
    }

    /// The manifest last, then everything onto the disk.
    fn end(mut self, manifest: &Manifest) -> Result<(), BackupError> {
        let text = toml::to_string(manifest).map_err(|error| not_a_backup(&self.path, &error))?;
        self.start(MANIFEST, CompressionMethod::Deflated)?;
        self.zip.write_all(text.as_bytes()).map_err(io(&self.path))?;
        let file = self.zip.finish().map_err(|error| not_a_backup(&self.path, &error))?;
        file.sync_all().map_err(io(&self.path))
    }
}
