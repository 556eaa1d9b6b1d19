//! What a handler may ask for. Each refuses by itself with our own error pages.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::PageError;
use super::form::Fields;
use super::visitor::Visitor;
use crate::app::citizen::Citizen;
use crate::app::session::{Current, Kind};
use crate::app::{App, api_token};

/// A JSON body of the API at most.
const JSON_BYTES_MAX: usize = 1 << 20;

/// Somebody who is signed in, even if their password has to be changed first.
#[derive(Clone)]
pub struct SignedIn {
    /// The visitor.
    pub visitor: Visitor,
    /// Their session.
    pub current: Current,
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        match visitor.current.clone() {
            Some(current) => Ok(Self { visitor, current }),
            None => Err(PageError::SignIn { next: way_back(parts) }),
        }
    }
}

/// A citizen who is in: no power but over their own matters.
#[derive(Clone)]
pub struct InPerson {
    /// The visitor.
    pub visitor: Visitor,
    /// Their session.
    pub me: Citizen,
}

impl<S: Send + Sync> FromRequestParts<S> for InPerson {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        match visitor.citizen {
            Some(me) => Ok(Self { visitor, me }),
            None => Err(PageError::ComeIn),
        }
    }
}

/// Only a page can be come back to, not a submission.
fn way_back(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    if parts.method == Method::GET { path.to_owned() } else { String::new() }
}

/// Somebody who is signed in and may work: person and, once chosen, post. What they may do is decided elsewhere.
#[derive(Clone)]
pub struct Staff {
    /// The visitor.
    pub visitor: Visitor,
    /// The person.
    pub person: String,
    /// The post they act in.
    pub post: Option<String>,
    /// How they came in.
    pub kind: Kind,
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let SignedIn { visitor, current } = SignedIn::from_request_parts(parts, state).await?;
        if current.must_change {
            return Err(PageError::ChangePassword);
        }
        let session = current.session;
        Ok(Self { visitor, person: session.person, post: session.post, kind: session.kind })
    }
}

/// A program with a token in force: it acts for a person in a post. Cookies do not count here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCaller {
    /// Who answers for it.
    pub person: String,
    /// Whose powers it carries.
    pub post: String,
    /// What the token is for.
    pub title: String,
}

impl FromRequestParts<Arc<App>> for ApiCaller {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let text = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(PageError::Unauthorized)?;
        let token = api_token::find(app, text.trim()).await?.ok_or(PageError::Unauthorized)?;
        Ok(Self { person: token.person, post: token.post, title: token.title })
    }
}

/// Parts of the address. An id that cannot be one is not found, rather than an error.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(PageError::NotFound),
        }
    }
}

/// The query of the address, in order. One that cannot be decoded is empty.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Fields);

impl Deref for Query {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(pairs.map(|pairs| Fields::new(pairs.0)).unwrap_or_default()))
    }
}

/// A JSON body of the API. Anything else, form-encoded bodies included, is refused.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = PageError;
    async fn from_request(mut request: Request, _: &Arc<App>) -> Result<Self, PageError> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if media.split(';').next().map(str::trim) != Some("application/json") {
            return Err(PageError::MediaType);
        }
        DefaultBodyLimit::max(JSON_BYTES_MAX).apply(&mut request);
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(|error| PageError::of_body_status(error.status()))?;
        serde_json::from_slice(&body).map(Self).map_err(|_| PageError::Malformed("JSON 内容与接口说明不符"))
    }
}
