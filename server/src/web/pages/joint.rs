//! 联动解纷 for those whose work it is: what comes in, what is due, what is stuck, what is resolved; and wages that are owed, across
//! mediation, legal aid and the departments.
//!
//! Internal pages, of what a post sees; no ranking of units. Courts and police are written to: what waits for their answer is shown, never
//! counted as late. Does not belong here: a single dispute (its matter's page).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::id::PostKind;

use super::line::{Line, SOON_DAYS};
use crate::app::App;
use crate::app::dispute::JOINT;
use crate::app::fault::Fault;
use crate::app::figures::{self, written};
use crate::app::kept::Standing;
use crate::store::Query;
use crate::store::matters::{self, ListFilter, Page};
use crate::store::seeing::SightFilter;
use crate::web::frame::{COUNT_MAX, StaffFrame, count_text};
use crate::web::{Layout, Official, PageError, render};

/// So many lines of a section are shown; the rest stands in the list of matters.
const SHOWN: i64 = 12;

/// Whose way to these pages stands beside their work.
pub(in crate::web) fn shows(post: &PostKind) -> bool {
    ["joint_clerk", "joint_supervisor", "dispute_liaison", "justice_station_head", "grassroots_clerk"]
        .contains(&post.as_str())
}

/// Matters of one kind under a heading.
struct Section {
    id: &'static str,
    title: &'static str,
    note: &'static str,
    count: String,
    late: bool,
    lines: Vec<Line>,
    /// All of them, where the list of matters can show them.
    all: String,
}

/// What a section asks for.
struct Asked {
    id: &'static str,
    title: &'static str,
    note: &'static str,
    late: bool,
    all: &'static str,
    filter: ListFilter,
}

/// Sections under a heading.
struct Part {
    title: &'static str,
    sections: Vec<Section>,
}

/// How the figures of mediation and of joint settlement overlap.
struct Overlap {
    mediated: String,
    joint: String,
    both: String,
    only_joint: String,
    tried: String,
    together: String,
}

#[derive(Template)]
#[template(path = "joint/board.html")]
struct BoardPage {
    layout: Layout,
    staff: StaffFrame,
    whose: String,
    /// Whether this post has a statistics sheet of mediation.
    sheet: bool,
    /// Whether it enters what courts answer.
    court: bool,
    parts: Vec<Part>,
    overlap: Option<Overlap>,
    /// Entries recorded since that was worked out.
    behind: i64,
}

fn state(state: &'static str) -> ListFilter {
    ListFilter {
        procedure: Some(JOINT.to_owned()),
        state: Some(state.to_owned()),
        standing: true,
        ..ListFilter::default()
    }
}

fn clock(clock: &'static str, app: &App) -> ListFilter {
    let today = app.today();
    ListFilter {
        procedure: Some(JOINT.to_owned()),
        clock: Some(clock.to_owned()),
        today: today.number(),
        soon: today.plus(SOON_DAYS).number(),
        standing: true,
        ..ListFilter::default()
    }
}

fn waiting(track: &'static str) -> ListFilter {
    ListFilter {
        procedure: Some(JOINT.to_owned()),
        track: Some((track, "waiting")),
        standing: true,
        ..ListFilter::default()
    }
}

fn asked(id: &'static str, title: &'static str, note: &'static str, all: &'static str, filter: ListFilter) -> Asked {
    Asked { id, title, note, late: false, all, filter }
}

