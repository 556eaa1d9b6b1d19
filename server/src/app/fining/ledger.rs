//! The ledger of a penalty case: fine, additional fine, confiscated money, payments and refunds, read from its record.
//!
//! Each payment, deferral and remedy stands in the record with its day; the ledger is worked out again from there whenever it is
//! asked for, so that nobody types a total. Does not belong here: how a day is counted (core `overdue`), what is refused
//! (law/procedures/enforcement/penalty.toml).

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{FieldId, StepId};
use zhunsheng_core::matter::{Event, Fact, MatterState};
use zhunsheng_core::overdue::{Accrued, Fine, Plan, read_instalments};
use zhunsheng_core::record::Entry;

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
}

/// Money that was given back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// The day on the voucher.
    pub on: Day,
    /// In 分.
    pub amount: i64,
    /// The number of the voucher.
    pub receipt: String,
}

/// What the record of a case says of its fine and of confiscated money.
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
    /// When the agreement was made that took it off.
    agreed_on: Option<Day>,
    /// Until when it had to be kept.
    agreed_until: Option<Day>,
    /// The day for which the ledger is asked: an agreement that was not kept by its day takes nothing off after it.
    as_of: Option<Day>,
    /// Payments in the order of their entry.
    pub payments: Vec<Payment>,
    /// What was decided to be confiscated, at its value; none where nothing was.
    pub confiscated: Option<i64>,
    /// Whether all of that is money: no goods among it, whose price is another than their value.
    pub confiscated_money: bool,
    /// What of it was paid into the treasury.
    pub handed_in: Vec<Payment>,
    /// What was given back.
    pub refunds: Vec<Refund>,
    /// Whether nothing is confiscated any more, as the decision was changed: what was handed in is given back, whatever goods brought.
    released: bool,
    /// Whether the decision was revoked: nothing is owed.
    revoked: bool,
    /// Instalments or the deferred day, where approved: the day and the amount.
    pub plan: Vec<(Day, i64)>,
    fine: Fine,
}

impl Ledger {
    /// Reads a case; none before it was decided to fine or to confiscate.
    #[must_use]
    pub fn of(state: &MatterState, entries: &[(i64, Entry)], calendar: &Calendar) -> Option<Self> {
        let kind = |code: &str| state.has_code("kinds", code);
        let takes = kind("confiscate_income") || kind("confiscate_goods");
        if !state.has_done("decide_penalty") || !(kind("fine") || takes) {
            return None;
        }
        let decided = amount(state, "fine").filter(|_| kind("fine")).unwrap_or(0);
        let withdrawn = withdrawn(state, entries);
        let changed = Changed::of(state, entries, &withdrawn);
        let ledger = Self {
            decided,
            confiscated: changed.confiscated.or_else(|| amount(state, "confiscated")).filter(|_| takes),
            released: takes && changed.confiscated == Some(0),
            confiscated_money: takes && !kind("confiscate_goods"),
            revoked: state.track("remedy").is_some_and(|now| now.as_str() == "revoked"),
            ..Self::default()
        };
        let mut fold = Fold { ledger, running: BTreeMap::new() };
        // As changed, for good: a suit against the change that fails leaves it standing.
        fold.ledger.principal = changed.fine.filter(|_| decided > 0).unwrap_or(decided);
        fold.ledger.fine.principal = fold.ledger.principal;
        for (n, (_, entry)) in entries.iter().enumerate() {
            fold.facts(state, entry);
            if let Some(step) = taken(state, entry).filter(|_| !withdrawn.contains(&n)) {
                fold.entry(state, entry, step.as_str(), calendar);
            }
        }
        let payments = fold.ledger.payments.iter().map(|payment| (payment.on, payment.amount)).collect();
        fold.ledger.fine.payments = payments;
        Some(fold.ledger)
    }

