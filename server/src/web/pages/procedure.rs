//! One procedure for everybody to read, in three pages: its pictures and states, its steps with every condition, its time
//! limits and rules. Citations are links: each page stays small enough for a telephone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::clock::Direction;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::StepId;
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::words::Words;
use zhunsheng_core::procedure::{Checked, Disclosure, Invariant, Procedure, Seat, Step, Track};

use super::law::{steps_titles, who};
use crate::app::App;
use crate::app::ruling::Ruling;
use crate::app::time_limits::{self, Source, TimeLimit, length, nature};
use crate::web::citation::{self, Citation, Citations, day_of};
use crate::web::picture::{self, Picture};
use crate::web::{Layout, PageError, Path, Query, Visitor, render};

/// Where a step of a procedure is explained.
pub(super) fn step_href(procedure: &str, step: &str) -> String {
    format!("/law/procedures/{procedure}/steps#step-{step}")
}

/// Where a clock of a procedure is explained.
pub(super) fn clock_href(procedure: &str, clock: &str) -> String {
    format!("/law/procedures/{procedure}/rules#clock-{clock}")
}

/// The three pages: address behind the procedure's, words.
const WAYS: [(&str, &str); 3] = [("", "流程图"), ("/steps", "步骤和条件"), ("/rules", "期限和规则")];

/// A procedure with more steps, or more limits and rules, than this is shown a part at a time: a page stays small enough for a
/// telephone.
const WHOLE: usize = 60;

/// What stands above each of the three pages.
struct Head {
    id: String,
    title: String,
    statute: String,
    from: Day,
    digest: String,
    short: String,
    ways: [(&'static str, &'static str); 3],
    here: &'static str,
}

impl Head {
    fn of(definition: &Procedure, here: &'static str) -> Self {
        let digest = definition.digest.to_string();
        Self {
            id: definition.id.to_string(),
            title: definition.title.clone(),
            statute: definition.statute.clone(),
            from: definition.in_force_from,
            short: digest.chars().take(12).collect(),
            digest,
            ways: WAYS,
            here,
        }
    }
}

/// The newest version of a procedure: what each of the three pages shows.
struct Opened {
    ruling: Arc<Ruling>,
    definition: Arc<Checked>,
}

impl Opened {
    fn find(app: &App, id: &str) -> Result<Self, PageError> {
        let ruling = app.county.ruling();
        let definition = Arc::clone(ruling.law.newest(id).ok_or(PageError::NotFound)?);
        Ok(Self { ruling, definition })
    }

    async fn citations(&self, app: &App) -> Result<Citations, PageError> {
        let (day, cited) = (day_of(&self.definition, app.today()), citation::of_definition(&self.definition));
        Citations::load(app, &self.ruling, day, cited).await
    }

    fn above(&self, app: &App, visitor: &Visitor, here: &'static str) -> (Layout, Head) {
        let words = WAYS.iter().find(|(way, _)| *way == here && !way.is_empty()).map(|(_, words)| format!("：{words}"));
        let title = format!("{}{}", self.definition.title, words.unwrap_or_default());
        (Layout::new(app, visitor, &title), Head::of(&self.definition, here))
    }
}

#[derive(Template)]
#[template(path = "law/procedure.html")]
struct PicturesPage {
    layout: Layout,
    head: Head,
    tracks: Vec<(String, Vec<(String, bool)>)>,
    pictures: Arc<Vec<Picture>>,
    /// The only one that is drawn here, by its place; the others are named and one tap away. None: all are drawn.
    chosen: Option<usize>,
}

impl PicturesPage {
    fn draws(&self, at: usize) -> bool {
        self.chosen.is_none_or(|chosen| chosen == at)
    }
}

/// `GET /law/procedures/{id}`: the newest version.
pub(in crate::web) async fn show_procedure(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let opened = Opened::find(&app, &id)?;
    let (layout, head) = opened.above(&app, &visitor, "");
    let definition = &opened.definition;
    let chosen = (definition.steps.len() > WHOLE).then(|| query.text("picture").parse().unwrap_or(0));
    let track = |track: &Track| {
        (track.title.clone(), track.states.iter().map(|state| (state.title.clone(), state.end)).collect())
    };
    render(&PicturesPage {
        layout,
        head,
        tracks: definition.tracks.iter().map(track).collect(),
        pictures: picture::of(definition),
        chosen,
    })
}

