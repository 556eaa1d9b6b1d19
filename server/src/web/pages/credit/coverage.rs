//! 报送情况: organ by organ in the order of their codes, and what is missing of one of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;

use super::{period, require_hand, seen};
use crate::app::App;
use crate::app::credit::coverage::{self, Covered, Decision, Organ, Period, Standing};
use crate::app::credit::{REPORT, may_act};
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, Query, render};

/// Decisions shown of one organ.
const SHOWN: usize = 300;

struct Line {
    code: String,
    name: String,
    owed: usize,
    reported: usize,
    late: usize,
    pending: usize,
    missing: usize,
    left_out: usize,
    /// 98.4 %, or why there is none.
    percent: String,
    without_list: usize,
}

impl From<&Organ> for Line {
    fn from(organ: &Organ) -> Self {
        Self {
            code: organ.code.clone(),
            name: organ.name.clone(),
            owed: organ.owed(),
            reported: organ.reported(),
            late: organ.count(Standing::Late),
            pending: organ.count(Standing::Pending),
            missing: organ.missing(),
            left_out: organ.left_out(),
            percent: organ.percent().unwrap_or_default(),
            without_list: organ.without_list.len(),
        }
    }
}

#[derive(Template)]
#[template(path = "credit/coverage.html")]
struct CoveragePage {
    layout: Layout,
    staff: StaffFrame,
    from: String,
    to: String,
    days: u32,
    configurable: String,
    categories: String,
    lines: Vec<Line>,
    owed: usize,
    reported: usize,
    missing: usize,
    without: usize,
    ungenerated: usize,
    may_act: bool,
}

async fn load(app: &Arc<App>, official: &Official, period: Period) -> Result<Arc<Covered>, PageError> {
    let whose = seen(official)?;
    let asked = Arc::clone(app);
    let found = app.db.read(move |r| coverage::of(r, &asked, period, whose.as_deref()));
    Ok(found.await?)
}

/// `GET /credit`: every decision that owes a report, counted by organ.
pub(in crate::web) async fn show_coverage(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let (first, last) = period(&app, &query);
    let covered = load(&app, &official, (first, last)).await?;
    let Covered { decisions, organs } = &*covered;
    let ruling = app.county.ruling();
    let credit = &ruling.law.credit;
    let titles: Vec<&str> = credit.switched_on().map(|category| category.title.as_str()).collect();
    let sum = |of: fn(&Organ) -> usize| organs.iter().map(of).sum::<usize>();
    render(&CoveragePage {
        layout: Layout::new(&app, &official.visitor, "信用报送"),
        staff: StaffFrame::load(&app, &official, "/credit").await?,
        from: first.to_string(),
        to: last.to_string(),
        days: zhunsheng_core::credit::time_limit(&ruling.law).map_or(0, |clock| clock.limit.amount),
        configurable: credit.configurable.clone(),
        categories: titles.join("、"),
        owed: sum(Organ::owed),
        reported: sum(Organ::reported),
        missing: sum(Organ::missing),
        without: organs.iter().filter(|organ| !organ.without_list.is_empty()).count(),
        ungenerated: decisions.iter().filter(|decision| decision.standing == Standing::Missing).count(),
        may_act: may_act(official.post.kind.as_str()),
        lines: organs.iter().map(Line::from).collect(),
    })
}

struct Row {
    href: String,
    number: String,
    category: String,
    decided: String,
    due: String,
    standing: &'static str,
    badge: &'static str,
}

#[derive(Template)]
#[template(path = "credit/organ.html")]
struct OrganPage {
    layout: Layout,
    staff: StaffFrame,
    from: String,
    to: String,
    name: String,
    line: Line,
    /// The months without a list, in words; empty if none lacks.
    lacking: String,
    missing: Vec<Row>,
    rest: Vec<Row>,
    more: usize,
}

/// `GET /credit/organs/{code}`: the decisions of an organ, missing ones first.
pub(in crate::web) async fn show_organ(
    State(app): State<Arc<App>>,
    official: Official,
    Path(code): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let (first, last) = period(&app, &query);
    let covered = load(&app, &official, (first, last)).await?;
    let Covered { decisions, organs } = &*covered;
    let organ = organs.iter().find(|organ| organ.code == code).ok_or(PageError::NotFound)?;
    let ruling = app.county.ruling();
    let row = |decision: &Decision| Row {
        href: format!("/matters/{}", decision.matter),
        number: if decision.number.is_empty() { "打开决定事项".to_owned() } else { decision.number.clone() },
        category: ruling.law.credit.title(&decision.category).to_owned(),
        decided: decision.decided.to_string(),
        due: decision.due.map(|due| due.to_string()).unwrap_or_default(),
        standing: decision.standing.chinese(),
        badge: badge(decision.standing),
    };
    let of_organ: Vec<&Decision> = decisions.iter().filter(|decision| decision.organ == code).collect();
    let (missing, rest): (Vec<&Decision>, Vec<&Decision>) =
        of_organ.into_iter().partition(|decision| decision.standing.missing());
    let more = rest.len().saturating_sub(SHOWN);
    render(&OrganPage {
        layout: Layout::new(&app, &official.visitor, &format!("{}的信用报送", organ.name)),
        staff: StaffFrame::load(&app, &official, "/credit").await?,
        from: first.to_string(),
        to: last.to_string(),
        name: organ.name.clone(),
        line: Line::from(organ),
        lacking: organ.lacking(),
        missing: missing.into_iter().map(row).collect(),
        rest: rest.into_iter().rev().take(SHOWN).map(row).collect(),
        more,
    })
}

fn badge(standing: Standing) -> &'static str {
    match standing {
        Standing::InTime => "badge-ok",
        Standing::Late | Standing::Pending => "badge-soon",
        Standing::Overdue | Standing::Returned | Standing::Missing | Standing::Undone => "badge-late",
        Standing::Withdrawn | Standing::Voided => "badge-stopped",
    }
}

/// `POST /credit/generate`: the reports of decisions of the period shown that have none.
pub(in crate::web) async fn generate(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    require_hand(&official)?;
    let covered = load(&app, &official, period(&app, &query)).await?;
    let without = covered.decisions.iter().filter(|decision| decision.standing == Standing::Missing);
    let matters: Vec<MatterId> = without.map(|decision| decision.matter).collect();
    tracing::info!(count = matters.len(), procedure = REPORT, "reports are generated afterwards");
    app.generate_missing(official.actor(), matters).await?;
    Ok(Redirect::to("/credit/queue").into_response())
}
