//! 按上级表样填数: a superior organ's workbook comes in with placeholders and goes out with the figures in them, its layout untouched.
//!
//! Nothing is kept. Does not belong here: what a placeholder means (`app/fill_in.rs`), the workbook (`app/sheet/fill.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::indicator::Indicator;

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::figures;
use crate::app::fill_in::{Source, Unfilled, has_place};
use crate::app::mediation_sheet::Scope;
use crate::app::sheet::fill::{self, Value};
use crate::app::sheet::read::BYTES_MAX;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, answered, download, render};

#[derive(Template)]
#[template(path = "figures/fill.html")]
struct FillPage {
    layout: Layout,
    staff: StaffFrame,
    whose: String,
    from: String,
    to: String,
    wrong: String,
    /// The period ends before it begins.
    reversed: bool,
    /// Placeholders without a value, and why.
    unknown: Vec<(String, Unfilled)>,
    /// What can be written: number and title.
    indicators: Vec<(String, String)>,
}

async fn page(
    app: &Arc<App>,
    official: &Official,
    (from, to): (Day, Day),
    (wrong, unknown): (&str, Vec<(String, Unfilled)>),
) -> Result<Response, PageError> {
    let (ruling, whole) = (app.county.ruling(), scope(app, official)?.is_none());
    let fits = |indicator: &&Indicator| indicator.measure.is_some() && (whole || has_place(&ruling, indicator));
    let counted = ruling.indicators.iter().filter(fits);
    let page = FillPage {
        layout: Layout::new(app, &official.visitor, "按上级表样填数"),
        staff: StaffFrame::load(app, official, "/figures").await?,
        whose: whose(app, official)?,
        from: from.to_string(),
        to: to.to_string(),
        wrong: wrong.to_owned(),
        reversed: to < from,
        indicators: counted.map(|indicator| (indicator.id.clone(), indicator.title.clone())).collect(),
        unknown,
    };
    let is_wrong = !page.wrong.is_empty() || !page.unknown.is_empty();
    Ok(answered(render(&page)?, is_wrong))
}

/// What is counted: the county, for who sees its figures; the town, for its station; for others the page does not exist.
fn scope(app: &App, official: &Official) -> Result<Option<Scope>, PageError> {
    let ruling = app.county.ruling();
    match official.post.kind.as_str() {
        "justice_station_head" => Ok(Some(Scope::below(&app.county.registry(), &official.post.organ))),
        post if ruling.law.posts.get(post).is_some_and(|post| post.sees_figures) => Ok(None),
        _ => Err(PageError::NotFound),
    }
}

/// Its name.
fn whose(app: &App, official: &Official) -> Result<String, PageError> {
    Ok(match scope(app, official)? {
        Some(_) => app.county.registry().organ_name(&official.post.organ).to_owned(),
        None => app.county_name.clone(),
    })
}

/// `GET /figures/fill`.
pub(in crate::web) async fn show_fill(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    let today = app.today();
    let from = Day::new(today.year(), 1, 1).unwrap_or(today);
    page(&app, &official, (from, today), ("", Vec::new())).await
}

/// `POST /figures/fill`: the filled workbook, or what in it has no meaning.
pub(in crate::web) async fn fill_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let (of, scope, today) = (whose(&app, &official)?, scope(&app, &official)?, app.today());
    let from = Day::parse(form.fields.text("from")).or_else(|| Day::new(today.year(), 1, 1)).unwrap_or(today);
    let to = Day::parse(form.fields.text("to")).unwrap_or(today);
    let period = (from, to);
    if to < from {
        return page(&app, &official, period, ("“到”的日期早于“从”的日期，请核对", Vec::new())).await;
    }
    let Some(upload) = form.upload("file").filter(|upload| upload.received.bytes > 0) else {
        return page(&app, &official, period, ("请选择上级的表", Vec::new())).await;
    };
    if upload.received.bytes > BYTES_MAX {
        return page(&app, &official, period, ("文件超过8MB", Vec::new())).await;
    }
    let (path, name) = (upload.path().to_owned(), upload.file_name.clone());
    let read = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(path)?;
        let names = fill::placeholders(&bytes);
        Ok::<_, std::io::Error>((bytes, names))
    });
    let (bytes, names) = read.await.map_err(PageError::fault)?.map_err(PageError::fault)?;
    let names = match names {
        Ok(names) if names.is_empty() => {
            let why = "表里没有要填的格子：请在格子里写上{{指标编号}}，如{{S46}}";
            return page(&app, &official, period, (why, Vec::new())).await;
        }
        Ok(names) => names,
        Err(why) => return page(&app, &official, period, (&why, Vec::new())).await,
    };
    let (mut known, mut unknown): (BTreeMap<String, Value>, Vec<(String, Unfilled)>) = Default::default();
    for (name, value) in values(&app, names, period, (scope, of)).await? {
        match value {
            Ok(value) => drop(known.insert(name, value)),
            Err(why) if name.starts_with(fill::UNCLOSED) => unknown.push((name, why)),
            Err(why) => unknown.push((format!("{{{{{name}}}}}"), why)),
        }
    }
    if !unknown.is_empty() {
        return page(&app, &official, period, ("", unknown)).await;
    }
    let filled = tokio::task::spawn_blocking(move || fill::fill(&bytes, &mut |name| known.get(name).cloned()));
    match filled.await.map_err(PageError::fault)? {
        Ok(filled) => {
            let name = format!("{}-已填.xlsx", name.trim_end_matches(".xlsx"));
            download::attachment(download::XLSX, "filled.xlsx", &name, filled.bytes)
        }
        Err(why) => page(&app, &official, period, (&why, Vec::new())).await,
    }
}

/// The values of the placeholders, all as the county knew it at the first. Each is read by itself, so that a long sheet keeps no reader
/// from others.
async fn values(
    app: &Arc<App>,
    names: Vec<String>,
    period: (Day, Day),
    (scope, whose): (Option<Scope>, String),
) -> Result<Vec<(String, Result<Value, Unfilled>)>, PageError> {
    let (today, reader) = (app.today(), Arc::clone(app));
    let basis = app.db.read(move |r| figures::basis(r, &reader.county_code, today, None)).await?;
    let (ruling, whose) = (app.county.ruling(), Arc::new((scope, whose)));
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        let (reader, ruling, whose) = (Arc::clone(app), Arc::clone(&ruling), Arc::clone(&whose));
        let value = app.db.read(move |r| {
            let (county, (scope, whose)) = (reader.county_code.as_str(), &*whose);
            let source = Source { county, ruling: &ruling, basis, period, scope: scope.as_ref(), whose };
            Ok::<_, Fault>((source.value(r, &name)?, name))
        });
        let (value, name) = value.await?;
        values.push((name, value));
    }
    Ok(values)
}
