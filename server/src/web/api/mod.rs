//! `/api/v1`: programs with a token that carries the powers of a post. The same acts as on pages, as JSON.
//!
//! Described by OpenAPI at `/api/v1/openapi.json` and in `docs/openapi.json`; a test compares the two.

pub mod act;
mod call;
pub mod list;
pub mod model;
pub mod papers;
pub mod read;

use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::app::App;

/// What every answer of a demonstration county says.
#[must_use]
pub fn notice(app: &App) -> Option<String> {
    app.is_demonstration().then(|| format!("演示数据，与{}实际工作无关", app.county_name))
}

struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("接口令牌，由系统管理员按岗位签发"));
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "准绳 Zhunsheng",
        version = "1",
        description = "县域法治政府平台的接口。令牌带有一个岗位的权限：能看什么、能办什么，与该岗位的人在页面上一样。拒绝是 422，每条理由有代码、一句话、依据、效力级别和下一步。",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(list::list_matters, act::open_matter, act::take_step, read::show_matter, read::show_figures, read::show_credit_coverage, read::show_yearly, papers::take_instrument, papers::take_volume, papers::list_batches, papers::send_batch, papers::take_batch),
    components(schemas(model::StepRequest, model::FilesAndCommand, model::Done, model::Refused, model::MatterView, model::FiguresView, model::CoverageView, model::YearlyView, model::ListView, model::BatchSent, model::BatchesView, model::BatchLine, model::FileBytes)),
    modifiers(&Token),
    tags((name = "matters", description = "事项"), (name = "figures", description = "法治数据"), (name = "credit", description = "信用信息报送"), (name = "enforcement", description = "行政执法"))
)]
struct Description;

/// The description as a document: the same bytes everywhere.
#[must_use]
pub fn openapi() -> String {
    Description::openapi().to_pretty_json().map(|text| text + "\n").unwrap_or_default()
}

/// `GET /api/v1/openapi.json`: for everybody.
pub(super) async fn show_openapi() -> Response {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}
