//! `zhunsheng law limits`: every time limit of every procedure, and every named limit, with article and phrase.

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::basis::Grade;
use zhunsheng_core::clock::{Direction, Duty, Unit};
use zhunsheng_core::day::{Day, Moment};
use zhunsheng_core::law;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::terminal::Terminal;
use crate::app::clock::MachineClock;
use crate::app::ruling::{embedded, problems, read_folder};
use crate::app::time_limits::{self, Source, TimeLimit, kind_word, length, nature};

/// Runs the command; the word `limits` has been read.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let (mut folder, mut json, mut on): (Option<PathBuf>, bool, Option<Day>) = (None, false, None);
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "law" => folder = Some(options.path()?),
            Word::Option(name) if name == "json" => json = true,
            Word::Option(name) if name == "on" => on = Some(Day::from(options.date("on")?)),
            _ => return Err(unknown(&word)),
        }
    }
    let files = match &folder {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let loaded = law::load(&files);
    let day = on.unwrap_or_else(|| Moment(MachineClock::System.millis()).day());
    let rows = time_limits::all(&loaded.law, day);
    if json {
        let rows: Vec<Value> = rows.iter().map(as_json).collect();
        let text = serde_json::to_string_pretty(&rows).map_err(|error| Failure::because(&error))?;
        terminal.say(text);
    } else {
        rows.iter().for_each(|row| terminal.say(as_line(row)));
        let named = rows.iter().filter(|row| matches!(row.source, Source::Named(_))).count();
        terminal.say(format!("共 {} 个期限：程序中 {} 个，法定期限表 {named} 个。", rows.len(), rows.len() - named));
    }
    // What could not be read is not in the list: said beside it, so that nobody takes the list for complete.
    let problems = if loaded.errors.is_empty() { Vec::new() } else { problems(&loaded) };
    problems.iter().for_each(|problem| terminal.remark(format!("错误 {problem}")));
    Ok(if problems.is_empty() { Outcome::Fine } else { Outcome::Finding })
}

fn as_line(row: &TimeLimit<'_>) -> String {
    let edition = row.edition.map(|edition| format!("（{}）", edition.adopted)).unwrap_or_default();
    format!(
        "{}\t{}\t{}{}\t{}\t自{}\t{}{edition}\t{}",
        row.matter,
        row.title,
        nature(row.limit.kind, row.duty),
        length(&row.limit),
        row.when.map(|when| format!("当 {when}")).unwrap_or_default(),
        row.starts_at,
        row.basis,
        row.phrase,
    )
}

/// One row: the keys that others rely on first, more behind them. A named limit belongs to no definition: its procedure is
/// the matter it is for, its step what has to be done.
fn as_json(row: &TimeLimit<'_>) -> Value {
    let statutory = row.basis.grade == Grade::Statutory;
    let statute = statutory.then(|| row.statute.map_or(row.basis.source.as_str(), |statute| statute.short.as_str()));
    let (procedure, version, source) = match row.source {
        Source::Procedure(procedure, ..) => {
            (procedure.id.as_str(), Some(procedure.in_force_from.to_string()), "procedure")
        }
        Source::Named(_) => (row.matter, None, "named"),
    };
    let steps: Vec<&str> = row.steps.iter().map(|(id, _)| *id).collect();
    let step = if steps.is_empty() { row.title.to_owned() } else { steps.join(",") };
    let extension: Vec<Value> = row
        .extensions
        .iter()
        .map(|extension| {
            json!({
                "by": extension.by,
                "amount": extension.amount,
                "unit": extension.unit.written(),
                "times": extension.times,
                "basis": extension.basis.written(),
            })
        })
        .collect();
    let excludes: Vec<Value> =
        row.exclusions.iter().map(|(what, basis)| json!({ "what": what, "basis": basis.written() })).collect();
    json!({
        "procedure": procedure,
        "step": step,
        "statute": statute,
        "edition": row.edition.filter(|_| statutory).map(|edition| edition.adopted.to_string()),
        "article": row.basis.article.map(|article| article.written()),
        "phrase": row.phrase,
        "amount": row.limit.amount,
        "unit": row.limit.unit.written(),
        "starts_at": row.starts_at,
        "effect": row.effect.as_ref().map(|effect| effect.code),
        "extension": extension,
        "source": source,
        "id": row.id,
        "title": row.title,
        "matter": row.matter,
        "in_force_from": version,
        "when": row.when,
        "grade": row.basis.grade.chinese(),
        "basis": row.basis.written(),
        "fixed": if let Unit::Fixed(month, day) = row.limit.unit { Some(format!("{month:02}-{day:02}")) } else { None },
        "kind": kind_word(row.limit.kind),
        "duty": if row.duty == Duty::Organ { "organ" } else { "party" },
        "direction": if row.limit.direction == Direction::Forward { "forward" } else { "backward" },
        "roll": row.limit.roll.as_ref().map(|roll| roll.written()),
        "excludes": excludes,
        "effect_text": row.effect.as_ref().map(|effect| effect.text.as_str()),
        "effect_basis": row.effect.as_ref().and_then(|effect| effect.basis.as_ref()).map(|basis| basis.written()),
        "configurable": row.configurable,
    })
}
