//! 收表: a register's template goes out to units, which hand files in by a link and without an account; what came is listed, merged
//! and then checked as any table.
//!
//! What came lies under `<data>/collected/<collection>/<unit>/`, apart and unopened, until somebody of the collecting office reads it.
//! The secret of a link is a seal over collection and unit: nothing to store, and nobody guesses another unit's.
//! Does not belong here: pages, the check of the merged table.

use std::path::{Path, PathBuf};

use zhunsheng_core::id::{Digest, MatterId};

use super::Register;
use super::cell;
use super::mapping::{Plan, Source};
use super::read::Grid;
use crate::app::App;
use crate::app::evidence::Received;
use crate::app::secret::{hex, unhex};

/// The register of collections.
pub const COLLECTION: &str = "sheet_collection";
/// Purpose of the seal in a link.
const LINK: &str = "collect-link";
/// Files that one unit may hand in to one collection.
const FILES_MAX: usize = 10;

/// A file that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Came {
    /// Its number among those of its unit, from 1.
    pub number: usize,
    /// Its SHA-256.
    pub digest: String,
    path: PathBuf,
}

fn folder(data: &Path, collection: MatterId, unit: &str) -> PathBuf {
    data.join("collected").join(collection.to_string()).join(unit)
}

/// The secret of a unit's link.
#[must_use]
pub fn link(app: &App, collection: MatterId, unit: &str) -> String {
    hex(&app.site_key.seal(LINK, format!("{collection}|{unit}").as_bytes()))
}

/// Whether a link's secret is right.
#[must_use]
pub fn opens(app: &App, collection: MatterId, unit: &str, secret: &str) -> bool {
    unhex(secret).is_some_and(|seal| app.site_key.verify(LINK, format!("{collection}|{unit}").as_bytes(), &seal))
}

/// What a unit handed in, oldest first. Blocking.
pub fn came(data: &Path, collection: MatterId, unit: &str) -> std::io::Result<Vec<Came>> {
    let entries = match std::fs::read_dir(folder(data, collection, unit)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let read = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let (number, digest) = name.to_str()?.split_once('-')?;
        Some(Came { number: number.parse().ok()?, digest: digest.to_owned(), path: entry.path() })
    };
    let mut found: Vec<Came> = entries.flatten().filter_map(read).collect();
    found.sort_by_key(|file| file.number);
    Ok(found)
}

/// Takes a file in, unopened. False: this unit has handed in as many as it may. Blocking.
pub fn take(
    data: &Path,
    (collection, unit): (MatterId, &str),
    source: &Path,
    received: Received,
) -> std::io::Result<bool> {
    let known = came(data, collection, unit)?;
    let digest = received.digest.to_string();
    if known.iter().any(|file| file.digest == digest) {
        return Ok(true);
    }
    if known.len() >= FILES_MAX {
        return Ok(false);
    }
    let folder = folder(data, collection, unit);
    std::fs::create_dir_all(&folder)?;
    crate::app::evidence::settle(source, &folder.join(format!("{}-{digest}", known.len() + 1)))?;
    Ok(true)
}

/// What became of a unit's newest file.
pub enum Read {
    /// None came.
    Missing,
    /// It cannot be read as this register's table: why.
    Wrong(String),
    /// Its rows in the order of the register's columns.
    Rows(Vec<Vec<String>>),
}

/// Reads a unit's newest file. Blocking.
pub fn read(data: &Path, (collection, unit): (MatterId, &str), register: &Register) -> std::io::Result<Read> {
    let Some(newest) = came(data, collection, unit)?.pop() else { return Ok(Read::Missing) };
    let bytes = std::fs::read(&newest.path)?;
    if Digest::of(&bytes).to_string() != newest.digest {
        return Ok(Read::Wrong("文件与交来时不一致，请对方重新交".to_owned()));
    }
    let grid = match register.read(&bytes) {
        Ok(grid) => grid,
        Err(why) => return Ok(Read::Wrong(why)),
    };
    Ok(match Plan::of_template(&register.columns, &grid.header) {
        Ok(plan) => ordered(&grid, &plan),
        Err(why) => Read::Wrong(why),
    })
}

fn ordered(grid: &Grid, plan: &Plan) -> Read {
    let mut rows = Vec::new();
    for row in &grid.rows {
        if let Some(wrong) = row.cells.iter().find_map(|cell| cell.wrong) {
            return Read::Wrong(format!("第{}行：{wrong}", row.line));
        }
        let text = |source: &Source| match source {
            Source::Cell(at) => row.cell(*at).map(|cell| cell.text.clone()).unwrap_or_default(),
            _ => String::new(),
        };
        rows.push(plan.sources.iter().map(text).collect());
    }
    Read::Rows(rows)
}

/// The merged table.
pub fn merged(register: &Register, rows: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let titles = register.columns.iter().map(|column| column.title.as_str()).collect();
    cell::csv(std::iter::once(titles).chain(rows.iter().map(|row| row.iter().map(String::as_str).collect())))
}

/// A text to paste into a group: who is missing, what is wrong, until when. No person is named.
#[must_use]
pub fn reminder(title: &str, due: &str, missing: &[String], wrong: &[(String, String)]) -> String {
    let mut text = format!("【收表提醒】{title}，请在{due}前交表。");
    if !missing.is_empty() {
        text.push_str(&format!("\n还没有交的：{}。", missing.join("、")));
    }
    for (unit, why) in wrong {
        text.push_str(&format!("\n{unit}交来的表需要改：{why}。"));
    }
    text.push_str("\n请用发给本单位的链接交表；不要在群里发表格，表里有个人信息。");
    text
}
