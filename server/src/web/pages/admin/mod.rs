//! Administration: people, posts, accounts, sessions, tokens. No case content: an administrator's sight is the registers.

mod accounts;
mod people;
mod posts;

use crate::app::App;
use crate::web::{Official, PageError};

pub(in crate::web) use accounts::{change_account, end_session, issue_token, open_account, revoke_token};
pub(in crate::web) use people::{list_people, show_new_person, show_person, submit_new_person};
pub(in crate::web) use posts::{show_end, show_grant, submit_end, submit_grant};

/// Only a post that administers may come here.
fn administrators_only(app: &App, official: &Official) -> Result<(), PageError> {
    let ruling = app.county.ruling();
    if ruling.law.posts.get(official.post.kind.as_str()).is_some_and(|post| post.administers) {
        Ok(())
    } else {
        Err(PageError::Forbidden { because: "人员、岗位和账号由系统管理员管理。".to_owned() })
    }
}
