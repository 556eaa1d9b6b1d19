//! Signing on the screen: only after a written agreement of the parties, never where personal status is concerned; paper needs none of it.

use zhunsheng::params;
use zhunsheng::store::Query;
use zhunsheng_core::id::Digest;

use crate::casework::{refused, said, take};
use crate::staff::DISPUTE;
use crate::support::{Browser, SmallCounty};

const PDF: &[u8] = b"%PDF-1.4\n% terms, signed\n";
/// One black pixel: what a pad would send is larger, and of the same kind.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

/// A dispute whose agreement is drawn up and waits to be signed.
async fn drawn_up(county: &SmallCounty, kind: &str) -> (Browser, String) {
    let mut mediator = county.clerk("调解员甲").await;
    let dispute: Vec<(&str, &str)> =
        DISPUTE.iter().map(|(name, value)| (*name, if *name == "f.dispute_kind" { kind } else { *value })).collect();
    let matter = take(&mut mediator, "/matters/new/mediation", &dispute).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let id = county.id("调解员甲");
    let accepted = [("f.source", "party_application"), ("f.mediator_choice", "appointed"), ("assignee", id.as_str())];
    take(&mut mediator, &at("accept"), &accepted).await;
    take(&mut mediator, &at("inform"), &[("f.public_wish", "open")]).await;
    take(&mut mediator, &at("mediate"), &[("f.session_record", "双方到场。")]).await;
    let agreement = [("f.facts", "争执。"), ("f.agreement", "改建排水沟。"), ("f.performance_way", "act")];
    take(&mut mediator, &at("draw_up"), &agreement).await;
    (mediator, matter)
}

const SIGNED: [(&str, &str); 4] = [
    ("f.parties_signed", "yes"),
    ("f.mediator_signed", "yes"),
    ("f.committee_sealed", "yes"),
    ("f.performed_at_once", "yes"),
];

fn on_screen() -> Vec<(&'static str, &'static str)> {
    [&SIGNED[..], &[("f.sign_way", "screen")]].concat()
}

#[tokio::test]
async fn on_the_screen_only_by_written_agreement_and_each_signature_is_evidence() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = drawn_up(&county, "neighbour").await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let form = mediator.get(&at("agree_written")).await;
    let signers = form.text("#pad-who");
    assert!(signers.contains("申请人1 王某某") && signers.contains("被申请人1 李某某"), "{signers}");
    assert!(signers.contains("调解员") && !signers.contains("王小明"), "masked: {signers}");
    assert!(form.attribute("[data-pad]", "hidden").is_some(), "without a script there is paper");
    let early = mediator
        .post_files(&at("agree_written"), &on_screen(), &[("evidence.screen_signature", "申请人.png", PNG)])
        .await;
    assert_eq!(early.status, 422);
    assert!(early.text(".refusal").contains("电子签名法》第十三条第二款"), "{}", said(&early.body));
    assert!(refused(&mut mediator, &at("agree_screen"), &[("f.screen_agreed", "yes")]).await.contains("约定书"));
    take(&mut mediator, &at("offer_screen"), &[("f.personal_status", "no")]).await;
    let terms = mediator.get(&format!("{matter}/instruments/5")).await;
    assert!(terms.text(".sheet").contains("采用屏幕手写签名的约定书"), "{}", terms.text("main"));
    let bare = refused(&mut mediator, &at("agree_screen"), &[("f.screen_agreed", "yes")]).await;
    assert!(bare.contains("书面约定"), "the signed paper is missing: {bare}");
    let paper = [("evidence.screen_consent", "约定书.pdf", PDF)];
    let page = mediator.post_files(&at("agree_screen"), &[("f.screen_agreed", "no")], &paper).await;
    assert!(page.status == 422 && said(&page.body).contains("第三条第一款"), "{}", said(&page.body));
    let page = mediator.post_files(&at("agree_screen"), &[("f.screen_agreed", "yes")], &paper).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let unsigned = refused(&mut mediator, &at("agree_written"), &on_screen()).await;
    assert!(unsigned.contains("屏幕手写签名"), "no signature came: {unsigned}");
    let signature = |who: &str, n: u8| (format!("{who} 2024-10-26 10310{n}.png"), [PNG, &[n]].concat());
    let of = |written: &[(String, Vec<u8>)]| -> Vec<(String, Vec<u8>)> { written.to_vec() };
    let all = [signature("申请人1 王某某", 0), signature("被申请人1 李某某", 1), signature("调解员", 2)];
    // One after the other is missing, or one picture stands for two: nothing is effective until everybody has signed.
    let twice = [all[0].clone(), (all[1].0.clone(), all[0].1.clone()), all[2].clone()];
    for lacking in [of(&all[..1]), of(&all[..2]), of(&all[1..]), of(&twice)] {
        let files: Vec<(&str, &str, &[u8])> = lacking
            .iter()
            .map(|(name, bytes)| ("evidence.screen_signature", name.as_str(), bytes.as_slice()))
            .collect();
        let page = mediator.post_files(&at("agree_written"), &on_screen(), &files).await;
        assert_eq!(page.status, 422, "{:?}", lacking.iter().map(|(name, _)| name).collect::<Vec<_>>());
        assert!(page.text(".refusal").contains("没有都在屏幕上签名"), "{}", said(&page.body));
    }
    let files: Vec<(&str, &str, &[u8])> =
        all.iter().map(|(name, bytes)| ("evidence.screen_signature", name.as_str(), bytes.as_slice())).collect();
    let page = mediator.post_files(&at("agree_written"), &on_screen(), &files).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let digest = Digest::of(&all[0].1);
    let kept = county
        .test
        .write(move |tx, code| {
            tx.query_all(
                "SELECT media FROM evidence WHERE county_code = $1 AND kind = 'screen_signature' AND digest = $2",
                params![code, &digest.0],
                |row| row.text(0),
            )
        })
        .await;
    assert_eq!(kept, ["image/png"], "hashed like any evidence");
    let page = mediator.get(&matter).await;
    assert!(page.text(".state").contains("已达成协议") && page.body.contains("屏幕手写签名"), "{}", page.text("main"));
    let closed = refused(&mut mediator, &at("close"), &[]).await;
    assert!(closed.contains("签署件"), "the sealed paper copy is still wanted: {closed}");
}

