//! Who answers legal questions this week 值班表: those on duty for the town and the topic of a question are proposed where it is
//! assigned. Whoever assigns may name another.
//!
//! Does not belong here: what a duty has to say (law/procedures/grassroots/legal_duty.toml), asking and answering.

use std::collections::BTreeMap;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, OrganFunction};
use zhunsheng_core::matter::MatterState;

use super::dispute::{BUREAU, CONSULTATION};
use super::fault::Fault;
use super::form::Suggested;
use crate::store::{Query, duties, record};

/// The step by which a question gets its answerer.
const ASSIGN: &str = "assign";
/// Places are inside each other no deeper.
const DEPTH: usize = 4;

/// What the form of a step proposes for a matter; nothing for other steps.
pub fn proposed(
    q: &impl Query,
    county: &str,
    registry: &Registry,
    (question, step): (&MatterState, &str),
    today: Day,
) -> Result<BTreeMap<FieldId, Suggested>, Fault> {
    let mut proposed = BTreeMap::new();
    if question.procedure.as_str() != CONSULTATION || step != ASSIGN {
        return Ok(proposed);
    }
    let bureau = registry.organ_with(&OrganFunction::from(BUREAU)).map_or("", |organ| organ.code.as_str());
    let planned = duties::list(q, county, (question.organ.as_str(), bureau), today.number())?;
    let on_duty = fitting(&planned, question, registry, today);
    let (mut names, mut phones) = (Vec::new(), Vec::new());
    for duty in &on_duty {
        let sealed = record::sealed_values(q, county, duty.id)?;
        let open = |label| record::find_open(&sealed, label).unwrap_or_default().to_owned();
        names.push(open("field.helper_name"));
        phones.push(open("field.helper_phone"));
    }
    let (Some(first), Some(name)) = (on_duty.first(), names.first()) else {
        let hint = "值班表里今天没有人值这个镇、这类问题的班；请先排班，或者自己指定".to_owned();
        proposed.insert("helper_name".into(), Suggested { value: String::new(), hint });
        return Ok(proposed);
    };
    let called = |(name, phone): (&String, &String)| match phone.as_str() {
        "" => name.clone(),
        phone => format!("{name}（{phone}）"),
    };
    let others = names.iter().zip(&phones).skip(1).map(called).collect::<Vec<_>>().join("、");
    let until = first.day("duty_until").map(Day::chinese).unwrap_or_default();
    let mut hint = format!("按值班表填好，当值到{until}");
    if let Some(phone) = phones.first().filter(|phone| !phone.is_empty()) {
        hint.push_str(&format!("，值班电话{phone}"));
    }
    if !others.is_empty() {
        hint.push_str(&format!("；同时当值的还有{others}"));
    }
    let kind = first.text("helper_kind").to_owned();
    proposed.insert("helper_kind".into(), Suggested { value: kind, hint: String::new() });
    proposed.insert("helper_name".into(), Suggested { value: name.clone(), hint });
    Ok(proposed)
}

/// The duties of the day that fit a question: of its town before those of the county, for its topic before those for all.
fn fitting<'d>(
    duties: &'d [MatterState],
    question: &MatterState,
    registry: &Registry,
    today: Day,
) -> Vec<&'d MatterState> {
    let organ = registry.organ(question.organ.as_str());
    let place = question.place.as_ref().or_else(|| organ.and_then(|organ| organ.place.as_ref()));
    let mut around = Vec::new();
    let mut next = place;
    while let Some(place) = next.filter(|_| around.len() < DEPTH) {
        around.push(place);
        next = registry.place(place.as_str()).and_then(|place| place.parent.as_ref());
    }
    let topic = question.text("topic");
    let rank = |duty: &&MatterState| {
        let near = around.iter().position(|place| Some(*place) == duty.place.as_ref())?;
        let special = duty.fact("duty_topics").is_some();
        let answers = !special || duty.has_code("duty_topics", topic);
        let on = duty.day("duty_from").is_some_and(|from| from <= today);
        (answers && on).then_some((near, !special))
    };
    let mut found: Vec<_> = duties.iter().filter_map(|duty| Some((rank(&duty)?, duty))).collect();
    found.sort_by_key(|(rank, duty)| (*rank, duty.id));
    found.into_iter().map(|(_, duty)| duty).collect()
}
