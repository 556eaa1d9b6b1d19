//! 存证: where the record was last deposited, for everybody in plain words; and for those whose business it is, how the asking
//! goes, with the exchange of files.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::record::witness::Request;

use crate::app::App;
use crate::app::clock::china;
use crate::app::deposit::file::FILE_BYTES_MAX;
use crate::app::deposit::stamping::{self, QUERY};
use crate::app::deposit::standing::{Line, Standing, concerns};
use crate::app::deposit::{list, request};
use crate::app::fault::Fault;
use crate::app::public_log::{self, Mode};
use crate::store::deposits;
use crate::web::download::{BYTES, TEXT, attachment};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, Visitor, address, render};

/// What a line says about its witness.
struct Row {
    id: String,
    name: String,
    kind: &'static str,
    in_force: bool,
    online: bool,
    /// It stamps times; then it has fingerprints of certificates instead of a key.
    stamps: bool,
    fingerprints: Vec<String>,
    /// When it signed last, and up to when its signature covers.
    signed: String,
    reaches: String,
    size: u64,
    all: bool,
    root: String,
    key: String,
    problem: String,
    grave: bool,
    tried: String,
}

fn moment_text(ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MIN);
    stamp.to_zoned(china()).strftime("%Y年%-m月%-d日 %H:%M").to_string()
}

impl Row {
    fn new(line: &Line, size: u64) -> Self {
        let newest = line.newest.as_ref();
        let asking = &line.asking;
        Self {
            id: line.witness.id.to_string(),
            name: line.witness.name.clone(),
            kind: line.witness.kind_text(),
            in_force: line.in_force,
            online: line.witness.online,
            stamps: line.witness.stamps(),
            fingerprints: line.witness.pinned().map(|pinned| pinned.fingerprints()).unwrap_or_default(),
            signed: newest.map(|deposit| moment_text(deposit.signed_ms)).unwrap_or_default(),
            reaches: line.reaches.map(|moment| moment_text(moment.0)).unwrap_or_default(),
            size: newest.map_or(0, |deposit| deposit.size),
            all: newest.is_some_and(|deposit| deposit.size == size),
            root: newest.map(|deposit| deposit.root.to_string()).unwrap_or_default(),
            key: line.witness.key.clone(),
            problem: asking.problem.clone(),
            grave: asking.grave,
            tried: if asking.tried_ms > 0 { moment_text(asking.tried_ms) } else { String::new() },
        }
    }
}

fn rows(standing: &Standing) -> Vec<Row> {
    standing.lines.iter().map(|line| Row::new(line, standing.size)).collect()
}

#[derive(Template)]
#[template(path = "deposit/public.html")]
struct PublicPage {
    layout: Layout,
    /// Who signed last, when, and up to when it covers.
    last: Option<(String, String, String)>,
    rows: Vec<Row>,
    /// Whether one of them stamps times.
    stamped: bool,
    /// Whether everybody may fetch the trees, and from where.
    published: Mode,
    address: String,
}

/// `GET /record`: unwitnessed is said as it is; alarm is for staff.
pub(in crate::web) async fn show_record(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let standing = app.deposits().await?;
    let county = app.county_code.clone();
    let published = app.db.read(move |r| public_log::mode(r, &county)).await?;
    let address = format!("{}/log/", address::own(&headers, &app.config));
    let last = standing.newest().map(|line| Row::new(line, standing.size));
    let last = last.map(|row| (row.name, row.signed, row.reaches));
    let rows: Vec<Row> = rows(&standing).into_iter().filter(|row| row.in_force).collect();
    let (layout, stamped) = (Layout::new(&app, &visitor, "记录存证"), rows.iter().any(|row| row.stamps));
    render(&PublicPage { layout, last, rows, stamped, published, address })
}

/// `GET /record/{id}/checkpoint`: what a witness signed last, as a file that anybody can check.
pub(in crate::web) async fn download_checkpoint(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let county = app.county_code.clone();
    let found = app.db.read(move |r| deposits::newest(r, &county, id)).await?.ok_or(PageError::NotFound)?;
    attachment(TEXT, "checkpoint.txt", "检查点.txt", found.note)
}

/// `GET /record/{id}/token`: the time stamp over that checkpoint.
pub(in crate::web) async fn download_token(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let county = app.county_code.clone();
    let found = app.db.read(move |r| deposits::newest(r, &county, id)).await?;
    let token = found.and_then(|found| found.token).ok_or(PageError::NotFound)?;
    attachment(BYTES, "checkpoint.tst", "时间戳.tst", token)
}

