//! 复议变更的决定: executed by the organ of reconsideration, which receives it as a matter of its own (行政复议法§78).

use zhunsheng_core::id::MatterId;

use crate::casework::{decide, filed, refused, said, take};
use crate::executions::{confiscating, deferred};
use crate::fines::{PDF, fen, marked, on, payment, served};
use crate::inspections::{id_of, state};
use crate::support::{Browser, SmallCounty};

/// Contested on 1 November and changed to 1,000 元 on 20 December; the party may sue until 6 January (two days are no working days).
pub async fn changed(county: &SmallCounty) -> String {
    let case = served(county).await;
    let mut reviewer = contested(county, &case).await;
    let result = [("f.remedy_note", "变更为罚款一千元。"), ("f.corrected_fine", "1000")];
    take(&mut reviewer, &format!("{case}/steps/remedy_changed"), &result).await;
    case
}

/// Contested on 1 November; the result comes on 20 December.
async fn contested(county: &SmallCounty, case: &str) -> Browser {
    let mut reviewer = county.clerk("法审甲").await;
    on(county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &format!("{case}/steps/note_reconsideration"), &contested).await;
    on(county, 2024, 12, 20).await;
    reviewer
}

/// Handed up and received: the matter of the organ of reconsideration.
async fn received(county: &SmallCounty, case: &str) -> (Browser, MatterId) {
    let (mut head, mut county_head) = (county.clerk("局长甲").await, county.clerk("县长甲").await);
    take(&mut head, &format!("{case}/steps/hand_up_execution"), &TO).await;
    take(&mut county_head, &format!("{case}/steps/receive_execution"), &[]).await;
    let links = state(county, id_of(case)).await.links;
    let link = links.iter().find(|link| link.role.as_str() == "changed_execution").unwrap().matter;
    (county_head, link)
}

/// The newest paper of a matter.
pub async fn newest_paper(county: &SmallCounty, browser: &mut Browser, matter: &str) -> String {
    let papers = state(county, id_of(matter)).await.instruments.len();
    browser.get(&format!("{matter}/instruments/{papers}")).await.text("main")
}

const TO: [(&str, &str); 1] = [("f.reconsideration_organ", "211224")];

