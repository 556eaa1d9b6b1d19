//! Studying comments: what waits on a desk as one card for a draft, and what lies around a comment.
//!
//! Does not belong here: what a comment says (`store/comments.rs`), who sees it (`sight.rs`).

use zhunsheng_core::id::{MatterId, PostKind};
use zhunsheng_core::law::Law;
use zhunsheng_core::matter::MatterState;
use zhunsheng_core::procedure::Performer;

use super::{COMMENT, drafted};
use crate::store::matters::{MatterRow, Work};
use crate::store::seeing::SightFilter;
use crate::store::{Query, StoreFault, comments, matters};

/// The step by which a comment is settled.
const SETTLE: &str = "settle";

/// Whether a post studies comments at all: for others nothing is counted.
#[must_use]
pub fn studies(law: &Law, post: &PostKind) -> bool {
    let by = Performer::Post(post.clone());
    law.newest(COMMENT).and_then(|definition| definition.step(SETTLE)).is_some_and(|step| step.by.contains(&by))
}

/// Drafts with comments that wait to be studied, and how many of each.
pub fn waiting(
    q: &impl Query,
    county: &str,
    law: &Law,
    (work, sight): (&Work<'_>, &SightFilter),
) -> Result<Vec<(MatterRow, i64)>, StoreFault> {
    if !studies(law, &PostKind::from(work.post_kind)) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (draft, count) in comments::waiting(q, county, COMMENT, work)? {
        let id = MatterId::parse(&draft.to_lowercase());
        let row = id.map(|id| matters::find_row(q, county, sight, id)).transpose()?.flatten();
        found.extend(row.map(|row| (row, count)));
    }
    Ok(found)
}

/// Ways from a comment: its draft, all comments on it, the one before and the one after, the next that waits; address and words.
pub fn around(
    q: &impl Query,
    county: &str,
    sight: &SightFilter,
    state: &MatterState,
) -> Result<Vec<(String, String)>, StoreFault> {
    let Some(draft) = drafted(state) else { return Ok(Vec::new()) };
    let Some(row) = matters::find_row(q, county, sight, draft)? else { return Ok(Vec::new()) };
    let num = matters::find_num(q, county, state.id)?.unwrap_or(0);
    let around = comments::around(q, county, sight, (COMMENT, draft), num)?;
    let one = |comment: MatterId, words: &str| (format!("/matters/{comment}"), words.to_owned());
    let left = around.waiting;
    let mut ways = Vec::new();
    ways.extend(around.next_waiting.map(|id| one(id, &format!("下一条待研究的意见（另有 {left} 条）"))));
    ways.extend(around.before.map(|id| one(id, "上一条意见")));
    ways.extend(around.after.map(|id| one(id, "下一条意见")));
    ways.push((format!("/matters/{draft}/comments"), format!("这份草案的全部意见（{} 条）", around.all)));
    ways.push((format!("/matters/{draft}"), format!("草案：{}", row.title)));
    Ok(ways)
}
