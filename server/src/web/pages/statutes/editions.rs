//! The two editions that an address asks to compare: the same choice for what changed and for what rests on it.

use std::sync::Arc;

use zhunsheng_core::day::Day;

use super::{day_in, named, short_of};
use crate::app::App;
use crate::app::library::no_edition;
use crate::store::statutes;
use crate::web::{PageError, Query};

/// The editions of a statute in the library.
pub(super) struct Editions {
    /// The statute's short name.
    pub short: String,
    /// All of them, oldest first.
    pub editions: Vec<Day>,
    /// Those of `?from=&to=`, else the two newest; earlier first. None where there are no two.
    pub chosen: Option<(Day, Day)>,
}

impl Editions {
    /// Of the statute in an address.
    pub async fn asked(app: &Arc<App>, name: &str, query: &Query) -> Result<Self, PageError> {
        let ruling = app.county.ruling();
        let short = short_of(&ruling.law.statutes, name);
        let (reader, wanted) = (Arc::clone(app), short.clone());
        let rows = app.db.read(move |r| statutes::editions(r, &reader.county_code, &wanted)).await?;
        named(&ruling.law.statutes, &short, &rows)?;
        let editions: Vec<Day> = rows.iter().map(|row| row.adopted).collect();
        let chosen = choose(&short, &editions, query.filled("from"), query.filled("to"))?;
        Ok(Self { short, editions, chosen })
    }
}

fn choose(
    short: &str,
    editions: &[Day],
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Option<(Day, Day)>, PageError> {
    let (newest, before) = match editions {
        [.., before, newest] => (*newest, *before),
        _ => return Ok(None),
    };
    let day = |typed: Option<&str>, otherwise: Day| {
        let day = typed.map_or(Ok(otherwise), day_in)?;
        if editions.contains(&day) { Ok(day) } else { Err(PageError::Absent(no_edition(short, day, editions))) }
    };
    let (from, to) = (day(from, before)?, day(to, newest)?);
    Ok(Some((from.min(to), from.max(to))))
}
