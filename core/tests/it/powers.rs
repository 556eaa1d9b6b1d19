//! 法无授权不可为: which organ may bring a case under which power, on which day, in whose name — as the committed law says.
//! Not here: the rest of a case's life (penalty.rs).

use zhunsheng_core::authority::{Credential, Delegation, DelegationKind, Organ, Person, Post, Power, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Decider, Decision, Input, Manner, PartyInput, Target};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::refusal::Refusals;

use super::penalty::{Bureau, registry, typed};

const OFFICER: MatterId = MatterId(1);
const CLERK: MatterId = MatterId(3);
const HEAD: MatterId = MatterId(5);
const TEAM_OFFICER: MatterId = MatterId(6);
const TOWN_HEAD: MatterId = MatterId(7);
const KEEPER: MatterId = MatterId(8);

const LABELS: MatterId = MatterId(301);
const LICENCE_PLATES: MatterId = MatterId(302);

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn organ(code: &str, name: &str, kind: &str, parent: Option<&str>) -> Organ {
    Organ {
        code: code.into(),
        name: name.into(),
        short: name.into(),
        kind: kind.into(),
        parent: parent.map(Into::into),
        place: kind.starts_with("town").then(|| "211224100".into()),
        functions: Vec::new(),
        uscc: None,
        telephone: None,
        until: None,
    }
}

fn power(id: MatterId, name: &str, domain: &str, organ: &str) -> Power {
    Power {
        id,
        code: id.0.to_string(),
        name: name.into(),
        kind: "penalty".into(),
        domain: domain.into(),
        organ: organ.into(),
        basis: "条款".into(),
        from: day("2021-07-15"),
        until: None,
        published: None,
    }
}

fn delegation(kind: DelegationKind, to: &str) -> Delegation {
    Delegation {
        id: MatterId(401),
        kind,
        by: "agriculture".into(),
        to: to.into(),
        power_kind: "penalty".into(),
        domain: "agriculture".into(),
        power: None,
        instrument: "昌农委〔2024〕1号".into(),
        from: day("2024-01-01"),
        until: Some(day("2025-01-01")),
        published: Some(day("2024-01-05")),
    }
}

/// The bureau of penalty.rs, a town with its team, and a second bureau; the agricultural list has one power.
fn county() -> Registry {
    let mut registry = registry();
    registry.add_organ(organ("town", "测试镇人民政府", "town_government", None));
    registry.add_organ(organ("team", "测试镇综合行政执法队", "town_enforcement_team", Some("town")));
    registry.add_organ(organ("transport", "昌图县交通运输局", "department", None));
    registry.add_organ(organ("justice", "昌图县司法局", "department", None));
    for (id, organ, kind) in [
        (TEAM_OFFICER, "team", "enforcement_officer"),
        (TOWN_HEAD, "town", "organ_head"),
        (KEEPER, "justice", "supervisor"),
    ] {
        registry.add_person(Person { id, name: format!("人员{}", id.0) });
        let (post, from) = (MatterId(id.0 + 100), day("2020-01-01"));
        registry.add_post(Post { id: post, person: id, organ: organ.into(), kind: kind.into(), from, until: None });
    }
    let (register, from) = ("enforcement_certificate".into(), day("2020-01-01"));
    let (number, domains) = ("证6".to_owned(), vec!["agriculture".to_owned()]);
    let card =
        Credential { id: MatterId(206), register, organ: None, number, domains, from, last_day: None, revoked: None };
    registry.add_credential(TEAM_OFFICER, card);
    registry.add_power(power(LABELS, "对经营标签不符合规定的农药的处罚", "agriculture", "agriculture"));
    registry.add_power(power(LICENCE_PLATES, "对未取得道路运输经营许可的处罚", "transport", "transport"));
    registry
}

fn with(change: impl FnOnce(&mut Registry)) -> Bureau {
    let mut registry = county();
    change(&mut registry);
    Bureau::with(registry, "2024-03-01")
}

