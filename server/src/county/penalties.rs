//! Penalties as they are imposed: what officers, heads, reviewers and clerks do with one case up to the decision.
//!
//! Does not belong here: what follows the decision (`aftermath.rs`), how a case reads (`offence.rs`), what is asked (its procedures).

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{MatterId, PersonId};
use zhunsheng_core::matter::{Command, Decider, Input, Manner, Target};

use super::Fault;
use super::caseload::{End, Fate, Voice};
use super::changes::Change;
use super::offence::{Offence, Weight};
use super::powers;
use super::stage::{Agenda, Holder, Script, Stage, on, open};
use crate::store::{Tx, matters};

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Register,
    File,
    Preserve,
    HandlePreserved,
    Investigate,
    Recuse,
    EndInvestigation,
    Withdraw,
    TransferOrgan,
    TransferAnswer,
    ReportCrime,
    TransferPolice,
    HandOver,
    Exempt,
    ServeExemption,
    Notify,
    ServeNotice,
    Defend,
    ReviewDefence,
    WaiveDefence,
    WaiveHearing,
    RequestHearing,
    Appoint,
    FixDate,
    Hold,
    Report,
    Submit,
    SendReview,
    AcceptReview,
    GiveReview,
    Resubmit,
    Deliberate,
    Decide,
    EnterLate,
    Serve,
    Post,
    AwaitNotice,
    SendCredit,
    CreditAnswer,
    ReportSeizure,
    Disclose,
    Publish,
    EndPublication,
    PayPart,
    AddFine,
    Defer,
    Urge,
    Perform,
    ConfirmUnremedied,
    ApplyCourt,
    CourtAccepts,
    Release,
    Enforced,
    NoteRemedy,
    Upheld,
    Change(Change),
    Close,
    Archive,
}

/// One case.
pub(super) struct Penalty {
    pub fate: Fate,
    pub offence: Offence,
    pub organ: String,
    pub first: usize,
    pub second: usize,
    pub matter: Option<MatterId>,
    pub linked: Option<MatterId>,
    pub filed: Day,
    pub hearing_on: Day,
    pub heard: bool,
    pub served: Day,
    /// What still stands between the service of the decision and the closing: payment, publication, remedy.
    pub open_ends: u8,
    pub litigation: bool,
    /// The platform has returned its report once.
    pub returned: bool,
    pub publish_until: Day,
    pub agenda: Agenda<Act>,
}

impl Penalty {
    /// A case that begins on its day.
    pub(super) fn new(stage: &Stage, mut fate: Fate) -> Result<Self, Fault> {
        let town = fate.town.and_then(|town| stage.scenario.county.towns.get(town)).map(|town| town.place.clone());
        let weight = Weight { mitigated: fate.mitigated, heavy: fate.hearing };
        let offence = Offence::new(stage, &fate.field, fate.day, town.as_deref(), weight, &mut fate.chance)?;
        let strayed = fate.end == End::OtherOrgan && fate.town.is_none() && fate.scene.is_none();
        let other = stage.scenario.penalty.fields.iter().find(|field| field.organ != fate.field.organ && strayed);
        let organ = other.unwrap_or(&fate.field).organ.clone();
        let drawn = fate.chance.below(stage.staff.all(&organ, "enforcement_officer").len());
        let first = if fate.scene.is_some() { 0 } else { drawn };
        let (day, mut agenda) = (fate.day, Agenda::default());
        agenda.add(day, Act::Register);
        Ok(Self {
            fate,
            offence,
            organ,
            first,
            second: first + 1,
            matter: None,
            linked: None,
            filed: day,
            hearing_on: day,
            heard: false,
            served: day,
            open_ends: 0,
            litigation: false,
            returned: false,
            publish_until: day,
            agenda,
        })
    }

    pub(super) fn after(&mut self, stage: &Stage, delay: &str, act: Act) {
        let day = stage.delayed(&stage.scenario.penalty.delay, delay, &mut self.fate.chance);
        self.agenda.add(stage.work_day(day), act);
    }

    pub(super) fn soon(&mut self, stage: &Stage, (low, high): (i64, i64), act: Act) {
        let days = self.fate.chance.between(low, high);
        self.agenda.add(stage.after_work_days(stage.today(), days), act);
    }

    pub(super) fn holder(&self, stage: &Stage, post: &str, nth: usize) -> Result<Holder, Fault> {
        stage.staff.nth(&self.organ, post, nth)
    }

    /// Someone of the organ does something on the case.
    pub(super) fn by(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        post: &str,
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let nth = if post == "enforcement_officer" { self.first } else { 0 };
        let who = self.holder(stage, post, nth)?;
        stage.act(tx, &who, on(matter, step, input)).map(|_| ())
    }

