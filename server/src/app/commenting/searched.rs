//! Drafts as a question finds them: by their title or by what stands in them.

use std::sync::Arc;

use zhunsheng_core::day::Day;
use zhunsheng_core::guide::rank::Entry;
use zhunsheng_core::text;

use super::{CONSULTATION, LOOKED_AT, Line, NOTICE, lines};
use crate::app::county::County;
use crate::app::fault::Fault;
use crate::app::shelf::{Shelf, Stock, Wanted};
use crate::store::{Query, record};

/// Characters of an explanation and of a text that are searched.
const SEARCHED_MAX: usize = 2_000;

/// Published drafts with what stands in them, as far as it is public.
pub fn searched(
    q: &impl Query,
    code: &str,
    county: &County,
    shelf: &Shelf<Line>,
    today: Day,
) -> Result<Arc<Stock<Line>>, Fault> {
    let wanted = Wanted { code, county, what: (CONSULTATION, NOTICE), today, most: LOOKED_AT };
    shelf.stock(q, &wanted, |shown| {
        let mut drafts = Vec::new();
        for draft in lines(q, code, county, today, shown)? {
            let sealed = record::sealed_values(q, code, draft.matter)?;
            let open = |field: &str| -> String {
                let value = record::opened(&sealed, &format!("field.{field}"));
                text::mask_numbers(value).chars().take(SEARCHED_MAX).collect()
            };
            let text = [open("explanation"), open("draft_text")].join("\n");
            let entry = Entry { fields: vec![(3.0, draft.title.clone()), (1.0, text)], words: Vec::new() };
            drafts.push((draft, entry));
        }
        Ok(drafts)
    })
}
