//! Nobody changes anything through somebody else's browser; bodies have caps; every answer has its headers.

use std::sync::Arc;

use crate::support::{Browser, TestApp, form};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST, ORIGIN};
use axum::routing::{get, post};
use serde_json::Value;
use zhunsheng::app::App;
use zhunsheng::app::limit::Rules;
use zhunsheng::config::Config;
use zhunsheng::web::router::routes;
use zhunsheng::web::security::POLICY;
use zhunsheng::web::{ApiCaller, Form, Json, PageError, Path, Reason};

fn probes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/echo",
            post(async |form: Form| format!("{:?} {:?}", form.fields.pairs().collect::<Vec<_>>(), files(&form))),
        )
        .route("/panic", get(async || -> String { panic!("a surprise with 身份证号 in it") }))
        .route(
            "/fault",
            get(async || -> Result<String, PageError> { Err(PageError::fault(std::io::Error::other("inside"))) }),
        )
        .route("/number/{n}", get(async |Path(n): Path<u32>| n.to_string()))
        .route("/api/v1/json", post(async |_: ApiCaller, Json(value): Json<Value>| value.to_string()))
        .route(
            "/refused",
            get(async || -> Result<String, PageError> {
                Err(PageError::Refused(vec![Reason {
                    code: "decision_before_notice".to_owned(),
                    sentence: "尚未告知，不能作出处罚决定。".to_owned(),
                    article: "《行政处罚法》第六十二条".to_owned(),
                    grade: "法定".to_owned(),
                    next: "先送达行政处罚告知书。".to_owned(),
                }]))
            }),
        )
}

fn files(form: &Form) -> Vec<(String, u64, bool)> {
    form.uploads
        .iter()
        .map(|upload| (upload.file_name.clone(), upload.received.bytes, upload.path().exists()))
        .collect()
}

async fn county() -> TestApp {
    TestApp::with(probes(), Config::default(), Rules::none()).await
}

async fn seen(test: &TestApp) -> Browser {
    let mut browser = test.browser();
    browser.get("/login").await;
    browser
}

#[tokio::test]
async fn a_form_of_ours_arrives_as_typed_and_in_order() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let page = browser.post("/echo", &[("b", "二\r\n行"), ("a", " 1 "), ("b", "")]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains(r#"("b", "二\n行"), ("a", " 1 "), ("b", "")"#), "{}", page.body);
}

#[tokio::test]
async fn without_the_right_token_nothing_happens() {
    let test = county().await;
    test.account("p1", "li").await;
    let mut stranger = seen(&test).await;
    let mut other = seen(&test).await;
    let staff = test.staff("li").await;
    for token in ["", "0", other.token.as_str(), staff.token.as_str()] {
        let page = stranger.send(form("/echo", &[("_token", token), ("a", "1")])).await;
        assert_eq!((page.status, page.text("h1").as_str()), (403, "页面已经过期"), "{token}");
    }
    let page = stranger.send(form("/echo", &[("a", "1")])).await;
    assert_eq!(page.status, 403);
    let token = stranger.token.clone();
    stranger.cookies.clear();
    let page = stranger.send(form("/echo", &[("_token", &token)])).await;
    assert_eq!(page.status, 403, "the cookie is half of it");
    let forged = "0".repeat(64);
    stranger.cookies.insert("zs-form".to_owned(), forged);
    assert_eq!(stranger.send(form("/echo", &[("_token", &token)])).await.status, 403, "and it is signed");
    assert_eq!(other.post("/echo", &[]).await.status, 200);
}

#[tokio::test]
async fn a_form_of_another_session_is_refused() {
    let test = county().await;
    test.account("p1", "li").await;
    let (mut one, mut two) = (test.staff("li").await, test.staff("li").await);
    one.get("/account/sessions").await;
    two.get("/account/sessions").await;
    assert_eq!(two.send(form("/echo", &[("_token", &one.token)])).await.status, 403);
    assert_eq!(two.post("/echo", &[]).await.status, 200);
}

#[tokio::test]
async fn other_sites_are_refused_even_with_the_token() {
    let test = county().await;
    let mut browser = seen(&test).await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let token = browser.token.clone();
        let mut request = form("/echo", &[("_token", &token)]);
        request.headers_mut().insert(name, value.parse().unwrap());
        let page = browser.send(request).await;
        assert_eq!((page.status, page.text("h1").as_str()), (403, "请求不是从本站页面发出的"), "{name}: {value}");
    }
}

