//! 这件事依法要多久: choose a procedure or a limit of the law, give a date, get the day and its reason. Everything stands in the
//! address, so that an answer can be sent on.

mod answer;
mod chain;
mod field;
mod one;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::guide::question::Question;
use zhunsheng_core::procedure::{Part, Shape};

use crate::app::App;
use crate::app::ruling::Ruling;
use crate::app::time_limits::{self, Source, TimeLimit, length};
use crate::web::cookie::escape;
use crate::web::{Layout, PageError, Query, Visitor, render};

/// Limits shown for one search; more words find fewer.
const FOUND_MAX: usize = 60;

/// The parts, in the order in which people look for them.
const PARTS: [Part; 7] = [
    Part::Service,
    Part::Grassroots,
    Part::Enforcement,
    Part::Supervision,
    Part::Decision,
    Part::Integrity,
    Part::Drive,
];

struct Tile {
    id: String,
    title: String,
    about: String,
}

struct Matter {
    href: String,
    title: String,
    count: usize,
}

struct Found {
    href: String,
    title: String,
    matter: String,
    length: String,
    starts_at: String,
    basis: String,
}

#[derive(Template)]
#[template(path = "time/choose.html")]
struct ChoosePage {
    layout: Layout,
    words: String,
    matter: String,
    /// Words of the law that were looked for instead of what was typed.
    meant: Vec<String>,
    procedures: Vec<Tile>,
    parts: Vec<(&'static str, Vec<Matter>)>,
    found: Vec<Found>,
    more: usize,
    asked: bool,
}

/// `GET /guide/time[?of=|?limit=|?matter=|?q=]`.
pub(in crate::web) async fn show_time(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    if let Some(id) = query.filled("of") {
        return chain::show(&app, &visitor, &ruling, id, &query).await;
    }
    if let Some(id) = query.filled("limit") {
        return one::show(&app, &visitor, &ruling, id, &query).await;
    }
    let (words, matter) = (query.text("q").to_owned(), query.text("matter").to_owned());
    let asked = !words.is_empty() || !matter.is_empty();
    let rows = time_limits::all(&ruling.law, app.today());
    let mut hits: Vec<&TimeLimit<'_>> =
        if asked { rows.iter().filter(|row| fits(row, &words, &matter, &ruling)).collect() } else { Vec::new() };
    let mut meant = Vec::new();
    if hits.is_empty() && !words.is_empty() {
        (hits, meant) = in_other_words(&rows, &app.understood(&words).await?, &matter, &ruling);
    }
    render(&ChoosePage {
        layout: Layout::new(&app, &visitor, "这件事依法要多久"),
        procedures: if asked { Vec::new() } else { procedures(&ruling) },
        parts: if asked { Vec::new() } else { parts(&rows) },
        more: hits.len().saturating_sub(FOUND_MAX),
        found: hits.into_iter().take(FOUND_MAX).map(found).collect(),
        words,
        matter,
        meant,
        asked,
    })
}

/// What fits the words of the law that people's words stand for, best first, and which words these were.
fn in_other_words<'r, 'l>(
    rows: &'r [TimeLimit<'l>],
    question: &Question,
    matter: &str,
    ruling: &Ruling,
) -> (Vec<&'r TimeLimit<'l>>, Vec<String>) {
    let mut meant: Vec<String> = question.meant.iter().map(|(_, meaning)| meaning.clone()).collect();
    meant.dedup();
    let phrases = question.phrases();
    let score = |row: &TimeLimit<'_>| {
        let text = text_of(row);
        let found = |phrase: &&String| text.contains(phrase.as_str());
        // A word of the law says more than two letters of a question.
        meant.iter().filter(found).count() * 3 + phrases.iter().filter(found).count()
    };
    let current = rows.iter().filter(|row| fits(row, "", matter, ruling));
    let mut scored: Vec<(usize, &TimeLimit<'_>)> = current.map(|row| (score(row), row)).collect();
    let best = scored.iter().map(|(score, _)| *score).max().unwrap_or_default();
    scored.retain(|(score, _)| *score > 0 && score * 2 >= best);
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let hits: Vec<&TimeLimit<'_>> = scored.into_iter().map(|(_, row)| row).collect();
    let shown = |meaning: &String| hits.iter().any(|row| text_of(row).contains(meaning.as_str()));
    meant.retain(shown);
    (hits, meant)
}

/// Everything of a limit that is searched.
fn text_of(row: &TimeLimit<'_>) -> String {
    let title = row.statute.map_or("", |statute| statute.title.as_str());
    [row.matter, row.title, row.phrase, &row.starts_at, &row.basis.source, title].join(" ")
}

fn procedures(ruling: &Ruling) -> Vec<Tile> {
    let mut known: Vec<_> = ruling
        .law
        .procedures()
        .filter(|known| {
            let newest = ruling.law.newest(known.id.as_str()).is_some_and(|newest| newest.digest == known.digest);
            known.shape == Shape::Procedure && chain::counts(known) && newest
        })
        .collect();
    known.sort_by_key(|known| (!super::guide::is_public(ruling, known), known.id.clone()));
    let tile = |known: &std::sync::Arc<zhunsheng_core::procedure::Checked>| Tile {
        id: known.id.to_string(),
        title: known.title.clone(),
        about: format!("依据：{}", known.statute),
    };
    known.into_iter().map(tile).collect()
}

fn parts(rows: &[TimeLimit<'_>]) -> Vec<(&'static str, Vec<Matter>)> {
    let named = |part: Part| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.part == Some(part) && matches!(row.source, Source::Named(_))) {
            *counts.entry(row.matter).or_default() += 1;
        }
        let matter = |(title, count): (&str, usize)| Matter {
            href: format!("/guide/time?matter={}", escape(title)),
            title: title.to_owned(),
            count,
        };
        counts.into_iter().map(matter).collect::<Vec<_>>()
    };
    PARTS.map(|part| (part.chinese(), named(part))).into_iter().filter(|(_, matters)| !matters.is_empty()).collect()
}

/// Every word stands somewhere in the limit; a matter is meant as a whole.
fn fits(row: &TimeLimit<'_>, words: &str, matter: &str, ruling: &Ruling) -> bool {
    let current = match row.source {
        Source::Named(_) => true,
        Source::Procedure(procedure, ..) => {
            chain::counts(procedure)
                && row.basis.grade != zhunsheng_core::basis::Grade::Internal
                && ruling.law.newest(procedure.id.as_str()).is_some_and(|newest| newest.digest == procedure.digest)
        }
    };
    let text = text_of(row);
    current && (matter.is_empty() || row.matter == matter) && words.split_whitespace().all(|word| text.contains(word))
}

fn found(row: &TimeLimit<'_>) -> Found {
    let href = match row.source {
        Source::Named(named) => format!("/guide/time?limit={}", named.id),
        Source::Procedure(procedure, ..) => format!("/guide/time?of={}", procedure.id),
    };
    Found {
        href,
        title: row.title.to_owned(),
        matter: row.matter.to_owned(),
        length: length(&row.limit),
        starts_at: row.starts_at.clone(),
        basis: row.basis.to_string(),
    }
}
