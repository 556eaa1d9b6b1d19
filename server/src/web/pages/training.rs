//! 执法培训: signing in with the code that is shown in the room, one's own hours, and for those who answer for it whose year is short.
//!
//! A warning and a link to a proposal; nothing here changes a certificate.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::matter::MatterState;

use crate::app::App;
use crate::app::training::{self, ATTENDANCE, COURSE, Trained, Year};
use crate::store::few;
use crate::store::seeing::SightFilter;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

/// Courses shown.
const COURSES: usize = 30;

struct Course {
    href: String,
    title: String,
    days: String,
    hours: String,
    state: String,
    code: String,
    attended: String,
}

struct Line {
    name: String,
    hours: i64,
    courses: usize,
    short: i64,
    propose: String,
}

struct Organ {
    name: String,
    lines: Vec<Line>,
    all: usize,
}

#[derive(Template)]
#[template(path = "supervision/training.html")]
struct TrainingPage {
    layout: Layout,
    staff: StaffFrame,
    year: i16,
    years: Vec<i16>,
    over: bool,
    required: i64,
    configurable: String,
    signs_in: bool,
    own: Option<Trained>,
    attendances: usize,
    persons: usize,
    people: usize,
    short: usize,
    organs: Vec<Organ>,
    courses: Vec<Course>,
    leads: bool,
}

/// Whose attendances a sight shows: everybody's, or those of some organs.
fn organs_seen(sight: &SightFilter) -> Option<Option<Vec<String>>> {
    let attends = |procedures: &[String]| procedures.iter().any(|procedure| procedure == ATTENDANCE);
    if attends(&sight.county) {
        return Some(None);
    }
    let seen = sight.organs.iter().filter(|(_, procedures)| attends(procedures));
    let organs: Vec<String> = seen.flat_map(|(organs, _)| organs.iter().cloned()).collect();
    (!organs.is_empty()).then_some(Some(organs))
}

/// Whose way to this page stands beside their work.
pub(in crate::web) fn shows(post_kind: &str) -> bool {
    ["enforcement_officer", "enforcement_clerk", "legal_reviewer", "supervisor"].contains(&post_kind)
}

/// `GET /training`; `?year=` names another year.
pub(in crate::web) async fn show_training(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let seen = organs_seen(&official.sight).ok_or(PageError::NotFound)?;
    let (today, this) = (app.today(), app.today().year());
    let year = query.text("year").parse().ok().filter(|year| (this - 9..=this).contains(year)).unwrap_or(this);
    let leads = official.post.kind.as_str() == "supervisor";
    let (county, registry) = (app.county_code.clone(), app.county.registry());
    let found = app.db.read(move |r| {
        let sees = |organ: &str| seen.as_ref().is_none_or(|organs| organs.iter().any(|known| known == organ));
        let of = training::year(r, &county, &registry, (year, today), sees)?;
        let courses = if leads { few::all(r, &county, COURSE)? } else { Vec::new() };
        Ok::<_, PageError>((of, courses))
    });
    let (of, courses) = found.await?;
    let ruling = app.county.ruling();
    let set = ruling.law.training.as_ref();
    let required = set.map_or(0, |set| set.hours);
    let definition = |course: &MatterState| ruling.law.by_digest(&course.definition).cloned();
    let course = |course: &MatterState| Course {
        href: format!("/matters/{}", course.id),
        title: course.said("course_title"),
        days: if course.said("held_on") == course.said("ends_on") {
            course.said("held_on")
        } else {
            format!("{}至{}", course.said("held_on"), course.said("ends_on"))
        },
        hours: course.said("hours"),
        state: course
            .track("main")
            .and_then(|state| Some(definition(course)?.state("main", state.as_str())?.title.clone()))
            .unwrap_or_default(),
        code: if course.ended.is_none() { course.said("course_code") } else { String::new() },
        attended: course.said("attended"),
    };
    let over = year < this;
    let (people, short) = (of.people.len(), of.people.iter().filter(|one| one.hours < required).count());
    render(&TrainingPage {
        layout: Layout::new(&app, &official.visitor, "执法培训"),
        staff: StaffFrame::load(&app, &official, "/training").await?,
        own: of.people.iter().find(|one| one.person == official.post.person).cloned(),
        attendances: of.attendances,
        persons: of.persons,
        organs: organs(&app, of, (year, required), leads && over),
        courses: courses.iter().rev().take(COURSES).map(course).collect(),
        years: (this - 2..=this).rev().collect(),
        configurable: set.map(|set| set.configurable.clone()).unwrap_or_default(),
        signs_in: shows(official.post.kind.as_str()),
        year,
        over,
        required,
        people,
        short,
        leads,
    })
}

/// Those whose year is short, organ by organ in the order of their codes: no ranking.
fn organs(app: &App, of: Year, (year, required): (i16, i64), proposes: bool) -> Vec<Organ> {
    let registry = app.county.registry();
    let mut organs: Vec<(String, Organ)> = Vec::new();
    for one in of.people {
        let code = one.organ.to_string();
        if organs.last().is_none_or(|(known, _)| *known != code) {
            let name = registry.organ_name(&one.organ).to_owned();
            organs.push((code.clone(), Organ { name, lines: Vec::new(), all: 0 }));
        }
        let Some((_, organ)) = organs.last_mut() else { continue };
        organ.all += 1;
        if one.hours >= required {
            continue;
        }
        let fields = format!("f.person={}&f.holder_organ={code}&f.proposal_year={year}", one.person);
        organ.lines.push(Line {
            name: registry.person_name(one.person).to_owned(),
            hours: one.hours,
            courses: one.courses,
            short: required - one.hours,
            propose: if proposes { format!("/matters/new/certificate_proposal?{fields}") } else { String::new() },
        });
    }
    organs.into_iter().map(|(_, organ)| organ).filter(|organ| !organ.lines.is_empty()).collect()
}
