//! 收表: sending a register's template to units, the page on which a unit hands its table in, and what came.
//!
//! Does not belong here: where files lie and how they are merged (`app::sheet::collect`), the check of the merged table (`check`).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::authority::Post;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Command, Decider, Input, Manner, MatterState, Target};

use super::super::desk::opening_step;
use super::super::matters_export::workbook_file;
use super::{about, check, fillable};
use crate::app::App;
use crate::app::evidence::Received;
use crate::app::sheet::Register;
use crate::app::sheet::collect::{self, COLLECTION, Read};
use crate::app::sheet::read::BYTES_MAX;
use crate::app::sheet::template;
use crate::app::sheet::waiting::Waiting;
use crate::store::matters;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Visitor, answered, render};

#[derive(Template)]
#[template(path = "sheet/issue.html")]
struct IssuePage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    title: String,
    units: Vec<(String, String, bool)>,
    name: String,
    due: String,
    wrong: String,
}

/// `GET /sheets/{procedure}/collect`.
pub(in crate::web) async fn show_issue(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
) -> Result<Response, PageError> {
    issue_page(&app, &official, &procedure, (String::new(), String::new(), Vec::new()), "").await
}

async fn issue_page(
    app: &App,
    official: &Official,
    id: &str,
    (name, due, chosen): (String, String, Vec<String>),
    wrong: &str,
) -> Result<Response, PageError> {
    let register = fillable(app, official, id)?;
    let (registry, today) = (app.county.registry(), app.today());
    let serves = |organ: &&zhunsheng_core::authority::Organ| organ.until.is_none_or(|until| today < until);
    let unit = |organ: &zhunsheng_core::authority::Organ| {
        (organ.code.to_string(), organ.name.clone(), chosen.contains(&organ.code.to_string()))
    };
    let page = render(&IssuePage {
        layout: Layout::new(app, &official.visitor, "收表"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        id: id.to_owned(),
        title: register.procedure.title.clone(),
        units: registry.organs().filter(serves).map(unit).collect(),
        name,
        due,
        wrong: wrong.to_owned(),
    })?;
    Ok(answered(page, !wrong.is_empty()))
}

/// `POST /sheets/{procedure}/collect`.
pub(in crate::web) async fn submit_issue(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let register = fillable(&app, &official, &procedure)?;
    let (name, due) = (form.fields.text("name").to_owned(), form.fields.text("due").to_owned());
    let registry = app.county.registry();
    let units: Vec<String> =
        form.fields.all("unit").filter(|code| registry.organ(code).is_some()).map(str::to_owned).collect();
    let wrong = match (name.chars().count(), Day::parse(&due), units.len()) {
        (0, ..) | (61.., ..) => "请填写收表的名称，不超过60个字",
        (_, None, _) => "请填写交表的最后一日，如2024-11-15",
        (_, Some(day), _) if day < app.today() => "交表的最后一日不能早于今天",
        (_, _, 0) => "请选择交表的单位",
        (_, _, 401..) => "一次最多选400个单位",
        _ => "",
    };
    if !wrong.is_empty() {
        return issue_page(&app, &official, &procedure, (name, due, units), wrong).await;
    }
    let input = Input::default()
        .with("register", procedure.as_str())
        .with("register_title", register.procedure.title.as_str())
        .with("collection_title", name)
        .with("due_on", due)
        .with("units", units.join(" "));
    let command =
        Command { target: Target::Open(COLLECTION.into()), step: "issue".into(), input, manner: Manner::Live };
    let done = app.act(official.actor(), command, None).await?;
    Ok(Redirect::to(&format!("/collections/{}", done.matter)).into_response())
}

/// A unit with what came from it.
struct UnitLine {
    name: String,
    link: String,
    came: String,
    late: bool,
    state: &'static str,
    wrong: String,
}

#[derive(Template)]
#[template(path = "sheet/collection.html")]
struct CollectionPage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    title: String,
    register: String,
    register_id: String,
    due: String,
    over: bool,
    late: usize,
    open: bool,
    lines: Vec<UnitLine>,
    ready: usize,
    rows: usize,
    missing: usize,
    reminder: String,
}

