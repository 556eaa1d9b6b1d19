//! What courts and organs of reconsideration order of a penalty, and what follows: made anew only as ordered, enforced under a judgment,
//! asked again where a court declined.

use crate::casework::{refused, take};
use crate::changed::{newest_paper, urged_with};
use crate::fines::{late, marked, on, payment, served};
use crate::inspections::{id_of, state};
use crate::support::SmallCounty;
use zhunsheng_core::matter::MatterState;

/// What was only revoked or void is not decided a second time; done all the same, it is marked.
#[tokio::test]
async fn only_what_is_ordered_is_made_anew() {
    for (result, suit) in [("revoked", false), ("void", true)] {
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
        assert!(why.contains("没有被撤销并责令重新作出") && why.contains("行政复议法第六十四条"), "{result}: {why}");
        let person = county.id("队员甲");
        late(&mut officer, &at("remake"), &person, "2024-11-01", &[]).await;
        let stands = state(&county, id_of(&case)).await;
        assert!(marked(&stands, "penalty_not_revoked_to_remake"), "{:?}", stands.flags);
    }
}

/// A decision that was annulled is made anew in a case of its own (行政诉讼法§71), which carries what is known and no notice or review.
#[tokio::test]
async fn what_was_annulled_is_handled_anew_in_a_case_of_its_own() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut officer, mut reviewer) = (county.clerk("队员甲").await, county.clerk("法审甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    refused(&mut officer, &at("remake_reconsidered"), &[]).await;
    on(&county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &at("note_reconsideration"), &contested).await;
    let result = [
        ("f.revocation_result", "remake"),
        ("f.remedy_note", "撤销，责令重新作出。"),
        ("f.remake_until", "2024-12-31"),
    ];
    take(&mut reviewer, &at("remedy_revoked"), &result).await;
    let until = |stands: &MatterState| {
        let run = stands.clock("remake_in_time").expect("the term that was set runs");
        (run.start.to_string(), run.stopped.is_some())
    };
    assert_eq!(until(&state(&county, id_of(&case)).await), ("2024-12-31".to_owned(), false));
    let why = refused(&mut officer, &at("remake"), &[]).await;
    assert!(why.contains("没有被撤销并责令重新作出") && why.contains("第七十一条"), "no court ordered it: {why}");
    take(&mut officer, &at("remake_reconsidered"), &[]).await;
    let taken = state(&county, id_of(&case)).await.done.last().unwrap().step.to_string();
    assert_eq!(taken, "remake_reconsidered");
    let anew = state(&county, id_of(&case)).await.links.last().unwrap().matter;
    let carried = state(&county, anew).await;
    assert_eq!((carried.standing(), carried.parties.len(), carried.instruments.len()), ("registered", 1, 0));
    assert_eq!(carried.day("remake_due").unwrap().to_string(), "2024-12-31", "the term that was set goes along");
    assert!(until(&state(&county, id_of(&case)).await).1);
    // There the term runs on, to the new decision; who has to decide sees it.
    let run = carried.clock("remade_in_time").expect("it runs on");
    let due = run.due(&county.test.app.county.ruling().calendar).certain().unwrap();
    assert_eq!((due.to_string().as_str(), run.stopped.is_none()), ("2024-12-31", true));
    let shown = officer.get(&format!("/matters/{anew}")).await.text("main");
    assert!(shown.contains("责令重新作出：作出决定"), "{shown}");
    let page = officer.get(&format!("/matters/{anew}")).await.text("main");
    assert!(page.contains("日常巡查发现某门店") && page.contains("不执行农药销售台账制度"), "{page}");
    let why = refused(&mut officer, &at("remake_reconsidered"), &[]).await;
    assert!(why.contains("已经登记了重新处理的案件"), "{why}");
    // Entered in error and voided, it stands in nobody's way.
    let mut head = county.clerk("局长甲").await;
    take(&mut head, &format!("/matters/{anew}/steps/_void"), &[("reason", "当事人登记错了。")]).await;
    take(&mut officer, &at("remake_reconsidered"), &[]).await;
    let again = state(&county, id_of(&case)).await.links.last().unwrap().matter;
    assert_ne!(again, anew);
    take(&mut head, &format!("/matters/{again}/steps/decline_filing"), &[("f.decline_reason", "已过追责时效。")]).await;
    assert!(state(&county, again).await.clock("remade_in_time").unwrap().stopped.is_some(), "decided");
    // What was revoked is not shown again.
    let mut reviewer = county.clerk("法审甲").await;
    let shown = [("f.public_summary", "经营农药没有台账。"), ("f.publish_until", "2025-10-26")];
    let why = refused(&mut reviewer, &at("approve_disclosure"), &shown).await;
    assert!(why.contains("决定已经被撤销") && why.contains("第四十八条"), "{why}");
    let withheld = [("f.withhold_ground", "revoked"), ("f.disclosure_note", "复议撤销。")];
    take(&mut reviewer, &at("withhold"), &withheld).await;
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

/// What is found unlawful and left standing (行政诉讼法§74) is owed as before, is no longer shown as it was, and is remedied as ordered.
#[tokio::test]
async fn what_is_unlawful_and_not_revoked_stands_and_is_enforced() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut officer, mut reviewer) = (county.clerk("队员甲").await, county.clerk("法审甲").await);
    let (mut clerk, mut head) = (county.clerk("内勤甲").await, county.clerk("局长甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    let shown = [("f.public_summary", "经营农药没有台账。"), ("f.publish_until", "2025-10-26")];
    take(&mut reviewer, &at("approve_disclosure"), &shown).await;
    take(&mut clerk, &at("publish"), &[("f.channel", "government_site")]).await;
    on(&county, 2024, 11, 1).await;
    let early = [("f.unlawful_ground", "minor_procedure"), ("f.remedy_note", "确认违法。")];
    refused(&mut reviewer, &at("remedy_unlawful"), &early).await;
    let contested = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "〔2024〕7号")];
    take(&mut reviewer, &at("note_litigation"), &contested).await;
    let result = [
        ("f.unlawful_ground", "minor_procedure"),
        ("f.remedy_note", "确认违法，不撤销；责令补正送达。"),
        ("f.judgment_from", "2024-11-01"),
        ("f.remedial_measures", "十五日内补正送达回证。"),
        ("f.remedial_until", "2024-11-15"),
    ];
    take(&mut reviewer, &at("remedy_unlawful"), &result).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("remedy").unwrap().as_str(), "unlawful");
    assert_eq!(stands.track("execution").unwrap().as_str(), "due", "it is to be performed as before");
    for clock in ["withdraw_in_time", "judgment_window", "payment"] {
        assert!(stands.clock(clock).is_some_and(|run| run.stopped.is_none()), "{clock}");
    }
    let mut citizen = county.test.browser();
    let page = format!("/penalties/{}", id_of(&case));
    let told = citizen.get(&page).await.text("main");
    assert!(told.contains("已确认违法，没有撤销"), "until it is withdrawn it says so: {told}");
    take(&mut clerk, &at("withdraw_publication"), &[("f.withdrawal_reason", "判决确认违法。")]).await;
    assert_eq!(citizen.get(&page).await.status, 404);
    // It may be shown again, with what it is now.
    let shown = [("f.public_summary", "经营农药没有台账；判决确认违法。"), ("f.publish_until", "2025-10-26")];
    take(&mut reviewer, &at("approve_disclosure"), &shown).await;
    take(&mut clerk, &at("publish"), &[("f.channel", "government_site")]).await;
    let told = citizen.get(&page).await.text("main");
    assert!(told.contains("已确认违法，没有撤销") && told.contains("判决确认违法"), "{told}");
    // No new decision in its place; paid as decided.
    refused(&mut officer, &at("remake"), &[]).await;
    on(&county, 2024, 11, 2).await;
    take(&mut clerk, &at("perform"), &payment("2000", "2024-11-02", "票一")).await;
    let why = refused(&mut head, &at("close_penalty"), &[]).await;
    assert!(why.contains("补救措施还没有登记落实") && why.contains("第七十六条"), "{why}");
    let run = stands.clock("measures_of_court").expect("the term that the court set runs");
    assert_eq!((run.start.to_string().as_str(), run.stopped.is_none()), ("2024-11-15", true));
    let done = [("f.remedial_result", "已经补正。")];
    let why = refused(&mut clerk, &at("take_remedial_reconsidered"), &done).await;
    assert!(why.contains("没有等待落实的补救措施") && why.contains("行政复议法"), "a court ordered it: {why}");
    take(&mut clerk, &at("take_remedial"), &done).await;
    let met = |stands: &MatterState| stands.clock("measures_of_court").unwrap().stopped.is_some();
    assert!(met(&state(&county, id_of(&case)).await));
    // Entered in error and withdrawn, they are open again.
    take(&mut clerk, &at("_withdraw"), &[("reason", "登记错了。")]).await;
    assert!(!met(&state(&county, id_of(&case)).await));
    refused(&mut head, &at("close_penalty"), &[]).await;
    take(&mut clerk, &at("take_remedial"), &done).await;
    let why = refused(&mut clerk, &at("take_remedial"), &done).await;
    assert!(why.contains("没有等待落实的补救措施"), "once: {why}");
    take(&mut head, &at("close_penalty"), &[]).await;
    assert_eq!(state(&county, id_of(&case)).await.standing(), "closed");
}

