//! `zhunsheng law check`: are the definitions lawful, complete and true to the text of the statutes?

use std::path::PathBuf;

use serde_json::{Value, json};
use zhunsheng_core::law::{self, Loaded};
use zhunsheng_core::procedure::Severity;

use super::failure::{Failure, Outcome};
use super::options::{Options, Word, unknown};
use super::phrases::{self, PhraseFinding, Sort};
use super::terminal::Terminal;
use super::{law_impact, law_limits};
use crate::app::ruling::{embedded, read_folder};

#[derive(Default)]
struct Wish {
    law: Option<PathBuf>,
    statutes: Option<PathBuf>,
    json: bool,
}

/// Runs the command.
pub fn run(mut options: Options, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    match options.next()? {
        Some(Word::Value(word)) if word == "check" => {}
        Some(Word::Value(word)) if word == "limits" => return law_limits::run(options, terminal),
        Some(Word::Value(word)) if word == "impact" => return law_impact::run(options, terminal),
        Some(word) => return Err(unknown(&word)),
        None => return Err(Failure::Usage("law 后面要写明做什么：law check、law limits、law impact。".to_owned())),
    }
    let mut wish = Wish::default();
    while let Some(word) = options.next()? {
        match &word {
            Word::Option(name) if name == "law" => wish.law = Some(options.path()?),
            Word::Option(name) if name == "statutes" => wish.statutes = Some(options.path()?),
            Word::Option(name) if name == "json" => wish.json = true,
            _ => return Err(unknown(&word)),
        }
    }
    let files = match &wish.law {
        Some(folder) => read_folder(folder)?,
        None => embedded(),
    };
    let loaded = law::load(&files);
    let texts = match &wish.statutes {
        Some(folder) => phrases::check(&loaded.law, folder)?,
        None => Vec::new(),
    };
    if wish.json {
        terminal.say(as_json(&loaded, &texts, wish.statutes.is_some()).to_string());
    } else {
        tell(&loaded, &texts, wish.statutes.is_some(), terminal);
    }
    let sound = loaded.is_sound() && texts.iter().all(|found| found.sort != Sort::Missing);
    Ok(if sound { Outcome::Fine } else { Outcome::Finding })
}

fn tell(loaded: &Loaded, texts: &[PhraseFinding], with_texts: bool, terminal: &mut Terminal) {
    for error in &loaded.errors {
        terminal.say(format!("错误 {error}"));
    }
    for (file, finding) in &loaded.findings {
        let grave = if finding.severity == Severity::Error { "错误" } else { "提示" };
        terminal.say(format!("{grave} {file}: [{}] {}：{}", finding.code, finding.at, finding.explanation));
        terminal.say(format!("     建议：{}", finding.mend));
    }
    for found in texts.iter().filter(|found| found.sort != Sort::Stands) {
        let grave = if found.sort == Sort::Missing { "错误" } else { "提示" };
        terminal.say(format!("{grave} {}.{}（{}）：{}", found.procedure, found.clock, found.basis, found.detail));
    }
    let procedures = loaded.law.procedures().count();
    let steps: usize = loaded.law.procedures().map(|procedure| procedure.steps.len()).sum();
    let clocks: usize = loaded.law.procedures().map(|procedure| procedure.clocks.len()).sum();
    terminal.say(format!(
        "程序 {procedures} 个，步骤 {steps} 个，期限 {clocks} 个；不能读取 {} 处，检查发现 {} 处。",
        loaded.errors.len(),
        loaded.findings.len()
    ));
    if with_texts {
        let count = |sort| texts.iter().filter(|found| found.sort == sort).count();
        terminal.say(format!(
            "期限原文：见于所引条文 {} 处，不见 {} 处，没有文本可核对 {} 处。",
            count(Sort::Stands),
            count(Sort::Missing),
            count(Sort::NoText)
        ));
    }
}

fn as_json(loaded: &Loaded, texts: &[PhraseFinding], with_texts: bool) -> Value {
    let errors: Vec<Value> = loaded
        .errors
        .iter()
        .map(|error| {
            let (line, column) = error.at.unzip();
            json!({ "file": error.file, "line": line, "column": column, "what": error.what })
        })
        .collect();
    let findings: Vec<Value> = loaded
        .findings
        .iter()
        .map(|(file, finding)| {
            json!({
                "file": file,
                "code": finding.code,
                "severity": if finding.severity == Severity::Error { "error" } else { "information" },
                "at": finding.at,
                "explanation": finding.explanation,
                "mend": finding.mend,
            })
        })
        .collect();
    let procedures: Vec<Value> = loaded
        .law
        .procedures()
        .map(|procedure| {
            json!({
                "id": procedure.id.as_str(),
                "title": procedure.title,
                "in_force_from": procedure.in_force_from.to_string(),
                "steps": procedure.steps.len(),
                "clocks": procedure.clocks.len(),
                "digest": procedure.digest.to_string(),
            })
        })
        .collect();
    let phrases: Vec<Value> = texts.iter().map(phrase_json).collect();
    json!({
        "sound": loaded.is_sound(),
        "procedures": procedures,
        "errors": errors,
        "findings": findings,
        "phrases": with_texts.then_some(phrases),
    })
}

fn phrase_json(found: &PhraseFinding) -> Value {
    json!({
        "procedure": found.procedure,
        "clock": found.clock,
        "basis": found.basis,
        "phrase": found.phrase,
        "found": match found.sort { Sort::Stands => "yes", Sort::Missing => "no", Sort::NoText => "no-text" },
        "detail": found.detail,
    })
}
