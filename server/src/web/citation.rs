//! A citation on a page: the article's words unfold on hover, tap or key where the library has them; plain words where
//! it has not. The one place that knows how a citation looks and where an article's page is.

use std::sync::Arc;

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zhunsheng_core::basis::{Article, Basis};
use zhunsheng_core::day::Day;
use zhunsheng_core::procedure::Procedure;
use zhunsheng_core::refusal::Refusal;
use zhunsheng_core::statute::citing;

use super::error::PageError;
use crate::app::App;
use crate::app::library::cited::Cited;
use crate::app::ruling::Ruling;
use crate::app::show;
use crate::store::{Query, StoreFault};

/// Letters of an article that unfold; the rest is on its page.
const LETTERS_MAX: usize = 700;
/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The page of a statute.
#[must_use]
pub fn statute_href(statute: &str) -> String {
    format!("/law/statutes/{}", utf8_percent_encode(statute, SEGMENT))
}

/// The page of an edition.
#[must_use]
pub fn edition_href(statute: &str, adopted: Day) -> String {
    format!("{}/{adopted}", statute_href(statute))
}

/// The page of an article: its permanent link.
#[must_use]
pub fn article_href(statute: &str, adopted: Day, article: Article) -> String {
    format!("{}/{}", edition_href(statute, adopted), article.without_part().written())
}

/// A citation as it stands on a page; a template prints it with `{{ … }}`.
#[derive(Clone, Default, Template)]
#[template(path = "law/citation.html")]
pub struct Citation {
    words: String,
    quote: Option<Quote>,
    /// The article's page, where its words do not unfold.
    href: String,
}

impl askama::filters::HtmlSafe for Citation {}

#[derive(Clone)]
struct Quote {
    edition: String,
    lines: Vec<String>,
    cut: bool,
    href: String,
}

impl Citation {
    /// Whether there are no words at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the article's words can be unfolded.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.quote.is_some()
    }

    /// The same article under other words.
    #[must_use]
    pub fn called(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Words without an article.
    #[must_use]
    pub fn plain(words: impl Into<String>) -> Self {
        Self { words: words.into(), ..Self::default() }
    }
}

/// The articles that a page cites. By default there are none, and every citation is plain.
#[derive(Default)]
pub struct Citations {
    read: Option<(Arc<Ruling>, Cited, Day)>,
}

impl Citations {
    /// Reads what these citations, each as of a day, point at, in one statement; `day` is that of a citation which is
    /// shown without one.
    pub fn read<'b>(
        q: &impl Query,
        county: &str,
        ruling: &Arc<Ruling>,
        day: Day,
        asked: impl IntoIterator<Item = (&'b Basis, Day)>,
    ) -> Result<Self, StoreFault> {
        let cited = Cited::read(q, county, &ruling.law.statutes, asked)?;
        Ok(Self { read: Some((Arc::clone(ruling), cited, day)) })
    }

    /// As [`Citations::read`] on one day, where nothing else is read.
    pub async fn load(app: &App, ruling: &Arc<Ruling>, day: Day, asked: Vec<Basis>) -> Result<Self, PageError> {
        Self::load_dated(app, ruling, day, asked.into_iter().map(|basis| (basis, day)).collect()).await
    }

    /// What refusals cite, today.
    pub async fn of_refusals(app: &App, refusals: &[Refusal]) -> Result<Self, PageError> {
        let cited = refusals.iter().filter_map(|refusal| refusal.basis.clone()).collect();
        Self::load(app, &app.county.ruling(), app.today(), cited).await
    }

    /// As [`Citations::read`], where nothing else is read.
    pub async fn load_dated(
        app: &App,
        ruling: &Arc<Ruling>,
        day: Day,
        asked: Vec<(Basis, Day)>,
    ) -> Result<Self, PageError> {
        let (county, law) = (app.county_code.clone(), Arc::clone(ruling));
        let read = app.db.read(move |r| {
            let asked = asked.iter().map(|(basis, day)| (basis, *day));
            Self::read(r, &county, &law, day, asked)
        });
        Ok(read.await?)
    }

    /// 《行政处罚法》第五十七条, with its words if they are there.
    #[must_use]
    pub fn show(&self, basis: &Basis) -> Citation {
        let day = self.read.as_ref().map(|(_, _, day)| *day);
        Citation { words: basis.to_string(), quote: day.and_then(|day| self.quote(basis, day)), ..Citation::default() }
    }

    /// The same as a link to the article's page: where a page cites a hundred articles, their words would bury it.
    #[must_use]
    pub fn link(&self, basis: &Basis) -> Citation {
        let quote = self.show(basis).quote;
        Citation { words: basis.to_string(), quote: None, href: quote.map(|quote| quote.href).unwrap_or_default() }
    }

    /// As [`Citations::show`], as of another day.
    #[must_use]
    pub fn show_on(&self, basis: &Basis, day: Day) -> Citation {
        Citation { words: basis.to_string(), quote: self.quote(basis, day), ..Citation::default() }
    }

    /// As [`Citations::show`], with the grade.
    #[must_use]
    pub fn show_graded(&self, basis: &Basis) -> Citation {
        self.show(basis).called(show::cite(basis))
    }

    fn quote(&self, basis: &Basis, day: Day) -> Option<Quote> {
        let (ruling, cited, _) = self.read.as_ref()?;
        let found = cited.quotation(&ruling.law.statutes, basis, day)?;
        let (mut lines, mut left, mut cut) = (Vec::new(), LETTERS_MAX, false);
        for line in found.words.lines() {
            if left == 0 {
                cut = true;
                break;
            }
            let kept: String = line.chars().take(left).collect();
            cut = kept.len() < line.len();
            left = left.saturating_sub(kept.chars().count());
            lines.push(if cut { format!("{kept}……") } else { kept });
        }
        let edition = format!("{}的版本", found.key.adopted.chinese());
        let href = article_href(&found.key.statute, found.key.adopted, found.key.article);
        Some(Quote { edition, lines, cut, href })
    }
}

/// The day by which a definition's citations are read: today, or the last day on which it was in force.
#[must_use]
pub fn day_of(definition: &Procedure, today: Day) -> Day {
    definition.in_force_until.map_or(today, |until| today.min(until.plus(-1)))
}

/// Every citation of a definition, once or more.
#[must_use]
pub fn of_definition(definition: &Procedure) -> Vec<Basis> {
    citing::of(definition).into_iter().map(|one| one.basis.clone()).collect()
}
