//! Notices within the workbench: who is told, of what, once; who is not.

use zhunsheng::app::App;
use zhunsheng::app::notice::Channel;
use zhunsheng::params;
use zhunsheng::store::Query;
use zhunsheng_core::id::MatterId;

use crate::casework::{refused, take};
use crate::support::{Browser, SmallCounty};

/// Personal data of parties that must never leave the house.
pub const CANARIES: [&str; 6] = ["金丝雀", "王", "李大有", "13911112222", "211224199001011231", "三组雀巷"];
const NEW: &str = "/matters/new/joint_dispute";
const DISPUTE: [(&str, &str); 14] = [
    ("f.source", "visit"),
    ("f.dispute_kind", "forest_land"),
    ("f.centre", "211224100-zf"),
    ("f.place", "211224100201"),
    ("f.summary", "金丝雀家与李大有家因地界发生争执。"),
    ("party.0.role", "applicant"),
    ("party.0.kind", "natural"),
    ("party.0.name", "王金丝雀"),
    ("party.0.phone", "13911112222"),
    ("party.0.id_number", "211224199001011231"),
    ("party.0.address", "柳树村三组雀巷5号"),
    ("party.1.role", "respondent"),
    ("party.1.kind", "natural"),
    ("party.1.name", "李大有"),
];
const ASSESSED: [(&str, &str); 3] =
    [("f.risk", "medium"), ("f.risk_reason", "多次找过村里，没有过激言行。"), ("f.grade", "general")];
const SENT: [(&str, &str); 2] = [("f.lead_organ", "211224-nyj"), ("f.transfer_note", "请核对承包地块。")];
/// Sent back by who is not competent.
pub const BACK: [(&str, &str); 2] = [("f.return_reason", "not_competent"), ("f.return_note", "属于镇政府职责。")];

/// A dispute that the justice station registered, assessed and sent to the department of agriculture.
pub async fn transferred(county: &SmallCounty) -> (Browser, String) {
    let mut station = county.clerk("所长甲").await;
    let matter = take(&mut station, NEW, &DISPUTE).await;
    take(&mut station, &format!("{matter}/steps/assess"), &ASSESSED).await;
    take(&mut station, &format!("{matter}/steps/transfer"), &SENT).await;
    (station, matter)
}

/// Derives until nothing is left.
pub async fn derive(app: &App) {
    while app.derive_notices().await.unwrap() > 0 {}
}

/// Kinds of the notices of somebody's post about a matter, sorted.
async fn told(county: &SmallCounty, name: &str, matter: &str) -> Vec<String> {
    let (code, post) = (county.test.app.county_code.clone(), county.people[name].1);
    let matter = MatterId::parse(matter.trim_start_matches("/matters/")).unwrap();
    let sql = "SELECT kind FROM notice WHERE county_code = $1 AND post = $2 AND matter = $3 ORDER BY kind";
    let read = county
        .test
        .app
        .db
        .read(move |r| r.query_all(sql, params![&code, &post.to_bytes(), &matter.to_bytes()], |row| row.text(0)));
    read.await.unwrap()
}

#[tokio::test]
async fn who_is_waited_for_is_told_once_and_who_acted_is_not() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    // What lay there before is no news.
    let (_, before) = transferred(&county).await;
    derive(app).await;
    assert_eq!(told(&county, "联络员甲", &before).await, [""; 0]);

    let (mut station, matter) = transferred(&county).await;
    derive(app).await;
    derive(app).await;
    assert_eq!(told(&county, "联络员甲", &matter).await, ["transferred"]);
    assert_eq!(told(&county, "联络员乙", &matter).await, [""; 0], "another department");
    assert_eq!(told(&county, "所长甲", &matter).await, [""; 0], "who acted has it before their eyes");

    let mut liaison = county.clerk("联络员甲").await;
    assert!(liaison.get("/desk").await.text(".side").contains("消息 1"));
    let page = liaison.get("/notices").await;
    assert!(page.text("tbody").contains("转来") && page.text("tbody").contains("未读"), "{}", page.text("main"));
    assert!(page.attributes("tbody a", "href").contains(&matter));
    let until = page.attribute("input[name=until]", "value").unwrap();
    assert_eq!(liaison.post("/notices/seen", &[("until", &until)]).await.status, 303);
    let page = liaison.get("/notices").await;
    assert!(!page.text("tbody").contains("未读") && page.text("tbody").contains("转来"), "{}", page.text("main"));
    assert!(!page.text(".side").contains("消息 1"));
    assert!(!county.clerk("联络员乙").await.get("/notices").await.body.contains(&matter));

    // Sent back: the station is told, as of something that comes from elsewhere.
    take(&mut liaison, &format!("{matter}/steps/return_transfer"), &BACK).await;
    derive(app).await;
    assert_eq!(told(&county, "所长甲", &matter).await, ["transferred"]);
    // Assessed and sent again: told again, it is another time.
    take(&mut station, &format!("{matter}/steps/assess_again"), &ASSESSED).await;
    take(&mut station, &format!("{matter}/steps/transfer"), &SENT).await;
    derive(app).await;
    assert_eq!(told(&county, "联络员甲", &matter).await, ["transferred", "transferred"]);
}

