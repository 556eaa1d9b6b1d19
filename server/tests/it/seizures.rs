//! 查封、扣押 beside a case, through its forms: approved, carried out by two, listed thing by thing, extended once, ended in one of four
//! ways; what is refused, and what is marked when it happened all the same.
// long because: a seizure is followed from its case to its end by the same few helpers

use zhunsheng_core::matter::MatterState;

use crate::casework::{SOURCE, decide, filed, filed_on, refused, said, take};
use crate::fines::{late, marked, on};
use crate::inspections::{id_of, state};
use crate::powers::listed;
use crate::support::{Browser, SmallCounty};

const THINGS: &str = "多菌灵可湿性粉剂，批号20240301，40袋；台秤，编号A17，1台";

fn request<'a>(power: &'a str, things: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("f.power", power),
        ("f.measure", "detain"),
        ("f.measure_basis", "《农药管理条例》第四十一条第一款第七项"),
        ("f.reason", "涉嫌经营假农药，可能转移。"),
        ("f.things", things),
        ("f.related", "yes"),
        ("f.necessities", "no"),
        ("f.elsewhere", "no"),
    ]
}

fn carried_out<'a>(things: &'a str, officers: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![
        ("f.things", things),
        ("f.related_on_site", "yes"),
        ("f.necessities_on_site", "no"),
        ("f.elsewhere_on_site", "no"),
        ("f.presence", "party"),
        ("f.site_record", "出示证件，当场告知理由、依据、权利和救济途径，当事人没有异议。"),
        ("f.handed_over", "yes"),
        ("f.custody", "县农业农村局物证室"),
    ];
    fields.extend(officers.iter().map(|officer| ("officer", *officer)));
    fields
}

/// A power to seize, as the county's list has it.
async fn power(county: &SmallCounty) -> String {
    let mut admin = county.clerk("管理员").await;
    listed(&mut admin, "强措", ("compulsion", "211224-nyj"), "2022-01-01").await
}

/// A seizure opened from a case.
async fn opened(county: &SmallCounty, officer: &mut Browser, case: &str) -> String {
    take(officer, &format!("{case}/steps/open_seizure"), &[]).await;
    let links = state(county, id_of(case)).await.links;
    let link = links.iter().rev().find(|link| link.procedure.as_str() == "seizure").unwrap().matter;
    format!("/matters/{link}")
}

struct Held {
    officer: Browser,
    head: Browser,
    case: String,
    seizure: String,
    power: String,
}

/// Requested, approved and carried out on 26 October 2024.
async fn held(county: &SmallCounty) -> Held {
    let power = power(county).await;
    let (mut officer, mut head, case) = filed(county).await;
    let seizure = opened(county, &mut officer, &case).await;
    take(&mut officer, &format!("{seizure}/steps/request"), &request(&power, THINGS)).await;
    take(&mut head, &format!("{seizure}/steps/approve"), &[]).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let fields = carried_out(THINGS, &[&first, &second]);
    take(&mut officer, &format!("{seizure}/steps/seize"), &fields).await;
    Held { officer, head, case, seizure, power }
}

async fn now(county: &SmallCounty, matter: &str) -> MatterState {
    state(county, id_of(matter)).await
}

async fn paper(browser: &mut Browser, county: &SmallCounty, matter: &str, back: usize) -> String {
    let n = now(county, matter).await.instruments.len() - back;
    browser.get(&format!("{matter}/instruments/{n}")).await.text("main")
}

const LIFT: [(&str, &str); 2] = [("f.lift_ground", "decided"), ("f.returned", "当场退还，当事人签收")];

