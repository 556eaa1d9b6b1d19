//! A deadline in plain words: who has to do what until when, what happens then, and how it was counted.

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::clock::{ClockRun, Direction, Due, Duty, LimitKind};
use zhunsheng_core::day::Day;

use crate::app::time_limits::TimeLimit;

/// More days than this are not listed one by one.
const DAYS_MAX: usize = 130;

/// One day of the count.
#[derive(Clone, Debug)]
pub struct DayLine {
    /// `2024年10月26日 星期六`.
    pub day: String,
    /// Its place in the count; empty if it does not count.
    pub nth: String,
    /// Why.
    pub why: String,
}

/// The answer to "until when".
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the day is, e.g. 最迟.
    pub head: &'static str,
    /// The day, or that none can be named.
    pub due: String,
    /// How far it is from today.
    pub far: String,
    /// The year whose days off are not known yet.
    pub provisional: Option<i16>,
    /// Sentences: who has to do what, and what happens when it is over.
    pub plain: Vec<String>,
    /// The working.
    pub because: Vec<String>,
    /// The count day by day, where it is short enough.
    pub days: Vec<DayLine>,
}

/// Counts and says it.
pub fn answer(row: &TimeLimit<'_>, run: &ClockRun, calendar: &Calendar, today: Day, day_by_day: bool) -> Answer {
    let deadline = run.deadline(calendar);
    let due = match deadline.due {
        Due::On(day) | Due::Provisional { day, .. } => format!("{}（{}）", day.chinese(), day.weekday_chinese()),
        Due::At(moment) => {
            let (hour, minute, _) = moment.time();
            format!("{} {hour}:{minute:02}", moment.day().chinese())
        }
        Due::Suspended => "暂停计算，恢复以后才能算出日期".to_owned(),
    };
    let days = if day_by_day { run.days(calendar) } else { Vec::new() };
    let line = |counted: &zhunsheng_core::clock::CountedDay| DayLine {
        day: format!("{} {}", counted.day.chinese(), counted.day.weekday_chinese()),
        nth: counted.nth.map(|nth| format!("第{nth}天")).unwrap_or_default(),
        why: counted.why.clone(),
    };
    Answer {
        head: head(row),
        far: deadline.due.day().map(|day| far(day, today)).unwrap_or_default(),
        provisional: if let Due::Provisional { missing_year, .. } = deadline.due { Some(missing_year) } else { None },
        plain: deadline.due.day().map(|_| plain(row, &due)).unwrap_or_default(),
        due,
        because: deadline.because,
        days: if days.len() <= DAYS_MAX { days.iter().map(line).collect() } else { Vec::new() },
    }
}

fn far(day: Day, today: Day) -> String {
    match day.days_since(today) {
        0 => "就是今天".to_owned(),
        left if left > 0 => format!("离今天还有{left}天"),
        past => format!("已经过去{}天", -past),
    }
}

fn head(row: &TimeLimit<'_>) -> &'static str {
    match (row.limit.kind, row.limit.direction) {
        (_, Direction::Backward) | (LimitKind::Maximum, _) => "最迟",
        (LimitKind::Minimum, _) => "至少到",
        (LimitKind::Window, _) => "最后一天",
        (LimitKind::Limitation, _) => "时效届满",
    }
}

fn plain(row: &TimeLimit<'_>, due: &str) -> Vec<String> {
    let title = row.title;
    let who = if row.duty == Duty::Organ { "办理的机关、单位" } else { "当事人" };
    let what = match (row.limit.kind, row.limit.direction) {
        (_, Direction::Backward) => format!("{who}最迟要在{due}做到：{title}。"),
        (LimitKind::Maximum, _) => format!("{who}最迟要在{due}做到：{title}。当天也算在内。"),
        (LimitKind::Minimum, _) => format!("{title}：至少要到{due}才满，在这以前不能进入下一步。"),
        (LimitKind::Window, _) => format!("{title}：在{due}以前都可以，当天也算在内。"),
        (LimitKind::Limitation, _) => format!("{title}：到{due}为止。"),
    };
    let then = match (&row.effect, row.limit.kind, row.duty) {
        (Some(effect), ..) if effect.basis.is_some() => match &effect.basis {
            Some(basis) => format!("过了期限：{}（{basis}）。", effect.text),
            None => String::new(),
        },
        (_, LimitKind::Maximum, Duty::Organ) => {
            "过了这一天还没有办，可以请他们说明原因，也可以打 12345 或者向上一级机关反映。".to_owned()
        }
        (_, LimitKind::Window, _) | (_, LimitKind::Maximum, Duty::Party) => {
            "过了这一天，可能就不能再提出，或者要承担不利的后果。有正当理由耽误的，先打 12348 问清楚怎么补救。"
                .to_owned()
        }
        (_, LimitKind::Limitation, _) => {
            "过了这一天，这项权力或者权利一般就不能再行使，法律另有规定的除外。".to_owned()
        }
        (_, LimitKind::Minimum, _) => String::new(),
    };
    [what, then].into_iter().filter(|sentence| !sentence.is_empty()).collect()
}
