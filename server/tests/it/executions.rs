//! The execution of a fine, to its end: when the periods of remedy are over, the court and the judgment, an agreement that is not kept,
//! the organ's own enforcement, confiscated money, and what is given back.

use crate::casework::{FINDINGS, INSPECTION, NOTICE, SOURCE, decide, filed, filed_on, refused, said, take};
use crate::fines::{APPLICATION, PDF, fen, late, marked, on, payment, served, urged};
use crate::inspections::{id_of, state};
use crate::support::{Browser, SmallCounty};

#[tokio::test]
async fn the_periods_of_remedy_end_on_the_day_that_follows_from_service() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let confirm = format!("{case}/steps/confirm_unremedied");
    on(&county, 2025, 4, 27).await;
    let why = refused(&mut clerk, &confirm, &[]).await;
    assert!(why.contains("期限还没有届满"), "the last day is a working day that was moved: {why}");
    on(&county, 2025, 5, 6).await;
    let why = refused(&mut clerk, &confirm, &[("f.remedy_ended_on", "2025-04-26")]).await;
    assert!(why.contains("最早是2025年4月27日") && why.contains("第五十三条"), "{why}");
    // A later day begins the three months later: it needs a reason.
    let later = [("f.remedy_ended_on", "2025-05-05")];
    let why = refused(&mut clerk, &confirm, &later).await;
    assert!(why.contains("2025年4月27日届满") && why.contains("理由"), "{why}");
    take(&mut clerk, &confirm, &[&later[..], &[("reason", "救济告知漏写期限。")]].concat()).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(
        (stands.said("court_from").as_str(), stands.said("remedy_earliest").as_str()),
        ("2025-05-05", "2025-04-27")
    );
}

#[tokio::test]
async fn an_earlier_end_of_the_periods_is_marked_when_recorded() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    on(&county, 2025, 5, 6).await;
    let person = county.id("内勤甲");
    let confirm = format!("{case}/steps/confirm_unremedied");
    late(&mut clerk, &confirm, &person, "2025-05-06", &[("f.remedy_ended_on", "2025-04-01")]).await;
    let stands = state(&county, id_of(&case)).await;
    assert!(marked(&stands, "penalty_remedy_ended_early"), "{:?}", stands.flags);
}

#[tokio::test]
async fn that_the_periods_have_ended_is_to_be_confirmed_within_thirty_days() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    for (day, told) in [(27, false), (28, true)] {
        on(&county, 2025, 5, day).await;
        county.test.app.note_expired(200).await.unwrap();
        let flags = state(&county, id_of(&case)).await.flags;
        let of_confirming = |written: String| written.contains("及时确认");
        let found = flags.iter().any(|flag| flag.basis.as_ref().is_some_and(|basis| of_confirming(basis.written())));
        assert_eq!(found, told, "thirty days from 27 April: {flags:?}");
    }
}

/// The party asks, and the head defers the whole to a day.
pub async fn deferred(county: &SmallCounty, case: &str, until: &str) {
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    take(&mut clerk, &format!("{case}/steps/request_deferral"), &[("f.deferral_reason", "遭受灾害。")]).await;
    let defer = [("f.deferral", "deferred"), ("f.defer_until", until)];
    take(&mut head, &format!("{case}/steps/approve_deferral"), &defer).await;
}

async fn court_until(county: &SmallCounty, case: &str) -> String {
    let stands = state(county, id_of(case)).await;
    let run = stands.clock("court_window").unwrap();
    run.due(&county.test.app.county.ruling().calendar).certain().unwrap().to_string()
}

#[tokio::test]
async fn a_deferral_moves_the_three_months_only_before_they_are_over() {
    let county = SmallCounty::new().await;
    let (intime, late) = (served(&county).await, served(&county).await);
    let mut clerk = county.clerk("内勤甲").await;
    on(&county, 2025, 5, 6).await;
    for case in [&intime, &late] {
        take(&mut clerk, &format!("{case}/steps/confirm_unremedied"), &[]).await;
        assert_eq!(court_until(&county, case).await, "2025-07-27");
    }
    on(&county, 2025, 7, 25).await;
    deferred(&county, &intime, "2025-09-10").await;
    assert_eq!(court_until(&county, &intime).await, "2025-12-10", "处罚法§72.2");
    on(&county, 2025, 7, 28).await;
    deferred(&county, &late, "2025-09-10").await;
    assert_eq!(court_until(&county, &late).await, "2025-07-27", "what is over does not begin again");
}

