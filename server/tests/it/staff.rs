//! Staff at work, as their browsers see it: generated forms, refusals, lists, masks, prints, exports, files.

use crate::casework::refused;
use crate::support::{Browser, SmallCounty};

const REASON: &str = "当事人来电咨询，需要核对联系方式";

/// Opens a page of this office and takes a step; returns the matter's address.
async fn take(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text("main"));
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, 303, "{path}: {}", said(&page.body));
    page.location().split('?').next().unwrap().to_owned()
}

/// What stands against it, for messages of failing tests.
fn said(body: &str) -> String {
    let html = scraper::Html::parse_document(body);
    let selector = scraper::Selector::parse(".error-summary, .refusal, .fault").unwrap();
    html.select(&selector).map(|element| element.text().collect::<String>()).collect::<Vec<_>>().join(" / ")
}

pub const DISPUTE: [(&str, &str); 11] = [
    ("f.committee", "211224100201-tw"),
    ("f.dispute_kind", "neighbour"),
    ("f.source", "party_application"),
    ("f.summary", "因院墙排水发生争执，雨水流入对方院内。"),
    ("party.0.role", "applicant"),
    ("party.0.kind", "natural"),
    ("party.0.name", "王小明"),
    ("party.0.phone", "13900000238"),
    ("party.1.role", "respondent"),
    ("party.1.kind", "natural"),
    ("party.1.name", "李大刚"),
];

async fn dispute(county: &SmallCounty) -> (Browser, String) {
    let mut mediator = county.clerk("调解员甲").await;
    let matter = take(&mut mediator, "/matters/new/mediation", &DISPUTE).await;
    (mediator, matter)
}

#[tokio::test]
async fn who_comes_again_and_where_stands_beside_a_dispute() {
    let county = SmallCounty::new().await;
    let (mut mediator, first) = dispute(&county).await;
    assert!(mediator.get(&first).await.text("[data-again]").is_empty(), "nothing came before");
    let second = take(&mut mediator, "/matters/new/mediation", &DISPUTE).await;
    let other = DISPUTE.map(|(name, value)| (name, if name == "party.0.phone" { "13900000999" } else { value }));
    let third = take(&mut mediator, "/matters/new/mediation", &other).await;
    // Names are found by the search, which follows within half a second, and before anybody searches.
    mediator.get("/matters?q=王小明").await;
    let page = mediator.get(&second).await;
    assert_eq!(page.attributes("[data-again] ul:not([data-alike]) a", "href"), [first.as_str()], "the same telephone");
    assert_eq!(
        page.attributes("[data-alike] a", "href"),
        [third.as_str()],
        "another telephone, the same name in the village"
    );
    assert!(page.text("[data-again]").contains("也可能是重名"), "a hint is said to be one");
    assert!(
        page.text("[data-again]").contains("柳树村近两年登记的同类纠纷共3件（含本件）"),
        "{}",
        page.text("[data-again]")
    );
    let listed = mediator.get(&page.attribute("[data-again] p a", "href").unwrap()).await;
    assert!(listed.body.contains(&third) && listed.body.contains(&first), "{}", listed.text("main"));
    let by_phone = mediator.get(&third).await.attributes("[data-again] ul:not([data-alike]) a", "href");
    assert!(by_phone.is_empty(), "another telephone");
    // Neither another name nor another village gives a hint; nor a name that only contains it.
    let stranger = DISPUTE.map(|(name, value)| match name {
        "party.0.name" => (name, "王小明明"),
        "party.1.name" => (name, "赵二"),
        "party.0.phone" | "party.1.phone" => (name, "13900000998"),
        _ => (name, value),
    });
    let fourth = take(&mut mediator, "/matters/new/mediation", &stranger).await;
    mediator.get("/matters?q=王小明").await;
    assert!(mediator.get(&fourth).await.attributes("[data-alike] a", "href").is_empty());
    assert!(!mediator.get(&second).await.attributes("[data-alike] a", "href").contains(&fourth));
}

