//! What programs may read: a matter within the post's sight, without sealed values; figures for posts that see them.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use zhunsheng_core::clock::{ClockRun, Due};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{self, Context, Fact, MatterState, Matters};
use zhunsheng_core::procedure::Procedure;

use super::model::{
    ClockView, CoverageView, FactView, FiguresView, InstrumentView, MatterView, NextStep, RefusalView, Titled,
    YearlyView,
};
use super::notice;
use crate::app::credit::{self, coverage};
use crate::app::fault::Fault;
use crate::app::ruling::Ruling;
use crate::app::{App, figures, show};
use crate::app::{sight, yearly};
use crate::store::matters::{self, MatterRow};
use crate::web::{PageError, Path, Program, Query};

/// A matter with those that its steps look at.
pub(super) struct Seen {
    row: MatterRow,
    state: MatterState,
    around: Matters,
}

/// The matter, if the post may know of it and it is no work secret.
pub(super) async fn open_to(app: &App, program: &Program, id: MatterId) -> Result<Seen, PageError> {
    let (county, sight) = (app.county_code.clone(), program.sight.clone());
    let found = app
        .db
        .read(move |r| {
            let row = matters::find_row(r, &county, &sight, id)?;
            let Some((row, state)) = row.zip(matters::find_state(r, &county, id)?) else { return Ok(None) };
            let mut around = Matters::new();
            for other in state.parent.into_iter().chain(state.links.iter().map(|link| link.matter)) {
                around.extend(matters::find_state(r, &county, other)?.map(|found| (other, found)));
            }
            Ok::<_, Fault>(Some(Seen { row, state, around }))
        })
        .await?;
    found.filter(|seen| !seen.state.is_withheld()).ok_or(PageError::NotFound)
}

/// 查看事项: states, facts, time limits, instruments, what can be done next. Names, telephone numbers and texts are not given.
#[utoipa::path(
    get, path = "/api/v1/matters/{id}", tag = "matters", security(("token" = [])),
    params(("id" = String, Path, description = "事项编号，26 个字符")),
    responses(
        (status = 200, body = MatterView),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "没有这个事项，或者不归该岗位看"),
    )
)]
pub(in crate::web) async fn show_matter(
    State(app): State<Arc<App>>,
    program: Program,
    Path(id): Path<String>,
) -> Result<Answer<MatterView>, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let Seen { row, state, around } = open_to(&app, &program, id).await?;
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let definition = ruling.law.by_digest(&state.definition).ok_or(PageError::NotFound)?;
    let fact = |field: &zhunsheng_core::id::FieldId, fact: &Fact| {
        let known = definition.fields.get(field)?;
        let text = show::fact(definition, known, fact, &registry);
        Some((field.to_string(), FactView { title: known.title.clone(), value: fact.text(), text }))
    };
    Ok(Answer(MatterView {
        id: id.to_string(),
        procedure: Titled { code: definition.id.to_string(), title: definition.title.clone() },
        title: row.title,
        organ: Titled { code: state.organ.to_string(), title: registry.organ_name(&state.organ).to_owned() },
        place: state.place.as_ref().map(ToString::to_string),
        opened: state.opened.to_string(),
        ended: state.ended.as_ref().map(|ended| ended.day.to_string()),
        outcome: state.ended.as_ref().map(|ended| ended.outcome.to_string()),
        closed: state.closed,
        states: states(definition, &state),
        facts: state.facts.iter().filter_map(|(id, value)| fact(id, value)).collect(),
        clocks: state.clocks.iter().map(|run| clock(definition, run, &ruling)).collect(),
        instruments: instruments(definition, &state),
        next: next(&app, &program, &ruling, &state, &around),
        notice: notice(&app),
    }))
}

fn states(definition: &Procedure, state: &MatterState) -> std::collections::BTreeMap<String, Titled> {
    let title = |track: &str, now: &str| {
        definition.state(track, now).map_or_else(|| now.to_owned(), |state| state.title.clone())
    };
    let one = |(track, now): (&zhunsheng_core::id::TrackId, &zhunsheng_core::id::StateId)| {
        (track.to_string(), Titled { code: now.to_string(), title: title(track.as_str(), now.as_str()) })
    };
    state.tracks.iter().map(one).collect()
}

fn clock(definition: &Procedure, run: &ClockRun, ruling: &Ruling) -> ClockView {
    let deadline = run.deadline(&ruling.calendar);
    let title = definition.clock(run.clock.as_str()).map_or_else(|| run.clock.to_string(), |clock| clock.title.clone());
    ClockView {
        clock: Titled { code: run.clock.to_string(), title },
        start: run.start.to_string(),
        due: deadline.due.day().map(|day| day.to_string()),
        provisional: matches!(deadline.due, Due::Provisional { .. }),
        running: run.runs(),
        basis: run.basis.to_string(),
        because: deadline.because,
    }
}

fn instruments(definition: &Procedure, state: &MatterState) -> Vec<InstrumentView> {
    let title = |kind: &str| definition.instrument(kind).map_or_else(|| kind.to_owned(), |known| known.title.clone());
    let one = |issued: &zhunsheng_core::matter::IssuedInstrument| InstrumentView {
        kind: Titled { code: issued.kind.to_string(), title: title(issued.kind.as_str()) },
        number: issued.number.as_ref().map(|number| number.text.clone()),
        day: issued.day.to_string(),
    };
    state.instruments.iter().map(one).collect()
}

