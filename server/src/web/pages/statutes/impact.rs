//! `GET /law/statutes/{short}/impact?from=&to=`: what in the county rests on the articles that changed between two
//! editions. For officials: open matters are those that they may see.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;
use zhunsheng_core::statute::compare::compare;
use zhunsheng_core::statute::impact::Touched;

use super::article::{href_of, title_of};
use super::editions::Editions;
use super::statute::way_to;
use crate::app::App;
use crate::app::law_impact::{self, Open};
use crate::store::statutes;
use crate::web::citation::statute_href;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, Path, Query, render};

/// A citation that the change touches.
struct TouchedRow {
    kind: &'static str,
    title: String,
    href: String,
    cited: String,
    meant: &'static str,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    change: &'static str,
}

struct MatterRow {
    href: String,
    number: String,
    procedure: String,
    opened: String,
    due: String,
}

/// Everything below the choice of editions.
struct Answer {
    from: Day,
    to: Day,
    changed: usize,
    /// By procedure, or by what else cites.
    groups: Vec<(String, Vec<TouchedRow>)>,
    touched: usize,
    clocks: usize,
    astray: Vec<(String, String)>,
    instruments: Vec<String>,
    figures: Vec<String>,
    matters: Vec<(String, i64)>,
    running: Vec<(String, String, i64)>,
    list: Vec<MatterRow>,
}

#[derive(Template)]
#[template(path = "statutes/impact.html")]
struct ImpactPage {
    layout: Layout,
    staff: StaffFrame,
    short: String,
    statute_href: String,
    editions: Vec<Day>,
    /// Why there is no answer, if there is none.
    problem: String,
    answer: Option<Answer>,
}

/// `GET /law/statutes/{short}/impact`; without days, the two newest editions.
pub(in crate::web) async fn show_impact(
    State(app): State<Arc<App>>,
    official: Official,
    Path(name): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let ruling = app.county.ruling();
    let Editions { short, editions, chosen } = Editions::asked(&app, &name, &query).await?;
    let (answer, problem) = match chosen {
        None => (None, "法规库中要有这部法规的两个版本，才能比较改了什么、牵涉什么。".to_owned()),
        Some((_, to)) if ruling.law.statutes.find(&short).is_none_or(|statute| statute.adopted(to).is_none()) => {
            (None, format!("法规清单没有登记《{short}》{to}的版本何时施行，不能判断各个程序按哪个版本引用。"))
        }
        Some(days) => (Some(answer(&app, &official, &short, days).await?), String::new()),
    };
    let title = format!("{short}：修改以后牵涉什么");
    render(&ImpactPage {
        layout: Layout::new(&app, &official.visitor, &title),
        staff: StaffFrame::load(&app, &official, "/law").await?,
        statute_href: statute_href(&short),
        editions,
        problem,
        answer,
        short,
    })
}

async fn answer(app: &Arc<App>, official: &Official, short: &str, (from, to): (Day, Day)) -> Result<Answer, PageError> {
    let (reader, ruling) = (Arc::clone(app), app.county.ruling());
    let (sight, wanted) = (official.sight.clone(), short.to_owned());
    let reading = app.db.read(move |r| {
        let (county, law) = (&reader.county_code, &ruling.law);
        let of = |day| statutes::articles(r, county, &wanted, day);
        let pairs = compare(&of(from)?, &of(to)?);
        let statute = law.statutes.find(&wanted).ok_or(PageError::NotFound)?;
        let later = statute.adopted(to).ok_or(PageError::NotFound)?;
        let found = law_impact::find(law, &ruling.indicators, statute, later, &pairs);
        let open = law_impact::open(r, county, &found.impact, Some(&sight))?;
        Ok::<_, PageError>(written(&wanted, (from, to), &found, open, law))
    });
    reading.await
}

fn written(short: &str, (from, to): (Day, Day), found: &law_impact::LawChange<'_>, open: Open, law: &Law) -> Answer {
    let procedure = |id: &str| law.newest(id).map_or_else(|| id.to_owned(), |definition| definition.title.clone());
    let clock = |id: &str, clock: &str| {
        let known = law.newest(id).and_then(|definition| definition.clock(clock).map(|clock| clock.title.clone()));
        known.unwrap_or_else(|| clock.to_owned())
    };
    let impact = &found.impact;
    let mut groups: Vec<(String, Vec<TouchedRow>)> = Vec::new();
    for touched in &impact.touched {
        let group = touched.citing.procedure.map_or_else(|| "程序以外".to_owned(), |known| known.title.clone());
        let row = row(short, (from, to), touched, law);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((group, vec![row])),
        }
    }
    let day = |number: i64| Day::from_number(number).map(|day| day.to_string()).unwrap_or_default();
    Answer {
        from,
        to,
        changed: found.changed,
        touched: impact.touched.len(),
        clocks: impact.touched.iter().filter(|one| one.citing.citer.code() == "clock").count(),
        groups,
        astray: impact.astray.iter().map(|citing| (title_of(citing, law), citing.basis.to_string())).collect(),
        instruments: impact.instruments.iter().map(|(_, _, title)| title.clone()).collect(),
        figures: impact.indicators.iter().map(|(id, title)| format!("{id} {title}")).collect(),
        matters: open.matters.iter().map(|(id, count)| (procedure(id), *count)).collect(),
        running: open.running.iter().map(|(id, of, count)| (procedure(id), clock(id, of), *count)).collect(),
        list: open
            .list
            .iter()
            .map(|matter| MatterRow {
                href: format!("/matters/{}", matter.id),
                number: matter.number.clone().unwrap_or_else(|| "（尚未编号）".to_owned()),
                procedure: procedure(&matter.procedure),
                opened: day(matter.opened),
                due: matter.due.map(day).unwrap_or_default(),
            })
            .collect(),
    }
}

fn row(short: &str, (from, to): (Day, Day), touched: &Touched<'_>, law: &Law) -> TouchedRow {
    let citing = &touched.citing;
    TouchedRow {
        kind: citing.citer.chinese(),
        title: title_of(citing, law),
        href: href_of(citing),
        cited: citing.basis.to_string(),
        meant: touched.meant.chinese(),
        before: way_to(short, from, touched.before),
        after: way_to(short, to, touched.after),
        change: touched.change.chinese(),
    }
}
