//! Reports to the credit platform through their pages: a decision makes its report, the check holds it back until it is right, it is sent
//! once, the receipt is read once; lists of departments give the denominator, and what is missing is named.
// long because: a report is followed from its decision to the end of its publication by the same few helpers

use crate::casework::{SOURCE, decided, decided_on, refused, take};
use crate::support::{Browser, SmallCounty};

const RECEIPT: &str = "/credit/batches/20241026-001/receipt";
const LIST: [(&str, &str); 4] =
    [("organ", "211224-nyj"), ("system", "政务服务平台"), ("first", "2024-09-01"), ("last", "2024-09-30")];

/// Another party of the same decision.
pub const SECOND: [(&str, &str); 6] = [
    ("party.1.role", "respondent"),
    ("party.1.kind", "sole_trader"),
    ("party.1.name", "昌图镇某种子商店"),
    ("party.1.uscc", ""),
    ("party.1.representative", "董某"),
    ("party.1.address", "昌图镇西街"),
];

async fn receipt(browser: &mut Browser, text: &str) -> (u16, String) {
    let page = browser.post_files(RECEIPT, &[], &[("file", "回执.csv", text.as_bytes())]).await;
    (page.status, page.text("main"))
}

/// The bureau gets its credit code, and the report the party's.
pub async fn made_valid(county: &SmallCounty, clerk: &mut Browser) {
    let mut admin = county.clerk("管理员").await;
    let organs = admin.get("/registers?procedure=organ").await;
    let links = organs.attributes("table a", "href");
    let mut bureau = String::new();
    for link in links {
        if admin.get(&link).await.text("h1").contains("农业农村局") {
            bureau = link;
        }
    }
    take(&mut admin, &format!("{bureau}/steps/change"), &[("f.uscc", "11211224DEM000161E")]).await;
    let queue = clerk.get("/credit/queue").await;
    let supplement = queue.attribute("article a.btn-plain", "href").unwrap();
    take(clerk, &supplement, &[("f.subject_uscc", "91320105780688132K")]).await;
}

