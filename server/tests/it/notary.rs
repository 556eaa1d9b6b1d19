//! 公证, where the notary office has adopted it: in time but for what the law takes out, in person where it must be, reviewed by another; and
//! nobody outside the office sees it.

use crate::casework::{refused, take};
use crate::support::SmallCounty;

const NEW: &str = "/matters/new/notary_case";

const GIFT: [(&str, &str); 8] = [
    ("f.notary_matter", "gift"),
    ("f.by_agent", "no"),
    ("f.concerns_real_estate", "yes"),
    ("f.jurisdiction", "domicile"),
    ("party.0.role", "applicant"),
    ("party.0.kind", "natural"),
    ("party.0.name", "佟守田"),
    ("party.0.phone", "13941002386"),
];

#[tokio::test]
async fn a_certificate_is_issued_in_time_and_reviewed_by_another() {
    let county = SmallCounty::new().await;
    let (mut assistant, mut notary) = (county.clerk("公证助理").await, county.clerk("公证员甲").await);
    let mut head = county.clerk("公证主任").await;
    let testament = [&[("f.notary_matter", "testament"), ("f.by_agent", "yes")][..], &GIFT[2..]].concat();
    let why = refused(&mut assistant, NEW, &testament).await;
    assert!(why.contains("应当由本人办理"), "{why}");
    let sale = [&[("f.notary_matter", "contract")][..], &GIFT[1..]].concat();
    let why = refused(&mut assistant, NEW, &sale).await;
    assert!(why.contains("不动产所在地"), "{why}");
    // Giving away a house is one of the four exceptions (公证法§25.2).
    let matter = take(&mut assistant, NEW, &GIFT).await;
    let step = |name: &str| format!("{matter}/steps/{name}");
    let me = county.id("公证员甲");
    let why = refused(&mut notary, &step("accept"), &[("f.told_effects", "no"), ("assignee", &me)]).await;
    assert!(why.contains("法律意义"), "{why}");
    take(&mut notary, &step("accept"), &[("f.told_effects", "yes"), ("f.fee", "500"), ("assignee", &me)]).await;
    let page = notary.get(&matter).await.text("main");
    assert!(page.contains("出具公证书") && page.contains("15个工作日"), "{page}");
    take(&mut notary, &step("pause"), &[("f.outage", "verify"), ("f.outage_note", "向不动产登记机构核实。")]).await;
    take(&mut notary, &step("resume"), &[]).await;
    notary.get(&step("issue")).await;
    let paper = [("evidence.certificate", "公证书.pdf", &b"%PDF-1.7\n% certificate\n"[..])];
    let issued = notary.post_files(&step("issue"), &[("f.examined", "真实、合法。")], &paper).await;
    assert_eq!(issued.status, 303, "{}", issued.text("main"));
    take(&mut assistant, &step("ask_review"), &[("f.review_reason", "房屋面积写错了。")]).await;
    let corrected = [("f.review_result", "corrected"), ("f.review_note", "更正为86平方米。")];
    take(&mut head, &step("decide_review"), &corrected).await;
    take(&mut assistant, &step("file"), &[]).await;
    // The bureau of justice does not look into the files of an independent office (公证法§6).
    for stranger in ["基层甲", "司法局长", "监督甲"] {
        assert_eq!(county.clerk(stranger).await.get(&matter).await.status, 404, "{stranger}");
    }
}

#[tokio::test]
async fn where_no_office_has_adopted_it_nobody_can_begin_one() {
    let county = SmallCounty::new().await;
    for other in ["基层甲", "调解员甲", "温援"] {
        let page = county.clerk(other).await.get(NEW).await;
        assert_ne!(page.status, 200, "{other}");
    }
}
