//! Inspections as people make them: a plan, a draw that nobody steers, a visit on a telephone, a finding that becomes a case without
//! being typed again; and what inspectors' supervisors find wrong, refused before it is issued and marked when it is recorded later.

use zhunsheng::app::inspect::overview;
use zhunsheng::store::matters;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::MatterState;

use crate::casework::{refused, said, take};
use crate::support::{Browser, SmallCounty};

const PHOTO: (&str, &str, &[u8]) = ("evidence.physical", "现场.pdf", b"%PDF-1.7\n% a photograph\n");

pub fn id_of(path: &str) -> MatterId {
    MatterId::parse(path.rsplit('/').next().unwrap()).unwrap()
}

pub async fn state(county: &SmallCounty, id: MatterId) -> MatterState {
    let code = county.test.app.county_code.clone();
    county.test.app.db.read(move |r| matters::find_state(r, &code, id)).await.unwrap().unwrap()
}

/// A credit code with valid check digits.
fn code(n: usize) -> String {
    let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91211224TEXT{n:04}");
    let ends = alphabet.chars().flat_map(|nine| alphabet.chars().map(move |last| format!("{nine}{last}")));
    let mut codes = ends.map(|end| format!("{body}{end}"));
    codes.find(|code| zhunsheng_core::text::uscc_problem(code).is_none()).unwrap()
}

async fn listed(clerk: &mut Browser, n: usize) -> String {
    let (name, code) = (format!("昌图县第{n}农资经营部"), code(n));
    let fields = [
        ("f.name", name.as_str()),
        ("f.object_kind", "legal"),
        ("f.uscc", code.as_str()),
        ("f.place", "211224100"),
        ("f.address", "昌图镇东街"),
        ("f.representative", "邹某"),
        ("f.domain", "agriculture"),
        ("f.risk", "general"),
    ];
    take(clerk, "/matters/new/inspection_object", &fields).await
}

/// A published plan.
async fn planned(county: &SmallCounty, cap: &str) -> String {
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let fields = [
        ("f.year", "2024"),
        ("f.plan_title", "2024年度农业双随机抽查"),
        ("f.domain", "agriculture"),
        ("f.plan_kind", "random"),
        ("f.items", "licence"),
        ("f.items", "ledger"),
        ("f.scope", "在库农资经营者"),
        ("f.proportion", "50"),
        ("f.object_cap", cap),
        ("f.carry_out_by", "2024-12-31"),
    ];
    let plan = take(&mut clerk, "/matters/new/inspection_plan", &fields).await;
    take(&mut head, &format!("{plan}/steps/approve"), &[]).await;
    take(&mut clerk, &format!("{plan}/steps/publish"), &[("f.channel", "government_site")]).await;
    plan
}

/// Draws; the draw and the inspections that it assigned.
async fn drawn(county: &SmallCounty, plan: &str, wanted: &str) -> (MatterId, Vec<MatterId>) {
    let mut clerk = county.clerk("内勤甲").await;
    take(&mut clerk, &format!("{plan}/steps/draw"), &[("f.wanted", wanted)]).await;
    let draw = state(county, id_of(plan)).await.links.last().unwrap().matter;
    (draw, state(county, draw).await.links.iter().map(|link| link.matter).collect())
}

async fn approved(county: &SmallCounty, inspection: MatterId) {
    let (mut head, lead) = (county.clerk("局长甲").await, county.id("队员甲"));
    take(&mut head, &format!("/matters/{inspection}/steps/approve"), &[("assignee", &lead)]).await;
}

/// What is typed at the door.
fn at_the_door<'a>(code: &'a str, officer: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("f.certificates_shown", "yes"), ("f.entry_code", code), ("officer", officer)]
}

fn text(state: &MatterState, field: &str) -> String {
    state.fact(field).map(zhunsheng_core::matter::Fact::text).unwrap_or_default()
}

