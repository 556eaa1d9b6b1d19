//! From yearly volumes to days: when matters begin, and that what must occur does occur.
//!
//! Does not belong here: what happens in a matter (the scripts).

use zhunsheng_core::day::Day;

use super::chance::Chance;
use super::scenario::{Assurance, Mode};
use super::stage::Stage;

/// A day of a year of the scenario, by the weights of the months; on working days, except for a share of days off.
pub fn day_in(stage: &Stage, chance: &mut Chance, (from, to): (Day, Day), months: &[f64; 12], days_off: f64) -> Day {
    let weight = |day: Day| {
        let month = usize::try_from(day.month()).unwrap_or(1);
        months.get(month.saturating_sub(1)).copied().unwrap_or(1.0)
    };
    let most = months.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let off = chance.happens(days_off);
    let days = to.days_since(from);
    // Rejection: half of the days fit, so two hundred draws always find one; the last draw is moved to a working day.
    for _ in 0..200 {
        let day = from.plus(chance.between(0, days));
        if chance.unit() * most <= weight(day) && stage.is_work_day(day) != off {
            return day;
        }
    }
    let mut day = from.plus(chance.between(0, days));
    while !stage.is_work_day(day) && day > from {
        day = day.plus(-1);
    }
    day
}

/// Periods of so many whole months that follow one another from a day and end no later than another.
pub fn periods(from: Day, months: i64, last: Day) -> Vec<(Day, Day)> {
    let mut periods = Vec::new();
    let mut begins = from;
    loop {
        let next = begins.plus_months(months);
        let ends = next.plus(-1);
        if ends > last {
            return periods;
        }
        periods.push((begins, ends));
        begins = next;
    }
}

/// Sees to it that an outcome occurs as often as the scenario assures: those that have it are counted, and as many as are
/// missing are chosen from those that can.
pub fn assure<T>(
    items: &mut [T],
    assurance: Option<&Assurance>,
    chance: &mut Chance,
    has: impl Fn(&T) -> bool,
    can: impl Fn(&T) -> bool,
    set: impl Fn(&mut T),
) {
    let Some(assurance) = assurance else { return };
    let there = items.iter().filter(|item| has(item)).count();
    let missing = match assurance.mode {
        Mode::Exact | Mode::Least => assurance.count.saturating_sub(there),
    };
    let mut able: Vec<&mut T> = items.iter_mut().filter(|item| !has(item) && can(item)).collect();
    chance.shuffle(&mut able);
    able.into_iter().take(missing).for_each(set);
}
