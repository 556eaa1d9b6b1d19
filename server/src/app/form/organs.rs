//! Which organs a form offers, and which of them stands in it already.

use zhunsheng_core::authority::Organ;
use zhunsheng_core::id::{OrganCode, PlaceCode, PostKind};
use zhunsheng_core::procedure::{Field, Performer, Seat, Step};

use super::super::dispute;
use super::fields::put;
use super::{At, Batch, Choice, Subject, explain};

impl At<'_> {
    /// The own organ where it can be meant, or the only one at its place that can; whom a matter goes to next is not guessed.
    pub(super) fn likely_organ(&self, field: &Field) -> Option<String> {
        let named = Seat::Field(field.id.clone());
        if self.ground.state.is_some() && self.ground.procedure.joins.contains(&named) {
            return None;
        }
        let own = self.ground.registry.organ(self.own_organ()?.as_str())?;
        if self.can_be_meant(field, own) {
            return Some(own.code.to_string());
        }
        let stands = |organ: &&Organ| organ.until.is_none() && organ.place == own.place;
        let mut here = self.ground.registry.organs().filter(stands).filter(|organ| self.can_be_meant(field, organ));
        let first = here.next()?;
        here.next().is_none().then(|| first.code.to_string())
    }

    /// Whether no step that asks for the organ says that it must be another.
    fn can_be_meant(&self, field: &Field, organ: &Organ) -> bool {
        let asks =
            |step: &&Step| step.fill.iter().any(|when| when.item == field.id) || step.may_fill.contains(&field.id);
        let mut guards = self.ground.procedure.steps.iter().filter(asks).flat_map(|step| &step.guards);
        guards.all(|guard| explain::allows(&guard.that, &field.id, organ) != Some(false))
    }

    /// Organs that can be meant: none that a condition of the step refuses, no committee of another town, and where the field says
    /// who holds the matter only organs in which somebody can act, and that whoever opens it may open it for.
    pub(super) fn organs(&self, field: &Field) -> Vec<Batch> {
        let holder = self.ground.procedure.held_by == Seat::Field(field.id.clone());
        let able = if holder { self.organs_that_can_hold() } else { Vec::new() };
        let meant = |organ: &Organ| {
            (able.is_empty() || able.contains(&organ.code.as_str()))
                && self.can_be_meant(field, organ)
                && !self.is_of_another_town(organ)
                && (!holder || self.may_open_for(organ))
        };
        let mut batches = self.all_organs();
        if let Some(entrusted) = self.entrusted(&field.id) {
            keep(&mut batches, |choice| entrusted.iter().any(|code| code.as_str() == choice.value));
            return batches;
        }
        let known = |code: &str| self.ground.registry.organ(code);
        if batches.iter().flat_map(|batch| &batch.choices).any(|choice| known(&choice.value).is_some_and(&meant)) {
            keep(&mut batches, |choice| known(&choice.value).is_some_and(&meant));
        }
        batches
    }

    /// Whether it is a committee of another town than the one where the matter is, or else of whoever fills the form in.
    fn is_of_another_town(&self, organ: &Organ) -> bool {
        let town = |place: &PlaceCode| {
            let place = self.ground.registry.place(place.as_str())?;
            (place.level != "county").then(|| self.town_of(place))
        };
        let own = || self.ground.registry.organ(self.own_organ()?.as_str())?.place.as_ref();
        let here = self.ground.state.and_then(|state| state.place.as_ref()).or_else(own).and_then(town);
        let there = organ.place.as_ref().and_then(town);
        is_committee(organ) && here.zip(there).is_some_and(|(here, there)| here != there)
    }

    /// Whether the step that opens a matter may be taken for an organ: in it, or in the one above it.
    fn may_open_for(&self, organ: &Organ) -> bool {
        let (Subject::Step(step), None, Some(own)) = (self.ground.subject, self.ground.state, self.own_organ()) else {
            return true;
        };
        let above = |part: &OrganCode| self.ground.registry.organ(part.as_str()).and_then(|part| part.parent.as_ref());
        match step.at {
            Seat::Holding => organ.code == *own || above(own) == Some(&organ.code),
            Seat::Parent => organ.parent.as_ref() == Some(own),
            Seat::Own | Seat::Function(_) | Seat::Field(_) => true,
        }
    }

    /// Every organ of today, the own one first, then those of the county, then town by town.
    fn all_organs(&self) -> Vec<Batch> {
        let registry = self.ground.registry;
        let mut batches: Vec<Batch> = Vec::new();
        let ordered: Vec<_> =
            registry.organs().filter(|organ| organ.until.is_none_or(|until| self.ground.today < until)).collect();
        let mine = self.own_organ().cloned();
        for organ in ordered {
            let place = organ.place.as_ref().and_then(|code| registry.place(code.as_str()));
            let title = if Some(&organ.code) == mine.as_ref() {
                "本机关".to_owned()
            } else {
                place.map_or("县级", |place| self.town_of(place)).to_owned()
            };
            let choice = Choice { value: organ.code.to_string(), title: organ.name.clone(), note: String::new() };
            put(&mut batches, &title, choice);
        }
        batches.sort_by_key(|batch| match batch.title.as_str() {
            "本机关" => 0,
            "县级" => 1,
            _ => 2,
        });
        batches
    }

    /// Organs that can be named beside the one that holds the matter: no committees and teams, which are part of others.
    pub(super) fn partners(&self, field: &Field) -> Vec<Batch> {
        let part = |organ: &Organ| is_committee(organ) || organ.kind.ends_with("_team");
        let holder = self.ground.state.map(|state| &state.organ).or(self.own_organ());
        let known = |code: &str| self.ground.registry.organ(code);
        let serves = |code: &str| known(code).is_some_and(|organ| !part(organ) && Some(&organ.code) != holder);
        let mut batches = self.all_organs();
        keep(&mut batches, |choice| serves(&choice.value));
        if let Some(state) = self.ground.state.filter(|state| dispute::names_who_came(state, &field.id)) {
            let part = dispute::taking_part(state);
            keep(&mut batches, |choice| part.contains(&choice.value));
        }
        batches
    }

    /// Codes of organs in which somebody holds a post that takes steps in the holding organ.
    fn organs_that_can_hold(&self) -> Vec<&str> {
        let steps = self.ground.procedure.steps.iter().filter(|step| step.at == Seat::Holding && !step.from.is_empty());
        let kinds: Vec<&PostKind> = steps
            .flat_map(|step| &step.by)
            .filter_map(|performer| match performer {
                Performer::Post(kind) => Some(kind),
                _ => None,
            })
            .collect();
        let held =
            self.ground.registry.posts().filter(|post| post.held_on(self.ground.today) && kinds.contains(&&post.kind));
        let mut codes: Vec<&str> = held.map(|post| post.organ.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

fn is_committee(organ: &Organ) -> bool {
    organ.kind.ends_with("_committee")
}

/// Keeps the choices that fit, and no batch without any.
fn keep(batches: &mut Vec<Batch>, fits: impl Fn(&Choice) -> bool) {
    batches.iter_mut().for_each(|batch| batch.choices.retain(&fits));
    batches.retain(|batch| !batch.choices.is_empty());
}
