//! The county as it stands: a snapshot built from the registers. Everything holds from a day until a day.

use std::collections::BTreeMap;

use super::powers::{Delegation, Power, Powers};
use crate::day::Day;
use crate::id::{MatterId, OrganCode, OrganFunction, PersonId, PlaceCode, PostId, PostKind, ProcedureId};

/// A place 区划.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its code.
    pub code: PlaceCode,
    /// Its name.
    pub name: String,
    /// county, town or village.
    pub level: String,
    /// The place it belongs to.
    pub parent: Option<PlaceCode>,
}

/// An organ 机关.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organ {
    /// Its code.
    pub code: OrganCode,
    /// Its full name.
    pub name: String,
    /// The short form in document numbers (机关代字).
    pub short: String,
    /// Its kind, from the list `organ_kind`.
    pub kind: String,
    /// The organ above it.
    pub parent: Option<OrganCode>,
    /// Its place.
    pub place: Option<PlaceCode>,
    /// Tasks that procedures rely on.
    pub functions: Vec<OrganFunction>,
    /// Its unified social credit code.
    pub uscc: Option<String>,
    /// Where citizens reach it by telephone.
    pub telephone: Option<String>,
    /// The first day on which it is abolished.
    pub until: Option<Day>,
}

/// A person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Their identity.
    pub id: PersonId,
    /// Their name; that an official holds a post is public, their other data is not here.
    pub name: String,
}

/// A post held by a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    /// The register matter that grants it.
    pub id: PostId,
    /// Who holds it.
    pub person: PersonId,
    /// Where.
    pub organ: OrganCode,
    /// Its kind.
    pub kind: PostKind,
    /// The first day.
    pub from: Day,
    /// The first day on which it is no longer held.
    pub until: Option<Day>,
}

impl Post {
    /// Whether it is held on a day.
    pub fn held_on(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// A certificate or listing in a register: 执法证, 法律顾问, 调解员 …
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// The register matter that enters it.
    pub id: MatterId,
    /// Which register.
    pub register: ProcedureId,
    /// The organ that it names its holder's, where the register asks for one.
    pub organ: Option<OrganCode>,
    /// Its number.
    pub number: String,
    /// The fields of law it covers; none means all.
    pub domains: Vec<String>,
    /// The first day.
    pub from: Day,
    /// The last day on its face.
    pub last_day: Option<Day>,
    /// The day from which it is revoked or suspended.
    pub revoked: Option<Day>,
}

impl Credential {
    /// Whether it is in force on a day; if not, since when it is no longer, none where it begins later.
    pub fn in_force(&self, day: Day) -> Result<(), Option<Day>> {
        let ended = self.revoked.filter(|revoked| day >= *revoked).or(self.last_day.filter(|last| day > *last));
        if ended.is_some() || day < self.from { Err(ended) } else { Ok(()) }
    }
}

/// Why a credential does not serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CredentialProblem {
    /// None was ever registered.
    Missing,
    /// It ended (or was revoked) on this day, or begins later.
    NotInForce(Option<Day>),
    /// It covers another field of law.
    OtherDomain,
}

/// The snapshot.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    places: BTreeMap<PlaceCode, Place>,
    organs: BTreeMap<OrganCode, Organ>,
    people: BTreeMap<PersonId, Person>,
    posts: BTreeMap<PostId, Post>,
    posts_of: BTreeMap<PersonId, Vec<PostId>>,
    posts_in: BTreeMap<OrganCode, Vec<PostId>>,
    credentials: BTreeMap<PersonId, Vec<Credential>>,
    powers: Powers,
}

impl Registry {
    /// Enters a place.
    pub fn add_place(&mut self, place: Place) {
        self.places.insert(place.code.clone(), place);
    }

    /// Enters an organ.
    pub fn add_organ(&mut self, organ: Organ) {
        self.organs.insert(organ.code.clone(), organ);
    }

    /// Enters a person.
    pub fn add_person(&mut self, person: Person) {
        self.people.insert(person.id, person);
    }

    /// Enters a post; the same post again replaces what was known of it, person and organ included.
    pub fn add_post(&mut self, post: Post) {
        let known = self.posts.get(&post.id).map(|known| (known.person, known.organ.clone()));
        if known.as_ref().is_none_or(|(person, organ)| *person != post.person || *organ != post.organ) {
            if let Some((person, organ)) = known {
                let lists = [self.posts_of.get_mut(&person), self.posts_in.get_mut(&organ)];
                lists.into_iter().flatten().for_each(|ids| ids.retain(|id| *id != post.id));
            }
            self.posts_of.entry(post.person).or_default().push(post.id);
            self.posts_in.entry(post.organ.clone()).or_default().push(post.id);
        }
        self.posts.insert(post.id, post);
    }

    /// Enters a credential of a person; the same credential again replaces what was known of it.
    pub fn add_credential(&mut self, person: PersonId, credential: Credential) {
        let known = self.credentials.entry(person).or_default();
        match known.iter_mut().find(|known| known.id == credential.id) {
            Some(same) => *same = credential,
            None => known.push(credential),
        }
    }

