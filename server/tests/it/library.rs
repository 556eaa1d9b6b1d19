//! The library of statutes: imported by the command from Markdown, text and DOCX, whole or not at all; read, searched
//! and compared on pages; cited by other pages; the change of a statute followed to what rests on it.
//!
//! The texts are invented; only their names are real, so that the list of statutes knows them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use zhunsheng::app::library::import::{Imported, Rejected, prepare, put};
use zhunsheng::app::limit::Rules;
use zhunsheng::app::ruling::embedded;
use zhunsheng::config::Config;
use zhunsheng::store::Db;
use zhunsheng::web::router::routes;
use zhunsheng_core::basis::chinese_number;
use zhunsheng_core::statute::Statutes;

use crate::support::{Browser, Folder, SmallCounty, TestApp, home, variable};

const RECONSIDERATION: &str = "/law/statutes/%E8%A1%8C%E6%94%BF%E5%A4%8D%E8%AE%AE%E6%B3%95";

/// A statute of so many articles, one sentence each, with some of them in other words.
fn text(title: &str, articles: u16, others: &[(u16, &str)]) -> String {
    let mut text = format!("# {title}\n\n2017年1月1日 某会议通过\n\n<!-- INFO END -->\n\n## 第一章 总　则\n\n");
    for number in 1..=articles {
        let words = others.iter().find(|(other, _)| *other == number).map(|(_, words)| (*words).to_owned());
        // Each article has words of its own, so that it is known again under another number.
        let own = char::from_u32(0x5000 + u32::from(number) * 7).unwrap();
        let words = words.unwrap_or_else(|| format!("本条规定{own}{own}事项，由{own}机关办理。"));
        text.push_str(&format!("第{}条 {words}\n\n", chinese_number(number)));
    }
    text
}

fn known() -> Statutes {
    let text = embedded().into_iter().find(|(path, _)| path == "statutes.toml").unwrap().1;
    Statutes::parse("statutes.toml", &text).unwrap()
}

fn before() -> String {
    text("中华人民共和国行政复议法", 43, &[(9, "申请人可以自知道该行为之日起六十日内提出申请。")])
}

fn after() -> String {
    let (nine, twenty) = ("全新的第九条：表彰和奖励。", "申请人可以自知道或者应当知道该行为之日起六十日内提出申请。");
    let thirty = "逾期不改正的，处五万元以上十万元以下的罚款，对直接负责的主管人员可以处违法所得一倍以下的罚款；并依法处以罚款。";
    text("中华人民共和国行政复议法", 90, &[(9, nine), (20, twenty), (30, thirty)])
}