/// A lead of a field of law, registered by an officer.
fn lead(bureau: &mut Bureau, who: MatterId, domain: &str, more: &str) -> MatterId {
    let mut input = typed(&format!(
        "secrecy=none domain={domain} power_basis=statutory source=complaint source_note=线索 discovered_on=2024-03-01 place=211224100 violation=案由 {more}"
    ));
    input.parties.push(PartyInput {
        role: Some("respondent".into()),
        kind: Some(PartyKind::SoleTrader),
        name: "测试商店".into(),
        address: "测试镇".into(),
        ..PartyInput::default()
    });
    let actor = Actor::Staff { person: who, post: MatterId(who.0 + 100) };
    bureau.give(actor, Target::Open("penalty".into()), "register", input, Manner::Live).unwrap().matter
}

fn file(bureau: &mut Bureau, head: MatterId, case: MatterId, more: &str) -> Result<Decision, Refusals> {
    let assignee = Some(if head == HEAD { OFFICER } else { TOWN_HEAD });
    bureau.try_step(head, case, "file", Input { assignee, ..typed(&format!("file_reason=理由 {more}")) })
}

/// Code, article and sentence of the only refusal.
#[track_caller]
fn only(result: Result<Decision, Refusals>) -> (String, String, String) {
    let refusals = result.unwrap_err();
    let all: Vec<_> = refusals.iter().collect();
    let [refusal] = all.as_slice() else { panic!("{refusals:#?}") };
    let basis = refusal.basis.as_ref().map(|basis| basis.written().to_owned()).unwrap_or_default();
    (refusal.code.to_string(), basis, format!("{}{}", refusal.sentence, refusal.next))
}

#[test]
fn a_case_is_filed_under_a_power_that_the_organ_holds() {
    let mut bureau = with(|_| {});
    let case = lead(&mut bureau, OFFICER, "agriculture", "");
    let (code, basis, _) = only(file(&mut bureau, HEAD, case, ""));
    assert_eq!((code.as_str(), basis.as_str()), ("power_missing", "行政处罚法§17"));
    let (code, ..) = only(file(&mut bureau, HEAD, case, &format!("power={LICENCE_PLATES}")));
    assert_eq!(code, "power_unfit");
    file(&mut bureau, HEAD, case, &format!("power={LABELS}")).unwrap();
    assert!(bureau.matters[&case].flags.is_empty());
}

#[test]
fn a_lead_of_another_organ_is_registered_and_transferred_to_the_competent_one() {
    let mut bureau = with(|_| {});
    let case = lead(&mut bureau, OFFICER, "transport", &format!("power={LICENCE_PLATES}"));
    let (code, basis, said) = only(file(&mut bureau, HEAD, case, ""));
    assert_eq!((code.as_str(), basis.as_str()), ("power_elsewhere", "行政处罚法§17"));
    assert!(said.contains("昌图县交通运输局") && said.contains("移送函"), "{said}");
    bureau.step(
        "2024-03-02",
        HEAD,
        case,
        "transfer_jurisdiction",
        "transfer_to=昌图县交通运输局 transfer_reason=不属于本机关",
    );
    let state = &bureau.matters[&case];
    assert_eq!(state.ended.as_ref().unwrap().outcome.as_str(), "transferred_jurisdiction");
    assert!(state.instruments.iter().any(|paper| paper.kind.as_str() == "transfer_letter"));
}

#[test]
fn where_the_list_is_silent_nobody_is_asked() {
    let mut bureau = with(|registry| {
        let mut later = power(LICENCE_PLATES, "对未取得道路运输经营许可的处罚", "transport", "transport");
        later.from = day("2024-04-01");
        registry.add_power(later);
    });
    let case = lead(&mut bureau, OFFICER, "transport", "");
    file(&mut bureau, HEAD, case, "").unwrap();
    let case = lead(&mut bureau, OFFICER, "transport", "");
    bureau.today = day("2024-04-01");
    assert_eq!(only(file(&mut bureau, HEAD, case, "")).0, "power_missing", "the list speaks from this day on");
}

