//! 四张清单 (`law/leniency/`): for a violation the lists of when it is not punished, punished more lightly, below the statute, or
//! without compulsion, each resting on a ground of the law, dated, with its conditions.
//!
//! A list makes a ground of the statute concrete for a violation; it adds none. Does not belong here: ranges of fines
//! (`discretion.rs`), which decision is refused (the procedure), conflicts and gaps (`check/leniency.rs`).

use serde::Deserialize;

use crate::basis::Basis;
use crate::day::Day;
use crate::law::LawError;
use crate::matter::{Fact, MatterState};
use crate::procedure::Procedure;

/// The file with the grounds that lists may rest on.
pub const GROUNDS: &str = "leniency/grounds.toml";
/// What is read of a matter: field of enforcement, violation, the day on which it ended.
const DOMAIN: &str = "domain";
const VIOLATION: &str = "violation";
const ENDED: &str = "violation_ended_on";
/// Fields of cases whose codes the grounds of lists are.
const EXEMPT: &str = "exempt_ground";
const MITIGATION: &str = "mitigation_ground";

/// One of the four.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// 不予处罚.
    NoPenalty,
    /// 从轻处罚.
    Lighter,
    /// 减轻处罚.
    Mitigated,
    /// 免予行政强制.
    NoCompulsion,
}

impl List {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::NoPenalty, Self::Lighter, Self::Mitigated, Self::NoCompulsion];

    /// Its code in law files.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoPenalty => "no_penalty",
            Self::Lighter => "lighter",
            Self::Mitigated => "mitigated",
            Self::NoCompulsion => "no_compulsion",
        }
    }

    /// Its name.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::NoPenalty => "不予处罚清单",
            Self::Lighter => "从轻处罚清单",
            Self::Mitigated => "减轻处罚清单",
            Self::NoCompulsion => "免予行政强制清单",
        }
    }

    /// The field of a case in which its grounds are chosen; none: in no field.
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::NoPenalty => Some(EXEMPT),
            Self::Lighter | Self::Mitigated => Some(MITIGATION),
            Self::NoCompulsion => None,
        }
    }
}

/// A ground of the law.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// For which list.
    pub list: List,
    /// Its code, that of cases.
    pub code: String,
    /// In a few words.
    pub title: String,
    /// The article.
    pub basis: Basis,
}

/// A violation on a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which list.
    pub list: List,
    /// The field of enforcement.
    pub field: String,
    /// As cases name it.
    pub violation: String,
    /// The code of its ground.
    pub ground: String,
    /// The first day of violations under it.
    pub from: Day,
    /// The first day no longer.
    pub until: Option<Day>,
    /// All of which have to be there.
    pub conditions: Vec<String>,
    /// What the organ does instead or besides.
    pub measures: String,
}

impl Item {
    /// Whether it applies on a day.
    pub fn applies(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Whether both apply on some day.
    pub fn meets(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }

    /// Its conditions in words.
    pub fn words(&self) -> String {
        self.conditions.join("；")
    }
}

/// The lists of a field of enforcement.
#[derive(Clone, Debug)]
pub struct Lists {
    /// The file, relative to the law folder.
    pub file: String,
    /// The field.
    pub field: String,
    /// Their title.
    pub title: String,
    /// Why the county must set them, where the sources do not settle it.
    pub configurable: Option<String>,
    /// Their violations.
    pub items: Vec<Item>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Leniency {
    grounds: Vec<Ground>,
    lists: Vec<Lists>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrounds {
    ground: Vec<Ground>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    field: String,
    title: String,
    configurable: Option<String>,
    item: Vec<RawItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawItem {
    list: List,
    violation: toml::Spanned<String>,
    ground: String,
    from: Day,
    until: Option<Day>,
    conditions: Vec<String>,
    measures: String,
}

impl Leniency {
    /// Adds a file.
    ///
    /// # Errors
    /// What is wrong in it, with its place.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        if file == GROUNDS {
            let raw: RawGrounds = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
            self.grounds = raw.ground;
            return Ok(());
        }
        let raw: RawFile = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut items = Vec::new();
        for item in raw.item {
            let at = item.violation.span().start;
            let wrong = |what| Err(LawError::at(file, source, at, what));
            if item.until.is_some_and(|until| until <= item.from) {
                return wrong("it ends before it begins");
            }
            if item.conditions.iter().all(|condition| condition.trim().is_empty()) {
                return wrong("expected `conditions`: a list without them would hold for everybody");
            }
            items.push(Item {
                list: item.list,
                field: raw.field.clone(),
                violation: item.violation.into_inner(),
                ground: item.ground,
                from: item.from,
                until: item.until,
                conditions: item.conditions,
                measures: item.measures,
            });
        }
        let (file, title) = (file.to_owned(), raw.title);
        self.lists.push(Lists { file, field: raw.field, title, configurable: raw.configurable, items });
        Ok(())
    }

    /// The lists, field by field.
    pub fn lists(&self) -> impl Iterator<Item = &Lists> {
        self.lists.iter()
    }

    /// The grounds that lists may rest on.
    pub fn grounds(&self) -> impl Iterator<Item = &Ground> {
        self.grounds.iter()
    }

    /// The ground of an item; none: it names one that its list does not know.
    pub fn ground(&self, item: &Item) -> Option<&Ground> {
        self.grounds.iter().find(|ground| ground.list == item.list && ground.code == item.ground)
    }

    /// What stands on the lists about the violation of a matter, on the day on which it ended, else on this day.
    pub fn of<'a>(&'a self, state: &MatterState, day: Day) -> Vec<&'a Item> {
        let (Some(field), Some(Fact::Text(violation))) =
            (state.fact(DOMAIN).and_then(Fact::code), state.fact(VIOLATION))
        else {
            return Vec::new();
        };
        let day = state.fact(ENDED).and_then(Fact::day).unwrap_or(day);
        let fits = |item: &&Item| item.field == field && item.violation == *violation && item.applies(day);
        let mut found: Vec<&Item> = self.lists.iter().flat_map(|lists| &lists.items).filter(fits).collect();
        found.sort_by_key(|item| item.list);
        found
    }

    /// Grounds whose codes no case knows, and items whose ground their list does not know.
    pub fn problems<'a>(&self, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let procedures: Vec<&Procedure> = procedures.collect();
        let known = |ground: &Ground| {
            let Some(field) = ground.list.field() else { return true };
            let mut asking = procedures.iter().filter(|procedure| procedure.fields.contains_key(field)).peekable();
            asking.peek().is_none() || asking.any(|procedure| procedure.knows_code(field, &ground.code))
        };
        let unknown = self.grounds.iter().filter(|ground| !known(ground));
        let unknown = unknown.map(|ground| {
            let what = format!("no case has the ground `{}` of {}", ground.code, ground.list.chinese());
            LawError::plain(GROUNDS, what)
        });
        let without = self.lists.iter().flat_map(|lists| {
            let lost = lists.items.iter().filter(|item| self.ground(item).is_none());
            lost.map(|item| {
                let what =
                    format!("`{}`: {} rests on no ground `{}`", item.violation, item.list.chinese(), item.ground);
                LawError::plain(&lists.file, what)
            })
        });
        unknown.chain(without).collect()
    }
}