#[tokio::test]
async fn things_are_seized_shown_and_given_back() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, case, seizure, .. } = held(&county).await;
    let decision = paper(&mut officer, &county, &seizure, 1).await;
    for part in [
        "查封（扣押）决定书",
        "昌图镇东街",
        "可能转移",
        "2024年11月25日",
        "编号A17，1台",
        "申请行政复议",
        "昌图县农业农村局",
    ] {
        assert!(decision.contains(part), "§24: {part} in {decision}");
    }
    let list = paper(&mut officer, &county, &seizure, 0).await;
    assert!(list.contains("财物清单") && list.contains("2件") && list.contains("一式二份"), "{list}");
    let shown = officer.get(&case).await.text("#seized");
    assert!(shown.contains("扣押") && shown.contains("台秤") && shown.contains("至2024年11月25日"), "{shown}");
    let mut stranger = county.clerk("镇内勤甲").await;
    assert_eq!(stranger.get(&seizure).await.status, 404, "another organ's");
    let page = stranger.post(&format!("{seizure}/steps/lift"), &LIFT).await;
    assert_eq!(page.status, 404, "{}", said(&page.body));
    // The case does not go away while things are held.
    let transfer = [("f.transfer_to", "市局"), ("f.transfer_reason", "不属于本机关。")];
    let why = refused(&mut head, &format!("{case}/steps/transfer_jurisdiction"), &transfer).await;
    assert!(why.contains("查封、扣押还没有处理完") && why.contains("第二十七条"), "{why}");
    take(&mut head, &format!("{seizure}/steps/lift"), &LIFT).await;
    let lifted = paper(&mut head, &county, &seizure, 0).await;
    assert!(lifted.contains("解除查封（扣押）决定书") && lifted.contains("台秤"), "{lifted}");
    assert!(now(&county, &seizure).await.flags.is_empty());
    take(&mut head, &format!("{case}/steps/transfer_jurisdiction"), &transfer).await;
}

#[tokio::test]
async fn without_approval_a_power_or_a_second_officer_nothing_is_seized() {
    let county = SmallCounty::new().await;
    let (mut officer, mut head, case) = filed(&county).await;
    let seizure = opened(&county, &mut officer, &case).await;
    let at = |step: &str| format!("{seizure}/steps/{step}");
    // The county's list says nothing of compulsion: silence gives no power.
    let mut admin = county.clerk("管理员").await;
    let penalty = listed(&mut admin, "罚", ("penalty", "211224-nyj"), "2022-01-01").await;
    for (field, value, said) in [
        ("f.related", "no", "无关"),
        ("f.necessities", "yes", "生活必需品"),
        ("f.elsewhere", "yes", "不得重复查封"),
        ("f.things", "多菌灵四十袋", "逐件"),
    ] {
        let mut fields = request(&penalty, THINGS);
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let why = refused(&mut officer, &at("request"), &fields).await;
        assert!(why.contains(said), "{field}: {why}");
    }
    take(&mut officer, &at("request"), &request(&penalty, THINGS)).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let page = officer.post(&at("seize"), &carried_out(THINGS, &[&first, &second])).await;
    assert!(page.status == 422 && said(&page.body).contains("待负责人批准"), "{}", said(&page.body));
    let why = refused(&mut head, &at("approve"), &[]).await;
    assert!(why.contains("不是“农业”领域可以据以办理"), "a power to fine is none to seize: {why}");

    let power = power(&county).await;
    let other = opened(&county, &mut officer, &case).await;
    take(&mut officer, &format!("{other}/steps/request"), &request(&power, THINGS)).await;
    take(&mut head, &format!("{other}/steps/approve"), &[]).await;
    let seize = format!("{other}/steps/seize");
    let why = refused(&mut officer, &seize, &carried_out(THINGS, &[&first])).await;
    assert!(why.contains("《行政强制法》第十八条"), "one officer: {why}");
    let mut kept = carried_out(THINGS, &[&first, &second]);
    kept.iter_mut().filter(|(name, _)| *name == "f.handed_over").for_each(|pair| pair.1 = "no");
    let why = refused(&mut officer, &seize, &kept).await;
    assert!(why.contains("没有当场交付") && why.contains("第二十四条"), "{why}");
    // It was done by one alone: recorded, and marked.
    late(&mut officer, &seize, &first, "2024-10-26", &carried_out(THINGS, &[&first])).await;
    let stands = now(&county, &other).await;
    assert!(marked(&stands, "officers_too_few") && stands.standing() == "held", "{:?}", stands.flags);
}

