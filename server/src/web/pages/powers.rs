//! 行政执法事前公示: which organ holds which power under which article, and what is entrusted or handed to towns (行政处罚法§20,
//! §24, §39). What was not published is not shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use zhunsheng_core::authority::{Delegation, DelegationKind, Power, Registry};
use zhunsheng_core::day::Day;
use zhunsheng_core::law::Law;

use crate::app::App;
use crate::web::{Layout, PageError, Visitor, render};

/// The register whose lists name kinds of powers and fields of law.
const REGISTER: &str = "enforcement_power";

struct PowerLine {
    code: String,
    name: String,
    kind: String,
    domain: String,
    basis: String,
}

struct DelegationLine {
    to: String,
    how: &'static str,
    what: String,
    instrument: String,
    period: String,
}

struct OrganPowers {
    organ: String,
    powers: Vec<PowerLine>,
    delegations: Vec<DelegationLine>,
}

#[derive(Template)]
#[template(path = "citizen/powers.html")]
struct PowersPage {
    layout: Layout,
    organs: Vec<OrganPowers>,
    today: String,
}

/// `GET /powers`: organ by organ.
pub(in crate::web) async fn list_powers(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, PageError> {
    let (ruling, registry, today) = (app.county.ruling(), app.county.registry(), app.today());
    render(&PowersPage {
        layout: Layout::new(&app, &visitor, "行政执法职权公示"),
        organs: organs(&ruling.law, &registry, today),
        today: today.chinese(),
    })
}

fn organs(law: &Law, registry: &Registry, today: Day) -> Vec<OrganPowers> {
    let mut organs: BTreeMap<&str, OrganPowers> = BTreeMap::new();
    let shown = |power: &&Power| power.held_on(today) && power.published.is_some_and(|published| published <= today);
    for power in registry.powers().iter().filter(shown) {
        let entry = organs.entry(power.organ.as_str()).or_insert_with(|| OrganPowers {
            organ: registry.organ_name(&power.organ).to_owned(),
            powers: Vec::new(),
            delegations: registry
                .powers()
                .delegated_by(&power.organ)
                .filter(|known| known.serves(today))
                .map(|known| delegation(law, registry, known))
                .collect(),
        });
        entry.powers.push(PowerLine {
            code: power.code.clone(),
            name: power.name.clone(),
            kind: title(law, "power_kind", &power.kind),
            domain: title(law, "domain", &power.domain),
            basis: power.basis.clone(),
        });
    }
    for organ in organs.values_mut() {
        organ.powers.sort_by(|a, b| a.code.cmp(&b.code));
    }
    organs.into_values().collect()
}

fn delegation(law: &Law, registry: &Registry, known: &Delegation) -> DelegationLine {
    let what = match known.power.and_then(|id| registry.powers().get(id)) {
        Some(power) => power.name.clone(),
        None => format!("{}领域的{}", title(law, "domain", &known.domain), title(law, "power_kind", &known.power_kind)),
    };
    let period = match known.until {
        Some(until) => format!("{}至{}", known.from.chinese(), until.plus(-1).chinese()),
        None => format!("自{}", known.from.chinese()),
    };
    DelegationLine {
        to: registry.organ_name(&known.to).to_owned(),
        how: match known.kind {
            DelegationKind::Entrusted => "委托，以本机关的名义",
            DelegationKind::Assigned => "赋权，以镇政府的名义",
        },
        what,
        instrument: known.instrument.clone(),
        period,
    }
}

fn title(law: &Law, list: &str, code: &str) -> String {
    let list = law.newest(REGISTER).and_then(|register| register.lists.get(list));
    list.and_then(|list| list.title(code)).unwrap_or(code).to_owned()
}
