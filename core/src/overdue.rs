//! 加处罚款: what a fine that is not paid in time costs, day by day (行政处罚法§72.1(1), §73.3).
//!
//! Three per cent a day of what is due and not paid at the end of that day, from the day after the last day of payment; not while a
//! reconsideration or a suit is pending; never more than the fine. The law speaks of "罚款数额" and says nothing of a fine paid in part:
//! only the part that is open counts here (docs/decisions/0034-execution.md). Does not belong here: where days and payments come from.

use crate::day::Day;

/// Of each hundred, a day.
const PER_CENT_A_DAY: i64 = 3;

/// From when on the party had to have paid how much in all: the plan that holds from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// From which day on it holds.
    pub from: Day,
    /// Last days of payment, each with its amount in 分.
    pub dues: Vec<(Day, i64)>,
}

/// A fine, how it had to be paid, and how it was.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fine {
    /// The fine, in 分.
    pub principal: i64,
    /// Plans, the earliest first; a later one takes the place of an earlier one from its day on.
    pub plans: Vec<Plan>,
    /// Payments.
    pub payments: Vec<(Day, i64)>,
    /// Reconsiderations and suits: first day, and the day of the result.
    pub pauses: Vec<(Day, Option<Day>)>,
}

/// Days in a row that count alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// How many.
    pub days: i64,
    /// What was open, in 分.
    pub open: i64,
}

/// What has accrued.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Accrued {
    /// How it came about.
    pub stretches: Vec<Stretch>,
    /// In 分, never more than the fine.
    pub amount: i64,
    /// Whether it would be more without the cap.
    pub capped: bool,
}

impl Fine {
    /// What is due and not paid at the end of a day.
    fn open_on(&self, day: Day) -> i64 {
        let plan = self.plans.iter().rev().find(|plan| plan.from <= day);
        let dues = plan.map(|plan| plan.dues.as_slice()).unwrap_or_default();
        let due: i64 = dues.iter().filter(|(last, _)| *last < day).map(|(_, amount)| amount).sum();
        let paid: i64 = self.payments.iter().filter(|(on, _)| *on <= day).map(|(_, amount)| amount).sum();
        due.min(self.principal).saturating_sub(paid).max(0)
    }

    fn paused_on(&self, day: Day) -> bool {
        self.pauses.iter().any(|(from, until)| *from <= day && until.is_none_or(|until| day <= until))
    }

    /// What has accrued by the end of a day.
    #[must_use]
    pub fn accrued(&self, until: Day) -> Accrued {
        let first = self.plans.iter().flat_map(|plan| plan.dues.iter()).map(|(last, _)| *last).min();
        let mut accrued = Accrued::default();
        let mut day = match first {
            Some(last) => last.plus(1),
            None => return accrued,
        };
        let mut hundredths: i64 = 0;
        while day <= until && !accrued.capped {
            let open = if self.paused_on(day) { 0 } else { self.open_on(day) };
            if open > 0 {
                hundredths = hundredths.saturating_add(open.saturating_mul(PER_CENT_A_DAY));
                accrued.count(day, open);
            }
            accrued.capped = hundredths / 100 > self.principal;
            day = day.plus(1);
        }
        accrued.amount = (hundredths / 100).min(self.principal);
        accrued
    }
}

impl Accrued {
    fn count(&mut self, day: Day, open: i64) {
        match self.stretches.last_mut().filter(|last| last.open == open && last.until.plus(1) == day) {
            Some(last) => {
                last.until = day;
                last.days += 1;
            }
            None => self.stretches.push(Stretch { from: day, until: day, days: 1, open }),
        }
    }

    /// The working, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let stretch = |one: &Stretch| {
            let open = crate::text::yuan(one.open);
            format!("{}至{}共{}日，欠{open}元×{PER_CENT_A_DAY}%×{}", one.from, one.until, one.days, one.days)
        };
        let cap = if self.capped { "，已到罚款数额" } else { "" };
        let total = format!("合计{}元{cap}", crate::text::yuan(self.amount));
        self.stretches.iter().map(stretch).chain([total]).collect()
    }

    /// The working, in one line.
    #[must_use]
    pub fn working(&self) -> String {
        self.lines().join("；")
    }
}