/// The smallest DOCX with these paragraphs.
fn docx(paragraphs: &str) -> Vec<u8> {
    let body: String = paragraphs
        .lines()
        .map(|line| format!("<w:p><w:pPr/><w:r><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>"))
        .collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    );
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(xml.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

fn zhunsheng(data: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
        .args(words)
        .arg("--data")
        .arg(data)
        .env("ZHUNSHENG_DATABASE", variable(data))
        .output()
        .unwrap()
}

/// Exit code, standard output, standard error.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A county with both editions of 行政复议法 in its library.
async fn county() -> TestApp {
    let test = TestApp::with(routes(), Config::default(), Rules::none()).await;
    shelve(&test).await;
    test
}

async fn shelve(test: &TestApp) {
    let statutes = known();
    for (file, text) in [("行政复议法(2017-09-01).md", before()), ("行政复议法(2023-09-01).md", after())] {
        let prepared = prepare(&statutes, file, text.as_bytes()).unwrap();
        let put = move |tx: &mut zhunsheng::store::Tx<'_>| put(tx, "211224", &prepared);
        assert_eq!(test.app.db.write(put).await.unwrap(), Imported::New);
    }
}

#[test]
fn markdown_text_and_docx_give_the_same_articles() {
    let statutes = known();
    let plain = "中华人民共和国某法\n（2020年1月1日某会议通过　2021年1月22日修订）\n目　录\n第一章　总则\n第一章　总则\n第一条　甲 &lt;乙&gt;。\n第二条　丙：\n（一）丁；\n（二）戊。";
    let marked = "# 中华人民共和国某法\n\n2021年1月22日 修订\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n第一条 甲 <乙>。\n\n第二条 丙：\n\n（一）丁；\n\n（二）戊。\n";
    let unescaped = plain.replace("&lt;", "<").replace("&gt;", ">");
    let files: [(&str, Vec<u8>); 3] = [
        ("某法(2021-01-22).md", marked.as_bytes().to_vec()),
        ("正文.txt", unescaped.into_bytes()),
        ("中华人民共和国某法_20210122.docx", docx(plain)),
    ];
    for (file, bytes) in files {
        let prepared = prepare(&statutes, file, &bytes).unwrap();
        assert_eq!(
            (prepared.row.statute.as_str(), prepared.row.adopted.to_string().as_str()),
            ("某法", "2021-01-22"),
            "{file}"
        );
        let words: Vec<String> = prepared.text.articles.iter().map(|article| article.plain_text()).collect();
        assert_eq!(words, ["甲 <乙>。", "丙：\n（一）丁；\n（二）戊。"], "{file}");
        assert_eq!(prepared.text.headings.len(), 1, "{file}");
        assert!(prepared.remarks[0].contains("没有这部法规"), "{file}: {:?}", prepared.remarks);
    }
}

#[test]
fn what_is_no_text_is_turned_down_with_a_reason() {
    let statutes = known();
    let sentence = |file: &str, bytes: &[u8]| match prepare(&statutes, file, bytes) {
        Err(Rejected::File(sentence)) => sentence,
        other => panic!("{file}: {other:?}"),
    };
    let good = "# 某法\n第一条 甲。\n";
    assert!(sentence("某法(2021-01-22).pdf", good.as_bytes()).contains("不认识的文件类型"));
    assert!(sentence("某法(2021-01-22).doc", good.as_bytes()).contains("旧版文档格式"));
    assert!(sentence("某法(2021-01-22).txt", &[0xB5, 0xDA]).contains("不是 UTF-8"));
    assert!(sentence("某法(2021-01-22).docx", good.as_bytes()).contains("不是 DOCX"));
    assert!(sentence("某法.md", good.as_bytes()).contains("看不出是哪个版本"));
    let other = "# 中华人民共和国行政处罚法\n第一条 甲。\n";
    assert!(sentence("行政复议法(2023-09-01).md", other.as_bytes()).contains("不是同一部法规"));
}

#[test]
fn a_folder_is_imported_whole_files_only_and_twice_is_once() {
    let folder = Folder::new();
    let (data, texts) = (folder.path().join("county"), folder.path().join("texts"));
    std::fs::create_dir(&texts).unwrap();
    assert_eq!(said(&zhunsheng(&data, &["init", "--county", "211224"])).0, 0);
    std::fs::write(texts.join("行政复议法(2017-09-01).md"), before()).unwrap();
    std::fs::write(texts.join("行政复议法(2023-09-01).md"), after()).unwrap();
    let broken = after().replace("第八十条 ", "第七十九条 ").replace("第八十二条 ", "第八十二点 ");
    std::fs::write(texts.join("行政处罚法(2021-01-22).md"), broken.replace("复议法", "处罚法")).unwrap();
    std::fs::write(texts.join("说明.pdf"), "不读").unwrap();
    let folder_name = texts.to_str().unwrap();

    let (code, out, error) = said(&zhunsheng(&data, &["statutes", "import", folder_name]));
    assert_eq!(code, 1, "{out}{error}");
    assert!(out.contains("共 3 个文件：导入 2，更新 0，未变 0，未导入 1。"), "{out}");
    assert!(out.contains("第167行：第七十九条重复，此前见于第165行。"), "{out}");
    assert!(out.contains("缺条：第八十一条之后直接是第八十三条"), "{out}");
    let (code, out, _) = said(&zhunsheng(&data, &["statutes", "list", "--json"]));
    assert_eq!(code, 0);
    let list: Value = serde_json::from_str(&out).unwrap();
    let editions: Vec<&str> = list.as_array().unwrap().iter().map(|row| row["edition"].as_str().unwrap()).collect();
    assert_eq!(editions, ["2017-09-01", "2023-09-01"], "nothing of the malformed file");
    assert_eq!(list[1]["in_force"], "2024-01-01");

    // A second text of an edition in one folder does not take the place of the first; a day that is none is no name.
    let more = folder.path().join("more");
    std::fs::create_dir(&more).unwrap();
    std::fs::write(more.join("复议法(2017-09-01).md"), before()).unwrap();
    std::fs::write(more.join("行政复议法(2017-09-01).md"), before().replace("六十日", "三十日")).unwrap();
    std::fs::write(more.join("行政复议法(2023-02-30).md"), after()).unwrap();
    let (code, out, _) = said(&zhunsheng(&data, &["statutes", "import", more.to_str().unwrap()]));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("共 3 个文件：导入 0，更新 0，未变 1，未导入 2。"), "{out}");
    assert!(out.contains("与“复议法(2017-09-01).md”同是《行政复议法》2017-09-01 版，内容不同，请只留一个。"), "{out}");
    assert!(out.contains("文件名中的“2023-02-30”不是日期，应如“法名(2021-01-22).md”。"), "{out}");

    // Again, beside a process that has the county open.
    let open = Db::open(home(&data)).unwrap();
    std::fs::write(texts.join("行政复议法(2017-09-01).md"), before().replace("六十日", "三十日")).unwrap();
    std::fs::remove_file(texts.join("行政处罚法(2021-01-22).md")).unwrap();
    let (code, out, error) = said(&zhunsheng(&data, &["statutes", "import", folder_name, "--json"]));
    assert_eq!(code, 0, "{out}{error}");
    let results: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&results[0]["result"], &results[1]["result"]), (&"replaced".into(), &"same".into()));
    drop(open);
    let (_, out, _) = said(&zhunsheng(&data, &["statutes", "show", "行政复议法§9", "--on", "2023-12-31"]));
    assert!(out.contains("三十日"), "{out}");
    assert_eq!(said(&zhunsheng(&data, &["verify"])).0, 0, "the record knows nothing of it");
}

