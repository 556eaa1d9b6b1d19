//! The door: passwords, soft lock, sessions, tokens.

use std::sync::Arc;

use crate::audit::aside;
use crate::support::{PASSWORD, TestApp};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::{get, post};
use zhunsheng::app::account::{self, SignInError};
use zhunsheng::app::limit::Rules;
use zhunsheng::app::moving::move_county;
use zhunsheng::app::{App, api_token, session};
use zhunsheng::config::Config;
use zhunsheng::store::{Db, Home, accounts, api_tokens};
use zhunsheng::web::{ApiCaller, Staff};

fn workbench() -> Router<Arc<App>> {
    Router::new()
        .route("/desk", get(async |staff: Staff| format!("{} {:?}", staff.person, staff.post)))
        .route("/api/v1/echo", post(async |caller: ApiCaller| format!("{} {}", caller.person, caller.post)))
}

async fn county() -> TestApp {
    TestApp::with(workbench(), Config::default(), Rules::none()).await
}

#[tokio::test]
async fn signing_in_and_out() {
    let test = county().await;
    test.account("p1", "Li.MingChe").await;
    let mut browser = test.browser();
    let page = browser.get("/desk?page=2").await;
    assert_eq!((page.status, page.location()), (303, "/login?next=%2Fdesk%3Fpage%3D2"));
    let page = browser.get("/login?next=%2Fdesk%3Fpage%3D2").await;
    assert_eq!(page.attribute("input[name=next]", "value").as_deref(), Some("/desk?page=2"));
    let fields = [("login", " li.mingche "), ("password", PASSWORD), ("next", "/desk?page=2")];
    let page = browser.post("/login", &fields).await;
    assert_eq!((page.status, page.location()), (303, "/desk?page=2"));
    assert_eq!(browser.get("/desk").await.body, "p1 None");
    browser.get("/account/sessions").await;
    let stolen = browser.cookies.clone();
    assert_eq!(browser.post("/logout", &[]).await.location(), "/");
    browser.cookies = stolen;
    assert_eq!(browser.get("/desk").await.status, 303, "the token died with the session");
}

#[tokio::test]
async fn a_wrong_password_keeps_the_login_and_tells_nothing() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut browser = test.browser();
    browser.get("/login").await;
    let real = browser.post("/login", &[("login", "li"), ("password", "不对")]).await;
    assert_eq!(real.status, 200);
    assert_eq!(real.text(".error"), "账号或者口令不对。");
    assert_eq!(real.attribute("#login", "value").as_deref(), Some("li"));
    let unreal = browser.post("/login", &[("login", "nobody"), ("password", "不对")]).await;
    assert_eq!(unreal.text(".error"), real.text(".error"));
    for login in ["li", "nobody"] {
        let locked = browser.post("/login", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(locked.text(".error"), "这个账号连续输错，请在 1 秒之后再试。", "{login}");
    }
}

