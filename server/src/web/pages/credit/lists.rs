//! 办件清单: what departments decided in their own systems, handed in period by period and compared with what is known here.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::EvidenceInput;

use super::{require_hand, seen};
use crate::app::App;
use crate::app::credit::list::{self, Compared, Heading, Row};
use crate::app::credit::{includes, may_act};
use crate::app::evidence;
use crate::app::sheet::cell;
use crate::web::download::{CSV, attachment};
use crate::web::frame::StaffFrame;
use crate::web::upload::Upload;
use crate::web::{Form, Layout, Official, PageError, Path, answered, render};

/// A list at most: it is read into memory.
const LIST_BYTES_MAX: u64 = 8 << 20;
/// Lists on the page, the newest.
const SHOWN: usize = 60;
/// What a problem list shows.
const WRONG_MAX: usize = 50;

struct Line {
    href: String,
    organ: String,
    system: String,
    period: String,
    rows: i64,
}

#[derive(Default)]
struct Typed {
    organ: String,
    system: String,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "credit/lists.html")]
struct ListsPage {
    layout: Layout,
    staff: StaffFrame,
    organs: Vec<(String, String)>,
    lines: Vec<Line>,
    total: usize,
    may_act: bool,
    typed: Typed,
    wrong: Vec<String>,
    more_wrong: usize,
}

async fn page(app: &App, official: &Official, typed: Typed, mut wrong: Vec<String>) -> Result<Response, PageError> {
    let (whose, county) = (seen(official)?, app.county_code.clone());
    let lists = app.db.read(move |r| list::supplied(r, &county)).await?;
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let mine = |code: &str| includes(whose.as_deref(), code);
    let asked =
        registry.organs().filter(|organ| ruling.law.credit.asked.contains(&organ.kind) && mine(organ.code.as_str()));
    let lists: Vec<&list::Supplied> = lists.iter().filter(|list| mine(list.heading.organ.as_str())).collect();
    let line = |list: &&list::Supplied| Line {
        href: format!("/credit/lists/{}", list.state.id),
        organ: registry.organ_name(&list.heading.organ).to_owned(),
        system: list.heading.system.clone(),
        period: format!("{}至{}", list.heading.first, list.heading.last),
        rows: list.rows,
    };
    let failed = !wrong.is_empty();
    let more_wrong = wrong.len().saturating_sub(WRONG_MAX);
    wrong.truncate(WRONG_MAX);
    let response = render(&ListsPage {
        layout: Layout::new(app, &official.visitor, if failed { "错误：办件清单" } else { "办件清单" }),
        staff: StaffFrame::load(app, official, "/credit").await?,
        organs: asked.map(|organ| (organ.code.to_string(), organ.name.clone())).collect(),
        lines: lists.iter().rev().take(SHOWN).map(line).collect(),
        total: lists.len(),
        may_act: may_act(official.post.kind.as_str()),
        typed,
        wrong,
        more_wrong,
    })?;
    Ok(answered(response, failed))
}

/// `GET /credit/lists`.
pub(in crate::web) async fn show_lists(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    page(&app, &official, Typed::default(), Vec::new()).await
}

/// `GET /credit/lists/template`: an empty list to fill in.
pub(in crate::web) async fn download_template(official: Official) -> Result<Response, PageError> {
    seen(&official)?;
    let example = ["行政许可", "昌林许准〔2024〕1号", "2024-09-03", "某某公司", "法人及非法人组织", "2024-09-05", ""];
    let bytes = cell::csv([list::COLUMNS.to_vec(), example.to_vec()].into_iter()).map_err(PageError::fault)?;
    attachment(CSV, "decision-list.csv", "办件清单.csv", bytes)
}

/// What was typed, read; or sentences about it.
fn heading(app: &App, official: &Official, typed: &Typed) -> Result<Heading, Vec<String>> {
    let mut wrong = Vec::new();
    let known = app.county.registry().organ(&typed.organ).map(|organ| organ.code.clone());
    let whose = seen(official).unwrap_or(Some(Vec::new()));
    let organ = known.filter(|code| includes(whose.as_deref(), code.as_str()));
    if organ.is_none() {
        wrong.push("请选择作出决定的机关".to_owned());
    }
    if typed.system.is_empty() || typed.system.chars().count() > 60 {
        wrong.push("请填写清单来自哪个系统，不超过60个字".to_owned());
    }
    let (first, last) = (Day::parse(&typed.first), Day::parse(&typed.last));
    if first.zip(last).is_none_or(|(first, last)| first > last || last > app.today()) {
        wrong.push("请填写期间：第一日不晚于最后一日，最后一日不晚于今天".to_owned());
    }
    match (organ, first, last) {
        (Some(organ), Some(first), Some(last)) if wrong.is_empty() => {
            Ok(Heading { organ, system: typed.system.clone(), first, last })
        }
        _ => Err(wrong),
    }
}

