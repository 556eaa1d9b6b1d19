//! 人民法院调解平台 on the page: a table of answers is read, matched and shown; what can be entered is entered once somebody agrees.
//!
//! Works without JavaScript. Does not belong here: matching (`app/court.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::court_table::{CourtTable, Is};
use zhunsheng_core::matter::{Command, Manner, Target};
use zhunsheng_core::procedure::Performer;

use super::joint::shows;
use super::sheet::received::received;
use crate::app::App;
use crate::app::act::{ActError, CommandKey};
use crate::app::court::{self, Line, STEP, Unfit, Verdict};
use crate::app::sheet::read::BYTES_MAX;
use crate::app::sheet::waiting::Waiting;
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, answered, render};

/// A line as the page shows it.
struct Shown {
    line: u32,
    code: String,
    href: String,
    title: String,
    said: String,
    badge: &'static str,
    /// What would be entered.
    detail: String,
}

/// A column that has to be picked.
struct Pick {
    name: &'static str,
    title: String,
    headings: Vec<String>,
}

#[derive(Template)]
#[template(path = "joint/court.html")]
struct CourtPage {
    layout: Layout,
    staff: StaffFrame,
    /// What is set and not verified.
    configurable: String,
    wrong: String,
    done: String,
    token: String,
    name: String,
    picks: Vec<Pick>,
    /// Columns that were picked, to be carried on.
    carried: Vec<(String, String)>,
    lines: Vec<Shown>,
    enter: usize,
    same: usize,
    other: usize,
}

impl CourtPage {
    async fn new(app: &Arc<App>, official: &Official, law: &CourtTable) -> Result<Self, PageError> {
        Ok(Self {
            layout: Layout::new(app, &official.visitor, "导入法院回函"),
            staff: StaffFrame::load(app, official, "/joint").await?,
            configurable: law.configurable.clone(),
            wrong: String::new(),
            done: String::new(),
            token: String::new(),
            name: String::new(),
            picks: Vec::new(),
            carried: Vec::new(),
            lines: Vec::new(),
            enter: 0,
            same: 0,
            other: 0,
        })
    }

    fn answer(self) -> Result<Response, PageError> {
        let wrong = !self.wrong.is_empty() || !self.picks.is_empty();
        Ok(answered(render(&self)?, wrong))
    }
}

/// Whether a post enters what courts answer, where the county has set how tables are read.
pub(super) fn enters(app: &App, official: &Official) -> bool {
    law(app, official).is_ok()
}

/// To others the page does not exist.
fn law(app: &App, official: &Official) -> Result<CourtTable, PageError> {
    let ruling = app.county.ruling();
    let table = ruling.law.court_table.as_ref().ok_or(PageError::NotFound)?;
    let definition = ruling.law.in_force(&table.procedure, app.today());
    let step = definition.and_then(|definition| definition.step(STEP)).ok_or(PageError::NotFound)?;
    let takes = step.by.iter().any(|by| matches!(by, Performer::Post(kind) if *kind == official.post.kind));
    if takes && shows(&official.post.kind) { Ok(table.clone()) } else { Err(PageError::NotFound) }
}

/// `GET /joint/court`.
pub(in crate::web) async fn show_court(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    let law = law(&app, &official)?;
    CourtPage::new(&app, &official, &law).await?.answer()
}

/// The table that was sent now or waits, with its bytes; inside, what is to be said.
async fn sent(
    app: &App,
    official: &Official,
    form: &Form,
) -> Result<Result<(Waiting, Vec<u8>), &'static str>, PageError> {
    if form.upload("file").is_some_and(|upload| upload.received.bytes > BYTES_MAX) {
        return Ok(Err("文件超过8MB，请分成几个文件"));
    }
    let Some(waiting) = received(app, official, form).await? else { return Ok(Err("请选择要导入的文件")) };
    let (data, file) = (app.config.data_dir.clone(), waiting.clone());
    let bytes = tokio::task::spawn_blocking(move || file.bytes(&data)).await.map_err(PageError::fault)?;
    match bytes.map_err(PageError::fault)? {
        Some(bytes) => Ok(Ok((waiting, bytes))),
        None => Ok(Err("上传的文件只保存一天，已经删除；请再上传一次")),
    }
}

fn chosen(law: &CourtTable, fields: &Fields) -> BTreeMap<Is, String> {
    let named =
        |is: Is| fields.filled(&format!("c.{}", is.word())).map(|heading| (is, heading.chars().take(120).collect()));
    law.columns.iter().filter_map(|column| named(column.is)).collect()
}

