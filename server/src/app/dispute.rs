//! Where what a citizen files goes: places, the mediation committee of a place, the one organ that gives legal aid; and what the words
//! of a dispute say of danger.
//!
//! Does not belong here: what has to be filled in (the definition says it) and how it is asked (the page).

use std::borrow::Cow;

use zhunsheng_core::authority::{Organ, Place, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::guide::DANGER;
use zhunsheng_core::id::{FieldId, OrganFunction, StepId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Command, EvidenceInput, Fact, MatterState, PartyState, SealedClass};
use zhunsheng_core::procedure::{Checked, PartyKind, Performer, Procedure, Step};
use zhunsheng_core::text::{mask, parse_yuan};

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::record::{self, StoredSealed};
use crate::store::{StoreFault, Tx};

/// The procedure under which citizens register a dispute.
pub const DISPUTE: &str = "mediation";

/// The procedure of a dispute in which several organs take part.
pub const JOINT: &str = "joint_dispute";

/// The procedure under which citizens apply for legal aid.
pub const LEGAL_AID: &str = "legal_aid";

/// The procedure under which anybody asks a legal question.
pub const CONSULTATION: &str = "legal_consultation";

/// The function of the bureau that set up the justice stations.
pub const BUREAU: &str = "judicial_bureau";

/// The function of the organs that take disputes.
const MEDIATION: &str = "mediation";

/// The grade that is proposed where somebody may be hurt, and the field that proposes it.
const HIGH_RISK: (&str, &str) = ("risk_proposed", "high");

/// The step at which an agreement is signed, the signatures that are written on the screen, and how many are lacking.
const SIGNING: &str = "agree_written";
const SIGNATURE: &str = "screen_signature";
const UNSIGNED: &str = "screen_unsigned";
/// What of the terms on the paper that was drawn up would be signed otherwise, and the terms.
const REDRAWN: &str = "redrawn";
const TERMS: [&str; 4] = ["amount_agreed", "amount_each", "amount_period", "perform_by"];

/// The field that answers the proposal.
pub const GRADE: &str = "risk";

/// The signs of danger in what was written of a dispute, as far as the definition has them in its list; none where it takes no signs.
pub fn danger_signs(law: &Law, definition: &Procedure, (summary, request): (&str, &str)) -> Vec<String> {
    let mut signs = law.guides.synonyms.danger_signs(&[summary, request].join("\n"));
    signs.retain(|sign| definition.knows_code(DANGER.1, sign));
    signs
}

/// What the words of a registration propose, whoever registers it and by which way.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let law = &desk.ruling.law;
    let definition = match asked.state {
        Some(state) => law.by_digest(&state.definition),
        None => law.in_force(asked.procedure, asked.day(desk.today)),
    };
    let Some(definition) = definition else { return Ok(Made::new()) };
    if let (SIGNING, Some(state)) = (asked.command.step.as_str(), asked.state) {
        let mut made = vec![(REDRAWN, redrawn(definition, state, asked))];
        if asked.typed("sign_way") == "screen" {
            let texts = record::sealed_values(tx, &desk.county, state.id)?;
            let left = unsigned(&signers(definition, state, &texts), &asked.command.input.evidence);
            made.push((UNSIGNED, left.to_string()));
        }
        return Ok(made);
    }
    if let (JOINT, SESSION | TRANSFER, Some(state)) = (asked.procedure, asked.command.step.as_str(), asked.state) {
        return Ok(joint(desk, asked, state));
    }
    let (proposed, high) = HIGH_RISK;
    let takes =
        |step: &Step| [DANGER.1, proposed].iter().all(|field| step.may_fill.iter().any(|id| id.as_str() == *field));
    if !definition.step(asked.command.step.as_str()).is_some_and(takes) {
        return Ok(Made::new());
    }
    let signs = danger_signs(law, definition, (asked.typed("summary"), asked.typed("request")));
    let grade = if signs.is_empty() { "" } else { high };
    Ok(vec![(DANGER.1, signs.join("|")), (proposed, grade.to_owned())])
}

