//! 案卷评查, 执法培训 and 伴随式监督 through their pages: drawn by lot that anybody repeats, scored by two who had no part in the case,
//! objected to, mended, reported; signed in by a code; a running case followed and answered.

use crate::casework::{decided, filed, investigated_late, refused, take};
use crate::support::{Browser, Page, SmallCounty};

const PDF: &[u8] = b"%PDF-1.4\n% signed\n";

/// A case that is archived; its address.
async fn archived(county: &SmallCounty) -> String {
    let matter = decided(county).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let (mut officer, mut clerk) = (county.clerk("队员甲").await, county.clerk("内勤甲").await);
    let (mut reviewer, mut head) = (county.clerk("法审甲").await, county.clerk("局长甲").await);
    take(&mut officer, &at("serve"), &[("f.delivery", "direct"), ("f.receiver", "邹某")]).await;
    let withheld = [("f.withhold_ground", "no_influence"), ("f.disclosure_note", "影响很小。")];
    take(&mut reviewer, &at("withhold"), &withheld).await;
    let paid = [
        ("f.paid_amount", "2000"),
        ("f.paid_on", "2024-10-26"),
        ("f.payment_channel", "bank"),
        ("f.receipt_number", "0001"),
    ];
    take(&mut clerk, &at("perform"), &paid).await;
    take(&mut head, &at("close_penalty"), &[]).await;
    take(&mut clerk, &at("archive"), &[("f.archive_number", "2024-农罚-001")]).await;
    matter
}

/// Puts people into the register of reviewers.
async fn reviewers(county: &SmallCounty, names: &[&str]) {
    let mut keeper = county.clerk("监督甲").await;
    for name in names {
        let person = county.id(name);
        let fields = [
            ("f.person", person.as_str()),
            ("f.holder_organ", "211224-sfj"),
            ("f.number", name),
            ("f.valid_from", "2024-01-01"),
        ];
        take(&mut keeper, "/matters/new/file_reviewer_register", &fields).await;
    }
}

/// A round about everything archived this year; its address.
async fn announced(keeper: &mut Browser) -> String {
    let round = [
        ("f.round_title", "2024年案卷评查"),
        ("f.sheet", "penalty"),
        ("f.files_from", "2024-01-01"),
        ("f.files_to", "2024-10-26"),
        ("f.weighted", "yes"),
        ("f.sample_size", "5"),
    ];
    take(keeper, "/matters/new/review_round", &round).await
}

fn links(page: &Page, part: &str) -> Vec<String> {
    page.attributes("table a", "href").into_iter().filter(|href| href.starts_with(part)).collect()
}