#[tokio::test]
async fn the_wrong_kind_of_body_is_refused() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let request = |media: &str, encoding: Option<&str>| {
        let mut request = Request::post("/echo").header(HOST, "localhost").header(ORIGIN, "http://localhost");
        request = request.header(CONTENT_TYPE, media);
        if let Some(encoding) = encoding {
            request = request.header(CONTENT_ENCODING, encoding);
        }
        request.body(Body::from("{\"a\":1}")).unwrap()
    };
    assert_eq!(browser.send(request("application/json", None)).await.status, 415);
    assert_eq!(browser.send(request("text/plain", None)).await.status, 415);
    assert_eq!(browser.send(request("application/x-www-form-urlencoded", Some("gzip"))).await.status, 415);
    let text = test.token("p1", "post", 1).await;
    let api = |media: &str, body: &'static str| {
        let request = Request::post("/api/v1/json").header("authorization", format!("Bearer {text}"));
        request.header(CONTENT_TYPE, media).body(Body::from(body)).unwrap()
    };
    assert_eq!(browser.send(api("application/x-www-form-urlencoded", "a=1")).await.status, 415);
    assert_eq!(browser.send(api("application/json", "{\"a\":")).await.status, 400);
    assert_eq!(browser.send(api("application/json; charset=utf-8", "{\"a\":1}")).await.body, "{\"a\":1}");
}

#[tokio::test]
async fn too_much_is_413_with_a_page() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let text = "长".repeat(200_000);
    let page = browser.post("/echo", &[("a", &text)]).await;
    assert_eq!((page.status, page.text("h1").as_str()), (413, "提交的内容太大"));
    let endless = futures_free_stream(300 << 10);
    let request = Request::post("/echo")
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(endless)
        .unwrap();
    assert_eq!(browser.send(request).await.status, 413, "without an announced length as well");
}

/// A body of that many bytes that does not announce its length.
fn futures_free_stream(bytes: usize) -> Body {
    struct Chunks(usize);
    impl hyper::body::Body for Chunks {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
            if self.0 == 0 {
                return std::task::Poll::Ready(None);
            }
            self.0 = self.0.saturating_sub(1024);
            std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(vec![b'a'; 1024].into()))))
        }
    }
    Body::new(Chunks(bytes))
}

