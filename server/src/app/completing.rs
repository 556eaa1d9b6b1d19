//! What the system works out for a step before it is decided: fields that are `made`, which nobody types.
//!
//! Reports to the credit platform have their own way (`credit::make`). Does not belong here: what the values are worked out from.

use std::borrow::Cow;

use zhunsheng_core::matter::{Actor, Command, MatterState, Matters, Target};

use super::act::Desk;
use super::{reviewing, supervising, training};
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

/// The command with what the system works out for it.
pub(super) fn completed<'c>(
    tx: &Tx<'_>,
    desk: &Desk,
    actor: &Actor,
    command: Cow<'c, Command>,
    known: &Matters,
) -> Result<Cow<'c, Command>, StoreFault> {
    let made = {
        let (procedure, state) = match &command.target {
            Target::Open(procedure) => (procedure.as_str(), None),
            Target::On(id) => match known.get(id) {
                Some(state) => (state.procedure.as_str(), Some(state)),
                None => return Ok(command),
            },
        };
        let asked = Asked { procedure, state, actor, command: &command, known };
        match procedure {
            reviewing::ROUND | reviewing::REVIEW => reviewing::made(tx, desk, &asked)?,
            training::COURSE | training::ATTENDANCE | training::PROPOSAL => training::made(tx, desk, &asked)?,
            supervising::SUPERVISION => supervising::made(desk, &asked),
            _ => Made::new(),
        }
    };
    if made.is_empty() {
        return Ok(command);
    }
    let mut command = command.into_owned();
    for (field, value) in made {
        command.input.fields.insert(field.into(), vec![value]);
    }
    Ok(Cow::Owned(command))
}
