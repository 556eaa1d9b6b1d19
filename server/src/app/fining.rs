//! What a fine costs and what was paid: the ledger of a penalty case, read from its record, and the fields that follow from it.
//!
//! Each payment, deferral and remedy stands in the record with its day; the ledger is worked out again from there whenever it is
//! asked for, so that nobody types a total. Does not belong here: how a day is counted (core `overdue`), what is refused
//! (law/procedures/enforcement/penalty.toml).

use std::collections::BTreeMap;

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{Event, Fact, MatterState};
use zhunsheng_core::overdue::{Accrued, Fine, Plan, read_instalments};
use zhunsheng_core::record::Entry;
use zhunsheng_core::text;

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::{StoreFault, Tx, record};

/// The procedure of a penalty case.
pub const PENALTY: &str = "penalty";

/// One payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// The day on the receipt.
    pub on: Day,
    /// In 分.
    pub amount: i64,
    /// The number of the receipt.
    pub receipt: String,
    /// The code of the channel.
    pub channel: String,
    /// The step that entered it.
    step: String,
}

/// What the record of a case says of its fine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// As decided; as changed by a remedy or by the organ itself.
    pub decided: i64,
    /// What has to be paid of it.
    pub principal: i64,
    /// 加处罚款 as imposed last.
    pub additional: i64,
    /// What an execution agreement took off it.
    pub reduced: i64,
    /// Payments in the order of their entry.
    pub payments: Vec<Payment>,
    /// Instalments or the deferred day, where approved: the day and the amount.
    pub plan: Vec<(Day, i64)>,
    fine: Fine,
}

impl Ledger {
    /// Reads a case; none before it was decided to fine.
    #[must_use]
    pub fn of(state: &MatterState, entries: &[(i64, Entry)], calendar: &Calendar) -> Option<Self> {
        let fined =
            matches!(state.fact("kinds"), Some(Fact::Codes(kinds)) if kinds.iter().any(|kind| kind.as_str() == "fine"));
        let decided = amount(state, "fine").filter(|_| fined && state.has_done("decide_penalty"))?;
        let mut fold =
            Fold { ledger: Self { decided, ..Self::default() }, running: BTreeMap::new(), reductions: Vec::new() };
        // As changed, for good: a suit against the change that fails leaves it standing.
        fold.ledger.principal = amount(state, "corrected_fine").unwrap_or(decided);
        fold.ledger.fine.principal = fold.ledger.principal;
        for (_, entry) in entries {
            fold.entry(state, entry, calendar);
        }
        let payments = fold.ledger.payments.iter().map(|payment| (payment.on, payment.amount)).collect();
        fold.ledger.fine.payments = payments;
        Some(fold.ledger)
    }

    /// Paid in all.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.payments.iter().map(|payment| payment.amount).sum()
    }

    /// Fine and additional fine, less what was taken off the latter.
    #[must_use]
    pub fn due(&self) -> i64 {
        self.principal + (self.additional - self.reduced).max(0)
    }

    /// What is still to be paid.
    #[must_use]
    pub fn open(&self) -> i64 {
        (self.due() - self.paid()).max(0)
    }

    /// What may be added for being late by the end of a day.
    #[must_use]
    pub fn accrued(&self, day: Day) -> Accrued {
        self.fine.accrued(day)
    }

    fn principal_open(&self) -> i64 {
        (self.principal - self.paid()).max(0)
    }

    /// The first instalment that the payments do not cover.
    fn next_instalment(&self) -> Option<Day> {
        let mut paid = self.paid_of_plan();
        for (day, amount) in &self.plan {
            paid -= amount;
            if paid < 0 {
                return Some(*day);
            }
        }
        None
    }

    /// What was paid since the plan was approved: what was paid before stands in it as already due.
    #[must_use]
    pub fn paid_of_plan(&self) -> i64 {
        let sum = |dues: &[(Day, i64)]| dues.iter().map(|(_, amount)| amount).sum::<i64>();
        let before = self.fine.plans.last().map_or(0, |plan| sum(&plan.dues)) - sum(&self.plan);
        self.paid() - before
    }
}

