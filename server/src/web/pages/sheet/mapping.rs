//! The page on which a table of another system is mapped: a column or a fixed value for each question, and what its words mean.
//!
//! Does not belong here: what a mapping is (`app::sheet::mapping`).

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;

use super::check::Asked;
use crate::app::App;
use crate::app::form::Need;
use crate::app::sheet::cell::folded;
use crate::app::sheet::column::{Column, Sort};
use crate::app::sheet::mapping::{DAY, Mapping, Plan};
use crate::app::sheet::read::Grid;
use crate::app::sheet::{Job, Register};
use crate::web::form::Fields;
use crate::web::frame::StaffFrame;
use crate::web::{Layout, Official, PageError, answered, render};

/// A list longer than this is not mapped word by word: the table has to be put right.
const CHOICES_MAX: usize = 60;
/// Words of one column that are asked for.
const WORDS_MAX: usize = 40;

/// One question with what answers it.
struct Asking {
    name: String,
    title: String,
    note: String,
    required: bool,
    header: String,
    fixed: String,
    choices: Vec<(String, String)>,
}

/// A word of the table that is no choice here.
struct Word {
    name: String,
    column: String,
    said: String,
    choices: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sheet/map.html")]
struct MapPage {
    layout: Layout,
    staff: StaffFrame,
    title: String,
    id: String,
    system: String,
    token: String,
    headers: Vec<String>,
    key: String,
    day: String,
    asking: Vec<Asking>,
    words: Vec<Word>,
    tab: String,
    unused: String,
    wrong: String,
}

/// What was chosen on the page.
pub(super) fn chosen(fields: &Fields) -> Mapping {
    let text = |name: &str| fields.text(name).to_owned();
    let mut mapping = Mapping { key: text("key"), ..Mapping::default() };
    for (name, value) in fields.pairs() {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        if let Some(name) = name.strip_prefix("m.") {
            mapping.columns.push((name.to_owned(), value.to_owned()));
        } else if let Some(name) = name.strip_prefix("c.") {
            mapping.fixed.push((name.to_owned(), value.to_owned()));
        } else if let Some(at) = name.strip_prefix("v.") {
            let said = text(&format!("s.{at}"));
            let column = at.rsplit_once('.').map_or(at, |(column, _)| column);
            mapping.values.push((column.to_owned(), said, value.to_owned()));
        }
    }
    mapping
}

/// Words of the table that mean nothing here yet.
fn words(job: &Job) -> Vec<Word> {
    let mut words = Vec::new();
    for (at, column) in job.reading.columns.iter().enumerate() {
        let fits = matches!(column.sort, Sort::One(_)) && column.choices().len() <= CHOICES_MAX;
        let Some(cell) = job.reading.plan.cell_of(at).filter(|_| fits) else { continue };
        let said: BTreeSet<&str> = job.grid.rows.iter().filter_map(|row| Some(row.cell(cell)?.text.as_str())).collect();
        let unknown = |said: &&str| {
            let is =
                |choice: &crate::app::form::Choice| folded(&choice.title) == folded(said) || choice.value == **said;
            !said.is_empty() && !column.choices().iter().any(is)
        };
        words.extend(said.into_iter().filter(unknown).take(WORDS_MAX).map(|said| Word {
            name: column.name.clone(),
            column: column.title.clone(),
            said: said.to_owned(),
            choices: options(column),
        }));
    }
    words
}

/// Whether every word means something.
pub(super) fn all_meant(job: &Job) -> bool {
    words(job).iter().all(|word| job.reading.mapping.meant(&word.name, &word.said).is_some())
}

fn options(column: &Column) -> Vec<(String, String)> {
    column.choices().iter().map(|choice| (choice.value.clone(), choice.title.clone())).collect()
}

/// The page.
pub(super) async fn page(
    app: &App,
    official: &Official,
    (register, grid): (Register, Grid),
    asked: &Asked,
    mapping: &Mapping,
    wrong: &str,
) -> Result<Response, PageError> {
    let find = |pairs: &[(String, String)], name: &str| {
        pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let asking = register.columns.iter().map(|column| Asking {
        name: column.name.clone(),
        title: column.title.clone(),
        note: column.note(),
        required: column.need == Need::Required,
        header: find(&mapping.columns, &column.name),
        fixed: find(&mapping.fixed, &column.name),
        choices: options(column),
    });
    let asking = asking.collect();
    let (title, id) = (register.procedure.title.clone(), register.procedure.id.to_string());
    let headers: Vec<String> = grid.header.iter().filter(|title| !title.is_empty()).cloned().collect();
    let (words, unused) = match Plan::of_mapping(&register.columns, &grid.header, mapping) {
        Ok(plan) => {
            let unused = grid.unused(&plan).join("”“");
            (words(&register.job(app, grid, plan, asked.source(mapping))), unused)
        }
        Err(_) => (Vec::new(), String::new()),
    };
    let page = render(&MapPage {
        layout: Layout::new(app, &official.visitor, "列的对应关系"),
        staff: StaffFrame::load(app, official, "/sheets").await?,
        title,
        id,
        system: asked.system.clone(),
        token: asked.token.clone(),
        headers,
        key: mapping.key.clone(),
        day: find(&mapping.columns, DAY),
        asking,
        words,
        tab: asked.tab.clone(),
        unused,
        wrong: wrong.to_owned(),
    })?;
    Ok(answered(page, !wrong.is_empty()))
}
