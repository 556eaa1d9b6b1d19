//! 工作台: what waits for me, what I did, what I can begin.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::ProcedureId;
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::{self, Context, MatterState, Matters};
use zhunsheng_core::procedure::{Performer, Procedure, Seat, Shape, Step};

use super::line::{Line, SOON_DAYS};
use crate::app::commenting::{self, study};
use crate::app::credit::{self, REPAIR, REPORT, publication};
use crate::app::reviewing::REVIEW;
use crate::app::sheet::begins_here;
use crate::app::{App, dispute, show};
use crate::store::matters::{self, ListFilter, MatterRow, Page, Work};
use crate::store::worklist;
use crate::web::frame::{StaffFrame, count_text};
use crate::web::{Layout, Official, PageError, Query, render};

/// So much open work is shown; the rest waits in the list of matters.
const SHOWN: i64 = 60;
/// Pressing matters of others that are shown to those who have no work of their own.
const WATCHED: i64 = 10;
/// Publications whose term is over that are named; the others are a page away.
const OVER: i64 = 5;
/// Acts on one page of 已办.
const DONE_PAGE: i64 = 40;

/// Something this post can begin.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Where.
    pub href: String,
    /// The procedure.
    pub title: String,
    /// The step and its article.
    pub note: String,
}

#[derive(Template)]
#[template(path = "desk/desk.html")]
struct DeskPage {
    layout: Layout,
    staff: StaffFrame,
    greeting: &'static str,
    today: String,
    late_only: bool,
    soon: i64,
    done: String,
    lines: Vec<Line>,
    more: bool,
    watch: Watch,
    /// Disputes in which somebody may be hurt and that nobody graded yet.
    danger: Vec<Line>,
    /// Publications whose term is over and that nobody has entered as ended: number, report; how many.
    over: Vec<(String, String)>,
    over_count: String,
    openings: Vec<Opening>,
}

/// What presses in everything that this post sees: for those on whose desk nothing waits.
#[derive(Default)]
struct Watch {
    late: i64,
    soon: i64,
    lines: Vec<Line>,
}

/// `GET /desk`: open work, the most urgent first.
pub(in crate::web) async fn show_desk(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    desk(&app, &official, false).await
}

/// `GET /desk/late`: only what is late.
pub(in crate::web) async fn show_late(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    desk(&app, &official, true).await
}

async fn desk(app: &App, official: &Official, late_only: bool) -> Result<Response, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let administers = ruling.law.posts.get(official.post.kind.as_str()).is_some_and(|post| post.administers);
    if administers {
        return Ok(Redirect::to("/admin").into_response());
    }
    let staff = StaffFrame::load(app, official, if late_only { "/desk/late" } else { "/desk" }).await?;
    let (county, post) = (app.county_code.clone(), official.post.clone());
    let (law, sight) = (Arc::clone(&ruling), official.sight.clone());
    let year = Day::new(today.year(), 1, 1).unwrap_or(today).number();
    let (rows, heard, done, states) = app
        .db
        .read(move |r| {
            let work = Work { organ: post.organ.as_str(), post_kind: post.kind.as_str(), person: post.person };
            let rows = matters::list_todo(r, &county, (&work, commenting::COMMENT), SHOWN + 1)?;
            let heard = study::waiting(r, &county, &law.law, (&work, &sight))?;
            let done = worklist::count_done(r, &county, post.person, year, crate::web::frame::COUNT_MAX + 1)?;
            let states: Result<Vec<_>, _> = rows.iter().map(|row| with_related(r, &county, row)).collect();
            Ok::<_, PageError>((rows, heard, done, states?))
        })
        .await?;
    let soon_day = today.plus(SOON_DAYS).number();
    let near = |row: &&MatterRow| row.due.is_some_and(|due| due >= today.number() && due <= soon_day);
    let soon = i64::try_from(rows.iter().filter(near).count()).unwrap_or(0);
    let context =
        Context { actor: official.actor(), today, now: app.moment(), calendar: &ruling.calendar, registry: &registry };
    let lines = rows
        .iter()
        .zip(states)
        .take(usize::try_from(SHOWN).unwrap_or(0))
        .filter(|(row, _)| !late_only || (!row.provisional && row.due.is_some_and(|due| due < today.number())));
    let studied = heard.iter().filter(|_| !late_only).map(|(row, count)| {
        let line = Line::new(row, &ruling.law, &registry, today);
        comments_line(line, *count)
    });
    let lines: Vec<Line> = studied
        .collect::<Vec<_>>()
        .into_iter()
        .chain(lines.map(|(row, state)| {
            let mut line = Line::new(row, &ruling.law, &registry, today);
            line.next = state.and_then(|(state, related)| next_of(&ruling.law, &state, &related, &context, &line.href));
            line
        }))
        .collect();
    let (over, over_count) = over(app, official).await?;
    let watch = if lines.is_empty() { watch(app, official, late_only).await? } else { Watch::default() };
    render(&DeskPage {
        watch,
        danger: danger(app, official).await?,
        over,
        over_count: count_text(over_count),
        layout: Layout::new(app, &official.visitor, if late_only { "逾期" } else { "工作台" }),
        greeting: greeting(app),
        today: format!("{}，{}", today.chinese(), today.weekday_chinese()),
        late_only,
        soon,
        done: count_text(done),
        more: i64::try_from(rows.len()).is_ok_and(|count| count > SHOWN),
        lines,
        openings: openings(app, official),
        staff,
    })
}

