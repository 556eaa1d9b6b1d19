//! What villagers and the staff of villages and towns meet on pages: who the other side is, which organs are offered, what to bring,
//! names and places as people say them.

use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};
use zhunsheng_core::procedure::PartyKind;

use crate::casework::{SOURCE, decided_on, refused, take};
use crate::public::{DISPUTE, TOWN};
use crate::support::SmallCounty;

const COMMITTEE: &str = "211224100201-tw";

/// Registers something as the administrator does.
async fn register(county: &SmallCounty, procedure: &str, values: &[(&str, &str)]) {
    let input = values.iter().fold(Input::default(), |input, (field, value)| input.with(field, *value));
    let (person, post) = county.people["管理员"];
    let command =
        Command { target: Target::Open(procedure.into()), step: "register".into(), input, manner: Manner::Live };
    county.test.app.act(Actor::Staff { person, post }, command, None).await.unwrap();
}

/// The kind of the other side of the only dispute.
async fn other_side(name: &str, said: &str) -> PartyKind {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    let mut filed: Vec<(&str, &str)> = DISPUTE.iter().copied().filter(|(field, _)| *field != "p.1.name").collect();
    filed.extend([("p.1.name", name), ("p.1.kind", said)]);
    let receipt = citizen.post("/disputes/new", &filed).await;
    assert!(!receipt.text(".query-code").is_empty(), "{}", receipt.text("main"));
    let id = county.test.write(|tx, code| {
        use zhunsheng::store::Query;
        let sql = "SELECT id FROM matter WHERE county_code = $1 AND procedure = 'mediation'";
        Ok(tx.query_one(sql, zhunsheng::params![code], |row| row.blob(0))?.unwrap())
    });
    let id = zhunsheng_core::id::MatterId::from_bytes(&id.await).unwrap();
    let code = county.test.app.county_code.clone();
    let found = county.test.app.db.read(move |r| zhunsheng::store::matters::find_state(r, &code, id)).await;
    found.unwrap().unwrap().parties[1].kind
}

#[tokio::test]
async fn an_employer_that_a_citizen_names_is_an_organisation() {
    assert_eq!(other_side("昌图县兴旺建筑工程有限公司", "").await, PartyKind::Legal, "by its name");
    assert_eq!(other_side("老孙家小卖店", "").await, PartyKind::SoleTrader, "by its name");
    assert_eq!(other_side("工地上那家单位", "legal").await, PartyKind::Legal, "as was said");
    assert_eq!(other_side("栾家西院", "").await, PartyKind::Natural);
}

