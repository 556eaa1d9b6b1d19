//! Figures on hand-made projections: periods, what the county knew when, outcomes, codes, registers; and a measurement.

use std::collections::BTreeMap;

use crate::support::{Folder, only_sqlite};
use zhunsheng::params;
use zhunsheng::store::figures::{self, Question};
use zhunsheng::store::{Db, StoreFault, Tx, catalog};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::indicator::{Dated, Members, Period, Selection};

const COUNTY: &str = "211224";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn selection(procedure: &str, dated: Dated) -> Selection {
    Selection {
        procedures: vec![procedure.into()],
        dated,
        outcomes: Vec::new(),
        facts: BTreeMap::new(),
        organ_kind: None,
        function: None,
        members: None,
        done: Vec::new(),
        several: Vec::new(),
        organs: Vec::new(),
    }
}

fn years(from: &str, to: &str) -> Period {
    Period { from: Some(day(from)), to: Some(day(to)) }
}

fn ask<'a>(selection: &'a Selection, period: Period, known: i64) -> Question<'a> {
    Question { selection, period, known, today: day("2024-10-26") }
}

/// Tables of a county that nobody founded.
fn unfounded(folder: &Folder) -> Db {
    let db = Db::open(folder.home()).unwrap();
    db.write_blocking(|tx| catalog::make_partitions(tx, COUNTY)).unwrap();
    db
}

/// A fact that stands from one entry until another.
fn fact(tx: &mut Tx<'_>, matter: u128, field: &str, value: &str, number: Option<i64>, stood: (i64, Option<i64>)) {
    tx.execute(
        "INSERT INTO fact (county_code, matter, field, value, number, from_entry, until_entry) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![COUNTY, &MatterId(matter).to_bytes(), field, value, number, stood.0, stood.1],
    )
    .unwrap();
}

fn step(tx: &mut Tx<'_>, seq: i64, matter: u128, step: &str, day: i64, recorded: i64, withdrawn: Option<i64>) {
    tx.execute(
        "INSERT INTO step (county_code, seq, matter, step, procedure, day, recorded, recorded_day, person, organ, manner, withdrawn_entry)
         VALUES ($1, $2, $3, $4, 'dispute', $5, 0, $6, NULL, NULL, 0, $7)",
        params![COUNTY, seq, &MatterId(matter).to_bytes(), step, day, recorded, withdrawn],
    )
    .unwrap();
}

/// Three disputes: 1 ended agreed, 2 ended failed and entered late, 3 opened in error and voided.
fn three(tx: &mut Tx<'_>) -> Result<(), StoreFault> {
    fact(tx, 1, "_opened", "dispute", Some(20_240_105), (0, None));
    fact(tx, 1, "kind", "neighbour", None, (0, Some(3)));
    fact(tx, 1, "kind", "contract", None, (3, None));
    fact(tx, 1, "with", "court|police_station", None, (0, None));
    fact(tx, 1, "amount", "150050", Some(150_050), (0, None));
    fact(tx, 1, "_ended", "dispute.agreed", Some(20_240_201), (3, None));
    fact(tx, 2, "_opened", "dispute", Some(20_240_110), (1, None));
    fact(tx, 2, "kind", "contract", None, (1, None));
    fact(tx, 2, "with", "policeXstation", None, (1, None));
    fact(tx, 2, "amount", "100", Some(100), (1, None));
    fact(tx, 2, "_ended", "dispute.failed", Some(20_240_131), (5, None));
    fact(tx, 3, "_opened", "dispute", Some(20_240_111), (2, None));
    fact(tx, 3, "_closed", "yes", Some(20_240_112), (4, None));
    for (seq, matter, name, legal, recorded, withdrawn) in [
        (0, 1, "accept", 20_240_105, 20_240_105, None),
        (1, 2, "accept", 20_240_110, 20_240_110, Some(6)),
        (2, 3, "accept", 20_240_111, 20_240_111, None),
        (3, 1, "agree", 20_240_201, 20_240_201, None),
        (4, 3, "_void", 20_240_112, 20_240_202, None),
        (5, 2, "fail", 20_240_131, 20_240_301, None),
        (6, 2, "_withdraw", 20_240_302, 20_240_302, None),
    ] {
        step(tx, seq, matter, name, legal, recorded, withdrawn);
    }
    Ok(())
}

