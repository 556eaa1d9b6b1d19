//! What a witness keeps: its key, and for each log that it follows the log's keys and the checkpoint that it cosigned last.
//!
//! ```text
//! <folder>/key               secret, mode 0400         <folder>/lock     held while something is signed
//! <folder>/logs/NAME.keys    public keys, one a line   …/NAME.checkpoint the last cosigned note; empty: none yet
//!                                                      …/NAME.fork       two signed versions of one size, if ever seen
//! ```
//!
//! INVARIANT: reading the last checkpoint, deciding, and keeping the new one happen under the lock, and what is kept is durable
//! before a signature leaves. State lives in the files only, so a server and a command may work beside each other.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::cosign::{WitnessKey, WitnessSigner};
use zhunsheng_core::record::note::{Checkpoint, LogKey, only_lines_of};
use zhunsheng_core::record::witness::{Declined, Request};

use super::{NotSigned, WitnessFault};
use crate::app::{durable, secret};

/// A witness's folder.
pub struct Folder {
    path: PathBuf,
    signer: WitnessSigner,
}

/// A log that is followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// Its keys; all of one name.
    pub keys: Vec<LogKey>,
    /// What was cosigned last.
    pub last: Option<Cosigned>,
    /// Whether two versions of one size were ever seen.
    pub forked: bool,
}

/// A checkpoint with this witness's line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosigned {
    /// Size and root.
    pub checkpoint: Checkpoint,
    /// The note: the log's line and this witness's.
    pub note: String,
    /// When it was signed, in seconds since 1970.
    pub seconds: u64,
}

/// The files of one log.
struct LogFiles {
    keys: PathBuf,
    checkpoint: PathBuf,
    fork: PathBuf,
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> WitnessFault {
    |source| WitnessFault::File { path: path.to_owned(), source }
}

impl Folder {
    /// Makes a witness in a folder that is empty or not there.
    pub fn init(path: &Path, name: &str) -> Result<WitnessKey, WitnessFault> {
        let taken = |what| WitnessFault::Taken { path: path.to_owned(), what };
        if path.join("key").exists() {
            return Err(taken("已有存证单位的密钥"));
        }
        if path.exists() && fs::read_dir(path).map_err(file(path))?.next().is_some() {
            return Err(taken("已有内容"));
        }
        let name_fault = || WitnessFault::Name { name: name.to_owned() };
        let signer = WitnessSigner::new(name, &secret::random()).ok_or_else(name_fault)?;
        let key = path.join("key");
        let made = durable::make_private_folder(&path.join("logs"));
        let kept = made.and_then(|()| durable::replace(&key, format!("{}\n", *signer.secret_text()).as_bytes(), 0o400));
        kept.map_err(file(&key))?;
        Ok(signer.public())
    }

    /// Opens a witness.
    pub fn open(path: &Path) -> Result<Self, WitnessFault> {
        let key = path.join("key");
        let broken = |wrong| WitnessFault::Broken { path: key.clone(), wrong };
        let text = durable::read_secret(&key).map_err(file(&key))?;
        let text = text.ok_or_else(|| WitnessFault::NoWitness { path: path.to_owned() })?;
        let text = text.map_err(|_open| broken("可被他人读取，应为 0400"))?;
        let signer = WitnessSigner::parse(&text).map_err(|_| broken("内容无法理解"))?;
        Ok(Self { path: path.to_owned(), signer })
    }

    /// What others verify with.
    #[must_use]
    pub fn key(&self) -> WitnessKey {
        self.signer.public()
    }

    /// Follows a log from now on, or accepts a further key of one that is followed. Returns whether that is new.
    pub fn follow(&self, key: &LogKey) -> Result<bool, WitnessFault> {
        let _lock = self.lock()?;
        let files = self.files(key.name());
        let mut keys = read_keys(&files)?.unwrap_or_default();
        if keys.contains(key) {
            return Ok(false);
        }
        keys.push(key.clone());
        if keys.len() == 1 {
            // First, so that a log with keys always has the file of its last checkpoint: a missing one is a fault, not a beginning.
            durable::replace(&files.checkpoint, b"", 0o600).map_err(file(&files.checkpoint))?;
        }
        let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
        durable::replace(&files.keys, text.as_bytes(), 0o600).map_err(file(&files.keys))?;
        Ok(true)
    }

