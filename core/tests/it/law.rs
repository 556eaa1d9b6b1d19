//! The law as committed: every file reads, every procedure is checked, nothing is found.

use zhunsheng_core::procedure::words::Words;
use zhunsheng_core::procedure::{FieldKind, guard};
use zhunsheng_core::statute::citing::{Citer, citations};

use super::support::law_files;

#[test]
fn the_committed_law_is_sound() {
    let loaded = zhunsheng_core::law::load(&law_files());
    for error in &loaded.errors {
        println!("{error}");
    }
    for finding in &loaded.findings {
        println!("{finding}。建议：{}", finding.mend);
    }
    assert!(loaded.is_sound(), "see above");
}

#[test]
fn the_register_of_posts_offers_exactly_the_kinds_of_posts() {
    let law = zhunsheng_core::law::load(&law_files()).law;
    let register = law.newest("post").unwrap();
    let offered: Vec<(&str, &str)> =
        register.lists["post_kind"].items.iter().map(|(code, title)| (code.as_str(), title.as_str())).collect();
    let mut kinds: Vec<(&str, &str)> = law.posts.iter().map(|post| (post.kind.as_str(), post.title.as_str())).collect();
    let mut sorted = offered.clone();
    sorted.sort_unstable();
    kinds.sort_unstable();
    assert_eq!(sorted, kinds);
}

/// `{fine}` reads 2000元 and `{fine.words}` 人民币贰仟元整: a body that said the unit again would double it.
#[test]
fn no_instrument_says_the_unit_of_an_amount_twice() {
    let law = zhunsheng_core::law::load(&law_files()).law;
    let mut amounts = 0;
    for procedure in law.procedures() {
        for (id, _) in procedure.fields.iter().filter(|(_, field)| field.kind == FieldKind::Money) {
            for instrument in &procedure.instruments {
                amounts += instrument.body.matches(&format!("{{{id}}}")).count();
                for twice in [format!("{{{id}}}元"), format!("{{{id}.words}}元"), format!("人民币{{{id}.words}}")]
                {
                    assert!(!instrument.body.contains(&twice), "{} {}: {twice}", procedure.id, instrument.id);
                }
            }
        }
    }
    assert!(amounts > 10, "the definitions set amounts: {amounts}");
}

#[test]
fn the_version_in_force_is_chosen_by_its_dates_not_by_its_file() {
    let old = include_str!("definitions/card.toml");
    let new = old.replace("in_force_from = \"2020-01-01\"", "in_force_from = \"2024-01-01\"");
    assert_ne!(old, new);
    let mut files: Vec<(String, String)> =
        law_files().into_iter().filter(|(path, _)| !path.starts_with("procedures/")).collect();
    files.push(("procedures/a.toml".into(), new));
    files.push(("procedures/b.toml".into(), old.to_owned()));
    let law = zhunsheng_core::law::load(&files).law;
    let from = |day: &str| law.in_force("card", super::world::day(day)).map(|known| known.in_force_from.to_string());
    assert_eq!(from("2019-12-31"), None);
    assert_eq!(from("2023-12-31").as_deref(), Some("2020-01-01"));
    assert_eq!(from("2024-01-01").as_deref(), Some("2024-01-01"));
}

/// Rules, conditions and special cases are read by citizens: titles, never identifiers or the language of definitions.
#[test]
fn every_rule_and_condition_reads_without_identifiers() {
    let law = zhunsheng_core::law::load(&law_files()).law;
    let mut sentences = Vec::new();
    for procedure in law.procedures() {
        let words = Words::among(procedure, &law);
        let steps = procedure.steps.iter();
        sentences.extend(procedure.invariants.iter().map(|invariant| words.rule(invariant)));
        sentences.extend(steps.flat_map(|step| &step.guards).map(|guard| words.condition(&guard.that)));
        sentences.extend(procedure.clocks.iter().flat_map(|c| &c.overrides).map(|other| words.condition(&other.when)));
    }
    assert!(sentences.len() > 300, "{}", sentences.len());
    for sentence in &sentences {
        assert!(!sentence.contains(|c: char| c.is_ascii_alphabetic()), "{sentence}");
    }
    for expected in [
        "没有“签发行政处罚事先告知书”，不得“作出行政处罚决定”",
        "不符合“陈述、申辩已经结束”的，不得“作出行政处罚决定”",
        "“行政处罚听证”正在办理的，不得“签发行政处罚事先告知书”",
        "“送达听证通知书”由没有在上级事项中办理“调查取证”的人员办理",
        "“审查类型”为行政规范性文件",
    ] {
        assert!(sentences.iter().any(|sentence| sentence == expected), "{expected}\n{}", sentences.join("\n"));
    }
}

/// A denial is put on the facts, and brackets stand where they change the meaning.
#[test]
fn a_condition_is_denied_in_its_parts() {
    let law = zhunsheng_core::law::load(&law_files()).law;
    let mediation = law.newest("mediation").unwrap();
    let said = |text: &str| Words::among(mediation, &law).condition(&guard::parse(text).unwrap());
    let signed = said("parties_signed = yes").strip_suffix("为是").unwrap().to_owned();
    assert_eq!(said("not parties_signed = yes"), format!("{signed}为否"));
    assert_eq!(
        said("not (parties_signed = yes and (filled agreement or done accept))"),
        format!("{signed}为否，或者（{}，且没有办理“受理并确定调解员”）", said("not filled agreement"))
    );
    assert_eq!(
        said("not (parties_signed = yes or done accept)"),
        format!("{signed}为否，且没有办理“受理并确定调解员”")
    );
    assert_eq!(said("not perform_by < day"), "“履行期限”不早于办理当日");
    assert_eq!(said("perform_by < day"), "“履行期限”早于办理当日");
    assert_eq!(said("amount_agreed > 0元"), "“协议金额”超过0元");
}

/// An article that says how 日 are counted is cited by every limit of its statute, through `statutes.toml`.
#[test]
fn the_counting_of_days_is_cited_where_it_stands() {
    let law = zhunsheng_core::law::load(&law_files()).law;
    let counting: Vec<_> = citations(&law).into_iter().filter(|one| one.citer == Citer::Counting).collect();
    let has = |written: &str, edition: Option<&str>| {
        counting
            .iter()
            .any(|one| one.basis.written() == written && one.edition.map(|day| day.to_string()).as_deref() == edition)
    };
    assert!(has("行政复议法§40.2", Some("2017-09-01")) && has("行政复议法§88.2", Some("2023-09-01")));
    assert!(has("民事诉讼法§85.3", None), "lent to 行政复议法");
    assert!(!has("行政复议法§88.2", Some("2017-09-01")));
}
