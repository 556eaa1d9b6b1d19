//! One case on a telephone: drawn by lot, entered by code, photographed, decided, published, paid, reported to the credit platform and
//! archived, without anything being typed twice.

use fantoccini::Locator;

use super::driver::{Surfer, Window, World};
use super::work::{SUBMIT, open, submit_step, take, take_with_reason};

const FIRST: &str = "农业执法人员甲";
const SECOND: &str = "农业执法人员乙";
const HEAD: &str = "农业农村局局长";
const REVIEWER: &str = "农业农村局法制审核员";
const CLERK: &str = "农业农村局执法内勤";
const VIOLATION: &str = "未建立兽药经营购销记录";

const PLAN: [(&str, &str); 10] = [
    ("f.year", "2024"),
    ("f.plan_title", "2024年第四季度农资双随机抽查"),
    ("f.domain", "agriculture"),
    ("f.plan_kind", "random"),
    ("f.items", "licence"),
    ("f.items", "ledger"),
    ("f.scope", "在库农资经营者"),
    ("f.proportion", "50"),
    ("f.object_cap", "9"),
    ("f.carry_out_by", "2024-12-31"),
];

/// Text of one line of a matter's page.
async fn line(me: &Surfer, title: &str) -> String {
    let script = "const dt = [...document.querySelectorAll('main dt')].find(dt => dt.textContent.trim() === '";
    let said = me.ask(&format!("{script}{title}'); return dt.nextElementSibling.textContent.trim()")).await;
    said.as_str().unwrap_or_else(|| panic!("no line {title}")).to_owned()
}

/// Planned, approved, published and drawn; an inspection that the lot gave to one of the two who can sign in here, and to whom.
async fn drawn(me: &mut Surfer) -> (String, &'static str) {
    let names = [(FIRST, me.name_of(FIRST).await), (SECOND, me.name_of(SECOND).await)];
    me.become_persona(CLERK).await;
    let plan = open(me, "inspection_plan", &PLAN).await;
    me.become_persona(HEAD).await;
    take(me, &plan, "approve", &[]).await;
    me.become_persona(CLERK).await;
    take(me, &plan, "publish", &[("f.channel", "government_site")]).await;
    take(me, &plan, "draw", &[("f.wanted", "6")]).await;
    me.visit("/inspections").await;
    me.press("//main//tr[contains(., '第四季度')]//a[contains(@href,'/inspections/draws/')]").await;
    me.sees("重算一致").await;
    me.look("draw").await;
    for (title, name) in names {
        let row = format!("//main//tr[contains(td[@data-th='检查人员'], '{name}')]//td[@data-th='检查任务']//a");
        if !me.client.find_all(Locator::XPath(&row)).await.unwrap().is_empty() {
            me.press(&row).await;
            return (me.path().await, title);
        }
    }
    panic!("of six pairs one has somebody who can sign in:\n{}", me.text().await);
}

/// At the door and inside: two who were drawn, the code of the licence, a photograph; the finding becomes a case.
async fn inspected(me: &mut Surfer, inspection: &str, title: &str) -> String {
    let lead = me.name_of(title).await;
    me.become_persona(HEAD).await;
    me.visit(inspection).await;
    let (drawn, code) = (line(me, "抽中的检查人员").await, line(me, "对象的统一社会信用代码").await);
    let other = drawn.split('、').find(|name| *name != lead).expect("two are drawn");
    me.visit(&format!("{inspection}/steps/approve")).await;
    me.choose("assignee", &lead).await;
    me.fill_the_rest().await;
    me.press(SUBMIT).await;
    me.become_persona(title).await;
    for (step, fields) in [
        ("enter", vec![("f.certificates_shown", "yes"), ("f.entry_code", code.as_str())]),
        (
            "record_site",
            vec![
                ("f.site_record", "查看进货台账和货架。"),
                ("f.found", "yes"),
                ("f.problem_items", "ledger"),
                ("f.problem_note", "没有兽药购销记录。"),
            ],
        ),
    ] {
        me.visit(&format!("{inspection}/steps/{step}")).await;
        for (name, value) in fields {
            me.fill(name, value).await;
        }
        me.choose("officer", other).await;
        if step == "record_site" {
            let photograph = me.file("现场照片.pdf", b"%PDF-1.7\n% a photograph\n");
            me.fill("evidence.physical", &photograph).await;
        }
        me.press(SUBMIT).await;
        assert_eq!(me.path().await, inspection, "{step}:\n{}", me.text().await);
        me.look(step).await;
    }
    // One goes on in the case that this step opens.
    let to_case = [("f.violation", VIOLATION), ("f.power_basis", "statutory")];
    submit_step(me, &format!("{inspection}/steps/to_case"), &to_case).await;
    me.sees("没有兽药购销记录").await;
    let case = me.path().await;
    assert_ne!(case, inspection);
    me.look("to_case").await;
    case
}

