//! 我的事项: telephone number and code, what is somebody's own and what is not, a number that was given to somebody else, short messages, rating,
//! drafts, leaving.
// long because: how somebody comes in, and what is theirs, is asked by the same few helpers for each thing that they may do

use zhunsheng::app::App;
use zhunsheng::app::clock::CountyClock;
use zhunsheng::app::fault::Fault;
use zhunsheng::app::limit::Rules;
use zhunsheng::app::notice::Channel;
use zhunsheng::params;
use zhunsheng::store::{Query, Tx, party_phones, rebuild};
use zhunsheng::web::router::routes;
use zhunsheng_core::day::Moment;
use zhunsheng_core::id::Digest;

use crate::casework::take;
use crate::notices::derive;
use crate::public::{DISPUTE, TOWN};
use crate::support::{Browser, Page, SmallCounty, TestApp};

/// The number in [`DISPUTE`], and another.
const PHONE: &str = "13941002386";
const OTHER: &str = "13941009999";
const NAMES: [&str; 4] = ["佟守田", "栾家西院", "西院垒墙", PHONE];
const DAY: i64 = 24 * 60 * 60;

fn messages(app: &TestApp) -> Vec<(String, String)> {
    app.app.gateway.as_ref().unwrap().shown().unwrap()
}

/// The code in the last message.
fn code(app: &TestApp) -> String {
    let (_, text) = messages(app).into_iter().next().expect("a message");
    text.split("核对码").nth(1).unwrap().chars().take(6).collect()
}

/// Asks for a code and types it.
pub async fn come_in(app: &TestApp, phone: &str) -> Browser {
    let mut browser = app.browser();
    browser.get("/me/enter").await;
    let asked = browser.post("/me/code", &[("phone", phone)]).await;
    assert_eq!(asked.status, 200, "{}", asked.text("main"));
    let page = browser.post("/me/enter", &[("phone", phone), ("code", &code(app))]).await;
    assert_eq!((page.status, page.location()), (303, "/me"), "{}", page.text("main"));
    browser.get("/me").await;
    browser
}

/// Registers the dispute without being in; the query code.
async fn registered(county: &SmallCounty) -> String {
    let mut citizen = county.test.browser();
    citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    citizen.post("/disputes/new", &DISPUTE).await.text(".query-code")
}

fn own(page: &Page) -> Vec<String> {
    page.attributes("h3 a[href^='/me/matters/']", "href")
}

async fn count(county: &SmallCounty, sql: &'static str) -> i64 {
    county.test.write(move |tx, code| Ok(tx.query_one(sql, params![code], |row| row.int(0))?.unwrap_or(0))).await
}

