//! The question box and legal questions: everyday words find the service, its limits and articles; a question is asked
//! without an account, answered, reviewed, found by others and withdrawn again; nothing personal gets out.

use zhunsheng_core::guide::Link;
use zhunsheng_core::law;

use crate::public::TOWN;
use crate::support::SmallCounty;

#[tokio::test]
async fn everyday_words_lead_to_the_service_its_limit_and_its_article() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let home = citizen.get("/").await;
    assert_eq!(home.attribute("form.ask-box", "action").as_deref(), Some("/find"), "{}", home.body);
    let found = citizen.get("/find?q=工地的工钱要不到").await;
    let first = found.text(".ask-card");
    assert!(first.contains("打工的工钱要不到") && first.contains("因为您写了"), "{}", found.body);
    assert!(found.body.contains("href=\"/legal-aid/new\""), "the service is one tap away");
    assert!(first.contains("身份证") && first.contains("7日") && first.contains("保障农民工工资支付条例"), "{first}");
    assert!(found.body.len() < 60 * 1024, "{}", found.body.len());
}

#[tokio::test]
async fn nothing_found_is_no_dead_end() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    for typed in ["", "zzzz", "怎么办", "!!!"] {
        let page = citizen.get(&format!("/find?q={typed}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("href=\"/ask\"") && page.body.contains("tel:12348"), "{}", page.body);
        assert!(page.body.contains("/find/unpaid_wages"), "all guides stand below: {}", page.body);
    }
    let long = "钱".repeat(5_000);
    assert_eq!(citizen.get(&format!("/find?q={long}")).await.status, 200, "cut, not refused");
    assert_eq!(citizen.get("/find/nowhere").await.status, 404);
    let hostile = citizen.get("/find?q=%3Cscript%3Ealert(1)%3C/script%3E%22%20OR%20*").await;
    assert!(hostile.status == 200 && !hostile.body.contains("<script>alert"), "{}", hostile.body);
}

#[tokio::test]
async fn every_guide_has_a_page_and_every_link_leads_somewhere() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let loaded = law::load_adopted(&zhunsheng::app::ruling::embedded(), &[]);
    for guide in loaded.law.guides.iter() {
        let page = citizen.get(&format!("/find/{}", guide.id)).await;
        assert_eq!(page.status, 200, "{}", guide.id);
        assert_eq!(page.count(".facts > div"), guide.limits.len(), "{}: every limit is shown", guide.id);
        let telephones = guide.go.iter().filter(|link| matches!(link, Link::Telephone(..))).count();
        let ways: Vec<String> = page.attributes(".actions a[href^='/']", "href");
        assert!(ways.len() + telephones >= guide.go.len(), "{}: {ways:?}", guide.id);
        for way in ways {
            assert_eq!(citizen.get(&way).await.status, 200, "{} → {way}", guide.id);
        }
    }
}

/// What must never be seen by somebody else.
const CANARIES: [&str; 4] = ["佟守田", "13941002386", "211224196801011234", "柳树村西头第三家"];

#[tokio::test]
async fn a_question_is_answered_reviewed_found_and_withdrawn() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    citizen.get(&format!("/ask?town={TOWN}")).await;
    let asked = format!("我是{}，住{}，身份证{}，邻居的鸽子把我家屋顶弄脏了。", CANARIES[0], CANARIES[3], CANARIES[2]);
    let form = [
        ("key", "0123456789abcdef0123456789abcdef"),
        ("town", TOWN),
        ("f.topic", "neighbour"),
        ("f.question", asked.as_str()),
        ("p.0.phone", CANARIES[1]),
    ];
    let receipt = citizen.post("/ask", &form).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let code = receipt.text(".query-code");
    assert_eq!(citizen.post("/ask", &form).await.text(".query-code"), code, "sent twice, asked once");
    let anonymous = [("town", TOWN), ("f.topic", "other"), ("f.question", "不留电话也可以问吗？")];
    assert_eq!(citizen.post("/ask", &anonymous).await.status, 200, "no name, no telephone");
}
