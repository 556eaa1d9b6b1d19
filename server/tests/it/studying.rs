//! 公开征求意见 as those see it who judge and those who wrote: what lies beside a step, one card on the desk, the way back to the draft, what is told
//! before something personal is sent, drafts of one's own, files that everybody may have.

use crate::casework::{refused, take};
use crate::citizens::come_in;
use crate::commenting::{DRAFT, KEY, NEW, comment, published, with};
use crate::fines::on;
use crate::support::SmallCounty;

const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

#[tokio::test]
async fn what_is_judged_lies_beside_the_step() {
    let county = SmallCounty::new().await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let named = [("f.explanation", "为了规范集市起草，联系人王会计，电话13941002386，想听听摆摊的怎么看。")];
    let matter = take(&mut drafter, NEW, &with(&DRAFT, &named)).await;
    // Whoever publishes sees the draft, and what of it is somebody's.
    let page = head.get(&format!("{matter}/steps/publish")).await;
    let judged = page.text("[data-judged]");
    assert!(judged.contains("第三条　不收取任何费用") && judged.contains("行政规范性文件草案"), "{judged}");
    let personal = page.text("[data-personal]");
    assert!(personal.contains("139****2386") && personal.contains("王会计"), "{personal}");
    assert!(!page.body.contains("13941002386"), "masked here as well");
    take(&mut head, &format!("{matter}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    let public = matter.replace("/matters/", "/consultations/");
    let mut citizen = county.test.browser();
    comment(&mut citizen, &public, KEY, &[("f.comment", "打扫由市场请人。"), ("f.about", "第二条")]).await;
    comment(&mut citizen, &public, OTHER_KEY, &[("f.comment", "登记应当抽签。")]).await;

    // Two comments are one card, that leads to both.
    let desk = drafter.get("/desk").await;
    let cards = desk.attributes("td.main a", "href");
    assert_eq!(cards.iter().filter(|href| href.ends_with("/comments")).count(), 1, "{cards:?}");
    assert!(desk.text("main").contains("2 条意见待研究") && desk.text("main").contains("昌图镇集贸市场管理办法"));
    assert!(!desk.text("main table").contains("公众意见"), "no card of a single comment: {}", desk.text("main table"));

    // A comment's page: whose it is by its title, the neighbours, nothing that was only true when it came.
    let list = drafter.get(&format!("{matter}/comments")).await;
    let (one, settle) = (list.attributes("td.main a", "href"), list.attributes("td a[href*='/steps/settle']", "href"));
    let page = drafter.get(&one[0]).await;
    let text = page.text("main");
    assert!(text.contains("草案：昌图镇集贸市场管理办法") && !text.contains("正在征求意见 是"), "{text}");
    let id = matter.trim_start_matches("/matters/");
    assert!(!page.text("dl.facts").contains(id), "no number of a matter among what it says");
    assert!(page.attributes("main a", "href").contains(&one[1]), "on to the next one");
    let back = drafter.get(&one[1]).await.attributes("main a", "href");
    assert!(back.contains(&one[0]) && back.contains(&matter), "and back; and to the draft");
    let page = drafter.get(&settle[0]).await;
    let judged = page.text("[data-judged]");
    assert!(judged.contains("打扫由市场请人") && judged.contains("第三条　不收取任何费用"), "{judged}");

    on(&county, 2024, 11, 26).await;
    take(&mut drafter, &format!("{matter}/steps/close"), &[]).await;
    take(&mut drafter, &settle[0], &[("f.settled_as", "adopted")]).await;
    let desk = drafter.get("/desk").await.text("main");
    assert!(desk.contains("1 条意见待研究"), "{desk}");
    take(&mut drafter, &settle[1], &[("f.settled_as", "declined"), ("f.settled_note", "摊位有先后")]).await;
    assert!(!drafter.get("/desk").await.text("main").contains("条意见待研究"));
    let judged = drafter.get(&format!("{matter}/steps/answer")).await.text("[data-judged]");
    assert!(judged.contains("登记应当抽签") && judged.contains("摊位有先后"), "{judged}");
    let told = [("f.feedback", "打扫由市场负责，改在第二条；抽签的意见没有采纳，摊位按先后。")];
    take(&mut drafter, &format!("{matter}/steps/answer"), &told).await;
    let judged = head.get(&format!("{matter}/steps/publish_feedback")).await.text("[data-judged]");
    assert!(judged.contains("改在第二条") && judged.contains("未采纳 1"), "{judged}");
}

#[tokio::test]
async fn who_wrote_finds_back_to_the_draft_and_is_told_nothing_that_does_not_fit() {
    let county = SmallCounty::new().await;
    let (_, public) = published(&county).await;
    let title = "昌图镇集贸市场管理办法（征求意见稿）";
    let mut me = come_in(&county.test, "13941002386").await;
    me.get(&public).await;
    let form = [("key", KEY), ("f.comment", "打扫由市场请人。"), ("p.0.phone", "13941002386")];
    let receipt = me.post(&public, &form).await;
    let answer = receipt.text("[data-receipt]");
    assert!(receipt.attributes("[data-receipt] a", "href").contains(&public) && answer.contains(title), "{answer}");
    for unfit in ["身份证", "12348"] {
        assert!(!answer.contains(unfit), "{unfit}: {answer}");
    }
    let code = receipt.text(".query-code");
    me.get("/track").await;
    assert!(me.post("/track", &[("code", &code)]).await.attributes("#now a", "href").contains(&public));
    let own = me.get("/me").await;
    assert!(own.attributes("section.card a", "href").contains(&public) && own.text("main").contains(title));
}

#[tokio::test]
async fn a_number_or_a_name_is_told_before_it_is_sent() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let mut citizen = county.test.browser();
    citizen.get(&public).await;
    let wrote = [("key", KEY), ("f.comment", "王书记让我打13941002386，身份证11010519491231002X。")];
    let page = citizen.post(&public, &wrote).await;
    let told = page.text("[data-personal]");
    assert!(told.contains("139****2386") && told.contains("1101************2X") && told.contains("王书记"), "{told}");
    assert!(page.text("[id='f.comment']").contains("13941002386"), "what was typed is there still");
    assert!(!county.clerk("起草甲").await.get(&format!("{matter}/comments")).await.body.contains("王书记"), "not sent");
    // Another text is told of again; the same is sent.
    let mark = page.attribute("input[name='told']", "value").unwrap();
    let other = [("key", KEY), ("told", mark.as_str()), ("f.comment", "李主任让我打13941002386。")];
    assert!(citizen.post(&public, &other).await.text("[data-personal]").contains("李主任"));
    let again = [&wrote[..], &[("told", mark.as_str())]].concat();
    assert!(!citizen.post(&public, &again).await.text(".query-code").is_empty());
    let plain = [("key", OTHER_KEY), ("f.comment", "第四条的七天太长。")];
    assert!(!citizen.post(&public, &plain).await.text(".query-code").is_empty(), "nobody is asked twice for nothing");
}

#[tokio::test]
async fn a_comment_is_kept_as_a_draft_and_gone_on_with() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let key = format!("comment.{}", matter.trim_start_matches("/matters/"));
    let mut me = come_in(&county.test, "13941002386").await;
    assert!(me.get(&public).await.body.contains(&format!("value=\"{key}\"")), "offered to who is in");
    assert!(!county.test.browser().get(&public).await.body.contains("/me/drafts"), "and to nobody else");
    let typed = [("draft", key.as_str()), ("key", KEY), ("f.comment", "打扫由市场"), ("f.about", "第二条")];
    assert_eq!(me.post("/me/drafts", &typed).await.status, 303);
    let page = me.get("/me").await;
    assert!(page.text("main").contains("对《昌图镇集贸市场管理办法（征求意见稿）》的意见"), "{}", page.text("main"));
    let on_with = page.attribute("a[href$='?draft=1']", "href").unwrap();
    let form = me.get(&on_with).await;
    assert_eq!(form.attribute("[id='f.about']", "value").as_deref(), Some("第二条"));
    assert!(form.text("[id='f.comment']").contains("打扫由市场"));
    let doubled = format!("comment.{key}");
    for wrong in ["comment.0000000000000000000000000v", "comment.x", "comment.", &doubled] {
        assert_eq!(me.post("/me/drafts", &[("draft", wrong), ("f.comment", "x")]).await.status, 404, "{wrong}");
    }
    me.get(&public).await;
    me.post(&public, &[("key", KEY), ("f.comment", "打扫由市场请人。"), ("p.0.phone", "13941002386")]).await;
    assert!(me.get("/me").await.attribute("a[href$='?draft=1']", "href").is_none(), "gone when it is sent");
}

