//! The binary as scripts meet it: words, exit codes, and that nothing is overwritten.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Folder, home, only_sqlite, variable};

const PASSPHRASE: &str = "一句不短的口令短语 2024";

fn zhunsheng(data: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhunsheng"))
        .args(words)
        .arg("--data")
        .arg(data)
        .env("ZHUNSHENG_DATABASE", variable(data))
        .env("ZHUNSHENG_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap()
}

/// Exit code and everything that was said.
fn said(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn every_command_explains_itself_in_chinese() {
    let folder = Folder::new();
    for command in [
        "init", "demo", "serve", "act", "figures", "law", "statutes", "clock", "calendar", "record", "verify",
        "backup", "restore", "move", "witness", "paper", "credit",
    ] {
        let (code, text) = said(&zhunsheng(folder.path(), &[command, "--help"]));
        assert_eq!(code, 0, "{command}");
        assert!(text.contains("用法：zhunsheng"), "{command}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "help touches nothing");
}

#[test]
fn exit_codes_can_be_trusted() {
    let folder = Folder::new();
    for (words, expected, sentence) in [
        (&["nothing"][..], 2, "没有命令 nothing。"),
        (&["init"], 2, "缺少 --county"),
        (&["init", "--county", "昌图"], 2, "不是六位区划代码"),
        (&["init", "--colour", "red"], 2, "没有选项 --colour。"),
        (&["serve", "--port", "八千"], 2, "不是 0 至 65535 的端口号"),
        (&["serve"], 3, "还没有县域数据"),
        (&["verify"], 3, "还没有县域数据"),
        (&["figures"], 3, "还没有县域数据"),
        (&["backup", "x.zip"], 3, "还没有县域数据"),
        (&["restore", "no-such-file.zip"], 3, "no-such-file.zip"),
    ] {
        let (code, text) = said(&zhunsheng(folder.path(), words));
        assert_eq!(code, expected, "{words:?}: {text}");
        assert!(text.contains(sentence), "{words:?}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no county, nothing made");
}

#[test]
fn a_county_is_founded_verified_backed_up_and_restored() {
    let folder = Folder::new();
    let (data, other) = (folder.path().join("county"), folder.path().join("restored"));
    let (code, text) = said(&zhunsheng(&data, &["init", "--county", "211224"]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("一次性口令："), "{text}");
    let keys: Vec<String> =
        text.lines().map(str::trim).filter(|line| line.starts_with("zhunsheng/211224")).map(str::to_owned).collect();
    assert_eq!(keys.len(), 2, "国密 and Ed25519: {text}");
    let (code, text) = said(&zhunsheng(&data, &["init", "--county", "211224"]));
    assert_eq!(code, 3, "{text}");
    let (code, verified) = said(&zhunsheng(&data, &["record", "verify", "--json"]));
    assert_eq!(code, 0, "{verified}");
    let json: serde_json::Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&json["entries"], &json["demonstration"]), (&1.into(), &false.into()));
    for (words, sentence) in [
        (&["figures", "yearly", "--year", "1949"][..], "--year 应为2021年至"),
        (&["figures", "yearly", "--year", "20240"], "--year 应为2021年至"),
        (&["figures", "yearly", "--organ", "211224-none"], "本县没有代码为 211224-none 的机关"),
    ] {
        let (code, text) = said(&zhunsheng(&data, words));
        assert!(code == 2 && text.contains(sentence), "{words:?}: {code} {text}");
    }
    let (code, text) = said(&zhunsheng(&data, &["demo", "--no-serve"]));
    assert_eq!(code, 3, "a real county is not opened as a demonstration: {text}");

    let zip = folder.path().join("备份.zip");
    let name = zip.to_str().unwrap();
    let (code, text) = said(&zhunsheng(&data, &["backup", name]));
    assert_eq!(code, 0, "{text}");
    let (code, text) = said(&zhunsheng(&data, &["backup", name]));
    assert_eq!(code, 3, "an older backup is not overwritten: {text}");
    let key = |data: &Path| {
        let db = zhunsheng::store::Db::open_for_reading(home(data)).unwrap();
        db.read_blocking(|r| zhunsheng::store::settings::find(r, "211224", "web.key")).unwrap().unwrap()
    };
    let bytes = std::fs::read(&zip).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(&key(&data)), "keys are sealed");
    let signing = |data: &Path| std::fs::read_to_string(data.join("keys/checkpoint")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(signing(&data).trim()), "the signing key is sealed");
    let (code, text) = said(&zhunsheng(&other, &["restore", name, "--verify"]));
    assert_eq!(code, 0, "{text}");
    assert!(!other.exists(), "only looked at");
    let (code, text) = said(&zhunsheng(&other, &["restore", name]));
    assert_eq!(code, 0, "{text}");
    assert_eq!((key(&other), signing(&other)), (key(&data), signing(&data)));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(other.join("keys/checkpoint")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o400);
    outsiders_can_check(&other, &folder.path().join("export"), &keys);
    assert_eq!(said(&zhunsheng(&other, &["verify", "--json"])).1, verified);
    let (code, text) = said(&zhunsheng(&other, &["restore", name]));
    assert_eq!(code, 3, "a county is not overwritten: {text}");

    let mut broken = bytes;
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    std::fs::write(&zip, broken).unwrap();
    let (code, text) = said(&zhunsheng(&other, &["restore", name, "--verify"]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("与清单不符"), "{text}");
}

/// Export, receipt and their verification, as typed.
fn outsiders_can_check(data: &Path, export: &Path, keys: &[String]) {
    let [public, beside] = keys else { panic!("{keys:?}") };
    let receipt = data.join("0.tlog-proof");
    let (to, receipt) = (export.to_str().unwrap(), receipt.to_str().unwrap());
    let wrong = public.replace('/', "-demo/");
    for (words, expected, sentence) in [
        (&["record", "export", to, "--redacted"][..], 0, "1 项（自第 0 项起有全文）"),
        (&["record", "export", to], 3, "已有内容，没有改动"),
        (&["record", "verify", to, "--key", public], 0, "逐项核验一致"),
        (&["record", "verify", to], 0, "只能说明内部一致"),
        (&["record", "verify", to, "--json"], 0, "\"redacted\":true"),
        (&["record", "verify", "--checkpoint", &format!("{to}/checkpoint")], 0, "检查点签到 1 项"),
        (&["record", "prove", "0", "--out", receipt], 0, "记录项 0 的凭证已写入"),
        (&["record", "prove", "0", "--out", receipt], 3, "写入凭证"),
        (&["record", "prove", "0"], 0, "c2sp.org/tlog-proof@v1"),
        (&["record", "prove", "1"], 2, "没有这一项记录"),
        (&["record", "prove", "一"], 2, "也不是事项编号"),
        (&["record", "check-proof", receipt], 2, "缺少 --key"),
        (&["record", "check-proof", receipt, "--key", public], 0, "凭证成立：zhunsheng/211224/sm3 第 0 项"),
        (&["record", "check-proof", receipt, "--key", beside], 0, "凭证成立：zhunsheng/211224 第 0 项"),
        (&["record", "check-proof", receipt, "--key", &wrong], 2, "公钥的格式不对"),
        (&["record", "check-proof", &format!("{to}/key"), "--key", public], 1, "凭证不成立：凭证的格式不对"),
    ] {
        let (code, text) = said(&zhunsheng(data, words));
        assert_eq!(code, expected, "{words:?}: {text}");
        assert!(text.contains(sentence), "{words:?}: {text}");
    }
}

#[test]
fn what_is_not_a_database_stays_as_it_is() {
    if !only_sqlite("a file that is no database") {
        return;
    }
    let folder = Folder::new();
    let file = folder.home().file();
    std::fs::write(&file, "这不是数据库").unwrap();
    for words in [&["serve"][..], &["verify"], &["figures"], &["demo"], &["backup", "x.zip"]] {
        let (code, text) = said(&zhunsheng(folder.path(), words));
        assert_eq!(code, 3, "{words:?}: {text}");
        assert!(text.contains("已损坏或不是数据库"), "{words:?}: {text}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "这不是数据库");
    }
}

#[test]
fn a_wrong_definition_is_named_with_line_and_column() {
    let folder = Folder::new();
    let law = folder.path().join("law");
    std::fs::create_dir_all(law.join("procedures")).unwrap();
    std::fs::write(law.join("refusals.toml"), "").unwrap();
    std::fs::write(law.join("posts.toml"), "").unwrap();
    std::fs::write(law.join("procedures/x.toml"), "id = \"x\"\ncolour = \"red\"\n").unwrap();
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "check", "--law", law.to_str().unwrap()]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("procedures/x.toml:2:1"), "{text}");
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "check", "--json"]));
    assert_eq!(code, 0, "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["sound"], true);
}

#[test]
fn every_time_limit_is_listed_with_its_article() {
    let folder = Folder::new();
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "limits", "--json", "--on", "2024-10-26"]));
    assert_eq!(code, 0, "{text}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let keys = [
        "procedure",
        "step",
        "statute",
        "edition",
        "article",
        "phrase",
        "amount",
        "unit",
        "starts_at",
        "effect",
        "extension",
    ];
    for row in &rows {
        assert!(keys.iter().all(|key| row.get(key).is_some()), "{row}");
        let statutory = row["grade"] == "法定";
        assert_eq!(row["statute"].is_string() && row["article"].is_string(), statutory, "{row}");
        assert!(!statutory || row["phrase"].as_str().is_some_and(|phrase| !phrase.is_empty()), "{row}");
    }
    let of = |id: &str| rows.iter().filter(|row| row["procedure"] == "penalty" && row["id"] == id).collect::<Vec<_>>();
    let decide = of("decide_in_time");
    assert_eq!(decide.len(), 1);
    let decide = decide[0];
    assert_eq!(
        (&decide["statute"], &decide["article"], &decide["step"]),
        (&"行政处罚法".into(), &"60".into(), &"file".into())
    );
    assert_eq!(
        (&decide["edition"], &decide["amount"], &decide["unit"]),
        (&"2021-01-22".into(), &90.into(), &"day".into())
    );
    assert_eq!(decide["extension"].as_array().unwrap().len(), 2);
    let limitation = of("limitation");
    assert_eq!(limitation.len(), 2, "an override is a limit of its own");
    assert_eq!((&limitation[1]["amount"], &limitation[1]["when"]), (&5.into(), &"life_or_finance = yes".into()));
    assert_eq!(of("hearing_request_period")[0]["article"], "64(1)");

    let law = folder.path().join("law");
    std::fs::create_dir_all(law.join("limits")).unwrap();
    for (file, source) in [
        ("refusals.toml", ""),
        ("posts.toml", ""),
        (
            "limits/good.toml",
            "[[limit]]\nid = \"a\"\nmatter = \"甲\"\ntitle = \"乙\"\nbasis = \"制度:丙\"\nphrase = \"\"\nlimit = \"fixed 03-01\"\nstarts_at = \"年初\"\n",
        ),
        ("limits/wrong.toml", "[[limit]]\nid = \"b\"\ncolour = \"red\"\n"),
    ] {
        std::fs::write(law.join(file), source).unwrap();
    }
    let output = zhunsheng(folder.path(), &["law", "limits", "--json", "--law", law.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((rows.len(), &rows[0]["fixed"], &rows[0]["source"]), (1, &"03-01".into(), &"named".into()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("limits/wrong.toml:3:1"));
}

#[test]
fn benchmarks_go_out_as_a_workbook_and_come_back_unchanged() {
    let folder = Folder::new();
    let book = folder.path().join("基准.xlsx");
    let book = book.to_str().unwrap();
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "edition", "export", book]));
    assert_eq!(code, 0, "{text}");
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "edition", "export", book]));
    assert!(code == 2 && text.contains("不覆盖"), "{text}");
    let propose =
        ["law", "edition", "propose", book, "--from", "2099-01-01", "--authority", "县局", "--number", "一号"];
    let (code, text) = said(&zhunsheng(folder.path(), &propose));
    assert!(code == 0 && text.contains("变化 0 处，错误 0 处"), "{text}");
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "edition", "propose", book, "--from", "2020-01-01"]));
    assert!(code == 2 && text.contains("施行日期不能早于今天"), "{text}");
    let (code, text) = said(&zhunsheng(folder.path(), &["law", "edition", "propose", book]));
    assert!(code == 2 && text.contains("--from"), "{text}");
}
