//! From a procedure file to a [`Procedure`]: every reference is resolved here, or the author learns where it
//! dangles and what would have been known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::guard::{self, Atom, Expr, Operand};
use super::model::*;
use super::raw::{self, At};
use crate::clock::{Direction, Duty, Expiry, Limit, LimitKind, Unit};
use crate::id::{Digest, EvidenceKind, FieldId, RoleId, StepId};
use crate::law::LawError;

type Parsed<T> = Result<T, LawError>;

/// Makes a rule of two steps.
type MakeRule = fn(StepId, StepId) -> Rule;

/// Reads one procedure file. `file` is only used in messages.
pub fn parse(file: &str, source: &str) -> Parsed<Procedure> {
    let raw: raw::File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    let names = Names::collect(&raw);
    let reader = Reader { file, source, names: &names };
    reader.unique(&raw)?;
    reader.procedure(&raw)
}

/// Every identifier the file defines, by sort.
struct Names {
    steps: BTreeSet<String>,
    fields: BTreeMap<String, FieldKind>,
    tracks: BTreeMap<String, BTreeSet<String>>,
    clocks: BTreeSet<String>,
    roles: BTreeSet<String>,
    evidence: BTreeSet<String>,
    predicates: BTreeSet<String>,
    instruments: BTreeSet<String>,
    disclosures: BTreeSet<String>,
    links: BTreeSet<String>,
    tables: BTreeSet<String>,
    lists: BTreeMap<String, BTreeSet<String>>,
    list_of: BTreeMap<String, String>,
}

fn set<'a>(items: impl Iterator<Item = &'a At>) -> BTreeSet<String> {
    items.map(|item| item.get_ref().clone()).collect()
}

