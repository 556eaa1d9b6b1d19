//! A fine after its decision, through its forms: paid in parts, deferred, added to by the day, urged, taken to the court; what is
//! refused on the way, and what is marked when it happened all the same.

use jiff::civil::date;

use crate::casework::{DECISION, SOURCE, decided, filed_on, refused, said, submit, take};
use crate::inspections::{id_of, state};
use crate::support::{Browser, SmallCounty};
use zhunsheng_core::matter::{Fact, MatterState};

pub const PDF: (&str, &str, &[u8]) = ("original", "原件.pdf", b"%PDF-1.7\n% original\n");

pub async fn on(county: &SmallCounty, year: i16, month: i8, day: i8) {
    county.test.app.advance_demo_to(date(year, month, day)).await.unwrap();
}

pub fn fen(state: &MatterState, field: &str) -> i64 {
    state.fact(field).and_then(Fact::number).unwrap_or(-1)
}

/// A case with a fine of 2,000 元, decided and served on 26 October 2024: the last day to pay is 10 November.
pub async fn served(county: &SmallCounty) -> String {
    let case = decided(county).await;
    let mut officer = county.clerk("队员甲").await;
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    case
}

pub fn payment<'a>(amount: &'a str, on: &'a str, receipt: &'a str) -> [(&'static str, &'a str); 4] {
    [("f.paid_amount", amount), ("f.paid_on", on), ("f.payment_channel", "bank"), ("f.receipt_number", receipt)]
}

/// Records a step as it happened on paper.
pub async fn late(browser: &mut Browser, path: &str, person: &str, day: &str, fields: &[(&str, &str)]) {
    browser.get(&format!("{path}?manner=late")).await;
    let manner = [("manner", "late"), ("decided_by", person), ("day", day), ("reason", "纸质办理，事后补录")];
    let page = browser.post_files(path, &[&manner[..], fields].concat(), &[PDF]).await;
    assert_eq!(page.status, 303, "{path}: {}", said(&page.body));
}

pub fn marked(state: &MatterState, code: &str) -> bool {
    state.flags.iter().any(|flag| flag.code.as_str() == code)
}

#[tokio::test]
async fn a_fine_is_paid_in_parts_and_each_receipt_counts_once() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let (pay, perform) = (format!("{case}/steps/pay_part"), format!("{case}/steps/perform"));
    on(&county, 2024, 11, 1).await;
    take(&mut clerk, &pay, &payment("500", "2024-10-30", "票一")).await;
    let why = refused(&mut clerk, &pay, &payment("500", "2024-10-31", "票一")).await;
    assert!(why.contains("已经登记过"), "{why}");
    take(&mut clerk, &pay, &payment("300", "2024-10-31", "票二")).await;
    let why = refused(&mut clerk, &format!("{case}/steps/strike_payment"), &[("f.struck_receipt", "票九")]).await;
    assert!(why.contains("没有用这个票据号"), "{why}");
    take(&mut clerk, &format!("{case}/steps/strike_payment"), &[("f.struck_receipt", "票二")]).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!((fen(&stands, "paid_total"), fen(&stands, "open_total")), (50_000, 150_000));
    let why = refused(&mut clerk, &perform, &payment("1499.99", "2024-11-01", "票三")).await;
    assert!(why.contains("少于决定的数额"), "{why}");
    take(&mut clerk, &perform, &payment("1500", "2024-11-01", "票三")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("已缴清") && ledger.contains("票一") && ledger.contains("票三"), "{ledger}");
    assert!(!ledger.contains("票二") && ledger.contains("缴款 2 笔"), "struck: {ledger}");
}

