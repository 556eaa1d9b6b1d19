//! 事项: the list, its filters, its pages; registers are listed apart under 名册.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::Shape;

use super::desk::opening_step;
use super::line::{Line, SOON_DAYS};
use crate::app::credit::{REPAIR, REPORT};
use crate::app::sheet::begins_here;
use crate::app::{App, show};
use crate::store::matters::{self, ListFilter, Page};
use crate::web::cookie::escape;
use crate::web::form::Fields;
use crate::web::frame::{COUNT_MAX, StaffFrame, count_text};
use crate::web::{Layout, Official, PageError, Query, render};

/// Matters on one page.
const PAGE: i64 = 20;

/// What can be picked in a filter.
#[derive(Clone, Debug)]
pub struct Pick {
    /// Sent.
    pub value: String,
    /// Read.
    pub title: String,
    /// Whether it is picked.
    pub on: bool,
}

/// The list as asked for: the same for the page and for the export.
pub struct Asked {
    /// For the query.
    pub filter: ListFilter,
    /// Names and values that keep the question in an address.
    pub kept: Vec<(&'static str, String)>,
    /// The question in words.
    pub words: Vec<String>,
}

/// The filters that an address may carry.
const NAMES: [&str; 9] = ["q", "procedure", "state", "outcome", "organ", "place", "from", "to", "clock"];

impl Asked {
    /// Reads the question; values that cannot be are left out.
    #[must_use]
    pub fn read(app: &App, fields: &Fields, registers: bool) -> Self {
        let (law, registry, today) = (&app.county.ruling().law, app.county.registry(), app.today());
        let text = |name: &str| fields.filled(name).map(str::to_owned);
        let day = |name: &str| text(name).and_then(|text| Day::parse(&text)).map(Day::number);
        let procedure = text("procedure").filter(|id| law.newest(id).is_some());
        let filter = ListFilter {
            state: text("state").filter(|_| procedure.is_some()),
            procedure,
            outcome: text("outcome"),
            organ: text("organ").filter(|code| registry.organ(code).is_some()),
            place: text("place").filter(|code| registry.place(code).is_some()),
            from: day("from"),
            to: day("to"),
            clock: text("clock").filter(|clock| CLOCKS.iter().any(|(known, _)| known == clock)),
            words: text("q").map(|words| words.chars().take(60).collect()),
            today: today.number(),
            soon: today.plus(SOON_DAYS).number(),
            without_secret: false,
            procedures: Some(procedures_of(law, registers)),
            ..ListFilter::default()
        };
        let kept = NAMES.into_iter().filter_map(|name| Some((name, text(name)?))).collect();
        let words = words_of(app, &filter);
        Self { filter, kept, words }
    }

