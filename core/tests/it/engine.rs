//! The engine: what it lets happen, what it refuses, in which order, and what it marks instead.

use super::world::{CLERK, HEAD, OTHER, REVIEWER, World, applicant, codes, day, map, officers, whole};
use zhunsheng_core::authority::Credential;
use zhunsheng_core::clock::Due;
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Decider, Event, Input, Manner, Matters, Target, expire, objections, options, waiting};

/// Today in most tests: a working day after the National Day holidays.
const TODAY: &str = "2024-10-14";

#[test]
fn a_permit_runs_from_filing_to_publication() {
    let mut world = World::new(TODAY);
    let id = world.examined();
    world.today = day("2024-10-18");
    let decision = world.step(HEAD, id, "grant", Input::default());
    // The head was present as an officer at the examination: separation of duties looks at officers too.
    assert_eq!(codes(&decision.unwrap_err()), ["same_person"]);
    let id = world.filed();
    world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap_err();
    assert_eq!(world.state(id).track("main").unwrap().as_str(), "filed", "a refusal writes nothing");
}

#[test]
fn state_secrets_stop_before_anything_is_kept() {
    let mut world = World::new(TODAY);
    let mut input = whole();
    input.fields.insert("secrecy".into(), vec!["state_secret".into()]);
    assert_eq!(codes(&world.file(input).unwrap_err()), ["secret"]);
    assert!(world.matters.is_empty());
}

#[test]
fn every_mistake_of_a_form_is_said_at_its_field() {
    let mut world = World::new(TODAY);
    let mut input = Input::default()
        .with("subject", "river")
        .with("fee", "一百")
        .with("color", "red")
        .with("note", "长".repeat(21));
    input.parties.push(super::world::applicant());
    input.parties[0].phone = "12".into();
    let refusals = world.file(input).unwrap_err();
    let mut at: Vec<(String, String)> = refusals
        .iter()
        .map(|r| (r.code.to_string(), r.field.as_ref().map(ToString::to_string).unwrap_or_default()))
        .collect();
    at.sort();
    let expected = [
        ("field_invalid", "fee"),
        ("field_invalid", "note"),
        ("field_invalid", "party.0.phone"),
        ("field_invalid", "subject"),
        ("field_required", "secrecy"),
        ("field_unknown", "color"),
    ];
    assert_eq!(at, expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
}

#[test]
fn conditions_decide_what_must_be_filled_and_attached() {
    let mut world = World::new(TODAY);
    let mut road = whole();
    road.fields.insert("subject".into(), vec!["road".into()]);
    assert_eq!(codes(&world.file(road.clone()).unwrap_err()), ["evidence_missing", "field_required"]);
    road = road.with("note", "占道三天");
    road.evidence.push(map());
    let decision = world.file(road).unwrap();
    assert!(decision.query_code.is_some(), "the definition tells citizens about a state");
    assert!(decision.sealed.iter().any(|sealed| sealed.label == "party.1.name" && sealed.value == "孙堃"));
}

#[test]
fn who_may_act_is_checked_on_post_organ_and_person() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    for (person, step, expected) in [
        (CLERK, "examine", vec!["wrong_post", "same_person", "officers_too_few", "certificate_expired"]),
        (HEAD, "examine", vec!["wrong_post", "officers_too_few"]),
        (REVIEWER, "grant", vec!["wrong_post", "wrong_state", "wait_running"]),
        (OTHER, "ask", vec!["wrong_organ"]),
    ] {
        let refusals = world.step(person, id, step, Input::default()).unwrap_err();
        assert_eq!(codes(&refusals), expected, "{person} {step}");
    }
}

#[test]
fn what_stands_against_a_step_is_said_before_anything_is_typed() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let said = |world: &World, person, step: &str| {
        let found = objections(&world.law, world.state(id), &world.matters, &world.context(person), &step.into());
        codes(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&world, REVIEWER, "examine"), [""; 0], "how many are present is only known when they are named");
    assert_eq!(said(&world, HEAD, "examine"), ["wrong_post"]);
    assert_eq!(said(&world, HEAD, "grant"), ["wrong_state", "wait_running"]);
    world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap();
    assert!(said(&world, HEAD, "grant").contains(&"same_person".to_owned()), "who was present does not decide");
}

