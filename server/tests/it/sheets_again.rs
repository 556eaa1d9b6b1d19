//! Tables that come again, come late, come in several sheets, or are taken back while they come in; and penalty cases of another system.

use rust_xlsxwriter::Workbook;
use serde_json::json;
use zhunsheng::app::backup;
use zhunsheng::app::clock::MachineClock;
use zhunsheng::app::sheet::collect;

use crate::api::Program;
use crate::sheets::{GUIDES, SEEN, carried, count, guides, pairs, sheet, upload, workbook};
use crate::support::{Browser, Folder, Page, SmallCounty};

const GUIDE: &str = "village_legal_guide";

async fn agreed(browser: &mut Browser, register: &str, page: &Page, more: &[(&str, &str)]) -> Page {
    let action = format!("{register}/import");
    let fields = carried(page, &action);
    browser.post_files(&action, &[pairs(&fields), more.to_vec()].concat(), &[]).await
}

#[tokio::test]
async fn the_same_table_is_imported_again_only_with_a_reason() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let rows = guides(3);
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&rows)).await;
    assert!(!page.text("main").contains("导入过"), "{}", page.text("main"));
    let first = agreed(&mut station, GUIDES, &page, &[]).await;
    assert_eq!(first.status, 303, "{}", first.text("main"));
    // The same rows, saved as another kind of file.
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    for (name, bytes) in [("名册.xlsx", workbook(&rows)), ("名册.csv", text.into_bytes())] {
        let page = upload(&mut station, GUIDES, &[SEEN], name, &bytes).await;
        let said = page.text("main");
        assert!(
            said.contains("同样的表已经导入过") && said.contains("2024年10月26日由昌图镇司法所所长甲导入"),
            "{said}"
        );
        let refused = agreed(&mut station, GUIDES, &page, &[]).await;
        assert_eq!(refused.status, 422, "{}", refused.text("main"));
        assert!(refused.text("main").contains("请写明理由"), "{}", refused.text("main"));
    }
    assert_eq!(count(&mut station, GUIDE).await, "3", "nothing was doubled");
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&rows)).await;
    let again = agreed(&mut station, GUIDES, &page, &[("again", "同名同号，确是另外三人")]).await;
    assert_eq!(again.status, 303, "{}", again.text("main"));
    assert!(station.get(again.location()).await.text("main").contains("确是另外三人"), "the reason stands in the act");
    // What was undone does not count.
    for import in [first.location(), again.location()] {
        assert_eq!(station.post(&format!("{import}/undo"), &[("reason", "重来")]).await.status, 303);
    }
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&rows)).await;
    assert!(!page.text("main").contains("导入过"), "{}", page.text("main"));
}

#[tokio::test]
async fn of_several_sheets_one_is_chosen() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let mut book = Workbook::new();
    for (name, number) in [("老名册", 2), ("新名册", 4)] {
        let table = book.add_worksheet();
        table.set_name(name).unwrap();
        for (row, cells) in (0u32..).zip(guides(number)) {
            for (column, cell) in (0u16..).zip(cells) {
                table.write_string(row, column, cell).unwrap();
            }
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &bytes).await;
    let said = page.text("main");
    assert!(said.contains("老名册") && said.contains("新名册") && !said.contains("新登记"), "asked first: {said}");
    let token = page.attribute("input[name=sheet]", "value").unwrap();
    let page = station.post_files(GUIDES, &[("sheet", &token), ("tab", "新名册")], &[]).await;
    assert!(page.text("main").contains("新登记 4 件"), "{}", page.text("main"));
    let done = agreed(&mut station, GUIDES, &page, &[]).await;
    assert_eq!(done.status, 303, "{}", done.text("main"));
    assert_eq!(count(&mut station, GUIDE).await, "4");
    // The other sheet of the same file is another table; the same one is not.
    for (tab, before) in [("老名册", false), ("新名册", true)] {
        let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &bytes).await;
        let token = page.attribute("input[name=sheet]", "value").unwrap();
        let page = station.post_files(GUIDES, &[("sheet", &token), ("tab", tab)], &[]).await;
        assert_eq!(page.text("main").contains("导入过"), before, "{tab}: {}", page.text("main"));
    }
}

