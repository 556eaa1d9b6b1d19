//! 行政处罚普通程序 as committed in `law/`, driven through its whole life: what must work, and what must be refused
//! with its article. Not here: the engine's own rules (engine.rs).

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Credential, Organ, Person, Place, Post, Registry};
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{
    Actor, Command, Context, Decider, Decision, Event, Input, Manner, MatterState, Matters, PartyInput, SeriesKey,
    Supply, Target, decide,
};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::refusal::Refusals;

use super::support::law_files;

pub const OFFICER: MatterId = MatterId(1);
const SECOND: MatterId = MatterId(2);
pub const CLERK: MatterId = MatterId(3);
const REVIEWER: MatterId = MatterId(4);
pub const HEAD: MatterId = MatterId(5);

#[derive(Default)]
struct Counter {
    ids: u128,
    numbers: BTreeMap<SeriesKey, u32>,
}

impl Supply for Counter {
    fn fresh_id(&mut self) -> MatterId {
        self.ids += 1;
        MatterId(1_000 + self.ids)
    }
    fn last_number(&mut self, series: &SeriesKey) -> u32 {
        self.numbers.get(series).copied().unwrap_or(0)
    }
}

/// People of a county under the committed law; other procedures are driven through it as well (legal_aid.rs).
pub struct Bureau {
    law: Law,
    calendar: Calendar,
    registry: Registry,
    pub matters: Matters,
    pub today: Day,
    supply: Counter,
}

pub fn registry() -> Registry {
    let mut registry = Registry::default();
    registry
        .add_place(Place { code: "211224100".into(), name: "测试镇".into(), level: "town".into(), parent: None });
    registry.add_organ(Organ {
        code: "agriculture".into(),
        name: "昌图县农业农村局".into(),
        short: "昌农".into(),
        kind: "department".into(),
        parent: None,
        place: None,
        functions: Vec::new(),
        uscc: None,
        telephone: None,
        until: None,
    });
    let people = [
        (OFFICER, "enforcement_officer"),
        (SECOND, "enforcement_officer"),
        (CLERK, "enforcement_clerk"),
        (REVIEWER, "legal_reviewer"),
        (HEAD, "organ_head"),
    ];
    let from = Day::parse("2020-01-01").unwrap();
    for (id, kind) in people {
        registry.add_person(Person { id, name: format!("人员{}", id.0) });
        registry.add_post(Post {
            id: MatterId(id.0 + 100),
            person: id,
            organ: "agriculture".into(),
            kind: kind.into(),
            from,
            until: None,
        });
    }
    let cards = [
        (OFFICER, "enforcement_certificate", None),
        (SECOND, "enforcement_certificate", Day::parse("2024-05-31")),
        (REVIEWER, "legal_reviewer_register", None),
    ];
    for (id, register, last_day) in cards {
        registry.add_credential(
            id,
            Credential {
                id: MatterId(id.0 + 200),
                register: register.into(),
                organ: None,
                number: format!("证{}", id.0),
                domains: if register == "enforcement_certificate" {
                    vec!["agriculture".to_owned()]
                } else {
                    Vec::new()
                },
                from,
                last_day,
                revoked: None,
            },
        );
    }
    registry
}

/// Two officers are present where parties are investigated, and nowhere else.
fn present(step: &str) -> Vec<MatterId> {
    if ["investigate", "end_investigation", "preserve", "report_crime"].contains(&step) {
        vec![OFFICER, SECOND]
    } else {
        Vec::new()
    }
}

/// What a clerk types: `field=value`, several separated by blanks; `code|code` for lists.
pub fn typed(text: &str) -> Input {
    text.split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .fold(Input::default(), |input, (field, value)| input.with(field, value))
}

impl Bureau {
    pub fn new(today: &str) -> Self {
        Self::with(registry(), today)
    }

    pub fn with(registry: Registry, today: &str) -> Self {
        let loaded = zhunsheng_core::law::load(&law_files());
        assert!(loaded.is_sound(), "{:?} {:?}", loaded.errors, loaded.findings);
        Self {
            law: loaded.law,
            calendar: loaded.calendar,
            registry,
            matters: Matters::new(),
            today: Day::parse(today).unwrap(),
            supply: Counter::default(),
        }
    }

