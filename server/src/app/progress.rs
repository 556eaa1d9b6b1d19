//! How far a matter is, for the person concerned: whoever holds its query code, and a party who shows an instrument's code
//! and what the record knows of them. One page, one list of what is told: the definition says it step by step (`told`) and
//! paper by paper (`to`); everything else is never here, above all reviews, deliberations and what is internal.
//!
//! Does not belong here: what a stranger with an instrument sees (`attestation`), counting attempts (`identify`).

use std::collections::BTreeMap;

use zhunsheng_core::basis::{Basis, Grade};
use zhunsheng_core::clock::{ClockRun, Due, LimitKind};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, RoleId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Fact, MatterState};
use zhunsheng_core::procedure::{Generic, Procedure, StepKind};
use zhunsheng_core::text;

use super::attestation;
use super::commenting;
use super::consultation;
use super::county::County;
use super::fault::Fault;
use super::instrument::{self, Paragraph, Sheet};
use crate::store::record::StoredSealed;
use crate::store::{Query, matters, record, worklist};

/// What the page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// 人民调解（邻里）.
    pub title: String,
    /// Who holds it.
    pub organ: String,
    /// Where they are reached by telephone.
    pub phone: Option<String>,
    /// Who is responsible, once someone is.
    pub officer: Option<String>,
    /// What the states say to citizens, the main one first.
    pub now: Vec<String>,
    /// Steps that the person is told of, in order.
    pub steps: Vec<(String, Day)>,
    /// Legal and local time limits that run.
    pub limits: Vec<Limit>,
    /// Limits of the organ that have passed.
    pub overruns: Vec<Overrun>,
    /// Instruments addressed to the party, newest first; a query code alone shows none.
    pub papers: Vec<Paper>,
    /// The answer to a legal question.
    pub answer: Option<String>,
    /// The draft that a comment is about: where it is read, and its title.
    pub about: Option<(String, String)>,
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

/// A limit of the organ whose last day has passed. What follows from it in law, others decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overrun {
    /// The limit.
    pub limit: Limit,
    /// When it was met after all.
    pub met: Option<Day>,
    /// The organ's published explanation.
    pub explanation: Option<String>,
}

/// An instrument as its addressee reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The day on it.
    pub day: Day,
    /// Its code in groups of four, if it carries one.
    pub code: Option<String>,
    /// Its paragraphs, numbers of identity and telephone masked.
    pub text: Vec<String>,
    /// What it says about remedies, in its own words.
    pub remedies: Vec<String>,
}

