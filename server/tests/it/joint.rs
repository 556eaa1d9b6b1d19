//! Joint settlement through its pages: a transfer is signed for, late or in time, or comes back; court and police are written to; what is
//! transferred is not resolved, and what mediation settles is counted once.

use zhunsheng::app::figures::{self, Figure};

use crate::casework::{refused, take};
use crate::support::{Browser, SmallCounty};

const NEW: &str = "/matters/new/joint_dispute";
pub const DISPUTE: [(&str, &str); 11] = [
    ("f.source", "visit"),
    ("f.dispute_kind", "forest_land"),
    ("f.centre", "211224100-zf"),
    ("f.place", "211224100201"),
    ("f.summary", "两户因地界发生争执。"),
    ("party.0.role", "applicant"),
    ("party.0.kind", "natural"),
    ("party.0.name", "王小明"),
    ("party.1.role", "respondent"),
    ("party.1.kind", "natural"),
    ("party.1.name", "李大有"),
];
const ASSESSED: [(&str, &str); 3] =
    [("f.risk", "medium"), ("f.risk_reason", "多次找过村里，没有过激言行。"), ("f.grade", "general")];
const SENT: [(&str, &str); 2] = [("f.lead_organ", "211224-nyj"), ("f.transfer_note", "请核对承包地块。")];
const RESOLVED: [(&str, &str); 6] = [
    ("f.resolution_way", "joint_mediation"),
    ("f.resolved_by", "211224-nyj"),
    ("f.resolution_note", "按地块图划清界线，双方签字。"),
    ("f.parties_signed", "yes"),
    ("f.joint_with", "justice_station"),
    ("f.joint_with", "department"),
];
/// A joint session: who came of the units and of the parties.
const SESSION: [(&str, &str); 6] = [
    ("f.joint_with", "justice_station"),
    ("f.joint_with", "department"),
    ("f.session_organs", "211224-nyj"),
    ("f.parties_came", "yes"),
    ("f.session_people", "司法所、农业农村局各一人"),
    ("f.session_record", "双方同意按地块图划界。"),
];
const PROOF: (&str, &str, &[u8]) = ("evidence.resolution_proof", "协议.pdf", b"%PDF-1.7\n% signed\n");

/// A dispute that the justice station registered and assessed.
async fn assessed(station: &mut Browser) -> String {
    let matter = take(station, NEW, &DISPUTE).await;
    take(station, &format!("{matter}/steps/assess"), &ASSESSED).await;
    matter
}

