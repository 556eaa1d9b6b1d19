//! 表格: a register's workbook out, and tables in: read, tried row by row on the form's own path without writing, agreed to, entered
//! in groups by an act of its own, undone by another. Tables of other systems are mapped once and reconciled.
//!
//! `column` and `template` make the workbook, `slip` fills another system's from a matter, `read` and `mapping` and `row` read one, `enter` tries and enters rows, `trial` does so beside the request, `import`
//! runs an import and undoes it, `collect` takes tables in from units without accounts, `waiting` keeps a table between the check and the agreement, `fill` writes figures into a workbook of a superior organ, `cell` is the one way out for cells.
//! Does not belong here: pages, and the course of an import (law/procedures/drive/sheet_import.toml).

pub mod cell;
pub mod collect;
pub mod column;
pub mod differ;
pub mod enter;
pub mod fill;
pub mod import;
pub mod mapping;
pub mod namesake;
pub mod read;
pub mod row;
pub mod slip;
pub mod template;
pub mod trial;
pub mod waiting;

use std::sync::Arc;

use zhunsheng_core::authority::Post;
use zhunsheng_core::id::{ProcedureId, StepId};
use zhunsheng_core::procedure::{Checked, Step};
use zhunsheng_core::refusal::Refusals;

use self::cell::folded;
use self::column::Column;
use self::mapping::{Mapping, Plan};
use self::read::{Grid, Unread};
use self::row::Reading;
use super::App;
use super::form::{self, Ground};

/// The register of imports.
pub const IMPORT: &str = "sheet_import";

/// Whether matters of a procedure are begun, and their steps taken, by tables and their pages alone: never by a form or a program.
#[must_use]
pub fn begins_here(procedure: &str) -> bool {
    [IMPORT, collect::COLLECTION].contains(&procedure)
}

/// A register that somebody fills by tables.
#[derive(Clone)]
pub struct Register {
    /// The definition.
    pub procedure: Arc<Checked>,
    /// The step that enters a row.
    pub step: StepId,
    /// The questions.
    pub columns: Vec<Column>,
}

impl Register {
    /// The register as this post fills it. The error says why no table will do.
    pub fn new(app: &App, post: &Post, procedure: &Arc<Checked>, step: &Step) -> Result<Self, String> {
        let (ruling, registry) = (app.county.ruling(), app.county.registry());
        let ground = Ground::opening((&ruling, &registry), app.today(), (procedure, step), post);
        let form = form::build(&ground, None, &Refusals::default());
        let columns = column::columns(&form, procedure, &registry)?;
        Ok(Self { procedure: Arc::clone(procedure), step: step.id.clone(), columns })
    }

    /// Reads a table as one of this register; of a workbook with several tables, the sheet `tab`.
    pub fn read(&self, bytes: &[u8], tab: &str) -> Result<Grid, Unread> {
        let titles: Vec<String> = self.columns.iter().map(|column| folded(&column.title)).collect();
        let grid = read::read(bytes, &titles, tab)?;
        match &grid.made_for {
            Some(other) if other != self.procedure.id.as_str() => {
                Err("这是另一个名册的模板；请在那个名册的“表格导入”页上传".to_owned().into())
            }
            _ => Ok(grid),
        }
    }

    /// A job of a table that is read by a plan.
    #[must_use]
    pub fn job(self, app: &App, grid: Grid, plan: Plan, source: Source) -> Job {
        let Source { system, mapping, tab } = source;
        let reading = Reading { columns: self.columns, plan, mapping, county: app.county_name.clone() };
        Job {
            procedure: self.procedure.id.clone(),
            title: self.procedure.title.clone(),
            step: self.step,
            reading,
            grid,
            system,
            tab,
        }
    }
}

/// Where a table comes from; of a template all are empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    /// The other system's name.
    pub system: String,
    /// How its columns are read.
    pub mapping: Mapping,
    /// The sheet of the workbook that was chosen, where several hold rows.
    pub tab: String,
}

/// A table to be tried or entered.
pub struct Job {
    /// The register.
    pub procedure: ProcedureId,
    /// Its title.
    pub title: String,
    /// The step that enters a row.
    pub step: StepId,
    /// How rows are read.
    pub reading: Reading,
    /// The table.
    pub grid: Grid,
    /// The other system's name; empty for a template.
    pub system: String,
    /// The sheet of the workbook that was chosen, where several hold rows.
    pub tab: String,
}
