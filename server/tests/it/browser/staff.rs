//! Staff at work: a mediation from registration to the printed agreement; a drafter who may not review their own document;
//! the tour of the demonstration; what a form answers to bad input.

use super::driver::{Surfer, Window, World};
use super::work::{is_refused, open, said, take};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_mediation_to_its_printed_agreement() {
    let Some(world) = World::start("a_mediation_to_its_printed_agreement") else { return };
    let mut me = world.browser("mediation", Window::Phone, true).await;
    me.become_persona("村人民调解员").await;
    let matter = open(&mut me, "mediation", &[]).await;
    take(&mut me, &matter, "accept", &[]).await;
    take(&mut me, &matter, "inform", &[]).await;
    take(&mut me, &matter, "mediate", &[]).await;
    take(&mut me, &matter, "draw_up", &[("f.amount_agreed", "3000")]).await;
    me.press("(//a[contains(@href,'/instruments/')])[last()]").await;
    me.look("agreement").await;
    me.sees("调解协议书").await;
    let pages = me.client.print(Default::default()).await.unwrap();
    assert!(pages.starts_with(b"%PDF"), "it prints");
    take(&mut me, &matter, "agree_written", &[("f.performed_at_once", "yes")]).await;
    me.close().await;
}

/// Writes on the pad as a finger does, each in their own hand, and keeps it.
async fn sign(me: &mut Surfer, who: &str, hand: u32) {
    let choose = format!(
        "const who = document.querySelector('#pad-who');
         who.value = [...who.options].find(o => o.textContent.split(' ')[0].replace(/[0-9]+$/, '') === '{who}').value"
    );
    me.ask(&choose).await;
    let draw = format!(
        "const sheet = document.querySelector('canvas.pad-sheet');
        sheet.scrollIntoView();
        const box = sheet.getBoundingClientRect();
        const at = (name, x, y) => sheet.dispatchEvent(new PointerEvent(name,
          {{pointerId: 1, bubbles: true, cancelable: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height}}));
        at('pointerdown', 0.2, 0.3);
        for (let n = 0; n < 30; n++) at('pointermove', 0.2 + n / 60, 0.5 + 0.3 * Math.sin(n / {hand}));
        at('pointerup', 0.7, 0.5);"
    );
    me.ask(&draw).await;
    me.ask("document.querySelector('[data-pad-keep]').click()").await;
}

/// Registered by a citizen, agreed, the terms signed on paper, the agreement on the screen; the receipt's code leads to the outcome.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_dispute_is_registered_signed_on_the_screen_and_followed() {
    let Some(world) = World::start("a_dispute_is_registered_signed_on_the_screen_and_followed") else { return };
    let mut me = world.browser("signing", Window::Phone, true).await;
    let code = super::citizen::register_in(&mut me, "村人民调解员").await;
    me.become_persona("村人民调解员").await;
    me.visit("/desk").await;
    me.press("(//main//a[starts-with(@href,'/matters/0')][contains(., '齐')])[1]").await;
    let matter = me.path().await;
    take(&mut me, &matter, "accept", &[]).await;
    take(&mut me, &matter, "inform", &[]).await;
    take(&mut me, &matter, "mediate", &[]).await;
    take(&mut me, &matter, "draw_up", &[("f.amount_agreed", "3000")]).await;
    take(&mut me, &matter, "offer_screen", &[("f.personal_status", "no")]).await;
    let terms = me.file("约定书.pdf", b"%PDF-1.7\n% terms, signed\n");
    take(&mut me, &matter, "agree_screen", &[("f.screen_agreed", "yes"), ("evidence.screen_consent", &terms)]).await;
    me.visit(&format!("{matter}/steps/agree_written")).await;
    for (who, n) in [("申请人", 1), ("被申请人", 2)] {
        sign(&mut me, who, n + 1).await;
        me.waits_for(&format!("[data-pad-list] li:nth-child({n})")).await;
    }
    me.sees("还有 1 人没有签：调解员").await;
    me.fill("f.performed_at_once", "yes").await;
    me.fill_the_rest().await;
    me.press(super::work::SUBMIT).await;
    // Refused; what came with it counts, and who is missing is named.
    me.sees("还有 1 人没有签：调解员").await;
    me.look("unsigned").await;
    sign(&mut me, "调解员", 4).await;
    me.waits_for("[data-pad-list] li:nth-child(1)").await;
    me.sees("都签了").await;
    me.look("signed").await;
    me.press(super::work::SUBMIT).await;
    assert_eq!(me.path().await, matter, "{}", me.text().await);
    me.look("agreed").await;
    me.sees("已达成协议").await;
    me.client.delete_all_cookies().await.unwrap();
    me.visit("/track").await;
    me.fill("code", &code).await;
    me.press("//main//form[@action='/track']//button").await;
    me.sees("各方已达成调解协议").await;
    me.look("track-agreed").await;
    me.close().await;
}