#[tokio::test]
async fn a_file_is_drawn_scored_disputed_mended_and_reported() {
    let county = SmallCounty::new().await;
    let file = archived(&county).await;
    reviewers(&county, &["监督甲", "监督乙", "队员乙", "法审甲"]).await;
    let mut keeper = county.clerk("监督甲").await;
    let round = announced(&mut keeper).await;
    let at_round = round.replace("/matters/", "/reviews/rounds/");
    let before = keeper.get(&at_round).await.text("main");
    assert!(before.contains("还没有抽取"), "{before}");
    take(&mut keeper, &format!("{round}/steps/draw"), &[]).await;
    let page = keeper.get(&at_round).await;
    let drawn = page.text("main");
    assert!(drawn.contains("可以重现") && drawn.contains("昌农罚决字〔2024〕1号"), "{drawn}");
    // Drawn once: what was pledged cannot be drawn again until one likes it.
    assert_eq!(keeper.post(&format!("{round}/steps/draw"), &[]).await.status, 422);
    // A review that no draw stands behind is not opened, whatever is typed.
    let round_id = round.rsplit('/').next().unwrap();
    let typed = [
        ("f.round", "自选"),
        ("f.round_matter", round_id),
        ("f.sheet", "penalty"),
        ("f.file", round_id),
        ("f.file_number", "1"),
        ("f.handling_organ", "211224-nyj"),
        ("f.rank", "1"),
    ];
    assert_eq!(keeper.post("/matters/new/file_review?step=draw_in", &typed).await.status, 422);

    let sheet = links(&page, "/reviews/").first().unwrap().clone();
    let shown = keeper.get(&sheet).await.text("main");
    assert!(shown.contains("预审没有查出问题") && shown.contains("执法人员具有资格，不少于两人"), "{shown}");
    assert!(!shown.contains("法审甲") && shown.contains("监督乙"), "nobody of the handling organ is offered: {shown}");
    let (own, other) = (county.id("队员乙"), county.id("监督乙"));
    for (officer, why) in [(None, "不少于"), (Some(own.as_str()), "办理过"), (Some(own.as_str()), "办案机关")]
    {
        let mut fields = vec![("t.service", "送达回证没有日期"), ("p.service", "3")];
        fields.extend(officer.map(|id| ("officer", id)));
        let page = keeper.post(&sheet, &fields).await;
        assert_eq!(page.status, 422);
        let said = page.text(".refusal");
        assert!(said.contains(why), "{why}: {said}");
        assert_eq!(page.attribute("#t-service", "value").as_deref(), Some("送达回证没有日期"), "what was typed stays");
    }
    let too_much = [("p.service", "9"), ("t.service", "太多"), ("officer", other.as_str())];
    let page = keeper.post(&sheet, &too_much).await;
    assert!(page.text(".refusal").contains("1至5"), "{}", page.text(".refusal"));
    let fields = [("p.content", "8"), ("t.content", "告知书漏填 第7页"), ("officer", other.as_str())];
    let page = keeper.post(&sheet, &fields).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let shown = keeper.get(&sheet).await.text("main");
    assert!(shown.contains("92分") && shown.contains("扣8分") && shown.contains("告知书漏填 第7页"), "{shown}");

    let review = sheet.replace("/reviews/", "/matters/");
    let at = |step: &str| format!("{review}/steps/{step}");
    take(&mut keeper, &at("feed_back"), &[]).await;
    let why = refused(&mut keeper, &at("settle"), &[]).await;
    assert!(why.contains("异议的期限还没有届满"), "{why}");
    let mut organ = county.clerk("内勤甲").await;
    take(&mut organ, &at("object"), &[("f.objection", "告知书是填了的。")]).await;
    let mut deputy = county.clerk("分管甲").await;
    let changed = [
        ("f.objection_result", "changed"),
        ("f.objection_reasons", "确实填了，另一处没有填。"),
        ("f.deductions", "content 6 另一处漏填"),
    ];
    take(&mut deputy, &at("decide_objection"), &changed).await;
    assert!(keeper.get(&sheet).await.text("main").contains("94分"), "the score follows what was decided");
    take(&mut keeper, &at("order_rectification"), &[("f.rectify_what", "补正并讲评。")]).await;
    take(&mut organ, &at("rectify"), &[("f.rectified_how", "已讲评。")]).await;
    take(&mut keeper, &at("accept_rectification"), &[]).await;
    take(&mut deputy, &format!("{round}/steps/report"), &[("f.round_summary", "请对照自查。")]).await;
    let report = deputy.get(&format!("{round}/instruments/3")).await.text(".sheet");
    assert!(report.contains("优秀1本") && report.contains("文书内容完整，填写规范：1本"), "{report}");
    // The organ reads about its own file, others read nothing.
    assert!(organ.get("/reviews").await.text("main").contains("没有待办的评查"));
    assert_eq!(county.clerk("起草甲").await.get(&sheet).await.status, 404);
    assert!(keeper.get("/supervision").await.text("main").contains("昌图县农业农村局"));
    assert_eq!(organ.get("/supervision").await.status, 404, "the report on all organs is not an organ's");
    let figure = keeper.get("/figures/S24").await.text("main");
    assert!(figure.contains('1'), "{figure}");
    assert!(keeper.get(&format!("{file}/precheck")).await.text("main").contains("没有查出问题"));
}