    pub fn give(
        &mut self,
        actor: Actor,
        target: Target,
        step: &str,
        input: Input,
        manner: Manner,
    ) -> Result<Decision, Refusals> {
        let command = Command { target, step: step.into(), input, manner };
        let context = Context {
            actor,
            today: self.today,
            now: Moment::on(self.today, 36_000),
            calendar: &self.calendar,
            registry: &self.registry,
        };
        let decision = decide(&self.law, &self.matters, &command, &context, &mut self.supply)?;
        for (id, event) in &decision.events {
            if let Some(state) = MatterState::begin(*id, event) {
                self.matters.insert(*id, state);
            }
            self.matters.get_mut(id).unwrap().apply(event);
            if let Event::Issued(kind, Some(number), _) = event {
                let key = SeriesKey { organ: number.organ.clone(), instrument: kind.clone(), year: number.year };
                self.supply.numbers.insert(key, number.n);
            }
        }
        Ok(decision)
    }

    pub fn try_step(
        &mut self,
        person: MatterId,
        matter: MatterId,
        step: &str,
        input: Input,
    ) -> Result<Decision, Refusals> {
        self.in_post(person, MatterId(person.0 + 100), matter, step, input)
    }

    /// The same in a post that is named.
    pub fn in_post(
        &mut self,
        person: MatterId,
        post: MatterId,
        matter: MatterId,
        step: &str,
        input: Input,
    ) -> Result<Decision, Refusals> {
        self.give(Actor::Staff { person, post }, Target::On(matter), step, input, Manner::Live)
    }

    /// A step on a day, which must succeed.
    #[track_caller]
    pub fn step(&mut self, day: &str, person: MatterId, matter: MatterId, step: &str, text: &str) {
        self.today = Day::parse(day).unwrap();
        let input = Input {
            officers: present(step),
            assignee: Some(if step == "appoint" { REVIEWER } else { OFFICER }),
            ..typed(text)
        };
        self.try_step(person, matter, step, input).unwrap_or_else(|refusals| panic!("{step}: {refusals:#?}"));
    }

    /// The code of every refusal of a step.
    pub fn refused(&mut self, person: MatterId, matter: MatterId, step: &str, text: &str) -> Vec<String> {
        let input = Input { officers: present(step), ..typed(text) };
        let refusals = self.try_step(person, matter, step, input).unwrap_err();
        refusals.iter().map(|refusal| refusal.code.to_string()).collect()
    }

    pub fn linked(&self, matter: MatterId, role: &str) -> MatterId {
        self.matters[&matter].links.iter().rev().find(|link| link.role.as_str() == role).unwrap().matter
    }

    pub fn track(&self, matter: MatterId, track: &str) -> &str {
        self.matters[&matter].track(track).unwrap().as_str()
    }

    /// Registered, filed and investigated; `review` are the grounds of §58.
    fn investigated(&mut self, review: &str, gravity: &str, fine: &str) -> MatterId {
        self.investigated_as("", review, gravity, fine)
    }

    /// `more` is typed at the end of the report.
    pub fn investigated_as(&mut self, more: &str, review: &str, gravity: &str, fine: &str) -> MatterId {
        let id = self.registered();
        self.step("2024-03-04", HEAD, id, "file", "file_reason=符合立案标准");
        self.step(
            "2024-03-05",
            OFFICER,
            id,
            "investigate",
            "investigation=site_inspection investigation_record=现场检查",
        );
        let report = format!(
            "facts=事实 evidence_summary=证据 violation_basis=条款 penalty_basis=条款 discretion=ordinary discretion_reason=一般 same_act_fined=no gravity={gravity} review_grounds={review} proposed_kinds=fine proposed_fine={fine} {more}"
        );
        self.step("2024-03-11", OFFICER, id, "end_investigation", &report);
        id
    }

    /// A lead, registered.
    pub fn registered(&mut self) -> MatterId {
        self.today = Day::parse("2024-03-01").unwrap();
        let mut input = typed(
            "secrecy=none domain=agriculture power_basis=statutory source=complaint source_note=线索 discovered_on=2024-03-01 place=211224100 violation=经营标签不符合规定的农药",
        );
        input.parties.push(PartyInput {
            role: Some("respondent".into()),
            kind: Some(PartyKind::SoleTrader),
            name: "测试农资商店".into(),
            address: "测试镇".into(),
            ..PartyInput::default()
        });
        let actor = Actor::Staff { person: OFFICER, post: MatterId(101) };
        self.give(actor, Target::Open("penalty".into()), "register", input, Manner::Live).unwrap().matter
    }

