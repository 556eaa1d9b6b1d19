//! 法治数据: every figure with its definition, period, check and the list of matters behind it. In a real county it is
//! 公布前核数, for posts that see figures; everybody else does not know the page.

use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::indicator::{Indicator, Measure, Period, Qualifier, Stated};

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::figures::{self, Check, Figure, Side};
use crate::app::kept::Standing;
use crate::store::Reader;
use crate::store::figures::Line;
use crate::store::matters;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, Query, render};

/// Lines of one page.
const PAGE: i64 = 50;

fn may_see(app: &App, official: &Official) -> Result<(), PageError> {
    let ruling = app.county.ruling();
    let sees = ruling.law.posts.get(official.post.kind.as_str()).is_some_and(|post| post.sees_figures);
    if sees { Ok(()) } else { Err(PageError::NotFound) }
}

/// The title says what the page is for: a demonstration compares with the interview, a county checks before publishing.
pub(in crate::web) fn title(app: &App) -> &'static str {
    if app.is_demonstration() { "法治数据" } else { "公布前核数" }
}

struct FigureLine {
    id: String,
    title: String,
    unit: String,
    definition: String,
    owner: String,
    value: String,
    stated: String,
    period: String,
    check: &'static str,
    badge: &'static str,
}

#[derive(Template)]
#[template(path = "figures/figures.html")]
struct FiguresPage {
    layout: Layout,
    staff: StaffFrame,
    is_demo: bool,
    as_of: Day,
    query: String,
    /// Entries recorded since these were worked out.
    behind: i64,
    ok: usize,
    off: usize,
    missing: usize,
    stated: Vec<FigureLine>,
    own: Vec<FigureLine>,
    unconnected: Vec<FigureLine>,
}

/// `?as_of=`, if it is a day that is not today.
fn as_of(app: &App, query: &Query) -> Option<Day> {
    query.filled("as_of").and_then(Day::parse).filter(|day| *day < app.today())
}

/// `GET /figures[?as_of=][&now=]`. `now`: worked out while one waits.
pub(in crate::web) async fn list_figures(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    may_see(&app, &official)?;
    let (day, now) = (as_of(&app, &query), query.filled("now").is_some());
    let compute =
        move |app: &App, r: &Reader<'_>| figures::compute(r, &app.county_code, &app.county.ruling(), app.today(), day);
    let Standing { answer: computed, behind } = app.standing(|app| &app.figures, (day, now), compute).await?;
    let how_many = |check| computed.iter().filter(|figure| figure.check == check).count();
    let (unconnected, connected): (Vec<&Figure>, Vec<&Figure>) =
        computed.iter().partition(|figure| figure.check == Check::NotConnected);
    let (stated, own): (Vec<&Figure>, Vec<&Figure>) = connected.into_iter().partition(|figure| figure.stated.is_some());
    let lines = |figures: &[&Figure]| figures.iter().map(|figure| line(figure, app.today())).collect();
    render(&FiguresPage {
        layout: Layout::new(&app, &official.visitor, title(&app)),
        staff: StaffFrame::load(&app, &official, "/figures").await?,
        is_demo: app.is_demonstration(),
        as_of: day.unwrap_or_else(|| app.today()),
        query: query_of(day),
        behind,
        ok: computed.iter().filter(|figure| figure.check == Check::Ok && figure.stated.is_some()).count(),
        off: how_many(Check::Off),
        missing: how_many(Check::NotConnected),
        stated: lines(&stated),
        own: lines(&own),
        unconnected: lines(&unconnected),
    })
}

fn query_of(day: Option<Day>) -> String {
    day.map(|day| format!("?as_of={day}")).unwrap_or_default()
}

fn line(figure: &Figure, today: Day) -> FigureLine {
    FigureLine {
        id: figure.id.clone(),
        title: figure.title.clone(),
        unit: figure.unit.clone(),
        definition: figure.definition.clone(),
        owner: figure.owner.clone(),
        value: value(figure),
        stated: figure.stated.as_ref().map_or_else(|| "—".to_owned(), stated),
        period: period(figure.period, today),
        check: figure.verdict(),
        badge: badge(figure),
    }
}

fn value(figure: &Figure) -> String {
    figure.value.map_or_else(|| "—".to_owned(), figures::written)
}

fn badge(figure: &Figure) -> &'static str {
    match figure.check {
        Check::Ok if figure.stated.is_none() => "",
        Check::Ok => "badge-ok",
        Check::Off => "badge-late",
        Check::NotConnected => "badge-stopped",
    }
}

/// 近1.2万件, 800余件.
fn stated(stated: &Stated) -> String {
    let number = figures::written(stated.value);
    match stated.qualifier {
        Qualifier::Exact => format!("{number}{}", stated.unit),
        Qualifier::AtLeast => format!("{number}余{}", stated.unit),
        Qualifier::Nearly => format!("近{number}{}", stated.unit),
        Qualifier::Over => format!("超{number}{}", stated.unit),
    }
}

