//! What closes a case's last gaps: forms between its steps, who enforces after a suit against a change, what a withdrawn correction leaves,
//! seizures that are shown to the public, powers that a form on the spot offers.

use crate::casework::{FINDINGS, INSPECTION, SOURCE, decide, filed, refused, said, submit, take};
use crate::fines::{late, marked, on, payment, served, urged};
use crate::inspections::{id_of, state};
use crate::powers::listed;
use crate::support::{Browser, SmallCounty};

async fn newest(county: &SmallCounty, browser: &mut Browser, matter: &str, back: usize) -> String {
    let n = state(county, id_of(matter)).await.instruments.len() - back;
    browser.get(&format!("{matter}/instruments/{n}")).await.text("main")
}

#[tokio::test]
async fn forms_between_the_steps_are_made_from_what_was_entered() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let order = [
        ("f.order_manner", "by_deadline"),
        ("f.order_text", "建立农药销售台账。"),
        ("f.order_due", "2024-11-10"),
        ("officer", first.as_str()),
    ];
    let why = refused(&mut officer, &at("order_correction"), &order).await;
    assert!(why.contains("第四十二条"), "one officer: {why}");
    take(&mut officer, &at("order_correction"), &[&order[..], &[("officer", second.as_str())]].concat()).await;
    let paper = newest(&county, &mut officer, &case, 0).await;
    for part in ["责令改正通知书", "昌农责改〔2024〕1号", "限期改正", "2024年11月10日", "申请行政复议"]
    {
        assert!(paper.contains(part), "{part} in {paper}");
    }
    let commission = [
        ("f.commission_kind", "testing"),
        ("f.commissioned", "省农药检定机构"),
        ("f.commission_items", "多菌灵，批号20240301，1袋。"),
        ("f.commission_request", "有效成分含量。"),
    ];
    take(&mut officer, &at("commission_appraisal"), &commission).await;
    let paper = newest(&county, &mut officer, &case, 0).await;
    assert!(paper.contains("委托书") && paper.contains("省农药检定机构") && paper.contains("批号20240301"), "{paper}");
    let address = [("f.service_address", "昌图镇东街12号"), ("f.electronic_service", "yes")];
    let why = refused(&mut officer, &at("confirm_address"), &address).await;
    assert!(why.contains("电子送达地址"), "where to? {why}");
    let address =
        [&address[..], &[("f.electronic_address", "a@example.cn"), ("f.service_phone", "13941002386")]].concat();
    take(&mut officer, &at("confirm_address"), &address).await;
    let (place, consent) =
        (newest(&county, &mut officer, &case, 1).await, newest(&county, &mut officer, &case, 0).await);
    assert!(place.contains("送达地址确认书") && place.contains("昌图镇东街12号"), "{place}");
    assert!(consent.contains("电子送达确认书") && consent.contains("a@example.cn"), "{consent}");
    // The form is not the consent: the signed one is.
    submit(&county, &mut officer, &mut head, &case).await;
    take(&mut head, &at("decide_penalty"), &crate::casework::DECISION).await;
    let why = refused(&mut officer, &at("serve"), &[("f.delivery", "electronic")]).await;
    assert!(why.contains("确认书"), "{why}");
    // A decision that cannot be delivered is posted.
    let posted = [("f.public_notice_reason", "邮件退回，本人下落不明。"), ("f.public_notice_at", "县政府门户网站")];
    take(&mut officer, &at("post_decision"), &posted).await;
    let paper = newest(&county, &mut officer, &case, 0).await;
    assert!(paper.contains("送达公告") && paper.contains("经过三十日") && paper.contains("县政府门户网站"), "{paper}");
}

const DISPOSAL: [(&str, &str); 4] = [
    ("f.disposal_manner", "auction"),
    ("f.disposal_goods", "多菌灵40袋。"),
    ("f.disposal_basis", "县公物拍卖办法，局长批准。"),
    ("f.disposal_result", "拍卖成交1200元，上缴国库。"),
];

