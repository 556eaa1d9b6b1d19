//! Which of one's posts to act in.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;

use crate::app::App;
use crate::app::session;
use crate::web::cookie::SetCookie;
use crate::web::{Form, Layout, PageError, SignedIn, Staff, render};

/// A post that can be chosen.
struct PostChoice {
    id: String,
    title: String,
    organ: String,
    since: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "account/post.html")]
struct PostPage {
    layout: Layout,
    posts: Vec<PostChoice>,
}

/// `GET /account/post`.
pub(in crate::web) async fn show_posts(State(app): State<Arc<App>>, staff: Staff) -> Result<Response, PageError> {
    let (registry, ruling) = (app.county.registry(), app.county.ruling());
    let person = MatterId::parse(&staff.person).ok_or(PageError::NotFound)?;
    let posts = registry.posts_of(person, app.today()).map(|post| PostChoice {
        id: post.id.to_string(),
        title: ruling.law.posts.title(&post.kind).to_owned(),
        organ: registry.organ_name(&post.organ).to_owned(),
        since: post.from.to_string(),
        current: staff.post.as_deref() == Some(post.id.to_string().as_str()),
    });
    let page = PostPage { layout: Layout::new(&app, &staff.visitor, "选择岗位"), posts: posts.collect() };
    render(&page)
}

/// `POST /account/post`: acts in this post from now on, under a new token.
pub(in crate::web) async fn choose_post(
    State(app): State<Arc<App>>,
    asking: SignedIn,
    staff: Staff,
    form: Form,
) -> Result<Response, PageError> {
    let registry = app.county.registry();
    let person = MatterId::parse(&staff.person).ok_or(PageError::NotFound)?;
    let chosen = MatterId::parse(form.fields.text("post")).ok_or(PageError::NotFound)?;
    if !registry.posts_of(person, app.today()).any(|post| post.id == chosen) {
        return Err(PageError::NotFound);
    }
    let token = session::choose_post(&app, &asking.current, Some(&chosen.to_string())).await?;
    Ok((SetCookie::session(&app.config, &token), Redirect::to("/desk")).into_response())
}
