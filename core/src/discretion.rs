//! 裁量基准 (`law/discretion/`): for each violation the range that the statute sets for its fine, and the part of it that
//! belongs to each degree (行政处罚法§34: made by the organ, published). Conditions compare with it through six tables.
//!
//! Does not belong here: which condition refuses what (the procedure), and whether the statute's words say so
//! (`check/discretion.rs`).

mod bound;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::basis::Basis;
use crate::day::Day;
use crate::id::TableId;
use crate::law::LawError;
use crate::matter::{Fact, MatterState};
use crate::statute::fine::{Extent, ONCE};
use crate::table::{Amount, Row, Table, share};
use crate::text::yuan;

/// The fields of a matter that are read: field of enforcement, violation, degree; the amount that a multiple is taken of; the
/// day on which the violation ended, whose law counts unless the new one is lighter.
const FIELDS: [&str; 3] = ["domain", "violation", DEGREE];
/// The field that holds the degree.
pub const DEGREE: &str = "discretion";
const BASE: &str = "penalty_base";
const ENDED: &str = "violation_ended_on";
/// One hundred percent, in ten-thousandths.
const WHOLE: i64 = 10_000;

/// How heavily a violation weighs; the codes of the field `discretion`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Degree {
    /// 减轻: below what the statute sets, on a ground of 行政处罚法§30–32.
    Mitigated,
    /// 从轻.
    Lighter,
    /// 一般.
    Ordinary,
    /// 从重.
    Heavier,
}

impl Degree {
    /// All, from the lightest.
    pub const ALL: [Self; 4] = [Self::Mitigated, Self::Lighter, Self::Ordinary, Self::Heavier];

    /// The code in a matter.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mitigated => "mitigated",
            Self::Lighter => "lighter",
            Self::Ordinary => "ordinary",
            Self::Heavier => "heavier",
        }
    }

    /// From its code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|degree| degree.code() == code)
    }

    /// The word officials use.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Mitigated => "减轻",
            Self::Lighter => "从轻",
            Self::Ordinary => "一般",
            Self::Heavier => "从重",
        }
    }
}

/// From least to most, both included: 分, or ten-thousandths of a base.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// 以上.
    pub least: i64,
    /// 以下.
    pub most: i64,
}

impl Range {
    /// The part of it between two percentages.
    fn part(self, [from, to]: [i64; 2]) -> Self {
        let at = |percent: i64| self.least + (self.most - self.least).saturating_mul(percent) / 100;
        Self { least: at(from), most: at(to) }
    }
}

/// Amounts from which (included) to which (excluded) an item holds, in 分: 货值金额不足一万元的, 一万元以上的.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// 以上.
    pub from: i64,
    /// 不足.
    pub below: Option<i64>,
}

impl Bounds {
    /// Whether an amount lies between them.
    pub fn hold(self, amount: i64) -> bool {
        self.from <= amount && self.below.is_none_or(|below| amount < below)
    }

    /// In brackets behind a violation: （计罚基数不足10000元）.
    pub fn words(self) -> String {
        let from = (self.from > 0).then(|| format!("{}元以上", yuan(self.from)));
        let below = self.below.map(|below| format!("不足{}元", yuan(below)));
        let said: Vec<String> = from.into_iter().chain(below).collect();
        format!("（计罚基数{}）", said.join("、"))
    }

    /// Whether no amount lies between both these and others.
    fn apart(self, other: Self) -> bool {
        let before = |one: Self, two: Self| one.below.is_some_and(|below| below <= two.from);
        before(self, other) || before(other, self)
    }
}

/// Whose document a benchmark rests on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The organ that made it.
    pub organ: String,
    /// The number of its document.
    pub number: String,
    /// Whether that is a superior of the organs that apply it: they may leave it only with its approval.
    #[serde(default)]
    pub superior: bool,
}

/// One violation, or the part of it with one range.
#[derive(Clone, Debug)]
pub struct Item {
    /// The field of enforcement, as the code of the field `domain`.
    pub field: String,
    /// 案由, as cases name it.
    pub violation: String,
    /// The article that sets the fine.
    pub basis: Basis,
    /// The first day of decisions under it.
    pub from: Day,
    /// The first day no longer.
    pub until: Option<Day>,
    /// What a multiple is taken of (货值金额, 违法所得); none: the range is money.
    pub of: Option<String>,
    /// Where the article sets another range for larger amounts: the amounts of this one.
    pub bounds: Option<Bounds>,
    /// What the statute allows.
    pub statute: Range,
    /// Who set the degrees, where that is written; otherwise the organ itself.
    pub issuer: Option<Issuer>,
    degrees: [Range; 3],
}