#[tokio::test]
async fn confiscated_goods_are_disposed_of_on_paper_and_only_where_some_were() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let mut clerk = county.clerk("内勤甲").await;
    let why = refused(&mut clerk, &format!("{case}/steps/dispose_goods"), &DISPOSAL).await;
    assert!(why.contains("没有没收非法财物") && why.contains("第七十四条"), "{why}");
    late(&mut clerk, &format!("{case}/steps/dispose_goods"), &county.id("内勤甲"), "2024-10-26", &DISPOSAL).await;
    assert!(marked(&state(&county, id_of(&case)).await, "penalty_no_goods"));
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    decide(&county, &mut officer, &mut head, &case, &["fine", "confiscate_goods"]).await;
    take(&mut officer, &format!("{case}/steps/serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    let mut clerk = county.clerk("内勤甲").await;
    take(&mut clerk, &format!("{case}/steps/dispose_goods"), &DISPOSAL).await;
    let paper = newest(&county, &mut clerk, &case, 0).await;
    assert!(paper.contains("罚没物品处理记录") && paper.contains("公开拍卖") && paper.contains("1200元"), "{paper}");
}

const COURT: [(&str, &str); 2] = [("f.court", "昌图县人民法院"), ("f.court_object", "罚款一千元。")];
const TO: [(&str, &str); 1] = [("f.reconsideration_organ", "211224")];

/// Changed by reconsideration on 20 December 2024 and sued against on the 25th; the suit ends on 10 March 2025.
async fn sued_after_a_change(county: &SmallCounty, result: &[(&str, &str)]) -> String {
    let case = served(county).await;
    let mut reviewer = county.clerk("法审甲").await;
    let at = |step: &str| format!("{case}/steps/{step}");
    on(county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &at("note_reconsideration"), &contested).await;
    on(county, 2024, 12, 20).await;
    let changed = [("f.remedy_note", "变更为罚款一千元。"), ("f.corrected_fine", "1000")];
    take(&mut reviewer, &at("remedy_changed"), &changed).await;
    on(county, 2024, 12, 25).await;
    let suit = [("f.remedy_body", "铁岭市中级人民法院"), ("f.remedy_case", "（2024）辽12行初1号")];
    take(&mut reviewer, &at("note_litigation"), &suit).await;
    on(county, 2025, 3, 10).await;
    take(&mut reviewer, &at("remedy_upheld"), &[&[("f.remedy_note", "结果。")], result].concat()).await;
    case
}

/// The defendant is the organ of reconsideration (行政诉讼法§26.2): it applies under the judgment, and the organ of the case does not.
#[tokio::test]
async fn after_a_suit_against_the_change_the_organ_of_reconsideration_has_it_enforced() {
    let county = SmallCounty::new().await;
    let judged = [("f.suit_result", "judgment"), ("f.judgment_from", "2025-03-10")];
    let case = sued_after_a_change(&county, &judged).await;
    let (mut head, mut clerk) = (county.clerk("局长甲").await, county.clerk("内勤甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    let why = refused(&mut head, &at("apply_judgment"), &COURT).await;
    assert!(why.contains("已经行政复议变更") && why.contains("移交复议机关"), "{why}");
    let why = refused(&mut clerk, &at("confirm_unremedied"), &[]).await;
    assert!(why.contains("已经行政复议变更"), "{why}");
    on(&county, 2025, 3, 11).await;
    take(&mut head, &at("hand_up_execution"), &TO).await;
    let mut county_head = county.clerk("县长甲").await;
    take(&mut county_head, &at("receive_execution"), &[]).await;
    let own = format!("/matters/{}", state(&county, id_of(&case)).await.links.last().unwrap().matter);
    let step = |step: &str| format!("{own}/steps/{step}");
    take(&mut county_head, &step("apply_judgment"), &COURT).await;
    let paper = newest(&county, &mut county_head, &own, 0).await;
    assert!(paper.contains("行政诉讼法》第九十五条") && paper.contains("壹仟元"), "{paper}");
    assert_eq!(state(&county, id_of(&own)).await.standing(), "court");
    take(&mut county_head, &step("finish"), &[("f.result_note", "法院执行完毕。")]).await;
}

#[tokio::test]
async fn a_suit_that_came_to_nothing_after_a_change_leaves_the_court_to_the_organ_of_reconsideration() {
    let county = SmallCounty::new().await;
    let case = sued_after_a_change(&county, &[("f.suit_result", "ruling")]).await;
    let mut head = county.clerk("局长甲").await;
    let why = refused(&mut head, &format!("{case}/steps/hand_up_execution"), &TO).await;
    assert!(why.contains("还可以起诉"), "on the day itself: {why}");
    on(&county, 2025, 3, 11).await;
    take(&mut head, &format!("{case}/steps/hand_up_execution"), &TO).await;
    let mut county_head = county.clerk("县长甲").await;
    take(&mut county_head, &format!("{case}/steps/receive_execution"), &[]).await;
    let own = format!("/matters/{}", state(&county, id_of(&case)).await.links.last().unwrap().matter);
    let step = |step: &str| format!("{own}/steps/{step}");
    let why = refused(&mut county_head, &step("apply_judgment"), &COURT).await;
    assert!(why.contains("没有登记已经生效的判决"), "{why}");
    take(&mut county_head, &step("urge"), &[("f.urge_text", "十日内缴清一千元。")]).await;
    take(&mut county_head, &step("serve_urge"), &[("f.urge_delivery", "direct"), ("f.urge_receiver", "邹某")]).await;
    // That there was a judgment after all becomes known: its two years run, and the three months do not matter any more.
    take(&mut county_head, &step("record_judgment"), &[("f.judgment_from", "2022-03-10")]).await;
    let why = refused(&mut county_head, &step("apply_judgment"), &COURT).await;
    assert!(why.contains("二年已经届满"), "{why}");
    late(&mut county_head, &step("apply_judgment"), &county.id("县长甲"), "2025-03-11", &COURT).await;
    assert!(marked(&state(&county, id_of(&own)).await, "penalty_judgment_too_late"));
}

/// A change that was entered by mistake and withdrawn leaves its facts: nothing is paid, compared or reported by them.
#[tokio::test]
async fn a_withdrawn_correction_is_no_measure_of_payment_and_no_precedent() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let (mut reviewer, mut clerk) = (county.clerk("法审甲").await, county.clerk("内勤甲").await);
    let at = |step: &str| format!("{case}/steps/{step}");
    on(&county, 2024, 11, 1).await;
    let contested = [("f.remedy_body", "昌图县人民政府"), ("f.remedy_case", "昌政复〔2024〕7号")];
    take(&mut reviewer, &at("note_reconsideration"), &contested).await;
    let mistaken = [("f.remedy_note", "登记错了。"), ("f.corrected_fine", "20000")];
    take(&mut reviewer, &at("remedy_changed"), &mistaken).await;
    let like = |page: &str, fine: &str| assert!(page.contains(fine), "{fine} in {page}");
    let path = "/like-cases?violation=%E4%B8%8D%E6%89%A7%E8%A1%8C%E5%86%9C%E8%8D%AF%E9%94%80%E5%94%AE%E5%8F%B0%E8%B4%A6%E5%88%B6%E5%BA%A6";
    like(&clerk.get(path).await.text("main"), "20000元");
    take(&mut reviewer, &at("_withdraw"), &[("reason", "登记到了另一件。")]).await;
    let shown = clerk.get(path).await.text("main");
    like(&shown, "2000元");
    assert!(!shown.contains("20000"), "{shown}");
    let why = refused(&mut clerk, &at("perform"), &payment("1999", "2024-11-01", "票一")).await;
    assert!(why.contains("少于决定的数额"), "{why}");
    take(&mut clerk, &at("perform"), &payment("2000", "2024-11-01", "票二")).await;
}

#[tokio::test]
async fn a_year_without_a_sheet_is_refused_and_not_taken_for_another() {
    let county = SmallCounty::new().await;
    let mut office = county.clerk("监督甲").await;
    for year in ["2O24", "1949", "2099", "20242", "-1"] {
        for form in ["", ".xlsx"] {
            let page = office.get(&format!("/enforcement/yearly{form}?year={year}")).await;
            assert_eq!(page.status, 404, "{form}{year}");
            assert!(page.body.contains("年份应为2021年至2024年"), "{form}{year}: {}", page.text("main"));
            let stays = page.body.contains("执法统计年报</a>") && page.body.contains("name=\"year\"");
            assert!(!form.is_empty() || stays, "{year}: one is still at one's desk and may choose: {}", page.body);
        }
    }
    assert_eq!(office.get("/enforcement/yearly").await.status, 200);
    assert_eq!(office.get("/enforcement/yearly?year=2023").await.status, 200);
}

const SPOT: [(&str, &str); 12] = [
    ("f.secrecy", "none"),
    ("f.domain", "agriculture"),
    ("f.power_basis", "statutory"),
    ("f.place", "211224100"),
    ("f.violation", "经营包装、标签不符合规定的农药"),
    ("f.facts", "没有台账。"),
    ("party.0.role", "respondent"),
    ("party.0.name", "某商店"),
    ("party.0.address", "昌图镇东街"),
    ("party.0.representative", ""),
    ("party.0.phone", ""),
    ("party.0.kind", "sole_trader"),
];

#[tokio::test]
async fn the_form_on_the_spot_offers_ones_own_powers_and_says_its_limit() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    listed(&mut admin, "本局", ("penalty", "211224-nyj"), "2022-01-01").await;
    listed(&mut admin, "他镇", ("penalty", "211224100-zf"), "2022-01-01").await;
    let mut officer = county.clerk("队员甲").await;
    let new = "/matters/new/penalty_on_the_spot?f.secrecy=none";
    for path in [new, "/matters/new/penalty?f.secrecy=none"] {
        let page = officer.get(path).await.text("main");
        assert!(page.contains("本局"), "{path}: {page}");
        // An ordinary case can be handed over to whose power it is; one on the spot cannot.
        assert_eq!(page.contains("他镇"), path != new, "{path}: {page}");
    }
    // Its field of law and where its power comes from are those of the body: what it cannot be is not there to choose.
    let form = officer.get(new).await;
    let offered = |name: &str| form.attributes(&format!("input[name='{name}']"), "value");
    assert_eq!(offered("f.domain"), ["agriculture"], "{}", form.text("main"));
    assert_eq!(offered("f.power_basis"), ["statutory", "combined", "authorised"]);
    let chosen = form.attributes("input[name='f.domain'][checked]", "value");
    assert_eq!(chosen, ["agriculture"], "where there is one, it stands there");
    let ordinary = officer.get("/matters/new/penalty?f.secrecy=none").await;
    assert!(ordinary.body.contains("value=\"transport\""), "an ordinary case may belong to another");
    let late = officer.get(&format!("{new}&manner=late")).await;
    assert!(late.body.contains("value=\"transport\""), "what happened is entered as it was");
    let case = take(&mut officer, new, &SPOT).await;
    let form = officer.get(&format!("{case}/steps/decide")).await.text("main");
    assert!(form.contains("本局") && !form.contains("他镇"), "{form}");
    assert!(form.contains("当场处罚的罚款限额为200元") && form.contains("第五十一条"), "{form}");
    assert!(form.contains("超过当场处罚的罚款限额200元"), "what the benchmark gives beyond it: {form}");
    // It became an ordinary case: each shows the way to the other, before anything else.
    let path = format!("{case}/steps/to_ordinary");
    officer.get(&path).await;
    let led = officer.post(&path, &[]).await.location().to_owned();
    let told = officer.get(&led).await.text(".flash");
    assert!(told.contains("已办理：转普通程序") && told.contains("转到新登记的“行政处罚（普通程序）”"), "{told}");
    let led = led.split('?').next().unwrap().to_owned();
    let ordinary = format!("/matters/{}", state(&county, id_of(&case)).await.links.last().unwrap().matter);
    assert_eq!(led, ordinary, "whoever made it an ordinary case goes on there");
    for (here, there, word) in [(&case, &ordinary, "已转为"), (&ordinary, &case, "转自")] {
        let page = officer.get(here).await;
        assert!(page.text("#continued").contains(word), "{here}: {}", page.text("main"));
        assert_eq!(page.attributes("#continued a", "href"), [there.as_str()], "{here}");
    }
    // A case that only has other matters beside it goes on nowhere.
    let other = take(&mut officer, "/matters/new/penalty?f.secrecy=none", &SOURCE).await;
    assert!(officer.get(&other).await.attributes("#continued a", "href").is_empty());
}

#[tokio::test]
async fn a_seizure_is_examined_and_shown_and_nothing_is_said_to_have_ended_before_it_began() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    let power = listed(&mut admin, "强措", ("compulsion", "211224-nyj"), "2022-01-01").await;
    let (mut officer, mut head, case) = filed(&county).await;
    take(&mut officer, &format!("{case}/steps/open_seizure"), &[]).await;
    let seizure = format!("/matters/{}", state(&county, id_of(&case)).await.links.last().unwrap().matter);
    let at = |step: &str| format!("{seizure}/steps/{step}");
    let testing = [("f.appraisal", "testing"), ("f.appraiser", "检定所"), ("f.appraisal_until", "2024-11-10")];
    let why = officer.post(&at("begin_appraisal"), &testing).await;
    let why = said(&why.body);
    assert!(why.contains("还没有实施") && !why.contains("已经届满"), "{why}");
    let things = "多菌灵，批号20240301，40袋";
    let request = [
        ("f.power", power.as_str()),
        ("f.measure", "detain"),
        ("f.measure_basis", "《农药管理条例》第四十一条"),
        ("f.reason", "可能转移。"),
        ("f.things", things),
        ("f.related", "yes"),
        ("f.necessities", "no"),
        ("f.elsewhere", "no"),
    ];
    take(&mut officer, &at("request"), &request).await;
    take(&mut head, &at("approve"), &[]).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let carried_out = [
        ("f.things", things),
        ("f.related_on_site", "yes"),
        ("f.necessities_on_site", "no"),
        ("f.elsewhere_on_site", "no"),
        ("f.presence", "party"),
        ("f.site_record", "当场告知。"),
        ("f.handed_over", "yes"),
        ("f.custody", "物证室"),
        ("officer", &first),
        ("officer", &second),
    ];
    take(&mut officer, &at("seize"), &carried_out).await;
    let seized = state(&county, id_of(&seizure)).await;
    let run = seized.clock("publication").unwrap();
    let due = run.due(&county.test.app.county.ruling().calendar).certain().unwrap();
    assert_eq!(due.to_string(), "2024-11-22", "twenty working days");
    let mut reviewer = county.clerk("法审甲").await;
    let mut clerk = county.clerk("内勤甲").await;
    assert_ne!(
        clerk.post(&at("publish"), &[("f.channel", "government_site")]).await.status,
        303,
        "not before it was examined"
    );
    let shown = [("f.public_summary", "扣押涉案农药。"), ("f.publish_until", "2025-10-26")];
    take(&mut reviewer, &at("approve_disclosure"), &shown).await;
    take(&mut clerk, &at("publish"), &[("f.channel", "government_site")]).await;
    let published = state(&county, id_of(&seizure)).await;
    assert_eq!(published.disclosures.len(), 1);
    assert!(published.disclosures[0].made.is_some() && published.clock("publication").unwrap().stopped.is_some());
    let mut citizen = county.test.browser();
    let list = citizen.get("/penalties?kind=compulsion").await.text("main");
    assert!(list.contains("不执行农药销售台账制度") && list.contains("昌图县农业农村局"), "{list}");
    assert!(!citizen.get("/penalties").await.text("main").contains("不执行农药销售台账制度"));
    let page = format!("/penalties/{}", id_of(&seizure));
    let told = citizen.get(&page).await.text("main");
    assert!(told.contains("扣押涉案农药") && told.contains("措施") && !told.contains("可能转移"), "{told}");
    assert_eq!(citizen.get("/penalties?kind=x").await.status, 404);
    let why = [("f.withdrawal_reason", "负责人认为不应当采取。")];
    take(&mut reviewer, &at("withdraw_publication"), &why).await;
    assert!(state(&county, id_of(&seizure)).await.disclosures[0].withdrawn.is_some());
    assert_eq!(citizen.get(&page).await.status, 404, "withdrawn");
}