#[tokio::test]
async fn people_of_an_entrusted_body_never_seize() {
    let county = SmallCounty::new().await;
    let power = power(&county).await;
    let source = [&SOURCE[..], &[("f.entrusted_body", "211224100-zf")]].concat();
    let (mut officer, mut head, case) = filed_on(&county, &source).await;
    let seizure = opened(&county, &mut officer, &case).await;
    take(&mut officer, &format!("{seizure}/steps/request"), &request(&power, THINGS)).await;
    take(&mut head, &format!("{seizure}/steps/approve"), &[]).await;
    let (first, town) = (county.id("队员甲"), county.id("镇内勤甲"));
    let seize = format!("{seizure}/steps/seize");
    let why = refused(&mut officer, &seize, &carried_out(THINGS, &[&first, &town])).await;
    assert!(why.contains("不得委托") && why.contains("第十七条"), "{why}");
    late(&mut officer, &seize, &first, "2024-10-26", &carried_out(THINGS, &[&first, &town])).await;
    assert!(marked(&now(&county, &seizure).await, "seizure_entrusted"));
}

#[tokio::test]
async fn a_body_is_entrusted_by_the_register_though_the_case_names_none() {
    let county = SmallCounty::new().await;
    let power = power(&county).await;
    let mut admin = county.clerk("管理员").await;
    let fining = crate::powers::listed(&mut admin, "委", ("penalty", "211224-nyj"), "2022-01-01").await;
    let entrusted = [
        ("f.delegation_kind", "entrusted"),
        ("f.from_organ", "211224-nyj"),
        ("f.to_organ", "211224100-zf"),
        ("f.domain", "agriculture"),
        ("f.power_kind", "penalty"),
        ("f.limits", "昌图镇范围内"),
        ("f.instrument_number", "昌农委〔2024〕1号"),
        ("f.instrument_on", "2024-01-02"),
        ("f.valid_from", "2024-01-02"),
        ("f.valid_until", "2026-01-01"),
    ];
    take(&mut admin, "/matters/new/enforcement_delegation", &entrusted).await;
    let source = [&SOURCE[..], &[("f.power", fining.as_str())]].concat();
    let (mut officer, mut head, case) = filed_on(&county, &source).await;
    let seizure = opened(&county, &mut officer, &case).await;
    // Only who is entrusted is there to choose.
    let form = officer.get("/matters/new/seizure?f.secrecy=none").await;
    let bodies = form.attributes("select[name='f.entrusted_body'] option", "value");
    let bodies: Vec<&String> = bodies.iter().filter(|code| !code.is_empty()).collect();
    assert_eq!(bodies, ["211224100-zf"], "{}", form.text("main"));
    take(&mut officer, &format!("{seizure}/steps/request"), &request(&power, THINGS)).await;
    take(&mut head, &format!("{seizure}/steps/approve"), &[]).await;
    let (first, second, town) = (county.id("队员甲"), county.id("队员乙"), county.id("镇内勤甲"));
    let seize = format!("{seizure}/steps/seize");
    let why = refused(&mut officer, &seize, &carried_out(THINGS, &[&first, &town])).await;
    assert!(why.contains("不得委托") && why.contains("第十七条"), "{why}");
    take(&mut officer, &seize, &carried_out(THINGS, &[&first, &second])).await;
}

