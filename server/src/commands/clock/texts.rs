//! Statute texts in a folder, to look articles and phrases up while answering. Looked at, never kept.

use std::collections::HashMap;
use std::path::Path;

use zhunsheng_core::basis::Article;
use zhunsheng_core::clock::Looked;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::text::{Text, edition_in_file_name};
use zhunsheng_core::statute::{Edition, Statute};

use crate::commands::failure::Failure;

/// The texts, by name as in the file's name and day of adoption.
pub struct Texts(HashMap<(String, Day), Text>);

impl Texts {
    /// Reads a folder of `法名(通过日期).md`; what cannot be read as a statute is left to `statutes import` to tell.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let fault = |error: std::io::Error| Failure::file("读取法规文本目录", folder, &error);
        let mut texts = HashMap::new();
        for entry in std::fs::read_dir(folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Some((statute, day)) = edition_in_file_name(&name).filter(|_| name.ends_with(".md")) else { continue };
            let source = std::fs::read_to_string(&path).map_err(|error| Failure::file("读取", &path, &error))?;
            if let Ok(text) = Text::parse(&source) {
                texts.insert((statute, day), text);
            }
        }
        if texts.is_empty() {
            return Err(Failure::Fault(format!("{} 中没有名为“法名(通过日期).md”的法规文本。", folder.display())));
        }
        Ok(Self(texts))
    }

    /// Looks for the article of an edition, and in it for the phrase; blanks do not matter.
    pub fn look(&self, statute: &Statute, edition: &Edition, article: Article, phrase: &str) -> Looked {
        let names = [&statute.short, &statute.title].into_iter().chain(&statute.aliases);
        let without_state = statute.title.strip_prefix("中华人民共和国").map(str::to_owned);
        let found = names.cloned().chain(without_state).find_map(|name| self.0.get(&(name, edition.adopted)));
        let Some(text) = found else { return Looked::NoText };
        if text.passage(article).is_err() {
            return Looked::NoArticle;
        }
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let whole = text.article(article).map(|found| squeezed(&found.plain_text())).unwrap_or_default();
        if whole.contains(&squeezed(phrase)) { Looked::Stands } else { Looked::NoPhrase }
    }
}
