//! Writing an export from one consistent view of the record, also beside a server.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use zhunsheng_core::id::Digest;
use zhunsheng_core::record::crypto::{Both, Suite};
use zhunsheng_core::record::note::LogSigner;
use zhunsheng_core::record::tile::{Tile, Tiler, to_bytes};
use zhunsheng_core::record::tree::leaf_hashes;

use super::layout::{
    CHECKPOINT, COSIGNED, EntryLine, FORMAT, FilePart, KEY, LAW_INDEX, LawLine, MANIFEST, Manifest, STAMPED, TOKEN,
    bundle, of_tree,
};
use crate::app::deposit::{cosigned, stamped};
use crate::app::fault::Fault;
use crate::app::receipt::opening;
use crate::app::{checkpoint, county_in};
use crate::store::{Query, bulk, law_files};

/// Entries read at a time.
const CHUNK: i64 = 1_024;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Wish {
    /// A folder that is not there yet, or empty.
    pub folder: PathBuf,
    /// The first entry in full.
    pub from: u64,
    /// Whether sealed values are left out.
    pub redacted: bool,
}

/// Writes an export of everything that the newest checkpoint covers. Nothing half-written stays under its name.
///
/// Errors: the folder is in use; a file cannot be written; nothing is signed; the record is not what was signed.
pub fn write(q: &impl Query, wish: &Wish, signers: Option<&Both<LogSigner>>) -> Result<Manifest, Fault> {
    let taken = std::fs::read_dir(&wish.folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || wish.folder.is_file() {
        let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "已有内容，没有改动，请另指一个目录");
        return Err(Fault::File { path: wish.folder.clone(), source });
    }
    let mut making = wish.folder.clone().into_os_string();
    making.push(".making");
    let making = PathBuf::from(making);
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| Fault::File { path, source }
    };
    if making.exists() {
        std::fs::remove_dir_all(&making).map_err(fault(&making))?;
    }
    private_folder(&making)?;
    let written = fill(q, wish, signers, &making);
    if written.is_err() {
        let _ = std::fs::remove_dir_all(&making);
    }
    let manifest = written?;
    if wish.folder.exists() {
        std::fs::remove_dir(&wish.folder).map_err(fault(&wish.folder))?;
    }
    std::fs::rename(&making, &wish.folder).map_err(fault(&wish.folder))?;
    Ok(manifest)
}

/// An export may hold personal data: its owner's eyes only.
fn private_folder(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::DirBuilderExt;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Fault::File { path: path.to_owned(), source })
}

/// Files of an export in the making.
struct Parcel<'p> {
    folder: &'p Path,
    files: Vec<FilePart>,
}

impl Parcel<'_> {
    fn put(&mut self, path: String, bytes: &[u8]) -> Result<(), Fault> {
        let target = self.folder.join(&path);
        if let Some(folder) = target.parent() {
            private_folder(folder)?;
        }
        let written = File::options()
            .write(true)
            .create_new(true)
            .open(&target)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()));
        written.map_err(|source| Fault::File { path: target, source })?;
        let digests = Both::hash(&[bytes]);
        let (sm3, sha256) = (digests.sm3.to_string(), digests.sha256.to_string());
        self.files.push(FilePart { path, bytes: bytes.len() as u64, sm3, sha256 });
        Ok(())
    }

    fn put_tile(&mut self, tile: Tile, hashes: &Both<Vec<Digest>>) -> Result<(), Fault> {
        Suite::ALL.into_iter().try_for_each(|suite| {
            let hashes = hashes.get(suite);
            self.put(of_tree(suite, &tile.path(hashes.len() as u64)), &to_bytes(hashes))
        })
    }
}