/// By reconsideration: it can be sued over for fifteen days, and lapses then like what was upheld; nothing ordered, nothing to take.
#[tokio::test]
async fn what_reconsideration_finds_unlawful_lapses_like_what_it_upholds() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut reviewer = county.clerk("法审甲").await;
    let mut officer = county.clerk("队员甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &at("note_reconsideration"), &contested).await;
    let result = [("f.unlawful_ground", "public_interest"), ("f.remedy_note", "确认违法，不撤销。")];
    let why = refused(&mut reviewer, &at("remedy_unlawful"), &result).await;
    assert!(why.contains("以违反法定程序为由"), "who is sued depends on it: {why}");
    let result = [&result[..], &[("f.unlawful_by_procedure", "no")]].concat();
    take(&mut reviewer, &at("remedy_unlawful"), &result).await;
    let why = refused(&mut reviewer, &at("take_remedial"), &[("f.remedial_result", "无。")]).await;
    assert!(why.contains("没有等待落实的补救措施"), "{why}");
    let why = refused(&mut officer, &at("confirm_unremedied"), &[]).await;
    assert!(why.contains("第五十三条"), "the fifteen days run: {why}");
    on(&county, 2024, 11, 19).await;
    take(&mut officer, &at("confirm_unremedied"), &[]).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("remedy").unwrap().as_str(), "lapsed");
    assert!(stands.clock("court_window").is_some_and(|run| run.stopped.is_none()), "the court may be asked");
}

