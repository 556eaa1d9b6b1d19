//! Popularisation through its pages: one activity of several hosts is one matter, three people review what is published, and
//! everybody reads which village has how many legal guides.

use crate::casework::{refused, take};
use crate::support::{Browser, SmallCounty};

const PHOTO: (&str, &str, &[u8]) = ("evidence.photo", "现场.pdf", b"%PDF-1.7\n% a photograph\n");

const FAIR: [(&str, &str); 8] = [
    ("f.activity_title", "昌图镇大集法治宣传"),
    ("f.activity_form", "market"),
    ("f.held_on", "2024-10-20"),
    ("f.place", "211224100"),
    ("f.law_topic", "constitution"),
    ("f.audience_kind", "public"),
    ("f.people_on_site", "860"),
    ("f.co_hosts", "211224-sfj"),
];
const NEW: &str = "/matters/new/law_activity";

/// Registers an activity; the matter's address.
async fn held(host: &mut Browser, fields: &[(&str, &str)]) -> String {
    let page = host.get(NEW).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let page = host.post_files(NEW, fields, &[PHOTO]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    page.location().split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_activity_of_several_hosts_is_entered_once() {
    let county = SmallCounty::new().await;
    let (mut station, mut farming) = (county.clerk("所长甲").await, county.clerk("宣传乙").await);
    let why = refused(&mut station, NEW, &FAIR).await;
    assert!(why.contains("现场照片"), "{why}");
    let undated = [&FAIR[..], &[("f.online_views", "500")]].concat();
    let why = refused(&mut station, NEW, &undated).await;
    assert!(why.contains("没有填取数日期"), "{why}");
    let first = held(&mut station, &FAIR).await;
    // The bureau of agriculture was there too, and enters the same fair under another name.
    let own = [&[("f.activity_title", "农资打假普法")][..], &FAIR[1..7]].concat();
    farming.get(NEW).await;
    let page = farming.post_files(NEW, &own, &[PHOTO]).await;
    assert_eq!(page.status, 422);
    let said = page.text(".refusal");
    assert!(said.contains("已经登记过一件：“昌图镇大集法治宣传”（昌图镇司法所）"), "{said}");
    assert!(page.body.contains(&format!("href=\"{first}\"")), "the first one is offered: {said}");
    // It joins the first, where it is on offer and the host is not; there is still one.
    let offered = farming.get(&format!("{first}/steps/join")).await;
    let offers = |code: &str| offered.body.contains(&format!("name=\"f.co_hosts\" value=\"{code}\""));
    assert!(offers("211224-nyj") && offers("211224-sfj"), "one's own organ and others");
    assert!(!offers("211224100-sfs") && !offers("211224100201-tw"), "neither the host nor a committee");
    let joined = take(&mut farming, &format!("{first}/steps/join"), &[("f.co_hosts", "211224-sfj|211224-nyj")]).await;
    assert_eq!(joined, first);
    // Another activity there on that day says why it is another.
    let other = [&own[..], &[("reason", "下午另办的培训班，单独签到。")]].concat();
    let second = held(&mut farming, &other).await;
    assert_ne!(second, first);
    let mut bureau = county.clerk("基层甲").await;
    take(&mut bureau, &format!("{first}/steps/confirm"), &[("f.people_verified", "812")]).await;
    let shown = county.test.browser().get("/popular").await.text("main");
    assert!(shown.contains("1 2024年的普法活动") || shown.contains("12024年的普法活动"), "{shown}");
    assert!(shown.contains("812") && shown.contains("昌图县农业农村局"), "{shown}");
    assert!(!shown.contains("农资打假普法"), "what nobody verified is not shown: {shown}");
}

#[tokio::test]
async fn another_day_or_place_is_another_activity() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    held(&mut station, &FAIR).await;
    for change in [("f.held_on", "2024-10-21"), ("f.place", "211224100201")] {
        let fields: Vec<(&str, &str)> =
            FAIR.iter().map(|field| if field.0 == change.0 { change } else { *field }).collect();
        held(&mut station, &fields).await;
    }
    // What was entered in error and voided stands in nobody's way.
    let fields: Vec<(&str, &str)> =
        FAIR.iter().map(|field| if field.0 == "f.held_on" { ("f.held_on", "2024-10-22") } else { *field }).collect();
    let wrong = held(&mut station, &fields).await;
    take(&mut station, &format!("{wrong}/steps/_void"), &[("reason", "日期填错。")]).await;
    held(&mut station, &fields).await;
}

const TEXT: [(&str, &str); 6] = [
    ("f.secrecy", "none"),
    ("f.headline", "欠薪怎么办"),
    ("f.account", "justice_wechat"),
    ("f.publication_kind", "article"),
    ("f.subject", "publicity"),
    ("f.body", "先说结论，再说怎么办。"),
];
const OPENING: &str = "/matters/new/publication_review?f.secrecy=none";

#[tokio::test]
async fn three_people_review_what_is_published() {
    let county = SmallCounty::new().await;
    let (mut clerk, mut section) = (county.clerk("宣传甲").await, county.clerk("科长甲").await);
    let (mut deputy, mut head) = (county.clerk("分管甲").await, county.clerk("司法局长").await);
    let secret = [&[("f.secrecy", "work_secret")][..], &TEXT[1..]].concat();
    let why = refused(&mut clerk, "/matters/new/publication_review?f.secrecy=work_secret", &secret).await;
    assert!(why.contains("工作秘密不得公开发布"), "{why}");
    let matter = take(&mut clerk, OPENING, &TEXT).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    let why = refused(&mut section, &step("first_review"), &[("f.wording", "problem")]).await;
    assert!(why.contains("退回修改"), "{why}");
    let note = [("f.failed_gates", "wording"), ("f.review_note", "第二句有错字。")];
    take(&mut section, &step("give_back"), &note).await;
    take(&mut clerk, &step("redraft"), &[("f.headline", "欠薪怎么办"), ("f.body", "先看结论，再看怎么办。")]).await;
    take(&mut section, &step("first_review"), &[("f.wording", "passed")]).await;
    take(&mut deputy, &step("second_review"), &[("f.policy", "passed"), ("f.legal", "passed")]).await;
    // Who reviewed second does not sign in the head's place.
    let gates = [("f.political", "passed"), ("f.secrecy_gate", "passed")];
    let why = refused(&mut deputy, &step("release"), &gates).await;
    assert!(why.contains("分管甲"), "{why}");
    let why = refused(&mut head, &step("release"), &[("f.political", "passed"), ("f.secrecy_gate", "problem")]).await;
    assert!(why.contains("保密关没有过") && why.contains("第十七条"), "{why}");
    let mut citizen = county.test.browser();
    assert!(!citizen.get("/popular").await.text("main").contains("欠薪怎么办"), "not before it is released");
    take(&mut head, &step("release"), &gates).await;
    take(&mut clerk, &step("publish"), &[]).await;
    assert!(citizen.get("/popular").await.text("main").contains("还没有取数"));
    take(&mut clerk, &step("measure"), &[("f.taken_on", "2024-10-26"), ("f.reads", "412")]).await;
    let shown = citizen.get("/popular").await.text("main");
    assert!(shown.contains("412次（2024年10月26日取数）"), "{shown}");
    take(&mut section, &step("take_down"), &[("f.take_down_reason", "outdated")]).await;
    assert!(!citizen.get("/popular").await.text("main").contains("欠薪怎么办"), "what was taken down is gone");
}

#[tokio::test]
async fn everybody_reads_which_village_has_too_few_guides() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let room = [
        ("f.site_name", "柳树村公共法律服务工作室"),
        ("f.service_level", "room"),
        ("f.place", "211224100201"),
        ("f.staff", "2"),
        ("f.hours", "每周二上午"),
        ("f.services", "mediation"),
        ("f.valid_from", "2022-01-01"),
    ];
    take(&mut station, "/matters/new/legal_service_site", &room).await;
    let mut citizen = county.test.browser();
    let shown = citizen.get("/villages").await.text("main");
    assert!(shown.contains("还有 1 个不足") && shown.contains("柳树村") && shown.contains("0 名"), "{shown}");
    let town = citizen.get("/villages/211224100").await.text("main");
    assert!(town.contains("还差 5 名") && town.contains("每周二上午") && town.contains("人民调解"), "{town}");
    assert_eq!(citizen.get("/villages/999").await.status, 404);
    assert_eq!(citizen.get("/villages/211224100201").await.status, 404, "a village is no town");
}

