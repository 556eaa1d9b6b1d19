//! The committed procedures of 基层法治 and 依法决策 played through `decide`, as the people of a small county take them. Not here:
//! single rules of the engine (unit tests beside the code).

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Organ, Person, Post, Registry};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::id::{Digest, MatterId, PersonId};
use zhunsheng_core::law::{Loaded, load};
use zhunsheng_core::matter::{
    Actor, Command, Context, EvidenceInput, Input, Manner, MatterState, Matters, PartyInput, SeriesKey, Supply, Target,
    decide,
};
use zhunsheng_core::refusal::Refusals;

use super::support::law_files;

#[derive(Default)]
struct Numbers {
    ids: u128,
    series: BTreeMap<SeriesKey, u32>,
}

impl Supply for Numbers {
    fn fresh_id(&mut self) -> MatterId {
        self.ids += 1;
        MatterId(self.ids << 64 | self.ids)
    }
    fn last_number(&mut self, series: &SeriesKey) -> u32 {
        let last = self.series.entry(series.clone()).or_default();
        *last += 1;
        *last - 1
    }
}

/// A county of seven organs; whoever is named by a post is found again by it.
struct County {
    loaded: Loaded,
    registry: Registry,
    people: BTreeMap<&'static str, (PersonId, MatterId)>,
    numbers: Numbers,
    matters: Matters,
    matter: Option<MatterId>,
    today: Day,
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

impl County {
    fn found() -> Self {
        let mut registry = Registry::default();
        let organs = [
            ("county", "county_government", None, "county_government"),
            ("office", "government_office", Some("county"), "government_office"),
            ("justice", "department", Some("county"), "legality_review"),
            ("agriculture", "department", Some("county"), "enforcement"),
            ("station", "justice_station", Some("justice"), "judicial_bureau"),
            ("committee", "village_committee", Some("station"), "mediation"),
        ];
        for (code, kind, parent, function) in organs {
            registry.add_organ(Organ {
                code: code.into(),
                name: code.to_owned(),
                short: "某".to_owned(),
                kind: kind.to_owned(),
                parent: parent.map(Into::into),
                place: None,
                functions: vec![function.into()],
                uscc: None,
                telephone: None,
                until: None,
            });
        }
        let posts = [
            ("mediator", "committee"),
            ("mediation_head", "committee"),
            ("justice_station_head", "station"),
            ("drafter", "agriculture"),
            ("office_clerk", "office"),
            ("review_clerk", "justice"),
            ("review_head", "justice"),
            ("legal_adviser", "county"),
        ];
        let mut people = BTreeMap::new();
        for (n, (kind, organ)) in (1u128..).zip(posts) {
            let (person, post) = (MatterId(n), MatterId(1000 + n));
            registry.add_person(Person { id: person, name: kind.to_owned() });
            registry.add_post(Post {
                id: post,
                person,
                organ: organ.into(),
                kind: kind.into(),
                from: day("2020-01-01"),
                until: None,
            });
            people.insert(kind, (person, post));
        }
        let loaded = load(&law_files());
        Self {
            loaded,
            registry,
            people,
            numbers: Numbers::default(),
            matters: Matters::new(),
            matter: None,
            today: day("2024-03-04"),
        }
    }

    /// Gives the drafter a second post, as reviewer in the justice bureau.
    fn drafter_reviews_too(&mut self) {
        let (person, _) = self.people["drafter"];
        let post = MatterId(2000);
        self.registry.add_post(Post {
            id: post,
            person,
            organ: "justice".into(),
            kind: "review_clerk".into(),
            from: day("2020-01-01"),
            until: None,
        });
        self.people.insert("drafter_as_reviewer", (person, post));
    }