impl Item {
    /// The range of a degree. 减轻 ends where the statute begins.
    pub fn range(&self, degree: Degree) -> Range {
        let [lighter, ordinary, heavier] = self.degrees;
        match degree {
            Degree::Mitigated => Range { least: 0, most: self.statute.least },
            Degree::Lighter => lighter,
            Degree::Ordinary => ordinary,
            Degree::Heavier => heavier,
        }
    }

    /// A range of this item in 分; none while the amount that it is a multiple of is not known.
    pub fn money(&self, range: Range, base: Option<i64>) -> Option<Range> {
        if self.of.is_none() {
            return Some(range);
        }
        base.map(|base| Range { least: share(base, range.least), most: share(base, range.most) })
    }

    /// One end of a range in words: 5000元, 货值金额的1.5倍.
    pub fn written(&self, end: i64) -> String {
        self.extent(Range { least: end, most: end }).to_string()
    }

    /// A range in words: 5000—50000元, 100000元以下, 货值金额的50%以上3倍以下.
    pub fn words(&self, range: Range) -> String {
        match (&self.of, range.least) {
            (_, 0) => format!("{}以下", self.written(range.most)),
            (None, least) => format!("{}—{}元", yuan(least), yuan(range.most)),
            (Some(_), _) => self.extent(range).to_string(),
        }
    }

    /// A range as the reading of a statute gives it.
    pub fn extent(&self, range: Range) -> Extent {
        let number = |end: i64, scale| u64::try_from(end).ok().map(|end| end.saturating_mul(scale));
        match &self.of {
            None => Extent::Money { least: number(range.least, 1), most: number(range.most, 1), per: None },
            Some(base) => {
                // Hundred-thousandths there, ten-thousandths here.
                let scale = ONCE / 10_000;
                Extent::Share { base: base.clone(), least: number(range.least, scale), most: number(range.most, scale) }
            }
        }
    }

    /// Its violation, and for which amounts: 经营劣质农药（计罚基数不足10000元）.
    pub fn named(&self) -> String {
        format!("{}{}", self.violation, self.amounts())
    }

    /// For which amounts, in brackets; empty: for all.
    pub fn amounts(&self) -> String {
        self.bounds.map(Bounds::words).unwrap_or_default()
    }

    /// Whether it holds for an amount; while that is not known, any may.
    pub fn holds(&self, base: Option<i64>) -> bool {
        self.bounds.zip(base).is_none_or(|(bounds, base)| bounds.hold(base))
    }

    /// Whether some case comes under both: the same violation, a common day, a common amount.
    pub fn meets(&self, other: &Self) -> bool {
        let apart = self.bounds.zip(other.bounds).is_some_and(|(own, other)| own.apart(other));
        !apart
            && self.violation == other.violation
            && self.until.is_none_or(|until| other.from < until)
            && other.until.is_none_or(|until| self.from < until)
    }

    /// The superior that set the degrees, if one did.
    pub fn superior(&self) -> Option<&Issuer> {
        self.issuer.as_ref().filter(|issuer| issuer.superior)
    }