#[test]
fn wrong_names_days_and_articles_are_said_in_json_too() {
    let folder = Folder::new();
    let (data, texts) = (folder.path().join("county"), folder.path().join("texts"));
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("行政复议法(2017-09-01).md"), before()).unwrap();
    std::fs::write(texts.join("行政复议法(2023-09-01).md"), after()).unwrap();
    let folder_name = texts.to_str().unwrap();
    for (words, expected) in [
        (&["statutes", "show", "某法§1"][..], "unknown-statute"),
        (&["statutes", "show", "行政处罚法§1"], "no-such-edition"),
        (&["statutes", "show", "行政复议法第九条"], "malformed-citation"),
        (&["statutes", "show", "行政复议法§91"], "no-such-article"),
        (&["statutes", "show", "行政复议法§9.2"], "no-such-article"),
        (&["statutes", "show", "行政复议法§9", "--on", "2010-01-01"], "not-in-force"),
        (&["statutes", "show", "行政复议法§9", "--edition", "2010-01-01"], "no-such-edition"),
        (&["statutes", "compare", "行政复议法", "2017-09-01", "2020-09-01"], "no-such-edition"),
        (&["statutes", "compare", "行政复议法", "2017-09-01", "昨天"], "malformed-date"),
        (&["law", "impact", "--statute", "某法", "--from", "2017-09-01", "--to", "2023-09-01"], "unknown-statute"),
        (
            &["law", "impact", "--statute", "行政复议法", "--from", "2017-09-01", "--to", "2022-09-01"],
            "no-such-edition",
        ),
        (&["law", "impact", "--statute", "行政复议法", "--from", "2017-13-01", "--to", "2023-09-01"], "usage"),
    ] {
        let (code, out, error) = said(&zhunsheng(&data, &[words, &["--statutes", folder_name, "--json"]].concat()));
        assert_eq!(code, 2, "{words:?}: {out}{error}");
        let json: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{words:?}: {out}{error}"));
        assert_eq!(json["error"]["code"], expected, "{words:?}");
        assert!(error.contains(json["error"]["message"].as_str().unwrap()), "{words:?}: {error}");
    }
    assert!(!data.exists(), "texts of a folder need no county");
}

#[test]
fn a_change_of_law_is_followed_to_definitions_clocks_and_instruments() {
    let folder = Folder::new();
    let (data, texts) = (folder.path().join("county"), folder.path().join("texts"));
    std::fs::create_dir(&texts).unwrap();
    std::fs::write(texts.join("行政复议法(2017-09-01).md"), before()).unwrap();
    std::fs::write(texts.join("行政复议法(2023-09-01).md"), after()).unwrap();
    let words = ["law", "impact", "--statute", "行政复议法", "--from", "2017-09-01", "--to", "2023-09-01"];
    let words = [&words[..], &["--statutes", texts.to_str().unwrap(), "--json"]].concat();
    let (code, out, error) = said(&zhunsheng(&data, &words));
    assert_eq!(code, 1, "something is touched: {out}{error}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let clocks = found["clocks"].as_array().unwrap();
    let clock = clocks.iter().find(|clock| clock["procedure"] == "penalty").unwrap();
    assert_eq!((&clock["citation"], &clock["means"]), (&"行政复议法§20".into(), &"to".into()));
    assert!(clock["file"].as_str().unwrap().ends_with("penalty.toml"));
    let file = embedded().into_iter().find(|(path, _)| Some(path.as_str()) == clock["file"].as_str()).unwrap().1;
    let line = usize::try_from(clock["line"].as_u64().unwrap()).unwrap();
    assert!(file.lines().nth(line - 1).unwrap().contains("行政复议法§20"));
    assert!(found["open_matters"].is_null(), "no county, no count");
    assert_eq!(said(&zhunsheng(&data, &["init", "--county", "211224"])).0, 0);
    let (_, out, _) = said(&zhunsheng(&data, &words));
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["open_matters"]["count"], 0);
}

