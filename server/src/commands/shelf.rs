//! Where a command finds the texts of statutes: a folder of files, or the library of a county.

use std::path::{Path, PathBuf};

use serde_json::json;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::Statutes;
use zhunsheng_core::statute::text::ArticleText;

use super::failure::Failure;
use super::opening;
use super::terminal::Terminal;
use crate::app::county_in;
use crate::app::fault::{Fault, StoreFault};
use crate::app::library::import::{Prepared, is_text_file, prepare};
use crate::app::ruling::embedded;
use crate::config::Config;
use crate::store::{Db, statutes};

/// Texts of statutes.
pub enum Shelf {
    /// Read from files for this one command.
    Folder(Vec<Prepared>),
    /// In a county's library.
    County {
        /// Its database.
        db: Db,
        /// Its code.
        code: String,
    },
}

impl Shelf {
    /// The texts of a folder if one is given, else of the county.
    pub fn open(folder: Option<&Path>, config: &Config, statutes: &Statutes) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            let (db, code) = county(config)?;
            return Ok(Self::County { db, code });
        };
        let mut texts = Vec::new();
        for path in files_of(folder)? {
            let bytes = std::fs::read(&path).map_err(|error| Failure::file("读取", &path, &error))?;
            // What is malformed is the importer's to report; here it is simply not there.
            texts.extend(prepare(statutes, &name_of(&path), &bytes));
        }
        Ok(Self::Folder(texts))
    }

    /// The editions of a statute that are there, oldest first.
    pub fn editions(&self, statute: &str) -> Result<Vec<Day>, Failure> {
        let mut days: Vec<Day> = match self {
            Self::Folder(texts) => {
                texts.iter().filter(|text| text.row.statute == statute).map(|text| text.row.adopted).collect()
            }
            Self::County { db, code } => {
                let found: Vec<_> = db
                    .read_blocking(|r| statutes::editions(r, code, statute))
                    .map_err(|fault: StoreFault| Failure::from(fault))?;
                found.into_iter().map(|row| row.adopted).collect()
            }
        };
        days.sort();
        Ok(days)
    }

    /// The articles of an edition; none if it is not there.
    pub fn articles(&self, statute: &str, adopted: Day) -> Result<Option<Vec<ArticleText>>, Failure> {
        let found = match self {
            Self::Folder(texts) => {
                let found = texts.iter().find(|text| text.row.statute == statute && text.row.adopted == adopted);
                found.map(|text| text.text.articles.clone()).unwrap_or_default()
            }
            Self::County { db, code } => db
                .read_blocking(|r| statutes::articles(r, code, statute, adopted))
                .map_err(|fault: StoreFault| Failure::from(fault))?,
        };
        Ok(Some(found).filter(|articles| !articles.is_empty()))
    }
}

/// The county's database, to read, and its code.
pub fn county(config: &Config) -> Result<(Db, String), Failure> {
    if !opening::has_county(&config.home())? {
        return Err(Fault::NoCounty.into());
    }
    let db = Db::open_for_reading(config.home())?;
    let code = code_of(&db)?;
    Ok((db, code))
}

/// The county that lives in a database.
pub fn code_of(db: &Db) -> Result<String, Failure> {
    let found = db.read_blocking(|r| county_in(r)).map_err(|fault: StoreFault| Failure::from(fault))?;
    Ok(found.ok_or(Fault::NoCounty)?.0)
}

/// The statutes that came with the program.
pub fn known_statutes() -> Statutes {
    let files = embedded();
    let file = files.iter().find(|(path, _)| path == "statutes.toml");
    // What comes with the program is read by its tests; one that cannot be read knows no statute.
    file.and_then(|(path, text)| Statutes::parse(path, text).ok()).unwrap_or_default()
}

/// The files of a folder and of the folders in it that are texts, in order.
pub fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        let fault = |error: std::io::Error| Failure::file("读取目录", &next, &error);
        for entry in std::fs::read_dir(&next).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if is_text_file(&name_of(&path)) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The last part of a path.
pub fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What was asked for does not exist: said on standard error, and as JSON on standard output where that is asked for.
pub fn refused(as_json: bool, code: &str, sentence: String, terminal: &mut Terminal) -> Failure {
    if as_json {
        terminal.say(json!({ "error": { "code": code, "message": sentence } }).to_string());
    }
    Failure::Usage(sentence)
}
