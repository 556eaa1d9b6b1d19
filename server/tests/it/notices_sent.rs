//! Notices that leave the house: signed, tried again, shown when they fail, sent again; and nothing in them that concerns a party.

use std::sync::Arc;

use zhunsheng::app::App;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::notice::Channel;
use zhunsheng::app::notice::webhook::{IDEMPOTENCY, SIGNATURE, TIMESTAMP, signature};
use zhunsheng::config::ways::{Mail, MailTls, SmsHttp, Ways, Webhook};
use zhunsheng::config::{Config, Passphrase};
use zhunsheng::params;
use zhunsheng::store::{Db, Query, Tx, outgoing};
use zhunsheng_core::matter::{Actor, Command, Input, Manner, Target};

use crate::casework::take;
use crate::notices::{BACK, CANARIES, derive, transferred};
use crate::support::outside::{MailServer, Receiver};
use crate::support::{Folder, SmallCounty, copy_county, home};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const SITE: &str = "https://fz.example.gov.cn";

fn config(ways: Ways) -> Config {
    Config { ways, public_url: Some(SITE.to_owned()), ..Config::default() }
}

fn webhook(receiver: &Receiver) -> Ways {
    let url = format!("http://{}/notices", receiver.address);
    Ways { webhook: Some(Webhook { url, key: Passphrase::new(KEY.to_owned()) }), ..Ways::default() }
}

/// A county in which the liaison of the department of agriculture has an account and chose these ways; what lay there before is told.
async fn county(ways: Ways, chosen: &[(&str, &str)]) -> SmallCounty {
    let county = SmallCounty::with(config(ways)).await;
    let person: &'static str = Box::leak(county.id("联络员甲").into_boxed_str());
    county.test.account(person, "liaison").await;
    let mut liaison = county.clerk("联络员甲").await;
    liaison.get("/account/notices").await;
    let page = liaison.post("/account/notices", chosen).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    confirm(&county).await;
    derive(&county.test.app).await;
    county
}

/// As if every owner had typed the code: how that goes is another test.
async fn confirm(county: &SmallCounty) {
    let confirm = |tx: &mut Tx<'_>, code: &str| {
        tx.execute("UPDATE notice_way SET confirmed = 1 WHERE county_code = $1", params![code]).map(|_| ())
    };
    county.test.write(confirm).await;
}

fn without_canaries(text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary} left the house: {text}");
    }
}

#[tokio::test]
async fn a_program_that_fails_twice_gets_it_the_third_time() {
    let receiver = Receiver::start(&[(500, "down"), (302, "elsewhere")]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    let app = &county.test.app;
    let (_, matter) = transferred(&county).await;
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0, "nothing is derived within the act");
    derive(app).await;
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0, "it waits");
    county.test.advance(31);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1);
    county.test.advance(31);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0, "twice as long");
    county.test.advance(30);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1);
    county.test.advance(24 * 60 * 60);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0, "sent once it is answered");

    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 3);
    for one in &arrived {
        let sent: i64 = one.headers[TIMESTAMP].parse().unwrap();
        assert_eq!(Some(one.headers[SIGNATURE].clone()), signature(KEY, sent, one.body.as_bytes()));
        assert_eq!((&one.headers[IDEMPOTENCY], &one.body), (&arrived[0].headers[IDEMPOTENCY], &arrived[0].body));
        without_canaries(&format!("{:?} {}", one.headers, one.body));
    }
    assert_ne!(arrived[0].headers[SIGNATURE], arrived[2].headers[SIGNATURE], "each is signed for its time");
    let body: serde_json::Value = serde_json::from_str(&arrived[0].body).unwrap();
    assert_eq!(
        (&body["kind"], &body["to"], &body["county"]),
        (&"transferred".into(), &"liaison".into(), &"211224".into())
    );
    assert_eq!(body["link"], format!("{SITE}{matter}"));
    assert_eq!(body["id"], arrived[0].headers[IDEMPOTENCY].as_str());
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["county", "day", "id", "kind", "link", "made", "number", "title", "to", "version"]);
}

/// A copied folder, opened as at a start.
fn reopened(county: &SmallCounty, folder: &Folder, name: &str) -> Arc<App> {
    let to = folder.path().join(name);
    copy_county(&county.test.app.config.data_dir, &to);
    let home = home(&to);
    let config = Config {
        data_dir: home.data.clone(),
        database: home.database.clone(),
        ..Config::clone(&county.test.app.config)
    };
    let machine = MachineClock::fixed(jiff::Timestamp::from_millisecond(county.test.app.machine.millis()).unwrap());
    Arc::new(App::start(config, Db::open(home).unwrap(), machine).unwrap())
}

