//! Legal aid as it is given: what the centre, a station, the applicant and the bureau do with one case, and when.
//!
//! Does not belong here: which cases there are (`aid_plan.rs`), what the law asks (law/procedures/grassroots/legal_aid.toml).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Input};

use super::Fault;
use super::aid_plan::{AidKind, AidPool, End, Fate, Way};
use super::pools::fill;
use super::stage::{Agenda, Holder, Script, Stage, open};
use crate::store::Tx;

/// The organ of the scenario that gives legal aid, and the bureau that set it up.
const CENTRE: &str = "legal_aid_centre";
const BUREAU: &str = "justice";

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Apply,
    AskSupplement,
    Complete,
    Examine,
    Decide,
    ServeRefusal,
    Object,
    Judge,
    ServeUphold,
    Assign,
    MakeUp,
    Progress,
    Change,
    Terminate,
    ServeTermination,
    Finish,
    Submit,
    Pay,
}

/// One case.
pub(super) struct Case {
    fate: Fate,
    pool: Arc<AidPool>,
    matter: Option<MatterId>,
    form: String,
    agenda: Agenda<Act>,
}

impl Case {
    /// A case that comes in on its day.
    pub(super) fn new(fate: Fate, pool: Arc<AidPool>) -> Self {
        let mut agenda = Agenda::default();
        agenda.add(fate.day, Act::Apply);
        Self { fate, pool, matter: None, form: "civil_litigation".to_owned(), agenda }
    }

    fn kind(&self) -> Option<&AidKind> {
        self.pool.kind.iter().find(|kind| kind.cause == self.fate.cause)
    }

    fn draw(&mut self, from: impl Fn(&AidPool) -> &Vec<String>) -> String {
        let text = self.fate.chance.pick(from(&self.pool)).cloned().unwrap_or_default();
        fill(&text, &mut self.fate.chance, &BTreeMap::new())
    }

    fn after(&mut self, stage: &Stage, delay: &str, act: Act) {
        let day = stage.delayed(&stage.scenario.legal_aid.delay, delay, &mut self.fate.chance);
        self.agenda.add(day, act);
    }

    fn staff(&mut self, stage: &Stage, post: &str) -> Result<Holder, Fault> {
        let nth = self.fate.chance.below(stage.staff.all(CENTRE, post).len().max(1));
        stage.staff.nth(CENTRE, post, nth)
    }

