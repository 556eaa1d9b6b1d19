//! 对外公布: whether the record's trees are public, what that means, who asked for it and who approved. The acts themselves are steps
//! of the procedure `log_publication`, each with its reason; this page leads to them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use zhunsheng_core::matter::Decider;

use crate::app::App;
use crate::app::fault::Fault;
use crate::app::public_log::{self, Application, Mode, PROCEDURE};
use crate::app::show;
use crate::web::frame::StaffFrame;
use crate::web::{Administrator, Layout, PageError, address, render};

/// One application, in words.
struct Row {
    id: String,
    mode: &'static str,
    state: String,
    badge: &'static str,
    applied: String,
    /// The day, and who decided.
    approved: String,
    stopped: String,
}

#[derive(Template)]
#[template(path = "admin/log.html")]
struct PublicationPage {
    layout: Layout,
    staff: StaffFrame,
    /// What is public; off: nothing.
    mode: Mode,
    /// The matter that decided so, while something is public.
    publishing: String,
    /// The matter that waits for approval.
    waiting: String,
    /// Entries that the public checkpoint covers, and the last day of them.
    covers: Option<(u64, String)>,
    /// Where outsiders fetch.
    address: String,
    procedure: &'static str,
    rows: Vec<Row>,
}

/// `GET /admin/log`.
pub(in crate::web) async fn show_publication(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (county, today) = (app.county_code.clone(), app.today());
    let (applications, mode, covers) = app
        .db
        .read(move |r| {
            let applications = public_log::applications(r, &county)?;
            let mode = public_log::mode_of(&applications);
            let covers = public_log::published(r, &county, mode, today)?;
            Ok::<_, Fault>((applications, mode, covers))
        })
        .await?;
    let deciding = public_log::deciding(&applications).filter(|_| mode != Mode::Off);
    let waiting = applications.iter().find(|application| application.state == "applied");
    let id = |application: Option<&Application>| application.map(|one| one.matter.to_string()).unwrap_or_default();
    render(&PublicationPage {
        layout: Layout::new(&app, &official.visitor, "对外公布"),
        staff: StaffFrame::load(&app, &official, "/admin/log").await?,
        mode,
        publishing: id(deciding),
        waiting: id(waiting),
        covers: covers.map(|kept| (kept.size, kept.day.chinese())),
        address: format!("{}/log/", address::own(&headers, &app.config)),
        procedure: PROCEDURE,
        rows: applications.iter().map(|application| row(&app, application, deciding)).collect(),
    })
}

fn row(app: &App, application: &Application, deciding: Option<&Application>) -> Row {
    let ruling = app.county.ruling();
    let procedure = ruling.law.procedures().find(|known| known.id.as_str() == PROCEDURE);
    let state = procedure.and_then(|known| known.state("main", &application.state)).map(|known| known.title.clone());
    let replaced = application.state == "publishing" && deciding != Some(application);
    let approved = application.approved.as_ref().map(|(day, decider)| {
        let registry = app.county.registry();
        let who = match decider {
            Decider::Person(person) => registry.person_name(*person).to_owned(),
            other => show::decider(&registry, other),
        };
        format!("{}，{who}", day.chinese())
    });
    Row {
        id: application.matter.to_string(),
        mode: application.mode.title(),
        state: if replaced {
            "已被新的批准代替".to_owned()
        } else {
            state.unwrap_or_else(|| application.state.clone())
        },
        badge: match application.state.as_str() {
            "publishing" if !replaced => "badge-ok",
            "applied" => "badge-soon",
            _ => "badge-stopped",
        },
        applied: application.applied.map(|day| day.chinese()).unwrap_or_default(),
        approved: approved.unwrap_or_default(),
        stopped: application.stopped.map(|day| day.chinese()).unwrap_or_default(),
    }
}