#[tokio::test]
async fn a_draw_ends_in_a_case_that_carries_party_facts_and_photographs() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("内勤甲").await;
    for n in 1..=4 {
        listed(&mut clerk, n).await;
    }
    let plan = planned(&county, "1").await;
    let (draw, inspections) = drawn(&county, &plan, "").await;
    assert_eq!(inspections.len(), 2, "half of four");
    let page = clerk.get(&format!("/inspections/draws/{draw}")).await;
    assert!(page.text("main").contains("重算一致"), "{}", page.text("main"));
    let names = page.text("main");
    assert!(names.contains("队员甲") && names.contains("队员乙"), "{names}");
    assert!(!names.contains("队员丙"), "whose certificate lapsed is no candidate: {names}");
    let first = inspections[0];
    approved(&county, first).await;
    let (mut officer, second) = (county.clerk("队员甲").await, county.id("队员乙"));
    let code = text(&state(&county, first).await, "object_code");
    let at = |step: &str| format!("/matters/{first}/steps/{step}");
    let why = refused(&mut officer, &at("enter"), &at_the_door("9121122400000000XX", &second)).await;
    assert!(why.contains("扫描的代码与检查任务的对象不一致"), "{why}");
    take(&mut officer, &at("enter"), &at_the_door(&code, &second)).await;
    let finding = [
        ("f.site_record", "查看进货台账和货架。"),
        ("f.found", "yes"),
        ("f.problem_items", "ledger"),
        ("f.problem_note", "没有农药销售台账。"),
        ("officer", second.as_str()),
    ];
    officer.get(&at("record_site")).await;
    let page = officer.post_files(&at("record_site"), &finding, &[PHOTO]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    take(&mut officer, &at("to_case"), &[("f.violation", "不执行农药销售台账制度"), ("f.power_basis", "statutory")])
        .await;
    let inspection = state(&county, first).await;
    let case = inspection.links.iter().find(|link| link.role.as_str() == "case").unwrap().matter;
    let case_state = state(&county, case).await;
    assert_eq!(case_state.parent, Some(first));
    assert_eq!(
        (text(&case_state, "source"), text(&case_state, "place")),
        ("daily_inspection".into(), "211224100".into())
    );
    assert_eq!(case_state.evidence.len(), 1);
    assert_eq!(case_state.evidence[0].digest, inspection.evidence[0].digest);
    let page = officer.get(&format!("/matters/{case}")).await.text("main");
    assert!(
        page.contains("没有农药销售台账") && page.contains("农资经营部") && page.contains("不执行农药销售台账制度"),
        "{page}"
    );
    let shown = clerk.get("/inspections").await.text("main");
    let page = clerk.get("/inspections").await;
    assert_eq!(page.attribute("td[data-th='抽取'] a", "href"), Some(format!("/inspections/draws/{draw}")));
    assert!(shown.contains("转案件 1") && shown.contains("2024年度农业双随机抽查"), "{shown}");
}

#[tokio::test]
async fn a_draw_is_worked_out_again_and_nobody_steers_it() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("内勤甲").await;
    for n in 1..=6 {
        listed(&mut clerk, n).await;
    }
    let plan = planned(&county, "1").await;
    // Lists and seed are not typed: nobody can freeze by hand.
    let by_hand = [
        ("f.year", "2024"),
        ("f.plan_title", "自选"),
        ("f.domain", "agriculture"),
        ("f.items", "licence"),
        ("f.object_cap", "9"),
        ("f.carry_out_by", "2024-12-31"),
        ("f.wanted", "1"),
    ];
    let why = refused(&mut clerk, "/matters/new/inspection_draw", &by_hand).await;
    assert!(why.contains("没有可以抽取的检查对象"), "{why}");
    let (first, one) = drawn(&county, &plan, "3").await;
    let (second, two) = drawn(&county, &plan, "9").await;
    assert_eq!((one.len(), two.len()), (3, 3), "what waits for its one inspection of the year is not drawn again");
    let (code, registry) = (county.test.app.county_code.clone(), county.test.app.county.registry());
    for draw in [first, second] {
        let (state, code, registry) = (state(&county, draw).await, code.clone(), registry.clone());
        let check = county.test.app.db.read(move |r| overview::check(r, &code, &registry, &state)).await.unwrap();
        assert!(check.agrees && check.drawn.iter().all(|line| line.inspection.is_some() && line.inspectors.len() == 2));
    }
    let mut other = state(&county, first).await;
    other.facts.insert("seed".into(), zhunsheng_core::matter::Fact::Text("00".repeat(32)));
    let check = county.test.app.db.read(move |r| overview::check(r, &code, &registry, &other)).await.unwrap();
    assert!(!check.agrees, "another seed draws others");
}

