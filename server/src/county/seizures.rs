//! 查封、扣押 in some of the cases in which evidence was preserved: asked for, approved, carried out by two, given back when the case no
//! longer needs the things.
//!
//! Does not belong here: what is asked (law/procedures/enforcement/seizure.toml).

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Input;

use super::Fault;
use super::caseload::End;
use super::credit;
use super::penalties::{Act, Penalty};
use super::powers;
use super::stage::{Stage, on};
use crate::app::seizing::SEIZURE;
use crate::store::{Tx, matters};

impl Penalty {
    /// One in three of the bureaus' own cases that end in a penalty; no draw, so that the other cases play as they did.
    fn seizes(&self) -> bool {
        self.fate.end == End::Penalty && self.fate.town.is_none() && self.filed.number() % 3 == 0
    }

    /// What becomes of the things that were preserved as evidence.
    pub(super) fn disposition(&self) -> &'static str {
        if self.seizes() { "coercive_measure" } else { "evidence_fixed" }
    }

    /// The seizure that the case opened last.
    fn seizure(&self, stage: &Stage, tx: &Tx<'_>) -> Result<Option<MatterId>, Fault> {
        let Some(matter) = self.matter else { return Ok(None) };
        let state = matters::find_state(tx, &stage.desk.county, matter)?;
        let links = state.map(|state| state.links).unwrap_or_default();
        Ok(links.iter().rev().find(|link| link.procedure.as_str() == SEIZURE).map(|link| link.matter))
    }

    /// What was preserved is seized, all on one day.
    pub(super) fn seize(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(power) = powers::power_to_seize(stage, &self.fate.field.code).filter(|_| self.seizes()) else {
            return Ok(());
        };
        self.by(stage, tx, "enforcement_officer", "open_seizure", Input::default())?;
        let Some(seizure) = self.seizure(stage, tx)? else { return Ok(()) };
        let (lead, present) = self.pair(stage)?;
        let serial = self.filed.number() % 1_000_000;
        let things = format!("涉案物品，演编{serial}号，1批");
        // One in five could not wait for the approval, and got it on the same day.
        let urgent = serial % 5 == 0;
        let request = Input::default()
            .with("power", power.to_string())
            .with("measure", "detain")
            .with("measure_basis", "本领域法律、法规关于查封、扣押的规定（演示）")
            .with("reason", "登记保存的物品需要继续控制，防止转移。")
            .with("things", things.clone())
            .with("related", "yes")
            .with("necessities", "no")
            .with("elsewhere", "no");
        let head = self.holder(stage, "organ_head", 0)?;
        let mut record = if urgent {
            request.with("urgent_reason", "当事人正在转移物品，来不及事先报批。")
        } else {
            stage.act(tx, &lead, on(seizure, "request", request))?;
            stage.act(tx, &head, on(seizure, "approve", Input::default()))?;
            on_site(things)
        };
        record = record
            .with("presence", "party")
            .with("site_record", "出示执法证件，当场告知理由、依据、权利和救济途径，逐件清点，当事人没有异议。")
            .with("handed_over", "yes")
            .with("custody", "执法机关物证室");
        record.officers = present;
        record.evidence = stage.document("site_record");
        // One in four was not recorded: the page shows the gap.
        if serial % 4 != 0 {
            record.evidence.extend(stage.document("process_video"));
        }
        stage.act(tx, &lead, on(seizure, if urgent { "seize_urgent" } else { "seize" }, record))?;
        if urgent {
            let note = Input::default().with("approval_note", "情况属实，同意。");
            stage.act(tx, &head, on(seizure, "approve_after", note))?;
        }
        self.agenda.add(stage.after_work_days(stage.today(), 3), Act::ReportSeizure);
        self.agenda.add(stage.after_work_days(stage.today(), 6), Act::Release);
        Ok(())
    }

    /// The decision on the seizure is reported; two days later the platform has taken it.
    pub(super) fn report_seizure(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(seizure) = self.seizure(stage, tx)? else { return Ok(()) };
        let clerk = self.holder(stage, "enforcement_clerk", 0)?;
        if credit::sent(stage, tx, seizure)? {
            return credit::hand_over(stage, tx, &clerk, seizure, "accept");
        }
        self.agenda.add(stage.after_work_days(stage.today(), 2), Act::ReportSeizure);
        credit::hand_over(stage, tx, &clerk, seizure, "send")
    }

    /// Given back: the facts are established.
    pub(super) fn release(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(seizure) = self.seizure(stage, tx)? else { return Ok(()) };
        let input =
            Input::default().with("lift_ground", "other").with("returned", "证据已经固定，当场退还，当事人签收。");
        let head = self.holder(stage, "organ_head", 0)?;
        stage.act(tx, &head, on(seizure, "lift", input))?;
        self.publish_seizure(stage, tx, seizure)
    }

    /// The decision is examined, and shown or not: one in three is not, while its case is investigated.
    fn publish_seizure(&self, stage: &mut Stage, tx: &mut Tx<'_>, seizure: MatterId) -> Result<(), Fault> {
        let reviewer = self.holder(stage, "legal_reviewer", 0)?;
        if self.filed.number() % 9 == 0 {
            let withheld = Input::default().with("withhold_ground", "investigating");
            return stage.act(tx, &reviewer, on(seizure, "withhold", withheld)).map(|_| ());
        }
        let until = stage.today().plus_months(12).to_string();
        let shown = Input::default()
            .with("public_summary", "对涉案物品实施扣押，证据固定后已经退还。")
            .with("publish_until", until);
        stage.act(tx, &reviewer, on(seizure, "approve_disclosure", shown))?;
        let clerk = self.holder(stage, "enforcement_clerk", 0)?;
        let publish = Input::default().with("channel", "government_site");
        stage.act(tx, &clerk, on(seizure, "publish", publish)).map(|_| ())
    }
}

/// What is asked again at the door, of the things that were approved.
fn on_site(things: String) -> Input {
    Input::default()
        .with("things", things)
        .with("related_on_site", "yes")
        .with("necessities_on_site", "no")
        .with("elsewhere_on_site", "no")
}
