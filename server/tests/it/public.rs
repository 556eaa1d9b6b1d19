//! Citizens at the door: a dispute registered and followed, wrong codes, publications, guides, the demonstration's door.

use crate::support::SmallCounty;

pub const TOWN: &str = "211224100";
const VILLAGE: &str = "211224100201";
const COMMITTEE: &str = "昌图镇柳树村人民调解委员会";

pub const DISPUTE: [(&str, &str); 8] = [
    ("key", "0123456789abcdef0123456789abcdef"),
    ("town", TOWN),
    ("village", VILLAGE),
    ("f.dispute_kind", "neighbour"),
    ("f.summary", "西院垒墙挡水，雨水倒灌。"),
    ("p.0.name", "佟守田"),
    ("p.0.phone", "13941002386"),
    ("p.1.name", "栾家西院"),
];

#[tokio::test]
async fn a_citizen_registers_a_dispute_and_follows_it() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let first = citizen.get("/disputes/new").await;
    assert!(first.text("#town").contains("昌图镇"));
    let again = citizen.get("/disputes/new?town=").await;
    assert_eq!(again.text("#town-e"), "请选择纠纷发生在哪个镇");
    let second = citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert!(second.text("#village").contains("柳树村"));
    assert!(
        second.body.contains("f.dispute_kind") && !second.body.contains("f.committee"),
        "the place says the committee"
    );
    let receipt = citizen.post("/disputes/new", &DISPUTE).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let code = receipt.text(".query-code");
    assert_eq!(code.len(), 14, "{code}");
    assert!(receipt.body.contains(COMMITTEE));
    let told = receipt.text(".answer");
    assert!(told.contains("2024年10月26日") && told.contains("电话没有登记") && told.contains("12348"), "{told}");
    let repeated = citizen.post("/disputes/new", &DISPUTE).await;
    assert_eq!(repeated.text(".query-code"), code, "pressed twice, registered once");
    citizen.get("/track").await;
    let progress = citizen.post("/track", &[("code", &code.to_lowercase().replace('-', " "))]).await;
    assert!(progress.text(".answer").contains("您的登记已经收到"), "{}", progress.body);
    assert!(progress.text(".steps").contains("网上登记纠纷"));
    for hidden in ["佟守田", "栾家西院", "13941002386", "西院垒墙"] {
        assert!(!progress.body.contains(hidden), "{hidden} is nobody's business on this page");
    }
    assert!(!progress.body.contains("答复是否受理"), "internal limits are no promise");
}

#[tokio::test]
async fn a_citizen_applies_for_legal_aid_and_follows_it() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let home = citizen.get("/").await;
    assert!(home.body.contains("/legal-aid/new"), "one tap from the home page");
    let guide = citizen.get("/guide/legal_aid").await;
    assert!(
        guide.body.contains("href=\"/legal-aid/new\"") && guide.body.contains("<strong>7日</strong>"),
        "{}",
        guide.body
    );
    assert!(citizen.get("/legal-aid/new").await.text("#town").contains("昌图镇"));
    let form = citizen.get(&format!("/legal-aid/new?town={TOWN}")).await;
    assert!(form.body.contains("讨要工资") && !form.body.contains("f.committee"), "{}", form.body);
    let application = [
        ("town", TOWN),
        ("key", "0123456789abcdef0123"),
        ("f.cause", "labour_pay"),
        ("f.summary", "在工地干了三个月，工资没有给。"),
        ("p.0.name", "佟守田"),
        ("p.0.phone", "13941002386"),
    ];
    let receipt = citizen.post("/legal-aid/new", &application).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let code = receipt.text(".query-code");
    assert!(receipt.body.contains("昌图县法律援助中心") && receipt.body.contains("三日内指派"), "{}", receipt.body);
    assert_eq!(citizen.post("/legal-aid/new", &application).await.text(".query-code"), code, "sent twice, filed once");
    let mut clerk = county.clerk("温援").await;
    let desk = clerk.get("/desk").await;
    let path = desk.attribute("a[href^='/matters/0']", "href").unwrap();
    assert!(clerk.get(&path).await.body.contains("审查申请"), "it waits on the centre's desk");
    citizen.get("/track").await;
    let progress = citizen.post("/track", &[("code", &code)]).await;
    assert!(progress.text(".answer").contains("您的申请已经收到"), "{}", progress.body);
    assert!(progress.body.contains("法律援助申请的审查和决定"), "{}", progress.body);
    for hidden in ["佟守田", "13941002386", "工资没有给"] {
        assert!(!progress.body.contains(hidden), "{hidden} is nobody's business on this page");
    }
}