const TASK: [(&str, &str); 12] = [
    ("f.secrecy", "none"),
    ("f.domain", "agriculture"),
    ("f.items", "ledger"),
    ("f.place", "211224100"),
    ("f.task_reason", "群众来电反映。"),
    ("party.0.role", "object"),
    ("party.0.kind", "legal"),
    ("party.0.name", "昌图县第1农资经营部"),
    ("party.0.representative", "邹某"),
    ("party.0.address", "昌图镇东街"),
    ("party.0.phone", ""),
    ("party.0.id_number", ""),
];

#[tokio::test]
async fn unlawful_inspections_are_refused_and_marked_when_recorded() {
    let county = SmallCounty::new().await;
    let (mut clerk, mut officer) = (county.clerk("内勤甲").await, county.clerk("队员甲").await);
    listed(&mut clerk, 1).await;
    listed(&mut clerk, 2).await;
    let plan = planned(&county, "1").await;
    let (uscc, second_code) = (code(1), code(2));
    let task =
        |source: &'static str| [&TASK[..], &[("f.task_source", source), ("party.0.uscc", uscc.as_str())]].concat();
    let new = "/matters/new/inspection?f.secrecy=none";
    let why = refused(&mut officer, new, &task("random")).await;
    assert!(why.contains("由系统抽取，不能由人点名登记"), "{why}");
    // Recorded later, the same is marked.
    officer.get(&format!("{new}&manner=late")).await;
    let person = county.id("队员甲");
    let picked = [&TASK[..], &[("f.task_source", "random"), ("party.0.uscc", second_code.as_str())]].concat();
    let late = [
        &picked[..],
        &[("manner", "late"), ("decided_by", person.as_str()), ("day", "2024-10-01"), ("reason", "补录")],
    ]
    .concat();
    let page = officer.post_files(new, &late, &[("original", "原件.pdf", b"%PDF-1.7\n% original\n")]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let marked = state(&county, id_of(page.location().split('?').next().unwrap())).await;
    assert!(marked.flags.iter().any(|flag| flag.code.as_str() == "inspection_not_drawn"), "{:?}", marked.flags);

    let (_, inspections) = drawn(&county, &plan, "1").await;
    assert_eq!(inspections.len(), 1, "the second object waits for the inspection that was recorded");
    let first = inspections[0];
    approved(&county, first).await;
    let enter = format!("/matters/{first}/steps/enter");
    let (second, lapsed) = (county.id("队员乙"), county.id("队员丙"));
    let alone: Vec<(&str, &str)> = at_the_door(&uscc, &second).into_iter().take(2).collect();
    let why = refused(&mut officer, &enter, &alone).await;
    assert!(why.contains("1人") || why.contains("2人"), "one officer: {why}");
    let why = refused(&mut officer, &enter, &at_the_door(&uscc, &lapsed)).await;
    assert!(why.contains("队员丙") && why.contains("2024年1月1日"), "a lapsed certificate: {why}");
    let hidden = [("f.certificates_shown", "no"), ("f.entry_code", uscc.as_str()), ("officer", second.as_str())];
    let why = refused(&mut officer, &enter, &hidden).await;
    assert!(why.contains("没有主动出示执法证件") && why.contains("第五十五条"), "{why}");
    take(&mut officer, &enter, &at_the_door(&uscc, &second)).await;

    // Once this year is the cap: another daily inspection is refused, a complaint is followed up.
    let daily = take(&mut officer, new, &task("daily")).await;
    let (mut head, lead) = (county.clerk("局长甲").await, county.id("队员甲"));
    let why = refused(&mut head, &format!("{daily}/steps/approve"), &[("assignee", &lead)]).await;
    assert!(why.contains("已经达到公布的次数上限"), "{why}");
    head.get(&format!("{daily}/steps/approve?manner=late")).await;
    let person = county.id("局长甲");
    let late = [
        ("manner", "late"),
        ("decided_by", person.as_str()),
        ("day", "2024-10-26"),
        ("reason", "补录"),
        ("assignee", lead.as_str()),
    ];
    let original: (&str, &str, &[u8]) = ("original", "原件.pdf", b"%PDF-1.7\n% original\n");
    let page = head.post_files(&format!("{daily}/steps/approve"), &late, &[original]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let marked = state(&county, id_of(&daily)).await;
    assert!(marked.flags.iter().any(|flag| flag.code.as_str() == "inspection_over_cap"), "{:?}", marked.flags);
    let complaint = take(&mut officer, new, &task("complaint")).await;
    take(&mut head, &format!("{complaint}/steps/approve"), &[("assignee", &lead)]).await;
}

/// Ways around the cap of the year: no code, another source afterwards, a visit taken back or declared never made.
#[tokio::test]
async fn the_cap_of_the_year_is_not_evaded() {
    let county = SmallCounty::new().await;
    let (mut clerk, mut officer) = (county.clerk("内勤甲").await, county.clerk("队员甲").await);
    let mut head = county.clerk("局长甲").await;
    planned(&county, "1").await;
    // Not in the register of objects: counted by its code all the same.
    let (unlisted, lead, second) = (code(7), county.id("队员甲"), county.id("队员乙"));
    let new = "/matters/new/inspection?f.secrecy=none";
    let task = |source: &'static str, uscc| [&TASK[..], &[("f.task_source", source), ("party.0.uscc", uscc)]].concat();
    let why = refused(&mut officer, new, &task("daily", "")).await;
    assert!(why.contains("没有填写统一社会信用代码"), "{why}");
    let begun = async |officer: &mut Browser, head: &mut Browser| {
        let task = take(officer, new, &task("daily", &unlisted)).await;
        take(head, &format!("{task}/steps/approve"), &[("assignee", &lead)]).await;
        task
    };
    let first = begun(&mut officer, &mut head).await;
    let correct = format!("{first}/steps/_correct");
    let why = refused(&mut head, &correct, &[("f.task_source", "complaint"), ("reason", "改来源")]).await;
    assert!(why.contains("“批准检查”以该项内容为准"), "{why}");
    // Entered, and taken back as entered in error: not counted. Entered again: counted, and not to be voided.
    let enter = format!("{first}/steps/enter");
    take(&mut officer, &enter, &at_the_door(&unlisted, &second)).await;
    take(&mut officer, &format!("{first}/steps/_withdraw"), &[("reason", "走错了门")]).await;
    let other = begun(&mut officer, &mut head).await;
    take(&mut officer, &enter, &at_the_door(&unlisted, &second)).await;
    let why = refused(&mut head, &format!("{first}/steps/_void"), &[("reason", "误登")]).await;
    assert!(why.contains("已经办理“扫码入企，出示证件”，不能再作废"), "{why}");
    let why = refused(&mut officer, &format!("{other}/steps/enter"), &at_the_door(&unlisted, &second)).await;
    assert!(why.contains("已经达到公布的次数上限"), "{why}");
    // Not carried out is the head's word, which the clerk may only enter from the signed form.
    let why = refused(&mut clerk, &format!("{other}/steps/cancel"), &[("f.cancel_reason", "cap_reached")]).await;
    assert!(why.contains("只能由机关负责人、分管负责人办理"), "{why}");
    take(&mut head, &format!("{other}/steps/cancel"), &[("f.cancel_reason", "cap_reached")]).await;
}

const SPOT: [(&str, &str); 11] = [
    ("f.secrecy", "none"),
    ("f.domain", "agriculture"),
    ("f.power_basis", "statutory"),
    ("f.place", "211224100"),
    ("f.violation", "未按规定公示证照"),
    ("f.facts", "证照没有悬挂。"),
    ("party.0.role", "respondent"),
    ("party.0.name", "某商店"),
    ("party.0.address", "昌图镇东街"),
    ("party.0.representative", ""),
    ("party.0.phone", ""),
];

fn spot_decision<'a>(fine: &'a str, collection: &'a str, officer: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("f.violation_basis", "条款"),
        ("f.penalty_basis", "条款"),
        ("f.discretion", "ordinary"),
        ("f.told", "yes"),
        ("f.defence_text", "没有异议"),
        ("f.kinds", "fine"),
        ("f.fine", fine),
        ("f.correction", "at_once"),
        ("f.collection", collection),
        ("officer", officer),
    ]
}

