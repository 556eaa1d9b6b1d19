//! `POST /add-checkpoint` (C2SP tlog-witness), and `GET /` for people: who this is and with which key it signs.
//!
//! Does not belong here: which counties are followed and how far (that is nobody's business but the witness's).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use zhunsheng_core::record::witness::{Declined, REQUEST_BYTES_MAX, Request};

use super::folder::{Cosigned, Folder};
use super::{NotSigned, WitnessFault};
use crate::app::clock::MachineClock;
use crate::app::fault::chain;

/// A witness that is served.
pub struct Desk {
    /// What it keeps.
    pub folder: Folder,
    /// The time of its signatures.
    pub clock: MachineClock,
}

/// The two routes of a witness.
pub fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/", get(show_who))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(Arc::new(desk))
}

async fn show_who(State(desk): State<Arc<Desk>>) -> String {
    let key = desk.folder.key();
    format!("准绳存证单位 {}\n公钥 {key}\n\n提交检查点：POST /add-checkpoint（C2SP tlog-witness）\n", key.name())
}

async fn add_checkpoint(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    let parsed = std::str::from_utf8(&body).map_err(|_| Declined::Malformed).and_then(Request::parse);
    let request = match parsed {
        Ok(request) => request,
        Err(declined) => return refuse(&declined),
    };
    let origin = request.origin().to_owned();
    let signing = tokio::task::spawn_blocking(move || {
        let now = u64::try_from(desk.clock.seconds()).map_err(|_| WitnessFault::Clock)?;
        desk.folder.sign(&request, now)
    });
    match signing.await {
        Ok(Ok(cosigned)) => {
            tracing::info!(origin, size = cosigned.checkpoint.size, "cosigned");
            line_of(&cosigned).into_response()
        }
        Ok(Err(NotSigned::Declined(declined))) => {
            tracing::warn!(origin, %declined, "not signed");
            refuse(&declined)
        }
        Ok(Err(NotSigned::Fault(fault))) => {
            tracing::error!(origin, fault = chain(&fault), "not signed");
            (StatusCode::SERVICE_UNAVAILABLE, "本单位暂不能共签，已通知值守人员。\n").into_response()
        }
        Err(died) => {
            tracing::error!(%died, "signing");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The witness's own line: the last one of what it keeps.
fn line_of(cosigned: &Cosigned) -> String {
    cosigned.note.lines().last().map_or_else(String::new, |line| format!("{line}\n"))
}

/// The answer that the specification asks for.
fn refuse(declined: &Declined) -> Response {
    let status = match declined {
        Declined::Malformed | Declined::OldTooLarge => StatusCode::BAD_REQUEST,
        Declined::UnknownKey => StatusCode::FORBIDDEN,
        Declined::UnknownLog => StatusCode::NOT_FOUND,
        Declined::Proof(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Declined::Conflict(size) | Declined::Fork(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response();
        }
    };
    (status, format!("{declined}。\n")).into_response()
}
