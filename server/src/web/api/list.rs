//! Which matters there are: the list of the page, with its filters, for programs; a page at a time, newest first.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use zhunsheng_core::day::Day;

use super::model::{ListView, ListedMatter, Titled};
use super::notice;
use crate::app::App;
use crate::store::matters::{self, MatterRow, Page};
use crate::web::pages::matters::Asked;
use crate::web::{PageError, Program, Query};

/// Matters in one answer.
const PAGE: i64 = 100;

/// 事项列表: within the post's sight, natural persons masked.
#[utoipa::path(
    get, path = "/api/v1/matters", tag = "matters", security(("token" = [])),
    params(
        ("procedure" = Option<String>, Query, description = "程序，如 penalty"),
        ("state" = Option<String>, Query, description = "主线的状态；须同时写明程序"),
        ("outcome" = Option<String>, Query, description = "结果"),
        ("organ" = Option<String>, Query, description = "承办机关代码"),
        ("place" = Option<String>, Query, description = "地点代码"),
        ("from" = Option<String>, Query, description = "登记日期从"),
        ("to" = Option<String>, Query, description = "登记日期到"),
        ("clock" = Option<String>, Query, description = "late、soon、running、provisional"),
        ("q" = Option<String>, Query, description = "包含的文字"),
        ("registers" = Option<bool>, Query, description = "true：名册"),
        ("before" = Option<i64>, Query, description = "上一页答复的 before，接着往前读"),
    ),
    responses(
        (status = 200, description = "最新的在前，每页最多一百件", body = ListView),
        (status = 401, description = "令牌不存在、已停用，或者岗位已经结束"),
    )
)]
pub(in crate::web) async fn list_matters(
    State(app): State<Arc<App>>,
    program: Program,
    query: Query,
) -> Result<Answer<ListView>, PageError> {
    let asked = Asked::read(&app, &query, query.text("registers") == "true");
    let page = match query.filled("before") {
        None => Page::First,
        Some(text) => Page::Before(text.parse().map_err(|_| PageError::Malformed("before 应当是数字"))?),
    };
    if asked.filter.words.is_some() {
        app.freshen_search().await;
    }
    let (county, sight) = (app.county_code.clone(), program.sight.clone());
    let filter = matters::ListFilter { without_secret: true, ..asked.filter };
    let mut rows = app.db.read(move |r| matters::list(r, &county, &sight, &filter, page, PAGE + 1)).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > PAGE);
    if more {
        rows.pop();
    }
    let before = rows.last().filter(|_| more).map(|row| row.num);
    Ok(Answer(ListView { matters: rows.iter().map(|row| listed(&app, row)).collect(), before, notice: notice(&app) }))
}

fn listed(app: &App, row: &MatterRow) -> ListedMatter {
    let (ruling, registry) = (app.county.ruling(), app.county.registry());
    let definition = ruling.law.newest(&row.procedure);
    let day = |number: i64| Day::from_number(number).map(|day| day.to_string());
    let state =
        definition.and_then(|known| known.tracks.first()?.states.iter().find(|one| one.id.as_str() == row.state));
    ListedMatter {
        id: row.id.to_string(),
        procedure: Titled {
            code: row.procedure.clone(),
            title: definition.map(|known| known.title.clone()).unwrap_or_default(),
        },
        title: row.title.clone(),
        number: row.number.clone(),
        organ: Titled { code: row.organ.clone(), title: registry.organ_name(&row.organ.as_str().into()).to_owned() },
        place: row.place.clone(),
        state: Titled { code: row.state.clone(), title: state.map(|one| one.title.clone()).unwrap_or_default() },
        outcome: row.outcome.clone(),
        opened: day(row.opened).unwrap_or_default(),
        ended: row.ended.and_then(day),
        due: row.due.and_then(day),
        flags: row.flags,
    }
}