/// Entries are looked at every few seconds: by then work may have gone on, and come back.
#[tokio::test]
async fn work_that_went_on_and_came_back_before_anybody_looked_is_told() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let (mut station, matter) = transferred(&county).await;
    derive(app).await;
    assert_eq!(told(&county, "联络员甲", &matter).await, ["transferred"]);
    // Whoever was told and is waited for again.
    let mut liaison = county.clerk("联络员甲").await;
    take(&mut liaison, &format!("{matter}/steps/return_transfer"), &BACK).await;
    take(&mut station, &format!("{matter}/steps/assess_again"), &ASSESSED).await;
    take(&mut station, &format!("{matter}/steps/transfer"), &SENT).await;
    derive(app).await;
    assert_eq!(told(&county, "联络员甲", &matter).await, ["transferred", "transferred"]);
    assert_eq!(told(&county, "所长甲", &matter).await, [""; 0], "it is not the station's any more");
    // Whoever passed it on, and has it back.
    let (_, matter) = transferred(&county).await;
    take(&mut liaison, &format!("{matter}/steps/return_transfer"), &BACK).await;
    derive(app).await;
    assert_eq!(told(&county, "所长甲", &matter).await, ["transferred"]);
    assert_eq!(told(&county, "联络员甲", &matter).await, [""; 0], "it was there and is gone");
    derive(app).await;
    assert_eq!(told(&county, "所长甲", &matter).await, ["transferred"], "once");
}

#[tokio::test]
async fn who_opens_a_matter_has_seen_what_was_told_of_it() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let (_, first) = transferred(&county).await;
    let (_, second) = transferred(&county).await;
    derive(app).await;
    let mut liaison = county.clerk("联络员甲").await;
    assert!(liaison.get("/desk").await.text(".side").contains("消息 2"));
    assert!(liaison.get(&first).await.text(".side").contains("消息 1"), "of the other matter");
    // Somebody else's look is theirs.
    county.clerk("所长甲").await.get(&second).await;
    assert!(liaison.get("/desk").await.text(".side").contains("消息 1"));
    // Many: counted to a hundred.
    let (person, post) = county.people["联络员甲"];
    let (matter, made) = (MatterId::parse(second.trim_start_matches("/matters/")).unwrap(), app.moment().0);
    county
        .test
        .write(move |tx, code| {
            for n in 0..120 {
                let (kind, day) = ("todo".to_owned(), None);
                let notice = zhunsheng::store::notices::Notice { id: [n; 16], person, post, kind, matter, day, made };
                zhunsheng::store::notices::put(tx, code, &notice)?;
            }
            Ok(())
        })
        .await;
    assert!(liaison.get("/desk").await.text(".side").contains("消息 99+"));
    let side = liaison.get(&second).await.text(".side");
    assert!(side.contains("消息") && !side.contains("消息 "), "{side}");
}

#[tokio::test]
async fn near_and_passed_days_are_told_once_each() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let (_, matter) = transferred(&county).await;
    derive(app).await;
    app.derive_due_notices().await.unwrap();
    assert_eq!(told(&county, "联络员甲", &matter).await, ["soon", "transferred"], "two working days to sign");
    assert_eq!(app.derive_due_notices().await.unwrap(), 0, "once a day");
    app.advance_demo_to(jiff::civil::date(2024, 11, 6)).await.unwrap();
    app.derive_due_notices().await.unwrap();
    assert_eq!(told(&county, "联络员甲", &matter).await, ["overdue", "soon", "transferred"]);
    // The day after, and after a restart that forgot the day: nothing new about the same last day.
    app.advance_demo_to(jiff::civil::date(2024, 11, 7)).await.unwrap();
    app.derive_due_notices().await.unwrap();
    county.test.write(|tx, code| zhunsheng::store::settings::delete(tx, code, "notice.day").map(|_| ())).await;
    app.derive_due_notices().await.unwrap();
    assert_eq!(told(&county, "联络员甲", &matter).await, ["overdue", "soon", "transferred"]);
    let page = county.clerk("联络员甲").await.get("/notices").await;
    assert!(page.text("tbody").contains("逾期"), "{}", page.text("main"));
}

