//! Loading a year's notice of days off: one recorded act, after which every due day is counted again.

use std::path::Path;

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::law::Law;

use super::act::{ActError, Desk};
use super::fault::Fault;
use super::found;
use crate::store::Tx;
use crate::store::recount::{Moved, Shown};

/// A notice that has been loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The year.
    pub year: i16,
    /// The notice, as published.
    pub notice: String,
    /// The entry of the act.
    pub seq: i64,
    /// What moved, in the order of the new days.
    pub moved: Vec<MovedLine>,
}

/// A running clock whose due day moved, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovedLine {
    /// The matter.
    pub matter: MatterId,
    /// Its title, natural persons masked.
    pub title: String,
    /// The clock.
    pub clock: String,
    /// The clock's title.
    pub clock_title: String,
    /// What was shown.
    pub old: Shown,
    /// What is shown now.
    pub new: Shown,
}

/// A day as lists show it: 2027-01-20（暂定）.
#[must_use]
pub fn shown(due: Shown) -> String {
    let day = due.day.as_ref().map_or_else(|| "停止计算".to_owned(), Day::to_string);
    if due.provisional { format!("{day}（暂定）") } else { day }
}

/// Loads a notice. `None` if this very text was loaded before.
///
/// # Errors
/// The file is no notice: with file, line and column.
pub fn load(tx: &mut Tx<'_>, desk: &mut Desk, file: &Path, text: &str) -> Result<Option<Loaded>, ActError> {
    let mut alone = Calendar::default();
    let unsound = |problem: String| Fault::UnsoundLaw { problems: vec![problem] };
    let year = alone.load(&file.display().to_string(), text).map_err(|error| unsound(error.to_string()))?;
    let notice = alone.years().next().map(|(_, notice)| notice.notice.clone()).unwrap_or_default();
    let files = [(format!("calendars/{year}.toml"), text.to_owned())];
    let Some(adopted) = found::adopt(tx, desk, &files)? else { return Ok(None) };
    let law = &desk.ruling.law;
    let mut moved: Vec<MovedLine> = adopted.moved.into_iter().map(|moved| line(moved, law)).collect();
    moved.sort_by_key(|line| (line.new.day, line.matter));
    Ok(Some(Loaded { year, notice, seq: adopted.seq, moved }))
}

fn line(moved: Moved, law: &Law) -> MovedLine {
    let Moved { matter, title, definition, clock, old, new } = moved;
    let defined = law.by_digest(&definition).and_then(|procedure| procedure.clock(clock.as_str()));
    let clock_title = defined.map_or_else(|| clock.to_string(), |clock| clock.title.clone());
    MovedLine { matter, title, clock: clock.to_string(), clock_title, old, new }
}
