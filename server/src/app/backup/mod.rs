//! A backup: one zip file with the database, the evidence files and the keys.
//!
//! ```text
//! zhunsheng.db      a consistent copy; keys and sessions have been taken out and overwritten
//! evidence/…        every evidence file, under the name that is its SHA-256
//! secrets.sealed    the keys: XChaCha20-Poly1305 under a key that Argon2id makes of the passphrase
//! manifest.toml     format, county, size and root of the record, and the SHA-256 of each part above
//! ```
//!
//! The database holds personal data in the clear: a backup is to be kept like the data folder itself. Does not belong
//! here: asking for a passphrase, printing, schedules.

mod manifest;
mod read;
mod seal;
mod write;

use std::path::{Path, PathBuf};

use super::fault::{Fault, StoreFault, chain};

pub use manifest::{Manifest, Part};
pub use read::{Restored, check, restore};
pub use write::write;

/// The database in the zip and in the data folder.
const DATABASE: &str = "zhunsheng.db";
/// Folder of the evidence files, in the zip and in the data folder.
const EVIDENCE: &str = "evidence";
/// What came for collections and is nobody's evidence yet.
const COLLECTED: &str = crate::app::sheet::collect::COLLECTED;
/// Folder of key files, if there are any.
const KEYS: &str = "keys";
/// The sealed keys in the zip.
const SECRETS: &str = "secrets.sealed";
/// The list of parts in the zip.
const MANIFEST: &str = "manifest.toml";
/// Settings that are keys.
const SECRET_SETTINGS: [&str; 2] = [super::SITE_KEY, super::SEED];

/// Why a backup could not be made, read or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something already where the result should go.
    #[error("{path} 已经存在，没有改动。请另指一个位置。")]
    InTheWay {
        /// Where.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("读写 {path} 出错")]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The zip cannot be read.
    #[error("{path} 不是可读的备份文件（{detail}）。没有改动任何数据。")]
    NotABackup {
        /// Which file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A part is not what the manifest says.
    #[error("备份中的 {part} 与清单不符（{detail}），备份已损坏或被改动。没有改动任何数据。")]
    Different {
        /// Which part.
        part: String,
        /// How.
        detail: &'static str,
    },
    /// The passphrase does not open the keys.
    #[error("口令短语不对，或者密钥部分已损坏。没有改动任何数据。")]
    Passphrase,
    /// The record in the backup does not verify.
    #[error("备份中的全程记录核验不通过：{wrong}。没有改动任何数据。")]
    Record {
        /// The first wrong thing.
        wrong: String,
    },
    /// Acts of destruction came in between again and again.
    #[error("备份期间一再有档案销毁，没有做成。请稍后再试。")]
    Restless,
    /// Below.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreFault> for BackupError {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}

fn not_a_backup(path: &Path, error: &dyn std::error::Error) -> BackupError {
    BackupError::NotABackup { path: path.to_owned(), detail: chain(error) }
}

/// A folder for one job beside the result, gone when this is dropped.
struct Workshop(PathBuf);

impl Workshop {
    fn beside(path: &Path) -> Result<Self, BackupError> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!(".zhunsheng-{}", super::secret::hex(&super::secret::random::<6>()));
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).join(name);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(io(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // After a restore it has been moved away; otherwise nothing more can be done than try.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