#[tokio::test]
async fn a_deferral_after_the_three_months_does_not_count_when_the_end_is_confirmed_later() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    on(&county, 2025, 8, 5).await;
    deferred(&county, &case, "2025-09-10").await;
    take(&mut clerk, &format!("{case}/steps/confirm_unremedied"), &[]).await;
    assert_eq!(state(&county, id_of(&case)).await.said("court_from"), "2025-04-27");
    assert_eq!(court_until(&county, &case).await, "2025-07-27");
}

#[tokio::test]
async fn an_urge_leaves_the_party_time_and_every_objection_is_reviewed() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let mut reviewer = county.clerk("法审甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2025, 5, 6).await;
    take(&mut clerk, &at("confirm_unremedied"), &[]).await;
    let urge = |until: &'static str| [("f.urge_deadline", until), ("f.urge_manner", "到银行缴纳")];
    take(&mut clerk, &at("urge"), &urge("2025-05-10")).await;
    on(&county, 2025, 5, 10).await;
    let delivery = [("f.urge_delivery", "direct")];
    let why = refused(&mut clerk, &at("serve_urge"), &delivery).await;
    assert!(why.contains("2025年5月10日") && why.contains("第三十五条"), "{why}");
    take(&mut clerk, &at("urge"), &urge("2025-05-26")).await;
    take(&mut clerk, &at("serve_urge"), &delivery).await;
    on(&county, 2025, 6, 3).await;
    let defence = |text: &'static str| [("f.urge_defence", text)];
    let review = [("f.urge_defence_result", "rejected"), ("f.urge_defence_opinion", "不成立。")];
    for text in ["已与局里协商。", "金额有误。"] {
        take(&mut clerk, &at("record_urge_defence"), &defence(text)).await;
        let why = refused(&mut head, &at("apply_court"), &APPLICATION).await;
        assert!(why.contains("还没有复核") && why.contains("第三十六条"), "{text}: {why}");
        take(&mut reviewer, &at("review_urge_defence"), &review).await;
        let why = refused(&mut reviewer, &at("review_urge_defence"), &review).await;
        assert!(why.contains("没有可以复核的"), "{why}");
    }
    take(&mut head, &at("apply_court"), &APPLICATION).await;
}

#[tokio::test]
async fn property_that_is_being_moved_lets_the_organ_enforce_before_the_urge_has_run_out() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut head = county.clerk("局长甲").await;
    on(&county, 2024, 12, 20).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    urged(&county, &case).await;
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224-nyj"), "2022-01-01").await;
    on(&county, 2025, 5, 12).await;
    let order = [
        ("f.execution_power", power.as_str()),
        ("f.execution_reasons", "依法强制执行。"),
        ("f.execution_manner", "五月十三日上午"),
    ];
    let why = refused(&mut head, &format!("{case}/steps/enforce"), &order).await;
    assert!(why.contains("履行期限还没有届满"), "{why}");
    let now = format!("{case}/steps/enforce_now");
    let moving = [&order[..], &[("f.hiding", "五月十一日起向外县转移库存，有照片。")]].concat();
    let why = refused(&mut head, &now, &moving).await;
    assert!(why.contains("转移、隐匿财物的证据") && why.contains("第三十七条"), "{why}");
    let proof: (&str, &str, &[u8]) = ("evidence.e_hiding", "照片.pdf", PDF.2);
    let page = head.post_files(&now, &moving, &[proof]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("execution").unwrap().as_str(), "ordered");
    let paper = head.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    assert!(paper.contains("立即强制执行决定书") && paper.contains("转移库存") && paper.contains("4000元"), "{paper}");
}

