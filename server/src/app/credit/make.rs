//! A report from its decision: generated in the same transaction as the decision, worked out again each time it is sent.

use std::sync::Arc;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::credit::{self, Decided, Finding, Owed, Template, Term, Values};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, StepId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{Actor, Command, Fact, Input, Manner, MatterState, PartyState};

use super::super::act::{ActError, Desk};
use super::super::completing::{Asked, Made};
use super::{REPAIR, REPORT, batch, handover, on, open};
use crate::store::credit::By;
use crate::store::record::StoredSealed;
use crate::store::{Query, StoreFault, Tx, credit as store, matters, record};

/// What the report of a decision says today, and what is wrong with it.
pub struct Drafted {
    /// The values by national code.
    pub values: Values,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// How long the decision is shown; none: no rules of its day are known.
    pub term: Option<Term>,
}

/// The decision behind a report, with everything that its values come from.
struct Behind {
    state: MatterState,
    sealed: Vec<StoredSealed>,
}

impl Behind {
    fn load(q: &impl Query, county: &str, decision: MatterId) -> Result<Option<Self>, StoreFault> {
        let Some(state) = matters::find_state(q, county, decision)? else { return Ok(None) };
        Ok(Some(Self { sealed: record::sealed_values(q, county, decision)?, state }))
    }

    fn sealed(&self, label: &str) -> Option<String> {
        record::find_open(&self.sealed, label).map(str::to_owned)
    }
}

/// What a report says and what is wrong with it; nothing if it is not made here, or if its decision is gone.
pub fn made(
    q: &impl Query,
    county: &str,
    (law, registry): (&Law, &Registry),
    report: &MatterState,
    today: Day,
) -> Result<Option<Drafted>, StoreFault> {
    let Some(template) = law.credit.template(report.text("category")) else { return Ok(None) };
    let Some(decision) = MatterId::parse(report.text("decision")) else { return Ok(None) };
    let Some(behind) = Behind::load(q, county, decision)? else { return Ok(None) };
    let supplement = record::sealed_values(q, county, report.id)?;
    let Some(owed) = template.owed_by(&behind.state) else { return Ok(None) };
    // Only what says until when it is shown is shown under those rules: a seizure is no 失信信息.
    let shown = template.field_of(&credit::Source::ShownUntil).is_some();
    let decided = report.day("decided_on").filter(|_| shown);
    let term = decided.and_then(|decided| law.credit.publication.of(&behind.state, decided));
    let values = values_of(template, (law, registry), &behind, (report, &supplement), (owed, term.clone()));
    let Some(values) = values else { return Ok(None) };
    let mut findings = credit::check(template, &values, today);
    if owed.change_unknown(&behind.state) {
        findings.push(change_unknown());
    }
    Ok(Some(Drafted { values, findings, term }))
}

/// The decision was changed, and nobody has entered to what.
fn change_unknown() -> Finding {
    Finding {
        code: "—".to_owned(),
        title: "变更后的内容".to_owned(),
        what: "决定已经变更，案件里没有登记变更后的罚款金额".to_owned(),
        remedy: "按变更决定更正案件的“变更后的罚款金额”".to_owned(),
    }
}

/// What the case does not know of its party and the clerk has added for the report.
fn supplied(supplement: &[StoredSealed], label: &str) -> Option<String> {
    let field = match label.rsplit('.').next()? {
        "uscc" => "field.subject_uscc",
        "id_number" => "field.subject_id",
        "representative" => "field.subject_representative",
        _ => return None,
    };
    record::find_open(supplement, field).map(str::to_owned)
}

fn values_of(
    template: &Template,
    (law, registry): (&Law, &Registry),
    behind: &Behind,
    (report, supplement): (&MatterState, &[StoredSealed]),
    (owed, term): (&Owed, Option<Term>),
) -> Option<Values> {
    // Whoever opens a report by hand names any decision: another organ's, and what must not leave the house, is not made into one.
    if behind.state.organ != report.organ || behind.state.is_withheld() {
        return None;
    }
    let definition = law.by_digest(&behind.state.definition)?;
    let party = u16::try_from(report.fact("party").and_then(Fact::number)?).ok()?;
    let party = behind.state.parties.iter().find(|known| known.ordinal == party)?;
    let organ = registry.organ(behind.state.organ.as_str())?;
    let decided = Decided {
        state: &behind.state,
        definition,
        sealed: &|label| behind.sealed(label).or_else(|| supplied(supplement, label)),
        party,
        number: owed.number(&behind.state),
        day: report.day("decided_on")?,
        organ: &organ.name,
        uscc: organ.uscc.as_deref(),
        owed,
        term,
    };
    Some(credit::values(template, &decided))
}

