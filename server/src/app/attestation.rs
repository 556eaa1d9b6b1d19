//! 核验: what the record says about an instrument to whoever holds its code, and what it can prove of that.
//!
//! Everything shown is read from the entry that the proof covers, checked against the county's signed checkpoint while the
//! page is made. Never here: parties, texts, anything sealed. Whoever is a party sees more, see `app::progress`.

use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{Digest, InstrumentId, MatterId};
use zhunsheng_core::matter::{Event, MatterState, Number};
use zhunsheng_core::procedure::{Generic, Instrument, Procedure};
use zhunsheng_core::record::Entry;
use zhunsheng_core::record::crypto::Both;
use zhunsheng_core::text;

use super::county::County;
use super::deposit::cosigned::{self, Outside};
use super::fault::Fault;
use super::receipt::{self, Which};
use super::{checkpoint, show};
use crate::store::instruments::{self, CodedInstrument};
use crate::store::{Query, StoreFault, matters, record};

/// An instrument that a code leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attestation {
    /// Its kind, e.g. 行政处罚决定书.
    pub title: String,
    /// The organ in whose name it was issued.
    pub organ: String,
    /// Its number.
    pub number: Option<String>,
    /// The day on it.
    pub day: Day,
    /// When the act was recorded.
    pub recorded: Moment,
    /// The number of its entry in the record.
    pub entry: i64,
    /// Whether it is addressed to a party; others are papers of the organ's own.
    pub addressed: bool,
    /// What happened to it afterwards: 作废, 更正, replaced. Empty: nothing.
    pub since: Vec<String>,
    /// What the record can prove.
    pub proven: Standing,
    /// Who outside the county has signed a checkpoint that covers the entry.
    pub outside: Outside,
}

/// How far the record proves an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Recorded a moment ago: nothing signed covers it yet.
    NotSealed,
    /// Recomputed from what is stored, it leads to the signed root.
    Proven {
        /// Entries that the checkpoint covers.
        size: u64,
        /// The roots of both trees.
        roots: Both<Digest>,
    },
    /// It does not lead there: the stored bytes were changed.
    Broken,
}

/// The instrument of a code; None for everything that is no code of this county's instruments, and for work secrets. What is
/// typed wrongly is looked up like the rest, so that the answer takes the same way.
pub fn find(q: &impl Query, code: &str, county: &County, typed: &str) -> Result<Option<Attestation>, Fault> {
    let Some(coded) = find_coded(q, code, typed)? else { return Ok(None) };
    let Some(state) = visible(q, code, coded.matter)? else { return Ok(None) };
    let stored = record::find_entry(q, code, coded.seq)?;
    let wrong = || StoreFault::Value { what: format!("entry {} of an instrument", coded.seq) };
    let entry = record::decode(coded.seq, &stored.ok_or_else(wrong)?.bytes)?;
    let ruling = county.ruling();
    let procedure = ruling.law.by_digest(&state.definition).ok_or_else(wrong)?;
    let issued = issued_in(&entry, &coded).ok_or_else(wrong)?;
    let instrument = procedure.instrument(issued.kind.as_str());
    Ok(Some(Attestation {
        title: instrument.map_or_else(|| issued.kind.to_string(), |instrument| instrument.title.clone()),
        organ: organ_of(&entry, &issued, &state, county),
        number: issued.number.as_ref().map(|number| number.text.clone()),
        day: issued.day,
        recorded: entry.recorded,
        entry: coded.seq,
        addressed: instrument.is_some_and(Instrument::is_addressed),
        since: since(q, code, procedure, &state, &coded, &issued.kind)?,
        proven: standing(q, code, coded.seq)?,
        outside: cosigned::of_entry(q, code, coded.seq.unsigned_abs())?,
    }))
}

/// The receipt of the act that issued an instrument, nothing sealed shown. None where there is no such code, where nothing
/// signed covers it yet, and for papers that are addressed to nobody: their acts tell of the organ's own deliberation.
pub fn receipt(q: &impl Query, code: &str, county: &County, typed: &str) -> Result<Option<String>, Fault> {
    let Some(found) = find(q, code, county, typed)?.filter(|found| found.addressed) else { return Ok(None) };
    let receipt = receipt::prove(q, code, Which::Entry(found.entry.unsigned_abs()), false, None)?;
    Ok(receipt.map(|receipt| receipt.to_text()))
}

/// Where a typed code leads.
pub fn find_coded(q: &impl Query, code: &str, typed: &str) -> Result<Option<CodedInstrument>, Fault> {
    let read = text::read_verify_code(typed);
    let digest = Digest::of(read.as_deref().unwrap_or(typed).as_bytes());
    Ok(instruments::find_by_code(q, code, &digest.0)?.filter(|_| read.is_some()))
}

/// The matter, unless it is a work secret.
fn visible(q: &impl Query, code: &str, id: MatterId) -> Result<Option<MatterState>, Fault> {
    let state = matters::find_state(q, code, id)?;
    Ok(state.filter(|state| !state.is_work_secret()))
}

/// What an entry says about one instrument that it issued.
struct Issued {
    kind: InstrumentId,
    number: Option<Number>,
    day: Day,
}