#[tokio::test]
async fn when_the_urge_has_run_out_nothing_is_immediate() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut head = county.clerk("局长甲").await;
    on(&county, 2024, 12, 20).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let order = [("f.execution_reasons", "依法。"), ("f.execution_manner", "上午"), ("f.hiding", "转移库存。")];
    let why = refused(&mut head, &format!("{case}/steps/enforce_now"), &order).await;
    assert!(why.contains("不是催告期间"), "{why}");
}

/// The thirty days of an additional fine bind only while money is owed (行政强制法§46).
#[tokio::test]
async fn what_is_not_money_is_enforced_without_the_thirty_days() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    decide(&county, &mut officer, &mut head, &case, &["fine", "confiscate_goods"]).await;
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224-nyj"), "2022-01-01").await;
    on(&county, 2025, 5, 6).await;
    let urge = [("f.urge_deadline", "2025-05-20"), ("f.urge_manner", "交出没收的农药")];
    take(&mut clerk, &format!("{case}/steps/urge"), &urge).await;
    take(&mut clerk, &format!("{case}/steps/serve_urge"), &[("f.urge_delivery", "direct")]).await;
    on(&county, 2025, 5, 21).await;
    let order = [
        ("f.execution_power", power.as_str()),
        ("f.execution_reasons", "依法强制执行。"),
        ("f.execution_manner", "五月二十六日上午"),
    ];
    let enforce = format!("{case}/steps/enforce");
    let why = refused(&mut head, &enforce, &order).await;
    assert!(why.contains("还没有超过三十日") && why.contains("第四十六条"), "money is open: {why}");
    take(&mut clerk, &format!("{case}/steps/pay_part"), &payment("2000", "2025-05-21", "票一")).await;
    take(&mut head, &enforce, &order).await;
}

/// A suit is noted and comes to a result.
async fn sued(county: &SmallCounty, case: &str, result: &[(&str, &str)]) {
    let mut reviewer = county.clerk("法审甲").await;
    on(county, 2024, 12, 2).await;
    let suit = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "（2024）辽1224行初1号")];
    take(&mut reviewer, &format!("{case}/steps/note_litigation"), &suit).await;
    on(county, 2025, 3, 10).await;
    let upheld = format!("{case}/steps/remedy_upheld");
    let why = refused(&mut reviewer, &upheld, &[("f.remedy_note", "结果。")]).await;
    assert!(why.contains("诉讼结果"), "{why}");
    take(&mut reviewer, &upheld, &[&[("f.remedy_note", "判决驳回诉讼请求。")], result].concat()).await;
}

#[tokio::test]
async fn after_a_judgment_the_organ_applies_under_the_judgment() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let apply = format!("{case}/steps/apply_judgment");
    let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款二千元。")];
    let why = refused(&mut head, &apply, &application).await;
    assert!(why.contains("没有登记已经生效的判决") && why.contains("第九十五条"), "{why}");
    sued(&county, &case, &[("f.suit_result", "judgment"), ("f.judgment_from", "2025-03-10")]).await;
    on(&county, 2025, 6, 3).await;
    let why = refused(&mut clerk, &format!("{case}/steps/confirm_unremedied"), &[]).await;
    assert!(why.contains("法院已经判决") && why.contains("依生效判决申请"), "{why}");
    take(&mut head, &apply, &application).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("execution").unwrap().as_str(), "court");
    let paper = head.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    for part in ["行政诉讼法》第九十五条", "（2024）辽1224行初1号", "驳回诉讼请求", "尚欠合计：人民币2000元"]
    {
        assert!(paper.contains(part), "{part} in {paper}");
    }
}

#[tokio::test]
async fn a_judgment_is_enforced_within_two_years_and_a_later_application_is_marked() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    sued(&county, &case, &[("f.suit_result", "judgment"), ("f.judgment_from", "2022-03-10")]).await;
    let apply = format!("{case}/steps/apply_judgment");
    let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款二千元。")];
    let why = refused(&mut head, &apply, &application).await;
    assert!(why.contains("二年已经届满") && why.contains("第一百五十三条"), "{why}");
    late(&mut clerk, &apply, &county.id("局长甲"), "2025-03-10", &application).await;
    assert!(marked(&state(&county, id_of(&case)).await, "penalty_judgment_too_late"));
}

