//! The law as committed: every file reads, every procedure is checked, nothing is found.

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
