//! The sheet: item by item, with what rules found beside each; scored by two, read by whoever sees the review.
//!
//! What is typed becomes the one field that the step takes; points and grade follow in the core.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Command, Input, Manner, MatterState, Target, named_file};
use zhunsheng_core::refusal::Refusals;
use zhunsheng_core::review::{self, NOTHING, Sheet};

use super::before::Shown;
use super::{Line, Reading};
use crate::app::App;
use crate::app::act::ActError;
use crate::app::reviewing::before::{self, Finding};
use crate::app::reviewing::{REVIEW, REVIEWERS};
use crate::store::{matters, record};
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Form, Layout, Official, PageError, Path, answered, render};

/// An item with what was typed or found there.
struct ItemView {
    id: String,
    title: String,
    basis: String,
    veto: bool,
    max: i64,
    points: String,
    finding: String,
    found: Vec<Shown>,
}

struct GroupView {
    title: String,
    items: Vec<ItemView>,
}

struct Reason {
    sentence: String,
    basis: String,
    next: String,
}

#[derive(Template)]
#[template(path = "reviews/sheet.html")]
struct SheetPage {
    layout: Layout,
    staff: StaffFrame,
    line: Line,
    round: (String, String),
    matter: String,
    file: String,
    sheet: String,
    configurable: String,
    full: i64,
    groups: Vec<GroupView>,
    others: Vec<Shown>,
    found: usize,
    /// Whether its reader scores it now.
    scores: bool,
    reviewers: Vec<(String, String, bool)>,
    note: String,
    reasons: Vec<Reason>,
}

/// Everything that the page is about.
struct Loaded {
    review: MatterState,
    deductions: String,
    note: String,
    found: Vec<Finding>,
}

async fn load(app: &App, official: &Official, id: &str) -> Result<Loaded, PageError> {
    let id = MatterId::parse(id).ok_or(PageError::NotFound)?;
    let (county, sight, reading) = (app.county_code.clone(), official.sight.clone(), Reading::new(app));
    let found = app.db.read(move |r| {
        let row = matters::find_row(r, &county, &sight, id)?.filter(|row| row.procedure == REVIEW);
        let review = matters::find_state(r, &county, id)?.filter(|_| row.is_some());
        let Some(review) = review else { return Ok::<_, PageError>(None) };
        let sealed = record::sealed_values(r, &county, id)?;
        let value = |label: &str| record::opened(&sealed, label).to_owned();
        // The file itself is read within one's sight.
        let file = named_file(&review, &"file".into());
        let file = file.map(|file| matters::find_row(r, &county, &sight, file)).transpose()?.flatten();
        let read = file.map(|file| before::read(r, &county, reading.ground(), file.id)).transpose()?.flatten();
        let (deductions, note) = (value("field.deductions"), value("field.review_note"));
        Ok(Some(Loaded { deductions, note, found: read.map(|read| read.found).unwrap_or_default(), review }))
    });
    found.await?.ok_or(PageError::NotFound)
}

/// `GET /reviews/{id}`.
pub(in crate::web) async fn show_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let loaded = load(&app, &official, &id).await?;
    page(&app, &official, &loaded, None, &Refusals::default()).await
}

/// `POST /reviews/{id}`: the sheet is filled in.
pub(in crate::web) async fn submit_sheet(
    State(app): State<Arc<App>>,
    official: Official,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let loaded = load(&app, &official, &id).await?;
    let ruling = app.county.ruling();
    let sheet = ruling.law.review.get(&loaded.review.said("sheet")).ok_or(PageError::NotFound)?;
    let mut input = Input::default().with("deductions", typed_deductions(sheet, &form.fields));
    if let Some(note) = form.fields.filled("note") {
        input = input.with("review_note", note);
    }
    input.officers =
        std::iter::once(official.post.person).chain(form.fields.all("officer").filter_map(MatterId::parse)).collect();
    let target = Target::On(loaded.review.id);
    let command = Command { target, step: "score".into(), input, manner: Manner::Live };
    match app.act(official.actor(), command, None).await {
        Ok(done) => Ok(Redirect::to(&format!("/reviews/{}", done.matter)).into_response()),
        Err(ActError::Refused(refusals)) => page(&app, &official, &loaded, Some(&form.fields), &refusals).await,
        Err(other) => Err(other.into()),
    }
}

/// What was typed at each item, as the step takes it: one line an item.
fn typed_deductions(sheet: &Sheet, fields: &Fields) -> String {
    let line = |item: &review::Item| {
        let finding: Vec<&str> = fields.text(&format!("t.{}", item.id)).split_whitespace().collect();
        let (points, finding) = (fields.text(&format!("p.{}", item.id)), finding.join(" "));
        match (item.veto, points.is_empty(), finding.is_empty()) {
            (_, true, true) => None,
            (true, ..) => Some(format!("{} {finding}", item.id)),
            // Without a number the core says which are allowed.
            (false, true, _) => Some(format!("{} — {finding}", item.id)),
            (false, false, _) => Some(format!("{} {points} {finding}", item.id)),
        }
    };
    let lines: Vec<String> = sheet.items.iter().filter_map(line).collect();
    if lines.is_empty() { NOTHING.to_owned() } else { lines.join("\n") }
}

