//! Cases through their forms: a penalty with its refusals, a signed form, a late entry; a document's review.

use zhunsheng::app::instrument::{self, Moment};
use zhunsheng::app::ruling::{Ruling, embedded};
use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::matter::{Event, IssuedInstrument, MatterState};

use crate::support::{Browser, SmallCounty};

const PDF: &[u8] = b"%PDF-1.4\n% signed\n";

pub fn said(body: &str) -> String {
    let html = scraper::Html::parse_document(body);
    let selector = scraper::Selector::parse(".error-summary, .refusal, .fault").unwrap();
    html.select(&selector).map(|element| element.text().collect::<String>()).collect::<Vec<_>>().join(" / ")
}

/// Takes a step; returns the matter's address.
pub async fn take(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text("main"));
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, 303, "{path}: {}", said(&page.body));
    page.location().split('?').next().unwrap().to_owned()
}

/// Tries a step that must be refused; returns what was said.
pub async fn refused(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text("main"));
    let page = browser.post(path, fields).await;
    assert_eq!(page.status, 422, "{path} should have been refused");
    said(&page.body)
}

pub const SOURCE: [(&str, &str); 14] = [
    ("f.secrecy", "none"),
    ("f.domain", "agriculture"),
    ("f.power_basis", "statutory"),
    ("f.source", "daily_inspection"),
    ("f.source_note", "日常巡查发现某门店未建立农药销售台账。"),
    ("f.discovered_on", "2024-10-20"),
    ("f.place", "211224100"),
    ("f.violation", "不执行农药销售台账制度"),
    ("party.0.role", "respondent"),
    ("party.0.kind", "sole_trader"),
    ("party.0.name", "昌图镇某农资商店"),
    ("party.0.uscc", ""),
    ("party.0.representative", "邹某"),
    ("party.0.address", "昌图镇东街"),
];

/// The record of an inspection.
pub const INSPECTION: [(&str, &str); 2] =
    [("f.investigation", "site_inspection"), ("f.investigation_record", "现场检查，未见台账。")];

/// What the investigation found: an ordinary fine.
pub const FINDINGS: [(&str, &str); 11] = [
    ("f.facts", "未建立台账。"),
    ("f.evidence_summary", "检查笔录、照片。"),
    ("f.violation_basis", "《农药管理条例》第二十七条"),
    ("f.penalty_basis", "《农药管理条例》第五十八条"),
    ("f.discretion", "ordinary"),
    ("f.discretion_reason", "首次，货值较小。"),
    ("f.same_act_fined", "no"),
    ("f.gravity", "ordinary"),
    ("f.review_grounds", "none_apply"),
    ("f.proposed_kinds", "fine"),
    ("f.proposed_fine", "2000"),
];

/// The notice before that fine.
pub const NOTICE: [(&str, &str); 4] = [
    ("f.notified_kinds", "fine"),
    ("f.notified_fine", "2000"),
    ("f.hearing_other", "no"),
    ("f.contact", "县农业农村局"),
];

/// The decision.
pub const DECISION: [(&str, &str); 5] = [
    ("f.kinds", "fine"),
    ("f.fine", "2000"),
    ("f.decision_reasons", "事实清楚，证据确凿。"),
    ("f.correction", "at_once"),
    ("f.performance", "十五日内到指定银行缴纳"),
];

/// A case that came to its decision.
pub async fn decided(county: &SmallCounty) -> String {
    decided_on(county, &SOURCE).await
}

/// A case that came to its decision, as it was registered.
pub async fn decided_on(county: &SmallCounty, source: &[(&str, &str)]) -> String {
    let (mut officer, mut head, matter) = filed_on(county, source).await;
    submit(county, &mut officer, &mut head, &matter).await;
    take(&mut head, &format!("{matter}/steps/decide_penalty"), &DECISION).await;
    matter
}