impl Names {
    fn collect(raw: &raw::File) -> Self {
        let track_states = |track: &raw::Track| (track.id.get_ref().clone(), set(track.state.iter().map(|s| &s.id)));
        Self {
            steps: set(raw.step.iter().map(|s| &s.id)),
            fields: raw.field.iter().map(|f| (f.id.get_ref().clone(), f.kind)).collect(),
            tracks: raw.track.iter().map(track_states).collect(),
            clocks: set(raw.clock.iter().map(|c| &c.id)),
            roles: set(raw.role.iter().map(|r| &r.id)),
            evidence: set(raw.evidence.iter().map(|e| &e.id)),
            predicates: set(raw.predicate.iter().map(|p| &p.id)),
            instruments: set(raw.instrument.iter().map(|i| &i.id)),
            disclosures: set(raw.disclosure.iter().map(|d| &d.id)),
            links: set(raw.step.iter().flat_map(|s| s.open.iter().map(|o| &o.role))),
            tables: set(raw.tables.iter()),
            lists: raw
                .list
                .iter()
                .map(|(name, items)| (name.clone(), set(items.iter().map(|(code, _)| code))))
                .collect(),
            list_of: raw
                .field
                .iter()
                .filter_map(|f| Some((f.id.get_ref().clone(), f.list.as_ref()?.get_ref().clone())))
                .collect(),
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    names: &'a Names,
}

impl Reader<'_> {
    fn wrong<T>(&self, at: &At, what: impl Display) -> Parsed<T> {
        Err(LawError::at(self.file, self.source, at.span().start, what.to_string()))
    }

    /// A reference to something that the file defines.
    fn known<T: From<String>>(&self, at: &At, names: &BTreeSet<String>, sort: &str) -> Parsed<T> {
        if names.contains(at.get_ref()) {
            return Ok(T::from(at.get_ref().clone()));
        }
        self.wrong(at, format!("{sort} `{}` is not defined; known: {}", at.get_ref(), list(names)))
    }

    fn each<T>(&self, items: &[At], one: impl Fn(&At) -> Parsed<T>) -> Parsed<Vec<T>> {
        items.iter().map(one).collect()
    }

    fn step(&self, at: &At) -> Parsed<StepId> {
        self.known(at, &self.names.steps, "step")
    }

    fn field(&self, at: &At) -> Parsed<FieldId> {
        if self.names.fields.contains_key(at.get_ref()) {
            return Ok(FieldId::from(at.get_ref().clone()));
        }
        let known: BTreeSet<String> = self.names.fields.keys().cloned().collect();
        self.known(at, &known, "field")
    }

    fn role(&self, at: &At) -> Parsed<RoleId> {
        self.known(at, &self.names.roles, "role")
    }

    fn word<T: From<String>>(&self, at: &At) -> Parsed<T> {
        let text = at.get_ref();
        let fits = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if fits {
            Ok(T::from(text.clone()))
        } else {
            self.wrong(at, format!("expected an identifier in snake_case, found `{text}`"))
        }
    }

    fn unique(&self, raw: &raw::File) -> Parsed<()> {
        let sorts: [(&str, Vec<&At>); 9] = [
            ("step", raw.step.iter().map(|s| &s.id).collect()),
            ("field", raw.field.iter().map(|f| &f.id).collect()),
            ("track", raw.track.iter().map(|t| &t.id).collect()),
            ("clock", raw.clock.iter().map(|c| &c.id).collect()),
            ("role", raw.role.iter().map(|r| &r.id).collect()),
            ("evidence", raw.evidence.iter().map(|e| &e.id).collect()),
            ("predicate", raw.predicate.iter().map(|p| &p.id).collect()),
            ("instrument", raw.instrument.iter().map(|i| &i.id).collect()),
            ("disclosure", raw.disclosure.iter().map(|d| &d.id).collect()),
        ];
        for (sort, ids) in sorts {
            let mut seen = BTreeSet::new();
            for id in ids {
                self.word::<String>(id)?;
                if !seen.insert(id.get_ref()) {
                    return self.wrong(id, format!("{sort} `{}` is defined twice", id.get_ref()));
                }
            }
        }
        Ok(())
    }

    fn procedure(&self, raw: &raw::File) -> Parsed<Procedure> {
        Ok(Procedure {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            unit: raw.unit.clone(),
            part: raw.part,
            shape: raw.shape,
            projects: raw.projects,
            statute: raw.statute.clone(),
            in_force_from: raw.in_force_from,
            in_force_until: raw.in_force_until,
            digest: Digest::of(self.source.as_bytes()),
            held_by: self.seat(&raw.held_by)?,
            joins: self.each(&raw.joins, |at| self.seat(at))?,
            asks_secrecy: raw.asks_secrecy,
            title_from: self.each(&raw.title_from, |at| self.field(at))?,
            place_field: raw.place_field.as_ref().map(|at| self.field(at)).transpose()?,
            reads: self.each(&raw.reads, |at| self.word(at))?,
            tables: self.each(&raw.tables, |at| self.word(at))?,
            tracks: raw.track.iter().map(|track| self.track(track)).collect::<Parsed<_>>()?,
            roles: raw.role.iter().map(|role| self.role_of(role)).collect::<Parsed<_>>()?,
            fields: raw.field.iter().map(|field| self.field_of(field)).collect::<Parsed<_>>()?,
            lists: raw.list.iter().map(|(name, items)| (name.clone(), code_list(items))).collect(),
            evidence: raw
                .evidence
                .iter()
                .map(|e| (EvidenceKind::from(e.id.get_ref().clone()), e.title.clone()))
                .collect(),
            predicates: raw.predicate.iter().map(|predicate| self.predicate(predicate)).collect::<Parsed<_>>()?,
            clocks: raw.clock.iter().map(|clock| self.clock(clock)).collect::<Parsed<_>>()?,
            steps: raw.step.iter().map(|step| self.step_of(step, &raw.track)).collect::<Parsed<_>>()?,
            generic: raw.generic.iter().map(|(generic, rule)| self.generic(*generic, rule)).collect::<Parsed<_>>()?,
            instruments: raw.instrument.iter().map(|instrument| self.instrument(instrument)).collect::<Parsed<_>>()?,
            disclosures: raw.disclosure.iter().map(|disclosure| self.disclosure(disclosure)).collect::<Parsed<_>>()?,
            invariants: raw.invariant.iter().map(|invariant| self.invariant(invariant)).collect::<Parsed<_>>()?,
        })
    }

    /// `holding`, `own`, `parent`, `function:NAME`, `field:NAME`.
    fn seat(&self, at: &At) -> Parsed<Seat> {
        let text = at.get_ref().as_str();
        if let Some(function) = text.strip_prefix("function:") {
            return Ok(Seat::Function(function.into()));
        }
        if let Some(field) = text.strip_prefix("field:") {
            return match self.names.fields.get(field) {
                Some(FieldKind::Organ) => Ok(Seat::Field(field.into())),
                Some(_) => self.wrong(at, format!("field `{field}` does not hold an organ")),
                None => self.wrong(at, format!("field `{field}` is not defined")),
            };
        }
        match text {
            "holding" => Ok(Seat::Holding),
            "own" => Ok(Seat::Own),
            "parent" => Ok(Seat::Parent),
            _ => self.wrong(at, format!("expected holding, own, parent, function:NAME or field:NAME, found `{text}`")),
        }
    }

    fn track(&self, raw: &raw::Track) -> Parsed<Track> {
        let states = set(raw.state.iter().map(|s| &s.id));
        if states.len() != raw.state.len() {
            return self.wrong(&raw.id, format!("track `{}` defines a state twice", raw.id.get_ref()));
        }
        let state = |s: &raw::State| {
            Ok(State { id: self.word(&s.id)?, title: s.title.clone(), end: s.end, citizen: s.citizen.clone() })
        };
        Ok(Track {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            initial: self.known(&raw.initial, &states, "state")?,
            states: raw.state.iter().map(state).collect::<Parsed<_>>()?,
        })
    }

    fn role_of(&self, raw: &raw::Role) -> Parsed<Role> {
        if raw.max < raw.min || raw.max == 0 {
            return self.wrong(&raw.id, format!("role `{}`: max is below min", raw.id.get_ref()));
        }
        Ok(Role {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            min: raw.min,
            max: raw.max,
            kinds: raw.kinds.clone(),
            required: raw.required.clone(),
        })
    }

    fn field_of(&self, raw: &raw::Field) -> Parsed<(FieldId, Field)> {
        let id: FieldId = self.word(&raw.id)?;
        let coded = matches!(raw.kind, FieldKind::Code | FieldKind::Codes);
        match &raw.list {
            Some(list) if !coded => return self.wrong(list, "only code and codes fields have a list"),
            Some(list) => {
                let known = self.names.lists.keys().cloned().collect();
                self.known::<String>(list, &known, "list")?;
            }
            None if coded => return self.wrong(&raw.id, format!("field `{id}` needs a list")),
            None => {}
        }
        let scale = if raw.kind == FieldKind::Money { 100 } else { 1 };
        let field = Field {
            id: id.clone(),
            title: raw.title.clone(),
            kind: raw.kind,
            list: raw.list.as_ref().map(|list| list.get_ref().clone()),
            hint: raw.hint.clone(),
            max: raw.max.map(|max| max.saturating_mul(scale)),
            min: raw.min.map(|min| min.saturating_mul(scale)),
            unit: raw.unit.clone(),
            public: raw.public,
            future: raw.future,
        };
        Ok((id, field))
    }

    fn predicate(&self, raw: &raw::Predicate) -> Parsed<Predicate> {
        let when = self.condition(&raw.when)?;
        Ok(Predicate { id: self.word(&raw.id)?, title: raw.title.clone(), basis: raw.basis.clone(), when })
    }

    fn condition(&self, at: &At) -> Parsed<Expr> {
        let expr = guard::parse(at.get_ref()).or_else(|error| self.guard_wrong(at, &error))?;
        self.references(at, &expr)?;
        Ok(expr)
    }

    fn guard_wrong<T>(&self, at: &At, error: &guard::GuardError) -> Parsed<T> {
        // The span starts at the opening quote of the string.
        Err(LawError::at(self.file, self.source, at.span().start + 1 + error.offset, error.what.clone()))
    }

    fn when<T>(&self, at: &At, item: impl Fn(&At) -> Parsed<T>) -> Parsed<When<T>> {
        let (word, when) = guard::parse_when(at.get_ref()).or_else(|error| self.guard_wrong(at, &error))?;
        if let Some(expr) = &when {
            self.references(at, expr)?;
        }
        Ok(When { item: item(&At::new(at.span(), word))?, when })
    }

    fn references(&self, at: &At, expr: &Expr) -> Parsed<()> {
        let mut result = Ok(());
        expr.atoms(&mut |atom| {
            if result.is_ok() {
                result = self.atom(at, atom);
            }
        });
        result
    }

    fn atom(&self, at: &At, atom: &Atom) -> Parsed<()> {
        let known = |text: &str, names: &BTreeSet<String>, sort: &str| {
            self.known::<String>(&At::new(at.span(), text.to_owned()), names, sort).map(drop)
        };
        match atom {
            Atom::Done(step) => known(step.as_str(), &self.names.steps, "step"),
            Atom::Holds(predicate) => known(predicate.as_str(), &self.names.predicates, "predicate"),
            Atom::Filled(field) => self.field(&At::new(at.span(), field.to_string())).map(drop),
            Atom::Evidence(kind) => known(kind.as_str(), &self.names.evidence, "evidence"),
            Atom::Track(track, states) => match self.names.tracks.get(track.as_str()) {
                Some(names) => states.iter().try_for_each(|state| known(state.as_str(), names, "state")),
                None => known(track.as_str(), &self.names.tracks.keys().cloned().collect(), "track"),
            },
            Atom::Linked(role, _) | Atom::LinkedOpen(role) => known(role.as_str(), &self.names.links, "link role"),
            Atom::Clock(clock, _) => known(clock.as_str(), &self.names.clocks, "clock"),
            Atom::Party(role, _) => known(role.as_str(), &self.names.roles, "role"),
            Atom::CodeIn(field, codes) => {
                self.codes(at, field, codes.iter().map(|c| c.as_str()), &[FieldKind::Code, FieldKind::Boolean])
            }
            Atom::CodeHas(field, code) => self.codes(at, field, [code.as_str()].into_iter(), &[FieldKind::Codes]),
            Atom::Compare(field, _, operand) => self.comparable(at, field, operand),
        }
    }

    fn codes<'c>(
        &self,
        at: &At,
        field: &FieldId,
        codes: impl Iterator<Item = &'c str>,
        kinds: &[FieldKind],
    ) -> Parsed<()> {
        self.field(&At::new(at.span(), field.to_string()))?;
        let kind = self.names.fields.get(field.as_str());
        if !kind.is_some_and(|kind| kinds.contains(kind)) {
            return self.wrong(at, format!("field `{field}` cannot be compared in this way"));
        }
        let yes_no: BTreeSet<String> = ["yes", "no"].map(str::to_owned).into();
        let list =
            self.names.list_of.get(field.as_str()).and_then(|list| self.names.lists.get(list)).unwrap_or(&yes_no);
        for code in codes {
            self.known::<String>(&At::new(at.span(), code.to_owned()), list, "code")?;
        }
        Ok(())
    }

