//! Checking a backup, and putting it back into an empty place. Everything is checked before anything is moved.

use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::manifest::{FORMAT, Manifest, Part};
use super::seal::Secrets;
use super::{BackupError, KEYS, MANIFEST, SECRETS, Workshop, io, not_a_backup};
use crate::app::evidence;
use crate::app::fault::Fault;
use crate::app::moving::move_county;
use crate::app::secret::hex;
use crate::app::verify::{self, Verified};
use crate::store::audit::files_after;
use crate::store::{Db, Home, Tx, party_phones, settings};

/// A manifest longer than this is not one of ours.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;

/// What was put back or checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// What the backup says about itself.
    pub manifest: Manifest,
    /// What its record says.
    pub record: Verified,
}

/// Checks everything in a folder that is gone afterwards; writes nothing else.
pub fn check(backup: &Path, passphrase: &str) -> Result<Restored, BackupError> {
    let workshop = Workshop::beside(&std::env::temp_dir().join("check"))?;
    unpack(backup, passphrase, &workshop.0.join("data"))
}

/// Puts a backup back into a data folder that does not exist or is empty, and from there into the database of the home, if
/// it has one.
pub fn restore(backup: &Path, passphrase: &str, home: &Home) -> Result<Restored, BackupError> {
    let data = home.data.as_path();
    let is_empty = |path: &Path| std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if data.exists() && !is_empty(data) {
        return Err(BackupError::InTheWay { path: data.to_owned() });
    }
    let workshop = Workshop::beside(data)?;
    let fresh = workshop.0.join("data");
    let restored = unpack(backup, passphrase, &fresh)?;
    if home.database.is_some() {
        let (file, target) = (Home::from(&fresh), Home { data: fresh.clone(), ..home.clone() });
        move_county(&Db::open_for_reading(&file)?, &Db::open(&target)?)?;
        std::fs::remove_file(file.file()).map_err(io(&file.file()))?;
    }
    if data.exists() {
        std::fs::remove_dir(data).map_err(io(data))?;
    }
    std::fs::rename(&fresh, data).map_err(io(data))?;
    Ok(restored)
}

fn unpack(backup: &Path, passphrase: &str, folder: &Path) -> Result<Restored, BackupError> {
    let file = File::open(backup).map_err(io(backup))?;
    let mut zip = ZipArchive::new(file).map_err(|error| not_a_backup(backup, &error))?;
    let manifest = read_manifest(backup, &mut zip)?;
    private_folder(folder)?;
    let mut sealed = Vec::new();
    for part in &manifest.parts {
        if part.path == SECRETS {
            copy_part(backup, &mut zip, part, &mut sealed)?;
            continue;
        }
        let target = folder.join(&part.path);
        if let Some(parent) = target.parent() {
            private_folder(parent)?;
        }
        let mut file = private_file(&target)?;
        copy_part(backup, &mut zip, part, &mut file)?;
        file.sync_all().map_err(io(&target))?;
    }
    let secrets = manifest.seal.open(&sealed, passphrase, &manifest.county)?;
    let record = check_record(folder, &manifest)?;
    put_back(folder, &manifest.county, secrets)?;
    Ok(Restored { manifest, record })
}

fn read_manifest(backup: &Path, zip: &mut ZipArchive<File>) -> Result<Manifest, BackupError> {
    let refuse = |detail: &str| BackupError::NotABackup { path: backup.to_owned(), detail: detail.to_owned() };
    let entry = zip.by_name(MANIFEST).map_err(|_| refuse("缺少 manifest.toml"))?;
    let mut text = String::new();
    entry.take(MANIFEST_BYTES_MAX).read_to_string(&mut text).map_err(|_| refuse("manifest.toml 不是文字"))?;
    let manifest: Manifest = toml::from_str(&text).map_err(|_| refuse("manifest.toml 无法理解"))?;
    if manifest.format != FORMAT {
        return Err(refuse(&format!("格式版本 {} 不是本程序认识的 {FORMAT}", manifest.format)));
    }
    if let Some(part) = manifest.parts.iter().find(|part| !part.is_ours()) {
        return Err(BackupError::Different { part: part.path.clone(), detail: "不应出现的文件名" });
    }
    if zip.len() != manifest.parts.len() + 1 {
        return Err(refuse("文件数与清单不符"));
    }
    Ok(manifest)
}