#[tokio::test]
async fn after_thirty_days_only_lifting_is_left() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, seizure, .. } = held(&county).await;
    on(&county, 2024, 11, 26).await;
    let extension = [("f.extend_reason", "案情复杂"), ("f.extended_until", "2024-12-20")];
    let why = refused(&mut head, &format!("{seizure}/steps/extend"), &extension).await;
    assert!(why.contains("期限已经届满") && why.contains("第二十八条"), "{why}");
    let why = refused(&mut head, &format!("{seizure}/steps/confiscate"), &[("f.disposal", "没收")]).await;
    assert!(why.contains("只能作出解除决定"), "{why}");
    let appraisal = [("f.appraisal", "testing"), ("f.appraiser", "县检测中心"), ("f.appraisal_until", "2024-12-01")];
    let why = refused(&mut officer, &format!("{seizure}/steps/begin_appraisal"), &appraisal).await;
    assert!(why.contains("期限已经届满"), "{why}");
    assert!(head.get(&seizure).await.text("#seized").contains("已届满，必须解除"));
    take(&mut head, &format!("{seizure}/steps/lift"), &[("f.lift_ground", "expired"), ("f.returned", "当场退还")])
        .await;
    assert!(marked(&now(&county, &seizure).await, "overdue"), "a day late is told");
}

#[tokio::test]
async fn it_is_extended_once_by_thirty_days_at_most_and_testing_does_not_count() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, seizure, .. } = held(&county).await;
    let at = |step: &str| format!("{seizure}/steps/{step}");
    on(&county, 2024, 11, 4).await;
    let appraisal = [("f.appraisal", "testing"), ("f.appraiser", "县检测中心"), ("f.appraisal_until", "2024-11-14")];
    take(&mut officer, &at("begin_appraisal"), &appraisal).await;
    let told = paper(&mut officer, &county, &seizure, 0).await;
    assert!(told.contains("2024年11月14日") && told.contains("费用由本机关承担"), "{told}");
    assert!(head.get(&seizure).await.text("#seized").contains("暂停计算"));
    on(&county, 2024, 11, 14).await;
    take(&mut officer, &at("end_appraisal"), &[("f.appraisal_result", "有效成分不符。")]).await;
    let shown = head.get(&seizure).await.text("#seized");
    assert!(shown.contains("至2024年12月5日"), "thirty days and ten: {shown}");
    on(&county, 2024, 12, 5).await;
    let extension = |until: &'static str| [("f.extend_reason", "需要核对进货来源"), ("f.extended_until", until)];
    let why = refused(&mut head, &at("extend"), &extension("2025-01-05")).await;
    assert!(why.contains("超过了三十日") && why.contains("第二十五条"), "{why}");
    take(&mut head, &at("extend"), &extension("2024-12-25")).await;
    let notice = paper(&mut head, &county, &seizure, 0).await;
    assert!(notice.contains("延长至2024年12月25日") && notice.contains("核对进货来源"), "{notice}");
    take(&mut officer, &at("serve_extension"), &[("f.delivery_note", "直接送达")]).await;
    assert!(head.get(&seizure).await.text("#seized").contains("至2024年12月25日"), "the day that was approved binds");
    let page = head.post(&at("extend"), &extension("2025-01-03")).await;
    assert!(page.status == 422 && said(&page.body).contains("已按规定次数延长"), "{}", said(&page.body));
    on(&county, 2024, 12, 20).await;
    take(&mut head, &at("lift"), &LIFT).await;
    assert!(now(&county, &seizure).await.flags.is_empty(), "{:?}", now(&county, &seizure).await.flags);
}