/// A command to send a report gets what the report says, how many problems there are, today, and a batch; one that takes a report
/// back gets whether the decision stands.
pub(in crate::app) fn worked_out(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let Some(report) = asked.state else { return Ok(Made::new()) };
    match asked.command.step.as_str() {
        "send" => sent(tx, desk, report),
        "send_withdrawal" => Ok(vec![("batch", batch_of(tx, desk)?)]),
        "end_shown" => Ok(vec![("checked_on", desk.today.to_string())]),
        "withdraw_report" | "decision_undone" => {
            let stands = stands(tx, &desk.county, &desk.ruling.law, report)?;
            Ok(vec![("decision_stands", if stands { "yes" } else { "no" }.to_owned())])
        }
        _ => Ok(Made::new()),
    }
}

/// Whether the decision that a report is about was made here, owes one, and has its effect.
fn stands(q: &impl Query, county: &str, law: &Law, report: &MatterState) -> Result<bool, StoreFault> {
    let Some(decision) = MatterId::parse(report.text("decision")) else { return Ok(false) };
    let Some(state) = matters::find_state(q, county, decision)? else { return Ok(false) };
    let owed = law.credit.templates.iter().find_map(|template| template.owed_by(&state));
    let definition = law.by_digest(&state.definition);
    Ok(state.organ == report.organ && owed.zip(definition).is_some_and(|(owed, known)| owed.stands(&state, known)))
}

/// What is worked out for a report that is sent.
fn sent(tx: &Tx<'_>, desk: &Desk, report: &MatterState) -> Result<Made, StoreFault> {
    let made = made(tx, &desk.county, (&desk.ruling.law, &desk.registry), report, desk.today)?;
    let (payload, problems) = match &made {
        Some(made) => (serde_json::to_string(&made.values).unwrap_or_default(), made.findings.len()),
        None => ("{}".to_owned(), 1),
    };
    let term = made.and_then(|made| made.term);
    let of_term = |say: fn(&Term) -> String| term.as_ref().map(say).unwrap_or_default();
    Ok(vec![
        ("payload", payload),
        ("problems", problems.to_string()),
        ("reported_on", desk.today.to_string()),
        ("batch", batch_of(tx, desk)?),
        ("publication_class", of_term(|term| term.class.1.clone())),
        ("publication_shown", of_term(|term| if term.shown { "yes" } else { "no" }.to_owned())),
        ("publication_least", of_term(|term| term.least.to_string())),
        ("publication_most", of_term(|term| term.most.to_string())),
    ])
}

/// The batch under way, else the next one of today. What was typed does not count: it would join a batch that is on its way.
fn batch_of(tx: &Tx<'_>, desk: &Desk) -> Result<String, StoreFault> {
    match &desk.credit_batch {
        Some(batch) => Ok(batch.clone()),
        None => batch::next_name(tx, &desk.county, desk.today),
    }
}

/// The day on which an application for repair is checked against the least time of publication: that of the act.
pub(in crate::app) fn repair_worked_out(desk: &Desk, asked: &Asked<'_>) -> Made {
    let day = match &asked.command.manner {
        Manner::Live => desk.today,
        Manner::SignedForm { day, .. } | Manner::Late { day, .. } | Manner::Imported { day, .. } => *day,
    };
    match asked.command.step.as_str() {
        "accept_application" => vec![("checked_on", day.to_string())],
        _ => Made::new(),
    }
}

/// What a step means for reports: those that it owes are generated, one about each party; those of a decision that it deprives of
/// its effect have to be withdrawn. Should the law refuse that, the step stands; a report that lacks shows as missing.
pub(in crate::app) fn follow(
    desk: &mut Desk,
    tx: &mut Tx<'_>,
    actor: &Actor,
    matter: MatterId,
    step: &StepId,
) -> Result<(), ActError> {
    let ruling = Arc::clone(&desk.ruling);
    let owes = ruling.law.credit.owing().any(|(_, owed)| owed.step == *step);
    let mut commands = if owes { generations(tx, desk, &ruling.law, matter, step)? } else { Vec::new() };
    if ruling.law.credit.owing().any(|(_, owed)| owed.changed_by.contains(step)) {
        commands.extend(changes(tx, desk, matter)?);
    } else if ruling.law.credit.owing().any(|(_, owed)| undoes(&ruling.law, owed, step)) {
        commands.extend(undoings(tx, desk, matter)?);
    }
    if step.as_str() == "grant_repair" {
        commands.extend(repaired(tx, desk, matter)?);
    }
    if desk.credit_batch.is_none() && ["send", batch::WITHDRAWAL].contains(&step.as_str()) {
        handover::put_alone(tx, desk, actor, matter)?;
    }
    for command in commands {
        if let Err(refusals) = desk.attempt(tx, actor.clone(), &command)? {
            tracing::warn!(%matter, step = %command.step, refused = refusals.codes(), "a report does not follow");
        }
    }
    Ok(())
}

