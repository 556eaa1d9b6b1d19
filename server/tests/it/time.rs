//! 这件事依法要多久, the table of all limits and the pictures of procedures, as a citizen meets them.

use std::collections::BTreeSet;

use crate::support::SmallCounty;

#[tokio::test]
async fn a_limit_of_the_law_is_counted_from_a_day_and_says_why() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    // 行政复议法§62.1: 六十日, calendar days; the last day, 2024-12-25, is a Wednesday.
    let page = citizen.get("/guide/time?limit=reconsider_decide&from=2024-10-26").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.text(".answer .due"), "2024年12月25日（星期三）");
    let main = page.text("main");
    assert!(main.contains("《行政复议法》第六十二条第一款") && main.contains("当日不计，自次日起算"), "{main}");
    assert!(main.contains("第60天") && !main.contains("第61天"), "day by day");
    // Prolonged by thirty days.
    let page = citizen.get("/guide/time?limit=reconsider_decide&from=2024-10-26&more.0=1").await;
    assert_eq!(page.text(".answer .due"), "2025年1月24日（星期五）");
    // Twenty working days over the National Day of 2024.
    let page = citizen.get("/guide/time?limit=disclose_answer&from=2024-09-20").await;
    assert_eq!(page.text(".answer .due"), "2024年10月23日（星期三）");
    // A year whose notice is missing.
    let page = citizen.get("/guide/time?limit=disclose_answer&from=2026-12-20").await;
    assert!(page.text(".answer").contains("暂定") && page.text(".answer").contains("2027年的放假安排还没有公布"));
    // Hours have a time of day.
    let hours = citizen.get("/law/limits?unit=hour").await;
    assert!(hours.text("main").contains("24小时"), "{}", hours.body);
    assert_eq!(citizen.get("/guide/time?limit=nothing").await.status, 404);
}

#[tokio::test]
async fn a_wrong_date_says_so_at_its_field_and_stays_as_typed() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    for (typed, says) in [
        ("2023-02-29", "没有这个日期"),
        ("昨天", "没有这个日期"),
        ("", "请填上日期"),
        ("1024-01-01", "1949年到2099年"),
        // The edition of 2023 is in force from 2024-01-01.
        ("2023-12-31", "从2024年1月1日起施行"),
    ] {
        let page = citizen.get(&format!("/guide/time?limit=reconsider_decide&from={typed}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text("#from-e").contains(says), "{typed}: {}", page.text("main"));
        assert_eq!(page.attribute("#from", "value").unwrap(), typed);
        assert!(page.attribute(".error-summary a", "href").is_some_and(|href| href == "#from"));
        assert!(!page.body.contains("class=\"answer\""), "{typed}");
    }
    let page = citizen.get("/guide/time?of=penalty&d.file=2024-02-30&d.decide_penalty=2024-03-04").await;
    assert!(page.body.contains("value=\"2024-02-30\"") && page.body.contains("value=\"2024-03-04\""));
    assert!(page.text("main").contains("没有这个日期"));
    assert!(page.text("main").contains("2024年3月13日"), "what can be counted is counted");
}

#[tokio::test]
async fn a_procedure_is_a_chain_of_limits() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    // 2024-02-08 plus thirty days is a Saturday: 人民调解法 has no roll-over of its own, the statute file says which has.
    let page = citizen.get("/guide/time?of=mediation&d.sign=2024-02-08").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.text("main").contains("《人民调解法》第三十三条"), "{}", page.text("main"));
    assert!(!page.text("main").contains("答复是否受理"), "internal limits are no promise");
    // The day of filing is today unless the address says otherwise.
    let today = citizen.get("/guide/time?of=penalty").await;
    let of = |page: &crate::support::Page, id: &str| page.attribute(id, "value").unwrap_or_default();
    assert_eq!(of(&today, "[id='d.file']"), county.test.app.today().to_string());
    let shared = citizen.get("/guide/time?of=penalty&from=2024-06-03").await;
    assert_eq!(of(&shared, "[id='d.file']"), "2024-06-03");
    assert!(shared.text("main").contains("2024年9月1日"), "ninety days");
    // An interval left out and an extension move the end.
    let moved = citizen.get("/guide/time?of=penalty&d.file=2024-06-03&d.suspend=2024-07-01&d.resume=2024-07-11&d.extend_by_head=2024-08-20").await;
    assert!(moved.text("main").contains("2024年10月11日"), "{}", moved.text("main"));
    assert_eq!(citizen.get("/guide/time?of=person").await.status, 404, "a register promises nothing");
}

#[tokio::test]
async fn every_limit_stands_in_the_table_and_can_be_found() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    let all = citizen.get("/law/limits").await;
    assert!(all.text(".toolbar").contains("项"));
    let hit = citizen.get("/law/limits?statute=行政复议法&kind=window").await;
    let table = hit.text("table");
    assert!(table.contains("行政复议法") && !table.contains("行政许可法"), "{table}");
    assert!(citizen.get("/law/limits?q=没有这样的期限").await.text("main").contains("没有符合条件的期限"));
    assert_eq!(citizen.get("/law/limits?page=99999").await.status, 200);
    let found = citizen.get("/guide/time?q=听证+通知").await;
    assert!(found.text(".tiles").contains("听证"), "{}", found.body);
    assert!(citizen.get("/guide/time?q=%3Cscript%3E").await.text("main").contains("没有找到"));
}

#[tokio::test]
async fn every_label_of_a_picture_leads_to_its_place_on_the_pages_beside_it() {
    let county = SmallCounty::new().await;
    let mut citizen = county.test.browser();
    for id in ["penalty", "mediation", "legality_review", "person"] {
        let page = citizen.get(&format!("/law/procedures/{id}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("role=\"group\" aria-labelledby=\"map-main-t"), "{id} has no picture");
        let after = |body: &str, mark: &str| -> BTreeSet<String> {
            body.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let mut all = 0;
        for beside in ["steps", "rules"] {
            let there = citizen.get(&format!("/law/procedures/{id}/{beside}")).await;
            assert_eq!(there.status, 200);
            assert_eq!(
                there.body.contains("种情形（状态组合）上逐一证明"),
                there.body.contains("无论怎么走都必须成立"),
                "{id}"
            );
            let wanted = after(&page.body, &format!("href=\"{id}/{beside}#"));
            all += wanted.len();
            let known = after(&there.body, "id=\"");
            assert_eq!(wanted.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "{id}/{beside}");
        }
        assert!(all > 2);
    }
}