fn next(app: &App, program: &Program, ruling: &Ruling, state: &MatterState, around: &Matters) -> Vec<NextStep> {
    let registry = app.county.registry();
    let context = Context {
        actor: program.actor(),
        today: app.today(),
        now: app.moment(),
        calendar: &ruling.calendar,
        registry: &registry,
    };
    let one = |option: matter::StepOption| NextStep {
        step: Titled { code: option.step.to_string(), title: option.title },
        who: option.who,
        authority: option.authority.to_string(),
        refusals: option.refusals.iter().map(RefusalView::from).collect(),
    };
    matter::options(&ruling.law, state, around, &context).into_iter().map(one).collect()
}

/// 法治数据: every figure, computed from records.
#[utoipa::path(
    get, path = "/api/v1/figures", tag = "figures", security(("token" = [])),
    params(("as_of" = Option<String>, Query, description = "县里在这一天结束时已经记录的情况；不写即今天")),
    responses(
        (status = 200, body = FiguresView),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "该岗位不看指标"),
    )
)]
pub(in crate::web) async fn show_figures(
    State(app): State<Arc<App>>,
    program: Program,
    query: Query,
) -> Result<Answer<FiguresView>, PageError> {
    let sees = app.county.ruling().law.posts.get(program.post.kind.as_str()).is_some_and(|post| post.sees_figures);
    if !sees {
        return Err(PageError::NotFound);
    }
    let day = match query.filled("as_of") {
        None => None,
        Some(text) => Some(Day::parse(text).ok_or(PageError::Malformed("as_of 应当是2024-10-26这样的日期"))?),
    };
    let reader = Arc::clone(&app);
    let computed = app
        .db
        .read(move |r| figures::compute(r, &reader.county_code, &reader.county.ruling(), reader.today(), day))
        .await?;
    let as_of = day.map_or(app.today(), |day| day.min(app.today()));
    Ok(Answer(FiguresView { as_of: as_of.to_string(), figures: figures::to_json(&computed), notice: notice(&app) }))
}

/// 信用报送情况: of every organ that the post sees, and what is missing.
#[utoipa::path(
    get, path = "/api/v1/credit/coverage", tag = "credit", security(("token" = [])),
    params(
        ("from" = Option<String>, Query, description = "决定日期从；不写即本年1月1日"),
        ("to" = Option<String>, Query, description = "决定日期到；不写即今天"),
    ),
    responses(
        (status = 200, body = CoverageView),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "该岗位看不到信用报送"),
    )
)]
pub(in crate::web) async fn show_credit_coverage(
    State(app): State<Arc<App>>,
    program: Program,
    query: Query,
) -> Result<Answer<CoverageView>, PageError> {
    let whose = credit::organs_seen(&program.sight).ok_or(PageError::NotFound)?;
    let day = |name: &str, otherwise: Day| match query.filled(name) {
        None => Ok(otherwise),
        Some(text) => Day::parse(text).ok_or(PageError::Malformed("from、to 应当是2024-10-26这样的日期")),
    };
    let to = day("to", app.today())?;
    let from = day("from", Day::new(to.year(), 1, 1).unwrap_or(to))?;
    let reader = Arc::clone(&app);
    let covered = app.db.read(move |r| coverage::of(r, &reader, (from, to), whose.as_deref())).await?;
    let coverage = coverage::to_json(&app.county.ruling().law, (from, to), &covered);
    Ok(Answer(CoverageView { coverage, notice: notice(&app) }))
}

/// The yearly sheet of enforcement (行政执法统计年报): of the county, or of an organ whose penalties this post sees.
#[utoipa::path(
    get, path = "/api/v1/enforcement/yearly", tag = "enforcement", security(("token" = [])),
    params(
        ("year" = Option<i16>, Query, description = "年度，省略时为今年"),
        ("organ" = Option<String>, Query, description = "机关代码；由看得到全县的岗位指定一个机关时，不列罚没金额（行政处罚法第七十四条）"),
    ),
    responses(
        (status = 200, description = "年报", body = YearlyView),
        (status = 400, description = "不是年份，或者早于2021年、晚于今年"),
        (status = 401, description = "令牌不存在、已停用，或者岗位已经结束"),
        (status = 404, description = "该岗位看不到行政处罚，或者不是这个机关"),
    )
)]
pub(in crate::web) async fn show_yearly(
    State(app): State<Arc<App>>,
    program: Program,
    query: Query,
) -> Result<Answer<YearlyView>, PageError> {
    let seen = sight::organs_seen(&program.sight, "penalty").ok_or(PageError::NotFound)?;
    let scope = yearly::Scope::of(&app.county.registry(), seen, query.text("organ")).ok_or(PageError::NotFound)?;
    let year = match query.filled("year") {
        None => app.today().year(),
        Some(text) => {
            let asked = text.parse().ok().and_then(|year| yearly::year_of(year, app.today()));
            asked.ok_or(PageError::Malformed("year 应当是2024这样的年份，从2021年到今年"))?
        }
    };
    let ruling = app.county.ruling();
    let rules = ruling.law.yearly.as_ref().ok_or(PageError::NotFound)?;
    let reader = Arc::clone(&app);
    let groups = app.db.read(move |r| yearly::sheet(r, &reader, year, &scope)).await?;
    Ok(Answer(YearlyView { yearly: yearly::to_json(rules, year, &groups), notice: notice(&app) }))
}
