//! What the system works out for a step before it is decided: fields that are `made`, which nobody types.
//!
//! Does not belong here: what the values are worked out from (the file of each procedure).

use std::borrow::Cow;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, PersonId};
use zhunsheng_core::matter::{Actor, Command, Decider, Manner, MatterState, Matters, Target};
use zhunsheng_core::procedure::Generic;

use super::act::Desk;
use super::credit::{self, make};
use super::{
    appraising, commenting, dispute, everyday, fining, inspect, reviewing, seizing, supervising, training, transferring,
};
use crate::store::{StoreFault, Tx};

/// Values that the system has worked out; what somebody typed for them does not count. An empty one takes a typed one away.
pub(super) type Made = Vec<(&'static str, String)>;

/// A step that is asked for, with what is known of its matter.
pub(super) struct Asked<'a> {
    /// Of which procedure.
    pub procedure: &'a str,
    /// The matter; none if it is opened.
    pub state: Option<&'a MatterState>,
    /// Who asks.
    pub actor: &'a Actor,
    /// The command as it came.
    pub command: &'a Command,
    /// The matters that it may look at.
    pub known: &'a Matters,
}

impl Asked<'_> {
    /// What was typed in a field, without blanks around it; empty if nothing was.
    pub fn typed(&self, field: &str) -> &str {
        let values = self.command.input.fields.get(&FieldId::from(field));
        values.and_then(|values| values.first()).map_or("", |value| value.trim())
    }

    /// As [`Self::typed`], as a day.
    pub fn typed_day(&self, field: &str) -> Option<Day> {
        Day::parse(&zhunsheng_core::text::half_width(self.typed(field)))
    }

    /// Who was there: the officers named, and who decided.
    pub fn present(&self) -> Vec<PersonId> {
        let decider = match (&self.command.manner, self.actor) {
            (Manner::Live, Actor::Staff { person, .. }) => Some(*person),
            (
                Manner::SignedForm { decided_by: Decider::Person(person), .. }
                | Manner::Late { decided_by: Some(Decider::Person(person)), .. }
                | Manner::Imported { decided_by: Some(Decider::Person(person)), .. },
                _,
            ) => Some(*person),
            _ => None,
        };
        self.command.input.officers.iter().copied().chain(decider).collect()
    }

    /// The day that counts in law.
    pub fn day(&self, today: Day) -> Day {
        match &self.command.manner {
            Manner::Live => today,
            Manner::SignedForm { day, .. } | Manner::Late { day, .. } | Manner::Imported { day, .. } => *day,
        }
    }
}

/// The command with what the system works out for it; what was typed for that does not count. Of generic steps only a correction is
/// completed, with what follows from the corrected words; that somebody types such a field there is refused rather than lost.
pub(super) fn completed<'c>(
    tx: &Tx<'_>,
    desk: &Desk,
    actor: &Actor,
    command: &'c Command,
    known: &Matters,
) -> Result<Cow<'c, Command>, StoreFault> {
    let (procedure, state) = match &command.target {
        Target::Open(procedure) => (procedure, None),
        Target::On(id) => match known.get(id) {
            Some(state) => (&state.procedure, Some(state)),
            None => return Ok(Cow::Borrowed(command)),
        },
    };
    let generic = command.step.as_str().starts_with('_');
    if let Some(state) = state.filter(|_| Generic::of(&command.step) == Some(Generic::Correct)) {
        return dispute::corrected(tx, desk, state, command);
    }
    let Some(definition) = desk.ruling.law.newest(procedure.as_str()).filter(|_| !generic) else {
        return Ok(Cow::Borrowed(command));
    };
    let asked = Asked { procedure: procedure.as_str(), state, actor, command, known };
    let worked_out = made(tx, desk, &asked)?;
    // A review is opened by its draw, whose command brings values that are made.
    let typed = definition.fields.values().filter(|field| field.made && procedure.as_str() != reviewing::REVIEW);
    let mut typed = typed.map(|field| &field.id).peekable();
    if worked_out.is_empty() && typed.peek().is_none() {
        return Ok(Cow::Borrowed(command));
    }
    let mut command = command.clone();
    // What was carried over from the matter that this one follows was not typed by anybody.
    if command.input.follows.is_none() {
        for field in typed {
            command.input.fields.remove(field);
        }
    }
    // A step is not given what it does not take: of an earlier edition of the law, and of one that is older than this program.
    let own = state.and_then(|state| desk.ruling.law.by_digest(&state.definition)).unwrap_or(definition);
    let own = own.step(command.step.as_str());
    let takes = |field: &FieldId| {
        own.is_none_or(|step| step.may_fill.contains(field) || step.fill.iter().any(|when| when.item == *field))
    };
    for (field, value) in worked_out.into_iter().filter(|(field, _)| takes(&FieldId::from(*field))) {
        match value.as_str() {
            "" => command.input.fields.remove(field),
            _ => command.input.fields.insert(field.into(), vec![value]),
        };
    }
    Ok(Cow::Owned(command))
}

fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    match asked.procedure {
        fining::PENALTY => {
            let handed_over = asked.state.and_then(|state| transferring::made(desk, asked, state));
            handed_over.map_or_else(|| fining::made(tx, desk, asked), Ok)
        }
        inspect::ON_THE_SPOT => {
            fining::made_on_the_spot(desk, asked).map_or_else(|| inspect::made(tx, desk, asked), Ok)
        }
        seizing::SEIZURE => seizing::made(tx, desk, asked),
        credit::REPORT => make::worked_out(tx, desk, asked),
        credit::REPAIR => Ok(make::repair_worked_out(desk, asked)),
        inspect::INSPECTION | inspect::OBJECT | inspect::DRAW => inspect::made(tx, desk, asked),
        reviewing::ROUND | reviewing::REVIEW => reviewing::made(tx, desk, asked),
        training::COURSE | training::ATTENDANCE | training::PROPOSAL => training::made(tx, desk, asked),
        everyday::REGISTER => Ok(everyday::made(asked)),
        dispute::DISPUTE | dispute::JOINT => dispute::made(tx, desk, asked),
        commenting::CONSULTATION | commenting::COMMENT => commenting::made(tx, desk, asked),
        supervising::SUPERVISION => Ok(supervising::made(desk, asked)),
        _ => appraising::made(tx, desk, asked),
    }
}