#[tokio::test]
async fn a_code_opens_ones_own_page_and_no_other() {
    let county = SmallCounty::new().await;
    let mut stranger = county.test.browser();
    assert_eq!(stranger.get("/me").await.location(), "/me/enter", "no session, no page");
    stranger.get("/me/enter").await;
    let wrong = stranger.post("/me/code", &[("phone", "0410-7581234")]).await;
    assert_eq!((wrong.status, wrong.text("#phone-e").as_str()), (422, "手机号应为11位数字，1开头。"));
    stranger.post("/me/code", &[("phone", "+86 139 4100 2386")]).await;
    let right = code(&county.test);
    let mistyped = if right == "000000" { "000001" } else { "000000" };
    let page = stranger.post("/me/enter", &[("phone", PHONE), ("code", mistyped)]).await;
    assert_eq!((page.status, page.text("#code-e").as_str()), (422, "核对码不对，请再输一次。"));
    let other = stranger.post("/me/enter", &[("phone", OTHER), ("code", &right)]).await;
    assert_eq!(other.status, 422, "a code is good for its number");
    let page = stranger.post("/me/enter", &[("phone", PHONE), ("code", &right)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let me = stranger.get("/me").await;
    assert!(me.body.contains("139****2386") && !me.body.contains(PHONE), "masked: {}", me.body);
    let again = stranger.post("/me/enter", &[("phone", PHONE), ("code", &right)]).await;
    assert_eq!(again.status, 422, "used up");
    for path in ["/desk", "/matters", "/notices", "/admin", "/account/password"] {
        let page = stranger.get(path).await;
        assert!(page.location().starts_with("/login"), "{path}: a citizen is no member of staff ({})", page.status);
    }
    // The token of a citizen is none of staff, whatever the cookie is called.
    let token = stranger.cookies["zs-me"].clone();
    let mut forged = county.test.browser();
    forged.cookies.insert("zs".to_owned(), token);
    assert!(forged.get("/desk").await.location().starts_with("/login"));
    county.test.advance(31 * 60);
    assert_eq!(stranger.get("/me").await.location(), "/me/enter", "idle");
}

#[tokio::test]
async fn nothing_tells_whether_a_number_is_known() {
    let county = SmallCounty::new().await;
    registered(&county).await;
    come_in(&county.test, PHONE).await;
    county.test.advance(61);
    let mut browser = county.test.browser();
    let mut answers = Vec::new();
    for (phone, masked) in [(PHONE, "139****2386"), (OTHER, "139****9999")] {
        browser.get("/me/enter").await;
        let page = browser.post("/me/code", &[("phone", phone)]).await;
        let code = code(&county.test);
        let said = page.text("main").replace(masked, "").replace(&code, "");
        answers.push((page.status, said));
    }
    assert_eq!(answers[0], answers[1]);
    let soon = browser.post("/me/code", &[("phone", PHONE)]).await;
    assert!(soon.text("#phone-e").contains("请过一分钟再试"), "{}", soon.text("main"));
    for _ in 0..4 {
        county.test.advance(61);
        browser.post("/me/code", &[("phone", PHONE)]).await;
    }
    county.test.advance(61);
    let many = browser.post("/me/code", &[("phone", PHONE)]).await;
    assert!(many.text("#phone-e").contains("明天再试"), "so many a day: {}", many.text("main"));
}

#[tokio::test]
async fn one_address_gets_so_many_codes() {
    let test = TestApp::with(routes(), zhunsheng::config::Config::default(), Rules::default()).await;
    let mut browser = test.browser();
    browser.get("/me/enter").await;
    let mut last = 200;
    for n in 0..21 {
        last = browser.post("/me/code", &[("phone", &format!("139410{n:05}"))]).await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(messages(&test).len(), 20);
}

#[tokio::test]
async fn what_is_filed_while_in_is_ones_own_and_nobody_elses() {
    let county = SmallCounty::new().await;
    let mut citizen = come_in(&county.test, PHONE).await;
    let form = citizen.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(form.attribute("[id='p.0.phone']", "value").as_deref(), Some(PHONE), "not typed twice");
    let receipt = citizen.post("/disputes/new", &DISPUTE).await;
    assert!(receipt.text(".answer").contains("放进我的事项"), "{}", receipt.body);
    let elses: Vec<(&str, &str)> = DISPUTE
        .iter()
        .map(|(name, value)| match *name {
            "key" => ("key", "fedcba9876543210fedcba9876543210"),
            "p.0.phone" => ("p.0.phone", "13941007777"),
            _ => (*name, *value),
        })
        .collect();
    assert_eq!(citizen.post("/disputes/new", &elses).await.status, 200);
    let page = citizen.get("/me").await;
    let mine = own(&page);
    assert_eq!(mine.len(), 1, "of another number: not theirs {}", page.body);
    let matter = citizen.get(&mine[0]).await;
    assert!(matter.text(".answer").contains("您的登记已经收到"), "{}", matter.body);
    for name in NAMES {
        assert!(!matter.body.contains(name) && !page.body.contains(name), "{name}");
    }
    let mut other = come_in(&county.test, OTHER).await;
    assert_eq!(other.get(&mine[0]).await.status, 404, "somebody else's");
    assert_eq!(other.post(&mine[0], &[("f.rating", "satisfied")]).await.status, 404);
    // A work secret, or what may only be stored, is nobody's page.
    county
        .test
        .write(|tx, code| tx.execute("UPDATE matter SET secret = 1 WHERE county_code = $1", params![code]))
        .await;
    assert_eq!(citizen.get(&mine[0]).await.status, 404);
    assert!(own(&citizen.get("/me").await).is_empty());
    county
        .test
        .write(|tx, code| tx.execute("UPDATE matter SET secret = 0 WHERE county_code = $1", params![code]))
        .await;
}

#[tokio::test]
async fn whoever_was_given_an_old_number_sees_nothing_of_before() {
    let county = SmallCounty::new().await;
    let query_code = registered(&county).await;
    let mut owner = come_in(&county.test, PHONE).await;
    assert!(own(&owner.get("/me").await).is_empty(), "the number alone shows nothing");
    let wrong = owner.post("/me/prove", &[("factor", "0000-0000-0000")]).await;
    assert!(wrong.status == 422 && wrong.text("#factor-e").contains("没有核对上"), "{}", wrong.text("main"));
    county.test.advance(2);
    let shown = owner.post("/me/prove", &[("factor", &query_code)]).await;
    assert_eq!((shown.status, shown.location()), (303, "/me?done=shown&n=1"), "{}", shown.text("main"));
    let mine = own(&owner.get("/me").await);
    assert_eq!(mine.len(), 1);
    owner.post("/me/told", &[("told", "yes")]).await;
    owner.post("/me/drafts", &[("draft", "dispute"), ("town", TOWN), ("f.summary", "还有一件事")]).await;
    // Somebody else who learned the code of the receipt, but has another number.
    let mut other = come_in(&county.test, OTHER).await;
    assert_eq!(other.post("/me/prove", &[("factor", &query_code)]).await.status, 422);

    county.test.advance(29 * DAY);
    let mut soon = come_in(&county.test, PHONE).await;
    assert_eq!(own(&soon.get("/me").await), mine, "the same person, some weeks later");
    county.test.advance(31 * DAY);
    let mut stranger = come_in(&county.test, PHONE).await;
    let page = stranger.get("/me").await;
    assert!(own(&page).is_empty() && !page.body.contains("没填完的"), "{}", page.body);
    assert!(page.body.contains("同意接收短信"), "nobody is told without having said so");
    assert_eq!(stranger.get(&mine[0]).await.status, 404);
    for n in 0..12 {
        county.test.advance(60 * 60);
        stranger = come_in_again(&county, stranger, n).await;
        let page = stranger.post("/me/prove", &[("factor", &format!("{n:04}"))]).await;
        assert_eq!(page.status, 422);
        if n > 10 {
            assert!(page.text("#factor-e").contains("到明天才能再试"), "{n}: {}", page.text("main"));
        }
    }
}

#[tokio::test]
async fn a_code_of_ones_own_does_not_open_the_count_of_the_four_characters() {
    let county = SmallCounty::new().await;
    let query_code = registered(&county).await;
    let mut me = come_in(&county.test, PHONE).await;
    for n in 0..10 {
        county.test.advance(15 * 60);
        // Nine wrong, a right code, one more wrong.
        if n == 9 {
            me.get("/me").await;
            let shown = me.post("/me/prove", &[("factor", &query_code)]).await;
            assert_eq!(shown.status, 303, "a code is counted apart: {}", shown.text("main"));
        }
        me.get("/me").await;
        let page = me.post("/me/prove", &[("factor", &format!("{n:04}"))]).await;
        assert!(page.text("#factor-e").contains("没有核对上"), "{n}: {}", page.text("main"));
    }
    county.test.advance(15 * 60);
    me.get("/me").await;
    let shut = me.post("/me/prove", &[("factor", "0099")]).await;
    assert!(shut.text("#factor-e").contains("到明天才能再试"), "{}", shut.text("main"));
}

/// Half an hour without a request signs out; five codes a day are not enough for trying often.
async fn come_in_again(county: &SmallCounty, browser: Browser, n: i64) -> Browser {
    if n % 3 > 0 && n > 0 {
        // As if they had not left the page.
        county
            .test
            .write(|tx, code| {
                tx.execute(
                    "UPDATE citizen_session SET seen = seen + 3600, expires = expires + 3600 WHERE county_code = $1",
                    params![code],
                )
            })
            .await;
        return browser;
    }
    come_in(&county.test, PHONE).await
}

#[tokio::test]
async fn the_end_of_the_number_of_identity_shows_it_as_that_party() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("温援").await;
    let application = [
        ("f.cause", "labour_pay"),
        ("f.service_form", "civil_litigation"),
        ("f.recipient_groups", "migrant_worker"),
        ("f.people_count", "1"),
        ("f.summary", "工资没有给。"),
        ("party.0.role", "recipient"),
        ("party.0.kind", "natural"),
        ("party.0.name", "佟守田"),
        ("party.0.id_number", "21122419680101009X"),
        ("party.0.phone", PHONE),
        ("party.1.role", "opponent"),
        ("party.1.kind", "natural"),
        ("party.1.name", "栾西院"),
        ("party.1.id_number", "211224196802020038"),
        ("party.1.phone", OTHER),
    ];
    clerk.get("/matters/new/legal_aid").await;
    let page = clerk.post("/matters/new/legal_aid", &application).await;
    assert_eq!(page.status, 303, "{}", crate::casework::said(&page.body));
    let mut me = come_in(&county.test, PHONE).await;
    assert_eq!(me.post("/me/prove", &[("factor", "2386")]).await.status, 422, "the end of the telephone shows nothing");
    county.test.advance(120);
    me.get("/me").await;
    let shown = me.post("/me/prove", &[("factor", "００9x")]).await;
    assert_eq!(shown.status, 303, "{}", shown.text("main"));
    let mine = own(&me.get("/me").await);
    let page = me.get(&mine[0]).await;
    assert!(page.body.contains("登记申请") && !page.body.contains("21122419680101"), "{}", page.body);
    // The other side is told nothing of an application for aid, and its number of identity changes nothing.
    let mut other = come_in(&county.test, OTHER).await;
    let nothing = other.post("/me/prove", &[("factor", "0038")]).await;
    assert!(nothing.text("#factor-e").contains("没有核对上"), "{}", nothing.text("main"));
    assert_eq!(other.get(&mine[0]).await.status, 404);
    // Nor where it is noted from before that the matter is theirs.
    let noted = county
        .test
        .write(|tx, code| {
            tx.execute(
                "INSERT INTO citizen_matter (county_code, hash, matter, party, since)
                 SELECT p.county_code, p.hash, p.matter, p.ordinal, 0 FROM party_phone p
                 JOIN citizen c ON c.county_code = p.county_code AND c.hash = p.hash
                 WHERE p.county_code = $1 AND NOT EXISTS (SELECT 1 FROM citizen_matter m
                 WHERE m.county_code = p.county_code AND m.hash = p.hash AND m.matter = p.matter)",
                params![code],
            )
        })
        .await;
    assert_eq!(noted, 1);
    assert_eq!(other.get(&mine[0]).await.status, 404);
    assert!(own(&other.get("/me").await).is_empty());
    // The number was mistyped and is corrected: it is theirs no more.
    county
        .test
        .write(|tx, code| {
            let hash = party_phones::hash(&[9; 32], OTHER).unwrap();
            tx.execute("UPDATE party_phone SET hash = $2 WHERE county_code = $1", params![code, &hash])
        })
        .await;
    assert_eq!(me.get(&mine[0]).await.status, 404);
    county.test.write(|tx, code| tx.execute("DELETE FROM party_phone WHERE county_code = $1", params![code])).await;
    county.test.write(|tx, _| party_phones::fill(tx)).await;
    assert_eq!(me.get(&mine[0]).await.status, 200, "filled from the record");
}

#[tokio::test]
async fn numbers_are_found_by_a_keyed_hash_that_a_rebuild_makes_again() {
    let county = SmallCounty::new().await;
    registered(&county).await;
    let code = county.test.app.county_code.clone();
    let of = code.clone();
    let live = county.test.app.db.read_blocking(move |r| rebuild::digests(r, &of)).unwrap();
    let filled = |tx: &mut Tx<'_>, code: &str| {
        tx.execute("DELETE FROM party_phone WHERE county_code = $1", params![code])?;
        party_phones::fill(tx)
    };
    county.test.write(filled).await;
    let of = code.clone();
    assert_eq!(live, county.test.app.db.read_blocking(move |r| rebuild::digests(r, &of)).unwrap(), "an older county");
    let remade = county.test.app.db.write(move |tx| zhunsheng::app::verify::rebuild(tx, &code)).await;
    remade.unwrap();
    let of = county.test.app.county_code.clone();
    assert_eq!(live, county.test.app.db.read_blocking(move |r| rebuild::digests(r, &of)).unwrap());
    let bare = zhunsheng::app::secret::sha256(PHONE.as_bytes());
    let found = county
        .test
        .write(move |tx, code| {
            tx.query_all("SELECT hash FROM party_phone WHERE county_code = $1", params![code], |row| row.blob(0))
        })
        .await;
    assert!(found.len() == 1 && found[0] != bare, "no bare hash");
}

/// A citizen with a number who has registered a dispute.
async fn with_a_dispute(county: &SmallCounty) -> Browser {
    let mut me = come_in(&county.test, PHONE).await;
    me.get(&format!("/disputes/new?town={TOWN}")).await;
    me.post("/disputes/new", &DISPUTE).await;
    me
}

/// Through to the end of mediation, for rating.
async fn refused_by_a_party(county: &SmallCounty) {
    let mut mediator = county.clerk("调解员甲").await;
    let desk = mediator.get("/desk").await;
    let matter = desk.attribute("a[href^='/matters/0']", "href").unwrap();
    let accepted = [("f.source", "party_application"), ("f.mediator_choice", "appointed")];
    let assignee = county.id("调解员甲");
    take(&mut mediator, &format!("{matter}/steps/accept"), &[&accepted[..], &[("assignee", &assignee)]].concat()).await;
    let ended = [("f.refusing_party", "respondent"), ("f.remedies_told", "litigation")];
    take(&mut mediator, &format!("{matter}/steps/party_refuses"), &ended).await;
}

#[tokio::test]
async fn progress_is_told_to_who_wants_it_and_says_nothing() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let mut me = with_a_dispute(&county).await;
    derive(app).await;
    let before = messages(&county.test).len();
    me.get("/me").await;
    assert_eq!(me.post("/me/told", &[("told", "yes")]).await.status, 303);
    refused_by_a_party(&county).await;
    derive(app).await;
    while app.send_due(Channel::Sms).await.unwrap() > 0 {}
    let told = messages(&county.test);
    assert_eq!(told.len() - before, 1, "two steps on one day: {told:?}");
    let (number, text) = &told[0];
    assert!(number == "139****2386" && text.contains("您的事项有了新的进展"), "{told:?}");
    for hidden in NAMES.into_iter().chain(["调解", "邻里", "柳树"]) {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let mut admin = county.clerk("管理员").await;
    let console = admin.get("/admin/notices").await;
    assert!(console.body.contains("本人事项进展") && !console.body.contains(PHONE), "{}", console.body);
    // What waits when somebody does not want it any more is not sent.
    county
        .test
        .write(|tx, code| {
            tx.execute("UPDATE outgoing SET state = 'due' WHERE county_code = $1 AND channel = 'sms'", params![code])
        })
        .await;
    me.get("/me").await;
    me.post("/me/told", &[("told", "no")]).await;
    while app.send_due(Channel::Sms).await.unwrap() > 0 {}
    assert_eq!(messages(&county.test).len(), told.len());
    assert_eq!(count(&county, "SELECT count(*) FROM outgoing WHERE county_code = $1 AND state = 'dropped'").await, 1);
}

#[tokio::test]
async fn a_number_that_may_have_changed_hands_is_told_nothing() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    derive(app).await;
    let mut me = with_a_dispute(&county).await;
    me.get("/me").await;
    me.post("/me/told", &[("told", "yes")]).await;
    assert!(me.get("/me").await.text("#told ~ p").contains("30天没有进来过，就不再发"));
    derive(app).await;
    let before = messages(&county.test).len();
    county.test.advance(30 * DAY);
    refused_by_a_party(&county).await;
    derive(app).await;
    while app.send_due(Channel::Sms).await.unwrap() > 0 {}
    assert_eq!(messages(&county.test).len(), before, "whoever has the number now is not told of somebody's matter");
    assert_eq!(count(&county, "SELECT count(*) FROM outgoing WHERE county_code = $1 AND state = 'dropped'").await, 1);
}

