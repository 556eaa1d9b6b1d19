//! 信用报送 for those whose work it is: how complete it is, what waits, batches and receipts, lists of departments.
//!
//! Internal pages: no ranking, nothing by the number of penalties (行政处罚法§74). Does not belong here: the public list of fields
//! (`rules`, for everybody), a single report (its matter's page).

pub mod batches;
pub mod coverage;
pub mod lists;
pub mod publications;
pub mod queue;
pub mod rules;

use zhunsheng_core::authority::Post;
use zhunsheng_core::credit::Finding;
use zhunsheng_core::day::Day;

use crate::app::App;
use crate::app::credit;
use crate::store::seeing::SightFilter;
use crate::web::{Official, PageError, Query};

/// Whose reports the official sees: all or those of some organs. To others these pages do not exist.
fn seen(official: &Official) -> Result<Option<Vec<String>>, PageError> {
    seen_by(&official.sight)
}

/// The same for a person and for a program.
pub(in crate::web) fn seen_by(sight: &SightFilter) -> Result<Option<Vec<String>>, PageError> {
    credit::organs_seen(sight).ok_or(PageError::NotFound)
}

/// Only who may act on reports.
fn require_hand(official: &Official) -> Result<(), PageError> {
    require_post(&official.post)
}

/// The same for a person and for a program.
pub(in crate::web) fn require_post(post: &Post) -> Result<(), PageError> {
    if credit::may_act(post.kind.as_str()) {
        return Ok(());
    }
    Err(PageError::Forbidden {
        because: "信用信息由作出决定机关的执法内勤、信用信息工作人员报送。".to_owned()
    })
}

/// A finding on a page.
struct Problem {
    code: String,
    title: String,
    what: String,
    remedy: String,
}

impl From<&Finding> for Problem {
    fn from(finding: &Finding) -> Self {
        let Finding { code, title, what, remedy } = finding.clone();
        Self { code, title, what, remedy }
    }
}

/// The period asked for; this year up to today, if none or a strange one is.
fn period(app: &App, query: &Query) -> (Day, Day) {
    let today = app.today();
    let first = Day::parse(query.text("from")).or_else(|| Day::new(today.year(), 1, 1)).unwrap_or(today);
    let last = Day::parse(query.text("to")).unwrap_or(today);
    (first, last.max(first))
}
