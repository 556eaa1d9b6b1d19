//! Questions about powers 职权: which one a case is brought under, and to whom a case belongs that is not one's own.

use std::collections::BTreeMap;

use zhunsheng_core::authority::{Delegation, DelegationKind, Power};
use zhunsheng_core::id::{FieldId, OrganCode};
use zhunsheng_core::matter::{competent, named_power};
use zhunsheng_core::procedure::{Field, PowerNeeded, Step};

use super::{At, Batch, Choice, MannerKind, Need};

/// The question where a power to punish comes from, and its codes: one's own, and what the province handed to a town (行政处罚法§24).
const SOURCE: &str = "power_basis";
const OWN_SOURCES: [&str; 3] = ["statutory", "combined", "authorised"];
const HANDED_DOWN: &str = "town";
/// The body that acts in another's name.
const BODY: &str = "entrusted_body";

impl At<'_> {
    /// Powers that can be meant: of the case's field of law where it is known, what one's own organ may exercise first, then
    /// those of others, under their names: choosing one of these says where the case belongs, where a case can be handed over at
    /// all. Where it cannot, only what one's own organ may exercise is there to choose.
    pub(super) fn powers(&self, field: &FieldId) -> Vec<Batch> {
        let registry = self.ground.registry;
        let needed = self.needed_power(field);
        let hands_over = self.ground.procedure.fields.values().any(|known| known.competent_for.as_ref() == Some(field));
        let mut domains = needed.map(|needed| self.domains(needed)).unwrap_or_default();
        if domains.is_empty() && !hands_over {
            domains = self.certified().unwrap_or_default();
        }
        let fits = |power: &&Power| {
            needed.is_none_or(|needed| power.kind == needed.kind.as_str())
                && (domains.is_empty() || domains.contains(&power.domain))
                && self.is_in_force(power)
        };
        let own = self.ground.state.map(|state| &state.organ).or(self.own_organ());
        let mut mine = Batch { title: "本机关行使".to_owned(), choices: Vec::new() };
        let mut others: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
        for power in registry.powers().iter().filter(fits) {
            let choice = Choice { value: power.id.to_string(), title: named(power), note: String::new() };
            if own.is_some_and(|own| self.exercises(own, power, needed)) {
                mine.choices.push(choice);
            } else if hands_over || needed.is_none() {
                others.entry(registry.organ_name(&power.organ).to_owned()).or_default().push(choice);
            }
        }
        let others = others.into_iter().map(|(organ, choices)| Batch { title: format!("{organ}行使"), choices });
        std::iter::once(mine).chain(others).filter(|batch| !batch.choices.is_empty()).collect()
    }

    /// Codes of a question about the field of law or the source of a power that one's own organ can mean, where a case cannot be handed
    /// over to whose power it is; none: any. The county's list of powers says; one that says nothing of the organ says nothing here.
    pub(super) fn own_codes(&self, field: &FieldId) -> Option<Vec<String>> {
        let needed = self.ground.procedure.steps.iter().find_map(|step| step.power.as_ref())?;
        let asked = |needed: &PowerNeeded| *field == needed.domain || field.as_str() == SOURCE;
        let hands_over =
            self.ground.procedure.fields.values().any(|known| known.competent_for.as_ref() == Some(&needed.field));
        if hands_over || !asked(needed) || self.manner() == MannerKind::Late {
            return None;
        }
        let own = self.ground.state.map(|state| &state.organ).or(self.own_organ())?;
        let powers = self.ground.registry.powers().iter();
        let fits = |power: &&Power| {
            power.kind == needed.kind.as_str() && self.is_in_force(power) && self.exercises(own, power, Some(needed))
        };
        let mine: Vec<&Power> = powers.filter(fits).collect();
        if mine.is_empty() {
            return None;
        }
        if *field == needed.domain {
            let certified = self.certified().unwrap_or_default();
            let known = |domain: &&String| certified.is_empty() || certified.contains(domain);
            let domains: Vec<String> = mine.iter().map(|power| &power.domain).filter(known).cloned().collect();
            return Some(domains).filter(|domains| !domains.is_empty());
        }
        let source = |power: &&Power| if power.organ == *own { &OWN_SOURCES[..] } else { &[HANDED_DOWN][..] };
        Some(mine.iter().flat_map(source).map(|code| (*code).to_owned()).collect())
    }

    /// Organs that can be the body that acts in another's name: those that the organ of the case has entrusted with a power; none: the
    /// field asks for no such body.
    pub(super) fn entrusted(&self, field: &FieldId) -> Option<Vec<OrganCode>> {
        let named = |step: &Step| step.power.as_ref().and_then(|needed| needed.body.as_ref()) == Some(field);
        if field.as_str() != BODY && !self.ground.procedure.steps.iter().any(named) {
            return None;
        }
        let own = self.ground.state.map(|state| &state.organ).or(self.own_organ())?;
        let late = self.manner() == MannerKind::Late;
        // One that was not published is there to choose: what is refused for it says so.
        let runs =
            |known: &&Delegation| known.kind == DelegationKind::Entrusted && (late || known.runs(self.ground.today));
        Some(self.ground.registry.powers().delegated_by(own).filter(runs).map(|known| known.to.clone()).collect())
    }

    fn needed_power(&self, field: &FieldId) -> Option<&PowerNeeded> {
        let asks = |step: &&Step| step.power.as_ref().is_some_and(|needed| needed.field == *field);
        self.ground.procedure.steps.iter().find(asks).and_then(|step| step.power.as_ref())
    }

    /// What is entered late is entered as it was: powers that have ended since can be meant.
    fn is_in_force(&self, power: &Power) -> bool {
        self.manner() == MannerKind::Late || power.held_on(self.ground.today)
    }

    /// Whether an organ acts under a power, by its own right or a delegation that covers it. In another's name (委托) it acts only
    /// where the procedure has a place for the body that does.
    fn exercises(&self, own: &OrganCode, power: &Power, needed: Option<&PowerNeeded>) -> bool {
        let entrusted = needed.is_none_or(|needed| needed.body.is_some());
        let kinds = [DelegationKind::Assigned, DelegationKind::Entrusted];
        let delegated = || {
            let kinds = kinds.into_iter().filter(|kind| entrusted || *kind == DelegationKind::Assigned);
            let powers = self.ground.registry.powers();
            kinds.map(|kind| powers.delegated(kind, power, own, self.ground.today)).any(|found| found.is_ok())
        };
        *own == power.organ || delegated()
    }

    /// The field of law of the case: what it says, else what was typed; none: any.
    fn domains(&self, needed: &PowerNeeded) -> Vec<String> {
        let ground = self.ground;
        let stands = ground.state.and_then(|state| state.fact(needed.domain.as_str())?.code());
        let typed = self.filled.map(|filled| filled.values(&format!("f.{}", needed.domain))).unwrap_or_default();
        let typed: Vec<String> = typed.into_iter().filter(|code| !code.is_empty()).collect();
        match stands {
            Some(code) => vec![code.to_owned()],
            None => typed,
        }
    }

    /// The fields of law of the certificate that the person at the form holds, where the procedure asks for one; none: it covers all.
    fn certified(&self) -> Option<Vec<String>> {
        let officers = self.ground.procedure.steps.iter().find_map(|step| step.officers.as_ref());
        let (post, register) = (self.ground.post?, &officers?.credential);
        let found = self.ground.registry.credential(post.person, register, None, self.ground.today);
        found.ok().map(|credential| credential.domains.iter().map(ToString::to_string).collect())
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
