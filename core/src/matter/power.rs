//! Whether the organ that holds the matter has, on the day, the power that a step is taken under: 行政处罚法§17 – §24.
//!
//! By its own right, or handed to it (赋权); whoever acts for it (委托) acts in its name, within the period, and after the
//! public could read it. Where the county's list is silent on a field of law nobody is asked (docs/decisions/0023-powers.md).

use super::decide::{Context, Draft};
use super::event::Fact;
use super::state::MatterState;
use crate::authority::{DelegationKind, Power, Registry, Unfit, lies_in};
use crate::basis::Basis;
use crate::day::Day;
use crate::id::{FieldId, MatterId, OrganCode};
use crate::law::Law;
use crate::procedure::{PowerNeeded, Step};
use crate::refusal::engine;

/// What a refusal says beside its code.
type With<'a> = &'a [(&'a str, &'a str)];

/// Notes every objection to the power that a step is taken under.
pub(super) fn check(step: &Step, day: Day, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let Some(needed) = &step.power else { return };
    let scene = Look { needed, day, law, context, title: &step.title };
    scene.organ(draft);
    let domain = code(draft, &needed.domain);
    if !context.registry.powers().speaks(needed.kind.as_str(), &domain, day) {
        return;
    }
    let named = fact(draft, &needed.field).and_then(|id| context.registry.powers().get(id));
    match named {
        None => scene.missing(draft, engine::POWER_MISSING, &[]),
        Some(power) if power.kind != needed.kind.as_str() || power.domain != domain => {
            scene.missing(draft, engine::POWER_UNFIT, &[("power", &power.name)]);
        }
        Some(power) => {
            let power = power.clone();
            scene.held(&power, draft);
            scene.entrusted(&power, draft);
        }
    }
}

/// As [`check`], before a form is opened: what the form itself will ask is not held against it.
pub(super) fn foresee(step: &Step, day: Day, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let Some(needed) = &step.power else { return };
    if fact(draft, &needed.field).is_some() {
        check(step, day, draft, law, context);
    } else {
        Look { needed, day, law, context, title: &step.title }.organ(draft);
    }
}

/// The organs that may act under a power in their own name, by name: where a matter belongs.
pub fn competent(power: &Power, matter: &MatterState, registry: &Registry, day: Day) -> String {
    let in_town = |town: &OrganCode| {
        let town = registry.organ(town.as_str()).and_then(|organ| organ.place.as_ref());
        matter.place.as_ref().zip(town).is_some_and(|(place, town)| lies_in(place, town))
    };
    let organs = registry.powers().competent(power, day, in_town);
    organs.into_iter().map(|organ| registry.organ_name(organ)).collect::<Vec<_>>().join("或者")
}

struct Look<'a> {
    needed: &'a PowerNeeded,
    day: Day,
    law: &'a Law,
    context: &'a Context<'a>,
    title: &'a str,
}