/// Opens a stop of the demonstration's tour.
async fn open_stop(me: &mut Surfer, say: &str) {
    me.client.delete_all_cookies().await.unwrap();
    me.visit("/demo").await;
    me.press(&format!("//ol[@class='tour']/li[contains(., '{say}')]//*[contains(@class,'btn')]")).await;
    me.look("stop").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_drafter_may_not_review_their_own_document() {
    let Some(world) = World::start("a_drafter_may_not_review_their_own_document") else { return };
    let mut me = world.browser("own-document", Window::Desktop, true).await;
    open_stop(&mut me, "自己起草的文件").await;
    let step = me.path().await;
    let matter = step.strip_suffix("/steps/conclude").unwrap().to_owned();
    assert!(said(&me).await.contains("第二十五条"), "said before anything is typed: {}", said(&me).await);
    let opinion = [("f.overall", "lawful"), ("f.hard_case", "no")];
    is_refused(&mut me, &matter, "conclude", &opinion, "《重大行政决策程序暂行条例》第二十五条").await;
    me.visit(&matter).await;
    assert!(!me.has(".timeline .late-entry").await, "a refusal leaves nothing behind");
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn the_tour_leads_where_it_says() {
    let Some(world) = World::start("the_tour_leads_where_it_says") else { return };
    let mut me = world.browser("tour", Window::Phone, true).await;
    for (say, sees) in [
        ("证件过期了", "第四十二条"),
        ("还没有告知当事人", "第六十二条"),
        ("把罚款改得比告知书上写的多", "作出行政处罚决定"),
        ("事后补录", "第六十条"),
        ("查看当事人的姓名", "查看完整信息"),
        ("看全县哪些事项已经逾期", "逾期"),
        ("登记一件邻里纠纷", "哪个镇"),
    ] {
        open_stop(&mut me, say).await;
        me.sees(sees).await;
    }
    open_stop(&mut me, "把罚款改得比告知书上写的多").await;
    let matter = me.path().await.strip_suffix("/steps/decide_penalty").unwrap().to_owned();
    let heavier = [("f.kinds", "fine"), ("f.fine", "9000000"), ("f.correction", "at_once")];
    is_refused(&mut me, &matter, "decide_penalty", &heavier, "《行政处罚法》第四十五条").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn bad_input_is_answered_at_the_field_and_nothing_typed_is_lost() {
    let Some(world) = World::start("bad_input") else { return };
    let mut me = world.browser("bad-input", Window::Phone, true).await;
    let kept = |name: &str| format!("return document.querySelector(\"[name='{name}']\").value");
    me.visit("/login").await;
    me.fill("login", "li.mingche").await;
    me.fill("password", "不对的口令不对的口令").await;
    me.press("//main//form[@action='/login']//button").await;
    me.look("login-wrong").await;
    assert_eq!(me.ask(&kept("login")).await, "li.mingche");
    me.visit("/demo/day").await;
    me.fill("day", "2024-01-01").await;
    me.press("//main//form[@action='/demo/day']//button").await;
    me.look("day-wrong").await;
    assert!(me.has("#day-e").await, "{}", me.text().await);
    me.become_persona("村人民调解员").await;
    me.visit("/matters/new/mediation").await;
    me.fill("f.summary", "两家因为排水沟争吵。").await;
    me.fill("party.0.phone", "电话不清楚").await;
    me.press("//main//form//p[contains(@class,'actions')]/button[@class='btn']").await;
    me.look("step-wrong").await;
    assert!(me.has(".error-summary").await && me.has("#party-0-phone-e").await, "{}", me.text().await);
    assert_eq!(me.ask(&kept("f.summary")).await, "两家因为排水沟争吵。");
    assert_eq!(me.ask(&kept("party.0.phone")).await, "电话不清楚");
    for nowhere in ["/matters/01hzzzzzzzzzzzzzzzzzzzzzzz", "/matters/x", "/没有这一页", "/figures/S99"] {
        me.visit(nowhere).await;
        me.sees("没有找到这个页面").await;
    }
    me.become_persona("系统管理员").await;
    me.visit("/admin/people/new").await;
    me.press("//main//form[contains(@class,'form')]//p[contains(@class,'actions')]/button[@class='btn']").await;
    me.look("person-wrong").await;
    assert!(me.has(".error-summary").await, "{}", me.text().await);
    me.close().await;
}
