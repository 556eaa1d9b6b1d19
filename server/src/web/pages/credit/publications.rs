//! 公示和修复: what the credit platform shows, what has to stop, what may be repaired; as a page and as a table.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;

use super::{require_hand, seen};
use crate::app::App;
use crate::app::credit::publication::{self, Shown, Standing, Which};
use crate::app::credit::{may_act, table};
use crate::store::StoreFault;
use crate::web::download::{XLSX, attachment};
use crate::web::frame::{COUNT_MAX, StaffFrame, count_text};
use crate::web::{Layout, Official, PageError, Query, render};

/// On one page.
const PAGE: i64 = 60;

struct Row {
    href: String,
    number: String,
    organ: String,
    class: String,
    decided: String,
    least: String,
    most: String,
    standing: &'static str,
    badge: &'static str,
    /// The step that is due, with its title; empty: none.
    step: &'static str,
    asks: &'static str,
}

#[derive(Template)]
#[template(path = "credit/publications.html")]
struct PublicationsPage {
    layout: Layout,
    staff: StaffFrame,
    rows: Vec<Row>,
    /// Which are shown: code, words, whether it is this one.
    tabs: Vec<(&'static str, &'static str, bool)>,
    which: &'static str,
    is_first: bool,
    /// Where the next page begins.
    next: Option<String>,
    over: String,
    stopping: String,
    is_late: bool,
    rules: Vec<(String, String, String)>,
    configurable: String,
    may_act: bool,
}

async fn load(app: &App, official: &Official) -> Result<Vec<Shown>, PageError> {
    let (whose, county, today) = (seen(official)?, app.county_code.clone(), app.today());
    Ok(app.db.read(move |r| publication::list(r, &county, whose.as_deref(), today)).await?)
}

fn badge(standing: Standing) -> &'static str {
    match standing {
        Standing::Over => "badge-late",
        Standing::Stopping | Standing::Asked => "badge-soon",
        Standing::Repairable | Standing::Shown => "badge-ok",
        Standing::Hidden | Standing::Ended => "badge-stopped",
    }
}

/// `day.report` of the last line of the page before.
fn behind(text: &str) -> Option<(Day, MatterId)> {
    let (day, report) = text.split_once('.')?;
    Some((Day::parse(day)?, MatterId::parse(report)?))
}

/// `GET /credit/publications`: a page at a time, what ends first in front.
pub(in crate::web) async fn show_publications(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let (whose, county, today) = (seen(&official)?, app.county_code.clone(), app.today());
    let which = Which::ALL.into_iter().find(|which| query.filled("which") == Some(which.code()));
    let (which, from) = (which.unwrap_or(Which::Standing), query.filled("behind").and_then(behind));
    let (mut shown, over, stopping) = app
        .db
        .read(move |r| {
            let of = (county.as_str(), whose.as_deref());
            let count = |which| publication::count(r, of, (which, today), COUNT_MAX + 1);
            let page = publication::page(r, of, (which, today), from, PAGE + 1)?;
            Ok::<_, StoreFault>((page, count(Which::Over)?, count(Which::Stopping)?))
        })
        .await?;
    let has_more = i64::try_from(shown.len()).is_ok_and(|count| count > PAGE);
    shown.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = shown.last().map(|last| format!("{}.{}", last.most, last.report)).filter(|_| has_more);
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let rules = &ruling.law.credit.publication;
    let row = |shown: &Shown| {
        let (step, asks) = match shown.standing {
            Standing::Over => ("end_shown", "登记停止公示"),
            Standing::Repairable | Standing::Hidden => ("apply_repair", "收到修复申请"),
            _ => ("", ""),
        };
        Row {
            href: format!("/matters/{}", shown.report),
            number: shown.number.clone(),
            organ: registry.organ_name(&shown.organ.as_str().into()).to_owned(),
            class: shown.class.clone(),
            decided: shown.decided.to_string(),
            least: shown.least.to_string(),
            most: shown.most.to_string(),
            standing: shown.standing.chinese(),
            badge: badge(shown.standing),
            step,
            asks,
        }
    };
    let version = rules.version(app.today());
    let rule = |class: &zhunsheng_core::credit::Class| {
        let when = if class.shown { "公示" } else { "原则上不公示，确有必要的才公示" };
        let months = format!("最短{}个月，最长{}个月", class.least_months, class.most_months);
        (class.title.clone(), when.to_owned(), months)
    };
    render(&PublicationsPage {
        layout: Layout::new(&app, &official.visitor, "公示和信用修复"),
        staff: StaffFrame::load(&app, &official, "/credit").await?,
        tabs: Which::ALL.into_iter().map(|known| (known.code(), known.chinese(), known == which)).collect(),
        which: which.code(),
        is_first: from.is_none(),
        next,
        is_late: over > 0,
        over: count_text(over),
        stopping: count_text(stopping),
        rows: shown.iter().map(row).collect(),
        rules: version.map(|version| version.classes.iter().map(rule).collect()).unwrap_or_default(),
        configurable: version.map_or_else(String::new, |version| format!("{}。{}", version.title, rules.configurable)),
        may_act: may_act(official.post.kind.as_str()),
    })
}

/// `GET /credit/publications/export`: the whole list as a workbook.
pub(in crate::web) async fn export_publications(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    require_hand(&official)?;
    let shown = load(&app, &official).await?;
    let registry = app.county.registry();
    let cells = |shown: &Shown| {
        let organ = registry.organ_name(&shown.organ.as_str().into()).to_owned();
        let days = [shown.decided, shown.least, shown.most].map(|day| day.to_string());
        let [decided, least, most] = days;
        let standing = shown.standing.chinese().to_owned();
        vec![shown.number.clone(), organ, shown.class.clone(), decided, least, most, standing, shown.report.to_string()]
    };
    let rows: Vec<Vec<String>> = shown.iter().map(cells).collect();
    let sheet = table::Sheet { title: "公示和修复", head: &publication::COLUMNS, rows: &rows };
    let bytes = table::workbook(&[sheet]).map_err(PageError::fault)?;
    attachment(XLSX, "credit-publications.xlsx", "公示和修复.xlsx", bytes)
}
