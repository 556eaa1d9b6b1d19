//! Tables in and out through their pages: a template is filled, checked without writing, imported once, undone; an export of another
//! system is mapped once, imported again with changes and reconciled.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use rust_xlsxwriter::{Format, Workbook};

use crate::casework::take;
use crate::support::{Browser, Page, SmallCounty};

pub const GUIDES: &str = "/sheets/village_legal_guide";
pub const SEEN: (&str, &str) = ("no_secret", "1");

/// The cells of a sheet, row by row.
pub fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(name).unwrap();
    let text = |cell: &Data| cell.to_string();
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

pub fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("填报").unwrap();
    for (row, cells) in (0u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

pub fn guides(count: usize) -> Vec<Vec<String>> {
    let mut rows =
        vec![["*所在村（社区）", "*姓名", "*性别", "*人员类别", "*产生方式", "联系电话"].map(str::to_owned).to_vec()];
    for n in 0..count {
        let phone = format!("1390000{n:04}");
        rows.push(
            ["昌图镇柳树村", &format!("明白{n}"), "女", "网格员", "村民自荐", &phone].map(str::to_owned).to_vec(),
        );
    }
    rows
}

pub async fn upload(browser: &mut Browser, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Page {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text("main"));
    browser.post_files(path, fields, &[("file", name, bytes)]).await
}

/// The hidden fields of a form, by the place that it goes to.
pub fn carried(page: &Page, action: &str) -> Vec<(String, String)> {
    let form = format!("form[action='{action}']");
    let names = page.attributes(&format!("{form} input[type=hidden]"), "name");
    let values = page.attributes(&format!("{form} input[type=hidden]"), "value");
    let mut fields: Vec<(String, String)> =
        names.into_iter().zip(values).filter(|(name, _)| name != "_token").collect();
    let mapping = page.text(&format!("{form} textarea[name=mapping]"));
    if !mapping.is_empty() {
        fields.push(("mapping".to_owned(), mapping));
    }
    fields
}

pub fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

pub async fn count(browser: &mut Browser, procedure: &str) -> String {
    browser.get(&format!("/registers?procedure={procedure}")).await.text(".toolbar strong")
}

#[tokio::test]
async fn the_template_asks_what_the_form_asks() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let page = station.get(&format!("{GUIDES}/template")).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let head = sheet(&page.bytes, "填报");
    let titles = ["*所在村（社区）", "*姓名", "*性别", "*人员类别", "*产生方式", "联系电话", "理由"];
    assert_eq!(head[0], titles);
    let meta = sheet(&page.bytes, "_准绳");
    assert_eq!(meta[0], ["procedure", "village_legal_guide"]);
    let choices = sheet(&page.bytes, "_选项");
    assert!(choices.iter().any(|row| row[0] == "昌图镇柳树村"), "places carry their town: {choices:?}");
    let explained = sheet(&page.bytes, "填表说明");
    assert!(explained.iter().flatten().any(|cell| cell.contains("必填；从下拉选项里选一个")), "{explained:?}");
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(page.bytes)).unwrap();
    let drop_downs = book.worksheet_range("填报").is_ok();
    assert!(drop_downs);
    // Who may not open an entry neither imports nor has the template; a register with a document has none.
    let mut farming = county.clerk("内勤甲").await;
    for path in [GUIDES.to_owned(), format!("{GUIDES}/template")] {
        assert_eq!(farming.get(&path).await.status, 403, "{path}");
    }
    let page = station.get("/sheets/law_activity").await;
    assert!(page.text("main").contains("登记时要附上“现场照片”"), "{}", page.text("main"));
    for path in ["/sheets/sheet_import", "/sheets/credit_report", "/matters/new/sheet_import"] {
        assert_eq!(station.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn twenty_five_guides_with_three_errors() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let mut rows = guides(25);
    rows[3][5] = "1.39E+10".to_owned();
    rows[10][3] = "校长".to_owned();
    rows[20][1] = String::new();
    let page = station.get(GUIDES).await;
    assert_eq!(page.status, 200);
    let page = station.post_files(GUIDES, &[], &[("file", "名册.xlsx", &workbook(&rows))]).await;
    assert!(page.status == 422 && page.text(".error-summary").contains("没有国家秘密"), "{}", page.text("main"));
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&rows)).await;
    let said = page.text("main");
    assert_eq!(page.status, 422, "{said}");
    for expected in ["3 行有错误", "第4行", "科学计数", "第11行", "“校长”不在可选的范围里", "第21行", "姓名"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("确认导入"), "nothing is offered while something is wrong: {said}");
    assert_eq!(count(&mut station, "village_legal_guide").await, "0", "trying writes nothing");
    // The marked copy: the same rows, each error in words behind its row.
    let fields = carried(&page, "/sheets/village_legal_guide/marked");
    let marked = station.post("/sheets/village_legal_guide/marked", &pairs(&fields)).await;
    assert_eq!(marked.status, 200, "{}", marked.text("main"));
    let mut copy = sheet(&marked.bytes, "填报");
    assert_eq!(copy.len(), 26);
    let last = copy[0].len() - 1;
    let noted: Vec<usize> = (1..26).filter(|row| !copy[*row][last].is_empty()).collect();
    assert_eq!(noted, [3, 10, 20]);
    assert!(copy[10][last].contains("人员类别：“校长”不在可选的范围里"), "{:?}", copy[10]);
    // Put right in the marked copy itself, which is read again without its last column.
    copy[3][5] = "13900000099".to_owned();
    copy[10][3] = "村民小组长".to_owned();
    copy[20][1] = "补填".to_owned();
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&copy)).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("新登记 25 件"), "{said}");
    assert_eq!(count(&mut station, "village_legal_guide").await, "0");
    let action = "/sheets/village_legal_guide/import";
    let fields = carried(&page, action);
    let first = station.post(action, &pairs(&fields)).await;
    assert_eq!(first.status, 303, "{}", first.text("main"));
    let again = station.post(action, &pairs(&fields)).await;
    assert_eq!(again.location(), first.location(), "pressing twice imports once");
    assert_eq!(count(&mut station, "village_legal_guide").await, "25");
    let shown = station.get(first.location()).await.text("main");
    assert!(shown.contains("已导入") && shown.contains("登记的事项（25）"), "{shown}");
    // The file is no ordinary document: it names people.
    let matter = station.get(&first.location().replace("/imports/", "/matters/")).await;
    for file in matter.attributes("a[href^='/evidence/']", "href") {
        assert_eq!(station.get(&file).await.status, 404, "{file}");
    }

    // One of them was trained since: it stays, and the act says so.
    let entry = station.get(first.location()).await.attribute("main ul a[href^='/matters/']", "href").unwrap();
    let trained = [("f.training_title", "初任培训"), ("f.training_hours", "8")];
    take(&mut station, &format!("{entry}/steps/train"), &trained).await;
    let undo = format!("{}/undo", first.location());
    let page = station.post(&undo, &[("reason", "")]).await;
    assert!(page.status == 422 && page.text(".error-summary").contains("原因"), "{}", page.text("main"));
    assert_eq!(station.post(&undo, &[("reason", "表用错了")]).await.status, 303);
    let shown = station.get(first.location()).await.text("main");
    assert!(shown.contains("已撤销") && shown.contains("此后已经办理“登记培训”"), "{shown}");
    assert!(shown.contains("24已作废") || shown.contains("24 已作废"), "{shown}");
    assert_eq!(station.post(&undo, &[("reason", "再撤销")]).await.status, 303, "twice does nothing");
    let record = station.get(&first.location().replace("/imports/", "/matters/")).await.text("main");
    assert!(record.contains("撤销导入") && record.contains("表用错了"), "{record}");
}

