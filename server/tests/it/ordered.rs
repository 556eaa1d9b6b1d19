//! What courts and organs of reconsideration order of a penalty, and what follows: made anew only as ordered, enforced under a judgment,
//! asked again where a court declined.

use crate::casework::{refused, take};
use crate::changed::{newest_paper, urged_with};
use crate::fines::{late, marked, on, served};
use crate::inspections::{id_of, state};
use crate::support::SmallCounty;

/// What was only revoked, or found unlawful and left standing (行政诉讼法§74), is not decided a second time; done all the same, it is marked.
#[tokio::test]
async fn only_what_is_ordered_is_made_anew() {
    for (result, suit) in [("revoked", false), ("unlawful", true), ("void", true)] {
        let county = SmallCounty::new().await;
        let case = served(&county).await;
        let (mut officer, mut reviewer) = (county.clerk("队员甲").await, county.clerk("法审甲").await);
        let at = |step: &str| format!("{case}/steps/{step}");
        on(&county, 2024, 11, 1).await;
        let contested = [("f.remedy_body", "某机关"), ("f.remedy_case", "〔2024〕7号")];
        let noted = if suit { "note_litigation" } else { "note_reconsideration" };
        take(&mut reviewer, &at(noted), &contested).await;
        let until = [("f.revocation_result", result), ("f.remedy_note", "见主文。"), ("f.remake_until", "2024-12-31")];
        take(&mut reviewer, &at("remedy_revoked"), &until).await;
        assert!(state(&county, id_of(&case)).await.clock("remake_in_time").is_none(), "{result}");
        let why = refused(&mut officer, &at("remake"), &[]).await;
        assert!(why.contains("没有被撤销并责令重新作出") && why.contains("第七十一条"), "{result}: {why}");
        let person = county.id("队员甲");
        late(&mut officer, &at("remake"), &person, "2024-11-01", &[]).await;
        let stands = state(&county, id_of(&case)).await;
        assert!(marked(&stands, "penalty_not_revoked_to_remake"), "{:?}", stands.flags);
    }
}

/// The organ of reconsideration enforces under a judgment as well, if a law lets it (行政诉讼法§95).
#[tokio::test]
async fn a_judgment_leaves_the_organ_of_reconsideration_its_own_power() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "").await;
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224"), "2022-01-01").await;
    on(&county, 2025, 2, 10).await;
    take(&mut county_head, &format!("{own}/steps/record_judgment"), &[("f.judgment_from", "2025-02-10")]).await;
    let order =
        [("f.execution_power", power.as_str()), ("f.execution_reasons", "依法强制执行。"), ("f.open_amount", "0")];
    take(&mut county_head, &format!("{own}/steps/enforce"), &order).await;
    assert_eq!(state(&county, id_of(&own)).await.standing(), "ordered");
    let paper = newest_paper(&county, &mut county_head, &own).await;
    assert!(paper.contains("行政诉讼法》第九十五条") && !paper.contains("逾期不起诉"), "{paper}");
}

/// A court that declines is asked again: above within fifteen days, or once more in what is left of the two years.
#[tokio::test]
async fn a_court_that_declines_is_asked_again() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "").await;
    let at = |step: &str| format!("{own}/steps/{step}");
    on(&county, 2025, 2, 10).await;
    take(&mut county_head, &at("record_judgment"), &[("f.judgment_from", "2023-02-27")]).await;
    let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款一千元。")];
    take(&mut county_head, &at("apply_judgment"), &application).await;
    let declined = [("f.court_note", "材料不全，不予受理。")];
    take(&mut county_head, &at("court_decline"), &declined).await;
    let stands = state(&county, id_of(&own)).await;
    let run = stands.clock("judgment_window").expect("it runs again");
    assert_eq!((run.start.to_string().as_str(), run.stopped.is_none()), ("2023-02-27", true), "no new two years");
    // Above, in fifteen days.
    take(&mut county_head, &at("object_to_court"), &[("f.court", "铁岭市中级人民法院")]).await;
    take(&mut county_head, &at("court_decline"), &declined).await;
    on(&county, 2025, 2, 26).await;
    let why = refused(&mut county_head, &at("object_to_court"), &[("f.court", "铁岭市中级人民法院")]).await;
    assert!(why.contains("第五十六条"), "{why}");
    take(&mut county_head, &at("apply_judgment"), &application).await;
    take(&mut county_head, &at("court_decline"), &declined).await;
    on(&county, 2025, 2, 28).await;
    let why = refused(&mut county_head, &at("apply_judgment"), &application).await;
    assert!(why.contains("第一百五十三条"), "{why}");
}

/// Without a judgment it is urged anew, and the three months are those that began.
#[tokio::test]
async fn the_three_months_go_on_after_a_court_declined() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "").await;
    let at = |step: &str| format!("{own}/steps/{step}");
    on(&county, 2025, 2, 10).await;
    let application = [
        ("f.court", "昌图县人民法院"),
        ("f.court_materials", "application"),
        ("f.court_materials", "decision"),
        ("f.court_materials", "views"),
        ("f.court_materials", "object"),
        ("f.court_object", "罚款一千元。"),
    ];
    take(&mut county_head, &at("apply_court"), &application).await;
    take(&mut county_head, &at("court_decline"), &[("f.court_note", "催告书没有送达。")]).await;
    let stands = state(&county, id_of(&own)).await;
    let run = stands.clock("court_window").expect("it runs again");
    assert_eq!((run.start.to_string().as_str(), run.stopped.is_none()), ("2025-01-06", true));
    take(&mut county_head, &at("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    take(&mut county_head, &at("serve_urge"), &[("f.urge_delivery", "direct"), ("f.urge_receiver", "邹某")]).await;
    let why = refused(&mut county_head, &at("apply_court"), &application).await;
    assert!(why.contains("第五十四条"), "the ten days are those after the new urge: {why}");
    on(&county, 2025, 3, 3).await;
    take(&mut county_head, &at("apply_court"), &application).await;
}
