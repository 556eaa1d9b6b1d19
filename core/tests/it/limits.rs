//! Named limits: what a file says is what the law holds, and a wrong file says where it is wrong.

use zhunsheng_core::clock::{Direction, Duty, LimitKind, Unit};
use zhunsheng_core::day::Day;
use zhunsheng_core::limits::Limits;
use zhunsheng_core::statute::Statutes;

const STATUTES: &str = r#"
[[statute]]
short = "行政复议法"
title = "中华人民共和国行政复议法"
level = "law"
[[statute.edition]]
adopted = "2017-09-01"
in_force = "2018-01-01"
work_days = { amounts = [5, 7], basis = "行政复议法§40.2" }
[[statute.edition]]
adopted = "2023-09-01"
in_force = "2024-01-01"
work_days = { amounts = [3, 5, 7, 10], basis = "行政复议法§88.2" }
roll = "民事诉讼法§85.3"
[[statute]]
short = "行政许可法"
title = "中华人民共和国行政许可法"
level = "law"
[[statute.edition]]
adopted = "2019-04-23"
in_force = "2019-04-23"
work_days = { all = true, bound = "organ", basis = "行政许可法§82" }
"#;

const FILE: &str = r#"
[[limit]]
id = "reconsideration_decide"
matter = "行政复议（普通程序）"
title = "作出行政复议决定"
basis = "行政复议法§62.1"
phrase = "六十日内"
limit = "60 day"
starts_at = "受理申请之日"
extend = [{ by = "行政复议机构的负责人", limit = "30 day", basis = "行政复议法§62.1" }]
excludes = [{ what = "中止期间", basis = "行政复议法§39" }]

[[limit]]
id = "reconsideration_hearing_notice"
matter = "行政复议（普通程序）"
title = "通知听证"
basis = "行政复议法§51.1"
phrase = "五日前"
limit = "5 work_day"
starts_at = "举行听证之日"
direction = "backward"
kind = "minimum"
edition = "2023-09-01"

[[limit]]
id = "licence_renew"
matter = "行政许可"
title = "申请延续"
basis = "行政许可法§50.1"
phrase = "三十日前"
limit = "30 day"
starts_at = "有效期届满之日"
direction = "backward"
duty = "party"
expires = { text = "视为准予延续", basis = "行政许可法§50.2" }
"#;

fn statutes() -> Statutes {
    Statutes::parse("statutes.toml", STATUTES).unwrap()
}

