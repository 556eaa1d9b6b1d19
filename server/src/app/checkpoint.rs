//! The county's signed checkpoints: size and roots of its record under its two keys, SM2 over the SM3 tree and Ed25519 over the
//! SHA-256 tree (C2SP tlog-checkpoint).
//!
//! The keys are made when the county is founded and lie in `<data>/keys`, readable by their owner only; the public keys are
//! settings. INVARIANT: never two roots for one size. Before anything is signed, both trees must still begin with what was
//! signed last; if they do not, nothing is signed any more. Does not belong here: witnesses, publication.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;
use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::{LogKey, LogSigner, open_both};
use zhunsheng_core::record::proof;

use super::fault::Fault;
use super::{App, county_in, durable, found, secret};
use crate::store::checkpoint::{self, StoredCheckpoint};
use crate::store::{Db, Query, StoreFault, Tx, record, settings, tile};

/// The setting that holds the public key of one kind of checkpoint.
#[must_use]
pub const fn public_key_setting(suite: Suite) -> &'static str {
    match suite {
        Suite::Sm3 => "record.key_sm2",
        Suite::Sha256 => "record.key",
    }
}

/// Where a signing key lies. A backup carries the folder `keys`, sealed.
#[must_use]
pub fn key_file(data: &Path, suite: Suite) -> PathBuf {
    data.join("keys").join(match suite {
        Suite::Sm3 => "checkpoint-sm2",
        Suite::Sha256 => "checkpoint",
    })
}

/// The name of a county's log, in its keys and checkpoints. A demonstration is never taken for a real county, and the SM3 tree is a
/// log of its own: one name has one root for a size.
#[must_use]
pub fn origin(county: &str, demonstration: bool, suite: Suite) -> String {
    let (kind, tree) = (if demonstration { "-demo" } else { "" }, if suite == Suite::Sm3 { "/sm3" } else { "" });
    format!("zhunsheng{kind}/{county}{tree}")
}

/// A public key of the county; none if it was never given one. Errors: the setting cannot be understood.
pub fn public_key(q: &impl Query, county: &str, suite: Suite) -> Result<Option<LogKey>, Fault> {
    let name = public_key_setting(suite);
    let Some(text) = settings::find(q, county, name)? else { return Ok(None) };
    LogKey::parse(&text).ok().filter(|key| key.suite() == suite).map(Some).ok_or(Fault::Setting { name })
}

/// Both public keys of the county. Errors: one is missing or cannot be understood.
pub fn public_keys(q: &impl Query, county: &str) -> Result<Both<LogKey>, Fault> {
    Both::try_of(|suite| public_key(q, county, suite)?.ok_or(Fault::Setting { name: public_key_setting(suite) }))
}

/// Gives a founded county its keys, unless it has them. Blocking; for the process that holds the folder.
///
/// Errors: there is no county; a key's file is missing, open to others, or of another key than the setting.
pub fn ensure_keys(db: &Db, data: &Path) -> Result<Both<LogKey>, Fault> {
    let (county, demonstration) = db.read_blocking(|r| {
        let (county, _) = county_in(r)?.ok_or(Fault::NoCounty)?;
        let act = found::founding_act(r, &county)?.ok_or(Fault::NoCounty)?;
        Ok::<_, Fault>((county, act.demonstration))
    })?;
    Both::try_of(|suite| ensure_key(db, data, &county, &origin(&county, demonstration, suite), suite))
}

fn ensure_key(db: &Db, data: &Path, county: &str, name: &str, suite: Suite) -> Result<LogKey, Fault> {
    let known = db.read_blocking(|r| public_key(r, county, suite))?;
    let kept = read_key(data, suite)?;
    if let Some(known) = known {
        return match kept {
            Some(signer) if *signer.public() == known => Ok(known),
            _ => Err(Fault::SigningKey { path: key_file(data, suite), wrong: "缺失，或者与公钥不是一对" }),
        };
    }
    let signer = match kept {
        // Left by a founding that was interrupted.
        Some(signer) => signer,
        None => make_key(data, name, suite)?,
    };
    let (key, county) = (signer.public().clone(), county.to_owned());
    let text = key.to_string();
    db.write_blocking(move |tx| settings::put(tx, &county, public_key_setting(suite), &text).map_err(Fault::from))?;
    Ok(key)
}

