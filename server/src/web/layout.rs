//! What every page has around it. A page is a struct that holds a [`Layout`], and a template of the same name.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::assets;
use super::error::PageError;
use super::first;
use super::visitor::{Look, Visitor};
use crate::app::App;

/// The frame of a page.
#[derive(Clone)]
pub struct Layout {
    /// Of this page.
    pub title: String,
    /// The county's name.
    pub county: String,
    /// A demonstration's day, `2024-10-26`; `None` in a real county.
    pub demo_today: Option<String>,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Whether somebody is in as a citizen.
    pub citizen: bool,
    /// Hidden in every form of the page.
    pub form_token: String,
    /// Where the page is: where the look buttons come back to.
    pub here: String,
    /// Large type, dark or light.
    pub look: Look,
    /// Whether the page stands in a page of a superior portal: its header is there, and links lead out of the frame.
    pub framed: bool,
    /// Whether they were never here: the page brings along what it needs.
    pub first: bool,
    /// The stylesheet.
    pub css: String,
    /// Our script.
    pub js: String,
    /// The mark.
    pub mark: String,
}

impl Layout {
    /// The frame for this visitor.
    #[must_use]
    pub fn new(app: &App, visitor: &Visitor, title: &str) -> Self {
        let here = visitor.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
        Self {
            title: title.to_owned(),
            county: app.county_name.clone(),
            demo_today: app.is_demonstration().then(|| app.county_clock.today().to_string()),
            signed_in: visitor.current.is_some(),
            citizen: visitor.citizen.is_some(),
            form_token: visitor.form_token(),
            here: here.to_owned(),
            look: visitor.look,
            framed: visitor.framed,
            first: visitor.is_new(),
            css: assets::url("zhunsheng.css"),
            js: assets::url("zhunsheng.js"),
            mark: assets::url("mark.svg"),
        }
    }

    /// Classes of the root element.
    #[must_use]
    pub fn classes(&self) -> String {
        let theme = match self.look.dark {
            Some(true) => "dark",
            Some(false) => "light",
            None => "",
        };
        let word = |said: bool, word: &'static str| if said { word } else { "" };
        let words = [
            word(self.demo_today.is_some(), "demo"),
            word(self.look.elder, "elder"),
            word(self.framed, "framed"),
            theme,
        ];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A form that was answered: shown again with what is wrong with it, its status says so.
pub fn answered(page: Response, wrong: bool) -> Response {
    if wrong { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page }
}

/// A page as a response.
pub fn render(page: &impl Template) -> Result<Response, PageError> {
    let html = page.render().map_err(PageError::fault)?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8")], first::bring(html)).into_response())
}