#[tokio::test]
async fn an_organs_duty_is_appraised_by_weights_that_nobody_can_type_past() {
    let county = SmallCounty::new().await;
    let (mut bureau, mut farming) = (county.clerk("基层甲").await, county.clerk("宣传乙").await);
    let drawn = [
        ("f.duty_year", "2024"),
        ("f.duty_law", "农产品质量安全法"),
        ("f.audience_kind", "villagers"),
        ("f.planned_activities", "4"),
    ];
    let duty = take(&mut farming, "/matters/new/publicity_duty", &drawn).await;
    let step = |name: &str| format!("{duty}/steps/{name}");
    take(&mut bureau, &step("publish_list"), &[]).await;
    let report = [("f.report", "办了四次，发放资料两千份。"), ("f.done_activities", "4"), ("f.self_score", "100")];
    take(&mut farming, &step("report_done"), &report).await;
    // The score is not there to be typed, and does not exist before its parts.
    let form = bureau.get(&step("assess")).await;
    assert!(!form.body.contains("name=\"f.score\""), "{}", form.text("main"));
    let typed = bureau.post(&step("assess"), &[("f.score", "100"), ("f.grade", "excellent")]).await;
    assert_eq!(typed.status, 422);
    assert!(typed.text(".refusal, .error-summary").contains("公众评议和履职报告会打分"), "{}", typed.text("main"));
    let opinion = [("f.public_people", "210"), ("f.public_score", "70")];
    let sheet = |kind| [(kind, "汇总表.pdf", PHOTO.2)];
    farming.get(&step("public_opinion")).await;
    let own = farming.post_files(&step("public_opinion"), &opinion, &sheet("evidence.opinion")).await;
    assert_eq!(own.status, 422, "who is appraised does not enter what others think of them");
    let form = bureau.get(&step("public_opinion")).await;
    assert!(form.text("main").contains("社会公众占总分的30%"), "{}", form.text("main"));
    let page = bureau.post_files(&step("public_opinion"), &opinion, &sheet("evidence.opinion")).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let heard =
        [("f.reported_on", "2024-10-25"), ("f.panel_people", "9"), ("f.panel_score", "90"), ("f.peer_score", "80")];
    bureau.get(&step("hear_report")).await;
    let page = bureau.post_files(&step("hear_report"), &heard, &sheet("evidence.scores")).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    // What others think is not corrected by who is appraised, nor the appraisal dropped once it is known; who entered it enters it anew.
    for score in ["public_score", "panel_score", "peer_score"] {
        let better = [(format!("f.{score}"), "100"), ("reason".to_owned(), "更正")];
        let better: Vec<(&str, &str)> = better.iter().map(|(field, value)| (field.as_str(), *value)).collect();
        let why = refused(&mut farming, &step("_correct"), &better).await;
        assert!(why.contains("不能再更正"), "{score}: {why}");
    }
    let refusal = bureau.get(&step("leave_out")).await.text("main");
    assert!(refusal.contains("不能再改为不列入评议"), "{refusal}");
    assert_eq!(bureau.post(&step("leave_out"), &[]).await.status, 422);
    // 90 × 50 % + 70 × 30 % + 80 × 20 % = 82.
    let typed = [("f.score", "100"), ("f.grade", "excellent"), ("f.problems", "入户宣传少，学校没有去。")];
    take(&mut bureau, &step("assess_and_demand"), &typed).await;
    let page = farming.get(&duty).await;
    assert!(page.text("main").contains("82分") && page.text("main").contains("良好"), "{}", page.text("main"));
    take(&mut farming, &step("rectify"), &[("f.rectified", "已到三所学校各讲一课。")]).await;
    take(&mut bureau, &step("return_rectified"), &[("f.problems", "入户宣传仍然没有做。")]).await;
    take(&mut farming, &step("rectify"), &[("f.rectified", "已入户六十户。")]).await;
    take(&mut bureau, &step("accept_rectified"), &[]).await;
    assert!(bureau.get(&duty).await.text("main").contains("已评议"));
}
