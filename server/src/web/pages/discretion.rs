//! 裁量基准 and 四张清单 for everybody to read (行政处罚法§34): each violation with what the statute sets, the part of each degree, and
//! the lists on which it stands; as a page and as a workbook for those who maintain them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::{Benchmark, Degree, Issuer, Item};
use zhunsheng_core::law::Law;
use zhunsheng_core::leniency::{Item as Entry, Lists};

use crate::app::App;
use crate::app::edition::book;
use crate::web::citation::{Citation, Citations};
use crate::web::download::{XLSX, attachment};
use crate::web::{Layout, PageError, Visitor, render};

const DEGREES: [Degree; 3] = [Degree::Lighter, Degree::Ordinary, Degree::Heavier];

struct Line {
    violation: String,
    dates: String,
    issuer: String,
    basis: Citation,
    statute: String,
    degrees: Vec<(&'static str, String)>,
}

struct Listed {
    list: &'static str,
    violation: String,
    dates: String,
    ground: String,
    basis: Option<Citation>,
    conditions: Vec<String>,
    measures: String,
}

struct Part {
    lists_title: String,
    lists_note: String,
    lists: Vec<Listed>,
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
    let grounds = ruling.law.leniency.grounds().map(|ground| ground.basis.clone());
    let cited = items.map(|item| item.basis.clone()).chain(grounds).collect();
    let citations = Citations::load(&app, &ruling, app.today(), cited).await?;
    let parts = ruling.law.discretion.benchmarks().map(|benchmark| part(benchmark, &ruling.law, &citations)).collect();
    render(&DiscretionPage { layout: Layout::new(&app, &visitor, "裁量基准"), parts })
}

/// The lists of the field that a benchmark is of.
fn lists_of<'a>(benchmark: &Benchmark, law: &'a Law) -> impl Iterator<Item = &'a Lists> {
    let field = benchmark.items.first().map(|item| item.field.clone());
    law.leniency.lists().filter(move |lists| Some(&lists.field) == field.as_ref())
}

fn ends(until: Option<Day>) -> String {
    until.map(|until| format!("{}以前的行为", until.chinese())).unwrap_or_default()
}

/// Who set the degrees: 省农业农村厅（文号）制定，不按它的须经其批准.
fn issued(issuer: &Issuer) -> String {
    let bound = if issuer.superior { "，不按它的须经其批准" } else { "" };
    format!("{}（{}）制定{bound}", issuer.organ, issuer.number)
}

fn part(benchmark: &Benchmark, law: &Law, citations: &Citations) -> Part {
    let listed = |item: &Entry| {
        let ground = law.leniency.ground(item);
        Listed {
            list: item.list.chinese(),
            violation: item.violation.clone(),
            dates: ends(item.until),
            ground: ground.map(|ground| ground.title.clone()).unwrap_or_default(),
            basis: ground.map(|ground| citations.link(&ground.basis)),
            conditions: item.conditions.clone(),
            measures: item.measures.clone(),
        }
    };
    let line = |item: &Item| Line {
        violation: item.named(),
        dates: ends(item.until),
        issuer: item.issuer.as_ref().map(issued).unwrap_or_default(),
        basis: citations.link(&item.basis),
        statute: item.words(item.statute),
        degrees: DEGREES.iter().map(|degree| (degree.chinese(), item.words(item.range(*degree)))).collect(),
    };
    let when = |degree: Degree| Some((degree.chinese(), benchmark.when.get(degree.code())?.clone()));
    let lists: Vec<&Lists> = lists_of(benchmark, law).collect();
    Part {
        lists_title: lists.first().map(|lists| lists.title.clone()).unwrap_or_default(),
        lists_note: lists.iter().find_map(|lists| lists.configurable.clone()).unwrap_or_default(),
        lists: lists.iter().flat_map(|lists| &lists.items).map(listed).collect(),
        title: benchmark.title.clone(),
        note: benchmark.configurable.clone(),
        when: Degree::ALL.into_iter().filter_map(when).collect(),
        lines: benchmark.items.iter().map(line).collect(),
    }
}

/// `GET /law/discretion/export`: benchmarks and lists as a workbook with drop-downs, to read or to be edited into a proposal.
pub(in crate::web) async fn export_benchmarks(State(app): State<Arc<App>>) -> Result<Response, PageError> {
    let (ruling, county) = (app.county.ruling(), app.county_name.clone());
    let made = tokio::task::spawn_blocking(move || book::of_law(&ruling.law, &county)).await;
    let bytes = made.map_err(PageError::fault)?.map_err(PageError::fault)?;
    attachment(XLSX, "discretion.xlsx", "裁量基准和四张清单.xlsx", bytes)
}