#[tokio::test]
async fn what_reconsideration_changed_is_executed_by_its_organ() {
    let county = SmallCounty::new().await;
    let case = changed(&county).await;
    let (mut head, mut county_head) = (county.clerk("局长甲").await, county.clerk("县长甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    // Not while the party may sue.
    let ends = state(&county, id_of(&case)).await.day("remedy_ends_on").unwrap().to_string();
    assert_eq!(ends, "2025-01-06", "fifteen days end on a Saturday");
    on(&county, 2025, 1, 6).await;
    let why = refused(&mut head, &at("hand_up_execution"), &TO).await;
    assert!(why.contains("还可以起诉") && why.contains("第四十五条"), "{why}");
    // Nor is it received before it was handed over.
    on(&county, 2025, 1, 7).await;
    assert!(!county_head.get("/desk").await.text("main").contains("复议机关接收"));
    take(&mut head, &at("hand_up_execution"), &TO).await;
    let letter = newest_paper(&county, &mut head, &case).await;
    assert!(letter.contains("强制执行移交函") && letter.contains("第七十八条第二项"), "{letter}");
    // It lies on the desk of who receives it.
    let desk = county_head.get("/desk").await.text("main");
    assert!(desk.contains("复议机关接收"), "{desk}");
    take(&mut county_head, &at("receive_execution"), &[]).await;
    let why = refused(&mut county_head, &at("receive_execution"), &[]).await;
    assert!(why.contains("已经接收"), "{why}");
    let link = state(&county, id_of(&case))
        .await
        .links
        .iter()
        .find(|link| link.role.as_str() == "changed_execution")
        .unwrap()
        .matter;
    let own = format!("/matters/{link}");
    let at = |step: &str| format!("{own}/steps/{step}");
    let stands = state(&county, link).await;
    assert_eq!((stands.organ.as_str(), fen(&stands, "fine")), ("211224", 100_000));
    on(&county, 2025, 1, 9).await;
    take(&mut county_head, &at("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    take(&mut county_head, &at("serve_urge"), &[("f.urge_delivery", "direct"), ("f.urge_receiver", "邹某")]).await;
    let application = [
        ("f.court", "昌图县人民法院"),
        ("f.court_materials", "application"),
        ("f.court_materials", "decision"),
        ("f.court_materials", "views"),
        ("f.court_materials", "object"),
        ("f.court_object", "罚款一千元。"),
    ];
    let why = refused(&mut county_head, &at("apply_court"), &application).await;
    assert!(why.contains("第五十四条"), "{why}");
    // What the party says to the urge is heard first (行政强制法§36).
    take(&mut county_head, &at("record_urge_defence"), &[("f.urge_defence", "已经缴了一部分。")]).await;
    for step in ["apply_court", "enforce"] {
        county_head.post(&at(step), &application).await;
        assert_eq!(state(&county, link).await.standing(), "objected", "{step}");
    }
    let review = [("f.urge_defence_result", "rejected"), ("f.urge_defence_opinion", "没有缴款记录。")];
    take(&mut county_head, &at("review_urge_defence"), &review).await;
    // The county has no power of its own listed: it goes to the court.
    on(&county, 2025, 2, 10).await;
    let why =
        refused(&mut county_head, &at("enforce"), &[("f.execution_reasons", "不履行。"), ("f.open_amount", "1000")])
            .await;
    assert!(why.contains("没有写明法律、法规规定本机关可以办理"), "{why}");
    let why = refused(&mut county_head, &at("apply_court"), &application[..2]).await;
    assert!(why.contains("第五十五条"), "{why}");
    take(&mut county_head, &at("apply_court"), &application).await;
    let paper = state(&county, link).await.instruments.len();
    let paper = county_head.get(&format!("{own}/instruments/{paper}")).await.text("main");
    assert!(paper.contains("昌政复〔2024〕7号") && paper.contains("壹仟元"), "{paper}");
    assert!(paper.contains("没有缴款记录"), "{paper}");
    // What is paid is entered in the case.
    let mut clerk = county.clerk("内勤甲").await;
    take(&mut clerk, &format!("{case}/steps/perform"), &payment("1000", "2025-02-10", "票一")).await;
    take(&mut county_head, &at("finish"), &[("f.result_note", "当事人已经缴清。")]).await;
}

#[tokio::test]
async fn the_court_is_asked_within_three_months_after_a_change_as_well() {
    let county = SmallCounty::new().await;
    let case = changed(&county).await;
    let (mut head, mut county_head) = (county.clerk("局长甲").await, county.clerk("县长甲").await);
    on(&county, 2025, 4, 1).await;
    take(&mut head, &format!("{case}/steps/hand_up_execution"), &TO).await;
    let own = take(&mut county_head, &format!("{case}/steps/receive_execution"), &[]).await;
    let link = state(&county, id_of(&case)).await.links.last().unwrap().matter;
    assert!(own.contains(&id_of(&case).to_string()) || own.contains(&link.to_string()), "{own}");
    let at = |step: &str| format!("/matters/{link}/steps/{step}");
    take(&mut county_head, &at("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    take(&mut county_head, &at("serve_urge"), &[("f.urge_delivery", "direct"), ("f.urge_receiver", "邹某")]).await;
    on(&county, 2025, 4, 20).await;
    let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款一千元。")];
    let why = refused(&mut county_head, &at("apply_court"), &application).await;
    assert!(why.contains("第五十三条"), "{why}");
}

#[tokio::test]
async fn what_was_upheld_stays_with_the_organ_that_decided() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut head, mut reviewer) = (county.clerk("局长甲").await, county.clerk("法审甲").await);
    on(&county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &format!("{case}/steps/note_reconsideration"), &contested).await;
    on(&county, 2024, 12, 20).await;
    take(&mut reviewer, &format!("{case}/steps/remedy_upheld"), &[("f.remedy_note", "维持。")]).await;
    on(&county, 2025, 1, 20).await;
    let hand_up = format!("{case}/steps/hand_up_execution");
    let why = refused(&mut head, &hand_up, &TO).await;
    assert!(why.contains("没有被行政复议变更") && why.contains("第七十八条"), "{why}");
    // Handed over on paper all the same: recorded, and marked.
    crate::fines::late(&mut head, &hand_up, &county.id("局长甲"), "2025-01-20", &TO).await;
    assert!(marked(&state(&county, id_of(&case)).await, "penalty_not_changed_above"));
}

/// A confiscation that was wrong is corrected as a fine is: never to more, and what was handed in beyond it is given back.
#[tokio::test]
async fn a_confiscation_is_corrected_and_what_was_too_much_is_given_back() {
    let county = SmallCounty::new().await;
    let (mut clerk, mut head, case) = confiscating(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    take(&mut clerk, &at("pay_confiscated"), &payment("900", "2024-11-01", "没一")).await;
    let change = |amount: &'static str| {
        [
            ("f.correction_reasons", "违法所得计算有误。"),
            ("f.corrected_fine", "2000"),
            ("f.corrected_confiscated", amount),
            ("f.corrected_goods", "现金。"),
        ]
    };
    let why = refused(&mut head, &at("self_change"), &change("900.01")).await;
    assert!(why.contains("不得加重") || why.contains("原数额"), "{why}");
    take(&mut head, &at("self_change"), &change("600")).await;
    let stands = state(&county, id_of(&case)).await;
    let papers = stands.instruments.len();
    let paper = head.get(&format!("{case}/instruments/{papers}")).await.text("main");
    assert!(paper.contains("变更后的没收") && paper.contains("陆佰元"), "{paper}");
    let why = refused(&mut clerk, &at("pay_confiscated"), &payment("1", "2024-11-01", "没二")).await;
    assert!(why.contains("超过了决定没收的"), "{why}");
    assert!(clerk.get(&case).await.text("#ledger").contains("应退未退 300元"));
    let refund = |amount: &'static str| {
        [("f.refund_amount", amount), ("f.refund_on", "2024-11-01"), ("f.refund_receipt", "退一")]
    };
    let why = refused(&mut clerk, &at("refund"), &refund("300.01")).await;
    assert!(why.contains("可以退还的300元"), "{why}");
    take(&mut clerk, &at("refund"), &refund("300")).await;
    assert!(!clerk.get(&case).await.text("#ledger").contains("应退未退"));
}

/// A decision that reconsideration changed is its organ's to enforce, or the court's (行政复议法§78(2)): not that of who decided.
#[tokio::test]
async fn the_organ_of_the_case_enforces_nothing_that_reconsideration_changed() {
    let county = SmallCounty::new().await;
    let case = changed(&county).await;
    let (mut head, mut clerk) = (county.clerk("局长甲").await, county.clerk("内勤甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2025, 1, 7).await;
    let urge = [("f.urge_deadline", "2025-01-20"), ("f.urge_manner", "到指定银行缴纳")];
    take(&mut clerk, &at("urge"), &urge).await;
    take(&mut clerk, &at("serve_urge"), &[("f.urge_delivery", "direct")]).await;
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224-nyj"), "2022-01-01").await;
    let order = [
        ("f.execution_power", power.as_str()),
        ("f.execution_reasons", "依法强制执行。"),
        ("f.execution_manner", "上午"),
    ];
    let above = |why: &str| {
        assert!(why.contains("已经行政复议变更") && why.contains("第七十八条"), "{why}");
        assert!(why.contains("移交复议机关强制执行"), "{why}");
    };
    let moving = [&order[..], &[("f.hiding", "转移库存，有照片。")]].concat();
    let proof: (&str, &str, &[u8]) = ("evidence.e_hiding", "照片.pdf", PDF.2);
    head.get(&at("enforce_now")).await;
    let page = head.post_files(&at("enforce_now"), &moving, &[proof]).await;
    assert_eq!(page.status, 422);
    above(&said(&page.body));
    on(&county, 2025, 2, 10).await;
    above(&refused(&mut head, &at("enforce"), &order).await);
    assert_eq!(state(&county, id_of(&case)).await.track("execution").unwrap().as_str(), "urged");
    // It is handed up, and not to itself.
    let own = [("f.reconsideration_organ", "211224-nyj")];
    let why = refused(&mut head, &at("hand_up_execution"), &own).await;
    assert!(why.contains("不能填作出处罚决定的本机关"), "{why}");
    take(&mut head, &at("hand_up_execution"), &TO).await;
}

/// What is handed up says what is owed by the decision as it stands: as changed, and as decided where that was not changed.
#[tokio::test]
async fn what_is_handed_up_carries_the_amounts_as_they_stand() {
    let only_confiscated = ("贰仟元", vec![("f.corrected_confiscated", "600")]);
    let both = ("壹仟元", vec![("f.corrected_fine", "1000"), ("f.corrected_confiscated", "600")]);
    for (fine, changes) in [only_confiscated, both] {
        let county = SmallCounty::new().await;
        let (_, mut head, case) = confiscating(&county).await;
        let mut reviewer = contested(&county, &case).await;
        let result = [&[("f.remedy_note", "变更。")], &changes[..]].concat();
        take(&mut reviewer, &format!("{case}/steps/remedy_changed"), &result).await;
        on(&county, 2025, 1, 9).await;
        let (mut county_head, link) = received(&county, &case).await;
        let own = format!("/matters/{link}");
        let says = |paper: &str| {
            for part in [fine, "陆佰元"] {
                assert!(paper.contains(part), "{part} in {paper}");
            }
            assert!(!paper.contains("玖佰元"), "{paper}");
        };
        says(&newest_paper(&county, &mut head, &case).await);
        take(&mut county_head, &format!("{own}/steps/urge"), &[("f.urge_text", "十日内履行。")]).await;
        says(&newest_paper(&county, &mut county_head, &own).await);
        take(
            &mut county_head,
            &format!("{own}/steps/serve_urge"),
            &[("f.urge_delivery", "direct"), ("f.urge_receiver", "邹某")],
        )
        .await;
        on(&county, 2025, 2, 10).await;
        let application = [
            ("f.court", "昌图县人民法院"),
            ("f.court_materials", "application"),
            ("f.court_materials", "decision"),
            ("f.court_materials", "views"),
            ("f.court_materials", "object"),
            ("f.court_object", "罚款和没收款。"),
        ];
        take(&mut county_head, &format!("{own}/steps/apply_court"), &application).await;
        says(&newest_paper(&county, &mut county_head, &own).await);
    }
}

/// The three months run, and are seen, from reception; a deferral begins them at its own end (行政处罚法§72.2).
#[tokio::test]
async fn the_three_months_of_what_was_changed_begin_after_a_deferral() {
    for (until, from, due) in [(None, "2025-01-06", "2025-04-06"), (Some("2025-02-28"), "2025-02-28", "2025-05-28")] {
        let county = SmallCounty::new().await;
        let case = served(&county).await;
        if let Some(until) = until {
            deferred(&county, &case, until).await;
        }
        let mut reviewer = contested(&county, &case).await;
        let result = [("f.remedy_note", "变更为罚款一千元。"), ("f.corrected_fine", "1000")];
        take(&mut reviewer, &format!("{case}/steps/remedy_changed"), &result).await;
        on(&county, 2025, 3, 3).await;
        let (_, link) = received(&county, &case).await;
        let stands = state(&county, link).await;
        let run = stands.clock("court_window").expect("it runs before anything was urged");
        let last = run.due(&county.test.app.county.ruling().calendar).certain().unwrap();
        assert_eq!((run.start.to_string().as_str(), last.to_string().as_str()), (from, due));
    }
}

/// A change that is withdrawn leaves its facts, and no amount: fine and confiscation stand as they were decided.
#[tokio::test]
async fn a_change_that_is_withdrawn_changes_no_amount() {
    let county = SmallCounty::new().await;
    let (mut clerk, _, case) = confiscating(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    take(&mut clerk, &at("pay_confiscated"), &payment("800", "2024-11-01", "没一")).await;
    let mut reviewer = contested(&county, &case).await;
    let change = |fine: &'static str, confiscated: &'static str| {
        [("f.remedy_note", "变更。"), ("f.corrected_fine", fine), ("f.corrected_confiscated", confiscated)]
    };
    take(&mut reviewer, &at("remedy_changed"), &change("1000", "600")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("变更后的罚款") && ledger.contains("应退未退 200元"), "{ledger}");
    take(&mut reviewer, &at("_withdraw"), &[("reason", "登记到了另一件。")]).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(!ledger.contains("变更后的罚款") && !ledger.contains("应退未退"), "{ledger}");
    // Two thousand of the fine and a hundred of the confiscation are open, and the hundred may be paid in.
    assert!(ledger.contains("尚欠 2100元"), "{ledger}");
    take(&mut clerk, &at("pay_confiscated"), &payment("100", "2024-12-20", "没二")).await;
    // The result that then stands counts.
    take(&mut reviewer, &at("remedy_changed"), &change("1500", "700")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("尚欠 1500元") && ledger.contains("应退未退 200元"), "{ledger}");
}

/// Of goods the price is not the value: where none is confiscated any more, all that they brought goes back (行政处罚法§74.3).
#[tokio::test]
async fn what_goods_brought_is_given_back_when_they_are_no_longer_confiscated() {
    for (left, too_much) in [("0", Some("1200")), ("600", None)] {
        let county = SmallCounty::new().await;
        let (mut officer, mut head, case) = filed(&county).await;
        decide(&county, &mut officer, &mut head, &case, &["fine", "confiscate_goods"]).await;
        let at = |step: &str| format!("{case}/steps/{step}");
        take(&mut officer, &at("serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
        on(&county, 2024, 11, 1).await;
        let mut clerk = county.clerk("内勤甲").await;
        take(&mut clerk, &at("pay_confiscated"), &payment("1200", "2024-11-01", "没一")).await;
        let change = [
            ("f.correction_reasons", "财物认定有误。"),
            ("f.corrected_fine", "2000"),
            ("f.corrected_confiscated", left),
        ];
        take(&mut head, &at("self_change"), &change).await;
        let refund = |amount: &'static str| {
            [("f.refund_amount", amount), ("f.refund_on", "2024-11-01"), ("f.refund_receipt", "退一")]
        };
        let Some(too_much) = too_much else {
            let why = refused(&mut clerk, &at("refund"), &refund("100")).await;
            assert!(why.contains("没有多缴的款项"), "{why}");
            continue;
        };
        let ledger = clerk.get(&case).await.text("#ledger");
        assert!(ledger.contains("应退未退 1200元"), "{ledger}");
        let why = refused(&mut clerk, &at("refund"), &refund("1200.01")).await;
        assert!(why.contains("可以退还的1200元"), "{why}");
        take(&mut clerk, &at("refund"), &refund(too_much)).await;
        assert!(!clerk.get(&case).await.text("#ledger").contains("应退未退"));
    }
}

/// Urged on 9 January with an additional fine from `since` and served; ten working days have passed.
pub async fn urged_with(county: &SmallCounty, since: &str) -> (Browser, String) {
    let case = changed(county).await;
    on(county, 2025, 1, 7).await;
    let (mut county_head, link) = received(county, &case).await;
    on(county, 2025, 1, 9).await;
    let at = |step: &str| format!("/matters/{link}/steps/{step}");
    take(&mut county_head, &at("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    let left =
        [("f.urge_delivery", "left"), ("f.urge_receiver", "邹某"), ("f.urge_service_note", "拒收，村委会代表见证")];
    take(&mut county_head, &at("serve_urge"), &left).await;
    // It may be entered after the notice, too.
    if !since.is_empty() {
        take(&mut county_head, &at("record_additional"), &[("f.additional_since", since)]).await;
    }
    (county_head, format!("/matters/{link}"))
}

#[tokio::test]
async fn money_is_enforced_only_after_thirty_days_of_additional_fine_and_the_order_is_served() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "2025-01-08").await;
    let receipt = newest_paper(&county, &mut county_head, &own).await;
    assert!(receipt.contains("送达回证") && receipt.contains("村委会代表见证"), "{receipt}");
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224"), "2022-01-01").await;
    let order = |open: &'static str| {
        vec![
            ("f.execution_power".to_owned(), power.clone()),
            ("f.execution_reasons".to_owned(), "依法强制执行。".to_owned()),
            ("f.open_amount".to_owned(), open.to_owned()),
        ]
    };
    let enforce = format!("{own}/steps/enforce");
    on(&county, 2025, 1, 27).await;
    let owed = order("1000");
    let fields: Vec<(&str, &str)> = owed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let why = refused(&mut county_head, &enforce, &fields).await;
    assert!(why.contains("三十日") && why.contains("第四十六条"), "{why}");
    on(&county, 2025, 2, 10).await;
    take(&mut county_head, &enforce, &fields).await;
    let stands = state(&county, id_of(&own)).await;
    assert_eq!(stands.standing(), "ordered", "the order is served before it is carried out");
    let serve = [("f.order_delivery", "direct"), ("f.order_receiver", "邹某")];
    take(&mut county_head, &format!("{own}/steps/serve_order"), &serve).await;
    assert_eq!(state(&county, id_of(&own)).await.standing(), "enforcing");
    assert!(newest_paper(&county, &mut county_head, &own).await.contains("强制执行决定书"));
}

#[tokio::test]
async fn what_is_not_money_waits_for_no_additional_fine() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "").await;
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224"), "2022-01-01").await;
    on(&county, 2025, 2, 10).await;
    let fields = |open: &'static str| {
        [("f.execution_power", power.as_str()), ("f.execution_reasons", "依法强制执行。"), ("f.open_amount", open)]
    };
    let enforce = format!("{own}/steps/enforce");
    let why = refused(&mut county_head, &enforce, &fields("1000")).await;
    assert!(why.contains("第四十六条"), "no additional fine at all: {why}");
    take(&mut county_head, &enforce, &fields("0")).await;
    // The yearly sheet counts what the organ of reconsideration enforced itself, once it is over.
    let mut office = county.clerk("监督甲").await;
    let running = office.get("/enforcement/yearly?year=2025").await.text("main");
    assert!(running.contains("行政机关强制执行（执行完毕或者终结）0 宗"), "{running}");
    let serve = [("f.order_delivery", "direct"), ("f.order_receiver", "邹某")];
    take(&mut county_head, &format!("{own}/steps/serve_order"), &serve).await;
    take(&mut county_head, &format!("{own}/steps/finish"), &[("f.result_note", "执行完毕。")]).await;
    let over = office.get("/enforcement/yearly?year=2025").await.text("main");
    assert!(over.contains("行政机关强制执行（执行完毕或者终结）1 宗"), "{over}");
}
