//! Checking a table: read, mapped if it comes from elsewhere, tried row by row; its errors on the page and in a marked copy; and,
//! once nothing is wrong and the person agrees, imported.
//!
//! Does not belong here: what an import did afterwards (`imports`).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::matter::EvidenceInput;

use super::super::matters_export::workbook_file;
use super::between::{tabs_page, too_many, waiting_page, waiting_to_import};
use super::received::received;
use super::{about, fillable, imports, mapping, upload_page};
use crate::app::App;
use crate::app::secret::{hex, random};
use crate::app::sheet::differ::Difference;
use crate::app::sheet::enter::{Outcome, Tried};
use crate::app::sheet::mapping::{Mapping, Plan};
use crate::app::sheet::read::{BYTES_MAX, Grid, Unread};
use crate::app::sheet::row::Wrong;
use crate::app::sheet::template;
use crate::app::sheet::trial::Trial;
use crate::app::sheet::waiting::Waiting;
use crate::app::sheet::{Job, Register, Source};
use crate::store::imports as store;
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, render};

/// Errors and differences on the page; the marked copy has all.
const SHOWN: usize = 200;

/// What a form about a table carries.
pub(super) struct Asked {
    waiting: Waiting,
    pub(super) token: String,
    pub(super) system: String,
    pub(super) tab: String,
    bytes: Vec<u8>,
}

impl Asked {
    pub(super) fn source(&self, mapping: &Mapping) -> Source {
        Source { system: self.system.clone(), mapping: mapping.clone(), tab: self.tab.clone() }
    }
}

/// The table that was sent now or waits; inside, what is to be said about it.
async fn asked(app: &App, official: &Official, form: &Form) -> Result<Result<Asked, String>, PageError> {
    let system: String = form.fields.text("system").chars().filter(|c| !c.is_control()).take(60).collect();
    match form.upload("file").filter(|upload| upload.received.bytes > 0) {
        Some(_) if form.fields.filled("no_secret").is_none() => {
            return Ok(Err("请先确认表里没有国家秘密、工作秘密".to_owned()));
        }
        Some(upload) if upload.received.bytes > BYTES_MAX => {
            return Ok(Err(format!("文件超过{}MB，请分成几个文件", BYTES_MAX >> 20)));
        }
        _ => {}
    }
    let Some(waiting) = received(app, official, form).await? else {
        return Ok(Err("请选择要导入的文件".to_owned()));
    };
    let tab = form.fields.text("tab").chars().filter(|c| !c.is_control()).take(60).collect();
    waiting_again(app, official, waiting, (system, tab)).await
}

async fn waiting_again(
    app: &App,
    official: &Official,
    waiting: Waiting,
    (system, tab): (String, String),
) -> Result<Result<Asked, String>, PageError> {
    let (data, file) = (app.config.data_dir.clone(), waiting.clone());
    let bytes = tokio::task::spawn_blocking(move || file.bytes(&data)).await.map_err(PageError::fault)?;
    let Some(bytes) = bytes.map_err(PageError::fault)? else {
        return Ok(Err("上传的文件只保存一天，已经删除；请再上传一次".to_owned()));
    };
    let token = waiting.token(app, &official.post.person.to_string());
    Ok(Ok(Asked { waiting, token, system, tab, bytes }))
}

/// What a form leads to: a table ready to be tried, or a page that asks first.
enum Read {
    Job(Box<Job>),
    Page(Response),
}

async fn read(app: &App, official: &Official, id: &str, fields: &Fields, asked: &Asked) -> Result<Read, PageError> {
    let register = fillable(app, official, id)?;
    let (bytes, tab) = (asked.bytes.clone(), asked.tab.clone());
    let read = tokio::task::spawn_blocking(move || (register.read(&bytes, &tab), register)).await;
    let (grid, register) = read.map_err(PageError::fault)?;
    let again = async |why: &str| {
        let source = asked.source(&Mapping::default());
        upload_page(app, official, id, &source, why).await.map(Read::Page)
    };
    let grid = match grid {
        Ok(grid) => grid,
        Err(Unread::Several(tabs)) => return tabs_page(app, official, &register, asked, tabs).await.map(Read::Page),
        Err(Unread::Wrong(why)) => return again(&why).await,
    };
    if asked.system.is_empty() {
        return match Plan::of_template(&register.columns, &grid.header) {
            Ok(plan) => {
                let source = asked.source(&Mapping::default());
                Ok(Read::Job(Box::new(register.job(app, grid, plan, source))))
            }
            Err(why) => again(&why).await,
        };
    }
    mapped(app, official, (register, grid), fields, asked).await
}

