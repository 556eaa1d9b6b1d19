//! One row becomes what a person would have typed into the form; what cannot be meant is said at its cell.
//!
//! Does not belong here: whether the values are right (the core reads them on the form's own path).

use std::collections::BTreeMap;

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Input, PartyInput};
use zhunsheng_core::procedure::PartyKind;
use zhunsheng_core::refusal::Refusals;
use zhunsheng_core::text::half_width;

use super::cell::folded;
use super::column::{Column, Sort};
use super::mapping::{Mapping, Plan, Source};
use super::read::{Row, day_of_serial};
use crate::app::form::Choice;

/// Something wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// Its column in the table, if it is one cell's.
    pub at: Option<usize>,
    /// Its question, for people.
    pub title: String,
    /// A sentence.
    pub sentence: String,
}

/// What a row says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Said {
    /// For the engine.
    pub input: Input,
    /// The places of its parties in the form.
    seats: Vec<usize>,
    /// What cannot be meant.
    pub wrong: Vec<Wrong>,
}

/// How rows are read.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The questions.
    pub columns: Vec<Column>,
    /// Where their answers stand.
    pub plan: Plan,
    /// What words mean.
    pub mapping: Mapping,
    /// Begins the names of places in tables of others.
    pub county: String,
}

impl Reading {
    /// Reads a row.
    #[must_use]
    pub fn said(&self, row: &Row) -> Said {
        let mut said = Said::default();
        let mut parties: BTreeMap<usize, PartyInput> = BTreeMap::new();
        for (column, source) in self.columns.iter().zip(&self.plan.sources) {
            let (at, text, wrong, number) = match source {
                Source::None => continue,
                Source::Fixed(value) => (None, value.clone(), None, None),
                Source::Cell(at) => match row.cell(*at) {
                    Some(cell) => (Some(*at), cell.text.clone(), cell.wrong, cell.number),
                    None => continue,
                },
            };
            let values = match wrong {
                Some(wrong) => Err(wrong.to_owned()),
                None => self.values(column, &text, number),
            };
            let values = values.unwrap_or_else(|sentence| {
                said.wrong.push(Wrong { at, title: column.title.clone(), sentence });
                vec![text]
            });
            put(column, values, &mut said.input, &mut parties);
        }
        for (seat, party) in parties {
            said.seats.push(seat);
            said.input.parties.push(party);
        }
        said
    }

    /// What was typed in a cell as the form would send it.
    fn values(&self, column: &Column, text: &str, number: Option<f64>) -> Result<Vec<String>, String> {
        Ok(match &column.sort {
            Sort::Text => vec![text.to_owned()],
            Sort::Number(_) => vec![half_width(text).replace([',', ' '], "")],
            Sort::Date => vec![day_of(text, number)?.to_string()],
            Sort::One(choices) => vec![self.choice(column, choices, text)?],
            Sort::Several(choices) => {
                let words = text.split(['、', '，', ',', ';', '；', '\n', '|']).map(str::trim);
                let words = words.filter(|word| !word.is_empty());
                words.map(|word| self.choice(column, choices, word)).collect::<Result<_, _>>()?
            }
        })
    }

    fn choice(&self, column: &Column, choices: &[Choice], said: &str) -> Result<String, String> {
        if let Some(meant) = self.mapping.meant(&column.name, said) {
            return Ok(meant.to_owned());
        }
        let wanted = folded(said);
        let within = wanted.strip_prefix(&folded(&self.county)).filter(|rest| !rest.is_empty());
        let is = |choice: &&Choice| {
            let title = folded(&choice.title);
            title == wanted || Some(title.as_str()) == within || choice.value == said
        };
        if let Some(choice) = choices.iter().find(is) {
            return Ok(choice.value.clone());
        }
        // 村名 without its town, as long as it is the only one.
        let ends = |choice: &&Choice| wanted.chars().count() > 1 && folded(&choice.title).ends_with(&wanted);
        let found: Vec<&Choice> = choices.iter().filter(ends).take(2).collect();
        match found.as_slice() {
            [only] => Ok(only.value.clone()),
            [first, second] => Err(format!("“{said}”有几个，请写全：{}还是{}", first.title, second.title)),
            _ => Err(format!("“{said}”不在可选的范围里，{}", offered(choices))),
        }
    }

    /// The refusals of an act at the cells that they are about; a cell is told one thing.
    #[must_use]
    pub fn refused(&self, said: Said, refusals: &Refusals) -> Vec<Wrong> {
        let mut wrong = said.wrong;
        for refusal in refusals.iter() {
            let field = refusal.field.as_ref().map(|field| in_the_form(field.as_str(), &said.seats));
            let column = field.as_ref().and_then(|field| self.columns.iter().position(|known| known.field() == field));
            let (at, title) = match column.and_then(|at| Some((at, self.columns.get(at)?))) {
                Some((column, known)) => (self.plan.cell_of(column), known.title.clone()),
                None => (None, String::new()),
            };
            let known = wrong.iter().any(|known| !title.is_empty() && known.title == title);
            if !known {
                wrong.push(Wrong { at, title, sentence: refusal.sentence.clone() });
            }
        }
        wrong
    }
}

/// A day as written, or as Excel counts it.
pub(in crate::app) fn day_of(text: &str, number: Option<f64>) -> Result<Day, String> {
    // 2024-10-26 09:30:00: the time of day is left out.
    let plain = half_width(text);
    let date = plain.trim().split([' ', 'T']).next().unwrap_or_default();
    let day = Day::parse(date).or_else(|| number.and_then(day_of_serial));
    day.ok_or_else(|| format!("“{text}”不是日期，请写成2024-10-26这样"))
}

/// The engine counts parties as they came; the form by its places.
fn in_the_form(field: &str, seats: &[usize]) -> String {
    let Some((position, detail)) = field.strip_prefix("party.").and_then(|rest| rest.split_once('.')) else {
        return field.to_owned();
    };
    let seat = position.parse::<usize>().ok().and_then(|position| seats.get(position));
    seat.map_or_else(|| field.to_owned(), |seat| format!("party.{seat}.{detail}"))
}

fn offered(choices: &[Choice]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<&str> = choices.iter().take(SHOWN).map(|choice| choice.title.as_str()).collect();
    let more = if choices.len() > SHOWN { "等（见模板的下拉选项）" } else { "" };
    format!("应为{}{more}", shown.join("、"))
}

fn put(column: &Column, mut values: Vec<String>, input: &mut Input, parties: &mut BTreeMap<usize, PartyInput>) {
    if let Some(field) = column.name.strip_prefix("f.") {
        input.fields.insert(field.into(), values);
        return;
    }
    let first = if values.is_empty() { String::new() } else { values.swap_remove(0) };
    if let Some(seat) = &column.seat {
        let party = parties.entry(seat.index).or_insert_with(|| PartyInput {
            role: Some(seat.role.as_str().into()),
            kind: seat.kind.and_then(PartyKind::parse),
            ..PartyInput::default()
        });
        match column.name.rsplit('.').next().unwrap_or_default() {
            "kind" => party.kind = PartyKind::parse(&first),
            detail => party.text_mut(detail).into_iter().for_each(|text| first.clone_into(text)),
        }
        return;
    }
    match column.name.as_str() {
        "officer" => {
            input.officers = std::iter::once(&first).chain(&values).filter_map(|id| MatterId::parse(id)).collect()
        }
        "assignee" => input.assignee = MatterId::parse(&first),
        "reason" => input.reason = Some(first),
        _ => {}
    }
}
