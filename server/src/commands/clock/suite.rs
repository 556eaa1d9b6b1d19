//! Running files of vectors: every one answered, compared and told; the last line says how many differ.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zhunsheng_core::clock::{Known, Start};

use super::vector::Vector;
use super::written;
use crate::commands::failure::{Failure, Outcome};
use crate::commands::terminal::Terminal;

/// What became of a vector.
struct Ran {
    id: String,
    ok: bool,
    expected: Option<String>,
    /// A due day or the code of an error.
    got: String,
    because: String,
    notes: Vec<String>,
}

/// Runs every vector of files and folders.
pub fn run(
    paths: &[PathBuf],
    as_json: bool,
    with_texts: bool,
    known: &Known<'_>,
    terminal: &mut Terminal,
) -> Result<Outcome, Failure> {
    let mut ran = Vec::new();
    let mut skipped = 0;
    for path in files(paths)? {
        for (index, value) in read(&path)?.iter().enumerate() {
            let vector = Vector::read(value, index + 1);
            if vector.needs_texts && !with_texts {
                skipped += 1;
                continue;
            }
            let done = judge(vector, known);
            if !as_json {
                tell(&done, terminal);
            }
            ran.push(done);
        }
    }
    let differ = ran.iter().filter(|ran| !ran.ok).count();
    if as_json {
        let results: Vec<Value> = ran.iter().map(result).collect();
        terminal
            .say(json!({ "vectors": ran.len(), "differ": differ, "skipped": skipped, "results": results }).to_string());
    } else {
        if skipped > 0 {
            terminal.say(format!("{skipped} skipped: they need statute texts (--statutes DIR)"));
        }
        terminal.say(format!("{} vectors, {differ} differ", ran.len()));
    }
    Ok(if differ == 0 { Outcome::Fine } else { Outcome::Finding })
}

/// Files as given, and every `.json` of a folder, in order.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let fault = |error: std::io::Error| Failure::file("读取", path, &error);
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(fault)? {
            inside.push(entry.map_err(fault)?.path());
        }
        inside.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        if inside.is_empty() {
            return Err(Failure::Fault(format!("{} 中没有 .json 文件。", path.display())));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

/// The vectors of a file: an array, or an object with the array in `vectors`, or a single vector.
fn read(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("读取", path, &error))?;
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        Failure::Fault(format!("{}:{}:{}: 不是有效的 JSON：{error}", path.display(), error.line(), error.column()))
    })?;
    match value {
        Value::Array(vectors) => Ok(vectors),
        Value::Object(mut fields) => match fields.remove("vectors") {
            Some(Value::Array(vectors)) => Ok(vectors),
            None if fields.contains_key("statute") => Ok(vec![Value::Object(fields)]),
            _ => Err(Failure::Fault(format!("{}: 应为向量的数组，或者含有数组 vectors 的对象。", path.display()))),
        },
        _ => Err(Failure::Fault(format!("{}: 应为向量的数组，或者含有数组 vectors 的对象。", path.display()))),
    }
}

fn judge(vector: Vector, known: &Known<'_>) -> Ran {
    let (got, because) = match vector.question {
        Err((code, what)) => (code.to_owned(), what),
        Ok(question) => match question.answer(known) {
            Ok(answer) => (written(answer.deadline.due), answer.deadline.because.concat()),
            Err(problem) => (problem.code().to_owned(), problem.to_string()),
        },
    };
    let mut notes = vector.notes;
    if vector.expected.is_none() {
        notes.push("没有 due，也没有 error".to_owned());
    }
    let ok = vector.expected.as_deref().is_some_and(|expected| same(expected, &got));
    Ran { id: vector.id, ok, expected: vector.expected, got, because, notes }
}

/// Seconds and the zone may be written out in a moment.
fn same(expected: &str, got: &str) -> bool {
    expected == got || Start::parse(expected).is_some_and(|wanted| Start::parse(got) == Some(wanted))
}

fn tell(ran: &Ran, terminal: &mut Terminal) {
    let Ran { id, got, because, .. } = ran;
    if ran.ok {
        terminal.say(format!("ok\t{id}\t{got}\t{because}"));
    } else {
        let expected = ran.expected.as_deref().unwrap_or("—");
        terminal.say(format!("differs\t{id}\texpected {expected}, got {got}\t{because}"));
    }
    ran.notes.iter().for_each(|note| terminal.say(format!("\t{id}\t{note}")));
}

fn result(ran: &Ran) -> Value {
    json!({
        "id": ran.id,
        "ok": ran.ok,
        "expected": ran.expected,
        "got": ran.got,
        "because": ran.because,
        "notes": ran.notes,
    })
}