#[tokio::test]
async fn two_people_whose_names_are_masked_alike_are_told_apart() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    let told = DISPUTE.map(|(name, value)| match name {
        "f.summary" => (name, "王小明的树倒在王二虎的房上。"),
        "party.1.name" => (name, "王二虎"),
        _ => (name, value),
    });
    let more = [
        ("party.2.role", "applicant"),
        ("party.2.kind", "natural"),
        ("party.2.name", "王小光"),
        ("party.2.phone", "13900000777"),
    ];
    let matter = take(&mut mediator, "/matters/new/mediation", &[&told[..], &more].concat()).await;
    let page = mediator.get(&matter).await.text("main");
    assert!(page.contains("王某某（申请人1）的树倒在王某某（被申请人）的房上"), "{page}");
    assert!(page.contains("申请人1") && page.contains("申请人2"), "{page}");
}

#[tokio::test]
async fn a_mediator_takes_a_dispute_to_an_agreement_and_prints_it() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let id = county.id("调解员甲");
    take(
        &mut mediator,
        &at("accept"),
        &[("f.source", "party_application"), ("f.mediator_choice", "appointed"), ("assignee", &id)],
    )
    .await;
    take(&mut mediator, &at("inform"), &[("f.public_wish", "open")]).await;
    take(&mut mediator, &at("mediate"), &[("f.session_record", "双方到场，各自陈述了意见。")]).await;
    let terms = "李大刚于2024年11月30日前改建排水沟。";
    let agreement = [("f.facts", "院墙排水争执。"), ("f.agreement", terms), ("f.performance_way", "act")];
    take(&mut mediator, &at("draw_up"), &agreement).await;
    let page = mediator.get(&matter).await;
    assert_eq!(page.text(".state"), "协议待签署");
    let papers: Vec<String> = links(&page.body).into_iter().filter(|href| href.contains("/instruments/")).collect();
    assert!(papers.len() >= 3, "{papers:?}");
    let print = mediator.get(papers.last().unwrap()).await;
    let sheet = print.text(".sheet");
    assert!(sheet.contains("人民调解协议书") && sheet.contains("王小明") && sheet.contains(terms), "{sheet}");
    assert!(sheet.contains("演示数据"), "every print says so");
    assert_eq!(print.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_agreement_to_pay_every_month_names_no_total() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let id = county.id("调解员甲");
    let accepted = [("f.source", "party_application"), ("f.mediator_choice", "appointed"), ("assignee", id.as_str())];
    take(&mut mediator, &at("accept"), &accepted).await;
    take(&mut mediator, &at("inform"), &[("f.public_wish", "open")]).await;
    take(&mut mediator, &at("mediate"), &[("f.session_record", "商定了赡养费。")]).await;
    let mut terms = vec![
        ("f.facts", "赡养费争执。"),
        ("f.agreement", "子女二人每人每月给付250元。"),
        ("f.performance_way", "money"),
        ("f.perform_by", "2024-11-30"),
    ];
    let why = refused(&mut mediator, &at("draw_up"), &terms).await;
    assert!(why.contains("没有写给多少") && why.contains("每期金额"), "{why}");
    terms.push(("f.amount_each", "500"));
    let why = refused(&mut mediator, &at("draw_up"), &terms).await;
    assert!(why.contains("多长时间给付一次"), "{why}");
    terms.push(("f.amount_period", "month"));
    take(&mut mediator, &at("draw_up"), &terms).await;
    let page = mediator.get(&matter).await;
    let paper = links(&page.body).into_iter().rfind(|href| href.contains("/instruments/")).unwrap();
    let sheet = mediator.get(&paper).await.text(".sheet");
    assert!(sheet.contains("按期给付：每月500元") && !sheet.contains("协议金额"), "{sheet}");
    let signed = [
        ("f.parties_signed", "yes"),
        ("f.mediator_signed", "yes"),
        ("f.committee_sealed", "yes"),
        ("f.performed_at_once", "no"),
        ("f.perform_by", "2024-11-30"),
    ];
    take(&mut mediator, &at("agree_written"), &signed).await;
    assert!(mediator.get(&matter).await.text("main").contains("已达成协议"));
}