async fn resolve(station: &mut Browser, matter: &str) {
    let path = format!("{matter}/steps/resolve");
    station.get(&path).await;
    let page = station.post_files(&path, &RESOLVED, &[PROOF]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
}

async fn value(county: &SmallCounty, id: &str) -> i64 {
    let app = &county.test.app;
    let (ruling, code, today) = (app.county.ruling(), app.county_code.clone(), app.today());
    let id = id.to_owned();
    let figure: Figure = app
        .db
        .read(move |r| {
            let basis = figures::basis(r, &code, today, None)?;
            let indicator = ruling.indicators.iter().find(|indicator| indicator.id == id).unwrap();
            // Whenever the county's day is, the interview's period is not what is tested.
            let indicator = zhunsheng_core::indicator::Indicator { period: Default::default(), ..indicator.clone() };
            figures::one(r, &code, &ruling, basis, &indicator)
        })
        .await
        .unwrap();
    figure.matters
}

#[tokio::test]
async fn a_transfer_is_signed_for_late_flagged_and_then_resolved() {
    let county = SmallCounty::new().await;
    let (mut station, mut liaison) = (county.clerk("所长甲").await, county.clerk("联络员甲").await);
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    assert_eq!(liaison.get(&matter).await.status, 404, "nobody's business before it is sent");
    take(&mut station, &step("transfer"), &SENT).await;
    assert!(liaison.get("/joint").await.text("main").contains("已移送，待签收"));
    assert_eq!(value(&county, "S47").await, 0, "what is transferred is not resolved");
    // Nobody signs for two working days.
    county.test.app.advance_demo_to(jiff::civil::date(2024, 11, 6)).await.unwrap();
    assert!(county.test.app.note_expired(100).await.unwrap() > 0);
    let board = county.clerk("县综治甲").await.get("/joint").await;
    assert!(board.text(".figure-late").contains("已逾期"), "{}", board.text("main"));
    let why = refused(&mut liaison, &step("sign_for"), &[("f.handle_way", "coordinate")]).await;
    assert!(why.contains("逾期签收的原因"), "{why}");
    let late = [("f.handle_way", "coordinate"), ("f.late_reason", "承办人外出，没有交接。")];
    take(&mut liaison, &step("sign_for"), &late).await;
    let shown = station.get(&matter).await.text("main");
    assert!(
        shown.contains("承办人外出，没有交接") && shown.contains("逾期"),
        "signing does not wipe out that it was late: {shown}"
    );
    let result = [("f.result", "settled"), ("f.result_note", "到现场核对了地块，双方认可。")];
    take(&mut liaison, &step("report_result"), &result).await;
    assert_eq!(value(&county, "S47").await, 0, "what is reported is not resolved either");
    let why = refused(&mut station, &step("resolve"), &RESOLVED).await;
    assert!(why.contains("协议、生效文书或者书面撤回"), "{why}");
    assert!(why.contains("没有登记过联合调解"), "{why}");
    take(&mut station, &step("hold_session"), &SESSION).await;
    let unsigned = RESOLVED.map(|(name, value)| (name, if name == "f.parties_signed" { "no" } else { value }));
    let page = station.post_files(&step("resolve"), &unsigned, &[PROOF]).await;
    assert!(page.status == 422 && page.text("main").contains("没有由各方当事人签名"), "{}", page.text("main"));
    resolve(&mut station, &matter).await;
    assert_eq!((value(&county, "S47").await, value(&county, "J02").await), (1, 1));
    // Who goes back on it makes it open again; it does not count any more.
    take(&mut station, &step("relapse"), &[("f.relapse_note", "一方反悔。")]).await;
    assert_eq!(value(&county, "S47").await, 0);
}

#[tokio::test]
async fn it_comes_back_with_a_reason_and_goes_to_another() {
    let county = SmallCounty::new().await;
    let (mut station, mut liaison) = (county.clerk("所长甲").await, county.clerk("联络员甲").await);
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    take(&mut station, &step("transfer"), &SENT).await;
    let why = refused(&mut liaison, &step("return_transfer"), &[("f.return_reason", "not_competent")]).await;
    assert!(why.contains("退回说明"), "{why}");
    let back = [("f.return_reason", "not_competent"), ("f.return_note", "属于镇政府职责。")];
    take(&mut liaison, &step("return_transfer"), &back).await;
    let form = station.get(&step("transfer")).await;
    let chosen = form.attributes("select[name='f.lead_organ'] option[selected]", "value");
    assert!(!chosen.contains(&"211224-nyj".to_owned()), "who has just sent it back is not proposed: {chosen:?}");
    let why = refused(&mut station, &step("transfer"), &SENT).await;
    assert!(why.contains("刚刚退回"), "{why}");
    let other = [("f.lead_organ", "211224100-zf"), ("f.transfer_note", "请镇里办理。")];
    take(&mut station, &step("transfer"), &other).await;
    // Now it is the town's: the department that sent it back cannot sign for it any more.
    let why = refused(&mut liaison, &step("sign_for"), &[("f.handle_way", "coordinate")]).await;
    assert!(why.contains("昌图镇人民政府"), "{why}");
    let mut centre = county.clerk("镇综治甲").await;
    take(&mut centre, &step("sign_for"), &[("f.handle_way", "coordinate")]).await;
}

#[tokio::test]
async fn court_and_police_are_written_to_and_never_late() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    let police = [("f.lead_organ", "211224-gaj"), ("f.transfer_note", "请处理。")];
    let why = refused(&mut station, &step("transfer"), &police).await;
    assert!(why.contains("公安机关不是被派单的单位"), "{why}");
    let committee = [("f.lead_organ", "211224100201-tw"), ("f.transfer_note", "请调解。")];
    let why = refused(&mut station, &step("transfer"), &committee).await;
    assert!(why.contains("主责单位只能是"), "{why}");
    let letter = [("f.court_letter_kind", "invite"), ("f.court_letter_text", "请就裁判思路提供指导。")];
    take(&mut station, &step("write_court"), &letter).await;
    take(&mut station, &step("transfer"), &SENT).await;
    take(&mut county.clerk("联络员甲").await, &step("sign_for"), &[("f.handle_way", "labour_inspection")]).await;
    // Weeks later: the department has its sixty working days, the court has no limit at all.
    county.test.app.advance_demo_to(jiff::civil::date(2024, 11, 20)).await.unwrap();
    assert_eq!(county.test.app.note_expired(100).await.unwrap(), 0);
    let board = station.get("/joint").await;
    assert!(board.text("main").contains("致函人民法庭，待回函"), "{}", board.text("main"));
    assert!(board.text(".figure-late").is_empty(), "{}", board.text(".figure-late"));
    let reply = [("f.court_reply_kind", "letter"), ("f.court_reply_day", "2024-11-19")];
    take(&mut station, &step("enter_court_reply"), &reply).await;
    assert!(!station.get("/joint").await.text("h3").contains("待回函"));
}