    /// As it stands on a day.
    #[must_use]
    pub fn on(self, day: Day) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// Paid in all.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.payments.iter().map(|payment| payment.amount).sum()
    }

    /// Fine and additional fine, less what was taken off the latter; nothing of a decision that was revoked.
    #[must_use]
    pub fn due(&self) -> i64 {
        if self.revoked { 0 } else { self.principal + (self.additional - self.relief()).max(0) }
    }

    /// Whether an agreement was not kept by its last day (行政强制法§42.2).
    #[must_use]
    pub fn broken(&self) -> bool {
        let Some((until, _)) = self.agreed_until.zip(self.as_of).filter(|(until, day)| day > until) else {
            return false;
        };
        let in_time = self.payments.iter().filter(|payment| payment.on <= until).map(|payment| payment.amount);
        in_time.sum::<i64>() < self.principal + (self.additional - self.reduced).max(0)
    }

    /// Whether a day can be that of a part of the agreement that stands which was not kept: within it, and over on another day.
    #[must_use]
    pub fn missed(&self, due: Day, day: Day) -> bool {
        let agreed = self.agreed_on.zip(self.agreed_until);
        agreed.is_some_and(|(on, until)| on <= due && due <= until && due < day)
    }

    /// What is taken off the additional fine: nothing once the agreement was broken.
    #[must_use]
    pub fn relief(&self) -> i64 {
        if self.broken() { 0 } else { self.reduced }
    }

    /// Confiscated money paid into the treasury.
    #[must_use]
    pub fn handed_in(&self) -> i64 {
        self.handed_in.iter().map(|payment| payment.amount).sum()
    }

    /// Confiscated money that is still to be paid in; goods are known by their price only when they are sold.
    #[must_use]
    pub fn confiscated_open(&self) -> i64 {
        let decided = self.confiscated.filter(|_| self.confiscated_money && !self.revoked).unwrap_or(0);
        (decided - self.handed_in()).max(0)
    }

    /// Given back in all.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What is to be given back still: all of it where the decision was revoked, what was paid too much where it was changed. An
    /// additional fine is never more than the fine as it stands.
    #[must_use]
    pub fn refund_open(&self) -> i64 {
        let additional = (self.additional - self.relief()).clamp(0, self.principal.max(0));
        let too_much = if self.revoked {
            self.paid() + self.handed_in()
        } else {
            (self.paid() - self.principal - additional).max(0) + self.confiscated_beyond()
        };
        (too_much - self.refunded()).max(0)
    }

    /// What of confiscated money was handed in beyond the decision as it stands: it was changed since. Of goods the price is not
    /// the value, so only what they brought in all is known: all of it goes back where none of them is confiscated any more.
    fn confiscated_beyond(&self) -> i64 {
        if self.released {
            return self.handed_in();
        }
        let decided = self.confiscated.filter(|_| self.confiscated_money);
        decided.map_or(0, |decided| (self.handed_in() - decided).max(0))
    }

    /// Whether a receipt is there already, for whatever was paid with it.
    #[must_use]
    pub fn knows(&self, receipt: &str) -> bool {
        self.payments.iter().chain(&self.handed_in).any(|payment| payment.receipt == receipt)
    }

    /// Takes out what was entered on a receipt; whether anything was.
    pub(super) fn strike(&mut self, receipt: &str) -> bool {
        let known = self.knows(receipt);
        self.payments.retain(|payment| payment.receipt != receipt);
        self.handed_in.retain(|payment| payment.receipt != receipt);
        known
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

    pub(super) fn principal_open(&self) -> i64 {
        (self.principal - self.paid()).max(0)
    }

    /// The first instalment that the payments do not cover.
    pub(super) fn next_instalment(&self) -> Option<Day> {
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

/// The step of a matter that an entry took, if it took one.
pub(super) fn taken<'a>(state: &MatterState, entry: &'a Entry) -> Option<&'a StepId> {
    entry.events.iter().filter(|(id, _)| *id == state.id).find_map(|(_, event)| match event {
        Event::Taken(taken) => Some(&taken.step),
        _ => None,
    })
}

/// Entries whose step was withdrawn later: always the last one of its kind that stood. They leave nothing in the ledger, so that
/// what they undid counts again.
pub(super) fn withdrawn(state: &MatterState, entries: &[(i64, Entry)]) -> BTreeSet<usize> {
    let mut standing: Vec<(usize, &StepId)> = Vec::new();
    let mut gone = BTreeSet::new();
    for (n, (_, entry)) in entries.iter().enumerate() {
        for (_, event) in entry.events.iter().filter(|(id, _)| *id == state.id) {
            if let Event::Withdrawn(step) = event
                && let Some(at) = standing.iter().rposition(|(_, known)| *known == step)
            {
                gone.insert(standing.remove(at).0);
            }
        }
        standing.extend(taken(state, entry).map(|step| (n, step)));
    }
    gone
}

/// What a change of the decision that stands put in the place of its amounts.
#[derive(Default)]
struct Changed {
    fine: Option<i64>,
    confiscated: Option<i64>,
}