fn period(period: Period, today: Day) -> String {
    match (period.from, period.to) {
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (Some(from), None) => format!("{from} 以来"),
        (None, Some(to)) => format!("截至 {to}"),
        (None, None) => format!("截至 {today}"),
    }
}

struct MatterLine {
    id: Option<String>,
    title: String,
    organ: String,
    number: String,
    day: String,
}

#[derive(Template)]
#[template(path = "figures/list.html")]
struct ListPage {
    layout: Layout,
    staff: StaffFrame,
    parent: &'static str,
    figure: Figure,
    value: String,
    period: String,
    check: &'static str,
    badge: &'static str,
    query: String,
    is_ratio: bool,
    is_part: bool,
    total: String,
    lines: Vec<MatterLine>,
    is_first: bool,
    first: String,
    next: Option<String>,
}

/// `GET /figures/{id}[?as_of=&side=part&after=]`: the matters behind a figure; their number is the figure's.
pub(in crate::web) async fn show_figure(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    may_see(&app, &official)?;
    let ruling = app.county.ruling();
    let indicator = ruling.indicators.iter().find(|known| known.id == id).ok_or(PageError::NotFound)?.clone();
    let is_ratio = matches!(indicator.measure, Some(Measure::Ratio { .. }));
    let side = if is_ratio && query.text("side") == "part" { Side::Part } else { Side::Whole };
    let (day, after) = (as_of(&app, &query), query.filled("after").and_then(read_cursor));
    let (figure, mut lines) = load(&app, &official, indicator, side, day, after).await?;
    let mut own = query_of(day);
    if side == Side::Part {
        let _ = write!(own, "{}side=part", if own.is_empty() { '?' } else { '&' });
    }
    let has_more = i64::try_from(lines.len()).is_ok_and(|count| count > PAGE);
    lines.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let joint = if own.is_empty() { '?' } else { '&' };
    let next = lines.last().filter(|_| has_more).map(|(cursor, _)| format!("/figures/{id}{own}{joint}after={cursor}"));
    render(&ListPage {
        layout: Layout::new(&app, &official.visitor, &figure.title),
        staff: StaffFrame::load(&app, &official, "/figures").await?,
        parent: title(&app),
        value: value(&figure),
        period: period(figure.period, app.today()),
        badge: badge(&figure),
        check: figure.verdict(),
        query: query_of(day),
        is_ratio,
        is_part: side == Side::Part,
        total: figures::written(f64::from(u32::try_from(figure.matters).unwrap_or(u32::MAX))),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        is_first: after.is_none(),
        first: format!("/figures/{id}{own}"),
        next,
        figure,
    })
}

/// `20241026.<matter>`.
fn read_cursor(text: &str) -> Option<Line> {
    let (day, matter) = text.split_once('.')?;
    Some((MatterId::parse(matter)?, day.parse().ok()?))
}

/// The figure and one line more than a page. A matter outside the post's sight counts and has no name here.
async fn load(
    app: &Arc<App>,
    official: &Official,
    indicator: Indicator,
    side: Side,
    day: Option<Day>,
    after: Option<Line>,
) -> Result<(Figure, Vec<(String, MatterLine)>), PageError> {
    let (reader, sight) = (Arc::clone(app), official.sight.clone());
    let work = move |r: &crate::store::Reader<'_>| {
        let (county, ruling, registry) = (&reader.county_code, reader.county.ruling(), reader.county.registry());
        let basis = figures::basis(r, county, reader.today(), day)?;
        let figure = figures::one(r, county, &ruling, basis, &indicator)?;
        let mut lines = Vec::new();
        if figure.check != Check::NotConnected {
            for (matter, on) in figures::list(r, county, basis, &indicator, side, after, PAGE + 1)? {
                let row = matters::find_row(r, county, &sight, matter)?;
                let day = Day::from_number(on).map(|day| day.to_string()).unwrap_or_default();
                let line = match row {
                    Some(row) => MatterLine {
                        id: Some(matter.to_string()),
                        title: row.title,
                        organ: registry.organ_name(&row.organ.into()).to_owned(),
                        number: row.number.unwrap_or_default(),
                        day,
                    },
                    None => MatterLine {
                        id: None,
                        title: "不在您的查看范围".to_owned(),
                        organ: String::new(),
                        number: String::new(),
                        day,
                    },
                };
                lines.push((format!("{on}.{matter}"), line));
            }
        }
        Ok::<_, Fault>((figure, lines))
    };
    Ok(app.db.read(work).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hedges_stand_where_chinese_puts_them() {
        let said =
            |value, qualifier, unit: &str| stated(&Stated { value, qualifier, unit: unit.to_owned(), scale: 1.0 });
        assert_eq!(said(800.0, Qualifier::AtLeast, "件"), "800余件");
        assert_eq!(said(1.2, Qualifier::Nearly, "万件"), "近1.2万件");
        assert_eq!(said(33.0, Qualifier::Exact, "支"), "33支");
    }
}
