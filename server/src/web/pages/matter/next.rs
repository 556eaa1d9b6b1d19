//! What can be done next, by whom, under which article, and why not.

use zhunsheng_core::matter::{StepOption, is_awaited};
use zhunsheng_core::procedure::{Generic, Performer};

use zhunsheng_core::refusal::engine;

use super::Ground;
use crate::web::citation::Citation;

/// The rank of steps that others take.
const OTHERS: u8 = 4;

/// A step of the panel.
pub(super) struct NextView {
    pub title: String,
    pub who: String,
    pub authority: Citation,
    pub href: String,
    /// Its reader can take it now.
    pub ready: bool,
    /// Why not: sentence and article.
    pub why: Vec<(String, Citation)>,
    /// Entering it from a signed form, where its reader may.
    pub form: String,
    /// 补录, where its reader may.
    pub late: String,
}

/// The panel.
pub(super) struct Next {
    /// What its reader can do now, then what they could.
    pub steps: Vec<NextView>,
    /// What others do.
    pub others: Vec<NextView>,
    /// Acts that every procedure inherits.
    pub generic: Vec<(String, String)>,
}

impl Next {
    pub(super) fn new(ground: &Ground<'_>, options: Vec<StepOption>) -> Self {
        let (generic, own): (Vec<_>, Vec<_>) =
            options.into_iter().partition(|option| Generic::of(&option.step).is_some());
        let at = |option: &StepOption| format!("/matters/{}/steps/{}", ground.case.row.id, option.step);
        let mut steps: Vec<(u8, NextView)> = own.iter().map(|option| view(ground, option, &at(option))).collect();
        steps.sort_by_key(|(rank, _)| *rank);
        let (steps, others): (Vec<_>, Vec<_>) = steps.into_iter().partition(|(rank, _)| *rank < OTHERS);
        let views = |ranked: Vec<(u8, NextView)>| ranked.into_iter().map(|(_, view)| view).collect();
        let generic = generic.iter().map(|option| (option.title.clone(), at(option))).collect();
        Self { steps: views(steps), others: views(others), generic }
    }
}

fn view(ground: &Ground<'_>, option: &StepOption, href: &str) -> (u8, NextView) {
    let step = ground.case.procedure.step(option.step.as_str());
    let by_citizen = step.is_some_and(|step| step.by.iter().all(|by| *by == Performer::Citizen));
    let ready = option.mine && option.refusals.is_empty();
    let organ = option.organ.as_ref().map(|organ| format!("{organ} ")).unwrap_or_default();
    // That it is for somebody else is said by the line of who does it.
    let others = option.refusals.has(engine::WRONG_POST) || option.refusals.has(engine::WRONG_ORGAN);
    let said = |code: &str| others && matches!(code, engine::WRONG_POST | engine::WRONG_ORGAN | engine::NOT_ASSIGNED);
    let why = option.refusals.iter().filter(|refusal| !said(refusal.code.as_str())).map(|refusal| {
        let basis = refusal.basis.as_ref().map(|basis| ground.citations.show(basis)).unwrap_or_default();
        (refusal.sentence.clone(), basis)
    });
    let may_enter = (option.mine || option.by_form) && !by_citizen;
    let view = NextView {
        title: option.title.clone(),
        who: format!("{organ}{}", option.who),
        authority: ground.citations.show_graded(&option.authority),
        href: href.to_owned(),
        ready,
        why: why.collect(),
        form: if option.by_form { format!("{href}?manner=form") } else { String::new() },
        late: if may_enter { format!("{href}?manner=late") } else { String::new() },
    };
    // What the law waits for stands before what may be done as well.
    let waited = step.is_some_and(|step| is_awaited(&ground.case.procedure, step, &ground.case.state));
    let rank = match (ready, waited) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) if option.by_form => 2,
        (false, _) if option.mine => 3,
        (false, _) => OTHERS,
    };
    (rank, view)
}
