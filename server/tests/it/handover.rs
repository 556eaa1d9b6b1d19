//! Batches handed over to the credit platform by HTTP: off until a platform is registered; one that fails, answers in part, answers
//! twice, answers nonsense; always under the same key, every line entered once.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::casework::{SOURCE, decided_on, take};
use crate::credit::made_valid;
use crate::support::{Browser, SmallCounty};

type Answer = (u16, String);

/// A platform on loopback: what it was asked, and how it answers next.
#[derive(Clone)]
struct Platform {
    address: String,
    /// Key and body of each request.
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Platform {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/receive", listener.local_addr().unwrap());
        let platform = Self { address, asked: Arc::default(), answer: Arc::new(Mutex::new((503, String::new()))) };
        let shared = platform.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| shared.serve(stream)));
        platform
    }

    fn answers(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().unwrap() = (status, body.into());
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        let (head, body) = loop {
            let read = stream.read(&mut chunk).unwrap();
            bytes.extend_from_slice(&chunk[..read]);
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if bytes.len() >= end + 4 + length.trim().parse::<usize>().unwrap() {
                break (head, bytes.split_off(end + 4));
            }
        };
        assert!(head.starts_with("post /receive http") && head.contains("application/json"), "{head}");
        let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap().to_owned();
        self.asked.lock().unwrap().push((key, serde_json::from_slice(&body).unwrap()));
        let (status, body) = self.answer.lock().unwrap().clone();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes());
    }
}

const NUMBER: &str = "昌农罚决字〔2024〕1号";
const BATCH: &str = "/credit/batches/20241026-001";

fn result(subject: &str, result: &str, reason: &str) -> Value {
    json!({ "number": NUMBER, "subject": subject, "result": result, "reason": reason, "receipt": "LN01" })
}

/// A decision about two traders, both reports ready to be sent.
async fn two_ready(county: &SmallCounty) -> Browser {
    let second = [
        ("party.1.role", "respondent"),
        ("party.1.kind", "sole_trader"),
        ("party.1.name", "昌图镇某种子商店"),
        ("party.1.uscc", ""),
        ("party.1.representative", "董某"),
        ("party.1.address", "昌图镇西街"),
    ];
    decided_on(county, &[&SOURCE[..], &second].concat()).await;
    let mut clerk = county.clerk("内勤甲").await;
    clerk.get("/credit/queue").await;
    made_valid(county, &mut clerk).await;
    let supplement = clerk.get("/credit/queue").await.attribute("article a.btn-plain", "href").unwrap();
    take(&mut clerk, &supplement, &[("f.subject_uscc", "91350100M000100Y43")]).await;
    clerk
}

async fn registered(county: &SmallCounty, address: &str) {
    let mut admin = county.clerk("管理员").await;
    let fields = [("f.name", "全国信用信息共享平台（辽宁）"), ("f.address", address), ("f.valid_from", "2024-01-01")];
    take(&mut admin, "/matters/new/credit_platform", &fields).await;
}

async fn sent(clerk: &mut Browser) -> String {
    clerk.get("/credit/queue").await;
    clerk.post("/credit/batches", &[]).await.location().to_owned()
}

async fn shown(county: &SmallCounty, path: &str) -> String {
    county.clerk("内勤甲").await.get(path).await.text("main")
}

#[tokio::test]
async fn without_a_platform_nothing_goes_out() {
    let county = SmallCounty::new().await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 0);
    let page = clerk.get(BATCH).await.text("main");
    assert!(!page.contains("重发") && page.contains("批量文件"), "{page}");
    // Registered later: what was sent before goes out only if somebody asks for it.
    let platform = Platform::start();
    registered(&county, &platform.address).await;
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 0);
    let page = clerk.get(BATCH).await;
    assert!(page.text("main").contains("没有通过网络交给平台"), "{}", page.text("main"));
    platform.answers(202, "");
    assert_eq!(clerk.post(&format!("{BATCH}/resend"), &[]).await.status, 303);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("已交给平台，等待结果") && page.contains("平台已收到"), "{page}");
}