#[tokio::test]
async fn errors_stand_at_their_fields_and_nothing_typed_is_lost() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    let wrong: Vec<(&str, &str)> = DISPUTE
        .iter()
        .map(|(name, value)| match *name {
            "p.0.phone" => ("p.0.phone", "1394100"),
            "f.dispute_kind" => ("f.dispute_kind", ""),
            "p.0.name" => ("p.0.name", "<佟>"),
            _ => (*name, *value),
        })
        .chain([("p.1.phone", "电话")])
        .collect();
    let page = citizen.post("/disputes/new", &wrong).await;
    assert_eq!(page.status, 200);
    assert!(!page.text("[id='f.dispute_kind-e']").is_empty(), "{}", page.body);
    assert!(!page.text("[id='p.1.phone-e']").is_empty());
    assert_eq!(page.attribute("[id='p.0.name']", "value").as_deref(), Some("<佟>"), "escaped, and kept");
    assert_eq!(page.text("[id='f.summary']"), "西院垒墙挡水，雨水倒灌。");
    assert!(page.text(".error-summary").contains("处需要改一下"));
    let nowhere = citizen.post("/disputes/new", &[("town", "999999")]).await;
    assert_eq!(nowhere.status, 400);
}

#[tokio::test]
async fn every_wrong_code_gets_the_same_answer() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get("/track").await;
    let mut answers = Vec::new();
    for code in ["", "7K2M", "7K2M94QX1AB0", "不知道", "' OR 1=1"] {
        let page = citizen.post("/track", &[("code", code)]).await;
        assert_eq!(page.status, 200);
        answers.push(page.text("#code-e"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn what_is_not_published_does_not_exist() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    assert!(citizen.get("/penalties").await.body.contains("目前没有正在公示的行政处罚决定"));
    let other = county.id("调解员甲");
    for path in [
        "/penalties/x".to_owned(),
        format!("/penalties/{other}"),
        "/guide/person".to_owned(),
        "/law/procedures/x".to_owned(),
    ] {
        assert_eq!(citizen.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn citizens_pages_are_light_and_read_well_without_scripts() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let paths = [
        "/",
        "/about",
        "/guide",
        "/guide/mediation",
        "/guide/penalty",
        "/guide/time",
        "/guide/time?q=行政",
        "/guide/time?matter=行政许可",
        "/guide/time?of=mediation&from=2024-02-08",
        "/guide/time?of=penalty&d.file=2024-02-08&d.serve=2024-06-03",
        "/guide/time?limit=reconsider_decide&from=2024-02-08",
        "/disputes/new",
        "/disputes/new?town=211224100",
        "/track",
        "/penalties",
        "/law/procedures",
        "/law/procedures/mediation",
        "/law/limits",
        "/law/refusals",
        "/law/calendars",
    ];
    for path in paths {
        let page = citizen.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let citizens = !path.starts_with("/law");
        assert!(!citizens || page.body.len() < 60_000, "{path}: {} bytes", page.body.len());
        assert!(page.body.contains("演示数据"), "{path}");
        assert!(!page.body.contains("style=\"") && !page.body.contains("onclick"), "{path}");
    }
}

#[tokio::test]
async fn a_visitor_of_the_demonstration_becomes_somebody_and_moves_the_day() {
    let county = SmallCounty::new().await;
    let mut visitor = county.test.browser();
    let door = visitor.get("/demo").await;
    assert!(door.text(".personas").contains("人民调解员 调解员甲"), "{}", door.body);
    assert_eq!(visitor.post("/demo", &[("post", "someone")]).await.status, 404);
    let post = county.people["县长甲"].1.to_string();
    let signed = visitor.post("/demo", &[("post", &post)]).await;
    assert_eq!((signed.status, signed.location()), (303, "/desk"));
    assert_eq!(visitor.get("/figures").await.status, 200);
    visitor.get("/demo/day").await;
    let wrong = visitor.post("/demo/day", &[("day", "2024-10-01")]).await;
    assert!(!wrong.text("#day-e").is_empty(), "never back");
    let moved = visitor.post("/demo/day", &[("day", "2024-11-05")]).await;
    assert!(moved.text(".flash").contains("2024年11月5日"), "{}", moved.body);
}

#[tokio::test]
async fn figures_are_for_posts_that_see_them_and_every_line_opens() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(citizen.post("/disputes/new", &DISPUTE).await.status, 200);
    assert_eq!(citizen.get("/figures").await.status, 303, "sign in first");
    let mut mediator = county.clerk("调解员甲").await;
    assert_eq!(mediator.get("/figures").await.status, 404, "a mediator does not know the page");
    let mut head = county.clerk("县长甲").await;
    let page = head.get("/figures").await;
    assert!(page.body.contains("未接入") && page.text("#S01").contains("纲要印发时间"), "listed, not hidden");
    assert!(page.text("#M07").contains("1 件"), "{}", page.text("#M07"));
    let list = head.get("/figures/M07").await;
    assert!(list.text("tbody").contains(COMMITTEE), "{}", list.body);
    let before = head.get("/figures/M07?as_of=2024-10-25").await;
    assert!(before.body.contains("没有事项"), "not known the day before");
    assert_eq!(head.get("/figures/X99").await.status, 404);
}

#[tokio::test]
async fn what_the_station_registers_is_read_for_danger_as_what_citizens_file() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let mut told = vec![
        ("f.committee", "211224100201-tw"),
        ("f.source", "party_application"),
        ("f.dispute_kind", "neighbour"),
        ("f.summary", "两家争水。"),
        ("f.danger_signs", "weapon"),
        ("f.risk_proposed", "high"),
        ("party.0.role", "applicant"),
        ("party.0.kind", "natural"),
        ("party.0.name", "佟守田"),
        ("party.0.phone", "13941002386"),
        ("party.1.role", "respondent"),
        ("party.1.kind", "natural"),
        ("party.1.name", "栾家西院"),
    ];
    let path = "/matters/new/mediation?step=register_at_station";
    let form = station.get(path).await;
    assert!(!form.body.contains("f.danger_signs") && !form.body.contains("f.risk_proposed"), "nobody types them");
    crate::casework::take(&mut station, path, &told).await;
    assert!(station.get("/desk").await.text("[data-danger]").is_empty(), "what was typed for a sign does not count");
    told[3].1 = "一方说要放火烧房。";
    let matter = crate::casework::take(&mut station, path, &told).await;
    let warned = station.get("/desk").await.attributes("[data-danger] td.main a", "href");
    assert_eq!(warned, [matter.as_str()]);
    let page = station.get(&matter).await;
    assert!(page.body.contains("提到爆炸、放火、投毒") && !page.body.contains("提到刀具"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_correction_is_read_for_danger_and_a_lower_grade_has_to_be_given_again() {
    let county = SmallCounty::new().await;
    let (mut mediator, mut head) = (county.clerk("调解员甲").await, county.clerk("主任甲").await);
    let told: Vec<(&str, &str)> = crate::staff::DISPUTE.to_vec();
    let matter = crate::casework::take(&mut mediator, "/matters/new/mediation", &told).await;
    let graded = [("f.risk", "low"), ("f.risk_reason", "双方平静。")];
    crate::casework::take(&mut mediator, &format!("{matter}/steps/grade_risk"), &graded).await;
    let path = format!("{matter}/steps/_correct");
    let form = head.get(&path).await;
    assert!(form.body.contains("f.summary") && !form.body.contains("f.risk_proposed"), "{}", form.text("main"));
    let typed = [("f.risk_proposed", "low"), ("reason", "改一改")];
    let said = crate::casework::refused(&mut head, &path, &typed).await;
    assert!(said.contains("系统"), "nobody types what the system works out: {said}");
    let quiet = [("f.summary", "两家争水，昨天又吵了一次。"), ("f.risk", "low"), ("reason", "补充")];
    crate::casework::take(&mut head, &path, &quiet).await;
    assert!(head.get("/desk").await.text("[data-danger]").is_empty());
    let loud = [("f.summary", "两家争水，一方说要放火烧房。"), ("f.risk", "low"), ("reason", "当事人来电")];
    crate::casework::take(&mut head, &path, &loud).await;
    let warned = head.get("/desk").await.attributes("[data-danger] td.main a", "href");
    assert_eq!(warned, [matter.as_str()], "it stands on top again until somebody grades it anew");
    let page = head.get(&matter).await;
    assert!(page.body.contains("提到爆炸、放火、投毒"), "{}", page.text("main"));
    let step = format!("{matter}/steps/grade_risk");
    let why = crate::casework::refused(&mut mediator, &step, &graded).await;
    assert!(why.contains("低于建议等级的理由"), "a lower grade than the proposal is explained: {why}");
    let explained = [&graded[..], &[("f.lower_reason", "向双方电话核实，是气话，已当面道歉。")]].concat();
    crate::casework::take(&mut mediator, &step, &explained).await;
    assert!(head.get("/desk").await.text("[data-danger]").is_empty());
    // The same words corrected elsewhere say nothing new.
    let calm = [("f.summary", "一方说要放火烧房，已劝住。"), ("reason", "补充")];
    crate::casework::take(&mut head, &path, &calm).await;
    assert!(head.get("/desk").await.text("[data-danger]").is_empty());
}

#[tokio::test]
async fn a_sign_that_the_definition_does_not_know_is_dropped_and_bars_nobody() {
    let county = SmallCounty::new().await;
    let mut law = county.test.app.county.ruling().law.clone();
    let words = "ignore = []\n[[danger]]\nsign = \"weapons\"\nwords = [\"拿刀\"]\n[[danger]]\nsign = \"kill\"\nwords = [\"砍人\"]";
    law.guides.synonyms = zhunsheng_core::guide::question::Synonyms::parse("synonyms.toml", words).unwrap();
    let mediation = law.newest("mediation").unwrap();
    let signs = zhunsheng::app::dispute::danger_signs(&law, mediation, ("他拿刀说要砍人", ""));
    assert_eq!(signs, ["kill"], "`weapons` would be refused at a field that nobody sees");
    let aid = law.newest("legal_aid").unwrap();
    assert!(zhunsheng::app::dispute::danger_signs(&law, aid, ("他说要砍人", "")).is_empty(), "takes no signs");
}

#[tokio::test]
async fn a_dispute_that_may_turn_violent_is_on_top_of_the_desks_until_it_is_graded() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    let quiet = citizen.post("/disputes/new", &DISPUTE).await;
    assert!(quiet.text("[data-danger]").is_empty(), "{}", quiet.text("main"));
    let (mut mediator, mut station) = (county.clerk("调解员甲").await, county.clerk("所长甲").await);
    for desk in [&mut mediator, &mut station] {
        assert!(desk.get("/desk").await.text("[data-danger]").is_empty());
    }
    // Typed in another hand; and a form cannot say the grade itself.
    let form = citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert!(!form.body.contains("danger_signs") && !form.body.contains("risk_proposed"));
    let mut threat = DISPUTE.to_vec();
    threat[0].1 = "fedcba9876543210fedcba9876543210";
    threat[4].1 = "他说明天带一帮人来，要 砍 人。";
    threat.push(("f.risk_proposed", "low"));
    let receipt = citizen.post("/disputes/new", &threat).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text("main"));
    assert!(receipt.text("[data-danger]").contains("110"), "{}", receipt.text("main"));
    let mut matter = String::new();
    for desk in [&mut mediator, &mut station] {
        let page = desk.get("/desk").await;
        let hrefs = page.attributes("[data-danger] td.main a", "href");
        assert_eq!(hrefs.len(), 1, "only the threat: {}", page.text("main"));
        matter.clone_from(&hrefs[0]);
        assert!(page.body.find("data-danger").unwrap() < page.body.find("class=\"figures\"").unwrap(), "on top");
    }
    let page = mediator.get(&matter).await;
    for told in ["扬言伤人、杀人", "提到纠集人员", "建议的风险等级"] {
        assert!(page.body.contains(told), "{told}: {}", page.text("main"));
    }
    assert!(!page.body.contains("提到自杀"), "only what was said");
    assert!(page.text("[data-danger]").contains("扬言伤人、杀人"), "a banner on its page: {}", page.text("main"));
    // Somebody decides, here the station, and may find the words to be no more than words.
    let step = format!("{matter}/steps/grade_risk_at_station");
    let form = station.get(&step).await.text("[data-danger]");
    assert!(form.contains("扬言伤人、杀人") && form.contains("系统建议的风险等级：高"), "{form}");
    let grade = [("f.risk", "medium"), ("f.risk_reason", "是气话。"), ("f.lower_reason", "😀")];
    let why = crate::casework::refused(&mut station, &step, &grade).await;
    assert!(why.contains("低于建议等级的理由"), "{why}");
    let grade = [("f.risk", "medium"), grade[1], ("f.lower_reason", "电话核实，是气话，对方不在本村。")];
    crate::casework::take(&mut station, &step, &grade).await;
    assert!(station.get(&matter).await.text("[data-danger]").is_empty(), "graded, and not high");
    for desk in [&mut mediator, &mut station] {
        assert!(desk.get("/desk").await.text("[data-danger]").is_empty(), "graded");
    }
}
