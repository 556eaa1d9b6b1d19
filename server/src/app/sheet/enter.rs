//! Entering one row inside the writer, on the path of the form: a new matter, a correction of a known one, or what stands against it.
//! Tried, it leaves nothing behind.
//!
//! Does not belong here: groups, results and the act of the import (`import`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zhunsheng_core::day::Day;
use zhunsheng_core::id::MatterId;
use zhunsheng_core::matter::{Actor, Command, ExternalId, Input, Manner, Target};
use zhunsheng_core::procedure::Generic;
use zhunsheng_core::text;

use super::Job;
use super::differ::{Difference, Standing};
use super::read::Row;
use super::row::{Said, Wrong, day_of};
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
        let mut said = job.reading.said(row);
        let origin = job.origin(row);
        let outcome = match &origin {
            Err(wrong) => {
                said.wrong.insert(0, wrong.clone());
                Outcome::Wrong(said.wrong)
            }
            Ok(None) => self.open_row(tx, actor, job, said, (row.line, None, import))?,
            Ok(Some(origin)) => {
                let number = (job.system.as_str(), origin.key.as_str());
                match imports::find_external(tx, &self.county, job.procedure.as_str(), number)? {
                    None => self.open_row(tx, actor, job, said, (row.line, Some(origin), import))?,
                    Some(id) => self.correct_row(tx, actor, job, said, id)?,
                }
            }
        };
        let key = origin.ok().flatten().map(|origin| origin.key).unwrap_or_default();
        Ok(Tried { line: row.line, key, outcome })
    }

    fn open_row(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        job: &Job,
        said: Said,
        (line, origin, import): (u32, Option<&Origin>, Option<MatterId>),
    ) -> Result<Outcome, ActError> {
        let mut input = said.input.clone();
        let external =
            |origin: &Origin| ExternalId { system: job.system.clone(), id: origin.key.clone(), number: None };
        let mark = import.map(|import| imports::mark(import, line));
        input.external = origin.map(external).into_iter().chain(mark).collect();
        let target = Target::Open(job.procedure.clone());
        let mut command = Command { target, step: job.step.clone(), input, manner: Manner::Live };
        let day = origin.and_then(|origin| origin.day);
        let readable = said.wrong.is_empty();
        // What has a day of its own is entered as taken over, which marks defects; that its form would take it is tried first.
        let tried = self.attempt_row(tx, actor, &command, readable && day.is_none())?;
        Ok(match (tried, day) {
            (Err(refusals), _) => Outcome::Wrong(job.reading.refused(said, &refusals)),
            (Ok(_), _) if !readable => Outcome::Wrong(said.wrong),
            (Ok(matter), None) => Outcome::New(matter),
            (Ok(_), Some(day)) => {
                let (system, number) = (job.system.clone(), origin.map(|origin| origin.key.clone()));
                command.manner = Manner::Imported { system, decided_by: None, day, number };
                match self.attempt_row(tx, actor, &command, true)? {
                    Ok(matter) => Outcome::New(matter),
                    Err(refusals) => Outcome::Wrong(job.reading.refused(said, &refusals)),
                }
            }
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
        let mut input =
            Input { reason: Some(format!("按“{}”重新导入的表更正", job.system)), ..Input::default() };
        for field in differences.iter().filter_map(|difference| difference.field.clone()) {
            let values = said.input.fields.get(&field).cloned().unwrap_or_default();
            input.fields.insert(field, values);
        }
        if !input.fields.is_empty() {
            let step = Generic::Correct.step();
            let system = job.system.clone();
            let manner = Manner::Imported { system, decided_by: None, day: self.today, number: None };
            let command = Command { target: Target::On(id), step, input, manner };
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

/// Where a row comes from.
struct Origin {
    /// Its number in the other system.
    key: String,
    /// The day on which it was entered there, if the table says it.
    day: Option<Day>,
}

/// Whether a number of another system is, or holds, somebody's identity number or mobile number: lists show it and nobody can erase it.
fn is_personal(number: &str) -> bool {
    let number: String = text::half_width(number).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let number = number.to_uppercase();
    let mut runs = number.split(|c: char| !c.is_ascii_digit() && c != 'X').filter(|run| !run.is_empty());
    runs.any(|run| {
        let mobile = run.len() == 11 && run.starts_with('1') && !run.starts_with("10") && !run.contains('X');
        mobile || (run.len() == 18 && text::id_number_problem(run).is_none())
    })
}

impl Job {
    /// Where the row comes from; nothing for a template.
    fn origin(&self, row: &Row) -> Result<Option<Origin>, Wrong> {
        let Some(at) = self.reading.plan.key else { return Ok(None) };
        let wrong = |at: usize, sentence: &str| {
            let title = self.grid.header.get(at).cloned().unwrap_or_default();
            Wrong { at: Some(at), title, sentence: sentence.to_owned() }
        };
        let key = match row.cell(at) {
            None => return Err(wrong(at, "没有编号；来源系统的编号必须填写")),
            Some(cell) => match cell.wrong {
                Some(why) => return Err(wrong(at, why)),
                None if cell.text.chars().count() > 100 => return Err(wrong(at, "编号超过100个字")),
                // A number is a fact in the clear, which nobody can erase.
                None if is_personal(&cell.text) => {
                    return Err(wrong(at, "身份证号、手机号不能作为编号；请选别的列，没有编号的不选"));
                }
                None => cell.text.clone(),
            },
        };
        let Some(at) = self.reading.plan.day else { return Ok(Some(Origin { key, day: None })) };
        let cell = row.cell(at).ok_or_else(|| wrong(at, "没有登记日期"))?;
        match day_of(&cell.text, cell.number) {
            Ok(day) => Ok(Some(Origin { key, day: Some(day) })),
            Err(why) => Err(wrong(at, cell.wrong.unwrap_or(&why))),
        }
    }

    /// Whether a row says that it is a state secret: then nothing of the table is kept (保守国家秘密法§31).
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let secret = |row: &Row| {
            let said = self.reading.said(row);
            said.input.fields.get("secrecy").is_some_and(|said| said.iter().any(|word| word == "state_secret"))
        };
        let asks = self.reading.columns.iter().any(|column| column.field() == "secrecy");
        asks && self.grid.rows.iter().any(secret)
    }

    /// Rows that say the number of an earlier one.
    fn doubled(&self) -> BTreeMap<u32, Wrong> {
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        let mut doubled = BTreeMap::new();
        for row in &self.grid.rows {
            let Ok(Some(Origin { key, .. })) = self.origin(row) else { continue };
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
    pub(super) async fn try_sheet(
        &self,
        actor: Actor,
        job: Arc<Job>,
        so_far: &AtomicUsize,
    ) -> Result<Vec<Tried>, ActError> {
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
            so_far.store(tried.len(), Ordering::Relaxed);
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
