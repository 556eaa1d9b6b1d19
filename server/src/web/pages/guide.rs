//! 办事指南: what a procedure means for the people it concerns, made from its definition: steps in order, time limits
//! with their article; `time` counts them for a day of the reader's choice.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::basis::Grade;
use zhunsheng_core::guide::{Guide, Link};
use zhunsheng_core::id::{EvidenceKind, StepId};
use zhunsheng_core::law::Law;
use zhunsheng_core::procedure::{Checked, Clock, Part, Performer, Procedure, Shape, Step, StepKind};

use super::law::{steps_titles, who};
use crate::app::App;
use crate::app::ruling::Ruling;
use crate::app::time_limits::length;
use crate::web::citation::{Citation, Citations, day_of};
use crate::web::{Layout, PageError, Path, Visitor, render};

struct Tile {
    id: String,
    title: String,
    about: String,
}

#[derive(Template)]
#[template(path = "citizen/guides.html")]
struct GuidesPage {
    layout: Layout,
    guides: Vec<Tile>,
}

/// Procedures that concern people outside the administration: cases with natural persons as parties, or with states
/// that speak to citizens.
fn public(ruling: &Ruling) -> Vec<&Arc<Checked>> {
    let mut found: Vec<&Arc<Checked>> = Vec::new();
    for definition in ruling.law.procedures() {
        let parties =
            definition.roles.iter().any(|role| role.kinds.contains(&zhunsheng_core::procedure::PartyKind::Natural));
        let concerns =
            definition.shape == Shape::Procedure && definition.part != Part::Decision && (parties || tells(definition));
        let newest = ruling.law.newest(definition.id.as_str()).is_some_and(|newest| newest.digest == definition.digest);
        if concerns && newest {
            found.push(definition);
        }
    }
    found.sort_by_key(|definition| (!tells(definition), definition.id.clone()));
    found
}

/// Whether a procedure has a guide.
pub(super) fn is_public(ruling: &Ruling, definition: &Procedure) -> bool {
    public(ruling).iter().any(|known| known.digest == definition.digest)
}

fn tells(definition: &Procedure) -> bool {
    definition.tracks.iter().flat_map(|track| &track.states).any(|state| state.citizen.is_some())
}

/// `GET /guide`.
pub(in crate::web) async fn list_guides(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let tile = |definition: &Arc<Checked>| Tile {
        id: definition.id.to_string(),
        title: definition.title.clone(),
        about: format!("依据：{}；{}个期限", definition.statute, shown(definition).count()),
    };
    let guides = public(&ruling).into_iter().map(tile).collect();
    render(&GuidesPage { layout: Layout::new(&app, &visitor, "办事指南"), guides })
}

struct GuideStep {
    title: String,
    who: String,
    basis: Citation,
    hint: String,
}

struct GuideLimit {
    title: String,
    length: String,
    start: String,
    basis: Citation,
    configurable: bool,
}

#[derive(Template)]
#[template(path = "citizen/guide.html")]
struct GuidePage {
    layout: Layout,
    id: String,
    title: String,
    statute: String,
    /// The course that a matter takes where nothing goes another way.
    steps: Vec<GuideStep>,
    /// What else may happen.
    others: Vec<GuideStep>,
    limits: Vec<GuideLimit>,
    counter: Option<(&'static str, &'static str)>,
    bring: Vec<String>,
}

