//! Staff at work: a mediation from registration to the printed agreement; a penalty that is filed; and
//! what is refused on the way, with its article.

use fantoccini::Locator;

use super::driver::{Surfer, Window, World};

/// Fills a step's form and submits it.
async fn submit_step(me: &mut Surfer, address: &str, fields: &[(&str, &str)]) {
    me.visit(address).await;
    for (name, value) in fields {
        me.fill(name, value).await;
    }
    me.fill_the_rest().await;
    me.press("//main//form[contains(@class,'form')]//p[contains(@class,'actions')]/button[@class='btn']").await;
}

/// A step that happens: afterwards the matter's page is shown.
async fn take(me: &mut Surfer, matter: &str, step: &str, fields: &[(&str, &str)]) {
    submit_step(me, &format!("{matter}/steps/{step}"), fields).await;
    let path = me.path().await;
    assert!(path == matter, "{step} did not happen ({path}):\n{}", me.text().await);
    me.look(step).await;
}

/// A step that is refused: the page says why, under which article, and what to do next.
async fn is_refused(me: &mut Surfer, matter: &str, step: &str, fields: &[(&str, &str)], article: &str) {
    submit_step(me, &format!("{matter}/steps/{step}"), fields).await;
    assert!(me.has(".refusal").await, "{step} was not refused:\n{}", me.text().await);
    me.look(&format!("refused-{step}")).await;
    let said = me.client.find(Locator::Css(".refusal")).await.unwrap().text().await.unwrap();
    assert!(said.contains(article), "{step} is refused without {article}:\n{said}");
}

/// Opens a matter: 是否涉密 first where it is asked.
async fn open(me: &mut Surfer, procedure: &str, fields: &[(&str, &str)]) -> String {
    me.visit(&format!("/matters/new/{procedure}")).await;
    if me.has("input[name='f.secrecy'][type=radio]").await {
        me.fill("f.secrecy", "none").await;
        me.press("//main//form//button[contains(., '下一步')]").await;
        me.look("form").await;
    }
    for (name, value) in fields {
        me.fill(name, value).await;
    }
    me.fill_the_rest().await;
    me.press("//main//form[contains(@class,'form')]//p[contains(@class,'actions')]/button[@class='btn']").await;
    let path = me.path().await;
    assert!(path.starts_with("/matters/") && !path.contains("/new"), "{procedure}:\n{}", me.text().await);
    me.look("opened").await;
    path
}

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
    take(&mut me, &matter, "draw_up", &[]).await;
    me.press("(//a[contains(@href,'/instruments/')])[last()]").await;
    me.look("agreement").await;
    me.sees("调解协议书").await;
    let pages = me.client.print(Default::default()).await.unwrap();
    assert!(pages.starts_with(b"%PDF"), "it prints");
    take(&mut me, &matter, "agree_written", &[("f.performed_at_once", "yes")]).await;
    me.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a browser: ./check runs it"]
async fn a_penalty_is_filed_and_what_is_refused() {
    let Some(world) = World::start("a_penalty_is_filed_and_what_is_refused") else { return };
    let mut me = world.browser("penalty", Window::Desktop, true).await;
    me.become_persona("农业执法人员甲").await;
    let matter = open(&mut me, "penalty", &[]).await;
    me.become_persona("农业农村局局长").await;
    is_refused(&mut me, &matter, "decide_penalty", &[], "行政处罚法").await;
    take(&mut me, &matter, "file", &[]).await;
    me.become_persona("农业执法人员（证件过期）").await;
    is_refused(&mut me, &matter, "investigate", &[], "行政处罚法").await;
    me.close().await;
}