/// The ledger as it grows, with the facts as they stand at each entry.
struct Fold {
    ledger: Ledger,
    running: BTreeMap<FieldId, Fact>,
    /// What each agreement took off the additional fine.
    reductions: Vec<i64>,
}

impl Fold {
    fn entry(&mut self, state: &MatterState, entry: &Entry, calendar: &Calendar) {
        let paid_before = self.number("paid_total");
        for (_, event) in entry.events.iter().filter(|(id, _)| *id == state.id) {
            match event {
                Event::FactSet(field, fact) => {
                    self.running.insert(field.clone(), fact.clone());
                }
                Event::FactCleared(field) => {
                    self.running.remove(field);
                }
                Event::Withdrawn(step) => self.withdrawn(step.as_str()),
                _ => {}
            }
        }
        let step = entry.step.as_str();
        match step {
            "pay_part" | "perform" => self.paid(entry, self.number("paid_total") - paid_before),
            "strike_payment" => self.struck(),
            "serve" | "serve_deemed" => self.served(state, calendar),
            "approve_deferral" => self.deferred(entry.day),
            "add_fine" => self.ledger.additional = self.number("additional_fine"),
            "agree_execution" => {
                self.ledger.reduced = self.number("reduced_additional");
                self.reductions.push(self.ledger.reduced);
            }
            "note_reconsideration" | "note_litigation" => self.paused(entry.day),
            "remedy_upheld" | "remedy_changed" | "remedy_revoked" | "self_change" | "self_revoke" => {
                self.resumed(entry.day);
            }
            _ => {}
        }
    }

    fn number(&self, field: &str) -> i64 {
        self.running.get(field).and_then(Fact::number).unwrap_or(0)
    }

    fn day(&self, field: &str) -> Option<Day> {
        self.running.get(field).and_then(Fact::day)
    }

    fn said(&self, field: &str) -> String {
        self.running.get(field).map(Fact::text).unwrap_or_default()
    }

    /// What was paid is what the total grew by: where it did not grow, nothing was paid with the step.
    fn paid(&mut self, entry: &Entry, amount: i64) {
        if amount > 0 {
            self.ledger.payments.push(Payment {
                on: self.day("paid_on").unwrap_or(entry.day),
                amount,
                receipt: self.said("receipt_number"),
                channel: self.said("payment_channel"),
                step: entry.step.to_string(),
            });
        }
        self.total();
    }

    fn struck(&mut self) {
        let receipt = self.said("struck_receipt");
        self.ledger.payments.retain(|payment| payment.receipt != receipt);
        self.total();
    }

    /// A step that was withdrawn leaves nothing behind.
    fn withdrawn(&mut self, step: &str) {
        match step {
            "agree_execution" => {
                self.reductions.pop();
                self.ledger.reduced = self.reductions.last().copied().unwrap_or(0);
            }
            "note_reconsideration" | "note_litigation" => drop(self.ledger.fine.pauses.pop()),
            "remedy_upheld" | "remedy_changed" | "remedy_revoked" => {
                if let Some((_, until)) = self.ledger.fine.pauses.last_mut() {
                    *until = None;
                }
            }
            _ => self.unpaid(step),
        }
    }

    fn unpaid(&mut self, step: &str) {
        let last = self.ledger.payments.iter().rposition(|payment| payment.step == step);
        if let Some(last) = last.filter(|last| last + 1 == self.ledger.payments.len()) {
            self.ledger.payments.remove(last);
        }
        self.total();
    }

    /// The total that the next payment adds to.
    fn total(&mut self) {
        self.running.insert("paid_total".into(), Fact::Int(self.ledger.paid()));
    }

