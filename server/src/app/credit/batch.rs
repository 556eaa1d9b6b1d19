//! A batch: what is valid and not yet sent is sent once, and its file can be made again from what was recorded.

use zhunsheng_core::credit::{Finding, Values};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Input, MatterState};

use super::super::App;
use super::super::act::ActError;
use super::{handover, make, on};
use crate::store::credit::{self as store, By, Whose};
use crate::store::{Query, StoreFault, record};

/// Reports of one batch at most.
const REPORTS_MAX: i64 = 1_000;
/// States in which a report waits to be sent.
pub const WAITING: [&str; 3] = ["owed", "rejected", "correcting"];
/// The state in which a report waits to be taken back.
const UNDONE: &str = "undone";
/// The step by which the platform is told to take one back.
pub(super) const WITHDRAWAL: &str = "send_withdrawal";

/// A report that waits, with what is wrong with it.
pub struct Waiting {
    /// The report.
    pub report: MatterState,
    /// What is wrong; empty: it may be sent.
    pub findings: Vec<Finding>,
    /// It was sent, and is to be taken back.
    pub withdrawal: bool,
}

/// The reports that wait, also to be taken back. What was never sent is not taken back anywhere.
fn list_waiting(q: &impl Query, county: &str, whose: Whose<'_>) -> Result<Vec<MatterState>, StoreFault> {
    let [owed, rejected, correcting] = WAITING;
    let states = [owed, rejected, correcting, UNDONE];
    let mut found = store::reports(q, county, By::States(&states, REPORTS_MAX), whose)?;
    found.retain(|report| report.standing() != UNDONE || report.last_done("send").is_some());
    Ok(found)
}

/// What sending did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// The batch; empty if nothing was sent.
    pub batch: String,
    /// How many.
    pub sent: usize,
    /// How many were held back by the check.
    pub held_back: usize,
}

/// A name such as `20241026-01`: the day and a number.
pub(super) fn next_name(q: &impl Query, county: &str, today: Day) -> Result<String, StoreFault> {
    let prefix = format!("{}-", today.number());
    let last = store::last_batch(q, county, &prefix)?;
    let last = last.and_then(|name| name.strip_prefix(&prefix)?.parse::<u32>().ok()).unwrap_or(0);
    Ok(format!("{prefix}{:03}", last + 1))
}

/// Whether a text is the name of a batch.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let parts = text.split_once('-');
    parts.is_some_and(|(day, n)| {
        day.len() == 8 && (3..=6).contains(&n.len()) && day.bytes().chain(n.bytes()).all(|b| b.is_ascii_digit())
    })
}

/// Reports of decisions made here that wait to be sent, with what is wrong with each.
pub fn waiting(q: &impl Query, app: &App, county: &str, whose: Whose<'_>) -> Result<Vec<Waiting>, StoreFault> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let mut waiting = Vec::new();
    for report in list_waiting(q, county, whose)? {
        if report.standing() == UNDONE {
            waiting.push(Waiting { report, findings: Vec::new(), withdrawal: true });
            continue;
        }
        let made = make::made(q, county, (&ruling.law, &registry), &report, today)?;
        let findings = made.map_or_else(|| vec![gone()], |made| made.findings);
        waiting.push(Waiting { report, findings, withdrawal: false });
    }
    Ok(waiting)
}

fn gone() -> Finding {
    Finding {
        code: "—".to_owned(),
        title: "决定".to_owned(),
        what: "找不到作出决定的事项，或者这一类还没有报送模板".to_owned(),
        remedy: "核对决定事项；不应报送的，撤回".to_owned(),
    }
}

impl App {
    /// Sends what is valid and waits, as one batch of one transaction; what is not valid stays.
    pub async fn send_credit(&self, actor: Actor, whose: Option<Vec<String>>) -> Result<Sent, ActError> {
        self.at_the_desk(move |desk, tx| {
            let reports = list_waiting(tx, &desk.county, whose.as_deref())?;
            let batch = next_name(tx, &desk.county, desk.today)?;
            desk.credit_batch = Some(batch.clone());
            let mut sent = Sent { batch: String::new(), sent: 0, held_back: 0 };
            for report in &reports {
                let step = if report.standing() == UNDONE { WITHDRAWAL } else { "send" };
                let command = on(report.id, step, Input::default());
                let done = desk.attempt(tx, actor.clone(), &command)?.is_ok();
                *(if done { &mut sent.sent } else { &mut sent.held_back }) += 1;
            }
            if sent.sent > 0 {
                if let Actor::Staff { person, post } = actor
                    && handover::platform(tx, &desk.county, desk.today)?.is_some()
                {
                    handover::put(tx, &desk.county, &batch, (person, post))?;
                }
                sent.batch = batch;
            }
            Ok(sent)
        })
        .await
    }
}

/// A report of a batch as it was sent.
pub struct Line {
    /// The report.
    pub id: MatterId,
    /// Its category.
    pub category: String,
    /// The number of its decision.
    pub number: String,
    /// Where it stands now.
    pub state: String,
    /// What was sent.
    pub values: Values,
    /// Whether this batch takes it back.
    pub withdrawal: bool,
}

impl Line {
    /// Whether its receipt is still to come.
    #[must_use]
    pub fn waits(&self) -> bool {
        ["sent", "withdrawing"].contains(&self.state.as_str())
    }

    /// The file of the batch that it stands in: `penalty`, `penalty-withdrawal`.
    #[must_use]
    pub fn part(&self) -> String {
        let end = if self.withdrawal { TAKEN_BACK } else { "" };
        format!("{}{end}", self.category)
    }
}

/// The end of the name of a file with what is taken back.
pub const TAKEN_BACK: &str = "-withdrawal";

/// A part of a batch in words: 行政处罚, 行政处罚（撤回）.
#[must_use]
pub fn title(credit: &zhunsheng_core::credit::Credit, part: &str) -> String {
    match part.strip_suffix(TAKEN_BACK) {
        Some(category) => format!("{}（撤回）", credit.title(category)),
        None => credit.title(part).to_owned(),
    }
}

/// What a batch holds. What was sent again since belongs to the later batch.
pub fn lines(q: &impl Query, county: &str, batch: &str, whose: Whose<'_>) -> Result<Vec<Line>, StoreFault> {
    let mut lines = Vec::new();
    for report in store::reports(q, county, By::Batch(batch), whose)? {
        let sealed = record::sealed_values(q, county, report.id)?;
        let payload = record::find_open(&sealed, "field.payload");
        let broken = |_| StoreFault::Value { what: format!("credit payload {}", report.id) };
        // An erased payload is an empty line: that it was sent still shows.
        let values = payload.map(|json| serde_json::from_str(json).map_err(broken)).transpose()?;
        lines.push(Line {
            id: report.id,
            category: report.text("category").to_owned(),
            number: report.text("decision_number").to_owned(),
            state: report.standing().to_owned(),
            values: values.unwrap_or_default(),
            withdrawal: sent_last(&report),
        });
    }
    Ok(lines)
}

/// Whether the last that went out about a report takes it back.
fn sent_last(report: &MatterState) -> bool {
    let sent = report.done.iter().rev().filter(|done| !done.withdrawn);
    let last = sent.map(|done| done.step.as_str()).find(|step| ["send", WITHDRAWAL].contains(step));
    last == Some(WITHDRAWAL)
}
