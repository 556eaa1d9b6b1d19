//! Files that came with a form which was never accepted: a photograph of a payslip whose application nobody sent. They are nobody's
//! evidence and go after a week.
//!
//! A form that is sent again holds its files ([`evidence::hold`]), so that none is removed while an act is about to name it. Does not
//! belong here: files of which an act has ordered the destruction (`erasure`).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use zhunsheng_core::id::Digest;

use super::App;
use super::erasure::destroy;
use super::evidence::{self, path_of};
use super::fault::Fault;
use super::secret::hex;
use crate::store::audit::{named_within, names};
use crate::store::{Db, StoreFault, settings};

/// So long a file waits for an act.
const LEFT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Whether a file of an earlier try is there still; from now on it counts as just come. Blocking.
pub fn hold(data: &Path, digest: &Digest, second: i64) -> std::io::Result<bool> {
    evidence::hold(&path_of(data, digest), moment(second))
}

fn moment(second: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second.unsigned_abs())
}

/// Where a file lies between being taken out of the way and being destroyed, under its digest.
fn aside(data: &Path) -> PathBuf {
    data.join("leaving")
}

/// Puts back what a process that ended left on its way out; what was destroyed in part goes. Returns how many are back. Blocking.
pub fn restore(data: &Path) -> std::io::Result<usize> {
    let entries = match fs::read_dir(aside(data)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut restored = 0;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(digest) = Digest::parse(&name) else { continue };
        // What cannot be read is put back as it is: only what is known to be broken goes.
        let back = whole(&path, &digest).unwrap_or(true);
        match if back { put_back(&path, &path_of(data, &digest)) } else { destroy(&path) } {
            Ok(()) => restored += usize::from(back),
            Err(error) => tracing::error!(%error, %digest, "putting back a file that was on its way out"),
        }
    }
    Ok(restored)
}

fn whole(path: &Path, digest: &Digest) -> std::io::Result<bool> {
    Ok(Digest::of(&fs::read(path)?) == *digest)
}

fn put_back(path: &Path, place: &Path) -> std::io::Result<()> {
    // It may have come again meanwhile, or never have been made writable.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o400));
    place.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::rename(path, place)?;
    place.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Removes what came more than a week ago and no matter names. A file that fails is passed over. Returns how many. Blocking.
pub fn sweep(db: &Db, data: &Path, second: i64) -> Result<usize, Fault> {
    let before = moment(second) - LEFT;
    let counties: Vec<String> = db
        .read_blocking(|r| settings::list_counties(r, settings::SITE_KEY))?
        .into_iter()
        .map(|(county, _)| county)
        .collect();
    let mut removed = 0;
    for first in 0..=u8::MAX {
        let folder = data.join("evidence").join(hex(&[first]));
        let old = match come_before(data, &folder, before) {
            Ok(old) if old.is_empty() => continue,
            Ok(old) => old,
            Err(error) => {
                tracing::error!(%error, folder = %folder.display(), "looking for files that were left over");
                continue;
            }
        };
        let named = db.read_blocking(|r| {
            let mut named = BTreeSet::new();
            for county in &counties {
                named.extend(named_within(r, county, first)?);
            }
            Ok::<_, StoreFault>(named)
        })?;
        for digest in old.iter().filter(|digest| !named.contains(digest)) {
            let still = || {
                let names = |county: &String| db.read_blocking(|r| names(r, county, digest));
                counties.iter().map(names).try_fold(false, |known, named| Ok::<_, StoreFault>(known || named?))
            };
            match take_away(data, digest, before, still) {
                Ok(gone) => removed += usize::from(gone),
                Err(error) => tracing::error!(%error, %digest, "removing a file that was left over"),
            }
        }
    }
    Ok(removed)
}

/// The files of a folder that came before a moment.
fn come_before(data: &Path, folder: &Path, before: SystemTime) -> std::io::Result<Vec<Digest>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut old = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name =
            [&folder.file_name().unwrap_or_default().to_string_lossy(), &*entry.file_name().to_string_lossy()].concat();
        let Some(digest) = Digest::parse(&name).filter(|digest| path_of(data, digest) == entry.path()) else {
            continue;
        };
        match entry.metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            metadata => old.extend((metadata?.modified()? < before).then_some(digest)),
        }
    }
    Ok(old)
}

