//! A step that scores a file: what was typed is read by the sheet, and points, grade and items follow from it. Nobody types these.
//!
//! Does not belong here: sheets and arithmetic ([`crate::review`]).

use super::command::Input;
use super::decide::Draft;
use super::event::{Event, Fact};
use crate::id::FieldId;
use crate::law::Law;
use crate::procedure::Step;
use crate::refusal::engine;
use crate::review;

/// Reads the deductions of the step and sets what follows from them.
pub(super) fn fill(step: &Step, input: &Input, draft: &mut Draft, law: &Law) {
    let Some(scores) = &step.scores else { return };
    let typed = input.fields.get(&scores.deductions).and_then(|values| values.first());
    let Some(typed) = typed.map(|typed| typed.trim()).filter(|typed| !typed.is_empty()) else { return };
    let named = draft.state.fact(scores.sheet.as_str()).map(Fact::text).unwrap_or_default();
    let read = match law.review.get(&named) {
        Some(sheet) => review::deductions(sheet, typed).map(|deductions| sheet.score(&deductions)),
        None => Err("没有这份评分表".to_owned()),
    };
    let score = match read {
        Ok(score) => score,
        Err(problem) => {
            let title = draft.procedure.fields.get(&scores.deductions).map_or("扣分", |field| field.title.as_str());
            let with = [("field", title), ("problem", problem.as_str())];
            draft.refuse(law.refusals.at_field(engine::FIELD_INVALID, &scores.deductions, &with));
            return;
        }
    };
    let failed = if score.failed.is_empty() { "无".to_owned() } else { score.failed.join(review::BETWEEN) };
    set(&scores.score, Fact::Int(score.points), draft);
    set(&scores.grade, Fact::Code(score.grade.as_str().into()), draft);
    set(&scores.failed, Fact::Text(failed), draft);
}

fn set(field: &FieldId, fact: Fact, draft: &mut Draft) {
    if draft.state.fact(field.as_str()) != Some(&fact) {
        draft.emit(Event::FactSet(field.clone(), fact));
    }
}
