//! The act of an import: begun once, its rows entered in groups, each once whatever breaks, its results recorded; and undone by
//! voiding what nobody has touched since.
//!
//! Does not belong here: what becomes of one row (`enter`).

use std::collections::BTreeMap;
use std::sync::Arc;

use zhunsheng_core::id::{Digest, MatterId};
use zhunsheng_core::matter::{Actor, Command, EvidenceInput, Input, Manner, MatterState, Target};
use zhunsheng_core::procedure::Generic;

use super::enter::Outcome;
use super::template::in_words;
use super::{IMPORT, Job};
use crate::app::App;
use crate::app::act::{ActError, CommandKey, Desk, actor_key, decode_done};
use crate::app::fault::Fault;
use crate::store::imports::{self, Entered};
use crate::store::{Tx, idempotency, matters};

/// Rows entered in one group of the writer.
const ENTERED_AT_ONCE: usize = 25;
/// Longest list of reasons, in characters.
const NOTE_CHARS: usize = 19_000;

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Results {
    opened: i64,
    corrected: i64,
    unchanged: i64,
    refused: Vec<String>,
}

/// What undoing an import did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Undone {
    voided: i64,
    kept: Vec<String>,
}

fn note(lines: &[String]) -> String {
    lines.join("\n").chars().take(NOTE_CHARS).collect()
}

fn on(import: MatterId, step: &str, input: Input) -> Command {
    Command { target: Target::On(import), step: step.into(), input, manner: Manner::Live }
}

impl App {
    /// Imports into the same register whose rows or file were these, and which nobody has undone; the oldest first. A table of another
    /// system has numbers, by which nothing is entered twice: it has none.
    pub async fn imports_of_the_same(&self, job: &Job, file: &Digest) -> Result<Vec<MatterState>, Fault> {
        if !job.system.is_empty() {
            return Ok(Vec::new());
        }
        let (county, procedure, tab) = (self.county_code.clone(), job.procedure.clone(), job.tab.clone());
        let digests = [("rows_digest", job.grid.digest().to_string()), ("file_digest", file.to_string())];
        let found = self.db.read(move |r| {
            let mut found: BTreeMap<MatterId, MatterState> = BTreeMap::new();
            for (field, digest) in &digests {
                for id in imports::list_of_digest(r, &county, field, digest)? {
                    // Another sheet of the same workbook is another table.
                    let same = |state: &MatterState| *field == "rows_digest" || state.text("tab") == tab;
                    found.extend(matters::find_state(r, &county, id)?.filter(same).map(|state| (id, state)));
                }
            }
            let counts = |state: &MatterState| !state.closed && !["undoing", "undone"].contains(&state.standing());
            let same =
                found.into_values().filter(|state| state.text("register") == procedure.as_str() && counts(state));
            Ok::<_, Fault>(same.collect::<Vec<_>>())
        });
        found.await
    }

    /// Begins an import: an act of its own, which the same key begins once.
    pub async fn begin_import(
        &self,
        actor: Actor,
        job: &Job,
        (file, digest): (EvidenceInput, String),
        (key, again): (&str, &str),
    ) -> Result<MatterId, ActError> {
        let mut input = Input::default()
            .with("register", job.procedure.as_str())
            .with("register_title", job.title.as_str())
            .with("rows", job.grid.rows.len().to_string())
            .with("file_digest", digest)
            .with("rows_digest", job.grid.digest().to_string());
        if !job.tab.is_empty() {
            input = input.with("tab", job.tab.as_str());
        }
        if !again.is_empty() {
            input = input.with("again_reason", again);
        }
        if !job.system.is_empty() {
            input = input.with("source_system", job.system.as_str()).with("mapping", job.reading.mapping.text());
        }
        input.evidence = vec![file];
        let target = Target::Open(IMPORT.into());
        let command = Command { target, step: "begin".into(), input, manner: Manner::Live };
        let key = CommandKey { key: key.to_owned(), digest: command.digest() };
        Ok(self.act(actor, command, Some(key)).await?.matter)
    }

    /// The import that this key began, if it did.
    pub async fn known_import(&self, actor: &Actor, key: &str) -> Result<Option<MatterId>, Fault> {
        let (county, who, key) = (self.county_code.clone(), actor_key(actor), key.to_owned());
        let found = self.db.read(move |r| idempotency::find(r, &county, &who, &key)).await?;
        Ok(found.and_then(|known| decode_done(&known.result)).map(|done| done.matter))
    }

    /// Enters the rows that this import has not entered yet, and records the results once.
    pub async fn run_import(&self, actor: Actor, job: Arc<Job>, import: MatterId) -> Result<(), ActError> {
        let mut results = Results::default();
        let mut from = 0;
        while from < job.grid.rows.len() {
            let (job, actor) = (Arc::clone(&job), actor.clone());
            let group = self.at_the_desk(move |desk, tx| {
                if !is_running(desk, tx, import)? {
                    return Ok(None);
                }
                let mut group = Results::default();
                for row in job.grid.rows.iter().skip(from).take(ENTERED_AT_ONCE) {
                    let outcome = match imports::find_line(tx, &desk.county, import, row.line)? {
                        Some(known) => Outcome::New(known),
                        None => desk.enter(tx, &actor, &job, row, Some(import))?.outcome,
                    };
                    group.count(row.line, outcome);
                }
                Ok(Some(group))
            });
            let Some(group) = group.await? else { return Ok(()) };
            results.add(group);
            from += ENTERED_AT_ONCE;
        }
        self.at_the_desk(move |desk, tx| {
            if is_running(desk, tx, import)? {
                desk.perform(tx, actor, &on(import, "finish", results.input()))?;
            }
            Ok(())
        })
        .await
    }

