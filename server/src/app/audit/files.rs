//! Evidence files read again: each must be there and be what its digest says; nothing else may lie among them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zhunsheng_core::id::Digest;

use super::{Audit, Finding, Sort, short};
use crate::app::evidence::path_of;
use crate::app::fault::Fault;
use crate::store::Reader;
use crate::store::audit::{NamedFile, files_after};

/// Rows read at a time.
const CHUNK: i64 = 500;

/// Reads every file that a row names, and looks for files that none does.
pub(super) fn look(r: &Reader<'_>, county: &str, data: &Path, audit: &mut Audit) -> Result<Vec<Finding>, Fault> {
    let (mut found, mut named) = (Vec::new(), BTreeSet::new());
    let mut after: Vec<u8> = Vec::new();
    loop {
        let chunk = files_after(r, county, &after, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        after = last.digest.0.to_vec();
        for file in chunk {
            audit.files += 1;
            audit.bytes += file.bytes.unsigned_abs();
            found.extend(check(data, &file)?);
            named.insert(file.digest);
        }
    }
    for path in lying(data).map_err(|source| Fault::File { path: data.join("evidence"), source })? {
        match name_of(data, &path) {
            Some(digest) if named.contains(&digest) => {}
            Some(digest) => audit.orphans.push(digest.to_string()),
            None => {
                let shown = path.strip_prefix(data).unwrap_or(&path).display();
                found.push(Finding::new(Sort::Evidence, None, format!("{shown} 不是本系统存放的文件")));
            }
        }
    }
    Ok(found)
}

/// What is wrong with one file. Errors: the machine fails otherwise than by not having it.
pub fn check(data: &Path, named: &NamedFile) -> Result<Option<Finding>, Fault> {
    let path = path_of(data, &named.digest);
    let fault = |source| Fault::File { path: path.clone(), source };
    let told = |what: &str| {
        let sentence = format!("记录项 {} 的材料 {}… {what}", named.entry, short(&named.digest));
        Ok(Some(Finding::new(Sort::Evidence, Some(named.entry), sentence)))
    };
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return told("的文件不见了"),
        other => other.map_err(fault)?,
    };
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0_i64, vec![0; 1 << 16]);
    loop {
        let read = match file.read(&mut chunk) {
            Ok(read) => read,
            Err(error) => return told(&format!("的文件读不出来（{error}）")),
        };
        let Some(piece) = chunk.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hash.update(piece);
        bytes = bytes.saturating_add(i64::try_from(piece.len()).unwrap_or(i64::MAX));
    }
    let same = Digest(hash.finalize().into()) == named.digest && bytes == named.bytes;
    if same { Ok(None) } else { told("的文件内容被改动") }
}

/// Every file below `evidence`.
fn lying(data: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![data.join("evidence")]);
    while let Some(folder) = folders.pop().filter(|folder| folder.exists()) {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// The digest that a path stands for, if it is one of ours.
fn name_of(data: &Path, path: &Path) -> Option<Digest> {
    let inside = path.strip_prefix(data.join("evidence")).ok()?.to_str()?;
    let digest = Digest::parse(&inside.replace('/', ""))?;
    (path_of(data, &digest) == path).then_some(digest)
}
