//! `zhunsheng clock`: one limit asked on the command line, and files of vectors, ours and strangers'.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::Folder;

fn clock(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhunsheng")).arg("clock").args(words).output().unwrap()
}

/// Exit code, standard output and standard error.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/cn-admin-time")
}

fn run_vectors(content: &str) -> (i32, Value, String) {
    let folder = Folder::new();
    let file = folder.path().join("vectors.json");
    std::fs::write(&file, content).unwrap();
    let (code, out, err) = said(&clock(&["--vectors", file.to_str().unwrap(), "--json"]));
    (code, serde_json::from_str(&out).unwrap_or(Value::Null), err)
}

#[test]
fn the_public_suite_passes() {
    let (code, out, err) = said(&clock(&["--vectors", suite().to_str().unwrap()]));
    let differing: Vec<&str> = out.lines().filter(|line| line.starts_with("differs")).collect();
    assert_eq!(code, 0, "{err}{differing:#?}");
    let last = out.lines().last().unwrap();
    let count: usize = last.strip_suffix(" vectors, 0 differ").unwrap().parse().unwrap();
    assert!(count >= 400, "{last}");
}

#[test]
fn one_limit_with_its_working() {
    let asked = ["--statute", "《中华人民共和国行政处罚法》", "--article", "第六十条", "--phrase", "九十日"];
    let (code, out, err) = said(&clock(&[&asked[..], &["--start", "2024-01-05"]].concat()));
    assert_eq!(code, 0, "{err}");
    assert_eq!(out.lines().next(), Some("2024-04-04"), "{out}");
    assert!(out.contains("按自然日计算") && out.contains("《行政处罚法》第六十条"), "{out}");

    let more =
        ["--start", "2024-01-05", "--exclude", "2024-02-01..2024-02-11", "--extend", "30 day", "--json", "--days"];
    let (code, out, _) = said(&clock(&[&asked[..], &more].concat()));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &answer["due"]), (0, &json!("2024-05-14")));
    let days = answer["days"].as_array().unwrap();
    assert_eq!(days.len(), 131, "the start, ninety, ten left out and thirty");
    assert_eq!(days.last().unwrap()["day"], answer["due"]);
    assert_eq!(days[27]["nth"], Value::Null, "{}", days[27]);

    let (code, out, _) = said(&clock(&[
        "--statute",
        "处罚法",
        "--article",
        "64",
        "--phrase",
        "举行听证的七日前",
        "--start",
        "2024-10-14",
        "--days",
    ]));
    assert_eq!((code, out.lines().next()), (0, Some("2024-09-29")), "{out}");
}

