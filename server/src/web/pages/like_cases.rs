//! 类案同罚: earlier decisions on the same violation, degree by degree, with what stands out. Inside one's sight only, and no
//! comparison of units: how much a unit fines is nobody's figure (行政处罚法§74).

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::discretion::{DEGREE, Degree};
use zhunsheng_core::like_cases::{ENOUGH, Spread};
use zhunsheng_core::matter::{Fact, MatterState};
use zhunsheng_core::text::yuan;

use crate::app::App;
use crate::app::form::StepForm;
use crate::store::like_cases::{self, Decided};
use crate::web::cookie::escape;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Query, render};

/// The field that says what was violated.
const VIOLATION: &str = "violation";
/// The fields in which a fine is proposed, told, decided, changed.
const FINES: [&str; 4] = ["proposed_fine", "notified_fine", "fine", "corrected_fine"];
/// Decisions that count as like ones: law and prices change.
const MONTHS: i64 = 36;
/// Decisions that are read and shown at most, the newest first.
const SHOWN_MAX: i64 = 500;

struct Line {
    href: String,
    number: String,
    organ: String,
    day: String,
    fine: String,
    stands_out: bool,
}

struct Group {
    degree: &'static str,
    said: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "matters/like_cases.html")]
struct LikeCasesPage {
    layout: Layout,
    staff: StaffFrame,
    violation: String,
    names: BTreeSet<String>,
    groups: Vec<Group>,
    since: String,
    enough: usize,
    cut: bool,
}

/// `GET /like-cases?violation=…`.
pub(in crate::web) async fn list_like_cases(
    State(app): State<Arc<App>>,
    official: Official,
    query: Query,
) -> Result<Response, PageError> {
    let violation = query.text("violation").trim().to_owned();
    let decided = decided(&app, &official, &violation).await?;
    let ruling = app.county.ruling();
    let items = ruling.law.discretion.benchmarks().flat_map(|benchmark| &benchmark.items);
    let registry = app.county.registry();
    let line = |one: &Decided, spread: Spread| Line {
        href: format!("/matters/{}", one.matter),
        number: if one.number.is_empty() { "（无文号）".to_owned() } else { one.number.clone() },
        organ: registry.organ_name(&one.organ.as_str().into()).to_owned(),
        day: one.day.to_string(),
        fine: yuan(one.fine),
        stands_out: spread.stands_out(one.fine),
    };
    let groups = groups(&decided).into_iter().map(|(degree, spread, ones)| Group {
        degree: degree.chinese(),
        said: say(spread),
        lines: ones.into_iter().map(|one| line(one, spread)).collect(),
    });
    render(&LikeCasesPage {
        layout: Layout::new(&app, &official.visitor, "类案同罚"),
        staff: StaffFrame::load(&app, &official, "/matters").await?,
        names: items.map(|item| item.violation.clone()).collect(),
        groups: groups.collect(),
        since: since(app.today()).chinese(),
        enough: ENOUGH,
        cut: decided.len() >= usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX),
        violation,
    })
}

/// What stands beside a form that asks for a degree or an amount: a sentence for each degree, and where to read more.
#[derive(Clone, Default)]
pub(super) struct Beside {
    pub(super) lines: Vec<String>,
    pub(super) href: String,
}

/// Like decisions for the matter at hand; empty where the form asks for neither, or nobody has decided such a case.
pub(super) async fn beside(
    app: &App,
    official: &Official,
    state: Option<&MatterState>,
    form: &StepForm,
) -> Result<Beside, PageError> {
    let violation = state.and_then(|state| state.fact(VIOLATION)).map(Fact::text).unwrap_or_default();
    let asks = |name: &str| name.strip_prefix("f.").is_some_and(|field| field == DEGREE || FINES.contains(&field));
    let asked = form.questions.iter().chain(&form.more).any(|question| asks(&question.name));
    if violation.is_empty() || !asked {
        return Ok(Beside::default());
    }
    let mut decided = decided(app, official, &violation).await?;
    // A case is not its own precedent.
    decided.retain(|one| state.is_none_or(|state| one.matter != state.id));
    let lines =
        groups(&decided).into_iter().map(|(degree, spread, _)| format!("{}：{}", degree.chinese(), say(spread)));
    Ok(Beside { lines: lines.collect(), href: format!("/like-cases?violation={}", escape(&violation)) })
}

async fn decided(app: &App, official: &Official, violation: &str) -> Result<Vec<Decided>, PageError> {
    if violation.is_empty() {
        return Ok(Vec::new());
    }
    let (county, sight, since) = (app.county_code.clone(), official.sight.clone(), since(app.today()));
    let violation = violation.to_owned();
    app.db
        .read(move |r| like_cases::list(r, &county, &sight, (&violation, since), SHOWN_MAX).map_err(PageError::from))
        .await
}

fn since(today: Day) -> Day {
    today.plus_months(-MONTHS)
}

/// Decisions by degree, lightest first, with how their amounts lie.
fn groups(decided: &[Decided]) -> Vec<(Degree, Spread, Vec<&Decided>)> {
    let of = |degree: Degree| {
        let ones: Vec<&Decided> = decided.iter().filter(|one| one.degree == degree.code()).collect();
        let amounts: Vec<i64> = ones.iter().map(|one| one.fine).collect();
        Some((degree, Spread::of(&amounts)?, ones))
    };
    Degree::ALL.into_iter().filter_map(of).collect()
}

fn say(spread: Spread) -> String {
    if spread.least == spread.most {
        return format!("{}件，罚款都是{}元", spread.count, yuan(spread.most));
    }
    let (least, median, most) = (yuan(spread.least), yuan(spread.median), yuan(spread.most));
    format!("{}件，罚款{least}元至{most}元，中位数{median}元", spread.count)
}
