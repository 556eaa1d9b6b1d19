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

#[tokio::test]
async fn nobody_appraises_themselves() {
    let county = SmallCounty::new().await;
    let (mut bureau, mut own) = (county.clerk("基层甲").await, county.clerk("宣传甲").await);
    let mut office = county.clerk("办文甲").await;
    let drawn = [
        ("f.duty_year", "2024"),
        ("f.duty_law", "人民调解法"),
        ("f.audience_kind", "villagers"),
        ("f.planned_activities", "4"),
        ("f.appraiser", "211224-sfj"),
    ];
    let duty = take(&mut own, "/matters/new/publicity_duty", &drawn).await;
    let step = |name: &str| format!("{duty}/steps/{name}");
    assert!(own.get(&duty).await.text("main").contains("昌图县人民政府办公室"), "whatever was typed");
    let why = refused(&mut bureau, &step("publish_list"), &[]).await;
    assert!(why.contains("昌图县人民政府办公室"), "{why}");
    take(&mut office, &step("publish_list"), &[]).await;
    let report = [("f.report", "办了四次。"), ("f.done_activities", "4")];
    take(&mut own, &step("report_done"), &report).await;
    let opinion = [("f.public_people", "210"), ("f.public_score", "100")];
    let files = [("evidence.opinion", "汇总表.pdf", PHOTO.2)];
    bureau.get(&step("public_opinion")).await;
    assert_eq!(bureau.post_files(&step("public_opinion"), &opinion, &files).await.status, 422);
    office.get(&step("public_opinion")).await;
    let page = office.post_files(&step("public_opinion"), &opinion, &files).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    // What others have is the bureau's still.
    let other = take(&mut county.clerk("宣传乙").await, "/matters/new/publicity_duty", &drawn).await;
    take(&mut bureau, &format!("{other}/steps/publish_list"), &[]).await;
}

