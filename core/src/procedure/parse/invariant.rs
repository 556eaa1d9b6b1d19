//! Invariants of a file: what must hold on every path, in the few forms that the checker can prove.

use super::super::model::{Invariant, Rule};
use super::super::raw::{self, At};
use super::{Parsed, Reader};
use crate::id::{PostKind, StepId};
use crate::law::LawError;

/// Makes a rule of the texts on both sides of its word.
type Make<'r> = fn(&Reader<'r>, &At, &str, &str) -> Parsed<Rule>;

impl<'r> Reader<'r> {
    pub(super) fn invariant(&self, raw: &raw::Invariant) -> Parsed<Invariant> {
        let id = raw.id.get_ref();
        let forms: [(&Option<At>, &str, Make<'r>); 9] = [
            (&raw.never, " before | when ", Self::never),
            (&raw.only, " if ", Self::only),
            (&raw.different, " and ", Self::different),
            (&raw.after, " then ", Self::after),
            (&raw.by, " only ", Self::only_by),
            (&raw.officers, " at least ", Self::at_least),
            (&raw.power, " under ", Self::under),
            (&raw.extends, " prolongs ", Self::prolongs),
            (&raw.suspends, " suspends ", Self::suspends),
        ];
        let mut given = forms.iter().filter_map(|(at, words, make)| Some((at.as_ref()?, *words, *make)));
        let Some((at, words, make)) = given.next() else {
            return self.wrong(
                &raw.id,
                format!(
                    "invariant `{id}` says nothing: expected never, only, different, after, by, officers, power, extends or suspends"
                ),
            );
        };
        if given.next().is_some() {
            return self.wrong(at, format!("invariant `{id}` says two things"));
        }
        let text = at.get_ref();
        let Some((a, b)) = words.split('|').find_map(|word| text.split_once(word)) else {
            let word = words.split('|').next().unwrap_or_default();
            return self.wrong(at, format!("expected `step{word}step`, found `{text}`"));
        };
        let when = raw.when.as_ref().map(|at| self.condition(at)).transpose()?;
        Ok(Invariant {
            id: id.clone(),
            basis: raw.basis.clone(),
            rule: make(self, at, a, b)?,
            when,
            text: text.clone(),
        })
    }

    fn named(&self, at: &At, text: &str) -> Parsed<StepId> {
        self.step(&At::new(at.span(), text.trim().to_owned()))
    }

    fn one_of(&self, at: &At, text: &str) -> Parsed<Vec<StepId>> {
        text.split('|').map(|step| self.named(at, step)).collect()
    }

    fn never(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        if at.get_ref().contains(" before ") {
            return Ok(Rule::NeverBefore(self.named(at, a)?, self.named(at, b)?));
        }
        // The condition keeps its place inside the text, so that a mistake points at itself.
        let skipped = at.get_ref().len().saturating_sub(b.len());
        let span = at.span().start + skipped..at.span().end;
        Ok(Rule::NeverWhen(self.named(at, a)?, self.condition(&At::new(span, b.to_owned()))?))
    }

    fn only(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        Ok(Rule::OnlyIf(self.named(at, a)?, self.one_of(at, b)?))
    }

    fn different(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        match b.trim().strip_prefix("parent.") {
            // The other definition is not read here; the checker looks there.
            Some(of_parent) => Ok(Rule::DifferentFromParent(self.named(at, a)?, of_parent.into())),
            None => Ok(Rule::Different(self.named(at, a)?, self.named(at, b)?)),
        }
    }

    fn after(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        let (steps, clock) = match b.split_once(" within ") {
            Some((steps, clock)) => {
                let clock = At::new(at.span(), clock.trim().to_owned());
                (steps, Some(self.known(&clock, &self.names.clocks, "clock")?))
            }
            None => (b, None),
        };
        Ok(Rule::AfterAlways(self.named(at, a)?, self.one_of(at, steps)?, clock))
    }

    fn only_by(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        let post = |text: &str| self.word::<PostKind>(&At::new(at.span(), text.trim().to_owned()));
        Ok(Rule::OnlyBy(self.named(at, a)?, b.split('|').map(post).collect::<Parsed<_>>()?))
    }

    fn at_least(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        match b.trim().parse::<u16>() {
            Ok(number) if number > 0 => Ok(Rule::Officers(self.named(at, a)?, number)),
            _ => Err(LawError::at(self.file, self.source, at.span().start, format!("expected a number, found `{b}`"))),
        }
    }

    fn under(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        let field = self.field(&At::new(at.span(), b.trim().to_owned()))?;
        Ok(Rule::UnderPower(self.named(at, a)?, field))
    }

    fn prolongs(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        let clock = At::new(at.span(), b.trim().to_owned());
        Ok(Rule::Prolongs(self.named(at, a)?, self.known(&clock, &self.names.clocks, "clock")?))
    }

    fn suspends(&self, at: &At, a: &str, b: &str) -> Parsed<Rule> {
        let Some((clock, until)) = b.split_once(" until ") else {
            return self.wrong(at, format!("expected `step suspends clock until step`, found `{}`", at.get_ref()));
        };
        let clock = At::new(at.span(), clock.trim().to_owned());
        let clock = self.known(&clock, &self.names.clocks, "clock")?;
        Ok(Rule::Suspends(self.named(at, a)?, clock, self.named(at, until)?))
    }
}
