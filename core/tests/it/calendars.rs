//! The committed calendars against an independent package, day by day: what a notice says is typed by hand twice,
//! by different people, and has to come out the same. `core/tests/calendar/independent.csv` names its source.

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::law;

use super::support::law_files;

const INDEPENDENT: &str = include_str!("../calendar/independent.csv");

/// Days on which the package and the notice differ, each with the reason. None is known: both have 2024-02-09
/// (除夕) as a working day, for the notice of that year only encouraged employers to let people go.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Working or not, by day, as the package has it.
fn independent() -> BTreeMap<Day, bool> {
    let lines = INDEPENDENT.lines().filter(|line| !line.starts_with('#'));
    let days: Vec<(Day, bool)> = lines
        .map(|line| line.split_once(',').unwrap())
        .map(|(day, working)| (Day::parse(day).unwrap(), working == "1"))
        .collect();
    let table: BTreeMap<Day, bool> = days.iter().copied().collect();
    assert_eq!(table.len(), days.len(), "a day stands twice in the table");
    table
}

#[test]
fn every_day_of_every_calendar_is_as_an_independent_package_has_it() {
    let calendar = law::load(&law_files()).calendar;
    let independent = independent();
    let excepted = |day: Day| EXCEPTIONS.iter().any(|(known, _)| *known == day.to_string());
    let differ: Vec<String> = independent
        .iter()
        .filter(|(day, working)| !excepted(**day) && calendar.is_work_day(**day) != Ok(**working))
        .map(|(day, working)| format!("{day}: the package says working = {working}"))
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn the_table_covers_each_year_whole() {
    let independent = independent();
    for year in 2019..=2026_i16 {
        let days = independent.keys().filter(|day| day.to_string().starts_with(&year.to_string())).count();
        assert_eq!(days, if year % 4 == 0 { 366 } else { 365 }, "{year}");
    }
}
