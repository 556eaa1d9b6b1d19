//! One limit: its words in the law, a date, what stopped or prolonged it, and until when.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use zhunsheng_core::clock::{Exclusion, Extension, Unit};
use zhunsheng_core::day::{Day, Moment};

use super::answer::{Answer, answer};
use super::field::{self, DateField};
use crate::app::App;
use crate::app::ruling::Ruling;
use crate::app::time_limits::{self, TimeLimit, length};
use crate::web::citation::{Citation, Citations};
use crate::web::{Layout, PageError, Query, Visitor, render};

/// An interval that the law leaves out.
struct Stop {
    what: String,
    basis: String,
    from: DateField,
    until: DateField,
}

/// An extension that may have been granted.
struct More {
    name: String,
    label: String,
    basis: String,
    times: u16,
    granted: u16,
}

#[derive(Template)]
#[template(path = "time/limit.html")]
struct LimitPage {
    layout: Layout,
    id: String,
    title: String,
    matter: String,
    length: String,
    basis: Citation,
    phrase: String,
    starts_at: String,
    note: String,
    from: DateField,
    time: Option<(String, &'static str)>,
    stops: Vec<Stop>,
    more: Vec<More>,
    happened: bool,
    problems: Vec<(String, String)>,
    answer: Option<Answer>,
}

/// `GET /guide/time?limit=`.
pub async fn show(
    app: &Arc<App>,
    visitor: &Visitor,
    ruling: &Arc<Ruling>,
    id: &str,
    query: &Query,
) -> Result<Response, PageError> {
    let named = ruling.law.limits.get(id).ok_or(PageError::NotFound)?;
    let today = app.today();
    let label = format!("{}是哪一天", named.starts_at);
    let (mut from, day) = field::read(query, "from", &label, "", Some(today));
    if day.is_none() && from.error.is_empty() {
        from.error = "请填上日期".to_owned();
    }
    let row = time_limits::of_named(&ruling.law, named, day.unwrap_or(today));
    let mut start = day;
    if let Some(Err(sentence)) = day.map(|day| row.in_force_on(day)) {
        from.error = sentence;
        start = None;
    }
    let (time, at) = moment(&row, query, start);
    let (stops, exclusions) = stops(&row, query);
    let (more, extensions) = more(&row, query);
    let dates = std::iter::once(&from).chain(stops.iter().flat_map(|stop| [&stop.from, &stop.until]));
    let mut problems = field::problems(dates);
    problems.extend(
        time.iter().filter(|(_, wrong)| !wrong.is_empty()).map(|(_, wrong)| ("time".to_owned(), (*wrong).to_owned())),
    );
    let counted = start.filter(|_| problems.is_empty()).map(|start| {
        let run = row.run(start, at, exclusions.clone(), extensions.clone());
        answer(&row, &run, &ruling.calendar, today, true)
    });
    let day = row.cited_edition().map_or(today, |edition| edition.in_force);
    let citations = Citations::load(app, ruling, day, vec![named.basis.clone()]).await?;
    render(&LimitPage {
        layout: Layout::new(app, visitor, &format!("{}要多久", named.title)),
        id: id.to_owned(),
        title: named.title.clone(),
        matter: named.matter.clone(),
        length: length(&row.limit),
        basis: citations.show(&named.basis),
        phrase: named.phrase.clone(),
        starts_at: named.starts_at.clone(),
        note: named.configurable.clone().unwrap_or_default(),
        from,
        time,
        happened: !exclusions.is_empty()
            || !extensions.is_empty()
            || stops.iter().any(|stop| !stop.from.error.is_empty() || !stop.until.error.is_empty()),
        stops,
        more,
        problems,
        answer: counted,
    })
}

/// For hours: the time of day as typed, and what is wrong with it.
fn moment(row: &TimeLimit<'_>, query: &Query, start: Option<Day>) -> (Option<(String, &'static str)>, Option<Moment>) {
    if row.limit.unit != Unit::Hour {
        return (None, None);
    }
    let (shown, read) =
        field::read_time(query, "time", start.unwrap_or(Day::from(jiff::civil::Date::constant(2024, 1, 1))));
    match read {
        Ok(moment) => (Some((shown, "")), start.map(|_| moment)),
        Err(wrong) => (Some((shown, wrong)), None),
    }
}

fn stops(row: &TimeLimit<'_>, query: &Query) -> (Vec<Stop>, Vec<Exclusion>) {
    let mut exclusions = Vec::new();
    let mut stops = Vec::new();
    for (at, (what, basis)) in row.exclusions.iter().enumerate() {
        let (from, first) = field::read(query, &format!("stop.{at}.from"), "从哪天停", "", None);
        let (mut until, last) =
            field::read(query, &format!("stop.{at}.until"), "哪天恢复", "还没有恢复的，先不填", None);
        match (first, last) {
            (Some(first), Some(last)) if last <= first => until.error = "恢复的日期要在停下的日期以后".to_owned(),
            (None, Some(_)) if from.error.is_empty() => until.error = "先填从哪天停的".to_owned(),
            (Some(first), last) if until.error.is_empty() => exclusions.push(Exclusion {
                from: first,
                until: last,
                basis: Some(basis.clone()),
                from_at: None,
                until_at: None,
            }),
            _ => {}
        }
        stops.push(Stop { what: what.clone(), basis: basis.to_string(), from, until });
    }
    (stops, exclusions)
}

fn more(row: &TimeLimit<'_>, query: &Query) -> (Vec<More>, Vec<Extension>) {
    let mut extensions = Vec::new();
    let mut more = Vec::new();
    for (at, extension) in row.extensions.iter().enumerate() {
        let name = format!("more.{at}");
        let granted = query.text(&name).parse::<u16>().unwrap_or(0).min(extension.times);
        for _ in 0..granted {
            extensions.push(Extension {
                amount: extension.amount,
                unit: extension.unit,
                basis: Some(extension.basis.clone()),
            });
        }
        more.push(More {
            name,
            label: format!("{}，可以延长{}{}", extension.by, extension.amount, extension.unit.chinese()),
            basis: extension.basis.to_string(),
            times: extension.times,
            granted,
        });
    }
    (more, extensions)
}
