//! 普法: activities, places, titles of villages and what the accounts published; and which village has how many legal guides
//! and which office of legal service.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::figures::written;
use crate::app::popular::{Coverage, Ground, Overview, Shown, Town};
use crate::app::publication::Publication;
use crate::web::{Layout, PageError, Path, Visitor, render};

fn grouped(number: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "counts of a county")]
    written(number as f64)
}

/// What an account published.
struct Article {
    title: String,
    account: String,
    made: String,
    seen: String,
}

/// What was counted stands with the day on which it was counted.
fn article(publication: &Publication) -> Article {
    let line = |label: &str| publication.lines.iter().find(|(known, _)| known == label).map(|(_, value)| value.clone());
    let taken = line("取数日期").map(|day| format!("（{day}取数）")).unwrap_or_default();
    let seen: Vec<String> = ["阅读量", "观看人次", "直播时长"].into_iter().filter_map(line).collect();
    Article {
        account: line("发布账号").unwrap_or_default(),
        made: publication.made.chinese(),
        seen: if seen.is_empty() { "还没有取数".to_owned() } else { format!("{}{taken}", seen.join("，")) },
        title: publication.title.clone(),
    }
}

#[derive(Template)]
#[template(path = "citizen/popular.html")]
struct PopularPage {
    layout: Layout,
    overview: Arc<Overview>,
    activities: String,
    people: String,
    articles: Vec<Article>,
    levels: Vec<(String, Vec<Shown>)>,
}

/// `GET /popular`.
pub(in crate::web) async fn show_popular(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let reader = Arc::clone(&app);
    let overview = app.db.read(move |r| {
        let county = (reader.county_code.as_str(), reader.today());
        reader.popular.get(r, county, (), || ground(&reader, r)?.overview())
    });
    let overview = overview.await?;
    let mut levels: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    for title in &overview.titles {
        levels.entry(title.of("title_level").to_owned()).or_default().push(title.clone());
    }
    let levels = levels.into_iter().collect();
    render(&PopularPage {
        layout: Layout::new(&app, &visitor, "普法在身边"),
        activities: grouped(overview.activities),
        people: grouped(overview.people),
        articles: overview.published.iter().map(article).collect(),
        levels,
        overview,
    })
}

fn coverage(app: &App, q: &impl crate::store::Query) -> Result<Arc<Coverage>, Fault> {
    app.villages.get(q, (&app.county_code, app.today()), (), || ground(app, q)?.coverage())
}

fn ground<'a, Q: crate::store::Query>(app: &'a App, q: &'a Q) -> Result<Ground<'a, Q>, Fault> {
    Ground::new(q, &app.county_code, &app.county, app.today())
}

#[derive(Template)]
#[template(path = "citizen/villages.html")]
struct VillagesPage {
    layout: Layout,
    coverage: Arc<Coverage>,
    guides: String,
    short: usize,
}

/// `GET /villages`: the county's towns as tiles, and every village with too few legal guides.
pub(in crate::web) async fn list_villages(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let reader = Arc::clone(&app);
    let coverage = app.db.read(move |r| coverage(&reader, r)).await?;
    let short = coverage.towns.iter().map(|town| town.gaps().count()).sum();
    render(&VillagesPage {
        layout: Layout::new(&app, &visitor, "村村有法律服务"),
        guides: grouped(coverage.guides()),
        coverage,
        short,
    })
}

#[derive(Template)]
#[template(path = "citizen/town.html")]
struct TownPage {
    layout: Layout,
    town: Town,
    enough: i64,
    offices: BTreeMap<String, Shown>,
}

/// `GET /villages/{town}`: the station of a town, and its villages.
pub(in crate::web) async fn show_town(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Response, PageError> {
    let reader = Arc::clone(&app);
    let found = app.db.read(move |r| {
        let ground = ground(&reader, r)?;
        let coverage = coverage(&reader, r)?;
        let Some(town) = coverage.towns.iter().find(|town| town.code == code).cloned() else { return Ok(None) };
        let places: Vec<String> = std::iter::once(town.code.clone())
            .chain(town.villages.iter().map(|village| village.code.clone()))
            .collect();
        let offices = ground.offices_at(&places)?;
        Ok::<_, Fault>(Some((town, coverage.enough, offices)))
    });
    let (town, enough, offices) = found.await?.ok_or(PageError::NotFound)?;
    render(&TownPage { layout: Layout::new(&app, &visitor, &town.name), town, enough, offices })
}