/// The terms, by title, that are typed otherwise than they stand on the paper that the parties sign.
fn redrawn(definition: &Procedure, state: &MatterState, asked: &Asked<'_>) -> String {
    let differs = |term: &str| {
        let typed = asked.typed(term);
        !typed.is_empty()
            && state.fact(term).is_some_and(|stands| match stands {
                Fact::Int(fen) => parse_yuan(typed) != Some(*fen),
                Fact::Day(day) => asked.typed_day(term) != Some(*day),
                other => other.text() != typed,
            })
    };
    let title = |term: &str| definition.fields.get(&FieldId::from(term)).map_or("", |field| field.title.as_str());
    TERMS.into_iter().filter(|term| differs(term)).map(title).collect::<Vec<_>>().join("、")
}

/// Of a joint session how many of the units that came have no part in the dispute; of a transfer whether it goes to the unit that has
/// just sent it back. What was marked before is taken back where it holds no more.
fn joint(desk: &Desk, asked: &Asked<'_>, state: &MatterState) -> Made {
    match asked.command.step.as_str() {
        SESSION => {
            let named = asked.command.input.fields.get(&FieldId::from(CAME));
            let own = taking_part(state);
            let part = |code: &str| code == state.organ.as_str() || own.iter().any(|known| known == code);
            let exists = |code: &str| desk.registry.organ(code).is_some();
            let named = named.into_iter().flatten().flat_map(|value| value.split('|')).map(str::trim);
            let strangers = named.filter(|code| exists(code) && !part(code)).count();
            let known = state.fact(STRANGERS).is_some();
            let value = if strangers > 0 || known { strangers.to_string() } else { String::new() };
            vec![(STRANGERS, value)]
        }
        TRANSFER => {
            let again = sent_back_by(state).is_some_and(|lead| lead == asked.typed(LEAD));
            let known = state.fact(SENT_BACK).is_some();
            let value = if again {
                "yes"
            } else if known {
                "no"
            } else {
                ""
            };
            vec![(SENT_BACK, value.to_owned())]
        }
        _ => Made::new(),
    }
}

/// Whether a field names the units that came to a joint session: only those that take part can be meant.
#[must_use]
pub fn names_who_came(state: &MatterState, field: &FieldId) -> bool {
    state.procedure.as_str() == JOINT && field.as_str() == CAME
}

/// The units that take part in a joint dispute, beside the one that holds it.
#[must_use]
pub fn taking_part(state: &MatterState) -> Vec<String> {
    [LEAD, "centre", "partners"].iter().flat_map(|field| organs(state, field)).collect()
}

/// The organs in a field of a matter.
fn organs(state: &MatterState, field: &str) -> Vec<String> {
    match state.fact(field) {
        Some(Fact::Codes(codes)) => codes.iter().map(ToString::to_string).collect(),
        Some(fact) => vec![fact.text()],
        None => Vec::new(),
    }
}

/// The unit that has just sent a joint dispute back: it is not the one to whom it goes next.
#[must_use]
pub fn sent_back_by(state: &MatterState) -> Option<String> {
    let returned =
        state.procedure.as_str() == JOINT && state.track("main").is_some_and(|now| now.as_str() == "returned");
    state.fact(LEAD).filter(|_| returned).map(Fact::text)
}

/// The titles of the signs of danger that a dispute has, and the title of the grade that is proposed; none where nothing was found.
#[must_use]
pub fn warned(definition: &Procedure, state: &MatterState) -> Option<(Vec<String>, String)> {
    let title = |field: &str, code: &str| {
        let list = definition.fields.get(&FieldId::from(field)).and_then(|field| definition.list_of(field));
        list.and_then(|list| list.title(code)).unwrap_or(code).to_owned()
    };
    let Some(Fact::Codes(signs)) = state.fact(DANGER.1) else { return None };
    let signs: Vec<String> = signs.iter().map(|sign| title(DANGER.1, sign.as_str())).collect();
    let proposed = state.fact(HIGH_RISK.0).map(|grade| title(HIGH_RISK.0, &grade.text())).unwrap_or_default();
    (!signs.is_empty()).then_some((signs, proposed))
}

/// As [`warned`], while nobody has graded the risk, or where it was graded high.
#[must_use]
pub fn in_danger(definition: &Procedure, state: &MatterState) -> Option<(Vec<String>, String)> {
    let grade = state.fact(GRADE).map(Fact::text);
    let high = grade.as_deref() == Some(HIGH_RISK.1);
    let found = warned(definition, state).filter(|_| grade.is_none() || high);
    found.or_else(|| high.then(|| (Vec::new(), String::new())))
}

