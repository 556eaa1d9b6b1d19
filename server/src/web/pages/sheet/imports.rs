//! What imports did: their list, the page of one, undoing it, and going on with one that was broken off.
//!
//! Does not belong here: the act itself (`app::sheet::import`).

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Fact, MatterState};

use super::fillable;
use crate::app::App;
use crate::app::act::ActError;
use crate::app::evidence;
use crate::app::sheet::mapping::{Mapping, Plan};
use crate::app::sheet::{IMPORT, Job, Source};
use crate::store::imports::{self as store, Entered};
use crate::store::matters::{self, ListFilter, Page};
use crate::store::record;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, render};

/// The newest imports that a page lists.
const LISTED: i64 = 40;
/// A person waits for so long; then the page says how far it is.
const WAITED: Duration = Duration::from_secs(8);
/// Matters on the page of an import.
const SHOWN: usize = 200;

/// An import in a list.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) system: String,
    pub(super) day: String,
    pub(super) rows: i64,
    pub(super) state: String,
}

fn number(state: &MatterState, field: &str) -> i64 {
    state.fact(field).and_then(Fact::number).unwrap_or(0)
}

/// Imports that the official sees, newest first; of one register if it is named.
async fn states(app: &App, official: &Official, register: Option<&str>) -> Result<Vec<MatterState>, PageError> {
    let (county, sight, register) = (app.county_code.clone(), official.sight.clone(), register.map(str::to_owned));
    let filter = ListFilter { procedure: Some(IMPORT.to_owned()), ..ListFilter::default() };
    let found = app.db.read(move |r| {
        let mut found = Vec::new();
        for row in matters::list(r, &county, &sight, &filter, Page::First, LISTED * 5)? {
            let Some(state) = matters::find_state(r, &county, row.id)? else { continue };
            if register.as_deref().is_none_or(|register| state.text("register") == register) {
                found.push(state);
            }
        }
        Ok::<_, PageError>(found)
    });
    found.await
}

/// The list for a page.
pub(super) async fn list(app: &App, official: &Official, register: Option<&str>) -> Result<Vec<Line>, PageError> {
    let line = |state: MatterState| Line {
        href: format!("/imports/{}", state.id),
        title: state.text("register_title").to_owned(),
        system: state.text("source_system").to_owned(),
        day: state.opened.to_string(),
        rows: number(&state, "rows"),
        state: state_title(app, &state),
    };
    let shown = usize::try_from(LISTED).unwrap_or(40);
    Ok(states(app, official, register).await?.into_iter().take(shown).map(line).collect())
}

fn state_title(app: &App, state: &MatterState) -> String {
    let ruling = app.county.ruling();
    let procedure = ruling.law.by_digest(&state.definition);
    let title = procedure.and_then(|procedure| procedure.state("main", state.standing()));
    title.map(|state| state.title.clone()).unwrap_or_default()
}

/// Imports of the same table that nobody has undone: address, where this official sees it, and in words.
pub(super) async fn before(
    app: &App,
    official: &Official,
    job: &Job,
    file: &zhunsheng_core::id::Digest,
) -> Result<Vec<(String, String)>, PageError> {
    let same = app.imports_of_the_same(job, file).await?;
    let mut before = Vec::with_capacity(same.len());
    for state in same {
        let (county, sight, id) = (app.county_code.clone(), official.sight.clone(), state.id);
        let seen = app.db.read(move |r| matters::find_row(r, &county, &sight, id)).await?.is_some();
        let registry = app.county.registry();
        let who = match seen {
            true => format!("{}{}", registry.organ_name(&state.organ), by(app, &state)),
            false => registry.organ_name(&state.organ).to_owned(),
        };
        let rows = number(&state, "rows");
        let words = format!("{}由{who}导入，{rows}行", state.opened.chinese());
        before.push((if seen { format!("/imports/{id}") } else { String::new() }, words));
    }
    Ok(before)
}

/// Who began an import.
fn by(app: &App, state: &MatterState) -> String {
    match state.done.first().map(|done| &done.decided_by) {
        Some(zhunsheng_core::matter::Decider::Person(person)) => app.county.registry().person_name(*person).to_owned(),
        _ => String::new(),
    }
}

/// How tables of a system were mapped last for a register.
pub(super) async fn remembered(
    app: &App,
    official: &Official,
    register: &str,
    system: &str,
) -> Result<Option<Mapping>, PageError> {
    let states = states(app, official, Some(register)).await?;
    let last = states.iter().find(|state| state.text("source_system") == system && !state.text("mapping").is_empty());
    Ok(last.map(|state| Mapping::parse(state.text("mapping"))))
}

/// The systems from which a register was imported, the newest first.
pub(super) async fn systems(app: &App, official: &Official, register: &str) -> Result<Vec<String>, PageError> {
    let mut systems: Vec<String> = Vec::new();
    for state in states(app, official, Some(register)).await? {
        let system = state.text("source_system");
        if !system.is_empty() && !state.text("mapping").is_empty() && !systems.iter().any(|known| known == system) {
            systems.push(system.to_owned());
        }
    }
    Ok(systems)
}

/// Runs an import beside the request, which waits for it a while: whoever goes away breaks nothing off.
pub(super) async fn run(app: &Arc<App>, actor: Actor, job: Arc<Job>, import: MatterId) -> Result<(), PageError> {
    let running = Arc::clone(app);
    beside(import, async move { running.run_import(actor, job, import).await }).await
}

/// Voids what an import entered, beside the request as well.
async fn run_undo(app: &Arc<App>, actor: Actor, import: MatterId, reason: String) -> Result<(), PageError> {
    let running = Arc::clone(app);
    beside(import, async move { running.run_undo(actor, import, reason).await }).await
}