/// 行政复议 comes first there, and then a judgment: its two years count, and not the three months after a lapse.
#[tokio::test]
async fn a_fine_on_the_spot_that_was_judged_is_applied_for_under_the_judgment() {
    let county = SmallCounty::new().await;
    let (mut officer, second) = (county.clerk("队员甲").await, county.id("队员乙"));
    let unlisted = SPOT.map(|(name, value)| (name, if name == "f.violation" { "未按规定公示证照" } else { value }));
    let case = take(&mut officer, "/matters/new/penalty_on_the_spot?f.secrecy=none", &unlisted).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let decision = [
        ("f.violation_basis", "条款"),
        ("f.penalty_basis", "条款"),
        ("f.discretion", "ordinary"),
        ("f.told", "yes"),
        ("f.defence_text", "没有异议"),
        ("f.kinds", "fine"),
        ("f.fine", "200"),
        ("f.correction", "at_once"),
        ("f.collection", "bank"),
        ("officer", &second),
    ];
    take(&mut officer, &at("decide"), &decision).await;
    take(&mut officer, &at("serve"), &[("f.signing", "signed")]).await;
    // Agriculture: two working days to report it, as the county has read it so far.
    let reported = state(&county, id_of(&case)).await;
    let due =
        reported.clock("report_in_time").unwrap().due(&county.test.app.county.ruling().calendar).certain().unwrap();
    assert_eq!(due.to_string(), "2024-10-29");
    let (mut reviewer, mut head) = (county.clerk("法审甲").await, county.clerk("局长甲").await);
    let why = refused(&mut head, &at("apply_judgment"), &COURT).await;
    assert!(why.contains("没有登记已经生效的判决"), "{why}");
    take(&mut reviewer, &at("note_reconsideration"), &[]).await;
    take(&mut reviewer, &at("remedy_upheld"), &[("f.remedy_note", "维持。")]).await;
    take(&mut reviewer, &at("note_litigation"), &[]).await;
    let judged = [("f.remedy_note", "判决驳回。"), ("f.suit_result", "judgment")];
    let why = refused(&mut reviewer, &at("litigation_upheld"), &judged).await;
    assert!(why.contains("起算日"), "{why}");
    let judged = [&judged[..], &[("f.judgment_from", "2025-03-10")]].concat();
    on(&county, 2025, 3, 10).await;
    take(&mut reviewer, &at("litigation_upheld"), &judged).await;
    let mut clerk = county.clerk("内勤甲").await;
    on(&county, 2025, 4, 1).await;
    let why = refused(&mut clerk, &at("confirm_unremedied"), &[]).await;
    assert!(why.contains("法院已经判决"), "{why}");
    take(&mut head, &at("apply_judgment"), &COURT).await;
    let paper = newest(&county, &mut head, &case, 0).await;
    assert!(paper.contains("行政诉讼法》第九十五条") && paper.contains("贰佰元"), "{paper}");
}

