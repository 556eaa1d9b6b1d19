//! Files that came with a form which was never accepted: a photograph of a payslip whose application nobody sent. They are nobody's
//! evidence and go after a week.
//!
//! A form that is sent again holds its files ([`evidence::hold`]), so that none is removed while an act is about to name it. Does not
//! belong here: files of which an act has ordered the destruction (`erasure`).

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use zhunsheng_core::id::Digest;

use super::App;
use super::erasure::destroy;
use super::evidence::{self, incoming, path_of};
use super::fault::Fault;
use super::secret::{hex, random};
use crate::store::audit::named_within;
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

/// Removes what came more than a week ago and no matter names. Returns how many. Blocking.
pub fn sweep(db: &Db, data: &Path, second: i64) -> Result<usize, Fault> {
    let before = moment(second) - LEFT;
    let mut removed = 0;
    for first in 0..=u8::MAX {
        let folder = data.join("evidence").join(hex(&[first]));
        let fault = |source| Fault::File { path: folder.clone(), source };
        let old = come_before(data, &folder, before).map_err(fault)?;
        if old.is_empty() {
            continue;
        }
        let named = db.read_blocking(|r| {
            let mut named = BTreeSet::new();
            for (county, _) in settings::list_counties(r, settings::SITE_KEY)? {
                named.extend(named_within(r, &county, first)?);
            }
            Ok::<_, StoreFault>(named)
        })?;
        for digest in old.iter().filter(|digest| !named.contains(digest)) {
            removed += usize::from(take_away(data, digest, before).map_err(fault)?);
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

/// Takes a file out of the way first and looks once more: whoever has held it meanwhile has it back.
fn take_away(data: &Path, digest: &Digest, before: SystemTime) -> std::io::Result<bool> {
    let (place, aside) = (path_of(data, digest), incoming(data).join(hex(&random::<16>())));
    fs::create_dir_all(incoming(data))?;
    fs::rename(&place, &aside)?;
    if fs::metadata(&aside)?.modified()? >= before {
        fs::rename(&aside, &place)?;
        return Ok(false);
    }
    destroy(&aside)?;
    Ok(true)
}

impl App {
    /// As [`sweep`], from async code.
    pub async fn sweep_left(&self) -> Result<usize, Fault> {
        let (db, data, second) = (self.db.clone(), self.config.data_dir.clone(), self.machine.seconds());
        tokio::task::spawn_blocking(move || sweep(&db, &data, second)).await.map_err(|_| Fault::Task)?
    }
}