#[tokio::test]
async fn what_excel_spoils_is_named() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let mut book = Workbook::new();
    let table = book.add_worksheet();
    for (column, title) in (0u16..).zip(&guides(0)[0]) {
        table.write_string(0, column, title).unwrap();
    }
    for (row, name) in [(1, "甲"), (2, "乙"), (3, "丙")] {
        for (column, cell) in (0u16..).zip(["柳树村", name, "女", "网格员", "村民自荐"]) {
            table.write_string(row, column, cell).unwrap();
        }
    }
    table.write_formula(1, 5, "=1+1").unwrap();
    table.write_number(2, 5, 2.112_241_990_010_112e17).unwrap();
    table.merge_range(3, 2, 3, 3, "女", &Format::new()).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let said = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &bytes).await.text("main");
    for expected in ["第2行", "公式", "第3行", "科学计数", "第4行", "合并"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    for (name, bytes, why) in [
        ("a.xlsx", &b"PK\x03\x04 broken"[..], "不是完整的XLSX"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版Excel"),
        ("a.csv", "姓名,性别\n甲,女\n".as_bytes(), "没有“所在村（社区）”“人员类别”“产生方式”这些列"),
        ("a.csv", "所在村（社区）,姓名,性别,人员类别,产生方式,住址\n1,2,3,4,5,6\n".as_bytes(), "认不出“住址”这些列"),
    ] {
        let page = upload(&mut station, GUIDES, &[SEEN], name, bytes).await;
        let said = page.text(".error-summary");
        assert!(page.status == 422 && said.contains(why), "{why}: {said}");
    }
    assert_eq!(count(&mut station, "village_legal_guide").await, "0");
}

const SYSTEM: (&str, &str) = ("system", "省人民调解平台");
const MEDIATIONS: &str = "/sheets/mediation";

/// An export of the province: other names of columns, other words, GB18030.
pub fn exported(changed: bool) -> Vec<u8> {
    let mut text =
        "全省人民调解案件导出,,,,,,,\n案件编号,申请方,申请方手机,被申请方,纠纷类别,受理来源,案情概述,诉求,登记时间\n"
            .to_owned();
    for n in 0..200 {
        let kind = if n % 2 == 0 { "邻里纠纷" } else { "合同" };
        let more = if n == 100 { "，扬言砍人" } else { "" };
        let what = if changed && n < 15 { format!("第{n}件，补充情况") } else { format!("第{n}件{more}") };
        text.push_str(&format!(
            "LN2024{n:05},甲{n},1380000{n:04},乙{n},{kind},当事人申请,{what},赔偿,2024/9/{} 09:30\n",
            n % 28 + 1
        ));
    }
    encoding_rs::GB18030.encode(&text).0.into_owned()
}

async fn imported(browser: &mut Browser, page: &Page) -> String {
    let action = format!("{MEDIATIONS}/import");
    let done = browser.post_files(&action, &pairs(&carried(page, &action)), &[]).await;
    assert_eq!(done.status, 303, "{}", done.text("main"));
    done.location().to_owned()
}

#[tokio::test]
async fn an_export_of_the_province_is_imported_again_and_reconciled() {
    let county = SmallCounty::new().await;
    let mut head = county.clerk("主任甲").await;
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出.csv", &exported(false)).await;
    assert!(page.text("h1").contains("列的对应关系"), "{}", page.text("main"));
    let token = page.attribute("input[name=sheet]", "value").unwrap();
    let committee = page.attribute("select[name='c.f.committee'] option[selected]", "value").unwrap_or_default();
    let mut fields = vec![
        ("sheet", token.as_str()),
        SYSTEM,
        ("mapped", "1"),
        ("key", "案件编号"),
        ("c.f.committee", if committee.is_empty() { "211224100201-tw" } else { committee.as_str() }),
        ("c.f.place", "211224100201"),
        ("m.f.dispute_kind", "纠纷类别"),
        ("m.f.source", "受理来源"),
        ("m.f.summary", "案情概述"),
        ("m.f.request", "诉求"),
        ("m.day", "登记时间"),
        ("m.party.0.name", "申请方"),
        ("m.party.0.phone", "申请方手机"),
        ("m.party.1.name", "被申请方"),
    ];
    let page = head.post(MEDIATIONS, &fields).await;
    let said = page.text("main");
    assert!(said.contains("纠纷类型：“邻里纠纷”"), "an unknown word is asked for: {said}");
    fields.extend([("words", "1"), ("s.f.dispute_kind.1", "邻里纠纷"), ("v.f.dispute_kind.1", "neighbour")]);
    let page = head.post(MEDIATIONS, &fields).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("新登记 200 件"), "{said}");
    let import = imported(&mut head, &page).await;
    let shown = head.get(&import).await.text("main");
    assert!(shown.contains("登记的事项（200）") && shown.contains("省人民调解平台"), "{shown}");

    let warned = head.get("/desk").await.attributes("[data-danger] td.main a", "href");
    assert_eq!(warned.len(), 1, "the one whose words sound dangerous");
    let dated = head.get("/matters?procedure=mediation&from=2024-09-05&to=2024-09-05").await.text(".toolbar strong");
    assert_eq!(dated, "7", "entered on the day on which the province entered it");

    // The same file again: nothing to do. The mapping is remembered, words included.
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出.csv", &exported(false)).await;
    let said = page.text("main");
    assert!(said.contains("完全一致"), "{said}");
    // With 15 changes: corrections, no second matter.
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出2.csv", &exported(true)).await;
    let said = page.text("main");
    assert!(said.contains("确认后，更正 15 件"), "{said}");
    assert!(said.contains("LN202400003") && said.contains("第3件，补充情况"), "field by field: {said}");
    let second = imported(&mut head, &page).await;
    assert_ne!(second, import);
    let total = head.get("/matters?procedure=mediation").await.text(".toolbar strong");
    assert_eq!(total, "200", "no duplicate");
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出2.csv", &exported(true)).await;
    assert!(page.text("main").contains("完全一致"), "{}", page.text("main"));
    // What the province no longer names is only here.
    let bytes = exported(true);
    let (text, ..) = encoding_rs::GB18030.decode(&bytes);
    let fewer: String = text.lines().take(190).map(|line| format!("{line}\n")).collect();
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出3.csv", fewer.as_bytes()).await;
    let said = page.text("main");
    assert!(said.contains("12只在这里") || said.contains("12 只在这里"), "{said}");
    assert!(said.contains("LN202400199"), "{said}");
    // A number that stands twice in a file is said.
    let doubled = format!("{fewer}LN202400001,甲,13800000000,乙,合同,当事人申请,重复,赔偿,2024/9/1\n");
    let page = upload(&mut head, MEDIATIONS, &[SEEN, SYSTEM], "导出4.csv", doubled.as_bytes()).await;
    assert!(page.text("main").contains("是同一个编号"), "{}", page.text("main"));
}

