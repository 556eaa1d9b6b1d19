//! What must hold of every count, whatever the dates; and the count day by day as the oracle of the count that jumps.

use proptest::prelude::*;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, CountedDay, Direction, Due, Exclusion, Extension, Unit};
use zhunsheng_core::day::{Day, Moment};

use super::clocks::{basis, calendar, left_out, run};
use super::world::day;

fn any_day() -> impl Strategy<Value = Day> {
    (0..2_800i64).prop_map(|offset| day("2019-02-01").plus(offset))
}

fn any_unit() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::Day), Just(Unit::WorkDay), Just(Unit::Month), Just(Unit::Year)]
}

fn unit_of_days() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::Day), Just(Unit::WorkDay)]
}

fn amount_of(unit: Unit) -> impl Strategy<Value = u32> {
    1..match unit {
        Unit::Year => 4u32,
        Unit::Month => 14,
        _ => 120,
    }
}

fn amount_and_unit() -> impl Strategy<Value = (u32, Unit)> {
    any_unit().prop_flat_map(|unit| (amount_of(unit), Just(unit)))
}

/// Intervals around a start, overlapping or apart, some before it, some empty.
fn intervals() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((-20..160i64, 0..40i64), 0..4)
}

fn excluding(start: Day, intervals: &[(i64, i64)]) -> Vec<Exclusion> {
    intervals.iter().map(|(from, length)| left_out(start.plus(*from), Some(start.plus(from + length)))).collect()
}

fn extension((amount, unit): (u32, Unit)) -> Extension {
    Extension { amount, unit, basis: Some(basis("行政许可法§42")) }
}

prop_compose! {
    /// A clock with everything that can happen to it.
    fn any_run()(
        start in any_day(),
        (amount, unit) in amount_and_unit(),
        intervals in intervals(),
        extensions in prop::collection::vec(amount_and_unit(), 0..3),
        backward in prop::bool::weighted(0.3),
        rolls in any::<bool>(),
        start_counts in prop::bool::weighted(0.2),
    ) -> ClockRun {
        let mut made = ClockRun { start, ..run(amount, unit, "2024-01-01") };
        if backward {
            made.limit.direction = Direction::Backward;
            made.exclusions = excluding(start.plus(-100), &intervals);
        } else {
            made.exclusions = excluding(start, &intervals);
            made.extensions = extensions.into_iter().map(extension).collect();
        }
        made.limit.roll = rolls.then(|| basis("民事诉讼法§85.3"));
        made.limit.start_counts = start_counts.then(|| basis("民法典§201"));
        made
    }
}

