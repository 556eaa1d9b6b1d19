//! `GET /law/statutes/{short}/{adopted}`: the full text of one edition.

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
use crate::web::{Layout, PageError, Path, Visitor, render};

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
}

/// `GET /law/statutes/{short}/{adopted}`.
pub(in crate::web) async fn show_edition(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((name, day)): Path<(String, String)>,
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
    let articles = text.articles.iter().enumerate().map(|(at, article)| {
        let before = text.headings.iter().filter(|heading| heading.before == at);
        let headings = before.map(|heading| (heading.rank.level(), heading.text.clone())).collect();
        ArticleView { headings, ..view(article, article_href(&short, adopted, article.article)) }
    });
    let page = edition_href(&short, adopted);
    render(&EditionPage {
        layout: Layout::new(&app, &visitor, &format!("{short}（{adopted}）")),
        title: found.title.clone(),
        statute_href: statute_href(&short),
        warning: found.warning(adopted, app.today()),
        adopted: adopted.to_string(),
        articles: articles.collect(),
        contents: text.headings.iter().map(|heading| entry(&text, heading, &page)).collect(),
        head: text.head,
        preamble: text.preamble,
        annex: text.annex,
        short,
    })
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
