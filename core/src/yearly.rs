//! 行政执法统计年报 (`law/yearly.toml`): which rows the yearly sheet has, and which matters each of them counts, by which date.
//!
//! Does not belong here: the query (`store/figures.rs`), who may see it.

use crate::basis::Basis;
use crate::id::{FieldId, StepId};
use crate::indicator::{Dated, Selection};
use crate::law::LawError;
use crate::procedure::Procedure;

/// The file it stands in.
pub const FILE: &str = "yearly.toml";

/// The sheet.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yearly {
    /// Its title.
    pub title: String,
    /// Where its rules stand.
    pub basis: Basis,
    /// What of it is a setting.
    pub configurable: String,
    /// Its parts.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
}

/// Rows under a heading.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The heading.
    pub title: String,
    /// How its rows are counted, in words.
    #[serde(default)]
    pub rule: String,
    /// The rows.
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

/// One row, or a row for each value of a field.
#[derive(Clone, PartialEq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What is counted.
    pub title: String,
    /// Of what: 件, 宗, 次, 元.
    pub unit: String,
    /// Which matters.
    pub of: Selection,
    /// Those among them that do not count.
    pub less: Option<Selection>,
    /// The sum of this money field, in 元, instead of their number.
    pub money: Option<FieldId>,
    /// How many different values this field has, instead of their number.
    pub distinct: Option<FieldId>,
    /// The field with the organ, where the register is kept by another.
    pub organ_field: Option<FieldId>,
    /// A row for each value of this coded field.
    pub each: Option<FieldId>,
    /// A row for each value of this list field; a matter with several counts once, with the one that stands last in `order`.
    pub heaviest: Option<FieldId>,
    /// The values from light to heavy.
    #[serde(default)]
    pub order: Vec<String>,
}

impl Yearly {
    /// Reads the file.
    ///
    /// # Errors
    /// Unknown keys; a row that is worked out in two ways; an order without a field to order.
    pub fn parse(file: &str, source: &str) -> Result<Self, LawError> {
        let read: Self = toml::from_str(source).map_err(|error| LawError::toml(file, source, &error))?;
        for row in read.rows() {
            let ways = [&row.money, &row.distinct, &row.each, &row.heaviest];
            let ways = ways.iter().filter(|way| way.is_some()).count() + usize::from(row.less.is_some());
            if ways > 1 || row.heaviest.is_some() == row.order.is_empty() {
                return Err(LawError::plain(file, format!("row `{}` is worked out in more than one way", row.title)));
            }
        }
        Ok(read)
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// What the rows name and nobody has: a row that counts nothing for ever would look like a county without cases.
    pub fn problems<'a>(&self, procedures: impl Iterator<Item = &'a Procedure>) -> Vec<LawError> {
        let known: Vec<&Procedure> = procedures.collect();
        let of_row = |row: &Row| {
            let mut lost = missing(&row.of, &known);
            lost.extend(row.less.iter().flat_map(|less| missing(less, &known)));
            let fields = [&row.money, &row.distinct, &row.each, &row.heaviest, &row.organ_field].into_iter().flatten();
            lost.extend(
                fields.filter(|field| !has_field(&row.of, &known, field)).map(|field| format!("field `{field}`")),
            );
            let ordered = row.heaviest.as_ref().map(|field| (field, &row.order));
            lost.extend(ordered.into_iter().flat_map(|(field, order)| unordered(&row.of, &known, field, order)));
            lost.into_iter()
                .map(|what| LawError::plain(FILE, format!("row `{}`: there is no {what}", row.title)))
                .collect::<Vec<_>>()
        };
        self.rows().flat_map(of_row).collect()
    }
}

fn of<'a>(selection: &'a Selection, known: &'a [&Procedure]) -> impl Iterator<Item = &'a &'a Procedure> {
    known.iter().filter(|procedure| selection.procedures.contains(&procedure.id))
}

fn has_field(selection: &Selection, known: &[&Procedure], field: &FieldId) -> bool {
    of(selection, known).any(|procedure| procedure.fields.contains_key(field))
}

fn missing(selection: &Selection, known: &[&Procedure]) -> Vec<String> {
    let procedures = selection.procedures.iter().filter(|id| !known.iter().any(|procedure| procedure.id == **id));
    let mut lost: Vec<String> = procedures.map(|id| format!("procedure `{id}`")).collect();
    let dated: &[StepId] = match &selection.dated {
        Dated::Step(step) => std::slice::from_ref(step),
        Dated::Steps(steps) => steps,
        _ => &[],
    };
    let steps = dated.iter().chain(&selection.done);
    let unknown = steps.filter(|step| !of(selection, known).any(|one| one.step(step.as_str()).is_some()));
    lost.extend(unknown.map(|step| format!("step `{step}`")));
    let day = match &selection.dated {
        Dated::Field(field) => Some(field),
        _ => None,
    };
    let fields = day.into_iter().chain(selection.facts.keys());
    lost.extend(fields.filter(|field| !has_field(selection, known, field)).map(|field| format!("field `{field}`")));
    lost
}

/// Values of a list field that the order leaves out: their matters would be counted nowhere.
fn unordered(selection: &Selection, known: &[&Procedure], field: &FieldId, order: &[String]) -> Vec<String> {
    let lists = of(selection, known).filter_map(|one| one.codes_of(field.as_str()));
    let codes = lists.flat_map(|list| list.items.iter().map(|(code, _)| code.to_string()));
    let mut lost: Vec<String> = codes.filter(|code| !order.contains(code)).collect();
    lost.sort();
    lost.dedup();
    lost.into_iter().map(|code| format!("place in the order for `{code}`")).collect()
}
