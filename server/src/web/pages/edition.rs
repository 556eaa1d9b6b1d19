//! A proposed edition of benchmarks and lists: an edited workbook is compared with the law and checked; what it changes, and what is
//! wrong, is shown; its law files are taken away to be adopted. Nothing is changed here.
//!
//! Does not belong here: the comparison (`app::edition`), adoption (at a start, `app::found::adopt`).

use std::io::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;

use super::sheet::received::received;
use crate::app::App;
use crate::app::edition::read::{Edition, Proposal, propose};
use crate::app::edition::{Sheet, book};
use crate::app::ruling::{LawText, newest};
use crate::app::sheet::read::BYTES_MAX;
use crate::app::sheet::waiting::Waiting;
use crate::store::law_files;
use crate::web::download::{XLSX, attachment};
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, answered, render};

/// An error with the place where it stands.
struct WrongLine {
    place: String,
    sentence: String,
}

struct ChangeLine {
    sheet: &'static str,
    what: &'static str,
    violation: String,
    differences: Vec<(&'static str, String, String)>,
}

#[derive(Template)]
#[template(path = "law/edition.html")]
struct EditionPage {
    layout: Layout,
    staff: StaffFrame,
    from: String,
    authority: String,
    number: String,
    superior: bool,
    token: String,
    /// Whether a workbook was read.
    read: bool,
    changes: Vec<ChangeLine>,
    wrong: Vec<WrongLine>,
    files: Vec<String>,
    why: String,
}

/// What was asked.
#[derive(Default)]
struct Asked {
    from: String,
    authority: String,
    number: String,
    superior: bool,
    token: String,
}

/// `GET /law/discretion/edition`.
pub(in crate::web) async fn show_edition(
    State(app): State<Arc<App>>,
    official: Official,
) -> Result<Response, PageError> {
    page(&app, &official, Asked::default(), None, "").await
}

/// `POST /law/discretion/edition`: compared and checked; `as=marked` the workbook with its errors, `as=files` the law files.
pub(in crate::web) async fn check_edition(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let text = |name: &str| form.fields.text(name).chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let mut asked =
        Asked { from: text("from"), authority: text("authority"), number: text("number"), ..Asked::default() };
    asked.superior = form.fields.text("superior") == "yes";
    let Some(waiting) = sent(&app, &official, &form).await? else {
        let why = format!("请选择改好的工作簿，不超过{}MB", BYTES_MAX >> 20);
        return page(&app, &official, asked, None, &why).await;
    };
    asked.token = waiting.token(&app, &official.post.person.to_string());
    let data = app.config.data_dir.clone();
    let bytes = tokio::task::spawn_blocking(move || waiting.bytes(&data)).await.map_err(PageError::fault)?;
    let Some(bytes) = bytes.map_err(PageError::fault)? else {
        return page(
            &app,
            &official,
            Asked { token: String::new(), ..asked },
            None,
            "上传的文件只保存一天，请再上传一次",
        )
        .await;
    };
    let Some(from) = Day::parse(&asked.from) else {
        return page(&app, &official, asked, None, "请填写施行日期，如2025-01-01").await;
    };
    let edition =
        Edition { from, authority: asked.authority.clone(), number: asked.number.clone(), superior: asked.superior };
    let files = adopted(&app).await?;
    let (ruling, today) = (app.county.ruling(), app.today());
    let compared = tokio::task::spawn_blocking(move || propose(&bytes, &ruling.law, &files, &edition, today)).await;
    let proposal = match compared.map_err(PageError::fault)? {
        Ok(proposal) => proposal,
        Err(why) => return page(&app, &official, asked, None, &why).await,
    };
    match form.fields.text("as") {
        "marked" if proposal.is_wrong() => marked(&app, proposal).await,
        "files" if !proposal.files.is_empty() => taken_away(&asked, &proposal),
        _ => page(&app, &official, asked, Some(&proposal), "").await,
    }
}

/// The workbook that was sent now, or that waits; none as well where it is too large.
async fn sent(app: &App, official: &Official, form: &Form) -> Result<Option<Waiting>, PageError> {
    match form.upload("file") {
        Some(upload) if upload.received.bytes > BYTES_MAX => Ok(None),
        _ => received(app, official, form).await,
    }
}

/// The law files as adopted.
async fn adopted(app: &App) -> Result<Vec<LawText>, PageError> {
    let county = app.county_code.clone();
    let all = app.db.read(move |r| law_files::list(r, &county)).await?;
    Ok(newest(&all))
}

async fn marked(app: &App, proposal: Proposal) -> Result<Response, PageError> {
    let (ruling, county) = (app.county.ruling(), app.county_name.clone());
    let made = move || book::marked(&ruling.law, &county, &proposal.tables, &proposal.wrong);
    let bytes = tokio::task::spawn_blocking(made).await.map_err(PageError::fault)?.map_err(PageError::fault)?;
    attachment(XLSX, "marked.xlsx", "裁量基准和四张清单-标注.xlsx", bytes)
}

/// The changed law files, in the folders in which they belong, with what is to be done with them.
fn taken_away(asked: &Asked, proposal: &Proposal) -> Result<Response, PageError> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let note = format!(
        "{} {}，{}起施行。\n\n放入法规目录（law/）覆盖同名文件，运行 zhunsheng law check --law law --statutes 法规全文目录，没有错误的，\n重新启动服务时采用；采用是一项有记录的行为，原来的版本都留着。\n",
        asked.authority, asked.number, asked.from
    );
    let files = proposal.files.iter().map(|(path, text)| (format!("law/{path}"), text.as_str()));
    for (name, text) in files.chain(std::iter::once(("采用说明.txt".to_owned(), note.as_str()))) {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).map_err(PageError::fault)?;
        zip.write_all(text.as_bytes()).map_err(PageError::fault)?;
    }
    let bytes = zip.finish().map_err(PageError::fault)?.into_inner();
    attachment("application/zip", "edition.zip", &format!("裁量基准和四张清单-{}.zip", asked.from), bytes)
}

async fn page(
    app: &App,
    official: &Official,
    asked: Asked,
    proposal: Option<&Proposal>,
    why: &str,
) -> Result<Response, PageError> {
    let mut wrong = Vec::new();
    for (sheet, found) in proposal.into_iter().flat_map(|proposal| &proposal.wrong) {
        wrong.extend(found.iter().map(|one| WrongLine {
            place: match (one.line, one.column.and_then(|at| sheet.head().get(at))) {
                (0, _) => sheet.name().to_owned(),
                (line, Some(column)) => format!("{} 第{line}行 {column}", sheet.name()),
                (line, None) => format!("{} 第{line}行", sheet.name()),
            },
            sentence: one.sentence.clone(),
        }));
    }
    let change = |change: &crate::app::edition::read::Change| ChangeLine {
        sheet: Sheet::name(change.sheet),
        what: change.what,
        violation: change.violation.clone(),
        differences: change.differences.clone(),
    };
    let failed = !why.is_empty() || !wrong.is_empty();
    let page = render(&EditionPage {
        layout: Layout::new(app, &official.visitor, "裁量基准和清单：提出新的一版"),
        staff: StaffFrame::load(app, official, "").await?,
        from: asked.from,
        authority: asked.authority,
        number: asked.number,
        superior: asked.superior,
        token: asked.token,
        read: proposal.is_some(),
        changes: proposal.into_iter().flat_map(|proposal| &proposal.changes).map(change).collect(),
        wrong,
        files: proposal.into_iter().flat_map(|proposal| &proposal.files).map(|(path, _)| path.clone()).collect(),
        why: why.to_owned(),
    })?;
    Ok(answered(page, failed))
}