#[tokio::test]
async fn an_empty_library_says_how_it_is_filled() {
    let test = TestApp::with(routes(), Config::default(), Rules::none()).await;
    let mut citizen = test.browser();
    let page = citizen.get("/law/statutes").await;
    assert!(page.text(".empty").contains("还没有法规全文") && !page.body.contains("statutes import"), "{}", page.body);
    let page = SmallCounty::new().await.clerk("所长甲").await.get("/law/statutes").await;
    assert!(page.text(".empty").contains("zhunsheng statutes import"), "staff are told the command: {}", page.body);
    let page = citizen.get(RECONSIDERATION).await;
    assert!(page.body.contains("3日、5日、7日、10日按工作日计算"), "the list knows how it counts");
    let page = citizen.get(&format!("{RECONSIDERATION}/compare")).await;
    assert!(page.text(".empty").contains("还不能对照"));
    let page = citizen.get("/law/procedures/penalty/steps").await;
    assert!(
        page.body.contains("《行政处罚法》第五十四条第二款") && !page.body.contains("class=\"cited\""),
        "plain citations"
    );
}

#[tokio::test]
async fn an_article_has_a_page_with_what_cites_it_and_what_it_was() {
    let test = county().await;
    let mut citizen = test.browser();
    let page = citizen.get(&format!("{RECONSIDERATION}/2023-09-01/20")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text("h1"), "《行政复议法》第二十条");
    assert!(page.text(".article").contains("六十日内提出申请"));
    assert!(page.body.contains("申请行政复议"), "the clock of a penalty rests on it");
    assert!(page.body.contains("由此修改而来") && page.body.contains("<ins>或者应当知道</ins>"), "{}", page.body);
    assert_eq!(page.attribute("a[rel=next]", "href"), Some(format!("{RECONSIDERATION}/2023-09-01/21")));
    assert!(!page.body.contains("规定的罚款"), "an article without a fine says nothing of fines");
    let page = citizen.get(&format!("{RECONSIDERATION}/2023-09-01/30")).await;
    for expected in
        ["50000元以上100000元以下", "逾期不改正的", "可以处违法所得的1倍以下", "责任人员", "以原文为准", "请看原文"]
    {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    let page = citizen.get(&format!("{RECONSIDERATION}/2017-09-01/9")).await;
    assert!(page.text(".flash-warn").contains("自2024年1月1日起不再施行"));
    let page = citizen.get(&format!("{RECONSIDERATION}/2023-09-01")).await;
    assert!(page.attribute("#a20 a", "href").unwrap().ends_with("/2023-09-01/20"), "each article has an anchor");
}

#[tokio::test]
async fn what_does_not_exist_is_said_in_chinese() {
    let test = county().await;
    let mut citizen = test.browser();
    for (address, expected) in [
        ("/law/statutes/%E6%9F%90%E6%B3%95".to_owned(), "都没有《某法》"),
        (format!("{RECONSIDERATION}/2023-09-01/91"), "没有这一条，全文从第一条到第九十条"),
        (format!("{RECONSIDERATION}/2023-09-01/9-1"), "第九条之一：没有这一条"),
        (format!("{RECONSIDERATION}/2023-09-01/nine"), "不是条号"),
        (format!("{RECONSIDERATION}/2020-09-01"), "没有《行政复议法》2020-09-01的版本"),
        (format!("{RECONSIDERATION}/2020-13-01"), "不是日期"),
        (format!("{RECONSIDERATION}/compare?from=2017-09-01&to=2020-09-01"), "没有《行政复议法》2020-09-01的版本"),
    ] {
        let page = citizen.get(&address).await;
        assert_eq!(page.status, 404, "{address}");
        assert!(page.text(".lead").contains(expected), "{address}: {}", page.text(".lead"));
    }
    for (day, expected) in [
        ("2023-12-31", "施行的是2017年9月1日的版本"),
        ("2024-01-01", "施行的是2023年9月1日的版本"),
        ("2010-01-01", "没有可用的版本"),
        ("2023-02-30", "不是日期"),
    ] {
        let page = citizen.get(&format!("{RECONSIDERATION}?on={day}")).await;
        assert!(page.text(".flash").contains(expected), "{day}: {}", page.text(".flash"));
    }
}

#[tokio::test]
async fn editions_are_compared_and_all_texts_searched() {
    let test = county().await;
    let mut citizen: Browser = test.browser();
    let page = citizen.get(&format!("{RECONSIDERATION}/compare")).await;
    assert!(page.text("#a20").contains("第九条") && page.text("#a20").contains("修改"), "{}", page.text("#a20"));
    assert!(page.text("#a9").contains("新增"));
    assert!(page.text("#a1").is_empty(), "what is unchanged is left out");
    let page = citizen.get(&format!("{RECONSIDERATION}/compare?all=1")).await;
    assert!(page.text("#a1").contains("未改"));
    // 应当知道
    let page = citizen.get("/law/statutes?q=%E5%BA%94%E5%BD%93%E7%9F%A5%E9%81%93").await;
    assert_eq!(page.text(".hits mark"), "应当知道");
    assert_eq!(page.text(".hits a"), "《行政复议法》第二十条");
    // 复议法: by name; <script>: nothing, and nothing is run.
    let page = citizen.get("/law/statutes?q=%E5%A4%8D%E8%AE%AE%E6%B3%95").await;
    assert!(page.text(".files").contains("行政复议法"));
    let page = citizen.get("/law/statutes?q=%3Cscript%3E%22").await;
    assert!(page.status == 200 && !page.body.contains("<script>\""), "{}", page.body);
}

#[tokio::test]
async fn pages_that_cite_show_or_link_the_article_of_the_edition_in_force() {
    let test = county().await;
    let mut citizen = test.browser();
    let page = citizen.get("/law/procedures/penalty/rules").await;
    let link = format!("<a href=\"{RECONSIDERATION}/2023-09-01/20\">《行政复议法》第二十条");
    assert!(page.body.contains(&link), "a page of a hundred citations links them");
    let rules = page.text("main");
    assert!(rules.contains("从违法行为终了日期算起"), "the field that starts it, not the step: {rules}");
    assert!(rules.contains("5年") && !rules.contains("decide_penalty"), "cases in words: {rules}");
    let page = citizen.get(&format!("{RECONSIDERATION}/2023-09-01/88")).await;
    assert!(page.text("main").contains("《行政复议法》2023-09-01 版：哪些“日”是工作日"), "{}", page.text("main"));
    let page = citizen.get("/guide/time?limit=reconsider_apply").await;
    let cited = page.attribute(".cited-text a", "href").unwrap();
    assert_eq!(cited, format!("{RECONSIDERATION}/2023-09-01/20"), "today is 2024-10-26");
    assert!(page.text(".cited-text").contains("应当知道"));
    assert!(page.text(".cited summary").contains("《行政复议法》第二十条"));
}

/// The page says what the command says, and lists only matters that its reader may see.
#[tokio::test]
async fn a_change_of_law_is_followed_on_a_page_too() {
    let county = SmallCounty::new().await;
    shelve(&county.test).await;
    let page = format!("{RECONSIDERATION}/impact?from=2017-09-01&to=2023-09-01");
    assert_eq!(county.test.browser().get(&page).await.status, 303, "not for the public");
    let (mut officer, _, matter) = crate::casework::filed(&county).await;
    let told = officer.get(&page).await;
    assert_eq!(told.status, 200, "{}", told.text("main"));
    let said = told.text("main");
    for expected in ["有变动的条文", "行政处罚（普通程序）", "申请行政复议", "第九条 → 第二十条"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(told.body.contains(&matter), "the officer's own case is open under a touched definition");
    let mut drafter = county.clerk("起草甲").await;
    let elsewhere = drafter.get(&page).await;
    assert!(elsewhere.text("main").contains("申请行政复议") && !elsewhere.body.contains(&matter), "not theirs to see");
    for (query, sentence) in [("from=昨天", "不是日期"), ("to=2020-01-01", "没有《行政复议法》2020-01-01的版本")]
    {
        let wrong = officer.get(&format!("{RECONSIDERATION}/impact?{query}")).await;
        assert_eq!((wrong.status, wrong.text("main").contains(sentence)), (404, true), "{}", wrong.text("main"));
    }
    let unknown = officer.get("/law/statutes/%E6%9F%90%E6%B3%95/impact").await;
    assert_eq!((unknown.status, unknown.text("main").contains("某法")), (404, true));
}
