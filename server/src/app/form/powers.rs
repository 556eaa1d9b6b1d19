//! Questions about powers 职权: which one a case is brought under, and to whom a case belongs that is not one's own.

use std::collections::BTreeMap;

use zhunsheng_core::authority::Power;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{competent, named_power};
use zhunsheng_core::procedure::{Field, Step};

use super::{At, Batch, Choice, Need};

impl At<'_> {
    /// Powers that can be meant: of the case's field of law where it is known, what one's own organ may exercise first, then
    /// those of others, under their names: choosing one of these says where the case belongs.
    pub(super) fn powers(&self, field: &FieldId) -> Vec<Batch> {
        let ground = self.ground;
        let (registry, today) = (ground.registry, ground.today);
        let asks = |step: &Step| step.power.as_ref().is_some_and(|needed| needed.field == *field);
        let needed = ground.procedure.steps.iter().find(|step| asks(step)).and_then(|step| step.power.as_ref());
        let domain = needed.and_then(|needed| ground.state?.fact(needed.domain.as_str())?.code());
        let fits = |power: &&Power| {
            needed.is_none_or(|needed| power.kind == needed.kind.as_str())
                && domain.is_none_or(|domain| power.domain == domain)
                && power.held_on(today)
        };
        let own = ground.state.map(|state| &state.organ).or(self.own_organ());
        let mut mine = Batch { title: "本机关行使".to_owned(), choices: Vec::new() };
        let mut others: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
        for power in registry.powers().iter().filter(fits) {
            let choice = Choice { value: power.id.to_string(), title: named(power), note: String::new() };
            let delegated =
                own.is_some_and(|own| registry.powers().delegated_to(own).any(|known| known.by == power.organ));
            if own == Some(&power.organ) || delegated {
                mine.choices.push(choice);
            } else {
                others.entry(registry.organ_name(&power.organ).to_owned()).or_default().push(choice);
            }
        }
        let others = others.into_iter().map(|(organ, choices)| Batch { title: format!("{organ}行使"), choices });
        std::iter::once(mine).chain(others).filter(|batch| !batch.choices.is_empty()).collect()
    }

    /// A step under a power must name it once the county's list speaks of the case's field of law; otherwise a question that
    /// may be left out.
    pub(super) fn need_of_power(&self, field: &FieldId, step: &Step) -> Need {
        let named = step.power.as_ref().filter(|needed| needed.field == *field);
        let speaks = named.is_some_and(|needed| {
            if needed.always {
                return true;
            }
            let domain = self.ground.state.and_then(|state| state.fact(needed.domain.as_str())?.code());
            let powers = self.ground.registry.powers();
            domain.is_some_and(|domain| powers.speaks(needed.kind.as_str(), domain, self.ground.today))
        });
        if speaks { Need::Required } else { Need::Optional }
    }

    /// The organs competent for the power of the matter, unless that is the organ that has it.
    pub(super) fn competent(&self, field: &Field) -> Option<String> {
        let state = self.ground.state?;
        let registry = self.ground.registry;
        let named = named_power(state, field.competent_for.as_ref()?, registry);
        let power = named.filter(|power| power.organ != state.organ)?;
        Some(competent(power, state, registry, self.ground.today)).filter(|organs| !organs.is_empty())
    }
}

fn named(power: &Power) -> String {
    if power.code.is_empty() { power.name.clone() } else { format!("{}（{}）", power.name, power.code) }
}
