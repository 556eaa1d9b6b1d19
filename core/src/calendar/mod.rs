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
pub struct Off {
    /// The festival, e.g. 春节.
    pub name: String,
    /// The first day off.
    pub from: Day,
    /// The last day off.
    pub to: Day,
}

/// Weekend days on which work is made up for a festival.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// The festival.
    pub name: String,
    /// The days.
    pub days: Vec<Day>,
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

/// A file that is no notice, in the words of whoever types it: a county's clerk, not the author of a definition.
fn unread(file: &str, source: &str, error: &toml::de::Error) -> LawError {
    let error = LawError::toml(file, source, error);
    let named = error.what.split('`').nth(1).unwrap_or_default();
    let what = if error.what.starts_with("missing field") {
        format!("缺少 {named}")
    } else if error.what.starts_with("unknown field") {
        format!("不认识的栏目 {named}，只能有 year、notice、off、work，以及其中的 name、from、to、days")
    } else if error.what.contains("day") {
        "日期应写成 \"2027-01-01\" 的样子，并且确有这一天".to_owned()
    } else {
        format!("这里读不懂：{}", error.what)
    };
    LawError { what, ..error }
}

/// The notice a year's days come from.
#[derive(Clone, Debug)]
pub struct Notice {
    /// As published, e.g. 国办发明电〔2023〕7号.
    pub notice: String,
    /// The digest of the loaded file.
    pub digest: Digest,
    /// Runs of days off.
    pub off: Vec<Off>,
    /// Days made up.
    pub work: Vec<Work>,
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
    /// Adds one year file and says which year it is; the same year twice, a day outside the year and the months beside
    /// it, or an empty run is an error.
    pub fn load(&mut self, file: &str, source: &str) -> Result<i16, LawError> {
        let year: YearFile = toml::from_str(source).map_err(|error| unread(file, source, &error))?;
        let wrong = |what: String| LawError::plain(file, what);
        if self.years.contains_key(&year.year) {
            return Err(wrong(format!("{}年的放假安排写了两次", year.year)));
        }
        // A notice may begin in the last days of the year before and reach into the next.
        let near = |day: Day| {
            let next = year.year.saturating_add(1);
            day.year() == year.year
                || (day.year() == year.year.saturating_sub(1) && day.number() % 10_000 >= 1_201)
                || (day.year() == next && day.number() % 10_000 < 201)
        };
        let named = year.off.iter().flat_map(|run| [run.from, run.to]);
        let mut named = named.chain(year.work.iter().flat_map(|work| work.days.iter().copied()));
        if let Some(far) = named.find(|day| !near(*day)) {
            return Err(wrong(format!("{far} 不属于{}年的放假安排", year.year)));
        }
        for run in &year.off {
            let length = run.to.days_since(run.from);
            if !(0..=30).contains(&length) {
                return Err(wrong(format!("{}：自 {} 至 {} 不是一至三十一天的一段", run.name, run.from, run.to)));
            }
            for offset in 0..=length {
                self.off.insert(run.from.plus(offset), run.name.clone());
            }
        }
        for work in &year.work {
            for day in &work.days {
                if !day.is_weekend() {
                    return Err(wrong(format!("{}：调休上班日 {day} 不是星期六、星期日", work.name)));
                }
                self.work.insert(*day);
            }
        }
        let YearFile { year, notice, off, work } = year;
        self.years.insert(year, Notice { notice, digest: Digest::of(source.as_bytes()), off, work });
        let off = self.off.keys().filter(|day| !day.is_weekend() && !self.work.contains(day));
        self.rank = Rank::new(off.copied().map(|day| (day, -1)).chain(self.work.iter().map(|day| (*day, 1))));
        Ok(year)
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

    /// The years whose notice differs between two calendars.
    pub fn changed_years(&self, other: &Self) -> Vec<i16> {
        let digest = |of: &Self, year: i16| of.years.get(&year).map(|notice| notice.digest);
        let years: BTreeSet<i16> = self.years.keys().chain(other.years.keys()).copied().collect();
        years.into_iter().filter(|year| digest(self, *year) != digest(other, *year)).collect()
    }

    /// Working days of a year, or of a year without a notice as Monday to Friday.
    pub fn work_days_in(&self, year: i16) -> i64 {
        let first = |year: i16| Day::new(year, 1, 1).map_or(0, |day| self.rank.before(day.ordinal()));
        first(year.saturating_add(1)) - first(year)
    }

    /// The loaded years with their notices.
    pub fn years(&self) -> impl Iterator<Item = (i16, &Notice)> {
        self.years.iter().map(|(year, notice)| (*year, notice))
    }
}
