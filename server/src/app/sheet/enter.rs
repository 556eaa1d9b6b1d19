//! Entering one row inside the writer, on the path of the form: a new matter, a correction of a known one, or what stands against it.
//! Tried, it leaves nothing behind.
//!
//! Does not belong here: groups, results and the act of the import (`import`).

use std::collections::BTreeMap;
use std::sync::Arc;

use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Command, ExternalId, Input, Manner, Target};
use zhunsheng_core::procedure::Generic;

use super::Job;
use super::differ::{Difference, Standing};
use super::read::Row;
use super::row::{Said, Wrong};
use crate::app::App;
use crate::app::act::{ActError, Desk};
use crate::store::{StoreFault, Tx, imports, record};

/// Rows tried in one group of the writer: others wait for no more than this.
const TRIED_AT_ONCE: usize = 25;

/// What becomes of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A new matter.
    New(MatterId),
    /// Known, and nothing differs.
    Same(MatterId),
    /// Known, and corrected; differences that no import corrects included.
    Changed(MatterId, Vec<Difference>),
    /// Nothing, because of this.
    Wrong(Vec<Wrong>),
}

/// A row with what becomes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// Its line.
    pub line: u32,
    /// Its number in the other system.
    pub key: String,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// Why work that is to leave nothing ended.
enum Ended<T> {
    Done(T),
    Failed(ActError),
}

impl<T> From<StoreFault> for Ended<T> {
    fn from(fault: StoreFault) -> Self {
        Self::Failed(fault.into())
    }
}

impl Desk {
    /// Works and leaves nothing behind, in the store nor in the registers.
    pub fn leave_nothing<T>(
        &mut self,
        tx: &mut Tx<'_>,
        work: impl FnOnce(&mut Self, &mut Tx<'_>) -> Result<T, ActError>,
    ) -> Result<T, ActError> {
        let (registry, as_of, moved) = (Arc::clone(&self.registry), self.as_of, self.registers.moved());
        let ended = tx.savepoint(|tx| {
            let worked = work(self, tx);
            Err::<(), _>(worked.map_or_else(Ended::Failed, Ended::Done))
        });
        (self.registry, self.as_of) = (registry, as_of);
        self.registers.mark(moved);
        match ended {
            Err(Ended::Done(done)) => Ok(done),
            Err(Ended::Failed(error)) => Err(error),
            Ok(()) => Err(ActError::NotFound),
        }
    }

    /// Enters a row; marked as the import's, if there is one already.
    pub(super) fn enter(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        job: &Job,
        row: &Row,
        import: Option<MatterId>,
    ) -> Result<Tried, ActError> {
        let said = job.reading.said(row);
        let key = job.key(row);
        let outcome = match &key {
            Err(wrong) => Outcome::Wrong(vec![wrong.clone()]),
            Ok(None) => self.open_row(tx, actor, job, said, (row.line, None, import))?,
            Ok(Some(key)) => {
                let known = imports::find_external(tx, &self.county, job.procedure.as_str(), (&job.system, key))?;
                match known {
                    None => self.open_row(tx, actor, job, said, (row.line, Some(key), import))?,
                    Some(id) => self.correct_row(tx, actor, job, said, id)?,
                }
            }
        };
        Ok(Tried { line: row.line, key: key.ok().flatten().unwrap_or_default(), outcome })
    }

    fn open_row(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        job: &Job,
        said: Said,
        (line, key, import): (u32, Option<&String>, Option<MatterId>),
    ) -> Result<Outcome, ActError> {
        let mut input = said.input.clone();
        let external = |key: &String| ExternalId { system: job.system.clone(), id: key.clone(), number: None };
        input.external = key.map(external).into_iter().chain(import.map(|import| imports::mark(import, line))).collect();
        let target = Target::Open(job.procedure.clone());
        let command = Command { target, step: job.step.clone(), input, manner: Manner::Live };
        let readable = said.wrong.is_empty();
        Ok(match self.attempt_row(tx, actor, &command, readable)? {
            Ok(matter) if readable => Outcome::New(matter),
            Ok(_) => Outcome::Wrong(said.wrong),
            Err(refusals) => Outcome::Wrong(job.reading.refused(said, &refusals)),
        })
    }

    fn correct_row(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        job: &Job,
        said: Said,
        id: MatterId,
    ) -> Result<Outcome, ActError> {
        if !said.wrong.is_empty() {
            return Ok(Outcome::Wrong(said.wrong));
        }
        let state = match self.load_visible(tx, actor, id) {
            Ok(state) => state,
            Err(ActError::NotFound) => return Ok(Outcome::Wrong(vec![elsewhere()])),
            Err(other) => return Err(other),
        };
        let texts = record::sealed_values(tx, &self.county, id)?;
        let ruling = Arc::clone(&self.ruling);
        let Some(procedure) = ruling.law.by_digest(&state.definition) else { return Err(ActError::NotFound) };
        let standing = Standing { procedure, state: &state, texts: &texts, registry: &self.registry };
        let differences = standing.differences(&said.input);
        if differences.is_empty() {
            return Ok(Outcome::Same(id));
        }
        let mut input = Input { reason: Some(format!("按“{}”重新导入的表更正", job.system)), ..Input::default() };
        for field in differences.iter().filter_map(|difference| difference.field.clone()) {
            let values = said.input.fields.get(&field).cloned().unwrap_or_default();
            input.fields.insert(field, values);
        }
        if !input.fields.is_empty() {
            let step = Generic::Correct.step();
            let command = Command { target: Target::On(id), step, input, manner: Manner::Live };
            if let Err(refusals) = self.attempt_row(tx, actor, &command, true)? {
                return Ok(Outcome::Wrong(job.reading.refused(said, &refusals)));
            }
        }
        Ok(Outcome::Changed(id, differences))
    }

    /// What cannot be read is tried only for what else stands against it.
    fn attempt_row(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        command: &Command,
        keep: bool,
    ) -> Result<Result<MatterId, zhunsheng_core::refusal::Refusals>, ActError> {
        let done = |done: crate::app::act::Done| done.matter;
        if keep {
            return Ok(self.attempt(tx, actor.clone(), command)?.map(done));
        }
        self.leave_nothing(tx, |desk, tx| Ok(desk.attempt(tx, actor.clone(), command)?.map(done)))
    }
}

fn elsewhere() -> Wrong {
    Wrong {
        at: None,
        title: String::new(),
        sentence: "这个编号已经由其他单位登记，您看不到那一件；请与登记单位核对".to_owned(),
    }
}

impl Job {
    /// The row's number in the other system; none for a template.
    fn key(&self, row: &Row) -> Result<Option<String>, Wrong> {
        let Some(at) = self.reading.plan.key else { return Ok(None) };
        let title = self.grid.header.get(at).cloned().unwrap_or_default();
        let wrong = |sentence: &str| Wrong { at: Some(at), title: title.clone(), sentence: sentence.to_owned() };
        match row.cell(at) {
            None => Err(wrong("没有编号；来源系统的编号必须填写")),
            Some(cell) => match cell.wrong {
                Some(why) => Err(wrong(why)),
                None if cell.text.chars().count() > 100 => Err(wrong("编号超过100个字")),
                None => Ok(Some(cell.text.clone())),
            },
        }
    }