#[tokio::test]
async fn a_penalty_on_the_spot_keeps_to_its_limits_or_goes_the_ordinary_way() {
    let county = SmallCounty::new().await;
    let (mut officer, second) = (county.clerk("队员甲").await, county.id("队员乙"));
    let new = "/matters/new/penalty_on_the_spot?f.secrecy=none";
    let trader = [&SPOT[..], &[("party.0.kind", "sole_trader")]].concat();
    let case = take(&mut officer, new, &trader).await;
    let decide = format!("{case}/steps/decide");
    let why = refused(&mut officer, &decide, &spot_decision("200.01", "bank", &second)).await;
    assert!(why.contains("二百元以下") && why.contains("第五十一条") && why.contains("转普通程序"), "{why}");
    let why = refused(&mut officer, &decide, &spot_decision("101", "spot_small", &second)).await;
    assert!(why.contains("一百元") && why.contains("第六十八条"), "{why}");
    let mut untold = spot_decision("200", "bank", &second);
    untold[3].1 = "no";
    let why = refused(&mut officer, &decide, &untold).await;
    assert!(why.contains("没有告知"), "{why}");
    let alone: Vec<(&str, &str)> =
        spot_decision("200", "bank", &second).into_iter().filter(|(name, _)| *name != "officer").collect();
    let why = refused(&mut officer, &decide, &alone).await;
    assert!(why.contains("第四十二条"), "one officer: {why}");
    take(&mut officer, &decide, &spot_decision("200", "bank", &second)).await;
    let page = officer.get(&format!("{case}/instruments/1")).await.text("main");
    assert!(page.contains("昌农当罚〔2024〕1号") && page.contains("先向") && page.contains("行政复议"), "{page}");
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.signing", "refused")]).await;
    take(&mut officer, &format!("{case}/steps/report"), &[]).await;
    let form = officer.get(&format!("{case}/instruments/2")).await.text("main");
    assert!(form.contains("当场处罚备案表"), "{form}");
    // 简易程序的决定也报送，公示不公示是另一回事。
    let queue = county.clerk("内勤甲").await.get("/credit/queue").await.text("main");
    assert!(queue.contains("昌农当罚〔2024〕1号"), "{queue}");

    // 3,000 元 is for organisations; above, the ordinary procedure takes over what was typed.
    let company = [&SPOT[..], &[("party.0.kind", "legal")]].concat();
    let case = take(&mut officer, new, &company).await;
    let decide = format!("{case}/steps/decide");
    refused(&mut officer, &decide, &spot_decision("3000.01", "bank", &second)).await;
    officer.get(&format!("{decide}?manner=late")).await;
    let person = county.id("队员甲");
    let late = [
        spot_decision("3000.01", "bank", &second),
        vec![("manner", "late"), ("decided_by", person.as_str()), ("day", "2024-10-26"), ("reason", "补录")],
    ]
    .concat();
    let other = take(&mut officer, new, &company).await;
    let original: (&str, &str, &[u8]) = ("original", "原件.pdf", b"%PDF-1.7\n% original\n");
    let page = officer.post_files(&decide, &late, &[original]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let marked = state(&county, id_of(&case)).await;
    assert!(marked.flags.iter().any(|flag| flag.code.as_str() == "spot_over_limit"), "{:?}", marked.flags);
    take(&mut officer, &format!("{other}/steps/to_ordinary"), &[]).await;
    let ordinary = state(&county, id_of(&other)).await.links.last().unwrap().matter;
    let page = officer.get(&format!("/matters/{ordinary}")).await.text("main");
    assert!(page.contains("证照没有悬挂") && page.contains("某商店"), "{page}");
}

/// The court declined on 24 January 2025: the court above within fifteen days, or urged and applied for again within the same three
/// months; and declined again.
async fn declined(county: &SmallCounty, case: &str, court: &[(&str, &str)]) {
    let decline = format!("{case}/steps/court_decline");
    let running = state(county, id_of(case)).await;
    let calendar = &county.test.app.county.ruling().calendar;
    let due = |clock: &str| running.clock(clock).unwrap().due(calendar).certain().unwrap().to_string();
    assert_eq!((due("court_window").as_str(), due("court_objection").as_str()), ("2025-03-25", "2025-02-08"));
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let above = [("f.court", "铁岭市中级人民法院")];
    let object = format!("{case}/steps/object_to_court");
    take(&mut head, &object, &above).await;
    take(&mut clerk, &decline, &[("f.court_note", "维持不予受理")]).await;
    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 2, 20));
    let (mut officer, mut head) = (county.clerk("队员甲").await, county.clerk("局长甲").await);
    let why = refused(&mut head, &object, &above).await;
    assert!(why.contains("十五日已经届满") && why.contains("第五十六条"), "{why}");
    let again = [("f.urge_deadline", "2025-03-01"), ("f.urge_manner", "到农业银行缴纳")];
    take(&mut officer, &format!("{case}/steps/urge"), &again).await;
    take(&mut officer, &format!("{case}/steps/serve_urge"), &[("f.urge_delivery", "direct")]).await;
    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 3, 7));
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    take(&mut head, &format!("{case}/steps/apply_court"), court).await;
    take(&mut clerk, &decline, &[("f.court_note", "数额过小，不予受理")]).await;
}

