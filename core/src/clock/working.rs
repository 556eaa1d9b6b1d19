//! The working of a deadline, in Chinese that a lawyer accepts.

use super::{ClockRun, Direction, Due, LimitKind, Unit};
use crate::basis::{Basis, Grade};
use crate::calendar::Calendar;
use crate::day::{Day, Moment};

impl ClockRun {
    /// Lines that together read as one paragraph: basis, start, exclusions, extensions, days that did not count, end.
    /// `unrolled` is the last day before any roll-over.
    pub(super) fn because(&self, calendar: &Calendar, unrolled: Option<Day>, due: Due) -> Vec<String> {
        let mut lines = vec![self.rule_line()];
        for exclusion in &self.exclusions {
            let from = said(exclusion.from, exclusion.from_at);
            let basis = in_brackets(exclusion.basis.as_ref());
            lines.push(match exclusion.until {
                Some(until) => {
                    format!("{from}起至{}恢复计算之前的期间不计入{basis}。", said(until, exclusion.until_at))
                }
                None => format!("自{from}起期间停止计算{basis}，恢复后继续。"),
            });
        }
        for extension in &self.extensions {
            let length = format!("{}{}", extension.amount, extension.unit.chinese());
            lines.push(format!("延长{length}{}，自原期限届满之日起接续计算。", in_brackets(extension.basis.as_ref())));
        }
        if let Some(unrolled) = unrolled {
            lines.extend(self.days_off_line(unrolled, calendar));
            lines.extend(self.month_end_line());
            lines.extend(self.roll_line(unrolled, due));
        }
        lines.push(self.end_line(due, calendar));
        lines
    }

    fn backward(&self) -> bool {
        self.limit.direction == Direction::Backward
    }

    fn rule_line(&self) -> String {
        let start = self.start.chinese();
        if let Unit::Fixed(month, day) = self.limit.unit {
            return format!("依据{}，期限为{month}月{day}日前；取{start}之后的第一个{month}月{day}日。", self.basis);
        }
        let first = match &self.limit.start_counts {
            Some(basis) => format!("当日计入（{basis}）"),
            None => "当日不计".to_owned(),
        };
        let start = match (self.limit.unit, self.start_at) {
            (Unit::Hour, Some(at)) => format!("自{}起算", said(at.day(), Some(at))),
            _ if self.backward() => format!("自{start}起向前倒算，{first}"),
            _ if self.limit.start_counts.is_some() => format!("自{start}起算，{first}"),
            _ => format!("起算日为{start}，{first}，自次日起算"),
        };
        let nature = match self.limit.kind {
            LimitKind::Maximum => "期限",
            LimitKind::Minimum => "最短期限",
            LimitKind::Window => "当事人行使权利的期限",
            LimitKind::Limitation => "时效",
        };
        format!("依据{}，{nature}{}{}；{start}。", self.basis, self.limit.amount, self.limit.unit.chinese())
    }

    /// Which days did not count although no interval left them out, by name, and which weekend days did: only where
    /// working days are counted.
    fn days_off_line(&self, end: Day, calendar: &Calendar) -> Option<String> {
        if self.limit.unit != Unit::WorkDay {
            return None;
        }
        let (from, to) = if end >= self.start { (self.start, end) } else { (end.plus(-1), self.start.plus(-1)) };
        let left_out = self.days_left_out();
        let (mut names, mut weekend_days, mut made_up) = (Vec::new(), 0, Vec::new());
        for offset in 1..=to.days_since(from) {
            let day = from.plus(offset);
            if left_out.contains(day.ordinal()) {
                continue;
            }
            match calendar.day_off_name(day) {
                Some(name) if name.starts_with("星期") => weekend_days += 1,
                Some(name) if !names.contains(&name) => names.push(name),
                Some(_) => {}
                None if day.is_weekend() => made_up.push(day.chinese()),
                None => {}
            }
        }
        if weekend_days > 0 {
            names.push(format!("双休日{weekend_days}天"));
        }
        let off = (!names.is_empty()).then(|| format!("期间{}不计入工作日", names.join("、")));
        let on = (!made_up.is_empty()).then(|| format!("{}调休上班，计入工作日", made_up.join("、")));
        let both: Vec<String> = [off, on].into_iter().flatten().collect();
        (!both.is_empty()).then(|| format!("{}。", both.join("；")))
    }

    /// 31 January and one month: February has no such day (民法典§202).
    fn month_end_line(&self) -> Option<String> {
        let months = match self.limit.unit {
            Unit::Month => i64::from(self.limit.amount),
            Unit::Year => i64::from(self.limit.amount).saturating_mul(12),
            _ => return None,
        };
        let end = self.start.plus_months(if self.backward() { -months } else { months });
        let (wanted, found) = (self.start.number() % 100, end.number() % 100);
        (wanted != found).then(|| {
            format!("{}年{}月没有{wanted}日，以该月末日为对应日（《民法典》第二百零二条）。", end.year(), end.month())
        })
    }

    fn roll_line(&self, unrolled: Day, due: Due) -> Option<String> {
        let roll = self.limit.roll.as_ref()?;
        let moved = due.day()? != unrolled;
        let to = if self.backward() { "提前至其前一个工作日" } else { "顺延至其后第一个工作日" };
        let by = match roll.grade {
            Grade::Internal => format!("按{}", roll.source),
            Grade::Statutory | Grade::Local => format!("依据{roll}"),
        };
        moved.then(|| format!("最后一日{}为法定休假日，{by}{to}。", unrolled.chinese()))
    }

    fn end_line(&self, due: Due, calendar: &Calendar) -> String {
        let weekday = |day: Day| {
            let made_up = day.is_weekend() && calendar.is_work_day(day) == Ok(true);
            format!("{}（{}{}）", day.chinese(), day.weekday_chinese(), if made_up { "，调休上班" } else { "" })
        };
        match due {
            Due::On(day) if self.backward() => format!("最迟为{}。", weekday(day)),
            Due::On(day) if self.limit.kind == LimitKind::Minimum => {
                format!("至{}届满，此后方可进入下一步。", weekday(day))
            }
            Due::On(day) => format!("至{}届满。", weekday(day)),
            Due::At(moment) => format!("至{}届满。", said(moment.day(), Some(moment))),
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

/// 2024年2月9日, or with the time of day.
fn said(day: Day, at: Option<Moment>) -> String {
    let time = at.map(Moment::time).map(|(hour, minute, _)| format!("{hour}时{minute:02}分"));
    format!("{}{}", day.chinese(), time.unwrap_or_default())
}

fn in_brackets(basis: Option<&Basis>) -> String {
    basis.map(|basis| format!("（{basis}）")).unwrap_or_default()
}
