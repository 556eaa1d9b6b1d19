//! 收表: a register's template goes out to units, which hand files in by a link and without an account; what came is listed, merged
//! and then checked as any table.
//!
//! What came lies under `<data>/collected/<collection>/<unit>/`, apart and unopened, until somebody of the collecting office reads it.
//! The secret of a link is a seal over collection and unit: nothing to store, and nobody guesses another unit's.
//! Does not belong here: pages, the check of the merged table.

use std::path::{Path, PathBuf};

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId};

use super::Register;
use super::cell;
use super::mapping::{Plan, Source};
use super::read::{Grid, Unread};
use crate::app::App;
use crate::app::evidence::Received;
use crate::app::fault::Fault;
use crate::app::secret::{hex, unhex};
use crate::store::matters;

/// The register of collections.
pub const COLLECTION: &str = "sheet_collection";
/// Purpose of the seal in a link.
const LINK: &str = "collect-link";
/// The folder with what came, in the data folder.
pub const COLLECTED: &str = "collected";
/// So many days after a collection has ended what came for it is kept: what was imported of it is evidence of its own by then.
const KEPT_DAYS: i64 = 30;
/// Files that one unit may hand in to one collection.
const FILES_MAX: usize = 10;

/// A file that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Came {
    /// Its number among those of its unit, from 1.
    pub number: usize,
    /// Its SHA-256.
    pub digest: String,
    /// The county's day on which it came.
    pub day: Option<Day>,
    path: PathBuf,
}

fn folder(data: &Path, collection: MatterId, unit: &str) -> PathBuf {
    data.join(COLLECTED).join(collection.to_string()).join(unit)
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
        let (number, rest) = name.to_str()?.split_once('-')?;
        let (digest, day) = rest.split_once('-').unwrap_or((rest, ""));
        Some(Came { number: number.parse().ok()?, digest: digest.to_owned(), day: Day::parse(day), path: entry.path() })
    };
    let mut found: Vec<Came> = entries.flatten().filter_map(read).collect();
    found.sort_by_key(|file| file.number);
    Ok(found)
}

/// Takes a file in on a day of the county, unopened. False: this unit has handed in as many as it may. Blocking.
pub fn take(
    data: &Path,
    (collection, unit): (MatterId, &str),
    source: &Path,
    received: Received,
    day: Day,
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
    crate::app::evidence::settle(source, &folder.join(format!("{}-{digest}-{day}", known.len() + 1)))?;
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
    Ok(table(&bytes, register).map_or_else(Read::Wrong, |(grid, plan)| ordered(&grid, &plan)))
}

/// The table of a file; of several sheets with rows, the only one that is filled in as the template.
fn table(bytes: &[u8], register: &Register) -> Result<(Grid, Plan), String> {
    let read = |tab: &str| {
        let grid = register.read(bytes, tab)?;
        let plan = Plan::of_template(&register.columns, &grid.header)?;
        Ok::<_, Unread>((grid, plan))
    };
    match read("") {
        Err(Unread::Several(tabs)) => {
            let mut fit: Vec<(Grid, Plan)> = tabs.iter().filter_map(|tab| read(tab).ok()).collect();
            let only = if fit.len() == 1 { fit.pop() } else { None };
            only.ok_or_else(|| Unread::Several(tabs).sentence())
        }
        read => read.map_err(Unread::sentence),
    }
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

/// Removes what came for collections that ended long enough ago. Returns how many folders went; what no matter names is left alone.
/// A folder that cannot be removed is logged, and holds up no other.
pub async fn sweep(app: &App) -> Result<usize, Fault> {
    let folder = app.config.data_dir.join(COLLECTED);
    let listed = folder.clone();
    let ids = tokio::task::spawn_blocking(move || collections(&listed)).await.map_err(|_| Fault::Task)?;
    let mut removed = 0;
    for id in ids.map_err(|source| Fault::File { path: folder.clone(), source })? {
        let county = app.county_code.clone();
        let Some(state) = app.db.read(move |r| matters::find_state(r, &county, id)).await? else { continue };
        let over = state.closed || state.standing() == "closed";
        let ended = state.done.last().filter(|_| over).map(|done| done.day);
        if ended.is_some_and(|day| day.plus(KEPT_DAYS) < app.today()) {
            let gone = folder.join(id.to_string());
            let remove = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(gone)).await;
            match remove.map_err(|_| Fault::Task)? {
                Ok(()) => removed += 1,
                Err(error) => tracing::error!(%error, collection = %id, "what came for a collection is not removed"),
            }
        }
    }
    Ok(removed)
}

fn collections(folder: &Path) -> std::io::Result<Vec<MatterId>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => Ok(entries?.flatten().filter_map(|entry| MatterId::parse(entry.file_name().to_str()?)).collect()),
    }
}

/// A text to paste into a group: who is missing, what is wrong, until when. No person is named.
#[must_use]
pub fn reminder(title: &str, due: &str, over: bool, missing: &[String], wrong: &[(String, String)]) -> String {
    let mut text = match over {
        false => format!("【收表提醒】{title}，请在{due}前交表。"),
        true => format!("【收表提醒】{title}，{due}的期限已经过了，还没有交的请尽快交，会注明迟交。"),
    };
    if !missing.is_empty() {
        text.push_str(&format!("\n还没有交的：{}。", missing.join("、")));
    }
    for (unit, why) in wrong {
        text.push_str(&format!("\n{unit}交来的表需要改：{why}。"));
    }
    text.push_str("\n请用发给本单位的链接交表；不要在群里发表格，表里有个人信息。");
    text
}
