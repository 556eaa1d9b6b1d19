//! Only in a county that `demo` made: choosing whom to be, and moving the county's day. A real county has no such page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::day::Day;

use crate::app::persona::{self, Stop};
use crate::app::{App, session};
use crate::web::cookie::SetCookie;
use crate::web::{Form, Layout, PageError, Visitor, render};

/// Where a chosen person begins.
const START: &str = "/desk";
/// The day moves at most so far at once: what expires on the way is noted in one go.
const DAYS_MAX: i64 = 400;
/// Clocks noted in one transaction.
const NOTED_AT_ONCE: i64 = 2_000;

struct Card {
    title: String,
    organ: String,
    can: String,
    post: Option<String>,
}

#[derive(Template)]
#[template(path = "demo/personas.html")]
struct PersonasPage {
    layout: Layout,
    personas: Vec<Card>,
    tour: Vec<Stop>,
    today: Day,
}

fn demonstration_only(app: &App) -> Result<(), PageError> {
    if app.is_demonstration() { Ok(()) } else { Err(PageError::NotFound) }
}

/// `GET /demo`.
pub(in crate::web) async fn show_personas(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    demonstration_only(&app)?;
    let personas = persona::list(&app).await?.into_iter().map(|persona| Card {
        title: persona.title,
        organ: persona.organ,
        can: persona.can,
        post: persona.who.map(|(_, post)| post.to_string()),
    });
    let layout = Layout::new(&app, &visitor, "选择一位演示人物");
    let tour = persona::tour(&app).await?;
    render(&PersonasPage { layout, personas: personas.collect(), tour, today: app.today() })
}

/// `POST /demo`: signs the visitor in as one of the people on offer, and as nobody else; a stop of the tour also says
/// where they begin.
pub(in crate::web) async fn submit_persona(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    demonstration_only(&app)?;
    let stop = match form.fields.filled("tour").and_then(|number| number.parse::<usize>().ok()) {
        Some(number) => persona::tour(&app).await?.into_iter().nth(number),
        None => None,
    };
    let (chosen, start) = match stop {
        Some(Stop { who: Some((_, post)), path, .. }) => (post.to_string(), path),
        _ => (form.fields.text("post").to_owned(), START.to_owned()),
    };
    let offered = persona::list(&app).await?.into_iter().filter_map(|persona| persona.who);
    let who = offered.into_iter().find(|(_, post)| post.to_string() == chosen);
    let (person, post) = who.ok_or(PageError::NotFound)?;
    if let Some(current) = &visitor.current {
        session::sign_out(&app, current).await?;
    }
    let token = session::sign_in_persona(&app, &person.to_string(), Some(&post.to_string()), visitor.client).await?;
    Ok((SetCookie::session(&app.config, &token), Redirect::to(&start)).into_response())
}

#[derive(Template)]
#[template(path = "demo/day.html")]
struct DayPage {
    layout: Layout,
    today: Day,
    last: Day,
    typed: String,
    wrong: bool,
    noted: Option<usize>,
}

impl DayPage {
    fn new(app: &App, visitor: &Visitor, typed: &str) -> Self {
        let today = app.today();
        Self {
            layout: Layout::new(app, visitor, "演示日期"),
            today,
            last: today.plus(DAYS_MAX),
            typed: typed.to_owned(),
            wrong: false,
            noted: None,
        }
    }
}

/// `GET /demo/day`.
pub(in crate::web) async fn show_day(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    demonstration_only(&app)?;
    render(&DayPage::new(&app, &visitor, &app.today().plus(1).to_string()))
}

/// `POST /demo/day`: the day never goes back; what expired on the way is noted in the record.
pub(in crate::web) async fn submit_day(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    demonstration_only(&app)?;
    let (typed, today) = (form.fields.text("day"), app.today());
    let Some(day) = Day::parse(typed).filter(|day| *day > today && *day <= today.plus(DAYS_MAX)) else {
        return render(&DayPage { wrong: true, ..DayPage::new(&app, &visitor, typed) });
    };
    app.advance_demo_to(day.date()).await?;
    let mut noted = 0;
    loop {
        let more = app.note_expired(NOTED_AT_ONCE).await?;
        noted += more;
        if i64::try_from(more).is_ok_and(|more| more < NOTED_AT_ONCE) {
            break;
        }
    }
    render(&DayPage { noted: Some(noted), ..DayPage::new(&app, &visitor, &day.plus(1).to_string()) })
}