    fn act(&mut self, target: Target, who: &str, step: &str, input: Input) -> Result<(), Refusals> {
        let actor = match who {
            "citizen" => Actor::Citizen,
            "founder" => Actor::Founder,
            who => self.people.get(who).map(|(person, post)| Actor::Staff { person: *person, post: *post }).unwrap(),
        };
        let context = Context {
            actor,
            today: self.today,
            now: Moment::on(self.today, 36_000),
            calendar: &self.loaded.calendar,
            registry: &self.registry,
        };
        let command = Command { target, step: step.into(), input, manner: Manner::Live };
        let decision = decide(&self.loaded.law, &self.matters, &command, &context, &mut self.numbers)?;
        for (id, event) in &decision.events {
            match self.matters.get_mut(id) {
                Some(state) => state.apply(event),
                None => drop(self.matters.insert(*id, MatterState::begin(*id, event).unwrap())),
            }
        }
        self.matter = Some(decision.matter);
        Ok(())
    }

    fn open(&mut self, procedure: &str, who: &str, step: &str, input: Input) {
        self.act(Target::Open(procedure.into()), who, step, input).unwrap_or_else(|no| panic!("{step}: {no:#?}"));
    }

    fn step(&mut self, who: &str, step: &str, input: Input) {
        let target = Target::On(self.matter.unwrap());
        self.act(target, who, step, input).unwrap_or_else(|no| panic!("{step}: {no:#?}"));
    }

    /// The codes of the refusals with their articles.
    fn refused(&mut self, who: &str, step: &str, input: Input) -> Vec<String> {
        let target = Target::On(self.matter.unwrap());
        let refusals = self.act(target, who, step, input).expect_err(step);
        let text = |basis: &Option<zhunsheng_core::basis::Basis>| {
            basis.as_ref().map(|basis| basis.written()).unwrap_or_default()
        };
        refusals.iter().map(|refusal| format!("{} {}", refusal.code, text(&refusal.basis))).collect()
    }

    fn state(&self) -> &MatterState {
        &self.matters[&self.matter.unwrap()]
    }

    fn track(&self, track: &str) -> &str {
        self.state().track(track).unwrap().as_str()
    }

    fn outcome(&self) -> &str {
        self.state().ended.as_ref().unwrap().outcome.as_str()
    }