fn links(body: &str) -> Vec<String> {
    let html = scraper::Html::parse_document(body);
    html.select(&scraper::Selector::parse("a[href]").unwrap())
        .filter_map(|a| a.attr("href").map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_form_says_what_is_wrong_at_the_field_and_keeps_what_was_typed() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    mediator.get("/matters/new/mediation").await;
    let mut typed = DISPUTE.to_vec();
    typed[3].1 = "";
    typed[7].1 = "电话不清楚";
    let page = mediator.post("/matters/new/mediation", &typed).await;
    assert_eq!(page.status, 422);
    assert!(page.text(".error-summary").contains("纠纷简要情况"), "{}", said(&page.body));
    assert_eq!(page.attribute("#party-0-phone", "aria-invalid").as_deref(), Some("true"));
    assert_eq!(page.attribute("#party-0-phone", "value").as_deref(), Some("电话不清楚"));
    assert_eq!(page.attribute("[name='party.1.name']", "value").as_deref(), Some("李大刚"));
    assert!(page.attribute("#f-dispute_kind option[value=neighbour]", "selected").is_some());
    // Without JavaScript: one party more, and one less, with everything still there.
    let mut more = DISPUTE.to_vec();
    more.push(("more", "applicant"));
    let page = mediator.post("/matters/new/mediation", &more).await;
    assert_eq!(page.status, 200);
    assert!(page.attribute("[name='party.2.name']", "value").is_some(), "an empty third block");
    assert_eq!(page.attribute("[name='party.0.name']", "value").as_deref(), Some("王小明"));
}

#[tokio::test]
async fn names_are_masked_until_a_reason_is_recorded() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let page = mediator.get(&matter).await;
    assert!(!page.body.contains("13900000238") && !page.body.contains("王小明"), "masked");
    let page = mediator.post(&format!("{matter}/reveal"), &[("reason", "看")]).await;
    assert!(!page.body.contains("13900000238") && page.text("#reveal-e").contains("理由"));
    let page = mediator.post(&format!("{matter}/reveal"), &[("reason", REASON)]).await;
    assert!(page.body.contains("13900000238") && page.body.contains("王小明"));
    assert_eq!(page.header("cache-control"), "no-store");
    let page = mediator.get(&matter).await;
    assert!(!page.body.contains("13900000238"), "once only");
    assert!(page.text(".timeline").contains("查看完整信息") && page.text(".timeline").contains(REASON));
}

#[tokio::test]
async fn a_newcomer_gets_a_query_code_and_mistakes_are_corrected_with_a_reason() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    mediator.get("/matters/new/mediation").await;
    let page = mediator.post("/matters/new/mediation", &DISPUTE).await;
    let location = page.location().to_owned();
    let page = mediator.get(&location).await;
    let code = page.text(".query-code");
    assert_eq!(code.replace('-', "").chars().count(), 12, "{}", page.text("main"));
    let matter = location.split('?').next().unwrap();
    assert!(!mediator.get(matter).await.body.contains(&code), "once only");
    let mut head = county.clerk("主任甲").await;
    let path = format!("{matter}/steps/_correct");
    let page = head.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let same = [("f.dispute_kind", "neighbour"), ("f.summary", DISPUTE[3].1), ("reason", "核对")];
    assert_eq!(head.post(&path, &same).await.status, 422, "nothing changed");
    let changed = [("f.dispute_kind", "housing_land"), ("f.summary", DISPUTE[3].1), ("reason", "类型选错")];
    let page = head.post(&path, &changed).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let page = head.get(matter).await;
    assert!(
        !page.text(".facts").is_empty()
            && page.body.contains("房屋宅基地")
            && page.text(".timeline").contains("类型选错")
    );
}