#[tokio::test]
async fn files_that_were_there_when_it_was_published_can_be_downloaded() {
    let county = SmallCounty::new().await;
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let why = refused(&mut drafter, NEW, &with(&DRAFT, &[("f.with_file", "yes")])).await;
    assert!(why.contains("公布的文件"), "{why}");
    drafter.get(NEW).await;
    let pdf: &[u8] = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
    let with_file = with(&DRAFT, &[("f.with_file", "yes")]);
    let page = drafter.post_files(NEW, &with_file, &[("evidence.public_file", "办法.pdf", pdf)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let matter = page.location().split('?').next().unwrap().to_owned();
    // It comes again with another file, say without names: the first is nobody's any more.
    let again = format!("{matter}/steps/prepare_again");
    drafter.get(&again).await;
    let clean: &[u8] = b"%PDF-1.4\n3 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
    let changed: Vec<_> = with_file.iter().copied().filter(|(name, _)| *name != "f.secrecy").collect();
    let page = drafter.post_files(&again, &changed, &[("evidence.public_file", "办法（修改）.pdf", clean)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let judged = head.get(&format!("{matter}/steps/publish")).await;
    assert!(judged.text("[data-judged]").contains("办法（修改）.pdf"));
    let shown = judged.attributes("[data-judged] a[href^='/evidence/']", "href");
    assert_eq!(shown.len(), 1, "whoever publishes sees what goes out, not what was replaced: {shown:?}");
    take(&mut head, &format!("{matter}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    let public = matter.replace("/matters/", "/consultations/");
    let mut citizen = county.test.browser();
    let page = citizen.get(&public).await;
    let href = page.attribute("a[href*='/files/']", "href").unwrap();
    let said = page.text("section[aria-labelledby=fi]");
    assert_eq!(page.attributes("a[href*='/files/']", "href").len(), 1, "{said}");
    assert!(said.contains("办法（修改）.pdf") && said.contains("PDF") && said.contains("字节"), "{said}");
    let file = citizen.get(&href).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/pdf"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    // What is attached later nobody has looked at; what is internal is nobody's.
    let attach = format!("{matter}/steps/_attach");
    drafter.get(&attach).await;
    let more: &[u8] = b"%PDF-1.4\n2 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
    for kind in ["evidence.public_file", "evidence.draft_file"] {
        let page = drafter.post_files(&attach, &[("reason", "补充")], &[(kind, "后来.pdf", more)]).await;
        assert_eq!(page.status, 303, "{}", page.text("main"));
    }
    let page = citizen.get(&public).await;
    assert_eq!(page.attributes("a[href*='/files/']", "href"), [href.as_str()]);
    let inside = drafter.get(&matter).await.attributes("a[href^='/evidence/']", "href");
    let own = drafter.get(&matter).await;
    let listed = own.attributes("section[aria-labelledby=ev] a[href^='/evidence/']", "href");
    let kinds = own.text("section[aria-labelledby=ev]");
    assert_eq!(listed.len(), 3, "one scan that serves as two documents is one: {kinds}");
    assert!(kinds.contains("公布的文件（任何人可以下载）、草案和说明（文件，内部）"), "{kinds}");
    assert!(inside.len() >= listed.len(), "{inside:?}");
    let others = inside.iter().map(|href| href.replace("/evidence/", &format!("{public}/files/")));
    for other in others.filter(|other| *other != href) {
        assert_eq!(citizen.get(&other).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_draft_is_found_by_what_stands_in_it() {
    let county = SmallCounty::new().await;
    let (matter, public) = published(&county).await;
    let mut citizen = county.test.browser();
    for words in ["散集以后谁打扫", "固定摊位登记"] {
        let found = citizen.get(&format!("/find?q={words}")).await.attributes("main a", "href");
        assert!(found.contains(&public), "{words}: {found:?}");
    }
    // What was found once is found as it stands now: the next draft, a new last day, and what was taken back.
    let (mut drafter, mut head) = (county.clerk("起草甲").await, county.clerk("镇长甲").await);
    let (title, asked) = (("f.document_title", "昌图镇河道采砂管理办法（征求意见稿）"), "/find?q=河道采砂");
    let other = take(&mut drafter, NEW, &with(&DRAFT, &[title])).await;
    let there = other.replace("/matters/", "/consultations/");
    assert!(!citizen.get(asked).await.body.contains(&there), "not published yet");
    take(&mut head, &format!("{other}/steps/publish"), &[("f.closes_on", "2024-11-25")]).await;
    assert!(citizen.get(asked).await.body.contains(&there), "at once");
    let stop = [("f.withdraw_reason", "上级已有统一规定，不再制定。")];
    take(&mut head, &format!("{matter}/steps/withdraw_consultation"), &stop).await;
    let card = citizen.get("/find?q=固定摊位登记").await;
    assert!(card.body.contains(&public) && card.text("main").contains("已停止征求意见"), "{}", card.text("main"));
    let longer = [("f.closes_on", "2024-12-10"), ("f.extend_reason", "赶集的人多，再听听。")];
    assert!(!citizen.get(asked).await.text("main").contains("12月10日"));
    take(&mut head, &format!("{other}/steps/extend_term"), &longer).await;
    assert!(citizen.get(asked).await.text("main").contains("12月10日"), "{}", citizen.get(asked).await.text("main"));
    on(&county, 2024, 12, 11).await;
    assert!(citizen.get(asked).await.text("main").contains("已截止"), "a day is enough");
    let found = citizen.get("/find?q=火星移民计划").await.attributes("main a", "href");
    assert!(!found.contains(&public), "{found:?}");
}

#[tokio::test]
async fn a_letter_is_registered_from_the_draft_it_is_about() {
    let county = SmallCounty::new().await;
    let mut drafter = county.clerk("起草甲").await;
    assert!(!drafter.get("/matters/new").await.body.contains("/matters/new/public_comment"), "on its own, of nothing");
    let sheet = drafter.get("/sheets/public_comment").await;
    assert!(sheet.text("main").contains("要从列出的事项里选“草案”"), "no table of them: {}", sheet.text("main"));
    let (matter, _) = published(&county).await;
    let comments = format!("{matter}/comments");
    let register = drafter.get(&comments).await.attribute("a[href*='register_comment']", "href").unwrap();
    let form = drafter.get(&register).await;
    assert!(
        form.text("select[name='f.consultation'] option[selected]").contains("昌图镇集贸市场管理办法"),
        "by its title"
    );
    assert!(
        county.clerk("镇长甲").await.get(&comments).await.attribute("a[href*='register_comment']", "href").is_none()
    );
    let stop = [("f.withdraw_reason", "上级已有统一规定，不再制定。")];
    take(&mut county.clerk("镇长甲").await, &format!("{matter}/steps/withdraw_consultation"), &stop).await;
    assert!(
        drafter.get(&comments).await.attribute("a[href*='register_comment']", "href").is_none(),
        "nobody studies it"
    );
}