/// A query code as typed: spaces, dashes, full-width letters and look-alike letters (O, I, L) do not matter.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    let code = text::plain_code(typed);
    (code.len() == 12 && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

/// The progress of the matter with this query code; `None` for any code that leads nowhere.
pub fn find(q: &impl Query, county_code: &str, county: &County, typed: &str) -> Result<Option<Progress>, Fault> {
    let Some(code) = read_code(typed) else { return Ok(None) };
    let Some(id) = matters::find_by_query_code(q, county_code, &Digest::of(code.as_bytes()).0)? else {
        return Ok(None);
    };
    let Some(state) = matters::find_state(q, county_code, id)? else { return Ok(None) };
    let told = Told { state: &state, county, role: None };
    told.progress(q, county_code)
}

/// The progress for the party that an instrument is addressed to, if the factor is theirs: the last four characters of the
/// identity number or social credit code that the record holds, of the telephone where it holds neither, or the query code.
pub fn find_party(
    q: &impl Query,
    county_code: &str,
    county: &County,
    typed: &str,
    factor: &str,
) -> Result<Option<Progress>, Fault> {
    let Some(coded) = attestation::find_coded(q, county_code, typed)? else { return Ok(None) };
    let Some(state) = matters::find_state(q, county_code, coded.matter)? else { return Ok(None) };
    if state.is_work_secret() {
        return Ok(None);
    }
    let ruling = county.ruling();
    let issued = usize::try_from(coded.n - 1).ok().and_then(|at| state.instruments.get(at));
    let to = issued.zip(ruling.law.by_digest(&state.definition)).and_then(|(issued, definition)| {
        definition.instrument(issued.kind.as_str()).map(|instrument| instrument.to.clone())
    });
    let sealed = record::sealed_values(q, county_code, state.id)?;
    let Some(role) = addressee(&state, &to.unwrap_or_default(), &sealed, factor) else { return Ok(None) };
    Told { state: &state, county, role: Some(role) }.progress(q, county_code)
}

/// The progress for a party whose own the matter is: as with the query code, and as that party where they have shown that they are it.
pub fn own(
    q: &impl Query,
    county_code: &str,
    county: &County,
    state: &MatterState,
    party: Option<i64>,
) -> Result<Option<Progress>, Fault> {
    let shown = state.parties.iter().find(|known| party == Some(i64::from(known.ordinal)));
    Told { state, county, role: shown.map(|party| party.role.clone()) }.progress(q, county_code)
}

/// A line of somebody's own matters: what it is, who holds it, and what its main state says to citizens.
#[must_use]
pub fn line(county: &County, state: &MatterState) -> Option<(String, String, String)> {
    let ruling = county.ruling();
    let definition = ruling.law.by_digest(&state.definition)?;
    let main = definition.tracks.first()?;
    let now = state.track(main.id.as_str()).and_then(|now| definition.state(main.id.as_str(), now.as_str()));
    let said = now.and_then(|now| now.citizen.clone()).unwrap_or_default();
    Some((title(definition, state), county.registry().organ_name(&state.organ).to_owned(), said))
}

/// Whether a factor is the end of a party's number of identity. A telephone number is none: who asks has shown theirs; nor is a social credit
/// code, which everybody can look up: legal persons show the query code.
#[must_use]
pub fn identifies(sealed: &[StoredSealed], party: i64, factor: &str) -> bool {
    record::find_open(sealed, &format!("party.{party}.id_number")).is_some_and(|number| ends(number, factor))
}

/// Whether a party may know of a matter: something was told to its role, or addressed to it. Whoever came with the query code may.
#[must_use]
pub fn is_told(law: &Law, state: &MatterState, party: Option<i64>) -> bool {
    let Some(party) = party else { return true };
    let Some(definition) = law.by_digest(&state.definition) else { return false };
    let Some(known) = state.parties.iter().find(|known| i64::from(known.ordinal) == party) else { return false };
    let step = |id: &str| definition.step(id).is_some_and(|step| step.told.contains(&known.role));
    let paper = |kind: &str| definition.instrument(kind).is_some_and(|paper| paper.to.contains(&known.role));
    state.done.iter().any(|done| !done.withdrawn && step(done.step.as_str()))
        || state.instruments.iter().any(|issued| paper(issued.kind.as_str()))
}

/// Whether a number of eight characters or more ends with the four that were typed.
fn ends(value: &str, factor: &str) -> bool {
    let typed = text::half_width(factor).trim().to_uppercase();
    let count = value.chars().count();
    count >= 8 && typed.chars().count() == 4 && value.to_uppercase().chars().skip(count - 4).eq(typed.chars())
}

/// The role of the party whose factor this is.
fn addressee(state: &MatterState, to: &[RoleId], sealed: &[StoredSealed], factor: &str) -> Option<RoleId> {
    let value = |label: &str| record::find_open(sealed, label);
    let holds_code = value("query_code").is_some_and(|code| Some(code.to_owned()) == read_code(factor));
    let mut parties = state.parties.iter().filter(|party| to.contains(&party.role));
    let found = parties.find(|party| {
        let detail = |detail: &str| value(&format!("party.{}.{detail}", party.ordinal));
        let numbers: Vec<&str> = [detail("id_number"), detail("uscc")].into_iter().flatten().collect();
        holds_code
            || numbers.iter().any(|number| ends(number, factor))
            || (numbers.is_empty() && detail("phone").is_some_and(|phone| ends(phone, factor)))
    });
    found.map(|party| party.role.clone())
}

/// A matter and to whom it is told: a role, or whoever holds the query code.
struct Told<'a> {
    state: &'a MatterState,
    county: &'a County,
    role: Option<RoleId>,
}