#[tokio::test]
async fn a_suit_that_came_to_no_judgment_leaves_the_three_months() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    sued(&county, &case, &[("f.suit_result", "ruling")]).await;
    let confirm = format!("{case}/steps/confirm_unremedied");
    let why = refused(&mut clerk, &confirm, &[("f.remedy_ended_on", "2025-03-10")]).await;
    assert!(why.contains("最早是2025年4月27日"), "{why}");
}

#[tokio::test]
async fn an_agreement_that_is_not_kept_takes_nothing_off() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 12, 20).await;
    take(&mut head, &at("add_fine"), &[]).await;
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let resume = [("f.resume_reasons", "六月三十日仍未缴清。")];
    let why = refused(&mut head, &at("resume_execution"), &resume).await;
    assert!(why.contains("没有正在履行的执行协议"), "{why}");
    let agreement = [
        ("f.agreement", "六月三十日前付清。"),
        ("f.agreed_until", "2025-06-30"),
        ("f.reduced_additional", "1500"),
        ("f.remedial", "已补建台账。"),
    ];
    take(&mut head, &at("agree_execution"), &agreement).await;
    take(&mut clerk, &at("pay_part"), &payment("2000", "2025-05-21", "票一")).await;
    assert!(clerk.get(&case).await.text("#ledger").contains("尚欠 500元"));
    on(&county, 2025, 7, 1).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("尚欠 2000元") && ledger.contains("协议没有履行，不再减免"), "{ledger}");
    let why = refused(&mut clerk, &at("perform"), &payment("500", "2025-07-01", "票二")).await;
    assert!(why.contains("加处的罚款还没有缴清"), "{why}");
    take(&mut head, &at("resume_execution"), &resume).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!((fen(&stands, "reduced_additional"), fen(&stands, "open_total")), (0, 200_000));
    let why = refused(&mut head, &at("resume_execution"), &resume).await;
    assert!(why.contains("没有正在履行的执行协议"), "once: {why}");
    take(&mut clerk, &at("perform"), &payment("2000", "2025-07-01", "票二")).await;
}

#[tokio::test]
async fn what_was_paid_by_the_day_of_the_agreement_keeps_it() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    on(&county, 2024, 12, 20).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let agreement = [
        ("f.agreement", "六月三十日前付清。"),
        ("f.agreed_until", "2025-06-30"),
        ("f.reduced_additional", "1500"),
        ("f.remedial", "已补建台账。"),
    ];
    take(&mut head, &format!("{case}/steps/agree_execution"), &agreement).await;
    on(&county, 2025, 7, 3).await;
    // The receipt of the last day is entered three days later.
    take(&mut clerk, &format!("{case}/steps/perform"), &payment("2500", "2025-06-30", "票一")).await;
    assert!(clerk.get(&case).await.text("#ledger").contains("已缴清"));
}

/// A fine and illegal income, decided and served, on 1 November: clerk, head, case.
pub async fn confiscating(county: &SmallCounty) -> (Browser, Browser, String) {
    let (mut officer, mut head, case) = filed(county).await;
    decide(county, &mut officer, &mut head, &case, &["fine", "confiscate_income"]).await;
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    on(county, 2024, 11, 1).await;
    (county.clerk("内勤甲").await, head, case)
}