    fn notified(&mut self, review: &str, gravity: &str, fine: &str) -> MatterId {
        let id = self.investigated(review, gravity, fine);
        self.notify(id, fine);
        id
    }

    /// Notified of the fine, and served.
    pub fn notify(&mut self, id: MatterId, fine: &str) {
        self.step(
            "2024-03-12",
            HEAD,
            id,
            "notify",
            &format!("notified_kinds=fine notified_fine={fine} hearing_other=no contact=电话"),
        );
        self.step("2024-03-13", OFFICER, id, "serve_notice", "notice_delivery=direct");
    }

    fn decide(&mut self, day: &str, id: MatterId, fine: &str) {
        self.step(
            day,
            HEAD,
            id,
            "decide_penalty",
            &format!("kinds=fine fine={fine} decision_reasons=理由 correction=at_once performance=银行"),
        );
    }
}

const APPLICATION: &str = "court=法院 court_object=标的 court_materials=application|decision|views|object";

pub const DECISION: &str = "kinds=fine fine=3000 decision_reasons=理由 correction=at_once performance=银行";

#[test]
fn an_ordinary_penalty_runs_from_the_lead_to_the_archive() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.notified("none_apply", "ordinary", "3000");
    bureau.today = Day::parse("2024-03-18").unwrap();
    assert_eq!(
        bureau.refused(OFFICER, id, "submit", "handling_opinion=意见"),
        ["penalty_defence_open"],
        "third working day: not over"
    );
    bureau.step("2024-03-19", OFFICER, id, "submit", "handling_opinion=意见");
    bureau.decide("2024-03-20", id, "3000");
    let decision = bureau.matters[&id].instruments.iter().find(|i| i.kind.as_str() == "penalty_decision").unwrap();
    assert_eq!(decision.number.as_ref().unwrap().text, "昌农罚决字〔2024〕1号");
    bureau.step("2024-03-21", OFFICER, id, "serve", "delivery=direct");
    assert_eq!(
        bureau.refused(OFFICER, id, "approve_disclosure", "public_summary=摘要 publish_until=2024-09-21"),
        ["wrong_post", "same_person"]
    );
    bureau.step("2024-03-22", REVIEWER, id, "approve_disclosure", "public_summary=摘要 publish_until=2024-09-21");
    bureau.step("2024-03-25", CLERK, id, "publish", "channel=government_site");
    assert_eq!(
        bureau.refused(CLERK, id, "perform", "paid_total=2999 payment_channel=bank receipt_number=一"),
        ["penalty_not_paid"]
    );
    bureau.step("2024-03-26", CLERK, id, "perform", "paid_total=3000 payment_channel=bank receipt_number=一");
    bureau.step("2024-03-27", HEAD, id, "close_penalty", "");
    bureau.step("2024-03-28", CLERK, id, "archive", "archive_number=一");
    let state = &bureau.matters[&id];
    assert_eq!(state.ended.as_ref().unwrap().outcome.as_str(), "penalised");
    assert!(state.flags.is_empty());
    assert!(state.disclosures.iter().all(|run| run.made.is_some()));
}