#[test]
fn a_power_that_has_ended_serves_neither_filing_nor_investigation() {
    let mut bureau = with(|registry| {
        let ended = power(LABELS, "对经营标签不符合规定的农药的处罚", "agriculture", "agriculture");
        registry.add_power(Power { until: Some(day("2024-03-10")), ..ended });
    });
    let case = lead(&mut bureau, OFFICER, "agriculture", &format!("power={LABELS}"));
    file(&mut bureau, HEAD, case, "").unwrap();
    bureau.today = day("2024-03-10");
    let refused =
        bureau.refused(OFFICER, case, "investigate", "investigation=inquiry investigation_record=询问 questioned=证人");
    assert_eq!(refused, ["power_not_in_force"]);
    let second = lead(&mut bureau, OFFICER, "agriculture", &format!("power={LABELS}"));
    assert_eq!(only(file(&mut bureau, HEAD, second, "")).0, "power_not_in_force");
}

#[test]
fn a_team_acts_as_its_town_which_files_only_what_was_handed_to_it() {
    let power = format!("power={LABELS}");
    let mut bureau = with(|_| {});
    let case = lead(&mut bureau, TEAM_OFFICER, "agriculture", &power);
    assert_eq!(bureau.matters[&case].organ.as_str(), "town", "a team holds no case");
    let (code, _, said) = only(file(&mut bureau, TOWN_HEAD, case, ""));
    assert!(code == "power_elsewhere" && said.contains("昌图县农业农村局"), "{code} {said}");

    let assigned = |change: fn(Delegation) -> Delegation| {
        let mut bureau = with(|registry| registry.add_delegation(change(delegation(DelegationKind::Assigned, "town"))));
        let case = lead(&mut bureau, TEAM_OFFICER, "agriculture", &format!("power={LABELS}"));
        let result = file(&mut bureau, TOWN_HEAD, case, "");
        (bureau, case, result)
    };
    let (bureau, case, result) = assigned(|known| known);
    result.unwrap();
    let form = bureau.matters[&case].instruments.iter().find(|paper| paper.kind.as_str() == "filing_form").unwrap();
    assert_eq!(form.number.as_ref().unwrap().organ.as_str(), "town", "赋权: in the town's own name");
    let (code, basis, _) = only(assigned(|known| Delegation { until: Some(day("2024-02-01")), ..known }).2);
    assert_eq!((code.as_str(), basis.as_str()), ("delegation_ended", "行政处罚法§24.1"));
    let (code, ..) = only(assigned(|known| Delegation { published: None, ..known }).2);
    assert_eq!(code, "delegation_unpublished");
    let (code, ..) = only(assigned(|known| Delegation { power: Some(LICENCE_PLATES), ..known }).2);
    assert_eq!(code, "power_elsewhere", "what was handed over is another power");
}

#[test]
fn an_entrusted_team_acts_in_the_bureaus_name_within_the_period() {
    let entrusted = |known: Option<Delegation>| {
        let mut bureau = with(|registry| known.into_iter().for_each(|known| registry.add_delegation(known)));
        let case = lead(&mut bureau, OFFICER, "agriculture", &format!("power={LABELS} entrusted_body=team"));
        let result = file(&mut bureau, HEAD, case, "");
        (bureau, case, result)
    };
    let valid = || delegation(DelegationKind::Entrusted, "team");
    let (mut bureau, case, result) = entrusted(Some(valid()));
    result.unwrap();
    bureau.step(
        "2024-03-05",
        OFFICER,
        case,
        "investigate",
        "investigation=inquiry investigation_record=询问 questioned=证人",
    );
    let theirs = Input {
        officers: vec![TEAM_OFFICER, OFFICER],
        ..typed("investigation=inquiry investigation_record=询问 questioned=证人")
    };
    bureau.try_step(TEAM_OFFICER, case, "investigate", theirs).unwrap();
    let form = bureau.matters[&case].instruments.iter().find(|paper| paper.kind.as_str() == "filing_form").unwrap();
    assert_eq!(form.number.as_ref().unwrap().organ.as_str(), "agriculture", "委托: in the name of who entrusts");
    let cases = [
        (None, "delegation_missing"),
        (Some(Delegation { from: day("2024-03-02"), ..valid() }), "delegation_ended"),
        (Some(Delegation { published: Some(day("2024-03-02")), ..valid() }), "delegation_unpublished"),
        (Some(Delegation { by: "transport".into(), ..valid() }), "delegation_missing"),
        (Some(delegation(DelegationKind::Assigned, "team")), "delegation_missing"),
    ];
    for (known, expected) in cases {
        let (code, basis, _) = only(entrusted(known).2);
        assert_eq!((code.as_str(), basis.as_str()), (expected, "行政处罚法§20.1"));
    }
    bureau.today = day("2025-01-02");
    let late =
        bureau.refused(OFFICER, case, "investigate", "investigation=inquiry investigation_record=询问 questioned=证人");
    assert!(late.contains(&"delegation_ended".to_owned()), "{late:?}");
}