#[derive(Template)]
#[template(path = "law/steps.html")]
struct StepsPage {
    layout: Layout,
    head: Head,
    /// By track.
    tracks: Vec<(String, Vec<StepLine>)>,
    /// Tracks that are shown by themselves.
    others: Vec<Aside>,
}

/// A track that is one tap away, with its steps by name.
struct Aside {
    track: String,
    title: String,
    /// Identifier and title.
    steps: Vec<(String, String)>,
}

/// `GET /law/procedures/{id}/steps`.
pub(in crate::web) async fn show_steps(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let opened = Opened::find(&app, &id)?;
    let (citations, (layout, head)) = (opened.citations(&app).await?, opened.above(&app, &visitor, "/steps"));
    let Opened { ruling, definition } = &opened;
    let gathered = definition.tracks.iter().map(|track| {
        let steps: Vec<&Step> = definition.steps.iter().filter(|step| step.track == track.id).collect();
        (track, steps)
    });
    let filled: Vec<(&Track, Vec<&Step>)> = gathered.filter(|(_, steps)| !steps.is_empty()).collect();
    let asked = filled.iter().find(|(track, _)| track.id.as_str() == query.text("track"));
    let chosen = asked.or_else(|| filled.first()).map(|(track, _)| track.id.clone());
    let whole = definition.steps.len() <= WHOLE;
    let (shown, others): (Vec<_>, Vec<_>) =
        filled.into_iter().partition(|(track, _)| whole || Some(&track.id) == chosen.as_ref());
    let full = |(track, steps): (&Track, Vec<&Step>)| {
        let lines = steps.into_iter().map(|step| step_line(definition, step, &ruling.law, &citations));
        (track.title.clone(), lines.collect())
    };
    let named = |(track, steps): (&Track, Vec<&Step>)| {
        let names = steps.into_iter().map(|step| (step.id.to_string(), step.title.clone()));
        Aside { track: track.id.to_string(), title: track.title.clone(), steps: names.collect() }
    };
    render(&StepsPage {
        layout,
        head,
        tracks: shown.into_iter().map(full).collect(),
        others: others.into_iter().map(named).collect(),
    })
}

#[derive(Template)]
#[template(path = "law/rules.html")]
struct RulesPage {
    layout: Layout,
    head: Head,
    clocks: Vec<ClockLine>,
    invariants: Vec<(String, Citation)>,
    /// In how many positions (states of all tracks together) the checker proved each of them.
    positions: Option<usize>,
    disclosures: Vec<(String, Citation)>,
    /// The part that is shown by itself: its address and what it is.
    other: Option<(&'static str, &'static str)>,
}