#[test]
fn hearing_review_and_meeting_stand_before_a_grave_decision() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.notified("major_rights", "grave", "60000");
    assert_eq!(bureau.track(id, "hearing"), "offered");
    bureau.step("2024-03-15", OFFICER, id, "request_hearing", "hearing_request=要求");
    let runs = |bureau: &Bureau, clock: &str| bureau.matters[&id].clock(clock).unwrap().stopped.is_none();
    assert!(runs(&bureau, "defence_period"));
    bureau.step("2024-03-15", OFFICER, id, "waive_defence", "waiver_note=笔录");
    assert!(!runs(&bureau, "defence_period"), "what was waived is waited for no longer");
    let hearing = bureau.linked(id, "hearing");
    bureau.step("2024-03-18", HEAD, hearing, "appoint", &format!("recorder={CLERK}"));
    bureau.step("2024-03-18", REVIEWER, hearing, "fix_date", "hearing_on=2024-03-26 hearing_at=九时 publicity=public");
    assert_eq!(
        bureau.refused(REVIEWER, hearing, "notice", "recipients=当事人 notice_service=直接"),
        ["hearing_notice_late"]
    );
    bureau.step("2024-03-18", REVIEWER, hearing, "fix_date", "hearing_on=2024-03-27 hearing_at=九时 publicity=public");
    bureau.step("2024-03-18", REVIEWER, hearing, "notice", "recipients=当事人 notice_service=直接");
    assert_eq!(bureau.refused(OFFICER, id, "submit", "handling_opinion=意见"), ["penalty_hearing_open"]);
    bureau.step("2024-03-27", REVIEWER, hearing, "hold", "attendance=in_person record=笔录 record_signed=signed");
    bureau.step("2024-03-28", REVIEWER, hearing, "report", "proposal=keep report=报告");
    bureau.step("2024-03-29", OFFICER, id, "submit", "handling_opinion=意见 hearing_handling=kept");
    assert_eq!(
        bureau.refused(HEAD, id, "decide_penalty", &DECISION.replace("3000", "60000")),
        ["penalty_review_missing", "penalty_not_deliberated"]
    );
    bureau.step("2024-03-29", OFFICER, id, "send_review", "");
    let review = bureau.linked(id, "legal_review");
    bureau.step("2024-04-01", REVIEWER, review, "accept", "");
    bureau.step(
        "2024-04-02",
        REVIEWER,
        review,
        "agree",
        "points=authority|officers|facts|basis|discretion|procedure|documents|crime opinion=同意",
    );
    // Changed facts make the pass worthless: everything from the report on comes again.
    bureau.step("2024-04-03", OFFICER, id, "change_facts", "change_reason=新证据");
    bureau.step("2024-04-08", OFFICER, id, "end_investigation", "facts=新事实");
    bureau.step(
        "2024-04-09",
        HEAD,
        id,
        "notify",
        "notified_kinds=fine notified_fine=60000 hearing_other=no contact=电话",
    );
    bureau.step("2024-04-10", OFFICER, id, "serve_notice", "notice_delivery=direct");
    assert!(runs(&bureau, "defence_period"), "another notice, another period");
    bureau.step("2024-04-11", OFFICER, id, "waive_defence", "waiver_note=笔录");
    bureau.step("2024-04-11", OFFICER, id, "waive_hearing", "waiver_note=笔录");
    bureau.step("2024-04-12", OFFICER, id, "submit", "handling_opinion=意见");
    assert!(
        bureau.refused(CLERK, id, "deliberate", "").contains(&"penalty_review_missing".to_owned()),
        "the old pass does not serve"
    );
    bureau.step("2024-04-12", OFFICER, id, "send_review", "");
    let review = bureau.linked(id, "legal_review");
    bureau.step("2024-04-15", REVIEWER, review, "accept", "");
    bureau.step(
        "2024-04-15",
        REVIEWER,
        review,
        "agree",
        "points=authority|officers|facts|basis|discretion|procedure|documents|crime opinion=同意",
    );
    bureau.today = Day::parse("2024-04-16").unwrap();
    let actor = Actor::Staff { person: CLERK, post: MatterId(103) };
    let manner = Manner::SignedForm {
        decided_by: Decider::Meeting("局长办公会".to_owned()),
        day: bureau.today,
        original: Some(Digest::of(b"minutes")),
    };
    bureau
        .give(actor, Target::On(id), "deliberate", typed("meeting_members=三人 meeting_record=同意"), manner)
        .unwrap();
    bureau.decide("2024-04-17", id, "60000");
    assert_eq!(bureau.track(id, "disclosure"), "pending");
}

#[test]
fn what_the_law_forbids_is_refused_with_its_code() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.investigated("none_apply", "ordinary", "3000");
    let before_notice = bureau.refused(HEAD, id, "decide_penalty", DECISION);
    assert!(before_notice.contains(&"penalty_before_notice".to_owned()), "{before_notice:?}");
    let id = bureau.notified("none_apply", "ordinary", "3000");
    bureau.step("2024-03-14", CLERK, id, "record_defence", "defence_form=oral defence_text=过重");
    bureau.step("2024-03-15", OFFICER, id, "review_defence", "defence_result=rejected defence_opinion=意见");
    bureau.step("2024-03-15", OFFICER, id, "submit", "handling_opinion=意见");
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &DECISION.replace("3000", "3001")), ["penalty_heavier"]);
    let more = DECISION.replace("kinds=fine", "kinds=fine|stop_business other_penalty=停业");
    assert_eq!(bureau.refused(HEAD, id, "decide_penalty", &more), ["penalty_kind_not_notified"]);
    bureau.step("2024-06-10", OFFICER, id, "change_facts", "change_reason=补充");
    let expired =
        bureau.refused(OFFICER, id, "investigate", "investigation=inquiry investigation_record=询问 questioned=证人");
    assert_eq!(expired, ["certificate_expired"], "the second officer's certificate ended on 31 May");
    assert_eq!(bureau.refused(HEAD, id, "extend_by_head", "extension_reason=案情"), ["penalty_no_extension"]);
}

