//! Ways around the law that the engine once left open, each closed.

use super::world::{CLERK, HEAD, World, codes, day, map, whole};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Decider, Event, Input, Manner, Target, expire};

fn reason() -> Input {
    Input { reason: Some("登记有误".into()), ..Input::default() }
}

/// A permit that was refused to its applicant, and whether the refusal was made public.
fn denied(world: &mut World, published: bool) -> MatterId {
    let id = world.examined();
    world.step(HEAD, id, "deny", Input::default()).unwrap();
    if published {
        world.apply(&zhunsheng_core::matter::Decision {
            matter: id,
            day: world.today,
            events: vec![(id, Event::Disclosed("decision".into(), world.today, None))],
            sealed: Vec::new(),
            noted: zhunsheng_core::refusal::Refusals::default(),
            query_code: None,
        });
    }
    id
}

#[test]
fn what_was_decided_or_published_is_not_voided() {
    let mut world = World::new("2024-10-14");
    let open = world.filed();
    world.step(HEAD, open, "_void", reason()).unwrap();
    let id = denied(&mut world, false);
    assert_eq!(codes(&world.step(HEAD, id, "_void", reason()).unwrap_err()), ["void_decided"]);
    let id = denied(&mut world, true);
    assert_eq!(codes(&world.step(HEAD, id, "_void", reason()).unwrap_err()), ["void_published", "void_decided"]);
}

#[test]
fn a_limit_met_in_time_and_entered_late_is_not_counted_as_overdue() {
    let mut world = World::new("2024-10-08");
    let id = world.file(whole().with("asked_on", "2024-10-08")).unwrap().matter;
    world.today = day("2024-10-20");
    let noted = expire(&world.law, world.state(id), &"answer".into(), &world.context(CLERK)).unwrap();
    world.apply(&noted);
    assert!(world.state(id).clock("answer").unwrap().expired);
    let overdue = |world: &World| world.state(id).flags.iter().filter(|flag| flag.code.as_str() == "overdue").count();
    assert_eq!(overdue(&world), 1);
    let late = |on: &str| Manner::Late {
        decided_by: Some(Decider::Person(HEAD)),
        day: day(on),
        original: Some(map().digest),
        number: Some("昌测不许〔2024〕9号".into()),
    };
    let mut too_late = world.matters.clone();
    world.give(HEAD, Target::On(id), "deny", Input::default(), late("2024-10-18")).unwrap();
    assert_eq!(overdue(&world), 1, "five days after");
    std::mem::swap(&mut world.matters, &mut too_late);
    world.give(HEAD, Target::On(id), "deny", Input::default(), late("2024-10-11")).unwrap();
    assert_eq!(overdue(&world), 0, "in time, entered afterwards");
    assert!(!world.state(id).clock("answer").unwrap().expired);
}

#[test]
fn a_clock_follows_the_day_that_it_counts_from() {
    let mut world = World::new("2024-10-08");
    let id = world.file(whole().with("asked_on", "2024-10-08")).unwrap().matter;
    let due = |world: &World| world.state(id).clock("answer").unwrap().due(&world.calendar).certain().unwrap();
    assert_eq!(due(&world), day("2024-10-13"));
    world.step(CLERK, id, "_correct", reason().with("asked_on", "2024-10-01")).unwrap();
    assert_eq!(due(&world), day("2024-10-06"));
    let noted = expire(&world.law, world.state(id), &"answer".into(), &world.context(CLERK)).unwrap();
    world.apply(&noted);
    world.step(CLERK, id, "_correct", reason().with("asked_on", "2024-10-07")).unwrap();
    assert_eq!(due(&world), day("2024-10-12"));
    let state = world.state(id);
    assert!(!state.clock("answer").unwrap().expired && state.flags.is_empty(), "it has not run out after all");
}

#[test]
fn documents_are_of_a_kind_that_the_definition_knows() {
    let mut world = World::new("2024-10-14");
    let id = world.filed();
    let with = |kind: &str| {
        let mut input = reason();
        input.evidence.push(zhunsheng_core::matter::EvidenceInput { kind: kind.into(), ..map() });
        input
    };
    for (kind, fits) in [("map", true), ("other", true), ("poem", false)] {
        let result = world.step(CLERK, id, "_attach", with(kind));
        assert_eq!(result.err().map(|refusals| refusals.has("evidence_unknown")), (!fits).then_some(true), "{kind}");
    }
}

#[test]
fn an_empty_answer_clears_a_text_and_never_personal_data() {
    let mut world = World::new("2024-10-14");
    let id = world.file(whole().with("note", "旧说明")).unwrap().matter;
    assert!(world.state(id).filled(&"note".into()));
    let decision = world.step(CLERK, id, "_correct", reason().with("note", " ")).unwrap();
    assert!(!world.state(id).filled(&"note".into()));
    let cleared = decision.sealed.iter().find(|sealed| sealed.label == "field.note").unwrap();
    assert_eq!(cleared.value, "", "an empty value stands under the label");
}

#[test]
fn a_running_matter_that_turns_out_to_be_secret_stops_there() {
    let mut world = World::new("2024-10-14");
    let id = world.filed();
    let secret = reason().with("secrecy", "state_secret").with("note", "机密内容");
    assert_eq!(codes(&world.step(CLERK, id, "_correct", secret).unwrap_err()), ["secret"]);
    assert!(!world.state(id).filled(&"note".into()), "nothing was kept");
}

#[test]
fn what_may_only_be_stored_is_not_handled_any_more() {
    let mut world = World::new("2024-10-14");
    let id = world.filed();
    let basis = zhunsheng_core::basis::Basis::parse("个人信息保护法§47").unwrap();
    world.matters.get_mut(&id).unwrap().apply(&Event::Restricted(true, basis));
    let refusals = world.step(CLERK, id, "_correct", reason().with("fee", "3")).unwrap_err();
    assert_eq!(codes(&refusals), ["restricted"]);
    assert!(refusals.iter().all(|refusal| refusal.basis.is_some()));
}
