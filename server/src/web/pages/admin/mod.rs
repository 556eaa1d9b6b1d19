//! Administration: people, posts, accounts, sessions, tokens, notices of days off, publication of the log. No case content: an administrator's sight is the registers.

mod accounts;
mod calendar;
mod people;
mod posts;
mod publication;
mod quarantine;

pub(in crate::web) use accounts::{change_account, end_session, issue_token, open_account, revoke_token};
pub(in crate::web) use calendar::{load_calendar, preview_calendar, show_calendar, show_loaded};
pub(in crate::web) use people::{list_people, show_new_person, show_person, submit_new_person};
pub(in crate::web) use posts::{show_end, show_grant, submit_end, submit_grant};
pub(in crate::web) use publication::show_publication;
pub(in crate::web) use quarantine::{list_quarantine, settle_quarantined};