#[tokio::test]
async fn the_form_offers_no_organ_that_cannot_be_meant() {
    let county = SmallCounty::new().await;
    for (code, name, level, parent) in
        [("211224101", "老城镇", "town", "211224"), ("211224101201", "河沿村", "village", "211224101")]
    {
        register(&county, "place", &[("code", code), ("name", name), ("level", level), ("parent", parent)]).await;
    }
    for (code, kind, place, functions) in [
        ("211224101201-tw", "village_committee", "211224101201", "mediation"),
        ("211224101-zf", "town_government", "211224101", ""),
        ("211224-jt", "industry_committee", "211224", "mediation"),
    ] {
        let organ = [
            ("code", code),
            ("name", code),
            ("short", code),
            ("organ_kind", kind),
            ("parent", "211224-sfj"),
            ("place", place),
            ("functions", functions),
            ("valid_from", "2022-01-01"),
        ];
        let organ: Vec<(&str, &str)> = organ.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        register(&county, "organ", &organ).await;
    }
    county.test.app.refresh_registry().await.unwrap();
    let mut station = county.clerk("所长甲").await;
    let offered = |page: &crate::support::Page, field: &str| page.attributes(&format!("#f-{field} option"), "value");
    let form = station.get("/matters/new/mediation?step=register_at_station").await;
    let committees: Vec<String> = offered(&form, "committee").into_iter().filter(|code| !code.is_empty()).collect();
    assert_eq!(committees, [COMMITTEE], "those under the station");
    let called = |(name, value)| (name, if name == "party.0.name" { "欧阳小明" } else { value });
    let dispute = crate::joint::DISPUTE.map(called);
    let form = station.get("/matters/new/joint_dispute").await;
    let centres = offered(&form, "centre");
    assert!(centres.iter().all(|code| code.is_empty() || code.ends_with("-zf")), "town governments only: {centres:?}");
    let matter = take(&mut station, "/matters/new/joint_dispute", &dispute).await;
    assert!(station.get(&matter).await.text("h1").contains("欧阳某某"), "a compound family name is kept whole");
    let assessed = [("f.risk", "medium"), ("f.risk_reason", "多次找过村里。"), ("f.grade", "general")];
    take(&mut station, &format!("{matter}/steps/assess"), &assessed).await;
    let form = station.get(&format!("{matter}/steps/refer_mediation")).await;
    let committees = offered(&form, "committee");
    assert!(committees.iter().any(|code| code == COMMITTEE), "{committees:?}");
    assert!(committees.iter().any(|code| code == "211224-jt"), "the county's committees of trades: {committees:?}");
    for wrong in ["211224-nyj", "211224100-zf", "211224101201-tw"] {
        assert!(!committees.iter().any(|code| code == wrong), "{wrong}: {committees:?}");
    }
    let form = station.get(&format!("{matter}/steps/transfer")).await;
    let lead = offered(&form, "lead_organ");
    assert!(lead.iter().any(|code| code == "211224-nyj"), "{lead:?}");
    for wrong in ["211224-gaj", COMMITTEE, "211224", "211224-zfb"] {
        assert!(!lead.iter().any(|code| code == wrong), "{wrong}: {lead:?}");
    }
}

#[tokio::test]
async fn a_register_calls_villages_by_their_names() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let applied = [("f.place", "211224100201"), ("f.title_level", "province")];
    let matter = take(&mut station, "/matters/new/model_village", &applied).await;
    let title = station.get(&matter).await.text("h1");
    assert!(title.contains("柳树村") && !title.contains("211224100201"), "{title}");
}

#[tokio::test]
async fn a_guide_says_what_to_bring_before_what_to_do() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let page = citizen.get("/guide/mediation").await;
    assert!(page.text(".bring").contains("身份证"), "{}", page.text("main"));
    let main = page.text("#guide");
    assert!(main.find("带什么").unwrap() < main.find("怎么办").unwrap());
    let page = citizen.get("/guide/legal_aid").await;
    assert!(page.text(".bring").contains("说明经济困难的材料"), "{}", page.text("main"));
}

#[tokio::test]
async fn limits_are_found_by_everyday_words() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let page = citizen.get("/guide/time?q=被单位开除了").await;
    assert!(page.text("main").contains("按法规里的说法找的"), "{}", page.text("main"));
    assert!(page.text(".tiles").contains("劳动"), "{}", page.text("main"));
    let page = citizen.get("/guide/time?q=行政复议").await;
    assert!(!page.text("main").contains("按法规里的说法"), "words of the law are looked for as they are");
}

#[tokio::test]
async fn codes_are_for_staff() {
    let county = SmallCounty::new().await;
    let page = county.test.browser().get("/law/refusals").await;
    assert!(page.text("table").contains("接下来怎么办") && page.text("td code").is_empty(), "{}", page.text("table"));
    let page = county.clerk("所长甲").await.get("/law/refusals").await;
    assert!(!page.text("td code").is_empty());
    let page = county.test.browser().get("/law/procedures/mediation/steps").await;
    assert!(page.text("main").contains("不早于办理当日") && !page.text("main").contains('{'), "{}", page.text("main"));
}

#[test]
fn a_name_says_what_it_names() {
    let kind = zhunsheng::app::dispute::kind_of_name;
    for (name, expected) in [
        ("昌图县第一人民医院", PartyKind::Legal),
        ("昌图镇柳树村村民委员会", PartyKind::Legal),
        ("兴旺超市", PartyKind::SoleTrader),
        ("刘厂", PartyKind::Natural),
        ("", PartyKind::Natural),
    ] {
        assert_eq!(kind(name), expected, "{name}");
    }
}

