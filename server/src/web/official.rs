//! A person in office: signed in, in a post that they hold today, with what that post sees.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use zhunsheng_core::authority::Post;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::Actor;

use super::error::PageError;
use super::extract::{ApiCaller, Staff};
use super::visitor::Visitor;
use crate::app::{App, sight};
use crate::store::seeing::SightFilter;

/// Who acts on a staff page.
#[derive(Clone)]
pub struct Official {
    /// The visitor.
    pub visitor: Visitor,
    /// The post they act in; names person, organ and kind.
    pub post: Post,
    /// What it sees: goes into every query.
    pub sight: SightFilter,
}

impl Official {
    /// As the engine names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff { person: self.post.person, post: self.post.id }
    }
}

/// The post named, if the person holds it today; else their only post; else nothing.
fn held_post(app: &App, person: &str, post: Option<&str>) -> Option<Post> {
    let registry = app.county.registry();
    let person = MatterId::parse(person)?;
    let mut held = registry.posts_of(person, app.today());
    match post.and_then(MatterId::parse) {
        Some(post) => held.find(|held| held.id == post).cloned(),
        None => held.next().filter(|_| held.next().is_none()).cloned(),
    }
}

/// Several posts: one has to be chosen. None: the door is closed.
fn without_post(app: &App, person: &str) -> PageError {
    let registry = app.county.registry();
    let holds = MatterId::parse(person).is_some_and(|person| registry.posts_of(person, app.today()).next().is_some());
    if holds {
        PageError::ChoosePost
    } else {
        PageError::Forbidden {
            because: "您目前没有在任的岗位，请联系本单位系统管理员。".to_owned()
        }
    }
}

impl Official {
    async fn recognised(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let staff = Staff::from_request_parts(parts, app).await?;
        let held = held_post(app, &staff.person, staff.post.as_deref());
        let post = held.ok_or_else(|| without_post(app, &staff.person))?;
        let sight = sight::of_post(&app.county.ruling().law, &app.county.registry(), &post);
        Ok(Self { visitor: staff.visitor, post, sight })
    }
}

impl FromRequestParts<Arc<App>> for Official {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        Self::recognised(parts, app).await
    }
}

/// On pages for everybody: what an official finds there besides.
impl OptionalFromRequestParts<Arc<App>> for Official {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Infallible> {
        Ok(Self::recognised(parts, app).await.ok())
    }
}

/// An official whose post administers people, posts and accounts; nobody else comes in.
#[derive(Clone)]
pub struct Administrator(pub Official);

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let official = Official::recognised(parts, app).await?;
        if app.county.ruling().law.posts.get(official.post.kind.as_str()).is_some_and(|post| post.administers) {
            Ok(Self(official))
        } else {
            Err(PageError::Forbidden {
                because: "人员、岗位、账号和放假安排由系统管理员管理。".to_owned()
            })
        }
    }
}

/// A program with a token that carries the powers of a post held today.
#[derive(Clone)]
pub struct Program {
    /// The post.
    pub post: Post,
    /// What it sees.
    pub sight: SightFilter,
}

impl Program {
    /// As the engine names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Staff { person: self.post.person, post: self.post.id }
    }
}

impl FromRequestParts<Arc<App>> for Program {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        let caller = ApiCaller::from_request_parts(parts, app).await?;
        let post = held_post(app, &caller.person, Some(&caller.post)).ok_or(PageError::Unauthorized)?;
        let sight = sight::of_post(&app.county.ruling().law, &app.county.registry(), &post);
        Ok(Self { post, sight })
    }
}