#[tokio::test]
async fn what_was_withdrawn_leaves_the_ledger_as_it_was_before() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let why = [("reason", "登记错了。")];
    on(&county, 2024, 11, 1).await;
    let paid = |ledger: &str, expected: &str| assert!(ledger.contains(expected), "{expected}: {ledger}");
    take(&mut clerk, &at("pay_part"), &payment("500", "2024-10-30", "票一")).await;
    take(&mut clerk, &at("strike_payment"), &[("f.struck_receipt", "票一")]).await;
    paid(&clerk.get(&case).await.text("#ledger"), "尚欠 2000元");
    // The strike was a mistake: the payment counts again, and its receipt is known.
    take(&mut clerk, &at("_withdraw"), &why).await;
    paid(&clerk.get(&case).await.text("#ledger"), "尚欠 1500元");
    let again = refused(&mut clerk, &at("pay_part"), &payment("500", "2024-10-30", "票一")).await;
    assert!(again.contains("已经登记过"), "{again}");
    // A payment that is withdrawn does not count, and the same sum under another receipt does.
    take(&mut clerk, &at("pay_part"), &payment("300", "2024-10-31", "票二")).await;
    take(&mut clerk, &at("_withdraw"), &why).await;
    paid(&clerk.get(&case).await.text("#ledger"), "尚欠 1500元");
    take(&mut clerk, &at("pay_part"), &payment("300", "2024-10-31", "票三")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    paid(&ledger, "尚欠 1200元");
    assert!(ledger.contains("票三") && !ledger.contains("票二"), "{ledger}");
    take(&mut clerk, &at("perform"), &payment("1200", "2024-11-01", "票四")).await;
    paid(&clerk.get(&case).await.text("#ledger"), "已缴清");
    take(&mut clerk, &at("_withdraw"), &why).await;
    paid(&clerk.get(&case).await.text("#ledger"), "尚欠 1200元");
    let less = refused(&mut clerk, &at("perform"), &payment("1199", "2024-11-01", "票五")).await;
    assert!(less.contains("少于决定的数额"), "{less}");
}

#[tokio::test]
async fn three_per_cent_a_day_is_worked_out_and_never_above_the_fine() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let add = format!("{case}/steps/add_fine");
    on(&county, 2024, 11, 10).await;
    let why = refused(&mut head, &add, &[]).await;
    assert!(why.contains("期限还没有届满") && why.contains("第七十二条"), "{why}");
    on(&county, 2024, 11, 11).await;
    let why = refused(&mut head, &add, &[]).await;
    assert!(why.contains("到昨天为止没有"), "{why}");
    on(&county, 2024, 11, 15).await;
    take(&mut clerk, &format!("{case}/steps/pay_part"), &payment("1000", "2024-11-13", "票一")).await;
    // The 11th and 12th on 2000 元, the 13th and 14th on 1000 元; the 15th is not over.
    let why = refused(&mut head, &add, &[("f.additional_fine", "180.01")]).await;
    assert!(why.contains("超过了按每日百分之三算出的数额"), "{why}");
    let why = refused(&mut head, &add, &[("f.additional_fine", "2000.01")]).await;
    assert!(why.contains("不得超出罚款的数额"), "{why}");
    take(&mut head, &add, &[]).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(fen(&stands, "additional_fine"), 18_000);
    let page = head.get(&case).await;
    let ledger = page.text("#ledger");
    assert!(ledger.contains("2024-11-11至2024-11-12共2日，欠2000元×3%×2"), "{ledger}");
    assert!(ledger.contains("尚欠 1180元"), "{ledger}");
    let papers = stands.instruments.len();
    let paper = head.get(&format!("{case}/instruments/{papers}")).await.text("main");
    assert!(paper.contains("加处罚款决定书") && paper.contains("壹佰捌拾元") && paper.contains("行政复议"), "{paper}");
    // The fine alone does not settle it.
    let perform = format!("{case}/steps/perform");
    let why = refused(&mut clerk, &perform, &payment("1000", "2024-11-15", "票二")).await;
    assert!(why.contains("加处的罚款还没有缴清"), "{why}");
    take(&mut clerk, &perform, &payment("1180", "2024-11-15", "票二")).await;
}

#[tokio::test]
async fn an_additional_fine_above_the_fine_is_recorded_and_marked() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    on(&county, 2024, 12, 2).await;
    let head = county.id("局长甲");
    late(&mut clerk, &format!("{case}/steps/add_fine"), &head, "2024-11-20", &[("f.additional_fine", "2600")]).await;
    let stands = state(&county, id_of(&case)).await;
    assert!(
        marked(&stands, "penalty_additional_too_high") && marked(&stands, "penalty_additional_beyond"),
        "{:?}",
        stands.flags
    );
    assert_eq!(fen(&stands, "due_total"), 460_000, "the ledger says what was imposed");
}

