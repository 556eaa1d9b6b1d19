//! `GET /law/statutes/{short}/{adopted}[?from=]`: the full text of one edition; a long one in parts, each small enough
//! for a telephone.

use std::ops::Range;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::statute::text::{ArticleText, Text};

use super::statute::{Entry, entry};
use super::{day_in, named, short_of};
use crate::app::App;
use crate::app::library::no_edition;
use crate::store::statutes;
use crate::web::citation::{article_href, edition_href, statute_href};
use crate::web::{Layout, PageError, Path, Query, Visitor, render};

/// Bytes of articles in one part, their markup included.
const PART_BYTES_MAX: usize = 32_000;
/// The markup of an article, about.
const MARKUP_BYTES: usize = 300;

/// An article as it is printed.
pub(super) struct ArticleView {
    /// `133-1`.
    pub anchor: String,
    /// 第一百三十三条之一.
    pub number: String,
    /// Its page.
    pub href: String,
    /// Headings before it.
    pub headings: Vec<(u8, String)>,
    /// Paragraphs with their items: words, then one line each.
    pub paragraphs: Vec<(String, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "statutes/edition.html")]
struct EditionPage {
    layout: Layout,
    short: String,
    title: String,
    statute_href: String,
    adopted: String,
    warning: Option<String>,
    head: Vec<String>,
    preamble: Vec<String>,
    contents: Vec<Entry>,
    articles: Vec<ArticleView>,
    annex: Vec<String>,
    /// Which part of how many; from 1.
    part: usize,
    parts: usize,
    before: Option<String>,
    after: Option<String>,
}

/// `GET /law/statutes/{short}/{adopted}`.
pub(in crate::web) async fn show_edition(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((name, day)): Path<(String, String)>,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let short = short_of(&ruling.law.statutes, &name);
    let (reader, wanted, parsed) = (Arc::clone(&app), short.clone(), day_in(&day));
    let (rows, text) = app
        .db
        .read(move |r| {
            let county = &reader.county_code;
            let rows = statutes::editions(r, county, &wanted)?;
            let Ok(adopted) = parsed else { return Ok::<_, PageError>((rows, Text::default())) };
            let frame = statutes::frame(r, county, &wanted, adopted)?;
            let articles = statutes::articles(r, county, &wanted, adopted)?;
            let (head, preamble, annex) = (frame.head, frame.preamble, frame.annex);
            Ok((rows, Text { title: String::new(), head, preamble, headings: frame.headings, articles, annex }))
        })
        .await?;
    let found = named(&ruling.law.statutes, &short, &rows)?;
    let adopted = day_in(&day)?;
    if text.articles.is_empty() {
        let there: Vec<_> = rows.iter().map(|row| row.adopted).collect();
        return Err(PageError::Absent(no_edition(&short, adopted, &there)));
    }
    let page = edition_href(&short, adopted);
    let parts = parts(&text.articles);
    let wanted = text.articles.iter().position(|article| article.article.written() == query.text("from"));
    let at = parts.iter().position(|part| part.contains(&wanted.unwrap_or(0))).unwrap_or(0);
    let shown = parts.get(at).cloned().unwrap_or_default();
    let way = |part: Option<&Range<usize>>| {
        let first = text.articles.get(part?.start)?;
        Some(format!("{page}?from={}", first.article.written()))
    };
    let (first, last) = (at == 0, at + 1 == parts.len());
    let articles = text.articles.iter().enumerate().skip(shown.start).take(shown.len()).map(|(at, article)| {
        let before = text.headings.iter().filter(|heading| heading.before == at);
        let headings = before.map(|heading| (heading.rank.level(), heading.text.clone())).collect();
        ArticleView { headings, ..view(article, article_href(&short, adopted, article.article)) }
    });
    render(&EditionPage {
        layout: Layout::new(&app, &visitor, &format!("{short}（{adopted}）")),
        title: found.title.clone(),
        statute_href: statute_href(&short),
        warning: found.warning(adopted, app.today()),
        adopted: adopted.to_string(),
        articles: articles.collect(),
        // Where to find what stands on other parts, the first part says.
        contents: text.headings.iter().filter(|_| first).map(|heading| entry(&text, heading, &page)).collect(),
        before: at.checked_sub(1).and_then(|at| way(parts.get(at))),
        after: way(parts.get(at + 1)),
        part: at + 1,
        parts: parts.len(),
        head: text.head,
        preamble: if first { text.preamble } else { Vec::new() },
        annex: if last { text.annex } else { Vec::new() },
        short,
    })
}

/// Runs of articles, each with at least one.
fn parts(articles: &[ArticleText]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut bytes = PART_BYTES_MAX;
    for (at, article) in articles.iter().enumerate() {
        bytes += article.plain_text().len() + MARKUP_BYTES;
        match parts.last_mut().filter(|_| bytes <= PART_BYTES_MAX) {
            Some(part) => part.end = at + 1,
            None => {
                parts.push(at..at + 1);
                bytes = article.plain_text().len() + MARKUP_BYTES;
            }
        }
    }
    parts
}

/// An article as it is printed, without headings.
pub(super) fn view(article: &ArticleText, href: String) -> ArticleView {
    let paragraphs = article.paragraphs.iter().map(|paragraph| {
        let items = paragraph.items.iter().flat_map(|item| item.lines().map(str::to_owned)).collect();
        (paragraph.text.clone(), items)
    });
    ArticleView {
        anchor: article.article.written(),
        number: article.article.to_string(),
        href,
        headings: Vec::new(),
        paragraphs: paragraphs.collect(),
    }
}