#[test]
fn every_mistake_has_its_sentence() {
    let penalty = ["--statute", "行政处罚法", "--article", "60", "--phrase", "九十日", "--start"];
    let with = |words: &[&'static str]| [&penalty[..], words].concat();
    for (words, expected, sentence) in [
        (with(&["2020-01-05"]), 1, "[edition-not-in-force]"),
        (with(&["2024-01-05", "--limit", "90 work_day"]), 1, "[unit-conflict]"),
        (with(&["2024-01-05", "--edition", "2017-09-01"]), 1, "[unknown-edition]"),
        (with(&["2024-01-05", "--article", "87"]), 1, "[unknown-article]"),
        (with(&["2024-13-05"]), 2, "不是日期"),
        (with(&["2024-01-05", "--extend", "30"]), 2, "--extend 的取值"),
        (with(&["2024-01-05", "--exclude", "2024-02-01"]), 2, "--exclude 的取值"),
        (vec!["--statute", "行政处罚法", "--article", "60", "--start", "2024-01-05"], 2, "要有 --phrase"),
        (vec![], 2, "要有 --phrase"),
        (vec!["--vectors", "no-such-file.json"], 3, "no-such-file.json"),
        (
            vec!["--statute", "行政处罚法", "--article", "48", "--phrase", "三日内", "--start", "2027-01-05"],
            1,
            "2027年放假安排尚未录入",
        ),
    ] {
        let (code, out, err) = said(&clock(&words));
        assert_eq!(code, expected, "{words:?}: {out}{err}");
        assert!(format!("{out}{err}").contains(sentence), "{words:?}: {out}{err}");
    }
}

#[test]
fn strangers_vectors_are_read_tolerantly_and_counted_strictly() {
    let plain = json!({
        "id": "a", "statute": "《中华人民共和国行政处罚法》", "article": 60, "phrase": "自立案之日起９０日内",
        "start": "2024-01-05", "events": [], "due": "2024-04-04", "author": "somebody", "limit": null,
    });
    let changed = |changes: &[(&str, Value)]| {
        let mut vector = plain.clone();
        for (name, value) in changes {
            vector[*name] = value.clone();
        }
        vector
    };
    let vectors = json!({ "suite": "x", "vectors": [
        plain,
        changed(&[("id", json!("b")), ("due", json!("2024-04-05"))]),
        changed(&[("id", json!("c")), ("limit", json!({"amount": 90, "unit": "work_day"})), ("due", Value::Null),
                  ("error", json!({"code": "unit-conflict"}))]),
        changed(&[("id", json!("d")), ("phrase", Value::Null), ("due", Value::Null), ("error", json!("bad-vector"))]),
        changed(&[("id", json!("e")), ("statute", json!("行政强制法")), ("article", json!("19")),
                  ("phrase", json!("二十四小时内")), ("start", json!("2024-01-05T15:30")),
                  ("due", json!("2024-01-06T15:30:00+08:00"))]),
        7,
    ]});
    let (code, answer, _) = run_vectors(&format!("\u{feff}{vectors}"));
    assert_eq!((code, &answer["vectors"], &answer["differ"]), (1, &json!(6), &json!(2)), "{answer:#}");
    let results = answer["results"].as_array().unwrap();
    let ok: Vec<bool> = results.iter().map(|result| result["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, false, true, true, true, false]);
    assert_eq!(results[0]["notes"], json!(["不认识的字段 author，已略过"]));
    assert_eq!((&results[1]["expected"], &results[1]["got"]), (&json!("2024-04-05"), &json!("2024-04-04")));
    assert_eq!(results[5]["got"], json!("bad-vector"));
}

/// What another hand writes otherwise and means the same; and what is no other spelling but a mistake.
#[test]
fn other_spellings_are_read_and_mistakes_are_not() {
    let plain = json!({
        "id": "a", "statute": "行政处罚法", "article": "60", "phrase": "立案之日起九十日内", "start": "2024-03-01",
        "events": [],
    });
    let read: [(&str, Value); 14] = [
        ("statute", json!("行政处罚法（2021修订）")),
        ("statute", json!("《中华人民共和国行政处罚法》(2021-01-22)")),
        ("edition", json!("2021-01-22修订")),
        ("article", json!("《行政处罚法》第六十条")),
        ("article", json!("行政处罚法§60")),
        ("article", json!("第六〇条")),
        ("article", json!(60.0)),
        ("limit", json!({"amount": 90.0, "unit": "day"})),
        ("limit", json!({"amount": "90", "unit": "day"})),
        ("limit", json!({"amount": "九十", "unit": "day"})),
        ("start", json!("2024-03-01T15:30")),
        ("start", json!("2024-03-01T15:30:00")),
        ("start", json!("2024-03-01T15:30:00+08:00")),
        ("kind", Value::Null),
    ];
    let mistaken: [(&str, Value, &str); 16] = [
        ("events", Value::Null, "bad-vector"),
        ("events", json!([{"exclude": {"from": "2024-04-01", "to": "2024-04-05"}}]), "bad-event"),
        ("events", json!([{"exclude": ["2024-04-01", "2024-04-05"], "note": "x"}]), "bad-event"),
        ("kind", json!("window"), "bad-vector"),
        ("statute", json!("行政处罚法（2019修正）"), "unknown-statute"),
        ("statute", json!("刑法"), "unknown-statute"),
        ("edition", json!("2021年1月22日"), "bad-date"),
        ("edition", json!("2021-07-15"), "unknown-edition"),
        ("article", json!("民法典第六十条"), "bad-article"),
        ("article", json!("第六十条之一"), "unknown-article"),
        ("article", json!("§60.0"), "unknown-article"),
        ("limit", json!({"amount": 1.5, "unit": "day"}), "bad-limit"),
        ("limit", json!({"amount": "许多", "unit": "day"}), "bad-limit"),
        ("limit", json!({"amount": 90, "unit": "week"}), "bad-limit"),
        ("start", json!("2024-03-01 15:30"), "bad-date"),
        ("start", json!("2024/03/01"), "bad-date"),
    ];
    let with = |name: &str, value: &Value, answer: (&str, &str)| {
        let mut vector = plain.clone();
        vector[name] = value.clone();
        vector[answer.0] = json!(answer.1);
        vector
    };
    let read = read.iter().map(|(name, value)| with(name, value, ("due", "2024-05-30")));
    let mistaken = mistaken.iter().map(|(name, value, code)| with(name, value, ("error", code)));
    let (code, answer, _) = run_vectors(&Value::from_iter(read.chain(mistaken)).to_string());
    assert_eq!((code, &answer["differ"]), (0, &json!(0)), "{answer:#}");
}

/// Start, events, options and shapes that nobody thought of: the reference and the program answer the same.
#[test]
fn the_reference_and_the_program_agree_on_random_vectors() {
    let script = suite().join("random_vectors.py");
    let run = Command::new("python3").arg(script).args(["--count", "3000", "--seed", "20261128"]).output().unwrap();
    let (vectors, said) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    if said.contains("No module named 'tomllib'") {
        println!("SKIPPED random vectors: Python 3.11 or later is missing");
        return;
    }
    assert!(run.status.success(), "{said}");
    let (code, answer, _) = run_vectors(&vectors);
    let results = answer["results"].as_array().unwrap();
    let differ: Vec<&Value> = results.iter().filter(|result| result["ok"] != json!(true)).take(3).collect();
    assert_eq!((code, results.len()), (0, 3_000), "{differ:#?}");
    for code in ["bad-vector", "bad-event", "bad-date"] {
        assert!(results.iter().filter(|result| result["got"] == json!(code)).count() > 10, "too few {code}");
    }
}

#[test]
fn a_file_that_is_none_says_where() {
    for (content, place) in
        [("[{\"id\": }]", "vectors.json:1:9"), ("{\"a\": 1}", "应为向量的数组"), ("", "vectors.json:1:0")]
    {
        let (code, _, err) = run_vectors(content);
        assert_eq!(code, 3, "{content}");
        assert!(err.contains(place), "{content}: {err}");
    }
}