    /// Every log that is followed, by name.
    pub fn list(&self) -> Result<Vec<Followed>, WitnessFault> {
        let logs = self.path.join("logs");
        let mut found = Vec::new();
        for entry in fs::read_dir(&logs).map_err(file(&logs))? {
            let path = entry.map_err(file(&logs))?.path();
            if path.extension().is_some_and(|extension| extension == "keys") {
                let files = files_at(&path);
                let keys = read_keys(&files)?.unwrap_or_default();
                let last = self.read_last(&files, &keys)?;
                found.push(Followed { keys, last, forked: files.fork.exists() });
            }
        }
        let name = |log: &Followed| log.keys.first().map(|key| key.name().to_owned());
        found.sort_by_key(name);
        Ok(found)
    }

    /// What was cosigned last for a log.
    pub fn last(&self, origin: &str) -> Result<Option<Cosigned>, WitnessFault> {
        let files = self.files(origin);
        let keys = read_keys(&files)?.unwrap_or_default();
        if keys.is_empty() { Ok(None) } else { self.read_last(&files, &keys) }
    }

    /// Cosigns what the request asks for, if it continues what was signed last: kept, then answered. Blocking.
    pub fn sign(&self, request: &Request, now_seconds: u64) -> Result<Cosigned, NotSigned> {
        let _lock = self.lock()?;
        let files = self.files(request.origin());
        let keys = read_keys(&files)?.ok_or(Declined::UnknownLog)?;
        let last = self.read_last(&files, &keys)?;
        let new = match request.decide(&keys, last.as_ref().map(|last| &last.checkpoint)) {
            Err(Declined::Fork(size)) => {
                keep_fork(&files, last.as_ref(), request)?;
                return Err(Declined::Fork(size).into());
            }
            other => other?,
        };
        if last.as_ref().is_some_and(|last| last.seconds > now_seconds) {
            return Err(WitnessFault::Clock.into());
        }
        let alone = only_lines_of(&request.note, &new.origin).map_err(|_| Declined::Malformed)?;
        let line = self.signer.cosign(&alone, now_seconds).map_err(|_| Declined::Malformed)?;
        let note = alone + &line;
        durable::replace(&files.checkpoint, note.as_bytes(), 0o600).map_err(file(&files.checkpoint))?;
        Ok(Cosigned { checkpoint: new, note, seconds: now_seconds })
    }

    /// The lock of the folder, until it is dropped.
    fn lock(&self) -> Result<File, WitnessFault> {
        let path = self.path.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(file(&path))?;
        lock.lock().map_err(file(&path))?;
        Ok(lock)
    }

    /// A name that people recognise and that no two origins share.
    fn files(&self, origin: &str) -> LogFiles {
        let readable = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let readable: String = origin.chars().take(60).map(readable).collect();
        let digest: String = Digest::of(origin.as_bytes()).to_string().chars().take(16).collect();
        files_at(&self.path.join("logs").join(format!("{readable}-{digest}.keys")))
    }

    /// Errors: the file is missing, or is not what this witness wrote.
    fn read_last(&self, files: &LogFiles, keys: &[LogKey]) -> Result<Option<Cosigned>, WitnessFault> {
        let path = &files.checkpoint;
        let broken = |wrong| WitnessFault::Broken { path: path.clone(), wrong };
        let note = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(broken("缺失")),
            other => other.map_err(file(path))?,
        };
        if note.is_empty() {
            return Ok(None);
        }
        let seconds = self.signer.public().verify(&note).map_err(|_| broken("不是本单位签的"))?;
        let checkpoint = keys.iter().find_map(|key| Checkpoint::open(&note, key).ok());
        let checkpoint = checkpoint.ok_or_else(|| broken("没有所跟踪的记录的签名"))?;
        Ok(Some(Cosigned { checkpoint, note, seconds }))
    }
}

fn files_at(keys: &Path) -> LogFiles {
    LogFiles { keys: keys.to_owned(), checkpoint: keys.with_extension("checkpoint"), fork: keys.with_extension("fork") }
}

/// None if the log is not followed.
fn read_keys(files: &LogFiles) -> Result<Option<Vec<LogKey>>, WitnessFault> {
    let path = &files.keys;
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(file(path))?,
    };
    let keys: Result<Vec<LogKey>, _> = text.lines().map(LogKey::parse).collect();
    let broken = || WitnessFault::Broken { path: path.clone(), wrong: "内容无法理解" };
    keys.ok().filter(|keys| !keys.is_empty()).map(Some).ok_or_else(broken)
}

/// Two notes of one size under the log's key prove what the county did: the first such pair is kept for ever.
fn keep_fork(files: &LogFiles, last: Option<&Cosigned>, request: &Request) -> Result<(), WitnessFault> {
    if files.fork.exists() {
        return Ok(());
    }
    let text = format!("{}\n{}", last.map_or("", |last| &last.note), request.note);
    durable::replace(&files.fork, text.as_bytes(), 0o600).map_err(file(&files.fork))
}
