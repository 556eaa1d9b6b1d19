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
        let request = Input::default()
            .with("power", power.to_string())
            .with("measure", "detain")
            .with("measure_basis", "本领域法律、法规关于查封、扣押的规定（演示）")
            .with("reason", "登记保存的物品需要继续控制，防止转移。")
            .with("things", things.clone())
            .with("related", "yes")
            .with("necessities", "no")
            .with("elsewhere", "no");
        stage.act(tx, &lead, on(seizure, "request", request))?;
        let head = self.holder(stage, "organ_head", 0)?;
        stage.act(tx, &head, on(seizure, "approve", Input::default()))?;
        let mut record = Input::default()
            .with("things", things)
            .with("related_on_site", "yes")
            .with("necessities_on_site", "no")
            .with("elsewhere_on_site", "no")
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
        stage.act(tx, &lead, on(seizure, "seize", record))?;
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
        stage.act(tx, &head, on(seizure, "lift", input)).map(|_| ())
    }
}