#[tokio::test]
async fn a_review_on_paper_by_the_wrong_people_is_recorded_and_marked() {
    let county = SmallCounty::new().await;
    archived(&county).await;
    reviewers(&county, &["监督甲", "队员乙"]).await;
    let mut keeper = county.clerk("监督甲").await;
    let round = announced(&mut keeper).await;
    take(&mut keeper, &format!("{round}/steps/draw"), &[]).await;
    let page = keeper.get(&round.replace("/matters/", "/reviews/rounds/")).await;
    let review = links(&page, "/reviews/").first().unwrap().replace("/reviews/", "/matters/");
    let (person, own) = (county.id("监督甲"), county.id("队员乙"));
    let form = [
        ("manner", "late"),
        ("decided_by", person.as_str()),
        ("day", "2024-10-26"),
        ("officer", own.as_str()),
        ("f.deductions", "无扣分"),
    ];
    let path = format!("{review}/steps/score");
    keeper.get(&format!("{path}?manner=late")).await;
    let page = keeper.post_files(&path, &form, &[("original", "评分表.pdf", PDF)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let marked = keeper.get(&review).await.text(".refusal");
    assert!(marked.contains("办理过") && marked.contains("办案机关"), "{marked}");
}

#[tokio::test]
async fn rules_find_what_a_late_entry_left_wrong_and_point_to_the_entry() {
    let county = SmallCounty::new().await;
    let (mut officer, _, matter) = filed(&county).await;
    investigated_late(&county, &mut officer, &matter, &[]).await;
    let page = officer.get(&format!("{matter}/precheck")).await;
    let found = page.text(".refusal");
    assert!(found.contains("查出 1 处") && found.contains("评分项目：执法人员具有资格"), "{found}");
    let href = page.attribute(".refusal li a", "href").unwrap();
    let (address, anchor) = href.split_once('#').unwrap();
    let shown = officer.get(address).await.text(&format!("#{anchor}"));
    assert!(shown.contains("补录") && shown.contains("瑕疵"), "the link leads to the entry that shows it: {shown}");
}

#[tokio::test]
async fn a_course_is_signed_in_by_its_code_once_and_a_short_year_is_only_proposed() {
    let county = SmallCounty::new().await;
    let (mut keeper, mut officer) = (county.clerk("监督甲").await, county.clerk("队员甲").await);
    let course = [
        ("f.course_title", "执法骨干培训班"),
        ("f.course_topic", "skills"),
        ("f.held_on", "2024-10-26"),
        ("f.ends_on", "2024-10-27"),
        ("f.hours", "16"),
    ];
    let matter = take(&mut keeper, "/matters/new/enforcement_course", &course).await;
    let code = keeper.get("/training").await.text("td strong");
    assert_eq!(code.len(), 6, "{code}");
    let sign = "/matters/new/course_attendance?step=sign_in";
    officer.get("/training").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let page = officer.post(sign, &[("f.course_code", wrong)]).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("签到码不对"), "{}", page.text("main"));
    // Hours and person are not what somebody types.
    let other = county.id("队员乙");
    let typed = [("f.course_code", code.as_str()), ("f.hours", "999"), ("f.person", other.as_str())];
    let page = officer.post(sign, &typed).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let own = officer.get("/training").await.text("main");
    assert!(own.contains("1 班，16 学时") && own.contains("还差44学时"), "{own}");
    let again = officer.post(sign, &[("f.course_code", code.as_str())]).await;
    assert_eq!(again.status, 422, "once for each course");
    take(&mut keeper, &format!("{matter}/steps/close"), &[]).await;
    let mut late = county.clerk("队员乙").await;
    late.get("/training").await;
    let page = late.post(sign, &[("f.course_code", code.as_str())]).await;
    assert_eq!(page.status, 422, "after the course is closed its code opens nothing");
    // A proposal to the issuer, and the certificate stays as it was.
    let (person, certified) = (county.id("队员甲"), officer.get("/training").await.text("main"));
    let proposal = [
        ("f.person", person.as_str()),
        ("f.holder_organ", "211224-nyj"),
        ("f.proposal_year", "2024"),
        ("f.proposal", "建议责成补训。"),
    ];
    let made = take(&mut keeper, "/matters/new/certificate_proposal", &proposal).await;
    let letter = keeper.get(&format!("{made}/instruments/1")).await.text(".sheet");
    assert!(letter.contains("16学时") && letter.contains("60学时"), "{letter}");
    take(&mut keeper, &format!("{made}/steps/note_answer"), &[("f.issuer_answer", "remind")]).await;
    assert_eq!(officer.get("/training").await.text("main"), certified, "only the issuer's act changes a certificate");
}

#[tokio::test]
async fn a_supervisor_follows_a_running_case_and_the_organ_answers() {
    let county = SmallCounty::new().await;
    let (_, _, case) = filed(&county).await;
    let mut keeper = county.clerk("监督甲").await;
    let page = keeper.get(&case).await;
    let way = page.attributes("a", "href").into_iter().find(|href| href.contains("accompanied_supervision"));
    let way = way.expect("the case offers to be followed");
    let id = case.rsplit('/').next().unwrap().to_owned();
    let fields = [
        ("f.case", id.as_str()),
        ("f.stage", "investigation"),
        ("f.observed_on", "2024-10-26"),
        ("f.observed", "identity"),
        ("f.comment", "请开启执法记录仪。"),
    ];
    let followed = take(&mut keeper, &way, &fields).await;
    let nowhere = [("f.case", "0000000000000000000000000z"), fields[1], fields[2]];
    assert_eq!(keeper.post("/matters/new/accompanied_supervision", &nowhere).await.status, 422);
    let opinion = [("f.opinion", "全过程记录不完整，请改正。")];
    let mut deputy = county.clerk("分管甲").await;
    take(&mut deputy, &format!("{followed}/steps/issue_opinion"), &opinion).await;
    let paper = deputy.get(&format!("{followed}/instruments/1")).await.text(".sheet");
    assert!(paper.contains("昌图县农业农村局") && paper.contains("昌司执监〔2024〕1号"), "{paper}");
    let mut organ = county.clerk("内勤甲").await;
    assert!(organ.get("/desk").await.text("main").contains("答复监督意见"), "it waits on the organ's desk");
    take(&mut organ, &format!("{followed}/steps/answer_opinion"), &[("f.answer", "已改正。")]).await;
    take(&mut keeper, &format!("{followed}/steps/accept_answer"), &[]).await;
    let report = keeper.get("/supervision").await.text("main");
    assert!(report.contains("监督意见书") && report.contains("已办结"), "{report}");
}
