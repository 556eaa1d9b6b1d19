//! 公开征求意见: a draft is published for as long as the law says, anybody comments on it, what came of it is published and names nobody.

use zhunsheng_core::matter::Fact;

use crate::casework::{refused, take};
use crate::fines::{late, marked, on};
use crate::inspections::{id_of, state};
use crate::support::{Browser, SmallCounty};

pub const NEW: &str = "/matters/new/public_consultation";
pub const DRAFT: [(&str, &str); 7] = [
    ("f.secrecy", "none"),
    ("f.document_kind", "normative_document"),
    ("f.market_related", "yes"),
    ("f.document_title", "昌图镇集贸市场管理办法（征求意见稿）"),
    ("f.explanation", "为了规范集贸市场的摊位和卫生，起草了这个办法，想听听摆摊的、赶集的怎么看。"),
    ("f.draft_text", "第一条　固定摊位按先后登记。第二条　每天散集以后由摊主打扫。第三条　不收取任何费用。"),
    // Thirty days after 26 October 2024, that day not counted.
    ("f.closes_on", "2024-11-25"),
];
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

pub fn with<'a>(fields: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed).copied().collect()
}

/// A draft of the town that is open to comments, and where the public reads it.
pub async fn published(county: &SmallCounty) -> (String, String) {
    let matter = take(&mut county.clerk("起草甲").await, NEW, &DRAFT).await;
    take(&mut county.clerk("镇长甲").await, &format!("{matter}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    let public = matter.replace("/matters/", "/consultations/");
    (matter, public)
}

pub async fn comment(citizen: &mut Browser, public: &str, key: &str, fields: &[(&str, &str)]) -> String {
    citizen.get(public).await;
    let mut page = citizen.post(public, &[&[("key", key)], fields].concat()).await;
    // Who wrote a number or a name was told of it, and sends it all the same.
    if let Some(told) = page.attribute("input[name='told']", "value") {
        page = citizen.post(public, &[&[("key", key), ("told", told.as_str())], fields].concat()).await;
    }
    assert_eq!(page.status, 200, "{}", page.body);
    page.text(".query-code")
}

async fn number(county: &SmallCounty, matter: &str, field: &str) -> Option<i64> {
    state(county, id_of(matter)).await.fact(field).and_then(Fact::number)
}

#[tokio::test]
async fn a_draft_is_published_commented_on_and_answered_without_a_name() {
    let county = SmallCounty::new().await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let mut citizen = county.test.browser();
    assert!(citizen.get("/consultations").await.text("main").contains("现在没有正在征求意见的草案"));
    let matter = take(&mut drafter, NEW, &DRAFT).await;
    let public = matter.replace("/matters/", "/consultations/");
    assert_eq!(citizen.get(&public).await.status, 404, "not before somebody else has published it");
    let own = drafter.get(&format!("{matter}/steps/publish")).await;
    assert!(own.text("main").contains("还不能办理"), "whoever drafted does not publish: {}", own.text("main"));
    take(&mut head, &format!("{matter}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    assert_eq!(number(&county, &matter, "comment_days").await, Some(30));

    // Two taps from the home page; found by everyday words; everything that is needed stands on one page.
    assert!(citizen.get("/").await.attributes("main a", "href").contains(&"/consultations".to_owned()));
    assert!(citizen.get("/consultations").await.attributes("main a", "href").contains(&public));
    assert!(citizen.get("/find?q=集贸市场摆摊").await.attributes("main a", "href").contains(&public));
    let page = citizen.get(&public).await;
    for there in ["第三条　不收取任何费用", "想听听摆摊的", "2024年11月25日", "共30日", "正在征求意见"]
    {
        assert!(page.body.contains(there), "{there}: {}", page.text("main"));
    }
    assert!(page.body.contains("data-send") && page.body.contains("data-draft"), "a bad line loses nothing");

    // Nobody has to say who they are; sent twice it is one; nothing of it is public.
    let said = [("f.comment", "打扫应当由市场请人，我的身份证11010519491231002X。"), ("f.about", "第二条")];
    let named = [&said[..], &[("p.0.name", "佟守田"), ("p.0.phone", "13941002386")]].concat();
    let code = comment(&mut citizen, &public, KEY, &named).await;
    assert_eq!(comment(&mut citizen, &public, KEY, &named).await, code, "sent twice, one comment");
    comment(&mut citizen, &public, "fedcba9876543210fedcba98", &[("f.comment", "很好，早该管了。")]).await;
    let page = citizen.get(&public).await;
    for hidden in ["佟守田", "13941002386", "由市场请人", "早该管了"] {
        assert!(!page.body.contains(hidden), "{hidden} is not published");
    }
    citizen.get("/track").await;
    let progress = citizen.post("/track", &[("code", &code)]).await;
    assert!(progress.text(".answer").contains("您的意见已经收到"), "{}", progress.body);

    // The organ reads them masked; other organs do not.
    let list = drafter.get(&format!("{matter}/comments")).await;
    assert!(
        list.text("main").contains("收到 2 条") && list.text("main").contains("没有留姓名"),
        "{}",
        list.text("main")
    );
    assert!(list.text("main").contains("佟某某") && list.text("main").contains("1101************2X"));
    for hidden in ["佟守田", "13941002386", "11010519491231002X"] {
        assert!(!list.body.contains(hidden), "{hidden} is shown with a reason only");
    }
    assert_eq!(county.clerk("审查甲").await.get(&format!("{matter}/comments")).await.status, 404, "another organ");

    // Not before its last day is over; then no more comments come, and what came is answered.
    let why = refused(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    assert!(why.contains("征求意见到2024年11月25日为止（含当天）"), "{why}");
    assert_eq!(why.matches("不能提前停止收取").count(), 1, "said once: {why}");
    on(&county, 2024, 11, 26).await;
    let page = citizen.get(&public).await;
    assert!(!page.body.contains("data-send") && page.text("main").contains("已截止"), "{}", page.text("main"));
    let page = citizen.post(&public, &[("key", "00112233445566778899"), ("f.comment", "晚了一天。")]).await;
    assert!(page.text(".error-summary").contains("已经截止"), "{}", page.text("main"));
    take(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    let answer = format!("{matter}/steps/answer");
    let told = [("f.feedback", "有群众提出打扫由市场负责，已经采纳，改在第二条。")];
    let why = refused(&mut drafter, &answer, &told).await;
    assert!(why.contains("还有意见没有研究"), "{why}");
    let settle = drafter.get(&format!("{matter}/comments")).await.attributes("td a[href*='/steps/settle']", "href");
    assert_eq!(settle.len(), 2);
    let why = refused(&mut drafter, &settle[0], &[("f.settled_as", "declined")]).await;
    assert!(why.contains("不采纳的理由"), "{why}");
    take(&mut drafter, &settle[0], &[("f.settled_as", "adopted")]).await;
    take(&mut drafter, &settle[1], &[("f.settled_as", "beyond"), ("f.settled_note", "没有具体建议")]).await;
    let why = refused(&mut drafter, &answer, &[("f.feedback", "采纳佟守田提出的意见，改在第二条。")]).await;
    assert!(why.contains("佟某某") && !why.contains("佟守田"), "the one who wrote it is told what it is: {why}");
    take(&mut drafter, &answer, &told).await;
    let why = refused(&mut drafter, &format!("{matter}/steps/publish_feedback"), &[]).await;
    assert!(!why.is_empty(), "whoever drafted does not publish");
    let rewritten = [("f.feedback", "采纳佟守田提出的意见，改在第二条。"), ("reason", "补写")];
    let why = refused(&mut drafter, &format!("{matter}/steps/_correct"), &rewritten).await;
    assert!(why.contains("拟采纳情况"), "what was looked through is not corrected behind its back: {why}");
    take(&mut head, &format!("{matter}/steps/publish_feedback"), &[]).await;
    let page = citizen.get(&public).await;
    let feedback = page.text("#feedback");
    assert!(feedback.contains("收到意见 2 条") && feedback.contains("采纳 1 条"), "{feedback}");
    assert!(feedback.contains("改在第二条") && !page.body.contains("佟"), "{feedback}");
    take(&mut drafter, &format!("{matter}/steps/file_away"), &[]).await;
    assert_eq!(citizen.get(&public).await.status, 200, "it stays for everybody to read");
}

#[tokio::test]
async fn a_term_is_as_long_as_the_law_says_or_says_why_not() {
    let county = SmallCounty::new().await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let short = with(&DRAFT, &[("f.closes_on", "2024-11-24")]);
    for (kind, basis) in [("major_decision", "重大行政决策程序暂行条例"), ("normative_document", "优化营商环境条例")]
    {
        let why = refused(&mut drafter, NEW, &with(&short, &[("f.document_kind", kind)])).await;
        assert!(why.contains("天数比规定的少") && why.contains(basis), "{kind}: {why}");
    }
    let why = refused(&mut drafter, NEW, &with(&short, &[("f.market_related", "no")])).await;
    assert!(why.contains("天数比规定的少") && why.contains("天数由县设定"), "{why}");
    let why = refused(&mut drafter, NEW, &with(&DRAFT, &[("f.secrecy", "work_secret")])).await;
    assert!(why.contains("不能向社会公开征求意见"), "{why}");
    // Other drafts have no shortest term; with a reason that is published a short one is lawful.
    take(&mut drafter, NEW, &with(&short, &[("f.document_kind", "other")])).await;
    let urgent = [("f.short_reason", "汛期临近，水库调度办法需要在汛前施行。")];
    let matter = take(&mut drafter, NEW, &with(&short, &urgent)).await;
    let publish = format!("{matter}/steps/publish");
    let why = refused(&mut head, &publish, &[("f.closes_on", "2024-10-26"), urgent[0]]).await;
    assert!(why.contains("不在公布之日以后"), "{why}");
    take(&mut head, &publish, &[("f.closes_on", "2024-11-24"), urgent[0]]).await;
    let public = matter.replace("/matters/", "/consultations/");
    assert!(county.test.browser().get(&public).await.body.contains("汛期临近"), "the reason is public");
    // What is drawn out before it is published has to be published in time: the days count from then.
    let late_one = take(&mut drafter, NEW, &DRAFT).await;
    on(&county, 2024, 10, 30).await;
    let why = refused(&mut head, &format!("{late_one}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    assert!(why.contains("天数比规定的少"), "{why}");
}

#[tokio::test]
async fn a_term_is_prolonged_and_never_shortened_and_a_draft_can_be_taken_back() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let mut head = county.clerk("镇长甲").await;
    let extend = format!("{matter}/steps/extend_term");
    let why = refused(&mut head, &extend, &[("f.closes_on", "2024-11-20"), ("f.extend_reason", "缩短")]).await;
    assert!(why.contains("不能缩短"), "{why}");
    take(&mut head, &extend, &[("f.closes_on", "2024-12-10"), ("f.extend_reason", "赶集的人多，再听听。")]).await;
    let mut citizen = county.test.browser();
    let page = citizen.get(&public).await;
    assert!(page.body.contains("2024年12月10日") && page.body.contains("再听听") && page.body.contains("共45日"));
    on(&county, 2024, 12, 1).await;
    comment(&mut citizen, &public, KEY, &[("f.comment", "第三条好。")]).await;
    let stop = [("f.withdraw_reason", "上级已有统一规定，不再制定。")];
    take(&mut head, &format!("{matter}/steps/withdraw_consultation"), &stop).await;
    let page = citizen.get(&public).await;
    assert!(page.body.contains("不再制定") && !page.body.contains("data-send"), "{}", page.text("main"));
    assert!(citizen.get("/consultations").await.text("#others + *").contains("已停止征求意见"));
}

#[tokio::test]
async fn letters_are_registered_if_they_came_in_time_and_what_happened_otherwise_is_marked() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let mut drafter = county.clerk("起草甲").await;
    on(&county, 2024, 11, 28).await;
    let new = "/matters/new/public_comment?step=register_comment";
    let id = matter.trim_start_matches("/matters/");
    let letter = [
        ("f.consultation", id),
        ("f.way", "letter"),
        ("f.came_on", "2024-11-24"),
        ("f.comment", "摊位应当先给本镇的人。"),
        ("party.0.role", "commenter"),
        ("party.0.kind", "natural"),
        ("party.0.name", "佟守田"),
    ];
    take(&mut drafter, new, &letter).await;
    let why = refused(&mut drafter, new, &with(&letter, &[("f.came_on", "2024-11-26")])).await;
    assert!(why.contains("已经截止"), "{why}");
    let why = refused(&mut drafter, new, &with(&letter, &[("f.came_on", "2024-10-01")])).await;
    assert!(why.contains("早于草案公布"), "{why}");
    let why = refused(&mut drafter, new, &with(&letter, &[("f.way", "portal")])).await;
    assert!(why.contains("不由工作人员登记"), "{why}");
    // Filed without an answer: refused now; where it happened on paper it is recorded, and marked.
    take(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    let away = format!("{matter}/steps/file_away");
    let why = refused(&mut drafter, &away, &[]).await;
    assert!(why.contains("采纳情况还没有公布"), "{why}");
    late(&mut drafter, &away, &county.id("起草甲"), "2024-11-28", &[]).await;
    assert!(marked(&state(&county, id_of(&matter)).await, "comment_no_feedback"));
    assert_eq!(county.test.browser().get(&public).await.status, 200);
}

#[tokio::test]
async fn a_comment_that_lacks_its_words_keeps_what_was_typed() {
    let county = SmallCounty::new().await;
    let (_, public) = published(&county).await;
    let mut citizen = county.test.browser();
    citizen.get(&public).await;
    let page = citizen.post(&public, &[("key", KEY), ("f.about", "第二条"), ("p.0.phone", "1394")]).await;
    assert!(page.text(".error-summary").contains("处需要改一下"), "{}", page.text("main"));
    assert_eq!(page.attribute("[id='f.about']", "value").as_deref(), Some("第二条"));
    assert!(!page.text("[id='f.comment-e']").is_empty() && !page.text("[id='p.0.phone-e']").is_empty());
    let page = citizen.post("/consultations/0000000000000000000000000v", &[("key", KEY), ("f.comment", "没有")]).await;
    assert_eq!(page.status, 404);
}

/// Of a comment that came over the portal: its page for the organ.
async fn commented(county: &SmallCounty, matter: &str, public: &str, key: &str, fields: &[(&str, &str)]) -> String {
    comment(&mut county.test.browser(), public, key, fields).await;
    let list = county.clerk("起草甲").await.get(&format!("{matter}/comments")).await;
    list.attributes("td.main a", "href").pop().expect("a comment")
}

#[tokio::test]
async fn what_was_said_to_an_organ_is_seen_by_no_other_whatever_else_it_sees() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let one = commented(&county, &matter, &public, KEY, &[("f.comment", "打扫由市场请人。")]).await;
    for who in ["县长甲", "法治办甲"] {
        let mut browser = county.clerk(who).await;
        let page = browser.get(&matter).await;
        assert_eq!(page.status, 200, "{who} sees the draft");
        assert!(!page.body.contains("/comments"), "{who} is shown no way to the comments");
        assert_eq!(browser.get(&format!("{matter}/comments")).await.status, 404, "{who}");
        assert_eq!(browser.get(&one).await.status, 404, "{who}");
        for list in ["/matters", "/matters?procedure=public_comment"] {
            assert!(!browser.get(list).await.body.contains(&one), "{who}: {list}");
        }
    }
    for who in ["起草甲", "镇长甲"] {
        let mut browser = county.clerk(who).await;
        assert!(browser.get(&matter).await.body.contains(&format!("{matter}/comments")), "{who}");
        assert!(browser.get(&format!("{matter}/comments")).await.body.contains("打扫由市场请人"), "{who}");
        assert_eq!(browser.get(&one).await.status, 200, "{who}");
    }
}

#[tokio::test]
async fn an_answer_is_not_held_up_by_what_a_visitor_calls_himself() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let called = [("f.comment", "甲"), ("p.0.name", "采纳"), ("p.0.address", "本镇")];
    let unnamed = [("f.comment", "乙乙"), ("p.0.phone", "13941002386")];
    commented(&county, &matter, &public, KEY, &with(&called, &[("f.comment", "好办法。")])).await;
    commented(&county, &matter, &public, "fedcba9876543210fedcba98", &unnamed).await;
    let mut drafter = county.clerk("起草甲").await;
    on(&county, 2024, 11, 26).await;
    take(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    let settle = drafter.get(&format!("{matter}/comments")).await.attributes("td a[href*='/steps/settle']", "href");
    for one in &settle {
        take(&mut drafter, one, &[("f.settled_as", "adopted")]).await;
    }
    let answer = format!("{matter}/steps/answer");
    let number = [("f.feedback", "采用13941002386提出的意见。"), ("reason", "核对过")];
    let why = refused(&mut drafter, &answer, &number).await;
    assert!(why.contains("电话或者证件号码"), "a number is refused, with a reason or without: {why}");
    let told = [("f.feedback", "本镇有两条意见，都采纳；一位未留姓名。")];
    let why = refused(&mut drafter, &answer, &told).await;
    assert!(why.contains("采某") && !why.contains("未某"), "{why}");
    assert!(!why.contains("一处住址"), "a town is nobody's address: {why}");
    take(&mut drafter, &answer, &with(&told, &[("reason", "“采纳”是普通词语，没有写到人。")])).await;
    assert!(marked(&state(&county, id_of(&matter)).await, "comment_names"));
    take(&mut county.clerk("镇长甲").await, &format!("{matter}/steps/publish_feedback"), &[]).await;
}

#[tokio::test]
async fn a_comment_is_not_registered_once_nobody_studies_it_any_more() {
    let county = SmallCounty::new().await;
    let (matter, _) = published(&county).await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let new = "/matters/new/public_comment?step=register_comment";
    let id = matter.trim_start_matches("/matters/");
    let letter =
        [("f.consultation", id), ("f.way", "letter"), ("f.came_on", "2024-11-24"), ("f.comment", "摊位先给本镇的人。")];
    on(&county, 2024, 11, 26).await;
    take(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    take(&mut drafter, &format!("{matter}/steps/answer"), &[("f.feedback", "没有收到意见，照原稿制定。")]).await;
    let why = refused(&mut drafter, new, &letter).await;
    assert!(why.contains("没有人研究") && why.contains("退回重拟"), "{why}");
    take(&mut head, &format!("{matter}/steps/return_answer"), &[]).await;
    let registered = take(&mut drafter, new, &letter).await;
    let why =
        refused(&mut drafter, &format!("{matter}/steps/answer"), &[("f.feedback", "没有收到意见，照原稿制定。")]).await;
    assert!(why.contains("还有意见没有研究"), "{why}");
    // Who studies them neither does away with one nor hangs it on another draft; somebody else does away with what is in error.
    let page = drafter.post(&format!("{registered}/steps/_void"), &[("reason", "不合意")]).await;
    assert_ne!(page.status, 303, "{}", page.text("main"));
    assert!(!state(&county, id_of(&registered)).await.closed);
    take(&mut head, &format!("{registered}/steps/_void"), &[("reason", "同一封信登记了两次")]).await;
    take(&mut drafter, &format!("{matter}/steps/answer"), &[("f.feedback", "没有收到意见，照原稿制定。")]).await;
    assert_eq!(number(&county, &matter, "received").await, Some(0));
}

#[tokio::test]
async fn what_a_citizen_wrote_stays_as_it_was_written_and_where() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let one = commented(&county, &matter, &public, KEY, &[("f.comment", "打扫由市场请人。")]).await;
    let mut head = county.clerk("镇长甲").await;
    for changed in [("f.comment", "很好。"), ("f.consultation", "别的草案")] {
        let why = refused(&mut head, &format!("{one}/steps/_correct"), &[changed, ("reason", "改一改")]).await;
        assert!(why.contains("网上提意见"), "{why}");
    }
}

#[tokio::test]
async fn an_answer_is_owed_from_the_last_day_whether_collecting_was_ended_or_not() {
    let county = SmallCounty::new().await;
    let (matter, _) = published(&county).await;
    let mut head = county.clerk("镇长甲").await;
    let start = async || {
        let state = state(&county, id_of(&matter)).await;
        state.clock("feedback_in_time").map(|run| (run.start.to_string(), run.stopped.is_some()))
    };
    assert_eq!(start().await, Some(("2024-11-25".to_owned(), false)));
    on(&county, 2024, 12, 1).await;
    let extend = format!("{matter}/steps/extend_term");
    let why = refused(&mut head, &extend, &[("f.closes_on", "2024-11-28"), ("f.extend_reason", "再听听。")]).await;
    assert!(why.contains("已经过去"), "nobody can say something yesterday: {why}");
    take(&mut head, &extend, &[("f.closes_on", "2024-12-10"), ("f.extend_reason", "再听听。")]).await;
    assert_eq!(start().await, Some(("2024-12-10".to_owned(), false)));
    take(&mut head, &format!("{matter}/steps/withdraw_consultation"), &[("f.withdraw_reason", "不再制定。")]).await;
    assert_eq!(start().await, Some(("2024-12-10".to_owned(), true)));
}