/// The comments on a draft that wait to be studied: one line, that leads to them.
fn comments_line(draft: Line, count: i64) -> Line {
    let href = format!("{}/comments", draft.href);
    Line {
        state: format!("{count} 条意见待研究"), next: Some(("研究意见".to_owned(), href.clone())), href, ..draft
    }
}

/// What is waited for from this post, and where it is done. Of several outcomes none is put into anybody's mouth: the matter's page
/// shows them side by side.
fn next_of(
    law: &Law,
    state: &MatterState,
    related: &Matters,
    context: &Context<'_>,
    href: &str,
) -> Option<(String, String)> {
    let procedure = law.by_digest(&state.definition)?;
    let awaited = |step: &str| procedure.step(step).is_some_and(|step| matter::is_awaited(procedure, step, state));
    let mut ready = ready(law, state, related, context).filter(|option| awaited(option.step.as_str()));
    let (first, more) = (ready.next()?, ready.count());
    Some(match more {
        0 => (format!("办理：{}", first.title), format!("{href}/steps/{}", first.step)),
        more => (format!("办理（有{}种办法）", more + 1), href.to_owned()),
    })
}

/// The steps that this post can take on a matter now.
fn ready(
    law: &Law,
    state: &MatterState,
    related: &Matters,
    context: &Context<'_>,
) -> impl Iterator<Item = matter::StepOption> {
    let options = matter::options(law, state, related, context);
    options.into_iter().filter(|option| option.mine && option.refusals.is_empty())
}

/// What is late or nearly so among the matters that a post sees, late ones first.
async fn watch(app: &App, official: &Official, late_only: bool) -> Result<Watch, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let filter = ListFilter { today: today.number(), soon: today.plus(SOON_DAYS).number(), ..ListFilter::default() };
    let of = move |clock: &str| ListFilter { clock: Some(clock.to_owned()), ..filter.clone() };
    let (late, soon, rows) = app
        .db
        .read(move |r| {
            let (late, soon) = (of("late"), of("soon"));
            let mut rows = matters::list_tightest(r, &county, &sight, &late, WATCHED)?;
            let left = if late_only { 0 } else { WATCHED - i64::try_from(rows.len()).unwrap_or(WATCHED) };
            rows.extend(matters::list_tightest(r, &county, &sight, &soon, left)?);
            let count = |filter| matters::count(r, &county, &sight, filter, crate::web::frame::COUNT_MAX + 1);
            Ok::<_, PageError>((count(&late)?, count(&soon)?, rows))
        })
        .await?;
    let lines = rows.iter().map(|row| Line::new(row, &ruling.law, &registry, today)).collect();
    Ok(Watch { late, soon, lines })
}

