//! The law the county runs on, for everybody to read: procedures with every step, condition, time limit and rule; and
//! every no that the system can say.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::check::sentence;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::StepId;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::{Clock, Part, Performer, Procedure, Seat, Step};

use crate::app::App;
use crate::app::time_limits::{length, nature};
use crate::web::citation::{self, Citation, Citations, day_of};
use crate::web::picture::{self, Picture};
use crate::web::{Layout, PageError, Path, Visitor, render};

struct ProcedureLine {
    id: String,
    title: String,
    statute: String,
    from: Day,
    steps: usize,
    clocks: usize,
}

#[derive(Template)]
#[template(path = "law/procedures.html")]
struct ProceduresPage {
    layout: Layout,
    parts: Vec<(&'static str, Vec<ProcedureLine>)>,
}

const PARTS: [Part; 8] = [
    Part::Drive,
    Part::Service,
    Part::Decision,
    Part::Enforcement,
    Part::Integrity,
    Part::Supervision,
    Part::Grassroots,
    Part::County,
];

/// `GET /law/procedures`: the newest version of each, by part.
pub(in crate::web) async fn list_procedures(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let newest = |definition: &Procedure| {
        ruling.law.newest(definition.id.as_str()).is_some_and(|newest| newest.digest == definition.digest)
    };
    let lines = |part: Part| -> Vec<ProcedureLine> {
        let of_part = ruling.law.procedures().filter(|definition| definition.part == part && newest(definition));
        let mut lines: Vec<ProcedureLine> = of_part
            .map(|definition| ProcedureLine {
                id: definition.id.to_string(),
                title: definition.title.clone(),
                statute: definition.statute.clone(),
                from: definition.in_force_from,
                steps: definition.steps.len(),
                clocks: definition.clocks.len(),
            })
            .collect();
        lines.sort_by(|one, other| one.id.cmp(&other.id));
        lines
    };
    let parts = PARTS.map(|part| (part.chinese(), lines(part))).into_iter().filter(|(_, lines)| !lines.is_empty());
    render(&ProceduresPage { layout: Layout::new(&app, &visitor, "程序"), parts: parts.collect() })
}

struct StepLine {
    id: String,
    title: String,
    who: String,
    place: String,
    move_text: String,
    basis: Citation,
    grade: &'static str,
    conditions: Vec<(String, Citation)>,
    hint: String,
}

struct ClockLine {
    id: String,
    title: String,
    length: String,
    nature: &'static str,
    basis: Citation,
    phrase: String,
    span: String,
    extends: Vec<(String, Citation)>,
    note: String,
}

#[derive(Template)]
#[template(path = "law/procedure.html")]
struct ProcedurePage {
    layout: Layout,
    title: String,
    statute: String,
    from: Day,
    digest: String,
    short: String,
    tracks: Vec<(String, Vec<(String, bool)>)>,
    pictures: Arc<Vec<Picture>>,
    steps: Vec<StepLine>,
    clocks: Vec<ClockLine>,
    invariants: Vec<(String, Citation)>,
    /// In how many positions (states of all tracks together) the checker proved each of them.
    positions: Option<usize>,
    disclosures: Vec<(String, Citation)>,
}

/// `GET /law/procedures/{id}`: the newest version.
pub(in crate::web) async fn show_procedure(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let definition = ruling.law.newest(&id).ok_or(PageError::NotFound)?;
    let cited = citation::of_definition(definition);
    let citations = Citations::load(&app, &ruling, day_of(definition, app.today()), cited).await?;
    let digest = definition.digest.to_string();
    let track = |track: &zhunsheng_core::procedure::Track| {
        (track.title.clone(), track.states.iter().map(|state| (state.title.clone(), state.end)).collect())
    };
    let invariant = |rule: &zhunsheng_core::procedure::Invariant| {
        (format!("{}。", sentence(definition, rule)), citations.show(&rule.basis))
    };
    let disclosure = |duty: &zhunsheng_core::procedure::Disclosure| (duty.title.clone(), citations.show(&duty.basis));
    render(&ProcedurePage {
        layout: Layout::new(&app, &visitor, &definition.title),
        title: definition.title.clone(),
        statute: definition.statute.clone(),
        from: definition.in_force_from,
        short: digest.chars().take(12).collect(),
        digest,
        tracks: definition.tracks.iter().map(track).collect(),
        pictures: picture::of(definition),
        steps: definition.steps.iter().map(|step| step_line(definition, step, &ruling.law, &citations)).collect(),
        clocks: definition.clocks.iter().map(|clock| clock_line(definition, clock, &citations)).collect(),
        invariants: definition.invariants.iter().map(invariant).collect(),
        positions: definition.proofs().iter().map(|proof| proof.positions).min(),
        disclosures: definition.disclosures.iter().map(disclosure).collect(),
    })
}

/// The posts that may take a step, as a sentence part.
pub(super) fn who(step: &Step, law: &Law) -> String {
    let one = |performer: &Performer| match performer {
        Performer::Post(kind) => law.posts.title(kind).to_owned(),
        Performer::Citizen => "当事人（网上）".to_owned(),
        Performer::System => "系统（期限届满时）".to_owned(),
    };
    step.by.iter().map(one).collect::<Vec<_>>().join("、")
}

/// Steps by their titles.
pub(super) fn steps_titles(definition: &Procedure, steps: &[StepId]) -> String {
    let title = |id: &StepId| definition.step(id.as_str()).map_or_else(|| id.to_string(), |step| step.title.clone());
    steps.iter().map(title).collect::<Vec<_>>().join("、")
}

fn step_line(definition: &Procedure, step: &Step, law: &Law, citations: &Citations) -> StepLine {
    let state = |id: &zhunsheng_core::id::StateId| {
        definition.state(step.track.as_str(), id.as_str()).map_or_else(|| id.to_string(), |state| state.title.clone())
    };
    let from: Vec<String> = step.from.iter().map(state).collect();
    let move_text = match (from.is_empty(), &step.to) {
        (true, Some(to)) => format!("新登记 → {}", state(to)),
        (true, None) => "新登记".to_owned(),
        (false, Some(to)) => format!("{} → {}", from.join("、"), state(to)),
        (false, None) => format!("{}时", from.join("、")),
    };
    let entry = |code: &str| law.refusals.entries().iter().find(|entry| entry.code.as_str() == code);
    let guards = step.guards.iter().map(|guard| {
        let sentence = entry(guard.refusal.as_str())
            .map_or_else(|| guard.text.clone(), |entry| entry.sentence.replace("{step}", &step.title));
        (sentence, citations.show(&guard.basis))
    });
    let different = step.not_by.iter().map(|other| {
        let title = if other.of_parent {
            format!("本案“{}”", other.step)
        } else {
            format!("“{}”", steps_titles(definition, std::slice::from_ref(&other.step)))
        };
        (format!("不得与{title}为同一人。"), citations.show(&other.basis))
    });
    let officers = step
        .officers
        .iter()
        .map(|needed| (format!("执法人员不少于{}人，持有效证件。", needed.min), citations.show(&needed.basis)));
    StepLine {
        id: step.id.to_string(),
        title: step.title.clone(),
        who: who(step, law),
        place: seat(definition, &step.at),
        move_text,
        basis: citations.show(&step.authority),
        grade: step.authority.grade.chinese(),
        conditions: officers.chain(different).chain(guards).collect(),
        hint: step.hint.clone().unwrap_or_default(),
    }
}

fn seat(definition: &Procedure, seat: &Seat) -> String {
    match seat {
        Seat::Holding => "承办机关".to_owned(),
        Seat::Parent => "承办机关的上级（指导）机关".to_owned(),
        Seat::Function(function) => definition_of(function.as_str()).to_owned(),
        Seat::Field(field) => {
            definition.fields.get(field).map_or_else(|| field.to_string(), |field| field.title.clone())
        }
        Seat::Own => "本机关".to_owned(),
    }
}

/// What organs with a function are called.
fn definition_of(function: &str) -> &str {
    match function {
        "legality_review" => "合法性审查机构",
        "government_office" => "县政府办公室",
        "judicial_bureau" => "司法行政机关",
        "rule_of_law_office" => "依法治县办",
        "enforcement_supervision" => "行政执法监督机关",
        "county_government" => "县人民政府",
        other => other,
    }
}

fn clock_line(definition: &Procedure, clock: &Clock, citations: &Citations) -> ClockLine {
    let stops = steps_titles(definition, &clock.stops);
    let span = format!(
        "自“{}”起{}",
        steps_titles(definition, &clock.starts),
        if stops.is_empty() { String::new() } else { format!("，至“{stops}”止") }
    );
    let extends = clock.extends.iter().map(|extends| {
        let step = steps_titles(definition, std::slice::from_ref(&extends.step));
        let (amount, unit, times) = (extends.amount, extends.unit.chinese(), extends.times);
        (format!("经“{step}”可以延长{amount}{unit}，最多{times}次"), citations.show(&extends.basis))
    });
    let suspends = clock.suspends.iter().map(|(from, until, basis)| {
        let step = |id: &StepId| steps_titles(definition, std::slice::from_ref(id));
        (format!("“{}”至“{}”期间不计入", step(from), step(until)), citations.show(basis))
    });
    ClockLine {
        id: clock.id.to_string(),
        title: clock.title.clone(),
        length: length(&clock.limit),
        nature: nature(clock.limit.kind, clock.duty),
        basis: citations.show(&clock.basis),
        phrase: clock.phrase.clone(),
        span,
        extends: extends.chain(suspends).collect(),
        note: clock.configurable.clone().unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "law/refusals.html")]
struct RefusalsPage {
    layout: Layout,
    refusals: Vec<(String, String, Citation, String)>,
}

/// `GET /law/refusals`.
pub(in crate::web) async fn list_refusals(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let cited = ruling.law.refusals.entries().iter().filter_map(|entry| entry.basis.clone()).collect();
    let citations = Citations::load(&app, &ruling, app.today(), cited).await?;
    let line = |entry: &zhunsheng_core::refusal::Entry| {
        let basis = entry.basis.as_ref().map_or_else(|| Citation::plain("由各步骤给出"), |basis| citations.show(basis));
        (entry.sentence.clone(), entry.next.clone(), basis, entry.code.to_string())
    };
    let refusals = ruling.law.refusals.entries().iter().map(line).collect();
    render(&RefusalsPage { layout: Layout::new(&app, &visitor, "拒绝"), refusals })
}
