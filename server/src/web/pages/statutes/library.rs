//! `GET /law/statutes`: the list of statutes, and search in all texts.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::{Level, Statutes, bare_name};
use zhunsheng_core::text::query_phrases;

use super::Standing;
use crate::app::App;
use crate::store::statutes::{self, EditionRow, Hit};
use crate::web::citation::{article_href, statute_href};
use crate::web::{Layout, PageError, Query, Visitor, render};

/// Articles on one page of results.
const PAGE: i64 = 20;
/// Results are turned over so often at most.
const PAGES_MAX: i64 = 50;
/// Letters of a result before and behind the first word found.
const AROUND: usize = 40;
/// Letters that can be searched for.
const TYPED_MAX: usize = 60;

const LEVELS: [Level; 5] = [Level::Law, Level::Regulation, Level::Interpretation, Level::PartyRegulation, Level::Rule];

struct StatuteLine {
    short: String,
    href: String,
    current: String,
    counts: String,
    loaded: Vec<String>,
}

/// A result: words before, the words found, words behind, as often as they come.
struct HitLine {
    href: String,
    statute: String,
    article: String,
    edition: String,
    standing: Standing,
    pieces: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "statutes/library.html")]
struct LibraryPage {
    layout: Layout,
    typed: String,
    names: Vec<(String, String)>,
    hits: Vec<HitLine>,
    page: i64,
    more: bool,
    loaded: usize,
    articles: i64,
    groups: Vec<(&'static str, Vec<StatuteLine>)>,
}

/// `GET /law/statutes`.
pub(in crate::web) async fn list_statutes(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let typed: String = query.text("q").trim().chars().take(TYPED_MAX).collect();
    let page = query.filled("page").and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).clamp(1, PAGES_MAX);
    let (reader, words) = (Arc::clone(&app), typed.clone());
    let (rows, mut hits) = app
        .db
        .read(move |r| {
            let county = &reader.county_code;
            let hits = statutes::search(r, county, &words, None, (page - 1) * PAGE, PAGE + 1)?;
            Ok::<_, PageError>((statutes::list(r, county)?, hits))
        })
        .await?;
    let ruling = app.county.ruling();
    let (known, today) = (&ruling.law.statutes, app.today());
    let more = i64::try_from(hits.len()).is_ok_and(|count| count > PAGE) && page < PAGES_MAX;
    hits.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let title = if typed.is_empty() { "法规库".to_owned() } else { format!("法规库：{typed}") };
    render(&LibraryPage {
        layout: Layout::new(&app, &visitor, &title),
        names: if typed.is_empty() { Vec::new() } else { names(known, &rows, &typed) },
        hits: hits.iter().map(|hit| hit_line(hit, known, today, &typed)).collect(),
        typed,
        page,
        more,
        loaded: rows.len(),
        articles: rows.iter().map(|row| row.articles).sum(),
        groups: groups(known, &rows, today),
    })
}

/// Statutes whose name contains what was typed.
fn names(known: &Statutes, rows: &[EditionRow], typed: &str) -> Vec<(String, String)> {
    let wanted = bare_name(typed);
    let by_list = known
        .iter()
        .filter(|statute| statute.title.contains(wanted) || statute.aliases.iter().any(|alias| alias.contains(wanted)));
    let by_list = by_list.map(|statute| statute.short.clone());
    let unlisted = rows.iter().filter(|row| known.find(&row.statute).is_none() && row.statute.contains(wanted));
    let mut found: Vec<String> = by_list.chain(unlisted.map(|row| row.statute.clone())).collect();
    found.dedup();
    found.into_iter().map(|short| (statute_href(&short), short)).collect()
}

