//! The columns of a register's table: exactly the questions of the form that opens an entry, with their choices.
//!
//! Does not belong here: how a workbook looks (`template`), what a cell means (`row`).

use std::collections::BTreeMap;

use zhunsheng_core::authority::Registry;
use zhunsheng_core::id::FieldId;
use zhunsheng_core::procedure::{FieldKind, Procedure};

use crate::app::form::{Batch, Choice, Need, PartyBlock, Question, StepForm, Widget};
use crate::app::show;

/// How a cell is filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sort {
    /// Text.
    Text,
    /// A number in digits, of a unit that may be empty.
    Number(String),
    /// A day.
    Date,
    /// One of these.
    One(Vec<Choice>),
    /// Several of these.
    Several(Vec<Choice>),
}

/// A party that a column tells something of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seat {
    /// Its place in the form.
    pub index: usize,
    /// Its role.
    pub role: String,
    /// Its kind, where only one is possible.
    pub kind: Option<&'static str>,
}

/// One column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The input's name in the form.
    pub name: String,
    /// Its heading.
    pub title: String,
    /// What is said beside the question.
    pub hint: String,
    /// Whether it must be filled in.
    pub need: Need,
    /// How.
    pub sort: Sort,
    /// What the form would begin with.
    pub preset: String,
    /// The party it tells of.
    pub seat: Option<Seat>,
    /// Whether it holds personal data.
    pub personal: bool,
}

impl Column {
    /// What the form writes beside the question, for people.
    #[must_use]
    pub fn note(&self) -> String {
        let need = match &self.need {
            Need::Required => "必填".to_owned(),
            Need::When(when) => format!("{when}时必填"),
            Need::Optional => "可以不填".to_owned(),
        };
        let how = match &self.sort {
            Sort::Text => String::new(),
            Sort::Number(unit) if unit.is_empty() => "填整数".to_owned(),
            Sort::Number(unit) => format!("填数字，单位：{unit}"),
            Sort::Date => "日期，如2024-10-26".to_owned(),
            Sort::One(_) => "从下拉选项里选一个".to_owned(),
            Sort::Several(_) => "可以填几个，用顿号隔开".to_owned(),
        };
        let parts = [need, how, self.hint.clone()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；")
    }

    /// The choices, if there are any.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match &self.sort {
            Sort::One(choices) | Sort::Several(choices) => choices,
            Sort::Text | Sort::Number(_) | Sort::Date => &[],
        }
    }

    /// Under which field the engine reports what is wrong with it.
    #[must_use]
    pub fn field(&self) -> &str {
        self.name.strip_prefix("f.").unwrap_or(&self.name)
    }
}

/// The columns of a form, in its order. The error says what a table cannot hold.
pub fn columns(form: &StepForm, procedure: &Procedure, registry: &Registry) -> Result<Vec<Column>, String> {
    let needs_file = |question: &&Question| question.required() && matches!(question.widget, Widget::Files(_));
    if let Some(file) = form.files.iter().find(needs_file) {
        return Err(format!("登记时要附上“{}”，不能用表格导入，请逐件登记", file.label));
    }
    // A matter is chosen by its title where it stands open: two of the same title would be one in a table.
    let names_matter = |question: &&Question| {
        let field = question.name.strip_prefix("f.").and_then(|id| procedure.fields.get(&FieldId::from(id)));
        question.required() && field.is_some_and(|field| field.kind == FieldKind::Matter)
    };
    if let Some(question) = form.questions.iter().find(names_matter) {
        return Err(format!("要从列出的事项里选“{}”，不能用表格导入，请逐件登记", question.label));
    }
    let of = |question: &Question| column(question, procedure, registry);
    let mut columns: Vec<Column> = form.questions.iter().chain(&form.more).filter_map(of).collect();
    for group in &form.parties {
        for block in &group.blocks {
            columns.extend(party_columns(&group.title, block, group.blocks.len() > 1, &of));
        }
    }
    columns.extend(form.people.iter().filter_map(of));
    columns.push(Column {
        name: "reason".to_owned(),
        title: "理由".to_owned(),
        hint: "系统提示可以写明理由后继续的，写在这里".to_owned(),
        need: Need::Optional,
        sort: Sort::Text,
        preset: String::new(),
        seat: None,
        personal: false,
    });
    make_unique(&mut columns);
    Ok(columns)
}

fn party_columns(
    role: &str,
    block: &PartyBlock,
    several: bool,
    of: &dyn Fn(&Question) -> Option<Column>,
) -> Vec<Column> {
    let role = role.split('（').next().unwrap_or(role);
    let role = if several { format!("{role}{}", block.number) } else { role.to_owned() };
    let seat = Seat { index: block.index, role: block.role.clone(), kind: block.kind };
    let with_role = |mut column: Column| {
        column.title = format!("{role}{}", column.title);
        column.personal = column.sort == Sort::Text;
        column.seat = Some(seat.clone());
        column
    };
    block.questions.iter().chain(&block.more).filter_map(of).map(with_role).collect()
}

fn column(question: &Question, procedure: &Procedure, registry: &Registry) -> Option<Column> {
    let field = question.name.strip_prefix("f.").and_then(|id| procedure.fields.get(&FieldId::from(id)));
    let kind = field.map(|field| field.kind);
    let sort = match &question.widget {
        Widget::Line { .. } | Widget::Area { .. } => Sort::Text,
        Widget::Number { unit } => Sort::Number(unit.clone()),
        Widget::Money => Sort::Number("元".to_owned()),
        Widget::Date { .. } => Sort::Date,
        Widget::Radios(choices) => Sort::One(plain(choices.iter())),
        Widget::Select(batches) if kind == Some(FieldKind::Place) => Sort::One(places(batches, registry)),
        Widget::Select(batches) => Sort::One(labelled(batches)),
        Widget::Checks(choices) => Sort::Several(plain(choices.iter())),
        Widget::Many(batches) => Sort::Several(labelled(batches)),
        Widget::Files(_) => return None,
    };
    Some(Column {
        name: question.name.clone(),
        title: question.label.clone(),
        hint: question.hint.clone(),
        need: question.need.clone(),
        sort,
        preset: question.value().to_owned(),
        seat: None,
        personal: kind.is_some_and(FieldKind::personal),
    })
}

fn plain<'c>(choices: impl Iterator<Item = &'c Choice>) -> Vec<Choice> {
    choices.filter(|choice| !choice.value.is_empty()).cloned().collect()
}

/// Villages of one name lie in several towns: each is named with its town.
fn places(batches: &[Batch], registry: &Registry) -> Vec<Choice> {
    let mut choices = plain(batches.iter().flat_map(|batch| &batch.choices));
    choices.iter_mut().for_each(|choice| choice.title = show::place(registry, &choice.value));
    choices
}

/// What is called alike is told apart by its heading.
fn labelled(batches: &[Batch]) -> Vec<Choice> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for choice in batches.iter().flat_map(|batch| &batch.choices) {
        *count.entry(choice.title.as_str()).or_default() += 1;
    }
    let mut choices = Vec::new();
    for batch in batches {
        for choice in batch.choices.iter().filter(|choice| !choice.value.is_empty()) {
            let mut choice = choice.clone();
            if count.get(choice.title.as_str()).is_some_and(|count| *count > 1) {
                choice.title = format!("{}（{}）", choice.title, batch.title);
            }
            choices.push(choice);
        }
    }
    choices
}

fn make_unique(columns: &mut [Column]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for column in columns {
        let count = seen.entry(column.title.clone()).or_default();
        *count += 1;
        if *count > 1 {
            column.title = format!("{}（{count}）", column.title);
        }
    }
}