/// A small fine that nobody pays: urged, and after its time the court; or the execution is ended on a ground of the law.
#[tokio::test]
async fn a_fine_on_the_spot_that_is_not_paid_is_urged_and_goes_to_the_court() {
    let county = SmallCounty::new().await;
    let (mut officer, second) = (county.clerk("队员甲").await, county.id("队员乙"));
    let trader = [&SPOT[..], &[("party.0.kind", "sole_trader")]].concat();
    let case = take(&mut officer, "/matters/new/penalty_on_the_spot?f.secrecy=none", &trader).await;
    take(&mut officer, &format!("{case}/steps/decide"), &spot_decision("200", "bank", &second)).await;
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.signing", "signed")]).await;
    let urge = [("f.urge_deadline", "2025-01-20"), ("f.urge_manner", "到农业银行缴纳")];
    let why = refused(&mut officer, &format!("{case}/steps/urge"), &urge).await;
    assert!(why.contains("缴纳") && why.contains("第七十二条"), "{why}");
    // The fifteen days and the sixty have passed.
    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 1, 6));
    let (mut officer, mut clerk) = (county.clerk("队员甲").await, county.clerk("内勤甲").await);
    let mut head = county.clerk("局长甲").await;
    take(&mut officer, &format!("{case}/steps/urge"), &urge).await;
    take(&mut officer, &format!("{case}/steps/serve_urge"), &[("f.urge_delivery", "direct")]).await;
    let court = [
        ("f.court", "昌图县人民法院"),
        ("f.court_materials", "application"),
        ("f.court_materials", "decision"),
        ("f.court_materials", "views"),
        ("f.court_materials", "object"),
        ("f.court_object", "罚款二百元"),
    ];
    let apply = format!("{case}/steps/apply_court");
    let why = refused(&mut head, &apply, &court).await;
    assert!(why.contains("第五十四条") && why.contains("第五十三条"), "too early, and remedies are open: {why}");
    let confirm = format!("{case}/steps/confirm_unremedied");
    let why = refused(&mut clerk, &confirm, &[("f.remedy_ended_on", "2024-12-01")]).await;
    assert!(why.contains("最早是2024年12月25日") && why.contains("第五十三条"), "{why}");
    let why = refused(&mut clerk, &confirm, &[("f.remedy_ended_on", "2025-01-05")]).await;
    assert!(why.contains("2024年12月25日届满") && why.contains("理由"), "{why}");
    take(&mut clerk, &confirm, &[]).await;
    assert_eq!(state(&county, id_of(&case)).await.said("court_from"), "2024-12-25");
    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 1, 24));
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let page = take(&mut head, &apply, &court).await;
    let main = head.get(&page).await.text("main");
    assert!(main.contains("已申请法院执行"), "{main}");
    take(&mut clerk, &format!("{case}/steps/court_decline"), &[("f.court_note", "数额过小，不予受理")]).await;
    declined(&county, &case, &court).await;
    let (mut officer, mut head) = (county.clerk("队员甲").await, county.clerk("局长甲").await);
    let end = [("f.terminate_ground", "other")];
    let why = refused(&mut officer, &format!("{case}/steps/terminate_execution"), &end).await;
    assert!(why.contains("只能由机关负责人、分管负责人办理"), "not an officer's word: {why}");
    take(&mut head, &format!("{case}/steps/terminate_execution"), &end).await;
    let state = state(&county, id_of(&case)).await;
    assert_eq!(state.track("execution").map(|state| state.as_str()), Some("terminated"));
}
