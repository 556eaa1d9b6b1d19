//! Drafts as a question finds them: by their title or by what stands in them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use zhunsheng_core::guide::Guides;
use zhunsheng_core::guide::question::Question;
use zhunsheng_core::guide::rank::{Entry, Index};
use zhunsheng_core::id::MatterId;
use zhunsheng_core::text;

use super::Line;
use crate::store::{Query, StoreFault, record};

/// Characters of an explanation and of a text that are searched: an index is made of them for every question.
const SEARCHED_MAX: usize = 2_000;

/// What stands in drafts, as far as it is public: a draft that was published does not change any more.
pub type Texts = Mutex<BTreeMap<MatterId, Arc<str>>>;

/// The explanation and the text of each draft.
pub fn texts(q: &impl Query, code: &str, known: &Texts, drafts: &[Line]) -> Result<Vec<Arc<str>>, StoreFault> {
    let mut kept = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    kept.retain(|id, _| drafts.iter().any(|draft| draft.matter == *id));
    let mut all = Vec::new();
    for draft in drafts {
        let text = match kept.get(&draft.matter) {
            Some(text) => Arc::clone(text),
            None => {
                let sealed = record::sealed_values(q, code, draft.matter)?;
                let open = |field: &str| -> String {
                    text::mask_numbers(record::opened(&sealed, &format!("field.{field}")))
                        .chars()
                        .take(SEARCHED_MAX)
                        .collect()
                };
                Arc::from([open("explanation"), open("draft_text")].join("\n"))
            }
        };
        kept.insert(draft.matter, Arc::clone(&text));
        all.push(text);
    }
    *known.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    Ok(all)
}

/// The drafts that fit a question by their title or by what stands in them, best first; guides stand beside them, so that a rare word is rare
/// even among few drafts.
#[must_use]
pub fn fitting(
    guides: &Guides,
    (drafts, texts): (Vec<Line>, Vec<Arc<str>>),
    question: &Question,
    most: usize,
) -> Vec<Line> {
    let entry = |(draft, text): (&Line, &Arc<str>)| Entry {
        fields: vec![(3.0, draft.title.clone()), (1.0, text.to_string())],
        words: Vec::new(),
    };
    let known = guides.iter().count();
    let index = Index::of(guides.entries().chain(drafts.iter().zip(&texts).map(entry)));
    let places = index.find_from(question, known).into_iter().take(most).map(|found| found.at - known);
    places.filter_map(|at| drafts.get(at).cloned()).collect()
}