#[derive(Template)]
#[template(path = "deposit/staff.html")]
struct StaffPage {
    layout: Layout,
    staff: StaffFrame,
    alarm: String,
    size: u64,
    rows: Vec<Row>,
    /// Kinds that nobody of the register has yet, offered.
    offered: Vec<&'static str>,
    may_register: bool,
    done: String,
    wrong: String,
}

/// Whose business it is; to others the page does not exist.
fn require(app: &App, official: &Official) -> Result<(), PageError> {
    let ruling = app.county.ruling();
    let post = ruling.law.posts.get(official.post.kind.as_str());
    if post.is_some_and(concerns) { Ok(()) } else { Err(PageError::NotFound) }
}

async fn staff_page(app: &App, official: &Official, done: String, wrong: String) -> Result<Response, PageError> {
    let standing = app.deposits().await?;
    let has = |kind: &str| standing.lines.iter().any(|line| line.in_force && line.witness.kind == kind);
    let defaults = [("superior", "上级司法局"), ("archive", "档案馆"), ("timestamp", "可信时间戳")];
    let offered = defaults.into_iter().filter(|(kind, _)| !has(kind)).map(|(_, title)| title).collect();
    let may_register = ["administrator", "rule_of_law_office"].contains(&official.post.kind.as_str());
    render(&StaffPage {
        layout: Layout::new(app, &official.visitor, if wrong.is_empty() { "存证" } else { "错误：存证" }),
        staff: StaffFrame::load(app, official, "/deposits").await?,
        alarm: standing.alarm.as_ref().map(|alarm| alarm.sentence()).unwrap_or_default(),
        size: standing.size,
        rows: rows(&standing),
        offered,
        may_register,
        done,
        wrong,
    })
}

/// `GET /deposits`.
pub(in crate::web) async fn show_deposits(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    require(&app, &official)?;
    staff_page(&app, &official, String::new(), String::new()).await
}

/// `POST /deposits/now`: every witness that can be asked is asked.
pub(in crate::web) async fn deposit_now(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    require(&app, &official)?;
    let (county, today) = (app.county_code.clone(), app.today());
    let online = app.db.read(move |r| list(r, &county)).await?;
    let online = online.into_iter().filter(|witness| witness.online && witness.in_force(today));
    app.deposit_with_all(online.collect()).await?;
    Ok(Redirect::to("/deposits").into_response())
}

/// `POST /deposits/{id}/request`: a request for a time stamp is made ready and remembered, since only its answer is taken.
pub(in crate::web) async fn prepare_request(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    require(&app, &official)?;
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    app.prepare_stamp_request(id).await?.ok_or(PageError::NotFound)?;
    Ok(Redirect::to(&format!("/deposits/{id}/request")).into_response())
}

/// `GET /deposits/{id}/request`: the file for a witness without a network, or the request for a time stamp as it was made ready.
pub(in crate::web) async fn download_request(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    require(&app, &official)?;
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let county = app.county_code.clone();
    let asked = app.db.read(move |r| {
        let Some(witness) = list(r, &county)?.into_iter().find(|witness| witness.id == id) else { return Ok(None) };
        if witness.stamps() {
            let prepared = stamping::prepared(r, &county, id)?;
            return Ok(prepared.map(|(_, file)| (QUERY, "deposit.tsq", format!("{}.tsq", witness.name), file)));
        }
        let held = deposits::asking(r, &county, id)?.held;
        let named = |asked: Request| {
            (TEXT, "deposit.request", format!("{}.request", witness.name), asked.to_text().into_bytes())
        };
        Ok::<_, Fault>(request(r, &county, held)?.map(named))
    });
    let (media, plain, name, bytes) = asked.await?.ok_or(PageError::NotFound)?;
    attachment(media, plain, &name, bytes)
}

/// `POST /deposits/import`: the file that came back.
pub(in crate::web) async fn import_deposit(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    require(&app, &official)?;
    let sorry = async |wrong: &str| staff_page(&app, &official, String::new(), format!("没有导入：{wrong}。")).await;
    let Some(upload) = form.upload("file") else {
        return sorry("没有选择文件").await;
    };
    if upload.received.bytes > FILE_BYTES_MAX as u64 {
        return sorry("这不是共签文件，也不是时间戳答复，过长").await;
    }
    let Ok(file) = tokio::fs::read(upload.path()).await else {
        return sorry("文件没有收到，请再选一次").await;
    };
    match app.bring_deposit(file).await? {
        Ok(brought) => {
            let when = moment_text(brought.signed_ms);
            let done = format!("已导入{}的签署：前 {} 项，{when}。", brought.witness, brought.size);
            staff_page(&app, &official, done, String::new()).await
        }
        Err(wrong) => sorry(&wrong.to_string()).await,
    }
}
