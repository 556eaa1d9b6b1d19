//! Coming in through the unified login of a superior platform: there and back, who is believed, who is turned away.

use zhunsheng::app::limit::Rules;
use zhunsheng::config::login::{self, UnifiedLogin};
use zhunsheng::config::{Config, Passphrase};
use zhunsheng::web::router::routes;

use crate::support::outside::Receiver;
use crate::support::{Browser, Page, TestApp};

pub const SITE: &str = "https://fz.example.gov.cn";
const GRANTED: &str = r#"{"access_token": "opaque-1", "token_type": "Bearer"}"#;
const PERSON: &str = r#"{"sub": "42", "phone_number": "+86 13941002386", "phone_number_verified": true}"#;

/// What a platform answers to who is known there.
pub const RIGHT: [(u16, &str); 2] = [(200, GRANTED), (200, PERSON)];

/// A unified login that gives these answers, one after the other.
pub async fn login(answers: &[(u16, &str)]) -> (UnifiedLogin, Receiver) {
    let platform = Receiver::start(answers).await;
    let login = UnifiedLogin {
        title: "省政务服务网".to_owned(),
        authorize: "https://login.example.gov.cn/authorize".to_owned(),
        token: format!("http://{}/token", platform.address),
        person: format!("http://{}/person", platform.address),
        client: "changtu".to_owned(),
        secret: Passphrase::new("s & cret".to_owned()),
        phone: "phone_number".to_owned(),
        verified: Some("phone_number_verified".to_owned()),
        scope: "openid phone".to_owned(),
        back: format!("{SITE}{}", login::BACK),
    };
    (login, platform)
}

/// A county with such a login.
async fn county(answers: &[(u16, &str)]) -> (TestApp, Receiver) {
    let (login, platform) = login(answers).await;
    let config = Config { login: Some(login), public_url: Some(SITE.to_owned()), ..Config::default() };
    (TestApp::with(routes(), config, Rules::none()).await, platform)
}

/// Leaves for the platform; the address, and the state in it.
pub async fn depart(browser: &mut Browser) -> (String, String) {
    let page = browser.get("/me/unified").await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let href = page.location().to_owned();
    let state = href.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    (href, state)
}

pub async fn back(browser: &mut Browser, state: &str) -> Page {
    browser.get(&format!("/me/unified/back?state={state}&code=c0de")).await
}

#[tokio::test]
async fn a_number_that_the_platform_has_verified_comes_in() {
    let (app, platform) = county(&RIGHT).await;
    let mut browser = app.browser();
    let entrance = browser.get("/me/enter").await;
    assert_eq!(entrance.attribute("main a.btn", "href").as_deref(), Some("/me/unified"), "{}", entrance.text("main"));
    assert!(entrance.text("main").contains("省政务服务网"));
    let (href, state) = depart(&mut browser).await;
    assert!(href.starts_with("https://login.example.gov.cn/authorize?response_type=code&client_id=changtu"), "{href}");
    let page = back(&mut browser, &state).await;
    assert_eq!((page.status, page.location()), (303, "/me"), "{}", page.text("main"));
    assert!(browser.get("/me").await.text("main").contains("139****2386"));
    // The code was exchanged under the secret and the proof key whose digest went ahead, and the grant told who it is.
    let arrived = platform.arrived();
    let proof = arrived[0].body.split("code_verifier=").nth(1).unwrap();
    let challenge = href.split("code_challenge=").nth(1).unwrap().split('&').next().unwrap();
    let digest = zhunsheng::app::secret::sha256(proof.as_bytes());
    let encoded = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::encode_string(&digest);
    assert_eq!(challenge.replace("%2D", "-").replace("%5F", "_"), encoded);
    assert!(arrived[0].body.contains("code=c0de") && arrived[0].body.contains("s%20%26%20cret"), "{}", arrived[0].body);
    assert_eq!(arrived[1].headers.get("authorization").map(String::as_str), Some("Bearer opaque-1"));
    assert!(!href.contains("cret"), "the secret never travels by the browser");
}

#[tokio::test]
async fn who_did_not_leave_from_here_does_not_come_in() {
    let (app, platform) = county(&[]).await;
    let (mut mine, mut theirs) = (app.browser(), app.browser());
    let (_, state) = depart(&mut mine).await;
    // Somebody sends a link with their own state and code: it would sign the victim in as the sender.
    let (_, other) = depart(&mut theirs).await;
    for strange in [other.as_str(), "", "0"] {
        let page = back(&mut mine, strange).await;
        assert_eq!(page.status, 422, "{strange}");
        assert!(page.text(".refusal").contains("不是从本站开始的"), "{}", page.text("main"));
        let (_, _) = depart(&mut mine).await;
    }
    let page = back(&mut mine, &state).await;
    assert_eq!(page.status, 422, "an earlier departure");
    let (_, late) = depart(&mut mine).await;
    app.advance(11 * 60);
    assert_eq!(back(&mut mine, &late).await.status, 422, "away too long");
    assert!(platform.arrived().is_empty(), "the platform was never asked");
    // What a browser kept serves once.
    let (_, used) = depart(&mut theirs).await;
    assert_eq!(back(&mut theirs, &used).await.status, 422, "answered `ok`, which is no JSON");
    assert!(back(&mut theirs, &used).await.text(".refusal").contains("不是从本站开始的"));
}

