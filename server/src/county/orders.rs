//! 强制执行 that an organ orders itself, with its order examined and shown; and what follows where reconsideration changed a decision and
//! nobody pays: the county's government applies to the court.
//!
//! Does not belong here: what is asked (law/procedures/enforcement/penalty.toml, changed_execution.toml).

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;
use zhunsheng_core::text;

use super::Fault;
use super::acts::{Act, Changing};
use super::penalties::Penalty;
use super::powers;
use super::stage::{Holder, Stage, on};
use crate::store::{Tx, matters};

/// Whose reconsideration it is, and who acts for it.
const GOVERNMENT: &str = "county_government";

impl Penalty {
    /// Every second fine of a bureau that nothing but enforcement is left for, where the bureau may enforce itself.
    pub(super) fn enforces_itself(&self, stage: &mut Stage) -> bool {
        stage.enforced += 1;
        stage.enforced % 2 == 0 && powers::power_to_enforce(stage, &self.fate.field.code).is_some()
    }

    /// An order on money needs thirty days of additional fine before it (行政强制法§46).
    pub(super) fn before_order(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.leader(stage, tx, "add_fine", Input::default())?;
        self.agenda.add(stage.work_day(stage.today().plus(33)), Act::Order);
        Ok(())
    }

    /// Orders, and what follows a change.
    pub(super) fn order(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match act {
            Act::ShowOrder => self.show_order(stage, tx),
            Act::Changed(Changing::HandUp) => self.hand_up(stage, tx),
            Act::Changed(Changing::Apply) => self.apply(stage, tx),
            Act::Changed(Changing::Finish) => self.finish(stage, tx),
            _ => self.enforce(stage, tx),
        }
    }

    fn enforce(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(power) = powers::power_to_enforce(stage, &self.fate.field.code) else { return Ok(()) };
        let input = Input::default()
            .with("execution_power", power.to_string())
            .with("execution_reasons", "经催告逾期仍不履行，没有正当理由。")
            .with("execution_manner", "工作日白天划拨存款。");
        self.by(stage, tx, "organ_head", "enforce", input)?;
        let mut served = Input::default().with("urge_delivery", "direct");
        served.evidence = stage.document("service_receipt");
        self.by(stage, tx, "enforcement_officer", "serve_enforcement", served)?;
        self.soon(stage, (2, 6), Act::ShowOrder);
        self.soon(stage, (8, 14), Act::Perform);
        Ok(())
    }

    fn show_order(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let until = stage.today().plus_months(12).to_string();
        let input = Input::default()
            .with("order_public_summary", "经催告逾期仍不缴纳罚款，决定强制执行。")
            .with("order_publish_until", until);
        self.by(stage, tx, "legal_reviewer", "approve_order_disclosure", input)?;
        let site = Input::default().with("order_channel", "government_site");
        self.by(stage, tx, "enforcement_clerk", "publish_order", site)
    }

    /// The first decision with nothing but a fine that is contested before the county and not shown yet is changed there, and every
    /// tenth after it.
    pub(super) fn may_change(&mut self, stage: &mut Stage) {
        let fits =
            !self.litigation && !self.fate.published && self.offence.fine.is_some() && !self.offence.beyond_fine();
        if fits {
            self.changed = stage.changed % 10 == 0;
            stage.changed += 1;
        }
    }

    /// 复议变更: half the fine is left; nobody sues within the fifteen days.
    pub(super) fn change(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let left = self.offence.fine.unwrap_or(0) / 2;
        let input = Input::default()
            .with("remedy_note", "复议决定变更罚款数额。")
            .with("corrected_fine", text::yuan(left * 100));
        self.by(stage, tx, "legal_reviewer", "remedy_changed", input)?;
        self.meet(stage);
        let day = stage.work_day(stage.today().plus(26));
        self.agenda.add(day, Act::Changed(Changing::HandUp));
        self.soon(stage, (1, 2), Act::SendCredit);
        Ok(())
    }

    /// The county's government and the matter that it received.
    fn above(&self, stage: &Stage, tx: &Tx<'_>) -> Result<Option<(Holder, MatterId)>, Fault> {
        let Some(case) = self.matter else { return Ok(None) };
        let state = matters::find_state(tx, &stage.desk.county, case)?;
        let links = state.map(|state| state.links).unwrap_or_default();
        let received = links.iter().find(|link| link.role.as_str() == "changed_execution").map(|link| link.matter);
        let head = stage.staff.nth(GOVERNMENT, "county_head", 0)?;
        Ok(received.map(|matter| (head, matter)))
    }

    fn hand_up(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(case) = self.matter else { return Ok(()) };
        self.by(
            stage,
            tx,
            "organ_head",
            "hand_up_execution",
            Input::default().with("reconsideration_organ", GOVERNMENT),
        )?;
        let head = stage.staff.nth(GOVERNMENT, "county_head", 0)?;
        stage.act(tx, &head, on(case, "receive_execution", Input::default()))?;
        let Some((head, own)) = self.above(stage, tx)? else { return Ok(()) };
        let urged = Input::default().with("urge_text", "十日内到指定银行缴清变更后的罚款；有权陈述和申辩。");
        stage.act(tx, &head, on(own, "urge", urged))?;
        let served = Input::default().with("urge_delivery", "direct").with("urge_receiver", "当事人本人");
        stage.act(tx, &head, on(own, "serve_urge", served))?;
        self.soon(stage, (13, 18), Act::Changed(Changing::Apply));
        Ok(())
    }

    fn apply(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some((head, own)) = self.above(stage, tx)? else { return Ok(()) };
        let input = Input::default()
            .with("court", stage.scenario.scenario.court.clone())
            .with("court_materials", "application|decision|views|object")
            .with("court_object", "变更后的罚款尚未缴纳；当事人在本县有银行账户。");
        stage.act(tx, &head, on(own, "apply_court", input))?;
        self.soon(stage, (18, 26), Act::Changed(Changing::Finish));
        Ok(())
    }

    /// The court had it paid; the case enters the payment and goes on to its closing.
    fn finish(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some((head, own)) = self.above(stage, tx)? else { return Ok(()) };
        let note = Input::default().with("result_note", "人民法院裁定准予执行，罚款已经缴清。");
        stage.act(tx, &head, on(own, "finish", note))?;
        self.soon(stage, (0, 1), Act::Perform);
        Ok(())
    }
}
