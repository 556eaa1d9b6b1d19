//! From a procedure file to a [`Procedure`]: every reference is resolved here, or the author learns where it
//! dangles and what would have been known.

mod clock;
mod condition;
mod invariant;
mod names;
mod places;
mod step;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Deref;

use names::{Names, set};

use super::model::*;
use super::raw::{self, At};
use crate::check::Places;
use crate::id::{Digest, EvidenceKind, FieldId, RoleId, StepId};
use crate::law::LawError;

type Parsed<T> = Result<T, LawError>;

/// A definition as read, with the places of what it defines: nothing runs on it until the checker has seen it.
#[derive(Clone, Debug)]
pub struct Unchecked {
    /// What it says.
    pub procedure: Procedure,
    /// Its file, as given by the caller.
    pub file: String,
    /// Where in the file each thing is defined.
    pub places: Places,
}

impl Deref for Unchecked {
    type Target = Procedure;
    fn deref(&self) -> &Procedure {
        &self.procedure
    }
}

/// Reads one procedure file. `file` is only used in messages.
pub fn parse(file: &str, source: &str) -> Parsed<Unchecked> {
    let raw: raw::File = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
    let names = Names::collect(&raw);
    let reader = Reader { file, source, names: &names };
    reader.unique(&raw)?;
    let procedure = reader.procedure(&raw)?;
    Ok(Unchecked { procedure, file: file.to_owned(), places: places::collect(&raw, source) })
}

struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    names: &'a Names,
}