async fn beside(
    import: MatterId,
    work: impl Future<Output = Result<(), ActError>> + Send + 'static,
) -> Result<(), PageError> {
    let task = tokio::spawn(async move {
        let ran = work.await;
        if let Err(error) = &ran {
            tracing::error!(%import, ?error, "an import was broken off");
        }
        ran
    });
    match tokio::time::timeout(WAITED, task).await {
        Ok(Ok(ran)) => ran.map_err(PageError::from),
        Ok(Err(error)) => Err(PageError::fault(error)),
        Err(_) => Ok(()),
    }
}

#[derive(Template)]
#[template(path = "sheet/import.html")]
struct ImportPage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    title: String,
    register: String,
    system: String,
    state: String,
    running: bool,
    undoing: bool,
    left: usize,
    undone: bool,
    again: String,
    by: String,
    day: String,
    rows: i64,
    entered: usize,
    digest: String,
    numbers: Vec<(&'static str, i64)>,
    refused: String,
    kept: String,
    reason: String,
    matters: Vec<Entered>,
    more: usize,
    wrong: String,
}

/// An import that the official sees, and what it entered.
async fn load(
    app: &App,
    official: &Official,
    id: &str,
) -> Result<(MatterState, Vec<Entered>, Vec<record::StoredSealed>), PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| row.procedure == IMPORT);
        let Some(_) = row else { return Ok(None) };
        let Some(state) = matters::find_state(r, &county, id)? else { return Ok(None) };
        let mut entered = store::list_entered(r, &county, id)?;
        entered.sort();
        Ok::<_, PageError>(Some((state, entered, record::sealed_values(r, &county, id)?)))
    });
    found.await?.ok_or(PageError::NotFound)
}

async fn page(app: &App, official: &Official, id: &str, wrong: &str) -> Result<Response, PageError> {
    let (state, mut entered, texts) = load(app, official, id).await?;
    let sealed = |field: &str| record::opened(&texts, &format!("field.{field}")).to_owned();
    let counted = [("新登记", "opened"), ("更正", "corrected"), ("没有变化", "unchanged"), ("没有登记", "refused")];
    let undone = [("已作废", "voided"), ("保留", "kept")];
    let is_undone = state.standing() == "undone";
    let shown = counted.into_iter().chain(undone.into_iter().filter(|_| is_undone));
    let numbers = shown.map(|(title, field)| (title, number(&state, field))).collect();
    let (count, more) = (entered.len(), entered.len().saturating_sub(SHOWN));
    entered.truncate(SHOWN);
    let page = render(&ImportPage {
        layout: Layout::new(app, &official.visitor, "表格导入"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        id: state.id.to_string(),
        title: state.text("register_title").to_owned(),
        register: state.text("register").to_owned(),
        system: state.text("source_system").to_owned(),
        state: state_title(app, &state),
        running: state.standing() == "importing",
        undoing: state.standing() == "undoing",
        left: entered.iter().filter(|one| !one.closed).count(),
        undone: is_undone,
        again: sealed("again_reason"),
        by: by(app, &state),
        day: state.opened.chinese(),
        rows: number(&state, "rows"),
        entered: count,
        digest: state.text("file_digest").to_owned(),
        numbers,
        refused: sealed("refused_note"),
        kept: sealed("kept_note"),
        reason: sealed("undo_reason"),
        matters: entered,
        more,
        wrong: wrong.to_owned(),
    })?;
    Ok(crate::web::answered(page, !wrong.is_empty()))
}

/// `GET /imports/{id}`.
pub(in crate::web) async fn show_import(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    page(&app, &official, &id, "").await
}

/// `POST /imports/{id}/undo`.
pub(in crate::web) async fn undo_import(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let (state, ..) = load(&app, &official, &id).await?;
    fillable(&app, &official, state.text("register"))?;
    let reason = form.fields.text("reason");
    if reason.is_empty() || reason.chars().count() > 150 {
        return page(&app, &official, &id, "请写明撤销的原因，不超过150个字").await;
    }
    if ["importing", "imported"].contains(&state.standing()) {
        app.begin_undo(official.actor(), state.id, reason.to_owned()).await?;
        run_undo(&app, official.actor(), state.id, reason.to_owned()).await?;
    }
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}

/// `POST /imports/{id}/continue`: an import, or its undoing, that was broken off goes on where it stopped.
pub(in crate::web) async fn continue_import(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let (state, _, texts) = load(&app, &official, &id).await?;
    let register = fillable(&app, &official, state.text("register"))?;
    if state.standing() == "undoing" {
        let reason = record::opened(&texts, "field.undo_reason").to_owned();
        run_undo(&app, official.actor(), state.id, reason).await?;
        return Ok(Redirect::to(&format!("/imports/{id}")).into_response());
    }
    let digest = state.evidence.first().map(|file| file.digest).ok_or(PageError::NotFound)?;
    let data = app.config.data_dir.clone();
    let bytes = tokio::task::spawn_blocking(move || evidence::load(&data, &digest)).await.map_err(PageError::fault)?;
    let bytes = bytes.map_err(PageError::fault)?.ok_or_else(|| PageError::broken("imported file missing"))?;
    let tab = state.text("tab").to_owned();
    let grid = register.read(&bytes, &tab).map_err(|why| PageError::Conflict(why.sentence()))?;
    let (system, mapping) = (state.text("source_system").to_owned(), Mapping::parse(state.text("mapping")));
    let plan = match system.is_empty() {
        true => Plan::of_template(&register.columns, &grid.header),
        false => Plan::of_mapping(&register.columns, &grid.header, &mapping),
    };
    let job = Arc::new(register.job(&app, grid, plan.map_err(PageError::Conflict)?, Source { system, mapping, tab }));
    run(&app, official.actor(), job, state.id).await?;
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}
