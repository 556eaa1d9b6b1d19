//! Clocks of a file.

use super::super::model::{Clock, ClockOverride, Extends, Suspends};
use super::super::raw::{self, At};
use super::{Parsed, Reader};
use crate::clock::{Direction, Expiry, Limit, Unit, read_amount};

impl Reader<'_> {
    fn amount(&self, at: &At) -> Parsed<(u32, Unit)> {
        read_amount(at.get_ref()).or_else(|what| self.wrong(at, what))
    }

    pub(super) fn clock(&self, raw: &raw::Clock) -> Parsed<Clock> {
        let (amount, unit) = self.amount(&raw.limit)?;
        let limit = Limit {
            amount,
            unit,
            kind: raw.kind,
            direction: if raw.backward { Direction::Backward } else { Direction::Forward },
            roll: raw.roll.clone(),
            start_counts: raw.start_counts.clone(),
        };
        let one_override = |o: &raw::Override| {
            let (amount, unit) = self.amount(&o.limit)?;
            let limit = Limit { amount, unit, ..limit.clone() };
            Ok(ClockOverride {
                when: self.condition(&o.when)?,
                text: o.when.get_ref().clone(),
                limit,
                basis: o.basis.clone(),
                phrase: o.phrase.clone(),
            })
        };
        let one_extension = |e: &raw::Extend| {
            let (amount, unit) = self.amount(&e.limit)?;
            Ok(Extends { step: self.step(&e.by)?, amount, unit, times: e.times, basis: e.basis.clone() })
        };
        let interval = |s: &raw::Suspend| {
            let most = s.most.as_ref().map(|at| self.field(at)).transpose()?;
            Ok(Suspends { from: self.step(&s.from)?, until: self.step(&s.until)?, most, basis: s.basis.clone() })
        };
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
            duty: raw.duty,
            configurable: raw.configurable.clone(),
            limit,
        })
    }
}
