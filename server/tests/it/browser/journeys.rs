//! What people come for, on a telephone of 390 pixels, with JavaScript and without it: a question answered, a comment on a draft, a register of guides with
//! mistakes, a dispute that is signed for late, an export of the province taken over twice.

use fantoccini::Locator;

use super::driver::{Surfer, Window, World};
use super::work::{SUBMIT, open, take};
use crate::sheets::{exported, guides, workbook};

/// The village of the persona who mediates, as its committee is called.
async fn village(me: &mut Surfer) -> String {
    me.visit("/demo").await;
    let buttons = "[...document.querySelectorAll('button.persona')]";
    let script = format!(
        "return {buttons}.find(b => b.textContent.startsWith('村人民调解员')).querySelector('span').textContent"
    );
    let organ = me.ask(&script).await;
    let organ = organ.as_str().expect("the committee of a persona").to_owned();
    organ.split_once('镇').and_then(|(_, rest)| rest.split_once("人民调解")).expect("a village").0.to_owned()
}

async fn code(me: &mut Surfer) -> String {
    assert!(me.has("#code").await, "no receipt:\n{}", me.text().await);
    me.look("receipt").await;
    me.client.find(Locator::Id("code")).await.unwrap().text().await.unwrap()
}

async fn track(me: &mut Surfer, code: &str, words: &str) {
    me.visit("/track").await;
    me.fill("code", code).await;
    me.press("//main//form[@action='/track']//button").await;
    me.sees(words).await;
}