    /// Somebody of the centre does something on the matter.
    fn step(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        as_post: &str,
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let who = self.staff(stage, as_post)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    /// Somebody of the bureau does something on the matter.
    fn bureau(
        &mut self,
        stage: &mut Stage,
        tx: &mut Tx<'_>,
        as_post: &str,
        step: &str,
        input: Input,
    ) -> Result<(), Fault> {
        let who = stage.staff.nth(BUREAU, as_post, 0)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn apply(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let scene = self.fate.scene.as_ref().and_then(|scene| scene.id.clone());
        let done = if self.fate.way == Way::Notice { self.notice(stage, tx)? } else { self.request(stage, tx)? };
        self.matter = Some(done);
        stage.enter(scene.as_ref(), done);
        match (self.fate.way, self.fate.end) {
            (Way::Notice, _) => self.after(stage, "decision_to_assignment", Act::Assign),
            (_, End::Withdrawn) => self.after(stage, "application_to_examination", Act::Terminate),
            _ if self.fate.urgent => self.agenda.add(stage.today(), Act::Decide),
            _ if self.fate.completes => self.after(stage, "application_to_examination", Act::AskSupplement),
            _ => self.after(stage, "application_to_examination", Act::Examine),
        }
        Ok(())
    }

    fn notice(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<MatterId, Fault> {
        let who = self.staff(stage, "aid_clerk")?;
        let chance = &mut self.fate.chance;
        const GROUNDS: [&str; 4] = ["minor", "ordinary_procedure", "disabled", "ordinary_procedure"];
        let ground = chance.pick(&GROUNDS).copied().unwrap_or("minor");
        let court = ground == "ordinary_procedure" || chance.happens(0.5);
        let county = stage.scenario.scenario.county_name.clone();
        let name = if court { stage.scenario.scenario.court.clone() } else { format!("{county}公安局") };
        self.form = "criminal_defence".to_owned();
        let mut input = Input::default()
            .with("notifying_organ", if court { "court" } else { "police" })
            .with("notifying_name", name)
            .with("notice_number", format!("演通辩〔{}〕{}号", stage.today().year(), chance.between(1, 300)))
            .with("notice_ground", ground)
            .with("cause", "criminal")
            .with("service_form", "criminal_defence")
            .with("people_count", "1");
        input.parties = vec![stage.pools.names.party(chance).as_party("accused", "")];
        input.evidence = stage.document("notice_letter");
        Ok(stage.act(tx, &who, open("legal_aid", "receive_notice", input))?.matter)
    }

    fn request(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<MatterId, Fault> {
        let towns = &stage.scenario.county.towns;
        let town = self.fate.chance.pick(towns).cloned();
        let (code, place, name) = town.map(|town| (town.code, town.place, town.name)).unwrap_or_default();
        let address = format!("{}{}", stage.scenario.scenario.county_name, name.trim_end_matches("人民政府"));
        let chance = &mut self.fate.chance;
        let (first, second) = (stage.pools.names.party(chance), stage.pools.names.party(chance));
        let kind = self.pool.kind.iter().find(|kind| kind.cause == self.fate.cause);
        let text = kind.and_then(|kind| chance.pick(&kind.texts)).cloned().unwrap_or_default();
        if let Some(form) = kind.and_then(|kind| chance.pick(&kind.forms)) {
            self.form.clone_from(form);
        }
        let values = BTreeMap::from([
            ("a", first.name.clone()),
            ("b", second.name.clone()),
            ("year", format!("{}年", self.fate.day.year())),
            ("month", format!("{}月", self.fate.day.month())),
        ]);
        let mut input = Input::default()
            .with("cause", self.fate.cause.as_str())
            .with("place", place)
            .with("people_count", self.fate.people.to_string())
            .with("summary", fill(&text, chance, &values));
        if self.fate.awarded > 0 {
            input = input.with("amount_claimed", (self.fate.awarded * 12 / 10).to_string());
        }
        let opponent = second.as_party("opponent", "");
        input.parties = vec![first.as_party("recipient", &address), opponent];
        let group = kind.map_or("other", |kind| kind.group.as_str()).to_owned();
        let done = match self.fate.way {
            Way::Portal => stage.act_as(tx, Actor::Citizen, open("legal_aid", "apply_online", input))?,
            Way::Station => {
                let station = format!("{code}_station");
                let who = stage.staff.nth(&station, "justice_station_head", 0)?;
                let input = input.with("station", station).with("recipient_groups", group);
                stage.act(tx, &who, open("legal_aid", "register_at_station", input))?
            }
            _ => {
                let who = self.staff(stage, "aid_clerk")?;
                let input = input.with("service_form", self.form.as_str()).with("recipient_groups", group);
                stage.act(tx, &who, open("legal_aid", "register", input))?
            }
        };
        Ok(done.matter)
    }

    /// What is known of the recipient when the case is examined, provided at once or made up for.
    fn about(&self, input: Input) -> Input {
        let group = self.kind().map_or("other", |kind| kind.group.as_str());
        input
            .with("service_form", self.form.as_str())
            .with("recipient_groups", group)
            .with("people_count", self.fate.people.to_string())
    }

    fn means(&mut self, stage: &Stage, input: Input) -> Input {
        let exempt = self.kind().map(|kind| kind.exempt.clone()).unwrap_or_default();
        if self.fate.cause == "domestic_violence" {
            return input.with("means_way", "no_means_test");
        }
        if !exempt.is_empty() {
            let mut input = input.with("means_way", "exempt").with("exempt_ground", exempt);
            input.evidence = stage.document("exempt_proof");
            return input;
        }
        let way = if self.fate.chance.happens(0.6) { "promise" } else { "shared_data" };
        input.with("means_way", way).with("means_result", "hardship")
    }

    fn refused(&self) -> bool {
        matches!(self.fate.end, End::Refused | End::Corrected | End::Upheld)
    }

    fn examine(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = if self.refused() {
            let input = self.about(Input::default()).with("cause", self.fate.cause.as_str()).with("in_scope", "yes");
            input.with("means_way", "shared_data").with("means_result", "not_hardship")
        } else {
            let input = self.about(Input::default()).with("cause", self.fate.cause.as_str()).with("in_scope", "yes");
            self.means(stage, input)
        };
        let opinion = if self.refused() { self.draw(|p| &p.refusals) } else { self.draw(|p| &p.opinions) };
        self.step(stage, tx, "aid_clerk", "examine", input.with("opinion", opinion))?;
        self.after(stage, "examination_to_decision", Act::Decide);
        Ok(())
    }

    fn decide(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.refused() {
            let note = self.draw(|p| &p.refusals);
            let input = Input::default().with("refusal_reason", "not_hardship").with("refusal_note", note);
            self.step(stage, tx, "aid_head", "refuse", input)?;
            self.after(stage, "service", Act::ServeRefusal);
            return Ok(());
        }
        if self.fate.urgent {
            let until = stage.today().plus(self.fate.chance.between(2, 6)).to_string();
            let input = self.about(Input::default()).with("urgent_ground", "limitation").with("urgent_until", until);
            self.step(stage, tx, "aid_head", "provide_first", input)?;
            self.after(stage, "make_up", Act::MakeUp);
        } else {
            self.step(stage, tx, "aid_head", "grant", Input::default())?;
        }
        self.after(stage, "decision_to_assignment", Act::Assign);
        Ok(())
    }

    fn object(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let text = self.draw(|p| &p.objections);
        self.bureau(stage, tx, "grassroots_clerk", "object", Input::default().with("objection", text))?;
        self.after(stage, "objection", Act::Judge);
        Ok(())
    }

    fn judge(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if self.fate.end == End::Upheld {
            let input = Input::default().with("objection_opinion", "经复核收入情况，原决定认定事实清楚，予以维持。");
            self.bureau(stage, tx, "organ_head", "uphold", input)?;
            self.after(stage, "service", Act::ServeUphold);
        } else {
            let text = "经复核，申请人有证明免予核查的材料，不得以经济状况为由拒绝，责令改正。";
            self.bureau(stage, tx, "organ_head", "order_grant", Input::default().with("objection_opinion", text))?;
            // What was found on review stands corrected before the centre decides anew.
            let input = Input {
                reason: Some("按异议审查决定更正核查结果".to_owned()),
                ..Input::default().with("means_result", "hardship")
            };
            self.step(stage, tx, "aid_clerk", "_correct", input)?;
            self.fate.end = End::Aided;
            self.after(stage, "examination_to_decision", Act::Decide);
        }
        Ok(())
    }

    fn helper(&mut self, stage: &Stage) -> Input {
        let name = stage.pools.names.party(&mut self.fate.chance);
        let office = self.draw(|p| &p.offices);
        let grassroots = office.contains("基层") && self.fate.way != Way::Notice;
        let office = if office.contains("基层") && !grassroots {
            "演示律师事务所（虚构）".to_owned()
        } else {
            office
        };
        Input::default()
            .with("helper_kind", if grassroots { "grassroots_worker" } else { "lawyer" })
            .with("helper_name", name.name)
            .with("helper_phone", name.phone)
            .with("helper_office", office)
            .with("helper_years", self.fate.chance.between(3, 25).to_string())
    }

    fn assign(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = self.helper(stage);
        self.step(stage, tx, "aid_clerk", "assign", input)?;
        let end = stage.today().plus(self.fate.handling);
        if self.fate.chance.happens(stage.scenario.legal_aid.progress_share) {
            self.agenda.add(stage.work_day(stage.today().plus(self.fate.handling / 2)), Act::Progress);
        }
        if self.fate.changes {
            self.agenda.add(stage.work_day(stage.today().plus(self.fate.handling / 3)), Act::Change);
        }
        let last = if self.fate.end == End::Terminated { Act::Terminate } else { Act::Finish };
        self.agenda.add(stage.work_day(end), last);
        Ok(())
    }

    /// The applicant withdraws, or the aid ends early.
    fn terminate(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.fate.end {
            End::Withdrawn => {
                let input = Input::default().with("withdraw_note", "申请人与对方自行和解，撤回申请。");
                self.step(stage, tx, "aid_clerk", "withdraw", input)
            }
            End::Deemed => self.step(stage, tx, "aid_clerk", "deem_withdrawn", Input::default()),
            _ => {
                let input = Input::default()
                    .with("terminate_ground", "own_lawyer")
                    .with("terminate_note", "受援人已自行委托律师，不再需要法律援助。");
                self.step(stage, tx, "aid_head", "terminate", input)?;
                self.after(stage, "service", Act::ServeTermination);
                Ok(())
            }
        }
    }

    fn finish(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (awarded, share) = (self.fate.awarded, stage.scenario.legal_aid.received_share);
        let received = if self.fate.chance.happens(share) { awarded } else { awarded * 4 / 10 / 10 * 10 };
        let report = self.draw(|p| &p.reports);
        let result = if self.fate.way == Way::Notice { "opinion_adopted" } else { "supported" };
        let input = Input::default()
            .with("result", result)
            .with("amount_awarded", awarded.to_string())
            .with("amount_received", received.to_string())
            .with("report", report);
        self.step(stage, tx, "aid_clerk", "finish", input)?;
        self.after(stage, "finish_to_file", Act::Submit);
        Ok(())
    }

    fn play(&mut self, act: Act, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let input = Input::default();
        let served = || Input::default().with("served_how", "当面送达，申请人签收");
        match act {
            Act::Apply => self.apply(stage, tx),
            Act::AskSupplement => {
                let text = self.draw(|p| &p.missing);
                self.step(stage, tx, "aid_clerk", "ask_supplement", input.with("missing_material", text))?;
                if self.fate.end == End::Deemed {
                    let day = stage.work_day(stage.today().plus(9));
                    self.agenda.add(day, Act::Terminate);
                } else {
                    self.after(stage, "supplement", Act::Complete);
                }
                Ok(())
            }
            Act::Complete => {
                let text = self.draw(|p| &p.hardship);
                let input = input.with("supplement_note", "材料已补齐。").with("means_statement", text);
                self.step(stage, tx, "aid_clerk", "supplement", input)?;
                self.after(stage, "application_to_examination", Act::Examine);
                Ok(())
            }
            Act::Examine => self.examine(stage, tx),
            Act::Decide => self.decide(stage, tx),
            Act::ServeRefusal => {
                self.step(stage, tx, "aid_clerk", "serve_refusal", served())?;
                if matches!(self.fate.end, End::Corrected | End::Upheld) {
                    self.after(stage, "objection", Act::Object);
                }
                Ok(())
            }
            Act::Object => self.object(stage, tx),
            Act::Judge => self.judge(stage, tx),
            Act::ServeUphold => self.bureau(stage, tx, "grassroots_clerk", "serve_uphold", served()),
            Act::Assign => self.assign(stage, tx),
            Act::MakeUp => {
                let input =
                    self.means(stage, input.with("in_scope", "yes").with("make_up_note", "申请表和证明材料已补齐。"));
                self.step(stage, tx, "aid_clerk", "make_up", input)
            }
            Act::Progress => {
                let text = self.draw(|p| &p.progress);
                self.step(stage, tx, "aid_clerk", "progress", input.with("stage", "evidence").with("stage_note", text))
            }
            Act::Change => {
                let input = self.helper(stage).with("change_reason", "requested");
                self.step(stage, tx, "aid_clerk", "change_helper", input)
            }
            Act::Terminate => self.terminate(stage, tx),
            Act::ServeTermination => self.step(stage, tx, "aid_clerk", "serve_termination", served()),
            Act::Finish => self.finish(stage, tx),
            Act::Submit => {
                let input = Input { evidence: stage.document("closing_file"), ..input };
                self.step(stage, tx, "aid_clerk", "submit_file", input)?;
                self.after(stage, "file_to_allowance", Act::Pay);
                Ok(())
            }
            Act::Pay => {
                let sum = if self.form == "criminal_defence" { "1500" } else { "1200" };
                self.step(stage, tx, "aid_head", "pay_allowance", input.with("allowance", sum))
            }
        }
    }
}

impl Script for Case {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let end = self.fate.scene.as_ref().map(|scene| scene.until);
        let Some(act) = self.agenda.take_before(stage.today(), end.as_ref()) else { return Ok(()) };
        self.play(act, stage, tx)
    }
}
