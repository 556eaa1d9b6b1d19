//! 裁量基准 for everybody to read (行政处罚法§34): each violation with what the statute sets and the part of each degree.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::discretion::{Benchmark, Degree, Item};

use crate::app::App;
use crate::web::citation::{Citation, Citations};
use crate::web::{Layout, PageError, Visitor, render};

const DEGREES: [Degree; 3] = [Degree::Lighter, Degree::Ordinary, Degree::Heavier];

struct Line {
    violation: String,
    dates: String,
    basis: Citation,
    statute: String,
    degrees: Vec<(&'static str, String)>,
}

struct Part {
    title: String,
    note: Option<String>,
    when: Vec<(&'static str, String)>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "law/discretion.html")]
struct DiscretionPage {
    layout: Layout,
    parts: Vec<Part>,
}

/// `GET /law/discretion`.
pub(in crate::web) async fn list_benchmarks(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let items = ruling.law.discretion.benchmarks().flat_map(|benchmark| &benchmark.items);
    let cited = items.map(|item| item.basis.clone()).collect();
    let citations = Citations::load(&app, &ruling, app.today(), cited).await?;
    let parts = ruling.law.discretion.benchmarks().map(|benchmark| part(benchmark, &citations)).collect();
    render(&DiscretionPage { layout: Layout::new(&app, &visitor, "裁量基准"), parts })
}

fn part(benchmark: &Benchmark, citations: &Citations) -> Part {
    let line = |item: &Item| Line {
        violation: item.violation.clone(),
        dates: item.until.map(|until| format!("{}以前的行为", until.chinese())).unwrap_or_default(),
        basis: citations.link(&item.basis),
        statute: item.words(item.statute),
        degrees: DEGREES.iter().map(|degree| (degree.chinese(), item.words(item.range(*degree)))).collect(),
    };
    let when = |degree: Degree| Some((degree.chinese(), benchmark.when.get(degree.code())?.clone()));
    Part {
        title: benchmark.title.clone(),
        note: benchmark.configurable.clone(),
        when: Degree::ALL.into_iter().filter_map(when).collect(),
        lines: benchmark.items.iter().map(line).collect(),
    }
}
