//! The county's signed checkpoint: size and root of its record under its key (C2SP tlog-checkpoint).
//!
//! The key is made when the county is founded and lies in `<data>/keys/checkpoint`, readable by its owner only; the public key
//! is a setting. INVARIANT: never two roots for one size. Before anything is signed, the tree must still begin with the one
//! that was signed last; if it does not, nothing is signed any more. Does not belong here: witnesses, publication.

use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::note::{Checkpoint, LogKey, LogSigner};
use zhunsheng_core::record::proof;

use super::fault::Fault;
use super::{App, county_in, durable, found, secret};
use crate::store::checkpoint::{self, StoredCheckpoint};
use crate::store::{Db, Query, StoreFault, Tx, record, settings, tile};

/// Public key of the county's checkpoints.
pub const PUBLIC_KEY: &str = "record.key";

/// Where the signing key lies. A backup carries the folder `keys`, sealed.
#[must_use]
pub fn key_file(data: &Path) -> PathBuf {
    data.join("keys").join("checkpoint")
}

/// The name of a county's log, in its keys and checkpoints. A demonstration is never taken for a real county.
#[must_use]
pub fn origin(county: &str, demonstration: bool) -> String {
    format!("zhunsheng{}/{county}", if demonstration { "-demo" } else { "" })
}

/// The public key of the county; none if it was never given one. Errors: the setting cannot be understood.
pub fn public_key(q: &impl Query, county: &str) -> Result<Option<LogKey>, Fault> {
    let Some(text) = settings::find(q, county, PUBLIC_KEY)? else { return Ok(None) };
    LogKey::parse(&text).map(Some).map_err(|_| Fault::Setting { name: PUBLIC_KEY })
}

/// Gives a founded county its key, unless it has one. Blocking; for the process that holds the folder.
///
/// Errors: there is no county; the key's file is missing, open to others, or of another key than the setting.
pub fn ensure_key(db: &Db, data: &Path) -> Result<LogKey, Fault> {
    let (county, demonstration, known) = db.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let act = found::founding_act(r, &county)?.ok_or(Fault::NoCounty)?;
        let known = public_key(r, &county)?;
        Ok::<_, Fault>((county, act.demonstration, known))
    })?;
    let kept = read_key(data)?;
    if let Some(known) = known {
        return match kept {
            Some(signer) if signer.public() == known => Ok(known),
            _ => Err(Fault::SigningKey { path: key_file(data), wrong: "缺失，或者与公钥不是一对" }),
        };
    }
    let signer = match kept {
        // Left by a founding that was interrupted.
        Some(signer) => signer,
        None => make_key(data, &origin(&county, demonstration))?,
    };
    let key = signer.public();
    let text = key.to_string();
    db.write_blocking(move |tx| settings::put(tx, &county, PUBLIC_KEY, &text).map_err(Fault::from))?;
    Ok(key)
}

fn make_key(data: &Path, name: &str) -> Result<LogSigner, Fault> {
    let path = key_file(data);
    let signer = LogSigner::new(name, &secret::random()).ok_or(Fault::Setting { name: PUBLIC_KEY })?;
    let made = durable::make_private_folder(path.parent().unwrap_or(data));
    let kept = made.and_then(|()| durable::replace(&path, format!("{}\n", signer.secret_text()).as_bytes(), 0o400));
    kept.map_err(|source| Fault::File { path, source })?;
    Ok(signer)
}

/// The signing key of a data folder; none if there is no file. Errors: others than its owner can read it; it is no key.
pub fn read_key(data: &Path) -> Result<Option<LogSigner>, Fault> {
    let path = key_file(data);
    match durable::read_secret(&path) {
        Ok(None) => Ok(None),
        Ok(Some(Ok(text))) => {
            LogSigner::parse(&text).map(Some).map_err(|_| Fault::SigningKey { path, wrong: "内容无法理解" })
        }
        Ok(Some(Err(_open))) => Err(Fault::SigningKey { path, wrong: "可被他人读取，应为 0400" }),
        Err(source) => Err(Fault::File { path, source }),
    }
}