/// Whether a step grades the risk.
#[must_use]
pub fn grades(definition: &Procedure, step: &StepId) -> bool {
    let step = definition.step(step.as_str());
    step.is_some_and(|step| step.fill.iter().any(|when| when.item.as_str() == GRADE))
}

/// What stands above the form of a step: what the registration says of danger where the risk is graded, and everywhere else until it is.
#[must_use]
pub fn danger_at(definition: &Procedure, state: &MatterState, step: &StepId) -> Option<(Vec<String>, String)> {
    match [DISPUTE, JOINT].contains(&state.procedure.as_str()) {
        true if grades(definition, step) => warned(definition, state),
        true => in_danger(definition, state),
        false => None,
    }
}

/// Who signs an agreement on the screen: the parties, numbered within their role and masked, and who mediated. Two of one masked name are
/// two.
#[must_use]
pub fn signers(definition: &Procedure, state: &MatterState, texts: &[StoredSealed]) -> Vec<String> {
    let party = |(at, party): (usize, &PartyState)| {
        let number = state.parties.iter().take(at + 1).filter(|known| known.role == party.role).count();
        let role = definition.role(party.role.as_str()).map_or("", |role| role.title.as_str());
        let name = record::opened(texts, &format!("party.{}.name", party.ordinal));
        format!("{}{number} {}", role.split('（').next().unwrap_or_default(), mask(SealedClass::Name, name))
    };
    state.parties.iter().enumerate().map(party).chain(["调解员".to_owned()]).collect()
}

/// How many of them have no signature among these files, each of which is named by who signed it.
fn unsigned(signers: &[String], files: &[EvidenceInput]) -> usize {
    let mut written: Vec<&EvidenceInput> = files.iter().filter(|file| file.kind.as_str() == SIGNATURE).collect();
    let mut signed = |signer: &&String| {
        let own = written
            .iter()
            .position(|file| file.name.strip_prefix(signer.as_str()).is_some_and(|rest| rest.starts_with(' ')));
        let Some(own) = own else { return false };
        // One picture is one signature.
        let digest = written.remove(own).digest;
        written.retain(|file| file.digest != digest);
        true
    };
    signers.len() - signers.iter().filter(|signer| signed(signer)).count()
}

/// The steps of a joint dispute, their fields, and what is worked out for them.
const SESSION: &str = "hold_session";
const TRANSFER: &str = "transfer";
const LEAD: &str = "lead_organ";
const CAME: &str = "session_organs";
const STRANGERS: &str = "session_strangers";
const SENT_BACK: &str = "sent_back_to";

/// The texts that are read for danger.
pub const READ: [&str; 2] = ["summary", "request"];

/// A correction of what was told of a mediation is read for danger as its registration was. New signs propose a high grade, and a lower one
/// that somebody gave before has to be given again; a sign that is in the words no more stays: somebody said it. Of a
/// joint dispute the summary is not corrected: the slip that its registration issues stands.
pub(super) fn corrected<'c>(
    tx: &Tx<'_>,
    desk: &Desk,
    state: &MatterState,
    command: &'c Command,
) -> Result<Cow<'c, Command>, StoreFault> {
    let (law, input) = (&desk.ruling.law, &command.input);
    let definition = law.by_digest(&state.definition).filter(|_| state.procedure.as_str() == DISPUTE);
    let touched = READ.iter().any(|field| input.fields.contains_key(&FieldId::from(*field)));
    let typed_signs = [DANGER.1, HIGH_RISK.0].iter().any(|field| input.fields.contains_key(&FieldId::from(*field)));
    let Some(definition) = definition.filter(|_| touched && !typed_signs) else { return Ok(Cow::Borrowed(command)) };
    let stored = record::sealed_values(tx, &desk.county, state.id)?;
    let said = |field: &str| match input.fields.get(&FieldId::from(field)) {
        Some(values) => values.join("\n"),
        None => {
            let label = format!("field.{field}");
            let last = stored.iter().rev().find(|value| value.label == label);
            last.and_then(|value| value.open.as_ref()).map(|(_, text)| text.clone()).unwrap_or_default()
        }
    };
    let [summary, request] = READ.map(said);
    let known: Vec<String> = match state.fact(DANGER.1) {
        Some(Fact::Codes(codes)) => codes.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let mut signs = danger_signs(law, definition, (&summary, &request));
    signs.retain(|sign| !known.contains(sign));
    if signs.is_empty() {
        return Ok(Cow::Borrowed(command));
    }
    let (proposed, high) = HIGH_RISK;
    let mut command = command.clone();
    let grade = command.input.fields.get(&FieldId::from(GRADE)).and_then(|values| values.first());
    let graded = state.fact(GRADE).map(Fact::text);
    let anew = graded.is_some_and(|graded| graded != high && grade.is_none_or(|typed| *typed == graded));
    let signs: Vec<String> = known.into_iter().chain(signs).collect();
    for (field, values) in [(DANGER.1, signs), (proposed, vec![high.to_owned()])] {
        command.input.worked_out.insert(field.into());
        command.input.fields.insert(field.into(), values);
    }
    if anew {
        command.input.fields.insert(GRADE.into(), Vec::new());
    }
    Ok(Cow::Owned(command))
}