    /// The question as part of an address, to which more may be added.
    #[must_use]
    pub fn query(&self) -> String {
        self.kept.iter().map(|(name, value)| format!("{name}={}&", escape(value))).collect()
    }
}

/// Conditions of the clock filter.
const CLOCKS: [(&str, &str); 4] =
    [("late", "已逾期"), ("soon", "七日内到期"), ("running", "计时中"), ("provisional", "暂定（缺放假安排）")];

fn procedures_of(law: &Law, registers: bool) -> Vec<String> {
    let mut ids: Vec<String> = law
        .procedures()
        .filter(|procedure| (procedure.shape == Shape::Register) == registers)
        .map(|procedure| procedure.id.to_string())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The question as an official reads it.
fn words_of(app: &App, filter: &ListFilter) -> Vec<String> {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let procedure = filter.procedure.as_deref().and_then(|id| ruling.law.newest(id));
    let state = filter.state.as_deref().and_then(|state| {
        procedure?
            .tracks
            .first()?
            .states
            .iter()
            .find(|known| known.id.as_str() == state)
            .map(|state| state.title.clone())
    });
    let day = |number: Option<i64>| number.and_then(Day::from_number).map(Day::chinese);
    let clock = filter.clock.as_deref().and_then(|clock| CLOCKS.iter().find(|(known, _)| *known == clock));
    [
        filter.words.clone().map(|words| format!("包含“{words}”")),
        procedure.map(|procedure| format!("程序：{}", procedure.title)),
        state.map(|state| format!("状态：{state}")),
        filter.outcome.clone().map(|outcome| format!("结果：{outcome}")),
        filter.organ.as_deref().and_then(|code| registry.organ(code)).map(|organ| format!("承办机关：{}", organ.name)),
        filter.place.as_deref().map(|code| format!("地点：{}", show::place(&registry, code))),
        day(filter.from).map(|day| format!("{day}起登记")),
        day(filter.to).map(|day| format!("{day}前登记")),
        clock.map(|(_, title)| format!("期限：{title}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Template)]
#[template(path = "matters/list.html")]
struct ListPage {
    layout: Layout,
    staff: StaffFrame,
    registers: bool,
    base: &'static str,
    words: String,
    procedures: Vec<Pick>,
    states: Vec<Pick>,
    organs: Vec<Pick>,
    places: Vec<Pick>,
    clocks: Vec<Pick>,
    from: String,
    to: String,
    open: bool,
    narrowed: bool,
    lines: Vec<Line>,
    total: String,
    export: String,
    /// Where the listed procedure is filled by tables, if this post fills it.
    sheet: String,
    newer: Option<String>,
    older: Option<String>,
}

/// `GET /matters`.
pub(in crate::web) async fn list_matters(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    list(&app, &official, &query, false).await
}

/// `GET /registers`: entries of registers.
pub(in crate::web) async fn list_registers(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    list(&app, &official, &query, true).await
}

async fn list(app: &App, official: &Official, query: &Fields, registers: bool) -> Result<Response, PageError> {
    let asked = Asked::read(app, query, registers);
    let base = if registers { "/registers" } else { "/matters" };
    let mut staff = StaffFrame::load(app, official, base).await?;
    staff.words = asked.filter.words.clone().unwrap_or_default();
    let number = |name: &str| query.text(name).parse::<i64>().ok();
    let page = match (number("before"), number("after")) {
        (Some(num), _) => Page::Before(num),
        (None, Some(num)) => Page::After(num),
        (None, None) => Page::First,
    };
    if asked.filter.words.is_some() {
        app.freshen_search().await;
    }
    let (county, sight, filter) = (app.county_code.clone(), official.sight.clone(), asked.filter.clone());
    let (mut rows, total) = app
        .db
        .read(move |r| {
            let rows = matters::list(r, &county, &sight, &filter, page, PAGE + 1)?;
            Ok::<_, PageError>((rows, matters::count(r, &county, &sight, &filter, COUNT_MAX + 1)?))
        })
        .await?;
    let beyond = i64::try_from(rows.len()).is_ok_and(|count| count > PAGE);
    if beyond {
        // The one row too many lies at the far end of the direction of reading.
        if matches!(page, Page::After(_)) {
            rows.remove(0);
        } else {
            rows.pop();
        }
    }
    let kept = asked.query();
    let (first, last) = (rows.first().map(|row| row.num), rows.last().map(|row| row.num));
    let has_newer = matches!(page, Page::Before(_)) || (matches!(page, Page::After(_)) && beyond);
    let has_older = matches!(page, Page::After(_)) || beyond;
    let (law, registry, today) = (&app.county.ruling().law, app.county.registry(), app.today());
    let f = &asked.filter;
    let narrow_more = f.procedure.is_some()
        || f.organ.is_some()
        || f.place.is_some()
        || f.from.is_some()
        || f.to.is_some()
        || f.clock.is_some();
    render(&ListPage {
        layout: Layout::new(app, &official.visitor, if registers { "名册" } else { "事项" }),
        staff,
        registers,
        base,
        words: f.words.clone().unwrap_or_default(),
        procedures: procedure_picks(law, f, registers, official),
        states: state_picks(law, f),
        organs: organ_picks(app, f, official),
        places: place_picks(app, f),
        clocks: CLOCKS.iter().map(|(value, title)| pick(value, title, f.clock.as_deref())).collect(),
        from: f.from.and_then(Day::from_number).map(|day| day.to_string()).unwrap_or_default(),
        to: f.to.and_then(Day::from_number).map(|day| day.to_string()).unwrap_or_default(),
        open: narrow_more,
        narrowed: narrow_more || f.words.is_some(),
        lines: rows.iter().map(|row| Line::new(row, law, &registry, today)).collect(),
        total: count_text(total),
        export: format!("/matters/export?{kept}{}", if registers { "registers=1" } else { "" }),
        sheet: f.procedure.as_deref().and_then(|id| sheet_of(app, official, id)).unwrap_or_default(),
        newer: first.filter(|_| has_newer).map(|num| format!("{base}?{kept}after={num}")),
        older: last.filter(|_| has_older).map(|num| format!("{base}?{kept}before={num}")),
    })
}

fn sheet_of(app: &App, official: &Official, id: &str) -> Option<String> {
    let ruling = app.county.ruling();
    let procedure =
        ruling.law.in_force(id, app.today()).filter(|_| ![REPORT, REPAIR].contains(&id) && !begins_here(id))?;
    opening_step(procedure, app, official).map(|_| format!("/sheets/{id}"))
}

fn pick(value: &str, title: &str, picked: Option<&str>) -> Pick {
    Pick { value: value.to_owned(), title: title.to_owned(), on: picked == Some(value) }
}

/// Only procedures of which this post sees something.
fn procedure_picks(law: &Law, filter: &ListFilter, registers: bool, official: &Official) -> Vec<Pick> {
    let seen = |id: &String| {
        official.sight.county.contains(id)
            || official.sight.organs.iter().any(|(_, procedures)| procedures.contains(id))
    };
    procedures_of(law, registers)
        .iter()
        .filter(|id| seen(id))
        .filter_map(|id| Some(pick(id, &law.newest(id)?.title, filter.procedure.as_deref())))
        .collect()
}

fn state_picks(law: &Law, filter: &ListFilter) -> Vec<Pick> {
    let procedure = filter.procedure.as_deref().and_then(|id| law.newest(id));
    let states = procedure.and_then(|procedure| procedure.tracks.first()).map(|track| track.states.as_slice());
    let states = states.unwrap_or_default().iter();
    states.map(|state| pick(state.id.as_str(), &state.title, filter.state.as_deref())).collect()
}

/// Organs whose matters this post may see; a post that sees the whole county picks among all.
fn organ_picks(app: &App, filter: &ListFilter, official: &Official) -> Vec<Pick> {
    let registry = app.county.registry();
    let all = !official.sight.county.is_empty();
    let seen =
        |code: &str| all || official.sight.organs.iter().any(|(organs, _)| organs.iter().any(|known| known == code));
    registry
        .organs()
        .filter(|organ| seen(organ.code.as_str()))
        .map(|organ| pick(organ.code.as_str(), &organ.name, filter.organ.as_deref()))
        .collect()
}

/// Towns; a village of the picked town can be picked next.
fn place_picks(app: &App, filter: &ListFilter) -> Vec<Pick> {
    let registry = app.county.registry();
    let picked = filter.place.as_deref();
    let picked_town = picked
        .and_then(|code| registry.place(code))
        .and_then(|place| if place.level == "town" { Some(place.code.clone()) } else { place.parent.clone() });
    let mut picks = Vec::new();
    for town in registry.places().filter(|place| place.level == "town") {
        picks.push(pick(town.code.as_str(), &town.name, picked));
        if Some(&town.code) == picked_town.as_ref() {
            let villages = registry.places().filter(|place| place.parent.as_ref() == Some(&town.code));
            picks.extend(villages.map(|village| pick(village.code.as_str(), &format!("　{}", village.name), picked)));
        }
    }
    picks
}