/// Who is to review a case is not made responsible for it, before the review is taken and after.
#[tokio::test]
async fn who_reviews_a_case_is_not_made_responsible_for_it() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(&mut officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    take(&mut officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    let reviewer = county.id("法审甲");
    let reassign = [("assignee", reviewer.as_str()), ("reason", "人手不足。")];
    let listed = [
        ("f.person", reviewer.as_str()),
        ("f.holder_organ", "211224-nyj"),
        ("f.number", "审1"),
        ("f.ground", "qualified"),
        ("f.qualification_number", "A2020"),
        ("f.valid_from", "2022-01-01"),
    ];
    take(&mut county.clerk("管理员").await, "/matters/new/legal_reviewer_register", &listed).await;
    take(&mut officer, &at("send_early_review"), &[]).await;
    let review = format!("/matters/{}", state(&county, id_of(&case)).await.links.last().unwrap().matter);
    let accept = [("officer", reviewer.as_str())];
    take(&mut county.clerk("法审甲").await, &format!("{review}/steps/accept"), &accept).await;
    let why = refused(&mut head, &at("_reassign"), &reassign).await;
    assert!(why.contains("法审甲") && why.contains("办案与审核分离"), "{why}");
    take(&mut head, &at("_reassign"), &[("assignee", second.as_str()), ("reason", "人手不足。")]).await;
}

/// An order to enforce is examined and shown apart from the penalty that it enforces.
#[tokio::test]
async fn an_order_to_enforce_is_shown_apart_from_its_penalty() {
    let county = SmallCounty::new().await;
    let case = served(&county).await;
    let at = |step: &str| format!("{case}/steps/{step}");
    let (mut head, mut clerk, mut reviewer) =
        (county.clerk("局长甲").await, county.clerk("内勤甲").await, county.clerk("法审甲").await);
    on(&county, 2024, 12, 20).await;
    take(&mut head, &at("add_fine"), &[]).await;
    urged(&county, &case).await;
    on(&county, 2025, 5, 21).await;
    let power = listed(&mut county.clerk("管理员").await, "强执", ("execution", "211224-nyj"), "2022-01-01").await;
    let order = [
        ("f.execution_power", power.as_str()),
        ("f.execution_reasons", "依法强制执行。"),
        ("f.execution_manner", "上午"),
    ];
    take(&mut head, &at("enforce"), &order).await;
    let shown = [("f.order_public_summary", "强制执行罚款。"), ("f.order_publish_until", "2026-05-21")];
    head.get(&at("approve_order_disclosure")).await;
    let page = head.post(&at("approve_order_disclosure"), &shown).await;
    assert_eq!(page.status, 422, "not the post of who ordered it");
    let site = [("f.order_channel", "government_site")];
    assert_ne!(clerk.post(&at("publish_order"), &site).await.status, 303, "not examined");
    on(&county, 2025, 5, 22).await;
    // A ground to withhold the order is none to withhold the penalty.
    take(&mut reviewer, &at("withhold_order"), &[("f.order_withhold_ground", "no_influence")]).await;
    take(&mut reviewer, &at("approve_order_disclosure"), &shown).await;
    take(&mut clerk, &at("publish_order"), &site).await;
    let mut citizen = county.test.browser();
    let orders = citizen.get("/penalties?kind=order").await;
    assert!(orders.text("main").contains("2025-05-21"), "the day of the order: {}", orders.text("main"));
    assert!(
        !citizen.get("/penalties").await.text("main").contains("不执行农药销售台账制度"),
        "no penalty was published"
    );
    let page = format!("/penalties/{}?kind=order", id_of(&case));
    assert_eq!(orders.attributes("table a", "href"), [page.as_str()]);
    let told = citizen.get(&page).await.text("main");
    assert!(told.contains("强制执行罚款") && !told.contains("2000元"), "{told}");
    // It is changed: what is shown of its enforcement is taken down in three working days, and may be shown anew as it is now.
    take(&mut head, &at("self_change"), &[("f.correction_reasons", "计算有误。"), ("f.corrected_fine", "1900")]).await;
    let run = state(&county, id_of(&case)).await;
    assert!(run.clock("withdraw_order_in_time").is_some_and(|run| run.stopped.is_none()), "changed");
    take(&mut reviewer, &at("withdraw_order"), &[("f.order_withdrawal_reason", "决定变更。")]).await;
    assert_eq!(citizen.get(&page).await.status, 404);
    take(&mut reviewer, &at("approve_order_disclosure"), &shown).await;
    take(&mut clerk, &at("publish_order"), &site).await;
    assert!(citizen.get(&page).await.text("main").contains("已变更"));
    let contested = [("f.remedy_body", "昌图县人民法院"), ("f.remedy_case", "〔2025〕7号")];
    take(&mut reviewer, &at("note_litigation"), &contested).await;
    // The penalty falls: what is published of its enforcement is taken down in three working days.
    on(&county, 2025, 5, 23).await;
    take(&mut head, &at("self_revoke"), &[("f.correction_reasons", "事实不清。")]).await;
    let run = state(&county, id_of(&case)).await;
    let run = run.clock("withdraw_order_in_time").expect("it runs");
    let last = run.due(&county.test.app.county.ruling().calendar).certain().unwrap().to_string();
    assert_eq!((run.stopped.is_none(), last.as_str()), (true, "2025-05-28"));
    let why = refused(&mut head, &at("close_revoked"), &[]).await;
    assert!(why.contains("强制执行决定还在公示"), "{why}");
    take(&mut reviewer, &at("withdraw_order"), &[("f.order_withdrawal_reason", "决定被撤销。")]).await;
    assert_eq!(citizen.get(&page).await.status, 404);
    let stands = state(&county, id_of(&case)).await;
    assert!(stands.clock("withdraw_order_in_time").unwrap().stopped.is_some());
    for of_the_decision in ["channel", "withdrawal_reason", "withhold_ground"] {
        assert!(!stands.filled(&zhunsheng_core::id::FieldId::from(of_the_decision)), "{of_the_decision}");
    }
}
