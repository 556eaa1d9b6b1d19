//! Ranges, degrees and amounts of the benchmarks, on a small file.

use super::*;
use crate::id::{Digest, MatterId};
use crate::matter::Event;

const FILE: &str = r#"
field = "emergency"
title = "基准"
[degrees]
lighter = [0, 30]
ordinary = [30, 70]
heavier = [70, 100]
[[item]]
violation = "未如实记录"
basis = "安全生产法§97(4)"
from = "2021-09-01"
issuer = { organ = "省厅", number = "示例", superior = true }
fine = [10000, 50000]
[[item]]
violation = "无证经营"
basis = "安全生产法§98"
from = "2021-09-01"
percent = [50, 100]
of = "货值金额"
"#;

fn state(facts: &[(&str, Fact)]) -> MatterState {
    let opened = Event::Opened {
        procedure: "penalty".into(),
        definition: Digest::of(b""),
        organ: "organ".into(),
        place: None,
        parent: None,
        day: Day::parse("2024-05-06").unwrap(),
    };
    let mut state = MatterState::begin(MatterId::from_bytes(&[1; 16]).unwrap(), &opened).unwrap();
    state.facts.extend(facts.iter().map(|(field, fact)| ((*field).into(), fact.clone())));
    state
}

#[test]
fn the_six_tables_give_the_ends_of_what_a_matter_says() {
    let mut discretion = Discretion::default();
    discretion.load("discretion/emergency.toml", FILE).unwrap();
    let tables = discretion.tables();
    let day = Day::parse("2024-05-06").unwrap();
    let ends = |facts: &[(&str, Fact)]| -> Vec<i64> {
        tables.iter().map(|table| table.look_up(&state(facts), day).unwrap()).collect()
    };
    let field = ("domain", Fact::Code("emergency".into()));
    let degree = |code: &str| ("discretion", Fact::Code(code.into()));
    let listed = ("violation", Fact::Text("未如实记录".to_owned()));
    let ordinary = ends(&[field.clone(), listed.clone(), degree("ordinary")]);
    assert_eq!(ordinary, [1_000_000, 5_000_000, 2_200_000, 3_800_000, 2_200_000, 3_800_000]);
    let mitigated = ends(&[field.clone(), listed, degree("mitigated")]);
    assert_eq!(mitigated, [1_000_000, 5_000_000, 0, 1_000_000, 0, 1_000_000]);
    let times = [field.clone(), ("violation", Fact::Text("无证经营".to_owned())), degree("heavier")];
    let open = [i64::MIN, i64::MAX];
    let nothing = [i64::MAX, i64::MIN, i64::MAX, i64::MIN];
    assert_eq!(ends(&times), [&nothing[..], &open].concat(), "nothing keeps to a multiple of nothing");
    let based = [&times[..], &[("penalty_base", Fact::Int(200_000))]].concat();
    assert_eq!(ends(&based), [&[100_000, 200_000, 170_000, 200_000][..], &open].concat());
    let other = ends(&[field, ("violation", Fact::Text("其他".to_owned())), degree("ordinary")]);
    assert_eq!(other, [&open[..], &open, &open].concat(), "what is not listed is not limited");
}

#[test]
fn a_range_holds_for_the_amounts_that_the_article_names() {
    let (small, large) = ("fine = [2000, 20000]\nbase_below = 10000", "base_from = 10000");
    let file = FILE
        .replace("fine = [10000, 50000]", small)
        .replace("percent = [50, 100]", &format!("{large}\npercent = [200, 500]"))
        .replace("无证经营", "未如实记录");
    let mut discretion = Discretion::default();
    discretion.load("discretion/emergency.toml", &file).unwrap();
    let (tables, day) = (discretion.tables(), Day::parse("2024-05-06").unwrap());
    let facts = |base: Option<i64>| {
        let listed = Fact::Text("未如实记录".to_owned());
        let own = [("domain", Fact::Code("emergency".into())), ("violation", listed)];
        own.into_iter().chain(base.map(|base| ("penalty_base", Fact::Int(base)))).collect::<Vec<_>>()
    };
    let of_statute = |base: Option<i64>| -> Vec<i64> {
        tables.iter().take(2).map(|table| table.look_up(&state(&facts(base)), day).unwrap()).collect()
    };
    assert_eq!(of_statute(Some(999_900)), [200_000, 2_000_000]);
    assert_eq!(of_statute(Some(1_000_000)), [2_000_000, 5_000_000]);
    assert_eq!(of_statute(None), [i64::MAX, i64::MIN], "which range holds is not known: nothing keeps to it");
    let named = |base| discretion.of(&state(&facts(Some(base))), day).unwrap().1.named();
    assert_eq!(named(5_000_000), "未如实记录（计罚基数10000元以上）");
    assert_eq!(named(1), "未如实记录（计罚基数不足10000元）");
    let turned = file.replace("base_below = 10000", "base_below = 10000\nbase_from = 10000");
    let error = Discretion::default().load("discretion/x.toml", &turned).unwrap_err();
    assert!(error.what.contains("base_below"), "{error}");
}