    /// Begins to undo an import: from now on no row of it is entered any more.
    pub async fn begin_undo(&self, actor: Actor, import: MatterId, reason: String) -> Result<(), ActError> {
        self.act(actor, on(import, "undo", Input::default().with("undo_reason", reason)), None).await.map(|_| ())
    }

    /// Voids what the import entered and nobody has touched since, in groups; a last act says what stays and why. Whatever breaks, it
    /// goes on where it stopped.
    pub async fn run_undo(&self, actor: Actor, import: MatterId, reason: String) -> Result<(), ActError> {
        let entered = {
            let (actor, county) = (actor.clone(), self.county_code.clone());
            self.at_the_desk(move |desk, tx| {
                desk.load_visible(tx, &actor, import)?;
                let mut entered = imports::list_entered(tx, &county, import)?;
                entered.sort();
                Ok(entered)
            })
        };
        let entered = entered.await?;
        let mut undone = Undone::default();
        for group in entered.chunks(ENTERED_AT_ONCE) {
            let (group, actor, reason) = (group.to_vec(), actor.clone(), reason.clone());
            let part = self.at_the_desk(move |desk, tx| {
                let mut part = Undone::default();
                for entered in group {
                    match desk.void_entered(tx, &actor, &entered, &reason)? {
                        None => part.voided += 1,
                        Some(why) => part.kept.push(why),
                    }
                }
                Ok(part)
            });
            let part = part.await?;
            undone.voided += part.voided;
            undone.kept.extend(part.kept);
        }
        let mut input =
            Input::default().with("voided", undone.voided.to_string()).with("kept", undone.kept.len().to_string());
        if !undone.kept.is_empty() {
            input = input.with("kept_note", note(&undone.kept));
        }
        self.at_the_desk(move |desk, tx| {
            if standing(desk, tx, import)?.as_deref() == Some("undoing") {
                desk.perform(tx, actor, &on(import, "finish_undo", input))?;
            }
            Ok(())
        })
        .await
    }
}

fn standing(desk: &Desk, tx: &Tx<'_>, import: MatterId) -> Result<Option<String>, ActError> {
    let state = matters::find_state(tx, &desk.county, import)?.ok_or(ActError::NotFound)?;
    Ok((!state.closed).then(|| state.standing().to_owned()))
}

fn is_running(desk: &Desk, tx: &Tx<'_>, import: MatterId) -> Result<bool, ActError> {
    Ok(standing(desk, tx, import)?.as_deref() == Some("importing"))
}

impl Desk {
    /// Voids one matter of an import; why not, if it stays.
    fn void_entered(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        entered: &Entered,
        reason: &str,
    ) -> Result<Option<String>, ActError> {
        if entered.closed {
            // Voided by an earlier try of the same undoing, or by hand: nothing is left to undo.
            return Ok(None);
        }
        let (matter, title) = (entered.matter, &entered.title);
        let state = match self.load_visible(tx, actor, matter) {
            Ok(state) => state,
            Err(ActError::NotFound) => return Ok(Some(format!("{matter}：您看不到这一件"))),
            Err(other) => return Err(other),
        };
        if let Some(step) = touched_by(&state) {
            let named = self.ruling.law.by_digest(&state.definition);
            let step = named.map_or_else(|| step.to_string(), |procedure| crate::app::show::step(procedure, &step));
            return Ok(Some(format!("{title}（{matter}）：此后已经办理“{step}”")));
        }
        let input = Input { reason: Some(format!("撤销导入：{reason}")), ..Input::default() };
        let command = on(matter, Generic::Void.step().as_str(), input);
        Ok(match self.attempt(tx, actor.clone(), &command)? {
            Ok(_) => None,
            Err(refusals) => {
                let why: Vec<&str> = refusals.iter().map(|refusal| refusal.sentence.as_str()).collect();
                Some(format!("{title}（{matter}）：{}", why.join("；")))
            }
        })
    }
}

/// The act that followed the one by which the matter was entered.
fn touched_by(state: &MatterState) -> Option<zhunsheng_core::id::StepId> {
    state.done.iter().skip(1).find(|done| !done.withdrawn).map(|done| done.step.clone())
}

impl Results {
    fn count(&mut self, line: u32, outcome: Outcome) {
        match outcome {
            Outcome::New(_) => self.opened += 1,
            Outcome::Same(_) => self.unchanged += 1,
            Outcome::Changed(..) => self.corrected += 1,
            Outcome::Wrong(wrong) => {
                let why: Vec<String> = wrong.iter().map(in_words).collect();
                self.refused.push(format!("第{line}行：{}", why.join("；")));
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.opened += other.opened;
        self.corrected += other.corrected;
        self.unchanged += other.unchanged;
        self.refused.extend(other.refused);
    }

    fn input(&self) -> Input {
        let input = Input::default()
            .with("opened", self.opened.to_string())
            .with("corrected", self.corrected.to_string())
            .with("unchanged", self.unchanged.to_string())
            .with("refused", self.refused.len().to_string());
        if self.refused.is_empty() { input } else { input.with("refused_note", note(&self.refused)) }
    }
}