    fn comparable(&self, at: &At, field: &FieldId, operand: &Operand) -> Parsed<()> {
        self.field(&At::new(at.span(), field.to_string()))?;
        let numeric = |kind: &FieldKind| matches!(kind, FieldKind::Integer | FieldKind::Money | FieldKind::Date);
        let kind = self.names.fields.get(field.as_str()).filter(|kind| numeric(kind));
        let Some(kind) = kind else {
            return self.wrong(at, format!("field `{field}` is not a number, an amount or a date"));
        };
        match operand {
            Operand::Field(other) => match self.names.fields.get(other.as_str()) {
                Some(same) if same == kind => Ok(()),
                Some(_) => self.wrong(at, format!("`{field}` and `{other}` are of different kinds")),
                None => self.wrong(at, format!("field `{other}` is not defined")),
            },
            Operand::Table(table) => {
                self.known::<String>(&At::new(at.span(), table.to_string()), &self.names.tables, "table").map(drop)
            }
            Operand::Number(number) if *kind == FieldKind::Money && number % 100 != 0 => {
                self.wrong(at, format!("`{field}` is an amount: write the number with 元"))
            }
            Operand::Number(_) => Ok(()),
        }
    }

    /// `90 day`, `7 work_day`, `3 month`, `24 hour`, `fixed 03-01`.
    fn amount(&self, at: &At) -> Parsed<(u32, Unit)> {
        let expected = || {
            self.wrong(at, format!("expected a limit such as `90 day`, `7 work_day`, `3 month`, `24 hour` or `fixed 03-01`, found `{}`", at.get_ref()))
        };
        let Some((amount, unit)) = at.get_ref().split_once(' ') else { return expected() };
        if amount == "fixed" {
            let Some((Ok(month), Ok(day))) = unit.split_once('-').map(|(m, d)| (m.parse(), d.parse())) else {
                return expected();
            };
            return if (1..=12).contains(&month) && (1..=31).contains(&day) {
                Ok((1, Unit::Fixed(month, day)))
            } else {
                expected()
            };
        }
        let unit = match unit {
            "day" => Unit::Day,
            "work_day" => Unit::WorkDay,
            "month" => Unit::Month,
            "year" => Unit::Year,
            "hour" => Unit::Hour,
            _ => return expected(),
        };
        match amount.parse::<u32>() {
            Ok(amount) if (1..=36_500).contains(&amount) => Ok((amount, unit)),
            _ => expected(),
        }
    }