/// Disputes whose registration sounds as if somebody might be hurt, until somebody graded the risk: for every post that
/// grades, whether the matter waits for it or not. Newest first.
async fn danger(app: &App, official: &Official) -> Result<Vec<Line>, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    let own = |by: &Performer| matches!(by, Performer::Post(kind) if *kind == official.post.kind);
    let grades = |step: &Step| step.fill.iter().any(|when| when.item.as_str() == dispute::GRADE);
    let steps = |procedure: &Procedure| procedure.steps.iter().any(|step| grades(step) && step.by.iter().any(own));
    let disputes = [dispute::DISPUTE, dispute::JOINT].into_iter();
    if !disputes.filter_map(|id| ruling.law.in_force(id, today)).any(|procedure| steps(procedure)) {
        return Ok(Vec::new());
    }
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let filter = ListFilter { in_danger: true, standing: true, ..ListFilter::default() };
    let read = app.db.read(move |r| {
        let rows = matters::list(r, &county, &sight, &filter, Page::First, WATCHED)?;
        let states: Result<Vec<_>, PageError> = rows.iter().map(|row| with_related(r, &county, row)).collect();
        Ok::<_, PageError>((rows, states?))
    });
    let (rows, states) = read.await?;
    let context =
        Context { actor: official.actor(), today, now: app.moment(), calendar: &ruling.calendar, registry: &registry };
    let graded = |(state, related): &(MatterState, Matters)| {
        let procedure = ruling.law.by_digest(&state.definition)?;
        let mut ready = ready(&ruling.law, state, related, &context);
        ready.find(|option| procedure.step(option.step.as_str()).is_some_and(&grades))
    };
    let lines = rows.iter().zip(states).map(|(row, state)| {
        let mut line = Line::new(row, &ruling.law, &registry, today);
        let option = state.as_ref().and_then(graded);
        line.next =
            option.map(|option| (format!("办理：{}", option.title), format!("{}/steps/{}", line.href, option.step)));
        line
    });
    Ok(lines.collect())
}

/// A matter with those that its steps look at.
fn with_related(
    r: &impl crate::store::Query,
    county: &str,
    row: &MatterRow,
) -> Result<Option<(MatterState, Matters)>, PageError> {
    let Some(state) = matters::find_state(r, county, row.id)? else { return Ok(None) };
    let related = worklist::related(r, county, &state)?;
    Ok(Some((state, related)))
}

/// Publications on the credit platform whose longest term is over, until it was entered that they ended: for the posts that enter it.
async fn over(app: &App, official: &Official) -> Result<(Vec<(String, String)>, i64), PageError> {
    let seen = credit::organs_seen(&official.sight).filter(|_| credit::may_act(official.post.kind.as_str()));
    let Some(whose) = seen else { return Ok((Vec::new(), 0)) };
    let (county, today) = (app.county_code.clone(), app.today());
    let (shown, count) = app
        .db
        .read(move |r| {
            let (of, which) = ((county.as_str(), whose.as_deref()), (publication::Which::Over, today));
            let count = publication::count(r, of, which, crate::web::frame::COUNT_MAX + 1)?;
            Ok::<_, PageError>((publication::page(r, of, which, None, OVER)?, count))
        })
        .await?;
    Ok((shown.into_iter().map(|shown| (shown.number, shown.report.to_string())).collect(), count))
}

fn greeting(app: &App) -> &'static str {
    match app.moment().time().0 {
        0..=11 => "上午好",
        12 | 13 => "中午好",
        14..=18 => "下午好",
        _ => "晚上好",
    }
}

/// Whether a post may begin a matter with this step.
pub(super) fn may_open(step: &Step, app: &App, official: &Official) -> bool {
    let registry = app.county.registry();
    let holds = step.by.iter().any(|by| matches!(by, Performer::Post(kind) if *kind == official.post.kind));
    let seat = match &step.at {
        Seat::Function(function) => {
            registry.organ_with(function).is_some_and(|organ| organ.code == official.post.organ)
        }
        Seat::Holding | Seat::Own | Seat::Parent | Seat::Field(_) => true,
    };
    holds && seat
}