    /// Rows that say the number of an earlier one.
    fn doubled(&self) -> BTreeMap<u32, Wrong> {
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        let mut doubled = BTreeMap::new();
        for row in &self.grid.rows {
            let Ok(Some(key)) = self.key(row) else { continue };
            if let Some(line) = first.get(&key) {
                let sentence = format!("与第{line}行是同一个编号");
                let title = self.reading.plan.key.and_then(|at| self.grid.header.get(at)).cloned().unwrap_or_default();
                doubled.insert(row.line, Wrong { at: self.reading.plan.key, title, sentence });
                continue;
            }
            first.insert(key, row.line);
        }
        doubled
    }
}

impl App {
    /// Tries every row on the form's own path; nothing is written.
    pub async fn try_sheet(&self, actor: Actor, job: Arc<Job>) -> Result<Vec<Tried>, ActError> {
        let mut tried = Vec::with_capacity(job.grid.rows.len());
        let mut from = 0;
        while from < job.grid.rows.len() {
            let (job, actor) = (Arc::clone(&job), actor.clone());
            let group = self.at_the_desk(move |desk, tx| {
                desk.leave_nothing(tx, |desk, tx| {
                    let rows = job.grid.rows.iter().skip(from).take(TRIED_AT_ONCE);
                    rows.map(|row| desk.enter(tx, &actor, &job, row, None)).collect::<Result<Vec<_>, _>>()
                })
            });
            tried.extend(group.await?);
            from += TRIED_AT_ONCE;
        }
        let mut doubled = job.doubled();
        for row in &mut tried {
            let Some(wrong) = doubled.remove(&row.line) else { continue };
            match &mut row.outcome {
                Outcome::Wrong(known) => known.push(wrong),
                other => *other = Outcome::Wrong(vec![wrong]),
            }
        }
        Ok(tried)
    }
}