fn make_key(data: &Path, name: &str, suite: Suite) -> Result<LogSigner, Fault> {
    let path = key_file(data, suite);
    // Hardly ever are random bytes no secret of SM2.
    let signer = (0..8).find_map(|_| LogSigner::new(suite, name, &secret::random()));
    let signer = signer.ok_or(Fault::Setting { name: public_key_setting(suite) })?;
    let text = Zeroizing::new(format!("{}\n", *signer.secret_text()));
    let made = durable::make_private_folder(path.parent().unwrap_or(data));
    let kept = made.and_then(|()| durable::replace(&path, text.as_bytes(), 0o400));
    kept.map_err(|source| Fault::File { path, source })?;
    Ok(signer)
}

/// A signing key of a data folder; none if there is no file. Errors: others than its owner can read it; it is no such key.
fn read_key(data: &Path, suite: Suite) -> Result<Option<LogSigner>, Fault> {
    let path = key_file(data, suite);
    match durable::read_secret(&path) {
        Ok(None) => Ok(None),
        Ok(Some(Ok(text))) => {
            let signer = LogSigner::parse(&text).ok().filter(|signer| signer.public().suite() == suite);
            signer.map(Some).ok_or(Fault::SigningKey { path, wrong: "内容无法理解" })
        }
        Ok(Some(Err(_open))) => Err(Fault::SigningKey { path, wrong: "可被他人读取，应为 0400" }),
        Err(source) => Err(Fault::File { path, source }),
    }
}

/// The signing keys of a data folder; none if one of them is not there. Errors: those of each.
pub fn read_keys(data: &Path) -> Result<Option<Both<LogSigner>>, Fault> {
    Ok(Both::try_of(|suite| read_key(data, suite))?.all())
}

/// Signs the record as it stands. None if the newest checkpoint covers it already, or the record is empty.
///
/// Errors: [`Fault::Forked`] if the record no longer begins with what was signed before.
fn sign(
    q: &impl Query,
    county: &str,
    signers: &Both<LogSigner>,
    now_ms: i64,
) -> Result<Option<StoredCheckpoint>, Fault> {
    let Some((size, stored)) = record::find_head(q, county)? else { return Ok(None) };
    let wrong = || StoreFault::Value { what: "head".to_owned() };
    let size = u64::try_from(size).map_err(|_| wrong())?;
    let roots = Both::try_of(|suite| Digest::from_bytes(stored.get(suite)).ok_or_else(wrong))?;
    if let Some(before) = checkpoint::newest(q, county)? {
        let known = match before.size.cmp(&size) {
            std::cmp::Ordering::Equal => Some(roots),
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Less => Some(roots_of(q, county, before.size)?),
        };
        if known != Some(before.roots) {
            return Err(Fault::Forked { size: before.size });
        }
        if before.size == size {
            return Ok(None);
        }
    }
    sign_at(q, county, signers, (size, roots), now_ms).map(Some)
}

/// Signs the first `size` entries of the record, whose roots these are.
fn sign_at(
    q: &impl Query,
    county: &str,
    signers: &Both<LogSigner>,
    (size, roots): (u64, Both<Digest>),
    now_ms: i64,
) -> Result<StoredCheckpoint, Fault> {
    let wrong = || StoreFault::Value { what: "checkpoint.size".to_owned() };
    let last = i64::try_from(size).ok().and_then(|size| size.checked_sub(1)).ok_or_else(wrong)?;
    let newest = record::find_entry(q, county, last)?.ok_or_else(wrong)?;
    let day = record::decode(last, &newest.bytes)?.recorded.day();
    let notes = Both::try_of(|suite| signers.get(suite).sign(size, &roots)).map_err(|_| Fault::Signing)?;
    Ok(StoredCheckpoint { size, roots, notes, day, sealed_ms: now_ms, kept: false })
}

/// Keeps for good the checkpoint of so many entries, which came back signed from outside. Most checkpoints are gone an hour later, and
/// a file can be weeks on its way: then it is signed once more, over the same roots. INVARIANT: `size` was signed before.
pub fn keep(tx: &mut Tx<'_>, county: &str, data: &Path, size: u64, now_ms: i64) -> Result<(), Fault> {
    if checkpoint::keep(tx, county, size)? {
        return Ok(());
    }
    let again = sign_at(tx, county, &require_keys(data)?, (size, roots_of(tx, county, size)?), now_ms)?;
    Ok(checkpoint::keep_this(tx, county, &again)?)
}