#[tokio::test]
async fn an_import_is_not_told_by_programs_and_none_goes_on_once_it_is_undone() {
    let county = SmallCounty::new().await;
    let mut station = county.clerk("所长甲").await;
    let page = upload(&mut station, GUIDES, &[SEEN], "名册.xlsx", &workbook(&guides(2))).await;
    let done = agreed(&mut station, GUIDES, &page, &[]).await;
    let id = done.location().rsplit('/').next().unwrap().to_owned();
    let program = Program::of(&county, "所长甲").await;
    let undo = json!({ "fields": { "undo_reason": "说说而已" } });
    let (status, said) = program.post(&format!("/api/v1/matters/{id}/steps/undo"), "undo-0001", undo).await;
    assert_eq!(status, 404, "{said}");
    let begin = json!({ "fields": { "register": GUIDE, "register_title": "x", "rows": "1", "file_digest": "x", "rows_digest": "x" } });
    let (status, said) = program.post("/api/v1/matters/sheet_import", "begin-0001", begin).await;
    assert_eq!(status, 404, "{said}");
    let close = json!({ "fields": { "units_in_time": "9" } });
    let issue = format!("{GUIDES}/collect");
    station.get(&issue).await;
    let fields = [("name", "收"), ("due", "2024-11-15"), ("unit", "211224100201-tw")];
    let collection = station.post(&issue, &fields).await.location().rsplit('/').next().unwrap().to_owned();
    let (status, said) = program.post(&format!("/api/v1/matters/{collection}/steps/close"), "close-001", close).await;
    assert_eq!(status, 404, "{said}");
    // Undone: going on with it enters nothing.
    assert_eq!(station.post(&format!("/imports/{id}/undo"), &[("reason", "用错了表")]).await.status, 303);
    assert_eq!(station.post(&format!("/imports/{id}/continue"), &[]).await.status, 303);
    let shown = station.get(&format!("/imports/{id}")).await.text("main");
    assert!(shown.contains("已撤销") && shown.contains("登记的事项（2）"), "{shown}");
    let record = station.get(&format!("/matters/{id}")).await.text("main");
    assert!(record.contains("撤销导入") && record.contains("撤销完毕"), "{record}");
}