#[tokio::test]
async fn what_mediation_settles_is_counted_once() {
    let county = SmallCounty::new().await;
    let (mut station, mut mediator) = (county.clerk("所长甲").await, county.clerk("调解员甲").await);
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    let why = refused(&mut station, &step("refer_mediation"), &[("f.committee", "211224-nyj")]).await;
    assert!(why.contains("不是人民调解委员会"), "{why}");
    take(&mut station, &step("refer_mediation"), &[("f.committee", "211224100201-tw")]).await;
    let early = station.post(&step("resolve_by_mediation"), &[]).await;
    assert!(early.text("main").contains("还没有达成协议"), "{}", early.text("main"));
    // The committee finds it on its desk, and goes through with it.
    let desk = mediator.get("/desk").await;
    let links = desk.attributes("td.main a", "href");
    let [mediation] = links.as_slice() else { panic!("{links:?}") };
    let of = |name: &str| format!("{mediation}/steps/{name}");
    let told = [
        &[
            ("f.source", "government_assigned"),
            ("f.dispute_kind", "forest_land"),
            ("f.summary", "两户争地界，一方扬言放火。"),
        ][..],
        &DISPUTE[5..],
        &[("party.0.phone", "13900001234")],
    ]
    .concat();
    take(&mut mediator, &of("take_up"), &told).await;
    let warned = mediator.get("/desk").await.attributes("[data-danger] td.main a", "href");
    assert_eq!(warned, [mediation.as_str()], "what is taken up is read as well");
    let own = county.id("调解员甲");
    let accepted = [
        ("f.source", "government_assigned"),
        ("f.mediator_choice", "appointed"),
        ("f.joint_with", "justice_station"),
        ("f.joint_with", "town_government"),
        ("assignee", own.as_str()),
    ];
    take(&mut mediator, &of("accept"), &accepted).await;
    take(&mut mediator, &of("inform"), &[("f.public_wish", "open")]).await;
    take(&mut mediator, &of("mediate"), &[("f.session_record", "双方同意以老界石为准。")]).await;
    let oral = [("f.written_not_needed", "yes"), ("f.agreement", "以老界石为准。"), ("f.performed_at_once", "yes")];
    take(&mut mediator, &of("agree_orally"), &oral).await;
    assert_eq!((value(&county, "S46").await, value(&county, "S47").await), (1, 1));
    take(&mut station, &step("resolve_by_mediation"), &[]).await;
    let counts = (value(&county, "S47").await, value(&county, "J01").await, value(&county, "J02").await);
    assert_eq!(counts, (1, 1, 0), "one dispute, once");
    let board = county.clerk("县综治甲").await.get("/joint").await.text("#overlap ~ table");
    assert!(board.contains("S46") && board.contains("J01"), "{board}");
}