/// The parts of the board, in the order of work.
fn board(app: &App) -> Vec<(&'static str, Vec<Asked>)> {
    let of = |name: &'static str| state(name);
    vec![
        (
            "来件",
            vec![
                asked("sent", "已移送，待签收", "签收之前，责任还在移送单位。", "state=sent", of("sent")),
                asked("asked", "调委会提请，待接收", "", "state=asked", of("asked")),
                asked("registered", "已登记，待研判", "", "state=registered", of("registered")),
            ],
        ),
        (
            "到期和卡住的",
            vec![
                Asked {
                    late: true,
                    ..asked("late", "已逾期", "签收、研判、办理、判定超过期限的。", "clock=late", clock("late", app))
                },
                asked("soon", "七日内到期", "", "clock=soon", clock("soon", app)),
                asked("returned", "被退回，待改派", "退回理由在事项里。", "state=returned", of("returned")),
                asked("raised", "已提请县综治中心", "", "state=raised", of("raised")),
                asked("court", "致函人民法庭，待回函", "没有期限，不计逾期，不催办。", "", waiting("court")),
                asked("police", "致函派出所，待回函", "没有期限，不计逾期，不催办。", "", waiting("police")),
            ],
        ),
        (
            "办理中",
            vec![
                asked("assessed", "已研判，待移送", "", "state=assessed", of("assessed")),
                asked("signed", "主责单位办理中", "", "state=signed", of("signed")),
                asked("reported", "已报结果，待判定", "", "state=reported", of("reported")),
                asked("mediating", "人民调解中", "", "state=mediating", of("mediating")),
                asked("diverted", "已导入法定程序", "转出不是化解。", "state=diverted", of("diverted")),
            ],
        ),
        (
            "已化解",
            vec![
                asked("resolved", "判定为化解", "写明了怎样化解、由谁化解。", "state=resolved", of("resolved")),
                asked(
                    "by_mediation",
                    "经人民调解化解",
                    "只在人民调解里计数。",
                    "state=settled_by_mediation",
                    of("settled_by_mediation"),
                ),
            ],
        ),
    ]
}

/// What the page needs to turn rows into lines.
struct Reader<'a> {
    app: &'a App,
    sight: &'a SightFilter,
}

impl Reader<'_> {
    fn section(&self, r: &impl Query, asked: Asked) -> Result<Section, Fault> {
        let (county, app) = (&self.app.county_code, self.app);
        let count = matters::count(r, county, self.sight, &asked.filter, COUNT_MAX + 1)?;
        let rows = if count > 0 {
            matters::list(r, county, self.sight, &asked.filter, Page::First, SHOWN)?
        } else {
            Vec::new()
        };
        let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
        let mut lines: Vec<Line> = rows.iter().map(|row| Line::new(row, &ruling.law, &registry, today)).collect();
        // Who has to handle it is the first question about a transferred dispute.
        for (line, row) in lines.iter_mut().zip(&rows).filter(|(_, row)| row.procedure == JOINT) {
            let state = matters::find_state(r, county, row.id)?;
            let lead = state.as_ref().and_then(|state| state.fact("lead_organ")?.code());
            if let Some(organ) = lead.and_then(|code| registry.organ(code)) {
                line.assigned = format!("主责：{}", organ.name);
            }
        }
        let more = count > SHOWN && !asked.all.is_empty();
        let procedure = asked.filter.procedure.as_deref().unwrap_or(JOINT);
        Ok(Section {
            id: asked.id,
            title: asked.title,
            note: asked.note,
            late: asked.late && count > 0,
            count: count_text(count),
            lines,
            all: if more { format!("/matters?procedure={procedure}&{}", asked.all) } else { String::new() },
        })
    }
}

async fn overlap(app: &Arc<App>) -> Result<(Option<Overlap>, i64), Fault> {
    let Standing { answer, behind } = app.standing(|app| &app.joint, ((), false), |app, r| count_both(app, r)).await?;
    let overlap = answer.map(|[mediated, joint, both, only, tried]| Overlap {
        mediated: written(mediated),
        joint: written(joint),
        both: written(both),
        only_joint: written(only),
        tried: written(tried),
        // What was tried in mediation first may stand in both.
        together: written(mediated + only - tried),
    });
    Ok((overlap, behind))
}

fn count_both(app: &App, r: &impl Query) -> Result<Option<[f64; 5]>, Fault> {
    let (ruling, county) = (app.county.ruling(), &app.county_code);
    let basis = figures::basis(r, county, app.today(), None)?;
    let mut values = [0.0; 5];
    for (value, id) in values.iter_mut().zip(["S46", "S47", "J01", "J02", "J06"]) {
        let Some(indicator) = ruling.indicators.iter().find(|indicator| indicator.id == id) else { return Ok(None) };
        *value = figures::one(r, county, &ruling, basis, indicator)?.value.unwrap_or_default();
    }
    Ok(Some(values))
}