impl Changed {
    /// A change that was withdrawn leaves the amounts as they were before it, though it left its facts.
    fn of(state: &MatterState, entries: &[(i64, Entry)], withdrawn: &BTreeSet<usize>) -> Self {
        let (mut fold, mut changed, mut stands) = (Fold::default(), Self::default(), false);
        for (n, (_, entry)) in entries.iter().enumerate() {
            fold.facts(state, entry);
            let step = taken(state, entry).filter(|_| !withdrawn.contains(&n)).map_or("", StepId::as_str);
            let changes = matches!(step, "remedy_changed" | "self_change");
            stands |= changes;
            // What is corrected in the record afterwards counts as corrected.
            let takes = |field: &str| changes || (stands && step == "_correct" && sets(state, entry, field));
            if takes("corrected_fine") {
                changed.fine = fold.said_amount("corrected_fine");
            }
            if takes("corrected_confiscated") {
                changed.confiscated = fold.said_amount("corrected_confiscated");
            }
        }
        changed
    }
}

/// Whether an entry sets or clears a field of the matter.
fn sets(state: &MatterState, entry: &Entry, field: &str) -> bool {
    entry.events.iter().filter(|(id, _)| *id == state.id).any(|(_, event)| match event {
        Event::FactSet(set, _) | Event::FactCleared(set) => set.as_str() == field,
        _ => false,
    })
}

/// The ledger as it grows, with the facts as they stand at each entry. Withdrawing a step puts no fact back, so what an entry
/// adds is measured at the ledger, not at the fact before it.
#[derive(Default)]
pub(super) struct Fold {
    ledger: Ledger,
    running: BTreeMap<FieldId, Fact>,
}

impl Fold {
    pub(super) fn facts(&mut self, state: &MatterState, entry: &Entry) {
        for (_, event) in entry.events.iter().filter(|(id, _)| *id == state.id) {
            match event {
                Event::FactSet(field, fact) => {
                    self.running.insert(field.clone(), fact.clone());
                }
                Event::FactCleared(field) => {
                    self.running.remove(field);
                }
                _ => {}
            }
        }
    }

    fn entry(&mut self, state: &MatterState, entry: &Entry, step: &str, calendar: &Calendar) {
        match step {
            "pay_part" | "perform" => self.paid(entry.day),
            "pay_confiscated" => self.paid_in(entry.day),
            "refund" => self.refunded(entry.day),
            "strike_payment" => self.struck(),
            "serve" | "serve_deemed" => self.served(state, calendar),
            "approve_deferral" => self.deferred(entry.day),
            "add_fine" => self.ledger.additional = self.number("additional_fine"),
            "agree_execution" => {
                self.agreed(self.number("reduced_additional"), Some(entry.day), self.day("agreed_until"));
            }
            "resume_execution" => self.agreed(0, None, None),
            "note_reconsideration" | "note_litigation" => self.paused(entry.day),
            // What is found unlawful and left standing is owed as before.
            "remedy_upheld" | "remedy_unlawful" | "remedy_changed" | "remedy_revoked" | "self_change"
            | "self_revoke" => self.resumed(entry.day),
            _ => {}
        }
    }

    fn said_amount(&self, field: &str) -> Option<i64> {
        self.running.get(field).and_then(Fact::number)
    }

    fn number(&self, field: &str) -> i64 {
        self.said_amount(field).unwrap_or(0)
    }

    fn day(&self, field: &str) -> Option<Day> {
        self.running.get(field).and_then(Fact::day)
    }

    pub(super) fn said(&self, field: &str) -> String {
        self.running.get(field).map(Fact::text).unwrap_or_default()
    }

    /// What was paid is what the total grew by: where it did not grow, nothing was paid with the step.
    fn paid(&mut self, day: Day) {
        let amount = self.number("paid_total") - self.ledger.paid();
        if amount > 0 {
            let payment = self.payment(day, amount);
            self.ledger.payments.push(payment);
        }
    }

    fn paid_in(&mut self, day: Day) {
        let amount = self.number("confiscated_paid") - self.ledger.handed_in();
        if amount > 0 {
            let payment = self.payment(day, amount);
            self.ledger.handed_in.push(payment);
        }
    }

    fn payment(&self, day: Day, amount: i64) -> Payment {
        Payment {
            on: self.day("paid_on").unwrap_or(day),
            amount,
            receipt: self.said("receipt_number"),
            channel: self.said("payment_channel"),
        }
    }

    fn refunded(&mut self, day: Day) {
        let amount = self.number("refunded_total") - self.ledger.refunded();
        if amount > 0 {
            let on = self.day("refund_on").unwrap_or(day);
            self.ledger.refunds.push(Refund { on, amount, receipt: self.said("refund_receipt") });
        }
    }

    fn struck(&mut self) {
        let receipt = self.said("struck_receipt");
        self.ledger.strike(&receipt);
    }

    /// The agreement that stands is the last one.
    fn agreed(&mut self, reduced: i64, on: Option<Day>, until: Option<Day>) {
        self.ledger.reduced = reduced;
        self.ledger.agreed_on = on;
        self.ledger.agreed_until = until;
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