#[tokio::test]
async fn a_row_is_refused_as_its_form_would_be() {
    let county = SmallCounty::new().await;
    let mut head = county.clerk("主任甲").await;
    let (name, text) = (
        "表.csv",
        "调解组织,纠纷类型,案件来源,纠纷简要情况,申请人类别,申请人姓名（名称）,申请人联系电话,被申请人类别,被申请人姓名（名称）\n",
    );
    let row = |committee: &str| format!("{text}{committee},邻里,当事人申请,争地,自然人,甲,13900000000,自然人,乙\n");
    let own = upload(&mut head, MEDIATIONS, &[SEEN], name, row("211224100201-tw").as_bytes()).await;
    assert_eq!(own.status, 200, "{}", own.text("main"));
    let page = upload(&mut head, MEDIATIONS, &[SEEN], name, row("昌图县司法局").as_bytes()).await;
    assert_eq!(page.status, 422, "another organ's entries are refused: {}", page.text("main"));
    // Somebody else's checked table is nobody's.
    let mut other = county.clerk("所长甲").await;
    other.get("/sheets").await;
    let action = format!("{MEDIATIONS}/import");
    let stolen = other.post(&action, &pairs(&carried(&own, &action))).await;
    assert!(stolen.status == 422 && stolen.text("main").contains("请选择要导入的文件"), "{}", stolen.text("main"));
}

