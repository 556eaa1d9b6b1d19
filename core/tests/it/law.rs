//! The law as committed: every file reads, every procedure is checked, nothing is found.

use zhunsheng_core::procedure::FieldKind;

use super::support::law_files;

#[test]
fn the_committed_law_is_sound() {
    let loaded = zhunsheng_core::law::load(&law_files());
    for error in &loaded.errors {
        println!("{error}");
    }
    for (file, finding) in &loaded.findings {
        println!("{file}: {} {}: {} — {}", finding.code, finding.at, finding.explanation, finding.mend);
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
