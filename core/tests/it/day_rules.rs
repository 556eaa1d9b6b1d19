//! What 日 is, statute by statute: the table that the texts give, against `law/statutes.toml` and against dates.

use std::collections::BTreeSet;

use zhunsheng_core::clock::{Answer, Known, Problem, Question, Start, Unit};
use zhunsheng_core::statute::Statutes;

use super::clocks::calendar;
use super::support::law_files;
use super::world::day;

fn statutes() -> Statutes {
    let (path, text) = law_files().into_iter().find(|(path, _)| path == "statutes.toml").unwrap();
    Statutes::parse(&path, &text).unwrap()
}

fn ask(statute: &str, article: &str, phrase: &str, start: &str) -> Result<Answer, Problem> {
    let question = Question {
        statute: statute.to_owned(),
        edition: None,
        article: article.to_owned(),
        phrase: phrase.to_owned(),
        limit: None,
        start: Start::parse(start).unwrap(),
        events: Vec::new(),
        direction: None,
        kind: None,
        duty: None,
        roll: None,
    };
    question.answer(&Known { statutes: &statutes(), calendar: calendar(), texts: None })
}

/// Statute, edition, the amounts of 日 up to sixty that are working days, whether a last day rolls.
const RULES: [(&str, &str, &[u32], bool); 12] = [
    ("行政处罚法", "2021-01-22", &[2, 3, 5, 7], false),
    ("行政强制法", "2011-06-30", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false),
    ("行政复议法", "2017-09-01", &[5, 7], true),
    ("行政复议法", "2023-09-01", &[3, 5, 7, 10], true),
    ("行政诉讼法", "2017-06-27", &[], true),
    ("最高人民法院关于适用《行政诉讼法》的解释", "2018-02-06", &[], true),
    ("最高人民法院关于行政诉讼证据若干问题的规定", "2002-07-24", &[], true),
    ("最高人民法院关于审理行政协议案件若干问题的规定", "2019-11-27", &[], true),
    ("民事诉讼法", "2021-12-24", &[], true),
    ("民事诉讼法", "2023-09-01", &[], true),
    ("民法典", "2020-05-28", &[], true),
    ("政府信息公开条例", "2019-04-03", &[], false),
];

#[test]
fn every_rule_of_days_stands_in_the_table() {
    let statutes = statutes();
    let mut with_a_rule = BTreeSet::new();
    for (short, adopted, working, rolls) in RULES {
        let edition =
            statutes.find(short).unwrap().adopted(day(adopted)).unwrap_or_else(|| panic!("{short} {adopted}"));
        for amount in 1..=60 {
            let expected = if working.contains(&amount) { Unit::WorkDay } else { Unit::Day };
            assert_eq!(edition.counting.days(amount), expected, "{short} {amount} 日");
        }
        assert_eq!(edition.counting.roll.is_some(), rolls, "{short}");
        with_a_rule.insert((short, adopted.to_owned()));
    }
    for statute in statutes.iter().filter(|statute| statute.short != "行政许可法") {
        for edition in &statute.editions {
            let ruled = edition.counting.work_days.is_some() || edition.counting.roll.is_some();
            let known = with_a_rule.contains(&(statute.short.as_str(), edition.adopted.to_string()));
            assert!(!ruled || known, "{} {} has a rule of days that no test knows", statute.short, edition.adopted);
        }
    }
}

#[test]
fn the_same_words_end_on_different_days() {
    for (statute, article, phrase, start, due) in [
        // National Day 2024: off from 1 to 7 October, made up on 29 September and 12 October.
        ("行政处罚法", "56", "七日内", "2024-09-27", "2024-10-12"),
        ("行政强制法", "57", "七日内", "2024-09-27", "2024-10-12"),
        ("行政复议法", "60", "七日内", "2024-09-27", "2024-10-12"),
        // The edition of 2017 lists five and seven days only: three are calendar days, and the last one rolls.
        ("行政复议法", "23", "三日内", "2023-09-28", "2023-10-07"),
        ("行政复议法", "53", "三日内", "2024-09-30", "2024-10-10"),
        // Civil procedure: calendar days whose last one rolls.
        ("民事诉讼法", "126", "七日内", "2024-09-27", "2024-10-08"),
        ("行政诉讼法", "51", "七日内", "2024-09-27", "2024-10-08"),
        // All days of an organ are working days under 行政许可法§82.
        ("行政许可法", "42", "二十日内", "2024-09-14", "2024-10-18"),
        ("政府信息公开条例", "33", "20个工作日内", "2024-09-14", "2024-10-18"),
        // Beyond the list of 行政处罚法§85, and never rolled: 5 October 2024 is a Saturday within the holidays.
        ("行政处罚法", "60", "三十日内", "2024-09-05", "2024-10-05"),
        ("行政强制法", "25", "三十日", "2024-09-05", "2024-10-05"),
    ] {
        let answer = ask(statute, article, phrase, start).unwrap_or_else(|problem| panic!("{statute}: {problem}"));
        let days = answer.run.days(calendar());
        assert_eq!(answer.deadline.due.day().unwrap().to_string(), due, "{statute} {phrase}");
        assert_eq!(days.last().unwrap().day.to_string(), due, "{statute} {phrase}, day by day");
    }
}

#[test]
fn what_a_text_leaves_open_is_asked_and_said() {
    // 行政许可法§82 speaks of organs; the applicant's five days are left open.
    assert!(matches!(ask("行政许可法", "47", "五日内", "2024-09-14"), Err(Problem::UnitOpen(..))));
    assert!(matches!(ask("行政许可法", "50", "三十日前", "2024-09-14"), Err(Problem::UnitOpen(..))));
    // A minimum or a backward limit of a silent text has no cautious plain reading.
    assert!(matches!(ask("审计法", "42", "三日前", "2024-09-14"), Err(Problem::UnitOpen(..))));
    let plain = ask("审计法", "44", "十日内", "2024-09-14").unwrap().deadline.because.concat();
    assert!(plain.contains("本法未规定“日”是否指工作日，按自然日计算"), "{plain}");
    let problem = ask("行政处罚法", "60", "九十日", "2020-01-05").unwrap_err();
    assert_eq!(problem.code(), "edition-not-in-force");
}

/// A roll-over that only whoever asks demands is not laid at the door of an article.
#[test]
fn a_demanded_roll_over_names_no_article_that_does_not_say_it() {
    let question = |statute: &str, article: &str, phrase: &str, roll| Question {
        statute: statute.to_owned(),
        edition: None,
        article: article.to_owned(),
        phrase: phrase.to_owned(),
        limit: None,
        start: Start::parse("2024-07-07").unwrap(),
        events: Vec::new(),
        direction: None,
        kind: None,
        duty: None,
        roll,
    };
    let statutes = statutes();
    let known = Known { statutes: &statutes, calendar: calendar(), texts: None };
    let said = |question: Question| question.answer(&known).unwrap().deadline.because.concat();
    let demanded = said(question("行政处罚法", "60", "九十日", Some(true)));
    assert!(demanded.contains("按所给要求顺延"), "{demanded}");
    let of_law = said(question("行政复议法", "62", "九十日", None));
    assert!(of_law.contains("依据《民事诉讼法》第八十五条第三款顺延"), "{of_law}");
}
