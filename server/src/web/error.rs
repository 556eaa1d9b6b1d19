//! The only file that knows status codes: a page that could not be shown, as HTML or JSON as asked.
//!
//! A handler returns a [`PageError`]; it becomes an empty response that carries the error, and `dress` writes the
//! page, because only there are the request and its visitor known. A fault is logged there, once, with its chain;
//! the person sees the request's number and nothing of the inside.

use std::error::Error;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use zhunsheng_core::refusal::{Refusal, Refusals};

use super::guard::{API, SIGN_IN};
use super::layout::{Layout, render};
use super::trace::RequestId;
use super::visitor::{Visitor, finish};
use super::{address, cookie};
use crate::app::App;
use crate::app::act::ActError;
use crate::app::fault::{Fault, StoreFault, chain};
use crate::app::limit::Wait;

/// One reason of a refusal, as a person reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// The coded reason.
    pub code: String,
    /// One Chinese sentence.
    pub sentence: String,
    /// The article or rule, as officials read it; empty if it is about form only.
    pub article: String,
    /// 法定, 制度 or 内控: how much that binds.
    pub grade: String,
    /// What to do next.
    pub next: String,
}

/// Why a page is not shown.
#[derive(Debug)]
pub enum PageError {
    /// There is no such thing, or this visitor may not know of it.
    NotFound,
    /// There is no such public thing; why, in one Chinese sentence.
    Absent(String),
    /// They may know that it exists, and may not do this.
    Forbidden {
        /// Why, in one Chinese sentence.
        because: String,
    },
    /// Sign in first; back to this address afterwards (empty: to the start).
    SignIn {
        /// Path and query.
        next: String,
    },
    /// Come in with telephone number and code first.
    ComeIn,
    /// Change the given password first.
    ChangePassword,
    /// Choose the post to act in first.
    ChoosePost,
    /// The law says no.
    Refused(Vec<Reason>),
    /// Somebody else was quicker, or the same key came with another command.
    Conflict(String),
    /// The request cannot be understood.
    Malformed(&'static str),
    /// No such method here.
    Method,
    /// Neither a form nor (for the API) JSON, or a compressed body.
    MediaType,
    /// The body is beyond its cap.
    TooLarge {
        /// The cap.
        bytes_max: u64,
    },
    /// Too often.
    RateLimited(Wait),
    /// The form's token is missing, wrong or of an ended session.
    Expired,
    /// The request comes from another site.
    CrossSite,
    /// The API was asked without a token in force.
    Unauthorized,
    /// The visitor sent too slowly, or we answered too slowly.
    Slow,
    /// The store does not write any more; nothing was saved.
    Unavailable,
    /// We failed.
    Fault(Box<dyn Error + Send + Sync>),
}

impl PageError {
    /// A fault of ours or the machine's.
    pub fn fault(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Fault(Box::new(error))
    }

    /// A mistake in our own wiring.
    pub(super) fn broken(what: &'static str) -> Self {
        Self::Fault(what.into())
    }

    /// What axum says about a body that it could not read.
    pub(super) fn of_body_status(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge { bytes_max: 0 },
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaType,
            _ => Self::Malformed("提交的内容不完整或者格式不对"),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Absent(_) => StatusCode::NOT_FOUND,
            Self::Forbidden { .. } | Self::Expired | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::SignIn { .. } | Self::ComeIn | Self::ChangePassword | Self::ChoosePost => StatusCode::SEE_OTHER,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            // Not 408: browsers repeat a submission after a 408 by themselves.
            Self::Slow | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound | Self::Absent(_) => "not_found",
            Self::Forbidden { .. } => "forbidden",
            Self::SignIn { .. } => "sign_in",
            Self::ComeIn => "come_in",
            Self::ChangePassword => "change_password",
            Self::ChoosePost => "choose_post",
            Self::Refused(_) => "refused",
            Self::Conflict(_) => "conflict",
            Self::Malformed(_) => "malformed",
            Self::Method => "method",
            Self::MediaType => "media_type",
            Self::TooLarge { .. } => "too_large",
            Self::RateLimited(_) => "rate_limited",
            Self::Expired => "expired",
            Self::CrossSite => "cross_site",
            Self::Unauthorized => "unauthorized",
            Self::Slow => "slow",
            Self::Unavailable => "unavailable",
            Self::Fault(_) => "fault",
        }
    }