async fn page(
    app: &App,
    official: &Official,
    loaded: &Loaded,
    typed: Option<&Fields>,
    refusals: &Refusals,
) -> Result<Response, PageError> {
    let (ruling, review) = (app.county.ruling(), &loaded.review);
    let sheet = ruling.law.review.get(&review.said("sheet")).ok_or(PageError::NotFound)?;
    let waits = review.track("main").is_some_and(|state| state.as_str() == "drawn") && !review.closed;
    let (groups, others) = groups(sheet, loaded, typed);
    let page = render(&SheetPage {
        layout: Layout::new(app, &official.visitor, &format!("评查：{}", review.said("file_number"))),
        staff: StaffFrame::load(app, official, "/reviews").await?,
        line: Line::new(app, review),
        round: (review.said("round"), format!("/reviews/rounds/{}", review.said("round_matter"))),
        matter: format!("/matters/{}", review.id),
        file: format!("/matters/{}", review.said("file")),
        sheet: sheet.title.clone(),
        configurable: sheet.configurable.clone().unwrap_or_default(),
        full: sheet.full,
        groups,
        others,
        found: loaded.found.len(),
        scores: waits && official.post.kind.as_str() == "supervisor",
        reviewers: reviewers(app, official, review, typed),
        note: typed.map_or_else(|| loaded.note.clone(), |fields| fields.text("note").to_owned()),
        reasons: refusals
            .iter()
            .map(|refusal| Reason {
                sentence: refusal.sentence.clone(),
                basis: refusal.basis.as_ref().map(ToString::to_string).unwrap_or_default(),
                next: refusal.next.clone(),
            })
            .collect(),
    })?;
    Ok(answered(page, !refusals.is_empty()))
}

/// The items under their headings, and what rules found that no item asks for.
fn groups(sheet: &Sheet, loaded: &Loaded, typed: Option<&Fields>) -> (Vec<GroupView>, Vec<Shown>) {
    let kept: BTreeMap<String, (String, String)> = review::deductions(sheet, &loaded.deductions)
        .unwrap_or_default()
        .into_iter()
        .map(|one| (one.item, (one.points.to_string(), one.finding)))
        .collect();
    let mut left: Vec<&Finding> = loaded.found.iter().collect();
    let mut groups: Vec<GroupView> = Vec::new();
    for item in &sheet.items {
        let asks = |finding: &&Finding| item.finds.iter().any(|find| finding.found.fits(find));
        let (found, rest): (Vec<&Finding>, Vec<&Finding>) = left.into_iter().partition(asks);
        left = rest;
        let (points, finding) = match typed {
            Some(fields) => {
                (fields.text(&format!("p.{}", item.id)).to_owned(), fields.text(&format!("t.{}", item.id)).to_owned())
            }
            None => kept.get(&item.id).cloned().unwrap_or_default(),
        };
        let view = ItemView {
            id: item.id.clone(),
            title: item.title.clone(),
            basis: item.basis.to_string(),
            veto: item.veto,
            max: item.points,
            points,
            finding,
            found: found.into_iter().map(shown).collect(),
        };
        match groups.last_mut().filter(|group| group.title == item.group) {
            Some(group) => group.items.push(view),
            None => groups.push(GroupView { title: item.group.clone(), items: vec![view] }),
        }
    }
    (groups, left.into_iter().map(shown).collect())
}

fn shown(finding: &Finding) -> Shown {
    Shown {
        sentence: finding.sentence.clone(),
        basis: finding.found.basis.as_ref().map(ToString::to_string).unwrap_or_default(),
        href: finding.href.clone(),
        item: String::new(),
    }
}

/// Who may review beside its reader: in the register today, not of the organ that handled the file.
fn reviewers(
    app: &App,
    official: &Official,
    review: &MatterState,
    typed: Option<&Fields>,
) -> Vec<(String, String, bool)> {
    let (registry, today) = (app.county.registry(), app.today());
    let handling = review.said("handling_organ");
    let fits = |person: &zhunsheng_core::authority::Person| {
        person.id != official.post.person
            && registry.credential(person.id, &REVIEWERS.into(), None, today).is_ok()
            && registry.posts_of(person.id, today).all(|post| post.organ.as_str() != handling)
    };
    let mut found: Vec<(String, String, bool)> = registry
        .people()
        .filter(|person| fits(person))
        .map(|person| {
            let organ = registry.posts_of(person.id, today).next().map(|post| registry.organ_name(&post.organ));
            let id = person.id.to_string();
            let chosen = typed.is_some_and(|fields| fields.all("officer").any(|typed| typed == id));
            (id, format!("{}（{}）", person.name, organ.unwrap_or_default()), chosen)
        })
        .collect();
    found.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
    found
}
