//! A superior organ's workbook comes back with its figures, and with everything else as it was.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use rust_xlsxwriter::{Format, Formula, Workbook};

use crate::casework::take;
use crate::staff::DISPUTE;
use crate::support::SmallCounty;

const FILL: &str = "/figures/fill";
const YEAR: [(&str, &str); 2] = [("from", "2024-01-01"), ("to", "2024-10-26")];

/// What the province might send: a merged title, a formula, cells to be filled.
fn workbook(cells: &[(u32, u16, &str)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("统计表").unwrap();
    sheet.merge_range(0, 0, 0, 3, "全省人民调解统计表", &Format::new().set_bold()).unwrap();
    for (row, column, text) in cells {
        sheet.write_string(*row, *column, *text).unwrap();
    }
    sheet.write_formula(9, 1, Formula::new("B3*2").set_result("0")).unwrap();
    workbook.save_to_buffer().unwrap()
}

fn cells(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("统计表").unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => format!("#{number}"),
        other => other.to_string(),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[tokio::test]
async fn a_workbook_of_the_province_is_filled_and_keeps_its_layout() {
    let county = SmallCounty::new().await;
    let mut mediator = county.clerk("调解员甲").await;
    for kind in ["neighbour", "contract"] {
        let told: Vec<(&str, &str)> = DISPUTE
            .iter()
            .map(|(name, value)| (*name, if *name == "f.dispute_kind" { kind } else { *value }))
            .collect();
        let matter = take(&mut mediator, "/matters/new/mediation", &told).await;
        let own = county.id("调解员甲");
        let accepted =
            [("f.source", "party_application"), ("f.mediator_choice", "appointed"), ("assignee", own.as_str())];
        take(&mut mediator, &format!("{matter}/steps/accept"), &accepted).await;
    }
    let mut bureau = county.clerk("基层甲").await;
    assert_eq!(bureau.get(FILL).await.status, 200);
    let told = [
        (1, 0, "填表单位：{{单位}}，{{从}}至{{到}}"),
        (2, 0, "受理"),
        (2, 1, "{{S46}}"),
        (3, 1, "{{S46.纠纷类型=邻里}}"),
        (4, 1, "{{S47.纠纷类型=邻里}}"),
    ];
    let sent = workbook(&told);
    let page = bureau.post_files(FILL, &YEAR, &[("file", "省表.xlsx", &sent)]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    assert!(page.header("content-disposition").contains("xlsx"), "{}", page.header("content-disposition"));
    let filled = cells(page.bytes.clone());
    assert_eq!(filled[0][0], "全省人民调解统计表");
    assert_eq!(filled[1][0], "填表单位：昌图县，2024年1月1日至2024年10月26日");
    assert_eq!((filled[2][1].as_str(), filled[3][1].as_str()), ("#2", "#1"), "numbers, not words: {filled:?}");
    assert_eq!(filled[4][1], "#0", "both procedures of the figure have this kind: {filled:?}");
    let mut archive = zip::ZipArchive::new(Cursor::new(page.bytes)).unwrap();
    let mut sheet = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert!(sheet.contains("<mergeCell ref=\"A1:D1\"/>") && sheet.contains("<f>B3*2</f>"), "{sheet}");
    // A town's station fills what has a place, of its own committees.
    let mut station = county.clerk("所长甲").await;
    let page = station.get(FILL).await.text("main");
    assert!(page.contains("S46") && !page.contains("S09"), "only what is told for a town: {page}");
    let page = station.post_files(FILL, &YEAR, &[("file", "省表.xlsx", &sent)]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    assert!(cells(page.bytes.clone())[1][0].contains("昌图镇司法所"));
}

#[tokio::test]
async fn what_has_no_meaning_is_named_and_nothing_is_filled() {
    let county = SmallCounty::new().await;
    let mut bureau = county.clerk("基层甲").await;
    bureau.get(FILL).await;
    for (cell, why) in [
        ("{{X99}}", "没有这个指标"),
        ("{{S46.没有=1}}", "没有这个字段"),
        ("{{S46.纠纷类型=没有}}", "没有这个选项"),
        ("{{S46.邻里}}", "字段=值"),
        ("共{{S46，件", "{{S46，件：只有“{{”"),
        // Narrowing never widens, nor replaces what the figure itself asks.
        ("{{M22.风险等级=低}}", "指标本身已经限定了这个字段"),
        ("{{M06.案件来源=主动调解}}", "比率"),
        ("{{S46.纠纷类型=邻里.dispute_kind=contract}}", "只能写一次"),
        // One of its procedures calls it otherwise, or has no such value: it would silently count none.
        ("{{S47.案件来源=主动调解}}", "不是每种事项都有"),
        ("{{S47.source=proactive}}", "不是每种事项都有"),
    ] {
        let sent = workbook(&[(2, 1, "{{S46}}"), (3, 1, cell)]);
        let page = bureau.post_files(FILL, &YEAR, &[("file", "省表.xlsx", &sent)]).await;
        assert_eq!(page.status, 422, "{cell}");
        assert!(page.text(".error-summary").contains(why), "{cell}: {}", page.text(".error-summary"));
    }
    let reversed = [("from", "2024-10-26"), ("to", "2024-01-01")];
    let page = bureau.post_files(FILL, &reversed, &[("file", "省表.xlsx", &workbook(&[(2, 1, "{{S46}}")]))]).await;
    assert!(page.status == 422 && page.text("#to-e").contains("早于"), "zeros are no answer: {}", page.text("main"));
    let page = bureau.post_files(FILL, &YEAR, &[("file", "省表.xlsx", &workbook(&[]))]).await;
    assert!(page.text(".error-summary").contains("没有要填的格子"), "{}", page.text("main"));
    let page = bureau.post_files(FILL, &YEAR, &[("file", "省表.xls", b"\xd0\xcf\x11\xe0 old")]).await;
    assert!(page.text(".error-summary").contains("另存为XLSX"), "{}", page.text("main"));
    let mut mediator = county.clerk("调解员甲").await;
    assert_eq!(mediator.get(FILL).await.status, 404, "figures are not everybody's");
}