    /// Title and explanation.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::NotFound => ("没有找到这个页面", "地址可能抄错了，或者这件事不归您看。".to_owned()),
            Self::Absent(sentence) => ("没有找到", sentence.clone()),
            Self::Forbidden { because } => ("您不能进行这项操作", because.clone()),
            Self::SignIn { .. } => ("请先登录", String::new()),
            Self::ComeIn => ("请先用手机号进入", String::new()),
            Self::ChangePassword => ("请先修改口令", String::new()),
            Self::ChoosePost => ("请先选择岗位", String::new()),
            Self::Refused(_) => ("这项操作不能进行", "没有保存任何改动，原因如下。".to_owned()),
            Self::Conflict(sentence) => ("内容已经变化", sentence.clone()),
            Self::Malformed(sentence) => ("提交的内容无法识别", format!("{sentence}。")),
            Self::Method => ("不支持这种请求方式", "请从页面上的按钮或者链接进入。".to_owned()),
            Self::MediaType => ("不支持这种内容格式", "请从页面上的表单提交；接口请求请用 JSON。".to_owned()),
            Self::TooLarge { bytes_max: 0 } => ("提交的内容太大", "请减少文字或者附件后再提交。".to_owned()),
            Self::TooLarge { bytes_max } => ("提交的内容太大", too_large(*bytes_max)),
            Self::RateLimited(wait) => {
                ("操作太频繁", format!("请在 {} 秒之后再试。刚才的内容没有提交。", wait.seconds))
            }
            Self::Expired => (
                "页面已经过期",
                "这个页面打开太久，或者您已经退出登录，刚才的内容没有提交。请返回上一页，重新打开后再提交。".to_owned(),
            ),
            Self::CrossSite => {
                ("请求不是从本站页面发出的", "为保护您的账号，没有处理。请从本站页面重新操作。".to_owned())
            }
            Self::Unauthorized => ("需要接口令牌", "请求没有带令牌，或者令牌已经失效。".to_owned()),
            Self::Slow => ("用时过长，已经停止", "请检查网络之后再试。".to_owned()),
            Self::Unavailable => ("暂时不能保存", "系统暂停写入，内容没有保存。查询不受影响，请稍后再试。".to_owned()),
            Self::Fault(_) => (
                "系统出了故障，不是您的错",
                "刚才填写的内容没有保存成功。请稍后再试；一直不行，请把下面的编号告诉系统管理员。".to_owned(),
            ),
        }
    }

    fn headers(&self, headers: &mut HeaderMap) {
        match self {
            Self::RateLimited(wait) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(wait.seconds));
            }
            Self::Unavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from(60_u16));
            }
            Self::Unauthorized => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
    }
}

fn too_large(bytes_max: u64) -> String {
    if bytes_max >= 1 << 20 {
        format!("最多 {} MB，请减少文字或者附件后再提交。", bytes_max >> 20)
    } else {
        format!("最多 {} KB，请减少文字后再提交。", bytes_max >> 10)
    }
}

impl From<&Refusal> for Reason {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.as_str().to_owned(),
            sentence: refusal.sentence.clone(),
            article: refusal.basis.as_ref().map(ToString::to_string).unwrap_or_default(),
            grade: refusal.grade().chinese().to_owned(),
            next: refusal.next.clone(),
        }
    }
}
impl From<Refusals> for PageError {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals.iter().map(Reason::from).collect())
    }
}
impl From<ActError> for PageError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(refusals) => refusals.into(),
            ActError::NotFound => Self::NotFound,
            ActError::KeyReused => Self::Conflict("这份表单已经用于办理另一项内容。请打开新的表单再办。".to_owned()),
            ActError::Fault(fault) => fault.into(),
        }
    }
}
impl From<StoreFault> for PageError {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Failed { .. } | StoreFault::DiskFull | StoreFault::Elsewhere => Self::Unavailable,
            other => Self::fault(other),
        }
    }
}
impl From<Fault> for PageError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(fault) => fault.into(),
            Fault::Clock { .. } => Self::Unavailable,
            other => Self::fault(other),
        }
    }
}