#[tokio::test]
async fn confiscated_money_is_paid_in_before_the_case_is_performed() {
    let county = SmallCounty::new().await;
    let (mut clerk, _, case) = confiscating(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let all = [&payment("2000", "2024-11-01", "票一")[..], &[("f.performance_note", "违法所得已上缴。")]].concat();
    let why = refused(&mut clerk, &at("perform"), &all).await;
    assert!(why.contains("违法所得还没有全部上缴") && why.contains("第七十四条"), "{why}");
    let why = refused(&mut clerk, &at("pay_confiscated"), &payment("900.01", "2024-11-01", "没一")).await;
    assert!(why.contains("超过了决定没收的900元"), "{why}");
    take(&mut clerk, &at("pay_confiscated"), &payment("500", "2024-11-01", "没一")).await;
    let why = refused(&mut clerk, &at("pay_confiscated"), &payment("400", "2024-11-01", "没一")).await;
    assert!(why.contains("已经登记过"), "{why}");
    take(&mut clerk, &at("pay_confiscated"), &payment("300", "2024-11-01", "没二")).await;
    take(&mut clerk, &at("strike_payment"), &[("f.struck_receipt", "没二")]).await;
    take(&mut clerk, &at("pay_confiscated"), &payment("400", "2024-11-01", "没三")).await;
    take(&mut clerk, &at("perform"), &all).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    for part in ["没收款已上缴", "900元", "没收款上缴 2 笔", "没三", "已缴清"] {
        assert!(ledger.contains(part), "{part} in {ledger}");
    }
    assert!(!ledger.contains("没二"), "struck: {ledger}");
}

#[tokio::test]
async fn what_a_revoked_decision_took_is_given_back_before_the_case_is_closed() {
    let county = SmallCounty::new().await;
    let (mut clerk, mut head, case) = confiscating(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    take(&mut clerk, &at("pay_part"), &payment("2000", "2024-11-01", "票一")).await;
    take(&mut clerk, &at("pay_confiscated"), &payment("900", "2024-11-01", "没一")).await;
    let refund = |amount: &'static str, receipt: &'static str| {
        [("f.refund_amount", amount), ("f.refund_on", "2024-11-01"), ("f.refund_receipt", receipt)]
    };
    let why = refused(&mut clerk, &at("refund"), &refund("100", "退一")).await;
    assert!(why.contains("没有多缴的款项"), "{why}");
    take(&mut head, &at("self_revoke"), &[("f.correction_reasons", "事实不清。")]).await;
    let mut reviewer = county.clerk("法审甲").await;
    let withheld = [("f.withhold_ground", "no_influence"), ("f.disclosure_note", "决定已撤销。")];
    take(&mut reviewer, &at("withhold"), &withheld).await;
    assert!(clerk.get(&case).await.text("#ledger").contains("应退未退 2900元"));
    let why = refused(&mut head, &at("close_revoked"), &[]).await;
    assert!(why.contains("还没有退还") && why.contains("第七十四条"), "{why}");
    let why = refused(&mut clerk, &at("refund"), &refund("2900.01", "退一")).await;
    assert!(why.contains("超过了可以退还的2900元"), "{why}");
    take(&mut clerk, &at("refund"), &refund("2000", "退一")).await;
    assert!(refused(&mut head, &at("close_revoked"), &[]).await.contains("还没有退还"));
    take(&mut clerk, &at("refund"), &refund("900", "退二")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("累计已退还") && ledger.contains("退还 2 笔") && !ledger.contains("应退未退"), "{ledger}");
    take(&mut head, &at("close_revoked"), &[]).await;
}

#[tokio::test]
async fn what_was_paid_above_a_reduced_fine_is_given_back() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    on(&county, 2024, 11, 1).await;
    take(&mut clerk, &format!("{case}/steps/perform"), &payment("2000", "2024-11-01", "票一")).await;
    let change = [("f.correction_reasons", "数量认定有误。"), ("f.corrected_fine", "100")];
    take(&mut head, &format!("{case}/steps/self_change"), &change).await;
    let too_much = [("f.refund_amount", "1950"), ("f.refund_on", "2024-11-01"), ("f.refund_receipt", "退一")];
    let refund = format!("{case}/steps/refund");
    let why = refused(&mut clerk, &refund, &too_much).await;
    assert!(why.contains("可以退还的1900元"), "{why}");
    // More was given back on paper: recorded, and marked.
    late(&mut clerk, &refund, &county.id("内勤甲"), "2024-11-01", &too_much).await;
    assert!(marked(&state(&county, id_of(&case)).await, "penalty_refund_beyond"));
}

/// Withdrawing a review puts back no fact: the objection is open again all the same, and can be reviewed again (行政强制法§36).
#[tokio::test]
async fn when_the_review_is_withdrawn_the_objection_is_open_again() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    urged(&county, &case).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let mut reviewer = county.clerk("法审甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2025, 6, 3).await;
    let review = [("f.urge_defence_result", "rejected"), ("f.urge_defence_opinion", "不成立。")];
    take(&mut clerk, &at("record_urge_defence"), &[("f.urge_defence", "金额有误。")]).await;
    take(&mut reviewer, &at("review_urge_defence"), &review).await;
    take(&mut reviewer, &at("_withdraw"), &[("reason", "看错了案件。")]).await;
    let why = refused(&mut head, &at("apply_court"), &APPLICATION).await;
    assert!(why.contains("还没有复核") && why.contains("第三十六条"), "{why}");
    take(&mut reviewer, &at("review_urge_defence"), &review).await;
    take(&mut head, &at("apply_court"), &APPLICATION).await;
}

#[tokio::test]
async fn an_objection_that_was_recorded_by_mistake_holds_up_nothing() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    urged(&county, &case).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    on(&county, 2025, 6, 3).await;
    take(&mut clerk, &format!("{case}/steps/record_urge_defence"), &[("f.urge_defence", "金额有误。")]).await;
    take(&mut clerk, &format!("{case}/steps/_withdraw"), &[("reason", "是另一案的。")]).await;
    take(&mut head, &format!("{case}/steps/apply_court"), &APPLICATION).await;
}

