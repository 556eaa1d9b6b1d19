//! Reports to the credit platform: five thousand clean ones raise no alarm, thirty kinds of planted error are each found, and the files
//! say what is wrong with them.

use zhunsheng_core::credit::{Credit, Finding, Template, Values, check, duplicates};
use zhunsheng_core::day::Day;
use zhunsheng_core::law::{load, load_adopted};
use zhunsheng_core::text::{id_number_problem, uscc_problem};

use super::support::law_files;

fn committed() -> Credit {
    let loaded = load(&law_files());
    assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);
    loaded.law.credit
}

fn today() -> Day {
    Day::parse("2024-10-26").unwrap()
}

/// A credit code with its check character, from a number.
fn uscc(n: usize) -> String {
    let body = format!("91211224MA{n:07}");
    "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().map(|c| format!("{body}{c}")).find(|c| uscc_problem(c).is_none()).unwrap()
}

fn resident(n: usize) -> String {
    let body = format!("211224{}{:02}{:02}{:03}", 1950 + n % 50, 1 + n % 12, 1 + n % 28, n % 1_000);
    "0123456789X".chars().map(|c| format!("{body}{c}")).find(|c| id_number_problem(c).is_none()).unwrap()
}

fn with(values: &Values, changes: &[(&str, &str)]) -> Values {
    let mut values = values.clone();
    for (code, text) in changes {
        match *text {
            "" => drop(values.remove(*code)),
            text => drop(values.insert((*code).to_owned(), text.to_owned())),
        }
    }
    values
}

/// A report without fault; which kind of party and of penalty changes with the number.
fn clean(n: usize) -> Values {
    let fen = 5_000 * (n % 900 + 1);
    let yuan =
        if fen.is_multiple_of(100) { (fen / 100).to_string() } else { format!("{}.{:02}", fen / 100, fen % 100) };
    let myriads = format!("{}.{:06}", fen / 1_000_000, fen % 1_000_000);
    let (kinds, content, fine, licence) = match n % 4 {
        0 => ("罚款", format!("罚款；罚款{yuan}元"), myriads.as_str(), ""),
        1 => ("警告；罚款", format!("警告；罚款；罚款{yuan}元"), myriads.as_str(), ""),
        2 => ("警告", "警告".to_owned(), "", ""),
        _ => (
            "罚款；吊销许可证件",
            format!("罚款；吊销许可证件；罚款{yuan}元"),
            myriads.as_str(),
            "农药经营许可证 21122420001",
        ),
    };
    let day = format!("2024-{:02}-{:02}", 1 + n % 9, 1 + n % 28);
    let fields = [
        ("CF_XDR_MC", "昌图某某有限公司"),
        ("CF_WSH", &format!("昌农罚决字〔2024〕{}号", n + 1)),
        ("CF_WFXW", "不执行农药销售台账制度"),
        ("CF_SY", "经查，当事人未记录采购、销售台账。\n以上事实有现场笔录证明。"),
        ("CF_YJ", "《农药管理条例》第五十八条"),
        ("CF_CFLB", kinds),
        ("CF_NR", &content),
        ("CF_NR_FK", fine),
        ("CF_NR_ZKDX", licence),
        ("CF_JDRQ", &day),
        ("CF_YXQ", "2099-12-31"),
        ("CF_CFJG", "昌图县农业农村局"),
        ("CF_CFJGDM", "91320105780688132K"),
        ("CF_SJLY", "昌图县农业农村局"),
        ("CF_SJLYDM", "91320105780688132K"),
    ];
    let values = with(&Values::new(), &fields);
    match n % 3 {
        0 => with(&values, &[("CF_XDR_LB", "法人及非法人组织"), ("CF_XDR_SHXYM", &uscc(n)), ("CF_FRDB", "欧阳某")]),
        1 => with(&values, &[("CF_XDR_LB", "个体工商户"), ("CF_XDR_SHXYM", &uscc(n)), ("CF_FRDB", "王某")]),
        _ => with(
            &values,
            &[("CF_XDR_MC", "李某"), ("CF_XDR_LB", "自然人"), ("CF_XDR_ZJLX", "身份证"), ("CF_XDR_ZJHM", &resident(n))],
        ),
    }
}