#[tokio::test]
async fn what_one_may_not_know_of_is_not_found() {
    let county = SmallCounty::new().await;
    let (_, matter) = dispute(&county).await;
    let mut other = county.clerk("内勤甲").await;
    for path in
        [matter.clone(), format!("{matter}/steps/accept"), format!("{matter}/instruments/1"), "/matters/x".to_owned()]
    {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
    let digest = "0".repeat(64);
    assert_eq!(other.get(&format!("/evidence/{digest}")).await.status, 404);
    other.get("/desk").await;
    assert_eq!(other.post(&format!("{matter}/steps/accept"), &[]).await.status, 404);
    assert_eq!(other.post(&format!("{matter}/reveal"), &[("reason", REASON)]).await.status, 404);
    let list = other.get("/matters").await;
    assert!(!list.body.contains(&matter));
    let mut administrator = county.clerk("管理员").await;
    assert_eq!(administrator.get(&matter).await.status, 404, "administrators see no case");
}

#[tokio::test]
async fn lists_find_two_characters_and_export_what_they_show() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let found = mediator.get("/matters?q=%E6%8E%92%E6%B0%B4").await; // 排水
    assert!(found.body.contains(&matter), "{}", found.text("main"));
    assert!(mediator.get("/matters?q=%E6%B4%AA%E6%B0%B4").await.text(".empty").contains("没有")); // 洪水
    let narrowed =
        mediator.get("/matters?procedure=mediation&state=applied&organ=211224100201-tw&place=211224100").await;
    assert!(narrowed.body.contains(&matter));
    let sheet = mediator.get("/matters/export?procedure=mediation").await;
    assert_eq!(sheet.status, 200);
    assert!(sheet.header("content-disposition").starts_with("attachment"));
    assert!(mediator.get("/registers").await.status == 200);
}

#[tokio::test]
async fn work_waits_on_the_desk_and_leaves_it() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let desk = mediator.get("/desk").await;
    assert!(desk.body.contains(&matter) && desk.text(".side .count").starts_with('1'), "{}", desk.text("main"));
    assert!(
        desk.text("main").contains("种办法"),
        "accepting and not accepting stand side by side: {}",
        desk.text("main")
    );
    assert!(
        !links(&desk.body).iter().any(|href| href.starts_with(&format!("{matter}/steps/"))),
        "of several outcomes none is picked"
    );
    assert!(mediator.get("/desk/done").await.text("main").contains("登记纠纷"));
    let reason = [("f.not_accepted_reason", "in_court"), ("f.remedies_told", "litigation")];
    take(&mut mediator, &format!("{matter}/steps/not_accept"), &reason).await;
    assert!(!mediator.get("/desk").await.body.contains(&matter));
}

#[tokio::test]
async fn files_are_kept_through_a_refusal_and_read_back_by_those_who_see_the_matter() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = dispute(&county).await;
    let path = format!("{matter}/steps/_attach");
    let page = mediator.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let pdf: &[u8] = b"%PDF-1.4\n% the application\n";
    let page = mediator.post_files(&path, &[], &[("evidence.proof", "怪.pdf", b"MZ not a pdf")]).await;
    assert_eq!(page.status, 422);
    assert!(said(&page.body).contains("不是可以接受的文件"), "{}", said(&page.body));
    let both: [(&str, &str, &[u8]); 2] = [("evidence.proof", "证据.pdf", pdf), ("evidence.identity", "x.exe", b"MZ")];
    let page = mediator.post_files(&path, &[], &both).await;
    assert_eq!(page.status, 422);
    let kept = page.attribute("input[name=kept]", "value").expect("the good file is kept for the next try");
    let page = mediator.post(&path, &[("kept", &kept)]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let page = mediator.get(&matter).await;
    let file = links(&page.body).into_iter().find(|href| href.starts_with("/evidence/")).unwrap();
    let download = mediator.get(&file).await;
    assert_eq!(download.body.as_bytes(), pdf);
    assert_eq!(download.header("x-content-type-options"), "nosniff");
    assert!(download.header("content-security-policy").contains("sandbox"));
    assert!(download.header("content-disposition").starts_with("attachment"));
    let mut other = county.clerk("内勤甲").await;
    assert_eq!(other.get(&file).await.status, 404);
}
