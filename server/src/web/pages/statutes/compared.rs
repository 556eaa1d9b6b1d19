//! `GET /law/statutes/{short}/compare?from=&to=[&all=1][&page=]`: two editions side by side, article by article; many
//! changes on several pages, each small enough for a telephone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::Article;
use zhunsheng_core::day::Day;
use zhunsheng_core::statute::compare::{Change, Pair, Piece, compare};

use super::editions::Editions;
use super::statute::way_to;
use crate::app::App;
use crate::store::statutes;
use crate::web::citation::statute_href;
use crate::web::{Layout, PageError, Path, Query, Visitor, render};

struct PairView {
    anchor: String,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    change: Change,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "statutes/compare.html")]
struct ComparePage {
    layout: Layout,
    short: String,
    statute_href: String,
    editions: Vec<Day>,
    chosen: Option<(Day, Day)>,
    all: bool,
    counts: Vec<(&'static str, usize)>,
    pairs: Vec<PairView>,
    page: usize,
    pages: usize,
    newer: Option<String>,
    older: Option<String>,
}

/// Bytes of changes on one page, their markup included.
const PAGE_BYTES_MAX: usize = 40_000;
/// The markup of a change, about.
const MARKUP_BYTES: usize = 600;

const COUNTED: [Change; 5] = [Change::Changed, Change::Added, Change::Removed, Change::Renumbered, Change::Unchanged];

/// `GET /law/statutes/{short}/compare`; without days, the two newest editions.
pub(in crate::web) async fn show_comparison(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(name): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let Editions { short, editions, chosen } = Editions::asked(&app, &name, &query).await?;
    let pairs = match chosen {
        None => Vec::new(),
        Some((from, to)) => {
            let (reader, wanted) = (Arc::clone(&app), short.clone());
            app.db
                .read(move |r| {
                    let of = |day| statutes::articles(r, &reader.county_code, &wanted, day);
                    // Counting likenesses takes a moment: here, on a thread that may block.
                    Ok::<_, PageError>(compare(&of(from)?, &of(to)?))
                })
                .await?
        }
    };
    let all = query.filled("all").is_some();
    let count = |change: Change| pairs.iter().filter(|pair| pair.change == change).count();
    let title = format!("{short}：版本对照");
    let mut sheets = sheets(chosen.map(|days| views(&short, days, &pairs, all)).unwrap_or_default());
    let pages = sheets.len().max(1);
    let page = query.text("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let way = |page: usize| {
        let (from, to) = chosen?;
        let all = if all { "&all=1" } else { "" };
        Some(format!("{}/compare?from={from}&to={to}{all}&page={page}", statute_href(&short)))
    };
    render(&ComparePage {
        layout: Layout::new(&app, &visitor, &title),
        statute_href: statute_href(&short),
        newer: Some(page - 1).filter(|page| *page > 0).and_then(way),
        older: Some(page + 1).filter(|page| *page <= pages).and_then(way),
        page,
        pages,
        counts: COUNTED.iter().map(|change| (change.chinese(), count(*change))).collect(),
        pairs: if sheets.is_empty() { Vec::new() } else { sheets.swap_remove(page - 1) },
        editions,
        chosen,
        all,
        short,
    })
}

fn views(short: &str, (from, to): (Day, Day), pairs: &[Pair], all: bool) -> Vec<PairView> {
    let written = |article: Option<Article>| article.map(Article::written).unwrap_or_default();
    let shown = pairs.iter().filter(|pair| all || pair.change != Change::Unchanged);
    let view = |pair: &Pair| PairView {
        anchor: match pair.after {
            Some(_) => format!("a{}", written(pair.after)),
            None => format!("b{}", written(pair.before)),
        },
        before: way_to(short, from, pair.before),
        after: way_to(short, to, pair.after),
        change: pair.change,
        pieces: pair.pieces.clone(),
    };
    shown.map(view).collect()
}

/// Changes as many pages as they need.
fn sheets(views: Vec<PairView>) -> Vec<Vec<PairView>> {
    let mut sheets: Vec<Vec<PairView>> = Vec::new();
    let mut bytes = PAGE_BYTES_MAX;
    for view in views {
        let length = |piece: &Piece| {
            let (Piece::Same(text) | Piece::Removed(text) | Piece::Added(text)) = piece;
            text.len()
        };
        let weight = MARKUP_BYTES + view.pieces.iter().map(length).sum::<usize>();
        bytes += weight;
        match sheets.last_mut().filter(|_| bytes <= PAGE_BYTES_MAX) {
            Some(sheet) => sheet.push(view),
            None => {
                sheets.push(vec![view]);
                bytes = weight;
            }
        }
    }
    sheets
}

impl PairView {
    fn class(&self) -> &'static str {
        match self.change {
            Change::Unchanged | Change::Renumbered => "stopped",
            Change::Changed => "soon",
            Change::Added => "ok",
            Change::Removed => "late",
        }
    }
}
