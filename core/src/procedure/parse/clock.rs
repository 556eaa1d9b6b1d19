//! Clocks of a file.

use super::super::model::{Clock, ClockOverride, Extends};
use super::super::raw::{self, At};
use super::{Parsed, Reader};
use crate::clock::{Direction, Duty, Expiry, Limit, LimitKind, Unit};

impl Reader<'_> {
    /// `90 day`, `7 work_day`, `3 month`, `24 hour`, `fixed 03-01`.
    pub(super) fn amount(&self, at: &At) -> Parsed<(u32, Unit)> {
        let expected = || {
            self.wrong(at, format!("expected a limit such as `90 day`, `7 work_day`, `3 month`, `24 hour` or `fixed 03-01`, found `{}`", at.get_ref()))
        };
        let Some((amount, unit)) = at.get_ref().split_once(' ') else { return expected() };
        if amount == "fixed" {
            let Some((Ok(month), Ok(day))) = unit.split_once('-').map(|(m, d)| (m.parse(), d.parse())) else {
                return expected();
            };
            return if (1..=12).contains(&month) && (1..=31).contains(&day) {
                Ok((1, Unit::Fixed(month, day)))
            } else {
                expected()
            };
        }
        let unit = match unit {
            "day" => Unit::Day,
            "work_day" => Unit::WorkDay,
            "month" => Unit::Month,
            "year" => Unit::Year,
            "hour" => Unit::Hour,
            _ => return expected(),
        };
        match amount.parse::<u32>() {
            Ok(amount) if (1..=36_500).contains(&amount) => Ok((amount, unit)),
            _ => expected(),
        }
    }

    pub(super) fn clock(&self, raw: &raw::Clock) -> Parsed<Clock> {
        let (amount, unit) = self.amount(&raw.limit)?;
        let limit = Limit {
            amount,
            unit,
            kind: match raw.kind {
                raw::LimitKind::Maximum => LimitKind::Maximum,
                raw::LimitKind::Minimum => LimitKind::Minimum,
                raw::LimitKind::Window => LimitKind::Window,
                raw::LimitKind::Limitation => LimitKind::Limitation,
            },
            direction: if raw.backward { Direction::Backward } else { Direction::Forward },
            roll: raw.roll.clone(),
            start_counts: raw.start_counts.clone(),
        };
        let one_override = |o: &raw::Override| {
            let (amount, unit) = self.amount(&o.limit)?;
            let limit = Limit { amount, unit, ..limit.clone() };
            Ok(ClockOverride {
                when: self.condition(&o.when)?,
                limit,
                basis: o.basis.clone(),
                phrase: o.phrase.clone(),
            })
        };
        let one_extension = |e: &raw::Extend| {
            let (amount, unit) = self.amount(&e.limit)?;
            Ok(Extends { step: self.step(&e.by)?, amount, unit, times: e.times, basis: e.basis.clone() })
        };
        let interval = |s: &raw::Suspend| Ok((self.step(&s.from)?, self.step(&s.until)?, s.basis.clone()));
        Ok(Clock {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            basis: raw.basis.clone(),
            phrase: raw.phrase.clone(),
            starts: self.each(&raw.starts, |at| self.step(at))?,
            starts_on: raw.starts_on.as_ref().map(|at| self.field(at)).transpose()?,
            when: raw.when.as_ref().map(|at| self.condition(at)).transpose()?,
            stops: self.each(&raw.stops, |at| self.step(at))?,
            suspends: raw.suspend.iter().map(interval).collect::<Parsed<_>>()?,
            extends: raw.extend.iter().map(one_extension).collect::<Parsed<_>>()?,
            restarts: self.each(&raw.restarts, |at| self.step(at))?,
            overrides: raw.overrides.iter().map(one_override).collect::<Parsed<_>>()?,
            expiry: match &raw.expires {
                raw::Expires::Word(raw::ExpiresWord::Flag) => Expiry::Flag,
                raw::Expires::Word(raw::ExpiresWord::Escalate) => Expiry::Escalate,
                raw::Expires::Step { step, basis } => {
                    Expiry::Step(self.step(&At::new(raw.id.span(), step.clone()))?, basis.clone())
                }
            },
            duty: match raw.duty {
                raw::Duty::Organ => Duty::Organ,
                raw::Duty::Party => Duty::Party,
            },
            configurable: raw.configurable.clone(),
            limit,
        })
    }
}
