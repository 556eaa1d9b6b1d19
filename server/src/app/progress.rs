//! How far a matter is, for the citizen who holds its query code: only what the definition says to citizens.
//!
//! Never here: internal steps, names of parties, internal time limits.

use zhunsheng_core::basis::{Basis, Grade};
use zhunsheng_core::clock::{Due, LimitKind};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::Digest;
use zhunsheng_core::matter::{Fact, MatterState};
use zhunsheng_core::procedure::{Procedure, StepKind};
use zhunsheng_core::text;

use super::county::County;
use super::fault::Fault;
use crate::store::{Query, matters};

/// What the tracking page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// 人民调解（邻里）.
    pub title: String,
    /// Who holds it.
    pub organ: String,
    /// Who is responsible, once someone is.
    pub officer: Option<String>,
    /// What the states say to citizens, the main one first.
    pub now: Vec<String>,
    /// Steps that citizens see, in order.
    pub steps: Vec<(String, Day)>,
    /// Legal and local time limits that run.
    pub limits: Vec<Limit>,
    /// Voided or merged.
    pub closed: bool,
}

/// A running time limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Its title.
    pub title: String,
    /// The last day, if one can be named.
    pub due: Option<Day>,
    /// Counted without that year's notice of days off.
    pub provisional: bool,
    /// Where it stands.
    pub basis: Basis,
    /// The working, as lines of one paragraph.
    pub because: Vec<String>,
}

/// A query code as typed: spaces, dashes, full-width letters and look-alike letters (O, I, L) do not matter.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    let code = text::plain_code(typed);
    (code.len() == 12 && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

/// The progress of the matter with this code; `None` for any code that leads nowhere.
pub fn find(q: &impl Query, county_code: &str, county: &County, typed: &str) -> Result<Option<Progress>, Fault> {
    let Some(code) = read_code(typed) else { return Ok(None) };
    let Some(id) = matters::find_by_query_code(q, county_code, &Digest::of(code.as_bytes()).0)? else {
        return Ok(None);
    };
    Ok(matters::find_state(q, county_code, id)?.and_then(|state| of(&state, county)))
}

fn of(state: &MatterState, county: &County) -> Option<Progress> {
    let (ruling, registry) = (county.ruling(), county.registry());
    let definition = ruling.law.by_digest(&state.definition)?;
    let said = |track: &zhunsheng_core::procedure::Track| {
        let now = state.track(track.id.as_str())?;
        definition.state(track.id.as_str(), now.as_str())?.citizen.clone()
    };
    let steps = state.done.iter().filter(|done| !done.withdrawn).filter_map(|done| {
        let step =
            definition.step(done.step.as_str()).filter(|step| !step.told.is_empty() && done.kind != StepKind::System)?;
        Some((step.title.clone(), done.day))
    });
    let responsible = state.deputy.or(state.assigned);
    Some(Progress {
        title: title(definition, state),
        organ: registry.organ_name(&state.organ).to_owned(),
        officer: responsible.map(|person| registry.person_name(person).to_owned()),
        now: definition.tracks.iter().filter_map(said).collect(),
        steps: steps.collect(),
        limits: if state.closed { Vec::new() } else { limits(definition, state, &ruling.calendar) },
        closed: state.closed,
    })
}

/// The procedure and its coded subject; never a name.
fn title(definition: &Procedure, state: &MatterState) -> String {
    let subject = definition.title_from.iter().find_map(|id| {
        let field = definition.fields.get(id)?;
        definition.list_of(field)?.title(state.fact(id.as_str()).and_then(Fact::code)?)
    });
    match subject {
        Some(subject) => format!("{}（{subject}）", definition.title),
        None => definition.title.clone(),
    }
}

fn limits(definition: &Procedure, state: &MatterState, calendar: &zhunsheng_core::calendar::Calendar) -> Vec<Limit> {
    let told = |run: &&zhunsheng_core::clock::ClockRun| {
        run.runs() && run.basis.grade != Grade::Internal && run.limit.kind != LimitKind::Minimum
    };
    let one = |run: &zhunsheng_core::clock::ClockRun| {
        let deadline = run.deadline(calendar);
        Limit {
            title: definition
                .clock(run.clock.as_str())
                .map_or_else(|| run.clock.to_string(), |clock| clock.title.clone()),
            due: deadline.due.day(),
            provisional: matches!(deadline.due, Due::Provisional { .. }),
            basis: run.basis.clone(),
            because: deadline.because,
        }
    };
    state.clocks.iter().filter(told).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_as_people_write_them() {
        for typed in ["7K2M94QX1AB0", "7k2m-94qx-1ab0", " ７Ｋ２Ｍ 94QX 1ABO ", "7K2M—94QX—LAB0"] {
            assert_eq!(read_code(typed).as_deref(), Some("7K2M94QX1AB0"), "{typed}");
        }
        for typed in ["", "7K2M", "7K2M94QX1AB00", "七K2M94QX1AB0"] {
            assert_eq!(read_code(typed), None, "{typed}");
        }
    }
}