/// Filed, investigated, notified, decided, served, published, paid, closed and archived.
async fn carried_through(me: &mut Surfer, case: &str, officer: &str) {
    me.become_persona(HEAD).await;
    take(me, case, "file", &[]).await;
    me.become_persona(officer).await;
    take(me, case, "investigate", &[("f.investigation", "site_inspection")]).await;
    let report = [("f.gravity", "ordinary"), ("f.review_grounds", "none_apply"), ("f.same_act_fined", "no")];
    take(me, case, "end_investigation", &report).await;
    me.become_persona(HEAD).await;
    let notice = [("f.notified_kinds", "fine"), ("f.notified_fine", "1000"), ("f.hearing_other", "no")];
    take(me, case, "notify", &notice).await;
    me.become_persona(officer).await;
    take(me, case, "serve_notice", &[("f.notice_delivery", "direct")]).await;
    take(me, case, "waive_defence", &[]).await;
    take(me, case, "submit", &[]).await;
    me.become_persona(HEAD).await;
    // No power of the demonstration is about this violation: each has a benchmark of its own.
    let decision = [("f.kinds", "fine"), ("f.fine", "1000"), ("f.correction", "at_once")];
    take_with_reason(me, case, "decide_penalty", &decision, "购销记录是另一种要求，基准没有列。").await;
    me.become_persona(officer).await;
    take(me, case, "serve", &[("f.delivery", "direct")]).await;
    me.become_persona(REVIEWER).await;
    let summary = [("f.public_summary", "未建立兽药经营购销记录。"), ("f.publish_until", "2025-10-26")];
    take(me, case, "approve_disclosure", &summary).await;
    me.become_persona(CLERK).await;
    take(me, case, "publish", &[("f.channel", "government_site")]).await;
    let paid = [
        ("f.paid_amount", "1000"),
        ("f.paid_on", "2024-10-26"),
        ("f.payment_channel", "bank"),
        ("f.receipt_number", "LN20241026001"),
    ];
    take(me, case, "perform", &paid).await;
    me.become_persona(HEAD).await;
    take(me, case, "close_penalty", &[]).await;
    me.become_persona(CLERK).await;
    take(me, case, "archive", &[]).await;
    me.sees("已归档").await;
}

/// Sent as a batch and taken: the proof of coverage no longer misses it.
async fn reported(me: &mut Surfer, number: &str) {
    me.visit("/credit/queue").await;
    me.sees(number).await;
    me.press("//main//form[@action='/credit/batches']//button").await;
    me.look("batch").await;
    me.sees(number).await;
    let receipt = me.file("回执.csv", format!("决定文书号,结果,回执号\n{number},成功,LN0001\n").as_bytes());
    me.fill("file", &receipt).await;
    me.press("//main//form[contains(@action,'/receipt')]//button").await;
    me.sees("入库成功 1 条").await;
    me.look("receipt").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn one_case_on_a_telephone_from_the_lot_to_the_credit_report() {
    let Some(world) = World::start("one_case_on_a_telephone") else { return };
    let mut me = world.browser("inspection", Window::Phone, true).await;
    let (inspection, officer) = drawn(&mut me).await;
    let case = inspected(&mut me, &inspection, officer).await;
    carried_through(&mut me, &case, officer).await;
    let page = me.text().await;
    let rest =
        page.split("昌农罚决字").nth(1).and_then(|rest| rest.split('号').next()).expect("the decision has a number");
    reported(&mut me, &format!("昌农罚决字{rest}号")).await;
    me.close().await;
}
