//! Legal time limits: a limit is an object, not a number.
//!
//! A [`Limit`] is what a definition says; a [`ClockRun`] is that limit running in a matter, with its start and
//! the intervals, extensions and stops that acts gave it; [`ClockRun::deadline`] counts it on a calendar and
//! carries its own working, so that the page can print why.

mod amount;
mod count;
mod days;
mod line;
mod phrase;
mod problem;
mod question;
mod question_words;
mod working;

use minicbor::{Decode, Encode};
use serde::Deserialize;

use crate::basis::Basis;
use crate::calendar::Calendar;
use crate::day::{Day, Moment};
use crate::id::{ClockId, StepId};

pub use amount::read_amount;
pub use count::{Deadline, Due};
pub use days::CountedDay;
pub use phrase::{Measured, Phrase, Written};
pub use problem::Problem;
pub use question::{Answer, Happened, Known, LookUp, Looked, Question, Start, Stated, StatedUnit, dated};

/// What one unit of a limit is. The statute decides it, never the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum Unit {
    /// 日 counted as calendar days.
    #[n(0)]
    Day,
    /// 工作日, or 日 where the statute says that it means working days.
    #[n(1)]
    WorkDay,
    /// 月; month ends clamp (民法典§202).
    #[n(2)]
    Month,
    /// 年.
    #[n(3)]
    Year,
    /// 小时.
    #[n(4)]
    Hour,
    /// A fixed calendar date in the year after the start: month and day.
    #[n(5)]
    Fixed(#[n(0)] u8, #[n(1)] u8),
}

impl Unit {
    /// The unit that a law file or a vector names; a fixed date says its day as well and is read with it.
    pub fn read(word: &str) -> Option<Self> {
        [Self::Day, Self::WorkDay, Self::Month, Self::Year, Self::Hour].into_iter().find(|unit| unit.written() == word)
    }

    /// The word for it in law files, vectors and JSON.
    pub fn written(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::WorkDay => "work_day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Hour => "hour",
            Self::Fixed(..) => "fixed",
        }
    }

    /// The word in a sentence after a number.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Day => "日",
            Self::WorkDay => "个工作日",
            Self::Month => "个月",
            Self::Year => "年",
            Self::Hour => "小时",
            Self::Fixed(..) => "（固定日期）",
        }
    }
}

/// What a limit limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum LimitKind {
    /// The organ (or party) must act by the due day.
    #[default]
    #[n(0)]
    Maximum,
    /// Nothing may follow before the due day has passed: a gate.
    #[n(1)]
    Minimum,
    /// A party may act until the due day.
    #[n(2)]
    Window,
    /// After the due day a power or right has ended.
    #[n(3)]
    Limitation,
}

/// Counted onward from the start, or back from a future day (听证七日前).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Direction {
    /// From the start onward.
    #[default]
    #[n(0)]
    Forward,
    /// Back from the start, which lies in the future.
    #[n(1)]
    Backward,
}

/// Who is bound by the clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Duty {
    /// 机关.
    #[default]
    #[n(0)]
    Organ,
    /// 当事人.
    #[n(1)]
    Party,
}

/// What its expiry does: law, not merely an alert.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub enum Expiry {
    /// The overrun is flagged with its article.
    #[n(0)]
    Flag,
    /// Flagged and put before the organ's head.
    #[n(1)]
    Escalate,
    /// The law attaches a step that the system takes, with the basis for it.
    #[n(2)]
    Step(#[n(0)] StepId, #[n(1)] Basis),
}

/// A resolved limit: everything that counting needs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub struct Limit {
    /// How many units.
    #[n(0)]
    pub amount: u32,
    /// Which unit.
    #[n(1)]
    pub unit: Unit,
    /// Maximum, minimum, window or limitation.
    #[n(2)]
    pub kind: LimitKind,
    /// Forward or backward.
    #[n(3)]
    pub direction: Direction,
    /// The basis for moving a last day that is a day off to the next working day; only where a statute has it.
    #[n(4)]
    pub roll: Option<Basis>,
    /// The basis for counting the day of the start; without one it is left out (民法典§201).
    #[n(5)]
    pub start_counts: Option<Basis>,
}

/// An extension granted by an act.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub struct Extension {
    /// How many units.
    #[n(0)]
    pub amount: u32,
    /// Which unit.
    #[n(1)]
    pub unit: Unit,
    /// The basis that allows it, where it is known.
    #[n(2)]
    pub basis: Option<Basis>,
}

/// An interval that the law leaves out of the count.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub struct Exclusion {
    /// The first day left out.
    #[n(0)]
    pub from: Day,
    /// The first day counted again; none while it lasts.
    #[n(1)]
    pub until: Option<Day>,
    /// The basis, where it is known.
    #[n(2)]
    pub basis: Option<Basis>,
    /// The moment at which it begins, for limits in hours; else the first of its day.
    #[n(3)]
    pub from_at: Option<Moment>,
    /// The moment from which hours count again; else the first of its day.
    #[n(4)]
    pub until_at: Option<Moment>,
}

/// A limit running in a matter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ClockRun {
    /// Which clock of the definition.
    #[n(0)]
    pub clock: ClockId,
    /// Its article.
    #[n(1)]
    pub basis: Basis,
    /// The limit as resolved at the start.
    #[n(2)]
    pub limit: Limit,
    /// The day of the event that started it; that day itself is counted only where the limit says so.
    #[n(3)]
    pub start: Day,
    /// The moment of the start, for limits in hours.
    #[n(4)]
    pub start_at: Option<Moment>,
    /// Intervals left out.
    #[n(5)]
    pub exclusions: Vec<Exclusion>,
    /// Extensions, in the order granted; each counts on from the end before it.
    #[n(6)]
    pub extensions: Vec<Extension>,
    /// The legal day of the step that met or ended it.
    #[n(7)]
    pub stopped: Option<Day>,
    /// Whether its expiry has been recorded.
    #[n(8)]
    pub expired: bool,
    /// Who is bound.
    #[n(9)]
    pub duty: Duty,
    /// The effect of expiry.
    #[n(10)]
    pub expiry: Expiry,
}

impl ClockRun {
    /// A limit that begins to run: nothing has happened to it yet. It binds an organ and its expiry is a mark, unless
    /// said otherwise.
    pub fn new(clock: ClockId, basis: Basis, limit: Limit, start: Day) -> Self {
        Self {
            clock,
            basis,
            limit,
            start,
            start_at: None,
            exclusions: Vec::new(),
            extensions: Vec::new(),
            stopped: None,
            expired: false,
            duty: Duty::Organ,
            expiry: Expiry::Flag,
        }
    }

    /// Whether it still runs (suspended counts as running).
    pub fn runs(&self) -> bool {
        self.stopped.is_none() && !self.expired
    }

    /// Whether the organ let it pass: it ran out, or was met only after its last day. A provisional day says nothing.
    pub fn overran(&self, calendar: &Calendar) -> bool {
        let binds = self.duty == Duty::Organ && self.limit.kind == LimitKind::Maximum;
        let late = |met: Day| self.due(calendar).certain().is_some_and(|due| due < met);
        binds && (self.expired || self.stopped.is_some_and(late))
    }

    /// Whether an exclusion is open.
    pub fn suspended(&self) -> bool {
        self.exclusions.iter().any(|e| e.until.is_none())
    }
}