/// `GET /guide/{procedure}`.
pub(in crate::web) async fn show_guide(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let definition = public(&ruling).into_iter().find(|known| known.id.as_str() == id).ok_or(PageError::NotFound)?;
    let marked = definition.tells_citizens();
    let citizens_open = definition.opening_steps().any(by_citizens);
    // Where people can begin themselves, how officials begin does not concern them.
    let begins = |step: &Step| !step.from.is_empty() || !citizens_open || by_citizens(step);
    let tells = |step: &&Step| begins(step) && if marked { !step.told.is_empty() } else { outward(step.kind) };
    let authorities = definition.steps.iter().map(|step| step.authority.clone());
    let cited = authorities.chain(definition.clocks.iter().map(|clock| clock.basis.clone())).collect();
    let citations = Citations::load(&app, &ruling, day_of(definition, app.today()), cited).await?;
    let step = |step: &Step| GuideStep {
        title: step.title.clone(),
        who: who(step, &ruling.law),
        basis: citations.link(&step.authority),
        hint: if marked { step.hint.clone().unwrap_or_default() } else { String::new() },
    };
    let limit = |clock: &Clock| limit(definition, clock, &citations);
    let line = main_line(definition, begins);
    let (steps, others): (Vec<&Step>, Vec<&Step>) =
        definition.steps.iter().filter(tells).partition(|step| line.contains(&step.id));
    render(&GuidePage {
        layout: Layout::new(&app, &visitor, &definition.title),
        id,
        title: definition.title.clone(),
        statute: definition.statute.clone(),
        steps: steps.into_iter().map(step).collect(),
        others: others.into_iter().map(step).collect(),
        limits: shown(definition).map(limit).collect(),
        counter: super::dispute::counter(definition.id.as_str()).filter(|_| citizens_open),
        bring: what_to_bring(&ruling.law, definition),
    })
}

/// The steps that a matter takes where nothing goes another way: from its opening on, in each state the one that stands first in the
/// definition, and what is done there without leaving the state.
fn main_line(definition: &Procedure, begins: impl Fn(&Step) -> bool) -> BTreeSet<StepId> {
    let Some(opening) = definition.opening_steps().find(|step| begins(step)) else { return BTreeSet::new() };
    let (mut line, mut passed) = (BTreeSet::from([opening.id.clone()]), BTreeSet::new());
    let mut now = opening.to.as_ref();
    while let Some(state) = now.filter(|state| passed.insert((*state).clone())) {
        let here = |step: &&Step| step.track == opening.track && !step.optional && step.from.contains(state);
        let stays = definition.steps.iter().filter(here).filter(|step| step.to.is_none());
        line.extend(stays.map(|step| step.id.clone()));
        let leaves = |step: &&Step| step.to.as_ref().is_some_and(|to| !passed.contains(to));
        let next = definition.steps.iter().filter(here).find(leaves);
        line.extend(next.map(|step| step.id.clone()));
        now = next.and_then(|step| step.to.as_ref());
    }
    line
}

/// What the guide of everyday life says of this procedure, else what kinds of papers its first steps take.
fn what_to_bring(law: &Law, definition: &Procedure) -> Vec<String> {
    let leads = |guide: &&Guide| guide.go.contains(&Link::Procedure(definition.id.clone())) && !guide.bring.is_empty();
    let own = law.guides.get(definition.id.as_str()).filter(leads);
    if let Some(guide) = own.or_else(|| law.guides.iter().find(leads)) {
        return guide.bring.clone();
    }
    let asked = definition.opening_steps().filter(|step| by_citizens(step)).flat_map(|step| &step.evidence);
    let title = |kind: &EvidenceKind| definition.evidence.iter().find(|(known, _)| known == kind);
    asked.filter_map(|when| Some(title(&when.item)?.1.clone())).collect()
}

fn by_citizens(step: &Step) -> bool {
    step.by.contains(&Performer::Citizen)
}

/// Steps that reach people outside, where the definition does not mark them itself.
fn outward(kind: StepKind) -> bool {
    matches!(
        kind,
        StepKind::Filing
            | StepKind::Notice
            | StepKind::Hearing
            | StepKind::DecisionAdverse
            | StepKind::DecisionFavourable
            | StepKind::Service
            | StepKind::PartyAct
            | StepKind::Settlement
            | StepKind::Execution
            | StepKind::Disclosure
    )
}

/// Internal controls are no promise to anybody.
fn shown(definition: &Procedure) -> impl Iterator<Item = &Clock> {
    definition.clocks.iter().filter(|clock| clock.basis.grade != Grade::Internal)
}

fn limit(definition: &Procedure, clock: &Clock, citations: &Citations) -> GuideLimit {
    GuideLimit {
        title: clock.title.clone(),
        length: length(&clock.limit),
        start: format!("从“{}”起", steps_titles(definition, &clock.starts)),
        basis: citations.link(&clock.basis),
        // Where the article says the number, what the county settles is only how its days are counted.
        configurable: clock.configurable.is_some() && clock.phrase.is_empty(),
    }
}
