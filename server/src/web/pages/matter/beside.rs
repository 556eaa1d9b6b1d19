//! What lies beside a matter: pages of a field of work that are about it, and the ways from a comment to its neighbours.

use super::Case;
use crate::app::commenting::{self, CONSULTATION};
use crate::app::supervising::SUPERVISION;
use crate::app::{App, reviewing};
use crate::store::imports::IMPORT;
use crate::web::Official;

/// Pages of a field of work that are about the matter: 预审 of a file that may be reviewed, the sheet of a review, following a case.
pub(super) fn beside(
    app: &App,
    official: &Official,
    case: &Case,
    around: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let ruling = app.county.ruling();
    let (id, procedure) = (case.row.id, case.row.procedure.as_str());
    let reviewed = ruling.law.review.iter().any(|sheet| sheet.procedure.as_str() == procedure);
    let running = case.row.ended.is_none() && !case.row.closed;
    let supervises = official.post.kind.as_str() == "supervisor";
    let from_elsewhere = case.state.external.iter().any(|external| external.system != IMPORT);
    let fills = case.procedure.opening_steps().any(|step| {
        step.by.iter().any(|by| *by == zhunsheng_core::procedure::Performer::Post(official.post.kind.clone()))
    });
    let slip =
        fills && (from_elsewhere || reviewed || procedure == "mediation") && !case.is_secret() && !case.row.closed;
    let ways = [
        (slip, format!("/matters/{id}/slip"), "填报单（填到上级系统）"),
        (procedure == reviewing::REVIEW, format!("/reviews/{id}"), "评分表和预审"),
        (procedure == reviewing::ROUND, format!("/reviews/rounds/{id}"), "抽签和抽中的案卷"),
        (reviewed, format!("/matters/{id}/precheck"), "案卷预审"),
        (commenting::heard_by(&official.sight, &case.row), format!("/matters/{id}/comments"), "公众意见"),
        (
            procedure == CONSULTATION && case.row.state != "prepared" && !case.row.closed,
            format!("/consultations/{id}"),
            "公众看到的页面",
        ),
        (
            reviewed && running && supervises,
            format!("/matters/new/{SUPERVISION}?f.case={id}"),
            "跟进这件案件（伴随式监督）",
        ),
    ];
    let ways = ways.into_iter().filter(|(there, ..)| *there).map(|(_, href, title)| (href, title.to_owned()));
    around.into_iter().chain(ways).collect()
}