    fn clock(&self, raw: &raw::Clock) -> Parsed<Clock> {
        let (amount, unit) = self.amount(&raw.limit)?;
        let limit = Limit {
            amount,
            unit,
            kind: match raw.kind {
                raw::LimitKind::Maximum => LimitKind::Maximum,
                raw::LimitKind::Minimum => LimitKind::Minimum,
                raw::LimitKind::Window => LimitKind::Window,
                raw::LimitKind::Limitation => LimitKind::Limitation,
            },
            direction: if raw.backward { Direction::Backward } else { Direction::Forward },
            roll: raw.roll.clone(),
        };
        let one_override = |o: &raw::Override| {
            let (amount, unit) = self.amount(&o.limit)?;
            let limit = Limit { amount, unit, ..limit.clone() };
            Ok(ClockOverride {
                when: self.condition(&o.when)?,
                limit,
                basis: o.basis.clone(),
                phrase: o.phrase.clone(),
            })
        };
        let one_extension = |e: &raw::Extend| {
            let (amount, unit) = self.amount(&e.limit)?;
            Ok(Extends { step: self.step(&e.by)?, amount, unit, times: e.times, basis: e.basis.clone() })
        };
        let interval = |s: &raw::Suspend| Ok((self.step(&s.from)?, self.step(&s.until)?, s.basis.clone()));
        Ok(Clock {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            basis: raw.basis.clone(),
            phrase: raw.phrase.clone(),
            starts: self.each(&raw.starts, |at| self.step(at))?,
            starts_on: raw.starts_on.as_ref().map(|at| self.field(at)).transpose()?,
            when: raw.when.as_ref().map(|at| self.condition(at)).transpose()?,
            stops: self.each(&raw.stops, |at| self.step(at))?,
            suspends: raw.suspend.iter().map(interval).collect::<Parsed<_>>()?,
            extends: raw.extend.iter().map(one_extension).collect::<Parsed<_>>()?,
            restarts: self.each(&raw.restarts, |at| self.step(at))?,
            overrides: raw.overrides.iter().map(one_override).collect::<Parsed<_>>()?,
            expiry: match &raw.expires {
                raw::Expires::Word(raw::ExpiresWord::Flag) => Expiry::Flag,
                raw::Expires::Word(raw::ExpiresWord::Escalate) => Expiry::Escalate,
                raw::Expires::Step { step, basis } => Expiry::Step(self.step(&At::new(raw.id.span(), step.clone()))?, basis.clone()),
            },
            duty: match raw.duty {
                raw::Duty::Organ => Duty::Organ,
                raw::Duty::Party => Duty::Party,
            },
            configurable: raw.configurable.clone(),
            limit,
        })
    }