/// A case that was filed is investigated, notified and laid before who decides: a fine of 2000 is proposed.
pub async fn submit(county: &SmallCounty, officer: &mut Browser, head: &mut Browser, case: &str) {
    let at = |step: &str| format!("{case}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    take(officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    take(head, &at("notify"), &NOTICE).await;
    take(officer, &at("serve_notice"), &DELIVERY).await;
    take(officer, &at("waive_defence"), &[("f.waiver_note", "当事人书面放弃。")]).await;
    take(officer, &at("submit"), &[("f.handling_opinion", "建议罚款二千元。")]).await;
}

/// A case that was filed comes to its decision: to a fine of 2000 and, as the kinds say, to a confiscation of 900.
pub async fn decide(county: &SmallCounty, officer: &mut Browser, head: &mut Browser, case: &str, kinds: &[&str]) {
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    let at = |step: &str| format!("{case}/steps/{step}");
    fn listed<'a>(field: &'a str, kinds: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        kinds.iter().map(|kind| (field, *kind)).collect()
    }
    fn without<'a>(fields: &[(&'a str, &'a str)], field: &str) -> Vec<(&'a str, &'a str)> {
        fields.iter().copied().filter(|(name, _)| *name != field).collect()
    }
    take(officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    let found = [without(&FINDINGS, "f.proposed_kinds"), listed("f.proposed_kinds", kinds), officers.to_vec()].concat();
    take(officer, &at("end_investigation"), &found).await;
    let worth = vec![("f.notified_confiscated", "900")];
    let notice = [without(&NOTICE, "f.notified_kinds"), listed("f.notified_kinds", kinds), worth].concat();
    take(head, &at("notify"), &notice).await;
    take(officer, &at("serve_notice"), &DELIVERY).await;
    take(officer, &at("waive_defence"), &[("f.waiver_note", "当事人书面放弃。")]).await;
    take(officer, &at("submit"), &[("f.handling_opinion", "建议罚款、没收。")]).await;
    let decision = [without(&DECISION, "f.kinds"), listed("f.kinds", kinds), vec![("f.confiscated", "900")]].concat();
    take(head, &at("decide_penalty"), &decision).await;
}

/// How it was served.
pub const DELIVERY: [(&str, &str); 3] =
    [("f.notice_delivery", "direct"), ("f.notice_receiver", "邹某"), ("f.notice_receiver_relation", "principal")];

/// A case of 队员甲, filed by the head.
pub async fn filed(county: &SmallCounty) -> (Browser, Browser, String) {
    filed_on(county, &SOURCE).await
}

pub async fn filed_on(county: &SmallCounty, source: &[(&str, &str)]) -> (Browser, Browser, String) {
    let (mut officer, mut head) = (county.clerk("队员甲").await, county.clerk("局长甲").await);
    let matter = take(&mut officer, "/matters/new/penalty?f.secrecy=none", source).await;
    let assignee = county.id("队员甲");
    let filing = [("f.file_reason", "有违法事实，应当立案。"), ("assignee", assignee.as_str())];
    take(&mut head, &format!("{matter}/steps/file"), &filing).await;
    (officer, head, matter)
}