#[tokio::test]
async fn a_decision_is_reported_once_and_its_receipt_is_read_once() {
    let county = SmallCounty::new().await;
    let decision = decided(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let queue = clerk.get("/credit/queue").await.text("main");
    for said in ["昌农罚决字〔2024〕1号", "CF_XDR_SHXYM", "没有填写（相对人是个体工商户）", "CF_CFJGDM", "机构名册"]
    {
        assert!(queue.contains(said), "{said}: {queue}");
    }
    let page = clerk.post("/credit/batches", &[]).await;
    assert_eq!((page.status, page.location()), (303, "/credit/queue?sent=0"), "nothing that is wrong goes out");
    // Not by the step's own page either: the report is worked out by the system, whatever is typed.
    let report = clerk.get("/credit/queue").await.attribute("article h3 a", "href").unwrap();
    let form = clerk.get(&format!("{report}/steps/send")).await;
    assert!(form.attribute("[name='f.payload']", "name").is_none(), "nobody is asked for what the system works out");
    let typed = [("f.payload", "{}"), ("f.problems", "0"), ("f.batch", "20241026-009")];
    let page = clerk.post(&format!("{report}/steps/send"), &typed).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("没有通过校验"), "{}", page.text("main"));

    made_valid(&county, &mut clerk).await;
    let page = clerk.post("/credit/batches", &[]).await;
    assert_eq!(page.location(), "/credit/batches/20241026-001", "{}", page.text("main"));
    let again = clerk.post("/credit/batches", &[]).await;
    assert_eq!(again.location(), "/credit/queue?sent=0", "sent once, never twice");
    let csv = clerk.get("/credit/batches/20241026-001/penalty.csv").await.body;
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM") && lines.len() == 2, "{csv}");
    assert!(lines[1].contains("昌图镇某农资商店,个体工商户,91320105780688132K") && lines[1].contains(",0.2,"), "{csv}");
    let json: serde_json::Value =
        serde_json::from_str(&clerk.get("/credit/batches/20241026-001/penalty.json").await.body).unwrap();
    assert_eq!(json["data"][0]["CF_NR"], "罚款；罚款2000元");
    assert_eq!(clerk.get("/credit/batches/20241026-001/penalty.xlsx").await.status, 200);
    // What went out holds persons in the clear: it is not on the report's page, and nobody rewrites it.
    let shown = clerk.get(&report).await;
    assert!(!shown.body.contains("CF_XDR_MC"), "{}", shown.text("main"));
    let rewritten = [("f.payload", "{}"), ("reason", "改写报送内容")];
    assert_eq!(clerk.post(&format!("{report}/steps/_correct"), &rewritten).await.status, 422);
    for missing in [
        "/credit/batches/20241026-001/licence.csv",
        "/credit/batches/20241026-001/penalty.doc",
        "/credit/batches/20240101-001",
    ] {
        assert_eq!(clerk.get(missing).await.status, 404, "{missing}");
    }

    let (status, said) = receipt(&mut clerk, "决定文书号,结果\n昌农罚决字〔2024〕1号,好\n").await;
    assert!(status == 422 && said.contains("第2行的结果“好”"), "{said}");
    let (_, said) = receipt(&mut clerk, "决定文书号,结果\n昌农罚决字〔2024〕9号,成功\n").await;
    assert!(
        said.contains("第2行，昌农罚决字〔2024〕9号：这一批没有这个文书号") && said.contains("仍在等待的 1 条"),
        "{said}"
    );
    // A line that stands twice in a receipt is read once.
    let line = "昌农罚决字〔2024〕1号,退回,经营者姓名不一致\n";
    let returned = format!("决定文书号,结果,原因\n{line}{line}");
    let (_, said) = receipt(&mut clerk, &returned).await;
    assert!(said.contains("入库成功 0 条，退回 1 条"), "{said}");
    let (_, said) = receipt(&mut clerk, &returned).await;
    assert!(said.contains("退回 0 条，以前已经登记过的 2 条"), "{said}");
    let late = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(late.contains("被退回，未重报"), "{late}");
    // Sent again once, under a new name, and taken.
    assert_eq!(clerk.post("/credit/batches", &[]).await.location(), "/credit/batches/20241026-002");
    let taken = "文书号,结果,回执号\n昌农罚决字〔2024〕1号,成功,LN0001\n";
    let page =
        clerk.post_files("/credit/batches/20241026-002/receipt", &[], &[("file", "r.csv", taken.as_bytes())]).await;
    assert!(page.text("main").contains("入库成功 1 条"), "{}", page.text("main"));
    let matter = clerk.get(&report).await.text("main");
    assert!(matter.contains("入库成功"), "{matter}");
    let page = clerk.get(&format!("{report}/steps/send")).await;
    assert!(page.text("main").contains("不能"), "an accepted report is not sent: {}", page.text("main"));

    // A decision that stands is not taken out of the count by hand, whatever reason is given.
    let wrong = [("f.withdraw_reason", "wrong"), ("f.withdraw_note", "误报"), ("f.decision_stands", "no")];
    let why = refused(&mut clerk, &format!("{report}/steps/withdraw_report"), &wrong).await;
    assert!(why.contains("仍然有效"), "{why}");
    let why = refused(&mut clerk, &format!("{report}/steps/decision_undone"), &[("f.decision_stands", "no")]).await;
    assert!(why.contains("仍然有效"), "{why}");

    // The decision is undone: its report has to be withdrawn, within a limit.
    let delivery = [("f.delivery", "direct"), ("f.receiver", "邹某")];
    take(&mut county.clerk("队员甲").await, &format!("{decision}/steps/serve"), &delivery).await;
    let mut head = county.clerk("局长甲").await;
    take(&mut head, &format!("{decision}/steps/self_revoke"), &[("f.correction_reasons", "认定事实有误。")]).await;
    let shown = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(shown.contains("决定已撤销、变更，待撤回"), "{shown}");
    let matter = clerk.get(&report).await.text("main");
    assert!(matter.contains("撤回信用信息"), "a limit runs: {matter}");
    take(&mut clerk, &format!("{report}/steps/withdraw_undone"), &[("f.withdraw_note", "昌农罚更〔2024〕1号")]).await;
    let shown = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(shown.contains("应报送 0 项") && shown.contains("已撤回"), "{shown}");
}

