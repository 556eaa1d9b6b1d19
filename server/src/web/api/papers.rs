//! What programs may take away as files: an instrument, the file of a matter bound, a credit batch. As on the pages: within the post's
//! sight, names in full as they stand on paper, nothing of a work secret.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::model::{BatchLine, BatchSent, BatchesView, FileBytes};
use super::notice;
use crate::app::App;
use crate::store::credit as store;
use crate::web::pages::credit::batches::file_of;
use crate::web::pages::credit::{require_post, seen_by};
use crate::web::pages::matter::{docx_of, pdf_of, volume_of};
use crate::web::{PageError, Path, Program};

/// 取文书: the nth instrument of a matter, to print or to edit.
#[utoipa::path(
    get, path = "/api/v1/matters/{id}/instruments/{n}/{form}", tag = "matters", security(("token" = [])),
    params(
        ("id" = String, Path, description = "事项编号，26 个字符"),
        ("n" = usize, Path, description = "第几份文书，从 1 起，次序同事项的 instruments"),
        ("form" = String, Path, description = "pdf 或者 docx"),
    ),
    responses(
        (status = 200, description = "文件", content((FileBytes = "application/pdf"), (FileBytes = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "没有这份文书，或者不归该岗位看，或者事项是工作秘密"),
        (status = 422, description = "有的字没有字形，不能制成 PDF"),
    )
)]
pub(in crate::web) async fn take_instrument(
    State(app): State<Arc<App>>,
    program: Program,
    Path((id, n, form)): Path<(String, usize, String)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    match form.as_str() {
        "pdf" => pdf_of(&app, &program.sight, (&id, n), &headers).await,
        "docx" => docx_of(&app, &program.sight, (&id, n), &headers).await,
        _ => Err(PageError::NotFound),
    }
}

/// 取卷宗: all instruments of a matter bound, with cover and catalogue; photographs and scans are bound on the page only.
#[utoipa::path(
    get, path = "/api/v1/matters/{id}/volume/{part}", tag = "matters", security(("token" = [])),
    params(
        ("id" = String, Path, description = "事项编号，26 个字符"),
        ("part" = String, Path, description = "main 正卷，inner 副卷"),
    ),
    responses(
        (status = 200, description = "文件", body = FileBytes, content_type = "application/pdf"),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 404, description = "没有文书，或者不归该岗位看，或者事项是工作秘密"),
        (status = 422, description = "有的字没有字形，不能制成 PDF"),
    )
)]
pub(in crate::web) async fn take_volume(
    State(app): State<Arc<App>>,
    program: Program,
    Path((id, part)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    volume_of(&app, &program.sight, (&id, &part), &headers, false).await
}

/// 组成批次: sends what waits and is valid as one batch; what is not valid stays. Asked again it sends nothing twice.
#[utoipa::path(
    post, path = "/api/v1/credit/batches", tag = "credit", security(("token" = [])),
    responses(
        (status = 200, body = BatchSent),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 403, description = "不由该岗位报送"),
        (status = 404, description = "该岗位看不到信用报送"),
    )
)]
pub(in crate::web) async fn send_batch(
    State(app): State<Arc<App>>,
    program: Program,
) -> Result<Answer<BatchSent>, PageError> {
    require_post(&program.post)?;
    let sent = app.send_credit(program.actor(), seen_by(&program.sight)?).await?;
    let (sent, held_back, batch) = (sent.sent, sent.held_back, sent.batch);
    Ok(Answer(BatchSent { batch, sent, held_back, notice: notice(&app) }))
}

/// The newest batches that a list has.
const BATCHES_MAX: i64 = 100;

/// 批次清单: the batches that went out, the newest first. Whoever lost the answer to 组成批次 finds here what it made.
#[utoipa::path(
    get, path = "/api/v1/credit/batches", tag = "credit", security(("token" = [])),
    responses(
        (status = 200, description = "最近的一百个批次，新的在前", body = BatchesView),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 403, description = "不由该岗位报送"),
        (status = 404, description = "该岗位看不到信用报送"),
    )
)]
pub(in crate::web) async fn list_batches(
    State(app): State<Arc<App>>,
    program: Program,
) -> Result<Answer<BatchesView>, PageError> {
    require_post(&program.post)?;
    let (whose, county) = (seen_by(&program.sight)?, app.county_code.clone());
    let found = app.db.read(move |r| store::batches(r, &county, whose.as_deref(), BATCHES_MAX)).await?;
    let batches = found.into_iter().map(|(batch, reports)| BatchLine { batch, reports }).collect();
    Ok(Answer(BatchesView { batches, notice: notice(&app) }))
}

/// 取批次文件: a part of a batch as it was sent.
#[utoipa::path(
    get, path = "/api/v1/credit/batches/{name}/{file}", tag = "credit", security(("token" = [])),
    params(
        ("name" = String, Path, description = "批次，如 20241026-001"),
        ("file" = String, Path, description = "类别和格式，如 penalty.csv、penalty.json、penalty.xlsx；撤回的是 penalty-withdrawal.csv"),
    ),
    responses(
        (status = 200, description = "文件", content((FileBytes = "text/csv"), (FileBytes = "application/json"), (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 401, description = "没有令牌或者令牌失效"),
        (status = 403, description = "不由该岗位报送"),
        (status = 404, description = "没有这个批次、这个文件，或者不归该岗位看"),
    )
)]
pub(in crate::web) async fn take_batch(
    State(app): State<Arc<App>>,
    program: Program,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    file_of(&app, (&program.post, &program.sight), &name, &file).await
}
