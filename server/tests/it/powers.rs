//! Powers through their pages: a lead of another organ is registered, its filing refused, and it goes to the competent one;
//! what the public reads of powers.

use crate::casework::{refused, take};
use crate::inspections::{id_of, state};
use crate::support::{Browser, SmallCounty};
use zhunsheng_core::matter::MatterState;

const LEAD: [(&str, &str); 13] = [
    ("f.secrecy", "none"),
    ("f.domain", "agriculture"),
    ("f.power_basis", "statutory"),
    ("f.source", "complaint"),
    ("f.source_note", "群众来电反映。"),
    ("f.discovered_on", "2024-10-20"),
    ("f.place", "211224100"),
    ("f.violation", "不执行农药销售台账制度"),
    ("party.0.role", "respondent"),
    ("party.0.kind", "sole_trader"),
    ("party.0.name", "昌图镇某农资商店"),
    ("party.0.representative", "邹某"),
    ("party.0.address", "昌图镇东街"),
];

/// A power of a kind and an organ, entered by the administrator; its id.
pub async fn listed(admin: &mut Browser, code: &str, (kind, organ): (&str, &str), published: &str) -> String {
    let name = format!("对{code}违法行为行使的职权");
    let fields = [
        ("f.code", code),
        ("f.name", &name),
        ("f.power_kind", kind),
        ("f.domain", "agriculture"),
        ("f.organ", organ),
        ("f.power_source", "statutory"),
        ("f.power_basis", "《农药管理条例》第五十八条"),
        ("f.valid_from", "2021-07-15"),
        ("f.published_on", published),
    ];
    let matter = take(admin, "/matters/new/enforcement_power", &fields).await;
    matter.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_lead_of_another_organ_is_registered_refused_and_transferred() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    listed(&mut admin, "甲", ("penalty", "211224-nyj"), "2022-01-01").await;
    let other = listed(&mut admin, "乙", ("penalty", "211224100-zf"), "").await;
    let (mut officer, mut head) = (county.clerk("队员甲").await, county.clerk("局长甲").await);
    let lead = [&LEAD[..], &[("f.power", other.as_str())]].concat();
    let matter = take(&mut officer, "/matters/new/penalty?f.secrecy=none", &lead).await;
    let assignee = county.id("队员甲");
    let filing = [("f.file_reason", "有违法事实。"), ("f.power", other.as_str()), ("assignee", assignee.as_str())];
    let why = refused(&mut head, &format!("{matter}/steps/file"), &filing).await;
    assert!(why.contains("昌图镇人民政府") && why.contains("移送函") && why.contains("第十七条"), "{why}");
    let page = head.get(&matter).await;
    assert!(page.text("main").contains("职权属于昌图镇人民政府，应当移送"), "{}", page.text("main"));
    // The letter is addressed before anybody types.
    let transfer = format!("{matter}/steps/transfer_jurisdiction");
    let page = head.get(&transfer).await;
    assert_eq!(page.attribute("input[name='f.transfer_to']", "value").as_deref(), Some("昌图镇人民政府"));
    let fields = [("f.transfer_to", "昌图镇人民政府"), ("f.transfer_reason", "不属于本机关职权。")];
    take(&mut head, &transfer, &fields).await;
    let page = head.get(&format!("{matter}/instruments/1")).await;
    assert!(page.text("main").contains("案件移送函"), "{}", page.text("main"));
    // Nobody of the bureau receives it; the town does, and types nothing again.
    let receive = format!("{matter}/steps/receive_transfer");
    let mut own = county.clerk("内勤甲").await;
    own.get(&matter).await;
    let page = own.post(&receive, &[]).await;
    assert_eq!(page.status, 422, "{}", page.text("main"));
    let mut town = county.clerk("镇内勤甲").await;
    assert!(town.get(&matter).await.text("main").contains("接收移送"), "the town sees it from the letter on");
    // It lies on the town's desk, and who handed it over sees that an answer is awaited.
    assert!(town.get("/desk").await.text("main").contains("接收移送"));
    let answered = |state: &MatterState| state.clock("transfer_answer").map(|run| run.stopped.is_some());
    assert_eq!(answered(&state(&county, id_of(&matter)).await), Some(false));
    assert!(own.get(&matter).await.text("main").contains("待回函"));
    take(&mut town, &receive, &[]).await;
    assert!(!town.get("/desk").await.text("main").contains("接收移送"));
    let handed = state(&county, id_of(&matter)).await;
    assert_eq!(answered(&handed), Some(true));
    let link = handed.links.iter().find(|link| link.role.as_str() == "received_case").unwrap();
    let lead = state(&county, link.matter).await;
    assert_eq!((lead.organ.as_str(), lead.parent), ("211224100-zf", Some(id_of(&matter))));
    assert_eq!((lead.text("violation"), lead.text("source")), (handed.text("violation"), "transferred"));
    let page = town.get(&format!("/matters/{}", link.matter)).await.text("main");
    assert!(page.contains("群众来电反映") && page.contains("昌图镇人民政府"), "{page}");
    let why = refused(&mut town, &receive, &[("reason", "")]).await;
    assert!(why.contains("已经登记过案源"), "{why}");
    let mut stranger = county.clerk("起草甲").await;
    assert_eq!(stranger.get(&format!("/matters/{}", link.matter)).await.status, 404);
}

