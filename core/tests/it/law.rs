//! The law as committed: every file reads, every procedure is checked, nothing is found.

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