    fn assign(&self, who: &str) -> Input {
        Input { assignee: Some(self.people[who].0), ..Input::default() }
    }
}

fn fields(pairs: &[(&str, &str)]) -> Input {
    pairs.iter().fold(Input::default(), |input, (field, value)| input.with(field, *value))
}

fn party(role: &str, name: &str, phone: &str) -> PartyInput {
    PartyInput { role: Some(role.into()), name: name.to_owned(), phone: phone.to_owned(), ..PartyInput::default() }
}

fn paper(kind: &str) -> EvidenceInput {
    EvidenceInput {
        kind: kind.into(),
        digest: Digest::of(kind.as_bytes()),
        sm3: Digest::of(kind.as_bytes()),
        bytes: 9,
        media: "image/jpeg".to_owned(),
        name: String::new(),
    }
}

/// Registered, accepted, informed, mediated once.
fn mediated() -> County {
    let mut county = County::found();
    let dispute = fields(&[
        ("committee", "committee"),
        ("dispute_kind", "neighbour"),
        ("source", "party_application"),
        ("summary", "排水沟"),
    ]);
    let parties = vec![party("applicant", "甲某", "13800000000"), party("respondent", "乙某", "")];
    county.open("mediation", "mediator", "register", Input { parties, ..dispute });
    let accept = county.assign("mediator").with("mediator_choice", "appointed");
    county.step("mediation_head", "accept", accept);
    county.step("mediator", "inform", fields(&[("public_wish", "closed")]));
    county.step("justice_station_head", "guide", fields(&[("guidance", "先看现场")]));
    county.step("mediator", "mediate", fields(&[("session_record", "双方各退一步")]));
    county
}

#[test]
fn a_written_agreement_is_confirmed_and_filed() {
    let mut county = mediated();
    county.step(
        "mediator",
        "draw_up",
        fields(&[("facts", "排水"), ("agreement", "各修一半"), ("performance_way", "act")]),
    );
    let signed = [
        ("parties_signed", "yes"),
        ("mediator_signed", "yes"),
        ("performed_at_once", "no"),
        ("perform_by", "2024-04-30"),
    ];
    assert_eq!(
        county.refused("mediator", "agree_written", fields(&signed).with("committee_sealed", "no")),
        ["agreement_unsealed 人民调解法§29.2"]
    );
    county.step("mediator", "agree_written", fields(&signed).with("committee_sealed", "yes"));
    assert_eq!(
        (county.outcome(), county.track("performance"), county.track("confirmation")),
        ("agreed_written", "due", "available")
    );
    let alone = [("joint_application", "no"), ("identity_matter", "no"), ("court", "某县人民法院")];
    assert_eq!(
        county.refused("mediator", "apply_confirmation", fields(&alone)),
        ["confirmation_not_joint 人民调解法§33"]
    );
    let jointly = [("joint_application", "yes"), ("identity_matter", "no"), ("court", "某县人民法院")];
    // Agreed on 4 March: the thirtieth day is 3 April; from 4 April the right is over.
    let agreed = county.today;
    county.today = day("2024-04-04");
    assert_eq!(
        county.refused("mediator", "apply_confirmation", fields(&jointly)),
        ["confirmation_too_late 人民调解法§33"]
    );
    county.today = day("2024-04-03");
    assert_eq!(county.today.days_since(agreed), 30);
    county.step("mediator", "apply_confirmation", fields(&jointly));
    county.step(
        "mediator",
        "confirmation_granted",
        fields(&[("court_case_no", "调确1"), ("ruling_day", "2024-04-03")]),
    );
    let open = county.refused("mediator", "close", Input::default());
    assert_eq!(open, ["performance_unsettled 人民调解法§31.2", "signed_agreement_missing 人民调解法§27"]);
    county.step("mediator", "perform", fields(&[("performance_note", "已修好")]));
    county.step("mediator", "return_visit", fields(&[("visit_way", "home"), ("satisfaction", "satisfied")]));
    county.step("mediator", "close", Input { evidence: vec![paper("agreement_signed")], ..Input::default() });
    assert_eq!((county.track("main"), county.outcome()), ("closed", "agreed_written"));
    assert!(
        county
            .state()
            .instruments
            .iter()
            .any(|issued| issued.number.as_ref().is_some_and(|number| number.text == "某民调〔2024〕1号"))
    );
}

#[test]
fn an_oral_agreement_a_refusal_and_a_failure_end_as_they_should() {
    let mut county = mediated();
    let oral = [("written_not_needed", "yes"), ("agreement", "当面道歉"), ("performed_at_once", "yes")];
    county.step("mediator", "agree_orally", fields(&oral));
    assert_eq!(
        (county.outcome(), county.track("performance"), county.track("confirmation")),
        ("agreed_oral", "performed", "none")
    );
    county.step("mediation_head", "close", Input::default());
    let mut county = mediated();
    county.step(
        "mediator",
        "party_refuses",
        fields(&[("refusing_party", "respondent"), ("remedies_told", "litigation")]),
    );
    assert_eq!((county.outcome(), county.track("main")), ("refused", "terminated"));
    assert!(county.refused("mediator", "mediate", fields(&[("session_record", "再谈")]))[0].starts_with("wrong_state"));
    county.step("mediator", "close", Input::default());
    let mut county = mediated();
    county.step("mediator", "fail", fields(&[("failure_reason", "no_agreement"), ("remedies_told", "litigation")]));
    county.step("mediator", "close", Input::default());
    assert_eq!(county.outcome(), "failed");
}

#[test]
fn a_citizen_registers_with_names_and_one_telephone_number() {
    let mut county = County::found();
    let dispute = fields(&[("committee", "committee"), ("dispute_kind", "contract"), ("summary", "欠款未还")]);
    let parties = vec![party("applicant", "甲某", "13800000000"), party("respondent", "乙某", "")];
    county.open("mediation", "citizen", "apply_online", Input { parties, ..dispute });
    assert!(county.state().tracked);
    let accept = county.assign("mediator").with("mediator_choice", "chosen").with("source", "party_application");
    county.step("mediator", "accept", accept);
}

fn submission(kind: &str) -> Input {
    let mut input = fields(&[
        ("secrecy", "none"),
        ("review_type", kind),
        ("document_title", "某办法"),
        ("summary", "说明"),
        ("basis_list", "某法第一条"),
        ("urgent", "no"),
    ]);
    if kind == "major_decision" {
        for (field, value) in [
            ("process_statement", "已履行"),
            ("public_comment", "done"),
            ("comment_days", "30"),
            ("fair_competition", "not_involved"),
            ("expert_argument", "not_required"),
            ("risk_assessment", "done"),
        ] {
            input = input.with(field, value);
        }
    }
    if kind == "contract" {
        input = input.with("counterparty", "某公司");
    }
    Input { evidence: vec![paper("draft")], ..input }
}

fn conclusion(overall: &str) -> Input {
    let problem = if overall == "lawful" || overall == "exploratory" { "lawful" } else { "problem" };
    fields(&[
        ("authority_finding", "lawful"),
        ("procedure_finding", "lawful"),
        ("content_finding", problem),
        ("hard_case", "no"),
        ("overall", overall),
        ("issues_text", "第三条"),
    ])
}

/// Submitted, checked, accepted and assigned.
fn under_review(kind: &str) -> County {
    let mut county = County::found();
    county.open("legality_review", "drafter", "submit", submission(kind));
    county.step("office_clerk", "office_return", fields(&[("return_list", "补依据")]));
    county.step("drafter", "resubmit", fields(&[("completion_note", "已补")]));
    county.step("office_clerk", "office_pass", Input::default());
    county.step("review_clerk", "accept", Input::default());
    let assign = county.assign("review_clerk");
    county.step("review_head", "assign", assign);
    county
}

#[test]
fn a_major_decision_has_its_seven_working_days() {
    let mut county = under_review("major_decision");
    assert_eq!(
        county.refused("review_clerk", "conclude", conclusion("lawful_after_change")),
        ["adviser_missing 重大行政决策程序暂行条例§28"]
    );
    let adviser = county.people["legal_adviser"].0.to_string();
    county.step("review_clerk", "ask_adviser", fields(&[("adviser", &adviser), ("adviser_question", "权限")]));
    county.step("legal_adviser", "advise", fields(&[("adviser_conclusion", "change"), ("adviser_opinion", "宜修改")]));
    county.step("review_clerk", "conclude", conclusion("lawful_after_change").with("adviser_adopted", "adopted"));
    assert_eq!(
        county.refused("review_head", "sign_lawful", Input::default()),
        ["conclusion_mismatch 重大行政决策程序暂行条例§28"]
    );
    county.step("review_head", "sign_after_change", Input::default());
    assert_eq!(
        county.refused("drafter", "feedback", fields(&[("adoption", "partly")])),
        ["adoption_unexplained 制度:县政府合法性审查工作规定"]
    );
    county.step("drafter", "feedback", fields(&[("adoption", "adopted")]));
    county.today = day("2024-03-13");
    let early = county.refused("office_clerk", "to_meeting", Input::default());
    let missing = [
        "comment_summary_missing 重大行政决策程序暂行条例§29(2)",
        "risk_report_missing 重大行政决策程序暂行条例§29(4)",
    ];
    assert_eq!(early, ["review_time_short 重大行政决策程序暂行条例§26.2", missing[0], missing[1]]);
    // Accepted on Monday 4 March: the seventh working day is Wednesday 13 March.
    county.today = day("2024-03-14");
    assert_eq!(county.refused("office_clerk", "to_meeting", Input::default()), missing);
    let papers = vec![paper("comment_summary"), paper("risk_report")];
    county.step("office_clerk", "to_meeting", Input { evidence: papers, ..Input::default() });
    county.step(
        "office_clerk",
        "record_result",
        fields(&[("meeting_result", "approved"), ("meeting_name", "第1次常务会议")]),
    );
    county.step("review_clerk", "close", Input::default());
    assert_eq!((county.track("main"), county.outcome()), ("closed", "passed_after_change"));
}

#[test]
fn an_unlawful_text_comes_again_as_the_same_matter() {
    let mut county = under_review("contract");
    county.step("review_clerk", "conclude", conclusion("unlawful"));
    county.step("review_head", "sign_unlawful", Input::default());
    county.step("drafter", "feedback", fields(&[("adoption", "adopted")]));
    assert_eq!(
        county.refused("office_clerk", "to_meeting", Input::default()),
        ["unlawful_to_meeting 制度:县政府合法性审查工作规定"]
    );
    county.step("drafter", "submit_again", fields(&[("round", "2"), ("completion_note", "已改")]));
    county.step("review_clerk", "accept", Input::default());
    let assign = county.assign("review_clerk");
    county.step("review_head", "assign", assign);
    county.step("review_clerk", "conclude", conclusion("lawful"));
    county.step("review_head", "sign_lawful", Input::default());
    county.step("drafter", "feedback", fields(&[("adoption", "adopted")]));
    county.step("office_clerk", "to_meeting", Input::default());
    county.step("review_clerk", "close", Input::default());
    assert_eq!(county.outcome(), "passed");
    assert_eq!(county.matters.len(), 1);
}

#[test]
fn a_drafter_cannot_review_and_a_state_secret_cannot_enter() {
    let mut county = under_review("meeting_item");
    county.drafter_reviews_too();
    let own = county.assign("drafter_as_reviewer");
    county.step("review_head", "_reassign", Input { reason: Some("轮岗".to_owned()), ..own });
    assert_eq!(
        county.refused("drafter_as_reviewer", "conclude", conclusion("lawful")),
        ["same_person 重大行政决策程序暂行条例§25.1"]
    );
    let mut secret = submission("meeting_item");
    secret.fields.insert("secrecy".into(), vec!["state_secret".to_owned()]);
    let refusals = county.act(Target::Open("legality_review".into()), "drafter", "submit", secret).unwrap_err();
    assert!(refusals.has("secret"));
    assert_eq!(county.matters.len(), 1);
}

#[test]
fn the_founding_registers_take_place_organ_person_and_post() {
    let mut county = County::found();
    county.open("place", "founder", "register", fields(&[("code", "211224"), ("name", "某县"), ("level", "county")]));
    let organ = [
        ("code", "county"),
        ("name", "某县人民政府"),
        ("short", "某政"),
        ("organ_kind", "county_government"),
        ("functions", "county_government"),
    ];
    county.open("organ", "founder", "register", fields(&organ).with("valid_from", "2024-03-04"));
    assert_eq!(county.state().organ.as_str(), "county");
    county.open("person", "founder", "register", fields(&[("name", "甲某"), ("valid_from", "2024-03-04")]));
    let person = county.people["drafter"].0.to_string();
    let post = [
        ("person", person.as_str()),
        ("organ", "county"),
        ("post_kind", "administrator"),
        ("valid_from", "2024-03-04"),
    ];
    county.open("post", "founder", "register", fields(&post));
    assert_eq!(county.track("main"), "in_force");
    let reversed = fields(&post).with("valid_until", "2024-03-03");
    let refusals = county.act(Target::Open("post".into()), "founder", "register", reversed).unwrap_err();
    assert!(refusals.has("interval_reversed"));
}

#[test]
fn a_committee_has_three_to_nine_members_and_a_woman() {
    let mut county = County::found();
    let chair = county.people["mediation_head"].0.to_string();
    let mut register = |members: &str, woman: &str| {
        let input = fields(&[("committee", "committee"), ("committee_kind", "village"), ("chair", &chair)]);
        let input = input.with("members", members).with("has_woman", woman).with("valid_from", "2024-01-01");
        county.act(Target::Open("mediation_committee".into()), "justice_station_head", "register", input)
    };
    assert!(register("2", "yes").unwrap_err().has("committee_size"));
    assert!(register("10", "yes").unwrap_err().has("committee_size"));
    assert!(register("5", "no").unwrap_err().has("committee_woman"));
    register("9", "yes").unwrap();
}