/// The root of the first `size` entries, in one tree.
pub fn root_of(q: &impl Query, county: &str, suite: Suite, size: u64) -> Result<Digest, StoreFault> {
    let mut nodes = tile::Nodes::new(q, county, suite, size);
    proof::root(suite, size, &mut |node| nodes.hash(node))
}

/// The roots of the first `size` entries.
pub fn roots_of(q: &impl Query, county: &str, size: u64) -> Result<Both<Digest>, StoreFault> {
    Both::try_of(|suite| root_of(q, county, suite, size))
}

/// The signing keys, which a founded county has. Errors: those of [`read_keys`]; one is missing.
fn require_keys(data: &Path) -> Result<Both<LogSigner>, Fault> {
    read_keys(data)?.ok_or_else(|| missing(data))
}

/// Signs what is not signed yet and keeps the checkpoint. Returns how many entries it covers, if it is new.
pub fn seal(tx: &mut Tx<'_>, county: &str, signers: &Both<LogSigner>, now_ms: i64) -> Result<Option<u64>, Fault> {
    let Some(new) = sign(tx, county, signers, now_ms)? else { return Ok(None) };
    checkpoint::put(tx, county, &new)?;
    Ok(Some(new.size))
}

/// Keys and first checkpoint of a county that was just founded. Blocking.
pub fn found_log(db: &Db, data: &Path, now_ms: i64) -> Result<Both<LogKey>, Fault> {
    let keys = ensure_keys(db, data)?;
    let signers = require_keys(data)?;
    let (county, _) = db.read_blocking(|r| county_in(r))?.ok_or(Fault::NoCounty)?;
    db.write_blocking(move |tx| seal(tx, &county, &signers, now_ms))?;
    Ok(keys)
}

fn missing(data: &Path) -> Fault {
    let absent = Suite::ALL.into_iter().map(|suite| key_file(data, suite)).find(|path| !path.exists());
    Fault::SigningKey { path: absent.unwrap_or_else(|| data.join("keys")), wrong: "缺失" }
}

/// A signed size with its roots and notes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Entries.
    pub size: u64,
    /// Of both trees.
    pub roots: Both<Digest>,
    /// Signed.
    pub notes: Both<String>,
    /// Whose.
    pub keys: Both<LogKey>,
}

/// The newest checkpoint for somebody who only reads: signed on the spot if the keys are at hand and the newest act is not
/// covered (the same signatures that the server will give, unless a module signs at random), otherwise the stored one.
///
/// Errors: nothing was signed yet and there is no key; those of [`seal`].
pub fn newest(q: &impl Query, county: &str, signers: Option<&Both<LogSigner>>) -> Result<Signed, Fault> {
    let fresh = signers.map(|signers| sign(q, county, signers, 0)).transpose()?.flatten();
    let stored = match fresh {
        Some(fresh) => fresh,
        None => checkpoint::newest(q, county)?.ok_or(Fault::Unsigned)?,
    };
    open(q, county, stored)
}

/// A stored checkpoint as others will open it. Errors: it is not one of this county.
pub fn open(q: &impl Query, county: &str, stored: StoredCheckpoint) -> Result<Signed, Fault> {
    let keys = public_keys(q, county)?;
    let notes = Both { sm3: stored.notes.sm3.as_str(), sha256: stored.notes.sha256.as_str() };
    let opened = open_both(&notes, &Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) });
    let (size, roots) = opened.map_err(|wrong| Fault::StoredCheckpoint { wrong })?;
    Ok(Signed { size, roots, notes: stored.notes, keys })
}

impl App {
    /// Seals what was recorded since the last checkpoint. Returns how many entries it covers, if it is new.
    pub async fn seal(&self) -> Result<Option<u64>, Fault> {
        let county = self.county_code.clone();
        let open = move |q: &crate::store::Reader<'_>| {
            let signed = checkpoint::newest(q, &county)?.map_or(0, |stored| stored.size);
            Ok::<_, Fault>(record::find_head(q, &county)?.is_some_and(|(size, _)| size.unsigned_abs() != signed))
        };
        if !self.db.read(open).await? {
            return Ok(None);
        }
        self.check_clock()?;
        let (county, data, now_ms) = (self.county_code.clone(), self.config.data_dir.clone(), self.machine.millis());
        let signers = tokio::task::spawn_blocking(move || require_keys(&data)).await.map_err(|_| Fault::Task)??;
        self.db.write(move |tx| seal(tx, &county, &signers, now_ms)).await
    }
}