/// How the names of organisations end.
const ORGANISATIONS: [&str; 22] = [
    "公司",
    "集团",
    "合作社",
    "工厂",
    "厂",
    "学校",
    "幼儿园",
    "医院",
    "卫生院",
    "银行",
    "信用社",
    "中心",
    "委员会",
    "村委会",
    "居委会",
    "事务所",
    "协会",
    "政府",
    "管理局",
    "项目部",
    "分公司",
    "工程队",
];

/// How the names of sole traders end.
const TRADERS: [&str; 11] =
    ["店", "超市", "商行", "门市部", "经营部", "维修部", "饭馆", "酒楼", "批发部", "商店", "养殖场"];

/// What the name of a party says that it is: an employer who is named by a worker is no natural person.
#[must_use]
pub fn kind_of_name(name: &str) -> PartyKind {
    let name = name.trim();
    let ends = |endings: &[&str]| name.chars().count() > 3 && endings.iter().any(|ending| name.ends_with(ending));
    match (ends(&ORGANISATIONS), ends(&TRADERS)) {
        (true, _) => PartyKind::Legal,
        (false, true) => PartyKind::SoleTrader,
        (false, false) => PartyKind::Natural,
    }
}

/// The definition in force on a day, and the step by which a citizen opens a matter.
#[must_use]
pub fn opening<'a>(law: &'a Law, procedure: &'a str, day: Day) -> Option<(&'a Checked, &'a Step)> {
    let definition = law.in_force(procedure, day)?;
    let step = definition.opening_steps().find(|step| step.by.contains(&Performer::Citizen))?;
    Some((definition, step))
}

/// Towns, by code.
pub fn towns(registry: &Registry) -> impl Iterator<Item = &Place> {
    registry.places().filter(|place| place.level == "town")
}

/// Villages and communities of a town, by code.
pub fn villages<'a>(registry: &'a Registry, town: &'a str) -> impl Iterator<Item = &'a Place> {
    registry.places().filter(move |place| place.parent.as_ref().is_some_and(|parent| parent.as_str() == town))
}

/// The committee of a village or town; where a village has none, the town's. Committees of trades are chosen by
/// mediators, not by place.
#[must_use]
pub fn committee<'a>(registry: &'a Registry, place: &str) -> Option<&'a Organ> {
    let function = OrganFunction::from(MEDIATION);
    let of = |place: &str| {
        registry.organs().find(|organ| {
            organ.until.is_none()
                && organ.kind != "industry_committee"
                && organ.functions.contains(&function)
                && organ.place.as_ref().is_some_and(|code| code.as_str() == place)
        })
    };
    of(place).or_else(|| of(registry.place(place)?.parent.as_ref()?.as_str()))
}

/// The organ that gives legal aid; the county has one.
#[must_use]
pub fn legal_aid(registry: &Registry) -> Option<&Organ> {
    registry.organ_with(&OrganFunction::from(LEGAL_AID))
}

/// The justice station of a village's town; where a town has none, the bureau.
#[must_use]
pub fn station<'a>(registry: &'a Registry, place: &str) -> Option<&'a Organ> {
    let town = registry.place(place).and_then(|place| place.parent.as_ref()).map_or(place, |parent| parent.as_str());
    let at = |organ: &&Organ, place: &str| organ.place.as_ref().is_some_and(|code| code.as_str() == place);
    let mut open = registry.organs().filter(|organ| organ.until.is_none());
    let station = open.find(|organ| organ.kind == "justice_station" && (at(organ, place) || at(organ, town)));
    station.or_else(|| registry.organ_with(&OrganFunction::from(BUREAU)))
}
