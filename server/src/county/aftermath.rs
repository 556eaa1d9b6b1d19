//! What follows a decision in a penalty case: service, publication, payment, remedies, closing; and the exits without a
//! penalty.
//!
//! Does not belong here: how the case comes to its decision (`penalties.rs`).

use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::Degree;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;
use zhunsheng_core::text;

use super::Fault;
use super::caseload::{End, Payment};
use super::changes::Change;
use super::penalties::{Act, Penalty};
use super::stage::Stage;
use crate::app::fining::Ledger;
use crate::store::{Tx, matters, record};

/// The last day on which the rules of its day let a decision be shown.
fn most_shown(stage: &Stage, tx: &Tx<'_>, case: MatterId) -> Result<Option<Day>, Fault> {
    let state = matters::find_state(tx, &stage.desk.county, case)?;
    let term = state.and_then(|state| {
        let decided = state.last_done("decide_penalty").or_else(|| state.done.last())?.day;
        stage.desk.ruling.law.credit.publication.of(&state, decided)
    });
    Ok(term.map(|term| term.most))
}

impl Penalty {
    /// The decision has been taken: it is served and reviewed for publication.
    pub(super) fn after_decision(&mut self, stage: &Stage) {
        let by_publication = self.fate.chance.happens(stage.scenario.penalty.served_by_publication);
        if by_publication {
            self.soon(stage, (3, 5), Act::Post);
        } else {
            self.after(stage, "decision_to_service", Act::Serve);
        }
        self.open_ends = 1;
        self.soon(stage, (1, 4), Act::Disclose);
        self.plan_report(stage);
    }

