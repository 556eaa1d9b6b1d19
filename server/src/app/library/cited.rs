//! The articles that a page cites, read in one statement: each citation with the edition in force on its day.

use std::collections::{BTreeMap, BTreeSet};

use zhunsheng_core::basis::{Basis, Grade};
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::Statutes;
use zhunsheng_core::statute::text::ArticleText;

use crate::store::statutes::{self, Key};
use crate::store::{Query, StoreFault};

/// Articles that were read for a page.
#[derive(Clone, Debug, Default)]
pub struct Cited {
    articles: BTreeMap<Key, ArticleText>,
}

/// What a citation points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quotation {
    /// Where it stands.
    pub key: Key,
    /// Its words, one line to a paragraph or item.
    pub words: String,
}

impl Cited {
    /// Reads what these citations, each as of a day, point at; what is not in the library is left out.
    pub fn read<'b>(
        q: &impl Query,
        county: &str,
        statutes: &Statutes,
        asked: impl IntoIterator<Item = (&'b Basis, Day)>,
    ) -> Result<Self, StoreFault> {
        let keys: BTreeSet<Key> = asked.into_iter().filter_map(|(basis, day)| key(statutes, basis, day)).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let found = statutes::find(q, county, &keys)?.into_iter().map(|hit| {
            let key = Key { statute: hit.statute, adopted: hit.adopted, article: hit.article.article };
            (key, hit.article)
        });
        Ok(Self { articles: found.collect() })
    }

    /// The words of a citation as of a day; none where the article does not have that paragraph or item.
    #[must_use]
    pub fn quotation(&self, statutes: &Statutes, basis: &Basis, day: Day) -> Option<Quotation> {
        let key = key(statutes, basis, day)?;
        let article = self.articles.get(&key)?;
        let words = article.passage(basis.article?).ok()?;
        Some(Quotation { key, words })
    }
}

/// Which article of which edition a citation means on a day.
fn key(statutes: &Statutes, basis: &Basis, day: Day) -> Option<Key> {
    let article = basis.article.filter(|_| basis.grade == Grade::Statutory)?.without_part();
    let statute = statutes.find(&basis.source)?;
    Some(Key { statute: statute.short.clone(), adopted: statute.on(day)?.adopted, article })
}
