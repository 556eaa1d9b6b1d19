//! What the system works out for the steps of a penalty case after its decision: totals, what may be added, what is to be given back,
//! and the days of remedies and of the court.
//!
//! Does not belong here: what the record says (`fining/ledger.rs`), what is refused (law/procedures/enforcement/penalty.toml).

mod ledger;
mod measures;
mod remedies;

use zhunsheng_core::day::Day;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::overdue::read_instalments;
use zhunsheng_core::text;

pub use ledger::{Ledger, Payment, Refund};
use measures::Measures;

use super::act::Desk;
use super::completing::{Asked, Made};
use crate::store::{StoreFault, Tx, record};

/// The procedure of a penalty case.
pub const PENALTY: &str = "penalty";

/// The part of an agreement that was not kept.
const MISSED: &str = "agreement_missed_on";

/// Steps for which the ledger is read.
const STEPS: [&str; 19] = [
    "pay_part",
    "pay_confiscated",
    "refund",
    "strike_payment",
    "perform",
    "approve_deferral",
    "add_fine",
    "urge",
    "enforce",
    "enforce_now",
    "agree_execution",
    "resume_execution",
    "apply_court",
    "apply_judgment",
    "hand_up_execution",
    "close_penalty",
    "close_revoked",
    "take_remedial",
    "take_remedial_reconsidered",
];

/// What the system works out for a step of a penalty case.
pub(super) fn made(tx: &Tx<'_>, desk: &Desk, asked: &Asked<'_>) -> Result<Made, StoreFault> {
    let Some(state) = asked.state else { return Ok(Made::new()) };
    let step = asked.command.step.as_str();
    if let Some(made) = remedies::made(desk, asked, state) {
        return Ok(made);
    }
    if !STEPS.contains(&step) {
        return Ok(Made::new());
    }
    let mut made = match step {
        "enforce" | "enforce_now" | "apply_court" => remedies::heard_again(state),
        "hand_up_execution" => remedies::handed_up(desk, asked, state),
        _ => Made::new(),
    };
    let entries = record::entries_of(tx, &desk.county, state.id)?;
    match step {
        "take_remedial" | "take_remedial_reconsidered" => {
            let own = desk.ruling.law.by_digest(&state.definition);
            let apart = own.is_none_or(|own| own.step("take_remedial_reconsidered").is_some());
            return Ok(Measures::of(state, &entries).due(step, apart));
        }
        "close_penalty" | "close_revoked" => made.extend(Measures::of(state, &entries).open()),
        _ => {}
    }
    let Some(ledger) = Ledger::of(state, &entries, &desk.ruling.calendar) else { return Ok(made) };
    let day = asked.day(desk.today);
    made.extend(Working { asked, desk, state, ledger: ledger.on(day), day }.made(step));
    Ok(made)
}

/// What the system works out for the same step of a penalty on the spot; none for its other steps.
pub(super) fn made_on_the_spot(desk: &Desk, asked: &Asked<'_>) -> Option<Made> {
    let state = asked.state?;
    match asked.command.step.as_str() {
        "confirm_unremedied" => Some(remedies::confirmed(desk, asked, state)),
        "remedy_unlawful" => Some(remedies::unlawful_on_the_spot(state)),
        _ => None,
    }
}

struct Working<'a> {
    asked: &'a Asked<'a>,
    desk: &'a Desk,
    state: &'a MatterState,
    ledger: Ledger,
    day: Day,
}

