//! A verdict that is kept: this law, byte for byte, was found sound by this checker. A start compares digests and explores
//! only where one of the two has changed.

use crate::id::Digest;

/// The checker's own version: the digest of its sources and of those that give a definition its meaning, so that it cannot
/// be forgotten when one of them changes.
pub fn version() -> Digest {
    const SOURCES: &[&str] = &[
        include_str!("choices.rs"),
        include_str!("citations.rs"),
        include_str!("clocks.rs"),
        include_str!("explore.rs"),
        include_str!("finding.rs"),
        include_str!("invariant.rs"),
        include_str!("layout.rs"),
        include_str!("liveness.rs"),
        include_str!("lock.rs"),
        include_str!("mod.rs"),
        include_str!("model.rs"),
        include_str!("papers.rs"),
        include_str!("people.rs"),
        include_str!("references.rs"),
        include_str!("solve.rs"),
        include_str!("structure.rs"),
        include_str!("verdict.rs"),
        include_str!("whole.rs"),
        include_str!("../basis.rs"),
        include_str!("../clock/amount.rs"),
        include_str!("../clock/phrase.rs"),
        include_str!("../law.rs"),
        include_str!("../numeral.rs"),
        include_str!("../procedure/guard.rs"),
        include_str!("../procedure/raw.rs"),
        include_str!("../procedure/parse/mod.rs"),
        include_str!("../procedure/parse/clock.rs"),
        include_str!("../procedure/parse/condition.rs"),
        include_str!("../procedure/parse/invariant.rs"),
        include_str!("../procedure/parse/names.rs"),
        include_str!("../procedure/parse/step.rs"),
        include_str!("../statute/counting.rs"),
        include_str!("../statute/mod.rs"),
        include_str!("../matter/evaluate.rs"),
    ];
    Digest::of(SOURCES.concat().as_bytes())
}

/// That files were found sound: made only by a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    files: Digest,
    checker: Digest,
}

impl Verdict {
    /// The verdict on files that were just checked and found sound.
    pub(crate) fn given(files: &[(String, String)]) -> Self {
        Self { files: digest_of(files), checker: version() }
    }

    /// Whether a stored verdict is about exactly these files and was given by this checker.
    pub fn stands(stored: &str, files: &[(String, String)]) -> bool {
        Self::given(files).written() == stored
    }

    /// As it is stored.
    pub fn written(&self) -> String {
        format!("{} {}", self.checker, self.files)
    }
}

/// One digest over paths and bytes, whatever their order. Notices of days off are left out: no check reads them, so a new
/// one asks for none.
fn digest_of(files: &[(String, String)]) -> Digest {
    let checked = files.iter().filter(|(path, _)| !path.starts_with("calendars/"));
    let mut lines: Vec<String> =
        checked.map(|(path, text)| format!("{} {path}\n", Digest::of(text.as_bytes()))).collect();
    lines.sort();
    Digest::of(lines.concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_recalled_for_the_same_bytes_only() {
        let files = |text: &str| vec![("a.toml".to_owned(), text.to_owned()), ("b.toml".to_owned(), String::new())];
        let stored = Verdict::given(&files("x = 1")).written();
        assert!(Verdict::stands(&stored, &files("x = 1")));
        let mut turned = files("x = 1");
        turned.reverse();
        assert!(Verdict::stands(&stored, &turned), "order does not matter");
        assert!(!Verdict::stands(&stored, &files("x = 2")));
        let mut noticed = files("x = 1");
        noticed.push(("calendars/2027.toml".to_owned(), "year = 2027".to_owned()));
        assert!(Verdict::stands(&stored, &noticed), "a notice of days off asks for no check");
        assert!(!Verdict::stands("", &files("x = 1")));
    }
}