/// `POST /credit/lists`: a list is read, kept, and what is only there is taken over.
pub(in crate::web) async fn import_list(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    require_hand(&official)?;
    let text = |name: &str| form.fields.text(name).to_owned();
    let typed = Typed { organ: text("organ"), system: text("system"), first: text("first"), last: text("last") };
    let heading = match heading(&app, &official, &typed) {
        Ok(heading) => heading,
        Err(wrong) => return page(&app, &official, typed, wrong).await,
    };
    let upload = form.upload("file").filter(|upload| upload.received.bytes > 0);
    let Some(upload) = upload else {
        return page(&app, &official, typed, vec!["请选择清单文件；没有办件的，用“登记零办件”".to_owned()]).await;
    };
    match read(&app, upload, &heading).await {
        Err(wrong) => page(&app, &official, typed, wrong).await,
        Ok((rows, file)) => {
            let list = app.import_list(official.actor(), heading, rows, file).await?;
            Ok(Redirect::to(&format!("/credit/lists/{list}")).into_response())
        }
    }
}

/// Reads the rows, then keeps the file beside the other evidence.
async fn read(app: &App, upload: &Upload, heading: &Heading) -> Result<(Vec<Row>, EvidenceInput), Vec<String>> {
    if upload.received.bytes > LIST_BYTES_MAX {
        return Err(vec![format!("清单文件超过{}MB，请分期提供", LIST_BYTES_MAX >> 20)]);
    }
    let lost = |_| vec!["文件没有收到，请再选一次".to_owned()];
    let bytes = tokio::fs::read(upload.path()).await.map_err(lost)?;
    let rows = list::read(&bytes, &app.county.ruling().law, heading, app.today())?;
    let (data, source, received) = (app.config.data_dir.clone(), upload.path().to_owned(), upload.received);
    // A table of commas is plain text, whatever its name ends in.
    let kept = tokio::task::spawn_blocking(move || evidence::keep(&data, &source, "list.txt", received, false)).await;
    let kept = kept.map_err(|_| vec!["文件没有保存成功".to_owned()])?.map_err(|error| vec![error.sentence()])?;
    let (media, name) = (kept.media.to_owned(), upload.file_name.clone());
    let file =
        EvidenceInput { kind: "list_file".into(), digest: kept.digest, sm3: kept.sm3, bytes: kept.bytes, media, name };
    Ok((rows, file))
}

#[derive(Template)]
#[template(path = "credit/list.html")]
struct ListPage {
    layout: Layout,
    staff: StaffFrame,
    id: String,
    organ: String,
    system: String,
    period: String,
    rows: i64,
    here: usize,
    compared: Option<Compared>,
}

/// `GET /credit/lists/{id}`: the list beside what is known here.
pub(in crate::web) async fn show_list(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let (whose, county) = (seen(&official)?, app.county_code.clone());
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let (ruling, today, data) = (app.county.ruling(), app.today(), app.config.data_dir.clone());
    let found = app.db.read(move |r| {
        let Some(list) = list::supplied(r, &county)?.into_iter().find(|list| list.state.id == id) else {
            return Ok(None);
        };
        let file = list.state.evidence.first().map(|file| evidence::load(&data, &file.digest)).transpose();
        let bytes = file.map_err(PageError::fault)?.flatten();
        let rows = bytes.and_then(|bytes| list::read(&bytes, &ruling.law, &list.heading, today).ok());
        let here = list::compare(r, &county, &list.heading, &[])?.compared;
        let compared = rows.map(|rows| list::compare(r, &county, &list.heading, &rows)).transpose()?;
        Ok::<_, PageError>(Some((list, here.only_here.len(), compared.map(|known| known.compared))))
    });
    let (list, here, compared) = found.await?.ok_or(PageError::NotFound)?;
    if !includes(whose.as_deref(), list.heading.organ.as_str()) {
        return Err(PageError::NotFound);
    }
    render(&ListPage {
        layout: Layout::new(&app, &official.visitor, "办件清单核对"),
        staff: StaffFrame::load(&app, &official, "/credit").await?,
        id: id.to_string(),
        organ: app.county.registry().organ_name(&list.heading.organ).to_owned(),
        system: list.heading.system.clone(),
        period: format!("{}至{}", list.heading.first, list.heading.last),
        rows: list.rows,
        here,
        compared,
    })
}