#[tokio::test]
async fn nothing_accrues_while_a_reconsideration_is_pending() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut reviewer, mut head) = (county.clerk("法审甲").await, county.clerk("局长甲").await);
    on(&county, 2024, 11, 20).await;
    let remedy = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "复1号"), ("f.remedy_began_on", "2024-11-12")];
    take(&mut reviewer, &format!("{case}/steps/note_reconsideration"), &remedy).await;
    on(&county, 2024, 12, 10).await;
    take(&mut reviewer, &format!("{case}/steps/remedy_upheld"), &[("f.remedy_note", "维持。")]).await;
    on(&county, 2024, 12, 12).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    // The 11th of November and the 11th of December.
    assert_eq!(fen(&state(&county, id_of(&case)).await, "additional_fine"), 2 * 6_000);
}

#[tokio::test]
async fn a_deferral_needs_the_partys_application_and_moves_every_date() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let approve = format!("{case}/steps/approve_deferral");
    let plan = |text: &'static str| [("f.deferral", "instalments"), ("f.instalment_plan", text)];
    let good = plan("2024-12-10 800元；2025-01-10 1200元");
    let why = refused(&mut head, &approve, &good).await;
    assert!(why.contains("没有登记当事人的申请") && why.contains("第六十六条"), "{why}");
    take(&mut clerk, &format!("{case}/steps/request_deferral"), &[("f.deferral_reason", "遭受灾害，周转困难。")]).await;
    let why = refused(&mut head, &approve, &plan("2024-12-10 800元；2025-01-10 1000元")).await;
    assert!(why.contains("各期合计不等于"), "{why}");
    let why = refused(&mut head, &approve, &plan("分两期")).await;
    assert!(why.contains("读不出日期和金额"), "{why}");
    take(&mut head, &approve, &good).await;
    let stands = state(&county, id_of(&case)).await;
    let paper = head.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    assert!(paper.contains("延期（分期）缴纳罚款批准书") && paper.contains("2025年1月10日"), "{paper}");
    // Not late, not urged, while the plan is kept; late from the first instalment that is missed.
    on(&county, 2024, 12, 10).await;
    let urge = [("f.urge_deadline", "2025-02-01"), ("f.urge_manner", "到银行缴纳")];
    let why = refused(&mut clerk, &format!("{case}/steps/urge"), &urge).await;
    assert!(why.contains("分期缴纳期限还没有结束"), "{why}");
    on(&county, 2024, 12, 12).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    assert_eq!(fen(&state(&county, id_of(&case)).await, "additional_fine"), 2_400, "a day of 800 元");
    take(&mut clerk, &format!("{case}/steps/pay_part"), &payment("800", "2024-12-12", "票一")).await;
    let page = clerk.get(&case).await;
    assert!(
        page.text("#ledger").contains("已缴") && page.text("main").contains("分期缴纳的下一期"),
        "{}",
        page.text("main")
    );
    let next = state(&county, id_of(&case)).await;
    assert_eq!(next.said("next_instalment_on"), "2025-01-10");
    on(&county, 2025, 1, 11).await;
    take(&mut clerk, &format!("{case}/steps/urge"), &urge).await;
    // The three months begin with the end of the periods of remedy, later here than that of the plan.
    on(&county, 2025, 4, 28).await;
    take(&mut clerk, &format!("{case}/steps/confirm_unremedied"), &[]).await;
    assert_eq!(state(&county, id_of(&case)).await.said("court_from"), "2025-04-27");
}

/// The periods of remedy are over, and the party was urged on 6 May 2025.
pub async fn urged(county: &SmallCounty, case: &str) {
    let mut clerk = county.clerk("内勤甲").await;
    on(county, 2025, 5, 6).await;
    take(&mut clerk, &format!("{case}/steps/confirm_unremedied"), &[("f.remedy_ended_on", "2025-04-27")]).await;
    let urge = [("f.urge_deadline", "2025-05-20"), ("f.urge_manner", "到指定银行缴纳，缴款码见附页")];
    take(&mut clerk, &format!("{case}/steps/urge"), &urge).await;
    let stands = state(county, id_of(case)).await;
    let paper = clerk.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    for part in ["2025年5月20日前", "到指定银行缴纳", "2000元", "有权进行陈述和申辩"] {
        assert!(paper.contains(part), "§35: {part} in {paper}");
    }
    take(&mut clerk, &format!("{case}/steps/serve_urge"), &[("f.urge_delivery", "direct")]).await;
}