/// Whether a post sees disputes at all; to others these pages do not exist.
fn require_sight(official: &Official, procedures: &[&str]) -> Result<(), PageError> {
    let SightFilter { county, organs } = &official.sight;
    let mut seen = county.iter().chain(organs.iter().flat_map(|(_, seen)| seen));
    if seen.any(|procedure| procedures.contains(&procedure.as_str())) { Ok(()) } else { Err(PageError::NotFound) }
}

/// `GET /joint`: the board.
pub(in crate::web) async fn show_board(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    require_sight(&official, &[JOINT])?;
    let (reader, sight) = (Arc::clone(&app), official.sight.clone());
    let everywhere = sight.county.iter().any(|procedure| procedure == JOINT);
    let parts = app
        .db
        .read(move |r| {
            let ground = Reader { app: &reader, sight: &sight };
            let mut parts = Vec::new();
            for (title, asked) in board(&reader) {
                let sections: Result<Vec<Section>, Fault> =
                    asked.into_iter().map(|asked| ground.section(r, asked)).collect();
                parts.push(Part { title, sections: sections? });
            }
            Ok::<_, Fault>(parts)
        })
        .await?;
    let (overlap, behind) = if everywhere { overlap(&app).await? } else { (None, 0) };
    let organ = app.county.registry().organ_name(&official.post.organ).to_owned();
    render(&BoardPage {
        layout: Layout::new(&app, &official.visitor, "联动解纷"),
        staff: StaffFrame::load(&app, &official, "/joint").await?,
        whose: if everywhere { "全县".to_owned() } else { format!("{organ}登记、主责或者参与") },
        court: super::court::enters(&app, &official),
        sheet: ["justice_station_head", "grassroots_clerk"].contains(&official.post.kind.as_str()),
        parts,
        overlap,
        behind,
    })
}

#[derive(Template)]
#[template(path = "joint/wages.html")]
struct WagesPage {
    layout: Layout,
    staff: StaffFrame,
    lanes: Vec<Section>,
}

/// Wages that are owed to migrant workers, in each of the ways.
fn lanes() -> Vec<Asked> {
    let lane = |procedure: &str, fact| ListFilter {
        procedure: Some(procedure.to_owned()),
        fact: Some(fact),
        standing: true,
        ..ListFilter::default()
    };
    let inspection = "劳动保障监察立案的，办理期限按《劳动保障监察条例》第十七条：60个工作日。";
    let aid = "请求支付劳动报酬的农民工申请法律援助，免予核查经济困难状况（《法律援助法》第四十二条）。";
    vec![
        asked("joint", "联动解纷、劳动保障监察", inspection, "", lane(JOINT, ("wage_arrears", "yes"))),
        asked("aid", "法律援助", aid, "", lane("legal_aid", ("cause", "labour_pay"))),
        asked(
            "mediation",
            "人民调解",
            "达成协议不等于拿到钱，看履行情况。",
            "",
            lane("mediation", ("wage_arrears", "yes")),
        ),
    ]
}

/// `GET /joint/wages`: the lane of wages.
pub(in crate::web) async fn show_wages(State(app): State<Arc<App>>, official: Official) -> Result<Response, PageError> {
    require_sight(&official, &[JOINT, "legal_aid", "mediation"])?;
    let (reader, sight) = (Arc::clone(&app), official.sight.clone());
    let lanes = app
        .db
        .read(move |r| {
            let ground = Reader { app: &reader, sight: &sight };
            lanes().into_iter().map(|asked| ground.section(r, asked)).collect::<Result<Vec<_>, Fault>>()
        })
        .await?;
    render(&WagesPage {
        layout: Layout::new(&app, &official.visitor, "农民工欠薪"),
        staff: StaffFrame::load(&app, &official, "/joint").await?,
        lanes,
    })
}