/// The issue that stands right before the code's own event.
fn issued_in(entry: &Entry, coded: &CodedInstrument) -> Option<Issued> {
    let mine = entry.events.iter().filter(|(id, _)| *id == coded.matter).map(|(_, event)| event);
    let mut last = None;
    for event in mine {
        match event {
            Event::Issued(kind, number, day) => {
                last = Some(Issued { kind: kind.clone(), number: number.clone(), day: *day });
            }
            Event::Coded(n, _) if i64::from(*n) == coded.n => return last,
            _ => {}
        }
    }
    None
}

/// In whose name: of 委托 the entrusting organ (行政处罚法§20).
fn organ_of(entry: &Entry, issued: &Issued, state: &MatterState, county: &County) -> String {
    let named = entry.events.iter().find_map(|(id, event)| match event {
        Event::Taken(taken) if *id == state.id => taken.in_name_of.clone(),
        _ => None,
    });
    let organ = named.or_else(|| issued.number.as_ref().map(|number| number.organ.clone()));
    county.registry().organ_name(&organ.unwrap_or_else(|| state.organ.clone())).to_owned()
}

/// What the record says of the instrument after its issue, as sentences.
fn since(
    q: &impl Query,
    code: &str,
    procedure: &Procedure,
    state: &MatterState,
    coded: &CodedInstrument,
    kind: &InstrumentId,
) -> Result<Vec<String>, Fault> {
    let mut said = Vec::new();
    let later = record::entries_of(q, code, coded.matter)?.into_iter().filter(|(seq, _)| *seq > coded.seq);
    for (_, entry) in later {
        let events = entry.events.iter().filter(|(id, _)| *id == coded.matter).map(|(_, event)| event);
        said.extend(events.filter_map(|event| changed_by(event, procedure, kind)));
    }
    if said.is_empty() && state.closed {
        said.push("这份文书所属的事项已经作废。".to_owned());
    }
    said.dedup();
    Ok(said)
}

/// The step that enters that a decision was found unlawful and left standing (行政诉讼法§74).
const UNLAWFUL: &str = "remedy_unlawful";

/// What one later event means for an instrument of this kind.
fn changed_by(event: &Event, procedure: &Procedure, kind: &InstrumentId) -> Option<String> {
    let title = procedure.instrument(kind.as_str()).map_or("文书", |instrument| instrument.title.as_str());
    match event {
        Event::Voided(day) => Some(format!("这份文书所属的事项已于{}作废。", day.chinese())),
        Event::Merged(_, day) => Some(format!("这份文书所属的事项已于{}并入另一件办理。", day.chinese())),
        Event::Taken(taken) if Generic::of(&taken.step) == Some(Generic::Correct) => {
            Some(format!("{}，所属事项的登记内容作过更正；已经发出的文书内容不因此改变。", taken.day.chinese()))
        }
        Event::Taken(taken) if taken.step.as_str() == UNLAWFUL => {
            let shown = procedure.disclosure("decision_disclosure").and_then(|shown| shown.instrument.as_ref());
            (shown == Some(kind)).then(|| {
                format!("{}，登记了复议、诉讼确认违法的结果：这份{title}没有被撤销，仍然有效。", taken.day.chinese())
            })
        }
        Event::Taken(taken) => {
            let step = procedure.step(taken.step.as_str())?;
            step.revokes.contains(kind).then(|| {
                format!(
                    "{}，“{}”：这份{title}的内容已被改变或者不再有效，以后来的文书为准。",
                    taken.day.chinese(),
                    step.title
                )
            })
        }
        Event::Issued(later, number, day) if later == kind => {
            let number = number.as_ref().map(|number| format!("（{}）", number.text)).unwrap_or_default();
            Some(format!("{}，同一事项又签发了一份{title}{number}。", day.chinese()))
        }
        Event::DisclosureWithdrawn(disclosure, day) => {
            let of_kind = procedure.disclosure(disclosure.as_str())?.instrument.as_ref() == Some(kind);
            of_kind.then(|| format!("{}，与这份文书有关的公示已经撤下。", day.chinese()))
        }
        _ => None,
    }
}

/// Makes the proof and checks it as a stranger would.
fn standing(q: &impl Query, code: &str, seq: i64) -> Result<Standing, Fault> {
    let Some(receipt) = receipt::prove(q, code, Which::Entry(seq.unsigned_abs()), false, None)? else {
        return Ok(Standing::NotSealed);
    };
    let keys = checkpoint::public_keys(q, code)?;
    Ok(match receipt.verify(&Both { sm3: Some(&keys.sm3), sha256: Some(&keys.sha256) }) {
        Ok(proven) => Standing::Proven { size: proven.size, roots: proven.roots },
        Err(wrong) => {
            tracing::error!(entry = seq, %wrong, "an instrument's entry does not lead to the signed root");
            Standing::Broken
        }
    })
}

impl Attestation {
    /// 2024年10月26日 9时05分.
    #[must_use]
    pub fn recorded_text(&self) -> String {
        show::moment(self.recorded)
    }
}
