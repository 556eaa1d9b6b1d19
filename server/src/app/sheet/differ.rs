//! What a row says otherwise than the matter that it is about.
//!
//! Does not belong here: whether the correction may be made (the core).

use zhunsheng_core::authority::Registry;
use zhunsheng_core::day::Day;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::matter::{Fact, Input, MatterState, PartyInput, SealedClass};
use zhunsheng_core::procedure::{Field, FieldKind, Procedure};
use zhunsheng_core::text::{half_width, mask, parse_yuan};

use crate::app::show;
use crate::store::record::{self, StoredSealed};

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The question.
    pub title: String,
    /// What stands here; personal data masked.
    pub here: String,
    /// What the table says; personal data masked.
    pub there: String,
    /// The field, if an import can correct it; parties are changed one by one.
    pub field: Option<FieldId>,
}

/// A matter as it stands.
pub struct Standing<'a> {
    /// Its definition.
    pub procedure: &'a Procedure,
    /// Its state.
    pub state: &'a MatterState,
    /// Its texts.
    pub texts: &'a [StoredSealed],
    /// Names of organs and people.
    pub registry: &'a Registry,
}

impl Standing<'_> {
    /// Every difference; what the row leaves empty is none.
    #[must_use]
    pub fn differences(&self, input: &Input) -> Vec<Difference> {
        let mut found = Vec::new();
        for (id, values) in &input.fields {
            let Some(field) = self.procedure.fields.get(id).filter(|field| !field.made) else { continue };
            if values.iter().all(|value| value.trim().is_empty()) {
                continue;
            }
            found.extend(if field.kind.sealed() { self.sealed(field, values) } else { self.fact(field, values) });
        }
        let mut taken = Vec::new();
        for party in &input.parties {
            found.extend(self.party(party, &mut taken));
        }
        found
    }

    fn text(&self, label: &str) -> &str {
        record::opened(self.texts, label)
    }

    fn sealed(&self, field: &Field, values: &[String]) -> Option<Difference> {
        let there = values.first().map_or("", |value| value.trim());
        let here = self.text(&format!("field.{}", field.id));
        let shown = |text: &str| class_of(field.kind).map_or_else(|| text.to_owned(), |class| mask(class, text));
        (!same_text(here, there)).then(|| Difference {
            title: field.title.clone(),
            here: shown(here),
            there: shown(there),
            field: Some(field.id.clone()),
        })
    }

    fn fact(&self, field: &Field, values: &[String]) -> Option<Difference> {
        let here = self.state.fact(field.id.as_str());
        let there = fact_of(field, values);
        if here.is_some() && here == there.as_ref() {
            return None;
        }
        let shown = |fact: Option<&Fact>| fact.map(|fact| show::fact(self.procedure, field, fact, self.registry));
        Some(Difference {
            title: field.title.clone(),
            here: shown(here).unwrap_or_default(),
            there: shown(there.as_ref()).unwrap_or_else(|| values.join("、")),
            field: Some(field.id.clone()),
        })
    }

    fn party(&self, party: &PartyInput, taken: &mut Vec<u16>) -> Vec<Difference> {
        let Some(role) = party.role.as_ref() else { return Vec::new() };
        let mut known = self.state.parties_in(role).filter(|known| !taken.contains(&known.ordinal));
        let Some(ordinal) = known.next().map(|known| known.ordinal) else { return Vec::new() };
        taken.push(ordinal);
        let title = self.procedure.role(role.as_str()).map_or("", |role| role.title.as_str());
        let title = title.split('（').next().unwrap_or(title);
        let details = [
            ("name", "姓名（名称）", &party.name, SealedClass::Name),
            ("id_number", "身份证号", &party.id_number, SealedClass::IdNumber),
            ("phone", "联系电话", &party.phone, SealedClass::Phone),
            ("address", "地址", &party.address, SealedClass::Address),
            ("uscc", "统一社会信用代码", &party.uscc, SealedClass::Uscc),
            ("representative", "法定代表人", &party.representative, SealedClass::Name),
        ];
        let differs = |(detail, label, there, class): &(&str, &str, &String, SealedClass)| {
            let here = self.text(&format!("party.{ordinal}.{detail}"));
            (!there.is_empty() && !same_text(here, there)).then(|| Difference {
                title: format!("{title}{label}"),
                here: mask(*class, here),
                there: mask(*class, there),
                field: None,
            })
        };
        details.iter().filter_map(differs).collect()
    }
}

/// The engine keeps numbers in half width and letters in capitals.
fn same_text(here: &str, there: &str) -> bool {
    let plain = |text: &str| half_width(text).replace([' ', '\n'], "").to_uppercase();
    plain(here) == plain(there)
}

pub(super) fn class_of(kind: FieldKind) -> Option<SealedClass> {
    Some(match kind {
        FieldKind::Name => SealedClass::Name,
        FieldKind::Phone => SealedClass::Phone,
        FieldKind::IdNumber => SealedClass::IdNumber,
        FieldKind::Address => SealedClass::Address,
        _ => return None,
    })
}

/// The fact that typed values would become; none if they cannot be read.
fn fact_of(field: &Field, values: &[String]) -> Option<Fact> {
    let first = values.first()?.trim();
    Some(match field.kind {
        FieldKind::Label => Fact::Text(first.to_owned()),
        FieldKind::Code | FieldKind::Organ | FieldKind::Place => Fact::Code(first.into()),
        FieldKind::Codes | FieldKind::Organs => {
            let mut codes: Vec<zhunsheng_core::id::Code> = values.iter().map(|value| value.as_str().into()).collect();
            codes.sort();
            codes.dedup();
            Fact::Codes(codes)
        }
        FieldKind::Integer => Fact::Int(half_width(first).parse().ok()?),
        FieldKind::Money => Fact::Int(parse_yuan(first)?),
        FieldKind::Date => Fact::Day(Day::parse(first)?),
        FieldKind::Boolean => Fact::Bool(first == "yes"),
        FieldKind::Person | FieldKind::Power | FieldKind::Matter => {
            Fact::Matter(zhunsheng_core::id::MatterId::parse(first)?)
        }
        _ => return None,
    })
}
