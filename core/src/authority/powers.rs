//! Which organ holds which power 职权 on which day, and who exercises it for or instead of that organ: 权责清单, 委托, 赋权.
//!
//! Everything here is found by key: no act walks a register. Does not belong here: which step needs a power and what is said
//! where it is missing (`matter/power.rs`).

use std::collections::{BTreeMap, BTreeSet};

use crate::day::Day;
use crate::id::{MatterId, OrganCode, PlaceCode};

/// A power of the county's list 权责清单.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Power {
    /// The register matter that enters it.
    pub id: MatterId,
    /// Its code in the list.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind: penalty, compulsion, inspection …
    pub kind: String,
    /// Its field of law.
    pub domain: String,
    /// The organ that holds it.
    pub organ: OrganCode,
    /// Statute and article, as written in the list.
    pub basis: String,
    /// The first day.
    pub from: Day,
    /// The first day on which it is no longer held.
    pub until: Option<Day>,
    /// Since when the public can read it.
    pub published: Option<Day>,
}

impl Power {
    /// Whether it is held on a day.
    pub fn held_on(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// How another exercises a power.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DelegationKind {
    /// 委托: in the name of the organ that entrusts (行政处罚法§20).
    Entrusted,
    /// 赋权: the province hands the power to the town government, which acts in its own name (行政处罚法§24).
    Assigned,
}

impl DelegationKind {
    /// From its code in the register.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "entrusted" => Some(Self::Entrusted),
            "assigned" => Some(Self::Assigned),
            _ => None,
        }
    }

    /// Its code in the register.
    pub fn code(self) -> &'static str {
        match self {
            Self::Entrusted => "entrusted",
            Self::Assigned => "assigned",
        }
    }
}

/// A delegation of a power, or of all powers of a kind in a field of law.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delegation {
    /// The register matter that enters it.
    pub id: MatterId,
    /// How.
    pub kind: DelegationKind,
    /// Whose powers.
    pub by: OrganCode,
    /// Who exercises them.
    pub to: OrganCode,
    /// Their kind.
    pub power_kind: String,
    /// Their field of law.
    pub domain: String,
    /// Only this power.
    pub power: Option<MatterId>,
    /// Number of the instrument.
    pub instrument: String,
    /// The first day.
    pub from: Day,
    /// The first day on which it has ended.
    pub until: Option<Day>,
    /// Since when the public can read it.
    pub published: Option<Day>,
}

impl Delegation {
    fn covers(&self, power: &Power) -> bool {
        self.by == power.organ
            && self.power_kind == power.kind
            && self.domain == power.domain
            && self.power.is_none_or(|only| only == power.id)
    }

    /// Whether it serves on a day.
    pub fn serves(&self, day: Day) -> bool {
        self.problem(day).is_none()
    }

    /// Whether it runs on a day, published or not.
    pub fn runs(&self, day: Day) -> bool {
        day >= self.from && self.until.is_none_or(|until| day < until)
    }

    /// Why it does not serve on a day.
    fn problem(&self, day: Day) -> Option<Unfit> {
        if !self.runs(day) {
            return Some(Unfit::OutOfPeriod(self.until));
        }
        self.published.is_none_or(|published| day < published).then_some(Unfit::Unpublished)
    }
}

/// Why nobody may exercise a power by delegation on a day, the nearest reason.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Unfit {
    /// There is none.
    Missing,
    /// It has ended on this day, or not begun.
    OutOfPeriod(Option<Day>),
    /// It was not published.
    Unpublished,
}

/// The county's powers and delegations.
#[derive(Clone, Debug, Default)]
pub struct Powers {
    powers: BTreeMap<MatterId, Power>,
    in_domain: BTreeMap<(String, String), BTreeSet<MatterId>>,
    delegations: BTreeMap<MatterId, Delegation>,
    to: BTreeMap<OrganCode, BTreeSet<MatterId>>,
    by: BTreeMap<OrganCode, BTreeSet<MatterId>>,
}

impl Powers {
    /// Enters a power; the same one again replaces what was known of it.
    pub fn add(&mut self, power: Power) {
        if let Some(known) = self.powers.get(&power.id)
            && let Some(ids) = self.in_domain.get_mut(&(known.kind.clone(), known.domain.clone()))
        {
            ids.remove(&power.id);
        }
        self.in_domain.entry((power.kind.clone(), power.domain.clone())).or_default().insert(power.id);
        self.powers.insert(power.id, power);
    }