#[tokio::test]
async fn a_finished_service_is_rated_once_by_whose_it_is() {
    let county = SmallCounty::new().await;
    let mut me = with_a_dispute(&county).await;
    let mine = own(&me.get("/me").await);
    let early = me.post(&mine[0], &[("f.rating", "satisfied")]).await;
    assert_eq!(early.status, 409, "not before it has ended: {}", early.text("main"));
    refused_by_a_party(&county).await;
    assert!(me.get("/me").await.body.contains("评价这次服务"));
    let page = me.get(&mine[0]).await;
    assert!(page.text("#step").contains("非常不满意"), "{}", page.body);
    let empty = me.post(&mine[0], &[("key", "0123456789abcdef-rate")]).await;
    assert!(empty.status == 422 && !empty.text(".error-summary").is_empty(), "{}", empty.text("main"));
    let rating = [("key", "0123456789abcdef-rate"), ("f.rating", "unsatisfied"), ("f.rating_note", "来得太晚")];
    let done = me.post(&mine[0], &rating).await;
    assert_eq!(done.status, 303, "{}", done.text("main"));
    assert_eq!(me.post(&mine[0], &rating).await.status, 409, "once");
    assert!(!me.get(&mine[0]).await.body.contains("id=\"step\""));
    let mut head = county.clerk("主任甲").await;
    let matter = mine[0].replace("/me", "");
    assert!(head.get(&matter).await.body.contains("评价这次服务"), "in the record, for the committee to read");
    let forged = head.post(&format!("{matter}/steps/rate"), &[("f.rating", "very_satisfied")]).await;
    assert_ne!(forged.status, 303, "nobody rates themselves");
}