#[tokio::test]
async fn an_outcome_is_told_to_who_began_it() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let mut mediator = county.clerk("调解员甲").await;
    let matter = take(&mut mediator, "/matters/new/mediation", &crate::staff::DISPUTE).await;
    let mut head = county.clerk("主任甲").await;
    take(&mut head, &format!("{matter}/steps/withdraw"), &[("f.withdraw_note", "双方自行和解。")]).await;
    derive(app).await;
    assert!(told(&county, "调解员甲", &matter).await.contains(&"answered".to_owned()));
    assert!(!told(&county, "主任甲", &matter).await.contains(&"answered".to_owned()), "who ended it knows");
}

#[tokio::test]
async fn who_does_not_see_a_matter_is_not_told_of_it() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let (_, matter) = transferred(&county).await;
    // Open work by mistake: the drafter of the town government sees no disputes.
    let id = MatterId::parse(matter.trim_start_matches("/matters/")).unwrap();
    county
        .test
        .write(move |tx, code| {
            let num = zhunsheng::store::matters::find_num(tx, code, id)?.unwrap();
            for (organ, kind) in [("211224100-zf", "drafter"), ("211224100-zf", "joint_clerk")] {
                tx.execute(
                    "INSERT INTO todo (county_code, num, organ, post_kind, person) VALUES ($1, $2, $3, $4, NULL)
                     ON CONFLICT (county_code, num, organ, post_kind) DO NOTHING",
                    params![code, num, organ, kind],
                )?;
            }
            Ok(())
        })
        .await;
    derive(app).await;
    app.derive_due_notices().await.unwrap();
    assert_eq!(told(&county, "起草甲", &matter).await, [""; 0]);
    assert!(!told(&county, "镇综治甲", &matter).await.is_empty(), "who sees it is");
    assert!(county.clerk("起草甲").await.get("/notices").await.text("main").contains("还没有消息"));
    // Nor is who saw it once: neither listed nor counted.
    let (person, post) = county.people["起草甲"];
    let kept = zhunsheng::store::notices::Notice {
        id: [1; 16],
        person,
        post,
        kind: "todo".to_owned(),
        matter: id,
        day: None,
        made: app.moment().0,
    };
    assert!(county.test.write(move |tx, code| zhunsheng::store::notices::put(tx, code, &kept)).await);
    let page = county.clerk("起草甲").await.get("/notices").await;
    assert!(
        page.text("main").contains("还没有消息") && !page.text(".side").contains("消息 1"),
        "{}",
        page.text(".side")
    );
}

/// The code in the short message that was shown last on the console of the demonstration.
fn code_shown(app: &App) -> String {
    let shown = app.gateway.as_ref().unwrap().shown().unwrap();
    let (phone, text) = shown.first().unwrap();
    assert_eq!(phone, "139****5678");
    text.split_once("核对码").unwrap().1.chars().take(6).collect()
}

