//! 裁量基准 and 四张清单 as a workbook for lawyers: out with drop-downs, in again as a proposed edition that begins on a day. What is in
//! force is never overwritten: a changed line ends on that day and its successor begins.
//!
//! `book` writes the workbook, `read` compares one with the law, `write` makes the law files of the edition. A proposal changes nothing:
//! its files are put into the law folder, checked, and adopted by the act that adopts law. Does not belong here: pages, commands.

pub mod book;
pub mod read;
pub mod write;

use zhunsheng_core::basis::{Article, Basis};
use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::{Degree, Item, Range};
use zhunsheng_core::law::Law;
use zhunsheng_core::leniency::{Item as Entry, List};

/// The two sheets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sheet {
    /// 裁量基准.
    Benchmark,
    /// 四张清单.
    Lists,
}

impl Sheet {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Benchmark, Self::Lists];

    /// Its name in the workbook.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Benchmark => "裁量基准",
            Self::Lists => "四张清单",
        }
    }

    /// Its columns.
    #[must_use]
    pub fn head(self) -> &'static [&'static str] {
        match self {
            Self::Benchmark => &BENCHMARK,
            Self::Lists => &LISTS,
        }
    }

    /// The column of the violation.
    #[must_use]
    pub fn violation(self) -> usize {
        match self {
            Self::Benchmark => 1,
            Self::Lists => 2,
        }
    }

    /// The columns of the days on which a line begins and ends: the edition writes them.
    #[must_use]
    pub fn days(self) -> [usize; 2] {
        match self {
            Self::Benchmark => [3, 4],
            Self::Lists => [4, 5],
        }
    }

    /// The columns by which a line is the same line.
    #[must_use]
    pub fn key(self) -> &'static [usize] {
        match self {
            Self::Benchmark => &[0, 1, 3, BOUNDS_AT, BOUNDS_AT + 1],
            Self::Lists => &[0, 1, 2, 3, 4],
        }
    }
}

/// Columns of the benchmarks. The last six are the degrees.
const BENCHMARK: [&str; 16] = [
    "领域",
    "违法行为",
    "处罚依据",
    "自何日起",
    "至何日前",
    "计罚基数",
    "基数满（元）",
    "基数不足（元）",
    "法定下限",
    "法定上限",
    "从轻下限",
    "从轻上限",
    "一般下限",
    "一般上限",
    "从重下限",
    "从重上限",
];
/// Columns of the four lists.
const LISTS: [&str; 8] = ["领域", "清单", "违法行为", "法定情形", "自何日起", "至何日前", "条件", "配套措施"];
/// The first of the columns that say for which amounts of the base a line holds, of the statute's range, of the degrees.
const BOUNDS_AT: usize = 6;
const STATUTE_AT: usize = 8;
const DEGREES_AT: usize = 10;
/// Between conditions in a cell.
const BETWEEN: char = '；';

/// A line of the law as it stands in the workbook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its law file.
    pub file: String,
    /// Its place among the items of that file, from 0.
    pub item: usize,
    /// The day on which it begins.
    pub from: Day,
    /// The first day no longer.
    pub until: Option<Day>,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Fields of enforcement: code and title, as penalty cases know them.
#[must_use]
pub fn fields(law: &Law) -> Vec<(String, String)> {
    let penalty = law.newest("penalty");
    let list = penalty.and_then(|procedure| procedure.codes_of("domain"));
    let items = list.into_iter().flat_map(|list| &list.items);
    items.map(|(code, title)| (code.as_str().to_owned(), title.clone())).collect()
}