#[tokio::test]
async fn a_plan_is_reviewed_by_what_the_ledgers_say() {
    let county = SmallCounty::new().await;
    let (mut bureau, mut farming) = (county.clerk("基层甲").await, county.clerk("宣传乙").await);
    let mut station = county.clerk("所长甲").await;
    // One activity of its own, one that it joined, one that nobody has verified, one before the period.
    let fair = |day, place| {
        FAIR.map(|(name, value)| match name {
            "f.held_on" => (name, day),
            "f.place" => (name, place),
            "f.co_hosts" => (name, "211224-nyj"),
            _ => (name, value),
        })
    };
    let mine = held(&mut farming, &fair("2024-10-20", "211224100")[..7]).await;
    let joined = held(&mut station, &fair("2024-10-21", "211224100")).await;
    held(&mut farming, &fair("2024-10-22", "211224100")[..7]).await;
    let before = held(&mut farming, &fair("2024-01-02", "211224100")[..7]).await;
    for (activity, people) in [(&mine, "812"), (&joined, "300"), (&before, "50")] {
        take(&mut bureau, &format!("{activity}/steps/confirm"), &[("f.people_verified", people)]).await;
    }
    let drawn = [
        ("f.duty_year", "2024"),
        ("f.duty_law", "种子法"),
        ("f.audience_kind", "villagers"),
        ("f.planned_activities", "4"),
    ];
    let duty = take(&mut farming, "/matters/new/publicity_duty", &drawn).await;
    take(&mut bureau, &format!("{duty}/steps/publish_list"), &[]).await;
    let own = [
        ("f.plan", "“八五”普法规划（2021—2025年）"),
        ("f.stage", "midterm"),
        ("f.from_day", "2024-02-01"),
        ("f.to_day", "2024-10-26"),
        ("f.self_report", "办了活动，学校没有去。"),
        ("f.self_score", "95"),
        ("f.hosted", "999"),
    ];
    let turned = own.map(|(name, value)| (name, if name == "f.to_day" { "2024-01-01" } else { value }));
    let why = refused(&mut farming, "/matters/new/publicity_midterm", &turned).await;
    assert!(!why.is_empty(), "a period ends after it begins");
    let review = take(&mut farming, "/matters/new/publicity_midterm", &own).await;
    let step = |name: &str| format!("{review}/steps/{name}");
    let shown = farming.get(&review).await.text("main");
    for expected in [
        "主办的普法活动（已核实） 1次",
        "协办的普法活动（已核实） 1次",
        "812人次",
        "已公布的普法责任清单 1份",
        "其中已报履职情况 0份",
    ] {
        let plain = |text: &str| text.replace([' ', '\n'], "");
        assert!(plain(&shown).contains(&plain(expected)), "{expected}: {shown}");
    }
    assert!(!shown.contains("999"), "nobody types what the ledgers say");
    // The ledger is put right, and the report counts anew.
    take(&mut farming, &format!("{duty}/steps/report_done"), &[("f.report", "四次。"), ("f.done_activities", "4")])
        .await;
    take(&mut farming, &step("report_again"), &[("f.self_report", "补齐了。")]).await;
    let shown = farming.get(&review).await.text("main").replace([' ', '\n'], "");
    assert!(shown.contains("其中已报履职情况1份"), "{shown}");
    let checked = [
        ("f.check_way", "archive"),
        ("f.check_way", "survey"),
        ("f.checked_on", "2024-10-26"),
        ("f.findings", "学校普法没有记录。"),
        ("f.surveyed", "40"),
        ("f.satisfied", "50"),
    ];
    let files = [("evidence.check_record", "记录.pdf", PHOTO.2)];
    farming.get(&step("check")).await;
    let page = farming.post_files(&step("check"), &checked, &files).await;
    assert_eq!(page.status, 422, "who is reviewed does not enter what was found");
    bureau.get(&step("check")).await;
    let page = bureau.post_files(&step("check"), &checked, &files).await;
    assert!(page.status == 422 && page.text("main").contains("比问卷人数还多"), "{}", page.text("main"));
    let right = checked.map(|(name, value)| (name, if name == "f.satisfied" { "38" } else { value }));
    let page = bureau.post_files(&step("check"), &right, &files).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let why = refused(&mut farming, &step("_correct"), &[("f.findings", "没有问题。"), ("reason", "更正")]).await;
    assert!(why.contains("不能再更正"), "{why}");
    let unfit = [("f.conclusion", "unfit"), ("f.conclusion_note", "重点对象没有覆盖。")];
    let why = refused(&mut bureau, &step("conclude"), &unfit).await;
    assert!(why.contains("不能直接结束"), "{why}");
    let demanded = [&unfit[..], &[("f.problems", "学校普法没有做。")]].concat();
    for (field, value) in [("f.from_day", "2023-01-01"), ("f.self_report", "都做到了。")] {
        let why = refused(&mut farming, &step("_correct"), &[(field, value), ("reason", "更正")]).await;
        assert!(why.contains("不能再更正"), "{field}: {why}");
    }
    let why = refused(&mut farming, &step("_void"), &[("reason", "误登")]).await;
    assert!(why.contains("作废"), "{why}");
    take(&mut bureau, &step("conclude_and_demand"), &demanded).await;
    let paper = bureau.get(&format!("{review}/instruments/1")).await.text(".sheet");
    assert!(paper.contains("学校普法没有做") && paper.contains("812"), "{paper}");
    take(&mut farming, &step("rectify"), &[("f.rectified", "已到三所学校讲课。")]).await;
    take(&mut bureau, &step("accept_rectified"), &[]).await;
    assert!(bureau.get(&review).await.text("main").contains("已评估"));
    // The same plan is not reported twice.
    let why = refused(&mut farming, "/matters/new/publicity_midterm", &own).await;
    assert!(why.contains("已经登记过一件"), "{why}");
}
