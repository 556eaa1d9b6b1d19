//! Batches handed over to the credit platform by HTTP: off until a platform is registered, to the host that was set and no other; one
//! that fails, answers in part, answers twice, answers nonsense; always under the same key, every line entered once.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use zhunsheng::app::hand_over::PostEnd;
use zhunsheng::config::{Config, Passphrase};
use zhunsheng::store::credit_handover::{self as store, HandOver};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};

use crate::casework::{SOURCE, decided_on, take};
use crate::credit::{SECOND, made_valid};
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

    /// A county that may hand over to it.
    async fn county(&self) -> SmallCounty {
        let host = self.address.trim_start_matches("http://").trim_end_matches("/receive");
        SmallCounty::with(Config { credit_host: host.parse().ok(), ..Config::default() }).await
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
    decided_on(county, &[&SOURCE[..], &SECOND].concat()).await;
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
    let platform = Platform::start();
    let county = platform.county().await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 0);
    let page = clerk.get(BATCH).await.text("main");
    assert!(!page.contains("重发") && page.contains("批量文件"), "{page}");
    // Registered later: what was sent before goes out only if somebody asks for it.
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
    let platform = Platform::start();
    let county = platform.county().await;
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
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    for (status, body, said) in [
        (200, "OK".to_owned(), "不是约定的格式"),
        (200, json!({ "results": [result("昌图镇某农资商店", "也许", "")] }).to_string(), "“也许”认不出来"),
        (401, String::new(), "不接受本县的凭据"),
        (422, "第2条：证件号码21122419800101123X有误".to_owned(), "（422）：第2条：证件号码……有误"),
        (503, String::new(), "503"),
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
async fn persons_and_the_token_go_to_the_host_that_was_set_and_to_no_other() {
    let platform = Platform::start();
    for (host, registered_at, said) in [
        (None, platform.address.as_str(), "请运行系统的人设环境变量 ZHUNSHENG_CREDIT_HOST"),
        (Some("credit.example.gov.cn"), platform.address.as_str(), "不在准许的主机 credit.example.gov.cn 上"),
        (Some("credit.example.gov.cn"), "http://credit.example.gov.cn/receive", "应当以 https:// 开头"),
    ] {
        let credit_token = Some(Passphrase::new("secret".to_owned()));
        let credit_host = host.and_then(|host| host.parse().ok());
        let county = SmallCounty::with(Config { credit_host, credit_token, ..Config::default() }).await;
        registered(&county, registered_at).await;
        let mut clerk = two_ready(&county).await;
        let queue = clerk.get("/credit/queue").await.text("main");
        assert!(queue.contains("没有通过网络交给平台") && queue.contains(said), "{queue}");
        assert_eq!(sent(&mut clerk).await, BATCH);
        county.test.app.hand_over_credit().await.unwrap();
        assert!(platform.asked().is_empty(), "nothing left the house");
        let page = shown(&county, BATCH).await;
        assert!(page.contains(said) && page.contains("2 条还没有回执"), "{page}");
    }
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    assert!(!shown(&county, "/credit/queue").await.contains("没有通过网络"));
}

/// Another clerk of the bureau, who takes over from the first.
async fn successor(county: &mut SmallCounty) {
    let admin = Actor::Staff { person: county.people["管理员"].0, post: county.people["管理员"].1 };
    let open = |procedure: &str, values: &[(&str, &str)]| Command {
        target: Target::Open(procedure.into()),
        step: "register".into(),
        input: values.iter().fold(Input::default(), |input, (field, value)| input.with(field, *value)),
        manner: Manner::Live,
    };
    let app = &county.test.app;
    let person = open("person", &[("name", "内勤乙"), ("valid_from", "2022-01-01")]);
    let person = app.act(admin.clone(), person, None).await.unwrap().matter;
    let id = person.to_string();
    let post = [
        ("person", id.as_str()),
        ("organ", "211224-nyj"),
        ("post_kind", "enforcement_clerk"),
        ("valid_from", "2022-01-01"),
    ];
    let post = app.act(admin.clone(), open("post", &post), None).await.unwrap().matter;
    let end = PostEnd {
        post: county.people["内勤甲"].1,
        until: "2024-10-25".to_owned(),
        successor: Some(person),
        reason: "岗位调整".to_owned(),
    };
    app.end_post(admin, end).await.unwrap();
    county.people.insert("内勤乙", (person, post));
}

#[tokio::test]
async fn what_a_clerk_who_left_has_sent_is_entered_by_whoever_sends_it_again() {
    let platform = Platform::start();
    let mut county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    successor(&mut county).await;
    let both = [result("昌图镇某农资商店", "成功", ""), result("昌图镇某种子商店", "成功", "")];
    platform.answers(200, json!({ "results": both }).to_string());
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let mut clerk = county.clerk("内勤乙").await;
    let page = clerk.get(BATCH).await.text("main");
    assert!(page.contains("已经不在这个岗位") && page.contains("2 条还没有回执"), "{page}");
    assert!(page.contains("没有交到，稍后重试"), "not done: {page}");
    assert_eq!(clerk.post(&format!("{BATCH}/resend"), &[]).await.status, 303);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let page = clerk.get(BATCH).await.text("main");
    assert!(page.contains("平台已处理完") && page.contains("都有回执"), "{page}");
}

#[tokio::test]
async fn what_was_marked_as_answered_and_still_waits_is_sent_again_by_hand() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    let by = county.people["内勤甲"];
    let answered = HandOver { answered_ms: 5, accepted: 1, ..HandOver::new("20241026-001", "penalty", by) };
    county.test.write(move |tx, county| store::put(tx, county, &answered, None)).await;
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 0);
    clerk.get(BATCH).await;
    assert_eq!(clerk.post(&format!("{BATCH}/resend"), &[]).await.status, 303);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    assert_eq!(clerk.get(BATCH).await.text("td[data-th='入库']"), "1", "what was counted stays counted");
}

