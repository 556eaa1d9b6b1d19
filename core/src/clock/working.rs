//! The working of a deadline, in Chinese that a lawyer accepts.

use super::{ClockRun, Direction, Due, LimitKind, Unit};
use crate::calendar::Calendar;
use crate::day::Day;

impl ClockRun {
    /// Lines that together read as one paragraph: basis, start, counted days, exclusions, extensions, end.
    pub(super) fn because(&self, counted: Option<(Day, &Calendar)>, due: Option<Due>) -> Vec<String> {
        let mut lines = vec![self.rule_line()];
        for exclusion in &self.exclusions {
            lines.push(match exclusion.until {
                Some(until) => format!(
                    "{}起至{}（恢复计算之日）前的期间不计入（{}）。",
                    exclusion.from.chinese(),
                    until.chinese(),
                    exclusion.basis
                ),
                None => format!("自{}起期间停止计算（{}），恢复后继续。", exclusion.from.chinese(), exclusion.basis),
            });
        }
        for extension in &self.extensions {
            lines.push(format!(
                "经批准延长{}{}（{}），自原期限届满之日起接续计算。",
                extension.amount,
                extension.unit.chinese(),
                extension.basis
            ));
        }
        if let Some((unrolled, calendar)) = counted {
            lines.extend(self.days_off_line(unrolled, calendar));
            lines.extend(self.roll_line(unrolled, due));
        }
        lines.extend(due.map(|due| self.end_line(due)));
        lines
    }

    fn rule_line(&self) -> String {
        let amount = match self.limit.unit {
            Unit::Fixed(month, day) => format!("至{month}月{day}日"),
            unit => format!("{}{}", self.limit.amount, unit.chinese()),
        };
        let start = match (self.limit.unit, self.start_at) {
            (Unit::Hour, Some(at)) => format!("自{at}起算"),
            _ if self.limit.direction == Direction::Backward => {
                format!("自{}起向前倒算，当日不计", self.start.chinese())
            }
            _ => format!("起算日为{}，当日不计，自次日起算", self.start.chinese()),
        };
        let nature = match self.limit.kind {
            LimitKind::Maximum => "最长期限",
            LimitKind::Minimum => "最短期限",
            LimitKind::Window => "当事人行使权利的期限",
            LimitKind::Limitation => "时效",
        };
        format!("依据{}，{nature}{amount}；{start}。", self.basis)
    }

    /// Which days did not count, by name: only for working days.
    fn days_off_line(&self, end: Day, calendar: &Calendar) -> Option<String> {
        if self.limit.unit != Unit::WorkDay {
            return None;
        }
        let (from, to) = if end >= self.start { (self.start, end) } else { (end, self.start) };
        let mut names: Vec<String> = Vec::new();
        let mut weekend_days = 0;
        for offset in 1..=to.days_since(from) {
            match calendar.day_off_name(from.plus(offset)) {
                Some(name) if name.starts_with("星期") => weekend_days += 1,
                Some(name) if !names.contains(&name) => names.push(name),
                _ => {}
            }
        }
        if weekend_days > 0 {
            names.push(format!("双休日{weekend_days}天"));
        }
        (!names.is_empty()).then(|| format!("期间{}不计入工作日。", names.join("、")))
    }

    fn roll_line(&self, unrolled: Day, due: Option<Due>) -> Option<String> {
        let roll = self.limit.roll.as_ref()?;
        (due?.day()? != unrolled)
            .then(|| format!("最后一日{}为法定休假日，依据{roll}顺延至其后第一个工作日。", unrolled.chinese()))
    }

    fn end_line(&self, due: Due) -> String {
        match due {
            Due::On(day) if self.limit.kind == LimitKind::Minimum => {
                format!("至{}（{}）届满，此后方可进入下一步。", day.chinese(), day.weekday_chinese())
            }
            Due::On(day) => format!("至{}（{}）届满。", day.chinese(), day.weekday_chinese()),
            Due::At(moment) => format!("至{moment}届满。"),
            Due::Provisional { day, missing_year } => {
                format!(
                    "{missing_year}年放假安排尚未录入，暂按星期一至星期五为工作日，暂定至{}届满；录入后重新计算，暂定的日期不产生法律后果。",
                    day.chinese()
                )
            }
            Due::Suspended => "期间停止计算中。".to_owned(),
        }
    }
}