    /// Whether it applies on a day.
    pub fn applies(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The amount of a matter that a multiple is taken of, in 分.
    pub fn base_of(state: &MatterState) -> Option<i64> {
        state.fact(BASE).and_then(Fact::number)
    }
}

/// One file: the benchmark of a field of enforcement.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// The file, relative to the law folder.
    pub file: String,
    /// Its title.
    pub title: String,
    /// Why the county must set it, where the sources do not settle it.
    pub configurable: Option<String>,
    /// When each degree applies, by its code.
    pub when: BTreeMap<String, String>,
    /// Its violations.
    pub items: Vec<Item>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Discretion(Vec<Benchmark>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    field: String,
    title: String,
    configurable: Option<String>,
    /// Of all items that name no other.
    issuer: Option<Issuer>,
    degrees: RawDegrees,
    #[serde(default)]
    when: BTreeMap<String, String>,
    item: Vec<RawItem>,
}

/// In percent of the distance between what the statute sets as the least and the most.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDegrees {
    lighter: [i64; 2],
    ordinary: [i64; 2],
    heavier: [i64; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawItem {
    violation: toml::Spanned<String>,
    basis: Basis,
    from: Day,
    until: Option<Day>,
    /// In 元.
    fine: Option<[i64; 2]>,
    /// In percent of what `of` names.
    percent: Option<[i64; 2]>,
    of: Option<String>,
    /// In 元: for which amounts of the base (货值金额) the range holds, where the article sets several.
    base_from: Option<i64>,
    base_below: Option<i64>,
    issuer: Option<Issuer>,
    /// Instead of the file's shares, in the unit of the item.
    lighter: Option<[i64; 2]>,
    ordinary: Option<[i64; 2]>,
    heavier: Option<[i64; 2]>,
}

impl RawItem {
    fn read(self, file: &RawFile) -> Result<Item, (usize, &'static str)> {
        let (at, raw) = (self.violation.span().start, &file.degrees);
        let ([least, most], scale) = match (self.fine, self.percent, &self.of) {
            (Some(fine), None, None) => (fine, 100),
            (None, Some(percent), Some(_)) => (percent, WHOLE / 100),
            _ => return Err((at, "expected either `fine = [元, 元]` or `percent = [%, %]` with `of`")),
        };
        let range =
            |[least, most]: [i64; 2]| Range { least: least.saturating_mul(scale), most: most.saturating_mul(scale) };
        let statute = range([least, most]);
        if least < 0 || least > most {
            return Err((at, "the range begins behind its end"));
        }
        let bounds = match (self.base_from, self.base_below) {
            (None, None) => None,
            (from, below) => Some(Bounds {
                from: from.unwrap_or(0).saturating_mul(100),
                below: below.map(|below| below.saturating_mul(100)),
            }),
        };
        if bounds.is_some_and(|bounds| bounds.below.is_some_and(|below| below <= bounds.from)) {
            return Err((at, "`base_below` must be more than `base_from`"));
        }
        let degree = |own: Option<[i64; 2]>, percent| own.map_or_else(|| statute.part(percent), range);
        Ok(Item {
            field: file.field.clone(),
            violation: self.violation.into_inner(),
            basis: self.basis,
            from: self.from,
            until: self.until,
            of: self.of,
            bounds,
            statute,
            issuer: self.issuer.or_else(|| file.issuer.clone()),
            degrees: [
                degree(self.lighter, raw.lighter),
                degree(self.ordinary, raw.ordinary),
                degree(self.heavier, raw.heavier),
            ],
        })
    }
}

/// In percent of their pairs of letters: from here on two wordings are near each other.
const NEAR: usize = 60;
/// So many are named.
const NEAR_MOST: usize = 3;

/// How much of their pairs of neighbouring letters two wordings share, in percent.
fn alike(one: &str, other: &str) -> usize {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let next = letters.iter().skip(1).copied();
        letters.iter().copied().zip(next).collect::<std::collections::BTreeSet<_>>()
    };
    let (one, other) = (pairs(one), pairs(other));
    let all = one.len() + other.len();
    (200 * one.intersection(&other).count()).checked_div(all).unwrap_or(0)
}

impl Discretion {
    /// Adds a file.
    ///
    /// # Errors
    /// What is wrong in it, with its place.
    pub fn load(&mut self, file: &str, source: &str) -> Result<(), LawError> {
        let mut raw: RawFile = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let items = std::mem::take(&mut raw.item);
        let read = |item: RawItem| item.read(&raw).map_err(|(at, what)| LawError::at(file, source, at, what));
        let items = items.into_iter().map(read).collect::<Result<_, _>>()?;
        let (file, title) = (file.to_owned(), raw.title);
        self.0.push(Benchmark { file, title, configurable: raw.configurable, when: raw.when, items });
        Ok(())
    }

    /// The files.
    pub fn benchmarks(&self) -> impl Iterator<Item = &Benchmark> {
        self.0.iter()
    }

    /// The entry that a matter comes under: of the day on which the violation ended, else of this day.
    pub fn of(&self, state: &MatterState, day: Day) -> Option<(&Benchmark, &Item)> {
        let [field, violation, _] = FIELDS.map(|field| state.fact(field));
        let Fact::Text(violation) = violation? else { return None };
        let day = state.fact(ENDED).and_then(Fact::day).unwrap_or(day);
        self.find(field?.code()?, violation, day, Item::base_of(state))
    }