fn card(person: MatterId, last: &str) -> Credential {
    Credential {
        id: MatterId(person.0 + 300),
        register: "card".into(),
        organ: None,
        number: format!("证{}", person.0),
        domains: Vec::new(),
        from: day("2020-01-01"),
        last_day: Some(day(last)),
        revoked: None,
    }
}

#[test]
fn a_body_whose_officers_were_present_takes_part() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    world.registry.add_credential(OTHER, card(OTHER, "2025-12-31"));
    assert!(!world.state(id).involves(&"town".into()));
    world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap();
    assert!(world.state(id).involves(&"town".into()), "行政处罚法§20: it acts for the organ, and sees what it did");
}

#[test]
fn two_officers_with_valid_certificates() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let expired = world.step(REVIEWER, id, "examine", officers(&[CLERK])).unwrap_err();
    assert!(expired.has("certificate_expired"), "the clerk's card ended on 30 September");
    let none = world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap_err();
    assert!(none.has("certificate_missing"));
    let alone = world.step(REVIEWER, id, "examine", officers(&[REVIEWER])).unwrap_err();
    assert!(alone.has("officers_too_few"), "naming oneself twice does not make two");
}

#[test]
fn a_minimum_is_a_gate_and_opens_after_its_last_day() {
    let mut world = World::new(TODAY);
    let id = world.examined();
    let form =
        |decided_by| Manner::SignedForm { decided_by, day: day("2024-10-17"), original: Some(Digest::of(b"form")) };
    world.today = day("2024-10-17");
    // Three days from the 14th end on the 17th; only afterwards is the gate open.
    let refusals =
        world.give(CLERK, Target::On(id), "grant", Input::default(), form(Decider::Person(HEAD))).unwrap_err();
    assert_eq!(codes(&refusals), ["same_person", "wait_running"]);
}

#[test]
fn a_clerk_enters_the_form_that_a_leader_signed() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    world.registry.add_credential(OTHER, world.registry.credentials_of(REVIEWER)[0].clone());
    world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap();
    world.today = day("2024-10-21");
    let manner = |decided_by, original, on: &str| Manner::SignedForm { decided_by, day: day(on), original };
    let original = Some(Digest::of(b"form"));
    let cases = [
        (manner(Decider::Person(REVIEWER), original, "2024-10-21"), vec!["same_person", "decider_without_post"]),
        (manner(Decider::Person(HEAD), None, "2024-10-21"), vec!["original_missing"]),
        (manner(Decider::Person(HEAD), original, "2024-10-11"), vec!["day_too_early", "wait_running"]),
        (manner(Decider::Person(HEAD), original, "2024-10-22"), vec!["day_in_future"]),
        (manner(Decider::Meeting("办公会".into()), original, "2024-10-21"), vec!["decider_without_post"]),
    ];
    for (manner, mut expected) in cases {
        let refusals = world.give(CLERK, Target::On(id), "grant", Input::default(), manner.clone()).unwrap_err();
        let mut found = codes(&refusals);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{manner:?}");
    }
    let good = manner(Decider::Person(HEAD), original, "2024-10-21");
    let decision = world.give(CLERK, Target::On(id), "grant", Input::default(), good).unwrap();
    assert!(decision.noted.is_empty());
    let issued = &world.state(id).instruments[0];
    assert_eq!(issued.number.as_ref().unwrap().text, "昌测许〔2024〕1号");
    assert_eq!(world.state(id).last_done("grant").unwrap().decided_by, Decider::Person(HEAD));
}