fn penalty(credit: &Credit) -> &Template {
    credit.template("penalty").unwrap()
}

fn codes(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn five_thousand_clean_reports_raise_no_alarm() {
    let credit = committed();
    let template = penalty(&credit);
    let reports: Vec<Values> = (0..5_000).map(clean).collect();
    for (n, report) in reports.iter().enumerate() {
        let found = check(template, report, today());
        assert!(found.is_empty(), "{n}: {found:?}");
    }
    assert!(duplicates(template, reports.iter()).is_empty());
}

/// A clean report, what is changed in it, the field at which that is found, and the words.
type Planted<'a> = (&'a Values, &'a [(&'a str, &'a str)], &'a str, &'a str);

#[test]
fn every_kind_of_planted_error_is_found_at_its_field_with_a_remedy() {
    let credit = committed();
    let template = penalty(&credit);
    // 0 legal with a fine, 2 natural with a warning, 3 legal with a licence, 1 sole trader with warning and fine.
    let (legal, natural, licence, trader) = (clean(0), clean(2), clean(3), clean(1));
    let long = "文".repeat(201);
    let planted: [Planted<'_>; 42] = [
        (&legal, &[("CF_XDR_MC", "")], "CF_XDR_MC", "没有填写"),
        (&legal, &[("CF_XDR_MC", &long)], "CF_XDR_MC", "最多200个"),
        (&legal, &[("CF_XDR_MC", " 昌图某公司")], "CF_XDR_MC", "空格"),
        (&legal, &[("CF_XDR_MC", "昌图\u{7}某公司")], "CF_XDR_MC", "控制字符"),
        (&legal, &[("CF_XDR_LB", "")], "CF_XDR_LB", "没有填写"),
        (&legal, &[("CF_XDR_LB", "公司")], "CF_XDR_LB", "不在代码表里"),
        (&legal, &[("CF_XDR_SHXYM", "")], "CF_XDR_SHXYM", "没有填写（相对人是法人及非法人组织）"),
        (&legal, &[("CF_XDR_SHXYM", "91320105780688132L")], "CF_XDR_SHXYM", "校验码不正确"),
        (&legal, &[("CF_XDR_SHXYM", "9132010578068813")], "CF_XDR_SHXYM", "应为18位"),
        (&legal, &[("CF_XDR_SHXYM", "9132O105780688132K")], "CF_XDR_SHXYM", "不允许的字符"),
        (&legal, &[("CF_FRDB", "")], "CF_FRDB", "没有填写"),
        (&legal, &[("CF_XDR_ZJHM", "11010519491231002X")], "CF_XDR_ZJHM", "应当为空"),
        (&legal, &[("CF_FR_ZJHM", "11010519491231002X")], "CF_FR_ZJLX", "没有填写"),
        (&legal, &[("CF_FR_ZJLX", "身份证"), ("CF_FR_ZJHM", "110105194912310021")], "CF_FR_ZJHM", "校验码不正确"),
        (&natural, &[("CF_XDR_SHXYM", "91320105780688132K")], "CF_XDR_SHXYM", "应当为空（相对人是自然人）"),
        (&natural, &[("CF_FRDB", "王某")], "CF_FRDB", "应当为空"),
        (&natural, &[("CF_XDR_ZJLX", "")], "CF_XDR_ZJLX", "没有填写"),
        (&natural, &[("CF_XDR_ZJLX", "学生证")], "CF_XDR_ZJLX", "不在代码表里"),
        (&natural, &[("CF_XDR_ZJHM", "")], "CF_XDR_ZJHM", "没有填写"),
        (&natural, &[("CF_XDR_ZJHM", "110105194912310021")], "CF_XDR_ZJHM", "校验码不正确"),
        (&natural, &[("CF_XDR_ZJHM", "11010519491331002X")], "CF_XDR_ZJHM", "出生日期不正确"),
        (&trader, &[("CF_XDR_SYDW", "121000000001")], "CF_XDR_SYDW", "应当为空（相对人是个体工商户）"),
        (&trader, &[("CF_XDR_SHZZ", "51210000000000001X")], "CF_XDR_SHZZ", "应当为空"),
        (&legal, &[("CF_WSH", "")], "CF_WSH", "没有填写"),
        (&legal, &[("CF_WSH", &long)], "CF_WSH", "最多64个"),
        (&legal, &[("CF_WFXW", "")], "CF_WFXW", "没有填写"),
        (&legal, &[("CF_YJ", "")], "CF_YJ", "没有填写"),
        (&legal, &[("CF_CFLB", "")], "CF_CFLB", "没有填写"),
        (&legal, &[("CF_CFLB", "罚款；拘留三日")], "CF_CFLB", "“拘留三日”不在代码表里"),
        (&legal, &[("CF_NR_FK", "")], "CF_NR_FK", "没有填写（处罚类别有“罚款”）"),
        (&legal, &[("CF_NR_FK", "50")], "CF_NR_FK", "像是把元当成了万元"),
        (&legal, &[("CF_NR_FK", "0.3")], "CF_NR_FK", "罚款金额不一致"),
        (&legal, &[("CF_NR_FK", "50元")], "CF_NR_FK", "不是金额"),
        (&legal, &[("CF_NR_FK", "-0.005")], "CF_NR_FK", "不是金额"),
        (&legal, &[("CF_NR_FK", "0.0050001")], "CF_NR_FK", "最多6位小数"),
        (&natural, &[("CF_NR_FK", "0.2")], "CF_NR_FK", "没有相应的种类"),
        (&licence, &[("CF_NR_ZKDX", "")], "CF_NR_ZKDX", "没有填写（处罚类别有“吊销许可证件”）"),
        (&legal, &[("CF_JDRQ", "2024-02-30")], "CF_JDRQ", "不是日期"),
        (&legal, &[("CF_JDRQ", "2024/01/02")], "CF_JDRQ", "不是日期"),
        (&legal, &[("CF_JDRQ", "2024-10-27")], "CF_JDRQ", "还没有到"),
        (&legal, &[("CF_YXQ", "2023-12-31")], "CF_YXQ", "早于处罚决定日期"),
        (&legal, &[("CF_CFJGDM", "11211224000000000X")], "CF_CFJGDM", "校验码不正确"),
    ];
    for (report, changes, code, what) in planted {
        let found = check(template, &with(report, changes), today());
        let hit = found.iter().find(|finding| finding.code == code);
        let hit = hit.unwrap_or_else(|| panic!("{changes:?} was not found: {found:?}"));
        assert!(hit.what.contains(what), "{changes:?}: {hit:?}");
        assert!(!hit.remedy.is_empty() && hit.title == template.field(code).unwrap().title, "{hit:?}");
    }
    let strange = check(template, &with(&legal, &[("CF_CFMC", "旧编号")]), today());
    assert_eq!(codes(&strange), ["CF_CFMC"], "a code of an older list");
    let late = with(&legal, &[("CF_GSJZQ", "2023-01-01")]);
    assert_eq!(codes(&check(template, &late, today())), ["CF_GSJZQ"], "an end of publication before the decision");
}

#[test]
fn the_same_decision_about_the_same_party_is_sent_once() {
    let credit = committed();
    let reports = [
        clean(0),
        clean(1),
        with(&clean(0), &[("CF_SY", "别的写法")]),
        with(&clean(0), &[("CF_XDR_MC", "另一家公司")]),
    ];
    let found = duplicates(penalty(&credit), reports.iter());
    let found: Vec<(usize, &str)> = found.iter().map(|(at, finding)| (*at, finding.what.as_str())).collect();
    assert_eq!(
        found,
        [(2, "与第1条重复：同一决定、同一相对人只报送一次")],
        "several parties of one decision are several"
    );
}

#[test]
fn seven_categories_are_on_and_a_report_is_owed_by_the_decision() {
    let credit = committed();
    assert_eq!(credit.switched_on().count(), 7);
    assert!(credit.owed("penalty", "decide_penalty").is_some_and(|(template, _)| template.category == "penalty"));
    assert!(credit.owed("penalty", "decide_no_penalty").is_none());
    // 简易程序也是处罚决定；查封、扣押当场决定，两条路都欠一条。
    for (procedure, step, category) in [
        ("penalty_on_the_spot", "decide", "penalty"),
        ("seizure", "seize", "compulsion"),
        ("seizure", "seize_urgent", "compulsion"),
    ] {
        let owed = credit.owed(procedure, step).map(|(template, _)| template.category.as_str());
        assert_eq!(owed, Some(category), "{procedure}.{step}");
    }
}

#[test]
fn a_file_says_what_is_wrong_with_it_and_where() {
    let files = law_files();
    // Nothing is explored: only what the files name is looked up.
    let law = load_adopted(&files, &[]).law;
    let changed = |path: &str, from: &str, to: &str| {
        let mut credit = Credit::default();
        for (known, text) in files.iter().filter(|(known, _)| known.starts_with("credit/")) {
            assert!(known != path || text.contains(from), "{from}");
            let text = if known == path { text.replacen(from, to, 1) } else { text.clone() };
            if let Err(error) = credit.load(known, &text) {
                return error.to_string();
            }
        }
        let definitions = law.procedures().map(|checked| &***checked);
        credit.problems(definitions).first().map_or_else(String::new, ToString::to_string)
    };
    let file = "credit/penalty.toml";
    for (from, to, what) in [
        ("procedure = \"penalty\"", "procedure = \"fines\"", "there is no procedure `fines`"),
        ("step = \"decide_penalty\"", "step = \"decided\"", "has no step `decided`"),
        ("step = \"decide_penalty\"", "step = \"serve\"", "no day to count from"),
        ("instrument = \"penalty_decision\"", "instrument = \"closing_form\"", "does not issue `closing_form`"),
        ("role = \"respondent\"", "role = \"owner\"", "no role `owner`"),
        ("lacks = [\"confiscated\", ", "lacks = [\"fine\", \"confiscated\", ", "has a field `fine`"),
        ("lacks = [\"confiscated\", ", "lacks = [", "no field `confiscated`"),
        ("from = \"field:violation\"", "from = \"field:crimes\"", "no field `crimes`"),
        ("\"罚款{fine}元\"", "\"罚款{fines}元\"", "no field `fines`"),
        ("from = \"party.name\"", "from = \"party.nickname\"", "nothing comes from"),
        ("code = \"CF_WFXW\"", "code = \"CF_WSH\"", "already defined"),
        ("\"CF_CFLB has 罚款\"", "\"CF_CFLX has 罚款\"", "no field `CF_CFLX`"),
        ("required = [\"always\"]", "required = [\"sometimes\"]", "is no condition"),
        ("max = 200", "maximum = 200", "unknown field"),
        ("[\"CF_JDRQ\", \"CF_YXQ\"]", "[\"CF_JDRQ\", \"CF_X\"]", "no field `CF_X`"),
        ("category = \"penalty\"", "category = \"fine\"", "is not listed"),
    ] {
        let error = changed(file, from, to);
        assert!(error.contains(what) && error.contains(file), "{to}: {error}");
    }
    let settings = "credit/settings.toml";
    let lost = committed().problems(std::iter::empty());
    assert!(lost.iter().any(|error| error.what.contains("has no clock `report_in_time`")), "nothing would be late");
    assert!(changed(settings, "id = \"levy\"", "id = \"licence\"").contains("already defined"));
}
