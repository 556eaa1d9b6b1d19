//! 预审 of a file: what core finds in it, said in words and with the entry that shows it.

use zhunsheng_core::authority::Registry;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{InstrumentId, MatterId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Event, MatterState, Number};
use zhunsheng_core::procedure::Procedure;
use zhunsheng_core::review::before::{self, File, Found, NUMBER_MISSING, NUMBER_SKIPPED, RECORDING_MISSING};

use super::super::defect;
use crate::store::{Query, StoreFault, matters, record, reviews};

/// A file with what rules found in it.
pub struct Read {
    /// The file.
    pub state: MatterState,
    /// What was found, in the order of the record.
    pub found: Vec<Finding>,
}

/// A finding in words.
#[derive(Clone, Debug)]
pub struct Finding {
    /// As core found it.
    pub found: Found,
    /// One sentence.
    pub sentence: String,
    /// Where the entry stands on the page of the file.
    pub href: String,
}

/// What a file is read with.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The law.
    pub law: &'a Law,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Names.
    pub registry: &'a Registry,
    /// The county's day.
    pub today: Day,
}

/// Reads a file; none if there is none.
pub fn read(q: &impl Query, county: &str, ground: Ground<'_>, id: MatterId) -> Result<Option<Read>, StoreFault> {
    let Some(state) = matters::find_state(q, county, id)? else { return Ok(None) };
    let Some(procedure) = ground.law.by_digest(&state.definition) else { return Ok(None) };
    let events = events_of(q, county, id)?;
    let fault = std::cell::RefCell::new(None);
    let issued = |kind: &InstrumentId, number: &Number, before: &str| {
        let series = (number.organ.as_str(), kind.as_str(), i64::from(number.year));
        reviews::is_issued(q, county, series, before).unwrap_or_else(|error| {
            *fault.borrow_mut() = Some(error);
            true
        })
    };
    let (calendar, today) = (ground.calendar, ground.today);
    let recording = ground.law.recording.as_ref();
    let found =
        before::look(&File { state: &state, procedure, events: &events, calendar, today, recording, issued: &issued });
    if let Some(fault) = fault.into_inner() {
        return Err(fault);
    }
    let found = found.into_iter().map(|found| finding(found, &state, procedure, ground)).collect();
    Ok(Some(Read { found, state }))
}

fn events_of(q: &impl Query, county: &str, id: MatterId) -> Result<Vec<(i64, Event)>, StoreFault> {
    let entries = record::entries_of(q, county, id)?;
    let own = entries.into_iter().flat_map(|(seq, entry)| {
        entry.events.into_iter().filter(move |(of, _)| *of == id).map(move |(_, event)| (seq, event))
    });
    Ok(own.collect())
}

fn finding(found: Found, state: &MatterState, procedure: &Procedure, ground: Ground<'_>) -> Finding {
    let sentence = match &found.flag {
        Some(flag) => {
            let Ground { law, calendar, registry, .. } = ground;
            defect::sentence(&defect::Ground { law, calendar, registry, procedure, state }, flag)
        }
        None => {
            let title = procedure.instrument(&found.at).map_or(found.at.as_str(), |known| known.title.as_str());
            match found.code.as_str() {
                NUMBER_MISSING => format!("《{title}》应当编号，没有文号。"),
                RECORDING_MISSING => {
                    let step = procedure.step(&found.at).map_or(found.at.as_str(), |step| step.title.as_str());
                    format!("“{step}”应当同步录音录像，没有附音像记录。")
                }
                NUMBER_SKIPPED => format!("《{title}》的前一个文号没有找到，可能漏号。"),
                _ => format!("《{title}》不是本系统制发的，救济途径和期限是否告知，请核对原件。"),
            }
        }
    };
    let href = match found.entry {
        Some(entry) => format!("/matters/{}#e{entry}", state.id),
        None => format!("/matters/{}", state.id),
    };
    Finding { found, sentence, href }
}
