//! Conditions of a file: the grammar is [`guard`]'s, the references are checked here.

use std::collections::BTreeSet;

use super::super::guard::{self, Atom, Expr, Operand, OrganTest};
use super::super::model::{FieldKind, When};
use super::super::raw::At;
use super::{Parsed, Reader};
use crate::id::FieldId;
use crate::law::LawError;

impl Reader<'_> {
    pub(super) fn condition(&self, at: &At) -> Parsed<Expr> {
        let expr = guard::parse(at.get_ref()).or_else(|error| self.guard_wrong(at, &error))?;
        self.references(at, &expr)?;
        Ok(expr)
    }

    pub(super) fn guard_wrong<T>(&self, at: &At, error: &guard::GuardError) -> Parsed<T> {
        // The span starts at the opening quote of the string.
        Err(LawError::at(self.file, self.source, at.span().start + 1 + error.offset, error.what.clone()))
    }

    pub(super) fn when<T>(&self, at: &At, item: impl Fn(&At) -> Parsed<T>) -> Parsed<When<T>> {
        let (word, when) = guard::parse_when(at.get_ref()).or_else(|error| self.guard_wrong(at, &error))?;
        if let Some(expr) = &when {
            self.references(at, expr)?;
        }
        Ok(When { item: item(&At::new(at.span(), word))?, when })
    }

    pub(super) fn references(&self, at: &At, expr: &Expr) -> Parsed<()> {
        let mut result = Ok(());
        expr.atoms(&mut |atom| {
            if result.is_ok() {
                result = self.atom(at, atom);
            }
        });
        result
    }

    pub(super) fn atom(&self, at: &At, atom: &Atom) -> Parsed<()> {
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
            Atom::Organ(field, test) => {
                self.of_kind(at, field, &[FieldKind::Organ])?;
                match test {
                    OrganTest::Kinds(_) | OrganTest::Serves(_) => Ok(()),
                    OrganTest::Owns(of) => self.of_kind(at, of, &[FieldKind::Power, FieldKind::Code]),
                }
            }
            Atom::CodeIn(field, codes) => {
                self.codes(at, field, codes.iter().map(|c| c.as_str()), &[FieldKind::Code, FieldKind::Boolean])
            }
            Atom::CodeHas(field, code) => self.codes(at, field, [code.as_str()].into_iter(), &[FieldKind::Codes]),
            Atom::Compare(field, _, operand) => self.comparable(at, field, operand),
        }
    }

    fn of_kind(&self, at: &At, field: &FieldId, kinds: &[FieldKind]) -> Parsed<()> {
        self.field(&At::new(at.span(), field.to_string()))?;
        match self.names.fields.get(field.as_str()) {
            Some(kind) if kinds.contains(kind) => Ok(()),
            _ => self.wrong(at, format!("field `{field}` cannot be asked in this way")),
        }
    }

    pub(super) fn codes<'c>(
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

    pub(super) fn comparable(&self, at: &At, field: &FieldId, operand: &Operand) -> Parsed<()> {
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
            Operand::Day if *kind != FieldKind::Date => {
                self.wrong(at, format!("`{field}` is not a date: it is not compared with the day of the act"))
            }
            Operand::Number(_) | Operand::Day => Ok(()),
        }
    }
}
