//! Fines that reconsideration changes and the party does not pay: withdrawn from publication and shown again as changed, handed up,
//! and executed by the organ of reconsideration (行政复议法§78(2)), until the party pays.
//!
//! Does not belong here: reconsiderations that uphold (`aftermath.rs`).

use serde::Deserialize;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::penalties::{Act, Penalty};
use super::stage::{Stage, on};
use crate::store::{Tx, matters};

/// What is done next about the change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the two procedures, in their words")]
pub enum Change {
    Decide,
    Withdraw,
    ShowAgain,
    HandUp,
    Receive,
    Urge,
    Apply,
    Settle,
}

impl Penalty {
    pub(super) fn change(&mut self, change: Change, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match change {
            Change::Decide => self.changed(stage, tx),
            Change::Withdraw if !self.shown(stage, tx)? => Ok(()),
            Change::Withdraw => {
                let input = input.with("withdrawal_reason", "行政复议决定变更罚款数额。");
                self.by(stage, tx, "enforcement_clerk", "withdraw_publication", input)?;
                self.soon(stage, (2, 5), Act::Change(Change::ShowAgain));
                Ok(())
            }
            Change::ShowAgain if self.publish_until <= stage.today() => Ok(()),
            Change::ShowAgain => {
                let summary = format!("{}罚款数额经行政复议变更。", self.offence.summary());
                let shown = input.with("public_summary", summary).with("publish_until", self.publish_until.to_string());
                self.by(stage, tx, "legal_reviewer", "approve_disclosure", shown)?;
                let channel = Input::default().with("channel", "government_site|enforcement_platform");
                self.by(stage, tx, "enforcement_clerk", "publish", channel)
            }
            Change::HandUp => {
                let organ = stage.scenario.scenario.county_code.clone();
                self.leader(stage, tx, "hand_up_execution", input.with("reconsideration_organ", organ))?;
                self.soon(stage, (1, 3), Act::Change(Change::Receive));
                Ok(())
            }
            Change::Receive | Change::Urge | Change::Apply | Change::Settle => self.executed(change, stage, tx),
        }
    }

    /// What the organ of reconsideration does, until the party pays.
    fn executed(&mut self, change: Change, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (input, own) = (Input::default(), self.linked);
        match change {
            Change::Receive => {
                let case = self.matter;
                self.above(stage, tx, case, "receive_execution", input)?;
                self.find_linked(stage, tx)?;
                self.soon(stage, (1, 4), Act::Change(Change::Urge));
                Ok(())
            }
            Change::Urge => {
                let urge = input.with("urge_text", "自收到催告书之日起十日内到指定银行缴清变更后的罚款。");
                self.above(stage, tx, own, "urge", urge)?;
                let served = Input::default().with("urge_delivery", "direct").with("urge_receiver", "当事人本人");
                self.above(stage, tx, own, "serve_urge", served)?;
                self.soon(stage, (12, 16), Act::Change(Change::Apply));
                Ok(())
            }
            Change::Apply => {
                let input = input
                    .with("court", stage.scenario.scenario.court.clone())
                    .with("court_materials", "application|decision|views|object")
                    .with("court_object", "变更后的罚款尚未缴纳；当事人在本县有经营场所和银行账户。");
                self.above(stage, tx, own, "apply_court", input)?;
                self.agenda.add(
                    stage.work_day(stage.today().plus(self.fate.chance.between(20, 40))),
                    Act::Change(Change::Settle),
                );
                Ok(())
            }
            _ => {
                self.perform(stage, tx)?;
                let note = input.with("result_note", "申请法院以后，当事人缴清变更后的罚款。");
                self.above(stage, tx, own, "finish", note)
            }
        }
    }

    /// The fine is halved; who has fifteen days to sue does not, and does not pay.
    fn changed(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let fine = self.offence.fine.unwrap_or(0);
        let input = Input::default()
            .with("remedy_note", "复议认为罚款数额不当，予以变更。")
            .with("corrected_fine", (fine / 2).max(1).to_string());
        self.by(stage, tx, "legal_reviewer", "remedy_changed", input)?;
        if self.shown(stage, tx)? {
            self.soon(stage, (0, 2), Act::Change(Change::Withdraw));
        }
        // What had been reported is reported again as changed.
        self.soon(stage, (1, 3), Act::SendCredit);
        let over = stage.work_day(stage.today().plus(self.fate.chance.between(27, 33)));
        self.agenda.add(over, Act::Change(Change::HandUp));
        Ok(())
    }

    /// Whether the decision is shown.
    pub(super) fn shown(&self, stage: &Stage, tx: &Tx<'_>) -> Result<bool, Fault> {
        let Some(matter) = self.matter else { return Ok(false) };
        let state = matters::find_state(tx, &stage.desk.county, matter)?;
        Ok(state.is_some_and(|state| state.track("disclosure").is_some_and(|now| now.as_str() == "published")))
    }

    /// The head of the county does something, as the organ of reconsideration.
    fn above(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        matter: Option<MatterId>,
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let Some(matter) = matter else { return Ok(()) };
        let head = stage.staff.nth(&stage.scenario.scenario.county_code, "county_head", 0)?;
        stage.act(tx, &head, on(matter, step, input)).map(|_| ())
    }
}
