//! Accounts of people: opening, a new first password, closing, sessions, tokens. Shown once, changed at first use.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use zhunsheng_core::id::MatterId;

use super::people::{Telling, person_of, person_page};
use crate::app::act::ActError;
use crate::app::administration::Change;
use crate::app::fault::{Fault, StoreFault};
use crate::app::secret::{random, unhex};
use crate::app::{App, api_token};
use crate::web::{Administrator, Form, Official, PageError, Path};

/// Characters of first passwords: none that are mistaken for another when read out.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Four groups of four: about 79 bits.
fn first_password() -> String {
    let bytes: [u8; 16] = random();
    let mut password = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if position > 0 && position % 4 == 0 {
            password.push('-');
        }
        let letter = LETTERS.get(usize::from(*byte) % LETTERS.len()).copied().unwrap_or(b'x');
        password.push(char::from(letter));
    }
    password
}

async fn told_once(
    app: &App,
    official: &Official,
    id: &str,
    what: &str,
    secret: String,
) -> Result<Response, PageError> {
    let telling = Telling { secret: Some((what.to_owned(), secret)), ..Telling::default() };
    let mut response = person_page(app, official, id, telling).await?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn wrong(app: &App, official: &Official, id: &str, sentence: &str) -> Result<Response, PageError> {
    person_page(app, official, id, Telling { error: Some(sentence.to_owned()), ..Telling::default() }).await
}

/// `POST /admin/people/{id}/account`: a login with a first password.
pub(in crate::web) async fn open_account(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?.id;
    let login: String = form.fields.text("login").to_owned();
    let plain = login.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !(3..=32).contains(&login.len()) || !plain {
        return wrong(&app, &official, &id, "账号用3至32个字母、数字、点、横线。").await;
    }
    let password = first_password();
    let password_hash = app.passwords.hash(&password).await?;
    match app.change_account(official.actor(), person, Change::Open { login, password_hash }).await {
        Ok(()) => told_once(&app, &official, &id, "初始口令", password).await,
        Err(ActError::Fault(Fault::Store(StoreFault::Conflict { .. }))) => {
            wrong(&app, &official, &id, "这个账号名已经有人使用，或者此人已有账号。").await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /admin/people/{id}/account/change`: `action` = reset | close | reopen | sign_out.
pub(in crate::web) async fn change_account(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?.id;
    let change = match form.fields.text("action") {
        "reset" => {
            let password = first_password();
            let password_hash = app.passwords.hash(&password).await?;
            app.change_account(official.actor(), person, Change::Reset { password_hash }).await?;
            return told_once(&app, &official, &id, "新的初始口令", password).await;
        }
        "close" => Change::Close,
        "reopen" => Change::Reopen,
        "sign_out" => Change::SignOut,
        _ => return Err(PageError::NotFound),
    };
    app.change_account(official.actor(), person, change).await?;
    Ok(Redirect::to(&format!("/admin/people/{id}?done=account")).into_response())
}

/// `POST /admin/people/{id}/sessions/end`.
pub(in crate::web) async fn end_session(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?.id;
    let hash = unhex(form.fields.text("session")).ok_or(PageError::NotFound)?;
    app.change_account(official.actor(), person, Change::EndSession(hash)).await?;
    Ok(Redirect::to(&format!("/admin/people/{id}?done=session")).into_response())
}

/// `POST /admin/people/{id}/tokens`: a token that carries the powers of one post.
pub(in crate::web) async fn issue_token(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?;
    let held = MatterId::parse(form.fields.text("post"))
        .filter(|post| app.county.registry().posts_of(person.id, app.today()).any(|held| held.id == *post));
    let title: String = form.fields.text("title").chars().take(60).collect();
    let days: Option<i64> =
        form.fields.text("days").parse().ok().filter(|days| (1..=api_token::DAYS_MAX).contains(days));
    let (Some(post), Some(days)) = (held, days) else {
        return wrong(&app, &official, &id, "请选择岗位，有效期填1至366天。").await;
    };
    if title.is_empty() {
        return wrong(&app, &official, &id, "请写明令牌给哪个程序用。").await;
    }
    let (text, token) = api_token::new(&person.id.to_string(), &post.to_string(), &title, days, app.machine.seconds());
    app.change_account(official.actor(), person.id, Change::IssueToken(token)).await?;
    told_once(&app, &official, &id, "接口令牌", text).await
}

/// `POST /admin/people/{id}/tokens/revoke`.
pub(in crate::web) async fn revoke_token(
    State(app): State<Arc<App>>,
    Administrator(official): Administrator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let person = person_of(&app, &id)?.id;
    let hash = unhex(form.fields.text("token")).ok_or(PageError::NotFound)?;
    app.change_account(official.actor(), person, Change::RevokeToken(hash)).await?;
    Ok(Redirect::to(&format!("/admin/people/{id}?done=token")).into_response())
}

#[cfg(test)]
mod tests {
    use super::first_password;
    use crate::app::password::check;

    #[test]
    fn first_passwords_are_good_and_differ() {
        let (one, other) = (first_password(), first_password());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        assert!(check(&one, "wang").is_ok());
    }
}
