//! 待报送: what waits, with everything that is wrong with it; and the batches that went out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::{Problem, require_hand, seen};
use crate::app::App;
use crate::app::credit::{batch, handover, may_act};
use crate::store::credit as store;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

/// Batches shown.
const BATCHES: i64 = 30;

struct Row {
    href: String,
    number: String,
    organ: String,
    state: String,
    decision: String,
    problems: Vec<Problem>,
}

struct Batch {
    name: String,
    count: i64,
    /// How handing it over stands; empty: it is not.
    standing: &'static str,
    badge: &'static str,
}

#[derive(Template)]
#[template(path = "credit/queue.html")]
struct QueuePage {
    layout: Layout,
    staff: StaffFrame,
    ready: Vec<Row>,
    held: Vec<Row>,
    batches: Vec<Batch>,
    may_act: bool,
    nothing_sent: bool,
    /// Why nothing goes to the platform that is registered; empty: it does, or none is.
    blocked: String,
}

/// `GET /credit/queue`.
pub(in crate::web) async fn show_queue(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let whose = seen(&official)?;
    let (county, asked) = (app.county_code.clone(), Arc::clone(&app));
    let found = app.db.read(move |r| {
        let waiting = batch::waiting(r, &asked, &county, whose.as_deref())?;
        let batches = store::batches(r, &county, whose.as_deref(), BATCHES)?;
        // A batch has two files of each category at most.
        let handed = crate::store::credit_handover::list_newest(r, &county, BATCHES * 4)?;
        let platform = handover::platform(r, &county, asked.today())?;
        Ok::<_, PageError>((waiting, batches, handed, platform))
    });
    let (waiting, batches, handed, platform) = found.await?;
    let batch = |(name, count): (String, i64)| {
        let files = handed.iter().filter(|known| known.batch == name);
        // What needs somebody comes first.
        let worst = files.max_by_key(|known| (known.answered_ms == 0, known.failures)).map(handover::standing);
        let (standing, badge) = worst.unwrap_or_default();
        Batch { name, count, standing, badge }
    };
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let row = |waiting: &batch::Waiting| {
        let report = &waiting.report;
        let definition = ruling.law.by_digest(&report.definition);
        let title =
            definition.and_then(|known| known.state("main", report.standing())).map(|state| state.title.clone());
        Row {
            href: format!("/matters/{}", report.id),
            number: report.text("decision_number").to_owned(),
            organ: registry.organ_name(&report.organ).to_owned(),
            state: title.unwrap_or_default(),
            decision: format!("/matters/{}", report.text("decision")),
            problems: waiting.findings.iter().map(Problem::from).collect(),
        }
    };
    let (ready, held): (Vec<&batch::Waiting>, Vec<&batch::Waiting>) =
        waiting.iter().partition(|waiting| waiting.findings.is_empty());
    render(&QueuePage {
        layout: Layout::new(&app, &official.visitor, "待报送的信用信息"),
        staff: StaffFrame::load(&app, &official, "/credit").await?,
        ready: ready.into_iter().map(row).collect(),
        held: held.into_iter().map(row).collect(),
        batches: batches.into_iter().map(batch).collect(),
        may_act: may_act(official.post.kind.as_str()),
        blocked: platform
            .and_then(|(_, address)| handover::refused(&address, app.config.credit_host.as_ref()))
            .unwrap_or_default(),
        nothing_sent: query.text("sent") == "0",
    })
}

/// `POST /credit/batches`: what is valid goes out as one batch.
pub(in crate::web) async fn send(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    require_hand(&official)?;
    let whose = seen(&official)?;
    let sent = app.send_credit(official.actor(), whose).await?;
    let to = if sent.sent == 0 { "/credit/queue?sent=0".to_owned() } else { format!("/credit/batches/{}", sent.batch) };
    Ok(Redirect::to(&to).into_response())
}