const TITLE: (&str, &str) = ("name", "2024年法律明白人名册");
const DUE: (&str, &str) = ("due", "2024-11-15");

#[tokio::test]
async fn tables_are_collected_without_accounts() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let issue = format!("{GUIDES}/collect");
    station.get(&issue).await;
    let page = station.post(&issue, &[TITLE, DUE]).await;
    assert!(page.status == 422 && page.text(".error-summary").contains("请选择交表的单位"), "{}", page.text("main"));
    let units = ["211224100201-tw", "211224100-zf", "211224-nyj"];
    let fields = [&[TITLE, DUE][..], &units.map(|unit| ("unit", unit))].concat();
    let page = station.post(&issue, &fields).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let collection = page.location().to_owned();
    let page = station.get(&collection).await;
    let links = page.attributes("table a", "href");
    assert_eq!(links.len(), 3);
    let said = page.text("main");
    assert!(
        said.contains("还没有交的：") && said.contains("昌图镇人民政府") && said.contains("2024年11月15日"),
        "{said}"
    );

    // A village hands its table in: no account, only its link; another unit's link is not to be guessed from it.
    let mut village = county.test.browser();
    let page = village.get(&links[0]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let guessed = links[0].replace("211224100201-tw", "211224100-zf");
    assert_eq!(village.get(&guessed).await.status, 404);
    assert_eq!(village.get(&collection).await.status, 303, "what came is not theirs to see");
    let template = village.get(&format!("{}/template", links[0])).await;
    assert_eq!(sheet(&template.bytes, "填报")[0][1], "*姓名");
    village.get(&links[0]).await;
    let page = village.post_files(&links[0], &[], &[("file", "村.xlsx", &workbook(&guides(3)))]).await;
    assert!(page.status == 422 && page.text("main").contains("没有国家秘密"), "{}", page.text("main"));
    for count in [3, 5] {
        let page = village.post_files(&links[0], &[SEEN], &[("file", "村.xlsx", &workbook(&guides(count)))]).await;
        assert!(page.status == 200 && page.text("main").contains("已经收到"), "{}", page.text("main"));
    }
    // Another sends what is no table; a third nothing.
    let mut town = county.test.browser();
    town.get(&links[1]).await;
    assert_eq!(town.post_files(&links[1], &[SEEN], &[("file", "镇.xlsx", b"PK\x03\x04 broken")]).await.status, 200);
    let page = station.get(&collection).await;
    let said = page.text("main");
    assert!(said.contains("合并核对（5 行）"), "the newest file counts: {said}");
    assert!(said.contains("昌图镇人民政府交来的表需要改：文件不是完整的XLSX"), "{said}");
    assert!(said.contains("还没有交的：昌图县农业农村局。"), "{said}");
    let page = station.post(&format!("{collection}/merge"), &[]).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("新登记 5 件"), "{said}");
    let action = "/sheets/village_legal_guide/import";
    assert_eq!(station.post(action, &pairs(&carried(&page, action))).await.status, 303);
    assert_eq!(count(&mut station, "village_legal_guide").await, "5");
    assert_eq!(station.post(&format!("{collection}/close"), &[]).await.status, 303);
    let page = village.get(&links[0]).await;
    assert!(page.text("main").contains("收表已经结束"), "{}", page.text("main"));
    let page = village.post_files(&links[0], &[SEEN], &[("file", "村.xlsx", &workbook(&guides(1)))]).await;
    assert_eq!(page.status, 422);
}