#[tokio::test]
async fn what_comes_late_is_marked_kept_in_backups_and_removed_in_the_end() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    let mut station = county.clerk("所长甲").await;
    let issue = format!("{GUIDES}/collect");
    station.get(&issue).await;
    let units = ["211224100201-tw", "211224100-zf", "211224-nyj"].map(|unit| ("unit", unit));
    let fields = [&[("name", "名册"), ("due", "2024-10-27")][..], &units].concat();
    let collection = station.post(&issue, &fields).await.location().to_owned();
    let links = station.get(&collection).await.attributes("table a", "href");
    let hand_in = async |link: &str, count: usize| {
        let mut unit = county.test.browser();
        let shown = unit.get(link).await.text("main");
        let page = unit.post_files(link, &[SEEN], &[("file", "村.xlsx", &workbook(&guides(count)))]).await;
        assert!(page.text("main").contains("已经收到"), "{}", page.text("main"));
        shown
    };
    hand_in(&links[0], 2).await;
    app.advance_demo_to(jiff::civil::date(2024, 10, 29)).await.unwrap();
    let shown = hand_in(&links[1], 3).await;
    assert!(shown.contains("会注明迟交"), "{shown}");
    let said = station.get(&collection).await.text("main");
    assert!(said.contains("期限已过") && said.contains("2024年10月29日"), "{said}");
    assert_eq!(said.matches("迟交").count(), 3, "one unit, the figure and the words to paste: {said}");
    // A backup has what came.
    let away = Folder::new();
    let zip = away.path().join("backup.zip");
    let data = app.config.data_dir.clone();
    let home = zhunsheng::store::Home {
        data: data.clone(),
        database: app.config.database.clone(),
        county: Some(app.county_code.clone()),
    };
    crate::audit::aside(|| backup::write(&home, &zip, "一句不短的口令短语", &MachineClock::System).unwrap());
    let back = away.path().join("back");
    crate::audit::aside(|| backup::restore(&zip, "一句不短的口令短语", &(&back).into()).unwrap());
    let id = collection.rsplit('/').next().unwrap();
    let came = |data: &std::path::Path| std::fs::read_dir(data.join("collected").join(id)).map_or(0, Iterator::count);
    assert_eq!((came(&data), came(&back)), (2, 2));
    // Closed: who was in time, late or missing stands in the record; thirty days later what came is gone.
    assert_eq!(station.post(&format!("{collection}/close"), &[]).await.status, 303);
    let record = station.get(&collection.replace("/collections/", "/matters/")).await.text("main");
    assert!(record.contains("按期交表的单位") && record.contains("迟交的单位"), "{record}");
    assert_eq!(collect::sweep(app).await.unwrap(), 0, "not at once");
    app.advance_demo_to(jiff::civil::date(2024, 11, 29)).await.unwrap();
    assert_eq!(collect::sweep(app).await.unwrap(), 1);
    assert_eq!(came(&data), 0);
}

const SYSTEM: (&str, &str) = ("system", "省行政执法平台");
const PENALTIES: &str = "/sheets/penalty";

/// An export of the province: penalty cases, with the province's own names and words. `old` names a column as it was once called.
fn cases(changed: usize, old: bool) -> Vec<u8> {
    let clue = if old { "线索描述" } else { "案源情况" };
    let mut text = format!(
        "案件编号,立案单位,发现途径,{clue},发现时间,违法行为名称,所在乡镇,主体类型,主体名称,信用代码,负责人,住所,录入时间,处罚决定日期\n"
    );
    for n in 0..200 {
        let note = if n < changed { format!("第{n}件，补充") } else { format!("第{n}件") };
        text.push_str(&format!(
            "LNZF{n:06},县农业农村局,日常巡查,{note},2024/9/{},不执行农药销售台账制度,昌图镇,个体户,某农资商店{n},,邹{n},昌图镇东街{n}号,2024/9/{} 10:00,\n",
            n % 20 + 1,
            n % 20 + 3
        ));
    }
    text.into_bytes()
}

async fn mapped(clerk: &mut Browser, bytes: &[u8]) -> Page {
    let page = upload(clerk, PENALTIES, &[SEEN, SYSTEM], "导出.csv", bytes).await;
    assert!(page.text("h1").contains("列的对应关系"), "{}", page.text("main"));
    let token = page.attribute("input[name=sheet]", "value").unwrap();
    let mut fields = vec![
        ("sheet", token.as_str()),
        SYSTEM,
        ("mapped", "1"),
        ("key", "案件编号"),
        ("c.f.secrecy", "none"),
        ("c.f.domain", "agriculture"),
        ("c.f.power_basis", "statutory"),
        ("m.f.source", "发现途径"),
        ("m.f.source_note", "线索描述"),
        ("m.f.discovered_on", "发现时间"),
        ("m.f.place", "所在乡镇"),
        ("m.f.violation", "违法行为名称"),
        ("m.day", "录入时间"),
        ("m.party.0.kind", "主体类型"),
        ("m.party.0.name", "主体名称"),
        ("m.party.0.uscc", "信用代码"),
        ("m.party.0.representative", "负责人"),
        ("m.party.0.address", "住所"),
    ];
    let page = clerk.post(PENALTIES, &fields).await;
    let said = page.text("main");
    assert!(said.contains("“日常巡查”") && said.contains("“个体户”"), "unknown words are asked for: {said}");
    assert!(said.contains("立案单位”“处罚决定日期”没有对应"), "columns that nothing takes are named: {said}");
    let asked = page.attributes("input[type=hidden][name^='s.']", "name");
    let said: Vec<(String, String)> = asked
        .iter()
        .map(|name| (name.clone(), page.attribute(&format!("input[name='{name}']"), "value").unwrap()))
        .collect();
    let meant: Vec<(String, &str)> = said
        .iter()
        .map(|(name, word)| {
            (name.replacen("s.", "v.", 1), if word == "个体户" { "sole_trader" } else { "daily_inspection" })
        })
        .collect();
    fields.push(("words", "1"));
    fields.extend(said.iter().map(|(name, word)| (name.as_str(), word.as_str())));
    fields.extend(meant.iter().map(|(name, word)| (name.as_str(), *word)));
    clerk.post(PENALTIES, &fields).await
}

