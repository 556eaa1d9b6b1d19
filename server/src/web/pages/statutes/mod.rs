//! The library of statutes, for everybody: every statute with its editions and how it counts 日, full texts, articles
//! under permanent addresses with what cites them, editions side by side, search.

mod article;
mod compared;
mod edition;
mod editions;
mod impact;
mod library;
mod statute;

use zhunsheng_core::day::Day;
use zhunsheng_core::statute::{Edition, Statute, Statutes};

use crate::store::statutes::EditionRow;
use crate::web::PageError;

pub(in crate::web) use article::show_article;
pub(in crate::web) use compared::show_comparison;
pub(in crate::web) use edition::show_edition;
pub(in crate::web) use impact::show_impact;
pub(in crate::web) use library::list_statutes;
pub(super) use library::snippet;
pub(in crate::web) use statute::show_statute;

/// How an edition stands on a day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    InForce,
    Coming,
    Past,
    Unknown,
}

impl Standing {
    fn of(edition: Option<&Edition>, today: Day) -> Self {
        match edition {
            None => Self::Unknown,
            Some(edition) if edition.applies_on(today) => Self::InForce,
            Some(edition) if today < edition.in_force => Self::Coming,
            Some(_) => Self::Past,
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::InForce => "施行中",
            Self::Coming => "尚未施行",
            Self::Past => "已不施行",
            Self::Unknown => "施行日期未登记",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::InForce => "ok",
            Self::Coming => "soon",
            Self::Past => "stopped",
            Self::Unknown => "provisional",
        }
    }
}

/// What of a statute an address names: its short name, and what the list of statutes knows of it.
struct Named<'s> {
    short: String,
    title: String,
    known: Option<&'s Statute>,
}

/// The name in the list of statutes that an address means, or the name as it is.
fn short_of(statutes: &Statutes, name: &str) -> String {
    statutes.find(name).map_or_else(|| name.to_owned(), |statute| statute.short.clone())
}

/// The statute of an address, if the list or the library has it.
fn named<'s>(statutes: &'s Statutes, short: &str, there: &[EditionRow]) -> Result<Named<'s>, PageError> {
    let known = statutes.find(short);
    let title = known.map(|statute| statute.title.clone()).or_else(|| there.last().map(|row| row.title.clone()));
    let title = title.ok_or_else(|| PageError::Absent(format!("法规清单和法规库中都没有《{short}》。")))?;
    Ok(Named { short: short.to_owned(), title, known })
}

impl Named<'_> {
    fn edition(&self, adopted: Day) -> Option<&Edition> {
        self.known.and_then(|statute| statute.adopted(adopted))
    }

    /// Why this edition is not the law today, if it is not.
    fn warning(&self, adopted: Day, today: Day) -> Option<String> {
        let edition = self.edition(adopted);
        match (Standing::of(edition, today), edition) {
            (Standing::Past, Some(edition)) => {
                let until = edition.until.map(|until| format!("自{}起", until.chinese())).unwrap_or_default();
                Some(format!("这个版本{until}不再施行。"))
            }
            (Standing::Coming, Some(edition)) => {
                Some(format!("这个版本自{}起施行，现在尚未施行。", edition.in_force.chinese()))
            }
            (Standing::Unknown, _) => Some("法规清单没有登记这个版本的施行日期，引用前请核对。".to_owned()),
            _ => None,
        }
    }
}

/// The day in an address.
fn day_in(text: &str) -> Result<Day, PageError> {
    Day::parse(text).ok_or_else(|| PageError::Absent(format!("“{text}”不是日期，版本应如 2021-01-22。")))
}
