//! 表格导入: the page of a register's table, its template, and what stands around checking and importing.
//!
//! `check` reads and tries a table, `between` stands before its result, `imports` shows what imports did, `collect` takes tables in from units without accounts, `slip` fills another system's table from a matter. Does not belong here: reading and entering (`app::sheet`).

mod between;
pub mod check;
pub mod collect;
pub mod imports;
mod mapping;
pub mod received;
pub mod slip;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::procedure::Shape;

use super::desk::{Opening, opening_step, openings_of};
use super::matters_export::workbook_file;
use crate::app::App;
use crate::app::credit::{REPAIR, REPORT};
use crate::app::sheet::read::ROWS_MAX;
use crate::app::sheet::template::{self, About};
use crate::app::sheet::{Register, Source, begins_here};
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, answered, render};

#[derive(Template)]
#[template(path = "sheet/registers.html")]
struct RegistersPage {
    layout: Layout,
    staff: StaffFrame,
    registers: Vec<Opening>,
    matters: Vec<Opening>,
    imports: Vec<imports::Line>,
}

/// `GET /sheets`: what this post can fill by tables, and what was imported.
pub(in crate::web) async fn list_sheets(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    let of = |registers: bool| {
        let mut openings = openings_of(&app, &official, registers);
        openings.retain(|opening| opening.note.is_empty() || register_named(&app, &official, &opening.href).is_ok());
        openings.iter_mut().for_each(|opening| opening.href = opening.href.replace("/matters/new/", "/sheets/"));
        openings
    };
    render(&RegistersPage {
        layout: Layout::new(&app, &official.visitor, "表格导入"),
        staff: StaffFrame::load(&app, &official, "/sheets").await?,
        registers: of(true),
        matters: of(false),
        imports: imports::list(&app, &official, None).await?,
    })
}

fn register_named(app: &App, official: &Official, href: &str) -> Result<Register, PageError> {
    let id = href.rsplit('/').next().unwrap_or_default();
    register(app, official, id)?.map_err(|because| PageError::Forbidden { because })
}

/// The register as this post fills it; inside, why no table will do. Others may not open it, so they import nothing.
fn register(app: &App, official: &Official, id: &str) -> Result<Result<Register, String>, PageError> {
    if [REPORT, REPAIR].contains(&id) || begins_here(id) {
        return Err(PageError::NotFound);
    }
    let ruling = app.county.ruling();
    let procedure = ruling.law.in_force(id, app.today()).ok_or(PageError::NotFound)?;
    let step = opening_step(procedure, app, official).ok_or_else(|| PageError::Forbidden {
        because: format!("您的岗位不能登记“{}”，也就不能导入。", procedure.title),
    })?;
    Ok(Register::new(app, &official.post, procedure, step))
}

/// As [`register`], for what comes after the page.
fn fillable(app: &App, official: &Official, id: &str) -> Result<Register, PageError> {
    register(app, official, id)?.map_err(|because| PageError::Forbidden { because })
}

fn about(app: &App, official: &Official, register: &Register) -> About {
    let procedure = &register.procedure;
    let registry = app.county.registry();
    let mut lines = vec![format!("{}　{}登记表", app.county_name, procedure.title)];
    if app.is_demonstration() {
        lines.push("演示数据，与实际工作无关".to_owned());
    }
    lines.extend([
        format!("按{}起施行的程序生成，{}下载", procedure.in_force_from.chinese(), app.today().chinese()),
        format!("由{}填写；一行一件，一次最多{ROWS_MAX}行", registry.organ_name(&official.post.organ)),
        "列名前有*的必填；不要改列名，可以删去不用的列；号码列保持“文本”格式；不要合并单元格、不要用公式".to_owned(),
        "不得填写国家秘密、工作秘密；个人信息只填需要的，用完及时删除".to_owned(),
        "上传后先核对，逐行指出错误；您确认以前，一行也不会登记".to_owned(),
    ]);
    About {
        title: procedure.title.clone(),
        procedure: procedure.id.to_string(),
        definition: procedure.digest.to_string(),
        lines,
    }
}

/// `GET /sheets/{procedure}/template`.
pub(in crate::web) async fn download_template(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
) -> Result<Response, PageError> {
    let register = fillable(&app, &official, &procedure)?;
    let about = about(&app, &official, &register);
    let name = format!("{}-模板.xlsx", about.title);
    let made = tokio::task::spawn_blocking(move || template::empty(&about, &register.columns)).await;
    workbook_file(made.map_err(PageError::fault)?.map_err(PageError::fault)?, &name)
}

/// A column as the page explains it.
struct Explained {
    title: String,
    note: String,
    required: bool,
}

#[derive(Template)]
#[template(path = "sheet/upload.html")]
struct UploadPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    id: String,
    list: String,
    columns: Vec<Explained>,
    unfit: String,
    system: String,
    wrong: String,
    imports: Vec<imports::Line>,
}

/// `GET /sheets/{procedure}`.
pub(in crate::web) async fn show_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    Path(procedure): Path<String>,
) -> Result<Response, PageError> {
    upload_page(&app, &official, &procedure, &Source::default(), "").await
}

async fn upload_page(
    app: &App,
    official: &Official,
    id: &str,
    source: &Source,
    wrong: &str,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let procedure = ruling.law.in_force(id, app.today()).ok_or(PageError::NotFound)?;
    let (columns, unfit) = match register(app, official, id)? {
        Ok(register) => (register.columns, String::new()),
        Err(why) => (Vec::new(), why),
    };
    let explained = |column: &crate::app::sheet::column::Column| Explained {
        title: column.title.clone(),
        note: column.note(),
        required: column.need == crate::app::form::Need::Required,
    };
    let list = if procedure.shape == Shape::Register { "/registers" } else { "/matters" };
    let page = render(&UploadPage {
        layout: Layout::new(app, &official.visitor, &format!("表格导入：{}", procedure.title)),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        title: procedure.title.clone(),
        id: id.to_owned(),
        list: format!("{list}?procedure={id}"),
        columns: columns.iter().map(explained).collect(),
        unfit,
        system: source.system.clone(),
        wrong: wrong.to_owned(),
        imports: imports::list(app, official, Some(id)).await?,
    })?;
    Ok(answered(page, !wrong.is_empty()))
}