pub const APPLICATION: [(&str, &str); 6] = [
    ("f.court", "昌图县人民法院"),
    ("f.court_materials", "application"),
    ("f.court_materials", "decision"),
    ("f.court_materials", "views"),
    ("f.court_materials", "object"),
    ("f.court_object", "罚款二千元，经营场所在昌图镇东街。"),
];

#[tokio::test]
async fn the_court_is_asked_neither_too_early_nor_after_three_months() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    urged(&county, &case).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let apply = format!("{case}/steps/apply_court");
    // Ten working days after 6 May: the 20th.
    on(&county, 2025, 5, 20).await;
    let why = refused(&mut head, &apply, &APPLICATION).await;
    assert!(why.contains("不满十个工作日") && why.contains("第五十四条"), "{why}");
    on(&county, 2025, 5, 21).await;
    take(&mut clerk, &format!("{case}/steps/record_urge_defence"), &[("f.urge_defence", "已与局里协商。")]).await;
    let why = refused(&mut head, &apply, &APPLICATION).await;
    assert!(why.contains("还没有复核") && why.contains("第三十六条"), "{why}");
    let review = [("f.urge_defence_result", "rejected"), ("f.urge_defence_opinion", "没有证据。")];
    let mut reviewer = county.clerk("法审甲").await;
    take(&mut reviewer, &format!("{case}/steps/review_urge_defence"), &review).await;
    let why = refused(&mut head, &apply, &APPLICATION[..4]).await;
    assert!(why.contains("材料不齐") && why.contains("第五十五条"), "{why}");
    // By nobody but the head.
    assert!(!clerk.get(&case).await.text(".next").contains("办理：申请人民法院强制执行"));
    on(&county, 2025, 7, 28).await;
    let why = refused(&mut head, &apply, &APPLICATION).await;
    assert!(why.contains("三个月已经届满") && why.contains("第五十三条"), "{why}");
    // It was taken there all the same: recorded, and marked.
    let person = county.id("局长甲");
    late(&mut clerk, &apply, &person, "2025-07-28", &APPLICATION).await;
    let stands = state(&county, id_of(&case)).await;
    assert!(marked(&stands, "penalty_court_too_late"), "{:?}", stands.flags);
    assert_eq!(stands.track("execution").unwrap().as_str(), "court");
}

#[tokio::test]
async fn the_court_answers_and_only_the_additional_fine_is_reduced() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    on(&county, 2024, 12, 20).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    assert_eq!(fen(&state(&county, id_of(&case)).await, "additional_fine"), 200_000, "forty days: as much as the fine");
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    take(&mut head, &format!("{case}/steps/apply_court"), &APPLICATION).await;
    let paper = head.get(&format!("{case}/instruments/{}", state(&county, id_of(&case)).await.instruments.len())).await;
    let paper = paper.text("main");
    assert!(
        paper.contains("强制执行申请书") && paper.contains("尚欠合计：人民币4000元") && paper.contains("局长甲"),
        "{paper}"
    );
    take(&mut clerk, &format!("{case}/steps/court_accept"), &[("f.court_case", "（2025）辽1224行审1号")]).await;
    let agree = format!("{case}/steps/agree_execution");
    let agreement = |reduced: &'static str| {
        vec![("f.agreement", "分两次付清。"), ("f.agreed_until", "2025-06-30"), ("f.reduced_additional", reduced)]
    };
    let remedial = ("f.remedial", "已补建台账。");
    let why = refused(&mut head, &agree, &[agreement("2000.01"), vec![remedial]].concat()).await;
    assert!(why.contains("罚款本身不能减免") && why.contains("第四十二条"), "{why}");
    let why = refused(&mut head, &agree, &agreement("1500")).await;
    assert!(why.contains("没有采取补救措施"), "{why}");
    take(&mut head, &agree, &[agreement("1500"), vec![remedial]].concat()).await;
    let why = refused(&mut clerk, &format!("{case}/steps/perform"), &payment("2000", "2025-05-21", "票一")).await;
    assert!(why.contains("加处的罚款还没有缴清"), "{why}");
    take(&mut clerk, &format!("{case}/steps/perform"), &payment("2500", "2025-05-21", "票一")).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(ledger.contains("减免加处罚款1500元") && ledger.contains("已缴清"), "{ledger}");
}

