//! What staff do in every procedure, through the forms that the definitions make: open a matter, take a step, be refused.

use fantoccini::Locator;

use super::driver::Surfer;

/// The button that submits the form of a step.
pub const SUBMIT: &str = "//main//form[contains(@class,'form')]//p[contains(@class,'actions')]/button[@class='btn']";

/// Fills a step's form and submits it.
pub async fn submit_step(me: &mut Surfer, address: &str, fields: &[(&str, &str)]) {
    me.visit(address).await;
    for (name, value) in fields {
        me.fill(name, value).await;
    }
    me.fill_the_rest().await;
    me.press(SUBMIT).await;
}

/// A step that happens: afterwards the matter's page is shown.
pub async fn take(me: &mut Surfer, matter: &str, step: &str, fields: &[(&str, &str)]) {
    take_at(me, matter, step, "", fields).await;
}

/// A step that a warning of grade 内控 holds up: the reason is asked for then, and with it the step happens.
pub async fn take_with_reason(me: &mut Surfer, matter: &str, step: &str, fields: &[(&str, &str)], reason: &str) {
    submit_step(me, &format!("{matter}/steps/{step}"), fields).await;
    me.fill("reason", reason).await;
    me.press(SUBMIT).await;
    assert_eq!(me.path().await, matter, "{step} did not happen:\n{}", me.text().await);
    me.look(step).await;
}

/// The same from a signed form or afterwards: `?manner=form`, `?manner=late`.
pub async fn take_at(me: &mut Surfer, matter: &str, step: &str, manner: &str, fields: &[(&str, &str)]) {
    submit_step(me, &format!("{matter}/steps/{step}{manner}"), fields).await;
    let path = me.path().await;
    assert!(path == matter, "{step} did not happen ({path}):\n{}", me.text().await);
    me.look(step).await;
}

/// A step that is refused: the page says why before anything is typed where it can, and whatever is sent all the same,
/// under which article, and what to do next.
pub async fn is_refused(me: &mut Surfer, matter: &str, step: &str, fields: &[(&str, &str)], article: &str) {
    submit_step(me, &format!("{matter}/steps/{step}"), fields).await;
    me.look(&format!("refused-{step}")).await;
    assert!(said(me).await.contains(article), "{step} is refused without {article}:\n{}", said(me).await);
}

/// What stands against a step.
pub async fn said(me: &Surfer) -> String {
    assert!(me.has(".refusal").await, "nothing was refused:\n{}", me.text().await);
    me.client.find(Locator::Css(".refusal")).await.unwrap().text().await.unwrap()
}

/// Opens a matter: 是否涉密 first where it is asked.
pub async fn open(me: &mut Surfer, procedure: &str, fields: &[(&str, &str)]) -> String {
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
    me.press(SUBMIT).await;
    let path = me.path().await;
    assert!(path.starts_with("/matters/") && !path.contains("/new"), "{procedure}:\n{}", me.text().await);
    me.look("opened").await;
    path
}