/// Who is sued after reconsideration found it unlawful depends on why (行政诉讼法解释§22.3): its organ alone, and then there is no
/// judgment that this organ could apply for; or this organ too, as where it was upheld.
#[tokio::test]
async fn a_suit_after_reconsideration_found_it_unlawful_is_against_its_organ_unless_for_procedure() {
    for (ground, by_procedure, route) in [
        ("public_interest", Some("no"), "beside"),
        ("public_interest", Some("yes"), "judgment"),
        ("minor_procedure", None, "judgment"),
    ] {
        let county = SmallCounty::new().await;
        let case = served(&county).await;
        let (mut reviewer, mut clerk, mut head) =
            (county.clerk("法审甲").await, county.clerk("内勤甲").await, county.clerk("局长甲").await);
        let at = |step: &str| format!("{case}/steps/{step}");
        let shown = [("f.public_summary", "经营农药没有台账。"), ("f.publish_until", "2025-10-26")];
        take(&mut reviewer, &at("approve_disclosure"), &shown).await;
        take(&mut clerk, &at("publish"), &[("f.channel", "government_site")]).await;
        on(&county, 2024, 11, 1).await;
        let why = [("f.withdrawal_reason", "确认违法。")];
        let told = refused(&mut clerk, &at("withdraw_publication"), &why).await;
        assert!(told.contains("没有被变更、撤销、确认违法"), "{told}");
        let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
        take(&mut reviewer, &at("note_reconsideration"), &contested).await;
        let mut result = vec![
            ("f.unlawful_ground", ground),
            ("f.remedy_note", "确认违法，不撤销；责令补正。"),
            ("f.remedial_measures", "补正送达回证。"),
            ("f.reconsidered_until", "2024-11-20"),
        ];
        result.extend(by_procedure.map(|said| ("f.unlawful_by_procedure", said)));
        take(&mut reviewer, &at("remedy_unlawful"), &result).await;
        let suit = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "〔2024〕9号")];
        take(&mut reviewer, &at("note_litigation"), &suit).await;
        // Withdrawn all the same: that it was sued over takes the duty away from nobody (行政处罚法§48).
        take(&mut clerk, &at("withdraw_publication"), &why).await;
        let judged =
            [("f.remedy_note", "判决驳回。"), ("f.suit_result", "judgment"), ("f.judgment_from", "2024-11-01")];
        take(&mut reviewer, &at("remedy_upheld"), &judged).await;
        let stands = state(&county, id_of(&case)).await;
        assert_eq!(stands.text("remedy_route"), route, "{ground}");
        let run = stands.clock("measures_of_reconsideration").expect("the term of the measures runs on");
        assert_eq!((run.start.to_string().as_str(), run.stopped.is_none()), ("2024-11-20", true));
        assert!(stands.clock("measures_of_court").is_none());
        let application = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款二千元。")];
        if route == "beside" {
            let why = refused(&mut head, &at("apply_judgment"), &application).await;
            assert!(why.contains("没有登记已经生效的判决"), "{why}");
            take(&mut clerk, &at("confirm_unremedied"), &[]).await;
            assert_eq!(state(&county, id_of(&case)).await.track("remedy").unwrap().as_str(), "lapsed");
        } else {
            let why = refused(&mut clerk, &at("confirm_unremedied"), &[]).await;
            assert!(why.contains("法院已经判决"), "{why}");
        }
        take(&mut clerk, &at("perform"), &payment("2000", "2024-11-01", "票一")).await;
        let why = refused(&mut head, &at("close_penalty"), &[]).await;
        assert!(why.contains("补救措施还没有登记落实") && why.contains("行政复议法"), "{why}");
        take(&mut clerk, &at("take_remedial_reconsidered"), &[("f.remedial_result", "已经补正。")]).await;
        take(&mut head, &at("close_penalty"), &[]).await;
    }
}