/// The error that a response carries to [`dress`].
#[derive(Clone)]
struct Undressed(Arc<PageError>);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        self.headers(response.headers_mut());
        response.extensions_mut().insert(Undressed(Arc::new(self)));
        response
    }
}

#[derive(Template)]
#[template(path = "error/error.html")]
struct ErrorPage {
    layout: Layout,
    title: &'static str,
    sentence: String,
    reasons: Vec<Reason>,
    reference: Option<String>,
    status: u16,
}

/// Writes the page of an error, and sets the form cookie that any page needs.
pub(super) async fn dress(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let address = address::of(&request, &app.config);
    let stranger = Visitor::stranger(&app, address, request.uri().clone(), request.headers());
    let wants_json = wants_json(&request);
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let mut response = next.run(request).await;
    let visitor = response.extensions_mut().remove::<Visitor>().unwrap_or(stranger);
    if let Some(Undressed(error)) = response.extensions_mut().remove::<Undressed>() {
        response = written(&app, &visitor, &error, wants_json, id, response.headers());
    }
    finish(&app, &visitor, &mut response);
    response
}

fn wants_json(request: &Request) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    request.uri().path().starts_with(API) || accept.starts_with("application/json")
}

fn written(
    app: &App,
    visitor: &Visitor,
    error: &PageError,
    wants_json: bool,
    id: String,
    carried: &HeaderMap,
) -> Response {
    let is_fault = matches!(error, PageError::Fault(_) | PageError::Unavailable);
    if let PageError::Fault(fault) = error {
        tracing::error!(reference = id, fault = chain(fault.as_ref()), "fault");
    }
    let reference = is_fault.then_some(id);
    let mut response = match error {
        PageError::SignIn { next } if !wants_json => {
            Redirect::to(&format!("{SIGN_IN}{}", query_of(next))).into_response()
        }
        PageError::ComeIn if !wants_json => Redirect::to("/me/enter").into_response(),
        PageError::ChangePassword if !wants_json => Redirect::to("/account/password").into_response(),
        PageError::ChoosePost if !wants_json => Redirect::to("/account/post").into_response(),
        _ if wants_json => (json_status(error), axum::Json(as_json(app, error, reference))).into_response(),
        _ => (error.status(), as_html(app, visitor, error, reference)).into_response(),
    };
    for name in [RETRY_AFTER, WWW_AUTHENTICATE, ALLOW] {
        if let Some(value) = carried.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A program is not redirected to a sign-in form.
fn json_status(error: &PageError) -> StatusCode {
    match error {
        PageError::SignIn { .. } | PageError::ComeIn => StatusCode::UNAUTHORIZED,
        PageError::ChangePassword | PageError::ChoosePost => StatusCode::FORBIDDEN,
        other => other.status(),
    }
}

fn query_of(next: &str) -> String {
    if next.is_empty() { String::new() } else { format!("?next={}", cookie::escape(next)) }
}

fn as_json(app: &App, error: &PageError, reference: Option<String>) -> serde_json::Value {
    let (title, sentence) = error.words();
    let reasons: &[Reason] = if let PageError::Refused(reasons) = error { reasons } else { &[] };
    let mut answer = serde_json::json!({ "error": {
        "code": error.code(),
        "title": title,
        "sentence": sentence,
        "reasons": reasons,
        "reference": reference,
    } });
    if let (Some(notice), Some(object)) = (super::api::notice(app), answer.as_object_mut()) {
        object.insert("notice".to_owned(), notice.into());
    }
    answer
}

fn as_html(app: &App, visitor: &Visitor, error: &PageError, reference: Option<String>) -> Response {
    let (title, sentence) = error.words();
    let page = ErrorPage {
        layout: Layout::new(app, visitor, title),
        title,
        sentence,
        reasons: if let PageError::Refused(reasons) = error { reasons.clone() } else { Vec::new() },
        reference,
        status: error.status().as_u16(),
    };
    match render(&page) {
        Ok(response) => response,
        Err(_) => format!("{title}\n").into_response(),
    }
}
