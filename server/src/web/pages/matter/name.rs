//! In whose name a case is brought, and by what power: said at its head.

use zhunsheng_core::authority::{DelegationKind, Unfit};
use zhunsheng_core::matter::named_power;

use super::Ground;

impl Ground<'_> {
    /// 以昌图县农业农村局的名义，委托……办理; empty where the definition asks for no power or none is named.
    pub(super) fn in_whose_name(&self) -> String {
        let state = &self.case.state;
        let Some(needed) = self.case.procedure.power_needed() else { return String::new() };
        let Some(power) = named_power(state, &needed.field, &self.registry) else { return String::new() };
        let organ = self.registry.organ_name(&state.organ);
        let day = state.opened;
        let found = |kind, to: &str| self.registry.powers().delegated(kind, power, &to.into(), day);
        let instrument = |number: &str| if number.is_empty() { String::new() } else { format!("（{number}）") };
        let body = needed.body.as_ref().and_then(|field| state.fact(field.as_str())?.code());
        if let Some(body) = body.filter(|body| *body != state.organ.as_str()) {
            let name = self.registry.organ_name(&body.into()).to_owned();
            return match found(DelegationKind::Entrusted, body) {
                Ok(known) => format!("以{organ}的名义，委托{name}办理{}", instrument(&known.instrument)),
                Err(_) => format!("以{organ}的名义，{name}办理，没有登记有效的委托"),
            };
        }
        if power.organ == state.organ {
            return format!("以{organ}的名义，本机关职权");
        }
        let holder = self.registry.organ_name(&power.organ);
        match found(DelegationKind::Assigned, state.organ.as_str()) {
            Ok(known) => format!("以{organ}的名义，承接{holder}的职权{}", instrument(&known.instrument)),
            Err(Unfit::Missing) => format!("职权属于{holder}，应当移送"),
            Err(_) => format!("承接{holder}的职权，但赋权没有公布或者不在期限内"),
        }
    }
}