#[tokio::test]
async fn an_address_is_used_once_its_owner_has_typed_the_code_that_was_sent_there() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let mut liaison = county.clerk("联络员甲").await;
    liaison.get("/account/notices").await;
    let chosen = [("sms.address", "13912345678"), ("sms.kind", "transferred")];
    assert_eq!(liaison.post("/account/notices", &chosen).await.status, 303);
    assert!(liaison.get("/account/notices").await.text("main").contains("还没有核对"));
    transferred(&county).await;
    derive(app).await;
    assert_eq!(app.send_due(Channel::Sms).await.unwrap(), 0, "it may be somebody else's");

    let typed = |code: &str| [("channel", "sms".to_owned()), ("code", code.to_owned())];
    async fn type_in(liaison: &mut Browser, typed: &[(&str, String)]) -> (u16, String) {
        let fields: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = liaison.post("/account/notices/code", &fields).await;
        (page.status, page.text("[role=status]"))
    }
    let gone = (422, "核对码已经失效，请重新发送一个。".to_owned());
    assert_eq!(type_in(&mut liaison, &typed("000000")).await, gone, "none was sent");
    let send = [("channel", "sms".to_owned()), ("do", "send".to_owned())];
    assert_eq!(type_in(&mut liaison, &send).await.0, 200);
    assert_eq!(type_in(&mut liaison, &send).await.1, "刚刚发送过，请过一分钟再试。");
    let code = code_shown(app);
    assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()), "{code}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(type_in(&mut liaison, &typed(wrong)).await.1, "核对码不对，请再输一次。");
    }
    assert_eq!(type_in(&mut liaison, &typed(&code)).await, gone, "five tries, then not even the right one");
    county.test.advance(61);
    assert_eq!(type_in(&mut liaison, &send).await.0, 200);
    let late = code_shown(app);
    county.test.advance(10 * 60);
    assert_eq!(type_in(&mut liaison, &typed(&late)).await, gone, "ten minutes");
    assert_eq!(type_in(&mut liaison, &send).await.0, 200);
    let code = code_shown(app);
    // Nobody else's code, and nobody else's address.
    let mut other = county.clerk("联络员乙").await;
    other.get("/account/notices").await;
    assert_eq!(type_in(&mut other, &typed(&code)).await.0, 303, "there is nothing to confirm");
    assert_eq!(other.post("/account/notices", &chosen).await.status, 303);
    assert_eq!(type_in(&mut other, &typed(&code)).await, gone, "not even for the same number");
    assert_eq!(type_in(&mut liaison, &typed(&format!(" {code} "))).await.0, 303);
    assert!(!liaison.get("/account/notices").await.text("main").contains("还没有核对"));
    transferred(&county).await;
    derive(app).await;
    assert_eq!(app.send_due(Channel::Sms).await.unwrap(), 1);
    assert_eq!(type_in(&mut liaison, &send).await.0, 303, "nothing waits for a code any more");
    // Another number has to be confirmed as well, and five codes a day are five, whatever numbers they go to.
    assert_eq!(
        liaison.post("/account/notices", &[("sms.address", "13912345679"), ("sms.kind", "todo")]).await.status,
        303
    );
    assert!(liaison.get("/account/notices").await.text("main").contains("还没有核对"));
    for _ in 0..2 {
        assert_eq!(type_in(&mut liaison, &typed(&code)).await.0, 422, "used up, and for another number");
        county.test.advance(61);
        assert_eq!(type_in(&mut liaison, &send).await.0, 200);
    }
    county.test.advance(61);
    assert_eq!(type_in(&mut liaison, &send).await.1, "今天发送的次数已经用完，请明天再试。");
    // At rest there is no code.
    let kept = app
        .db
        .read(|r| r.query_all("SELECT seal FROM code WHERE county_code = '211224'", params![], |row| row.blob(0)));
    assert!(kept.await.unwrap().iter().all(|seal| seal.len() == 16));
}

#[tokio::test]
async fn settings_keep_what_was_typed_and_are_everybodys_own() {
    let county = SmallCounty::new().await;
    let mut liaison = county.clerk("联络员甲").await;
    let page = liaison.get("/account/notices").await;
    assert!(page.text("main").contains("演示环境不真的发短信"), "{}", page.text("main"));
    assert!(page.text("main").contains("本县没有开通"), "neither mail nor program is configured");
    let wrong = [("sms.address", "139"), ("sms.kind", "overdue"), ("mail.kind", "todo"), ("mail.address", "a@b.cn")];
    let page = liaison.post("/account/notices", &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.text(".error-summary").contains("手机号应为11位数字"), "{}", page.text(".error-summary"));
    assert!(page.text(".error-summary").contains("本县没有开通这种方式"), "{}", page.text(".error-summary"));
    assert_eq!(page.attribute("#sms", "value").as_deref(), Some("139"), "typed stays");
    assert_eq!(page.attributes("input[value=overdue][checked]", "name"), ["sms.kind"]);
    let right = [("sms.address", "13912345678"), ("sms.kind", "overdue"), ("sms.kind", "nonsense")];
    assert_eq!(liaison.post("/account/notices", &right).await.location(), "/account/notices?saved=1");
    let page = liaison.get("/account/notices").await;
    assert!(page.text("main").contains("139****5678") && !page.body.contains("13912345678"), "{}", page.text("main"));
    assert!(!county.clerk("联络员乙").await.get("/account/notices").await.body.contains("5678"));
    // None chosen: the number is forgotten.
    assert_eq!(liaison.post("/account/notices", &[]).await.status, 303);
    assert!(!liaison.get("/account/notices").await.body.contains("5678"));
    // The console is the administrator's.
    assert_eq!(liaison.get("/admin/notices").await.status, 403);
    assert_eq!(liaison.post("/admin/notices/again", &[("message", "all")]).await.status, 403);
    let why = refused(&mut county.clerk("所长甲").await, NEW, &[]).await;
    assert!(!why.is_empty(), "pages around it still work");
}
