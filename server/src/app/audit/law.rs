//! Every adopted law file against the digests that the entries name: a changed, missing or smuggled text shows at the first
//! entry that was decided under it.

use std::collections::BTreeMap;

use super::{Finding, Sort};
use crate::app::fault::Fault;
use crate::app::ruling;
use crate::store::audit::altered_law_files;
use crate::store::law_files::{self, LawFile};
use crate::store::{Reader, record};

/// Entries read at a time.
const CHUNK: i64 = 2_000;

/// Compares; `files` becomes the number of files.
pub(super) fn look(r: &Reader<'_>, county: &str, files: &mut usize) -> Result<Vec<Finding>, Fault> {
    let told = |(path, seq): (String, i64)| {
        Finding::new(Sort::Law, Some(seq), format!("法规文件 {path}（记录项 {seq} 采用）的内容与其摘要不一致"))
    };
    let altered: Vec<Finding> = altered_law_files(r, county)?.into_iter().map(told).collect();
    if !altered.is_empty() {
        return Ok(altered);
    }
    let all = law_files::list(r, county)?;
    *files = all.len();
    let mut adopted: BTreeMap<i64, Vec<LawFile>> = BTreeMap::new();
    for file in all {
        adopted.entry(file.seq).or_default().push(file);
    }
    let mut so_far = Vec::new();
    let (mut next, mut digest) = (0, None);
    loop {
        let chunk = record::list_from(r, county, next, CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        for stored in chunk {
            let entry = record::decode(stored.seq, &stored.bytes)?;
            if let Some(files) = adopted.remove(&stored.seq) {
                so_far.extend(files);
                digest = Some(ruling::digest(&ruling::newest(&so_far)));
            }
            if entry.law.first().copied() != digest {
                let sentence = format!(
                    "记录项 {} 所依据的法规定义与存放的法规文件不一致（有文件被改动、删除或者添加）",
                    stored.seq
                );
                return Ok(vec![Finding::new(Sort::Law, Some(stored.seq), sentence)]);
            }
            next = stored.seq + 1;
        }
    }
    let stray = adopted.into_values().flatten().next();
    Ok(stray
        .map(|file| {
            let sentence = format!("法规文件 {} 注明由记录项 {} 采用，而记录中没有这一项", file.path, file.seq);
            Finding::new(Sort::Law, Some(file.seq), sentence)
        })
        .into_iter()
        .collect())
}