#[tokio::test]
async fn what_the_platform_does_not_vouch_for_is_told_in_words() {
    let unverified = |said: &str| PERSON.replace("true", said);
    let unsaid = PERSON.replace("phone_number_verified", "verified");
    let (no, word, nothing) = (unverified("false"), unverified("\"false\""), unverified("null"));
    for (answers, said) in [
        (vec![(400, r#"{"error": "invalid_grant"}"#)], "没有确认您的身份"),
        (vec![(200, "{}")], "没有确认您的身份"),
        // The county's own mistake is not the person's.
        (vec![(401, r#"{"error": "invalid_client"}"#)], "现在不能用"),
        (vec![(500, "")], "现在不能用"),
        (vec![(200, "<html>")], "现在不能用"),
        (vec![(200, GRANTED), (200, "{}")], "没有给出您核对过的手机号"),
        (vec![(200, GRANTED), (200, no.as_str())], "没有给出您核对过的手机号"),
        (vec![(200, GRANTED), (200, word.as_str())], "没有给出您核对过的手机号"),
        (vec![(200, GRANTED), (200, nothing.as_str())], "没有给出您核对过的手机号"),
        (vec![(200, GRANTED), (200, unsaid.as_str())], "没有给出您核对过的手机号"),
        (vec![(200, GRANTED), (200, r#"{"phone_number": "024-1234567"}"#)], "没有给出您核对过的手机号"),
    ] {
        let (app, _platform) = county(&answers).await;
        let mut browser = app.browser();
        let (_, state) = depart(&mut browser).await;
        let page = back(&mut browser, &state).await;
        assert_eq!(page.status, 422);
        let told = page.text(".refusal");
        assert!(told.contains(said), "{answers:?}: {}", page.text("main"));
        assert!(!told.contains("127.0.0.1") && !told.contains("JSON"), "{told}");
        assert_eq!(browser.get("/me").await.status, 303, "nobody came in");
    }
    let (app, _platform) = county(&[]).await;
    let mut browser = app.browser();
    let (_, state) = depart(&mut browser).await;
    let page = browser.get(&format!("/me/unified/back?state={state}&error=access_denied")).await;
    assert!(page.text(".refusal").contains("没有确认您的身份"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_county_without_one_offers_none() {
    let app = TestApp::with(routes(), Config::default(), Rules::none()).await;
    let mut browser = app.browser();
    assert!(!browser.get("/me/enter").await.body.contains("/me/unified"));
    assert_eq!(browser.get("/me/unified").await.status, 404);
    assert_eq!(back(&mut browser, "0").await.status, 422);
}

#[test]
fn what_is_missing_in_the_configuration_is_named_and_no_secret_is() {
    let all = [
        ("ZHUNSHENG_LOGIN_URL", "https://login.example.gov.cn/authorize"),
        ("ZHUNSHENG_LOGIN_TOKEN_URL", "https://login.example.gov.cn/token"),
        ("ZHUNSHENG_LOGIN_PERSON_URL", "https://login.example.gov.cn/person"),
        ("ZHUNSHENG_LOGIN_CLIENT", "changtu"),
        ("ZHUNSHENG_LOGIN_SECRET", "s3cret"),
        ("ZHUNSHENG_PUBLIC_URL", SITE),
    ];
    let without = |left_out: &str| {
        let known = |name: &str| all.iter().find(|(known, _)| *known == name && name != left_out);
        Config::from_lookup(|name| known(name).map(|(_, value)| (*value).to_owned()))
    };
    let login = without("").unwrap().login.unwrap();
    assert_eq!((login.title.as_str(), login.phone.as_str()), ("统一身份认证", "phone_number"));
    assert_eq!(login.back, "https://fz.example.gov.cn/me/unified/back");
    assert!(!format!("{login:?}").contains("s3cret"));
    assert!(without("ZHUNSHENG_LOGIN_URL").unwrap().login.is_none());
    let with = |other: &'static str, value: &'static str| {
        let known = |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::from_lookup(move |name| if name == other { Some(value.to_owned()) } else { known(name) })
    };
    for address in ["ZHUNSHENG_LOGIN_URL", "ZHUNSHENG_LOGIN_TOKEN_URL", "ZHUNSHENG_LOGIN_PERSON_URL"] {
        let fault = with(address, "http://login.example.gov.cn/x").unwrap_err().to_string();
        assert!(fault.contains(address) && fault.contains("https://"), "{fault}");
        assert!(with(address, "http://127.0.0.1:8000/x").is_ok());
    }
    assert!(with("ZHUNSHENG_LOGIN_VERIFIED", "none").unwrap().login.unwrap().verified.is_none());
    for (name, _) in all.iter().skip(1) {
        let fault = without(name).unwrap_err().to_string();
        assert!(fault.contains(name) && !fault.contains("s3cret"), "{name}: {fault}");
    }
}