#[tokio::test]
async fn a_draft_is_kept_sealed_gone_on_with_and_gone_when_filed() {
    let county = SmallCounty::new().await;
    let mut stranger = county.test.browser();
    stranger.get(&format!("/disputes/new?town={TOWN}")).await;
    assert_eq!(stranger.post("/me/drafts", &[("draft", "dispute")]).await.location(), "/me/enter");
    let mut me = come_in(&county.test, PHONE).await;
    let form = me.get(&format!("/disputes/new?town={TOWN}")).await;
    assert!(form.attribute("button[formaction='/me/drafts']", "value").is_some(), "{}", form.body);
    let typed =
        [("draft", "dispute"), ("town", TOWN), ("f.summary", "西院垒墙挡水"), ("p.0.name", "佟守田"), ("key", "x")];
    assert_eq!(me.post("/me/drafts", &typed).await.location(), "/me?done=draft");
    let stored = county
        .test
        .write(|tx, code| {
            tx.query_all("SELECT typed FROM citizen_draft WHERE county_code = $1", params![code], |row| row.blob(0))
        })
        .await;
    let readable = String::from_utf8_lossy(&stored[0]).into_owned();
    assert!(stored.len() == 1 && !readable.contains("西院") && !readable.contains("佟守田"), "sealed");
    assert!(me.get("/me").await.body.contains("没填完的"));
    let again = me.get("/disputes/new?draft=1").await;
    assert_eq!(again.text("[id='f.summary']"), "西院垒墙挡水");
    assert_eq!(again.attribute("[id='p.0.name']", "value").as_deref(), Some("佟守田"));
    me.post("/disputes/new", &DISPUTE).await;
    assert!(!me.get("/me").await.body.contains("没填完的"), "filed");
    me.get("/me").await;
    me.post("/me/drafts", &typed).await;
    me.post("/me/drafts/drop", &[("draft", "dispute")]).await;
    assert_eq!(count(&county, "SELECT count(*) FROM citizen_draft WHERE county_code = $1").await, 0, "dropped");
}

