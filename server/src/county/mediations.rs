//! People's mediation as it is done: what the mediator, the committee's head and the station do with one dispute, and when.
//!
//! Does not belong here: how a dispute reads (`dispute.rs`), what the law asks (law/procedures/grassroots/mediation.toml).

use serde::Deserialize;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Input};

use super::Fault;
use super::dispute::Story;
use super::docket::{End, Fate, Keeping, Ruling};
use super::stage::{Agenda, Committee, Holder, Script, Stage, on, open};
use crate::store::Tx;

/// What somebody does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the steps of the procedure, in its words")]
pub enum Act {
    Register,
    Accept,
    Inform,
    Inquire,
    Invite,
    Escalate,
    Sit,
    Finish,
    Urge,
    Keep,
    Breach,
    Visit,
    ApplyConfirmation,
    Rule,
    Close,
}

/// One dispute.
pub(super) struct Mediation {
    fate: Fate,
    story: Story,
    committee: Committee,
    mediator: usize,
    sittings: u8,
    matter: Option<MatterId>,
    agenda: Agenda<Act>,
}

impl Mediation {
    /// A dispute that is registered on its day.
    pub(super) fn new(stage: &Stage, mut fate: Fate) -> Result<Self, Fault> {
        let committee = committee_for(stage, &mut fate)?;
        let mut agenda = Agenda::default();
        agenda.add(fate.day, Act::Register);
        let story = Story::new(stage, &committee, &fate.kind, fate.day, &mut fate.chance)?;
        let drawn = fate.chance.below(stage.staff.all(&committee.organ, "mediator").len());
        let mediator = if fate.scene.is_some() { 0 } else { drawn };
        Ok(Self { fate, story, committee, mediator, sittings: 0, matter: None, agenda })
    }

