//! Loading a year's notice of days off: one recorded act, after which every due day is counted again; what it would move
//! before it is loaded, and what it moved, at any later time.

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::law::{Law, LawError};
use zhunsheng_core::matter::Actor;

use super::act::{ActError, Desk};
use super::fault::{Fault, StoreFault};
use super::ruling::{LawText, newest};
use super::{App, found};
use crate::store::law_files::{self, LawFile};
use crate::store::recount::{Change, Moved, Shown, moves};
use crate::store::{Query, Tx};

/// A notice that was, or would be, loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The year.
    pub year: i16,
    /// The notice, as published.
    pub notice: String,
    /// The entry of the act; none before it.
    pub seq: Option<i64>,
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
    /// The number of its last instrument.
    pub number: Option<String>,
    /// The title of its procedure.
    pub procedure: String,
    /// The clock.
    pub clock: String,
    /// The clock's title.
    pub clock_title: String,
    /// What was shown.
    pub old: Shown,
    /// What is shown now.
    pub new: Shown,
}

/// Why a notice is not loaded.
#[derive(Debug)]
pub enum NotLoaded {
    /// The text is no notice: where and why, in Chinese.
    Unread(String),
    /// This very text was loaded before.
    Known,
    /// Anything else that can keep an act from happening.
    Act(ActError),
}

impl<E: Into<ActError>> From<E> for NotLoaded {
    fn from(error: E) -> Self {
        Self::Act(error.into())
    }
}

/// A day as lists show it: 2027-01-20（暂定）.
#[must_use]
pub fn shown(due: Shown) -> String {
    let day = due.day.as_ref().map_or_else(|| "停止计算".to_owned(), Day::to_string);
    if due.provisional { format!("{day}（暂定）") } else { day }
}

/// A typed notice, read.
struct Typed {
    year: i16,
    notice: String,
    file: LawText,
}

fn read(text: &str) -> Result<Typed, NotLoaded> {
    let mut alone = Calendar::default();
    let year = alone.load("", text).map_err(|error| NotLoaded::Unread(said(&error)))?;
    let notice = alone.years().next().map(|(_, notice)| notice.notice.clone()).unwrap_or_default();
    Ok(Typed { year, notice, file: (format!("calendars/{year}.toml"), text.to_owned()) })
}

fn said(error: &LawError) -> String {
    match error.at {
        Some((line, column)) => format!("第{line}行第{column}列：{}。", error.what),
        None => format!("{}。", error.what),
    }
}

/// The calendar of the newest of some law files.
fn calendar_of(files: &[LawFile]) -> Result<Calendar, Fault> {
    let mut calendar = Calendar::default();
    for (path, text) in newest(files).into_iter().filter(|(path, _)| path.starts_with("calendars/")) {
        let unsound = |error: LawError| Fault::UnsoundLaw { problems: vec![error.to_string()] };
        calendar.load(&path, &text).map_err(unsound)?;
    }
    Ok(calendar)
}

/// What loading a notice would move; nothing is written.
///
/// # Errors
/// [`NotLoaded::Unread`] with the place, [`NotLoaded::Known`].
pub fn preview(q: &impl Query, county: &str, law: &Law, text: &str) -> Result<Loaded, NotLoaded> {
    let typed = read(text)?;
    let mut files = law_files::list(q, county)?;
    let (path, text) = typed.file;
    if files.iter().any(|file| file.path == path && file.text == text) {
        return Err(NotLoaded::Known);
    }
    let before = calendar_of(&files)?;
    files.push(LawFile { path, text, seq: i64::MAX });
    let after = calendar_of(&files)?;
    let moved = moved_between(q, county, law, (&before, &after), i64::MAX)?;
    Ok(Loaded { year: typed.year, notice: typed.notice, seq: None, moved })
}

