//! The law a county runs on: embedded defaults or a folder, adopted by an act that keeps every byte by digest.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rust_embed::RustEmbed;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::check::{LOCK, Severity, Verdict};
use zhunsheng_core::id::Digest;
use zhunsheng_core::indicator::Indicator;
use zhunsheng_core::law::{self, Law, Loaded};
use zhunsheng_core::refusal::engine;

use super::fault::Fault;
use crate::store::law_files::LawFile;

#[derive(RustEmbed)]
#[folder = "../law/"]
struct Embedded;

/// The verdict of the last check of this process that found nothing wrong.
static SOUND: Mutex<Option<Verdict>> = Mutex::new(None);

/// A law file: its path relative to the law folder, and its text.
pub type LawText = (String, String);

/// The law files that came with the program.
#[must_use]
pub fn embedded() -> Vec<LawText> {
    let text = |path: &str| Embedded::get(path).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    let mut files: Vec<LawText> = Embedded::iter()
        .filter(|path| is_law(path))
        .filter_map(|path| Some((path.to_string(), text(&path)?)))
        .collect();
    files.sort();
    files
}

fn is_law(path: &str) -> bool {
    path.ends_with(".toml") || path == LOCK
}

/// The law files of a folder.
pub fn read_folder(folder: &Path) -> Result<Vec<LawText>, Fault> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let fault = |source| Fault::File { path: next.clone(), source };
        for entry in std::fs::read_dir(&next).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if is_law(&name) {
                let text =
                    std::fs::read_to_string(&path).map_err(|source| Fault::File { path: path.clone(), source })?;
                files.push((name, text));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Checked law, calendar and indicators with one digest over all of it.
#[derive(Debug)]
pub struct Ruling {
    /// Procedures, refusals, posts, tables.
    pub law: Law,
    /// Working days.
    pub calendar: Calendar,
    /// Figures.
    pub indicators: Vec<Indicator>,
    /// Over the digests of the newest files: every entry names it.
    pub digest: Digest,
    /// What the checker said, to be kept beside the adopted law; none where it was not asked.
    pub verdict: Option<Verdict>,
}

impl Ruling {
    /// Checks files; everything that is wrong is one fault with one line each. What this process has found sound is not explored a
    /// second time, and who asks meanwhile waits for the answer.
    pub fn check(files: &[LawText]) -> Result<Self, Fault> {
        let mut sound = SOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = sound.as_ref().filter(|verdict| Verdict::stands(&verdict.written(), files)) {
            let loaded = law::load_adopted(files, &[]);
            if loaded.errors.is_empty() {
                return Ok(Self { verdict: Some(verdict.clone()), ..Self::of(loaded, files) });
            }
        }
        let loaded = law::load(files);
        if !loaded.is_sound() {
            return Err(Fault::UnsoundLaw { problems: problems(&loaded) });
        }
        sound.clone_from(&loaded.verdict);
        Ok(Self::of(loaded, files))
    }

    /// The law as adopted: the newest file of each path, and every older version of a procedure beside it, since a matter
    /// keeps the definition it began under. The act of adoption checked it; nothing is explored again, however strict a
    /// later checker may be ([`super::found::review`] says so then).
    pub fn adopted(files: &[LawFile]) -> Result<Self, Fault> {
        let newest = newest(files);
        let current = |file: &LawFile| newest.iter().any(|(path, text)| *path == file.path && *text == file.text);
        let older: Vec<LawText> =
            files.iter().filter(|file| !current(file)).map(|file| (file.path.clone(), file.text.clone())).collect();
        let loaded = law::load_adopted(&with_engine_refusals(newest.clone()), &older);
        if !loaded.errors.is_empty() {
            return Err(Fault::UnsoundLaw { problems: problems(&loaded) });
        }
        Ok(Self::of(loaded, &newest))
    }

    fn of(loaded: Loaded, files: &[LawText]) -> Self {
        Self {
            law: loaded.law,
            calendar: loaded.calendar,
            indicators: loaded.indicators,
            digest: digest(files),
            verdict: loaded.verdict,
        }
    }
}

/// Law that was adopted under an earlier program, with the sentences that this one's engine needs besides: they come with the program
/// until the county adopts a newer law, so that no update stops a county.
fn with_engine_refusals(mut files: Vec<LawText>) -> Vec<LawText> {
    const FILE: &str = "refusals.toml";
    const ENTRY: &str = "[[refusal]]";
    let defines = |text: &str, code: &str| text.contains(&format!("code = \"{code}\""));
    let brought = embedded().into_iter().find(|(path, _)| path == FILE).map(|(_, text)| text).unwrap_or_default();
    if let Some((_, own)) = files.iter_mut().find(|(path, _)| path == FILE) {
        for code in engine::ALL.iter().filter(|code| !defines(own, code)).copied().collect::<Vec<_>>() {
            let entry = brought.split(ENTRY).skip(1).find(|entry| defines(entry, code));
            own.extend(entry.map(|entry| format!("\n{ENTRY}{entry}")));
        }
    }
    files
}

/// The newest text of each path, by path.
#[must_use]
pub fn newest(files: &[LawFile]) -> Vec<LawText> {
    let mut newest = std::collections::BTreeMap::new();
    for file in files {
        newest.insert(file.path.clone(), file.text.clone());
    }
    newest.into_iter().collect()
}

pub(super) fn digest(files: &[LawText]) -> Digest {
    let lines: String = files.iter().map(|(path, text)| format!("{} {path}\n", Digest::of(text.as_bytes()))).collect();
    Digest::of(lines.as_bytes())
}

/// One line for each thing that is wrong.
#[must_use]
pub fn problems(loaded: &Loaded) -> Vec<String> {
    let errors = loaded.errors.iter().map(ToString::to_string);
    let grave = loaded.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.chain(grave.map(|finding| format!("{finding}。{}", finding.mend))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_of_an_earlier_program_gets_the_sentences_that_the_engine_needs() {
        let file = |(path, text): LawText| LawFile { path, text, seq: 1 };
        let mut files: Vec<LawFile> = embedded().into_iter().map(file).collect();
        let own = files.iter_mut().find(|file| file.path == "refusals.toml").unwrap();
        let earlier = |entry: &&str| !entry.contains("code = \"power_unnamed\"");
        own.text = own.text.split("[[refusal]]").filter(earlier).collect::<Vec<_>>().join("[[refusal]]");
        let digest = digest(&newest(&files));
        let ruling = Ruling::adopted(&files).unwrap();
        assert!(ruling.law.refusals.knows("power_unnamed"));
        assert_eq!(ruling.digest, digest, "what was adopted is what was adopted");
    }
}