#[test]
fn a_decision_on_paper_after_the_ninety_days_is_recorded_and_flagged() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.notified("none_apply", "ordinary", "3000");
    bureau.step("2024-03-20", OFFICER, id, "submit", "handling_opinion=意见");
    bureau.today = Day::parse("2024-06-10").unwrap();
    let actor = Actor::Staff { person: CLERK, post: MatterId(103) };
    let day = Day::parse("2024-06-03").unwrap();
    let manner = Manner::Late {
        decided_by: Some(Decider::Person(HEAD)),
        day,
        original: Some(Digest::of(b"paper")),
        number: Some("昌农罚决字〔2024〕9号".to_owned()),
    };
    let decision = bureau.give(actor, Target::On(id), "decide_penalty", typed(DECISION), manner).unwrap();
    assert!(decision.flagged("overdue"), "day 91 after 4 March is 3 June");
    let overdue = bureau.matters[&id].flags.iter().find(|flag| flag.code.as_str() == "overdue").unwrap();
    assert_eq!(overdue.basis.as_ref().unwrap().written(), "行政处罚法§60");
}

#[test]
fn a_public_notice_counts_as_service_after_thirty_days_and_the_court_waits_for_the_urge() {
    let mut bureau = Bureau::new("2024-03-01");
    let id = bureau.notified("none_apply", "ordinary", "3000");
    bureau.step("2024-03-20", OFFICER, id, "submit", "handling_opinion=意见");
    bureau.decide("2024-03-21", id, "3000");
    bureau.step("2024-03-22", CLERK, id, "post_decision", "public_notice_reason=下落不明 public_notice_at=政府网站");
    // The thirtieth day, 21 April, is a Sunday: the last day is Monday (民事诉讼法§85.3).
    bureau.today = Day::parse("2024-04-22").unwrap();
    let early = bureau.give(Actor::System, Target::On(id), "serve_deemed", Input::default(), Manner::Live).unwrap_err();
    assert!(early.has("penalty_public_notice_running"));
    bureau.today = Day::parse("2024-04-23").unwrap();
    bureau.give(Actor::System, Target::On(id), "serve_deemed", Input::default(), Manner::Live).unwrap();
    assert_eq!(bureau.refused(CLERK, id, "urge", "urge_deadline=2024-05-20 urge_manner=银行"), ["penalty_not_overdue"]);
    bureau.step("2024-11-01", CLERK, id, "urge", "urge_deadline=2024-11-20 urge_manner=银行");
    bureau.step("2024-11-01", CLERK, id, "serve_urge", "urge_delivery=direct");
    bureau.step("2024-11-01", CLERK, id, "confirm_unremedied", "remedy_ended_on=2024-10-22 court_from=2024-10-22");
    assert_eq!(bureau.refused(HEAD, id, "apply_court", APPLICATION), ["penalty_urge_running"]);
    bureau.today = Day::parse("2024-11-18").unwrap();
    assert_eq!(
        bureau.refused(
            HEAD,
            id,
            "apply_court",
            "court=法院 court_object=标的 court_materials=application|decision|object"
        ),
        ["penalty_court_materials"]
    );
    bureau.step("2024-11-18", CLERK, id, "record_urge_defence", "urge_defence=困难 urge_defence_open=yes");
    assert_eq!(bureau.refused(HEAD, id, "apply_court", APPLICATION), ["penalty_urge_defence_unreviewed"]);
    bureau.step(
        "2024-11-18",
        REVIEWER,
        id,
        "review_urge_defence",
        "urge_defence_result=rejected urge_defence_opinion=不成立 urge_review_due=yes urge_defence_open=no",
    );
    bureau.step("2024-11-18", HEAD, id, "apply_court", APPLICATION);
    bureau.step("2024-12-20", HEAD, id, "terminate_execution", "terminate_ground=court_enforced");
    assert_eq!(bureau.track(id, "execution"), "terminated");
}