/// A finding that was entered by mistake orders nothing and, withdrawn, takes nothing away that was ordered before.
#[tokio::test]
async fn what_reconsideration_ordered_stays_ordered_when_a_mistake_is_withdrawn() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut reviewer, mut clerk) = (county.clerk("法审甲").await, county.clerk("内勤甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &at("note_reconsideration"), &contested).await;
    let result = [
        ("f.unlawful_ground", "minor_procedure"),
        ("f.remedy_note", "确认违法，不撤销；责令补正。"),
        ("f.remedial_measures", "补正送达回证。"),
    ];
    take(&mut reviewer, &at("remedy_unlawful"), &result).await;
    let suit = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "〔2024〕9号")];
    take(&mut reviewer, &at("note_litigation"), &suit).await;
    let mistaken =
        [("f.unlawful_ground", "minor_procedure"), ("f.remedy_note", "误登。"), ("f.judgment_from", "2024-11-01")];
    take(&mut reviewer, &at("remedy_unlawful"), &mistaken).await;
    take(&mut reviewer, &at("_withdraw"), &[("reason", "登记错了。")]).await;
    let done = [("f.remedial_result", "已经补正。")];
    let why = refused(&mut clerk, &at("take_remedial"), &done).await;
    assert!(why.contains("没有等待落实的补救措施"), "no court ordered any: {why}");
    take(&mut clerk, &at("take_remedial_reconsidered"), &done).await;
}

/// Revoked by the organ itself while it was sued over, it may still be found unlawful (行政诉讼法§74.2(2)): entered, and revoked as before.
#[tokio::test]
async fn what_the_organ_revoked_itself_may_still_be_found_unlawful() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut reviewer, mut head) = (county.clerk("法审甲").await, county.clerk("局长甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 11, 1).await;
    let suit = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "〔2024〕9号")];
    take(&mut reviewer, &at("note_litigation"), &suit).await;
    let shown = [("f.public_summary", "经营农药没有台账。"), ("f.publish_until", "2025-10-26")];
    take(&mut reviewer, &at("approve_disclosure"), &shown).await;
    take(&mut head, &at("self_revoke"), &[("f.correction_reasons", "事实不清。")]).await;
    let mut clerk = county.clerk("内勤甲").await;
    let why = refused(&mut clerk, &at("publish"), &[("f.channel", "government_site")]).await;
    assert!(why.contains("不能再公示") && why.contains("第四十八条"), "{why}");
    let found = [("f.remedy_note", "判决确认原处罚违法，〔2024〕9号。")];
    take(&mut reviewer, &at("original_unlawful"), &found).await;
    let stands = state(&county, id_of(&case)).await;
    assert_eq!(stands.track("remedy").unwrap().as_str(), "revoked");
    assert_eq!(stands.track("execution").unwrap().as_str(), "terminated");
    // Changed by reconsideration, it was not the organ itself; what was to be shown is examined again, as changed.
    let county = SmallCounty::new().await;
    let case = crate::changed::changed(&county).await;
    let mut reviewer = county.clerk("法审甲").await;
    let why = refused(&mut reviewer, &format!("{case}/steps/original_unlawful"), &found).await;
    assert!(why.contains("没有自行变更、撤销") && why.contains("第七十四条"), "{why}");
}

