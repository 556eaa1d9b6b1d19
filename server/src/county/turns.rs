//! The turns a penalty case takes before its decision: the party speaks, a hearing is held, a reviewer is asked.
//!
//! Does not belong here: the straight way from lead to decision (`penalties.rs`).

use zhunsheng_core::matter::Input;

use super::Fault;
use super::caseload::Voice;
use super::penalties::{Act, Penalty};
use super::stage::Stage;
use crate::store::Tx;

impl Penalty {
    /// The party speaks, waives, or asks for a hearing; an officer steps aside.
    pub(super) fn party(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match act {
            Act::Defend => {
                let text = self.text(stage, "defence");
                self.by(
                    stage,
                    tx,
                    "enforcement_officer",
                    "record_defence",
                    input.with("defence_form", "written").with("defence_text", text),
                )?;
                self.soon(stage, (0, 1), Act::ReviewDefence);
            }
            Act::ReviewDefence => {
                let accepted = self.fate.voice == Voice::Defends { accepted: true };
                let opinion = self.text(stage, if accepted { "defence_accepted" } else { "defence_rejected" });
                let input = input.with("defence_result", if accepted { "accepted" } else { "rejected" });
                self.by(stage, tx, "enforcement_officer", "review_defence", input.with("defence_opinion", opinion))?;
            }
            Act::WaiveDefence => {
                let note = self.text(stage, "waived");
                let input = Input { evidence: stage.document("waiver"), ..input.with("waiver_note", note) };
                self.by(stage, tx, "enforcement_officer", "waive_defence", input)?;
            }
            Act::WaiveHearing => {
                self.by(
                    stage,
                    tx,
                    "enforcement_officer",
                    "waive_hearing",
                    input.with("waiver_note", "当事人书面声明不要求听证。"),
                )?;
            }
            Act::RequestHearing => {
                let text = self.text(stage, "hearing");
                self.by(stage, tx, "enforcement_officer", "request_hearing", input.with("hearing_request", text))?;
                self.find_linked(stage, tx)?;
                self.soon(stage, (0, 1), Act::Appoint);
            }
            _ => {
                let other = self.holder(stage, "enforcement_officer", self.second)?;
                let reason = self.text(stage, "recusal");
                let input = input.with("recusal_person", other.person.to_string()).with("recusal_reason", reason);
                self.leader(stage, tx, "decide_recusal", input.with("recusal_granted", "yes"))?;
                self.second += 1;
            }
        }
        Ok(())
    }

    /// The hearing (行政处罚法§63–§65), chaired by a reviewer who did not investigate.
    pub(super) fn hearing(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        match act {
            Act::Appoint => {
                let chair = self.holder(stage, "legal_reviewer", 1)?;
                let recorder = self.holder(stage, "enforcement_clerk", 0)?;
                let input = input.with("recorder", recorder.person.to_string());
                self.linked(stage, tx, ("organ_head", 0), "appoint", Input { assignee: Some(chair.person), ..input })?;
                self.agenda.add(stage.today(), Act::FixDate);
            }
            Act::FixDate => {
                let ahead = stage
                    .scenario
                    .penalty
                    .delay
                    .get("hearing_notice_ahead")
                    .map_or(9, |delay| self.fate.chance.delay(delay));
                self.hearing_on = stage.after_work_days(stage.today(), ahead.max(8));
                let input =
                    input.with("hearing_on", self.hearing_on.to_string()).with("hearing_at", "上午九时，本机关会议室");
                self.linked(stage, tx, ("legal_reviewer", 1), "fix_date", input.with("publicity", "public"))?;
                let notice = Input::default()
                    .with("recipients", "当事人、调查人员")
                    .with("notice_service", "直接送达，当日签收");
                self.linked(stage, tx, ("legal_reviewer", 1), "notice", notice)?;
                self.agenda.add(self.hearing_on, Act::Hold);
            }
            Act::Hold => {
                let record = self.text(stage, "hearing");
                let evidence = stage.document("video");
                let input = Input { evidence, ..input }.with("attendance", "in_person");
                let input = input.with("record", record).with("record_signed", "signed");
                self.linked(stage, tx, ("legal_reviewer", 1), "hold", input)?;
                self.soon(stage, (1, 2), Act::Report);
            }
            _ => {
                let changes = self.fate.hearing_changes;
                let report = self.text(stage, if changes { "hearing_opinion_change" } else { "hearing_opinion_keep" });
                let input = input.with("proposal", if changes { "lighter" } else { "keep" }).with("report", report);
                self.linked(stage, tx, ("legal_reviewer", 1), "report", input)?;
                self.heard = true;
                self.soon(stage, (0, 2), Act::Submit);
            }
        }
        Ok(())
    }

    /// The review before the decision (行政处罚法§58).
    pub(super) fn review(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match act {
            Act::SendReview => {
                self.by(stage, tx, "enforcement_officer", "send_review", Input::default())?;
                self.find_linked(stage, tx)?;
                self.soon(stage, (0, 1), Act::AcceptReview);
            }
            Act::AcceptReview => {
                self.linked(stage, tx, ("legal_reviewer", 0), "accept", Input::default())?;
                self.after(stage, "legal_review", Act::GiveReview);
            }
            _ => {
                let input = Input::default().with("review_response", "已按审核意见修改，重新报请。");
                self.by(stage, tx, "enforcement_officer", "resubmit", input)?;
                self.agenda.add(stage.today(), Act::SendReview);
            }
        }
        Ok(())
    }
}