#[tokio::test]
async fn a_decision_without_a_report_is_named_and_made_up_for() {
    let county = SmallCounty::new().await;
    let decision = decided(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let report = clerk.get("/credit/queue").await.attribute("article h3 a", "href").unwrap();
    take(&mut clerk, &format!("{report}/steps/_void"), &[("reason", "误作废")]).await;
    let shown = clerk.get("/credit").await.text("main");
    assert!(shown.contains("1 项决定还没有生成报送"), "the denominator is the decision itself: {shown}");
    let organ = clerk.get("/credit/organs/211224-nyj").await;
    assert!(organ.text("main").contains("漏报（没有生成）"), "{}", organ.text("main"));
    assert!(organ.attributes("table a", "href").contains(&decision), "it leads to the decision");
    assert_eq!(clerk.post("/credit/generate", &[]).await.location(), "/credit/queue");
    let shown = clerk.get("/credit").await.text("main");
    assert!(!shown.contains("还没有生成"), "{shown}");
    assert!(clerk.get("/credit/queue").await.text("main").contains("昌农罚决字〔2024〕1号"));
    assert_eq!(clerk.post("/credit/generate", &[]).await.status, 303, "twice does nothing");
    let rows = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(rows.contains("应报送 1 项"), "{rows}");
}

#[tokio::test]
async fn each_party_of_a_decision_is_reported() {
    let county = SmallCounty::new().await;
    decided_on(&county, &[&SOURCE[..], &SECOND].concat()).await;
    let mut clerk = county.clerk("内勤甲").await;
    let reports = clerk.get("/credit/queue").await.attributes("article h3 a", "href");
    assert_eq!(reports.len(), 2, "one about each party");
    take(&mut clerk, &format!("{}/steps/_void", reports[0]), &[("reason", "误作废")]).await;
    let organ = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(
        organ.contains("应报送 2 项") && organ.contains("漏报（没有生成）"),
        "the other does not stand in: {organ}"
    );
    clerk.post("/credit/generate", &[]).await;
    assert_eq!(clerk.get("/credit/queue").await.attributes("article h3 a", "href").len(), 2);
}

#[tokio::test]
async fn what_was_voided_of_a_list_is_seen_and_a_decision_on_another_day_is_no_new_one() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("内勤甲").await;
    let head = "类别,决定文书号,决定日期,行政相对人名称,相对人类别,报送日期,回执号\n";
    let rows =
        "行政许可,昌农许〔2024〕1号,2024-09-03,王某,自然人,,\n行政许可,昌农许〔2024〕1号,2024-09-03,李某,自然人,,\n";
    let list = format!("{head}{rows}");
    clerk.get("/credit/lists").await;
    let page = clerk.post_files("/credit/lists", &LIST, &[("file", "清单.csv", list.as_bytes())]).await;
    assert_eq!(page.status, 303, "{}", page.text(".error-summary"));
    let address = "/credit/organs/211224-nyj?from=2024-09-01&to=2024-09-30";
    let links = clerk.get(address).await.attributes("table a", "href");
    assert_eq!(links.len(), 2);
    take(&mut clerk, &format!("{}/steps/_void", links[0]), &[("reason", "误作废")]).await;
    let shown = clerk.get(address).await.text("main");
    assert!(shown.contains("应报送 1 项") && shown.contains("撤回、作废 1 项") && shown.contains("已作废"), "{shown}");
    // Two parties under one number: the second one's report is compared with the second one's row, the first one's is new.
    let both = rows.replace("2024-09-03,李某,自然人,,", "2024-09-03,李某,自然人,2024-09-05,");
    let list = format!("{head}{both}");
    let page = clerk.post_files("/credit/lists", &LIST, &[("file", "清单.csv", list.as_bytes())]).await;
    assert_eq!(page.status, 303, "{}", page.text(".error-summary"));
    let shown = clerk.get(address).await.text("main");
    assert!(shown.contains("应报送 2 项，已报送 1 项"), "{shown}");
    // The same number in the next month's list, with another day: different, not new.
    let october =
        [("organ", "211224-nyj"), ("system", "政务服务平台"), ("first", "2024-10-01"), ("last", "2024-10-20")];
    let list = format!("{head}行政许可,昌农许〔2024〕1号,2024-10-01,李某,自然人,,\n");
    let page = clerk.post_files("/credit/lists", &october, &[("file", "清单.csv", list.as_bytes())]).await;
    let here = clerk.get(page.location()).await.text("main");
    assert!(here.contains("昌农许〔2024〕1号：这里的决定日期是2024-09-03"), "{here}");
    let shown = clerk.get("/credit/organs/211224-nyj?from=2024-10-01&to=2024-10-20").await.text("main");
    assert!(shown.contains("应报送 0 项"), "{shown}");
}

