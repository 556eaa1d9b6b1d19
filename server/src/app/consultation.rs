//! Legal questions that were answered: what the asker reads, and what was reviewed and published for everybody.
//!
//! What is public is read from the two texts that the review passed, never from what was asked; names of parties, numbers of
//! identity and of mobile telephones are masked even there. Does not belong here: asking (`web/pages/dispute.rs`), ranking
//! (core `guide`).

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::guide::rank::Entry;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use super::county::County;
use super::dispute::CONSULTATION;
use super::fault::Fault;
use super::publication::{self, Names};
use super::shelf::{Shelf, Stock, Wanted};
use crate::store::{Query, matters, record};

/// Published answers that are looked at, the newest.
const LOOKED_AT: i64 = 400;

/// An answer that anybody may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Its matter.
    pub matter: MatterId,
    /// What was asked, as rewritten for the public.
    pub question: String,
    /// The answer, likewise.
    pub text: String,
    /// What it is about.
    pub topic: String,
    /// Who answered: lawyer, grassroots legal worker, justice staff.
    pub helper: String,
    /// Published on.
    pub made: Day,
}

/// The published answers, as a question finds them.
pub fn searched(
    q: &impl Query,
    code: &str,
    county: &County,
    shelf: &Shelf<Answer>,
    today: Day,
) -> Result<Arc<Stock<Answer>>, Fault> {
    let wanted = Wanted { code, county, what: (CONSULTATION, ""), today, most: LOOKED_AT };
    shelf.stock(q, &wanted, |shown| {
        let mut answers = Vec::new();
        for line in shown {
            let Some(state) = matters::find_state(q, code, line.matter)? else { continue };
            let answer = of(q, code, county, &state, Day::from_number(line.made).unwrap_or(today))?;
            answers.extend(answer.map(|answer| {
                let fields = vec![(3.0, answer.question.clone()), (1.0, answer.text.clone())];
                (answer, Entry { fields, words: Vec::new() })
            }));
        }
        Ok(answers)
    })
}

/// One published answer; withdrawn and never published ones do not exist.
pub fn find(q: &impl Query, code: &str, county: &County, id: MatterId, today: Day) -> Result<Option<Answer>, Fault> {
    let Some((state, run)) = publication::in_force_of(q, code, (CONSULTATION, ""), id, today)? else { return Ok(None) };
    of(q, code, county, &state, run.made.unwrap_or(today))
}

fn of(q: &impl Query, code: &str, county: &County, state: &MatterState, made: Day) -> Result<Option<Answer>, Fault> {
    let ruling = county.ruling();
    let Some(definition) = ruling.law.by_digest(&state.definition) else { return Ok(None) };
    let sealed = record::sealed_values(q, code, state.id)?;
    let names = Names::among(&sealed, state);
    let public = |label: &str| {
        let value = record::find_open(&sealed, label)?;
        Some(names.masked(value))
    };
    let (Some(question), Some(text)) = (public("field.public_question"), public("field.public_answer")) else {
        return Ok(None);
    };
    let listed = |id: &str| {
        let field = definition.fields.get(id)?;
        publication::value(definition, field, state)
    };
    Ok(Some(Answer {
        matter: state.id,
        question,
        text,
        topic: listed("topic").unwrap_or_default(),
        helper: listed("helper_kind").unwrap_or_default(),
        made,
    }))
}

/// What the asker reads with their query code: the answer, or where else to go.
pub(super) fn told(q: &impl Query, code: &str, state: &MatterState) -> Result<Option<String>, Fault> {
    if state.procedure.as_str() != CONSULTATION || state.closed {
        return Ok(None);
    }
    let outcome = ["answered", "referred"]
        .into_iter()
        .find(|now| state.track("main").is_some_and(|track| track.as_str() == *now));
    let label = match outcome {
        Some("answered") => "field.answer",
        Some(_) => "field.refer_note",
        None => return Ok(None),
    };
    if state.is_work_secret() {
        return Ok(None);
    }
    let sealed = record::sealed_values(q, code, state.id)?;
    Ok(record::find_open(&sealed, label).map(str::to_owned))
}