/// `GET /law/procedures/{id}/rules`.
pub(in crate::web) async fn show_rules(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let opened = Opened::find(&app, &id)?;
    let (citations, (layout, head)) = (opened.citations(&app).await?, opened.above(&app, &visitor, "/rules"));
    let Opened { ruling, definition } = &opened;
    let words = Words::among(definition, &ruling.law);
    let limits = time_limits::of_procedure(&ruling.law, definition, app.today());
    let clock = |row: &TimeLimit<'_>| clock_line(definition, row, &ruling.law, &citations);
    let invariant = |rule: &Invariant| (format!("{}。", words.rule(rule)), citations.link(&rule.basis));
    let disclosure = |duty: &Disclosure| (duty.title.clone(), citations.link(&duty.basis));
    let whole = limits.len() + definition.invariants.len() <= WHOLE;
    let rules_only = !whole && query.text("part") == "rules";
    let limits_only = !whole && !rules_only;
    let rules = definition.invariants.iter().filter(|_| !limits_only);
    render(&RulesPage {
        layout,
        head,
        clocks: limits.iter().filter(|_| !rules_only).filter_map(clock).collect(),
        invariants: rules.map(invariant).collect(),
        positions: definition.proofs().iter().map(|proof| proof.positions).min(),
        disclosures: definition.disclosures.iter().filter(|_| !limits_only).map(disclosure).collect(),
        other: match (whole, rules_only) {
            (true, _) => None,
            (_, true) => Some(("?part=limits", "期限")),
            (_, false) => Some(("?part=rules", "必须始终成立的规则和公示")),
        },
    })
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
    /// Extensions, intervals left out, effect.
    more: Vec<(String, Citation)>,
    note: String,
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
    let words = Words::among(definition, law);
    let entry = |code: &str| law.refusals.entries().iter().find(|entry| entry.code.as_str() == code);
    let guards = step.guards.iter().map(|guard| {
        let said = entry(guard.refusal.as_str()).map(|entry| entry.sentence.replace("{step}", &step.title));
        // What names a value of the matter says nothing without one: the condition itself does.
        let said = said.filter(|sentence| !sentence.contains('{'));
        let sentence = said.unwrap_or_else(|| words.condition(&guard.that));
        (sentence, citations.link(&guard.basis))
    });
    let different = step.not_by.iter().map(|other| {
        let title = if other.of_parent {
            format!("上级事项的{}", words.parents_step(&other.step))
        } else {
            format!("“{}”", steps_titles(definition, std::slice::from_ref(&other.step)))
        };
        (format!("不得与{title}为同一人。"), citations.link(&other.basis))
    });
    let officers = step
        .officers
        .iter()
        .map(|needed| (format!("执法人员不少于{}人，持有效证件。", needed.min), citations.link(&needed.basis)));
    StepLine {
        id: step.id.to_string(),
        title: step.title.clone(),
        who: who(step, law),
        place: seat(definition, &step.at),
        move_text,
        basis: citations.link(&step.authority),
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

/// A clock, or the case in which another limit stands in for it.
fn clock_line(definition: &Procedure, row: &TimeLimit<'_>, law: &Law, citations: &Citations) -> Option<ClockLine> {
    let Source::Procedure(_, clock, _) = row.source else { return None };
    let case = row.special(law);
    let stops = steps_titles(definition, &clock.stops);
    let way = if row.limit.direction == Direction::Backward { "从{}往前算" } else { "从{}算起" };
    let until = if stops.is_empty() { String::new() } else { format!("，至“{stops}”止") };
    let span = format!("{}{until}", way.replace("{}", &row.starts_at));
    let extends = clock.extends.iter().map(|extends| {
        let step = steps_titles(definition, std::slice::from_ref(&extends.step));
        let (amount, unit, times) = (extends.amount, extends.unit.chinese(), extends.times);
        (format!("经“{step}”可以延长{amount}{unit}，最多{times}次"), citations.link(&extends.basis))
    });
    let suspends = clock.suspends.iter().map(|left_out| {
        let step = |id: &StepId| steps_titles(definition, std::slice::from_ref(id));
        let field = left_out.most.as_ref().and_then(|field| definition.fields.get(field));
        let most = field.map(|field| format!("，不超过“{}”", field.title)).unwrap_or_default();
        let text = format!("“{}”至“{}”期间不计入{most}", step(&left_out.from), step(&left_out.until));
        (text, citations.link(&left_out.basis))
    });
    let effect = row
        .effect
        .iter()
        .filter_map(|effect| Some((format!("届满：{}", effect.text), citations.link(effect.basis.as_ref()?))));
    Some(ClockLine {
        // The case stands below its clock, which has the address.
        id: if case.is_none() { clock.id.to_string() } else { String::new() },
        title: clock.title.clone(),
        length: length(&row.limit),
        nature: nature(row.limit.kind, row.duty),
        basis: citations.link(row.basis),
        phrase: row.phrase.to_owned(),
        span,
        more: extends.chain(suspends).chain(effect).collect(),
        note: case.or_else(|| clock.configurable.clone()).unwrap_or_default(),
    })
}