fn last(days: &[CountedDay]) -> Option<Day> {
    days.last().map(|line| line.day)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Jumping and walking reach the same day, also where notices are missing.
    #[test]
    fn due_equals_the_count_day_by_day(made in any_run()) {
        for known in [calendar(), &Calendar::default()] {
            prop_assert_eq!(made.due(known).day(), last(&made.days(known)), "{:?}", made);
        }
    }

    /// A due day is provisional only if some day on the way lies in a year without a notice and had to be known.
    #[test]
    fn provisional_means_that_a_notice_is_missing(made in any_run()) {
        let Due::Provisional { missing_year, .. } = made.due(calendar()) else { return Ok(()) };
        prop_assert!(made.days(calendar()).iter().any(|line| line.day.year() == missing_year), "{:?}", made);
    }

    /// No day counts that is excluded; no two lines are of one day but the one where an extension begins.
    #[test]
    fn excluded_days_never_count(made in any_run()) {
        for line in made.days(calendar()).iter().filter(|line| line.nth.is_some()) {
            let excluded = made.exclusions.iter().any(|e| e.from <= line.day && e.until.is_some_and(|u| line.day < u));
            prop_assert!(!excluded, "{} of {:?}", line.day, made);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// A later start never ends earlier.
    #[test]
    fn monotone_in_the_start(start in any_day(), later in 0..60i64, amount in 1..20u32, unit in any_unit()) {
        let first = ClockRun { start, ..run(amount, unit, "2024-01-01") };
        let second = ClockRun { start: start.plus(later), ..first.clone() };
        prop_assert!(first.due(calendar()).day() <= second.due(calendar()).day());
    }

    /// Nor does it with the same days left out, in days and working days. (Months lose what was excluded after the start.)
    #[test]
    fn monotone_in_the_start_with_exclusions(
        start in any_day(), later in 0..60i64, amount in 1..90u32, unit in unit_of_days(), intervals in intervals(),
    ) {
        let exclusions = excluding(start, &intervals);
        let first = ClockRun { start, exclusions, ..run(amount, unit, "2024-01-01") };
        let second = ClockRun { start: start.plus(later), ..first.clone() };
        prop_assert!(first.due(calendar()).day() <= second.due(calendar()).day());
    }

    /// Counting n back from the end comes home: in calendar days always, in working days from a working day.
    #[test]
    fn backward_inverts_forward(start in any_day(), amount in 1..90u32, unit in unit_of_days(), intervals in intervals()) {
        let calendar = calendar();
        prop_assume!(unit == Unit::Day || calendar.is_work_day(start) == Ok(true));
        let forward = ClockRun { start, exclusions: excluding(start, &intervals), ..run(amount, unit, "2024-01-01") };
        let left_out = |e: &Exclusion| e.from <= start && e.until.is_some_and(|until| start < until);
        prop_assume!(!forward.exclusions.iter().any(left_out));
        let Due::On(end) = forward.due(calendar) else { return Ok(()) };
        let mut backward = ClockRun { start: end, ..forward };
        backward.limit.direction = Direction::Backward;
        prop_assert_eq!(backward.due(calendar), Due::On(start));
    }

    /// Excluded calendar days are added one by one, however they are split.
    #[test]
    fn exclusions_add_up(start in any_day(), amount in 5..40u32, from in 1..4i64, length in 1..10i64, cut in 1..10i64) {
        let calendar = calendar();
        let whole = left_out(start.plus(from), Some(start.plus(from + length)));
        let cut = cut.min(length);
        let parts = vec![
            Exclusion { until: Some(start.plus(from + cut)), ..whole.clone() },
            Exclusion { from: start.plus(from + cut), ..whole.clone() },
        ];
        let plain = ClockRun { start, ..run(amount, Unit::Day, "2024-01-01") };
        let one = ClockRun { exclusions: vec![whole], ..plain.clone() };
        let two = ClockRun { exclusions: parts, ..plain.clone() };
        prop_assert_eq!(one.due(calendar), two.due(calendar));
        prop_assert_eq!(one.due(calendar).day(), plain.due(calendar).day().map(|end| end.plus(length)));
    }

    /// A day in two intervals is left out once, and one interval more never ends a limit earlier.
    #[test]
    fn exclusions_are_a_union((amount, unit) in amount_and_unit(), start in any_day(), intervals in intervals(), n in 0..4usize) {
        let calendar = calendar();
        let exclusions = excluding(start, &intervals);
        let once = ClockRun { start, exclusions: exclusions.clone(), ..run(amount, unit, "2024-01-01") };
        let twice = ClockRun { exclusions: [exclusions.clone(), exclusions].concat(), ..once.clone() };
        prop_assert_eq!(once.due(calendar), twice.due(calendar));
        let mut fewer = once.clone();
        fewer.exclusions.truncate(n);
        prop_assert!(fewer.due(calendar).day() <= once.due(calendar).day());
    }

    /// An extension never shortens.
    #[test]
    fn extensions_never_shorten(made in any_run(), more in amount_and_unit()) {
        prop_assume!(made.limit.direction == Direction::Forward);
        let mut longer = made.clone();
        longer.extensions.push(extension(more));
        prop_assert!(made.due(calendar()).day() <= longer.due(calendar()).day());
    }

    /// Rolling never ends earlier, ends on a working day, and passes only days off.
    #[test]
    fn rolling_goes_to_the_next_working_day(made in any_run()) {
        prop_assume!(made.limit.direction == Direction::Forward);
        let with = |roll: bool| {
            let mut made = made.clone();
            made.limit.roll = roll.then(|| basis("民事诉讼法§85.3"));
            made.due(calendar())
        };
        let (Due::On(plain), Due::On(rolled)) = (with(false), with(true)) else { return Ok(()) };
        prop_assert!(plain <= rolled);
        prop_assert_eq!(calendar().is_work_day(rolled), Ok(true));
        for offset in 0..rolled.days_since(plain) {
            prop_assert_eq!(calendar().is_work_day(plain.plus(offset)), Ok(false));
        }
    }

    /// Knowing more holidays never moves a limit that does not ask for them.
    #[test]
    fn calendars_do_not_move_calendar_days(made in any_run()) {
        let mut made = made;
        made.limit.roll = None;
        made.limit.unit = if made.limit.unit == Unit::WorkDay { Unit::Day } else { made.limit.unit };
        made.extensions.retain(|extension| extension.unit != Unit::WorkDay);
        prop_assert_eq!(made.due(calendar()), made.due(&Calendar::default()));
    }

    /// Hours left out are added, wherever they lie within the limit, and hours never ask for a calendar.
    #[test]
    fn hours_left_out_are_added(start in any_day(), at in 0..86_400i64, amount in 1..200u32, from in 0..9i64, length in 1..5i64) {
        let begin = Moment::on(start, at);
        let plain = ClockRun { start, start_at: Some(begin), ..run(amount, Unit::Hour, "2024-01-01") };
        let Due::At(end) = plain.due(&Calendar::default()) else { panic!("hours end at a moment") };
        prop_assert_eq!(end.0 - begin.0, i64::from(amount) * 3_600_000);
        let exclusion = left_out(start.plus(from), Some(start.plus(from + length)));
        let lost = Moment::on(start.plus(from + length), 0).0 - Moment::on(start.plus(from), 0).0.max(begin.0);
        let met = Moment::on(start.plus(from), 0).0 < end.0;
        let later = ClockRun { exclusions: vec![exclusion], ..plain };
        let expected = if met { Moment(end.0 + lost) } else { end };
        prop_assert_eq!(later.due(&Calendar::default()), Due::At(expected));
    }
}
