//! How long 100,000 open deadlines take to be counted again after a calendar change: `cargo bench -p zhunsheng-core`.
//!
//! Prints figures and asserts nothing about time; the mix is that of a county: half working days, some excluded
//! intervals, some extensions, some that roll.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement is printed, and stops at a surprise")]

use std::path::Path;
use std::time::Instant;

use zhunsheng_core::basis::Basis;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Direction, Due, Exclusion, Extension, Limit, LimitKind, Unit};
use zhunsheng_core::day::Day;

const DEADLINES: usize = 100_000;
const LIMITS: [(u32, Unit); 8] = [
    (7, Unit::WorkDay),
    (90, Unit::Day),
    (20, Unit::WorkDay),
    (60, Unit::Day),
    (5, Unit::WorkDay),
    (6, Unit::Month),
    (45, Unit::WorkDay),
    (2, Unit::Year),
];

fn main() {
    let before = calendar("");
    let after = calendar("[[off]]\nname = \"临时放假\"\nfrom = \"2026-03-02\"\nto = \"2026-03-04\"\n");
    let runs: Vec<ClockRun> = (0..DEADLINES).map(run).collect();

    let begun = Instant::now();
    let old: Vec<Due> = runs.iter().map(|run| run.due(&before)).collect();
    let first = begun.elapsed();

    let begun = Instant::now();
    let moved = runs.iter().zip(&old).filter(|(run, old)| run.due(&after) != **old).count();
    let again = begun.elapsed();

    let begun = Instant::now();
    let lines: usize = runs.iter().take(DEADLINES / 100).map(|run| run.deadline(&after).because.len()).sum();
    let working = begun.elapsed();

    println!("{DEADLINES} deadlines counted in {first:.0?}");
    println!("{DEADLINES} deadlines counted again after a calendar change in {again:.0?}, {moved} moved");
    println!("{} with their working in {working:.0?}, {lines} lines", DEADLINES / 100);
}

/// The committed years, with more days off in 2026.
fn calendar(more: &str) -> Calendar {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../law/calendars");
    let mut calendar = Calendar::default();
    for year in 2019..=2026 {
        let text = std::fs::read_to_string(folder.join(format!("{year}.toml"))).unwrap();
        let text = if year == 2026 { format!("{text}\n{more}") } else { text };
        calendar.load(&format!("{year}.toml"), &text).unwrap();
    }
    calendar
}

fn run(n: usize) -> ClockRun {
    let number = i64::try_from(n).unwrap();
    let (amount, unit) = LIMITS.get(n % LIMITS.len()).copied().unwrap();
    let start = Day::parse("2024-01-01").unwrap().plus(number * 7 % 1_000);
    let basis = Basis::parse("行政处罚法§60").unwrap();
    let exclusion = |from: i64| Exclusion {
        from: start.plus(from),
        until: Some(start.plus(from + 10)),
        basis: Some(basis.clone()),
        from_at: None,
        until_at: None,
    };
    let extension = || Extension { amount: 30, unit: Unit::Day, basis: Some(basis.clone()) };
    let limit = Limit {
        amount,
        unit,
        kind: LimitKind::Maximum,
        direction: if n % 16 == 4 { Direction::Backward } else { Direction::Forward },
        roll: (n.is_multiple_of(3)).then(|| basis.clone()),
        start_counts: None,
    };
    ClockRun {
        exclusions: if n.is_multiple_of(5) { vec![exclusion(3), exclusion(30)] } else { Vec::new() },
        extensions: if n.is_multiple_of(7) { vec![extension()] } else { Vec::new() },
        ..ClockRun::new("bench".into(), basis, limit, start)
    }
}
