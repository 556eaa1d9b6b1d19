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