/// What an organ of reconsideration orders itself is examined by another person and shown like every order, on the same page.
#[tokio::test]
async fn an_order_of_an_organ_of_reconsideration_is_shown_like_any_order() {
    let county = SmallCounty::new().await;
    let (mut county_head, own) = urged_with(&county, "").await;
    let at = |step: &str| format!("{own}/steps/{step}");
    let mut admin = county.clerk("管理员").await;
    let power = crate::powers::listed(&mut admin, "强执", ("execution", "211224"), "2022-01-01").await;
    let reviewing = county.id("法审甲");
    let post = [
        ("f.person", reviewing.as_str()),
        ("f.organ", "211224"),
        ("f.post_kind", "legal_reviewer"),
        ("f.valid_from", "2024-01-01"),
    ];
    let post = take(&mut admin, "/matters/new/post", &post).await;
    let mut reviewer = county.clerk_in("法审甲", post.rsplit('/').next().unwrap()).await;
    on(&county, 2025, 2, 10).await;
    let order =
        [("f.execution_power", power.as_str()), ("f.execution_reasons", "依法强制执行。"), ("f.open_amount", "0")];
    take(&mut county_head, &at("enforce"), &order).await;
    let stands = state(&county, id_of(&own)).await;
    assert!(stands.clock("order_publication").is_some_and(|run| run.stopped.is_none()));
    let site = [("f.order_channel", "government_site")];
    let page = county_head.post(&at("publish_order"), &site).await;
    assert_ne!(page.status, 303, "not examined");
    let shown = [("f.order_public_summary", "复议变更后强制执行。"), ("f.order_publish_until", "2026-02-10")];
    assert_ne!(county_head.post(&at("approve_order_disclosure"), &shown).await.status, 303, "who ordered it");
    take(&mut reviewer, &at("approve_order_disclosure"), &shown).await;
    take(&mut county_head, &at("publish_order"), &site).await;
    let mut citizen = county.test.browser();
    let orders = citizen.get("/penalties?kind=order").await;
    let page = format!("/penalties/{}?kind=order", id_of(&own));
    assert_eq!(orders.attributes("table a", "href"), [page.as_str()], "{}", orders.text("main"));
    let told = citizen.get(&page).await.text("main");
    assert!(told.contains("复议变更后强制执行") && told.contains("昌图县人民政府"), "{told}");
    // A judgment revokes what it enforces: withdrawn within three working days, not served and not shown again.
    let annulled = [("f.annulled_result", "revoked"), ("f.annulled_note", "（2025）辽12行终7号，2月10日生效。")];
    take(&mut county_head, &at("record_annulled"), &annulled).await;
    let runs = |stands: &MatterState| stands.clock("withdraw_order_in_time").unwrap().stopped.is_none();
    assert!(runs(&state(&county, id_of(&own)).await));
    let serve = [("f.order_delivery", "direct"), ("f.order_receiver", "邹某")];
    let why = refused(&mut county_head, &at("serve_order"), &serve).await;
    assert!(why.contains("不再送达") && why.contains("第四十条"), "{why}");
    take(&mut county_head, &at("withdraw_order"), &[("f.order_withdrawal_reason", "判决撤销。")]).await;
    assert!(!runs(&state(&county, id_of(&own)).await));
    assert_eq!(citizen.get(&page).await.status, 404);
    let why = refused(&mut reviewer, &at("approve_order_disclosure"), &shown).await;
    assert!(why.contains("不能再公示"), "{why}");
    let none = citizen.get("/penalties?kind=abc").await;
    assert!(none.status == 404 && none.text("main").contains("没有这一类公示"), "{}", none.text("main"));
}