/// A question is asked, answered at the station, read by who asked; then published, and found by somebody else.
async fn question(world: &World, name: &'static str, script: bool) {
    let mut me = world.browser(name, Window::Phone, script).await;
    me.visit("/").await;
    me.visit("/ask").await;
    me.fill("town", "211224100").await;
    me.press("//main//form//button").await;
    me.fill("f.topic", "debt").await;
    me.fill("f.question", "亲戚借了钱，欠条丢了，还能要回来吗？").await;
    me.press("//main//form[@action='/ask']//button[contains(., '提交')]").await;
    let code = code(&mut me).await;
    track(&mut me, &code, "正在安排人答复").await;
    me.become_persona("司法所长").await;
    me.visit("/matters?procedure=legal_consultation&state=asked").await;
    let matter = me.client.find(Locator::Css("main a[href^='/matters/0']")).await.unwrap();
    let matter = matter.attr("href").await.unwrap().unwrap();
    take(&mut me, &matter, "assign", &[("f.helper_kind", "lawyer"), ("f.helper_name", "纪明")]).await;
    take(&mut me, &matter, "answer", &[("f.answer", "能要。转账记录、聊天记录也是证据，从约定还款之日起三年内起诉。")])
        .await;
    me.client.delete_all_cookies().await.unwrap();
    track(&mut me, &code, "转账记录").await;
    me.look("answered").await;
    // Reviewed by the bureau, published without who asked, and found by somebody else.
    me.become_persona("司法所长").await;
    let written = [
        ("f.public_question", "借给亲戚的钱，欠条丢了，还能要回来吗？"),
        ("f.public_answer", "能要。转账记录、聊天记录、证人都是证据，从约定还款之日起三年内起诉。"),
    ];
    take(&mut me, &matter, "propose", &written).await;
    me.become_persona("县司法局基层工作科员").await;
    take(&mut me, &matter, "approve", &[]).await;
    me.become_persona("司法所长").await;
    take(&mut me, &matter, "publish", &[]).await;
    me.client.delete_all_cookies().await.unwrap();
    me.visit("/").await;
    me.fill("q", "欠条丢了").await;
    me.press("//main//form[@action='/find']//button").await;
    me.press("//main//a[starts-with(@href,'/answers/')]").await;
    me.look("published").await;
    me.sees("证人都是证据").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_question_is_asked_and_its_answer_read() {
    let Some(world) = World::start("a_question_is_asked_and_its_answer_read") else { return };
    question(&world, "question-phone", true).await;
    question(&world, "question-no-script", false).await;
}

/// A draft that the demonstration has open is found, read and commented on; its drafter reads the comment.
async fn comment(world: &World, name: &'static str, script: bool) {
    let mut me = world.browser(name, Window::Phone, script).await;
    me.visit("/").await;
    me.press("//main//a[@href='/consultations']").await;
    me.look("drafts").await;
    me.press("//section[@aria-labelledby='open']//a").await;
    me.look("draft").await;
    me.press("//main//form//button[contains(., '提交意见')]").await;
    me.look("errors").await;
    assert!(me.has(".error-summary").await, "an empty comment says what is missing:\n{}", me.text().await);
    let words = format!("第四条的七天太长，{name}。");
    me.fill("f.comment", &words).await;
    me.fill("p.0.name", "齐望春").await;
    me.press("//main//form//button[contains(., '提交意见')]").await;
    let code = code(&mut me).await;
    track(&mut me, &code, "您的意见已经收到").await;
    me.become_persona("县农业农村局承办人").await;
    me.visit("/matters?procedure=public_consultation&state=open").await;
    me.press("//main//a[starts-with(@href,'/matters/0')]").await;
    me.press("//main//a[contains(@href,'/comments')]").await;
    me.look("comments").await;
    me.sees(&words).await;
    me.sees("齐某某").await;
    assert!(!me.text().await.contains("齐望春"), "masked:\n{}", me.text().await);
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_draft_is_commented_on() {
    let Some(world) = World::start("a_draft_is_commented_on") else { return };
    comment(&world, "comment-phone", true).await;
    comment(&world, "comment-no-script", false).await;
}

/// Twenty-five guides with three mistakes: named, put right, entered.
async fn register(world: &World, name: &'static str, script: bool) {
    let mut me = world.browser(name, Window::Phone, script).await;
    let village = village(&mut me).await;
    me.become_persona("司法所长").await;
    let mut rows = guides(25);
    for (n, row) in rows.iter_mut().enumerate().skip(1) {
        row[0] = format!("昌图镇{village}");
        row[1] = format!("{}{n}", if script { "有脚本" } else { "无脚本" });
    }
    let right = rows.clone();
    rows[3][5] = "1.39E+10".to_owned();
    rows[10][3] = "校长".to_owned();
    rows[20][1] = String::new();
    for (table, what) in [(&rows, "3 行有错误"), (&right, "新登记 25 件")] {
        me.visit("/sheets/village_legal_guide").await;
        let file = me.file(&format!("名册-{name}.xlsx"), &workbook(table));
        me.fill("file", &file).await;
        me.fill("no_secret", "1").await;
        me.press("//main//form[@action='/sheets/village_legal_guide']//p[contains(@class,'actions')]//button").await;
        me.sees(what).await;
        me.look("checked").await;
    }
    me.press("//main//form[@action='/sheets/village_legal_guide/import']//button").await;
    me.sees("登记的事项（25）").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_clerk_imports_guides_with_three_mistakes() {
    let Some(world) = World::start("a_clerk_imports_guides_with_three_mistakes") else { return };
    register(&world, "guides-phone", true).await;
    register(&world, "guides-no-script", false).await;
}

/// A justice office sends a dispute to a department, which signs for it late; then it is resolved.
async fn transfer(world: &World, name: &'static str, script: bool, days: (&str, &str)) {
    let mut me = world.browser(name, Window::Phone, script).await;
    me.become_persona("司法所长").await;
    let told = [
        ("f.source", "visit"),
        ("f.dispute_kind", "forest_land"),
        ("f.summary", "两家因承包地地界发生争执。"),
        ("party.0.name", "齐望春"),
        ("party.1.name", "佟守田"),
    ];
    let matter = open(&mut me, "joint_dispute", &told).await;
    let graded = [("f.risk", "medium"), ("f.risk_reason", "多次找过村里，没有过激言行。"), ("f.grade", "general")];
    take(&mut me, &matter, "assess", &graded).await;
    me.visit(&format!("{matter}/steps/transfer")).await;
    me.choose("f.lead_organ", "农业农村局").await;
    me.fill("f.transfer_note", "请核对承包地块。").await;
    me.press(SUBMIT).await;
    for day in [days.0, days.1] {
        me.visit("/demo/day").await;
        me.fill("day", day).await;
        me.press("//main//form[@action='/demo/day']//button").await;
    }
    me.become_persona("农业农村局联络员").await;
    take(&mut me, &matter, "sign_for", &[]).await;
    me.sees("瑕疵").await;
    // The department reports, the units and the parties sit down together, what they sign is judged to be resolved.
    let result = [("f.result", "settled"), ("f.result_note", "到现场核对了地块，双方认可。")];
    take(&mut me, &matter, "report_result", &result).await;
    me.become_persona("司法所长").await;
    let session = [
        ("f.joint_with", "department"),
        ("f.parties_came", "yes"),
        ("f.session_people", "两家的当事人、承办人"),
        ("f.session_record", "按测绘的结果重新立界，双方同意。"),
    ];
    me.visit(&format!("{matter}/steps/hold_session")).await;
    let offered =
        me.ask("return [...document.querySelectorAll(\"[name='f.session_organs'][type=checkbox]\")].length").await;
    assert!(offered.as_u64().is_some_and(|offered| (1..=2).contains(&offered)), "who takes part can come: {offered}");
    me.choose("f.session_organs", "农业农村局").await;
    for (name, value) in session {
        me.fill(name, value).await;
    }
    me.fill_the_rest().await;
    me.press(SUBMIT).await;
    assert_eq!(me.path().await, matter, "no session:\n{}", me.text().await);
    me.visit(&format!("{matter}/steps/resolve")).await;
    let paper = me.file("协议书.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n");
    me.choose("f.resolved_by", "农业农村局").await;
    for (name, value) in [
        ("f.resolution_way", "joint_mediation"),
        ("f.resolution_note", "按测绘的结果重新立界，双方签字。"),
        ("f.joint_with", "department"),
        ("f.parties_signed", "yes"),
        ("evidence.resolution_proof", paper.as_str()),
    ] {
        me.fill(name, value).await;
    }
    me.fill_the_rest().await;
    me.press(SUBMIT).await;
    assert_eq!(me.path().await, matter, "not resolved:\n{}", me.text().await);
    me.look("resolved").await;
    me.sees("已化解").await;
    me.sees("瑕疵").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_transfer_is_signed_for_late_and_resolved() {
    let Some(world) = World::start("a_transfer_is_signed_for_late_and_resolved") else { return };
    transfer(&world, "transfer-phone", true, ("2024-11-10", "2024-11-11")).await;
    transfer(&world, "transfer-no-script", false, ("2024-12-10", "2024-12-11")).await;
}

/// Two hundred mediations of a provincial system, then the same with fifteen changes: no second matter.
async fn province(world: &World, name: &'static str, script: bool) {
    let mut me = world.browser(name, Window::Phone, script).await;
    me.become_persona("村调委会主任").await;
    let system = format!("省平台{name}");
    for (changed, what) in [(false, "新登记 200 件"), (true, "更正 15 件")] {
        me.visit("/sheets/mediation").await;
        let file = me.file(&format!("导出-{name}-{changed}.csv"), &exported(changed));
        me.fill("file", &file).await;
        me.fill("no_secret", "1").await;
        me.fill("system", &system).await;
        me.press("//main//form[@action='/sheets/mediation']//p[contains(@class,'actions')]//button").await;
        if !changed {
            me.look("columns").await;
            for (field, column) in [
                ("m.f.dispute_kind", "纠纷类别"),
                ("m.f.source", "受理来源"),
                ("m.f.summary", "案情概述"),
                ("m.f.request", "诉求"),
                ("m.day", "登记时间"),
                ("m.party.0.name", "申请方"),
                ("m.party.0.phone", "申请方手机"),
                ("m.party.1.name", "被申请方"),
                ("key", "案件编号"),
            ] {
                me.choose(field, column).await;
            }
            me.press("//main//form[@action='/sheets/mediation']//p[contains(@class,'actions')]//button").await;
            me.choose("v.f.dispute_kind.1", "邻里").await;
            me.press("//main//form[@action='/sheets/mediation']//p[contains(@class,'actions')]//button").await;
        }
        me.sees(what).await;
        me.look("checked").await;
        me.press("//main//form[@action='/sheets/mediation/import']//button").await;
        me.sees("已导入").await;
    }
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn an_export_of_the_province_is_taken_over_twice() {
    let Some(world) = World::start("an_export_of_the_province_is_taken_over_twice") else { return };
    province(&world, "province-phone", true).await;
    province(&world, "province-no-script", false).await;
}

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// Goes on with the tab key until something is in focus, which has to be seen.
async fn tab_to(me: &Surfer, css: &str) {
    for _ in 0..90 {
        let body = me.client.find(Locator::Css("body")).await.unwrap();
        let here = me.client.active_element().await.unwrap_or(body);
        here.send_keys(TAB).await.unwrap();
        if me.ask(&format!("return document.activeElement.matches(\"{css}\")")).await == true {
            let seen = "const s = getComputedStyle(document.activeElement);
                        return s.outlineStyle !== 'none' || s.boxShadow !== 'none'";
            assert_eq!(me.ask(seen).await, true, "{css} has no mark of focus");
            return;
        }
    }
    panic!("the tab key never comes to {css}:\n{}", me.text().await);
}

async fn enter(me: &Surfer, then: &str) {
    me.client.active_element().await.unwrap().send_keys(ENTER).await.unwrap();
    me.waits_for(then).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_comment_is_made_with_the_keyboard_alone() {
    let Some(world) = World::start("a_comment_is_made_with_the_keyboard_alone") else { return };
    let mut me = world.browser("keyboard", Window::Desktop, true).await;
    me.visit("/").await;
    tab_to(&me, "main a[href='/consultations']").await;
    enter(&me, "#open").await;
    tab_to(&me, "section[aria-labelledby=open] a").await;
    enter(&me, "#say").await;
    tab_to(&me, "textarea[name='f.comment']").await;
    me.client.active_element().await.unwrap().send_keys("第四条的七天太长。").await.unwrap();
    tab_to(&me, "main form .btn-big").await;
    enter(&me, "#code").await;
    me.look("receipt").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn twice_as_large_keeps_everything() {
    let Some(world) = World::start("twice_as_large_keeps_everything") else { return };
    let mut me = world.browser("large", Window::Desktop, true).await;
    // A window of 1280 at 200 % has 640 of its pixels; look() finds what is wider.
    me.client.set_window_size(640, 900).await.unwrap();
    for path in [
        "/",
        "/consultations",
        "/disputes/new?town=211224100",
        "/legal-aid/new?town=211224100",
        "/find?q=欠薪",
        "/track",
    ] {
        me.visit(path).await;
    }
    me.become_persona("司法所长").await;
    for path in ["/desk", "/matters", "/joint", "/sheets"] {
        me.visit(path).await;
    }
    me.close().await;
}