#[tokio::test]
async fn penalty_cases_of_the_province_are_imported_again_and_reconciled_and_go_back_without_typing() {
    let county = SmallCounty::new().await;
    let mut clerk = county.clerk("内勤甲").await;
    let page = mapped(&mut clerk, &cases(0, true)).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("新登记 200 件"), "{said}");
    let done = agreed(&mut clerk, PENALTIES, &page, &[]).await;
    assert_eq!(done.status, 303, "{}", done.text("main"));
    let total = async |clerk: &mut Browser| clerk.get("/matters?procedure=penalty").await.text(".toolbar strong");
    assert_eq!(total(&mut clerk).await, "200");

    // The province has renamed a column since: it is named, and nothing is dropped unseen.
    let page = upload(&mut clerk, PENALTIES, &[SEEN, SYSTEM], "导出2.csv", &cases(15, false)).await;
    let said = page.text(".error-summary");
    assert!(page.status == 422 && said.contains("“线索描述”（") && said.contains("没有这些列"), "{said}");
    let fields: Vec<(String, String)> = page
        .attributes("form[action='/sheets/penalty'] select", "name")
        .into_iter()
        .map(|name| {
            let chosen = format!("select[name='{name}'] option[selected]");
            let value = page.attribute(&chosen, "value").unwrap_or_else(|| page.text(&chosen));
            (name, value)
        })
        .filter(|(name, value)| !value.is_empty() && name != "m.f.source_note")
        .collect();
    let token = page.attribute("input[name=sheet]", "value").unwrap();
    let known = [("sheet", token.as_str()), SYSTEM, ("mapped", "1"), ("m.f.source_note", "案源情况")];
    let page = clerk.post(PENALTIES, &[&known[..], &pairs(&fields)].concat()).await;
    let mut more = vec![("words".to_owned(), "1".to_owned())];
    for name in page.attributes("input[type=hidden][name^='s.']", "name") {
        let word = page.attribute(&format!("input[name='{name}']"), "value").unwrap();
        more.push((
            name.replacen("s.", "v.", 1),
            if word == "个体户" { "sole_trader" } else { "daily_inspection" }.to_owned(),
        ));
        more.push((name, word));
    }
    let page = clerk.post(PENALTIES, &[&known[..], &pairs(&fields), &pairs(&more)].concat()).await;
    let said = page.text("main");
    assert!(page.status == 200 && said.contains("确认后，更正 15 件"), "{said}");
    let done = agreed(&mut clerk, PENALTIES, &page, &[]).await;
    assert_eq!(done.status, 303, "{}", done.text("main"));
    assert_eq!(total(&mut clerk).await, "200", "no duplicate");
    // Reconciled: the same; then without the last ten.
    let page = upload(&mut clerk, PENALTIES, &[SEEN, SYSTEM], "导出2.csv", &cases(15, false)).await;
    assert!(page.text("main").contains("完全一致"), "{}", page.text("main"));
    let text = String::from_utf8(cases(15, false)).unwrap();
    let fewer: String = text.lines().take(191).map(|line| format!("{line}\n")).collect();
    let page = upload(&mut clerk, PENALTIES, &[SEEN, SYSTEM], "导出3.csv", fewer.as_bytes()).await;
    let said = page.text("main");
    assert!(said.contains("10只在这里") || said.contains("10 只在这里"), "{said}");

    // The slip for that system, in its order and words.
    let matter = clerk.get("/matters?procedure=penalty").await;
    let path = matter.attribute("main a[href^='/matters/0']", "href");
    let path = path.unwrap_or_else(|| panic!("{}", matter.text("main")));
    let page = clerk.get(&format!("{path}/slip")).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let headers = page.attributes("table td input", "value");
    assert!(headers.contains(&"日常巡查".to_owned()) && headers.contains(&"个体户".to_owned()), "{headers:?}");
    assert!(headers.contains(&"不执行农药销售台账制度".to_owned()), "{headers:?}");
    assert!(
        page.text("main").contains("立案单位") && page.text("main").contains("处罚决定日期"),
        "{}",
        page.text("main")
    );
    assert!(
        !headers.iter().any(|value| value.starts_with('邹')
            && value.chars().count() > 1
            && !value.contains('*')
            && !value.contains('某')),
        "a name is masked: {headers:?}"
    );
    let page = clerk.post(&format!("{path}/slip"), &[SYSTEM, ("reason", "")]).await;
    assert_eq!(page.status, 422);
    let page = clerk.post(&format!("{path}/slip"), &[SYSTEM, ("reason", "填报省平台"), ("as", "workbook")]).await;
    let cells = sheet(&page.bytes, "Sheet1");
    let at = |title: &str| cells[0].iter().position(|head| head == title).unwrap();
    assert!(cells[1][at("案件编号")].starts_with("LNZF"), "{cells:?}");
    assert!(cells[1][at("负责人")].starts_with('邹'), "{cells:?}");
    assert_eq!(cells[1][at("发现途径")], "日常巡查");
    let record = clerk.get(&path).await.text("main");
    assert!(record.contains("填报省行政执法平台：填报省平台"), "looking is recorded: {record}");
}