#[tokio::test]
async fn a_mediation_asks_for_help_and_gets_it_back() {
    let county = SmallCounty::new().await;
    let (mut station, mut mediator) = (county.clerk("所长甲").await, county.clerk("调解员甲").await);
    let dispute = [
        &[("f.committee", "211224100201-tw"), ("f.source", "party_application"), ("f.dispute_kind", "labour")][..],
        &[("f.summary", "拖欠工钱。"), ("f.wage_arrears", "yes"), ("party.0.phone", "13900001234")],
        &DISPUTE[5..],
    ]
    .concat();
    let mediation = take(&mut mediator, "/matters/new/mediation", &dispute).await;
    let of = |name: &str| format!("{mediation}/steps/{name}");
    let own = county.id("调解员甲");
    let accepted = [("f.source", "party_application"), ("f.mediator_choice", "appointed"), ("assignee", own.as_str())];
    take(&mut mediator, &of("accept"), &accepted).await;
    take(&mut mediator, &of("ask_joint"), &[("f.joint_reason", "需要劳动监察到场。")]).await;
    let board = station.get("/joint").await;
    let [joint] = &board.attributes("#asked ~ table td.main a", "href")[..1] else { panic!("not on the board") };
    let joint = joint.clone();
    let step = |name: &str| format!("{joint}/steps/{name}");
    let taken = [&[("f.source", "committee")][..], &[("f.dispute_kind", "labour")], &DISPUTE[2..]].concat();
    take(&mut station, &step("take_up"), &taken).await;
    take(&mut station, &step("assess"), &ASSESSED).await;
    // It is settled where it is mediated, or it would count twice.
    let path = step("resolve");
    station.get(&path).await;
    let page = station.post_files(&path, &RESOLVED, &[PROOF]).await;
    assert!(page.text("main").contains("在人民调解里办结"), "{}", page.text("main"));
    let page = station.post(&step("refer_mediation"), &[("f.committee", "211224100201-tw")]).await;
    assert!(page.text("main").contains("正在人民调解中"), "{}", page.text("main"));
    take(&mut station, &step("hand_back"), &[("f.joint_with", "justice_station")]).await;
    let wages = station.get("/joint/wages").await;
    assert!(wages.text("#mediation ~ table").contains("劳动争议"), "{}", wages.text("main"));
}

#[tokio::test]
async fn several_departments_work_under_one_code() {
    let county = SmallCounty::new().await;
    let (mut station, mut liaison) = (county.clerk("所长甲").await, county.clerk("联络员甲").await);
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    let other = [("f.lead_organ", "211224100-zf"), ("f.transfer_note", "请镇里牵头。")];
    take(&mut station, &step("transfer"), &other).await;
    assert_eq!(liaison.get(&matter).await.status, 404, "not taking part");
    take(&mut station, &step("add_partner"), &[("f.partners", "211224-nyj")]).await;
    let page = liaison.get(&matter).await;
    assert_eq!(page.status, 200, "named, it takes part in the same matter");
    let opinion = [("f.partner_opinion", "承包合同有效，界线以地块图为准。")];
    take(&mut liaison, &step("give_opinion"), &opinion).await;
    let why = refused(&mut liaison, &step("sign_for"), &[("f.handle_way", "coordinate")]).await;
    assert!(why.contains("昌图镇人民政府"), "a partner does not sign for the lead: {why}");
    assert!(station.get(&matter).await.text("main").contains("界线以地块图为准"), "the lead reads it");
    take(&mut station, &step("hold_session"), &SESSION).await;
    let minutes = station.get(&format!("{matter}/instruments/3")).await;
    assert!(minutes.text(".sheet").contains("到场的单位：昌图县农业农村局"), "{}", minutes.text("main"));
}

