//! Loading a notice of days off: one recorded act, every due day counted again, and what moved is listed.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use zhunsheng::app::ruling::embedded;
use zhunsheng::app::verify::{rebuild, verify};
use zhunsheng::county::scenario::SMALL;
use zhunsheng::county::{Scenario, make};
use zhunsheng::store::{Db, rebuild as tables};

use crate::support::{Folder, home, variable};

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
    make(home(&data), &Scenario::embedded(SMALL).unwrap(), &mut |_| {}).unwrap_or_else(|fault| panic!("{fault}"));
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
    assert!(differing.iter().all(|table| ["clock_run", "matter"].contains(table)), "only due days: {differing:?}");

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
        ("year = 2027\n", "notice"),
        ("year = 2027\nnotice = \"x\"\nholiday = 1\n", "x.toml:3:1"),
        ("year = 2027\nnotice = \"x\"\n[[work]]\nname = \"春节\"\ndays = [\"2027-02-01\"]\n", "not on a weekend"),
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