    /// Enters a power; the same power again replaces what was known of it.
    pub fn add_power(&mut self, power: Power) {
        self.powers.add(power);
    }

    /// Enters a delegation; the same one again replaces what was known of it.
    pub fn add_delegation(&mut self, delegation: Delegation) {
        self.powers.delegate(delegation);
    }

    /// Powers and delegations.
    pub fn powers(&self) -> &Powers {
        &self.powers
    }

    /// A place.
    pub fn place(&self, code: &str) -> Option<&Place> {
        self.places.get(code)
    }

    /// All places, by code.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// An organ.
    pub fn organ(&self, code: &str) -> Option<&Organ> {
        self.organs.get(code)
    }

    /// All organs, by code.
    pub fn organs(&self) -> impl Iterator<Item = &Organ> {
        self.organs.values()
    }

    /// The organ's name, or its code.
    pub fn organ_name<'a>(&'a self, code: &'a OrganCode) -> &'a str {
        self.organ(code.as_str()).map_or(code.as_str(), |organ| organ.name.as_str())
    }

    /// The organ of the county that has a function; the first by code if several have.
    pub fn organ_with(&self, function: &OrganFunction) -> Option<&Organ> {
        self.organs.values().find(|organ| organ.until.is_none() && organ.functions.contains(function))
    }

    /// Whether `organ` is `above` or stands below it.
    pub fn is_below(&self, organ: &OrganCode, above: &OrganCode) -> bool {
        let mut current = Some(organ);
        // A cycle in the register must not hang the county: no county is sixteen levels deep.
        for _ in 0..16 {
            match current {
                Some(code) if code == above => return true,
                Some(code) => current = self.organs.get(code).and_then(|organ| organ.parent.as_ref()),
                None => return false,
            }
        }
        false
    }

    /// An organ and all organs below it.
    pub fn with_below<'a>(&'a self, above: &'a OrganCode) -> impl Iterator<Item = &'a Organ> {
        self.organs.values().filter(move |organ| self.is_below(&organ.code, above))
    }

    /// A person.
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    /// A person's name, or a dash.
    pub fn person_name(&self, id: PersonId) -> &str {
        self.people.get(&id).map_or("—", |person| person.name.as_str())
    }

    /// All people, by identity.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// A post.
    pub fn post(&self, id: PostId) -> Option<&Post> {
        self.posts.get(&id)
    }

    /// All posts, by identity.
    pub fn posts(&self) -> impl Iterator<Item = &Post> {
        self.posts.values()
    }

    /// A person's posts on a day.
    pub fn posts_of(&self, person: PersonId, day: Day) -> impl Iterator<Item = &Post> {
        let ids = self.posts_of.get(&person).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.posts.get(id)).filter(move |post| post.held_on(day))
    }

    /// The posts held in an organ on a day.
    pub fn posts_in(&self, organ: &OrganCode, day: Day) -> impl Iterator<Item = &Post> {
        let ids = self.posts_in.get(organ).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.posts.get(id)).filter(move |post| post.held_on(day))
    }

    /// A person's credentials.
    pub fn credentials_of(&self, person: PersonId) -> &[Credential] {
        self.credentials.get(&person).map(Vec::as_slice).unwrap_or_default()
    }

    /// Who holds a credential.
    pub fn holder_of(&self, credential: MatterId) -> Option<PersonId> {
        let mut held = self.credentials.iter();
        held.find(|(_, credentials)| credentials.iter().any(|known| known.id == credential)).map(|(person, _)| *person)
    }

    /// Whether a person holds a credential that serves on a day for a field of law.
    pub fn credential(
        &self,
        person: PersonId,
        register: &ProcedureId,
        domain: Option<&str>,
        day: Day,
    ) -> Result<&Credential, CredentialProblem> {
        let mut problem = CredentialProblem::Missing;
        for credential in self.credentials_of(person).iter().filter(|c| c.register == *register) {
            if let Err(ended) = credential.in_force(day) {
                problem = CredentialProblem::NotInForce(ended);
                continue;
            }
            let covers =
                |domain: &str| credential.domains.is_empty() || credential.domains.iter().any(|known| known == domain);
            if domain.is_none_or(covers) {
                return Ok(credential);
            }
            problem = CredentialProblem::OtherDomain;
        }
        Err(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_post_is_held_where_it_was_corrected_to() {
        let (day, id) = (Day::from_number(20_241_026).unwrap(), MatterId(9));
        let mut registry = Registry::default();
        for (person, organ) in [(1, "wrong"), (2, "right")] {
            let (organ, kind) = (organ.into(), "organ_head".into());
            registry.add_post(Post { id, person: MatterId(person), organ, kind, from: day, until: None });
        }
        assert_eq!(registry.posts_in(&"wrong".into(), day).count(), 0);
        assert_eq!(registry.posts_in(&"right".into(), day).count(), 1);
        assert_eq!(registry.posts_of(MatterId(1), day).count(), 0);
        assert_eq!(registry.posts_of(MatterId(2), day).count(), 1);
    }
}
