//! What a fine costs and what was paid, on the page of its case.

use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::text::yuan;

use super::Ground;
use crate::app::fining::{Ledger, PENALTY, Payment, Refund};

/// Fields that the ledger shows in its own words.
const FIELDS: [&str; 24] = [
    "paid_amount",
    "paid_on",
    "payment_channel",
    "receipt_number",
    "receipt_fresh",
    "struck_receipt",
    "receipt_known",
    "paid_total",
    "due_total",
    "open_total",
    "fine_open",
    "instalments_total",
    "next_instalment_on",
    "additional_computed",
    "additional_working",
    "urge_amount",
    "confiscated_paid",
    "confiscated_open",
    "refund_amount",
    "refund_on",
    "refund_receipt",
    "refund_due",
    "refunded_total",
    "refund_open",
];

/// The ledger as it is shown; amounts in 元.
pub(super) struct LedgerView {
    /// Labels with their amounts.
    pub totals: Vec<(&'static str, String)>,
    /// Nothing is open.
    pub settled: bool,
    /// What is open.
    pub open: String,
    /// How urgent that looks.
    pub class: &'static str,
    /// 分期安排 or 暂缓缴纳.
    pub plan_title: &'static str,
    /// Instalments.
    pub plan: Vec<DueView>,
    /// Payments of the fine, in the order of their entry.
    pub payments: Vec<PaymentView>,
    /// Confiscated money paid in.
    pub handed_in: Vec<PaymentView>,
    /// What was given back.
    pub refunds: Vec<PaymentView>,
    /// Whether a fine was decided.
    pub fined: bool,
    /// What is to be given back still; empty if nothing is.
    pub refund_open: String,
    /// The working of the additional fine; empty where nothing has accrued or nothing can any more.
    pub working: Vec<String>,
    /// Up to which day.
    pub until: String,
    /// How much that is.
    pub accrued: String,
}

/// An instalment.
pub(super) struct DueView {
    pub on: String,
    pub amount: String,
    pub state: &'static str,
    pub class: &'static str,
}

/// A payment.
pub(super) struct PaymentView {
    pub on: String,
    pub amount: String,
    pub receipt: String,
    pub channel: String,
}

impl Ground<'_> {
    /// Whether a field is told by the ledger, and not again among the facts.
    pub(super) fn in_ledger(&self, field: &FieldId) -> bool {
        self.case.row.procedure == PENALTY && FIELDS.contains(&field.as_str())
    }

    /// The ledger of a penalty case in which a fine or a confiscation was decided.
    pub(super) fn ledger(&self) -> Option<LedgerView> {
        let case = self.case;
        if case.row.procedure != PENALTY {
            return None;
        }
        let ledger = Ledger::of(&case.state, &case.entries, &self.ruling.calendar)?.on(self.today);
        let ended = case.state.track("execution").is_some_and(|now| matches!(now.as_str(), "performed" | "terminated"));
        // Today is not over: whoever pays today owes nothing for it.
        let yesterday = self.today.plus(-1);
        let accrued = ledger.accrued(yesterday);
        let counts = !ended && !accrued.stretches.is_empty();
        let late = accrued.stretches.last().is_some_and(|last| last.until == yesterday);
        Some(LedgerView {
            totals: totals(&ledger),
            settled: ledger.open() + ledger.confiscated_open() == 0,
            open: yuan(ledger.open() + ledger.confiscated_open()),
            class: if late { "late" } else { "soon" },
            plan_title: if ledger.plan.len() > 1 { "分期安排" } else { "暂缓缴纳" },
            plan: dues(&ledger, self.today),
            payments: self.payments(&ledger.payments),
            handed_in: self.payments(&ledger.handed_in),
            refunds: ledger.refunds.iter().map(refund).collect(),
            fined: ledger.decided > 0,
            refund_open: if ledger.refund_open() > 0 { yuan(ledger.refund_open()) } else { String::new() },
            working: if counts { accrued.lines() } else { Vec::new() },
            until: yesterday.chinese(),
            accrued: yuan(accrued.amount),
        })
    }

    fn payments(&self, payments: &[Payment]) -> Vec<PaymentView> {
        let field = self.case.procedure.fields.values().find(|field| field.id.as_str() == "payment_channel");
        let list = field.and_then(|field| self.case.procedure.list_of(field));
        let channel = |code: &str| list.and_then(|list| list.title(code)).unwrap_or(code).to_owned();
        let payments = payments.iter().map(|payment| PaymentView {
            on: payment.on.to_string(),
            amount: yuan(payment.amount),
            receipt: payment.receipt.clone(),
            channel: channel(&payment.channel),
        });
        payments.collect()
    }
}

fn refund(refund: &Refund) -> PaymentView {
    let (on, amount) = (refund.on.to_string(), yuan(refund.amount));
    PaymentView { on, amount, receipt: refund.receipt.clone(), channel: "退还".to_owned() }
}

fn totals(ledger: &Ledger) -> Vec<(&'static str, String)> {
    let in_yuan = |fen: i64| format!("{}元", yuan(fen));
    let mut totals = if ledger.decided > 0 { fine_totals(ledger) } else { Vec::new() };
    if let Some(confiscated) = ledger.confiscated {
        totals.push(("决定没收（价值）", in_yuan(confiscated)));
        totals.push(("没收款已上缴", in_yuan(ledger.handed_in())));
    }
    if ledger.refunded() > 0 {
        totals.push(("累计已退还", in_yuan(ledger.refunded())));
    }
    if ledger.refund_open() > 0 {
        totals.push(("应退未退", in_yuan(ledger.refund_open())));
    }
    totals
}

fn fine_totals(ledger: &Ledger) -> Vec<(&'static str, String)> {
    let in_yuan = |fen: i64| format!("{}元", yuan(fen));
    let mut totals = vec![("决定罚款", in_yuan(ledger.decided))];
    if ledger.principal != ledger.decided {
        totals.push(("变更后的罚款", in_yuan(ledger.principal)));
    }
    if ledger.additional > 0 {
        totals.push(("加处罚款", in_yuan(ledger.additional)));
    }
    if ledger.reduced > 0 {
        let title = if ledger.broken() { "协议没有履行，不再减免" } else { "减免加处罚款" };
        totals.push((title, in_yuan(ledger.reduced)));
    }
    totals.push(("应缴合计", in_yuan(ledger.due())));
    totals.push(("累计已缴", in_yuan(ledger.paid())));
    totals.push(("尚欠", in_yuan(ledger.open())));
    totals
}

/// Instalments with what became of them: payments meet the earliest first.
fn dues(ledger: &Ledger, today: Day) -> Vec<DueView> {
    let mut paid = ledger.paid_of_plan();
    let due = |(on, amount): &(Day, i64)| {
        let met = paid >= *amount;
        paid -= amount;
        let (state, class) = match (met, *on < today) {
            (true, _) => ("已缴", "ok"),
            (false, true) => ("到期未缴清", "late"),
            (false, false) => ("未到期", "soon"),
        };
        DueView { on: on.to_string(), amount: yuan(*amount), state, class }
    };
    ledger.plan.iter().map(due).collect()
}