fn title_of(fields: &[(String, String)], code: &str) -> String {
    fields.iter().find(|(known, _)| known == code).map_or(code, |(_, title)| title).to_owned()
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// A hundredth part of what the law holds: 元 of 分, percent of ten-thousandths.
fn number(value: i64) -> String {
    match value % 100 {
        0 => (value / 100).to_string(),
        rest => format!("{}.{:02}", value / 100, rest.abs()).trim_end_matches('0').to_owned(),
    }
}

fn benchmark(fields: &[(String, String)], item: &Item) -> Vec<String> {
    let mut cells = vec![
        title_of(fields, &item.field),
        item.violation.clone(),
        item.basis.to_string(),
        item.from.to_string(),
        day(item.until),
        item.of.clone().unwrap_or_default(),
        item.bounds.filter(|bounds| bounds.from > 0).map(|bounds| number(bounds.from)).unwrap_or_default(),
        item.bounds.and_then(|bounds| bounds.below).map(number).unwrap_or_default(),
    ];
    let degrees = [Degree::Lighter, Degree::Ordinary, Degree::Heavier].map(|degree| item.range(degree));
    for Range { least, most } in std::iter::once(item.statute).chain(degrees) {
        cells.extend([number(least), number(most)]);
    }
    cells
}

fn listed(law: &Law, fields: &[(String, String)], item: &Entry) -> Vec<String> {
    let ground = law.leniency.ground(item).map(|ground| ground.title.clone());
    vec![
        title_of(fields, &item.field),
        item.list.chinese().to_owned(),
        item.violation.clone(),
        ground.unwrap_or_else(|| item.ground.clone()),
        item.from.to_string(),
        day(item.until),
        item.conditions.join(&BETWEEN.to_string()),
        item.measures.clone(),
    ]
}

/// What a sheet holds of the law, in the order of the law files.
#[must_use]
pub fn lines(law: &Law, sheet: Sheet) -> Vec<Line> {
    let fields = fields(law);
    let mut lines = Vec::new();
    match sheet {
        Sheet::Benchmark => {
            for file in law.discretion.benchmarks() {
                lines.extend(file.items.iter().enumerate().map(|(at, item)| Line {
                    file: file.file.clone(),
                    item: at,
                    from: item.from,
                    until: item.until,
                    cells: benchmark(&fields, item),
                }));
            }
        }
        Sheet::Lists => {
            for file in law.leniency.lists() {
                lines.extend(file.items.iter().enumerate().map(|(at, item)| Line {
                    file: file.file.clone(),
                    item: at,
                    from: item.from,
                    until: item.until,
                    cells: listed(law, &fields, item),
                }));
            }
        }
    }
    lines
}

/// The law file of a field of enforcement, by its title; none: it has none.
fn file_of(law: &Law, sheet: Sheet, field: &str) -> Option<String> {
    let code = fields(law).into_iter().find(|(_, title)| title == field).map(|(code, _)| code)?;
    match sheet {
        Sheet::Benchmark => {
            let of_field = |items: &[Item]| items.first().is_some_and(|item| item.field == code);
            law.discretion.benchmarks().find(|file| of_field(&file.items)).map(|file| file.file.clone())
        }
        Sheet::Lists => law.leniency.lists().find(|file| file.field == code).map(|file| file.file.clone()),
    }
}

/// A citation as a lawyer writes it, `《农药管理条例》第五十七条第（三）项`, or as a law file does, `农药管理条例§57(3)`.
fn basis_of(text: &str) -> Option<Basis> {
    if let Ok(basis) = Basis::parse(text) {
        return Some(basis);
    }
    let (source, article) = text.trim().strip_prefix('《')?.split_once('》')?;
    Basis::parse(&format!("{source}§{}", Article::read(article)?.written())).ok()
}

/// The list of this name.
fn list_of(name: &str) -> Option<List> {
    List::ALL.into_iter().find(|list| list.chinese() == name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn citations_are_read_as_they_are_shown() {
        for written in ["农药管理条例§57(3)", "种子法§76.1(1)", "道路运输条例§63"] {
            let basis = super::basis_of(written).unwrap();
            assert_eq!(super::basis_of(&basis.to_string()).unwrap().written(), written);
        }
        assert!(super::basis_of("农药管理条例").is_none() && super::basis_of("《农药管理条例》某条").is_none());
    }

    #[test]
    fn hundredths_are_written_as_a_person_would() {
        for (value, written) in [(500_000, "5000"), (0, "0"), (12_550, "125.5"), (105, "1.05")] {
            assert_eq!(super::number(value), written);
        }
    }
}