/// A table of another system: as mapped on the page or before, or the page that asks how.
async fn mapped(
    app: &App,
    official: &Official,
    (register, grid): (Register, Grid),
    fields: &Fields,
    asked: &Asked,
) -> Result<Read, PageError> {
    let id = register.procedure.id.to_string();
    let on_page = fields.text("mapped") == "1";
    let carried = fields.filled("mapping").map(Mapping::parse);
    let known = match (on_page, carried) {
        (true, _) => Some(mapping::chosen(fields)),
        (false, Some(carried)) => Some(carried),
        (false, None) => imports::remembered(app, official, &id, &asked.system).await?,
    };
    let remap = fields.text("remap") == "1";
    let known = known.map(|known| known.of_table(&grid.header));
    let Some(known) = known else {
        let guess = Mapping::guess(&register.columns, &grid.header);
        return mapping::page(app, official, (register, grid), asked, &guess, "").await.map(Read::Page);
    };
    match Plan::of_mapping(&register.columns, &grid.header, &known) {
        Err(why) => {
            let mended = known.mended(&register.columns, &grid.header);
            mapping::page(app, official, (register, grid), asked, &mended, &why).await.map(Read::Page)
        }
        Ok(_) if remap => mapping::page(app, official, (register, grid), asked, &known, "").await.map(Read::Page),
        Ok(plan) => {
            let again = Register { procedure: Arc::clone(&register.procedure), ..register.clone() };
            let job = register.job(app, grid.clone(), plan, asked.source(&known));
            let asks = fields.text("words") != "1" && fields.get("mapping").is_none() && !mapping::all_meant(&job);
            if asks {
                return mapping::page(app, official, (again, grid), asked, &known, "").await.map(Read::Page);
            }
            Ok(Read::Job(Box::new(job)))
        }
    }
}

/// An error as the page lists it.
struct WrongLine {
    line: u32,
    column: String,
    sentence: String,
}

/// A matter that the table says otherwise.
struct ChangedLine {
    key: String,
    href: String,
    differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "sheet/checked.html")]
struct CheckedPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    id: String,
    name: String,
    system: String,
    token: String,
    mapping: String,
    tab: String,
    key: String,
    /// Columns of the table that no question takes.
    unused: String,
    /// Imports of the same table: address (empty where the import is not theirs to see), and in words.
    before: Vec<(String, String)>,
    again_wrong: String,
    rows: usize,
    fresh: usize,
    same: usize,
    changed: Vec<ChangedLine>,
    more_changed: usize,
    changed_count: usize,
    only_here: Vec<(String, String, String)>,
    more_here: usize,
    wrong_rows: usize,
    wrong: Vec<WrongLine>,
    more_wrong: usize,
    /// Rows that name somebody a second time: to be looked at, not refused.
    namesakes: Vec<WrongLine>,
}

/// `POST /sheets/{procedure}`: a table is read and tried; nothing is written.
pub(in crate::web) async fn check_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let found = asked(&app, &official, &form).await?;
    check(&app, &official, &id, &form.fields, found).await
}

/// Checks a table that waits already.
pub(super) async fn check_waiting(
    app: &Arc<App>,
    official: &Official,
    id: &str,
    waiting: Waiting,
) -> Result<Response, PageError> {
    let found = waiting_again(app, official, waiting, (String::new(), String::new())).await?;
    check(app, official, id, &Fields::default(), found).await
}

async fn check(
    app: &Arc<App>,
    official: &Official,
    id: &str,
    fields: &Fields,
    found: Result<Asked, String>,
) -> Result<Response, PageError> {
    let found = match found {
        Ok(found) => found,
        Err(why) => return upload_page(app, official, id, &Source::default(), &why).await,
    };
    let job = match read(app, official, id, fields, &found).await? {
        Read::Page(page) => return Ok(page),
        Read::Job(job) => Arc::new(*job),
    };
    if job.is_secret() {
        found.waiting.discard(&app.config.data_dir).map_err(PageError::fault)?;
        let why = "表里有国家秘密，这份文件已经删除；国家秘密不得进入本系统。是收表交来的，原件还在收表里，请立即报告保密工作人员处理";
        return upload_page(app, official, id, &Source::default(), why).await;
    }
    match app.try_patiently(official.actor(), &job, found.waiting.named()).await? {
        Trial::Done(tried) => checked_page(app, official, &job, &tried, (&found, "")).await,
        Trial::Running(so_far) => waiting_page(app, official, &job, &found, (so_far, "", "核对")).await,
        Trial::Full => Err(too_many()),
    }
}