#[tokio::test]
async fn a_judgment_that_the_court_sent_back_is_applied_for_again() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    sued(&county, &case, &[("f.suit_result", "judgment"), ("f.judgment_from", "2025-03-10")]).await;
    let apply = format!("{case}/steps/apply_judgment");
    let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款二千元。")];
    on(&county, 2025, 6, 3).await;
    take(&mut head, &apply, &application).await;
    on(&county, 2025, 6, 10).await;
    take(&mut clerk, &format!("{case}/steps/court_decline"), &[("f.court_note", "材料不齐，不予受理。")]).await;
    let stands = state(&county, id_of(&case)).await;
    let two_years = stands.clock("judgment_window").unwrap();
    let calendar = &county.test.app.county.ruling().calendar;
    assert_eq!(two_years.due(calendar).day().unwrap().to_string(), "2027-03-10", "the same two years");
    assert!(stands.clock("court_window").is_none(), "the three months are not for judgments");
    take(&mut head, &apply, &application).await;
}

#[tokio::test]
async fn before_its_last_day_an_agreement_is_left_only_for_a_part_that_was_not_kept() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut head = county.clerk("局长甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let agreement = [
        ("f.agreement", "五月三十一日前付一千元，六月三十日前付清。"),
        ("f.agreed_until", "2025-06-30"),
        ("f.reduced_additional", "0"),
    ];
    take(&mut head, &at("agree_execution"), &agreement).await;
    on(&county, 2025, 6, 3).await;
    let resume = [("f.resume_reasons", "第一期没有付。")];
    let why = refused(&mut head, &at("resume_execution"), &resume).await;
    assert!(why.contains("协议中没有履行的一期的到期日"), "{why}");
    let missed = [resume[0], ("f.agreement_missed_on", "2025-05-31")];
    take(&mut head, &at("resume_execution"), &missed).await;
}

/// A fine by multiple of a value: without the value nobody knows the range, so the notice offers to say it.
#[tokio::test]
async fn a_notice_by_multiple_says_of_what() {
    let county = SmallCounty::new().await;
    let source = SOURCE.map(|(name, value)| (name, if name == "f.violation" { "经营劣质农药" } else { value }));
    let (mut officer, mut head, case) = filed_on(&county, &source).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    let at = |step: &str| format!("{case}/steps/{step}");
    take(&mut officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    take(&mut officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    let notice = NOTICE.map(|(name, value)| (name, if name == "f.notified_fine" { "50000" } else { value }));
    let why = refused(&mut head, &at("notify"), &notice).await;
    assert!(why.contains("法定"), "{why}");
    let said = [&notice[..], &[("f.penalty_base", "15000")]].concat();
    take(&mut head, &at("notify"), &said).await;
    assert_eq!(fen(&state(&county, id_of(&case)).await, "penalty_base"), 1_500_000);
}