#[tokio::test]
async fn a_penalty_meets_its_refusals_and_is_decided() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, matter) = filed(&county).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let (first, second, expired) = (county.id("队员甲"), county.id("队员乙"), county.id("队员丙"));
    // An officer whose certificate has expired does not count (行政处罚法§42).
    let with = |officers: [&str; 2]| -> Vec<(&str, String)> {
        let mut fields: Vec<(&str, String)> =
            INSPECTION.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.extend(officers.iter().map(|id| ("officer", (*id).to_owned())));
        fields
    };
    let bad = with([&first, &expired]);
    let bad: Vec<(&str, &str)> = bad.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let why = refused(&mut officer, &at("investigate"), &bad).await;
    assert!(why.contains("不在有效期内") && why.contains("第四十二条"), "{why}");
    // Whose own certificate is out is told before anything is typed.
    let mut expired_officer = county.clerk("队员丙").await;
    let page = expired_officer.get(&at("investigate")).await;
    assert_eq!(page.status, 200);
    assert!(page.text(".refusal").contains("第四十二条"), "{}", page.text("main"));
    let page = expired_officer.get(&matter).await;
    assert!(page.text(".next").contains("不在有效期内"), "{}", page.text(".next"));
    let good = with([&first, &second]);
    let good: Vec<(&str, &str)> = good.iter().map(|(name, value)| (*name, value.as_str())).collect();
    take(&mut officer, &at("investigate"), &good).await;
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(&mut officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    // A decision before notice is refused (行政处罚法§44, §62).
    let decision = DECISION;
    let page = head.get(&at("decide_penalty")).await;
    assert!(page.text(".refusal").contains("第六十二条"), "said before anything is typed");
    let page = head.get(&format!("{}?manner=late", at("decide_penalty"))).await;
    assert_eq!(page.text(".refusal"), "", "what happened elsewhere is not objected to before it is entered");
    let why = refused(&mut head, &at("decide_penalty"), &decision).await;
    assert!(why.contains("第六十二条"), "{why}");
    take(&mut head, &at("notify"), &NOTICE).await;
    take(&mut officer, &at("serve_notice"), &DELIVERY).await;
    take(&mut officer, &at("waive_defence"), &[("f.waiver_note", "当事人书面放弃。")]).await;
    take(&mut officer, &at("submit"), &[("f.handling_opinion", "建议罚款二千元。")]).await;
    take(&mut head, &at("decide_penalty"), &decision).await;
    let page = head.get(&matter).await;
    assert!(page.text(".page-head").contains("已决定处罚"), "{}", page.text(".page-head"));
    for n in 1..=3 {
        let print = head.get(&format!("{matter}/instruments/{n}")).await;
        assert_eq!(print.status, 200);
        assert!(!print.text(".sheet").contains('{'), "{}", print.text(".sheet"));
    }
    // The next case of the same violation shows what this one came to (类案同罚), to those who may see it.
    let (mut officer, _, next) = filed(&county).await;
    take(&mut officer, &format!("{next}/steps/investigate"), &good).await;
    let page = officer.get(&format!("{next}/steps/end_investigation")).await;
    assert!(page.text(".split-side").contains("一般：1件，罚款都是2000元"), "{}", page.text(".split-side"));
    let like = "/like-cases?violation=%E4%B8%8D%E6%89%A7%E8%A1%8C%E5%86%9C%E8%8D%AF%E9%94%80%E5%94%AE%E5%8F%B0%E8%B4%A6%E5%88%B6%E5%BA%A6";
    let page = officer.get(like).await;
    assert!(
        page.body.contains(&format!("href=\"{matter}\"")) && page.text(".badge").is_empty(),
        "{}",
        page.text("main")
    );
    let page = county.clerk("起草甲").await.get(like).await;
    assert!(page.text(".empty").contains("没有看得到的"), "{}", page.text("main"));
}

