//! Loading a notice of days off: one recorded act, every due day counted again, and what moved is listed.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use zhunsheng::app::ruling::embedded;
use zhunsheng::app::verify::{rebuild, verify};
use zhunsheng::store::{Db, rebuild as tables};

use crate::casework::{self, DELIVERY, FINDINGS, INSPECTION, filed, refused, take};
use crate::proofs::played;
use crate::staff::DISPUTE;
use crate::support::{Browser, Folder, SmallCounty, copy_county, home, variable};

const COUNTY: &str = "211224";

fn calendar(data: &Path, words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
        .arg("calendar")
        .args(words)
        .arg("--data")
        .arg(data)
        .env("ZHUNSHENG_DATABASE", variable(data))
        .output()
        .unwrap();
    let text = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

fn digests(data: &Path) -> Vec<(&'static str, String)> {
    let db = Db::open(home(data)).unwrap();
    let live = db.read_blocking(|r| tables::digests(r, COUNTY)).unwrap();
    assert_eq!(db.read_blocking(|r| verify(r, COUNTY)).unwrap().wrong, None);
    db.write_blocking(|tx| rebuild(tx, COUNTY)).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(db.read_blocking(|r| tables::digests(r, COUNTY)).unwrap(), live, "rebuilt tables equal the live ones");
    live
}

#[test]
fn a_notice_is_one_act_and_moves_what_it_moves() {
    let folder = Folder::new();
    let data = folder.path().join("county");
    copy_county(&played().pristine(), &data);
    let before = digests(&data);

    // The four days after the demonstration's Sunday are given off: limits in working days that reach them move.
    let (_, known) = embedded().into_iter().find(|(path, _)| path == "calendars/2024.toml").unwrap();
    let changed = format!("{known}\n[[off]]\nname = \"临时放假\"\nfrom = \"2024-10-28\"\nto = \"2024-10-31\"\n");
    let file = folder.path().join("2024-更正.toml");
    std::fs::write(&file, changed).unwrap();
    let (code, said) = calendar(&data, &["load", file.to_str().unwrap(), "--json"]);
    assert_eq!(code, 0, "{said}");
    let loaded: Value = serde_json::from_str(&said).unwrap();
    let moved = loaded["moved"].as_array().unwrap();
    assert!(!moved.is_empty(), "{said}");
    for line in moved {
        let day = |which: &str| line[which]["day"].as_str().unwrap().to_owned();
        assert!(day("old") < day("new"), "{line}");
        assert!(!line["title"].as_str().unwrap().is_empty() && !line["clock_title"].as_str().unwrap().is_empty());
    }
    let after = digests(&data);
    let differing: Vec<&str> =
        before.iter().zip(&after).filter(|(one, other)| one.1 != other.1).map(|(one, _)| one.0).collect();
    assert!(differing.contains(&"clock_run"), "{differing:?}");
    assert!(
        differing.iter().all(|table| ["clock_run", "matter", "todo"].contains(table)),
        "only due days: {differing:?}"
    );

    // The same again changes nothing, and neither does the program's own older text.
    let (code, said) = calendar(&data, &["load", file.to_str().unwrap()]);
    assert_eq!((code, said.contains("已经录入过")), (0, true), "{said}");
    let old = folder.path().join("old.toml");
    std::fs::write(&old, known).unwrap();
    let (_, said) = calendar(&data, &["load", old.to_str().unwrap()]);
    assert!(said.contains("已经录入过"), "{said}");
    assert_eq!(digests(&data), after);

    let (code, said) = calendar(&data, &["show", "2024"]);
    assert!(code == 0 && said.contains("临时放假"), "{said}");
    let (code, said) = calendar(&data, &["show", "2031"]);
    assert!(code == 3 && said.contains("2031年放假安排尚未录入"), "{said}");
}

#[test]
fn a_file_that_is_no_notice_changes_nothing() {
    let folder = Folder::new();
    let file = folder.path().join("x.toml");
    for (content, sentence) in [
        ("year = 2027\n", "缺少 notice"),
        ("year = 2027\nnotice = \"x\"\nholiday = 1\n", "x.toml:3:1: 不认识的栏目 holiday"),
        ("year = 2027\nnotice = \"x\"\n[[work]]\nname = \"春节\"\ndays = [\"2027-02-01\"]\n", "不是星期六、星期日"),
        (
            "year = 2027\nnotice = \"x\"\n[[off]]\nname = \"春节\"\nfrom = \"2026-02-01\"\nto = \"2026-02-02\"\n",
            "2026-02-01",
        ),
    ] {
        std::fs::write(&file, content).unwrap();
        let (code, said) = calendar(folder.path(), &["load", file.to_str().unwrap()]);
        assert_eq!((code, said.contains("还没有县域数据")), (3, true), "{said}");
        let mut calendar = zhunsheng_core::calendar::Calendar::default();
        let error = calendar.load("x.toml", content).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
    for (words, code, sentence) in [
        (&["load"][..], 2, "缺少文件名"),
        (&["show"], 2, "缺少年份"),
        (&["show", "明年"], 2, "不是年份"),
        (&["delete"], 2, "多余的参数"),
        (&["show", "2026"], 0, "国办发明电"),
    ] {
        let (got, said) = calendar(folder.path(), words);
        assert_eq!((got, said.contains(sentence)), (code, true), "{said}");
    }
}

const NOTICE: &str = "year = 2027\nnotice = \"国办发明电〔2026〕8号\"\n[[off]]\nname = \"元旦\"\nfrom = \"2027-01-01\"\nto = \"2027-01-03\"\n";

/// A case whose notice was served on the last days of 2026, up to its submission.
async fn served(county: &SmallCounty) -> (Browser, String) {
    let (mut officer, mut head, matter) = filed(county).await;
    let at = |step: &str| format!("{matter}/steps/{step}");
    let (first, second) = (county.id("队员甲"), county.id("队员乙"));
    let officers = [("officer", first.as_str()), ("officer", second.as_str())];
    take(&mut officer, &at("investigate"), &[&INSPECTION[..], &officers].concat()).await;
    take(&mut officer, &at("end_investigation"), &[&FINDINGS[..], &officers].concat()).await;
    take(&mut head, &at("notify"), &casework::NOTICE).await;
    take(&mut officer, &at("serve_notice"), &DELIVERY).await;
    (officer, matter)
}

/// A provisional day makes nobody late and opens no gate; when the notice is loaded in the running county, it becomes
/// certain, what moved is listed, and the law takes its course.
#[tokio::test]
async fn a_provisional_day_becomes_certain_while_the_county_runs() {
    let county = SmallCounty::new().await;
    let app = &county.test.app;
    app.advance_demo_to(jiff::civil::date(2026, 12, 30)).await.unwrap();
    let (mut officer, matter) = served(&county).await;
    let mut mediator = county.clerk("调解员甲").await;
    let dispute = take(&mut mediator, "/matters/new/mediation", &DISPUTE).await;
    // Long past, as far as anybody can know: still nobody is late, and the gate stays shut.
    app.advance_demo_to(jiff::civil::date(2027, 1, 20)).await.unwrap();
    assert_eq!(app.note_expired(100).await.unwrap(), 0, "a provisional day expires for nobody");
    assert!(mediator.get(&dispute).await.text("main").contains("暂定"));
    assert!(officer.get(&matter).await.text("main").contains("2027-01-04"));
    let submit = format!("{matter}/steps/submit");
    let opinion = [("f.handling_opinion", "建议罚款二千元。")];
    let why = refused(&mut officer, &submit, &opinion).await;
    assert!(why.contains("第六十二条"), "{why}");

    // Typed with a mistake, it says where and keeps what was typed; then what would move is shown, and nothing is loaded.
    let mut admin = county.clerk("管理员").await;
    assert!(admin.get("/admin/calendar").await.text("main").contains("2027年的放假安排还没有录入"));
    let page = admin.post("/admin/calendar", &[("text", &NOTICE.replace("to =", "until ="))]).await;
    assert_eq!(page.status, 422);
    assert!(page.text(".error-summary").contains("第6行第1列：不认识的栏目 until"), "{}", page.text("main"));
    assert!(page.text("textarea").contains("until ="));
    let page = admin.post("/admin/calendar", &[("text", NOTICE)]).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    let moved = page.text("table");
    assert!(moved.contains("2027-01-04（暂定）") && moved.contains("2027-01-05"), "{moved}");
    assert!(!page.body.contains("王小明") && !page.body.contains("院墙"), "an administrator sees no content");
    assert_eq!(app.note_expired(100).await.unwrap(), 0, "a preview changes nothing");

    // Only administrators; then one act, and its list stays at its address.
    assert_eq!(officer.post("/admin/calendar/load", &[("text", NOTICE)]).await.status, 403);
    let page = admin.post("/admin/calendar/load", &[("text", NOTICE)]).await;
    assert_eq!(page.status, 303, "{}", page.text("main"));
    let address = page.location().to_owned();
    let told = admin.get(&address).await;
    assert!(told.text("main").contains("由暂定变为确定"), "{}", told.text("main"));
    assert_eq!(told.text("table"), moved, "the list is the one that was shown before");
    let again = admin.post("/admin/calendar/load", &[("text", NOTICE)]).await;
    assert_eq!((again.status, again.text("main").contains("已经录入过")), (422, true));
    assert!(admin.get("/law/calendars").await.text("main").contains("国办发明电〔2026〕8号"));

    // Certain now: the gate is open, and who let the day pass is late.
    assert!(!mediator.get(&dispute).await.text("main").contains("暂定"));
    take(&mut officer, &submit, &opinion).await;
    assert!(app.note_expired(100).await.unwrap() > 0, "a certain day expires");
    assert_eq!(admin.get(&address).await.text("table"), moved, "also when the limits have ended");
    let live = app.db.read(|r| tables::digests(r, COUNTY)).await.unwrap();
    app.db.write(|tx| rebuild(tx, COUNTY)).await.unwrap();
    assert_eq!(app.db.read(|r| tables::digests(r, COUNTY)).await.unwrap(), live, "rebuilt tables equal the live ones");
}