#[tokio::test]
async fn an_organ_enforces_itself_only_under_a_listed_power() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut head = county.clerk("局长甲").await;
    on(&county, 2024, 12, 20).await;
    take(&mut head, &format!("{case}/steps/add_fine"), &[]).await;
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let order = [("f.execution_reasons", "依法强制执行。"), ("f.execution_manner", "五月二十六日上午")];
    let enforce = format!("{case}/steps/enforce");
    let why = refused(&mut head, &enforce, &order).await;
    assert!(
        why.contains("没有写明法律、法规规定本机关可以办理"),
        "the list is silent, and silence gives no power: {why}"
    );
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224-nyj"), "2022-01-01").await;
    let order = [&order[..], &[("f.execution_power", power.as_str())]].concat();
    take(&mut head, &enforce, &order).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("execution").unwrap().as_str(), "ordered");
    let paper = head.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    assert!(paper.contains("行政强制执行决定书") && paper.contains("申请行政复议"), "{paper}");
}

#[tokio::test]
async fn a_fine_that_the_organ_reduced_stays_reduced_and_may_be_contested_anew() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let mut reviewer = county.clerk("法审甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 11, 20).await;
    take(&mut head, &at("add_fine"), &[]).await;
    let change = [("f.correction_reasons", "数量认定有误。"), ("f.corrected_fine", "100")];
    take(&mut head, &at("self_change"), &change).await;
    // What was added to the fine as it was may be more than the fine as it is.
    let urge = [("f.urge_deadline", "2024-12-20"), ("f.urge_manner", "到指定的银行缴纳")];
    let why = refused(&mut clerk, &at("urge"), &urge).await;
    assert!(why.contains("超过了按每日百分之三算出的数额"), "{why}");
    take(&mut head, &at("add_fine"), &[]).await;
    take(&mut clerk, &at("urge"), &urge).await;
    let stands = state(&county, id_of(&case)).await;
    let paper = clerk.get(&format!("{case}/instruments/{}", stands.instruments.len())).await.text("main");
    assert!(paper.contains("变更后的罚款") && paper.contains("壹佰元"), "{paper}");
    // The correction decision opens remedies of its own; a suit that fails leaves the fine as it was changed.
    let remedy = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "复1号")];
    take(&mut reviewer, &at("note_reconsideration"), &remedy).await;
    take(&mut reviewer, &at("remedy_upheld"), &[("f.remedy_note", "维持。")]).await;
    let ledger = clerk.get(&case).await.text("#ledger");
    assert!(!ledger.contains("2000元×"), "{ledger}");
    let owed = fen(&stands, "open_total");
    assert!((10_001..=20_000).contains(&owed), "a hundred yuan and what was added to them: {owed}");
    let why = refused(&mut clerk, &at("perform"), &payment("100", "2024-11-20", "票一")).await;
    assert!(why.contains("加处的罚款还没有缴清"), "{why}");
    let all = format!("{}.{:02}", owed / 100, owed % 100);
    take(&mut clerk, &at("perform"), &payment(&all, "2024-11-20", "票一")).await;
}