#[tokio::test]
async fn a_case_that_leaves_the_county_is_received_by_nobody_here() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head) = (county.clerk("队员甲").await, county.clerk("局长甲").await);
    let matter = take(&mut officer, "/matters/new/penalty?f.secrecy=none", &LEAD).await;
    let fields = [("f.transfer_to", "铁岭市农业农村局"), ("f.transfer_reason", "不属于本机关职权。")];
    take(&mut head, &format!("{matter}/steps/transfer_jurisdiction"), &fields).await;
    assert!(!state(&county, id_of(&matter)).await.filled(&"receiving_organ".into()));
    let mut town = county.clerk("镇内勤甲").await;
    assert_eq!(town.get(&matter).await.status, 404);
    // Its answer is entered by who handed it over, once, and after the file was bound as well.
    let mut clerk = county.clerk("内勤甲").await;
    take(&mut clerk, &format!("{matter}/steps/archive"), &[("f.archive_number", "农执2024-9")]).await;
    let answer = [("f.transfer_answer", "taken"), ("f.transfer_answer_note", "铁农函〔2024〕3号，已立案。")];
    let note = format!("{matter}/steps/note_transfer_answer");
    take(&mut clerk, &note, &answer).await;
    assert!(state(&county, id_of(&matter)).await.clock("transfer_answer").is_some_and(|run| run.stopped.is_some()));
    let why = refused(&mut clerk, &note, &answer).await;
    assert!(why.contains("没有等待回函的移送"), "{why}");
}

#[tokio::test]
async fn the_public_reads_the_powers_that_were_published() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    let mut citizen = county.test.browser();
    assert!(citizen.get("/powers").await.text("main").contains("权责清单还没有公布"));
    listed(&mut admin, "甲", ("penalty", "211224-nyj"), "2022-01-01").await;
    listed(&mut admin, "乙", ("penalty", "211224100-zf"), "").await;
    let shown = citizen.get("/powers").await.text("main");
    assert!(shown.contains("昌图县农业农村局") && shown.contains("《农药管理条例》第五十八条"), "{shown}");
    assert!(!shown.contains("昌图镇人民政府"), "not published: {shown}");
}

#[tokio::test]
async fn the_public_reads_whose_certificate_serves_today() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let organs = citizen.get("/officers").await.text("main");
    assert!(organs.contains("昌图县农业农村局"), "{organs}");
    assert!(organs.contains("不出示执法证件的，有权拒绝接受调查或者检查"), "{organs}");
    assert!(!organs.contains("不在名单上或者"), "a list of one county is no ground to refuse: {organs}");
    let people = citizen.get("/officers?organ=211224-nyj").await.text("main");
    assert!(people.contains("队员甲") && people.contains("农业"), "{people}");
    // 队员丙's certificate has ended; 内勤甲 holds none.
    assert!(!people.contains("队员丙") && !people.contains("内勤甲"), "{people}");
    assert_eq!(citizen.get("/officers?organ=211224-none").await.status, 404);
}

#[tokio::test]
async fn who_went_elsewhere_or_does_not_enforce_is_not_published_as_an_officer() {
    let county = SmallCounty::new().await;
    let (mut admin, mut keeper) = (county.clerk("管理员").await, county.clerk("监督甲").await);
    let (moved, head) = (county.id("队员乙"), county.id("局长甲"));
    let post = [
        ("f.person", moved.as_str()),
        ("f.organ", "211224100-zf"),
        ("f.post_kind", "enforcement_officer"),
        ("f.valid_from", "2024-01-01"),
    ];
    take(&mut admin, "/matters/new/post", &post).await;
    let certificate = |person, organ, number| {
        [
            ("f.person", person),
            ("f.holder_organ", organ),
            ("f.number", number),
            ("f.domain", "agriculture"),
            ("f.staffing", "administrative"),
            ("f.issuer", "辽宁省人民政府"),
            ("f.valid_from", "2024-01-01"),
            ("f.valid_until", "2027-01-01"),
        ]
    };
    let new = "/matters/new/enforcement_certificate";
    take(&mut keeper, new, &certificate(head.as_str(), "211224-nyj", "0612091")).await;
    let mut citizen = county.test.browser();
    assert_eq!(citizen.get("/officers?organ=211224100-zf").await.status, 404, "the certificate is another organ's");
    let people = citizen.get("/officers?organ=211224-nyj").await.text("main");
    assert!(people.contains("队员甲") && people.contains("队员乙") && !people.contains("局长甲"), "{people}");
    // With a certificate of the organ the post there is published, with that certificate.
    take(&mut keeper, new, &certificate(moved.as_str(), "211224100-zf", "0612092")).await;
    let people = citizen.get("/officers?organ=211224100-zf").await.text("main");
    assert!(people.contains("队员乙") && people.contains("0612092"), "{people}");
    assert!(!citizen.get("/officers?organ=211224-nyj").await.text("main").contains("0612092"));
    // As loaded anew, so that a restart publishes the same.
    let loaded = county.test.app.db.read(|r| zhunsheng::store::registry::load(r, "211224")).await.unwrap();
    let person = loaded.people().find(|person| person.name == "队员甲").unwrap().id;
    let organs: Vec<_> = loaded.credentials_of(person).iter().filter_map(|held| held.organ.as_ref()).collect();
    assert_eq!(organs.iter().map(|organ| organ.as_str()).collect::<Vec<_>>(), ["211224-nyj"]);
}