/// Signs the record as it stands. None if the newest checkpoint covers it already, or the record is empty.
///
/// Errors: [`Fault::Forked`] if the record no longer begins with what was signed before.
fn sign(q: &impl Query, county: &str, signer: &LogSigner) -> Result<Option<(u64, Digest, String)>, Fault> {
    let Some((size, root)) = record::find_head(q, county)? else { return Ok(None) };
    let wrong = || StoreFault::Value { what: "head".to_owned() };
    let (size, root) = (u64::try_from(size).map_err(|_| wrong())?, Digest::from_bytes(&root).ok_or_else(wrong)?);
    if let Some(before) = checkpoint::find(q, county)? {
        let known = match before.size.cmp(&size) {
            std::cmp::Ordering::Equal => Some(root),
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Less => Some(root_of(q, county, before.size)?),
        };
        if known != Some(before.root) {
            return Err(Fault::Forked { size: before.size });
        }
        if before.size == size {
            return Ok(None);
        }
    }
    Ok(Some((size, root, signer.sign(size, &root))))
}

/// The root of the first `size` entries.
pub fn root_of(q: &impl Query, county: &str, size: u64) -> Result<Digest, StoreFault> {
    let mut nodes = tile::Nodes::new(q, county, size);
    proof::root(size, &mut |node| nodes.hash(node))
}

/// Signs what is not signed yet and keeps the checkpoint. Returns how many entries it covers, if it is new.
pub fn seal(tx: &mut Tx<'_>, county: &str, signer: &LogSigner, now_ms: i64) -> Result<Option<u64>, Fault> {
    let Some((size, root, note)) = sign(tx, county, signer)? else { return Ok(None) };
    checkpoint::put(tx, county, &StoredCheckpoint { size, root, note, sealed_ms: now_ms })?;
    Ok(Some(size))
}

/// Key and first checkpoint of a county that was just founded. Blocking.
pub fn found_log(db: &Db, data: &Path, now_ms: i64) -> Result<LogKey, Fault> {
    let key = ensure_key(db, data)?;
    let signer = read_key(data)?.ok_or(Fault::SigningKey { path: key_file(data), wrong: "缺失" })?;
    let (county, _) = db.read_blocking(|r| county_in(r))?.ok_or(Fault::NoCounty)?;
    db.write_blocking(move |tx| seal(tx, &county, &signer, now_ms))?;
    Ok(key)
}

/// The newest checkpoint for somebody who only reads: signed on the spot if the key is at hand and the newest act is not
/// covered (Ed25519 gives the same signature that the server will give), otherwise the stored one.
///
/// Errors: nothing was signed yet and there is no key; those of [`seal`].
pub fn newest(q: &impl Query, county: &str, signer: Option<&LogSigner>) -> Result<(Checkpoint, String), Fault> {
    let fresh = signer.map(|signer| sign(q, county, signer)).transpose()?.flatten();
    let note = match fresh {
        Some((_, _, note)) => note,
        None => checkpoint::find(q, county)?.ok_or(Fault::Unsigned)?.note,
    };
    let key = public_key(q, county)?.ok_or(Fault::Setting { name: PUBLIC_KEY })?;
    let checkpoint = Checkpoint::open(&note, &key).map_err(|wrong| Fault::StoredCheckpoint { wrong })?;
    Ok((checkpoint, note))
}

impl App {
    /// Seals what was recorded since the last checkpoint. Returns how many entries it covers, if it is new.
    pub async fn seal(&self) -> Result<Option<u64>, Fault> {
        let county = self.county_code.clone();
        let open = move |q: &crate::store::Reader<'_>| {
            let signed = checkpoint::find(q, &county)?.map_or(0, |stored| stored.size);
            Ok::<_, Fault>(record::find_head(q, &county)?.is_some_and(|(size, _)| size.unsigned_abs() != signed))
        };
        if !self.db.read(open).await? {
            return Ok(None);
        }
        self.check_clock()?;
        let (county, data) = (self.county_code.clone(), self.config.data_dir.clone());
        let now_ms = self.machine.millis();
        let signer = tokio::task::spawn_blocking(move || read_key(&data)).await.map_err(|_| Fault::Task)??;
        let path = key_file(&self.config.data_dir);
        let signer = signer.ok_or(Fault::SigningKey { path, wrong: "缺失" })?;
        self.db.write(move |tx| seal(tx, &county, &signer, now_ms)).await
    }
}
