//! The statutes 法规 that the county relies on: names, editions with their days, and how each counts 日.
//!
//! Only facts stand here and in `law/statutes.toml`; the texts are imported by each county and never part of the
//! program. A citation finds its statute by name ([`Statutes::find`]) and its edition by the day of the act
//! ([`Statute::on`]): which edition applies follows the day it came into force, which edition is *meant* is said
//! by the day it was adopted.

pub mod citing;
pub mod compare;
mod counting;
pub mod fine;
pub mod impact;
pub mod text;

use serde::Deserialize;

use crate::day::Day;
use crate::law::LawError;

pub use counting::{Bound, Counting, PartyLimit, WorkDays};

/// What rank a statute has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 法律.
    Law,
    /// 行政法规.
    Regulation,
    /// 司法解释.
    Interpretation,
    /// 党内法规.
    PartyRegulation,
    /// 部门规章、地方政府规章.
    Rule,
}

impl Level {
    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Law => "法律",
            Self::Regulation => "行政法规",
            Self::Interpretation => "司法解释",
            Self::PartyRegulation => "党内法规",
            Self::Rule => "规章",
        }
    }
}

/// One text of a statute: as adopted, or as revised or amended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edition {
    /// The day of adoption, revision or amendment (通过、修订、修正、公布之日): names the edition.
    pub adopted: Day,
    /// The day from which it applies (施行之日).
    pub in_force: Day,
    /// The first day on which it applies no more: a later edition's, or the repeal's.
    pub until: Option<Day>,
    /// The number of its last article, where it is known.
    pub articles: Option<u16>,
    /// How it counts.
    pub counting: Counting,
}

impl Edition {
    /// Whether an act of that day is under this edition.
    pub fn applies_on(&self, day: Day) -> bool {
        self.in_force <= day && self.until.is_none_or(|until| day < until)
    }
}

/// A statute with the editions that are known, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statute {
    /// The name citations use, e.g. 行政处罚法.
    pub short: String,
    /// The full title, e.g. 中华人民共和国行政处罚法.
    pub title: String,
    /// Other names in use, e.g. 行诉解释.
    pub aliases: Vec<String>,
    /// Its rank.
    pub level: Level,
    /// Its editions, oldest first, without gap or overlap.
    pub editions: Vec<Edition>,
}

impl Statute {
    /// The edition in force on a day.
    pub fn on(&self, day: Day) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.applies_on(day))
    }

    /// The edition adopted on a day.
    pub fn adopted(&self, day: Day) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.adopted == day)
    }

    /// The newest edition known.
    pub fn newest(&self) -> Option<&Edition> {
        self.editions.last()
    }
}

/// The statutes of `law/statutes.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statutes {
    statutes: Vec<Statute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    statute: Vec<toml::Spanned<RawStatute>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatute {
    short: String,
    title: String,
    #[serde(default)]
    aliases: Vec<String>,
    level: Level,
    /// When the last edition ceased to apply without a later one.
    repealed: Option<Day>,
    edition: Vec<RawEdition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEdition {
    adopted: Day,
    in_force: Day,
    articles: Option<u16>,
    #[serde(flatten)]
    counting: Counting,
}

impl Statutes {
    /// Reads `law/statutes.toml`.
    ///
    /// # Errors
    /// Unknown keys, a name given twice, editions out of order: with file, line and column.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let raw: File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut known = Self::default();
        for spanned in raw.statute {
            let at = spanned.span().start;
            let statute = assembled(spanned.into_inner()).map_err(|what| LawError::at(file, source, at, what))?;
            let names = [&statute.short, &statute.title].into_iter().chain(&statute.aliases);
            if let Some(twice) = names.into_iter().find(|name| known.find(name).is_some()) {
                return Err(LawError::at(file, source, at, format!("two statutes are called `{twice}`")));
            }
            known.statutes.push(statute);
        }
        Ok(known)
    }

    /// A statute by its short name, full title or alias; 《》 and 中华人民共和国 in front may be there or not.
    pub fn find(&self, name: &str) -> Option<&Statute> {
        let wanted = bare_name(name);
        self.statutes.iter().find(|statute| {
            bare_name(&statute.short) == wanted
                || bare_name(&statute.title) == wanted
                || statute.aliases.iter().any(|alias| bare_name(alias) == wanted)
        })
    }

    /// All of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Statute> {
        self.statutes.iter()
    }
}

/// A name without 《》, the state's name and spaces.
pub fn bare_name(name: &str) -> &str {
    let name = name.trim().trim_start_matches('《').trim_end_matches('》');
    name.strip_prefix("中华人民共和国").filter(|rest| !rest.is_empty()).unwrap_or(name)
}

fn assembled(raw: RawStatute) -> Result<Statute, String> {
    let mut editions: Vec<Edition> = Vec::new();
    for raw in raw.edition {
        if let Some(before) = editions.last_mut() {
            if before.adopted >= raw.adopted || before.in_force >= raw.in_force {
                return Err(format!("editions are in order of their days, oldest first: {}", raw.adopted));
            }
            before.until = Some(raw.in_force);
        }
        if raw.in_force < raw.adopted {
            return Err(format!("the edition of {} is in force before it was adopted", raw.adopted));
        }
        editions.push(Edition {
            adopted: raw.adopted,
            in_force: raw.in_force,
            until: None,
            articles: raw.articles,
            counting: raw.counting,
        });
    }
    if editions.is_empty() {
        return Err("a statute has at least one edition".to_owned());
    }
    if let Some(last) = editions.last_mut() {
        last.until = raw.repealed;
    }
    Ok(Statute { short: raw.short, title: raw.title, aliases: raw.aliases, level: raw.level, editions })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[[statute]]
short = "行政复议法"
title = "中华人民共和国行政复议法"
aliases = ["复议法"]
level = "law"
[[statute.edition]]
adopted = "2017-09-01"
in_force = "2018-01-01"
work_days = { amounts = [5, 7], basis = "行政复议法§40.2" }
roll = "民事诉讼法§85.3"
[[statute.edition]]
adopted = "2023-09-01"
in_force = "2024-01-01"
work_days = { amounts = [3, 5, 7, 10], basis = "行政复议法§88.2" }
roll = "民事诉讼法§85.3"
"#;

    #[test]
    fn an_edition_is_found_by_name_and_day() {
        let statutes = Statutes::parse("statutes.toml", FILE).unwrap();
        for name in ["行政复议法", "《中华人民共和国行政复议法》", "复议法"] {
            let statute = statutes.find(name).unwrap();
            let on = |day: &str| statute.on(Day::parse(day).unwrap()).map(|edition| edition.adopted.to_string());
            assert_eq!(on("2023-12-31").as_deref(), Some("2017-09-01"));
            assert_eq!(on("2024-01-01").as_deref(), Some("2023-09-01"));
            assert_eq!(on("2017-12-31"), None);
        }
    }

    #[test]
    fn days_out_of_order_and_names_given_twice_are_errors_with_a_place() {
        let swapped = FILE.replace("2023-09-01", "2016-09-01");
        assert_eq!(Statutes::parse("statutes.toml", &swapped).unwrap_err().at, Some((2, 1)));
        let twice = format!("{FILE}{FILE}");
        assert!(Statutes::parse("statutes.toml", &twice).unwrap_err().what.contains("行政复议法"));
    }
}