#[tokio::test]
async fn penalties_stand_by_the_day_of_their_publication() {
    let county = SmallCounty::new().await;
    let first = decided_on(&county, &SOURCE).await;
    let others: Vec<(&str, &str)> = SOURCE
        .iter()
        .map(|(field, value)| (*field, if *field == "f.violation" { "另一件违法" } else { *value }))
        .collect();
    let second = decided_on(&county, &others).await;
    let (mut officer, mut clerk) = (county.clerk("队员甲").await, county.clerk("内勤甲").await);
    let mut reviewer = county.clerk("法审甲").await;
    let approved = [("f.public_summary", "未建立台账"), ("f.publish_until", "2025-10-26")];
    for (case, day) in [(&second, 27), (&first, 28)] {
        county.test.app.advance_demo_to(jiff::civil::date(2024, 10, day)).await.unwrap();
        let served = [("f.delivery", "direct"), ("f.receiver", "欧阳某"), ("f.receiver_relation", "family")];
        take(&mut officer, &format!("{case}/steps/serve"), &served).await;
        take(&mut reviewer, &format!("{case}/steps/approve_disclosure"), &approved).await;
        take(&mut clerk, &format!("{case}/steps/publish"), &[("f.channel", "government_site")]).await;
    }
    let mut citizen = county.test.browser();
    let page = citizen.get("/penalties").await;
    let shown = page.attributes("td.main a", "href");
    let id = |case: &str| case.replace("/matters/", "/penalties/");
    assert_eq!(shown, [id(&first), id(&second)], "the last published first");
    let ends = page.attributes("td[data-th=公示] time:last-child", "datetime");
    assert_eq!(ends, ["2025-10-26", "2025-10-26"]);
    assert!(citizen.get(&shown[0]).await.text(".facts").contains("2025年10月26日"), "the same last day");
    for (day, left) in [((2025, 10, 26), 2), ((2025, 10, 27), 0)] {
        county.test.app.advance_demo_to(jiff::civil::date(day.0, day.1, day.2)).await.unwrap();
        assert_eq!(citizen.get("/penalties").await.attributes("td.main a", "href").len(), left, "{day:?}");
        assert_eq!(citizen.get(&shown[0]).await.status, if left > 0 { 200 } else { 404 }, "{day:?}");
    }
}

#[tokio::test]
async fn the_receipt_of_service_says_who_received_it_and_what_they_are_to_the_addressee() {
    let county = SmallCounty::new().await;
    let case = decided_on(&county, &SOURCE).await;
    let mut officer = county.clerk("队员甲").await;
    let form = officer.get(&format!("{case}/steps/serve")).await;
    assert!(form.text("main").contains("签收的那一天"), "which day: {}", form.text("main"));
    // Who signed for the notice says nothing of who signs for the decision.
    let chosen = form.attributes("select[name='f.receiver_relation'] option[selected]", "value");
    assert!(chosen.iter().all(String::is_empty), "{chosen:?}");
    assert!(!form.attributes("select[name='f.receiver_relation'] option", "value").is_empty());
    let unnamed = [("f.delivery", "direct"), ("f.receiver_relation", "family")];
    let why = refused(&mut officer, &format!("{case}/steps/serve"), &unnamed).await;
    assert!(why.contains("没有写签收人是谁") && why.contains("第八十八条"), "{why}");
    let served = [("f.delivery", "direct"), ("f.receiver", "邹二"), ("f.receiver_relation", "family")];
    take(&mut officer, &format!("{case}/steps/serve"), &served).await;
    let papers = officer.get(&case).await.attributes("a[href*='/instruments/']", "href");
    let mut receipts = Vec::new();
    for paper in papers {
        let text = officer.get(&paper).await.text("main");
        if text.contains("送达回证") && text.contains("同住成年家属") {
            receipts.push(text);
        }
    }
    assert!(!receipts.is_empty(), "a receipt of service names the relation");
    assert!(receipts.iter().all(|text| text.contains("邹二")), "{receipts:?}");
}