#[test]
fn a_case_filed_elsewhere_without_the_power_is_recorded_and_flagged() {
    let mut bureau = with(|_| {});
    let case = lead(&mut bureau, OFFICER, "transport", &format!("power={LICENCE_PLATES}"));
    bureau.today = day("2024-03-08");
    let manner = Manner::Late {
        decided_by: Some(Decider::Person(HEAD)),
        day: day("2024-03-04"),
        original: Some(Digest::of(b"paper")),
        number: None,
    };
    let actor = Actor::Staff { person: CLERK, post: MatterId(103) };
    let input = Input { assignee: Some(OFFICER), ..typed("file_reason=理由") };
    let done = bureau.give(actor, Target::On(case), "file", input, manner).unwrap();
    assert!(done.flagged("power_elsewhere"));
    assert_eq!(bureau.track(case, "main"), "investigating");
    assert_eq!(bureau.matters[&case].flags[0].basis.as_ref().unwrap().written(), "行政处罚法§17");
}

#[test]
fn the_registers_refuse_what_no_instrument_may_delegate() {
    let mut bureau = with(|registry| {
        let mut seizure = power(MatterId(303), "查封、扣押", "agriculture", "agriculture");
        seizure.kind = "compulsion".into();
        registry.add_power(seizure);
    });
    let actor = Actor::Staff { person: KEEPER, post: MatterId(KEEPER.0 + 100) };
    let mut enter = |procedure: &str, text: &str| {
        bureau.give(actor.clone(), Target::Open(procedure.into()), "register", typed(text), Manner::Live)
    };
    let base = "from_organ=agriculture to_organ=team domain=agriculture power_kind=penalty limits=罚款 instrument_number=一号 instrument_on=2024-01-01 valid_from=2024-01-01";
    let period = "valid_until=2025-12-31";
    enter("enforcement_delegation", &format!("delegation_kind=entrusted {base} {period}")).unwrap();
    let cases = [
        (
            format!("delegation_kind=entrusted {} {period}", base.replace("penalty", "compulsion")),
            "delegation_of_compulsion",
        ),
        (format!("delegation_kind=entrusted {base}"), "delegation_without_period"),
        (
            format!(
                "delegation_kind=entrusted {} {period}",
                base.replace("from_organ=agriculture", "from_organ=transport")
            ),
            "delegation_beyond_power",
        ),
        (format!("delegation_kind=entrusted {base} {period} power={LICENCE_PLATES}"), "delegation_beyond_power"),
        (format!("delegation_kind=assigned {base}"), "assignment_not_to_town"),
        (
            format!("delegation_kind=entrusted {} {period}", base.replace("penalty", "licence")),
            "licence_entrusted_to_body",
        ),
        (format!("delegation_kind=entrusted {base} valid_until=2023-12-31"), "interval_reversed"),
    ];
    for (text, expected) in cases {
        assert_eq!(only(enter("enforcement_delegation", &text)).0, expected, "{text}");
    }
    let again = base.replace("from_organ=agriculture", "from_organ=team").replace("to_organ=team", "to_organ=town");
    let refused = enter("enforcement_delegation", &format!("delegation_kind=entrusted {again} {period}")).unwrap_err();
    assert!(refused.has("delegation_again"), "{refused:#?}");
    let listed = "code=一 name=处罚 power_kind=penalty domain=agriculture organ=team power_source=statutory power_basis=条款 valid_from=2024-01-01";
    assert_eq!(only(enter("enforcement_power", listed)).0, "power_of_team");
    let body =
        "name=队 body_kind=agency organ=team domain=agriculture body_basis=文件 place=211224100 valid_from=2024-01-01";
    assert_eq!(only(enter("enforcement_body", body)).0, "body_team_as_subject");
}