#[tokio::test]
async fn the_lock_grows_but_never_beyond_ten_minutes() {
    let test = county().await;
    test.account("p1", "li").await;
    let app = &test.app;
    let mut waits = Vec::new();
    for _ in 0..12 {
        assert!(matches!(account::sign_in(app, "li", "wrong", "").await, Err(SignInError::Wrong)));
        let Err(SignInError::Wait { seconds }) = account::sign_in(app, "li", PASSWORD, "").await else {
            panic!("not locked")
        };
        waits.push(seconds);
        test.advance(seconds);
    }
    assert_eq!(waits, [1, 3, 5, 10, 30, 60, 120, 300, 600, 600, 600, 600]);
    account::sign_in(app, "li", PASSWORD, "").await.unwrap();
    assert!(matches!(account::sign_in(app, "li", "wrong", "").await, Err(SignInError::Wrong)), "starts again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_once_are_one_guess() {
    let test = county().await;
    test.account("p1", "li").await;
    let guesses: Vec<_> = (0..100)
        .map(|n| {
            let app = Arc::clone(&test.app);
            tokio::spawn(async move { account::sign_in(&app, "li", &format!("guess {n}"), "").await.map(|_| ()) })
        })
        .collect();
    let mut evaluated = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(SignInError::Wrong) => evaluated += 1,
            Err(SignInError::Wait { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(evaluated, 1);
}

#[tokio::test]
async fn spraying_from_one_address_stops() {
    let test = TestApp::with(workbench(), Config::default(), Rules::default()).await;
    let mut browser = test.browser();
    browser.get("/login").await;
    for n in 0..25 {
        let login = format!("person{n}");
        let page = browser.post("/login", &[("login", &login), ("password", "Spring-2024")]).await;
        assert_eq!(page.status, 200);
    }
    let page = browser.post("/login", &[("login", "person99"), ("password", "Spring-2024")]).await;
    assert_eq!(page.status, 429);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(page.text("h1"), "操作太频繁");
}

#[tokio::test]
async fn sessions_end_when_idle_and_after_a_working_day() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut browser = test.staff("li").await;
    test.advance(29 * 60);
    assert_eq!(browser.get("/desk").await.status, 200);
    test.advance(29 * 60);
    assert_eq!(browser.get("/desk").await.status, 200, "use keeps it alive");
    test.advance(30 * 60);
    assert_eq!(browser.get("/desk").await.status, 303, "half an hour idle");
    let mut browser = test.staff("li").await;
    for _ in 0..23 {
        test.advance(20 * 60);
        assert_eq!(browser.get("/desk").await.status, 200);
    }
    test.advance(20 * 60);
    assert_eq!(browser.get("/desk").await.status, 303, "eight hours are over");
}

#[tokio::test]
async fn signing_in_again_changes_the_token_and_ends_the_old_session() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut browser = test.staff("li").await;
    let old = browser.cookies.clone();
    browser.get("/login").await;
    browser.post("/login", &[("login", "li"), ("password", PASSWORD)]).await;
    assert_ne!(browser.cookies["zs"], old["zs"]);
    browser.cookies = old;
    assert_eq!(browser.get("/desk").await.status, 303);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let test = county().await;
    test.account("p1", "li").await;
    test.account("p2", "song").await;
    let (mut here, mut there, mut other) = (test.staff("li").await, test.staff("li").await, test.staff("song").await);
    let page = here.get("/account/sessions").await;
    assert_eq!(page.body.matches("data-th=\"登录时间\"").count(), 2);
    let id = page.attribute("input[name=session]", "value").unwrap();
    other.get("/account/sessions").await;
    assert_eq!(other.post("/account/sessions/end", &[("session", &id)]).await.status, 404);
    assert_eq!(here.post("/account/sessions/end", &[("session", &id)]).await.status, 303);
    assert_eq!(there.get("/desk").await.status, 303);
    assert_eq!(here.get("/desk").await.status, 200);
}

#[tokio::test]
async fn a_given_password_has_to_be_changed_first() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut elsewhere = test.staff("li").await;
    let hash = test.app.passwords.hash("临时口令 8848-1234").await.unwrap();
    assert!(test.write(move |tx, county| account::give_password(tx, county, "p1", &hash)).await);
    assert_eq!(elsewhere.get("/desk").await.status, 303, "every session ended");
    let mut browser = test.browser();
    browser.get("/login").await;
    browser.post("/login", &[("login", "li"), ("password", "临时口令 8848-1234")]).await;
    assert_eq!(browser.get("/desk").await.location(), "/account/password");
    browser.get("/account/password").await;
    let change =
        |old: &'static str, new: &'static str, again: &'static str| [("old", old), ("new", new), ("again", again)];
    let page = browser.post("/account/password", &change("临时口令 8848-1234", "short", "short")).await;
    assert_eq!(page.text("#new-error"), "口令至少 10 个字符。");
    let page = browser.post("/account/password", &change("临时口令 8848-1234", "我自己的 1 句话 abc", "别的")).await;
    assert_eq!(page.text("#again-error"), "两次输入的新口令不一样。");
    let page = browser.post("/account/password", &change("不是它", "我自己的 1 句话 abc", "我自己的 1 句话 abc")).await;
    assert_eq!(page.text("#old-error"), "原口令不对。");
    test.advance(2);
    let before = browser.cookies["zs"].clone();
    let page = browser
        .post("/account/password", &change("临时口令 8848-1234", "我自己的 1 句话 abc", "我自己的 1 句话 abc"))
        .await;
    assert_eq!(page.location(), "/desk", "{}", page.body);
    assert_ne!(browser.cookies["zs"], before);
    assert_eq!(browser.get("/desk").await.status, 200);
}

