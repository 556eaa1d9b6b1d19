//! A penalty from filing to publication by two officers, a reviewer and the organ's head; what the law refuses on the way;
//! and a decision that was taken on paper on the ninety-first day.

use super::driver::{Surfer, Window, World};
use super::work::{SUBMIT, is_refused, open, take, take_at, take_with_reason};

const OFFICER: &str = "农业执法人员甲";
const HEAD: &str = "农业农村局局长";
const REVIEWER: &str = "农业农村局法制审核员";
const CLERK: &str = "农业农村局执法内勤";

const LEAD: [(&str, &str); 6] = [
    ("f.domain", "agriculture"),
    ("f.violation", "不执行农药销售台账制度"),
    ("f.source_note", "日常检查发现没有建立农药销售台账。"),
    ("f.discovered_on", "2024-10-24"),
    ("party.0.kind", "natural"),
    ("party.0.name", "欧阳望春"),
];

/// A violation for which the organ has a benchmark: 5,000 to 16,250 yuan in the lighter degree.
const BENCHMARKED: &str = "经营包装、标签不符合规定的农药";

/// What a legal review goes through.
const ALL_POINTS: [(&str, &str); 8] = [
    ("f.points", "authority"),
    ("f.points", "officers"),
    ("f.points", "facts"),
    ("f.points", "basis"),
    ("f.points", "discretion"),
    ("f.points", "procedure"),
    ("f.points", "documents"),
    ("f.points", "crime"),
];

/// Registered by an officer, approved by the head; returns the case.
async fn filed(me: &mut Surfer) -> String {
    me.become_persona(OFFICER).await;
    let matter = open(me, "penalty", &LEAD).await;
    me.become_persona(HEAD).await;
    take(me, &matter, "file", &[]).await;
    matter
}

/// Investigated by two officers up to the report.
async fn investigated(me: &mut Surfer, matter: &str, grounds: &str) {
    me.become_persona(OFFICER).await;
    take(me, matter, "investigate", &[("f.investigation", "site_inspection")]).await;
    let report =
        [("f.capacity", "full"), ("f.gravity", "ordinary"), ("f.review_grounds", grounds), ("f.same_act_fined", "no")];
    take(me, matter, "end_investigation", &report).await;
}

/// Notified, heard and submitted for decision.
async fn heard(me: &mut Surfer, matter: &str) {
    me.become_persona(HEAD).await;
    let notice = [("f.notified_kinds", "fine"), ("f.notified_fine", "2000"), ("f.hearing_other", "no")];
    take(me, matter, "notify", &notice).await;
    me.become_persona(OFFICER).await;
    take(me, matter, "serve_notice", &[("f.notice_delivery", "direct")]).await;
    take(me, matter, "waive_defence", &[]).await;
    if me.has("a[href$='/steps/waive_hearing']").await {
        take(me, matter, "waive_hearing", &[]).await;
    }
    take(me, matter, "submit", &[]).await;
}

const DECISION: [(&str, &str); 3] = [("f.kinds", "fine"), ("f.fine", "2000"), ("f.correction", "at_once")];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_penalty_from_filing_to_publication() {
    let Some(world) = World::start("a_penalty_from_filing_to_publication") else { return };
    let mut me = world.browser("penalty", Window::Desktop, true).await;
    let matter = filed(&mut me).await;
    me.become_persona("农业执法人员（证件过期）").await;
    is_refused(&mut me, &matter, "investigate", &[], "《行政处罚法》第四十二条").await;
    investigated(&mut me, &matter, "complex").await;
    me.become_persona(HEAD).await;
    me.visit(&matter).await;
    assert!(!me.has(".next a[href$='/steps/decide_penalty']").await, "no decision is offered before notice");
    is_refused(&mut me, &matter, "decide_penalty", &DECISION, "《行政处罚法》第六十二条").await;
    heard(&mut me, &matter).await;
    me.become_persona(HEAD).await;
    // §58: the case is complex, so the head cannot pass the review over.
    is_refused(&mut me, &matter, "decide_penalty", &DECISION, "《行政处罚法》第五十八条").await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "send_review", &[]).await;
    me.become_persona(REVIEWER).await;
    me.visit(&matter).await;
    me.press("//section[@aria-labelledby='lk']//a[contains(@href,'/matters/')]").await;
    let review = me.path().await;
    take(&mut me, &review, "accept", &[]).await;
    take(&mut me, &review, "agree", &ALL_POINTS).await;
    me.become_persona(HEAD).await;
    take_with_reason(&mut me, &matter, "decide_penalty", &DECISION, "台账制度是另一种要求，基准没有列。").await;
    let code = printed_code(&mut me, &matter).await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "serve", &[("f.delivery", "direct")]).await;
    me.become_persona(REVIEWER).await;
    let summary = [("f.public_summary", "不执行农药销售台账制度。"), ("f.publish_until", "2025-10-26")];
    take(&mut me, &matter, "approve_disclosure", &summary).await;
    me.become_persona(CLERK).await;
    take(&mut me, &matter, "publish", &[("f.channel", "government_site")]).await;
    me.close().await;
    is_public(&world).await;
    is_verifiable(&world, &code).await;
}

