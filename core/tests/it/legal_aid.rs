//! 法律援助 and the register of village legal guides as committed in `law/`: what must work, and what must be refused or
//! flagged with its article. Not here: the engine's own rules (engine.rs).

use zhunsheng_core::authority::{Organ, Place, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, EvidenceInput, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::PartyKind;

use super::penalty::{Bureau, typed};
use super::world::{appoint, day};

const CLERK: MatterId = MatterId(1);
const HEAD: MatterId = MatterId(2);
const BUREAU_CLERK: MatterId = MatterId(3);
const BUREAU_HEAD: MatterId = MatterId(4);
const STATION: MatterId = MatterId(5);

const EXAMINED: &str = "in_scope=yes cause=labour_pay service_form=arbitration recipient_groups=migrant_worker people_count=3 opinion=符合";
const HELPER: &str = "helper_kind=lawyer helper_name=周援 helper_office=演示律所";

fn registry() -> Registry {
    let mut registry = Registry::default();
    let place = |code: &str, level: &str, parent: Option<&str>| Place {
        code: code.into(),
        name: code.into(),
        level: level.into(),
        parent: parent.map(Into::into),
    };
    registry.add_place(place("211224100", "town", None));
    registry.add_place(place("211224100200", "village", Some("211224100")));
    let organs = [
        ("justice", "department", None, "judicial_bureau"),
        ("centre", "legal_aid_centre", Some("justice"), "legal_aid"),
        ("station", "justice_station", Some("justice"), ""),
    ];
    for (code, kind, parent, function) in organs {
        registry.add_organ(Organ {
            code: code.into(),
            name: code.into(),
            short: "昌援".into(),
            kind: kind.into(),
            parent: parent.map(Into::into),
            place: None,
            functions: if function.is_empty() { Vec::new() } else { vec![function.into()] },
            uscc: None,
            telephone: None,
            until: None,
        });
    }
    let people = [
        (CLERK, "aid_clerk", "centre"),
        (HEAD, "aid_head", "centre"),
        (BUREAU_CLERK, "grassroots_clerk", "justice"),
        (BUREAU_HEAD, "organ_head", "justice"),
        (STATION, "justice_station_head", "station"),
    ];
    for (id, kind, organ) in people {
        appoint(&mut registry, id, &format!("人员{}", id.0), (kind, organ));
    }
    registry
}

fn party(role: &str) -> PartyInput {
    PartyInput {
        role: Some(role.into()),
        kind: Some(PartyKind::Natural),
        name: "孙堃".into(),
        phone: if role == "recipient" { "13812345678".into() } else { String::new() },
        ..PartyInput::default()
    }
}

fn paper(kind: &str) -> Vec<EvidenceInput> {
    vec![EvidenceInput {
        kind: kind.into(),
        digest: Digest::of(kind.as_bytes()),
        sm3: Digest::of(kind.as_bytes()),
        bytes: 3,
        media: "image/png".into(),
        name: "图.png".into(),
    }]
}

fn open(centre: &mut Bureau, on: &str, who: MatterId, (procedure, step): (&str, &str), input: Input) -> MatterId {
    centre.today = Day::parse(on).unwrap();
    let actor = Actor::Staff { person: who, post: MatterId(who.0 + 100) };
    let target = Target::Open(procedure.into());
    centre
        .give(actor, target, step, input, Manner::Live)
        .unwrap_or_else(|refusals| panic!("{step}: {refusals:#?}"))
        .matter
}

/// An application registered at the desk on 1 March 2024, a Friday.
fn applied() -> (Bureau, MatterId) {
    let mut centre = Bureau::with(registry(), "2024-03-01");
    let mut input = typed(
        "cause=labour_pay service_form=arbitration recipient_groups=migrant_worker people_count=3 summary=欠薪 amount_claimed=30000",
    );
    input.parties.push(party("recipient"));
    let id = open(&mut centre, "2024-03-01", CLERK, ("legal_aid", "register"), input);
    (centre, id)
}

/// The same, examined: exempt from the means test with its proof.
fn examined() -> (Bureau, MatterId) {
    let (mut centre, id) = applied();
    let text = format!("{EXAMINED} means_way=exempt exempt_ground=migrant");
    let input = Input { evidence: paper("exempt_proof"), ..typed(&text) };
    centre.today = day("2024-03-04");
    centre.try_step(CLERK, id, "examine", input).unwrap();
    (centre, id)
}

fn notified(ground: &str) -> (Bureau, MatterId) {
    let mut centre = Bureau::with(registry(), "2024-03-01");
    let text = format!(
        "notifying_organ=court notifying_name=县法院 notice_number=一 notice_ground={ground} cause=criminal service_form=criminal_defence people_count=1"
    );
    let mut input = Input { evidence: paper("notice_letter"), ..typed(&text) };
    input.parties.push(party("accused"));
    let id = open(&mut centre, "2024-03-01", CLERK, ("legal_aid", "receive_notice"), input);
    (centre, id)
}

fn overdue(centre: &Bureau, id: MatterId) -> Vec<String> {
    let late = centre.matters[&id].flags.iter().filter(|flag| flag.code.as_str() == "overdue");
    late.filter_map(|flag| flag.basis.as_ref().map(|basis| basis.written())).collect()
}

#[test]
fn a_wage_case_runs_from_the_desk_to_the_allowance() {
    let (mut centre, id) = examined();
    centre.step("2024-03-05", HEAD, id, "grant", "");
    assert_eq!(centre.matters[&id].instruments.last().unwrap().number.as_ref().unwrap().text, "昌援决〔2024〕1号");
    centre.step("2024-03-06", CLERK, id, "assign", HELPER);
    centre.step("2024-03-20", CLERK, id, "progress", "stage=filed");
    centre.step("2024-03-21", CLERK, id, "change_helper", &format!("change_reason=requested {HELPER}"));
    centre.today = day("2024-05-06");
    assert_eq!(
        centre.refused(CLERK, id, "finish", "result=supported amount_awarded=28000 amount_received=28001"),
        ["reason_missing", "aid_received_over_awarded"]
    );
    centre.step("2024-05-06", CLERK, id, "finish", "result=supported amount_awarded=28000 amount_received=0");
    centre.step("2024-05-20", CLERK, id, "register_received", "amount_received=15000");
    assert_eq!(centre.refused(CLERK, id, "submit_file", ""), ["evidence_missing"]);
    let file = Input { evidence: paper("closing_file"), ..Input::default() };
    centre.try_step(CLERK, id, "submit_file", file).unwrap();
    assert_eq!(centre.refused(HEAD, id, "pay_allowance", "allowance=0"), ["field_required"], "why none is paid");
    centre.step("2024-05-27", HEAD, id, "pay_allowance", "allowance=1200");
    let state = &centre.matters[&id];
    assert_eq!(state.ended.as_ref().unwrap().outcome.as_str(), "aided");
    assert!(state.flags.is_empty(), "{:?}", state.flags);
}

#[test]
fn a_decision_on_the_eighth_day_and_a_late_assignment_are_flagged_with_their_article() {
    let (mut centre, id) = examined();
    centre.step("2024-03-09", HEAD, id, "grant", "");
    assert_eq!(overdue(&centre, id), ["法律援助法§43.1"], "seven days after 1 March end on the 8th");
    centre.step("2024-03-13", CLERK, id, "assign", HELPER);
    assert_eq!(
        overdue(&centre, id),
        ["法律援助法§43.1", "法律援助法§43.1"],
        "three days after the 9th end on the 12th"
    );
    let (mut centre, id) = notified("minor");
    centre.step("2024-03-05", CLERK, id, "assign", &format!("{HELPER} helper_years=2"));
    assert_eq!(overdue(&centre, id), ["法律援助法§36"]);
    let (mut centre, id) = examined();
    centre.step("2024-03-08", HEAD, id, "grant", "");
    centre.step("2024-03-11", CLERK, id, "assign", HELPER);
    assert!(overdue(&centre, id).is_empty(), "the last day is in time");
}

#[test]
fn what_is_missing_is_asked_for_once_and_the_time_until_it_comes_is_left_out() {
    let (mut centre, id) = applied();
    centre.step("2024-03-04", CLERK, id, "ask_supplement", "missing_material=欠条");
    assert_eq!(centre.refused(CLERK, id, "deem_withdrawn", ""), ["aid_supplement_running"]);
    centre.step("2024-03-08", CLERK, id, "supplement", "");
    assert_eq!(centre.refused(CLERK, id, "ask_supplement", "missing_material=又缺"), ["aid_supplement_once"]);
    let text = format!("{EXAMINED} means_way=promise means_result=hardship");
    centre.step("2024-03-11", CLERK, id, "examine", &text);
    centre.step("2024-03-12", HEAD, id, "grant", "");
    assert!(overdue(&centre, id).is_empty(), "four days were the applicant's");
}

#[test]
fn means_are_not_tested_where_the_law_says_so_and_only_there() {
    let (mut centre, id) = applied();
    let try_means =
        |centre: &mut Bureau, more: &str| centre.refused(CLERK, id, "examine", &format!("{EXAMINED} {more}"));
    assert_eq!(try_means(&mut centre, "means_way=no_means_test"), ["aid_means_test_due"]);
    assert_eq!(try_means(&mut centre, "means_way=exempt exempt_ground=migrant"), ["evidence_missing"]);
    assert_eq!(try_means(&mut centre, "means_way=shared_data"), ["field_required"], "a check has a result");
    let other = EXAMINED.replace("migrant_worker", "other");
    let input =
        Input { evidence: paper("exempt_proof"), ..typed(&format!("{other} means_way=exempt exempt_ground=migrant")) };
    let refusals = centre.try_step(CLERK, id, "examine", input).unwrap_err();
    assert_eq!(refusals.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["aid_exempt_not_migrant"]);
    let (mut centre, id) = examined();
    let refuse = "refusal_reason=not_hardship refusal_note=收入高";
    assert_eq!(centre.refused(HEAD, id, "refuse", refuse), ["aid_refusal_means"], "exempt: means are no reason");
}

#[test]
fn a_refusal_has_reasons_and_whoever_examined_does_not_decide() {
    let (mut centre, id) = applied();
    let text = format!("{EXAMINED} means_way=shared_data means_result=not_hardship");
    centre.step("2024-03-04", CLERK, id, "examine", &text);
    assert_eq!(centre.refused(HEAD, id, "grant", ""), ["aid_not_hardship"]);
    assert_eq!(centre.refused(HEAD, id, "refuse", "refusal_reason=not_hardship"), ["field_required"]);
    assert_eq!(
        centre.refused(HEAD, id, "refuse", "refusal_reason=out_of_scope refusal_note=无"),
        ["aid_refusal_contradicts"]
    );
    assert!(centre.refused(CLERK, id, "refuse", "refusal_reason=other refusal_note=无").contains(&"wrong_post".into()));
}

#[test]
fn an_objection_is_judged_by_the_bureau_and_correction_binds_the_centre() {
    let (mut centre, id) = applied();
    let text = format!("{EXAMINED} means_way=shared_data means_result=not_hardship");
    centre.step("2024-03-04", CLERK, id, "examine", &text);
    centre.step("2024-03-05", HEAD, id, "refuse", "refusal_reason=not_hardship refusal_note=收入高");
    assert_eq!(centre.refused(BUREAU_CLERK, id, "object", "objection=不服"), ["wrong_state"], "not served yet");
    centre.step("2024-03-06", CLERK, id, "serve_refusal", "served_how=当面");
    assert_eq!(centre.matters[&id].ended.as_ref().unwrap().outcome.as_str(), "not_granted");
    centre.step("2024-03-11", BUREAU_CLERK, id, "object", "objection=不服");
    assert!(centre.refused(HEAD, id, "uphold", "objection_opinion=维持").contains(&"wrong_post".into()));
    assert_eq!(centre.refused(BUREAU_HEAD, id, "order_resume", "objection_opinion=改"), ["aid_objection_kind"]);
    centre.step("2024-03-18", BUREAU_HEAD, id, "order_grant", "objection_opinion=改正");
    assert_eq!(overdue(&centre, id), ["法律援助法§49.2"], "five days after the 11th end on the 16th");
    assert_eq!(
        centre.refused(HEAD, id, "refuse", "refusal_reason=other refusal_note=仍不同意"),
        ["aid_correction_ordered"]
    );
}

#[test]
fn notified_defence_is_a_lawyers_and_grave_cases_an_experienced_ones() {
    let (mut centre, id) = notified("life_or_death");
    let worker = HELPER.replace("lawyer", "grassroots_worker");
    assert_eq!(
        centre.refused(CLERK, id, "assign", &format!("{worker} helper_years=2")),
        ["aid_lawyer_only", "aid_three_years"]
    );
    centre.step("2024-03-04", CLERK, id, "assign", &format!("{HELPER} helper_years=3"));
    let issued: Vec<&str> = centre.matters[&id].instruments.iter().map(|paper| paper.kind.as_str()).collect();
    assert_eq!(issued, ["assignment_notice", "reply_letter"], "and the court is told");
}

#[test]
fn urgent_aid_comes_before_the_papers_and_is_not_closed_without_them() {
    let (mut centre, id) = applied();
    let urgent = "urgent_ground=limitation urgent_until=2024-03-06 service_form=arbitration recipient_groups=migrant_worker people_count=3";
    centre.step("2024-03-01", HEAD, id, "provide_first", urgent);
    centre.step("2024-03-01", CLERK, id, "assign", HELPER);
    centre.step("2024-04-01", CLERK, id, "finish", "result=settled amount_awarded=9000 amount_received=9000");
    centre.try_step(CLERK, id, "submit_file", Input { evidence: paper("closing_file"), ..Input::default() }).unwrap();
    assert_eq!(centre.refused(HEAD, id, "pay_allowance", "allowance=1200"), ["aid_make_up_open"]);
    centre.step(
        "2024-04-02",
        CLERK,
        id,
        "make_up",
        "in_scope=yes means_way=promise means_result=hardship make_up_note=已补",
    );
    centre.step("2024-04-02", HEAD, id, "pay_allowance", "allowance=1200");
    assert_eq!(overdue(&centre, id), ["制度:先行提供法律援助补办手续的期间"]);
}

#[test]
fn aid_that_was_ended_is_resumed_only_by_the_bureau() {
    let (mut centre, id) = examined();
    centre.step("2024-03-05", HEAD, id, "grant", "");
    centre.step("2024-03-06", CLERK, id, "assign", HELPER);
    centre.step("2024-03-12", HEAD, id, "terminate", "terminate_ground=own_lawyer terminate_note=另行委托");
    centre.step("2024-03-12", CLERK, id, "serve_termination", "served_how=邮寄");
    assert_eq!(centre.track(id, "main"), "terminated");
    centre.step("2024-03-14", BUREAU_CLERK, id, "object", "objection=没有委托");
    centre.step("2024-03-15", BUREAU_HEAD, id, "order_resume", "objection_opinion=恢复");
    centre.step("2024-03-18", CLERK, id, "assign", HELPER);
    assert_eq!(centre.track(id, "main"), "assigned");
}

#[test]
fn a_legal_guide_is_trained_before_the_certificate() {
    let mut county = Bureau::with(registry(), "2024-03-01");
    let input = typed("place=211224100200 name=李明 gender=male category=group_head chosen_how=committee");
    let id = open(&mut county, "2024-03-01", STATION, ("village_legal_guide", "recommend"), input);
    let certificate = "training_passed=yes certificate_number=一 valid_from=2024-03-01";
    assert_eq!(county.refused(BUREAU_CLERK, id, "certify", certificate), ["guide_untrained"]);
    assert_eq!(county.refused(STATION, id, "record_activity", "activity=publicity"), ["wrong_state"]);
    county.step("2024-03-04", STATION, id, "train", "training_title=初任 training_hours=16");
    assert!(county.refused(STATION, id, "certify", certificate).contains(&"wrong_post".into()));
    let failed = certificate.replace("yes", "no");
    assert_eq!(county.refused(BUREAU_CLERK, id, "certify", &failed), ["guide_not_passed"]);
    county.step("2024-03-05", BUREAU_CLERK, id, "certify", certificate);
    county.step("2024-03-06", STATION, id, "record_activity", "activity=publicity");
    county.step("2024-06-03", BUREAU_CLERK, id, "revoke", "revoked_on=2024-06-03 end_reason=moved");
    assert_eq!(county.matters[&id].ended.as_ref().unwrap().outcome.as_str(), "revoked");
}
