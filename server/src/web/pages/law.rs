//! The law the county runs on, for everybody to read: the list of procedures, and every no that the system can say.
//! One procedure is `procedure.rs`.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::StepId;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::{Part, Performer, Procedure, Step};

use crate::app::App;
use crate::web::citation::{Citation, Citations};
use crate::web::{Layout, PageError, Query, Visitor, render};

struct ProcedureLine {
    id: String,
    title: String,
    statute: String,
    from: Day,
    steps: usize,
    clocks: usize,
}

#[derive(Template)]
#[template(path = "law/procedures.html")]
struct ProceduresPage {
    layout: Layout,
    parts: Vec<(&'static str, Vec<ProcedureLine>)>,
}

const PARTS: [Part; 8] = [
    Part::Drive,
    Part::Service,
    Part::Decision,
    Part::Enforcement,
    Part::Integrity,
    Part::Supervision,
    Part::Grassroots,
    Part::County,
];

/// `GET /law/procedures`: the newest version of each, by part.
pub(in crate::web) async fn list_procedures(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let newest = |definition: &Procedure| {
        ruling.law.newest(definition.id.as_str()).is_some_and(|newest| newest.digest == definition.digest)
    };
    let lines = |part: Part| -> Vec<ProcedureLine> {
        let of_part = ruling.law.procedures().filter(|definition| definition.part == part && newest(definition));
        let mut lines: Vec<ProcedureLine> = of_part
            .map(|definition| ProcedureLine {
                id: definition.id.to_string(),
                title: definition.title.clone(),
                statute: definition.statute.clone(),
                from: definition.in_force_from,
                steps: definition.steps.len(),
                clocks: definition.clocks.len(),
            })
            .collect();
        lines.sort_by(|one, other| one.id.cmp(&other.id));
        lines
    };
    let parts = PARTS.map(|part| (part.chinese(), lines(part))).into_iter().filter(|(_, lines)| !lines.is_empty());
    render(&ProceduresPage { layout: Layout::new(&app, &visitor, "程序"), parts: parts.collect() })
}

/// The posts that may take a step, as a sentence part.
pub(super) fn who(step: &Step, law: &Law) -> String {
    let one = |performer: &Performer| match performer {
        Performer::Post(kind) => law.posts.title(kind).to_owned(),
        Performer::Citizen => "当事人（网上）".to_owned(),
        Performer::System => "系统（期限届满时）".to_owned(),
    };
    step.by.iter().map(one).collect::<Vec<_>>().join("、")
}

/// Steps by their titles.
pub(super) fn steps_titles(definition: &Procedure, steps: &[StepId]) -> String {
    let title = |id: &StepId| definition.step(id.as_str()).map_or_else(|| id.to_string(), |step| step.title.clone());
    steps.iter().map(title).collect::<Vec<_>>().join("、")
}

#[derive(Template)]
#[template(path = "law/refusals.html")]
struct RefusalsPage {
    layout: Layout,
    refusals: Vec<(String, String, Citation, String)>,
    /// From 1.
    page: usize,
    pages: usize,
}

/// Refusals on one page: the whole list is too long for a telephone on a bad line.
const REFUSALS_PER_PAGE: usize = 100;

/// `GET /law/refusals?page=…`.
pub(in crate::web) async fn list_refusals(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let entries = ruling.law.refusals.entries();
    let pages = entries.len().div_ceil(REFUSALS_PER_PAGE).max(1);
    let page = query.text("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let shown = entries.chunks(REFUSALS_PER_PAGE).nth(page - 1).unwrap_or_default();
    let cited = shown.iter().filter_map(|entry| entry.basis.clone()).collect();
    let citations = Citations::load(&app, &ruling, app.today(), cited).await?;
    let line = |entry: &zhunsheng_core::refusal::Entry| {
        let basis = entry.basis.as_ref().map_or_else(|| Citation::plain("由各步骤给出"), |basis| citations.link(basis));
        (entry.sentence.clone(), entry.next.clone(), basis, entry.code.to_string())
    };
    let refusals = shown.iter().map(line).collect();
    render(&RefusalsPage { layout: Layout::new(&app, &visitor, "拒绝"), refusals, page, pages })
}
