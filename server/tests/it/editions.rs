//! Benchmarks and lists as a workbook for lawyers: out and in again without a change; a proposed edition with its day; errors at their
//! cells.

use std::io::{Cursor, Read as _};

use rust_xlsxwriter::Workbook;
use zhunsheng::app::ruling::{Ruling, embedded};
use zhunsheng::store::law_files::LawFile;
use zhunsheng_core::day::Day;

use crate::sheets::{carried, pairs, sheet};
use crate::support::{Browser, Page, SmallCounty};

const EDITION: &str = "/law/discretion/edition";
const BEGINS: [(&str, &str); 3] =
    [("from", "2025-01-01"), ("authority", "昌图县农业农村局"), ("number", "昌农发〔2024〕9号")];

type Rows = Vec<Vec<String>>;

fn workbook(benchmark: &Rows, lists: &Rows) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in [("裁量基准", benchmark), ("四张清单", lists)] {
        let page = book.add_worksheet();
        page.set_name(name).unwrap();
        for (row, cells) in (0u32..).zip(rows) {
            for (column, cell) in (0u16..).zip(cells) {
                page.write_string(row, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

async fn exported(browser: &mut Browser) -> (Vec<u8>, Rows, Rows) {
    let bytes = browser.get("/law/discretion/export").await.bytes;
    let (benchmark, lists) = (sheet(&bytes, "裁量基准"), sheet(&bytes, "四张清单"));
    (bytes, benchmark, lists)
}

async fn sent(browser: &mut Browser, bytes: &[u8], fields: &[(&str, &str)]) -> Page {
    browser.get(EDITION).await;
    browser.post_files(EDITION, fields, &[("file", "清单.xlsx", bytes)]).await
}

async fn taken(browser: &mut Browser, page: &Page, what: &str) -> Page {
    let fields = carried(page, EDITION);
    let known: Vec<(&str, &str)> = pairs(&fields);
    browser.post_files(EDITION, &[&known[..], &[("as", what)]].concat(), &[]).await
}

#[tokio::test]
async fn out_and_in_again_changes_nothing() {
    let county = SmallCounty::new().await;
    let mut lawyer = county.clerk("法审甲").await;
    let (bytes, benchmark, lists) = exported(&mut lawyer).await;
    assert!(benchmark.len() > 60 && lists.len() > 15, "{} {}", benchmark.len(), lists.len());
    for bytes in [bytes, workbook(&benchmark, &lists)] {
        let page = sent(&mut lawyer, &bytes, &BEGINS).await;
        let said = page.text("main");
        assert!(page.status == 200 && said.contains("没有变化"), "{said}");
    }
    // Without an account there is nothing to propose.
    assert_eq!(county.test.browser().get(EDITION).await.status, 303);
}

#[tokio::test]
async fn a_proposed_edition_begins_on_its_day_and_overwrites_nothing() {
    let county = SmallCounty::new().await;
    let mut lawyer = county.clerk("法审甲").await;
    let (_, mut benchmark, mut lists) = exported(&mut lawyer).await;
    let (drug, gone) = ("经营劣质农药", "农民专业合作社未建立农产品生产记录");
    let row = benchmark.iter_mut().find(|row| row[1] == drug).unwrap();
    assert_eq!(row[6..8], ["", "10000"], "the other range is a line of its own");
    assert_eq!(row[8..16], ["2000", "20000", "2000", "6500", "6500", "15500", "15500", "20000"]);
    for (at, value) in [(11, "8000"), (12, "8000"), (13, "14000"), (14, "14000")] {
        row[at] = value.to_owned();
    }
    lists.retain(|row| row[2] != gone);
    let added =
        ["农业", "从轻处罚清单", drug, "主动消除或者减轻危害后果", "", "", "全部召回；没有造成损失", "责令改正"];
    lists.push(added.map(str::to_owned).to_vec());
    let page = sent(&mut lawyer, &workbook(&benchmark, &lists), &BEGINS).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("从轻上限：6500 → 8000"), "{said}");
    assert!(said.contains("废止") && said.contains("新增") && said.contains("discretion/agriculture.toml"), "{said}");
    let zip = taken(&mut lawyer, &page, "files").await;
    let mut archive = zip::ZipArchive::new(Cursor::new(zip.bytes)).unwrap();
    let mut files: Vec<LawFile> = embedded().into_iter().map(|(path, text)| LawFile { path, text, seq: 1 }).collect();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let (name, mut text) = (entry.name().unwrap().into_owned(), String::new());
        entry.read_to_string(&mut text).unwrap();
        let Some(path) = name.strip_prefix("law/") else { continue };
        assert!(text.contains("昌农发〔2024〕9号"), "{text}");
        files.iter_mut().filter(|file| file.path == path).for_each(|file| file.text.clone_from(&text));
    }
    // What would be adopted: the day before the old, from the day on the new.
    let law = Ruling::adopted(&files).unwrap().law;
    let most = |day| {
        let (_, item) = law.discretion.find("agriculture", drug, Day::parse(day).unwrap(), Some(100_000)).unwrap();
        item.range(zhunsheng_core::discretion::Degree::Lighter).most
    };
    assert_eq!((most("2024-12-31"), most("2025-01-01")), (650_000, 800_000));
    let on = |day| {
        let day = Day::parse(day).unwrap();
        let listed = law.leniency.lists().flat_map(|lists| &lists.items).filter(move |item| item.applies(day));
        let of: Vec<&str> = listed.map(|item| item.violation.as_str()).collect();
        (of.iter().filter(|name| **name == drug).count(), of.iter().filter(|name| **name == gone).count())
    };
    assert_eq!((on("2024-12-31"), on("2025-01-01")), ((1, 1), (2, 0)));
    assert_eq!(
        zhunsheng_core::law::check_lists(
            &files.iter().map(|file| (file.path.clone(), file.text.clone())).collect::<Vec<_>>()
        )
        .unwrap()
        .iter()
        .filter(|finding| finding.explanation.contains(drug))
        .count(),
        0
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_edition_stands_at_its_cell() {
    let county = SmallCounty::new().await;
    let mut lawyer = county.clerk("法审甲").await;
    let (bytes, benchmark, lists) = exported(&mut lawyer).await;
    for (fields, why) in [
        (&[("from", "2024-01-01"), BEGINS[1], BEGINS[2]][..], "不能早于今天"),
        (&[BEGINS[0], ("authority", ""), BEGINS[2]][..], "制定机关和文号"),
        (&[("from", "明年"), BEGINS[1], BEGINS[2]][..], "施行日期"),
    ] {
        let page = sent(&mut lawyer, &bytes, fields).await;
        assert!(page.status == 422 && page.text(".error-summary").contains(why), "{why}: {}", page.text("main"));
    }
    // A gap between degrees, found by the checker; before it, what cannot be read.
    let mut gap = benchmark.clone();
    gap[3][11] = "5000".to_owned();
    let page = sent(&mut lawyer, &workbook(&gap, &lists), &BEGINS).await;
    let said = page.text("main");
    assert!(page.status == 422 && said.contains("裁量基准 第4行 违法行为") && said.contains("首尾相接"), "{said}");
    assert!(!said.contains("下载这一版"), "{said}");
    let copy = taken(&mut lawyer, &page, "marked").await;
    let rows = sheet(&copy.bytes, "裁量基准");
    assert!(rows[3].last().unwrap().contains("首尾相接"), "{:?}", rows[3]);
    let (mut odd, mut strange) = (benchmark.clone(), lists.clone());
    odd[1][8] = "五千".to_owned();
    odd[2][3] = "2020-01-01".to_owned();
    strange[1][3] = "态度好".to_owned();
    let page = sent(&mut lawyer, &workbook(&odd, &strange), &BEGINS).await;
    let said = page.text("main");
    for expected in ["第2行 法定下限", "不是整数", "第3行 自何日起", "没有从这一天起的这一条"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    // The same violation twice on one list, both without a day of their own.
    let mut twice = lists.clone();
    let mut again = lists[1].clone();
    (again[4], again[6]) = (String::new(), "别的条件".to_owned());
    twice.push(again);
    let page = sent(&mut lawyer, &workbook(&benchmark, &twice), &BEGINS).await;
    assert!(page.status == 422 && page.text("main").contains("同时适用"), "{}", page.text("main"));
}