/// Copies one part and compares it with the manifest on the way.
fn copy_part(
    backup: &Path,
    zip: &mut ZipArchive<File>,
    part: &Part,
    target: &mut impl Write,
) -> Result<(), BackupError> {
    let different = |detail| BackupError::Different { part: part.path.clone(), detail };
    let mut entry = zip.by_name(&part.path).map_err(|_| different("缺少"))?;
    let mut hasher = Sha256::new();
    let mut bytes = 0u64;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = entry.read(&mut chunk).map_err(|_| different("无法解压"))?;
        let Some(piece) = chunk.get(..read).filter(|piece| !piece.is_empty()) else { break };
        bytes += piece.len() as u64;
        if bytes > part.bytes {
            return Err(different("比清单所列的长"));
        }
        hasher.update(piece);
        target.write_all(piece).map_err(io(backup))?;
    }
    if bytes != part.bytes || hex(&hasher.finalize()) != part.sha256 {
        return Err(different("摘要不同"));
    }
    Ok(())
}

fn check_record(folder: &Path, manifest: &Manifest) -> Result<Verified, BackupError> {
    let county = manifest.county.clone();
    let record = Db::open(folder)?.read_blocking(|r| verify::verify(r, &county))?;
    if let Some(wrong) = &record.wrong {
        return Err(BackupError::Record { wrong: wrong.clone() });
    }
    if record.entries != manifest.entries || record.roots.sha256.to_string() != manifest.root {
        return Err(BackupError::Record { wrong: "项数或树根与清单不符".to_owned() });
    }
    check_files(folder, manifest)?;
    Ok(record)
}

/// Every file that the record names came with the backup, or is on its list of those that were missing already.
fn check_files(folder: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let (db, mut after) = (Db::open(folder)?, Vec::new());
    loop {
        let chunk = db.read_blocking(|r| files_after(r, &manifest.county, &after, 500))?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.digest.0.to_vec();
        let lost = chunk.iter().find(|file| {
            !evidence::path_of(folder, &file.digest).exists() && !manifest.missing.contains(&file.digest.to_string())
        });
        if let Some(lost) = lost {
            return Err(BackupError::Different { part: format!("evidence {}", lost.digest), detail: "缺少" });
        }
    }
}

/// Keys go back to where they were taken from.
fn put_back(folder: &Path, county: &str, secrets: Secrets) -> Result<(), BackupError> {
    let (files, named): (Secrets, Secrets) = secrets.into_iter().partition(|(name, _)| name.starts_with(KEYS));
    for (name, value) in files {
        let part = Part { path: name.clone(), bytes: 0, sha256: String::new() };
        let bytes = bytes_of(&value).filter(|_| !part.path.contains("..")).ok_or(BackupError::Passphrase)?;
        let target: PathBuf = folder.join(&name);
        private_folder(target.parent().unwrap_or(folder))?;
        let mut file = private_file(&target)?;
        file.write_all(&bytes).map_err(io(&target))?;
        // A key is never written to again.
        file.set_permissions(Permissions::from_mode(0o400)).map_err(io(&target))?;
    }
    let county = county.to_owned();
    let put = move |tx: &mut Tx<'_>| {
        named.iter().try_for_each(|(name, value)| settings::put(tx, &county, name, value))?;
        // A copy of an older program was unpacked without the key by which telephone numbers are found.
        party_phones::fill(tx).map_err(Fault::from)
    };
    Ok(Db::open(folder)?.write_blocking(put)?)
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(pair).collect()
}

fn private_folder(path: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io(path))
}

fn private_file(path: &Path) -> Result<File, BackupError> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path).map_err(io(path))
}