#[tokio::test]
async fn a_closed_account_is_out_at_once_and_stays_out() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut browser = test.staff("li").await;
    let now = test.app.machine.seconds();
    assert!(test.write(move |tx, county| account::close(tx, county, "p1", now)).await);
    assert_eq!(browser.get("/desk").await.status, 303);
    assert!(matches!(account::sign_in(&test.app, "li", PASSWORD, "").await, Err(SignInError::Wrong)));
    assert!(test.write(|tx, county| accounts::put_disabled(tx, county, "p1", None)).await);
    test.advance(1);
    account::sign_in(&test.app, "li", PASSWORD, "").await.unwrap();
}

#[tokio::test]
async fn a_post_is_chosen_under_a_new_token() {
    let test = county().await;
    let app = &test.app;
    let token = session::sign_in_persona(app, "p9", Some("post-1"), "").await.unwrap();
    let current = session::find(app, &token).await.unwrap().unwrap();
    assert_eq!(current.session.post.as_deref(), Some("post-1"));
    let form = current.form_token();
    let renewed = session::choose_post(app, &current, Some("post-2")).await.unwrap();
    assert!(session::find(app, &token).await.unwrap().is_none());
    let current = session::find(app, &renewed).await.unwrap().unwrap();
    assert_eq!(current.session.post.as_deref(), Some("post-2"));
    assert!(!current.verify_form_token(&form), "forms of the old session are over");
}

#[tokio::test]
async fn a_token_carries_a_post_and_cookies_do_not_count() {
    let test = county().await;
    test.account("p1", "li").await;
    let text = test.token("p1", "post-1", 30).await;
    let call = |authorization: Option<String>| {
        let mut request = Request::post("/api/v1/echo");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        request.body(Body::empty()).unwrap()
    };
    let mut program = test.browser();
    assert_eq!(program.send(call(Some(format!("Bearer {text}")))).await.body, "p1 post-1");
    let refused = program.send(call(Some("Bearer zhs_00".to_owned()))).await;
    assert_eq!((refused.status, refused.header("content-type")), (401, "application/json"));
    let mut staff = test.staff("li").await;
    assert_eq!(staff.send(call(None)).await.status, 401, "a session is no token");
    let hash = api_token::list(&test.app, "p1").await.unwrap()[0].token_hash;
    let now = test.app.machine.seconds();
    assert!(!test.write(move |tx, county| api_tokens::revoke(tx, county, "p2", &hash, now)).await, "only one's own");
    assert!(test.write(move |tx, county| api_tokens::revoke(tx, county, "p1", &hash, now)).await);
    assert_eq!(program.send(call(Some(format!("Bearer {text}")))).await.status, 401);
    let brief = test.token("p1", "post-1", 1).await;
    test.advance(86_400);
    assert_eq!(program.send(call(Some(format!("Bearer {brief}")))).await.status, 401, "over after its day");
}

#[tokio::test]
async fn nothing_at_rest_lets_anybody_in() {
    let test = county().await;
    test.account("p1", "li").await;
    let browser = test.staff("li").await;
    let api = test.token("p1", "post-1", 30).await;
    let copy = test.app.config.data_dir.join("copy");
    if !test.app.db.copy_to(&copy).unwrap() {
        std::fs::create_dir(&copy).unwrap();
        aside(|| move_county(&test.app.db, &Db::open(&copy).unwrap()).unwrap());
    }
    let copy = if copy.is_dir() { Home::from(&copy).file() } else { copy };
    let bytes = std::fs::read(copy).unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let raw = |text: &str| zhunsheng::app::secret::unhex::<32>(text).unwrap();
    assert!(holds(b"argon2id"));
    assert!(!holds(PASSWORD.as_bytes()));
    for token in [browser.cookies["zs"].as_str(), api.trim_start_matches("zhs_")] {
        assert!(!holds(token.as_bytes()) && !holds(&raw(token)));
    }
}