    /// Entries whose violation is written much like that of a matter which comes under none, the nearest first: a word more or less
    /// takes no case from the benchmark.
    pub fn near(&self, state: &MatterState, day: Day) -> Vec<&Item> {
        let [field, violation, _] = FIELDS.map(|field| state.fact(field));
        let (Some(field), Some(Fact::Text(violation))) = (field.and_then(Fact::code), violation) else {
            return Vec::new();
        };
        let day = state.fact(ENDED).and_then(Fact::day).unwrap_or(day);
        let mut near: Vec<(usize, &Item)> = Vec::new();
        for item in self.0.iter().flat_map(|benchmark| &benchmark.items) {
            let alike = alike(violation, &item.violation);
            let told = near.iter().any(|(_, known)| known.violation == item.violation);
            if item.field == field && item.applies(day) && alike >= NEAR && !told {
                near.push((alike, item));
            }
        }
        if near.iter().any(|(_, item)| item.violation == *violation) {
            return Vec::new();
        }
        near.sort_by_key(|(alike, _)| std::cmp::Reverse(*alike));
        near.into_iter().take(NEAR_MOST).map(|(_, item)| item).collect()
    }

    /// The entry of a violation on a day and for an amount, as far as that is known, with its file.
    pub fn find(&self, field: &str, violation: &str, day: Day, base: Option<i64>) -> Option<(&Benchmark, &Item)> {
        let fits =
            |item: &&Item| item.field == field && item.violation == violation && item.applies(day) && item.holds(base);
        self.0.iter().find_map(|benchmark| Some((benchmark, benchmark.items.iter().find(fits)?)))
    }

    /// The tables that conditions compare with. A violation that is not listed has no limits here; a multiple of an amount
    /// that is not filled cannot be kept to, so everything is outside. What a superior set stands in two tables of its own.
    pub fn tables(&self) -> Vec<Table> {
        let Ok(basis) = Basis::parse("行政处罚法§34") else { return Vec::new() };
        let set = |id: &str, title: &str, degrees: &[Option<Degree>], end: End, of: fn(&&Item) -> bool| {
            let rows = self.0.iter().flat_map(|benchmark| &benchmark.items).filter(of);
            let rows = rows.flat_map(|item| degrees.iter().map(move |degree| row(item, *degree, end))).collect();
            Table::made(TableId::from(id), title, basis.clone(), rows, ENDED, end.unlimited())
        };
        let made = |id: &str, title: &str, degrees: &[Option<Degree>], end: End| set(id, title, degrees, end, |_| true);
        let superior =
            |id: &str, title: &str, end| set(id, title, &Degree::ALL.map(Some), end, |item| item.superior().is_some());
        let all = Degree::ALL.map(Some);
        vec![
            made("statute_least", "法定罚款幅度（下限）", &[None], End::Least),
            made("statute_most", "法定罚款幅度（上限）", &[None], End::Most),
            made("benchmark_least", "裁量基准（下限）", &all, End::Least),
            made("benchmark_most", "裁量基准（上限）", &all, End::Most),
            superior("superior_least", "上级机关的裁量基准（下限）", End::Least),
            superior("superior_most", "上级机关的裁量基准（上限）", End::Most),
        ]
    }
}

/// Which end of a range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Least,
    Most,
}

impl End {
    fn of(self, range: Range) -> i64 {
        if self == Self::Least { range.least } else { range.most }
    }

    /// What every amount keeps to.
    fn unlimited(self) -> i64 {
        if self == Self::Least { i64::MIN } else { i64::MAX }
    }

    /// What no amount keeps to.
    fn impossible(self) -> i64 {
        if self == Self::Least { i64::MAX } else { i64::MIN }
    }
}

fn row(item: &Item, degree: Option<Degree>, end: End) -> Row {
    let amount = end.of(degree.map_or(item.statute, |degree| item.range(degree)));
    let amount = match (&item.of, item.bounds) {
        (None, None) => Amount::Fixed(amount),
        (None, Some(_)) => Amount::Beside { of: BASE, amount, unknown: end.impossible() },
        (Some(_), _) => Amount::Share { of: BASE, parts: amount, unknown: end.impossible() },
    };
    let values = [Some(item.field.as_str()), Some(item.violation.as_str()), degree.map(Degree::code)];
    let matches = FIELDS.iter().zip(values).filter_map(|(field, value)| Some(((*field).to_owned(), value?.to_owned())));
    let bounds = item.bounds.map(|bounds| (BASE, bounds));
    Row { matches: matches.collect(), party: None, bounds, from: item.from, until: item.until, amount }
}

#[cfg(test)]
mod tests;