/// The code at the foot of the decision.
async fn printed_code(me: &mut Surfer, matter: &str) -> String {
    me.visit(matter).await;
    me.press("//section[@aria-labelledby='in']//a[contains(., '行政处罚决定书')]").await;
    me.look("decision-with-code").await;
    assert!(me.has(".ins-code svg path").await, "a QR code stands beside it");
    me.ask("return document.querySelector('.ins-code-n').textContent").await.as_str().unwrap().to_owned()
}

/// Whoever holds the paper scans it, reads what is proven, takes the receipt away and checks it without us; the party reads more.
async fn is_verifiable(world: &World, code: &str) {
    let mut anybody = world.browser("verify", Window::Phone, true).await;
    anybody.visit("/verify").await;
    anybody.fill("code", "0000-0000-0000-0001").await;
    anybody.press("//main//form[@action='/verify']//button").await;
    anybody.sees("没有查到这个核验码").await;
    anybody.look("verify-wrong").await;
    anybody.visit(&format!("/verify/{}", code.replace('-', ""))).await;
    anybody.sees("记录没有被改动").await;
    anybody.sees("没有证明什么").await;
    anybody.look("verify").await;
    assert!(!anybody.text().await.contains("欧阳望春"), "a stranger does not learn who it is");
    let read = "const href = document.querySelector('a[download]').href; const x = new XMLHttpRequest(); x.open('GET', href, false); x.send(); return x.responseText";
    let receipt = anybody.ask(read).await;
    let file = anybody.file("凭证.txt", receipt.as_str().unwrap().as_bytes());
    let key = anybody.ask("return document.querySelector('details dd.digest').textContent").await;
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
        .args(["record", "check-proof", &file, "--key", key.as_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("凭证成立"), "{said}");
    assert!(!said.contains("欧阳望春"), "{said}");
    anybody.close().await;
}

/// Anybody finds it, and nobody learns who the person is.
async fn is_public(world: &World) {
    let mut anybody = world.browser("penalty-public", Window::Phone, true).await;
    anybody.visit("/penalties").await;
    anybody.press("(//main//table//a[contains(., '不执行农药销售台账制度')])[1]").await;
    anybody.look("publication").await;
    anybody.sees("2000元").await;
    anybody.sees("欧").await;
    assert!(!anybody.text().await.contains("欧阳望春"), "the name is masked");
    anybody.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_paper_decision_of_the_ninety_first_day_is_recorded_and_flagged() {
    let Some(world) = World::start("a_paper_decision_of_the_ninety_first_day") else { return };
    let mut me = world.browser("day-91", Window::Desktop, true).await;
    let matter = filed(&mut me).await;
    investigated(&mut me, &matter, "none_apply").await;
    heard(&mut me, &matter).await;
    // Filed on 26 October: the ninety days of §60 end on 24 January.
    goes_on_to(&mut me, "2025-01-27").await;
    me.become_persona(CLERK).await;
    let signed = me.file("处罚决定签批单.pdf", b"%PDF-1.4\n% signed on paper\n");
    me.visit(&format!("{matter}/steps/decide_penalty?manner=late")).await;
    let head = me.ask("return document.querySelector(\"[name='decided_by'] optgroup option\").value").await;
    let mut paper = vec![
        ("decided_by", head.as_str().unwrap()),
        ("day", "2025-01-25"),
        ("number", "昌农罚决字〔2025〕1号"),
        ("original", signed.as_str()),
        ("reason", "签批时网络中断，纸质签批后补录。"),
    ];
    paper.extend(DECISION);
    take_at(&mut me, &matter, "decide_penalty", "?manner=late", &paper).await;
    assert!(me.has(".timeline .late-entry").await, "marked as entered afterwards");
    me.sees("补录").await;
    me.sees("瑕疵").await;
    me.sees("《行政处罚法》第六十条").await;
    me.sees("昌农罚决字〔2025〕1号").await;
    me.close().await;
}

/// The day of the demonstration goes on.
async fn goes_on_to(me: &mut Surfer, day: &str) {
    me.visit("/demo/day").await;
    me.fill("day", day).await;
    me.press("//main//form[@action='/demo/day']//button").await;
}

/// The matter that the case led to.
async fn linked(me: &mut Surfer, matter: &str, words: &str) -> String {
    me.visit(matter).await;
    me.press(&format!("//section[@aria-labelledby='lk']//li[contains(., '{words}')]//a[contains(@href,'/matters/')]"))
        .await;
    me.path().await
}

/// Asked for, appointed, announced and held by somebody who did not investigate.
async fn hearing_held(me: &mut Surfer, matter: &str) {
    me.become_persona(OFFICER).await;
    take(me, matter, "request_hearing", &[]).await;
    let hearing = linked(me, matter, "听证").await;
    me.become_persona(HEAD).await;
    let reviewer = me.name_of(REVIEWER).await;
    me.visit(&format!("{hearing}/steps/appoint")).await;
    me.choose("assignee", &reviewer).await;
    me.fill_the_rest().await;
    me.press(SUBMIT).await;
    me.become_persona(REVIEWER).await;
    take(me, &hearing, "fix_date", &[("f.hearing_on", "2024-11-12")]).await;
    take(me, &hearing, "notice", &[]).await;
    goes_on_to(me, "2024-11-12").await;
    take(me, &hearing, "hold", &[]).await;
    take(me, &hearing, "report", &[]).await;
}

/// Sent for review, returned once for missing material, supplemented and passed.
async fn reviewed(me: &mut Surfer, matter: &str) {
    me.become_persona(OFFICER).await;
    take(me, matter, "send_review", &[]).await;
    me.become_persona(REVIEWER).await;
    let review = linked(me, matter, "法制审核").await;
    take(me, &review, "accept", &[]).await;
    take(me, &review, "return_material", &[("f.missing_material", "缺少送达地址确认书。")]).await;
    me.become_persona(OFFICER).await;
    take(me, &review, "supplement", &[("f.supplement_note", "已补充送达地址确认书。")]).await;
    me.become_persona(REVIEWER).await;
    take(me, &review, "agree", &ALL_POINTS).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_heard_case_outside_the_benchmark_is_reversed_and_leaves_the_public() {
    let Some(world) = World::start("a_heard_case_is_reversed") else { return };
    let mut me = world.browser("penalty-reversed", Window::Phone, true).await;
    me.become_persona(OFFICER).await;
    let mut lead = LEAD.to_vec();
    lead.iter_mut().filter(|(name, _)| *name == "f.violation").for_each(|(_, value)| *value = BENCHMARKED);
    let matter = open(&mut me, "penalty", &lead).await;
    me.become_persona(HEAD).await;
    take(&mut me, &matter, "file", &[]).await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "investigate", &[("f.investigation", "site_inspection")]).await;
    let report = [
        ("f.capacity", "full"),
        ("f.discretion", "lighter"),
        ("f.gravity", "complex"),
        ("f.review_grounds", "complex"),
        ("f.same_act_fined", "no"),
    ];
    take(&mut me, &matter, "end_investigation", &report).await;
    me.become_persona(HEAD).await;
    let notice = [("f.notified_kinds", "fine"), ("f.notified_fine", "30000"), ("f.hearing_other", "yes")];
    is_refused(&mut me, &matter, "notify", &notice, "《行政处罚法》第三十四条").await;
    let reasons = [("f.notice_deviation_reason", "数量大，基准档次明显过轻。")];
    take(&mut me, &matter, "notify", &[&notice[..], &reasons].concat()).await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "serve_notice", &[("f.notice_delivery", "direct")]).await;
    take(&mut me, &matter, "waive_defence", &[]).await;
    hearing_held(&mut me, &matter).await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "submit", &[]).await;
    reviewed(&mut me, &matter).await;
    me.become_persona(HEAD).await;
    take(&mut me, &matter, "deliberate", &[]).await;
    let heavy = [("f.kinds", "fine"), ("f.fine", "30000"), ("f.correction", "at_once")];
    is_refused(&mut me, &matter, "decide_penalty", &heavy, "《行政处罚法》第三十四条").await;
    let mut reasoned = heavy.to_vec();
    reasoned.push(("f.deviation_reason", "数量大，集体讨论认为基准档次明显过轻。"));
    take(&mut me, &matter, "decide_penalty", &reasoned).await;
    me.become_persona(OFFICER).await;
    take(&mut me, &matter, "serve", &[("f.delivery", "direct")]).await;
    me.become_persona(REVIEWER).await;
    let summary = [("f.public_summary", BENCHMARKED), ("f.publish_until", "2025-10-26")];
    take(&mut me, &matter, "approve_disclosure", &summary).await;
    me.become_persona(CLERK).await;
    take(&mut me, &matter, "publish", &[("f.channel", "government_site")]).await;
    take(&mut me, &matter, "note_reconsideration", &[]).await;
    take(&mut me, &matter, "remedy_revoked", &[("f.revocation_result", "revoked")]).await;
    me.become_persona(HEAD).await;
    is_refused(&mut me, &matter, "close_revoked", &[], "《行政处罚法》第四十八条").await;
    me.become_persona(CLERK).await;
    take(&mut me, &matter, "withdraw_publication", &[]).await;
    me.become_persona(HEAD).await;
    take(&mut me, &matter, "close_revoked", &[]).await;
    me.client.delete_all_cookies().await.unwrap();
    me.visit("/penalties").await;
    me.look("after-withdrawal").await;
    assert!(!me.text().await.contains("30000元"), "what was reversed is public no more:\n{}", me.text().await);
    me.close().await;
}