#[tokio::test]
async fn answers_that_fit_nothing_are_shown_and_are_no_failure() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    let unknown = json!({ "number": "21122419800101123X", "result": "成功" });
    let both = [unknown, result("昌图镇某农资商店", "成功", ""), result("昌图镇某种子商店", "成功", "")];
    platform.answers(200, json!({ "results": [both[0].clone(), both[1].clone()] }).to_string());
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("1 条对不上") && page.contains("第1条") && page.contains("还有 1 条没有答复"), "{page}");
    assert!(page.contains("已交给平台，等待结果") && !page.contains("1980"), "{page}");
    platform.answers(200, json!({ "results": both }).to_string());
    county.test.advance(601);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let page = shown(&county, BATCH).await;
    assert!(page.contains("平台已处理完") && page.contains("1 条对不上") && page.contains("都有回执"), "{page}");
}

#[tokio::test]
async fn what_no_longer_waits_is_left_out_until_the_platform_has_it() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1, "503");
    let line = format!("决定文书号,行政相对人名称,结果\n{NUMBER},昌图镇某农资商店,成功\n");
    clerk.get(BATCH).await;
    let page = clerk.post_files(&format!("{BATCH}/receipt"), &[], &[("file", "回执.csv", line.as_bytes())]).await;
    assert!(page.text("main").contains("入库成功 1 条"), "{}", page.text("main"));
    platform.answers(202, "");
    county.test.advance(31);
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    let counts: Vec<Option<u64>> = platform.asked().iter().map(|(_, body)| body["count"].as_u64()).collect();
    assert_eq!(counts, [Some(2), Some(1)]);
    assert!(!platform.asked()[1].1.to_string().contains("农资商店"));
}

#[tokio::test]
async fn what_the_platform_has_is_asked_for_ever_less_often() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    platform.answers(202, "");
    let app = &county.test.app;
    assert_eq!(app.hand_over_credit().await.unwrap(), 1);
    for minutes in [10, 20, 40, 80, 160, 240, 240] {
        county.test.advance(minutes * 60 - 1);
        assert_eq!(app.hand_over_credit().await.unwrap(), 0, "{minutes}");
        county.test.advance(1);
        assert_eq!(app.hand_over_credit().await.unwrap(), 1, "{minutes}");
    }
}

#[tokio::test]
async fn what_was_given_up_stands_in_nobodys_way() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    county
        .test
        .write(|tx, county| {
            for n in 1..=120 {
                let by = (MatterId(1), MatterId(2));
                let given_up =
                    HandOver { failures: 12, tried_ms: 5, ..HandOver::new(&format!("20240101-{n:03}"), "penalty", by) };
                store::put(tx, county, &given_up, zhunsheng::app::credit::handover::due_ms(&given_up))?;
            }
            Ok(())
        })
        .await;
    let mut clerk = two_ready(&county).await;
    assert_eq!(sent(&mut clerk).await, BATCH);
    platform.answers(202, "");
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 1);
    assert_eq!(platform.asked().len(), 1);
}

#[tokio::test]
async fn a_report_sent_by_itself_is_handed_over_as_a_batch_by_itself() {
    let platform = Platform::start();
    let county = platform.county().await;
    registered(&county, &platform.address).await;
    let mut clerk = two_ready(&county).await;
    platform.answers(202, "");
    let reports = clerk.get("/credit/queue").await.attributes("table td.main a", "href");
    for (report, typed) in [(&reports[0], "20241026-007"), (&reports[1], "20241026-001")] {
        let path = format!("{report}/steps/send");
        clerk.get(&path).await;
        assert_eq!(clerk.post(&path, &[("f.batch", typed)]).await.status, 303);
    }
    assert_eq!(county.test.app.hand_over_credit().await.unwrap(), 2);
    let keys: Vec<String> = platform.asked().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["211224-20241026-001-penalty", "211224-20241026-002-penalty"], "whatever was typed");
    assert!(shown(&county, BATCH).await.contains("平台已收到"));
}