fn multipart(token: &str, files: &[(&str, usize)]) -> Request {
    let mut body = format!("--X\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n").into_bytes();
    for (name, size) in files {
        body.extend_from_slice(
            format!("--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n").as_bytes(),
        );
        body.extend(std::iter::repeat_n(b'x', *size));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--X--\r\n");
    Request::post("/echo")
        .header(HOST, "localhost")
        .header(ORIGIN, "http://localhost")
        .header(CONTENT_TYPE, "multipart/form-data; boundary=X")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn files_are_streamed_capped_and_gone_afterwards() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let incoming = zhunsheng::app::evidence::incoming(&test.app.config.data_dir);
    let left = || std::fs::read_dir(&incoming).map(|found| found.count()).unwrap_or(0);
    let token = browser.token.clone();
    let page = browser.send(multipart(&token, &[("现场.png", 70_000), ("", 0)])).await;
    assert!(page.body.contains("[(\"现场.png\", 70000, true)]"), "{}", page.body);
    assert_eq!(left(), 0);
    assert_eq!(browser.send(multipart(&token, &[("大.png", (12 << 20) + 1)])).await.status, 413);
    assert_eq!(left(), 0);
    assert_eq!(browser.send(multipart("wrong", &[("现场.png", 10)])).await.status, 403);
    assert_eq!(left(), 0);
    assert_eq!(browser.send(multipart(&token, &[("a.png", 1); 7])).await.status, 400);
    assert_eq!(left(), 0);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let css = zhunsheng::web::assets::url("robots.txt");
    for (path, status) in [
        ("/login", 200),
        ("/nowhere", 404),
        ("/logout", 405),
        ("/panic", 500),
        ("/fault", 500),
        ("/refused", 422),
        ("/account/password", 303),
        ("/number/x", 404),
        ("/number/7", 200),
        ("/healthz", 200),
        ("/api/v1/nowhere", 404),
        (css.as_str(), 200),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path} {}", page.body);
        assert_eq!(page.header("content-security-policy"), *POLICY, "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!page.header("permissions-policy").is_empty(), "{path}");
        assert_eq!(page.header("x-request-id").len(), 9, "{path}");
        let cache = if path.starts_with("/static/") { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(page.header("cache-control"), cache, "{path}");
        assert_eq!(page.header("strict-transport-security"), "", "only over HTTPS");
    }
}

#[tokio::test]
async fn a_fault_shows_a_number_and_nothing_of_the_inside() {
    let test = county().await;
    let mut browser = test.browser();
    for path in ["/panic", "/fault"] {
        let page = browser.get(path).await;
        assert_eq!(page.text(".query-code"), page.header("x-request-id"));
        assert!(!page.body.contains("surprise") && !page.body.contains("inside") && !page.body.contains("身份证号"));
    }
    let request = Request::get("/fault").header("accept", "application/json").body(Body::empty()).unwrap();
    let page = browser.send(request).await;
    let json: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(json["error"]["code"], "fault");
    assert_eq!(json["error"]["reference"], page.header("x-request-id"));
}

#[tokio::test]
async fn a_refusal_names_the_article_and_the_next_step() {
    let test = county().await;
    let page = test.browser().get("/refused").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text(".fault .quiet"), "依据（法定）：《行政处罚法》第六十二条");
    let request = Request::get("/refused").header("accept", "application/json").body(Body::empty()).unwrap();
    let json: Value = serde_json::from_str(&test.browser().send(request).await.body).unwrap();
    assert_eq!(json["error"]["reasons"][0]["code"], "decision_before_notice");
}

#[tokio::test]
async fn cookies_are_closed_and_host_bound_over_https() {
    let test = TestApp::with(probes(), Config { https: true, ..Config::default() }, Rules::none()).await;
    let page = test.browser().get("/login").await;
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-zs-form="), "{cookie}");
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    let page = county().await.browser().get("/login").await;
    assert!(page.header("set-cookie").starts_with("zs-form="));
    assert!(!page.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn the_look_is_kept_and_comes_back_to_the_page() {
    let test = county().await;
    let mut browser = seen(&test).await;
    let page = browser.post("/look", &[("elder", "1"), ("next", "/login")]).await;
    assert_eq!((page.status, page.location()), (303, "/login"));
    browser.post("/look", &[("theme", "dark"), ("next", "//evil.example")]).await;
    let page = browser.get("/login").await;
    assert_eq!(page.attribute("html", "class").as_deref(), Some("demo elder dark"));
}

#[tokio::test]
async fn a_superior_portal_shows_public_pages_under_its_own_header_and_nobody_else_does() {
    let portals = vec!["https://www.ct.gov.cn".to_owned(), "https://zwfw.ct.gov.cn".to_owned()];
    let config = Config { portals, ..Config::default() };
    let test = TestApp::with(routes(), config, Rules::none()).await;
    let mut browser = test.browser();
    for path in
        ["/", "/find?q=工钱", "/guide", "/guide/mediation", "/villages", "/popular", "/penalties", "/consultations"]
    {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors https://www.ct.gov.cn https://zwfw.ct.gov.cn;"), "{path}: {policy}");
        assert_eq!((page.header("x-frame-options"), page.status), ("", 200), "{path}");
        assert!(!page.body.contains("target=\"_top\""), "{path} stands by itself");
    }
    // What files something, shows what is somebody's own, or is staff's, stands in no frame.
    for path in [
        "/disputes/new",
        "/legal-aid/new",
        "/ask",
        "/consultations/x",
        "/track",
        "/me/enter",
        "/login",
        "/desk",
        "/guidebook",
    ] {
        let page = browser.get(path).await;
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
    }
    let framed = Request::builder().uri("/guide").header("sec-fetch-dest", "iframe").body(Body::empty()).unwrap();
    let page = browser.send(framed).await;
    assert!(
        page.body.contains("<base target=\"_top\">") && page.body.contains("framed"),
        "links lead out of the frame"
    );
    let alone = TestApp::with(routes(), Config::default(), Rules::none()).await.browser().get("/guide").await;
    assert_eq!(alone.header("content-security-policy"), *POLICY, "without a portal, in nobody's");
}