#[tokio::test]
async fn a_session_names_who_came_of_those_who_take_part() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let matter = assessed(&mut station).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    // Court, police and the own station are no units of the list: nobody else has to have come.
    let own = [("f.joint_with", "court"), ("f.joint_with", "police_station"), ("f.joint_with", "justice_station")];
    take(&mut station, &step("hold_session"), &[&own[..], &SESSION[3..]].concat()).await;
    let why = refused(&mut station, &step("hold_session"), &[&SESSION[..2], &SESSION[3..]].concat()).await;
    assert!(why.contains("到场的单位"), "a department came, which one? {why}");
    let why = refused(&mut station, &step("hold_session"), &SESSION).await;
    assert!(why.contains("没有列名参与"), "no partner of this dispute: {why}");
    take(&mut station, &step("add_partner"), &[("f.partners", "211224-nyj")]).await;
    take(&mut station, &step("hold_session"), &SESSION).await;
}

#[tokio::test]
async fn numbers_in_a_text_are_masked_until_somebody_looks_with_a_reason() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let told = DISPUTE.map(|(name, value)| match name {
        "f.summary" => (name, "对方身份证11010519491231002X，电话13812345678。"),
        _ => (name, value),
    });
    let matter = take(&mut station, NEW, &told).await;
    let page = station.get(&matter).await;
    assert!(page.body.contains("电话138****5678"), "{}", page.text("main"));
    assert!(!page.body.contains("13812345678") && !page.body.contains("11010519491231002X"));
    let whole = station.post(&format!("{matter}/reveal"), &[("reason", "核实对方身份")]).await;
    assert!(whole.body.contains("11010519491231002X，电话13812345678"), "{}", whole.text("main"));
}

#[tokio::test]
async fn what_sounds_as_if_somebody_might_be_hurt_is_on_top_until_it_is_assessed() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let loud = DISPUTE.map(|(name, value)| match name {
        "f.summary" => (name, "一方说要放火烧房。"),
        _ => (name, value),
    });
    let typed = [&loud[..], &[("f.risk_proposed", "low")]].concat();
    let matter = take(&mut station, NEW, &typed).await;
    for name in ["所长甲", "镇综治甲", "县综治甲"] {
        let desk = county.clerk(name).await.get("/desk").await;
        assert_eq!(desk.attributes("[data-danger] td.main a", "href"), [matter.as_str()], "{name}");
    }
    let direct = station.get("/desk").await.attributes("[data-danger] a[href*='/steps/']", "href");
    assert_eq!(direct, [format!("{matter}/steps/assess")], "whoever grades goes straight there");
    assert!(station.get(&matter).await.text("[data-danger]").contains("提到爆炸、放火、投毒"), "on its page too");
    let step = format!("{matter}/steps/assess");
    let why = refused(&mut station, &step, &ASSESSED).await;
    assert!(why.contains("低于建议等级的理由"), "{why}");
    let lower = [&ASSESSED[..], &[("f.lower_reason", "上门核实，当事人说是气话。")]].concat();
    take(&mut station, &step, &lower).await;
    assert!(station.get("/desk").await.text("[data-danger]").is_empty(), "somebody has graded it");
}

#[tokio::test]
async fn what_the_slip_was_issued_for_is_not_corrected() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let matter = take(&mut station, NEW, &DISPUTE).await;
    let path = format!("{matter}/steps/_correct");
    let form = station.get(&path).await;
    assert_eq!(form.status, 200);
    assert!(!form.body.contains("f.summary"), "not offered: {}", form.text("main"));
    let loud = [("f.summary", "两户因地界争执，一方说要放火烧房。"), ("reason", "当事人来电")];
    let said = refused(&mut station, &path, &loud).await;
    assert!(said.contains("已载入“登记纠纷（一案一码）”签发的文书"), "{said}");
}
