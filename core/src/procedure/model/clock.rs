//! Clocks as a definition says them.

use super::super::guard::Expr;
use crate::basis::Basis;
use crate::clock::{Duty, Expiry, Limit, Unit};
use crate::id::{ClockId, FieldId, StepId};

/// A clock of the definition.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Its identifier.
    pub id: ClockId,
    /// Its title, e.g. 办案期限.
    pub title: String,
    /// Its article.
    pub basis: Basis,
    /// The phrase that must stand in the article.
    pub phrase: String,
    /// The limit.
    pub limit: Limit,
    /// The steps whose legal date starts it.
    pub starts: Vec<StepId>,
    /// A date field to start from instead of the step's legal date.
    pub starts_on: Option<FieldId>,
    /// Only started when this holds.
    pub when: Option<Expr>,
    /// The steps that meet or end it.
    pub stops: Vec<StepId>,
    /// Intervals left out.
    pub suspends: Vec<Suspends>,
    /// Steps that extend it.
    pub extends: Vec<Extends>,
    /// Steps that start it anew.
    pub restarts: Vec<StepId>,
    /// Other limits for particular matters; the first that holds applies.
    pub overrides: Vec<ClockOverride>,
    /// What expiry does.
    pub expiry: Expiry,
    /// Who is bound.
    pub duty: Duty,
    /// Whether amount or unit is a county setting because the sources do not settle it.
    pub configurable: Option<String>,
}

/// An interval that is left out of a clock: from one step to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suspends {
    /// The step from whose day on nothing counts.
    pub from: StepId,
    /// The step from whose day on it counts again.
    pub until: StepId,
    /// The field with the last day that may be left out, where the act that began the interval names one: whenever the second
    /// step comes, the day after counts again.
    pub most: Option<FieldId>,
    /// The basis.
    pub basis: Basis,
}

/// A step that extends a clock.
#[derive(Clone, Debug)]
pub struct Extends {
    /// The step; who may take it is who approves.
    pub step: StepId,
    /// How much.
    pub amount: u32,
    /// Which unit.
    pub unit: Unit,
    /// How often at most.
    pub times: u16,
    /// The basis.
    pub basis: Basis,
}

/// Another limit for particular matters, e.g. a sector's own rule.
#[derive(Clone, Debug)]
pub struct ClockOverride {
    /// When.
    pub when: Expr,
    /// The source text of the condition, for lists and the checker.
    pub text: String,
    /// The limit.
    pub limit: Limit,
    /// Where it stands.
    pub basis: Basis,
    /// The phrase.
    pub phrase: String,
}
