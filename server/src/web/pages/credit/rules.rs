//! Which decisions are reported, within which time, and the fields of each report with where they come from: for everybody.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::credit::{Field, Kind, Template as Report, When};

use crate::app::App;
use crate::web::{Layout, PageError, Visitor, render};

struct Line {
    code: String,
    title: String,
    kind: String,
    required: String,
    made: bool,
}

struct Part {
    title: String,
    note: String,
    owed: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "law/credit.html")]
struct CreditPage {
    layout: Layout,
    days: u32,
    configurable: String,
    on: Vec<String>,
    off: Vec<String>,
    parts: Vec<Part>,
}

/// `GET /law/credit`.
pub(in crate::web) async fn show_rules(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let credit = &ruling.law.credit;
    let titles =
        |on: bool| credit.categories.iter().filter(|known| known.on == on).map(|known| known.title.clone()).collect();
    let part = |report: &Report| {
        let step = |owed: &zhunsheng_core::credit::Owed| {
            let procedure = ruling.law.newest(owed.procedure.as_str())?;
            Some(format!("{}的“{}”", procedure.title, procedure.step(owed.step.as_str())?.title))
        };
        Part {
            title: credit.title(&report.category).to_owned(),
            note: report.note.clone(),
            owed: report.owed.iter().filter_map(step).collect(),
            lines: report.fields.iter().map(|field| line(report, field)).collect(),
        }
    };
    render(&CreditPage {
        layout: Layout::new(&app, &visitor, "信用信息报送规则"),
        days: zhunsheng_core::credit::time_limit(&ruling.law).map_or(0, |clock| clock.limit.amount),
        configurable: credit.configurable.clone(),
        on: titles(true),
        off: titles(false),
        parts: credit.templates.iter().map(part).collect(),
    })
}

fn line(report: &Report, field: &Field) -> Line {
    let kind = match &field.kind {
        Kind::Text(max) => format!("文字，最多{max}个字"),
        Kind::Date { .. } => "日期".to_owned(),
        Kind::Amount { .. } => "金额（万元），最多6位小数".to_owned(),
        Kind::List { words, many } => format!("{}：{}", if *many { "代码，可多项" } else { "代码" }, words.join("、")),
        Kind::Uscc => "统一社会信用代码，核对校验码".to_owned(),
        Kind::IdNumber(_) => "证件号码，身份证核对校验码".to_owned(),
    };
    let when = |when: &When| match when {
        When::Always => "必填".to_owned(),
        When::Party(kind) => format!("{}必填", kind.chinese()),
        When::Has(_, word) => format!("有“{word}”的必填"),
        When::Filled(code) => {
            format!("填了{}的必填", report.field(code).map_or(code.as_str(), |field| field.title.as_str()))
        }
    };
    let required: Vec<String> = field.required.iter().map(when).collect();
    Line {
        code: field.code.clone(),
        title: field.title.clone(),
        kind,
        required: required.join("；"),
        made: field.source.is_some() && !report.owed.is_empty(),
    }
}
