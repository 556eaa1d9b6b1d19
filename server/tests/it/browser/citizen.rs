//! 群众: a dispute is registered on a telephone and tracked by its code.

use fantoccini::Locator;

use super::driver::{Surfer, Window, World};

/// Registers a dispute and returns the query code.
async fn register(me: &mut Surfer) -> String {
    me.visit("/").await;
    me.visit("/disputes/new").await;
    me.fill("town", "211224100").await;
    me.press("//main//form//button").await;
    me.look("disputes-form").await;
    me.press("//main//form[@action='/disputes/new']//button[contains(., '提交')]").await;
    me.look("disputes-errors").await;
    assert!(me.has(".error-summary").await, "an empty form says what is missing:\n{}", me.text().await);
    for (name, value) in TYPED {
        me.fill(name, value).await;
    }
    me.press("//main//form[@action='/disputes/new']//button[contains(., '提交')]").await;
    assert!(me.has("#code").await, "no receipt:\n{}", me.text().await);
    me.look("receipt").await;
    me.client.find(Locator::Id("code")).await.unwrap().text().await.unwrap()
}

/// Registers a dispute in the village of a persona, who will mediate it; the query code.
pub async fn register_in(me: &mut Surfer, persona: &str) -> String {
    me.visit("/demo").await;
    let buttons = "[...document.querySelectorAll('button.persona')]";
    let organ =
        format!("return {buttons}.find(b => b.textContent.startsWith('{persona}')).querySelector('span').textContent");
    let organ = me.ask(&organ).await;
    let village = organ.as_str().and_then(|organ| organ.split_once('镇')?.1.split_once("人民调解"));
    let village = village.expect("the committee of a village").0;
    me.visit("/disputes/new?town=211224100").await;
    me.choose("village", village).await;
    for (name, value) in TYPED {
        me.fill(name, value).await;
    }
    me.press("//main//form[@action='/disputes/new']//button[contains(., '提交')]").await;
    me.sees("登记好了").await;
    me.client.find(Locator::Id("code")).await.unwrap().text().await.unwrap()
}

/// What a citizen types.
const TYPED: [(&str, &str); 5] = [
    ("f.dispute_kind", "neighbour"),
    ("f.summary", "邻居翻修院墙，占了两家中间的走道，说了几次都没有结果。"),
    ("p.0.name", "齐望春"),
    ("p.0.phone", "13800000001"),
    ("p.1.name", "佟守田"),
];