/// What was not kept of one agreement says nothing of the next (行政强制法§42.2).
#[tokio::test]
async fn a_new_agreement_is_left_only_for_a_part_of_its_own() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut head = county.clerk("局长甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    urged(&county, &case).await;
    let agreement = |until: &'static str| {
        [("f.agreement", "分两期付清。"), ("f.agreed_until", until), ("f.reduced_additional", "0")]
    };
    let missed = |due: &'static str| [("f.resume_reasons", "第一期没有付。"), ("f.agreement_missed_on", due)];
    on(&county, 2025, 5, 21).await;
    take(&mut head, &at("agree_execution"), &agreement("2025-06-30")).await;
    on(&county, 2025, 6, 3).await;
    take(&mut head, &at("resume_execution"), &missed("2025-05-31")).await;
    take(&mut head, &at("agree_execution"), &agreement("2025-08-31")).await;
    on(&county, 2025, 7, 2).await;
    // The old part, one that is not over, and none at all.
    for due in ["2025-05-31", "2025-07-02", "2025-09-30"] {
        let why = refused(&mut head, &at("resume_execution"), &missed(due)).await;
        assert!(why.contains("不属于最近一次达成的执行协议"), "{due}: {why}");
    }
    let why = refused(&mut head, &at("resume_execution"), &missed("2025-05-31")[..1]).await;
    assert!(why.contains("不属于最近一次达成的执行协议"), "{why}");
    assert!(state(&county, id_of(&case)).await.clock("agreement").is_some_and(|run| run.stopped.is_none()));
    take(&mut head, &at("resume_execution"), &missed("2025-07-01")).await;
    let stands = state(&county, id_of(&case)).await;
    assert!(stands.clock("agreement").is_some_and(|run| run.stopped.is_some()));
}

/// What a decision of the organ's own takes away or replaces cannot be brought to the court in its old form.
#[tokio::test]
async fn the_months_for_the_court_end_when_the_organ_changes_or_revokes_its_decision() {
    for step in ["self_change", "self_revoke"] {
        let county = SmallCounty::new().await;
        let case = served(&county).await;
        let (mut head, mut clerk) = (county.clerk("局长甲").await, county.clerk("内勤甲").await);
        let at = |step: &str| format!("{case}/steps/{step}");
        on(&county, 2025, 4, 28).await;
        take(&mut clerk, &at("confirm_unremedied"), &[]).await;
        let stopped = async |clock: &str| {
            let stands = state(&county, id_of(&case)).await;
            stands.clock(clock).is_some_and(|run| run.stopped.is_some())
        };
        assert!(!stopped("court_window").await && !stopped("payment").await);
        let change = [("f.correction_reasons", "金额有误。"), ("f.corrected_fine", "1000")];
        let fields = if step == "self_change" { &change[..] } else { &change[..1] };
        take(&mut head, &at(step), fields).await;
        assert!(stopped("court_window").await, "{step}");
        assert_eq!(stopped("payment").await, step == "self_revoke");
        if step == "self_change" {
            // Anew, when the periods that began anew are over.
            let why = refused(&mut clerk, &at("confirm_unremedied"), &[]).await;
            assert!(why.contains("第五十三条"), "{why}");
            on(&county, 2025, 10, 30).await;
            take(&mut clerk, &at("confirm_unremedied"), &[]).await;
            assert!(!stopped("court_window").await);
        }
    }
}

/// A word less in the violation takes no case from the benchmark unseen: what is near is told, and going on is marked.
#[tokio::test]
async fn a_violation_written_near_an_entry_of_the_benchmark_is_told_and_marked() {
    let county = SmallCounty::new().await;
    let written = "经营标签不符合规定的农药";
    let source = SOURCE.map(|(name, value)| (name, if name == "f.violation" { written } else { value }));
    let (mut officer, mut head, case) = filed_on(&county, &source).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let near = "“经营包装、标签不符合规定的农药”";
    let form = officer.get(&at("investigate")).await.text("main");
    assert!(form.contains("文字相近的有") && form.contains(near), "{form}");
    submit(&county, &mut officer, &mut head, &case).await;
    assert!(head.get(&at("decide_penalty")).await.text("main").contains(near));
    let why = refused(&mut head, &at("decide_penalty"), &DECISION).await;
    assert!(why.contains("基准中有文字相近的一项"), "{why}");
    take(
        &mut head,
        &at("decide_penalty"),
        &[&DECISION[..], &[("reason", "标签为批发商所贴，不是同一行为。")]].concat(),
    )
    .await;
    let stands = state(&county, id_of(&case)).await;
    assert!(marked(&stands, "penalty_violation_near"));
    assert!(stands.text("violation_near").contains("经营包装、标签"));
}