    fn mediator(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.committee.organ, "mediator", self.mediator)
    }

    fn head(&self, stage: &Stage) -> Result<Holder, Fault> {
        stage.staff.nth(&self.committee.organ, "mediation_head", 0)
    }

    fn after(&mut self, stage: &Stage, delay: &str, act: Act) {
        let day = stage.delayed(&stage.scenario.mediation.delay, delay, &mut self.fate.chance);
        self.agenda.add(day, act);
    }

    /// The mediator does something on the matter.
    fn step(&mut self, stage: &mut Stage, tx: &mut Tx<'_>, step: &str, input: Input) -> Result<(), Fault> {
        let who = self.mediator(stage)?;
        stage.take(tx, &who, self.matter, step, input)
    }

    fn register(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let plan = stage.scenario.mediation.clone();
        let chance = &mut self.fate.chance;
        let scene = self.fate.scene.clone();
        let portal = chance.happens(plan.portal_share) && scene.is_none() || scene.as_ref().is_some_and(|s| s.portal);
        let source = if portal { "party_application" } else { chance.share(&plan.source) }.to_owned();
        let at_station =
            !portal && ["police_transfer", "court_entrusted"].contains(&source.as_str()) && chance.happens(0.6);
        let private = chance.happens(plan.private_share);
        let input = self.story.register(&self.committee.organ, private);
        let input = if self.story.is_wages() && !portal { input.with("wage_arrears", "yes") } else { input };
        let done = if portal {
            stage.act_as(tx, Actor::Citizen, open("mediation", "apply_online", input))?
        } else if at_station {
            let post = if self.committee.town.is_some() { "justice_station_head" } else { "grassroots_clerk" };
            let who = stage.staff.nth(&self.committee.station, post, 0)?;
            stage.act(tx, &who, open("mediation", "register_at_station", input.with("source", source.as_str())))?
        } else {
            let who = self.mediator(stage)?;
            stage.act(tx, &who, open("mediation", "register", input.with("source", source.as_str())))?
        };
        self.matter = Some(done.matter);
        stage.enter(scene.as_ref().and_then(|scene| scene.id.as_ref()), done.matter);
        self.story.source = source;
        self.story.private = private;
        if self.fate.end == End::Refused && self.fate.chance.happens(0.5) {
            self.after(stage, "inquiry", Act::Finish);
        } else {
            self.after(stage, "register_to_accept", Act::Accept);
        }
        Ok(())
    }

    fn accept(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let plan = stage.scenario.mediation.clone();
        let Some(matter) = self.matter else { return Ok(()) };
        let mediator = self.mediator(stage)?;
        let chosen = self.fate.chance.happens(plan.party_chooses_mediator);
        let mut input = Input::default()
            .with("source", self.story.source.as_str())
            .with("mediator_choice", if chosen { "chosen" } else { "appointed" });
        let all = stage.staff.all(&self.committee.organ, "mediator").len();
        if self.fate.chance.happens(plan.two_mediators_share) && all > 1 {
            let other = stage.staff.nth(&self.committee.organ, "mediator", self.mediator + 1)?;
            input = input.with("co_mediator", other.person.to_string());
        }
        if self.fate.joint {
            const JOINT: [&str; 4] = [
                "court|police_station|justice_station",
                "police_station|justice_station",
                "court|justice_station",
                "court|police_station|justice_station|town_government",
            ];
            input = input.with("joint_with", self.fate.chance.pick(&JOINT).copied().unwrap_or_default());
        }
        input.assignee = Some(mediator.person);
        let head = self.head(stage)?;
        stage.act(tx, &head, on(matter, "accept", input))?;
        stage.assign(mediator.person, matter);
        if self.fate.end == End::Withdrawn && self.fate.chance.happens(0.5) {
            self.after(stage, "inquiry", Act::Finish);
        } else {
            self.after(stage, "accept_to_first_sitting", Act::Inform);
        }
        Ok(())
    }

    fn inform(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.step(
            stage,
            tx,
            "inform",
            Input::default().with("public_wish", if self.story.private { "closed" } else { "open" }),
        )?;
        let plan = stage.scenario.mediation.clone();
        if self.fate.end == End::Refused {
            self.agenda.add(stage.today(), Act::Finish);
            return Ok(());
        }
        let mut sitting = stage.today();
        if self.fate.chance.happens(0.5) {
            self.agenda.add(sitting, Act::Inquire);
            if let Some(delay) = plan.delay.get("inquiry") {
                sitting = stage.later(&mut self.fate.chance, sitting, delay);
            }
        }
        if self.fate.chance.happens(plan.invited_share) {
            self.agenda.add(sitting, Act::Invite);
        }
        self.sittings = self.fate.chance.share(&plan.rounds).parse().unwrap_or(1);
        self.agenda.add(sitting, Act::Sit);
        Ok(())
    }

    fn sit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let mediator = self.mediator(stage)?.name;
        let last = self.sittings <= 1;
        let agrees = last && self.fate.end == End::Agreement;
        let record = self.story.sitting(&stage.pools, &mediator, stage.today(), agrees, &mut self.fate.chance);
        let place = if self.fate.chance.happens(0.7) {
            format!("{}调解室", self.committee.name)
        } else {
            format!("{}当事人家中", self.committee.place.name)
        };
        self.step(stage, tx, "mediate", Input::default().with("session_record", record).with("session_place", place))?;
        if self.fate.escalates {
            self.fate.escalates = false;
            self.agenda.add(stage.today(), Act::Escalate);
        }
        self.sittings = self.sittings.saturating_sub(1);
        if last {
            self.agenda.add(stage.today(), Act::Finish);
        } else {
            self.after(stage, "between_sittings", Act::Sit);
        }
        Ok(())
    }

    fn finish(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        match self.fate.end {
            End::Agreement => return self.agree(stage, tx),
            End::Refused => {
                let side = if self.fate.chance.happens(0.8) { "respondent" } else { "applicant" };
                let note = self.story.text(&stage.pools, "refused", &mut self.fate.chance);
                let input =
                    Input::default().with("refusing_party", side).with("remedies_told", "litigation|administrative");
                self.step(stage, tx, "party_refuses", input.with("failure_note", note))?;
            }
            End::Failed => {
                let reason = self
                    .fate
                    .chance
                    .pick(&["no_agreement", "no_agreement", "absent", "not_signed", "chose_other"])
                    .copied()
                    .unwrap_or("other");
                let note = self.story.text(&stage.pools, "failed", &mut self.fate.chance);
                let remedies = if self.fate.kind == "labour" { "arbitration|litigation" } else { "litigation" };
                let input = Input::default()
                    .with("failure_reason", reason)
                    .with("remedies_told", remedies)
                    .with("failure_note", note);
                self.step(stage, tx, "fail", input)?;
            }
            End::Withdrawn => {
                let note = self.story.text(&stage.pools, "withdrawn", &mut self.fate.chance);
                self.step(stage, tx, "withdraw", Input::default().with("withdraw_note", note))?;
            }
        }
        self.after(stage, "visit_to_archive", Act::Close);
        Ok(())
    }

    fn agree(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let plan = stage.scenario.mediation.clone();
        let today = stage.today();
        let at_once = self.fate.keeping == Keeping::AtOnce;
        let term = plan.delay.get("performance_term").map_or(15, |delay| self.fate.chance.delay(delay));
        let until = if at_once { today } else { today.plus(term.max(3)) };
        self.story.settle(&stage.pools, until, &mut self.fate.chance);
        let promise = |input: Input| {
            let input = input.with("performed_at_once", if at_once { "yes" } else { "no" });
            if at_once { input } else { input.with("perform_by", until.to_string()) }
        };
        if self.fate.oral {
            let input = promise(self.story.agreement().with("written_not_needed", "yes"));
            self.step(stage, tx, "agree_orally", input)?;
        } else {
            let paper = self.story.agreement().with("facts", self.story.facts.as_str());
            self.step(stage, tx, "draw_up", if at_once { paper } else { paper.with("perform_by", until.to_string()) })?;
            let signed = Input::default()
                .with("parties_signed", "yes")
                .with("mediator_signed", "yes")
                .with("committee_sealed", "yes");
            self.step(stage, tx, "agree_written", promise(signed))?;
            self.step(
                stage,
                tx,
                "_attach",
                Input { evidence: stage.document("agreement_signed"), ..Input::default() },
            )?;
        }
        self.plan_keeping(stage, today, until);
        let visits = if self.fate.oral { plan.after.oral_return_visit } else { plan.after.written_return_visit };
        if self.fate.chance.happens(visits) {
            self.after(stage, "agreement_to_visit", Act::Visit);
        }
        if self.fate.ruling.is_some() {
            self.after(stage, "agreement_to_confirmation", Act::ApplyConfirmation);
        }
        self.close_when_done(stage);
        Ok(())
    }

    fn plan_keeping(&mut self, stage: &Stage, today: Day, until: Day) {
        let chance = &mut self.fate.chance;
        let late = until.plus(chance.between(2, 9));
        match self.fate.keeping {
            Keeping::AtOnce => {}
            Keeping::InTime => {
                let day = today.plus(chance.between(1, until.days_since(today).max(1)));
                self.agenda.add(day, Act::Keep);
            }
            Keeping::Urged => {
                self.agenda.add(late, Act::Urge);
                self.agenda.add(late.plus(chance.between(2, 12)), Act::Keep);
            }
            Keeping::Breached => {
                self.agenda.add(late, Act::Urge);
                self.agenda.add(stage.work_day(late.plus(chance.between(5, 20))), Act::Breach);
            }
        }
    }

    /// The file is closed some days after the last thing that is still to be done.
    fn close_when_done(&mut self, stage: &Stage) {
        if self.agenda.next_day().is_none() {
            self.after(stage, "visit_to_archive", Act::Close);
        }
    }

    fn visit(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let happy = self.fate.chance.happens(stage.scenario.mediation.after.visit_satisfied)
            && self.fate.keeping != Keeping::Breached;
        let note = self.story.text(
            &stage.pools,
            if happy { "return_visit" } else { "return_visit_unhappy" },
            &mut self.fate.chance,
        );
        let rating = match happy {
            true if self.fate.chance.happens(0.85) => "satisfied",
            true => "basically",
            false => "unsatisfied",
        };
        let way = if self.fate.chance.happens(0.6) { "telephone" } else { "home" };
        self.step(
            stage,
            tx,
            "return_visit",
            Input::default().with("visit_way", way).with("satisfaction", rating).with("visit_note", note),
        )
    }

    fn rule(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (step, key) = match self.fate.ruling {
            Some(Ruling::Rejected) => ("confirmation_rejected", "rejected"),
            Some(Ruling::Withdrawn) => ("confirmation_withdrawn", "withdrawn"),
            _ => ("confirmation_granted", "confirmed"),
        };
        let note = stage.pools.common.of("confirmation_reasons", key, &mut self.fate.chance);
        let mut input = Input::default().with("ruling_note", note);
        if step != "confirmation_withdrawn" {
            let number = format!("（{}）演1224民特{}号", stage.today().year(), self.fate.chance.between(1, 400));
            input = input.with("court_case_no", number).with("ruling_day", stage.today().to_string());
        }
        self.step(stage, tx, step, input)
    }

    fn close(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        self.step(stage, tx, "close", Input::default())?;
        if let (Some(matter), Ok(mediator)) = (self.matter, self.mediator(stage)) {
            stage.release(mediator.person, matter);
        }
        Ok(())
    }
}