#[test]
fn an_item_says_what_is_wrong_with_it_and_where() {
    let both = FILE.replace("fine = [10000, 50000]", "fine = [10000, 50000]\npercent = [1, 2]");
    let turned = FILE.replace("[10000, 50000]", "[50000, 10000]");
    for (source, what) in [(both, "expected either"), (turned, "begins behind its end")] {
        let error = Discretion::default().load("discretion/x.toml", &source).unwrap_err();
        assert!(error.what.contains(what) && error.at == Some((9, 13)), "{error}");
    }
}

#[test]
fn a_wording_near_an_entry_is_told_apart_from_one_that_is_listed_or_far() {
    let mut discretion = Discretion::default();
    discretion.load("discretion/emergency.toml", &FILE.replace("未如实记录", "未如实记录培训情况")).unwrap();
    let day = Day::parse("2024-05-06").unwrap();
    let near = |violation: &str, field: &str| {
        let state = state(&[("domain", Fact::Code(field.into())), ("violation", Fact::Text(violation.to_owned()))]);
        discretion.near(&state, day).iter().map(|item| item.violation.clone()).collect::<Vec<_>>()
    };
    assert_eq!(near("没有如实记录培训情况", "emergency"), ["未如实记录培训情况"]);
    assert_eq!(near("未如实记录、培训情况", "emergency"), ["未如实记录培训情况"], "a mark is no difference");
    assert!(near("未如实记录培训情况", "emergency").is_empty(), "listed");
    assert!(near("没有如实记录培训情况", "transport").is_empty(), "of another field");
    assert!(near("占道经营", "emergency").is_empty());
}

#[test]
fn a_power_stands_for_its_entries_however_the_violation_was_worded() {
    let mut discretion = Discretion::default();
    let file = FILE.replace("未如实记录", "未如实记录培训情况");
    discretion.load("discretion/emergency.toml", &file).unwrap();
    let day = Day::parse("2024-05-06").unwrap();
    let basis = discretion.0[0].items[0].basis.clone();
    let article = basis.article.unwrap().without_part();
    let power = |name: &str, basis: String| crate::authority::Power {
        id: crate::id::MatterId(1),
        code: String::new(),
        name: name.to_owned(),
        kind: "penalty".to_owned(),
        domain: "emergency".to_owned(),
        organ: "organ".into(),
        basis,
        from: day,
        until: None,
        published: None,
    };
    let meant = |violation: &str, power: &crate::authority::Power| {
        let facts = [("domain", Fact::Code("emergency".into())), ("violation", Fact::Text(violation.to_owned()))];
        let state = state(&facts);
        discretion.meant(&state, Some(power), day).iter().map(|item| item.violation.clone()).collect::<Vec<_>>()
    };
    let listed = ["未如实记录培训情况"];
    let cited = power("罚款", format!("《{}》{article}", basis.source));
    assert_eq!(meant("安全台账空白", &cited), listed, "by its article");
    assert_eq!(meant("安全台账空白", &power("对未如实记录培训情况的处罚", String::new())), listed, "by its name");
    assert!(meant("未如实记录培训情况", &cited).is_empty(), "listed as it is");
    let other = power("罚款", format!("《{}》{article}之一", basis.source));
    assert!(meant("安全台账空白", &other).is_empty(), "another article");
    let elsewhere = crate::authority::Power { domain: "transport".to_owned(), ..cited };
    assert!(meant("安全台账空白", &elsewhere).is_empty(), "of another field");
    // A later edition words it otherwise; the violation ended before it.
    let renamed = FILE.replace("2021-09-01", "2024-03-01").replace("未如实记录", "培训记录造假");
    let earlier = FILE.replace("from = \"2021-09-01\"", "from = \"2021-09-01\"\nuntil = \"2024-03-01\"");
    let mut editions = Discretion::default();
    editions.load("discretion/earlier.toml", &earlier).unwrap();
    editions.load("discretion/later.toml", &renamed).unwrap();
    let cited = crate::authority::Power { domain: "emergency".to_owned(), ..elsewhere };
    let ended = |on: &str| {
        let violation = Fact::Text("未如实记录".to_owned());
        let ended = Fact::Day(Day::parse(on).unwrap());
        let facts = [("domain", Fact::Code("emergency".into())), ("violation", violation), (ENDED, ended)];
        editions.meant(&state(&facts), Some(&cited), day).len()
    };
    assert_eq!((ended("2024-02-20"), ended("2024-04-20")), (0, 1), "listed on the day it ended");
}