#[tokio::test]
async fn nobody_reports_the_decision_of_another_organ() {
    let county = SmallCounty::new().await;
    let decision = decided(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let own = clerk.get("/credit/queue").await.attribute("article h3 a", "href").unwrap();
    take(&mut clerk, &format!("{own}/steps/_void"), &[("reason", "误作废")]).await;
    let mut stranger = county.clerk("镇内勤甲").await;
    let forged = [
        ("f.decider", "211224100-zf"),
        ("f.category", "penalty"),
        ("f.decision_number", "昌农罚决字〔2024〕1号"),
        ("f.decided_on", "2024-10-26"),
        ("f.made_from", "here"),
        ("f.decision", decision.rsplit('/').next().unwrap()),
        ("f.party", "1"),
        ("f.subject_kind", "sole_trader"),
    ];
    let report = take(&mut stranger, "/matters/new/credit_report?step=generate", &forged).await;
    let page = stranger.post(&format!("{report}/steps/send"), &[]).await;
    assert!(page.status == 422 && page.body.contains("没有通过校验"), "{}", page.text("main"));
    let queue = stranger.get("/credit/queue").await;
    assert!(!queue.body.contains("邹某") && !queue.body.contains("某农资商店"), "{}", queue.text("main"));
    // Nor does it stand in for the report that is owed.
    let organ = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(organ.contains("漏报（没有生成）"), "{organ}");
    assert_eq!(clerk.post("/credit/generate", &[]).await.location(), "/credit/queue");
    assert!(clerk.get("/credit/queue").await.text("main").contains("昌农罚决字〔2024〕1号"));
}

#[tokio::test]
async fn without_a_list_there_is_no_percentage_and_a_list_is_reconciled() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("内勤甲").await;
    let address = "/credit?from=2024-09-01&to=2024-09-30";
    let shown = clerk.get(address).await.text("main");
    assert!(shown.contains("分母未提供") && !shown.contains('%'), "{shown}");
    let list = |rows: &str| format!("类别,决定文书号,决定日期,行政相对人名称,相对人类别,报送日期,回执号\n{rows}");
    let wrong = list(
        "行政许可,昌农许1号,2024-10-01,,,,\n行政裁决,昌农裁1号,2024-09-02,,,,\n行政许可,昌农许2号,2024-13-03,,,,\n行政许可,昌农许3号,2024-09-04,,公司,,\n行政许可,昌农许4号,2024-09-04,,,2024-09-01,\n",
    );
    let page = clerk.post_files("/credit/lists", &LIST, &[("file", "清单.csv", wrong.as_bytes())]).await;
    assert_eq!(page.status, 422);
    let said = page.text(".error-summary");
    for why in [
        "第2行的决定日期2024-10-01不在清单的期间以内",
        "第3行的类别“行政裁决”没有列入",
        "第4行的决定日期“2024-13-03”",
        "第5行的相对人类别“公司”",
        "第6行的报送日期早于",
    ] {
        assert!(said.contains(why), "{why}: {said}");
    }
    assert_eq!(page.attribute("#system", "value").as_deref(), Some("政务服务平台"), "what was typed stays");

    let mut rows = String::new();
    for n in 1..=40 {
        let reported = if n <= 23 { "2024-09-12" } else { "" };
        rows.push_str(&format!("行政许可,昌农许〔2024〕{n}号,2024-09-{:02},某某,自然人,{reported},\n", 3 + n % 5));
    }
    let page = clerk.post_files("/credit/lists", &LIST, &[("file", "清单.csv", list(&rows).as_bytes())]).await;
    assert_eq!(page.status, 303, "{}", page.text(".error-summary"));
    let here = clerk.get(page.location()).await.text("main");
    assert!(here.contains("清单 40 件，本平台登记的应报送信息 40 条") && here.contains("40一致"), "{here}");

    // Exactly the seventeen that nobody reported.
    let organ = clerk.get("/credit/organs/211224-nyj?from=2024-09-01&to=2024-09-30").await;
    let missing: Vec<String> = (24..=40).map(|n| format!("昌农许〔2024〕{n}号")).collect();
    let table = scraper::Html::parse_document(&organ.body);
    let cells = scraper::Selector::parse("table").unwrap();
    let first = table.select(&cells).next().unwrap();
    let links = scraper::Selector::parse("td.main a").unwrap();
    let mut shown: Vec<String> = first.select(&links).map(|link| link.text().collect()).collect();
    let order = |number: &String| number.trim_end_matches('号').rsplit('〕').next().unwrap().parse::<u32>().unwrap();
    shown.sort_by_key(order);
    assert_eq!(shown, missing);
    let shown = clerk.get(address).await.text("main");
    assert!(shown.contains("57.5%"), "{shown}");

    // The same list again with two of them reported, one on another day and one that is new.
    rows = rows.replace(
        "昌农许〔2024〕24号,2024-09-07,某某,自然人,,",
        "昌农许〔2024〕24号,2024-09-07,某某,自然人,2024-10-20,",
    );
    rows = rows.replace("昌农许〔2024〕40号,2024-09-03", "昌农许〔2024〕40号,2024-09-09");
    rows.push_str("行政许可,昌农许〔2024〕41号,2024-09-10,某某,自然人,2024-09-11,\n");
    let page = clerk.post_files("/credit/lists", &LIST, &[("file", "清单.csv", list(&rows).as_bytes())]).await;
    let here = clerk.get(page.location()).await.text("main");
    assert!(
        here.contains("登记的应报送信息 41 条") && here.contains("昌农许〔2024〕40号：这里的决定日期是2024-09-03"),
        "{here}"
    );
    let organ = clerk.get("/credit/organs/211224-nyj?from=2024-09-01&to=2024-09-30").await.text("main");
    assert!(organ.contains("已报送 25 项（迟报 1 项）") && organ.contains("漏报 16 项"), "{organ}");
}