#[tokio::test]
async fn testing_stops_the_thirty_days_only_as_long_as_the_party_was_told() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, seizure, .. } = held(&county).await;
    let at = |step: &str| format!("{seizure}/steps/{step}");
    on(&county, 2024, 11, 4).await;
    let appraisal = [("f.appraisal", "testing"), ("f.appraiser", "县检测中心"), ("f.appraisal_until", "2024-11-14")];
    take(&mut officer, &at("begin_appraisal"), &appraisal).await;
    let shown = head.get(&seizure).await.text("#seized");
    assert!(shown.contains("暂停计算") && shown.contains("告知的期间到2024年11月14日止"), "{shown}");
    on(&county, 2024, 11, 14).await;
    assert_eq!(
        now(&county, &seizure).await.track("appraisal").unwrap().as_str(),
        "running",
        "its last day is part of it"
    );
    // No result: nobody does anything, and from the 15th the days count again, however late that is noted.
    on(&county, 2024, 11, 20).await;
    county.test.app.note_expired(200).await.unwrap();
    let stands = now(&county, &seizure).await;
    assert_eq!(stands.track("appraisal").unwrap().as_str(), "overrun");
    let shown = head.get(&seizure).await.text("#seized");
    assert!(shown.contains("至2024年12月6日"), "thirty days and eleven: {shown}");
    take(&mut officer, &at("end_appraisal"), &[("f.appraisal_result", "有效成分不符。")]).await;
    assert!(head.get(&seizure).await.text("#seized").contains("至2024年12月6日"), "a late result gives no more days");
    on(&county, 2024, 12, 7).await;
    let why = refused(&mut officer, &at("begin_appraisal"), &appraisal_until("2024-12-20")).await;
    assert!(why.contains("期限已经届满"), "{why}");
    assert!(head.get(&seizure).await.text("#seized").contains("已届满，必须解除"));
}

#[tokio::test]
async fn testing_on_paper_that_overran_counts_only_as_told() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, seizure, .. } = held(&county).await;
    on(&county, 2024, 12, 1).await;
    let person = county.id("队员甲");
    let (begin, end) = (format!("{seizure}/steps/begin_appraisal"), format!("{seizure}/steps/end_appraisal"));
    late(&mut officer, &begin, &person, "2024-11-04", &appraisal_until("2024-11-14")).await;
    late(&mut officer, &end, &person, "2024-11-22", &[("f.appraisal_result", "有效成分不符。")]).await;
    let shown = head.get(&seizure).await.text("#seized");
    assert!(shown.contains("至2024年12月6日"), "eleven days, not eighteen: {shown}");
}