async fn lines(
    app: &Arc<App>,
    official: &Official,
    law: &CourtTable,
    (bytes, chosen): (Vec<u8>, BTreeMap<Is, String>),
) -> Result<Result<Vec<Line>, Unfit>, PageError> {
    let (reader, sight, law) = (Arc::clone(app), official.sight.clone(), law.clone());
    let read = tokio::task::spawn_blocking(move || court::table(&law, &bytes, &chosen).map(|table| (table, law)));
    let (table, law) = match read.await.map_err(PageError::fault)? {
        Ok(read) => read,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let lines =
        app.db.read(move |r| court::reconcile(r, &reader.county_code, (&sight, &law), &table, reader.today())).await?;
    Ok(Ok(lines))
}

/// `POST /joint/court`: a table is read and matched; nothing is entered.
pub(in crate::web) async fn check_court(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    checked(&app, &official, &form, String::new()).await
}

async fn checked(app: &Arc<App>, official: &Official, form: &Form, done: String) -> Result<Response, PageError> {
    let law = law(app, official)?;
    let mut page = CourtPage::new(app, official, &law).await?;
    let (waiting, bytes) = match sent(app, official, form).await? {
        Ok(sent) => sent,
        Err(why) => return CourtPage { wrong: why.to_owned(), ..page }.answer(),
    };
    let chosen = chosen(&law, &form.fields);
    page.carried = chosen.iter().map(|(is, heading)| (format!("c.{}", is.word()), heading.clone())).collect();
    page.token = waiting.token(app, &official.post.person.to_string());
    page.name = waiting.name.clone();
    match lines(app, official, &law, (bytes, chosen)).await? {
        Err(Unfit::Wrong(why)) => CourtPage { wrong: why, ..page }.answer(),
        Err(Unfit::Columns(headings, lacking)) => {
            let pick = |column: &zhunsheng_core::court_table::Column| Pick {
                name: column.is.word(),
                title: column.title.clone(),
                headings: headings.clone(),
            };
            let lacking = law.columns.iter().filter(|column| lacking.contains(&column.is));
            page.picks = lacking.map(pick).collect();
            page.answer()
        }
        Ok(lines) => {
            let count = |fits: &dyn Fn(&Verdict) -> bool| lines.iter().filter(|line| fits(&line.verdict)).count();
            page.enter = count(&|verdict| matches!(verdict, Verdict::Enter(_)));
            page.same = count(&|verdict| *verdict == Verdict::Same);
            page.other = lines.len() - page.enter - page.same;
            let ruling = app.county.ruling();
            let definition = ruling.law.in_force(&law.procedure, app.today());
            let title = |code: &str| {
                let list = definition.and_then(|known| known.codes_of(&law.field));
                list.and_then(|list| list.title(code)).unwrap_or(code).to_owned()
            };
            page.lines = lines.iter().map(|line| shown(line, &title)).collect();
            page.done = done;
            page.answer()
        }
    }
}

fn shown(line: &Line, title: &dyn Fn(&str) -> String) -> Shown {
    let mut detail = String::new();
    let (said, badge) = match &line.verdict {
        Verdict::Enter(reply) => {
            let all = [title(&reply.kind), reply.day.chinese(), reply.number.clone(), reply.note.clone()];
            detail = all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；");
            ("可以登记".to_owned(), "badge-ok")
        }
        Verdict::Same => ("已经登记，一致".to_owned(), ""),
        Verdict::Differs(what) => (format!("与已经登记的不同：{what}。没有改动，请打开核对后更正"), "badge-soon"),
        Verdict::Older => ("同一纠纷另有更晚的一行，只登记更晚的".to_owned(), ""),
        Verdict::NotWaiting => ("没有待回函的函件".to_owned(), "badge-soon"),
        Verdict::Unknown => ("没有这个编号的待回函纠纷，或者不归您办".to_owned(), "badge-soon"),
        Verdict::Wrong(why) => (why.clone(), "badge-soon"),
    };
    let (href, title) =
        line.matter.as_ref().map(|(id, title)| (format!("/matters/{id}"), title.clone())).unwrap_or_default();
    Shown { line: line.line, code: line.code.clone(), href, title, said, badge, detail }
}

/// `POST /joint/court/enter`: agreed. Each answer is entered by the step of its dispute; what the law refuses is said.
pub(in crate::web) async fn enter_court(
    State(app): State<Arc<App>>,
    official: Official,
    form: Form,
) -> Result<Response, PageError> {
    let law = law(&app, &official)?;
    let (waiting, bytes) = match sent(&app, &official, &form).await? {
        Ok(sent) => sent,
        Err(why) => {
            return CourtPage { wrong: why.to_owned(), ..CourtPage::new(&app, &official, &law).await? }.answer();
        }
    };
    let Ok(found) = lines(&app, &official, &law, (bytes, chosen(&law, &form.fields))).await? else {
        return checked(&app, &official, &form, String::new()).await;
    };
    let (mut entered, mut refused) = (0, Vec::new());
    let known = found.iter().filter(|line| matches!(line.verdict, Verdict::Same)).count();
    for line in found {
        let (Verdict::Enter(reply), Some((id, _))) = (&line.verdict, &line.matter) else { continue };
        let command =
            Command { target: Target::On(*id), step: STEP.into(), input: reply.input(), manner: Manner::Live };
        let name = reply.name(&waiting.digest, &line);
        let key = CommandKey { key: name.to_string(), digest: name };
        match app.act(official.actor(), command, Some(key)).await {
            Ok(_) => entered += 1,
            Err(ActError::Refused(why)) => {
                let why: Vec<&str> = why.iter().map(|refusal| refusal.sentence.as_str()).collect();
                refused.push(format!("第{}行：{}", line.line, why.join("")));
            }
            Err(ActError::NotFound) => refused.push(format!("第{}行：不归您办", line.line)),
            Err(other) => return Err(other.into()),
        }
    }
    let mut done = match (entered, known) {
        (0, 1..) => format!("这张表刚才已经登记过（{known} 件），没有重复登记。"),
        _ => format!("登记了 {entered} 件。"),
    };
    if !refused.is_empty() {
        done.push_str(&format!("没有登记：{}", refused.join("；")));
    }
    checked(&app, &official, &form, done).await
}