    /// The decision has been served: the windows of payment and remedies begin today.
    fn after_service(&mut self, stage: &Stage) {
        let today = stage.today();
        self.served = today;
        let plan = &stage.scenario.penalty;
        let (reconsideration, litigation) = (plan.remedy.get("reconsideration"), plan.remedy.get("litigation"));
        if !matches!(self.fate.payment, Payment::Court | Payment::Changed) {
            self.litigation = litigation.is_some_and(|share| self.fate.chance.happens(*share));
            if self.litigation || reconsideration.is_some_and(|share| self.fate.chance.happens(*share)) {
                self.open_ends += 1;
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(8, 50))), Act::NoteRemedy);
            }
        }
        if !self.offence.to_perform() {
            self.end_met(stage);
            return;
        }
        self.open_ends += 1;
        let fined = self.offence.fine.is_some();
        match self.fate.payment {
            Payment::Late if fined => {
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(18, 30))), Act::AddFine)
            }
            Payment::Instalments if fined => {
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(3, 10))), Act::Defer)
            }
            Payment::Urged if fined => {
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(20, 40))), Act::Urge)
            }
            Payment::Court if fined => {
                self.agenda.add(stage.work_day(today.plus_months(6).plus(12)), Act::ConfirmUnremedied)
            }
            Payment::Changed if fined => {
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(4, 12))), Act::NoteRemedy)
            }
            _ => self.after(stage, "service_to_payment", Act::Perform),
        }
    }

    /// One of the open ends is met; the last one lets the case be closed.
    fn end_met(&mut self, stage: &Stage) {
        if self.open_ends == 0 {
            self.after(stage, "payment_to_closing", Act::Close);
        }
    }

    fn meet(&mut self, stage: &Stage) {
        self.open_ends = self.open_ends.saturating_sub(1);
        self.end_met(stage);
    }

    /// Everything after the decision.
    pub(super) fn aftermath(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match act {
            Act::Serve => {
                let in_person = self.fate.chance.happens(stage.scenario.penalty.served_in_person_share);
                let mut input = Input::default().with("delivery", if in_person { "direct" } else { "mail" });
                if !in_person {
                    input = input.with(
                        "service_note",
                        format!("邮寄送达，单号演{:010}，回执载明本日收到", self.fate.chance.between(1, 999_999_999)),
                    );
                }
                input.evidence = stage.document("service_receipt");
                self.by(stage, tx, "enforcement_officer", "serve", input)?;
                self.after_service(stage);
                Ok(())
            }
            Act::Post => {
                let input =
                    Input::default().with("public_notice_reason", "当事人下落不明，直接送达、邮寄送达均未成功。");
                self.by(
                    stage,
                    tx,
                    "enforcement_officer",
                    "post_decision",
                    input.with("public_notice_at", "县政府门户网站"),
                )?;
                self.agenda.add(stage.today().plus(32), Act::AwaitNotice);
                Ok(())
            }
            Act::AwaitNotice => {
                // The clock watch has taken the step that the law attaches to the thirty days (民事诉讼法§95).
                self.after_service(stage);
                Ok(())
            }
            Act::SendCredit | Act::CreditAnswer => self.credit(act, stage, tx),
            Act::Disclose | Act::Publish | Act::EndPublication => self.disclose(act, stage, tx),
            Act::NoteRemedy | Act::Upheld | Act::ConfirmUnremedied => self.remedy(act, stage, tx),
            Act::Change(change) => self.change(change, stage, tx),
            Act::ReportSeizure => self.report_seizure(stage, tx),
            Act::Release => self.release(stage, tx),
            Act::Close | Act::Archive => self.close(act, stage, tx),
            Act::Withdraw
            | Act::TransferOrgan
            | Act::TransferAnswer
            | Act::TransferPolice
            | Act::HandOver
            | Act::Exempt
            | Act::ServeExemption => self.exit(act, stage, tx),
            act => self.pay(act, stage, tx),
        }
    }

    fn disclose(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match act {
            Act::Disclose if self.fate.published => {
                let level = match self.offence.degree() {
                    Degree::Mitigated | Degree::Lighter => "light",
                    Degree::Ordinary => "ordinary",
                    Degree::Heavier => "serious",
                };
                let months = stage.scenario.penalty.publication_months.get(level).copied().unwrap_or(12);
                let until = stage.today().plus_months(months);
                let most = self.matter.map(|id| most_shown(stage, tx, id)).transpose()?.flatten();
                self.publish_until = most.map_or(until, |most| until.min(most));
                let note = self.offence.text(&stage.pools, "published", &mut self.fate.chance);
                let input = input
                    .with("public_summary", self.offence.summary())
                    .with("publish_until", self.publish_until.to_string())
                    .with("disclosure_note", note);
                self.by(stage, tx, "legal_reviewer", "approve_disclosure", input)?;
                self.soon(stage, (0, 1), Act::Publish);
            }
            Act::Disclose => {
                let note = self.offence.text(&stage.pools, "not_published", &mut self.fate.chance);
                let ground = if note.contains("隐私") { "trade_or_privacy" } else { "no_influence" };
                self.by(
                    stage,
                    tx,
                    "legal_reviewer",
                    "withhold",
                    input.with("withhold_ground", ground).with("disclosure_note", note),
                )?;
                self.disclosed(stage);
            }
            Act::Publish => {
                self.by(
                    stage,
                    tx,
                    "enforcement_clerk",
                    "publish",
                    input.with("channel", "government_site|enforcement_platform"),
                )?;
                self.agenda.add(stage.work_day(self.publish_until.plus(1)), Act::EndPublication);
                self.disclosed(stage);
            }
            // What was withdrawn and not shown again has no end of its own.
            _ if !self.shown(stage, tx)? => {}
            _ => {
                let input = input.with("publish_until", self.publish_until.to_string());
                self.by(stage, tx, "enforcement_clerk", "end_publication", input)?;
            }
        }
        Ok(())
    }

    /// Publication is settled; before the service it cannot be the last open end.
    fn disclosed(&mut self, stage: &Stage) {
        self.open_ends = self.open_ends.saturating_sub(1);
        if self.served > self.filed {
            self.end_met(stage);
        }
    }

    /// What the record says of the fine; none where nothing was fined.
    fn ledger(&self, stage: &Stage, tx: &Tx<'_>) -> Result<Option<Ledger>, Fault> {
        let Some(matter) = self.matter else { return Ok(None) };
        let county = stage.desk.county.as_str();
        let Some(state) = matters::find_state(tx, county, matter)? else { return Ok(None) };
        Ok(Ledger::of(&state, &record::entries_of(tx, county, matter)?, &stage.desk.ruling.calendar))
    }

    /// One payment at the bank, today; `n` tells the receipts of a case apart.
    fn payment(&self, today: Day, fen: i64, n: i64) -> Input {
        Input::default()
            .with("paid_amount", text::yuan(fen))
            .with("paid_on", today.to_string())
            .with("payment_channel", "bank")
            .with("receipt_number", format!("演票{:07}{n}", self.filed.number() % 10_000 * 1_000 + fen / 100 % 1_000))
    }

    /// What is still open is paid at once.
    pub(super) fn perform(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let open = self.ledger(stage, tx)?.map_or(0, |ledger| ledger.open());
        self.hand_in(stage, tx)?;
        let mut input = if open > 0 { self.payment(stage.today(), open, 2) } else { Input::default() };
        if self.offence.beyond_fine() {
            input = input.with("performance_note", "没收、整改等内容已执行完毕，有清单和照片。");
        }
        self.by(stage, tx, "enforcement_clerk", "perform", input)?;
        self.meet(stage);
        Ok(())
    }

    /// Confiscated money goes to the treasury before the case is performed.
    fn hand_in(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let open = self.ledger(stage, tx)?.map_or(0, |ledger| ledger.confiscated_open());
        if open == 0 {
            return Ok(());
        }
        let input = self.payment(stage.today(), open, 3);
        self.by(stage, tx, "enforcement_clerk", "pay_confiscated", input)
    }

    /// 暂缓、分期: the party asks, a head agrees to two instalments.
    fn defer(&mut self, fine: i64, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let reason = self.offence.text(&stage.pools, "instalments", &mut self.fate.chance);
        let mut asked = Input::default().with("deferral_reason", reason);
        asked.evidence = stage.document("deferral_application");
        self.by(stage, tx, "enforcement_clerk", "request_deferral", asked)?;
        let today = stage.today();
        let (first, until) = (today.plus(45), today.plus_months(3));
        let plan = format!("{first} {}元；{until} {}元", fine / 2, fine - fine / 2);
        let input = Input::default().with("deferral", "instalments").with("instalment_plan", plan);
        self.leader(stage, tx, "approve_deferral", input)?;
        self.agenda.add(stage.work_day(today.plus(30)), Act::PayPart);
        self.agenda.add(stage.work_day(until.plus(-10)), Act::Perform);
        Ok(())
    }

    fn urge(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let deadline = stage.today().plus(10).to_string();
        let input = Input::default().with("urge_deadline", deadline).with("urge_manner", "到决定书指定的银行缴纳罚款");
        self.by(stage, tx, "enforcement_officer", "urge", input)?;
        let mut served = Input::default().with("urge_delivery", "direct");
        served.evidence = stage.document("service_receipt");
        self.by(stage, tx, "enforcement_officer", "serve_urge", served)?;
        match self.fate.payment {
            Payment::Court => self.soon(stage, (12, 16), Act::ApplyCourt),
            _ => self.soon(stage, (3, 9), Act::Perform),
        }
        self.agree(stage, tx)
    }

    /// 执行协议 (行政强制法§42): one in three of those who were urged and will pay agrees to a day for it; nothing is taken off.
    fn agree(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.fate.payment == Payment::Court || self.filed.number() % 3 != 0 {
            return Ok(());
        }
        let until = stage.today().plus(20).to_string();
        let mut input = Input::default()
            .with("agreement", "当事人在约定的日期以前一次缴清罚款，逾期恢复强制执行。")
            .with("agreed_until", until)
            .with("reduced_additional", "0");
        input.evidence = stage.document("execution_agreement");
        self.leader(stage, tx, "agree_execution", input)
    }

    fn pay(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let fine = self.offence.fine.unwrap_or(0);
        let today = stage.today();
        match act {
            Act::AddFine => {
                // Three per cent a day (行政处罚法§72), worked out by the system; nothing while a remedy is pending.
                if self.ledger(stage, tx)?.is_some_and(|ledger| ledger.accrued(today.plus(-1)).amount > 0) {
                    self.leader(stage, tx, "add_fine", Input::default())?;
                }
                self.soon(stage, (1, 5), Act::Perform);
                Ok(())
            }
            Act::Defer => self.defer(fine, stage, tx),
            Act::PayPart => {
                let part = self.payment(today, fine / 2 * 100, 1);
                self.by(stage, tx, "enforcement_clerk", "pay_part", part)
            }
            Act::Urge => self.urge(stage, tx),
            Act::ApplyCourt => {
                let court = stage.scenario.scenario.court.clone();
                let input = Input::default()
                    .with("court", court)
                    .with("court_materials", "application|decision|views|object")
                    .with("court_object", "罚款尚未缴纳；当事人在本县有经营场所和银行账户。");
                self.by(stage, tx, "organ_head", "apply_court", input)?;
                self.soon(stage, (2, 5), Act::CourtAccepts);
                Ok(())
            }
            Act::CourtAccepts => {
                let case = format!("（{}）演行审{}号", today.year(), self.fate.chance.between(1, 300));
                self.by(stage, tx, "enforcement_clerk", "court_accept", Input::default().with("court_case", case))?;
                self.agenda.add(stage.work_day(today.plus(self.fate.chance.between(25, 29))), Act::Enforced);
                Ok(())
            }
            Act::Enforced => {
                let note = Input::default().with("court_note", "准予强制执行，由人民法院执行。");
                self.by(stage, tx, "enforcement_clerk", "court_grant", note)?;
                let input = Input::default().with("terminate_ground", "court_enforced");
                self.leader(stage, tx, "terminate_execution", input)?;
                self.meet(stage);
                Ok(())
            }
            _ => self.perform(stage, tx),
        }
    }

    fn remedy(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match act {
            Act::NoteRemedy => {
                let about = stage.scenario.scenario.clone();
                let (step, body) = if self.litigation {
                    ("note_litigation", about.remedy_court)
                } else {
                    ("note_reconsideration", about.remedy_organ)
                };
                let case = format!("（{}）演{}号", stage.today().year(), self.fate.chance.between(1, 300));
                self.by(stage, tx, "legal_reviewer", step, input.with("remedy_body", body).with("remedy_case", case))?;
                let (days, result) = match (self.litigation, self.fate.payment) {
                    (true, _) => ((60, 150), Act::Upheld),
                    (false, Payment::Changed) => ((30, 45), Act::Change(Change::Decide)),
                    (false, _) => ((35, 60), Act::Upheld),
                };
                let days = self.fate.chance.between(days.0, days.1);
                self.agenda.add(stage.work_day(stage.today().plus(days)), result);
            }
            Act::Upheld => {
                let note = if self.litigation {
                    "判决驳回诉讼请求。"
                } else {
                    "复议决定维持原处罚决定。"
                };
                let mut input = input.with("remedy_note", note);
                if self.litigation {
                    input = input.with("suit_result", "judgment").with("judgment_from", stage.today().to_string());
                }
                self.by(stage, tx, "legal_reviewer", "remedy_upheld", input)?;
                self.meet(stage);
            }
            _ => {
                self.by(stage, tx, "enforcement_clerk", "confirm_unremedied", input)?;
                self.agenda.add(stage.today(), Act::Urge);
            }
        }
        Ok(())
    }

    /// The ways out without a penalty.
    fn exit(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        let pools = std::sync::Arc::clone(&stage.pools);
        let text = |this: &mut Self, key: &str| this.offence.text(&pools, key, &mut this.fate.chance);
        match act {
            Act::Withdraw => {
                let note = text(self, "withdrawn");
                let ground = if note.contains("重复") { "duplicate" } else { "respondent_ended" };
                self.leader(
                    stage,
                    tx,
                    "withdraw_case",
                    input.with("withdraw_ground", ground).with("withdraw_note", note),
                )?;
                self.after(stage, "closing_to_archive", Act::Archive);
            }
            Act::TransferOrgan => {
                let own = self.organ == self.fate.field.organ;
                let competent = stage.desk.registry.organ_name(&self.fate.field.organ.as_str().into()).to_owned();
                let to = if own { "有管辖权的行政机关".to_owned() } else { competent };
                let reason = text(self, if own { "transferred_organ" } else { "transferred_competent" });
                let input = input.with("transfer_to", to).with("transfer_reason", reason);
                self.leader(stage, tx, "transfer_jurisdiction", input)?;
                self.soon(stage, (4, 8), Act::TransferAnswer);
            }
            Act::TransferAnswer => {
                let note = format!("{}回函：已收到移送材料，予以接收。", stage.today().chinese());
                let input = input.with("transfer_answer", "taken").with("transfer_answer_note", note);
                self.by(stage, tx, "enforcement_clerk", "note_transfer_answer", input)?;
                self.after(stage, "closing_to_archive", Act::Archive);
            }
            Act::TransferPolice => {
                self.by(stage, tx, "organ_head", "transfer_police", input)?;
                // Within twenty-four hours of the approval.
                self.agenda.add(stage.today(), Act::HandOver);
            }
            Act::HandOver => {
                let receipt =
                    format!("昌图县公安局，{}，演接字{}号", stage.today().chinese(), self.fate.chance.between(1, 200));
                self.by(stage, tx, "enforcement_officer", "hand_over_police", input.with("police_receipt", receipt))?;
                self.after(stage, "payment_to_closing", Act::Close);
            }
            Act::Exempt if self.fate.end == End::Minor => {
                let reasons = text(self, "no_penalty_minor");
                let ground = if reasons.starts_with("初次") { "first_minor" } else { "minor" };
                let input = input.with("exempt_ground", ground).with("exempt_reasons", reasons);
                self.by(
                    stage,
                    tx,
                    "organ_head",
                    "decide_no_penalty",
                    input.with("education", "当面宣讲有关规定，当事人签收告诫书。"),
                )?;
                self.after(stage, "decision_to_service", Act::ServeExemption);
            }
            Act::Exempt => {
                let reasons = text(self, "no_penalty_unfounded");
                self.by(stage, tx, "organ_head", "decide_unfounded", input.with("unfounded_reasons", reasons))?;
                self.after(stage, "decision_to_service", Act::ServeExemption);
            }
            _ => {
                self.by(stage, tx, "enforcement_officer", "serve_exemption", input.with("delivery", "direct"))?;
                self.after(stage, "payment_to_closing", Act::Close);
            }
        }
        Ok(())
    }

    fn close(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if act == Act::Archive {
            let number = format!("演罚卷{}-{:04}", self.filed.year(), self.fate.chance.between(1, 9_999));
            let pages = self.fate.chance.between(25, 120).to_string();
            return self.by(
                stage,
                tx,
                "enforcement_clerk",
                "archive",
                Input::default().with("archive_number", number).with("archive_pages", pages),
            );
        }
        let step = match self.fate.end {
            End::Minor => "close_exempted",
            End::Unfounded => "close_unfounded",
            End::Judicial => "close_transferred",
            _ => "close_penalty",
        };
        self.leader(stage, tx, step, Input::default().with("close_note", "案卷齐全，同意结案。"))?;
        self.after(stage, "closing_to_archive", Act::Archive);
        Ok(())
    }
}