fn units(state: &MatterState) -> Vec<String> {
    state.text("units").split_whitespace().map(str::to_owned).collect()
}

async fn load(app: &App, official: &Official, id: &str) -> Result<MatterState, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let (county, sight) = (app.county_code.clone(), official.sight.clone());
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| row.procedure == COLLECTION);
        let Some(_) = row else { return Ok(None) };
        matters::find_state(r, &county, id)
    });
    found.await?.ok_or(PageError::NotFound)
}

/// A unit with what its newest file is.
struct UnitRead {
    unit: String,
    read: Read,
    count: usize,
    /// When the newest came.
    day: Option<Day>,
}

impl UnitRead {
    /// Whether it came after the last day.
    fn late(&self, due: Option<Day>) -> bool {
        self.day.zip(due).is_some_and(|(day, due)| day > due)
    }
}

/// Every unit with what its newest file is; files are opened here and nowhere before.
async fn opened(app: &Arc<App>, state: &MatterState, register: &Register) -> Result<Vec<UnitRead>, PageError> {
    let (data, id, units, register) = (app.config.data_dir.clone(), state.id, units(state), register.clone());
    let read = tokio::task::spawn_blocking(move || {
        let read = |unit: String| {
            let came = collect::came(&data, id, &unit)?;
            let read = collect::read(&data, (id, &unit), &register)?;
            Ok(UnitRead { unit, read, count: came.len(), day: came.last().and_then(|file| file.day) })
        };
        units.into_iter().map(read).collect::<std::io::Result<Vec<_>>>()
    });
    read.await.map_err(PageError::fault)?.map_err(PageError::fault)
}

/// `GET /collections/{id}`.
pub(in crate::web) async fn show_collection(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let state = load(&app, &official, &id).await?;
    let register = fillable(&app, &official, state.text("register"))?;
    let registry = app.county.registry();
    let (mut lines, mut missing, mut wrong, mut ready, mut rows) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    let due_on = state.day("due_on");
    for found in opened(&app, &state, &register).await? {
        let late = found.late(due_on);
        let UnitRead { unit, read, count, day } = found;
        let name = registry.organ(&unit).map_or(unit.clone(), |organ| organ.name.clone());
        let (state_text, why) = match read {
            Read::Missing => {
                missing.push(name.clone());
                ("没有交", String::new())
            }
            Read::Wrong(why) => {
                wrong.push((name.clone(), why.clone()));
                ("需要改", why)
            }
            Read::Rows(found) => {
                ready += 1;
                rows += found.len();
                ("已交", String::new())
            }
        };
        let link = format!("/collect/{}/{unit}/{}", state.id, collect::link(&app, state.id, &unit));
        let day = day.map(Day::chinese).unwrap_or_default();
        let came = if count > 0 { format!("{count}份，最后一份{day}") } else { String::new() };
        lines.push(UnitLine { name, link, came, late, state: state_text, wrong: why });
    }
    let due = due_on.map(Day::chinese).unwrap_or_default();
    let over = due_on.is_some_and(|due| due < app.today());
    let title = state.text("collection_title").to_owned();
    render(&CollectionPage {
        layout: Layout::new(&app, &official.visitor, "收表"),
        staff: StaffFrame::load(&app, &official, "/sheets").await?,
        id: state.id.to_string(),
        reminder: collect::reminder(&title, &due, over, &missing, &wrong),
        title,
        register: state.text("register_title").to_owned(),
        register_id: state.text("register").to_owned(),
        due,
        over,
        late: lines.iter().filter(|line| line.late).count(),
        open: state.standing() == "collecting",
        lines,
        ready,
        rows,
        missing: missing.len(),
    })
}