fn appraisal_until(until: &str) -> [(&'static str, &str); 3] {
    [("f.appraisal", "testing"), ("f.appraiser", "县检测中心"), ("f.appraisal_until", until)]
}

#[tokio::test]
async fn things_are_confiscated_only_as_the_case_decided() {
    let county = SmallCounty::new().await;
    let mut kept = held(&county).await;
    let confiscate = format!("{}/steps/confiscate", kept.seizure);
    let end = [("f.decision_number", "昌农罚决字〔2024〕99号"), ("f.disposal", "入库待拍卖")];
    let why = refused(&mut kept.head, &confiscate, &end).await;
    assert!(why.contains("没有作出没收的决定") && why.contains("第二十七条"), "the case is not decided: {why}");
    decide(&county, &mut kept.officer, &mut kept.head, &kept.case, &["fine"]).await;
    let why = refused(&mut kept.head, &confiscate, &end).await;
    assert!(why.contains("没有作出没收的决定"), "a fine takes no goods: {why}");
    // It was done all the same: recorded, and marked.
    let person = county.id("局长甲");
    let mut clerk = county.clerk("内勤甲").await;
    late(&mut clerk, &confiscate, &person, "2024-10-26", &end).await;
    assert!(marked(&now(&county, &kept.seizure).await, "seizure_no_confiscation"));
}

#[tokio::test]
async fn the_decision_that_confiscates_is_named_by_its_number_and_not_typed() {
    let county = SmallCounty::new().await;
    let mut kept = held(&county).await;
    decide(&county, &mut kept.officer, &mut kept.head, &kept.case, &["fine", "confiscate_goods"]).await;
    let confiscate = format!("{}/steps/confiscate", kept.seizure);
    take(&mut kept.head, &confiscate, &[("f.disposal", "入库待拍卖")]).await;
    let stands = now(&county, &kept.seizure).await;
    let decision = now(&county, &kept.case).await.instruments.last().unwrap().number.clone().unwrap().text;
    assert_eq!(
        (stands.text("decision_number"), stands.said("case_decided_on").as_str()),
        (decision.as_str(), "2024-10-26")
    );
    assert!(stands.flags.is_empty(), "{:?}", stands.flags);
}

#[tokio::test]
async fn what_a_revoked_decision_took_is_not_confiscated() {
    let county = SmallCounty::new().await;
    let mut kept = held(&county).await;
    decide(&county, &mut kept.officer, &mut kept.head, &kept.case, &["fine", "confiscate_goods"]).await;
    let case = kept.case.clone();
    take(&mut kept.officer, &format!("{case}/steps/serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    take(&mut kept.head, &format!("{case}/steps/self_revoke"), &[("f.correction_reasons", "事实不清。")]).await;
    let why = refused(&mut kept.head, &format!("{}/steps/confiscate", kept.seizure), &[("f.disposal", "入库")]).await;
    assert!(why.contains("已被撤销"), "{why}");
}

#[tokio::test]
async fn no_more_is_seized_than_was_approved() {
    let county = SmallCounty::new().await;
    let power = power(&county).await;
    let (mut officer, mut head, case) = filed(&county).await;
    let seizure = opened(&county, &mut officer, &case).await;
    take(&mut officer, &format!("{seizure}/steps/request"), &request(&power, THINGS)).await;
    take(&mut head, &format!("{seizure}/steps/approve"), &[]).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let seize = format!("{seizure}/steps/seize");
    for things in ["多菌灵可湿性粉剂，批号20240301，41袋", "多菌灵可湿性粉剂，批号20240301，40袋；货车，辽M12345，1辆"]
    {
        let why = refused(&mut officer, &seize, &carried_out(things, &[&first, &second])).await;
        assert!(why.contains("没有批准的物品") && why.contains("第十八条"), "{things}: {why}");
    }
    for (field, value, said) in [
        ("f.related_on_site", "no", "无关"),
        ("f.necessities_on_site", "yes", "生活必需品"),
        ("f.elsewhere_on_site", "yes", "不得重复查封"),
    ] {
        let mut fields = carried_out(THINGS, &[&first, &second]);
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let why = refused(&mut officer, &seize, &fields).await;
        assert!(why.contains(said), "{field}: {why}");
    }
    let mut unasked = carried_out(THINGS, &[&first, &second]);
    unasked.retain(|(name, _)| *name != "f.related_on_site");
    let why = refused(&mut officer, &seize, &unasked).await;
    assert!(why.contains("现场核对"), "what was said of the request is not said of the list at the door: {why}");
    // Less than was approved may be seized; more was: recorded, and marked.
    late(&mut officer, &seize, &first, "2024-10-26", &carried_out("货车，辽M12345，1辆", &[&first, &second])).await;
    let stands = now(&county, &seizure).await;
    assert!(marked(&stands, "seizure_beyond_approval"), "{:?}", stands.flags);
    assert_eq!(stands.text("beyond"), "货车（辽M12345）1辆");
    let other = opened(&county, &mut officer, &case).await;
    let asked = "除草剂，批号八，12瓶；账本，无，1册";
    take(&mut officer, &format!("{other}/steps/request"), &request(&power, asked)).await;
    take(&mut head, &format!("{other}/steps/approve"), &[]).await;
    take(&mut officer, &format!("{other}/steps/seize"), &carried_out("除草剂，批号八，11瓶", &[&first, &second])).await;
}

#[tokio::test]
async fn the_same_thing_is_not_seized_twice() {
    let county = SmallCounty::new().await;
    let Held { power, .. } = held(&county).await;
    let (mut officer, mut head, case) = filed(&county).await;
    let again = opened(&county, &mut officer, &case).await;
    let request_at = format!("{again}/steps/request");
    let why = refused(&mut officer, &request_at, &request(&power, "台秤，编号 a17，1台；纸箱，无，3个")).await;
    assert!(why.contains("不得重复查封") && why.contains("第二十三条"), "{why}");
    // What bears no number is not taken for the same.
    take(&mut officer, &request_at, &request(&power, "台秤，编号B18，1台；纸箱，无，3个")).await;
    let stands = now(&county, &again).await;
    assert_eq!(stands.text("approved_things"), stands.text("things"));
    take(&mut head, &format!("{again}/steps/approve"), &[]).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let seize = format!("{again}/steps/seize");
    let twice = carried_out("台秤，编号A17，1台", &[&first, &second]);
    let why = refused(&mut officer, &seize, &twice).await;
    assert!(why.contains("不得重复查封"), "the list at the door counts: {why}");
    late(&mut officer, &seize, &first, "2024-10-26", &twice).await;
    assert!(marked(&now(&county, &again).await, "seizure_twice"));
}

#[tokio::test]
async fn what_could_not_wait_is_approved_within_a_day_or_given_back() {
    let county = SmallCounty::new().await;
    let power = power(&county).await;
    let (mut officer, mut head, case) = filed(&county).await;
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let urgent = |things: &'static str| {
        let mut fields = request(&power, things);
        fields.retain(|(name, _)| *name != "f.things");
        fields.push(("f.urgent_reason", "当事人正在装车转移。"));
        let door = carried_out(things, &[&first, &second]);
        fields.extend(door.into_iter().filter(|(name, _)| !name.ends_with("_on_site")));
        fields
    };
    let seizure = opened(&county, &mut officer, &case).await;
    take(&mut officer, &format!("{seizure}/steps/seize_urgent"), &urgent("农药，批号一，9箱")).await;
    let end = [("f.decision_number", "一"), ("f.disposal", "没收")];
    let why = refused(&mut head, &format!("{seizure}/steps/confiscate"), &end).await;
    assert!(why.contains("还没有补办批准") && why.contains("第十九条"), "{why}");
    take(&mut head, &format!("{seizure}/steps/approve_after"), &[("f.approval_note", "情况属实，同意。")]).await;
    assert!(now(&county, &seizure).await.flags.is_empty());
    // Another one, reported two days later and not approved.
    let other = opened(&county, &mut officer, &case).await;
    take(&mut officer, &format!("{other}/steps/seize_urgent"), &urgent("农药，批号二，2箱")).await;
    on(&county, 2024, 10, 28).await;
    take(&mut head, &format!("{other}/steps/refuse_after"), &[("f.approval_note", "没有紧急情况。")]).await;
    assert!(marked(&now(&county, &other).await, "overdue"), "twenty-four hours");
    // What the head does not approve goes back at once: nothing else is done with it, and the next day is late.
    let due = now(&county, &other).await;
    let release = due.clock("release").unwrap().due(&county.test.app.county.ruling().calendar);
    assert_eq!(release.certain().unwrap().to_string(), "2024-10-28");
    let why = refused(&mut officer, &format!("{other}/steps/begin_appraisal"), &appraisal_until("2024-11-05")).await;
    assert!(why.contains("不应当采取") && why.contains("第十九条"), "{why}");
    let overdue = |state: &MatterState| state.flags.iter().filter(|flag| flag.code.as_str() == "overdue").count();
    on(&county, 2024, 10, 29).await;
    county.test.app.note_expired(200).await.unwrap();
    assert_eq!(overdue(&now(&county, &other).await), 2);
    take(&mut head, &format!("{other}/steps/lift"), &[("f.lift_ground", "not_approved"), ("f.returned", "当场退还")])
        .await;
}

#[tokio::test]
async fn a_seizure_on_paper_is_recorded_on_its_day() {
    let county = SmallCounty::new().await;
    let power = power(&county).await;
    let (mut officer, _, case) = filed(&county).await;
    on(&county, 2024, 12, 20).await;
    let (first, second, head) = (county.id("队员甲"), county.id("队员乙"), county.id("局长甲"));
    late(&mut officer, &format!("{case}/steps/open_seizure"), &first, "2024-10-28", &[]).await;
    let link = now(&county, &case).await.links.last().unwrap().matter;
    let seizure = format!("/matters/{link}");
    assert_eq!(now(&county, &seizure).await.opened.to_string(), "2024-10-28");
    late(&mut officer, &format!("{seizure}/steps/request"), &first, "2024-10-28", &request(&power, THINGS)).await;
    let mut clerk = county.clerk("内勤甲").await;
    late(&mut clerk, &format!("{seizure}/steps/approve"), &head, "2024-10-28", &[]).await;
    let fields = carried_out(THINGS, &[&first, &second]);
    late(&mut officer, &format!("{seizure}/steps/seize"), &first, "2024-10-29", &fields).await;
    let mut chief = county.clerk("局长甲").await;
    take(&mut chief, &format!("{seizure}/steps/lift"), &LIFT).await;
    let stands = now(&county, &seizure).await;
    assert!(marked(&stands, "overdue"), "thirty days after 29 October: {:?}", stands.flags);
}

#[tokio::test]
async fn a_seizure_is_reported_recorded_in_sound_and_picture_and_counted() {
    let county = SmallCounty::new().await;
    let Held { mut officer, mut head, seizure, .. } = held(&county).await;
    let record = paper(&mut officer, &county, &seizure, 2).await;
    assert!(record.contains("现场笔录") && record.contains("队员乙"), "{record}");

    // 行政强制 is one of the seven: the decision owes a report, worked out from it.
    let mut clerk = county.clerk("内勤甲").await;
    let queue = clerk.get("/credit/queue").await;
    let said = queue.text("main");
    assert!(said.contains("昌农封扣〔2024〕1号") && said.contains("QZ_"), "{said}");
    assert!(clerk.get("/credit").await.text("main").contains("昌图县农业农村局"));

    // No recording came with it: the gap is shown on the page, on the list of files and before the review; a file fills it.
    let shown = officer.get(&seizure).await.text("#recordings");
    assert!(shown.contains("实施查封、扣押") && shown.contains("缺"), "{shown}");
    let attach = format!("{seizure}/steps/_attach");
    officer.get(&attach).await;
    let page =
        officer.post_files(&attach, &[], &[("evidence.process_video", "索引.txt", b"video index".as_slice())]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let shown = officer.get(&format!("{seizure}/files")).await.text("#recordings");
    assert!(shown.contains("已附") && !shown.contains("缺"), "{shown}");

    // The yearly sheet counts it; the organ sees its own, the office sees all but nobody's fines beside another's.
    let own = head.get("/enforcement/yearly?year=2024").await.text("main");
    assert!(own.contains("强制措施1 宗") && own.contains("其中：扣押1 宗"), "{own}");
    assert!(own.contains("罚款（决定书确定的金额）"), "{own}");
    let stranger = county.clerk("起草甲").await.get("/enforcement/yearly").await.status;
    assert_eq!(stranger, 404);
    assert_eq!(head.get("/enforcement/yearly?organ=211224100-zf").await.status, 404, "another organ's");
    let mut office = county.clerk("监督甲").await;
    let all = office.get("/enforcement/yearly?year=2024").await.text("main");
    assert!(all.contains("罚款（决定书确定的金额）") && all.contains("强制措施1 宗"), "{all}");
    let one = office.get("/enforcement/yearly?year=2024&organ=211224-nyj").await.text("main");
    assert!(one.contains("强制措施1 宗") && !one.contains("罚款（决定书确定的金额）"), "§74: {one}");
    let book = office.get("/enforcement/yearly.xlsx?year=2024").await;
    assert_eq!((book.status, &book.bytes[..2]), (200, &b"PK"[..]));
}
