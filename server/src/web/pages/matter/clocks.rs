//! The limits of a matter, each with its working.

use zhunsheng_core::clock::{ClockRun, Due, LimitKind};

use super::Ground;
use crate::web::citation::Citation;
use crate::web::pages::line::Badge;

/// A limit.
pub(super) struct ClockView {
    pub title: String,
    pub class: &'static str,
    pub due: String,
    pub badge: Badge,
    /// Days gone and days in all.
    pub progress: Option<(i64, i64)>,
    pub basis: Citation,
    /// The phrase, and what its end means.
    pub cite: String,
    pub working: Vec<String>,
}

impl Ground<'_> {
    /// Running limits first, the nearest at the top.
    pub(super) fn clocks(&self) -> Vec<ClockView> {
        let mut runs: Vec<&ClockRun> = self.case.state.clocks.iter().collect();
        runs.sort_by_key(|run| (!run.runs(), run.due(&self.ruling.calendar).day()));
        runs.into_iter().map(|run| self.clock(run)).collect()
    }

    fn clock(&self, run: &ClockRun) -> ClockView {
        let defined = self.case.procedure.clock(run.clock.as_str());
        let deadline = run.deadline(&self.ruling.calendar);
        let due = deadline.due.day();
        let badge = self.clock_badge(run, deadline.due);
        let whole = due.map(|due| due.days_since(run.start)).filter(|whole| *whole > 0);
        let gone = run.stopped.unwrap_or(self.today).days_since(run.start);
        let kind = match run.limit.kind {
            LimitKind::Maximum => "",
            LimitKind::Minimum => " · 期满后才能办理",
            LimitKind::Window => " · 当事人在期内可以行使",
            LimitKind::Limitation => " · 期满后不能再行使",
        };
        let phrase = defined.map(|clock| clock.phrase.trim()).filter(|phrase| !phrase.is_empty());
        let phrase = phrase.map(|phrase| format!(" · {phrase}")).unwrap_or_default();
        let class = match badge.class {
            "late" => "clock-late",
            "soon" => "clock-soon",
            _ => "",
        };
        ClockView {
            title: defined.map_or(run.clock.to_string(), |clock| clock.title.clone()),
            class,
            due: due.map(|due| due.to_string()).unwrap_or_default(),
            progress: whole.filter(|_| run.runs() && !run.suspended()).map(|whole| (gone.clamp(0, whole), whole)),
            badge,
            basis: self.citations.show_on(&run.basis, run.start),
            cite: format!("{phrase}{kind}"),
            working: deadline.because,
        }
    }

    fn clock_badge(&self, run: &ClockRun, due: Due) -> Badge {
        let said = |class, text: String| Badge { class, text, day: String::new() };
        if let Some(stopped) = run.stopped {
            let late = due.certain().map(|due| stopped.days_since(due)).filter(|late| *late > 0);
            return match late.filter(|_| run.limit.kind == LimitKind::Maximum) {
                Some(days) => said("late", format!("逾期{days}天办结")),
                None => said("stopped", format!("{stopped}停止")),
            };
        }
        match due {
            Due::Suspended => said("stopped", "中止计算".to_owned()),
            Due::Provisional { .. } => said("provisional", "暂定：缺放假安排，不产生法律后果".to_owned()),
            Due::On(_) | Due::At(_) => {
                let Some(day) = due.day() else { return said("stopped", String::new()) };
                let passed = self.today > day;
                match run.limit.kind {
                    LimitKind::Maximum => Badge::of(day, false, self.today),
                    LimitKind::Minimum if passed => said("ok", "已满".to_owned()),
                    LimitKind::Minimum => said("provisional", format!("还差{}天", day.days_since(self.today) + 1)),
                    LimitKind::Window | LimitKind::Limitation if passed => said("stopped", "已过".to_owned()),
                    LimitKind::Window | LimitKind::Limitation => Badge::of(day, false, self.today),
                }
            }
        }
    }
}