#[tokio::test]
async fn a_restart_between_enqueuing_and_sending_loses_nothing() {
    let receiver = Receiver::start(&[]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    transferred(&county).await;
    let folder = Folder::new();
    // Before it was derived.
    let early = reopened(&county, &folder, "early");
    derive(&early).await;
    assert_eq!(early.send_due(Channel::Webhook).await.unwrap(), 1);
    // After it was derived, before it was sent; and the same again: sent, and the answer not noted.
    derive(&county.test.app).await;
    for name in ["between", "again"] {
        let late = reopened(&county, &folder, name);
        derive(&late).await;
        assert_eq!(late.send_due(Channel::Webhook).await.unwrap(), 1, "{name}");
        assert_eq!(late.send_due(Channel::Webhook).await.unwrap(), 0, "{name}");
    }
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 3);
    assert!(arrived.iter().all(|one| one.headers[IDEMPOTENCY] == arrived[0].headers[IDEMPOTENCY]), "known again");
}

/// A full disk must not turn one message into one every two seconds.
#[tokio::test]
async fn a_message_whose_end_cannot_be_noted_waits_and_ends_as_one_that_failed() {
    let receiver = Receiver::start(&[]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    let app = &county.test.app;
    transferred(&county).await;
    derive(app).await;
    // Each statement of a turn fails once, until it is the one behind the sending.
    let mut nth = 0;
    while receiver.arrived().is_empty() {
        nth += 1;
        app.db.fail_at(nth);
        app.send_due(Channel::Webhook).await.unwrap_err();
        app.db.fail_at(0);
    }
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0, "it waits as after a failure");
    for _ in 1..10 {
        county.test.advance(60 * 60);
        app.db.fail_at(nth);
        app.send_due(Channel::Webhook).await.unwrap_err();
        app.db.fail_at(0);
    }
    county.test.advance(60 * 60);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1, "looked at and given up");
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 0);
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 10, "tries that nobody could note are tries");
    assert!(arrived.iter().all(|one| one.headers[IDEMPOTENCY] == arrived[0].headers[IDEMPOTENCY]), "known again");
    let page = county.clerk("管理员").await.get("/admin/notices").await;
    assert!(page.text("main").contains("结果都没有记下"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_message_is_taken_by_one() {
    let receiver = Receiver::start(&[]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    transferred(&county).await;
    derive(&county.test.app).await;
    let taken = county.test.write(|tx, code| {
        let read = outgoing::list_due(tx, code, "webhook", i64::MAX, 1)?.remove(0);
        let next = read.next + 30_000;
        Ok([outgoing::claim(tx, code, &read, next)?, outgoing::claim(tx, code, &read, next)?])
    });
    assert_eq!(taken.await, [true, false], "another process read it, too");
    assert_eq!(county.test.app.send_due(Channel::Webhook).await.unwrap(), 0);
}

#[tokio::test]
async fn news_that_is_none_any_more_is_dropped() {
    let receiver = Receiver::start(&[]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    let app = &county.test.app;
    let fail = |tx: &mut Tx<'_>, code: &str| {
        let sql = "UPDATE outgoing SET state = 'dead', tries = 10 WHERE county_code = $1 AND state = 'due'";
        tx.execute(sql, params![code])
    };
    // Done before it was sent again.
    let (_, matter) = transferred(&county).await;
    derive(app).await;
    assert_eq!(county.test.write(fail).await, 1);
    take(&mut county.clerk("联络员甲").await, &format!("{matter}/steps/return_transfer"), &BACK).await;
    assert_eq!(app.send_again(None).await.unwrap(), 1);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1, "looked at and dropped");
    // Still to be done, and a week old.
    derive(app).await;
    transferred(&county).await;
    derive(app).await;
    assert_eq!(county.test.write(fail).await, 1);
    county.test.advance(7 * 24 * 60 * 60 + 1);
    assert_eq!(app.send_again(None).await.unwrap(), 1);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1, "looked at and dropped");
    assert_eq!(receiver.arrived().len(), 0);
    let page = county.clerk("管理员").await.get("/admin/notices").await;
    assert!(page.text("main").contains("事情已经办了"), "{}", page.text("main"));
    assert!(page.text("main").contains("消息已经过时"), "{}", page.text("main"));
    // What nobody sent again is gone after ninety days.
    transferred(&county).await;
    derive(app).await;
    assert_eq!(county.test.write(fail).await, 1);
    county.test.advance(91 * 24 * 60 * 60);
    app.derive_due_notices().await.unwrap();
    let left = app.db.read(|r| r.query_one("SELECT count(*) FROM outgoing", params![], |row| row.int(0))).await;
    assert_eq!(left.unwrap(), Some(0));
}

#[tokio::test]
async fn what_is_not_wanted_or_not_allowed_any_more_is_not_sent() {
    let receiver = Receiver::start(&[]).await;
    let county = county(webhook(&receiver), &[("webhook.kind", "transferred")]).await;
    let app = &county.test.app;
    // Not chosen: told in the workbench only.
    let mut liaison = county.clerk("联络员甲").await;
    liaison.get("/account/notices").await;
    transferred(&county).await;
    derive(app).await;
    assert_eq!(liaison.post("/account/notices", &[("webhook.kind", "overdue")]).await.status, 303);
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1, "looked at and dropped");
    // The post ends between deriving and sending.
    assert_eq!(liaison.post("/account/notices", &[("webhook.kind", "transferred")]).await.status, 303);
    transferred(&county).await;
    derive(app).await;
    let (person, post) = county.people["管理员"];
    let end = Command {
        target: Target::On(county.people["联络员甲"].1),
        step: "end".into(),
        input: Input::default().with("valid_until", "2024-10-25"),
        manner: Manner::Live,
    };
    app.act(Actor::Staff { person, post }, end, None).await.unwrap();
    assert_eq!(app.send_due(Channel::Webhook).await.unwrap(), 1, "looked at and dropped");
    assert_eq!(receiver.arrived().len(), 0);
    let page = county.clerk("管理员").await.get("/admin/notices").await;
    assert!(page.text("main").contains("本人已经不要这种通知"), "{}", page.text("main"));
    assert!(page.text("main").contains("已经不在这个岗位"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_shown_and_sent_again() {
    let server = MailServer::start().await;
    let mail = Mail {
        host: "127.0.0.1".to_owned(),
        port: server.address.port(),
        tls: MailTls::Plain,
        from: "fz@example.gov.cn".to_owned(),
        login: None,
    };
    let chosen = [("mail.address", "nobody@example.gov.cn"), ("mail.kind", "transferred")];
    let county = county(Ways { mail: Some(mail), ..Ways::default() }, &chosen).await;
    let app = &county.test.app;
    transferred(&county).await;
    derive(app).await;
    assert_eq!(app.send_due(Channel::Mail).await.unwrap(), 1, "it existed when it was confirmed");
    county.test.advance(6 * 24 * 60 * 60);
    assert_eq!(app.send_due(Channel::Mail).await.unwrap(), 0, "the server will not take it tomorrow either");
    let mut admin = county.clerk("管理员").await;
    let page = admin.get("/admin/notices").await;
    assert!(page.text("main").contains("邮件服务器不收：550"), "{}", page.text("main"));
    assert!(!page.body.contains("nobody@"), "the address is the official's");
    assert!(page.text(".side").contains("外发消息 1"), "{}", page.text(".side"));
    without_canaries(&page.body);
    // The address is put right, the message sent again.
    let mut liaison = county.clerk("联络员甲").await;
    liaison.get("/account/notices").await;
    let chosen = [("mail.address", "liaison@example.gov.cn"), ("mail.kind", "transferred")];
    assert_eq!(liaison.post("/account/notices", &chosen).await.status, 303);
    confirm(&county).await;
    let id = page.attribute("button[name=message]:not([value=all])", "value").unwrap();
    assert_eq!(admin.post("/admin/notices/again", &[("message", &id)]).await.status, 303);
    assert_eq!(admin.post("/admin/notices/again", &[("message", &id)]).await.status, 404, "it is not dead any more");
    assert_eq!(app.send_due(Channel::Mail).await.unwrap(), 1);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains(&format!("Message-ID: <{id}@example.gov.cn>\r\n")), "{}", mails[0]);
    assert!(
        mails[0].contains("To: liaison@example.gov.cn\r\n") && mails[0].contains("Date: Sat, 26 Oct 2024"),
        "{}",
        mails[0]
    );
    without_canaries(&mails[0]);
    without_canaries(&body_of(&mails[0]));
    assert!(body_of(&mails[0]).contains("转来：") && body_of(&mails[0]).contains(SITE), "{}", body_of(&mails[0]));
    assert!(admin.get("/admin/notices").await.text("#g-dead").contains('0'));
}

/// The text of a mail in base64.
fn body_of(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let body = body.trim_end_matches("\r\n.\r\n");
    if !head.contains("base64") {
        return body.to_owned();
    }
    let packed: String = body.split_whitespace().collect();
    let mut bytes = Vec::new();
    for four in packed.as_bytes().chunks(4) {
        let value = |c: u8| match c {
            b'A'..=b'Z' => u32::from(c - b'A'),
            b'a'..=b'z' => u32::from(c - b'a') + 26,
            b'0'..=b'9' => u32::from(c - b'0') + 52,
            b'+' => 62,
            b'/' => 63,
            _ => 0,
        };
        let bits = four.iter().fold(0, |bits, c| bits << 6 | value(*c));
        let padding = four.iter().filter(|c| **c == b'=').count();
        bytes.extend(&bits.to_be_bytes()[1..4 - padding]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_mail_server_that_is_down_is_tried_again() {
    let mail = Mail {
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: MailTls::Plain,
        from: "fz@example.gov.cn".to_owned(),
        login: None,
    };
    let chosen = [("mail.address", "liaison@example.gov.cn"), ("mail.kind", "transferred")];
    let county = county(Ways { mail: Some(mail), ..Ways::default() }, &chosen).await;
    let app = &county.test.app;
    transferred(&county).await;
    derive(app).await;
    let mut tries = 0;
    while app.send_due(Channel::Mail).await.unwrap() == 1 {
        tries += 1;
        county.test.advance(60 * 60);
    }
    assert_eq!(tries, 10, "then it waits for somebody");
    let mut admin = county.clerk("管理员").await;
    let page = admin.get("/admin/notices").await;
    assert!(page.text("main").contains("失败10次：连接不上邮件服务器"), "{}", page.text("main"));
    assert_eq!(admin.post("/admin/notices/again", &[("message", "all")]).await.status, 303);
    assert_eq!(app.send_due(Channel::Mail).await.unwrap(), 1, "all of them, from the beginning");
}

#[tokio::test]
async fn short_messages_go_to_the_console_or_to_a_gateway() {
    // A demonstration sends none, and shows what would have been sent.
    let chosen = [("sms.address", "13912345678"), ("sms.kind", "transferred")];
    let county = self::county(Ways::default(), &chosen).await;
    transferred(&county).await;
    derive(&county.test.app).await;
    assert_eq!(county.test.app.send_due(Channel::Sms).await.unwrap(), 1);
    let page = county.clerk("管理员").await.get("/admin/notices").await;
    assert!(page.text("main").contains("139****5678：【昌图县法治政府平台】转来："), "{}", page.text("main"));
    without_canaries(&page.body);
    assert!(!page.body.contains("13912345678"));

    // A gateway that says no with 200.
    let receiver = Receiver::start(&[(200, r#"{"code":"17","msg":"余额不足"}"#)]).await;
    let sms = SmsHttp {
        url: format!("http://{}/send", receiver.address),
        body: Passphrase::new(r#"{"mobile":"{phone}","content":"{text}","seq":"{id}"}"#.to_owned()),
        authorization: Some(Passphrase::new("Bearer geheim".to_owned())),
        accepted: "ok".to_owned(),
    };
    let county = self::county(Ways { sms: Some(sms), ..Ways::default() }, &chosen).await;
    let app = &county.test.app;
    transferred(&county).await;
    derive(app).await;
    assert_eq!(app.send_due(Channel::Sms).await.unwrap(), 1);
    let page = county.clerk("管理员").await.get("/admin/notices").await;
    assert!(page.text("main").contains("短信平台没有受理"), "{}", page.text("main"));
    county.test.advance(31);
    assert_eq!(app.send_due(Channel::Sms).await.unwrap(), 1);
    assert_eq!(app.send_due(Channel::Sms).await.unwrap(), 0);
    let arrived = receiver.arrived();
    assert_eq!((arrived.len(), arrived[0].headers["authorization"].as_str()), (2, "Bearer geheim"));
    let body: serde_json::Value = serde_json::from_str(&arrived[1].body).unwrap();
    assert_eq!(body["mobile"], "13912345678");
    assert!(body["content"].as_str().unwrap().starts_with("【昌图县法治政府平台】转来："), "{body}");
    assert!(body["content"].as_str().unwrap().chars().count() < 140, "two short messages at most");
    without_canaries(&arrived[1].body);
}