#[tokio::test]
async fn a_platform_that_fails_and_answers_in_part_and_twice_gets_every_line_entered_once() {
    let county = SmallCounty::new().await;
    let platform = Platform::start();
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    let app = &county.test.app;
    // It fails: said, and tried again after a while, not at once.
    assert_eq!(app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("没有交到，稍后重试") && page.contains("平台没有收下（503）"), "{page}");
    assert!(shown(&county, "/credit/queue").await.contains("没有交到，稍后重试"));
    assert_eq!(app.hand_over_credit().await.unwrap(), 0, "not due yet");
    county.test.advance(31);
    // It answers for one of two.
    let taken = result("昌图镇某农资商店", "成功", "");
    platform.answers(200, json!({ "results": [taken] }).to_string());
    assert_eq!(app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("等待结果") && page.contains("还有 1 条没有答复"), "{page}");
    assert!(page.contains("其中 1 条还没有回执"), "{page}");
    // It answers again, for both; the first is not entered twice. Asked for by hand: at once, under the same key.
    let returned = result("昌图镇某种子商店", "退回", "代码不存在");
    platform.answers(200, json!({ "results": [taken, returned, taken] }).to_string());
    let mut clerk = county.clerk("内勤甲").await;
    clerk.get(BATCH).await;
    assert_eq!(clerk.post(&format!("{BATCH}/resend"), &[]).await.status, 303);
    assert_eq!(app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("平台已处理完") && page.contains("都有回执"), "{page}");
    let numbers = county.clerk("内勤甲").await.get(BATCH).await;
    assert_eq!(numbers.text("td[data-th='入库']"), "1", "{}", numbers.text("main"));
    assert_eq!(numbers.text("td[data-th='退回']"), "1");
    county.test.advance(24 * 3_600);
    assert_eq!(app.hand_over_credit().await.unwrap(), 0, "done is done");
    let asked = platform.asked();
    assert_eq!(asked.len(), 3);
    for (key, body) in &asked {
        assert_eq!(key, "211224-20241026-001-penalty");
        assert_eq!((body["operation"].as_str(), body["count"].as_u64()), (Some("report"), Some(2)), "as it was sent");
    }
    // What was returned waits with its reason, and goes out in a batch of its own.
    let queue = shown(&county, "/credit/queue").await;
    assert!(queue.contains("被退回"), "{queue}");
    let mut clerk = county.clerk("内勤甲").await;
    assert_eq!(sent(&mut clerk).await, "/credit/batches/20241026-002");
    platform.answers(200, json!({ "results": [result("昌图镇某种子商店", "成功", "")] }).to_string());
    assert_eq!(app.hand_over_credit().await.unwrap(), 1);
    let (key, body) = platform.asked().pop().unwrap();
    assert_eq!((key.as_str(), body["count"].as_u64()), ("211224-20241026-002-penalty", Some(1)));
    assert!(shown(&county, "/credit/batches/20241026-002").await.contains("平台已处理完"));
}

#[tokio::test]
async fn a_platform_that_never_understands_is_left_alone_until_somebody_asks() {
    let county = SmallCounty::new().await;
    let platform = Platform::start();
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    for (status, body, said) in [
        (200, "OK".to_owned(), "不是约定的格式"),
        (200, json!({ "results": [result("某人", "成功", "")] }).to_string(), "对不上"),
        (200, json!({ "results": [result("昌图镇某农资商店", "也许", "")] }).to_string(), "“也许”认不出来"),
        (401, String::new(), "不接受本县的凭据"),
        (422, "缺字段".to_owned(), "内容不合要求（422）：缺字段"),
    ] {
        platform.answers(status, body);
        county.test.advance(3_700);
        assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1, "{said}");
        let page = shown(&county, BATCH).await;
        assert!(page.contains(said) && page.contains("2 条还没有回执"), "{said}: {page}");
    }
    for _ in 5..12 {
        county.test.advance(3_700);
        assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    }
    county.test.advance(30 * 24 * 3_600);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 0, "enough");
    assert!(shown(&county, BATCH).await.contains("已停止重试"));
    // Others do not send it, whoever may does.
    let mut stranger = county.clerk("镇内勤甲").await;
    stranger.get("/credit/queue").await;
    assert_eq!(stranger.post(&format!("{BATCH}/resend"), &[]).await.status, 404);
    platform.answers(202, "");
    let mut clerk = county.clerk("内勤甲").await;
    clerk.get(BATCH).await;
    assert_eq!(clerk.post(&format!("{BATCH}/resend"), &[]).await.status, 303);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    assert!(shown(&county, BATCH).await.contains("平台已收到"));
}

#[tokio::test]
async fn persons_do_not_go_out_in_the_clear() {
    let county = SmallCounty::new().await;
    registered(&county, "http://credit.example.gov.cn/receive").await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("应当以 https:// 开头"), "{page}");
}