/// Loads a notice.
///
/// # Errors
/// [`NotLoaded::Unread`] with the place, [`NotLoaded::Known`].
pub fn load(tx: &mut Tx<'_>, desk: &mut Desk, actor: &Actor, text: &str) -> Result<Loaded, NotLoaded> {
    let typed = read(text)?;
    let Some(adopted) = found::adopt(tx, desk, actor, &[typed.file])? else { return Err(NotLoaded::Known) };
    let moved = lines(adopted.moved, &desk.ruling.law);
    Ok(Loaded { year: typed.year, notice: typed.notice, seq: Some(adopted.seq), moved })
}

/// What the notice moved that an entry loaded, of the clocks that ran then; `None` if the entry loaded none.
pub fn loaded(q: &impl Query, county: &str, law: &Law, seq: i64) -> Result<Option<Loaded>, ActError> {
    let mut files = law_files::list(q, county)?;
    files.retain(|file| file.seq <= seq);
    let Some(loaded) = files.iter().find(|file| file.seq == seq && file.path.starts_with("calendars/")) else {
        return Ok(None);
    };
    let Ok(typed) = read(&loaded.text) else { return Ok(None) };
    let after = calendar_of(&files)?;
    files.retain(|file| file.seq < seq);
    let before = calendar_of(&files)?;
    let moved = moved_between(q, county, law, (&before, &after), seq)?;
    Ok(Some(Loaded { year: typed.year, notice: typed.notice, seq: Some(seq), moved }))
}

/// A notice that was loaded by an act of its own: the entry, its year and name.
pub fn history(q: &impl Query, county: &str) -> Result<Vec<(i64, i16, String)>, StoreFault> {
    let files = law_files::list(q, county)?;
    let first = files.iter().map(|file| file.seq).min().unwrap_or_default();
    let notices = files.iter().rev().filter(|file| file.seq > first && file.path.starts_with("calendars/"));
    let line = |file: &LawFile| read(&file.text).ok().map(|typed| (file.seq, typed.year, typed.notice));
    Ok(notices.filter_map(line).collect())
}

fn moved_between(
    q: &impl Query,
    county: &str,
    law: &Law,
    (before, after): (&Calendar, &Calendar),
    size: i64,
) -> Result<Vec<MovedLine>, StoreFault> {
    match Change::between(before, after) {
        Some(change) => Ok(lines(moves(q, county, &change, size)?, law)),
        None => Ok(Vec::new()),
    }
}

fn lines(moved: Vec<Moved>, law: &Law) -> Vec<MovedLine> {
    let mut lines: Vec<MovedLine> = moved.into_iter().map(|moved| line(moved, law)).collect();
    lines.sort_by_key(|line| (line.new.day, line.matter));
    lines
}

fn line(moved: Moved, law: &Law) -> MovedLine {
    let Moved { matter, title, number, definition, clock, old, new } = moved;
    let definition = law.by_digest(&definition);
    let defined = definition.and_then(|procedure| procedure.clock(clock.as_str()));
    let clock_title = defined.map_or_else(|| clock.to_string(), |clock| clock.title.clone());
    let procedure = definition.map(|procedure| procedure.title.clone()).unwrap_or_default();
    MovedLine { matter, title, number, procedure, clock: clock.to_string(), clock_title, old, new }
}

impl App {
    /// Loads a notice while the county runs. Only who administers may; to everybody else there is no such thing.
    pub async fn load_calendar(&self, actor: Actor, text: String) -> Result<Loaded, NotLoaded> {
        let loading = move |desk: &mut Desk, tx: &mut Tx<'_>| {
            if !desk.administers(&actor) {
                return Err(ActError::NotFound);
            }
            // What the text lacks is an answer and no fault of the writer.
            match load(tx, desk, &actor, &text) {
                Ok(loaded) => Ok(Ok(loaded)),
                Err(NotLoaded::Act(error)) => Err(error),
                Err(other) => Ok(Err(other)),
            }
        };
        self.at_the_desk(loading).await?
    }
}