fn read(source: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    limits.load("limits/x.toml", source).map(|()| limits).map_err(|error| error.to_string())
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

#[test]
fn a_file_of_limits_is_read_as_it_stands() {
    let limits = read(FILE).unwrap();
    assert_eq!(limits.iter().count(), 3);
    let decide = limits.get("reconsideration_decide").unwrap();
    assert_eq!((decide.limit.amount, decide.limit.unit, decide.limit.kind), (60, Unit::Day, LimitKind::Maximum));
    assert_eq!((decide.duty, decide.at), (Duty::Organ, (2, 1)));
    let extension = &decide.extends[0];
    assert_eq!((extension.amount, extension.unit, extension.times), (30, Unit::Day, 1));
    assert_eq!(decide.excludes[0].what, "中止期间");
    let renew = limits.get("licence_renew").unwrap();
    assert_eq!((renew.duty, renew.limit.direction), (Duty::Party, Direction::Backward));
    assert_eq!(renew.expires.as_ref().unwrap().text, "视为准予延续");
}

#[test]
fn a_limit_rolls_over_only_where_its_edition_does() {
    let (limits, statutes) = (read(FILE).unwrap(), statutes());
    let decide = limits.get("reconsideration_decide").unwrap();
    assert_eq!(decide.resolved(&statutes, day("2023-12-31")).roll, None);
    assert_eq!(decide.resolved(&statutes, day("2024-01-01")).roll.unwrap().written(), "民事诉讼法§85.3");
    // Before any edition that is known, the newest stands.
    assert_eq!(decide.edition(&statutes, day("2010-01-01")).unwrap().adopted, day("2023-09-01"));
    let hearing = limits.get("reconsideration_hearing_notice").unwrap();
    assert_eq!(hearing.edition(&statutes, day("2020-01-01")).unwrap().adopted, day("2023-09-01"));
}

#[test]
fn a_unit_that_contradicts_the_statute_is_seen() {
    let statutes = statutes();
    let conflict =
        |source: &str, id: &str| read(source).unwrap().get(id).unwrap().unit_conflict(&statutes, day("2025-01-01"));
    assert_eq!(conflict(FILE, "reconsideration_decide"), None);
    assert_eq!(conflict(FILE, "reconsideration_hearing_notice"), None);
    // 行政许可法§82 says nothing of the limits of parties: either unit stands.
    assert_eq!(conflict(FILE, "licence_renew"), None);
    let calendar = FILE.replace("5 work_day", "5 day");
    assert_eq!(conflict(&calendar, "reconsideration_hearing_notice"), Some(Unit::WorkDay));
    let working = FILE.replace("60 day", "60 work_day");
    assert_eq!(conflict(&working, "reconsideration_decide"), Some(Unit::Day));
    let organ = FILE.replace("duty = \"party\"\n", "");
    assert_eq!(conflict(&organ, "licence_renew"), Some(Unit::WorkDay));
}

#[test]
fn a_wrong_file_says_where_it_is_wrong() {
    for (from, to, place, says) in [
        ("60 day", "60 days", "limits/x.toml:8:9", "expected a limit"),
        ("30 day\", basis", "30\", basis", "limits/x.toml:10:40", "expected a limit"),
        ("duty = \"party\"", "duty = \"citizen\"", "limits/x.toml:34:8", "unknown variant"),
        ("starts_at = \"受理申请之日\"", "start = \"受理申请之日\"", "limits/x.toml:9:1", "unknown field"),
        ("§62.1\"\nphrase", "第62条\"\nphrase", "limits/x.toml:6:9", "expected 法名§条"),
        ("六十日内", "", "limits/x.toml:7:10", "phrase"),
        ("licence_renew", "Licence", "limits/x.toml:26:6", "snake_case"),
        ("licence_renew", "reconsideration_decide", "limits/x.toml:26:6", "already defined in limits/x.toml:2"),
        ("2023-09-01", "2023-09-31", "limits/x.toml:23:11", "expected a day"),
    ] {
        let source = FILE.replacen(from, to, 1);
        assert_ne!(source, FILE, "{from}");
        let error = read(&source).unwrap_err();
        assert!(error.starts_with(&format!("{place}: ")) && error.contains(says), "{to}: {error}");
    }
    let mut limits = read(FILE).unwrap();
    let again = limits.load("limits/y.toml", FILE).unwrap_err();
    assert!(again.what.contains("limits/x.toml:2"), "{again}");
    assert_eq!(limits.iter().count(), 3, "a wrong file adds nothing");
}

#[test]
fn the_limits_that_come_with_the_program_are_sound() {
    let loaded = zhunsheng_core::law::load(&crate::support::law_files());
    assert_eq!(loaded.errors, []);
    let law = loaded.law;
    let day = day("2026-01-01");
    assert!(law.limits.iter().count() >= 120);
    let mut wrong = Vec::new();
    for limit in law.limits.iter() {
        let (line, _) = limit.at;
        if let Some(unit) = limit.unit_conflict(&law.statutes, day) {
            wrong.push(format!("{}:{line}: {} is in {unit:?}", limit.file, limit.id));
        }
        if limit.basis.grade == zhunsheng_core::basis::Grade::Statutory && limit.edition(&law.statutes, day).is_none() {
            wrong.push(format!("{}:{line}: no edition of {}", limit.file, limit.basis));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