    /// The head, or the deputy for what is not reserved to the head.
    pub(super) fn leader(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let post = if self.fate.chance.happens(0.5) { "deputy_head" } else { "organ_head" };
        self.by(stage, tx, post, step, input)
    }

    /// A step on the linked hearing or review.
    pub(super) fn linked(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        (post, nth): (&str, usize),
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let Some(matter) = self.linked else { return Ok(()) };
        let who = self.holder(stage, post, nth)?;
        stage.act(tx, &who, on(matter, step, input)).map(|_| ())
    }

    /// The matter that the last step opened.
    pub(super) fn find_linked(&mut self, stage: &Stage, tx: &Tx<'_>) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let state = matters::find_state(tx, &stage.desk.county, matter)?;
        self.linked = state.and_then(|state| state.links.last().map(|link| link.matter));
        Ok(())
    }

    fn certified(&self, stage: &Stage, holder: &Holder) -> bool {
        let register = "enforcement_certificate".into();
        stage.desk.registry.credential(holder.person, &register, Some(&self.fate.field.code), stage.today()).is_ok()
    }

    /// Two officers whose certificates serve today: the first one leads. Those whose certificate is out step aside.
    pub(super) fn pair(&mut self, stage: &Stage) -> Result<(Holder, Vec<PersonId>), Fault> {
        let all = stage.staff.all(&self.organ, "enforcement_officer").to_vec();
        let count = all.len().max(1);
        let mut able = (0..count).filter(|offset| {
            all.get((self.first + offset) % count).is_some_and(|holder| self.certified(stage, holder))
        });
        let lead = able.next().unwrap_or(0);
        let other = able.find(|offset| (self.first + offset) % count == self.second % count || *offset > lead);
        drop(able);
        self.first = (self.first + lead) % count;
        let holder = stage.staff.nth(&self.organ, "enforcement_officer", self.first)?;
        let mut present = vec![holder.person];
        if let Some(town) = self.fate.town.and_then(|town| stage.scenario.county.towns.get(town)) {
            let team = stage.staff.all(&format!("{}_team", town.code), "enforcement_officer");
            present
                .extend(team.iter().filter(|holder| self.certified(stage, holder)).take(2).map(|holder| holder.person));
        }
        if let Some(other) = other.filter(|_| present.len() < 2) {
            self.second = (self.first + other - lead) % count;
            present.push(stage.staff.nth(&self.organ, "enforcement_officer", self.second)?.person);
        }
        Ok((holder, present))
    }

