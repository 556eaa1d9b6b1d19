//! Calendars at an address with a secret: read strictly, as far as their owner sees, closed for good.

use crate::notices::{CANARIES, transferred};
use crate::support::ical::{Component, read};
use crate::support::{Browser, SmallCounty};

const PDF: &[u8] = b"%PDF-1.4\n% signed\n";

/// Makes an address and returns its path.
async fn make(browser: &mut Browser) -> String {
    browser.get("/account/notices").await;
    let page = browser.post("/account/notices/calendar", &[]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let address = page.text(".answer .digest");
    address.split_once("localhost").unwrap().1.to_owned()
}

/// A program without a session reads it.
async fn calendar(county: &SmallCounty, path: &str) -> Component {
    let page = county.test.browser().get(path).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/calendar; charset=utf-8"));
    for canary in CANARIES {
        assert!(!page.body.contains(canary), "{canary}: {}", page.body);
    }
    read(&page.body)
}

fn days(calendar: &Component) -> Vec<(String, String)> {
    calendar.inside.iter().map(|event| (event.one("DTSTART").value.clone(), event.text("SUMMARY"))).collect()
}

#[tokio::test]
async fn limits_stand_in_the_calendar_of_who_works_on_them() {
    let county = SmallCounty::new().await;
    let (mut liaison, mut other) = (county.clerk("联络员甲").await, county.clerk("联络员乙").await);
    let (mine, theirs) = (make(&mut liaison).await, make(&mut other).await);
    assert!(mine.starts_with("/calendar/") && mine.ends_with(".ics"), "{mine}");
    assert!(calendar(&county, &mine).await.inside.is_empty());
    let (_, matter) = transferred(&county).await;
    let first = calendar(&county, &mine).await;
    let found = days(&first);
    assert!(found.iter().any(|(day, summary)| day == "20241029" && summary.contains("签收")), "{found:?}");
    assert!(calendar(&county, &theirs).await.inside.is_empty(), "another department");
    // The same tomorrow: a calendar knows its days again.
    county.test.advance(24 * 60 * 60);
    let uid = |calendar: &Component| calendar.inside.iter().map(|event| event.text("UID")).collect::<Vec<_>>();
    let again = calendar(&county, &mine).await;
    assert_eq!((uid(&first), days(&first)), (uid(&again), days(&again)));
    assert_eq!(first.inside[0].one("DTSTAMP").value, again.inside[0].one("DTSTAMP").value, "nothing was changed");
    assert!(first.inside[0].inside.len() == 1, "it reminds");
    // Signed for: the limit does not run any more.
    let mut liaison = county.clerk("联络员甲").await;
    crate::casework::take(&mut liaison, &format!("{matter}/steps/sign_for"), &[("f.handle_way", "coordinate")]).await;
    let after = days(&calendar(&county, &mine).await);
    assert!(!after.iter().any(|(_, summary)| summary.contains("签收")), "{after:?}");
}

#[tokio::test]
async fn meetings_stand_in_it_and_secrets_do_not() {
    let county = SmallCounty::new().await;
    let mut drafter = county.clerk("起草甲").await;
    let path = make(&mut drafter).await;
    for (secrecy, on) in [("none", "2024-12-20"), ("work_secret", "2024-12-21")] {
        let document = [
            ("f.secrecy", secrecy),
            ("f.review_type", "meeting_item"),
            ("f.document_title", "关于农村公路养护的议题，金丝雀"),
            ("f.summary", "养护责任划分。"),
            ("f.basis_list", "《公路法》"),
            ("f.urgent", "no"),
            ("f.meeting_on", on),
        ];
        let new = "/matters/new/legality_review?step=submit";
        drafter.get(&format!("/matters/new/legality_review?f.secrecy={secrecy}")).await;
        let page = drafter.post_files(new, &document, &[("evidence.draft", "送审稿.pdf", PDF)]).await;
        assert_eq!(page.status, 303, "{secrecy}: {}", crate::casework::said(&page.body));
        let matter = page.location().split('?').next().unwrap().to_owned();
        // Sent back to be completed: it is the drafter's again.
        let mut office = county.clerk("办文甲").await;
        let back = [("f.return_list", "请补充依据。")];
        let page = office.get(&format!("{matter}/steps/office_return")).await;
        assert_eq!(page.status, 200, "{}", page.text("main"));
        let page = office.post(&format!("{matter}/steps/office_return"), &back).await;
        assert_eq!(page.status, 303, "{secrecy}: {}", crate::casework::said(&page.body));
    }
    let found = days(&calendar(&county, &path).await);
    assert!(found.iter().any(|(day, _)| day == "20241220"), "{found:?}");
    assert!(!found.iter().any(|(day, _)| day == "20241221"), "a work secret stays in the house: {found:?}");
}

#[tokio::test]
async fn a_closed_address_and_a_closed_account_open_nothing() {
    let county = SmallCounty::new().await;
    let person: &'static str = Box::leak(county.id("联络员甲").into_boxed_str());
    county.test.account(person, "liaison").await;
    let mut liaison = county.clerk("联络员甲").await;
    let (one, two) = (make(&mut liaison).await, make(&mut liaison).await);
    assert_ne!(one, two);
    let mut stranger = county.test.browser();
    assert_eq!(stranger.get(&one).await.status, 200);
    assert_eq!(stranger.get(one.strip_suffix(".ics").unwrap()).await.status, 200);
    let wrong = format!("/calendar/{}.ics", "0".repeat(64));
    assert_eq!(stranger.get(&wrong).await.status, 404);
    assert_eq!(stranger.get("/calendar/x").await.status, 404);
    // Closed by its owner, not by somebody else.
    let page = liaison.get("/account/notices").await;
    assert!(!page.body.contains(one.trim_start_matches("/calendar/").trim_end_matches(".ics")), "shown once");
    let ids = page.attributes("input[name=calendar]", "value");
    assert_eq!(ids.len(), 2);
    let mut other = county.clerk("联络员乙").await;
    other.get("/account/notices").await;
    assert_eq!(other.post("/account/notices/calendar/close", &[("calendar", &ids[0])]).await.status, 404);
    assert_eq!(liaison.post("/account/notices/calendar/close", &[("calendar", &ids[0])]).await.status, 303);
    let statuses = [stranger.get(&one).await.status, stranger.get(&two).await.status];
    assert!(statuses == [404, 200] || statuses == [200, 404], "{statuses:?}");
    // The account is closed: so is what it made.
    county.test.write(move |tx, code| zhunsheng::app::account::close(tx, code, person, 1).map(|_| ())).await;
    assert_eq!([stranger.get(&one).await.status, stranger.get(&two).await.status], [404, 404]);
    // Five devices at most.
    let mut admin = county.clerk("管理员").await;
    for _ in 0..5 {
        make(&mut admin).await;
    }
    assert_eq!(admin.post("/account/notices/calendar", &[]).await.status, 303);
    assert_eq!(admin.get("/account/notices").await.attributes("input[name=calendar]", "value").len(), 5);
}
