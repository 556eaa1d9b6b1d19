//! What citizens read: home, about, the progress of their matter, published penalties. No account, no JavaScript.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::text;

use crate::app::account::SignInError;
use crate::app::progress::{self, Progress};
use crate::app::publication::{self, Publication};
use crate::app::{App, identify};
use crate::web::citation::Citations;
use crate::web::{Form, Layout, PageError, Path, Query, Visitor, render};

/// Why penalties are shown.
const PENALTIES: &str = "具有一定社会影响的行政处罚决定依法公开（行政处罚法第四十八条）。";
/// Why measures are.
const MEASURES: &str = "行政执法决定经公开审查后公开（国办发〔2018〕118号）。";

/// As addresses have it, procedures and publication, its words, the page's heading, why.
type Tab = (&'static str, (&'static [&'static str], &'static str), &'static str, &'static str, &'static str);

/// What `/penalties` shows.
const SHOWN: [Tab; 4] = [
    ("", (&["penalty"], "decision_disclosure"), "行政处罚决定", "行政处罚公示", PENALTIES),
    ("spot", (&["penalty_on_the_spot"], "decision_disclosure"), "当场处罚决定", "当场处罚公示", PENALTIES),
    ("compulsion", (&["seizure"], "decision_disclosure"), "查封、扣押决定", "行政强制措施公示", MEASURES),
    ("order", (&["penalty", "changed_execution"], "order_disclosure"), "强制执行决定", "行政强制执行公示", MEASURES),
];
/// Lines of one page.
const PAGE: i64 = 20;

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct HomePage {
    layout: Layout,
    /// The question box is empty here.
    typed: &'static str,
}

/// `GET /`.
pub(in crate::web) async fn show_home(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    render(&HomePage { layout: Layout::new(&app, &visitor, "首页"), typed: "" })
}

#[derive(Template)]
#[template(path = "citizen/about.html")]
struct AboutPage {
    layout: Layout,
}

/// `GET /about`.
pub(in crate::web) async fn show_about(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    render(&AboutPage { layout: Layout::new(&app, &visitor, "关于本平台") })
}

#[derive(Template)]
#[template(path = "citizen/track.html")]
struct TrackPage {
    layout: Layout,
    code: String,
    /// Why nothing is shown; empty if nothing was asked.
    wrong: String,
    progress: Option<Progress>,
    citations: Citations,
}

/// `GET /track`.
pub(in crate::web) async fn show_track(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let layout = Layout::new(&app, &visitor, "查办理进度");
    let (code, wrong) = (String::new(), String::new());
    render(&TrackPage { layout, code, wrong, progress: None, citations: Citations::default() })
}

/// Nothing was found; why is not told.
const NOT_FOUND: &str = "没有查到，或者没有核对上。请核对编码；用核验码的，还要填对证件号码后四位。仍然查不到的，请联系登记时告诉您的调解组织或者文书上的机关，也可以拨打 12348。";

/// `POST /track`: codes stay out of addresses, logs and histories; forms of visitors are limited per address. A query code alone
/// shows the progress, an instrument's code needs the party's factor. What is malformed, unknown or does not belong together
/// gets one and the same answer.
pub(in crate::web) async fn submit_track(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let typed: String = form.fields.text("code").chars().take(80).collect();
    let factor: String = form.fields.text("factor").chars().take(40).collect();
    let found = if progress::read_code(&typed).is_some() {
        let (reader, typed) = (Arc::clone(&app), typed.clone());
        let found = app.db.read(move |r| progress::find(r, &reader.county_code, &reader.county, &typed)).await?;
        found.ok_or_else(|| NOT_FOUND.to_owned())
    } else {
        match identify::party(&app, &typed, &factor).await {
            Ok(found) => Ok(found),
            Err(SignInError::Wrong) => Err(NOT_FOUND.to_owned()),
            Err(SignInError::Wait { seconds }) => Err(wait(seconds)),
            Err(SignInError::Fault(fault)) => return Err(fault.into()),
        }
    };
    let (progress, wrong) = match found {
        Ok(progress) => (Some(progress), String::new()),
        Err(wrong) => (None, wrong),
    };
    let code = if wrong.is_empty() { text::written_code(&text::plain_code(&typed)) } else { typed };
    let running = progress.iter().flat_map(|progress| &progress.limits);
    let passed = progress.iter().flat_map(|progress| &progress.overruns).map(|overrun| &overrun.limit);
    let cited = running.chain(passed).map(|limit| limit.basis.clone()).collect();
    let citations = Citations::load(&app, &app.county.ruling(), app.today(), cited).await?;
    let title = if wrong.is_empty() { "办理进度" } else { "错误：查办理进度" };
    render(&TrackPage { layout: Layout::new(&app, &visitor, title), code, wrong, progress, citations })
}

/// How long somebody waits who was wrong before.
pub(super) fn wait(seconds: i64) -> String {
    match seconds {
        ..=90 => format!("核对得太快了，请过 {seconds} 秒再试。"),
        91..=5_400 => format!("没有核对上的次数太多，请过 {} 分钟再试。", seconds.div_euclid(60) + 1),
        _ => "没有核对上的次数太多，为了保护当事人，到明天才能再试。着急的，请带身份证到文书上的机关查询。".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "citizen/penalties.html")]
struct PenaltiesPage {
    layout: Layout,
    /// What is shown and why, and what else there is: address, words, whether it is this.
    title: &'static str,
    why: &'static str,
    what: &'static str,
    kinds: Vec<(String, &'static str, bool)>,
    here: String,
    /// What the address of a single one needs beside it.
    of: String,
    publications: Vec<Publication>,
    is_first: bool,
    next: Option<String>,
}

fn no_kind() -> PageError {
    let there: Vec<&str> = SHOWN.iter().map(|(_, _, what, ..)| *what).collect();
    PageError::Absent(format!("没有这一类公示。公示的有{}，请从首页的“行政处罚公示”进入。", there.join("、")))
}

/// `GET /penalties`: the last published first.
pub(in crate::web) async fn list_penalties(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let kind = query.text("kind").trim().to_owned();
    let known = SHOWN.iter().find(|(code, ..)| *code == kind).ok_or_else(no_kind)?;
    let (_, published, what, title, why) = *known;
    let before = query.filled("before").and_then(|text| {
        let (day, num) = text.split_once('.')?;
        Some((day.parse::<i64>().ok()?, num.parse::<i64>().ok()?))
    });
    let reader = Arc::clone(&app);
    let mut publications = app
        .db
        .read(move |r| {
            let (procedures, disclosure) = published;
            let mut all = Vec::new();
            for procedure in procedures {
                let (code, today) = (&reader.county_code, reader.today());
                let what = (*procedure, disclosure);
                all.extend(publication::list(r, code, &reader.county, what, today, before, PAGE + 1)?);
            }
            Ok::<_, crate::app::fault::Fault>(all)
        })
        .await?;
    publications.sort_by_key(|publication| std::cmp::Reverse(publication.place()));
    let has_more = i64::try_from(publications.len()).is_ok_and(|count| count > PAGE);
    publications.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next =
        publications.last().map(Publication::place).filter(|_| has_more).map(|(day, num)| format!("{day}.{num}"));
    let layout = Layout::new(&app, &visitor, title);
    let address =
        |code: &str| if code.is_empty() { "/penalties".to_owned() } else { format!("/penalties?kind={code}") };
    let kinds = SHOWN.iter().map(|(code, _, what, ..)| (address(code), *what, *code == kind)).collect();
    let here = address(&kind);
    let of = if kind.is_empty() { String::new() } else { format!("?kind={kind}") };
    render(&PenaltiesPage { layout, title, why, what, kinds, here, of, publications, is_first: before.is_none(), next })
}

#[derive(Template)]
#[template(path = "citizen/penalty.html")]
struct PenaltyPage {
    layout: Layout,
    p: Publication,
}

/// `GET /penalties/{id}`: withdrawn, ended and never published ones are all not found.
pub(in crate::web) async fn show_penalty(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    let kind = query.text("kind").trim().to_owned();
    let reader = Arc::clone(&app);
    let found = app
        .db
        .read(move |r| {
            let (code, today) = (reader.county_code.as_str(), reader.today());
            let meant = SHOWN.iter().filter(|(code, ..)| kind.is_empty() || *code == kind);
            let each = |(procedures, shown): (&'static [&'static str], &'static str)| {
                procedures.iter().map(move |procedure| (*procedure, shown))
            };
            for published in meant.flat_map(|(_, published, ..)| each(*published)) {
                if let Some(found) = publication::find(r, code, &reader.county, published, id, today)? {
                    return Ok(Some(found));
                }
            }
            Ok::<_, crate::app::fault::Fault>(None)
        })
        .await?;
    let p = found.ok_or(PageError::NotFound)?;
    render(&PenaltyPage { layout: Layout::new(&app, &visitor, "公示的决定"), p })
}