#[tokio::test]
async fn people_named_twice_are_shown_and_not_refused() {
    let county = SmallCounty::new().await;
    let mut admin = county.clerk("管理员").await;
    let rows: Vec<Vec<String>> =
        ["*姓名", "新来甲", "队员甲", "新来甲", "新来乙"].map(|name| vec![name.to_owned()]).to_vec();
    let page = upload(&mut admin, "/sheets/person", &[SEEN], "人员.xlsx", &workbook(&rows)).await;
    let main = page.text("main");
    assert!(page.status == 200 && main.contains("第4行：与第2行同名"), "{} {main}", page.status);
    assert!(main.contains("第3行：名册里已有同名的人") && !main.contains("第2行："), "{main}");
    assert!(main.contains("新登记 4 件"), "two may bear one name: {main}");
    let fields = carried(&page, "/sheets/person/marked");
    let copy = admin.post("/sheets/person/marked", &pairs(&fields)).await;
    let marked = sheet(&copy.bytes, "填报");
    assert!(marked[3].iter().any(|cell| cell.contains("与第2行同名")), "{marked:?}");
    assert!(marked[2].iter().any(|cell| cell.contains("名册里已有同名的人")), "{marked:?}");
    assert!(!marked[1].iter().any(|cell| cell.contains("同名")), "{marked:?}");
    let page = upload(&mut admin, "/sheets/person", &[SEEN], "人员.pdf", b"%PDF-1.4\n").await;
    assert!(page.text(".error-summary").contains("另存为XLSX"), "{}", page.text("main"));
}
