//! Administration: people and posts through their registers, accounts with one-time passwords, hand-over of open work.

use zhunsheng::app::act::ActError;
use zhunsheng::app::hand_over::PostEnd;
use zhunsheng::store::StoreFault;
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};

use crate::support::SmallCounty;

/// The address part after `/admin/people/`.
fn person_in(location: &str) -> String {
    location.trim_start_matches("/admin/people/").split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_person_gets_a_post_and_an_account_and_signs_in() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    assert_eq!(admin.get("/desk").await.location(), "/admin");
    admin.get("/admin/people/new").await;
    let page = admin.post("/admin/people/new", &[("f.name", "")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text(".error-summary").contains("姓名"), "{}", page.text("main"));
    let page = admin.post("/admin/people/new", &[("f.name", "新来者"), ("f.gender", "female")]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let id = person_in(page.location());
    let person = format!("/admin/people/{id}");
    admin.get(&format!("{person}/posts/new")).await;
    let post = [("f.organ", "211224-nyj"), ("f.post_kind", "enforcement_clerk"), ("f.valid_from", "2024-10-01")];
    let page = admin.post(&format!("{person}/posts/new"), &post).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let page = admin.post(&format!("{person}/account"), &[("login", "坏 账号")]).await;
    assert_eq!(page.status, 422);
    let page = admin.post(&format!("{person}/account"), &[("login", "xinlaizhe")]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let password = page.text(".query-code");
    assert_eq!(page.header("cache-control"), "no-store");
    let mut newcomer = county.test.browser();
    newcomer.get("/login").await;
    let page = newcomer.post("/login", &[("login", "xinlaizhe"), ("password", &password)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    assert_eq!(newcomer.get("/desk").await.location(), "/account/password", "first the password is changed");
    admin.get(&person).await;
    let page = admin.post(&format!("{person}/account/change"), &[("action", "close")]).await;
    assert_eq!(page.status, 303);
    assert!(newcomer.get("/account/password").await.location().starts_with("/login"), "closed: signed out");
    let told = admin.get(&format!("/matters/{id}")).await.text(".timeline");
    for said in ["开通账号", "停用账号", "xinlaizhe", "管理员"] {
        assert!(told.contains(said), "the record says who changed whose account: {told}");
    }
    assert!(!told.contains(&password));
}

/// Queued behind the end of a post, an act is decided on the registers as they stand in the writer, not on what its
/// caller saw before.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_waits_behind_the_end_of_its_post_is_refused() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let actor = |name: &str| Actor::Staff { person: county.people[name].0, post: county.people[name].1 };
    let (started, waiting) = std::sync::mpsc::channel::<()>();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let db = app.db.clone();
    let holder = std::thread::spawn(move || {
        db.write_blocking(move |_| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok::<_, StoreFault>(())
        })
    });
    waiting.recv().unwrap();
    let end = PostEnd {
        post: county.people["调解员甲"].1,
        until: "2024-10-25".to_owned(),
        successor: None,
        reason: "换届离任".to_owned(),
    };
    let command = Command {
        target: Target::Open("mediation".into()),
        step: "register".into(),
        input: Input::default().with("committee", "211224100201-tw"),
        manner: Manner::Live,
    };
    let acts =
        async { tokio::join!(app.end_post(actor("管理员"), end), app.act(actor("调解员甲"), command, None)) };
    let free = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        release.send(()).unwrap();
    };
    let ((ended, acted), ()) = tokio::join!(acts, free);
    holder.join().unwrap().unwrap();
    ended.unwrap();
    let Err(ActError::Refused(refusals)) = acted else { panic!("{acted:?}") };
    assert!(refusals.has("post_not_held"), "{refusals:?}");
}

#[tokio::test]
async fn open_work_is_handed_over_when_a_post_ends() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    mediator.get("/matters/new/mediation").await;
    let dispute = [
        ("f.committee", "211224100201-tw"),
        ("f.dispute_kind", "neighbour"),
        ("f.source", "proactive"),
        ("f.summary", "地界争执。"),
        ("party.0.role", "applicant"),
        ("party.0.kind", "natural"),
        ("party.0.name", "赵一"),
        ("party.0.phone", "13900000001"),
        ("party.1.role", "respondent"),
        ("party.1.kind", "natural"),
        ("party.1.name", "钱二"),
    ];
    let page = mediator.post("/matters/new/mediation", &dispute).await;
    let matter = page.location().split('?').next().unwrap().to_owned();
    let id = county.id("调解员甲");
    mediator.get(&format!("{matter}/steps/accept")).await;
    let accept = [("f.source", "proactive"), ("f.mediator_choice", "appointed"), ("assignee", id.as_str())];
    assert_eq!(mediator.post(&format!("{matter}/steps/accept"), &accept).await.status, 303);

    let mut admin = county.clerk("管理员").await;
    let post = county.people["调解员甲"].1;
    let path = format!("/admin/posts/{post}/end");
    let page = admin.get(&path).await;
    assert!(page.text("main").contains("未办结的事项 1 件"), "{}", page.text("main"));
    assert!(!page.body.contains("赵") && !page.body.contains("地界"), "no case content");
    let end = [("until", "2024-10-26"), ("reason", "换届离任")];
    let page = admin.post(&path, &end).await;
    assert_eq!(page.status, 422);
    assert!(page.text(".refusal").contains("没有移交"));
    let successor = county.id("主任甲");
    let all = [("until", "2024-10-26"), ("reason", "换届离任"), ("successor", successor.as_str())];
    let page = admin.post(&path, &all).await;
    assert_eq!(page.status, 303, "{}", page.text(".refusal"));
    let mut head = county.clerk("主任甲").await;
    let page = head.get(&matter).await;
    assert!(page.text(".page-head").contains("承办人：主任甲"), "{}", page.text(".page-head"));
    assert!(page.text(".timeline").contains("转办") && page.text(".timeline").contains("换届离任"));
}

#[tokio::test]
async fn administration_is_for_administrators_only() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    let id = county.id("主任甲");
    for path in ["/admin".to_owned(), "/admin/people/new".to_owned(), format!("/admin/people/{id}")] {
        assert_eq!(mediator.get(&path).await.status, 403, "{path}");
    }
    mediator.get("/desk").await;
    assert_eq!(mediator.post(&format!("/admin/people/{id}/account"), &[("login", "zhuren")]).await.status, 403);
    let mut admin = county.clerk("管理员").await;
    let found = admin.get("/admin?q=%E4%B8%BB%E4%BB%BB").await; // 主任
    assert!(found.text("table").contains("主任甲") && !found.text("table").contains("队员甲"));
    assert_eq!(admin.get("/admin/people/0000000000000000000000000z").await.status, 404);
}

#[tokio::test]
async fn tokens_and_sessions_are_ended_by_hand() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("主任甲").await;
    assert_eq!(mediator.get("/desk").await.status, 200);
    let mut admin = county.clerk("管理员").await;
    let (id, post) = (county.id("主任甲"), county.people["主任甲"].1.to_string());
    let person = format!("/admin/people/{id}");
    admin.get(&person).await;
    let page = admin.post(&format!("{person}/tokens"), &[("title", "镇平台"), ("post", &post), ("days", "30")]).await;
    assert!(page.text(".query-code").starts_with("zhs_"), "{}", page.text("main"));
    let token = page.attribute("input[name=token]", "value").unwrap();
    assert_eq!(admin.post(&format!("{person}/tokens/revoke"), &[("token", &token)]).await.status, 303);
    let session = admin.get(&person).await.attribute("input[name=session]", "value").unwrap();
    assert_eq!(admin.post(&format!("{person}/sessions/end"), &[("session", &session)]).await.status, 303);
    assert_eq!(mediator.get("/desk").await.status, 303, "signed out");
}
