//! The law a county runs on: embedded defaults or a folder, adopted by an act that keeps every byte by digest.

use std::path::Path;

use rust_embed::RustEmbed;
use zhunsheng_core::calendar::Calendar;
use zhunsheng_core::id::Digest;
use zhunsheng_core::indicator::Indicator;
use zhunsheng_core::law::{self, Law, Loaded};

use super::fault::Fault;
use crate::store::law_files::LawFile;

#[derive(RustEmbed)]
#[folder = "../law/"]
struct Embedded;

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
    path.ends_with(".toml")
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
}

impl Ruling {
    /// Checks files; everything that is wrong is one fault with one line each.
    pub fn check(files: &[LawText]) -> Result<Self, Fault> {
        let loaded = law::load(files);
        if !loaded.is_sound() {
            return Err(Fault::UnsoundLaw { problems: problems(&loaded) });
        }
        Ok(Self { law: loaded.law, calendar: loaded.calendar, indicators: loaded.indicators, digest: digest(files) })
    }

    /// The law as adopted: the newest file of each path, and every older version of a procedure beside it, since a matter
    /// keeps the definition it began under.
    pub fn adopted(files: &[LawFile]) -> Result<Self, Fault> {
        let newest = newest(files);
        let mut all = newest.clone();
        for file in files {
            let current = newest.iter().any(|(path, text)| *path == file.path && *text == file.text);
            if file.path.starts_with("procedures/") && !current {
                all.push((file.path.replacen("procedures/", "procedures/archive/", 1), file.text.clone()));
            }
        }
        // Older versions first, so that of two in force the newest is taken.
        all.sort_by_key(|(path, _)| !path.starts_with("procedures/archive/"));
        let ruling = Self::check(&all)?;
        Ok(Self { digest: digest(&newest), ..ruling })
    }
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

fn digest(files: &[LawText]) -> Digest {
    let lines: String = files.iter().map(|(path, text)| format!("{} {path}\n", Digest::of(text.as_bytes()))).collect();
    Digest::of(lines.as_bytes())
}

/// One line for each thing that is wrong.
#[must_use]
pub fn problems(loaded: &Loaded) -> Vec<String> {
    let errors = loaded.errors.iter().map(ToString::to_string);
    let findings =
        loaded.findings.iter().map(|(file, f)| format!("{file}: [{}] {}：{}。{}", f.code, f.at, f.explanation, f.mend));
    errors.chain(findings).collect()
}
