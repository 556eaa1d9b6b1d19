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
use crate::id::{FieldId, OrganCode};
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
    if !needed.always && !context.registry.powers().speaks(needed.kind.as_str(), &domain, day) {
        return;
    }
    match named(&draft.state, &needed.field, context.registry) {
        None if needed.always => scene.missing(draft, engine::POWER_UNNAMED, &[]),
        None => scene.missing(draft, engine::POWER_MISSING, &[]),
        Some(power) if power.kind != needed.kind.as_str() || power.domain != domain => {
            scene.missing(draft, engine::POWER_UNFIT, &[("power", &power.name)]);
        }
        Some(power) => {
            scene.held(power, draft);
            scene.entrusted(power, draft);
        }
    }
}

/// As [`check`], before a form is opened: what the form itself will ask is not held against it.
pub(super) fn foresee(step: &Step, day: Day, draft: &mut Draft, law: &Law, context: &Context<'_>) {
    let Some(needed) = &step.power else { return };
    if draft.state.fact(needed.field.as_str()).is_some() {
        check(step, day, draft, law, context);
    } else {
        Look { needed, day, law, context, title: &step.title }.organ(draft);
    }
}

/// The power that a field of a matter names.
pub fn named<'r>(matter: &MatterState, field: &FieldId, registry: &'r Registry) -> Option<&'r Power> {
    registry.powers().get(matter.fact(field.as_str())?.matter()?)
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
        let organ = draft.state.organ.clone();
        let competent = competent(power, &draft.state, self.context.registry, self.day);
        let basis = if problem == Unfit::Missing { &self.needed.basis } else { &self.needed.assigning };
        self.undelegated(draft, problem, (engine::POWER_ELSEWHERE, basis), power, ("赋权", &organ, &competent));
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
        let holder = self.context.registry.organ_name(&draft.state.organ).to_owned();
        let missing = (engine::DELEGATION_MISSING, &self.needed.entrusting);
        self.undelegated(draft, problem, missing, power, ("委托", &body, &holder));
    }

    /// `to` may not exercise a power by delegation: `missing` is said where there is none, under its article, which the other
    /// reasons share.
    fn undelegated(
        &self,
        draft: &mut Draft,
        problem: Unfit,
        (missing, basis): (&str, &Basis),
        power: &Power,
        (how, to, competent): (&str, &OrganCode, &str),
    ) {
        let code = match problem {
            Unfit::Missing => missing,
            Unfit::OutOfPeriod(_) => engine::DELEGATION_ENDED,
            Unfit::Unpublished => engine::DELEGATION_UNPUBLISHED,
        };
        let with = [
            ("power", power.name.as_str()),
            ("organ", self.context.registry.organ_name(to)),
            ("competent", competent),
            ("how", how),
            ("when", &ended(problem)),
            ("day", &self.day.chinese()),
        ];
        self.refuse(draft, code, basis, &with);
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