#[tokio::test]
async fn the_pages_are_internal_and_only_hands_may_act() {
    let county = SmallCounty::new().await;
    for other in ["调解员甲", "起草甲", "基层甲"] {
        let mut browser = county.clerk(other).await;
        for page in ["/credit", "/credit/queue", "/credit/lists", "/credit/lists/template"] {
            assert_eq!(browser.get(page).await.status, 404, "{other} {page}");
        }
    }
    let mut head = county.clerk("局长甲").await;
    assert_eq!(head.get("/credit").await.status, 200, "the head sees what the bureau owes");
    assert_eq!(head.post("/credit/batches", &[]).await.status, 403);
    assert_eq!(head.post("/credit/generate", &[]).await.status, 403);
    let mut anyone = county.test.browser();
    let rules = anyone.get("/law/credit").await.text("main");
    assert!(rules.contains("报送的类别（7）") && rules.contains("CF_NR_FK") && rules.contains("没有核到"), "{rules}");
    assert_eq!(anyone.get("/credit").await.status, 303, "sign in first");
    // An organ reads nothing of another.
    let mut clerk = county.clerk("内勤甲").await;
    let openings = clerk.get("/matters/new").await.text("main");
    assert!(openings.contains("办件清单") && !openings.contains("信用信息报送"), "a report is not begun: {openings}");
    assert_eq!(clerk.get("/credit/organs/211224-sfj").await.status, 404);
    let others = [("organ", "211224-sfj"), ("system", "平台"), ("first", "2024-09-01"), ("last", "2024-09-30")];
    let page = clerk.post_files("/credit/lists", &others, &[("file", "a.csv", b"x".as_slice())]).await;
    assert!(page.text(".error-summary").contains("请选择作出决定的机关"), "{}", page.text(".error-summary"));
}

const ACCEPTED: &str = "决定文书号,结果\n昌农罚决字〔2024〕1号,成功\n";