#[tokio::test]
async fn a_draft_that_comes_too_late_is_shown_again() {
    let county = SmallCounty::new().await;
    let mut me = come_in(&county.test, PHONE).await;
    me.get(&format!("/disputes/new?town={TOWN}")).await;
    county.test.advance(31 * 60);
    let late = me.post("/me/drafts", &[("draft", "dispute"), ("town", TOWN), ("f.summary", "西院垒墙挡水")]).await;
    assert!(late.text(".error-summary").contains("草稿没有存上"), "{} {}", late.status, late.body);
    assert_eq!(late.text("[id='f.summary']"), "西院垒墙挡水");
}

#[tokio::test]
async fn who_leaves_leaves_nothing_but_the_record() {
    let county = SmallCounty::new().await;
    let mut me = come_in(&county.test, PHONE).await;
    me.get(&format!("/disputes/new?town={TOWN}")).await;
    let query_code = me.post("/disputes/new", &DISPUTE).await.text(".query-code");
    me.get("/me").await;
    me.post("/me/told", &[("told", "yes")]).await;
    me.post("/me/drafts", &[("draft", "question"), ("town", TOWN), ("f.question", "问一句")]).await;
    assert!(me.get("/me/leave").await.body.contains("不会删除"));
    let left = me.post("/me/leave", &[]).await;
    assert_eq!((left.status, left.location()), (303, "/"));
    assert_eq!(me.get("/me").await.location(), "/me/enter");
    for table in ["citizen", "citizen_session", "citizen_matter", "citizen_draft", "citizen_notice"] {
        let sql: &'static str =
            Box::leak(format!("SELECT count(*) FROM {table} WHERE county_code = $1").into_boxed_str());
        assert_eq!(count(&county, sql).await, 0, "{table}");
    }
    let mut stranger = county.test.browser();
    stranger.get("/track").await;
    let page = stranger.post("/track", &[("code", &query_code)]).await;
    assert!(page.text(".answer").contains("您的登记已经收到"), "the matter is the committee's record: {}", page.body);
}

