//! A report made from the decided matter: nothing is typed.

use std::collections::BTreeMap;

use super::read::placeholder;
use super::{Owed, Source, Template, Term};
use crate::day::Day;
use crate::id::FieldId;
use crate::matter::{Fact, MatterState, PartyState};
use crate::procedure::{Field as MatterField, FieldKind, PartyKind, Procedure};
use crate::text::yuan;

/// The values of a report by national code; what is empty is not there.
pub type Values = BTreeMap<String, String>;

/// A decision about one party, with what is sealed of it.
pub struct Decided<'a> {
    /// The matter.
    pub state: &'a MatterState,
    /// Its definition.
    pub definition: &'a Procedure,
    /// A sealed value by its label.
    pub sealed: &'a dyn Fn(&str) -> Option<String>,
    /// Whom the report is about.
    pub party: &'a PartyState,
    /// The number of the decision.
    pub number: Option<String>,
    /// Its day.
    pub day: Day,
    /// The organ that decided: its name.
    pub organ: &'a str,
    /// And its credit code.
    pub uscc: Option<&'a str>,
    /// What owes the report.
    pub owed: &'a Owed,
    /// How long it is shown, where rules of its day are known.
    pub term: Option<Term>,
}

/// The field with the day until which the organ shows a decision.
const SHOWN_UNTIL: &str = "publish_until";

/// The report of a decision.
pub fn values(template: &Template, decided: &Decided<'_>) -> Values {
    let made = template.fields.iter().filter_map(|field| {
        let text = decided.get(field.source.as_ref()?, matches!(field.kind, super::Kind::Amount { .. }))?;
        Some((field.code.clone(), text))
    });
    made.filter(|(_, text)| !text.is_empty()).collect()
}

impl Decided<'_> {
    fn get(&self, source: &Source, in_ten_thousands: bool) -> Option<String> {
        let natural = self.party.kind == PartyKind::Natural;
        match source {
            Source::Party(detail) if detail == "kind" => Some(self.party.kind.chinese().to_owned()),
            Source::Party(detail) if natural && ["uscc", "representative"].contains(&detail.as_str()) => None,
            Source::Party(detail) if !natural && detail == "id_number" => None,
            Source::Party(detail) => self.party_detail(detail),
            Source::IdType => self.party_detail("id_number").filter(|_| natural).map(|_| "身份证".to_owned()),
            Source::Number => self.number.clone(),
            Source::Day => Some(self.day.to_string()),
            Source::ShownUntil => {
                let set = self.state.day(SHOWN_UNTIL);
                let most = self.term.as_ref().map(|term| term.most);
                set.into_iter().chain(most).min().map(|day| day.to_string())
            }
            Source::Field(id) => {
                let field = self.field(id)?;
                if in_ten_thousands {
                    return self.state.fact(field.id.as_str())?.number().map(ten_thousands);
                }
                self.text(field)
            }
            Source::Pieces(pieces) => {
                let filled: Vec<String> = pieces.iter().filter_map(|piece| self.piece(piece)).collect();
                Some(filled.join("；"))
            }
            Source::Organ(detail) if detail == "uscc" => self.uscc.map(str::to_owned),
            Source::Organ(_) => Some(self.organ.to_owned()),
            Source::Constant(words) => Some(words.clone()),
        }
    }

    /// A field, or the one that says now what it said when the decision was taken.
    fn field(&self, id: &FieldId) -> Option<&MatterField> {
        self.definition.fields.get(self.owed.field_now(self.state, id))
    }

    fn party_detail(&self, detail: &str) -> Option<String> {
        (self.sealed)(&format!("party.{}.{detail}", self.party.ordinal))
    }

    fn piece(&self, piece: &str) -> Option<String> {
        let name = placeholder(piece)?;
        let text = self.text(self.field(&name.into())?)?;
        Some(piece.replace(&format!("{{{name}}}"), &text))
    }

    fn text(&self, field: &MatterField) -> Option<String> {
        if field.kind.sealed() {
            return (self.sealed)(&format!("field.{}", field.id)).map(|text| text.trim().to_owned());
        }
        let listed = |code: &str| {
            let list = self.definition.list_of(field);
            list.and_then(|list| list.title(code)).unwrap_or(code).to_owned()
        };
        Some(match self.state.fact(field.id.as_str())? {
            Fact::Int(fen) if field.kind == FieldKind::Money => yuan(*fen),
            Fact::Int(number) => number.to_string(),
            Fact::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
            Fact::Day(day) => day.to_string(),
            Fact::Code(code) => listed(code.as_str()),
            Fact::Codes(codes) => codes.iter().map(|code| listed(code.as_str())).collect::<Vec<_>>().join("；"),
            Fact::Text(text) => text.clone(),
            Fact::Matter(_) => return None,
        })
    }
}

/// 200000 分 → 0.2 (万元).
fn ten_thousands(fen: i64) -> String {
    // A 分 is a millionth of a 万元.
    let (whole, rest) = (fen / 1_000_000, (fen % 1_000_000).abs());
    if rest == 0 {
        return whole.to_string();
    }
    let decimals = format!("{rest:06}");
    format!("{whole}.{}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::ten_thousands;

    #[test]
    fn fines_are_told_in_ten_thousands() {
        for (fen, text) in [(200_000, "0.2"), (1_000_000, "1"), (123_456_700, "123.4567"), (5, "0.000005"), (0, "0")] {
            assert_eq!(ten_thousands(fen), text);
        }
    }
}