#[test]
fn numbers_have_no_gaps() {
    let mut world = World::new(TODAY);
    world.registry.add_credential(OTHER, world.registry.credentials_of(REVIEWER)[0].clone());
    for n in 1..=3 {
        world.today = day(TODAY);
        let id = world.filed();
        world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap();
        // A refused attempt takes no number.
        world.step(HEAD, id, "grant", Input::default()).unwrap_err();
        world.today = day("2024-10-21");
        world.step(HEAD, id, "grant", Input::default()).unwrap();
        assert_eq!(world.state(id).instruments[0].number.as_ref().unwrap().n, n);
    }
}

#[test]
fn what_happened_elsewhere_is_recorded_with_its_defects() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    world.today = day("2024-12-02");
    let late = Manner::Late {
        decided_by: Some(Decider::Person(HEAD)),
        day: day("2024-11-29"),
        original: Some(Digest::of(b"scan")),
        number: Some("昌测不许〔2024〕旧7号".into()),
    };
    let decision = world.give(CLERK, Target::On(id), "deny", Input::default(), late.clone()).unwrap_err();
    assert!(decision.has("form_not_yours"), "the clerk is not named for this step");
    let decision = world.give(HEAD, Target::On(id), "deny", Input::default(), late).unwrap();
    let noted: Vec<&str> = decision.noted.iter().map(|refusal| refusal.code.as_str()).collect();
    assert_eq!(noted, ["wrong_state"], "denied without examination");
    assert!(decision.flagged("overdue"), "20 working days from 14 October end on 11 November");
    assert_eq!(world.state(id).track("main").unwrap().as_str(), "denied");
    let number = world.state(id).instruments[0].number.clone().unwrap();
    assert_eq!(
        (number.n, number.text.as_str()),
        (0, "昌测不许〔2024〕旧7号"),
        "a number given elsewhere is taken over"
    );
}

#[test]
fn a_warning_of_our_own_design_takes_a_reason() {
    let mut world = World::new(TODAY);
    world.registry.add_credential(OTHER, world.registry.credentials_of(REVIEWER)[0].clone());
    let mut input = whole().with("cap", "100");
    input.fields.insert("fee".into(), vec!["200".into()]);
    let id = world.file(input).unwrap().matter;
    world.step(REVIEWER, id, "examine", officers(&[OTHER])).unwrap();
    world.today = day("2024-10-21");
    let refusals = world.step(HEAD, id, "grant", Input::default()).unwrap_err();
    assert_eq!(
        codes(&refusals).iter().filter(|code| **code == "fee_over_cap" || **code == "reason_missing").count(),
        2
    );
    let reason = Input { reason: Some("经集体研究".into()), ..Input::default() };
    let decision = world.step(HEAD, id, "grant", reason).unwrap();
    assert!(decision.flagged("fee_over_cap"));
}

#[test]
fn clocks_count_suspend_extend_and_flag() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let due = |world: &World| world.state(id).clock("decide_in_time").unwrap().due(&world.calendar);
    assert_eq!(due(&world), Due::On(day("2024-11-11")));
    world.today = day("2024-10-16");
    world.step(HEAD, id, "extend", Input::default()).unwrap();
    assert_eq!(due(&world), Due::On(day("2024-11-25")));
    assert!(world.step(HEAD, id, "extend", Input::default()).unwrap_err().has("wrong_state"), "only once");
    world.today = day("2024-10-17");
    world.step(CLERK, id, "ask", Input::default()).unwrap();
    assert_eq!(due(&world), Due::Suspended);
    let linked = world.state(id).links[0].matter;
    let refusals = world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap_err();
    assert_eq!(codes(&refusals), ["expert_open"]);
    world.today = day("2024-10-24");
    world.step(REVIEWER, linked, "answer", Input::default()).unwrap();
    assert_eq!(world.state(id).links[0].outcome.as_ref().unwrap().as_str(), "answered");
    world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap();
    // Five working days (17 to 23 October) did not count.
    assert_eq!(due(&world), Due::On(day("2024-12-02")));
    world.today = day("2024-12-03");
    let noted = expire(&world.law, world.state(id), &"decide_in_time".into(), &world.context(CLERK)).unwrap();
    assert!(noted.flagged("overdue"));
    world.apply(&noted);
    assert!(expire(&world.law, world.state(id), &"decide_in_time".into(), &world.context(CLERK)).is_none(), "once");
}