fn committee_for(stage: &Stage, fate: &mut Fate) -> Result<Committee, Fault> {
    let plan = &stage.scenario.mediation;
    let missing = || Fault::Missing { what: "人民调解委员会".to_owned() };
    if let Some(scene) = &fate.scene {
        let first = |c: &&Committee| c.level == "village" && c.place.name.ends_with('村');
        let named = |c: &&Committee| c.organ == scene.committee;
        let mut all = stage.committees.iter();
        let found = if scene.committee == "first_village" { all.find(first) } else { all.find(named) };
        return found.cloned().ok_or_else(missing);
    }
    let trades: Vec<&Committee> = stage.committees.iter().filter(|c| c.kinds.contains(&fate.kind)).collect();
    if !trades.is_empty() && fate.chance.happens(plan.industry_share) {
        return fate.chance.pick(&trades).copied().cloned().ok_or_else(missing);
    }
    let level = fate.chance.share(&plan.level).to_owned();
    let fitting: Vec<&Committee> = stage.committees.iter().filter(|c| c.level == level).collect();
    fate.chance.pick(&fitting).copied().cloned().ok_or_else(missing)
}

impl Script for Mediation {
    fn next_day(&self) -> Option<Day> {
        self.agenda.next_day()
    }

    fn act(&mut self, stage: &mut Stage, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let end = self.fate.scene.as_ref().map(|scene| &scene.until);
        let Some(act) = self.agenda.take_before(stage.today(), end) else { return Ok(()) };
        let input = Input::default();
        match act {
            Act::Register => return self.register(stage, tx),
            Act::Accept => return self.accept(stage, tx),
            Act::Inform => return self.inform(stage, tx),
            Act::Sit => return self.sit(stage, tx),
            Act::Finish => return self.finish(stage, tx),
            Act::Close => return self.close(stage, tx),
            Act::Inquire => {
                let text = self.story.text(&stage.pools, "inquiry", &mut self.fate.chance);
                return self.step(stage, tx, "investigate", input.with("inquiry", text));
            }
            Act::Invite => {
                let who = self.story.guest(&stage.pools, &mut self.fate.chance);
                return self.step(stage, tx, "invite", input.with("invited", who).with("invited_consent", "yes"));
            }
            Act::Escalate => {
                let text = self.story.text(&stage.pools, "escalation", &mut self.fate.chance);
                let graded = Input::default().with("risk", "high").with("risk_reason", text.as_str());
                self.step(stage, tx, "grade_risk", graded)?;
                let input = input.with("escalation_kind", "public_order").with("reported_to", "police|justice_station");
                return self.step(stage, tx, "report_escalation", input.with("escalation_facts", text));
            }
            Act::Urge => {
                let text = self.story.text(&stage.pools, "urged", &mut self.fate.chance);
                self.step(stage, tx, "urge_performance", input.with("urge_note", text))?;
            }
            Act::Keep => {
                self.step(stage, tx, "perform", input.with("performance_note", "经核实，协议内容已全部履行。"))?
            }
            Act::Breach => {
                let text = self.story.text(&stage.pools, "breached", &mut self.fate.chance);
                self.step(stage, tx, "breach", input.with("breach_note", text))?;
            }
            Act::Visit => self.visit(stage, tx)?,
            Act::ApplyConfirmation => {
                let court = stage.scenario.scenario.court.clone();
                let input = input.with("joint_application", "yes").with("identity_matter", "no").with("court", court);
                self.step(stage, tx, "apply_confirmation", input)?;
                self.after(stage, "confirmation_to_ruling", Act::Rule);
            }
            Act::Rule => self.rule(stage, tx)?,
        }
        self.close_when_done(stage);
        Ok(())
    }
}