/// `POST /collections/{id}/merge`: what is ready becomes one table, which is checked as any other.
pub(in crate::web) async fn merge_collection(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let state = load(&app, &official, &id).await?;
    let register = fillable(&app, &official, state.text("register"))?;
    let mut rows = Vec::new();
    for unit in opened(&app, &state, &register).await? {
        if let Read::Rows(found) = unit.read {
            rows.extend(found);
        }
    }
    let bytes = collect::merged(&register, &rows).map_err(PageError::fault)?;
    let name = format!("{}（合并）.csv", state.text("collection_title"));
    let (data, second, received) = (app.config.data_dir.clone(), app.machine.seconds(), Received::of(&bytes));
    let kept = tokio::task::spawn_blocking(move || Waiting::write(&data, &bytes, received, &name, second)).await;
    let waiting = kept.map_err(PageError::fault)?.map_err(PageError::fault)?;
    check::check_waiting(&app, &official, state.text("register"), waiting).await
}

/// `POST /collections/{id}/close`.
pub(in crate::web) async fn close_collection(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let state = load(&app, &official, &id).await?;
    let (data, id_of, units) = (app.config.data_dir.clone(), state.id, units(&state));
    let came = tokio::task::spawn_blocking(move || {
        let newest = |unit: String| {
            let came = collect::came(&data, id_of, &unit)?;
            Ok((unit, came.last().map(|file| file.day)))
        };
        units.into_iter().map(newest).collect::<std::io::Result<Vec<_>>>()
    });
    let came = came.await.map_err(PageError::fault)?.map_err(PageError::fault)?;
    let input = closing(&came, state.day("due_on"));
    let target = Target::On(state.id);
    let command = Command { target, step: "close".into(), input, manner: Manner::Live };
    app.act(official.actor(), command, None).await?;
    Ok(Redirect::to(&format!("/collections/{id}")).into_response())
}

/// Who handed in in time, who late and who not: each unit with the day on which its newest file came, if one did.
fn closing(came: &[(String, Option<Option<Day>>)], due: Option<Day>) -> Input {
    let is_late = |day: &Option<Day>| day.zip(due).is_some_and(|(day, due)| day > due);
    let named = |units: Vec<&str>| units.join(" ");
    let late = came.iter().filter(|(_, day)| day.as_ref().is_some_and(is_late)).map(|(unit, _)| unit.as_str());
    let (late, missing): (Vec<&str>, Vec<&str>) =
        (late.collect(), came.iter().filter(|(_, day)| day.is_none()).map(|(unit, _)| unit.as_str()).collect());
    let in_time = came.len() - late.len() - missing.len();
    let mut input = Input::default().with("units_in_time", in_time.to_string());
    if !late.is_empty() {
        input = input.with("units_late", named(late));
    }
    if missing.is_empty() { input } else { input.with("units_missing", named(missing)) }
}

#[derive(Template)]
#[template(path = "sheet/hand_in.html")]
struct HandInPage {
    layout: Layout,
    action: String,
    title: String,
    register: String,
    collector: String,
    unit: String,
    due: String,
    open: bool,
    over: bool,
    count: usize,
    taken: String,
    wrong: String,
}

/// A link that is right: the collection, and whoever began it in the post in which they can.
struct Opened {
    state: MatterState,
    unit: String,
    post: Option<Post>,
}

async fn by_link(app: &App, (id, unit, secret): (String, String, String)) -> Result<Opened, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    if !collect::opens(app, id, &unit, &secret) {
        return Err(PageError::NotFound);
    }
    let county = app.county_code.clone();
    let state = app.db.read(move |r| matters::find_state(r, &county, id)).await?.ok_or(PageError::NotFound)?;
    if state.procedure.as_str() != COLLECTION || !units(&state).contains(&unit) || state.closed {
        return Err(PageError::NotFound);
    }
    let registry = app.county.registry();
    let by = state.done.first().map(|done| done.decided_by.clone());
    let post = match by {
        Some(Decider::Person(person)) => {
            registry.posts_of(person, app.today()).find(|post| post.organ == state.organ).cloned()
        }
        _ => None,
    };
    Ok(Opened { state, unit, post })
}

