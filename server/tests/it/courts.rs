//! Answers of courts from a table of their mediation platform: matched by the number of the dispute, compared, entered once, corrected by
//! nobody but a person.

use crate::casework::take;
use crate::joint::DISPUTE;
use crate::support::{Browser, SmallCounty};

const COURT: &str = "/joint/court";

/// A dispute whose letter to the court waits for an answer; its address and number.
async fn waiting(station: &mut Browser, summary: &str) -> (String, String) {
    let told: Vec<(&str, &str)> =
        DISPUTE.iter().map(|(name, value)| (*name, if *name == "f.summary" { summary } else { *value })).collect();
    let matter = take(station, "/matters/new/joint_dispute", &told).await;
    let letter = [("f.court_letter_kind", "referral"), ("f.court_letter_text", "请依法处理。")];
    take(station, &format!("{matter}/steps/write_court"), &letter).await;
    let slip = station.get(&format!("{matter}/instruments/1")).await.text(".sheet");
    let number = slip.split("一案一码：").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    (matter, number)
}

fn verdicts(page: &crate::support::Page) -> String {
    page.text("tbody")
}

#[tokio::test]
async fn a_table_of_the_court_is_matched_entered_once_and_reconciled() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let (first, one) = waiting(&mut station, "两户因地界争执。").await;
    let (second, two) = waiting(&mut station, "两户因水渠争执。").await;
    let (_, three) = waiting(&mut station, "两户因树木争执。").await;
    // Brackets come in every width; a heading stands under another of its names.
    let round = one.replace('〔', "(").replace('〕', ")");
    let table = format!(
        "纠纷编号,文书名称,裁定日期,案号,备注\n{round},司法确认裁定书,2024-10-25,（2024）辽1224民特9号,确认有效\n{two},回函,2024-10-20,,先行调解\n{two},民事裁定书,2024-10-24,（2024）辽1224民初8号,\n{three},起诉状,2024-10-24,,\n{three},未派员参加,2024-10-24,,\n昌图司解纷〔2024〕999号,回函,2024-10-24,,\n"
    );
    assert_eq!(station.get(COURT).await.status, 200);
    let page = station.post_files(COURT, &[], &[("file", "导出.csv", table.as_bytes())]).await;
    let said = verdicts(&page);
    assert!(page.text("main").contains("可以登记 2 件"), "{}", page.text("main"));
    for expected in [
        "另有更晚的一行",
        "看不出“起诉状”",
        "“未派员参加”可能是说没有发生，请打开纠纷核对，属实的手工登记",
        "没有这个编号",
        // What is going to be entered is seen before it is.
        "裁定书、判决书、调解书；2024年10月25日；（2024）辽1224民特9号；确认有效",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(station.get("/joint").await.text("main").contains("待回函"), "checking enters nothing");
    let token = page.attribute("form[action='/joint/court/enter'] input[name=sheet]", "value").unwrap();
    let agreed = [("sheet", token.as_str())];
    let page = station.post_files("/joint/court/enter", &agreed, &[]).await;
    assert!(page.text("main").contains("登记了 2 件"), "{}", page.text("main"));
    assert!(page.text("main").contains("已经登记且一致 2 件"), "read once more: {}", page.text("main"));
    let page = station.post_files("/joint/court/enter", &agreed, &[]).await;
    assert!(page.text("main").contains("没有重复登记"), "pressed twice: {}", page.text("main"));
    let shown = station.get(&first).await.text("main");
    assert!(shown.contains("（2024）辽1224民特9号") && shown.contains("确认有效"), "{shown}");
    let shown = station.get(&second).await.text("main");
    assert!(shown.contains("民初8号") && !shown.contains("先行调解"), "the later one: {shown}");
    // The same table again enters nothing; one that says otherwise is shown and changes nothing.
    let page = station.post_files(COURT, &[], &[("file", "导出.csv", table.as_bytes())]).await;
    assert!(page.attribute("form[action='/joint/court/enter']", "action").is_none(), "{}", page.text("main"));
    let other = table.replace("2024-10-25", "2024-10-24");
    let page = station.post_files(COURT, &[], &[("file", "导出.csv", other.as_bytes())]).await;
    assert!(verdicts(&page).contains("与已经登记的不同：落款日期"), "{}", verdicts(&page));
    assert!(station.get(&first).await.text("main").contains("2024年10月25日"));
}

#[tokio::test]
async fn what_was_withdrawn_is_entered_again_from_the_same_file() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let (matter, number) = waiting(&mut station, "两户因地界争执。").await;
    let table = format!("纠纷编号,文书名称,裁定日期,批号,案号\n{number},民事裁定书,2024-10-24,第7批,民初8号\n");
    station.get(COURT).await;
    for (column, entered) in [("批号", "第7批"), ("案号", "民初8号"), ("案号", "民初8号")] {
        let picked = [("c.number", column)];
        let page = station.post_files(COURT, &picked, &[("file", "导出.csv", table.as_bytes())]).await;
        let token = page.attribute("form[action='/joint/court/enter'] input[name=sheet]", "value").unwrap();
        let agreed = [("sheet", token.as_str()), picked[0]];
        let page = station.post_files("/joint/court/enter", &agreed, &[]).await;
        assert!(page.text("main").contains("登记了 1 件"), "{}", page.text("main"));
        let shown = station.get(&matter).await.text("main");
        assert!(shown.contains(entered), "{entered}: {shown}");
        let board = station.get("/joint").await.text("main");
        assert!(board.contains("0件致函人民法庭，待回函"), "{board}");
        take(&mut station, &format!("{matter}/steps/_withdraw"), &[("reason", "列选错了")]).await;
    }
}

#[tokio::test]
async fn columns_that_nobody_knows_are_picked_and_others_have_no_such_page() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let (matter, number) = waiting(&mut station, "两户因地界争执。").await;
    let table = format!("外部码,出了什么,哪天\n{number},回函,2024-10-24\n");
    station.get(COURT).await;
    let page = station.post_files(COURT, &[], &[("file", "导出.csv", table.as_bytes())]).await;
    assert_eq!(page.status, 422);
    let token = page.attribute("input[name=sheet]", "value").unwrap();
    let picked = [("sheet", token.as_str()), ("c.code", "外部码"), ("c.kind", "出了什么"), ("c.day", "哪天")];
    let page = station.post_files(COURT, &picked, &[]).await;
    assert!(page.text("main").contains("可以登记 1 件"), "{}", page.text("main"));
    // A day that is still to come is no day of a document.
    let late = table.replace("2024-10-24", "2030-01-01");
    let page = station.post_files(COURT, &picked[1..], &[("file", "导出.csv", late.as_bytes())]).await;
    assert!(verdicts(&page).contains("落款日期晚于今天"), "{}", page.text("main"));
    let mut department = county.clerk("联络员甲").await;
    assert_eq!(department.get(COURT).await.status, 404, "only who writes to courts");
    // The town's centre sees its own disputes only: a number of another organ is unknown to it unless it takes part.
    let mut mediator = county.clerk("调解员甲").await;
    assert_eq!(mediator.get(COURT).await.status, 404);
    assert!(station.get(&matter).await.text("main").contains("待回函"));
}