#[tokio::test]
async fn every_changing_address_wants_its_form() {
    let county = SmallCounty::new().await;
    let mut me = come_in(&county.test, PHONE).await;
    for path in
        ["/me/code", "/me/enter", "/me/prove", "/me/told", "/me/drafts", "/me/drafts/drop", "/me/out", "/me/leave"]
    {
        me.token = "0".repeat(64);
        assert_eq!(me.post(path, &[("told", "yes")]).await.status, 403, "{path}");
    }
    assert_eq!(me.get("/me").await.status, 200, "still in");
    me.get("/me").await;
    assert_eq!(me.post("/me/out", &[]).await.location(), "/");
    assert_eq!(me.get("/me").await.location(), "/me/enter");
}

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 a photograph \xff\xd9";

#[tokio::test]
async fn photographs_come_with_an_application_once() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let form = citizen.get(&format!("/legal-aid/new?town={TOWN}")).await;
    assert_eq!(form.attribute("#photos", "type").as_deref(), Some("file"), "{}", form.body);
    let application = [
        ("town", TOWN),
        ("key", "0123456789abcdef0123"),
        ("f.cause", "labour_pay"),
        ("f.summary", "在工地干了三个月，工资没有给。"),
        ("p.0.name", "佟守田"),
        ("p.0.phone", PHONE),
    ];
    // Something is missing: the photograph need not be taken again.
    let missing: Vec<(&str, &str)> = application.iter().copied().filter(|(name, _)| *name != "f.cause").collect();
    let page = citizen.post_files("/legal-aid/new", &missing, &[("photos", "工资条.jpg", PHOTO)]).await;
    let kept = page.attribute("input[name=kept]", "value").expect("kept");
    assert!(page.text(".error-summary").contains("需要改"), "{}", page.body);
    let whole = [&application[..], &[("kept", &kept)]].concat();
    let receipt = citizen.post("/legal-aid/new", &whole).await;
    let code = receipt.text(".query-code");
    assert!(!code.is_empty() && receipt.body.contains("1 个照片"), "{}", receipt.body);
    assert_eq!(citizen.post("/legal-aid/new", &whole).await.text(".query-code"), code, "sent twice, filed once");
    // The answer was lost; the person wrote something else and sent it again under the same key.
    let changed: Vec<(&str, &str)> = whole
        .iter()
        .map(|(name, value)| if *name == "f.summary" { ("f.summary", "改过的") } else { (*name, *value) })
        .collect();
    let told = citizen.post("/legal-aid/new", &changed).await;
    assert!(told.text(".error-summary").contains("改动后的内容没有登记"), "{}", told.body);
    assert!(
        told.text(".query-code").is_empty() && !told.body.contains(&code),
        "whoever sits there now may be somebody else"
    );
    assert_eq!(told.text("[id='f.summary']"), "改过的", "as typed");
    let fresh = told.attribute("input[name=key]", "value").unwrap();
    assert_ne!(fresh, "0123456789abcdef0123", "under another key");
    assert_eq!(
        count(&county, "SELECT count(*) FROM matter WHERE county_code = $1 AND procedure = 'legal_aid'").await,
        1
    );
    assert_eq!(count(&county, "SELECT count(*) FROM evidence WHERE county_code = $1 AND kind = 'case_proof'").await, 1);
    // What another form received is not to be had with a digest, and a script is no photograph.
    let stolen =
        [&application[..1], &[("key", "fedcba9876543210fedc")], &application[2..], &[("kept", &kept)]].concat();
    assert!(!citizen.post("/legal-aid/new", &stolen).await.body.contains("1 个照片"));
    let script =
        citizen.post_files("/legal-aid/new", &application, &[("photos", "x.jpg", b"<script>alert(1)</script>")]).await;
    assert!(script.text(".error-summary").contains("不是可以上传的文件。请拍照"), "{}", script.body);
}

