//! Counting: every unit, direction and exception, on the real calendars.

use zhunsheng_core::basis::Basis;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Direction, Due, Exclusion, Extension, Limit, LimitKind, Unit};
use zhunsheng_core::day::{Day, Moment};

use super::support::law_files;
use super::world::day;

/// The committed calendars, read once.
pub fn calendar() -> &'static Calendar {
    static CALENDAR: std::sync::OnceLock<Calendar> = std::sync::OnceLock::new();
    CALENDAR.get_or_init(|| {
        let mut calendar = Calendar::default();
        for (path, text) in law_files().into_iter().filter(|(path, _)| path.starts_with("calendars/")) {
            calendar.load(&path, &text).unwrap();
        }
        calendar
    })
}

pub fn basis(text: &str) -> Basis {
    Basis::parse(text).unwrap()
}

pub fn run(amount: u32, unit: Unit, start: &str) -> ClockRun {
    let limit =
        Limit { amount, unit, kind: LimitKind::Maximum, direction: Direction::Forward, roll: None, start_counts: None };
    ClockRun::new("test".into(), basis("行政处罚法§60"), limit, day(start))
}

pub fn left_out(from: Day, until: Option<Day>) -> Exclusion {
    Exclusion { from, until, basis: Some(basis("行政强制法§25")), from_at: None, until_at: None }
}

fn due(run: &ClockRun) -> String {
    match run.due(calendar()) {
        Due::On(day) => day.to_string(),
        Due::At(moment) => moment.to_string(),
        Due::Provisional { day, missing_year } => format!("{day}?{missing_year}"),
        Due::Suspended => "suspended".to_owned(),
    }
}

#[test]
fn every_unit_counts_its_own_way() {
    for (amount, unit, start, expected) in [
        // 行政处罚法§60: calendar days, the start is not counted, the last day does not roll.
        (90, Unit::Day, "2024-03-01", "2024-05-30"),
        (90, Unit::Day, "2023-11-03", "2024-02-01"),
        // 行政处罚法§85: 七日 are working days; National Day 2024 with make-up days on 29 September and 12 October.
        (7, Unit::WorkDay, "2024-09-27", "2024-10-12"),
        (5, Unit::WorkDay, "2024-02-09", "2024-02-22"),
        (1, Unit::WorkDay, "2024-09-28", "2024-09-29"),
        // 民法典§202: the corresponding day, or the end of the month.
        (1, Unit::Month, "2024-01-31", "2024-02-29"),
        (3, Unit::Month, "2023-11-30", "2024-02-29"),
        (6, Unit::Month, "2024-08-31", "2025-02-28"),
        (2, Unit::Year, "2024-02-29", "2026-02-28"),
        (1, Unit::Fixed(3, 1), "2024-03-01", "2025-03-01"),
        (1, Unit::Fixed(3, 1), "2024-02-29", "2024-03-01"),
        (15, Unit::WorkDay, "2026-12-30", "2027-01-20?2027"),
    ] {
        assert_eq!(due(&run(amount, unit, start)), expected, "{amount} {unit:?} from {start}");
    }
}

#[test]
fn hours_run_from_the_moment() {
    let mut hours = run(24, Unit::Hour, "2024-10-25");
    hours.start_at = Some(Moment::on(day("2024-10-25"), 15 * 3_600 + 1_800));
    assert_eq!(due(&hours), "2024-10-26 15:30");
}

#[test]
fn backward_limits_count_from_the_future_event() {
    // 行政处罚法§64(二): seven working days before the hearing on 14 October 2024; 12 October is a working day.
    let mut notice = run(7, Unit::WorkDay, "2024-10-14");
    notice.limit.direction = Direction::Backward;
    assert_eq!(due(&notice), "2024-09-29");
}

#[test]
fn rolling_needs_a_statute() {
    // 30 days from 5 September 2024 end on Saturday 5 October, within the holidays.
    let plain = run(30, Unit::Day, "2024-09-05");
    assert_eq!(due(&plain), "2024-10-05");
    let mut rolled = plain;
    rolled.limit.roll = Some(basis("民事诉讼法§85"));
    assert_eq!(due(&rolled), "2024-10-08");
    let because = rolled.deadline(calendar()).because.concat();
    assert!(because.contains("2024年10月5日为法定休假日，依据《民事诉讼法》第八十五条顺延"), "{because}");
}

#[test]
fn exclusions_and_extensions() {
    let mut clock = run(10, Unit::Day, "2024-05-01");
    clock.exclusions.push(left_out(day("2024-05-05"), Some(day("2024-05-08"))));
    assert_eq!(due(&clock), "2024-05-14");
    clock.extensions.push(Extension { amount: 30, unit: Unit::Day, basis: Some(basis("行政强制法§25")) });
    assert_eq!(due(&clock), "2024-06-13");
    clock.exclusions.push(left_out(day("2024-06-01"), None));
    assert_eq!(due(&clock), "suspended");
    clock.stopped = Some(day("2024-06-02"));
    assert_ne!(due(&clock), "suspended", "a stopped clock is counted for the record");
}

#[test]
fn the_working_reads_as_a_paragraph() {
    let because = run(7, Unit::WorkDay, "2024-09-27").deadline(calendar()).because;
    let expected = "依据《行政处罚法》第六十条，期限7个工作日；起算日为2024年9月27日，当日不计，自次日起算。\
                    期间国庆节、双休日1天不计入工作日；2024年9月29日、2024年10月12日调休上班，计入工作日。\
                    至2024年10月12日（星期六，调休上班）届满。";
    assert_eq!(because.concat(), expected);
}