    fn with_officers(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, mut input: Input) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let (who, present) = self.pair(stage)?;
        input.officers = present;
        stage.act(tx, &who, on(matter, step, input)).map(|_| ())
    }

    pub(super) fn text(&mut self, stage: &Stage, key: &str) -> String {
        self.offence.text(&stage.pools, key, &mut self.fate.chance)
    }

    fn register(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let source = self.fate.chance.share(&stage.scenario.penalty.source).to_owned();
        let mut input = self.offence.lead(&stage.pools, &source, stage.today(), &mut self.fate.chance);
        if let Some(town) = self.fate.town.and_then(|town| stage.scenario.county.towns.get(town)) {
            input = input.with("entrusted_body", format!("{}_team", town.code));
        }
        if let Some(power) = powers::power_for(stage, &self.fate.field.code, &self.offence.violation) {
            input = input.with("power", power.to_string());
        }
        let (who, _) = self.pair(stage)?;
        let matter = stage.act(tx, &who, open("penalty", "register", input))?.matter;
        self.matter = Some(matter);
        stage.enter(self.fate.scene.as_ref().and_then(|scene| scene.id.as_ref()), matter);
        // What came to the wrong bureau is a lead all the same; it goes on to the one whose power it is.
        let own = self.organ == self.fate.field.organ;
        self.after(stage, "lead_to_filing", if own { Act::File } else { Act::TransferOrgan });
        Ok(())
    }

    fn file(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (lead, _) = self.pair(stage)?;
        let reason = self.text(stage, "filing_reason");
        let input = Input { assignee: Some(lead.person), ..Input::default().with("file_reason", reason) };
        self.leader(stage, tx, "file", input)?;
        self.filed = stage.today();
        if self.fate.preserve {
            self.agenda.add(stage.today(), Act::Preserve);
        }
        self.after(stage, "filing_to_inquiry", Act::Investigate);
        Ok(())
    }

    fn preserve(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (_, officers) = self.pair(stage)?;
        let input = Input { officers, evidence: stage.document("process_video"), ..Input::default() }
            .with("preserve_items", self.text(stage, "preserve"))
            .with("preserve_reason", "不及时登记保存，证据可能灭失")
            .with("preserve_place", "由执法机关保存");
        self.by(stage, tx, "organ_head", "preserve", input)?;
        self.soon(stage, (2, 5), Act::HandlePreserved);
        Ok(())
    }

    fn investigate(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let record = self.text(stage, "inquiry");
        let told = format!("执法人员出示执法证件，告知权利义务，现场检查并询问当事人。{record}");
        let mut input = Input::default().with("investigation", "site_inspection|inquiry");
        input = input.with("investigation_record", told).with("questioned", "当事人");
        input.evidence = ["site_record", "inquiry_record"].into_iter().flat_map(|kind| stage.document(kind)).collect();
        self.with_officers(stage, tx, "investigate", input)?;
        let plan = &stage.scenario.penalty;
        if self.fate.chance.happens(plan.recusal_share) && self.fate.town.is_none() {
            self.agenda.add(stage.today(), Act::Recuse);
        }
        let next = match self.fate.end {
            End::Withdrawn => Act::Withdraw,
            End::OtherOrgan => Act::TransferOrgan,
            End::Judicial => Act::ReportCrime,
            End::Penalty | End::Minor | End::Unfounded => Act::EndInvestigation,
        };
        // What was preserved is dealt with before the investigation ends (行政处罚法§56: seven days).
        let days = plan.delay.get("inquiry_to_report").map_or(10, |delay| self.fate.chance.delay(delay));
        let earliest = stage.after_work_days(self.filed, 7);
        let day = stage.work_day(stage.today().plus(days));
        self.agenda.add(if self.fate.preserve { day.max(earliest) } else { day }, next);
        Ok(())
    }

    fn end_investigation(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let grounds = match (self.fate.extra_review, self.fate.hearing) {
            (true, _) => "complex",
            (false, true) => "major_rights",
            (false, false) => "none_apply",
        };
        let gravity = if self.fate.collective { "complex" } else { "ordinary" };
        let penalised = self.fate.end == End::Penalty;
        let input = self.offence.report(&stage.pools, (grounds, gravity), penalised, &mut self.fate.chance);
        self.with_officers(stage, tx, "end_investigation", input)?;
        self.after(stage, "report_to_notice", if penalised { Act::Notify } else { Act::Exempt });
        Ok(())
    }

    /// What the party does after the notice; the windows begin today.
    fn served_notice(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.by(stage, tx, "enforcement_officer", "serve_notice", Input::default().with("notice_delivery", "direct"))?;
        let Some(matter) = self.matter else { return Ok(()) };
        let state = matters::find_state(tx, &stage.desk.county, matter)?;
        let offered = state.is_some_and(|state| state.track("hearing").is_some_and(|now| now.as_str() == "offered"));
        self.fate.hearing &= offered;
        match self.fate.voice {
            Voice::Waives => self.soon(stage, (0, 2), Act::WaiveDefence),
            Voice::Defends { .. } => self.soon(stage, (1, 2), Act::Defend),
            Voice::Silent => {}
        }
        if self.fate.hearing {
            self.soon(stage, (1, 4), Act::RequestHearing);
            return Ok(());
        }
        let waits = match (offered, self.fate.voice) {
            (true, Voice::Waives) => {
                self.soon(stage, (2, 3), Act::WaiveHearing);
                4
            }
            (true, _) => 6,
            (false, Voice::Waives) => 3,
            (false, _) => 4,
        };
        self.soon(stage, (waits, waits + 2), Act::Submit);
        Ok(())
    }

    fn submit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let mut input =
            Input::default().with("handling_opinion", "建议按照拟处罚意见作出决定，陈述申辩和听证意见已经复核。");
        if self.heard {
            input = input.with("hearing_handling", if self.fate.hearing_changes { "lighter" } else { "kept" });
        }
        self.by(stage, tx, "enforcement_officer", "submit", input)?;
        if self.fate.extra_review || self.heard {
            self.agenda.add(stage.today(), Act::SendReview);
        } else {
            self.towards_decision(stage);
        }
        Ok(())
    }

    fn towards_decision(&mut self, stage: &Stage) {
        if self.fate.late {
            let decided = stage.work_day(self.filed.plus(91));
            self.agenda
                .add(stage.after_work_days(decided, self.fate.chance.between(1, 3)).max(stage.today()), Act::EnterLate);
        } else if self.fate.collective {
            self.soon(stage, (1, 4), Act::Deliberate);
        } else {
            self.soon(stage, (0, 2), Act::Decide);
        }
    }

    fn give_review(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.fate.rejected {
            self.fate.rejected = false;
            let opinion = self.text(stage, "legal_review_reject");
            self.linked(stage, tx, ("legal_reviewer", 0), "require_change", Input::default().with("opinion", opinion))?;
            self.soon(stage, (2, 5), Act::Resubmit);
            return Ok(());
        }
        let opinion = self.text(stage, "legal_review_pass");
        let points = "authority|officers|facts|basis|discretion|procedure|documents|crime";
        self.linked(
            stage,
            tx,
            ("legal_reviewer", 0),
            "agree",
            Input::default().with("points", points).with("opinion", opinion),
        )?;
        self.towards_decision(stage);
        Ok(())
    }

    /// The heads' meeting, entered by the clerk from the signed minutes.
    fn deliberate(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let clerk = self.holder(stage, "enforcement_clerk", 0)?;
        let record = self.text(stage, "collective");
        let input = Input::default()
            .with("meeting_members", "局长、各分管副局长、法制机构负责人")
            .with("meeting_record", record);
        let manner = Manner::SignedForm {
            decided_by: Decider::Meeting("行政处罚案件集体讨论会".to_owned()),
            day: stage.today(),
            original: stage.files.get("meeting_minutes").map(|file| file.digest),
        };
        let command = Command { target: Target::On(matter), step: "deliberate".into(), input, manner };
        stage.act(tx, &clerk, command)?;
        self.soon(stage, (0, 2), Act::Decide);
        Ok(())
    }

    fn decision(&mut self, stage: &Stage) -> Input {
        let lighter =
            matches!(self.fate.voice, Voice::Defends { accepted: true }) || (self.heard && self.fate.hearing_changes);
        let share = if lighter { self.fate.chance.between(60, 90) } else { 100 };
        self.offence.decision(&stage.scenario.scenario.bank, share)
    }

    /// 补录: decided on paper after the ninety days of 行政处罚法§60, entered afterwards and flagged.
    fn enter_late(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(matter) = self.matter else { return Ok(()) };
        let clerk = self.holder(stage, "enforcement_clerk", 0)?;
        let head = self.holder(stage, "organ_head", 0)?;
        let day = stage.work_day(self.filed.plus(91)).min(stage.today());
        let manner = Manner::Late {
            decided_by: Some(Decider::Person(head.person)),
            day,
            original: stage.files.get("signed_form").map(|file| file.digest),
            number: Some(format!("演补罚决字〔{}〕{}号", day.year(), self.fate.chance.between(1, 90))),
        };
        let reason = self.text(stage, "late");
        let input = Input { reason: Some(reason), ..self.decision(stage) };
        let command = Command { target: Target::On(matter), step: "decide_penalty".into(), input, manner };
        stage.act(tx, &clerk, command)?;
        self.after_decision(stage);
        Ok(())
    }
}