/// A decision that was served, whose report the platform has taken; the report's address.
async fn accepted(county: &SmallCounty) -> (String, String) {
    let decision = decided(county).await;
    let mut clerk = county.clerk("内勤甲").await;
    clerk.get("/credit/queue").await;
    made_valid(county, &mut clerk).await;
    let report = clerk.get("/credit/queue").await.attribute("table a", "href").unwrap();
    assert_eq!(clerk.post("/credit/batches", &[]).await.location(), "/credit/batches/20241026-001");
    let (_, said) = receipt(&mut clerk, ACCEPTED).await;
    assert!(said.contains("入库成功 1 条"), "{said}");
    let delivery = [("f.delivery", "direct"), ("f.receiver", "邹某")];
    take(&mut county.clerk("队员甲").await, &format!("{decision}/steps/serve"), &delivery).await;
    (decision, report)
}

async fn answered(clerk: &mut Browser, batch: &str, text: &str) -> String {
    let path = format!("/credit/batches/{batch}/receipt");
    clerk.get("/credit/queue").await;
    clerk.post_files(&path, &[], &[("file", "回执.csv", text.as_bytes())]).await.text("main")
}

#[tokio::test]
async fn what_was_reported_is_taken_back_through_the_next_batch() {
    let county = SmallCounty::new().await;
    let (decision, report) = accepted(&county).await;
    let mut head = county.clerk("局长甲").await;
    take(&mut head, &format!("{decision}/steps/self_revoke"), &[("f.correction_reasons", "认定事实有误。")]).await;
    let mut clerk = county.clerk("内勤甲").await;
    let queue = clerk.get("/credit/queue").await.text("main");
    assert!(queue.contains("昌农罚决字〔2024〕1号") && queue.contains("待撤回"), "{queue}");
    assert_eq!(clerk.post("/credit/batches", &[]).await.location(), "/credit/batches/20241026-002");
    let csv = clerk.get("/credit/batches/20241026-002/penalty-withdrawal.csv").await.body;
    assert!(csv.contains("昌农罚决字〔2024〕1号") && csv.contains(",0.2,"), "what was reported: {csv}");
    let json = clerk.get("/credit/batches/20241026-002/penalty-withdrawal.json").await.body;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["operation"], "withdraw");
    assert_eq!(clerk.get("/credit/batches/20241026-002/penalty.csv").await.status, 404, "nothing else is in it");
    let returned = "决定文书号,结果,原因\n昌农罚决字〔2024〕1号,退回,缺撤销文书\n";
    let said = answered(&mut clerk, "20241026-002", returned).await;
    assert!(said.contains("退回 1 条"), "{said}");
    assert!(clerk.get(&report).await.text("main").contains("待撤回"), "it has to be taken back still");
    assert_eq!(clerk.post("/credit/batches", &[]).await.location(), "/credit/batches/20241026-003");
    let said = answered(&mut clerk, "20241026-003", ACCEPTED).await;
    assert!(said.contains("入库成功 1 条"), "{said}");
    assert!(clerk.get(&report).await.text("main").contains("已撤回"));
    let shown = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(shown.contains("应报送 0 项"), "{shown}");
}

#[tokio::test]
async fn a_changed_decision_is_reported_anew() {
    let county = SmallCounty::new().await;
    let (decision, report) = accepted(&county).await;
    let mut head = county.clerk("局长甲").await;
    let change = [("f.correction_reasons", "裁量过重。"), ("f.corrected_fine", "1000")];
    take(&mut head, &format!("{decision}/steps/self_change"), &change).await;
    let mut clerk = county.clerk("内勤甲").await;
    let matter = clerk.get(&report).await.text("main");
    assert!(matter.contains("待更正报送") && matter.contains("退回、更正后重新报送"), "a limit runs: {matter}");
    assert_eq!(clerk.post("/credit/batches", &[]).await.location(), "/credit/batches/20241026-002");
    let csv = clerk.get("/credit/batches/20241026-002/penalty.csv").await.body;
    assert!(csv.contains(",0.1,") && csv.contains("罚款1000元") && !csv.contains("2000"), "as it stands now: {csv}");
    let shown = clerk.get("/credit/organs/211224-nyj").await.text("main");
    assert!(shown.contains("应报送 1 项"), "it still stands: {shown}");
}