fn fill(q: &impl Query, wish: &Wish, signers: Option<&Both<LogSigner>>, folder: &Path) -> Result<Manifest, Fault> {
    let (county, name) = county_in(q)?.ok_or(Fault::NoCounty)?;
    let signed = checkpoint::newest(q, &county, signers)?;
    let mut parcel = Parcel { folder, files: Vec::new() };
    for suite in Suite::ALL {
        parcel.put(of_tree(suite, CHECKPOINT), signed.notes.get(suite).as_bytes())?;
        parcel.put(of_tree(suite, KEY), format!("{}\n", signed.keys.get(suite)).as_bytes())?;
    }
    for (n, note) in cosigned::notes(q, &county)?.iter().enumerate() {
        parcel.put(format!("{COSIGNED}{}", n + 1), note.as_bytes())?;
    }
    for (n, stamped) in stamped::kept(q, &county)?.iter().enumerate() {
        let path = format!("{STAMPED}{}", n + 1);
        parcel.put(format!("{path}{TOKEN}"), &stamped.token)?;
        parcel.put(path, stamped.note.as_bytes())?;
    }
    let mut tree = Tree::default();
    let mut lines = String::new();
    for seq in 0..signed.size {
        if seq % CHUNK.unsigned_abs() == 0 {
            tree.read(q, &county, seq)?;
        }
        let (leaf, line) = tree.next(seq, wish)?;
        tree.grow(&leaf, &mut parcel)?;
        lines.push_str(&line);
        let last_of_bundle = bundle(seq + 1) != bundle(seq) || seq + 1 == signed.size;
        if last_of_bundle && !lines.is_empty() {
            parcel.put(bundle(seq), std::mem::take(&mut lines).as_bytes())?;
        }
    }
    if tree.tiler.frontier().roots() != signed.roots {
        return Err(Fault::Forked { size: signed.size });
    }
    for (tile, hashes) in tree.tiler.edge() {
        parcel.put_tile(tile, hashes)?;
    }
    put_law(q, &county, signed.size, &mut parcel)?;
    let mut files = std::mem::take(&mut parcel.files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (from, redacted) = (wish.from.min(signed.size), wish.redacted);
    let manifest = Manifest {
        format: FORMAT,
        origin: signed.keys.sha256.name().to_owned(),
        county,
        name,
        size: signed.size,
        from,
        redacted,
        files,
    };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    parcel.put(MANIFEST.to_owned(), format!("{text}\n").as_bytes())?;
    Ok(manifest)
}

/// The tree while the record is read once from its beginning.
#[derive(Default)]
struct Tree {
    tiler: Tiler,
    chunk: std::collections::VecDeque<bulk::Whole>,
}

impl Tree {
    fn read(&mut self, q: &impl Query, county: &str, seq: u64) -> Result<(), Fault> {
        let from = i64::try_from(seq).map_err(|_| Fault::Forked { size: seq })?;
        self.chunk = bulk::whole_from(q, county, from, CHUNK)?.into();
        Ok(())
    }

    /// The leaf of the next entry and, where it is wanted, its line. A leaf that its entry does not give stops the export.
    fn next(&mut self, seq: u64, wish: &Wish) -> Result<(Vec<u8>, String), Fault> {
        let whole = self.chunk.pop_front().filter(|(stored, _)| stored.seq.unsigned_abs() == seq);
        let (stored, sealed) = whole.ok_or(Fault::WrongEntry { seq })?;
        if seq < wish.from {
            return Ok((stored.leaf, String::new()));
        }
        let opening = opening(&stored, sealed)?;
        let opening = if wish.redacted { opening.redacted() } else { opening };
        if opening.leaf().as_slice() != stored.leaf || opening.read().is_err() {
            return Err(Fault::WrongEntry { seq });
        }
        let line = serde_json::to_string(&EntryLine::new(seq, &opening)).unwrap_or_default();
        Ok((stored.leaf, line + "\n"))
    }

    fn grow(&mut self, leaf: &[u8], parcel: &mut Parcel<'_>) -> Result<(), Fault> {
        self.tiler.push(leaf_hashes(leaf), &mut |tile, made| parcel.put_tile(tile, made.hashes()))
    }
}

fn put_law(q: &impl Query, county: &str, size: u64, parcel: &mut Parcel<'_>) -> Result<(), Fault> {
    let (mut index, mut known) = (String::new(), BTreeSet::new());
    for file in law_files::list(q, county)?.into_iter().filter(|file| file.seq.unsigned_abs() < size) {
        let sha256 = Digest::of(file.text.as_bytes()).to_string();
        if known.insert(sha256.clone()) {
            parcel.put(format!("law/{sha256}"), file.text.as_bytes())?;
        }
        let line = LawLine { seq: file.seq.unsigned_abs(), path: file.path, sha256 };
        index.push_str(&serde_json::to_string(&line).unwrap_or_default());
        index.push('\n');
    }
    parcel.put(LAW_INDEX.to_owned(), index.as_bytes())
}