/// Whether a step of its procedure deprives a decision of its effect, or of its publication.
fn undoes(law: &Law, owed: &Owed, step: &StepId) -> bool {
    let known = law.newest(owed.procedure.as_str()).and_then(|procedure| procedure.step(step.as_str()));
    known.is_some_and(|step| owed.undone_by(step))
}

fn undoings(q: &impl Query, desk: &Desk, matter: MatterId) -> Result<Vec<Command>, StoreFault> {
    let there = store::reports(q, &desk.county, By::Decision(matter), None)?;
    let standing = there.iter().filter(|report| !["withdrawn", "withdrawing", "undone"].contains(&report.standing()));
    let input = || Input::default().with("withdraw_reason", "revoked");
    Ok(standing.map(|report| on(report.id, "decision_undone", input())).collect())
}

/// The commands that report a changed decision anew: of what was sent. What was not is worked out when it is.
fn changes(tx: &Tx<'_>, desk: &Desk, matter: MatterId) -> Result<Vec<Command>, StoreFault> {
    let there = store::reports(tx, &desk.county, By::Decision(matter), None)?;
    let sent = there.iter().filter(|report| ["sent", "accepted"].contains(&report.standing()));
    Ok(sent.map(|report| on(report.id, "decision_changed", Input::default())).collect())
}

/// The command that ends the publication of what was repaired.
fn repaired(tx: &Tx<'_>, desk: &Desk, repair: MatterId) -> Result<Option<Command>, StoreFault> {
    let state = matters::find_state(tx, &desk.county, repair)?.filter(|state| state.procedure.as_str() == REPAIR);
    let report = state.and_then(|state| state.parent);
    let input = || Input::default().with("withdraw_reason", "repaired");
    Ok(report.map(|report| on(report, "repair_granted", input())))
}

/// The commands that generate what a decision owes and does not have yet.
pub(super) fn generations(
    q: &impl Query,
    desk: &Desk,
    law: &Law,
    matter: MatterId,
    step: &StepId,
) -> Result<Vec<Command>, StoreFault> {
    let Some(behind) = Behind::load(q, &desk.county, matter)? else { return Ok(Vec::new()) };
    let Some((template, owed)) = law.credit.owed(behind.state.procedure.as_str(), step.as_str()) else {
        return Ok(Vec::new());
    };
    let Some(definition) = law.by_digest(&behind.state.definition) else { return Ok(Vec::new()) };
    if !owed.stands(&behind.state, definition) {
        return Ok(Vec::new());
    }
    let there = store::reports(q, &desk.county, By::Decision(matter), None)?;
    let there: Vec<MatterState> = there.into_iter().filter(|report| answers(report, &behind.state)).collect();
    let about = |report: &MatterState| report.fact("party").and_then(Fact::number);
    let lacking = behind.state.parties_in(&owed.role);
    let lacking = lacking.filter(|party| !there.iter().any(|report| about(report) == Some(i64::from(party.ordinal))));
    let made = lacking.filter_map(|party| generation(template, owed, &behind, party));
    Ok(made.map(|input| open(REPORT, "generate", input)).collect())
}

/// Whether a report answers for a decision that stands: not one that another organ opened, nor one taken back, unless what was
/// published has been repaired.
pub(super) fn answers(report: &MatterState, decision: &MatterState) -> bool {
    let repaired = || report.text("withdraw_reason") == "repaired" && report.last_done("send").is_some();
    report.organ == decision.organ && !report.closed && (report.standing() != "withdrawn" || repaired())
}

fn generation(template: &Template, owed: &Owed, behind: &Behind, party: &PartyState) -> Option<Input> {
    let decided = behind.state.last_done(owed.step.as_str())?.day;
    let mut input = Input::default()
        .with("decider", behind.state.organ.as_str())
        .with("category", template.category.as_str())
        .with("decision_number", owed.number(&behind.state).unwrap_or_else(|| "（无文号）".to_owned()))
        .with("decided_on", decided.to_string())
        .with("made_from", "here")
        .with("decision", behind.state.id.to_string())
        .with("party", party.ordinal.to_string())
        .with("subject_kind", party.kind.code());
    if let Some(name) = behind.sealed(&format!("party.{}.name", party.ordinal)) {
        input = input.with("subject", name);
    }
    Some(input)
}