const FIT: [(&str, &str); 3] = [("f.performed", "yes"), ("f.committed", "yes"), ("f.verify_note", "罚款已缴清。")];
const REPAIR: [(&str, &str); 2] = [("f.repair_applied_on", "2024-10-26"), ("f.repair_channel", "credit_china")];

/// The repair that a report has opened and nobody has handled yet.
async fn repair_of(clerk: &mut Browser, report: &str) -> String {
    let links = clerk.get(report).await;
    let all = links.attributes("main a", "href");
    for link in all.iter().filter(|link| link.starts_with("/matters/") && link.matches('/').count() == 2) {
        if link != report && clerk.get(link).await.text(".page-head").contains("待核实受理") {
            return link.clone();
        }
    }
    panic!("no repair: {}", links.text("main"))
}

#[tokio::test]
async fn a_repair_ends_publication_and_not_before_its_time() {
    let county = SmallCounty::new().await;
    let (_, report) = accepted(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let shown = clerk.get("/credit/publications").await.text("main");
    assert!(
        shown.contains("昌农罚决字〔2024〕1号") && shown.contains("2025-01-26") && shown.contains("2025-10-26"),
        "a quarter at least, a year at most: {shown}"
    );
    assert_eq!(clerk.get("/credit/publications/export").await.status, 200);
    assert_eq!(county.clerk("起草甲").await.get("/credit/publications").await.status, 404);
    // Withdrawing is no way round a repair, nor is repair to be claimed.
    let claimed = [("f.withdraw_reason", "repaired"), ("f.withdraw_note", "当事人要求")];
    let why = refused(&mut clerk, &format!("{report}/steps/withdraw_report"), &claimed).await;
    assert!(why.contains("仍然有效"), "{why}");
    let why =
        refused(&mut clerk, &format!("{report}/steps/repair_granted"), &[("f.withdraw_reason", "repaired")]).await;
    assert!(why.contains("还没有同意信用修复"), "{why}");
    let why = refused(&mut clerk, &format!("{report}/steps/end_shown"), &[]).await;
    assert!(why.contains("最长公示期还没有届满"), "{why}");

    take(&mut clerk, &format!("{report}/steps/apply_repair"), &REPAIR).await;
    let why = refused(&mut clerk, &format!("{report}/steps/apply_repair"), &REPAIR).await;
    assert!(why.contains("还没有办完"), "one after the other: {why}");
    let repair = repair_of(&mut clerk, &report).await;
    let why = refused(&mut clerk, &format!("{repair}/steps/accept_application"), &FIT).await;
    assert!(why.contains("最短公示期还没有届满"), "{why}");
    take(&mut clerk, &format!("{repair}/steps/return_application"), &[("f.return_reason", "明年1月26日起再申请。")])
        .await;

    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 2, 3));
    let mut clerk = county.clerk("内勤甲").await;
    let shown = clerk.get("/credit/publications").await.text("main");
    assert!(shown.contains("公示中，可以申请修复"), "{shown}");
    take(&mut clerk, &format!("{report}/steps/apply_repair"), &REPAIR).await;
    let repair = repair_of(&mut clerk, &report).await;
    for (field, why) in [("f.performed", "没有全部履行"), ("f.committed", "没有作出公开信用承诺")] {
        let unfit: Vec<(&str, &str)> =
            FIT.iter().map(|(key, value)| (*key, if *key == field { "no" } else { *value })).collect();
        let said = refused(&mut clerk, &format!("{repair}/steps/accept_application"), &unfit).await;
        assert!(said.contains(why), "{said}");
    }
    take(&mut clerk, &format!("{repair}/steps/accept_application"), &FIT).await;
    let mut head = county.clerk("局长甲").await;
    take(&mut head, &format!("{repair}/steps/grant_repair"), &[("f.decision_reason", "符合条件。")]).await;
    let queue = clerk.get("/credit/queue").await.text("main");
    assert!(queue.contains("待撤回"), "the platform is told: {queue}");
    let batch = clerk.post("/credit/batches", &[]).await.location().rsplit('/').next().unwrap().to_owned();
    let csv = clerk.get(&format!("/credit/batches/{batch}/penalty-withdrawal.csv")).await.body;
    assert!(csv.contains("昌农罚决字〔2024〕1号"), "{csv}");
    assert!(clerk.get("/credit/publications").await.text("main").contains("正在停止公示"));
    let said = answered(&mut clerk, &batch, ACCEPTED).await;
    assert!(said.contains("入库成功 1 条"), "{said}");
    assert!(!clerk.get("/credit/publications").await.text("main").contains("昌农罚决字〔2024〕1号"));
    let ended = clerk.get("/credit/publications?which=ended").await.text("main");
    assert!(ended.contains("昌农罚决字〔2024〕1号") && ended.contains("已停止公示"), "{ended}");
    let organ = clerk.get("/credit/organs/211224-nyj?from=2024-10-01&to=2024-10-31").await.text("main");
    assert!(organ.contains("应报送 1 项，已报送 1 项"), "it was reported all the same: {organ}");
}