/// 分期安排 as it is written: `2026-03-31 2000元；2026-04-30 3000元`, in the order of the days. None if it cannot be read.
#[must_use]
pub fn read_instalments(text: &str) -> Option<Vec<(Day, i64)>> {
    let text = crate::text::half_width(text);
    let parts = text.split([';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let mut plan = Vec::new();
    for part in parts {
        let (day, amount) = part.split_once(char::is_whitespace)?;
        let amount = crate::text::parse_yuan(amount.trim().trim_end_matches('元').trim()).filter(|fen| *fen > 0)?;
        plan.push((Day::parse(day)?, amount));
    }
    plan.sort_unstable();
    (!plan.is_empty()).then_some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// A fine of 1000 yuan that had to be paid by the 5th of April.
    fn fine() -> Fine {
        let plan = Plan { from: day("2024-03-21"), dues: vec![(day("2024-04-05"), 100_000)] };
        Fine { principal: 100_000, plans: vec![plan], ..Fine::default() }
    }

    #[test]
    fn three_per_cent_a_day_from_the_day_after() {
        assert_eq!(fine().accrued(day("2024-04-05")).amount, 0);
        assert_eq!(fine().accrued(day("2024-04-06")).amount, 3_000);
        let ten = fine().accrued(day("2024-04-15"));
        assert_eq!((ten.amount, ten.capped), (30_000, false));
        assert_eq!(ten.working(), "2024-04-06至2024-04-15共10日，欠1000元×3%×10；合计300元");
    }

    #[test]
    fn never_more_than_the_fine() {
        let whole = fine().accrued(day("2024-05-09"));
        assert_eq!((whole.amount, whole.capped), (100_000, true), "thirty-four days");
        assert_eq!(fine().accrued(day("2024-05-08")).amount, 99_000);
        assert!(whole.working().contains("已到罚款数额"));
    }

    #[test]
    fn only_what_is_open_counts_and_not_the_day_of_payment() {
        let paid = Fine { payments: vec![(day("2024-04-08"), 60_000)], ..fine() };
        let accrued = paid.accrued(day("2024-04-10"));
        let days: Vec<_> = accrued.stretches.iter().map(|one| (one.days, one.open)).collect();
        assert_eq!(days, [(2, 100_000), (3, 40_000)]);
        assert_eq!(accrued.amount, 6_000 + 3_600);
    }

    #[test]
    fn remedies_stop_the_counting() {
        let paused = Fine { pauses: vec![(day("2024-04-08"), Some(day("2024-04-20")))], ..fine() };
        assert_eq!(paused.accrued(day("2024-04-21")).amount, 3 * 3_000, "6th, 7th and 21st");
        let pending = Fine { pauses: vec![(day("2024-04-08"), None)], ..fine() };
        assert_eq!(pending.accrued(day("2024-12-31")).amount, 6_000);
    }

    #[test]
    fn a_plan_of_instalments_takes_the_place_of_the_fifteen_days() {
        let mut deferred = fine();
        let dues = read_instalments("2024-05-31 400元；2024-06-30 600元").unwrap();
        deferred.plans.push(Plan { from: day("2024-04-07"), dues });
        assert_eq!(deferred.accrued(day("2024-05-31")).amount, 3_000, "the day before the approval stays");
        let accrued = deferred.accrued(day("2024-06-01"));
        assert_eq!(accrued.amount, 3_000 + 1_200, "of the first instalment only");
    }

    #[test]
    fn instalments_are_read_in_order_or_not_at_all() {
        assert_eq!(
            read_instalments("2024年6月30日 600；2024-05-31　400.5元"),
            Some(vec![(day("2024-05-31"), 40_050), (day("2024-06-30"), 60_000)])
        );
        for text in ["", "分两期缴纳", "2024-05-31", "2024-05-31 很多", "2024-05-31 0"] {
            assert_eq!(read_instalments(text), None, "{text}");
        }
    }
}