    fn performer(&self, at: &At) -> Parsed<Performer> {
        match at.get_ref().as_str() {
            "citizen" => Ok(Performer::Citizen),
            "system" => Ok(Performer::System),
            _ => Ok(Performer::Post(self.word(at)?)),
        }
    }

    fn step_of(&self, raw: &raw::Step, tracks: &[raw::Track]) -> Parsed<Step> {
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
            assigns: raw.assigns,
            assigned_only: raw.assigned_only,
            outcome: raw.outcome.as_ref().map(|at| self.word(at)).transpose()?,
            optional: raw.optional,
            citizen_sees: raw.citizen_sees,
            hint: raw.hint.clone(),
            track: track.into(),
        })
    }

    /// `track.state`
    fn track_state(&self, at: &At) -> Parsed<(crate::id::TrackId, crate::id::StateId)> {
        let Some((track, state)) = at.get_ref().split_once('.') else {
            return self.wrong(at, format!("expected track.state, found `{}`", at.get_ref()));
        };
        match self.names.tracks.get(track) {
            Some(states) => Ok((track.into(), self.known(&At::new(at.span(), state.to_owned()), states, "state")?)),
            None => self.wrong(at, format!("track `{track}` is not defined")),
        }
    }

    /// `step 依据`, or `parent.step 依据` for a step of the matter that opened this one.
    fn not_by(&self, at: &At) -> Parsed<NotBy> {
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

    fn officers(&self, raw: &raw::Officers) -> Parsed<OfficersNeeded> {
        Ok(OfficersNeeded {
            min: raw.min,
            credential: self.word(&raw.credential)?,
            domain: raw.domain.as_ref().map(|at| self.field(at)).transpose()?,
            basis: raw.basis.clone(),
        })
    }

    fn guard(&self, raw: &raw::Guard) -> Parsed<Guard> {
        Ok(Guard {
            that: self.condition(&raw.that)?,
            text: raw.that.get_ref().clone(),
            basis: raw.basis.clone(),
            refusal: self.word(&raw.refuse)?,
        })
    }

    fn opens(&self, raw: &raw::Open) -> Parsed<When<Opens>> {
        let copies = self.each(&raw.copy, |at| match at.get_ref().split_once('>') {
            Some((from, to)) => Ok((self.field(&At::new(at.span(), from.to_owned()))?, FieldId::from(to))),
            None => self.wrong(at, format!("expected `field>other_field`, found `{}`", at.get_ref())),
        })?;
        let item = Opens {
            procedure: self.word(&raw.procedure)?,
            role: self.word(&raw.role)?,
            held_by: self.seat(&raw.held_by)?,
            copies,
        };
        Ok(When { item, when: raw.when.as_ref().map(|at| self.condition(at)).transpose()? })
    }

    fn generic(&self, generic: Generic, raw: &raw::GenericRule) -> Parsed<(Generic, GenericRule)> {
        Ok((generic, GenericRule { by: self.each(&raw.by, |at| self.word(at))?, basis: raw.basis.clone() }))
    }

    fn instrument(&self, raw: &raw::Instrument) -> Parsed<Instrument> {
        let numbering = match &raw.number {
            None => None,
            Some(at) if !at.get_ref().contains("{n}") => return self.wrong(at, "a number pattern contains {n}"),
            Some(at) => {
                let of = raw.number_of.as_ref().map_or(Ok(Seat::Holding), |of| self.seat(of))?;
                Some(Numbering { pattern: at.get_ref().clone(), of })
            }
        };
        Ok(Instrument {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            numbering,
            to: raw.to.as_ref().map(|at| self.role(at)).transpose()?,
            remedies: raw.remedies,
            body: raw.body.clone(),
        })
    }

    fn disclosure(&self, raw: &raw::Disclosure) -> Parsed<Disclosure> {
        Ok(Disclosure {
            id: self.word(&raw.id)?,
            title: raw.title.clone(),
            basis: raw.basis.clone(),
            fields: self.each(&raw.fields, |at| self.field(at))?,
            parties: self.each(&raw.parties, |at| self.role(at))?,
            instrument: raw
                .instrument
                .as_ref()
                .map(|at| self.known(at, &self.names.instruments, "instrument"))
                .transpose()?,
            until: raw.until.as_ref().map(|at| self.field(at)).transpose()?,
        })
    }

    fn invariant(&self, raw: &raw::Invariant) -> Parsed<Invariant> {
        let forms: [(&Option<At>, &str, MakeRule); 4] = [
            (&raw.never, " before ", Rule::NeverBefore),
            (&raw.only, " if ", Rule::OnlyIf),
            (&raw.different, " and ", Rule::Different),
            (&raw.after, " then ", Rule::AfterAlways),
        ];
        let mut given = forms.iter().filter_map(|(at, word, rule)| Some((at.as_ref()?, *word, *rule)));
        let Some((at, word, rule)) = given.next() else {
            return Err(LawError::plain(
                self.file,
                format!("invariant `{}` says nothing: expected never, only, different or after", raw.id),
            ));
        };
        if given.next().is_some() {
            return self.wrong(at, format!("invariant `{}` says two things", raw.id));
        }
        let Some((a, b)) = at.get_ref().split_once(word) else {
            return self.wrong(at, format!("expected `step{word}step`, found `{}`", at.get_ref()));
        };
        let step = |text: &str| self.step(&At::new(at.span(), text.trim().to_owned()));
        Ok(Invariant {
            id: raw.id.clone(),
            basis: raw.basis.clone(),
            rule: rule(step(a)?, step(b)?),
            text: at.get_ref().clone(),
        })
    }
}

fn code_list(items: &[(At, String)]) -> CodeList {
    CodeList { items: items.iter().map(|(code, title)| (code.get_ref().clone().into(), title.clone())).collect() }
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
    let more = if names.len() > 12 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