impl Script for Penalty {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let Some(act) = self.agenda.take(stage.today()) else { return Ok(()) };
        if self.fate.scene.as_ref().is_some_and(|scene| scene.until == Some(act)) {
            self.agenda = Agenda::default();
            return Ok(());
        }
        match act {
            Act::Register => self.register(stage, tx),
            Act::File => self.file(stage, tx),
            Act::Preserve => self.preserve(stage, tx),
            Act::Investigate => self.investigate(stage, tx),
            Act::EndInvestigation => self.end_investigation(stage, tx),
            Act::ServeNotice => self.served_notice(stage, tx),
            Act::Submit => self.submit(stage, tx),
            Act::GiveReview => self.give_review(stage, tx),
            Act::Deliberate => self.deliberate(stage, tx),
            Act::EnterLate => self.enter_late(stage, tx),
            Act::Decide => {
                let input = self.decision(stage);
                self.by(stage, tx, "organ_head", "decide_penalty", input)?;
                self.after_decision(stage);
                Ok(())
            }
            Act::Notify => {
                self.leader(stage, tx, "notify", self.offence.notice())?;
                self.soon(stage, (0, 2), Act::ServeNotice);
                Ok(())
            }
            Act::HandlePreserved => {
                let note = self.text(stage, "preserve_result");
                let input =
                    Input::default().with("preserve_disposition", self.disposition()).with("preserve_note", note);
                self.by(stage, tx, "organ_head", "handle_preserved", input)?;
                self.seize(stage, tx)
            }
            Act::ReportCrime => {
                let input = Input::default().with("crime", "涉嫌犯罪（罪名由公安机关认定）");
                let report = self.text(stage, "transferred_judicial");
                self.with_officers(stage, tx, "report_crime", input.with("crime_report", report))?;
                self.soon(stage, (0, 1), Act::TransferPolice);
                Ok(())
            }
            act @ (Act::Defend
            | Act::ReviewDefence
            | Act::WaiveDefence
            | Act::WaiveHearing
            | Act::RequestHearing
            | Act::Recuse) => self.party(act, stage, tx),
            act @ (Act::Appoint | Act::FixDate | Act::Hold | Act::Report) => self.hearing(act, stage, tx),
            act @ (Act::SendReview | Act::AcceptReview | Act::Resubmit) => self.review(act, stage, tx),
            act => self.aftermath(act, stage, tx),
        }
    }
}