async fn checked_page(
    app: &App,
    official: &Official,
    job: &Job,
    tried: &[Tried],
    (found, again_wrong): (&Asked, &str),
) -> Result<Response, PageError> {
    let before = imports::before(app, official, job, &found.waiting.digest).await?;
    let count = |fits: &dyn Fn(&Outcome) -> bool| tried.iter().filter(|row| fits(&row.outcome)).count();
    let mut wrong = Vec::new();
    let mut changed = Vec::new();
    for row in tried {
        match &row.outcome {
            Outcome::Wrong(found) => wrong.extend(found.iter().map(|wrong| wrong_line((row.line, wrong.clone())))),
            Outcome::Changed(id, differences) => changed.push(ChangedLine {
                key: row.key.clone(),
                href: format!("/matters/{id}"),
                differences: differences.clone(),
            }),
            Outcome::New(_) | Outcome::Same(_) => {}
        }
    }
    let mut only_here = only_here(app, official, job, tried).await?;
    let (more_wrong, more_changed) = (wrong.len().saturating_sub(SHOWN), changed.len().saturating_sub(SHOWN));
    let (more_here, changed_count) = (only_here.len().saturating_sub(SHOWN), changed.len());
    wrong.truncate(SHOWN);
    changed.truncate(SHOWN);
    only_here.truncate(SHOWN);
    let wrong_rows = count(&|outcome| matches!(outcome, Outcome::Wrong(_)));
    let page = render(&CheckedPage {
        layout: Layout::new(app, &official.visitor, "核对结果"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        title: job.title.clone(),
        id: job.procedure.to_string(),
        name: found.waiting.name.clone(),
        system: job.system.clone(),
        token: found.token.clone(),
        mapping: if job.system.is_empty() { String::new() } else { job.reading.mapping.text() },
        tab: job.tab.clone(),
        key: hex(&random::<16>()),
        unused: job.grid.unused(&job.reading.plan).join("”“"),
        before,
        again_wrong: again_wrong.to_owned(),
        rows: tried.len(),
        fresh: count(&|outcome| matches!(outcome, Outcome::New(_))),
        same: count(&|outcome| matches!(outcome, Outcome::Same(_))),
        changed,
        more_changed,
        changed_count,
        only_here,
        more_here,
        wrong_rows,
        wrong,
        more_wrong,
        namesakes: job.namesakes(&app.county.registry()).into_iter().map(wrong_line).take(SHOWN).collect(),
    })?;
    Ok(crate::web::answered(page, wrong_rows > 0 || !again_wrong.is_empty()))
}

fn wrong_line((line, wrong): (u32, Wrong)) -> WrongLine {
    WrongLine { line, column: wrong.title, sentence: wrong.sentence }
}

/// What is known here from the same system and the table does not name: number, address, title.
async fn only_here(
    app: &App,
    official: &Official,
    job: &Job,
    tried: &[Tried],
) -> Result<Vec<(String, String, String)>, PageError> {
    if job.system.is_empty() {
        return Ok(Vec::new());
    }
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let (procedure, system) = (job.procedure.to_string(), job.system.clone());
    let here = app.db.read(move |r| store::list_external(r, &county, &sight, (&procedure, &system))).await?;
    let named: std::collections::BTreeSet<&str> = tried.iter().map(|row| row.key.as_str()).collect();
    let mut only: Vec<(String, String, String)> = here
        .into_iter()
        .filter(|(key, ..)| !named.contains(key.as_str()))
        .map(|(key, id, title)| (key, format!("/matters/{id}"), title))
        .collect();
    only.sort();
    Ok(only)
}

/// The file that waits, and what it is read as; otherwise the page that says what is missing.
async fn waiting_job(
    app: &App,
    official: &Official,
    id: &str,
    form: &Form,
) -> Result<Result<(Asked, Arc<Job>), Response>, PageError> {
    let found = match asked(app, official, form).await? {
        Ok(found) => found,
        Err(why) => return Ok(Err(upload_page(app, official, id, &Source::default(), &why).await?)),
    };
    Ok(match read(app, official, id, &form.fields, &found).await? {
        Read::Page(page) => Err(page),
        Read::Job(job) => Ok((found, Arc::new(*job))),
    })
}

/// `POST /sheets/{procedure}/marked`: the same table with its errors at their cells.
pub(in crate::web) async fn download_marked(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let (found, job) = match waiting_job(&app, &official, &id, &form).await? {
        Ok(known) => known,
        Err(page) => return Ok(page),
    };
    let tried = match app.try_patiently(official.actor(), &job, found.waiting.named()).await? {
        Trial::Done(tried) => tried,
        Trial::Running(so_far) => {
            return waiting_page(&app, &official, &job, &found, (so_far, "/marked", "标注")).await;
        }
        Trial::Full => return Err(too_many()),
    };
    let mut wrong: BTreeMap<u32, Vec<Wrong>> = tried
        .into_iter()
        .filter_map(|row| match row.outcome {
            Outcome::Wrong(wrong) => Some((row.line, wrong)),
            _ => None,
        })
        .collect();
    for (line, namesake) in job.namesakes(&app.county.registry()) {
        wrong.entry(line).or_default().push(namesake);
    }
    let about = about(&app, &official, &fillable(&app, &official, &id)?);
    let name = format!("{}-标注.xlsx", about.title);
    let made = tokio::task::spawn_blocking(move || {
        let (plan, grid): (&Plan, &Grid) = (&job.reading.plan, &job.grid);
        let question = |at: usize| (0..job.reading.columns.len()).find(|column| plan.cell_of(*column) == Some(at));
        template::marked(&about, &job.reading.columns, &question, grid, &wrong)
    });
    workbook_file(made.await.map_err(PageError::fault)?.map_err(PageError::fault)?, &name)
}

/// `POST /sheets/{procedure}/import`: agreed. Tried once more; what has become wrong since is shown again.
pub(in crate::web) async fn import_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let (found, job) = match waiting_job(&app, &official, &id, &form).await? {
        Ok(known) => known,
        Err(page) => return Ok(page),
    };
    let (actor, key) = (official.actor(), form.fields.text("key").chars().take(64).collect::<String>());
    let again = form.fields.text("again").to_owned();
    if app.known_import(&actor, &key).await?.is_none() {
        let tried = match app.try_patiently(actor.clone(), &job, found.waiting.named()).await? {
            Trial::Done(tried) => tried,
            Trial::Running(so_far) => {
                let told = ((so_far, "/import", "再核对一遍"), (key, again));
                return waiting_to_import(&app, &official, &job, &found, told).await;
            }
            Trial::Full => return Err(too_many()),
        };
        let again_wrong = again_wrong(&app, &job, &found, &again).await?;
        let wrong = tried.iter().any(|row| matches!(row.outcome, Outcome::Wrong(_)));
        if wrong || key.is_empty() || !again_wrong.is_empty() {
            return checked_page(&app, &official, &job, &tried, (&found, again_wrong)).await;
        }
    }
    let (data, waiting, bytes) = (app.config.data_dir.clone(), found.waiting.clone(), found.bytes);
    let kept = tokio::task::spawn_blocking(move || waiting.settle(&data, &bytes)).await.map_err(PageError::fault)?;
    let kept = kept.map_err(|error| PageError::Conflict(error.sentence()))?;
    let file = EvidenceInput {
        kind: "sheet_file".into(),
        digest: kept.digest,
        sm3: kept.sm3,
        bytes: kept.bytes,
        media: kept.media.to_owned(),
        name: found.waiting.name.clone(),
    };
    let digest = found.waiting.digest.to_string();
    let import = app.begin_import(actor.clone(), &job, (file, digest), (&key, &again)).await?;
    imports::run(&app, actor, job, import).await?;
    Ok(Redirect::to(&format!("/imports/{import}")).into_response())
}

/// What is missing before a table that was imported already is imported again.
async fn again_wrong(app: &App, job: &Job, found: &Asked, again: &str) -> Result<&'static str, PageError> {
    Ok(match again.chars().count() {
        0 if app.imports_of_the_same(job, &found.waiting.digest).await?.is_empty() => "",
        0 => "这张表已经导入过；确实要再登记一遍的，请写明理由",
        201.. => "理由超过200个字",
        _ => "",
    })
}
