//! Who may do and see what: kinds of posts (`law/posts.toml`), and the county's registry of organs, places,
//! people, posts and certificates with their intervals. 法无授权不可为.

mod powers;
mod registry;

use std::collections::BTreeMap;

use crate::id::{PostKind, ProcedureId};
use crate::law::LawError;
use crate::procedure::Part;

pub use powers::{Delegation, DelegationKind, Power, Powers, Unfit, lies_in};
pub use registry::{Credential, CredentialProblem, Organ, Person, Place, Post, Registry};

/// How far a post sees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Matters in which the post's own organ takes part.
    Own,
    /// Also those of organs below it.
    Below,
    /// The whole county.
    County,
}

/// Which procedures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All.
    All,
    /// All of a part.
    Part(Part),
    /// One.
    One(ProcedureId),
}

/// One line of sight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    /// Of which procedures.
    pub scope: Scope,
    /// How far.
    pub reach: Reach,
}

/// A kind of post.
#[derive(Clone, Debug)]
pub struct PostDefinition {
    /// Its code.
    pub kind: PostKind,
    /// Its title, e.g. 人民调解员.
    pub title: String,
    /// What its holder sees.
    pub sees: Vec<Sight>,
    /// Accounts, posts, sessions: no case content.
    pub administers: bool,
    /// Figures before publication.
    pub sees_figures: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    post: Vec<RawPost>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPost {
    kind: PostKind,
    title: String,
    #[serde(default)]
    sees: Vec<toml::Spanned<RawSight>>,
    #[serde(default)]
    administers: bool,
    #[serde(default)]
    figures: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSight {
    part: Option<Part>,
    procedure: Option<ProcedureId>,
    reach: Reach,
}

/// All kinds of posts.
#[derive(Clone, Debug, Default)]
pub struct Posts(BTreeMap<PostKind, PostDefinition>);

impl Posts {
    /// Reads `law/posts.toml`.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        let mut posts = BTreeMap::new();
        for raw in read.post {
            let sight = |spanned: toml::Spanned<RawSight>| {
                let start = spanned.span().start;
                let raw = spanned.into_inner();
                let scope = match (raw.part, raw.procedure) {
                    (None, None) => Scope::All,
                    (Some(part), None) => Scope::Part(part),
                    (None, Some(procedure)) => Scope::One(procedure),
                    _ => {
                        return Err(LawError::at(file, source, start, "a sight names a part or a procedure, not both"));
                    }
                };
                Ok(Sight { scope, reach: raw.reach })
            };
            let definition = PostDefinition {
                kind: raw.kind.clone(),
                title: raw.title,
                sees: raw.sees.into_iter().map(sight).collect::<Result<_, _>>()?,
                administers: raw.administers,
                sees_figures: raw.figures,
            };
            if posts.insert(raw.kind.clone(), definition).is_some() {
                return Err(LawError::plain(file, format!("post `{}` is defined twice", raw.kind)));
            }
        }
        Ok(Self(posts))
    }

    /// One kind.
    pub fn get(&self, kind: &str) -> Option<&PostDefinition> {
        self.0.get(kind)
    }

    /// Its title, or its code.
    pub fn title<'a>(&'a self, kind: &'a PostKind) -> &'a str {
        self.get(kind.as_str()).map_or(kind.as_str(), |post| post.title.as_str())
    }

    /// All kinds.
    pub fn iter(&self) -> impl Iterator<Item = &PostDefinition> {
        self.0.values()
    }
}
