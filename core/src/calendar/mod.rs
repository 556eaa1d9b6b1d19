//! Working days of the county: Monday to Friday less the days off, plus the make-up days 调休上班日.
//!
//! A year whose notice is not loaded is never guessed: the answer says which year is missing.

mod rank;

use std::collections::{BTreeMap, BTreeSet};

use crate::day::Day;
use crate::id::Digest;
use crate::law::LawError;

pub(crate) use rank::Rank;

/// A run of days off with its name, as the notice of the State Council's office lists it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Off {
    name: String,
    from: Day,
    to: Day,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    name: String,
    days: Vec<Day>,
}

/// One year as loaded from `law/calendars/<year>.toml`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i16,
    notice: String,
    #[serde(default)]
    off: Vec<Off>,
    #[serde(default)]
    work: Vec<Work>,
}

/// The notice a year's days come from.
#[derive(Clone, Debug)]
pub struct Notice {
    /// As published, e.g. 国办发明电〔2023〕7号.
    pub notice: String,
    /// The digest of the loaded file.
    pub digest: Digest,
}

/// All loaded years.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Notice>,
    off: BTreeMap<Day, String>,
    work: BTreeSet<Day>,
    rank: Rank,
}

/// A year for which no notice is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}年放假安排尚未录入")]
pub struct MissingYear(pub i16);

impl Calendar {
    /// Adds one year file; the same year twice, a day outside its year or an empty run is an error.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        let year: YearFile = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let wrong = |what: String| LawError::plain(file, what);
        if self.years.contains_key(&year.year) {
            return Err(wrong(format!("year {} is loaded twice", year.year)));
        }
        for run in &year.off {
            let length = run.to.days_since(run.from);
            if !(0..=30).contains(&length) {
                return Err(wrong(format!(
                    "{}: expected a run of 1 to 31 days from {} to {}",
                    run.name, run.from, run.to
                )));
            }
            for offset in 0..=length {
                self.off.insert(run.from.plus(offset), run.name.clone());
            }
        }
        for work in &year.work {
            for day in &work.days {
                if !day.is_weekend() {
                    return Err(wrong(format!("{}: make-up day {day} is not on a weekend", work.name)));
                }
                self.work.insert(*day);
            }
        }
        self.years.insert(year.year, Notice { notice: year.notice, digest: Digest::of(source.as_bytes()) });
        let off = self.off.keys().filter(|day| !day.is_weekend() && !self.work.contains(day));
        self.rank = Rank::new(off.copied().map(|day| (day, -1)).chain(self.work.iter().map(|day| (*day, 1))));
        Ok(())
    }

    /// Whether a day is a working day, or which year's notice is missing.
    pub fn is_work_day(&self, day: Day) -> Result<bool, MissingYear> {
        if !self.years.contains_key(&day.year()) {
            return Err(MissingYear(day.year()));
        }
        Ok(self.presumed_work_day(day))
    }

    /// Whether a day is a working day as far as is known: Monday to Friday stands in for a year without a notice.
    pub fn presumed_work_day(&self, day: Day) -> bool {
        self.work.contains(&day) || (!day.is_weekend() && !self.off.contains_key(&day))
    }

    /// The first year without a notice from one day to another, both included.
    pub fn missing(&self, from: Day, to: Day) -> Option<MissingYear> {
        (from.year()..=to.year()).find(|year| !self.years.contains_key(year)).map(MissingYear)
    }

    /// Working days as a line of numbers, for counting without steps.
    pub(crate) fn rank(&self) -> &Rank {
        &self.rank
    }

    /// Why a day is not a working day: the holiday's name or the weekday.
    pub fn day_off_name(&self, day: Day) -> Option<String> {
        if self.work.contains(&day) {
            return None;
        }
        self.off.get(&day).cloned().or_else(|| day.is_weekend().then(|| day.weekday_chinese().to_owned()))
    }

    /// The loaded years with their notices.
    pub fn years(&self) -> impl Iterator<Item = (i16, &Notice)> {
        self.years.iter().map(|(year, notice)| (*year, notice))
    }
}
