//! What a form is made on: the law and registers of the day, a definition, a matter or none, who fills it in.
//!
//! Does not belong here: the questions.

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Post, Registry};
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::procedure::{Procedure, Step};

use super::super::ruling::Ruling;
use super::{Choice, Subject};
use crate::store::record::StoredSealed;

/// Everything a form is made from.
pub struct Ground<'a> {
    /// The law.
    pub law: &'a Law,
    /// The registers.
    pub registry: &'a Registry,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The county's day.
    pub today: Day,
    /// The definition.
    pub procedure: &'a Procedure,
    /// For what.
    pub subject: Subject<'a>,
    /// The matter, unless a new one is opened.
    pub state: Option<&'a MatterState>,
    /// The matter that opened it, if one did.
    pub parent: Option<&'a MatterState>,
    /// Its sealed values as they stand.
    pub texts: &'a [StoredSealed],
    /// The post of the one who fills it in; none for citizens.
    pub post: Option<&'a Post>,
    /// Matters that this one could be merged into: id and title.
    pub mergeable: Vec<Choice>,
    /// Matters that fields can name, by the field.
    pub named: BTreeMap<FieldId, Vec<Choice>>,
    /// What is proposed for fields that nothing is known of yet.
    pub suggested: BTreeMap<FieldId, Suggested>,
}

/// What is proposed for a field, to be checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggested {
    /// The value; empty for none.
    pub value: String,
    /// Why, or why there is none; empty to say nothing.
    pub hint: String,
}

impl<'a> Ground<'a> {
    /// For the step with which an official opens a matter.
    #[must_use]
    pub fn opening(
        (ruling, registry): (&'a Ruling, &'a Registry),
        today: Day,
        (procedure, step): (&'a Procedure, &'a Step),
        post: &'a Post,
    ) -> Self {
        Self {
            law: &ruling.law,
            registry,
            calendar: &ruling.calendar,
            today,
            procedure,
            subject: Subject::Step(step),
            state: None,
            parent: None,
            texts: &[],
            post: Some(post),
            mergeable: Vec::new(),
            named: BTreeMap::new(),
            suggested: BTreeMap::new(),
        }
    }
}
