//! 填报单: what a matter says, in the order and the words of another system's table, so that nobody types it twice. Read by the mapping
//! with which that system's tables came in; columns that no import reads are looked for among the procedure's own questions.
//!
//! Does not belong here: who may see it, and the record of looking (pages).

use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::RoleId;
use zhunsheng_core::matter::{Fact, MatterState, SealedClass};
use zhunsheng_core::procedure::{Field, FieldKind, PartyKind, Procedure};
use zhunsheng_core::text::{mask, yuan};

use super::cell::folded;
use super::column::Column;
use super::mapping::{DAY, Mapping};
use crate::app::show;
use crate::store::record::{self, StoredSealed};

/// One column of the other system's table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    /// Its heading there.
    pub header: String,
    /// What to enter; empty if this matter says nothing of it.
    pub value: String,
    /// Whether it was masked.
    pub masked: bool,
}

/// What a slip is filled from.
pub struct Slip<'a> {
    /// The other system.
    pub system: &'a str,
    /// How its tables are read.
    pub mapping: &'a Mapping,
    /// The questions of the step that enters a row.
    pub columns: &'a [Column],
    /// The matter's definition.
    pub procedure: &'a Procedure,
    /// The matter.
    pub state: &'a MatterState,
    /// Its texts.
    pub texts: &'a [StoredSealed],
    /// Names of organs and people.
    pub registry: &'a Registry,
    /// Whether personal data is shown.
    pub revealed: bool,
}

impl Slip<'_> {
    /// Every column, in the order of the other system.
    #[must_use]
    pub fn filled(&self) -> Vec<Filled> {
        self.mapping.headers().iter().map(|header| self.column(header)).collect()
    }

    fn column(&self, header: &str) -> Filled {
        let plain = |value: String| Filled { header: header.to_owned(), value, masked: false };
        if header == self.mapping.key {
            let known = self.state.external.iter().find(|external| external.system == self.system);
            return plain(known.map(|external| external.id.clone()).unwrap_or_default());
        }
        let question = self.mapping.columns.iter().find(|(_, known)| known == header).map(|(name, _)| name.as_str());
        match question {
            Some(DAY) => plain(self.state.opened.to_string()),
            Some(name) if name.starts_with("party.") => self.party(header, name),
            Some(name) => {
                let field = name
                    .strip_prefix("f.")
                    .and_then(|id| self.procedure.fields.get(&zhunsheng_core::id::FieldId::from(id)));
                field.map_or_else(|| plain(String::new()), |field| self.field(header, field))
            }
            None => {
                let wanted = folded(header);
                let named = self.procedure.fields.values().find(|field| folded(&field.title) == wanted);
                named.map_or_else(|| plain(String::new()), |field| self.field(header, field))
            }
        }
    }

    fn field(&self, header: &str, field: &Field) -> Filled {
        let named = |value: String, masked: bool| Filled { header: header.to_owned(), value, masked };
        if field.kind.sealed() {
            let text = record::opened(self.texts, &format!("field.{}", field.id));
            return match super::differ::class_of(field.kind) {
                Some(class) => self.sealed(header, text, class),
                None => named(text.to_owned(), false),
            };
        }
        let Some(fact) = self.state.fact(field.id.as_str()) else { return named(String::new(), false) };
        let value = match fact {
            Fact::Day(day) => day.to_string(),
            Fact::Int(fen) if field.kind == FieldKind::Money => yuan(*fen),
            Fact::Int(number) => number.to_string(),
            Fact::Code(code) => self.theirs(&format!("f.{}", field.id), code.as_str(), field, fact),
            other => show::fact(self.procedure, field, other, self.registry),
        };
        named(value, false)
    }

    /// The other system's word for a code, if its tables said one.
    fn theirs(&self, name: &str, code: &str, field: &Field, fact: &Fact) -> String {
        let word = self.mapping.values.iter().find(|(known, _, meant)| known == name && meant == code);
        word.map_or_else(|| show::fact(self.procedure, field, fact, self.registry), |(_, said, _)| said.clone())
    }

    fn party(&self, header: &str, name: &str) -> Filled {
        let nothing = || Filled { header: header.to_owned(), value: String::new(), masked: false };
        let Some(seat) = self.columns.iter().find(|column| column.name == name).and_then(|column| column.seat.clone())
        else {
            return nothing();
        };
        // The how-manieth of its role it is in the form is the how-manieth in the matter.
        let mut earlier: Vec<usize> = self
            .columns
            .iter()
            .filter_map(|column| column.seat.as_ref())
            .filter(|other| other.role == seat.role && other.index < seat.index)
            .map(|other| other.index)
            .collect();
        earlier.dedup();
        let role = RoleId::from(seat.role.as_str());
        let Some(party) = self.state.parties_in(&role).nth(earlier.len()) else { return nothing() };
        let detail = name.rsplit('.').next().unwrap_or_default();
        let class = match detail {
            "kind" => {
                let word =
                    self.mapping.values.iter().find(|(known, _, meant)| known == name && meant == party.kind.code());
                let value = word.map_or_else(|| party.kind.chinese().to_owned(), |(_, said, _)| said.clone());
                return Filled { value, ..nothing() };
            }
            "id_number" => SealedClass::IdNumber,
            "phone" => SealedClass::Phone,
            "address" => SealedClass::Address,
            "uscc" => SealedClass::Uscc,
            _ => SealedClass::Name,
        };
        let text = record::opened(self.texts, &format!("party.{}.{detail}", party.ordinal));
        match party.kind {
            // Names and codes of organisations are nobody's personal data.
            kind if kind != PartyKind::Natural && matches!(detail, "name" | "uscc") => {
                Filled { value: text.to_owned(), ..nothing() }
            }
            _ => self.sealed(header, text, class),
        }
    }

    fn sealed(&self, header: &str, text: &str, class: SealedClass) -> Filled {
        let shown = if self.revealed { text.to_owned() } else { mask(class, text) };
        Filled { header: header.to_owned(), masked: shown != text, value: shown }
    }
}