/// Takes a file out of the way first, and looks and asks once more: whoever has held or named it meanwhile has it back, and so it is
/// with any error.
fn take_away(
    data: &Path,
    digest: &Digest,
    before: SystemTime,
    named: impl FnOnce() -> Result<bool, StoreFault>,
) -> std::io::Result<bool> {
    let (place, away) = (path_of(data, digest), aside(data).join(digest.to_string()));
    let old = |path: &Path| Ok::<_, std::io::Error>(fs::metadata(path)?.modified()? < before);
    if !old(&place)? {
        return Ok(false);
    }
    fs::create_dir_all(aside(data))?;
    fs::rename(&place, &away)?;
    let gone = old(&away).and_then(|old| {
        if !old || named().map_err(std::io::Error::other)? {
            return Ok(false);
        }
        destroy(&away).map(|()| true)
    });
    // What is destroyed in part is nobody's any more, and must not lie where its bytes are looked for.
    if !matches!(gone, Ok(true)) && whole(&away, digest).unwrap_or(true) && away.exists() {
        put_back(&away, &place)?;
    }
    gone
}

impl App {
    /// As [`restore`], from async code.
    pub async fn restore_left(&self) -> Result<usize, Fault> {
        let data = self.config.data_dir.clone();
        let path = aside(&data);
        let restored = tokio::task::spawn_blocking(move || restore(&data)).await.map_err(|_| Fault::Task)?;
        restored.map_err(|source| Fault::File { path, source })
    }

    /// As [`sweep`], from async code.
    pub async fn sweep_left(&self) -> Result<usize, Fault> {
        // By a wrong date everything would have waited a week.
        self.check_clock()?;
        let (db, data, second) = (self.db.clone(), self.config.data_dir.clone(), self.machine.seconds());
        tokio::task::spawn_blocking(move || sweep(&db, &data, second)).await.map_err(|_| Fault::Task)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: SystemTime = SystemTime::UNIX_EPOCH;

    /// A folder with one file in its place, as old as can be.
    fn folder(name: &str) -> (PathBuf, Digest, PathBuf) {
        let data = std::env::temp_dir().join(format!("zhunsheng-left-{name}-{}", std::process::id()));
        let digest = Digest::of(b"payslip");
        let place = path_of(&data, &digest);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, b"payslip").unwrap();
        (data, digest, place)
    }

    /// Long after anything that came.
    fn late() -> SystemTime {
        SystemTime::UNIX_EPOCH + LEFT * 10_000
    }

    #[test]
    fn what_an_act_has_named_meanwhile_is_back_and_so_it_is_with_an_error() {
        let (data, digest, place) = folder("named");
        assert!(!take_away(&data, &digest, NEVER, || unreachable!("it has come just now")).unwrap());
        let away = || {
            assert!(!place.exists(), "out of the way while the database is asked");
            Ok(true)
        };
        assert!(!take_away(&data, &digest, late(), away).unwrap());
        assert_eq!(fs::read(&place).unwrap(), b"payslip");
        let fails = || Err(StoreFault::Value { what: "x".to_owned() });
        assert!(take_away(&data, &digest, late(), fails).is_err());
        assert_eq!(fs::read(&place).unwrap(), b"payslip");
        assert!(take_away(&data, &digest, late(), || Ok(false)).unwrap());
        assert!(!place.exists() && fs::read_dir(aside(&data)).unwrap().next().is_none());
        fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn what_cannot_be_destroyed_is_back() {
        let (data, digest, place) = folder("stays");
        // Nobody overwrites a folder, not even root.
        fs::remove_file(&place).unwrap();
        fs::create_dir(&place).unwrap();
        assert!(take_away(&data, &digest, late(), || Ok(false)).is_err());
        assert!(place.is_dir());
        fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn a_process_that_ended_halfway_loses_nothing() {
        let (data, digest, place) = folder("ended");
        fs::create_dir_all(aside(&data)).unwrap();
        fs::rename(&place, aside(&data).join(digest.to_string())).unwrap();
        // Overwritten in part.
        let zeroed = aside(&data).join(Digest::of(b"another").to_string());
        fs::write(&zeroed, b"\0\0other").unwrap();
        assert_eq!(restore(&data).unwrap(), 1);
        assert_eq!(fs::read(&place).unwrap(), b"payslip");
        assert!(!zeroed.exists());
        assert_eq!(restore(&data).unwrap(), 0);
        fs::remove_dir_all(data).unwrap();
    }
}
