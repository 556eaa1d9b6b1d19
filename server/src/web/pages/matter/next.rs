//! What can be done next, by whom, under which article, and why not.

use zhunsheng_core::matter::StepOption;
use zhunsheng_core::procedure::{Generic, Performer};

use super::Ground;

/// A step of the panel.
pub(super) struct NextView {
    pub title: String,
    pub who: String,
    pub href: String,
    /// Its reader can take it now.
    pub ready: bool,
    /// Why not: sentence with article.
    pub why: Vec<String>,
    /// Entering it from a signed form, where its reader may.
    pub form: String,
    /// 补录, where its reader may.
    pub late: String,
}

/// The panel.
pub(super) struct Next {
    /// What its reader can do now, then what they could, then what others do.
    pub steps: Vec<NextView>,
    /// Acts that every procedure inherits.
    pub generic: Vec<(String, String)>,
}

impl Next {
    pub(super) fn new(ground: &Ground<'_>, options: Vec<StepOption>) -> Self {
        let (generic, own): (Vec<_>, Vec<_>) = options.into_iter().partition(|option| Generic::of(&option.step).is_some());
        let at = |option: &StepOption| format!("/matters/{}/steps/{}", ground.case.row.id, option.step);
        let mut steps: Vec<(u8, NextView)> = own.iter().map(|option| view(ground, option, &at(option))).collect();
        steps.sort_by_key(|(rank, _)| *rank);
        let generic = generic.iter().map(|option| (option.title.clone(), at(option))).collect();
        Self { steps: steps.into_iter().map(|(_, view)| view).collect(), generic }
    }
}

fn view(ground: &Ground<'_>, option: &StepOption, href: &str) -> (u8, NextView) {
    let step = ground.case.procedure.step(option.step.as_str());
    let by_citizen = step.is_some_and(|step| step.by.iter().all(|by| *by == Performer::Citizen));
    let ready = option.mine && option.refusals.is_empty();
    let organ = option.organ.as_ref().map(|organ| format!("{organ} ")).unwrap_or_default();
    let why = option.refusals.iter().map(|refusal| {
        let basis = refusal.basis.as_ref().map(|basis| format!("（{basis}）")).unwrap_or_default();
        format!("{}{basis}", refusal.sentence)
    });
    let may_enter = (option.mine || option.by_form) && !by_citizen;
    let view = NextView {
        title: option.title.clone(),
        who: format!("{organ}{} · {} · {}", option.who, option.authority, option.authority.grade.chinese()),
        href: href.to_owned(),
        ready,
        why: why.collect(),
        form: if option.by_form { format!("{href}?manner=form") } else { String::new() },
        late: if may_enter { format!("{href}?manner=late") } else { String::new() },
    };
    let rank = if ready { 0 } else if option.by_form { 1 } else if option.mine { 2 } else { 3 };
    (rank, view)
}
