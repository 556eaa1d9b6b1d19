//! Acts by programs: opening a matter, taking a step. An `Idempotency-Key` makes a repeated request safe.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use zhunsheng_core::id::{Digest, MatterId, StepId};
use zhunsheng_core::matter::{Command, Manner, Target};
use zhunsheng_core::procedure::Performer;
use zhunsheng_core::refusal::{Refusals, engine};

use super::call::Call;
use super::model::{Done, FilesAndCommand, RefusalView, Refused, StepRequest};
use super::notice;
use crate::app::App;
use crate::app::act::{ActError, CommandKey};
use crate::web::typed;
use crate::web::{PageError, Path, Program};

/// Where the client's key stands.
const KEY: &str = "idempotency-key";
/// The part with the signed original.
const ORIGINAL: &str = "original";

/// 登记新事项: opens a matter of a procedure.
#[utoipa::path(
    post, path = "/api/v1/matters/{id}", tag = "matters", request_body(content((StepRequest = "application/json"), (FilesAndCommand = "multipart/form-data"))), security(("token" = [])),
    params(
        ("id" = String, Path, description = "程序，如 mediation"),
        ("Idempotency-Key" = String, Header, description = "8 至 64 个字符；同一个键再来一次，得到第一次的结果"),
    ),
    responses(
        (status = 201, body = Done, description = "已登记"),
        (status = 422, body = Refused, description = "不能办，及全部理由"),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "没有这个程序"),
        (status = 409, description = "同一个键用于不同的内容"),
    )
)]
pub(in crate::web) async fn open_matter(
    State(app): State<Arc<App>>,
    program: Program,
    Path(procedure): Path<String>,
    headers: HeaderMap,
    call: Call,
) -> Result<Response, PageError> {
    let step = opening_step(&app, &program, &procedure, call.request.step.as_deref())?;
    perform(&app, &program, &headers, Target::Open(procedure.into()), step, call, StatusCode::CREATED).await
}

/// The step named, else the first opening step of the post.
fn opening_step(app: &App, program: &Program, procedure: &str, named: Option<&str>) -> Result<StepId, PageError> {
    let ruling = app.county.ruling();
    let definition = ruling.law.in_force(procedure, app.today()).ok_or(PageError::NotFound)?;
    let mine = |performer: &Performer| *performer == Performer::Post(program.post.kind.clone());
    let found = match named {
        Some(named) => definition.opening_steps().find(|step| step.id.as_str() == named),
        None => {
            let own = definition.opening_steps().find(|step| step.by.iter().any(mine));
            own.or_else(|| definition.opening_steps().next())
        }
    };
    found.map(|step| step.id.clone()).ok_or(PageError::NotFound)
}

/// 办理一步: takes a step of a matter; generic acts have ids that begin with `_`.
#[utoipa::path(
    post, path = "/api/v1/matters/{id}/steps/{step}", tag = "matters", request_body(content((StepRequest = "application/json"), (FilesAndCommand = "multipart/form-data"))), security(("token" = [])),
    params(
        ("id" = String, Path, description = "事项编号，26 个字符"),
        ("step" = String, Path, description = "步骤，如 accept；通用步骤如 _urge"),
        ("Idempotency-Key" = String, Header, description = "8 至 64 个字符；同一个键再来一次，得到第一次的结果"),
    ),
    responses(
        (status = 200, body = Done, description = "已办理"),
        (status = 422, body = Refused, description = "不能办，及全部理由"),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "没有这个事项，或者不归该岗位看"),
        (status = 409, description = "同一个键用于不同的内容"),
    )
)]
pub(in crate::web) async fn take_step(
    State(app): State<Arc<App>>,
    program: Program,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    call: Call,
) -> Result<Response, PageError> {
    let id = MatterId::parse(&id).ok_or(PageError::NotFound)?;
    if !call.uploads().is_empty() {
        // What one may not act on takes no files either.
        super::read::open_to(&app, &program, id).await?;
    }
    perform(&app, &program, &headers, Target::On(id), StepId::from(step), call, StatusCode::OK).await
}

async fn perform(
    app: &App,
    program: &Program,
    headers: &HeaderMap,
    target: Target,
    step: StepId,
    call: Call,
    status: StatusCode,
) -> Result<Response, PageError> {
    let key = headers.get(KEY).and_then(|value| value.to_str().ok()).filter(|key| (8..=64).contains(&key.len()));
    let key = key.ok_or(PageError::Malformed("请求头 Idempotency-Key 应当有 8 至 64 个字符"))?.to_owned();
    let owner = program.post.person.to_string();
    let (kept, problems) = typed::keep_all(app, call.uploads(), &owner).await?;
    let (mut input, manner) = call.request.read()?;
    if !problems.is_empty() {
        return Ok(refused(app, &unkept(app, &problems)));
    }
    input.evidence = kept.iter().map(typed::evidence_input).collect();
    let original = kept.iter().find(|file| file.field == ORIGINAL).map(|file| file.digest);
    let command = Command { target, step, input, manner: with_original(manner, original) };
    let digest = command.digest();
    match app.act_for_program(program.actor(), command, CommandKey { key, digest }).await {
        Ok(done) => {
            let done = Done {
                matter: done.matter.to_string(),
                entry: done.seq,
                query_code: done.query_code,
                noted: done.noted,
                notice: notice(app),
            };
            Ok((status, Answer(done)).into_response())
        }
        Err(ActError::Refused(refusals)) => Ok(refused(app, &refusals)),
        Err(other) => Err(other.into()),
    }
}

/// The paper that an act decided elsewhere is entered from.
fn with_original(manner: Manner, original: Option<Digest>) -> Manner {
    match manner {
        Manner::SignedForm { decided_by, day, .. } => Manner::SignedForm { decided_by, day, original },
        Manner::Late { decided_by, day, number, .. } => Manner::Late { decided_by, day, original, number },
        other => other,
    }
}

/// Files that are not kept, each at its part; nothing was done.
fn unkept(app: &App, problems: &[(String, String, String)]) -> Refusals {
    let catalogue = &app.county.ruling().law.refusals;
    let mut refusals = Refusals::default();
    for (part, name, problem) in problems {
        let with = [("field", name.as_str()), ("problem", problem.as_str())];
        refusals.push(catalogue.at_field(engine::FIELD_INVALID, &part.as_str().into(), &with));
    }
    refusals
}

fn refused(app: &App, refusals: &Refusals) -> Response {
    let body = Refused { refusals: refusals.iter().map(RefusalView::from).collect(), notice: notice(app) };
    (StatusCode::UNPROCESSABLE_ENTITY, Answer(body)).into_response()
}