#[test]
fn a_year_without_a_notice_is_provisional_and_opens_no_gate() {
    let mut world = World::new("2024-12-20");
    let id = world.filed();
    let deadline = world.state(id).clock("decide_in_time").unwrap().deadline(&world.calendar);
    assert!(matches!(deadline.due, Due::Provisional { missing_year: 2025, .. }));
    assert!(deadline.because.concat().contains("2025年放假安排尚未录入"));
    world.today = day("2025-06-01");
    assert!(expire(&world.law, world.state(id), &"decide_in_time".into(), &world.context(CLERK)).is_none());
}

#[test]
fn the_parents_steps_count_for_separation_of_duties() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    world.step(CLERK, id, "ask", Input::default()).unwrap();
    let linked = world.state(id).links[0].matter;
    let post = MatterId(CLERK.0 + 300);
    let from = day("2020-01-01");
    world.registry.add_post(zhunsheng_core::authority::Post {
        id: post,
        person: CLERK,
        organ: "bureau".into(),
        kind: "legal_reviewer".into(),
        from,
        until: None,
    });
    let command = zhunsheng_core::matter::Command {
        target: Target::On(linked),
        step: "answer".into(),
        input: Input::default(),
        manner: Manner::Live,
    };
    let mut context = world.context(CLERK);
    context.actor = zhunsheng_core::matter::Actor::Staff { person: CLERK, post };
    struct Nothing;
    impl zhunsheng_core::matter::Supply for Nothing {
        fn fresh_id(&mut self) -> MatterId {
            MatterId(9)
        }
        fn last_number(&mut self, _: &zhunsheng_core::matter::SeriesKey) -> u32 {
            0
        }
    }
    let refusals =
        zhunsheng_core::matter::decide(&world.law, &world.matters, &command, &context, &mut Nothing).unwrap_err();
    assert_eq!(codes(&refusals), ["same_person"]);
}

#[test]
fn generic_acts_need_authority_and_a_reason() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let reason = || Input { reason: Some("录入错误".into()), ..Input::default() };
    assert!(world.step(CLERK, id, "_void", reason()).unwrap_err().has("wrong_post"));
    assert!(
        world.step(CLERK, id, "_correct", Input::default().with("subject", "well")).unwrap_err().has("reason_missing")
    );
    assert!(world.step(CLERK, id, "_correct", reason()).unwrap_err().has("field_required"));
    world.step(CLERK, id, "_correct", reason().with("fee", "30.5")).unwrap();
    assert_eq!(world.state(id).fact("fee").unwrap().number(), Some(3_050));
    assert!(world.step(OTHER, id, "_correct", reason().with("fee", "3")).unwrap_err().has("wrong_organ"));
    assert!(
        world
            .step(HEAD, id, "_reassign", Input { assignee: Some(OTHER), ..reason() })
            .unwrap_err()
            .has("assignee_unfit")
    );
    world.step(HEAD, id, "_reassign", Input { assignee: Some(REVIEWER), ..reason() }).unwrap();
    assert_eq!(world.state(id).assigned, Some(REVIEWER));
    world.step(HEAD, id, "_void", reason()).unwrap();
    assert_eq!(codes(&world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap_err()), ["matter_closed"]);
}

#[test]
fn ones_own_last_step_can_be_withdrawn_while_nothing_has_gone_out() {
    let mut world = World::new(TODAY);
    let id = world.examined();
    let reason = || Input { reason: Some("误操作".into()), ..Input::default() };
    assert!(world.step(CLERK, id, "_withdraw", reason()).unwrap_err().has("nothing_to_withdraw"), "another's step");
    world.step(REVIEWER, id, "_withdraw", reason()).unwrap();
    assert_eq!(world.state(id).track("main").unwrap().as_str(), "filed");
    assert!(!world.state(id).has_done("examine"));
    assert!(world.state(id).clock("wait").unwrap().stopped.is_some());
    assert!(
        world.step(CLERK, id, "_withdraw", reason()).unwrap_err().has("nothing_to_withdraw"),
        "an opening step stays"
    );
}