impl Told<'_> {
    fn progress(&self, q: &impl Query, county_code: &str) -> Result<Option<Progress>, Fault> {
        let (state, registry, ruling) = (self.state, self.county.registry(), self.county.ruling());
        let Some(definition) = ruling.law.by_digest(&state.definition) else { return Ok(None) };
        let said = |track: &zhunsheng_core::procedure::Track| {
            let now = state.track(track.id.as_str())?;
            definition.state(track.id.as_str(), now.as_str())?.citizen.clone()
        };
        let tells = |told: &[RoleId]| self.role.as_ref().map_or(!told.is_empty(), |role| told.contains(role));
        let steps = state.done.iter().filter(|done| !done.withdrawn).filter_map(|done| {
            let step = definition.step(done.step.as_str())?;
            let shown = tells(&step.told) && (self.role.is_some() || done.kind != StepKind::System);
            shown.then(|| (step.title.clone(), done.day))
        });
        let responsible = state.deputy.or(state.assigned);
        let explanation = explanation(state, &record::sealed_values(q, county_code, state.id)?);
        Ok(Some(Progress {
            title: title(definition, state),
            organ: registry.organ_name(&state.organ).to_owned(),
            phone: registry.organ(state.organ.as_str()).and_then(|organ| organ.telephone.clone()),
            officer: responsible.map(|person| registry.person_name(person).to_owned()),
            now: definition.tracks.iter().filter_map(said).collect(),
            steps: steps.collect(),
            limits: if state.closed { Vec::new() } else { limits(definition, state, &ruling.calendar) },
            overruns: overruns(definition, state, &ruling.calendar, explanation.as_deref()),
            papers: if self.role.is_some() { self.papers(q, county_code, definition)? } else { Vec::new() },
            answer: consultation::told(q, county_code, state)?,
            about: commenting::draft_of(q, county_code, state)?,
            closed: state.closed,
        }))
    }

    /// The instruments addressed to the role, newest first.
    fn papers(&self, q: &impl Query, code: &str, definition: &Procedure) -> Result<Vec<Paper>, Fault> {
        let entries = record::entries_of(q, code, self.state.id)?;
        let registry = self.county.registry();
        let mine = |kind: &str| {
            let to = definition.instrument(kind).map(|instrument| instrument.to.as_slice()).unwrap_or_default();
            self.role.as_ref().is_some_and(|role| to.contains(role))
        };
        let mut papers = Vec::new();
        for (n, issued) in (1..).zip(&self.state.instruments).filter(|(_, issued)| mine(issued.kind.as_str())) {
            let Some(moment) = instrument::moment_of(&entries, self.state.id, n) else { continue };
            let texts: BTreeMap<String, String> =
                worklist::sealed_at(q, code, self.state.id, moment.seq)?.into_iter().collect();
            let ground = instrument::Ground { procedure: definition, registry: &registry, texts: &texts, title: "" };
            let Some(sheet) = instrument::sheet(&ground, &moment) else { continue };
            let states_remedies = definition.instrument(issued.kind.as_str()).is_some_and(|known| known.remedies);
            let written = texts.get(&format!("instrument.{n}.code")).map(|code| text::written_code(code));
            papers.push(paper(sheet, written, states_remedies, &texts));
        }
        papers.reverse();
        Ok(papers)
    }
}

/// What identifies is masked wherever it stands in the text: the paper itself has it in full.
fn paper(sheet: Sheet, code: Option<String>, states_remedies: bool, texts: &BTreeMap<String, String>) -> Paper {
    let hidden = texts.iter().filter(|(label, value)| label.ends_with(".address") && value.chars().count() > 6);
    let addresses: Vec<&String> = hidden.map(|(_, value)| value).collect();
    let masked = |line: String| {
        let address = |line: String, known: &&String| {
            line.replace(known.as_str(), &text::mask(zhunsheng_core::matter::SealedClass::Address, known))
        };
        text::mask_numbers(&addresses.iter().fold(line, address))
    };
    let lines = sheet.paragraphs.into_iter().map(|paragraph| match paragraph {
        Paragraph::Title(text)
        | Paragraph::Heading(text)
        | Paragraph::Number(text)
        | Paragraph::To(text)
        | Paragraph::Text(text)
        | Paragraph::Sign(text)
        | Paragraph::Close(text) => masked(text),
    });
    let text: Vec<String> = lines.chain(sheet.close).collect();
    let ways =
        |line: &&String| line.contains("申请行政复议") || line.contains("提起行政诉讼") || line.contains("向人民法院");
    let remedies = if states_remedies { text.iter().filter(ways).cloned().collect() } else { Vec::new() };
    Paper { title: sheet.title, number: sheet.number, day: sheet.day, code, text, remedies }
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

fn limit(definition: &Procedure, run: &ClockRun, calendar: &zhunsheng_core::calendar::Calendar) -> Limit {
    let deadline = run.deadline(calendar);
    Limit {
        title: definition.clock(run.clock.as_str()).map_or_else(|| run.clock.to_string(), |clock| clock.title.clone()),
        due: deadline.due.day(),
        provisional: matches!(deadline.due, Due::Provisional { .. }),
        basis: run.basis.clone(),
        because: deadline.because,
    }
}

fn limits(definition: &Procedure, state: &MatterState, calendar: &zhunsheng_core::calendar::Calendar) -> Vec<Limit> {
    let told =
        |run: &&ClockRun| run.runs() && run.basis.grade != Grade::Internal && run.limit.kind != LimitKind::Minimum;
    state.clocks.iter().filter(told).map(|run| limit(definition, run, calendar)).collect()
}

fn overruns(
    definition: &Procedure,
    state: &MatterState,
    calendar: &zhunsheng_core::calendar::Calendar,
    explanation: Option<&str>,
) -> Vec<Overrun> {
    let told = |run: &&ClockRun| run.basis.grade != Grade::Internal && run.overran(calendar);
    let one = |run: &ClockRun| Overrun {
        limit: limit(definition, run, calendar),
        met: run.stopped,
        explanation: explanation.map(str::to_owned),
    };
    state.clocks.iter().filter(told).map(one).collect()
}

/// What the organ last published about an overrun: the reason of its act 超期说明.
fn explanation(state: &MatterState, sealed: &[StoredSealed]) -> Option<String> {
    let position = state.done.iter().rposition(|done| done.step == Generic::Explain.step())?;
    let label = format!("reason.{}", position + 1);
    record::find_open(sealed, &label).map(str::to_owned)
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