impl Look<'_> {
    /// A team is part of an organ: it acts as its bureau, as the town government, or in the name of who entrusts it.
    fn organ(&self, draft: &mut Draft) {
        let organ = self.context.registry.organ(draft.state.organ.as_str());
        let Some(team) =
            organ.filter(|organ| draft.procedure.never_held_by.iter().any(|kind| kind.as_str() == organ.kind))
        else {
            return;
        };
        self.refuse(draft, engine::POWER_TEAM, &self.needed.basis, &[("organ", &team.name), ("step", self.title)]);
    }

    fn held(&self, power: &Power, draft: &mut Draft) {
        let powers = self.context.registry.powers();
        let day = self.day.chinese();
        let with = [("power", power.name.as_str()), ("day", day.as_str())];
        if !power.held_on(self.day) {
            return self.refuse(draft, engine::POWER_NOT_IN_FORCE, &self.needed.basis, &with);
        }
        if power.organ == draft.state.organ {
            return;
        }
        let problem = match powers.delegated(DelegationKind::Assigned, power, &draft.state.organ, self.day) {
            Ok(_) => return,
            Err(problem) => problem,
        };
        let competent = competent(power, &draft.state, self.context.registry, self.day);
        let organ = self.context.registry.organ_name(&draft.state.organ).to_owned();
        let with = [
            ("power", power.name.as_str()),
            ("organ", &organ),
            ("competent", &competent),
            ("how", "赋权"),
            ("when", &ended(problem)),
            ("day", &day),
        ];
        match problem {
            Unfit::Missing => self.refuse(draft, engine::POWER_ELSEWHERE, &self.needed.basis, &with),
            Unfit::OutOfPeriod(_) => self.refuse(draft, engine::DELEGATION_ENDED, &self.needed.assigning, &with),
            Unfit::Unpublished => self.refuse(draft, engine::DELEGATION_UNPUBLISHED, &self.needed.assigning, &with),
        }
    }

    fn entrusted(&self, power: &Power, draft: &mut Draft) {
        let body =
            self.needed.body.as_ref().and_then(|field| draft.state.fact(field.as_str())?.code().map(OrganCode::from));
        let Some(body) = body.filter(|body| *body != draft.state.organ) else { return };
        let found = self.context.registry.powers().delegated(DelegationKind::Entrusted, power, &body, self.day);
        // Only who holds the power may entrust it: what was handed to a town is not handed on by it.
        let Err(problem) =
            found.and_then(|known| if known.by == draft.state.organ { Ok(known) } else { Err(Unfit::Missing) })
        else {
            return;
        };
        let (name, holder) = (
            self.context.registry.organ_name(&body).to_owned(),
            self.context.registry.organ_name(&draft.state.organ).to_owned(),
        );
        let with = [
            ("power", power.name.as_str()),
            ("organ", &name),
            ("competent", &holder),
            ("how", "委托"),
            ("when", &ended(problem)),
            ("day", &self.day.chinese()),
        ];
        let code = match problem {
            Unfit::Missing => engine::DELEGATION_MISSING,
            Unfit::OutOfPeriod(_) => engine::DELEGATION_ENDED,
            Unfit::Unpublished => engine::DELEGATION_UNPUBLISHED,
        };
        self.refuse(draft, code, &self.needed.entrusting, &with);
    }

    fn missing(&self, draft: &mut Draft, code: &str, with: With<'_>) {
        let domain = draft.procedure.fields.get(&self.needed.domain).and_then(|field| draft.procedure.list_of(field));
        let domain = domain.and_then(|list| list.title(&self::code(draft, &self.needed.domain)).map(str::to_owned));
        let domain = domain.unwrap_or_default();
        let with: Vec<(&str, &str)> =
            [("step", self.title), ("domain", &domain)].into_iter().chain(with.iter().copied()).collect();
        let mut refusal = self.law.refusals.at_field(code, &self.needed.field, &with);
        refusal.basis = Some(self.needed.basis.clone());
        draft.refuse(refusal);
    }

    fn refuse(&self, draft: &mut Draft, code: &str, basis: &Basis, with: With<'_>) {
        draft.refuse(self.law.refusals.refuse(code, Some(basis.clone()), with));
    }
}

fn ended(problem: Unfit) -> String {
    match problem {
        Unfit::OutOfPeriod(Some(day)) => format!("至{}止", day.plus(-1).chinese()),
        Unfit::OutOfPeriod(None) => "尚未开始".to_owned(),
        Unfit::Missing | Unfit::Unpublished => String::new(),
    }
}

fn code(draft: &Draft, field: &FieldId) -> String {
    draft.state.fact(field.as_str()).and_then(Fact::code).unwrap_or_default().to_owned()
}

fn fact(draft: &Draft, field: &FieldId) -> Option<MatterId> {
    match draft.state.fact(field.as_str())? {
        Fact::Matter(id) => Some(*id),
        _ => None,
    }
}