    /// The last day of payment is that of the clock.
    fn served(&mut self, state: &MatterState, calendar: &Calendar) {
        let run = state.clocks.iter().find(|run| run.clock.as_str() == "payment");
        if let Some((run, last)) = run.and_then(|run| Some((run, run.due(calendar).certain()?))) {
            let dues = vec![(last, self.ledger.principal)];
            self.ledger.fine.plans.push(Plan { from: run.start, dues });
        }
    }

    fn deferred(&mut self, day: Day) {
        let until = self.day("defer_until");
        let open = self.ledger.principal_open();
        let instalments = self.running.get("deferral").and_then(Fact::code) == Some("instalments");
        let plan = match read_instalments(&self.said("instalment_plan")).filter(|_| instalments) {
            Some(plan) => plan,
            None => until.map(|until| (until, open)).into_iter().collect(),
        };
        // What was paid before is due no longer, and paid.
        let mut dues = plan.clone();
        let paid = self.ledger.paid();
        if paid > 0 {
            dues.insert(0, (day, paid));
        }
        self.ledger.plan = plan;
        self.ledger.fine.plans.push(Plan { from: day, dues });
    }

    fn paused(&mut self, day: Day) {
        let earlier = self.ledger.fine.pauses.last().and_then(|(_, until)| *until);
        let typed = self.day("remedy_began_on");
        let from = typed.filter(|from| *from <= day && earlier.is_none_or(|earlier| earlier < *from));
        self.ledger.fine.pauses.push((from.unwrap_or(day), None));
    }

    fn resumed(&mut self, day: Day) {
        if let Some((_, until)) = self.ledger.fine.pauses.last_mut().filter(|(_, until)| until.is_none()) {
            *until = Some(day);
        }
    }
}

fn amount(state: &MatterState, field: &str) -> Option<i64> {
    state.fact(field).and_then(Fact::number)
}

/// What the system works out for a step of a penalty case.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let Some(state) = asked.state else { return Ok(Made::new()) };
    let step = asked.command.step.as_str();
    if step == "confirm_unremedied" {
        return Ok(court_from(state, asked.typed_day("remedy_ended_on"), state.day("defer_until")));
    }
    const STEPS: [&str; 8] = [
        "pay_part",
        "strike_payment",
        "perform",
        "approve_deferral",
        "add_fine",
        "urge",
        "agree_execution",
        "apply_court",
    ];
    if !STEPS.contains(&step) {
        return Ok(Made::new());
    }
    let entries = record::entries_of(tx, &desk.county, state.id)?;
    let Some(ledger) = Ledger::of(state, &entries, &desk.ruling.calendar) else { return Ok(Made::new()) };
    Ok(Working { asked, state, ledger, day: asked.day(desk.today) }.made(step))
}

/// The three months begin where the periods of remedy end, or with the end of the deferral if that is later (行政处罚法§72.2).
fn court_from(state: &MatterState, ended: Option<Day>, deferred: Option<Day>) -> Made {
    let deferred = deferred.filter(|_| state.has_done("approve_deferral"));
    let from = ended.into_iter().chain(deferred).max();
    vec![("court_from", from.map(|day| day.to_string()).unwrap_or_default())]
}

struct Working<'a> {
    asked: &'a Asked<'a>,
    state: &'a MatterState,
    ledger: Ledger,
    day: Day,
}

