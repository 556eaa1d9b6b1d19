//! The door: signing in and out, one's own password, one's own sessions.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::app::account::{self, ChangeError, SignInError};
use crate::app::clock::china;
use crate::app::limit::Lane;
use crate::app::secret::{hex, unhex};
use crate::app::session::{self, STAFF_IDLE_SECONDS};
use crate::web::cookie::{Jar, SetCookie};
use crate::web::{Form, Layout, PageError, Query, SignedIn, Visitor, render};

/// Where people go who came to no page in particular.
const START: &str = "/desk";

/// A path of our own that may be redirected to: never another site, whatever a link says.
pub(super) fn safe_path(path: &str) -> Option<&str> {
    let ours = path.starts_with('/') && !path.starts_with("//");
    let plain = path.chars().all(|c| !c.is_control() && c != '\\' && c.is_ascii());
    (ours && plain).then_some(path)
}

#[derive(Template)]
#[template(path = "account/login.html")]
struct LoginPage {
    layout: Layout,
    login: String,
    next: String,
    error: Option<String>,
    idle_minutes: i64,
}

impl LoginPage {
    fn new(app: &App, visitor: &Visitor, login: &str, next: &str, error: Option<String>) -> Self {
        Self {
            layout: Layout::new(app, visitor, "工作人员登录"),
            login: login.to_owned(),
            next: safe_path(next).unwrap_or("").to_owned(),
            error,
            idle_minutes: STAFF_IDLE_SECONDS / 60,
        }
    }
}

/// `GET /login`.
pub(in crate::web) async fn show_login(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    render(&LoginPage::new(&app, &visitor, "", query.text("next"), None))
}

/// `POST /login`: a new session under a new token; the one before, if any, ends.
pub(in crate::web) async fn submit_login(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Form,
) -> Result<Response, PageError> {
    let (login, next) = (form.fields.text("login"), form.fields.text("next"));
    let password = form.fields.get("password").unwrap_or("");
    let error = match account::sign_in(&app, login, password, visitor.client).await {
        Ok(token) => {
            app.limits.give_back(Lane::SignIn, visitor.address);
            if let Some(current) = &visitor.current {
                session::sign_out(&app, current).await?;
            }
            let to = safe_path(next).unwrap_or(START);
            return Ok((SetCookie::session(&app.config, &token), Redirect::to(to)).into_response());
        }
        Err(SignInError::Wrong) => "账号或者口令不对。".to_owned(),
        Err(SignInError::Wait { seconds }) => wait_sentence(seconds),
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
    };
    render(&LoginPage::new(&app, &visitor, login, next, Some(error)))
}

fn wait_sentence(seconds: i64) -> String {
    if seconds >= 60 {
        format!("这个账号连续输错，请在 {} 分钟之后再试。", (seconds + 59) / 60)
    } else {
        format!("这个账号连续输错，请在 {seconds} 秒之后再试。")
    }
}

/// `POST /logout`.
pub(in crate::web) async fn submit_logout(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    if let Some(current) = &visitor.current {
        session::sign_out(&app, current).await?;
    }
    Ok((SetCookie::gone(&app.config, Jar::Session), Redirect::to("/")).into_response())
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    layout: Layout,
    must_change: bool,
    old_error: Option<String>,
    new_error: Option<String>,
    again_error: Option<String>,
}

impl PasswordPage {
    fn new(app: &App, asking: &SignedIn) -> Self {
        Self {
            layout: Layout::new(app, &asking.visitor, "修改口令"),
            must_change: asking.current.must_change,
            old_error: None,
            new_error: None,
            again_error: None,
        }
    }
}

/// `GET /account/password`.
pub(in crate::web) async fn show_password(
    State(app): State<Arc<App>>,
    asking: SignedIn,
) -> Result<Response, PageError> {
    render(&PasswordPage::new(&app, &asking))
}

/// `POST /account/password`: every other session of the person ends.
pub(in crate::web) async fn submit_password(
    State(app): State<Arc<App>>,
    asking: SignedIn,
    form: Form,
) -> Result<Response, PageError> {
    let typed = |name| form.fields.get(name).unwrap_or("");
    let (old, new) = (typed("old"), typed("new"));
    let mut page = PasswordPage::new(&app, &asking);
    if new != typed("again") {
        page.again_error = Some("两次输入的新口令不一样。".to_owned());
        return render(&page);
    }
    match account::change_password(&app, &asking.current, old, new).await {
        Ok(token) => {
            return Ok((SetCookie::session(&app.config, &token), Redirect::to(START)).into_response());
        }
        Err(ChangeError::Wrong) => page.old_error = Some("原口令不对。".to_owned()),
        Err(ChangeError::Wait { seconds }) => page.old_error = Some(wait_sentence(seconds)),
        Err(ChangeError::Weak(weak)) => page.new_error = Some(weak.sentence().to_owned()),
        Err(ChangeError::Same) => page.new_error = Some("新口令不能与原口令相同。".to_owned()),
        Err(ChangeError::Fault(fault)) => return Err(fault.into()),
    }
    render(&page)
}

struct SessionLine {
    id: String,
    client: String,
    created: String,
    seen: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    layout: Layout,
    sessions: Vec<SessionLine>,
}

/// `GET /account/sessions`: where I am signed in.
pub(in crate::web) async fn list_sessions(
    State(app): State<Arc<App>>,
    asking: SignedIn,
) -> Result<Response, PageError> {
    let this = &asking.current.session;
    let sessions = session::list(&app, &this.person).await?;
    let lines = sessions.into_iter().map(|session| SessionLine {
        id: hex(&session.token_hash),
        created: moment(session.created),
        seen: moment(session.seen),
        is_this: session.token_hash == this.token_hash,
        client: session.client,
    });
    render(&SessionsPage { layout: Layout::new(&app, &asking.visitor, "登录会话"), sessions: lines.collect() })
}

/// Machine time, to the minute.
pub(super) fn moment(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(china());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `POST /account/sessions/end`: signs me out elsewhere.
pub(in crate::web) async fn end_session(
    State(app): State<Arc<App>>,
    asking: SignedIn,
    form: Form,
) -> Result<Response, PageError> {
    let hash = unhex(form.fields.text("session")).ok_or(PageError::NotFound)?;
    if !session::end(&app, &asking.current.session.person, &hash).await? {
        return Err(PageError::NotFound);
    }
    Ok(Redirect::to("/account/sessions").into_response())
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn redirects_stay_here() {
        for ours in ["/", "/desk", "/matters?state=open&page=2"] {
            assert_eq!(safe_path(ours), Some(ours));
        }
        for theirs in ["", "work", "//b.cn", "/\\b.cn", "https://b.cn", "/a\r\nb", "/准绳"] {
            assert_eq!(safe_path(theirs), None, "{theirs:?}");
        }
    }
}
