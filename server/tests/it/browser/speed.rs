//! How soon a page can be used on a slow telephone: Chromium is made as slow as Lighthouse's phone, and says when it painted and when the scripts listen.
//! A measurement, of a quiet machine: `./check --full` prints it. What fails is a page that is never painted.
//!
//! The profile is the one by which Lighthouse measures telephones, as the browser's own tools apply it: every request waits 562.5 ms (a round
//! trip of 150 ms, and what name, connection and encryption add to it), 1.44 Mbit/s down, 0.66 Mbit/s up, the processor four times slower
//! than this machine's. Later requests of a real telephone wait less, since the connection stands already: the profile is the harder one.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::driver::{Surfer, Window, World};

/// Each page is opened as often; what else the machine does only makes it slower.
const VISITS: usize = 5;

const PAGES: [(&str, &str); 7] = [
    ("首页", "/"),
    ("办事指南（法律援助）", "/guide/legal_aid"),
    ("登记纠纷", "/disputes/new?town=211224100"),
    ("申请法律援助", "/legal-aid/new?town=211224100"),
    ("草案征求意见", "/consultations"),
    ("一份草案", ""),
    ("查办理进度", "/track"),
];

/// Milliseconds from the press of a link, and what came over the line.
#[derive(Clone, Copy, Debug)]
struct Taken {
    painted: f64,
    listening: f64,
    requests: f64,
    bytes: f64,
}

impl Taken {
    fn usable(self) -> f64 {
        self.painted.max(self.listening)
    }
}

/// What chromedriver passes on to the browser.
async fn tell(me: &Surfer, world: &World, command: &str, params: Value) {
    let session = me.client.session_id().await.unwrap().expect("a session");
    let host = world.driver.trim_start_matches("http://");
    let body = json!({ "cmd": command, "params": params }).to_string();
    let mut line = TcpStream::connect(host).unwrap();
    write!(
        line,
        "POST /session/{session}/goog/cdp/execute HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    // The line is kept open: the first line says enough.
    let mut answer = String::new();
    BufReader::new(line).read_line(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{command}: {answer}");
}

async fn taken(me: &Surfer) -> Taken {
    let script = "const page = performance.getEntriesByType('navigation')[0];
        const paint = performance.getEntriesByName('first-contentful-paint')[0];
        const early = performance.getEntriesByType('resource').filter(r => r.startTime < page.domContentLoadedEventEnd);
        return [paint ? paint.startTime : -1, page.domContentLoadedEventEnd,
                1 + early.filter(r => r.transferSize > 0).length,
                page.transferSize + early.reduce((all, r) => all + r.transferSize, 0)]";
    for _ in 0..200 {
        let said: [f64; 4] = serde_json::from_value(me.ask(script).await).unwrap();
        if said[0] > 0.0 && said[1] > 0.0 {
            return Taken { painted: said[0], listening: said[1], requests: said[2], bytes: said[3] };
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never painted: {}", me.path().await);
}

/// Opens a page as often as it takes: as somebody who was never here, or as who has been.
async fn visits(me: &Surfer, world: &World, path: &str, first: bool) -> Vec<Taken> {
    let mut all = Vec::new();
    for _ in 0..VISITS {
        if first {
            me.client.delete_all_cookies().await.unwrap();
            tell(me, world, "Network.clearBrowserCache", json!({})).await;
        }
        me.client.goto("about:blank").await.unwrap();
        me.client.goto(&format!("{}{path}", world.address)).await.unwrap();
        all.push(taken(me).await);
        // What is fetched for the pages to come has come.
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    }
    all.sort_by(|a, b| a.usable().total_cmp(&b.usable()));
    all
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: four minutes of a quiet machine"]
async fn pages_on_a_slow_telephone() {
    let Some(world) = World::start("pages_on_a_slow_telephone") else { return };
    let me = world.browser("slow-telephone", Window::Phone, true).await;
    me.pass("/consultations").await;
    let draft = me.ask("return document.querySelector('section[aria-labelledby=open] a').pathname").await;
    tell(&me, &world, "Network.enable", json!({})).await;
    let line = json!({ "offline": false, "latency": 562.5, "downloadThroughput": 1474.56 * 1024.0 / 8.0,
                       "uploadThroughput": 675.0 * 1024.0 / 8.0, "connectionType": "cellular4g" });
    tell(&me, &world, "Network.emulateNetworkConditions", line).await;
    tell(&me, &world, "Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
    println!("| 页面 | 第一次来：画出 / 可用（中位） | 请求 | KiB | 再来：画出 / 可用（中位） | KiB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (title, path) in PAGES {
        let path = if path.is_empty() { draft.as_str().unwrap() } else { path };
        let first = visits(&me, &world, path, true).await;
        let again = visits(&me, &world, path, false).await;
        let said = |all: &[Taken]| {
            format!("{:.0} / {:.0}（{:.0}）", all[0].painted, all[0].usable(), all[VISITS / 2].usable())
        };
        println!(
            "| {title} | {} | {} | {:.0} | {} | {:.0} |",
            said(&first),
            first[0].requests,
            first[0].bytes / 1024.0,
            said(&again),
            again[0].bytes / 1024.0
        );
    }
    me.close().await;
}