impl Working<'_> {
    fn made(mut self, step: &str) -> Made {
        let mut made = Made::new();
        match step {
            "pay_part" | "perform" => self.payment(step, &mut made),
            "strike_payment" => self.strike(&mut made),
            "approve_deferral" => return self.deferral(),
            "add_fine" => self.additional(&mut made),
            "agree_execution" => {
                self.ledger.reduced = money(self.asked.typed("reduced_additional")).unwrap_or(0);
            }
            "urge" => made.push(("urge_amount", text::yuan(self.ledger.open()))),
            _ => {}
        }
        if step != "add_fine" && matches!(step, "urge" | "apply_court") {
            made.extend(self.accrued());
        }
        made.push(("due_total", text::yuan(self.ledger.due())));
        made.push(("open_total", text::yuan(self.ledger.open())));
        made
    }

    fn payment(&mut self, step: &str, made: &mut Made) {
        let amount = money(self.asked.typed("paid_amount")).filter(|fen| *fen > 0);
        let receipt = self.asked.typed("receipt_number").to_owned();
        let told =
            ["paid_on", "payment_channel", "receipt_number"].iter().all(|field| !self.asked.typed(field).is_empty());
        let fresh = !self.ledger.payments.iter().any(|payment| payment.receipt == receipt);
        if amount.is_some() || step == "pay_part" {
            let fresh = amount.is_some() && told && fresh;
            made.push(("receipt_fresh", if fresh { "yes" } else { "no" }.to_owned()));
        } else {
            made.push(("receipt_fresh", String::new()));
        }
        if let Some(amount) = amount {
            let on = self.asked.typed_day("paid_on").unwrap_or(self.day);
            self.ledger.payments.push(Payment { on, amount, receipt, channel: String::new(), step: step.to_owned() });
        }
        self.totals(made);
    }

    fn strike(&mut self, made: &mut Made) {
        let receipt = self.asked.typed("struck_receipt");
        let before = self.ledger.payments.len();
        self.ledger.payments.retain(|payment| payment.receipt != receipt);
        let known = self.ledger.payments.len() < before;
        made.push(("receipt_known", if known { "yes" } else { "no" }.to_owned()));
        self.totals(made);
    }

    fn totals(&self, made: &mut Made) {
        made.push(("paid_total", text::yuan(self.ledger.paid())));
        made.push(("fine_open", text::yuan(self.ledger.principal_open())));
        if let Some(next) = self.ledger.next_instalment() {
            made.push(("next_instalment_on", next.to_string()));
        }
    }

    fn deferral(&self) -> Made {
        let mut made = vec![("fine_open", text::yuan(self.ledger.principal_open()))];
        let mut until = self.asked.typed_day("defer_until");
        if self.asked.typed("deferral") == "instalments" {
            let plan = read_instalments(self.asked.typed("instalment_plan")).unwrap_or_default();
            let total: i64 = plan.iter().map(|(_, amount)| amount).sum();
            made.push(("instalments_total", text::yuan(total)));
            until = plan.last().map(|(day, _)| *day);
            made.push(("defer_until", until.map(|day| day.to_string()).unwrap_or_default()));
            made.extend(plan.first().map(|(day, _)| ("next_instalment_on", day.to_string())));
        }
        if self.state.track("remedy").is_some_and(|now| now.as_str() == "lapsed") {
            made.extend(court_from_deferred(self.state, until));
        }
        made
    }

    /// What may be imposed is worked out; what is imposed is that, unless somebody typed another amount.
    fn additional(&mut self, made: &mut Made) {
        made.extend(self.accrued());
        let computed = self.ledger.accrued(self.yesterday()).amount;
        self.ledger.additional = match money(self.asked.typed("additional_fine")) {
            Some(typed) => typed,
            None => {
                made.push(("additional_fine", text::yuan(computed)));
                computed
            }
        };
    }

    /// The day of the act is not over: whoever pays on it owes nothing for it.
    fn yesterday(&self) -> Day {
        self.day.plus(-1)
    }

    fn accrued(&self) -> Made {
        let accrued = self.ledger.accrued(self.yesterday());
        vec![("additional_computed", text::yuan(accrued.amount)), ("additional_working", accrued.working())]
    }
}

fn court_from_deferred(state: &MatterState, until: Option<Day>) -> Made {
    let from = state.day("remedy_ended_on").into_iter().chain(until).max();
    from.map(|day| ("court_from", day.to_string())).into_iter().collect()
}

fn money(typed: &str) -> Option<i64> {
    text::parse_yuan(typed)
}
