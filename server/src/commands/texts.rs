//! A folder of statute texts, read to compare definitions with. Texts are looked at, never kept: the program carries none.
//!
//! Does not belong here: what a citation must satisfy (core), importing into a county (`app::library`).

use std::collections::BTreeMap;
use std::path::Path;

use zhunsheng_core::basis::Article;
use zhunsheng_core::check::{Passage, Texts, article_digest};
use zhunsheng_core::clock::Looked;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::text::Text;
use zhunsheng_core::statute::{Edition, Statute, Statutes};

use super::failure::Failure;
use crate::app::library::import::{Rejected, is_text_file, prepare};

/// The texts of a folder by statute and day of adoption.
#[derive(Default)]
pub struct Folder {
    texts: BTreeMap<(String, Day), Text>,
    /// Files that could not be read, one Chinese sentence each.
    pub rejected: Vec<String>,
}

impl Folder {
    /// Reads every text of a folder.
    ///
    /// # Errors
    /// The folder or a file cannot be opened.
    pub fn read(folder: &Path, statutes: &Statutes) -> Result<Self, Failure> {
        let fault = |error: std::io::Error| Failure::file("读取法规文本目录", folder, &error);
        let mut read = Self::default();
        for entry in std::fs::read_dir(folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if !is_text_file(&name) || name == "README.md" {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| Failure::file("读取", &path, &error))?;
            match prepare(statutes, &name, &bytes) {
                Ok(prepared) => {
                    read.texts.insert((prepared.row.statute, prepared.row.adopted), prepared.text);
                }
                Err(Rejected::File(why)) => read.rejected.push(format!("{name}：{why}")),
                Err(Rejected::Text(problems)) => {
                    read.rejected.extend(problems.iter().map(|problem| format!("{name}：{problem}")));
                }
            }
        }
        Ok(read)
    }

    /// Looks for the article of an edition, and in it for the phrase; blanks do not matter.
    pub fn look(&self, statute: &Statute, edition: &Edition, article: Article, phrase: &str) -> Looked {
        let Some(text) = self.texts.get(&(statute.short.clone(), edition.adopted)) else { return Looked::NoText };
        if text.passage(article).is_err() {
            return Looked::NoArticle;
        }
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let whole = text.article(article).map(|found| squeezed(&found.plain_text())).unwrap_or_default();
        if whole.contains(&squeezed(phrase)) { Looked::Stands } else { Looked::NoPhrase }
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

impl Texts for Folder {
    fn passage(&self, statute: &str, adopted: Day, article: Article) -> Passage {
        let Some(text) = self.texts.get(&(statute.to_owned(), adopted)) else { return Passage::NoText };
        match (text.passage(article), text.article(article)) {
            (Ok(words), Some(whole)) => Passage::Words { words, digest: article_digest(&whole.plain_text()) },
            (Err(missing), _) => Passage::Missing(missing.to_string()),
            (Ok(_), None) => Passage::Missing("没有这一条".to_owned()),
        }
    }
}