async fn hand_in_page(
    app: &App,
    visitor: &Visitor,
    opened: &Opened,
    secret: &str,
    (taken, wrong): (String, String),
) -> Result<Response, PageError> {
    let (data, id, unit) = (app.config.data_dir.clone(), opened.state.id, opened.unit.clone());
    let came = tokio::task::spawn_blocking(move || collect::came(&data, id, &unit)).await.map_err(PageError::fault)?;
    let registry = app.county.registry();
    let due = opened.state.day("due_on");
    let failed = !wrong.is_empty();
    let page = render(&HandInPage {
        layout: Layout::new(app, visitor, "交表"),
        action: format!("/collect/{}/{}/{secret}", opened.state.id, opened.unit),
        title: opened.state.text("collection_title").to_owned(),
        register: opened.state.text("register_title").to_owned(),
        collector: registry.organ_name(&opened.state.organ).to_owned(),
        unit: registry.organ_name(&opened.unit.as_str().into()).to_owned(),
        due: due.map(Day::chinese).unwrap_or_default(),
        open: opened.state.standing() == "collecting",
        over: due.is_some_and(|due| due < app.today()),
        count: came.map_err(PageError::fault)?.len(),
        taken,
        wrong,
    })?;
    Ok(answered(page, failed))
}

/// `GET /collect/{id}/{unit}/{secret}`: no account; the secret is the key.
pub(in crate::web) async fn show_hand_in(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(link): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let secret = link.2.clone();
    let opened = by_link(&app, link).await?;
    hand_in_page(&app, &visitor, &opened, &secret, (String::new(), String::new())).await
}

/// `GET /collect/{id}/{unit}/{secret}/template`.
pub(in crate::web) async fn download_collected_template(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(link): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let opened = by_link(&app, link).await?;
    let post = opened.post.ok_or(PageError::NotFound)?;
    let ruling = app.county.ruling();
    let procedure = ruling.law.in_force(opened.state.text("register"), app.today()).ok_or(PageError::NotFound)?;
    let official = Official { visitor, sight: crate::store::seeing::SightFilter::default(), post };
    let step = opening_step(procedure, &app, &official).ok_or(PageError::NotFound)?;
    let register = Register::new(&app, &official.post, procedure, step).map_err(PageError::Conflict)?;
    let about = about(&app, &official, &register);
    let name = format!("{}-模板.xlsx", about.title);
    let made = tokio::task::spawn_blocking(move || template::empty(&about, &register.columns)).await;
    workbook_file(made.map_err(PageError::fault)?.map_err(PageError::fault)?, &name)
}

/// `POST /collect/{id}/{unit}/{secret}`: a file is taken in unopened.
pub(in crate::web) async fn hand_in(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(link): Path<(String, String, String)>,
    form: Form,
) -> Result<Response, PageError> {
    let secret = link.2.clone();
    let opened = by_link(&app, link).await?;
    let said = match form.upload("file").filter(|upload| upload.received.bytes > 0) {
        _ if opened.state.standing() != "collecting" => Err("收表已经结束".to_owned()),
        None => Err("请选择填好的表".to_owned()),
        Some(_) if form.fields.filled("no_secret").is_none() => Err("请先确认表里没有国家秘密、工作秘密".to_owned()),
        Some(upload) if upload.received.bytes > BYTES_MAX => {
            Err(format!("文件超过{}MB，请分成几个文件", BYTES_MAX >> 20))
        }
        Some(upload) => {
            let (data, id, unit) = (app.config.data_dir.clone(), opened.state.id, opened.unit.clone());
            let (source, received) = (upload.path().to_owned(), upload.received);
            let today = app.today();
            let take = move || collect::take(&data, (id, &unit), &source, received, today);
            match tokio::task::spawn_blocking(take).await.map_err(PageError::fault)?.map_err(PageError::fault)? {
                true => Ok(upload.received.digest.to_string()),
                false => Err("本单位交的份数已经满了，请与收表单位联系".to_owned()),
            }
        }
    };
    let (taken, wrong) = said.map_or_else(|wrong| (String::new(), wrong), |taken| (taken, String::new()));
    hand_in_page(&app, &visitor, &opened, &secret, (taken, wrong)).await
}