#[test]
fn a_withdrawn_step_gives_back_only_the_clock_that_it_stopped() {
    let reason = || Input { reason: Some("误操作".into()), ..Input::default() };
    for extended in [true, false] {
        let mut world = World::new(TODAY);
        let id = world.filed();
        if extended {
            world.step(HEAD, id, "extend", Input::default()).unwrap();
        }
        world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap();
        assert!(world.state(id).clock("look").unwrap().stopped.is_some());
        world.step(REVIEWER, id, "_withdraw", reason()).unwrap();
        assert_eq!(world.state(id).clock("look").unwrap().stopped.is_some(), extended);
    }
}

#[test]
fn nobody_takes_a_generic_act_in_the_name_of_another() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let input = Input { reason: Some("录入错误".into()), ..Input::default() }.with("fee", "30");
    let form = Manner::SignedForm {
        decided_by: Decider::Person(HEAD),
        day: day("2024-10-12"),
        original: Some(Digest::of(b"f")),
    };
    let decision = world.give(CLERK, Target::On(id), "_correct", input, form).unwrap();
    let done = world.state(id).last_done("_correct").unwrap();
    assert_eq!((&done.decided_by, done.day, decision.day), (&Decider::Person(CLERK), day(TODAY), day(TODAY)));
}

#[test]
fn a_linked_matter_and_open_work_are_visible_to_those_waited_for() {
    let mut world = World::new(TODAY);
    let id = world.filed();
    let procedure = world.law.newest("permit").unwrap().clone();
    let kinds: Vec<String> =
        waiting(&procedure, world.state(id), &world.registry).iter().map(|w| w.post_kind.to_string()).collect();
    assert_eq!(kinds, ["drafter", "legal_reviewer", "organ_head"]);
    let shown = options(&world.law, world.state(id), &Matters::new(), &world.context(REVIEWER));
    let mine: Vec<&str> = shown.iter().filter(|option| option.mine).map(|option| option.step.as_str()).collect();
    assert_eq!(mine, ["examine", "_withdraw"]);
    let examine = shown.iter().find(|option| option.step.as_str() == "ask").unwrap();
    assert!(examine.refusals.has("wrong_post"));
}

#[test]
fn apply_rebuilds_the_state_that_decide_saw() {
    let mut world = World::new(TODAY);
    let first = world.file(whole()).unwrap();
    let id = first.matter;
    let second = world.step(REVIEWER, id, "examine", officers(&[HEAD])).unwrap();
    let mut rebuilt = None;
    for (matter, event) in first.events.iter().chain(&second.events) {
        rebuilt = zhunsheng_core::matter::MatterState::begin(*matter, event).or(rebuilt);
        rebuilt.as_mut().unwrap().apply(event);
    }
    assert_eq!(rebuilt.as_ref(), Some(world.state(id)));
    let bytes = minicbor::to_vec(world.state(id)).unwrap();
    assert_eq!(&minicbor::decode::<zhunsheng_core::matter::MatterState>(&bytes).unwrap(), world.state(id));
    assert!(
        second
            .events
            .iter()
            .any(|(_, event)| matches!(event, Event::ClockStarted(run) if run.clock.as_str() == "wait"))
    );
}

#[test]
fn parties_have_limits() {
    let mut world = World::new(TODAY);
    let mut none = whole();
    none.parties.clear();
    assert_eq!(codes(&world.file(none).unwrap_err()), ["party_missing"]);
    let mut many = whole();
    many.parties.extend([applicant(), applicant()]);
    assert_eq!(codes(&world.file(many).unwrap_err()), ["party_too_many"]);
}