fn hit_line(hit: &Hit, known: &Statutes, today: Day, typed: &str) -> HitLine {
    let edition = known.find(&hit.statute).and_then(|statute| statute.adopted(hit.adopted));
    HitLine {
        href: article_href(&hit.statute, hit.adopted, hit.article.article),
        statute: hit.statute.clone(),
        article: hit.article.article.to_string(),
        edition: hit.adopted.to_string(),
        standing: Standing::of(edition, today),
        pieces: snippet(&hit.article.plain_text().replace('\n', "　"), typed),
    }
}

/// The words around the first place where one of the words typed stands; `true` marks the words themselves.
pub(in crate::web::pages) fn snippet(text: &str, typed: &str) -> Vec<(String, bool)> {
    let wanted: Vec<&str> = typed.split_whitespace().filter(|word| !query_phrases(word).is_empty()).collect();
    let first = wanted.iter().filter_map(|word| text.find(word)).min().unwrap_or(0);
    let before = text.get(..first).unwrap_or_default().chars().count();
    let from = before.saturating_sub(AROUND);
    let shown: String = text.chars().skip(from).take(AROUND * 3).collect();
    let mut pieces = vec![(if from > 0 { "……".to_owned() } else { String::new() }, false)];
    let mut rest = shown.as_str();
    loop {
        let next = wanted.iter().filter_map(|word| Some((rest.find(word)?, *word))).min_by_key(|(at, _)| *at);
        let Some((before, after)) = next.and_then(|(_, word)| rest.split_once(word)) else { break };
        let word = next.map(|(_, word)| word.to_owned()).unwrap_or_default();
        pieces.push((before.to_owned(), false));
        pieces.push((word, true));
        rest = after;
    }
    let cut = text.chars().count() > from + AROUND * 3;
    pieces.push((format!("{rest}{}", if cut { "……" } else { "" }), false));
    pieces
}

/// Every statute of the list by rank, then those that only the library has.
fn groups(known: &Statutes, rows: &[EditionRow], today: Day) -> Vec<(&'static str, Vec<StatuteLine>)> {
    // Days only: the page of the statute leads to its texts, and hundreds of links would weigh more than the page may.
    let loaded = |short: &str| -> Vec<String> {
        rows.iter().filter(|row| row.statute == short).rev().map(|row| row.adopted.to_string()).collect()
    };
    let mut groups = Vec::new();
    for level in LEVELS {
        let lines = known.iter().filter(|statute| statute.level == level).map(|statute| {
            let edition = statute.on(today);
            StatuteLine {
                short: statute.short.clone(),
                href: statute_href(&statute.short),
                current: edition.map(|edition| edition.adopted.to_string()).unwrap_or_default(),
                counts: edition.map(|edition| super::statute::days_in_short(&edition.counting)).unwrap_or_default(),
                loaded: loaded(&statute.short),
            }
        });
        groups.push((level.chinese(), lines.collect::<Vec<_>>()));
    }
    let mut own: Vec<&str> =
        rows.iter().map(|row| row.statute.as_str()).filter(|short| known.find(short).is_none()).collect();
    own.dedup();
    let own = own.into_iter().map(|short| StatuteLine {
        short: short.to_owned(),
        href: statute_href(short),
        current: String::new(),
        counts: String::new(),
        loaded: loaded(short),
    });
    groups.push(("不在法规清单中", own.collect()));
    groups.retain(|(_, lines)| !lines.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn what_was_found_is_marked() {
        let marked = |text: &str, typed: &str| -> String {
            snippet(text, typed)
                .iter()
                .map(|(words, mark)| if *mark { format!("[{words}]") } else { words.clone() })
                .collect()
        };
        assert_eq!(marked("应当自立案之日起九十日内决定", "九十日 立案"), "应当自[立案]之日起[九十日]内决定");
        assert_eq!(marked("甲", "，"), "甲");
        let long = format!("{}九十日{}", "甲".repeat(100), "乙".repeat(200));
        let found = marked(&long, "九十日");
        assert!(found.starts_with("……甲") && found.contains("[九十日]乙") && found.ends_with("……"), "{found}");
    }
}