impl Working<'_> {
    fn made(mut self, step: &str) -> Made {
        let mut made = Made::new();
        match step {
            "pay_part" | "perform" => self.payment(step, &mut made),
            "pay_confiscated" => return self.paid_in(),
            "hand_up_execution" => return self.standing(),
            "refund" => return self.refund(),
            "close_penalty" | "close_revoked" => {
                return vec![("refund_open", text::yuan(self.ledger.refund_open()))];
            }
            "strike_payment" => self.strike(&mut made),
            "approve_deferral" => return self.deferral(),
            "add_fine" => self.additional(&mut made),
            "agree_execution" => {
                self.ledger.reduced = money(self.asked.typed("reduced_additional")).unwrap_or(0);
            }
            "resume_execution" => {
                made.push(("agreement_missed_fits", if self.missed() { "yes" } else { "no" }.to_owned()));
                self.ledger.reduced = 0;
                made.push(("reduced_additional", text::yuan(0)));
            }
            "urge" => made.push(("urge_amount", text::yuan(self.ledger.open()))),
            _ => {}
        }
        if matches!(step, "urge" | "apply_court" | "apply_judgment") {
            made.extend(self.accrued());
        }
        made.push(("due_total", text::yuan(self.ledger.due())));
        made.push(("open_total", text::yuan(self.ledger.open())));
        made
    }

    /// Whether the part that was not kept belongs to the agreement that stands; none need be named once its last day is over. What
    /// was said of an earlier agreement says nothing of this one.
    fn missed(&self) -> bool {
        match self.asked.typed_day(MISSED) {
            Some(due) => self.ledger.missed(due, self.day),
            None => self.state.clock("agreement").is_none_or(|run| run.expired) || self.state.day(MISSED).is_none(),
        }
    }

    fn payment(&mut self, step: &str, made: &mut Made) {
        let amount = money(self.asked.typed("paid_amount")).filter(|fen| *fen > 0);
        let receipt = self.asked.typed("receipt_number").to_owned();
        let told =
            ["paid_on", "payment_channel", "receipt_number"].iter().all(|field| !self.asked.typed(field).is_empty());
        let fresh = !self.ledger.knows(&receipt);
        if amount.is_some() || step == "pay_part" {
            let fresh = amount.is_some() && told && fresh;
            made.push(("receipt_fresh", if fresh { "yes" } else { "no" }.to_owned()));
        } else {
            made.push(("receipt_fresh", String::new()));
        }
        if let Some(amount) = amount {
            let on = self.asked.typed_day("paid_on").unwrap_or(self.day);
            self.ledger.payments.push(Payment { on, amount, receipt, channel: String::new() });
        }
        self.totals(made);
        if step == "perform" {
            made.extend(self.standing_fine());
            let takes = self.ledger.confiscated.is_some();
            made.extend(takes.then(|| ("confiscated_open", text::yuan(self.ledger.confiscated_open()))));
        }
    }

    /// Confiscated money that reaches the treasury.
    fn paid_in(mut self) -> Made {
        let receipt = self.asked.typed("receipt_number").to_owned();
        let fresh = !self.ledger.knows(&receipt);
        if let Some(amount) = money(self.asked.typed("paid_amount")).filter(|fen| *fen > 0) {
            let on = self.asked.typed_day("paid_on").unwrap_or(self.day);
            self.ledger.handed_in.push(Payment { on, amount, receipt, channel: String::new() });
        }
        let mut made = vec![("receipt_fresh", if fresh { "yes" } else { "no" }.to_owned())];
        made.extend(self.confiscated());
        made.extend(self.confiscated_as_it_stands());
        made
    }

    /// What is owed by the decision as it stands: as changed where it was changed, else as decided.
    fn standing(&self) -> Made {
        self.standing_fine().into_iter().chain(self.confiscated_as_it_stands()).collect()
    }

    fn standing_fine(&self) -> Option<(&'static str, String)> {
        (self.ledger.decided > 0).then(|| ("standing_fine", text::yuan(self.ledger.principal)))
    }

    fn confiscated_as_it_stands(&self) -> Option<(&'static str, String)> {
        self.ledger.confiscated.map(|amount| ("standing_confiscated", text::yuan(amount)))
    }

    fn confiscated(&self) -> Made {
        vec![
            ("confiscated_paid", text::yuan(self.ledger.handed_in())),
            ("confiscated_open", text::yuan(self.ledger.confiscated_open())),
        ]
    }

    fn refund(&self) -> Made {
        let due = self.ledger.refund_open();
        let amount = money(self.asked.typed("refund_amount")).unwrap_or(0);
        vec![
            ("refund_due", text::yuan(due)),
            ("refunded_total", text::yuan(self.ledger.refunded() + amount)),
            ("refund_open", text::yuan((due - amount).max(0))),
        ]
    }

    fn strike(&mut self, made: &mut Made) {
        let known = self.ledger.strike(self.asked.typed("struck_receipt"));
        made.push(("receipt_known", if known { "yes" } else { "no" }.to_owned()));
        self.totals(made);
        if self.ledger.confiscated.is_some() {
            made.extend(self.confiscated());
        }
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
        made.extend(remedies::court_from_deferred(self.desk, self.state, self.day, until));
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

fn money(typed: &str) -> Option<i64> {
    text::parse_yuan(typed)
}