const LAWYER: [(&str, &str); 7] = [
    ("f.place", TOWN),
    ("f.duty_from", "2024-10-21"),
    ("f.duty_until", "2024-10-27"),
    ("f.duty_topics", "labour"),
    ("f.helper_kind", "lawyer"),
    ("f.helper_name", "司马律师"),
    ("f.helper_phone", "13941007788"),
];

#[tokio::test]
async fn a_question_goes_to_whoever_is_on_duty_for_its_town_and_topic() {
    let county = SmallCounty::new().await;
    let (mut station, mut bureau) = (county.clerk("所长甲").await, county.clerk("基层甲").await);
    let question = |topic: &'static str| {
        [("f.receiver", "211224100-sfs"), ("f.source", "window"), ("f.topic", topic), ("f.question", "工钱没给怎么办")]
    };
    let wages = take(&mut station, "/matters/new/legal_consultation", &question("labour")).await;
    let family = take(&mut station, "/matters/new/legal_consultation", &question("family")).await;
    let form = station.get(&format!("{wages}/steps/assign")).await;
    assert!(form.text("main").contains("值班表里今天没有人"), "{}", form.text("main"));
    assert!(form.attribute("#f-helper_name", "value").unwrap_or_default().is_empty());
    let reversed: Vec<(&str, &str)> = LAWYER
        .iter()
        .map(|(field, value)| (*field, if *field == "f.duty_from" { "2024-10-28" } else { *value }))
        .collect();
    let why = refused(&mut station, "/matters/new/legal_duty", &reversed).await;
    assert!(why.contains("早于开始的日期"), "{why}");
    let past: Vec<(&str, &str)> = LAWYER
        .iter()
        .map(|(field, value)| match *field {
            "f.duty_from" => (*field, "2024-10-14"),
            "f.duty_until" => (*field, "2024-10-20"),
            _ => (*field, *value),
        })
        .collect();
    let why = refused(&mut station, "/matters/new/legal_duty", &past).await;
    assert!(why.contains("已经过去"), "{why}");
    // The bureau's line is for the whole county and all topics, the station's for its town and one topic.
    let whole = [
        ("f.place", "211224"),
        ("f.duty_from", "2024-10-21"),
        ("f.duty_until", "2024-10-27"),
        ("f.helper_kind", "justice_staff"),
        ("f.helper_name", "局里值班人"),
    ];
    take(&mut bureau, "/matters/new/legal_duty", &whole).await;
    let duty = take(&mut station, "/matters/new/legal_duty", &LAWYER).await;
    assert!(station.get(&duty).await.text("h1").contains("昌图镇"), "the roster calls towns by name");
    let form = station.get(&format!("{wages}/steps/assign")).await;
    assert_eq!(form.attribute("#f-helper_name", "value").as_deref(), Some("司马律师"), "{}", form.text("main"));
    assert_eq!(form.attribute("input[name='f.helper_kind'][checked]", "value").as_deref(), Some("lawyer"));
    assert!(form.text("main").contains("同时当值的还有局里值班人"), "{}", form.text("main"));
    assert!(form.text("main").contains("值班电话13941007788"), "who assigns calls them: {}", form.text("main"));
    assert!(!station.get(&duty).await.body.contains("13941007788"), "masked everywhere else");
    let form = station.get(&format!("{family}/steps/assign")).await;
    assert_eq!(form.attribute("#f-helper_name", "value").as_deref(), Some("局里值班人"), "not the lawyer's topic");
    // What was cancelled and what is over is nobody's duty.
    take(&mut station, &format!("{duty}/steps/cancel"), &[("f.cancel_reason", "absent")]).await;
    let form = station.get(&format!("{wages}/steps/assign")).await;
    assert_eq!(form.attribute("#f-helper_name", "value").as_deref(), Some("局里值班人"));
    let assigned = [("f.helper_kind", "justice_staff"), ("f.helper_name", "局里值班人")];
    take(&mut station, &format!("{wages}/steps/assign"), &assigned).await;
    county.test.app.advance_demo_to(jiff::civil::date(2024, 10, 28)).await.unwrap();
    let form = station.get(&format!("{family}/steps/assign")).await;
    assert!(form.attribute("#f-helper_name", "value").unwrap_or_default().is_empty(), "that week is over");
}