#[tokio::test]
async fn a_photograph_that_nobody_sends_is_removed_and_has_to_be_chosen_again() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/legal-aid/new?town={TOWN}")).await;
    let form = |key: &'static str| {
        [
            ("town", TOWN),
            ("key", key),
            ("f.summary", "在工地干了三个月，工资没有给。"),
            ("p.0.name", "佟守田"),
            ("p.0.phone", PHONE),
        ]
    };
    let other: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF another \xff\xd9";
    let photos = [("photos", "工资条.jpg", PHOTO), ("photos", "欠条.jpg", other)];
    let page = citizen.post_files("/legal-aid/new", &form("0123456789abcdef0123"), &photos).await;
    let kept = page.attributes("input[name=kept]", "value");
    assert_eq!(kept.len(), 2, "something is missing: {}", page.body);
    let path = |bytes: &[u8]| {
        let digest = zhunsheng_core::id::Digest::of(bytes);
        zhunsheng::app::evidence::path_of(&app.config.data_dir, &digest)
    };
    // Both came by the clock of the county.
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(app.machine.seconds().unsigned_abs());
    for bytes in [PHOTO, other] {
        assert!(zhunsheng::app::evidence::hold(&path(bytes), now).unwrap());
    }
    county.test.advance(6 * DAY);
    assert_eq!(app.sweep_left().await.unwrap(), 0, "not a week yet");
    // The second try holds what it brings; what it does not bring any more is left.
    let again = [&form("0123456789abcdef0123")[..], &[("kept", kept[0].as_str())]].concat();
    assert!(citizen.post("/legal-aid/new", &again).await.text(".error-summary").contains("需要改"));
    county.test.advance(2 * DAY);
    assert_eq!(app.sweep_left().await.unwrap(), 1);
    assert!(path(PHOTO).exists() && !path(other).exists());
    let gone = [&again[..], &[("f.cause", "labour_pay"), ("kept", kept[1].as_str())]].concat();
    let told = citizen.post("/legal-aid/new", &gone).await;
    assert!(told.text(".error-summary").contains("欠条.jpg：上次选的文件放得太久"), "{}", told.body);
    let whole = [&again[..], &[("f.cause", "labour_pay")]].concat();
    let receipt = citizen.post("/legal-aid/new", &whole).await;
    assert!(receipt.body.contains("1 个照片"), "{}", receipt.body);
    county.test.advance(30 * DAY);
    assert_eq!(app.sweep_left().await.unwrap(), 0, "what an application names stays");
    assert!(path(PHOTO).exists());
    // By a date that cannot be believed nothing goes.
    let mut real = App::start(app.config.clone(), app.db.clone(), app.machine.clone()).unwrap();
    real.county_clock = CountyClock::real(app.machine.clone());
    assert_eq!(real.sweep_left().await.unwrap(), 0);
    real.steady.follow(Moment(i64::MAX));
    assert!(matches!(real.sweep_left().await, Err(Fault::Clock { .. })));
}

#[tokio::test]
async fn what_was_on_its_way_out_is_back_at_the_start_and_nothing_goes_for_a_day() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let data = &app.config.data_dir;
    let path = |bytes: &[u8]| zhunsheng::app::evidence::path_of(data, &Digest::of(bytes));
    let put = |path: &std::path::Path, bytes: &[u8]| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        std::fs::File::open(path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    };
    put(&path(b"old"), b"old");
    put(&data.join("leaving").join(Digest::of(PHOTO).to_string()), PHOTO);
    // What cannot be removed is passed over.
    std::fs::create_dir_all(path(b"a folder")).unwrap();
    std::fs::File::open(path(b"a folder")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let jobs = zhunsheng::jobs::start(app);
    for _ in 0..500 {
        if path(PHOTO).exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(path(PHOTO).exists(), "back");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(path(b"old").exists(), "an older database may have been put beside newer files");
    drop(jobs);
    assert_eq!(app.sweep_left().await.unwrap(), 2);
    assert!(path(b"a folder").exists() && !path(b"old").exists() && !path(PHOTO).exists());
}
