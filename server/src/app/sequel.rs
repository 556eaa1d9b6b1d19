//! What follows from a step by taking another matter's first step: the case that begins with an inspection's finding, the inspections
//! that a draw assigns. It is an act of its own in the same transaction, by the same person, with what the first matter knows:
//! facts, texts, parties and files are carried over, and nobody types them again.
//!
//! Does not belong here: what is carried (`open` in the definitions), what a draw draws (`inspect/draw.rs`).

use std::sync::Arc;

use zhunsheng_core::id::{Digest, FieldId, MatterId, ProcedureId, RoleId};
use zhunsheng_core::matter::{Actor, Command, Event, EvidenceInput, Input, Manner, MatterState, PartyInput, Target};
use zhunsheng_core::procedure::{Opens, Procedure, Step};

use super::act::{ActError, Desk};
use super::form;
use super::inspect;
use crate::store::record::StoredSealed;
use crate::store::{StoreFault, Tx, matters, record};

/// Takes the first steps of what follows. Should the law refuse one, the step that it follows from has not happened either. What is
/// recorded afterwards happened elsewhere, and so did what followed from it, unless the definition says otherwise.
pub(super) fn follow(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: &Actor,
    matter: MatterId,
    (command, procedure): (&Command, Option<&ProcedureId>),
) -> Result<(), ActError> {
    let late = command.manner.records_what_happened();
    if !late {
        inspect::draw::follow(desk, tx, actor, matter, command)?;
    }
    let ruling = Arc::clone(&desk.ruling);
    let newest = procedure.and_then(|procedure| ruling.law.newest(procedure.as_str()));
    // Most steps are followed by nothing; only of those that may be is the matter read again.
    if !newest.and_then(|procedure| procedure.step(command.step.as_str())).is_some_and(|step| follows(step, late)) {
        return Ok(());
    }
    let Some(state) = matters::find_state(tx, &desk.county, matter)? else { return Ok(()) };
    let Some(definition) = ruling.law.by_digest(&state.definition) else { return Ok(()) };
    let Some(step) = definition.step(command.step.as_str()).filter(|step| follows(step, late)) else { return Ok(()) };
    let sealed = record::sealed_values(tx, &desk.county, matter)?;
    let known = Known { state: &state, definition, sealed: &sealed, files: files(tx, desk, &state)? };
    for opens in step.opens.iter().map(|when| &when.item).filter(|opens| opens.late || !late) {
        let other = ruling.law.newest(opens.procedure.as_str());
        let Some((other, first)) = other.zip(opens.take.as_ref()) else { continue };
        let Some(first) = other.step(first.as_str()) else { continue };
        let input = known.input(opens, other, first);
        if opens.procedure.as_str() == inspect::INSPECTION {
            inspect::draw::assign(desk, tx, actor, &state, input)?;
            continue;
        }
        desk.perform(tx, actor.clone(), &opening(opens, first, input, &command.manner))?;
    }
    Ok(())
}

fn follows(step: &Step, late: bool) -> bool {
    step.opens.iter().any(|when| when.item.take.is_some() && (when.item.late || !late))
}

/// The first step, here and now, or on the day of what is recorded afterwards.
fn opening(opens: &Opens, first: &Step, input: Input, manner: &Manner) -> Command {
    let target = Target::Open(opens.procedure.clone());
    let manner = match manner {
        Manner::Late { decided_by, day, original, .. } => {
            Manner::Late { decided_by: decided_by.clone(), day: *day, original: *original, number: None }
        }
        _ => Manner::Live,
    };
    Command { target, step: first.id.clone(), input, manner }
}

/// A matter with all that it says.
struct Known<'a> {
    state: &'a MatterState,
    definition: &'a Procedure,
    sealed: &'a [StoredSealed],
    /// Files with both digests.
    files: Vec<EvidenceInput>,
}

/// The files of a matter; their SM3 digests stand in the entries that attached them.
fn files(tx: &Tx<'_>, desk: &Desk, state: &MatterState) -> Result<Vec<EvidenceInput>, StoreFault> {
    if state.evidence.is_empty() {
        return Ok(Vec::new());
    }
    let entries = record::entries_of(tx, &desk.county, state.id)?;
    let events = entries.into_iter().flat_map(|(_, entry)| entry.events).filter(|(id, _)| *id == state.id);
    let kept = |digest: &Digest| state.evidence.iter().any(|file| file.digest == *digest && file.gone != Some(true));
    let file = |event: Event| match event {
        Event::EvidenceAttached { kind, digest, bytes, media, sm3: Some(sm3) } if kept(&digest) => {
            Some(EvidenceInput { kind, digest, sm3, bytes, media, name: String::new() })
        }
        _ => None,
    };
    Ok(events.filter_map(|(_, event)| file(event)).collect())
}

impl Known<'_> {
    /// What the first step of the other matter is given.
    fn input(&self, opens: &Opens, other: &Procedure, first: &Step) -> Input {
        let mut input = Input {
            follows: Some((self.state.id, opens.role.clone())),
            evidence: self.evidence(other),
            ..Input::default()
        };
        let takes = |id: &FieldId| first.fill.iter().any(|when| when.item == *id) || first.may_fill.contains(id);
        for (from, to) in opens.copies.iter().filter(|(_, to)| takes(to)) {
            let fact = self.state.fact(from.as_str()).zip(self.definition.fields.get(from));
            let values = match fact {
                Some((fact, field)) => form::fact_values(field, fact),
                None => self.text(&format!("field.{from}")).into_iter().collect(),
            };
            if !values.is_empty() {
                input.fields.insert(to.clone(), values);
            }
        }
        for (from, to) in &opens.carries {
            input.parties.extend(self.parties(from, to));
        }
        input
    }

    fn text(&self, label: &str) -> Option<String> {
        record::find_open(self.sealed, label).map(str::to_owned)
    }

    fn parties(&self, from: &RoleId, to: &RoleId) -> Vec<PartyInput> {
        let detail = |n: u16, what: &str| self.text(&format!("party.{n}.{what}")).unwrap_or_default();
        let party = |party: &zhunsheng_core::matter::PartyState| {
            let n = party.ordinal;
            PartyInput {
                ordinal: None,
                role: Some(to.clone()),
                kind: Some(party.kind),
                name: detail(n, "name"),
                id_number: detail(n, "id_number"),
                phone: detail(n, "phone"),
                address: detail(n, "address"),
                uscc: detail(n, "uscc"),
                representative: detail(n, "representative"),
            }
        };
        self.state.parties_in(from).map(party).collect()
    }

    /// The files, under the same kind where the other matter knows it.
    fn evidence(&self, other: &Procedure) -> Vec<EvidenceInput> {
        let known = |kind: &str| other.evidence.iter().any(|(known, _)| known.as_str() == kind);
        let name = |digest: &Digest| self.text(&format!("evidence.{digest}.name")).unwrap_or_default();
        let carried = |file: &EvidenceInput| EvidenceInput {
            kind: if known(file.kind.as_str()) { file.kind.clone() } else { "other".into() },
            name: name(&file.digest),
            ..file.clone()
        };
        self.files.iter().map(carried).collect()
    }
}