    /// Enters a delegation; the same one again replaces what was known of it.
    pub fn delegate(&mut self, delegation: Delegation) {
        if let Some(known) = self.delegations.get(&delegation.id) {
            let lists = [self.to.get_mut(&known.to), self.by.get_mut(&known.by)];
            lists.into_iter().flatten().for_each(|ids| {
                ids.remove(&delegation.id);
            });
        }
        self.to.entry(delegation.to.clone()).or_default().insert(delegation.id);
        self.by.entry(delegation.by.clone()).or_default().insert(delegation.id);
        self.delegations.insert(delegation.id, delegation);
    }

    /// A power.
    pub fn get(&self, id: MatterId) -> Option<&Power> {
        self.powers.get(&id)
    }

    /// All powers, by identity.
    pub fn iter(&self) -> impl Iterator<Item = &Power> {
        self.powers.values()
    }

    /// The powers of a kind in a field of law, whether held or ended.
    pub fn in_domain(&self, kind: &str, domain: &str) -> impl Iterator<Item = &Power> {
        let ids = self.in_domain.get(&(kind.to_owned(), domain.to_owned()));
        ids.into_iter().flatten().filter_map(|id| self.powers.get(id))
    }

    /// Whether the list speaks of a field of law: some power of the kind was in force there on the day or before. Where it is
    /// silent nobody is asked for an entry.
    pub fn speaks(&self, kind: &str, domain: &str, day: Day) -> bool {
        self.in_domain(kind, domain).any(|power| power.from <= day)
    }

    /// Whether an organ holds, by its own right, a power in a field of law on a day.
    pub fn owns_in(&self, organ: &OrganCode, kind: Option<&str>, domain: &str, day: Day) -> bool {
        let mut own =
            self.in_domain.iter().filter(|((known, of), _)| of == domain && kind.is_none_or(|kind| kind == known));
        own.any(|(_, ids)| {
            ids.iter().filter_map(|id| self.powers.get(id)).any(|power| power.organ == *organ && power.held_on(day))
        })
    }

    /// The delegations to an organ, whether running or not.
    pub fn delegated_to(&self, organ: &OrganCode) -> impl Iterator<Item = &Delegation> {
        self.to.get(organ).into_iter().flatten().filter_map(|id| self.delegations.get(id))
    }

    /// The delegations by an organ, whether running or not.
    pub fn delegated_by(&self, organ: &OrganCode) -> impl Iterator<Item = &Delegation> {
        self.by.get(organ).into_iter().flatten().filter_map(|id| self.delegations.get(id))
    }

    /// Whether `to` may exercise a power on a day by a delegation of a kind; else the nearest reason why not.
    pub fn delegated(
        &self,
        kind: DelegationKind,
        power: &Power,
        to: &OrganCode,
        day: Day,
    ) -> Result<&Delegation, Unfit> {
        let mut nearest = Unfit::Missing;
        for delegation in self.delegated_to(to).filter(|known| known.kind == kind && known.covers(power)) {
            match delegation.problem(day) {
                None => return Ok(delegation),
                Some(problem) => nearest = nearest.max(problem),
            }
        }
        Err(nearest)
    }

    /// Who may exercise a power in its own name on a day: the organ that holds it, and the governments of towns that it was
    /// handed to; `in_town` narrows to the one town.
    pub fn competent(&self, power: &Power, day: Day, in_town: impl Fn(&OrganCode) -> bool) -> Vec<&OrganCode> {
        let own = self.powers.get(&power.id).filter(|power| power.held_on(day)).map(|power| &power.organ);
        let assigned = self
            .delegated_by(&power.organ)
            .filter(|known| known.kind == DelegationKind::Assigned && known.covers(power) && known.serves(day))
            .map(|known| &known.to)
            .filter(|town| in_town(town));
        let organs: BTreeSet<&OrganCode> = assigned.collect();
        own.into_iter().chain(organs).collect()
    }
}

/// Whether a place lies in another, by their codes: a village's code begins with its town's.
pub fn lies_in(place: &PlaceCode, town: &PlaceCode) -> bool {
    place.as_str().starts_with(town.as_str())
}