/// What the four lists say of a violation stands beside the questions for degree and ground.
#[tokio::test]
async fn a_case_shows_on_which_lists_its_violation_stands() {
    let county = SmallCounty::new().await;
    let source: Vec<(&str, &str)> = SOURCE
        .iter()
        .map(|(name, value)| (*name, if *name == "f.violation" { "养殖单位未建立用药记录" } else { *value }))
        .collect();
    let (mut officer, mut head, matter) = filed_on(&county, &source).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(&mut officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    let page = officer.get(&at("end_investigation")).await.text("main");
    assert!(
        page.contains("列入不予处罚清单（初次违法且危害后果轻微并及时改正，行政处罚法§33.1")
            || page.contains("列入不予处罚清单（初次违法且危害后果轻微并及时改正，《行政处罚法》第三十三条第一款）"),
        "{page}"
    );
    take(&mut officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    let page = head.get(&at("decide_no_penalty")).await.text("main");
    assert!(page.contains("初次被查处；没有造成危害后果") && page.contains("配套措施：责令改正，当场教育"), "{page}");
    // Without education there is no exemption.
    let exempt = [("f.exempt_ground", "first_minor"), ("f.exempt_reasons", "符合清单各项条件。")];
    let why = refused(&mut head, &at("decide_no_penalty"), &exempt).await;
    assert!(why.contains("教育情况"), "{why}");
    take(&mut head, &at("decide_no_penalty"), &[&exempt[..], &[("f.education", "当场教育，签订承诺书。")]].concat())
        .await;
    let page = officer.get("/law/discretion").await.text("main");
    assert!(page.contains("免予行政强制清单") && page.contains("演示用的示例"), "{page}");
    assert_eq!(officer.get("/law/discretion/export").await.status, 200);
}

#[tokio::test]
async fn a_signed_form_counts_for_who_signed_and_needs_its_original() {
    let county = SmallCounty::new().await;
    let mut officer = county.clerk("队员甲").await;
    let matter = take(&mut officer, "/matters/new/penalty?f.secrecy=none", &SOURCE).await;
    let mut clerk = county.clerk("内勤甲").await;
    let path = format!("{matter}/steps/file?manner=form");
    let (head, assignee) = (county.id("局长甲"), county.id("队员甲"));
    let page = clerk.get(&path).await;
    assert!(page.text("main form").contains("谁作的决定"), "{}", page.text("main"));
    let form = [
        ("manner", "form"),
        ("decided_by", head.as_str()),
        ("day", "2024-10-26"),
        ("f.file_reason", "有违法事实。"),
        ("assignee", assignee.as_str()),
    ];
    let page = clerk.post(&format!("{matter}/steps/file"), &form).await;
    assert_eq!(page.status, 422);
    assert!(said(&page.body).contains("原件"), "{}", said(&page.body));
    let page = clerk.post_files(&format!("{matter}/steps/file"), &form, &[("original", "签批单.pdf", PDF)]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let page = clerk.get(&matter).await;
    let acts = page.text(".timeline");
    assert!(acts.contains("局长甲决定") && acts.contains("内勤甲") && acts.contains("录入签批单"), "{acts}");
}

/// One officer alone investigated on paper, and it is recorded late; where that leads.
pub async fn investigated_late(
    county: &SmallCounty,
    officer: &mut Browser,
    matter: &str,
    more: &[(&str, &str)],
) -> String {
    let path = format!("{matter}/steps/investigate");
    officer.get(&format!("{path}?manner=late")).await;
    let person = county.id("队员甲");
    let form = [
        ("manner", "late"),
        ("decided_by", person.as_str()),
        ("day", "2024-10-26"),
        ("officer", person.as_str()),
        ("f.investigation", "site_inspection"),
        ("f.investigation_record", "纸质笔录。"),
    ];
    let page = officer.post_files(&path, &[&form[..], more].concat(), &[("original", "笔录.pdf", PDF)]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    page.location().to_owned()
}

#[tokio::test]
async fn what_happened_on_paper_is_recorded_late_and_its_defects_are_marked() {
    let county = SmallCounty::new().await;
    let (mut officer, _, matter) = filed(&county).await;
    let location = investigated_late(&county, &mut officer, &matter, &[("reason", "现场没有网络")]).await;
    let page = officer.get(&location).await;
    assert!(page.text(".flash-warn").contains("执法人员"), "one officer only: {}", page.text("main"));
    assert!(page.text(".refusal").contains("第四十二条"), "{}", page.text(".refusal"));
    assert!(page.text(".timeline").contains("补录") && page.text(".timeline").contains("现场没有网络"));
}

#[tokio::test]
async fn a_document_is_reviewed_and_secrecy_is_asked_first() {
    let county = SmallCounty::new().await;
    let mut drafter = county.clerk("起草甲").await;
    let page = drafter.get("/matters/new/legality_review").await;
    assert!(page.text("main form").contains("是否涉密") && !page.body.contains("type=\"file\""), "asked alone");
    let page = drafter.get("/matters/new/legality_review?f.secrecy=state_secret").await;
    assert!(page.text(".refusal").contains("国家秘密"));
    let page = drafter.get("/matters/new/legality_review?f.secrecy=none").await;
    assert!(page.body.contains("name=\"evidence.draft\""), "{}", page.text("main"));
    let document = [
        ("f.secrecy", "none"),
        ("f.review_type", "meeting_item"),
        ("f.document_title", "关于农村公路养护的议题"),
        ("f.summary", "养护责任划分。"),
        ("f.basis_list", "《公路法》"),
        ("f.urgent", "no"),
    ];
    let path = "/matters/new/legality_review?step=submit";
    let page = drafter.post(path, &document).await;
    assert_eq!(page.status, 422, "the draft is missing");
    let page = drafter.post_files(path, &document, &[("evidence.draft", "送审稿.pdf", PDF)]).await;
    assert_eq!(page.status, 303, "{}", said(&page.body));
    let matter = page.location().split('?').next().unwrap().to_owned();
    let at = |step: &str| format!("{matter}/steps/{step}");
    let mut office = county.clerk("办文甲").await;
    take(&mut office, &at("office_pass"), &[]).await;
    let why = refused(&mut drafter, &at("accept"), &[]).await;
    assert!(why.contains("只能由"), "{why}");
    let mut reviewer = county.clerk("审查甲").await;
    take(&mut reviewer, &at("accept"), &[]).await;
    let mut head = county.clerk("审查长甲").await;
    let assignee = county.id("审查甲");
    take(&mut head, &at("assign"), &[("assignee", &assignee)]).await;
    let page = reviewer.get(&matter).await;
    assert!(page.text(".next").contains("提出审查意见"), "{}", page.text(".next"));
    assert!(page.text("main").contains("怎么算的"), "clocks show their working");
}

/// Every place of every instrument's body is known; otherwise a print would have a hole.
#[test]
fn every_instrument_can_be_set() {
    let ruling = Ruling::check(&embedded()).unwrap();
    let (registry, texts) = (Registry::default(), std::collections::BTreeMap::new());
    let day = Day::new(2024, 10, 26).unwrap();
    let mut set = 0;
    for procedure in ruling.law.procedures() {
        let opened = Event::Opened {
            procedure: procedure.id.clone(),
            definition: procedure.digest,
            organ: "211224".into(),
            place: None,
            parent: None,
            day,
        };
        let state = MatterState::begin(zhunsheng_core::id::MatterId(1), &opened).unwrap();
        for paper in &procedure.instruments {
            let issued = IssuedInstrument { kind: paper.id.clone(), number: None, day };
            let moment = Moment { state: state.clone(), seq: 0, taken: None, issued };
            let ground = instrument::Ground { procedure, registry: &registry, texts: &texts, title: "" };
            let sheet = instrument::sheet(&ground, &moment).unwrap();
            assert!(sheet.unknown.is_empty(), "{} {}: {:?}", procedure.id, paper.id, sheet.unknown);
            set += 1;
        }
    }
    assert!(set > 20, "{set} instruments");
}

/// Who investigated is not offered as host of the hearing, nor taken when named all the same (行政处罚法§64(4)).
#[tokio::test]
async fn who_investigated_is_not_offered_as_host_of_the_hearing() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(&mut officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    let grave = FINDINGS.map(|(name, value)| match name {
        "f.proposed_fine" => (name, "60000"),
        "f.gravity" => (name, "grave"),
        "f.review_grounds" => (name, "complex"),
        _ => (name, value),
    });
    take(&mut officer, &at("end_investigation"), &[&grave[..], &officers].concat()).await;
    let notice = NOTICE.map(|(name, value)| (name, if name == "f.notified_fine" { "60000" } else { value }));
    take(&mut head, &at("notify"), &notice).await;
    take(&mut officer, &at("serve_notice"), &DELIVERY).await;
    take(&mut officer, &at("request_hearing"), &[("f.hearing_request", "要求听证。")]).await;
    let links = crate::inspections::state(&county, crate::inspections::id_of(&case)).await.links;
    let hearing = links.iter().find(|link| link.role.as_str() == "hearing").unwrap().matter;
    let appoint = format!("/matters/{hearing}/steps/appoint");
    let offered = head.get(&appoint).await.attributes("select[name='assignee'] option", "value");
    assert!(offered.contains(&county.id("法审甲")), "{offered:?}");
    assert!(!offered.contains(&first) && !offered.contains(&second), "{offered:?}");
    let recorder = county.id("内勤甲");
    let named = [("f.recorder", recorder.as_str()), ("assignee", first.as_str())];
    let why = refused(&mut head, &appoint, &named).await;
    assert!(why.contains("已办理过“调查取证”"), "{why}");
}