impl Reader<'_> {
    pub(super) fn wrong<T>(&self, at: &At, what: impl Display) -> Parsed<T> {
        Err(LawError::at(self.file, self.source, at.span().start, what.to_string()))
    }

    /// A reference to something that the file defines.
    pub(super) fn known<T: From<String>>(&self, at: &At, names: &BTreeSet<String>, sort: &str) -> Parsed<T> {
        if names.contains(at.get_ref()) {
            return Ok(T::from(at.get_ref().clone()));
        }
        self.wrong(at, format!("{sort} `{}` is not defined; known: {}", at.get_ref(), list(names)))
    }

    pub(super) fn each<T>(&self, items: &[At], one: impl Fn(&At) -> Parsed<T>) -> Parsed<Vec<T>> {
        items.iter().map(one).collect()
    }

    pub(super) fn step(&self, at: &At) -> Parsed<StepId> {
        self.known(at, &self.names.steps, "step")
    }

    pub(super) fn field(&self, at: &At) -> Parsed<FieldId> {
        if self.names.fields.contains_key(at.get_ref()) {
            return Ok(FieldId::from(at.get_ref().clone()));
        }
        let known: BTreeSet<String> = self.names.fields.keys().cloned().collect();
        self.known(at, &known, "field")
    }

    pub(super) fn role(&self, at: &At) -> Parsed<RoleId> {
        self.known(at, &self.names.roles, "role")
    }

    pub(super) fn word<T: From<String>>(&self, at: &At) -> Parsed<T> {
        let text = at.get_ref();
        let fits = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if fits {
            Ok(T::from(text.clone()))
        } else {
            self.wrong(at, format!("expected an identifier in snake_case, found `{text}`"))
        }
    }

    pub(super) fn unique(&self, raw: &raw::File) -> Parsed<()> {
        let sorts: [(&str, Vec<&At>); 10] = [
            ("step", raw.step.iter().map(|s| &s.id).collect()),
            ("field", raw.field.iter().map(|f| &f.id).collect()),
            ("track", raw.track.iter().map(|t| &t.id).collect()),
            ("clock", raw.clock.iter().map(|c| &c.id).collect()),
            ("role", raw.role.iter().map(|r| &r.id).collect()),
            ("evidence", raw.evidence.iter().map(|e| &e.id).collect()),
            ("predicate", raw.predicate.iter().map(|p| &p.id).collect()),
            ("instrument", raw.instrument.iter().map(|i| &i.id).collect()),
            ("disclosure", raw.disclosure.iter().map(|d| &d.id).collect()),
            ("invariant", raw.invariant.iter().map(|i| &i.id).collect()),
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

    pub(super) fn procedure(&self, raw: &raw::File) -> Parsed<Procedure> {
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
            never_held_by: self.each(&raw.never_held_by, |at| self.word(at))?,
            joins: self.each(&raw.joins, |at| self.joining(at))?,
            alike: raw.alike.as_ref().map(|alike| self.alike(alike)).transpose()?,
            asks_secrecy: raw.asks_secrecy,
            private: raw.private,
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
    pub(super) fn seat(&self, at: &At) -> Parsed<Seat> {
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

    /// As [`Reader::seat`]; a field may name several organs.
    fn joining(&self, at: &At) -> Parsed<Seat> {
        match at.get_ref().strip_prefix("field:") {
            Some(field) if self.names.fields.get(field) == Some(&FieldKind::Organs) => Ok(Seat::Field(field.into())),
            _ => self.seat(at),
        }
    }

    fn alike(&self, raw: &raw::Alike) -> Parsed<Alike> {
        Ok(Alike { fields: self.each(&raw.fields, |at| self.field(at))?, basis: raw.basis.clone() })
    }

    pub(super) fn track(&self, raw: &raw::Track) -> Parsed<Track> {
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

    pub(super) fn role_of(&self, raw: &raw::Role) -> Parsed<Role> {
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

    pub(super) fn field_of(&self, raw: &raw::Field) -> Parsed<(FieldId, Field)> {
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
        match (&raw.of, raw.kind == FieldKind::Matter) {
            (None, true) => return self.wrong(&raw.id, format!("field `{id}` needs `of`: which matters it can name")),
            (Some(of), false) => return self.wrong(&of.procedure, "only a matter field has `of`"),
            _ => {}
        }
        let of = |of: &raw::NamedMatter| -> Parsed<NamedMatter> {
            let disclosed = of.disclosed.as_ref().map(|at| self.word(at)).transpose()?;
            Ok(NamedMatter { procedure: self.word(&of.procedure)?, disclosed })
        };
        if raw.agenda && raw.kind != FieldKind::Date {
            return self.wrong(&raw.id, format!("field `{id}`: only a date stands in calendars"));
        }
        let scale = if raw.kind == FieldKind::Money { 100 } else { 1 };
        let field = Field {
            id: id.clone(),
            title: raw.title.clone(),
            kind: raw.kind,
            list: raw.list.as_ref().map(|list| list.get_ref().clone()),
            of: raw.of.as_ref().map(of).transpose()?,
            hint: raw.hint.clone(),
            max: raw.max.map(|max| max.saturating_mul(scale)),
            min: raw.min.map(|min| min.saturating_mul(scale)),
            competent_for: raw.competent_for.as_ref().map(|at| self.field(at)).transpose()?,
            follows: raw.follows.as_ref().map(|at| self.kinded(at, raw.kind)).transpose()?,
            unit: raw.unit.clone(),
            public: raw.public,
            future: raw.future,
            agenda: raw.agenda,
            made: raw.made,
            settled_by: raw.settled_by.as_ref().map(|at| self.step(at)).transpose()?,
        };
        Ok((id, field))
    }

    pub(super) fn predicate(&self, raw: &raw::Predicate) -> Parsed<Predicate> {
        let when = self.condition(&raw.when)?;
        Ok(Predicate { id: self.word(&raw.id)?, title: raw.title.clone(), basis: raw.basis.clone(), when })
    }

    pub(super) fn generic(&self, generic: Generic, raw: &raw::GenericRule) -> Parsed<(Generic, GenericRule)> {
        let not_after = self.each(&raw.not_after, |at| self.step(at))?;
        let imported_by = self.each(&raw.imported_by, |at| self.word(at))?;
        let by = self.each(&raw.by, |at| self.word(at))?;
        Ok((generic, GenericRule { by, basis: raw.basis.clone(), not_after, imported_by }))
    }

    pub(super) fn instrument(&self, raw: &raw::Instrument) -> Parsed<Instrument> {
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
            to: self.each(&raw.to, |at| self.role(at))?,
            remedies: raw.remedies,
            body: raw.body.clone(),
        })
    }

    pub(super) fn disclosure(&self, raw: &raw::Disclosure) -> Parsed<Disclosure> {
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