/// Granted before the receipt of a correction comes, or after that was returned: publication ends all the same.
#[tokio::test]
async fn a_repair_granted_while_a_correction_is_under_way_ends_publication() {
    for returned in [false, true] {
        let county = SmallCounty::new().await;
        let (_, report) = accepted(&county).await;
        county.test.app.county_clock.advance_to(jiff::civil::date(2025, 2, 3));
        let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
        take(&mut clerk, &format!("{report}/steps/apply_repair"), &REPAIR).await;
        let repair = repair_of(&mut clerk, &report).await;
        take(&mut clerk, &format!("{repair}/steps/accept_application"), &FIT).await;
        take(&mut clerk, &format!("{report}/steps/correct"), &[("f.correction_reason", "地址有误。")]).await;
        take(&mut clerk, &format!("{report}/steps/send"), &[]).await;
        if returned {
            take(&mut clerk, &format!("{report}/steps/reject"), &[("f.reject_reason", "代码不存在")]).await;
        }
        take(&mut head, &format!("{repair}/steps/grant_repair"), &[("f.decision_reason", "符合条件。")]).await;
        assert!(clerk.get("/credit/queue").await.text("main").contains("待撤回"), "returned {returned}");
    }
}

#[tokio::test]
async fn publication_ends_when_its_longest_term_is_over() {
    let county = SmallCounty::new().await;
    let (_, report) = accepted(&county).await;
    county.test.app.county_clock.advance_to(jiff::civil::date(2025, 10, 27));
    let mut clerk = county.clerk("内勤甲").await;
    let page = clerk.get("/credit/publications").await;
    assert!(page.text("main").contains("期满，应当停止公示"), "{}", page.text("main"));
    assert!(page.attributes("table a", "href").contains(&format!("{report}/steps/end_shown")));
    let over = "/credit/publications?which=over";
    assert!(clerk.get(over).await.text("table").contains("昌农罚决字〔2024〕1号"));
    // It lies on the desk of who enters it, and of nobody else.
    let desk = clerk.get("/desk").await;
    assert!(
        desk.attributes("[data-over] a", "href").contains(&format!("{report}/steps/end_shown")),
        "{}",
        desk.text("main")
    );
    assert!(!county.clerk("局长甲").await.get("/desk").await.text("main").contains("公示期满"));
    // Behind it nothing comes; from the day before on it does.
    let id = report.rsplit('/').next().unwrap();
    let behind = async |clerk: &mut Browser, day: &str| {
        clerk.get(&format!("{over}&behind={day}.{id}")).await.text("main").contains("昌农罚决字〔2024〕1号")
    };
    assert!(behind(&mut clerk, "2025-10-25").await && !behind(&mut clerk, "2025-10-26").await);
    // Nobody enters it for more than half a year: it stays on the list until somebody does.
    county.test.app.county_clock.advance_to(jiff::civil::date(2026, 8, 3));
    let mut clerk = county.clerk("内勤甲").await;
    let listed = clerk.get("/credit/publications").await.text("main");
    assert!(listed.contains("期满，应当停止公示"), "{listed}");
    take(&mut clerk, &format!("{report}/steps/end_shown"), &[]).await;
    assert!(!clerk.get("/desk").await.text("main").contains("公示期满"));
    let listed = clerk.get("/credit/publications").await.text("main");
    assert!(!listed.contains("昌农罚决字〔2024〕1号"), "what ended so long ago is no longer listed: {listed}");
}