#[test]
fn what_is_entered_afterwards_falls_on_the_day_in_its_field() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(|tx| {
        three(tx)?;
        // Held in December, entered in January; the second has a day that was corrected; the third was voided.
        fact(tx, 1, "held_on", "2023-12-04", Some(20_231_204), (0, None));
        fact(tx, 2, "held_on", "2023-12-05", Some(20_231_205), (1, Some(5)));
        fact(tx, 2, "held_on", "2024-01-05", Some(20_240_105), (5, None));
        fact(tx, 3, "held_on", "2023-12-06", Some(20_231_206), (2, None));
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    let held = selection("dispute", Dated::Field("held_on".into()));
    let december = years("2023-12-01", "2023-12-31");
    db.read_blocking(|r| {
        let count = |selection: &Selection, known| figures::count(r, COUNTY, &ask(selection, december, known)).unwrap();
        assert_eq!([count(&held, 1), count(&held, 6)], [2, 1], "as the county knew it");
        let list = figures::list(r, COUNTY, &ask(&held, december, 6), None, 9).unwrap();
        assert_eq!(list, [(MatterId(1), 20_231_204)]);
        assert_eq!(figures::sum(r, COUNTY, &ask(&held, december, 6), "amount").unwrap(), 150_050);
        let all = ask(&held, Period::default(), 6);
        assert_eq!(figures::tally(r, COUNTY, &all, "kind").unwrap(), [("contract".to_owned(), 2)]);
        let joint = Selection { several: vec!["with".into()], ..held.clone() };
        let jointly = figures::list(r, COUNTY, &ask(&joint, Period::default(), 6), None, 9).unwrap();
        assert_eq!(jointly, [(MatterId(1), 20_231_204)], "two who acted jointly, not one with a long name");
        let agreed = Selection { done: vec!["agree".into()], ..held.clone() };
        assert_eq!([count(&agreed, 2), count(&agreed, 6)], [0, 1], "only once the step was taken");
        let accepted = Selection { done: vec!["accept".into()], ..held.clone() };
        let whole = |known| figures::count(r, COUNTY, &ask(&accepted, Period::default(), known)).unwrap();
        assert_eq!([whole(5), whole(6)], [2, 1], "a step that was withdrawn was not taken");
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

#[test]
fn the_period_filters_legal_dates_and_as_of_filters_recorded_ones() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(three).unwrap();
    db.read_blocking(|r| {
        let known = |text| figures::last_entry(r, COUNTY, day(text)).unwrap();
        assert_eq!([known("2023-12-31"), known("2024-01-05"), known("2024-02-15"), known("2024-12-31")], [-1, 0, 4, 6]);
        let (opened, ended) = (selection("dispute", Dated::Opened), selection("dispute", Dated::Ended));
        let january = years("2024-01-01", "2024-01-31");
        let count =
            |selection: &Selection, period, known| figures::count(r, COUNTY, &ask(selection, period, known)).unwrap();
        assert_eq!(count(&opened, january, known("2024-01-31")), 3, "the void was not known yet");
        assert_eq!(count(&opened, january, 6), 2, "a voided matter never counts once known");
        assert_eq!(count(&opened, years("2024-01-06", "2024-01-10"), 6), 1);
        assert_eq!(count(&ended, january, known("2024-02-15")), 0, "ended in January, entered in March");
        assert_eq!(count(&ended, january, 6), 1);
        let agreed = Selection { outcomes: vec!["agreed".into()], ..ended.clone() };
        assert_eq!(count(&agreed, Period::default(), 6), 1);
        let opened_then_agreed = Selection { outcomes: vec!["agreed".into()], ..opened.clone() };
        assert_eq!(count(&opened_then_agreed, Period::default(), 6), 1);
        let accepted = selection("dispute", Dated::Step("accept".into()));
        assert_eq!(
            (count(&accepted, january, 5), count(&accepted, january, 6)),
            (2, 1),
            "a withdrawn step does not count"
        );
        assert_eq!(count(&selection("disput", Dated::Ended), Period::default(), 6), 0, "no other procedure's outcome");
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

#[test]
fn codes_sums_and_lists_agree() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(three).unwrap();
    db.read_blocking(|r| {
        let with = |field: &str, code: &str| Selection {
            facts: BTreeMap::from([(field.into(), vec![code.to_owned()])]),
            ..selection("dispute", Dated::Opened)
        };
        let count = |selection: &Selection, known| {
            figures::count(r, COUNTY, &ask(selection, Period::default(), known)).unwrap()
        };
        assert_eq!((count(&with("kind", "neighbour"), 2), count(&with("kind", "neighbour"), 6)), (1, 0), "corrected");
        assert_eq!(count(&with("with", "police_station"), 6), 1, "`_` is no wildcard");
        assert_eq!(count(&with("with", "court"), 6), 1);
        let all = selection("dispute", Dated::Opened);
        let question = ask(&all, Period::default(), 6);
        assert_eq!(figures::sum(r, COUNTY, &question, "amount").unwrap(), 150_150);
        assert_eq!(
            figures::distinct(r, COUNTY, &question, "with").unwrap(),
            ["court", "policeXstation", "police_station"]
        );
        let first = figures::list(r, COUNTY, &question, None, 1).unwrap();
        let rest = figures::list(r, COUNTY, &question, first.first().copied(), 9).unwrap();
        assert_eq!(
            [first, rest].concat(),
            [(MatterId(2), 20_240_110), (MatterId(1), 20_240_105)],
            "the list is the figure"
        );
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

#[test]
fn registers_count_what_is_in_force_on_the_day() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(|tx| {
        for (matter, until) in [(1, None), (2, Some(20_240_630)), (3, Some(20_260_101))] {
            fact(tx, matter, "_opened", "team", Some(20_220_101), (0, None));
            fact(tx, matter, "valid_from", "", Some(20_220_101), (0, None));
            if let Some(until) = until {
                fact(tx, matter, "valid_until", "", Some(until), (0, None));
                fact(tx, matter, "_ended", "team.ended", Some(20_240_101), (0, None));
            }
        }
        fact(tx, 4, "_opened", "team", Some(20_220_101), (0, None));
        fact(tx, 4, "_ended", "team.ended", Some(20_230_101), (0, None));
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    db.read_blocking(|r| {
        let teams = selection("team", Dated::InForce);
        for (on, expected) in
            [("2021-12-31", 0), ("2022-12-31", 4), ("2024-06-30", 3), ("2024-07-01", 2), ("2030-01-01", 2)]
        {
            let period = Period { from: None, to: Some(day(on)) };
            assert_eq!(figures::count(r, COUNTY, &ask(&teams, period, 0)).unwrap(), expected, "{on}");
        }
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

/// Villages by how many people of a register name them; a village that nobody names has fewer than any number.
#[test]
fn villages_are_told_apart_by_how_many_people_they_have() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(|tx| {
        for (village, code) in [(1, "v1"), (2, "v2"), (3, "v3")] {
            fact(tx, village, "_opened", "place", Some(20_200_101), (0, None));
            fact(tx, village, "code", code, None, (0, None));
        }
        for (person, code, since, until) in
            [(11, "v1", 0, None), (12, "v1", 0, None), (13, "v2", 0, None), (14, "v2", 5, None), (15, "v1", 0, Some(7))]
        {
            fact(tx, person, "_opened", "guide", Some(20_220_101), (since, None));
            fact(tx, person, "place", code, None, (since, None));
            if let Some(entry) = until {
                fact(tx, person, "_ended", "guide.revoked", Some(20_230_101), (entry, None));
            }
        }
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    let with = |enough, reached| Selection {
        members: Some(Members {
            of: Box::new(selection("guide", Dated::InForce)),
            by: "place".into(),
            key: "code".into(),
            enough,
            reached,
        }),
        ..selection("place", Dated::InForce)
    };
    db.read_blocking(|r| {
        let villages = |selection: &Selection, known| {
            let question = ask(selection, Period::default(), known);
            let list = figures::list(r, COUNTY, &question, None, 9).unwrap();
            assert_eq!(figures::count(r, COUNTY, &question).unwrap(), i64::try_from(list.len()).unwrap());
            let mut ids: Vec<u128> = list.iter().map(|(matter, _)| matter.0).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(villages(&with(2, true), 9), [1, 2]);
        assert_eq!(villages(&with(2, false), 9), [3], "nobody at all is fewer than two");
        assert_eq!(villages(&with(2, false), 4), [2, 3], "the second of v2 was not known yet");
        assert_eq!(villages(&with(3, true), 6), [1], "one of v1 had not left yet");
        assert_eq!(villages(&with(3, true), 9), [0u128; 0]);
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

/// A matter that came in by one of several steps counts once, on the first day.
#[test]
fn several_ways_in_are_one_date() {
    let folder = Folder::new();
    let db = unfounded(&folder);
    db.write_blocking(three).unwrap();
    db.read_blocking(|r| {
        let either = selection("dispute", Dated::Steps(vec!["accept".into(), "agree".into(), "fail".into()]));
        let list = figures::list(r, COUNTY, &ask(&either, Period::default(), 6), None, 9).unwrap();
        assert_eq!(list, [(MatterId(2), 20_240_131), (MatterId(1), 20_240_105)], "2: accepting was withdrawn");
        Ok::<_, StoreFault>(())
    })
    .unwrap();
}

/// `cargo test -p zhunsheng --release -- --ignored a_million --nocapture`
#[test]
#[ignore = "a measurement: fills a million matters"]
#[allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement prints")]
fn figures_at_a_million_matters() {
    if !only_sqlite("a million rows in SQLite's own words") {
        return;
    }
    let folder = Folder::new();
    let db = Db::open(folder.home()).unwrap();
    let n = 1_000_000i64;
    db.write_blocking(move |tx| {
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)";
        let id = "cast(printf('%016x', (i * 7919 + 13) % 1000003) as blob)";
        let date = "(20210000 + 10000 * (i / 333334) + 100 * (1 + i % 12) + 1 + i % 28)";
        for (field, value, number) in [
            ("_opened", "'dispute'", date),
            ("_ended", "CASE i % 4 WHEN 0 THEN 'dispute.failed' ELSE 'dispute.agreed' END", date),
            ("kind", "'k' || (i % 15)", "NULL"),
            ("with", "CASE i % 5 WHEN 0 THEN 'court|police_station' ELSE 'court' END", "NULL"),
            ("amount", "i", "i"),
        ] {
            let sql = format!(
                "INSERT INTO fact (county_code, matter, field, value, number, from_entry, until_entry)
                 {numbers} SELECT $1, {id}, '{field}', {value}, {number}, i, NULL FROM n"
            );
            tx.execute(&sql, params![COUNTY, n]).unwrap();
        }
        let sql = format!(
            "INSERT INTO step (county_code, seq, matter, step, procedure, day, recorded, recorded_day, manner)
             {numbers} SELECT $1, i, {id}, 'accept', 'dispute', {date}, 0, {date}, 0 FROM n"
        );
        tx.execute(&sql, params![COUNTY, n]).unwrap();
        Ok::<_, StoreFault>(())
    })
    .unwrap();
    drop(db);
    let db = Db::open(folder.home()).unwrap();
    let ended = selection("dispute", Dated::Ended);
    let agreed = Selection { outcomes: vec!["agreed".into()], ..ended.clone() };
    let with = |field: &str, code: &str| Selection {
        facts: BTreeMap::from([(field.into(), vec![code.to_owned()])]),
        ..ended.clone()
    };
    let cases: Vec<(&str, Selection)> = vec![
        ("opened", selection("dispute", Dated::Opened)),
        ("ended", ended.clone()),
        ("ended, one outcome", agreed),
        ("step", selection("dispute", Dated::Step("accept".into()))),
        ("ended, one code", with("kind", "k3")),
        ("ended, one of several codes", with("with", "police_station")),
        ("opened, one outcome", Selection { outcomes: vec!["agreed".into()], ..selection("dispute", Dated::Opened) }),
    ];
    let period = years("2021-01-01", "2024-10-26");
    for (what, selection) in &cases {
        let question = ask(selection, period, i64::MAX);
        let time = |work: &dyn Fn() -> i64| {
            let start = std::time::Instant::now();
            let found = work();
            (found, start.elapsed())
        };
        let (found, counted) = time(&|| db.read_blocking(|r| figures::count(r, COUNTY, &question)).unwrap());
        let (_, summed) = time(&|| db.read_blocking(|r| figures::sum(r, COUNTY, &question, "amount")).unwrap());
        let (_, listed) =
            time(&|| db.read_blocking(|r| figures::list(r, COUNTY, &question, None, 50)).unwrap().len() as i64);
        println!("{what}: {found} matters; count {counted:?}, sum {summed:?}, first page {listed:?}");
    }
}