/// The step with which this post begins a matter.
pub(super) fn opening_step<'p>(procedure: &'p Procedure, app: &App, official: &Official) -> Option<&'p Step> {
    procedure.opening_steps().find(|step| may_open(step, app, official))
}

/// What this post can begin; registers apart.
pub(super) fn openings_of(app: &App, official: &Official, registers: bool) -> Vec<Opening> {
    let ruling = app.county.ruling();
    let mut ids: Vec<ProcedureId> = Vec::new();
    // A report follows from its decision or from a list, a review from its draw, an import from a table: nobody begins one.
    let follows = |procedure: &Procedure| {
        // A comment is registered from the draft that it is about.
        [REPORT, REPAIR, REVIEW, commenting::COMMENT].contains(&procedure.id.as_str())
            || begins_here(procedure.id.as_str())
    };
    for procedure in ruling.law.procedures().filter(|procedure| !follows(procedure)) {
        if !ids.contains(&procedure.id) && (procedure.shape == Shape::Register) == registers {
            ids.push(procedure.id.clone());
        }
    }
    let opening = |id: &ProcedureId| {
        let procedure = ruling.law.in_force(id.as_str(), app.today())?;
        let step = opening_step(procedure, app, official)?;
        Some(Opening {
            href: format!("/matters/new/{id}"),
            title: procedure.title.clone(),
            note: format!("{}（{}）", step.title, step.authority),
        })
    };
    ids.iter().filter_map(opening).collect()
}

fn openings(app: &App, official: &Official) -> Vec<Opening> {
    openings_of(app, official, false)
}

#[derive(Template)]
#[template(path = "desk/new.html")]
struct NewPage {
    layout: Layout,
    staff: StaffFrame,
    openings: Vec<Opening>,
    registers: Vec<Opening>,
}

/// `GET /matters/new`: everything this post can begin.
pub(in crate::web) async fn show_openings(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    render(&NewPage {
        layout: Layout::new(&app, &official.visitor, "登记新事项"),
        staff: StaffFrame::load(&app, &official, "/matters/new").await?,
        openings: openings_of(&app, &official, false),
        registers: openings_of(&app, &official, true),
    })
}

/// An act in 已办.
struct DoneLine {
    href: String,
    title: String,
    step: String,
    procedure: String,
    day: String,
    recorded: String,
}

#[derive(Template)]
#[template(path = "desk/done.html")]
struct DonePage {
    layout: Layout,
    staff: StaffFrame,
    lines: Vec<DoneLine>,
    older: Option<i64>,
    paged: bool,
}

/// `GET /desk/done`: what I entered, newest first.
pub(in crate::web) async fn show_done(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let (county, person) = (app.county_code.clone(), official.post.person);
    let before: Option<i64> = query.text("before").parse().ok();
    let acts = app.db.read(move |r| worklist::list_done(r, &county, person, before, DONE_PAGE + 1)).await?;
    let law = &app.county.ruling().law;
    let day = |number: i64| Day::from_number(number).map(|day| day.to_string()).unwrap_or_default();
    let full = usize::try_from(DONE_PAGE).unwrap_or(0);
    let older = (acts.len() > full).then(|| acts.get(full.saturating_sub(1)).map(|act| act.seq)).flatten();
    let lines = acts.iter().take(full).map(|act| {
        let procedure = law.newest(&act.procedure);
        DoneLine {
            href: format!("/matters/{}", act.matter),
            title: act.title.clone(),
            step: procedure.map_or(act.step.clone(), |procedure| show::step(procedure, &act.step.as_str().into())),
            procedure: procedure.map_or(act.procedure.clone(), |procedure| procedure.title.clone()),
            day: day(act.day),
            recorded: day(act.recorded),
        }
    });
    render(&DonePage {
        layout: Layout::new(&app, &official.visitor, "已办"),
        staff: StaffFrame::load(&app, &official, "/desk/done").await?,
        lines: lines.collect(),
        older,
        paged: before.is_some(),
    })
}
