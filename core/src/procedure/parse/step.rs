//! Steps of a file.

use std::collections::BTreeSet;

use super::super::model::{
    Apart, FieldKind, Guard, NotBy, OfficersNeeded, Opens, Performer, PowerNeeded, Scores, Seat, Step, When,
};
use super::super::raw::{self, At};
use super::{Parsed, Reader};
use crate::id::FieldId;

impl Reader<'_> {
    pub(super) fn performer(&self, at: &At) -> Parsed<Performer> {
        match at.get_ref().as_str() {
            "citizen" => Ok(Performer::Citizen),
            "system" => Ok(Performer::System),
            _ => Ok(Performer::Post(self.word(at)?)),
        }
    }

    /// A word that another list of the same step has, too.
    fn listed<T: From<String>>(&self, at: &At, list: &[At], name: &str) -> Parsed<T> {
        if list.iter().any(|known| known.get_ref() == at.get_ref()) {
            Ok(at.get_ref().clone().into())
        } else {
            self.wrong(at, format!("`{}` is not in {name}", at.get_ref()))
        }
    }

    pub(super) fn step_of(&self, raw: &raw::Step, tracks: &[raw::Track]) -> Parsed<Step> {
        let first = tracks.first().map(|track| track.id.get_ref().clone()).unwrap_or_default();
        let track = raw.track.as_ref().map_or(first, |track| track.get_ref().clone());
        let empty = BTreeSet::new();
        let states = match self.names.tracks.get(&track) {
            Some(states) => states,
            None => match &raw.track {
                Some(at) => return self.wrong(at, format!("track `{track}` is not defined")),
                None => &empty,
            },
        };
        let state = |at: &At| self.known(at, states, "state");
        let seat = |at: &Option<At>| at.as_ref().map_or(Ok(Seat::Holding), |at| self.seat(at));
        let names = self.names;
        Ok(Step {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            kind: raw.kind,
            from: self.each(&raw.from, state)?,
            to: raw.to.as_ref().map(state).transpose()?,
            also: self.each(&raw.also, |at| self.when(at, |at| self.track_state(at)))?,
            by: self.each(&raw.by, |at| self.performer(at))?,
            at: seat(&raw.at)?,
            in_name_of: seat(&raw.in_name_of)?,
            entered_by: self.each(&raw.entered_by, |at| self.word(at))?,
            meeting: raw.meeting,
            authority: raw.authority.clone(),
            not_by: self.each(&raw.not_by, |at| self.not_by(at))?,
            officers: raw.officers.as_ref().map(|officers| self.officers(officers)).transpose()?,
            apart: raw.apart.as_ref().map(|apart| self.apart(apart)).transpose()?,
            scores: raw.scores.as_ref().map(|scores| self.scores(scores)).transpose()?,
            pledges: raw.pledges.as_ref().map(|at| self.kinded(at, FieldKind::Label)).transpose()?,
            power: raw.power.as_ref().map(|power| self.power(power)).transpose()?,
            guards: raw.guard.iter().map(|guard| self.guard(guard)).collect::<Parsed<_>>()?,
            fill: self.each(&raw.fill, |at| self.when(at, |at| self.field(at)))?,
            may_fill: self.each(&raw.may_fill, |at| self.field(at))?,
            parties: self.each(&raw.parties, |at| self.role(at))?,
            evidence: self.each(&raw.evidence, |at| self.when(at, |at| self.known(at, &names.evidence, "evidence")))?,
            opens: raw.open.iter().map(|open| self.opens(open)).collect::<Parsed<_>>()?,
            issues: self
                .each(&raw.issues, |at| self.when(at, |at| self.known(at, &names.instruments, "instrument")))?,
            owes: self.each(&raw.owes, |at| self.when(at, |at| self.known(at, &names.disclosures, "disclosure")))?,
            discloses: self.each(&raw.discloses, |at| self.known(at, &names.disclosures, "disclosure"))?,
            withdraws: self.each(&raw.withdraws, |at| self.known(at, &names.disclosures, "disclosure"))?,
            revokes: self.each(&raw.revokes, |at| self.known(at, &names.instruments, "instrument"))?,
            assigns: raw.assigns,
            assigned_only: raw.assigned_only,
            erases: raw.erases,
            outcome: raw.outcome.as_ref().map(|at| self.word(at)).transpose()?,
            optional: raw.optional,
            optional_in: self.each(&raw.optional_in, |at| self.listed(at, &raw.from, "`from`"))?,
            told: self.each(&raw.told, |at| self.role(at))?,
            hint: raw.hint.clone(),
            without: raw.without.clone(),
            track: track.into(),
        })
    }

    /// `track.state`
    pub(super) fn track_state(&self, at: &At) -> Parsed<(crate::id::TrackId, crate::id::StateId)> {
        let Some((track, state)) = at.get_ref().split_once('.') else {
            return self.wrong(at, format!("expected track.state, found `{}`", at.get_ref()));
        };
        match self.names.tracks.get(track) {
            Some(states) => Ok((track.into(), self.known(&At::new(at.span(), state.to_owned()), states, "state")?)),
            None => self.wrong(at, format!("track `{track}` is not defined")),
        }
    }

    /// `step 依据`, or `parent.step 依据` for a step of the matter that opened this one, `parent._responsible 依据` for its 承办人.
    pub(super) fn not_by(&self, at: &At) -> Parsed<NotBy> {
        let Some((step, basis)) = at.get_ref().split_once(' ') else {
            return self.wrong(
                at,
                format!("expected a step and its basis (`investigate 行政处罚法§58`), found `{}`", at.get_ref()),
            );
        };
        let basis = crate::basis::Basis::parse(basis).or_else(|what| self.wrong(at, what))?;
        Ok(match step.strip_prefix("parent.") {
            // The other definition is not read here; the checker of the whole law looks there.
            Some(step) => NotBy { step: step.into(), of_parent: true, basis },
            None => NotBy { step: self.step(&At::new(at.span(), step.to_owned()))?, of_parent: false, basis },
        })
    }

    pub(super) fn officers(&self, raw: &raw::Officers) -> Parsed<OfficersNeeded> {
        Ok(OfficersNeeded {
            min: raw.min,
            phrase: raw.phrase.clone(),
            credential: self.word(&raw.credential)?,
            domain: raw.domain.as_ref().map(|at| self.field(at)).transpose()?,
            basis: raw.basis.clone(),
        })
    }

    pub(super) fn kinded(&self, at: &At, kind: FieldKind) -> Parsed<FieldId> {
        match self.names.fields.get(at.get_ref()) {
            Some(known) if *known != kind => self.wrong(at, format!("field `{}` is of another kind", at.get_ref())),
            _ => self.field(at),
        }
    }

    fn apart(&self, raw: &raw::Apart) -> Parsed<Apart> {
        let from = self.kinded(&raw.from, FieldKind::Label)?;
        Ok(Apart { from, person: raw.person.clone(), organ: raw.organ.clone() })
    }

    fn scores(&self, raw: &raw::Scores) -> Parsed<Scores> {
        Ok(Scores {
            sheet: self.kinded(&raw.sheet, FieldKind::Label)?,
            deductions: self.kinded(&raw.deductions, FieldKind::LongText)?,
            score: self.kinded(&raw.score, FieldKind::Integer)?,
            grade: self.kinded(&raw.grade, FieldKind::Code)?,
            failed: self.kinded(&raw.failed, FieldKind::Label)?,
        })
    }

    pub(super) fn power(&self, raw: &raw::Power) -> Parsed<PowerNeeded> {
        let of_kind = |at: &At, kind: FieldKind| self.kinded(at, kind);
        Ok(PowerNeeded {
            field: of_kind(&raw.field, FieldKind::Power)?,
            kind: self.word(&raw.kind)?,
            domain: of_kind(&raw.domain, FieldKind::Code)?,
            body: raw.body.as_ref().map(|at| of_kind(at, FieldKind::Organ)).transpose()?,
            basis: raw.basis.clone(),
            always: raw.always,
            entrusting: raw.entrusting.clone(),
            assigning: raw.assigning.clone(),
        })
    }

    pub(super) fn guard(&self, raw: &raw::Guard) -> Parsed<Guard> {
        Ok(Guard {
            that: self.condition(&raw.that)?,
            text: raw.that.get_ref().clone(),
            basis: raw.basis.clone(),
            refusal: self.word(&raw.refuse)?,
        })
    }

    pub(super) fn opens(&self, raw: &raw::Open) -> Parsed<When<Opens>> {
        let copies = self.each(&raw.copy, |at| match at.get_ref().split_once('>') {
            Some((from, to)) => Ok((self.field(&At::new(at.span(), from.to_owned()))?, FieldId::from(to))),
            None => self.wrong(at, format!("expected `field>other_field`, found `{}`", at.get_ref())),
        })?;
        if let (Some(take), Some(_)) = (&raw.take, &raw.when) {
            return self.wrong(take, "what is opened by taking its first step has no condition");
        }
        let item = Opens {
            procedure: self.word(&raw.procedure)?,
            role: self.word(&raw.role)?,
            held_by: self.seat(&raw.held_by)?,
            copies,
            take: raw.take.as_ref().map(|at| self.word(at)).transpose()?,
            late: raw.late,
            carries: self.each(&raw.carry, |at| match at.get_ref().split_once('>') {
                Some((from, to)) => Ok((self.role(&At::new(at.span(), from.to_owned()))?, to.into())),
                None => self.wrong(at, format!("expected `role>other_role`, found `{}`", at.get_ref())),
            })?,
        };
        Ok(When { item, when: raw.when.as_ref().map(|at| self.condition(at)).transpose()? })
    }
}
