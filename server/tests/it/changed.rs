//! 复议变更的决定: executed by the organ of reconsideration, which receives it as a matter of its own (行政复议法§78).

use crate::casework::{refused, take};
use crate::executions::confiscating;
use crate::fines::{fen, marked, on, payment, served};
use crate::inspections::{id_of, state};
use crate::support::SmallCounty;

/// Contested on 1 November and changed to 1,000 元 on 20 December; the party may sue until 6 January (two days are no working days).
async fn changed(county: &SmallCounty) -> String {
    let case = served(county).await;
    let mut reviewer = county.clerk("法审甲").await;
    on(county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &format!("{case}/steps/note_reconsideration"), &contested).await;
    on(county, 2024, 12, 20).await;
    let result = [("f.remedy_note", "变更为罚款一千元。"), ("f.corrected_fine", "1000")];
    take(&mut reviewer, &format!("{case}/steps/remedy_changed"), &result).await;
    case
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
    let papers = state(&county, id_of(&case)).await.instruments.len();
    let letter = head.get(&format!("{case}/instruments/{papers}")).await.text("main");
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
    assert_eq!((stands.organ.as_str(), fen(&stands, "corrected_fine")), ("211224", 100_000));
    on(&county, 2025, 1, 9).await;
    take(&mut county_head, &at("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    take(&mut county_head, &at("serve_urge"), &[("f.urge_receiver", "邹某")]).await;
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
    // The county has no power of its own listed: it goes to the court.
    on(&county, 2025, 2, 10).await;
    let why = refused(&mut county_head, &at("enforce"), &[("f.execution_reasons", "不履行。")]).await;
    assert!(why.contains("没有写明法律、法规规定本机关可以办理"), "{why}");
    let why = refused(&mut county_head, &at("apply_court"), &application[..2]).await;
    assert!(why.contains("第五十五条"), "{why}");
    take(&mut county_head, &at("apply_court"), &application).await;
    let paper = state(&county, link).await.instruments.len();
    let paper = county_head.get(&format!("{own}/instruments/{paper}")).await.text("main");
    assert!(paper.contains("昌政复〔2024〕7号") && paper.contains("壹仟元"), "{paper}");
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
    take(&mut county_head, &at("serve_urge"), &[("f.urge_receiver", "邹某")]).await;
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