#[tokio::test]
async fn personal_status_is_signed_on_paper() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = drawn_up(&county, "marriage_family").await;
    let path = format!("{matter}/steps/offer_screen");
    let said = refused(&mut mediator, &path, &[("f.personal_status", "no")]).await;
    assert!(said.contains("婚姻、收养、继承") && said.contains("电子签名法》第三条第三款第（一）项"), "{said}");
    take(&mut mediator, &format!("{matter}/steps/agree_written"), &SIGNED).await;
    let (mut mediator, matter) = drawn_up(&county, "housing_land").await;
    let path = format!("{matter}/steps/offer_screen");
    let said = refused(&mut mediator, &path, &[("f.personal_status", "yes")]).await;
    assert!(said.contains("第三条第三款第（一）项"), "a house that is inherited: {said}");
}

#[tokio::test]
async fn what_was_signed_on_a_screen_without_terms_is_recorded_and_marked() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = drawn_up(&county, "neighbour").await;
    let path = format!("{matter}/steps/agree_written");
    mediator.get(&format!("{path}?manner=late")).await;
    let person = county.id("调解员甲");
    let late = [("manner", "late"), ("decided_by", person.as_str()), ("day", "2024-10-26"), ("reason", "现场没有网络")];
    let files = [("evidence.screen_signature", "签名.png", PNG), ("original", "协议.pdf", PDF)];
    let page = mediator.post_files(&path, &[&on_screen()[..], &late].concat(), &files).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let page = mediator.get(page.location()).await;
    assert!(page.text("main").contains("电子签名法》第十三条第二款"), "marked with its article: {}", page.text("main"));
}

#[tokio::test]
async fn what_is_signed_is_what_was_drawn_up() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = drawn_up(&county, "neighbour").await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    // The parties changed their minds: the paper is drawn up once more.
    let terms = [
        ("f.facts", "争执。"),
        ("f.agreement", "赔偿三百元。"),
        ("f.performance_way", "money"),
        ("f.amount_agreed", "300"),
        ("f.perform_by", "2024-11-20"),
    ];
    take(&mut mediator, &at("draw_up"), &terms).await;
    let signed = |amount: &'static str, by: &'static str| {
        let later = [("f.performed_at_once", "no"), ("f.amount_agreed", amount), ("f.perform_by", by)];
        [&SIGNED[..3], &later].concat()
    };
    for (amount, by) in [("99999", "2024-11-20"), ("300", "2024-12-31")] {
        let why = refused(&mut mediator, &at("agree_written"), &signed(amount, by)).await;
        assert!(why.contains("和已经制作的协议书不一样"), "{why}");
    }
    take(&mut mediator, &at("agree_written"), &signed("300.00", "2024-11-20")).await;
}

#[tokio::test]
async fn an_answer_that_is_missing_is_no_violation() {
    let county = SmallCounty::new().await;
    let (mut mediator, matter) = drawn_up(&county, "neighbour").await;
    let sign = format!("{matter}/steps/agree_written");
    let why = refused(&mut mediator, &sign, &[]).await;
    assert!(why.contains("请填写") && !why.contains("才能生效"), "{why}");
    let no = [("f.parties_signed", "no"), SIGNED[1], SIGNED[2], SIGNED[3]];
    let why = refused(&mut mediator, &sign, &no).await;
    assert!(why.contains("才能生效") && !why.contains("请填写"), "what was answered is judged: {why}");
}
