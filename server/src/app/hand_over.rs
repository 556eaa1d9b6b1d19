//! Ending a post: its open work goes to a successor and the post ends, in one transaction.
//!
//! The administrator sees numbers and procedures, never content. Each passed matter is an act of its own in the
//! record. Does not belong here: registering people and posts (those are acts of their registers).

use zhunsheng_core::id::{MatterId, PersonId, PostId};
use zhunsheng_core::matter::{self, Actor, Command, Input, Manner, Matters, Target};
use zhunsheng_core::procedure::Generic;

use super::App;
use super::act::{ActError, Desk, Done};
use crate::store::worklist::OpenWork;
use crate::store::{Tx, matters, worklist};

/// Matters passed on at once.
const MATTERS_MAX: i64 = 5_000;

/// How a post ends.
#[derive(Clone, Debug)]
pub struct PostEnd {
    /// Which.
    pub post: PostId,
    /// The last day, as typed.
    pub until: String,
    /// Who takes over, if there is open work.
    pub successor: Option<PersonId>,
    /// Why.
    pub reason: String,
}

/// What happened.
#[derive(Clone, Debug)]
pub struct PostEnded {
    /// How many matters were passed on.
    pub handed_over: usize,
}

impl Desk {
    /// Passes one matter on.
    pub fn hand_over(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        id: MatterId,
        to: PersonId,
        reason: &str,
    ) -> Result<Done, ActError> {
        let state = matters::find_state(tx, &self.county, id)?.ok_or(ActError::NotFound)?;
        let mut around = Matters::new();
        if let Some(parent) = state.parent.map(|id| matters::find_state(tx, &self.county, id)).transpose()?.flatten() {
            around.insert(parent.id, parent);
        }
        let decision = matter::hand_over(&self.ruling.law, &state, &around, to, reason, &self.context(actor.clone()))?;
        self.commit(tx, actor, Generic::Reassign.step(), decision, &Matters::new())
    }

    fn end_post(&mut self, tx: &mut Tx<'_>, actor: &Actor, end: &PostEnd) -> Result<PostEnded, ActError> {
        let post = self.registry.post(end.post).cloned().ok_or(ActError::NotFound)?;
        let mut handed_over = 0;
        if let Some(successor) = end.successor {
            for work in open_work(tx, &self.county, &post)? {
                self.hand_over(tx, actor, work.id, successor, &end.reason)?;
                handed_over += 1;
            }
        }
        let command = Command {
            target: Target::On(end.post),
            step: "end".into(),
            input: Input {
                reason: Some(end.reason.clone()),
                ..Input::default().with("valid_until", end.until.clone())
            },
            manner: Manner::Live,
        };
        self.perform(tx, actor.clone(), &command)?;
        Ok(PostEnded { handed_over })
    }
}

/// Open matters of a post's organ for which its holder is responsible.
pub fn open_work(
    q: &impl crate::store::Query,
    county: &str,
    post: &zhunsheng_core::authority::Post,
) -> Result<Vec<OpenWork>, crate::store::StoreFault> {
    let all = worklist::list_assigned(q, county, post.person, MATTERS_MAX)?;
    Ok(all.into_iter().filter(|work| work.organ == post.organ.as_str()).collect())
}

impl App {
    /// Ends a post; with a successor, its open work goes to them first. All of it happens or nothing.
    pub async fn end_post(&self, actor: Actor, end: PostEnd) -> Result<PostEnded, ActError> {
        self.at_the_desk(move |desk, tx| desk.end_post(tx, &actor, &end)).await
    }
}