async fn track(me: &mut Surfer, code: &str) {
    me.visit("/track").await;
    me.fill("code", "0000-0000-0000").await;
    me.press("//main//form[@action='/track']//button").await;
    me.sees("没有查到").await;
    me.look("track-wrong").await;
    me.fill("code", code).await;
    me.press("//main//form[@action='/track']//button").await;
    me.sees("现在的情况").await;
    me.look("track").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_dispute_on_a_telephone() {
    let Some(world) = World::start("a_dispute_on_a_telephone") else { return };
    let mut me = world.browser("citizen-phone", Window::Phone, true).await;
    let code = register(&mut me).await;
    track(&mut me, &code).await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_dispute_on_a_telephone_without_script() {
    let Some(world) = World::start("a_dispute_on_a_telephone_without_script") else { return };
    let mut me = world.browser("citizen-no-script", Window::Phone, false).await;
    let code = register(&mut me).await;
    track(&mut me, &code).await;
    me.close().await;
}

/// One black pixel as a file; the sender makes a JPEG of it.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

/// The page's own way out fails twice: once before anything arrived, once after the answer was lost on its way back.
const DROPS: &str = "
    const real = window.fetch.bind(window);
    window.tries = [];
    window.fetch = (address, what) => {
      window.tries.push(Array.from(what.body.entries()).map(([name, value]) => name + '=' + (value.size || value)).join('&'));
      if (window.tries.length === 1) { return Promise.reject(new TypeError('no line')); }
      if (window.tries.length === 2) { return real(address, what).then(() => { throw new TypeError('no answer'); }); }
      return real(address, what);
    };";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn legal_aid_with_a_photograph_on_a_line_that_drops_twice() {
    let Some(world) = World::start("legal_aid_with_a_photograph_on_a_line_that_drops_twice") else { return };
    let mut me = world.browser("citizen-line", Window::Phone, true).await;
    me.visit("/legal-aid/new?town=211224100").await;
    for (name, value) in [
        ("f.cause", "labour_pay"),
        ("f.summary", "在工地干了三个月，工资没有给。"),
        ("p.0.name", "齐望春"),
        ("p.0.phone", "13800000001"),
    ] {
        me.fill(name, value).await;
    }
    let photograph = me.file("工资条.png", PNG);
    me.fill("photos", &photograph).await;
    me.ask(DROPS).await;
    let submit = "//main//form[@action='/legal-aid/new']//button[contains(., '提交')]";
    me.client.find(Locator::XPath(submit)).await.unwrap().click().await.unwrap();
    me.waits_for("[data-line].flash-warn").await;
    me.sees("网络断了，没有发出去。填的都在").await;
    me.look("line-dropped").await;
    assert_eq!(me.ask("return document.querySelector(\"[name='p.0.name']\").value").await, "齐望春", "nothing is lost");
    me.waits_for("#code").await;
    me.sees("1 个照片（文件）一起收到了").await;
    me.look("line-receipt").await;
    let code = me.client.find(Locator::Id("code")).await.unwrap().text().await.unwrap();
    track(&mut me, &code).await;
    // Filed once: the centre has one application of that day with a photograph.
    me.become_persona("法律援助中心工作人员").await;
    me.pass("/matters?procedure=legal_aid&q=齐望春").await;
    let found = me.ask("return document.querySelectorAll(\"main a[href^='/matters/0']\").length").await;
    assert_eq!(found, 1, "sent three times, filed once:\n{}", me.text().await);
    me.press("//main//a[starts-with(@href,'/matters/0')]").await;
    me.sees("与申请事项有关的案件材料").await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn ones_own_matters_on_a_telephone() {
    let Some(world) = World::start("ones_own_matters_on_a_telephone") else { return };
    let mut me = world.browser("citizen-own", Window::Phone, true).await;
    me.visit("/me/enter").await;
    me.fill("phone", "13800000001").await;
    me.press("//main//form[@action='/me/code']//button").await;
    me.look("code").await;
    let said = me.text().await;
    let code: String = said
        .split("核对码")
        .find_map(|part| part.get(..6).filter(|part| part.parse::<u32>().is_ok()))
        .unwrap()
        .to_owned();
    me.fill("code", &code).await;
    me.press("//main//form[@action='/me/enter']//button").await;
    me.look("me-empty").await;
    me.visit("/disputes/new?town=211224100").await;
    for (name, value) in TYPED {
        me.fill(name, value).await;
    }
    me.press("//main//button[contains(., '先存草稿')]").await;
    me.look("me-draft").await;
    me.press("//main//a[contains(., '接着填')]").await;
    me.press("//main//form[@action='/disputes/new']//button[contains(., '提交')]").await;
    me.look("own-receipt").await;
    me.visit("/me").await;
    me.press("//main//h3/a[starts-with(@href,'/me/matters/')]").await;
    me.look("own-matter").await;
    me.sees("您的登记已经收到").await;
    me.visit("/me/leave").await;
    me.press("//main//form[@action='/me/leave']//button").await;
    me.visit("/me").await;
    assert_eq!(me.path().await, "/me/enter", "left");
    me.close().await;
}

/// What stands in the way of a thumb: only one question is on the page, and what is needed is asked for before the next one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn an_application_one_question_at_a_time() {
    let Some(world) = World::start("an_application_one_question_at_a_time") else { return };
    let mut me = world.browser("citizen-steps", Window::Phone, true).await;
    me.visit("/legal-aid/new?town=211224100").await;
    let shown = "return [...document.querySelectorAll('main form [name]')].filter(f => f.offsetParent).map(f => f.name).join(' ')";
    let whole = me.ask(shown).await;
    assert!(whole.as_str().unwrap().contains("f.cause") && whole.as_str().unwrap().contains("p.0.name"), "{whole}");
    press_here(&mut me, "一步一步填").await;
    me.sees("第 1 步").await;
    assert_eq!(me.ask(shown).await, "village");
    me.look("step-first").await;
    press_here(&mut me, "下一步").await;
    // The kind of matter is needed.
    press_here(&mut me, "下一步").await;
    me.sees("这一项要填").await;
    me.fill("f.cause", "labour_pay").await;
    me.look("step-choice").await;
    press_here(&mut me, "下一步").await;
    me.fill("f.summary", "在工地干了三个月，工资没有给。").await;
    press_here(&mut me, "下一步").await;
    me.fill("p.0.name", "齐望春").await;
    // The enter key goes on as the button does, and says what is missing still.
    press_here(&mut me, "下一步").await;
    me.sees("这一项要填").await;
    me.fill("p.0.phone", "13800000001").await;
    press_here(&mut me, "上一步").await;
    assert_eq!(me.ask(shown).await, "f.summary", "nothing is lost on the way back");
    assert_eq!(
        me.ask("return document.querySelector(\"[name='f.summary']\").value").await,
        "在工地干了三个月，工资没有给。"
    );
    for _ in 0..3 {
        press_here(&mut me, "下一步").await;
    }
    me.look("step-last").await;
    press_here(&mut me, "提交申请").await;
    me.waits_for("#code").await;
    // In large type it begins so.
    me.visit("/disputes/new?town=211224100").await;
    me.press("//footer//button[contains(., '长辈版')]").await;
    me.sees("第 1 步").await;
    assert_eq!(me.ask(shown).await, "village");
    press_here(&mut me, "一页显示全部").await;
    assert!(me.ask(shown).await.as_str().unwrap().contains("p.1.name"));
    // Whoever has come in saves a draft halfway, with what is needed still empty.
    me.visit("/disputes/new?town=211224100").await;
    me.sees("第 1 步").await;
    let draft = "<button formaction=/me/drafts formnovalidate name=draft value=dispute data-plain>先存草稿</button>";
    me.ask(&format!("document.querySelector('form[data-send] > .actions').insertAdjacentHTML('beforeend', '{draft}')"))
        .await;
    let buttons = "return [...document.querySelectorAll('form[data-send] button')].filter(b => b.offsetParent).map(b => b.textContent).join(' ')";
    let seen = me.ask(buttons).await;
    let seen = seen.as_str().unwrap();
    assert!(seen.contains("先存草稿") && seen.contains("下一步") && !seen.contains("提交"), "{seen}");
    me.press("//main//form//button[contains(., '先存草稿')]").await;
    me.sees("您已经退出“我的事项”").await;
    assert!(me.ask("return location.pathname").await == "/me/drafts");
    me.close().await;
}

/// Presses a button that stays on the page.
async fn press_here(me: &mut Surfer, text: &str) {
    let button = format!("//main//form//button[contains(., '{text}')]");
    me.client.find(Locator::XPath(&button)).await.unwrap().click().await.unwrap();
}
